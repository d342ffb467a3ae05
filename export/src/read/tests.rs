//! Exports read back as the log they are of, and what is refused.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER_PERMISSIVE;
use domain::erasure::Subject;
use domain::ids::{CommitId, CorrelationId, Position, ProjectId, SchemaVersion, StreamVersion, TypeId};
use domain::run::{RunEvent, StepMessageAppended};
use domain::{Actor, Category, Event, Expected, Fingerprint, StreamId, Ulid};
use journal::{Journal, KeptError, NewCommit, NewEvent, RawRecord, RebuildError};
use serde_json::{Value as Json, json};
use vault::{Purpose, Vault};

use super::row::{COLUMNS, Row, Wrong};
use super::{Proven, Reading, ReadingError, read};
use crate::cells::Value;
use crate::manifest::{Log, MANIFEST};
use crate::table::Table;
use crate::tests::{Filled, run_samples};
use crate::write::Format;
use crate::{Request, records};

const GOLDEN: &str = include_str!("../../../tests/golden/events.txt");

/// As the program asks for an export.
fn request(log: &Filled, format: Format, out: &Path) -> Request {
    let identity = log.journal.identity();
    Request {
        log: Log { id: identity.log_id, epoch: identity.epoch },
        tables: BTreeSet::from([Table::Events, Table::Usage]),
        checkpoint: Some(log.journal.checkpoint_now().unwrap()),
        key: log.journal.verifying_key().map(|key| key.to_string()),
        ..log.request(format, out)
    }
}

fn export(log: &Filled, format: Format, out: &Path) -> PathBuf {
    log.export(&request(log, format, out)).unwrap();
    out.to_owned()
}

/// Every record as it is stored.
fn stored(journal: &Journal) -> Vec<RawRecord> {
    records(journal, None).map(Result::unwrap).collect()
}

/// Every event that was ever stored in each of its layouts, commits of several events and with every field, and an
/// event of a later release.
fn everything() -> Filled {
    let mut log = Filled::new();
    for (nth, line) in (0_u128..).zip(GOLDEN.lines().filter(|line| !line.starts_with('#'))) {
        let parts: Vec<&str> = line.splitn(6, ' ').collect();
        let [aggregate, type_id, _, layout, bytes, _] = parts[..] else { panic!("{line}") };
        let event = NewEvent {
            type_id: type_id.parse().unwrap(),
            schema_version: SchemaVersion(layout[1..].parse().unwrap()),
            payload: HEXLOWER_PERMISSIVE.decode(if bytes == "-" { b"" } else { bytes.as_bytes() }).unwrap(),
        };
        log.add_raw(StreamId::new(aggregate.parse().unwrap(), Ulid(nth % 5)), 0, event);
    }
    let later =
        || NewEvent { type_id: TypeId(60_000), schema_version: SchemaVersion(9), payload: vec![0, 255] };
    log.add_raw(StreamId::new(Category(999), Ulid(1)), 0, later());
    let commit = NewCommit {
        stream: StreamId::new(Category(3), Ulid(77)),
        expected: Expected::None,
        commit: CommitId::from(Ulid(u128::MAX)),
        fingerprint: Fingerprint(u64::MAX - 1),
        actor: Actor::Importer,
        causation: Some(CommitId::from(Ulid(1))),
        correlation: Some(CorrelationId::from(Ulid(2))),
        project: Some(ProjectId::from(Ulid(3))),
        occurred_at: None,
        events: vec![later(), later(), NewEvent { payload: Vec::new(), ..later() }],
    };
    log.journal.append(commit.clone()).wait().unwrap();
    let (expected, id) = (Expected::Exact(StreamVersion(2)), CommitId::from(Ulid(u128::MAX - 1)));
    log.journal.append(NewCommit { expected, commit: id, ..commit }).wait().unwrap();
    log
}

