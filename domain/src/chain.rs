//! What a chain does when a run of it ends: one pure decision for work chains and sprint chains.

use crate::Rejection;
use crate::terms::{Advance, FailurePolicy, RunOutcome};

/// What comes after a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// The same link again.
    Retry,
    /// The next link.
    Advance,
    /// The next link, once somebody approves.
    Await,
    /// The chain is at its end.
    Complete,
    /// Nothing, until somebody resumes.
    Pause,
    /// Nothing any more.
    Stop,
}

/// Where a chain stands when a run ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Whether the link is the chain's last.
    pub last: bool,
    /// Which try of the link this was, from 1.
    pub attempt: u32,
    /// Most tries of a link.
    pub attempts_max: u32,
    /// What a failure leads to.
    pub policy: FailurePolicy,
    /// How the chain goes on from one link to the next.
    pub advance: Advance,
}

/// Most tries of one link.
pub const ATTEMPTS_MAX: u32 = 10;

/// What comes after a run that ended so. A run that somebody cancelled is never tried again, nor passed over:
/// the chain waits for whoever cancelled it.
#[must_use]
pub const fn next(outcome: RunOutcome, at: Standing) -> Next {
    match (outcome, at.policy) {
        (RunOutcome::Completed, _) | (RunOutcome::Failed, FailurePolicy::Continue) => on(at),
        (RunOutcome::Failed, FailurePolicy::Retry) if at.attempt < at.attempts_max => Next::Retry,
        (RunOutcome::Failed, FailurePolicy::Stop) => Next::Stop,
        (RunOutcome::Failed, FailurePolicy::Retry | FailurePolicy::Pause) | (RunOutcome::Cancelled, _) => {
            Next::Pause
        }
    }
}

const fn on(at: Standing) -> Next {
    match (at.last, at.advance) {
        (true, _) => Next::Complete,
        (false, Advance::Automatic) => Next::Advance,
        (false, Advance::Manual) => Next::Await,
    }
}

/// Tries of a link as a command names them: 1 where absent, more only where a failure is tried again.
pub(crate) fn attempts(policy: FailurePolicy, attempts_max: Option<u32>) -> Result<u32, Rejection> {
    let attempts_max = attempts_max.unwrap_or(if policy == FailurePolicy::Retry { 2 } else { 1 });
    crate::check::range("attempts_max", attempts_max, &(1..=ATTEMPTS_MAX), "tries")?;
    match (policy, attempts_max) {
        (FailurePolicy::Retry, 1) => {
            Err(Rejection::invalid("attempts_max", "2 to 10 tries where failures are tried again", 1))
        }
        (FailurePolicy::Retry, _) | (_, 1) => Ok(attempts_max),
        _ => Err(Rejection::invalid("attempts_max", "1 where failures are not tried again", attempts_max)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every outcome, policy and place; the columns are a middle link and the last one.
    #[test]
    fn every_outcome_in_every_standing_has_one_answer() {
        use FailurePolicy::{Continue, Pause, Retry, Stop};
        use RunOutcome::{Cancelled, Completed, Failed};
        // Outcome, policy, whether a try is left: automatic middle, manual middle, last.
        let table = [
            (Completed, Pause, false, Next::Advance, Next::Await, Next::Complete),
            (Completed, Continue, false, Next::Advance, Next::Await, Next::Complete),
            (Completed, Retry, false, Next::Advance, Next::Await, Next::Complete),
            (Completed, Retry, true, Next::Advance, Next::Await, Next::Complete),
            (Completed, Stop, false, Next::Advance, Next::Await, Next::Complete),
            (Failed, Pause, false, Next::Pause, Next::Pause, Next::Pause),
            (Failed, Continue, false, Next::Advance, Next::Await, Next::Complete),
            (Failed, Retry, true, Next::Retry, Next::Retry, Next::Retry),
            (Failed, Retry, false, Next::Pause, Next::Pause, Next::Pause),
            (Failed, Stop, false, Next::Stop, Next::Stop, Next::Stop),
            (Cancelled, Pause, false, Next::Pause, Next::Pause, Next::Pause),
            (Cancelled, Continue, false, Next::Pause, Next::Pause, Next::Pause),
            (Cancelled, Retry, true, Next::Pause, Next::Pause, Next::Pause),
            (Cancelled, Retry, false, Next::Pause, Next::Pause, Next::Pause),
            (Cancelled, Stop, false, Next::Pause, Next::Pause, Next::Pause),
        ];
        for outcome in RunOutcome::ALL {
            for policy in FailurePolicy::ALL {
                assert!(table.iter().any(|row| (row.0, row.1) == (*outcome, *policy)), "{outcome} {policy}");
            }
        }
        for (outcome, policy, left, automatic, manual, last) in table {
            let at = |last, advance| Standing {
                last,
                attempt: if left { 1 } else { 2 },
                attempts_max: 2,
                policy,
                advance,
            };
            assert_eq!(next(outcome, at(false, Advance::Automatic)), automatic, "{outcome} {policy} {left}");
            assert_eq!(next(outcome, at(false, Advance::Manual)), manual, "{outcome} {policy} {left}");
            for advance in Advance::ALL {
                assert_eq!(next(outcome, at(true, *advance)), last, "{outcome} {policy} {left} at the end");
            }
        }
    }

    #[test]
    fn tries_fit_the_policy() {
        for (policy, named, expected) in [
            (FailurePolicy::Pause, None, Ok(1)),
            (FailurePolicy::Retry, None, Ok(2)),
            (FailurePolicy::Retry, Some(10), Ok(10)),
            (FailurePolicy::Continue, Some(1), Ok(1)),
            (FailurePolicy::Retry, Some(1), Err("2 to 10 tries where failures are tried again")),
            (FailurePolicy::Retry, Some(11), Err("expected 1 to 10 tries")),
            (FailurePolicy::Stop, Some(0), Err("expected 1 to 10 tries")),
            (FailurePolicy::Stop, Some(2), Err("1 where failures are not tried again")),
        ] {
            match (attempts(policy, named), expected) {
                (Ok(tries), Ok(expected)) => assert_eq!(tries, expected),
                (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{error}"),
                (got, expected) => panic!("{policy} {named:?}: {got:?}, expected {expected:?}"),
            }
        }
    }
}
