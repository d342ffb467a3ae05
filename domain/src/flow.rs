//! What a run does next: a fold over its events, so that the same history always gives the same decision.
//!
//! Steps go one after the other. The verdict is the only branch: a failed one sends its loop round again,
//! with the feedback, until the loop's bound, where the run goes on regardless. A failure of the machinery is
//! no verdict: the step is tried again, a bounded number of times, and then the run fails.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::catalogue::plain;
use crate::ids::{LoopId, PersonaId, StepId};
use crate::run::{RunEvent, StepStarted};
use crate::terms::{Effort, Role, RunStatus, StepFailure};
use crate::values::Score;

mod retry;
pub use retry::{RETRIES, Retry, STEP_ATTEMPTS_MAX};

plain! {
    /// A step as a run was requested with, everything resolved.
    struct PlannedStep {
        /// What the agent does.
        role: Role,
        /// The persona it follows, with version.
        persona: Option<(PersonaId, u32)>,
        /// The agent's program.
        cli_tool: String,
        /// The model; absent where the project's settings name it.
        model: Option<String>,
        /// How hard it is asked to think; the agent's own default where absent.
        thinking_effort: Option<Effort>,
        /// Index of the loop it stands in.
        in_loop: Option<u32>,
        /// The composite that its scores must reach.
        quality_threshold: Option<Score>,
    }
    /// A loop as a run was requested with.
    struct PlannedLoop {
        /// What it goes by in the run.
        loop_id: LoopId,
        /// How often it is gone through at most.
        max_iterations: u32,
    }
    /// What a run of a workflow does. Loops hold neighbouring steps and end with one that issues verdicts.
    struct Blueprint {
        /// Its steps, in order.
        steps: Vec<PlannedStep>,
        /// Its loops.
        loops: Vec<PlannedLoop>,
    }
}

/// Where a step's prompt comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PromptSource {
    /// The run's own prompt.
    Run,
    /// What this prompter's step handed on, which replaces the run's prompt.
    Step(StepId),
}

/// What a step is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PromptInputs {
    /// Where the prompt comes from.
    pub source: PromptSource,
    /// What goes in front of it: what the last verdict wants done better.
    pub feedback: Option<String>,
    /// Earlier steps whose output is context, the latest of each place, in order.
    pub context: Vec<StepId>,
}

/// A step that is to be started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StepOrder {
    /// Its place in the workflow, from 1.
    pub number: u32,
    /// What the agent does.
    pub role: Role,
    /// The persona it follows, with version.
    pub persona: Option<(PersonaId, u32)>,
    /// The agent's program.
    pub cli_tool: String,
    /// The model; absent where the project's settings name it.
    pub model: Option<String>,
    /// How hard it is asked to think; the agent's own default where absent.
    pub thinking_effort: Option<Effort>,
    /// Iteration of the whole run, from 1: one more than loops have gone back so far.
    pub iteration: u32,
    /// The loop it stands in.
    pub loop_id: Option<LoopId>,
    /// Iteration of that loop, from 1.
    pub loop_iteration: Option<u32>,
    /// Which attempt this is, from 1; more than 1 only after failures of the machinery.
    pub attempt: u32,
    /// How long to wait before it, in milliseconds.
    pub wait_ms: u64,
    /// What it is told.
    pub prompt: PromptInputs,
}

/// What is to be done next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Next {
    /// The run follows no workflow: whoever drives it decides.
    Undirected,
    /// Start the run.
    Start,
    /// Start this step.
    StartStep(Box<StepOrder>),
    /// Wait for the running step to end.
    Await {
        /// The step.
        step: StepId,
    },
    /// Send the loop round again.
    IterateLoop {
        /// The loop.
        loop_id: LoopId,
        /// The iteration that begins.
        iteration: u32,
        /// What the next designer is told.
        feedback: Option<String>,
    },
    /// Go on although the loop never passed.
    ForceLoopOn {
        /// The loop.
        loop_id: LoopId,
        /// Iterations that were made.
        iterations: u32,
    },
    /// Complete the run.
    Complete,
    /// Fail the run.
    Fail {
        /// In words.
        error: String,
    },
    /// Nothing: the run has ended.
    Ended {
        /// How.
        status: RunStatus,
    },
}

