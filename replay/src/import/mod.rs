//! Importers: recorded sessions of other programs become commands with deterministic commit ids.
//!
//! The same content leads to the same commands under the same ids, whatever the file is called and whenever it
//! is read, so that importing twice gives nothing but duplicates. A session belongs to one project: the ids of
//! its run do not depend on the project, so a second import into another project is refused as a reused id.
//! Files are streamed; what is held is one line or one element at a time, at most [`MAX_UNIT_BYTES`] of it.

mod claude;
mod codex;
mod conversation;
mod ids;
mod lines;
mod ndjson;
mod opencode;
mod outcomes;
mod pi;
mod session;
mod swe_agent;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod text;

use std::fs::File;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use domain::ids::{CommitId, CorrelationId, ProjectId};
use domain::values::Timestamp;
use domain::{Command, Rejection, StreamId, check};

pub use ids::project_id;
pub use lines::MAX_UNIT_BYTES;
pub use swe_agent::unknown_time;

/// A format that can be imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Session files of the Pi coding agent (`*.jsonl`), and the output of its `--mode json`.
    Pi,
    /// Trajectories of SWE-agent (`*.traj`).
    SweAgent,
    /// Transcripts of Claude Code (`*.jsonl`), and its stream-json.
    ClaudeCode,
    /// Rollouts of Codex (`rollout-*.jsonl`), and the output of `codex exec --json`.
    Codex,
    /// Events of OpenCode: the output of `opencode run --format json`, and of its server.
    OpenCode,
    /// The documented lines of `docs/import.md`, for any other program.
    Ndjson,
    /// Tables of outcomes: CSV or JSON with `model`, `task`, `resolved`, `cost`, `calls`.
    Outcomes,
}

impl Format {
    /// Every format.
    pub const ALL: &[Self] = &[
        Self::ClaudeCode,
        Self::Codex,
        Self::OpenCode,
        Self::Pi,
        Self::SweAgent,
        Self::Ndjson,
        Self::Outcomes,
    ];
    /// The names of all, for people.
    #[must_use]
    pub fn names() -> String {
        Self::ALL.iter().map(|format| format.as_str()).collect::<Vec<_>>().join(", ")
    }
    /// Its name on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pi => "pi",
            Self::SweAgent => "swe-agent",
            Self::ClaudeCode => "claude-code",
            Self::Codex => "codex",
            Self::OpenCode => "opencode",
            Self::Ndjson => "ndjson",
            Self::Outcomes => "outcomes",
        }
    }
}

/// A name that is no format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a format, one of {}, got `{actual}`", Format::names())]
pub struct UnknownFormat {
    /// What came, cut to 80 characters.
    pub actual: String,
}

impl FromStr for Format {
    type Err = UnknownFormat;
    fn from_str(text: &str) -> Result<Self, UnknownFormat> {
        let known = Self::ALL.iter().copied().find(|format| format.as_str() == text);
        known.ok_or_else(|| UnknownFormat { actual: text.chars().take(80).collect() })
    }
}

/// The project that a session becomes part of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// One that exists.
    Existing(ProjectId),
    /// The one that [`project_id`] gives for this slug; a command that creates it comes first.
    Slug(String),
}

/// How to import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Where the session belongs.
    pub project: Target,
    /// Whether the end of the file ends the session. Without it the last step, the run and the sandbox stay
    /// open, so that a file that has grown can be imported again and only the rest is new.
    pub finish: bool,
}

impl Options {
    /// Into the project of that slug, finished at the end of the file.
    #[must_use]
    pub fn into_slug(slug: impl Into<String>) -> Self {
        Self { project: Target::Slug(slug.into()), finish: true }
    }
}

/// Where something stands in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The file, as it was named.
    pub file: String,
    /// The line, from 1.
    pub line: u64,
    /// Bytes of the file read so far, to show progress by.
    pub read_bytes: u64,
}

/// A command, and how it is to be committed. The actor is [`domain::Actor::Importer`].
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Where it stands.
    pub origin: Origin,
    /// The stream it is for.
    pub stream: StreamId,
    /// Its commit id, the same at every import.
    pub commit: CommitId,
    /// What is asked.
    pub command: Command,
    /// When it happened.
    pub occurred_at: Option<Timestamp>,
    /// The session it belongs to; none for the project, which sessions share.
    pub correlation: Option<CorrelationId>,
}

