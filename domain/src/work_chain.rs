//! A work chain: issues that runs see to one after another, on one branch.

use crate::catalogue::{commands, events, plain};
use crate::chain::{self, Next, Standing};
use crate::ids::{Category, IssueId, ProjectId, RunId, StreamId};
use crate::terms::{Advance, FailurePolicy, RunOutcome};
use crate::{Decider, Rejection, check};

mod contract;
#[cfg(test)]
mod tests;

pub use contract::*;

/// Most issues of a chain.
pub const CHAIN_ISSUES_MAX: usize = 500;

#[derive(Debug, Clone, Copy, PartialEq, Default)]
enum Phase {
    #[default]
    Missing,
    Planned,
    /// The issue at `at` is due, or a run works on it.
    Active {
        run: Option<RunId>,
    },
    Completed,
    Stopped,
    Cancelled,
}

/// A work chain, as far as its decisions need it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WorkChain {
    project: Option<ProjectId>,
    phase: Phase,
    paused: bool,
    issues: Vec<IssueId>,
    /// Place of the current issue.
    at: usize,
    /// Tries of the current issue so far.
    attempts: u32,
    attempts_max: u32,
    on_failure: Option<FailurePolicy>,
}

impl WorkChain {
    const fn shown(&self) -> &'static str {
        match self.phase {
            Phase::Missing => "missing",
            Phase::Planned => "planned",
            Phase::Active { .. } if self.paused => "paused",
            Phase::Active { run: Some(_) } => "running",
            Phase::Active { run: None } => "waiting for a run",
            Phase::Completed => "completed",
            Phase::Stopped => "stopped",
            Phase::Cancelled => "cancelled",
        }
    }
    fn refuse(&self, expected: &'static str) -> Rejection {
        match self.phase {
            Phase::Missing => Rejection::NotFound { aggregate: "work chain" },
            _ => Rejection::illegal("work chain", expected, self.shown()),
        }
    }
    fn active(&self) -> Result<Option<RunId>, Rejection> {
        match self.phase {
            Phase::Active { run } => Ok(run),
            _ => Err(self.refuse("under way")),
        }
    }
    /// The issues still to come, which may be taken out or put in another order.
    fn to_come(&self) -> Result<&[IssueId], Rejection> {
        match self.phase {
            Phase::Planned => Ok(&self.issues),
            Phase::Active { .. } => Ok(self.issues.get(self.at + 1..).unwrap_or_default()),
            _ => Err(self.refuse("planned or under way")),
        }
    }
    fn current(&self) -> Result<IssueId, Rejection> {
        self.issues.get(self.at).copied().ok_or_else(|| self.refuse("under way"))
    }
    fn create(&self, command: &CreateWorkChain) -> Result<WorkChainEvent, Rejection> {
        if self.phase != Phase::Missing {
            return Err(Rejection::AlreadyExists { what: "work chain".into() });
        }
        let CreateWorkChain { project, title, branch, base_branch, issues, .. } = command.clone();
        check::name("title", &title)?;
        check::branch("branch", &branch)?;
        base_branch.as_deref().map_or(Ok(()), |base| check::branch("base_branch", base))?;
        if base_branch.as_ref() == Some(&branch) {
            return Err(Rejection::invalid("base_branch", "another branch than branch", branch));
        }
        check::some_of("issues", &issues, CHAIN_ISSUES_MAX)?;
        check::each_once("issues", &issues)?;
        let on_failure = command.on_failure.unwrap_or(FailurePolicy::Pause);
        let attempts_max = chain::attempts(on_failure, command.attempts_max)?;
        Ok(WorkChainCreated { project, title, branch, base_branch, on_failure, attempts_max, issues }.into())
    }
    fn add(&self, issue: IssueId) -> Result<WorkChainEvent, Rejection> {
        self.to_come()?;
        if self.issues.contains(&issue) {
            return Err(Rejection::AlreadyExists { what: format!("issue `{issue}` in this chain") });
        }
        if self.issues.len() >= CHAIN_ISSUES_MAX {
            let rule = format!("a chain has at most {CHAIN_ISSUES_MAX} issues");
            return Err(Rejection::rule(rule, "create another chain"));
        }
        Ok(WorkChainIssueAdded { issue }.into())
    }
    fn remove(&self, issue: IssueId) -> Result<WorkChainEvent, Rejection> {
        if !self.to_come()?.contains(&issue) {
            return Err(Rejection::unknown("issue still to come", issue));
        }
        if self.issues.len() == 1 {
            return Err(Rejection::rule("a chain has at least one issue", "cancel the chain instead"));
        }
        Ok(WorkChainIssueRemoved { issue }.into())
    }
    fn reorder(&self, command: &ReorderWorkChain) -> Result<WorkChainEvent, Rejection> {
        let to_come = self.to_come()?;
        check::each_once("issues", &command.issues)?;
        if let Some(issue) = command.issues.iter().find(|issue| !to_come.contains(issue)) {
            return Err(Rejection::unknown("issue still to come", issue));
        }
        if command.issues.len() != to_come.len() || to_come.is_empty() {
            let expected = format!("all {} issues still to come", to_come.len());
            return Err(Rejection::invalid("issues", expected, format!("{} issues", command.issues.len())));
        }
        Ok(WorkChainReordered { issues: command.issues.clone() }.into())
    }
    fn start_run(&self, run: RunId) -> Result<WorkChainEvent, Rejection> {
        match self.phase {
            Phase::Active { run: None } if !self.paused => {
                Ok(WorkChainRunStarted { issue: self.current()?, run, attempt: self.attempts + 1 }.into())
            }
            _ => Err(self.refuse("waiting for a run")),
        }
    }
    fn end_run(&self, command: &EndChainRun) -> Result<Vec<WorkChainEvent>, Rejection> {
        let EndChainRun { run, outcome } = *command;
        match self.active()? {
            Some(current) if current == run => {}
            _ => return Err(Rejection::unknown("run at work", run)),
        }
        let issue = self.current()?;
        let mut events = vec![WorkChainRunEnded { issue, run, outcome }.into()];
        let standing = Standing {
            last: self.at + 1 >= self.issues.len(),
            attempt: self.attempts,
            attempts_max: self.attempts_max,
            policy: self.on_failure.unwrap_or(FailurePolicy::Pause),
            advance: Advance::Automatic,
        };
        match chain::next(outcome, standing) {
            Next::Retry => events.push(WorkChainRetried { issue, attempt: self.attempts + 1 }.into()),
            Next::Advance | Next::Await | Next::Complete => events.push(self.on()),
            Next::Pause if self.paused => {}
            Next::Pause => events.push(WorkChainPaused { reason: format!("run `{run}` {outcome}") }.into()),
            Next::Stop => events.push(WorkChainStopped { reason: format!("run `{run}` {outcome}") }.into()),
        }
        Ok(events)
    }
    fn on(&self) -> WorkChainEvent {
        match self.issues.get(self.at + 1) {
            Some(issue) => WorkChainAdvanced { issue: *issue }.into(),
            None => WorkChainCompleted {}.into(),
        }
    }
    fn skip(&self, command: &SkipChainIssue) -> Result<Vec<WorkChainEvent>, Rejection> {
        match self.phase {
            Phase::Active { run: None } => {}
            _ => return Err(self.refuse("waiting for a run, or paused without one")),
        }
        check::filled("reason", &command.reason)?;
        let skipped = WorkChainIssueSkipped { issue: self.current()?, reason: command.reason.clone() };
        Ok(vec![skipped.into(), self.on()])
    }
    fn pause(&self, command: &PauseWorkChain) -> Result<WorkChainEvent, Rejection> {
        self.active()?;
        if self.paused {
            return Err(self.refuse("under way"));
        }
        check::filled("reason", &command.reason)?;
        Ok(WorkChainPaused { reason: command.reason.clone() }.into())
    }
    fn cancel(&self, command: &CancelWorkChain) -> Result<WorkChainEvent, Rejection> {
        self.to_come()?;
        check::text("reason", command.reason.as_deref().unwrap_or_default())?;
        Ok(WorkChainCancelled { reason: command.reason.clone() }.into())
    }
    fn due(&mut self, at: usize) {
        self.at = at;
        self.attempts = 0;
        self.phase = Phase::Active { run: None };
    }
}

