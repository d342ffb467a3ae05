//! Every id and number that travels, each behind its own type and parsed only in `FromStr`.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use ulid::Ulid;

/// Why a text is not an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}, got `{actual}`")]
pub struct IdError {
    /// What a valid text looks like.
    pub expected: String,
    /// The text that came, cut to 80 characters.
    pub actual: String,
}

impl IdError {
    pub(crate) fn new(expected: impl Into<String>, actual: &str) -> Self {
        Self { expected: expected.into(), actual: actual.chars().take(80).collect() }
    }
}

/// Reads a value from a text where it stands.
pub(crate) fn from_text<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: FromStr<Err = IdError>,
    D: Deserializer<'de>,
{
    struct Text<T>(PhantomData<T>);
    impl<T: FromStr<Err = IdError>> de::Visitor<'_> for Text<T> {
        // The error is told outside: told from here, a parser would add where it stands to it.
        type Value = Result<T, IdError>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string")
        }
        fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
            Ok(text.parse())
        }
    }
    deserializer.deserialize_str(Text(PhantomData))?.map_err(de::Error::custom)
}

/// A ULID (<https://github.com/ulid/spec>): 26 Crockford base32 characters in text, 16 bytes in stored form.
macro_rules! ulid_ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Ulid);

        impl $name {
            /// From the 16 bytes of the stored form.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Ulid(u128::from_be_bytes(bytes)))
            }
            /// The 16 bytes of the stored form, big endian, so that bytes sort as ids do.
            #[must_use]
            pub const fn to_bytes(self) -> [u8; 16] {
                self.0.0.to_be_bytes()
            }
            /// The underlying ULID.
            #[must_use]
            pub const fn ulid(self) -> Ulid {
                self.0
            }
        }
        impl From<Ulid> for $name {
            fn from(value: Ulid) -> Self {
                Self(value)
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.0.array_to_str(&mut [0; ulid::ULID_LEN]))
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }
        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                parse_ulid(text).map(Self)
            }
        }
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    serializer.serialize_str(self.0.array_to_str(&mut [0; ulid::ULID_LEN]))
                } else {
                    self.to_bytes().serialize(serializer)
                }
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                if deserializer.is_human_readable() {
                    from_text(deserializer)
                } else {
                    <[u8; 16]>::deserialize(deserializer).map(Self::from_bytes)
                }
            }
        }
        impl JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "format": "ulid", "pattern": "^[0-7][0-9A-HJKMNP-TV-Z]{25}$" })
            }
        }
    )*};
}

