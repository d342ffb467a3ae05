//! The metrics that come with the program, a row for each group of their items.

use domain::metric::{MetricDimension, built_ins};
use domain::values::Timestamp;
use domain::{Event, Meta};
use projections::{Measures, Series};

use super::Table;
use crate::buffers::Buffers;
use crate::column::{Column, Kind};

const DEFINED: &str = "the metric's definition (docs/metrics.md)";
const OF_ITEMS: &str = "the events of its items";

pub(super) const COLUMNS: &[Column] = &[
    Column::of("metric", Kind::Text, "its name", DEFINED),
    Column::of("version", Kind::Count, "the version of its definition", DEFINED),
    Column::of("position", Kind::Count, "the last event that was looked at", "every event"),
    Column::of("by", Kind::Text, "what rows are told apart by, with commas between", DEFINED),
    Column::opt("project", Kind::Text, "the project, where rows are told apart by it", OF_ITEMS),
    Column::opt("workflow", Kind::Text, "the workflow, where rows are told apart by it", OF_ITEMS),
    Column::opt("model", Kind::Text, "the model, where rows are told apart by it", OF_ITEMS),
    Column::opt("persona", Kind::Text, "the persona, where rows are told apart by it", OF_ITEMS),
    Column::opt("role", Kind::Text, "the role, where rows are told apart by it", OF_ITEMS),
    Column::opt("day", Kind::Text, "the day in UTC, where rows are told apart by it", OF_ITEMS),
    Column::opt(
        "learning_version",
        Kind::Text,
        "the learning version, where rows are told apart by it",
        OF_ITEMS,
    ),
    Column::opt(
        "value",
        Kind::Number,
        "the figure, rounded to billionths; null where it is unknown",
        OF_ITEMS,
    ),
    Column::of("numerator", Kind::Number, "what was summed up; adds up over rows", OF_ITEMS),
    Column::of("denominator", Kind::Count, "what it is divided by; adds up over rows", OF_ITEMS),
    Column::of("events", Kind::Count, "events that it is made of", OF_ITEMS),
    Column::opt("first_position", Kind::Count, "place of the first of them", OF_ITEMS),
];

/// The columns of dimensions, in their order.
const DIMENSIONS: [MetricDimension; 7] = [
    MetricDimension::Project,
    MetricDimension::Workflow,
    MetricDimension::Model,
    MetricDimension::Persona,
    MetricDimension::Role,
    MetricDimension::Day,
    MetricDimension::LearningVersion,
];

/// Most dimensions of a metric.
const BY_MAX: usize = 3;

/// Every metric, while the log is read.
pub(super) struct Metrics(Option<Measures>);

impl Metrics {
    /// Nothing is kept where the table is not wanted.
    pub(super) fn new(wanted: bool) -> Self {
        let all = || {
            Measures::new(built_ins().into_iter().map(|it| {
                let mut by = it.definition.group_by.clone();
                // What a definition says goes first; then what analysts ask for most.
                for more in [MetricDimension::Model, MetricDimension::Day, MetricDimension::Project] {
                    if by.len() < BY_MAX && !by.contains(&more) {
                        by.push(more);
                    }
                }
                (it.name.to_owned(), it.version, it.definition, by)
            }))
        };
        Self(wanted.then(all))
    }
    pub(super) fn apply(&mut self, meta: &Meta, event: &Event) {
        if let Some(measures) = &mut self.0 {
            measures.apply(meta, event);
        }
    }
    /// Every row.
    pub(super) fn rows(&mut self, last: Option<domain::ids::Position>, mut row: impl FnMut(&Series, usize)) {
        for series in self.0.take().map(|measures| measures.series(last)).unwrap_or_default() {
            (0..series.rows.len()).for_each(|nth| row(&series, nth));
        }
    }
}

/// Writes one row of a series.
pub(super) fn row(out: &mut Buffers, series: &Series, nth: usize) {
    let row = &series.rows[nth];
    let day = row.group.get(MetricDimension::Day.as_str()).cloned().flatten();
    let instant = day.as_ref().and_then(|day| format!("{day}T00:00:00Z").parse().ok());
    let by: Vec<&str> = series.by.iter().map(|dimension| dimension.as_str()).collect();
    let cells = out.rows(Table::Metrics, instant.unwrap_or(Timestamp::from_millis(0)));
    cells.text(Some(&series.metric)).count(Some(series.version.unwrap_or_default().into()));
    cells.count(Some(series.position.map_or(0, |position| position.0))).text(Some(&by.join(",")));
    for dimension in DIMENSIONS {
        cells.text(row.group.get(dimension.as_str()).and_then(Option::as_deref));
    }
    cells
        .number(row.value.map(projections::Decimal::as_f64))
        .number(Some(row.numerator.as_f64()))
        .count(Some(row.denominator))
        .count(Some(row.provenance.events))
        .count(row.provenance.positions.first().map(|position| position.0))
        .end();
}
