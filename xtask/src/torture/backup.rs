//! T70, T72: one incremental backup after the other while writing at full rate, cut short at any moment; what is
//! restored is the history up to the signed end, or up to a position.

use std::ffi::OsStr;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use super::driver::Writer;
use super::report::Finding;
use super::{Bench, Drill, folder};

pub(crate) const DRILL: Drill =
    Drill { name: "backup", what: "backups while writing, killed, restored", short: 3, long: 60, run };

/// Longest life of a writer after its first backup.
const LIFE_MS: u64 = 500;
/// Rounds on one log and one backup.
const CHAIN: u32 = 10;

#[derive(Default)]
struct State {
    finding: Finding,
    /// Events of the largest restore, and microseconds until it was open.
    largest: (u64, u64),
}

fn run(bench: &Bench) -> Result<Finding> {
    let mut state = State::default();
    for round in 0..bench.rounds {
        if round % CHAIN == 0 {
            folder::fresh(&bench.disk)?;
        }
        state.round(bench, round)?;
        if !state.finding.failures.is_empty() {
            break;
        }
    }
    let (mut finding, (events, us)) = (state.finding, state.largest);
    finding.add("largest restore in events", events);
    finding.add("ms until it was open", us / 1_000);
    Ok(finding)
}

impl State {
    fn round(&mut self, bench: &Bench, round: u32) -> Result<()> {
        let mut random = bench.random(round);
        let (data, backup) = (bench.disk.join("data"), bench.disk.join("backup"));
        let mut writer = Writer::start(bench.write(&data, 100).arg("--backup").arg(&backup))?;
        writer.until(|told| !told.backups.is_empty() || told.error.is_some())?;
        std::thread::sleep(random.up_to_ms(LIFE_MS));
        let told = writer.kill()?;
        if let Some(error) = &told.error {
            self.finding.fail(format!("round {round}: the writer said: {error}"));
        }
        let Some(last) = told.backups.last() else { return Ok(()) };
        self.finding.add("backups", told.backups.len() as u64);
        self.finding.add("events copied", told.backups.iter().map(|backup| backup.copied).sum());
        if let Some(behind) = told.backups.iter().find(|backup| backup.events < backup.answered) {
            self.finding.fail(format!("round {round}: answered before it and not in it: {behind:?}"));
        }
        let events = self.restored(bench, round, &backup, None)?;
        if events < last.events {
            self.finding
                .fail(format!("round {round}: {} events were backed up, {events} restored", last.events));
        }
        if events > 1 {
            let at = random.below(events);
            self.restored(bench, round, &backup, Some(at))?;
        }
        // The log itself, whose last backup was cut short.
        let found = bench.check(&data, &["--leave"])?;
        if let Some(broken) = found.broken_promise(told.commits()) {
            self.finding.fail(format!("round {round}: {broken}"));
        }
        Ok(())
    }

    /// Restores and compares; gives the number of events.
    fn restored(&mut self, bench: &Bench, round: u32, backup: &Path, at: Option<u64>) -> Result<u64> {
        let into = bench.memory.join("restored");
        folder::remove(&into)?;
        let text = at.map(|at| at.to_string());
        let mut arguments = vec![OsStr::new("restore"), backup.as_os_str(), into.as_os_str()];
        if let Some(text) = &text {
            arguments.extend([OsStr::new("--at"), OsStr::new(text)]);
        }
        let answer = bench.ask(&arguments)?;
        let what = format!("round {round}, restored at {at:?}");
        if answer["done"] != true {
            self.finding.fail(format!("{what}: {answer}"));
            return Ok(0);
        }
        let events = answer["events"].as_u64().context("restore gives a number of events")?;
        let found = bench.check(&into, &[])?;
        if let Some(broken) = found.broken_promise(0) {
            self.finding.fail(format!("{what}: {broken}"));
        }
        let expected = at.filter(|_| answer["inside"] != true).map(|at| at + 1);
        if found.events != events || expected.is_some_and(|expected| expected != events) || is_old(&answer) {
            self.finding.fail(format!("{what}: {} events are there; {answer}", found.events));
        }
        self.finding.add(if at.is_some() { "restored to a position" } else { "restored whole" }, 1);
        if let Some(us) = answer["us"].as_u64() {
            self.largest = self.largest.max((events, us + found.open_us));
        }
        Ok(events)
    }
}

/// Whether positions of the restored log could be taken for those of the one that was backed up.
fn is_old(answer: &Value) -> bool {
    answer["epoch"].as_u64().is_none_or(|epoch| epoch < 2)
}
