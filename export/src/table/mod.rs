//! The tables: one file each, and the one list of them.

mod ci_checks;
mod events;
mod learnings;
mod messages;
mod metrics;
mod runs;
mod scores;
mod spent;
mod steps;
mod usage;
mod verdicts;

use std::collections::BTreeSet;
use std::str::FromStr;

use domain::ids::{Position, RunId};
use domain::learning::Learning;
use domain::run::{Run, RunEvent};
use domain::{Decider, Event, Meta};
use journal::RawRecord;
use serde::Serialize;
use vault::Vault;

use crate::buffers::Buffers;
use crate::column::{Column, Kind};

const POSITION: Column = Column::of("position", Kind::Count, "place in the whole log", "every event");
const AT: Column = Column::of(
    "at",
    Kind::Instant,
    "when it happened, as far as is known; else when it was recorded",
    "every event",
);
const PROJECT: Column = Column::opt("project", Kind::Text, "the project it belongs to", "every event");
const RUN: Column = Column::of("run", Kind::Text, "the run", "the stream of the event");
/// Where a row is the state of something: the last event that changed it.
const CHANGED: Column = Column::of(
    "position",
    Kind::Count,
    "place of the last event that changed the row",
    "every event of the stream",
);

/// A table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Table {
    /// Every event.
    Events,
    /// A row per run, as it stands.
    Runs,
    /// A row per step, as it stands.
    Steps,
    /// Messages, tool calls and tool results, in parts as they were recorded.
    Messages,
    /// Tokens and cost of model calls.
    Usage,
    /// Verdicts of checkers and reviewers.
    Verdicts,
    /// Scores of evaluators.
    Scores,
    /// Checks of continuous integration, a row per check and poll.
    CiChecks,
    /// A row per learning, as it stands.
    Learnings,
    /// Metrics of the program, a row per group.
    Metrics,
}

impl Table {
    /// Every table.
    pub const ALL: &[Self] = &[
        Self::Events,
        Self::Runs,
        Self::Steps,
        Self::Messages,
        Self::Usage,
        Self::Verdicts,
        Self::Scores,
        Self::CiChecks,
        Self::Learnings,
        Self::Metrics,
    ];
    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Runs => "runs",
            Self::Steps => "steps",
            Self::Messages => "messages",
            Self::Usage => "usage",
            Self::Verdicts => "verdicts",
            Self::Scores => "scores",
            Self::CiChecks => "ci_checks",
            Self::Learnings => "learnings",
            Self::Metrics => "metrics",
        }
    }
    /// Its columns, in order.
    #[must_use]
    pub const fn columns(self) -> &'static [Column] {
        match self {
            Self::Events => events::COLUMNS,
            Self::Runs => runs::COLUMNS,
            Self::Steps => steps::COLUMNS,
            Self::Messages => messages::COLUMNS,
            Self::Usage => usage::COLUMNS,
            Self::Verdicts => verdicts::COLUMNS,
            Self::Scores => scores::COLUMNS,
            Self::CiChecks => ci_checks::COLUMNS,
            Self::Learnings => learnings::COLUMNS,
            Self::Metrics => metrics::COLUMNS,
        }
    }
    /// Whether a row says how something stands, so that a later export repeats it once it has changed; the rows of
    /// other tables are events, and come once.
    #[must_use]
    pub const fn is_state(self) -> bool {
        matches!(self, Self::Runs | Self::Steps | Self::Learnings | Self::Metrics)
    }
    /// Whether it is written where no table is named. Metrics keep something of every run until the end, and are
    /// asked for by name.
    #[must_use]
    pub const fn is_usual(self) -> bool {
        !matches!(self, Self::Metrics)
    }
    /// The names of all, for people.
    #[must_use]
    pub fn names() -> String {
        Self::ALL.iter().map(|table| table.as_str()).collect::<Vec<_>>().join(", ")
    }
}

/// A name that is no table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a table, one of {}, got `{actual}`", Table::names())]
pub struct UnknownTable {
    /// What came, cut to 80 characters.
    pub actual: String,
}

impl FromStr for Table {
    type Err = UnknownTable;
    fn from_str(text: &str) -> Result<Self, UnknownTable> {
        let known = Self::ALL.iter().copied().find(|table| table.as_str() == text);
        known.ok_or_else(|| UnknownTable { actual: text.chars().take(80).collect() })
    }
}

