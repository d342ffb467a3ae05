//! The data folder: of a later layout, moved, deleted, linked, held, or out of reach.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use tempfile::tempdir;

use super::kit::{commit, history, open, options, wait_until};
use crate::{AppendError, Journal, OpenError, Options};

/// Every file under `dir` with its content.
fn content(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.insert(path.clone(), fs::read(&path).unwrap());
            }
        }
    }
    files
}

fn small() -> Options {
    Options { ballast_bytes: Some(1 << 20), ..options() }
}

fn written(dir: &Path) {
    let journal = Journal::open(dir, small()).unwrap();
    journal.append(commit(1, 1, 2)).wait().unwrap();
    journal.close().unwrap();
}

#[test]
fn a_later_layout_is_refused_and_nothing_is_touched() {
    let dir = tempdir().unwrap();
    written(dir.path());
    fs::write(dir.path().join("format"), "waybill data folder, format 3\n").unwrap();
    let before = content(dir.path());
    for read_only in [false, true] {
        let error = Journal::open(dir.path(), Options { read_only, ..small() }).unwrap_err();
        assert!(matches!(error, OpenError::NewerFormat { expected: 2, actual: 3, .. }), "{error}");
    }
    assert_eq!(content(dir.path()), before);
    let empty = tempdir().unwrap();
    fs::write(empty.path().join("format"), "waybill data folder, format 3\n").unwrap();
    assert!(Journal::open(empty.path(), small()).is_err());
    assert_eq!(content(empty.path()).len(), 1);
}

#[test]
fn a_damaged_marker_is_refused_and_a_missing_one_is_written() {
    let dir = tempdir().unwrap();
    written(dir.path());
    let marker = dir.path().join("format");
    let whole = fs::read_to_string(&marker).unwrap();
    assert_eq!(whole, "waybill data folder, format 2\n");
    fs::write(&marker, "waybill data folder, gormat 2\n").unwrap();
    let error = Journal::open(dir.path(), small()).unwrap_err();
    assert!(error.to_string().ends_with("says `waybill data folder, gormat 2\\n`"), "{error}");
    fs::remove_file(&marker).unwrap();
    let journal = Journal::open(dir.path(), Options { read_only: true, ..small() }).unwrap();
    assert!(!marker.exists(), "reading writes none");
    drop(journal);
    assert_eq!(history(&Journal::open(dir.path(), small()).unwrap()).lines().count(), 2);
    assert_eq!(fs::read_to_string(&marker).unwrap(), whole);
}

#[test]
fn a_block_of_a_later_release_is_refused_as_such() {
    let dir = tempdir().unwrap();
    written(dir.path());
    let db = sled::Config::new().path(dir.path().join("log")).segment_size(8 << 20).open().unwrap();
    let tree = db.open_tree("log").unwrap();
    let (key, value) = tree.last().unwrap().unwrap();
    let mut value = value.to_vec();
    value[3] = 2;
    tree.insert(key, value).unwrap();
    db.flush().unwrap();
    drop((tree, db));
    let error = Journal::open(dir.path(), small()).unwrap_err();
    assert!(matches!(&error, OpenError::Read(read) if read.is_newer()), "{error}");
    assert!(error.hint().contains("later release"), "{}", error.hint());
}

/// Names in the folder of the log that begin so.
fn named(dir: &Path, prefix: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir.join("log")).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with(prefix)).collect()
}

#[test]
fn a_broken_or_unfinished_snapshot_of_the_engine_is_set_aside() {
    let dir = tempdir().unwrap();
    written(dir.path());
    drop(Journal::open(dir.path(), small()).unwrap());
    let snapshots = named(dir.path(), "snap.");
    assert!(!snapshots.is_empty());
    for path in &snapshots {
        fs::write(path, b"broken").unwrap();
    }
    // As a crash leaves it while sled writes one.
    fs::write(dir.path().join("log/snap.00000000FFFFFFFF.generating"), b"half").unwrap();
    let journal = Journal::open(dir.path(), small()).unwrap();
    assert_eq!(history(&journal).lines().count(), 2);
    assert!(journal.notes().iter().any(|note| note.contains("set aside")), "{:?}", journal.notes());
    assert_eq!(named(dir.path(), "aside.snap.").len(), snapshots.len() + 1, "nothing is deleted");
    drop(journal);
    let journal = Journal::open(dir.path(), small()).unwrap();
    assert_eq!(journal.notes().len(), 0);
    assert!(journal.verify(|_| {}).is_sound());
}

