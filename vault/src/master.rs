//! The master key: one file for its owner alone, beside the log's key and in no backup.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::VaultError;
use crate::cipher::{self, KEY_BYTES, KeyBytes};

/// The master key of a data folder.
pub(crate) const MASTER: &str = "keys/master.key";
/// The one that follows it, as long as keys are wrapped anew.
pub(crate) const NEXT: &str = "keys/master.key.new";
const HEAD: &str = "waybill master key 1\n";

/// What wraps the keys that seal.
#[derive(Clone)]
pub(crate) struct Master {
    /// By what it is told from others: the first 8 bytes of a digest, hex.
    pub(crate) id: String,
    pub(crate) key: KeyBytes,
}

impl Master {
    pub(crate) fn of(key: [u8; KEY_BYTES]) -> Self {
        let digest = Sha256::new().chain_update("waybill master key").chain_update([0]).chain_update(key);
        Self { id: HEXLOWER.encode(&digest.finalize()[..8]), key: Zeroizing::new(key) }
    }
    pub(crate) fn fresh() -> Self {
        Self::of(cipher::random())
    }
    pub(crate) fn text(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("{HEAD}{}\nid {}\n", HEXLOWER.encode(self.key.as_slice()), self.id))
    }
    fn parse(text: &str) -> Option<Self> {
        let (digits, id) = text.strip_prefix(HEAD)?.strip_suffix('\n')?.split_once("\nid ")?;
        // The mark tells an altered key from another one.
        Some(Self::of(HEXLOWER.decode(digits.as_bytes()).ok()?.try_into().ok()?))
            .filter(|master| master.id == id)
    }
    /// The one in a file; `None` where there is no file.
    pub(crate) fn read(path: &Path) -> Result<Option<Self>, VaultError> {
        let text = match fs::read_to_string(path) {
            Ok(text) => Zeroizing::new(text),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(VaultError::io(path)(error)),
        };
        private(path)?;
        let expected = "a master key";
        Self::parse(&text).map(Some).ok_or_else(|| VaultError::Malformed { path: path.to_owned(), expected })
    }
    /// Writes it to a file that was not there; durable on return.
    pub(crate) fn write(&self, path: &Path) -> Result<(), VaultError> {
        put(path, self.text().as_bytes())
    }
}

/// That nobody but its owner may read a file.
pub(crate) fn private(path: &Path) -> Result<(), VaultError> {
    let mode = fs::metadata(path).map_err(VaultError::io(path))?.permissions().mode() & 0o777;
    if mode & 0o077 == 0 { Ok(()) } else { Err(VaultError::Open { path: path.to_owned(), mode }) }
}

/// Makes a folder for its owner alone, where there is none.
pub(crate) fn folder(path: &Path) -> Result<(), VaultError> {
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(VaultError::io(path))
}

/// Puts a file in place, whole or not at all; durable on return.
pub(crate) fn put(path: &Path, bytes: &[u8]) -> Result<(), VaultError> {
    let mut fresh = PathBuf::from(path).into_os_string();
    fresh.push(".tmp");
    let write = || {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&fresh, path)?;
        let folder = path.parent().ok_or(ErrorKind::InvalidInput)?;
        File::open(folder)?.sync_all()
    };
    write().map_err(VaultError::io(path))
}

/// Overwrites a file where it lies, as far as the disk does so; durable on return.
pub(crate) fn overwrite(path: &Path, bytes: &[u8]) -> Result<(), VaultError> {
    let write = || {
        let mut file = OpenOptions::new().write(true).open(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(VaultError::io(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_master_key_reads_back_and_must_be_private() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("master.key");
        assert!(Master::read(&path).unwrap().is_none());
        let master = Master::fresh();
        master.write(&path).unwrap();
        let back = Master::read(&path).unwrap().unwrap();
        assert_eq!((back.id, back.key), (master.id, master.key));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(Master::read(&path), Err(VaultError::Open { mode: 0o640, .. })));
        put(&path, b"waybill master key 1\n00\n").unwrap();
        assert!(matches!(Master::read(&path), Err(VaultError::Malformed { .. })));
    }

    #[test]
    fn its_form_is_as_written_down() {
        let master = Master::of([0xab; 32]);
        assert_eq!(master.id, "4283702ad7551393");
        let text = format!("waybill master key 1\n{}\nid 4283702ad7551393\n", "ab".repeat(32));
        assert_eq!(master.text().as_str(), text);
        assert!(Master::parse(&text.replacen("ab", "aa", 1)).is_none());
    }
}
