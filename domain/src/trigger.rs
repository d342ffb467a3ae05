//! A trigger: the condition under which the heartbeat starts work, and what work.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::autonomy::{AgentRole, SessionMode, TaskKind};
use crate::catalogue::{commands, events, plain};
use crate::ids::{BudgetPoolId, Category, ProjectId, StreamId, WorkflowId};
use crate::terms::words;
use crate::{Decider, Rejection, check};

mod cron;
#[cfg(test)]
mod tests;

events! {
    /// Everything that can happen to a trigger.
    pub enum TriggerEvent {
        1800 => TriggerCreated 1;
        1801 => TriggerConfigured 1;
        1802 => TriggerEnabled 1;
        1803 => TriggerDisabled 1;
        1804 => TriggerDeleted 1;
    }
}

commands! {
    /// What can be asked of a trigger.
    pub enum TriggerCommand {
        "create" => CreateTrigger;
        "configure" => ConfigureTrigger;
        "enable" => EnableTrigger;
        "disable" => DisableTrigger;
        "delete" => DeleteTrigger;
    }
}

words! {
    /// Work that can stall: that has begun, has not ended, and of which nothing is heard.
    StalledKind {
        /// A run.
        Run = "run",
        /// A session.
        Session = "session",
        /// A review loop that waits for its next score.
        Review = "review",
    }
}

plain! {
    /// Fires by the clock.
    struct CronCondition {
        /// Minute, hour, day of month, month, day of week.
        expression: String,
        /// IANA time zone, such as `Europe/Berlin`.
        timezone: String,
    }
    /// Fires on a request from outside, whose signature is checked.
    struct WebhookCondition {
        /// Who sends it, such as `github`.
        source: String,
        /// The kinds of event that count, such as `issues.opened`; all where empty.
        events: Vec<String>,
        /// The project's environment variable with the secret that signs.
        secret: String,
    }
    /// Fires on a command.
    struct CommandCondition {
        /// The command's name.
        name: String,
    }
    /// Fires when files change and then rest.
    struct FileChangeCondition {
        /// Glob patterns, relative to the project's folder.
        paths: Vec<String>,
        /// How long files must rest, 100 to 3,600,000 ms.
        debounce_ms: u64,
    }
    /// Fires when work stalls.
    struct StalledCondition {
        /// The kinds of work that count; all where empty.
        kinds: Vec<StalledKind>,
        /// For how long nothing was heard of it, 60,000 to 604,800,000 ms.
        quiet_ms: u64,
    }
    /// What a trigger starts.
    struct TriggeredWork {
        /// The task, as the agent is told.
        task: String,
        /// What kind of task, for the router.
        kind: TaskKind,
        /// A team or a single agent.
        mode: SessionMode,
        /// The role, where the router is not asked.
        role: Option<AgentRole>,
        /// The workflow, where runs follow one.
        workflow: Option<WorkflowId>,
        /// The budget pool it is admitted by.
        pool: Option<BudgetPoolId>,
        /// What a firing is expected to use, in the pool's unit.
        estimate: u64,
    }
    /// A trigger was made, enabled; this is its version 1.
    struct TriggerCreated {
        /// The project it belongs to.
        project: ProjectId,
        /// A short name for lists.
        name: String,
        /// When it fires.
        condition: Condition,
        /// What it starts.
        work: TriggeredWork,
    }
    /// Its condition or its work changed.
    struct TriggerConfigured {
        /// The version, one more than the last.
        version: u32,
        /// A short name for lists.
        name: String,
        /// When it fires.
        condition: Condition,
        /// What it starts.
        work: TriggeredWork,
    }
    /// It fires again.
    struct TriggerEnabled {}
    /// It fires no more until it is enabled.
    struct TriggerDisabled {
        /// Why.
        reason: Option<String>,
    }
    /// It is gone.
    struct TriggerDeleted {}
}

/// When a trigger fires. Stored by number: append, never reorder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// By the clock.
    Cron(CronCondition),
    /// On a request from outside.
    Webhook(WebhookCondition),
    /// On a command.
    Command(CommandCondition),
    /// When files change and then rest.
    FileChange(FileChangeCondition),
    /// When work stalls.
    Stalled(StalledCondition),
}

