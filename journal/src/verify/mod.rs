//! Checks everything stored: checksums, density, chains, commits, tree, signature, keys. Never panics, never stops
//! early.

mod records;
mod scan;
mod tree;

use domain::ids::Position;
use proof::{Checkpoint, Hash};

use crate::shared::Shared;
use records::Records;
use scan::Scan;
use tree::Tree;

/// Faults that a report lists; more are only counted.
const MAX_FAULTS: usize = 100;
const PROGRESS_EVENTS: u64 = 10_000;

/// How far a verification is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Events checked.
    pub events: u64,
    /// Events to check, as far as is known.
    pub of: u64,
}

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
    fn new(notes: Vec<String>) -> Self {
        Self {
            events: 0,
            blocks: 0,
            streams: 0,
            bytes: 0,
            stored_bytes: 0,
            nothing_altered: Some(true),
            nothing_missing: Some(true),
            checkpoint: None,
            unknown_key: false,
            faults: Vec::new(),
            fault_count: 0,
            notes,
        }
    }
    fn altered(&mut self, position: u64, what: String) {
        self.nothing_altered = Some(false);
        self.fault(position, what);
    }
    fn missing(&mut self, position: u64, what: String) {
        self.nothing_missing = Some(false);
        self.fault(position, what);
    }
    fn fault(&mut self, position: u64, what: String) {
        self.fault_count += 1;
        if self.faults.len() < MAX_FAULTS {
            self.faults.push(Fault { position: Position(position), what });
        }
    }
    fn altered_unknown(&mut self) {
        self.nothing_altered = self.nothing_altered.filter(|nothing| !nothing);
    }
    fn missing_unknown(&mut self) {
        self.nothing_missing = self.nothing_missing.filter(|nothing| !nothing);
    }
    fn took(&mut self, checkpoint: &Checkpoint, key: String) {
        let time = checkpoint.extension("time").map(str::to_owned);
        self.checkpoint = Some(SignedTree { size: checkpoint.size, root: checkpoint.root, time, key });
    }
}

pub(crate) fn verify(shared: &Shared, mut progress: impl FnMut(Progress)) -> VerifyReport {
    let mut report = VerifyReport::new(shared.notes.clone());
    let mut tree = Tree::open(shared, &mut report);
    // Taken after the checkpoint, so that it is not behind it.
    let of = shared.watermark.borrow().map_or(0, |last| last.0 + 1);
    let (mut records, mut scan) = (Records::default(), Scan::default());
    let mut shown = 0;
    // The writer appends meanwhile: what is not durable yet is not looked at.
    let end = if shared.options.read_only { u64::MAX } else { of };
    while let Some(found) = scan.next(shared.store.as_ref(), end) {
        match found {
            Ok((block, stored_len)) => {
                report.blocks += 1;
                report.stored_bytes += stored_len;
                records.block(&block, &mut report);
                tree.block(&block, &mut report);
            }
            Err((position, what)) => report.altered(position, what),
        }
        if report.events >= shown + PROGRESS_EVENTS {
            shown = report.events;
            progress(Progress { events: shown, of });
        }
    }
    records.finish(of, &mut report);
    tree.finish(&mut report);
    progress(Progress { events: report.events, of });
    report
}
