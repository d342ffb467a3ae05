//! A scored review loop: at most three cycles, each with score, trend, findings and whose turn is next.

use crate::autonomy::{AgentRole, ReviewScore};
use crate::catalogue::{commands, events, plain};
use crate::ids::{Category, ProjectId, RunId, SandboxId, SessionId, StepId, StreamId};
use crate::terms::words;
use crate::{Decider, Rejection, check};

mod ruling;
#[cfg(test)]
mod tests;

pub use ruling::{CYCLES_MAX, ReviewAction, Ruling, Trend, rule, trend};

events! {
    /// Everything that can happen to a review loop.
    pub enum ReviewCycleEvent {
        2000 => ReviewOpened 1;
        2001 => ReviewCycleScored 1;
        2002 => ReviewSettled 1;
        2003 => ReviewAbandoned 1;
        2004 => ReviewCycleSandboxed 1;
    }
}

commands! {
    /// What can be asked of a review loop.
    pub enum ReviewCycleCommand {
        "open" => OpenReview;
        "score" => ScoreReviewCycle;
        "settle" => SettleReview;
        "abandon" => AbandonReview;
    }
}

words! {
    /// What the team lead or a person decided on work that was not approved.
    Settlement {
        /// It ships as it is.
        Ship = "ship",
        /// It does not ship.
        Drop = "drop",
    }
}

plain! {
    /// A task for the next agent.
    struct ReviewTask {
        /// Whose it is.
        role: AgentRole,
        /// What to do.
        text: String,
    }
    /// Work came under review.
    struct ReviewOpened {
        /// The project it belongs to.
        project: ProjectId,
        /// What is reviewed.
        subject: String,
        /// The run that made it.
        run: Option<RunId>,
    }
    /// The reviewer scored a cycle, and the rules said what follows.
    struct ReviewCycleScored {
        /// The cycle, from 1.
        cycle: u8,
        /// The score.
        score: ReviewScore,
        /// The score of the cycle before.
        previous: Option<ReviewScore>,
        /// How it stands to that.
        trend: Trend,
        /// What follows.
        action: ReviewAction,
        /// Whose turn it is; none where the loop is over.
        routed_to: Option<AgentRole>,
        /// What is good.
        good: Vec<String>,
        /// What needs fixing; the nits, where the work is approved.
        fix: Vec<String>,
        /// What the next agent is to do.
        tasks: Vec<ReviewTask>,
        /// The session that reviewed.
        session: Option<SessionId>,
        /// The step that reviewed.
        step: Option<StepId>,
    }
    /// The cycle's work was tried in a sandbox of its own; in the commit that scored it.
    struct ReviewCycleSandboxed {
        /// The cycle, from 1.
        cycle: u8,
        /// The sandbox.
        sandbox: SandboxId,
    }
    /// The team lead, or a person, decided on work that was escalated or stopped.
    struct ReviewSettled {
        /// What was decided.
        settlement: Settlement,
        /// Why.
        reason: String,
    }
    /// The review ended without a decision.
    struct ReviewAbandoned {
        /// Why.
        reason: String,
    }
}

plain! {
    /// Puts work under review.
    struct OpenReview {
        /// The project it belongs to.
        project: ProjectId,
        /// What is reviewed; 1 byte to 512 KiB.
        subject: String,
        /// The run that made it.
        run: Option<RunId>,
    }
    /// Scores a cycle; what follows is decided by the rules.
    struct ScoreReviewCycle {
        /// The score, 1 to 10.
        score: ReviewScore,
        /// What is good; at most 100.
        #[serde(default)]
        good: Vec<String>,
        /// What needs fixing; at most 100, and one at least below a score of 8.
        #[serde(default)]
        fix: Vec<String>,
        /// What the next agent is to do; at most 100, none where the work ships.
        #[serde(default)]
        tasks: Vec<ReviewTask>,
        /// The session that reviewed.
        session: Option<SessionId>,
        /// The step that reviewed.
        step: Option<StepId>,
        /// The sandbox it reviewed in; one that no cycle before had.
        sandbox: Option<SandboxId>,
    }
    /// Decides on work that was escalated or stopped.
    struct SettleReview {
        /// What is decided.
        settlement: Settlement,
        /// Why.
        reason: String,
    }
    /// Ends a review without a decision.
    struct AbandonReview {
        /// Why.
        reason: String,
    }
}

