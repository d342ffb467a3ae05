//! What an issue session accepts and refuses.

use serde_json::{Value, json};

use super::*;
use crate::testing::{Given, check_accepted, check_any_order, check_refused, command, given, id, pool, with};

fn text(title: &str) -> Value {
    json!({ "title": title, "description": "d", "priority": "critical", "suggested_prompt": "p" })
}
fn request() -> Value {
    json!({ "project": id(1), "title": "t" })
}
fn requested() -> Given<IssueSession> {
    given([]).and_json("request", &request())
}
fn running() -> Given<IssueSession> {
    requested().and(StartIssueSession { sandbox: None, run: None })
}
/// With finding 1 and point 1.
fn found() -> Given<IssueSession> {
    running()
        .and_json("report-issue", &json!({ "text": text("a") }))
        .and_json("raise-point", &json!({ "kind": "question", "text": "why?" }))
}

#[test]
fn every_command_is_accepted_where_it_fits() {
    let full = with(&request(), &json!({ "prompt": "p", "branch": "main", "context": [id(2), 3] }));
    let bare = with(&request(), &json!({ "prompt": "" }));
    let places = json!({ "sandbox": id(3), "run": id(4) });
    let point = json!({ "kind": "assumption", "text": "x", "finding": 1 });
    let converted = json!({ "finding": 1, "issue": id(5) });
    let dismissed = json!({ "finding": 1, "reason": "r" });
    let handed = json!({ "answering_session": id(6), "points": [1] });
    let (summary, error, reason) =
        (json!({ "summary": "s" }), json!({ "error": "e" }), json!({ "reason": "r" }));
    let done = found().and(CompleteIssueSession { summary: None });
    check_accepted::<IssueSession>(vec![
        (given([]), "request", full.clone(), vec![("IssueSessionRequested", full)]),
        (given([]), "request", request(), vec![("IssueSessionRequested", bare)]),
        (requested(), "start", places.clone(), vec![("IssueSessionStarted", places)]),
        (
            found(),
            "report-issue",
            json!({ "text": text("b") }),
            vec![("IssueFound", json!({ "finding": 2, "text": text("b") }))],
        ),
        (found(), "raise-point", point.clone(), vec![("PointRaised", with(&point, &json!({ "point": 2 })))]),
        (done.clone(), "convert-finding", converted.clone(), vec![("FindingConverted", converted)]),
        (done.clone(), "dismiss-finding", dismissed.clone(), vec![("FindingDismissed", dismissed)]),
        (done, "hand-over-points", handed.clone(), vec![("PointsHandedOver", handed)]),
        (found(), "complete", summary.clone(), vec![("IssueSessionCompleted", summary)]),
        (running(), "fail", error.clone(), vec![("IssueSessionFailed", error)]),
        (requested(), "cancel", reason.clone(), vec![("IssueSessionCancelled", reason)]),
    ]);
}

