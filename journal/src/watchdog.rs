//! Watches over the writer: a store that fails behind its back or never comes back leaves nobody waiting.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::shared::Shared;
use crate::writer::Answers;

/// How often it looks.
const TICK: Duration = Duration::from_millis(250);
/// Ticks that the writer gets to answer for itself once the log has failed.
const GRACE_TICKS: u32 = 4;
/// Ticks between two looks at the ballast.
const SETTLE_TICKS: u64 = 20;

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
    fn number(&self) -> Option<u64> {
        let state = self.state();
        state.since.map(|_| state.number)
    }
    pub(crate) fn give_up(&self) -> Option<Answers> {
        self.state().answers.take()
    }
    fn state(&self) -> MutexGuard<'_, State> {
        // Every change of the state is complete before anything in it can panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends the watchdog's thread.
#[derive(Default)]
pub(crate) struct Leash {
    ended: Mutex<bool>,
    wake: Condvar,
}

impl Leash {
    pub(crate) fn end(&self) {
        *self.ended.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.wake.notify_all();
    }
    /// Waits for the next look; `false` at the end.
    fn wait(&self) -> bool {
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.wake.wait_timeout_while(ended, TICK, |ended| !*ended);
        !*waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

/// Starts the thread.
pub(crate) fn spawn(shared: &Arc<Shared>) -> JoinHandle<()> {
    let shared = Arc::clone(shared);
    let run = move || {
        let mut dog = Watchdog { seen: None, ticks: 0, failed_ticks: 0, settled: 0 };
        while shared.leash.wait() {
            dog.look(&shared);
        }
    };
    let name = "journal-watchdog".to_owned();
    std::thread::Builder::new().name(name).spawn(run).expect("the system has a thread left")
}

struct Watchdog {
    /// The group that was under way at the last look, and for how many looks it has been.
    seen: Option<u64>,
    ticks: u32,
    failed_ticks: u32,
    settled: u64,
}

impl Watchdog {
    fn look(&mut self, shared: &Shared) {
        if shared.poisoned().is_none() {
            let stalled = self.stalled(shared);
            let failure = shared.store.health().err().map(|error| error.to_string()).or(stalled);
            if let Some(reason) = failure {
                shared.poison(&reason);
            } else if let Some(space) = shared.store.space() {
                self.settled += 1;
                if self.settled.is_multiple_of(SETTLE_TICKS) {
                    space.settle();
                }
            }
        }
        if let Some(reason) = shared.poisoned() {
            self.failed_ticks += 1;
            if self.failed_ticks >= GRACE_TICKS {
                // It may hang inside the store for ever: whoever waits for it hears of the failure from here.
                shared.answer_for_the_writer(&reason);
            }
        }
    }

    /// Counted in looks and not in time: a machine that slept has not let the writer run either.
    fn stalled(&mut self, shared: &Shared) -> Option<String> {
        let number = shared.in_flight.number();
        self.ticks = if number.is_some() && number == self.seen { self.ticks + 1 } else { 0 };
        self.seen = number;
        let limit = shared.options.stall_max;
        let reason = || format!("writing should take at most {} s, and has not come back", limit.as_secs());
        (TICK * self.ticks > limit).then(reason)
    }
}
