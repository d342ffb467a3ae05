//! Exports into folders and streams, read back.

mod docs;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::Path;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal128Type, UInt64Type};
use domain::ids::{CommitId, LogId, Position, SchemaVersion, StepId, TypeId};
use domain::run::{Run, RunCompleted, RunEvent, StepStarted, StepUsageRecorded, VerdictIssued};
use domain::terms::Role;
use domain::values::{Timestamp, Usd};
use domain::{Actor, Category, Decider, Event, Expected, Fingerprint, StreamId, Ulid, aggregates};
use journal::{Journal, NewCommit, NewEvent, Options};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::manifest::Manifest;
use crate::{ExportError, Format, Log, MANIFEST, Range, Report, Request, Table, export, records, stream};

const DAY_MS: i64 = 86_400_000;

/// A log that events are appended to one by one.
pub(crate) struct Filled {
    pub(crate) journal: Journal,
    commits: u128,
}

impl Filled {
    pub(crate) fn new() -> Self {
        Self { journal: Journal::memory(Options::default()), commits: 0 }
    }
    pub(crate) fn over(journal: Journal) -> Self {
        Self { journal, commits: 0 }
    }
    pub(crate) fn add(&mut self, stream: StreamId, at_ms: i64, event: &Event) -> u64 {
        let (type_id, schema_version) = (event.type_id(), event.schema_version());
        self.add_raw(stream, at_ms, NewEvent { type_id, schema_version, payload: event.encode() })
    }
    pub(crate) fn add_raw(&mut self, stream: StreamId, at_ms: i64, event: NewEvent) -> u64 {
        self.commits += 1;
        let commit = NewCommit {
            stream,
            expected: Expected::Any,
            commit: CommitId::from(Ulid(self.commits)),
            fingerprint: Fingerprint(0),
            actor: Actor::Operator,
            causation: None,
            correlation: None,
            project: None,
            occurred_at: Some(Timestamp::from_millis(at_ms)),
            events: vec![event],
        };
        self.journal.append(commit).wait().unwrap().position.0
    }
    /// Every sample of every event, each aggregate's in a stream of its own.
    pub(crate) fn with_samples() -> Self {
        let mut log = Self::new();
        for aggregate in aggregates() {
            for event in (aggregate.samples)() {
                log.add(StreamId::new(aggregate.category, Ulid(7)), DAY_MS, &event);
            }
        }
        log
    }
    fn run(&mut self, run: u128, at_ms: i64, event: impl Into<RunEvent>) -> u64 {
        self.add(StreamId::new(Category(3), Ulid(run)), at_ms, &Event::Run(event.into()))
    }
    /// A run that begins, uses a model, is judged and ends.
    pub(crate) fn whole_run(&mut self, run: u128, at_ms: i64, cost: Option<u64>, pass: bool) {
        let requested = run_samples().into_iter().find_map(|event| match event {
            Event::Run(event @ RunEvent::RunRequested(_)) => Some(event),
            _ => None,
        });
        self.run(run, at_ms, requested.expect("there is a sample"));
        let step = StepId::from(Ulid(run));
        self.run(run, at_ms, started(step));
        self.run(run, at_ms + 1_000, used(step, cost));
        self.run(run, at_ms + 1_000, VerdictIssued { step, pass, feedback: "\"so\",\nso".into() });
        self.run(run, at_ms + 2_000, RunCompleted { summary: None });
    }
    pub(crate) fn request(&self, format: Format, out: &Path) -> Request {
        Request {
            tables: BTreeSet::new(),
            format,
            out: out.to_owned(),
            after: None,
            log: Log { id: LogId::from(Ulid(1)), epoch: 0 },
            head: self.journal.watermark(),
            checkpoint: Some("a note".into()),
            key: None,
            vault: vault::Vault::memory(),
        }
    }
    pub(crate) fn export(&self, request: &Request) -> Result<Report, ExportError> {
        export(request, records(&self.journal, request.start()))
    }
    fn streamed(&self, table: Table, format: Format, after: Option<u64>) -> Vec<u8> {
        let mut out = Vec::new();
        let range = Range { after: after.map(Position), to: self.journal.watermark(), ..Range::default() };
        stream(&self.journal, table, format, &range, &mut out).unwrap();
        out
    }
    fn lines(&self, table: Table, after: Option<u64>) -> Vec<serde_json::Value> {
        let text = self.streamed(table, Format::Ndjson, after);
        let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        lines.map(|line| serde_json::from_slice(line).unwrap()).collect()
    }
}

