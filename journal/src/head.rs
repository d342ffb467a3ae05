//! The head file: how many events are durable, recorded outside the storage engine.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::Path;

use domain::ids::LogId;

use crate::error::OpenError;

/// Bytes of the head file.
const LEN: usize = 44;
const MAGIC: [u8; 4] = *b"WBHD";
const FORMAT: u8 = 1;

/// What the head file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) log_id: LogId,
    pub(crate) epoch: u64,
    /// Number of durable events.
    pub(crate) count: u64,
}

impl Head {
    pub(crate) fn encode(self) -> [u8; LEN] {
        let mut bytes = [0; LEN];
        bytes[..4].copy_from_slice(&MAGIC);
        bytes[4] = FORMAT;
        bytes[8..24].copy_from_slice(&self.log_id.to_bytes());
        bytes[24..32].copy_from_slice(&self.epoch.to_le_bytes());
        bytes[32..40].copy_from_slice(&self.count.to_le_bytes());
        let crc = crc32c::crc32c(&bytes[..40]);
        bytes[40..].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, String> {
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
        Ok(Self { log_id, epoch: u64_at(24), count: u64_at(32) })
    }

    /// `None` where there is no file.
    pub(crate) fn read(path: &Path) -> Result<Option<Self>, OpenError> {
        match std::fs::read(path) {
            Ok(bytes) => {
                let damaged = |reason| OpenError::Head { path: path.to_owned(), reason };
                Self::decode(&bytes).map(Some).map_err(damaged)
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(OpenError::io(path)(error)),
        }
    }

    /// Replaces the file so that a power cut leaves the old or the new one, whole.
    pub(crate) fn write(self, path: &Path) -> std::io::Result<()> {
        let temporary = path.with_extension("tmp");
        let mut file = File::create(&temporary)?;
        file.write_all(&self.encode())?;
        file.sync_data()?;
        std::fs::rename(&temporary, path)?;
        sync_folder(path.parent().unwrap_or(Path::new(".")))
    }
}

/// Makes the names in a folder durable.
pub(crate) fn sync_folder(path: &Path) -> std::io::Result<()> {
    File::open(path)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_back_and_refuses_every_flipped_bit() {
        let head = Head { log_id: LogId::from_bytes([7; 16]), epoch: 3, count: 99 };
        let bytes = head.encode();
        assert_eq!(Head::decode(&bytes), Ok(head));
        for bit in (0..LEN * 8).filter(|bit| !(40..64).contains(bit)) {
            let mut altered = bytes;
            altered[bit / 8] ^= 1 << (bit % 8);
            assert!(Head::decode(&altered).is_err(), "bit {bit}");
        }
        assert!(Head::decode(&bytes[1..]).is_err());
    }

    #[test]
    fn replaces_the_file_and_leaves_nothing_beside_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("head");
        assert!(Head::read(&path).unwrap().is_none());
        for count in [1, 2] {
            Head { log_id: LogId::from_bytes([1; 16]), epoch: 1, count }.write(&path).unwrap();
        }
        assert_eq!(Head::read(&path).unwrap().unwrap().count, 2);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
