//! The primitives that threads of the log meet at. `tests/schedules` compiles the same files over others, which try
//! schedules by the thousand.

pub(crate) use std::sync::atomic::{AtomicU8, Ordering};
pub(crate) use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, TryLockError};
pub(crate) use std::thread;
