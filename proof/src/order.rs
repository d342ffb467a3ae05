//! What one record says about the one before it: links within a stream, places within a commit.

use domain::StreamId;
use domain::ids::{CommitId, Position, StreamVersion};

use crate::record::{Chain, RawRecord, chain};

/// What is wrong between two records.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OrderFault {
    /// Events of the stream are missing before this one, or it is there twice.
    #[error("expected version {expected} of `{stream}`, got {actual}")]
    Version {
        /// The stream.
        stream: StreamId,
        /// The next version.
        expected: StreamVersion,
        /// The record's.
        actual: StreamVersion,
    },
    /// The record names another position as that of the stream's previous event.
    #[error("the link back of `{stream}` leads elsewhere")]
    Link {
        /// The stream.
        stream: StreamId,
    },
    /// The record was made after another previous record than this one.
    #[error("the chain of `{stream}` does not fit its previous record")]
    Chain {
        /// The stream.
        stream: StreamId,
    },
    /// Events of a commit are missing, or others stand between them.
    #[error("expected whole commits, got event {index} of {size} of `{commit}`")]
    Commit {
        /// The commit.
        commit: CommitId,
        /// The event's place in it, from 0.
        index: u16,
        /// Events of the commit.
        size: u16,
    },
}

impl OrderFault {
    /// Whether something is missing; else something was altered.
    #[must_use]
    pub fn is_gap(&self) -> bool {
        matches!(self, Self::Version { .. } | Self::Commit { .. })
    }
}

/// What a stream's next record must fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tail {
    /// Version of the last record.
    pub version: StreamVersion,
    /// Its position.
    pub position: Position,
    /// The link that the next one carries.
    pub chain: Chain,
}

impl Tail {
    /// The tail after `record`.
    #[must_use]
    pub fn of(record: &RawRecord) -> Self {
        Self { version: record.version(), position: record.position(), chain: chain(record.bytes()) }
    }
    /// Checks that `record` follows the stream's tail, or is its first where there is none.
    ///
    /// # Errors
    /// The first fault; versions count before links, and links before the chain.
    pub fn check(tail: Option<&Self>, record: &RawRecord) -> Result<(), OrderFault> {
        let stream = record.stream();
        let expected = StreamVersion(tail.map_or(0, |tail| tail.version.0.wrapping_add(1)));
        let (previous, link) = tail.map_or((None, [0; 16]), |tail| (Some(tail.position), tail.chain));
        if record.version() != expected {
            Err(OrderFault::Version { stream, expected, actual: record.version() })
        } else if record.previous() != previous {
            Err(OrderFault::Link { stream })
        } else if record.chain() == link {
            Ok(())
        } else {
            Err(OrderFault::Chain { stream })
        }
    }
}

/// A commit of which more events must follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenCommit {
    id: CommitId,
    stream: StreamId,
    read: u16,
    size: u16,
}

impl OpenCommit {
    /// Checks that `record` is the next of `open`, or begins a commit where none is open; gives what is open after.
    ///
    /// # Errors
    /// Where it is neither; nothing is open then.
    pub fn check(open: Option<Self>, record: &RawRecord) -> Result<Option<Self>, OrderFault> {
        let (commit, index, size) = (record.commit(), record.commit_index(), record.commit_size());
        let follows = match open {
            Some(open) => {
                (open.id, open.stream, open.read, open.size) == (commit, record.stream(), index, size)
            }
            None => index == 0 && size > 0,
        };
        if !follows {
            return Err(OrderFault::Commit { commit, index, size });
        }
        let more = index + 1 < size;
        Ok(more.then(|| Self { id: commit, stream: record.stream(), read: index + 1, size }))
    }
    /// What is wrong where nothing follows.
    #[must_use]
    pub fn cut(self) -> OrderFault {
        OrderFault::Commit { commit: self.id, index: self.read, size: self.size }
    }
}