pub(crate) fn run_samples() -> Vec<Event> {
    let run = aggregates().into_iter().find(|aggregate| aggregate.category == Run::CATEGORY);
    (run.expect("there are runs").samples)()
}

fn started(step: StepId) -> StepStarted {
    let samples = run_samples();
    let sample = samples.into_iter().find_map(|event| match event {
        Event::Run(RunEvent::StepStarted(event)) => Some(event),
        _ => None,
    });
    StepStarted {
        step,
        role: Role::Checker,
        model: Some("opus".into()),
        ..sample.expect("there is a sample")
    }
}

fn used(step: StepId, cost: Option<u64>) -> StepUsageRecorded {
    StepUsageRecorded {
        step,
        provider: None,
        model: "opus".into(),
        input_tokens: 10,
        output_tokens: 5,
        cache_read_tokens: 0,
        cache_write_tokens: 0,
        calls: 1,
        cost_usd: cost.map(|units| Usd::from_units(units).unwrap()),
    }
}

/// Every row of the Parquet files under a folder.
fn parquet(folder: &Path) -> Vec<RecordBatch> {
    let mut batches = Vec::new();
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            batches.extend(parquet(&path));
        } else {
            let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(&path).unwrap()).unwrap();
            batches.extend(reader.build().unwrap().map(Result::unwrap));
        }
    }
    batches
}

fn rows(batches: &[RecordBatch]) -> u64 {
    batches.iter().map(|batch| batch.num_rows() as u64).sum()
}

/// Every file below a folder, by its path there.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            found.extend(files(&path).into_iter().map(|(inner, bytes)| (format!("{name}/{inner}"), bytes)));
        } else {
            found.insert(name, fs::read(&path).unwrap());
        }
    }
    found
}

#[test]
fn every_sample_of_every_event_is_exported_in_every_format() {
    let log = Filled::with_samples();
    let events = log.journal.watermark().unwrap().0 + 1;
    let folder = tempfile::tempdir().unwrap();
    let mut counts = Vec::new();
    for format in Format::ALL {
        let out = folder.path().join(format.as_str());
        let report = log.export(&log.request(*format, &out)).unwrap();
        assert_eq!(report.rows["events"], events, "{format:?}");
        assert!(report.rows.values().all(|rows| *rows > 0), "{report:?}");
        let manifest = Manifest::read(&out).unwrap().unwrap();
        let written = files(&out);
        assert_eq!(manifest.exports[0].files.len() + 1, written.len());
        for file in &manifest.exports[0].files {
            let bytes = &written[&file.path];
            assert_eq!((bytes.len() as u64, digest(bytes)), (file.bytes, file.sha256.clone()));
        }
        counts.push(report.rows);
    }
    assert!(counts.windows(2).all(|two| two[0] == two[1]), "{counts:?}");
    let batches = parquet(&folder.path().join("parquet/events"));
    assert_eq!(rows(&batches), events);
    let unread =
        batches.iter().map(|batch| batch.column_by_name("data").unwrap().null_count()).sum::<usize>();
    assert_eq!(unread, 0, "every payload is readable");
    let partition = folder.path().join("parquet/events/type=RunCompleted/date=1970-01-02");
    assert_eq!(fs::read_dir(partition).unwrap().count(), 1);
    let ndjson = fs::read_to_string(folder.path().join("ndjson/events.ndjson")).unwrap();
    let csv = csv::Reader::from_path(folder.path().join("csv/events.csv")).unwrap().into_records().count();
    assert_eq!((ndjson.lines().count() as u64, csv as u64), (events, events));
}

