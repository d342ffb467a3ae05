//! An agent definition: who an agent is, from a markdown file, in versions, loaded into personas.

use crate::autonomy::AgentRole;
use crate::catalogue::{commands, events, plain};
use crate::ids::{Category, PersonaId, ProjectId, StreamId};
use crate::sandbox::SandboxDefaults;
use crate::{Claim, Decider, Rejection, check};

pub mod file;
#[cfg(test)]
mod tests;

use file::AgentFile;

events! {
    /// Everything that can happen to an agent definition.
    pub enum AgentDefinitionEvent {
        1700 => AgentDefined 1;
        1701 => AgentRevised 1;
        1702 => AgentVersionActivated 1;
        1703 => AgentLoaded 1;
        1704 => AgentArchived 1;
        1705 => AgentSandboxSized 1;
        1706 => AgentShared 1;
    }
}

commands! {
    /// What can be asked of an agent definition.
    pub enum AgentDefinitionCommand {
        "define" => DefineAgent;
        "revise" => ReviseAgent;
        "activate" => ActivateAgentVersion;
        "load" => LoadAgent;
        "archive" => ArchiveAgent;
        "share" => ShareAgent;
    }
}

plain! {
    /// What an agent file says, with the defaults of its role where it says nothing.
    struct AgentProfile {
        /// Its name.
        name: String,
        /// The role of that name, where there is one.
        role: Option<AgentRole>,
        /// What it is for.
        description: Option<String>,
        /// Its model, by alias or name.
        model: String,
        /// The tools it may use.
        tools: Vec<String>,
        /// The MCP servers it is given.
        mcp_servers: Vec<String>,
        /// Whether it runs in a sandbox.
        sandboxed: bool,
        /// The skills it refers to, by name.
        skills: Vec<String>,
        /// The prompt.
        prompt: String,
        /// The file, as it came.
        text: String,
    }
    /// What the sandbox of an agent is made with.
    struct AgentSandbox {
        /// The template, such as a runtime's.
        template_id: Option<String>,
        /// How long it may live, 60,000 to 14,400,000 ms.
        timeout_ms: Option<u64>,
        /// Its memory, 256 to 8,192 MB.
        memory_mb: Option<u32>,
        /// Its CPUs, 1 to 8.
        cpus: Option<u32>,
    }
    /// An agent was defined; this is its version 1, and it is active.
    struct AgentDefined {
        /// The project it belongs to.
        project: ProjectId,
        /// What its file says.
        profile: AgentProfile,
    }
    /// Another file was put in its place, and is active.
    struct AgentRevised {
        /// The version, one more than the last.
        version: u32,
        /// What its file says.
        profile: AgentProfile,
    }
    /// A version's file says how large its sandbox is; in the commit that brought the file.
    struct AgentSandboxSized {
        /// The version.
        version: u32,
        /// What it is made with; what is left out takes the platform's default.
        sandbox: AgentSandbox,
    }
    /// An older version, or again a newer one, is in force.
    struct AgentVersionActivated {
        /// The version in force.
        version: u32,
    }
    /// A version was loaded into a persona.
    struct AgentLoaded {
        /// The version.
        version: u32,
        /// The persona.
        persona: PersonaId,
    }
    /// It is no longer offered.
    struct AgentArchived {}
    /// It may be used in every project.
    struct AgentShared {}
}

plain! {
    /// Defines an agent by its file.
    struct DefineAgent {
        /// The project it belongs to.
        project: ProjectId,
        /// The file: front matter and prompt, at most 200 KiB.
        text: String,
    }
    /// Puts another file in its place; the name stays.
    struct ReviseAgent {
        /// The file: front matter and prompt, at most 200 KiB.
        text: String,
    }
    /// Puts another version in force, such as to revert.
    struct ActivateAgentVersion {
        /// A version there is, other than the active one.
        version: u32,
    }
    /// Records that the active version was loaded into a persona.
    struct LoadAgent {
        /// The persona.
        persona: PersonaId,
    }
    /// Takes it out of use, for good.
    struct ArchiveAgent {}
    /// Lets every project use it; it stays with its own.
    struct ShareAgent {}
}

/// Longest agent file, in bytes.
pub const FILE_MAX_BYTES: usize = 200 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Default)]
enum Phase {
    #[default]
    Missing,
    Current,
    Archived,
}

/// An agent definition, as far as its decisions need it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AgentDefinition {
    project: Option<ProjectId>,
    phase: Phase,
    name: String,
    last: u32,
    active: u32,
    shared: bool,
}