#[test]
fn the_lifecycle_has_no_other_ways() {
    let phases = [
        ("issue session does not exist", given([])),
        ("but it is requested", requested()),
        ("but it is running", running()),
        ("but it is completed", running().and(CompleteIssueSession { summary: None })),
        ("but it is failed", running().and(FailIssueSession { error: "e".into() })),
        ("but it is cancelled", running().and(CancelIssueSession { reason: None })),
    ];
    //    missing, requested, running, completed, failed, cancelled
    let ways: [(&str, Value, [bool; 6]); 6] = [
        ("start", json!({}), [false, true, false, false, false, false]),
        ("report-issue", json!({ "text": text("a") }), [false, false, true, false, false, false]),
        (
            "raise-point",
            json!({ "kind": "question", "text": "x" }),
            [false, false, true, false, false, false],
        ),
        ("complete", json!({}), [false, false, true, false, false, false]),
        ("fail", json!({ "error": "e" }), [false, true, true, false, false, false]),
        ("cancel", json!({}), [false, true, true, false, false, false]),
    ];
    for (name, body, allowed) in ways {
        for ((refusal, phase), allowed) in phases.iter().zip(allowed) {
            phase.when_json(name, &body).accepted_if(allowed, refusal);
        }
    }
    for (_, phase) in &phases[1..] {
        phase.when_json("request", &request()).refused("issue session exists already");
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let (none, found) = (given([]), found());
    let converted = found.clone().and_json("convert-finding", &json!({ "finding": 1, "issue": id(5) }));
    let two = converted.clone().and_json("report-issue", &json!({ "text": text("b") }));
    let dismissed = found.clone().and(DismissFinding { finding: 1, reason: "r".into() });
    let long = "x".repeat(SESSION_TEXT_MAX_BYTES + 1);
    let huge = "x".repeat(check::TEXT_MAX_BYTES + 1);
    let requests = |changes| with(&request(), &changes);
    let hand_over = |points: Value| json!({ "answering_session": id(6), "points": points });
    check_refused(vec![
        (&none, "request", requests(json!({ "title": "" })), "`title`: expected 1 to 200 bytes"),
        (&none, "request", requests(json!({ "prompt": long })), "`prompt`: expected at most 65536 bytes"),
        (&none, "request", requests(json!({ "branch": "a b" })), "`branch`: expected a branch name"),
        (&found, "report-issue", json!({ "text": text("") }), "`title`: expected 1 to 200 bytes"),
        (&found, "raise-point", json!({ "kind": "question", "text": "" }), "`text`: expected a text"),
        (
            &found,
            "raise-point",
            json!({ "kind": "question", "text": "x", "finding": 2 }),
            "unknown finding `2`",
        ),
        (&none, "convert-finding", json!({ "finding": 1, "issue": id(5) }), "issue session does not exist"),
        (&found, "convert-finding", json!({ "finding": 2, "issue": id(5) }), "unknown finding `2`"),
        (
            &converted,
            "convert-finding",
            json!({ "finding": 1, "issue": id(6) }),
            "finding 1 has become issue",
        ),
        (&two, "convert-finding", json!({ "finding": 2, "issue": id(5) }), "stands for finding 1 already"),
        (&dismissed, "convert-finding", json!({ "finding": 1, "issue": id(5) }), "finding 1 is dismissed"),
        (&converted, "dismiss-finding", json!({ "finding": 1, "reason": "r" }), "finding 1 has become issue"),
        (&found, "dismiss-finding", json!({ "finding": 1, "reason": "" }), "`reason`"),
        (&none, "hand-over-points", hand_over(json!([1])), "issue session does not exist"),
        (&found, "hand-over-points", hand_over(json!([])), "`points`: expected 1 to 1000 items"),
        (&found, "hand-over-points", hand_over(json!([1, 1])), "`points`: expected each item once"),
        (&found, "hand-over-points", hand_over(json!([2])), "unknown point `2`"),
        (&found, "hand-over-points", hand_over(json!([0])), "unknown point `0`"),
        (&found, "complete", json!({ "summary": huge }), "`summary`: expected at most 524288 bytes"),
        (&found, "fail", json!({ "error": " " }), "`error`: expected a text that is not blank"),
        (&found, "cancel", json!({ "reason": huge }), "`reason`: expected at most 524288 bytes"),
    ]);
}

#[test]
fn findings_and_points_are_bounded() {
    let found = |finding| IssueFound { finding, text: IssueText::sample("t") }.into();
    let raised =
        |point| PointRaised { point, kind: PointKind::Question, text: "x".into(), finding: None }.into();
    let history = |events: Vec<IssueSessionEvent>| {
        let begun = samples().into_iter().skip(1).take(2);
        given::<IssueSession>(begun.chain(events))
    };
    history((1..=1_000).map(found).collect())
        .when_json("report-issue", &json!({ "text": text("a") }))
        .refused("a session has at most 1000 findings");
    history((1..=1_000).map(raised).collect())
        .when_json("raise-point", &json!({ "kind": "question", "text": "x" }))
        .refused("a session has at most 1000 points");
}

#[test]
fn it_names_what_it_refers_to() {
    let refers = |name: &str, body: &Value| -> Vec<u16> {
        let command: IssueSessionCommand = command(name, body);
        IssueSession::references(&command).iter().map(|stream| stream.category.0).collect()
    };
    assert_eq!(refers("request", &with(&request(), &json!({ "context": [id(2), 1] }))), [1, 5]);
    assert_eq!(refers("start", &json!({ "sandbox": id(3), "run": id(4) })), [2, 3]);
    assert_eq!(refers("convert-finding", &json!({ "finding": 1, "issue": id(5) })), [12]);
    assert_eq!(refers("hand-over-points", &json!({ "answering_session": id(6), "points": [1] })), [11]);
    assert!(refers("complete", &json!({})).is_empty());
    assert_eq!(requested().state().project(), Some(ProjectId::from_bytes([1; 16])));
}

#[test]
fn any_order_of_commands_folds_alike() {
    let commands = [
        ("request", request()),
        ("start", json!({})),
        ("report-issue", json!({ "text": text("a") })),
        ("report-issue", json!({ "text": text("b") })),
        ("raise-point", json!({ "kind": "question", "text": "x" })),
        ("convert-finding", json!({ "finding": 1, "issue": id(5) })),
        ("dismiss-finding", json!({ "finding": 2, "reason": "r" })),
        ("hand-over-points", json!({ "answering_session": id(6), "points": [1] })),
        ("complete", json!({})),
        ("fail", json!({ "error": "e" })),
        ("cancel", json!({})),
    ];
    check_any_order::<IssueSession>(&given([]), &pool(&commands), |history| {
        let numbers: Vec<_> = history
            .iter()
            .filter_map(|event| match event {
                IssueSessionEvent::IssueFound(e) => Some(e.finding),
                _ => None,
            })
            .collect();
        assert!(numbers.iter().copied().eq(1..=number_after(numbers.len()) - 1), "findings count from 1");
    });
}
