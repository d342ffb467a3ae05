//! Closing, dropping and opening again: one process at a time, and nothing forgotten.

use std::fs;
use std::sync::Arc;

use domain::ids::{Position, StreamVersion};
use tempfile::tempdir;

use super::kit::{commit, commit_id, event, history, noise, open, options, stream};
use crate::{AppendError, Journal, NewCommit, OpenError, Options};

#[derive(Clone, Copy)]
enum End {
    Close,
    Drop,
    Crash,
}

fn end(journal: Journal, how: End) {
    match how {
        End::Close => journal.close().unwrap(),
        End::Drop => {}
        // The threads end without writing index and checkpoint, as if the process had been killed.
        End::Crash => {
            journal.shared().index.abandon();
            journal.shared().tiles.signal.abandon();
        }
    }
    drop(journal);
}

#[test]
fn commits_and_streams_are_found_however_the_log_was_left() {
    for how in [End::Close, End::Drop, End::Crash] {
        let dir = tempdir().unwrap();
        let journal = open(dir.path());
        let id = journal.identity().clone();
        for id in 0..20 {
            journal.append(commit(id % 3, id, 2)).wait().unwrap();
        }
        let before = history(&journal);
        end(journal, how);
        let journal = open(dir.path());
        assert_eq!((journal.identity(), journal.notes().len()), (&id, 0));
        assert_eq!(history(&journal), before);
        for id in 0..20 {
            assert!(journal.append(commit(id % 3, id, 2)).wait().unwrap().duplicate, "commit {id}");
        }
        assert!(matches!(journal.append(commit(7, 3, 2)).wait(), Err(AppendError::Reused { .. })));
        assert_eq!(journal.watermark(), Some(Position(39)));
        let receipt = journal.append(commit(1, 100, 1)).wait().unwrap();
        assert_eq!((receipt.version, receipt.position), (StreamVersion(14), Position(40)));
        assert!(journal.verify(|_| {}).is_sound());
    }
}

#[test]
fn the_fence_is_written_once_per_process_and_not_by_opening() {
    let dir = tempdir().unwrap();
    let fenced = || Options { fence: Some(Arc::new(|_: &crate::LogIdentity| event(b"fence"))), ..options() };
    for id in 0..3 {
        let journal = Journal::open(dir.path(), fenced()).unwrap();
        journal.append(commit(1, id, 1)).wait().unwrap();
    }
    let journal = Journal::open(dir.path(), fenced()).unwrap();
    assert!(journal.append(commit(1, 1, 1)).wait().unwrap().duplicate);
    let records = journal.read(None, 10, usize::MAX).unwrap();
    let fences: Vec<u64> = records
        .iter()
        .filter(|record| record.payload() == b"fence")
        .map(|record| record.version().0)
        .collect();
    assert_eq!((records.len(), fences), (6, vec![0, 1, 2]));
}

#[test]
fn a_second_process_is_refused_by_name() {
    let dir = tempdir().unwrap();
    let journal = open(dir.path());
    match Journal::open(dir.path(), options()) {
        Err(OpenError::Locked { pid, .. }) => assert_eq!(pid, Some(std::process::id())),
        other => panic!("{other:?}"),
    }
    let clone = journal.clone();
    drop(journal);
    assert!(Journal::open(dir.path(), options()).is_err(), "a clone still holds it");
    drop(clone);
    open(dir.path());
}

#[test]
fn reading_only_refuses_appends_and_changes_nothing() {
    let dir = tempdir().unwrap();
    open(dir.path()).append(commit(1, 1, 1)).wait().unwrap();
    let journal = Journal::open(dir.path(), Options { read_only: true, ..options() }).unwrap();
    assert_eq!(journal.append(commit(1, 2, 1)).wait(), Err(AppendError::ReadOnly));
    assert_eq!(journal.barrier().wait(), Err(AppendError::ReadOnly));
    assert!(journal.status().read_only);
    assert!(journal.find_commit(commit_id(1)).unwrap().is_some());
    journal.close().unwrap();
}

#[test]
fn large_payloads_stay_inside_the_log_file() {
    let dir = tempdir().unwrap();
    let journal = open(dir.path());
    for id in 0_u32..24 {
        let payload = noise(id.into(), 1_048_388);
        journal
            .append(NewCommit { events: vec![event(&payload)], ..commit(1, id.into(), 0) })
            .wait()
            .unwrap();
    }
    for id in 100..2_000 {
        drop(journal.append(commit(id, id, 1)));
    }
    journal.close().unwrap();
    drop(journal);
    let journal = open(dir.path());
    assert_eq!(journal.watermark(), Some(Position(1_923)));
    assert!(journal.verify(|_| {}).is_sound());
    assert_eq!(fs::read_dir(dir.path().join("log/blobs")).unwrap().count(), 0);
}

#[test]
fn an_index_of_many_runs_finds_everything_after_reopening() {
    const COMMITS: u128 = 50_000;
    let dir = tempdir().unwrap();
    let journal = open(dir.path());
    let small = |id: u128| NewCommit { events: vec![event(b"")], ..commit(id % 20_000, id, 0) };
    for id in 0..COMMITS {
        journal.wait_ready();
        drop(journal.append(small(id)));
    }
    journal.barrier().wait().unwrap();
    drop(journal);
    let journal = open(dir.path());
    for id in (0..COMMITS).step_by(97) {
        let (receipt, _) = journal.find_commit(commit_id(id)).unwrap().unwrap();
        assert_eq!(u128::from(receipt.position.0), id);
        let version = journal.stream_head(stream(id % 20_000)).unwrap().unwrap().version.0;
        assert_eq!(version, if id % 20_000 < 10_000 { 2 } else { 1 });
    }
    assert!(journal.find_commit(commit_id(COMMITS)).unwrap().is_none());
    assert_eq!(journal.read_stream(stream(5), StreamVersion(0), 10).unwrap().len(), 3);
    assert!(journal.append(small(1)).wait().unwrap().duplicate);
}

#[test]
fn a_folder_that_cannot_be_used_is_named() {
    let dir = tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    let error = Journal::open(&file.join("data"), options()).unwrap_err();
    assert!(error.to_string().contains("file"), "{error}");
    assert!(!error.hint().is_empty());
}
