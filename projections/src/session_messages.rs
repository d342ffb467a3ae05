//! What passed in one session, in order: what was said, tools that were called, answered or wait, who stepped in.

use std::collections::BTreeMap;

use domain::ids::{RunId, StepId, StreamId};
use domain::run::RunEvent;
use domain::session::{Session, SessionEvent};
use domain::terms::{MessageRole, SteerKind};
use domain::values::Timestamp;
use domain::{Actor, Decider, Event, Recorded};

use crate::listed::{rows, states};
use crate::table::Table;
use crate::view::{Scope, View};

states! {
    /// What a line stands for.
    Said {
        /// A message between platform and agent.
        Message,
        /// The agent called a tool.
        ToolCall,
        /// The agent waits until somebody approves or denies a call.
        AwaitsApproval,
        /// A tool answered.
        ToolResult,
        /// Somebody stepped in.
        Steer,
    }
}

rows! {
    /// A line of a session.
    struct SessionLine {
        /// What it is.
        kind: Said,
        /// The message's id, or the tool call's; absent where somebody stepped in.
        id: Option<String>,
        /// Who speaks, of a message.
        role: Option<MessageRole>,
        /// What was said, printed or asked for, all parts joined.
        text: String,
        /// The agent's thinking, where it was shown.
        thinking: Option<String>,
        /// The tool's name.
        tool: Option<String>,
        /// Whether the tool reported an error.
        is_error: Option<bool>,
        /// How somebody stepped in.
        steer: Option<SteerKind>,
        /// Who it was.
        actor: Option<Actor>,
        /// When it began.
        at: Timestamp,
        /// Whether its last part has come.
        complete: bool,
    }
}

/// The view `session-messages`; a row's key counts from 1.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
pub(crate) struct SessionMessages {
    table: Table<u64, SessionLine>,
    /// Learnt from the session's own stream.
    of: Option<(RunId, StepId)>,
    /// Rows whose last part has not come, by id.
    open: BTreeMap<String, u64>,
}

impl SessionLine {
    fn new(kind: Said, id: Option<String>, text: &str, at: Timestamp) -> Self {
        Self {
            kind,
            id,
            role: None,
            text: text.to_owned(),
            thinking: None,
            tool: None,
            is_error: None,
            steer: None,
            actor: None,
            at,
            complete: true,
        }
    }
}

impl SessionMessages {
    fn push(&mut self, row: SessionLine) {
        let sequence = self.table.len() as u64 + 1;
        if let Some(id) = row.id.clone().filter(|_| !row.complete) {
            self.open.insert(id, sequence);
        }
        self.table.insert(sequence, row);
    }
    fn go_on(&mut self, id: &str, content: &str, more: bool) {
        let Some(sequence) = self.open.get(id) else { return };
        if let Some(row) = self.table.get_mut(sequence) {
            row.text.push_str(content);
            row.complete = !more;
        }
        if !more {
            self.open.remove(id);
        }
    }
    fn step_in(&mut self, kind: SteerKind, text: &str, actor: Actor, at: Timestamp) {
        let line = SessionLine::new(Said::Steer, None, text, at);
        self.push(SessionLine { steer: Some(kind), actor: Some(actor), ..line });
    }
    fn apply_run(&mut self, step: StepId, event: &RunEvent, actor: Actor, at: Timestamp) {
        match event {
            RunEvent::StepMessageAppended(e) if e.step == step => self.push(SessionLine {
                role: Some(e.role),
                thinking: e.thinking.clone(),
                complete: !e.more,
                ..SessionLine::new(Said::Message, Some(e.message.to_string()), &e.content, at)
            }),
            RunEvent::ToolCalled(e) if e.step == step => self.push(SessionLine {
                tool: Some(e.tool.clone()),
                ..SessionLine::new(Said::ToolCall, Some(e.call_id.clone()), &e.arguments, at)
            }),
            RunEvent::ToolApprovalAwaited(e) if e.step == step => self.push(SessionLine {
                tool: Some(e.tool.clone()),
                ..SessionLine::new(Said::AwaitsApproval, Some(e.call_id.clone()), &e.arguments, at)
            }),
            RunEvent::ToolReturned(e) if e.step == step => self.push(SessionLine {
                tool: Some(e.tool.clone()),
                is_error: Some(e.is_error),
                complete: !e.more,
                ..SessionLine::new(Said::ToolResult, Some(e.call_id.clone()), &e.output, at)
            }),
            RunEvent::StepContentContinued(e) if e.step == step => self.go_on(&e.of, &e.content, e.more),
            RunEvent::OperatorSteered(e) if e.step == step => self.step_in(e.kind, &e.text, actor, at),
            _ => {}
        }
    }
}

