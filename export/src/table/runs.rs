//! A row per run, as it stands.
//!
//! A log holds many runs, and most of them have ended: those are kept packed.

use std::collections::BTreeMap;

use bincode::Options;
use domain::ids::{Position, ProjectId, RunId, WorkflowId};
use domain::run::{RunEvent, RunRequested};
use domain::terms::{CiStatus, PullRequestStatus, RunSource, RunStatus};
use domain::values::{Score, Timestamp};
use domain::{Meta, StreamId};
use serde::{Deserialize, Serialize};

use super::spent::{self, Spent};
use super::{CHANGED, Happened, RUN, Table};
use crate::buffers::Buffers;
use crate::column::{Column, Kind};

pub(super) const COLUMNS: &[Column] = &[
    RUN,
    CHANGED,
    Column::of("project", Kind::Text, "the project it belongs to", "RunRequested `project`"),
    Column::opt("workflow", Kind::Text, "the workflow it follows", "RunRequested `workflow`"),
    Column::of("source", Kind::Text, "where it came from", "RunRequested `source`"),
    Column::opt("origin", Kind::Text, "what it came from, such as `issue-01J…`", "RunRequested `origin`"),
    Column::opt("title", Kind::Text, "a short name", "RunRequested `title`"),
    Column::of(
        "status",
        Kind::Text,
        "pending, running, completed, failed or cancelled",
        "RunRequested, RunStarted, RunCompleted, RunFailed, RunCancelled",
    ),
    Column::of("created_at", Kind::Instant, "when it was asked for", "RunRequested"),
    Column::opt("started_at", Kind::Instant, "when work began", "RunStarted"),
    Column::opt("ended_at", Kind::Instant, "when it ended", "RunCompleted, RunFailed, RunCancelled"),
    Column::opt(
        "duration_ms",
        Kind::Count,
        "from start to end, in milliseconds",
        "RunStarted, and the event that ended it",
    ),
    Column::of("steps", Kind::Count, "steps so far, skipped ones included", "StepStarted, StepSkipped"),
    Column::of("steps_completed", Kind::Count, "steps that ended as intended", "StepCompleted"),
    Column::of("steps_failed", Kind::Count, "steps that ended by a failure", "StepFailed"),
    Column::of("steps_skipped", Kind::Count, "steps that were passed over", "StepSkipped"),
    Column::opt(
        "cli_tool",
        Kind::Text,
        "the agent's program, as the latest step names it",
        "StepStarted `cli_tool`",
    ),
    Column::opt("model", Kind::Text, "the model used last", "StepStarted, StepUsageRecorded `model`"),
    Column::opt(
        "quality_score",
        Kind::Score,
        "mean composite of its evaluator steps",
        "RunScored `quality_score`",
    ),
    Column::of("verdicts_passed", Kind::Count, "verdicts that passed the work", "VerdictIssued `pass`"),
    Column::of("verdicts_failed", Kind::Count, "verdicts that sent it back", "VerdictIssued `pass`"),
    Column::of("loops_forced_on", Kind::Count, "loops that never passed", "LoopForcedOn"),
    Column::opt("branch", Kind::Text, "its branch", "BranchCreated `branch`"),
    Column::opt("base_branch", Kind::Text, "the branch that left from", "BranchCreated `base_branch`"),
    Column::opt("pull_request_url", Kind::Text, "where its pull request is", "PullRequestOpened `url`"),
    Column::opt(
        "pull_request_number",
        Kind::Count,
        "its number in the repository",
        "PullRequestOpened `number`",
    ),
    Column::opt(
        "pull_request_status",
        Kind::Text,
        "how it stands",
        "PullRequestOpened, PullRequestUpdated `status`",
    ),
    Column::opt("ci_status", Kind::Text, "how continuous integration stands", "CiChecksPolled `status`"),
    Column::opt(
        "error",
        Kind::Text,
        "why it failed or was cancelled",
        "RunFailed `error`, RunCancelled `reason`",
    ),
    spent::CALLS,
    spent::CALLS_WITHOUT_COST,
    spent::INPUT,
    spent::OUTPUT,
    spent::CACHE_READ,
    spent::CACHE_WRITE,
    spent::COST,
];

/// A run, as it stands.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Row {
    run: RunId,
    position: Position,
    project: ProjectId,
    workflow: Option<WorkflowId>,
    source: RunSource,
    origin: Option<StreamId>,
    title: Option<String>,
    status: RunStatus,
    created_at: Timestamp,
    started_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
    steps: u64,
    steps_completed: u64,
    steps_failed: u64,
    steps_skipped: u64,
    cli_tool: Option<String>,
    model: Option<String>,
    quality_score: Option<Score>,
    verdicts_passed: u64,
    verdicts_failed: u64,
    loops_forced_on: u64,
    branch: Option<(String, String)>,
    pull_request: Option<(String, u64, PullRequestStatus)>,
    ci_status: Option<CiStatus>,
    error: Option<String>,
    spent: Spent,
}

/// Every run so far.
#[derive(Default)]
pub(super) struct Runs {
    open: BTreeMap<RunId, Row>,
    ended: BTreeMap<RunId, Box<[u8]>>,
}

