//! What a session is put together from: checked by itself, and against what its run recorded or what is in force.

use super::*;
use crate::agent_definition::AgentDefinition;
use crate::asset::Asset;
use crate::context::Context;

impl SessionParts {
    pub(super) fn check(&self) -> Result<(), Rejection> {
        check::filled("parts.system_prompt", &self.system_prompt)?;
        check::name("parts.working_directory", &self.working_directory)?;
        let digest = self.identity_digest.as_deref();
        if digest.is_some_and(|it| it.len() != 64 || !it.bytes().all(|b| b.is_ascii_hexdigit())) {
            let field = "parts.identity_digest";
            return Err(Rejection::invalid(field, "64 hexadecimal digits", digest.unwrap_or_default()));
        }
        let lists = [
            ("parts.rules", &self.rules),
            ("parts.brain_files", &self.brain_files),
            ("parts.allowed_tools", &self.allowed_tools),
        ];
        for (field, items) in lists {
            names(field, items)?;
        }
        check::range("parts.assets", self.assets.len(), &(0..=ASSETS_MAX), "items")?;
        check::range("parts.mcp_servers", self.mcp_servers.len(), &(0..=50), "items")?;
        for server in &self.mcp_servers {
            check::name("parts.mcp_servers", &server.name)?;
            check::name("parts.mcp_servers", &server.command)?;
            names("parts.mcp_servers", &server.environment)?;
            if let Some(pair) = server.environment.iter().find(|it| it.contains('=')) {
                let name = pair.split('=').next().unwrap_or_default();
                return Err(Rejection::invalid("parts.mcp_servers", "names of variables, no values", name));
            }
        }
        Ok(())
    }
    /// Whose state says which versions there are.
    pub(super) fn consults(&self) -> Vec<StreamId> {
        let agent = self.agent.map(|(agent, _)| agent.into());
        let context = self.context.map(|(context, _)| context.into());
        let assets = self.assets.iter().take(ASSETS_MAX).map(|(asset, _)| (*asset).into());
        agent.into_iter().chain(context).chain(assets).collect()
    }
    /// A session has the versions that its run was requested with. What the run says nothing of is as in force.
    pub(super) fn check_versions(&self, run: &Run, others: &Others) -> Result<(), Rejection> {
        if let Some((agent, version)) = self.agent {
            let in_force = others.of::<AgentDefinition>(agent)?.in_force()?;
            expect_same("parts.agent", in_force, version)?;
        }
        if let Some((context, version)) = self.context {
            let of_run = run.recorded(|it| it.contexts.iter().find(|(id, _)| *id == context).map(|it| it.1));
            let in_force = || others.of::<Context>(context)?.in_force();
            expect_same("parts.context", of_run.map_or_else(in_force, Ok)?, version)?;
        }
        for (asset, version) in &self.assets {
            match run.recorded(|it| it.assets.iter().find(|(id, _)| id == asset).map(|it| it.1)) {
                Some(of_run) => expect_same("parts.assets", of_run, *version)?,
                None => drop(others.of::<Asset>(*asset)?.offered(Some(*version))?),
            }
        }
        let Some(version) = self.learning_version else { return Ok(()) };
        let known = run.recorded(|it| {
            let by_role = it.learning_versions.iter().any(|(_, of_run)| *of_run == version);
            (by_role || it.learning_version == Some(version)).then_some(())
        });
        known.ok_or_else(|| {
            let expected = "a learning version that its run was requested with";
            Rejection::invalid("parts.learning_version", expected, version)
        })
    }
}

fn expect_same(field: &'static str, expected: u32, named: u32) -> Result<(), Rejection> {
    if named == expected {
        return Ok(());
    }
    Err(Rejection::invalid(field, format!("version {expected}, of its run or in force"), named))
}

fn names(field: &'static str, items: &[String]) -> Result<(), Rejection> {
    check::range(field, items.len(), &(0..=200), "items")?;
    items.iter().try_for_each(|item| check::name(field, item))
}
