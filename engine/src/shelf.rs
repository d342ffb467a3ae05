//! Where snapshots lie: files in a folder of the data folder, or memory where the log is in memory.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Cursor, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use crate::aggregates::lock;

const BUFFER_BYTES: usize = 256 << 10;

/// Named bytes that may be lost.
#[derive(Debug)]
pub(crate) enum Shelf {
    Folder(PathBuf),
    Memory(Mutex<BTreeMap<String, Vec<u8>>>),
}

impl Shelf {
    /// Files in `dir`, which need not be there yet; in memory without one.
    pub(crate) fn new(dir: Option<PathBuf>) -> Self {
        dir.map_or_else(|| Self::Memory(Mutex::default()), Self::Folder)
    }
    /// Where something lies, for messages.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        match self {
            Self::Folder(dir) => dir.join(name),
            Self::Memory(_) => PathBuf::from(name),
        }
    }
    /// Puts something there, whole or not at all. With `durable` it outlives a power cut.
    pub(crate) fn put(&self, name: &str, bytes: &[u8], durable: bool) -> io::Result<()> {
        self.put_with(name, durable, |out| out.write_all(bytes))
    }
    /// The same, of what `write` writes.
    pub(crate) fn put_with(
        &self,
        name: &str,
        durable: bool,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<()> {
        let dir = match self {
            Self::Memory(held) => {
                let mut bytes = Vec::new();
                write(&mut bytes)?;
                lock(held).insert(name.to_owned(), bytes);
                return Ok(());
            }
            Self::Folder(dir) => dir,
        };
        fs::create_dir_all(dir)?;
        let (path, fresh) = (dir.join(name), dir.join(format!("{name}.tmp")));
        let written = Self::write(&fresh, durable, write).and_then(|()| fs::rename(&fresh, &path));
        if written.is_err() {
            // Half of it is of no use, and takes room where there may be none.
            drop(fs::remove_file(&fresh));
        }
        written?;
        if durable { File::open(dir)?.sync_all() } else { Ok(()) }
    }
    fn write(
        path: &Path,
        durable: bool,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut out = BufWriter::with_capacity(BUFFER_BYTES, File::create(path)?);
        write(&mut out)?;
        let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        if durable { file.sync_data() } else { Ok(()) }
    }
    /// What lies there; what cannot be read is not there.
    pub(crate) fn get(&self, name: &str) -> Option<Vec<u8>> {
        match self {
            Self::Folder(dir) => fs::read(dir.join(name)).ok(),
            Self::Memory(held) => lock(held).get(name).cloned(),
        }
    }
    /// The same, to be read bit by bit.
    pub(crate) fn open(&self, name: &str) -> Option<Box<dyn Read>> {
        match self {
            Self::Folder(dir) => {
                let file = File::open(dir.join(name)).ok()?;
                Some(Box::new(BufReader::with_capacity(BUFFER_BYTES, file)))
            }
            Self::Memory(_) => Some(Box::new(Cursor::new(self.get(name)?))),
        }
    }
    /// Whether something lies there.
    pub(crate) fn has(&self, name: &str) -> bool {
        match self {
            Self::Folder(dir) => dir.join(name).is_file(),
            Self::Memory(held) => lock(held).contains_key(name),
        }
    }
    /// Takes something away, if it is there.
    pub(crate) fn remove(&self, name: &str) {
        match self {
            // It is derived: what stays costs room and is overwritten or found not to fit.
            Self::Folder(dir) => drop(fs::remove_file(dir.join(name))),
            Self::Memory(held) => drop(lock(held).remove(name)),
        }
    }
    /// Names and sizes, in order.
    pub(crate) fn list(&self) -> Vec<(String, u64)> {
        let dir = match self {
            Self::Memory(held) => {
                let size = |bytes: &Vec<u8>| u64::try_from(bytes.len()).unwrap_or(u64::MAX);
                return lock(held).iter().map(|(name, bytes)| (name.clone(), size(bytes))).collect();
            }
            Self::Folder(dir) => dir,
        };
        let entries = fs::read_dir(dir).into_iter().flatten().flatten();
        let named = entries.filter_map(|entry| {
            let size = entry.metadata().ok().filter(fs::Metadata::is_file)?.len();
            Some((entry.file_name().into_string().ok()?, size))
        });
        let mut listed: Vec<_> = named.collect();
        listed.sort();
        listed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_and_memory_hold_alike() {
        let dir = tempfile::tempdir().unwrap();
        for shelf in [Shelf::new(None), Shelf::new(Some(dir.path().join("shelf")))] {
            assert!(shelf.get("a").is_none() && shelf.list().is_empty());
            shelf.remove("a");
            shelf.put("b", &[1, 2], true).unwrap();
            shelf.put("a", &[3], false).unwrap();
            shelf.put("a", &[4, 5, 6], false).unwrap();
            let broken = shelf.put_with("a", true, |out| {
                out.write_all(&[7])?;
                Err(io::Error::other("no room"))
            });
            assert_eq!(broken.unwrap_err().to_string(), "no room");
            assert_eq!(shelf.list(), [("a".to_owned(), 3), ("b".to_owned(), 2)]);
            assert_eq!(shelf.get("a"), Some(vec![4, 5, 6]));
            let mut read = Vec::new();
            shelf.open("a").unwrap().read_to_end(&mut read).unwrap();
            assert_eq!((read, shelf.has("a"), shelf.has("c")), (vec![4, 5, 6], true, false));
            shelf.remove("a");
            assert_eq!((shelf.get("a"), shelf.list().len()), (None, 1));
        }
    }
}
