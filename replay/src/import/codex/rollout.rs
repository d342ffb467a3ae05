//! The lines of a rollout: `{timestamp, type, payload}`.

use domain::terms::{Effort, StepFailure};
use domain::values::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::Tokens;
use crate::import::conversation::{Call, Conversation, Told, Used, completed, each_line, failed, parse};
use crate::import::{Flow, Options, Source, text};

#[derive(Deserialize)]
struct Line {
    timestamp: Option<Timestamp>,
    r#type: String,
    payload: Payload,
}

/// What a line carries; which fields it has follows from the types.
#[derive(Deserialize)]
pub(super) struct Payload {
    r#type: Option<String>,
    /// Of the session.
    pub(super) id: Option<String>,
    pub(super) model: Option<String>,
    model_provider: Option<String>,
    effort: Option<String>,
    role: Option<String>,
    content: Option<Box<RawValue>>,
    summary: Option<Box<RawValue>>,
    name: Option<String>,
    call_id: Option<String>,
    arguments: Option<String>,
    input: Option<String>,
    action: Option<Box<RawValue>>,
    output: Option<Box<RawValue>>,
    info: Option<Info>,
    message: Option<String>,
    reason: Option<String>,
}

#[derive(Deserialize)]
struct Info {
    total_token_usage: Option<Tokens>,
    last_token_usage: Option<Tokens>,
}

#[derive(Deserialize)]
struct Piece {
    text: Option<String>,
}

/// Messages of the program about what other lines say, or about nothing that lasts.
const ECHOES: &[&str] = &[
    "user_message",
    "agent_message",
    "agent_reasoning",
    "agent_reasoning_raw_content",
    "agent_reasoning_section_break",
    "task_started",
    "turn_started",
];

impl Payload {
    /// The texts of a message or a summary, a blank line between two.
    fn texts(raw: Option<&RawValue>) -> String {
        let pieces: Vec<Piece> = raw.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default();
        pieces.into_iter().filter_map(|piece| piece.text).collect::<Vec<_>>().join("\n\n")
    }
    /// A person's task: not the surroundings that the program tells the agent in the person's name.
    pub(super) fn task(&self) -> Option<String> {
        let is_user = self.r#type.as_deref() == Some("message") && self.role.as_deref() == Some("user");
        let said = is_user.then(|| Self::texts(self.content.as_deref()))?;
        let plain = said.trim_start();
        let is_added = plain.is_empty() || plain.starts_with('<') || plain.starts_with("# AGENTS.md");
        (!is_added).then_some(said)
    }
    /// What a tool answered, and whether it failed.
    fn answer(&self) -> (String, bool) {
        #[derive(Deserialize)]
        struct Answer {
            content: Option<String>,
            output: Option<String>,
            success: Option<bool>,
            metadata: Option<Metadata>,
        }
        #[derive(Deserialize)]
        struct Metadata {
            exit_code: Option<i64>,
        }
        let Some(raw) = self.output.as_ref().map(|raw| raw.get()) else { return (String::new(), false) };
        let said = serde_json::from_str::<String>(raw).unwrap_or_else(|_| raw.to_owned());
        let Ok(answer) = serde_json::from_str::<Answer>(&said) else { return (said, false) };
        let code = answer.metadata.and_then(|metadata| metadata.exit_code);
        let is_error = answer.success == Some(false) || code.is_some_and(|code| code != 0);
        (answer.output.or(answer.content).unwrap_or(said), is_error)
    }
}

/// The thread, line by line.
struct Thread<'a, 's> {
    talk: Conversation<'a, 's>,
    totals: Option<Tokens>,
}

pub(super) fn read(source: &Source<'_>, options: &Options, talk: Conversation<'_, '_>) -> Flow {
    let mut thread = Thread { talk, totals: None };
    each_line(source, |line| {
        thread.talk.at(line);
        let told = match &line.text {
            Ok(text) if text.trim().is_empty() => Ok(()),
            Ok(text) => thread.line(text),
            Err(reason) => Err(reason.clone().into()),
        };
        thread.talk.settle(told)
    })?;
    if options.finish { thread.talk.finish("the rollout ends in the middle of a turn", None) } else { Ok(()) }
}

