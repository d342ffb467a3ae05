//! The documented format for programs that have no importer of their own: `docs/import.md`.

mod shapes;

use std::collections::BTreeMap;

use domain::check::TEXT_MAX_BYTES;
use domain::terms::{MessageRole, Role};
use domain::values::Timestamp;

use super::conversation::{Call, Conversation, Told, Used, completed, each_line, failed, opening, parse};
use super::ids::Ids;
use super::lines::Line;
use super::session::{Ending, Place, Session};
use super::swe_agent::unknown_time;
use super::{Flow, Options, Sink, Source, Stop, text};
use shapes::{End, Head, Header, Message, Scores, Step, StepEnd, ToolCall, ToolResult, Usage, Verdict};

pub(super) fn read(source: &Source<'_>, options: &Options, sink: &mut Sink<'_>) -> Flow {
    let (header, first_time) = header(source)?;
    let started = first_time.unwrap_or_else(unknown_time);
    let ids = Ids::new("ndjson", header.id.as_str(), started);
    let place = Place { line: 0, read_bytes: 0, time: started };
    let mut session = Session::new(sink, source.name.clone(), ids, options, place);
    let mut opening = opening(header.prompt.as_deref(), &header.id, "ndjson");
    opening.title = header.title.as_deref().and_then(text::title).or(opening.title);
    session.open(options, opening)?;
    let tool = header.tool.as_deref().and_then(text::label);
    let talk = Conversation::new(session, &header.id, tool.as_deref());
    let mut story = Story { talk, totals: BTreeMap::new(), header_seen: false, end: None };
    each_line(source, |line| story.line(line))?;
    if !options.finish {
        return Ok(());
    }
    let unended = "the file ends in the middle of a step";
    match story.end.take() {
        None => story.talk.finish(unended, None),
        Some(End { error, summary, .. }) => {
            let error = error.filter(|error| !error.trim().is_empty());
            story.talk.session.close(summary.as_deref().map(bounded), error.as_deref().map(bounded))
        }
    }
}

fn bounded(text: &str) -> String {
    text::clip(text, TEXT_MAX_BYTES).to_owned()
}

