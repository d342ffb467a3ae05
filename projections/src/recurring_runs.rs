//! One recurring task's past: each run that was dispatched or triggered, and each time that passed without one.

use domain::ids::{Category, RunId};
use domain::recurring_task::{RecurringTask, RecurringTaskEvent};
use domain::values::Timestamp;
use domain::{Decider, Event};

use crate::listed::{PartKey, PartRow, rows, states};
use crate::table::Table;

states! {
    /// What happened.
    RunKind {
        /// A run was dispatched by the schedule.
        Dispatched,
        /// Somebody let one begin at once.
        Triggered,
        /// The time of one or several passed without them.
        Missed,
    }
}

rows! {
    /// A run, or the lack of one; its key is `run/` and a number, from 1.
    struct RecurringRunRow {
        /// What happened.
        kind: RunKind,
        /// The run.
        run: Option<RunId>,
        /// When it was due; of missed ones, the first. Absent where somebody triggered it.
        scheduled_for: Option<Timestamp>,
        /// How many were missed.
        missed: u32,
        /// When it happened.
        at: Timestamp,
    }
}

impl PartRow for RecurringRunRow {
    const NAME: &'static str = "recurring-runs";
    const VERSION: u32 = 1;
    const CATEGORY: Category = RecurringTask::CATEGORY;
    const FILTERS: &'static [&'static str] = &["kind", "run"];

    fn apply(rows: &mut Table<PartKey, Self>, event: &Event, at: Timestamp) {
        let Event::RecurringTask(event) = event else { return };
        let row = match event {
            RecurringTaskEvent::RecurringRunDispatched(e) => {
                let (run, scheduled_for) = (Some(e.run), Some(e.scheduled_for));
                Self { kind: RunKind::Dispatched, run, scheduled_for, missed: 0, at }
            }
            RecurringTaskEvent::RecurringRunTriggered(e) => {
                Self { kind: RunKind::Triggered, run: Some(e.run), scheduled_for: None, missed: 0, at }
            }
            RecurringTaskEvent::RecurringRunsMissed(e) => {
                let scheduled_for = Some(e.first_at);
                Self { kind: RunKind::Missed, run: None, scheduled_for, missed: e.count, at }
            }
            _ => return,
        };
        let number = u32::try_from(rows.len()).unwrap_or(u32::MAX).saturating_add(1);
        rows.insert(PartKey::Run(number), row);
    }
}

#[cfg(test)]
mod tests {
    use domain::ids::RecurringTaskId;
    use expect_test::expect;

    use crate::testing::{History, check, id, sample};

    #[test]
    fn each_run_and_each_gap_is_a_line() {
        let of = |history: History, name| history.any(id::<RecurringTaskId>(1).into(), sample(name));
        let names = [
            "RecurringTaskCreated",
            "RecurringRunDispatched",
            "RecurringRunsMissed",
            "RecurringRunTriggered",
        ];
        check(
            "recurring-runs",
            &names.into_iter().fold(History::new(), of),
            &expect![[r#"
            run/00001
              at: "07:00:01.000Z"
              kind: "dispatched"
              run: "030C1G60R30C1G60R30C1G60R3"
              scheduled_for: "02:00:00.000Z"
            run/00002; missed 3
              at: "07:00:02.000Z"
              kind: "missed"
              scheduled_for: "02:00:00.000Z"
            run/00003
              at: "07:00:03.000Z"
              kind: "triggered"
              run: "030C1G60R30C1G60R30C1G60R3"
        "#]],
        );
    }
}
