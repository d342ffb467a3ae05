//! The story as one JSON document: the run, its steps with their events, and sums.

use domain::catalogue::EventFamily;
use domain::ids::{LoopId, PersonaId, Position, ProjectId, RunId, SandboxId, StepId};
use domain::run::{RunEvent, StepStarted};
use domain::terms::{Effort, Role, RunSource, RunStatus, StepFailure, StepStatus};
use domain::values::{Score, Timestamp};
use domain::{Actor, Meta, Recorded};
use serde::Serialize;

use super::figures::{RunFigures, StepFigures};
use super::loops::{StoryLoop, loops};
use super::run_events;

/// A run from its first event to its last, or to the position asked for. The keys are stable.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Story {
    /// The run.
    pub run: RunId,
    /// Its project.
    pub project: Option<ProjectId>,
    /// Its short name.
    pub title: Option<String>,
    /// The task.
    pub prompt: String,
    /// Where it came from.
    pub source: Option<RunSource>,
    /// How it stands at the last event told.
    pub status: RunStatus,
    /// The first event told.
    pub first_position: Position,
    /// The last event told.
    pub last_position: Position,
    /// When it was requested.
    pub requested_at: Timestamp,
    /// When it was started.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// From start to end, or to the last event told.
    pub duration_ms: Option<u64>,
    /// What came of it: the summary, the error, or the reason of the cancellation.
    pub outcome: Option<String>,
    /// Its quality score.
    pub quality_score: Option<Score>,
    /// Events outside of steps, in order.
    pub events: Vec<StoryEvent>,
    /// Its steps, in order.
    pub steps: Vec<StoryStep>,
    /// Its loops, in the order they began, and why they stopped.
    pub loops: Vec<StoryLoop>,
    /// Sums over the run.
    pub totals: RunFigures,
}

/// A step of a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StoryStep {
    /// Its number in the run, from 1.
    pub number: u64,
    /// The step.
    pub step: StepId,
    /// What the agent does.
    pub role: Role,
    /// How it stands.
    pub status: StepStatus,
    /// The agent's program.
    pub cli_tool: Option<String>,
    /// The model asked for.
    pub model: Option<String>,
    /// How hard it is asked to think.
    pub thinking_effort: Option<Effort>,
    /// The persona it follows.
    pub persona: Option<PersonaId>,
    /// Where it works.
    pub sandbox: Option<SandboxId>,
    /// Iteration of the whole run.
    pub iteration: u32,
    /// The loop it stands in.
    pub loop_id: Option<LoopId>,
    /// Iteration of that loop.
    pub loop_iteration: Option<u32>,
    /// When it was started.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// From start to end.
    pub duration_ms: Option<u64>,
    /// Its verdict: whether the work passes.
    pub verdict: Option<bool>,
    /// Composite of its scores.
    pub composite: Option<Score>,
    /// Why it failed.
    pub failure: Option<StepFailure>,
    /// In words.
    pub error: Option<String>,
    /// What happened in it, in order; texts that came in parts are joined.
    pub events: Vec<StoryEvent>,
    /// Sums over the step.
    pub totals: StepFigures,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StoryEvent {
    /// Place in the log.
    pub position: Position,
    /// When it happened.
    pub at: Timestamp,
    /// Who caused it.
    pub actor: Actor,
    /// The event's type.
    pub r#type: &'static str,
    /// Its fields.
    pub data: RunEvent,
}

/// The story up to and with position `to`; `None` where no event tells of a run.
pub fn document(records: impl IntoIterator<Item = Recorded>, to: Option<Position>) -> Option<Story> {
    let mut story: Option<Story> = None;
    for (meta, event) in run_events(records, to) {
        story.get_or_insert_with(|| Story::new(&meta)).take(&meta, event);
    }
    story.map(|mut story| {
        story.loops = loops(&story);
        story
    })
}

impl Story {
    fn new(meta: &Meta) -> Self {
        Self {
            run: meta.stream.id.into(),
            project: meta.project,
            title: None,
            prompt: String::new(),
            source: None,
            status: RunStatus::Pending,
            first_position: meta.position,
            last_position: meta.position,
            requested_at: meta.when(),
            started_at: None,
            ended_at: None,
            duration_ms: None,
            outcome: None,
            quality_score: None,
            events: vec![],
            steps: vec![],
            loops: vec![],
            totals: RunFigures::default(),
        }
    }

    /// Its events, in the order of the log but for those outside of steps, which come first.
    pub fn all_events(&self) -> impl Iterator<Item = &StoryEvent> {
        self.events.iter().chain(self.steps.iter().flat_map(|step| &step.events))
    }

