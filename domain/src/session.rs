//! A session: how one agent was put together, started, steered and ended.

use crate::autonomy::{AgentRole, SessionMode};
use crate::catalogue::{commands, events, plain};
use crate::firing::Firing;
use crate::ids::{
    AgentDefinitionId, AssetId, Category, ContextId, FiringId, PersonaId, ProjectId, RunId, SandboxId,
    StepId, StreamId,
};
use crate::terms::{SteerKind, words};
use crate::{Decider, Others, Rejection, asset, check};

#[cfg(test)]
mod tests;

events! {
    /// Everything that can happen to a session.
    pub enum SessionEvent {
        3100 => SessionBuilt 1;
        3101 => SessionStarted 1;
        3102 => SessionSteered 1;
        3103 => SessionEnded 1;
    }
}

commands! {
    /// What can be asked of a session.
    pub enum SessionCommand {
        "build" => BuildSession;
        "start" => StartSession;
        "steer" => SteerSession;
        "end" => EndSession;
    }
}

words! {
    /// How a session ended.
    SessionEnd {
        /// Its work is done.
        Done = "done",
        /// It failed.
        Failed = "failed",
        /// It ran out of time.
        TimeLimit = "time_limit",
        /// It ran out of money.
        CostLimit = "cost_limit",
        /// Somebody ended it.
        Stopped = "stopped",
    }
}

plain! {
    /// An MCP server that a session is given.
    struct McpServer {
        /// Its name.
        name: String,
        /// How it is started or reached; never a secret.
        command: String,
        /// Names of the environment variables it gets; their values are not recorded.
        environment: Vec<String>,
    }
    /// What a session was put together from: the exact versions, and the prompt they came to.
    struct SessionParts {
        /// The role.
        role: Option<AgentRole>,
        /// The agent definition, with version.
        agent: Option<(AgentDefinitionId, u32)>,
        /// The persona.
        persona: Option<PersonaId>,
        /// SHA-256 of the identity's text, in hexadecimal.
        identity_digest: Option<String>,
        /// The rules, by name.
        rules: Vec<String>,
        /// Skills, commands and scripts, with version.
        assets: Vec<(AssetId, u32)>,
        /// The context, with version.
        context: Option<(ContextId, u32)>,
        /// The learning version.
        learning_version: Option<u32>,
        /// Files of the brain that it was given.
        brain_files: Vec<String>,
        /// The system prompt, whole.
        system_prompt: String,
        /// The tools it may use.
        allowed_tools: Vec<String>,
        /// The MCP servers it is given.
        mcp_servers: Vec<McpServer>,
        /// Its working directory, as the agent sees it.
        working_directory: String,
    }
    /// What ends a session.
    struct SessionLimits {
        /// When it is done.
        done_criteria: String,
        /// How long it may take.
        wall_clock_ms: u64,
        /// What it may cost, in millionths of a US dollar; none where a budget pool bounds it.
        cost_usd_micros: Option<u64>,
    }
    /// A session was put together.
    struct SessionBuilt {
        /// The project it belongs to.
        project: ProjectId,
        /// How it came about.
        mode: SessionMode,
        /// The firing that started it; none where a person did.
        firing: Option<FiringId>,
        /// The run it is part of.
        run: Option<RunId>,
        /// The step of that run.
        step: Option<StepId>,
        /// The sandbox it runs in; none where it runs directly.
        sandbox: Option<SandboxId>,
        /// What it was put together from.
        parts: Box<SessionParts>,
        /// What ends it.
        limits: SessionLimits,
    }
    /// The agent runs.
    struct SessionStarted {
        /// The agent's own name for the session.
        agent_session: Option<String>,
    }
    /// Somebody stepped in from outside.
    struct SessionSteered {
        /// How.
        kind: SteerKind,
        /// What was said, or the tool call that was approved or denied.
        text: String,
    }
    /// The session ended.
    struct SessionEnded {
        /// How.
        end: SessionEnd,
        /// In words.
        note: Option<String>,
    }
}

