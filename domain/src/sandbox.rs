//! A sandbox: an isolated execution environment, and the messages of its session.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use crate::catalogue::{commands, events, plain};
use crate::ids::{Category, MessageId, ProjectId, RunId, StreamId};
use crate::terms::{Effort, KillReason, MessageRole};
use crate::{Decider, Rejection, check};

mod samples;

pub(crate) use samples::samples;

events! {
    /// Everything that can happen to a sandbox.
    pub enum SandboxEvent {
        200 => SandboxCreated 1;
        201 => SandboxStarted 1;
        202 => SandboxPaused 1;
        203 => SandboxResumed 1;
        204 => SandboxKilled 1;
        205 => SandboxFailed 1;
        206 => MessageAppended 1;
        207 => MessageContinued 1;
        208 => FilesSyncedIn 1;
        209 => FilesSyncedBack 1;
    }
}

commands! {
    /// What can be asked of a sandbox.
    pub enum SandboxCommand {
        "create" => CreateSandbox;
        "start" => StartSandbox;
        "pause" => PauseSandbox;
        "resume" => ResumeSandbox;
        "kill" => KillSandbox;
        "fail" => FailSandbox;
        "append-message" => AppendMessage;
        "continue-message" => ContinueMessage;
        "sync-in" => SyncFilesIn;
        "sync-back" => SyncFilesBack;
    }
}

plain! {
    /// What sandboxes of a workflow are made with; what is left out takes the platform's default.
    struct SandboxDefaults {
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
        efforts: Vec<(String, Effort)>,
        /// Who provides them, such as `local` or `e2b`.
        provider: Option<String>,
    }

    /// A sandbox is being created.
    struct SandboxCreated {
        /// The project it belongs to.
        project: ProjectId,
        /// The run it works for; none for a direct session.
        run: Option<RunId>,
        /// The template it is made from.
        template_id: String,
        /// How long it may live, in milliseconds.
        timeout_ms: u64,
        /// Its memory, in MB.
        memory_mb: u32,
        /// Its CPUs.
        cpus: u32,
        /// The model of designers, where not the default.
        designer_model: Option<String>,
        /// The model of checkers, where not the default.
        checker_model: Option<String>,
        /// How hard each model is asked to think.
        efforts: Vec<(String, Effort)>,
        /// Who provides it, such as `local` or `e2b`.
        provider: Option<String>,
    }
    /// It is up.
    struct SandboxStarted {}
    /// It sleeps.
    struct SandboxPaused {}
    /// It is awake again.
    struct SandboxResumed {}
    /// It is gone.
    struct SandboxKilled {
        /// Why.
        reason: KillReason,
    }
    /// It broke.
    struct SandboxFailed {
        /// In words.
        error: String,
    }
    /// A message passed in the session.
    struct MessageAppended {
        /// The message.
        message: MessageId,
        /// Who speaks.
        role: MessageRole,
        /// What was said; the first part where `more` follows.
        content: String,
        /// The agent's raw output behind it.
        stream_log: Option<String>,
        /// Whether more parts follow.
        more: bool,
    }
    /// A further part of a message.
    struct MessageContinued {
        /// The message.
        message: MessageId,
        /// The next part.
        content: String,
        /// Whether more parts follow.
        more: bool,
    }
    /// The project's files were copied into it.
    struct FilesSyncedIn {
        /// The commit they are of, 40 or 64 hex digits.
        base_commit: String,
        /// How many files that were.
        files: u64,
        /// How large they were together.
        bytes: u64,
    }
    /// What changed in it was taken back as a branch.
    struct FilesSyncedBack {
        /// The branch.
        branch: String,
        /// The commit at its head, 40 or 64 hex digits; the one it began with where nothing changed.
        commit: String,
        /// How many files changed.
        files: u64,
    }
}

