//! One execution of a script: what ran where, what it wrote, how it ended.
//!
//! A stream of its own, and not the asset's: many runs execute one script at once, and a configuration's
//! history is no place for output. Not the run's either: a script on demand may run without one.

use crate::catalogue::{commands, events, plain};
use crate::ids::{AssetId, Category, ProjectId, RunId, SandboxId, StepId, StreamId};
use crate::terms::{OutputStream, ScriptMoment};
use crate::{Decider, Rejection, check};

events! {
    /// Everything that can happen to an execution.
    pub enum ScriptExecutionEvent {
        3500 => ScriptStarted 1;
        3501 => ScriptOutputAppended 1;
        3502 => ScriptExited 1;
        3503 => ScriptFailed 1;
    }
}

commands! {
    /// What can be asked of an execution.
    pub enum ScriptExecutionCommand {
        "start" => StartScript;
        "append-output" => AppendScriptOutput;
        "exit" => ExitScript;
        "fail" => FailScript;
    }
}

plain! {
    /// A script was started.
    struct ScriptStarted {
        /// The project it belongs to.
        project: ProjectId,
        /// The script.
        asset: AssetId,
        /// The version that runs, whatever is published meanwhile.
        version: u32,
        /// Why now.
        moment: ScriptMoment,
        /// The run it works for.
        run: Option<RunId>,
        /// The step of that run.
        step: Option<StepId>,
        /// Where it runs.
        sandbox: Option<SandboxId>,
    }
    /// It wrote something.
    struct ScriptOutputAppended {
        /// Where to.
        stream: OutputStream,
        /// What.
        content: String,
    }
    /// It ended by itself.
    struct ScriptExited {
        /// Its exit code; 0 means that it succeeded.
        exit_code: i32,
        /// How long it took, where known.
        duration_ms: Option<u64>,
    }
    /// It never started, or was ended from outside, and has no exit code.
    struct ScriptFailed {
        /// In words.
        error: String,
    }
}

plain! {
    /// Records that a script starts.
    struct StartScript {
        /// The project it belongs to.
        project: ProjectId,
        /// The script.
        asset: AssetId,
        /// The version that runs, from 1.
        version: u32,
        /// Why now.
        moment: ScriptMoment,
        /// The run it works for.
        run: Option<RunId>,
        /// The step of that run; only beside `run`.
        step: Option<StepId>,
        /// Where it runs.
        sandbox: Option<SandboxId>,
    }
    /// Records what it wrote; a text over 512 KiB goes in parts.
    struct AppendScriptOutput {
        /// Where to.
        stream: OutputStream,
        /// What.
        content: String,
    }
    /// Records that it ended by itself.
    struct ExitScript {
        /// Its exit code.
        exit_code: i32,
        /// How long it took, in milliseconds.
        duration_ms: Option<u64>,
    }
    /// Records that it never started, or was ended from outside.
    struct FailScript {
        /// In words.
        error: String,
    }
}

/// Most parts of output of one execution.
pub const PARTS_MAX: u32 = 10_000;

#[derive(Debug, Clone, Copy, PartialEq, Default)]
enum Phase {
    #[default]
    Missing,
    Running {
        parts: u32,
    },
    Exited,
    Failed,
}

/// An execution, as far as its decisions need it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ScriptExecution {
    project: Option<ProjectId>,
    phase: Phase,
}

impl ScriptExecution {
    /// How many parts of output there are, while it runs.
    fn running(&self) -> Result<u32, Rejection> {
        match self.phase {
            Phase::Missing => Err(Rejection::NotFound { aggregate: "script execution" }),
            Phase::Running { parts } => Ok(parts),
            Phase::Exited => Err(Rejection::illegal("script execution", "running", "exited")),
            Phase::Failed => Err(Rejection::illegal("script execution", "running", "failed")),
        }
    }
    fn start(&self, command: &StartScript) -> Result<ScriptExecutionEvent, Rejection> {
        if self.phase != Phase::Missing {
            return Err(Rejection::AlreadyExists { what: "script execution".into() });
        }
        let StartScript { project, asset, version, moment, run, step, sandbox } = command.clone();
        if version == 0 {
            return Err(Rejection::invalid("version", "a version from 1", version));
        }
        if let (None, Some(step)) = (run, step) {
            return Err(Rejection::invalid("step", "absent where run is", step));
        }
        Ok(ScriptStarted { project, asset, version, moment, run, step, sandbox }.into())
    }
    fn append(&self, command: &AppendScriptOutput) -> Result<ScriptExecutionEvent, Rejection> {
        if self.running()? >= PARTS_MAX {
            let rule = format!("an execution has at most {PARTS_MAX} parts of output");
            return Err(Rejection::rule(rule, "write the rest to a file"));
        }
        check::text("content", &command.content)?;
        let AppendScriptOutput { stream, content } = command.clone();
        Ok(ScriptOutputAppended { stream, content }.into())
    }
}

