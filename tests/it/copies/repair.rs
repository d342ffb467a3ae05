//! Repairs: the log from the tiles and the tiles from the log, to the root that was signed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::folders::{Writer, beside, check_history, imported, inodes, number, rows, text, told};
use crate::cli::run::Data;

const PARTLY: i32 = 3;

/// A way to destroy the store's file.
type Damage = fn(&Path);

const DAMAGES: [(&str, Damage); 5] = [
    ("deleted", |db| fs::remove_file(db).expect("it is there")),
    ("emptied", |db| fs::write(db, []).expect("it can be written")),
    ("truncated", |db| {
        let file = fs::File::options().write(true).open(db).expect("it is there");
        file.set_len(db.metadata().expect("it is there").len() / 64).expect("it can be cut");
    }),
    ("zeroed", |db| {
        let length = db.metadata().expect("it is there").len();
        fs::write(db, vec![0; usize::try_from(length).expect("it is small")]).expect("it can be written");
    }),
    ("scribbled over", |db| {
        let mut bytes = fs::read(db).expect("it is there");
        for at in (0..bytes.len()).step_by(997) {
            bytes[at] ^= 0x55;
        }
        fs::write(db, bytes).expect("it can be written");
    }),
];

#[test]
fn a_destroyed_store_is_rebuilt_to_the_identical_root() {
    let data = imported();
    let (before, events) = (rows(&data, None), data.json(&["verify"]));
    let mut epoch = 1;
    for (what, damage) in DAMAGES {
        damage(&data.path().join("log").join("db"));
        let shut = data.run(&["verify"]);
        assert_ne!(shut.code, 0, "{what}: {shut:?}");
        let end = data.run(&["repair", "--output", "json"]);
        let report = told(&end);
        assert!(report["lost"].is_null(), "{what}: {report}");
        let unknown = report["end_unknown"] == true;
        assert_eq!(end.code, if unknown { PARTLY } else { 0 }, "{what}: {end:?}");
        epoch += 1;
        assert_eq!(number(&report, "epoch"), epoch, "{what}: {report}");
        assert_eq!((&report["root"], &report["events"]), (&events["checkpoint"]["root"], &events["events"]));
        let aside = report["aside"].as_array().expect("an array").iter();
        let aside: Vec<_> = aside.map(|path| Path::new(path.as_str().expect("a path"))).collect();
        assert!(aside.iter().any(|path| path.is_dir()), "{what}: the damaged log is gone: {report}");
        let verified = data.json(&["verify"]);
        assert_eq!((&verified["verified"], &verified["checkpoint"]["root"]), (&true.into(), &report["root"]));
        assert_eq!(rows(&data, None), before, "{what}");
    }
    let server = data.serve();
    let held = data.run(&["repair"]);
    assert_eq!(held.code, 9, "{held:?}");
    assert!(held.stderr.contains(&format!("process {}", server.pid())), "{held:?}");
    assert_eq!(server.stop().code, 0);
}

#[test]
fn damaged_tiles_are_written_anew_from_the_log() {
    let data = imported();
    let before = data.json(&["verify"]);
    let tiles = data.path().join("tiles");
    for path in ["tile/entries/001", "tile/0/000"] {
        let path = tiles.join(path);
        let mut bytes = fs::read(&path).expect("it is there");
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&path, bytes).expect("it can be written");
        let damaged = data.run(&["verify"]);
        assert_eq!(damaged.code, 1, "{damaged:?}");
        let report = data.json(&["repair"]);
        assert!(number(&report, "mended_files") > 0, "{report}");
        assert_eq!(report["root"], before["checkpoint"]["root"]);
        let verified = data.json(&["verify"]);
        assert_eq!((&verified["verified"], &verified["events"]), (&true.into(), &before["events"]));
    }
}

#[test]
fn what_was_acknowledged_and_not_signed_is_carried_over_or_said_to_be_unknown() {
    for destroyed in [false, true] {
        let data = Data::new();
        let mut writer = Writer::start(&data);
        writer.write(4_000);
        let acknowledged = writer.kill();
        if destroyed {
            fs::remove_dir_all(data.path().join("log")).expect("it is there");
        }
        // What is whole is left alone: here the new log is asked for.
        let end = data.run(&["repair", "--force", "--output", "json"]);
        let report = told(&end);
        assert_eq!(report["end_unknown"], destroyed, "{report}");
        let found = check_history(data.path());
        assert_eq!(found["events"], report["events"], "{report}");
        if destroyed {
            assert_eq!((end.code, &report["events"]), (PARTLY, &report["signed_events"]), "{report}");
        } else {
            assert_eq!(end.code, 0, "{end:?}");
            assert!(number(&report, "events") > acknowledged, "{report}");
            let carried = number(&report, "events") - number(&report, "signed_events");
            assert_eq!(number(&report, "carried_events"), carried, "{report}");
        }
    }
}

