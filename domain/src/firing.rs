//! A firing: one time that a trigger's condition held, and what came of it.

use crate::catalogue::{commands, events, plain};
use crate::ids::{
    BudgetPoolId, BudgetRequestId, Category, FiringId, ProjectId, RoutingId, RunId, SessionId, StreamId,
    TriggerId,
};
use crate::terms::words;
use crate::trigger::Trigger;
use crate::values::Timestamp;
use crate::{Decider, Others, Rejection, check};

#[cfg(test)]
mod tests;

events! {
    /// Everything that can happen to a firing.
    pub enum FiringEvent {
        1900 => TriggerFired 1;
        1901 => FiringQueued 1;
        1902 => FiringSkipped 1;
        1903 => FiringDeduplicated 1;
        1904 => QueuedFiringStarted 1;
        1905 => QueuedFiringDropped 1;
    }
}

commands! {
    /// What can be asked of a firing.
    pub enum FiringCommand {
        "fire" => FireTrigger;
        "queue" => QueueFiring;
        "skip" => SkipFiring;
        "deduplicate" => DeduplicateFiring;
        "start" => StartQueuedFiring;
        "drop" => DropQueuedFiring;
    }
}

words! {
    /// Why a firing started nothing.
    SkipReason {
        /// The trigger is disabled.
        Disabled = "disabled",
        /// Work of this trigger is still under way.
        Busy = "busy",
        /// The request's signature does not fit.
        BadSignature = "bad_signature",
        /// The time had passed when the heartbeat came to it.
        Missed = "missed",
        /// What came does not concern the trigger.
        NotApplicable = "not_applicable",
        /// Something else, in the note.
        Other = "other",
    }
}

plain! {
    /// When and on what a trigger's condition held.
    struct Occasion {
        /// The project it belongs to.
        project: ProjectId,
        /// The trigger.
        trigger: TriggerId,
        /// When the condition held.
        at: Timestamp,
        /// What tells this occasion from others of the trigger, such as a delivery id or a due time.
        key: Option<String>,
        /// What came, in a few words.
        detail: Option<String>,
    }
    /// What a firing started: a run, a session, or both.
    struct StartedWork {
        /// The run.
        run: Option<RunId>,
        /// The session.
        session: Option<SessionId>,
        /// The routing that chose the roles.
        routing: Option<RoutingId>,
        /// The budget that was reserved for it.
        request: Option<BudgetRequestId>,
    }
    /// The condition held, and work was started.
    struct TriggerFired {
        /// When and on what.
        occasion: Occasion,
        /// The trigger's version in force, where it was at hand.
        trigger_version: Option<u32>,
        /// What was started.
        started: StartedWork,
    }
    /// The condition held, and the budget was low: the work waits.
    struct FiringQueued {
        /// When and on what.
        occasion: Occasion,
        /// The trigger's version in force, where it was at hand.
        trigger_version: Option<u32>,
        /// The pool whose budget is low.
        pool: BudgetPoolId,
        /// The request that waits there.
        request: BudgetRequestId,
        /// When it may fit, as far as known.
        until: Option<Timestamp>,
    }
    /// The condition held, and nothing was started.
    struct FiringSkipped {
        /// When and on what.
        occasion: Occasion,
        /// Why.
        reason: SkipReason,
        /// In words.
        note: Option<String>,
    }
    /// The condition held on what had fired already.
    struct FiringDeduplicated {
        /// When and on what.
        occasion: Occasion,
        /// The firing that it repeats.
        of: FiringId,
    }
    /// Budget came free, and the queued work was started.
    struct QueuedFiringStarted {
        /// What was started.
        started: StartedWork,
    }
    /// The queued work will not be started.
    struct QueuedFiringDropped {
        /// Why.
        reason: String,
    }
}

plain! {
    /// Records that a trigger fired and what it started.
    struct FireTrigger {
        /// When and on what.
        occasion: Occasion,
        /// What is started: a run or a session at least.
        started: StartedWork,
    }
    /// Records that a trigger fired and that the work waits for budget.
    struct QueueFiring {
        /// When and on what.
        occasion: Occasion,
        /// The pool whose budget is low.
        pool: BudgetPoolId,
        /// The request that waits there.
        request: BudgetRequestId,
        /// When it may fit, as far as known; not before the occasion.
        until: Option<Timestamp>,
    }
    /// Records that a trigger's condition held and why nothing was started.
    struct SkipFiring {
        /// When and on what.
        occasion: Occasion,
        /// Why.
        reason: SkipReason,
        /// In words; required where the reason is `other`.
        note: Option<String>,
    }
    /// Records that a trigger's condition held on what had fired already.
    struct DeduplicateFiring {
        /// When and on what.
        occasion: Occasion,
        /// The firing that it repeats; one of the same trigger.
        of: FiringId,
    }
    /// Records what queued work was started.
    struct StartQueuedFiring {
        /// What is started: a run or a session at least.
        started: StartedWork,
    }
    /// Gives queued work up.
    struct DropQueuedFiring {
        /// Why.
        reason: String,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Default)]
