//! Messages, tool calls and tool results, in parts as they were recorded.

use domain::ids::{SandboxId, StepId};
use domain::run::RunEvent;

use super::{AT, Happened, POSITION, PROJECT, RUN};
use crate::column::{Column, Kind, Rows};

pub(super) const COLUMNS: &[Column] = &[
    POSITION,
    AT,
    RUN,
    PROJECT,
    Column::of("step", Kind::Text, "the step", "the event's `step`"),
    Column::opt("sandbox", Kind::Text, "where that step works", "the event's `sandbox`"),
    Column::of(
        "kind",
        Kind::Text,
        "message, tool_call, tool_result, or continuation of one of them",
        "StepMessageAppended, ToolCalled, ToolReturned, StepContentContinued",
    ),
    Column::of("id", Kind::Text, "the message's id, or the tool call's", "`message`, `call_id`, `of`"),
    Column::opt(
        "role",
        Kind::Text,
        "who speaks, of a message: user or assistant",
        "StepMessageAppended `role`",
    ),
    Column::opt("tool", Kind::Text, "the tool's name", "ToolCalled, ToolReturned `tool`"),
    Column::of(
        "content",
        Kind::Text,
        "what was said, asked of the tool as JSON, or answered by it",
        "`content`, `arguments`, `output`",
    ),
    Column::opt(
        "thinking",
        Kind::Text,
        "the agent's thinking, where it was shown",
        "StepMessageAppended `thinking`",
    ),
    Column::opt(
        "stop_reason",
        Kind::Text,
        "why the agent stopped here, in its own word",
        "StepMessageAppended `stop_reason`",
    ),
    Column::opt("is_error", Kind::Flag, "whether the tool reported an error", "ToolReturned `is_error`"),
    Column::opt(
        "duration_ms",
        Kind::Count,
        "how long the tool took, in milliseconds",
        "ToolReturned `duration_ms`",
    ),
    Column::of("more", Kind::Flag, "whether a continuation follows", "the event's `more`"),
];

/// What a row of this table says.
#[derive(Default)]
pub(super) struct Said<'a> {
    step: Option<StepId>,
    sandbox: Option<SandboxId>,
    kind: &'static str,
    id: String,
    role: Option<&'static str>,
    tool: Option<&'a str>,
    content: &'a str,
    thinking: Option<&'a str>,
    stop_reason: Option<&'a str>,
    is_error: Option<bool>,
    duration_ms: Option<u64>,
    more: bool,
}

impl<'a> Said<'a> {
    /// What the event says, if it is one of those that say something.
    pub(super) fn of(event: &'a RunEvent) -> Option<Self> {
        Some(match event {
            RunEvent::StepMessageAppended(e) => Self {
                step: Some(e.step),
                sandbox: e.sandbox,
                kind: "message",
                id: e.message.to_string(),
                role: Some(e.role.as_str()),
                content: &e.content,
                thinking: e.thinking.as_deref(),
                stop_reason: e.stop_reason.as_deref(),
                more: e.more,
                ..Self::default()
            },
            RunEvent::ToolCalled(e) => Self {
                step: Some(e.step),
                sandbox: e.sandbox,
                kind: "tool_call",
                id: e.call_id.clone(),
                tool: Some(&e.tool),
                content: &e.arguments,
                ..Self::default()
            },
            RunEvent::ToolReturned(e) => Self {
                step: Some(e.step),
                sandbox: e.sandbox,
                kind: "tool_result",
                id: e.call_id.clone(),
                tool: Some(&e.tool),
                content: &e.output,
                is_error: Some(e.is_error),
                duration_ms: e.duration_ms,
                more: e.more,
                ..Self::default()
            },
            RunEvent::StepContentContinued(e) => Self {
                step: Some(e.step),
                sandbox: e.sandbox,
                kind: "continuation",
                id: e.of.clone(),
                content: &e.content,
                more: e.more,
                ..Self::default()
            },
            _ => return None,
        })
    }

    pub(super) fn row(&self, rows: &mut Rows, happened: &Happened<'_>) {
        rows.count(Some(happened.meta.position.0))
            .instant(Some(happened.meta.when()))
            .shown(Some(happened.run))
            .shown(happened.meta.project)
            .shown(self.step)
            .shown(self.sandbox)
            .text(Some(self.kind))
            .text(Some(&self.id))
            .text(self.role)
            .text(self.tool)
            .text(Some(self.content))
            .text(self.thinking)
            .text(self.stop_reason)
            .flag(self.is_error)
            .count(self.duration_ms)
            .flag(Some(self.more))
            .end();
    }
}
