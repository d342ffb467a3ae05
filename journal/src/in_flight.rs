//! The group under way, so that its callers hear of a writer that does not come back.

use std::time::{Duration, Instant};

use super::sync::{Mutex, MutexGuard, PoisonError};
use super::writer::Answers;

/// The group that is being made durable, where others can answer for it if the writer cannot.
#[derive(Default)]
pub(crate) struct InFlight {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Counts groups.
    number: u64,
    since: Option<Instant>,
    answers: Option<Answers>,
}

impl InFlight {
    pub(crate) fn begin(&self, answers: Answers) {
        let mut state = self.state();
        state.number += 1;
        state.since = Some(Instant::now());
        state.answers = Some(answers);
    }
    /// Whether somebody else has answered.
    pub(crate) fn is_answered(&self) -> bool {
        self.state().answers.is_none()
    }
    /// The answers, unless somebody else has given them.
    pub(crate) fn end(&self) -> Option<Answers> {
        let mut state = self.state();
        state.since = None;
        state.answers.take()
    }
    /// How long the group under way has taken; `None` where there is none.
    pub(crate) fn age(&self) -> Option<Duration> {
        self.state().since.map(|since| since.elapsed())
    }
    /// Which group is under way.
    pub(crate) fn number(&self) -> Option<u64> {
        let state = self.state();
        state.since.map(|_| state.number)
    }
    /// The answers, for whoever answers in the writer's place.
    pub(crate) fn give_up(&self) -> Option<Answers> {
        self.state().answers.take()
    }
    fn state(&self) -> MutexGuard<'_, State> {
        // Every change of the state is complete before anything in it can panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
