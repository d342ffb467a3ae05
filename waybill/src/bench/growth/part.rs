//! What is done to the log by a process of its own, so that memory and opening are measured from nothing.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use domain::ids::{Position, SchemaVersion, StreamVersion, TypeId};
use domain::{Actor, Expected, Fingerprint};
use journal::{Journal, NewCommit, NewEvent, Options, Pending};
use serde::{Deserialize, Serialize};

use super::plan::{self, Plan};
use crate::bench::measure::float;
use crate::bench::server::{own_cpu, own_memory};
use crate::bench::words::Words;
use crate::failure::{Exit, Failure};

/// Commits under way at once.
const WINDOW: usize = 4096;
const EVENT_BYTES: usize = 300;
/// Payloads to choose from: so many that two of a kind are rarely in one block.
const PAYLOADS: u64 = 8192;
/// Look-ups of a kind.
const LOOK_UPS: u64 = 2_000;

/// One part of `bench growth`
#[derive(Debug, Clone, Args)]
pub(in crate::bench) struct Part {
    #[arg(long)]
    task: Task,
    #[arg(long)]
    folder: PathBuf,
    /// Events of the log at the end of the part
    #[arg(long, default_value_t = 0)]
    to: u64,
    /// The first stream to begin
    #[arg(long, default_value_t = 0)]
    stream: u64,
}

/// What a part does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Task {
    /// Append, then wait to be killed.
    Grow,
    /// Append and close in good order.
    Close,
    /// Open and close.
    Open,
    /// Open, and look up streams and commits.
    Look,
    /// Read everything.
    Read,
    /// Verify everything.
    Verify,
}

/// What a part measured. What it did not is 0.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Found {
    pub(super) events: u64,
    /// Bytes of records.
    pub(super) bytes: u64,
    /// The first stream that was not begun.
    pub(super) stream: u64,
    pub(super) seconds: f64,
    pub(super) cpu_seconds: f64,
    /// The longest time in which no commit was answered.
    pub(super) pause_ms: f64,
    pub(super) open_ms: f64,
    pub(super) open_cpu_ms: f64,
    /// Memory held once the log is open, and the most it ever was.
    pub(super) rss_bytes: f64,
    pub(super) peak_bytes: f64,
    /// Mean of look-ups: of streams and commits that are there, just opened and again, and of one that is not.
    pub(super) stream_cold_us: f64,
    pub(super) stream_warm_us: f64,
    pub(super) commit_cold_us: f64,
    pub(super) commit_warm_us: f64,
    pub(super) unknown_us: f64,
}

impl Part {
    /// Does it, and writes what was found as a line of JSON.
    pub(in crate::bench) fn run(self) -> Result<(), Failure> {
        let cpu = cpu();
        let started = Instant::now();
        let journal = Journal::open(&self.folder, Options::default())?;
        let open_ms = started.elapsed().as_secs_f64() * 1e3;
        let opened = Found {
            open_ms,
            open_cpu_ms: (self::cpu().saturating_sub(cpu)).as_secs_f64() * 1e3,
            rss_bytes: own_memory().map_or(0.0, |memory| memory.0),
            events: events(&journal),
            stream: self.stream,
            ..Found::default()
        };
        let mut found = match self.task {
            Task::Grow | Task::Close => grow(&journal, self.stream, self.to)?,
            Task::Open => Found::default(),
            Task::Look => look(&journal, self.stream)?,
            Task::Read => timed(|| read(&journal))?,
            Task::Verify => timed(|| verify(&journal))?,
        };
        if found.events == 0 {
            found.events = opened.events;
        }
        found.peak_bytes = own_memory().map_or(0.0, |memory| memory.1);
        let Found { open_ms, open_cpu_ms, rss_bytes, .. } = opened;
        let found = Found { open_ms, open_cpu_ms, rss_bytes, ..found };
        if self.task == Task::Grow {
            tell(&found)?;
            // Until it is killed: then nothing was closed.
            return Ok(std::io::stdin().read_to_end(&mut Vec::new()).map(drop)?);
        }
        journal.close()?;
        tell(&found)
    }
}

