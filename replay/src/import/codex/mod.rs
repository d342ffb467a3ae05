//! Codex: its rollouts (`~/.codex/sessions/…/rollout-*.jsonl`) and what `codex exec --json` prints.
//!
//! A run per file. Figures of usage are running totals of the thread, also after it is resumed: what is recorded is
//! their growth. Files of one thread that was resumed are therefore imported as one file, one behind the other.
//! Tokens in are told with those read from the cache; here they stand apart. Cost is not told, and so unknown.

mod exec;
mod rollout;

use domain::values::Timestamp;
use serde::Deserialize;

use super::conversation::{Conversation, Used, each_line, opening, parse};
use super::ids::Ids;
use super::session::{Place, Session};
use super::swe_agent::unknown_time;
use super::{Flow, Options, Sink, Source, Stop, text};

const CLI_TOOL: &str = "codex";

/// Tokens of a thread so far, or of one model call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
struct Tokens {
    #[serde(default)]
    input_tokens: u64,
    #[serde(default)]
    cached_input_tokens: u64,
    #[serde(default)]
    cache_write_input_tokens: u64,
    /// With those of reasoning.
    #[serde(default)]
    output_tokens: u64,
}

impl Tokens {
    fn used(self) -> Used {
        let input = self.input_tokens.saturating_sub(self.cached_input_tokens);
        let tokens = [input, self.output_tokens, self.cached_input_tokens, self.cache_write_input_tokens];
        Used { tokens, calls: None, cost: None }
    }
}

/// What a first pass over the file finds.
#[derive(Default)]
struct Outlook {
    id: String,
    started: Option<Timestamp>,
    prompt: Option<String>,
    is_rollout: bool,
    model: Option<String>,
}

#[derive(Deserialize)]
struct Head {
    r#type: String,
    thread_id: Option<String>,
    timestamp: Option<Timestamp>,
    payload: Option<rollout::Payload>,
}

pub(super) fn read(source: &Source<'_>, options: &Options, sink: &mut Sink<'_>) -> Flow {
    let outlook = look_ahead(source)?;
    let started = outlook.started.unwrap_or_else(unknown_time);
    let kind = if outlook.is_rollout { "codex" } else { "codex-exec" };
    let ids = Ids::new(kind, outlook.id.as_str(), started);
    let place = Place { line: 0, read_bytes: 0, time: started };
    let mut session = Session::new(sink, source.name.clone(), ids, options, place);
    session.open(options, opening(outlook.prompt.as_deref(), &outlook.id, CLI_TOOL))?;
    let mut talk = Conversation::new(session, &outlook.id, Some(CLI_TOOL));
    talk.model = outlook.model;
    if outlook.is_rollout { rollout::read(source, options, talk) } else { exec::read(source, options, talk) }
}

/// Reads as far as the first task.
fn look_ahead(source: &Source<'_>) -> Result<Outlook, Stop> {
    let mut outlook = Outlook::default();
    let mut first_type = None;
    let looked = each_line(source, |line| {
        let Some(head) = line.text.as_ref().ok().and_then(|text| parse::<Head>(text).ok()) else {
            return Ok(());
        };
        outlook.started = outlook.started.or(head.timestamp);
        if outlook.id.is_empty() {
            outlook.id = match (head.r#type.as_str(), &head.thread_id, &head.payload) {
                ("thread.started", Some(id), _) => text::label(id).unwrap_or_default(),
                ("session_meta", _, Some(payload)) => {
                    outlook.is_rollout = true;
                    payload.id.as_deref().and_then(text::label).unwrap_or_default()
                }
                _ => String::new(),
            };
            outlook.started = outlook.started.or_else(|| time_of(&outlook.id));
        }
        if let Some(payload) = head.payload.as_ref().filter(|_| head.r#type == "turn_context") {
            outlook.model = payload.model.as_deref().and_then(text::label).or(outlook.model.take());
        }
        if let Some(payload) = head.payload.filter(|_| head.r#type == "response_item") {
            outlook.prompt = payload.task();
        }
        first_type.get_or_insert(head.r#type);
        if outlook.prompt.is_some() { Err(Stop::Sink) } else { Ok(()) }
    });
    match looked {
        Ok(()) | Err(Stop::Sink) if !outlook.id.is_empty() => Ok(outlook),
        Ok(()) | Err(Stop::Sink) => {
            let actual = first_type.map_or_else(
                || "no line of it is an object with a `type`".to_owned(),
                |first: String| format!("its first line is of type `{}`", text::clip(&first, 80)),
            );
            Err(Stop::Format { expected: "a rollout of Codex, or the output of `codex exec --json`", actual })
        }
        Err(stop) => Err(stop),
    }
}

/// The time that an id of UUID version 7 begins with: `exec` tells no other.
fn time_of(id: &str) -> Option<Timestamp> {
    let hex: String = id.chars().filter(|c| *c != '-').collect();
    if hex.len() != 32 || hex.as_bytes()[12] != b'7' {
        return None;
    }
    i64::from_str_radix(&hex[..12], 16).ok().map(Timestamp::from_millis)
}
