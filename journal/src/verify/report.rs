//! What a verification found.

use domain::ids::Position;
use proof::{Checkpoint, Hash};

/// Faults that a report lists; more are only counted.
const MAX_FAULTS: usize = 100;

/// Something that is wrong at one position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where; 0 for what concerns no event alone, such as a key.
    pub position: Position,
    /// What, as a fragment of a sentence.
    pub what: String,
}

/// The signed checkpoint that a log was compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedTree {
    /// Events that it covers.
    pub size: u64,
    /// Root of their tree.
    pub root: Hash,
    /// When it was signed, as it says.
    pub time: Option<String>,
    /// The key that signed it, as `name+id+base64`.
    pub key: String,
}

/// What a verification found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyReport {
    /// Events read.
    pub events: u64,
    /// Blocks read.
    pub blocks: u64,
    /// Streams seen.
    pub streams: u64,
    /// Bytes of records read.
    pub bytes: u64,
    /// Bytes of the blocks as stored.
    pub stored_bytes: u64,
    /// Every byte read is as it was written: checksums, chains, tree and signature fit. `None` where that cannot be
    /// told, because no signature of a known key says what was written.
    pub nothing_altered: Option<bool>,
    /// Every position, version and commit is whole, up to what was signed last. `None` where that cannot be told,
    /// because nothing says how long the log was.
    pub nothing_missing: Option<bool>,
    /// The signed checkpoint, where there is one that a known key has signed.
    pub checkpoint: Option<SignedTree>,
    /// The earlier checkpoint that the present tree was found to extend.
    pub since: Option<SignedTree>,
    /// Whether there is a checkpoint that no known key has signed.
    pub unknown_key: bool,
    /// The first 100 faults.
    pub faults: Vec<Fault>,
    /// Number of all faults.
    pub fault_count: u64,
    /// Remarks that are no faults.
    pub notes: Vec<String>,
}

impl VerifyReport {
    /// Whether it is certain that nothing is altered and nothing is missing.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.nothing_altered == Some(true) && self.nothing_missing == Some(true)
    }
    pub(crate) fn new(notes: Vec<String>) -> Self {
        Self {
            events: 0,
            blocks: 0,
            streams: 0,
            bytes: 0,
            stored_bytes: 0,
            nothing_altered: Some(true),
            nothing_missing: Some(true),
            checkpoint: None,
            since: None,
            unknown_key: false,
            faults: Vec::new(),
            fault_count: 0,
            notes,
        }
    }
    pub(super) fn altered(&mut self, position: u64, what: String) {
        self.nothing_altered = Some(false);
        self.fault(position, what);
    }
    pub(super) fn missing(&mut self, position: u64, what: String) {
        self.nothing_missing = Some(false);
        self.fault(position, what);
    }
    fn fault(&mut self, position: u64, what: String) {
        self.fault_count += 1;
        if self.faults.len() < MAX_FAULTS {
            self.faults.push(Fault { position: Position(position), what });
        }
    }
    /// That nothing was altered can no longer be said; that something was, still can.
    pub(super) fn altered_unknown(&mut self) {
        self.nothing_altered = self.nothing_altered.filter(|nothing| !nothing);
    }
    pub(super) fn missing_unknown(&mut self) {
        self.nothing_missing = self.nothing_missing.filter(|nothing| !nothing);
    }
}

impl SignedTree {
    pub(super) fn of(checkpoint: &Checkpoint, key: String) -> Self {
        let time = checkpoint.extension("time").map(str::to_owned);
        Self { size: checkpoint.size, root: checkpoint.root, time, key }
    }
}
