//! A workflow: a reusable blueprint of steps and loops, with versions of its definition.

use std::collections::BTreeSet;

use crate::catalogue::{commands, events, plain};
use crate::flow::Blueprint;
use crate::ids::{Category, PersonaId, ProjectId, StreamId};
use crate::persona::Persona;
use crate::sandbox::SandboxDefaults;
use crate::terms::{Effort, Role, WorkflowType};
use crate::{Decider, Others, Rejection, check};

mod plan;
mod rules;
mod samples;

pub(crate) use samples::samples;

events! {
    /// Everything that can happen to a workflow.
    pub enum WorkflowEvent {
        600 => WorkflowCreated 1;
        601 => WorkflowRenamed 1;
        602 => WorkflowDefined 1;
        603 => WorkflowArchived 1;
    }
}

commands! {
    /// What can be asked of a workflow.
    pub enum WorkflowCommand {
        "create" => CreateWorkflow;
        "rename" => RenameWorkflow;
        "define" => DefineWorkflow;
        "archive" => ArchiveWorkflow;
    }
}

plain! {
    /// A step of a workflow.
    struct StepDefinition {
        /// What the agent does; of a persona's step, what it did when this was defined.
        role: Role,
        /// The persona it follows, with the version when this was defined; persona pipelines only.
        persona: Option<(PersonaId, u32)>,
        /// The agent's program; that of the workflow where absent.
        cli_tool: Option<String>,
        /// The model; that of the workflow where absent.
        model: Option<String>,
        /// How hard it is asked to think.
        thinking_effort: Option<Effort>,
        /// What its system prompt says besides.
        instructions: String,
        /// Name of the loop it stands in.
        in_loop: Option<String>,
    }
    /// A loop of a workflow. In runs it goes by an id made of its place: 1, 2 and so on.
    struct LoopDefinition {
        /// Its name within the workflow.
        name: String,
        /// How often it is gone through at most.
        max_iterations: u32,
    }
    /// What a workflow is.
    struct WorkflowDefinition {
        /// Its shape.
        workflow_type: WorkflowType,
        /// What its sandboxes are made with.
        sandbox: SandboxDefaults,
        /// The agent's program where a step names none.
        cli_tool: Option<String>,
        /// The model where a step names none.
        model: Option<String>,
        /// How hard a model is asked to think where a step says nothing.
        thinking_effort: Option<Effort>,
        /// Its steps, in order.
        steps: Vec<StepDefinition>,
        /// Its loops.
        loops: Vec<LoopDefinition>,
    }

    /// A workflow was made; this is its version 1.
    struct WorkflowCreated {
        /// The project it belongs to.
        project: ProjectId,
        /// What people call it.
        name: String,
        /// What it is good for.
        description: String,
        /// What it is.
        definition: WorkflowDefinition,
    }
    /// It has another name or description.
    struct WorkflowRenamed {
        /// What people call it.
        name: String,
        /// What it is good for.
        description: String,
    }
    /// It is defined anew; runs that have begun keep the version they were requested with.
    struct WorkflowDefined {
        /// The version, one more than the last.
        version: u32,
        /// What it is.
        definition: WorkflowDefinition,
        /// Why it changed.
        note: Option<String>,
    }
    /// It is gone for good; its versions stay readable.
    struct WorkflowArchived {}
}

