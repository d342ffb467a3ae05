//! Several metrics in one fold: what they are made of is kept once.

use super::*;

/// A metric that is being made.
#[derive(Debug, Clone)]
struct Made {
    name: String,
    version: u32,
    definition: MetricDefinition,
    groups: Groups,
}

/// Metrics under way.
#[derive(Debug, Clone)]
pub struct Measures {
    metrics: Vec<Made>,
    wanted: Vec<MetricSource>,
    runs: BTreeMap<RunId, RunState>,
    learnings: BTreeMap<LearningId, LearningState>,
}

impl Measures {
    /// Nothing yet, of metrics by name, version, definition and what their rows are told apart by.
    #[must_use]
    pub fn new(
        metrics: impl IntoIterator<Item = (String, u32, MetricDefinition, Vec<MetricDimension>)>,
    ) -> Self {
        let made = |(name, version, definition, by): (_, _, MetricDefinition, _)| {
            let groups = Groups::new(definition.clone(), by);
            Made { name, version, definition, groups }
        };
        let metrics: Vec<Made> = metrics.into_iter().map(made).collect();
        let wanted = metrics.iter().map(|made| made.definition.source).collect();
        Self { metrics, wanted, runs: BTreeMap::new(), learnings: BTreeMap::new() }
    }
    /// Takes an event into account.
    pub fn apply(&mut self, meta: &Meta, event: &Event) {
        match event {
            Event::Run(happened) if Measure::folds(event) => {
                let run = self.runs.entry(RunId::from(meta.stream.id)).or_default();
                if let Some((source, item)) = run.apply(&self.wanted, happened, meta) {
                    take(&mut self.metrics, source, &item);
                }
            }
            Event::Learning(happened) if self.wanted.contains(&MetricSource::Learnings) => {
                let learning = LearningId::from(meta.stream.id);
                self.learnings.entry(learning).or_default().apply(happened, meta);
            }
            _ => {}
        }
    }
    /// The series of all that was taken into account, up to and with `position`.
    #[must_use]
    pub fn series(mut self, position: Option<Position>) -> Vec<Series> {
        for source in [MetricSource::Runs, MetricSource::CiChecks] {
            if self.wanted.contains(&source) {
                let items = self.runs.values().flat_map(|run| run.items(source));
                items.for_each(|item| take(&mut self.metrics, source, &item));
            }
        }
        let learnings = self.learnings.values().filter_map(LearningState::item);
        learnings.for_each(|item| take(&mut self.metrics, MetricSource::Learnings, &item));
        let series = |Made { name, version, definition, groups }| Series {
            metric: name,
            version: Some(version),
            definition,
            by: groups.by().to_vec(),
            project: None,
            since: None,
            until: None,
            position,
            rows: groups.rows(),
        };
        self.metrics.into_iter().map(series).collect()
    }
}

fn take(metrics: &mut [Made], source: MetricSource, item: &Item) {
    for made in metrics.iter_mut().filter(|made| made.definition.source == source) {
        made.groups.take(item);
    }
}
