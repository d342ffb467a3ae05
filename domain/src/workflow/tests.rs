//! Given what happened to a workflow, when something is asked of it, then events or a refusal.

use serde_json::{Value, json};

use super::*;
use crate::persona::DisablePersona;
use crate::testing::{Given, check_accepted, check_any_order, check_refused, command, given, id, pool, with};

fn persona(kind: &str) -> Given<Persona> {
    let configuration = json!({ "persona_type": kind, "model": "gpt-5" });
    given([]).and_json("create", &json!({ "project": id(1), "name": "P", "configuration": configuration }))
}
/// With personas of a designer (2), a checker (3), and a disabled designer (4).
fn acquainted(workflow: Given<Workflow>) -> Given<Workflow> {
    workflow
        .among(PersonaId::from_bytes([2; 16]), persona("designer").state())
        .among(PersonaId::from_bytes([3; 16]), persona("checker").state())
        .among(PersonaId::from_bytes([4; 16]), persona("designer").and(DisablePersona {}).state())
}
fn create(definition: &Value) -> Value {
    json!({ "project": id(1), "name": "Fix", "description": "d", "definition": definition })
}
fn created() -> Given<Workflow> {
    acquainted(given([])).and_json("create", &create(&json!({ "workflow_type": "single_designer" })))
}
fn custom(steps: Value, loops: Value) -> Value {
    shaped("custom_pipeline", steps, loops)
}
fn shaped(kind: &str, steps: Value, loops: Value) -> Value {
    let mut definition = json!({ "workflow_type": kind });
    (definition["steps"], definition["loops"]) = (steps, loops);
    definition
}
fn review(max: u32) -> Value {
    json!([{ "name": "review", "max_iterations": max }])
}
fn inside(role: &str) -> Value {
    json!({ "role": role, "in_loop": "review" })
}
/// A step as it is stored, where nothing but this is said.
fn stored(changes: &Value) -> Value {
    let mut step = json!({
        "role": "designer", "persona": null, "cli_tool": null, "model": null, "thinking_effort": null,
        "instructions": "", "in_loop": null,
    });
    for (field, value) in changes.as_object().expect("changes are an object") {
        step[field] = value.clone();
    }
    step
}
fn definition(kind: &str, steps: Value, loops: Value) -> Value {
    let sandbox = json!({
        "template_id": null, "timeout_ms": null, "memory_mb": null, "cpus": null, "designer_model": null,
        "checker_model": null, "efforts": [], "provider": null,
    });
    let rest = json!({ "sandbox": sandbox, "cli_tool": null, "model": null, "thinking_effort": null });
    let mut definition = shaped(kind, steps, loops);
    for (field, value) in rest.as_object().expect("it is an object") {
        definition[field] = value.clone();
    }
    definition
}

#[test]
fn every_command_is_accepted_where_it_fits() {
    let single = definition("single_designer", json!([stored(&json!({}))]), json!([]));
    let pair = json!([stored(&inside("designer")), stored(&inside("checker"))]);
    let defined = |version: u32, definition: Value, note: Option<&str>| {
        let event = json!({ "version": version, "definition": definition });
        ("WorkflowDefined", with(&event, &json!({ "note": note })))
    };
    let personas = json!({
        "workflow_type": "persona_pipeline",
        "steps": [{ "persona": id(2), "in_loop": "review" }, { "persona": id(3), "in_loop": "review" }],
        "loops": review(50),
    });
    let followers = json!([
        stored(&with(&inside("designer"), &json!({ "persona": [id(2), 1] }))),
        stored(&with(&inside("checker"), &json!({ "persona": [id(3), 1] }))),
    ]);
    let named = json!({ "name": "W", "description": "" });
    check_accepted::<Workflow>(vec![
        (
            given([]),
            "create",
            create(&json!({ "workflow_type": "single_designer" })),
            vec![("WorkflowCreated", create(&single))],
        ),
        (created(), "rename", json!({ "name": "W" }), vec![("WorkflowRenamed", named)]),
        (
            created(),
            "define",
            json!({ "definition": { "workflow_type": "designer_checker" }, "note": "n" }),
            vec![defined(2, definition("designer_checker", pair, review(3)), Some("n"))],
        ),
        (
            created(),
            "define",
            json!({ "definition": personas }),
            vec![defined(2, definition("persona_pipeline", followers, review(50)), None)],
        ),
        (created(), "archive", json!({}), vec![("WorkflowArchived", json!({}))]),
    ]);
}

