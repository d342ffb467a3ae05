//! A recurring task: a run that is due again and again, by a schedule.
//!
//! The core knows no clock, so whoever sends a command says what time it is. The instant that is due next is
//! stored in every event that changes it: folding never asks the schedule again.

use crate::catalogue::{commands, events, plain};
use crate::ids::{Category, ProjectId, RunId, StreamId, WorkflowId};
use crate::recurrence::{HORIZON, Schedule};
use crate::terms::MissedRuns;
use crate::values::Timestamp;
use crate::{Decider, Rejection, check};

#[cfg(test)]
mod tests;

events! {
    /// Everything that can happen to a recurring task.
    pub enum RecurringTaskEvent {
        1500 => RecurringTaskCreated 1;
        1501 => RecurringTaskEdited 1;
        1502 => RecurringTaskRescheduled 1;
        1503 => RecurringTaskPaused 1;
        1504 => RecurringTaskResumed 1;
        1505 => RecurringRunDispatched 1;
        1506 => RecurringRunsMissed 1;
        1507 => RecurringRunTriggered 1;
        1508 => RecurringTaskArchived 1;
    }
}

commands! {
    /// What can be asked of a recurring task.
    pub enum RecurringTaskCommand {
        "create" => CreateRecurringTask;
        "edit" => EditRecurringTask;
        "reschedule" => RescheduleTask;
        "pause" => PauseRecurringTask;
        "resume" => ResumeRecurringTask;
        "dispatch" => DispatchRecurringRun;
        "trigger-now" => TriggerRecurringRun;
        "archive" => ArchiveRecurringTask;
    }
}

plain! {
    /// A task was made.
    struct RecurringTaskCreated {
        /// The project it belongs to.
        project: ProjectId,
        /// A short name.
        name: String,
        /// The workflow that its runs follow.
        workflow: Option<WorkflowId>,
        /// What its runs are to do.
        prompt: String,
        /// When.
        schedule: Schedule,
        /// What becomes of runs whose time passed.
        missed: MissedRuns,
        /// When the first run is due.
        next_run_at: Timestamp,
    }
    /// What it does changed.
    struct RecurringTaskEdited {
        /// A short name.
        name: String,
        /// The workflow that its runs follow.
        workflow: Option<WorkflowId>,
        /// What its runs are to do.
        prompt: String,
    }
    /// When it does so changed.
    struct RecurringTaskRescheduled {
        /// When.
        schedule: Schedule,
        /// What becomes of runs whose time passed.
        missed: MissedRuns,
        /// When the next run is due; a paused task keeps it for nothing until it is resumed.
        next_run_at: Timestamp,
    }
    /// No run is due until somebody resumes.
    struct RecurringTaskPaused {
        /// Why.
        reason: Option<String>,
    }
    /// Runs are due again; those of the pause are not made up for.
    struct RecurringTaskResumed {
        /// When the next run is due; none where the schedule has come to its end.
        next_run_at: Option<Timestamp>,
    }
    /// A run was dispatched.
    struct RecurringRunDispatched {
        /// The run; it is requested under this id, with the source `recurring_task`.
        run: RunId,
        /// The time it was due at; the first one, where it makes up for several.
        scheduled_for: Timestamp,
        /// When the next run is due; none where the schedule has come to its end.
        next_run_at: Option<Timestamp>,
    }
    /// The time of runs passed without them.
    struct RecurringRunsMissed {
        /// The first time that passed.
        first_at: Timestamp,
        /// How many passed; 1,000 stands for that many or more.
        count: u32,
        /// When the next run is due; none where the schedule has come to its end.
        next_run_at: Option<Timestamp>,
    }
    /// Somebody let a run begin at once; the schedule goes on as it was.
    struct RecurringRunTriggered {
        /// The run; it is requested under this id, with the source `recurring_task`.
        run: RunId,
    }
    /// The task is put away.
    struct RecurringTaskArchived {
        /// Why.
        reason: Option<String>,
    }
}

