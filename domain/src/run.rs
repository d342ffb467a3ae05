//! A run: one execution of a workflow or a session, with its steps, messages, usage, verdicts and outcome.

use std::collections::BTreeMap;

use crate::catalogue::{commands, events, plain};
use crate::ids::{
    AssetId, Category, ContextId, LoopId, MessageId, PersonaId, ProjectId, RunId, SandboxId, StepId,
    StreamId, WorkflowId,
};
use crate::terms::{
    CiStatus, Effort, MessageRole, PullRequestStatus, Role, RunSource, RunStatus, SteerKind, StepFailure,
    StepStatus,
};
use crate::values::{Score, Timestamp, Usd};
use crate::{Decider, Rejection, check};

events! {
    /// Everything that can happen to a run.
    pub enum RunEvent {
        300 => RunRequested 1;
        301 => RunStarted 1;
        302 => BranchCreated 1;
        303 => StepStarted 1;
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
    }
}

plain! {
    /// The exact versions a run was started with.
    struct Configuration {
        /// Version of the workflow's definition.
        workflow_version: Option<u32>,
        /// Personas taking part.
        personas: Vec<PersonaId>,
        /// Contexts in force, with version.
        contexts: Vec<(ContextId, u32)>,
        /// Learning version in force.
        learning_version: Option<u32>,
        /// Skills, commands and scripts in force, with version.
        assets: Vec<(AssetId, u32)>,
    }
    /// One check of continuous integration.
    struct CiCheck {
        /// The check's name.
        name: String,
        /// How it stands.
        status: CiStatus,
        /// Where its details are.
        details_url: Option<String>,
    }
    /// The five dimensions of quality, each 0 to 100.
    struct QualityScores {
        /// Does it meet the requirements?
        correctness: Score,
        /// Are types right and complete?
        type_safety: Score,
        /// Does it follow the project's conventions?
        code_style: Score,
        /// Are the changes covered by tests?
        test_coverage: Score,
        /// Is every part of the prompt done?
        completeness: Score,
    }
    /// What each dimension counts in the composite; shares of their sum.
    struct QualityWeights {
        /// Version of the project's quality policy; 0 for the default of equal weights.
        version: u32,
        /// Weight of correctness.
        correctness: u16,
        /// Weight of type safety.
        type_safety: u16,
        /// Weight of code style.
        code_style: u16,
        /// Weight of test coverage.
        test_coverage: u16,
        /// Weight of completeness.
        completeness: u16,
    }
    /// A judge's note on one candidate.
    struct CandidateNote {
        /// The candidate, as listed.
        candidate: String,
        /// What the judge says of it.
        note: String,
    }

    /// A run was asked for.
    struct RunRequested {
        /// The project it belongs to.
        project: ProjectId,
        /// The workflow it follows, if any.
        workflow: Option<WorkflowId>,
        /// Where it came from.
        source: RunSource,
        /// A short name for lists.
        title: Option<String>,
        /// The task.
        prompt: String,
        /// The exact versions in force.
        configuration: Configuration,
    }
    /// Work began.
    struct RunStarted {}
    /// The run's branch was made.
    struct BranchCreated {
        /// The new branch.
        branch: String,
        /// The branch it left from.
        base_branch: String,
    }
    /// An agent was set to work.
    struct StepStarted {
        /// The step.
        step: StepId,
        /// What the agent does.
        role: Role,
        /// Where it works.
        sandbox: Option<SandboxId>,
        /// The persona it follows.
        persona: Option<PersonaId>,
        /// The agent's program, such as `claude`, `codex`, `opencode`, `pi`.
        cli_tool: Option<String>,
        /// The model asked for.
        model: Option<String>,
        /// How hard it is asked to think.
        thinking_effort: Option<Effort>,
        /// Iteration of the whole run, from 1.
        iteration: u32,
        /// The loop it stands in.
        loop_id: Option<LoopId>,
        /// Iteration of that loop, from 1.
        loop_iteration: Option<u32>,
        /// SHA-256 of the whole prompt, hex.
        prompt_digest: Option<String>,
    }
    /// A message passed between platform and agent.
    struct StepMessageAppended {
        /// The step.
        step: StepId,
        /// The sandbox of that step.
        sandbox: Option<SandboxId>,
        /// The message.
        message: MessageId,
        /// Who speaks.
        role: MessageRole,
        /// What was said; the first part where `more` follows.
        content: String,
        /// The agent's thinking, where it was shown.
        thinking: Option<String>,
        /// Why the agent stopped here, in its own word.
        stop_reason: Option<String>,
        /// Whether more parts follow.
        more: bool,
    }
    /// A further part of a message or of a tool's output.
    struct StepContentContinued {
        /// The step.
        step: StepId,
        /// The sandbox of that step.
        sandbox: Option<SandboxId>,
        /// The message's id, or the tool call's.
        of: String,
        /// The next part.
        content: String,
        /// Whether more parts follow.
        more: bool,
    }
    /// The agent called a tool.
    struct ToolCalled {
        /// The step.
        step: StepId,
        /// The sandbox of that step.
        sandbox: Option<SandboxId>,
        /// The agent's id of the call.
        call_id: String,
        /// The tool's name.
        tool: String,
        /// Its arguments, JSON text as the agent sent it.
        arguments: String,
    }
    /// A tool answered.
    struct ToolReturned {
        /// The step.
        step: StepId,
        /// The sandbox of that step.
        sandbox: Option<SandboxId>,
        /// The agent's id of the call.
        call_id: String,
        /// The tool's name.
        tool: String,
        /// Whether the tool reported an error.
        is_error: bool,
        /// What it printed; the first part where `more` follows.
        output: String,
        /// How long it took, where known.
        duration_ms: Option<u64>,
        /// Whether more parts follow.
        more: bool,
    }
    /// Tokens were used. Figures are differences, never running totals.
    struct StepUsageRecorded {
        /// The step.
        step: StepId,
        /// Who was paid, such as `anthropic`.
        provider: Option<String>,
        /// The model that answered.
        model: String,
        /// Tokens in, without the cached ones.
        input_tokens: u64,
        /// Tokens out.
        output_tokens: u64,
        /// Tokens read from the cache.
        cache_read_tokens: u64,
        /// Tokens written to the cache.
        cache_write_tokens: u64,
        /// Number of model calls that the figures stand for.
        calls: u32,
        /// What it cost; absent where unknown, which is not zero.
        cost_usd: Option<Usd>,
    }
    /// A checker judged the work.
    struct VerdictIssued {
        /// The checker's step.
        step: StepId,
        /// Whether it passes.
        pass: bool,
        /// What to do better.
        feedback: String,
    }
    /// An evaluator scored the work.
    struct ScoresIssued {
        /// The evaluator's step.
        step: StepId,
        /// The five dimensions.
        scores: QualityScores,
        /// The weights in force.
        weights: QualityWeights,
        /// Weighted mean of the five.
        composite: Score,
        /// The threshold in force.
        threshold: Option<Score>,
        /// Whether the composite meets the threshold; absent without one.
        threshold_result: Option<bool>,
        /// In words.
        summary: String,
    }
    /// A judge compared candidates.
    struct JudgementIssued {
        /// The judge's step.
        step: StepId,
        /// Runs or branches compared.
        candidates: Vec<String>,
        /// One of the candidates.
        winner: String,
        /// Why.
        rationale: String,
        /// Notes per candidate.
        notes: Vec<CandidateNote>,
    }
    /// A step ended as intended.
    struct StepCompleted {
        /// The step.
        step: StepId,
        /// What it handed on, where that is not its last message.
        output: Option<String>,
    }
    /// A step ended by a failure of the machinery, which is never a verdict.
    struct StepFailed {
        /// The step.
        step: StepId,
        /// What kind of failure.
        failure: StepFailure,
        /// In words.
        error: String,
    }
    /// A step was passed over.
    struct StepSkipped {
        /// The step.
        step: StepId,
        /// What it would have done.
        role: Role,
        /// Why it was passed over.
        reason: String,
    }
    /// A loop goes round again.
    struct LoopIterated {
        /// The loop.
        loop_id: LoopId,
        /// The iteration that begins, from 1.
        iteration: u32,
        /// What the next designer is told.
        feedback: Option<String>,
    }
    /// A loop reached its bound and the run goes on regardless.
    struct LoopForcedOn {
        /// The loop.
        loop_id: LoopId,
        /// Iterations that were made.
        iterations: u32,
    }
    /// A pull request was opened.
    struct PullRequestOpened {
        /// Where it is.
        url: String,
        /// Its number in the repository.
        number: u64,
    }
    /// The pull request changed.
    struct PullRequestUpdated {
        /// How it stands now.
        status: PullRequestStatus,
    }
    /// Continuous integration was asked.
    struct CiChecksPolled {
        /// How it stands as a whole.
        status: CiStatus,
        /// Each check.
        checks: Vec<CiCheck>,
        /// When it was asked.
        checked_at: Option<Timestamp>,
    }
    /// The run's quality score changed.
    struct RunScored {
        /// Mean composite of its evaluator steps.
        quality_score: Score,
        /// How many evaluator steps that is.
        evaluators: u32,
    }
    /// A person reached into the running session.
    struct OperatorSteered {
        /// The step that was running.
        step: StepId,
        /// What was done.
        kind: SteerKind,
        /// The message, or the tool's name.
        text: String,
    }
    /// Another run was made from this one.
    struct RunForked {
        /// The new run.
        into: RunId,
        /// The step after which they part.
        after_step: Option<StepId>,
    }
    /// The run ended as intended.
    struct RunCompleted {
        /// What came out of it.
        summary: Option<String>,
    }
    /// The run ended by a failure.
    struct RunFailed {
        /// In words.
        error: String,
    }
    /// The run was ended by somebody.
    struct RunCancelled {
        /// Why.
        reason: Option<String>,
    }
    /// The agent's stream held a line of unknown shape, kept as it came.
    struct AgentLineUnrecognised {
        /// Where it stood, such as `session.jsonl:12`.
        origin: String,
        /// The line; its first 512 KiB where it is longer.
        raw: String,
        /// Length of the whole line in bytes.
        length: u64,
    }
}