enum Phase {
    #[default]
    Missing,
    Queued,
    Fired {
        run: Option<RunId>,
    },
    Skipped,
    Deduplicated,
    Dropped,
}

impl Phase {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Queued => "queued",
            Self::Fired { .. } => "fired",
            Self::Skipped => "skipped",
            Self::Deduplicated => "deduplicated",
            Self::Dropped => "dropped",
        }
    }
}

/// A firing, as far as its decisions and the sessions it starts need it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Firing {
    project: Option<ProjectId>,
    trigger: Option<TriggerId>,
    phase: Phase,
}

impl Firing {
    /// Refuses where it started nothing, or a run other than `run`.
    ///
    /// # Errors
    /// It started nothing, or something else.
    pub fn expect_fired(&self, run: Option<RunId>) -> Result<(), Rejection> {
        let Phase::Fired { run: fired } = self.phase else {
            return Err(Rejection::illegal("firing", "fired", self.phase.as_str()));
        };
        if fired.is_none() || run.is_none() || fired == run {
            return Ok(());
        }
        Err(Rejection::rule("the firing started another run", "name the firing that started this run"))
    }
    /// The trigger it is of, once known.
    #[must_use]
    pub const fn trigger(&self) -> Option<TriggerId> {
        self.trigger
    }
    fn expect_missing(&self) -> Result<(), Rejection> {
        if self.phase == Phase::Missing {
            return Ok(());
        }
        Err(Rejection::AlreadyExists { what: "firing".into() })
    }
    fn expect_queued(&self) -> Result<(), Rejection> {
        match self.phase {
            Phase::Missing => Err(Rejection::NotFound { aggregate: "firing" }),
            Phase::Queued => Ok(()),
            phase => Err(Rejection::illegal("firing", "queued", phase.as_str())),
        }
    }
    /// The first event of a firing; `trigger` where its state is at hand.
    fn occur(&self, command: &FiringCommand, trigger: Option<&Trigger>) -> Result<FiringEvent, Rejection> {
        self.expect_missing()?;
        let trigger_version = trigger.map(Trigger::version);
        let enabled = || trigger.map_or(Ok(()), Trigger::expect_enabled);
        Ok(match command.clone() {
            FiringCommand::FireTrigger(FireTrigger { occasion, started }) => {
                enabled()?;
                started.check()?;
                TriggerFired { occasion, trigger_version, started }.into()
            }
            FiringCommand::QueueFiring(QueueFiring { occasion, pool, request, until }) => {
                enabled()?;
                if let Some(until) = until.filter(|until| *until < occasion.at) {
                    return Err(Rejection::invalid("until", "a time not before the occasion", until));
                }
                FiringQueued { occasion, trigger_version, pool, request, until }.into()
            }
            FiringCommand::SkipFiring(SkipFiring { occasion, reason, note }) => {
                check::opt_name("note", note.as_deref())?;
                if reason == SkipReason::Other && note.is_none() {
                    return Err(Rejection::invalid("note", "why, where the reason is `other`", "nothing"));
                }
                FiringSkipped { occasion, reason, note }.into()
            }
            FiringCommand::DeduplicateFiring(DeduplicateFiring { occasion, of }) => {
                FiringDeduplicated { occasion, of }.into()
            }
            FiringCommand::StartQueuedFiring(StartQueuedFiring { started }) => {
                QueuedFiringStarted { started }.into()
            }
            FiringCommand::DropQueuedFiring(DropQueuedFiring { reason }) => {
                QueuedFiringDropped { reason }.into()
            }
        })
    }
    fn decide_on(
        &self,
        command: &FiringCommand,
        trigger: Option<&Trigger>,
    ) -> Result<Vec<FiringEvent>, Rejection> {
        let event = match command {
            FiringCommand::StartQueuedFiring(c) => {
                self.expect_queued()?;
                c.started.check()?;
                QueuedFiringStarted { started: c.started.clone() }.into()
            }
            FiringCommand::DropQueuedFiring(c) => {
                self.expect_queued()?;
                check::filled("reason", &c.reason)?;
                QueuedFiringDropped { reason: c.reason.clone() }.into()
            }
            first => {
                if let Some(occasion) = first.occasion() {
                    occasion.check()?;
                }
                self.occur(first, trigger)?
            }
        };
        Ok(vec![event])
    }
    fn first(occasion: &Occasion, phase: Phase) -> Self {
        Self { project: Some(occasion.project), trigger: Some(occasion.trigger), phase }
    }
}

