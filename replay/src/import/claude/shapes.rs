//! Shapes of the lines of Claude Code's transcripts and of its stream-json. Unknown fields are passed over.

use std::collections::BTreeMap;

use domain::values::{Timestamp, Usd};
use serde::Deserialize;
use serde::de::Error as _;
use serde_json::value::RawValue;

use crate::import::conversation::Used;

/// Any line.
#[derive(Deserialize)]
pub(super) struct Entry {
    pub(super) r#type: String,
    pub(super) subtype: Option<String>,
    #[serde(alias = "sessionId")]
    pub(super) session_id: Option<String>,
    /// Of a subagent's own transcript.
    #[serde(rename = "agentId")]
    pub(super) agent_id: Option<String>,
    pub(super) uuid: Option<String>,
    pub(super) timestamp: Option<Timestamp>,
    pub(super) message: Option<Box<RawValue>>,
    pub(super) model: Option<String>,
    /// Of a line that a subagent wrote.
    pub(super) parent_tool_use_id: Option<String>,
    #[serde(rename = "isSidechain", default)]
    pub(super) is_sidechain: bool,
    #[serde(rename = "isMeta", default)]
    pub(super) is_meta: bool,
    #[serde(rename = "isSynthetic", default)]
    pub(super) is_synthetic: bool,
    #[serde(alias = "isApiErrorMessage", default)]
    pub(super) is_api_error_message: bool,
    pub(super) api_error_status: Option<u16>,
    #[serde(rename = "costUSD")]
    pub(super) cost_usd: Option<Usd>,
}

impl Entry {
    /// Whether it is no part of the conversation between the person and the agent itself.
    pub(super) const fn is_aside(&self) -> bool {
        self.is_sidechain || self.parent_tool_use_id.is_some()
    }
}

/// The message of a line.
#[derive(Deserialize)]
pub(super) struct Message {
    pub(super) id: Option<String>,
    pub(super) model: Option<String>,
    content: Box<RawValue>,
    pub(super) stop_reason: Option<String>,
    pub(super) usage: Option<Usage>,
}

/// Tokens of one model call, as the Messages API names them.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
pub(super) struct Usage {
    input_tokens: Option<u64>,
    output_tokens: Option<u64>,
    cache_read_input_tokens: Option<u64>,
    cache_creation_input_tokens: Option<u64>,
}

impl Usage {
    pub(super) fn tokens(self) -> [u64; 4] {
        let Self { input_tokens, output_tokens, cache_read_input_tokens, cache_creation_input_tokens } = self;
        [input_tokens, output_tokens, cache_read_input_tokens, cache_creation_input_tokens]
            .map(Option::unwrap_or_default)
    }
}

/// A piece of a message.
pub(super) enum Block {
    Text(String),
    Thinking(String),
    Call { id: String, name: String, input: String },
    Answer { id: String, output: String, is_error: bool },
}

#[derive(Deserialize)]
struct RawBlock {
    r#type: String,
    text: Option<String>,
    thinking: Option<String>,
    id: Option<String>,
    name: Option<String>,
    input: Option<Box<RawValue>>,
    tool_use_id: Option<String>,
    content: Option<Box<RawValue>>,
    #[serde(default)]
    is_error: Option<bool>,
    source: Option<PictureSource>,
}

#[derive(Deserialize)]
struct PictureSource {
    media_type: Option<String>,
    data: Option<String>,
}

impl Message {
    /// Its pieces; content is one text, or a list of pieces.
    pub(super) fn blocks(&self) -> Result<Vec<Block>, String> {
        blocks(&self.content).map_err(|error| {
            let text = error.to_string();
            format!("`content`: {}", text.split(" at line ").next().unwrap_or_default())
        })
    }
}

fn blocks(raw: &RawValue) -> Result<Vec<Block>, serde_json::Error> {
    if raw.get().starts_with('"') {
        return serde_json::from_str(raw.get()).map(|text| vec![Block::Text(text)]);
    }
    let pieces: Vec<&RawValue> = serde_json::from_str(raw.get())?;
    pieces.into_iter().map(block).collect()
}