fn tell(found: &Found) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    out.write_all(format!("{}\n", serde_json::to_string(found)?).as_bytes())?;
    Ok(out.flush()?)
}

/// Does one part in a process of its own; one that waits to be killed is.
pub(super) fn run(folder: &Path, task: Task, to: u64, stream: u64) -> Result<Found, Failure> {
    let name = task.to_possible_value().expect("no task is skipped").get_name().to_owned();
    let mut command = std::process::Command::new(std::env::current_exe()?);
    command.args(["bench", "part", "--task", &name, "--folder"]).arg(folder);
    command.args(["--to", &to.to_string(), "--stream", &stream.to_string()]);
    command.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
    let mut child = command.spawn()?;
    let mut line = String::new();
    if let Some(out) = child.stdout.take() {
        std::io::BufRead::read_line(&mut std::io::BufReader::new(out), &mut line)?;
    }
    if task == Task::Grow {
        child.kill()?;
    }
    let status = child.wait()?;
    if line.is_empty() || !(status.success() || task == Task::Grow) {
        return Err(Failure::new(
            Exit::Failed,
            format!("the part `{name}` of the bench ended with {status}"),
        ));
    }
    Ok(serde_json::from_str(&line)?)
}

fn cpu() -> Duration {
    own_cpu().unwrap_or_default()
}

fn events(journal: &Journal) -> u64 {
    journal.watermark().map_or(0, |head| head.0 + 1)
}

fn timed(work: impl FnOnce() -> Result<(u64, u64), Failure>) -> Result<Found, Failure> {
    let (started, before) = (Instant::now(), cpu());
    let (events, bytes) = work()?;
    let (seconds, cpu_seconds) = (started.elapsed().as_secs_f64(), (cpu() - before).as_secs_f64());
    Ok(Found { events, bytes, seconds, cpu_seconds, ..Found::default() })
}

fn read(journal: &Journal) -> Result<(u64, u64), Failure> {
    let (mut events, mut bytes) = (0, 0);
    for block in journal.scan(None) {
        let block = block?;
        events += u64::try_from(block.len()).unwrap_or(0);
        bytes += u64::try_from(block.body().len()).unwrap_or(0);
    }
    Ok((events, bytes))
}

fn verify(journal: &Journal) -> Result<(u64, u64), Failure> {
    let report = journal.verify(|_| {});
    if report.is_sound() {
        return Ok((report.events, report.bytes));
    }
    let what =
        report.faults.first().map_or_else(|| "no fault is named".to_owned(), |fault| fault.what.clone());
    Err(Failure::new(Exit::Failed, format!("the log of the bench is not sound: {what}")))
}

/// Appends single-event commits up to `to` events; measures the last fifth of what it appends.
fn grow(journal: &Journal, stream: u64, to: u64) -> Result<Found, Failure> {
    let mut pool = Words::new(1);
    let payloads: Vec<_> = (0..PAYLOADS).map(|_| pool.text(EVENT_BYTES).into_bytes()).collect();
    let (mut plan, from) = (Plan::from(stream), events(journal));
    let measured = to - (to - from) / 5;
    let mut window: VecDeque<Pending> = VecDeque::with_capacity(WINDOW);
    let mut begin = None;
    let (mut answered, mut pause) = (Instant::now(), Duration::ZERO);
    for number in from..to {
        if number == measured {
            begin = Some((Instant::now(), cpu()));
        }
        let (stream, written) = plan.next();
        let at = usize::try_from(pool.number() % PAYLOADS).unwrap_or(0);
        journal.wait_ready();
        window.push_back(journal.append(commit(number, stream, written, payloads[at].clone())));
        if window.len() == WINDOW {
            window.pop_front().expect("the window is full").wait()?;
            pause = pause.max(answered.elapsed());
            answered = Instant::now();
        }
    }
    for pending in window {
        pending.wait()?;
    }
    let (started, before) = begin.unwrap_or((Instant::now(), cpu()));
    Ok(Found {
        events: to - measured,
        bytes: (to - measured) * u64::try_from(EVENT_BYTES + journal::record::OVERHEAD).unwrap_or(0),
        stream: plan.next,
        seconds: started.elapsed().as_secs_f64(),
        cpu_seconds: (cpu().saturating_sub(before)).as_secs_f64(),
        pause_ms: pause.as_secs_f64() * 1e3,
        ..Found::default()
    })
}

