//! Every run as lists show it: how it stands, what it did, what it cost, what came out of it.

use domain::ids::{ProjectId, RunId, WorkflowId};
use domain::run::{RunEvent, RunRequested};
use domain::terms::{CiStatus, PullRequestStatus, RunSource, RunStatus};
use domain::values::{Score, Timestamp};
use domain::{Event, Recorded};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::figures::{Spends, row};
use crate::table::Table;
use crate::view::{Scope, View};

#[cfg(test)]
mod tests;

/// Characters of the prompt that a list shows.
const PREVIEW_CHARS: usize = 200;

/// A pull request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct PullRequest {
    /// Where it is.
    pub(crate) url: String,
    /// Its number in the repository.
    pub(crate) number: u64,
    /// How it stands.
    pub(crate) status: PullRequestStatus,
}

row! {
    /// A run.
    struct RunRow(e: &RunRequested, at: Timestamp) {
        /// The project it belongs to.
        project: ProjectId = e.project,
        /// The workflow it follows.
        workflow: Option<WorkflowId> = e.workflow,
        /// Where it came from.
        source: RunSource = e.source,
        /// A short name.
        title: Option<String> = e.title.clone(),
        /// How it stands.
        status: RunStatus = RunStatus::Pending,
        /// The first 200 characters of the task.
        prompt_preview: String = domain::sealed_text::preview(&e.prompt, PREVIEW_CHARS),
        /// When it was asked for.
        created_at: Timestamp = at,
        /// When work began.
        started_at: Option<Timestamp> = None,
        /// When it ended.
        ended_at: Option<Timestamp> = None,
        /// From start to end; absent before the end, or where it never started.
        duration_ms: Option<u64> = None,
        /// Steps so far, skipped ones included.
        steps: u64 = 0,
        /// Steps that are running: 0 or 1.
        steps_running: u64 = 0,
        /// Steps that ended as intended.
        steps_completed: u64 = 0,
        /// Steps that ended by a failure.
        steps_failed: u64 = 0,
        /// Steps that were passed over.
        steps_skipped: u64 = 0,
        /// The agent's program, as the latest step names it.
        cli_tool: Option<String> = None,
        /// The model used last: of the latest call, or asked for by a step that began after it.
        model: Option<String> = None,
        /// Mean composite of its evaluator steps.
        quality_score: Option<Score> = None,
        /// Verdicts that passed the work.
        verdicts_passed: u64 = 0,
        /// Verdicts that sent it back.
        verdicts_failed: u64 = 0,
        /// Its branch.
        branch: Option<String> = None,
        /// The branch that left from.
        base_branch: Option<String> = None,
        /// Its pull request.
        pull_request: Option<PullRequest> = None,
        /// How continuous integration stands.
        ci_status: Option<CiStatus> = None,
        /// Why it failed or was cancelled.
        error: Option<String> = None,
    } with activity
}

row! {
    /// Totals over runs.
    struct RunTotals() {
        /// Number of runs.
        runs: u64 = 0,
        /// Messages by agents.
        assistant_messages: u64 = 0,
        /// Messages to agents.
        user_messages: u64 = 0,
        /// Tools that were called.
        tool_calls: u64 = 0,
        /// Tools that answered.
        tool_results: u64 = 0,
    } with spending
}

