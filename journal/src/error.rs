//! What can go wrong, one enum per operation.

use std::io::ErrorKind;
use std::path::PathBuf;

use domain::ids::{CommitId, LogId, Position, StreamVersion};
use domain::{Expected, StreamId};

use rustix::io::Errno;

use crate::block::BlockError;
use crate::record::RecordError;

/// Why a commit was not appended. Unless it says otherwise, the log is as it was before.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// The stream is not at the expected version.
    #[error("stream `{stream}` should be at version {expected}, is at {}", actual_text(*actual))]
    Conflict {
        /// The stream.
        stream: StreamId,
        /// What the commit expected.
        expected: Expected,
        /// Its last version; `None` where it has no event.
        actual: Option<StreamVersion>,
    },
    /// The commit id belongs to another commit.
    #[error("commit `{commit}` is in the log with other content")]
    Reused {
        /// The id.
        commit: CommitId,
    },
    /// The records are too large together.
    #[error("a commit takes at most {limit} bytes, got {actual}")]
    TooLarge {
        /// Largest size.
        limit: usize,
        /// Size of this one.
        actual: usize,
    },
    /// There are too many events.
    #[error("a commit takes at most {limit} events, got {actual}")]
    TooMany {
        /// Largest number.
        limit: usize,
        /// Number in this one.
        actual: usize,
    },
    /// There is no event.
    #[error("a commit takes at least 1 event, got 0")]
    Empty,
    /// More is waiting than the writer's queue takes: wait for [`crate::Journal::ready`] first.
    #[error("the queue takes at most {limit} bytes, {queued} are waiting")]
    Overloaded {
        /// Largest number of bytes.
        limit: usize,
        /// Bytes waiting.
        queued: usize,
    },
    /// The disk is nearly full: nothing is appended until there is room again, and reads go on.
    #[error("the disk should have {reserve} bytes free to append, has {free}")]
    NoSpace {
        /// Bytes free.
        free: u64,
        /// Bytes that are kept free.
        reserve: u64,
    },
    /// Looking up the commit or its stream failed.
    #[error("the log could not be read: {reason}")]
    Unreadable {
        /// What failed.
        reason: String,
    },
    /// Writing or syncing failed: whether the commit is in the log shows only after reopening.
    #[error("the writer stopped: {reason}")]
    Poisoned {
        /// What failed first.
        reason: String,
    },
    /// The log was closed.
    #[error("the log is closed")]
    Closed,
    /// The log was opened for reading only.
    #[error("the log is open for reading only")]
    ReadOnly,
}

fn actual_text(actual: Option<StreamVersion>) -> String {
    actual.map_or_else(|| "none".into(), |version| version.to_string())
}

/// Why the log could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// A stored block is damaged.
    #[error("the block at position {position} is damaged")]
    Block {
        /// First position of the block.
        position: Position,
        /// What is wrong with it.
        source: BlockError,
    },
    /// A record inside a block is damaged.
    #[error("the record at position {position} is damaged")]
    Record {
        /// Its position.
        position: Position,
        /// What is wrong with it.
        source: RecordError,
    },
    /// Nothing stored holds the position, although it is below the watermark.
    #[error("position {position} is missing")]
    Missing {
        /// The position.
        position: Position,
    },
    /// The links of a stream do not lead where its records should be.
    #[error("stream `{stream}` is broken at position {position}: {reason}")]
    Stream {
        /// The stream.
        stream: StreamId,
        /// Where the link led.
        position: Position,
        /// What stands there instead.
        reason: String,
    },
    /// The storage engine failed.
    #[error("storage failed: {reason}")]
    Store {
        /// What it said.
        reason: String,
    },
}

fn is_newer_record(error: &RecordError) -> bool {
    matches!(error, RecordError::Format { actual } if *actual > crate::record::FORMAT)
}

impl ReadError {
    /// Whether it comes of a layout later than this build's, as far as the bytes tell.
    #[must_use]
    pub fn is_newer(&self) -> bool {
        match self {
            Self::Block { source, .. } => match source {
                BlockError::Format { actual } => *actual > crate::block::FORMAT,
                BlockError::Codec { .. } => true,
                BlockError::Record { source, .. } => is_newer_record(source),
                _ => false,
            },
            Self::Record { source, .. } => is_newer_record(source),
            Self::Missing { .. } | Self::Stream { .. } | Self::Store { .. } => false,
        }
    }
}

