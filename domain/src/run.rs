//! A run: one execution of a workflow or a session, with its steps, messages, usage, verdicts and outcome.

use std::collections::BTreeMap;

use crate::catalogue::{commands, events};
use crate::flow::{Blueprint, CANDIDATES_MIN};
use crate::ids::{Category, LoopId, PersonaId, ProjectId, SandboxId, StepId, StreamId};
use crate::persona::Persona;
use crate::project::Project;
use crate::terms::{Role, RunStatus, StepFailure, StepStatus};
use crate::values::Score;
use crate::workflow::Workflow;
use crate::{Decider, Others, Rejection, check};

mod bodies;
mod content;
mod merge;
mod older;
mod payloads;
mod quality;
mod request;
mod samples;
mod steps;
mod telemetry;

pub use bodies::*;
use older::{RunRequestedV1, StepStartedV1};
pub use payloads::*;
pub use quality::{Recomputed, recompute};
pub(crate) use samples::samples;
pub use telemetry::{TELEMETRY_IS_OLD, TELEMETRY_READINGS_MAX};

events! {
    /// Everything that can happen to a run.
    pub enum RunEvent {
        300 => RunRequested 2 from 1: RunRequestedV1;
        301 => RunStarted 1;
        302 => BranchCreated 1;
        303 => StepStarted 2 from 1: StepStartedV1;
        304 => StepMessageAppended 1;
        305 => StepContentContinued 1;
        306 => ToolCalled 1;
        307 => ToolReturned 1;
        308 => StepUsageRecorded 1;
        309 => VerdictIssued 1;
        310 => ScoresIssued 1;
        311 => JudgementIssued 1;
        312 => StepCompleted 1;
        313 => StepFailed 1;
        314 => StepSkipped 1;
        315 => LoopIterated 1;
        316 => LoopForcedOn 1;
        317 => PullRequestOpened 1;
        318 => PullRequestUpdated 1;
        319 => CiChecksPolled 1;
        320 => RunScored 1;
        321 => OperatorSteered 1;
        322 => RunForked 1;
        323 => RunCompleted 1;
        324 => RunFailed 1;
        325 => RunCancelled 1;
        326 => AgentLineUnrecognised 1;
        327 => BranchesMerged 1;
        328 => MergeConflicted 1;
        329 => ToolApprovalAwaited 1;
        330 => InstructionsPinned 1;
        340 => TelemetryRecorded 1;
    }
}

commands! {
    /// What can be asked of a run.
    pub enum RunCommand {
        "request" => RequestRun;
        "start" => StartRun;
        "create-branch" => CreateBranch;
        "start-step" => StartStep;
        "append-step-message" => AppendStepMessage;
        "continue-step-content" => ContinueStepContent;
        "record-tool-call" => RecordToolCall;
        "record-tool-result" => RecordToolResult;
        "record-usage" => RecordUsage;
        "issue-verdict" => IssueVerdict;
        "issue-scores" => IssueScores;
        "issue-judgement" => IssueJudgement;
        "complete-step" => CompleteStep;
        "fail-step" => FailStep;
        "skip-step" => SkipStep;
        "iterate-loop" => IterateLoop;
        "force-loop-on" => ForceLoopOn;
        "open-pull-request" => OpenPullRequest;
        "update-pull-request" => UpdatePullRequest;
        "record-ci-checks" => RecordCiChecks;
        "steer" => Steer;
        "fork" => ForkRun;
        "complete" => CompleteRun;
        "fail" => FailRun;
        "cancel" => CancelRun;
        "record-unrecognised-line" => RecordUnrecognisedLine;
        "record-merge" => RecordMerge;
        "await-approval" => AwaitApproval;
        "record-telemetry" => RecordTelemetry;
    }
}

/// Highest bound of a loop.
pub const LOOP_MAX_ITERATIONS: u32 = 50;

#[derive(Debug, Clone, PartialEq)]
struct Step {
    role: Role,
    status: StepStatus,
    sandbox: Option<SandboxId>,
    /// Of the persona it follows.
    quality_threshold: Option<Score>,
}

