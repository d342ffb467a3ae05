//! One answering session in full: each question with its latest answer.

use domain::answering_session::{AnsweringSession, AnsweringSessionEvent};
use domain::ids::{Category, UserId};
use domain::terms::{AnswerSource, PointKind};
use domain::values::{Share, Timestamp};
use domain::{Decider, Event};

use crate::listed::{PartKey, PartRow, rows};
use crate::table::Table;

rows! {
    /// A question; its key is `item/` and its number.
    struct AnswerRow {
        /// Its number.
        question: u32,
        /// What it is.
        kind: PointKind,
        /// In words.
        text: String,
        /// The number of the point in the issue session that raised it.
        point: Option<u32>,
        /// The latest answer.
        answer: Option<String>,
        /// Why so.
        rationale: Option<String>,
        /// How sure the answerer is.
        confidence: Option<Share>,
        /// Who answered.
        source: Option<AnswerSource>,
        /// The person, where it was one.
        person: Option<UserId>,
        /// Why it was left open, as long as it is.
        left_open: Option<String>,
        /// When it was last answered.
        answered_at: Option<Timestamp>,
    }
}

impl PartRow for AnswerRow {
    const NAME: &'static str = "answers";
    const VERSION: u32 = 1;
    const CATEGORY: Category = AnsweringSession::CATEGORY;
    const FILTERS: &'static [&'static str] = &["source", "kind"];

    fn apply(rows: &mut Table<PartKey, Self>, event: &Event, at: Timestamp) {
        let Event::AnsweringSession(event) = event else { return };
        match event {
            AnsweringSessionEvent::AnsweringSessionRequested(e) => {
                for (number, question) in (1..).zip(&e.questions) {
                    let row = Self {
                        question: number,
                        kind: question.kind,
                        text: question.text.clone(),
                        point: question.point,
                        answer: None,
                        rationale: None,
                        confidence: None,
                        source: None,
                        person: None,
                        left_open: None,
                        answered_at: None,
                    };
                    rows.insert(PartKey::Item(number), row);
                }
            }
            AnsweringSessionEvent::QuestionAnswered(e) => {
                if let Some(row) = rows.get_mut(&PartKey::Item(e.question)) {
                    row.answer = Some(e.answer.clone());
                    row.rationale.clone_from(&e.rationale);
                    (row.confidence, row.source, row.person) = (e.confidence, Some(e.source), e.person);
                    (row.left_open, row.answered_at) = (None, Some(at));
                }
            }
            AnsweringSessionEvent::QuestionLeftOpen(e) => {
                if let Some(row) = rows.get_mut(&PartKey::Item(e.question)) {
                    row.left_open = Some(e.reason.clone());
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::ids::AnsweringSessionId;
    use expect_test::expect;

    use crate::testing::{History, check, id, sample};

    #[test]
    fn each_question_has_its_latest_answer() {
        let of = |history: History, name| history.any(id::<AnsweringSessionId>(1).into(), sample(name));
        let names = ["AnsweringSessionRequested", "QuestionAnswered", "QuestionLeftOpen"];
        check(
            "answers",
            &names.into_iter().fold(History::new(), of),
            &expect![[r#"
            item/00001; confidence 0.9; point 1; question 1
              answer: "Use it"
              answered_at: "07:00:01.000Z"
              kind: "question"
              rationale: "It is warm"
              source: "agent"
              text: "Use the existing cache or bypass it?"
            item/00002; point 2; question 2
              kind: "assumption"
              left_open: "nobody knows"
              text: "Entries may be lost"
        "#]],
        );
    }
}
