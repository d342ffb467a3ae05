//! Layouts of a run's events that earlier releases wrote, and how they are brought up to date.

use serde::{Deserialize, Serialize};

use super::payloads::{Configuration, RunRequested, StepStarted};
use crate::ids::{AssetId, ContextId, LoopId, PersonaId, ProjectId, SandboxId, StepId, WorkflowId};
use crate::terms::{Effort, Role, RunSource};

/// Before the versions of personas were recorded.
#[derive(Serialize, Deserialize)]
pub(super) struct ConfigurationV1 {
    workflow_version: Option<u32>,
    personas: Vec<PersonaId>,
    contexts: Vec<(ContextId, u32)>,
    learning_version: Option<u32>,
    assets: Vec<(AssetId, u32)>,
}

/// Before a run carried what it is to do.
#[derive(Serialize, Deserialize)]
pub(super) struct RunRequestedV1 {
    project: ProjectId,
    workflow: Option<WorkflowId>,
    source: RunSource,
    title: Option<String>,
    prompt: String,
    configuration: ConfigurationV1,
}

/// Before a step carried what it takes from its persona.
#[derive(Serialize, Deserialize)]
pub(super) struct StepStartedV1 {
    step: StepId,
    role: Role,
    sandbox: Option<SandboxId>,
    persona: Option<PersonaId>,
    cli_tool: Option<String>,
    model: Option<String>,
    thinking_effort: Option<Effort>,
    iteration: u32,
    loop_id: Option<LoopId>,
    loop_iteration: Option<u32>,
    prompt_digest: Option<String>,
}

impl From<RunRequestedV1> for RunRequested {
    fn from(old: RunRequestedV1) -> Self {
        let configuration = Configuration {
            workflow_version: old.configuration.workflow_version,
            personas: old.configuration.personas,
            persona_versions: vec![],
            contexts: old.configuration.contexts,
            learning_version: old.configuration.learning_version,
            learning_versions: vec![],
            assets: old.configuration.assets,
        };
        Self {
            project: old.project,
            workflow: old.workflow,
            source: old.source,
            title: old.title,
            prompt: old.prompt,
            configuration,
            blueprint: None,
            candidates: vec![],
            origin: None,
        }
    }
}

impl From<StepStartedV1> for StepStarted {
    fn from(old: StepStartedV1) -> Self {
        Self {
            step: old.step,
            role: old.role,
            sandbox: old.sandbox,
            persona: old.persona,
            cli_tool: old.cli_tool,
            model: old.model,
            thinking_effort: old.thinking_effort,
            iteration: old.iteration,
            loop_id: old.loop_id,
            loop_iteration: old.loop_iteration,
            prompt_digest: old.prompt_digest,
            persona_version: None,
            quality_threshold: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{EventFamily, encode};
    use crate::ids::{SchemaVersion, TypeId};
    use crate::run::RunEvent;

    #[test]
    fn what_was_never_recorded_is_absent() {
        let configuration = ConfigurationV1 {
            workflow_version: Some(3),
            personas: vec![PersonaId::from_bytes([4; 16])],
            contexts: vec![(ContextId::from_bytes([5; 16]), 2)],
            learning_version: Some(7),
            assets: vec![(AssetId::from_bytes([6; 16]), 1)],
        };
        let old = RunRequestedV1 {
            project: ProjectId::from_bytes([1; 16]),
            workflow: Some(WorkflowId::from_bytes([2; 16])),
            source: RunSource::Workflow,
            title: Some("t".into()),
            prompt: "p".into(),
            configuration,
        };
        let read = RunEvent::decode(TypeId(300), SchemaVersion(1), &encode(&old)).unwrap();
        let RunEvent::RunRequested(read) = read else { panic!("{read:?}") };
        assert_eq!((read.blueprint, read.candidates, read.origin), (None, vec![], None));
        assert_eq!(read.configuration.personas, [PersonaId::from_bytes([4; 16])]);
        assert_eq!(
            (read.configuration.persona_versions, read.configuration.learning_version),
            (vec![], Some(7))
        );
        assert_eq!((read.prompt.as_str(), read.title.as_deref()), ("p", Some("t")));
    }

    #[test]
    fn a_step_without_a_version_of_its_persona_has_none() {
        let old = StepStartedV1 {
            step: StepId::from_bytes([1; 16]),
            role: Role::Evaluator,
            sandbox: Some(SandboxId::from_bytes([2; 16])),
            persona: Some(PersonaId::from_bytes([3; 16])),
            cli_tool: Some("claude".into()),
            model: Some("opus".into()),
            thinking_effort: Some(Effort::High),
            iteration: 2,
            loop_id: Some(LoopId::from_bytes([4; 16])),
            loop_iteration: Some(2),
            prompt_digest: Some("5e".repeat(32)),
        };
        let read = RunEvent::decode(TypeId(303), SchemaVersion(1), &encode(&old)).unwrap();
        let RunEvent::StepStarted(read) = read else { panic!("{read:?}") };
        assert_eq!((read.persona, read.persona_version), (Some(PersonaId::from_bytes([3; 16])), None));
        assert_eq!((read.quality_threshold, read.loop_iteration, read.iteration), (None, Some(2), 2));
    }
}
