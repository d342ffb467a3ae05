//! The one list of aggregates; everything generic (routes, decoding, documents) reads it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::catalogue::{CommandFamily, CommandSpec, DecodeError, EventFamily, EventSpec, ParseError};
use crate::ids::{Category, ProjectId, SchemaVersion, StreamId, TypeId};
use crate::{Claim, Decider, Others, Rejection};

/// What the registry knows of an aggregate.
#[derive(Debug, Clone)]
pub struct AggregateSpec {
    /// Stored number of the kind.
    pub category: Category,
    /// Name in streams and URLs.
    pub name: &'static str,
    /// Its commands.
    pub commands: Vec<CommandSpec>,
    /// Its events.
    pub events: Vec<EventSpec>,
    /// One or more examples of every event, for golden files and documents.
    pub samples: fn() -> Vec<Event>,
}

/// Result of [`State::decide`]: the events, in order.
pub type Decided = Result<Vec<Event>, Rejection>;

macro_rules! aggregates {
    ($($variant:ident = $name:literal in $module:ident;)*) => {
        /// A command to any aggregate.
        #[derive(Debug, Clone, PartialEq)]
        #[allow(missing_docs, reason = "one variant per aggregate, described there")]
        pub enum Command {
            $($variant(<crate::$module::$variant as Decider>::Command),)*
        }

        /// An event of any aggregate.
        #[derive(Debug, Clone, PartialEq)]
        #[allow(missing_docs, reason = "one variant per aggregate, described there")]
        pub enum Event {
            $($variant(<crate::$module::$variant as Decider>::Event),)*
        }

        /// The state of any aggregate.
        #[derive(Debug, Clone)]
        #[allow(missing_docs, reason = "one variant per aggregate, described there")]
        pub enum State {
            $($variant(crate::$module::$variant),)*
        }

        /// Every aggregate, in the order of the list.
        #[must_use]
        pub fn aggregates() -> Vec<AggregateSpec> {
            vec![$(AggregateSpec {
                category: <crate::$module::$variant as Decider>::CATEGORY,
                name: $name,
                commands: <<crate::$module::$variant as Decider>::Command as CommandFamily>::catalogue(),
                events: <<crate::$module::$variant as Decider>::Event as EventFamily>::catalogue(),
                samples: || crate::$module::samples().into_iter().map(Event::$variant).collect(),
            }),*]
        }

        pub(crate) fn category_name(category: Category) -> Option<&'static str> {
            $(if category == <crate::$module::$variant as Decider>::CATEGORY { return Some($name); })*
            None
        }

        pub(crate) fn category_by_name(name: &str) -> Option<Category> {
            match name {
                $($name => Some(<crate::$module::$variant as Decider>::CATEGORY),)*
                _ => None,
            }
        }

        pub(crate) fn category_names() -> Vec<&'static str> {
            vec![$($name),*]
        }

        impl Command {
            /// The command `name` of aggregate `category`, from a JSON body.
            ///
            /// # Errors
            /// An unknown name, or a body that does not fit.
            pub fn parse(category: Category, name: &str, body: &[u8]) -> Result<Self, ParseError> {
                $(if category == <crate::$module::$variant as Decider>::CATEGORY {
                    return CommandFamily::parse(name, body).map(Self::$variant);
                })*
                Err(ParseError::UnknownCommand { name: format!("{category}/{name}"), known: "none".into() })
            }
            /// The command's name in URLs.
            #[must_use]
            pub fn name(&self) -> &'static str {
                match self { $(Self::$variant(command) => command.name(),)* }
            }
            /// The kind of aggregate it is for.
            #[must_use]
            pub const fn category(&self) -> Category {
                match self { $(Self::$variant(_) => <crate::$module::$variant as Decider>::CATEGORY,)* }
            }
            /// Other aggregates that must exist, in the same project, before it is decided.
            #[must_use]
            pub fn references(&self) -> Vec<StreamId> {
                match self { $(Self::$variant(command) => <crate::$module::$variant as Decider>::references(command),)* }
            }
            /// Values that it takes, and that only one aggregate may hold at a time.
            #[must_use]
            pub fn claims(&self) -> Vec<Claim> {
                match self { $(Self::$variant(command) => <crate::$module::$variant as Decider>::claims(command),)* }
            }
        }

        impl Serialize for Command {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self { $(Self::$variant(command) => command.serialize(serializer),)* }
            }
        }

        impl Event {
            /// Permanent number of the event's type.
            #[must_use]
            pub fn type_id(&self) -> TypeId {
                match self { $(Self::$variant(event) => event.type_id(),)* }
            }
            /// Permanent name of the event's type.
            #[must_use]
            pub fn name(&self) -> &'static str {
                match self { $(Self::$variant(event) => event.name(),)* }
            }
            /// Layout that [`Event::encode`] writes.
            #[must_use]
            pub fn schema_version(&self) -> SchemaVersion {
                match self { $(Self::$variant(event) => event.schema_version(),)* }
            }
            /// The payload's bytes.
            #[must_use]
            pub fn encode(&self) -> Vec<u8> {
                match self { $(Self::$variant(event) => event.encode(),)* }
            }
            /// The event that stored bytes hold.
            ///
            /// # Errors
            /// An unknown kind, number or layout, or bytes that do not fit.
            pub fn decode(category: Category, type_id: TypeId, version: SchemaVersion, payload: &[u8]) -> Result<Self, DecodeError> {
                $(if category == <crate::$module::$variant as Decider>::CATEGORY {
                    return EventFamily::decode(type_id, version, payload).map(Self::$variant);
                })*
                Err(DecodeError::UnknownType { type_id })
            }
            /// The payload's bytes from its JSON as interfaces show it, both in the layout `version`.
            ///
            /// # Errors
            /// An unknown kind, number or layout, or JSON that does not fit.
            pub fn payload_of_json(category: Category, type_id: TypeId, version: SchemaVersion, json: &str) -> Result<Vec<u8>, DecodeError> {
                $(if category == <crate::$module::$variant as Decider>::CATEGORY {
                    return <<crate::$module::$variant as Decider>::Event as EventFamily>::payload_of_json(type_id, version, json);
                })*
                Err(DecodeError::UnknownType { type_id })
            }
        }

        impl Serialize for Event {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self { $(Self::$variant(event) => event.serialize(serializer),)* }
            }
        }

        $(impl From<crate::$module::$variant> for State {
            fn from(state: crate::$module::$variant) -> Self {
                Self::$variant(state)
            }
        })*

        impl State {
            /// The state of an aggregate without history; `None` for a kind this build does not know.
            #[must_use]
            pub fn initial(category: Category) -> Option<Self> {
                $(if category == <crate::$module::$variant as Decider>::CATEGORY {
                    return Some(Self::$variant(Default::default()));
                })*
                None
            }
            /// The aggregate, where it is of that kind.
            #[must_use]
            pub fn of<D: Decider>(&self) -> Option<&D> {
                let aggregate: &dyn std::any::Any = match self { $(Self::$variant(state) => state,)* };
                aggregate.downcast_ref()
            }
            /// Aggregates on whose state `command` is decided, beside its own.
            #[must_use]
            pub fn consults(&self, command: &Command) -> Vec<StreamId> {
                match (self, command) {
                    $((Self::$variant(state), Command::$variant(command)) => state.consults(command),)*
                    _ => Vec::new(),
                }
            }
            /// Whether it holds what `claim` stands for.
            #[must_use]
            pub fn holds(&self, claim: &Claim) -> bool {
                match self { $(Self::$variant(state) => state.holds(claim),)* }
            }
            /// The events that `command` leads to, with what it [consults](Self::consults) in `others`.
            ///
            /// # Errors
            /// The rule that refuses it, or a command for another kind of aggregate.
            pub fn decide(&self, command: &Command, others: &Others) -> Decided {
                match (self, command) {
                    $((Self::$variant(state), Command::$variant(command)) => {
                        Ok(state.decide_among(command, others)?.into_iter().map(Event::$variant).collect())
                    })*
                    _ => Err(Rejection::invalid("stream", format!("a stream of {}", command.category()), "another kind")),
                }
            }
            /// Takes an event into account; an event of another kind changes nothing.
            pub fn evolve(&mut self, event: &Event) {
                match (self, event) {
                    $((Self::$variant(state), Event::$variant(event)) => state.evolve(event),)*
                    _ => {}
                }
            }
            /// Whether other projects may name it too.
            #[must_use]
            pub fn is_global(&self) -> bool {
                match self { $(Self::$variant(state) => state.is_global(),)* }
            }
            /// The project it belongs to, once known.
            #[must_use]
            pub fn project(&self) -> Option<ProjectId> {
                match self { $(Self::$variant(state) => state.project(),)* }
            }
        }
    };
}

