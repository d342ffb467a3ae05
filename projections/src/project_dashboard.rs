//! What a project's dashboard shows: how its runs stand, what they cost, how good they are, what ran last.

use std::collections::BTreeMap;

use domain::ids::{ProjectId, RunId};
use domain::learning::LearningEvent;
use domain::project::ProjectEvent;
use domain::run::{RunEvent, StepUsageRecorded};
use domain::terms::{CiStatus, RunStatus};
use domain::values::{Score, Timestamp, Usd};
use domain::{Event, Recorded};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::figures::{Spends, row};
use crate::table::Table;
use crate::view::{Scope, View};

#[cfg(test)]
mod tests;

/// Runs that the list of recent ones holds.
const RECENT_MAX: usize = 20;

/// A run in the list of recent ones.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct RecentRun {
    /// The run.
    run: RunId,
    /// Its short name.
    title: Option<String>,
    /// How it stands.
    status: RunStatus,
    /// When work began.
    started_at: Timestamp,
    /// What it cost, as far as known.
    total_cost_usd: Usd,
    /// Mean composite of its evaluator steps.
    quality_score: Option<Score>,
}

row! {
    /// A project's dashboard. Messages, tools and usage are those of its runs.
    struct DashboardRow(at: Timestamp) {
        /// Runs asked for, not started.
        runs_pending: u64 = 0,
        /// Runs started, not ended.
        runs_running: u64 = 0,
        /// Runs that ended as intended.
        runs_completed: u64 = 0,
        /// Runs that ended by a failure.
        runs_failed: u64 = 0,
        /// Runs that were ended by somebody.
        runs_cancelled: u64 = 0,
        /// Mean quality score of the runs that have one.
        quality_score: Option<Score> = None,
        /// Runs that have a quality score.
        scored_runs: u64 = 0,
        /// Verdicts that passed the work.
        verdicts_passed: u64 = 0,
        /// Verdicts that sent it back.
        verdicts_failed: u64 = 0,
        /// Runs whose continuous integration passes, as last polled.
        ci_passing: u64 = 0,
        /// Runs whose continuous integration fails, as last polled.
        ci_failing: u64 = 0,
        /// Learnings that wait for a review.
        pending_learnings: u64 = 0,
        /// The 20 runs that started last, latest first.
        recent_runs: Vec<RecentRun> = Vec::new(),
        /// When anything last happened.
        last_activity_at: Timestamp = at,
    } with activity
}

/// What has been counted of a run, to be taken back when it changes. There is one for each run that there ever was: it
/// is kept small.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Counted {
    /// Its number in [`ProjectDashboard::projects`].
    project: u32,
    status: RunStatus,
    ci: Option<CiStatus>,
    score: Option<Score>,
}

/// The view `project-dashboard`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct ProjectDashboard {
    table: Table<ProjectId, DashboardRow>,
    /// Each project that ever had a run, numbered as they came.
    projects: BTreeMap<ProjectId, u32>,
    runs: BTreeMap<RunId, Counted>,
    /// Titles of runs that have not begun.
    titles: BTreeMap<RunId, String>,
    /// Sum of the quality scores of a project's runs, in hundredths.
    scores: BTreeMap<ProjectId, u64>,
}

/// Whether a run is pending no more.
const fn turns(event: &RunEvent) -> bool {
    use RunEvent::{RunCancelled, RunCompleted, RunFailed, RunStarted};
    matches!(event, RunStarted(_) | RunCompleted(_) | RunFailed(_) | RunCancelled(_))
}

/// The counter moves with the state it counts.
fn step(counter: Option<&mut u64>, up: bool) {
    if let Some(counter) = counter {
        *counter = if up { counter.saturating_add(1) } else { counter.saturating_sub(1) };
    }
}

impl DashboardRow {
    fn by_status(&mut self, status: RunStatus) -> &mut u64 {
        match status {
            RunStatus::Pending => &mut self.runs_pending,
            RunStatus::Running => &mut self.runs_running,
            RunStatus::Completed => &mut self.runs_completed,
            RunStatus::Failed => &mut self.runs_failed,
            RunStatus::Cancelled => &mut self.runs_cancelled,
        }
    }
    fn by_ci(&mut self, status: Option<CiStatus>) -> Option<&mut u64> {
        match status {
            Some(CiStatus::Passing) => Some(&mut self.ci_passing),
            Some(CiStatus::Failing) => Some(&mut self.ci_failing),
            _ => None,
        }
    }
    fn recent(&mut self, run: RunId) -> Option<&mut RecentRun> {
        self.recent_runs.iter_mut().find(|recent| recent.run == run)
    }
    fn set_status(&mut self, run: RunId, counted: &mut Counted, status: RunStatus) {
        step(Some(self.by_status(counted.status)), false);
        step(Some(self.by_status(status)), true);
        counted.status = status;
        if let Some(recent) = self.recent(run) {
            recent.status = status;
        }
    }
    fn start(&mut self, run: RunId, counted: &mut Counted, title: Option<String>, started_at: Timestamp) {
        self.set_status(run, counted, RunStatus::Running);
        let after = |other: &RecentRun| (other.started_at, other.run) > (started_at, run);
        let place = self.recent_runs.partition_point(after);
        let (status, quality_score) = (counted.status, counted.score);
        let total_cost_usd = Usd::default();
        self.recent_runs
            .insert(place, RecentRun { run, title, status, started_at, total_cost_usd, quality_score });
        self.recent_runs.truncate(RECENT_MAX);
    }
    fn set_ci(&mut self, counted: &mut Counted, status: CiStatus) {
        step(self.by_ci(counted.ci), false);
        step(self.by_ci(Some(status)), true);
        counted.ci = Some(status);
    }
    fn set_score(&mut self, run: RunId, counted: &mut Counted, sum: &mut u64, score: Score) {
        let before = counted.score.replace(score);
        self.scored_runs += u64::from(before.is_none());
        *sum =
            sum.saturating_sub(before.map_or(0, |before| before.units().into())) + u64::from(score.units());
        let rounded = (*sum + self.scored_runs / 2).checked_div(self.scored_runs);
        self.quality_score = rounded.and_then(|mean| u16::try_from(mean).ok()).and_then(Score::from_units);
        if let Some(recent) = self.recent(run) {
            recent.quality_score = Some(score);
        }
    }
    fn use_model(&mut self, run: RunId, e: &StepUsageRecorded) {
        self.spend(&e.into());
        if let (Some(cost), Some(recent)) = (e.cost_usd, self.recent(run)) {
            recent.total_cost_usd += cost;
        }
    }
    fn apply_learning(&mut self, event: &LearningEvent) {
        match event {
            LearningEvent::LearningProposed(_) => step(Some(&mut self.pending_learnings), true),
            LearningEvent::LearningApproved(_) | LearningEvent::LearningRejected(_) => {
                step(Some(&mut self.pending_learnings), false);
            }
            _ => {}
        }
    }
}

