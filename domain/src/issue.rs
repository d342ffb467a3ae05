//! An issue: something to be done, from its finding to its resolution, with the runs that tried.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::catalogue::{commands, events, plain};
use crate::ids::{
    AnsweringSessionId, Category, IssueSessionId, PlanId, ProjectId, RunId, StreamId, WorkChainId,
};
use crate::terms::{Priority, RunOutcome};
use crate::{Decider, Rejection, check};

#[cfg(test)]
mod tests;

events! {
    /// Everything that can happen to an issue.
    pub enum IssueEvent {
        1200 => IssueOpened 1;
        1201 => IssueEdited 1;
        1202 => IssueChained 1;
        1203 => IssueUnchained 1;
        1204 => IssueRunStarted 1;
        1205 => IssueRunEnded 1;
        1206 => IssueAnswersAttached 1;
        1207 => IssueResolved 1;
        1208 => IssueDismissed 1;
        1209 => IssueReopened 1;
    }
}

commands! {
    /// What can be asked of an issue.
    pub enum IssueCommand {
        "open" => OpenIssue;
        "edit" => EditIssue;
        "chain" => ChainIssue;
        "unchain" => UnchainIssue;
        "start-run" => StartIssueRun;
        "end-run" => EndIssueRun;
        "attach-answers" => AttachAnswers;
        "resolve" => ResolveIssue;
        "dismiss" => DismissIssue;
        "reopen" => ReopenIssue;
    }
}

/// Where an issue came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum IssueOrigin {
    /// A person wrote it.
    Hand,
    /// An issue session found it.
    Session {
        /// The session.
        session: IssueSessionId,
        /// The finding's number there.
        finding: u32,
    },
    /// An item of a plan.
    Plan {
        /// The plan.
        plan: PlanId,
        /// The item's number there.
        item: u32,
    },
}

plain! {
    /// What is to be done; of an issue, a finding or an item of a plan.
    struct IssueText {
        /// A short name.
        title: String,
        /// What is wrong or wanted.
        description: String,
        /// How urgent it is.
        priority: Priority,
        /// What to ask an agent for.
        suggested_prompt: String,
    }

    /// An issue was opened.
    struct IssueOpened {
        /// The project it belongs to.
        project: ProjectId,
        /// What is to be done.
        text: IssueText,
        /// Where it came from.
        origin: IssueOrigin,
    }
    /// It was reworded.
    struct IssueEdited {
        /// What is to be done.
        text: IssueText,
    }
    /// A work chain will see to it.
    struct IssueChained {
        /// The chain.
        chain: WorkChainId,
    }
    /// The chain will not see to it any more.
    struct IssueUnchained {
        /// The chain.
        chain: WorkChainId,
        /// Why.
        reason: String,
    }
    /// A run began to work on it.
    struct IssueRunStarted {
        /// The run; it is requested under this id.
        run: RunId,
    }
    /// That run ended. A completed one leaves the issue in review, for nobody has said that it is resolved.
    struct IssueRunEnded {
        /// The run.
        run: RunId,
        /// How.
        outcome: RunOutcome,
    }
    /// Answers to its open questions are at hand, for the runs to come.
    struct IssueAnswersAttached {
        /// The session that gave them.
        answering_session: AnsweringSessionId,
    }
    /// It is done.
    struct IssueResolved {
        /// The run that did it.
        run: Option<RunId>,
        /// In words.
        note: Option<String>,
    }
    /// It will not be done.
    struct IssueDismissed {
        /// Why.
        reason: String,
    }
    /// It is open again, and in no chain.
    struct IssueReopened {
        /// Why.
        reason: String,
    }
}

plain! {
    /// Opens an issue.
    struct OpenIssue {
        /// The project it belongs to.
        project: ProjectId,
        /// What is to be done.
        text: IssueText,
        /// Where it comes from; by hand where absent.
        origin: Option<IssueOrigin>,
    }
    /// Rewords an issue that nobody works on; every field is replaced.
    struct EditIssue {
        /// What is to be done.
        text: IssueText,
    }
    /// Puts an open issue into a work chain.
    struct ChainIssue {
        /// The chain.
        chain: WorkChainId,
    }
    /// Takes an issue out of its work chain.
    struct UnchainIssue {
        /// Why.
        reason: String,
    }
    /// Records that a run begins to work on it.
    struct StartIssueRun {
        /// The run; requested under this id, before or after.
        run: RunId,
    }
    /// Records that this run ended.
    struct EndIssueRun {
        /// The run at work.
        run: RunId,
        /// How it ended.
        outcome: RunOutcome,
    }
    /// Hands it the answers of a session, for the runs to come.
    struct AttachAnswers {
        /// The session that gave them.
        answering_session: AnsweringSessionId,
    }
    /// Says that it is done.
    struct ResolveIssue {
        /// In words.
        note: Option<String>,
    }
    /// Says that it will not be done.
    struct DismissIssue {
        /// Why.
        reason: String,
    }
    /// Opens a resolved or dismissed issue, or one in review, again.
    struct ReopenIssue {
        /// Why.
        reason: String,
    }
}