#[track_caller]
fn check_words(rows: Vec<(Value, &str)>) {
    let workflow = created();
    for (definition, words) in rows {
        workflow.when_json("define", &json!({ "definition": definition })).refused(words);
        acquainted(given([])).when_json("create", &create(&definition)).refused(words);
    }
}
fn step(role: &str) -> Value {
    json!({ "role": role })
}

#[test]
fn the_shape_of_a_workflow_is_refused_in_words() {
    let personas = |steps: Value| shaped("persona_pipeline", steps, json!([]));
    check_words(vec![
        (custom(json!([]), json!([])), "`steps`: expected 1 to 100 steps, got `0`"),
        (
            custom(json!(vec![step("designer"); 101]), json!([])),
            "`steps`: expected 1 to 100 steps, got `101`",
        ),
        (
            shaped("single_designer", json!([step("designer"), step("designer")]), json!([])),
            "a single designer workflow has one step, a designer outside any loop",
        ),
        (
            shaped("single_designer", json!([step("optimizer")]), json!([])),
            "a single designer workflow has one step",
        ),
        (
            shaped("designer_checker", json!([step("designer"), step("checker")]), json!([])),
            "a designer & checker workflow has a designer and then a checker, both in its one loop",
        ),
        (
            shaped("designer_checker", json!([inside("checker"), inside("designer")]), review(1)),
            "a designer & checker workflow has a designer and then a checker",
        ),
        (custom(json!([{}]), json!([])), "step 1 has no role"),
        (
            custom(json!([step("designer"), { "role": "designer", "persona": id(2) }]), json!([])),
            "step 2 names a persona, which only steps of a persona pipeline do",
        ),
        (personas(json!([{}])), "step 1 of a persona pipeline names no persona"),
        (
            personas(json!([{ "persona": id(2) }, { "persona": id(2), "model": "m" }])),
            "step 2 of a persona pipeline sets `model`, which its persona does",
        ),
        (personas(json!([{ "persona": id(2), "role": "designer" }])), "sets `role`"),
        (personas(json!([{ "persona": id(2), "instructions": "i" }])), "sets `instructions`"),
        (personas(json!([{ "persona": id(4) }])), "` is disabled"),
        (personas(json!([{ "persona": id(9) }])), "` does not exist"),
        (personas(json!([{ "persona": id(3) }])), "step 1 (checker) has no step before it to review"),
    ]);
}

#[test]
fn where_a_step_may_not_stand_is_refused_in_words() {
    check_words(vec![
        (custom(json!([step("checker")]), json!([])), "step 1 (checker) has no step before it to review"),
        (
            custom(json!([step("designer"), inside("checker")]), review(3)),
            "step 2 (checker) has no step before it in loop `review` to review",
        ),
        (
            custom(json!([step("checker"), step("designer"), step("checker")]), json!([])),
            "step 1 (checker) has no step before it to review",
        ),
        (
            custom(json!([inside("designer"), inside("checker")]), review(0)),
            "`max_iterations`: expected 1 to 50 iterations, got `0`",
        ),
        (
            custom(json!([inside("designer"), inside("checker")]), review(51)),
            "`max_iterations`: expected 1 to 50 iterations, got `51`",
        ),
        (
            custom(json!([inside("designer"), step("optimizer"), inside("checker")]), review(3)),
            "loop `review` is not contiguous: step 2 stands between its steps",
        ),
        (
            custom(json!([inside("checker"), inside("designer")]), review(3)),
            "step 1 (checker) has no step before it in loop `review` to review",
        ),
        (
            custom(json!([inside("designer"), inside("checker"), inside("designer")]), review(3)),
            "loop `review` ends with step 3 (designer), which issues no verdict",
        ),
        (custom(json!([step("designer")]), review(3)), "loop `review` has no step"),
        (custom(json!([inside("designer"), inside("checker")]), json!([])), "unknown loop `review`"),
        (
            custom(
                json!([inside("designer"), inside("checker")]),
                json!([{ "name": "review", "max_iterations": 1 }, { "name": "review", "max_iterations": 2 }]),
            ),
            "`loops`: expected each once",
        ),
        (
            custom(json!([inside("designer"), inside("evaluator"), inside("checker")]), review(3)),
            "step 2 (evaluator) runs once and stands in no loop",
        ),
    ]);
}

