//! What a first pass over a Claude Code file finds: whose it is, its task, and where each model call is told last.

use std::collections::BTreeMap;

use domain::values::Timestamp;

use super::shapes::{Block, Entry, Message, ResultLine, StreamEvent, texts};
use crate::import::conversation::{each_line, parse};
use crate::import::lines::Line;
use crate::import::{Source, Stop, text};

/// The line at which a model call is told last, and what it used as far as that.
#[derive(Debug, Clone, Default)]
pub(super) struct Call {
    pub(super) line: u64,
    pub(super) first: u64,
    pub(super) model: Option<String>,
    pub(super) tokens: [u64; 4],
}

/// What the whole file tells of the session.
#[derive(Default)]
pub(super) struct Outlook {
    pub(super) id: String,
    pub(super) started: Option<Timestamp>,
    pub(super) prompt: Option<String>,
    /// Every model call, by the id of its message: several lines tell of one, and repeat its usage.
    pub(super) calls: BTreeMap<String, Call>,
    /// The line that tells of a model call last.
    pub(super) last_call: u64,
    /// The lines that end a turn with running totals.
    pub(super) results: Vec<u64>,
    /// Whether it is a stream, and no transcript.
    pub(super) is_stream: bool,
    pub(super) has_verdict: bool,
}

impl Outlook {
    pub(super) fn of(source: &Source<'_>) -> Result<Self, Stop> {
        let mut outlook = Self::default();
        let (mut first_type, mut agent) = (None::<String>, None::<String>);
        each_line(source, |line| {
            let Ok(entry) =
                line.text.as_deref().map_err(|_| ()).and_then(|text| parse::<Entry>(text).map_err(|_| ()))
            else {
                return Ok(());
            };
            first_type.get_or_insert_with(|| entry.r#type.clone());
            if outlook.id.is_empty()
                && let Some(id) = entry.session_id.as_deref().and_then(text::label)
            {
                outlook.id = id;
                agent = entry.agent_id.clone();
            }
            outlook.started = outlook.started.or(entry.timestamp);
            outlook.look(line, &entry);
            Ok(())
        })?;
        if outlook.id.is_empty() {
            let actual = first_type.map_or_else(
                || "no line of it is an object with a `type`".to_owned(),
                |first| {
                    format!(
                        "none of its lines names a session; the first is of type `{}`",
                        text::clip(&first, 80)
                    )
                },
            );
            return Err(Stop::Format { expected: "a transcript or the stream-json of Claude Code", actual });
        }
        if let Some(agent) = agent.as_deref().and_then(text::label) {
            outlook.id = format!("{}/{agent}", outlook.id);
        }
        Ok(outlook)
    }

    /// The model of the first call.
    pub(super) fn model(&self) -> Option<String> {
        let first = self.calls.values().min_by_key(|call| call.first)?;
        first.model.as_deref().and_then(text::label)
    }

    fn look(&mut self, line: &Line<'_>, entry: &Entry) {
        let Ok(raw) = line.text else { return };
        let message = || entry.message.as_ref().and_then(|message| parse::<Message>(message.get()).ok());
        match entry.r#type.as_str() {
            "user" if self.prompt.is_none() && !entry.is_meta && !entry.is_synthetic => {
                let blocks = message().and_then(|message| message.blocks().ok());
                self.prompt = blocks.and_then(|blocks| task(&blocks));
            }
            "assistant" => {
                if let Some(message) = message() {
                    self.call(line.number, &message);
                }
            }
            "stream_event" => self.end_of_call(raw),
            "result" => {
                self.is_stream = true;
                self.results.push(line.number);
                self.has_verdict |= parse::<ResultLine>(raw).is_ok_and(|result| result.verdict().is_some());
            }
            "system" if entry.subtype.as_deref() == Some("init") => self.is_stream = true,
            _ => {}
        }
    }
    fn call(&mut self, line: u64, message: &Message) {
        let (Some(id), Some(usage)) = (&message.id, message.usage) else { return };
        let call = self.calls.entry(id.clone()).or_insert_with(|| Call { first: line, ..Call::default() });
        call.line = line;
        self.last_call = line;
        call.model.clone_from(&message.model);
        call.raise(usage.tokens());
    }
    fn end_of_call(&mut self, raw: &str) {
        let Ok(StreamEvent { event, api_message_id: Some(id) }) = parse(raw) else { return };
        let usage = event.usage.filter(|_| event.r#type == "message_delta");
        if let (Some(usage), Some(call)) = (usage, self.calls.get_mut(&id)) {
            call.raise(usage.tokens());
        }
    }
}

impl Call {
    /// Figures of a call only grow while it is told.
    fn raise(&mut self, tokens: [u64; 4]) {
        self.tokens.iter_mut().zip(tokens).for_each(|(known, told)| *known = told.max(*known));
    }
}

/// A person's task, if that is what these pieces are: not a tool's answer, a bare command, or what the program adds.
pub(super) fn task(blocks: &[Block]) -> Option<String> {
    if blocks.iter().any(|block| matches!(block, Block::Answer { .. })) {
        return None;
    }
    let said = texts(blocks);
    let plain = said.trim();
    let is_added = plain.is_empty() || plain.starts_with(['<', '[', '/']) || plain.starts_with("Caveat:");
    (!is_added).then_some(said)
}
