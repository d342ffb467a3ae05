//! Given what happened in a run, then what is to be done next.

mod every_outcome;
mod words;

use super::*;
use crate::ids::ProjectId;
use crate::run::{
    Configuration, LoopForcedOn, LoopIterated, RunCompleted, RunFailed, RunRequested, RunStarted,
    StepCompleted, StepFailed, StepSkipped, VerdictIssued,
};
use crate::terms::RunSource;

/// A step of that role, in the loop of that index.
fn planned(role: Role, in_loop: Option<u32>) -> PlannedStep {
    PlannedStep {
        role,
        persona: None,
        cli_tool: "claude".into(),
        model: Some("opus".into()),
        thinking_effort: None,
        in_loop,
        quality_threshold: None,
    }
}
fn loop_id(number: u8) -> LoopId {
    LoopId::from_bytes([number; 16])
}
/// Steps with their loops, and each loop's bound.
fn blueprint(steps: &[(Role, Option<u32>)], bounds: &[u32]) -> Blueprint {
    Blueprint {
        steps: steps.iter().map(|(role, in_loop)| planned(*role, *in_loop)).collect(),
        loops: (1..)
            .zip(bounds)
            .map(|(number, bound)| PlannedLoop { loop_id: loop_id(number), max_iterations: *bound })
            .collect(),
    }
}
fn requested(blueprint: Option<Blueprint>, candidates: usize) -> RunEvent {
    RunRequested {
        project: ProjectId::from_bytes([1; 16]),
        workflow: None,
        source: RunSource::Workflow,
        title: None,
        prompt: "Do it".into(),
        configuration: Configuration {
            workflow_version: None,
            personas: vec![],
            persona_versions: vec![],
            contexts: vec![],
            learning_version: None,
            learning_versions: vec![],
            assets: vec![],
        },
        blueprint,
        candidates: (0..candidates).map(|number| number.to_string()).collect(),
        origin: None,
    }
    .into()
}
fn running(blueprint: Blueprint) -> Vec<RunEvent> {
    vec![requested(Some(blueprint), 0), RunStarted {}.into()]
}
fn step(number: u64) -> StepId {
    StepId::from(ulid::Ulid(u128::from(number)))
}
/// The event that starts what is ordered.
fn start(number: u64, order: &StepOrder) -> RunEvent {
    StepStarted {
        step: step(number),
        role: order.role,
        sandbox: None,
        persona: order.persona.map(|(persona, _)| persona),
        cli_tool: Some(order.cli_tool.clone()),
        model: order.model.clone(),
        thinking_effort: order.thinking_effort,
        iteration: order.iteration,
        loop_id: order.loop_id,
        loop_iteration: order.loop_iteration,
        prompt_digest: None,
        persona_version: order.persona.map(|(_, version)| version),
        quality_threshold: None,
    }
    .into()
}
fn completed(number: u64) -> RunEvent {
    StepCompleted { step: step(number), output: None }.into()
}
fn verdict(number: u64, pass: bool, feedback: &str) -> RunEvent {
    VerdictIssued { step: step(number), pass, feedback: feedback.into() }.into()
}
fn failed(number: u64, failure: StepFailure) -> RunEvent {
    StepFailed { step: step(number), failure, error: "signal 9".into() }.into()
}
/// The event that does what is next, where that is no step and no waiting.
fn follow(next: &Next) -> Option<RunEvent> {
    Some(match next.clone() {
        Next::Start => RunStarted {}.into(),
        Next::IterateLoop { loop_id, iteration, feedback } => {
            LoopIterated { loop_id, iteration, feedback }.into()
        }
        Next::ForceLoopOn { loop_id, iterations } => LoopForcedOn { loop_id, iterations }.into(),
        Next::Complete => RunCompleted { summary: None }.into(),
        Next::Fail { error } => RunFailed { error }.into(),
        _ => return None,
    })
}
