//! What merging steps come to, and calls that wait for somebody.

use super::*;
use crate::testing::check_refused;

fn merged() -> Value {
    json!({ "step": id(STEP), "branches": ["a", "b"], "into": "main", "commit": "5e".repeat(20) })
}
fn conflicting() -> Value {
    let conflicts = json!([{ "branch": "b", "path": "src/a.rs", "detail": "d" }]);
    json!({ "step": id(STEP), "branches": ["a", "b"], "into": "main", "conflicts": conflicts })
}
fn waiting(call: &str, tool: &str) -> Value {
    json!({ "step": id(STEP), "call_id": call, "tool": tool, "arguments": "{}" })
}
fn answer(kind: &str, text: &str) -> Value {
    json!({ "kind": kind, "text": text })
}

pub(super) fn rows() -> Vec<crate::testing::Accepted<Run>> {
    vec![
        (in_step("merge_agent"), "record-merge", merged(), vec![("BranchesMerged", merged())]),
        (in_step("merge_agent"), "record-merge", conflicting(), vec![("MergeConflicted", conflicting())]),
        (
            in_step("designer"),
            "await-approval",
            waiting("t1", "Bash"),
            vec![("ToolApprovalAwaited", waiting("t1", "Bash"))],
        ),
    ]
}

#[test]
fn a_merge_is_a_commit_or_a_list_of_conflicts() {
    let (merging, other) = (in_step("merge_agent"), in_step("designer"));
    let with_merged = |changes: Value| with(&merged(), &changes);
    let conflict = |branch: &str, path: &str, detail: &str| {
        let conflicts = json!([{ "branch": branch, "path": path, "detail": detail }]);
        with(&conflicting(), &json!({ "conflicts": conflicts }))
    };
    let many: Vec<_> = (0..101).map(|n| format!("b{n}")).collect();
    check_refused(vec![
        (&other, "record-merge", merged(), "a designer step issues no merge"),
        (
            &merging,
            "record-merge",
            with_merged(json!({ "branches": [] })),
            "`branches`: expected 1 to 100 items",
        ),
        (&merging, "record-merge", with_merged(json!({ "branches": many })), "`branches`: expected 1 to 100"),
        (&merging, "record-merge", with_merged(json!({ "branches": ["a", "a"] })), "expected each item once"),
        (
            &merging,
            "record-merge",
            with_merged(json!({ "branches": ["a b"] })),
            "`branches`: expected a branch",
        ),
        (&merging, "record-merge", with_merged(json!({ "into": "" })), "`into`: expected a branch name"),
        (
            &merging,
            "record-merge",
            with_merged(json!({ "into": "a" })),
            "`into`: expected a branch other than",
        ),
        (&merging, "record-merge", with_merged(json!({ "commit": "HEAD" })), "`commit`: expected 40 or 64"),
        (&merging, "record-merge", with_merged(json!({ "commit": null })), "got `neither`"),
        (
            &merging,
            "record-merge",
            with(&conflicting(), &json!({ "commit": "5e".repeat(20) })),
            "`commit`: expected none where there are conflicts",
        ),
        (
            &merging,
            "record-merge",
            conflict("c", "x", ""),
            "`conflicts`: expected one of the branches, got `c`",
        ),
        (&merging, "record-merge", conflict("a", "../x", ""), "`conflicts`: expected a relative path"),
        (
            &merging,
            "record-merge",
            conflict("a", "x", &"d".repeat(DETAIL_MAX_BYTES + 1)),
            "`conflicts`: expected at most 16384 bytes",
        ),
    ]);
}

#[test]
fn a_call_waits_until_it_is_answered() {
    let one = in_step("designer").and_json("await-approval", &waiting("t1", "Bash"));
    let two = one.clone().and_json("await-approval", &waiting("t2", "Edit"));
    let none: [(String, String); 0] = [];
    check_refused(vec![
        (&one, "await-approval", waiting("t1", "Bash"), "waiting call `t1` exists already"),
        (&one, "await-approval", waiting("", "Bash"), "`call_id`: expected 1 to 200 bytes"),
        (&one, "await-approval", waiting("t3", ""), "`tool`: expected 1 to 200 bytes"),
        (&running(), "await-approval", waiting("t1", "Bash"), "unknown step"),
        (&one, "steer", answer("approve_tool", "t2"), "unknown waiting call or tool `t2`"),
        (&one, "steer", answer("deny_tool", "Edit"), "unknown waiting call or tool `Edit`"),
    ]);
    let denied = two.clone().and_json("steer", &answer("deny_tool", "t1"));
    assert_eq!(denied.state().waiting, [("t2".to_owned(), "Edit".to_owned())]);
    assert_eq!(denied.and_json("steer", &answer("approve_tool", "Edit")).state().waiting, none);
    // A message is no answer, a result is one, and with the step its questions end.
    assert_eq!(two.clone().and_json("steer", &answer("message", "t1")).state().waiting.len(), 2);
    assert_eq!(two.clone().and_json("record-tool-result", &result(false)).state().waiting.len(), 1);
    let ended = two.and_json("complete-step", &json!({ "step": id(STEP) }));
    assert_eq!(ended.state().waiting, none);
    in_step("designer").when_json("steer", &answer("approve_tool", "Bash")).accepted();
}

#[test]
fn calls_that_wait_are_bounded() {
    let all = (0..crate::run::merge::WAITING_MAX).fold(in_step("designer"), |run, n| {
        run.and_json("await-approval", &waiting(&format!("c{n}"), "Bash"))
    });
    all.when_json("await-approval", &waiting("more", "Bash")).refused("100 calls of the step wait already");
}