plain! {
    /// A step of a workflow. What is left out takes its default.
    struct StepSettings {
        /// What the agent does; not in a persona pipeline, where the persona says it.
        role: Option<Role>,
        /// The persona it follows; persona pipelines only.
        persona: Option<PersonaId>,
        /// The agent's program, such as `claude`, `codex`, `opencode`, `pi`.
        cli_tool: Option<String>,
        /// The model.
        model: Option<String>,
        /// How hard it is asked to think.
        thinking_effort: Option<Effort>,
        /// What its system prompt says besides; at most 512 KiB over all steps.
        #[serde(default)]
        instructions: String,
        /// Name of the loop it stands in.
        in_loop: Option<String>,
    }
    /// What sandboxes of a workflow are made with; what is left out takes the platform's default.
    struct SandboxSettings {
        /// The template they are made from.
        template_id: Option<String>,
        /// How long one may live, 60,000 to 14,400,000 ms.
        timeout_ms: Option<u64>,
        /// Memory of each, 256 to 8,192 MB.
        memory_mb: Option<u32>,
        /// CPUs of each, 1 to 8.
        cpus: Option<u32>,
        /// The model of designers.
        designer_model: Option<String>,
        /// The model of checkers.
        checker_model: Option<String>,
        /// How hard each model is asked to think; each model once.
        #[serde(default)]
        efforts: Vec<(String, Effort)>,
        /// Who provides them, such as `local` or `e2b`.
        provider: Option<String>,
    }
    /// What a workflow is to be.
    struct WorkflowSettings {
        /// Its shape.
        workflow_type: WorkflowType,
        /// What its sandboxes are made with.
        sandbox: Option<SandboxSettings>,
        /// The agent's program where a step names none; `claude` where absent.
        cli_tool: Option<String>,
        /// The model where a step names none; that of its role where absent.
        model: Option<String>,
        /// How hard a model is asked to think where a step says nothing.
        thinking_effort: Option<Effort>,
        /// Its steps, in order, at most 100. A single designer, or a designer & checker, may leave them out.
        #[serde(default)]
        steps: Vec<StepSettings>,
        /// Its loops, each with a name and 1 to 50 iterations.
        #[serde(default)]
        loops: Vec<LoopDefinition>,
    }
    /// Makes a workflow, with its version 1. Every persona it names must be enabled.
    struct CreateWorkflow {
        /// The project it belongs to.
        project: ProjectId,
        /// What people call it.
        name: String,
        /// What it is good for; at most 512 KiB together with the instructions.
        #[serde(default)]
        description: String,
        /// What it is.
        definition: WorkflowSettings,
    }
    /// Gives it another name and description; no new version.
    struct RenameWorkflow {
        /// What people call it.
        name: String,
        /// What it is good for.
        #[serde(default)]
        description: String,
    }
    /// Defines it anew: the whole definition is replaced and gets the next version.
    struct DefineWorkflow {
        /// What it is.
        definition: WorkflowSettings,
        /// Why it changes; one line.
        note: Option<String>,
    }
    /// Takes it out of use, for good.
    struct ArchiveWorkflow {}
}

/// Most steps of a workflow.
pub const STEPS_MAX: usize = 100;

#[derive(Debug, Clone, Copy, PartialEq, Default)]
enum Phase {
    #[default]
    Missing,
    Current,
    Archived,
}

/// A workflow, as far as decisions need it: its own, and those of runs that follow it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Workflow {
    project: Option<ProjectId>,
    phase: Phase,
    version: u32,
    /// In force, without texts.
    definition: Option<WorkflowDefinition>,
}

/// Looks up a persona that a decision names.
pub(crate) type Personas<'a> = &'a dyn Fn(PersonaId) -> Result<&'a Persona, Rejection>;

