//! What a work chain accepts and refuses, and how it advances.

use serde_json::{Value, json};

use super::*;
use crate::catalogue::EventFamily;
use crate::testing::{Given, check_accepted, check_any_order, check_refused, command, given, id, pool, with};

fn issue(number: u8) -> IssueId {
    IssueId::from_bytes([number; 16])
}
fn run(number: u8) -> RunId {
    RunId::from_bytes([number; 16])
}
fn creation() -> Value {
    json!({ "project": id(1), "title": "t", "branch": "b", "issues": [id(10), id(11), id(12)] })
}
fn created(policy: &str) -> Given<WorkChain> {
    given([]).and_json("create", &with(&creation(), &json!({ "on_failure": policy })))
}
fn started(policy: &str) -> Given<WorkChain> {
    created(policy).and(StartWorkChain {})
}
fn running(policy: &str) -> Given<WorkChain> {
    started(policy).and(StartChainRun { run: run(20) })
}
fn end(number: u8, outcome: RunOutcome) -> EndChainRun {
    EndChainRun { run: run(number), outcome }
}
fn pause() -> PauseWorkChain {
    PauseWorkChain { reason: "r".into() }
}

#[test]
fn every_command_is_accepted_where_it_fits() {
    let full = with(&creation(), &json!({ "base_branch": "main", "on_failure": "retry", "attempts_max": 3 }));
    let defaults = with(&creation(), &json!({ "on_failure": "pause", "attempts_max": 1 }));
    let (ten, thirteen) = (json!({ "issue": id(10) }), json!({ "issue": id(13) }));
    let order = json!({ "issues": [id(12), id(11)] });
    let began = json!({ "issue": id(10), "run": id(20), "attempt": 1 });
    let (completed, failed) =
        (json!({ "run": id(20), "outcome": "completed" }), json!({ "run": id(20), "outcome": "failed" }));
    let ended = |body: &Value| ("WorkChainRunEnded", with(body, &ten));
    let reason = json!({ "reason": "r" });
    let told = json!({ "reason": format!("run `{}` failed", id(20)) });
    let last = started("pause")
        .and(SkipChainIssue { reason: "r".into() })
        .and(SkipChainIssue { reason: "r".into() });
    check_accepted::<WorkChain>(vec![
        (given([]), "create", full.clone(), vec![("WorkChainCreated", full)]),
        (given([]), "create", creation(), vec![("WorkChainCreated", defaults)]),
        (created("pause"), "add-issue", thirteen.clone(), vec![("WorkChainIssueAdded", thirteen)]),
        (created("pause"), "remove-issue", ten.clone(), vec![("WorkChainIssueRemoved", ten.clone())]),
        (started("pause"), "reorder", order.clone(), vec![("WorkChainReordered", order)]),
        (created("pause"), "start", json!({}), vec![("WorkChainStarted", json!({}))]),
        (started("pause"), "start-run", json!({ "run": id(20) }), vec![("WorkChainRunStarted", began)]),
        (
            running("pause"),
            "end-run",
            completed.clone(),
            vec![ended(&completed), ("WorkChainAdvanced", json!({ "issue": id(11) }))],
        ),
        (
            running("retry"),
            "end-run",
            failed.clone(),
            vec![ended(&failed), ("WorkChainRetried", with(&ten, &json!({ "attempt": 2 })))],
        ),
        (
            running("pause"),
            "end-run",
            failed.clone(),
            vec![ended(&failed), ("WorkChainPaused", told.clone())],
        ),
        (running("stop"), "end-run", failed.clone(), vec![ended(&failed), ("WorkChainStopped", told)]),
        (
            last,
            "skip-issue",
            reason.clone(),
            vec![
                ("WorkChainIssueSkipped", with(&reason, &json!({ "issue": id(12) }))),
                ("WorkChainCompleted", json!({})),
            ],
        ),
        (running("pause"), "pause", reason.clone(), vec![("WorkChainPaused", reason.clone())]),
        (running("pause").and(pause()), "resume", json!({}), vec![("WorkChainResumed", json!({}))]),
        (running("pause"), "cancel", reason.clone(), vec![("WorkChainCancelled", reason)]),
    ]);
}

