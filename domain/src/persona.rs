//! A persona: a reusable agent of a project, with versions of its configuration, enabled or disabled.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::catalogue::{commands, events, plain};
use crate::ids::{AssetId, Category, ContextId, PersonaId, ProjectId, StreamId};
use crate::terms::{Effort, PersonaType, Role};
use crate::values::Score;
use crate::{Decider, Rejection, asset, check};

events! {
    /// Everything that can happen to a persona.
    pub enum PersonaEvent {
        700 => PersonaCreated 1;
        701 => PersonaRenamed 1;
        702 => PersonaConfigured 1;
        703 => PersonaEnabled 1;
        704 => PersonaDisabled 1;
        705 => PersonaArchived 1;
    }
}

commands! {
    /// What can be asked of a persona.
    pub enum PersonaCommand {
        "create" => CreatePersona;
        "rename" => RenamePersona;
        "configure" => ConfigurePersona;
        "enable" => EnablePersona;
        "disable" => DisablePersona;
        "archive" => ArchivePersona;
    }
}

/// How a tool server is reached. Variants are stored by number: append, never reorder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum McpTransport {
    /// A program that speaks over its standard input and output.
    Stdio {
        /// The program.
        command: String,
        /// Its arguments; at most 100.
        args: Vec<String>,
    },
    /// An HTTP endpoint.
    Http {
        /// An http or https URL without credentials.
        url: String,
    },
}

plain! {
    /// A tool server that is handed to the agent. Secrets come from variables of the project, by name.
    struct McpServer {
        /// Its name, unique within the persona.
        name: String,
        /// How it is reached.
        transport: McpTransport,
        /// Names of the project's variables it is given.
        env_vars: Vec<String>,
    }
    /// What a persona is set up with.
    struct PersonaConfiguration {
        /// What it is for.
        persona_type: PersonaType,
        /// The agent's program; that of the workflow where absent.
        cli_tool: Option<String>,
        /// The model; that of the workflow where absent.
        model: Option<String>,
        /// How hard it is asked to think.
        thinking_effort: Option<Effort>,
        /// What its system prompt says besides.
        instructions: String,
        /// Skills it is given.
        skills: Vec<AssetId>,
        /// Commands it is given.
        commands: Vec<AssetId>,
        /// Scripts that run around it.
        scripts: Vec<AssetId>,
        /// Whether it is told the project's learnings.
        learnings: bool,
        /// The composite that its scores must reach; evaluators only.
        quality_threshold: Option<Score>,
        /// Whether it works in a sandbox.
        sandboxed: bool,
        /// Tools it may use; all where empty.
        allowed_tools: Vec<String>,
        /// Tool servers it is given.
        mcp_servers: Vec<McpServer>,
        /// The context it works under.
        context: Option<ContextId>,
    }

    /// A persona was made and is enabled; this is its version 1.
    struct PersonaCreated {
        /// The project it belongs to.
        project: ProjectId,
        /// What people call it.
        name: String,
        /// What it is set up with.
        configuration: PersonaConfiguration,
    }
    /// It has another name.
    struct PersonaRenamed {
        /// What people call it.
        name: String,
    }
    /// It is set up anew.
    struct PersonaConfigured {
        /// The version, one more than the last.
        version: u32,
        /// What it is set up with.
        configuration: PersonaConfiguration,
        /// Why it changed.
        note: Option<String>,
    }
    /// It is offered and may work.
    struct PersonaEnabled {}
    /// It is not offered, and starts no step.
    struct PersonaDisabled {}
    /// It is gone for good; its versions stay readable.
    struct PersonaArchived {}
}