plain! {
    /// Creates a sandbox. What is left out takes its default.
    struct CreateSandbox {
        /// The project it belongs to.
        project: ProjectId,
        /// The run it works for, which may be requested later; none for a direct session.
        run: Option<RunId>,
        /// The template it is made from; `default` where absent.
        template_id: Option<String>,
        /// How long it may live, 60,000 to 14,400,000 ms; 3,600,000 where absent.
        timeout_ms: Option<u64>,
        /// Its memory, 256 to 8,192 MB; 2,048 where absent.
        memory_mb: Option<u32>,
        /// Its CPUs, 1 to 8; 2 where absent.
        cpus: Option<u32>,
        /// The model of designers, where not the default.
        designer_model: Option<String>,
        /// The model of checkers, where not the default.
        checker_model: Option<String>,
        /// How hard each model is asked to think; each model once.
        #[serde(default)]
        efforts: Vec<(String, Effort)>,
        /// Who provides it, such as `local` or `e2b`.
        provider: Option<String>,
    }
    /// Records that it is up.
    struct StartSandbox {}
    /// Puts it to sleep.
    struct PauseSandbox {}
    /// Wakes it up.
    struct ResumeSandbox {}
    /// Ends it.
    struct KillSandbox {
        /// Why.
        reason: KillReason,
    }
    /// Records that it broke while it was created or running.
    struct FailSandbox {
        /// In words.
        error: String,
    }
    /// Records a message. A text over 512 KiB goes in parts, `more` on all but the last.
    struct AppendMessage {
        /// The message; a new id.
        message: MessageId,
        /// Who speaks.
        role: MessageRole,
        /// What was said.
        content: String,
        /// The agent's raw output behind it; at most 512 KiB together with `content`.
        stream_log: Option<String>,
        /// Whether more parts follow.
        #[serde(default)]
        more: bool,
    }
    /// Records a further part of the message that was left open.
    struct ContinueMessage {
        /// The message.
        message: MessageId,
        /// The next part.
        content: String,
        /// Whether more parts follow.
        #[serde(default)]
        more: bool,
    }
    /// Records that the project's files were copied into it: once, before anything is taken back.
    struct SyncFilesIn {
        /// The commit they are of, 40 or 64 lower-case hex digits.
        base_commit: String,
        /// How many files that were.
        files: u64,
        /// How large they were together.
        bytes: u64,
    }
    /// Records that what changed in it was taken back as a branch; as often as something is.
    struct SyncFilesBack {
        /// The branch.
        branch: String,
        /// The commit at its head, 40 or 64 lower-case hex digits.
        commit: String,
        /// How many files changed.
        files: u64,
    }
}

/// How long a sandbox may live, in milliseconds: 1 minute to 4 hours.
pub const TIMEOUT_MS: RangeInclusive<u64> = 60_000..=14_400_000;
/// Memory of a sandbox, in MB.
pub const MEMORY_MB: RangeInclusive<u32> = 256..=8_192;
/// CPUs of a sandbox.
pub const CPUS: RangeInclusive<u32> = 1..=8;

#[derive(Debug, Clone, Copy, PartialEq, Default)]
enum Phase {
    #[default]
    Missing,
    Creating,
    Running,
    Paused,
    Killed,
    Failed,
}

impl Phase {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Creating => "creating",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Killed => "killed",
            Self::Failed => "failed",
        }
    }
}

/// A sandbox, as far as its decisions need it: how it stands, and which message is unfinished.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sandbox {
    project: Option<ProjectId>,
    phase: Phase,
    open: Option<MessageId>,
    /// Whether the project's files are in it.
    synced: bool,
}

