//! What every stored event carries beside its payload: place, time, cause and actor.

use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::Event;
use crate::ids::{
    ApiKeyId, CommitId, CorrelationId, IdError, Position, ProjectId, SchemaVersion, StepId, StreamId,
    StreamVersion, TypeId, UserId, from_text,
};
use crate::values::Timestamp;

/// Who caused a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Actor {
    /// Waybill itself.
    System,
    /// Somebody with the data folder in hand, on the command line.
    Operator,
    /// A person.
    User(UserId),
    /// A program with an API key.
    ApiKey(ApiKeyId),
    /// An agent, in a step of a run.
    Step(StepId),
    /// The schedule.
    Scheduler,
    /// An importer of recorded history.
    Importer,
}

impl Actor {
    /// The stored form: a kind and 16 bytes of id, zero where the kind has none.
    #[must_use]
    pub const fn to_parts(self) -> (u8, [u8; 16]) {
        match self {
            Self::System => (0, [0; 16]),
            Self::Operator => (1, [0; 16]),
            Self::User(id) => (2, id.to_bytes()),
            Self::ApiKey(id) => (3, id.to_bytes()),
            Self::Step(id) => (4, id.to_bytes()),
            Self::Scheduler => (5, [0; 16]),
            Self::Importer => (6, [0; 16]),
        }
    }
    /// From the stored form; `None` for a kind this build does not know.
    #[must_use]
    pub const fn from_parts(kind: u8, id: [u8; 16]) -> Option<Self> {
        Some(match kind {
            0 => Self::System,
            1 => Self::Operator,
            2 => Self::User(UserId::from_bytes(id)),
            3 => Self::ApiKey(ApiKeyId::from_bytes(id)),
            4 => Self::Step(StepId::from_bytes(id)),
            5 => Self::Scheduler,
            6 => Self::Importer,
            _ => return None,
        })
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System => f.write_str("system"),
            Self::Operator => f.write_str("operator"),
            Self::User(id) => write!(f, "user-{id}"),
            Self::ApiKey(id) => write!(f, "api-key-{id}"),
            Self::Step(id) => write!(f, "step-{id}"),
            Self::Scheduler => f.write_str("scheduler"),
            Self::Importer => f.write_str("importer"),
        }
    }
}

impl FromStr for Actor {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let wrong =
            || IdError::new("system, operator, scheduler, importer, user-…, api-key-… or step-…", text);
        Ok(match text {
            "system" => Self::System,
            "operator" => Self::Operator,
            "scheduler" => Self::Scheduler,
            "importer" => Self::Importer,
            _ => match text.rsplit_once('-').ok_or_else(wrong)? {
                ("user", id) => Self::User(id.parse()?),
                ("api-key", id) => Self::ApiKey(id.parse()?),
                ("step", id) => Self::Step(id.parse()?),
                _ => return Err(wrong()),
            },
        })
    }
}

impl Serialize for Actor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            self.to_parts().serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Actor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            return from_text(deserializer);
        }
        let (kind, id) = <(u8, [u8; 16])>::deserialize(deserializer)?;
        Self::from_parts(kind, id).ok_or_else(|| de::Error::custom(format!("unknown actor kind {kind}")))
    }
}

impl JsonSchema for Actor {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Actor".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "description": "system, operator, scheduler, importer, user-…, api-key-… or step-…" })
    }
}

/// What a writer expects of the stream it appends to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Expected {
    /// Anything.
    #[default]
    Any,
    /// No event yet.
    None,
    /// At least one event.
    Exists,
    /// Exactly this last version.
    Exact(StreamVersion),
}

impl Expected {
    /// Whether a stream whose last version is `actual` meets the expectation.
    #[must_use]
    pub fn is_met_by(self, actual: Option<StreamVersion>) -> bool {
        match self {
            Self::Any => true,
            Self::None => actual.is_none(),
            Self::Exists => actual.is_some(),
            Self::Exact(version) => actual == Some(version),
        }
    }
    /// The stored form. The version of `Exact` follows from the commit's first version.
    #[must_use]
    pub const fn kind(self) -> u8 {
        match self {
            Self::Any => 0,
            Self::None => 1,
            Self::Exists => 2,
            Self::Exact(_) => 3,
        }
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any"),
            Self::None => f.write_str("none"),
            Self::Exists => f.write_str("exists"),
            Self::Exact(version) => version.fmt(f),
        }
    }
}

impl FromStr for Expected {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        Ok(match text {
            "any" => Self::Any,
            "none" => Self::None,
            "exists" => Self::Exists,
            _ => {
                Self::Exact(text.parse().map_err(|_| IdError::new("a version, or any, none, exists", text))?)
            }
        })
    }
}

/// The envelope of one stored event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Meta {
    /// Place in the whole log.
    pub position: Position,
    /// The aggregate's history it belongs to.
    pub stream: StreamId,
    /// Place in that stream.
    pub version: StreamVersion,
    /// Permanent number of the event type.
    pub type_id: TypeId,
    /// Version of the stored payload's layout.
    pub schema_version: SchemaVersion,
    /// When the writer recorded it. Never used for order.
    pub time: Timestamp,
    /// When it happened, where that is not when it was recorded: history that was imported.
    pub occurred_at: Option<Timestamp>,
    /// The commit it came in.
    pub commit: CommitId,
    /// Place in that commit, from 0.
    pub commit_index: u16,
    /// Number of events in that commit.
    pub commit_size: u16,
    /// Who caused it.
    pub actor: Actor,
    /// The commit that led to it.
    pub causation: Option<CommitId>,
    /// The run or session it belongs to.
    pub correlation: Option<CorrelationId>,
    /// The project it belongs to, where it has one.
    pub project: Option<ProjectId>,
}

impl Meta {
    /// When it happened, as far as is known: the imported instant, else the recorded one.
    #[must_use]
    pub fn when(&self) -> Timestamp {
        self.occurred_at.unwrap_or(self.time)
    }
}

/// A stored event, decoded.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// Place, time, cause and actor.
    pub meta: Meta,
    /// What happened.
    pub event: Event,
}

impl Serialize for Recorded {
    /// `{…meta, "type": "RunStarted", "data": {…}}`, as the log's JSON interfaces show it.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Shown<'a> {
            #[serde(flatten)]
            meta: &'a Meta,
            r#type: &'a str,
            data: &'a Event,
        }
        Shown { meta: &self.meta, r#type: self.event.name(), data: &self.event }.serialize(serializer)
    }
}
