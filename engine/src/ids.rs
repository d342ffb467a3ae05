//! New ids: the one place where randomness and the clock make them.

use std::time::{SystemTime, UNIX_EPOCH};

use domain::Ulid;

/// A new ULID: the time in milliseconds, and 80 random bits.
///
/// # Panics
/// Where the system has no randomness: nothing may then be signed or named.
#[must_use]
pub fn new_ulid() -> Ulid {
    let mut random = [0; 16];
    getrandom::fill(&mut random[..10]).expect("the system gives randomness");
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let millis = u64::try_from(since.as_millis()).unwrap_or(u64::MAX);
    Ulid::from_parts(millis, u128::from_le_bytes(random))
}
