//! Given events of a run, then its timeline.

use domain::run::{
    BranchCreated, BranchesMerged, CandidateNote, CiChecksPolled, InstructionsPinned, JudgementIssued,
    LoopForcedOn, LoopIterated, MergeConflict, MergeConflicted, OperatorSteered, PullRequestOpened,
    PullRequestUpdated, QualityScores, QualityWeights, RunCancelled, RunCompleted, RunFailed, RunForked,
    RunScored, RunStarted, ScoresIssued, StepCompleted, StepFailed, StepSkipped, StepStarted,
    StepUsageRecorded, ToolApprovalAwaited, VerdictIssued,
};
use domain::terms::{CiStatus, PullRequestStatus, Role, SteerKind, StepFailure};
use domain::values::Score;
use expect_test::expect;

use super::TimelineKey;
use crate::testing::{History, check, folded, id, requested, said, started, used};

fn looped(step: u64, role: Role, iteration: u32) -> StepStarted {
    StepStarted { loop_id: Some(id(5)), loop_iteration: Some(iteration), ..started(step, role) }
}
fn completed(step: u64) -> StepCompleted {
    StepCompleted { step: id(step), output: None }
}
fn verdict(step: u64, pass: bool, feedback: &str) -> VerdictIssued {
    VerdictIssued { step: id(step), pass, feedback: feedback.into() }
}
fn score(number: f64) -> Score {
    Score::from_f64(number).unwrap()
}
fn begun() -> History {
    History::new().run(1, requested("a")).run(1, RunStarted {})
}

