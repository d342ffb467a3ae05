//! Every field there and back, and the bytes of one record for ever.

use domain::ids::{
    CommitId, CorrelationId, Position, ProjectId, SchemaVersion, StepId, StreamVersion, TypeId,
};
use domain::values::Timestamp;
use domain::{Actor, Category, Fingerprint, StreamId, Ulid};
use proptest::prelude::*;

use super::{HEADER_LEN, OVERHEAD, Parts, RawRecord, RecordError, chain, encode, length};
use crate::hash::{leaf_hash, sha256};

fn parts(payload: &[u8]) -> Parts<'_> {
    Parts {
        position: Position(6),
        version: StreamVersion(4),
        stream: StreamId::new(Category(3), Ulid(9)),
        type_id: TypeId(258),
        schema_version: SchemaVersion(3),
        commit_index: 1,
        commit_size: 2,
        actor: Actor::Step(StepId::from(Ulid(10))),
        expectation: 3,
        project: Some(ProjectId::from(Ulid(11))),
        commit: CommitId::from(Ulid(12)),
        causation: Some(CommitId::from(Ulid(13))),
        correlation: Some(CorrelationId::from(Ulid(14))),
        time: Timestamp::from_millis(1_763_680_000_000),
        occurred_at: Some(Timestamp::from_millis(-5)),
        fingerprint: Fingerprint(15),
        previous: Some(Position(1)),
        chain: [8; 16],
        payload,
    }
}

fn encoded(parts: &Parts<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode(parts, &mut bytes);
    bytes
}

#[test]
fn every_field_reads_back() {
    let given = parts(b"abc");
    let record = RawRecord::parse(encoded(&given).into()).unwrap();
    let meta = record.meta().unwrap();
    assert_eq!((meta.position, meta.version, meta.stream), (given.position, given.version, given.stream));
    assert_eq!((meta.type_id, meta.schema_version), (given.type_id, given.schema_version));
    assert_eq!((meta.commit, meta.commit_index, meta.commit_size), (given.commit, 1, 2));
    assert_eq!((meta.actor, meta.project), (given.actor, given.project));
    assert_eq!((meta.causation, meta.correlation), (given.causation, given.correlation));
    assert_eq!((meta.time, meta.occurred_at), (given.time, given.occurred_at));
    assert_eq!((record.expectation(), record.fingerprint()), (3, given.fingerprint));
    assert_eq!((record.previous(), record.chain(), record.payload()), (given.previous, [8; 16], &b"abc"[..]));
    let nothing = Parts {
        project: None,
        causation: None,
        correlation: None,
        occurred_at: None,
        previous: None,
        ..given
    };
    let record = RawRecord::parse(encoded(&nothing).into()).unwrap();
    let meta = record.meta().unwrap();
    assert_eq!((meta.project, meta.causation, meta.correlation, meta.occurred_at), (None, None, None, None));
    assert_eq!(record.previous(), None);
}

#[test]
fn the_bytes_of_a_record_and_what_is_hashed_of_them_never_change() {
    let bytes = encoded(&parts(b"abc"));
    let stored = include_bytes!("../../testdata/golden/record-1.bin");
    assert_eq!(bytes, stored);
    assert_eq!(bytes.len(), OVERHEAD + 3);
    assert_eq!(chain(&bytes), sha256(&bytes).0[..16]);
    assert_eq!(leaf_hash(stored).to_hex(), include_str!("../../testdata/golden/record-1.leaf").trim());
}

#[test]
fn lengths_that_contradict_each_other_are_told() {
    let bytes = encoded(&parts(b"abc"));
    assert_eq!(length(&bytes), Ok(bytes.len()));
    assert_eq!(length(&[&bytes[..], b"more"].concat()), Ok(bytes.len()));
    let short = RecordError::Short { expected: OVERHEAD, actual: OVERHEAD - 1 };
    assert_eq!(length(&bytes[..OVERHEAD - 1]), Err(short));
    let cut = RecordError::Short { expected: bytes.len(), actual: bytes.len() - 1 };
    assert_eq!(length(&bytes[..bytes.len() - 1]), Err(cut));
    let with = |at: usize, byte: u8| {
        let mut bytes = bytes.clone();
        bytes[at] = byte;
        length(&bytes)
    };
    assert_eq!(with(0, b'X'), Err(RecordError::Magic { actual: *b"XB" }));
    assert_eq!(with(2, 2), Err(RecordError::Format { actual: 2 }));
    assert_eq!(with(4, 0), Err(RecordError::Length { expected: bytes.len(), actual: 0 }));
    assert!(matches!(with(39, 255), Err(RecordError::Length { .. })));
    let longer = RawRecord::parse([&bytes[..], b"more"].concat().into());
    assert_eq!(longer, Err(RecordError::Length { expected: bytes.len(), actual: bytes.len() + 4 }));
}

proptest! {
    #[test]
    fn any_flipped_bit_is_found(bit in 0..(HEADER_LEN + 24) * 8) {
        let mut bytes = encoded(&parts(&[7; 20]));
        bytes[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(RawRecord::parse(bytes.into()).is_err());
    }
}
