//! One sprint chain in full: each sprint with its prompt, run, branch and pull request.

use domain::ids::{Category, RunId, UserId};
use domain::sprint_chain::{SprintChain, SprintChainEvent};
use domain::terms::{PullRequestStatus, RunOutcome};
use domain::values::Timestamp;
use domain::{Decider, Event};

use crate::listed::{PartKey, PartRow, rows};
use crate::runs::PullRequest;
use crate::table::Table;

rows! {
    /// A sprint; its key is `item/` and its number.
    struct SprintRow {
        /// Its number, from 1.
        sprint: u32,
        /// Whether it is the chain's current one.
        current: bool,
        /// What it is to do, where it has a prompt of its own or has begun; else it takes the chain's.
        prompt: Option<String>,
        /// The latest run.
        run: Option<RunId>,
        /// How many runs there were.
        attempts: u32,
        /// How the latest run ended; absent while it works.
        outcome: Option<RunOutcome>,
        /// Its branch.
        branch: Option<String>,
        /// Its pull request.
        pull_request: Option<PullRequest>,
        /// Whether the next sprint waits for its approval.
        awaits_approval: bool,
        /// Who approved it.
        approver: Option<UserId>,
        /// When it was approved.
        approved_at: Option<Timestamp>,
        /// Why it was passed over.
        skipped: Option<String>,
        /// When its latest run began.
        started_at: Option<Timestamp>,
        /// When that ended.
        ended_at: Option<Timestamp>,
    }
}

impl SprintRow {
    fn new(sprint: u32) -> Self {
        Self {
            sprint,
            current: false,
            prompt: None,
            run: None,
            attempts: 0,
            outcome: None,
            branch: None,
            pull_request: None,
            awaits_approval: false,
            approver: None,
            approved_at: None,
            skipped: None,
            started_at: None,
            ended_at: None,
        }
    }
    fn advance(rows: &mut Table<PartKey, Self>, next: Option<u32>) {
        let before = rows.iter().find(|(_, row)| row.current).map(|(key, _)| *key);
        if let Some(row) = before.and_then(|key| rows.get_mut(&key)) {
            row.current = false;
        }
        if let Some(row) = next.and_then(|next| rows.get_mut(&PartKey::Item(next))) {
            row.current = true;
        }
    }
    fn change(&mut self, event: &SprintChainEvent, at: Timestamp) {
        match event {
            SprintChainEvent::SprintPromptSet(e) => self.prompt.clone_from(&e.prompt),
            SprintChainEvent::SprintStarted(e) => {
                (self.run, self.outcome) = (Some(e.run), None);
                (self.prompt, self.branch) = (Some(e.prompt.clone()), Some(e.branch.clone()));
                (self.started_at, self.ended_at) = (Some(at), None);
                self.attempts = self.attempts.saturating_add(1);
            }
            SprintChainEvent::SprintEnded(e) => {
                (self.outcome, self.ended_at) = (Some(e.outcome), Some(at));
            }
            SprintChainEvent::SprintPullRequestOpened(e) => {
                let (url, number, status) = (e.url.clone(), e.number, PullRequestStatus::Open);
                self.pull_request = Some(PullRequest { url, number, status });
            }
            SprintChainEvent::SprintPullRequestUpdated(e) => {
                if let Some(pull_request) = &mut self.pull_request {
                    pull_request.status = e.status;
                }
            }
            SprintChainEvent::SprintApprovalAwaited(_) => self.awaits_approval = true,
            SprintChainEvent::SprintApproved(e) => {
                (self.awaits_approval, self.approver, self.approved_at) = (false, e.approver, Some(at));
            }
            SprintChainEvent::SprintSkipped(e) => self.skipped = Some(e.reason.clone()),
            _ => {}
        }
    }
}

/// The sprint that an event is about.
fn sprint_of(event: &SprintChainEvent) -> Option<u32> {
    match event {
        SprintChainEvent::SprintPromptSet(e) => Some(e.sprint),
        SprintChainEvent::SprintStarted(e) => Some(e.sprint),
        SprintChainEvent::SprintEnded(e) => Some(e.sprint),
        SprintChainEvent::SprintPullRequestOpened(e) => Some(e.sprint),
        SprintChainEvent::SprintPullRequestUpdated(e) => Some(e.sprint),
        SprintChainEvent::SprintApprovalAwaited(e) => Some(e.sprint),
        SprintChainEvent::SprintApproved(e) => Some(e.sprint),
        SprintChainEvent::SprintSkipped(e) => Some(e.sprint),
        _ => None,
    }
}

impl PartRow for SprintRow {
    const NAME: &'static str = "sprint-chain-sprints";
    const VERSION: u32 = 1;
    const CATEGORY: Category = SprintChain::CATEGORY;
    const FILTERS: &'static [&'static str] = &["current", "outcome", "awaits_approval"];

    fn apply(rows: &mut Table<PartKey, Self>, event: &Event, at: Timestamp) {
        let Event::SprintChain(event) = event else { return };
        match event {
            SprintChainEvent::SprintChainCreated(e) => {
                for sprint in 1..=e.sprints {
                    rows.insert(PartKey::Item(sprint), Self::new(sprint));
                }
                for own in &e.prompts {
                    if let Some(row) = rows.get_mut(&PartKey::Item(own.sprint)) {
                        row.prompt = Some(own.prompt.clone());
                    }
                }
            }
            SprintChainEvent::SprintChainStarted(_) => Self::advance(rows, Some(1)),
            SprintChainEvent::SprintChainAdvanced(e) => Self::advance(rows, Some(e.sprint)),
            SprintChainEvent::SprintChainCompleted(_) => Self::advance(rows, None),
            _ => {
                let key = sprint_of(event).map(PartKey::Item);
                if let Some(row) = key.and_then(|key| rows.get_mut(&key)) {
                    row.change(event, at);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::Event;
    use domain::ids::SprintChainId;
    use domain::sprint_chain::{SprintChainCreated, SprintChainEvent};
    use expect_test::expect;

    use crate::testing::{History, check, id, sample};

    #[test]
    fn each_sprint_has_its_own_branch_and_pull_request() {
        let stream = id::<SprintChainId>(1).into();
        let Event::SprintChain(SprintChainEvent::SprintChainCreated(created)) = sample("SprintChainCreated")
        else {
            panic!("a sample of that name is of that kind");
        };
        let short = SprintChainCreated { sprints: 2, ..created };
        let history = History::new().any(stream, Event::SprintChain(short.into()));
        let of = |history: History, name| history.any(stream, sample(name));
        let names = [
            "SprintChainStarted",
            "SprintStarted",
            "SprintPullRequestOpened",
            "SprintEnded",
            "SprintApprovalAwaited",
            "SprintApproved",
            "SprintChainAdvanced",
            "SprintPullRequestUpdated",
            "SprintPromptSet",
        ];
        check(
            "sprint-chain-sprints",
            &names.into_iter().fold(history, of),
            &expect![[r#"
            item/00001; attempts 1; sprint 1
              approved_at: "07:00:06.000Z"
              approver: "040G2081040G2081040G208104"
              awaits_approval: false
              branch: "sprint/1"
              current: false
              ended_at: "07:00:04.000Z"
              outcome: "completed"
              prompt: "Set the project up"
              pull_request: {"number":7,"status":"merged","url":"https://example.org/p/7"}
              run: "030C1G60R30C1G60R30C1G60R3"
              started_at: "07:00:02.000Z"
            item/00002; sprint 2
              awaits_approval: false
              current: true
              prompt: "Add a cache"
        "#]],
        );
    }
}
