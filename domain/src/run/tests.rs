//! Given what happened to a run, when something is asked of it, then events or a refusal.

mod bounds;
mod lifecycle;
mod merge;
mod order;
mod quality;
mod request;
mod steps;
mod telemetry;

use serde_json::{Value, json};

use super::*;
use crate::ids::{ContextId, WorkflowId};
use crate::terms::RunSource;
use crate::testing::{Given, check_accepted, given, id, with};

const STEP: u8 = 11;
const OTHER_STEP: u8 = 12;
const SANDBOX: u8 = 13;
const LOOP: u8 = 14;
const MESSAGE: u8 = 15;

fn request() -> Value {
    json!({ "project": id(1), "source": "workflow", "prompt": "p" })
}
fn requested() -> Given<Run> {
    given([]).and_json("request", &request())
}
fn running() -> Given<Run> {
    requested().and(StartRun {})
}
fn start(step: u8, role: &str) -> Value {
    json!({ "step": id(step), "role": role })
}
/// A running run whose one step, of that role, is running.
fn in_step(role: &str) -> Given<Run> {
    running().and_json("start-step", &start(STEP, role))
}
/// A running run in its loop's first iteration, whose step has ended.
fn looped() -> Given<Run> {
    let first = with(&start(STEP, "designer"), &json!({ "loop_id": id(LOOP), "loop_iteration": 1 }));
    running().and_json("start-step", &first).and_json("complete-step", &json!({ "step": id(STEP) }))
}
fn message(more: bool) -> Value {
    json!({ "step": id(STEP), "message": id(MESSAGE), "role": "assistant", "content": "c", "more": more })
}
fn part(more: bool) -> Value {
    json!({ "step": id(STEP), "of": id(MESSAGE), "content": "c", "more": more })
}
fn call() -> Value {
    json!({ "step": id(STEP), "call_id": "t1", "tool": "Bash", "arguments": "{}" })
}
fn result(more: bool) -> Value {
    json!({ "step": id(STEP), "call_id": "t1", "tool": "Bash", "is_error": false, "output": "o", "more": more })
}
fn usage() -> Value {
    json!({
        "step": id(STEP), "model": "opus", "input_tokens": 1, "output_tokens": 2, "cache_read_tokens": 3,
        "cache_write_tokens": 4,
    })
}
fn scores(all: f64) -> Value {
    json!({
        "correctness": all, "type_safety": all, "code_style": all, "test_coverage": all, "completeness": all,
    })
}
fn judgement() -> Value {
    json!({ "step": id(STEP), "candidates": ["a", "b"], "winner": "b", "rationale": "r", "notes": [] })
}
fn line() -> Value {
    json!({ "origin": "session.jsonl:1", "raw": "{}", "length": 2 })
}

/// A persona of that type, with that threshold if any, in version 1.
fn persona(kind: &str, threshold: Option<f64>) -> Given<Persona> {
    let configuration = json!({
        "persona_type": kind, "cli_tool": "codex", "model": "gpt-5", "thinking_effort": "low",
        "quality_threshold": threshold,
    });
    given([]).and_json("create", &json!({ "project": id(1), "name": "P", "configuration": configuration }))
}
fn workflow(definition: &Value) -> Given<Workflow> {
    let create = json!({ "project": id(1), "name": "W", "definition": definition });
    given([])
        .among(PersonaId::from_bytes([4; 16]), persona("designer", None).state())
        .among(PersonaId::from_bytes([5; 16]), persona("evaluator", Some(75.0)).state())
        .and_json("create", &create)
}
/// With a workflow of one designer (2), and personas of a designer (4) and an evaluator (5).
fn acquainted(run: Given<Run>) -> Given<Run> {
    run.among(
        WorkflowId::from_bytes([2; 16]),
        workflow(&json!({ "workflow_type": "single_designer" })).state(),
    )
    .among(PersonaId::from_bytes([4; 16]), persona("designer", None).state())
    .among(PersonaId::from_bytes([5; 16]), persona("evaluator", Some(75.0)).state())
}

#[test]
fn a_run_is_requested_started_and_ended() {
    // Completeness over all commands and events is checked once, in `every_command_is_accepted_where_it_fits`.
    let run = in_step("designer").and(CompleteStep { step: StepId::from_bytes([STEP; 16]), output: None });
    run.when(CompleteRun { summary: None }).then([RunCompleted { summary: None }.into()]);
    assert_eq!(run.state().project(), Some(ProjectId::from_bytes([1; 16])));
}

