//! Shapes of OpenCode's lines, as far as they matter here. Unknown fields are passed over.

use domain::values::{Timestamp, Usd};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::import::conversation::{Used, parse};

/// A line of either kind.
#[derive(Deserialize)]
struct Line {
    r#type: String,
    /// Milliseconds since 1970, of `run`.
    timestamp: Option<i64>,
    #[serde(rename = "sessionID")]
    session_id: Option<String>,
    part: Option<Part>,
    error: Option<Failure>,
    /// Of the server's events.
    properties: Option<Properties>,
}

#[derive(Default, Deserialize)]
struct Properties {
    #[serde(rename = "sessionID")]
    session_id: Option<String>,
    part: Option<Part>,
    time: Option<i64>,
    info: Option<Box<RawValue>>,
    error: Option<Failure>,
}

/// A piece of a message.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Part {
    pub(super) id: Option<String>,
    #[serde(rename = "messageID")]
    pub(super) message: Option<String>,
    pub(super) r#type: String,
    pub(super) text: Option<String>,
    pub(super) time: Option<Span>,
    pub(super) tool: Option<String>,
    #[serde(rename = "callID")]
    pub(super) call: Option<String>,
    pub(super) state: Option<State>,
    pub(super) reason: Option<String>,
    tokens: Option<Tokens>,
    cost: Option<Usd>,
}

/// From when to when, in milliseconds since 1970.
#[derive(Deserialize)]
pub(super) struct Span {
    start: Option<i64>,
    pub(super) end: Option<i64>,
}

impl Span {
    pub(super) fn duration_ms(&self) -> Option<u64> {
        u64::try_from(self.end? - self.start?).ok()
    }
}

/// How a tool call stands.
#[derive(Deserialize)]
pub(super) struct State {
    pub(super) status: String,
    pub(super) input: Option<Box<RawValue>>,
    pub(super) output: Option<String>,
    pub(super) error: Option<String>,
    pub(super) time: Option<Span>,
}

#[derive(Deserialize)]
struct Tokens {
    #[serde(default)]
    input: u64,
    #[serde(default)]
    output: u64,
    #[serde(default)]
    reasoning: u64,
    cache: Option<Cache>,
}

#[derive(Deserialize)]
struct Cache {
    #[serde(default)]
    read: u64,
    #[serde(default)]
    write: u64,
}

impl Part {
    /// What the model call that ends with this part used.
    pub(super) fn used(&self) -> Used {
        let tokens = self.tokens.as_ref().map_or([0; 4], |tokens| {
            let cache = tokens.cache.as_ref();
            let (read, write) = cache.map_or((0, 0), |cache| (cache.read, cache.write));
            [tokens.input, tokens.output.saturating_add(tokens.reasoning), read, write]
        });
        Used { tokens, calls: Some(1), cost: self.cost }
    }
}

/// An error, as the server tells it.
#[derive(Deserialize)]
pub(super) struct Failure {
    name: Option<String>,
    data: Option<FailureData>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FailureData {
    message: Option<String>,
    status_code: Option<u16>,
}

impl Failure {
    pub(super) fn is_rate_limit(&self) -> bool {
        self.data.as_ref().is_some_and(|data| data.status_code == Some(429))
    }
    pub(super) fn is_abort(&self) -> bool {
        self.name.as_deref() == Some("MessageAbortedError")
    }
    pub(super) fn message(&self) -> &str {
        let told = self.data.as_ref().and_then(|data| data.message.as_deref());
        told.or(self.name.as_deref()).unwrap_or_default()
    }
}

/// A message, as `message.updated` tells of it.
#[derive(Deserialize)]
pub(super) struct Message {
    pub(super) id: String,
    pub(super) role: String,
    #[serde(rename = "modelID")]
    pub(super) model: Option<String>,
    #[serde(rename = "providerID")]
    pub(super) provider: Option<String>,
}

/// What a line says.
pub(super) enum Said {
    Part(Box<Part>),
    Message(Message),
    Failure(Failure),
    /// Of a type that is not one of these.
    Other,
}

/// A line, whichever of the two kinds it is.
pub(super) struct Told {
    pub(super) kind: String,
    pub(super) session: Option<String>,
    pub(super) time: Option<Timestamp>,
    pub(super) said: Said,
}

/// Reads a line. What server-sent events put around their data is passed over: `None`.
pub(super) fn read(line: &str) -> Result<Option<Told>, String> {
    let line = line.trim();
    let data = line.strip_prefix("data:").unwrap_or(line).trim();
    if data.is_empty() || line.starts_with([':']) || line.starts_with("event:") || line.starts_with("id:") {
        return Ok(None);
    }
    let Line { r#type: kind, timestamp, session_id, part, error, properties } = parse(data)?;
    let properties = properties.unwrap_or_default();
    let said = match (part.or(properties.part), error.or(properties.error), properties.info) {
        (Some(part), _, _) => Said::Part(Box::new(part)),
        (None, Some(error), _) => Said::Failure(error),
        (None, None, Some(info)) if kind == "message.updated" => Said::Message(parse(info.get())?),
        _ => Said::Other,
    };
    let time = timestamp.or(properties.time).map(Timestamp::from_millis);
    Ok(Some(Told { kind, session: session_id.or(properties.session_id), time, said }))
}
