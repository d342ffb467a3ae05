//! Backups: beside a writer, only what is new, and what is refused.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use super::folders::{
    PATIENCE, Writer, beside, check_history, copy_folder, imported, inodes, number, text, told,
};
use crate::cli::run::Data;
use crate::faults::asked::Asked;

#[test]
fn a_writer_at_full_rate_is_backed_up_again_and_again_and_nothing_acknowledged_is_lost() {
    let data = Data::new();
    let (to, into) = (beside(&data, "backup"), beside(&data, "restored"));
    let words = ["backup", "--to", &text(&to)];
    let mut writer = Writer::start(&data);
    writer.write(20_000);
    let mut size = 0;
    let mut before: BTreeMap<PathBuf, u64> = BTreeMap::new();
    for round in 0..3 {
        // The first may need several runs until the signed tree has many full files.
        let (wanted, mut copied) = (size.max(15_000), 0);
        let report = kit::wait_for("a longer signed tree", PATIENCE, || {
            let report = data.json(&words);
            copied += number(&report, "copied_events");
            (number(&report, "events") > wanted).then_some(report)
        });
        assert_eq!(copied, number(&report, "events") - size, "{report}");
        size = number(&report, "events");
        // Full tiles and bundles never change: what was copied before was not touched again.
        let after = inodes(&to.join("tiles"));
        let full = before.iter().filter(|(path, _)| !text(path).contains(".p/"));
        let (same, other): (Vec<_>, Vec<_>) = full
            .filter(|(path, _)| !path.ends_with("checkpoint"))
            .partition(|(path, inode)| after.get(path.as_path()) == Some(inode));
        assert!(other.is_empty(), "written anew: {other:?}");
        assert!(round == 0 || same.len() > 100, "{} of {}", same.len(), after.len());
        before = after;
        writer.write(5_000);
    }
    let acknowledged = writer.kill();
    // Nobody holds the folder any more: now the backup reaches the log's very end.
    let last = data.json(&words);
    assert!(number(&last, "events") > acknowledged, "{last} after {acknowledged}");
    assert_eq!(data.json(&words)["copied_events"], 0);
    let restored = data.json(&["restore", "--from", &text(&to), "--to", &text(&into)]);
    assert_eq!((&restored["events"], &restored["root"]), (&last["events"], &last["root"]), "{restored}");
    assert_eq!((number(&restored, "left_out_events"), number(&restored, "epoch")), (0, 2));
    let verified = Data::at(into.clone()).json(&["verify"]);
    assert_eq!(verified["checkpoint"]["root"], last["root"], "the restored root is not the signed one");
    assert!(number(&check_history(&into), "events") >= number(&last, "events"));
}

#[test]
fn the_secret_key_is_in_a_backup_only_where_it_was_asked_for() {
    let data = imported();
    let (to, key) = (beside(&data, "backup"), data.path().join("keys/log.key"));
    let pinned = fs::read_to_string(data.path().join("keys/log.pub")).expect("it is there");
    data.ok(&["backup", "--to", &text(&to)]);
    assert!(!to.join("keys/log.key").exists() && to.join("keys/log.pub").exists());
    let restore = |name: &str| {
        let into = beside(&data, name);
        let report = data.json(&["restore", "--from", &text(&to), "--to", &text(&into)]);
        (report, fs::read_to_string(into.join("keys/log.pub")).expect("a log has a key"))
    };
    let (report, renewed) = restore("without");
    assert_eq!(report["new_key"], true);
    assert_ne!(renewed, pinned);
    // The key was kept elsewhere and is put back by hand.
    fs::copy(&key, to.join("keys/log.key")).expect("it can be copied");
    let (report, kept) = restore("by-hand");
    assert_eq!((&report["new_key"], &kept), (&false.into(), &pinned));
    fs::remove_file(to.join("keys/log.key")).expect("it is there");
    data.ok(&["backup", "--to", &text(&to), "--with-keys"]);
    let mode = std::os::unix::fs::PermissionsExt::mode(
        &fs::metadata(to.join("keys/log.key")).expect("it was copied").permissions(),
    );
    assert_eq!(mode & 0o777, 0o600);
    let (report, copied) = restore("with");
    assert_eq!((&report["new_key"], copied), (&false.into(), pinned));
}