impl Sandbox {
    fn expect(&self, allowed: &[Phase], expected: &'static str) -> Result<(), Rejection> {
        match self.phase {
            Phase::Missing => Err(Rejection::NotFound { aggregate: "sandbox" }),
            phase if allowed.contains(&phase) => Ok(()),
            phase => Err(Rejection::illegal("sandbox", expected, phase.as_str())),
        }
    }
    fn create(&self, command: &CreateSandbox) -> Result<SandboxEvent, Rejection> {
        if self.phase != Phase::Missing {
            return Err(Rejection::AlreadyExists { what: "sandbox".into() });
        }
        let CreateSandbox { project, run, .. } = *command;
        let c = command.clone();
        let asked = SandboxDefaults {
            template_id: c.template_id,
            timeout_ms: c.timeout_ms,
            memory_mb: c.memory_mb,
            cpus: c.cpus,
            designer_model: c.designer_model,
            checker_model: c.checker_model,
            efforts: c.efforts,
            provider: c.provider,
        };
        asked.check()?;
        Ok(SandboxCreated {
            project,
            run,
            template_id: asked.template_id.unwrap_or_else(|| "default".into()),
            timeout_ms: asked.timeout_ms.unwrap_or(3_600_000),
            memory_mb: asked.memory_mb.unwrap_or(2_048),
            cpus: asked.cpus.unwrap_or(2),
            designer_model: asked.designer_model,
            checker_model: asked.checker_model,
            efforts: asked.efforts,
            provider: asked.provider,
        }
        .into())
    }
    fn sync_in(&self, command: &SyncFilesIn) -> Result<SandboxEvent, Rejection> {
        self.expect(&[Phase::Running], "running")?;
        if self.synced {
            let rule = "the sandbox has the project's files already";
            return Err(Rejection::rule(rule, "make another sandbox: one is used for one state of the code"));
        }
        check::commit("base_commit", &command.base_commit)?;
        let SyncFilesIn { base_commit, files, bytes } = command.clone();
        Ok(FilesSyncedIn { base_commit, files, bytes }.into())
    }
    fn sync_back(&self, command: &SyncFilesBack) -> Result<SandboxEvent, Rejection> {
        self.expect(&[Phase::Running, Phase::Paused], "running or paused")?;
        if !self.synced {
            return Err(Rejection::rule("the sandbox was given no files", "send sync-in first"));
        }
        check::branch("branch", &command.branch)?;
        check::commit("commit", &command.commit)?;
        let SyncFilesBack { branch, commit, files } = command.clone();
        Ok(FilesSyncedBack { branch, commit, files }.into())
    }
    fn append(&self, command: &AppendMessage) -> Result<SandboxEvent, Rejection> {
        self.expect(&[Phase::Running, Phase::Paused], "running or paused")?;
        if let Some(open) = self.open {
            return Err(Rejection::rule(
                format!("`{open}` still waits for its last part"),
                "send continue-message with `more` false first",
            ));
        }
        let AppendMessage { message, role, content, stream_log, more } = command.clone();
        check::text("content", &content)?;
        let both = content.len() + stream_log.as_ref().map_or(0, String::len);
        check::range("stream_log", both, &(0..=check::TEXT_MAX_BYTES), "bytes together with content")?;
        Ok(MessageAppended { message, role, content, stream_log, more }.into())
    }
    fn continue_message(&self, command: &ContinueMessage) -> Result<SandboxEvent, Rejection> {
        self.expect(&[Phase::Running, Phase::Paused], "running or paused")?;
        if self.open != Some(command.message) {
            return Err(Rejection::unknown("open message", command.message));
        }
        check::text("content", &command.content)?;
        let ContinueMessage { message, content, more } = command.clone();
        Ok(MessageContinued { message, content, more }.into())
    }
    fn end(&mut self, phase: Phase) {
        self.phase = phase;
        self.open = None;
    }
}

impl SandboxDefaults {
    /// Nothing but the platform's defaults.
    pub(crate) const NONE: Self = Self {
        template_id: None,
        timeout_ms: None,
        memory_mb: None,
        cpus: None,
        designer_model: None,
        checker_model: None,
        efforts: vec![],
        provider: None,
    };

    pub(crate) fn check(&self) -> Result<(), Rejection> {
        check::opt_name("template_id", self.template_id.as_deref())?;
        self.timeout_ms.map_or(Ok(()), |ms| check::range("timeout_ms", ms, &TIMEOUT_MS, "ms"))?;
        self.memory_mb.map_or(Ok(()), |mb| check::range("memory_mb", mb, &MEMORY_MB, "MB"))?;
        self.cpus.map_or(Ok(()), |cpus| check::range("cpus", cpus, &CPUS, "CPUs"))?;
        check::opt_name("designer_model", self.designer_model.as_deref())?;
        check::opt_name("checker_model", self.checker_model.as_deref())?;
        check::opt_name("provider", self.provider.as_deref())?;
        check::list("efforts", &self.efforts)?;
        let mut models = BTreeSet::new();
        for (model, _) in &self.efforts {
            check::name("efforts", model)?;
            if !models.insert(model) {
                return Err(Rejection::invalid("efforts", "each model once", model));
            }
        }
        Ok(())
    }
}

impl Decider for Sandbox {
    const CATEGORY: Category = Category(2);
    type Command = SandboxCommand;
    type Event = SandboxEvent;