aggregates! {
    Log = "log" in log;
    Project = "project" in project;
    Sandbox = "sandbox" in sandbox;
    Run = "run" in run;
    Learning = "learning" in learning;
    Context = "context" in context;
    Asset = "asset" in asset;
    ScriptExecution = "script-execution" in script_execution;
    Plan = "plan" in plan;
    IssueSession = "issue-session" in issue_session;
    AnsweringSession = "answering-session" in answering_session;
    Issue = "issue" in issue;
    WorkChain = "work-chain" in work_chain;
    SprintChain = "sprint-chain" in sprint_chain;
    RecurringTask = "recurring-task" in recurring_task;
    LearningDocument = "learning-document" in learning_document;
    Routing = "routing" in routing;
    ReviewCycle = "review-cycle" in review_cycle;
    Trigger = "trigger" in trigger;
    Firing = "firing" in firing;
    Heartbeat = "heartbeat" in heartbeat;
    BudgetPool = "budget-pool" in budget_pool;
    Brain = "brain" in brain;
    Decision = "decision" in decision;
    Pattern = "pattern" in pattern;
    Mistake = "mistake" in mistake;
    ResearchNote = "research-note" in research_note;
    SessionSummary = "session-summary" in session_summary;
    AgentDefinition = "agent-definition" in agent_definition;
    Session = "session" in session;
    Notification = "notification" in notification;
    Claimed = "claim" in claim;
    Workflow = "workflow" in workflow;
    Persona = "persona" in persona;
    AccessLog = "access-log" in access_log;
    User = "user" in user;
    Pass = "pass" in pass;
    ViewCare = "view-care" in view_care;
    Metric = "metric" in metric;
    Identity = "identity" in identity;
    WebhookDelivery = "webhook-delivery" in webhook_delivery;
    Team = "team" in team;
    Experiment = "experiment" in experiment;
    Erasure = "erasure" in erasure;
}