ulid_ids! {
    /// A project: the unit that every other resource belongs to.
    ProjectId;
    /// A sandbox: an isolated execution environment.
    SandboxId;
    /// A run: one execution of a workflow, or of a single session.
    RunId;
    /// One agent invocation inside a run.
    StepId;
    /// A loop of steps inside a run.
    LoopId;
    /// A message between platform and agent.
    MessageId;
    /// A workflow definition.
    WorkflowId;
    /// A persona: a reusable agent configuration.
    PersonaId;
    /// A learning record.
    LearningId;
    /// A versioned context document.
    ContextId;
    /// A skill, command or script.
    AssetId;
    /// One execution of a script.
    ScriptExecutionId;
    /// A plan: ordered items, each of which may become an issue.
    PlanId;
    /// A session that looks for issues.
    IssueSessionId;
    /// A session that answers open questions.
    AnsweringSessionId;
    /// An issue.
    IssueId;
    /// A chain of runs over issues, on one branch.
    WorkChainId;
    /// A chain of runs over sprints, each with a branch of its own.
    SprintChainId;
    /// A task that recurs.
    RecurringTaskId;
    /// The learning versions of one project and role.
    LearningDocumentId;
    /// A metric: a definition of how a figure is made of events.
    MetricId;
    /// A person.
    UserId;
    /// An agent definition: a role's prompt, model and tools.
    AgentDefinitionId;
    /// A trigger: a condition that starts work.
    TriggerId;
    /// One firing of a trigger.
    FiringId;
    /// A watch of the heartbeat over one project.
    HeartbeatId;
    /// A decision of the task router.
    RoutingId;
    /// A scored review loop.
    ReviewCycleId;
    /// A decision in a project's brain.
    DecisionId;
    /// A pattern in a project's brain.
    PatternId;
    /// A mistake in a project's brain.
    MistakeId;
    /// A research note in a project's brain.
    ResearchNoteId;
    /// A session summary in a project's brain.
    SessionSummaryId;
    /// A project's brain.
    BrainId;
    /// A budget pool.
    BudgetPoolId;
    /// A request for budget, and the reservation it becomes.
    BudgetRequestId;
    /// A notification.
    NotificationId;
    /// A session: one agent, put together and started.
    SessionId;
    /// The identity of all agents.
    IdentityId;
    /// A delivery of a webhook.
    WebhookDeliveryId;
    /// A team of sessions.
    TeamId;
    /// An experiment: one prompt under several configurations.
    ExperimentId;
    /// An API key.
    ApiKeyId;
    /// A pass: what somebody is logged in with, or an agent works under.
    PassId;
    /// An access log of one day.
    AccessLogId;
    /// The erasures of one project or person, whose id it has.
    ErasureId;
    /// A key that seals; it lies outside of the log.
    DataKeyId;
    /// An invitation to a project.
    InvitationId;
    /// A commit: 1..n events appended together; also its idempotency key.
    CommitId;
    /// The run or session a commit belongs to, for correlation.
    CorrelationId;
    /// A log, from its creation.
    LogId;
}

/// Each character's value in Crockford's base32; [`NO_DIGIT`] for all that is none.
const DIGITS: [u8; 256] = {
    let mut digits = [NO_DIGIT; 256];
    let alphabet = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let mut digit = 0_u8;
    while (digit as usize) < alphabet.len() {
        digits[alphabet[digit as usize] as usize] = digit;
        digit += 1;
    }
    digits
};
const NO_DIGIT: u8 = u8::MAX;

/// The crate's own parser folds lower case and look-alikes; one id must have one spelling, or equal ids differ as text.
pub(crate) fn parse_ulid(text: &str) -> Result<Ulid, IdError> {
    let digits = <&[u8; ulid::ULID_LEN]>::try_from(text.as_bytes())
        .map(|text| text.map(|byte| DIGITS[usize::from(byte)]));
    match digits {
        // The first holds three bits, every other five.
        Ok(digits) if digits[0] < 8 && !digits.contains(&NO_DIGIT) => {
            // In three parts, which the processor works on side by side.
            let part = |digits: &[u8]| digits.iter().fold(0_u64, |sum, digit| sum << 5 | u64::from(*digit));
            let [high, middle, low] = [part(&digits[..2]), part(&digits[2..14]), part(&digits[14..])];
            Ok(Ulid(u128::from(high) << 120 | u128::from(middle) << 60 | u128::from(low)))
        }
        _ => Err(IdError::new("a ULID of 26 characters (Crockford base32)", text)),
    }
}

/// Dense place of an event in the whole log, from 0, in commit order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Position(pub u64);

/// Dense place of an event in its stream, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct StreamVersion(pub u64);

/// Permanent number of an event type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct TypeId(pub u16);

/// Version of a payload's frozen layout, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct SchemaVersion(pub u16);

macro_rules! plain_numbers {
    ($($name:ident $inner:ty, $what:literal;)*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                text.parse().map(Self).map_err(|_| IdError::new($what, text))
            }
        }
    )*};
}

plain_numbers! {
    Position u64, "a position: a whole number from 0";
    StreamVersion u64, "a version: a whole number from 0";
    TypeId u16, "an event type id: 0 to 65535";
    SchemaVersion u16, "a schema version: 0 to 65535";
}

impl Position {
    /// The position after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// Kind of stream: the aggregate whose history it is. The number is stored, the name is shown.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Category(pub u16);

impl Category {
    /// The aggregate's name, or `None` for a number this build does not know.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        crate::registry::category_name(self)
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.pad(name),
            None => f.pad(&format!("category{}", self.0)),
        }
    }
}

