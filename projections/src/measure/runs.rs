//! Runs and what happened in them, as items of a metric.

use std::collections::BTreeMap;

use domain::Meta;
use domain::ids::{Position, StepId};
use domain::metric::{MetricField, MetricSource};
use domain::run::{
    CiChecksPolled, RunEvent, RunRequested, ScoresIssued, StepStarted, StepUsageRecorded, VerdictIssued,
};
use domain::terms::{CiStatus, Role, StepFailure};
use domain::values::{Score, Timestamp};

use super::item::{Item, Of, Trail, Used, Value};

/// Units of a score to billionths.
const SCORE_SCALE: i128 = 10_000_000;

/// A step that runs.
#[derive(Debug, Clone)]
struct StepState {
    step: StepId,
    at: Timestamp,
    of: Of,
    used: Used,
    events: Trail,
}

/// A run, as far as metrics are made of it.
#[derive(Debug, Clone, Default)]
pub(super) struct RunState {
    requested: Option<Timestamp>,
    started: Option<Timestamp>,
    ended: Option<Timestamp>,
    status: &'static str,
    /// What its judged work is of: the latest step that made something.
    of: Of,
    learning_versions: Vec<(Role, u32)>,
    /// For roles that have none of their own.
    learning_version: Option<u32>,
    step: Option<StepState>,
    verdicts: u32,
    pass: Option<bool>,
    loops_to_pass: Option<u32>,
    looped: bool,
    forced_on: bool,
    used: Used,
    checks: BTreeMap<String, (CiStatus, Timestamp, Position)>,
    events: Trail,
}

const fn judges(role: Role) -> bool {
    matches!(role, Role::Checker | Role::Reviewer | Role::Evaluator | Role::Judge)
}

impl RunState {
    /// Takes an event into account; gives the item that it is, or ends, where one of its source is wanted.
    pub(super) fn apply(
        &mut self,
        wanted: &[MetricSource],
        happened: &RunEvent,
        meta: &Meta,
    ) -> Option<(MetricSource, Item)> {
        use MetricSource::{Scores, Steps, Usage, Verdicts};
        let wants = |source| wanted.contains(&source);
        let at = meta.when();
        if !matches!(happened, RunEvent::StepCompleted(_) | RunEvent::CiChecksPolled(_)) {
            self.events.push(meta.position);
        }
        match happened {
            RunEvent::RunRequested(e) => self.request(e, at),
            RunEvent::RunStarted(_) => (self.status, self.started) = ("running", Some(at)),
            RunEvent::StepStarted(e) => self.start_step(e, meta),
            RunEvent::StepUsageRecorded(e) => return of(Usage, self.record(wants(Usage), e, meta)),
            RunEvent::VerdictIssued(e) => return of(Verdicts, self.judge(wants(Verdicts), e, meta)),
            RunEvent::ScoresIssued(e) if wants(Scores) => {
                return Some((Scores, self.event(score_fields(e), meta)));
            }
            RunEvent::StepCompleted(e) => {
                return of(Steps, self.end_step(wants(Steps), e.step, None, meta));
            }
            RunEvent::StepFailed(e) => {
                return of(Steps, self.end_step(wants(Steps), e.step, Some(e.failure), meta));
            }
            RunEvent::LoopIterated(_) => self.looped = true,
            RunEvent::LoopForcedOn(_) => (self.looped, self.forced_on) = (true, true),
            RunEvent::CiChecksPolled(e) => self.poll(e, meta),
            RunEvent::RunCompleted(_) => self.end("completed", at),
            RunEvent::RunFailed(_) => self.end("failed", at),
            RunEvent::RunCancelled(_) => self.end("cancelled", at),
            _ => {}
        }
        None
    }