/// A message or tool output whose last part has not come.
#[derive(Debug, Clone, PartialEq)]
struct OpenContent {
    step: StepId,
    of: String,
}

/// A run, as far as its decisions need it: no content, only its shape.
#[derive(Debug, Clone, Default)]
pub struct Run {
    project: Option<ProjectId>,
    status: Option<RunStatus>,
    steps: BTreeMap<StepId, Step>,
    running: Option<StepId>,
    open: Option<OpenContent>,
    /// Calls of the running step that wait for somebody: id and tool.
    waiting: Vec<(String, String)>,
    loops: BTreeMap<LoopId, u32>,
    composites: BTreeMap<StepId, Score>,
    /// What telemetry last said of figures that it counts up.
    counted: telemetry::Counted,
    branch: bool,
    pull_request: bool,
    blueprint: Option<Blueprint>,
    candidates: Vec<String>,
    /// The versions it was requested with.
    configuration: Option<Box<Configuration>>,
}

impl Run {
    /// What its configuration says of something.
    pub(crate) fn recorded<T>(&self, of: impl FnOnce(&Configuration) -> Option<T>) -> Option<T> {
        self.configuration.as_deref().and_then(of)
    }
    fn expect_status(&self, allowed: &[RunStatus], expected: &'static str) -> Result<(), Rejection> {
        match self.status {
            None => Err(Rejection::NotFound { aggregate: "run" }),
            Some(status) if allowed.contains(&status) => Ok(()),
            Some(status) => Err(Rejection::illegal("run", expected, status)),
        }
    }
    fn expect_running(&self) -> Result<(), Rejection> {
        self.expect_status(&[RunStatus::Running], "running")
    }
    fn exists(&self) -> Result<(), Rejection> {
        self.status.map(|_| ()).ok_or(Rejection::NotFound { aggregate: "run" })
    }
    fn step(&self, id: StepId) -> Result<&Step, Rejection> {
        self.expect_running()?;
        self.steps.get(&id).ok_or_else(|| Rejection::unknown("step", id))
    }
    fn running_step(&self, id: StepId) -> Result<&Step, Rejection> {
        let step = self.step(id)?;
        if step.status == StepStatus::Running {
            Ok(step)
        } else {
            Err(Rejection::illegal("step", "running", step.status))
        }
    }
    /// The step, if nothing before it waits for its last part.
    fn writable_step(&self, id: StepId) -> Result<&Step, Rejection> {
        let step = self.running_step(id)?;
        match &self.open {
            None => Ok(step),
            Some(open) => Err(Rejection::rule(
                format!("`{}` still waits for its last part", open.of),
                "send continue-step-content with `more` false first",
            )),
        }
    }
    fn step_with_role(&self, id: StepId, allowed: &[Role], what: &str) -> Result<(), Rejection> {
        let step = self.running_step(id)?;
        if allowed.contains(&step.role) {
            return Ok(());
        }
        Err(Rejection::rule(
            format!("a {} step issues no {what}", step.role),
            "issue it from a step of the fitting role",
        ))
    }
    fn new_step(&self, id: StepId) -> Result<(), Rejection> {
        self.expect_running()?;
        if self.steps.contains_key(&id) {
            return Err(Rejection::AlreadyExists { what: format!("step `{id}`") });
        }
        match self.running {
            None => Ok(()),
            Some(running) => Err(Rejection::rule(
                format!("steps are sequential and step `{running}` is running"),
                "complete or fail that step first",
            )),
        }
    }
    /// The events that end a step which the end of the run cuts short.
    fn cut_short(&self, failure: StepFailure, error: &str) -> Vec<RunEvent> {
        let failed = |step| StepFailed { step, failure, error: error.to_owned() }.into();
        self.running.into_iter().map(failed).collect()
    }