#[test]
fn the_lifecycle_has_no_other_ways() {
    let done = |policy| running(policy).and(end(20, RunOutcome::Failed));
    let skip = || SkipChainIssue { reason: "r".into() };
    let phases = [
        ("work chain does not exist", given([])),
        ("but it is planned", created("pause")),
        ("but it is waiting for a run", started("pause")),
        ("but it is running", running("pause")),
        ("but it is paused", done("pause")),
        ("but it is completed", started("pause").and(skip()).and(skip()).and(skip())),
        ("but it is stopped", done("stop")),
        ("but it is cancelled", started("pause").and(CancelWorkChain { reason: None })),
    ];
    let reason = json!({ "reason": "r" });
    let open = [false, true, true, true, true, false, false, false];
    //    missing, planned, waiting, running, paused, completed, stopped, cancelled
    let ways: [(&str, Value, [bool; 8]); 8] = [
        ("add-issue", json!({ "issue": id(13) }), open),
        ("remove-issue", json!({ "issue": id(12) }), open),
        ("start", json!({}), [false, true, false, false, false, false, false, false]),
        ("start-run", json!({ "run": id(21) }), [false, false, true, false, false, false, false, false]),
        ("skip-issue", reason.clone(), [false, false, true, false, true, false, false, false]),
        ("pause", reason.clone(), [false, false, true, true, false, false, false, false]),
        ("resume", json!({}), [false, false, false, false, true, false, false, false]),
        ("cancel", reason, open),
    ];
    for (name, body, allowed) in ways {
        for ((refusal, phase), allowed) in phases.iter().zip(allowed) {
            phase.when_json(name, &body).accepted_if(allowed, refusal);
        }
    }
    for (refusal, phase) in phases {
        let refusal = match refusal {
            "but it is waiting for a run" | "but it is paused" => "unknown run at work",
            "but it is running" => continue,
            other => other,
        };
        phase.when(end(20, RunOutcome::Completed)).refused(refusal);
        if !refusal.contains("not exist") {
            phase.when_json("create", &creation()).refused("work chain exists already");
        }
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let (none, waiting, busy) = (given([]), started("pause"), running("pause"));
    let creates = |changes| with(&creation(), &changes);
    let many: Vec<_> = (0..=CHAIN_ISSUES_MAX).map(|n| crate::Ulid(n as u128).to_string()).collect();
    let single = given([]).and_json("create", &creates(json!({ "issues": [id(10)] })));
    let full = given([]).and_json("create", &creates(json!({ "issues": many[1..] })));
    let huge = "x".repeat(check::TEXT_MAX_BYTES + 1);
    check_refused(vec![
        (&none, "create", creates(json!({ "title": "" })), "`title`: expected 1 to 200 bytes"),
        (&none, "create", creates(json!({ "branch": "a b" })), "`branch`: expected a branch name"),
        (&none, "create", creates(json!({ "base_branch": "-" })), "`base_branch`: expected a branch name"),
        (&none, "create", creates(json!({ "base_branch": "b" })), "`base_branch`: expected another branch"),
        (&none, "create", creates(json!({ "issues": [] })), "`issues`: expected 1 to 500 items"),
        (&none, "create", creates(json!({ "issues": many })), "`issues`: expected 1 to 500 items"),
        (
            &none,
            "create",
            creates(json!({ "issues": [id(10), id(10)] })),
            "`issues`: expected each item once",
        ),
        (&none, "create", creates(json!({ "attempts_max": 2 })), "`attempts_max`: expected 1 where failures"),
        (&waiting, "add-issue", json!({ "issue": id(11) }), "in this chain exists already"),
        (&full, "add-issue", json!({ "issue": id(11) }), "a chain has at most 500 issues"),
        (&waiting, "remove-issue", json!({ "issue": id(10) }), "unknown issue still to come"),
        (&single, "remove-issue", json!({ "issue": id(10) }), "a chain has at least one issue"),
        (&waiting, "reorder", json!({ "issues": [id(10), id(11)] }), "unknown issue still to come"),
        (&waiting, "reorder", json!({ "issues": [id(11), id(11)] }), "`issues`: expected each item once"),
        (&waiting, "reorder", json!({ "issues": [id(11)] }), "`issues`: expected all 2 issues still to come"),
        (&single.clone().and(StartWorkChain {}), "reorder", json!({ "issues": [] }), "expected all 0 issues"),
        (&busy, "end-run", json!({ "run": id(21), "outcome": "failed" }), "unknown run at work"),
        (&waiting, "skip-issue", json!({ "reason": " " }), "`reason`: expected a text that is not blank"),
        (&busy, "pause", json!({ "reason": "" }), "`reason`: expected a text that is not blank"),
        (&busy, "cancel", json!({ "reason": huge }), "`reason`: expected at most 524288 bytes"),
    ]);
}

#[test]
fn it_sees_to_every_issue_in_order() {
    let mut chain = created("pause").and_json("reorder", &json!({ "issues": [id(12), id(10), id(11)] }));
    chain = chain.and(StartWorkChain {});
    for (place, number) in [12, 10, 11].into_iter().enumerate() {
        assert_eq!(chain.state().current(), Ok(issue(number)));
        let tried = u8::try_from(place).unwrap() + 20;
        chain = chain.and(StartChainRun { run: run(tried) }).and(end(tried, RunOutcome::Completed));
    }
    assert_eq!(chain.state().shown(), "completed");
}

#[test]
fn tries_run_out_and_begin_anew_when_somebody_resumes() {
    let failed =
        |chain: Given<WorkChain>| chain.and(StartChainRun { run: run(20) }).and(end(20, RunOutcome::Failed));
    let once = failed(started("retry"));
    assert_eq!((once.state().shown(), once.state().attempts), ("waiting for a run", 1));
    let twice = failed(once);
    assert_eq!((twice.state().shown(), twice.state().attempts), ("paused", 2));
    let resumed = twice.and(ResumeWorkChain {});
    assert_eq!((resumed.state().shown(), resumed.state().attempts), ("waiting for a run", 0));
    assert_eq!(failed(resumed).state().current(), Ok(issue(10)));
}

#[test]
fn a_pause_lets_the_running_run_end_and_holds_the_next() {
    let held = running("continue").and(pause());
    let ended = held.clone().and(end(20, RunOutcome::Completed));
    assert_eq!((ended.state().shown(), ended.state().current()), ("paused", Ok(issue(11))));
    ended.when(StartChainRun { run: run(21) }).refused("but it is paused");
    // Paused already, a cancelled run adds no second pause.
    let events = held.when(end(20, RunOutcome::Cancelled)).accepted();
    assert_eq!(events.iter().map(EventFamily::name).collect::<Vec<_>>(), ["WorkChainRunEnded"]);
    let resumed = running("retry").and(pause()).and(ResumeWorkChain {});
    assert_eq!(resumed.state().attempts, 1, "a run that goes on is still its first try");
}

#[test]
fn it_names_what_it_refers_to() {
    let refers = |name: &str, body: &Value| -> Vec<u16> {
        let command: WorkChainCommand = command(name, body);
        WorkChain::references(&command).iter().map(|stream| stream.category.0).collect()
    };
    assert_eq!(refers("create", &creation()), [1, 12, 12, 12]);
    assert_eq!(refers("add-issue", &json!({ "issue": id(13) })), [12]);
    assert!(refers("start-run", &json!({ "run": id(20) })).is_empty());
    assert_eq!(created("pause").state().project(), Some(ProjectId::from_bytes([1; 16])));
}

#[test]
fn any_order_of_commands_folds_alike() {
    let commands = [
        ("create", with(&creation(), &json!({ "on_failure": "retry" }))),
        ("add-issue", json!({ "issue": id(13) })),
        ("remove-issue", json!({ "issue": id(12) })),
        ("reorder", json!({ "issues": [id(12), id(11)] })),
        ("start", json!({})),
        ("start-run", json!({ "run": id(20) })),
        ("start-run", json!({ "run": id(21) })),
        ("end-run", json!({ "run": id(20), "outcome": "completed" })),
        ("end-run", json!({ "run": id(21), "outcome": "failed" })),
        ("end-run", json!({ "run": id(21), "outcome": "cancelled" })),
        ("skip-issue", json!({ "reason": "r" })),
        ("pause", json!({ "reason": "r" })),
        ("resume", json!({})),
    ];
    check_any_order::<WorkChain>(&given([]), &pool(&commands), |history| {
        let (mut at_work, mut tries) = (false, 0);
        for event in history {
            match event {
                WorkChainEvent::WorkChainRunStarted(e) => {
                    assert!(!at_work && e.attempt <= 2, "one run at a time, two tries at most");
                    (at_work, tries) = (true, tries + 1);
                }
                WorkChainEvent::WorkChainRunEnded(_) => at_work = false,
                _ => {}
            }
        }
        assert!(tries <= history.len());
    });
}
