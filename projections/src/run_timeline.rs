//! One run as a timeline: the run, its steps in order, its loops. Counts, never the contents of messages.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use domain::ids::{IdError, LoopId, StepId};
use domain::run::RunEvent;
use domain::{Decider, Event, Meta, Recorded};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::table::Table;
use crate::view::{Scope, View};

mod run_line;
mod step_line;
#[cfg(test)]
mod tests;

use run_line::RunLine;
use step_line::StepLine;

/// `run`, `step/00001`, `loop/00001`: steps and loops count from 1, in the order they began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum TimelineKey {
    Run,
    Step(u32),
    Loop(u32),
}

impl fmt::Display for TimelineKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Run => f.write_str("run"),
            Self::Step(number) => write!(f, "step/{number:05}"),
            Self::Loop(number) => write!(f, "loop/{number:05}"),
        }
    }
}

impl FromStr for TimelineKey {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let key = match text.split_once('/') {
            None => Some(Self::Run),
            Some(("step", number)) => number.parse().ok().map(Self::Step),
            Some(("loop", number)) => number.parse().ok().map(Self::Loop),
            Some(_) => None,
        };
        let expected = || "`run`, or a step or loop such as `step/00001`".to_owned();
        key.filter(|key| key.to_string() == text)
            .ok_or_else(|| IdError { expected: expected(), actual: text.chars().take(80).collect() })
    }
}

/// A loop of steps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct LoopLine {
    /// The loop.
    loop_id: LoopId,
    /// Iterations begun.
    iterations: u32,
    /// Its first step.
    first_step: Option<StepId>,
    /// Its last step so far.
    last_step: Option<StepId>,
    /// What its latest verdict says; absent before the first.
    passed: Option<bool>,
    /// What the next designer was last told.
    feedback: Option<String>,
    /// Whether it reached its bound and the run went on regardless.
    forced_on: bool,
}

/// A line of the timeline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TimelineRow {
    /// The run.
    Run(Box<RunLine>),
    /// A step.
    Step(Box<StepLine>),
    /// A loop.
    Loop(LoopLine),
}

/// The view `run-timeline`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct RunTimeline {
    table: Table<TimelineKey, TimelineRow>,
    steps: BTreeMap<StepId, TimelineKey>,
    loops: BTreeMap<LoopId, TimelineKey>,
}

impl LoopLine {
    fn new(loop_id: LoopId) -> Self {
        Self {
            loop_id,
            iterations: 0,
            first_step: None,
            last_step: None,
            passed: None,
            feedback: None,
            forced_on: false,
        }
    }
}

/// The step that an event happened in.
fn step_of(event: &RunEvent) -> Option<StepId> {
    match event {
        RunEvent::StepMessageAppended(e) => Some(e.step),
        RunEvent::ToolCalled(e) => Some(e.step),
        RunEvent::ToolReturned(e) => Some(e.step),
        RunEvent::StepUsageRecorded(e) => Some(e.step),
        RunEvent::VerdictIssued(e) => Some(e.step),
        RunEvent::ScoresIssued(e) => Some(e.step),
        RunEvent::JudgementIssued(e) => Some(e.step),
        RunEvent::OperatorSteered(e) => Some(e.step),
        RunEvent::BranchesMerged(e) => Some(e.step),
        RunEvent::MergeConflicted(e) => Some(e.step),
        RunEvent::ToolApprovalAwaited(e) => Some(e.step),
        RunEvent::StepCompleted(e) => Some(e.step),
        RunEvent::StepFailed(e) => Some(e.step),
        _ => None,
    }
}

/// The number after `count` items.
fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX).saturating_add(1)
}

impl RunTimeline {
    fn step(&mut self, id: StepId) -> Option<&mut StepLine> {
        match self.table.get_mut(self.steps.get(&id)?) {
            Some(TimelineRow::Step(line)) => Some(line),
            _ => None,
        }
    }
    /// The loop's line, made where it is not there.
    fn in_loop(&mut self, loop_id: LoopId, change: impl FnOnce(&mut LoopLine)) {
        let next = TimelineKey::Loop(number(self.loops.len()));
        let key = *self.loops.entry(loop_id).or_insert(next);
        let fresh = || TimelineRow::Loop(LoopLine::new(loop_id));
        if let TimelineRow::Loop(line) = self.table.get_or_insert_with(key, fresh) {
            change(line);
        }
    }
    fn add_step(&mut self, line: StepLine) {
        let next = TimelineKey::Step(number(self.steps.len()));
        let key = *self.steps.entry(line.step).or_insert(next);
        if let (Some(loop_id), Some(iteration)) = (line.loop_id, line.loop_iteration) {
            self.in_loop(loop_id, |around| {
                around.iterations = around.iterations.max(iteration);
                around.first_step = around.first_step.or(Some(line.step));
                around.last_step = Some(line.step);
            });
        }
        self.table.insert(key, TimelineRow::Step(Box::new(line)));
    }
    fn apply_step(&mut self, event: &RunEvent, meta: &Meta) {
        let Some(line) = step_of(event).and_then(|step| self.step(step)) else { return };
        line.apply(event, meta);
        if let (RunEvent::VerdictIssued(e), Some(loop_id)) = (event, line.loop_id) {
            self.in_loop(loop_id, |around| around.passed = Some(e.pass));
        }
    }
}

impl View for RunTimeline {
    const NAME: &'static str = "run-timeline";
    const VERSION: u32 = 3;
    const SCOPE: Scope = Scope::Stream(domain::run::Run::CATEGORY);
    type Key = TimelineKey;
    type Row = TimelineRow;

    fn apply(&mut self, event: &Recorded) {
        let Event::Run(happened) = &event.event else { return };
        let at = event.meta.when();
        match self.table.get_mut(&TimelineKey::Run) {
            Some(TimelineRow::Run(line)) => line.apply(happened, at),
            _ => {
                if let RunEvent::RunRequested(e) = happened {
                    self.table
                        .insert(TimelineKey::Run, TimelineRow::Run(Box::new(RunLine::requested(e, at))));
                }
            }
        }
        match happened {
            RunEvent::StepStarted(e) => self.add_step(StepLine::started(e, at)),
            RunEvent::StepSkipped(e) => self.add_step(StepLine::skipped(e, at)),
            RunEvent::LoopIterated(e) => self.in_loop(e.loop_id, |around| {
                around.iterations = around.iterations.max(e.iteration);
                around.feedback.clone_from(&e.feedback);
            }),
            RunEvent::LoopForcedOn(e) => self.in_loop(e.loop_id, |around| around.forced_on = true),
            _ => self.apply_step(happened, &event.meta),
        }
    }
    fn table(&self) -> &Table<TimelineKey, TimelineRow> {
        &self.table
    }
    fn table_mut(&mut self) -> &mut Table<TimelineKey, TimelineRow> {
        &mut self.table
    }
}