    fn open_pull_request(&self, command: &OpenPullRequest) -> Result<RunEvent, Rejection> {
        self.exists()?;
        if self.pull_request {
            return Err(Rejection::AlreadyExists { what: "pull request".into() });
        }
        check::url("url", &command.url)?;
        let OpenPullRequest { url, number } = command.clone();
        Ok(PullRequestOpened { url, number }.into())
    }
    fn record_ci(&self, command: &RecordCiChecks) -> Result<RunEvent, Rejection> {
        self.exists()?;
        check::list("checks", &command.checks)?;
        for item in &command.checks {
            check::name("checks", &item.name)?;
            item.details_url.as_deref().map_or(Ok(()), |url| check::url("checks", url))?;
        }
        let RecordCiChecks { status, checks, checked_at } = command.clone();
        Ok(CiChecksPolled { status, checks, checked_at }.into())
    }
    fn complete_step(&self, command: &CompleteStep) -> Result<RunEvent, Rejection> {
        self.writable_step(command.step)?;
        check::text("output", command.output.as_deref().unwrap_or_default())?;
        Ok(StepCompleted { step: command.step, output: command.output.clone() }.into())
    }
    fn complete(&self, command: &CompleteRun) -> Result<RunEvent, Rejection> {
        self.expect_running()?;
        check::text("summary", command.summary.as_deref().unwrap_or_default())?;
        if let Some(step) = self.running {
            return Err(Rejection::rule(
                format!("step `{step}` is running"),
                "complete or fail that step first",
            ));
        }
        Ok(RunCompleted { summary: command.summary.clone() }.into())
    }
    fn fail(&self, command: &FailRun) -> Result<Vec<RunEvent>, Rejection> {
        self.expect_status(&[RunStatus::Pending, RunStatus::Running], "pending or running")?;
        check::filled("error", &command.error)?;
        // The error goes in once: twice the longest text would not fit into one commit.
        let mut events = self.cut_short(StepFailure::Other, "the run failed");
        events.push(RunFailed { error: command.error.clone() }.into());
        Ok(events)
    }
    fn cancel(&self, command: &CancelRun) -> Result<Vec<RunEvent>, Rejection> {
        self.expect_status(&[RunStatus::Pending, RunStatus::Running], "pending or running")?;
        check::text("reason", command.reason.as_deref().unwrap_or_default())?;
        let mut events = self.cut_short(StepFailure::Aborted, "the run was cancelled");
        events.push(RunCancelled { reason: command.reason.clone() }.into());
        Ok(events)
    }
    fn end_step(&mut self, id: StepId, status: StepStatus) {
        if let Some(step) = self.steps.get_mut(&id) {
            step.status = status;
        }
        self.running = self.running.filter(|running| *running != id);
        self.open = self.open.take().filter(|open| open.step != id);
        self.waiting.clear();
    }
    fn keep_open(&mut self, step: StepId, of: String, more: bool) {
        self.open = more.then_some(OpenContent { step, of });
    }
}

impl Decider for Run {
    const CATEGORY: Category = Category(3);
    type Command = RunCommand;
    type Event = RunEvent;

    /// Decides as far as nobody else has to be asked.
    fn decide(&self, command: &RunCommand) -> Result<Vec<RunEvent>, Rejection> {
        self.decide_among(command, &Others::default())
    }

