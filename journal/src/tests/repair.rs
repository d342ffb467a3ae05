//! Repair: the signed log comes back whole, whatever is damaged, and nothing is thrown away.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use domain::ids::Position;
use tempfile::{TempDir, tempdir};

use super::kit::{commit, history, open, options};
use crate::{Journal, OpenError, Options, RebuildError, RepairError, RepairOptions, RepairReport};

/// A closed log of 700 events, all of them signed, with its history.
fn log() -> (TempDir, String) {
    let dir = tempdir().unwrap();
    let journal = open(dir.path());
    for id in 0..350 {
        journal.wait_ready();
        drop(journal.append(commit(id % 7, id, 2)));
    }
    journal.close().unwrap();
    let history = history(&journal);
    (dir, history)
}

const DRY: RepairOptions = RepairOptions { dry_run: true, force: false };

fn repair(dir: &Path, _: impl FnMut(crate::Progress)) -> Result<RepairReport, RepairError> {
    crate::repair(dir, RepairOptions::default(), |_| {})
}

/// Every file with its content, but for the lock.
fn contents(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let (mut files, mut open) = (BTreeMap::new(), vec![dir.to_owned()]);
    while let Some(folder) = open.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            let name = path.strip_prefix(dir).unwrap().to_owned();
            if path.is_dir() {
                open.push(path);
            } else if name != Path::new("lock") {
                files.insert(name, fs::read(path).unwrap());
            }
        }
    }
    files
}

/// Repairs after a dry run, which changes nothing and says the same.
#[track_caller]
fn repaired(dir: &Path) -> RepairReport {
    let before = contents(dir);
    let planned = crate::repair(dir, DRY, |_| {}).unwrap();
    let after = contents(dir);
    let changed = before.keys().chain(after.keys()).filter(|path| before.get(*path) != after.get(*path));
    assert_eq!(changed.count(), 0, "a dry run changed files");
    let mut seen = 0;
    let report = crate::repair(dir, RepairOptions::default(), |progress| seen = progress.events).unwrap();
    assert!(seen <= report.signed);
    assert_eq!(planned, RepairReport { aside: Vec::new(), ..report.clone() });
    report
}

/// Opens a repaired log, which is sound and goes on.
#[track_caller]
fn check(dir: &Path, expected: &str, report: &RepairReport) -> Journal {
    let journal = open(dir);
    assert_eq!((journal.notes(), journal.identity().epoch), ([].as_slice(), report.epoch));
    assert_eq!(history(&journal), expected);
    assert_eq!(journal.root_at(report.signed).unwrap(), report.root);
    assert!(journal.append(commit(3, 3, 2)).wait().unwrap().duplicate);
    let verified = journal.verify(|_| {});
    assert!(verified.is_sound() && verified.notes.is_empty(), "{verified:?}");
    journal.append(commit(3, 99_999, 2)).wait().unwrap();
    journal
}

fn overwrite(path: &Path, at: usize, with: &[u8]) {
    let mut bytes = fs::read(path).unwrap();
    bytes[at..at + with.len()].copy_from_slice(with);
    fs::write(path, bytes).unwrap();
}