fn digest(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn money_adds_up_exactly_and_unknown_is_null() {
    let mut log = Filled::new();
    for run in 1..=1_000 {
        log.whole_run(
            run,
            DAY_MS * i64::try_from(run % 3).unwrap(),
            (run % 4 > 0).then_some(1_000_000_001),
            run % 2 == 0,
        );
    }
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let request = Request { tables: BTreeSet::from([Table::Usage]), ..log.request(Format::Parquet, &out) };
    let report = log.export(&request).unwrap();
    assert_eq!(report.rows, BTreeMap::from([("usage".into(), 1_000)]));
    let batches = parquet(&out.join("usage"));
    assert_eq!(batches.len(), 3, "a file per day");
    let (mut sum, mut unknown, mut tokens) = (0, 0, 0);
    for batch in &batches {
        let costs = batch.column_by_name("cost_usd").unwrap().as_primitive::<Decimal128Type>();
        sum += costs.iter().flatten().sum::<i128>();
        unknown += costs.iter().filter(Option::is_none).count();
        let input = batch.column_by_name("input_tokens").unwrap().as_primitive::<UInt64Type>();
        tokens += input.iter().flatten().sum::<u64>();
    }
    assert_eq!((sum, unknown, tokens), (750 * 1_000_000_001, 250, 10_000));
    let verdicts = log.lines(Table::Verdicts, None);
    assert_eq!(verdicts.iter().filter(|row| row["pass"] == true).count(), 500);
    assert_eq!(verdicts[0]["feedback"], "\"so\",\nso");
    let runs = log.lines(Table::Runs, None);
    assert_eq!(
        (runs.len(), &runs[0]["cost_usd"], &runs[0]["duration_ms"]),
        (1_000, &1.000000001.into(), &serde_json::Value::Null)
    );
    assert_eq!((&runs[3]["cost_usd"], &runs[3]["calls_without_cost"]), (&0.into(), &1.into()));
    let steps = log.lines(Table::Steps, None);
    assert_eq!(
        (steps.len(), &steps[0]["verdict"], &steps[1]["verdict"]),
        (1_000, &false.into(), &true.into())
    );
}

#[test]
fn calls_that_are_not_known_are_null() {
    let mut log = Filled::new();
    log.run(1, 0, StepUsageRecorded { calls: 0, ..used(StepId::from(Ulid(1)), Some(1)) });
    let rows = log.lines(Table::Usage, None);
    assert_eq!((&rows[0]["calls"], &rows[0]["cost_usd"]), (&serde_json::Value::Null, &0.000000001.into()));
}

#[test]
fn an_increment_adds_what_is_new_and_repeats_what_has_changed() {
    let mut log = Filled::new();
    log.whole_run(1, 0, None, true);
    log.run(2, 0, started(StepId::from(Ulid(2))));
    let folder = tempfile::tempdir().unwrap();
    for format in Format::ALL {
        let out = folder.path().join(format.as_str());
        log.export(&log.request(*format, &out)).unwrap();
    }
    let reached = log.journal.watermark().unwrap();
    log.whole_run(3, DAY_MS, None, false);
    log.run(1, DAY_MS, domain::run::PullRequestOpened { url: "https://x/1".into(), number: 1 });
    for format in Format::ALL {
        let out = folder.path().join(format.as_str());
        let request = Request { after: Some(reached), ..log.request(*format, &out) };
        let before = files(&out);
        let report = log.export(&request).unwrap();
        assert_eq!(
            (report.rows["events"], report.rows["runs"], report.rows["usage"]),
            (6, 2, 1),
            "{format:?}"
        );
        let after = files(&out);
        assert!(before.iter().all(|(path, bytes)| path == MANIFEST || after[path] == *bytes), "{format:?}");
        assert!(after.len() > before.len());
        let manifest = Manifest::read(&out).unwrap().unwrap();
        assert_eq!(manifest.exports.len(), 2);
        assert_eq!(manifest.exports[1].after, Some(reached));
        // The same once more is refused, and so is what leaves a gap.
        let gap = log.export(&request).unwrap_err();
        assert!(matches!(gap, ExportError::Gap { expected: Some(Position(11)), .. }), "{gap}");
        assert_eq!(files(&out), after);
    }
    let all = parquet(&folder.path().join("parquet/events"));
    assert_eq!(rows(&all), log.journal.watermark().unwrap().0 + 1);
    let runs = log.lines(Table::Runs, Some(reached.0));
    let ids: Vec<_> = runs.iter().map(|row| row["pull_request_number"].clone()).collect();
    assert_eq!(ids, [serde_json::json!(1), serde_json::Value::Null]);
}

#[test]
fn a_folder_that_holds_something_else_is_left_alone() {
    let mut log = Filled::new();
    log.whole_run(1, 0, None, true);
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    fs::create_dir(&out).unwrap();
    log.export(&log.request(Format::Csv, &out)).unwrap();
    let before = files(&out);
    let request = log.request(Format::Csv, &out);
    let reached = log.journal.watermark();
    let refused = |request: Request| log.export(&request).unwrap_err();
    let other = Log { id: LogId::from(Ulid(2)), epoch: 0 };
    let wrong = [
        (refused(Request { after: reached, log: other, ..request.clone() }), "log"),
        (refused(Request { after: reached, format: Format::Ndjson, ..request.clone() }), "format"),
        (
            refused(Request { after: reached, tables: BTreeSet::from([Table::Runs]), ..request.clone() }),
            "choice of tables",
        ),
    ];
    for (error, expected) in wrong {
        assert!(matches!(error, ExportError::Other { what, .. } if what == expected), "{error}");
        assert!(error.hint().is_some());
    }
    assert!(matches!(refused(request.clone()), ExportError::Gap { actual: None, .. }));
    let beyond = Request { after: Some(Position(99)), ..request };
    assert!(matches!(refused(beyond), ExportError::Beyond { .. }));
    assert_eq!(files(&out), before);
    fs::write(folder.path().join("note"), "mine").unwrap();
    let error = log.export(&log.request(Format::Csv, folder.path())).unwrap_err();
    assert!(matches!(error, ExportError::NotEmpty { .. }), "{error}");
}

#[test]
fn an_export_that_breaks_off_leaves_nothing() {
    let mut log = Filled::new();
    (1..=20).for_each(|run| log.whole_run(run, 0, None, true));
    let folder = tempfile::tempdir().unwrap();
    for format in Format::ALL {
        let out = folder.path().join(format.as_str());
        let request = log.request(*format, &out);
        let broken = records(&log.journal, None)
            .map(|record| record.map_err(ExportError::Read))
            .take(50)
            .chain([Err(ExportError::Source(std::io::Error::other("cut off")))]);
        let error = export(&request, broken).unwrap_err();
        assert!(matches!(error, ExportError::Source(_)), "{error}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "neither files nor what they were to be");
    // Where the folder cannot be made nothing is either.
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let error = log.export(&log.request(Format::Parquet, &file.join("out"))).unwrap_err();
    assert!(matches!(error, ExportError::Write { .. }), "{error}");
}

#[test]
fn what_a_later_release_wrote_is_kept_as_it_is() {
    let mut log = Filled::new();
    let later =
        NewEvent { type_id: TypeId(60_000), schema_version: SchemaVersion(1), payload: vec![0xab, 1] };
    log.add_raw(StreamId::new(Category(3), Ulid(1)), 0, later);
    let rows = log.lines(Table::Events, None);
    assert_eq!((&rows[0]["type"], &rows[0]["data"]), (&serde_json::Value::Null, &serde_json::Value::Null));
    assert_eq!((&rows[0]["payload_hex"], &rows[0]["type_id"]), (&"ab01".into(), &60_000.into()));
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    log.export(&log.request(Format::Parquet, &out)).unwrap();
    assert!(out.join("events/type=unknown-60000/date=1970-01-01").is_dir());
}

#[test]
fn an_empty_log_gives_empty_tables() {
    let log = Filled::new();
    let folder = tempfile::tempdir().unwrap();
    for format in Format::ALL {
        let out = folder.path().join(format.as_str());
        let report = log.export(&log.request(*format, &out)).unwrap();
        assert!(report.to.is_none() && report.rows.values().all(|rows| *rows == 0));
        assert!(out.join(MANIFEST).is_file());
    }
    let csv = fs::read_to_string(folder.path().join("csv/usage.csv")).unwrap();
    assert!(csv.starts_with("position,at,run,project,step,provider,model,calls,"), "{csv}");
}

#[test]
fn streams_are_what_their_readers_expect() {
    let mut log = Filled::new();
    (1..=100).for_each(|run| log.whole_run(run, 0, Some(5), true));
    let bytes = log.streamed(Table::Usage, Format::Arrow, None);
    let reader = arrow_ipc::reader::StreamReader::try_new(bytes.as_slice(), None).unwrap();
    assert_eq!(rows(&reader.map(Result::unwrap).collect::<Vec<_>>()), 100);
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("x"), log.streamed(Table::Usage, Format::Parquet, Some(249))).unwrap();
    assert_eq!(rows(&parquet(folder.path())), 50);
    let all = Range { to: log.journal.watermark(), ..Range::default() };
    assert!(stream(&log.journal, Table::Usage, Format::Sqlite, &all, Vec::new()).is_err());
    let mut full = [0_u8; 100];
    let end = stream(&log.journal, Table::Events, Format::Csv, &all, full.as_mut_slice());
    assert!(matches!(end, Err(ExportError::Stream(_))), "{end:?}");
}

#[test]
fn many_days_and_large_texts_stay_within_the_bounds() {
    let mut log = Filled::new();
    let step = StepId::from(Ulid(1));
    for nth in 0..400_i64 {
        let feedback = "x".repeat(60_000);
        log.run(1, nth % 7 * DAY_MS, VerdictIssued { step, pass: true, feedback });
    }
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let request = Request { tables: BTreeSet::from([Table::Verdicts]), ..log.request(Format::Parquet, &out) };
    let report = log.export(&request).unwrap();
    assert_eq!(report.rows["verdicts"], 400);
    // 24 MB in 7 partitions of which none is full: they come in one piece each.
    assert_eq!(report.files, 7);
    let mut buffers = crate::buffers::Buffers::new(false);
    let mut feed = crate::table::Feed::new(BTreeSet::from([Table::Verdicts]), None, vault::Vault::memory());
    let (mut most, mut batches) = (0, 0);
    for record in records(&log.journal, None) {
        feed.record(&record.unwrap(), &mut buffers);
        if let Some((_, batch)) = buffers.full() {
            most = most.max(batch.num_rows());
            batches += 1;
        }
    }
    assert!(batches == 3 && most < 110, "{batches} {most}");
}

#[test]
fn metrics_are_written_where_they_are_named_and_add_up() {
    let mut log = Filled::new();
    let step = StepId::from(Ulid(9));
    let begun = started(step);
    for (run, model, passes) in
        [(1, "opus", [true, false]), (2, "opus", [true, true]), (3, "sonnet", [false, false])]
    {
        let started = StepStarted { role: Role::Designer, model: Some(model.into()), ..begun.clone() };
        log.run(run, DAY_MS, started);
        for (day, pass) in [1, 2].into_iter().zip(passes) {
            log.run(run, day * DAY_MS, VerdictIssued { step, pass, feedback: String::new() });
        }
    }
    let rows = log.lines(Table::Metrics, None);
    let rates: Vec<_> = rows
        .iter()
        .filter(|row| row["metric"] == "pass-rate")
        .map(|row| {
            (
                row["model"].as_str().unwrap(),
                row["day"].as_str().unwrap(),
                row["numerator"].clone(),
                row["denominator"].clone(),
            )
        })
        .map(|(model, day, passed, of)| format!("{model} {day} {passed}/{of}"))
        .collect();
    assert_eq!(
        rates,
        ["opus 1970-01-02 2/2", "opus 1970-01-03 1/2", "sonnet 1970-01-02 0/1", "sonnet 1970-01-03 0/1"]
    );
    assert!(rows.iter().all(|row| row["position"] == 8 && row["version"] == 1), "{rows:?}");
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let usual = log.export(&log.request(Format::Parquet, &out)).unwrap();
    assert!(!usual.rows.contains_key("metrics") && usual.rows.contains_key("learnings"));
}