#[test]
fn a_step_shows_who_worked_how_long_and_what_it_used() {
    let steer = OperatorSteered { step: id(1), kind: SteerKind::Message, text: "Stop it".into() };
    let history = begun()
        .run(1, started(1, Role::Designer))
        .run(1, said(1, 1, "user"))
        .run(1, said(1, 2, "assistant"))
        .run(1, used(1, "opus", Some(0.5)))
        .run(1, used(1, "haiku", None))
        .run(1, used(1, "opus", Some(0.25)))
        .run(1, StepUsageRecorded { provider: None, ..used(1, "opus", Some(0.125)) })
        .run(1, steer)
        .run(1, StepCompleted { step: id(1), output: Some("Done".into()) })
        .run(1, started(2, Role::Optimizer))
        .run(1, StepFailed { step: id(2), failure: StepFailure::Crashed, error: "signal 9".into() })
        .run(1, StepSkipped { step: id(3), role: Role::Judge, reason: "one candidate".into() });
    check(
        "run-timeline",
        &history,
        &expect![[r##"
            run is a run; assistant_messages 1; cache_read_tokens 1200; cache_write_tokens 160; calls 4; calls_without_cost 1; input_tokens 40; output_tokens 80; steps 3; total_cost_usd 0.875; user_messages 1
              configuration: {"assets":[],"contexts":[],"learning_version":null,"learning_versions":[],"persona_versions":[],"personas":[],"workflow_version":null}
              created_at: "07:00:00.000Z"
              project: "#01"
              prompt: "Do it"
              source: "workflow"
              started_at: "07:00:01.000Z"
              status: "running"
              title: "a"
            step/00001 is a step; assistant_messages 1; cache_read_tokens 1200; cache_write_tokens 160; calls 4; calls_without_cost 1; duration_ms 8000; input_tokens 40; iteration 1; output_tokens 80; total_cost_usd 0.875; user_messages 1
              cli_tool: "claude"
              ended_at: "07:00:10.000Z"
              model: "opus"
              output: "Done"
              preview: "Hello"
              role: "designer"
              started_at: "07:00:02.000Z"
              status: "completed"
              steers: [{"actor":"operator","at":"07:00:09.000Z","kind":"message","text":"Stop it"}]
              step: "#01"
              usage: [{"cache_read_tokens":600,"cache_write_tokens":80,"calls":2,"calls_without_cost":0,"input_tokens":20,"model":"opus","output_tokens":40,"provider":"anthropic","total_cost_usd":0.75},{"cache_read_tokens":300,"cache_write_tokens":40,"calls":1,"calls_without_cost":1,"input_tokens":10,"model":"haiku","output_tokens":20,"provider":"anthropic","total_cost_usd":0.0},{"cache_read_tokens":300,"cache_write_tokens":40,"calls":1,"calls_without_cost":0,"input_tokens":10,"model":"opus","output_tokens":20,"provider":null,"total_cost_usd":0.125}]
            step/00002 is a step; duration_ms 1000; iteration 1
              cli_tool: "claude"
              ended_at: "07:00:12.000Z"
              failure: {"error":"signal 9","kind":"crashed"}
              model: "opus"
              role: "optimizer"
              started_at: "07:00:11.000Z"
              status: "failed"
              step: "#02"
            step/00003 is a step
              ended_at: "07:00:13.000Z"
              role: "judge"
              skipped: "one candidate"
              status: "skipped"
              step: "#03"
        "##]],
    );
}

#[test]
fn a_loop_shows_its_iterations_its_last_verdict_and_whether_it_was_forced_on() {
    let history = begun()
        .run(1, looped(1, Role::Designer, 1))
        .run(1, completed(1))
        .run(1, looped(2, Role::Checker, 1))
        .run(1, verdict(2, false, "No tests"))
        .run(1, completed(2))
        .run(1, LoopIterated { loop_id: id(5), iteration: 3, feedback: Some("No tests".into()) })
        .run(1, looped(3, Role::Designer, 3))
        .run(1, completed(3))
        .run(1, LoopIterated { loop_id: id(5), iteration: 5, feedback: Some("Still none".into()) })
        .run(1, LoopForcedOn { loop_id: id(5), iterations: 5 });
    check(
        "run-timeline",
        &history,
        &expect![[r##"
            run is a run; steps 3
              configuration: {"assets":[],"contexts":[],"learning_version":null,"learning_versions":[],"persona_versions":[],"personas":[],"workflow_version":null}
              created_at: "07:00:00.000Z"
              project: "#01"
              prompt: "Do it"
              source: "workflow"
              started_at: "07:00:01.000Z"
              status: "running"
              title: "a"
            step/00001 is a step; duration_ms 1000; iteration 1; loop_iteration 1
              cli_tool: "claude"
              ended_at: "07:00:03.000Z"
              loop_id: "#05"
              model: "opus"
              role: "designer"
              started_at: "07:00:02.000Z"
              status: "completed"
              step: "#01"
            step/00002 is a step; duration_ms 2000; iteration 1; loop_iteration 1
              cli_tool: "claude"
              ended_at: "07:00:06.000Z"
              loop_id: "#05"
              model: "opus"
              role: "checker"
              started_at: "07:00:04.000Z"
              status: "completed"
              step: "#02"
              verdict: {"feedback":"No tests","pass":false}
            step/00003 is a step; duration_ms 1000; iteration 1; loop_iteration 3
              cli_tool: "claude"
              ended_at: "07:00:09.000Z"
              loop_id: "#05"
              model: "opus"
              role: "designer"
              started_at: "07:00:08.000Z"
              status: "completed"
              step: "#03"
            loop/00001 is a loop; iterations 5
              feedback: "Still none"
              first_step: "#01"
              forced_on: true
              last_step: "#03"
              loop_id: "#05"
              passed: false
        "##]],
    );
}

#[test]
fn scores_and_judgements_stand_with_their_step() {
    let scores = QualityScores {
        correctness: score(90.0),
        type_safety: score(80.0),
        code_style: score(70.0),
        test_coverage: score(60.0),
        completeness: score(50.0),
    };
    let issued = ScoresIssued {
        step: id(1),
        scores,
        weights: QualityWeights::EQUAL,
        composite: score(70.0),
        threshold: Some(score(75.5)),
        threshold_result: Some(false),
        summary: "Thin".into(),
    };
    let judged = JudgementIssued {
        step: id(2),
        candidates: vec!["a".into(), "b".into()],
        winner: "b".into(),
        rationale: "Shorter".into(),
        notes: vec![CandidateNote { candidate: "a".into(), note: "Long".into() }],
    };
    let history = begun()
        .run(1, started(1, Role::Evaluator))
        .run(1, issued)
        .run(1, RunScored { quality_score: score(70.0), evaluators: 1 })
        .run(1, completed(1))
        .run(1, started(2, Role::Judge))
        .run(1, judged);
    check(
        "run-timeline",
        &history,
        &expect![[r##"
            run is a run; evaluators 1; quality_score 70.0; steps 2
              configuration: {"assets":[],"contexts":[],"learning_version":null,"learning_versions":[],"persona_versions":[],"personas":[],"workflow_version":null}
              created_at: "07:00:00.000Z"
              project: "#01"
              prompt: "Do it"
              source: "workflow"
              started_at: "07:00:01.000Z"
              status: "running"
              title: "a"
            step/00001 is a step; duration_ms 3000; iteration 1
              cli_tool: "claude"
              ended_at: "07:00:05.000Z"
              model: "opus"
              quality: {"composite":70.0,"scores":{"code_style":70.0,"completeness":50.0,"correctness":90.0,"test_coverage":60.0,"type_safety":80.0},"summary":"Thin","threshold":75.5,"threshold_result":false,"weights":{"code_style":1,"completeness":1,"correctness":1,"test_coverage":1,"type_safety":1,"version":0}}
              role: "evaluator"
              started_at: "07:00:02.000Z"
              status: "completed"
              step: "#01"
            step/00002 is a step; iteration 1
              cli_tool: "claude"
              judgement: {"candidates":["a","b"],"notes":[{"candidate":"a","note":"Long"}],"rationale":"Shorter","winner":"b"}
              model: "opus"
              role: "judge"
              started_at: "07:00:06.000Z"
              status: "running"
              step: "#02"
        "##]],
    );
}

#[test]
fn the_run_shows_its_branch_pull_request_checks_forks_and_end() {
    let history = begun()
        .run(1, BranchCreated { branch: "agent/1".into(), base_branch: "main".into() })
        .run(1, PullRequestOpened { url: "https://git.example/1".into(), number: 1 })
        .run(1, PullRequestUpdated { status: PullRequestStatus::Draft })
        .run(1, CiChecksPolled { status: CiStatus::Failing, checks: vec![], checked_at: None })
        .run(1, RunForked { into: id(2), after_step: None })
        .run(1, RunCompleted { summary: Some("Merged".into()) });
    check(
        "run-timeline",
        &history,
        &expect![[r##"
            run is a run; duration_ms 6000
              base_branch: "main"
              branch: "agent/1"
              ci: {"checked_at":"07:00:05.000Z","checks":[],"status":"failing"}
              configuration: {"assets":[],"contexts":[],"learning_version":null,"learning_versions":[],"persona_versions":[],"personas":[],"workflow_version":null}
              created_at: "07:00:00.000Z"
              ended_at: "07:00:07.000Z"
              forks: [{"after_step":null,"at":"07:00:06.000Z","into":"#02"}]
              project: "#01"
              prompt: "Do it"
              pull_request: {"number":1,"status":"draft","url":"https://git.example/1"}
              source: "workflow"
              started_at: "07:00:01.000Z"
              status: "completed"
              summary: "Merged"
              title: "a"
        "##]],
    );
    let failed = History::new().run(1, requested("a")).run(1, RunFailed { error: "no disk".into() });
    check(
        "run-timeline",
        &failed,
        &expect![[r##"
            run is a run
              configuration: {"assets":[],"contexts":[],"learning_version":null,"learning_versions":[],"persona_versions":[],"personas":[],"workflow_version":null}
              created_at: "07:00:00.000Z"
              ended_at: "07:00:01.000Z"
              error: "no disk"
              project: "#01"
              prompt: "Do it"
              source: "workflow"
              status: "failed"
              title: "a"
        "##]],
    );
    let cancelled = begun().run(1, RunCancelled { reason: None });
    check(
        "run-timeline",
        &cancelled,
        &expect![[r##"
            run is a run; duration_ms 1000
              configuration: {"assets":[],"contexts":[],"learning_version":null,"learning_versions":[],"persona_versions":[],"personas":[],"workflow_version":null}
              created_at: "07:00:00.000Z"
              ended_at: "07:00:02.000Z"
              project: "#01"
              prompt: "Do it"
              source: "workflow"
              started_at: "07:00:01.000Z"
              status: "cancelled"
              title: "a"
        "##]],
    );
}

#[test]
fn what_is_said_afterwards_of_an_unknown_step_changes_nothing() {
    let history = begun().run(1, verdict(9, true, "")).run(1, completed(9));
    assert_eq!(folded("run-timeline", &history).len(), 1);
}

#[test]
fn keys_sort_as_they_are_shown_and_have_one_text() {
    let keys = [TimelineKey::Run, TimelineKey::Step(2), TimelineKey::Step(100_000), TimelineKey::Loop(1)];
    assert!(keys.is_sorted());
    for key in keys {
        assert_eq!(key.to_string().parse::<TimelineKey>(), Ok(key));
    }
    for wrong in ["", "step", "step/1", "step/000001", "loop/x", "runs", "step/99999999999"] {
        assert!(wrong.parse::<TimelineKey>().is_err(), "{wrong}");
    }
}

/// The line of the only step, as JSON.
fn line(history: &History) -> serde_json::Value {
    let rows = folded("run-timeline", history).page(&crate::Query::default()).unwrap().rows;
    let row = rows.iter().find(|row| row.key == "step/00001").expect("a step");
    let row: serde_json::Value = serde_json::from_str(row.row.get()).unwrap();
    row["step"].clone()
}

#[test]
fn a_call_waits_on_its_step_until_it_is_answered() {
    let asks = |call: &str, tool: &str| ToolApprovalAwaited {
        step: id(1),
        call_id: call.into(),
        tool: tool.into(),
        arguments: "{}".into(),
    };
    let steer = |kind, text: &str| OperatorSteered { step: id(1), kind, text: text.into() };
    let waiting = |history: &History| {
        let line = line(history);
        let calls = line["waiting"].as_array().unwrap().iter();
        calls.map(|it| it["call_id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let both = begun().run(1, started(1, Role::Designer)).run(1, asks("a", "Bash")).run(1, asks("b", "Edit"));
    assert_eq!(waiting(&both), ["a", "b"]);
    assert_eq!(waiting(&both.clone().run(1, steer(SteerKind::Message, "a"))), ["a", "b"]);
    assert_eq!(waiting(&both.clone().run(1, steer(SteerKind::DenyTool, "b"))), ["a"]);
    assert_eq!(waiting(&both.clone().run(1, steer(SteerKind::ApproveTool, "Edit"))), ["a"]);
    assert_eq!(waiting(&both.run(1, completed(1))), [""; 0]);
}

#[test]
fn a_merge_shows_its_commit_or_its_conflicts_and_a_run_its_instructions() {
    let merging = begun().run(1, InstructionsPinned { version: 1 }).run(1, started(1, Role::MergeAgent));
    let (branches, into) = (vec!["a".to_owned()], "main".to_owned());
    let merged = BranchesMerged { step: id(1), branches, into, commit: "5e".repeat(20) };
    let conflict = MergeConflict { branch: "a".into(), path: "x".into(), detail: "d".into() };
    let (branches, into) = (merged.branches.clone(), merged.into.clone());
    let conflicted = MergeConflicted { step: id(1), branches, into, conflicts: vec![conflict] };
    let shown = line(&merging.clone().run(1, merged));
    assert_eq!(
        (&shown["merge"]["commit"], &shown["merge"]["into"]),
        (&"5e".repeat(20).into(), &"main".into())
    );
    let shown = line(&merging.clone().run(1, conflicted));
    assert_eq!(
        (&shown["merge"]["commit"], &shown["merge"]["conflicts"][0]["path"]),
        (&().into(), &"x".into())
    );
    let rows = folded("run-timeline", &merging).page(&crate::Query::default()).unwrap().rows;
    let run: serde_json::Value = serde_json::from_str(rows[0].row.get()).unwrap();
    assert_eq!(run["run"]["instructions_version"], 1);
}
