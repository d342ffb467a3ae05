//! What `crate::sync` names, over shuttle's scheduler.

use std::ops::{Deref, DerefMut};
use std::sync::{LockResult, TryLockResult};
use std::time::Duration;

pub(crate) use shuttle::sync::Arc;
use shuttle::sync::atomic::AtomicBool;
pub(crate) use shuttle::sync::atomic::{AtomicU8, Ordering};
pub(crate) use shuttle::thread;
/// It never waits here; what is around it decides who runs.
pub(crate) use std::sync::OnceLock;
pub(crate) use std::sync::{PoisonError, TryLockError};

/// A lock whose release is a point at which others may run first, too: whoever only tries to take it sees the
/// difference.
#[derive(Debug, Default)]
pub(crate) struct Mutex<T> {
    lock: shuttle::sync::Mutex<T>,
    release: AtomicBool,
}

/// Held until it is dropped.
pub(crate) struct MutexGuard<'a, T> {
    /// `None` while a condition is waited for.
    guard: Option<shuttle::sync::MutexGuard<'a, T>>,
    release: &'a AtomicBool,
}

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Self { lock: shuttle::sync::Mutex::new(value), release: AtomicBool::new(false) }
    }
    pub(crate) fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        let held = |guard| MutexGuard { guard: Some(guard), release: &self.release };
        match self.lock.lock() {
            Ok(guard) => Ok(held(guard)),
            Err(poisoned) => Err(PoisonError::new(held(poisoned.into_inner()))),
        }
    }
    pub(crate) fn try_lock(&self) -> TryLockResult<MutexGuard<'_, T>> {
        let held = |guard| MutexGuard { guard: Some(guard), release: &self.release };
        match self.lock.try_lock() {
            Ok(guard) => Ok(held(guard)),
            Err(TryLockError::WouldBlock) => Err(TryLockError::WouldBlock),
            Err(TryLockError::Poisoned(poisoned)) => {
                Err(TryLockError::Poisoned(PoisonError::new(held(poisoned.into_inner()))))
            }
        }
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        self.guard.as_ref().expect("it is held")
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.guard.as_mut().expect("it is held")
    }
}

impl<T> Drop for MutexGuard<'_, T> {
    fn drop(&mut self) {
        if self.guard.is_some() && !std::thread::panicking() {
            // Every access of an atomic is a point of the schedule.
            self.release.load(Ordering::SeqCst);
        }
    }
}

/// A condition that is waited for under a lock.
#[derive(Debug, Default)]
pub(crate) struct Condvar(shuttle::sync::Condvar);

impl Condvar {
    pub(crate) fn new() -> Self {
        Self::default()
    }
    pub(crate) fn wait<'a, T>(&self, mut held: MutexGuard<'a, T>) -> LockResult<MutexGuard<'a, T>> {
        let (guard, release) = (held.guard.take().expect("it is held"), held.release);
        drop(held);
        let held = |guard| MutexGuard { guard: Some(guard), release };
        match self.0.wait(guard) {
            Ok(guard) => Ok(held(guard)),
            Err(poisoned) => Err(PoisonError::new(held(poisoned.into_inner()))),
        }
    }
    pub(crate) fn notify_one(&self) {
        self.0.notify_one();
    }
    pub(crate) fn notify_all(&self) {
        self.0.notify_all();
    }
}

/// It only looks before it sleeps, and sees nothing here.
pub(crate) struct Lull;

impl Lull {
    pub(crate) fn new() -> Self {
        Self
    }
    #[expect(clippy::unused_self, reason = "it is called as the real one")]
    pub(crate) fn pass<T>(&mut self, _: impl Fn() -> bool, sleep: impl FnOnce() -> T) -> T {
        sleep()
    }
}

/// As the system's: a count that is compared and waited upon in one. A wait with a limit may end at any time, as time may
/// pass at any time.
#[derive(Debug, Default)]
pub(crate) struct Bell {
    rung: Mutex<u32>,
    rings: Condvar,
}

impl Bell {
    pub(crate) fn ring(&self) {
        *self.rung() += 1;
        self.rings.notify_all();
    }
    pub(crate) fn wait_unless<T>(
        &self,
        over: impl FnOnce() -> Option<T>,
        most: Option<Duration>,
    ) -> Option<T> {
        let rung = *self.rung();
        let given = over();
        if given.is_none() && most.is_some() {
            thread::yield_now();
        } else if given.is_none() {
            let mut now = self.rung();
            while *now == rung {
                now = self.rings.wait(now).unwrap_or_else(PoisonError::into_inner);
            }
        }
        given
    }
    fn rung(&self) -> MutexGuard<'_, u32> {
        self.rung.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