/// A run's event, and where it stands.
struct Happened<'a> {
    meta: &'a Meta,
    run: RunId,
    event: &'a RunEvent,
}

/// Makes rows of records.
pub(crate) struct Feed {
    tables: BTreeSet<Table>,
    after: Option<Position>,
    runs: runs::Runs,
    steps: steps::Steps,
    learnings: learnings::Learnings,
    metrics: metrics::Metrics,
    last: Option<Position>,
    json: Vec<u8>,
    vault: Vault,
}

impl Feed {
    pub(crate) fn new(tables: BTreeSet<Table>, after: Option<Position>, vault: Vault) -> Self {
        let (runs, steps, learnings) = Default::default();
        let metrics = metrics::Metrics::new(tables.contains(&Table::Metrics));
        Self { tables, after, runs, steps, learnings, metrics, last: None, json: Vec::new(), vault }
    }
    /// Where reading begins: what says how something stands needs everything before as well.
    pub(crate) fn start(&self) -> Option<Position> {
        if self.tables.iter().any(|table| table.is_state()) { None } else { self.after }
    }
    fn has(&self, table: Table) -> bool {
        self.tables.contains(&table)
    }

    /// Takes a record in.
    pub(crate) fn record(&mut self, record: &RawRecord, out: &mut Buffers) {
        self.last = Some(record.position());
        let is_new = Some(record.position()) > self.after;
        let category = record.stream().category;
        let is_typed = category == Run::CATEGORY || category == Learning::CATEGORY;
        if !(is_typed || is_new && self.has(Table::Events)) {
            return;
        }
        let mut event =
            Event::decode(category, record.type_id(), record.schema_version(), record.payload()).ok();
        event.iter_mut().for_each(|event| self.vault.reveal_event(event));
        if is_new && self.has(Table::Events) {
            let rows = out.event(record);
            events::row(rows, record, event.as_ref(), &mut self.json);
        }
        let (Some(event), Ok(meta)) = (event, record.meta()) else { return };
        self.metrics.apply(&meta, &event);
        match &event {
            Event::Run(event) => {
                let happened = Happened { meta: &meta, run: meta.stream.id.into(), event };
                self.run(&happened, is_new, out);
            }
            Event::Learning(event) if self.has(Table::Learnings) => self.learnings.apply(&meta, event),
            _ => {}
        }
    }

    fn run(&mut self, happened: &Happened<'_>, is_new: bool, out: &mut Buffers) {
        if self.has(Table::Runs) {
            self.runs.apply(happened);
        }
        if self.has(Table::Steps) {
            self.steps.apply(happened, self.after, out);
        }
        if !is_new {
            return;
        }
        let day = happened.meta.when();
        match happened.event {
            RunEvent::StepUsageRecorded(e) if self.has(Table::Usage) => {
                usage::row(out.rows(Table::Usage, day), happened, e);
            }
            RunEvent::VerdictIssued(e) if self.has(Table::Verdicts) => {
                verdicts::row(out.rows(Table::Verdicts, day), happened, e);
            }
            RunEvent::ScoresIssued(e) if self.has(Table::Scores) => {
                scores::row(out.rows(Table::Scores, day), happened, e);
            }
            RunEvent::CiChecksPolled(e) if self.has(Table::CiChecks) => {
                ci_checks::rows(out.rows(Table::CiChecks, day), happened, e);
            }
            event if self.has(Table::Messages) => {
                if let Some(said) = messages::Said::of(event) {
                    said.row(out.rows(Table::Messages, day), happened);
                }
            }
            _ => {}
        }
    }

    /// Rows of what stands at the end of the log. `full` is called after each, and empties what has filled up.
    pub(crate) fn finish<E>(
        &mut self,
        out: &mut Buffers,
        mut full: impl FnMut(&mut Buffers) -> Result<(), E>,
    ) -> Result<(), E> {
        while let Some(row) = self.runs.next(self.after) {
            row.write(out);
            full(out)?;
        }
        while self.steps.next(self.after, out) {
            full(out)?;
        }
        while self.learnings.next(self.after, out) {
            full(out)?;
        }
        let (mut done, last) = (Ok(()), self.last);
        self.metrics.rows(last, |series, nth| {
            if done.is_ok() {
                metrics::row(out, series, nth);
                done = full(out);
            }
        });
        done
    }
}
