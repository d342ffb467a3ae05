//! What the commands to a run carry.

use super::payloads::{CandidateNote, CiCheck, MergeConflict, QualityScores, QualityWeights};
use crate::catalogue::plain;
use crate::ids::{
    AssetId, ContextId, LearningDocumentId, LoopId, MessageId, PersonaId, ProjectId, RunId, SandboxId,
    StepId, StreamId, WorkflowId,
};
use crate::terms::{
    CiStatus, Effort, MessageRole, PullRequestStatus, Role, RunSource, SteerKind, StepFailure,
    TelemetrySignal,
};
use crate::values::{Score, Timestamp, Usd};

/// What a run is requested with. Versions are those in force, and looked up; only history that is imported names
/// its own.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestedConfiguration {
    /// Version of the workflow; where it is given, another one in force refuses the request.
    pub workflow_version: Option<u32>,
    /// Personas taking part, each once and enabled; all those of the workflow must be among them.
    #[serde(default)]
    pub personas: Vec<PersonaId>,
    /// Contexts it works under, each once; a version other than the one in force refuses the request.
    #[serde(default)]
    pub contexts: Vec<(ContextId, Option<u32>)>,
    /// Learning documents whose version in force agents read; one per role.
    pub learning_documents: Option<Vec<LearningDocumentId>>,
    /// Learning version of all roles; of imported history only.
    pub learning_version: Option<u32>,
    /// Learning versions by role; of imported history, or to refuse others than those in force.
    pub learning_versions: Option<Vec<(Role, u32)>>,
    /// Skills, commands and scripts, each once; a version must be published, the one in force where absent.
    #[serde(default)]
    pub assets: Vec<(AssetId, Option<u32>)>,
}

plain! {
    /// Asks for a run; creates it. What its workflow and personas are now is what it will do.
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
        configuration: Option<RequestedConfiguration>,
        /// Runs or branches that its judge compares; at least 2, each once.
        candidates: Option<Vec<String>>,
        /// What it comes from: an issue, chain, recurring task, firing, or the run it is forked from.
        origin: Option<StreamId>,
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
        /// The persona it follows; it must be enabled, and of that role or custom.
        persona: Option<PersonaId>,
        /// Version of that persona; the run's where absent, else the present one.
        persona_version: Option<u32>,
        /// The agent's program, such as `claude`; the persona's where absent.
        cli_tool: Option<String>,
        /// The model asked for; the persona's where absent.
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
        /// Number of model calls that the figures stand for; 1 where absent, 0 where it is not known.
        calls: Option<u32>,
        /// What it cost; left out where unknown.
        cost_usd: Option<Usd>,
    }
    /// What telemetry tells of the tokens that one model used in one session.
    struct TelemetryReading {
        /// Which kind of telemetry.
        signal: TelemetrySignal,
        /// The agent's own name of its session.
        agent_session: Option<String>,
        /// The step, where it is known.
        step: Option<StepId>,
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
        /// Number of model calls that the figures stand for; 0 where it is not known.
        #[serde(default)]
        calls: u32,
        /// What it cost; left out where unknown.
        cost_usd: Option<Usd>,
        /// Where the figures are running totals: since when they are counted. What is recorded is the difference.
        counted_since: Option<Timestamp>,
    }
    /// Records what the agent's telemetry tells, beside what its stream told. It may come after the run has ended.
    struct RecordTelemetry {
        /// 1 to 200 readings.
        readings: Vec<TelemetryReading>,
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
        /// The weights in force; those of the project's policy where absent, and equal ones without a policy.
        weights: Option<QualityWeights>,
        /// The threshold in force; the persona's where absent, then that of the project's policy.
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
        /// The message; or the waiting call's id, else the tool's name.
        #[serde(default)]
        text: String,
    }
    /// Records what a merging step came to: the merged commit, or what conflicts.
    struct RecordMerge {
        /// The step of a merge agent.
        step: StepId,
        /// The branches that go in; 1 to 100, each once.
        branches: Vec<String>,
        /// The branch that holds them all; another one.
        into: String,
        /// The commit at its head, 40 or 64 lower-case hex digits; none where there are conflicts.
        commit: Option<String>,
        /// What does not fit; at most 1,000.
        conflicts: Option<Vec<MergeConflict>>,
    }
    /// Records that the agent waits until somebody approves or denies a call.
    struct AwaitApproval {
        /// The step.
        step: StepId,
        /// The agent's id of the call, which does not wait yet.
        call_id: String,
        /// The tool's name.
        tool: String,
        /// Its arguments, as JSON text.
        arguments: String,
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
