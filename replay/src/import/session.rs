//! One session that is being imported: turns what it says into commands under deterministic ids.

use std::ops::ControlFlow;

use domain::check::TEXT_MAX_BYTES;
use domain::ids::{CommitId, MessageId, ProjectId, RunId, SandboxId, StepId};
use domain::run::{
    AppendStepMessage, CompleteRun, CompleteStep, ContinueStepContent, FailRun, FailStep, RecordToolCall,
    RecordToolResult, RecordUnrecognisedLine, RequestRun, RunCommand, StartRun, StartStep,
};
use domain::sandbox::{CreateSandbox, KillSandbox, SandboxCommand, StartSandbox};
use domain::terms::{KillReason, MessageRole, RunSource, StepFailure};
use domain::values::Timestamp;
use domain::{Command, StreamId};

use super::ids::{Ids, create_project, project_commit, project_id};
use super::{BadLine, Flow, Found, Item, Options, Origin, Sink, Stop, Target, text};

/// Where and when something stands in the file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) line: u64,
    pub(super) read_bytes: u64,
    pub(super) time: Timestamp,
}

/// What a session begins with.
pub(super) struct Opening {
    pub(super) title: Option<String>,
    /// The task; never blank.
    pub(super) prompt: String,
    /// The program whose session it is.
    pub(super) provider: &'static str,
}

/// A message, whole.
pub(super) struct Saying<'a> {
    pub(super) role: MessageRole,
    pub(super) content: &'a str,
    pub(super) thinking: &'a str,
    pub(super) stop_reason: Option<String>,
}

/// A tool's answer, whole.
pub(super) struct Answer<'a> {
    pub(super) call_id: String,
    pub(super) tool: String,
    pub(super) is_error: bool,
    pub(super) output: &'a str,
    pub(super) duration_ms: Option<u64>,
}

/// How a step ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ending {
    Completed { output: Option<String> },
    Failed { failure: StepFailure, error: String },
}

/// The session. Commands of a line are numbered, so that each has its own commit id.
pub(super) struct Session<'a, 's> {
    sink: &'a mut Sink<'s>,
    file: String,
    ids: Ids,
    project: ProjectId,
    run: RunId,
    sandbox: SandboxId,
    place: Place,
    /// The line, or what takes its place in ids.
    ordinal: u64,
    commands: u32,
    messages: u32,
}

impl<'a, 's> Session<'a, 's> {
    pub(super) fn new(
        sink: &'a mut Sink<'s>,
        file: String,
        ids: Ids,
        options: &Options,
        place: Place,
    ) -> Self {
        let project = match &options.project {
            Target::Existing(project) => *project,
            Target::Slug(slug) => project_id(slug),
        };
        let (run, sandbox) = (ids.run(), ids.sandbox());
        let ordinal = place.line;
        Self { sink, file, ids, project, run, sandbox, place, ordinal, commands: 0, messages: 0 }
    }

    /// Moves on to a line.
    pub(super) fn at(&mut self, place: Place) {
        self.at_element(place, place.line);
    }
    /// Moves on to an element, of which a line may hold several; its number takes the line's place in ids.
    pub(super) fn at_element(&mut self, place: Place, number: u64) {
        (self.place, self.ordinal) = (place, number);
        (self.commands, self.messages) = (0, 0);
    }
    pub(super) fn place(&self) -> Place {
        self.place
    }
    pub(super) fn sandbox(&self) -> SandboxId {
        self.sandbox
    }
    /// The step that begins here.
    pub(super) fn step_id(&self) -> StepId {
        self.ids.step(self.ordinal)
    }

    /// Reports that the line cannot be used.
    pub(super) fn bad(&mut self, reason: impl Into<String>) -> Flow {
        let origin = self.origin(self.place);
        self.hand_over(Found::Bad(BadLine { origin, reason: reason.into() }))
    }

    /// Project, run and sandbox.
    pub(super) fn open(&mut self, options: &Options, opening: Opening) -> Flow {
        if let Target::Slug(slug) = &options.project {
            let create = Command::Project(create_project(slug).into());
            self.send(self.project.into(), project_commit(slug), create, self.place)?;
        }
        let Opening { title, prompt, provider } = opening;
        let (project, source) = (self.project, RunSource::Import);
        self.run(RequestRun {
            project,
            workflow: None,
            source,
            title,
            prompt,
            configuration: None,
            candidates: None,
            origin: None,
        })?;
        self.run(StartRun {})?;
        self.in_sandbox(CreateSandbox {
            project,
            run: Some(self.run),
            template_id: Some("imported".into()),
            timeout_ms: None,
            memory_mb: None,
            cpus: None,
            designer_model: None,
            checker_model: None,
            efforts: vec![],
            provider: Some(provider.into()),
        })?;
        self.in_sandbox(StartSandbox {})
    }

    pub(super) fn start_step(&mut self, step: StartStep) -> Flow {
        self.run(step)
    }