impl Decider for ScriptExecution {
    const CATEGORY: Category = Category(35);
    type Command = ScriptExecutionCommand;
    type Event = ScriptExecutionEvent;

    fn decide(&self, command: &ScriptExecutionCommand) -> Result<Vec<ScriptExecutionEvent>, Rejection> {
        let event = match command {
            ScriptExecutionCommand::StartScript(c) => self.start(c)?,
            ScriptExecutionCommand::AppendScriptOutput(c) => self.append(c)?,
            ScriptExecutionCommand::ExitScript(c) => {
                self.running()?;
                ScriptExited { exit_code: c.exit_code, duration_ms: c.duration_ms }.into()
            }
            ScriptExecutionCommand::FailScript(c) => {
                self.running()?;
                check::filled("error", &c.error)?;
                ScriptFailed { error: c.error.clone() }.into()
            }
        };
        Ok(vec![event])
    }

    fn evolve(&mut self, event: &ScriptExecutionEvent) {
        match event {
            ScriptExecutionEvent::ScriptStarted(e) => {
                *self = Self { project: Some(e.project), phase: Phase::Running { parts: 0 } };
            }
            ScriptExecutionEvent::ScriptOutputAppended(_) => {
                if let Phase::Running { parts } = &mut self.phase {
                    *parts += 1;
                }
            }
            ScriptExecutionEvent::ScriptExited(_) => self.phase = Phase::Exited,
            ScriptExecutionEvent::ScriptFailed(_) => self.phase = Phase::Failed,
        }
    }

    fn project(&self) -> Option<ProjectId> {
        self.project
    }

    fn references(command: &ScriptExecutionCommand) -> Vec<StreamId> {
        let ScriptExecutionCommand::StartScript(c) = command else { return vec![] };
        let (run, sandbox) = (c.run.map(StreamId::from), c.sandbox.map(StreamId::from));
        [Some(c.project.into()), Some(c.asset.into()), run, sandbox].into_iter().flatten().collect()
    }
}