impl fmt::Debug for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Category({self})")
    }
}

impl FromStr for Category {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let number = || text.strip_prefix("category").and_then(|digits| digits.parse().ok()).map(Self);
        crate::registry::category_by_name(text).or_else(number).ok_or_else(|| {
            IdError::new(format!("one of {}", crate::registry::category_names().join(", ")), text)
        })
    }
}

/// The history of one aggregate, as text `run-01J…`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId {
    /// The aggregate's kind.
    pub category: Category,
    /// The aggregate's id.
    pub id: Ulid,
}

impl StreamId {
    /// Length of the stored form in bytes.
    pub const LEN: usize = 18;

    /// A stream of `category` for the aggregate `id`.
    #[must_use]
    pub const fn new(category: Category, id: Ulid) -> Self {
        Self { category, id }
    }
    /// The project, where this is a project's own stream.
    #[must_use]
    pub fn as_project(self) -> Option<ProjectId> {
        let own = self.category == <crate::project::Project as crate::Decider>::CATEGORY;
        own.then_some(ProjectId(self.id))
    }
    /// The 18 bytes of the stored form: category and id, big endian.
    #[must_use]
    pub fn to_bytes(self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        bytes[..2].copy_from_slice(&self.category.0.to_be_bytes());
        bytes[2..].copy_from_slice(&self.id.0.to_be_bytes());
        bytes
    }
    /// From the 18 bytes of the stored form.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; Self::LEN]) -> Self {
        let (category, id) = bytes.split_at(2);
        let id: [u8; 16] = id.try_into().expect("18 - 2 bytes are 16");
        Self {
            category: Category(u16::from_be_bytes([category[0], category[1]])),
            id: Ulid(u128::from_be_bytes(id)),
        }
    }
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.category, self.id.array_to_str(&mut [0; ulid::ULID_LEN]))
    }
}

impl fmt::Debug for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StreamId({self})")
    }
}

impl FromStr for StreamId {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let (category, id) =
            text.rsplit_once('-').ok_or_else(|| IdError::new("a stream such as `run-01J…`", text))?;
        Ok(Self { category: category.parse()?, id: parse_ulid(id)? })
    }
}

impl Serialize for StreamId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            (self.category.0, self.id.0.to_be_bytes()).serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for StreamId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            from_text(deserializer)
        } else {
            let (category, id) = <(u16, [u8; 16])>::deserialize(deserializer)?;
            Ok(Self { category: Category(category), id: Ulid(u128::from_be_bytes(id)) })
        }
    }
}

impl StreamId {
    /// The regular expression of its text, ECMA-262: the aggregate's kind, and its id.
    #[must_use]
    pub fn pattern() -> String {
        let kinds: Vec<_> = crate::aggregates().into_iter().map(|aggregate| aggregate.name).collect();
        format!("^({})-[0-7][0-9A-HJKMNP-TV-Z]{{25}}$", kinds.join("|"))
    }
}

impl JsonSchema for StreamId {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "StreamId".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": Self::pattern() })
    }
}

macro_rules! streams {
    ($($id:ty => $aggregate:ty;)*) => {$(
        impl From<$id> for StreamId {
            fn from(id: $id) -> Self {
                Self::new(<$aggregate as crate::Decider>::CATEGORY, id.ulid())
            }
        }
    )*};
}

