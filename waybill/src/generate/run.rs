//! Runs: driven by what the domain says is next, with steps that talk, call tools, cost, fail and are judged.

use domain::flow::{Flow, Next, StepOrder};
use domain::ids::{MessageId, PersonaId, RunId, SandboxId, ScriptExecutionId, StepId, WorkflowId};
use domain::terms::{Role, RunOutcome, RunSource};
use domain::{Actor, Event, StreamId};
use serde_json::{Value, json};

use super::script::Script;
use super::{World, quality};
use crate::failure::Failure;

/// Steps and loops of a run at most; a workflow here has far fewer.
const ORDERS_MAX: usize = 500;
/// Longest text that a command takes in one part.
const PART_BYTES: u64 = 500_000;

/// Why a run is made.
pub(super) struct Asked {
    pub(super) run: RunId,
    pub(super) source: RunSource,
    pub(super) origin: Option<StreamId>,
    pub(super) title: String,
    pub(super) prompt: String,
    pub(super) workflow: Option<(WorkflowId, Vec<PersonaId>)>,
}

/// A run under way.
struct Under<'a> {
    run: RunId,
    sandbox: SandboxId,
    flow: Flow,
    world: &'a mut World,
}

/// A run that somebody starts by hand.
pub(super) fn any(script: &mut Script, world: &mut World) -> Result<(), Failure> {
    script.wait(120, 14_400);
    let asked = asked(script, world, RunSource::Workflow, None);
    play(script, world, &asked)?;
    script.let_go(asked.run);
    Ok(())
}

/// A run of one of the project's workflows.
pub(super) fn asked(
    script: &mut Script,
    world: &World,
    source: RunSource,
    origin: Option<StreamId>,
) -> Asked {
    let workflow = Some(script.dice.pick(&world.workflows).clone());
    let (title, bytes) = (script.dice.title(), script.dice.between(200, 2_500));
    let prompt = format!("{title}. {}", script.dice.prose(bytes));
    Asked { run: script.id(), source, origin, title, prompt, workflow }
}

/// Plays a run from its request to its end. Whoever asked lets go of it.
pub(super) fn play(script: &mut Script, world: &mut World, asked: &Asked) -> Result<RunOutcome, Failure> {
    let (run, sandbox) = (asked.run, script.id::<SandboxId>());
    script.act(Actor::Importer, Some(run));
    let mut under = Under { run, sandbox, flow: Flow::default(), world };
    under.request(script, asked)?;
    under.start(script)?;
    let outcome = under.drive(script)?;
    under.publish(script, outcome)?;
    script.act(Actor::Importer, None);
    script.let_go(sandbox);
    Ok(outcome)
}