plain! {
    /// Asks for a run; creates it.
    struct RequestRun {
        /// The project it belongs to.
        project: ProjectId,
        /// The workflow it follows, if any.
        workflow: Option<WorkflowId>,
        /// Where it comes from.
        source: RunSource,
        /// A short name for lists.
        title: Option<String>,
        /// The task.
        prompt: String,
        /// The exact versions in force.
        configuration: Option<Configuration>,
    }
    /// Begins the work.
    struct StartRun {}
    /// Records the run's branch.
    struct CreateBranch {
        /// The new branch.
        branch: String,
        /// The branch it leaves from.
        base_branch: String,
    }
    /// Sets an agent to work. Steps are strictly sequential.
    struct StartStep {
        /// The step; a new id.
        step: StepId,
        /// What the agent does.
        role: Role,
        /// Where it works.
        sandbox: Option<SandboxId>,
        /// The persona it follows.
        persona: Option<PersonaId>,
        /// The agent's program, such as `claude`.
        cli_tool: Option<String>,
        /// The model asked for.
        model: Option<String>,
        /// How hard it is asked to think.
        thinking_effort: Option<Effort>,
        /// Iteration of the whole run, from 1; 1 where absent.
        iteration: Option<u32>,
        /// The loop it stands in.
        loop_id: Option<LoopId>,
        /// Iteration of that loop, from 1.
        loop_iteration: Option<u32>,
        /// SHA-256 of the whole prompt, 64 hex digits.
        prompt_digest: Option<String>,
    }
    /// Records a message. A text over 512 KiB goes in parts, `more` on all but the last.
    struct AppendStepMessage {
        /// The step.
        step: StepId,
        /// The message; a new id.
        message: MessageId,
        /// Who speaks.
        role: MessageRole,
        /// What was said.
        content: String,
        /// The agent's thinking, where it was shown.
        thinking: Option<String>,
        /// Why the agent stopped here, in its own word.
        stop_reason: Option<String>,
        /// Whether more parts follow.
        #[serde(default)]
        more: bool,
    }
    /// Records a further part of the message or tool output that was left open.
    struct ContinueStepContent {
        /// The step.
        step: StepId,
        /// The message's id, or the tool call's.
        of: String,
        /// The next part.
        content: String,
        /// Whether more parts follow.
        #[serde(default)]
        more: bool,
    }
    /// Records that the agent called a tool.
    struct RecordToolCall {
        /// The step.
        step: StepId,
        /// The agent's id of the call.
        call_id: String,
        /// The tool's name.
        tool: String,
        /// Its arguments, as JSON text.
        arguments: String,
    }
    /// Records what a tool answered. An output over 512 KiB goes in parts, `more` on all but the last.
    struct RecordToolResult {
        /// The step.
        step: StepId,
        /// The agent's id of the call.
        call_id: String,
        /// The tool's name.
        tool: String,
        /// Whether the tool reported an error.
        #[serde(default)]
        is_error: bool,
        /// What it printed.
        output: String,
        /// How long it took, in milliseconds.
        duration_ms: Option<u64>,
        /// Whether more parts follow.
        #[serde(default)]
        more: bool,
    }
    /// Records tokens used since the last record: differences, never running totals.
    struct RecordUsage {
        /// The step.
        step: StepId,
        /// Who was paid, such as `anthropic`.
        provider: Option<String>,
        /// The model that answered.
        model: String,
        /// Tokens in, without the cached ones.
        #[serde(default)]
        input_tokens: u64,
        /// Tokens out.
        #[serde(default)]
        output_tokens: u64,
        /// Tokens read from the cache.
        #[serde(default)]
        cache_read_tokens: u64,
        /// Tokens written to the cache.
        #[serde(default)]
        cache_write_tokens: u64,
        /// Number of model calls that the figures stand for; 1 where absent.
        calls: Option<u32>,
        /// What it cost; left out where unknown.
        cost_usd: Option<Usd>,
    }
    /// Issues a checker's or reviewer's verdict.
    struct IssueVerdict {
        /// The checker's step.
        step: StepId,
        /// Whether the work passes.
        pass: bool,
        /// What to do better.
        #[serde(default)]
        feedback: String,
    }
    /// Issues an evaluator's scores; the composite is computed here.
    struct IssueScores {
        /// The evaluator's step.
        step: StepId,
        /// The five dimensions.
        scores: QualityScores,
        /// The weights in force; equal ones where absent.
        weights: Option<QualityWeights>,
        /// The threshold in force.
        threshold: Option<Score>,
        /// In words.
        #[serde(default)]
        summary: String,
    }
    /// Issues a judge's comparison.
    struct IssueJudgement {
        /// The judge's step.
        step: StepId,
        /// Runs or branches compared; at least 2, each once.
        candidates: Vec<String>,
        /// One of the candidates.
        winner: String,
        /// Why.
        rationale: String,
        /// Notes per candidate.
        #[serde(default)]
        notes: Vec<CandidateNote>,
    }
    /// Ends the running step as intended.
    struct CompleteStep {
        /// The step.
        step: StepId,
        /// What it hands on, where that is not its last message.
        output: Option<String>,
    }
    /// Ends the running step by a failure of the machinery.
    struct FailStep {
        /// The step.
        step: StepId,
        /// What kind of failure.
        failure: StepFailure,
        /// In words.
        error: String,
    }
    /// Passes a step over.
    struct SkipStep {
        /// The step; a new id.
        step: StepId,
        /// What it would have done.
        role: Role,
        /// Why it is passed over.
        reason: String,
    }
    /// Lets a loop go round again.
    struct IterateLoop {
        /// The loop.
        loop_id: LoopId,
        /// The iteration that begins, from 2 on.
        iteration: u32,
        /// What the next designer is told.
        feedback: Option<String>,
    }
    /// Lets the run go on although a loop never passed.
    struct ForceLoopOn {
        /// The loop.
        loop_id: LoopId,
        /// Iterations that were made.
        iterations: u32,
    }
    /// Records the run's pull request.
    struct OpenPullRequest {
        /// Where it is.
        url: String,
        /// Its number in the repository.
        number: u64,
    }
    /// Records how the pull request stands.
    struct UpdatePullRequest {
        /// How it stands now.
        status: PullRequestStatus,
    }
    /// Records how continuous integration stands.
    struct RecordCiChecks {
        /// How it stands as a whole.
        status: CiStatus,
        /// Each check.
        #[serde(default)]
        checks: Vec<CiCheck>,
        /// When it was asked.
        checked_at: Option<Timestamp>,
    }
    /// Records that a person reached into the running step.
    struct Steer {
        /// What was done.
        kind: SteerKind,
        /// The message, or the tool's name.
        #[serde(default)]
        text: String,
    }
    /// Records that another run is made from this one.
    struct ForkRun {
        /// The new run.
        into: RunId,
        /// The step after which they part.
        after_step: Option<StepId>,
    }
    /// Ends the run as intended; no step may be running.
    struct CompleteRun {
        /// What came out of it.
        summary: Option<String>,
    }
    /// Ends the run by a failure; a running step fails with it.
    struct FailRun {
        /// In words.
        error: String,
    }
    /// Ends the run on somebody's wish; a running step is aborted.
    struct CancelRun {
        /// Why.
        reason: Option<String>,
    }
    /// Keeps a line of the agent's stream whose shape is unknown.
    struct RecordUnrecognisedLine {
        /// Where it stood, such as `session.jsonl:12`.
        origin: String,
        /// The line; its first 512 KiB where it is longer.
        raw: String,
        /// Length of the whole line in bytes.
        length: u64,
    }
}

