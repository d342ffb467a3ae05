//! What passed through one sandbox, in order: messages, tool calls and tool results, contents whole.

use std::collections::BTreeMap;

use domain::ids::{RunId, SandboxId, StepId, StreamId};
use domain::run::RunEvent;
use domain::sandbox::SandboxEvent;
use domain::terms::MessageRole;
use domain::values::Timestamp;
use domain::{Decider, Event, Recorded};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::table::Table;
use crate::view::{Scope, View};

/// What a row stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// A message between platform and agent.
    Message,
    /// The agent called a tool.
    ToolCall,
    /// A tool answered.
    ToolResult,
}

/// A message, a tool call or a tool result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct MessageRow {
    /// What it is.
    kind: Kind,
    /// The message's id, or the tool call's.
    id: String,
    /// The step it belongs to; absent in a direct session.
    step: Option<StepId>,
    /// Who speaks, of a message.
    role: Option<MessageRole>,
    /// What was said or printed, all parts joined; empty for a tool call.
    content: String,
    /// The agent's thinking, where it was shown.
    thinking: Option<String>,
    /// The agent's raw output behind a message.
    stream_log: Option<String>,
    /// Why the agent stopped here, in its own word.
    stop_reason: Option<String>,
    /// The tool's name.
    tool: Option<String>,
    /// The tool's arguments, as JSON text.
    arguments: Option<String>,
    /// Whether the tool reported an error.
    is_error: Option<bool>,
    /// How long the tool took, where known.
    duration_ms: Option<u64>,
    /// When it began.
    at: Timestamp,
    /// Whether its last part has come.
    complete: bool,
}

/// The view `sandbox-messages`; a row's key counts from 1.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct SandboxMessages {
    table: Table<u64, MessageRow>,
    /// Learnt from the sandbox's own stream.
    sandbox: Option<SandboxId>,
    run: Option<RunId>,
    /// Rows whose last part has not come, by id.
    open: BTreeMap<String, u64>,
}

impl MessageRow {
    fn new(kind: Kind, id: String, at: Timestamp) -> Self {
        Self {
            kind,
            id,
            step: None,
            role: None,
            content: String::new(),
            thinking: None,
            stream_log: None,
            stop_reason: None,
            tool: None,
            arguments: None,
            is_error: None,
            duration_ms: None,
            at,
            complete: true,
        }
    }
}

impl SandboxMessages {
    fn push(&mut self, row: MessageRow) {
        let sequence = self.table.len() as u64 + 1;
        if !row.complete {
            self.open.insert(row.id.clone(), sequence);
        }
        self.table.insert(sequence, row);
    }
    fn go_on(&mut self, id: &str, content: &str, more: bool) {
        let Some(sequence) = self.open.get(id) else { return };
        if let Some(row) = self.table.get_mut(sequence) {
            row.content.push_str(content);
            row.complete = !more;
        }
        if !more {
            self.open.remove(id);
        }
    }
    fn apply_own(&mut self, event: &SandboxEvent, at: Timestamp) {
        match event {
            SandboxEvent::SandboxCreated(e) => self.run = e.run,
            SandboxEvent::MessageAppended(e) => self.push(MessageRow {
                role: Some(e.role),
                content: e.content.clone(),
                stream_log: e.stream_log.clone(),
                complete: !e.more,
                ..MessageRow::new(Kind::Message, e.message.to_string(), at)
            }),
            SandboxEvent::MessageContinued(e) => self.go_on(&e.message.to_string(), &e.content, e.more),
            _ => {}
        }
    }
    fn apply_run(&mut self, sandbox: SandboxId, event: &RunEvent, at: Timestamp) {
        let here = Some(sandbox);
        match event {
            RunEvent::StepMessageAppended(e) if e.sandbox == here => self.push(MessageRow {
                step: Some(e.step),
                role: Some(e.role),
                content: e.content.clone(),
                thinking: e.thinking.clone(),
                stop_reason: e.stop_reason.clone(),
                complete: !e.more,
                ..MessageRow::new(Kind::Message, e.message.to_string(), at)
            }),
            RunEvent::ToolCalled(e) if e.sandbox == here => self.push(MessageRow {
                step: Some(e.step),
                tool: Some(e.tool.clone()),
                arguments: Some(e.arguments.clone()),
                ..MessageRow::new(Kind::ToolCall, e.call_id.clone(), at)
            }),
            RunEvent::ToolReturned(e) if e.sandbox == here => self.push(MessageRow {
                step: Some(e.step),
                content: e.output.clone(),
                tool: Some(e.tool.clone()),
                is_error: Some(e.is_error),
                duration_ms: e.duration_ms,
                complete: !e.more,
                ..MessageRow::new(Kind::ToolResult, e.call_id.clone(), at)
            }),
            RunEvent::StepContentContinued(e) if e.sandbox == here => self.go_on(&e.of, &e.content, e.more),
            _ => {}
        }
    }
}

