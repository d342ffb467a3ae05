//! Items told apart by their dimensions, and what becomes of each group.

use std::collections::BTreeMap;

use domain::metric::{Aggregation, MetricDefinition, MetricDimension, MetricWeight};

use super::item::{Item, SCALE, Trail};
use super::series::{Part, Provenance, SeriesRow, decimal, quotient};

/// Values of the dimensions; an unknown one comes first.
type GroupKey = Vec<Option<String>>;

/// What is known of a group.
#[derive(Debug, Clone, Default)]
struct Group {
    /// In billionths.
    numerator: i128,
    denominator: u64,
    /// Of a percentile: how often each value came, in billionths.
    values: BTreeMap<i128, u64>,
    /// Of a composite: the sum of each field, in billionths.
    parts: Vec<i128>,
    events: Trail,
}

/// Every group of a series.
#[derive(Debug, Clone)]
pub(super) struct Groups {
    definition: MetricDefinition,
    by: Vec<MetricDimension>,
    groups: BTreeMap<GroupKey, Group>,
}

impl Groups {
    pub(super) const fn new(definition: MetricDefinition, by: Vec<MetricDimension>) -> Self {
        Self { definition, by, groups: BTreeMap::new() }
    }
    pub(super) fn by(&self) -> &[MetricDimension] {
        &self.by
    }
    /// Counts an item, where it meets the filters and what is asked of it is known.
    pub(super) fn take(&mut self, item: &Item) {
        let definition = &self.definition;
        if item.meets(&definition.filters) != Some(true) {
            return;
        }
        let key: GroupKey = self.by.iter().map(|dimension| item.dimension(*dimension)).collect();
        let field = || definition.field.and_then(|field| item.number(field));
        let counted = match definition.aggregation {
            Aggregation::Count => Some((SCALE, 1)),
            Aggregation::Rate => {
                item.meets(&definition.predicate).map(|holds| (i128::from(holds) * SCALE, 1))
            }
            Aggregation::Per => {
                let holds = item.meets(&definition.predicate);
                field().zip(holds).map(|(number, holds)| (number, u64::from(holds)))
            }
            Aggregation::Composite => {
                let parts: Option<Vec<_>> =
                    definition.weights.iter().map(|weight| item.number(weight.field)).collect();
                let Some(parts) = parts else { return };
                let sum = definition
                    .weights
                    .iter()
                    .zip(&parts)
                    .map(|(weight, part)| part.saturating_mul(i128::from(weight.weight)));
                let counted =
                    (sum.sum(), definition.weights.iter().map(|weight| u64::from(weight.weight)).sum());
                let group = self.groups.entry(key.clone()).or_default();
                group.parts.resize(parts.len(), 0);
                group.parts.iter_mut().zip(parts).for_each(|(sum, part)| *sum = sum.saturating_add(part));
                Some(counted)
            }
            _ => field().map(|number| (number, 1)),
        };
        let Some((numerator, denominator)) = counted else { return };
        let group = self.groups.entry(key).or_default();
        group.numerator = group.numerator.saturating_add(numerator);
        group.denominator += denominator;
        if percentile(definition.aggregation).is_some() {
            *group.values.entry(numerator).or_default() += 1;
        }
        group.events.extend(&item.events);
    }
    /// The rows, in the order of their groups.
    pub(super) fn rows(self) -> Vec<SeriesRow> {
        let Self { definition, by, groups } = self;
        groups.into_iter().map(|(key, group)| group.row(&definition, &by, key)).collect()
    }
}

/// Percent of the values that lie below, where it is a percentile.
const fn percentile(aggregation: Aggregation) -> Option<u64> {
    match aggregation {
        Aggregation::P50 => Some(50),
        Aggregation::P90 => Some(90),
        Aggregation::P99 => Some(99),
        _ => None,
    }
}

impl Group {
    fn row(self, definition: &MetricDefinition, by: &[MetricDimension], key: GroupKey) -> SeriesRow {
        let aggregation = definition.aggregation;
        let value = match (aggregation, percentile(aggregation)) {
            (_, Some(percent)) => self.nearest_rank(percent).map(decimal),
            (Aggregation::Count | Aggregation::Sum, _) => Some(decimal(self.numerator)),
            _ => quotient(self.numerator, self.denominator),
        };
        let rate = aggregation == Aggregation::Rate;
        let count = u64::try_from(self.numerator / SCALE).unwrap_or(0);
        let items = self.denominator.checked_div(weights(&definition.weights)).unwrap_or(self.denominator);
        let parts = definition.weights.iter().zip(&self.parts).map(|(weight, sum)| Part {
            field: weight.field,
            weight: weight.weight,
            mean: quotient(*sum, items),
        });
        SeriesRow {
            group: by.iter().map(|dimension| dimension.as_str()).zip(key).collect(),
            value,
            numerator: decimal(self.numerator),
            denominator: self.denominator,
            passed: rate.then_some(count),
            total: rate.then_some(self.denominator),
            rate: if rate { value } else { None },
            parts: parts.collect(),
            provenance: Provenance { events: self.events.count, positions: self.events.first },
        }
    }
    /// The smallest value that is no less than so many percent of all.
    fn nearest_rank(&self, percent: u64) -> Option<i128> {
        let rank = self.denominator.saturating_mul(percent).div_ceil(100);
        let mut below = 0;
        self.values.iter().find_map(|(value, count)| {
            below += count;
            (below >= rank).then_some(*value)
        })
    }
}

fn weights(weights: &[MetricWeight]) -> u64 {
    weights.iter().map(|weight| u64::from(weight.weight)).sum()
}