#[test]
fn every_command_is_accepted_where_it_fits() {
    let mut rows = rows_of_the_run();
    rows.extend(rows_of_steps());
    rows.extend(rows_of_judging());
    rows.extend(merge::rows());
    rows.extend(telemetry::rows());
    check_accepted(rows);
}

#[expect(clippy::too_many_lines, reason = "one table")]
fn rows_of_the_run() -> Vec<crate::testing::Accepted<Run>> {
    let none = json!({ "personas": [], "contexts": [], "assets": [] });
    let nothing = json!({
        "workflow_version": null, "personas": [], "persona_versions": [], "contexts": [],
        "learning_version": null, "learning_versions": [], "assets": [],
    });
    let plain = with(&request(), &json!({ "configuration": nothing, "candidates": [] }));
    let configuration = json!({
        "workflow_version": 1, "personas": [id(4)], "contexts": [[id(5), 2]], "learning_version": 7,
        "learning_versions": [["checker", 2]], "assets": [[id(6), 1]],
    });
    let full = with(
        &request(),
        &json!({
            "workflow": id(2), "title": "t", "configuration": configuration, "candidates": ["a", "b"],
            "origin": format!("run-{}", id(8)), "source": "import",
        }),
    );
    let step = json!({
        "role": "designer", "persona": null, "cli_tool": "claude", "model": "claude-opus-4-6",
        "thinking_effort": null, "in_loop": null, "quality_threshold": null,
    });
    let made = with(
        &full,
        &json!({
            "configuration": with(&configuration, &json!({ "persona_versions": [1] })),
            "blueprint": { "steps": [step], "loops": [] },
        }),
    );
    let branch = json!({ "branch": "fix", "base_branch": "main" });
    let opened = json!({ "url": "https://example.org/pull/1", "number": 1 });
    let updated = json!({ "status": "merged" });
    let checks = json!({
        "status": "failing", "checked_at": "2026-11-21T00:00:00.000Z",
        "checks": [{ "name": "build", "status": "failing", "details_url": "https://example.org/1" }],
    });
    let steer = json!({ "kind": "interrupt", "text": "stop" });
    let fork = json!({ "into": id(9), "after_step": id(STEP) });
    let summary = json!({ "summary": "s" });
    vec![
        (
            request::equipped(),
            "request",
            full,
            vec![("RunRequested", made), ("InstructionsPinned", json!({ "version": 1 }))],
        ),
        (given([]), "request", request(), vec![("RunRequested", plain.clone())]),
        (
            given([]),
            "request",
            with(&request(), &json!({ "configuration": none })),
            vec![("RunRequested", plain)],
        ),
        (requested(), "start", json!({}), vec![("RunStarted", json!({}))]),
        (running(), "create-branch", branch.clone(), vec![("BranchCreated", branch)]),
        (requested(), "open-pull-request", opened.clone(), vec![("PullRequestOpened", opened.clone())]),
        (
            running().and_json("open-pull-request", &opened),
            "update-pull-request",
            updated.clone(),
            vec![("PullRequestUpdated", updated)],
        ),
        (running(), "record-ci-checks", checks.clone(), vec![("CiChecksPolled", checks)]),
        (
            in_step("designer"),
            "steer",
            steer.clone(),
            vec![("OperatorSteered", with(&steer, &json!({ "step": id(STEP) })))],
        ),
        (in_step("designer"), "fork", fork.clone(), vec![("RunForked", fork)]),
        (requested(), "fork", json!({ "into": id(9) }), vec![("RunForked", json!({ "into": id(9) }))]),
        (running(), "record-unrecognised-line", line(), vec![("AgentLineUnrecognised", line())]),
        (running(), "complete", summary.clone(), vec![("RunCompleted", summary)]),
        (requested(), "fail", json!({ "error": "e" }), vec![("RunFailed", json!({ "error": "e" }))]),
        (requested(), "cancel", json!({}), vec![("RunCancelled", json!({}))]),
    ]
}

