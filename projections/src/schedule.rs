//! Recurring tasks as a schedule shows them: when each is due next, and the nine times after that.

use domain::Event;
use domain::ids::{ProjectId, RecurringTaskId, RunId, StreamId, WorkflowId};
use domain::recurrence::Schedule;
use domain::recurring_task::RecurringTaskEvent;
use domain::terms::MissedRuns;
use domain::values::Timestamp;

use crate::listed::{ListRow, preview, rows, states};

/// Times that are shown ahead.
const UPCOMING: usize = 10;

states! {
    /// How a task stands.
    TaskStatus {
        /// Runs are due.
        Active,
        /// None is until somebody resumes.
        Paused,
        /// Put away.
        Archived,
    }
}

rows! {
    /// A recurring task.
    struct ScheduleRow {
        /// The project it belongs to.
        project: ProjectId,
        /// Its short name.
        name: String,
        /// The workflow that its runs follow.
        workflow: Option<WorkflowId>,
        /// The first 200 characters of what its runs are to do.
        prompt_preview: String,
        /// How it stands.
        status: TaskStatus,
        /// How often, in a word.
        frequency: String,
        /// When.
        schedule: Schedule,
        /// What becomes of runs whose time passed.
        missed: MissedRuns,
        /// When the next run is due, in UTC; absent where none is.
        next_run_at: Option<Timestamp>,
        /// The next ten times, in UTC: `next_run_at` and those that follow by the schedule.
        upcoming: Vec<Timestamp>,
        /// The latest run.
        last_run: Option<RunId>,
        /// When that was dispatched or triggered.
        last_run_at: Option<Timestamp>,
        /// How many runs there were.
        runs: u64,
        /// How many were missed.
        runs_missed: u64,
        /// When it was made.
        created_at: Timestamp,
        /// When it last changed.
        updated_at: Timestamp,
    }
}

impl ScheduleRow {
    fn due(&mut self, next_run_at: Option<Timestamp>) {
        self.next_run_at = next_run_at;
        self.upcoming = self.schedule.upcoming(next_run_at, UPCOMING);
    }
    fn set_schedule(&mut self, schedule: &Schedule, missed: MissedRuns) {
        schedule.frequency.as_str().clone_into(&mut self.frequency);
        (self.schedule, self.missed) = (schedule.clone(), missed);
    }
    fn ran(&mut self, run: RunId, at: Timestamp) {
        (self.last_run, self.last_run_at) = (Some(run), Some(at));
        self.runs += 1;
    }
}

