//! Backups made while the log is written to, and data folders made of them.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use domain::ids::Position;
use tempfile::tempdir;

use super::kit::{commit, copy_folder, event, history, noise, on_every_store, open, options};
use crate::{
    BackupError, Journal, NewCommit, OpenError, RebuildError, RestoreError, Secrets, backup, restore,
};

fn fill(journal: &Journal, ids: std::ops::Range<u128>) {
    for id in ids.clone() {
        journal.wait_ready();
        drop(journal.append(commit(id % 5, id, 3)));
    }
    let large = NewCommit { events: vec![event(&noise(5, 80_000))], ..commit(1, 1_000_000 + ids.start, 0) };
    journal.append(large).wait().unwrap();
}

fn lines(text: &str, count: u64) -> String {
    text.lines().take(usize::try_from(count).unwrap()).collect::<Vec<_>>().join("\n")
}

#[test]
fn only_what_is_new_is_copied_and_all_of_it_comes_back() {
    on_every_store(options, |journal| {
        let dir = tempdir().unwrap();
        let (to, into) = (dir.path().join("backup"), dir.path().join("restored"));
        fill(journal, 0..300);
        let first = journal.backup(&to, Secrets::Copy, |_| {}).unwrap();
        assert_eq!((first.size, first.copied_events), (901, 901));
        let none = journal.backup(&to, Secrets::Copy, |_| {}).unwrap();
        assert_eq!((none.size, none.copied_events, none.root), (901, 0, first.root));
        fill(journal, 300..310);
        let second = journal.backup(&to, Secrets::Copy, |_| {}).unwrap();
        assert_eq!((second.size, second.copied_events), (932, 31));
        assert!(second.copied_bytes < 200_000 && first.copied_bytes > 200_000);
        assert_eq!(second.root, journal.root_at(932).unwrap());
        let mut last = 0;
        let report = restore(&to, &into, None, |progress| last = progress.events).unwrap();
        assert_eq!((report.size, report.root, report.signed, report.epoch), (932, second.root, 932, 2));
        assert_eq!((last, report.new_key), (932, false));
        let restored = open(&into);
        assert_eq!(restored.identity().log_id, journal.identity().log_id);
        assert_eq!((restored.identity().epoch, restored.notes().len()), (2, 0));
        assert_eq!(history(&restored), history(journal));
        assert_eq!(restored.verifying_key(), journal.verifying_key());
        assert!(restored.append(commit(1, 301, 3)).wait().unwrap().duplicate);
        restored.append(commit(1, 5_000, 1)).wait().unwrap();
        assert!(restored.verify(|_| {}).is_sound());
        // The next epoch's backup goes on where the last one was.
        let third = restored.backup(&to, Secrets::Copy, |_| {}).unwrap();
        assert_eq!((third.size, third.copied_events), (933, 1));
        // Nothing of the folder is more than the tree has.
        let report = open(&restored_from(&to, dir.path())).verify(|_| {});
        assert!(report.is_sound() && report.notes.is_empty(), "{report:?}");
    });
}

fn restored_from(backup: &Path, dir: &Path) -> std::path::PathBuf {
    let into = dir.join("again");
    restore(backup, &into, None, |_| {}).unwrap();
    into
}

#[test]
fn a_log_is_restored_to_the_end_of_any_commit_and_to_nothing_else() {
    let dir = tempdir().unwrap();
    let (data, to) = (dir.path().join("data"), dir.path().join("backup"));
    let journal = open(&data);
    fill(&journal, 0..200);
    journal.backup(&to, Secrets::Copy, |_| {}).unwrap();
    for size in [3, 255, 258, 512 + 1, 600, 601] {
        let into = dir.path().join(format!("at-{size}"));
        let at = Position(size - 1);
        if size % 3 != 0 && size != 601 {
            let error = restore(&to, &into, Some(at), |_| {}).unwrap_err();
            let RestoreError::InsideCommit { first, last, .. } = error else { panic!("{error:?}") };
            assert_eq!((first.0, last.0), (at.0 / 3 * 3, at.0 / 3 * 3 + 2));
            assert!(!into.exists());
            continue;
        }
        let report = restore(&to, &into, Some(at), |_| {}).unwrap();
        assert_eq!((report.size, report.signed, report.root), (size, 601, journal.root_at(size).unwrap()));
        let restored = open(&into);
        assert_eq!(history(&restored), lines(&history(&journal), size));
        assert!(restored.verify(|_| {}).is_sound());
    }
    let into = dir.path().join("beyond");
    let error = restore(&to, &into, Some(Position(601)), |_| {}).unwrap_err();
    assert!(matches!(error, RestoreError::Beyond { signed: 601, .. }), "{error}");
    let error = restore(&to, &data, None, |_| {}).unwrap_err();
    assert!(matches!(error, RestoreError::NotEmpty { .. }), "{error}");
}

