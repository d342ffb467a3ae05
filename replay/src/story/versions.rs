//! The versions that were in force for a run: who made them, who put them in force, who approved what they hold.

use domain::asset::AssetEvent;
use domain::context::ContextEvent;
use domain::ids::{LearningId, Position, StreamId, UserId};
use domain::learning::LearningEvent;
use domain::learning_document::LearningDocumentEvent;
use domain::persona::PersonaEvent;
use domain::run::RunRequested;
use domain::values::Timestamp;
use domain::workflow::WorkflowEvent;
use domain::{Actor, Event, Recorded};
use serde::Serialize;

/// An event somewhere in the log: where, when, and by whom.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fact {
    /// Place in the log.
    pub position: Position,
    /// Its stream.
    pub stream: StreamId,
    /// The event's type.
    pub r#type: &'static str,
    /// When it happened.
    pub at: Timestamp,
    /// Who caused it.
    pub actor: Actor,
}

/// What kind of thing has versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A workflow's definition.
    Workflow,
    /// A persona's configuration.
    Persona,
    /// A context.
    Context,
    /// A skill, command or script.
    Asset,
    /// What agents of a role have learned.
    Learning,
}

/// A version that a run was asked for with.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Named {
    /// Of what kind of thing.
    pub kind: Kind,
    /// The thing.
    pub stream: StreamId,
    /// Which version.
    pub version: u32,
}

/// A version that was in force, and how it came to be.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct InForce {
    /// Which.
    #[serde(flatten)]
    pub named: Named,
    /// What it is called: the name, or the role.
    pub name: Option<String>,
    /// What made the version; none where the log does not show it.
    pub made: Option<Fact>,
    /// Why, in its author's words.
    pub note: Option<String>,
    /// What put it in force last before the run was asked for.
    pub in_force_since: Option<Fact>,
    /// The version that was in force when the run was asked for; it may have been asked for with another.
    pub active_then: Option<u32>,
    /// Learnings that it holds.
    pub learnings: Vec<LearningId>,
    /// Who approved them, as far as the log shows it.
    pub approvals: Vec<Approval>,
}

/// That a learning was approved.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Approval {
    /// The learning.
    pub learning: LearningId,
    /// What was learned.
    pub description: String,
    /// What approved it.
    pub approved: Option<Fact>,
    /// The person who reviewed it, where one is named.
    pub reviewer: Option<UserId>,
    /// A word of the reviewer.
    pub note: Option<String>,
}

impl From<&Recorded> for Fact {
    fn from(recorded: &Recorded) -> Self {
        let meta = &recorded.meta;
        Self {
            position: meta.position,
            stream: meta.stream,
            r#type: recorded.event.name(),
            at: meta.when(),
            actor: meta.actor,
        }
    }
}

/// The versions that a run names, but for those of learnings, which it names by role.
#[must_use]
pub fn named(requested: &RunRequested) -> Vec<Named> {
    let configuration = &requested.configuration;
    let workflow = requested.workflow.zip(configuration.workflow_version);
    let mut all: Vec<Named> = workflow
        .into_iter()
        .map(|(id, version)| Named { kind: Kind::Workflow, stream: id.into(), version })
        .collect();
    let personas = configuration.personas.iter().zip(&configuration.persona_versions);
    all.extend(personas.map(|(id, version)| Named {
        kind: Kind::Persona,
        stream: (*id).into(),
        version: *version,
    }));
    let contexts = configuration.contexts.iter();
    all.extend(contexts.map(|(id, version)| Named {
        kind: Kind::Context,
        stream: (*id).into(),
        version: *version,
    }));
    let assets = configuration.assets.iter();
    all.extend(assets.map(|(id, version)| Named {
        kind: Kind::Asset,
        stream: (*id).into(),
        version: *version,
    }));
    all
}

/// What an event says of versions: one that was made, and one that is in force from then on.
#[derive(Default)]
struct Says<'a> {
    name: Option<String>,
    made: Option<u32>,
    in_force: Option<u32>,
    note: Option<&'a str>,
    learnings: &'a [LearningId],
}

fn says(event: &Event) -> Says<'_> {
    match event {
        Event::Workflow(WorkflowEvent::WorkflowCreated(e)) => Says { name: Some(e.name.clone()), ..first() },
        Event::Workflow(WorkflowEvent::WorkflowRenamed(e)) => renamed(&e.name),
        Event::Workflow(WorkflowEvent::WorkflowDefined(e)) => made(e.version, &e.note),
        Event::Persona(PersonaEvent::PersonaCreated(e)) => Says { name: Some(e.name.clone()), ..first() },
        Event::Persona(PersonaEvent::PersonaRenamed(e)) => renamed(&e.name),
        Event::Persona(PersonaEvent::PersonaConfigured(e)) => made(e.version, &e.note),
        Event::Context(ContextEvent::ContextCreated(e)) => Says { name: Some(e.name.clone()), ..first() },
        Event::Context(ContextEvent::ContextVersioned(e)) => made(e.version, &e.note),
        Event::Context(ContextEvent::ContextActivated(e)) => activated(e.version),
        Event::Asset(AssetEvent::AssetCreated(e)) => renamed(&e.name),
        Event::Asset(AssetEvent::AssetRenamed(e)) => renamed(&e.name),
        Event::Asset(AssetEvent::AssetVersionAdded(e)) => Says { in_force: None, ..made(e.version, &e.note) },
        Event::Asset(AssetEvent::AssetVersionPublished(e)) => activated(e.version),
        Event::Asset(AssetEvent::AssetVersionActivated(e)) => activated(e.version),
        Event::LearningDocument(LearningDocumentEvent::LearningDocumentOpened(e)) => {
            Says { name: Some(e.role.to_string()), ..Says::default() }
        }
        Event::LearningDocument(LearningDocumentEvent::LearningVersionCompiled(e)) => {
            Says { learnings: &e.learnings, ..made(e.version, &e.note) }
        }
        Event::LearningDocument(LearningDocumentEvent::LearningVersionActivated(e)) => activated(e.version),
        _ => Says::default(),
    }
}

