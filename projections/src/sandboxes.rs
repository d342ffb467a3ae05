//! Every sandbox as lists show it: how it stands, what it was made with, why it ended.

use domain::ids::{ProjectId, RunId, SandboxId};
use domain::sandbox::{SandboxCreated, SandboxEvent};
use domain::terms::{Effort, KillReason};
use domain::values::Timestamp;
use domain::{Event, Recorded};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::table::Table;
use crate::view::{Scope, View};

/// How a sandbox stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SandboxStatus {
    /// Being provisioned.
    Creating,
    /// Up.
    Running,
    /// Asleep; it can be woken up.
    Paused,
    /// Gone.
    Killed,
    /// Broken.
    Error,
}

/// What was taken back out of a sandbox.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct TakenBack {
    /// The branch.
    branch: String,
    /// The commit at its head.
    commit: String,
    /// How many files changed.
    files: u64,
}

/// A sandbox.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct SandboxRow {
    /// The project it belongs to.
    project: ProjectId,
    /// The run it works for; none for a direct session.
    run: Option<RunId>,
    /// How it stands.
    status: SandboxStatus,
    /// Who provides it.
    provider: Option<String>,
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
    /// Messages of its session.
    messages: u64,
    /// The commit that its files are of.
    base_commit: Option<String>,
    /// Files that were copied into it.
    files_in: u64,
    /// How large they were together.
    bytes_in: u64,
    /// What was taken back, in order.
    taken_back: Vec<TakenBack>,
    /// Why it ended.
    kill_reason: Option<KillReason>,
    /// How it broke.
    error: Option<String>,
    /// When it was asked for.
    created_at: Timestamp,
    /// When it came up.
    started_at: Option<Timestamp>,
    /// When it ended or broke.
    ended_at: Option<Timestamp>,
}

impl SandboxRow {
    fn new(e: &SandboxCreated, at: Timestamp) -> Self {
        Self {
            project: e.project,
            run: e.run,
            status: SandboxStatus::Creating,
            provider: e.provider.clone(),
            template_id: e.template_id.clone(),
            timeout_ms: e.timeout_ms,
            memory_mb: e.memory_mb,
            cpus: e.cpus,
            designer_model: e.designer_model.clone(),
            checker_model: e.checker_model.clone(),
            efforts: e.efforts.clone(),
            messages: 0,
            base_commit: None,
            files_in: 0,
            bytes_in: 0,
            taken_back: vec![],
            kill_reason: None,
            error: None,
            created_at: at,
            started_at: None,
            ended_at: None,
        }
    }
    fn apply(&mut self, event: &SandboxEvent, at: Timestamp) {
        match event {
            SandboxEvent::SandboxCreated(_) | SandboxEvent::MessageContinued(_) => {}
            SandboxEvent::SandboxStarted(_) => {
                self.status = SandboxStatus::Running;
                self.started_at = Some(at);
            }
            SandboxEvent::SandboxPaused(_) => self.status = SandboxStatus::Paused,
            SandboxEvent::SandboxResumed(_) => self.status = SandboxStatus::Running,
            SandboxEvent::SandboxKilled(e) => {
                self.status = SandboxStatus::Killed;
                self.kill_reason = Some(e.reason);
                self.ended_at = Some(at);
            }
            SandboxEvent::SandboxFailed(e) => {
                self.status = SandboxStatus::Error;
                self.error = Some(e.error.clone());
                self.ended_at = Some(at);
            }
            SandboxEvent::MessageAppended(_) => self.messages += 1,
            SandboxEvent::FilesSyncedIn(e) => {
                self.base_commit = Some(e.base_commit.clone());
                (self.files_in, self.bytes_in) = (e.files, e.bytes);
            }
            SandboxEvent::FilesSyncedBack(e) => {
                let (branch, commit, files) = (e.branch.clone(), e.commit.clone(), e.files);
                self.taken_back.push(TakenBack { branch, commit, files });
            }
        }
    }
}

/// The view `sandboxes`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Sandboxes {
    table: Table<SandboxId, SandboxRow>,
}

