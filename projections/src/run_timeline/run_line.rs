//! The timeline's line of the run itself.

use domain::StreamId;
use domain::flow::Blueprint;
use domain::ids::{ProjectId, RunId, StepId, WorkflowId};
use domain::run::{CiCheck, Configuration, RunEvent, RunRequested};
use domain::terms::{CiStatus, PullRequestStatus, RunSource, RunStatus};
use domain::values::{Score, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::figures::row;
use crate::runs::PullRequest;

/// How continuous integration stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Ci {
    /// As a whole.
    status: CiStatus,
    /// Each check.
    checks: Vec<CiCheck>,
    /// When it was asked.
    checked_at: Timestamp,
}

/// A run that was made from this one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Fork {
    /// The new run.
    into: RunId,
    /// The step after which they part.
    after_step: Option<StepId>,
    /// When.
    at: Timestamp,
}

row! {
    /// The run.
    struct RunLine(e: &RunRequested, at: Timestamp) {
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
        /// The task.
        prompt: String = e.prompt.clone(),
        /// The exact versions in force.
        configuration: Configuration = e.configuration.clone(),
        /// What its workflow has it do.
        blueprint: Option<Blueprint> = e.blueprint.clone(),
        /// Version of the default instructions that its agents get.
        instructions_version: Option<u32> = None,
        /// Runs or branches that its judge compares.
        candidates: Vec<String> = e.candidates.clone(),
        /// What it came from.
        origin: Option<StreamId> = e.origin,
        /// When it was asked for.
        created_at: Timestamp = at,
        /// When work began.
        started_at: Option<Timestamp> = None,
        /// When it ended.
        ended_at: Option<Timestamp> = None,
        /// From start to end.
        duration_ms: Option<u64> = None,
        /// Steps so far, skipped ones included.
        steps: u64 = 0,
        /// Its branch.
        branch: Option<String> = None,
        /// The branch that left from.
        base_branch: Option<String> = None,
        /// Its pull request.
        pull_request: Option<PullRequest> = None,
        /// Continuous integration, as last polled.
        ci: Option<Ci> = None,
        /// Mean composite of its evaluator steps.
        quality_score: Option<Score> = None,
        /// How many evaluator steps that is.
        evaluators: u32 = 0,
        /// Runs that were made from this one.
        forks: Vec<Fork> = Vec::new(),
        /// What came out of it.
        summary: Option<String> = None,
        /// Why it failed or was cancelled.
        error: Option<String> = None,
    } with activity
}

impl RunLine {
    pub(super) fn requested(e: &RunRequested, at: Timestamp) -> Self {
        Self::new(e, at)
    }
    pub(super) fn apply(&mut self, event: &RunEvent, at: Timestamp) {
        match event {
            RunEvent::RunStarted(_) => {
                self.status = RunStatus::Running;
                self.started_at = Some(at);
            }
            RunEvent::BranchCreated(e) => {
                self.branch = Some(e.branch.clone());
                self.base_branch = Some(e.base_branch.clone());
            }
            RunEvent::InstructionsPinned(e) => self.instructions_version = Some(e.version),
            RunEvent::StepStarted(_) | RunEvent::StepSkipped(_) => self.steps += 1,
            RunEvent::PullRequestOpened(e) => {
                let (url, number) = (e.url.clone(), e.number);
                self.pull_request = Some(PullRequest { url, number, status: PullRequestStatus::Open });
            }
            RunEvent::PullRequestUpdated(e) => {
                if let Some(pull_request) = &mut self.pull_request {
                    pull_request.status = e.status;
                }
            }
            RunEvent::CiChecksPolled(e) => {
                let checked_at = e.checked_at.unwrap_or(at);
                self.ci = Some(Ci { status: e.status, checks: e.checks.clone(), checked_at });
            }
            RunEvent::RunScored(e) => {
                self.quality_score = Some(e.quality_score);
                self.evaluators = e.evaluators;
            }
            RunEvent::RunForked(e) => self.forks.push(Fork { into: e.into, after_step: e.after_step, at }),
            RunEvent::RunCompleted(e) => {
                self.summary.clone_from(&e.summary);
                self.end(RunStatus::Completed, at, None);
            }
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
