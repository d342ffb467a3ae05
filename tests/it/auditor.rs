//! What an auditor does with the binary: each exit code, on a folder, through a server, and on a file alone.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::cli::run::{Data, data_file};

fn imported() -> Data {
    let data = Data::new();
    data.ok(&["import", "swe-agent", &data_file("marshmallow-1867.traj"), "--project", "demo"]);
    data
}

fn grow(data: &Data) {
    data.ok(&["import", "swe-agent", &data_file("pydicom-1458.traj"), "--project", "demo"]);
}

/// A file beside the data folder.
fn beside(data: &Data, name: &str) -> String {
    data.path().parent().expect("it lies in a folder").join(name).display().to_string()
}

/// The log's public key, as whoever runs it hands it out.
fn key(data: &Data) -> String {
    format!("@{}", data.path().join("keys/log.pub").display())
}

#[track_caller]
fn code(data: &Data, expected: i32, words: &[&str]) -> String {
    let end = data.run(words);
    assert_eq!(end.code, expected, "{words:?}: {end:?}");
    assert!(expected != 2 || end.stderr.contains("\nhint: "), "{words:?}: {end:?}");
    assert!(!end.stderr.contains("panicked"), "{words:?}: {end:?}");
    end.stdout
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("the folder can be made");
    for entry in fs::read_dir(from).expect("the folder can be read") {
        let entry = entry.expect("the folder can be read");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("it has a kind").is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("the file can be copied");
        }
    }
}

#[test]
fn a_whole_log_ends_with_each_code() {
    let data = imported();
    let other = imported();
    let (own, stranger) = (key(&data), key(&other));
    code(&data, 0, &["verify"]);
    assert!(code(&data, 0, &["verify", "--key", &own]).starts_with("Verified: "));
    assert!(code(&data, 4, &["verify", "--key", &stranger]).starts_with("UNKNOWN KEY: "));
    code(&data, 0, &["verify", "--key", &own, "--max-age", "1h"]);
    kit::wait_for("the checkpoint to be a second old", std::time::Duration::from_secs(30), || {
        (data.run(&["verify", "--max-age", "0s"]).code == 5).then_some(())
    });
    for wrong in
        [&["--key", "nonsense"][..], &["--key", "@/no/such"], &["--max-age", "soon"], &["--run", "x"]]
    {
        let end = data.run(&[&["verify"], wrong].concat());
        assert_eq!(end.code, 2, "{wrong:?}: {end:?}");
    }
    // The log goes back to where it was before, and the tiles know more.
    let (log, old) = (data.path().join("log"), data.path().join("old"));
    copy(&log, &old);
    grow(&data);
    fs::remove_dir_all(&log).unwrap();
    fs::rename(&old, &log).unwrap();
    let text = code(&data, 3, &["verify", "--key", &own]);
    assert!(text.starts_with("INCOMPLETE: ") && text.contains("nothing missing  NO"), "{text}");
    assert!(text.contains("nothing altered  yes"), "two answers: {text}");
}

#[test]
fn what_came_since_a_checkpoint_is_read_and_no_more() {
    let data = imported();
    let seen = beside(&data, "seen");
    fs::copy(data.path().join("tiles/checkpoint"), &seen).unwrap();
    let before = data.json(&["verify"])["events"].as_u64().unwrap();
    grow(&data);
    let all = data.json(&["verify"])["events"].as_u64().unwrap();
    let report = data.json(&["verify", "--since", &seen]);
    assert_eq!(report["events"].as_u64(), Some(all - before), "{report}");
    assert!(code(&data, 0, &["verify", "--since", &seen]).contains("\nextends "));
    // A checkpoint of a log that this one does not extend.
    let other = imported();
    let foreign = other.path().join("tiles/checkpoint").display().to_string();
    let end = data.run(&["verify", "--since", &foreign]);
    assert!(matches!(end.code, 1 | 4), "{end:?}");
    code(&data, 2, &["verify", "--since", &data_file("marshmallow-1867.traj")]);
    assert_eq!(data.run(&["verify", "--since", &seen, "--bundle", "x"]).code, 2);
}

