//! What the verification of a bundle found.

use domain::StreamId;
use domain::ids::StreamVersion;
use serde::Serialize;

use crate::trust::{Held, Signer};
use crate::verdict::Findings;

/// What a bundle shows of one stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StreamReport {
    /// The stream.
    pub stream: StreamId,
    /// Its events in the bundle.
    pub events: u64,
    /// Version of the last one.
    pub last_version: StreamVersion,
    /// The event that ended the run, where one did: none but afterthoughts follow it.
    pub ended_by: Option<String>,
}

/// How far a file of the bundle can be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Reliance {
    /// The log's signature covers it.
    Proven,
    /// It was derived anew from what is proven, and is the same.
    Derived,
    /// It says what it says: nothing that is proven confirms it.
    Unproven,
}

/// A file of the bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileReport {
    /// Its name.
    pub name: &'static str,
    /// Its bytes.
    pub bytes: u64,
    /// How far it can be relied on.
    pub reliance: Reliance,
}

/// What a verification found. Missing means: missing in a stream between its first event and the last one here; what
/// came after that is not known.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Report {
    /// The answers, and what they rest on.
    #[serde(flatten)]
    pub findings: Findings,
    /// The checkpoint, where it could be read.
    pub checkpoint: Option<Held>,
    /// Keys that signed it.
    pub signers: Vec<Signer>,
    /// Each stream.
    pub streams: Vec<StreamReport>,
    /// Events of these streams.
    pub events: u64,
    /// Events whose type or layout this release does not know: proven, but not readable here.
    pub unknown_events: u64,
    /// Each file.
    pub files: Vec<FileReport>,
}
