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
        contexts: vec![(ContextId::from_bytes([5; 16]), Some(1))],
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
    assert_eq!(Run::references(&command), [project, origin]);
    let [workflow, persona] = [WorkflowId::from_bytes([2; 16]).into(), PersonaId::from_bytes([4; 16]).into()];
    assert_eq!(Run::default().consults(&command), [workflow, persona, context]);
}

/// With a context (5) in its second version, learning documents of checkers (7) and, still empty, of judges (8),
/// and an asset (6) with versions 1 and 2 published, 2 in force, and 3 not.
pub(super) fn equipped() -> Given<Run> {
    use crate::asset::Asset;
    use crate::context::Context;
    use crate::ids::{AssetId, LearningDocumentId};
    use crate::learning_document::LearningDocument;
    let context = given::<Context>([])
        .and_json("create", &json!({ "project": id(1), "name": "C", "session": "judging" }))
        .and_json("update", &json!({ "system_prompt": "x" }));
    let document = |role: &str| {
        given::<LearningDocument>([]).and_json("open", &json!({ "project": id(1), "role": role }))
    };
    let written = document("checker").and_json("compile", &json!({ "learnings": [] }));
    let content = json!({ "command": { "expression": "make" } });
    let added = json!({ "content": content });
    let asset = given::<Asset>([])
        .and_json("create", &json!({ "project": id(1), "name": "make", "content": content }))
        .and_json("add-version", &added)
        .and_json("add-version", &added)
        .and_json("publish", &json!({ "version": 1 }))
        .and_json("publish", &json!({ "version": 2 }));
    acquainted(given([]))
        .among(ContextId::from_bytes([5; 16]), context.state())
        .among(LearningDocumentId::from_bytes([7; 16]), written.state())
        .among(LearningDocumentId::from_bytes([8; 16]), document("judge").state())
        .among(AssetId::from_bytes([6; 16]), asset.state())
}
fn configured(changes: &Value) -> Value {
    with(&request(), &json!({ "configuration": changes }))
}
fn imported(changes: &Value) -> Value {
    with(&configured(changes), &json!({ "source": "import" }))
}

#[test]
fn a_run_records_the_versions_in_force_of_contexts_learnings_and_assets() {
    let named = json!({
        "contexts": [[id(5), null]], "learning_documents": [id(7)], "assets": [[id(6), null]],
    });
    let recorded = |body: Value| {
        let events = equipped().when_json("request", &body).accepted();
        let RunEvent::RunRequested(e) = &events[0] else { panic!("{events:?}") };
        let it = &e.configuration;
        (it.contexts[0].1, it.learning_versions.clone(), it.assets[0].1)
    };
    assert_eq!(recorded(configured(&named)), (2, vec![(Role::Checker, 1)], 2));
    let exact = json!({
        "contexts": [[id(5), 2]], "learning_documents": [id(7)], "learning_versions": [["checker", 1]],
        "assets": [[id(6), 1]],
    });
    assert_eq!(recorded(configured(&exact)), (2, vec![(Role::Checker, 1)], 1));
    // What was in force then is known to the history alone.
    let then = json!({
        "contexts": [[id(5), 1]], "learning_version": 4, "learning_versions": [["judge", 3]],
        "assets": [[id(6), 9]],
    });
    assert_eq!(recorded(imported(&then)), (1, vec![(Role::Judge, 3)], 9));
}

#[test]
fn versions_that_are_not_in_force_or_not_known_refuse_the_request() {
    let (run, nobody) = (equipped(), given([]));
    let twice = json!({ "contexts": [[id(5), 2], [id(5), null]] });
    let alike = json!({ "learning_documents": [id(7), id(7)] });
    let assets = json!({ "assets": [[id(6), 1], [id(6), 2]] });
    check_refused(vec![
        (&nobody, "request", configured(&json!({ "contexts": [[id(5), 2]] })), "`context-0"),
        (&nobody, "request", imported(&json!({ "contexts": [[id(5), 2]] })), "`context-0"),
        (&nobody, "request", configured(&json!({ "assets": [[id(6), 2]] })), "`asset-0"),
        (&nobody, "request", imported(&json!({ "assets": [[id(6), 2]] })), "`asset-0"),
        (&nobody, "request", configured(&json!({ "learning_documents": [id(7)] })), "`learning-document-0"),
        (
            &run,
            "request",
            configured(&json!({ "contexts": [[id(5), 1]] })),
            "`contexts`: expected version 2, the one in force, got `1`",
        ),
        (
            &run,
            "request",
            configured(&json!({ "assets": [[id(6), 3]] })),
            "`assets`: expected a published version, got `3`",
        ),
        (
            &run,
            "request",
            configured(&json!({ "learning_documents": [id(8)] })),
            "the learning document of the role judge has no version",
        ),
        (
            &run,
            "request",
            configured(&json!({ "learning_documents": [id(7)], "learning_versions": [["checker", 2]] })),
            "`learning_versions`: expected version 1, the one in force, got `2`",
        ),
        (
            &run,
            "request",
            configured(&json!({ "learning_versions": [["judge", 2]] })),
            "learning version 2 of the role judge is of no document",
        ),
        (
            &run,
            "request",
            configured(&json!({ "learning_version": 7 })),
            "learning version 7 is of no document",
        ),
        (&run, "request", configured(&twice), "`contexts`: expected each once"),
        (&run, "request", configured(&alike), "`learning_documents`: expected each once"),
        (&run, "request", configured(&assets), "`assets`: expected each once"),
    ]);
}

#[test]
fn a_role_has_one_learning_document_and_an_asset_out_of_use_is_not_offered() {
    use crate::asset::Asset;
    use crate::ids::{AssetId, LearningDocumentId};
    use crate::learning_document::LearningDocument;
    let second = given::<LearningDocument>([])
        .and_json("open", &json!({ "project": id(1), "role": "checker" }))
        .and_json("compile", &json!({ "learnings": [] }));
    equipped()
        .among(LearningDocumentId::from_bytes([9; 16]), second.state())
        .when_json("request", &configured(&json!({ "learning_documents": [id(7), id(9)] })))
        .refused("`learning_documents`: expected one document per role, got `checker`");
    let content = json!({ "command": { "expression": "make" } });
    let asset = given::<Asset>([])
        .and_json("create", &json!({ "project": id(1), "name": "make", "content": content }));
    let wanted = configured(&json!({ "assets": [[id(6), null]] }));
    let unpublished = equipped().among(AssetId::from_bytes([6; 16]), asset.state());
    unpublished.when_json("request", &wanted).refused("no version of the asset is published");
    let archived = asset.and_json("archive", &json!({}));
    equipped()
        .among(AssetId::from_bytes([6; 16]), archived.state())
        .when_json("request", &wanted)
        .refused("expected asset to be current, but it is archived");
}
