//! A metric's definition: source, filters, groups and aggregation, and whether they fit each other.

use super::terms::{Aggregation, Comparison, Kind, MetricDimension, MetricField, MetricSource};
use crate::catalogue::plain;
use crate::{Rejection, check};

/// Most conditions of a list.
const CONDITIONS_MAX: usize = 20;
/// Most dimensions of a group.
const DIMENSIONS_MAX: usize = 3;
/// Largest weight.
const WEIGHT_MAX: u32 = 1_000;
/// Decimals of a number in a condition.
const DECIMALS: usize = 9;
/// Digits before them.
const DIGITS_MAX: usize = 15;

plain! {
    /// How a figure is made of events.
    struct MetricDefinition {
        /// What is counted.
        source: MetricSource,
        /// Conditions that items must meet; one whose field is unknown is not met.
        filters: Vec<MetricCondition>,
        /// What values are told apart by, unless a question says otherwise.
        group_by: Vec<MetricDimension>,
        /// What is made of the items of a group.
        aggregation: Aggregation,
        /// The field of a sum, mean, percentile, or of a sum per item; absent of others.
        field: Option<MetricField>,
        /// What must hold all together for an item to count in a rate, or as a divisor; empty of others. An item
        /// for which that is unknown is left out.
        predicate: Vec<MetricCondition>,
        /// Fields and weights of a composite; empty of others.
        weights: Vec<MetricWeight>,
    }
    /// A condition on a field.
    struct MetricCondition {
        /// The field.
        field: MetricField,
        /// How it must stand to the value.
        op: Comparison,
        /// The value in text: `true` or `false`, a decimal number, or a word.
        value: String,
    }
    /// What a field counts in a composite.
    struct MetricWeight {
        /// The field, a number.
        field: MetricField,
        /// What it counts, 1 to 1,000.
        weight: u32,
    }
}

impl MetricCondition {
    /// The number that is compared with, in billionths, where it is one.
    #[must_use]
    pub fn number(&self) -> Option<i128> {
        let (whole, decimals) = self.value.split_once('.').unwrap_or((&self.value, "0"));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || !digits(decimals) || whole.len() > DIGITS_MAX || decimals.len() > DECIMALS {
            return None;
        }
        format!("{whole}{decimals:0<DECIMALS$}").parse().ok()
    }

    fn check(&self, field: &'static str, source: MetricSource) -> Result<(), Rejection> {
        known(field, self.field, source)?;
        let ordered = matches!(self.op, Comparison::AtLeast | Comparison::AtMost);
        if ordered && self.field.kind() != Kind::Number {
            let expected = format!("`is` or `is_not` for `{}`, which is no number", self.field);
            return Err(Rejection::invalid(field, expected, self.op));
        }
        match self.field.kind() {
            Kind::Flag if !matches!(self.value.as_str(), "true" | "false") => {
                Err(Rejection::invalid(field, format!("true or false for `{}`", self.field), &self.value))
            }
            Kind::Number if self.number().is_none() => {
                let expected = format!("a decimal number for `{}`, such as 12.5", self.field);
                Err(Rejection::invalid(field, expected, &self.value))
            }
            Kind::Word => check::name(field, &self.value),
            _ => Ok(()),
        }
    }
}

fn known(field: &'static str, named: MetricField, source: MetricSource) -> Result<(), Rejection> {
    if named.is_of(source) {
        return Ok(());
    }
    Err(Rejection::invalid(field, format!("a field of {source}"), named))
}

fn number(field: &'static str, named: MetricField, source: MetricSource) -> Result<(), Rejection> {
    known(field, named, source)?;
    if named.kind() == Kind::Number {
        return Ok(());
    }
    Err(Rejection::invalid(field, "a field that is a number", named))
}

/// A part is there where the aggregation wants it, and only there.
fn fits(
    field: &'static str,
    aggregation: Aggregation,
    wanted: bool,
    is_there: bool,
) -> Result<(), Rejection> {
    if wanted == is_there {
        return Ok(());
    }
    let expected = if wanted { "one" } else { "none" };
    let actual = if is_there { "one" } else { "none" };
    Err(Rejection::invalid(field, format!("{expected} with the aggregation {aggregation}"), actual))
}

impl MetricDefinition {
    /// That it can be answered.
    ///
    /// # Errors
    /// The first part that does not fit the others, or its bounds.
    pub fn check(&self) -> Result<(), Rejection> {
        let Self { source, aggregation, .. } = *self;
        check::range("filters", self.filters.len(), &(0..=CONDITIONS_MAX), "conditions")?;
        check::range("group_by", self.group_by.len(), &(0..=DIMENSIONS_MAX), "dimensions")?;
        check::range("predicate", self.predicate.len(), &(0..=CONDITIONS_MAX), "conditions")?;
        check::range("weights", self.weights.len(), &(0..=CONDITIONS_MAX), "weights")?;
        check::each_once("group_by", &self.group_by)?;
        self.filters.iter().try_for_each(|condition| condition.check("filters", source))?;
        fits("field", aggregation, aggregation.wants_field(), self.field.is_some())?;
        if let Some(field) = self.field {
            number("field", field, source)?;
        }
        fits("predicate", aggregation, aggregation.wants_predicate(), !self.predicate.is_empty())?;
        self.predicate.iter().try_for_each(|condition| condition.check("predicate", source))?;
        let composite = aggregation == Aggregation::Composite;
        fits("weights", aggregation, composite, !self.weights.is_empty())?;
        for MetricWeight { field, weight } in &self.weights {
            number("weights", *field, source)?;
            check::range("weights", *weight, &(1..=WEIGHT_MAX), "as a weight")?;
        }
        check::each_once("weights", &self.weights.iter().map(|weight| weight.field).collect::<Vec<_>>())
    }
}
