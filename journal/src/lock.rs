//! One process per data folder, and new log ids.

use std::fs::{File, OpenOptions};
use std::io::Read;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::{Duration, Instant};

use domain::ids::LogId;
use domain::values::Timestamp;
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use ulid::Ulid;

use crate::error::OpenError;

/// Word in the lock file of a process whose writer stopped.
const FAILED: &str = "failed";
/// How long the storage engine's threads may need to end.
const ENGINE_PATIENCE: Duration = Duration::from_secs(2);

/// The locks of a data folder, released when the last handle of their files is dropped.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
    /// The folder of the log itself: it stays locked where somebody deletes the lock file.
    folder: File,
    /// Whether the last process that held it had met a failing disk.
    after_failure: bool,
}

impl Lock {
    /// Locks the data folder `dir` and the folder `log` in it.
    ///
    /// # Errors
    /// Where another process holds one of them.
    pub(crate) fn take(dir: &Path, log: &Path) -> Result<Self, OpenError> {
        let path = dir.join("lock");
        let mut options = OpenOptions::new();
        let options = options.create(true).truncate(false).read(true).write(true);
        let mut file = options.open(&path).map_err(OpenError::io(&path))?;
        let mut text = String::new();
        // What it says serves the message alone: without it the refusal is the same.
        let _ = file.read_to_string(&mut text);
        exclusively(&file, &path, &text)?;
        let folder = File::open(log).map_err(OpenError::io(log))?;
        exclusively(&folder, &path, "")?;
        let lock = Self { file, folder, after_failure: text.split_whitespace().nth(1) == Some(FAILED) };
        // On a full disk there may be no block for it: the lock holds all the same.
        let _ = lock.say("");
        Ok(lock)
    }

    /// The same locks once more: they are released when both are dropped.
    pub(crate) fn share(&self, dir: &Path) -> Result<Self, OpenError> {
        let copy = |file: &File| file.try_clone().map_err(OpenError::io(dir));
        Ok(Self { file: copy(&self.file)?, folder: copy(&self.folder)?, after_failure: self.after_failure })
    }

    /// Whether the last process that held it had met a failing disk.
    pub(crate) fn is_after_failure(&self) -> bool {
        self.after_failure
    }

    /// Leaves word that writing failed. Needs no block of the disk that the file does not have.
    pub(crate) fn fail(&self) {
        if let Err(error) = self.say(FAILED) {
            tracing::warn!(%error, "the lock file could not be written");
        }
    }

    /// Holds the locks until the process ends.
    pub(crate) fn keep(&self) {
        for file in [&self.file, &self.folder] {
            // A lock belongs to all copies of a handle.
            let _ = file.try_clone().map(std::mem::forget);
        }
    }

    fn say(&self, word: &str) -> std::io::Result<()> {
        let line = format!("{} {word}", std::process::id());
        let line = format!("{}\n", line.trim_end());
        self.file.write_all_at(line.as_bytes(), 0)?;
        self.file.set_len(line.len() as u64)
    }
}

/// Waits until the storage engine's own lock of its file is free: its threads may outlive its handle by a moment.
///
/// # Errors
/// Where it stays held.
pub(crate) fn wait_for_engine(path: &Path) -> Result<(), OpenError> {
    let Ok(file) = File::open(path) else { return Ok(()) };
    let started = Instant::now();
    loop {
        match exclusively(&file, path, "") {
            Err(OpenError::Locked { .. }) if started.elapsed() < ENGINE_PATIENCE => {
                std::thread::sleep(Duration::from_millis(1));
            }
            result => return result,
        }
    }
}

fn exclusively(file: &File, path: &Path, text: &str) -> Result<(), OpenError> {
    match flock(file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(()),
        Err(Errno::WOULDBLOCK) => {
            let pid = text.split_whitespace().next().and_then(|word| word.parse().ok());
            Err(OpenError::Locked { path: path.to_owned(), pid: pid.or_else(|| holder(file)) })
        }
        Err(error) => Err(OpenError::io(path)(error.into())),
    }
}

/// The process that holds a lock, as the system tells it in proc_locks(5).
fn holder(file: &File) -> Option<u32> {
    let stat = rustix::fs::fstat(file).ok()?;
    let (major, minor) = (rustix::fs::major(stat.st_dev), rustix::fs::minor(stat.st_dev));
    let id = format!("{major:02x}:{minor:02x}:{}", stat.st_ino);
    let text = std::fs::read_to_string("/proc/locks").ok()?;
    text.lines().find_map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let is_held = words.get(1) == Some(&"FLOCK") && words.get(5) == Some(&id.as_str());
        words.get(4).filter(|_| is_held)?.parse().ok().filter(|pid| *pid != 0)
    })
}

/// A new log's id.
///
/// # Panics
/// Where the system has no randomness.
pub(crate) fn new_log_id(now: Timestamp) -> LogId {
    let mut random = [0; 16];
    getrandom::fill(&mut random[6..]).expect("the system gives randomness");
    LogId::from(Ulid::from_parts(u64::try_from(now.millis()).unwrap_or(0), u128::from_be_bytes(random)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, std::path::PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let log = dir.path().join("log");
        std::fs::create_dir(&log).unwrap();
        (dir, log)
    }

    #[track_caller]
    fn refused(dir: &Path, log: &Path) -> Option<u32> {
        match Lock::take(dir, log) {
            Err(OpenError::Locked { pid, .. }) => pid,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_holder_is_named_even_where_the_lock_file_was_deleted() {
        let (dir, log) = folder();
        let lock = Lock::take(dir.path(), &log).unwrap();
        let own = Some(std::process::id());
        assert_eq!(refused(dir.path(), &log), own);
        std::fs::write(dir.path().join("lock"), "").unwrap();
        assert_eq!(refused(dir.path(), &log), own, "the system knows it");
        std::fs::remove_file(dir.path().join("lock")).unwrap();
        assert_eq!(refused(dir.path(), &log), own, "the folder is locked too");
        drop(lock);
        Lock::take(dir.path(), &log).unwrap();
    }

    #[test]
    fn a_lock_that_is_left_behind_holds_nobody_up() {
        let (dir, log) = folder();
        std::fs::write(dir.path().join("lock"), "4194303\n").unwrap();
        let lock = Lock::take(dir.path(), &log).unwrap();
        assert!(!lock.is_after_failure());
        let text = std::fs::read_to_string(dir.path().join("lock")).unwrap();
        assert_eq!(text, format!("{}\n", std::process::id()));
    }

    #[test]
    fn the_next_one_hears_of_a_failure_once() {
        let (dir, log) = folder();
        Lock::take(dir.path(), &log).unwrap().fail();
        assert!(Lock::take(dir.path(), &log).unwrap().is_after_failure());
        assert!(!Lock::take(dir.path(), &log).unwrap().is_after_failure());
    }

    #[test]
    fn a_lock_can_outlive_its_handle() {
        let (dir, log) = folder();
        Lock::take(dir.path(), &log).unwrap().keep();
        assert_eq!(refused(dir.path(), &log), Some(std::process::id()));
    }
}
