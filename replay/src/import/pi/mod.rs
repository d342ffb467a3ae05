//! Pi session files: a header, then one message or change of settings per line.
//!
//! A run per file. A user message begins a step, unless the agent is in the middle of its turn; the turn is over
//! with an assistant message that stops for anything but a tool. A step ends when the next begins, as of its last
//! line, so that the time a person took to answer is nobody's. What a tool result carries for Pi's own screen
//! (`details`) and signatures of thinking are not taken over; lines of other types are kept raw.

mod outlook;
mod shapes;

use std::io::BufReader;

use domain::ids::StepId;
use domain::run::{RecordUsage, StartStep};
use domain::terms::{Effort, MessageRole, Role, StepFailure};
use domain::values::Timestamp;

use super::conversation::{Trouble, parse};
use super::ids::Ids;
use super::lines::{Line, Lines};
use super::session::{Answer, Ending, Opening, Place, Saying, Session};
use super::{Flow, Options, Sink, Source, Stop, text};
use outlook::look_ahead;
use shapes::{
    Assistant, Block, ECHOES, Entry, Head, Header, ModelChange, Speaker, ThinkingLevelChange, Timed,
    ToolResult, Usage, User, effort, texts, thoughts,
};

const CLI_TOOL: &str = "pi";

pub(super) fn read(source: &Source<'_>, options: &Options, sink: &mut Sink<'_>) -> Flow {
    let outlook = look_ahead(source)?;
    let ids = Ids::new(CLI_TOOL, outlook.header.id.as_str(), outlook.header.timestamp);
    let place = Place { line: 0, read_bytes: 0, time: outlook.started };
    let mut session = Session::new(sink, source.name.clone(), ids, options, place);
    let prompt = outlook.prompt.as_deref();
    session.open(
        options,
        Opening {
            title: prompt.and_then(text::title).or_else(|| text::label(&outlook.header.id)),
            prompt: prompt.map_or_else(
                || format!("no user message in session {}", outlook.header.id),
                |prompt| text::clip(prompt, domain::check::TEXT_MAX_BYTES).to_owned(),
            ),
            provider: CLI_TOOL,
        },
    )?;
    let mut turns = Turns::new(session, outlook.header);
    let mut lines = Lines::new(BufReader::new((source.open)()?));
    while let Some(line) = lines.next()? {
        turns.line(line)?;
    }
    if options.finish { turns.finish() } else { Ok(()) }
}

/// Lines that carry a message: of the file, and of the event stream.
fn is_message(kind: &str) -> bool {
    matches!(kind, "message" | "message_end")
}

struct Step {
    id: StepId,
    began: u64,
    last: Place,
    /// Set once the turn is over.
    ended: Option<Ending>,
}

/// The session, turn by turn.
struct Turns<'a, 's> {
    session: Session<'a, 's>,
    header: Header,
    model: Option<String>,
    effort: Option<Effort>,
    step: Option<Step>,
    header_seen: bool,
}

impl<'a, 's> Turns<'a, 's> {
    fn new(session: Session<'a, 's>, header: Header) -> Self {
        let model = header.model_id.as_deref().and_then(text::label);
        let effort = header.thinking_level.as_deref().and_then(effort);
        Self { session, header, model, effort, step: None, header_seen: false }
    }

    fn line(&mut self, line: Line<'_>) -> Flow {
        let time = self.session.place().time;
        self.session.at(Place { line: line.number, read_bytes: line.read_bytes, time });
        let taken = match line.text {
            Ok(text) if text.trim().is_empty() => Ok(()),
            Ok(text) => self.entry(text),
            Err(reason) => Err(Trouble::Bad(reason)),
        };
        match taken {
            Ok(()) => Ok(()),
            Err(Trouble::Bad(reason)) => self.session.bad(reason),
            Err(Trouble::Stop(stop)) => Err(stop),
        }
    }

    fn entry(&mut self, line: &str) -> Result<(), Trouble> {
        if !line.trim_start().starts_with('{') {
            return Err(Trouble::Bad("expected a JSON object".into()));
        }
        let Head { r#type } = parse(line)?;
        match r#type.as_str() {
            "session" if !self.header_seen => {
                parse::<Header>(line)?;
                self.header_seen = true;
            }
            kind if is_message(kind) => self.message(line)?,
            "model_change" => {
                let change: ModelChange = parse(line)?;
                self.on(change.timestamp);
                self.model = text::label(&change.model_id);
            }
            "thinking_level_change" => {
                let change: ThinkingLevelChange = parse(line)?;
                self.on(change.timestamp);
                self.effort = effort(&change.thinking_level);
            }
            kind if ECHOES.contains(&kind) => {}
            _ => self.unknown(line)?,
        }
        Ok(())
    }

    fn on(&mut self, time: Option<Timestamp>) {
        if let Some(time) = time {
            self.session.at(Place { time, ..self.session.place() });
        }
    }
    fn unknown(&mut self, line: &str) -> Result<(), Trouble> {
        if let Ok(timed) = parse::<Timed>(line) {
            self.on(timed.timestamp);
        }
        Ok(self.session.keep_raw(&self.header.id, line)?)
    }

