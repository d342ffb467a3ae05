//! Given events of a project and its runs, then its dashboard.

use domain::ids::LearningId;
use domain::project::ProjectDeleted;
use domain::run::{
    CiChecksPolled, RunCancelled, RunCompleted, RunFailed, RunScored, RunStarted, ToolCalled, ToolReturned,
    VerdictIssued,
};
use expect_test::expect;

use super::*;
use crate::testing::{History, check, folded, id, requested, said, sample, used};
use crate::{AnyView, Query};

fn created() -> History {
    let Event::Project(created) = sample("ProjectCreated") else { panic!("it is a project's") };
    History::new().project(1, created)
}
fn polled(status: CiStatus) -> CiChecksPolled {
    CiChecksPolled { status, checks: vec![], checked_at: None }
}
fn scored(score: f64) -> RunScored {
    RunScored { quality_score: Score::from_f64(score).unwrap(), evaluators: 1 }
}
fn row(view: &dyn AnyView) -> serde_json::Value {
    serde_json::from_str(view.page(&Query::default()).unwrap().rows[0].row.get()).unwrap()
}

#[test]
fn runs_are_counted_by_how_they_stand_now() {
    let history = (1..=5)
        .fold(created(), |history, run| history.run(run, requested(&format!("run {run}"))))
        .run(2, RunStarted {})
        .run(3, RunStarted {})
        .run(3, RunCompleted { summary: None })
        .run(4, RunStarted {})
        .run(4, RunFailed { error: "no disk".into() })
        .run(5, RunCancelled { reason: None });
    check(
        "project-dashboard",
        &history,
        &expect![[r##"
            #01; runs_cancelled 1; runs_completed 1; runs_failed 1; runs_pending 1; runs_running 1
              last_activity_at: "07:00:11.000Z"
              recent_runs: [{"quality_score":null,"run":"#04","started_at":"07:00:09.000Z","status":"failed","title":"run 4","total_cost_usd":0.0},{"quality_score":null,"run":"#03","started_at":"07:00:07.000Z","status":"completed","title":"run 3","total_cost_usd":0.0},{"quality_score":null,"run":"#02","started_at":"07:00:06.000Z","status":"running","title":"run 2","total_cost_usd":0.0}]
        "##]],
    );
}

#[test]
fn what_runs_did_adds_up_and_costs_stand_with_the_recent_run() {
    let (step, sandbox, call_id, tool) = (id(1), None, "c1".to_owned(), "bash".to_owned());
    let called =
        ToolCalled { step, sandbox, call_id: call_id.clone(), tool: tool.clone(), arguments: "{}".into() };
    let (is_error, output, duration_ms) = (false, "ok".into(), None);
    let returned = ToolReturned { step, sandbox, call_id, tool, is_error, output, duration_ms, more: false };
    let history = created()
        .run(1, requested("a"))
        .run(1, RunStarted {})
        .run(1, said(1, 1, "user"))
        .run(1, said(1, 2, "assistant"))
        .run(1, called)
        .run(1, returned)
        .run(1, used(1, "opus", Some(0.25)))
        .run(1, used(1, "opus", None))
        .run(1, VerdictIssued { step: id(1), pass: false, feedback: String::new() })
        .run(1, VerdictIssued { step: id(1), pass: true, feedback: String::new() });
    check(
        "project-dashboard",
        &history,
        &expect![[r##"
            #01; assistant_messages 1; cache_read_tokens 600; cache_write_tokens 80; calls 2; calls_without_cost 1; input_tokens 20; output_tokens 40; runs_running 1; tool_calls 1; tool_results 1; total_cost_usd 0.25; user_messages 1; verdicts_failed 1; verdicts_passed 1
              last_activity_at: "07:00:10.000Z"
              recent_runs: [{"quality_score":null,"run":"#01","started_at":"07:00:02.000Z","status":"running","title":"a","total_cost_usd":0.25}]
        "##]],
    );
}

#[test]
fn a_run_s_later_score_or_check_replaces_its_earlier_one() {
    let history = created()
        .run(1, requested("a"))
        .run(2, requested("b"))
        .run(1, scored(10.0))
        .run(2, scored(90.01))
        .run(1, scored(80.0))
        .run(1, polled(CiStatus::Failing))
        .run(2, polled(CiStatus::Failing))
        .run(1, polled(CiStatus::Running))
        .run(1, polled(CiStatus::Passing))
        .any(id::<ProjectId>(1).into(), sample("ProjectRenamed"));
    check(
        "project-dashboard",
        &history,
        &expect![[r##"
            #01; ci_failing 1; ci_passing 1; quality_score 85.01; runs_pending 2; scored_runs 2
              last_activity_at: "07:00:10.000Z"
        "##]],
    );
}

#[test]
fn recent_runs_are_the_twenty_that_started_last_whenever_they_were_recorded() {
    let start = |run: u64| format!("2026-11-{:02}T{:02}:00:00Z", 1 + run % 20, (run * 7) % 24);
    let history = (1..=25).fold(created(), |history, run| {
        history.run(run, requested("a")).at(&start(run)).run(run, RunStarted {})
    });
    let mut expected: Vec<String> = (1..=25).map(|run| start(run).replace('Z', ".000Z")).collect();
    expected.sort_unstable_by(|a, b| b.cmp(a));
    expected.truncate(RECENT_MAX);
    let shown = row(&*folded("project-dashboard", &history));
    let recent = shown["recent_runs"].as_array().unwrap().iter();
    assert_eq!(recent.map(|run| run["started_at"].as_str().unwrap()).collect::<Vec<_>>(), expected);
}

#[test]
fn learnings_count_until_they_are_reviewed() {
    let events = ["LearningProposed", "LearningApproved"];
    let mut history = created();
    for (learning, last) in [(1, 0), (2, 1), (3, 0)] {
        for name in &events[..=last] {
            history = history.any(id::<LearningId>(learning).into(), sample(name));
        }
    }
    let history = history.any(id::<LearningId>(3).into(), sample("LearningRejected"));
    assert_eq!(row(&*folded("project-dashboard", &history))["pending_learnings"], 1);
}

#[test]
fn a_deleted_project_leaves_nothing_behind() {
    let mut view = ProjectDashboard::default();
    let history = created()
        .run(1, requested("a"))
        .run(1, scored(50.0))
        .project(1, ProjectDeleted {})
        .run(1, RunStarted {})
        .run(2, requested("late"));
    history.events.iter().for_each(|event| view.apply(event));
    assert!(view.table.is_empty() && view.runs.is_empty() && view.scores.is_empty());
}