impl ProjectDashboard {
    fn apply_project(&mut self, project: ProjectId, event: &ProjectEvent, at: Timestamp) {
        match event {
            ProjectEvent::ProjectCreated(_) => self.table.insert(project, DashboardRow::new(at)),
            ProjectEvent::ProjectDeleted(_) => {
                self.table.remove(&project);
                self.scores.remove(&project);
                if let Some(number) = self.projects.get(&project).copied() {
                    self.runs.retain(|_, counted| counted.project != number);
                    self.titles.retain(|run, _| self.runs.contains_key(run));
                }
            }
            _ => {
                if let Some(row) = self.table.get_mut(&project) {
                    row.last_activity_at = row.last_activity_at.max(at);
                }
            }
        }
    }
    /// Events that say how a run stands; what they change has to be taken back first.
    fn apply_standing(&mut self, project: ProjectId, run: RunId, event: &RunEvent, at: Timestamp) {
        let (Some(row), Some(counted)) = (self.table.get_mut(&project), self.runs.get_mut(&run)) else {
            return;
        };
        let title = if turns(event) { self.titles.remove(&run) } else { None };
        match event {
            RunEvent::RunStarted(_) => row.start(run, counted, title, at),
            RunEvent::RunCompleted(_) => row.set_status(run, counted, RunStatus::Completed),
            RunEvent::RunFailed(_) => row.set_status(run, counted, RunStatus::Failed),
            RunEvent::RunCancelled(_) => row.set_status(run, counted, RunStatus::Cancelled),
            RunEvent::CiChecksPolled(e) => row.set_ci(counted, e.status),
            RunEvent::RunScored(e) => {
                row.set_score(run, counted, self.scores.entry(project).or_default(), e.quality_score);
            }
            _ => {}
        }
    }
    fn apply_run(&mut self, project: ProjectId, run: RunId, event: &RunEvent, at: Timestamp) {
        let Some(row) = self.table.get_mut(&project) else { return };
        row.last_activity_at = row.last_activity_at.max(at);
        match event {
            RunEvent::RunRequested(e) => {
                row.runs_pending += 1;
                if let Some(title) = &e.title {
                    self.titles.insert(run, title.clone());
                }
                let next = u32::try_from(self.projects.len()).unwrap_or(u32::MAX);
                let (project, status) = (*self.projects.entry(project).or_insert(next), RunStatus::Pending);
                self.runs.insert(run, Counted { project, status, ci: None, score: None });
            }
            RunEvent::VerdictIssued(e) if e.pass => row.verdicts_passed += 1,
            RunEvent::VerdictIssued(_) => row.verdicts_failed += 1,
            RunEvent::StepUsageRecorded(e) => row.use_model(run, e),
            RunEvent::StepMessageAppended(_) | RunEvent::ToolCalled(_) | RunEvent::ToolReturned(_) => {
                row.count(event);
            }
            _ => self.apply_standing(project, run, event, at),
        }
    }
}

impl View for ProjectDashboard {
    const NAME: &'static str = "project-dashboard";
    const VERSION: u32 = 1;
    const SCOPE: Scope = Scope::Live;
    type Key = ProjectId;
    type Row = DashboardRow;

    fn apply(&mut self, event: &Recorded) {
        let at = event.meta.when();
        if let Event::Project(happened) = &event.event {
            return self.apply_project(ProjectId::from(event.meta.stream.id), happened, at);
        }
        let Some(project) = event.meta.project else { return };
        if let Event::Run(happened) = &event.event {
            return self.apply_run(project, RunId::from(event.meta.stream.id), happened, at);
        }
        let Some(row) = self.table.get_mut(&project) else { return };
        row.last_activity_at = row.last_activity_at.max(at);
        if let Event::Learning(happened) = &event.event {
            row.apply_learning(happened);
        }
    }
    fn project(key: &ProjectId, _: &DashboardRow) -> Option<ProjectId> {
        Some(*key)
    }
    fn table(&self) -> &Table<ProjectId, DashboardRow> {
        &self.table
    }
    fn table_mut(&mut self) -> &mut Table<ProjectId, DashboardRow> {
        &mut self.table
    }
}
