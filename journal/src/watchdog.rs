//! Watches over the writer: a store that fails behind its back or never comes back leaves nobody waiting.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::shared::Shared;

/// How often it looks.
const TICK: Duration = Duration::from_millis(250);
/// Ticks that the writer gets to answer for itself once the log has failed.
const GRACE_TICKS: u32 = 4;
/// Ticks between two looks at the ballast.
const SETTLE_TICKS: u64 = 20;

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
