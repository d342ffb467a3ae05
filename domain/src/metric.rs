//! A metric: a definition of how a figure is made of events, in versions that never change.

mod builtin;
mod definition;
mod terms;

pub use builtin::{BuiltIn, built_ins};
pub use definition::{MetricCondition, MetricDefinition, MetricWeight};
pub use terms::{Aggregation, Comparison, Kind, MetricDimension, MetricField, MetricSource};
