//! Exports as analysts hand them on: every verb that reads gives on one what it gives on the data folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use domain::ids::{CommitId, SchemaVersion, TypeId};
use domain::{Actor, Expected, Fingerprint, StreamId, Ulid};
use journal::{Journal, NewCommit, NewEvent, Options};
use serde_json::{Value, json};

use crate::cli::run::{Data, data_file};

const FORMATS: [&str; 5] = ["parquet", "arrow", "csv", "ndjson", "sqlite"];

/// A recorded session of a real agent.
fn session() -> Data {
    let data = Data::new();
    data.ok(&["import", "pi", &data_file("pi-large-session.jsonl"), "--project", "demo"]);
    data
}

/// Whole histories with reviews, learnings, chains and metrics.
fn generated() -> Data {
    let data = Data::new();
    data.ok(&["generate", "--projects", "1", "--runs", "6", "--seed", "11"]);
    data
}

/// A folder or file beside the data folder.
fn beside(data: &Data, name: &str) -> PathBuf {
    data.path().parent().expect("it lies in a folder").join(name)
}

/// An export of the folder, as a folder that verbs work on.
fn exported(data: &Data, name: &str, words: &[&str]) -> Data {
    let out = beside(data, name);
    data.ok(&[&["export", "--out", &out.display().to_string()], words].concat());
    Data::at(out)
}

/// The words of every verb that reads, with what is wanted of the run that came last.
fn reading(data: &Data) -> Vec<Vec<String>> {
    let head = data.json(&["view", "usage"])["position"].as_u64().expect("a position");
    let runs = data.json(&["view", "runs"]);
    let run = runs["rows"][0]["key"].as_str().expect("a key").to_owned();
    let (middle, head) = ((head / 2).to_string(), head.to_string());
    let count = beside(data, "count.toml");
    fs::write(&count, "source = \"verdicts\"\naggregation = \"count\"\ngroup_by = [\"model\"]\n")
        .expect("it can be written");
    let count = count.display().to_string();
    let first = data.json(&["replay", &run])["first_position"].as_u64().map(|at| (at + 3).to_string());
    let until = first.unwrap_or_else(|| head.clone());
    let words: Vec<Vec<&str>> = vec![
        vec!["replay", "latest"],
        vec!["replay", &run, "--full"],
        vec!["replay", &run, "--check"],
        vec!["replay", &run, "--until", &until],
        vec!["replay", &run, "--step"],
        vec!["view"],
        vec!["view", "runs"],
        vec!["view", "usage"],
        vec!["view", "projects"],
        vec!["view", "run-timeline", &run],
        vec!["view", "runs", "--at", &middle],
        vec!["views"],
        vec!["metrics", "list"],
        vec!["metrics", "show", "pass-rate", "--by", "model"],
        vec!["metrics", "show", "composite", "--by", "day"],
        vec!["metrics", "rebuild", "cost-per-passed-run"],
        vec!["metrics", "compare", "pass-rate", "--definition", &count],
        vec!["report"],
        vec!["diff", "runs", "--from", &middle, "--to", &head],
        vec!["diff", "usage", "--from", "3", "--to", &middle],
    ];
    words.into_iter().map(|words| words.into_iter().map(str::to_owned).collect()).collect()
}

/// What a verb prints as JSON, and how it ends.
fn answer(data: &Data, words: &[String]) -> (i32, String) {
    let words: Vec<&str> = words.iter().map(String::as_str).chain(["--output", "json"]).collect();
    let end = data.run(&words);
    assert!(!end.stdout.is_empty(), "{words:?}: {end:?}");
    (end.code, end.stdout)
}

#[track_caller]
fn check_same(data: &Data, export: &Data, words: &[Vec<String>]) {
    let before = files(export.path());
    for words in words {
        assert_eq!(answer(export, words), answer(data, words), "{words:?}");
    }
    assert!(files(export.path()) == before, "nothing is written beside an export");
}

/// Every file below a folder.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("it is a folder") {
        let path = entry.expect("it can be read").path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => drop(found.insert(path.clone(), fs::read(&path).expect("it can be read"))),
        }
    }
    found
}

fn manifest(export: &Data) -> Value {
    serde_json::from_slice(&fs::read(export.path().join("manifest.json")).expect("it is there"))
        .expect("it is JSON")
}

