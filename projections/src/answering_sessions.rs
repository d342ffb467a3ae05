//! Answering sessions as lists show them: what they are for, and how many questions still wait.

use domain::Event;
use domain::answering_session::AnsweringSessionEvent;
use domain::ids::{AnsweringSessionId, IssueId, IssueSessionId, PersonaId, ProjectId, RunId, StreamId};
use domain::values::Timestamp;

use crate::issue_sessions::SessionStatus;
use crate::listed::{ListRow, count, rows};

rows! {
    /// An answering session.
    struct AnsweringSessionRow {
        /// The project it belongs to.
        project: ProjectId,
        /// The issue session that raised the questions.
        issue_session: Option<IssueSessionId>,
        /// The issue whose implementation waits.
        issue: Option<IssueId>,
        /// How it stands.
        status: SessionStatus,
        /// The persona that answers.
        persona: Option<PersonaId>,
        /// How many questions there are.
        questions: u64,
        /// The numbers of those that are answered.
        answered: Vec<u32>,
        /// The numbers of those that were left open.
        left_open: Vec<u32>,
        /// The runs that have the answers.
        passed_on_to: Vec<RunId>,
        /// Why it failed or was cancelled.
        error: Option<String>,
        /// When it was asked for.
        created_at: Timestamp,
        /// When it last changed.
        updated_at: Timestamp,
    }
}

fn put(numbers: &mut Vec<u32>, number: u32) {
    if let Err(place) = numbers.binary_search(&number) {
        numbers.insert(place, number);
    }
}

impl ListRow for AnsweringSessionRow {
    const NAME: &'static str = "answering-sessions";
    const VERSION: u32 = 1;
    const FILTERS: &'static [&'static str] = &["project", "status", "issue_session", "issue"];
    type Key = AnsweringSessionId;

    fn key(stream: StreamId) -> AnsweringSessionId {
        stream.id.into()
    }
    fn concerns(event: &Event) -> bool {
        matches!(event, Event::AnsweringSession(_))
    }
    fn open(event: &Event, at: Timestamp) -> Option<Self> {
        let Event::AnsweringSession(AnsweringSessionEvent::AnsweringSessionRequested(e)) = event else {
            return None;
        };
        Some(Self {
            project: e.project,
            issue_session: e.issue_session,
            issue: e.issue,
            status: SessionStatus::Requested,
            persona: None,
            questions: count(e.questions.len()),
            answered: vec![],
            left_open: vec![],
            passed_on_to: vec![],
            error: None,
            created_at: at,
            updated_at: at,
        })
    }
    fn apply(&mut self, event: &Event, at: Timestamp) {
        let Event::AnsweringSession(event) = event else { return };
        self.updated_at = at;
        match event {
            AnsweringSessionEvent::AnsweringSessionRequested(_) => {}
            AnsweringSessionEvent::AnsweringSessionStarted(e) => {
                (self.status, self.persona) = (SessionStatus::Running, e.persona);
            }
            AnsweringSessionEvent::QuestionAnswered(e) => {
                put(&mut self.answered, e.question);
                self.left_open.retain(|question| *question != e.question);
            }
            AnsweringSessionEvent::QuestionLeftOpen(e) => put(&mut self.left_open, e.question),
            AnsweringSessionEvent::AnsweringSessionCompleted(_) => self.status = SessionStatus::Completed,
            AnsweringSessionEvent::AnswersPassedOn(e) => self.passed_on_to.push(e.run),
            AnsweringSessionEvent::AnsweringSessionFailed(e) => {
                (self.status, self.error) = (SessionStatus::Failed, Some(e.error.clone()));
            }
            AnsweringSessionEvent::AnsweringSessionCancelled(e) => {
                (self.status, self.error) = (SessionStatus::Cancelled, e.reason.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::testing::{History, check, id, sample};

    #[test]
    fn a_session_says_what_is_answered() {
        let of =
            |history: History, name| history.any(id::<super::AnsweringSessionId>(1).into(), sample(name));
        let names = [
            "AnsweringSessionRequested",
            "AnsweringSessionStarted",
            "QuestionAnswered",
            "QuestionLeftOpen",
            "AnsweringSessionCompleted",
            "AnswersPassedOn",
        ];
        check(
            "answering-sessions",
            &names.into_iter().fold(History::new(), of),
            &expect![[r##"
            #01; questions 2
              answered: [1]
              created_at: "07:00:00.000Z"
              issue: "030C1G60R30C1G60R30C1G60R3"
              issue_session: "02081040G2081040G2081040G2"
              left_open: [2]
              passed_on_to: ["081040G2081040G2081040G208"]
              persona: "060R30C1G60R30C1G60R30C1G6"
              project: "01040G2081040G2081040G2081"
              status: "completed"
              updated_at: "07:00:05.000Z"
        "##]],
        );
    }
}
