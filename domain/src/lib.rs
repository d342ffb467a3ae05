//! The pure core: ids, events, commands, and aggregates that decide.
//!
//! Knows no async, IO, clock, randomness, or map whose order is not defined.

pub mod access_log;
pub mod agent_definition;
pub mod answering_session;
pub mod asset;
pub mod authority;
pub mod autonomy;
pub mod brain;
pub mod budget_pool;
pub mod calendar;
mod canonical;
pub mod catalogue;
pub mod chain;
pub mod check;
pub mod claim;
pub mod context;
mod decider;
pub mod decision;
pub mod examples;
pub mod experiment;
pub mod firing;
pub mod flow;
pub mod heartbeat;
pub mod identity;
pub mod ids;
pub mod issue;
pub mod issue_session;
#[cfg(test)]
mod laws;
pub mod learning;
pub mod learning_document;
pub mod log;
mod meta;
pub mod metric;
pub mod mistake;
pub mod notification;
pub mod pass;
pub mod pattern;
pub mod persona;
pub mod plan;
pub mod project;
pub mod recurrence;
pub mod recurring_task;
mod registry;
mod rejection;
pub mod research_note;
pub mod review_cycle;
pub mod roles;
pub mod routing;
pub mod run;
pub mod sandbox;
pub mod script_execution;
pub mod session;
pub mod session_summary;
pub mod shipped;
pub mod sprint_chain;
pub mod team;
pub mod terms;
#[cfg(test)]
mod testing;
pub mod trigger;
pub mod user;
pub mod values;
pub mod view_care;
pub mod webhook_delivery;
pub mod work_chain;
pub mod workflow;

pub use decider::{Claim, Decider, Others, fold};
pub use ids::{Category, StreamId};
pub use meta::{Actor, Expected, Meta, Recorded};
pub use registry::{AggregateSpec, Command, Decided, Event, Fingerprint, State, aggregates};
pub use rejection::Rejection;
pub use ulid::Ulid;
