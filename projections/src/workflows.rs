//! Every workflow as lists show it: its shape, its steps, how often it was run.

use domain::ids::{PersonaId, ProjectId, WorkflowId};
use domain::run::RunEvent;
use domain::terms::{Role, WorkflowType};
use domain::values::Timestamp;
use domain::workflow::{WorkflowDefinition, WorkflowEvent};
use domain::{Event, Recorded};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::table::Table;
use crate::view::{Scope, View};

/// A step as lists show it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct StepBrief {
    /// What the agent does.
    role: Role,
    /// The persona it follows.
    persona: Option<PersonaId>,
    /// Name of the loop it stands in.
    in_loop: Option<String>,
}

/// A workflow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct WorkflowRow {
    /// The project it belongs to.
    project: ProjectId,
    /// What people call it.
    name: String,
    /// What it is good for.
    description: String,
    /// Its shape.
    workflow_type: WorkflowType,
    /// Whether it is out of use.
    archived: bool,
    /// Version of its definition.
    version: u32,
    /// Its steps, in order.
    steps: Vec<StepBrief>,
    /// Number of its loops.
    loops: u64,
    /// Runs that were asked for.
    runs: u64,
    /// When it was made.
    created_at: Timestamp,
    /// When it last changed.
    updated_at: Timestamp,
}

impl WorkflowRow {
    fn define(&mut self, version: u32, definition: &WorkflowDefinition) {
        self.version = version;
        self.workflow_type = definition.workflow_type;
        self.loops = definition.loops.len() as u64;
        let brief = |step: &domain::workflow::StepDefinition| StepBrief {
            role: step.role,
            persona: step.persona.map(|(persona, _)| persona),
            in_loop: step.in_loop.clone(),
        };
        self.steps = definition.steps.iter().map(brief).collect();
    }
    fn apply(&mut self, event: &WorkflowEvent, at: Timestamp) {
        match event {
            WorkflowEvent::WorkflowCreated(_) => {}
            WorkflowEvent::WorkflowRenamed(e) => {
                self.name.clone_from(&e.name);
                self.description.clone_from(&e.description);
            }
            WorkflowEvent::WorkflowDefined(e) => self.define(e.version, &e.definition),
            WorkflowEvent::WorkflowArchived(_) => self.archived = true,
        }
        self.updated_at = at;
    }
}

/// The view `workflows`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Workflows {
    table: Table<WorkflowId, WorkflowRow>,
}

impl View for Workflows {
    const NAME: &'static str = "workflows";
    const VERSION: u32 = 1;
    const SCOPE: Scope = Scope::Live;
    const FILTERS: &'static [&'static str] = &["project", "workflow_type", "archived", "name"];
    type Key = WorkflowId;
    type Row = WorkflowRow;

    fn folds(event: &Event) -> bool {
        matches!(event, Event::Workflow(_) | Event::Run(RunEvent::RunRequested(_)))
    }
    fn apply(&mut self, event: &Recorded) {
        let at = event.meta.when();
        match &event.event {
            Event::Workflow(WorkflowEvent::WorkflowCreated(e)) => {
                let mut row = WorkflowRow {
                    project: e.project,
                    name: e.name.clone(),
                    description: e.description.clone(),
                    workflow_type: e.definition.workflow_type,
                    archived: false,
                    version: 1,
                    steps: vec![],
                    loops: 0,
                    runs: 0,
                    created_at: at,
                    updated_at: at,
                };
                row.define(1, &e.definition);
                self.table.insert(event.meta.stream.id.into(), row);
            }
            Event::Workflow(happened) => {
                if let Some(row) = self.table.get_mut(&event.meta.stream.id.into()) {
                    row.apply(happened, at);
                }
            }
            Event::Run(RunEvent::RunRequested(e)) => {
                if let Some(row) = e.workflow.and_then(|workflow| self.table.get_mut(&workflow)) {
                    row.runs += 1;
                }
            }
            _ => {}
        }
    }
    fn table(&self) -> &Table<WorkflowId, WorkflowRow> {
        &self.table
    }
    fn table_mut(&mut self) -> &mut Table<WorkflowId, WorkflowRow> {
        &mut self.table
    }
}

#[cfg(test)]
mod tests {
    use domain::run::RunRequested;
    use expect_test::expect;

    use super::*;
    use crate::testing::{History, check, id, requested, sample};

    #[test]
    fn a_workflow_shows_its_latest_definition_and_counts_its_runs() {
        let stream = id::<WorkflowId>(3).into();
        let other = id::<WorkflowId>(4).into();
        let run = |workflow: u64| RunRequested { workflow: Some(id(workflow)), ..requested("a") };
        let history = History::new()
            .any(stream, sample("WorkflowCreated"))
            .any(other, sample("WorkflowCreated"))
            .any(stream, sample("WorkflowRenamed"))
            .any(stream, sample("WorkflowDefined"))
            .run(1, run(3))
            .run(2, run(3))
            .run(3, run(9))
            .run(4, requested("none"))
            .any(other, sample("WorkflowArchived"));
        check(
            "workflows",
            &history,
            &expect![[r##"
            #03; loops 1; runs 2; version 2
              archived: false
              created_at: "07:00:00.000Z"
              name: "Repair"
              project: "01040G2081040G2081040G2081"
              steps: [{"in_loop":null,"persona":null,"role":"prompter"},{"in_loop":"review","persona":null,"role":"designer"},{"in_loop":"review","persona":null,"role":"checker"}]
              updated_at: "07:00:03.000Z"
              workflow_type: "custom_pipeline"
            #04; version 1
              archived: true
              created_at: "07:00:01.000Z"
              description: "Small repairs."
              name: "Fix"
              project: "01040G2081040G2081040G2081"
              steps: [{"in_loop":null,"persona":null,"role":"designer"}]
              updated_at: "07:00:08.000Z"
              workflow_type: "single_designer"
        "##]],
        );
    }
}
