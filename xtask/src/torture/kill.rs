//! T01, T02: `kill -9` at random points under load, on one data folder that is never reset.

use anyhow::Result;

use super::driver::Writer;
use super::report::{Finding, quantile};
use super::{Bench, Drill};

pub(crate) const DRILL: Drill =
    Drill { name: "kill", what: "kill -9 under load, one folder never reset", short: 25, long: 1_000, run };

/// Longest life of a writer, from its start or from when it has opened the log.
const LIFE_MS: u64 = 100;
/// Events of the tail that every round compares; a round writes fewer.
const TAIL: &str = "40000";
/// Rounds between two comparisons and verifications of everything.
const WHOLE_EVERY: u32 = 100;
/// A log of ten million events may take this long to open after a kill.
const OPEN_MAX_US: u64 = 5_000_000;

struct State {
    finding: Finding,
    /// Commits that must be there.
    acked: u64,
    /// What opening took, in order.
    open_us: Vec<u64>,
    cpu_us: Vec<u64>,
}

fn run(bench: &Bench) -> Result<Finding> {
    let mut state = State { finding: Finding::default(), acked: 0, open_us: Vec::new(), cpu_us: Vec::new() };
    for round in 0..bench.rounds {
        state.round(bench, round)?;
        // What comes after a broken promise says nothing new.
        if !state.finding.failures.is_empty() {
            return Ok(state.finding);
        }
    }
    let events = state.check(bench, bench.rounds, &[])?;
    Ok(state.finish(events))
}

impl State {
    fn round(&mut self, bench: &Bench, round: u32) -> Result<()> {
        let mut random = bench.random(round);
        let dir = bench.disk.join("data");
        let window = *random.pick(&[1, 10, 100, 1_000]);
        let mut writer = Writer::start(&mut bench.write(&dir, window))?;
        // One in five is killed while it opens.
        if random.below(5) > 0 {
            writer.until(|told| told.opened.is_some())?;
        }
        std::thread::sleep(random.up_to_ms(LIFE_MS));
        let told = writer.kill()?;
        if let Some(error) = &told.error {
            self.finding.fail(format!("round {round}: the writer said: {error}"));
        }
        self.acked = self.acked.max(told.commits());
        self.open_us.extend(told.opened_in_us());
        self.finding.add("killed while opening", u64::from(told.opened.is_none()));
        // Now and then a writer is the next to open what a kill left.
        if random.below(3) > 0 {
            let tail = ["--tail", TAIL, "--leave"];
            let whole = round % WHOLE_EVERY == WHOLE_EVERY - 1;
            self.check(bench, round, if whole { &tail[2..] } else { &tail })?;
        }
        Ok(())
    }

    /// Gives the number of events.
    fn check(&mut self, bench: &Bench, round: u32, arguments: &[&str]) -> Result<u64> {
        let found = bench.check(&bench.disk.join("data"), arguments)?;
        if let Some(broken) = found.broken_promise(self.acked) {
            self.finding.fail(format!("round {round}: {broken}"));
        }
        self.finding.add("beyond the last answer", found.commits.saturating_sub(self.acked));
        self.acked = self.acked.max(found.commits);
        self.open_us.push(found.open_us);
        self.cpu_us.push(found.cpu_us);
        Ok(found.events)
    }

    fn finish(mut self, events: u64) -> Finding {
        let tenth = (self.open_us.len() / 10).max(1);
        let (first, last) = (&self.open_us[..tenth], &self.open_us[self.open_us.len() - tenth..]);
        let cpu_tenth = (self.cpu_us.len() / 10).max(1);
        let cpu = &self.cpu_us[self.cpu_us.len() - cpu_tenth..];
        let figures = [
            ("commits acked", self.acked),
            ("events", events),
            ("open p50 us first tenth", quantile(first, 0.5)),
            ("last tenth", quantile(last, 0.5)),
            ("open p99 us", quantile(&self.open_us, 0.99)),
            ("cpu p50 us first tenth", quantile(&self.cpu_us[..cpu_tenth], 0.5)),
            ("cpu last tenth", quantile(cpu, 0.5)),
        ];
        for (name, figure) in figures {
            self.finding.add(name, figure);
        }
        let slowest = quantile(last, 0.9);
        if slowest > OPEN_MAX_US {
            self.finding.fail(format!("opening takes {slowest} us after {} kills", self.open_us.len()));
        }
        self.finding
    }
}
