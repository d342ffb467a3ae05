//! What the events of a run carry. Stored: a layout never changes, a change adds a version.

use crate::catalogue::plain;
use crate::flow::Blueprint;
use crate::ids::{
    AssetId, ContextId, LoopId, MessageId, PersonaId, ProjectId, RunId, SandboxId, StepId, StreamId,
    WorkflowId,
};
use crate::terms::{
    CiStatus, Effort, MessageRole, PullRequestStatus, Role, RunSource, SteerKind, StepFailure,
    TelemetrySignal,
};
use crate::values::{Score, Timestamp, Usd};

plain! {
    /// The exact versions a run was started with.
    struct Configuration {
        /// Version of the workflow's definition.
        workflow_version: Option<u32>,
        /// Personas taking part.
        personas: Vec<PersonaId>,
        /// Their versions, in the order of `personas`; empty where a run was requested before they were recorded.
        persona_versions: Vec<u32>,
        /// Contexts in force, with version.
        contexts: Vec<(ContextId, u32)>,
        /// Learning version in force, where it is one for all roles.
        learning_version: Option<u32>,
        /// Learning versions in force, by role.
        learning_versions: Vec<(Role, u32)>,
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
        /// What its workflow has it do; none without a workflow.
        blueprint: Option<Blueprint>,
        /// Runs or branches that its judge compares.
        candidates: Vec<String>,
        /// What it came from: an issue, chain, recurring task, firing, or the run it was forked from.
        origin: Option<StreamId>,
    }
    /// The version of the default instructions that its agents get; in the commit that asked for it.
    struct InstructionsPinned {
        /// The version, from 1.
        version: u32,
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
        /// Version of that persona.
        persona_version: Option<u32>,
        /// The composite that its scores must reach, as its persona has it.
        quality_threshold: Option<Score>,
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
        /// Number of model calls that the figures stand for; 0 where it is not known.
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
    /// A file that two branches changed in ways that do not fit.
    struct MergeConflict {
        /// The branch that does not fit.
        branch: String,
        /// The file.
        path: String,
        /// What does not fit, in words; at most 16 KiB.
        detail: String,
    }
    /// Branches were merged.
    struct BranchesMerged {
        /// The merging step.
        step: StepId,
        /// The branches that went in.
        branches: Vec<String>,
        /// The branch that holds them all.
        into: String,
        /// The commit at its head, 40 or 64 hex digits.
        commit: String,
    }
    /// Branches were not merged: they conflict.
    struct MergeConflicted {
        /// The merging step.
        step: StepId,
        /// The branches that were to go in.
        branches: Vec<String>,
        /// The branch that was to hold them all.
        into: String,
        /// What does not fit.
        conflicts: Vec<MergeConflict>,
    }
    /// The agent wants to call a tool, and waits until somebody approves or denies it.
    struct ToolApprovalAwaited {
        /// The step.
        step: StepId,
        /// The agent's id of the call.
        call_id: String,
        /// The tool's name.
        tool: String,
        /// Its arguments, JSON text as the agent sent it.
        arguments: String,
    }
    /// Figures that telemetry counts up, as they stood.
    struct RunningTotals {
        /// When counting began.
        counted_since: Timestamp,
        /// Tokens in, without the cached ones.
        input_tokens: u64,
        /// Tokens out.
        output_tokens: u64,
        /// Tokens read from the cache.
        cache_read_tokens: u64,
        /// Tokens written to the cache.
        cache_write_tokens: u64,
        /// Number of model calls; 0 where it is not known.
        calls: u32,
        /// What it cost; absent where unknown, which is not zero.
        cost_usd: Option<Usd>,
    }
    /// The agent's telemetry, which is another witness than its stream, told of tokens. Figures are differences,
    /// never running totals.
    struct TelemetryRecorded {
        /// Which kind of telemetry; one agent may tell the same by several.
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
        input_tokens: u64,
        /// Tokens out.
        output_tokens: u64,
        /// Tokens read from the cache.
        cache_read_tokens: u64,
        /// Tokens written to the cache.
        cache_write_tokens: u64,
        /// Number of model calls that the figures stand for; 0 where it is not known.
        calls: u32,
        /// What it cost; absent where unknown, which is not zero.
        cost_usd: Option<Usd>,
        /// Of figures that are counted up: how they stood, so that the next difference can be taken.
        running: Option<RunningTotals>,
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

/// Longest account of a conflict, in bytes.
pub const DETAIL_MAX_BYTES: usize = 16 * 1024;