fn made(version: u32, note: &Option<String>) -> Says<'_> {
    Says { made: Some(version), in_force: Some(version), note: note.as_deref(), ..Says::default() }
}

fn first() -> Says<'static> {
    Says { made: Some(1), in_force: Some(1), ..Says::default() }
}

fn renamed(name: &str) -> Says<'static> {
    Says { name: Some(name.to_owned()), ..Says::default() }
}

fn activated(version: u32) -> Says<'static> {
    Says { in_force: Some(version), ..Says::default() }
}

/// How `named` came to be and came in force, from the events of its stream before position `before`.
#[must_use]
pub fn version(named: Named, before: Position, events: &[Recorded]) -> InForce {
    let mut known = InForce {
        named,
        name: None,
        made: None,
        note: None,
        in_force_since: None,
        active_then: None,
        learnings: vec![],
        approvals: vec![],
    };
    for recorded in events.iter().take_while(|recorded| recorded.meta.position < before) {
        let Says { name, made, in_force, note, learnings } = says(&recorded.event);
        if name.is_some() {
            known.name = name;
        }
        if made == Some(known.named.version) {
            known.made = Some(recorded.into());
            known.note = note.map(str::to_owned);
            known.learnings = learnings.to_vec();
        }
        if in_force.is_some() {
            known.active_then = in_force;
            known.in_force_since = if in_force == Some(known.named.version) {
                Some(recorded.into())
            } else {
                known.in_force_since
            };
        }
    }
    known
}

/// Who approved a learning, from the events of its stream before position `before`.
#[must_use]
pub fn approval(learning: LearningId, before: Position, events: &[Recorded]) -> Approval {
    let mut known =
        Approval { learning, description: String::new(), approved: None, reviewer: None, note: None };
    for recorded in events.iter().take_while(|recorded| recorded.meta.position < before) {
        match &recorded.event {
            Event::Learning(LearningEvent::LearningProposed(e)) => {
                known.description.clone_from(&e.description);
            }
            Event::Learning(LearningEvent::LearningEdited(e)) => known.description.clone_from(&e.description),
            Event::Learning(LearningEvent::LearningApproved(e)) => {
                known.approved = Some(recorded.into());
                (known.reviewer, known.note) = (e.reviewer, e.note.clone());
            }
            _ => {}
        }
    }
    known
}

#[cfg(test)]
mod tests {
    use domain::context::{ContextActivated, ContextCreated, ContextVersioned};
    use domain::ids::{ContextId, ProjectId};
    use domain::learning::LearningApproved;
    use domain::terms::SessionType;

    use super::*;
    use crate::import::testing::recorded;

    fn at(stream: StreamId, events: impl IntoIterator<Item = Event>) -> Vec<Recorded> {
        let time = |nth: u64| Timestamp::from_millis(1_763_632_800_000 + nth as i64);
        events.into_iter().zip(0..).map(|(event, nth)| recorded(stream, nth, time(nth), event)).collect()
    }

    fn context() -> (Named, Vec<Recorded>) {
        let stream = StreamId::from(ContextId::from_bytes([3; 16]));
        let text = String::new;
        let created = ContextCreated {
            project: ProjectId::from_bytes([7; 16]),
            name: "careful".into(),
            session: SessionType::Learning,
            system_prompt: text(),
            claude_md: text(),
        };
        let versioned = ContextVersioned {
            version: 2,
            system_prompt: text(),
            claude_md: text(),
            note: Some("shorter".into()),
        };
        let events = [
            ContextEvent::from(created),
            versioned.into(),
            ContextActivated { version: 1 }.into(),
            ContextActivated { version: 2 }.into(),
        ];
        (Named { kind: Kind::Context, stream, version: 2 }, at(stream, events.map(Event::Context)))
    }

    #[test]
    fn a_version_knows_who_made_it_and_what_put_it_in_force() {
        let (named, events) = context();
        let known = version(named, Position(9), &events);
        assert_eq!((known.name.as_deref(), known.note.as_deref()), (Some("careful"), Some("shorter")));
        assert_eq!(known.made.map(|fact| (fact.position.0, fact.r#type)), Some((1, "ContextVersioned")));
        let since = known.in_force_since.unwrap();
        assert_eq!((since.position.0, since.actor), (3, Actor::Importer));
        assert_eq!(known.active_then, Some(2));
    }

    #[test]
    fn what_came_after_the_run_does_not_count() {
        let (named, events) = context();
        let known = version(named, Position(3), &events);
        assert_eq!((known.active_then, known.in_force_since.map(|fact| fact.position.0)), (Some(1), Some(1)));
        let (named, events) = context();
        assert_eq!(version(named, Position(0), &events).made, None);
    }

    #[test]
    fn a_learning_knows_who_approved_it() {
        let learning = LearningId::from_bytes([5; 16]);
        let (reviewer, note) = (UserId::from_bytes([6; 16]), Some("yes".to_owned()));
        let approved = LearningApproved { reviewer: Some(reviewer), note };
        let events = at(learning.into(), [Event::Learning(approved.into())]);
        let known = approval(learning, Position(1), &events);
        assert_eq!(known.approved.map(|fact| fact.position.0), Some(0));
        assert_eq!((known.reviewer, known.note.as_deref()), (Some(reviewer), Some("yes")));
        assert_eq!(approval(learning, Position(0), &events).approved, None);
    }
}
