//! Files that a verb leaves behind: whole or not at all, and durable.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::failure::{Exit, Failure};

/// For everybody to read.
pub(crate) const PUBLIC: u32 = 0o644;
/// For its owner alone.
pub(crate) const SECRET: u32 = 0o600;

/// Replaces a file so that a crash leaves the old or the new one, whole; durable on return.
pub(crate) fn replace(path: &Path, bytes: &[u8], mode: u32) -> Result<(), Failure> {
    let write = || {
        let mut name = path.file_name().ok_or(std::io::ErrorKind::InvalidInput)?.to_owned();
        name.push(".tmp");
        let fresh = path.with_file_name(name);
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(&fresh)?;
        file.write_all(bytes)?;
        file.sync_data()?;
        std::fs::rename(&fresh, path)?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder)?.sync_all()
    };
    write().map_err(|error: std::io::Error| {
        let exit =
            if error.kind() == std::io::ErrorKind::StorageFull { Exit::DiskFull } else { Exit::Failed };
        Failure::new(exit, format!("`{}` cannot be written: {error}", path.display()))
            .hint("name a file in a folder that exists and is yours to write to")
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_file_is_replaced_whole_with_its_mode() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        replace(&path, b"one", SECRET).unwrap();
        replace(&path, b"two", SECRET).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
        let failure = replace(&dir.path().join("no/such/folder"), b"", PUBLIC).unwrap_err();
        assert_eq!(failure.exit, Exit::Failed);
    }
}
