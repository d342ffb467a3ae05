//! The head file of the earlier layout: how many events were durable. It is read and no longer written.

use std::io::ErrorKind;
use std::path::Path;

use domain::ids::LogId;

use crate::error::OpenError;
use crate::tiles::Anchor;

const LEN: usize = 44;
const MAGIC: [u8; 4] = *b"WBHD";
const FORMAT: u8 = 1;

/// `None` where there is no file.
pub(crate) fn read(path: &Path) -> Result<Option<Anchor>, OpenError> {
    match crate::whole::read(path) {
        Ok(bytes) => {
            let damaged = |reason| OpenError::Head { path: path.to_owned(), reason };
            decode(&bytes).map(Some).map_err(damaged)
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(OpenError::io(path)(error)),
    }
}

fn decode(bytes: &[u8]) -> Result<Anchor, String> {
    let Some(bytes) = bytes.first_chunk::<LEN>().filter(|_| bytes.len() == LEN) else {
        return Err(format!("expected {LEN} bytes, got {}", bytes.len()));
    };
    if bytes[..4] != MAGIC || bytes[4] != FORMAT {
        return Err(format!("expected `WBHD` and format {FORMAT}, got {:?}", &bytes[..5]));
    }
    let u64_at = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().expect("8 bytes"));
    let (stored, actual) = (&bytes[40..], crc32c::crc32c(&bytes[..40]));
    if *stored != actual.to_le_bytes() {
        return Err(format!("expected checksum {stored:02x?}, got {:02x?}", actual.to_le_bytes()));
    }
    let log_id = LogId::from_bytes(bytes[8..24].try_into().expect("16 bytes"));
    Ok(Anchor { log_id, epoch: u64_at(24), count: u64_at(32) })
}

/// As the earlier layout wrote it.
#[cfg(test)]
pub(crate) fn encode(anchor: Anchor) -> [u8; LEN] {
    let mut bytes = [0; LEN];
    bytes[..4].copy_from_slice(&MAGIC);
    bytes[4] = FORMAT;
    bytes[8..24].copy_from_slice(&anchor.log_id.to_bytes());
    bytes[24..32].copy_from_slice(&anchor.epoch.to_le_bytes());
    bytes[32..40].copy_from_slice(&anchor.count.to_le_bytes());
    let crc = crc32c::crc32c(&bytes[..40]);
    bytes[40..].copy_from_slice(&crc.to_le_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_back_and_refuses_every_flipped_bit() {
        let anchor = Anchor { log_id: LogId::from_bytes([7; 16]), epoch: 3, count: 99 };
        let bytes = encode(anchor);
        assert_eq!(decode(&bytes), Ok(anchor));
        for bit in (0..LEN * 8).filter(|bit| !(40..64).contains(bit)) {
            let mut altered = bytes;
            altered[bit / 8] ^= 1 << (bit % 8);
            assert!(decode(&altered).is_err(), "bit {bit}");
        }
        assert!(decode(&bytes[1..]).is_err());
    }
}
