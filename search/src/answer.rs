//! What searchers are told: hits with snippets, and how far the index had come.

use domain::StreamId;
use domain::ids::{Position, ProjectId};
use domain::values::Timestamp;
use journal::ReadError;
use schemars::JsonSchema;
use serde::Serialize;

use crate::index::{IndexError, reason};
use crate::query::QueryError;

/// A part of a text in which something was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Snippet {
    /// The part; `…` stands where it was cut.
    pub text: String,
    /// What was found in it: from and to, in Unicode characters of `text`, in order and apart from one another.
    pub ranges: Vec<(u32, u32)>,
}

/// An event that fits.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Found {
    /// Where it stands in the log.
    pub position: Position,
    /// The history it belongs to.
    pub stream: StreamId,
    /// Its type.
    pub event: &'static str,
    /// What it is: `prompt`, `message`, `tool`, `feedback`, or the name of its aggregate.
    pub kind: &'static str,
    /// The project it belongs to.
    pub project: Option<ProjectId>,
    /// The run it belongs to.
    pub run: Option<String>,
    /// Who speaks.
    pub role: Option<String>,
    /// When it happened.
    pub time: Timestamp,
    /// How well it fits: BM25 (<https://en.wikipedia.org/wiki/Okapi_BM25>, k1 1.2, b 0.75), comparable within one
    /// answer only.
    pub score: f32,
    /// Where the words stand.
    pub snippet: Snippet,
}

/// A page of hits, best first, of equals the newer first.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Answer {
    /// Last event that the index reflects; what is newer is not known not to fit.
    pub position: Option<Position>,
    /// Last event of the log.
    pub head: Option<Position>,
    /// Whether the index reflects the whole log.
    pub complete: bool,
    /// Events that fit, on all pages.
    pub total: u64,
    /// This page.
    pub hits: Vec<Found>,
    /// Send it as `after` for the next page; none on the last.
    pub next: Option<String>,
}

/// How the index stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Status {
    /// Last event that it reflects.
    pub position: Option<Position>,
    /// Last event of the log.
    pub head: Option<Position>,
    /// Documents that can be found.
    pub documents: u64,
    /// Bytes on disk, or in memory where it has no folder.
    pub bytes: u64,
    /// Why it stands still, if it does.
    pub fault: Option<String>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// The question does not fit.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// The index was not that far in time.
    #[error("expected position {wanted}, but the search index is at {}", show(*reached))]
    NotYet {
        /// What was asked for.
        wanted: Position,
        /// Where it is.
        reached: Option<Position>,
    },
    /// There is no index to ask.
    #[error("the search index cannot be asked: {0}")]
    Unavailable(String),
    /// It took too long.
    #[error("the question took longer than {} s", crate::ask::TIME_MAX.as_secs())]
    TooSlow,
    /// The log could not be read.
    #[error("the log could not be read")]
    Read(#[from] ReadError),
}

fn show(position: Option<Position>) -> String {
    position.map_or_else(|| "none".into(), |position| position.to_string())
}

impl From<IndexError> for SearchError {
    fn from(error: IndexError) -> Self {
        Self::Unavailable(reason(&error))
    }
}