    fn decide(&self, command: &SandboxCommand) -> Result<Vec<SandboxEvent>, Rejection> {
        let event = match command {
            SandboxCommand::CreateSandbox(c) => self.create(c)?,
            SandboxCommand::StartSandbox(StartSandbox {}) => {
                self.expect(&[Phase::Creating], "creating")?;
                SandboxStarted {}.into()
            }
            SandboxCommand::PauseSandbox(PauseSandbox {}) => {
                self.expect(&[Phase::Running], "running")?;
                SandboxPaused {}.into()
            }
            SandboxCommand::ResumeSandbox(ResumeSandbox {}) => {
                self.expect(&[Phase::Paused], "paused")?;
                SandboxResumed {}.into()
            }
            SandboxCommand::KillSandbox(c) => {
                let alive = [Phase::Creating, Phase::Running, Phase::Paused];
                self.expect(&alive, "creating, running or paused")?;
                SandboxKilled { reason: c.reason }.into()
            }
            SandboxCommand::FailSandbox(c) => {
                self.expect(&[Phase::Creating, Phase::Running], "creating or running")?;
                check::filled("error", &c.error)?;
                SandboxFailed { error: c.error.clone() }.into()
            }
            SandboxCommand::AppendMessage(c) => self.append(c)?,
            SandboxCommand::ContinueMessage(c) => self.continue_message(c)?,
            SandboxCommand::SyncFilesIn(c) => self.sync_in(c)?,
            SandboxCommand::SyncFilesBack(c) => self.sync_back(c)?,
        };
        Ok(vec![event])
    }

    fn evolve(&mut self, event: &SandboxEvent) {
        match event {
            SandboxEvent::SandboxCreated(e) => {
                self.project = Some(e.project);
                self.phase = Phase::Creating;
            }
            SandboxEvent::SandboxStarted(_) | SandboxEvent::SandboxResumed(_) => self.phase = Phase::Running,
            SandboxEvent::SandboxPaused(_) => self.phase = Phase::Paused,
            SandboxEvent::SandboxKilled(_) => self.end(Phase::Killed),
            SandboxEvent::SandboxFailed(_) => self.end(Phase::Failed),
            SandboxEvent::MessageAppended(e) => self.open = e.more.then_some(e.message),
            SandboxEvent::MessageContinued(e) => self.open = e.more.then_some(e.message),
            SandboxEvent::FilesSyncedIn(_) => self.synced = true,
            SandboxEvent::FilesSyncedBack(_) => {}
        }
    }

    fn project(&self) -> Option<ProjectId> {
        self.project
    }