/// Why the log could not be opened. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it open.
    #[error("`{path}` is open in process {}", pid.map_or_else(|| "unknown".into(), |pid| pid.to_string()))]
    Locked {
        /// The lock file.
        path: PathBuf,
        /// The other process, where it left its id.
        pid: Option<u32>,
    },
    /// The folder is of a later layout. Nothing was written.
    #[error("`{path}` should name format {expected} or an earlier one, names {actual}")]
    NewerFormat {
        /// The marker.
        path: PathBuf,
        /// The latest layout that this build knows.
        expected: u32,
        /// The folder's.
        actual: u32,
    },
    /// The marker of the layout is damaged. Nothing was written.
    #[error("`{path}` should say `{expected}`, says `{actual}`")]
    Marker {
        /// The marker.
        path: PathBuf,
        /// What it says where it is whole.
        expected: String,
        /// What it says, in ASCII and cut off.
        actual: String,
    },
    /// The folder lies on a file system over a network, whose locks and fsync cannot be relied on.
    #[error("`{path}` lies on a network file system ({kind})")]
    Network {
        /// The folder.
        path: PathBuf,
        /// Which kind.
        kind: &'static str,
    },
    /// There is no room to open the log with, and no ballast left to release.
    #[error("opening `{path}` takes {needed} bytes of free disk space, has {free}: {reason}")]
    NoSpace {
        /// The data folder.
        path: PathBuf,
        /// Bytes free.
        free: u64,
        /// Bytes needed.
        needed: u64,
        /// What failed for want of it.
        reason: String,
    },
    /// The log ends before the place that was recorded as durable.
    #[error("the log should hold {expected} events, holds {actual}: {} are missing", expected - actual)]
    Shortened {
        /// Events that were signed.
        expected: u64,
        /// Events found.
        actual: u64,
    },
    /// The checkpoint belongs to another log: two data folders were mixed.
    #[error("the checkpoint belongs to log `{expected}`, the stored log is `{actual}`")]
    OtherLog {
        /// Log of the checkpoint.
        expected: LogId,
        /// Log found.
        actual: LogId,
    },
    /// The checkpoint and the stored log are of different epochs.
    #[error("the checkpoint is of epoch {expected}, the stored log of epoch {actual}")]
    OtherEpoch {
        /// Epoch of the checkpoint.
        expected: u64,
        /// Epoch found.
        actual: u64,
    },
    /// There are events, but nothing that says which log they belong to.
    #[error("the stored log has events but no identity")]
    NoIdentity,
    /// The checkpoint is there but the stored log is gone.
    #[error("the checkpoint covers {expected} events, the stored log is empty")]
    Gone {
        /// Events that were signed.
        expected: u64,
    },
    /// A record is not the one that was signed.
    #[error("the record at position {position} is not the one that was signed")]
    Differs {
        /// The first such position that was looked at.
        position: Position,
    },
    /// The signed checkpoint cannot be read, or its signature does not fit.
    #[error("the checkpoint `{path}` is damaged: {reason}")]
    Checkpoint {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The tiles are not those of the tree that was signed.
    #[error("the tiles in `{path}` are damaged: {reason}")]
    Tiles {
        /// The file, or the folder of all.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A key file cannot be used.
    #[error("the key file `{path}` cannot be used: {reason}")]
    Key {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The head file of the earlier layout cannot be read.
    #[error("the head file `{path}` is damaged: {reason}")]
    Head {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The end of the log is damaged.
    #[error("the log cannot be read")]
    Read(#[from] ReadError),
    /// The storage engine would not open.
    #[error("the storage engine did not open: {reason}")]
    Store {
        /// What it said.
        reason: String,
    },
    /// A file or folder could not be used.
    #[error("`{path}` cannot be used")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl OpenError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Locked { .. } => {
                "end that process (`kill PID`; `kill -9` loses nothing acknowledged either), or, where it is a \
                 server, let it do the work with --server"
            }
            Self::NewerFormat { .. } => "open it with the later release that made it: nothing was changed",
            Self::Marker { .. } => {
                "restore the file from a backup, or, if the folder is known to be of this layout, write into it \
                 what it should say; nothing was changed"
            }
            Self::Network { .. } => "put the data folder on a local disk, or allow it at your own risk",
            Self::NoSpace { .. } => {
                "make room on that file system, outside the data folder: old logs and caches of other programs, \
                 or a larger disk; of the data folder only `views` may be deleted; then start again"
            }
            Self::Shortened { .. } | Self::Gone { .. } | Self::Differs { .. } => {
                "do not write to it: copy the folder, then run `waybill repair --data DIR`, or restore a backup"
            }
            Self::OtherLog { .. } | Self::OtherEpoch { .. } => {
                "put the folders `log`, `tiles` and `keys` of one data folder back together"
            }
            Self::Read(error) if error.is_newer() => {
                "open it with the later release that wrote it: nothing was changed"
            }
            Self::NoIdentity | Self::Read(_) | Self::Store { .. } => {
                "copy the folder, then run `waybill repair --data DIR`, or restore a backup"
            }
            Self::Checkpoint { .. } | Self::Tiles { .. } => {
                "copy the folder, then run `waybill repair --data DIR`, which mends tiles from the log and the log from tiles"
            }
            Self::Key { .. } => "put the key files of this log back, from a backup if need be",
            Self::Head { .. } => "move the file aside and open the log again: it is rewritten from the log",
            Self::Io { source, .. } => io_hint(source),
        }
    }
    pub(crate) fn io(path: &std::path::Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }
}

fn io_hint(error: &std::io::Error) -> &'static str {
    if matches!(Errno::from_io_error(error), Some(Errno::MFILE | Errno::NFILE)) {
        return "raise the limit of open files (`ulimit -n`), then start again";
    }
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            "make room on that file system or raise the quota, then start again"
        }
        ErrorKind::PermissionDenied => "run it as the folder's owner, or let this user read and write there",
        ErrorKind::ReadOnlyFilesystem => {
            "mount the file system for writing (the system's log says why it is not), or copy the folder to \
             another disk"
        }
        _ => "check that the folder exists, is yours and has space; look at the disk and the system's log",
    }
}

/// Why no checkpoint could be signed. Appends go on, and it is tried again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no checkpoint could be signed: {reason}")]
pub struct CheckpointError {
    /// What failed.
    pub reason: String,
}

/// Why closing did not finish. Acknowledged commits are durable all the same.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CloseError {
    /// The writer had stopped before.
    #[error("the writer had stopped: {reason}")]
    Poisoned {
        /// What failed first.
        reason: String,
    },
    /// The indexes or the tiles could not be written: the next start takes longer.
    #[error("the indexes or the tiles could not be written: {reason}")]
    Behind {
        /// What failed.
        reason: String,
    },
}