plain! {
    /// Makes a task.
    struct CreateRecurringTask {
        /// The project it belongs to.
        project: ProjectId,
        /// A short name.
        name: String,
        /// The workflow that its runs follow.
        workflow: Option<WorkflowId>,
        /// What its runs are to do; 1 byte to 64 KiB.
        prompt: String,
        /// When.
        schedule: Schedule,
        /// What becomes of runs whose time passed; `skip` where absent.
        missed: Option<MissedRuns>,
        /// No run is due up to this time: now, or a later start. 1970 to 2099.
        after: Timestamp,
    }
    /// Changes what it does; every field is replaced.
    struct EditRecurringTask {
        /// A short name.
        name: String,
        /// The workflow that its runs follow.
        workflow: Option<WorkflowId>,
        /// What its runs are to do; 1 byte to 64 KiB.
        prompt: String,
    }
    /// Changes when it does so.
    struct RescheduleTask {
        /// When.
        schedule: Schedule,
        /// What becomes of runs whose time passed; as before where absent.
        missed: Option<MissedRuns>,
        /// No run is due up to this time: now, or a later start. 1970 to 2099.
        after: Timestamp,
    }
    /// Lets no run be due.
    struct PauseRecurringTask {
        /// Why.
        reason: Option<String>,
    }
    /// Lets runs be due again.
    struct ResumeRecurringTask {
        /// What time it is; the next run is due after it.
        at: Timestamp,
    }
    /// Dispatches the run that is due. Runs whose time passed are left out or made up for, as the task says: a
    /// run that is left out needs none, and `run` is then not used.
    struct DispatchRecurringRun {
        /// The run; requested under this id, once it is dispatched.
        run: RunId,
        /// What time it is.
        at: Timestamp,
    }
    /// Lets a run begin at once, of a paused task too.
    struct TriggerRecurringRun {
        /// The run; requested under this id, before or after.
        run: RunId,
    }
    /// Puts a task away, for good.
    struct ArchiveRecurringTask {
        /// Why.
        reason: Option<String>,
    }
}

/// Longest prompt, in bytes.
pub const TASK_PROMPT_MAX_BYTES: usize = 64 * 1024;
/// A run that is dispatched so much later than it was due was missed, in milliseconds: 10 minutes.
pub const LATE_AFTER_MS: u64 = 600_000;
/// Missed runs are counted up to here.
pub const MISSED_MAX: u32 = 1_000;

#[derive(Debug, Clone, Copy, PartialEq, Default)]
enum Phase {
    #[default]
    Missing,
    Active,
    Paused,
    Archived,
}

/// A recurring task, as far as its decisions need it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RecurringTask {
    project: Option<ProjectId>,
    phase: Phase,
    schedule: Option<Schedule>,
    missed: Option<MissedRuns>,
    next_run_at: Option<Timestamp>,
    last_run: Option<RunId>,
}

fn now(field: &'static str, at: Timestamp) -> Result<(), Rejection> {
    if (0..HORIZON).contains(&at.millis()) {
        return Ok(());
    }
    Err(Rejection::invalid(field, "a time from 1970 to 2099", at))
}

fn texts(name: &str, prompt: &str) -> Result<(), Rejection> {
    check::name("name", name)?;
    check::filled_within("prompt", prompt, TASK_PROMPT_MAX_BYTES)
}

