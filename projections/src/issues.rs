//! Issues as lists show them: how urgent they are, how they stand, which chain or run sees to them.

use domain::Event;
use domain::ids::{AnsweringSessionId, IssueId, ProjectId, RunId, StreamId, WorkChainId};
use domain::issue::{IssueEvent, IssueOrigin, IssueText};
use domain::terms::{Priority, RunOutcome};
use domain::values::Timestamp;

use crate::listed::{ListRow, preview, rows, states};

states! {
    /// How an issue stands.
    IssueStatus {
        /// Waits.
        Open,
        /// Waits in a work chain.
        InChain,
        /// A run works on it.
        Running,
        /// A run has completed; nobody has said that it is resolved.
        InReview,
        /// Done.
        Resolved,
        /// Will not be done.
        Dismissed,
    }
}

rows! {
    /// An issue.
    struct IssueRow {
        /// The project it belongs to.
        project: ProjectId,
        /// Its short name.
        title: String,
        /// The first 200 characters of what is wrong or wanted.
        description_preview: String,
        /// How urgent it is.
        priority: Priority,
        /// How it stands.
        status: IssueStatus,
        /// Where it came from.
        origin: IssueOrigin,
        /// The work chain that sees to it.
        work_chain: Option<WorkChainId>,
        /// The latest run.
        run: Option<RunId>,
        /// How many runs have worked on it.
        runs: u64,
        /// Where the latest answers to its questions are.
        answering_session: Option<AnsweringSessionId>,
        /// What was said when it was resolved, dismissed or reopened.
        note: Option<String>,
        /// When it was opened.
        created_at: Timestamp,
        /// When it last changed.
        updated_at: Timestamp,
    }
}

impl IssueRow {
    fn reword(&mut self, text: &IssueText) {
        self.title.clone_from(&text.title);
        self.description_preview = preview(&text.description);
        self.priority = text.priority;
    }
    fn waiting(&self) -> IssueStatus {
        if self.work_chain.is_some() { IssueStatus::InChain } else { IssueStatus::Open }
    }
}

impl ListRow for IssueRow {
    const NAME: &'static str = "issues";
    const VERSION: u32 = 1;
    const FILTERS: &'static [&'static str] = &["project", "status", "priority", "work_chain", "run"];
    type Key = IssueId;

    fn key(stream: StreamId) -> IssueId {
        stream.id.into()
    }
    fn concerns(event: &Event) -> bool {
        matches!(event, Event::Issue(_))
    }
    fn open(event: &Event, at: Timestamp) -> Option<Self> {
        let Event::Issue(IssueEvent::IssueOpened(e)) = event else { return None };
        Some(Self {
            project: e.project,
            title: e.text.title.clone(),
            description_preview: preview(&e.text.description),
            priority: e.text.priority,
            status: IssueStatus::Open,
            origin: e.origin,
            work_chain: None,
            run: None,
            runs: 0,
            answering_session: None,
            note: None,
            created_at: at,
            updated_at: at,
        })
    }
    fn apply(&mut self, event: &Event, at: Timestamp) {
        let Event::Issue(event) = event else { return };
        self.updated_at = at;
        match event {
            IssueEvent::IssueOpened(_) => {}
            IssueEvent::IssueEdited(e) => self.reword(&e.text),
            IssueEvent::IssueChained(e) => {
                (self.work_chain, self.status) = (Some(e.chain), IssueStatus::InChain);
            }
            IssueEvent::IssueUnchained(_) => {
                self.work_chain = None;
                if self.status == IssueStatus::InChain {
                    self.status = IssueStatus::Open;
                }
            }
            IssueEvent::IssueRunStarted(e) => {
                (self.run, self.status) = (Some(e.run), IssueStatus::Running);
                self.runs += 1;
            }
            IssueEvent::IssueRunEnded(e) => {
                self.status = match e.outcome {
                    RunOutcome::Completed => IssueStatus::InReview,
                    RunOutcome::Failed | RunOutcome::Cancelled => self.waiting(),
                };
            }
            IssueEvent::IssueAnswersAttached(e) => self.answering_session = Some(e.answering_session),
            IssueEvent::IssueResolved(e) => {
                (self.status, self.note) = (IssueStatus::Resolved, e.note.clone());
            }
            IssueEvent::IssueDismissed(e) => {
                (self.status, self.note) = (IssueStatus::Dismissed, Some(e.reason.clone()));
            }
            IssueEvent::IssueReopened(e) => {
                self.work_chain = None;
                (self.status, self.note) = (IssueStatus::Open, Some(e.reason.clone()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::testing::{History, check, id, sample};

    #[test]
    fn an_issue_shows_who_sees_to_it() {
        let of = |history: History, (issue, name): (u64, &str)| {
            history.any(id::<super::IssueId>(issue).into(), sample(name))
        };
        let names = [
            (1, "IssueOpened"),
            (1, "IssueChained"),
            (1, "IssueRunStarted"),
            (1, "IssueRunEnded"),
            (2, "IssueOpened"),
            (2, "IssueChained"),
            (2, "IssueAnswersAttached"),
            (3, "IssueOpened"),
            (3, "IssueDismissed"),
        ];
        check(
            "issues",
            &names.into_iter().fold(History::new(), of),
            &expect![[r##"
            #01; runs 1
              created_at: "07:00:00.000Z"
              description_preview: "The cache is never emptied"
              origin: "hand"
              priority: "high"
              project: "01040G2081040G2081040G2081"
              run: "050M2GA1850M2GA1850M2GA185"
              status: "in_review"
              title: "Cache grows"
              updated_at: "07:00:03.000Z"
              work_chain: "040G2081040G2081040G208104"
            #02
              answering_session: "060R30C1G60R30C1G60R30C1G6"
              created_at: "07:00:04.000Z"
              description_preview: "The cache is never emptied"
              origin: "hand"
              priority: "high"
              project: "01040G2081040G2081040G2081"
              status: "in_chain"
              title: "Cache grows"
              updated_at: "07:00:06.000Z"
              work_chain: "040G2081040G2081040G208104"
            #03
              created_at: "07:00:07.000Z"
              description_preview: "The cache is never emptied"
              note: "as intended"
              origin: "hand"
              priority: "high"
              project: "01040G2081040G2081040G2081"
              status: "dismissed"
              title: "Cache grows"
              updated_at: "07:00:08.000Z"
        "##]],
        );
    }
}