impl Configuration {
    fn none() -> Self {
        Self {
            workflow_version: None,
            personas: vec![],
            contexts: vec![],
            learning_version: None,
            assets: vec![],
        }
    }
}

impl QualityWeights {
    /// Equal weights, in force where a project has no policy.
    pub const EQUAL: Self =
        Self { version: 0, correctness: 1, type_safety: 1, code_style: 1, test_coverage: 1, completeness: 1 };

    fn total(&self) -> u32 {
        [self.correctness, self.type_safety, self.code_style, self.test_coverage, self.completeness]
            .into_iter()
            .map(u32::from)
            .sum()
    }
    /// Weighted mean of the five dimensions, rounded to hundredths; `None` where all weights are 0.
    #[must_use]
    pub fn composite(&self, scores: &QualityScores) -> Option<Score> {
        let total = u64::from(self.total());
        let parts = [
            (scores.correctness, self.correctness),
            (scores.type_safety, self.type_safety),
            (scores.code_style, self.code_style),
            (scores.test_coverage, self.test_coverage),
            (scores.completeness, self.completeness),
        ];
        let sum: u64 =
            parts.iter().map(|(score, weight)| u64::from(score.units()) * u64::from(*weight)).sum();
        mean(sum, total)
    }
}

/// `sum / count`, rounded half up, as a score.
fn mean(sum: u64, count: u64) -> Option<Score> {
    let rounded = (sum + count / 2).checked_div(count)?;
    u16::try_from(rounded).ok().and_then(Score::from_units)
}

