//! The bounded queue before the writer.

use std::collections::VecDeque;

use domain::ids::Position;
use tokio::sync::Notify;

use super::answer::Answer;
use super::sync::{Condvar, Lull, Mutex, MutexGuard, PoisonError};
use crate::commit::{NewCommit, Receipt};
use crate::error::AppendError;
use crate::options::Options;

pub(crate) enum Request {
    Commit(Box<NewCommit>, Answer<Receipt>),
    Barrier(Answer<Option<Position>>),
}

/// Any number of producers, one writer. Bounded by commits and by bytes.
pub(crate) struct Queue {
    state: Mutex<State>,
    filled: Condvar,
    drained: Condvar,
    drained_async: Notify,
    max_commits: usize,
    max_bytes: usize,
    group_commits: usize,
    group_bytes: usize,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<(Request, usize)>,
    bytes: usize,
    closed: bool,
    writer_sleeps: bool,
    /// The writer is asked to look although nothing waits here.
    poked: bool,
    /// Whether what was handed out last was a single commit.
    came_alone: bool,
    blocked: usize,
}

impl Queue {
    pub(crate) fn new(options: &Options) -> Self {
        Self {
            state: Mutex::default(),
            filled: Condvar::new(),
            drained: Condvar::new(),
            drained_async: Notify::new(),
            max_commits: options.queue_commits.max(2),
            max_bytes: options.queue_bytes.max(2 * crate::MAX_COMMIT_BYTES),
            group_commits: options.group_commits.max(1),
            group_bytes: options.group_bytes,
        }
    }

    /// Wakes the writer unless the caller is going to write itself.
    pub(crate) fn push_commit(
        &self,
        commit: NewCommit,
        answer: Answer<Receipt>,
        wake: bool,
    ) -> Result<(), AppendError> {
        let bytes = commit.stored_len();
        self.push(Request::Commit(Box::new(commit), answer), bytes, wake)
    }
    pub(crate) fn push_barrier(&self, answer: Answer<Option<Position>>) -> Result<(), AppendError> {
        self.push(Request::Barrier(answer), 0, true)
    }

    fn push(&self, request: Request, bytes: usize, wake: bool) -> Result<(), AppendError> {
        let mut state = self.lock();
        if state.closed {
            return Err(AppendError::Closed);
        }
        if state.bytes + bytes > self.max_bytes || state.waiting.len() >= self.max_commits {
            drop(state);
            return Err(self.overloaded());
        }
        state.bytes += bytes;
        state.waiting.push_back((request, bytes));
        let wake = wake && std::mem::take(&mut state.writer_sleeps);
        drop(state);
        if wake {
            self.filled.notify_one();
        }
        Ok(())
    }

    /// Waits until there is something to write; `false` once closed and empty.
    pub(crate) fn wait(&self, lull: &mut Lull) -> bool {
        if !self.lock().came_alone {
            // Many are at work, and need the cores: they wake the writer for all of them.
            return self.sleep();
        }
        let is_over = || {
            let state = self.lock();
            !state.waiting.is_empty() || state.poked || state.closed
        };
        lull.pass(is_over, || self.sleep())
    }

    fn sleep(&self) -> bool {
        let mut state = self.lock();
        while state.waiting.is_empty() && !state.poked {
            if state.closed {
                return false;
            }
            state.writer_sleeps = true;
            state = self.filled.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.poked = false;
        true
    }

    /// Makes the writer look, whatever waits here.
    pub(crate) fn poke(&self) {
        let mut state = self.lock();
        state.poked = true;
        let wake = std::mem::take(&mut state.writer_sleeps);
        drop(state);
        if wake {
            self.filled.notify_one();
        }
    }

    /// What waits, in order of submission, within the bounds of a group that has so many commits and bytes.
    pub(crate) fn drain(&self, (commits, bytes): (usize, usize)) -> Vec<(Request, usize)> {
        let mut state = self.lock();
        if state.waiting.is_empty() {
            return Vec::new();
        }
        let mut drained = Vec::with_capacity(state.waiting.len().min(self.group_commits));
        let mut total = 0;
        while let Some((_, next)) = state.waiting.front() {
            let (before, sum) = (commits + drained.len(), bytes + total + next);
            if before >= self.group_commits || (sum > self.group_bytes && before > 0) {
                break;
            }
            total += next;
            drained.extend(state.waiting.pop_front());
        }
        state.bytes -= total;
        state.came_alone = commits + drained.len() == 1;
        if self.has_room(&state) {
            if state.blocked > 0 {
                self.drained.notify_all();
            }
            drop(state);
            self.drained_async.notify_waiters();
        }
        drained
    }

    /// What is said to those who find no room.
    pub(crate) fn overloaded(&self) -> AppendError {
        AppendError::Overloaded { limit: self.max_bytes, queued: self.lock().bytes }
    }

    /// Whether more than half of it is taken.
    pub(crate) fn is_crowded(&self) -> bool {
        !self.has_room(&self.lock())
    }

    fn has_room(&self, state: &State) -> bool {
        state.bytes <= self.max_bytes / 2 && state.waiting.len() <= self.max_commits / 2
    }

    pub(crate) async fn ready(&self) {
        // Nearly always; waiting its turn to be told costs more than the look.
        if self.is_ready() {
            return;
        }
        loop {
            let notified = self.drained_async.notified();
            tokio::pin!(notified);
            // Registered before looking, so that a drain in between is not missed.
            notified.as_mut().enable();
            if self.is_ready() {
                return;
            }
            notified.await;
        }
    }

    fn is_ready(&self) -> bool {
        let state = self.lock();
        state.closed || self.has_room(&state)
    }

    pub(crate) fn wait_ready(&self) {
        let mut state = self.lock();
        state.blocked += 1;
        while !state.closed && !self.has_room(&state) {
            state = self.drained.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.blocked -= 1;
    }

    /// Takes nothing more; what waits is still handed out.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.filled.notify_all();
        self.drained.notify_all();
        self.drained_async.notify_waiters();
    }

    /// Commits and bytes waiting.
    pub(crate) fn waiting(&self) -> (usize, usize) {
        let state = self.lock();
        (state.waiting.len(), state.bytes)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Every change of the state is complete before anything in it can panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