fn commit(number: u64, stream: domain::StreamId, written: u64, payload: Vec<u8>) -> NewCommit {
    let expected = written.checked_sub(1).map_or(Expected::None, |last| Expected::Exact(StreamVersion(last)));
    let (type_id, schema_version) = (TypeId(9_000), SchemaVersion(1));
    NewCommit {
        stream,
        expected,
        commit: plan::commit(number),
        fingerprint: Fingerprint(number),
        actor: Actor::System,
        causation: None,
        correlation: None,
        project: None,
        occurred_at: None,
        events: vec![NewEvent { type_id, schema_version, payload }],
    }
}

/// Looks up streams below `streams` and commits of the events there are, all over the log.
fn look(journal: &Journal, streams: u64) -> Result<Found, Failure> {
    let events = events(journal);
    let lost = |what: &str, number: u64| {
        Failure::new(Exit::Failed, format!("{what} {number} of the log of the bench is not found"))
    };
    let stream = |number: u64| match journal.stream_head(plan::stream(number))? {
        Some(_) => Ok(()),
        None => Err(lost("stream", number)),
    };
    let commit = |number: u64| match journal.find_commit(plan::commit(number))? {
        Some((receipt, _)) if receipt.position == Position(number) => Ok(()),
        _ => Err(lost("commit", number)),
    };
    let unknown = |number: u64| match journal.find_commit(plan::unknown(number))? {
        None => Ok(()),
        Some(_) => Err(lost("the absence of commit", number)),
    };
    Ok(Found {
        stream_cold_us: each(1, streams, stream)?,
        stream_warm_us: each(1, streams, stream)?,
        commit_cold_us: each(2, events, commit)?,
        commit_warm_us: each(2, events, commit)?,
        unknown_us: each(3, events, unknown)?,
        ..Found::default()
    })
}

/// Mean time in microseconds of look-ups of random numbers below `below`; the same seed, the same numbers.
fn each(seed: u64, below: u64, find: impl Fn(u64) -> Result<(), Failure>) -> Result<f64, Failure> {
    let mut words = Words::new(seed);
    let started = Instant::now();
    for _ in 0..LOOK_UPS {
        find(words.number() % below.max(1))?;
    }
    Ok(started.elapsed().as_secs_f64() * 1e6 / float(LOOK_UPS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_appended_is_found_read_and_verified() {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::open(dir.path(), Options::default()).unwrap();
        let grown = grow(&journal, 0, 5_000).unwrap();
        assert_eq!((grown.events, events(&journal)), (1_000, 5_000));
        let again = grow(&journal, grown.stream, 6_000).unwrap();
        assert!(again.stream > grown.stream && again.seconds > 0.0, "{again:?}");
        let looked = look(&journal, again.stream).unwrap();
        assert!(looked.stream_cold_us > 0.0 && looked.unknown_us > 0.0, "{looked:?}");
        let (read, bytes) = read(&journal).unwrap();
        assert_eq!((read, bytes), (6_000, 6_000 * (300 + 188)));
        assert_eq!(verify(&journal).unwrap().0, 6_000);
        let beyond = look(&journal, 10 * again.stream).expect_err("there are fewer streams");
        assert!(beyond.message.contains("is not found"), "{beyond}");
    }
}