fn block(raw: &RawValue) -> Result<Block, serde_json::Error> {
    let piece: RawBlock = serde_json::from_str(raw.get())?;
    let missing = serde_json::Error::missing_field;
    Ok(match piece.r#type.as_str() {
        "text" => Block::Text(piece.text.ok_or_else(|| missing("text"))?),
        "thinking" => Block::Thinking(piece.thinking.unwrap_or_default()),
        "tool_use" | "server_tool_use" | "mcp_tool_use" => Block::Call {
            id: piece.id.ok_or_else(|| missing("id"))?,
            name: piece.name.ok_or_else(|| missing("name"))?,
            input: piece.input.map_or_else(|| "{}".to_owned(), |input| input.get().to_owned()),
        },
        kind if kind.ends_with("tool_result") => Block::Answer {
            id: piece.tool_use_id.ok_or_else(|| missing("tool_use_id"))?,
            output: piece.content.as_deref().map(output).transpose()?.unwrap_or_default(),
            is_error: piece.is_error.unwrap_or(false),
        },
        "image" | "document" => {
            let source = piece.source.as_ref();
            let kind = source.and_then(|source| source.media_type.as_deref()).unwrap_or("of unknown type");
            // The picture itself stays in the file; base64 takes 4 characters for 3 bytes.
            let data = source.and_then(|source| source.data.as_deref()).unwrap_or_default();
            let bytes = data.trim_end_matches('=').len() * 3 / 4;
            Block::Text(format!("[{} {kind}, {bytes} bytes]", piece.r#type))
        }
        _ => Block::Text(format!("[unrecognised block {}]", raw.get())),
    })
}

/// What a tool answered: a text, or pieces of which the texts count.
fn output(raw: &RawValue) -> Result<String, serde_json::Error> {
    if !raw.get().starts_with(['"', '[']) {
        return Ok(raw.get().to_owned());
    }
    Ok(texts(&blocks(raw)?))
}

/// All texts, a blank line between two.
pub(super) fn texts(blocks: &[Block]) -> String {
    let texts = blocks.iter().filter_map(|block| match block {
        Block::Text(text) => Some(text.as_str()),
        _ => None,
    });
    texts.collect::<Vec<_>>().join("\n\n")
}

/// All thinking, a blank line between two.
pub(super) fn thoughts(blocks: &[Block]) -> String {
    let thoughts = blocks.iter().filter_map(|block| match block {
        Block::Thinking(thought) if !thought.is_empty() => Some(thought.as_str()),
        _ => None,
    });
    thoughts.collect::<Vec<_>>().join("\n\n")
}

/// `{"type":"stream_event"}` of a message that ends: the only place with its final number of tokens out.
#[derive(Deserialize)]
pub(super) struct StreamEvent {
    pub(super) event: RawEvent,
    pub(super) api_message_id: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct RawEvent {
    pub(super) r#type: String,
    pub(super) usage: Option<Usage>,
}

/// `{"type":"result"}`: the end of a turn. Its figures are running totals of the session.
#[derive(Deserialize)]
pub(super) struct ResultLine {
    pub(super) subtype: Option<String>,
    #[serde(default)]
    pub(super) is_error: bool,
    pub(super) result: Option<String>,
    pub(super) terminal_reason: Option<String>,
    pub(super) api_error_status: Option<u16>,
    pub(super) structured_output: Option<Box<RawValue>>,
    total_cost_usd: Option<Usd>,
    usage: Option<Usage>,
    #[serde(rename = "modelUsage")]
    model_usage: Option<BTreeMap<String, ModelUsage>>,
    model_usage_since_last_result: Option<BTreeMap<String, ModelUsage>>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ModelUsage {
    #[serde(default)]
    input_tokens: u64,
    #[serde(default)]
    output_tokens: u64,
    #[serde(default)]
    cache_read_input_tokens: u64,
    #[serde(default)]
    cache_creation_input_tokens: u64,
    #[serde(rename = "costUSD")]
    cost_usd: Option<Usd>,
}

impl From<ModelUsage> for Used {
    fn from(usage: ModelUsage) -> Self {
        let ModelUsage { input_tokens, output_tokens, cache_read_input_tokens, .. } = usage;
        let tokens =
            [input_tokens, output_tokens, cache_read_input_tokens, usage.cache_creation_input_tokens];
        Self { tokens, calls: None, cost: usage.cost_usd }
    }
}

fn used(models: &BTreeMap<String, ModelUsage>) -> BTreeMap<Option<String>, Used> {
    models.iter().map(|(model, usage)| (Some(model.clone()), Used::from(*usage))).collect()
}

impl ResultLine {
    /// Running totals by model; of no model in particular where the line does not tell them apart.
    pub(super) fn totals(&self) -> BTreeMap<Option<String>, Used> {
        match &self.model_usage {
            Some(models) if !models.is_empty() => used(models),
            _ => {
                let tokens = self.usage.unwrap_or_default().tokens();
                BTreeMap::from([(None, Used { tokens, calls: None, cost: self.total_cost_usd })])
            }
        }
    }
    /// What this process used since its last result, where the line says so.
    pub(super) fn since_last(&self) -> Option<BTreeMap<Option<String>, Used>> {
        self.model_usage_since_last_result.as_ref().map(used)
    }
}

/// A checker's verdict, as `structured_output` has it.
#[derive(Deserialize)]
pub(super) struct Verdict {
    pub(super) pass: bool,
    #[serde(default)]
    pub(super) feedback: String,
}

impl ResultLine {
    pub(super) fn verdict(&self) -> Option<Verdict> {
        serde_json::from_str(self.structured_output.as_ref()?.get()).ok()
    }
}
