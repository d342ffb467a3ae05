//! Which events a log that grows gets: mostly short streams, as many runs make them, the same in every process.

use domain::ids::CommitId;
use domain::{Category, StreamId, Ulid};

use crate::bench::words::Words;

/// Of five streams four have this many events, …
const SHORT: u64 = 3;
/// … and one has this many: five on average, so that a fifth as many streams as events are begun.
const LONG: u64 = 13;
/// Streams that are written to at a time.
const ACTIVE: usize = 64;
/// When the first id was made, in milliseconds since 1970.
const BEGIN_MS: u64 = 1_700_000_000_000;

/// The stream of that number.
pub(super) fn stream(number: u64) -> StreamId {
    StreamId::new(Category(9_000), id(number, 1))
}

/// The commit of the event of that number.
pub(super) fn commit(number: u64) -> CommitId {
    id(number, 2).into()
}

/// A commit that no log has, between those that it may have.
pub(super) fn unknown(number: u64) -> CommitId {
    id(number, 3).into()
}

/// Ids in the order of time, a few hundred to a millisecond and otherwise random.
fn id(number: u64, kind: u64) -> Ulid {
    let mut words = Words::new(number.wrapping_mul(4).wrapping_add(kind));
    let random = u128::from(words.number()) << 64 | u128::from(words.number());
    Ulid::from_parts(BEGIN_MS + number / 256, random)
}

/// Deals out events to the streams in turn.
#[derive(Debug)]
pub(super) struct Plan {
    active: Vec<Active>,
    turn: usize,
    /// The number of the next stream to begin.
    pub(super) next: u64,
}

#[derive(Debug)]
struct Active {
    stream: StreamId,
    written: u64,
    left: u64,
}

impl Plan {
    /// Begins with the stream of that number; those before are not written to again.
    pub(super) fn from(next: u64) -> Self {
        let mut plan = Self { active: Vec::new(), turn: 0, next };
        plan.active = (0..ACTIVE).map(|_| plan.begin()).collect();
        plan
    }

    fn begin(&mut self) -> Active {
        let number = self.next;
        self.next += 1;
        let left = if number % 5 == 4 { LONG } else { SHORT };
        Active { stream: stream(number), written: 0, left }
    }

    /// The stream of the next event, and how many it has already.
    pub(super) fn next(&mut self) -> (StreamId, u64) {
        let turn = self.turn;
        self.turn = (turn + 1) % ACTIVE;
        if self.active[turn].left == 0 {
            self.active[turn] = self.begin();
        }
        let active = &mut self.active[turn];
        active.left -= 1;
        active.written += 1;
        (active.stream, active.written - 1)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_fifth_as_many_streams_as_events_and_versions_without_a_gap() {
        let (mut plan, mut versions) = (Plan::from(7), BTreeMap::new());
        for _ in 0..10_000 {
            let (stream, written) = plan.next();
            assert_eq!(versions.insert(stream, written), written.checked_sub(1));
        }
        assert!(versions.len().abs_diff(2_000) < 64, "{}", versions.len());
        assert!((7..plan.next).all(|number| versions.contains_key(&stream(number))));
    }

    #[test]
    fn ids_are_the_same_in_every_process_and_differ_from_each_other() {
        assert_eq!(commit(5), commit(5));
        let mut ids: Vec<_> = (0..5_000).flat_map(|number| [commit(number), unknown(number)]).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 10_000);
    }
}