#[test]
fn a_whole_log_keeps_its_epoch_and_a_dry_run_changes_nothing() {
    let data = imported();
    let before = inodes(data.path());
    for words in [&["repair", "--dry-run"][..], &["repair"]] {
        let text = data.ok(words);
        assert!(text.starts_with("Nothing to repair: "), "{text}");
        let report = data.json(words);
        assert_eq!((&report["sound"], number(&report, "epoch")), (&true.into(), 1), "{report}");
    }
    let kept = |files: BTreeMap<PathBuf, u64>| -> Vec<_> {
        files.into_iter().filter(|(path, _)| !path.starts_with(data.path().join("log"))).collect()
    };
    assert_eq!(kept(inodes(data.path())), kept(before));
    // A damaged log: what would be done is said, and nothing is done.
    let db = data.path().join("log/db");
    fs::write(&db, b"?").expect("it can be written");
    let planned = data.run(&["repair", "--dry-run", "--output", "json"]);
    let told_so = told(&planned);
    assert_eq!((planned.code, &told_so["dry_run"], &told_so["sound"]), (PARTLY, &true.into(), &false.into()));
    assert!(fs::read(&db).expect("it is there") == b"?", "a dry run wrote to the log");
    let done = data.run(&["repair", "--output", "json"]);
    assert_eq!((done.code, &told(&done)["events"]), (PARTLY, &told_so["events"]), "{done:?}");
}

#[test]
fn a_marker_and_key_files_that_are_gone_are_named_and_mended() {
    let data = imported();
    let path = |name: &str| data.path().join(name);
    let good = fs::read(path("format")).expect("it is there");
    for damage in ["", "waybill data folder, for"] {
        fs::write(path("format"), damage).expect("it can be written");
        assert_eq!(data.run(&["verify"]).code, 1, "no build knows what this is");
        let report = data.json(&["repair"]);
        assert_eq!((&report["marker_written"], number(&report, "epoch")), (&true.into(), 1), "{report}");
        assert_eq!(fs::read(path("format")).expect("it was written"), good);
    }
    fs::write(path("format"), "waybill data folder, format 3\n").expect("it can be written");
    assert_eq!(data.run(&["repair"]).code, 7, "a later layout is not touched");
    fs::write(path("format"), &good).expect("it can be written");
    let pinned = beside(&data, "pinned.pub");
    fs::copy(path("keys/log.pub"), &pinned).expect("it can be copied");
    let by = format!("@{}", text(&pinned));
    for name in ["log.pub", "log.key"] {
        fs::remove_file(path("keys").join(name)).expect("it is there");
        let end = data.run(&["verify"]);
        assert_eq!(end.code, PARTLY, "{end:?}");
        assert!(end.stdout.starts_with("INCOMPLETE: "), "{end:?}");
        assert!(end.stdout.contains(&format!("`keys/{name}` is missing")), "{end:?}");
        // Whoever holds the key from elsewhere needs no key file to verify.
        let end = data.run(&["verify", "--key", &by]);
        assert_eq!(end.code, 0, "{end:?}");
        assert!(end.stdout.contains(&format!("note: `keys/{name}` is missing")), "{end:?}");
        let report = data.json(&["repair"]);
        let (mended, renewed) = (&report["public_key_written"], &report["new_key"]);
        assert_eq!((mended, renewed), (&(name == "log.pub").into(), &(name == "log.key").into()), "{report}");
        assert_eq!(data.run(&["verify"]).code, 0);
    }
    // Both at once: nothing says who has signed.
    fs::remove_dir_all(path("keys")).expect("it is there");
    let end = data.run(&["verify"]);
    assert_eq!(end.code, 4, "{end:?}");
    assert!(end.stdout.contains("`keys/log.key` and `keys/log.pub` are missing"), "{end:?}");
}

#[test]
fn what_cannot_be_repaired_says_what_to_do_and_a_backup_does_it() {
    let data = imported();
    let to = beside(&data, "backup");
    data.ok(&["backup", "--to", &text(&to)]);
    let none = Data::new().run(&["repair"]);
    assert_eq!(none.code, 2, "{none:?}");
    assert!(none.stderr.contains("\nhint: "), "{none:?}");
    // Log and tiles lose the same events.
    fs::write(data.path().join("log").join("db"), []).expect("it can be written");
    let shut = data.run(&["backup", "--to", &text(&to)]);
    assert_eq!(shut.code, 1, "{shut:?}");
    assert!(shut.stderr.contains("not backed up: ") && shut.stderr.contains("waybill repair"), "{shut:?}");
    let late = data.json(&["backup", "--tiles-only", "--to", &text(&beside(&data, "late"))]);
    assert_eq!(late["copied_events"], late["events"]);
    fs::remove_file(data.path().join("tiles/tile/entries/001")).expect("it is there");
    let end = data.run(&["repair"]);
    assert_eq!(end.code, 1, "{end:?}");
    assert!(
        end.stderr.contains("position 256") && end.stderr.contains("\nhint: restore a backup"),
        "{end:?}"
    );
    let into = beside(&data, "restored");
    data.ok(&["restore", "--from", &text(&to), "--to", &text(&into)]);
    assert_eq!(Data::at(into).json(&["verify"])["verified"], true);
}
