//! Which texts are prompts and messages, and which come in parts: what may be sealed, and what is read across cuts.

use crate::experiment::ExperimentEvent;
use crate::issue_session::IssueSessionEvent;
use crate::recurring_task::RecurringTaskEvent;
use crate::run::{RunCommand, RunEvent};
use crate::sandbox::{SandboxCommand, SandboxEvent};
use crate::script_execution::{ScriptExecutionCommand, ScriptExecutionEvent};
use crate::session::SessionEvent;
use crate::sprint_chain::SprintChainEvent;
use crate::team::TeamEvent;
use crate::terms::OutputStream;
use crate::{Command, Event};

/// A part of a text that may come in several.
#[derive(Debug)]
pub struct Part<'a> {
    /// Which of the texts of its stream that grow side by side.
    pub lane: u8,
    /// The part.
    pub text: &'a mut String,
    /// Whether the same text goes on.
    pub more: bool,
    /// Whether it goes on from a part before it.
    pub goes_on: bool,
}

impl Event {
    /// Hands every prompt and message in it to `each`: what people and agents said, which can be sealed and erased.
    /// Names, ids, figures and outcomes are none; nor is what a project keeps for good, such as learnings.
    pub fn prose(&mut self, each: &mut dyn FnMut(&mut String)) {
        match self {
            Self::Run(event) => run(event, each),
            Self::Sandbox(SandboxEvent::MessageAppended(e)) => {
                each(&mut e.content);
                e.stream_log.iter_mut().for_each(each);
            }
            Self::Sandbox(SandboxEvent::MessageContinued(e)) => each(&mut e.content),
            Self::ScriptExecution(ScriptExecutionEvent::ScriptOutputAppended(e)) => each(&mut e.content),
            Self::Session(SessionEvent::SessionBuilt(e)) => each(&mut e.parts.system_prompt),
            Self::Session(SessionEvent::SessionSteered(e)) => each(&mut e.text),
            Self::IssueSession(IssueSessionEvent::IssueSessionRequested(e)) => each(&mut e.prompt),
            Self::Experiment(ExperimentEvent::ExperimentOpened(e)) => each(&mut e.prompt),
            Self::RecurringTask(RecurringTaskEvent::RecurringTaskCreated(e)) => each(&mut e.prompt),
            Self::RecurringTask(RecurringTaskEvent::RecurringTaskEdited(e)) => each(&mut e.prompt),
            Self::SprintChain(SprintChainEvent::SprintChainCreated(e)) => {
                each(&mut e.default_prompt);
                e.prompts.iter_mut().for_each(|own| each(&mut own.prompt));
            }
            Self::SprintChain(SprintChainEvent::SprintPromptSet(e)) => e.prompt.iter_mut().for_each(each),
            Self::SprintChain(SprintChainEvent::SprintStarted(e)) => each(&mut e.prompt),
            Self::Team(TeamEvent::TeamTaskAdded(e)) => each(&mut e.text),
            Self::Team(TeamEvent::TeamTaskCompleted(e)) => each(&mut e.result),
            Self::Team(TeamEvent::TeamMessageSent(e)) => each(&mut e.text),
            _ => {}
        }
    }
}

fn run(event: &mut RunEvent, each: &mut dyn FnMut(&mut String)) {
    match event {
        RunEvent::RunRequested(e) => each(&mut e.prompt),
        RunEvent::StepMessageAppended(e) => {
            each(&mut e.content);
            e.thinking.iter_mut().for_each(each);
        }
        RunEvent::StepContentContinued(e) => each(&mut e.content),
        RunEvent::ToolCalled(e) => each(&mut e.arguments),
        RunEvent::ToolReturned(e) => each(&mut e.output),
        RunEvent::VerdictIssued(e) => each(&mut e.feedback),
        RunEvent::ScoresIssued(e) => each(&mut e.summary),
        RunEvent::JudgementIssued(e) => {
            each(&mut e.rationale);
            e.notes.iter_mut().for_each(|note| each(&mut note.note));
        }
        RunEvent::StepCompleted(e) => e.output.iter_mut().for_each(each),
        RunEvent::StepFailed(e) => each(&mut e.error),
        RunEvent::LoopIterated(e) => e.feedback.iter_mut().for_each(each),
        RunEvent::OperatorSteered(e) => each(&mut e.text),
        RunEvent::RunCompleted(e) => e.summary.iter_mut().for_each(each),
        RunEvent::RunFailed(e) => each(&mut e.error),
        RunEvent::AgentLineUnrecognised(e) => each(&mut e.raw),
        _ => {}
    }
}

impl Command {
    /// The part of a text that it brings, where it brings one.
    pub fn part(&mut self) -> Option<Part<'_>> {
        let (lane, text, more, goes_on) = match self {
            Self::Run(RunCommand::AppendStepMessage(c)) => (0, &mut c.content, c.more, false),
            Self::Run(RunCommand::ContinueStepContent(c)) => (0, &mut c.content, c.more, true),
            Self::Run(RunCommand::RecordToolResult(c)) => (0, &mut c.output, c.more, false),
            Self::Sandbox(SandboxCommand::AppendMessage(c)) => (0, &mut c.content, c.more, false),
            Self::Sandbox(SandboxCommand::ContinueMessage(c)) => (0, &mut c.content, c.more, true),
            Self::ScriptExecution(ScriptExecutionCommand::AppendScriptOutput(c)) => {
                (if c.stream == OutputStream::Stdout { 0 } else { 1 }, &mut c.content, false, false)
            }
            _ => return None,
        };
        Some(Part { lane, text, more, goes_on })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aggregates;

    #[test]
    fn sealing_every_text_leaves_events_that_read_back() {
        let mut sealed = 0;
        for aggregate in aggregates() {
            for mut event in (aggregate.samples)() {
                event.prose(&mut |text| {
                    *text = format!("sealed {text}");
                    sealed += 1;
                });
                let bytes = event.encode();
                let back = Event::decode(aggregate.category, event.type_id(), event.schema_version(), &bytes);
                assert_eq!(back, Ok(event));
            }
        }
        assert!(sealed > 30, "{sealed}");
    }
}
