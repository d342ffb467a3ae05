//! OpenCode: what `opencode run --format json` prints, and the events that its server sends (`GET /event`).
//!
//! A run per file. Both tell of the parts of messages; a part is taken over once it is whole. Each step of OpenCode is
//! one model call with its own tokens and cost, and they are added up as they come; tokens of reasoning are tokens
//! out. Lines of another session than the first, and of unknown types, are kept raw.

mod shapes;

use std::collections::{BTreeMap, BTreeSet};

use domain::terms::StepFailure;
use domain::values::Timestamp;

use super::conversation::{self, Call, Conversation, completed, each_line, failed, opening};
use super::ids::Ids;
use super::lines::Line;
use super::session::{Place, Session};
use super::swe_agent::unknown_time;
use super::{Flow, Options, Sink, Source, Stop, text};
use shapes::{Failure, Message, Part, Said, Told};

const CLI_TOOL: &str = "opencode";
const UNENDED: &str = "the events end in the middle of a turn";

/// Types that repeat what others say, or tell of the program and not of a session.
const ECHOES: &[&str] = &[
    "server.connected",
    "server.heartbeat",
    "session.created",
    "session.updated",
    "session.status",
    "session.idle",
    "session.diff",
    "message.part.delta",
    "plugin.added",
    "catalog.updated",
    "reference.updated",
    "integration.updated",
];

/// What a first pass over the file finds.
#[derive(Default)]
struct Outlook {
    id: String,
    started: Option<Timestamp>,
    prompt: Option<String>,
}

pub(super) fn read(source: &Source<'_>, options: &Options, sink: &mut Sink<'_>) -> Flow {
    let outlook = look_ahead(source)?;
    let started = outlook.started.unwrap_or_else(unknown_time);
    let ids = Ids::new(CLI_TOOL, outlook.id.as_str(), started);
    let place = Place { line: 0, read_bytes: 0, time: started };
    let mut session = Session::new(sink, source.name.clone(), ids, options, place);
    session.open(options, opening(outlook.prompt.as_deref(), &outlook.id, CLI_TOOL))?;
    let talk = Conversation::new(session, &outlook.id, Some(CLI_TOOL));
    let mut events = Events { talk, id: outlook.id, messages: BTreeMap::new(), done: BTreeSet::new() };
    each_line(source, |line| events.line(line))?;
    if options.finish { events.talk.finish(UNENDED, None) } else { Ok(()) }
}

/// Reads as far as the first task.
fn look_ahead(source: &Source<'_>) -> Result<Outlook, Stop> {
    let mut outlook = Outlook::default();
    let (mut first_type, mut users) = (None, BTreeSet::new());
    let looked = each_line(source, |line| {
        let Some(Told { kind, session, time, said }) =
            line.text.as_ref().ok().and_then(|text| shapes::read(text).ok().flatten())
        else {
            return Ok(());
        };
        first_type.get_or_insert(kind);
        if let Some(session) = session.as_deref().and_then(text::label).filter(|_| outlook.id.is_empty()) {
            outlook.id = session;
        }
        outlook.started = outlook.started.or(time);
        match said {
            Said::Message(message) if message.role == "user" => {
                users.insert(message.id);
            }
            Said::Part(part) if part.message.as_ref().is_some_and(|message| users.contains(message)) => {
                outlook.prompt = part.text;
            }
            _ => {}
        }
        if outlook.prompt.is_some() { Err(Stop::Sink) } else { Ok(()) }
    });
    match looked {
        Ok(()) | Err(Stop::Sink) if !outlook.id.is_empty() => Ok(outlook),
        Ok(()) | Err(Stop::Sink) => {
            let actual = first_type.map_or_else(
                || "no line of it is an object with a `type`".to_owned(),
                |first: String| {
                    format!(
                        "none of its lines names a session; the first is of type `{}`",
                        text::clip(&first, 80)
                    )
                },
            );
            let expected =
                "events of OpenCode: the output of `opencode run --format json`, or its server's events";
            Err(Stop::Format { expected, actual })
        }
        Err(stop) => Err(stop),
    }
}