impl ListRow for ScheduleRow {
    const NAME: &'static str = "schedule";
    const VERSION: u32 = 1;
    const FILTERS: &'static [&'static str] = &["project", "status", "frequency", "workflow"];
    type Key = RecurringTaskId;

    fn key(stream: StreamId) -> RecurringTaskId {
        stream.id.into()
    }
    fn concerns(event: &Event) -> bool {
        matches!(event, Event::RecurringTask(_))
    }
    fn open(event: &Event, at: Timestamp) -> Option<Self> {
        let Event::RecurringTask(RecurringTaskEvent::RecurringTaskCreated(e)) = event else { return None };
        Some(Self {
            project: e.project,
            name: e.name.clone(),
            workflow: e.workflow,
            prompt_preview: preview(&e.prompt),
            status: TaskStatus::Active,
            frequency: e.schedule.frequency.as_str().into(),
            schedule: e.schedule.clone(),
            missed: e.missed,
            next_run_at: Some(e.next_run_at),
            upcoming: e.schedule.upcoming(Some(e.next_run_at), UPCOMING),
            last_run: None,
            last_run_at: None,
            runs: 0,
            runs_missed: 0,
            created_at: at,
            updated_at: at,
        })
    }
    fn apply(&mut self, event: &Event, at: Timestamp) {
        let Event::RecurringTask(event) = event else { return };
        self.updated_at = at;
        match event {
            RecurringTaskEvent::RecurringTaskCreated(_) => {}
            RecurringTaskEvent::RecurringTaskEdited(e) => {
                self.name.clone_from(&e.name);
                self.workflow = e.workflow;
                self.prompt_preview = preview(&e.prompt);
            }
            RecurringTaskEvent::RecurringTaskRescheduled(e) => {
                self.set_schedule(&e.schedule, e.missed);
                // A paused task has no next run until it is resumed.
                if self.status == TaskStatus::Active {
                    self.due(Some(e.next_run_at));
                }
            }
            RecurringTaskEvent::RecurringTaskPaused(_) => {
                self.status = TaskStatus::Paused;
                self.due(None);
            }
            RecurringTaskEvent::RecurringTaskResumed(e) => {
                self.status = TaskStatus::Active;
                self.due(e.next_run_at);
            }
            RecurringTaskEvent::RecurringRunDispatched(e) => {
                self.ran(e.run, at);
                self.due(e.next_run_at);
            }
            RecurringTaskEvent::RecurringRunsMissed(e) => {
                self.runs_missed = self.runs_missed.saturating_add(e.count.into());
                self.due(e.next_run_at);
            }
            RecurringTaskEvent::RecurringRunTriggered(e) => self.ran(e.run, at),
            RecurringTaskEvent::RecurringTaskArchived(_) => {
                self.status = TaskStatus::Archived;
                self.due(None);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::Event;
    use domain::recurring_task::{RecurringRunDispatched, RecurringTaskPaused};
    use expect_test::expect;

    use super::*;
    use crate::testing::{History, check, id, sample};

    #[test]
    fn the_next_ten_times_follow_from_the_stored_one() {
        let task = |history: History, task: u64, event: RecurringTaskEvent| {
            history.any(id::<RecurringTaskId>(task).into(), Event::RecurringTask(event))
        };
        let created = |history: History, task: u64| {
            history.any(id::<RecurringTaskId>(task).into(), sample("RecurringTaskCreated"))
        };
        let scheduled_for: Timestamp = "2026-11-21T01:30:00Z".parse().unwrap();
        let next_run_at = Some("2027-03-27T01:30:00Z".parse().unwrap());
        let dispatched = RecurringRunDispatched { run: id(7), scheduled_for, next_run_at };
        let history = created(created(History::new(), 1), 2);
        let history = task(history, 1, dispatched.into());
        let history = task(history, 2, RecurringTaskPaused { reason: None }.into());
        check(
            "schedule",
            &history,
            &expect![[r##"
            #01; runs 1
              created_at: "07:00:00.000Z"
              frequency: "daily"
              last_run: "#07"
              last_run_at: "07:00:02.000Z"
              missed: "skip"
              name: "Nightly audit"
              next_run_at: "2027-03-27T01:30:00.000Z"
              project: "01040G2081040G2081040G2081"
              prompt_preview: "Audit the dependencies"
              schedule: {"frequency":{"daily":{"hour":2,"minute":30}},"timezone":"Europe/Berlin"}
              status: "active"
              upcoming: ["2027-03-27T01:30:00.000Z","2027-03-28T01:00:00.000Z","2027-03-29T00:30:00.000Z","2027-03-30T00:30:00.000Z","2027-03-31T00:30:00.000Z","2027-04-01T00:30:00.000Z","2027-04-02T00:30:00.000Z","2027-04-03T00:30:00.000Z","2027-04-04T00:30:00.000Z","2027-04-05T00:30:00.000Z"]
              updated_at: "07:00:02.000Z"
              workflow: "02081040G2081040G2081040G2"
            #02
              created_at: "07:00:01.000Z"
              frequency: "daily"
              missed: "skip"
              name: "Nightly audit"
              project: "01040G2081040G2081040G2081"
              prompt_preview: "Audit the dependencies"
              schedule: {"frequency":{"daily":{"hour":2,"minute":30}},"timezone":"Europe/Berlin"}
              status: "paused"
              updated_at: "07:00:03.000Z"
              workflow: "02081040G2081040G2081040G2"
        "##]],
        );
    }
}
