//! The one fold that makes a metric's series: a definition and events in order, and values that lead back to them.

use std::collections::BTreeMap;

use domain::authority::Sight;
use domain::ids::{LearningId, Position, ProjectId, RunId};
use domain::learning::LearningEvent;
use domain::metric::{MetricDefinition, MetricDimension, MetricSource};
use domain::run::RunEvent;
use domain::values::Timestamp;
use domain::{Event, Meta, Recorded};

mod groups;
mod item;
mod learnings;
mod runs;
mod series;
mod several;
#[cfg(test)]
mod tests;

use groups::Groups;
use item::Item;
use learnings::LearningState;
use runs::RunState;
pub use series::{Decimal, Part, Provenance, Series, SeriesRow};
pub use several::Measures;

/// Positions that a value names; the count is of all.
pub(crate) const POSITIONS_MAX: usize = 16;

/// Which items are taken into account, and what they are told apart by.
#[derive(Debug, Clone, Default)]
pub struct Narrowed {
    /// Instead of the definition's own dimensions.
    pub by: Option<Vec<MetricDimension>>,
    /// Items not before that instant.
    pub since: Option<Timestamp>,
    /// Items before that instant.
    pub until: Option<Timestamp>,
    /// Items of that project.
    pub project: Option<ProjectId>,
    /// Items of projects that the reader sees.
    pub sight: Sight,
}

/// A fold under way.
#[derive(Debug, Clone)]
pub struct Measure {
    definition: MetricDefinition,
    narrowed: Narrowed,
    groups: Groups,
    runs: BTreeMap<RunId, RunState>,
    learnings: BTreeMap<LearningId, LearningState>,
}

impl Measure {
    /// Nothing yet.
    #[must_use]
    pub fn new(definition: MetricDefinition, narrowed: Narrowed) -> Self {
        let by = narrowed.by.clone().unwrap_or_else(|| definition.group_by.clone());
        let groups = Groups::new(definition.clone(), by);
        Self { definition, narrowed, groups, runs: BTreeMap::new(), learnings: BTreeMap::new() }
    }
    /// Whether events of this type say anything to any definition.
    #[must_use]
    pub const fn folds(event: &Event) -> bool {
        match event {
            Event::Learning(_) => true,
            Event::Run(event) => matches!(
                event,
                RunEvent::RunRequested(_)
                    | RunEvent::RunStarted(_)
                    | RunEvent::StepStarted(_)
                    | RunEvent::StepUsageRecorded(_)
                    | RunEvent::VerdictIssued(_)
                    | RunEvent::ScoresIssued(_)
                    | RunEvent::StepCompleted(_)
                    | RunEvent::StepFailed(_)
                    | RunEvent::LoopIterated(_)
                    | RunEvent::LoopForcedOn(_)
                    | RunEvent::CiChecksPolled(_)
                    | RunEvent::RunCompleted(_)
                    | RunEvent::RunFailed(_)
                    | RunEvent::RunCancelled(_)
            ),
            _ => false,
        }
    }
    /// Takes an event into account.
    pub fn apply(&mut self, event: &Recorded) {
        let project = event.meta.project;
        let other = self.narrowed.project.is_some_and(|wanted| project != Some(wanted));
        if other || !self.narrowed.sight.sees(project) {
            return;
        }
        match &event.event {
            Event::Run(happened) => self.apply_run(happened, event),
            Event::Learning(happened) => self.apply_learning(happened, event),
            _ => {}
        }
    }

    fn apply_run(&mut self, happened: &RunEvent, event: &Recorded) {
        if self.definition.source == MetricSource::Learnings {
            return;
        }
        let run = self.runs.entry(RunId::from(event.meta.stream.id)).or_default();
        if let Some((_, item)) = run.apply(&[self.definition.source], happened, &event.meta)
            && self.narrowed.has(item.at)
        {
            self.groups.take(&item);
        }
    }

    fn apply_learning(&mut self, happened: &LearningEvent, event: &Recorded) {
        if self.definition.source == MetricSource::Learnings {
            let learning = LearningId::from(event.meta.stream.id);
            self.learnings.entry(learning).or_default().apply(happened, &event.meta);
        }
    }

    /// The series of all that was taken into account, up to and with `position`.
    #[must_use]
    pub fn series(mut self, metric: &str, version: Option<u32>, position: Option<Position>) -> Series {
        let runs = self.runs.values().flat_map(|run| run.items(self.definition.source));
        let learnings = self.learnings.values().filter_map(LearningState::item);
        for item in runs.chain(learnings).filter(|item| self.narrowed.has(item.at)) {
            self.groups.take(&item);
        }
        let by = self.groups.by().to_vec();
        Series {
            metric: metric.to_owned(),
            version,
            definition: self.definition,
            by,
            project: self.narrowed.project,
            since: self.narrowed.since,
            until: self.narrowed.until,
            position,
            rows: self.groups.rows(),
        }
    }
}

impl Narrowed {
    fn has(&self, at: Timestamp) -> bool {
        self.since.is_none_or(|since| at >= since) && self.until.is_none_or(|until| at < until)
    }
}
