//! Read models: pure folds over events into keyed rows, one file each, in one registry.
//!
//! Knows no async, IO, clock, randomness, or map whose order is not defined.

mod figures;
mod filter;
mod project_dashboard;
mod projects;
mod run_timeline;
mod runs;
mod sandbox_messages;
pub mod table;
#[cfg(test)]
mod testing;
mod usage;
mod view;

pub use view::{AnyView, Delta, Key, Page, Query, QueryError, Row, Scope, Served, View, ViewSpec};

/// The one list of views, in the order documents show them.
#[must_use]
pub fn views() -> Vec<ViewSpec> {
    vec![
        ViewSpec::of::<projects::Projects>(),
        ViewSpec::of::<project_dashboard::ProjectDashboard>(),
        ViewSpec::of::<runs::Runs>(),
        ViewSpec::of::<run_timeline::RunTimeline>(),
        ViewSpec::of::<sandbox_messages::SandboxMessages>(),
        ViewSpec::of::<usage::Usage>(),
    ]
}

/// The view of that name.
#[must_use]
pub fn view(name: &str) -> Option<ViewSpec> {
    views().into_iter().find(|spec| spec.name == name)
}
