//! What model calls used and cost, by project, model and day.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use domain::ids::{IdError, ProjectId, RunId};
use domain::run::{RunEvent, StepUsageRecorded};
use domain::values::Timestamp;
use domain::{Event, Recorded};
use serde::{Deserialize, Serialize};

use crate::figures::{Spends, row};
use crate::table::Table;
use crate::view::{Scope, View};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// A day in UTC, counted from 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Day(i64);

impl From<Timestamp> for Day {
    fn from(time: Timestamp) -> Self {
        Self(time.millis().div_euclid(DAY_MS))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&Timestamp::from_millis(self.0.saturating_mul(DAY_MS)).day())
    }
}

/// `project/model/day`; a model's name may hold slashes itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct UsageKey {
    project: ProjectId,
    model: String,
    day: Day,
}

impl fmt::Display for UsageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.project, self.model, self.day)
    }
}

impl FromStr for UsageKey {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let wrong = || IdError {
            expected: "project/model/day such as `01J…/claude-opus-4-6/2026-11-21`".into(),
            actual: text.chars().take(80).collect(),
        };
        let (project, rest) = text.split_once('/').ok_or_else(wrong)?;
        let (model, day) = rest.rsplit_once('/').ok_or_else(wrong)?;
        let time: Timestamp = format!("{day}T00:00:00Z").parse().map_err(|_| wrong())?;
        Ok(Self { project: project.parse()?, model: model.to_owned(), day: time.into() })
    }
}

row! {
    /// What a model was used for in a project on a day.
    struct UsageRow(key: &UsageKey, provider: Option<String>) {
        /// The project.
        project: ProjectId = key.project,
        /// Who was paid; absent where unknown, or where it was not the same for every call.
        provider: Option<String> = provider,
        /// The model.
        model: String = key.model.clone(),
        /// The day in UTC, as `2026-11-21`.
        day: String = key.day.to_string(),
        /// Runs that used it.
        runs: u64 = 0,
    } with spending
}

row! {
    /// Totals over rows.
    struct UsageTotals() {} with spending
}

/// The view `usage`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Usage {
    table: Table<UsageKey, UsageRow>,
    /// Rows that a run which has not ended has been counted in.
    counted: BTreeMap<RunId, Vec<UsageKey>>,
}

impl Usage {
    fn record(&mut self, run: RunId, project: ProjectId, day: Day, e: &StepUsageRecorded) {
        let counted = self.counted.entry(run).or_default();
        let known = |key: &&UsageKey| key.day == day && key.model == e.model && key.project == project;
        if let Some(row) = counted.iter().rev().find(known).and_then(|key| self.table.get_mut(key)) {
            row.record(e);
            return;
        }
        let key = UsageKey { project, model: e.model.clone(), day };
        let row = self.table.get_or_insert_with(key.clone(), || UsageRow::new(&key, e.provider.clone()));
        row.runs += 1;
        row.record(e);
        counted.push(key);
    }
}

impl UsageRow {
    fn record(&mut self, e: &StepUsageRecorded) {
        if self.provider != e.provider {
            self.provider = None;
        }
        self.spend(&e.into());
    }
}

impl View for Usage {
    const NAME: &'static str = "usage";
    const VERSION: u32 = 1;
    const SCOPE: Scope = Scope::Live;
    const FILTERS: &'static [&'static str] = &["project", "model", "day", "provider"];
    type Key = UsageKey;
    type Row = UsageRow;

    fn folds(event: &Event) -> bool {
        matches!(
            event,
            Event::Run(
                RunEvent::StepUsageRecorded(_)
                    | RunEvent::RunCompleted(_)
                    | RunEvent::RunFailed(_)
                    | RunEvent::RunCancelled(_)
            )
        )
    }
    fn apply(&mut self, event: &Recorded) {
        let Event::Run(happened) = &event.event else { return };
        let run = RunId::from(event.meta.stream.id);
        match happened {
            RunEvent::StepUsageRecorded(e) => {
                if let Some(project) = event.meta.project {
                    self.record(run, project, event.meta.when().into(), e);
                }
            }
            // A run that has ended uses nothing more.
            RunEvent::RunCompleted(_) | RunEvent::RunFailed(_) | RunEvent::RunCancelled(_) => {
                self.counted.remove(&run);
            }
            _ => {}
        }
    }
    fn table(&self) -> &Table<UsageKey, UsageRow> {
        &self.table
    }
    fn table_mut(&mut self) -> &mut Table<UsageKey, UsageRow> {
        &mut self.table
    }
    fn summary<'a>(rows: impl Iterator<Item = &'a UsageRow>) -> Option<serde_json::Value> {
        let mut totals = UsageTotals::new();
        rows.for_each(|row| totals.spend(&row.spent()));
        serde_json::to_value(totals).ok()
    }
}

#[cfg(test)]
mod tests {
    use domain::run::RunCompleted;
    use expect_test::expect;

    use super::*;
    use crate::Query;
    use crate::testing::{History, check, folded, id, used};

