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
    /// Whoever waits may look again at once: the guard is given back for a moment, and then kept as it was.
    #[expect(
        clippy::unused_self,
        reason = "the condition may come at any time, and so nothing is asked of it"
    )]
    pub(crate) fn wait_timeout<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        _: Duration,
    ) -> Option<MutexGuard<'a, T>> {
        drop(guard);
        thread::yield_now();
        None
    }
    pub(crate) fn notify_one(&self) {
        self.0.notify_one();
    }
    pub(crate) fn notify_all(&self) {
        self.0.notify_all();
    }
}
