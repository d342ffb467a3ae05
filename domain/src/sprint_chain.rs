//! A sprint chain: sprints 1 to n, each a run of its own with its own branch and pull request.

use std::collections::BTreeMap;

use crate::catalogue::{commands, events, plain};
use crate::chain::{self, Next, Standing};
use crate::ids::{Category, ProjectId, RunId, StreamId, UserId, WorkflowId};
use crate::terms::{Advance, FailurePolicy, PullRequestStatus, RunOutcome};
use crate::{Decider, Rejection, check};

mod contract;
#[cfg(test)]
mod tests;

pub use contract::*;

/// Most sprints of a chain.
pub const SPRINTS_MAX: u32 = 100;
/// Longest prompt of a sprint, in bytes.
pub const SPRINT_PROMPT_MAX_BYTES: usize = 64 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Default)]
enum Phase {
    #[default]
    Missing,
    Planned,
    /// The current sprint is due, or a run works on it.
    Active {
        run: Option<RunId>,
    },
    /// The current sprint is over; the next waits for an approval.
    Awaiting,
    Completed,
    Stopped,
    Cancelled,
}

/// A sprint chain, as far as its decisions need it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SprintChain {
    project: Option<ProjectId>,
    phase: Phase,
    paused: bool,
    sprints: u32,
    /// The current sprint, from 1; 0 before the start.
    current: u32,
    attempts: u32,
    attempts_max: u32,
    on_failure: Option<FailurePolicy>,
    advance: Option<Advance>,
    default_prompt: String,
    prompts: BTreeMap<u32, String>,
    branches: BTreeMap<u32, String>,
    pull_requests: BTreeMap<u32, PullRequestStatus>,
}

fn prompt(text: &str) -> Result<(), Rejection> {
    check::filled_within("prompt", text, SPRINT_PROMPT_MAX_BYTES)
}