#[test]
fn every_event_comes_back_byte_for_byte_from_every_format() {
    let log = everything();
    let (expected, folder) = (stored(&log.journal), tempfile::tempdir().unwrap());
    let size = expected.len() as u64;
    for format in Format::ALL {
        let out = export(&log, *format, &folder.path().join(format.as_str()));
        let Reading { journal, proven } = read(&out).unwrap_or_else(|error| panic!("{format:?}: {error:?}"));
        assert!(stored(&journal) == expected, "{format:?}");
        let key = log.journal.verifying_key().map(|key| key.to_string());
        assert_eq!(proven, Proven::Signed { size, events: size, key });
        assert_eq!(
            (journal.watermark(), journal.checkpoint()),
            (log.journal.watermark(), log.journal.checkpoint())
        );
        assert_eq!(journal.status().epoch, log.journal.status().epoch);
        assert_eq!(journal.identity().log_id, log.journal.identity().log_id);
        for position in [0, size / 2, size - 1].map(Position) {
            assert_eq!(
                journal.inclusion(position, size).unwrap(),
                log.journal.inclusion(position, size).unwrap()
            );
            assert_eq!(journal.get(position).unwrap(), log.journal.get(position).unwrap());
        }
        let (commit, stream) = (CommitId::from(Ulid(u128::MAX)), StreamId::new(Category(3), Ulid(77)));
        assert_eq!(journal.find_commit(commit).unwrap(), log.journal.find_commit(commit).unwrap());
        let of_stream = |journal: &Journal| journal.read_stream(stream, StreamVersion(1), 9).unwrap();
        assert_eq!(of_stream(&journal).len(), 5);
        assert_eq!(of_stream(&journal), of_stream(&log.journal));
        // What was read can be exported as what it came from.
        let again = Filled::over(journal);
        let request =
            Request { checkpoint: None, ..request_of(&again, *format, &folder.path().join("again")) };
        assert_eq!(again.export(&request).unwrap().rows["events"], size);
        fs::remove_dir_all(folder.path().join("again")).unwrap();
    }
}

/// As [`request`], without signing anew.
fn request_of(log: &Filled, format: Format, out: &Path) -> Request {
    let identity = log.journal.identity();
    Request {
        log: Log { id: identity.log_id, epoch: identity.epoch },
        tables: BTreeSet::from([Table::Events]),
        ..log.request(format, out)
    }
}

#[test]
fn increments_are_one_log_and_every_checkpoint_counts() {
    let folder = tempfile::tempdir().unwrap();
    for format in Format::ALL {
        let mut log = Filled::new();
        let out = folder.path().join(format.as_str());
        for part in 0..4_u128 {
            let after = log.journal.watermark();
            // 300 events and more: partial tiles are replaced, and full ones come.
            (0..part * 60).for_each(|run| log.whole_run(1 + part * 1_000 + run, 0, None, true));
            log.export(&Request { after, ..request(&log, *format, &out) }).unwrap();
        }
        let Reading { journal, proven } = read(&out).unwrap_or_else(|error| panic!("{format:?}: {error:?}"));
        assert!(stored(&journal) == stored(&log.journal));
        assert!(matches!(proven, Proven::Signed { size: 1_800, events: 1_800, .. }), "{proven:?}");
        let proof = |journal: &Journal| journal.consistency(300, 1_800).unwrap();
        assert_eq!(proof(&journal), proof(&log.journal));
    }
}

#[test]
fn sealed_text_stands_open_in_the_data_and_its_record_is_proven() {
    let (subject, vault) = (Subject::Project(ProjectId::from(Ulid(3))), Vault::memory());
    vault.ensure(subject, Purpose::Content).unwrap();
    let sample = run_samples().into_iter().find_map(|event| match event {
        Event::Run(RunEvent::StepMessageAppended(event)) => Some(event),
        _ => None,
    });
    let content = vault.seal_text(subject, "for few eyes").unwrap();
    let mut log = Filled::new();
    let event = RunEvent::from(StepMessageAppended { content, ..sample.unwrap() });
    log.add(StreamId::new(Category(3), Ulid(1)), 0, &Event::Run(event));
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    log.export(&Request { vault, ..request(&log, Format::Ndjson, &out) }).unwrap();
    let text = fs::read_to_string(out.join("events.ndjson")).unwrap();
    assert!(text.contains("for few eyes") && !text.contains("\"payload_hex\":null"), "{text}");
    let Reading { journal, proven } = read(&out).unwrap();
    assert_eq!(stored(&journal), stored(&log.journal));
    assert!(matches!(proven, Proven::Signed { size: 1, .. }), "{proven:?}");
}

/// An export of ten runs as NDJSON, to be altered.
struct Altered {
    folder: tempfile::TempDir,
    out: PathBuf,
}

