//! Every sequence of outcomes up to a bound, for every shape of workflow, against a plain reference model.

use std::collections::VecDeque;

use super::*;
use crate::Decider;
use crate::run::{
    CompleteRun, CompleteStep, FailRun, FailStep, ForceLoopOn, IssueVerdict, IterateLoop, Run, RunCommand,
    SkipStep, StartRun, StartStep,
};

/// How a step may end.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Outcome {
    /// Done; of a checker: passed.
    Good,
    /// Done; of a checker: sent back.
    Bad,
    Crash,
    Abort,
    Skip,
}
const OUTCOMES: [Outcome; 5] = [Outcome::Good, Outcome::Bad, Outcome::Crash, Outcome::Abort, Outcome::Skip];

/// What a driver sees of a run, in order.
#[derive(Debug, Clone, PartialEq)]
enum Seen {
    /// A step: place, iteration of its loop, attempt, feedback.
    Step(u32, Option<u32>, u32, Option<String>),
    Back(u32),
    ForcedOn(u32),
    Completed,
    Failed,
}

/// The feedback of a verdict, told apart by how many steps were started before it.
fn feedback(steps: usize) -> String {
    format!("after {steps}")
}

/// The rules as nested loops: no events, no state but what is on the stack.
struct Reference<'a> {
    blueprint: &'a Blueprint,
    outcomes: VecDeque<Outcome>,
    seen: Vec<Seen>,
    steps: usize,
}

enum Ended {
    OutOfOutcomes,
    Failed,
}

impl<'a> Reference<'a> {
    fn of(blueprint: &'a Blueprint, outcomes: &[Outcome]) -> Vec<Seen> {
        let outcomes = outcomes.iter().copied().collect();
        let mut this = Self { blueprint, outcomes, seen: vec![], steps: 0 };
        match this.blocks() {
            Ok(()) => this.seen.push(Seen::Completed),
            Err(Ended::Failed) => this.seen.push(Seen::Failed),
            Err(Ended::OutOfOutcomes) => {}
        }
        this.seen
    }
    fn blocks(&mut self) -> Result<(), Ended> {
        let steps = &self.blueprint.steps;
        let mut place = 0;
        while place < steps.len() {
            let Some(index) = steps[place].in_loop else {
                self.step(place, None, None)?;
                place += 1;
                continue;
            };
            let length = steps[place..].iter().take_while(|step| step.in_loop == Some(index)).count();
            let bound = self.blueprint.loops[usize::try_from(index).expect("small")].max_iterations;
            self.rounds(place..place + length, bound)?;
            place += length;
        }
        Ok(())
    }
    fn rounds(&mut self, places: std::ops::Range<usize>, bound: u32) -> Result<(), Ended> {
        let mut told: Option<String> = None;
        for iteration in 1..=bound {
            let mut sent_back = None;
            for place in places.clone() {
                let mine = told.as_ref().filter(|_| self.blueprint.steps[place].role == Role::Designer);
                sent_back = self.step(place, Some(iteration), mine)?;
                if sent_back.is_some() {
                    break;
                }
            }
            let Some(words) = sent_back else { return Ok(()) };
            let last = iteration == bound;
            self.seen.push(if last { Seen::ForcedOn(bound) } else { Seen::Back(iteration + 1) });
            told = Some(words);
        }
        Ok(())
    }
    /// What a checker sends back, if it does.
    fn step(
        &mut self,
        place: usize,
        iteration: Option<u32>,
        told: Option<&String>,
    ) -> Result<Option<String>, Ended> {
        let checks = matches!(self.blueprint.steps[place].role, Role::Checker | Role::Reviewer);
        let number = u32::try_from(place).expect("few") + 1;
        for attempt in 1..=3 {
            let Some(outcome) = self.outcomes.pop_front() else { return Err(Ended::OutOfOutcomes) };
            if outcome == Outcome::Skip {
                return Ok(None);
            }
            self.seen.push(Seen::Step(number, iteration, attempt, told.cloned()));
            self.steps += 1;
            match outcome {
                Outcome::Bad if checks => return Ok(Some(feedback(self.steps))),
                Outcome::Good | Outcome::Bad | Outcome::Skip => return Ok(None),
                Outcome::Abort => return Err(Ended::Failed),
                Outcome::Crash => {}
            }
        }
        Err(Ended::Failed)
    }
}

