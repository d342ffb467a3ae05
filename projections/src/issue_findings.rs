//! One issue session in full: its findings and what became of them, its questions and who answers them.

use domain::ids::{AnsweringSessionId, Category, ContextId, IssueId};
use domain::issue::IssueText;
use domain::issue_session::{IssueSession, IssueSessionEvent};
use domain::terms::PointKind;
use domain::values::Timestamp;
use domain::{Decider, Event};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::listed::{PartKey, PartRow, rows};
use crate::table::Table;

rows! {
    /// The session itself.
    struct IssueSessionHead {
        /// What it looks for.
        prompt: String,
        /// The branch it looks at.
        branch: Option<String>,
        /// The context in force, with version.
        context: Option<(ContextId, u32)>,
    }
    /// A finding; its key is `item/` and its number.
    struct Finding {
        /// Its number.
        finding: u32,
        /// What is to be done.
        text: IssueText,
        /// The issue that it has become.
        issue: Option<IssueId>,
        /// Why it is none.
        dismissed: Option<String>,
        /// When it was found.
        at: Timestamp,
    }
    /// A question or an assumption; its key is `point/` and its number.
    struct Point {
        /// Its number.
        point: u32,
        /// What it is.
        kind: PointKind,
        /// In words.
        text: String,
        /// The finding that it bears on.
        finding: Option<u32>,
        /// The session that it was last handed to.
        answering_session: Option<AnsweringSessionId>,
        /// When it was raised.
        at: Timestamp,
    }
}

/// A part of an issue session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SessionPart {
    /// The session itself.
    Session(IssueSessionHead),
    /// A finding.
    Finding(Finding),
    /// A question or an assumption.
    Point(Point),
}

impl PartRow for SessionPart {
    const NAME: &'static str = "issue-findings";
    const VERSION: u32 = 1;
    const CATEGORY: Category = IssueSession::CATEGORY;

    fn apply(rows: &mut Table<PartKey, Self>, event: &Event, at: Timestamp) {
        let Event::IssueSession(event) = event else { return };
        match event {
            IssueSessionEvent::IssueSessionRequested(e) => {
                let (prompt, branch, context) = (e.prompt.clone(), e.branch.clone(), e.context);
                rows.insert(PartKey::Head, Self::Session(IssueSessionHead { prompt, branch, context }));
            }
            IssueSessionEvent::IssueFound(e) => {
                let (finding, text) = (e.finding, e.text.clone());
                let row = Finding { finding, text, issue: None, dismissed: None, at };
                rows.insert(PartKey::Item(finding), Self::Finding(row));
            }
            IssueSessionEvent::PointRaised(e) => {
                let (point, kind, text, finding) = (e.point, e.kind, e.text.clone(), e.finding);
                let row = Point { point, kind, text, finding, answering_session: None, at };
                rows.insert(PartKey::Point(point), Self::Point(row));
            }
            IssueSessionEvent::FindingConverted(e) => {
                if let Some(Self::Finding(row)) = rows.get_mut(&PartKey::Item(e.finding)) {
                    row.issue = Some(e.issue);
                }
            }
            IssueSessionEvent::FindingDismissed(e) => {
                if let Some(Self::Finding(row)) = rows.get_mut(&PartKey::Item(e.finding)) {
                    row.dismissed = Some(e.reason.clone());
                }
            }
            IssueSessionEvent::PointsHandedOver(e) => {
                for point in &e.points {
                    if let Some(Self::Point(row)) = rows.get_mut(&PartKey::Point(*point)) {
                        row.answering_session = Some(e.answering_session);
                    }
                }
            }
            IssueSessionEvent::IssueSessionStarted(_)
            | IssueSessionEvent::IssueSessionCompleted(_)
            | IssueSessionEvent::IssueSessionFailed(_)
            | IssueSessionEvent::IssueSessionCancelled(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::ids::IssueSessionId;
    use expect_test::expect;

    use crate::testing::{History, check, id, sample};

    #[test]
    fn findings_and_points_show_what_became_of_them() {
        let of = |history: History, name| history.any(id::<IssueSessionId>(1).into(), sample(name));
        let names = [
            "IssueSessionRequested",
            "IssueFound",
            "PointRaised",
            "FindingConverted",
            "FindingDismissed",
            "PointsHandedOver",
        ];
        check(
            "issue-findings",
            &names.into_iter().fold(History::new(), of),
            &expect![[r#"
            head is a session
              branch: "main"
              context: ["02081040G2081040G2081040G2",3]
              prompt: "Memory above all"
            item/00001 is a finding; finding 1
              at: "07:00:01.000Z"
              dismissed: "as intended"
              issue: "050M2GA1850M2GA1850M2GA185"
              text: {"description":"The cache is never emptied","priority":"high","suggested_prompt":"Empty the cache when it is full","title":"Cache grows"}
            point/00001 is a point; finding 1; point 1
              answering_session: "060R30C1G60R30C1G60R30C1G6"
              at: "07:00:02.000Z"
              kind: "question"
              text: "Use the existing cache or bypass it?"
        "#]],
        );
    }
}
