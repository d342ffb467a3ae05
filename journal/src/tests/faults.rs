//! A store that fails: nothing is acknowledged, nothing is shown, nothing is tried again.

use domain::ids::{Position, StreamVersion};

use super::kit::{Mode, commit, commit_id, faulty, history, options, stream};
use crate::{AppendError, CloseError, Options};

fn is_poisoned(error: &AppendError) -> bool {
    matches!(error, AppendError::Poisoned { .. })
}

#[track_caller]
fn check_poisons(mode: Mode, reason: &str) {
    let (journal, control) = faulty(options());
    journal.append(commit(1, 1, 1)).wait().unwrap();
    let syncs = control.syncs();
    control.set(mode);
    let pending = [journal.append(commit(1, 2, 1)), journal.append(commit(2, 3, 1))];
    for pending in pending {
        assert!(is_poisoned(&pending.wait().unwrap_err()));
    }
    // The fault goes away; the writer must not try again all the same.
    control.set(Mode::Works);
    let error = journal.append(commit(1, 4, 1)).wait().unwrap_err();
    assert!(is_poisoned(&error) && error.to_string().contains(reason), "{error}");
    assert!(is_poisoned(&journal.barrier().wait().unwrap_err()));
    assert!(control.syncs() <= syncs + 1, "a failed sync was repeated");
    assert_eq!(journal.watermark(), Some(Position(0)));
    assert_eq!(history(&journal), "0 s1 v0 c1 1/1");
    assert_eq!(journal.find_commit(commit_id(2)).unwrap(), None);
    assert_eq!(journal.stream_head(stream(1)).unwrap().unwrap().version, StreamVersion(0));
    assert!(journal.status().poisoned.unwrap().contains(reason));
    assert!(matches!(journal.close(), Err(CloseError::Poisoned { .. })));
}

#[test]
fn a_failed_sync_poisons_the_writer() {
    check_poisons(Mode::SyncFails, "the disk is gone");
}

#[test]
fn a_failed_append_poisons_the_writer() {
    check_poisons(Mode::AppendFails, "the disk is full");
}

#[test]
fn a_panic_inside_the_store_poisons_the_writer() {
    let (journal, control) = faulty(options());
    control.set(Mode::SyncPanics);
    assert!(journal.append(commit(1, 1, 1)).wait().is_err());
    control.set(Mode::Works);
    assert!(is_poisoned(&journal.append(commit(1, 2, 1)).wait().unwrap_err()));
    assert_eq!(journal.watermark(), None);
}

#[test]
fn nothing_is_visible_before_it_is_durable() {
    let (journal, control) = faulty(options());
    control.set(Mode::SyncWaits);
    let mut pending = journal.append(commit(1, 1, 2));
    control.wait_for_sync(1);
    assert_eq!(journal.watermark(), None);
    assert_eq!(journal.read(None, 10, usize::MAX).unwrap(), []);
    assert_eq!(journal.read_blocks(None, usize::MAX).unwrap().len(), 0);
    assert_eq!(journal.get(Position(0)).unwrap(), None);
    assert_eq!(journal.find_commit(commit_id(1)).unwrap(), None);
    assert_eq!(journal.stream_head(stream(1)).unwrap(), None);
    assert_eq!(journal.read_stream(stream(1), StreamVersion(0), 10).unwrap(), []);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(std::future::Future::poll(std::pin::Pin::new(&mut pending), &mut context).is_pending());
    control.set(Mode::Works);
    assert_eq!(pending.wait().unwrap().position, Position(1));
    assert_eq!(journal.watermark(), Some(Position(1)));
}

#[test]
fn what_waits_during_a_sync_shares_the_next_one() {
    let (journal, control) = faulty(options());
    control.set(Mode::SyncWaits);
    let first = journal.append(commit(1, 1, 1));
    control.wait_for_sync(1);
    let rest: Vec<_> = (2..100).map(|id| journal.append(commit(id, id, 1))).collect();
    control.set(Mode::Works);
    first.wait().unwrap();
    for pending in rest {
        pending.wait().unwrap();
    }
    assert_eq!((control.appends(), control.syncs()), (2, 2));
    let status = journal.status();
    assert_eq!((status.groups, status.fsync.count), (2, 2));
    assert_eq!(status.watermark, Some(Position(98)));
}

#[test]
fn repetitions_and_conflicts_alone_touch_no_store() {
    let (journal, control) = faulty(options());
    journal.append(commit(1, 1, 1)).wait().unwrap();
    assert!(journal.append(commit(1, 1, 1)).wait().unwrap().duplicate);
    assert!(journal.append(commit(2, 1, 1)).wait().is_err());
    assert_eq!((control.appends(), control.syncs()), (1, 1));
}

#[test]
fn a_full_queue_refuses_and_recovers() {
    let (journal, control) = faulty(Options { queue_commits: 4, ..options() });
    control.set(Mode::SyncWaits);
    let first = journal.append(commit(1, 0, 1));
    control.wait_for_sync(1);
    let waiting: Vec<_> = (1..5).map(|id| journal.append(commit(id, id, 1))).collect();
    assert!(matches!(journal.append(commit(9, 9, 1)).wait(), Err(AppendError::Overloaded { .. })));
    assert_eq!(journal.status().queued_commits, 4);
    control.set(Mode::Works);
    journal.wait_ready();
    journal.append(commit(9, 9, 1)).wait().unwrap();
    first.wait().unwrap();
    assert!(waiting.into_iter().all(|pending| pending.wait().is_ok()));
    assert_eq!(journal.status().queued_bytes, 0);
}

#[test]
fn a_failed_index_stops_the_writer_before_memory_grows() {
    let (journal, control) = faulty(options());
    control.set(Mode::IndexFails);
    journal.append(commit(1, 1, 1)).wait().unwrap();
    assert!(
        matches!(journal.close(), Err(CloseError::Poisoned { reason }) if reason.contains("the index is gone"))
    );
    assert_eq!(history(&journal), "0 s1 v0 c1 1/1");
}