impl SprintChain {
    const fn shown(&self) -> &'static str {
        match self.phase {
            Phase::Missing => "missing",
            Phase::Planned => "planned",
            Phase::Active { .. } | Phase::Awaiting if self.paused => "paused",
            Phase::Active { run: Some(_) } => "running",
            Phase::Active { run: None } => "waiting for a run",
            Phase::Awaiting => "waiting for an approval",
            Phase::Completed => "completed",
            Phase::Stopped => "stopped",
            Phase::Cancelled => "cancelled",
        }
    }
    fn refuse(&self, expected: &'static str) -> Rejection {
        match self.phase {
            Phase::Missing => Rejection::NotFound { aggregate: "sprint chain" },
            _ => Rejection::illegal("sprint chain", expected, self.shown()),
        }
    }
    /// Planned or under way.
    fn not_ended(&self) -> Result<(), Rejection> {
        match self.phase {
            Phase::Planned | Phase::Active { .. } | Phase::Awaiting => Ok(()),
            _ => Err(self.refuse("planned or under way")),
        }
    }
    fn under_way(&self) -> Result<(), Rejection> {
        match self.phase {
            Phase::Active { .. } | Phase::Awaiting => Ok(()),
            _ => Err(self.refuse("under way")),
        }
    }
    fn create(&self, command: &CreateSprintChain) -> Result<SprintChainEvent, Rejection> {
        if self.phase != Phase::Missing {
            return Err(Rejection::AlreadyExists { what: "sprint chain".into() });
        }
        let c = command.clone();
        check::name("title", &c.title)?;
        check::range("sprints", c.sprints, &(1..=SPRINTS_MAX), "sprints")?;
        c.base_branch.as_deref().map_or(Ok(()), |base| check::branch("base_branch", base))?;
        check::filled_within("default_prompt", &c.default_prompt, SPRINT_PROMPT_MAX_BYTES)?;
        let numbers: Vec<_> = c.prompts.iter().map(|own| own.sprint).collect();
        check::each_once("prompts", &numbers)?;
        for own in &c.prompts {
            check::range("sprint", own.sprint, &(1..=c.sprints), "as a sprint of this chain")?;
            prompt(&own.prompt)?;
        }
        let bytes = c.prompts.iter().map(|own| own.prompt.len()).sum();
        check::range("prompts", bytes, &(0..=check::TEXT_MAX_BYTES), "bytes together")?;
        let on_failure = c.on_failure.unwrap_or(FailurePolicy::Pause);
        Ok(SprintChainCreated {
            project: c.project,
            title: c.title,
            workflow: c.workflow,
            sprints: c.sprints,
            default_prompt: c.default_prompt,
            prompts: c.prompts,
            base_branch: c.base_branch,
            advance: c.advance.unwrap_or(Advance::Automatic),
            on_failure,
            attempts_max: chain::attempts(on_failure, c.attempts_max)?,
        }
        .into())
    }
    fn set_prompt(&self, command: &SetSprintPrompt) -> Result<SprintChainEvent, Rejection> {
        self.not_ended()?;
        let SetSprintPrompt { sprint, prompt: text } = command.clone();
        check::range("sprint", sprint, &(1..=self.sprints), "as a sprint of this chain")?;
        let begun = matches!(self.phase, Phase::Active { run: Some(_) } | Phase::Awaiting);
        if sprint < self.current || (sprint == self.current && begun) {
            let rule = format!("sprint {sprint} has its prompt already");
            return Err(Rejection::rule(rule, "steer its run, or set the prompt of a later sprint"));
        }
        text.as_deref().map_or(Ok(()), prompt)?;
        Ok(SprintPromptSet { sprint, prompt: text }.into())
    }
    fn start_sprint(&self, command: &StartSprint) -> Result<SprintChainEvent, Rejection> {
        match self.phase {
            Phase::Active { run: None } if !self.paused => {}
            _ => return Err(self.refuse("waiting for a run")),
        }
        let StartSprint { run, branch } = command.clone();
        check::branch("branch", &branch)?;
        let other = |(sprint, taken): &(&u32, &String)| **sprint != self.current && **taken == branch;
        if let Some((sprint, _)) = self.branches.iter().find(other) {
            return Err(Rejection::invalid(
                "branch",
                format!("another branch than sprint {sprint}'s"),
                branch,
            ));
        }
        let prompt = self.prompts.get(&self.current).unwrap_or(&self.default_prompt).clone();
        Ok(SprintStarted { sprint: self.current, run, branch, prompt, attempt: self.attempts + 1 }.into())
    }
    fn end_sprint(&self, command: &EndSprint) -> Result<Vec<SprintChainEvent>, Rejection> {
        let EndSprint { run, outcome } = *command;
        self.under_way()?;
        if self.phase != (Phase::Active { run: Some(run) }) {
            return Err(Rejection::unknown("run at work", run));
        }
        let sprint = self.current;
        let standing = Standing {
            last: sprint >= self.sprints,
            attempt: self.attempts,
            attempts_max: self.attempts_max,
            policy: self.on_failure.unwrap_or(FailurePolicy::Pause),
            advance: self.advance.unwrap_or(Advance::Automatic),
        };
        let mut events = vec![SprintEnded { sprint, run, outcome }.into()];
        let reason = || format!("run `{run}` {outcome}");
        match chain::next(outcome, standing) {
            Next::Retry => events.push(SprintRetried { sprint, attempt: self.attempts + 1 }.into()),
            Next::Advance => events.push(SprintChainAdvanced { sprint: sprint + 1 }.into()),
            Next::Await => events.push(SprintApprovalAwaited { sprint }.into()),
            Next::Complete => events.push(SprintChainCompleted {}.into()),
            Next::Pause if self.paused => {}
            Next::Pause => events.push(SprintChainPaused { reason: reason() }.into()),
            Next::Stop => events.push(SprintChainStopped { reason: reason() }.into()),
        }
        Ok(events)
    }
    /// The next sprint, which is sure to be there: a chain waits before its last sprint only.
    fn approve(&self, command: &ApproveSprint) -> Result<Vec<SprintChainEvent>, Rejection> {
        if self.phase != Phase::Awaiting {
            return Err(self.refuse("waiting for an approval"));
        }
        check::text("note", command.note.as_deref().unwrap_or_default())?;
        let approved =
            SprintApproved { sprint: self.current, approver: command.approver, note: command.note.clone() };
        Ok(vec![approved.into(), self.on()])
    }
    fn on(&self) -> SprintChainEvent {
        if self.current >= self.sprints {
            return SprintChainCompleted {}.into();
        }
        SprintChainAdvanced { sprint: self.current + 1 }.into()
    }
    fn skip(&self, command: &SkipSprint) -> Result<Vec<SprintChainEvent>, Rejection> {
        if self.phase != (Phase::Active { run: None }) {
            return Err(self.refuse("waiting for a run, or paused without one"));
        }
        check::filled("reason", &command.reason)?;
        let skipped = SprintSkipped { sprint: self.current, reason: command.reason.clone() };
        Ok(vec![skipped.into(), self.on()])
    }
    fn begun(&self, sprint: u32) -> Result<(), Rejection> {
        if self.phase == Phase::Missing {
            return Err(self.refuse("made"));
        }
        if self.branches.contains_key(&sprint) {
            return Ok(());
        }
        Err(Rejection::unknown("sprint with a branch", sprint))
    }
    /// Outlives the chain: a pull request may be opened or merged after its end.
    fn open_pull_request(&self, command: &OpenSprintPullRequest) -> Result<SprintChainEvent, Rejection> {
        let OpenSprintPullRequest { sprint, url, number } = command.clone();
        self.begun(sprint)?;
        check::url("url", &url)?;
        let open =
            |status: &PullRequestStatus| matches!(status, PullRequestStatus::Open | PullRequestStatus::Draft);
        if self.pull_requests.get(&sprint).is_some_and(open) {
            return Err(Rejection::AlreadyExists {
                what: format!("an open pull request of sprint {sprint}"),
            });
        }
        Ok(SprintPullRequestOpened { sprint, url, number }.into())
    }
    fn update_pull_request(&self, command: &UpdateSprintPullRequest) -> Result<SprintChainEvent, Rejection> {
        let UpdateSprintPullRequest { sprint, status } = *command;
        self.begun(sprint)?;
        if !self.pull_requests.contains_key(&sprint) {
            return Err(Rejection::unknown("sprint with a pull request", sprint));
        }
        Ok(SprintPullRequestUpdated { sprint, status }.into())
    }
    fn pause(&self, command: &PauseSprintChain) -> Result<SprintChainEvent, Rejection> {
        self.under_way()?;
        if self.paused {
            return Err(self.refuse("under way"));
        }
        check::filled("reason", &command.reason)?;
        Ok(SprintChainPaused { reason: command.reason.clone() }.into())
    }
    fn resume(&self) -> Result<SprintChainEvent, Rejection> {
        self.under_way()?;
        if self.paused { Ok(SprintChainResumed {}.into()) } else { Err(self.refuse("paused")) }
    }
    fn due(&mut self, sprint: u32) {
        self.current = sprint;
        self.attempts = 0;
        self.phase = Phase::Active { run: None };
    }
}

