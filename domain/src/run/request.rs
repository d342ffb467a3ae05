//! How a run comes to be: from what its requester says, and from the workflow and personas as of now.

use super::*;

impl Configuration {
    fn of(requested: Option<&RequestedConfiguration>) -> Self {
        let requested = requested.cloned().unwrap_or_default();
        Self {
            workflow_version: requested.workflow_version,
            personas: requested.personas,
            persona_versions: vec![],
            contexts: requested.contexts,
            learning_version: requested.learning_version,
            learning_versions: requested.learning_versions.unwrap_or_default(),
            assets: requested.assets,
        }
    }
    fn check(&self) -> Result<(), Rejection> {
        check::distinct("personas", &self.personas)?;
        check::distinct("contexts", &self.contexts)?;
        check::distinct("learning_versions", &self.learning_versions)?;
        check::distinct("assets", &self.assets)
    }
}

/// What a judge compares: nothing yet, or at least two.
pub(super) fn candidates(candidates: &[String]) -> Result<(), Rejection> {
    check::list("candidates", candidates)?;
    for candidate in candidates {
        check::name("candidates", candidate)?;
    }
    let distinct: std::collections::BTreeSet<_> = candidates.iter().collect();
    if distinct.len() < CANDIDATES_MIN || distinct.len() != candidates.len() {
        let actual = format!("{} of which {} differ", candidates.len(), distinct.len());
        return Err(Rejection::invalid("candidates", "at least 2, each once", actual));
    }
    Ok(())
}

impl Run {
    pub(super) fn request(&self, command: &RequestRun, others: &Others) -> Result<RunEvent, Rejection> {
        if self.status.is_some() {
            return Err(Rejection::AlreadyExists { what: "run".into() });
        }
        check::opt_name("title", command.title.as_deref())?;
        check::filled("prompt", &command.prompt)?;
        let named = command.candidates.clone().unwrap_or_default();
        if !named.is_empty() {
            candidates(&named)?;
        }
        let mut configuration = Configuration::of(command.configuration.as_ref());
        configuration.check()?;
        let blueprint = command.workflow.map(|id| {
            let workflow = others.of::<Workflow>(id)?;
            planned(workflow, &mut configuration, others)
        });
        let blueprint = blueprint.transpose()?;
        let judges = |blueprint: &Blueprint| blueprint.steps.iter().any(|step| step.role == Role::Judge);
        if named.is_empty() && blueprint.as_ref().is_some_and(judges) {
            return Err(Rejection::rule(
                format!("the workflow has a judge, who needs at least {CANDIDATES_MIN} candidates"),
                "name the runs or branches it compares in `candidates`",
            ));
        }
        configuration.persona_versions = configuration
            .personas
            .iter()
            .map(|id| Ok(others.of::<Persona>(*id)?.usable(*id)?.version))
            .collect::<Result<_, Rejection>>()?;
        let command = command.clone();
        Ok(RunRequested {
            project: command.project,
            workflow: command.workflow,
            source: command.source,
            title: command.title,
            prompt: command.prompt,
            configuration,
            blueprint,
            candidates: named,
            origin: command.origin,
        }
        .into())
    }
}

/// What a run of `workflow` does; its version and personas are taken into the configuration.
fn planned(
    workflow: &Workflow,
    configuration: &mut Configuration,
    others: &Others,
) -> Result<Blueprint, Rejection> {
    let version = workflow.version();
    // Which personas a workflow follows is known only to the workflow: they are asked only where they are named.
    let blueprint = workflow.blueprint(&|id| {
        others.of::<Persona>(id).map_err(|_| {
            let rule = format!("the workflow follows persona `{id}`, which the request does not name");
            Rejection::rule(rule, "list every persona of the workflow in `configuration.personas`")
        })
    })?;
    if let Some(expected) = configuration.workflow_version.filter(|expected| *expected != version) {
        return Err(Rejection::invalid("workflow_version", format!("{version}, the one in force"), expected));
    }
    configuration.workflow_version = Some(version);
    for (persona, _) in blueprint.steps.iter().filter_map(|step| step.persona) {
        if !configuration.personas.contains(&persona) {
            configuration.personas.push(persona);
        }
    }
    Ok(blueprint)
}
