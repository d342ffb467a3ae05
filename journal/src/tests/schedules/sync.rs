//! What `crate::sync` names, over shuttle's scheduler.

use std::time::Duration;

pub(crate) use shuttle::sync::atomic::{AtomicU8, Ordering};
pub(crate) use shuttle::sync::{Arc, Mutex, MutexGuard};
pub(crate) use shuttle::thread;
use std::sync::LockResult;
/// It never waits here; what is around it decides who runs.
pub(crate) use std::sync::OnceLock;
pub(crate) use std::sync::{PoisonError, TryLockError};

/// A condition whose waits with a limit may end at any time, as time may pass at any time.
#[derive(Debug, Default)]
pub(crate) struct Condvar(shuttle::sync::Condvar);

impl Condvar {
    pub(crate) fn new() -> Self {
        Self::default()
    }
    pub(crate) fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> LockResult<MutexGuard<'a, T>> {
        self.0.wait(guard)
    }
    /// Looks again at once: nobody needs the guard back.
    pub(crate) fn wait_timeout<T>(&self, guard: MutexGuard<'_, T>, _: Duration) -> TimedOut {
        drop(guard);
        thread::yield_now();
        TimedOut
    }
    pub(crate) fn notify_one(&self) {
        self.0.notify_one();
    }
    pub(crate) fn notify_all(&self) {
        self.0.notify_all();
    }
}

/// What a wait with a limit comes to.
pub(crate) struct TimedOut;