#[test]
fn a_backup_is_made_while_the_log_is_written_to_at_full_rate() {
    let dir = tempdir().unwrap();
    let (data, to) = (dir.path().join("data"), dir.path().join("backup"));
    let journal = open(&data);
    let done = AtomicBool::new(false);
    let sizes = std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            // Bounded, so that a failure of the other side ends it too.
            for id in (0..20_000).take_while(|_| !done.load(Ordering::Relaxed)) {
                journal.wait_ready();
                let pending = journal.append(commit(id % 5, id, 7));
                if id % 200 == 0 {
                    pending.wait().unwrap();
                }
            }
        });
        let mut sizes = Vec::new();
        while !writer.is_finished() && sizes.len() < 20 {
            let report = if sizes.len().is_multiple_of(2) {
                journal.backup(&to, Secrets::Copy, |_| {})
            } else {
                // By the folder alone, as another process does it.
                backup(&data, &to, Secrets::Copy, |_| {})
            };
            sizes.push(report.map(|report| report.size));
        }
        done.store(true, Ordering::Relaxed);
        sizes
    });
    let sizes: Vec<u64> = sizes.into_iter().map(Result::unwrap).collect();
    assert!(sizes.is_sorted() && sizes.first() < sizes.last(), "{sizes:?}");
    assert!(sizes.iter().all(|size| size % 7 == 0), "{sizes:?}");
    let report = restore(&to, &dir.path().join("restored"), None, |_| {}).unwrap();
    let restored = open(&dir.path().join("restored"));
    assert_eq!(history(&restored), lines(&history(&journal), report.size));
    assert!(restored.verify(|_| {}).is_sound());
}

#[test]
fn a_backup_that_was_cut_short_is_gone_on_with_and_never_half_trusted() {
    let dir = tempdir().unwrap();
    let to = dir.path().join("backup");
    let journal = Journal::memory(options());
    for id in 0..70_000 {
        journal.wait_ready();
        drop(journal.append(NewCommit { events: vec![event(b"")], ..commit(id % 9, id, 0) }));
    }
    journal.barrier().wait().unwrap();
    // As if the process had ended just before the checkpoint was written.
    journal.backup(&to, Secrets::Copy, |_| {}).unwrap();
    fs::remove_file(to.join("tiles/checkpoint")).unwrap();
    assert!(restore(&to, &dir.path().join("none"), None, |_| {}).is_err());
    fs::write(to.join("progress"), "65536\n").unwrap();
    fs::create_dir_all(to.join("tiles/tile/2/000.p")).unwrap();
    let top = journal.tile("tile/2/000.p/1").unwrap().unwrap();
    fs::write(to.join("tiles/tile/2/000.p/1"), top).unwrap();
    let report = journal.backup(&to, Secrets::Copy, |_| {}).unwrap();
    assert_eq!((report.size, report.copied_events), (70_000, 70_000 - 65_536));
    assert!(!to.join("progress").exists());
    // What the copy before left is checked with the rest.
    fs::remove_file(to.join("tiles/checkpoint")).unwrap();
    fs::write(to.join("progress"), "65536\n").unwrap();
    fs::write(to.join("tiles/tile/2/000.p/1"), [7; 32]).unwrap();
    let error = journal.backup(&to, Secrets::Copy, |_| {}).unwrap_err();
    assert!(matches!(error, BackupError::Copy(RebuildError::Root { .. })), "{error}");
    assert_eq!(journal.backup(&to, Secrets::Copy, |_| {}).unwrap().copied_events, 70_000);
}