/// How large its sandbox is, where the file says so.
fn sandbox(file: &AgentFile, sandboxed: bool) -> Result<Option<AgentSandbox>, Rejection> {
    let AgentFile { template_id, timeout_ms, memory_mb, cpus, .. } = file.clone();
    let asked = SandboxDefaults { template_id, timeout_ms, memory_mb, cpus, ..SandboxDefaults::NONE };
    if asked == SandboxDefaults::NONE {
        return Ok(None);
    }
    if !sandboxed {
        let rule = "the file sizes a sandbox for an agent that has none";
        return Err(Rejection::rule(
            rule,
            "say `sandboxed: true`, or leave template, timeout, memory and CPUs out",
        ));
    }
    asked.check()?;
    let SandboxDefaults { template_id, timeout_ms, memory_mb, cpus, .. } = asked;
    Ok(Some(AgentSandbox { template_id, timeout_ms, memory_mb, cpus }))
}

/// What the file says, checked and completed, and how large its sandbox is.
fn read(text: &str) -> Result<(AgentProfile, Option<AgentSandbox>), Rejection> {
    check::range("text", text.len(), &(1..=FILE_MAX_BYTES), "bytes")?;
    let file = file::read(text)?;
    let profile = profile(text, file.clone())?;
    let sandbox = sandbox(&file, profile.sandboxed)?;
    Ok((profile, sandbox))
}

fn profile(text: &str, file: AgentFile) -> Result<AgentProfile, Rejection> {
    let missing = |key: &str| Rejection::invalid("text", format!("front matter with `{key}`"), "none");
    let name = file.name.ok_or_else(|| missing("name"))?;
    check::slug("text.name", &name)?;
    let role = AgentRole::named(&name);
    let defaults = role.map(AgentRole::defaults);
    let usual = |items: fn(&crate::autonomy::RoleDefaults) -> &'static [&'static str]| {
        defaults.map(items).unwrap_or_default().iter().map(|item| (*item).to_owned()).collect()
    };
    let model = file.model.or_else(|| defaults.map(|it| it.model.into())).ok_or_else(|| missing("model"))?;
    check::name("text.model", &model)?;
    check::opt_name("text.description", file.description.as_deref())?;
    check::filled("text.prompt", &file.prompt)?;
    let tools = file.tools.unwrap_or_else(|| usual(|it| it.tools));
    let mcp_servers = file.mcp_servers.unwrap_or_else(|| usual(|it| it.mcp_servers));
    for (field, items) in
        [("text.tools", &tools), ("text.mcp_servers", &mcp_servers), ("text.skills", &file.skills)]
    {
        check::range(field, items.len(), &(0..=100), "items")?;
        items.iter().try_for_each(|item| check::name(field, item))?;
    }
    Ok(AgentProfile {
        name,
        role,
        description: file.description,
        model,
        tools,
        mcp_servers,
        sandboxed: file.sandboxed.unwrap_or_else(|| defaults.is_some_and(|it| it.sandboxed)),
        skills: file.skills,
        prompt: file.prompt,
        text: text.to_owned(),
    })
}

/// The event of a file, and the size of its sandbox behind it.
fn sized(
    of_file: impl Into<AgentDefinitionEvent>,
    version: u32,
    sandbox: Option<AgentSandbox>,
) -> Vec<AgentDefinitionEvent> {
    let sized = sandbox.map(|sandbox| AgentSandboxSized { version, sandbox }.into());
    std::iter::once(of_file.into()).chain(sized).collect()
}

impl AgentDefinition {
    fn expect_current(&self) -> Result<(), Rejection> {
        match self.phase {
            Phase::Missing => Err(Rejection::NotFound { aggregate: "agent definition" }),
            Phase::Current => Ok(()),
            Phase::Archived => Err(Rejection::illegal("agent definition", "current", "archived")),
        }
    }
    /// The version in force, of a definition in use.
    ///
    /// # Errors
    /// A definition that does not exist, or is out of use.
    pub fn in_force(&self) -> Result<u32, Rejection> {
        self.expect_current().map(|()| self.active)
    }
    fn revise(&self, command: &ReviseAgent) -> Result<Vec<AgentDefinitionEvent>, Rejection> {
        self.expect_current()?;
        let (profile, sandbox) = read(&command.text)?;
        if profile.name != self.name {
            return Err(Rejection::invalid("text.name", format!("`{}`, as before", self.name), profile.name));
        }
        let version = self.last.checked_add(1).ok_or_else(|| {
            Rejection::rule("the definition has no version number left", "define another agent")
        })?;
        Ok(sized(AgentRevised { version, profile }, version, sandbox))
    }
    fn activate(&self, version: u32) -> Result<AgentDefinitionEvent, Rejection> {
        self.expect_current()?;
        if !(1..=self.last).contains(&version) {
            return Err(Rejection::unknown("version", version));
        }
        if version == self.active {
            return Err(Rejection::rule(
                format!("version {version} is active already"),
                "name another version",
            ));
        }
        Ok(AgentVersionActivated { version }.into())
    }
}

impl Decider for AgentDefinition {
    const CATEGORY: Category = Category(17);
    type Command = AgentDefinitionCommand;
    type Event = AgentDefinitionEvent;

