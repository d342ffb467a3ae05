//! Commands in any order: whatever is accepted obeys the run's laws and folds alike.

use std::collections::BTreeSet;

use super::*;
use crate::testing::{check_any_order, pool};

fn commands() -> Vec<(&'static str, Value)> {
    let mut commands = vec![
        ("create-branch", json!({ "branch": "fix", "base_branch": "main" })),
        ("open-pull-request", json!({ "url": "https://example.org/1", "number": 1 })),
        ("update-pull-request", json!({ "status": "closed" })),
        ("record-ci-checks", json!({ "status": "running" })),
        ("steer", json!({ "kind": "interrupt" })),
        ("fork", json!({ "into": id(9) })),
        ("record-unrecognised-line", line()),
        ("iterate-loop", json!({ "loop_id": id(LOOP), "iteration": 2 })),
        ("iterate-loop", json!({ "loop_id": id(LOOP), "iteration": 50 })),
        ("force-loop-on", json!({ "loop_id": id(LOOP), "iterations": 2 })),
        ("complete", json!({})),
        ("fail", json!({ "error": "e" })),
        ("cancel", json!({})),
    ];
    // Many steps against few endings, so that runs live long enough to get into trouble.
    for (step, role) in
        [(1, "designer"), (2, "checker"), (3, "evaluator"), (4, "evaluator"), (5, "judge"), (6, "reviewer")]
    {
        let own = json!({ "step": id(step) });
        let in_loop = json!({ "loop_id": id(LOOP), "loop_iteration": 1 });
        commands.extend([
            ("start-step", start(step, role)),
            ("start-step", with(&start(step, role), &in_loop)),
            ("append-step-message", with(&message(false), &own)),
            ("append-step-message", with(&message(true), &own)),
            ("continue-step-content", with(&part(false), &own)),
            ("record-tool-call", with(&call(), &own)),
            ("record-tool-result", with(&result(false), &own)),
            ("record-tool-result", with(&result(true), &own)),
            ("continue-step-content", with(&part(false), &json!({ "step": id(step), "of": "t1" }))),
            ("record-usage", with(&usage(), &own)),
            ("issue-verdict", with(&json!({ "pass": true }), &own)),
            ("issue-scores", with(&json!({ "scores": scores(f64::from(step) * 7.0) }), &own)),
            ("issue-judgement", with(&judgement(), &own)),
            ("complete-step", own.clone()),
            ("fail-step", with(&json!({ "failure": "crashed", "error": "e" }), &own)),
        ]);
    }
    commands.push(("skip-step", json!({ "step": id(6), "role": "judge", "reason": "r" })));
    commands
}

/// The laws of a history, told from its events alone.
#[derive(Default)]
struct Laws {
    known: BTreeSet<StepId>,
    running: Option<StepId>,
    open: Option<(StepId, String)>,
    loops: BTreeMap<LoopId, u32>,
    composites: BTreeMap<StepId, u32>,
    once: BTreeSet<&'static str>,
    ended: bool,
}

impl Laws {
    fn begins(&mut self, step: StepId) {
        assert_eq!(self.running, None, "steps are sequential");
        assert!(self.known.insert(step), "a step begins once");
    }
    fn writes(&mut self, step: StepId, of: String, more: bool) {
        assert_eq!(self.running, Some(step), "only the running step writes");
        assert!(self.open.is_none(), "what is open is finished first");
        self.open = more.then_some((step, of));
    }
    fn ends(&mut self, step: StepId) {
        assert_eq!(self.running.take(), Some(step), "only the running step ends");
        self.open = None;
    }
    fn once(&mut self, name: &'static str) {
        assert!(self.once.insert(name), "{name} happens once");
    }
    fn ended(&mut self) {
        assert_eq!(self.running, None, "no step outlives its run");
        self.ended = true;
    }
    fn scored(&self, e: &RunScored) {
        let count = u32::try_from(self.composites.len()).expect("few");
        let mean = (f64::from(self.composites.values().sum::<u32>()) / f64::from(count)).round();
        assert!((f64::from(e.quality_score.units()) - mean).abs() < 0.5, "the mean of the composites");
        assert_eq!(e.evaluators, count);
    }

