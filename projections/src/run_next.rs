//! What one run does next, as its workflow has it: one row, folded from the run's own events.

use std::fmt;
use std::str::FromStr;

use domain::flow::{Flow, Next};
use domain::ids::IdError;
use domain::{Decider, Event, Recorded};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::table::Table;
use crate::view::{Scope, View};

/// The one key there is: `next`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct NextKey;

const TEXT: &str = "next";

impl fmt::Display for NextKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(TEXT)
    }
}

impl FromStr for NextKey {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let wrong = || IdError { expected: format!("`{TEXT}`"), actual: text.chars().take(80).collect() };
        (text == TEXT).then_some(Self).ok_or_else(wrong)
    }
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct NextRow {
    /// What comes next; whoever drives the run does it and asks again.
    next: Next,
    /// Steps that were started or passed over so far.
    steps: u64,
}

/// The view `run-next`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct RunNext {
    table: Table<NextKey, NextRow>,
    flow: Flow,
    steps: u64,
}

impl View for RunNext {
    const NAME: &'static str = "run-next";
    const VERSION: u32 = 1;
    const SCOPE: Scope = Scope::Stream(domain::run::Run::CATEGORY);
    type Key = NextKey;
    type Row = NextRow;

    fn apply(&mut self, event: &Recorded) {
        use domain::run::RunEvent::{StepSkipped, StepStarted};
        let Event::Run(happened) = &event.event else { return };
        self.flow.evolve(happened);
        self.steps += u64::from(matches!(happened, StepStarted(_) | StepSkipped(_)));
        let row = NextRow { next: self.flow.next(), steps: self.steps };
        // Messages and usage change nothing here, and are most of what happens.
        if self.table.get(&NextKey) != Some(&row) {
            self.table.insert(NextKey, row);
        }
    }
    fn table(&self) -> &Table<NextKey, NextRow> {
        &self.table
    }
    fn table_mut(&mut self) -> &mut Table<NextKey, NextRow> {
        &mut self.table
    }
}

#[cfg(test)]
mod tests {
    use domain::flow::{Blueprint, PlannedLoop, PlannedStep};
    use domain::run::{RunRequested, RunStarted, StepCompleted, StepStarted, VerdictIssued};
    use domain::terms::Role;
    use expect_test::expect;

    use super::*;
    use crate::testing::{History, check, id, requested, said, started};

    fn reviewed() -> History {
        let step = |role| PlannedStep {
            role,
            persona: None,
            cli_tool: "claude".into(),
            model: Some("opus".into()),
            thinking_effort: None,
            in_loop: Some(0),
            quality_threshold: None,
        };
        let blueprint = Blueprint {
            steps: vec![step(Role::Designer), step(Role::Checker)],
            loops: vec![PlannedLoop { loop_id: id(5), max_iterations: 2 }],
        };
        let looped = |step: u64, role| StepStarted {
            loop_id: Some(id(5)),
            loop_iteration: Some(1),
            ..started(step, role)
        };
        History::new()
            .run(1, RunRequested { blueprint: Some(blueprint), ..requested("a") })
            .run(1, RunStarted {})
            .run(1, looped(1, Role::Designer))
            .run(1, said(1, 1, "assistant"))
            .run(1, StepCompleted { step: id(1), output: None })
            .run(1, looped(2, Role::Checker))
            .run(1, VerdictIssued { step: id(2), pass: false, feedback: "no tests".into() })
    }

    #[test]
    fn a_run_says_what_it_waits_for_and_then_what_comes_next() {
        check(
            "run-next",
            &reviewed(),
            &expect![[r##"
            next; steps 2
              next: {"await":{"step":"#02"}}
        "##]],
        );
        let decided = reviewed().run(1, StepCompleted { step: id(2), output: None });
        check(
            "run-next",
            &decided,
            &expect![[r##"
            next; steps 2
              next: {"iterate_loop":{"feedback":"no tests","iteration":2,"loop_id":"#05"}}
        "##]],
        );
    }

    #[test]
    fn a_run_without_a_workflow_is_undirected() {
        check(
            "run-next",
            &History::new().run(1, requested("a")),
            &expect![[r#"
            next
              next: "undirected"
        "#]],
        );
        assert!("next".parse::<NextKey>().is_ok() && "Next".parse::<NextKey>().is_err());
    }
}