    fn message(&mut self, line: &str) -> Result<(), Trouble> {
        let entry: Entry = parse(line)?;
        let raw = entry.message.get();
        let speaker: Speaker = parse(raw)?;
        let time = entry.timestamp.or(speaker.timestamp.map(Timestamp::from_millis));
        match speaker.role.as_str() {
            "user" => {
                let user: User = parse(raw)?;
                self.on(time);
                self.user(&user)?;
            }
            "assistant" => {
                let assistant: Assistant = parse(raw)?;
                let calls = calls(&assistant.content)?;
                self.on(time);
                self.assistant(&assistant, calls)?;
            }
            "toolResult" => {
                let result: ToolResult = parse(raw)?;
                let call_id =
                    text::call_id(&result.tool_call_id).ok_or("`toolCallId` is blank".to_owned())?;
                let tool = text::label(&result.tool_name).ok_or("`toolName` is blank".to_owned())?;
                self.on(time);
                self.tool_result(&result, call_id, tool)?;
            }
            _ => {
                self.on(time);
                self.session.keep_raw(&self.header.id, line)?;
            }
        }
        Ok(())
    }

    fn user(&mut self, user: &User) -> Flow {
        let step = self.turn()?;
        let content = texts(&user.content);
        let (role, thinking, stop_reason) = (MessageRole::User, "", None);
        self.session.say(step, Saying { role, content: &content, thinking, stop_reason })
    }

    fn assistant(&mut self, message: &Assistant, calls: Vec<(String, String, &str)>) -> Flow {
        let step = self.turn()?;
        let (content, thinking) = (texts(&message.content), thoughts(&message.content));
        let stop_reason = message.stop_reason.as_deref().and_then(text::label);
        let role = MessageRole::Assistant;
        self.session.say(step, Saying { role, content: &content, thinking: &thinking, stop_reason })?;
        for (call_id, tool, arguments) in calls {
            self.session.call(step, call_id, tool, arguments)?;
        }
        if let Some(usage) = &message.usage {
            self.usage(step, message, usage)?;
        }
        if let Some(step) = &mut self.step {
            step.ended = ending(message);
        }
        Ok(())
    }

    fn usage(&mut self, step: StepId, message: &Assistant, usage: &Usage) -> Flow {
        let model = message.model.as_deref().and_then(text::label).or_else(|| self.model.clone());
        self.session.run(RecordUsage {
            step,
            provider: message.provider.as_deref().and_then(text::label),
            model: model.unwrap_or_else(|| "unknown".into()),
            input_tokens: usage.input,
            output_tokens: usage.output,
            cache_read_tokens: usage.cache_read,
            cache_write_tokens: usage.cache_write,
            calls: None,
            cost_usd: usage.cost.as_ref().and_then(|cost| cost.total),
        })
    }

    fn tool_result(&mut self, result: &ToolResult, call_id: String, tool: String) -> Flow {
        // Results of calls that were cut short come after the end of their turn.
        let step = match &mut self.step {
            Some(step) => {
                step.last = self.session.place();
                step.id
            }
            None => self.turn()?,
        };
        let (output, is_error) = (texts(&result.content), result.is_error);
        self.session.answer(step, Answer { call_id, tool, is_error, output: &output, duration_ms: None })
    }

    /// The step that a message belongs to: the running one, or a new one where the last turn is over.
    fn turn(&mut self) -> Result<StepId, Stop> {
        let place = self.session.place();
        if let Some(step) = &mut self.step
            && step.ended.is_none()
        {
            step.last = place;
            return Ok(step.id);
        }
        self.end_step()?;
        let id = self.session.step_id();
        self.step = Some(Step { id, began: place.line, last: place, ended: None });
        self.session.start_step(StartStep {
            step: id,
            role: Role::Designer,
            sandbox: Some(self.session.sandbox()),
            persona: None,
            persona_version: None,
            cli_tool: Some(CLI_TOOL.into()),
            model: self.model.clone(),
            thinking_effort: self.effort,
            iteration: None,
            loop_id: None,
            loop_iteration: None,
            prompt_digest: None,
        })?;
        Ok(id)
    }

    fn end_step(&mut self) -> Flow {
        let Some(step) = self.step.take() else { return Ok(()) };
        let ending = step.ended.unwrap_or_else(|| Ending::Failed {
            failure: StepFailure::Crashed,
            error: "the session file ends in the middle of a turn".into(),
        });
        self.session.end_step(step.id, step.began, step.last, ending)
    }

    fn finish(mut self) -> Flow {
        self.end_step()?;
        self.session.close(None, None)
    }
}

/// Tool calls with id and name as commands take them, and arguments as they came.
fn calls(content: &[Block]) -> Result<Vec<(String, String, &str)>, String> {
    let mut calls = Vec::new();
    for block in content {
        if let Block::ToolCall { id, name, arguments } = block {
            let id = text::call_id(id).ok_or("`id` of a toolCall is blank")?;
            let name = text::label(name).ok_or("`name` of a toolCall is blank")?;
            calls.push((id, name, arguments.as_str()));
        }
    }
    Ok(calls)
}

/// How the step ends if nothing follows; `None` in the middle of a turn.
fn ending(message: &Assistant) -> Option<Ending> {
    let error = |otherwise: &str| {
        let error =
            message.error_message.as_deref().map(|error| text::clip(error, domain::check::TEXT_MAX_BYTES));
        error.filter(|error| !error.trim().is_empty()).unwrap_or(otherwise).to_owned()
    };
    match message.stop_reason.as_deref() {
        Some("stop" | "length") => Some(Ending::Completed { output: None }),
        Some("aborted") => Some(Ending::Failed { failure: StepFailure::Aborted, error: error("aborted") }),
        Some("error") => {
            Some(Ending::Failed { failure: StepFailure::Provider, error: error("no reason given") })
        }
        _ => None,
    }
}