fn names(dir: &Path) -> BTreeSet<String> {
    fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn a_log_that_sled_cannot_open_or_that_is_gone_comes_back_from_its_tiles() {
    type Damage = fn(&Path);
    let damages: [Damage; 3] = [
        |dir| fs::remove_dir_all(dir.join("log")).unwrap(),
        |dir| fs::write(dir.join("log/db"), vec![7; 100_000]).unwrap(),
        |dir| fs::File::options().write(true).open(dir.join("log/db")).unwrap().set_len(10).unwrap(),
    ];
    for (number, damage) in damages.into_iter().enumerate() {
        let (dir, history) = log();
        let root = open(dir.path()).root_at(700).unwrap();
        damage(dir.path());
        assert!(Journal::open(dir.path(), options()).is_err(), "damage {number}");
        let report = repaired(dir.path());
        assert_eq!((report.size, report.signed, report.root, report.epoch), (700, 700, root, 2));
        assert_eq!((report.carried, report.lost, report.mended, report.new_key), (0, None, 0, false));
        assert_eq!((names(dir.path()).contains("log.damaged-1"), report.end_unknown), (number > 0, true));
        drop(check(dir.path(), &history, &report));
        // And once more: now there is nothing to repair, unless that is asked for.
        let report = repaired(dir.path());
        assert_eq!((report.sound, report.size, report.epoch, report.end_unknown), (true, 702, 2, false));
        let force = RepairOptions { force: true, ..RepairOptions::default() };
        let report = crate::repair(dir.path(), force, |_| {}).unwrap();
        assert_eq!((report.sound, report.size, report.epoch, report.lost), (false, 702, 3, None));
        assert!(open(dir.path()).verify(|_| {}).is_sound());
    }
}

#[test]
fn events_beyond_the_signed_ones_are_taken_over_as_whole_commits_and_what_is_lost_is_said() {
    for lose in [false, true] {
        let (dir, _) = log();
        let journal = open(dir.path());
        journal.shared().tiles.signal.abandon();
        for id in 1_000..1_010 {
            // The waiting makes each a block of its own.
            journal.append(commit(id % 2, id, 3)).wait().unwrap();
        }
        journal.close().ok();
        let whole = history(&journal);
        drop(journal);
        // A log that is whole is not repaired: something beside it is damaged.
        overwrite(&dir.path().join("tiles/tile/0/000"), 9, b"?");
        if lose {
            super::tamper::edit(dir.path(), |tree| {
                let key = super::tamper::key(718);
                let mut value = tree.get(&key).unwrap().unwrap().to_vec();
                value[50] ^= 1;
                tree.insert(key, value).unwrap();
            });
        }
        let report = repaired(dir.path());
        let (carried, lost) = if lose { (18, Some((Position(718), Position(729)))) } else { (30, None) };
        assert_eq!((report.signed, report.carried, report.lost), (700, carried, lost));
        assert_eq!((report.size, report.end_unknown), (700 + carried, false));
        let kept = usize::try_from(report.size).unwrap();
        let expected: Vec<&str> = whole.lines().take(kept).collect();
        check(dir.path(), &expected.join("\n"), &report);
    }
}

#[test]
fn damaged_tiles_are_mended_from_the_log_and_moved_aside() {
    for path in ["tile/entries/001", "tile/entries/002.p/188", "tile/0/000", "tile/1/000.p/2"] {
        for damage in [true, false] {
            let (dir, history) = log();
            let file = dir.path().join("tiles").join(path);
            if damage {
                overwrite(&file, 9, b"?");
            } else {
                fs::remove_file(&file).unwrap();
            }
            let report = repaired(dir.path());
            assert_eq!((report.mended, report.size, report.lost), (1, 700, None), "{path}");
            let from_log = if path.contains("entries/001") { 256 } else { 188 };
            assert_eq!(report.from_log, if path.contains("entries") { from_log } else { 0 }, "{path}");
            assert_eq!(dir.path().join("tiles.damaged-1").join(path).exists(), damage, "{path}");
            check(dir.path(), &history, &report);
        }
    }
}

#[test]
fn tiles_and_log_damaged_in_different_places_make_up_for_each_other() {
    let (dir, history) = log();
    overwrite(&dir.path().join("tiles/tile/entries/000"), 300, b"?");
    super::tamper::edit(dir.path(), |tree| {
        let last = tree.iter().next_back().unwrap().unwrap().0;
        tree.remove(last).unwrap();
    });
    let report = repaired(dir.path());
    check(dir.path(), &history, &report);
}

#[test]
fn what_neither_has_is_not_made_up_and_nothing_is_changed() {
    let (dir, _) = log();
    fs::remove_dir_all(dir.path().join("log")).unwrap();
    overwrite(&dir.path().join("tiles/tile/entries/000"), 300, b"?");
    let before = names(dir.path());
    let error = repair(dir.path(), |_| {}).unwrap_err();
    assert!(matches!(
        error,
        RepairError::Rebuild(RebuildError::Record { .. } | RebuildError::Entries { .. })
    ));
    assert!(error.hint().contains("backup"));
    let after: BTreeSet<_> = names(dir.path()).into_iter().filter(|name| name != "repairing").collect();
    assert_eq!(after, before);
    assert!(matches!(Journal::open(dir.path(), options()), Err(OpenError::Gone { expected: 700 })));
}

#[test]
fn without_a_signed_checkpoint_nothing_says_what_the_log_was() {
    let (dir, _) = log();
    let path = dir.path().join("tiles/checkpoint");
    overwrite(&path, 40, b"9");
    let error = repair(dir.path(), |_| {}).unwrap_err();
    assert!(matches!(error, RepairError::Rebuild(RebuildError::Checkpoint { .. })), "{error:?}");
    fs::remove_file(&path).unwrap();
    assert!(repair(dir.path(), |_| {}).is_err());
}

#[test]
fn a_missing_secret_key_is_replaced_and_that_is_said() {
    let (dir, history) = log();
    let keys = dir.path().join("keys");
    let old = fs::read(keys.join("log.pub")).unwrap();
    fs::remove_file(keys.join("log.key")).unwrap();
    let report = repaired(dir.path());
    assert!(report.new_key);
    assert_eq!(fs::read(keys.join("log.pub.unused-1")).unwrap(), old);
    check(dir.path(), &history, &report);
}

#[test]
fn a_sound_log_stays_as_it_is_in_its_epoch() {
    let (dir, history) = log();
    let others = |dir: &Path| -> BTreeMap<_, _> {
        // The storage engine writes to what it opens.
        contents(dir).into_iter().filter(|(path, _)| !path.starts_with("log")).collect()
    };
    let before = others(dir.path());
    let report = repaired(dir.path());
    assert_eq!((report.sound, report.epoch, report.size, report.signed), (true, 1, 700, 700));
    assert_eq!((report.mended, report.marker, report.public_key, report.new_key), (0, false, false, false));
    assert_eq!(others(dir.path()), before);
    // What is durable and not signed yet is no damage either.
    let journal = open(dir.path());
    journal.shared().tiles.signal.abandon();
    journal.append(commit(1, 1_000, 3)).wait().unwrap();
    journal.close().ok();
    drop(journal);
    let report = repaired(dir.path());
    assert_eq!((report.sound, report.epoch, report.size, report.signed), (true, 1, 703, 700));
    let whole = format!("{history}\n700 s1 v100 c1000 1/3\n701 s1 v101 c1000 2/3\n702 s1 v102 c1000 3/3");
    assert_eq!(super::kit::history(&open(dir.path())), whole);
}

#[test]
fn a_marker_and_a_public_key_that_are_missing_or_damaged_are_written_anew() {
    for name in ["format", "keys/log.pub"] {
        for damage in ["", "waybill data fol", "x\n", "gone"] {
            for log_is_damaged in [false, true] {
                let (dir, history) = log();
                let path = dir.path().join(name);
                let good = fs::read(&path).unwrap();
                if damage == "gone" {
                    fs::remove_file(&path).unwrap();
                } else {
                    fs::write(&path, damage).unwrap();
                }
                if log_is_damaged {
                    fs::write(dir.path().join("log/db"), b"?").unwrap();
                }
                let report = repaired(dir.path());
                assert_eq!((report.marker, report.public_key), (name == "format", name != "format"));
                assert_eq!((report.sound, report.new_key), (!log_is_damaged, false), "{name} {damage}");
                assert_eq!(report.epoch, 1 + u64::from(log_is_damaged), "{name} {damage}");
                assert_eq!(fs::read(&path).unwrap(), good);
                check(dir.path(), &history, &report);
            }
        }
    }
}

#[test]
fn a_marker_of_a_later_layout_is_never_touched() {
    let (dir, _) = log();
    let path = dir.path().join("format");
    fs::write(&path, "waybill data folder, format 3\n").unwrap();
    let before = contents(dir.path());
    for options in [RepairOptions::default(), DRY, RepairOptions { force: true, ..DRY }] {
        let error = crate::repair(dir.path(), options, |_| {}).unwrap_err();
        assert!(matches!(error, RepairError::Open(OpenError::NewerFormat { actual: 3, .. })), "{error:?}");
    }
    assert_eq!(contents(dir.path()), before);
}

#[test]
fn a_stranger_s_checkpoint_does_not_become_the_log_s_own() {
    let (dir, _) = log();
    let id = open(dir.path()).identity().log_id;
    let key = crate::keys::fresh(id);
    let note = fs::read(dir.path().join("tiles/checkpoint")).unwrap();
    let text = proof::Note::parse(&note).unwrap().text().to_owned();
    let forged = proof::Note::signed(text, &[&key]).unwrap();
    fs::write(dir.path().join("tiles/checkpoint"), forged.encode()).unwrap();
    fs::write(dir.path().join("keys/log.pub"), format!("{}\n", key.verifying_key())).unwrap();
    let before = contents(dir.path());
    for options in [RepairOptions::default(), DRY] {
        let error = crate::repair(dir.path(), options, |_| {}).unwrap_err();
        assert!(matches!(error, RepairError::Rebuild(RebuildError::Checkpoint { .. })), "{error:?}");
    }
    // The storage engine writes to what it opens, and the new log was begun.
    let kept = |files: BTreeMap<PathBuf, Vec<u8>>| -> BTreeMap<_, _> {
        let other = |path: &Path| !path.starts_with("repairing") && !path.starts_with("log");
        files.into_iter().filter(|(path, _)| other(path)).collect()
    };
    assert_eq!(kept(contents(dir.path())), kept(before));
}

#[test]
fn an_open_log_is_not_repaired() {
    let (dir, _) = log();
    let journal = open(dir.path());
    assert!(matches!(repair(dir.path(), |_| {}), Err(RepairError::Open(OpenError::Locked { .. }))));
    assert!(journal.verify(|_| {}).is_sound());
}

#[test]
fn a_repair_that_was_cut_short_is_gone_on_with() {
    for cut in 0..3 {
        let (dir, history) = log();
        let at = |name: &str| -> PathBuf { dir.path().join(name) };
        let old = fs::read(at("tiles/checkpoint")).unwrap();
        let force = RepairOptions { force: true, ..RepairOptions::default() };
        let report = crate::repair(dir.path(), force, |_| {}).unwrap();
        // Back to where the process ended: decided, and so many files in place.
        fs::create_dir(at("repairing")).unwrap();
        fs::copy(at("tiles/checkpoint"), at("repairing/checkpoint")).unwrap();
        fs::write(at("tiles/checkpoint"), old).unwrap();
        if cut < 2 {
            fs::rename(at("log"), at("repairing/log")).unwrap();
        }
        if cut < 1 {
            fs::rename(at("log.damaged-1"), at("log")).unwrap();
        }
        // Right after the decision the old log is still there as it was.
        assert!(cut == 0 || Journal::open(dir.path(), Options { read_only: false, ..options() }).is_err());
        let again = repaired(dir.path());
        assert_eq!((again.size, again.root, again.epoch), (700, report.root, report.epoch), "cut {cut}");
        assert!(!at("repairing").exists() && at("log.damaged-1").exists());
        check(dir.path(), &history, &report);
    }
}