/// Highest bound of a loop.
pub const LOOP_MAX_ITERATIONS: u32 = 50;

#[derive(Debug, Clone, PartialEq)]
struct Step {
    role: Role,
    status: StepStatus,
    sandbox: Option<SandboxId>,
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
    loops: BTreeMap<LoopId, u32>,
    composites: BTreeMap<StepId, Score>,
    branch: bool,
    pull_request: bool,
}

impl Run {
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

    fn request(&self, command: &RequestRun) -> Result<RunEvent, Rejection> {
        if self.status.is_some() {
            return Err(Rejection::AlreadyExists { what: "run".into() });
        }
        check::opt_name("title", command.title.as_deref())?;
        check::filled("prompt", &command.prompt)?;
        let command = command.clone();
        Ok(RunRequested {
            project: command.project,
            workflow: command.workflow,
            source: command.source,
            title: command.title,
            prompt: command.prompt,
            configuration: command.configuration.unwrap_or_else(Configuration::none),
        }
        .into())
    }
    fn start_step(&self, command: &StartStep) -> Result<RunEvent, Rejection> {
        self.new_step(command.step)?;
        check::opt_name("cli_tool", command.cli_tool.as_deref())?;
        check::opt_name("model", command.model.as_deref())?;
        let iteration = command.iteration.unwrap_or(1);
        check::range("iteration", iteration, &(1..=10_000), "iterations")?;
        if command.loop_id.is_some() != command.loop_iteration.is_some() {
            return Err(Rejection::invalid(
                "loop_iteration",
                "present exactly where loop_id is",
                "only one of them",
            ));
        }
        if let Some(iteration) = command.loop_iteration {
            check::range("loop_iteration", iteration, &(1..=LOOP_MAX_ITERATIONS), "iterations")?;
        }
        if let Some(digest) = &command.prompt_digest
            && !(digest.len() == 64 && digest.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')))
        {
            return Err(Rejection::invalid("prompt_digest", "64 lower-case hex digits", digest));
        }
        let command = command.clone();
        Ok(StepStarted {
            step: command.step,
            role: command.role,
            sandbox: command.sandbox,
            persona: command.persona,
            cli_tool: command.cli_tool,
            model: command.model,
            thinking_effort: command.thinking_effort,
            iteration,
            loop_id: command.loop_id,
            loop_iteration: command.loop_iteration,
            prompt_digest: command.prompt_digest,
        }
        .into())
    }
    fn append_message(&self, command: &AppendStepMessage) -> Result<RunEvent, Rejection> {
        let sandbox = self.writable_step(command.step)?.sandbox;
        check::text("content", &command.content)?;
        check::text("thinking", command.thinking.as_deref().unwrap_or_default())?;
        if command.content.len() + command.thinking.as_ref().map_or(0, String::len) > check::TEXT_MAX_BYTES {
            let expected = format!("at most {} bytes together with content", check::TEXT_MAX_BYTES);
            return Err(Rejection::invalid("thinking", expected, "more"));
        }
        let AppendStepMessage { step, message, role, content, thinking, stop_reason, more } = command.clone();
        check::opt_name("stop_reason", stop_reason.as_deref())?;
        Ok(StepMessageAppended { step, sandbox, message, role, content, thinking, stop_reason, more }.into())
    }
    fn continue_content(&self, command: &ContinueStepContent) -> Result<RunEvent, Rejection> {
        let sandbox = self.running_step(command.step)?.sandbox;
        let waiting = OpenContent { step: command.step, of: command.of.clone() };
        if self.open.as_ref() != Some(&waiting) {
            return Err(Rejection::unknown("open message or tool output", &command.of));
        }
        check::text("content", &command.content)?;
        let ContinueStepContent { step, of, content, more } = command.clone();
        Ok(StepContentContinued { step, sandbox, of, content, more }.into())
    }
    fn call_tool(&self, command: &RecordToolCall) -> Result<RunEvent, Rejection> {
        let sandbox = self.writable_step(command.step)?.sandbox;
        check::name("call_id", &command.call_id)?;
        check::name("tool", &command.tool)?;
        check::text("arguments", &command.arguments)?;
        let RecordToolCall { step, call_id, tool, arguments } = command.clone();
        Ok(ToolCalled { step, sandbox, call_id, tool, arguments }.into())
    }
    fn return_tool(&self, command: &RecordToolResult) -> Result<RunEvent, Rejection> {
        let sandbox = self.writable_step(command.step)?.sandbox;
        check::name("call_id", &command.call_id)?;
        check::name("tool", &command.tool)?;
        check::text("output", &command.output)?;
        let RecordToolResult { step, call_id, tool, is_error, output, duration_ms, more } = command.clone();
        Ok(ToolReturned { step, sandbox, call_id, tool, is_error, output, duration_ms, more }.into())
    }
    fn record_usage(&self, command: &RecordUsage) -> Result<RunEvent, Rejection> {
        self.step(command.step)?;
        check::opt_name("provider", command.provider.as_deref())?;
        check::name("model", &command.model)?;
        let calls = command.calls.unwrap_or(1);
        check::range("calls", calls, &(1..=1_000_000), "calls")?;
        const TOKENS: std::ops::RangeInclusive<u64> = 0..=1_000_000_000_000;
        check::range("input_tokens", command.input_tokens, &TOKENS, "tokens")?;
        check::range("output_tokens", command.output_tokens, &TOKENS, "tokens")?;
        check::range("cache_read_tokens", command.cache_read_tokens, &TOKENS, "tokens")?;
        check::range("cache_write_tokens", command.cache_write_tokens, &TOKENS, "tokens")?;
        let command = command.clone();
        Ok(StepUsageRecorded {
            step: command.step,
            provider: command.provider,
            model: command.model,
            input_tokens: command.input_tokens,
            output_tokens: command.output_tokens,
            cache_read_tokens: command.cache_read_tokens,
            cache_write_tokens: command.cache_write_tokens,
            calls,
            cost_usd: command.cost_usd,
        }
        .into())
    }
    fn issue_scores(&self, command: &IssueScores) -> Result<Vec<RunEvent>, Rejection> {
        self.step_with_role(command.step, &[Role::Evaluator], "scores")?;
        check::text("summary", &command.summary)?;
        let IssueScores { step, scores, weights, threshold, summary } = command.clone();
        let weights = weights.unwrap_or(QualityWeights::EQUAL);
        let composite = weights
            .composite(&scores)
            .ok_or_else(|| Rejection::invalid("weights", "at least one weight above 0", "all 0"))?;
        let threshold_result = threshold.map(|threshold| composite >= threshold);
        // A step that scores again replaces its own score.
        let others = self.composites.iter().filter(|(other, _)| **other != step).map(|(_, score)| *score);
        let all: Vec<Score> = others.chain([composite]).collect();
        let (sum, count) = (all.iter().map(|score| u64::from(score.units())).sum(), all.len() as u64);
        let quality_score =
            mean(sum, count).expect("the count is at least 1, and a mean of scores is a score");
        let evaluators = u32::try_from(count).unwrap_or(u32::MAX);
        Ok(vec![
            ScoresIssued { step, scores, weights, composite, threshold, threshold_result, summary }.into(),
            RunScored { quality_score, evaluators }.into(),
        ])
    }
    fn issue_judgement(&self, command: &IssueJudgement) -> Result<RunEvent, Rejection> {
        self.step_with_role(command.step, &[Role::Judge], "judgement")?;
        check::text("rationale", &command.rationale)?;
        check::list("candidates", &command.candidates)?;
        for candidate in &command.candidates {
            check::name("candidates", candidate)?;
        }
        let distinct: std::collections::BTreeSet<_> = command.candidates.iter().collect();
        if distinct.len() < 2 || distinct.len() != command.candidates.len() {
            let actual = format!("{} of which {} differ", command.candidates.len(), distinct.len());
            return Err(Rejection::invalid("candidates", "at least 2, each once", actual));
        }
        if !distinct.contains(&command.winner) {
            return Err(Rejection::invalid("winner", "one of the candidates", &command.winner));
        }
        for note in &command.notes {
            check::text("notes", &note.note)?;
            if !distinct.contains(&note.candidate) {
                return Err(Rejection::invalid("notes", "notes on the candidates", &note.candidate));
            }
        }
        let IssueJudgement { step, candidates, winner, rationale, notes } = command.clone();
        Ok(JudgementIssued { step, candidates, winner, rationale, notes }.into())
    }
    fn iterate_loop(&self, command: &IterateLoop) -> Result<RunEvent, Rejection> {
        self.expect_running()?;
        let made =
            self.loops.get(&command.loop_id).ok_or_else(|| Rejection::unknown("loop", command.loop_id))?;
        check::range("iteration", command.iteration, &(made + 1..=LOOP_MAX_ITERATIONS.max(made + 1)), "")?;
        check::range("iteration", command.iteration, &(1..=LOOP_MAX_ITERATIONS), "iterations")?;
        check::text("feedback", command.feedback.as_deref().unwrap_or_default())?;
        let IterateLoop { loop_id, iteration, feedback } = command.clone();
        Ok(LoopIterated { loop_id, iteration, feedback }.into())
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
    }
    fn keep_open(&mut self, step: StepId, of: String, more: bool) {
        self.open = more.then_some(OpenContent { step, of });
    }
}

impl Decider for Run {
    const CATEGORY: Category = Category(3);
    type Command = RunCommand;
    type Event = RunEvent;