/// A line that could not be used; the rest went on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadLine {
    /// Where it stands.
    pub origin: Origin,
    /// Why, as a lower-case fragment.
    pub reason: String,
}

/// What an importer hands over, in order.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// A command.
    Item(Box<Item>),
    /// A line that could not be used.
    Bad(BadLine),
}

/// Why a file was not imported, or not to its end.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It could not be opened or read.
    #[error("`{path}` cannot be read")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is a pipe, a folder or a device; importers read a file twice.
    #[error("expected a regular file, got `{path}`")]
    NotAFile {
        /// What came.
        path: PathBuf,
    },
    /// Nothing in it is of the format.
    #[error("expected {expected}, but {actual}")]
    Format {
        /// What such a file holds.
        expected: &'static str,
        /// What this one holds.
        actual: String,
    },
    /// The project's slug cannot be one.
    #[error("the project cannot have that slug")]
    Slug(#[source] Rejection),
}

impl ImportError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Read { .. } => "check that the file exists and that you may read it",
            Self::NotAFile { .. } => "write it to a file first, then import that file",
            Self::Format { .. } => "check the format's name, and that the file is whole",
            Self::Slug(_) => "use lower-case letters, digits and single hyphens, such as `my-app`",
        }
    }
}

/// Why an importer stops before the end.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The sink wants no more.
    Sink,
    /// The file cannot be read further.
    Io(io::Error),
    /// It is not of the format.
    Format { expected: &'static str, actual: String },
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Going on, or not.
pub(crate) type Flow = Result<(), Stop>;

/// Takes what is found; `Break` ends the import early, which is no error.
pub type Sink<'a> = dyn FnMut(Found) -> ControlFlow<()> + 'a;

/// A file that can be read from its start as often as needed.
pub(crate) struct Source<'a> {
    /// The file, as it was named.
    pub(crate) name: String,
    /// Opens it at its start.
    pub(crate) open: &'a dyn Fn() -> io::Result<Box<dyn Read>>,
}

/// Reads one file and hands its commands to `sink`, in order.
///
/// # Errors
/// Where the file cannot be opened or read, is not of the format at all, or the slug is none.
pub fn import(
    format: Format,
    path: &Path,
    options: &Options,
    sink: &mut Sink<'_>,
) -> Result<(), ImportError> {
    let failed = |source| ImportError::Read { path: path.to_owned(), source };
    let kind = std::fs::metadata(path).map_err(failed)?;
    if !kind.is_file() {
        return Err(ImportError::NotAFile { path: path.to_owned() });
    }
    if let Target::Slug(slug) = &options.project {
        check::slug("slug", slug).map_err(ImportError::Slug)?;
    }
    let open = || File::open(path).map(|file| Box::new(file) as Box<dyn Read>);
    import_from(format, &path.display().to_string(), &open, options, sink)
}

/// As [`import`], from whatever `open` gives: it is asked again where a format is read twice.
///
/// # Errors
/// Where it cannot be read, or is not of the format at all.
pub fn import_from(
    format: Format,
    name: &str,
    open: &dyn Fn() -> io::Result<Box<dyn Read>>,
    options: &Options,
    sink: &mut Sink<'_>,
) -> Result<(), ImportError> {
    let source = Source { name: name.to_owned(), open };
    match read(format, &source, options, sink) {
        Ok(()) | Err(Stop::Sink) => Ok(()),
        Err(Stop::Io(source)) => Err(ImportError::Read { path: name.into(), source }),
        Err(Stop::Format { expected, actual }) => Err(ImportError::Format { expected, actual }),
    }
}

fn read(format: Format, source: &Source<'_>, options: &Options, sink: &mut Sink<'_>) -> Flow {
    match format {
        Format::Pi => pi::read(source, options, sink),
        Format::SweAgent => swe_agent::read(source, options, sink),
        Format::ClaudeCode => claude::read(source, options, sink),
        Format::Codex => codex::read(source, options, sink),
        Format::OpenCode => opencode::read(source, options, sink),
        Format::Ndjson => ndjson::read(source, options, sink),
        Format::Outcomes => outcomes::read(source, options, sink),
    }
}
