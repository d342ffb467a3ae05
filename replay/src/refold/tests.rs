//! Runs that are what their events make of them, and runs in which something was planted.

use domain::StreamId;
use domain::flow::{Blueprint, PlannedLoop, PlannedStep};
use domain::ids::{LoopId, ProjectId, RunId, StepId};
use domain::run::{
    Configuration, LoopForcedOn, LoopIterated, QualityScores, QualityWeights, RunCancelled, RunCompleted,
    RunRequested, RunStarted, StepCompleted, VerdictIssued,
};
use domain::terms::{Role, RunSource};
use domain::values::{Score, Timestamp};
use serde_json::json;

use super::*;
use crate::import::testing::recorded;

const LOOP: LoopId = LoopId::from_bytes([9; 16]);

fn step(n: u8) -> StepId {
    StepId::from_bytes([n; 16])
}

fn planned(role: Role) -> PlannedStep {
    PlannedStep {
        role,
        persona: None,
        cli_tool: "claude".into(),
        model: Some("opus".into()),
        thinking_effort: None,
        in_loop: Some(0),
        quality_threshold: None,
    }
}

fn requested() -> RunEvent {
    let blueprint = Blueprint {
        steps: vec![planned(Role::Designer), planned(Role::Checker)],
        loops: vec![PlannedLoop { loop_id: LOOP, max_iterations: 2 }],
    };
    RunRequested {
        project: ProjectId::from_bytes([7; 16]),
        workflow: None,
        source: RunSource::Workflow,
        title: None,
        prompt: "p".into(),
        configuration: Configuration {
            workflow_version: None,
            personas: vec![],
            persona_versions: vec![],
            contexts: vec![],
            learning_version: None,
            learning_versions: vec![],
            assets: vec![],
        },
        blueprint: Some(blueprint),
        candidates: vec![],
        origin: None,
    }
    .into()
}

fn started(n: u8, role: Role, round: u32) -> StepStarted {
    StepStarted {
        step: step(n),
        role,
        sandbox: None,
        persona: None,
        cli_tool: Some("claude".into()),
        model: Some("opus".into()),
        thinking_effort: None,
        iteration: round,
        loop_id: Some(LOOP),
        loop_iteration: Some(round),
        prompt_digest: None,
        persona_version: None,
        quality_threshold: None,
    }
}

/// Through the loop twice, forced on, completed.
fn history() -> Vec<RunEvent> {
    let mut events = vec![requested(), RunStarted {}.into()];
    for round in 1..=2_u8 {
        let (designer, checker) = (step(round * 2 - 1), step(round * 2));
        let feedback = "no tests".to_owned();
        events.extend([
            started(round * 2 - 1, Role::Designer, round.into()).into(),
            StepCompleted { step: designer, output: None }.into(),
            started(round * 2, Role::Checker, round.into()).into(),
            VerdictIssued { step: checker, pass: false, feedback: feedback.clone() }.into(),
            StepCompleted { step: checker, output: None }.into(),
        ]);
        events.push(match round {
            1 => LoopIterated { loop_id: LOOP, iteration: 2, feedback: Some(feedback) }.into(),
            _ => LoopForcedOn { loop_id: LOOP, iterations: 2 }.into(),
        });
    }
    events.push(RunCompleted { summary: None }.into());
    events
}

fn log(events: Vec<RunEvent>) -> Vec<Recorded> {
    let stream = StreamId::from(RunId::from_bytes([1; 16]));
    let time = |nth: u64| Timestamp::from_millis(1_763_632_800_000 + nth as i64 * 1_000);
    let recorded = |(event, nth)| recorded(stream, nth, time(nth), Event::Run(event));
    events.into_iter().zip(0..).map(recorded).collect()
}

/// What differs where `change` was planted, one line each.
#[track_caller]
fn planted(change: impl FnOnce(&mut Vec<RunEvent>)) -> Vec<String> {
    let mut events = history();
    change(&mut events);
    let check = refold(&log(events)).unwrap();
    let line = |d: &Divergence| format!("{} {}: {} / {}", d.position, d.of, d.expected, d.actual);
    check.divergences.iter().map(line).collect()
}

#[test]
fn a_run_that_was_driven_as_decided_holds() {
    let check = refold(&log(history())).unwrap();
    assert!(check.holds() && check.directed, "{check:?}");
    assert_eq!((check.events, check.position, check.decisions), (15, Position(14), 8));
    assert_eq!(refold(&[]), None);
}