impl View for Sandboxes {
    const NAME: &'static str = "sandboxes";
    const VERSION: u32 = 2;
    const SCOPE: Scope = Scope::Live;
    const FILTERS: &'static [&'static str] =
        &["project", "run", "status", "provider", "template_id", "kill_reason"];
    type Key = SandboxId;
    type Row = SandboxRow;

    fn folds(event: &Event) -> bool {
        matches!(event, Event::Sandbox(_))
    }
    fn apply(&mut self, event: &Recorded) {
        let Event::Sandbox(happened) = &event.event else { return };
        let (sandbox, at) = (SandboxId::from(event.meta.stream.id), event.meta.when());
        if let SandboxEvent::SandboxCreated(e) = happened {
            self.table.insert(sandbox, SandboxRow::new(e, at));
        } else if !matches!(happened, SandboxEvent::MessageContinued(_))
            && let Some(row) = self.table.get_mut(&sandbox)
        {
            row.apply(happened, at);
        }
    }
    fn table(&self) -> &Table<SandboxId, SandboxRow> {
        &self.table
    }
    fn table_mut(&mut self) -> &mut Table<SandboxId, SandboxRow> {
        &mut self.table
    }
}

#[cfg(test)]
mod tests {
    use domain::sandbox::{SandboxFailed, SandboxKilled, SandboxPaused, SandboxResumed, SandboxStarted};
    use expect_test::expect;

    use super::*;
    use crate::testing::{History, check, id, sample};

    #[test]
    fn a_sandbox_shows_how_it_stands_and_why_it_ended() {
        let made = |history: History, n: u64| {
            history.any(id::<SandboxId>(n).into(), sample("SandboxCreated")).sandbox(n, SandboxStarted {})
        };
        let history = made(made(made(History::new(), 1), 2), 3)
            .any(id::<SandboxId>(1).into(), sample("MessageAppended"))
            .any(id::<SandboxId>(1).into(), sample("MessageContinued"))
            .any(id::<SandboxId>(1).into(), sample("FilesSyncedIn"))
            .any(id::<SandboxId>(1).into(), sample("FilesSyncedBack"))
            .sandbox(1, SandboxPaused {})
            .sandbox(1, SandboxResumed {})
            .sandbox(1, SandboxKilled { reason: KillReason::Lost })
            .sandbox(2, SandboxFailed { error: "no disk".into() })
            .sandbox(3, SandboxPaused {});
        check(
            "sandboxes",
            &history,
            &expect![[r##"
                #01; bytes_in 1234567; cpus 4; files_in 412; memory_mb 4096; messages 1; timeout_ms 3600000
                  base_commit: "5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e"
                  checker_model: "sonnet"
                  created_at: "07:00:00.000Z"
                  designer_model: "opus"
                  efforts: [["opus","high"],["sonnet","off"]]
                  ended_at: "07:00:12.000Z"
                  kill_reason: "lost"
                  project: "01040G2081040G2081040G2081"
                  provider: "local"
                  run: "02081040G2081040G2081040G2"
                  started_at: "07:00:01.000Z"
                  status: "killed"
                  taken_back: [{"branch":"fix/build","commit":"6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f","files":3}]
                  template_id: "rust"
                #02; cpus 4; memory_mb 4096; timeout_ms 3600000
                  checker_model: "sonnet"
                  created_at: "07:00:02.000Z"
                  designer_model: "opus"
                  efforts: [["opus","high"],["sonnet","off"]]
                  ended_at: "07:00:13.000Z"
                  error: "no disk"
                  project: "01040G2081040G2081040G2081"
                  provider: "local"
                  run: "02081040G2081040G2081040G2"
                  started_at: "07:00:03.000Z"
                  status: "error"
                  template_id: "rust"
                #03; cpus 4; memory_mb 4096; timeout_ms 3600000
                  checker_model: "sonnet"
                  created_at: "07:00:04.000Z"
                  designer_model: "opus"
                  efforts: [["opus","high"],["sonnet","off"]]
                  project: "01040G2081040G2081040G2081"
                  provider: "local"
                  run: "02081040G2081040G2081040G2"
                  started_at: "07:00:05.000Z"
                  status: "paused"
                  template_id: "rust"
            "##]],
        );
    }
}
