//! The pure core: ids, events, commands, and aggregates that decide.
//!
//! Knows no async, IO, clock, randomness, or map whose order is not defined.

pub mod agent_definition;
pub mod autonomy;
pub mod brain;
pub mod budget_pool;
mod canonical;
pub mod catalogue;
pub mod check;
pub mod claim;
pub mod context;
mod decider;
pub mod decision;
pub mod firing;
pub mod heartbeat;
pub mod ids;
pub mod learning;
pub mod log;
mod meta;
pub mod mistake;
pub mod notification;
pub mod pattern;
pub mod project;
mod registry;
mod rejection;
pub mod research_note;
pub mod review_cycle;
pub mod routing;
pub mod run;
pub mod sandbox;
pub mod session;
pub mod session_summary;
pub mod terms;
#[cfg(test)]
mod testing;
pub mod trigger;
pub mod values;

pub use decider::{Claim, Decider, Others, fold};
pub use ids::{Category, StreamId};
pub use meta::{Actor, Expected, Meta, Recorded};
pub use registry::{AggregateSpec, Command, Decided, Event, Fingerprint, State, aggregates};
pub use rejection::Rejection;
pub use ulid::Ulid;