impl Decider for WorkChain {
    const CATEGORY: Category = Category(13);
    type Command = WorkChainCommand;
    type Event = WorkChainEvent;

    fn decide(&self, command: &WorkChainCommand) -> Result<Vec<WorkChainEvent>, Rejection> {
        let event = match command {
            WorkChainCommand::CreateWorkChain(c) => self.create(c)?,
            WorkChainCommand::AddChainIssue(c) => self.add(c.issue)?,
            WorkChainCommand::RemoveChainIssue(c) => self.remove(c.issue)?,
            WorkChainCommand::ReorderWorkChain(c) => self.reorder(c)?,
            WorkChainCommand::StartWorkChain(StartWorkChain {}) => match self.phase {
                Phase::Planned => WorkChainStarted {}.into(),
                _ => return Err(self.refuse("planned")),
            },
            WorkChainCommand::StartChainRun(c) => self.start_run(c.run)?,
            WorkChainCommand::EndChainRun(c) => return self.end_run(c),
            WorkChainCommand::SkipChainIssue(c) => return self.skip(c),
            WorkChainCommand::PauseWorkChain(c) => self.pause(c)?,
            WorkChainCommand::ResumeWorkChain(ResumeWorkChain {}) => {
                self.active()?;
                if !self.paused {
                    return Err(self.refuse("paused"));
                }
                WorkChainResumed {}.into()
            }
            WorkChainCommand::CancelWorkChain(c) => self.cancel(c)?,
        };
        Ok(vec![event])
    }