/// Longest description or suggested prompt, in bytes.
pub const ISSUE_TEXT_MAX_BYTES: usize = 64 * 1024;

impl IssueText {
    /// Refuses a blank title, or texts out of bounds.
    pub(crate) fn check(&self) -> Result<(), Rejection> {
        check::name("title", &self.title)?;
        check::within("description", &self.description, ISSUE_TEXT_MAX_BYTES)?;
        check::within("suggested_prompt", &self.suggested_prompt, ISSUE_TEXT_MAX_BYTES)
    }
    /// Length of its texts, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.title.len() + self.description.len() + self.suggested_prompt.len()
    }
    #[cfg(test)]
    pub(crate) fn sample(title: &str) -> Self {
        samples_text(title)
    }
}

/// A text for samples of several aggregates.
pub(crate) fn samples_text(title: &str) -> IssueText {
    IssueText {
        title: title.into(),
        description: "The cache is never emptied".into(),
        priority: Priority::High,
        suggested_prompt: "Empty the cache when it is full".into(),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Default)]
enum Phase {
    #[default]
    Missing,
    Open,
    Running(RunId),
    InReview(RunId),
    Resolved,
    Dismissed,
}

/// An issue, as far as its decisions need it: how it stands, not what it says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Issue {
    project: Option<ProjectId>,
    phase: Phase,
    chain: Option<WorkChainId>,
}

impl Issue {
    const fn shown(&self) -> &'static str {
        match (self.phase, self.chain) {
            (Phase::Missing, _) => "missing",
            (Phase::Open, None) => "open",
            (Phase::Open, Some(_)) => "in a chain",
            (Phase::Running(_), _) => "running",
            (Phase::InReview(_), _) => "in review",
            (Phase::Resolved, _) => "resolved",
            (Phase::Dismissed, _) => "dismissed",
        }
    }
    fn refuse(&self, expected: &'static str) -> Rejection {
        match self.phase {
            Phase::Missing => Rejection::NotFound { aggregate: "issue" },
            _ => Rejection::illegal("issue", expected, self.shown()),
        }
    }
    /// Open or in review, in a chain or not: nobody works on it now, and it is not settled.
    fn expect_waiting(&self) -> Result<(), Rejection> {
        match self.phase {
            Phase::Open | Phase::InReview(_) => Ok(()),
            _ => Err(self.refuse("open, in a chain or in review")),
        }
    }
    fn open(&self, command: &OpenIssue) -> Result<IssueEvent, Rejection> {
        if self.phase != Phase::Missing {
            return Err(Rejection::AlreadyExists { what: "issue".into() });
        }
        command.text.check()?;
        let OpenIssue { project, text, origin } = command.clone();
        Ok(IssueOpened { project, text, origin: origin.unwrap_or(IssueOrigin::Hand) }.into())
    }
    fn edit(&self, command: &EditIssue) -> Result<IssueEvent, Rejection> {
        self.expect_waiting()?;
        command.text.check()?;
        Ok(IssueEdited { text: command.text.clone() }.into())
    }
    fn chain(&self, chain: WorkChainId) -> Result<IssueEvent, Rejection> {
        match (self.phase, self.chain) {
            (Phase::Open, None) => Ok(IssueChained { chain }.into()),
            _ => Err(self.refuse("open")),
        }
    }
    fn unchain(&self, command: &UnchainIssue) -> Result<IssueEvent, Rejection> {
        match (self.phase, self.chain) {
            (Phase::Open | Phase::InReview(_), Some(chain)) => {
                check::filled("reason", &command.reason)?;
                Ok(IssueUnchained { chain, reason: command.reason.clone() }.into())
            }
            _ => Err(self.refuse("in a chain")),
        }
    }
    fn end_run(&self, command: &EndIssueRun) -> Result<IssueEvent, Rejection> {
        match self.phase {
            Phase::Running(run) if run == command.run => {
                Ok(IssueRunEnded { run, outcome: command.outcome }.into())
            }
            Phase::Running(_) => Err(Rejection::unknown("run at work", command.run)),
            _ => Err(self.refuse("running")),
        }
    }
    fn resolve(&self, command: &ResolveIssue) -> Result<IssueEvent, Rejection> {
        self.expect_waiting()?;
        check::text("note", command.note.as_deref().unwrap_or_default())?;
        let run = match self.phase {
            Phase::InReview(run) => Some(run),
            _ => None,
        };
        Ok(IssueResolved { run, note: command.note.clone() }.into())
    }
    fn reopen(&self, command: &ReopenIssue) -> Result<IssueEvent, Rejection> {
        match self.phase {
            Phase::InReview(_) | Phase::Resolved | Phase::Dismissed => {
                check::filled("reason", &command.reason)?;
                Ok(IssueReopened { reason: command.reason.clone() }.into())
            }
            _ => Err(self.refuse("in review, resolved or dismissed")),
        }
    }
}