fn rows_of_steps() -> Vec<crate::testing::Accepted<Run>> {
    let place = json!({ "sandbox": id(SANDBOX) });
    let full = json!({
        "step": id(STEP), "role": "designer", "sandbox": id(SANDBOX), "persona": id(4), "persona_version": 1,
        "cli_tool": "claude", "model": "opus", "thinking_effort": "high", "iteration": 2, "loop_id": id(LOOP), "loop_iteration": 50,
        "prompt_digest": "5e".repeat(32),
    });
    let plain = with(&start(STEP, "planner"), &json!({ "iteration": 1 }));
    let housed = acquainted(running()).and_json("start-step", &full);
    let thought = with(&message(false), &json!({ "thinking": "t", "stop_reason": "end_turn" }));
    let open = housed.clone().and_json("append-step-message", &message(true));
    let timed = with(&result(true), &json!({ "duration_ms": 5, "is_error": true }));
    let paid = with(&usage(), &json!({ "provider": "anthropic", "calls": 2, "cost_usd": 0.5 }));
    let (done, failed) = (
        json!({ "step": id(STEP), "output": "o" }),
        json!({ "step": id(STEP), "failure": "timeout", "error": "e" }),
    );
    let skipped = json!({ "step": id(STEP), "role": "optimizer", "reason": "r" });
    let again = json!({ "loop_id": id(LOOP), "iteration": 2, "feedback": "f" });
    let forced = json!({ "loop_id": id(LOOP), "iterations": 1 });
    vec![
        (acquainted(running()), "start-step", full.clone(), vec![("StepStarted", full)]),
        (running(), "start-step", start(STEP, "planner"), vec![("StepStarted", plain)]),
        (
            housed.clone(),
            "append-step-message",
            thought.clone(),
            vec![("StepMessageAppended", with(&thought, &place))],
        ),
        (
            open,
            "continue-step-content",
            part(false),
            vec![("StepContentContinued", with(&part(false), &place))],
        ),
        (housed.clone(), "record-tool-call", call(), vec![("ToolCalled", with(&call(), &place))]),
        (housed, "record-tool-result", timed.clone(), vec![("ToolReturned", with(&timed, &place))]),
        (in_step("designer"), "record-tool-call", call(), vec![("ToolCalled", call())]),
        (
            in_step("designer"),
            "record-usage",
            usage(),
            vec![("StepUsageRecorded", with(&usage(), &json!({ "calls": 1 })))],
        ),
        (looped(), "record-usage", paid.clone(), vec![("StepUsageRecorded", paid)]),
        (in_step("designer"), "complete-step", done.clone(), vec![("StepCompleted", done)]),
        (in_step("designer"), "fail-step", failed.clone(), vec![("StepFailed", failed)]),
        (running(), "skip-step", skipped.clone(), vec![("StepSkipped", skipped)]),
        (looped(), "iterate-loop", again.clone(), vec![("LoopIterated", again)]),
        (looped(), "force-loop-on", forced.clone(), vec![("LoopForcedOn", forced)]),
    ]
}

fn rows_of_judging() -> Vec<crate::testing::Accepted<Run>> {
    let verdict = json!({ "step": id(STEP), "pass": false, "feedback": "f" });
    let noted = with(&judgement(), &json!({ "notes": [{ "candidate": "a", "note": "n" }] }));
    let given_scores = json!({ "step": id(STEP), "scores": scores(80.0), "threshold": 80.0, "summary": "s" });
    let issued = with(
        &given_scores,
        &json!({
            "composite": 80.0, "threshold_result": true,
            "weights": {
                "version": 0, "correctness": 1, "type_safety": 1, "code_style": 1, "test_coverage": 1, "completeness": 1,
            },
        }),
    );
    let scored = json!({ "quality_score": 80.0, "evaluators": 1 });
    vec![
        (in_step("checker"), "issue-verdict", verdict.clone(), vec![("VerdictIssued", verdict.clone())]),
        (in_step("reviewer"), "issue-verdict", verdict.clone(), vec![("VerdictIssued", verdict)]),
        (
            in_step("evaluator"),
            "issue-scores",
            given_scores,
            vec![("ScoresIssued", issued), ("RunScored", scored)],
        ),
        (in_step("judge"), "issue-judgement", noted.clone(), vec![("JudgementIssued", noted)]),
    ]
}
