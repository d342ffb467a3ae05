//! What a step takes from its persona, and how often a loop of a workflow goes round.

use super::*;
use crate::persona::{DisablePersona, EnablePersona};
use crate::testing::check_refused;

fn follow(role: &str, number: u8, changes: &Value) -> Value {
    with(&with(&start(STEP, role), &json!({ "persona": id(number) })), changes)
}
#[track_caller]
fn started(run: &Given<Run>, body: &Value) -> StepStarted {
    let mut events = run.when_json("start-step", body).accepted();
    let RunEvent::StepStarted(started) = events.remove(0) else { panic!("{events:?}") };
    started
}

#[test]
fn a_step_takes_what_it_does_not_say_from_its_persona() {
    let run = acquainted(running());
    let step = started(&run, &follow("evaluator", 5, &json!({})));
    assert_eq!((step.cli_tool.as_deref(), step.model.as_deref()), (Some("codex"), Some("gpt-5")));
    assert_eq!((step.persona_version, step.quality_threshold), (Some(1), Score::from_units(7_500)));
    let step = started(&run, &follow("designer", 4, &json!({ "model": "opus" })));
    assert_eq!((step.model.as_deref(), step.quality_threshold), (Some("opus"), None));
}

#[test]
fn only_an_enabled_persona_of_the_role_starts_a_step() {
    let run = acquainted(running());
    let number_4 = PersonaId::from_bytes([4; 16]);
    let off = persona("designer", None).and(DisablePersona {});
    let archived = off.clone().and_json("archive", &json!({}));
    let (disabled, gone) =
        (run.clone().among(number_4, off.state()), run.clone().among(number_4, archived.state()));
    check_refused(vec![
        (&disabled, "start-step", follow("designer", 4, &json!({})), "` is disabled"),
        (&gone, "start-step", follow("designer", 4, &json!({})), "` is archived"),
        (&running(), "start-step", follow("designer", 4, &json!({})), "` does not exist"),
        (
            &run,
            "start-step",
            follow("checker", 4, &json!({})),
            "`role`: expected the role of its persona, got `checker, of a designer`",
        ),
        (
            &run,
            "start-step",
            follow("designer", 4, &json!({ "persona_version": 2 })),
            "`persona_version`: expected 1 to 1 versions of the persona, got `2`",
        ),
        (
            &run,
            "start-step",
            with(&start(STEP, "designer"), &json!({ "persona_version": 1 })),
            "`persona_version`: expected absent without a persona",
        ),
    ]);
    let on = run.clone().among(number_4, off.and(EnablePersona {}).state());
    on.when_json("start-step", &follow("designer", 4, &json!({}))).accepted();
    let anything = run.among(number_4, persona("custom", None).state());
    anything.when_json("start-step", &follow("judge", 4, &json!({}))).accepted();
}

#[test]
fn a_run_keeps_to_the_version_it_was_requested_with() {
    let pipeline = json!({ "workflow_type": "persona_pipeline", "steps": [{ "persona": id(5) }] });
    let changed = persona("evaluator", Some(75.0)).and_json(
        "configure",
        &json!({ "configuration": { "persona_type": "evaluator", "model": "other", "quality_threshold": 10.0 } }),
    );
    let run = acquainted(given([]))
        .among(WorkflowId::from_bytes([2; 16]), workflow(&pipeline).state())
        .and_json("request", &with(&request(), &json!({ "workflow": id(2) })))
        .and(StartRun {})
        .among(PersonaId::from_bytes([5; 16]), changed.state());
    let as_requested = started(&run, &follow("evaluator", 5, &json!({})));
    assert_eq!((as_requested.persona_version, as_requested.model.as_deref()), (Some(1), Some("gpt-5")));
    assert_eq!(as_requested.quality_threshold, Score::from_units(7_500));
    let as_now = started(&run, &follow("evaluator", 5, &json!({ "persona_version": 2 })));
    assert_eq!((as_now.persona_version, as_now.model.as_deref()), (Some(2), Some("other")));
    let direct = acquainted(running()).among(PersonaId::from_bytes([5; 16]), changed.state());
    let older = started(&direct, &follow("evaluator", 5, &json!({ "persona_version": 1 })));
    assert_eq!((older.persona_version, older.model), (Some(1), None));
}

#[test]
fn a_loop_goes_round_as_often_as_its_workflow_has_it() {
    let twice = json!({
        "workflow_type": "designer_checker",
        "steps": [{ "role": "designer", "in_loop": "l" }, { "role": "checker", "in_loop": "l" }],
        "loops": [{ "name": "l", "max_iterations": 2 }],
    });
    let in_loop = LoopId::from_bytes(1_u128.to_be_bytes());
    let place = json!({ "loop_id": in_loop.to_string(), "loop_iteration": 1 });
    let run: Given<Run> = given([])
        .among(WorkflowId::from_bytes([2; 16]), workflow(&twice).state())
        .and_json("request", &with(&request(), &json!({ "workflow": id(2) })))
        .and(StartRun {})
        .and_json("start-step", &with(&start(STEP, "designer"), &place))
        .and_json("complete-step", &json!({ "step": id(STEP) }));
    let again = |iteration: u32| json!({ "loop_id": in_loop.to_string(), "iteration": iteration });
    run.when_json("iterate-loop", &again(3))
        .refused("`iteration`: expected 1 to 2 iterations, as the workflow has it");
    run.when_json("iterate-loop", &again(2)).accepted();
}
