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

#[cfg(test)]
mod tests {
    use domain::ids::{SchemaVersion, TypeId};
    use domain::values::Timestamp;
    use domain::{Actor, Category, Fingerprint, Ulid};

    use super::*;
    use crate::record::{Parts, encode};

    const STREAM: StreamId = StreamId::new(Category(3), Ulid(1));

    /// A record that begins a stream and is a commit of its own, but for what `change` makes of it.
    fn record(change: impl FnOnce(&mut Parts<'_>)) -> RawRecord {
        let mut parts = Parts {
            position: Position(0),
            version: StreamVersion(0),
            stream: STREAM,
            type_id: TypeId(1),
            schema_version: SchemaVersion(1),
            commit_index: 0,
            commit_size: 1,
            actor: Actor::System,
            expectation: 0,
            project: None,
            commit: CommitId::from(Ulid(5)),
            causation: None,
            correlation: None,
            time: Timestamp::from_millis(0),
            occurred_at: None,
            fingerprint: Fingerprint(0),
            previous: None,
            chain: [0; 16],
            payload: b"",
        };
        change(&mut parts);
        let mut bytes = Vec::new();
        encode(&parts, &mut bytes);
        RawRecord::parse(bytes.into()).expect("it was just encoded")
    }

    fn place(index: u16, size: u16) -> RawRecord {
        record(|parts| (parts.commit_index, parts.commit_size) = (index, size))
    }

    #[test]
    fn a_stream_goes_on_from_its_tail() {
        let first = record(|_| {});
        assert_eq!(Tail::check(None, &first), Ok(()));
        let tail = Tail::of(&first);
        let next = |change: fn(&mut Parts<'_>)| {
            let next = record(|parts| {
                (parts.position, parts.version) = (Position(3), StreamVersion(1));
                (parts.previous, parts.chain) = (Some(Position(0)), tail.chain);
                change(parts);
            });
            Tail::check(Some(&tail), &next)
        };
        assert_eq!(next(|_| {}), Ok(()));
        let gap = next(|parts| parts.version = StreamVersion(2)).unwrap_err();
        assert!(gap.is_gap() && matches!(gap, OrderFault::Version { .. }));
        let link = next(|parts| parts.previous = None).unwrap_err();
        assert_eq!((link.is_gap(), link), (false, OrderFault::Link { stream: STREAM }));
        let chain = next(|parts| parts.chain = [1; 16]).unwrap_err();
        assert_eq!((chain.is_gap(), chain), (false, OrderFault::Chain { stream: STREAM }));
    }

    #[test]
    fn the_first_record_of_a_stream_follows_nothing() {
        let late = record(|parts| parts.version = StreamVersion(1));
        assert!(matches!(Tail::check(None, &late), Err(OrderFault::Version { .. })));
        let linked = record(|parts| parts.previous = Some(Position(0)));
        assert_eq!(Tail::check(None, &linked), Err(OrderFault::Link { stream: STREAM }));
        let chained = record(|parts| parts.chain = [1; 16]);
        assert_eq!(Tail::check(None, &chained), Err(OrderFault::Chain { stream: STREAM }));
    }

    #[test]
    fn a_commit_begins_at_0_and_goes_on_to_its_end() {
        let open = OpenCommit::check(None, &place(0, 3)).expect("it begins one");
        let open = OpenCommit::check(open, &place(1, 3)).expect("it is the next");
        assert_eq!(OpenCommit::check(open, &place(2, 3)), Ok(None));
        assert_eq!(OpenCommit::check(None, &place(0, 1)), Ok(None));
        let commit = CommitId::from(Ulid(5));
        let cut = open.expect("one more belongs to it").cut();
        assert_eq!(cut, OrderFault::Commit { commit, index: 2, size: 3 });
        for (index, size) in [(1, 3), (0, 0), (u16::MAX, u16::MAX)] {
            let fault = OrderFault::Commit { commit, index, size };
            assert_eq!(OpenCommit::check(None, &place(index, size)), Err(fault), "{index} of {size}");
        }
        for wrong in [place(1, 3), place(2, 4), place(0, 1)] {
            assert!(OpenCommit::check(open, &wrong).is_err(), "{wrong:?}");
        }
        let other = record(|parts| {
            (parts.commit_index, parts.commit_size, parts.commit) = (2, 3, CommitId::from(Ulid(6)));
        });
        assert!(OpenCommit::check(open, &other).is_err());
        let elsewhere = record(|parts| {
            (parts.commit_index, parts.commit_size, parts.stream) =
                (2, 3, StreamId::new(Category(3), Ulid(2)));
        });
        assert!(OpenCommit::check(open, &elsewhere).is_err());
    }
}
