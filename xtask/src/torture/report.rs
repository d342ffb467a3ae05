//! What the drills found: a table for people, JSON for programs.

use std::time::Duration;

use anyhow::Result;
use serde_json::{Map, Value, json};

/// Failures that a table lists for each drill.
const LISTED: usize = 10;

/// What one drill found.
#[derive(Debug, Default)]
pub(crate) struct Finding {
    /// Counts and times, in the order in which they are shown.
    pub(crate) figures: Vec<(String, u64)>,
    /// What broke a promise; none is what is wanted.
    pub(crate) failures: Vec<String>,
    /// Why it did not run.
    pub(crate) skipped: Option<String>,
}

impl Finding {
    pub(crate) fn skipped(why: impl Into<String>) -> Self {
        Self { skipped: Some(why.into()), ..Self::default() }
    }
    /// It could not go on.
    pub(crate) fn failed(why: String) -> Self {
        Self { failures: vec![why], ..Self::default() }
    }
    /// Adds to a count, and begins it where it is new.
    pub(crate) fn add(&mut self, name: &str, count: u64) {
        match self.figures.iter_mut().find(|(known, _)| known == name) {
            Some((_, sum)) => *sum += count,
            None => self.figures.push((name.to_owned(), count)),
        }
    }
    /// A count so far.
    pub(crate) fn figure(&self, name: &str) -> u64 {
        self.figures.iter().find(|(known, _)| known == name).map_or(0, |(_, count)| *count)
    }
    /// Says at once what broke, and keeps it for the end.
    pub(crate) fn fail(&mut self, what: String) {
        eprintln!("FAILED: {what}");
        self.failures.push(what);
    }
}

/// A drill that ran: its name, how often, how long, and what it found.
type Row = (&'static str, u32, Duration, Finding);

fn shown((drill, rounds, took, finding): &Row) -> String {
    let verdict = match (&finding.skipped, finding.failures.len()) {
        (Some(_), 0) => "SKIPPED",
        (_, 0) => "passed",
        _ => "FAILED",
    };
    let figures = finding.figures.iter().map(|(name, count)| format!("{name} {count}"));
    let figures = figures.chain(finding.skipped.clone()).collect::<Vec<_>>().join(", ");
    let mut text = format!("{drill:<9} {rounds:>6} {:>6}  {verdict:<7} {figures}\n", took.as_secs());
    for failure in finding.failures.iter().take(LISTED) {
        text.push_str(&format!("          {failure}\n"));
    }
    if finding.failures.len() > LISTED {
        text.push_str(&format!("          … {} failures\n", finding.failures.len()));
    }
    text
}

/// The drills that ran.
pub(crate) struct Report {
    seed: u64,
    rows: Vec<Row>,
}

impl Report {
    pub(crate) const fn new(seed: u64) -> Self {
        Self { seed, rows: Vec::new() }
    }
    pub(crate) fn add(&mut self, drill: &'static str, rounds: u32, took: Duration, finding: Finding) {
        let row = (drill, rounds, took, finding);
        // At once: a long run may be ended before its table.
        eprint!("{}", shown(&row));
        self.rows.push(row);
    }
    pub(crate) fn failed(&self) -> Vec<&'static str> {
        self.rows
            .iter()
            .filter(|(.., finding)| !finding.failures.is_empty())
            .map(|(drill, ..)| *drill)
            .collect()
    }

    /// Prints everything on stdout.
    ///
    /// # Errors
    /// Never: what it prints is plain JSON.
    pub(crate) fn print(&self, as_json: bool) -> Result<()> {
        if as_json {
            println!("{}", serde_json::to_string_pretty(&self.json())?);
        } else {
            print!("{}", self.table());
        }
        Ok(())
    }

    fn json(&self) -> Value {
        let row = |(drill, rounds, took, finding): &Row| {
            let figures: Map<_, _> = finding
                .figures
                .iter()
                .map(|(name, count)| (name.replace(' ', "_"), (*count).into()))
                .collect();
            json!({ "drill": drill, "rounds": rounds, "seconds": took.as_secs(), "passed": finding.failures.is_empty(),
                "skipped": finding.skipped, "figures": figures, "failures": finding.failures })
        };
        json!({ "seed": self.seed, "drills": self.rows.iter().map(row).collect::<Vec<_>>() })
    }

    fn table(&self) -> String {
        let mut text =
            format!("\nseed {}\n{:<9} {:>6} {:>6}  {:<7} figures\n", self.seed, "drill", "rounds", "s", "");
        for row in &self.rows {
            text.push_str(&shown(row));
        }
        text
    }
}

/// The value that `share` of them do not exceed; 0 where there is none.
pub(crate) fn quantile(values: &[u64], share: f64) -> u64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a rank among a few thousand"
    )]
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_says_what_passed_what_failed_and_what_did_not_run() {
        let mut report = Report::new(7);
        let mut finding = Finding::default();
        finding.add("acked", 3);
        finding.add("acked", 4);
        report.add("kill", 2, Duration::from_secs(5), finding);
        report.add("powercut", 9, Duration::ZERO, Finding::skipped("no loop devices"));
        let failed = Finding { failures: vec!["round 3 lost 2".into()], ..Finding::default() };
        report.add("flip", 1, Duration::ZERO, failed);
        assert_eq!(report.failed(), ["flip"]);
        let table = report.table();
        for line in [
            "kill           2      5  passed  acked 7",
            "SKIPPED no loop devices",
            "FAILED",
            "round 3 lost 2",
        ] {
            assert!(table.contains(line), "{line} is missing in {table}");
        }
        assert_eq!(report.json()["drills"][0]["figures"]["acked"], 7);
        assert_eq!(report.json()["drills"][2]["passed"], false);
    }

    #[test]
    fn quantiles_are_values_that_occurred() {
        assert_eq!(quantile(&[], 0.5), 0);
        assert_eq!(
            (quantile(&[3, 1, 2], 0.5), quantile(&[3, 1, 2], 1.0), quantile(&[3, 1, 2], 0.1)),
            (2, 3, 1)
        );
    }
}