#[test]
fn every_reading_verb_says_of_an_export_what_it_says_of_the_folder() {
    // What is generated has every kind of event; a real session has the long texts.
    for (data, others) in [(session(), &FORMATS[..0]), (generated(), &FORMATS[1..])] {
        let words = reading(&data);
        check_same(&data, &exported(&data, "parquet", &[]), &words);
        let few = &[&words[0..3], &words[6..9]].concat();
        for format in others {
            let export = exported(&data, format, &["--format", format]);
            check_same(&data, &export, few);
            // An export of the export is the same export.
            let again = exported(&export, &format!("{format}-again"), &["events", "--format", format]);
            let of = |export: &Data| {
                let files = manifest(export)["exports"][0]["files"].as_array().cloned().unwrap_or_default();
                files.into_iter().find(|file| file["table"] == "events")
            };
            assert_eq!(of(&again), of(&export));
            assert_eq!(manifest(&again)["log"], manifest(&export)["log"]);
        }
    }
}

#[test]
fn what_is_proven_is_told_and_stands_on_the_page() {
    let data = session();
    let export = exported(&data, "out", &[]);
    let end = export.run(&["view", "usage"]);
    let events = manifest(&export)["exports"][0]["rows"]["events"].clone();
    let told =
        format!("the root over the first {events} of {events} events is the one in the signed checkpoint");
    assert!(end.stderr.starts_with("note: ") && end.stderr.contains(&told), "{end:?}");
    let key = data.ok(&["keys", "show", "--plain"]);
    assert!(end.stderr.contains(key.trim()), "the key that came with it is named: {end:?}");
    let page = |data: &Data| data.ok(&["replay", "latest", "--output", "html"]);
    let wordy = |page: String| page.chars().filter(|letter| !letter.is_ascii_digit()).collect::<String>();
    let (ours, theirs) = (page(&export), page(&data));
    assert!(ours.contains("proven") && !ours.contains("NOT PROVEN"));
    assert!(wordy(ours) == wordy(theirs), "but for the time at which it was made");
    // Without the key nobody knows whose signature it is, and the page says so.
    change(&export, |manifest| manifest["exports"][0]["key"] = Value::Null);
    assert!(export.run(&["view", "usage"]).stderr.contains("UNPROVEN is who signed it"));
    assert!(page(&export).contains("NOT PROVEN"));
    change(&export, |manifest| manifest["exports"][0]["checkpoint"] = Value::Null);
    let end = export.run(&["view", "usage"]);
    assert!(end.code == 0 && end.stderr.contains("UNPROVEN: no signed checkpoint"), "{end:?}");
}

/// Changes the manifest of an export.
fn change(export: &Data, change: impl FnOnce(&mut Value)) {
    let mut manifest = manifest(export);
    change(&mut manifest);
    fs::write(export.path().join("manifest.json"), manifest.to_string()).expect("it can be written");
}

#[test]
fn an_export_with_increments_is_one_log() {
    for format in FORMATS {
        let data = session();
        let export = exported(&data, "out", &["--format", format]);
        let after = manifest(&export)["exports"][0]["to"].to_string();
        data.ok(&["generate", "--projects", "1", "--runs", "1", "--seed", "4"]);
        exported(&data, "out", &["--format", format, "--after", &after]);
        let words = [
            &["view", "runs"][..],
            &["view", "usage"],
            &["replay", "latest"],
            &["replay", "latest", "--check"],
        ];
        let words = words.map(|words| words.iter().map(|word| (*word).to_owned()).collect());
        check_same(&data, &export, &words);
        // The increment alone is no log.
        let end = exported(&data, "later", &["--format", format, "--after", &after]).run(&["view", "runs"]);
        assert_eq!(end.code, 2, "{end:?}");
        assert!(end.stderr.contains("after position none") && end.stderr.contains("\nhint: "), "{end:?}");
    }
}

#[test]
fn a_server_exports_what_can_be_read_like_its_log() {
    let data = generated();
    let server = data.serve();
    let export = exported(&data, "out", &["events"]);
    let told = export.run(&["view", "runs"]).stderr;
    assert!(
        told.contains("is the one in the signed checkpoint") && told.contains("which came with the export"),
        "{told}"
    );
    server.stop();
    check_same(&data, &export, &reading(&data)[6..9]);
}

