//! Claude Code: its transcripts (`~/.claude/projects/…/*.jsonl`) and what `--output-format stream-json` prints.
//!
//! A run per file. In a transcript a person's message begins a step; in a stream a `result` line ends one. Several
//! lines tell of one model call and repeat its usage, which is recorded once, at the last of them. The figures of
//! `result` lines are running totals: what is recorded is their growth, and it stands for all model calls before it.
//! A transcript says nothing of cost, which then is unknown. Lines of other types are kept raw.

mod outlook;
mod shapes;

use std::collections::{BTreeMap, BTreeSet};

use domain::terms::{Role, StepFailure};

use super::conversation::{Call, Conversation, Told, Used, completed, each_line, failed, opening, parse};
use super::ids::Ids;
use super::lines::Line;
use super::session::{Ending, Place, Session};
use super::swe_agent::unknown_time;
use super::{Flow, Options, Sink, Source};
use outlook::{Outlook, task};
use shapes::{Block, Entry, Message, ResultLine, texts, thoughts};

const CLI_TOOL: &str = "claude";
/// What stands in for a model where the program itself speaks.
const SYNTHETIC: &str = "<synthetic>";
const INTERRUPTED: &str = "[Request interrupted by user";
/// Lines that repeat what others say, or only mark a point.
const ECHOES: &[&str] = &["stream_event", "keep_alive"];
/// The same of lines of type `system`.
const SYSTEM_ECHOES: &[&str] = &["init", "status", "thinking_tokens"];

pub(super) fn read(source: &Source<'_>, options: &Options, sink: &mut Sink<'_>) -> Flow {
    let outlook = Outlook::of(source)?;
    let started = outlook.started.unwrap_or_else(unknown_time);
    let kind = if outlook.is_stream { "claude-stream" } else { "claude" };
    let ids = Ids::new(kind, outlook.id.as_str(), started);
    let place = Place { line: 0, read_bytes: 0, time: started };
    let mut session = Session::new(sink, source.name.clone(), ids, options, place);
    session.open(options, opening(outlook.prompt.as_deref(), &outlook.id, CLI_TOOL))?;
    let mut talk = Conversation::new(session, &outlook.id, Some(CLI_TOOL));
    talk.model = outlook.model();
    if outlook.has_verdict {
        talk.role = Role::Checker;
    }
    let mut transcript = Transcript {
        talk,
        outlook,
        seen: BTreeSet::new(),
        totals: BTreeMap::new(),
        results: 0,
        interrupted: false,
        goes_on: !options.finish,
    };
    each_line(source, |line| transcript.line(line))?;
    if options.finish { transcript.finish() } else { Ok(()) }
}

/// The file, line by line.
struct Transcript<'a, 's> {
    talk: Conversation<'a, 's>,
    outlook: Outlook,
    /// Lines that have come, by their own id: a session that is resumed may repeat some.
    seen: BTreeSet<String>,
    /// Running totals at the last result, by model.
    totals: BTreeMap<Option<String>, Used>,
    results: usize,
    interrupted: bool,
    /// Whether the end of the file is not that of the session.
    goes_on: bool,
}

impl Transcript<'_, '_> {
    fn line(&mut self, line: &Line<'_>) -> Flow {
        self.talk.at(line);
        let told = match &line.text {
            // What is no object is no line of it, such as a warning of the shell it was recorded in.
            Ok(text) if !text.trim_start().starts_with('{') && self.outlook.is_stream => Ok(()),
            Ok(text) if text.trim().is_empty() => Ok(()),
            Ok(text) => self.entry(text),
            Err(reason) => Err(reason.clone().into()),
        };
        self.talk.settle(told)
    }

    fn entry(&mut self, line: &str) -> Told {
        let entry: Entry = parse(line)?;
        let message = || -> Result<Message, String> {
            let message = entry.message.as_ref().ok_or("missing field `message`")?;
            parse(message.get())
        };
        match (entry.r#type.as_str(), entry.subtype.as_deref()) {
            ("user" | "assistant", _) if self.is_repeated(&entry) => {}
            ("user", _) => self.user(&entry, &message()?.blocks()?)?,
            ("assistant", _) => {
                let message = message()?;
                self.assistant(&entry, &message, &message.blocks()?)?;
            }
            ("result", _) => self.result(&parse(line)?)?,
            ("system", Some("init")) => {
                self.talk.on(entry.timestamp);
                self.talk.model = entry.model.as_deref().and_then(super::text::label);
            }
            ("system", Some(subtype)) if SYSTEM_ECHOES.contains(&subtype) => {}
            (kind, _) if ECHOES.contains(&kind) => {}
            _ => {
                self.talk.on(entry.timestamp);
                self.talk.keep_raw(line)?;
            }
        }
        Ok(())
    }
    fn is_repeated(&mut self, entry: &Entry) -> bool {
        entry.uuid.as_ref().is_some_and(|uuid| !self.seen.insert(uuid.clone()))
    }