plain! {
    /// What a persona is to be set up with. What is left out takes its default.
    struct PersonaSettings {
        /// What it is for.
        persona_type: PersonaType,
        /// The agent's program, such as `claude`, `codex`, `opencode`, `pi`; that of the workflow where absent.
        cli_tool: Option<String>,
        /// The model; that of the workflow where absent.
        model: Option<String>,
        /// How hard it is asked to think.
        thinking_effort: Option<Effort>,
        /// What its system prompt says besides; at most 512 KiB.
        #[serde(default)]
        instructions: String,
        /// Skills it is given, each once; at most 1,000.
        #[serde(default)]
        skills: Vec<AssetId>,
        /// Commands it is given, each once; at most 1,000.
        #[serde(default)]
        commands: Vec<AssetId>,
        /// Scripts that run around it, each once; at most 1,000.
        #[serde(default)]
        scripts: Vec<AssetId>,
        /// Whether it is told the project's learnings; yes where absent.
        learnings: Option<bool>,
        /// The composite that its scores must reach; evaluators only.
        quality_threshold: Option<Score>,
        /// Whether it works in a sandbox; yes where absent.
        sandboxed: Option<bool>,
        /// Tools it may use, each once; all where empty.
        #[serde(default)]
        allowed_tools: Vec<String>,
        /// Tool servers it is given, each name once; at most 100.
        #[serde(default)]
        mcp_servers: Vec<McpServer>,
        /// The context it works under.
        context: Option<ContextId>,
    }
    /// Makes a persona, enabled, with its version 1.
    struct CreatePersona {
        /// The project it belongs to.
        project: ProjectId,
        /// What people call it.
        name: String,
        /// What it is set up with.
        configuration: PersonaSettings,
    }
    /// Gives it another name; no new version.
    struct RenamePersona {
        /// What people call it.
        name: String,
    }
    /// Sets it up anew: the whole configuration is replaced and gets the next version.
    struct ConfigurePersona {
        /// What it is set up with.
        configuration: PersonaSettings,
        /// Why it changes; one line.
        note: Option<String>,
    }
    /// Offers it again.
    struct EnablePersona {}
    /// Takes it out of pickers; it starts no step until it is enabled.
    struct DisablePersona {}
    /// Takes it out of use, for good.
    struct ArchivePersona {}
}

/// Most tool servers of a persona, and arguments or variables of one.
pub const MCP_MAX: usize = 100;
/// Most bytes of a configuration without its instructions: both travel in one commit.
const LISTS_MAX_BYTES: usize = 256 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Default)]
enum Phase {
    #[default]
    Missing,
    Enabled,
    Disabled,
    Archived,
}

impl Phase {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
            Self::Archived => "archived",
        }
    }
}

/// A persona, as far as decisions need it: its own and those of workflows and runs that follow it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Persona {
    project: Option<ProjectId>,
    phase: Phase,
    version: u32,
    profile: Option<Profile>,
}

/// What a workflow or a run takes over from a persona.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// Version of the configuration that this is taken from.
    pub version: u32,
    /// What its steps do.
    pub role: Role,
    /// The agent's program.
    pub cli_tool: Option<String>,
    /// The model.
    pub model: Option<String>,
    /// How hard it is asked to think.
    pub thinking_effort: Option<Effort>,
    /// The composite that its scores must reach.
    pub quality_threshold: Option<Score>,
}

impl Persona {
    /// What `persona`, whose state this is, brings into a step.
    ///
    /// # Errors
    /// Where it is disabled or archived, or does not exist: it starts no step then.
    pub fn usable(&self, persona: PersonaId) -> Result<&Profile, Rejection> {
        match (self.phase, &self.profile) {
            (Phase::Enabled, Some(profile)) => Ok(profile),
            (Phase::Missing, _) | (_, None) => {
                Err(Rejection::UnknownReference { reference: StreamId::from(persona).to_string() })
            }
            (phase, _) => Err(Rejection::rule(
                format!("persona `{persona}` is {}", phase.as_str()),
                "enable it, or name another persona",
            )),
        }
    }
    fn expect(&self, allowed: &[Phase], expected: &'static str) -> Result<(), Rejection> {
        match self.phase {
            Phase::Missing => Err(Rejection::NotFound { aggregate: "persona" }),
            phase if allowed.contains(&phase) => Ok(()),
            phase => Err(Rejection::illegal("persona", expected, phase.as_str())),
        }
    }
    fn expect_current(&self) -> Result<(), Rejection> {
        self.expect(&[Phase::Enabled, Phase::Disabled], "enabled or disabled")
    }
    fn create(&self, command: &CreatePersona) -> Result<PersonaEvent, Rejection> {
        if self.phase != Phase::Missing {
            return Err(Rejection::AlreadyExists { what: "persona".into() });
        }
        check::name("name", &command.name)?;
        let configuration = command.configuration.clone().checked()?;
        Ok(PersonaCreated { project: command.project, name: command.name.clone(), configuration }.into())
    }
    fn configure(&self, command: &ConfigurePersona) -> Result<PersonaEvent, Rejection> {
        self.expect_current()?;
        check::opt_name("note", command.note.as_deref())?;
        let configuration = command.configuration.clone().checked()?;
        let version = self.version.checked_add(1).ok_or_else(|| {
            Rejection::rule("the persona has no version number left", "create another persona")
        })?;
        Ok(PersonaConfigured { version, configuration, note: command.note.clone() }.into())
    }
    fn take(&mut self, version: u32, configuration: &PersonaConfiguration) {
        self.version = version;
        self.profile = Some(Profile {
            version,
            role: configuration.persona_type.role(),
            cli_tool: configuration.cli_tool.clone(),
            model: configuration.model.clone(),
            thinking_effort: configuration.thinking_effort,
            quality_threshold: configuration.quality_threshold,
        });
    }
}