#[test]
fn a_planted_decision_is_named_with_its_position() {
    let step_of = |events: &mut Vec<RunEvent>, change: fn(&mut StepStarted)| {
        let RunEvent::StepStarted(e) = &mut events[4] else { unreachable!() };
        change(e);
    };
    assert_eq!(
        planted(|events| step_of(events, |e| e.model = Some("haiku".into()))),
        ["4 StepStarted: model opus / model haiku"]
    );
    assert_eq!(
        planted(|events| step_of(events, |e| e.cli_tool = Some("codex".into()))),
        ["4 StepStarted: cli_tool claude / cli_tool codex"]
    );
    let told = planted(|events| {
        events[7] = LoopIterated { loop_id: LOOP, iteration: 2, feedback: Some("all fine".into()) }.into();
    });
    assert_eq!(told, ["7 LoopIterated: feedback `no tests` / feedback `all fine`"]);
}

#[test]
fn a_verdict_that_was_turned_round_makes_what_followed_diverge() {
    let told = planted(|events| {
        let RunEvent::VerdictIssued(e) = &mut events[5] else { unreachable!() };
        e.pass = true;
    });
    assert_eq!(
        told[0],
        format!("7 LoopIterated: the run is completed / loop {LOOP} was sent round again, iteration 2")
    );
}

#[test]
fn a_run_completed_too_early_diverges_and_one_cancelled_is_by_hand() {
    let told = planted(|events| {
        events.truncate(2);
        events.push(RunCompleted { summary: None }.into());
    });
    assert_eq!(told, ["2 RunCompleted: a designer step is started / the run was completed"]);
    let mut events = history();
    events.truncate(4);
    events.push(RunCancelled { reason: None }.into());
    let check = refold(&log(events)).unwrap();
    assert!(check.holds());
    let by_hand = check.by_hand.iter().map(|by| (by.position.0, by.r#type)).collect::<Vec<_>>();
    assert_eq!(by_hand, [(4, "RunCancelled")]);
}

#[test]
fn an_event_that_is_missing_is_named() {
    let mut records = log(history());
    records.remove(3);
    let check = refold(&records).unwrap();
    let first = &check.divergences[0];
    assert_eq!((first.position.0, first.expected.as_str()), (4, "version 3 of the run"));
    assert_eq!(first.actual, "version 4");
}

#[test]
fn a_composite_that_is_not_the_weighted_mean_is_named() {
    let score = |n| Score::from_units(n).unwrap();
    let issue = |composite, threshold_result| ScoresIssued {
        step: step(1),
        scores: QualityScores {
            correctness: score(9_000),
            type_safety: score(8_000),
            code_style: score(7_000),
            test_coverage: score(6_000),
            completeness: score(10_000),
        },
        weights: QualityWeights::EQUAL,
        composite: score(composite),
        threshold: Some(score(8_000)),
        threshold_result,
        summary: String::new(),
    };
    let check = |composite, result| {
        let events = vec![requested(), issue(composite, result).into()];
        let check = refold(&log(events)).unwrap();
        (check.scores, check.divergences.first().map(|d| format!("{} / {}", d.expected, d.actual)))
    };
    assert_eq!(check(8_000, Some(true)), (1, None));
    assert_eq!(check(9_500, Some(true)), (0, Some("composite 80 / composite 95".into())));
    assert_eq!(check(8_000, Some(false)), (0, Some("threshold_result true / threshold_result false".into())));
}

#[test]
fn rows_are_compared_field_by_field() {
    let mut check = refold(&log(history())).unwrap();
    let row = json!({ "status": "completed", "steps": 4 });
    check.compare_row("runs", "key", Some(&row), Some(&row));
    assert!(check.holds() && check.fields == 2);
    check.compare_row("runs", "key", Some(&row), Some(&json!({ "status": "failed", "steps": 4 })));
    check.compare_row("runs", "other", Some(&row), None);
    let told: Vec<_> =
        check.divergences.iter().map(|d| format!("{}: {} / {}", d.of, d.expected, d.actual)).collect();
    assert_eq!(
        told,
        [r#"view runs, key, status: "completed" / "failed""#, "view runs, other: a row / no row"]
    );
    assert!(!check.holds());
}