impl Runs {
    pub(super) fn apply(&mut self, happened: &Happened<'_>) {
        let run = happened.run;
        if let RunEvent::RunRequested(e) = happened.event {
            self.open.insert(run, Row::new(run, happened.meta, e));
        } else if let Some(row) = self.open.get_mut(&run) {
            row.apply(happened);
            if row.ended_at.is_some() {
                self.pack(run);
            }
        } else if let Some(packed) = self.ended.remove(&run) {
            let mut row = unpack(&packed);
            row.apply(happened);
            self.open.insert(run, row);
            self.pack(run);
        }
    }
    fn pack(&mut self, run: RunId) {
        let Some(row) = self.open.remove(&run) else { return };
        let packed = short().serialize(&row).expect("a row is plain data, which bincode always encodes");
        self.ended.insert(run, packed.into());
    }
    /// The next run that has changed after that position; each is given once.
    pub(super) fn next(&mut self, after: Option<Position>) -> Option<Row> {
        loop {
            let ended = self.ended.pop_first().map(|(_, packed)| unpack(&packed));
            let row = ended.or_else(|| self.open.pop_first().map(|(_, row)| row))?;
            if Some(row.position) > after {
                return Some(row);
            }
        }
    }
}

/// Numbers as short as they are: with millions of runs the rows are most of what an export holds.
fn short() -> impl Options {
    bincode::DefaultOptions::new()
}

fn unpack(packed: &[u8]) -> Row {
    short().deserialize(packed).expect("what was packed here is read back")
}

impl Row {
    fn new(run: RunId, meta: &Meta, e: &RunRequested) -> Self {
        Self {
            run,
            position: meta.position,
            project: e.project,
            workflow: e.workflow,
            source: e.source,
            origin: e.origin,
            title: e.title.clone(),
            status: RunStatus::Pending,
            created_at: meta.when(),
            started_at: None,
            ended_at: None,
            steps: 0,
            steps_completed: 0,
            steps_failed: 0,
            steps_skipped: 0,
            cli_tool: None,
            model: None,
            quality_score: None,
            verdicts_passed: 0,
            verdicts_failed: 0,
            loops_forced_on: 0,
            branch: None,
            pull_request: None,
            ci_status: None,
            error: None,
            spent: Spent::default(),
        }
    }

    fn apply(&mut self, happened: &Happened<'_>) {
        let at = happened.meta.when();
        self.position = happened.meta.position;
        match happened.event {
            RunEvent::RunStarted(_) => {
                self.status = RunStatus::Running;
                self.started_at = Some(at);
            }
            RunEvent::BranchCreated(e) => self.branch = Some((e.branch.clone(), e.base_branch.clone())),
            RunEvent::StepStarted(e) => {
                self.steps += 1;
                name(&mut self.cli_tool, e.cli_tool.as_deref());
                name(&mut self.model, e.model.as_deref());
            }
            RunEvent::StepUsageRecorded(e) => {
                name(&mut self.model, Some(&e.model));
                self.spent.add(e);
            }
            RunEvent::StepCompleted(_) => self.steps_completed += 1,
            RunEvent::StepFailed(_) => self.steps_failed += 1,
            RunEvent::StepSkipped(_) => {
                self.steps += 1;
                self.steps_skipped += 1;
            }
            RunEvent::VerdictIssued(e) if e.pass => self.verdicts_passed += 1,
            RunEvent::VerdictIssued(_) => self.verdicts_failed += 1,
            RunEvent::LoopForcedOn(_) => self.loops_forced_on += 1,
            RunEvent::RunScored(e) => self.quality_score = Some(e.quality_score),
            RunEvent::PullRequestOpened(e) => {
                self.pull_request = Some((e.url.clone(), e.number, PullRequestStatus::Open));
            }
            RunEvent::PullRequestUpdated(e) => {
                if let Some((_, _, status)) = &mut self.pull_request {
                    *status = e.status;
                }
            }
            RunEvent::CiChecksPolled(e) => self.ci_status = Some(e.status),
            RunEvent::RunCompleted(_) => self.end(RunStatus::Completed, at, None),
            RunEvent::RunFailed(e) => self.end(RunStatus::Failed, at, Some(&e.error)),
            RunEvent::RunCancelled(e) => self.end(RunStatus::Cancelled, at, e.reason.as_deref()),
            _ => {}
        }
    }
    fn end(&mut self, status: RunStatus, at: Timestamp, error: Option<&str>) {
        self.status = status;
        self.ended_at = Some(at);
        self.error = error.map(str::to_owned);
    }

    pub(super) fn write(&self, out: &mut Buffers) {
        let rows = out.rows(Table::Runs, self.created_at);
        let ran = self.started_at.zip(self.ended_at).map(|(started, ended)| ended.since_ms(started));
        rows.shown(Some(self.run))
            .count(Some(self.position.0))
            .shown(Some(self.project))
            .shown(self.workflow)
            .text(Some(self.source.as_str()))
            .shown(self.origin)
            .text(self.title.as_deref())
            .text(Some(self.status.as_str()))
            .instant(Some(self.created_at))
            .instant(self.started_at)
            .instant(self.ended_at)
            .count(ran)
            .count(Some(self.steps))
            .count(Some(self.steps_completed))
            .count(Some(self.steps_failed))
            .count(Some(self.steps_skipped))
            .text(self.cli_tool.as_deref())
            .text(self.model.as_deref())
            .score(self.quality_score)
            .count(Some(self.verdicts_passed))
            .count(Some(self.verdicts_failed))
            .count(Some(self.loops_forced_on))
            .text(self.branch.as_ref().map(|(branch, _)| branch.as_str()))
            .text(self.branch.as_ref().map(|(_, base)| base.as_str()))
            .text(self.pull_request.as_ref().map(|(url, _, _)| url.as_str()))
            .count(self.pull_request.as_ref().map(|(_, number, _)| *number))
            .text(self.pull_request.as_ref().map(|(_, _, status)| status.as_str()))
            .text(self.ci_status.map(CiStatus::as_str))
            .text(self.error.as_deref());
        self.spent.write(rows);
        rows.end();
    }
}

/// Takes over a name where it is known and another one than before.
fn name(kept: &mut Option<String>, new: Option<&str>) {
    if new.is_some() && kept.as_deref() != new {
        *kept = new.map(str::to_owned);
    }
}