impl RecurringTask {
    const fn shown(&self) -> &'static str {
        match self.phase {
            Phase::Missing => "missing",
            Phase::Active => "active",
            Phase::Paused => "paused",
            Phase::Archived => "archived",
        }
    }
    fn expect(&self, allowed: &[Phase], expected: &'static str) -> Result<(), Rejection> {
        match self.phase {
            Phase::Missing => Err(Rejection::NotFound { aggregate: "recurring task" }),
            phase if allowed.contains(&phase) => Ok(()),
            _ => Err(Rejection::illegal("recurring task", expected, self.shown())),
        }
    }
    fn in_use(&self) -> Result<(), Rejection> {
        self.expect(&[Phase::Active, Phase::Paused], "active or paused")
    }
    /// When the schedule is first due after `after`, which [`Schedule::check`] has found.
    fn first(schedule: &Schedule, after: Timestamp) -> Result<Timestamp, Rejection> {
        now("after", after)?;
        schedule.check(after)?;
        Ok(schedule.next_after(after).expect("the check refuses a schedule that is never due"))
    }
    fn create(&self, command: &CreateRecurringTask) -> Result<RecurringTaskEvent, Rejection> {
        if self.phase != Phase::Missing {
            return Err(Rejection::AlreadyExists { what: "recurring task".into() });
        }
        let CreateRecurringTask { project, name, workflow, prompt, schedule, missed, after } =
            command.clone();
        texts(&name, &prompt)?;
        let next_run_at = Self::first(&schedule, after)?;
        let missed = missed.unwrap_or(MissedRuns::Skip);
        Ok(RecurringTaskCreated { project, name, workflow, prompt, schedule, missed, next_run_at }.into())
    }
    fn edit(&self, command: &EditRecurringTask) -> Result<RecurringTaskEvent, Rejection> {
        self.in_use()?;
        let EditRecurringTask { name, workflow, prompt } = command.clone();
        texts(&name, &prompt)?;
        Ok(RecurringTaskEdited { name, workflow, prompt }.into())
    }
    fn reschedule(&self, command: &RescheduleTask) -> Result<RecurringTaskEvent, Rejection> {
        self.in_use()?;
        let RescheduleTask { schedule, missed, after } = command.clone();
        let next_run_at = Self::first(&schedule, after)?;
        let missed = missed.or(self.missed).unwrap_or(MissedRuns::Skip);
        Ok(RecurringTaskRescheduled { schedule, missed, next_run_at }.into())
    }
    fn resume(&self, at: Timestamp) -> Result<RecurringTaskEvent, Rejection> {
        self.expect(&[Phase::Paused], "paused")?;
        now("at", at)?;
        let next_run_at = self.schedule.as_ref().and_then(|schedule| schedule.next_after(at));
        Ok(RecurringTaskResumed { next_run_at }.into())
    }
    fn dispatch(&self, command: &DispatchRecurringRun) -> Result<Vec<RecurringTaskEvent>, Rejection> {
        self.expect(&[Phase::Active], "active")?;
        let DispatchRecurringRun { run, at } = *command;
        now("at", at)?;
        self.new_run(run)?;
        let (Some(due), Some(schedule)) = (self.next_run_at, &self.schedule) else {
            return Err(Rejection::rule(
                "the schedule has come to its end",
                "give the task another schedule",
            ));
        };
        if at < due {
            return Err(Rejection::rule(
                format!("the next run is due at {due}, not yet"),
                "wait, or trigger it now",
            ));
        }
        let (further, next_run_at) = schedule.passed(due, at, MISSED_MAX - 1);
        if further == 0 && at.since_ms(due) < LATE_AFTER_MS {
            return Ok(vec![RecurringRunDispatched { run, scheduled_for: due, next_run_at }.into()]);
        }
        let missed = |first_at, count| RecurringRunsMissed { first_at, count, next_run_at };
        match self.missed {
            Some(MissedRuns::Once) => {
                let dispatched = RecurringRunDispatched { run, scheduled_for: due, next_run_at };
                // The run stands for the first of them; the others are what was missed.
                let second = schedule.next_after(due).filter(|_| further > 0);
                let others = second.map(|second| missed(second, further).into());
                Ok(others.into_iter().chain([dispatched.into()]).collect())
            }
            Some(MissedRuns::Skip) | None => Ok(vec![missed(due, further + 1).into()]),
        }
    }
    fn new_run(&self, run: RunId) -> Result<(), Rejection> {
        if self.last_run == Some(run) {
            return Err(Rejection::AlreadyExists { what: format!("run `{run}` of this task") });
        }
        Ok(())
    }
    fn trigger(&self, run: RunId) -> Result<RecurringTaskEvent, Rejection> {
        self.in_use()?;
        self.new_run(run)?;
        Ok(RecurringRunTriggered { run }.into())
    }
}

impl Decider for RecurringTask {
    const CATEGORY: Category = Category(15);
    type Command = RecurringTaskCommand;
    type Event = RecurringTaskEvent;

    fn decide(&self, command: &RecurringTaskCommand) -> Result<Vec<RecurringTaskEvent>, Rejection> {
        let event = match command {
            RecurringTaskCommand::CreateRecurringTask(c) => self.create(c)?,
            RecurringTaskCommand::EditRecurringTask(c) => self.edit(c)?,
            RecurringTaskCommand::RescheduleTask(c) => self.reschedule(c)?,
            RecurringTaskCommand::PauseRecurringTask(c) => {
                self.expect(&[Phase::Active], "active")?;
                check::text("reason", c.reason.as_deref().unwrap_or_default())?;
                RecurringTaskPaused { reason: c.reason.clone() }.into()
            }
            RecurringTaskCommand::ResumeRecurringTask(c) => self.resume(c.at)?,
            RecurringTaskCommand::DispatchRecurringRun(c) => return self.dispatch(c),
            RecurringTaskCommand::TriggerRecurringRun(c) => self.trigger(c.run)?,
            RecurringTaskCommand::ArchiveRecurringTask(c) => {
                self.in_use()?;
                check::text("reason", c.reason.as_deref().unwrap_or_default())?;
                RecurringTaskArchived { reason: c.reason.clone() }.into()
            }
        };
        Ok(vec![event])
    }