impl Condition {
    /// The kind's name.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Cron(_) => "cron",
            Self::Webhook(_) => "webhook",
            Self::Command(_) => "command",
            Self::FileChange(_) => "file_change",
            Self::Stalled(_) => "stalled",
        }
    }
    fn check(&self) -> Result<(), Rejection> {
        match self {
            Self::Cron(it) => {
                if let Some(expected) = cron::fault(&it.expression) {
                    return Err(Rejection::invalid("condition.cron.expression", expected, &it.expression));
                }
                check::name("condition.cron.timezone", &it.timezone)
            }
            Self::Webhook(it) => {
                check::name("condition.webhook.source", &it.source)?;
                check::name("condition.webhook.secret", &it.secret)?;
                names("condition.webhook.events", &it.events)
            }
            Self::Command(it) => check::slug("condition.command.name", &it.name),
            Self::Stalled(it) => {
                check::each_once("condition.stalled.kinds", &it.kinds)?;
                let field = "condition.stalled.quiet_ms";
                check::range(field, it.quiet_ms, &(60_000..=604_800_000), "ms")
            }
            Self::FileChange(it) => {
                if it.paths.is_empty() {
                    return Err(Rejection::invalid(
                        "condition.file_change.paths",
                        "one path at least",
                        "none",
                    ));
                }
                names("condition.file_change.paths", &it.paths)?;
                let field = "condition.file_change.debounce_ms";
                check::range(field, it.debounce_ms, &(100..=3_600_000), "ms")?;
                match it.paths.iter().find(|path| !inside(path)) {
                    Some(path) => Err(Rejection::invalid(
                        "condition.file_change.paths",
                        "a path inside the project, without `..`",
                        path,
                    )),
                    None => Ok(()),
                }
            }
        }
    }
}

fn inside(path: &str) -> bool {
    !path.starts_with(['/', '\\']) && !path.split(['/', '\\']).any(|part| part == "..")
}

fn names(field: &'static str, items: &[String]) -> Result<(), Rejection> {
    check::range(field, items.len(), &(0..=100), "items")?;
    items.iter().try_for_each(|item| check::name(field, item))
}

impl TriggeredWork {
    fn check(&self) -> Result<(), Rejection> {
        check::filled("work.task", &self.task)?;
        match self.mode {
            SessionMode::Team | SessionMode::Standalone => Ok(()),
            SessionMode::Interactive => {
                Err(Rejection::invalid("work.mode", "team or standalone", SessionMode::Interactive))
            }
        }
    }
}

plain! {
    /// Makes a trigger, enabled.
    struct CreateTrigger {
        /// The project it belongs to.
        project: ProjectId,
        /// A short name for lists.
        name: String,
        /// When it fires.
        condition: Condition,
        /// What it starts.
        work: TriggeredWork,
    }
    /// Replaces name, condition and work.
    struct ConfigureTrigger {
        /// A short name for lists.
        name: String,
        /// When it fires.
        condition: Condition,
        /// What it starts.
        work: TriggeredWork,
    }
    /// Lets a disabled trigger fire again.
    struct EnableTrigger {}
    /// Keeps a trigger from firing.
    struct DisableTrigger {
        /// Why; one line.
        reason: Option<String>,
    }
    /// Takes a trigger away, for good.
    struct DeleteTrigger {}
}

#[derive(Debug, Clone, Copy, PartialEq, Default)]
enum Phase {
    #[default]
    Missing,
    Enabled,
    Disabled,
    Deleted,
}

impl Phase {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
            Self::Deleted => "deleted",
        }
    }
}

/// A trigger, as far as its decisions and its firings need it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Trigger {
    project: Option<ProjectId>,
    phase: Phase,
    version: u32,
}

impl Trigger {
    /// The version in force; 0 before there is any.
    #[must_use]
    pub const fn version(&self) -> u32 {
        self.version
    }
    /// Refuses where the trigger does not fire.
    ///
    /// # Errors
    /// It is disabled or deleted.
    pub fn expect_enabled(&self) -> Result<(), Rejection> {
        self.expect(&[Phase::Enabled], "enabled")
    }
    fn expect(&self, allowed: &[Phase], expected: &'static str) -> Result<(), Rejection> {
        match self.phase {
            Phase::Missing => Err(Rejection::NotFound { aggregate: "trigger" }),
            phase if allowed.contains(&phase) => Ok(()),
            phase => Err(Rejection::illegal("trigger", expected, phase.as_str())),
        }
    }
    fn create(&self, command: &CreateTrigger) -> Result<TriggerEvent, Rejection> {
        if self.phase != Phase::Missing {
            return Err(Rejection::AlreadyExists { what: "trigger".into() });
        }
        let CreateTrigger { project, name, condition, work } = command.clone();
        check_all(&name, &condition, &work)?;
        Ok(TriggerCreated { project, name, condition, work }.into())
    }
    fn configure(&self, command: &ConfigureTrigger) -> Result<TriggerEvent, Rejection> {
        self.expect(&[Phase::Enabled, Phase::Disabled], "enabled or disabled")?;
        let ConfigureTrigger { name, condition, work } = command.clone();
        check_all(&name, &condition, &work)?;
        let version = self.version.checked_add(1).ok_or_else(|| {
            Rejection::rule("the trigger has no version number left", "create another trigger")
        })?;
        Ok(TriggerConfigured { version, name, condition, work }.into())
    }
}

