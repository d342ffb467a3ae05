//! One work chain in full: its issues in order, and how each stands.

use domain::ids::{Category, IssueId, RunId};
use domain::terms::RunOutcome;
use domain::values::Timestamp;
use domain::work_chain::{WorkChain, WorkChainEvent};
use domain::{Decider, Event};

use crate::listed::{PartKey, PartRow, rows};
use crate::table::Table;

rows! {
    /// An issue of the chain; its key is `item/` and its place, from 1.
    struct ChainItemRow {
        /// The issue.
        issue: IssueId,
        /// Whether it is the chain's current one.
        current: bool,
        /// The latest run.
        run: Option<RunId>,
        /// How many runs there were.
        attempts: u32,
        /// How the latest run ended; absent while it works.
        outcome: Option<RunOutcome>,
        /// Why it was passed over.
        skipped: Option<String>,
        /// When it last changed.
        updated_at: Timestamp,
    }
}

fn place(index: usize) -> PartKey {
    PartKey::Item(u32::try_from(index).unwrap_or(u32::MAX).saturating_add(1))
}

impl ChainItemRow {
    fn new(issue: IssueId, at: Timestamp) -> Self {
        let (run, outcome, skipped) = (None, None, None);
        Self { issue, current: false, run, attempts: 0, outcome, skipped, updated_at: at }
    }
    fn change(rows: &mut Table<PartKey, Self>, issue: IssueId, change: impl FnOnce(&mut Self)) {
        let key = rows.iter().find(|(_, row)| row.issue == issue).map(|(key, _)| *key);
        if let Some(row) = key.and_then(|key| rows.get_mut(&key)) {
            change(row);
        }
    }
    /// Makes `next` the current one, or none.
    fn advance(rows: &mut Table<PartKey, Self>, next: Option<IssueId>) {
        let before = rows.iter().find(|(_, row)| row.current).map(|(_, row)| row.issue);
        if let Some(issue) = before {
            Self::change(rows, issue, |row| row.current = false);
        }
        if let Some(issue) = next {
            Self::change(rows, issue, |row| row.current = true);
        }
    }
    /// Puts the rows from `from` on in another order, or fewer of them.
    fn arrange(rows: &mut Table<PartKey, Self>, from: usize, issues: &[IssueId], at: Timestamp) {
        let keys: Vec<_> = rows.iter().skip(from).map(|(key, _)| *key).collect();
        keys.iter().for_each(|key| drop(rows.remove(key)));
        for (index, issue) in issues.iter().enumerate() {
            rows.insert(place(from + index), Self::new(*issue, at));
        }
    }
}

impl PartRow for ChainItemRow {
    const NAME: &'static str = "work-chain-items";
    const VERSION: u32 = 1;
    const CATEGORY: Category = WorkChain::CATEGORY;
    const FILTERS: &'static [&'static str] = &["issue", "current", "outcome"];

    fn apply(rows: &mut Table<PartKey, Self>, event: &Event, at: Timestamp) {
        let Event::WorkChain(event) = event else { return };
        match event {
            WorkChainEvent::WorkChainCreated(e) => Self::arrange(rows, 0, &e.issues, at),
            WorkChainEvent::WorkChainIssueAdded(e) => rows.insert(place(rows.len()), Self::new(e.issue, at)),
            WorkChainEvent::WorkChainIssueRemoved(e) => {
                // Only issues still to come are taken out, so that the rows behind it have no history.
                let issues: Vec<_> = rows.iter().map(|(_, row)| row.issue).collect();
                if let Some(from) = issues.iter().position(|issue| *issue == e.issue) {
                    Self::arrange(rows, from, &issues[from + 1..], at);
                }
            }
            WorkChainEvent::WorkChainReordered(e) => {
                Self::arrange(rows, rows.len().saturating_sub(e.issues.len()), &e.issues, at);
            }
            WorkChainEvent::WorkChainStarted(_) => {
                let first = rows.iter().next().map(|(_, row)| row.issue);
                Self::advance(rows, first);
            }
            WorkChainEvent::WorkChainRunStarted(e) => Self::change(rows, e.issue, |row| {
                (row.run, row.outcome, row.updated_at) = (Some(e.run), None, at);
                row.attempts = row.attempts.saturating_add(1);
            }),
            WorkChainEvent::WorkChainRunEnded(e) => Self::change(rows, e.issue, |row| {
                (row.outcome, row.updated_at) = (Some(e.outcome), at);
            }),
            WorkChainEvent::WorkChainAdvanced(e) => Self::advance(rows, Some(e.issue)),
            WorkChainEvent::WorkChainIssueSkipped(e) => Self::change(rows, e.issue, |row| {
                (row.skipped, row.updated_at) = (Some(e.reason.clone()), at);
            }),
            WorkChainEvent::WorkChainCompleted(_) => Self::advance(rows, None),
            WorkChainEvent::WorkChainRetried(_)
            | WorkChainEvent::WorkChainPaused(_)
            | WorkChainEvent::WorkChainResumed(_)
            | WorkChainEvent::WorkChainStopped(_)
            | WorkChainEvent::WorkChainCancelled(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::ids::WorkChainId;
    use expect_test::expect;

    use crate::testing::{History, check, id, sample};

    #[test]
    fn each_issue_shows_how_far_it_is() {
        let of = |history: History, name| history.any(id::<WorkChainId>(1).into(), sample(name));
        let names = [
            "WorkChainCreated",
            "WorkChainIssueAdded",
            "WorkChainIssueRemoved",
            "WorkChainReordered",
            "WorkChainStarted",
            "WorkChainRunStarted",
            "WorkChainRunEnded",
            "WorkChainIssueSkipped",
            "WorkChainAdvanced",
        ];
        check(
            "work-chain-items",
            &names.into_iter().fold(History::new(), of),
            &expect![[r#"
            item/00001; attempts 1
              current: false
              issue: "02081040G2081040G2081040G2"
              outcome: "failed"
              run: "030C1G60R30C1G60R30C1G60R3"
              skipped: "not now"
              updated_at: "07:00:07.000Z"
            item/00002
              current: true
              issue: "040G2081040G2081040G208104"
              updated_at: "07:00:03.000Z"
        "#]],
        );
    }
}
