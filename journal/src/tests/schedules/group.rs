//! The group in the making, as far as the protocol goes: what waits is taken in, in order, and gets positions.

use bytes::Bytes;
use domain::ids::{Position, StreamVersion};

use super::queue::Request;
use super::shared::Shared;
use super::writer::{Answers, Stored};
use crate::Receipt;
use crate::index::Entries;
use crate::options::Fence;
use crate::store::StoredBlock;
use crate::tests::kit::block_of;

/// As [`crate::group::Draft`], without records, indexes and rules.
pub(crate) struct Draft {
    next: u64,
    first: u64,
    taken: (usize, usize),
    answers: Answers,
}

impl Draft {
    pub(crate) fn new(end: u64, _: Option<Fence>) -> Self {
        Self { next: end, first: end, taken: (0, 0), answers: Answers::default() }
    }

    pub(crate) fn absorb(&mut self, shared: &Shared) {
        let requests = shared.queue.drain(self.taken);
        if requests.is_empty() {
            return;
        }
        if let Some(reason) = shared.poisoned() {
            let mut refused = Answers { bell: self.answers.bell, ..Answers::default() };
            for (request, _) in requests {
                refused.refuse(request);
            }
            return refused.fail(&reason, &shared.stage.bells);
        }
        for (request, bytes) in requests {
            self.taken = (self.taken.0 + 1, self.taken.1 + bytes);
            match request {
                Request::Commit(commit, answer) => {
                    answer.taken(self.answers.bell);
                    let receipt = Receipt {
                        commit: commit.commit,
                        stream: commit.stream,
                        version: StreamVersion(0),
                        position: Position(self.next),
                        duplicate: false,
                    };
                    self.next += 1;
                    self.answers.commits.push((answer, Ok(receipt)));
                }
                Request::Barrier(answer) => self.answers.barriers.push(answer),
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.taken == (0, 0)
    }

    pub(crate) fn take(&mut self) -> Option<(Stored, Answers)> {
        if self.is_empty() {
            return None;
        }
        self.taken = (0, 0);
        let (first, count) = (self.first, self.next - self.first);
        self.first = self.next;
        // All that the store wants to know of a block is how many events it has.
        let bytes = Bytes::from(vec![u8::try_from(count).expect("a group is small here")]);
        let stored = StoredBlock { first, bytes };
        let blocks = if count == 0 { Vec::new() } else { vec![(block_of(first, count), stored)] };
        let next = Answers { bell: 1 - self.answers.bell, ..Answers::default() };
        let stored = Stored { blocks, index: Entries::default(), next: self.next };
        Some((stored, std::mem::replace(&mut self.answers, next)))
    }
}
