//! What a run takes from its workflow and personas when it is requested.

use super::*;
use crate::ids::RunId;
use crate::persona::DisablePersona;
use crate::testing::check_refused;

fn pipeline() -> Value {
    json!({
        "workflow_type": "persona_pipeline", "model": "haiku",
        "steps": [{ "persona": id(4) }, { "persona": id(5) }],
    })
}
fn among(workflow: &Given<Workflow>) -> Given<Run> {
    acquainted(given([])).among(WorkflowId::from_bytes([2; 16]), workflow.state())
}
fn asked(changes: &Value) -> Value {
    with(&with(&request(), &json!({ "workflow": id(2) })), changes)
}

#[test]
fn a_run_pins_the_versions_of_its_workflow_and_personas() {
    let events = among(&workflow(&pipeline())).when_json("request", &asked(&json!({}))).accepted();
    let RunEvent::RunRequested(requested) = &events[0] else { panic!("{events:?}") };
    let configuration = &requested.configuration;
    let personas = [PersonaId::from_bytes([4; 16]), PersonaId::from_bytes([5; 16])];
    assert_eq!(configuration.workflow_version, Some(1));
    assert_eq!(
        (&configuration.personas[..], &configuration.persona_versions[..]),
        (&personas[..], &[1, 1][..])
    );
    let steps = &requested.blueprint.as_ref().expect("it follows a workflow").steps;
    let shown: Vec<_> = steps.iter().map(|step| (step.role, step.persona, step.quality_threshold)).collect();
    assert_eq!(
        shown,
        [
            (Role::Designer, Some((personas[0], 1)), None),
            (Role::Evaluator, Some((personas[1], 1)), Score::from_units(7_500)),
        ]
    );
    assert!(steps.iter().all(|step| step.cli_tool == "codex" && step.model.as_deref() == Some("gpt-5")));
}

#[test]
fn what_is_not_in_force_refuses_the_request() {
    let personas = workflow(&pipeline());
    let disabled = acquainted(given([]))
        .among(WorkflowId::from_bytes([2; 16]), personas.state())
        .among(PersonaId::from_bytes([5; 16]), persona("evaluator", None).and(DisablePersona {}).state());
    let judge = json!({ "workflow_type": "custom_pipeline", "steps": [{ "role": "judge" }] });
    let archived = workflow(&judge).and_json("archive", &json!({}));
    let plain = acquainted(given([]));
    let retyped = persona("evaluator", None)
        .and_json("configure", &json!({ "configuration": { "persona_type": "checker" } }));
    let unfit = workflow(&json!({ "workflow_type": "persona_pipeline", "steps": [{ "persona": id(5) }] }));
    let unfit = among(&unfit).among(PersonaId::from_bytes([5; 16]), retyped.state());
    check_refused(vec![
        (&given([]), "request", asked(&json!({})), "`workflow-0"),
        (&disabled, "request", asked(&json!({})), "persona `05"),
        (
            &disabled,
            "request",
            with(&request(), &json!({ "configuration": { "personas": [id(5)] } })),
            "is disabled",
        ),
        (
            &given([]),
            "request",
            with(&request(), &json!({ "configuration": { "personas": [id(4)] } })),
            "`persona-0",
        ),
        (
            &given([]).among(WorkflowId::from_bytes([2; 16]), personas.state()),
            "request",
            asked(&json!({})),
            "the workflow follows persona `0",
        ),
        (
            &among(&archived),
            "request",
            asked(&json!({})),
            "expected workflow to be current, but it is archived",
        ),
        (
            &plain,
            "request",
            asked(&json!({ "configuration": { "workflow_version": 2 } })),
            "`workflow_version`: expected 1, the one in force, got `2`",
        ),
        (&unfit, "request", asked(&json!({})), "step 1 (checker) has no step before it to review"),
        (
            &among(&workflow(&judge)),
            "request",
            asked(&json!({})),
            "the workflow has a judge, who needs at least 2 candidates",
        ),
        (
            &among(&workflow(&judge)),
            "request",
            asked(&json!({ "candidates": ["a"] })),
            "`candidates`: expected at least 2, each once, got `1 of which 1 differ`",
        ),
    ]);
}

#[test]
fn what_is_named_twice_refuses_the_request() {
    let plain = acquainted(given([]));
    let configured = |changes| asked(&json!({ "configuration": changes }));
    let roles = configured(json!({ "learning_versions": [["judge", 1], ["judge", 1]] }));
    let personas = configured(json!({ "personas": [id(4), id(4)] }));
    check_refused(vec![
        (&plain, "request", asked(&json!({ "candidates": ["a", "a"] })), "`2 of which 1 differ`"),
        (&plain, "request", personas, "`personas`: expected each once"),
        (&plain, "request", roles, "`learning_versions`: expected each once"),
    ]);
}

#[test]
fn the_judge_compares_what_the_run_was_requested_with() {
    let judging: Given<Run> = given([])
        .and_json("request", &with(&request(), &json!({ "candidates": ["a", "b"] })))
        .and(StartRun {})
        .and_json("start-step", &start(STEP, "judge"));
    judging.when_json("issue-judgement", &judgement()).accepted();
    judging
        .when_json("issue-judgement", &with(&judgement(), &json!({ "candidates": ["b", "c"] })))
        .refused("`candidates`: expected the 2 the run was requested with");
}

#[test]
fn a_request_names_what_must_exist_and_what_is_asked() {
    let origin: StreamId = RunId::from_bytes([8; 16]).into();
    let configuration = RequestedConfiguration {
        personas: vec![PersonaId::from_bytes([4; 16])],
        contexts: vec![(ContextId::from_bytes([5; 16]), 1)],
        ..RequestedConfiguration::default()
    };
    let command: RunCommand = RequestRun {
        project: ProjectId::from_bytes([1; 16]),
        workflow: Some(WorkflowId::from_bytes([2; 16])),
        source: RunSource::Issue,
        title: None,
        prompt: "p".into(),
        configuration: Some(configuration),
        candidates: None,
        origin: Some(origin),
    }
    .into();
    let [project, context] = [ProjectId::from_bytes([1; 16]).into(), ContextId::from_bytes([5; 16]).into()];
    assert_eq!(Run::references(&command), [project, context, origin]);
    let [workflow, persona] = [WorkflowId::from_bytes([2; 16]).into(), PersonaId::from_bytes([4; 16]).into()];
    assert_eq!(Run::default().consults(&command), [workflow, persona]);
}