/// Fingerprint of a command, by which a repeated idempotency key is told from a reused one.
///
/// First 8 bytes of SHA-256 over stream, command name and the body as JSON with sorted keys and without
/// nulls, so that a field which a later release adds as optional leaves old fingerprints as they were.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Fingerprint(pub u64);

impl Fingerprint {
    /// The fingerprint of `command` to `stream`.
    #[must_use]
    pub fn of(stream: StreamId, command: &Command) -> Self {
        Self::of_body(stream, command.name(), &command.body())
    }
    /// The fingerprint of the command `name` to `stream` with that [body](Command::body).
    #[must_use]
    pub fn of_body(stream: StreamId, name: &str, body: &[u8]) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(stream.to_bytes());
        hasher.update(name);
        hasher.update([0]);
        hasher.update(body);
        let digest = hasher.finalize();
        let first: [u8; 8] = digest[..8].try_into().expect("SHA-256 gives 32 bytes");
        Self(u64::from_be_bytes(first))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn numbers_and_names_are_unique_and_samples_cover_every_event() {
        let (mut types, mut names, mut categories) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for aggregate in aggregates() {
            assert!(categories.insert(aggregate.category), "{} reuses a category", aggregate.name);
            let sampled: BTreeSet<_> = (aggregate.samples)().iter().map(Event::type_id).collect();
            for event in &aggregate.events {
                assert!(types.insert(event.type_id), "{} reuses a number", event.name);
                assert!(names.insert(event.name), "{} is named twice", event.name);
                assert!(
                    sampled.contains(&event.type_id),
                    "samples() of {} lacks {}",
                    aggregate.name,
                    event.name
                );
                assert!(
                    !event.older.contains(&event.schema_version.0),
                    "{} reads its own layout as older",
                    event.name
                );
            }
        }
    }

    #[test]
    fn every_sample_reads_back_from_its_bytes() {
        for aggregate in aggregates() {
            for event in (aggregate.samples)() {
                let back = Event::decode(
                    aggregate.category,
                    event.type_id(),
                    event.schema_version(),
                    &event.encode(),
                );
                assert_eq!(back.as_ref(), Ok(&event));
            }
        }
    }

    #[test]
    fn a_state_accepts_every_event_of_its_own_kind_in_any_order() {
        for aggregate in aggregates() {
            let mut state = State::initial(aggregate.category).expect("the list gives it");
            for event in (aggregate.samples)().iter().rev() {
                state.evolve(event);
            }
        }
    }

    #[test]
    fn a_fingerprint_ignores_key_order_and_nulls_but_no_value() {
        let stream = StreamId::new(Category(1), ulid::Ulid::from_parts(1, 1));
        let of = |body: &str| {
            Fingerprint::of(
                stream,
                &Command::parse(stream.category, "create", body.as_bytes()).expect("it fits"),
            )
        };
        let plain = of(r#"{"slug":"a","name":"A"}"#);
        assert_eq!(of(r#"{"name":"A","slug":"a"}"#), plain);
        assert_eq!(of(r#"{"name":"A","slug":"a","repository_url":null}"#), plain);
        assert_ne!(of(r#"{"name":"A","slug":"b"}"#), plain);
    }
}