    #[expect(clippy::too_many_lines, reason = "one arm per command, exhaustive")]
    fn decide_among(&self, command: &RunCommand, others: &Others) -> Result<Vec<RunEvent>, Rejection> {
        let event = match command {
            RunCommand::RequestRun(c) => return self.request(c, others),
            RunCommand::StartRun(StartRun {}) => {
                self.expect_status(&[RunStatus::Pending], "pending")?;
                RunStarted {}.into()
            }
            RunCommand::CreateBranch(c) => {
                self.expect_running()?;
                if self.branch {
                    return Err(Rejection::AlreadyExists { what: "branch".into() });
                }
                check::name("branch", &c.branch)?;
                check::name("base_branch", &c.base_branch)?;
                BranchCreated { branch: c.branch.clone(), base_branch: c.base_branch.clone() }.into()
            }
            RunCommand::StartStep(c) => self.start_step(c, others)?,
            RunCommand::AppendStepMessage(c) => self.append_message(c)?,
            RunCommand::ContinueStepContent(c) => self.continue_content(c)?,
            RunCommand::RecordToolCall(c) => self.call_tool(c)?,
            RunCommand::RecordToolResult(c) => self.return_tool(c)?,
            RunCommand::RecordUsage(c) => self.record_usage(c)?,
            RunCommand::IssueVerdict(c) => {
                self.step_with_role(c.step, &[Role::Checker, Role::Reviewer], "verdict")?;
                check::text("feedback", &c.feedback)?;
                VerdictIssued { step: c.step, pass: c.pass, feedback: c.feedback.clone() }.into()
            }
            RunCommand::IssueScores(c) => return self.issue_scores(c, others),
            RunCommand::IssueJudgement(c) => self.issue_judgement(c)?,
            RunCommand::CompleteStep(c) => self.complete_step(c)?,
            RunCommand::FailStep(c) => {
                self.running_step(c.step)?;
                check::filled("error", &c.error)?;
                StepFailed { step: c.step, failure: c.failure, error: c.error.clone() }.into()
            }
            RunCommand::SkipStep(c) => {
                self.new_step(c.step)?;
                check::filled("reason", &c.reason)?;
                StepSkipped { step: c.step, role: c.role, reason: c.reason.clone() }.into()
            }
            RunCommand::IterateLoop(c) => self.iterate_loop(c)?,
            RunCommand::ForceLoopOn(c) => {
                self.expect_running()?;
                let made = self.loops.get(&c.loop_id).ok_or_else(|| Rejection::unknown("loop", c.loop_id))?;
                check::range("iterations", c.iterations, &(*made..=*made), "iterations, as recorded")?;
                LoopForcedOn { loop_id: c.loop_id, iterations: c.iterations }.into()
            }
            RunCommand::OpenPullRequest(c) => self.open_pull_request(c)?,
            RunCommand::UpdatePullRequest(c) => {
                self.exists()?;
                if !self.pull_request {
                    return Err(Rejection::rule(
                        "the run has no pull request",
                        "send open-pull-request first",
                    ));
                }
                PullRequestUpdated { status: c.status }.into()
            }
            RunCommand::RecordCiChecks(c) => self.record_ci(c)?,
            RunCommand::Steer(c) => self.steer(c)?,
            RunCommand::ForkRun(c) => {
                self.exists()?;
                if let Some(step) = c.after_step.filter(|step| !self.steps.contains_key(step)) {
                    return Err(Rejection::unknown("step", step));
                }
                RunForked { into: c.into, after_step: c.after_step }.into()
            }
            RunCommand::RecordUnrecognisedLine(c) => {
                self.expect_running()?;
                check::name("origin", &c.origin)?;
                check::text("raw", &c.raw)?;
                AgentLineUnrecognised { origin: c.origin.clone(), raw: c.raw.clone(), length: c.length }
                    .into()
            }
            RunCommand::RecordMerge(c) => self.record_merge(c)?,
            RunCommand::AwaitApproval(c) => self.await_approval(c)?,
            RunCommand::RecordTelemetry(c) => return self.record_telemetry(c),
            RunCommand::CompleteRun(c) => self.complete(c)?,
            RunCommand::FailRun(c) => return self.fail(c),
            RunCommand::CancelRun(c) => return self.cancel(c),
        };
        Ok(vec![event])
    }

