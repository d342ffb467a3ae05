//! A store that hangs or is slow: nobody waits for ever, and what is slow is not taken for what has failed.

use std::time::{Duration, Instant};

use domain::ids::Position;

use super::kit::{Mode, commit, faulty, history, options, wait_until};
use crate::{AppendError, CloseError, Journal, Options};

fn refused(journal: &Journal, reason: &str) {
    let error = journal.append(commit(9, 9, 1)).wait().unwrap_err();
    assert!(matches!(&error, AppendError::Poisoned { reason: found } if found.contains(reason)), "{error}");
}

#[test]
fn a_store_that_hangs_after_it_failed_leaves_nobody_waiting() {
    let (journal, control) = faulty(options());
    journal.append(commit(1, 1, 1)).wait().unwrap();
    control.set(Mode::SyncHangs);
    let pending = [journal.append(commit(1, 2, 1)), journal.append(commit(2, 3, 1))];
    let barrier = journal.barrier();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert_eq!(runtime.block_on(journal.failed()), "the disk has failed");
    for pending in pending {
        assert!(matches!(pending.wait(), Err(AppendError::Poisoned { .. })));
    }
    assert!(matches!(barrier.wait(), Err(AppendError::Poisoned { .. })));
    refused(&journal, "the disk has failed");
    assert_eq!(history(&journal), "0 s1 v0 c1 1/1");
    assert_eq!((control.abandoned(), control.syncs()), (1, 2));
    let started = Instant::now();
    assert!(matches!(journal.close(), Err(CloseError::Poisoned { .. })));
    assert!(started.elapsed() < Duration::from_secs(5), "closing waits for what hangs");
    // It comes back after all: what it wrote is not shown, for its answer was no.
    control.set(Mode::Works);
    drop(journal);
}

#[test]
fn what_comes_back_too_late_is_not_shown() {
    let (journal, control) = faulty(options());
    control.set(Mode::SyncHangs);
    let pending = journal.append(commit(1, 1, 1));
    assert!(pending.wait().is_err());
    control.set(Mode::Works);
    journal.close().unwrap_err();
    assert_eq!((journal.watermark(), history(&journal).as_str()), (None, ""));
}

#[test]
fn a_write_that_does_not_come_back_is_taken_for_failed() {
    let (journal, control) = faulty(Options { stall_max: Duration::from_millis(500), ..options() });
    control.set(Mode::SyncWaits);
    let error = journal.append(commit(1, 1, 1)).wait().unwrap_err();
    assert!(error.to_string().contains("has not come back"), "{error}");
    refused(&journal, "has not come back");
    control.set(Mode::Works);
}

#[test]
fn a_slow_write_is_said_to_be_slow_and_is_acknowledged() {
    let (journal, control) = faulty(Options { slow_sync: Duration::from_millis(20), ..options() });
    assert_eq!(journal.status().degraded, [""; 0]);
    control.set(Mode::SyncWaits);
    let pending = journal.append(commit(1, 1, 1));
    wait_until("the remark", || journal.status().degraded.iter().any(|it| it.contains("under way for")));
    assert!(journal.status().writing_us > 20_000);
    control.set(Mode::Works);
    assert_eq!(pending.wait().unwrap().position, Position(0));
    let degraded = journal.status().degraded;
    assert!(degraded.iter().any(|it| it.contains("the last one took")), "{degraded:?}");
    assert_eq!(journal.poisoned(), None);
    journal.append(commit(1, 2, 1)).wait().unwrap();
    assert_eq!(journal.status().degraded, [""; 0], "it was fast again");
}

#[test]
fn a_crowded_queue_is_said_and_turns_away_after_a_while() {
    let (journal, control) = faulty(Options { queue_commits: 4, ..options() });
    control.set(Mode::SyncWaits);
    let first = journal.append(commit(1, 1, 1));
    control.wait_for_sync(1);
    let waiting: Vec<_> = (2..5).map(|id| journal.append(commit(id, id, 1))).collect();
    assert!(journal.is_crowded());
    assert_eq!(journal.status().degraded, ["the writer's queue is more than half full"]);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let ready = || runtime.block_on(journal.ready_within(Duration::from_millis(20)));
    assert!(matches!(ready(), Err(AppendError::Overloaded { .. })));
    control.set(Mode::Works);
    first.wait().unwrap();
    assert!(waiting.into_iter().all(|pending| pending.wait().is_ok()));
    assert_eq!(ready(), Ok(()));
}

#[test]
fn a_log_that_is_well_never_says_that_it_failed() {
    let (journal, _) = faulty(options());
    let failed = journal.failed();
    journal.append(commit(1, 1, 1)).wait().unwrap();
    journal.close().unwrap();
    drop(journal);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let waited = runtime.block_on(async { tokio::time::timeout(Duration::from_millis(50), failed).await });
    assert!(waited.is_err());
}