/// The events, line by line.
struct Events<'a, 's> {
    talk: Conversation<'a, 's>,
    id: String,
    /// Messages by id, as far as they are told of.
    messages: BTreeMap<String, Message>,
    /// Parts that have been taken over.
    done: BTreeSet<String>,
}

impl Events<'_, '_> {
    fn line(&mut self, line: &Line<'_>) -> Flow {
        self.talk.at(line);
        let told = match &line.text {
            Ok(text) => self.event(text),
            Err(reason) => Err(reason.clone().into()),
        };
        self.talk.settle(told)
    }

    fn event(&mut self, raw: &str) -> conversation::Told {
        let Some(Told { kind, session, time, said }) = shapes::read(raw)? else { return Ok(()) };
        self.talk.on(time);
        let is_other = session.is_some_and(|session| text::label(&session).as_ref() != Some(&self.id));
        match said {
            _ if ECHOES.contains(&kind.as_str()) => {}
            Said::Part(part) if !is_other => self.part(&part, raw)?,
            Said::Message(message) if !is_other => {
                self.messages.insert(message.id.clone(), message);
            }
            Said::Failure(failure) if !is_other => self.failure(&failure)?,
            _ => self.talk.keep_raw(raw.trim())?,
        }
        Ok(())
    }

    fn failure(&mut self, failure: &Failure) -> Flow {
        let kind = match failure {
            _ if failure.is_rate_limit() => StepFailure::RateLimited,
            _ if failure.is_abort() => StepFailure::Aborted,
            _ => StepFailure::Provider,
        };
        if !self.talk.is_in_step() {
            self.talk.begin()?;
        }
        self.talk.over(failed(kind, failure.message()));
        Ok(())
    }

    fn part(&mut self, part: &Part, raw: &str) -> conversation::Told {
        let message = part.message.as_ref().and_then(|message| self.messages.get(message));
        let is_user = message.is_some_and(|message| message.role == "user");
        if let Some(model) = message.and_then(|message| message.model.as_deref()) {
            self.talk.model = text::label(model);
            self.talk.provider =
                message.and_then(|message| message.provider.as_deref()).and_then(text::label);
        }
        if !is_whole(part, is_user) || part.id.as_ref().is_some_and(|id| self.done.contains(id)) {
            return Ok(());
        }
        let said = part.text.as_deref().unwrap_or_default();
        match part.r#type.as_str() {
            "text" if is_user => {
                self.talk.begin()?;
                self.talk.user(said)?;
            }
            "text" => self.talk.assistant(said, "", None)?,
            "reasoning" => self.talk.assistant("", said, None)?,
            "tool" => self.tool(part)?,
            "step-finish" => {
                self.talk.used(None, part.used())?;
                if part.reason.as_deref() != Some("tool-calls") {
                    self.talk.over(completed());
                }
            }
            "step-start" => {}
            _ => self.talk.keep_raw(raw.trim())?,
        }
        self.done.extend(part.id.clone());
        Ok(())
    }

    fn tool(&mut self, part: &Part) -> conversation::Told {
        let id = part.call.as_deref().ok_or("missing field `callID`".to_owned())?;
        let state = part.state.as_ref().ok_or("missing field `state`".to_owned())?;
        let input = state.input.as_ref().map_or("{}", |input| input.get());
        let call = Call::new(id, part.tool.as_deref().unwrap_or_default(), input)?;
        self.talk.call(call)?;
        let is_error = state.status == "error";
        let output = if is_error { state.error.as_deref() } else { state.output.as_deref() };
        let duration_ms = state.time.as_ref().and_then(shapes::Span::duration_ms);
        self.talk.answer(id, is_error, output.unwrap_or_default(), duration_ms)
    }
}

/// Whether nothing more will be told of the part. A person's words come at once, the agent's as they are made.
fn is_whole(part: &Part, is_user: bool) -> bool {
    match part.r#type.as_str() {
        "text" | "reasoning" => is_user || part.time.as_ref().is_none_or(|time| time.end.is_some()),
        "tool" => {
            part.state.as_ref().is_none_or(|state| matches!(state.status.as_str(), "completed" | "error"))
        }
        _ => true,
    }
}