plain! {
    /// Records how a session is put together. Automated ones name the firing that started them.
    struct BuildSession {
        /// The project it belongs to.
        project: ProjectId,
        /// How it came about.
        mode: SessionMode,
        /// The firing that started it; required for `team` and `standalone`.
        firing: Option<FiringId>,
        /// The run it is part of.
        run: Option<RunId>,
        /// The step of that run; only beside `run`.
        step: Option<StepId>,
        /// The sandbox it runs in; none where it runs directly.
        sandbox: Option<SandboxId>,
        /// What it is put together from.
        parts: Box<SessionParts>,
        /// What ends it: 1,000 to 86,400,000 ms.
        limits: SessionLimits,
    }
    /// Records that the agent runs.
    struct StartSession {
        /// The agent's own name for the session.
        agent_session: Option<String>,
    }
    /// Records that somebody stepped in. A step of a run is steered on the run.
    struct SteerSession {
        /// How.
        kind: SteerKind,
        /// What is said, or the tool call that is approved or denied.
        text: String,
    }
    /// Records that it ended.
    struct EndSession {
        /// How.
        end: SessionEnd,
        /// In words; one line.
        note: Option<String>,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Default)]
enum Phase {
    #[default]
    Missing,
    Built,
    Running,
    Ended,
}

impl Phase {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Built => "built",
            Self::Running => "running",
            Self::Ended => "ended",
        }
    }
}

/// A session, as far as its decisions need it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Session {
    project: Option<ProjectId>,
    phase: Phase,
    of_step: bool,
}

impl SessionParts {
    fn check(&self) -> Result<(), Rejection> {
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
        check::range("parts.assets", self.assets.len(), &(0..=200), "items")?;
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
}

fn names(field: &'static str, items: &[String]) -> Result<(), Rejection> {
    check::range(field, items.len(), &(0..=200), "items")?;
    items.iter().try_for_each(|item| check::name(field, item))
}

impl Session {
    fn expect(&self, allowed: &[Phase], expected: &'static str) -> Result<(), Rejection> {
        match self.phase {
            Phase::Missing => Err(Rejection::NotFound { aggregate: "session" }),
            phase if allowed.contains(&phase) => Ok(()),
            phase => Err(Rejection::illegal("session", expected, phase.as_str())),
        }
    }
    /// `firing` where its state is at hand.
    fn build(&self, command: &BuildSession, firing: Option<&Firing>) -> Result<SessionEvent, Rejection> {
        if self.phase != Phase::Missing {
            return Err(Rejection::AlreadyExists { what: "session".into() });
        }
        let BuildSession { project, mode, firing: fired, run, step, sandbox, parts, limits } =
            command.clone();
        match (mode, fired) {
            (SessionMode::Team | SessionMode::Standalone, None) => {
                return Err(Rejection::invalid("firing", "the firing that started automated work", "none"));
            }
            (SessionMode::Interactive, Some(fired)) => {
                return Err(Rejection::invalid("firing", "none, where a person drives", fired));
            }
            _ => {}
        }
        if let Some(firing) = firing {
            firing.expect_fired(run)?;
        }
        if let (None, Some(step)) = (run, step) {
            return Err(Rejection::invalid("step", "absent where run is", step));
        }
        parts.check()?;
        check::filled("limits.done_criteria", &limits.done_criteria)?;
        check::range("limits.done_criteria", limits.done_criteria.len(), &(1..=16 * 1024), "bytes")?;
        check::range("limits.wall_clock_ms", limits.wall_clock_ms, &(1_000..=86_400_000), "ms")?;
        Ok(SessionBuilt { project, mode, firing: fired, run, step, sandbox, parts, limits }.into())
    }
    fn decide_on(
        &self,
        command: &SessionCommand,
        firing: Option<&Firing>,
    ) -> Result<Vec<SessionEvent>, Rejection> {
        let event = match command {
            SessionCommand::BuildSession(c) => self.build(c, firing)?,
            SessionCommand::StartSession(c) => {
                self.expect(&[Phase::Built], "built")?;
                check::opt_name("agent_session", c.agent_session.as_deref())?;
                SessionStarted { agent_session: c.agent_session.clone() }.into()
            }
            SessionCommand::SteerSession(c) => {
                self.expect(&[Phase::Running], "running")?;
                if self.of_step {
                    return Err(Rejection::rule(
                        "the session is a step of a run",
                        "send steer to the run, so that the step's history has it",
                    ));
                }
                check::text("text", &c.text)?;
                SessionSteered { kind: c.kind, text: c.text.clone() }.into()
            }
            SessionCommand::EndSession(c) => {
                self.expect(&[Phase::Built, Phase::Running], "built or running")?;
                check::opt_name("note", c.note.as_deref())?;
                SessionEnded { end: c.end, note: c.note.clone() }.into()
            }
        };
        Ok(vec![event])
    }
}

impl Decider for Session {
    const CATEGORY: Category = Category(31);
    type Command = SessionCommand;
    type Event = SessionEvent;

