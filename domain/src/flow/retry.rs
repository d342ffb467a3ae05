//! How often a step is tried again after a failure of the machinery, and how long is waited before.

use crate::terms::StepFailure;

/// What is done about one kind of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// The kind of failure.
    pub failure: StepFailure,
    /// How often a step is tried again after it.
    pub retries: u32,
    /// How long is waited before the first of these, in milliseconds; each further wait is twice as long.
    pub wait_ms: u64,
}

const fn row(failure: StepFailure, retries: u32, wait_ms: u64) -> Retry {
    Retry { failure, retries, wait_ms }
}

/// Every kind of failure, in the stored order of [`StepFailure`].
pub const RETRIES: [Retry; StepFailure::ALL.len()] = [
    row(StepFailure::Crashed, 2, 5_000),
    row(StepFailure::VerdictMissing, 2, 0),
    row(StepFailure::VerdictUnparseable, 2, 0),
    row(StepFailure::RateLimited, 5, 60_000),
    row(StepFailure::Provider, 3, 10_000),
    // Somebody wanted it to stop.
    row(StepFailure::Aborted, 0, 0),
    row(StepFailure::Timeout, 1, 0),
    row(StepFailure::Other, 1, 5_000),
];

/// Most attempts at one step of one iteration, whatever the failures.
pub const STEP_ATTEMPTS_MAX: u32 = 8;
/// Longest wait before an attempt.
const WAIT_MAX_MS: u64 = 15 * 60_000;

/// Whether a step is tried again after the `count`th failure of that kind.
pub(super) const fn is_allowed(failure: StepFailure, count: u32) -> bool {
    count <= RETRIES[failure as usize].retries
}

/// How long is waited after the `count`th failure of that kind.
pub(super) fn wait_ms(failure: StepFailure, count: u32) -> u64 {
    let doubled = 1_u64.checked_shl(count.saturating_sub(1)).unwrap_or(u64::MAX);
    RETRIES[failure as usize].wait_ms.saturating_mul(doubled).min(WAIT_MAX_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_every_kind_at_its_place() {
        for failure in StepFailure::ALL {
            assert_eq!(RETRIES[*failure as usize].failure, *failure);
        }
    }

    #[test]
    fn waits_double_up_to_a_quarter_of_an_hour() {
        let waits: Vec<_> = (1..=6).map(|count| wait_ms(StepFailure::RateLimited, count)).collect();
        assert_eq!(waits, [60_000, 120_000, 240_000, 480_000, 900_000, 900_000]);
        assert_eq!(wait_ms(StepFailure::VerdictMissing, u32::MAX), 0);
        assert_eq!(wait_ms(StepFailure::Crashed, u32::MAX), WAIT_MAX_MS);
    }

    #[test]
    fn what_somebody_aborted_is_not_tried_again() {
        assert!(!is_allowed(StepFailure::Aborted, 1));
        assert!(is_allowed(StepFailure::RateLimited, 5) && !is_allowed(StepFailure::RateLimited, 6));
    }
}
