//! The timeline's line of a step.

use domain::ids::{LoopId, PersonaId, SandboxId, StepId};
use domain::run::{
    CandidateNote, MergeConflict, QualityScores, QualityWeights, RunEvent, ScoresIssued, StepSkipped,
    StepStarted, StepUsageRecorded,
};
use domain::terms::{Effort, MessageRole, Role, SteerKind, StepFailure, StepStatus};
use domain::values::{Score, Timestamp};
use domain::{Actor, Meta};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::figures::{Spends, row};

/// A checker's verdict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Verdict {
    /// Whether the work passes.
    pass: bool,
    /// What to do better.
    feedback: String,
}

/// An evaluator's scores.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Scores {
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

/// A judge's comparison.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Judgement {
    /// Runs or branches compared.
    candidates: Vec<String>,
    /// One of the candidates.
    winner: String,
    /// Why.
    rationale: String,
    /// Notes per candidate.
    notes: Vec<CandidateNote>,
}

/// Why a step failed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Failure {
    /// What kind of failure.
    kind: StepFailure,
    /// In words.
    error: String,
}

/// What a merging step came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Merge {
    /// The branches that were to go in.
    branches: Vec<String>,
    /// The branch that was to hold them all.
    into: String,
    /// The commit at its head; none where they conflict.
    commit: Option<String>,
    /// What does not fit.
    conflicts: Vec<MergeConflict>,
}

/// A call that waits until somebody approves or denies it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Waiting {
    /// The agent's id of the call.
    call_id: String,
    /// The tool's name.
    tool: String,
    /// Its arguments, as JSON text.
    arguments: String,
    /// Since when.
    since: Timestamp,
}

/// How a person reached into a step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Steered {
    /// What was done.
    kind: SteerKind,
    /// The message, or the tool's name.
    text: String,
    /// Who did it.
    actor: Actor,
    /// When.
    at: Timestamp,
}

/// Characters of the first message that a timeline shows.
const PREVIEW_CHARS: usize = 120;

row! {
    /// What a step used of one model.
    struct ModelUse(e: &StepUsageRecorded) {
        /// Who was paid.
        provider: Option<String> = e.provider.clone(),
        /// The model.
        model: String = e.model.clone(),
    } with spending
}

row! {
    /// A step.
    struct StepLine(step: StepId, role: Role, status: StepStatus) {
        /// The step.
        step: StepId = step,
        /// What the agent does.
        role: Role = role,
        /// How it stands.
        status: StepStatus = status,
        /// Where it works.
        sandbox: Option<SandboxId> = None,
        /// The persona it follows.
        persona: Option<PersonaId> = None,
        /// Version of that persona.
        persona_version: Option<u32> = None,
        /// The composite that its scores must reach, as its persona has it.
        quality_threshold: Option<Score> = None,
        /// The agent's program.
        cli_tool: Option<String> = None,
        /// The model asked for.
        model: Option<String> = None,
        /// How hard it is asked to think.
        thinking_effort: Option<Effort> = None,
        /// Iteration of the whole run, from 1; absent for a skipped step.
        iteration: Option<u32> = None,
        /// The loop it stands in.
        loop_id: Option<LoopId> = None,
        /// Iteration of that loop, from 1.
        loop_iteration: Option<u32> = None,
        /// SHA-256 of the whole prompt, hex.
        prompt_digest: Option<String> = None,
        /// The first 120 characters of the first message to the agent.
        preview: Option<String> = None,
        /// When it began.
        started_at: Option<Timestamp> = None,
        /// When it ended, or was passed over.
        ended_at: Option<Timestamp> = None,
        /// From start to end.
        duration_ms: Option<u64> = None,
        /// What it used, by provider and model in order of first use.
        usage: Vec<ModelUse> = Vec::new(),
        /// Its verdict.
        verdict: Option<Verdict> = None,
        /// Its scores.
        quality: Option<Scores> = None,
        /// Its judgement.
        judgement: Option<Judgement> = None,
        /// What its merge came to.
        merge: Option<Merge> = None,
        /// Calls that wait until somebody approves or denies them.
        waiting: Vec<Waiting> = Vec::new(),
        /// Why it failed.
        failure: Option<Failure> = None,
        /// Why it was passed over.
        skipped: Option<String> = None,
        /// What it handed on, where that is not its last message.
        output: Option<String> = None,
        /// How people reached into it.
        steers: Vec<Steered> = Vec::new(),
    } with activity
}

impl From<&ScoresIssued> for Scores {
    fn from(e: &ScoresIssued) -> Self {
        Self {
            scores: e.scores.clone(),
            weights: e.weights.clone(),
            composite: e.composite,
            threshold: e.threshold,
            threshold_result: e.threshold_result,
            summary: e.summary.clone(),
        }
    }
}

