//! Checks everything stored: checksums, density, chains, commits, head. Never panics, never stops early.

use std::collections::HashMap;

use domain::StreamId;
use domain::ids::{CommitId, Position, StreamVersion};

use crate::block::{self, Block};
use crate::error::ReadError;
use crate::record::{self, Chain, RawRecord};
use crate::shared::Shared;
use crate::store::{HeadState, StoredBlock};

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
    /// Where.
    pub position: Position,
    /// What, as a fragment of a sentence.
    pub what: String,
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
    /// Every byte read is as it was written.
    pub nothing_altered: bool,
    /// Every position, version and commit is whole, up to what the head file counts.
    pub nothing_missing: bool,
    /// Events that the head file counts; `None` without one, or where it is damaged.
    pub head: Option<u64>,
    /// The first 100 faults.
    pub faults: Vec<Fault>,
    /// Number of all faults.
    pub fault_count: u64,
    /// Remarks that are no faults.
    pub notes: Vec<String>,
}

impl VerifyReport {
    /// Whether nothing is altered and nothing is missing.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.nothing_altered && self.nothing_missing
    }
}

/// The last record of a stream, as far as was read.
struct Tail {
    version: StreamVersion,
    position: Position,
    chain: Chain,
}

/// The commit that is being read.
struct OpenCommit {
    id: CommitId,
    stream: StreamId,
    read: u16,
    size: u16,
}

struct Verifier {
    report: VerifyReport,
    /// The position that must come next.
    next: u64,
    streams: HashMap<StreamId, Tail>,
    commit: Option<OpenCommit>,
}

pub(crate) fn verify(shared: &Shared, mut progress: impl FnMut(Progress)) -> VerifyReport {
    let of = shared.watermark.borrow().map_or(0, |last| last.0 + 1);
    let mut verifier = Verifier::new(shared.notes.clone());
    let (mut from, mut shown) = (0, 0);
    loop {
        match shared.store.ceiling(from) {
            // The writer appends meanwhile: what is not durable yet is not looked at.
            Ok(Some(stored)) if stored.first >= of && !shared.options.read_only => break,
            Ok(None) => break,
            Ok(Some(stored)) => {
                from = stored.first.saturating_add(1);
                verifier.stored_block(stored);
            }
            Err(error) => from = verifier.unreadable(from, &error),
        }
        if verifier.report.events >= shown + PROGRESS_EVENTS {
            shown = verifier.report.events;
            progress(Progress { events: shown, of });
        }
    }
    verifier.finish(of, shared.store.head(), &mut progress)
}

impl Verifier {
    fn new(notes: Vec<String>) -> Self {
        let report = VerifyReport {
            events: 0,
            blocks: 0,
            streams: 0,
            bytes: 0,
            stored_bytes: 0,
            nothing_altered: true,
            nothing_missing: true,
            head: None,
            faults: Vec::new(),
            fault_count: 0,
            notes,
        };
        Self { report, next: 0, streams: HashMap::new(), commit: None }
    }

    fn altered(&mut self, position: u64, what: String) {
        self.report.nothing_altered = false;
        self.fault(position, what);
    }
    fn missing(&mut self, position: u64, what: String) {
        self.report.nothing_missing = false;
        self.fault(position, what);
    }
    fn fault(&mut self, position: u64, what: String) {
        self.report.fault_count += 1;
        if self.report.faults.len() < MAX_FAULTS {
            self.report.faults.push(Fault { position: Position(position), what });
        }
    }

    /// A block that could not be fetched; gives where to go on.
    fn unreadable(&mut self, from: u64, error: &ReadError) -> u64 {
        let position = match error {
            ReadError::Block { position, .. } | ReadError::Missing { position } => position.0,
            _ => from,
        };
        self.altered(position, with_sources(error));
        // An engine that fails as a whole would fail for every position after.
        if matches!(error, ReadError::Store { .. }) { u64::MAX } else { position.saturating_add(1) }
    }

    fn stored_block(&mut self, stored: StoredBlock) {
        let (first, stored_len) = (stored.first, stored.bytes.len() as u64);
        match block::decode(stored.bytes) {
            Ok(block) if block.first().0 == first => {
                self.report.blocks += 1;
                self.report.stored_bytes += stored_len;
                self.block(&block);
            }
            Ok(block) => self.altered(first, format!("the block says that it begins at {}", block.first())),
            Err(error) => self.altered(first, format!("the block is damaged: {}", with_sources(&error))),
        }
    }

    fn block(&mut self, block: &Block) {
        let first = block.first().0;
        if first != self.next {
            let what = if first > self.next {
                format!("{} events are missing before position {first}", first - self.next)
            } else {
                format!("expected a block from position {}, got one from {first}", self.next)
            };
            self.missing(self.next, what);
            self.commit = None;
        }
        for record in block.records() {
            self.record(&record);
        }
        self.next = block.end();
    }

    fn record(&mut self, record: &RawRecord) {
        let position = record.position().0;
        self.report.events += 1;
        self.report.bytes += record.bytes().len() as u64;
        if let Err(error) = record.check() {
            self.altered(position, error.to_string());
        }
        self.stream(record);
        self.commit(record);
    }

    fn stream(&mut self, record: &RawRecord) {
        let (stream, position) = (record.stream(), record.position());
        let chain = record::chain(record.bytes());
        let tail = self.streams.insert(stream, Tail { version: record.version(), position, chain });
        let (version, previous, chain) = match &tail {
            Some(tail) => (tail.version.0 + 1, Some(tail.position), tail.chain),
            None => (0, None, [0; 16]),
        };
        if record.version().0 != version {
            self.missing(
                position.0,
                format!("expected version {version} of `{stream}`, got {}", record.version()),
            );
        } else if record.previous() != previous {
            self.altered(position.0, format!("the link back of `{stream}` leads elsewhere"));
        } else if record.chain() != chain {
            self.altered(position.0, format!("the chain of `{stream}` does not fit its previous record"));
        }
    }

    fn commit(&mut self, record: &RawRecord) {
        let position = record.position().0;
        let (index, size) = (record.commit_index(), record.commit_size());
        let follows = match self.commit.take() {
            Some(open) => {
                open.id == record.commit()
                    && open.stream == record.stream()
                    && open.read == index
                    && open.size == size
            }
            None => index == 0 && size > 0,
        };
        if !follows {
            self.missing(
                position,
                format!("expected whole commits, got event {index} of {size} of `{}`", record.commit()),
            );
        } else if index + 1 < size {
            self.commit =
                Some(OpenCommit { id: record.commit(), stream: record.stream(), read: index + 1, size });
        }
    }

    fn finish(mut self, of: u64, head: HeadState, progress: &mut impl FnMut(Progress)) -> VerifyReport {
        if let Some(open) = self.commit.take() {
            self.missing(
                self.next,
                format!("commit `{}` ends after {} of {} events", open.id, open.read, open.size),
            );
        }
        if self.next < of {
            self.missing(self.next, format!("{} events are missing at the end", of - self.next));
        }
        match head {
            HeadState::None => self.report.notes.push("this log has no head file".into()),
            HeadState::Damaged => {
                self.altered(self.next, "the head file is missing, damaged or of another log".into());
            }
            HeadState::Count(count) => {
                self.report.head = Some(count);
                if count > self.next.max(of) {
                    self.missing(
                        self.next,
                        format!("the head file counts {count} events, the log holds {}", self.next),
                    );
                }
            }
        }
        self.report.streams = self.streams.len() as u64;
        progress(Progress { events: self.report.events, of });
        self.report
    }
}

fn with_sources(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", with_sources(source)),
        None => error.to_string(),
    }
}