fn check_all(name: &str, condition: &Condition, work: &TriggeredWork) -> Result<(), Rejection> {
    check::name("name", name)?;
    condition.check()?;
    work.check()
}

impl TriggeredWork {
    /// What it names, which must be there.
    fn references(&self) -> impl Iterator<Item = StreamId> {
        let (workflow, pool) = (self.workflow.map(StreamId::from), self.pool.map(StreamId::from));
        workflow.into_iter().chain(pool)
    }
}

impl Decider for Trigger {
    const CATEGORY: Category = Category(18);
    type Command = TriggerCommand;
    type Event = TriggerEvent;

    fn decide(&self, command: &TriggerCommand) -> Result<Vec<TriggerEvent>, Rejection> {
        let event = match command {
            TriggerCommand::CreateTrigger(c) => self.create(c)?,
            TriggerCommand::ConfigureTrigger(c) => self.configure(c)?,
            TriggerCommand::EnableTrigger(EnableTrigger {}) => {
                self.expect(&[Phase::Disabled], "disabled")?;
                TriggerEnabled {}.into()
            }
            TriggerCommand::DisableTrigger(c) => {
                self.expect(&[Phase::Enabled], "enabled")?;
                check::opt_name("reason", c.reason.as_deref())?;
                TriggerDisabled { reason: c.reason.clone() }.into()
            }
            TriggerCommand::DeleteTrigger(DeleteTrigger {}) => {
                self.expect(&[Phase::Enabled, Phase::Disabled], "enabled or disabled")?;
                TriggerDeleted {}.into()
            }
        };
        Ok(vec![event])
    }
    fn evolve(&mut self, event: &TriggerEvent) {
        match event {
            TriggerEvent::TriggerCreated(e) => {
                *self = Self { project: Some(e.project), phase: Phase::Enabled, version: 1 };
            }
            TriggerEvent::TriggerConfigured(e) => self.version = e.version,
            TriggerEvent::TriggerEnabled(_) => self.phase = Phase::Enabled,
            TriggerEvent::TriggerDisabled(_) => self.phase = Phase::Disabled,
            TriggerEvent::TriggerDeleted(_) => self.phase = Phase::Deleted,
        }
    }
    fn project(&self) -> Option<ProjectId> {
        self.project
    }
    fn references(command: &TriggerCommand) -> Vec<StreamId> {
        match command {
            TriggerCommand::CreateTrigger(c) => {
                std::iter::once(c.project.into()).chain(c.work.references()).collect()
            }
            TriggerCommand::ConfigureTrigger(c) => c.work.references().collect(),
            _ => vec![],
        }
    }
}

/// One or more of every event.
pub(crate) fn samples() -> Vec<TriggerEvent> {
    let work = TriggeredWork {
        task: "Scan the news of our dependencies".into(),
        kind: TaskKind::Research,
        mode: SessionMode::Standalone,
        role: Some(AgentRole::Scout),
        workflow: Some(WorkflowId::from_bytes([2; 16])),
        pool: Some(BudgetPoolId::from_bytes([3; 16])),
        estimate: 30,
    };
    let conditions = [
        Condition::Cron(CronCondition { expression: "0 9 * * *".into(), timezone: "Europe/Berlin".into() }),
        Condition::Webhook(WebhookCondition {
            source: "github".into(),
            events: vec!["issues.opened".into()],
            secret: "GITHUB_WEBHOOK_SECRET".into(),
        }),
        Condition::Command(CommandCondition { name: "scan".into() }),
        Condition::FileChange(FileChangeCondition { paths: vec!["docs/**".into()], debounce_ms: 2_000 }),
        Condition::Stalled(StalledCondition {
            kinds: vec![StalledKind::Run, StalledKind::Review],
            quiet_ms: 1_800_000,
        }),
    ];
    let created = conditions.into_iter().map(|condition| {
        let (project, name) = (ProjectId::from_bytes([1; 16]), condition.kind().to_owned());
        TriggerCreated { project, name, condition, work: work.clone() }.into()
    });
    let changed = TriggeredWork { role: None, workflow: None, pool: None, estimate: 0, ..work.clone() };
    created
        .chain([
            TriggerConfigured {
                version: 2,
                name: "Nightly".into(),
                condition: Condition::Command(CommandCondition { name: "nightly".into() }),
                work: changed,
            }
            .into(),
            TriggerEnabled {}.into(),
            TriggerDisabled { reason: Some("too noisy".into()) }.into(),
            TriggerDisabled { reason: None }.into(),
            TriggerDeleted {}.into(),
        ])
        .collect()
}