#[test]
fn what_a_step_may_not_say_is_refused_in_words() {
    let long = "x".repeat(check::TEXT_MAX_BYTES / 2 + 1);
    check_words(vec![
        (custom(json!([{ "role": "designer", "model": "" }]), json!([])), "`model`: expected 1 to 200 bytes"),
        (
            custom(json!([{ "role": "designer", "cli_tool": " " }]), json!([])),
            "`cli_tool`: expected 1 to 200",
        ),
        (
            custom(
                json!([{ "role": "designer", "instructions": long }, { "role": "judge", "instructions": long }]),
                json!([]),
            ),
            "`instructions`: expected 0 to 524288 bytes over all steps and the description",
        ),
        (
            with(&custom(json!([step("designer")]), json!([])), &json!({ "sandbox": { "memory_mb": 255 } })),
            "`memory_mb`: expected 256 to 8192 MB, got `255`",
        ),
        (
            with(
                &custom(json!([step("designer")]), json!([])),
                &json!({ "sandbox": { "timeout_ms": 59_999 } }),
            ),
            "`timeout_ms`: expected 60000 to 14400000 ms",
        ),
        (
            with(&custom(json!([step("designer")]), json!([])), &json!({ "sandbox": { "cpus": 9 } })),
            "`cpus`: expected 1 to 8 CPUs, got `9`",
        ),
        (with(&custom(json!([step("designer")]), json!([])), &json!({ "model": "" })), "`model`"),
    ]);
}

#[test]
fn roles_that_run_once_stand_in_no_loop() {
    for role in Role::ALL {
        let steps = json!([inside("designer"), inside(role.as_str()), inside("checker")]);
        let outcome = created().when_json("define", &json!({ "definition": custom(steps, review(2)) }));
        outcome.accepted_if(role.defaults().loops, &format!("step 2 ({role}) runs once"));
    }
}

#[test]
fn the_state_refuses_what_does_not_fit_it() {
    let (none, one, gone) = (given([]), created(), created().and(ArchiveWorkflow {}));
    let plain = json!({ "workflow_type": "single_designer" });
    let define = json!({ "definition": plain });
    let long = "x".repeat(check::TEXT_MAX_BYTES + 1);
    check_refused(vec![
        (&none, "rename", json!({ "name": "W" }), "workflow does not exist"),
        (&none, "define", define.clone(), "workflow does not exist"),
        (&none, "archive", json!({}), "workflow does not exist"),
        (&one, "create", create(&plain), "workflow exists already"),
        (&gone, "create", create(&plain), "workflow exists already"),
        (&gone, "rename", json!({ "name": "W" }), "expected workflow to be current, but it is archived"),
        (&gone, "define", define.clone(), "but it is archived"),
        (&gone, "archive", json!({}), "but it is archived"),
        (&one, "rename", json!({ "name": "" }), "`name`: expected 1 to 200 bytes"),
        (&one, "rename", json!({ "name": "W", "description": long }), "`description`: expected at most"),
        (&none, "create", with(&create(&plain), &json!({ "name": "" })), "`name`: expected 1 to 200 bytes"),
        (
            &none,
            "create",
            with(&create(&plain), &json!({ "description": long })),
            "`instructions`: expected 0 to",
        ),
        (&one, "define", with(&define, &json!({ "note": "two\nlines" })), "`note`: expected 1 to 200 bytes"),
    ]);
}

fn planned(workflow: &Given<Workflow>, personas: &[(u8, &str)]) -> Result<Blueprint, Rejection> {
    let known: Vec<_> =
        personas.iter().map(|(n, kind)| (PersonaId::from_bytes([*n; 16]), persona(kind).state())).collect();
    workflow.state().blueprint(&|id| {
        let found = known.iter().find(|(known, _)| *known == id).map(|(_, persona)| persona);
        found.ok_or_else(|| Rejection::UnknownReference { reference: StreamId::from(id).to_string() })
    })
}

#[test]
fn what_a_step_leaves_open_comes_from_persona_sandbox_workflow_and_role_in_that_order() {
    let sandbox = json!({
        "designer_model": "of-sandbox", "checker_model": "of-sandbox-too", "efforts": [["of-sandbox", "high"]],
    });
    let definition = json!({
        "workflow_type": "custom_pipeline", "sandbox": sandbox, "model": "of-workflow", "cli_tool": "pi",
        "thinking_effort": "low",
        "steps": [
            { "role": "designer", "model": "of-step", "cli_tool": "codex", "thinking_effort": "max" },
            { "role": "designer" }, { "role": "checker" }, { "role": "optimizer" },
        ],
    });
    let shown = |workflow: &Given<Workflow>| -> Vec<_> {
        let steps = planned(workflow, &[(2, "designer")]).unwrap().steps;
        steps
            .into_iter()
            .map(|step| (step.cli_tool, step.model.unwrap_or_default(), step.thinking_effort))
            .collect()
    };
    let row = |tool: &str, model: &str, effort| (tool.to_owned(), model.to_owned(), effort);
    let full = created().and_json("define", &json!({ "definition": definition }));
    assert_eq!(
        shown(&full),
        [
            row("codex", "of-step", Some(Effort::Max)),
            row("pi", "of-sandbox", Some(Effort::High)),
            row("pi", "of-sandbox-too", Some(Effort::Low)),
            row("pi", "of-workflow", Some(Effort::Low)),
        ]
    );
    let bare =
        custom(json!([{ "role": "designer" }, { "role": "checker" }, { "role": "merge_agent" }]), json!([]));
    assert_eq!(
        shown(&created().and_json("define", &json!({ "definition": bare }))),
        [
            row("claude", "claude-opus-4-6", None),
            row("claude", "claude-sonnet-4-6", None),
            row("claude", "", None),
        ]
    );
    let personas =
        json!({ "workflow_type": "persona_pipeline", "sandbox": sandbox, "steps": [{ "persona": id(2) }] });
    let followed = created().and_json("define", &json!({ "definition": personas }));
    assert_eq!(shown(&followed), [row("claude", "gpt-5", None)]);
}

