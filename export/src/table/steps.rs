//! A row per step, as it stands. Once its run has ended nothing changes a step any more, and its row is written.

use std::collections::BTreeMap;

use domain::Meta;
use domain::ids::{LoopId, PersonaId, Position, ProjectId, RunId, SandboxId, StepId};
use domain::run::{RunEvent, StepStarted};
use domain::terms::{Effort, MessageRole, Role, StepFailure, StepStatus};
use domain::values::{Score, Timestamp};

use super::spent::{self, Spent};
use super::{CHANGED, Happened, PROJECT, RUN, Table};
use crate::buffers::Buffers;
use crate::column::{Column, Kind};

pub(super) const COLUMNS: &[Column] = &[
    Column::of("step", Kind::Text, "the step", "StepStarted, StepSkipped `step`"),
    RUN,
    CHANGED,
    PROJECT,
    Column::of("role", Kind::Text, "what the agent does", "StepStarted, StepSkipped `role`"),
    Column::of(
        "status",
        Kind::Text,
        "running, completed, failed or skipped",
        "StepStarted, StepCompleted, StepFailed, StepSkipped",
    ),
    Column::opt("sandbox", Kind::Text, "where it works", "StepStarted `sandbox`"),
    Column::opt("persona", Kind::Text, "the persona it follows", "StepStarted `persona`"),
    Column::opt("persona_version", Kind::Count, "version of that persona", "StepStarted `persona_version`"),
    Column::opt("cli_tool", Kind::Text, "the agent's program", "StepStarted `cli_tool`"),
    Column::opt("model", Kind::Text, "the model asked for", "StepStarted `model`"),
    Column::opt(
        "thinking_effort",
        Kind::Text,
        "how hard it is asked to think",
        "StepStarted `thinking_effort`",
    ),
    Column::of(
        "iteration",
        Kind::Count,
        "iteration of the whole run, from 1; 0 of a skipped step",
        "StepStarted `iteration`",
    ),
    Column::opt("loop_id", Kind::Text, "the loop it stands in", "StepStarted `loop_id`"),
    Column::opt(
        "loop_iteration",
        Kind::Count,
        "iteration of that loop, from 1",
        "StepStarted `loop_iteration`",
    ),
    Column::opt(
        "prompt_digest",
        Kind::Text,
        "SHA-256 of the whole prompt, hex",
        "StepStarted `prompt_digest`",
    ),
    Column::of("started_at", Kind::Instant, "when it began, or was skipped", "StepStarted, StepSkipped"),
    Column::opt("ended_at", Kind::Instant, "when it ended", "StepCompleted, StepFailed"),
    Column::opt(
        "duration_ms",
        Kind::Count,
        "from start to end, in milliseconds",
        "StepStarted, and the event that ended it",
    ),
    Column::opt("failure", Kind::Text, "what kind of failure ended it", "StepFailed `failure`"),
    Column::opt(
        "error",
        Kind::Text,
        "why it failed or was skipped",
        "StepFailed `error`, StepSkipped `reason`",
    ),
    Column::opt("verdict", Kind::Flag, "whether its verdict passed the work", "VerdictIssued `pass`"),
    Column::opt("composite", Kind::Score, "weighted mean of its scores", "ScoresIssued `composite`"),
    Column::of("assistant_messages", Kind::Count, "messages by the agent", "StepMessageAppended"),
    Column::of("user_messages", Kind::Count, "messages to the agent", "StepMessageAppended"),
    Column::of("tool_calls", Kind::Count, "tools that were called", "ToolCalled"),
    Column::of("tool_results", Kind::Count, "tools that answered", "ToolReturned"),
    spent::CALLS,
    spent::CALLS_WITHOUT_COST,
    spent::INPUT,
    spent::OUTPUT,
    spent::CACHE_READ,
    spent::CACHE_WRITE,
    spent::COST,
];

/// A step, as it stands.
struct Row {
    step: StepId,
    run: RunId,
    position: Position,
    project: Option<ProjectId>,
    role: Role,
    status: StepStatus,
    sandbox: Option<SandboxId>,
    persona: Option<PersonaId>,
    persona_version: Option<u32>,
    cli_tool: Option<String>,
    model: Option<String>,
    thinking_effort: Option<Effort>,
    iteration: u32,
    loop_id: Option<LoopId>,
    loop_iteration: Option<u32>,
    prompt_digest: Option<String>,
    started_at: Timestamp,
    ended_at: Option<Timestamp>,
    failure: Option<StepFailure>,
    error: Option<String>,
    verdict: Option<bool>,
    composite: Option<Score>,
    assistant_messages: u64,
    user_messages: u64,
    tool_calls: u64,
    tool_results: u64,
    spent: Spent,
}

/// The steps of runs that have not ended.
#[derive(Default)]
pub(super) struct Steps {
    runs: BTreeMap<RunId, BTreeMap<StepId, Row>>,
}

