//! What the records say about each other: positions, versions, chains, commits.

use std::collections::HashMap;

use domain::StreamId;
use domain::ids::{CommitId, Position, StreamVersion};

use super::VerifyReport;
use crate::block::Block;
use crate::record::{self, Chain, RawRecord};

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

/// What was seen so far.
#[derive(Default)]
pub(super) struct Records {
    /// The position that must come next.
    next: u64,
    streams: HashMap<StreamId, Tail>,
    commit: Option<OpenCommit>,
}

impl Records {
    pub(super) fn block(&mut self, block: &Block, report: &mut VerifyReport) {
        let first = block.first().0;
        if first != self.next {
            let what = if first > self.next {
                format!("{} events are missing before position {first}", first - self.next)
            } else {
                format!("expected a block from position {}, got one from {first}", self.next)
            };
            report.missing(self.next, what);
            self.commit = None;
        }
        for record in block.records() {
            self.record(&record, report);
        }
        self.next = block.end();
    }

    fn record(&mut self, record: &RawRecord, report: &mut VerifyReport) {
        let position = record.position().0;
        report.events += 1;
        report.bytes += record.bytes().len() as u64;
        if let Err(error) = record.check() {
            report.altered(position, error.to_string());
        }
        self.stream(record, report);
        self.commit(record, report);
    }

    fn stream(&mut self, record: &RawRecord, report: &mut VerifyReport) {
        let (stream, position) = (record.stream(), record.position());
        let chain = record::chain(record.bytes());
        let tail = self.streams.insert(stream, Tail { version: record.version(), position, chain });
        let (version, previous, chain) = match &tail {
            Some(tail) => (tail.version.0 + 1, Some(tail.position), tail.chain),
            None => (0, None, [0; 16]),
        };
        if record.version().0 != version {
            report.missing(
                position.0,
                format!("expected version {version} of `{stream}`, got {}", record.version()),
            );
        } else if record.previous() != previous {
            report.altered(position.0, format!("the link back of `{stream}` leads elsewhere"));
        } else if record.chain() != chain {
            report.altered(position.0, format!("the chain of `{stream}` does not fit its previous record"));
        }
    }

    fn commit(&mut self, record: &RawRecord, report: &mut VerifyReport) {
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
            report.missing(
                position,
                format!("expected whole commits, got event {index} of {size} of `{}`", record.commit()),
            );
        } else if index + 1 < size {
            self.commit =
                Some(OpenCommit { id: record.commit(), stream: record.stream(), read: index + 1, size });
        }
    }

    /// Notes what the end lacks; `of` events should be there.
    pub(super) fn finish(mut self, of: u64, report: &mut VerifyReport) {
        if let Some(open) = self.commit.take() {
            report.missing(
                self.next,
                format!("commit `{}` ends after {} of {} events", open.id, open.read, open.size),
            );
        }
        let of = of.max(report.checkpoint.as_ref().map_or(0, |signed| signed.size));
        if self.next < of {
            report.missing(self.next, format!("{} events are missing at the end", of - self.next));
        }
        report.streams = self.streams.len() as u64;
    }
}