#[test]
fn a_persona_that_no_longer_fits_stops_new_runs() {
    let personas = json!({ "workflow_type": "persona_pipeline", "steps": [{ "persona": id(2) }] });
    let workflow = created().and_json("define", &json!({ "definition": personas }));
    assert_eq!(planned(&workflow, &[(2, "evaluator")]).unwrap().steps[0].role, Role::Evaluator);
    let unfit = planned(&workflow, &[(2, "checker")]).unwrap_err().to_string();
    assert_eq!(unfit, "step 1 (checker) has no step before it to review");
    assert!(planned(&workflow, &[]).unwrap_err().to_string().ends_with("does not exist"));
    let archived = planned(&workflow.and(ArchiveWorkflow {}), &[(2, "designer")]).unwrap_err().to_string();
    assert_eq!(archived, "expected workflow to be current, but it is archived");
    assert_eq!(planned(&given([]), &[]).unwrap_err().to_string(), "workflow does not exist");
}

#[test]
fn it_names_its_project_and_asks_its_personas() {
    assert_eq!(created().state().project(), Some(ProjectId::from_bytes([1; 16])));
    let personas = json!({
        "workflow_type": "persona_pipeline", "steps": [{ "persona": id(3) }, { "persona": id(2) }, { "persona": id(3) }],
    });
    let create: WorkflowCommand = command("create", &create(&personas));
    assert_eq!(Workflow::references(&create), [ProjectId::from_bytes([1; 16]).into()]);
    let [two, three] = [PersonaId::from_bytes([2; 16]).into(), PersonaId::from_bytes([3; 16]).into()];
    assert_eq!(Workflow::default().consults(&create), [two, three]);
    assert_eq!(Workflow::default().consults(&ArchiveWorkflow {}.into()), []);
    let loops = custom(json!([inside("designer"), inside("checker")]), review(2));
    let planned = planned(&created().and_json("define", &json!({ "definition": loops })), &[]).unwrap();
    assert_eq!(planned.loops[0].loop_id.to_string(), "00000000000000000000000001");
}

#[test]
fn no_version_number_is_given_twice() {
    let WorkflowEvent::WorkflowDefined(mut last) = samples().remove(2) else { panic!("the third sample") };
    last.version = u32::MAX;
    given::<Workflow>([samples().remove(0), last.into()])
        .when_json("define", &json!({ "definition": { "workflow_type": "single_designer" } }))
        .refused("no version number left");
}

#[test]
fn any_order_of_commands_folds_alike() {
    let commands = [
        ("create", create(&json!({ "workflow_type": "designer_checker" }))),
        ("rename", json!({ "name": "W" })),
        ("define", json!({ "definition": { "workflow_type": "single_designer" } })),
        (
            "define",
            json!({ "definition": { "workflow_type": "persona_pipeline", "steps": [{ "persona": id(2) }] } }),
        ),
        (
            "define",
            json!({ "definition": { "workflow_type": "persona_pipeline", "steps": [{ "persona": id(4) }] } }),
        ),
        ("archive", json!({})),
    ];
    check_any_order::<Workflow>(&acquainted(given([])), &pool(&commands), |history| {
        let mut version = 1;
        for (place, event) in history.iter().enumerate() {
            match event {
                WorkflowEvent::WorkflowDefined(e) => {
                    version += 1;
                    assert_eq!(e.version, version, "versions are dense");
                }
                WorkflowEvent::WorkflowArchived(_) => {
                    assert_eq!(place + 1, history.len(), "nothing follows the end");
                }
                _ => {}
            }
        }
    });
}