impl Thread<'_, '_> {
    fn line(&mut self, raw: &str) -> Told {
        let Line { timestamp, r#type, payload } = parse(raw)?;
        self.talk.on(timestamp);
        match (r#type.as_str(), payload.r#type.as_deref()) {
            ("session_meta", _) => {
                self.talk.provider = payload.model_provider.as_deref().and_then(text::label);
            }
            ("turn_context", _) => {
                self.talk.model = payload.model.as_deref().and_then(text::label).or(self.talk.model.take());
                let known = |word: &str| Effort::ALL.iter().copied().find(|effort| effort.as_str() == word);
                self.talk.effort = payload.effort.as_deref().and_then(known);
            }
            ("response_item", Some(kind)) => self.item(kind, &payload, raw)?,
            ("event_msg", Some("token_count")) => self.usage(payload.info)?,
            ("event_msg", Some("task_complete" | "turn_complete")) => self.talk.over(completed()),
            ("event_msg", Some("turn_aborted")) => {
                let reason = payload.reason.as_deref().unwrap_or("aborted");
                self.talk.over(failed(StepFailure::Aborted, reason));
            }
            ("event_msg", Some("error")) => {
                let reason = payload.message.as_deref().unwrap_or_default();
                let kind =
                    if reason.contains("429") { StepFailure::RateLimited } else { StepFailure::Provider };
                self.talk.over(failed(kind, reason));
            }
            ("event_msg", Some(kind)) if ECHOES.contains(&kind) => {}
            _ => self.talk.keep_raw(raw)?,
        }
        Ok(())
    }

    fn item(&mut self, kind: &str, payload: &Payload, raw: &str) -> Told {
        let said = || Payload::texts(payload.content.as_deref());
        let id = || payload.call_id.as_deref().ok_or("missing field `call_id`".to_owned());
        match (kind, payload.role.as_deref()) {
            ("message", Some("user")) => {
                if payload.task().is_some() {
                    self.talk.begin()?;
                }
                self.talk.user(&said())?;
            }
            ("message", Some("assistant")) => self.talk.assistant(&said(), "", None)?,
            ("reasoning", _) => {
                let thought = Payload::texts(payload.summary.as_deref());
                if !thought.is_empty() {
                    self.talk.assistant("", &thought, None)?;
                }
            }
            ("function_call" | "custom_tool_call" | "local_shell_call", _) => {
                let tool = payload.name.as_deref().unwrap_or(kind);
                let action = || payload.action.as_ref().map(|action| action.get().to_owned());
                let input =
                    || payload.input.as_ref().map(|input| serde_json::json!({ "input": input }).to_string());
                let arguments = payload.arguments.clone().or_else(input).or_else(action);
                self.talk.call(Call::new(id()?, tool, arguments.unwrap_or_else(|| "{}".into()))?)?;
            }
            (kind, _) if kind.ends_with("_call_output") => {
                let (output, is_error) = payload.answer();
                self.talk.answer(id()?, is_error, &output, None)?;
            }
            _ => self.talk.keep_raw(raw)?,
        }
        Ok(())
    }

    /// Each line repeats the thread's total; one that is the same as before tells of no call.
    fn usage(&mut self, info: Option<Info>) -> Flow {
        let Some(info) = info else { return Ok(()) };
        let Some(total) = info.total_token_usage.or(info.last_token_usage) else { return Ok(()) };
        let before = self.totals.replace(total);
        let used = match before {
            // The first total of a rollout that goes on from another one stands for what came before, too.
            None => info.last_token_usage.unwrap_or(total).used(),
            Some(before) => total.used().since(before.used()),
        };
        self.talk.used(None, Used { calls: Some(1), ..used })
    }
}