/// What stands between the run and its next step.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
enum Pending {
    #[default]
    Step,
    Iterate {
        feedback: String,
    },
    ForceOn,
    Fail {
        error: String,
    },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Running {
    step: StepId,
    /// Whether it is the step that was called for; another one changes nothing when it ends.
    expected: bool,
    verdict: Option<(bool, String)>,
}

/// A run's flow, folded from its events.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Flow {
    blueprint: Option<Blueprint>,
    status: Option<RunStatus>,
    candidates: usize,
    /// Index of the step that is next or running; the number of steps once all are done.
    at: usize,
    /// Iteration of each loop, from 1.
    iterations: Vec<u32>,
    /// Times that a loop has gone back.
    returns: u32,
    pending: Pending,
    running: Option<Running>,
    /// Failures of the step at hand, by kind.
    failures: BTreeMap<StepFailure, u32>,
    last_failure: Option<StepFailure>,
    /// What the last verdict of the loop at hand wants.
    feedback: Option<String>,
    prompter: Option<StepId>,
    /// The latest step that was done at each place.
    done: BTreeMap<usize, StepId>,
}

/// Fewest candidates that a judge compares.
pub const CANDIDATES_MIN: usize = 2;
/// Characters of a step's error that the run's own error repeats.
const ERROR_CHARS: usize = 1_000;

/// The text a step is prompted with: the feedback, if any, in front of the prompt.
#[must_use]
pub fn prompt_text(prompt: &str, feedback: Option<&str>) -> String {
    match feedback {
        None => prompt.to_owned(),
        Some(feedback) => format!("The review of the last iteration found:\n\n{feedback}\n\n---\n\n{prompt}"),
    }
}

impl Blueprint {
    /// Most steps a run of it can start, attempts after failures included.
    #[must_use]
    pub fn steps_max(&self) -> u64 {
        let times =
            |step: &PlannedStep| self.loop_of(step).map_or(1, |around| u64::from(around.max_iterations));
        self.steps.iter().map(times).sum::<u64>() * u64::from(STEP_ATTEMPTS_MAX)
    }
    fn loop_of(&self, step: &PlannedStep) -> Option<&PlannedLoop> {
        self.loops.get(usize::try_from(step.in_loop?).ok()?)
    }
    fn index_of(&self, loop_id: LoopId) -> Option<u32> {
        let place = self.loops.iter().position(|around| around.loop_id == loop_id)?;
        u32::try_from(place).ok()
    }
    fn first_of(&self, in_loop: u32) -> Option<usize> {
        self.steps.iter().position(|step| step.in_loop == Some(in_loop))
    }
    fn last_of(&self, in_loop: u32) -> Option<usize> {
        self.steps.iter().rposition(|step| step.in_loop == Some(in_loop))
    }
    /// Whether feedback goes to the step at `place`: to designers, or where its loop has none, to its first step.
    fn takes_feedback(&self, place: usize) -> bool {
        let step = &self.steps[place];
        let Some(in_loop) = step.in_loop else { return false };
        let is_designer = |step: &PlannedStep| step.role == Role::Designer;
        let designed = self.steps.iter().any(|other| other.in_loop == Some(in_loop) && is_designer(other));
        if designed { is_designer(step) } else { self.first_of(in_loop) == Some(place) }
    }
}