impl Workflow {
    /// Version of the definition in force, 0 before there is one.
    #[must_use]
    pub const fn version(&self) -> u32 {
        self.version
    }
    /// The personas that its steps follow, each as often as it is named.
    pub fn personas(&self) -> impl Iterator<Item = PersonaId> {
        let steps = self.definition.iter().flat_map(|definition| &definition.steps);
        steps.filter_map(|step| step.persona.map(|(persona, _)| persona))
    }
    /// What a run of this workflow does: every step with its tool, model, effort and persona as of now.
    ///
    /// # Errors
    /// Where it is archived, or a persona is not enabled or no longer fits where it stands.
    pub(crate) fn blueprint(&self, personas: Personas<'_>) -> Result<Blueprint, Rejection> {
        self.expect_current()?;
        let Some(definition) = &self.definition else {
            return Err(Rejection::NotFound { aggregate: "workflow" });
        };
        let mut definition = definition.clone();
        let mut profiles = Vec::with_capacity(definition.steps.len());
        for step in &mut definition.steps {
            let profile = step.persona.map(|(id, _)| personas(id)?.usable(id)).transpose()?;
            if let (Some(profile), Some((_, version))) = (profile, &mut step.persona) {
                step.role = profile.role;
                *version = profile.version;
            }
            profiles.push(profile);
        }
        // A persona may have got another type since this was defined.
        rules::check(&definition)?;
        let steps = definition.steps.iter().zip(profiles);
        Ok(Blueprint {
            steps: steps.map(|(step, profile)| definition.planned(step, profile)).collect(),
            loops: definition.loops.iter().enumerate().map(|(place, of)| of.planned(place)).collect(),
        })
    }
    /// As [`Decider::decide`], with the personas at hand that `command` names.
    fn decide_with(
        &self,
        command: &WorkflowCommand,
        personas: Personas<'_>,
    ) -> Result<Vec<WorkflowEvent>, Rejection> {
        let event = match command {
            WorkflowCommand::CreateWorkflow(c) => {
                if self.phase != Phase::Missing {
                    return Err(Rejection::AlreadyExists { what: "workflow".into() });
                }
                let definition = c.definition.resolve(personas)?;
                described(&c.name, &c.description, &definition)?;
                let CreateWorkflow { project, name, description, .. } = c.clone();
                WorkflowCreated { project, name, description, definition }.into()
            }
            WorkflowCommand::RenameWorkflow(c) => {
                self.expect_current()?;
                check::name("name", &c.name)?;
                check::text("description", &c.description)?;
                WorkflowRenamed { name: c.name.clone(), description: c.description.clone() }.into()
            }
            WorkflowCommand::DefineWorkflow(c) => {
                self.expect_current()?;
                check::opt_name("note", c.note.as_deref())?;
                let definition = c.definition.resolve(personas)?;
                described("-", "", &definition)?;
                let version = self.version.checked_add(1).ok_or_else(|| {
                    Rejection::rule("the workflow has no version number left", "create another workflow")
                })?;
                WorkflowDefined { version, definition, note: c.note.clone() }.into()
            }
            WorkflowCommand::ArchiveWorkflow(ArchiveWorkflow {}) => {
                self.expect_current()?;
                WorkflowArchived {}.into()
            }
        };
        Ok(vec![event])
    }
    fn expect_current(&self) -> Result<(), Rejection> {
        match self.phase {
            Phase::Missing => Err(Rejection::NotFound { aggregate: "workflow" }),
            Phase::Current => Ok(()),
            Phase::Archived => Err(Rejection::illegal("workflow", "current", "archived")),
        }
    }
    fn take(&mut self, version: u32, definition: &WorkflowDefinition) {
        self.version = version;
        let mut definition = definition.clone();
        definition.steps.iter_mut().for_each(|step| step.instructions = String::new());
        self.definition = Some(definition);
    }
}

/// All texts travel in one commit, so their sum is bounded.
fn described(name: &str, description: &str, definition: &WorkflowDefinition) -> Result<(), Rejection> {
    check::name("name", name)?;
    let texts =
        definition.steps.iter().map(|step| step.instructions.len()).sum::<usize>() + description.len();
    let unit = "bytes over all steps and the description";
    check::range("instructions", texts, &(0..=check::TEXT_MAX_BYTES), unit)
}

impl WorkflowSettings {
    /// What is stored: defaults filled in, personas looked up, every rule checked.
    fn resolve(&self, personas: Personas<'_>) -> Result<WorkflowDefinition, Rejection> {
        check::opt_name("cli_tool", self.cli_tool.as_deref())?;
        check::opt_name("model", self.model.as_deref())?;
        let (steps, loops) = self.filled();
        check::range("steps", steps.len(), &(1..=STEPS_MAX), "steps")?;
        let steps =
            (1..).zip(&steps).map(|(number, step)| step.resolve(self.workflow_type, number, personas));
        let definition = WorkflowDefinition {
            workflow_type: self.workflow_type,
            sandbox: self.sandbox.clone().map_or(SandboxDefaults::NONE, SandboxDefaults::from),
            cli_tool: self.cli_tool.clone(),
            model: self.model.clone(),
            thinking_effort: self.thinking_effort,
            steps: steps.collect::<Result<_, _>>()?,
            loops,
        };
        definition.sandbox.check()?;
        rules::check(&definition)?;
        Ok(definition)
    }
    /// Steps and loops, those of the two plain shapes where none are given.
    fn filled(&self) -> (Vec<StepSettings>, Vec<LoopDefinition>) {
        const LOOP: &str = "review";
        const ITERATIONS: u32 = 3;
        let step = |role, in_loop: Option<&str>| StepSettings {
            role: Some(role),
            persona: None,
            cli_tool: None,
            model: None,
            thinking_effort: None,
            instructions: String::new(),
            in_loop: in_loop.map(Into::into),
        };
        let nothing = self.steps.is_empty() && self.loops.is_empty();
        match self.workflow_type {
            WorkflowType::SingleDesigner if nothing => (vec![step(Role::Designer, None)], vec![]),
            WorkflowType::DesignerChecker if nothing => (
                vec![step(Role::Designer, Some(LOOP)), step(Role::Checker, Some(LOOP))],
                vec![LoopDefinition { name: LOOP.into(), max_iterations: ITERATIONS }],
            ),
            _ => (self.steps.clone(), self.loops.clone()),
        }
    }
}