impl Decider for SprintChain {
    const CATEGORY: Category = Category(14);
    type Command = SprintChainCommand;
    type Event = SprintChainEvent;

    fn decide(&self, command: &SprintChainCommand) -> Result<Vec<SprintChainEvent>, Rejection> {
        let event = match command {
            SprintChainCommand::CreateSprintChain(c) => self.create(c)?,
            SprintChainCommand::SetSprintPrompt(c) => self.set_prompt(c)?,
            SprintChainCommand::SetSprintAdvance(c) => {
                self.not_ended()?;
                SprintAdvanceSet { advance: c.advance }.into()
            }
            SprintChainCommand::StartSprintChain(StartSprintChain {}) => match self.phase {
                Phase::Planned => SprintChainStarted {}.into(),
                _ => return Err(self.refuse("planned")),
            },
            SprintChainCommand::StartSprint(c) => self.start_sprint(c)?,
            SprintChainCommand::EndSprint(c) => return self.end_sprint(c),
            SprintChainCommand::ApproveSprint(c) => return self.approve(c),
            SprintChainCommand::SkipSprint(c) => return self.skip(c),
            SprintChainCommand::OpenSprintPullRequest(c) => self.open_pull_request(c)?,
            SprintChainCommand::UpdateSprintPullRequest(c) => self.update_pull_request(c)?,
            SprintChainCommand::PauseSprintChain(c) => self.pause(c)?,
            SprintChainCommand::ResumeSprintChain(ResumeSprintChain {}) => self.resume()?,
            SprintChainCommand::CancelSprintChain(c) => {
                self.not_ended()?;
                check::text("reason", c.reason.as_deref().unwrap_or_default())?;
                SprintChainCancelled { reason: c.reason.clone() }.into()
            }
        };
        Ok(vec![event])
    }

