//! Work chains and sprint chains in one list: how far each is, what is at work, why it waits.

use domain::Event;
use domain::ids::{ProjectId, RunId, StreamId};
use domain::sprint_chain::SprintChainEvent;
use domain::terms::{Advance, FailurePolicy};
use domain::values::Timestamp;
use domain::work_chain::WorkChainEvent;

use crate::listed::{ListRow, count, rows, states};

states! {
    /// What a chain is of.
    ChainKind {
        /// Issues, on one branch.
        Work,
        /// Sprints, each with its own branch.
        Sprint,
    }
    /// How a chain stands.
    ChainStatus {
        /// Not begun.
        Planned,
        /// Its current link waits for a run.
        Waiting,
        /// A run works on its current link.
        Running,
        /// Its next link waits for an approval.
        Awaiting,
        /// Every link is over.
        Completed,
        /// A failure ended it.
        Stopped,
        /// Somebody ended it.
        Cancelled,
    }
}

rows! {
    /// A chain.
    struct ChainRow {
        /// The project it belongs to.
        project: ProjectId,
        /// What it is of.
        kind: ChainKind,
        /// Its short name.
        title: String,
        /// How it stands.
        status: ChainStatus,
        /// Why no further run begins, as long as none does.
        paused: Option<String>,
        /// The branch of a work chain; of a sprint chain, that of the current sprint.
        branch: Option<String>,
        /// How it goes on from one link to the next.
        advance: Advance,
        /// What a failed run leads to.
        on_failure: FailurePolicy,
        /// How many links it has.
        links: u64,
        /// The current one, from 1; 0 before the start.
        current: u64,
        /// How many were passed over.
        skipped: u64,
        /// The run at work.
        run: Option<RunId>,
        /// How many runs there were.
        runs: u64,
        /// Why it was stopped or cancelled.
        reason: Option<String>,
        /// When it was made.
        created_at: Timestamp,
        /// When it last changed.
        updated_at: Timestamp,
    }
}

impl ChainRow {
    fn begin(&mut self, run: RunId) {
        (self.run, self.status) = (Some(run), ChainStatus::Running);
        self.runs += 1;
    }
    fn end_run(&mut self) {
        (self.run, self.status) = (None, ChainStatus::Waiting);
    }
    fn end(&mut self, status: ChainStatus, reason: Option<&str>) {
        (self.status, self.paused, self.reason) = (status, None, reason.map(str::to_owned));
    }
    fn due(&mut self, link: u64) {
        (self.current, self.status) = (link, ChainStatus::Waiting);
    }
    fn apply_work(&mut self, event: &WorkChainEvent) {
        match event {
            WorkChainEvent::WorkChainIssueAdded(_) => self.links += 1,
            WorkChainEvent::WorkChainIssueRemoved(_) => self.links = self.links.saturating_sub(1),
            WorkChainEvent::WorkChainStarted(_) => self.due(1),
            WorkChainEvent::WorkChainRunStarted(e) => self.begin(e.run),
            WorkChainEvent::WorkChainRunEnded(_) => self.end_run(),
            WorkChainEvent::WorkChainAdvanced(_) => self.due(self.current.saturating_add(1)),
            WorkChainEvent::WorkChainIssueSkipped(_) => self.skipped += 1,
            WorkChainEvent::WorkChainPaused(e) => self.paused = Some(e.reason.clone()),
            WorkChainEvent::WorkChainResumed(_) => self.paused = None,
            WorkChainEvent::WorkChainCompleted(_) => self.end(ChainStatus::Completed, None),
            WorkChainEvent::WorkChainStopped(e) => self.end(ChainStatus::Stopped, Some(&e.reason)),
            WorkChainEvent::WorkChainCancelled(e) => self.end(ChainStatus::Cancelled, e.reason.as_deref()),
            WorkChainEvent::WorkChainCreated(_)
            | WorkChainEvent::WorkChainReordered(_)
            | WorkChainEvent::WorkChainRetried(_) => {}
        }
    }
    fn apply_sprint(&mut self, event: &SprintChainEvent) {
        match event {
            SprintChainEvent::SprintAdvanceSet(e) => self.advance = e.advance,
            SprintChainEvent::SprintChainStarted(_) => self.due(1),
            SprintChainEvent::SprintStarted(e) => {
                self.begin(e.run);
                self.branch = Some(e.branch.clone());
            }
            SprintChainEvent::SprintEnded(_) => self.end_run(),
            SprintChainEvent::SprintApprovalAwaited(_) => self.status = ChainStatus::Awaiting,
            SprintChainEvent::SprintChainAdvanced(e) => {
                self.due(e.sprint.into());
                self.branch = None;
            }
            SprintChainEvent::SprintSkipped(_) => self.skipped += 1,
            SprintChainEvent::SprintChainPaused(e) => self.paused = Some(e.reason.clone()),
            SprintChainEvent::SprintChainResumed(_) => self.paused = None,
            SprintChainEvent::SprintChainCompleted(_) => self.end(ChainStatus::Completed, None),
            SprintChainEvent::SprintChainStopped(e) => self.end(ChainStatus::Stopped, Some(&e.reason)),
            SprintChainEvent::SprintChainCancelled(e) => {
                self.end(ChainStatus::Cancelled, e.reason.as_deref());
            }
            SprintChainEvent::SprintChainCreated(_)
            | SprintChainEvent::SprintPromptSet(_)
            | SprintChainEvent::SprintRetried(_)
            | SprintChainEvent::SprintApproved(_)
            | SprintChainEvent::SprintPullRequestOpened(_)
            | SprintChainEvent::SprintPullRequestUpdated(_) => {}
        }
    }
    fn new(
        project: ProjectId,
        title: &str,
        kind: ChainKind,
        on_failure: FailurePolicy,
        at: Timestamp,
    ) -> Self {
        Self {
            project,
            kind,
            title: title.to_owned(),
            status: ChainStatus::Planned,
            paused: None,
            branch: None,
            advance: Advance::Automatic,
            on_failure,
            links: 0,
            current: 0,
            skipped: 0,
            run: None,
            runs: 0,
            reason: None,
            created_at: at,
            updated_at: at,
        }
    }
}

