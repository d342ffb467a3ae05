//! Given events of runs, then their list.

use domain::run::{
    BranchCreated, CiChecksPolled, PullRequestOpened, PullRequestUpdated, RunCancelled, RunCompleted,
    RunFailed, RunScored, RunStarted, StepCompleted, StepFailed, StepSkipped, ToolCalled, VerdictIssued,
};
use domain::terms::{Role, StepFailure};
use expect_test::expect;

use super::*;
use crate::Query;
use crate::testing::{History, check, folded, id, requested, said, show, started, used};

fn verdict(pass: bool) -> VerdictIssued {
    VerdictIssued { step: id(2), pass, feedback: String::new() }
}

#[test]
fn a_run_sums_up_its_steps_calls_and_outcome() {
    let calls = ToolCalled {
        step: id(1),
        sandbox: None,
        call_id: "c1".into(),
        tool: "bash".into(),
        arguments: "{}".into(),
    };
    let history = History::new()
        .run(1, requested("whole"))
        .run(1, RunStarted {})
        .run(1, BranchCreated { branch: "agent/1".into(), base_branch: "main".into() })
        .run(1, started(1, Role::Designer))
        .run(1, said(1, 1, "user"))
        .run(1, said(1, 2, "assistant"))
        .run(1, calls)
        .run(1, used(1, "haiku", Some(0.009_189)))
        .run(1, used(1, "haiku", None))
        .run(1, StepCompleted { step: id(1), output: None })
        .run(1, started(2, Role::Checker))
        .run(1, verdict(false))
        .run(1, verdict(true))
        .run(1, StepFailed { step: id(2), failure: StepFailure::Timeout, error: "late".into() })
        .run(1, StepSkipped { step: id(3), role: Role::Judge, reason: "alone".into() })
        .run(1, RunScored { quality_score: Score::from_f64(87.25).unwrap(), evaluators: 1 })
        .run(1, PullRequestOpened { url: "https://git.example/1".into(), number: 1 })
        .run(1, PullRequestUpdated { status: PullRequestStatus::Merged })
        .run(1, CiChecksPolled { status: CiStatus::Passing, checks: vec![], checked_at: None })
        .run(1, RunCompleted { summary: None });
    check(
        "runs",
        &history,
        &expect![[r##"
            #01; assistant_messages 1; cache_read_tokens 600; cache_write_tokens 80; calls 2; calls_without_cost 1; duration_ms 18000; input_tokens 20; output_tokens 40; quality_score 87.25; steps 3; steps_completed 1; steps_failed 1; steps_skipped 1; tool_calls 1; total_cost_usd 0.009189; user_messages 1; verdicts_failed 1; verdicts_passed 1
              base_branch: "main"
              branch: "agent/1"
              ci_status: "passing"
              cli_tool: "claude"
              created_at: "07:00:00.000Z"
              ended_at: "07:00:19.000Z"
              model: "opus"
              project: "#01"
              prompt_preview: "Do it"
              pull_request: {"number":1,"status":"merged","url":"https://git.example/1"}
              source: "workflow"
              started_at: "07:00:01.000Z"
              status: "completed"
              title: "whole"
            summary; assistant_messages 1; cache_read_tokens 600; cache_write_tokens 80; calls 2; calls_without_cost 1; input_tokens 20; output_tokens 40; runs 1; tool_calls 1; total_cost_usd 0.009189; user_messages 1
        "##]],
    );
}

#[test]
fn runs_end_in_three_ways_and_totals_are_over_what_was_asked_for() {
    let other = RunRequested { project: id(2), source: RunSource::Import, ..requested("other") };
    let history = History::new()
        .run(1, requested("fails"))
        .run(1, RunStarted {})
        .run(1, started(1, Role::Designer))
        .run(1, used(1, "opus", Some(1.5)))
        .run(1, RunFailed { error: "out of disk".into() })
        .run(2, requested("never starts"))
        .run(2, RunCancelled { reason: Some("a mistake".into()) })
        .within(2)
        .run(3, other)
        .run(3, RunStarted {})
        .run(3, started(2, Role::Custom))
        .run(3, used(2, "gpt", Some(0.25)))
        .run(3, RunCompleted { summary: None });
    check(
        "runs",
        &history,
        &expect![[r##"
            #01; cache_read_tokens 300; cache_write_tokens 40; calls 1; duration_ms 3000; input_tokens 10; output_tokens 20; steps 1; steps_running 1; total_cost_usd 1.5
              cli_tool: "claude"
              created_at: "07:00:00.000Z"
              ended_at: "07:00:04.000Z"
              error: "out of disk"
              model: "opus"
              project: "#01"
              prompt_preview: "Do it"
              source: "workflow"
              started_at: "07:00:01.000Z"
              status: "failed"
              title: "fails"
            #02
              created_at: "07:00:05.000Z"
              ended_at: "07:00:06.000Z"
              error: "a mistake"
              project: "#01"
              prompt_preview: "Do it"
              source: "workflow"
              status: "cancelled"
              title: "never starts"
            #03; cache_read_tokens 300; cache_write_tokens 40; calls 1; duration_ms 3000; input_tokens 10; output_tokens 20; steps 1; steps_running 1; total_cost_usd 0.25
              cli_tool: "claude"
              created_at: "07:00:07.000Z"
              ended_at: "07:00:11.000Z"
              model: "gpt"
              project: "#02"
              prompt_preview: "Do it"
              source: "import"
              started_at: "07:00:08.000Z"
              status: "completed"
              title: "other"
            summary; cache_read_tokens 600; cache_write_tokens 80; calls 2; input_tokens 20; output_tokens 40; runs 3; total_cost_usd 1.75
        "##]],
    );
    let runs = folded("runs", &history);
    let of = |field: &str, text: &str| {
        let filters = vec![(field.to_owned(), text.to_owned())];
        let page = runs.page(&Query { filters, ..Query::default() }).unwrap();
        let summary = page.summary.unwrap();
        (summary["runs"].as_u64().unwrap(), summary["total_cost_usd"].as_f64().unwrap())
    };
    assert_eq!(of("status", "failed"), (1, 1.5));
    assert_eq!(of("project", &id::<ProjectId>(1).to_string()), (2, 1.5));
    assert_eq!(of("model", "gpt"), (1, 0.25));
    assert_eq!(of("source", "import"), (1, 0.25));
    assert_eq!(of("cli_tool", "codex"), (0, 0.0));
}

#[test]
fn a_preview_cuts_between_characters() {
    let history = History::new().run(1, RunRequested { prompt: "é".repeat(300), ..requested("long") });
    let page = folded("runs", &history).page(&Query::default()).unwrap();
    assert!(show(&page).contains(&format!("prompt_preview: \"{}\"", "é".repeat(200))));
}

#[test]
fn events_of_a_run_that_was_never_asked_for_make_no_row() {
    let history = History::new().run(1, RunStarted {}).run(1, used(1, "opus", None));
    assert!(folded("runs", &history).is_empty());
}