/// Most items of each list of a cycle.
pub const FINDINGS_MAX: usize = 100;
/// Longest item of a cycle, in bytes.
pub const FINDING_MAX_BYTES: usize = 8 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Default)]
enum Phase {
    #[default]
    Missing,
    /// Waits for a score.
    Open,
    /// Waits for the team lead.
    Escalated,
    /// Waits for a person.
    Stopped,
    Approved,
    Settled,
    Abandoned,
}

impl Phase {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Open => "open",
            Self::Escalated => "escalated",
            Self::Stopped => "stopped",
            Self::Approved => "approved",
            Self::Settled => "settled",
            Self::Abandoned => "abandoned",
        }
    }
}

/// A review loop, as far as its decisions need it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReviewCycle {
    project: Option<ProjectId>,
    phase: Phase,
    cycles: u8,
    last: Option<ReviewScore>,
    /// Of the cycles so far.
    sandboxes: Vec<SandboxId>,
}

impl ReviewCycle {
    fn expect(&self, allowed: &[Phase], expected: &'static str) -> Result<(), Rejection> {
        match self.phase {
            Phase::Missing => Err(Rejection::NotFound { aggregate: "review" }),
            phase if allowed.contains(&phase) => Ok(()),
            phase => Err(Rejection::illegal("review", expected, phase.as_str())),
        }
    }
    fn open(&self, command: &OpenReview) -> Result<ReviewCycleEvent, Rejection> {
        if self.phase != Phase::Missing {
            return Err(Rejection::AlreadyExists { what: "review".into() });
        }
        check::filled("subject", &command.subject)?;
        let OpenReview { project, subject, run } = command.clone();
        Ok(ReviewOpened { project, subject, run }.into())
    }
    fn score(&self, command: &ScoreReviewCycle) -> Result<Vec<ReviewCycleEvent>, Rejection> {
        self.expect(&[Phase::Open], "open")?;
        let cycle = self.cycles + 1;
        let Ruling { trend, action } = rule(command.score, self.last, cycle);
        findings("good", &command.good)?;
        findings("fix", &command.fix)?;
        let tasks: Vec<_> = command.tasks.iter().map(|task| task.text.clone()).collect();
        findings("tasks", &tasks)?;
        if !action.approves() && command.fix.is_empty() {
            return Err(Rejection::invalid("fix", "what keeps the score below 8", "nothing"));
        }
        if action.approves() && !tasks.is_empty() {
            return Err(Rejection::invalid("tasks", "none for work that ships", tasks.len()));
        }
        if let Some(used) = command.sandbox.filter(|sandbox| self.sandboxes.contains(sandbox)) {
            return Err(Rejection::invalid("sandbox", "a fresh one, which no cycle before had", used));
        }
        let ScoreReviewCycle { score, good, fix, tasks, session, step, sandbox } = command.clone();
        let (previous, routed_to) = (self.last, action.next_role());
        let scored = ReviewCycleScored {
            cycle,
            score,
            previous,
            trend,
            action,
            routed_to,
            good,
            fix,
            tasks,
            session,
            step,
        };
        let sandboxed = sandbox.map(|sandbox| ReviewCycleSandboxed { cycle, sandbox }.into());
        Ok(std::iter::once(scored.into()).chain(sandboxed).collect())
    }
}

fn findings(field: &'static str, items: &[String]) -> Result<(), Rejection> {
    check::range(field, items.len(), &(0..=FINDINGS_MAX), "items")?;
    for item in items {
        check::filled(field, item)?;
        check::range(field, item.len(), &(1..=FINDING_MAX_BYTES), "bytes each")?;
    }
    let all = items.iter().map(String::len).sum();
    check::range(field, all, &(0..=256 * 1024), "bytes together")
}

impl Decider for ReviewCycle {
    const CATEGORY: Category = Category(20);
    type Command = ReviewCycleCommand;
    type Event = ReviewCycleEvent;