impl View for SessionMessages {
    const NAME: &'static str = "session-messages";
    const VERSION: u32 = 1;
    const SCOPE: Scope = Scope::Stream(Session::CATEGORY);
    const FILTERS: &'static [&'static str] = &["kind", "role", "tool", "steer", "is_error", "complete"];
    type Key = u64;
    type Row = SessionLine;

    fn apply(&mut self, event: &Recorded) {
        let (at, actor) = (event.meta.when(), event.meta.actor);
        match (&event.event, self.of) {
            (Event::Session(SessionEvent::SessionBuilt(e)), _) => self.of = e.run.zip(e.step),
            (Event::Session(SessionEvent::SessionSteered(e)), _) => self.step_in(e.kind, &e.text, actor, at),
            (Event::Run(happened), Some((_, step))) => self.apply_run(step, happened, actor, at),
            _ => {}
        }
    }
    fn table(&self) -> &Table<u64, SessionLine> {
        &self.table
    }
    fn table_mut(&mut self) -> &mut Table<u64, SessionLine> {
        &mut self.table
    }
    fn links(&self) -> Vec<StreamId> {
        self.of.map(|(run, _)| run.into()).into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use domain::ids::{RunId, SessionId, StepId};
    use domain::run::{OperatorSteered, StepContentContinued, ToolApprovalAwaited, ToolCalled, ToolReturned};
    use expect_test::expect;

    use super::*;
    use crate::testing::{History, check, id, said, sample};

    #[test]
    #[expect(clippy::too_many_lines, reason = "one history and all its rows")]
    fn a_session_shows_what_passed_in_its_step_and_nothing_else() {
        let step = StepId::from_bytes([8; 16]);
        let text = || "x".to_owned();
        let of = |message| domain::run::StepMessageAppended { step, ..said(1, message, "assistant") };
        let more = domain::run::StepMessageAppended { more: true, ..of(2) };
        let (call_id, tool) = (|| "t1".to_owned(), || "Bash".to_owned());
        let returned = ToolReturned {
            step,
            sandbox: None,
            call_id: call_id(),
            tool: tool(),
            is_error: true,
            output: "no".into(),
            duration_ms: None,
            more: false,
        };
        let part = StepContentContinued {
            step,
            sandbox: None,
            of: more.message.to_string(),
            content: "!".into(),
            more: false,
        };
        let history = History::new()
            .any(id::<SessionId>(1).into(), sample("SessionBuilt"))
            .any(id::<SessionId>(1).into(), sample("SessionSteered"))
            .run(7, of(1))
            .run(7, said(1, 9, "user"))
            .run(7, more)
            .run(7, part)
            .run(7, ToolCalled { step, sandbox: None, call_id: call_id(), tool: tool(), arguments: text() })
            .run(7, ToolApprovalAwaited { step, call_id: call_id(), tool: tool(), arguments: text() })
            .run(7, OperatorSteered { step, kind: SteerKind::DenyTool, text: call_id() })
            .run(7, returned);
        check(
            "session-messages",
            &history,
            &expect![[r##"
            1
              actor: "operator"
              at: "07:00:01.000Z"
              complete: true
              kind: "steer"
              steer: "message"
              text: "look at the lock file"
            2
              at: "07:00:02.000Z"
              complete: true
              id: "#01"
              kind: "message"
              role: "assistant"
              text: "Hello"
            3
              at: "07:00:04.000Z"
              complete: true
              id: "#02"
              kind: "message"
              role: "assistant"
              text: "Hello!"
            4
              at: "07:00:06.000Z"
              complete: true
              id: "t1"
              kind: "tool_call"
              text: "x"
              tool: "Bash"
            5
              at: "07:00:07.000Z"
              complete: true
              id: "t1"
              kind: "awaits_approval"
              text: "x"
              tool: "Bash"
            6
              actor: "operator"
              at: "07:00:08.000Z"
              complete: true
              kind: "steer"
              steer: "deny_tool"
              text: "t1"
            7
              at: "07:00:09.000Z"
              complete: true
              id: "t1"
              is_error: true
              kind: "tool_result"
              text: "no"
              tool: "Bash"
        "##]],
        );
        let mut view = SessionMessages::default();
        view.apply(&history.events[0]);
        assert_eq!(view.links(), [RunId::from_bytes([7; 16]).into()]);
    }
}
