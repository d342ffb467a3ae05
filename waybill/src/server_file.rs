//! `server.json` in the data folder: where the server that holds the folder can be reached.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Where a running server can be reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ServerFile {
    /// Its process.
    pub(crate) pid: u32,
    /// Its address, such as `http://127.0.0.1:8377`.
    pub(crate) url: String,
}

fn path(data: &Path) -> PathBuf {
    data.join("server.json")
}

impl ServerFile {
    /// What the folder says; none where there is no file, or none that can be read.
    pub(crate) fn read(data: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(path(data)).ok()?).ok()
    }
    /// Leaves it in the folder, for its owner alone to read. Whole or not at all.
    pub(crate) fn write(&self, data: &Path) -> io::Result<()> {
        let (path, fresh) = (path(data), data.join("server.json.new"));
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
        file.write_all(serde_json::to_string(self)?.as_bytes())?;
        std::fs::rename(fresh, path)
    }
    /// Takes it away.
    pub(crate) fn remove(data: &Path) -> io::Result<()> {
        std::fs::remove_file(path(data))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn it_reads_back_and_is_for_its_owner_alone() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(ServerFile::read(dir.path()), None);
        let file = ServerFile { pid: 7, url: "http://127.0.0.1:1".into() };
        file.write(dir.path()).unwrap();
        assert_eq!(ServerFile::read(dir.path()), Some(file));
        let mode = std::fs::metadata(path(dir.path())).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        std::fs::write(path(dir.path()), "{").unwrap();
        assert_eq!(ServerFile::read(dir.path()), None, "a torn file is none");
        ServerFile::remove(dir.path()).unwrap();
        assert!(ServerFile::remove(dir.path()).is_err());
    }
}