    fn decide(&self, command: &AgentDefinitionCommand) -> Result<Vec<AgentDefinitionEvent>, Rejection> {
        let event = match command {
            AgentDefinitionCommand::DefineAgent(c) => {
                if self.phase != Phase::Missing {
                    return Err(Rejection::AlreadyExists { what: "agent definition".into() });
                }
                let (profile, sandbox) = read(&c.text)?;
                return Ok(sized(AgentDefined { project: c.project, profile }, 1, sandbox));
            }
            AgentDefinitionCommand::ReviseAgent(c) => return self.revise(c),
            AgentDefinitionCommand::ActivateAgentVersion(c) => self.activate(c.version)?,
            AgentDefinitionCommand::LoadAgent(c) => {
                self.expect_current()?;
                AgentLoaded { version: self.active, persona: c.persona }.into()
            }
            AgentDefinitionCommand::ShareAgent(ShareAgent {}) => {
                self.expect_current()?;
                if self.shared {
                    return Err(Rejection::rule("the definition is shared already", "nothing is left to do"));
                }
                AgentShared {}.into()
            }
            AgentDefinitionCommand::ArchiveAgent(ArchiveAgent {}) => {
                self.expect_current()?;
                AgentArchived {}.into()
            }
        };
        Ok(vec![event])
    }
    fn evolve(&mut self, event: &AgentDefinitionEvent) {
        match event {
            AgentDefinitionEvent::AgentDefined(e) => {
                let name = e.profile.name.clone();
                let project = Some(e.project);
                *self = Self { project, phase: Phase::Current, name, last: 1, active: 1, shared: false };
            }
            AgentDefinitionEvent::AgentRevised(e) => {
                self.last = e.version;
                self.active = e.version;
            }
            AgentDefinitionEvent::AgentVersionActivated(e) => self.active = e.version,
            AgentDefinitionEvent::AgentSandboxSized(_) | AgentDefinitionEvent::AgentLoaded(_) => {}
            AgentDefinitionEvent::AgentArchived(_) => self.phase = Phase::Archived,
            AgentDefinitionEvent::AgentShared(_) => self.shared = true,
        }
    }
    fn project(&self) -> Option<ProjectId> {
        self.project
    }
    fn is_global(&self) -> bool {
        self.shared
    }
    fn references(command: &AgentDefinitionCommand) -> Vec<StreamId> {
        match command {
            AgentDefinitionCommand::DefineAgent(c) => vec![c.project.into()],
            AgentDefinitionCommand::LoadAgent(c) => vec![c.persona.into()],
            _ => vec![],
        }
    }
    fn claims(command: &AgentDefinitionCommand) -> Vec<Claim> {
        let AgentDefinitionCommand::DefineAgent(c) = command else { return vec![] };
        // A file that is refused claims nothing.
        let name = read(&c.text).map(|(profile, _)| profile.name).ok();
        name.map(|name| claim(c.project, &name)).into_iter().collect()
    }
    fn holds(&self, held: &Claim) -> bool {
        let current = self.project.filter(|_| self.phase == Phase::Current);
        current.is_some_and(|project| *held == claim(project, &self.name))
    }
}

/// No two agents of a project have the same name at a time.
fn claim(project: ProjectId, name: &str) -> Claim {
    Claim::new("agent name", format!("{project}/{name}"))
}

/// One or more of every event.
pub(crate) fn samples() -> Vec<AgentDefinitionEvent> {
    let scout = AgentProfile {
        name: "scout".into(),
        role: Some(AgentRole::Scout),
        description: Some("Finds things out".into()),
        model: "sonnet".into(),
        tools: vec!["Read".into(), "Grep".into()],
        mcp_servers: vec!["perplexity".into()],
        sandboxed: false,
        skills: vec!["research-scan".into()],
        prompt: "You research.".into(),
        text: "---\nname: scout\n---\nYou research.\n".into(),
    };
    let bot = AgentProfile { name: "dependency-bot".into(), role: None, description: None, ..scout.clone() };
    let project = ProjectId::from_bytes([1; 16]);
    vec![
        AgentDefined { project, profile: scout.clone() }.into(),
        AgentDefined { project, profile: bot }.into(),
        AgentRevised { version: 2, profile: AgentProfile { sandboxed: true, ..scout } }.into(),
        AgentSandboxSized {
            version: 2,
            sandbox: AgentSandbox {
                template_id: Some("node22".into()),
                timeout_ms: Some(1_800_000),
                memory_mb: Some(4_096),
                cpus: Some(4),
            },
        }
        .into(),
        AgentVersionActivated { version: 1 }.into(),
        AgentLoaded { version: 1, persona: PersonaId::from_bytes([2; 16]) }.into(),
        AgentArchived {}.into(),
        AgentShared {}.into(),
    ]
}