    #[expect(clippy::too_many_lines, reason = "one arm per command, exhaustive")]
    fn decide(&self, command: &RunCommand) -> Result<Vec<RunEvent>, Rejection> {
        let event = match command {
            RunCommand::RequestRun(c) => self.request(c)?,
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
            RunCommand::StartStep(c) => self.start_step(c)?,
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
            RunCommand::IssueScores(c) => return self.issue_scores(c),
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
            RunCommand::Steer(c) => {
                self.expect_running()?;
                check::text("text", &c.text)?;
                let step = self
                    .running
                    .ok_or_else(|| Rejection::rule("no step is running", "steer while a step is running"))?;
                OperatorSteered { step, kind: c.kind, text: c.text.clone() }.into()
            }
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
            }
            RunEvent::RunStarted(_) => self.status = Some(RunStatus::Running),
            RunEvent::BranchCreated(_) => self.branch = true,
            RunEvent::StepStarted(e) => {
                let step = Step { role: e.role, status: StepStatus::Running, sandbox: e.sandbox };
                self.steps.insert(e.step, step);
                self.running = Some(e.step);
                if let (Some(id), Some(iteration)) = (e.loop_id, e.loop_iteration) {
                    let made = self.loops.entry(id).or_insert(iteration);
                    *made = (*made).max(iteration);
                }
            }
            RunEvent::StepMessageAppended(e) => self.keep_open(e.step, e.message.to_string(), e.more),
            RunEvent::StepContentContinued(e) => self.keep_open(e.step, e.of.clone(), e.more),
            RunEvent::ToolReturned(e) => self.keep_open(e.step, e.call_id.clone(), e.more),
            RunEvent::ScoresIssued(e) => {
                self.composites.insert(e.step, e.composite);
            }
            RunEvent::StepCompleted(e) => self.end_step(e.step, StepStatus::Completed),
            RunEvent::StepFailed(e) => self.end_step(e.step, StepStatus::Failed),
            RunEvent::StepSkipped(e) => {
                self.steps.insert(e.step, Step { role: e.role, status: StepStatus::Skipped, sandbox: None });
            }
            RunEvent::LoopIterated(e) => {
                self.loops.insert(e.loop_id, e.iteration);
            }
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
            | RunEvent::OperatorSteered(_)
            | RunEvent::RunForked(_)
            | RunEvent::AgentLineUnrecognised(_) => {}
        }
    }

