//! What makes a definition a workflow: which steps may stand where.

use super::{StepDefinition, StepSettings, WorkflowDefinition};
use crate::ids::PersonaId;
use crate::run::LOOP_MAX_ITERATIONS;
use crate::terms::{Role, WorkflowType};
use crate::{Rejection, check};

/// The persona of a step that says nothing else.
pub(super) fn persona_alone(step: &StepSettings, number: usize) -> Result<PersonaId, Rejection> {
    let set = [
        ("role", step.role.is_some()),
        ("cli_tool", step.cli_tool.is_some()),
        ("model", step.model.is_some()),
        ("thinking_effort", step.thinking_effort.is_some()),
        ("instructions", !step.instructions.is_empty()),
    ];
    if let Some((field, _)) = set.iter().find(|(_, is_set)| *is_set) {
        return Err(Rejection::rule(
            format!("step {number} of a persona pipeline sets `{field}`, which its persona does"),
            "name the persona alone, or define a custom pipeline",
        ));
    }
    step.persona.ok_or_else(|| {
        Rejection::rule(
            format!("step {number} of a persona pipeline names no persona"),
            "name a persona in every step",
        )
    })
}

/// The role of a step that follows no persona.
pub(super) fn role_alone(step: &StepSettings, number: usize) -> Result<Role, Rejection> {
    if step.persona.is_some() {
        return Err(Rejection::rule(
            format!("step {number} names a persona, which only steps of a persona pipeline do"),
            "take the persona out, or define a persona pipeline",
        ));
    }
    step.role.ok_or_else(|| Rejection::rule(format!("step {number} has no role"), "give every step a role"))
}

/// Every rule on a whole definition.
pub(super) fn check(definition: &WorkflowDefinition) -> Result<(), Rejection> {
    shape(definition)?;
    names(definition)?;
    for (index, step) in definition.steps.iter().enumerate() {
        stands(definition, index, step)?;
    }
    definition.loops.iter().try_for_each(|around| contiguous(definition, &around.name))
}

/// The two plain shapes are what their names say.
fn shape(definition: &WorkflowDefinition) -> Result<(), Rejection> {
    let steps: Vec<_> = definition.steps.iter().map(|step| (step.role, step.in_loop.is_some())).collect();
    match definition.workflow_type {
        WorkflowType::SingleDesigner
            if steps != [(Role::Designer, false)] || !definition.loops.is_empty() =>
        {
            Err(Rejection::rule(
                "a single designer workflow has one step, a designer outside any loop",
                "leave `steps` and `loops` out, or define a custom pipeline",
            ))
        }
        WorkflowType::DesignerChecker
            if steps != [(Role::Designer, true), (Role::Checker, true)] || definition.loops.len() != 1 =>
        {
            Err(Rejection::rule(
                "a designer & checker workflow has a designer and then a checker, both in its one loop",
                "leave `steps` and `loops` out, or define a custom pipeline",
            ))
        }
        _ => Ok(()),
    }
}

fn names(definition: &WorkflowDefinition) -> Result<(), Rejection> {
    let names: Vec<_> = definition.loops.iter().map(|around| &around.name).collect();
    check::distinct("loops", &names)?;
    for around in &definition.loops {
        check::name("loops", &around.name)?;
        check::range("max_iterations", around.max_iterations, &(1..=LOOP_MAX_ITERATIONS), "iterations")?;
    }
    let unknown = |name: &&String| !names.contains(name);
    match definition.steps.iter().filter_map(|step| step.in_loop.as_ref()).find(unknown) {
        Some(name) => Err(Rejection::unknown("loop", name)),
        None => Ok(()),
    }
}

fn stands(definition: &WorkflowDefinition, index: usize, step: &StepDefinition) -> Result<(), Rejection> {
    let (number, role) = (index + 1, step.role);
    if step.in_loop.is_some() && !role.defaults().loops {
        return Err(Rejection::rule(
            format!("step {number} ({role}) runs once and stands in no loop"),
            "take the step out of the loop",
        ));
    }
    // What is reviewed must be made anew in each iteration, so a checker looks no further back than its loop.
    let before = definition.steps[..index]
        .iter()
        .filter(|other| other.in_loop == step.in_loop || step.in_loop.is_none());
    if role.issues_verdicts() && before.into_iter().all(|other| other.role.issues_verdicts()) {
        let place = step.in_loop.as_ref().map_or_else(String::new, |name| format!(" in loop `{name}`"));
        return Err(Rejection::rule(
            format!("step {number} ({role}) has no step before it{place} to review"),
            "put a designer before it",
        ));
    }
    Ok(())
}

/// A loop's steps stand together, and the last of them judges.
fn contiguous(definition: &WorkflowDefinition, name: &str) -> Result<(), Rejection> {
    let is_inside = |step: &StepDefinition| step.in_loop.as_deref() == Some(name);
    let steps = &definition.steps;
    let (Some(first), Some(last)) = (steps.iter().position(is_inside), steps.iter().rposition(is_inside))
    else {
        return Err(Rejection::rule(
            format!("loop `{name}` has no step"),
            "put steps into it, or take it out",
        ));
    };
    if let Some(between) = (first..=last).find(|index| !is_inside(&steps[*index])) {
        return Err(Rejection::rule(
            format!("loop `{name}` is not contiguous: step {} stands between its steps", between + 1),
            "put the steps of a loop next to each other",
        ));
    }
    if !steps[last].role.issues_verdicts() {
        return Err(Rejection::rule(
            format!(
                "loop `{name}` ends with step {} ({}), which issues no verdict",
                last + 1,
                steps[last].role
            ),
            "end the loop with a checker or reviewer",
        ));
    }
    Ok(())
}
