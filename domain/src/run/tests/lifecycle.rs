//! What a run allows in which state: phases, sequential steps, open content, loops.

use super::*;
use crate::testing::{check_refused, command};

/// One body per command that only a running run takes.
fn only_while_running() -> Vec<(&'static str, Value)> {
    vec![
        ("create-branch", json!({ "branch": "fix", "base_branch": "main" })),
        ("start-step", start(OTHER_STEP, "designer")),
        ("append-step-message", message(false)),
        ("continue-step-content", part(false)),
        ("record-tool-call", call()),
        ("record-tool-result", result(false)),
        ("record-usage", usage()),
        ("issue-verdict", json!({ "step": id(STEP), "pass": true })),
        ("issue-scores", json!({ "step": id(STEP), "scores": scores(1.0) })),
        ("issue-judgement", judgement()),
        ("complete-step", json!({ "step": id(STEP) })),
        ("fail-step", json!({ "step": id(STEP), "failure": "other", "error": "e" })),
        ("skip-step", json!({ "step": id(OTHER_STEP), "role": "judge", "reason": "r" })),
        ("iterate-loop", json!({ "loop_id": id(LOOP), "iteration": 2 })),
        ("force-loop-on", json!({ "loop_id": id(LOOP), "iterations": 1 })),
        ("steer", json!({ "kind": "message", "text": "t" })),
        ("record-unrecognised-line", line()),
        ("complete", json!({})),
    ]
}

