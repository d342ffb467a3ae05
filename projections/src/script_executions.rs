//! Executions of scripts as lists show them: what ran where, and how it ended.

use domain::Event;
use domain::ids::{AssetId, ProjectId, RunId, SandboxId, ScriptExecutionId, StepId, StreamId};
use domain::script_execution::ScriptExecutionEvent;
use domain::terms::ScriptMoment;
use domain::values::Timestamp;

use crate::listed::{ListRow, rows, states};

states! {
    /// How an execution stands.
    ExecutionStatus {
        /// At work.
        Running,
        /// Ended by itself.
        Exited,
        /// Never started, or ended from outside.
        Failed,
    }
}

rows! {
    /// An execution of a script.
    struct ScriptExecutionRow {
        /// The project it belongs to.
        project: ProjectId,
        /// The script.
        asset: AssetId,
        /// The version that ran.
        version: u32,
        /// Why it ran then.
        moment: ScriptMoment,
        /// The run it worked for.
        run: Option<RunId>,
        /// The step of that run.
        step: Option<StepId>,
        /// Where it ran.
        sandbox: Option<SandboxId>,
        /// How it stands.
        status: ExecutionStatus,
        /// Its exit code.
        exit_code: Option<i32>,
        /// How long it took, where known.
        duration_ms: Option<u64>,
        /// Why it failed.
        error: Option<String>,
        /// Bytes that it wrote.
        output_bytes: u64,
        /// When it started.
        started_at: Timestamp,
        /// When it ended.
        ended_at: Option<Timestamp>,
    }
}

impl ListRow for ScriptExecutionRow {
    const NAME: &'static str = "script-executions";
    const VERSION: u32 = 1;
    const FILTERS: &'static [&'static str] = &["project", "asset", "run", "sandbox", "status", "moment"];
    type Key = ScriptExecutionId;

    fn key(stream: StreamId) -> ScriptExecutionId {
        stream.id.into()
    }
    fn concerns(event: &Event) -> bool {
        matches!(event, Event::ScriptExecution(_))
    }
    fn open(event: &Event, at: Timestamp) -> Option<Self> {
        let Event::ScriptExecution(ScriptExecutionEvent::ScriptStarted(e)) = event else { return None };
        Some(Self {
            project: e.project,
            asset: e.asset,
            version: e.version,
            moment: e.moment,
            run: e.run,
            step: e.step,
            sandbox: e.sandbox,
            status: ExecutionStatus::Running,
            exit_code: None,
            duration_ms: None,
            error: None,
            output_bytes: 0,
            started_at: at,
            ended_at: None,
        })
    }
    fn apply(&mut self, event: &Event, at: Timestamp) {
        let Event::ScriptExecution(event) = event else { return };
        match event {
            ScriptExecutionEvent::ScriptStarted(_) => {}
            ScriptExecutionEvent::ScriptOutputAppended(e) => self.output_bytes += e.content.len() as u64,
            ScriptExecutionEvent::ScriptExited(e) => {
                (self.status, self.exit_code) = (ExecutionStatus::Exited, Some(e.exit_code));
                (self.duration_ms, self.ended_at) = (e.duration_ms, Some(at));
            }
            ScriptExecutionEvent::ScriptFailed(e) => {
                (self.status, self.error) = (ExecutionStatus::Failed, Some(e.error.clone()));
                self.ended_at = Some(at);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::testing::{History, check, id, sample};

    #[test]
    fn an_execution_shows_how_it_ended() {
        let of = |history: History, name| history.any(id::<super::ScriptExecutionId>(1).into(), sample(name));
        let names = ["ScriptStarted", "ScriptOutputAppended", "ScriptExited"];
        check(
            "script-executions",
            &names.into_iter().fold(History::new(), of),
            &expect![[r##"
            #01; duration_ms 1200; output_bytes 15; version 3
              asset: "02081040G2081040G2081040G2"
              ended_at: "07:00:02.000Z"
              moment: "before_start"
              project: "01040G2081040G2081040G2081"
              run: "030C1G60R30C1G60R30C1G60R3"
              sandbox: "050M2GA1850M2GA1850M2GA185"
              started_at: "07:00:00.000Z"
              status: "exited"
              step: "040G2081040G2081040G208104"
        "##]],
        );
    }
}
