//! How steps begin and loops go round.

use super::*;
use crate::flow::PlannedStep;

/// What a step takes from the persona it follows.
#[derive(Default)]
struct Followed {
    version: Option<u32>,
    cli_tool: Option<String>,
    model: Option<String>,
    thinking_effort: Option<crate::terms::Effort>,
    quality_threshold: Option<Score>,
}

impl From<&PlannedStep> for Followed {
    fn from(step: &PlannedStep) -> Self {
        Self {
            version: step.persona.map(|(_, version)| version),
            cli_tool: Some(step.cli_tool.clone()),
            model: step.model.clone(),
            thinking_effort: step.thinking_effort,
            quality_threshold: step.quality_threshold,
        }
    }
}

impl Run {
    pub(super) fn start_step(&self, command: &StartStep, others: &Others) -> Result<RunEvent, Rejection> {
        self.new_step(command.step)?;
        check::opt_name("cli_tool", command.cli_tool.as_deref())?;
        check::opt_name("model", command.model.as_deref())?;
        let iteration = command.iteration.unwrap_or(1);
        check::range("iteration", iteration, &(1..=10_000), "iterations")?;
        if command.loop_id.is_some() != command.loop_iteration.is_some() {
            return Err(Rejection::invalid(
                "loop_iteration",
                "present exactly where loop_id is",
                "only one of them",
            ));
        }
        if let Some(iteration) = command.loop_iteration {
            check::range("loop_iteration", iteration, &(1..=LOOP_MAX_ITERATIONS), "iterations")?;
        }
        if let Some(digest) = &command.prompt_digest
            && !(digest.len() == 64 && digest.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')))
        {
            return Err(Rejection::invalid("prompt_digest", "64 lower-case hex digits", digest));
        }
        let followed = match command.persona {
            Some(persona) => self.follow(persona, command, others)?,
            None if command.persona_version.is_some() => {
                return Err(Rejection::invalid("persona_version", "absent without a persona", "a version"));
            }
            None => Followed::default(),
        };
        let command = command.clone();
        Ok(StepStarted {
            step: command.step,
            role: command.role,
            sandbox: command.sandbox,
            persona: command.persona,
            cli_tool: command.cli_tool.or(followed.cli_tool),
            model: command.model.or(followed.model),
            thinking_effort: command.thinking_effort.or(followed.thinking_effort),
            iteration,
            loop_id: command.loop_id,
            loop_iteration: command.loop_iteration,
            prompt_digest: command.prompt_digest,
            persona_version: followed.version,
            quality_threshold: followed.quality_threshold,
        }
        .into())
    }
    /// What a step takes from its persona: in the version that the run was requested with, if any, else the
    /// present one. Of other versions nothing but the number is known here.
    fn follow(&self, id: PersonaId, command: &StartStep, others: &Others) -> Result<Followed, Rejection> {
        let profile = others.of::<Persona>(id)?.usable(id)?;
        if !matches!(profile.role, Role::Custom) && profile.role != command.role {
            let actual = format!("{}, of a {}", command.role, profile.role);
            return Err(Rejection::invalid("role", "the role of its persona", actual));
        }
        let planned = |version: Option<u32>| {
            let steps = self.blueprint.iter().flat_map(|blueprint| &blueprint.steps);
            steps.into_iter().find(|step| {
                step.persona
                    .is_some_and(|(known, of)| known == id && version.is_none_or(|version| version == of))
            })
        };
        if let Some(version) = command.persona_version {
            check::range("persona_version", version, &(1..=profile.version), "versions of the persona")?;
        }
        if let Some(step) = planned(command.persona_version) {
            return Ok(step.into());
        }
        let version = command.persona_version.unwrap_or(profile.version);
        if version != profile.version {
            return Ok(Followed { version: Some(version), ..Followed::default() });
        }
        Ok(Followed {
            version: Some(version),
            cli_tool: profile.cli_tool.clone(),
            model: profile.model.clone(),
            thinking_effort: profile.thinking_effort,
            quality_threshold: profile.quality_threshold,
        })
    }
    pub(super) fn iterate_loop(&self, command: &IterateLoop) -> Result<RunEvent, Rejection> {
        self.expect_running()?;
        let made =
            self.loops.get(&command.loop_id).ok_or_else(|| Rejection::unknown("loop", command.loop_id))?;
        check::range("iteration", command.iteration, &(made + 1..=LOOP_MAX_ITERATIONS.max(made + 1)), "")?;
        check::range("iteration", command.iteration, &(1..=LOOP_MAX_ITERATIONS), "iterations")?;
        let mut planned = self.blueprint.iter().flat_map(|blueprint| &blueprint.loops);
        if let Some(around) = planned.find(|around| around.loop_id == command.loop_id) {
            let allowed = 1..=around.max_iterations;
            check::range("iteration", command.iteration, &allowed, "iterations, as the workflow has it")?;
        }
        check::text("feedback", command.feedback.as_deref().unwrap_or_default())?;
        let IterateLoop { loop_id, iteration, feedback } = command.clone();
        Ok(LoopIterated { loop_id, iteration, feedback }.into())
    }
}