    fn take(&mut self, meta: &Meta, event: RunEvent) {
        let at = meta.when();
        self.last_position = meta.position;
        self.totals.take(&event);
        self.run_event(&event, at);
        if let RunEvent::StepStarted(e) = &event {
            self.steps.push(StoryStep::new(self.steps.len() as u64 + 1, e, at));
        }
        let running = self.steps.last_mut().filter(|step| step.status == StepStatus::Running);
        let step = match named_step(&event) {
            // Usage may be recorded after the end of its step.
            Some(id) => self.steps.iter_mut().rev().find(|step| step.step == id),
            None => running,
        };
        let events = match step {
            Some(step) => {
                step.take(&event, at);
                &mut step.events
            }
            None => &mut self.events,
        };
        let told =
            StoryEvent { position: meta.position, at, actor: meta.actor, r#type: event.name(), data: event };
        tell(events, told);
        self.duration_ms = self.started_at.map(|started| self.ended_at.unwrap_or(at).since_ms(started));
    }

    fn run_event(&mut self, event: &RunEvent, at: Timestamp) {
        let (status, outcome) = match event {
            RunEvent::RunRequested(e) => {
                self.project = Some(e.project);
                (self.title, self.source) = (e.title.clone(), Some(e.source));
                self.prompt.clone_from(&e.prompt);
                return;
            }
            RunEvent::RunStarted(_) => {
                (self.status, self.started_at) = (RunStatus::Running, Some(at));
                return;
            }
            RunEvent::RunScored(e) => {
                self.quality_score = Some(e.quality_score);
                return;
            }
            RunEvent::RunCompleted(e) => (RunStatus::Completed, e.summary.clone()),
            RunEvent::RunFailed(e) => (RunStatus::Failed, Some(e.error.clone())),
            RunEvent::RunCancelled(e) => (RunStatus::Cancelled, e.reason.clone()),
            _ => return,
        };
        (self.status, self.outcome, self.ended_at) = (status, outcome, Some(at));
    }
}

fn named_step(event: &RunEvent) -> Option<StepId> {
    match event {
        RunEvent::StepUsageRecorded(e) => Some(e.step),
        _ => None,
    }
}

/// Adds an event, or a further part to the one it continues.
fn tell(events: &mut Vec<StoryEvent>, told: StoryEvent) {
    let RunEvent::StepContentContinued(part) = &told.data else { return events.push(told) };
    let begun = events.iter_mut().rev().find_map(|event| match &mut event.data {
        RunEvent::StepMessageAppended(e) if e.more && e.message.to_string() == part.of => {
            Some((&mut e.content, &mut e.more))
        }
        RunEvent::ToolReturned(e) if e.more && e.call_id == part.of => Some((&mut e.output, &mut e.more)),
        _ => None,
    });
    match begun {
        Some((content, more)) => {
            content.push_str(&part.content);
            *more = part.more;
        }
        None => events.push(told),
    }
}

impl StoryStep {
    fn new(number: u64, e: &StepStarted, at: Timestamp) -> Self {
        Self {
            number,
            step: e.step,
            role: e.role,
            status: StepStatus::Running,
            cli_tool: e.cli_tool.clone(),
            model: e.model.clone(),
            thinking_effort: e.thinking_effort,
            persona: e.persona,
            sandbox: e.sandbox,
            iteration: e.iteration,
            loop_id: e.loop_id,
            loop_iteration: e.loop_iteration,
            started_at: at,
            ended_at: None,
            duration_ms: None,
            verdict: None,
            composite: None,
            failure: None,
            error: None,
            events: vec![],
            totals: StepFigures::default(),
        }
    }

    fn take(&mut self, event: &RunEvent, at: Timestamp) {
        self.totals.take(event);
        match event {
            RunEvent::VerdictIssued(e) => self.verdict = Some(e.pass),
            RunEvent::ScoresIssued(e) => self.composite = Some(e.composite),
            RunEvent::StepCompleted(_) => self.end(StepStatus::Completed, at),
            RunEvent::StepFailed(e) => {
                (self.failure, self.error) = (Some(e.failure), Some(e.error.clone()));
                self.end(StepStatus::Failed, at);
            }
            _ => {}
        }
    }
    fn end(&mut self, status: StepStatus, at: Timestamp) {
        (self.status, self.ended_at) = (status, Some(at));
        self.duration_ms = Some(at.since_ms(self.started_at));
    }
}
