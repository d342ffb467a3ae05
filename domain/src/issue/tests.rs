//! What an issue accepts and refuses, in each of its states.

use serde_json::{Value, json};

use super::*;
use crate::testing::{Given, check_accepted, check_any_order, check_refused, command, given, id, pool, with};

fn text() -> Value {
    json!({ "title": "t", "description": "d", "priority": "low", "suggested_prompt": "p" })
}
fn opening() -> Value {
    json!({ "project": id(1), "text": text() })
}
fn open() -> Given<Issue> {
    given([]).and_json("open", &opening())
}
fn running() -> Given<Issue> {
    open().and(StartIssueRun { run: RunId::from_bytes([5; 16]) })
}
fn ended(outcome: RunOutcome) -> Given<Issue> {
    running().and(EndIssueRun { run: RunId::from_bytes([5; 16]), outcome })
}
fn chained() -> Given<Issue> {
    open().and(ChainIssue { chain: WorkChainId::from_bytes([4; 16]) })
}
fn dismissed() -> Given<Issue> {
    open().and(DismissIssue { reason: "r".into() })
}

#[test]
fn every_command_is_accepted_where_it_fits() {
    let plan = json!({ "plan": { "plan": id(3), "item": 2 } });
    let session = json!({ "session": { "session": id(2), "finding": 7 } });
    let from = |origin: &Value| with(&opening(), &json!({ "origin": origin }));
    let (run, chain, reason) = (json!({ "run": id(5) }), json!({ "chain": id(4) }), json!({ "reason": "r" }));
    let end = json!({ "run": id(5), "outcome": "failed" });
    let answers = json!({ "answering_session": id(6) });
    let review = ended(RunOutcome::Completed);
    check_accepted::<Issue>(vec![
        (given([]), "open", opening(), vec![("IssueOpened", from(&json!("hand")))]),
        (given([]), "open", from(&plan), vec![("IssueOpened", from(&plan))]),
        (given([]), "open", from(&session), vec![("IssueOpened", from(&session))]),
        (open(), "edit", json!({ "text": text() }), vec![("IssueEdited", json!({ "text": text() }))]),
        (open(), "chain", chain.clone(), vec![("IssueChained", chain.clone())]),
        (chained(), "unchain", reason.clone(), vec![("IssueUnchained", with(&chain, &reason))]),
        (chained(), "start-run", run.clone(), vec![("IssueRunStarted", run.clone())]),
        (running(), "end-run", end.clone(), vec![("IssueRunEnded", end)]),
        (open(), "attach-answers", answers.clone(), vec![("IssueAnswersAttached", answers)]),
        (
            review,
            "resolve",
            json!({ "note": "n" }),
            vec![("IssueResolved", with(&run, &json!({ "note": "n" })))],
        ),
        (open(), "resolve", json!({}), vec![("IssueResolved", json!({}))]),
        (open(), "dismiss", reason.clone(), vec![("IssueDismissed", reason.clone())]),
        (dismissed(), "reopen", reason.clone(), vec![("IssueReopened", reason)]),
    ]);
}

