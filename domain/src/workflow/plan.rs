//! How a definition becomes what a run does: everything that a step leaves open is filled in.

use super::{LoopDefinition, StepDefinition, WorkflowDefinition};
use crate::flow::{PlannedLoop, PlannedStep};
use crate::ids::LoopId;
use crate::persona::Profile;
use crate::terms::Role;

impl WorkflowDefinition {
    /// A step with everything resolved: its own word, then the persona's, the sandbox's, the workflow's, the role's.
    pub(super) fn planned(&self, step: &StepDefinition, profile: Option<&Profile>) -> PlannedStep {
        let first = |words: [Option<&String>; 4]| words.into_iter().flatten().next().cloned();
        let defaults = step.role.defaults();
        let by_role = match step.role {
            Role::Designer => self.sandbox.designer_model.as_ref(),
            Role::Checker => self.sandbox.checker_model.as_ref(),
            _ => None,
        };
        let of_persona = profile.and_then(|profile| profile.model.as_ref());
        let model = first([step.model.as_ref(), of_persona, by_role, self.model.as_ref()])
            .or_else(|| defaults.model.map(Into::into));
        let of_persona = profile.and_then(|profile| profile.cli_tool.as_ref());
        let cli_tool = first([step.cli_tool.as_ref(), of_persona, self.cli_tool.as_ref(), None])
            .unwrap_or_else(|| defaults.cli_tool.into());
        let of_model = self.sandbox.efforts.iter().find(|(named, _)| Some(named) == model.as_ref());
        let thinking_effort = step
            .thinking_effort
            .or_else(|| profile.and_then(|profile| profile.thinking_effort))
            .or_else(|| of_model.map(|(_, effort)| *effort))
            .or(self.thinking_effort);
        let in_loop = |name: &String| self.loops.iter().position(|known| known.name == *name);
        PlannedStep {
            role: step.role,
            persona: step.persona,
            cli_tool,
            model,
            thinking_effort,
            in_loop: step.in_loop.as_ref().and_then(in_loop).and_then(|place| u32::try_from(place).ok()),
            quality_threshold: profile.and_then(|profile| profile.quality_threshold),
        }
    }
}

impl LoopDefinition {
    pub(super) fn planned(&self, place: usize) -> PlannedLoop {
        let loop_id = LoopId::from_bytes((place as u128 + 1).to_be_bytes());
        PlannedLoop { loop_id, max_iterations: self.max_iterations }
    }
}