impl Altered {
    fn new() -> Self {
        let mut log = Filled::new();
        (1..=10).for_each(|run| log.whole_run(run, 0, Some(5), true));
        let folder = tempfile::tempdir().unwrap();
        let out = export(&log, Format::Ndjson, &folder.path().join("out"));
        Self { folder, out }
    }
    fn rows(&self) -> Vec<Json> {
        let text = fs::read_to_string(self.out.join("events.ndjson")).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
    /// Writes other rows, and a manifest that agrees with them.
    fn write(&self, rows: &[Json]) -> &Self {
        let text: String = rows.iter().map(|row| format!("{row}\n")).collect();
        fs::write(self.out.join("events.ndjson"), text).unwrap();
        self.mended(|_| ())
    }
    /// Changes the manifest; hashes and rows are those of the files then.
    fn mended(&self, change: impl FnOnce(&mut Json)) -> &Self {
        self.manifest(|manifest| {
            let path = self.out.join("events.ndjson");
            let (bytes, sha256) = crate::write::digest(&path).unwrap();
            let rows = fs::read_to_string(path).unwrap().lines().count();
            let export = &mut manifest["exports"][0];
            export["rows"]["events"] = rows.into();
            export["to"] = rows.checked_sub(1).into();
            for file in export["files"].as_array_mut().unwrap() {
                if file["path"] == "events.ndjson" {
                    (file["bytes"], file["sha256"], file["rows"]) =
                        (bytes.into(), sha256.clone().into(), rows.into());
                }
            }
            change(manifest);
        })
    }
    fn manifest(&self, change: impl FnOnce(&mut Json)) -> &Self {
        let path = self.out.join(MANIFEST);
        let mut manifest: Json = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        change(&mut manifest);
        fs::write(path, manifest.to_string()).unwrap();
        self
    }
    fn refused(&self) -> ReadingError {
        read(&self.out).map(|reading| reading.proven).unwrap_err()
    }
}

#[test]
fn files_that_are_not_those_that_were_written_are_refused() {
    let altered = Altered::new();
    let path = altered.out.join("events.ndjson");
    let whole = fs::read_to_string(&path).unwrap();
    fs::write(&path, whole.replacen("\"version\":0", "\"version\":1", 1)).unwrap();
    let error = altered.refused();
    assert!(
        matches!(&error, ReadingError::Altered { expected, .. } if expected.starts_with("SHA-256 ")),
        "{error}"
    );
    fs::write(&path, &whole[..whole.len() - 1]).unwrap();
    assert!(matches!(altered.refused(), ReadingError::Altered { .. }));
    fs::remove_file(&path).unwrap();
    assert!(matches!(altered.refused(), ReadingError::File { .. }));
    fs::write(&path, &whole).unwrap();
    altered.manifest(|manifest| manifest["exports"][0]["rows"]["events"] = 7.into());
    let error = altered.refused();
    assert!(error.to_string().ends_with("manifest.json`: expected 7 events, got 50"), "{error}");
    altered.mended(|manifest| manifest["exports"][0]["to"] = 60.into());
    let error = altered.refused();
    assert_eq!(error.to_string(), "expected the event at position 50, got the end");
    altered.mended(|manifest| manifest["exports"][0]["to"] = 40.into());
    assert!(matches!(altered.refused(), ReadingError::Altered { .. }));
    altered.mended(|manifest| manifest["exports"][0]["files"][0]["path"] = "../events.ndjson".into());
    assert!(matches!(altered.refused(), ReadingError::Outside { .. }));
    altered.mended(|_| ());
    fs::write(altered.out.join(MANIFEST), "{}").unwrap();
    assert!(matches!(altered.refused(), ReadingError::Manifest { .. }));
    let error = read(altered.folder.path()).map(|reading| reading.proven).unwrap_err();
    assert!(matches!(error, ReadingError::Manifest { .. }), "there is no manifest: {error}");
}

/// A change of the rows, and what is said of it.
type Change = (fn(&mut Vec<Json>), &'static str);

#[test]
fn rows_that_are_not_those_of_the_log_are_refused_whatever_the_manifest_says() {
    let changes: &[Change] = &[
        (|rows| drop(rows.remove(7)), "expected the event at position 7, got that at 8"),
        (|rows| rows.insert(7, rows[6].clone()), "expected the event at position 7, got that at 6"),
        (|rows| rows[7]["version"] = 9.into(), "position 7: expected version 2"),
        (
            |rows| rows[7]["actor"] = Json::Null,
            "column `actor`: expected an actor that this release knows, got nothing",
        ),
        (
            |rows| rows[7]["commit_size"] = 70_000.into(),
            "column `commit_size`: expected a whole number in its bounds, got `70000`",
        ),
        (
            |rows| rows[7]["data"] = "{}".into(),
            "column `data`: expected the payload of an event that this release knows",
        ),
        (
            |rows| rows[7]["data"] = Json::Null,
            "column `data`: expected a payload, here or in `payload_hex`, got nothing",
        ),
        (
            |rows| rows[7]["payload_hex"] = "abc".into(),
            "column `payload_hex`: expected hexadecimal digits in pairs",
        ),
        (
            |rows| rows[7]["payload_hex"] = "00".repeat(1 << 21).into(),
            "expected a payload of at most 1 MiB, got `0000",
        ),
        (
            |rows| rows[7]["fingerprint"] = "1".into(),
            "column `fingerprint`: expected 16 hexadecimal digits, got `1`",
        ),
        (|rows| rows[7]["stream"] = true.into(), "cannot be read"),
    ];
    let altered = Altered::new();
    let whole = altered.rows();
    for (change, expected) in changes {
        let mut rows = whole.clone();
        change(&mut rows);
        let error = altered.write(&rows).refused();
        assert!(error.to_string().contains(expected), "expected {expected}, got {error}");
        assert!(!error.hint().is_empty());
    }
    // What fits in form is found by the root, and by nothing else.
    let forgeries: &[fn(&mut Vec<Json>)] = &[
        |rows| rows[7]["time"] = "2001-01-01T00:00:00Z".into(),
        |rows| rows[7]["commit"] = rows[8]["commit"].clone(),
        |rows| rows[7]["expectation"] = 1.into(),
        |rows| rows[7]["fingerprint"] = "00000000000000ff".into(),
        |rows| rows[7]["payload_hex"] = "00".into(),
        |rows| rows[8]["data"] = rows[8]["data"].as_str().unwrap().replace("so", "no").into(),
    ];
    for (nth, change) in forgeries.iter().enumerate() {
        let mut rows = whole.clone();
        change(&mut rows);
        let error = altered.write(&rows).refused();
        let root =
            matches!(&error, ReadingError::Log(KeptError::Records(RebuildError::Root { size: 50, .. })));
        assert!(root, "{nth}: {error:?}");
    }
    let error = altered.write(&whole[..49]).refused();
    let missing = matches!(error, ReadingError::Log(KeptError::Missing { signed: 50, actual: 49 }));
    assert!(missing, "the end was cut off: {error:?}");
    assert!(matches!(read(&altered.write(&whole).out).unwrap().proven, Proven::Signed { .. }));
}

#[test]
fn checkpoints_that_are_not_of_the_log_are_refused() {
    let altered = Altered::new();
    let other = Filled::with_samples();
    let (note, key) =
        (other.journal.checkpoint_now().unwrap(), other.journal.verifying_key().unwrap().to_string());
    let whole = fs::read(altered.out.join(MANIFEST)).unwrap();
    let changes: &[(&str, Json)] = &[
        ("checkpoint", "a note".into()),
        ("checkpoint", note.into()),
        ("key", "a key".into()),
        ("key", key.into()),
    ];
    for (field, value) in changes {
        fs::write(altered.out.join(MANIFEST), &whole).unwrap();
        let error = altered.manifest(|manifest| manifest["exports"][0][field] = value.clone()).refused();
        assert!(matches!(error, ReadingError::Log(KeptError::Checkpoint { .. })), "{field}: {error:?}");
    }
    let other_log = |manifest: &mut Json| manifest["log"]["epoch"] = 2.into();
    fs::write(altered.out.join(MANIFEST), &whole).unwrap();
    assert!(matches!(altered.manifest(other_log).refused(), ReadingError::Log(KeptError::Checkpoint { .. })));
    // Without a key the note is still held against the log's name.
    let keyless = |manifest: &mut Json| manifest["exports"][0]["key"] = Json::Null;
    assert!(matches!(altered.manifest(keyless).refused(), ReadingError::Log(KeptError::Checkpoint { .. })));
}

#[test]
fn what_is_not_proven_says_so() {
    let altered = Altered::new();
    let told = |change: &dyn Fn(&mut Json)| {
        altered.mended(change);
        read(&altered.out).unwrap().proven.to_string()
    };
    let signed = told(&|_| ());
    assert!(signed.starts_with("the root over the first 50 of 50 events is the one in"), "{signed}");
    assert!(signed.contains("which came with the export") && !signed.contains("UNPROVEN"), "{signed}");
    let keyless = told(&|manifest| manifest["exports"][0]["key"] = Json::Null);
    assert!(keyless.contains("UNPROVEN is who signed it"), "{keyless}");
    // As written before keys came along.
    let older = |manifest: &mut Json| drop(manifest["exports"][0].as_object_mut().unwrap().remove("key"));
    assert_eq!(told(&older), keyless);
    let unsigned = told(&|manifest| manifest["exports"][0]["checkpoint"] = Json::Null);
    assert!(unsigned.starts_with("UNPROVEN: no signed checkpoint"), "{unsigned}");
    let mut rows = altered.rows();
    for row in &mut rows {
        let row = row.as_object_mut().unwrap();
        for column in ["expectation", "fingerprint"] {
            row.remove(column);
        }
    }
    altered.write(&rows);
    let Reading { journal, proven } = read(&altered.out).unwrap();
    assert_eq!((proven, journal.checkpoint()), (Proven::Earlier, None));
    assert!(Proven::Earlier.to_string().starts_with("UNPROVEN: an earlier release"));
    let mut log = Filled::new();
    log.whole_run(1, 0, None, true);
    let out = altered.folder.path().join("beyond");
    let request = request(&log, Format::Csv, &out);
    log.whole_run(2, 0, None, true);
    log.export(&Request { head: log.journal.watermark(), ..request }).unwrap();
    let beyond = read(&out).unwrap().proven.to_string();
    assert!(
        beyond.contains("the first 5 of 10 events") && beyond.contains("UNPROVEN are the 5 after"),
        "{beyond}"
    );
}

#[test]
fn exports_that_are_no_whole_log_are_refused() {
    let mut log = Filled::new();
    log.whole_run(1, 0, None, true);
    let folder = tempfile::tempdir().unwrap();
    let out = |name: &str| folder.path().join(name);
    let usual = |name: &str| request(&log, Format::Csv, &out(name));
    log.export(&Request { tables: BTreeSet::from([Table::Usage]), ..usual("usage") }).unwrap();
    let error = read(&out("usage")).map(|reading| reading.proven).unwrap_err();
    assert!(matches!(&error, ReadingError::NoEvents { tables, .. } if tables[..] == ["usage"]), "{error}");
    assert!(error.is_usage());
    log.export(&Request { after: Some(Position(2)), ..usual("later") }).unwrap();
    let error = read(&out("later")).map(|reading| reading.proven).unwrap_err();
    let after = matches!(error, ReadingError::After { expected: None, actual: Some(Position(2)) });
    assert!(after && error.is_usage(), "{error}");
    let altered = Altered::new();
    for (field, value) in [("manifest", json!(2)), ("format", json!("orc"))] {
        let whole = fs::read(altered.out.join(MANIFEST)).unwrap();
        let error = altered.manifest(|manifest| manifest[field] = value.clone()).refused();
        assert!(matches!(error, ReadingError::Newer { .. }), "{error}");
        fs::write(altered.out.join(MANIFEST), whole).unwrap();
    }
}

#[test]
fn a_folder_of_something_else_is_no_export() {
    let folder = tempfile::tempdir().unwrap();
    assert!(!super::is_export(folder.path()));
    for (text, expected) in
        [(r#"{"name": "a web page"}"#, false), (r#"{"exports": []}"#, true), ("{\"exp", true)]
    {
        fs::write(folder.path().join(MANIFEST), text).unwrap();
        assert_eq!(super::is_export(folder.path()), expected, "{text}");
    }
}

#[test]
fn an_empty_log_comes_back_empty() {
    let log = Filled::new();
    let folder = tempfile::tempdir().unwrap();
    for format in Format::ALL {
        let out = folder.path().join(format.as_str());
        log.export(&Request { checkpoint: None, ..request_of(&log, *format, &out) }).unwrap();
        let Reading { journal, proven } = read(&out).unwrap();
        assert_eq!((journal.watermark(), proven), (None, Proven::NoCheckpoint));
    }
}

#[test]
fn files_of_other_types_are_refused_and_not_looked_at() {
    let mut values = [Value::Null; COLUMNS.len()];
    values[0] = Value::Flag(true);
    values[1] = Value::Text("run-01J00000000000000000000000");
    values[3] = Value::Count(300);
    values[4] = Value::Count(1);
    let wrong = Row::of(&values).unwrap_err();
    assert_eq!(wrong, Wrong { column: "position", expected: "a whole number", actual: "`true`".into() });
    assert!(COLUMNS.iter().all(|name| Table::Events.columns().iter().any(|column| column.name == *name)));
}