impl Decider for Issue {
    const CATEGORY: Category = Category(12);
    type Command = IssueCommand;
    type Event = IssueEvent;

    fn decide(&self, command: &IssueCommand) -> Result<Vec<IssueEvent>, Rejection> {
        let event = match command {
            IssueCommand::OpenIssue(c) => self.open(c)?,
            IssueCommand::EditIssue(c) => self.edit(c)?,
            IssueCommand::ChainIssue(c) => self.chain(c.chain)?,
            IssueCommand::UnchainIssue(c) => self.unchain(c)?,
            IssueCommand::StartIssueRun(c) => {
                self.expect_waiting()?;
                IssueRunStarted { run: c.run }.into()
            }
            IssueCommand::EndIssueRun(c) => self.end_run(c)?,
            IssueCommand::AttachAnswers(c) => {
                self.expect_waiting()?;
                IssueAnswersAttached { answering_session: c.answering_session }.into()
            }
            IssueCommand::ResolveIssue(c) => self.resolve(c)?,
            IssueCommand::DismissIssue(c) => {
                self.expect_waiting()?;
                check::filled("reason", &c.reason)?;
                IssueDismissed { reason: c.reason.clone() }.into()
            }
            IssueCommand::ReopenIssue(c) => self.reopen(c)?,
        };
        Ok(vec![event])
    }

    fn evolve(&mut self, event: &IssueEvent) {
        match event {
            IssueEvent::IssueOpened(e) => {
                *self = Self { project: Some(e.project), phase: Phase::Open, chain: None };
            }
            IssueEvent::IssueEdited(_) | IssueEvent::IssueAnswersAttached(_) => {}
            IssueEvent::IssueChained(e) => self.chain = Some(e.chain),
            IssueEvent::IssueUnchained(_) => self.chain = None,
            IssueEvent::IssueRunStarted(e) => self.phase = Phase::Running(e.run),
            IssueEvent::IssueRunEnded(e) => {
                self.phase = match e.outcome {
                    RunOutcome::Completed => Phase::InReview(e.run),
                    RunOutcome::Failed | RunOutcome::Cancelled => Phase::Open,
                };
            }
            IssueEvent::IssueResolved(_) => self.phase = Phase::Resolved,
            IssueEvent::IssueDismissed(_) => self.phase = Phase::Dismissed,
            IssueEvent::IssueReopened(_) => {
                self.phase = Phase::Open;
                self.chain = None;
            }
        }
    }

    fn project(&self) -> Option<ProjectId> {
        self.project
    }

    fn references(command: &IssueCommand) -> Vec<StreamId> {
        match command {
            IssueCommand::OpenIssue(c) => {
                let origin = match c.origin {
                    Some(IssueOrigin::Session { session, .. }) => Some(session.into()),
                    Some(IssueOrigin::Plan { plan, .. }) => Some(plan.into()),
                    Some(IssueOrigin::Hand) | None => None,
                };
                [Some(c.project.into()), origin].into_iter().flatten().collect()
            }
            IssueCommand::ChainIssue(c) => vec![c.chain.into()],
            IssueCommand::AttachAnswers(c) => vec![c.answering_session.into()],
            _ => vec![],
        }
    }
}

/// One or more of every event.
pub(crate) fn samples() -> Vec<IssueEvent> {
    let opened = |origin| IssueOpened {
        project: ProjectId::from_bytes([1; 16]),
        text: samples_text("Cache grows"),
        origin,
    };
    let (chain, run) = (WorkChainId::from_bytes([4; 16]), RunId::from_bytes([5; 16]));
    let ended = |outcome| IssueRunEnded { run, outcome };
    vec![
        opened(IssueOrigin::Hand).into(),
        opened(IssueOrigin::Session { session: IssueSessionId::from_bytes([2; 16]), finding: 7 }).into(),
        opened(IssueOrigin::Plan { plan: PlanId::from_bytes([3; 16]), item: 2 }).into(),
        IssueEdited { text: samples_text("Cache grows for ever") }.into(),
        IssueChained { chain }.into(),
        IssueUnchained { chain, reason: "more urgent".into() }.into(),
        IssueRunStarted { run }.into(),
        ended(RunOutcome::Completed).into(),
        ended(RunOutcome::Failed).into(),
        ended(RunOutcome::Cancelled).into(),
        IssueAnswersAttached { answering_session: AnsweringSessionId::from_bytes([6; 16]) }.into(),
        IssueResolved { run: Some(run), note: Some("merged".into()) }.into(),
        IssueResolved { run: None, note: None }.into(),
        IssueDismissed { reason: "as intended".into() }.into(),
        IssueReopened { reason: "it is back".into() }.into(),
    ]
}