/// The header, and the first time that any line tells.
fn header(source: &Source<'_>) -> Result<(Header, Option<Timestamp>), Stop> {
    let (mut found, mut reason, mut first_time) = (None, None, None);
    let looked = each_line(source, |line| {
        let Ok(text) = line.text.as_ref() else { return Ok(()) };
        let Ok(head) = parse::<Head>(text) else { return Ok(()) };
        first_time = first_time.or(head.at);
        if head.r#type == "session" {
            match parse::<Header>(text) {
                Ok(header) if text::label(&header.id).as_ref() == Some(&header.id) => found = Some(header),
                Ok(_) => reason = Some("its `id` is blank, too long, or not on one line".to_owned()),
                Err(error) => reason = Some(format!("its session line does not fit: {error}")),
            }
            return Err(Stop::Sink);
        }
        reason.get_or_insert_with(|| format!("its first line is of type `{}`", text::clip(&head.r#type, 80)));
        Ok(())
    });
    match (looked, found) {
        (Ok(()) | Err(Stop::Sink), Some(header)) => Ok((header, first_time)),
        (Ok(()) | Err(Stop::Sink), None) => {
            let actual = reason.unwrap_or_else(|| "no line of it is an object with a `type`".into());
            Err(Stop::Format {
                expected: "lines as docs/import.md has them, with one of type `session` and an id",
                actual,
            })
        }
        (Err(stop), _) => Err(stop),
    }
}

/// The file, line by line.
struct Story<'a, 's> {
    talk: Conversation<'a, 's>,
    /// Running totals that lines have told, by model.
    totals: BTreeMap<Option<String>, Used>,
    header_seen: bool,
    end: Option<End>,
}

impl Story<'_, '_> {
    fn line(&mut self, line: &Line<'_>) -> Flow {
        self.talk.at(line);
        let told = match &line.text {
            Ok(text) if text.trim().is_empty() => Ok(()),
            Ok(text) => self.entry(text),
            Err(reason) => Err(reason.clone().into()),
        };
        self.talk.settle(told)
    }

    fn entry(&mut self, line: &str) -> Told {
        let head: Head = parse(line)?;
        if head.r#type == "session" && !self.header_seen {
            self.header_seen = true;
            self.talk.on(head.at);
            return Ok(());
        }
        if self.end.is_some() {
            return Err("expected nothing behind the line of type `end`".to_owned().into());
        }
        self.told(&head, line)
    }

    fn told(&mut self, head: &Head, line: &str) -> Told {
        // What does not fit its type is told before anything is recorded.
        match head.r#type.as_str() {
            "step" => {
                let step: Step = parse(line)?;
                self.talk.end(completed)?;
                self.talk.on(head.at);
                self.talk.role = step.role.unwrap_or(Role::Designer);
                self.talk.model = step.model.as_deref().and_then(text::label);
                self.talk.effort = step.thinking_effort;
                self.talk.begin()?;
            }
            "message" => self.message(head, &parse(line)?)?,
            "tool_call" => {
                let call: ToolCall = parse(line)?;
                let arguments = call.arguments.as_ref().map_or("{}", |arguments| arguments.get());
                let call = Call::new(&call.id, &call.tool, arguments)?;
                self.talk.on(head.at);
                self.talk.call(call)?;
            }
            "tool_result" => {
                let result: ToolResult = parse(line)?;
                self.talk.on(head.at);
                self.talk.answer(&result.id, result.is_error, &result.output, result.duration_ms)?;
            }
            "usage" => {
                let usage = parse(line)?;
                self.talk.on(head.at);
                self.usage(&usage)?;
            }
            "verdict" | "scores" => self.judged(head, line)?,
            "step_end" => {
                let end: StepEnd = parse(line)?;
                self.talk.on(head.at);
                self.talk.over(match end.failure {
                    None => Ending::Completed { output: end.output.as_deref().map(bounded) },
                    Some(failure) => failed(failure, end.error.as_deref().unwrap_or_default()),
                });
                self.talk.end(completed)?;
            }
            "end" => {
                let end = parse(line)?;
                self.talk.on(head.at);
                self.talk.end(completed)?;
                self.end = Some(end);
            }
            _ => {
                self.talk.on(head.at);
                self.talk.keep_raw(line)?;
            }
        }
        Ok(())
    }

    fn message(&mut self, head: &Head, said: &Message) -> Flow {
        self.talk.on(head.at);
        if said.role == MessageRole::User {
            return self.talk.user(&said.content);
        }
        let thinking = said.thinking.as_deref().unwrap_or_default();
        self.talk.assistant(&said.content, thinking, said.stop_reason.as_deref())
    }

    /// Verdicts and scores belong to steps of a fitting role: elsewhere they would be refused.
    fn judged(&mut self, head: &Head, line: &str) -> Told {
        let role = self.talk.running_role();
        if head.r#type == "verdict" {
            let verdict: Verdict = parse(line)?;
            if !matches!(role, Some(Role::Checker | Role::Reviewer)) {
                return Err("expected a verdict in a step of role checker or reviewer".to_owned().into());
            }
            self.talk.on(head.at);
            return Ok(self.talk.verdict(verdict.pass, &verdict.feedback)?);
        }
        let scores: Scores = parse(line)?;
        if role != Some(Role::Evaluator) {
            return Err("expected scores in a step of role evaluator".to_owned().into());
        }
        self.talk.on(head.at);
        Ok(self.talk.scores(scores.scores(), bounded(&scores.summary))?)
    }

    fn usage(&mut self, usage: &Usage) -> Flow {
        let told = usage.used();
        let used = if usage.cumulative {
            told.since(self.totals.insert(usage.model.clone(), told).unwrap_or_default())
        } else {
            told
        };
        let before = self.talk.provider.take();
        self.talk.provider = usage.provider.as_deref().and_then(text::label).or(before);
        self.talk.used(usage.model.as_deref(), used)
    }
}