impl RunRow {
    fn apply(&mut self, event: &RunEvent, at: Timestamp) {
        match event {
            RunEvent::RunStarted(_) => {
                self.status = RunStatus::Running;
                self.started_at = Some(at);
            }
            RunEvent::BranchCreated(e) => {
                self.branch = Some(e.branch.clone());
                self.base_branch = Some(e.base_branch.clone());
            }
            RunEvent::StepStarted(e) => {
                self.steps += 1;
                self.steps_running += 1;
                name(&mut self.cli_tool, e.cli_tool.as_deref());
                name(&mut self.model, e.model.as_deref());
            }
            RunEvent::StepUsageRecorded(e) => {
                name(&mut self.model, Some(&e.model));
                self.spend(&e.into());
            }
            RunEvent::StepCompleted(_) => {
                self.steps_running = self.steps_running.saturating_sub(1);
                self.steps_completed += 1;
            }
            RunEvent::StepFailed(_) => {
                self.steps_running = self.steps_running.saturating_sub(1);
                self.steps_failed += 1;
            }
            RunEvent::StepSkipped(_) => {
                self.steps += 1;
                self.steps_skipped += 1;
            }
            RunEvent::VerdictIssued(e) if e.pass => self.verdicts_passed += 1,
            RunEvent::VerdictIssued(_) => self.verdicts_failed += 1,
            RunEvent::RunScored(e) => self.quality_score = Some(e.quality_score),
            RunEvent::PullRequestOpened(e) => {
                let (url, number) = (e.url.clone(), e.number);
                self.pull_request = Some(PullRequest { url, number, status: PullRequestStatus::Open });
            }
            RunEvent::PullRequestUpdated(e) => {
                if let Some(pull_request) = &mut self.pull_request {
                    pull_request.status = e.status;
                }
            }
            RunEvent::CiChecksPolled(e) => self.ci_status = Some(e.status),
            RunEvent::RunCompleted(_) => self.end(RunStatus::Completed, at, None),
            RunEvent::RunFailed(e) => self.end(RunStatus::Failed, at, Some(&e.error)),
            RunEvent::RunCancelled(e) => self.end(RunStatus::Cancelled, at, e.reason.as_deref()),
            _ => self.count(event),
        }
    }
    fn end(&mut self, status: RunStatus, at: Timestamp, error: Option<&str>) {
        self.status = status;
        self.ended_at = Some(at);
        self.duration_ms = self.started_at.map(|started| at.since_ms(started));
        self.error = error.map(str::to_owned);
    }
}

/// Takes over a name where it is known and another one than before.
fn name(kept: &mut Option<String>, new: Option<&str>) {
    if new.is_some() && kept.as_deref() != new {
        *kept = new.map(str::to_owned);
    }
}

/// The view `runs`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Runs {
    table: Table<RunId, RunRow>,
}

/// A count as a figure.
fn count(number: u64) -> f64 {
    number as f64
}

impl View for Runs {
    const NAME: &'static str = "runs";
    const VERSION: u32 = 1;
    const SCOPE: Scope = Scope::Live;
    const FILTERS: &'static [&'static str] =
        &["project", "status", "source", "model", "cli_tool", "workflow", "branch", "ci_status"];
    const FIGURES: &'static [&'static str] =
        &["quality_score", "total_cost_usd", "duration_ms", "steps", "verdicts_failed"];
    type Key = RunId;
    type Row = RunRow;

    fn folds(event: &Event) -> bool {
        matches!(event, Event::Run(_))
    }
    fn apply(&mut self, event: &Recorded) {
        let Event::Run(happened) = &event.event else { return };
        let run = RunId::from(event.meta.stream.id);
        if let RunEvent::RunRequested(e) = happened {
            self.table.insert(run, RunRow::new(e, event.meta.when()));
        } else if let Some(row) = self.table.get_mut(&run) {
            row.apply(happened, event.meta.when());
        }
    }
    fn table(&self) -> &Table<RunId, RunRow> {
        &self.table
    }
    fn table_mut(&mut self) -> &mut Table<RunId, RunRow> {
        &mut self.table
    }
    fn figure(row: &RunRow, name: &str) -> Option<f64> {
        match name {
            "quality_score" => row.quality_score.map(Score::as_f64),
            "total_cost_usd" => Some(row.total_cost_usd.as_f64()),
            "duration_ms" => row.duration_ms.map(count),
            "steps" => Some(count(row.steps)),
            "verdicts_failed" => Some(count(row.verdicts_failed)),
            _ => None,
        }
    }
    fn summary<'a>(rows: impl Iterator<Item = &'a RunRow>) -> Option<serde_json::Value> {
        let mut totals = RunTotals::new();
        for row in rows {
            totals.runs += 1;
            totals.assistant_messages += row.assistant_messages;
            totals.user_messages += row.user_messages;
            totals.tool_calls += row.tool_calls;
            totals.tool_results += row.tool_results;
            totals.spend(&row.spent());
        }
        serde_json::to_value(totals).ok()
    }
}
