//! A file that holds blocks of the disk, to be given back when nothing else is left to open the log with.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use rustix::fs::{FallocateFlags, fallocate};
use rustix::io::Errno;

const NAME: &str = "ballast";
/// Bytes of zeroes written at a time where the file system cannot set blocks aside.
const CHUNK: usize = 1 << 20;

/// The ballast of one data folder.
#[derive(Debug)]
pub(crate) struct Ballast {
    path: PathBuf,
    len: u64,
}

impl Ballast {
    pub(crate) fn new(dir: &Path, len: u64) -> Self {
        Self { path: dir.join(NAME), len }
    }
    /// Bytes that it should hold.
    pub(crate) fn len(&self) -> u64 {
        self.len
    }
    /// Bytes that it holds.
    pub(crate) fn held(&self) -> u64 {
        self.path.metadata().map_or(0, |meta| meta.len())
    }

    /// Gives its blocks back; gives how many bytes that were.
    pub(crate) fn release(&self) -> std::io::Result<u64> {
        let held = self.held();
        match std::fs::remove_file(&self.path) {
            Ok(()) => Ok(held),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(0),
            Err(error) => Err(error),
        }
    }

    /// Sets the blocks aside; leaves nothing where there are not enough of them.
    pub(crate) fn make(&self) -> std::io::Result<()> {
        if self.len == 0 || self.held() >= self.len {
            return Ok(());
        }
        let made = File::create(&self.path).and_then(|file| fill(&file, self.len));
        if made.is_err() {
            self.release()?;
        }
        made
    }
}

fn fill(mut file: &File, len: u64) -> std::io::Result<()> {
    match fallocate(file, FallocateFlags::empty(), 0, len) {
        Err(Errno::OPNOTSUPP | Errno::NOSYS) => {}
        other => return other.map_err(Into::into),
    }
    let zeroes = vec![0; CHUNK];
    let mut left = len;
    while left > 0 {
        let chunk = usize::try_from(left).map_or(CHUNK, |left| left.min(CHUNK));
        file.write_all(&zeroes[..chunk])?;
        left -= chunk as u64;
    }
    file.sync_data()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use super::*;

    #[test]
    fn it_holds_real_blocks_and_gives_them_back() {
        let dir = tempfile::tempdir().unwrap();
        let ballast = Ballast::new(dir.path(), 3 << 20);
        assert_eq!((ballast.held(), ballast.release().unwrap()), (0, 0));
        for _ in 0..2 {
            ballast.make().unwrap();
            let meta = dir.path().join(NAME).metadata().unwrap();
            assert!(meta.blocks() * 512 >= 3 << 20, "{} blocks", meta.blocks());
        }
        assert_eq!((ballast.held(), ballast.release().unwrap()), (3 << 20, 3 << 20));
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn without_room_it_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        assert!(Ballast::new(dir.path(), 1 << 50).make().is_err());
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn none_is_made_where_none_is_wanted() {
        let dir = tempfile::tempdir().unwrap();
        Ballast::new(dir.path(), 0).make().unwrap();
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
