//! A session: how one agent was put together, started, steered and ended.

use crate::autonomy::{AgentRole, SessionMode};
use crate::catalogue::{commands, events, plain};
use crate::firing::Firing;
use crate::ids::{
    AgentDefinitionId, AssetId, Category, ContextId, FiringId, PersonaId, ProjectId, RunId, SandboxId,
    SessionId, StepId, StreamId,
};
use crate::run::Run;
use crate::terms::{SteerKind, words};
use crate::{Decider, Others, Rejection, check};

mod parts;
mod samples;
#[cfg(test)]
mod tests;

pub(crate) use samples::samples;

events! {
    /// Everything that can happen to a session.
    pub enum SessionEvent {
        3100 => SessionBuilt 1;
        3101 => SessionStarted 1;
        3102 => SessionSteered 1;
        3103 => SessionEnded 1;
        3104 => SessionResumed 1;
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
    /// It goes on where another session ended; in the commit that built it.
    struct SessionResumed {
        /// The session before.
        before: SessionId,
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
    /// Records how a session is put together. Automated ones name the firing that started them; each is a step of a run.
    struct BuildSession {
        /// The project it belongs to.
        project: ProjectId,
        /// How it came about.
        mode: SessionMode,
        /// The firing that started it; required for `team` and `standalone`.
        firing: Option<FiringId>,
        /// The run it is part of: a session by itself has a run of source `sandbox`.
        run: RunId,
        /// The step of that run, whose history has what is said, called and used.
        step: StepId,
        /// The sandbox it runs in; none where it runs directly.
        sandbox: Option<SandboxId>,
        /// What it is put together from: in the versions of its run, else in those in force.
        parts: Box<SessionParts>,
        /// What ends it: 1,000 to 86,400,000 ms.
        limits: SessionLimits,
        /// The session that it goes on from; one that has ended.
        resumes: Option<SessionId>,
    }
    /// Records that the agent runs.
    struct StartSession {
        /// The agent's own name for the session.
        agent_session: Option<String>,
    }
    /// Records that somebody stepped in. A step of a run is steered on the run; a session of an older log may have none.
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

/// Most skills, commands and scripts of a session.
pub const ASSETS_MAX: usize = 200;

/// A session, as far as its decisions need it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Session {
    project: Option<ProjectId>,
    phase: Phase,
    of_step: bool,
}

impl Session {
    fn expect(&self, allowed: &[Phase], expected: &'static str) -> Result<(), Rejection> {
        match self.phase {
            Phase::Missing => Err(Rejection::NotFound { aggregate: "session" }),
            phase if allowed.contains(&phase) => Ok(()),
            phase => Err(Rejection::illegal("session", expected, phase.as_str())),
        }
    }
    fn build(&self, command: &BuildSession, others: &Others) -> Result<Vec<SessionEvent>, Rejection> {
        if self.phase != Phase::Missing {
            return Err(Rejection::AlreadyExists { what: "session".into() });
        }
        let BuildSession { project, mode, firing, run, step, sandbox, parts, limits, resumes } =
            command.clone();
        match (mode, firing) {
            (SessionMode::Team | SessionMode::Standalone, None) => {
                return Err(Rejection::invalid("firing", "the firing that started automated work", "none"));
            }
            (SessionMode::Interactive, Some(fired)) => {
                return Err(Rejection::invalid("firing", "none, where a person drives", fired));
            }
            (_, Some(fired)) => others.of::<Firing>(fired)?.expect_fired(Some(run))?,
            _ => {}
        }
        if let Some(before) = resumes {
            others.of::<Self>(before)?.expect(&[Phase::Ended], "ended, to be resumed")?;
        }
        parts.check()?;
        parts.check_versions(others.of::<Run>(run)?, others)?;
        check::filled("limits.done_criteria", &limits.done_criteria)?;
        check::range("limits.done_criteria", limits.done_criteria.len(), &(1..=16 * 1024), "bytes")?;
        check::range("limits.wall_clock_ms", limits.wall_clock_ms, &(1_000..=86_400_000), "ms")?;
        let (run, step) = (Some(run), Some(step));
        let built = SessionBuilt { project, mode, firing, run, step, sandbox, parts, limits };
        let resumed = resumes.map(|before| SessionResumed { before }.into());
        Ok(std::iter::once(built.into()).chain(resumed).collect())
    }
    fn decide_on(&self, command: &SessionCommand, others: &Others) -> Result<Vec<SessionEvent>, Rejection> {
        let event = match command {
            SessionCommand::BuildSession(c) => return self.build(c, others),
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
        self.decide_on(command, &Others::default())
    }
    fn decide_among(
        &self,
        command: &SessionCommand,
        others: &Others,
    ) -> Result<Vec<SessionEvent>, Rejection> {
        self.decide_on(command, others)
    }
    fn consults(&self, command: &SessionCommand) -> Vec<StreamId> {
        match command {
            SessionCommand::BuildSession(c) => {
                let others = [c.firing.map(StreamId::from), c.resumes.map(StreamId::from)];
                let others = others.into_iter().flatten().chain([c.run.into()]);
                others.chain(c.parts.consults()).collect()
            }
            _ => vec![],
        }
    }
    fn evolve(&mut self, event: &SessionEvent) {
        match event {
            SessionEvent::SessionBuilt(e) => {
                *self = Self { project: Some(e.project), phase: Phase::Built, of_step: e.step.is_some() };
            }
            SessionEvent::SessionStarted(_) => self.phase = Phase::Running,
            SessionEvent::SessionResumed(_) | SessionEvent::SessionSteered(_) => {}
            SessionEvent::SessionEnded(_) => self.phase = Phase::Ended,
        }
    }
    fn project(&self) -> Option<ProjectId> {
        self.project
    }
    fn references(command: &SessionCommand) -> Vec<StreamId> {
        match command {
            SessionCommand::BuildSession(c) => {
                let persona = c.parts.persona.map(StreamId::from);
                [c.project.into()].into_iter().chain(persona).collect()
            }
            _ => vec![],
        }
    }
}
