//! A metric of a project: a definition of how a figure is made of events, in versions that never change.

use crate::catalogue::{commands, events, plain};
use crate::decider::Claim;
use crate::ids::{Category, ProjectId, StreamId};
use crate::{Decider, Rejection, check};

mod builtin;
mod definition;
mod terms;
#[cfg(test)]
mod tests;

pub use builtin::{BuiltIn, built_ins};
pub use definition::{MetricCondition, MetricDefinition, MetricWeight};
pub use terms::{Aggregation, Comparison, Kind, MetricDimension, MetricField, MetricSource};

events! {
    /// Everything that can happen to a metric.
    pub enum MetricEvent {
        3800 => MetricDefined 1;
        3801 => MetricRevised 1;
        3802 => MetricArchived 1;
    }
}

commands! {
    /// What can be asked of a metric.
    pub enum MetricCommand {
        "define" => DefineMetric;
        "revise" => ReviseMetric;
        "archive" => ArchiveMetric;
    }
}

plain! {
    /// A metric was defined; that is its version 1.
    struct MetricDefined {
        /// The project it belongs to.
        project: ProjectId,
        /// Its name. One that comes with the program is shadowed by it in this project.
        name: String,
        /// What it tells.
        summary: String,
        /// How it is made.
        definition: MetricDefinition,
    }
    /// A metric has another definition from now on. Earlier ones stay answerable.
    struct MetricRevised {
        /// The version, one more than the last.
        version: u32,
        /// How it is made.
        definition: MetricDefinition,
        /// Why it was revised.
        note: Option<String>,
    }
    /// A metric is no longer offered; its name is free.
    struct MetricArchived {}
}

plain! {
    /// Defines a metric.
    struct DefineMetric {
        /// The project it belongs to.
        project: ProjectId,
        /// Its name: a slug, one of the project's metrics.
        name: String,
        /// What it tells; one line.
        summary: String,
        /// How it is made.
        definition: MetricDefinition,
    }
    /// Gives it another definition.
    struct ReviseMetric {
        /// How it is made; another one than now.
        definition: MetricDefinition,
        /// Why; one line.
        note: Option<String>,
    }
    /// Takes it out of use.
    struct ArchiveMetric {}
}

/// Most versions of a metric.
const VERSIONS_MAX: u32 = 100;

/// What a metric's claim is of.
const CLAIM: &str = "metric";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Active,
    Archived,
}

#[derive(Debug, Clone, PartialEq)]
struct Defined {
    project: ProjectId,
    name: String,
    version: u32,
    definition: MetricDefinition,
    phase: Phase,
}

/// A metric, as far as its decisions need it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Metric(Option<Defined>);

fn claim(project: ProjectId, name: &str) -> Claim {
    Claim::new(CLAIM, format!("{project}/{name}"))
}

impl Metric {
    fn active(&self) -> Result<&Defined, Rejection> {
        match &self.0 {
            None => Err(Rejection::NotFound { aggregate: "metric" }),
            Some(Defined { phase: Phase::Archived, .. }) => {
                Err(Rejection::illegal("metric", "active", "archived"))
            }
            Some(defined) => Ok(defined),
        }
    }
    fn define(&self, command: &DefineMetric) -> Result<MetricEvent, Rejection> {
        if self.0.is_some() {
            return Err(Rejection::AlreadyExists { what: "metric".into() });
        }
        let DefineMetric { project, name, summary, definition } = command.clone();
        check::slug("name", &name)?;
        check::name("summary", &summary)?;
        definition.check()?;
        Ok(MetricDefined { project, name, summary, definition }.into())
    }
    fn revise(&self, command: &ReviseMetric) -> Result<MetricEvent, Rejection> {
        let now = self.active()?;
        command.definition.check()?;
        check::opt_name("note", command.note.as_deref())?;
        if now.definition == command.definition {
            return Err(Rejection::rule(
                "the metric has this definition already",
                "change what is to differ",
            ));
        }
        if now.version >= VERSIONS_MAX {
            let rule = format!("the metric has {VERSIONS_MAX} versions");
            return Err(Rejection::rule(rule, "archive it, and define it anew"));
        }
        let version = now.version + 1;
        let ReviseMetric { definition, note } = command.clone();
        Ok(MetricRevised { version, definition, note }.into())
    }
}

impl Decider for Metric {
    const CATEGORY: Category = Category(38);
    type Command = MetricCommand;
    type Event = MetricEvent;

    fn decide(&self, command: &MetricCommand) -> Result<Vec<MetricEvent>, Rejection> {
        Ok(vec![match command {
            MetricCommand::DefineMetric(c) => self.define(c)?,
            MetricCommand::ReviseMetric(c) => self.revise(c)?,
            MetricCommand::ArchiveMetric(ArchiveMetric {}) => {
                self.active()?;
                MetricArchived {}.into()
            }
        }])
    }

    fn evolve(&mut self, event: &MetricEvent) {
        match event {
            MetricEvent::MetricDefined(e) => {
                let MetricDefined { project, name, definition, .. } = e.clone();
                self.0 = Some(Defined { project, name, version: 1, definition, phase: Phase::Active });
            }
            MetricEvent::MetricRevised(e) => {
                if let Some(defined) = &mut self.0 {
                    (defined.version, defined.definition) = (e.version, e.definition.clone());
                }
            }
            MetricEvent::MetricArchived(_) => {
                if let Some(defined) = &mut self.0 {
                    defined.phase = Phase::Archived;
                }
            }
        }
    }

    fn project(&self) -> Option<ProjectId> {
        self.0.as_ref().map(|defined| defined.project)
    }

    fn references(command: &MetricCommand) -> Vec<StreamId> {
        match command {
            MetricCommand::DefineMetric(c) => vec![c.project.into()],
            _ => vec![],
        }
    }

    fn claims(command: &MetricCommand) -> Vec<Claim> {
        match command {
            MetricCommand::DefineMetric(c) => vec![claim(c.project, &c.name)],
            _ => vec![],
        }
    }

    fn holds(&self, held: &Claim) -> bool {
        self.active().is_ok_and(|defined| claim(defined.project, &defined.name) == *held)
    }
}

/// One or more of every event.
pub(crate) fn samples() -> Vec<MetricEvent> {
    let built_ins = built_ins();
    let definition = |place: usize| built_ins[place].definition.clone();
    let condition =
        MetricCondition { field: MetricField::CostUsd, op: Comparison::AtLeast, value: "0.5".into() };
    let narrowed = MetricDefinition {
        filters: vec![condition],
        group_by: vec![MetricDimension::Model, MetricDimension::Day],
        ..definition(3)
    };
    vec![
        MetricDefined {
            project: ProjectId::from_bytes([1; 16]),
            name: "quality".into(),
            summary: "What reviewers say".into(),
            definition: definition(2),
        }
        .into(),
        MetricRevised { version: 2, definition: narrowed, note: Some("dear runs only".into()) }.into(),
        MetricRevised { version: 3, definition: definition(0), note: None }.into(),
        MetricArchived {}.into(),
    ]
}