impl Steps {
    pub(super) fn apply(&mut self, happened: &Happened<'_>, after: Option<Position>, out: &mut Buffers) {
        let (run, meta) = (happened.run, happened.meta);
        match happened.event {
            RunEvent::StepStarted(e) => {
                self.runs.entry(run).or_default().insert(e.step, Row::new(run, meta, e));
            }
            RunEvent::StepSkipped(e) => {
                let row = Row::bare(e.step, run, meta, e.role, StepStatus::Skipped);
                let row = Row { error: Some(e.reason.clone()), ..row };
                self.runs.entry(run).or_default().insert(e.step, row);
            }
            RunEvent::RunCompleted(_) | RunEvent::RunFailed(_) | RunEvent::RunCancelled(_) => {
                for row in self.runs.remove(&run).unwrap_or_default().into_values() {
                    row.write(after, out);
                }
            }
            event => {
                let step = step_of(event);
                let row = step.and_then(|step| self.runs.get_mut(&run)?.get_mut(&step));
                if let Some(row) = row {
                    row.apply(meta, event);
                }
            }
        }
    }
    /// Writes the steps of the next run that has not ended; whether there was one.
    pub(super) fn next(&mut self, after: Option<Position>, out: &mut Buffers) -> bool {
        let Some((_, steps)) = self.runs.pop_first() else { return false };
        for row in steps.into_values() {
            row.write(after, out);
        }
        true
    }
}

/// The step that an event tells something of.
const fn step_of(event: &RunEvent) -> Option<StepId> {
    match event {
        RunEvent::StepMessageAppended(e) => Some(e.step),
        RunEvent::ToolCalled(e) => Some(e.step),
        RunEvent::ToolReturned(e) => Some(e.step),
        RunEvent::StepUsageRecorded(e) => Some(e.step),
        RunEvent::VerdictIssued(e) => Some(e.step),
        RunEvent::ScoresIssued(e) => Some(e.step),
        RunEvent::StepCompleted(e) => Some(e.step),
        RunEvent::StepFailed(e) => Some(e.step),
        _ => None,
    }
}

impl Row {
    fn bare(step: StepId, run: RunId, meta: &Meta, role: Role, status: StepStatus) -> Self {
        Self {
            step,
            run,
            position: meta.position,
            project: meta.project,
            role,
            status,
            sandbox: None,
            persona: None,
            persona_version: None,
            cli_tool: None,
            model: None,
            thinking_effort: None,
            iteration: 0,
            loop_id: None,
            loop_iteration: None,
            prompt_digest: None,
            started_at: meta.when(),
            ended_at: None,
            failure: None,
            error: None,
            verdict: None,
            composite: None,
            assistant_messages: 0,
            user_messages: 0,
            tool_calls: 0,
            tool_results: 0,
            spent: Spent::default(),
        }
    }
    fn new(run: RunId, meta: &Meta, e: &StepStarted) -> Self {
        Self {
            sandbox: e.sandbox,
            persona: e.persona,
            persona_version: e.persona_version,
            cli_tool: e.cli_tool.clone(),
            model: e.model.clone(),
            thinking_effort: e.thinking_effort,
            iteration: e.iteration,
            loop_id: e.loop_id,
            loop_iteration: e.loop_iteration,
            prompt_digest: e.prompt_digest.clone(),
            ..Self::bare(e.step, run, meta, e.role, StepStatus::Running)
        }
    }

    fn apply(&mut self, meta: &Meta, event: &RunEvent) {
        self.position = meta.position;
        match event {
            RunEvent::StepMessageAppended(e) if e.role == MessageRole::Assistant => {
                self.assistant_messages += 1;
            }
            RunEvent::StepMessageAppended(_) => self.user_messages += 1,
            RunEvent::ToolCalled(_) => self.tool_calls += 1,
            RunEvent::ToolReturned(_) => self.tool_results += 1,
            RunEvent::StepUsageRecorded(e) => self.spent.add(e),
            RunEvent::VerdictIssued(e) => self.verdict = Some(e.pass),
            RunEvent::ScoresIssued(e) => self.composite = Some(e.composite),
            RunEvent::StepCompleted(_) => {
                (self.status, self.ended_at) = (StepStatus::Completed, Some(meta.when()));
            }
            RunEvent::StepFailed(e) => {
                (self.status, self.ended_at) = (StepStatus::Failed, Some(meta.when()));
                (self.failure, self.error) = (Some(e.failure), Some(e.error.clone()));
            }
            _ => {}
        }
    }

    fn write(&self, after: Option<Position>, out: &mut Buffers) {
        if Some(self.position) <= after {
            return;
        }
        let rows = out.rows(Table::Steps, self.started_at);
        rows.shown(Some(self.step))
            .shown(Some(self.run))
            .count(Some(self.position.0))
            .shown(self.project)
            .text(Some(self.role.as_str()))
            .text(Some(self.status.as_str()))
            .shown(self.sandbox)
            .shown(self.persona)
            .count(self.persona_version.map(u64::from))
            .text(self.cli_tool.as_deref())
            .text(self.model.as_deref())
            .text(self.thinking_effort.map(Effort::as_str))
            .count(Some(self.iteration.into()))
            .shown(self.loop_id)
            .count(self.loop_iteration.map(u64::from))
            .text(self.prompt_digest.as_deref())
            .instant(Some(self.started_at))
            .instant(self.ended_at)
            .count(self.ended_at.map(|ended| ended.since_ms(self.started_at)))
            .text(self.failure.map(StepFailure::as_str))
            .text(self.error.as_deref())
            .flag(self.verdict)
            .score(self.composite)
            .count(Some(self.assistant_messages))
            .count(Some(self.user_messages))
            .count(Some(self.tool_calls))
            .count(Some(self.tool_results));
        self.spent.write(rows);
        rows.end();
    }
}