#[test]
fn damage_is_refused_with_what_was_expected() {
    let data = session();
    for (format, file) in [("arrow", "events.arrow"), ("sqlite", "export.sqlite"), ("csv", "events.csv")] {
        let export = exported(&data, format, &["--format", format]);
        let path = export.path().join(file);
        let whole = fs::read(&path).expect("it is there");
        for at in [10, whole.len() / 2, whole.len() - 2] {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            fs::write(&path, bytes).expect("it can be written");
            let end = export.run(&["view", "usage"]);
            assert_eq!((end.code, end.stdout.as_str()), (1, ""), "{end:?}");
            assert!(end.stderr.contains("expected SHA-256 ") && end.stderr.contains("\nhint: "), "{end:?}");
        }
        fs::remove_file(&path).expect("it can be removed");
        let end = export.run(&["replay", "latest"]);
        assert!(end.code == 1 && end.stderr.contains(file), "{end:?}");
    }
    // A file of the many, and with it its events, is not missed in the manifest.
    let export = exported(&data, "parquet", &[]);
    change(&export, |manifest| {
        let export = &mut manifest["exports"][0];
        let files = export["files"].as_array_mut().expect("files");
        let place = files.iter().position(|file| file["table"] == "events").expect("there are events");
        let rows = files.remove(place)["rows"].as_u64().expect("a number");
        export["rows"]["events"] = (export["rows"]["events"].as_u64().expect("a number") - rows).into();
    });
    let end = export.run(&["report"]);
    assert!(end.code == 1 && end.stderr.contains("expected the event at position "), "{end:?}");
    // Without the table of events there is nothing to read.
    let end = exported(&data, "usage", &["usage"]).run(&["view", "usage"]);
    assert_eq!(end.code, 2, "{end:?}");
    assert!(
        end.stderr.contains("expected the table `events`") && end.stderr.contains("got usage"),
        "{end:?}"
    );
}

#[test]
fn nothing_is_written_to_an_export() {
    let data = session();
    let export = exported(&data, "out", &[]);
    let before = files(export.path());
    let pi = data_file("pi-large-session.jsonl");
    for words in [
        &["import", "pi", &pi, "--project", "demo"][..],
        &["generate", "--runs", "1"],
        &["serve", "--port", "0"],
        &["keys", "rotate"],
        &["user", "list"],
        &["rebuild", "--all"],
        &["views", "retry", "usage"],
        &["metrics", "archive", "x", "--project", "demo"],
        &["verify"],
        &["doctor"],
        &["backup", "--to", "elsewhere"],
        &["replay", "latest", "--follow"],
        &["search", "word"],
    ] {
        let end = export.run(words);
        assert_eq!(end.code, 2, "{words:?}: {end:?}");
        assert!(
            end.stderr.contains("is an export of a log") && end.stderr.contains("\nhint: replay, view,"),
            "{words:?}: {end:?}"
        );
    }
    assert_ne!(export.run(&["repair"]).code, 0);
    assert!(files(export.path()) == before);
    // A data folder that has such a file is a data folder.
    fs::write(data.path().join("manifest.json"), "{}").expect("it can be written");
    assert_eq!(data.run(&["view", "usage"]).code, 0);
}

#[test]
fn what_a_later_release_wrote_comes_along() {
    let data = session();
    let journal = Journal::open(data.path(), Options::default()).expect("it opens");
    let later = |bytes: &[u8]| NewEvent {
        type_id: TypeId(60_000),
        schema_version: SchemaVersion(1),
        payload: bytes.to_vec(),
    };
    let commit = NewCommit {
        stream: StreamId::new(domain::Category(999), Ulid(1)),
        expected: Expected::None,
        commit: CommitId::from(Ulid(7)),
        fingerprint: Fingerprint(0xfedc_ba98_7654_3210),
        actor: Actor::Operator,
        causation: None,
        correlation: None,
        project: None,
        occurred_at: None,
        events: vec![later(&[0, 255]), later(&[])],
    };
    journal.append(commit).wait().expect("it is taken");
    journal.close().expect("it closes");
    drop(journal);
    let words: Vec<_> =
        reading(&data).into_iter().filter(|words| words[0] == "view" || words[0] == "views").collect();
    for format in FORMATS {
        let export = exported(&data, format, &["--format", format]);
        check_same(&data, &export, &words);
        assert!(!export.run(&["view", "usage"]).stderr.contains("UNPROVEN"));
    }
    let export = exported(&data, "rows", &["events", "--format", "ndjson"]);
    let text = fs::read_to_string(export.path().join("events.ndjson")).expect("it is there");
    let last: Value = serde_json::from_str(text.lines().last().expect("a row")).expect("it is JSON");
    assert_eq!((&last["data"], &last["payload_hex"]), (&Value::Null, &json!("")));
    assert_eq!((&last["fingerprint"], &last["expectation"]), (&json!("fedcba9876543210"), &json!(1)));
}