    fn decide(&self, command: &ReviewCycleCommand) -> Result<Vec<ReviewCycleEvent>, Rejection> {
        let event = match command {
            ReviewCycleCommand::OpenReview(c) => self.open(c)?,
            ReviewCycleCommand::ScoreReviewCycle(c) => return self.score(c),
            ReviewCycleCommand::SettleReview(c) => {
                self.expect(&[Phase::Escalated, Phase::Stopped], "escalated or stopped")?;
                check::filled("reason", &c.reason)?;
                ReviewSettled { settlement: c.settlement, reason: c.reason.clone() }.into()
            }
            ReviewCycleCommand::AbandonReview(c) => {
                let unfinished = [Phase::Open, Phase::Escalated, Phase::Stopped];
                self.expect(&unfinished, "open, escalated or stopped")?;
                check::filled("reason", &c.reason)?;
                ReviewAbandoned { reason: c.reason.clone() }.into()
            }
        };
        Ok(vec![event])
    }
    fn evolve(&mut self, event: &ReviewCycleEvent) {
        match event {
            ReviewCycleEvent::ReviewOpened(e) => {
                *self = Self { project: Some(e.project), phase: Phase::Open, ..Self::default() };
            }
            ReviewCycleEvent::ReviewCycleScored(e) => {
                self.cycles = e.cycle;
                self.last = Some(e.score);
                self.phase = match e.action {
                    ReviewAction::Ship | ReviewAction::ShipWithNits => Phase::Approved,
                    ReviewAction::Escalate => Phase::Escalated,
                    ReviewAction::Stop => Phase::Stopped,
                    ReviewAction::Revise | ReviewAction::Redesign | ReviewAction::Reresearch => Phase::Open,
                };
            }
            ReviewCycleEvent::ReviewCycleSandboxed(e) => self.sandboxes.push(e.sandbox),
            ReviewCycleEvent::ReviewSettled(_) => self.phase = Phase::Settled,
            ReviewCycleEvent::ReviewAbandoned(_) => self.phase = Phase::Abandoned,
        }
    }
    fn project(&self) -> Option<ProjectId> {
        self.project
    }
    fn references(command: &ReviewCycleCommand) -> Vec<StreamId> {
        match command {
            ReviewCycleCommand::OpenReview(c) => {
                [c.project.into()].into_iter().chain(c.run.map(StreamId::from)).collect()
            }
            ReviewCycleCommand::ScoreReviewCycle(c) => c.sandbox.map(StreamId::from).into_iter().collect(),
            _ => vec![],
        }
    }
}

/// One or more of every event.
pub(crate) fn samples() -> Vec<ReviewCycleEvent> {
    let score = |score| ReviewScore::new(score).expect("a score from 1 to 10");
    vec![
        ReviewOpened {
            project: ProjectId::from_bytes([1; 16]),
            subject: "Sign-in by e-mail".into(),
            run: Some(RunId::from_bytes([2; 16])),
        }
        .into(),
        ReviewCycleScored {
            cycle: 1,
            score: score(6),
            previous: None,
            trend: Trend::First,
            action: ReviewAction::Revise,
            routed_to: Some(AgentRole::Builder),
            good: vec!["clear names".into()],
            fix: vec!["no test of a wrong link".into()],
            tasks: vec![ReviewTask { role: AgentRole::Builder, text: "test a wrong link".into() }],
            session: Some(SessionId::from_bytes([3; 16])),
            step: Some(StepId::from_bytes([4; 16])),
        }
        .into(),
        ReviewCycleScored {
            cycle: 2,
            score: score(9),
            previous: Some(score(6)),
            trend: Trend::Improving,
            action: ReviewAction::Ship,
            routed_to: None,
            good: vec!["tested".into()],
            fix: vec![],
            tasks: vec![],
            session: None,
            step: None,
        }
        .into(),
        ReviewCycleSandboxed { cycle: 2, sandbox: SandboxId::from_bytes([5; 16]) }.into(),
        ReviewSettled { settlement: Settlement::Ship, reason: "good enough for a trial".into() }.into(),
        ReviewAbandoned { reason: "the feature was dropped".into() }.into(),
    ]
}
