//! The primitives that threads of the log meet at. `tests/schedules` compiles the same files over others, which try
//! schedules by the thousand.

use std::time::{Duration, Instant};

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

/// A thread that has nothing to do looks for more again and again for so long before it sleeps: to be woken takes some
/// tens of microseconds, mostly where the core sleeps too. Longer than it takes one client to send its next commit.
const LOOKS: Duration = Duration::from_micros(150);

/// How long a thread had nothing to do the last time. Only where that was short does it look for more without sleeping,
/// so that it costs no core where commits come one by one, and at most one such wait when they end.
pub(crate) struct Lull {
    last: Duration,
    alone: bool,
}

impl Lull {
    pub(crate) fn new() -> Self {
        // On a single core it would keep from working whom it waits for.
        let alone = thread::available_parallelism().map_or(1, usize::from) < 2;
        Self { last: Duration::MAX, alone }
    }

    /// Looks whether it is over, as long as that is likely to be soon, and then sleeps through the rest of it.
    pub(crate) fn pass<T>(&mut self, is_over: impl Fn() -> bool, sleep: impl FnOnce() -> T) -> T {
        let began = Instant::now();
        if self.last < LOOKS && !self.alone {
            while !is_over() && began.elapsed() < LOOKS {
                make_way();
            }
        }
        let woken = sleep();
        self.last = began.elapsed();
        woken
    }
}

/// For whatever works behind the commits, after each piece of it: whoever waits for this core goes first. Else the system
/// may leave it here for several milliseconds, and one who waits for it may hold a lock that all others wait for.
pub(crate) fn make_way() {
    thread::yield_now();
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// How often it is looked for.
    fn looks(lull: &mut Lull, over: bool, sleep: Duration) -> u32 {
        let looks = Cell::new(0);
        let is_over = || {
            looks.set(looks.get() + 1);
            over
        };
        assert_eq!(lull.pass(is_over, || (thread::sleep(sleep), 7).1), 7);
        looks.get()
    }

    #[test]
    fn a_lull_is_looked_through_after_a_short_one_and_slept_through_otherwise() {
        let mut lull = Lull { last: Duration::MAX, alone: false };
        assert_eq!(looks(&mut lull, true, Duration::ZERO), 0, "nothing is known of it yet");
        lull.last = Duration::ZERO;
        assert_eq!(looks(&mut lull, true, LOOKS), 1, "the one before was short");
        assert_eq!(looks(&mut lull, true, Duration::ZERO), 0, "the one before was slept through");
        lull.last = Duration::ZERO;
        assert!(looks(&mut lull, false, Duration::ZERO) > 0, "it ends by itself");
        assert_eq!(looks(&mut lull, true, Duration::ZERO), 0, "the one before was looked through in vain");
        let mut lull = Lull { last: Duration::ZERO, alone: true };
        assert_eq!(looks(&mut lull, true, Duration::ZERO), 0, "there is one core");
    }
}