#[test]
fn a_snapshot_that_is_not_to_blame_stays_where_it_is() {
    let dir = tempdir().unwrap();
    written(dir.path());
    drop(Journal::open(dir.path(), small()).unwrap());
    let snapshots = named(dir.path(), "snap.");
    fs::write(dir.path().join("log/conf"), b"no configuration of any storage engine").unwrap();
    assert!(matches!(Journal::open(dir.path(), small()), Err(OpenError::Store { .. })));
    assert_eq!((named(dir.path(), "snap."), named(dir.path(), "aside.").len()), (snapshots, 0));
}

/// What becomes of a log whose folder is no longer where it was.
fn check_gone(change: impl Fn(&Path)) {
    let dir = tempdir().unwrap();
    let data = dir.path().join("data");
    let journal = Journal::open(&data, small()).unwrap();
    journal.append(commit(1, 1, 1)).wait().unwrap();
    change(&data);
    wait_until("the log to notice", || journal.poisoned().is_some());
    let error = journal.append(commit(1, 2, 1)).wait().unwrap_err();
    assert!(matches!(error, AppendError::Poisoned { .. }), "{error}");
    assert!(error.to_string().contains("not the file that the log is in any more"), "{error}");
    assert_eq!(journal.read(None, 10, usize::MAX).unwrap().len(), 1);
}

#[test]
fn a_folder_that_is_deleted_takes_no_more() {
    check_gone(|data| fs::remove_dir_all(data).unwrap());
}

#[test]
fn a_folder_that_is_moved_takes_no_more() {
    check_gone(|data| fs::rename(data, data.with_extension("moved")).unwrap());
}

#[test]
fn a_folder_with_another_in_its_place_takes_no_more() {
    check_gone(|data| {
        fs::rename(data, data.with_extension("moved")).unwrap();
        written(data);
    });
}

#[test]
fn nothing_is_acknowledged_into_a_deleted_file_even_at_once() {
    let dir = tempdir().unwrap();
    let journal = Journal::open(dir.path(), small()).unwrap();
    journal.append(commit(1, 1, 1)).wait().unwrap();
    fs::remove_file(dir.path().join("log/db")).unwrap();
    assert!(matches!(journal.append(commit(1, 2, 1)).wait(), Err(AppendError::Poisoned { .. })));
}

#[test]
fn a_folder_behind_a_link_is_one_folder() {
    let dir = tempdir().unwrap();
    let (data, link) = (dir.path().join("data"), dir.path().join("link"));
    fs::create_dir(&data).unwrap();
    symlink(&data, &link).unwrap();
    let journal = open(&link);
    journal.append(commit(1, 1, 1)).wait().unwrap();
    assert!(matches!(Journal::open(&data, options()), Err(OpenError::Locked { .. })));
    drop(journal);
    fs::rename(data.join("log"), dir.path().join("elsewhere")).unwrap();
    symlink(dir.path().join("elsewhere"), data.join("log")).unwrap();
    let journal = open(&data);
    journal.append(commit(1, 2, 1)).wait().unwrap();
    assert_eq!(history(&journal).lines().count(), 2);
    assert!(journal.verify(|_| {}).is_sound());
}

#[test]
fn a_lock_file_that_is_deleted_lets_nobody_in() {
    let dir = tempdir().unwrap();
    let journal = open(dir.path());
    fs::remove_file(dir.path().join("lock")).unwrap();
    match Journal::open(dir.path(), options()) {
        Err(error @ OpenError::Locked { pid, .. }) => {
            assert_eq!(pid, Some(std::process::id()));
            assert!(error.hint().contains("kill"));
        }
        other => panic!("{other:?}"),
    }
    journal.append(commit(1, 1, 1)).wait().unwrap();
}

#[test]
fn after_a_failure_the_folder_stays_held_and_nothing_is_closed() {
    let dir = tempdir().unwrap();
    let journal = open(dir.path());
    journal.append(commit(1, 1, 1)).wait().unwrap();
    journal.shared().poison("as if a sync had failed");
    drop(journal);
    assert!(matches!(Journal::open(dir.path(), options()), Err(OpenError::Locked { .. })));
    let lock = fs::read_to_string(dir.path().join("lock")).unwrap();
    assert_eq!(lock, format!("{} failed\n", std::process::id()));
    // Another process would find this folder; here a copy stands for it.
    let copy = tempdir().unwrap();
    for (from, _) in content(dir.path()) {
        let path = copy.path().join(from.strip_prefix(dir.path()).unwrap());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        // With its mode: a key that others may read is refused.
        fs::copy(from, path).unwrap();
    }
    let journal = open(copy.path());
    assert_eq!(history(&journal), "0 s1 v0 c1 1/1");
    assert!(journal.notes().iter().any(|note| note.contains("read anew")), "{:?}", journal.notes());
    assert!(journal.verify(|_| {}).is_sound());
}
