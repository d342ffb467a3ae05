//! What an answering session accepts and refuses.

use serde_json::{Value, json};

use super::*;
use crate::testing::{Given, check_accepted, check_any_order, check_refused, command, given, id, pool, with};

fn question(text: &str) -> Value {
    json!({ "kind": "question", "text": text })
}
fn request() -> Value {
    json!({ "project": id(1), "questions": [question("a?"), question("b?")] })
}
fn requested() -> Given<AnsweringSession> {
    given([]).and_json("request", &request())
}
fn answer(question: u32) -> Value {
    json!({ "question": question, "answer": "x", "source": "agent" })
}
fn answered() -> Given<AnsweringSession> {
    requested().and_json("answer", &answer(1)).and_json("answer", &answer(2))
}
fn completed() -> Given<AnsweringSession> {
    answered().and(CompleteAnsweringSession {})
}

#[test]
fn every_command_is_accepted_where_it_fits() {
    let traced = json!([{ "kind": "assumption", "text": "a", "point": 4 }]);
    let origin =
        json!({ "issue_session": id(2), "issue": id(3), "context": [id(4), 1], "questions": traced });
    let full = with(&request(), &origin);
    let places = json!({ "persona": id(6), "sandbox": id(7), "run": id(8) });
    let human = json!({
        "question": 1, "answer": "x", "rationale": "y", "confidence": 0.5, "source": "human", "person": id(5),
    });
    let left = json!({ "question": 2, "reason": "r" });
    let (error, reason, run) = (json!({ "error": "e" }), json!({ "reason": "r" }), json!({ "run": id(8) }));
    check_accepted::<AnsweringSession>(vec![
        (given([]), "request", full.clone(), vec![("AnsweringSessionRequested", full)]),
        (requested(), "start", places.clone(), vec![("AnsweringSessionStarted", places)]),
        (requested(), "answer", human.clone(), vec![("QuestionAnswered", human.clone())]),
        (answered(), "answer", human.clone(), vec![("QuestionAnswered", human)]),
        (requested(), "leave-open", left.clone(), vec![("QuestionLeftOpen", left)]),
        (answered(), "complete", json!({}), vec![("AnsweringSessionCompleted", json!({}))]),
        (completed(), "pass-on", run.clone(), vec![("AnswersPassedOn", run)]),
        (requested(), "fail", error.clone(), vec![("AnsweringSessionFailed", error)]),
        (requested(), "cancel", reason.clone(), vec![("AnsweringSessionCancelled", reason)]),
    ]);
}

