//! Opens sled, also where a full disk, a broken snapshot or a disk that failed before stand against it.

use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use rustix::fs::{Advice, fadvise};

use super::sled::{SEGMENT_LEN, guarded};
use crate::error::OpenError;
use crate::lock;
use crate::options::Options;
use crate::space::Space;

/// How sled names its snapshots, from which it starts sooner, and how it ends the name of an unfinished one.
const SNAPSHOT: &str = "snap.";
const UNFINISHED: &str = ".generating";
/// Before the name of a snapshot that was set aside.
const ASIDE: &str = "aside.";

/// Why sled did not open.
struct Refusal {
    reason: String,
    /// Whether the system could not read, write or sync: what is in memory then may never have reached the disk, and
    /// must not be synced as if it had.
    of_system: bool,
}

/// Opens sled. Where a full disk keeps it from opening, the ballast makes room; where a snapshot does, it is set
/// aside, and sled reads its whole file instead. Where the disk fails, nothing is tried again: that is for the next
/// process, which reads the disk anew.
pub(super) fn open(
    dir: &Path,
    folder: &Path,
    options: &Options,
    space: &Space,
    notes: &mut Vec<String>,
) -> Result<::sled::Db, OpenError> {
    lock::wait_for_engine(&folder.join("db"))?;
    // sled takes one for finished, and then refuses to open.
    for path in snapshots(folder).into_iter().filter(|path| path.to_string_lossy().ends_with(UNFINISHED)) {
        rename(&path, &aside(&path))?;
    }
    let mut released = if space.is_exhausted() { space.relieve() } else { 0 };
    let mut opened = open_db(folder, options.cache_bytes);
    if opened.is_err() && released == 0 && space.is_exhausted() {
        released = space.relieve();
        if released > 0 {
            opened = open_db(folder, options.cache_bytes);
        }
    }
    if released > 0 {
        notes.push(format!("the disk is full: {released} bytes of ballast were released to open the log"));
    }
    if opened.as_ref().is_err_and(|refusal| !refusal.of_system) && !space.is_exhausted() {
        opened = without_snapshots(folder, options, opened, notes)?;
    }
    opened.map_err(|Refusal { reason, .. }| {
        if !space.is_exhausted() {
            return OpenError::Store { reason };
        }
        let (free, needed) = (space.free(), space.opening());
        OpenError::NoSpace { path: dir.to_owned(), free, needed, reason }
    })
}

/// Tries once more without sled's snapshots; where that does not help either, they are put back.
fn without_snapshots(
    folder: &Path,
    options: &Options,
    opened: Result<::sled::Db, Refusal>,
    notes: &mut Vec<String>,
) -> Result<Result<::sled::Db, Refusal>, OpenError> {
    let snapshots = snapshots(folder);
    if snapshots.is_empty() {
        return Ok(opened);
    }
    for path in &snapshots {
        rename(path, &aside(path))?;
    }
    let again = open_db(folder, options.cache_bytes);
    if again.is_ok() {
        tracing::warn!(folder = %folder.display(), "a broken snapshot of the storage engine was set aside");
        notes.push(
            "a snapshot of the storage engine was broken: it was set aside, nothing of the log was in it"
                .into(),
        );
        return Ok(again);
    }
    for path in &snapshots {
        rename(&aside(path), path)?;
    }
    Ok(opened)
}

fn snapshots(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let is_snapshot = |entry: &std::fs::DirEntry| entry.file_name().to_string_lossy().starts_with(SNAPSHOT);
    entries.filter(is_snapshot).map(|entry| entry.path()).collect()
}

fn aside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{ASIDE}{name}"))
}

fn rename(from: &Path, to: &Path) -> Result<(), OpenError> {
    std::fs::rename(from, to).map_err(OpenError::io(from))
}

fn open_db(folder: &Path, cache_bytes: u64) -> Result<::sled::Db, Refusal> {
    let config = ::sled::Config::new()
        .path(folder)
        .mode(::sled::Mode::HighThroughput)
        .segment_size(SEGMENT_LEN)
        .cache_capacity(cache_bytes)
        .flush_every_ms(None);
    let mut of_system = false;
    let opened = guarded(|| {
        config.open().inspect_err(|error| {
            of_system = matches!(error, ::sled::Error::Io(error) if error.raw_os_error().is_some());
        })
    });
    opened.map_err(|error| Refusal { reason: error.0, of_system })
}

/// After a failed sync the system may hold bytes in memory that the disk never got, and take them for written.
/// They are dropped, so that what is read is what a power cut would leave.
pub(super) fn read_anew(path: &Path) -> Result<(), OpenError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(OpenError::io(path)(error)),
    };
    // What the system does know to be unwritten is written first, or reported once more.
    file.sync_all().map_err(OpenError::io(path))?;
    fadvise(&file, 0, None, Advice::DontNeed).map_err(|error| OpenError::io(path)(error.into()))
}
