//! Issue sessions as lists show them: how they stand, what they found, what is still open.

use domain::Event;
use domain::ids::{IssueSessionId, ProjectId, RunId, SandboxId, StreamId};
use domain::issue_session::IssueSessionEvent;
use domain::values::Timestamp;

use crate::listed::{ListRow, rows, states};

states! {
    /// How a session stands.
    SessionStatus {
        /// Asked for.
        Requested,
        /// At work.
        Running,
        /// Ended as intended.
        Completed,
        /// Ended by a failure.
        Failed,
        /// Ended by somebody.
        Cancelled,
    }
}

rows! {
    /// An issue session.
    struct IssueSessionRow {
        /// The project it belongs to.
        project: ProjectId,
        /// Its short name.
        title: String,
        /// How it stands.
        status: SessionStatus,
        /// Where it works.
        sandbox: Option<SandboxId>,
        /// The run that it is part of.
        run: Option<RunId>,
        /// How many issues it found.
        findings: u64,
        /// How many of them have become issues.
        findings_converted: u64,
        /// How many of them are dismissed.
        findings_dismissed: u64,
        /// How many questions and assumptions it raised.
        points: u64,
        /// What came out of it, or why it ended.
        outcome: Option<String>,
        /// When it was asked for.
        created_at: Timestamp,
        /// When it last changed.
        updated_at: Timestamp,
    }
}

impl ListRow for IssueSessionRow {
    const NAME: &'static str = "issue-sessions";
    const VERSION: u32 = 1;
    const FILTERS: &'static [&'static str] = &["project", "status", "run", "sandbox"];
    type Key = IssueSessionId;

    fn key(stream: StreamId) -> IssueSessionId {
        stream.id.into()
    }
    fn concerns(event: &Event) -> bool {
        matches!(event, Event::IssueSession(_))
    }
    fn open(event: &Event, at: Timestamp) -> Option<Self> {
        let Event::IssueSession(IssueSessionEvent::IssueSessionRequested(e)) = event else { return None };
        Some(Self {
            project: e.project,
            title: e.title.clone(),
            status: SessionStatus::Requested,
            sandbox: None,
            run: None,
            findings: 0,
            findings_converted: 0,
            findings_dismissed: 0,
            points: 0,
            outcome: None,
            created_at: at,
            updated_at: at,
        })
    }
    fn apply(&mut self, event: &Event, at: Timestamp) {
        let Event::IssueSession(event) = event else { return };
        self.updated_at = at;
        match event {
            IssueSessionEvent::IssueSessionStarted(e) => {
                (self.status, self.sandbox, self.run) = (SessionStatus::Running, e.sandbox, e.run);
            }
            IssueSessionEvent::IssueFound(_) => self.findings += 1,
            IssueSessionEvent::PointRaised(_) => self.points += 1,
            IssueSessionEvent::FindingConverted(_) => self.findings_converted += 1,
            IssueSessionEvent::FindingDismissed(_) => self.findings_dismissed += 1,
            IssueSessionEvent::IssueSessionCompleted(e) => {
                (self.status, self.outcome) = (SessionStatus::Completed, e.summary.clone());
            }
            IssueSessionEvent::IssueSessionFailed(e) => {
                (self.status, self.outcome) = (SessionStatus::Failed, Some(e.error.clone()));
            }
            IssueSessionEvent::IssueSessionCancelled(e) => {
                (self.status, self.outcome) = (SessionStatus::Cancelled, e.reason.clone());
            }
            IssueSessionEvent::IssueSessionRequested(_) | IssueSessionEvent::PointsHandedOver(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::testing::{History, check, id, sample};

    #[test]
    fn a_session_counts_what_it_found() {
        let of = |history: History, name| history.any(id::<super::IssueSessionId>(1).into(), sample(name));
        let names = [
            "IssueSessionRequested",
            "IssueSessionStarted",
            "IssueFound",
            "PointRaised",
            "FindingConverted",
            "IssueSessionCompleted",
        ];
        check(
            "issue-sessions",
            &names.into_iter().fold(History::new(), of),
            &expect![[r##"
            #01; findings 1; findings_converted 1; points 1
              created_at: "07:00:00.000Z"
              outcome: "one leak"
              project: "01040G2081040G2081040G2081"
              run: "040G2081040G2081040G208104"
              sandbox: "030C1G60R30C1G60R30C1G60R3"
              status: "completed"
              title: "Look for leaks"
              updated_at: "07:00:05.000Z"
        "##]],
        );
    }
}
