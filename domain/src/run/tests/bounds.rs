//! Bounds of every field, to the unit.

use super::*;
use crate::catalogue::{EventFamily, PAYLOAD_MAX_BYTES};
use crate::testing::{check_range, check_refused};

const TOKENS_MAX: u64 = 1_000_000_000_000;

#[test]
fn numbers_hold_their_ranges_to_the_unit() {
    let (idle, busy) = (running(), in_step("designer"));
    check_range(&idle, "start-step", &start(STEP, "designer"), "iteration", (1, 10_000));
    let in_loop = with(&start(STEP, "designer"), &json!({ "loop_id": id(LOOP) }));
    check_range(&idle, "start-step", &in_loop, "loop_iteration", (1, 50));
    check_range(&busy, "record-usage", &usage(), "calls", (0, 1_000_000));
    for field in ["input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens"] {
        check_range(&busy, "record-usage", &usage(), field, (0, TOKENS_MAX));
    }
}

#[test]
fn texts_of_a_run_are_checked() {
    let (none, run) = (given([]), running());
    let long = "x".repeat(check::TEXT_MAX_BYTES + 1);
    let asked = |changes| with(&request(), &changes);
    let opened = |url: &str| json!({ "url": url, "number": 1 });
    let check = |changes| json!({ "status": "passing", "checks": [with(&json!({ "name": "c", "status": "passing" }), &changes)] });
    let many = vec![json!({ "name": "c", "status": "passing" }); check::LIST_MAX_ITEMS + 1];
    check_refused(vec![
        (&none, "request", asked(json!({ "title": "" })), "`title`: expected 1 to 200 bytes"),
        (&none, "request", asked(json!({ "prompt": " " })), "`prompt`: expected a text that is not blank"),
        (&none, "request", asked(json!({ "prompt": long })), "`prompt`: expected at most 524288 bytes"),
        (&run, "create-branch", json!({ "branch": "", "base_branch": "main" }), "`branch`"),
        (&run, "create-branch", json!({ "branch": "fix", "base_branch": "a\nb" }), "`base_branch`"),
        (&run, "open-pull-request", opened("not a url"), "`url`: expected an http or https URL"),
        (&run, "record-ci-checks", check(json!({ "name": "" })), "`checks`: expected 1 to 200 bytes"),
        (
            &run,
            "record-ci-checks",
            check(json!({ "details_url": "x" })),
            "`checks`: expected an http or https URL",
        ),
        (
            &run,
            "record-ci-checks",
            json!({ "status": "passing", "checks": many }),
            "`checks`: expected at most 1000 items",
        ),
        (
            &in_step("designer"),
            "steer",
            json!({ "kind": "message", "text": long }),
            "`text`: expected at most",
        ),
        (&run, "record-unrecognised-line", with(&line(), &json!({ "origin": "" })), "`origin`"),
        (&run, "record-unrecognised-line", with(&line(), &json!({ "raw": long })), "`raw`: expected at most"),
        (&run, "complete", json!({ "summary": long }), "`summary`: expected at most"),
        (&run, "fail", json!({ "error": "" }), "`error`: expected a text that is not blank"),
        (&run, "cancel", json!({ "reason": long }), "`reason`: expected at most"),
    ]);
}

#[test]
fn fields_of_a_step_are_checked() {
    let idle = running();
    let started = |changes| with(&start(STEP, "designer"), &changes);
    let skip = json!({ "step": id(STEP), "role": "judge", "reason": " " });
    check_refused(vec![
        (&idle, "start-step", started(json!({ "cli_tool": "" })), "`cli_tool`"),
        (&idle, "start-step", started(json!({ "model": "" })), "`model`"),
        (
            &idle,
            "start-step",
            started(json!({ "loop_id": id(LOOP) })),
            "`loop_iteration`: expected present exactly where",
        ),
        (
            &idle,
            "start-step",
            started(json!({ "loop_iteration": 1 })),
            "`loop_iteration`: expected present exactly where",
        ),
        (
            &idle,
            "start-step",
            started(json!({ "prompt_digest": "5e".repeat(31) })),
            "`prompt_digest`: expected 64 lower-case",
        ),
        (&idle, "start-step", started(json!({ "prompt_digest": "5E".repeat(32) })), "`prompt_digest`"),
        (&idle, "skip-step", skip, "`reason`: expected a text that is not blank"),
    ]);
}

