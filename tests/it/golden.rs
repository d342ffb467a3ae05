//! What was stored once is read for ever: payloads of every layout, and a whole log.

use std::collections::BTreeSet;
use std::path::Path;

use domain::ids::{SchemaVersion, TypeId};
use domain::{Category, Event, aggregates};
use expect_test::{Expect, expect};
use journal::RawRecord;
use projections::{Scope, views};

fn hex(text: &str) -> Vec<u8> {
    let digits = if text == "-" { "" } else { text };
    (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).expect("two hex digits"))
        .collect()
}

#[test]
fn every_payload_ever_written_reads_as_it_did() {
    let page = std::fs::read_to_string(kit::root().join("tests/golden/events.txt")).unwrap();
    let mut written = BTreeSet::new();
    for line in page.lines().filter(|line| !line.starts_with('#')) {
        let parts: Vec<&str> = line.splitn(6, ' ').collect();
        let [aggregate, type_id, name, layout, bytes, json] = parts[..] else { panic!("{line}") };
        let category: Category = aggregate.parse().unwrap();
        let type_id: TypeId = type_id.parse().unwrap();
        let layout = SchemaVersion(layout[1..].parse().unwrap());
        let event = Event::decode(category, type_id, layout, &hex(bytes))
            .unwrap_or_else(|error| panic!("{name} v{layout}: {error}"));
        assert_eq!(event.name(), name);
        // What a later layout adds shows in JSON; what the line had must still be there, unchanged.
        let (now, then) = (serde_json::to_value(&event).unwrap(), serde_json::from_str(json).unwrap());
        assert!(holds(&now, &then), "{name} v{layout}: expected {then}, got {now}");
        let again = Event::payload_of_json(category, type_id, layout, json);
        assert_eq!(again, Ok(hex(bytes)), "{name} v{layout}: other bytes come of its JSON");
        if event.schema_version() == layout {
            assert_eq!(
                event.encode(),
                hex(bytes),
                "{name} v{layout} is written with other bytes than before"
            );
        }
        written.insert((type_id, layout));
    }
    for event in aggregates().into_iter().flat_map(|aggregate| aggregate.events) {
        let there = written.contains(&(event.type_id, event.schema_version));
        assert!(there, "{} v{} has no golden line: run `cargo xtask gen`", event.name, event.schema_version);
        for older in event.older {
            let there = written.contains(&(event.type_id, SchemaVersion(*older)));
            assert!(there, "{} v{older} has lost its golden line", event.name);
        }
    }
}

/// Whether `now` has everything that `then` had.
fn holds(now: &serde_json::Value, then: &serde_json::Value) -> bool {
    match (now, then) {
        (serde_json::Value::Object(now), serde_json::Value::Object(then)) => {
            then.iter().all(|(key, value)| now.get(key).is_some_and(|now| holds(now, value)))
        }
        _ => now == then,
    }
}

/// The stored records of a log, one behind the other.
fn records(file: &str) -> Vec<RawRecord> {
    let bytes = std::fs::read(kit::root().join("tests/golden").join(file)).expect("the golden log is there");
    let mut rest = bytes::Bytes::from(bytes);
    let mut records = Vec::new();
    while !rest.is_empty() {
        let length = journal::record::length(&rest).expect("a record begins here");
        let record = RawRecord::parse(rest.split_to(length)).expect("the record is whole");
        record.check().expect("the record is unaltered");
        records.push(record);
    }
    records
}

fn check(file: &str, expected: &Expect) {
    let events: Vec<_> =
        records(file).iter().map(|record| engine::decode(record).expect("this build knows it")).collect();
    let mut shown = format!("{} events\n", events.len());
    for spec in views().into_iter().filter(|spec| spec.scope == Scope::Live) {
        let mut view = (spec.make)();
        events.iter().for_each(|event| view.apply(event));
        let hash = view.state_hash().expect("its rows are in memory");
        let hash: String = hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        shown += &format!("{} v{}: {} rows, state {hash}\n", spec.name, spec.version, view.len());
    }
    expected.assert_eq(&shown);
}

