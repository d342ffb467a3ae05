//! The pure core: ids, events, commands, and aggregates that decide.
//!
//! Knows no async, IO, clock, randomness, or map whose order is not defined.

mod canonical;
pub mod catalogue;
pub mod check;
pub mod claim;
pub mod context;
mod decider;
pub mod examples;
pub mod ids;
#[cfg(test)]
mod laws;
pub mod learning;
pub mod log;
mod meta;
pub mod project;
mod registry;
mod rejection;
pub mod run;
pub mod sandbox;
pub mod terms;
#[cfg(test)]
mod testing;
pub mod values;

pub use decider::{Claim, Decider, Others, fold};
pub use ids::{Category, StreamId};
pub use meta::{Actor, Expected, Meta, Recorded};
pub use registry::{AggregateSpec, Command, Decided, Event, Fingerprint, State, aggregates};
pub use rejection::Rejection;
pub use ulid::Ulid;
