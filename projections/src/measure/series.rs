//! A metric's values as interfaces show them.

use std::collections::BTreeMap;

use domain::ids::{Position, ProjectId};
use domain::metric::{MetricDefinition, MetricDimension, MetricField};
use domain::values::Timestamp;
use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use super::item::SCALE;

/// A number for people: a whole one without decimals.
#[derive(Debug, Clone, Copy, PartialEq, JsonSchema)]
#[schemars(transparent)]
pub struct Decimal(f64);

impl Decimal {
    /// The nearest floating-point number.
    #[must_use]
    pub const fn as_f64(self) -> f64 {
        self.0
    }
}

impl Serialize for Decimal {
    #[expect(clippy::cast_possible_truncation, reason = "whole, and below 2^53")]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        const EXACT: f64 = 9_007_199_254_740_992.0;
        if self.0.fract() == 0.0 && self.0.abs() < EXACT {
            serializer.serialize_i64(self.0 as i64)
        } else {
            serializer.serialize_f64(self.0)
        }
    }
}

/// Billionths as a number.
#[expect(clippy::cast_precision_loss, reason = "shown to people; sums before it are exact")]
pub(super) fn decimal(billionths: i128) -> Decimal {
    Decimal(billionths as f64 / SCALE as f64)
}

/// Billionths, divided; nothing by nothing is unknown.
#[expect(clippy::cast_precision_loss, reason = "shown to people; sums before it are exact")]
pub(super) fn quotient(billionths: i128, by: u64) -> Option<Decimal> {
    (by > 0).then(|| Decimal(billionths as f64 / SCALE as f64 / by as f64))
}

/// A metric's values over a part of history.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Series {
    /// Name of the metric.
    pub metric: String,
    /// Version of its definition; null of one that was only tried.
    pub version: Option<u32>,
    /// The definition.
    pub definition: MetricDefinition,
    /// What rows are told apart by.
    pub by: Vec<MetricDimension>,
    /// The only project whose items count, where there is one.
    pub project: Option<ProjectId>,
    /// Items before it do not count.
    pub since: Option<Timestamp>,
    /// Items from it on do not count.
    pub until: Option<Timestamp>,
    /// The last event that was looked at; null of an empty log.
    pub position: Option<Position>,
    /// A row for each group that has an item, in the order of their values.
    pub rows: Vec<SeriesRow>,
}

/// The value of a group.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SeriesRow {
    /// The value of each dimension, under its name; null where unknown.
    #[serde(flatten)]
    pub group: BTreeMap<&'static str, Option<String>>,
    /// The figure; null where it is unknown.
    pub value: Option<Decimal>,
    /// What was summed up: of a rate, items that the predicate holds for.
    pub numerator: Decimal,
    /// What it is divided by: of a rate, all items; of a composite, items times the sum of weights.
    pub denominator: u64,
    /// Of a rate: items that the predicate holds for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passed: Option<u64>,
    /// Of a rate: items.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    /// Of a rate: the value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<Decimal>,
    /// Of a composite: each field beside its weight.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
    /// The events it is made of.
    pub provenance: Provenance,
}

/// A field of a composite.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Part {
    /// The field.
    pub field: MetricField,
    /// What it counts.
    pub weight: u32,
    /// Its mean.
    pub mean: Option<Decimal>,
}

/// The events that a value is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Provenance {
    /// How many there are.
    pub events: u64,
    /// Positions of the first ones.
    pub positions: Vec<Position>,
}