impl PersonaSettings {
    fn checked(self) -> Result<PersonaConfiguration, Rejection> {
        check::opt_name("cli_tool", self.cli_tool.as_deref())?;
        check::opt_name("model", self.model.as_deref())?;
        check::text("instructions", &self.instructions)?;
        check::distinct("skills", &self.skills)?;
        check::distinct("commands", &self.commands)?;
        check::distinct("scripts", &self.scripts)?;
        check::distinct("allowed_tools", &self.allowed_tools)?;
        for tool in &self.allowed_tools {
            check::name("allowed_tools", tool)?;
        }
        servers(&self.mcp_servers)?;
        if self.quality_threshold.is_some() && self.persona_type != PersonaType::Evaluator {
            let actual = format!("one on a persona of type {}", self.persona_type);
            return Err(Rejection::invalid("quality_threshold", "a threshold on evaluators only", actual));
        }
        let configuration = PersonaConfiguration {
            persona_type: self.persona_type,
            cli_tool: self.cli_tool,
            model: self.model,
            thinking_effort: self.thinking_effort,
            instructions: self.instructions,
            skills: self.skills,
            commands: self.commands,
            scripts: self.scripts,
            learnings: self.learnings.unwrap_or(true),
            quality_threshold: self.quality_threshold,
            sandboxed: self.sandboxed.unwrap_or(true),
            allowed_tools: self.allowed_tools,
            mcp_servers: self.mcp_servers,
            context: self.context,
        };
        let bytes = crate::catalogue::encode(&configuration).len() - configuration.instructions.len();
        check::range("configuration", bytes, &(0..=LISTS_MAX_BYTES), "bytes without its instructions")?;
        Ok(configuration)
    }
}

fn servers(servers: &[McpServer]) -> Result<(), Rejection> {
    const FIELD: &str = "mcp_servers";
    let bound = |count: usize, what: &str| check::range(FIELD, count, &(0..=MCP_MAX), what);
    bound(servers.len(), "servers")?;
    check::distinct(FIELD, &servers.iter().map(|server| &server.name).collect::<Vec<_>>())?;
    for server in servers {
        check::name(FIELD, &server.name)?;
        bound(server.env_vars.len(), "variables of a server")?;
        server.env_vars.iter().try_for_each(|name| check::env_name(FIELD, name))?;
        match &server.transport {
            McpTransport::Stdio { command, args } => {
                check::filled(FIELD, command)?;
                bound(args.len(), "arguments of a server")?;
                args.iter().try_for_each(|arg| check::text(FIELD, arg))?;
            }
            McpTransport::Http { url } => check::public_url(FIELD, url)?,
        }
    }
    Ok(())
}

impl Decider for Persona {
    const CATEGORY: Category = Category(7);
    type Command = PersonaCommand;
    type Event = PersonaEvent;