#[test]
fn what_a_step_writes_is_checked() {
    let busy = in_step("designer");
    let open = busy.clone().and_json("append-step-message", &message(true));
    let long = "x".repeat(check::TEXT_MAX_BYTES + 1);
    let half = "x".repeat(check::TEXT_MAX_BYTES / 2 + 1);
    let said = |changes| with(&message(false), &changes);
    let called = |changes| with(&call(), &changes);
    let returned = |changes| with(&result(false), &changes);
    let used = |changes| with(&usage(), &changes);
    let failed = json!({ "step": id(STEP), "failure": "other", "error": "" });
    check_refused(vec![
        (
            &busy,
            "append-step-message",
            said(json!({ "content": long })),
            "`content`: expected at most 524288 bytes",
        ),
        (
            &busy,
            "append-step-message",
            said(json!({ "thinking": long })),
            "`thinking`: expected at most 524288 bytes",
        ),
        (
            &busy,
            "append-step-message",
            said(json!({ "content": half, "thinking": half })),
            "together with content",
        ),
        (&busy, "append-step-message", said(json!({ "stop_reason": "" })), "`stop_reason`"),
        (
            &open,
            "continue-step-content",
            with(&part(false), &json!({ "content": long })),
            "`content`: expected at most",
        ),
        (&busy, "record-tool-call", called(json!({ "call_id": "" })), "`call_id`"),
        (&busy, "record-tool-call", called(json!({ "tool": "" })), "`tool`"),
        (&busy, "record-tool-call", called(json!({ "arguments": long })), "`arguments`"),
        (&busy, "record-tool-result", returned(json!({ "call_id": "" })), "`call_id`"),
        (&busy, "record-tool-result", returned(json!({ "tool": "" })), "`tool`"),
        (&busy, "record-tool-result", returned(json!({ "output": long })), "`output`"),
        (&busy, "record-usage", used(json!({ "provider": "" })), "`provider`"),
        (&busy, "record-usage", used(json!({ "model": "" })), "`model`"),
        (&busy, "complete-step", json!({ "step": id(STEP), "output": long }), "`output`"),
        (&busy, "fail-step", failed, "`error`: expected a text that is not blank"),
        (
            &looped(),
            "iterate-loop",
            json!({ "loop_id": id(LOOP), "iteration": 2, "feedback": long }),
            "`feedback`",
        ),
    ]);
}

#[test]
fn the_longest_texts_fit_into_one_commit() {
    let text = "x".repeat(check::TEXT_MAX_BYTES);
    let half = "x".repeat(check::TEXT_MAX_BYTES / 2);
    let thought = json!({ "content": half, "thinking": half });
    for (run, name, body) in [
        (given([]), "request", with(&request(), &json!({ "prompt": text }))),
        (in_step("designer"), "append-step-message", with(&message(false), &thought)),
        (in_step("designer"), "record-tool-result", with(&result(true), &json!({ "output": text }))),
        (in_step("designer"), "fail", json!({ "error": text })),
        (in_step("designer"), "cancel", json!({ "reason": text })),
        (
            in_step("evaluator"),
            "issue-scores",
            json!({ "step": id(STEP), "scores": scores(1.0), "summary": text }),
        ),
    ] {
        let bytes: usize =
            run.when_json(name, &body).accepted().iter().map(|event| event.encode().len()).sum();
        assert!(bytes > check::TEXT_MAX_BYTES, "{name} is not at its bound");
        // Headers, names and framing of the commit need a little room beside the payloads.
        assert!(bytes as u64 + 4_096 < PAYLOAD_MAX_BYTES, "{name} makes {bytes} bytes");
    }
}