    fn decide(&self, command: &SessionCommand) -> Result<Vec<SessionEvent>, Rejection> {
        self.decide_on(command, None)
    }
    fn decide_among(
        &self,
        command: &SessionCommand,
        others: &Others,
    ) -> Result<Vec<SessionEvent>, Rejection> {
        let firing = self.consults(command).into_iter().next().map(|firing| others.of::<Firing>(firing));
        self.decide_on(command, firing.transpose()?)
    }
    fn consults(&self, command: &SessionCommand) -> Vec<StreamId> {
        match command {
            SessionCommand::BuildSession(c) => c.firing.map(StreamId::from).into_iter().collect(),
            _ => vec![],
        }
    }
    fn evolve(&mut self, event: &SessionEvent) {
        match event {
            SessionEvent::SessionBuilt(e) => {
                *self = Self { project: Some(e.project), phase: Phase::Built, of_step: e.step.is_some() };
            }
            SessionEvent::SessionStarted(_) => self.phase = Phase::Running,
            SessionEvent::SessionSteered(_) => {}
            SessionEvent::SessionEnded(_) => self.phase = Phase::Ended,
        }
    }
    fn project(&self) -> Option<ProjectId> {
        self.project
    }
    fn references(command: &SessionCommand) -> Vec<StreamId> {
        match command {
            SessionCommand::BuildSession(c) => {
                let agent = c.parts.agent.map(|(agent, _)| agent.into());
                let context = c.parts.context.map(|(context, _)| context.into());
                let persona = c.parts.persona.map(StreamId::from);
                let others = [c.run.map(StreamId::from), agent, context, persona].into_iter().flatten();
                let assets = asset::named(c.parts.assets.iter().map(|(asset, _)| asset));
                [c.project.into()].into_iter().chain(others).chain(assets).collect()
            }
            _ => vec![],
        }
    }
}

/// One or more of every event.
pub(crate) fn samples() -> Vec<SessionEvent> {
    let parts = SessionParts {
        role: Some(AgentRole::Scout),
        agent: Some((AgentDefinitionId::from_bytes([2; 16]), 3)),
        persona: Some(PersonaId::from_bytes([3; 16])),
        identity_digest: Some("0a".repeat(32)),
        rules: vec!["git-protocol".into()],
        assets: vec![(AssetId::from_bytes([4; 16]), 1)],
        context: Some((ContextId::from_bytes([5; 16]), 2)),
        learning_version: Some(7),
        brain_files: vec!["PROJECT.md".into()],
        system_prompt: "You research.".into(),
        allowed_tools: vec!["Read".into()],
        mcp_servers: vec![McpServer {
            name: "perplexity".into(),
            command: "bunx @perplexity-ai/mcp-server".into(),
            environment: vec!["PERPLEXITY_API_KEY".into()],
        }],
        working_directory: "/workspace".into(),
    };
    let limits = SessionLimits {
        done_criteria: "a note stands in RESEARCH".into(),
        wall_clock_ms: 1_800_000,
        cost_usd_micros: Some(2_000_000),
    };
    vec![
        SessionBuilt {
            project: ProjectId::from_bytes([1; 16]),
            mode: SessionMode::Team,
            firing: Some(FiringId::from_bytes([6; 16])),
            run: Some(RunId::from_bytes([7; 16])),
            step: Some(StepId::from_bytes([8; 16])),
            sandbox: Some(SandboxId::from_bytes([9; 16])),
            parts: Box::new(parts),
            limits,
        }
        .into(),
        SessionStarted { agent_session: Some("0b6e".into()) }.into(),
        SessionSteered { kind: SteerKind::Message, text: "look at the lock file".into() }.into(),
        SessionEnded { end: SessionEnd::Done, note: Some("one note".into()) }.into(),
        SessionEnded { end: SessionEnd::CostLimit, note: None }.into(),
    ]
}
