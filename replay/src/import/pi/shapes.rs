//! Shapes of the lines of a Pi session file, as far as they matter here. Unknown fields are passed over.

use domain::terms::Effort;
use domain::values::{Timestamp, Usd};
use serde::Deserialize;
use serde::de::{Deserializer, Error};
use serde_json::value::RawValue;

/// What every line has.
#[derive(Deserialize)]
pub(super) struct Head {
    pub(super) r#type: String,
}

/// Only the time of a line.
#[derive(Deserialize)]
pub(super) struct Timed {
    pub(super) timestamp: Option<Timestamp>,
}

/// `{"type":"session"}`: the first line.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Header {
    pub(super) id: String,
    pub(super) timestamp: Timestamp,
    pub(super) model_id: Option<String>,
    pub(super) thinking_level: Option<String>,
}

/// `{"type":"model_change"}`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ModelChange {
    pub(super) timestamp: Option<Timestamp>,
    pub(super) model_id: String,
}

/// `{"type":"thinking_level_change"}`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ThinkingLevelChange {
    pub(super) timestamp: Option<Timestamp>,
    pub(super) thinking_level: String,
}

/// `{"type":"message"}`, and `{"type":"message_end"}` of the event stream.
#[derive(Deserialize)]
pub(super) struct Entry {
    pub(super) timestamp: Option<Timestamp>,
    pub(super) message: Box<RawValue>,
}

/// What every message has.
#[derive(Deserialize)]
pub(super) struct Speaker {
    pub(super) role: String,
    /// Milliseconds since 1970.
    pub(super) timestamp: Option<i64>,
}

/// A message of a person.
#[derive(Deserialize)]
pub(super) struct User {
    #[serde(deserialize_with = "blocks")]
    pub(super) content: Vec<Block>,
}

/// A message of the agent.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Assistant {
    #[serde(deserialize_with = "blocks")]
    pub(super) content: Vec<Block>,
    pub(super) provider: Option<String>,
    pub(super) model: Option<String>,
    pub(super) usage: Option<Usage>,
    pub(super) stop_reason: Option<String>,
    pub(super) error_message: Option<String>,
}

/// Tokens and cost of one model call.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Usage {
    #[serde(default)]
    pub(super) input: u64,
    #[serde(default)]
    pub(super) output: u64,
    #[serde(default)]
    pub(super) cache_read: u64,
    #[serde(default)]
    pub(super) cache_write: u64,
    pub(super) cost: Option<Cost>,
}

/// What one model call cost, in US dollars.
#[derive(Deserialize)]
pub(super) struct Cost {
    pub(super) total: Option<Usd>,
}

/// What a tool answered.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ToolResult {
    pub(super) tool_call_id: String,
    pub(super) tool_name: String,
    #[serde(deserialize_with = "blocks")]
    pub(super) content: Vec<Block>,
    #[serde(default)]
    pub(super) is_error: bool,
}

/// A piece of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Block {
    Text(String),
    Thinking(String),
    ToolCall { id: String, name: String, arguments: String },
}

/// A piece as it stands in the file.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawBlock {
    r#type: String,
    text: Option<String>,
    thinking: Option<String>,
    data: Option<String>,
    mime_type: Option<String>,
    id: Option<String>,
    name: Option<String>,
    arguments: Option<Box<RawValue>>,
}

/// Content is one text, or a list of pieces.
fn blocks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Block>, D::Error> {
    let raw = <&RawValue>::deserialize(deserializer)?.get();
    if raw.starts_with('"') {
        return serde_json::from_str(raw).map(|text| vec![Block::Text(text)]).map_err(D::Error::custom);
    }
    let pieces: Vec<&RawValue> = serde_json::from_str(raw).map_err(D::Error::custom)?;
    pieces.into_iter().map(|piece| block(piece.get())).collect::<Result<_, _>>().map_err(D::Error::custom)
}

fn block(raw: &str) -> Result<Block, serde_json::Error> {
    let head: Head = serde_json::from_str(raw)?;
    if !matches!(head.r#type.as_str(), "text" | "thinking" | "toolCall" | "image") {
        return Ok(Block::Text(format!("[unrecognised block {raw}]")));
    }
    let piece: RawBlock = serde_json::from_str(raw)?;
    let missing = serde_json::Error::missing_field;
    Ok(match piece.r#type.as_str() {
        "text" => Block::Text(piece.text.ok_or_else(|| missing("text"))?),
        "thinking" => Block::Thinking(piece.thinking.ok_or_else(|| missing("thinking"))?),
        "toolCall" => Block::ToolCall {
            id: piece.id.ok_or_else(|| missing("id"))?,
            name: piece.name.ok_or_else(|| missing("name"))?,
            arguments: piece.arguments.ok_or_else(|| missing("arguments"))?.get().to_owned(),
        },
        _ => {
            let kind = piece.mime_type.unwrap_or_else(|| "of unknown type".into());
            // The picture itself stays in the file; base64 takes 4 characters for 3 bytes.
            let bytes = piece.data.map_or(0, |data| data.trim_end_matches('=').len() * 3 / 4);
            Block::Text(format!("[image {kind}, {bytes} bytes]"))
        }
    })
}

/// All texts, a blank line between two.
pub(super) fn texts(blocks: &[Block]) -> String {
    let texts: Vec<&str> = blocks.iter().filter_map(Block::text).collect();
    texts.join("\n\n")
}

/// All thinking, a blank line between two.
pub(super) fn thoughts(blocks: &[Block]) -> String {
    let thoughts: Vec<&str> = blocks.iter().filter_map(Block::thinking).collect();
    thoughts.join("\n\n")
}

impl Block {
    fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Thinking(_) | Self::ToolCall { .. } => None,
        }
    }
    fn thinking(&self) -> Option<&str> {
        match self {
            Self::Thinking(thinking) if !thinking.is_empty() => Some(thinking),
            Self::Thinking(_) | Self::Text(_) | Self::ToolCall { .. } => None,
        }
    }
}

/// Pi's word for how hard to think; `None` for one that is unknown.
pub(super) fn effort(level: &str) -> Option<Effort> {
    Effort::ALL.iter().copied().find(|effort| effort.as_str() == level)
}

/// Types of the event stream that repeat what a `message_end` line says, or only mark a point.
pub(super) const ECHOES: &[&str] = &[
    "agent_start",
    "agent_end",
    "agent_settled",
    "turn_start",
    "turn_end",
    "message_start",
    "message_update",
    "tool_execution_start",
    "tool_execution_update",
    "tool_execution_end",
];