#[test]
fn the_lifecycle_has_no_other_ways() {
    let running = answered().and(CancelAnsweringSession { reason: None });
    let phases = [
        ("answering session does not exist", given([])),
        ("waits for an answer", requested()),
        (
            "but it is running",
            answered().and(StartAnsweringSession { persona: None, sandbox: None, run: None }),
        ),
        ("but it is completed", completed()),
        ("but it is failed", answered().and(FailAnsweringSession { error: "e".into() })),
        ("but it is cancelled", running),
    ];
    let early = [false, true, true, false, false, false];
    //    missing, requested, running, completed, failed, cancelled
    let ways: [(&str, Value, [bool; 6]); 5] = [
        ("start", json!({}), [false, true, false, false, false, false]),
        ("answer", answer(1), early),
        ("complete", json!({}), [false, false, true, false, false, false]),
        ("fail", json!({ "error": "e" }), early),
        ("cancel", json!({}), early),
    ];
    for (name, body, allowed) in ways {
        for ((refusal, phase), allowed) in phases.iter().zip(allowed) {
            phase.when_json(name, &body).accepted_if(allowed, refusal);
        }
    }
    for (refusal, phase) in &phases {
        if *refusal == "but it is completed" {
            continue;
        }
        let refusal = if *refusal == "waits for an answer" { "but it is requested" } else { refusal };
        phase.when_json("pass-on", &json!({ "run": id(8) })).refused(refusal);
    }
    for (_, phase) in &phases[1..] {
        phase.when_json("request", &request()).refused("answering session exists already");
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let (none, asked, done) = (given([]), requested(), completed());
    let half = requested().and_json("answer", &answer(1));
    let passed = completed().and(PassAnswersOn { run: RunId::from_bytes([8; 16]) });
    let asks = |questions: Value| with(&request(), &json!({ "questions": questions }));
    let long = "x".repeat(ANSWER_MAX_BYTES + 1);
    let huge = "x".repeat(check::TEXT_MAX_BYTES + 1);
    let pointed = json!([{ "kind": "question", "text": "a", "point": 1 }]);
    let answers = |changes| with(&answer(1), &changes);
    check_refused(vec![
        (&none, "request", asks(json!([])), "`questions`: expected 1 to 200 items, got `0 items`"),
        (&none, "request", asks(json!(vec![question("a"); 201])), "`questions`: expected 1 to 200 items"),
        (&none, "request", asks(json!([question(" ")])), "`text`: expected a text that is not blank"),
        (&none, "request", asks(json!([question(&long)])), "`text`: expected at most 65536 bytes"),
        (
            &none,
            "request",
            asks(json!(vec![question(&"x".repeat(60_000)); 9])),
            "`questions`: expected 0 to 524288 bytes together",
        ),
        (&none, "request", asks(pointed), "`point`: expected absent where issue_session is"),
        (&asked, "answer", answer(3), "unknown question `3`"),
        (&asked, "answer", answer(0), "unknown question `0`"),
        (&asked, "answer", answers(json!({ "answer": "" })), "`answer`: expected a text that is not blank"),
        (
            &asked,
            "answer",
            answers(json!({ "rationale": long })),
            "`rationale`: expected at most 65536 bytes",
        ),
        (&asked, "answer", answers(json!({ "person": id(5) })), "`person`: expected absent where an agent"),
        (&half, "leave-open", json!({ "question": 1, "reason": "r" }), "question 1 is settled already"),
        (&half, "leave-open", json!({ "question": 3, "reason": "r" }), "unknown question `3`"),
        (&half, "leave-open", json!({ "question": 2, "reason": "" }), "`reason`: expected a text"),
        (&done, "leave-open", json!({ "question": 2, "reason": "r" }), "but it is completed"),
        (&half, "complete", json!({}), "question 2 waits for an answer"),
        (&passed, "pass-on", json!({ "run": id(8) }), "has the answers already"),
        (&asked, "fail", json!({ "error": "" }), "`error`: expected a text that is not blank"),
        (&asked, "cancel", json!({ "reason": huge }), "`reason`: expected at most 524288 bytes"),
    ]);
    half.and(LeaveQuestionOpen { question: 2, reason: "r".into() })
        .when(CompleteAnsweringSession {})
        .accepted();
}

#[test]
fn answers_are_passed_on_to_a_bounded_number_of_runs() {
    let pass = |run: u8| PassAnswersOn { run: RunId::from_bytes([run; 16]) };
    let full = (0..100).fold(completed(), |session, run| session.and(pass(run)));
    full.when(pass(100)).refused("answers are passed on to at most 100 runs");
}

#[test]
fn it_names_what_it_refers_to() {
    let refers = |name: &str, body: &Value| -> Vec<u16> {
        let command: AnsweringSessionCommand = command(name, body);
        AnsweringSession::references(&command).iter().map(|stream| stream.category.0).collect()
    };
    let origin = json!({ "issue_session": id(2), "issue": id(3), "context": [id(4), 1] });
    assert_eq!(refers("request", &with(&request(), &origin)), [1, 10, 12, 5]);
    assert_eq!(refers("start", &json!({ "sandbox": id(7), "run": id(8) })), [2, 3]);
    assert_eq!(refers("pass-on", &json!({ "run": id(8) })), [3]);
    assert!(refers("complete", &json!({})).is_empty());
    assert_eq!(requested().state().project(), Some(ProjectId::from_bytes([1; 16])));
}

#[test]
fn any_order_of_commands_folds_alike() {
    let commands = [
        ("request", request()),
        ("start", json!({})),
        ("answer", answer(1)),
        ("answer", answer(2)),
        ("leave-open", json!({ "question": 2, "reason": "r" })),
        ("complete", json!({})),
        ("pass-on", json!({ "run": id(8) })),
        ("fail", json!({ "error": "e" })),
        ("cancel", json!({})),
    ];
    check_any_order::<AnsweringSession>(&given([]), &pool(&commands), |history| {
        let session = crate::fold::<AnsweringSession>(history);
        let waits = session.questions.values().any(|question| *question == Question::Waiting);
        assert!(!(session.phase == Phase::Completed && waits), "a completed session has no waiting question");
    });
}