    fn take(&mut self, event: &RunEvent) {
        use RunEvent as E;
        let afterwards = matches!(
            event,
            E::PullRequestOpened(_) | E::PullRequestUpdated(_) | E::CiChecksPolled(_) | E::RunForked(_)
        );
        assert!(!self.ended || afterwards, "{event:?} after the end");
        match event {
            E::StepStarted(e) => {
                self.begins(e.step);
                self.running = Some(e.step);
                if let (Some(id), Some(iteration)) = (e.loop_id, e.loop_iteration) {
                    self.loops.entry(id).or_insert(iteration);
                }
            }
            E::StepSkipped(e) => self.begins(e.step),
            E::StepMessageAppended(e) => self.writes(e.step, e.message.to_string(), e.more),
            E::ToolCalled(e) => self.writes(e.step, e.call_id.clone(), false),
            E::ToolReturned(e) => self.writes(e.step, e.call_id.clone(), e.more),
            E::StepContentContinued(e) => {
                assert_eq!(self.open.take(), Some((e.step, e.of.clone())), "a part follows its first part");
                self.writes(e.step, e.of.clone(), e.more);
            }
            E::StepCompleted(e) => {
                assert!(self.open.is_none(), "nothing is left open");
                self.ends(e.step);
            }
            E::StepFailed(e) => self.ends(e.step),
            E::VerdictIssued(e) => assert_eq!(self.running, Some(e.step)),
            E::JudgementIssued(e) => assert_eq!(self.running, Some(e.step)),
            E::OperatorSteered(e) => assert_eq!(self.running, Some(e.step)),
            E::BranchesMerged(e) => assert_eq!(self.running, Some(e.step)),
            E::MergeConflicted(e) => assert_eq!(self.running, Some(e.step)),
            E::ToolApprovalAwaited(e) => assert_eq!(self.running, Some(e.step)),
            E::ScoresIssued(e) => {
                assert_eq!(self.running, Some(e.step));
                self.composites.insert(e.step, e.composite.units().into());
            }
            E::RunScored(e) => self.scored(e),
            E::StepUsageRecorded(e) => assert!(self.known.contains(&e.step)),
            E::LoopIterated(e) => {
                let made = self.loops.insert(e.loop_id, e.iteration).expect("a step began the loop");
                assert!(made < e.iteration && e.iteration <= LOOP_MAX_ITERATIONS, "a loop goes forwards");
            }
            E::LoopForcedOn(e) => assert_eq!(self.loops.get(&e.loop_id), Some(&e.iterations)),
            E::RunRequested(_)
            | E::InstructionsPinned(_)
            | E::RunStarted(_)
            | E::BranchCreated(_)
            | E::PullRequestOpened(_) => {
                self.once(crate::catalogue::EventFamily::name(event));
            }
            E::PullRequestUpdated(_) => assert!(self.once.contains("PullRequestOpened")),
            E::RunCompleted(_) | E::RunFailed(_) | E::RunCancelled(_) => self.ended(),
            E::CiChecksPolled(_)
            | E::RunForked(_)
            | E::AgentLineUnrecognised(_)
            | E::TelemetryRecorded(_) => {}
        }
    }
}

/// Recomputed from raw scores, everything is what the events say.
fn check_scores(history: &[RunEvent]) {
    let (mut steps, mut run) = (BTreeMap::new(), None);
    for event in history {
        match event {
            RunEvent::ScoresIssued(e) => drop(steps.insert(e.step, (e.composite, e.threshold_result))),
            RunEvent::RunScored(e) => run = Some(e.clone()),
            _ => {}
        }
    }
    assert_eq!(recompute(history), Recomputed { steps, run });
}

#[test]
fn any_order_of_commands_obeys_the_laws_and_folds_alike() {
    check_any_order::<Run>(&running(), &pool(&commands()), |history| {
        let mut laws = Laws::default();
        history.iter().for_each(|event| laws.take(event));
        check_scores(history);
    });
}

#[test]
fn a_run_that_was_only_requested_obeys_them_too() {
    let mut commands = commands();
    commands.retain(|(name, _)| !matches!(*name, "fail" | "cancel"));
    commands.extend(std::iter::repeat_n(("start", json!({})), 20));
    commands.extend(std::iter::repeat_n(("request", request()), 20));
    check_any_order::<Run>(&given([]), &pool(&commands), |history| {
        let mut laws = Laws::default();
        history.iter().for_each(|event| laws.take(event));
        check_scores(history);
    });
}