#[test]
fn what_cannot_be_backed_up_is_said_with_a_hint_and_leaves_the_backup_as_it_was() {
    let (data, other) = (imported(), imported());
    let to = beside(&data, "backup");
    let words = ["backup", "--to", &text(&to)];
    let none = Data::new().run(&words);
    assert_eq!(none.code, 2, "{none:?}");
    assert!(none.stderr.contains("there is no log") && !to.exists(), "{none:?}");
    data.ok(&words);
    let before = inodes(&to);
    let mixed = other.run(&words);
    assert_eq!(mixed.code, 1, "{mixed:?}");
    assert!(mixed.stderr.contains("is of log") && mixed.stderr.contains("\nhint: "), "{mixed:?}");
    let remote = data.run(&[&words[..], &["--server", "http://127.0.0.1:1"]].concat());
    assert_eq!(remote.code, 9, "{remote:?}");
    assert!(remote.stderr.contains("\nhint: "), "{remote:?}");
    assert_eq!(inodes(&to), before);
    let held = fs::File::open(to.join("lock")).expect("it is there");
    held.lock().expect("nobody holds it");
    let busy = data.run(&words);
    assert_eq!(busy.code, 9, "{busy:?}");
    assert!(busy.stderr.contains("in use by another backup"), "{busy:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_of_the_folder_of_a_running_server_is_no_backup_and_a_backup_is() {
    let data = imported();
    let server = data.serve();
    let mut asked = Asked::of(&server);
    let (copy, to, into) = (beside(&data, "copy"), beside(&data, "backup"), beside(&data, "restored"));
    // Files are copied one after the other, and the log goes on meanwhile.
    copy_folder(&data.path().join("log"), &copy.join("log"));
    for _ in 0..20 {
        assert_eq!(asked.make_next().await.expect("the server answers").status, 200);
    }
    let signed = |data: &Data| {
        let note = fs::read_to_string(data.path().join("tiles/checkpoint")).expect("it is there");
        note.lines().nth(1).and_then(|size| size.parse::<u64>().ok()).expect("a checkpoint says its size")
    };
    let head = number(&asked.get("/v1/log").await.ok(), "head");
    kit::wait_for("the checkpoint", PATIENCE, || (signed(&data) > head).then_some(()));
    for name in ["tiles", "keys"] {
        copy_folder(&data.path().join(name), &copy.join(name));
    }
    fs::copy(data.path().join("format"), copy.join("format")).expect("it can be copied");
    let copy = Data::at(copy);
    let end = copy.run(&["verify", "--output", "json"]);
    assert!(matches!(end.code, 1 | 3), "a copy of a live folder was taken for whole: {end:?}");
    let opened = copy.run(&["serve", "--port", "0"]);
    assert_eq!(opened.code, 1, "{opened:?}");
    assert!(opened.stderr.contains("\nhint: "), "{opened:?}");

    let report = data.json(&["backup", "--to", &text(&to)]);
    assert_eq!(number(&report, "events"), head + 1, "{report}");
    data.ok(&["restore", "--from", &text(&to), "--to", &text(&into)]);
    let restored = Data::at(into);
    let again = restored.serve();
    let asked = asked.again(&again);
    asked.check().await;
    assert_eq!((server.stop().code, again.stop().code), (0, 0));
    assert_eq!(restored.json(&["verify"])["verified"], true);
}

#[test]
fn a_backup_with_a_flipped_bit_is_never_restored() {
    let data = imported();
    let (to, into) = (beside(&data, "backup"), beside(&data, "restored"));
    data.ok(&["backup", "--to", &text(&to)]);
    for path in ["tiles/tile/entries/000", "tiles/checkpoint"] {
        let path = to.join(path);
        let good = fs::read(&path).expect("it is there");
        let mut bad = good.clone();
        bad[good.len() / 2] ^= 4;
        fs::write(&path, bad).expect("it can be written");
        let end = data.run(&["restore", "--from", &text(&to), "--to", &text(&into), "--output", "json"]);
        assert_eq!(end.code, 1, "{}: {end:?}", path.display());
        assert!(end.stderr.contains("\nhint: ") && end.stdout.is_empty(), "{end:?}");
        assert!(!into.exists(), "{}", path.display());
        fs::write(&path, good).expect("it can be written");
    }
    let end = data.run(&["restore", "--from", &text(&to), "--to", &text(&into), "--output", "json"]);
    assert_eq!((end.code, number(&told(&end), "epoch")), (0, 2));
}