    fn references(command: &SandboxCommand) -> Vec<StreamId> {
        match command {
            SandboxCommand::CreateSandbox(c) => vec![c.project.into()],
            _ => vec![],
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::{
        Given, check_accepted, check_any_order, check_range, check_refused, command, given, id, pool, with,
    };

    fn plain() -> Value {
        json!({ "project": id(1) })
    }
    fn creating() -> Given<Sandbox> {
        given([]).and_json("create", &plain())
    }
    fn running() -> Given<Sandbox> {
        creating().and(StartSandbox {})
    }
    fn paused() -> Given<Sandbox> {
        running().and(PauseSandbox {})
    }
    fn said(more: bool) -> Value {
        json!({ "message": id(3), "role": "assistant", "content": "c", "more": more })
    }
    fn part(more: bool) -> Value {
        json!({ "message": id(3), "content": "c", "more": more })
    }

    fn sync_in() -> Value {
        json!({ "base_commit": "5e".repeat(20), "files": 4, "bytes": 100 })
    }
    fn sync_back() -> Value {
        json!({ "branch": "fix", "commit": "6f".repeat(20), "files": 1 })
    }

    #[test]
    fn every_command_is_accepted_where_it_fits() {
        let full = json!({
            "project": id(1), "run": id(2), "template_id": "rust", "timeout_ms": 60_000, "memory_mb": 256, "cpus": 1,
            "designer_model": "opus", "checker_model": "sonnet", "provider": "local",
            "efforts": [["opus", "high"], ["sonnet", "off"]],
        });
        let defaults = json!({
            "project": id(1), "template_id": "default", "timeout_ms": 3_600_000, "memory_mb": 2_048, "cpus": 2,
            "efforts": [],
        });
        let logged = with(&said(true), &json!({ "stream_log": "{}" }));
        check_accepted::<Sandbox>(vec![
            (given([]), "create", full.clone(), vec![("SandboxCreated", full)]),
            (given([]), "create", plain(), vec![("SandboxCreated", defaults)]),
            (creating(), "start", json!({}), vec![("SandboxStarted", json!({}))]),
            (running(), "pause", json!({}), vec![("SandboxPaused", json!({}))]),
            (paused(), "resume", json!({}), vec![("SandboxResumed", json!({}))]),
            (
                running(),
                "kill",
                json!({ "reason": "lost" }),
                vec![("SandboxKilled", json!({ "reason": "lost" }))],
            ),
            (creating(), "fail", json!({ "error": "e" }), vec![("SandboxFailed", json!({ "error": "e" }))]),
            (running(), "append-message", logged.clone(), vec![("MessageAppended", logged)]),
            (
                running().and_json("append-message", &said(true)),
                "continue-message",
                part(false),
                vec![("MessageContinued", part(false))],
            ),
            (running(), "sync-in", sync_in(), vec![("FilesSyncedIn", sync_in())]),
            (
                running().and_json("sync-in", &sync_in()),
                "sync-back",
                sync_back(),
                vec![("FilesSyncedBack", sync_back())],
            ),
        ]);
    }

    #[test]
    fn the_phases_have_no_other_ways() {
        let phases = [
            ("does not exist", given([])),
            ("but it is creating", creating()),
            ("but it is running", running()),
            ("but it is paused", paused()),
            ("but it is killed", running().and(KillSandbox { reason: KillReason::Timeout })),
            ("but it is failed", running().and(FailSandbox { error: "e".into() })),
        ];
        //                            missing, creating, running, paused, killed, failed
        let ways: [(SandboxCommand, [bool; 6]); 7] = [
            (StartSandbox {}.into(), [false, true, false, false, false, false]),
            (PauseSandbox {}.into(), [false, false, true, false, false, false]),
            (ResumeSandbox {}.into(), [false, false, false, true, false, false]),
            (KillSandbox { reason: KillReason::User }.into(), [false, true, true, true, false, false]),
            (FailSandbox { error: "e".into() }.into(), [false, true, true, false, false, false]),
            (command("sync-in", &sync_in()), [false, false, true, false, false, false]),
            (command("append-message", &said(false)), [false, false, true, true, false, false]),
        ];
        for (command, allowed) in ways {
            for ((refusal, phase), allowed) in phases.iter().zip(allowed) {
                phase.when(command.clone()).accepted_if(allowed, refusal);
            }
        }
        for (refusal, phase) in &phases {
            if !matches!(phase.state().phase, Phase::Running | Phase::Paused) {
                phase.when_json("continue-message", &part(false)).refused(refusal);
            }
        }
        for (_, phase) in &phases[1..] {
            phase.when_json("create", &plain()).refused("sandbox exists already");
        }
    }

    #[test]
    fn sizes_hold_their_ranges_to_the_unit() {
        let none = given::<Sandbox>([]);
        check_range(&none, "create", &plain(), "timeout_ms", (60_000, 14_400_000));
        check_range(&none, "create", &plain(), "memory_mb", (256, 8_192));
        check_range(&none, "create", &plain(), "cpus", (1, 8));
    }

    #[test]
    fn a_configuration_that_does_not_fit_is_refused() {
        for (changes, part) in [
            (json!({ "template_id": "" }), "`template_id`: expected 1 to 200 bytes"),
            (json!({ "timeout_ms": 0 }), "`timeout_ms`: expected 60000 to 14400000 ms, got `0`"),
            (json!({ "memory_mb": 9_000 }), "`memory_mb`: expected 256 to 8192 MB, got `9000`"),
            (json!({ "cpus": 0 }), "`cpus`: expected 1 to 8 CPUs, got `0`"),
            (json!({ "designer_model": " " }), "`designer_model`"),
            (json!({ "checker_model": "" }), "`checker_model`"),
            (json!({ "provider": "a\nb" }), "`provider`"),
            (json!({ "efforts": [["", "low"]] }), "`efforts`: expected 1 to 200 bytes"),
            (json!({ "efforts": [["a", "low"], ["a", "max"]] }), "`efforts`: expected each model once"),
            (json!({ "efforts": vec![("a", "low"); 1_001] }), "`efforts`: expected at most 1000"),
        ] {
            given::<Sandbox>([]).when_json("create", &with(&plain(), &changes)).refused(part);
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let running = running();
        let open = running.clone().and_json("append-message", &said(true));
        let half = "x".repeat(check::TEXT_MAX_BYTES / 2 + 1);
        let long = json!({ "content": "x".repeat(check::TEXT_MAX_BYTES + 1) });
        let both = json!({ "content": half, "stream_log": half });
        let other = with(&part(false), &json!({ "message": id(4) }));
        check_refused(vec![
            (&running, "fail", json!({ "error": " " }), "`error`: expected a text that is not blank"),
            (&running, "append-message", with(&said(false), &long), "`content`: expected at most"),
            (&running, "append-message", with(&said(false), &both), "`stream_log`: expected 0 to 524288"),
            (&open, "append-message", said(false), "still waits for its last part"),
            (&open, "continue-message", with(&part(false), &long), "`content`: expected at most"),
            (&open, "continue-message", other, "unknown open message `0"),
            (&running, "continue-message", part(false), "unknown open message"),
        ]);
    }

    #[test]
    fn files_go_in_once_and_come_back_as_branches() {
        let (empty, synced) = (running(), running().and_json("sync-in", &sync_in()));
        check_refused(vec![
            (&empty, "sync-back", sync_back(), "the sandbox was given no files"),
            (&synced, "sync-in", sync_in(), "the sandbox has the project's files already"),
            (
                &empty,
                "sync-in",
                with(&sync_in(), &json!({ "base_commit": "main" })),
                "`base_commit`: expected 40 or 64 lower-case hex digits, got `main`",
            ),
            (&synced, "sync-back", with(&sync_back(), &json!({ "branch": "a b" })), "`branch`"),
            (
                &synced,
                "sync-back",
                with(&sync_back(), &json!({ "commit": "6F" })),
                "`commit`: expected 40 or 64",
            ),
        ]);
        let gone = synced.clone().and(KillSandbox { reason: KillReason::Completion });
        gone.when_json("sync-back", &sync_back()).refused("running or paused, but it is killed");
        let again = synced.and_json("sync-back", &sync_back()).and(PauseSandbox {});
        again.when_json("sync-back", &with(&sync_back(), &json!({ "branch": "fix-2" }))).accepted();
    }

    #[test]
    fn a_message_stays_open_until_its_last_part() {
        let exact = "x".repeat(check::TEXT_MAX_BYTES);
        let open = running()
            .and_json("append-message", &with(&said(true), &json!({ "content": exact })))
            .and(PauseSandbox {})
            .and_json("continue-message", &with(&part(true), &json!({ "content": exact })));
        assert_eq!(open.state().open, Some(MessageId::from_bytes([3; 16])));
        let closed = open.clone().and_json("continue-message", &part(false));
        assert_eq!(closed.state().open, None);
        closed.when_json("append-message", &said(false)).accepted();
        assert_eq!(open.and(KillSandbox { reason: KillReason::User }).state().open, None);
    }

    #[test]
    fn it_names_its_project_and_waits_for_no_run() {
        assert_eq!(creating().state().project(), Some(ProjectId::from_bytes([1; 16])));
        let create: SandboxCommand = command("create", &json!({ "project": id(1), "run": id(2) }));
        assert_eq!(Sandbox::references(&create), [ProjectId::from_bytes([1; 16]).into()]);
        assert_eq!(Sandbox::references(&StartSandbox {}.into()), []);
    }

    #[test]
    fn any_order_of_commands_folds_alike() {
        let other = json!({ "message": id(4) });
        let commands = [
            ("create", plain()),
            ("start", json!({})),
            ("pause", json!({})),
            ("resume", json!({})),
            ("append-message", said(false)),
            ("append-message", with(&said(true), &other)),
            ("append-message", said(true)),
            ("continue-message", part(true)),
            ("continue-message", part(false)),
            ("continue-message", with(&part(false), &other)),
            ("sync-in", sync_in()),
            ("sync-back", sync_back()),
            ("kill", json!({ "reason": "user" })),
            ("fail", json!({ "error": "e" })),
        ];
        check_any_order::<Sandbox>(&given([]), &pool(&commands), |history| {
            let mut open = None;
            for event in history {
                match event {
                    SandboxEvent::MessageAppended(e) => {
                        assert_eq!(open, None, "a message begins only after the one before has ended");
                        open = e.more.then_some(e.message);
                    }
                    SandboxEvent::MessageContinued(e) => {
                        assert_eq!(open, Some(e.message));
                        open = e.more.then_some(e.message);
                    }
                    _ => {}
                }
            }
        });
    }
}