    fn evolve(&mut self, event: &WorkChainEvent) {
        match event {
            WorkChainEvent::WorkChainCreated(e) => {
                *self = Self {
                    project: Some(e.project),
                    phase: Phase::Planned,
                    issues: e.issues.clone(),
                    attempts_max: e.attempts_max,
                    on_failure: Some(e.on_failure),
                    ..Self::default()
                };
            }
            WorkChainEvent::WorkChainIssueAdded(e) => self.issues.push(e.issue),
            WorkChainEvent::WorkChainIssueRemoved(e) => self.issues.retain(|issue| *issue != e.issue),
            WorkChainEvent::WorkChainReordered(e) => {
                self.issues.truncate(self.issues.len().saturating_sub(e.issues.len()));
                self.issues.extend(&e.issues);
            }
            WorkChainEvent::WorkChainStarted(_) => self.due(0),
            WorkChainEvent::WorkChainRunStarted(e) => {
                self.attempts = e.attempt;
                self.phase = Phase::Active { run: Some(e.run) };
            }
            WorkChainEvent::WorkChainRunEnded(_) => self.phase = Phase::Active { run: None },
            WorkChainEvent::WorkChainAdvanced(_) => self.due(self.at.saturating_add(1)),
            WorkChainEvent::WorkChainRetried(_) | WorkChainEvent::WorkChainIssueSkipped(_) => {}
            WorkChainEvent::WorkChainPaused(_) => self.paused = true,
            WorkChainEvent::WorkChainResumed(_) => {
                self.paused = false;
                // A run that goes on is still the try it was.
                if self.phase == (Phase::Active { run: None }) {
                    self.attempts = 0;
                }
            }
            WorkChainEvent::WorkChainCompleted(_) => self.phase = Phase::Completed,
            WorkChainEvent::WorkChainStopped(_) => self.phase = Phase::Stopped,
            WorkChainEvent::WorkChainCancelled(_) => self.phase = Phase::Cancelled,
        }
    }

    fn project(&self) -> Option<ProjectId> {
        self.project
    }

    fn references(command: &WorkChainCommand) -> Vec<StreamId> {
        match command {
            WorkChainCommand::CreateWorkChain(c) => {
                let issues = c.issues.iter().map(|issue| (*issue).into());
                std::iter::once(c.project.into()).chain(issues).collect()
            }
            WorkChainCommand::AddChainIssue(c) => vec![c.issue.into()],
            _ => vec![],
        }
    }
}

/// One or more of every event.
pub(crate) fn samples() -> Vec<WorkChainEvent> {
    let (issue, run) = (IssueId::from_bytes([2; 16]), RunId::from_bytes([3; 16]));
    let created = WorkChainCreated {
        project: ProjectId::from_bytes([1; 16]),
        title: "Leaks".into(),
        branch: "fix/leaks".into(),
        base_branch: Some("main".into()),
        on_failure: FailurePolicy::Retry,
        attempts_max: 3,
        issues: vec![issue, IssueId::from_bytes([4; 16])],
    };
    let plain = WorkChainCreated {
        base_branch: None,
        on_failure: FailurePolicy::Pause,
        attempts_max: 1,
        ..created.clone()
    };
    vec![
        created.into(),
        plain.into(),
        WorkChainIssueAdded { issue: IssueId::from_bytes([5; 16]) }.into(),
        WorkChainIssueRemoved { issue: IssueId::from_bytes([5; 16]) }.into(),
        WorkChainReordered { issues: vec![IssueId::from_bytes([4; 16])] }.into(),
        WorkChainStarted {}.into(),
        WorkChainRunStarted { issue, run, attempt: 1 }.into(),
        WorkChainRunEnded { issue, run, outcome: RunOutcome::Failed }.into(),
        WorkChainRetried { issue, attempt: 2 }.into(),
        WorkChainAdvanced { issue: IssueId::from_bytes([4; 16]) }.into(),
        WorkChainIssueSkipped { issue, reason: "not now".into() }.into(),
        WorkChainPaused { reason: "a release".into() }.into(),
        WorkChainResumed {}.into(),
        WorkChainCompleted {}.into(),
        WorkChainStopped { reason: "run failed".into() }.into(),
        WorkChainCancelled { reason: Some("superseded".into()) }.into(),
        WorkChainCancelled { reason: None }.into(),
    ]
}
