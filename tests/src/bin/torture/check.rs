//! `torture check`: what a data folder still holds, compared with the history and verified.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::Args;
use domain::ids::{CommitId, Position};
use domain::{StreamId, Ulid};
use journal::{Journal, Options, VerifyOptions};
use kit::script::{Comparison, Dice, Script};
use serde_json::{Value, json};

use crate::write::{Outcome, cpu_us, events, options};

/// Records read at a time.
const PAGE_EVENTS: usize = 4_096;
const PAGE_BYTES: usize = 4 << 20;
/// Commits looked up by id.
const LOOKED_UP: u64 = 200;

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// The data folder
    dir: PathBuf,
    /// Seed of the history
    #[arg(long)]
    seed: u64,
    /// Streams of the history
    #[arg(long, default_value_t = 100)]
    streams: u64,
    /// Compare only that many of the last events, and do not verify
    #[arg(long)]
    tail: Option<u64>,
    /// Open for reading only
    #[arg(long)]
    read_only: bool,
    /// Answers of a server, `number position` in lines: compare these instead of the history
    #[arg(long)]
    posted: Option<PathBuf>,
    /// An earlier checkpoint of the log, which it must extend
    #[arg(long)]
    since: Option<PathBuf>,
    /// Leave without closing the log
    #[arg(long)]
    leave: bool,
}

impl Check {
    pub(crate) fn run(self) -> Outcome<ExitCode> {
        let began = Instant::now();
        let opening = Journal::open(&self.dir, Options { read_only: self.read_only, ..options() });
        let open_us = u64::try_from(began.elapsed().as_micros())?;
        let journal = match opening {
            Ok(journal) => journal,
            Err(error) => {
                println!("{}", json!({ "opened": false, "error": chain(&error), "hint": error.hint() }));
                return Ok(ExitCode::SUCCESS);
            }
        };
        let mut found = json!({ "opened": true, "events": events(&journal), "open_us": open_us,
            "cpu_us": cpu_us()?, "notes": journal.notes() });
        found["content"] = match self.compare(&journal) {
            Ok(commits) => {
                found["commits"] = commits.into();
                Value::Null
            }
            Err(difference) => difference.to_string().into(),
        };
        if self.tail.is_none() {
            let since = self.since.map(std::fs::read).transpose()?;
            let options = VerifyOptions { since, ..VerifyOptions::default() };
            // What opens for writing can be vouched for as soon as it has signed what it found; on a full disk it
            // cannot, and then no fault is all there is to say.
            let signed = !self.read_only && journal.checkpoint_now().is_ok();
            let report = journal.verify_with(&options, |_| {}, |_| {});
            let no_fault = report.nothing_altered != Some(false) && report.nothing_missing != Some(false);
            found["verified"] = (report.is_sound() || (no_fault && !signed && !self.read_only)).into();
            found["faults"] = report.faults.iter().take(5).map(|fault| fault.what.clone()).collect();
        }
        println!("{found}");
        if self.leave {
            std::process::exit(0);
        }
        journal.close().map_or_else(|error| Err(error.into()), |()| Ok(ExitCode::SUCCESS))
    }

    /// Gives the number of whole commits of the history.
    fn compare(&self, journal: &Journal) -> Outcome<u64> {
        if let Some(path) = &self.posted {
            return posted(journal, self.seed, &std::fs::read_to_string(path)?);
        }
        let script = Script::new(self.seed, self.streams);
        let start = self.tail.map_or(0, |tail| events(journal).saturating_sub(tail));
        let mut comparison = if start == 0 { Comparison::whole(script) } else { Comparison::partial(script) };
        let mut after = start.checked_sub(1).map(Position);
        loop {
            let page = journal.read(after, PAGE_EVENTS, PAGE_BYTES)?;
            let Some(last) = page.last() else { break };
            for (expected, record) in (after.map_or(0, |after| after.0 + 1)..).zip(&page) {
                if record.position().0 != expected {
                    return Err(format!("expected position {expected}, found {}", record.position()).into());
                }
                comparison.take(record)?;
            }
            after = Some(last.position());
        }
        if after.map_or(0, |last| last.0 + 1) != events(journal) {
            return Err(format!("reading ends at {after:?} of {} events", events(journal)).into());
        }
        let (commits, versions) = comparison.finish()?;
        for (stream, version) in versions {
            let head = journal.stream_head(stream)?;
            if head.map(|head| head.version) != Some(version) {
                return Err(format!("expected `{stream}` at version {version}, found {head:?}").into());
            }
        }
        look_up(journal, script, commits)?;
        Ok(commits)
    }
}

/// Some commits must be found by their id, and the one after the last must not.
fn look_up(journal: &Journal, script: Script, commits: u64) -> Outcome<()> {
    let mut dice = Dice::new(commits);
    for n in (0..commits.min(LOOKED_UP)).map(|_| dice.below(commits)).chain(commits.checked_sub(1)) {
        let expected = script.commit(n);
        match journal.find_commit(expected.commit)? {
            Some((receipt, fingerprint))
                if receipt.stream == expected.stream && fingerprint == expected.fingerprint => {}
            other => return Err(format!("expected commit {n} by its id, found {other:?}").into()),
        }
    }
    match journal.find_commit(script.commit(commits).commit)? {
        Some(found) => Err(format!("commit {commits} is not in the log, and was found: {found:?}").into()),
        None => Ok(()),
    }
}

/// The commit of a number that was sent to a server.
pub(crate) fn sent(seed: u64, number: u64) -> CommitId {
    CommitId::from(Ulid((u128::from(seed | 1) << 64) | u128::from(number)))
}

/// Every answer must be found as it was given; the number of answers.
fn posted(journal: &Journal, seed: u64, answers: &str) -> Outcome<u64> {
    let mut count = 0;
    for line in answers.lines() {
        let (number, position) = line.split_once(' ').ok_or("expected `number position`")?;
        let (number, position) = (number.parse()?, Position(position.parse()?));
        let found = journal.find_commit(sent(seed, number))?;
        if found.as_ref().map(|(receipt, _)| receipt.position) != Some(position) {
            return Err(format!("expected number {number} at position {position}, found {found:?}").into());
        }
        let record = journal.get(position)?.ok_or("an answered position is missing")?;
        let stream: StreamId = record.stream();
        if record.commit() != sent(seed, number) || journal.stream_head(stream)?.is_none() {
            return Err(format!("position {position} holds another commit").into());
        }
        count += 1;
    }
    Ok(count)
}

/// An error with its causes.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), |source| format!("{error}: {}", chain(source)))
}