fn ended() -> [(&'static str, Given<Run>); 3] {
    [
        ("but it is completed", looped().and(CompleteRun { summary: None })),
        ("but it is failed", looped().and(FailRun { error: "e".into() })),
        ("but it is cancelled", looped().and(CancelRun { reason: None })),
    ]
}

#[test]
fn only_a_running_run_works() {
    let mut others = vec![("run does not exist", given([])), ("but it is pending", requested())];
    others.extend(ended());
    for (name, body) in only_while_running() {
        for (refusal, run) in &others {
            run.when_json(name, &body).refused(refusal);
        }
    }
}

#[test]
fn a_run_begins_once_and_ends_once() {
    let none = given::<Run>([]);
    for name in ["start", "cancel"] {
        none.when_json(name, &json!({})).refused("run does not exist");
    }
    none.when_json("fail", &json!({ "error": "e" })).refused("run does not exist");
    running().when(StartRun {}).refused("expected run to be pending, but it is running");
    requested().when(CompleteRun { summary: None }).refused("expected run to be running, but it is pending");
    for (refusal, run) in ended() {
        run.when(StartRun {}).refused(refusal);
        run.when(FailRun { error: "e".into() }).refused(refusal);
        run.when(CancelRun { reason: None }).refused(refusal);
    }
    for run in [requested(), running()].into_iter().chain(ended().map(|(_, run)| run)) {
        run.when_json("request", &request()).refused("run exists already");
    }
}

#[test]
fn an_ended_run_still_learns_of_its_pull_request_checks_and_forks() {
    let opened = json!({ "url": "https://example.org/pull/1", "number": 1 });
    for (_, run) in ended() {
        let run = run.and_json("open-pull-request", &opened);
        run.when_json("update-pull-request", &json!({ "status": "merged" })).accepted();
        run.when_json("record-ci-checks", &json!({ "status": "passing" })).accepted();
        run.when_json("fork", &json!({ "into": id(9), "after_step": id(STEP) })).accepted();
    }
    let (none, open) = (given([]), requested().and_json("open-pull-request", &opened));
    check_refused(vec![
        (&none, "open-pull-request", opened.clone(), "run does not exist"),
        (&none, "update-pull-request", json!({ "status": "open" }), "run does not exist"),
        (&none, "record-ci-checks", json!({ "status": "passing" }), "run does not exist"),
        (&none, "fork", json!({ "into": id(9) }), "run does not exist"),
        (&open, "open-pull-request", opened, "pull request exists already"),
        (&requested(), "update-pull-request", json!({ "status": "open" }), "the run has no pull request"),
        (&open, "fork", json!({ "into": id(9), "after_step": id(STEP) }), "unknown step"),
    ]);
}

#[test]
fn steps_are_strictly_sequential() {
    let (idle, busy) = (running(), in_step("designer"));
    let done = busy.clone().and_json("complete-step", &json!({ "step": id(STEP) }));
    let failed =
        busy.clone().and_json("fail-step", &json!({ "step": id(STEP), "failure": "crashed", "error": "e" }));
    let skipped =
        running().and_json("skip-step", &json!({ "step": id(STEP), "role": "judge", "reason": "r" }));
    let skip = |step: u8| json!({ "step": id(step), "role": "judge", "reason": "r" });
    let of_step = |step: u8| json!({ "step": id(step) });
    check_refused(vec![
        (&busy, "start-step", start(OTHER_STEP, "checker"), "steps are sequential and step `"),
        (&busy, "skip-step", skip(OTHER_STEP), "steps are sequential"),
        (&busy, "start-step", start(STEP, "checker"), "exists already"),
        (&done, "start-step", start(STEP, "checker"), "exists already"),
        (&failed, "skip-step", skip(STEP), "exists already"),
        (&skipped, "start-step", start(STEP, "judge"), "exists already"),
        (&idle, "complete-step", of_step(STEP), "unknown step"),
        (&busy, "complete-step", of_step(OTHER_STEP), "unknown step"),
        (&done, "complete-step", of_step(STEP), "expected step to be running, but it is completed"),
        (&failed, "append-step-message", message(false), "expected step to be running, but it is failed"),
        (&skipped, "record-tool-call", call(), "expected step to be running, but it is skipped"),
        (
            &done,
            "fail-step",
            json!({ "step": id(STEP), "failure": "other", "error": "e" }),
            "but it is completed",
        ),
        (&done, "steer", json!({ "kind": "interrupt" }), "no step is running"),
        (&busy, "complete", json!({}), "is running"),
        (&idle, "record-usage", usage(), "unknown step"),
    ]);
    for run in [done, failed, skipped] {
        run.when_json("start-step", &start(OTHER_STEP, "checker")).accepted();
        run.when_json("complete", &json!({})).accepted();
        run.when_json("record-usage", &usage()).accepted();
    }
}

#[test]
fn the_end_of_a_run_ends_its_running_step_first() {
    let step = StepId::from_bytes([STEP; 16]);
    let aborted = StepFailed { step, failure: StepFailure::Aborted, error: "the run was cancelled".into() };
    let cancel = CancelRun { reason: Some("r".into()) };
    in_step("designer")
        .when(cancel.clone())
        .then([aborted.into(), RunCancelled { reason: cancel.reason }.into()]);
    let events = in_step("designer").when(FailRun { error: "no disk".into() }).accepted();
    let failures =
        |event: &RunEvent| matches!(event, RunEvent::StepFailed(e) if e.failure == StepFailure::Other);
    assert!(failures(&events[0]) && events[1] == RunFailed { error: "no disk".into() }.into());
    let state = in_step("designer").and(FailRun { error: "e".into() }).state();
    assert_eq!((state.running, state.steps[&step].status), (None, StepStatus::Failed));
}

#[test]
fn open_content_is_finished_before_anything_else_is_written() {
    let message = in_step("designer").and_json("append-step-message", &message(true));
    let output = in_step("designer").and_json("record-tool-result", &result(true));
    let part_of = |of: &str, more: bool| json!({ "step": id(STEP), "of": of, "content": "c", "more": more });
    for (open, of) in [(message, id(MESSAGE)), (output, "t1".to_owned())] {
        let open = open.and_json("continue-step-content", &part_of(&of, true));
        check_refused(vec![
            (&open, "append-step-message", super::message(false), "still waits for its last part"),
            (&open, "record-tool-call", call(), "still waits for its last part"),
            (&open, "record-tool-result", result(false), "still waits for its last part"),
            (&open, "complete-step", json!({ "step": id(STEP) }), "still waits for its last part"),
            (
                &open,
                "continue-step-content",
                part_of("t2", false),
                "unknown open message or tool output `t2`",
            ),
            (
                &open,
                "continue-step-content",
                with(&part_of(&of, false), &json!({ "step": id(OTHER_STEP) })),
                "unknown step",
            ),
        ]);
        let closed = open.clone().and_json("continue-step-content", &part_of(&of, false));
        closed.when_json("complete-step", &json!({ "step": id(STEP) })).accepted();
        closed.when_json("continue-step-content", &part_of(&of, false)).refused("unknown open message");
        let failed =
            open.and_json("fail-step", &json!({ "step": id(STEP), "failure": "crashed", "error": "e" }));
        let next = failed.and_json("start-step", &start(OTHER_STEP, "designer"));
        next.when_json("record-tool-call", &with(&call(), &json!({ "step": id(OTHER_STEP) }))).accepted();
    }
}

#[test]
fn a_loop_goes_round_forwards_and_within_its_bound() {
    let first = looped();
    let iterate = |iteration: u32| json!({ "loop_id": id(LOOP), "iteration": iteration });
    let force = |iterations: u32| json!({ "loop_id": id(LOOP), "iterations": iterations });
    let third = first.clone().and_json("iterate-loop", &iterate(3));
    let last = first.clone().and_json("iterate-loop", &iterate(LOOP_MAX_ITERATIONS));
    check_refused(vec![
        (&running(), "iterate-loop", iterate(2), "unknown loop"),
        (&running(), "force-loop-on", force(1), "unknown loop"),
        (&first, "iterate-loop", iterate(1), "`iteration`: expected 2 to 50"),
        (&third, "iterate-loop", iterate(3), "`iteration`: expected 4 to 50"),
        (&third, "iterate-loop", iterate(51), "`iteration`: expected 4 to 50"),
        (&last, "iterate-loop", iterate(51), "`iteration`: expected 1 to 50 iterations"),
        (&third, "force-loop-on", force(2), "`iterations`: expected 3 to 3 iterations, as recorded"),
        (&third, "force-loop-on", force(4), "`iterations`: expected 3 to 3"),
    ]);
    last.when_json("force-loop-on", &force(50)).accepted();
    // A step in a later iteration carries the loop along; one in an earlier iteration does not turn it back.
    let step = |step: u8, iteration: u32| {
        with(&start(step, "checker"), &json!({ "loop_id": id(LOOP), "loop_iteration": iteration }))
    };
    let ahead = third
        .and_json("start-step", &step(OTHER_STEP, 7))
        .and_json("complete-step", &json!({ "step": id(OTHER_STEP) }));
    ahead.when_json("force-loop-on", &force(7)).accepted();
    let back = ahead.and_json("start-step", &step(16, 2));
    back.when_json("force-loop-on", &force(7)).accepted();
}

#[test]
fn a_branch_is_made_once() {
    let branch = json!({ "branch": "fix", "base_branch": "main" });
    running()
        .and_json("create-branch", &branch)
        .when_json("create-branch", &branch)
        .refused("branch exists already");
}

#[test]
fn a_request_waits_for_its_project_and_a_step_for_its_sandbox() {
    let project = ProjectId::from_bytes([1; 16]);
    assert_eq!(Run::references(&command("request", &request())), [project.into()]);
    let housed = with(&start(STEP, "designer"), &json!({ "sandbox": id(SANDBOX) }));
    assert_eq!(
        Run::references(&command("start-step", &housed)),
        [SandboxId::from_bytes([SANDBOX; 16]).into()]
    );
    assert_eq!(Run::references(&command("start-step", &start(STEP, "designer"))), []);
    assert_eq!(Run::references(&StartRun {}.into()), []);
}