impl StepSettings {
    fn resolve(
        &self,
        workflow: WorkflowType,
        number: usize,
        personas: Personas<'_>,
    ) -> Result<StepDefinition, Rejection> {
        check::opt_name("cli_tool", self.cli_tool.as_deref())?;
        check::opt_name("model", self.model.as_deref())?;
        let (role, persona) = if workflow == WorkflowType::PersonaPipeline {
            let id = rules::persona_alone(self, number)?;
            let profile = personas(id)?.usable(id)?;
            (profile.role, Some((id, profile.version)))
        } else {
            (rules::role_alone(self, number)?, None)
        };
        let StepSettings { cli_tool, model, thinking_effort, instructions, in_loop, .. } = self.clone();
        Ok(StepDefinition { role, persona, cli_tool, model, thinking_effort, instructions, in_loop })
    }
}

impl From<SandboxSettings> for SandboxDefaults {
    fn from(settings: SandboxSettings) -> Self {
        Self {
            template_id: settings.template_id,
            timeout_ms: settings.timeout_ms,
            memory_mb: settings.memory_mb,
            cpus: settings.cpus,
            designer_model: settings.designer_model,
            checker_model: settings.checker_model,
            efforts: settings.efforts,
            provider: settings.provider,
        }
    }
}

impl Decider for Workflow {
    const CATEGORY: Category = Category(6);
    type Command = WorkflowCommand;
    type Event = WorkflowEvent;

    /// Decides as far as no persona is named.
    fn decide(&self, command: &WorkflowCommand) -> Result<Vec<WorkflowEvent>, Rejection> {
        self.decide_among(command, &Others::default())
    }

    fn decide_among(
        &self,
        command: &WorkflowCommand,
        others: &Others,
    ) -> Result<Vec<WorkflowEvent>, Rejection> {
        self.decide_with(command, &|id| others.of::<Persona>(id))
    }

    fn evolve(&mut self, event: &WorkflowEvent) {
        match event {
            WorkflowEvent::WorkflowCreated(e) => {
                self.project = Some(e.project);
                self.phase = Phase::Current;
                self.take(1, &e.definition);
            }
            WorkflowEvent::WorkflowRenamed(_) => {}
            WorkflowEvent::WorkflowDefined(e) => self.take(e.version, &e.definition),
            WorkflowEvent::WorkflowArchived(_) => self.phase = Phase::Archived,
        }
    }

    fn project(&self) -> Option<ProjectId> {
        self.project
    }

    fn references(command: &WorkflowCommand) -> Vec<StreamId> {
        match command {
            WorkflowCommand::CreateWorkflow(c) => vec![c.project.into()],
            _ => vec![],
        }
    }

    fn consults(&self, command: &WorkflowCommand) -> Vec<StreamId> {
        let definition = match command {
            WorkflowCommand::CreateWorkflow(c) => &c.definition,
            WorkflowCommand::DefineWorkflow(c) => &c.definition,
            _ => return vec![],
        };
        // More are refused in any case, and need not be loaded for that.
        let steps = definition.steps.iter().take(STEPS_MAX);
        let personas: BTreeSet<_> = steps.filter_map(|step| step.persona).collect();
        personas.into_iter().map(StreamId::from).collect()
    }
}

#[cfg(test)]
mod tests;