impl StepLine {
    pub(super) fn started(e: &StepStarted, at: Timestamp) -> Self {
        Self {
            sandbox: e.sandbox,
            persona: e.persona,
            persona_version: e.persona_version,
            quality_threshold: e.quality_threshold,
            cli_tool: e.cli_tool.clone(),
            model: e.model.clone(),
            thinking_effort: e.thinking_effort,
            iteration: Some(e.iteration),
            loop_id: e.loop_id,
            loop_iteration: e.loop_iteration,
            prompt_digest: e.prompt_digest.clone(),
            started_at: Some(at),
            ..Self::new(e.step, e.role, StepStatus::Running)
        }
    }
    pub(super) fn skipped(e: &StepSkipped, at: Timestamp) -> Self {
        Self {
            ended_at: Some(at),
            skipped: Some(e.reason.clone()),
            ..Self::new(e.step, e.role, StepStatus::Skipped)
        }
    }
    pub(super) fn apply(&mut self, event: &RunEvent, meta: &Meta) {
        let at = meta.when();
        match event {
            RunEvent::StepUsageRecorded(e) => {
                self.count(event);
                self.use_model(e);
            }
            RunEvent::StepMessageAppended(e) => {
                self.count(event);
                if e.role == MessageRole::User && self.preview.is_none() {
                    self.preview = Some(domain::sealed_text::preview(&e.content, PREVIEW_CHARS));
                }
            }
            RunEvent::VerdictIssued(e) => {
                self.verdict = Some(Verdict { pass: e.pass, feedback: e.feedback.clone() });
            }
            RunEvent::ScoresIssued(e) => self.quality = Some(e.into()),
            RunEvent::JudgementIssued(e) => {
                self.judgement = Some(Judgement {
                    candidates: e.candidates.clone(),
                    winner: e.winner.clone(),
                    rationale: e.rationale.clone(),
                    notes: e.notes.clone(),
                });
            }
            RunEvent::BranchesMerged(e) => {
                let (branches, into) = (e.branches.clone(), e.into.clone());
                self.merge =
                    Some(Merge { branches, into, commit: Some(e.commit.clone()), conflicts: vec![] });
            }
            RunEvent::MergeConflicted(e) => {
                let (branches, into, conflicts) = (e.branches.clone(), e.into.clone(), e.conflicts.clone());
                self.merge = Some(Merge { branches, into, commit: None, conflicts });
            }
            RunEvent::ToolApprovalAwaited(e) => self.waiting.push(Waiting {
                call_id: e.call_id.clone(),
                tool: e.tool.clone(),
                arguments: e.arguments.clone(),
                since: at,
            }),
            RunEvent::ToolReturned(e) => {
                self.count(event);
                self.waiting.retain(|waiting| waiting.call_id != e.call_id);
            }
            RunEvent::OperatorSteered(e) => {
                self.answer(e.kind, &e.text);
                self.steers.push(Steered { kind: e.kind, text: e.text.clone(), actor: meta.actor, at });
            }
            RunEvent::StepCompleted(e) => {
                self.output.clone_from(&e.output);
                self.end(StepStatus::Completed, at);
            }
            RunEvent::StepFailed(e) => {
                self.failure = Some(Failure { kind: e.failure, error: e.error.clone() });
                self.end(StepStatus::Failed, at);
            }
            _ => self.count(event),
        }
    }
    /// An approval or denial is of the waiting call of that id, else of the first of that tool.
    fn answer(&mut self, kind: SteerKind, text: &str) {
        if !matches!(kind, SteerKind::ApproveTool | SteerKind::DenyTool) {
            return;
        }
        let by_id = self.waiting.iter().position(|waiting| waiting.call_id == text);
        let place = by_id.or_else(|| self.waiting.iter().position(|waiting| waiting.tool == text));
        place.map(|place| self.waiting.remove(place));
    }
    fn use_model(&mut self, e: &StepUsageRecorded) {
        let same = |used: &ModelUse| used.model == e.model && used.provider == e.provider;
        let place = self.usage.iter().position(same).unwrap_or_else(|| {
            self.usage.push(ModelUse::new(e));
            self.usage.len() - 1
        });
        self.usage[place].spend(&e.into());
    }
    fn end(&mut self, status: StepStatus, at: Timestamp) {
        self.status = status;
        self.waiting.clear();
        self.ended_at = Some(at);
        self.duration_ms = self.started_at.map(|started| at.since_ms(started));
    }
}