impl FiringCommand {
    fn occasion(&self) -> Option<&Occasion> {
        match self {
            Self::FireTrigger(c) => Some(&c.occasion),
            Self::QueueFiring(c) => Some(&c.occasion),
            Self::SkipFiring(c) => Some(&c.occasion),
            Self::DeduplicateFiring(c) => Some(&c.occasion),
            Self::StartQueuedFiring(_) | Self::DropQueuedFiring(_) => None,
        }
    }
}

impl Occasion {
    fn check(&self) -> Result<(), Rejection> {
        check::opt_name("occasion.key", self.key.as_deref())?;
        check::opt_name("occasion.detail", self.detail.as_deref())
    }
}

impl StartedWork {
    fn check(&self) -> Result<(), Rejection> {
        if self.run.is_none() && self.session.is_none() {
            return Err(Rejection::invalid("started", "the run or the session that was started", "neither"));
        }
        Ok(())
    }
    fn phase(&self) -> Phase {
        Phase::Fired { run: self.run }
    }
}

impl Decider for Firing {
    const CATEGORY: Category = Category(19);
    type Command = FiringCommand;
    type Event = FiringEvent;

    fn decide(&self, command: &FiringCommand) -> Result<Vec<FiringEvent>, Rejection> {
        self.decide_on(command, None)
    }
    fn decide_among(&self, command: &FiringCommand, others: &Others) -> Result<Vec<FiringEvent>, Rejection> {
        let Some(occasion) = command.occasion() else { return self.decide(command) };
        if let FiringCommand::DeduplicateFiring(c) = command {
            let of = others.of::<Self>(c.of)?.trigger;
            if of != Some(occasion.trigger) {
                return Err(Rejection::rule(
                    "the firing that it repeats is another trigger's",
                    "name a firing of the same trigger",
                ));
            }
        }
        self.decide_on(command, Some(others.of(occasion.trigger)?))
    }
    fn consults(&self, command: &FiringCommand) -> Vec<StreamId> {
        let of = match command {
            FiringCommand::DeduplicateFiring(c) => Some(c.of.into()),
            _ => None,
        };
        command.occasion().map(|it| it.trigger.into()).into_iter().chain(of).collect()
    }
    fn evolve(&mut self, event: &FiringEvent) {
        match event {
            FiringEvent::TriggerFired(e) => *self = Self::first(&e.occasion, e.started.phase()),
            FiringEvent::FiringQueued(e) => *self = Self::first(&e.occasion, Phase::Queued),
            FiringEvent::FiringSkipped(e) => *self = Self::first(&e.occasion, Phase::Skipped),
            FiringEvent::FiringDeduplicated(e) => *self = Self::first(&e.occasion, Phase::Deduplicated),
            FiringEvent::QueuedFiringStarted(e) => self.phase = e.started.phase(),
            FiringEvent::QueuedFiringDropped(_) => self.phase = Phase::Dropped,
        }
    }
    fn project(&self) -> Option<ProjectId> {
        self.project
    }
    fn references(command: &FiringCommand) -> Vec<StreamId> {
        // A pool is not among them: it may be shared by all projects, and belong to none.
        command.occasion().map(|it| it.project.into()).into_iter().collect()
    }
}

/// One or more of every event.
pub(crate) fn samples() -> Vec<FiringEvent> {
    let occasion = Occasion {
        project: ProjectId::from_bytes([1; 16]),
        trigger: TriggerId::from_bytes([2; 16]),
        at: Timestamp::from_millis(1_795_244_400_000),
        key: Some("2026-11-21T09:00".into()),
        detail: Some("due".into()),
    };
    let bare = Occasion { key: None, detail: None, ..occasion.clone() };
    let started = StartedWork {
        run: Some(RunId::from_bytes([3; 16])),
        session: Some(SessionId::from_bytes([4; 16])),
        routing: Some(RoutingId::from_bytes([5; 16])),
        request: Some(BudgetRequestId::from_bytes([6; 16])),
    };
    let (pool, request) = (BudgetPoolId::from_bytes([7; 16]), BudgetRequestId::from_bytes([6; 16]));
    let skipped = |reason, note: Option<&str>| FiringSkipped {
        occasion: bare.clone(),
        reason,
        note: note.map(Into::into),
    };
    vec![
        TriggerFired { occasion: occasion.clone(), trigger_version: Some(1), started: started.clone() }
            .into(),
        FiringQueued { occasion, trigger_version: Some(1), pool, request, until: Some(bare.at) }.into(),
        skipped(SkipReason::Busy, None).into(),
        skipped(SkipReason::Other, Some("a public holiday")).into(),
        FiringDeduplicated { occasion: bare.clone(), of: FiringId::from_bytes([8; 16]) }.into(),
        QueuedFiringStarted { started: StartedWork { run: None, routing: None, ..started } }.into(),
        QueuedFiringDropped { reason: "done by hand".into() }.into(),
    ]
}