    fn evolve(&mut self, event: &RunEvent) {
        match event {
            RunEvent::RunRequested(e) => {
                self.project = Some(e.project);
                self.status = Some(RunStatus::Pending);
                self.blueprint.clone_from(&e.blueprint);
                self.candidates.clone_from(&e.candidates);
                self.configuration = Some(Box::new(e.configuration.clone()));
            }
            RunEvent::RunStarted(_) => self.status = Some(RunStatus::Running),
            RunEvent::BranchCreated(_) => self.branch = true,
            RunEvent::StepStarted(e) => {
                let step = Step {
                    role: e.role,
                    status: StepStatus::Running,
                    sandbox: e.sandbox,
                    quality_threshold: e.quality_threshold,
                };
                self.steps.insert(e.step, step);
                self.running = Some(e.step);
                if let (Some(id), Some(iteration)) = (e.loop_id, e.loop_iteration) {
                    let made = self.loops.entry(id).or_insert(iteration);
                    *made = (*made).max(iteration);
                }
            }
            RunEvent::StepMessageAppended(e) => self.keep_open(e.step, e.message.to_string(), e.more),
            RunEvent::StepContentContinued(e) => self.keep_open(e.step, e.of.clone(), e.more),
            RunEvent::ScoresIssued(e) => {
                self.composites.insert(e.step, e.composite);
            }
            RunEvent::StepCompleted(e) => self.end_step(e.step, StepStatus::Completed),
            RunEvent::StepFailed(e) => self.end_step(e.step, StepStatus::Failed),
            RunEvent::StepSkipped(e) => {
                let status = StepStatus::Skipped;
                self.steps
                    .insert(e.step, Step { role: e.role, status, sandbox: None, quality_threshold: None });
            }
            RunEvent::LoopIterated(e) => {
                self.loops.insert(e.loop_id, e.iteration);
            }
            RunEvent::ToolApprovalAwaited(e) => self.waiting.push((e.call_id.clone(), e.tool.clone())),
            RunEvent::OperatorSteered(e) => {
                if let Some(place) = self.answered(e.kind, &e.text) {
                    self.waiting.remove(place);
                }
            }
            // What has been answered, by whomever, waits no longer.
            RunEvent::ToolReturned(e) => {
                self.waiting.retain(|(call, _)| *call != e.call_id);
                self.keep_open(e.step, e.call_id.clone(), e.more);
            }
            RunEvent::TelemetryRecorded(e) => self.counted.take(e),
            RunEvent::PullRequestOpened(_) => self.pull_request = true,
            RunEvent::RunCompleted(_) => self.status = Some(RunStatus::Completed),
            RunEvent::RunFailed(_) => self.status = Some(RunStatus::Failed),
            RunEvent::RunCancelled(_) => self.status = Some(RunStatus::Cancelled),
            RunEvent::ToolCalled(_)
            | RunEvent::StepUsageRecorded(_)
            | RunEvent::VerdictIssued(_)
            | RunEvent::JudgementIssued(_)
            | RunEvent::LoopForcedOn(_)
            | RunEvent::PullRequestUpdated(_)
            | RunEvent::CiChecksPolled(_)
            | RunEvent::RunScored(_)
            | RunEvent::BranchesMerged(_)
            | RunEvent::MergeConflicted(_)
            | RunEvent::InstructionsPinned(_)
            | RunEvent::RunForked(_)
            | RunEvent::AgentLineUnrecognised(_) => {}
        }
    }

    fn project(&self) -> Option<ProjectId> {
        self.project
    }

    fn references(command: &RunCommand) -> Vec<StreamId> {
        match command {
            RunCommand::RequestRun(c) => std::iter::once(c.project.into()).chain(c.origin).collect(),
            RunCommand::StartStep(c) => c.sandbox.map(StreamId::from).into_iter().collect(),
            _ => vec![],
        }
    }

    fn consults(&self, command: &RunCommand) -> Vec<StreamId> {
        match command {
            RunCommand::RequestRun(c) => {
                let configured = c.configuration.iter().flat_map(RequestedConfiguration::consults);
                c.workflow.map(StreamId::from).into_iter().chain(configured).collect()
            }
            RunCommand::StartStep(c) => c.persona.map(StreamId::from).into_iter().collect(),
            RunCommand::IssueScores(c) if c.weights.is_none() || c.threshold.is_none() => {
                self.project.map(StreamId::from).into_iter().collect()
            }
            _ => vec![],
        }
    }
}

#[cfg(test)]
mod tests;