#[test]
fn the_lifecycle_has_no_other_ways() {
    let phases = [
        ("issue does not exist", given([])),
        ("but it is open", open()),
        ("but it is in a chain", chained()),
        ("but it is running", running()),
        ("but it is in review", ended(RunOutcome::Completed)),
        ("but it is open", ended(RunOutcome::Failed)),
        ("but it is open", ended(RunOutcome::Cancelled)),
        ("but it is resolved", open().and(ResolveIssue { note: None })),
        ("but it is dismissed", dismissed()),
    ];
    let reason = json!({ "reason": "r" });
    //    missing, open, chained, running, in review, failed, cancelled, resolved, dismissed
    let ways: [(&str, Value, [bool; 9]); 9] = [
        ("edit", json!({ "text": text() }), [false, true, true, false, true, true, true, false, false]),
        ("chain", json!({ "chain": id(9) }), [false, true, false, false, false, true, true, false, false]),
        ("unchain", reason.clone(), [false, false, true, false, false, false, false, false, false]),
        ("start-run", json!({ "run": id(9) }), [false, true, true, false, true, true, true, false, false]),
        (
            "end-run",
            json!({ "run": id(5), "outcome": "completed" }),
            [false, false, false, true, false, false, false, false, false],
        ),
        (
            "attach-answers",
            json!({ "answering_session": id(6) }),
            [false, true, true, false, true, true, true, false, false],
        ),
        ("resolve", json!({}), [false, true, true, false, true, true, true, false, false]),
        ("dismiss", reason.clone(), [false, true, true, false, true, true, true, false, false]),
        ("reopen", reason, [false, false, false, false, true, false, false, true, true]),
    ];
    for (name, body, allowed) in ways {
        for ((refusal, phase), allowed) in phases.iter().zip(allowed) {
            phase.when_json(name, &body).accepted_if(allowed, refusal);
        }
    }
    for (_, phase) in &phases[1..] {
        phase.when_json("open", &opening()).refused("issue exists already");
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let (none, open, chained, dismissed) = (given([]), open(), chained(), dismissed());
    let long = "x".repeat(ISSUE_TEXT_MAX_BYTES + 1);
    let opened = |changes| with(&opening(), &json!({ "text": with(&text(), &changes) }));
    let huge = "x".repeat(check::TEXT_MAX_BYTES + 1);
    check_refused(vec![
        (&none, "open", opened(json!({ "title": "" })), "`title`: expected 1 to 200 bytes"),
        (
            &none,
            "open",
            opened(json!({ "description": long })),
            "`description`: expected at most 65536 bytes",
        ),
        (&none, "open", opened(json!({ "suggested_prompt": long })), "`suggested_prompt`: expected at most"),
        (&open, "edit", json!({ "text": with(&text(), &json!({ "title": "a\nb" })) }), "`title`"),
        (&chained, "unchain", json!({ "reason": "" }), "`reason`: expected a text that is not blank"),
        (&running(), "end-run", json!({ "run": id(9), "outcome": "failed" }), "unknown run at work"),
        (&open, "resolve", json!({ "note": huge }), "`note`: expected at most 524288 bytes"),
        (&open, "dismiss", json!({ "reason": " " }), "`reason`: expected a text that is not blank"),
        (&dismissed, "reopen", json!({ "reason": " " }), "`reason`: expected a text that is not blank"),
    ]);
}

#[test]
fn a_chain_holds_it_through_runs_until_it_is_reopened() {
    let run = RunId::from_bytes([5; 16]);
    let tried = chained().and(StartIssueRun { run }).and(EndIssueRun { run, outcome: RunOutcome::Failed });
    assert_eq!(tried.state().shown(), "in a chain");
    let done = tried.and(StartIssueRun { run }).and(EndIssueRun { run, outcome: RunOutcome::Completed });
    done.when_json("unchain", &json!({ "reason": "r" })).accepted();
    assert_eq!(done.and(ReopenIssue { reason: "r".into() }).state().shown(), "open");
}

#[test]
fn it_names_what_it_refers_to() {
    let refers = |name: &str, body: &Value| -> Vec<u16> {
        let command: IssueCommand = command(name, body);
        Issue::references(&command).iter().map(|stream| stream.category.0).collect()
    };
    let from = |origin: Value| with(&opening(), &json!({ "origin": origin }));
    assert_eq!(refers("open", &opening()), [1]);
    assert_eq!(refers("open", &from(json!({ "plan": { "plan": id(3), "item": 2 } }))), [1, 9]);
    assert_eq!(refers("open", &from(json!({ "session": { "session": id(2), "finding": 7 } }))), [1, 10]);
    assert_eq!(refers("chain", &json!({ "chain": id(4) })), [13]);
    assert_eq!(refers("attach-answers", &json!({ "answering_session": id(6) })), [11]);
    // The run may be requested later, under the id that the issue gave it.
    assert!(refers("start-run", &json!({ "run": id(5) })).is_empty());
    assert_eq!(open().state().project(), Some(ProjectId::from_bytes([1; 16])));
}

#[test]
fn any_order_of_commands_folds_alike() {
    let commands = [
        ("open", opening()),
        ("edit", json!({ "text": text() })),
        ("chain", json!({ "chain": id(4) })),
        ("unchain", json!({ "reason": "r" })),
        ("start-run", json!({ "run": id(5) })),
        ("end-run", json!({ "run": id(5), "outcome": "completed" })),
        ("end-run", json!({ "run": id(5), "outcome": "failed" })),
        ("attach-answers", json!({ "answering_session": id(6) })),
        ("resolve", json!({})),
        ("dismiss", json!({ "reason": "r" })),
        ("reopen", json!({ "reason": "r" })),
    ];
    check_any_order::<Issue>(&given([]), &pool(&commands), |history| {
        let mut running = false;
        for event in history {
            match event {
                IssueEvent::IssueRunStarted(_) => {
                    assert!(!running, "one run at a time");
                    running = true;
                }
                IssueEvent::IssueRunEnded(_) => running = false,
                _ => {}
            }
        }
    });
}
