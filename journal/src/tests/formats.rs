//! Stored layouts: byte by byte, there and back, and harmless on any bytes.

use bytes::Bytes;
use domain::ids::Position;
use domain::values::Timestamp;
use proptest::prelude::*;

use super::kit::{block_of, body_of, noise, parts};
use crate::block::{self, BlockError};
use crate::record::{self, Parts, RawRecord, RecordError};

fn record_of(parts: &Parts<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    record::encode(parts, &mut bytes);
    bytes
}

#[test]
fn a_record_is_laid_out_as_documented() {
    let occurred_at = Some(Timestamp::from_millis(2));
    let bytes = record_of(&Parts { occurred_at, ..parts(6, b"abc") });
    let fields: [(usize, &[u8]); 16] = [
        (0, b"WB"),
        (2, &[1, 1]),
        (4, &191_u32.to_le_bytes()),
        (8, &6_u64.to_le_bytes()),
        (16, &4_u64.to_le_bytes()),
        (24, &[3, 0, 2, 1, 3, 0, 1, 0, 2, 0, 0, 3]),
        (36, &3_u32.to_le_bytes()),
        (40, &9_u128.to_be_bytes()),
        (56, &[0; 16]),
        (72, &77_u128.to_be_bytes()),
        (136, &super::kit::NOW.to_le_bytes()),
        (144, &2_i64.to_le_bytes()),
        (152, &5_u64.to_le_bytes()),
        (160, &1_u64.to_le_bytes()),
        (168, &[8; 16]),
        (184, b"abc"),
    ];
    for (offset, field) in fields {
        assert_eq!(&bytes[offset..offset + field.len()], field, "at {offset}");
    }
    assert_eq!(bytes[187..], crc32c::crc32c(&bytes[..187]).to_le_bytes());
}

#[test]
fn an_actor_of_a_later_release_stops_only_the_envelope() {
    let mut bytes = record_of(&parts(6, b"abc"));
    bytes[34] = 200;
    let end = bytes.len() - 4;
    let crc = crc32c::crc32c(&bytes[..end]);
    bytes[end..].copy_from_slice(&crc.to_le_bytes());
    let record = RawRecord::parse(bytes.into()).unwrap();
    assert_eq!(record.position(), Position(6));
    assert_eq!(record.meta(), Err(RecordError::Actor { actual: 200 }));
}

#[test]
fn a_block_is_laid_out_as_documented() {
    let body = body_of(5, 3).0;
    let bytes = block::encode(Position(5), 3, &body);
    assert_eq!(bytes[..8], *b"WBK\x01\x01\0\0\0");
    assert_eq!(bytes[8..16], 5_u64.to_le_bytes());
    assert_eq!(bytes[16..20], 3_u32.to_le_bytes());
    assert_eq!(bytes[20..24], u32::try_from(body.len()).unwrap().to_le_bytes());
    assert_eq!(bytes[24..28], u32::try_from(bytes.len() - 36).unwrap().to_le_bytes());
    assert_eq!(bytes[28..32], crc32c::crc32c(&bytes[36..]).to_le_bytes());
    assert_eq!(bytes[32..36], crc32c::crc32c(&bytes[..32]).to_le_bytes());
    assert_eq!(block::decode(bytes), Ok(block_of(5, 3)));
}

#[test]
fn a_body_that_does_not_shrink_is_stored_as_it_is() {
    let noise = noise(1, 5_000);
    let body = record_of(&parts(5, &noise));
    let bytes = block::encode(Position(5), 1, &body);
    assert_eq!(bytes[4], 0);
    assert_eq!(bytes[36..], body);
    assert_eq!(block::decode(bytes).unwrap().get(Position(5)).unwrap().payload(), noise);
}

#[test]
fn a_block_with_wrong_places_or_counts_is_refused() {
    let body = body_of(5, 3).0;
    let decode = |first, count| block::decode(block::encode(Position(first), count, &body));
    assert_eq!(decode(6, 3), Err(BlockError::Position { expected: 6, actual: 5 }));
    assert!(matches!(decode(5, 4), Err(BlockError::Record { .. })));
    assert!(matches!(decode(5, 2), Err(BlockError::Trailing { .. })));
    assert!(matches!(decode(5, u32::MAX), Err(BlockError::Record { .. })));
    assert!(block::decode(block::encode(Position(5), 0, &[])).is_err());
}

proptest! {
    #[test]
    fn records_read_back(position: u64, version: u64, payload in prop::collection::vec(any::<u8>(), 0..300)) {
        let given = Parts { version: domain::ids::StreamVersion(version), ..parts(position, &payload) };
        let record = RawRecord::parse(record_of(&given).into()).unwrap();
        prop_assert_eq!((record.position().0, record.version().0), (position, version));
        prop_assert_eq!(record.payload(), payload);
    }

    #[test]
    fn any_flipped_bit_of_a_record_is_found(bit in 0_usize..(record::OVERHEAD + 20) * 8) {
        let mut bytes = record_of(&parts(3, &[7; 20]));
        bytes[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(RawRecord::parse(bytes.into()).is_err());
    }

    #[test]
    fn any_flipped_bit_of_a_block_is_found(bit in 0_usize..200 * 8) {
        let mut bytes = block::encode(Position(3), 4, &body_of(3, 4).0).to_vec();
        let bit = bit % (bytes.len() * 8);
        bytes[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(block::decode(bytes.into()).is_err());
    }

    #[test]
    fn any_bytes_are_decoded_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let _ = RawRecord::parse(bytes.clone().into());
        let _ = record::length(&bytes);
        let _ = block::decode(bytes.into());
    }

    #[test]
    fn any_body_under_a_valid_header_is_decoded_without_a_panic(
        count in 0_u32..9,
        body in prop::collection::vec(any::<u8>(), 0..600),
        at in 0_usize..700,
    ) {
        let _ = block::decode(block::encode(Position(0), count, &body));
        // A record altered inside a block that says it is whole.
        let (mut records, _) = body_of(0, 3);
        let at = at % records.len();
        records[at] ^= 0xff;
        let _ = block::decode(block::encode(Position(0), 3, &records)).map(|block| {
            block.records().for_each(|record| drop(record.check()));
        });
    }

    #[test]
    fn truncated_blocks_are_refused(cut in 0_usize..400) {
        let bytes = block::encode(Position(3), 4, &body_of(3, 4).0);
        let cut = cut % bytes.len();
        prop_assert!(block::decode(Bytes::copy_from_slice(&bytes[..cut])).is_err());
    }
}