impl Flow {
    /// The flow after `history`.
    pub fn of<'a>(history: impl IntoIterator<Item = &'a RunEvent>) -> Self {
        let mut flow = Self::default();
        history.into_iter().for_each(|event| flow.evolve(event));
        flow
    }

    /// Takes an event of the run into account. Events that nobody called for never break it.
    pub fn evolve(&mut self, event: &RunEvent) {
        match event {
            RunEvent::RunRequested(e) => {
                self.blueprint.clone_from(&e.blueprint);
                self.status = Some(RunStatus::Pending);
                self.candidates = e.candidates.len();
                self.iterations = vec![1; e.blueprint.as_ref().map_or(0, |blueprint| blueprint.loops.len())];
            }
            RunEvent::RunStarted(_) => self.status = Some(RunStatus::Running),
            RunEvent::RunCompleted(_) => self.status = Some(RunStatus::Completed),
            RunEvent::RunFailed(_) => self.status = Some(RunStatus::Failed),
            RunEvent::RunCancelled(_) => self.status = Some(RunStatus::Cancelled),
            RunEvent::StepStarted(e) => {
                self.running = Some(Running { step: e.step, expected: self.calls_for(e), verdict: None });
            }
            RunEvent::VerdictIssued(e) => {
                if let Some(running) = self.running.as_mut().filter(|running| running.step == e.step) {
                    running.verdict = Some((e.pass, e.feedback.clone()));
                }
            }
            RunEvent::StepCompleted(e) => {
                if let Some(running) = self.end(e.step) {
                    self.complete(running);
                }
            }
            RunEvent::StepFailed(e) if self.end(e.step).is_some() => self.fail(e.failure, &e.error),
            RunEvent::StepSkipped(e) => {
                let due = self.step().is_some_and(|step| step.role == e.role) && self.step_is_due();
                if due && self.running.is_none() {
                    self.advance();
                }
            }
            RunEvent::LoopIterated(e) => self.iterate(e.loop_id, e.iteration, e.feedback.as_deref()),
            RunEvent::LoopForcedOn(e) => self.force_on(e.loop_id),
            _ => {}
        }
    }

    /// What is to be done next.
    #[must_use]
    pub fn next(&self) -> Next {
        let Some(blueprint) = &self.blueprint else { return Next::Undirected };
        match self.status {
            None => return Next::Undirected,
            Some(RunStatus::Pending) => return Next::Start,
            Some(RunStatus::Running) => {}
            Some(status) => return Next::Ended { status },
        }
        if let Some(running) = &self.running {
            return Next::Await { step: running.step };
        }
        let Some(step) = blueprint.steps.get(self.at) else { return Next::Complete };
        match (&self.pending, blueprint.loop_of(step)) {
            (Pending::Iterate { feedback }, Some(around)) => Next::IterateLoop {
                loop_id: around.loop_id,
                iteration: self.loop_iteration(step) + 1,
                feedback: Some(feedback.clone()).filter(|feedback| !feedback.is_empty()),
            },
            (Pending::ForceOn, Some(around)) => {
                Next::ForceLoopOn { loop_id: around.loop_id, iterations: self.loop_iteration(step) }
            }
            (Pending::Fail { error }, _) => Next::Fail { error: error.clone() },
            _ => self.order(blueprint, step),
        }
    }

    fn order(&self, blueprint: &Blueprint, step: &PlannedStep) -> Next {
        let number = u32::try_from(self.at).unwrap_or(u32::MAX).saturating_add(1);
        if step.role == Role::Judge && self.candidates < CANDIDATES_MIN {
            let has = self.candidates;
            let error = format!(
                "step {number} (judge) needs at least {CANDIDATES_MIN} candidates, the run has {has}"
            );
            return Next::Fail { error };
        }
        let around = blueprint.loop_of(step);
        let attempts: u32 = self.failures.values().sum();
        let is_context = |place: &usize| *place != self.at && blueprint.steps[*place].role != Role::Prompter;
        Next::StartStep(Box::new(StepOrder {
            number,
            role: step.role,
            persona: step.persona,
            cli_tool: step.cli_tool.clone(),
            model: step.model.clone(),
            thinking_effort: step.thinking_effort,
            iteration: self.returns + 1,
            loop_id: around.map(|around| around.loop_id),
            loop_iteration: around.map(|_| self.loop_iteration(step)),
            attempt: attempts + 1,
            wait_ms: self.last_failure.map_or(0, |kind| retry::wait_ms(kind, self.failures[&kind])),
            prompt: PromptInputs {
                source: self.prompter.map_or(PromptSource::Run, PromptSource::Step),
                feedback: self.feedback.clone().filter(|_| blueprint.takes_feedback(self.at)),
                context: self
                    .done
                    .range(..=self.at)
                    .filter(|(place, _)| is_context(place))
                    .map(|(_, step)| *step)
                    .collect(),
            },
        }))
    }
    fn step(&self) -> Option<&PlannedStep> {
        self.blueprint.as_ref()?.steps.get(self.at)
    }
    fn loop_iteration(&self, step: &PlannedStep) -> u32 {
        let place = step.in_loop.and_then(|place| usize::try_from(place).ok());
        place.and_then(|place| self.iterations.get(place)).copied().unwrap_or(1)
    }
    /// Whether a step comes next, be it one that was given up and that somebody tries once more.
    const fn step_is_due(&self) -> bool {
        matches!(self.pending, Pending::Step | Pending::Fail { .. })
    }
    fn calls_for(&self, started: &StepStarted) -> bool {
        let Some((blueprint, step)) = self.blueprint.as_ref().zip(self.step()) else { return false };
        let around = blueprint.loop_of(step);
        self.step_is_due()
            && started.role == step.role
            && started.persona == step.persona.map(|(persona, _)| persona)
            && started.loop_id == around.map(|around| around.loop_id)
            && started.loop_iteration == around.map(|_| self.loop_iteration(step))
    }
    /// The step that ends, if it is the one that was called for.
    fn end(&mut self, step: StepId) -> Option<Running> {
        let running = self.running.take_if(|running| running.step == step)?;
        running.expected.then_some(running)
    }
    fn complete(&mut self, running: Running) {
        let Some((blueprint, step)) = self.blueprint.as_ref().zip(self.step()) else { return };
        let around = blueprint.loop_of(step);
        let judges = step.role.issues_verdicts() && (around.is_some() || step.role == Role::Checker);
        if judges && running.verdict.is_none() {
            return self.fail(StepFailure::VerdictMissing, "it ended without a verdict");
        }
        let spent = around.is_some_and(|around| self.loop_iteration(step) >= around.max_iterations);
        let (loops, refines) = (around.is_some(), step.role == Role::Prompter);
        if refines {
            self.prompter = Some(running.step);
        }
        self.done.insert(self.at, running.step);
        match running.verdict {
            Some((false, _)) if spent => self.pending = Pending::ForceOn,
            Some((false, feedback)) if loops => self.pending = Pending::Iterate { feedback },
            _ => self.advance(),
        }
    }
    fn fail(&mut self, failure: StepFailure, error: &str) {
        let count = self.failures.entry(failure).or_default();
        *count = count.saturating_add(1);
        let (count, attempts) = (*count, self.failures.values().sum::<u32>());
        self.last_failure = Some(failure);
        let again = retry::is_allowed(failure, count) && attempts < STEP_ATTEMPTS_MAX;
        self.pending = match self.step() {
            Some(step) if !again => {
                let error: String = error.chars().take(ERROR_CHARS).collect();
                let times = if attempts == 1 { "once".to_owned() } else { format!("{attempts} times") };
                let (number, role) = (self.at + 1, step.role);
                Pending::Fail {
                    error: format!("step {number} ({role}) failed {times}, at last {failure}: {error}"),
                }
            }
            _ => Pending::Step,
        };
    }
    /// Goes on at `place`, with a clean slate.
    fn go(&mut self, place: usize) {
        self.at = place;
        self.pending = Pending::Step;
        self.failures.clear();
        self.last_failure = None;
    }
    fn advance(&mut self) {
        let before = self.step().and_then(|step| step.in_loop);
        self.go(self.at.saturating_add(1));
        if self.step().and_then(|step| step.in_loop) != before {
            self.feedback = None;
        }
    }
    fn iterate(&mut self, loop_id: LoopId, iteration: u32, feedback: Option<&str>) {
        let Some((place, first)) = self.blueprint.as_ref().and_then(|blueprint| {
            let place = blueprint.index_of(loop_id)?;
            Some((place, blueprint.first_of(place)?))
        }) else {
            return;
        };
        let verdict = match std::mem::take(&mut self.pending) {
            Pending::Iterate { feedback } => Some(feedback).filter(|feedback| !feedback.is_empty()),
            _ => None,
        };
        self.feedback = feedback.map(str::to_owned).or(verdict);
        if let Some(made) = usize::try_from(place).ok().and_then(|place| self.iterations.get_mut(place)) {
            *made = iteration;
        }
        self.returns = self.returns.saturating_add(1);
        self.abandon();
        self.go(first);
    }
    fn force_on(&mut self, loop_id: LoopId) {
        let Some(blueprint) = &self.blueprint else { return };
        let place = blueprint.index_of(loop_id);
        let inside = place.is_some() && self.step().is_some_and(|step| step.in_loop == place);
        if let Some(last) = place.filter(|_| inside).and_then(|place| blueprint.last_of(place)) {
            self.feedback = None;
            self.abandon();
            self.go(last + 1);
        }
    }
    /// Whatever runs no longer decides anything.
    fn abandon(&mut self) {
        if let Some(running) = &mut self.running {
            running.expected = false;
        }
    }
}

#[cfg(test)]
mod tests;
