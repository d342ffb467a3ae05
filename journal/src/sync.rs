//! The primitives that threads of the log meet at. `tests/schedules` compiles the same files over others, which try
//! schedules by the thousand.

use std::time::Duration;

use rustix::thread::futex;

use std::sync::atomic::AtomicU32;
pub(crate) use std::sync::atomic::{AtomicU8, Ordering};
pub(crate) use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, TryLockError};
pub(crate) use std::thread;

/// Wakes all threads that wait for a group at once: one by one would cost as much as the group itself. None of them
/// takes a lock as it wakes, as with a condition variable, where all would stand before the lock again.
#[derive(Debug, Default)]
pub(crate) struct Bell(AtomicU32);

impl Bell {
    /// Whoever waits goes on; what is set before is seen by then.
    pub(crate) fn ring(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
        // It fails only for an address that is none.
        let _ = futex::wake(&self.0, futex::Flags::PRIVATE, u32::MAX >> 1);
    }

    /// Waits until it rings, at most for `most`, unless `over` gives something. It may return for nothing.
    pub(crate) fn wait_unless<T>(
        &self,
        over: impl FnOnce() -> Option<T>,
        most: Option<Duration>,
    ) -> Option<T> {
        // Taken before looking, so that a ring in between is not slept over.
        let rung = self.0.load(Ordering::SeqCst);
        let given = over();
        if given.is_none() {
            let most = most.and_then(|most| futex::Timespec::try_from(most).ok());
            // Rung meanwhile, interrupted, or late: the caller looks again.
            let _ = futex::wait(&self.0, futex::Flags::PRIVATE, rung, most.as_ref());
        }
        given
    }
}

/// For whatever works behind the commits, after each piece of it: whoever waits for this core goes first. Else the system
/// may leave it here for several milliseconds, and one who waits for it may hold a lock that all others wait for.
pub(crate) fn make_way() {
    thread::yield_now();
}