#[test]
fn evidence_of_a_run_is_checked_without_a_folder() {
    let data = imported();
    let file = beside(&data, "run.tar");
    let written = data.json(&["evidence", "latest", "--out", &file]);
    let run = written["run"].as_str().unwrap().to_owned();
    let own = key(&data);
    let nowhere = Data::at("/no/such/folder".into());
    assert!(code(&nowhere, 0, &["verify", "--bundle", &file, "--key", &own]).starts_with("Verified: "));
    let report = nowhere.json(&["verify", "--bundle", &file, "--key", &own]);
    assert_eq!((&report["exit_code"], &report["events"]), (&0.into(), &written["report"]["events"]));
    assert!(code(&nowhere, 4, &["verify", "--bundle", &file]).contains("--key"));
    code(&nowhere, 0, &["verify", "--bundle", &file, "--trust-bundled-key"]);
    code(&nowhere, 4, &["verify", "--bundle", &file, "--key", &key(&imported())]);
    kit::wait_for("the checkpoint to be old", std::time::Duration::from_secs(30), || {
        (nowhere.run(&["verify", "--bundle", &file, "--key", &own, "--max-age", "0s"]).code == 5)
            .then_some(())
    });
    code(&nowhere, 2, &["verify", "--bundle", "/no/such/file"]);
    let sound = fs::read(&file).unwrap();
    for part in 1..8 {
        let mut bytes = sound.clone();
        let at = bytes.len() * part / 8;
        bytes[at] ^= 1;
        fs::write(&file, bytes).unwrap();
        code(&nowhere, 1, &["verify", "--bundle", &file, "--key", &own]);
    }
    fs::write(&file, &sound).unwrap();
    code(&data, 0, &["verify", "--run", &run, "--key", &own]);
    code(&data, 2, &["verify", "--run", "01JD0000000000000000000000"]);
    code(&data, 2, &["evidence", "01JD0000000000000000000000", "--out", &file]);
    assert_eq!(fs::read(&file).unwrap(), sound, "nothing was written in its place");
    let report = String::from_utf8_lossy(&sound).into_owned();
    assert!(
        report.contains("## The story") && report.contains("\"$defs\""),
        "a report and schemas are in it"
    );
}

#[test]
fn proofs_are_checked_before_they_are_printed() {
    let data = imported();
    let (own, out) = (key(&data), beside(&data, "proof.json"));
    let text = code(&data, 0, &["prove", "inclusion", "3", "--key", &own, "--out", &out]);
    assert!(text.starts_with("Proven: the event at position 3 is in the log of "), "{text}");
    let proof: Value = serde_json::from_slice(&fs::read(&out).unwrap()).unwrap();
    let told = data.json(&["prove", "inclusion", "3"]);
    assert_eq!((&told["proof"], &told["exit_code"]), (&proof, &0.into()));
    code(&data, 0, &["prove", "inclusion", "3", "--size", "4"]);
    let text = code(&data, 0, &["prove", "consistency", "2", "9", "--key", &own]);
    assert!(text.starts_with("Proven: the log of 9 events begins with the log of 2 events."), "{text}");
    code(&data, 4, &["prove", "consistency", "2", "--key", &key(&imported())]);
    for wrong in [
        &["inclusion", "999999"][..],
        &["inclusion", "3", "--size", "3"],
        &["consistency", "0"],
        &["consistency", "9", "2"],
    ] {
        code(&data, 2, &[&["prove"], wrong].concat());
    }
}

#[test]
fn everything_works_through_a_server_and_a_change_of_key() {
    let data = imported();
    let pinned = data.ok(&["keys", "show", "--plain"]).trim().to_owned();
    let server = data.serve();
    let away = Data::at("/no/such/folder".into());
    let by = |expected: i32, words: &[&str]| {
        code(&away, expected, &[words, &["--server", &server.url, "--token", &server.token]].concat())
    };
    let changed: Value = serde_json::from_str(&by(0, &["keys", "rotate", "--output", "json"])).unwrap();
    assert_eq!(changed["old_key"], pinned);
    let shown = by(0, &["keys", "show"]);
    assert!(shown.contains(&pinned) && shown.contains(changed["new_key"].as_str().unwrap()), "{shown}");
    let file = beside(&data, "run.tar");
    by(0, &["evidence", "latest", "--out", &file]);
    code(&away, 0, &["verify", "--bundle", &file, "--key", &pinned]);
    by(0, &["verify", "--key", &pinned]);
    by(0, &["prove", "inclusion", "0", "--key", &pinned]);
    by(0, &["prove", "consistency", "5", "--key", &pinned]);
    by(4, &["prove", "inclusion", "0", "--key", &key(&imported())]);
    by(2, &["prove", "inclusion", "999999"]);
    by(2, &["evidence", "01JD0000000000000000000000", "--out", &file]);
    server.stop();
    code(&data, 0, &["verify", "--key", &pinned]);
    data.ok(&["keys", "rotate"]);
    let report = data.json(&["verify", "--key", &pinned]);
    assert_eq!(report["verified"], true, "two changes later: {report}");
}

