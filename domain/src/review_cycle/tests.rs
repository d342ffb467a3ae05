//! A review loop: accepted, refused, and bounded in any order.

use serde_json::{Value, json};

use super::*;
use crate::testing::{Given, check_accepted, check_any_order, check_refused, given, id, pool, with};

fn opened() -> Given<ReviewCycle> {
    given([]).and_json("open", &json!({ "project": id(1), "subject": "S" }))
}
fn scored(score: u8) -> Value {
    json!({ "score": score, "fix": ["f"] })
}
fn after(scores: &[u8]) -> Given<ReviewCycle> {
    scores.iter().fold(opened(), |given, score| given.and_json("score", &scored(*score)))
}

#[test]
fn every_command_is_accepted_where_it_fits() {
    let open = json!({ "project": id(1), "subject": "S", "run": id(2) });
    let task = json!([{ "role": "architect", "text": "another design" }]);
    let score =
        json!({ "score": 4, "good": ["g"], "fix": ["f"], "tasks": task, "session": id(3), "step": id(4) });
    let decided = json!({ "cycle": 2, "previous": 3, "trend": "improving", "action": "redesign",
        "routed_to": "architect" });
    let reason = json!({ "reason": "r" });
    let settle = json!({ "settlement": "drop", "reason": "r" });
    check_accepted::<ReviewCycle>(vec![
        (given([]), "open", open.clone(), vec![("ReviewOpened", open)]),
        (after(&[3]), "score", score.clone(), vec![("ReviewCycleScored", with(&score, &decided))]),
        (
            after(&[3]),
            "score",
            with(&score, &json!({ "sandbox": id(5) })),
            vec![
                ("ReviewCycleScored", with(&score, &decided)),
                ("ReviewCycleSandboxed", json!({ "cycle": 2, "sandbox": id(5) })),
            ],
        ),
        (after(&[5, 4]), "settle", settle.clone(), vec![("ReviewSettled", settle)]),
        (opened(), "abandon", reason.clone(), vec![("ReviewAbandoned", reason)]),
    ]);
}

#[test]
fn the_loop_has_no_other_ways() {
    let settled = after(&[5, 5]).and_json("settle", &json!({ "settlement": "ship", "reason": "r" }));
    let abandoned = opened().and_json("abandon", &json!({ "reason": "r" }));
    let phases = [
        ("review does not exist", given([])),
        ("but it is open", opened()),
        ("but it is escalated", after(&[5, 5])),
        ("but it is stopped", after(&[5, 4])),
        ("but it is approved", after(&[8])),
        ("but it is settled", settled),
        ("but it is abandoned", abandoned),
    ];
    //       missing, open, escalated, stopped, approved, settled, abandoned
    let ways = [
        ("score", scored(9), [false, true, false, false, false, false, false]),
        (
            "settle",
            json!({ "settlement": "ship", "reason": "r" }),
            [false, false, true, true, false, false, false],
        ),
        ("abandon", json!({ "reason": "r" }), [false, true, true, true, false, false, false]),
    ];
    for (command, body, allowed) in ways {
        for ((refusal, phase), allowed) in phases.iter().zip(allowed) {
            phase.when_json(command, &body).accepted_if(allowed, refusal);
        }
    }
    for (_, phase) in &phases[1..] {
        phase
            .when_json("open", &json!({ "project": id(1), "subject": "S" }))
            .refused("review exists already");
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let (none, open, stopped) = (given([]), opened(), after(&[5, 4]));
    let many = vec!["f"; FINDINGS_MAX + 1];
    let long = "x".repeat(FINDING_MAX_BYTES + 1);
    let full = vec!["x".repeat(FINDING_MAX_BYTES); 33];
    let changed = |changes: Value| with(&scored(5), &changes);
    check_refused(vec![
        (&none, "open", json!({ "project": id(1), "subject": " " }), "`subject`: expected a text"),
        (&open, "score", changed(json!({ "good": many })), "`good`: expected 0 to 100 items"),
        (&open, "score", changed(json!({ "fix": [long] })), "`fix`: expected 1 to 8192 bytes each"),
        (&open, "score", changed(json!({ "fix": full })), "`fix`: expected 0 to 262144 bytes together"),
        (&open, "score", changed(json!({ "fix": [" "] })), "`fix`: expected a text that is not blank"),
        (&open, "score", changed(json!({ "fix": [] })), "`fix`: expected what keeps the score below 8"),
        (
            &open,
            "score",
            changed(json!({ "tasks": [{ "role": "scout", "text": "" }] })),
            "`tasks`: expected a text",
        ),
        (
            &open,
            "score",
            with(&scored(8), &json!({ "tasks": [{ "role": "scout", "text": "t" }] })),
            "`tasks`: expected none for work that ships",
        ),
        (&stopped, "settle", json!({ "settlement": "ship", "reason": "" }), "`reason`: expected a text"),
        (&open, "abandon", json!({ "reason": "" }), "`reason`: expected a text"),
    ]);
}

#[test]
fn it_names_its_project_and_its_run() {
    assert_eq!(opened().state().project(), Some(ProjectId::from_bytes([1; 16])));
    let open: ReviewCycleCommand =
        crate::testing::command("open", &json!({ "project": id(1), "subject": "S", "run": id(2) }));
    assert_eq!(
        ReviewCycle::references(&open),
        [ProjectId::from_bytes([1; 16]).into(), RunId::from_bytes([2; 16]).into()]
    );
}

#[test]
fn any_order_of_commands_stays_within_three_cycles() {
    let mut commands = vec![
        ("open", json!({ "project": id(1), "subject": "S" })),
        ("settle", json!({ "settlement": "ship", "reason": "r" })),
        ("abandon", json!({ "reason": "r" })),
    ];
    commands.extend((1..=9).map(|score| ("score", scored(score))));
    check_any_order::<ReviewCycle>(&given([]), &pool(&commands), |history| {
        let cycles = history.iter().filter_map(|event| match event {
            ReviewCycleEvent::ReviewCycleScored(e) => Some(e),
            _ => None,
        });
        let cycles: Vec<_> = cycles.collect();
        assert!(cycles.len() <= usize::from(CYCLES_MAX));
        for (before, after) in cycles.iter().zip(cycles.iter().skip(1)) {
            assert!(before.action.goes_on(), "a cycle follows only where the loop goes on");
            assert_eq!((after.cycle, after.previous), (before.cycle + 1, Some(before.score)));
        }
    });
}

#[test]
fn each_cycle_has_a_sandbox_of_its_own() {
    let within = |score: u8, sandbox: u8| with(&scored(score), &json!({ "sandbox": id(sandbox) }));
    let first = opened().and_json("score", &within(5, 5));
    first
        .when_json("score", &within(6, 5))
        .refused("`sandbox`: expected a fresh one, which no cycle before had");
    let second = first.and_json("score", &within(6, 6));
    second.when_json("score", &within(7, 5)).refused("`sandbox`: expected a fresh one");
    second.when_json("score", &within(7, 7)).accepted();
    let score: ReviewCycleCommand = crate::testing::command("score", &within(5, 5));
    assert_eq!(ReviewCycle::references(&score), [crate::ids::SandboxId::from_bytes([5; 16]).into()]);
}