/// Drives a run by what comes next, through the commands that a driver would send.
struct Driver {
    run: Run,
    flow: Flow,
    history: Vec<RunEvent>,
    seen: Vec<Seen>,
    steps: u64,
    started: usize,
    running: usize,
}

impl Driver {
    /// Works until all outcomes are used up or the run has ended.
    fn of(blueprint: &Blueprint, outcomes: &[Outcome]) -> Self {
        let (run, flow) = (Run::default(), Flow::default());
        let mut this = Self { run, flow, history: vec![], seen: vec![], steps: 0, started: 0, running: 0 };
        this.take(&requested(Some(blueprint.clone()), 2));
        assert_eq!(this.flow.next(), Next::Start);
        this.send(StartRun {});
        let mut outcomes = outcomes.iter();
        loop {
            match this.flow.next() {
                Next::StartStep(order) => match outcomes.next() {
                    Some(outcome) => this.step(&order, *outcome),
                    None => return this,
                },
                Next::Ended { .. } => return this,
                other => this.turn(other),
            }
        }
    }
    fn take(&mut self, event: &RunEvent) {
        self.run.evolve(event);
        self.flow.evolve(event);
        self.history.push(event.clone());
        match event {
            RunEvent::StepStarted(_) => {
                self.started += 1;
                self.running += 1;
            }
            RunEvent::StepCompleted(_) | RunEvent::StepFailed(_) => self.running -= 1,
            _ => {}
        }
        assert!(self.running <= 1, "steps are sequential");
    }
    /// The run itself must take every command that the flow leads to.
    fn send(&mut self, command: impl Into<RunCommand>) {
        let command = command.into();
        let events = self.run.decide(&command).unwrap_or_else(|error| panic!("{command:?}: {error}"));
        events.iter().for_each(|event| self.take(event));
    }
    fn turn(&mut self, next: Next) {
        match next {
            Next::IterateLoop { loop_id, iteration, feedback } => {
                self.seen.push(Seen::Back(iteration));
                self.send(IterateLoop { loop_id, iteration, feedback });
            }
            Next::ForceLoopOn { loop_id, iterations } => {
                self.seen.push(Seen::ForcedOn(iterations));
                self.send(ForceLoopOn { loop_id, iterations });
            }
            Next::Complete => {
                self.seen.push(Seen::Completed);
                self.send(CompleteRun { summary: None });
            }
            Next::Fail { error } => {
                self.seen.push(Seen::Failed);
                self.send(FailRun { error });
            }
            other => panic!("{other:?} while nothing runs"),
        }
    }
    fn step(&mut self, order: &StepOrder, outcome: Outcome) {
        self.steps += 1;
        let step = step(self.steps);
        if outcome == Outcome::Skip {
            return self.send(SkipStep { step, role: order.role, reason: "r".into() });
        }
        let told = order.prompt.feedback.clone();
        self.seen.push(Seen::Step(order.number, order.loop_iteration, order.attempt, told));
        self.send(StartStep {
            step,
            role: order.role,
            sandbox: None,
            persona: None,
            persona_version: None,
            cli_tool: Some(order.cli_tool.clone()),
            model: order.model.clone(),
            thinking_effort: order.thinking_effort,
            iteration: Some(order.iteration),
            loop_id: order.loop_id,
            loop_iteration: order.loop_iteration,
            prompt_digest: None,
        });
        assert_eq!(self.flow.next(), Next::Await { step });
        let fail = |failure| FailStep { step, failure, error: "e".into() };
        match outcome {
            Outcome::Crash => return self.send(fail(StepFailure::Crashed)),
            Outcome::Abort => return self.send(fail(StepFailure::Aborted)),
            _ => {}
        }
        if order.role.issues_verdicts() {
            let feedback = feedback(self.started);
            self.send(IssueVerdict { step, pass: outcome == Outcome::Good, feedback });
        }
        self.send(CompleteStep { step, output: None });
    }
}

