//! Read models: pure folds over events into keyed rows, one file each, in one registry.
//!
//! Knows no async, IO, clock, randomness, or map whose order is not defined.

mod access;
mod agent_definitions;
mod answering_sessions;
mod answers;
mod asset_versions;
mod assets;
mod attic;
mod audit_trail;
mod brain;
mod budget;
mod chains;
mod chosen;
mod compare;
mod context_history;
mod contexts;
pub mod directory;
mod documents;
mod experiments;
mod figures;
mod filter;
mod firings;
mod heartbeats;
mod identity;
mod issue_findings;
mod issue_history;
mod issue_sessions;
mod issues;
mod learning_documents;
mod learning_queue;
mod learning_versions;
mod learnings;
mod listed;
mod marks;
mod measure;
mod members;
mod metrics;
mod notifications;
mod personas;
mod plan_items;
mod plans;
mod project_dashboard;
mod project_settings;
mod projects;
mod quality;
mod recurring_runs;
mod reviews;
mod routings;
mod run_next;
mod run_timeline;
mod runs;
mod sandbox_messages;
mod sandboxes;
mod schedule;
mod script_executions;
mod script_output;
mod session_messages;
mod sessions;
mod sprint_chain_sprints;
pub mod table;
mod team_board;
mod teams;
#[cfg(test)]
mod testing;
mod triggers;
mod unfinished;
mod usage;
mod usage_reconciliation;
mod users;
mod versions;
mod view;
mod wanted;
mod webhook_deliveries;
mod work_chain_items;
mod workflows;

pub use attic::{Attic, Kept, Lost};
pub use compare::{Compared, Difference, FieldChange};
pub use documents::{Document, Documents};
pub use measure::{Decimal, Measure, Measures, Narrowed, Part, Provenance, Series, SeriesRow};
pub use view::{AnyView, Delta, Key, Page, Query, QueryError, Row, Scope, Served, View, ViewSpec};
pub use wanted::Wanted;

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
        ViewSpec::of::<usage_reconciliation::UsageReconciliation>(),
        ViewSpec::of::<members::Members>(),
        ViewSpec::of::<project_settings::ProjectSettings>(),
        ViewSpec::of::<personas::Personas>(),
        ViewSpec::of::<versions::PersonaVersions>(),
        ViewSpec::of::<workflows::Workflows>(),
        ViewSpec::of::<versions::WorkflowVersions>(),
        ViewSpec::of::<run_next::RunNext>(),
        ViewSpec::of::<sandboxes::Sandboxes>(),
        ViewSpec::of::<quality::Quality>(),
        ViewSpec::of::<listed::Listed<assets::AssetRow>>(),
        ViewSpec::of::<listed::Parts<asset_versions::AssetVersionRow>>(),
        ViewSpec::of::<listed::Listed<script_executions::ScriptExecutionRow>>(),
        ViewSpec::of::<listed::Parts<script_output::OutputRow>>(),
        ViewSpec::of::<listed::Listed<plans::PlanRow>>(),
        ViewSpec::of::<listed::Parts<plan_items::PlanPart>>(),
        ViewSpec::of::<listed::Listed<issues::IssueRow>>(),
        ViewSpec::of::<listed::Parts<issue_history::IssuePart>>(),
        ViewSpec::of::<listed::Listed<issue_sessions::IssueSessionRow>>(),
        ViewSpec::of::<listed::Parts<issue_findings::SessionPart>>(),
        ViewSpec::of::<listed::Listed<answering_sessions::AnsweringSessionRow>>(),
        ViewSpec::of::<listed::Parts<answers::AnswerRow>>(),
        ViewSpec::of::<listed::Listed<chains::ChainRow>>(),
        ViewSpec::of::<listed::Parts<work_chain_items::ChainItemRow>>(),
        ViewSpec::of::<listed::Parts<sprint_chain_sprints::SprintRow>>(),
        ViewSpec::of::<listed::Listed<schedule::ScheduleRow>>(),
        ViewSpec::of::<listed::Parts<recurring_runs::RecurringRunRow>>(),
        ViewSpec::of::<listed::Listed<learnings::LearningRow>>(),
        ViewSpec::of::<listed::Listed<learning_queue::QueuedRow>>(),
        ViewSpec::of::<learning_documents::LearningDocuments>(),
        ViewSpec::of::<listed::Parts<learning_versions::LearningVersionRow>>(),
        ViewSpec::of::<listed::Listed<metrics::MetricRow>>(),
        ViewSpec::of::<listed::Listed<contexts::ContextRow>>(),
        ViewSpec::of::<listed::Parts<context_history::ContextVersionRow>>(),
        ViewSpec::of::<agent_definitions::AgentDefinitions>(),
        ViewSpec::of::<triggers::Triggers>(),
        ViewSpec::of::<firings::Firings>(),
        ViewSpec::of::<heartbeats::Heartbeats>(),
        ViewSpec::of::<routings::Routings>(),
        ViewSpec::of::<sessions::Sessions>(),
        ViewSpec::of::<session_messages::SessionMessages>(),
        ViewSpec::of::<unfinished::Unfinished>(),
        ViewSpec::of::<listed::Listed<webhook_deliveries::DeliveryRow>>(),
        ViewSpec::of::<listed::Listed<teams::TeamRow>>(),
        ViewSpec::of::<listed::Parts<team_board::BoardRow>>(),
        ViewSpec::of::<listed::Listed<experiments::ExperimentRow>>(),
        ViewSpec::of::<identity::Identity>(),
        ViewSpec::of::<reviews::Reviews>(),
        ViewSpec::of::<brain::Brain>(),
        ViewSpec::of::<budget::Budget>(),
        ViewSpec::of::<notifications::Notifications>(),
        ViewSpec::of::<audit_trail::AuditTrail>(),
        ViewSpec::of::<users::Users>(),
        ViewSpec::of::<access::Access>(),
    ]
}

/// The view of that name.
#[must_use]
pub fn view(name: &str) -> Option<ViewSpec> {
    views().into_iter().find(|spec| spec.name == name)
}
