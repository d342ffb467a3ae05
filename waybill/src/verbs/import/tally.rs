//! What an import came to.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use domain::ids::RunId;
use domain::run::RunCommand;
use domain::{Command, StreamId};
use indicatif::ProgressBar;
use replay::import::{BadLine, ImportError, Item, Origin};
use serde::Serialize;

use super::lane::Taken;
use crate::failure::{Exit, Failure};
use crate::figures;
use crate::table;

/// Bad lines and refusals that are told one by one; more are only counted.
const TOLD: u64 = 20;
/// Characters of a reason.
const REASON_CHARS: usize = 300;

/// Counts while the import goes on.
pub(super) struct Tally {
    report: Report,
    bar: ProgressBar,
    /// Highest line seen of the file under way.
    line: u64,
    /// Why a file could not be read; the first one is told at the end.
    pub(super) failure: Option<Failure>,
    runs: BTreeMap<RunId, Option<String>>,
}

/// A run that an import led to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Run {
    run: RunId,
    title: Option<String>,
}

/// What an import came to. The keys are stable.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Report {
    project: String,
    /// Files read to their end.
    pub(super) files: u64,
    /// Files that could not be read, or not to their end.
    files_failed: u64,
    lines: u64,
    /// Commands that the log took, now or before.
    pub(super) commits: u64,
    pub(super) new: u64,
    pub(super) duplicates: u64,
    pub(super) rejected: u64,
    bad_lines: u64,
    /// Position of the last event that it led to.
    position: Option<u64>,
    runs: Vec<Run>,
    duration_ms: u64,
    rate_per_second: f64,
}

impl Tally {
    pub(super) fn new(project: &str, bar: ProgressBar) -> Self {
        let report = Report { project: project.to_owned(), ..Report::default() };
        Self { report, bar, line: 0, failure: None, runs: BTreeMap::new() }
    }
    /// Notes what a command tells of itself.
    pub(super) fn found(&mut self, item: &Item) {
        self.line = self.line.max(item.origin.line);
        if let (Command::Run(RunCommand::RequestRun(request)), StreamId { id, .. }) =
            (&item.command, item.stream)
        {
            self.runs.insert(id.into(), request.title.clone());
        }
    }
    pub(super) fn bad(&mut self, bad: &BadLine) {
        self.line = self.line.max(bad.origin.line);
        self.report.bad_lines += 1;
        self.tell(self.report.bad_lines, &bad.origin, &bad.reason);
    }
    pub(super) fn taken(&mut self, taken: Taken) {
        self.report.commits += 1;
        self.report.position = self.report.position.max(Some(taken.position));
        *(if taken.duplicate { &mut self.report.duplicates } else { &mut self.report.new }) += 1;
    }
    pub(super) fn refused(&mut self, origin: &Origin, reason: &str) {
        self.report.rejected += 1;
        self.tell(self.report.rejected, origin, reason);
    }
    pub(super) fn ended(&mut self, path: &Path, ended: Result<(), ImportError>) {
        self.report.lines += std::mem::take(&mut self.line);
        let Err(error) = ended else {
            self.report.files += 1;
            return;
        };
        self.report.files_failed += 1;
        let failure = Failure::from(error).while_doing(path.display());
        if self.failure.is_some() {
            self.bar.suspend(|| eprint!("{failure}"));
        } else {
            self.failure = Some(failure);
        }
    }
    fn tell(&self, nth: u64, origin: &Origin, reason: &str) {
        let reason = figures::line(reason, REASON_CHARS);
        self.bar.suspend(|| match nth {
            ..=TOLD => eprintln!("{}:{}: {reason}", origin.file, origin.line),
            _ if nth == TOLD + 1 => eprintln!("… further ones are only counted"),
            _ => {}
        });
    }
    pub(super) fn report(&mut self, took: Duration) -> Report {
        let mut report = self.report.clone();
        report.runs = self.runs.iter().map(|(run, title)| Run { run: *run, title: title.clone() }).collect();
        report.duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        #[expect(clippy::cast_precision_loss, reason = "a rate is read to three digits")]
        let commits = report.commits as f64;
        report.rate_per_second = if took.is_zero() { 0.0 } else { (commits / took.as_secs_f64()).round() };
        report
    }
}