    fn project(&self) -> Option<ProjectId> {
        self.project
    }

    fn references(command: &RunCommand) -> Vec<StreamId> {
        match command {
            RunCommand::RequestRun(c) => vec![c.project.into()],
            RunCommand::StartStep(c) => c.sandbox.map(StreamId::from).into_iter().collect(),
            _ => vec![],
        }
    }
}

/// One or more of every event.
pub(crate) fn samples() -> Vec<RunEvent> {
    let mut samples = samples_of_the_run();
    samples.extend(samples_of_steps());
    samples.extend(samples_of_content());
    samples.extend(samples_of_judging());
    samples
}

fn samples_of_the_run() -> Vec<RunEvent> {
    let configuration = Configuration {
        workflow_version: Some(3),
        personas: vec![PersonaId::from_bytes([4; 16])],
        contexts: vec![(ContextId::from_bytes([5; 16]), 2)],
        learning_version: Some(7),
        assets: vec![(AssetId::from_bytes([6; 16]), 1)],
    };
    let requested = RunRequested {
        project: ProjectId::from_bytes([1; 16]),
        workflow: Some(WorkflowId::from_bytes([2; 16])),
        source: RunSource::Workflow,
        title: Some("Fix the build".into()),
        prompt: "The build fails on main. Fix it.".into(),
        configuration,
    };
    let bare = RunRequested {
        workflow: None,
        source: RunSource::Import,
        title: None,
        configuration: Configuration::none(),
        ..requested.clone()
    };
    let check = CiCheck {
        name: "build".into(),
        status: CiStatus::Passing,
        details_url: Some("https://ci.example.org/1".into()),
    };
    let undetailed = CiCheck { name: "lint".into(), status: CiStatus::Skipped, details_url: None };
    let (into, step) = (RunId::from_bytes([3; 16]), StepId::from_bytes([11; 16]));
    vec![
        requested.into(),
        bare.into(),
        RunStarted {}.into(),
        BranchCreated { branch: "fix/build".into(), base_branch: "main".into() }.into(),
        PullRequestOpened { url: "https://github.com/example/waybill/pull/12".into(), number: 12 }.into(),
        PullRequestUpdated { status: PullRequestStatus::Merged }.into(),
        CiChecksPolled {
            status: CiStatus::Passing,
            checks: vec![check, undetailed],
            checked_at: Some(Timestamp::from_millis(1_763_682_000_000)),
        }
        .into(),
        CiChecksPolled { status: CiStatus::Pending, checks: vec![], checked_at: None }.into(),
        OperatorSteered { step, kind: SteerKind::Message, text: "look at the lock file".into() }.into(),
        RunForked { into, after_step: Some(step) }.into(),
        RunForked { into, after_step: None }.into(),
        RunCompleted { summary: Some("The build passes.".into()) }.into(),
        RunCompleted { summary: None }.into(),
        RunFailed { error: "no disk left".into() }.into(),
        RunCancelled { reason: Some("superseded".into()) }.into(),
        RunCancelled { reason: None }.into(),
        AgentLineUnrecognised {
            origin: "session.jsonl:12".into(),
            raw: r#"{"type":"new"}"#.into(),
            length: 14,
        }
        .into(),
    ]
}