#[test]
fn a_witness_cosigns_what_extends_and_refuses_a_rollback() {
    let data = imported();
    let (secret, out) = (beside(&data, "w.key"), beside(&data, "cosigned"));
    let made = data.json(&["keys", "new", "witness.example/w1", "--out", &secret]);
    code(&data, 2, &["keys", "new", "witness.example/w1", "--out", &secret]);
    let of = data.path().display().to_string();
    // The first key, whatever signs later.
    let own =
        fs::read_to_string(data.path().join("keys/log.pub")).expect("a log has a key").trim().to_owned();
    let witness = |of: &str| {
        ["witness", "--of", of, "--key", &secret, "--log-key", &own, "--out", &out]
            .map(str::to_owned)
            .to_vec()
    };
    let run = |words: Vec<String>| data.run(&words.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(run(witness(&of)).code, 0);
    grow(&data);
    let server = data.serve();
    let mut words = witness(&server.url);
    words.extend(["--token".to_owned(), server.token.clone()]);
    let seen = run(words.clone());
    assert!(seen.code == 0 && seen.stdout.contains(" seen before."), "{seen:?}");
    // The witness follows a change of key over the server.
    data.ok(&["keys", "rotate"]);
    assert_eq!(run(words).code, 0);
    server.stop();
    let keys = [made["key"].as_str().unwrap().parse().unwrap()];
    let note = proof::Note::open(&fs::read(&out).unwrap(), &keys).map(|(note, _)| note.signatures().len());
    assert_eq!(note, Ok(2), "log and witness have signed");
    // A plain folder tells of a change of key as well: the witness still holds the first one.
    data.ok(&["keys", "rotate"]);
    assert_eq!(run(witness(&of)).code, 0);
    // The log goes back behind what the witness saw.
    let checkpoint = data.path().join("tiles/checkpoint");
    let old = fs::read(&checkpoint).unwrap();
    data.ok(&["import", "swe-agent", &data_file("function_calling_simple.traj")]);
    assert_eq!(run(witness(&of)).code, 0);
    fs::write(checkpoint, old).unwrap();
    let refused = run(witness(&of));
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.stderr.contains("REFUSED") && refused.stderr.contains("seen before: "), "{refused:?}");
    assert!(Path::new(&format!("{secret}.seen.refused")).exists());
}

#[test]
fn a_server_shows_what_its_witnesses_cosigned_and_puts_it_into_evidence() {
    let data = imported();
    let secret = beside(&data, "w.key");
    let witness = data.json(&["keys", "new", "witness.example/w1", "--out", &secret])["key"].clone();
    let witness = witness.as_str().unwrap();
    let offer = |server: &crate::cli::run::Server| {
        let of = ["witness", "--of", &server.url, "--token", &server.token, "--key", &secret, "--offer"];
        data.run(&[&of[..], &["--log-key", &key(&data)]].concat())
    };
    let server = data.serve();
    let refused = offer(&server);
    assert!(refused.code == 2 && refused.stderr.contains("--witness"), "{refused:?}");
    server.stop();
    let server = data.serve_with(&["--witness", witness]);
    let taken = offer(&server);
    assert_eq!(taken.code, 0, "{taken:?}");
    let file = beside(&data, "run.tar");
    data.ok(&["evidence", "latest", "--out", &file]);
    // Whoever trusts the witness alone can tell that somebody else saw this log.
    let text = code(&data, 0, &["verify", "--bundle", &file, "--key", witness]);
    assert!(text.contains("a witness that saw it at "), "{text}");
    // What the witness saw outlives the server, however it ends, and goes into the backup.
    let before = fs::read(data.path().join("tiles/cosigned")).expect("it was kept");
    server.kill();
    let server = data.serve_with(&["--witness", witness]);
    data.ok(&["evidence", "latest", "--out", &file]);
    let text = code(&data, 0, &["verify", "--bundle", &file, "--key", witness]);
    assert!(text.contains("a witness that saw it at "), "{text}");
    let backup = beside(&data, "backup");
    data.ok(&["backup", "--to", &backup]);
    assert_eq!(fs::read(Path::new(&backup).join("tiles/cosigned")).expect("it was copied"), before);
    server.stop();
    code(&data, 0, &["verify"]);
}
