//! What the verification of a bundle found.

use domain::StreamId;
use domain::ids::{LogId, Position, StreamVersion};
use domain::values::Timestamp;
use serde::{Serialize, Serializer};

use crate::hash::Hash;

/// Faults that a report lists; more are only counted.
const MAX_FAULTS: usize = 100;

/// An answer that may be unknown, and then says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Answer {
    /// It is so.
    Yes,
    /// It is not so.
    No,
    /// It cannot be told from what is there.
    Unknown,
}

/// How a verification ends, as an exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing was altered and nothing is missing.
    Verified,
    /// Something was altered.
    Altered,
    /// Something is missing.
    Incomplete,
    /// Everything fits together, but no key that signed it was vouched for.
    UnknownKey,
    /// Everything fits together, but is older than was asked for.
    Stale,
}

impl Outcome {
    /// 0 verified, 1 altered, 3 incomplete, 4 unknown key, 5 stale.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Verified => 0,
            Self::Altered => 1,
            Self::Incomplete => 3,
            Self::UnknownKey => 4,
            Self::Stale => 5,
        }
    }
}

/// Why a signature counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// The verifier was given this key.
    Given,
    /// The log changed a given key for this one, by a statement that both signed.
    Followed,
    /// The key came with the bundle and was accepted because the verifier asked for that.
    Bundled,
    /// The key came with the bundle, and nobody vouches for it.
    Unknown,
}

/// A key that signed the checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Signer {
    /// The key, as `name+id+base64`.
    pub key: String,
    /// Why it counts.
    pub standing: Standing,
    /// When a witness saw the checkpoint; none where the key is the log's own.
    pub witnessed_at: Option<Timestamp>,
}

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

/// The checkpoint that the records were held against.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Held {
    /// The log.
    pub log: LogId,
    /// Its epoch.
    pub epoch: u64,
    /// Events that the log had.
    pub size: u64,
    /// Root of its tree.
    #[serde(serialize_with = "as_text")]
    pub root: Hash,
    /// When the log signed it, as it says.
    pub time: Option<Timestamp>,
}

fn as_text<S: Serializer>(hash: &Hash, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(hash)
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Where in the log, where it is about one event.
    pub position: Option<Position>,
    /// What, as a fragment of a sentence.
    pub what: String,
}

/// What a verification found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Every event is as the log signed it, and the bundle as it was made. Unknown where no known key signed.
    pub nothing_altered: Answer,
    /// Every stream is there from its first event on, without a gap. What came after the last one is not known.
    pub nothing_missing: Answer,
    /// Whether a key that was vouched for signed the checkpoint.
    pub key_known: bool,
    /// Whether the checkpoint is older than was asked for; none where nothing was asked.
    pub stale: Option<bool>,
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
    /// The first 100 faults.
    pub faults: Vec<Fault>,
    /// Number of all faults.
    pub fault_count: u64,
    /// Remarks that are no faults.
    pub notes: Vec<String>,
}

impl Report {
    pub(super) fn new() -> Self {
        Self {
            nothing_altered: Answer::Yes,
            nothing_missing: Answer::Yes,
            key_known: false,
            stale: None,
            checkpoint: None,
            signers: Vec::new(),
            streams: Vec::new(),
            events: 0,
            unknown_events: 0,
            files: Vec::new(),
            faults: Vec::new(),
            fault_count: 0,
            notes: Vec::new(),
        }
    }
    /// How it ends. Tampering counts more than an unknown key, that more than a gap, and that more than age.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        if self.nothing_altered == Answer::No {
            Outcome::Altered
        } else if !self.key_known {
            Outcome::UnknownKey
        } else if self.nothing_missing != Answer::Yes {
            Outcome::Incomplete
        } else if self.stale == Some(true) {
            Outcome::Stale
        } else {
            Outcome::Verified
        }
    }
    pub(super) fn altered(&mut self, position: Option<Position>, what: impl Into<String>) {
        self.nothing_altered = Answer::No;
        self.fault(position, what.into());
    }
    pub(super) fn missing(&mut self, position: Option<Position>, what: impl Into<String>) {
        self.nothing_missing = Answer::No;
        self.fault(position, what.into());
    }
    pub(super) fn note(&mut self, what: impl Into<String>) {
        self.notes.push(what.into());
    }
    fn fault(&mut self, position: Option<Position>, what: String) {
        self.fault_count += 1;
        if self.faults.len() < MAX_FAULTS {
            self.faults.push(Fault { position, what });
        }
    }
}