    /// A message, in as many parts as it needs. Thinking that exceeds one part goes ahead in messages of its own.
    pub(super) fn say(&mut self, step: StepId, saying: Saying<'_>) -> Flow {
        let Saying { role, content, thinking, stop_reason } = saying;
        let thoughts = text::parts(thinking, TEXT_MAX_BYTES, TEXT_MAX_BYTES);
        let (thinking, ahead) = thoughts.split_last().expect("a text has at least one part");
        for thought in ahead {
            let message = self.message_id();
            let (content, thinking) = (String::new(), Some((*thought).to_owned()));
            self.run(AppendStepMessage {
                step,
                message,
                role,
                content,
                thinking,
                stop_reason: None,
                more: false,
            })?;
        }
        let message = self.message_id();
        let parts = text::parts(content, TEXT_MAX_BYTES - thinking.len(), TEXT_MAX_BYTES);
        let thinking = Some((*thinking).to_owned()).filter(|thinking| !thinking.is_empty());
        let (content, more) = (parts[0].to_owned(), parts.len() > 1);
        self.run(AppendStepMessage { step, message, role, content, thinking, stop_reason, more })?;
        self.go_on(step, &message.to_string(), &parts[1..])
    }

    /// A tool call. Arguments that exceed one part go ahead as a message, which the call then names.
    pub(super) fn call(&mut self, step: StepId, call_id: String, tool: String, arguments: &str) -> Flow {
        let mut arguments = arguments.to_owned();
        if arguments.len() > TEXT_MAX_BYTES {
            let message = self.ids.message(self.ordinal, self.messages);
            let (role, stop_reason) = (MessageRole::Assistant, None);
            self.say(step, Saying { role, content: &arguments, thinking: "", stop_reason })?;
            arguments = format!(r#"{{"oversize":{{"bytes":{},"message":"{message}"}}}}"#, arguments.len());
        }
        self.run(RecordToolCall { step, call_id, tool, arguments })
    }

    /// A tool's answer, in as many parts as it needs.
    pub(super) fn answer(&mut self, step: StepId, answer: Answer<'_>) -> Flow {
        let Answer { call_id, tool, is_error, output, duration_ms } = answer;
        let parts = text::parts(output, TEXT_MAX_BYTES, TEXT_MAX_BYTES);
        let (output, more, of) = (parts[0].to_owned(), parts.len() > 1, call_id.clone());
        self.run(RecordToolResult { step, call_id, tool, is_error, output, duration_ms, more })?;
        self.go_on(step, &of, &parts[1..])
    }

    fn go_on(&mut self, step: StepId, of: &str, parts: &[&str]) -> Flow {
        for (index, part) in parts.iter().enumerate() {
            let (of, content, more) = (of.to_owned(), (*part).to_owned(), index + 1 < parts.len());
            self.run(ContinueStepContent { step, of, content, more })?;
        }
        Ok(())
    }

    /// Keeps a well-formed line of unknown meaning as it came. Its origin names the session, not the file,
    /// which may be called something else at the next import.
    pub(super) fn keep_raw(&mut self, session: &str, raw: &str) -> Flow {
        let session = text::label(session).unwrap_or_default();
        let origin = format!("{}:{}", text::clip(&session, 150), self.place.line);
        let length = raw.len() as u64;
        self.run(RecordUnrecognisedLine { origin, raw: text::clip(raw, TEXT_MAX_BYTES).to_owned(), length })
    }

    /// Ends the step that began at line `began`; it happened at `last`.
    pub(super) fn end_step(&mut self, step: StepId, began: u64, last: Place, ending: Ending) -> Flow {
        let command: RunCommand = match ending {
            Ending::Completed { output } => CompleteStep { step, output }.into(),
            Ending::Failed { failure, error } => FailStep { step, failure, error }.into(),
        };
        let commit = self.ids.commit("end-step", began, 0);
        self.send(self.run.into(), commit, Command::Run(command), last)
    }

    /// Ends run and sandbox; a failed run says why.
    pub(super) fn close(&mut self, summary: Option<String>, error: Option<String>) -> Flow {
        let command: RunCommand = match error {
            None => CompleteRun { summary }.into(),
            Some(error) => FailRun { error }.into(),
        };
        self.send(self.run.into(), self.ids.commit("end-run", 0, 0), Command::Run(command), self.place)?;
        let kill = Command::Sandbox(KillSandbox { reason: KillReason::Completion }.into());
        self.send(self.sandbox.into(), self.ids.commit("end-sandbox", 0, 0), kill, self.place)
    }

    /// A command to the run.
    pub(super) fn run(&mut self, command: impl Into<RunCommand>) -> Flow {
        let commit = self.next_commit();
        self.send(self.run.into(), commit, Command::Run(command.into()), self.place)
    }
    fn in_sandbox(&mut self, command: impl Into<SandboxCommand>) -> Flow {
        let commit = self.next_commit();
        self.send(self.sandbox.into(), commit, Command::Sandbox(command.into()), self.place)
    }
    fn next_commit(&mut self) -> CommitId {
        self.commands += 1;
        self.ids.commit("line", self.ordinal, self.commands - 1)
    }
    fn message_id(&mut self) -> MessageId {
        self.messages += 1;
        self.ids.message(self.ordinal, self.messages - 1)
    }
    fn send(&mut self, stream: StreamId, commit: CommitId, command: Command, place: Place) -> Flow {
        let correlation = match command {
            Command::Project(_) => None,
            _ => Some(self.ids.correlation()),
        };
        let (origin, occurred_at) = (self.origin(place), Some(place.time));
        self.hand_over(Found::Item(Box::new(Item {
            origin,
            stream,
            commit,
            command,
            occurred_at,
            correlation,
        })))
    }
    fn origin(&self, place: Place) -> Origin {
        Origin { file: self.file.clone(), line: place.line, read_bytes: place.read_bytes }
    }
    fn hand_over(&mut self, found: Found) -> Flow {
        match (self.sink)(found) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(Stop::Sink),
        }
    }
}