impl ListRow for ChainRow {
    const NAME: &'static str = "chains";
    const VERSION: u32 = 1;
    const FILTERS: &'static [&'static str] = &["project", "kind", "status", "run", "branch"];
    type Key = StreamId;

    fn key(stream: StreamId) -> StreamId {
        stream
    }
    fn concerns(event: &Event) -> bool {
        matches!(event, Event::WorkChain(_) | Event::SprintChain(_))
    }
    fn open(event: &Event, at: Timestamp) -> Option<Self> {
        match event {
            Event::WorkChain(WorkChainEvent::WorkChainCreated(e)) => {
                let row = Self::new(e.project, &e.title, ChainKind::Work, e.on_failure, at);
                Some(Self { links: count(e.issues.len()), branch: Some(e.branch.clone()), ..row })
            }
            Event::SprintChain(SprintChainEvent::SprintChainCreated(e)) => {
                let row = Self::new(e.project, &e.title, ChainKind::Sprint, e.on_failure, at);
                Some(Self { links: e.sprints.into(), advance: e.advance, ..row })
            }
            _ => None,
        }
    }
    fn apply(&mut self, event: &Event, at: Timestamp) {
        self.updated_at = at;
        match event {
            Event::WorkChain(event) => self.apply_work(event),
            Event::SprintChain(event) => self.apply_sprint(event),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::ids::{SprintChainId, WorkChainId};
    use expect_test::expect;

    use crate::testing::{History, check, id, sample};

    #[test]
    fn both_kinds_of_chain_stand_in_one_list() {
        let work = |history: History, name| history.any(id::<WorkChainId>(1).into(), sample(name));
        let sprint = |history: History, name| history.any(id::<SprintChainId>(1).into(), sample(name));
        let names = [
            "WorkChainCreated",
            "WorkChainStarted",
            "WorkChainRunStarted",
            "WorkChainRunEnded",
            "WorkChainPaused",
        ];
        let history = names.into_iter().fold(History::new(), work);
        let names = [
            "SprintChainCreated",
            "SprintChainStarted",
            "SprintStarted",
            "SprintEnded",
            "SprintApprovalAwaited",
        ];
        let history = names.into_iter().fold(history, sprint);
        check(
            "chains",
            &history,
            &expect![[r#"
            work-chain-#01; current 1; links 2; runs 1
              advance: "automatic"
              branch: "fix/leaks"
              created_at: "07:00:00.000Z"
              kind: "work"
              on_failure: "retry"
              paused: "a release"
              project: "01040G2081040G2081040G2081"
              status: "waiting"
              title: "Leaks"
              updated_at: "07:00:04.000Z"
            sprint-chain-#01; current 1; links 8; runs 1
              advance: "manual"
              branch: "sprint/1"
              created_at: "07:00:05.000Z"
              kind: "sprint"
              on_failure: "retry"
              project: "01040G2081040G2081040G2081"
              status: "awaiting"
              title: "Roadmap"
              updated_at: "07:00:09.000Z"
        "#]],
        );
    }
}