fn samples_of_steps() -> Vec<RunEvent> {
    let step = StepId::from_bytes([11; 16]);
    let started = StepStarted {
        step,
        role: Role::Designer,
        sandbox: Some(SandboxId::from_bytes([12; 16])),
        persona: Some(PersonaId::from_bytes([4; 16])),
        cli_tool: Some("claude".into()),
        model: Some("claude-opus-4-6".into()),
        thinking_effort: Some(Effort::High),
        iteration: 1,
        loop_id: Some(LoopId::from_bytes([13; 16])),
        loop_iteration: Some(1),
        prompt_digest: Some("5e".repeat(32)),
    };
    let usage = StepUsageRecorded {
        step,
        provider: Some("anthropic".into()),
        model: "claude-opus-4-6".into(),
        input_tokens: 12,
        output_tokens: 345,
        cache_read_tokens: 67_890,
        cache_write_tokens: 1_234,
        calls: 1,
        cost_usd: Usd::from_units(51_234_000),
    };
    vec![
        started_bare(step).into(),
        started.into(),
        StepUsageRecorded { provider: None, cost_usd: None, ..usage.clone() }.into(),
        usage.into(),
        StepCompleted { step, output: Some("done".into()) }.into(),
        StepCompleted { step, output: None }.into(),
        StepFailed { step, failure: StepFailure::RateLimited, error: "429".into() }.into(),
        StepSkipped { step, role: Role::Optimizer, reason: "nothing to polish".into() }.into(),
    ]
}

