//! One or more of every event of a workflow.

use super::*;

/// One or more of every event.
pub(crate) fn samples() -> Vec<WorkflowEvent> {
    let step = |role, in_loop: Option<&str>| StepDefinition {
        role,
        persona: None,
        cli_tool: None,
        model: None,
        thinking_effort: None,
        instructions: String::new(),
        in_loop: in_loop.map(Into::into),
    };
    let plain = WorkflowDefinition {
        workflow_type: WorkflowType::SingleDesigner,
        sandbox: SandboxDefaults::NONE,
        cli_tool: None,
        model: None,
        thinking_effort: None,
        steps: vec![step(Role::Designer, None)],
        loops: vec![],
    };
    let mut checker = step(Role::Checker, Some("review"));
    (checker.cli_tool, checker.model) = (Some("codex".into()), Some("gpt-5".into()));
    (checker.thinking_effort, checker.instructions) = (Some(Effort::Max), "Run the tests.".into());
    let pipeline = WorkflowDefinition {
        workflow_type: WorkflowType::CustomPipeline,
        sandbox: SandboxDefaults {
            template_id: Some("rust".into()),
            timeout_ms: Some(600_000),
            memory_mb: Some(512),
            cpus: Some(1),
            designer_model: Some("opus".into()),
            checker_model: Some("sonnet".into()),
            efforts: vec![("opus".into(), Effort::High)],
            provider: Some("e2b".into()),
        },
        cli_tool: Some("claude".into()),
        model: Some("opus".into()),
        thinking_effort: Some(Effort::Low),
        steps: vec![step(Role::Prompter, None), step(Role::Designer, Some("review")), checker],
        loops: vec![LoopDefinition { name: "review".into(), max_iterations: 3 }],
    };
    let follower = |number: u8, role| StepDefinition {
        persona: Some((PersonaId::from_bytes([number; 16]), 2)),
        ..step(role, None)
    };
    let personas = WorkflowDefinition {
        workflow_type: WorkflowType::PersonaPipeline,
        steps: vec![follower(2, Role::Designer), follower(3, Role::Evaluator)],
        ..plain.clone()
    };
    let defined = |version, definition, note: Option<&str>| WorkflowDefined {
        version,
        definition,
        note: note.map(Into::into),
    };
    vec![
        WorkflowCreated {
            project: ProjectId::from_bytes([1; 16]),
            name: "Fix".into(),
            description: "Small repairs.".into(),
            definition: plain,
        }
        .into(),
        WorkflowRenamed { name: "Repair".into(), description: String::new() }.into(),
        defined(2, pipeline, Some("with review")).into(),
        defined(3, personas, None).into(),
        WorkflowArchived {}.into(),
    ]
}
