//! The lines of `codex exec --json`.

use std::collections::BTreeMap;

use domain::terms::StepFailure;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::Tokens;
use crate::import::conversation::{Call, Conversation, Told, Used, completed, each_line, failed, parse};
use crate::import::session::Place;
use crate::import::{Flow, Options, Source};

#[derive(Deserialize)]
struct Line {
    r#type: String,
    item: Option<Item>,
    usage: Option<Tokens>,
    error: Option<Failure>,
}

#[derive(Deserialize)]
struct Failure {
    message: String,
}

#[derive(Deserialize)]
struct Item {
    id: String,
    r#type: String,
    text: Option<String>,
    command: Option<String>,
    aggregated_output: Option<String>,
    exit_code: Option<i64>,
    status: Option<String>,
    changes: Option<Box<RawValue>>,
    server: Option<String>,
    tool: Option<String>,
    arguments: Option<Box<RawValue>>,
    result: Option<Box<RawValue>>,
    error: Option<Box<RawValue>>,
    query: Option<String>,
}

/// The thread, line by line.
struct Thread<'a, 's> {
    talk: Conversation<'a, 's>,
    totals: Used,
    /// Items that have begun and not ended, as their lines stand.
    begun: BTreeMap<String, (Place, String)>,
}

pub(super) fn read(source: &Source<'_>, options: &Options, talk: Conversation<'_, '_>) -> Flow {
    let mut thread = Thread { talk, totals: Used::default(), begun: BTreeMap::new() };
    each_line(source, |line| {
        thread.talk.at(line);
        let told = match &line.text {
            Ok(text) if text.trim().is_empty() => Ok(()),
            Ok(text) => thread.line(text),
            Err(reason) => Err(reason.clone().into()),
        };
        thread.talk.settle(told)
    })?;
    if options.finish { thread.finish() } else { Ok(()) }
}

impl Thread<'_, '_> {
    fn line(&mut self, raw: &str) -> Told {
        let line: Line = parse(raw)?;
        match (line.r#type.as_str(), line.item) {
            ("thread.started", _) => {}
            ("turn.started", _) => self.talk.begin()?,
            ("item.started" | "item.updated", Some(item)) => {
                self.begun.entry(item.id).or_insert_with(|| (self.talk.session.place(), raw.to_owned()));
            }
            ("item.completed", Some(item)) => self.item(&item, raw)?,
            ("turn.completed", _) => {
                let totals = line.usage.ok_or("missing field `usage`".to_owned())?.used();
                self.talk.used(None, totals.since(self.totals))?;
                self.totals = totals;
                self.talk.over(completed());
                self.talk.end(completed)?;
            }
            ("turn.failed", _) => {
                let reason = line.error.map(|error| error.message).unwrap_or_default();
                let kind =
                    if reason.contains("429") { StepFailure::RateLimited } else { StepFailure::Provider };
                self.talk.over(failed(kind, &reason));
                self.talk.end(completed)?;
            }
            _ => self.talk.keep_raw(raw)?,
        }
        Ok(())
    }

    fn item(&mut self, item: &Item, raw: &str) -> Told {
        let text = item.text.as_deref().unwrap_or_default();
        let is_failed =
            item.status.as_deref() == Some("failed") || item.exit_code.is_some_and(|code| code != 0);
        let arguments = |value: serde_json::Value| value.to_string();
        let output = |raw: &Option<Box<RawValue>>| raw.as_ref().map(|raw| raw.get().to_owned());
        match item.r#type.as_str() {
            "agent_message" => self.talk.assistant(text, "", None)?,
            "reasoning" => self.talk.assistant("", text, None)?,
            "command_execution" => {
                let arguments = arguments(serde_json::json!({ "command": item.command }));
                let call = Call::new(&item.id, "command_execution", arguments)?;
                let output = item.aggregated_output.clone().unwrap_or_default();
                self.used_tool(item, call, is_failed, &output)?;
            }
            "file_change" => {
                let changes = output(&item.changes).unwrap_or_else(|| "[]".into());
                let call = Call::new(&item.id, "file_change", format!(r#"{{"changes":{changes}}}"#))?;
                self.used_tool(item, call, is_failed, item.status.as_deref().unwrap_or_default())?;
            }
            "mcp_tool_call" => {
                let name = [item.server.as_deref(), item.tool.as_deref()].into_iter().flatten();
                let name = name.collect::<Vec<_>>().join(".");
                let call =
                    Call::new(&item.id, &name, output(&item.arguments).unwrap_or_else(|| "{}".into()))?;
                let is_failed = is_failed || item.error.is_some();
                let answer = output(&item.result).or_else(|| output(&item.error)).unwrap_or_default();
                self.used_tool(item, call, is_failed, &answer)?;
            }
            "web_search" => {
                let arguments = arguments(serde_json::json!({ "query": item.query }));
                self.used_tool(item, Call::new(&item.id, "web_search", arguments)?, is_failed, "")?;
            }
            _ => self.talk.keep_raw(raw)?,
        }
        self.begun.remove(&item.id);
        Ok(())
    }
    fn used_tool(&mut self, item: &Item, call: Call, is_error: bool, output: &str) -> Told {
        self.talk.call(call)?;
        self.talk.answer(&item.id, is_error, output, None)
    }

    fn finish(mut self) -> Flow {
        let last = self.talk.session.place();
        for (place, raw) in std::mem::take(&mut self.begun).into_values() {
            self.talk.session.at(place);
            self.talk.keep_raw(&raw)?;
        }
        self.talk.session.at(last);
        self.talk.finish("the stream ends in the middle of a turn", None)
    }
}
