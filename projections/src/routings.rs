//! Every decision of the task router, with its facts and reasons.

use domain::autonomy::{AgentRole, Complexity};
use domain::ids::{FiringId, ProjectId, RoutingId};
use domain::routing::{RoutingEvent, RoutingFacts};
use domain::values::Timestamp;
use domain::{Event, Recorded};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::table::Table;
use crate::view::{Scope, View};

/// A decision of the task router.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct RoutingRow {
    /// The project it belongs to.
    project: ProjectId,
    /// The firing it is for.
    firing: Option<FiringId>,
    /// The task.
    task: String,
    /// What was known.
    facts: RoutingFacts,
    /// How many agents.
    complexity: Complexity,
    /// Which, in the order of their first turn.
    roles: Vec<AgentRole>,
    /// Whether reviewer and earlier roles go round.
    review_loop: bool,
    /// Why, one sentence each.
    reasons: Vec<String>,
    /// Why a person decided otherwise.
    overridden: Option<String>,
    /// When it was decided.
    at: Timestamp,
}

/// The view `routings`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Routings {
    table: Table<RoutingId, RoutingRow>,
}

impl View for Routings {
    const NAME: &'static str = "routings";
    const VERSION: u32 = 1;
    const SCOPE: Scope = Scope::Live;
    const FILTERS: &'static [&'static str] = &["project", "complexity", "firing"];
    type Key = RoutingId;
    type Row = RoutingRow;

    fn folds(event: &Event) -> bool {
        matches!(event, Event::Routing(_))
    }
    fn apply(&mut self, event: &Recorded) {
        let Event::Routing(happened) = &event.event else { return };
        let id = RoutingId::from(event.meta.stream.id);
        match happened {
            RoutingEvent::TaskRouted(e) => {
                let row = RoutingRow {
                    project: e.project,
                    firing: e.firing,
                    task: e.task.clone(),
                    facts: e.facts.clone(),
                    complexity: e.complexity,
                    roles: e.roles.clone(),
                    review_loop: e.review_loop,
                    reasons: e.reasons.clone(),
                    overridden: None,
                    at: event.meta.when(),
                };
                self.table.insert(id, row);
            }
            RoutingEvent::RoutingOverridden(e) => {
                if let Some(row) = self.table.get_mut(&id) {
                    row.complexity = e.complexity;
                    row.roles.clone_from(&e.roles);
                    row.review_loop = e.roles.len() > 1 && e.roles.contains(&AgentRole::Reviewer);
                    row.overridden = Some(e.reason.clone());
                }
            }
        }
    }
    fn table(&self) -> &Table<RoutingId, RoutingRow> {
        &self.table
    }
    fn table_mut(&mut self) -> &mut Table<RoutingId, RoutingRow> {
        &mut self.table
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::testing::{check, sampled};

    #[test]
    fn a_routing_and_its_override() {
        let history = sampled("routing", 1);
        check(
            "routings",
            &history,
            &expect![[r##"
            #01
              at: "07:00:00.000Z"
              complexity: "solo"
              facts: {"brain_exists":true,"kind":"feature","specification_exists":false}
              firing: "02081040G2081040G2081040G2"
              overridden: "it is two lines"
              project: "01040G2081040G2081040G2081"
              reasons: ["a full feature"]
              review_loop: false
              roles: ["builder"]
              task: "Let people sign in by e-mail"
        "##]],
        );
    }
}