    fn user(&mut self, entry: &Entry, blocks: &[Block]) -> Told {
        self.talk.on(entry.timestamp);
        for block in blocks {
            if let Block::Answer { id, output, is_error } = block {
                self.talk.answer(id, *is_error, output, None)?;
            }
        }
        let said = texts(blocks);
        if said.is_empty() {
            return Ok(());
        }
        if said.starts_with(INTERRUPTED) {
            self.talk.user(&said)?;
            self.interrupted = true;
            self.talk.over(failed(StepFailure::Aborted, "interrupted by the user"));
            return Ok(());
        }
        let is_added = entry.is_aside() || entry.is_meta || entry.is_synthetic;
        if !is_added && task(blocks).is_some() {
            self.talk.begin()?;
        }
        Ok(self.talk.user(&said)?)
    }

    fn assistant(&mut self, entry: &Entry, message: &Message, blocks: &[Block]) -> Told {
        let mut calls = Vec::new();
        for block in blocks {
            if let Block::Call { id, name, input } = block {
                calls.push(Call::new(id, name, input.as_str())?);
            }
        }
        self.talk.on(entry.timestamp);
        let is_model = message.model.as_deref() != Some(SYNTHETIC);
        if is_model && !entry.is_aside() && message.model.is_some() {
            self.talk.model = message.model.as_deref().and_then(super::text::label);
        }
        let (said, thought) = (texts(blocks), thoughts(blocks));
        if !said.is_empty() || !thought.is_empty() || calls.is_empty() {
            self.talk.assistant(&said, &thought, message.stop_reason.as_deref())?;
        }
        for call in calls {
            self.talk.call(call)?;
        }
        self.usage(entry, message)?;
        if entry.is_api_error_message || entry.api_error_status.is_some() {
            let failure = failure(entry.api_error_status, StepFailure::Provider);
            self.talk.over(failed(failure, &said));
        } else if !entry.is_aside()
            && matches!(
                message.stop_reason.as_deref(),
                Some("end_turn" | "stop_sequence" | "max_tokens" | "refusal")
            )
        {
            self.talk.over(completed());
        }
        Ok(())
    }

    /// Records a model call at its last line, unless a later result stands for it.
    fn usage(&mut self, entry: &Entry, message: &Message) -> Flow {
        let line = self.talk.session.place().line;
        let Some(call) = message.id.as_ref().and_then(|id| self.outlook.calls.get(id)) else { return Ok(()) };
        let is_covered = self.outlook.results.last().is_some_and(|last| *last > line);
        // Of a file that goes on, more may still be told of the last call, or a result stand for it.
        let is_open = self.goes_on && (self.outlook.is_stream || self.outlook.last_call == line);
        if call.line != line || is_covered || is_open || message.model.as_deref() == Some(SYNTHETIC) {
            return Ok(());
        }
        let used = Used { tokens: call.tokens, calls: Some(1), cost: entry.cost_usd };
        self.talk.used(message.model.as_deref(), used)
    }

    fn result(&mut self, result: &ResultLine) -> Told {
        let totals = result.totals();
        let since_last = if self.results == 0 { result.since_last() } else { None };
        let line = self.talk.session.place().line;
        let before = self.results.checked_sub(1).and_then(|last| self.outlook.results.get(last)).copied();
        self.results += 1;
        let grown = since_last.unwrap_or_else(|| {
            let since = |(model, now): (&Option<String>, &Used)| {
                (model.clone(), now.since(self.totals.get(model).copied().unwrap_or_default()))
            };
            totals.iter().map(since).collect()
        });
        for (model, used) in grown {
            let calls = self.outlook.calls.values().filter(|call| {
                Some(call.first) > before && call.first < line && (model.is_none() || call.model == model)
            });
            let calls = u32::try_from(calls.count()).ok().filter(|calls| *calls > 0);
            self.talk.used(model.as_deref(), Used { calls, ..used })?;
        }
        self.totals.extend(totals);
        let verdict = result.verdict();
        if let Some(verdict) = &verdict {
            self.talk.verdict(verdict.pass, &verdict.feedback)?;
        }
        if !self.talk.is_in_step() {
            self.talk.assistant(result.result.as_deref().unwrap_or_default(), "", None)?;
        }
        let is_missing = self.outlook.has_verdict && verdict.is_none();
        self.talk.over(ending(result, is_missing));
        Ok(self.talk.end(completed)?)
    }

    fn finish(self) -> Flow {
        let unended = if self.outlook.is_stream {
            "the stream ends without a result"
        } else {
            "the session file ends in the middle of a turn"
        };
        let error = match (self.outlook.is_stream && self.results == 0, self.interrupted) {
            (true, true) => Some("interrupted by the user".to_owned()),
            (true, false) => Some(unended.to_owned()),
            (false, _) => None,
        };
        self.talk.finish(unended, error)
    }
}

fn failure(status: Option<u16>, otherwise: StepFailure) -> StepFailure {
    if status == Some(429) { StepFailure::RateLimited } else { otherwise }
}

fn ending(result: &ResultLine, verdict_missing: bool) -> Ending {
    if !result.is_error {
        return if verdict_missing {
            failed(StepFailure::VerdictMissing, "the result holds no verdict")
        } else {
            completed()
        };
    }
    let reason = result.terminal_reason.as_deref().unwrap_or_default();
    let kind = match reason {
        _ if reason.starts_with("aborted") => StepFailure::Aborted,
        "api_error" => failure(result.api_error_status, StepFailure::Provider),
        _ => failure(result.api_error_status, StepFailure::Other),
    };
    let told = result.result.as_deref().filter(|told| !told.trim().is_empty());
    failed(kind, told.or(result.subtype.as_deref()).unwrap_or(reason))
}
