//! Why an export ended before its end.

use std::io;
use std::path::PathBuf;

use domain::ids::Position;
use journal::ReadError;

/// Why an export ended before its end. Nothing of it is left then.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The log could not be read.
    #[error("the log cannot be read")]
    Read(#[from] ReadError),
    /// The records came from elsewhere, and did not come to their end.
    #[error("the records did not come to their end")]
    Source(#[source] io::Error),
    /// Files could not be written.
    #[error("`{path}` cannot be written")]
    Write {
        /// The folder or file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The reader of a stream went away, or its writer failed.
    #[error("the stream cannot be written")]
    Stream(#[source] io::Error),
    /// There is something else in the folder.
    #[error("`{path}` is not empty and holds no manifest of an export")]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// The manifest in the folder is of another log, format or choice of tables.
    #[error("`{path}` holds an export of another {what}")]
    Other {
        /// The folder.
        path: PathBuf,
        /// What differs.
        what: &'static str,
    },
    /// What the folder holds ends elsewhere than the new export would begin.
    #[error("expected --after {}, for `{path}` holds what comes up to there, got {}", shown(*.expected), shown(*.actual))]
    Gap {
        /// The folder.
        path: PathBuf,
        /// Where it ends.
        expected: Option<Position>,
        /// Where the new export would begin.
        actual: Option<Position>,
    },
    /// The position is beyond the log's end.
    #[error("expected a position of the log, up to {}, got {after}", shown(*.head))]
    Beyond {
        /// What was asked for.
        after: Position,
        /// The last position.
        head: Option<Position>,
    },
}

fn shown(position: Option<Position>) -> String {
    position.map_or_else(|| "none".to_owned(), |position| position.to_string())
}

impl ExportError {
    /// What to do about it.
    #[must_use]
    pub const fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::Read(_) => "run `waybill verify`",
            Self::Source(_) => "look whether the server is still there, then export again",
            Self::Write { .. } => "look at the room on the disk, and whether you may write there",
            Self::Stream(_) => return None,
            Self::NotEmpty { .. } | Self::Other { .. } => "name another folder with --out",
            Self::Gap { .. } => "give that position to add what is new, or name another folder with --out",
            Self::Beyond { .. } => "leave --after out for the whole log",
        })
    }
}
