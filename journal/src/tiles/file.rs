//! Tiles as files, made durable together.

use std::collections::{BTreeSet, HashSet};
use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use rustix::fs::{Advice, fadvise};

use super::store::TileStore;

/// Files that are synced one by one; more than these share one sync of the whole file system.
const MAX_SINGLE: usize = 16;

/// Bytes from which on a file is worth a word to the system: bundles of entries, not tiles of hashes.
const WRITTEN_AT_ONCE: usize = 32 * 1024;

/// Files below a folder.
pub(crate) struct FileTiles {
    root: PathBuf,
    /// Opened before anything is written, so that a sync through it reports every failed write since.
    /// `None` where it was missing and the log is open for reading.
    folder: Option<File>,
    unsynced: Mutex<Unsynced>,
}

#[derive(Default)]
struct Unsynced {
    files: Vec<File>,
    /// Folders with new names.
    folders: BTreeSet<PathBuf>,
    /// Whether there were more files than are kept open.
    many: bool,
    /// Folders that are known to be there.
    known: HashSet<PathBuf>,
}

impl FileTiles {
    /// Uses the folder `root`, made where it is missing unless it is only read.
    pub(crate) fn open(root: &Path, read_only: bool) -> io::Result<Self> {
        let mut unsynced = Unsynced::default();
        if read_only && !root.is_dir() {
            return Ok(Self { root: root.to_owned(), folder: None, unsynced: Mutex::default() });
        }
        unsynced.make(root)?;
        for folder in std::mem::take(&mut unsynced.folders) {
            sync_folder(&folder)?;
        }
        Ok(Self { root: root.to_owned(), folder: Some(File::open(root)?), unsynced: Mutex::new(unsynced) })
    }

    fn unsynced(&self) -> MutexGuard<'_, Unsynced> {
        self.unsynced.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Unsynced {
    /// Makes a folder, and remembers which ones got a new name in them.
    fn make(&mut self, folder: &Path) -> io::Result<()> {
        if self.known.contains(folder) {
            return Ok(());
        }
        let missing =
            folder.ancestors().take_while(|folder| !folder.as_os_str().is_empty() && !folder.is_dir());
        self.folders.extend(missing.filter_map(Path::parent).map(named));
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        self.known.insert(folder.to_owned());
        Ok(())
    }
}

impl TileStore for FileTiles {
    fn read(&self, path: &str) -> io::Result<Option<Bytes>> {
        match crate::whole::read(&self.root.join(path)) {
            Ok(bytes) => Ok(Some(bytes.into())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let path = self.root.join(path);
        let folder = path.parent().unwrap_or(&self.root).to_owned();
        let mut unsynced = self.unsynced();
        unsynced.make(&folder)?;
        let mut file = File::create(&path)?;
        file.write_all(bytes)?;
        // Lets the system begin to write now: all of it at the next sync would hold up the commits. Where the
        // advice is not taken, that is what happens.
        if bytes.len() >= WRITTEN_AT_ONCE {
            let _ = fadvise(&file, 0, None, Advice::DontNeed);
        }
        if unsynced.files.len() < MAX_SINGLE {
            unsynced.folders.insert(folder);
            unsynced.files.push(file);
        } else {
            unsynced.many = true;
        }
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        let (files, folders, many) = {
            let mut unsynced = self.unsynced();
            let many = std::mem::take(&mut unsynced.many);
            (std::mem::take(&mut unsynced.files), std::mem::take(&mut unsynced.folders), many)
        };
        if many {
            let folder = self.folder.as_ref().ok_or(ErrorKind::NotFound)?;
            return Ok(rustix::fs::syncfs(folder)?);
        }
        for file in files {
            file.sync_data()?;
        }
        folders.iter().try_for_each(|folder| sync_folder(folder))
    }

    fn replace(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        replace_file(&self.root.join(path), bytes, 0o644)
    }

    fn prune(&self, folder: &str, keep: Option<&str>) -> io::Result<()> {
        let folder = self.root.join(folder);
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        let mut kept = false;
        for entry in entries {
            let entry = entry?;
            if entry.file_type()?.is_dir() || keep.is_some_and(|keep| entry.file_name() == keep) {
                kept = true;
            } else {
                fs::remove_file(entry.path())?;
            }
        }
        if !kept {
            self.unsynced().known.remove(&folder);
            fs::remove_dir(&folder)?;
        }
        Ok(())
    }

    fn list(&self) -> io::Result<Vec<String>> {
        let mut paths = Vec::new();
        let mut open = if self.folder.is_some() { vec![String::new()] } else { Vec::new() };
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(self.root.join(&folder))? {
                let entry = entry?;
                let name = entry.file_name().to_string_lossy().into_owned();
                let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
                if entry.file_type()?.is_dir() { open.push(path) } else { paths.push(path) }
            }
        }
        paths.sort_unstable();
        Ok(paths)
    }
}

/// Replaces a file so that a power cut leaves the old or the new one, whole; durable on return.
pub(crate) fn replace_file(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".tmp");
    let fresh = path.with_file_name(name);
    let mut file = File::options().write(true).create(true).truncate(true).mode(mode).open(&fresh)?;
    file.write_all(bytes)?;
    file.sync_data()?;
    fs::rename(&fresh, path)?;
    sync_folder(named(path.parent().unwrap_or(Path::new("."))).as_path())
}

/// Makes the names in a folder durable.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// The folder by a name that can be opened: the parent of a plain name is the folder of the process.
fn named(folder: &Path) -> PathBuf {
    if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder.to_owned() }
}
