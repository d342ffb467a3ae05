//! Why an export cannot be read as a log.

use std::io;
use std::path::PathBuf;

use domain::ids::{Position, StreamId, StreamVersion};
use journal::KeptError;

/// Why an export cannot be read as a log. Nothing of it is shown then.
#[derive(Debug, thiserror::Error)]
pub enum ReadingError {
    /// The manifest is none.
    #[error("`{path}` cannot be read as the manifest of an export")]
    Manifest {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: io::Error,
    },
    /// The manifest is of a later release, or names what this one does not know.
    #[error("`{path}`: expected {expected}, got {actual}")]
    Newer {
        /// The file.
        path: PathBuf,
        /// What this release reads.
        expected: String,
        /// What is there.
        actual: String,
    },
    /// The export has no table of events.
    #[error("expected the table `events` in `{path}`, got {}", tables.join(", "))]
    NoEvents {
        /// The folder.
        path: PathBuf,
        /// The tables there are.
        tables: Vec<String>,
    },
    /// What it holds does not begin where the log does, or has a hole.
    #[error("expected an export of what comes after position {}, got one of what comes after {}", shown(*.expected), shown(*.actual))]
    After {
        /// Where what was exported before ends.
        expected: Option<Position>,
        /// Where the next export begins.
        actual: Option<Position>,
    },
    /// A file is named that lies elsewhere.
    #[error("expected a path inside of the folder, got `{path}`")]
    Outside {
        /// As the manifest names it.
        path: String,
    },
    /// A file cannot be read.
    #[error("`{path}` cannot be read")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system, or the format, says.
        source: io::Error,
    },
    /// A file is not the one that was written.
    #[error("`{path}`: expected {expected}, got {actual}")]
    Altered {
        /// The file.
        path: PathBuf,
        /// Length, hash or rows as the manifest has them.
        expected: String,
        /// As they are.
        actual: String,
    },
    /// A row holds what no event does.
    #[error("`{path}`, row {row}: column `{column}`: expected {expected}, got {actual}")]
    Row {
        /// The file.
        path: PathBuf,
        /// Its place in the file, from 1.
        row: u64,
        /// The column.
        column: &'static str,
        /// What it should hold.
        expected: &'static str,
        /// What it holds, cut to 80 characters.
        actual: String,
    },
    /// An event is missing, or there twice.
    #[error("expected the event at position {expected}, got {}", .actual.map_or("the end".to_owned(), |it| format!("that at {it}")))]
    Position {
        /// The position that comes next.
        expected: Position,
        /// The one that came; none at the end.
        actual: Option<Position>,
    },
    /// The events of a stream are not dense.
    #[error("position {position}: expected version {expected} of `{stream}`, got {actual}")]
    Version {
        /// The event.
        position: Position,
        /// Its stream.
        stream: StreamId,
        /// The version that comes next.
        expected: StreamVersion,
        /// The one that came.
        actual: StreamVersion,
    },
    /// The events are not those of the log that was signed.
    #[error("the events are not those of the log")]
    Log(#[from] KeptError),
}

fn shown(position: Option<Position>) -> String {
    position.map_or_else(|| "none".to_owned(), |position| position.to_string())
}

impl ReadingError {
    /// What to do about it.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Manifest { .. } | Self::File { .. } => {
                "check that the folder is whole and yours to read, or export again"
            }
            Self::Newer { .. } => "read it with the release that wrote it",
            Self::NoEvents { .. } => {
                "export again with the table `events`: `waybill export --out DIR` writes every table"
            }
            Self::After { .. } => "export from the beginning into a new folder: `waybill export --out DIR`",
            Self::Row { .. } => "export again with this release; the log itself is as it was",
            Self::Outside { .. }
            | Self::Altered { .. }
            | Self::Position { .. }
            | Self::Version { .. }
            | Self::Log(_) => {
                "the export was altered after it was written: take another copy, or export again"
            }
        }
    }
    /// Whether it is a use that an export is not made for, rather than damage.
    #[must_use]
    pub const fn is_usage(&self) -> bool {
        matches!(self, Self::NoEvents { .. } | Self::After { .. })
    }
}