impl Report {
    pub(super) fn exit(&self) -> Exit {
        if self.bad_lines + self.rejected > 0 { Exit::Partly } else { Exit::Done }
    }
    pub(super) fn table(&self, colours: bool) -> String {
        let count = figures::count;
        let position = self.position.map_or_else(|| "none".to_owned(), count);
        let mut pairs = vec![("project", self.project.clone()), ("files", count(self.files))];
        if self.files_failed > 0 {
            pairs.push(("files not read", count(self.files_failed)));
        }
        let new = format!(
            "{} ({} new, {} known before)",
            count(self.commits),
            count(self.new),
            count(self.duplicates)
        );
        pairs.extend([("lines", count(self.lines)), ("commits", new)]);
        for (name, number) in [("bad lines", self.bad_lines), ("refused", self.rejected)] {
            if number > 0 {
                pairs.push((name, count(number)));
            }
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a rate is rounded and not negative"
        )]
        let rate = count(self.rate_per_second as u64);
        let took = format!("{}, {rate} commits per second", figures::duration_ms(self.duration_ms));
        pairs.extend([("last position", position), ("took", took)]);
        for run in &self.runs {
            let title = run.title.as_deref().unwrap_or("untitled");
            pairs.push(("run", format!("{}  {}", run.run, figures::line(title, 70))));
        }
        let pairs: Vec<_> = pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let mut text = table::pairs(&pairs, colours);
        if let [run] = self.runs.as_slice() {
            text.push_str(&format!("\nRead it: waybill replay --run {}\n", run.run));
        }
        text
    }
}

#[cfg(test)]
pub(super) mod tests {
    use expect_test::expect;

    use super::*;

    pub(in crate::verbs::import) fn tally() -> Tally {
        Tally::new("demo", ProgressBar::hidden())
    }

    fn origin(line: u64) -> Origin {
        Origin { file: "f.jsonl".into(), line, read_bytes: 0 }
    }

    #[test]
    fn a_clean_import_is_told_in_a_few_lines() {
        let mut tally = tally();
        tally.runs.insert("01JD0000000000000000000000".parse().unwrap(), Some("Fix\nit".into()));
        for nth in 0..1_500 {
            tally.taken(Taken { position: nth, duplicate: nth < 500 });
        }
        tally.line = 1_019;
        tally.ended(Path::new("f.jsonl"), Ok(()));
        let report = tally.report(Duration::from_millis(1_500));
        assert_eq!(report.exit(), Exit::Done);
        expect![[r#"
            project        demo
            files          1
            lines          1,019
            commits        1,500 (1,000 new, 500 known before)
            last position  1,499
            took           1.5 s, 1,000 commits per second
            run            01JD0000000000000000000000  Fix it

            Read it: waybill replay --run 01JD0000000000000000000000
        "#]]
        .assert_eq(&report.table(false));
    }

    #[test]
    fn what_went_wrong_is_counted_and_decides_the_exit_code() {
        let mut tally = tally();
        tally.bad(&BadLine { origin: origin(3), reason: "no JSON".into() });
        assert_eq!(tally.report(Duration::ZERO).exit(), Exit::Partly);
        tally.refused(&origin(4), "run is completed");
        let unread = ImportError::NotAFile { path: "p".into() };
        tally.ended(Path::new("p"), Err(unread));
        let report = tally.report(Duration::ZERO);
        assert_eq!((report.lines, report.bad_lines, report.rejected, report.files_failed), (3, 1, 1, 1));
        let failure = tally.failure.expect("a file was not read");
        assert_eq!(failure.exit, Exit::Usage);
        assert!(failure.message.starts_with("p: expected a regular file"), "{failure}");
        let table = report.table(false);
        assert!(table.contains("bad lines") && table.contains("files not read"), "{table}");
    }
}