impl Under<'_> {
    fn tell(&mut self, name: &str, body: &Value, script: &mut Script) -> Result<Vec<Event>, Failure> {
        let events = script.tell(self.run, name, body)?;
        for event in &events {
            if let Event::Run(event) = event {
                self.flow.evolve(event);
            }
        }
        Ok(events)
    }

    fn request(&mut self, script: &mut Script, asked: &Asked) -> Result<(), Failure> {
        let (workflow, personas) = asked.workflow.clone().unzip();
        let learned: Vec<_> = self.world.documents.iter().filter(|(.., version)| *version > 0).collect();
        let learned: Vec<_> = learned.iter().map(|(_, document, _)| *document).collect();
        // Each in the version in force.
        let contexts: Vec<_> =
            self.world.contexts.iter().take(1).map(|context| (*context, None::<u32>)).collect();
        let configuration = json!({
            "personas": personas.unwrap_or_default(), "contexts": contexts, "learning_documents": learned,
            "assets": self.world.assets,
        });
        let body = json!({
            "project": self.world.project, "workflow": workflow, "source": asked.source, "title": asked.title,
            "prompt": asked.prompt, "configuration": configuration, "origin": asked.origin,
        });
        self.tell("request", &body, script).map(|_| ())
    }

    fn start(&mut self, script: &mut Script) -> Result<(), Failure> {
        let created =
            json!({ "project": self.world.project, "run": self.run, "provider": "local", "cpus": 2 });
        script.tell(self.sandbox, "create", &created)?;
        script.wait(1, 8);
        script.tell(self.sandbox, "start", &json!({}))?;
        self.prepare(script)?;
        self.tell("start", &json!({}), script)?;
        let branch = format!("run/{}", self.run.to_string().to_lowercase());
        self.tell("create-branch", &json!({ "branch": branch, "base_branch": "main" }), script).map(|_| ())
    }

    /// The script that runs before an agent starts; it fails now and then, and is not tried again.
    fn prepare(&mut self, script: &mut Script) -> Result<(), Failure> {
        let (execution, (asset, version)) = (script.id::<ScriptExecutionId>(), self.world.assets[2]);
        let started = json!({
            "project": self.world.project, "asset": asset, "version": version, "moment": "before_start",
            "run": self.run, "sandbox": self.sandbox,
        });
        script.tell(execution, "start", &started)?;
        let bytes = script.dice.between(200, 3_000);
        let output = json!({ "stream": "stdout", "content": script.dice.output(bytes) });
        script.tell(execution, "append-output", &output)?;
        let duration = script.dice.between(200, 20_000);
        let exit_code = u8::from(script.dice.chance(4));
        script.tell(execution, "exit", &json!({ "exit_code": exit_code, "duration_ms": duration }))?;
        script.let_go(execution);
        Ok(())
    }

    /// Does what is next until the run has ended.
    fn drive(&mut self, script: &mut Script) -> Result<RunOutcome, Failure> {
        if script.dice.chance(3) {
            self.tell("cancel", &json!({ "reason": script.dice.sentence() }), script)?;
            return Ok(RunOutcome::Cancelled);
        }
        for _ in 0..ORDERS_MAX {
            match self.flow.next() {
                Next::StartStep(order) => self.step(script, &order)?,
                Next::IterateLoop { loop_id, iteration, feedback } => {
                    let body = json!({ "loop_id": loop_id, "iteration": iteration, "feedback": feedback });
                    self.tell("iterate-loop", &body, script)?;
                }
                Next::ForceLoopOn { loop_id, iterations } => {
                    let body = json!({ "loop_id": loop_id, "iterations": iterations });
                    self.tell("force-loop-on", &body, script)?;
                }
                Next::Fail { error } => {
                    self.tell("fail", &json!({ "error": error }), script)?;
                    return Ok(RunOutcome::Failed);
                }
                Next::Complete | Next::Undirected | Next::Start | Next::Await { .. } => break,
                Next::Ended { .. } => return Ok(RunOutcome::Failed),
            }
        }
        self.tell("complete", &json!({ "summary": script.dice.prose(300) }), script)?;
        Ok(RunOutcome::Completed)
    }

    fn step(&mut self, script: &mut Script, order: &StepOrder) -> Result<(), Failure> {
        let step = self.begin(script, order)?;
        // The machinery fails now and then, and then again less often.
        let failed = script.dice.chance(if order.attempt == 1 { 6 } else { 25 });
        if failed {
            let failure = *script.dice.pick(&["crashed", "rate_limited", "timeout", "provider"]);
            let error = format!("{failure}: {}", script.dice.sentence());
            self.tell("fail-step", &json!({ "step": step, "failure": failure, "error": error }), script)?;
        } else {
            self.conclude(script, step, order)?;
            let output = script.dice.prose(400);
            self.tell("complete-step", &json!({ "step": step, "output": output }), script)?;
        }
        script.act(Actor::Importer, Some(self.run));
        if !failed && script.dice.chance(8) {
            quality::propose(script, self.world, self.run, step)?;
        }
        Ok(())
    }

    /// A step with all that its agent says and does.
    fn begin(&mut self, script: &mut Script, order: &StepOrder) -> Result<StepId, Failure> {
        let step: StepId = script.id();
        self.world.step = Some(step);
        let (persona, persona_version) = order.persona.unzip();
        script.wait(1 + order.wait_ms / 1_000, 5 + order.wait_ms / 1_000);
        let started = json!({
            "step": step, "role": order.role, "sandbox": self.sandbox, "persona": persona,
            "persona_version": persona_version, "cli_tool": order.cli_tool, "model": order.model,
            "thinking_effort": order.thinking_effort, "iteration": order.iteration, "loop_id": order.loop_id,
            "loop_iteration": order.loop_iteration,
        });
        self.tell("start-step", &started, script)?;
        script.act(Actor::Step(step), Some(self.run));
        let turns = script.dice.between(2, 12);
        for turn in 0..turns {
            self.turn(script, step, order, turn)?;
        }
        Ok(step)
    }

    /// What the agent says, what it calls, what comes back, and what that costs.
    fn turn(
        &mut self,
        script: &mut Script,
        step: StepId,
        order: &StepOrder,
        turn: u64,
    ) -> Result<(), Failure> {
        script.wait(2, 40);
        let (message, bytes): (MessageId, _) = (script.id(), script.dice.size() / 2);
        let thinking = script.dice.chance(30).then(|| script.dice.prose(300));
        let role = if turn == 0 { "user" } else { "assistant" };
        let said = json!({
            "step": step, "message": message, "role": role, "content": script.dice.prose(bytes), "thinking": thinking,
        });
        self.tell("append-step-message", &said, script)?;
        if turn > 0 && script.dice.chance(75) {
            self.call(script, step, turn)?;
        }
        if turn > 1 && script.dice.chance(2) {
            self.tell("steer", &json!({ "kind": "message", "text": script.dice.sentence() }), script)?;
        }
        let model = order.model.as_deref().unwrap_or("claude-opus-4-6");
        let (input, output) = (script.dice.between(200, 4_000), script.dice.between(50, 2_500));
        let (read, write) = (script.dice.between(0, 120_000), script.dice.between(0, 8_000));
        // Dollars per million tokens, in nano-dollars per token; now and then nobody says what it cost.
        let price = if model.contains("opus") { 15_000 } else { 3_000 };
        let nanos = input * price + output * price * 5 + read * price / 10 + write * price * 5 / 4;
        let cost = (!script.dice.chance(5)).then(|| nanos as f64 / 1e9);
        let usage = json!({
            "step": step, "provider": "anthropic", "model": model, "input_tokens": input, "output_tokens": output,
            "cache_read_tokens": read, "cache_write_tokens": write, "cost_usd": cost,
        });
        self.tell("record-usage", &usage, script).map(|_| ())
    }

    fn call(&mut self, script: &mut Script, step: StepId, turn: u64) -> Result<(), Failure> {
        let (call, tool) = (format!("call_{turn}"), *script.dice.pick(&["bash", "read", "edit", "grep"]));
        let arguments = json!({ "input": script.dice.sentence() }).to_string();
        let called = json!({ "step": step, "call_id": call, "tool": tool, "arguments": arguments });
        self.tell("record-tool-call", &called, script)?;
        script.wait(0, 20);
        let bytes = script.dice.size().min(PART_BYTES);
        let more = script.dice.chance(1);
        let returned = json!({
            "step": step, "call_id": call, "tool": tool, "output": script.dice.output(bytes),
            "is_error": script.dice.chance(7), "duration_ms": script.dice.between(5, 20_000), "more": more,
        });
        self.tell("record-tool-result", &returned, script)?;
        if more {
            let rest = json!({ "step": step, "of": call, "content": script.dice.output(3_000) });
            self.tell("continue-step-content", &rest, script)?;
        }
        Ok(())
    }

    /// What a role owes beside its output: verdicts and scores.
    fn conclude(&mut self, script: &mut Script, step: StepId, order: &StepOrder) -> Result<(), Failure> {
        match order.role {
            Role::Checker | Role::Reviewer => {
                let pass = script.dice.chance(20 + 15 * u64::from(order.loop_iteration.unwrap_or(1)));
                let feedback = script.dice.prose(if pass { 60 } else { 700 });
                let verdict = json!({ "step": step, "pass": pass, "feedback": feedback });
                self.tell("issue-verdict", &verdict, script)?;
            }
            Role::Evaluator => {
                let middle = self.world.quality;
                let score = || script.dice.between(middle.saturating_sub(1_200), middle + 500) as f64 / 100.0;
                let scores = json!({
                    "correctness": score(), "type_safety": score(), "code_style": score(), "test_coverage": score(),
                    "completeness": score(),
                });
                let body = json!({ "step": step, "scores": scores, "summary": script.dice.prose(200) });
                self.tell("issue-scores", &body, script)?;
                if script.dice.chance(20) {
                    self.world.quality = self.world.quality.saturating_sub(150).max(4_000);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// A pull request with its checks, and the sandbox's end.
    fn publish(&mut self, script: &mut Script, outcome: RunOutcome) -> Result<(), Failure> {
        if outcome == RunOutcome::Completed {
            let number = script.dice.between(1, 100_000);
            let url = format!("https://git.example/team/repo/pull/{number}");
            self.tell("open-pull-request", &json!({ "url": url, "number": number }), script)?;
            for status in ["running", if script.dice.chance(85) { "passing" } else { "failing" }] {
                script.wait(30, 400);
                let checks =
                    json!([{ "name": "build", "status": status }, { "name": "test", "status": status }]);
                let at = script.now();
                self.tell(
                    "record-ci-checks",
                    &json!({ "status": status, "checks": checks, "checked_at": at }),
                    script,
                )?;
            }
            if script.dice.chance(80) {
                script.wait(600, 20_000);
                self.tell("update-pull-request", &json!({ "status": "merged" }), script)?;
            }
        }
        let reason = if outcome == RunOutcome::Completed { "completion" } else { "user" };
        script.tell(self.sandbox, "kill", &json!({ "reason": reason })).map(|_| ())
    }
}

/// A run that is at work when the history ends, and one that waits.
pub(super) fn under_way(script: &mut Script, world: &mut World) -> Result<(), Failure> {
    script.wait(120, 3_600);
    let asked_for = asked(script, world, RunSource::Workflow, None);
    let (run, sandbox) = (asked_for.run, script.id::<SandboxId>());
    script.act(Actor::Importer, Some(run));
    let mut under = Under { run, sandbox, flow: Flow::default(), world };
    under.request(script, &asked_for)?;
    under.start(script)?;
    if let Next::StartStep(order) = under.flow.next() {
        under.begin(script, &order)?;
    }
    let waits = asked(script, under.world, RunSource::Workflow, None);
    script.act(Actor::Importer, Some(waits.run));
    let mut queued = Under { run: waits.run, sandbox, flow: Flow::default(), world: under.world };
    queued.request(script, &waits)?;
    script.act(Actor::Importer, None);
    [run, waits.run].into_iter().for_each(|run| script.let_go(run));
    script.let_go(sandbox);
    Ok(())
}

/// A direct session, without a run.
pub(super) fn lone_sandbox(script: &mut Script, world: &mut World) -> Result<(), Failure> {
    let sandbox: SandboxId = script.id();
    script.tell(sandbox, "create", &json!({ "project": world.project }))?;
    script.tell(sandbox, "start", &json!({}))?;
    for role in ["user", "assistant", "user", "assistant"] {
        script.wait(5, 90);
        let (message, bytes): (MessageId, _) = (script.id(), script.dice.size());
        let body = json!({ "message": message, "role": role, "content": script.dice.prose(bytes) });
        script.tell(sandbox, "append-message", &body)?;
    }
    script.tell(sandbox, "pause", &json!({}))?;
    script.tell(sandbox, "resume", &json!({}))?;
    script.tell(sandbox, "kill", &json!({ "reason": "timeout" }))?;
    script.let_go(sandbox);
    Ok(())
}
