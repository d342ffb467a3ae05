//! How fast a log of so many events becomes Parquet: `cargo run --release -p waybill-export --example throughput -- 10000000`.
//!
//! Runs of 30 events with messages of some 150 bytes are appended to a new log, which is then exported whole, and its usage
//! alone. Peak memory is that of the export: the log is filled by another process, this very program.

use std::collections::BTreeSet;
use std::error::Error;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use domain::ids::{CommitId, MessageId, StepId};
use domain::run::{
    Run, RunCompleted, RunEvent, RunStarted, StepMessageAppended, StepUsageRecorded, VerdictIssued,
};
use domain::terms::MessageRole;
use domain::values::{Timestamp, Usd};
use domain::{Actor, Decider, Event, Expected, Fingerprint, StreamId, Ulid, aggregates};
use export::{Format, Log, Request, Table, export, records};
use journal::{Journal, NewCommit, NewEvent, Options};

const EVENTS_PER_RUN: u64 = 30;

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["fill", folder, events] => fill(Path::new(folder), events.parse()?),
        [events] => {
            let folder = tempfile::tempdir()?;
            let data = folder.path().join("data");
            let status =
                Command::new(std::env::current_exe()?).arg("fill").arg(&data).arg(events).status()?;
            assert!(status.success(), "the log is filled");
            let journal = Journal::open(&data, Options { read_only: true, ..Options::default() })?;
            measure(&journal, Format::Parquet, &[], folder.path())?;
            measure(&journal, Format::Parquet, &[Table::Events], folder.path())?;
            measure(&journal, Format::Parquet, &[Table::Usage], folder.path())
        }
        _ => Err("give a number of events".into()),
    }
}

fn fill(folder: &Path, events: u64) -> Result<(), Box<dyn Error>> {
    let journal = Journal::open(folder, Options::default())?;
    let samples = aggregates().into_iter().find(|it| it.category == Run::CATEGORY).map(|it| (it.samples)());
    let sample = |name: &str| samples.iter().flatten().find(|event| event.name() == name).cloned();
    let mut head: Vec<Event> = ["RunRequested", "StepStarted"].into_iter().filter_map(sample).collect();
    head.insert(1, Event::Run(RunStarted {}.into()));
    for run in 0..events.div_ceil(EVENTS_PER_RUN) {
        journal.wait_ready();
        drop(journal.append(commit(run, &head)));
    }
    journal.barrier().wait()?;
    Ok(journal.close()?)
}

fn commit(run: u64, head: &[Event]) -> NewCommit {
    let step = StepId::from(Ulid(u128::from(run) + 1));
    let mut events = head.to_vec();
    while (events.len() as u64) < EVENTS_PER_RUN - 2 {
        let nth = events.len() as u64;
        let event: RunEvent =
            if nth.is_multiple_of(4) { used(step, nth).into() } else { said(step, run, nth).into() };
        events.push(Event::Run(event));
    }
    events.push(Event::Run(
        VerdictIssued { step, pass: run.is_multiple_of(3), feedback: "tests are missing".into() }.into(),
    ));
    events.push(Event::Run(RunCompleted { summary: None }.into()));
    let new = |event: &Event| NewEvent {
        type_id: event.type_id(),
        schema_version: event.schema_version(),
        payload: event.encode(),
    };
    NewCommit {
        stream: StreamId::new(Run::CATEGORY, Ulid(u128::from(run) + 1)),
        expected: Expected::Any,
        commit: CommitId::from(Ulid(u128::from(run) + 1)),
        fingerprint: Fingerprint(run),
        actor: Actor::Importer,
        causation: None,
        correlation: None,
        project: None,
        occurred_at: Some(Timestamp::from_millis(1_795_240_000_000 + i64::try_from(run).unwrap_or(0) * 250)),
        events: events.iter().map(new).collect(),
    }
}

fn used(step: StepId, nth: u64) -> StepUsageRecorded {
    StepUsageRecorded {
        step,
        provider: Some("anthropic".into()),
        model: "claude-opus-4-6".into(),
        input_tokens: nth * 31,
        output_tokens: nth * 7,
        cache_read_tokens: nth * 1_009,
        cache_write_tokens: nth,
        calls: 1,
        cost_usd: Usd::from_units(nth * 1_234_567),
    }
}

fn said(step: StepId, run: u64, nth: u64) -> StepMessageAppended {
    let number = (run * 31 + nth).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    StepMessageAppended {
        step,
        sandbox: None,
        message: MessageId::from(Ulid(u128::from(number))),
        role: if nth.is_multiple_of(2) { MessageRole::User } else { MessageRole::Assistant },
        content: format!(
            "Looking at file {number:x} of run {run}: the parser takes {nth} tokens and then stops, for what comes next is {number:o}."
        ),
        thinking: None,
        stop_reason: None,
        more: false,
    }
}

fn measure(journal: &Journal, format: Format, tables: &[Table], folder: &Path) -> Result<(), Box<dyn Error>> {
    let status = journal.status();
    let request = Request {
        tables: BTreeSet::from_iter(tables.iter().copied()),
        format,
        out: folder.join("out"),
        after: None,
        log: Log { id: status.log_id, epoch: status.epoch },
        head: journal.watermark(),
        checkpoint: journal.checkpoint(),
        key: None,
        vault: vault::Vault::memory(),
    };
    let started = Instant::now();
    let report = export(&request, records(journal, request.start()))?;
    let seconds = started.elapsed().as_secs_f64();
    let events = report.to.map_or(0, |to| to.0 + 1);
    let names: Vec<&str> = tables.iter().map(|table| table.as_str()).collect();
    let rate = events as f64 / seconds;
    println!(
        "{} {}: {events} events in {seconds:.1} s, {rate:.0} events/s, {} files, {} MB, peak memory {} MB",
        format.as_str(),
        if names.is_empty() { "every table".to_owned() } else { names.join(" ") },
        report.files,
        report.bytes / 1_000_000,
        peak_mb()
    );
    Ok(std::fs::remove_dir_all(folder.join("out"))?)
}

/// The most memory this process has had, where the system says so.
fn peak_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").trim().parse::<u64>().ok()).unwrap_or(0) / 1_000
}