fn samples_of_content() -> Vec<RunEvent> {
    let step = StepId::from_bytes([11; 16]);
    let sandbox = Some(SandboxId::from_bytes([12; 16]));
    let message = MessageId::from_bytes([14; 16]);
    let said = StepMessageAppended {
        step,
        sandbox,
        message,
        role: MessageRole::Assistant,
        content: "The lock file is stale; ".into(),
        thinking: Some("It must be the lock file.".into()),
        stop_reason: Some("tool_use".into()),
        more: true,
    };
    let mut asked = said.clone();
    (asked.sandbox, asked.role, asked.thinking, asked.stop_reason) = (None, MessageRole::User, None, None);
    let part =
        StepContentContinued { step, sandbox, of: message.to_string(), content: "done".into(), more: false };
    let (call_id, tool) = ("toolu_01".to_owned(), "Bash".to_owned());
    let called = ToolCalled { step, sandbox, call_id, tool, arguments: r#"{"command":"make"}"#.into() };
    let returned = ToolReturned {
        step,
        sandbox,
        call_id: called.call_id.clone(),
        tool: called.tool.clone(),
        is_error: false,
        output: "Compiling".into(),
        duration_ms: Some(1_250),
        more: false,
    };
    vec![
        StepMessageAppended { more: false, ..asked }.into(),
        said.into(),
        StepContentContinued { sandbox: None, more: true, ..part.clone() }.into(),
        part.into(),
        ToolCalled { sandbox: None, arguments: String::new(), ..called.clone() }.into(),
        called.into(),
        ToolReturned { sandbox: None, is_error: true, duration_ms: None, more: true, ..returned.clone() }
            .into(),
        returned.into(),
    ]
}

fn started_bare(step: StepId) -> StepStarted {
    StepStarted {
        step,
        role: Role::Custom,
        sandbox: None,
        persona: None,
        cli_tool: None,
        model: None,
        thinking_effort: None,
        iteration: 2,
        loop_id: None,
        loop_iteration: None,
        prompt_digest: None,
    }
}

fn samples_of_judging() -> Vec<RunEvent> {
    let step = StepId::from_bytes([11; 16]);
    let loop_id = LoopId::from_bytes([13; 16]);
    let score = |units| Score::from_units(units).expect("a sample lies within 0 to 100");
    let scored = ScoresIssued {
        step,
        scores: QualityScores {
            correctness: score(9_000),
            type_safety: score(8_500),
            code_style: score(7_000),
            test_coverage: score(6_000),
            completeness: score(10_000),
        },
        weights: QualityWeights::EQUAL,
        composite: score(8_100),
        threshold: Some(score(8_000)),
        threshold_result: Some(true),
        summary: "Good; more tests.".into(),
    };
    let judged = JudgementIssued {
        step,
        candidates: vec!["fix/a".into(), "fix/b".into()],
        winner: "fix/b".into(),
        rationale: "smaller".into(),
        notes: vec![CandidateNote { candidate: "fix/a".into(), note: "touches too much".into() }],
    };
    vec![
        VerdictIssued { step, pass: false, feedback: "tests are missing".into() }.into(),
        VerdictIssued { step, pass: true, feedback: String::new() }.into(),
        ScoresIssued { threshold: None, threshold_result: None, summary: String::new(), ..scored.clone() }
            .into(),
        scored.into(),
        RunScored { quality_score: score(8_100), evaluators: 1 }.into(),
        JudgementIssued { notes: vec![], ..judged.clone() }.into(),
        judged.into(),
        LoopIterated { loop_id, iteration: 2, feedback: Some("tests are missing".into()) }.into(),
        LoopIterated { loop_id, iteration: 3, feedback: None }.into(),
        LoopForcedOn { loop_id, iterations: 3 }.into(),
    ]
}

#[cfg(test)]
mod tests;
