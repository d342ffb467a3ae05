//! Every scored review loop, with its cycles.

use domain::autonomy::{AgentRole, ReviewScore};
use domain::ids::{ProjectId, ReviewCycleId, RunId, SandboxId};
use domain::review_cycle::{ReviewAction, ReviewCycleEvent, ReviewCycleScored, Settlement, Trend};
use domain::values::Timestamp;
use domain::{Event, Recorded};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::table::Table;
use crate::view::{Scope, View};

/// A scored review loop.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ReviewRow {
    /// The project it belongs to.
    project: ProjectId,
    /// What is reviewed.
    subject: String,
    /// The run that made it.
    run: Option<RunId>,
    /// How it stands: open, approved, escalated, stopped, settled or abandoned.
    status: String,
    /// The last score.
    score: Option<ReviewScore>,
    /// How it stands to the one before.
    trend: Option<Trend>,
    /// What followed.
    action: Option<ReviewAction>,
    /// Whose turn it is.
    turn: Option<AgentRole>,
    /// Every cycle, in order.
    cycles: Vec<ReviewCycleScored>,
    /// Sandboxes that cycles reviewed in, each with its cycle.
    sandboxes: Vec<(u8, SandboxId)>,
    /// What was decided on work that was not approved.
    settlement: Option<Settlement>,
    /// Why it was settled or abandoned.
    reason: Option<String>,
    /// When it was opened.
    opened_at: Timestamp,
    /// When it last changed.
    updated_at: Timestamp,
}

/// The view `reviews`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Reviews {
    table: Table<ReviewCycleId, ReviewRow>,
}

const fn status(action: ReviewAction) -> &'static str {
    match action {
        ReviewAction::Ship | ReviewAction::ShipWithNits => "approved",
        ReviewAction::Escalate => "escalated",
        ReviewAction::Stop => "stopped",
        ReviewAction::Revise | ReviewAction::Redesign | ReviewAction::Reresearch => "open",
    }
}

impl ReviewRow {
    fn apply(&mut self, event: &ReviewCycleEvent, at: Timestamp) {
        self.updated_at = at;
        match event {
            ReviewCycleEvent::ReviewOpened(_) => {}
            ReviewCycleEvent::ReviewCycleScored(e) => {
                self.status = status(e.action).into();
                self.score = Some(e.score);
                self.trend = Some(e.trend);
                self.action = Some(e.action);
                self.turn = e.routed_to;
                self.cycles.push(e.clone());
            }
            ReviewCycleEvent::ReviewCycleSandboxed(e) => self.sandboxes.push((e.cycle, e.sandbox)),
            ReviewCycleEvent::ReviewSettled(e) => {
                self.settlement = Some(e.settlement);
                self.end("settled", &e.reason);
            }
            ReviewCycleEvent::ReviewAbandoned(e) => self.end("abandoned", &e.reason),
        }
    }
    fn end(&mut self, status: &str, reason: &str) {
        self.status = status.into();
        self.turn = None;
        self.reason = Some(reason.into());
    }
}

impl View for Reviews {
    const NAME: &'static str = "reviews";
    const VERSION: u32 = 2;
    const SCOPE: Scope = Scope::Live;
    const FILTERS: &'static [&'static str] = &["project", "status", "run", "action", "turn"];
    type Key = ReviewCycleId;
    type Row = ReviewRow;

    fn folds(event: &Event) -> bool {
        matches!(event, Event::ReviewCycle(_))
    }
    fn apply(&mut self, event: &Recorded) {
        let Event::ReviewCycle(happened) = &event.event else { return };
        let (id, at) = (ReviewCycleId::from(event.meta.stream.id), event.meta.when());
        if let ReviewCycleEvent::ReviewOpened(e) = happened {
            let row = ReviewRow {
                project: e.project,
                subject: e.subject.clone(),
                run: e.run,
                status: "open".into(),
                score: None,
                trend: None,
                action: None,
                turn: Some(AgentRole::Reviewer),
                cycles: vec![],
                sandboxes: vec![],
                settlement: None,
                reason: None,
                opened_at: at,
                updated_at: at,
            };
            self.table.insert(id, row);
        } else if let Some(row) = self.table.get_mut(&id) {
            row.apply(happened, at);
        }
    }
    fn table(&self) -> &Table<ReviewCycleId, ReviewRow> {
        &self.table
    }
    fn table_mut(&mut self) -> &mut Table<ReviewCycleId, ReviewRow> {
        &mut self.table
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::testing::{check, sampled};

    #[test]
    fn a_review_with_all_its_cycles() {
        let history = sampled("review-cycle", 1);
        check(
            "reviews",
            &history,
            &expect![[r##"
                #01; score 9
                  action: "ship"
                  cycles: [{"action":"revise","cycle":1,"fix":["no test of a wrong link"],"good":["clear names"],"previous":null,"routed_to":"builder","score":6,"session":"030C1G60R30C1G60R30C1G60R3","step":"040G2081040G2081040G208104","tasks":[{"role":"builder","text":"test a wrong link"}],"trend":"first"},{"action":"ship","cycle":2,"fix":[],"good":["tested"],"previous":6,"routed_to":null,"score":9,"session":null,"step":null,"tasks":[],"trend":"improving"}]
                  opened_at: "07:00:00.000Z"
                  project: "01040G2081040G2081040G2081"
                  reason: "the feature was dropped"
                  run: "02081040G2081040G2081040G2"
                  sandboxes: [[2,"050M2GA1850M2GA1850M2GA185"]]
                  settlement: "ship"
                  status: "abandoned"
                  subject: "Sign-in by e-mail"
                  trend: "improving"
                  updated_at: "07:00:05.000Z"
            "##]],
        );
    }
}
