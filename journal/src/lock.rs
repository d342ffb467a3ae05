//! One process per data folder, and new log ids.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::path::Path;

use domain::ids::LogId;
use domain::values::Timestamp;
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use ulid::Ulid;

use crate::error::OpenError;

/// Takes the lock of the data folder; it is released when the file is dropped.
pub(crate) fn take(path: &Path) -> Result<File, OpenError> {
    let mut file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(path)
        .map_err(OpenError::io(path))?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => {}
        Err(Errno::WOULDBLOCK) => {
            let mut text = String::new();
            // The id only serves the message: without it the refusal is the same.
            let _ = file.read_to_string(&mut text);
            return Err(OpenError::Locked { path: path.to_owned(), pid: text.trim().parse().ok() });
        }
        Err(error) => return Err(OpenError::io(path)(error.into())),
    }
    let write = |file: &mut File| {
        file.set_len(0)?;
        file.rewind()?;
        writeln!(file, "{}", std::process::id())
    };
    write(&mut file).map_err(OpenError::io(path))?;
    Ok(file)
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