impl View for SandboxMessages {
    const NAME: &'static str = "sandbox-messages";
    const VERSION: u32 = 1;
    const SCOPE: Scope = Scope::Stream(domain::sandbox::Sandbox::CATEGORY);
    const FILTERS: &'static [&'static str] = &["kind", "role", "tool", "step", "is_error", "complete"];
    type Key = u64;
    type Row = MessageRow;

    fn apply(&mut self, event: &Recorded) {
        let at = event.meta.when();
        match (&event.event, self.sandbox) {
            (Event::Sandbox(happened), _) => {
                self.sandbox = Some(event.meta.stream.id.into());
                self.apply_own(happened, at);
            }
            (Event::Run(happened), Some(sandbox)) => self.apply_run(sandbox, happened, at),
            _ => {}
        }
    }
    fn table(&self) -> &Table<u64, MessageRow> {
        &self.table
    }
    fn table_mut(&mut self) -> &mut Table<u64, MessageRow> {
        &mut self.table
    }
    fn links(&self) -> Vec<StreamId> {
        self.run.map(StreamId::from).into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use domain::run::{StepContentContinued, StepMessageAppended, ToolCalled, ToolReturned};
    use domain::sandbox::{MessageAppended, MessageContinued, SandboxCreated};
    use expect_test::expect;

    use super::*;
    use crate::testing::{History, check, folded, id, requested, said};

    fn created(run: Option<u64>) -> SandboxCreated {
        SandboxCreated {
            project: id(1),
            run: run.map(id),
            template_id: "default".into(),
            timeout_ms: 60_000,
            memory_mb: 256,
            cpus: 1,
            designer_model: None,
            checker_model: None,
            efforts: vec![],
            provider: None,
        }
    }
    fn written(message: u64, content: &str, more: bool) -> MessageAppended {
        let (role, stream_log) = (MessageRole::User, Some("raw".into()));
        MessageAppended { message: id(message), role, content: content.into(), stream_log, more }
    }
    fn returned(sandbox: u64, output: &str, more: bool) -> ToolReturned {
        ToolReturned {
            step: id(1),
            sandbox: Some(id(sandbox)),
            call_id: "c1".into(),
            tool: "bash".into(),
            is_error: true,
            output: output.into(),
            duration_ms: Some(12),
            more,
        }
    }
    fn continued(sandbox: u64, content: &str, more: bool) -> StepContentContinued {
        let (step, of) = (id(1), "c1".into());
        StepContentContinued { step, sandbox: Some(id(sandbox)), of, content: content.into(), more }
    }

    #[test]
    fn a_direct_session_joins_the_parts_of_its_messages() {
        let history = History::new()
            .sandbox(1, created(None))
            .sandbox(1, written(1, "Hel", true))
            .sandbox(1, MessageContinued { message: id(1), content: "lo".into(), more: true })
            .sandbox(1, MessageContinued { message: id(9), content: "stray".into(), more: false })
            .sandbox(1, MessageContinued { message: id(1), content: "!".into(), more: false })
            .sandbox(1, MessageContinued { message: id(1), content: "late".into(), more: false })
            .sandbox(1, written(2, "cut sho", true));
        assert!(folded("sandbox-messages", &history).links().is_empty());
        check(
            "sandbox-messages",
            &history,
            &expect![[r##"
                1
                  at: "07:00:01.000Z"
                  complete: true
                  content: "Hello!"
                  id: "#01"
                  kind: "message"
                  role: "user"
                  stream_log: "raw"
                2
                  at: "07:00:06.000Z"
                  complete: false
                  content: "cut sho"
                  id: "#02"
                  kind: "message"
                  role: "user"
                  stream_log: "raw"
            "##]],
        );
    }

    #[test]
    fn a_run_s_events_count_where_they_name_this_sandbox() {
        let call = ToolCalled {
            step: id(1),
            sandbox: Some(id(1)),
            call_id: "c1".into(),
            tool: "bash".into(),
            arguments: r#"{"command":"ls"}"#.into(),
        };
        let here = StepMessageAppended {
            sandbox: Some(id(1)),
            thinking: Some("Hm".into()),
            stop_reason: Some("tool_use".into()),
            ..said(1, 1, "assistant")
        };
        let history = History::new()
            .run(1, requested("a"))
            .sandbox(1, created(Some(1)))
            .run(1, here)
            .run(1, said(1, 2, "assistant"))
            .run(1, call)
            .run(1, returned(2, "another's", true))
            .run(1, returned(1, "a\n", true))
            .run(1, continued(2, "another's", false))
            .run(1, continued(1, "b\n", false))
            .sandbox(1, written(3, "Thanks", false));
        assert_eq!(folded("sandbox-messages", &history).links(), [StreamId::from(id::<RunId>(1))]);
        check(
            "sandbox-messages",
            &history,
            &expect![[r##"
                1
                  at: "07:00:02.000Z"
                  complete: true
                  content: "Hello"
                  id: "#01"
                  kind: "message"
                  role: "assistant"
                  step: "#01"
                  stop_reason: "tool_use"
                  thinking: "Hm"
                2
                  arguments: "{\"command\":\"ls\"}"
                  at: "07:00:04.000Z"
                  complete: true
                  id: "c1"
                  kind: "tool_call"
                  step: "#01"
                  tool: "bash"
                3; duration_ms 12
                  at: "07:00:06.000Z"
                  complete: true
                  content: "a\nb\n"
                  id: "c1"
                  is_error: true
                  kind: "tool_result"
                  step: "#01"
                  tool: "bash"
                4
                  at: "07:00:09.000Z"
                  complete: true
                  content: "Thanks"
                  id: "#03"
                  kind: "message"
                  role: "user"
                  stream_log: "raw"
            "##]],
        );
    }
}
