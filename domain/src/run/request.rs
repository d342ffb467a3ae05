//! How a run comes to be: from what its requester says, and from the workflow and personas as of now.

use super::*;
use crate::asset::Asset;
use crate::context::Context;
use crate::learning_document::LearningDocument;
use crate::roles::INSTRUCTIONS_VERSION;
use crate::terms::RunSource;

impl RequestedConfiguration {
    fn check(&self) -> Result<(), Rejection> {
        check::distinct("personas", &self.personas)?;
        check::distinct("contexts", &firsts(&self.contexts))?;
        check::distinct("learning_documents", self.learning_documents.as_deref().unwrap_or_default())?;
        check::distinct("learning_versions", &firsts(self.learning_versions.as_deref().unwrap_or_default()))?;
        check::distinct("assets", &firsts(&self.assets))
    }
    /// Contexts, learning documents and assets as they are in force, of `others`. Of imported history the versions
    /// that it names are taken: what is in force today says nothing of it.
    fn resolved(self, imported: bool, others: &Others) -> Result<Configuration, Rejection> {
        let contexts = self.contexts.iter().map(|(id, named)| {
            let in_force = others.of::<Context>(*id)?.in_force();
            match named {
                Some(version) if imported => Ok((*id, *version)),
                Some(version) => expect_same("contexts", in_force?, *version).map(|version| (*id, version)),
                None => Ok((*id, in_force?)),
            }
        });
        let assets = self.assets.iter().map(|(id, named)| {
            let asset = others.of::<Asset>(*id)?;
            match named {
                Some(version) if imported => Ok((*id, *version)),
                named => Ok((*id, asset.offered(*named)?)),
            }
        });
        Ok(Configuration {
            workflow_version: self.workflow_version,
            persona_versions: vec![],
            contexts: contexts.collect::<Result<_, Rejection>>()?,
            learning_versions: self.learned(imported, others)?,
            learning_version: self.learning_version,
            assets: assets.collect::<Result<_, Rejection>>()?,
            personas: self.personas,
        })
    }
    /// Whose versions are looked up. Of a list that is too long nothing is: it is refused without a look.
    pub(super) fn consults(&self) -> Vec<StreamId> {
        fn some<T: Copy + Into<StreamId>>(ids: Vec<T>) -> impl Iterator<Item = StreamId> {
            ids.into_iter().take(check::LIST_MAX_ITEMS).map(Into::into)
        }
        let documents = self.learning_documents.clone().unwrap_or_default();
        let configured =
            some(firsts(&self.contexts)).chain(some(documents)).chain(some(firsts(&self.assets)));
        some(self.personas.clone()).chain(configured).collect()
    }
    /// Learning versions by role.
    fn learned(&self, imported: bool, others: &Others) -> Result<Vec<(Role, u32)>, Rejection> {
        let mut versions: Vec<(Role, u32)> = Vec::new();
        for id in self.learning_documents.iter().flatten() {
            let (role, version) = others.of::<LearningDocument>(*id)?.in_force()?;
            if versions.iter().any(|(known, _)| *known == role) {
                return Err(Rejection::invalid("learning_documents", "one document per role", role));
            }
            versions.push((role, version));
        }
        if let (false, Some(version)) = (imported, self.learning_version) {
            let rule = format!("learning version {version} is of no document");
            return Err(Rejection::rule(rule, "name the documents in `learning_documents`"));
        }
        for (role, named) in self.learning_versions.iter().flatten() {
            match versions.iter().find(|(known, _)| known == role) {
                Some((_, version)) => drop(expect_same("learning_versions", *version, *named)?),
                None if imported => versions.push((*role, *named)),
                None => {
                    let rule = format!("learning version {named} of the role {role} is of no document");
                    return Err(Rejection::rule(rule, "name its document in `learning_documents`"));
                }
            }
        }
        Ok(versions)
    }
}

fn firsts<A: Copy, B>(pairs: &[(A, B)]) -> Vec<A> {
    pairs.iter().map(|(first, _)| *first).collect()
}

fn expect_same(field: &'static str, in_force: u32, named: u32) -> Result<u32, Rejection> {
    if named == in_force {
        return Ok(named);
    }
    Err(Rejection::invalid(field, format!("version {in_force}, the one in force"), named))
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
    pub(super) fn request(&self, command: &RequestRun, others: &Others) -> Result<Vec<RunEvent>, Rejection> {
        if self.status.is_some() {
            return Err(Rejection::AlreadyExists { what: "run".into() });
        }
        check::opt_name("title", command.title.as_deref())?;
        check::filled("prompt", &command.prompt)?;
        let named = command.candidates.clone().unwrap_or_default();
        if !named.is_empty() {
            candidates(&named)?;
        }
        let requested = command.configuration.clone().unwrap_or_default();
        requested.check()?;
        let mut configuration = requested.resolved(command.source == RunSource::Import, others)?;
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
        // Without a workflow nobody says which roles there are: whoever drives the run instructs its agents.
        let version = INSTRUCTIONS_VERSION;
        let pinned = blueprint.as_ref().map(|_| InstructionsPinned { version }.into());
        let command = command.clone();
        let requested = RunRequested {
            project: command.project,
            workflow: command.workflow,
            source: command.source,
            title: command.title,
            prompt: command.prompt,
            configuration,
            blueprint,
            candidates: named,
            origin: command.origin,
        };
        Ok(std::iter::once(requested.into()).chain(pinned).collect())
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
