//! Read models: pure folds over events into keyed rows, one file each, in one registry.
//!
//! Knows no async, IO, clock, randomness, or map whose order is not defined.

mod agent_definitions;
mod audit_trail;
mod brain;
mod budget;
mod figures;
mod firings;
mod heartbeats;
mod members;
mod notifications;
mod personas;
mod project_dashboard;
mod project_settings;
mod projects;
mod quality;
mod reviews;
mod routings;
mod run_next;
mod run_timeline;
mod runs;
mod sandbox_messages;
mod sandboxes;
mod sessions;
pub mod table;
#[cfg(test)]
mod testing;
mod triggers;
mod usage;
mod versions;
mod view;
mod workflows;

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
        ViewSpec::of::<agent_definitions::AgentDefinitions>(),
        ViewSpec::of::<triggers::Triggers>(),
        ViewSpec::of::<firings::Firings>(),
        ViewSpec::of::<heartbeats::Heartbeats>(),
        ViewSpec::of::<routings::Routings>(),
        ViewSpec::of::<sessions::Sessions>(),
        ViewSpec::of::<reviews::Reviews>(),
        ViewSpec::of::<brain::Brain>(),
        ViewSpec::of::<budget::Budget>(),
        ViewSpec::of::<notifications::Notifications>(),
        ViewSpec::of::<audit_trail::AuditTrail>(),
        ViewSpec::of::<members::Members>(),
        ViewSpec::of::<project_settings::ProjectSettings>(),
        ViewSpec::of::<personas::Personas>(),
        ViewSpec::of::<versions::PersonaVersions>(),
        ViewSpec::of::<workflows::Workflows>(),
        ViewSpec::of::<versions::WorkflowVersions>(),
        ViewSpec::of::<run_next::RunNext>(),
        ViewSpec::of::<sandboxes::Sandboxes>(),
        ViewSpec::of::<quality::Quality>(),
    ]
}

/// The view of that name.
#[must_use]
pub fn view(name: &str) -> Option<ViewSpec> {
    views().into_iter().find(|spec| spec.name == name)
}