    fn request(&mut self, e: &RunRequested, at: Timestamp) {
        self.requested = Some(at);
        self.status = "pending";
        self.of.project = Some(e.project);
        self.of.workflow = e.workflow;
        self.learning_version = e.configuration.learning_version;
        self.of.learning_version = self.learning_version;
        self.learning_versions.clone_from(&e.configuration.learning_versions);
    }
    fn version_for(&self, role: Role) -> Option<u32> {
        let named = self.learning_versions.iter().find(|(of, _)| *of == role).map(|(_, version)| *version);
        named.or(self.learning_version)
    }
    fn start_step(&mut self, e: &StepStarted, meta: &Meta) {
        let of = Of {
            model: e.model.clone(),
            persona: e.persona,
            role: Some(e.role),
            learning_version: self.version_for(e.role),
            ..self.of.clone()
        };
        if !judges(e.role) {
            self.of = Of { role: None, ..of.clone() };
        }
        self.step = Some(StepState {
            step: e.step,
            at: meta.when(),
            of,
            used: Used::default(),
            events: Trail::of([meta.position]),
        });
    }
    fn record(&mut self, wanted: bool, e: &StepUsageRecorded, meta: &Meta) -> Option<Item> {
        self.used.add(e);
        let step = self.step.as_mut().filter(|step| step.step == e.step);
        let mut of = Of { role: None, ..self.of.clone() };
        if let Some(step) = step {
            step.used.add(e);
            step.events.push(meta.position);
            let model = step.of.model.get_or_insert_with(|| e.model.clone());
            if step.of.role.is_some_and(|role| !judges(role)) {
                self.of.model = Some(model.clone());
            }
            of = step.of.clone();
        }
        if !wanted {
            return None;
        }
        of.model = Some(e.model.clone());
        let mut used = Used::default();
        used.add(e);
        Some(Item { at: meta.when(), of, fields: used.fields(), events: Trail::of([meta.position]) })
    }
    fn judge(&mut self, wanted: bool, e: &VerdictIssued, meta: &Meta) -> Option<Item> {
        self.verdicts = self.verdicts.saturating_add(1);
        self.pass = Some(e.pass);
        if e.pass {
            self.loops_to_pass.get_or_insert(self.verdicts);
        }
        let fields = vec![
            (MetricField::Pass, Value::Flag(e.pass)),
            (MetricField::Verdict, Value::whole(self.verdicts)),
        ];
        wanted.then(|| self.event(fields, meta))
    }
    /// An item that is one event.
    fn event(&self, fields: Vec<(MetricField, Value)>, meta: &Meta) -> Item {
        Item { at: meta.when(), of: self.of.clone(), fields, events: Trail::of([meta.position]) }
    }
    fn end_step(
        &mut self,
        wanted: bool,
        step: StepId,
        failure: Option<StepFailure>,
        meta: &Meta,
    ) -> Option<Item> {
        let state = self.step.take_if(|state| state.step == step)?;
        if !wanted {
            return None;
        }
        let status = if failure.is_some() { "failed" } else { "completed" };
        let mut fields = state.used.fields();
        fields.push((MetricField::Status, Value::Word(status.into())));
        fields.push((MetricField::DurationMs, Value::whole(meta.when().since_ms(state.at))));
        fields.extend(failure.map(|failure| (MetricField::Failure, Value::Word(failure.to_string()))));
        if matches!(state.of.role, Some(Role::Checker | Role::Reviewer)) {
            let unparseable = failure == Some(StepFailure::VerdictUnparseable);
            fields.push((MetricField::VerdictUnparseable, Value::Flag(unparseable)));
        }
        let mut events = state.events;
        events.push(meta.position);
        Some(Item { at: state.at, of: state.of, fields, events })
    }
    fn poll(&mut self, e: &CiChecksPolled, meta: &Meta) {
        for check in &e.checks {
            self.checks.insert(check.name.clone(), (check.status, meta.when(), meta.position));
        }
    }
    fn end(&mut self, status: &'static str, at: Timestamp) {
        (self.status, self.ended) = (status, Some(at));
    }

    /// What it is, at the end, where the source is of things as they stand.
    pub(super) fn items(&self, source: MetricSource) -> Vec<Item> {
        match source {
            MetricSource::Runs => self.requested.map(|at| self.whole(at)).into_iter().collect(),
            MetricSource::CiChecks => {
                self.checks.iter().map(|(name, last)| self.check(name, *last)).collect()
            }
            _ => vec![],
        }
    }
    fn whole(&self, at: Timestamp) -> Item {
        let mut fields = self.used.fields();
        fields.push((MetricField::Status, Value::Word(self.status.into())));
        fields.extend(self.pass.map(|pass| (MetricField::Pass, Value::Flag(pass))));
        fields.extend(self.loops_to_pass.map(|loops| (MetricField::LoopsToPass, Value::whole(loops))));
        if self.looped || self.verdicts > 0 {
            fields.push((MetricField::ForcedOn, Value::Flag(self.forced_on)));
        }
        if let (Some(started), Some(ended)) = (self.started, self.ended) {
            fields.push((MetricField::DurationMs, Value::whole(ended.since_ms(started))));
        }
        Item { at, of: self.of.clone(), fields, events: self.events.clone() }
    }
    fn check(&self, name: &str, (status, at, position): (CiStatus, Timestamp, Position)) -> Item {
        let mut fields = vec![
            (MetricField::Check, Value::Word(name.to_owned())),
            (MetricField::Status, Value::Word(status.to_string())),
        ];
        if matches!(status, CiStatus::Passing | CiStatus::Failing) {
            fields.push((MetricField::Pass, Value::Flag(status == CiStatus::Passing)));
        }
        Item { at, of: self.of.clone(), fields, events: Trail::of([position]) }
    }
}

/// An item of a source.
fn of(source: MetricSource, item: Option<Item>) -> Option<(MetricSource, Item)> {
    item.map(|item| (source, item))
}

fn score_fields(e: &ScoresIssued) -> Vec<(MetricField, Value)> {
    use MetricField as F;
    let number = |score: Score| Value::Number(i128::from(score.units()) * SCORE_SCALE);
    let scores = &e.scores;
    let mut fields = vec![
        (F::Correctness, number(scores.correctness)),
        (F::TypeSafety, number(scores.type_safety)),
        (F::CodeStyle, number(scores.code_style)),
        (F::TestCoverage, number(scores.test_coverage)),
        (F::Completeness, number(scores.completeness)),
        (F::Composite, number(e.composite)),
    ];
    fields.extend(e.threshold_result.map(|met| (F::ThresholdMet, Value::Flag(met))));
    fields
}