    #[test]
    fn usage_adds_up_by_project_model_and_day() {
        let by = |provider: Option<&str>, model: &str| StepUsageRecorded {
            provider: provider.map(str::to_owned),
            ..used(1, model, Some(0.000_000_001))
        };
        let history = History::new()
            .at("2026-11-20T23:59:59Z")
            .run(1, used(1, "opus", Some(0.1)))
            .run(1, used(1, "opus", Some(0.2)))
            .run(1, StepUsageRecorded { calls: 3, ..used(1, "opus", None) })
            .run(1, by(Some("openrouter"), "anthropic/opus"))
            .run(1, by(None, "anthropic/opus"))
            .within(2)
            .run(2, used(2, "opus", Some(4.0)));
        check(
            "usage",
            &history,
            &expect![[r##"
                #01/anthropic/opus/2026-11-21; cache_read_tokens 600; cache_write_tokens 80; calls 2; input_tokens 20; output_tokens 40; runs 1; total_cost_usd 2e-9
                  day: "2026-11-21"
                  model: "anthropic/opus"
                  project: "#01"
                #01/opus/2026-11-20; cache_read_tokens 300; cache_write_tokens 40; calls 1; input_tokens 10; output_tokens 20; runs 1; total_cost_usd 0.1
                  day: "2026-11-20"
                  model: "opus"
                  project: "#01"
                  provider: "anthropic"
                #01/opus/2026-11-21; cache_read_tokens 600; cache_write_tokens 80; calls 4; calls_without_cost 3; input_tokens 20; output_tokens 40; runs 1; total_cost_usd 0.2
                  day: "2026-11-21"
                  model: "opus"
                  project: "#01"
                  provider: "anthropic"
                #02/opus/2026-11-21; cache_read_tokens 300; cache_write_tokens 40; calls 1; input_tokens 10; output_tokens 20; runs 1; total_cost_usd 4.0
                  day: "2026-11-21"
                  model: "opus"
                  project: "#02"
                  provider: "anthropic"
                summary; cache_read_tokens 1800; cache_write_tokens 240; calls 8; calls_without_cost 3; input_tokens 60; output_tokens 120; total_cost_usd 4.300000002
            "##]],
        );
    }

    #[test]
    fn a_run_is_counted_once_a_row_however_runs_mingle() {
        let history = History::new()
            .run(1, used(1, "opus", None))
            .run(2, used(2, "opus", None))
            .run(1, used(1, "haiku", None))
            .run(1, used(1, "opus", None))
            .run(2, used(2, "opus", None))
            .run(1, RunCompleted { summary: None })
            .run(3, used(3, "opus", None));
        check(
            "usage",
            &history,
            &expect![[r##"
                #01/haiku/2026-11-21; cache_read_tokens 300; cache_write_tokens 40; calls 1; calls_without_cost 1; input_tokens 10; output_tokens 20; runs 1
                  day: "2026-11-21"
                  model: "haiku"
                  project: "#01"
                  provider: "anthropic"
                #01/opus/2026-11-21; cache_read_tokens 1500; cache_write_tokens 200; calls 5; calls_without_cost 5; input_tokens 50; output_tokens 100; runs 3
                  day: "2026-11-21"
                  model: "opus"
                  project: "#01"
                  provider: "anthropic"
                summary; cache_read_tokens 1800; cache_write_tokens 240; calls 6; calls_without_cost 6; input_tokens 60; output_tokens 120
            "##]],
        );
    }

    #[test]
    fn ended_runs_are_not_kept() {
        let mut usage = Usage::default();
        let history = History::new().run(1, used(1, "opus", None)).run(1, RunCompleted { summary: None });
        history.events.iter().for_each(|event| usage.apply(event));
        assert!(usage.counted.is_empty());
    }

    #[test]
    fn keys_have_one_text_and_totals_follow_the_filter() {
        let history = History::new()
            .run(1, used(1, "vendor/family/model", Some(1.0)))
            .run(1, used(1, "opus", Some(2.0)))
            .at("1969-12-31T23:59:59Z")
            .run(1, used(1, "opus", Some(4.0)));
        let usage = folded("usage", &history);
        for row in usage.page(&Query::default()).unwrap().rows {
            assert_eq!(row.key.parse::<UsageKey>().unwrap().to_string(), row.key);
            let found = usage.page(&Query { key: Some(row.key.clone()), ..Query::default() }).unwrap();
            assert_eq!(found.rows, [row]);
        }
        let day = |day: &str| {
            let query = Query { filters: vec![("day".into(), day.into())], ..Query::default() };
            usage.page(&query).unwrap().summary.unwrap()["total_cost_usd"].as_f64().unwrap()
        };
        assert_eq!((day("2026-11-21"), day("1969-12-31"), day("2026-11-22")), (3.0, 4.0, 0.0));
        let project = id::<ProjectId>(1);
        for wrong in
            ["", "x", "x/opus/2026-11-21", &format!("{project}/opus"), &format!("{project}/opus/2026-13-01")]
        {
            assert!(wrong.parse::<UsageKey>().is_err(), "{wrong}");
        }
    }
}
