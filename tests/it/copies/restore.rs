//! Restores: to an exact position, whole commits only, and into the next epoch.

use std::fs;

use domain::ids::Position;
use journal::{Journal, Options};
use kit::server::within;
use kit::socket::Socket;
use serde_json::json;

use super::folders::{Writer, beside, check_history, copy_folder, imported, number, rows, text};
use crate::cli::run::Data;

/// First and last position of a commit of several events, near the middle of the log.
fn several(data: &Data) -> (u64, u64) {
    let options = Options { read_only: true, ..Options::default() };
    let journal = Journal::open(data.path(), options).expect("nobody holds it");
    let end = journal.watermark().expect("it is not empty").0;
    let found = (end / 2..end).find_map(|at| {
        let record = journal.get(Position(at)).expect("it can be read")?;
        let (index, size) = (u64::from(record.commit_index()), u64::from(record.commit_size()));
        (index == 0 && size > 1).then_some((at, at + size - 1))
    });
    found.expect("some commit has several events")
}

#[test]
fn a_log_is_restored_to_an_exact_position_and_no_commit_is_cut_in_half() {
    let data = Data::new();
    let to = beside(&data, "backup");
    let mut writer = Writer::start(&data);
    writer.write(3_000);
    writer.kill();
    let signed = number(&data.json(&["backup", "--to", &text(&to)]), "events");
    let (first, last) = several(&data);
    let restore = |at: u64, name: &str| {
        let (at, into) = (at.to_string(), beside(&data, name));
        let words = ["restore", "--from", &text(&to), "--to", &text(&into), "--at", &at, "--output", "json"];
        (data.run(&words), into)
    };
    let (half, into) = restore(last - 1, "half");
    assert_eq!(half.code, 2, "{half:?}");
    assert!(half.stderr.contains(&format!("which takes positions {first} to {last}")), "{half:?}");
    assert!(half.stderr.contains("\nhint: name the commit's last position"), "{half:?}");
    assert!(!into.exists(), "something was left of a refused restore");
    for (at, name) in [(first - 1, "before"), (last, "behind"), (0, "one")] {
        let (end, into) = restore(at, name);
        assert_eq!(end.code, 0, "{end:?}");
        let report = super::folders::told(&end);
        assert_eq!(
            (number(&report, "events"), number(&report, "left_out_events")),
            (at + 1, signed - at - 1)
        );
        let verified = Data::at(into.clone()).run(&["verify", "--output", "json"]);
        assert_eq!(verified.code, 0, "{verified:?}");
        assert_eq!(super::folders::told(&verified)["checkpoint"]["root"], report["root"]);
        assert_eq!(number(&check_history(&into), "events"), at + 1);
    }
    let (beyond, _) = restore(signed, "beyond");
    assert_eq!(beyond.code, 2, "{beyond:?}");
    assert!(beyond.stderr.contains(&format!("there is no position {signed}")), "{beyond:?}");
    let taken = data.run(&["restore", "--from", &text(&to), "--to", &text(data.path())]);
    assert_eq!(taken.code, 2, "{taken:?}");
    assert!(taken.stderr.contains("not empty"), "{taken:?}");
    let nothing = data.run(&["restore", "--from", &text(&beside(&data, "no")), "--to", "x"]);
    assert_eq!(nothing.code, 2, "{nothing:?}");
    assert!(nothing.stderr.contains("there is no backup"), "{nothing:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn views_and_clients_that_are_ahead_of_the_restored_head_begin_anew() {
    let data = imported();
    let (to, into) = (beside(&data, "backup"), beside(&data, "restored"));
    data.ok(&["backup", "--to", &text(&to)]);
    assert_eq!(data.serve().stop().code, 0);
    let (at, log) = {
        let options = Options { read_only: true, ..Options::default() };
        let journal = Journal::open(data.path(), options).expect("nobody holds it");
        let end = journal.watermark().expect("it is not empty").0;
        let at = (end / 2..end).find(|at| {
            let record = journal.get(Position(*at)).expect("it can be read").expect("it is there");
            record.commit_index() + 1 == record.commit_size()
        });
        (at.expect("some commit ends there"), journal.identity().log_id)
    };
    let ahead = number(&data.json(&["view", "usage"]), "position");
    data.ok(&["restore", "--from", &text(&to), "--to", &text(&into), "--at", &at.to_string()]);
    // Somebody puts the old folder's snapshots of views beside the shorter log.
    copy_folder(&data.path().join("views"), &into.join("views"));
    assert!(fs::read_dir(into.join("views")).expect("it is there").count() > 0);
    let restored = Data::at(into);
    let server = restored.serve();
    assert_eq!(number(&restored.json(&["view", "usage"]), "position"), at);
    assert_eq!(rows(&restored, None), rows(&data, Some(at)), "views of what was not restored");

    let address = server.url.trim_start_matches("http://").parse().expect("an address");
    let mut socket = Socket::open(address, &[], None).await.expect("the handshake is in order");
    socket.send(&json!({ "type": "hello", "token": server.token })).await;
    let welcome = socket.next().await;
    assert_eq!((&welcome["epoch"], &welcome["head"]), (&json!(2), &json!(at)), "{welcome}");
    for (id, epoch, reason) in [("old", 1, "epoch"), ("lying", 2, "ahead")] {
        let from = json!({ "log": log, "epoch": epoch, "position": ahead });
        socket.send(&json!({ "type": "sub", "id": id, "topic": "view:runs", "from": from })).await;
        let reset = within("the reset", socket.next()).await;
        assert_eq!(reset, json!({ "type": "reset", "id": id, "reason": reason }));
        loop {
            let frame = within("the snapshot", socket.next()).await;
            if frame["id"] == id && frame["type"] == "live" {
                assert_eq!(frame["position"], at);
                break;
            }
        }
    }
    socket.close().await;
    let end = server.stop();
    assert_eq!(end.code, 0, "{end:?}");
    assert!(end.stderr.contains("snapshot does not fit this log"), "{end:?}");
}