#[test]
fn a_log_that_is_not_what_the_backup_was_made_of_is_refused() {
    let dir = tempdir().unwrap();
    let (data, to, old) = (dir.path().join("data"), dir.path().join("backup"), dir.path().join("old"));
    let journal = open(&data);
    fill(&journal, 0..20);
    journal.close().unwrap();
    drop(journal);
    copy_folder(&data, &old);
    let journal = open(&data);
    fill(&journal, 20..40);
    journal.backup(&to, Secrets::Copy, |_| {}).unwrap();
    // An old copy was put back: the log is whole, but shorter than what was backed up.
    let rolled_back = open(&old);
    let error = rolled_back.backup(&to, Secrets::Copy, |_| {}).unwrap_err();
    assert!(matches!(error, BackupError::Behind { backup: 122, log: 61, .. }), "{error}");
    fill(&rolled_back, 50..90);
    assert!(matches!(
        rolled_back.backup(&to, Secrets::Copy, |_| {}),
        Err(BackupError::OtherHistory { size: 122, .. })
    ));
    // Restored to an earlier position and gone on from there: another future.
    let into = dir.path().join("restored");
    restore(&to, &into, Some(Position(59)), |_| {}).unwrap();
    let restored = open(&into);
    assert!(matches!(restored.backup(&to, Secrets::Copy, |_| {}), Err(BackupError::OtherHistory { .. })));
    restored.backup(&dir.path().join("backup-2"), Secrets::Copy, |_| {}).unwrap();
    let error = Journal::memory(options()).backup(&to, Secrets::Copy, |_| {}).unwrap_err();
    assert!(matches!(error, BackupError::OtherLog { .. }), "{error}");
    assert!(!error.hint().is_empty());
}

#[test]
fn a_damaged_backup_is_never_restored() {
    let dir = tempdir().unwrap();
    let (to, into) = (dir.path().join("backup"), dir.path().join("restored"));
    let journal = Journal::memory(options());
    fill(&journal, 0..200);
    journal.backup(&to, Secrets::Copy, |_| {}).unwrap();
    let long = journal.read(None, usize::MAX, usize::MAX).unwrap().pop().unwrap();
    let long = format!("tiles/{}", proof::entry::StandIn::of(long.bytes()).path());
    for path in ["tiles/checkpoint", "tiles/tile/entries/000", "tiles/tile/entries/002.p/89", &long] {
        let path = to.join(path);
        let good = fs::read(&path).unwrap();
        let mut altered = good.clone();
        altered[good.len() / 2] ^= 1;
        fs::write(&path, &altered).unwrap();
        assert!(restore(&to, &into, None, |_| {}).is_err(), "{}", path.display());
        assert!(!into.exists());
        fs::write(&path, &good).unwrap();
    }
    fs::write(to.join("keys/log.key"), "nonsense").unwrap();
    let report = restore(&to, &into, None, |_| {}).unwrap();
    assert!(report.new_key, "the public half is enough to trust the backup");
    assert!(open(&into).verify(|_| {}).is_sound());
}

#[test]
fn the_secret_key_goes_along_only_where_it_is_asked_for_and_an_old_one_never_stands_for_the_new() {
    let dir = tempdir().unwrap();
    let to = dir.path().join("backup");
    let journal = Journal::memory(options());
    fill(&journal, 0..10);
    journal.backup(&to, Secrets::Leave, |_| {}).unwrap();
    assert!(to.join("keys/log.pub").exists() && !to.join("keys/log.key").exists());
    for secrets in [Secrets::Copy, Secrets::Leave] {
        journal.backup(&to, secrets, |_| {}).unwrap();
        assert!(to.join("keys/log.key").exists(), "what was asked for once stays while it is in force");
    }
    journal.rotate_key(&[7; 32], |_| event(b"rotated")).unwrap();
    journal.backup(&to, Secrets::Leave, |_| {}).unwrap();
    assert!(!to.join("keys/log.key").exists() && to.join("keys/log.key.unused-1").exists());
    let into = dir.path().join("restored");
    let report = restore(&to, &into, None, |_| {}).unwrap();
    assert!(report.new_key && report.size == 32);
    assert_ne!(open(&into).verifying_key(), journal.verifying_key());
}

#[test]
fn a_copy_of_the_files_of_a_running_log_is_no_backup() {
    let dir = tempdir().unwrap();
    let (data, copy) = (dir.path().join("data"), dir.path().join("copy"));
    let journal = open(&data);
    fill(&journal, 0..20);
    copy_folder(&data.join("log"), &copy.join("log"));
    // The log goes on while its files are copied, one after the other.
    fill(&journal, 20..40);
    journal.checkpoint_now().unwrap();
    for folder in ["tiles", "keys"] {
        copy_folder(&data.join(folder), &copy.join(folder));
    }
    super::kit::only_for_owner(&copy.join("keys/log.key"));
    let error = Journal::open(&copy, options()).unwrap_err();
    assert!(
        matches!(
            error,
            OpenError::Shortened { expected: 122, .. } | OpenError::Store { .. } | OpenError::Read(_)
        ),
        "{error}"
    );
}