streams! {
    ProjectId => crate::project::Project;
    SandboxId => crate::sandbox::Sandbox;
    RunId => crate::run::Run;
    LearningId => crate::learning::Learning;
    ContextId => crate::context::Context;
    AssetId => crate::asset::Asset;
    PlanId => crate::plan::Plan;
    IssueSessionId => crate::issue_session::IssueSession;
    AnsweringSessionId => crate::answering_session::AnsweringSession;
    IssueId => crate::issue::Issue;
    WorkChainId => crate::work_chain::WorkChain;
    SprintChainId => crate::sprint_chain::SprintChain;
    RecurringTaskId => crate::recurring_task::RecurringTask;
    LearningDocumentId => crate::learning_document::LearningDocument;
    MetricId => crate::metric::Metric;
    ScriptExecutionId => crate::script_execution::ScriptExecution;
    LogId => crate::log::Log;
    WorkflowId => crate::workflow::Workflow;
    PersonaId => crate::persona::Persona;
    UserId => crate::user::User;
    PassId => crate::pass::Pass;
    AccessLogId => crate::access_log::AccessLog;
    ErasureId => crate::erasure::Erasure;
    TriggerId => crate::trigger::Trigger;
    FiringId => crate::firing::Firing;
    HeartbeatId => crate::heartbeat::Heartbeat;
    RoutingId => crate::routing::Routing;
    ReviewCycleId => crate::review_cycle::ReviewCycle;
    DecisionId => crate::decision::Decision;
    PatternId => crate::pattern::Pattern;
    MistakeId => crate::mistake::Mistake;
    ResearchNoteId => crate::research_note::ResearchNote;
    SessionSummaryId => crate::session_summary::SessionSummary;
    BrainId => crate::brain::Brain;
    AgentDefinitionId => crate::agent_definition::AgentDefinition;
    SessionId => crate::session::Session;
    NotificationId => crate::notification::Notification;
    BudgetPoolId => crate::budget_pool::BudgetPool;
    IdentityId => crate::identity::Identity;
    WebhookDeliveryId => crate::webhook_delivery::WebhookDelivery;
    TeamId => crate::team::Team;
    ExperimentId => crate::experiment::Experiment;
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "01JD0000000000000000000000";

    #[test]
    fn ids_have_one_spelling() {
        let id: RunId = TEXT.parse().unwrap();
        assert_eq!(id.to_string(), TEXT);
        assert_eq!(RunId::from_bytes(id.to_bytes()), id);
        for wrong in [
            "",
            "01jd0000000000000000000000",
            "8ZZZZZZZZZZZZZZZZZZZZZZZZZ",
            "01JD000000000000000000000",
            "01JDO000000000000000000000",
            "01JDé00000000000000000000",
        ] {
            assert!(wrong.parse::<RunId>().is_err(), "{wrong}");
        }
        // Every byte at every place: taken where the crate takes it and would write it so.
        for place in 0..ulid::ULID_LEN {
            for byte in 0..0x80 {
                let mut text = *b"7ZYXWVTSRQPNMKJHGFEDCBA987";
                text[place] = byte;
                let text = std::str::from_utf8(&text).unwrap();
                let crates = Ulid::from_string(text).ok().filter(|id| id.to_string() == text);
                assert_eq!(parse_ulid(text).ok(), crates, "{text:?}");
            }
        }
    }

    #[test]
    fn ids_are_text_in_json_and_bytes_in_bincode() {
        let id: RunId = TEXT.parse().unwrap();
        assert_eq!(serde_json::to_string(&id).unwrap(), format!("\"{TEXT}\""));
        assert_eq!(serde_json::from_str::<RunId>(&format!("\"{TEXT}\"")).unwrap(), id);
        assert_eq!(bincode::serialize(&id).unwrap().len(), 16);
        assert_eq!(bincode::deserialize::<RunId>(&bincode::serialize(&id).unwrap()).unwrap(), id);
    }

    #[test]
    fn streams_read_back_from_text_and_bytes() {
        let stream: StreamId = format!("run-{TEXT}").parse().unwrap();
        assert_eq!(stream.to_string(), format!("run-{TEXT}"));
        assert_eq!(StreamId::from_bytes(&stream.to_bytes()), stream);
        let unknown = StreamId::new(Category(999), stream.id);
        assert_eq!(unknown.to_string(), format!("category999-{TEXT}"));
        assert_eq!(unknown.to_string().parse::<StreamId>().unwrap(), unknown);
        let error = "runn-01JD0000000000000000000000".parse::<StreamId>().unwrap_err();
        assert!(error.to_string().contains("project"), "{error}");
    }
}
