//! Shapes of the parts of a trajectory file, as far as they matter here. Unknown fields are passed over.

use domain::values::Usd;
use serde::Deserialize;
use serde::de::{Deserializer, Error};
use serde_json::value::RawValue;

/// An element of `trajectory`: what the agent thought and did, and what came of it.
#[derive(Deserialize)]
pub(super) struct Step {
    #[serde(default)]
    pub(super) action: String,
    #[serde(default)]
    pub(super) observation: String,
    #[serde(default)]
    pub(super) response: String,
    #[serde(default)]
    pub(super) thought: String,
    /// Seconds.
    pub(super) execution_time: Option<f64>,
}

/// An element of `history`: a message.
#[derive(Deserialize)]
pub(super) struct Message {
    pub(super) role: String,
    #[serde(default, deserialize_with = "content")]
    pub(super) content: String,
    #[serde(default)]
    pub(super) action: Option<String>,
    #[serde(default)]
    pub(super) is_demo: bool,
    #[serde(default)]
    pub(super) tool_calls: Option<Vec<ToolCall>>,
    #[serde(default)]
    pub(super) tool_call_ids: Option<Vec<String>>,
}

/// A tool call of a message.
#[derive(Deserialize)]
pub(super) struct ToolCall {
    pub(super) id: String,
    pub(super) function: Function,
}

/// What is called.
#[derive(Deserialize)]
pub(super) struct Function {
    pub(super) name: String,
    /// A JSON text in a string, or JSON itself.
    #[serde(deserialize_with = "json_text")]
    pub(super) arguments: String,
}

/// `info`: how it ended and what it cost.
#[derive(Default, Deserialize)]
pub(super) struct Info {
    pub(super) exit_status: Option<String>,
    pub(super) submission: Option<String>,
    pub(super) model_stats: Option<ModelStats>,
}

/// Running totals of the whole trajectory.
#[derive(Deserialize)]
pub(super) struct ModelStats {
    pub(super) instance_cost: Option<Usd>,
    #[serde(default)]
    pub(super) tokens_sent: u64,
    #[serde(default)]
    pub(super) tokens_received: u64,
    pub(super) api_calls: Option<u32>,
}

/// `replay_config`, where the newer releases name the model and the task.
#[derive(Default, Deserialize)]
pub(super) struct ReplayConfig {
    pub(super) agent: Option<Agent>,
    pub(super) problem_statement: Option<ProblemStatement>,
}

/// The agent's settings.
#[derive(Deserialize)]
pub(super) struct Agent {
    pub(super) model: Option<Model>,
}

/// The model's settings.
#[derive(Deserialize)]
pub(super) struct Model {
    pub(super) name: Option<String>,
}

/// The task.
#[derive(Deserialize)]
pub(super) struct ProblemStatement {
    pub(super) text: Option<String>,
}

/// `replay_config` is an object, or its JSON text in a string.
pub(super) fn replay_config(raw: &RawValue) -> Result<ReplayConfig, serde_json::Error> {
    if raw.get().starts_with('"') {
        return serde_json::from_str(&serde_json::from_str::<String>(raw.get())?);
    }
    serde_json::from_str(raw.get())
}

/// Content is a text, nothing, or a list of pieces with texts.
fn content<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Content {
        Text(String),
        Pieces(Vec<Piece>),
        Nothing(()),
    }
    #[derive(Deserialize)]
    struct Piece {
        text: Option<String>,
        #[serde(default)]
        r#type: String,
    }
    Ok(match Content::deserialize(deserializer)? {
        Content::Text(text) => text,
        Content::Nothing(()) => String::new(),
        Content::Pieces(pieces) => {
            let shown = |piece: Piece| piece.text.unwrap_or_else(|| format!("[{}]", piece.r#type));
            pieces.into_iter().map(shown).collect::<Vec<_>>().join("\n\n")
        }
    })
}

fn json_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let raw = <&RawValue>::deserialize(deserializer)?.get();
    if raw.starts_with('"') {
        serde_json::from_str(raw).map_err(D::Error::custom)
    } else {
        Ok(raw.to_owned())
    }
}