/// One or more of every event.
pub(crate) fn samples() -> Vec<ScriptExecutionEvent> {
    let started = ScriptStarted {
        project: ProjectId::from_bytes([1; 16]),
        asset: AssetId::from_bytes([2; 16]),
        version: 3,
        moment: ScriptMoment::BeforeStart,
        run: Some(RunId::from_bytes([3; 16])),
        step: Some(StepId::from_bytes([4; 16])),
        sandbox: Some(SandboxId::from_bytes([5; 16])),
    };
    let moment = ScriptMoment::OnDemand;
    let by_hand = ScriptStarted { moment, run: None, step: None, sandbox: None, ..started.clone() };
    let wrote = |stream, content: &str| ScriptOutputAppended { stream, content: content.into() };
    vec![
        started.into(),
        by_hand.into(),
        wrote(OutputStream::Stdout, "seeded 12 rows\n").into(),
        wrote(OutputStream::Stderr, "warning: slow\n").into(),
        ScriptExited { exit_code: 0, duration_ms: Some(1_200) }.into(),
        ScriptExited { exit_code: -1, duration_ms: None }.into(),
        ScriptFailed { error: "python3: not found".into() }.into(),
    ]
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::{
        Given, check_accepted, check_any_order, check_refused, command, given, id, pool, with,
    };

    fn start() -> Value {
        json!({ "project": id(1), "asset": id(2), "version": 1, "moment": "on_demand" })
    }
    fn running() -> Given<ScriptExecution> {
        given([]).and_json("start", &start())
    }

    #[test]
    fn every_command_is_accepted_where_it_fits() {
        let places = json!({ "run": id(3), "step": id(4), "sandbox": id(5) });
        let full = with(&start(), &places);
        let output = json!({ "stream": "stderr", "content": "x" });
        let (exit, failure) = (json!({ "exit_code": 2, "duration_ms": 7 }), json!({ "error": "e" }));
        check_accepted::<ScriptExecution>(vec![
            (given([]), "start", full.clone(), vec![("ScriptStarted", full)]),
            (given([]), "start", start(), vec![("ScriptStarted", start())]),
            (running(), "append-output", output.clone(), vec![("ScriptOutputAppended", output)]),
            (running(), "exit", exit.clone(), vec![("ScriptExited", exit)]),
            (running(), "fail", failure.clone(), vec![("ScriptFailed", failure)]),
        ]);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let (none, running) = (given([]), running());
        let exited = running.clone().and(ExitScript { exit_code: 0, duration_ms: None });
        let failed = running.clone().and(FailScript { error: "e".into() });
        let long = "x".repeat(check::TEXT_MAX_BYTES + 1);
        check_refused(vec![
            (&running, "start", start(), "script execution exists already"),
            (
                &none,
                "start",
                with(&start(), &json!({ "version": 0 })),
                "`version`: expected a version from 1",
            ),
            (
                &none,
                "start",
                with(&start(), &json!({ "step": id(4) })),
                "`step`: expected absent where run is",
            ),
            (
                &running,
                "append-output",
                json!({ "stream": "stdout", "content": long }),
                "`content`: expected at most 524288 bytes",
            ),
            (&running, "fail", json!({ "error": " " }), "`error`: expected a text that is not blank"),
        ]);
        let each = [
            ("append-output", json!({ "stream": "stdout", "content": "x" })),
            ("exit", json!({ "exit_code": 0 })),
            ("fail", json!({ "error": "e" })),
        ];
        for (name, body) in each {
            none.when_json(name, &body).refused("script execution does not exist");
            exited.when_json(name, &body).refused("to be running, but it is exited");
            failed.when_json(name, &body).refused("to be running, but it is failed");
        }
    }

    #[test]
    fn output_is_bounded() {
        let output = || ScriptOutputAppended { stream: OutputStream::Stdout, content: String::new() };
        let started = samples().remove(0);
        let history = |parts: u32| {
            std::iter::once(started.clone()).chain((0..parts).map(|_| output().into())).collect::<Vec<_>>()
        };
        let append = json!({ "stream": "stdout", "content": "x" });
        given::<ScriptExecution>(history(PARTS_MAX - 1)).when_json("append-output", &append).accepted();
        given::<ScriptExecution>(history(PARTS_MAX))
            .when_json("append-output", &append)
            .refused("at most 10000 parts of output");
    }

    #[test]
    fn it_names_what_it_refers_to() {
        let places = json!({ "run": id(3), "step": id(4), "sandbox": id(5) });
        let start: ScriptExecutionCommand = command("start", &with(&start(), &places));
        let named: Vec<_> =
            ScriptExecution::references(&start).iter().map(|stream| stream.category.0).collect();
        assert_eq!(named, [1, 8, 3, 2]);
        assert_eq!(running().state().project(), Some(ProjectId::from_bytes([1; 16])));
        assert_eq!(ScriptExecution::references(&FailScript { error: "e".into() }.into()), []);
    }

    #[test]
    fn any_order_of_commands_folds_alike() {
        let commands = [
            ("start", start()),
            ("append-output", json!({ "stream": "stdout", "content": "x" })),
            ("exit", json!({ "exit_code": 1 })),
            ("fail", json!({ "error": "e" })),
        ];
        check_any_order::<ScriptExecution>(&given([]), &pool(&commands), |history| {
            let end = history.iter().position(|event| {
                matches!(event, ScriptExecutionEvent::ScriptExited(_) | ScriptExecutionEvent::ScriptFailed(_))
            });
            assert!(end.is_none_or(|place| place + 1 == history.len()), "nothing follows the end");
        });
    }
}
