//! `torture write`: goes on with the history where the log ends, many commits under way at once.

use std::collections::{HashMap, VecDeque};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Args;
use domain::ids::{Position, SchemaVersion, StreamVersion, TypeId};
use domain::{Expected, StreamId};
use journal::{Journal, LogIdentity, NewCommit, NewEvent, Options, Pending, Secrets};
use kit::script::{Dice, Script};
use serde_json::json;

/// What a step of the program comes to; the error is printed and ends it.
pub(crate) type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

#[derive(Debug, Args)]
pub(crate) struct Write {
    /// The data folder
    dir: PathBuf,
    /// Seed of the history
    #[arg(long)]
    seed: u64,
    /// Streams of the history
    #[arg(long, default_value_t = 100)]
    streams: u64,
    /// Commits under way at once
    #[arg(long, default_value_t = 1)]
    window: usize,
    /// Commits to write; none: until killed
    #[arg(long)]
    commits: Option<u64>,
    /// Pause between two commits
    #[arg(long, default_value_t = 0)]
    pause_us: u64,
    /// Make one incremental backup after the other in this folder meanwhile: `BACKUP <first> <events> <copied> <us>`,
    /// where everything below position `first` was answered before it began
    #[arg(long)]
    backup: Option<PathBuf>,
    /// Leave without closing the log
    #[arg(long)]
    leave: bool,
}

const BALLAST_BYTES: u64 = 64 << 10;

/// Options of a server: every process begins with a fence of its own.
pub(crate) fn options() -> Options {
    let fence = |identity: &LogIdentity| NewEvent {
        type_id: TypeId(60_000),
        schema_version: SchemaVersion(1),
        payload: identity.epoch.to_le_bytes().to_vec(),
    };
    // Drills copy whole folders and flip bits of every file: a large ballast would only dilute that.
    Options { fence: Some(Arc::new(fence)), ballast_bytes: Some(BALLAST_BYTES), ..Options::default() }
}

impl Write {
    pub(crate) fn run(self) -> Outcome<ExitCode> {
        let began = Instant::now();
        let journal = Journal::open(&self.dir, options())?;
        let open_us = u64::try_from(began.elapsed().as_micros())?;
        let script = Script::new(self.seed, self.streams);
        let first = resume(&journal, script)?;
        println!(
            "OPEN {}",
            json!({ "events": events(&journal), "commits": first, "open_us": open_us, "cpu_us": cpu_us()?,
                "notes": journal.notes() })
        );
        if let Some(to) = self.backup.clone() {
            let journal = journal.clone();
            std::thread::spawn(move || back_up(&journal, &to));
        }
        self.write(&journal, script, first)?;
        if self.leave {
            // As a kill would, but for certain after the last answer.
            std::process::exit(0);
        }
        journal.close()?;
        println!("CLOSED {}", events(&journal));
        Ok(ExitCode::SUCCESS)
    }

    fn write(&self, journal: &Journal, script: Script, first: u64) -> Outcome<()> {
        let end = self.commits.map_or(u64::MAX, |commits| first + commits);
        let mut dice = Dice::of(first, u64::from(std::process::id()));
        let mut versions = HashMap::new();
        let mut under_way = VecDeque::new();
        for n in first..end {
            if under_way.len() >= self.window.max(1) {
                answered(&mut under_way)?;
            }
            let mut commit = script.commit(n);
            commit.expected = expected(journal, &mut versions, &commit, &mut dice)?;
            under_way.push_back((n, journal.append(commit)));
            if self.pause_us > 0 {
                std::thread::sleep(Duration::from_micros(self.pause_us));
            }
        }
        while !under_way.is_empty() {
            answered(&mut under_way)?;
        }
        Ok(())
    }
}

/// Makes backups until the process ends, or one fails.
fn back_up(journal: &Journal, to: &Path) {
    loop {
        let (before, began) = (events(journal), Instant::now());
        match journal.backup(to, Secrets::Copy, |_| {}) {
            Ok(report) => println!(
                "BACKUP {before} {} {} {}",
                report.size,
                report.copied_events,
                began.elapsed().as_micros()
            ),
            Err(error) => return println!("ERROR backup: {error}"),
        }
    }
}

/// Waits for the oldest answer and says so.
fn answered(under_way: &mut VecDeque<(u64, Pending)>) -> Outcome<()> {
    let Some((n, pending)) = under_way.pop_front() else { return Ok(()) };
    let receipt = pending.wait().map_err(|error| format!("commit {n}: {error}"))?;
    if receipt.duplicate {
        return Err(format!("commit {n} is new, and was answered as a duplicate").into());
    }
    // One write per line: a kill then leaves whole lines only.
    let mut out = std::io::stdout().lock();
    out.write_all(format!("ACK {n} {}\n", receipt.position).as_bytes())?;
    Ok(out.flush()?)
}

/// Any version, or exactly the one that the stream must have: then a wrong index shows as a conflict.
fn expected(
    journal: &Journal,
    versions: &mut HashMap<StreamId, Option<u64>>,
    commit: &NewCommit,
    dice: &mut Dice,
) -> Outcome<Expected> {
    let version = match versions.get(&commit.stream) {
        Some(version) => *version,
        None => journal.stream_head(commit.stream)?.map(|head| head.version.0),
    };
    versions.insert(commit.stream, Some(version.map_or(0, |last| last + 1) + commit.events.len() as u64 - 1));
    Ok(match (dice.below(3), version) {
        (0, _) => Expected::Any,
        (_, None) => Expected::None,
        (1, Some(_)) => Expected::Exists,
        (_, Some(version)) => Expected::Exact(StreamVersion(version)),
    })
}

/// Number of the next commit. The last one, and one from the middle, must be known as duplicates.
fn resume(journal: &Journal, script: Script) -> Outcome<u64> {
    let mut last = None;
    for position in (0..events(journal)).rev() {
        let record = journal.get(Position(position))?.ok_or("the last position is missing")?;
        if let Some(n) = script.owner(&record)? {
            last = Some((n, record.position()));
            break;
        }
    }
    let Some((last, position)) = last else { return Ok(0) };
    for n in [last, last / 2] {
        let receipt = journal.append(script.commit(n)).wait()?;
        if !receipt.duplicate || (n == last && receipt.position != position) {
            return Err(format!("commit {n} of {last} was repeated, and answered with {receipt:?}").into());
        }
    }
    Ok(last + 1)
}

/// Durable events.
pub(crate) fn events(journal: &Journal) -> u64 {
    journal.watermark().map_or(0, |last| last.0 + 1)
}

/// Processor time of this process so far.
pub(crate) fn cpu_us() -> Outcome<u64> {
    let stat = std::fs::read_to_string("/proc/self/schedstat")?;
    let nanos: u64 = stat.split(' ').next().unwrap_or_default().parse()?;
    Ok(nanos / 1_000)
}