    fn decide(&self, command: &PersonaCommand) -> Result<Vec<PersonaEvent>, Rejection> {
        let event = match command {
            PersonaCommand::CreatePersona(c) => self.create(c)?,
            PersonaCommand::RenamePersona(c) => {
                self.expect_current()?;
                check::name("name", &c.name)?;
                PersonaRenamed { name: c.name.clone() }.into()
            }
            PersonaCommand::ConfigurePersona(c) => self.configure(c)?,
            PersonaCommand::EnablePersona(EnablePersona {}) => {
                self.expect(&[Phase::Disabled], "disabled")?;
                PersonaEnabled {}.into()
            }
            PersonaCommand::DisablePersona(DisablePersona {}) => {
                self.expect(&[Phase::Enabled], "enabled")?;
                PersonaDisabled {}.into()
            }
            PersonaCommand::ArchivePersona(ArchivePersona {}) => {
                self.expect_current()?;
                PersonaArchived {}.into()
            }
        };
        Ok(vec![event])
    }

    fn evolve(&mut self, event: &PersonaEvent) {
        match event {
            PersonaEvent::PersonaCreated(e) => {
                self.project = Some(e.project);
                self.phase = Phase::Enabled;
                self.take(1, &e.configuration);
            }
            PersonaEvent::PersonaRenamed(_) => {}
            PersonaEvent::PersonaConfigured(e) => self.take(e.version, &e.configuration),
            PersonaEvent::PersonaEnabled(_) => self.phase = Phase::Enabled,
            PersonaEvent::PersonaDisabled(_) => self.phase = Phase::Disabled,
            PersonaEvent::PersonaArchived(_) => self.phase = Phase::Archived,
        }
    }

    fn project(&self) -> Option<ProjectId> {
        self.project
    }

    fn references(command: &PersonaCommand) -> Vec<StreamId> {
        let (project, settings) = match command {
            PersonaCommand::CreatePersona(c) => (Some(c.project), &c.configuration),
            PersonaCommand::ConfigurePersona(c) => (None, &c.configuration),
            _ => return vec![],
        };
        let context = settings.context.map(StreamId::from);
        let assets = settings.skills.iter().chain(&settings.commands).chain(&settings.scripts);
        project.map(StreamId::from).into_iter().chain(context).chain(asset::named(assets)).collect()
    }
}

/// One or more of every event.
pub(crate) fn samples() -> Vec<PersonaEvent> {
    let bare = PersonaConfiguration {
        persona_type: PersonaType::Designer,
        cli_tool: None,
        model: None,
        thinking_effort: None,
        instructions: String::new(),
        skills: vec![],
        commands: vec![],
        scripts: vec![],
        learnings: true,
        quality_threshold: None,
        sandboxed: true,
        allowed_tools: vec![],
        mcp_servers: vec![],
        context: None,
    };
    let server = |name: &str, transport| McpServer { name: name.into(), transport, env_vars: vec![] };
    let stdio = McpTransport::Stdio { command: "npx".into(), args: vec!["perplexity-mcp".into()] };
    let full = PersonaConfiguration {
        persona_type: PersonaType::Evaluator,
        cli_tool: Some("claude".into()),
        model: Some(crate::roles::OPUS.into()),
        thinking_effort: Some(Effort::High),
        instructions: "Score what is there.".into(),
        skills: vec![AssetId::from_bytes([2; 16])],
        commands: vec![AssetId::from_bytes([3; 16])],
        scripts: vec![AssetId::from_bytes([4; 16])],
        learnings: false,
        quality_threshold: Score::from_units(8_000),
        sandboxed: false,
        allowed_tools: vec!["Read".into(), "Grep".into()],
        mcp_servers: vec![
            McpServer { env_vars: vec!["PERPLEXITY_KEY".into()], ..server("perplexity", stdio) },
            server("docs", McpTransport::Http { url: "https://mcp.example.org/v1".into() }),
        ],
        context: Some(ContextId::from_bytes([5; 16])),
    };
    let configured = PersonaConfigured { version: 2, configuration: full, note: Some("stricter".into()) };
    let again = PersonaConfigured { version: 3, configuration: bare.clone(), note: None };
    vec![
        PersonaCreated {
            project: ProjectId::from_bytes([1; 16]),
            name: "Builder".into(),
            configuration: bare,
        }
        .into(),
        PersonaRenamed { name: "Evaluator".into() }.into(),
        configured.into(),
        again.into(),
        PersonaDisabled {}.into(),
        PersonaEnabled {}.into(),
        PersonaArchived {}.into(),
    ]
}

#[cfg(test)]
mod tests;