    fn evolve(&mut self, event: &SprintChainEvent) {
        match event {
            SprintChainEvent::SprintChainCreated(e) => {
                *self = Self {
                    project: Some(e.project),
                    phase: Phase::Planned,
                    sprints: e.sprints,
                    attempts_max: e.attempts_max,
                    on_failure: Some(e.on_failure),
                    advance: Some(e.advance),
                    default_prompt: e.default_prompt.clone(),
                    prompts: e.prompts.iter().map(|own| (own.sprint, own.prompt.clone())).collect(),
                    ..Self::default()
                };
            }
            SprintChainEvent::SprintPromptSet(e) => match &e.prompt {
                Some(prompt) => drop(self.prompts.insert(e.sprint, prompt.clone())),
                None => drop(self.prompts.remove(&e.sprint)),
            },
            SprintChainEvent::SprintAdvanceSet(e) => self.advance = Some(e.advance),
            SprintChainEvent::SprintChainStarted(_) => self.due(1),
            SprintChainEvent::SprintStarted(e) => {
                self.attempts = e.attempt;
                self.branches.insert(e.sprint, e.branch.clone());
                self.phase = Phase::Active { run: Some(e.run) };
            }
            SprintChainEvent::SprintEnded(_) => self.phase = Phase::Active { run: None },
            SprintChainEvent::SprintApprovalAwaited(_) => self.phase = Phase::Awaiting,
            SprintChainEvent::SprintRetried(_)
            | SprintChainEvent::SprintApproved(_)
            | SprintChainEvent::SprintSkipped(_) => {}
            SprintChainEvent::SprintChainAdvanced(e) => self.due(e.sprint),
            SprintChainEvent::SprintPullRequestOpened(e) => {
                self.pull_requests.insert(e.sprint, PullRequestStatus::Open);
            }
            SprintChainEvent::SprintPullRequestUpdated(e) => {
                self.pull_requests.insert(e.sprint, e.status);
            }
            SprintChainEvent::SprintChainPaused(_) => self.paused = true,
            SprintChainEvent::SprintChainResumed(_) => {
                self.paused = false;
                // A run that goes on is still the try it was.
                if self.phase == (Phase::Active { run: None }) {
                    self.attempts = 0;
                }
            }
            SprintChainEvent::SprintChainCompleted(_) => self.phase = Phase::Completed,
            SprintChainEvent::SprintChainStopped(_) => self.phase = Phase::Stopped,
            SprintChainEvent::SprintChainCancelled(_) => self.phase = Phase::Cancelled,
        }
    }

    fn project(&self) -> Option<ProjectId> {
        self.project
    }

    fn references(command: &SprintChainCommand) -> Vec<StreamId> {
        match command {
            SprintChainCommand::CreateSprintChain(c) => {
                std::iter::once(c.project.into()).chain(c.workflow.map(StreamId::from)).collect()
            }
            _ => vec![],
        }
    }
}

/// One or more of every event.
pub(crate) fn samples() -> Vec<SprintChainEvent> {
    let (run, sprint) = (RunId::from_bytes([3; 16]), 1);
    let created = SprintChainCreated {
        project: ProjectId::from_bytes([1; 16]),
        title: "Roadmap".into(),
        workflow: Some(WorkflowId::from_bytes([2; 16])),
        sprints: 8,
        default_prompt: "Do the next item of ROADMAP.md".into(),
        prompts: vec![SprintPrompt { sprint: 1, prompt: "Set the project up".into() }],
        base_branch: Some("main".into()),
        advance: Advance::Manual,
        on_failure: FailurePolicy::Retry,
        attempts_max: 2,
    };
    let plain = SprintChainCreated {
        workflow: None,
        prompts: vec![],
        base_branch: None,
        advance: Advance::Automatic,
        on_failure: FailurePolicy::Pause,
        attempts_max: 1,
        ..created.clone()
    };
    let (branch, prompt) = (String::from("sprint/1"), String::from("Set the project up"));
    let approver = Some(UserId::from_bytes([4; 16]));
    vec![
        created.into(),
        plain.into(),
        SprintPromptSet { sprint: 2, prompt: Some("Add a cache".into()) }.into(),
        SprintPromptSet { sprint: 2, prompt: None }.into(),
        SprintAdvanceSet { advance: Advance::Automatic }.into(),
        SprintChainStarted {}.into(),
        SprintStarted { sprint, run, branch, prompt, attempt: 1 }.into(),
        SprintEnded { sprint, run, outcome: RunOutcome::Completed }.into(),
        SprintRetried { sprint, attempt: 2 }.into(),
        SprintPullRequestOpened { sprint, url: "https://example.org/p/7".into(), number: 7 }.into(),
        SprintPullRequestUpdated { sprint, status: PullRequestStatus::Merged }.into(),
        SprintApprovalAwaited { sprint }.into(),
        SprintApproved { sprint, approver, note: Some("well done".into()) }.into(),
        SprintApproved { sprint, approver: None, note: None }.into(),
        SprintChainAdvanced { sprint: 2 }.into(),
        SprintSkipped { sprint: 2, reason: "done by hand".into() }.into(),
        SprintChainPaused { reason: "a release".into() }.into(),
        SprintChainResumed {}.into(),
        SprintChainCompleted {}.into(),
        SprintChainStopped { reason: "run failed".into() }.into(),
        SprintChainCancelled { reason: Some("superseded".into()) }.into(),
        SprintChainCancelled { reason: None }.into(),
    ]
}
