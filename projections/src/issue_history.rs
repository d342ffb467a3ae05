//! One issue in full: what is to be done, and each run that tried.

use domain::ids::{AnsweringSessionId, Category, ProjectId, RunId};
use domain::issue::{Issue, IssueEvent, IssueOrigin, IssueText};
use domain::terms::RunOutcome;
use domain::values::Timestamp;
use domain::{Decider, Event};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::listed::{PartKey, PartRow, rows};
use crate::table::Table;

rows! {
    /// The issue itself.
    struct IssueHead {
        /// The project it belongs to.
        project: ProjectId,
        /// What is to be done.
        text: IssueText,
        /// Where it came from.
        origin: IssueOrigin,
        /// The sessions whose answers it has, in order.
        answering_sessions: Vec<AnsweringSessionId>,
        /// The run that resolved it.
        resolved_by: Option<RunId>,
        /// How many runs there are.
        runs: u32,
    }
    /// A run that tried; its key is `run/` and its number.
    struct IssueTry {
        /// The run.
        run: RunId,
        /// How it ended; absent while it works.
        outcome: Option<RunOutcome>,
        /// When it began.
        started_at: Timestamp,
        /// When it ended.
        ended_at: Option<Timestamp>,
    }
}

/// A part of an issue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum IssuePart {
    /// The issue itself.
    Issue(IssueHead),
    /// A run that tried.
    Run(IssueTry),
}

fn head(rows: &mut Table<PartKey, IssuePart>, change: impl FnOnce(&mut IssueHead)) {
    if let Some(IssuePart::Issue(head)) = rows.get_mut(&PartKey::Head) {
        change(head);
    }
}

impl PartRow for IssuePart {
    const NAME: &'static str = "issue-history";
    const VERSION: u32 = 1;
    const CATEGORY: Category = Issue::CATEGORY;

    fn apply(rows: &mut Table<PartKey, Self>, event: &Event, at: Timestamp) {
        let Event::Issue(event) = event else { return };
        match event {
            IssueEvent::IssueOpened(e) => {
                let head = IssueHead {
                    project: e.project,
                    text: e.text.clone(),
                    origin: e.origin,
                    answering_sessions: vec![],
                    resolved_by: None,
                    runs: 0,
                };
                rows.insert(PartKey::Head, Self::Issue(head));
            }
            IssueEvent::IssueEdited(e) => head(rows, |head| head.text = e.text.clone()),
            IssueEvent::IssueAnswersAttached(e) => {
                head(rows, |head| head.answering_sessions.push(e.answering_session));
            }
            IssueEvent::IssueRunStarted(e) => {
                let mut number = 1;
                head(rows, |head| {
                    head.runs = head.runs.saturating_add(1);
                    number = head.runs;
                });
                let (run, outcome) = (e.run, None);
                let tried = IssueTry { run, outcome, started_at: at, ended_at: None };
                rows.insert(PartKey::Run(number), Self::Run(tried));
            }
            IssueEvent::IssueRunEnded(e) => {
                let last = rows.iter().next_back().map(|(key, _)| *key);
                if let Some(Self::Run(tried)) = last.and_then(|key| rows.get_mut(&key)) {
                    (tried.outcome, tried.ended_at) = (Some(e.outcome), Some(at));
                }
            }
            IssueEvent::IssueResolved(e) => head(rows, |head| head.resolved_by = e.run),
            IssueEvent::IssueReopened(_) => head(rows, |head| head.resolved_by = None),
            IssueEvent::IssueChained(_) | IssueEvent::IssueUnchained(_) | IssueEvent::IssueDismissed(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::ids::IssueId;
    use expect_test::expect;

    use crate::testing::{History, check, id, sample};

    #[test]
    fn each_run_is_a_line() {
        let of = |history: History, name| history.any(id::<IssueId>(1).into(), sample(name));
        let names = [
            "IssueOpened",
            "IssueAnswersAttached",
            "IssueRunStarted",
            "IssueRunEnded",
            "IssueRunStarted",
            "IssueResolved",
        ];
        check(
            "issue-history",
            &names.into_iter().fold(History::new(), of),
            &expect![[r#"
            head is a issue; runs 2
              answering_sessions: ["060R30C1G60R30C1G60R30C1G6"]
              origin: "hand"
              project: "01040G2081040G2081040G2081"
              resolved_by: "050M2GA1850M2GA1850M2GA185"
              text: {"description":"The cache is never emptied","priority":"high","suggested_prompt":"Empty the cache when it is full","title":"Cache grows"}
            run/00001 is a run
              ended_at: "07:00:03.000Z"
              outcome: "completed"
              run: "050M2GA1850M2GA1850M2GA185"
              started_at: "07:00:02.000Z"
            run/00002 is a run
              run: "050M2GA1850M2GA1850M2GA185"
              started_at: "07:00:04.000Z"
        "#]],
        );
    }
}