    fn evolve(&mut self, event: &RecurringTaskEvent) {
        match event {
            RecurringTaskEvent::RecurringTaskCreated(e) => {
                *self = Self {
                    project: Some(e.project),
                    phase: Phase::Active,
                    schedule: Some(e.schedule.clone()),
                    missed: Some(e.missed),
                    next_run_at: Some(e.next_run_at),
                    last_run: None,
                };
            }
            RecurringTaskEvent::RecurringTaskEdited(_) => {}
            RecurringTaskEvent::RecurringTaskRescheduled(e) => {
                self.schedule = Some(e.schedule.clone());
                self.missed = Some(e.missed);
                self.next_run_at = Some(e.next_run_at);
            }
            RecurringTaskEvent::RecurringTaskPaused(_) => self.phase = Phase::Paused,
            RecurringTaskEvent::RecurringTaskResumed(e) => {
                self.phase = Phase::Active;
                self.next_run_at = e.next_run_at;
            }
            RecurringTaskEvent::RecurringRunDispatched(e) => {
                self.next_run_at = e.next_run_at;
                self.last_run = Some(e.run);
            }
            RecurringTaskEvent::RecurringRunsMissed(e) => self.next_run_at = e.next_run_at,
            RecurringTaskEvent::RecurringRunTriggered(e) => self.last_run = Some(e.run),
            RecurringTaskEvent::RecurringTaskArchived(_) => self.phase = Phase::Archived,
        }
    }

    fn project(&self) -> Option<ProjectId> {
        self.project
    }

    fn references(command: &RecurringTaskCommand) -> Vec<StreamId> {
        match command {
            RecurringTaskCommand::CreateRecurringTask(c) => {
                std::iter::once(c.project.into()).chain(c.workflow.map(StreamId::from)).collect()
            }
            RecurringTaskCommand::EditRecurringTask(c) => {
                c.workflow.map(StreamId::from).into_iter().collect()
            }
            _ => vec![],
        }
    }
}

/// One or more of every event.
pub(crate) fn samples() -> Vec<RecurringTaskEvent> {
    use crate::calendar::Date;
    use crate::recurrence::Frequency;
    use crate::terms::Weekday;
    let (hour, minute, anchor) = (2, 30, Date::from_days(20_778));
    let weekday = Weekday::Friday;
    let (now, run) = (Timestamp::from_millis(1_795_226_400_000), RunId::from_bytes([3; 16]));
    let schedule = |frequency| Schedule { frequency, timezone: "Europe/Berlin".into() };
    let created = |frequency, workflow| RecurringTaskCreated {
        project: ProjectId::from_bytes([1; 16]),
        name: "Nightly audit".into(),
        workflow,
        prompt: "Audit the dependencies".into(),
        schedule: schedule(frequency),
        missed: MissedRuns::Skip,
        next_run_at: now,
    };
    let workflow = Some(WorkflowId::from_bytes([2; 16]));
    let rescheduled = RecurringTaskRescheduled {
        schedule: schedule(Frequency::Cron { text: "*/15 9-17 * * 1-5".into() }),
        missed: MissedRuns::Once,
        next_run_at: now,
    };
    vec![
        created(Frequency::Daily { hour, minute }, workflow).into(),
        created(Frequency::EveryOtherDay { hour, minute, anchor }, None).into(),
        created(Frequency::Weekly { hour, minute, weekday }, None).into(),
        created(Frequency::Biweekly { hour, minute, weekday, anchor }, None).into(),
        created(Frequency::Monthly { hour, minute, day: 31 }, None).into(),
        RecurringTaskEdited { name: "Audit".into(), workflow, prompt: "Audit".into() }.into(),
        rescheduled.into(),
        RecurringTaskPaused { reason: Some("holidays".into()) }.into(),
        RecurringTaskPaused { reason: None }.into(),
        RecurringTaskResumed { next_run_at: Some(now) }.into(),
        RecurringTaskResumed { next_run_at: None }.into(),
        RecurringRunDispatched { run, scheduled_for: now, next_run_at: Some(now) }.into(),
        RecurringRunDispatched { run, scheduled_for: now, next_run_at: None }.into(),
        RecurringRunsMissed { first_at: now, count: 3, next_run_at: Some(now) }.into(),
        RecurringRunTriggered { run }.into(),
        RecurringTaskArchived { reason: Some("moved".into()) }.into(),
        RecurringTaskArchived { reason: None }.into(),
    ]
}