/// Every shape: one designer, designer and checker, pipelines with and without loops, several loops and checkers.
fn shapes() -> Vec<Blueprint> {
    use Role::{Checker, Designer, Evaluator, Judge, Optimizer, Prompter, Reviewer};
    let (plain, first, second) = (None, Some(0), Some(1));
    vec![
        blueprint(&[(Designer, plain)], &[]),
        blueprint(&[(Designer, first), (Checker, first)], &[1]),
        blueprint(&[(Designer, first), (Checker, first)], &[3]),
        blueprint(&[(Prompter, plain), (Designer, first), (Checker, first), (Optimizer, plain)], &[2]),
        blueprint(&[(Designer, first), (Checker, first), (Reviewer, first), (Evaluator, plain)], &[2]),
        blueprint(&[(Designer, first), (Checker, first), (Designer, second), (Reviewer, second)], &[2, 2]),
        blueprint(&[(Designer, first), (Designer, first), (Checker, first), (Judge, plain)], &[2]),
        blueprint(&[(Designer, plain), (Checker, plain), (Evaluator, plain)], &[]),
    ]
}

/// Every sequence of `length` of these, counted up like numbers.
fn sequences(outcomes: &[Outcome], length: u32) -> impl Iterator<Item = Vec<Outcome>> {
    let base = outcomes.len();
    (0..base.pow(length))
        .map(move |number| (0..length).map(|place| outcomes[number / base.pow(place) % base]).collect())
}

fn check_invariants(blueprint: &Blueprint, driver: &Driver) {
    assert!(driver.started as u64 <= blueprint.steps_max(), "steps are bounded");
    assert_eq!(Flow::of(&driver.history), driver.flow, "the same history gives the same decision");
    let mut fails = 0_usize;
    for event in &driver.history {
        match event {
            RunEvent::VerdictIssued(e) => fails += usize::from(!e.pass && !blueprint.loops.is_empty()),
            RunEvent::LoopIterated(_) => {
                fails = fails.checked_sub(1).expect("loops turn on failed verdicts alone");
            }
            RunEvent::LoopForcedOn(e) => {
                fails = fails.checked_sub(1).expect("loops are left on failed verdicts alone");
                let around = blueprint.loops.iter().find(|around| around.loop_id == e.loop_id);
                let bound = around.expect("it is of the blueprint").max_iterations;
                assert_eq!(e.iterations, bound, "forced on at the bound, and only there");
            }
            RunEvent::StepFailed(_) => assert_eq!(fails, 0, "a failure is no verdict"),
            _ => {}
        }
    }
}

#[test]
fn every_sequence_of_outcomes_goes_as_the_reference_says() {
    for (index, blueprint) in shapes().iter().enumerate() {
        for outcomes in sequences(&OUTCOMES, 6) {
            let driver = Driver::of(blueprint, &outcomes);
            assert_eq!(driver.seen, Reference::of(blueprint, &outcomes), "shape {index}, {outcomes:?}");
            check_invariants(blueprint, &driver);
        }
    }
}

#[test]
fn longer_sequences_of_verdicts_go_as_the_reference_says() {
    for (index, blueprint) in shapes().iter().enumerate() {
        for outcomes in sequences(&OUTCOMES[..2], 12) {
            let driver = Driver::of(blueprint, &outcomes);
            assert_eq!(driver.seen, Reference::of(blueprint, &outcomes), "shape {index}, {outcomes:?}");
            let ended = matches!(driver.flow.next(), Next::Ended { .. });
            assert!(ended, "a dozen verdicts end every shape: {index}, {outcomes:?}");
        }
    }
}