#[test]
fn the_first_log_folds_to_the_same_rows() {
    check(
        "log-1.records",
        &expect![[r#"
            116 events
            projects v1: 1 rows, state bb024f07d4bd32bb
            project-dashboard v1: 1 rows, state b3cc21bf7d5628ca
            runs v1: 3 rows, state 5fc9f073064b9fdd
            usage v1: 2 rows, state d9bddac0e536316f
            members v1: 0 rows, state e3b0c44298fc1c14
            personas v1: 0 rows, state e3b0c44298fc1c14
            workflows v1: 0 rows, state e3b0c44298fc1c14
            sandboxes v2: 3 rows, state fe0197a22e8bfef1
            quality v1: 0 rows, state e3b0c44298fc1c14
            assets v2: 0 rows, state e3b0c44298fc1c14
            script-executions v1: 0 rows, state e3b0c44298fc1c14
            plans v1: 0 rows, state e3b0c44298fc1c14
            issues v1: 0 rows, state e3b0c44298fc1c14
            issue-sessions v1: 0 rows, state e3b0c44298fc1c14
            answering-sessions v1: 0 rows, state e3b0c44298fc1c14
            chains v1: 0 rows, state e3b0c44298fc1c14
            schedule v1: 0 rows, state e3b0c44298fc1c14
            learnings v1: 0 rows, state e3b0c44298fc1c14
            learning-queue v1: 0 rows, state e3b0c44298fc1c14
            learning-documents v2: 0 rows, state e3b0c44298fc1c14
            metrics v1: 0 rows, state e3b0c44298fc1c14
            contexts v1: 0 rows, state e3b0c44298fc1c14
            agent-definitions v2: 0 rows, state e3b0c44298fc1c14
            triggers v1: 0 rows, state e3b0c44298fc1c14
            firings v1: 0 rows, state e3b0c44298fc1c14
            heartbeats v1: 0 rows, state e3b0c44298fc1c14
            routings v1: 0 rows, state e3b0c44298fc1c14
            sessions v2: 0 rows, state e3b0c44298fc1c14
            unfinished v1: 0 rows, state e3b0c44298fc1c14
            webhook-deliveries v1: 0 rows, state e3b0c44298fc1c14
            teams v1: 0 rows, state e3b0c44298fc1c14
            experiments v1: 0 rows, state e3b0c44298fc1c14
            identity v1: 0 rows, state e3b0c44298fc1c14
            reviews v2: 0 rows, state e3b0c44298fc1c14
            brain v3: 0 rows, state e3b0c44298fc1c14
            budget v1: 0 rows, state e3b0c44298fc1c14
            notifications v1: 0 rows, state e3b0c44298fc1c14
            audit-trail v1: 26 rows, state c9da745dd26bce11
            users v1: 0 rows, state e3b0c44298fc1c14
            access v1: 0 rows, state e3b0c44298fc1c14
        "#]],
    );
}

/// Data folders as releases left them: made once, opened by every later one. The last is of the layout that is written.
const DATA_FOLDERS: [&str; 2] = ["tests/golden/data-1", "tests/golden/data-2"];

fn copy_folder(from: &Path, to: &Path) {
    const COPIED: &str = "the golden folder can be copied";
    std::fs::create_dir_all(to).expect(COPIED);
    for entry in std::fs::read_dir(from).expect(COPIED) {
        let entry = entry.expect(COPIED);
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy_folder(&from, &to);
        } else {
            std::fs::copy(from, to).expect(COPIED);
        }
    }
}

/// The folder anew, for the one time that a layout gets a new number: `MAKE_GOLDEN=1`.
fn make(dir: &Path) {
    let engine = engine::Engine::open(dir, journal::Options::default()).expect("a golden folder can be made");
    for record in records("log-1.records") {
        let meta = record.meta().expect("a golden folder can be made");
        let commit = journal::NewCommit {
            stream: meta.stream,
            expected: domain::Expected::Any,
            commit: domain::ids::CommitId::from_bytes(u128::from(record.position().0 + 1).to_be_bytes()),
            fingerprint: record.fingerprint(),
            actor: meta.actor,
            causation: None,
            correlation: meta.correlation,
            project: meta.project,
            occurred_at: meta.occurred_at,
            events: vec![journal::NewEvent {
                type_id: meta.type_id,
                schema_version: meta.schema_version,
                payload: record.payload().to_vec(),
            }],
        };
        engine.journal().append(commit).wait().expect("a golden folder can be made");
    }
    engine.rotate_key().expect("a golden folder can be made");
    engine.close().expect("a golden folder can be made");
}

#[test]
fn every_data_folder_is_opened_verified_and_gone_on_with() {
    if std::env::var_os("MAKE_GOLDEN").is_some() {
        let golden = kit::root().join(DATA_FOLDERS[DATA_FOLDERS.len() - 1]);
        make(&golden);
        for derived in ["lock", "ballast"] {
            let _ = std::fs::remove_file(golden.join(derived));
        }
    }
    for name in DATA_FOLDERS {
        let golden = kit::root().join(name);
        let dir = tempfile::tempdir().unwrap();
        copy_folder(&golden, dir.path());
        // Version control keeps no more of a file's mode than whether it can be run.
        let key = dir.path().join("keys/log.key");
        std::fs::set_permissions(key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        let reading = journal::Options { read_only: true, ..journal::Options::default() };
        let log = journal::Journal::open(dir.path(), reading).unwrap();
        let report = replay::verify(&log, |_| {});
        assert_eq!(
            (report.verdict(), report.events, report.unknown_events),
            (replay::Verdict::Verified, 118, 0)
        );
        let root = log.root_at(118).unwrap().to_string();
        assert_eq!(report.checkpoint.map(|signed| signed.root), Some(root.clone()));
        drop(log);
        let engine = engine::Engine::open(dir.path(), journal::Options::default()).unwrap();
        assert_eq!(engine.journal().notes(), [""; 0]);
        engine.rotate_key().unwrap();
        assert_eq!(engine.journal().root_at(118).unwrap().to_string(), root);
        engine.close().unwrap();
        assert!(engine.journal().verify(|_| {}).is_sound());
        drop(engine);
        std::fs::remove_dir_all(dir.path().join("log")).unwrap();
        let repaired = journal::repair(dir.path(), journal::RepairOptions::default(), |_| {}).unwrap();
        assert_eq!((repaired.size, repaired.epoch), (120, 2));
    }
}
