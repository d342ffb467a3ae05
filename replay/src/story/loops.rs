//! The loops of a run: who was told what in each round, and why they stopped, with the event that says so.

use std::collections::BTreeMap;

use domain::ids::{LoopId, Position};
use domain::run::RunEvent;
use domain::terms::RunStatus;
use serde::Serialize;

use super::document::{Story, StoryStep};

/// A loop of a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StoryLoop {
    /// The loop.
    pub loop_id: LoopId,
    /// Rounds at most, as the run's blueprint has it.
    pub max_iterations: Option<u32>,
    /// Its rounds, in order.
    pub rounds: Vec<Round>,
    /// Why it stopped.
    pub stopped: Stopped,
    /// The event that says so; none while it goes on.
    pub position: Option<Position>,
    /// The same in words.
    pub because: String,
}

/// Once through a loop.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Round {
    /// Which, from 1.
    pub iteration: u32,
    /// Numbers of its steps in the run.
    pub steps: Vec<u64>,
    /// Its last verdict.
    pub pass: Option<bool>,
    /// What the verdict wants done better.
    pub feedback: Option<String>,
    /// Where the verdict stands.
    pub verdict_position: Option<Position>,
}

/// Why a loop stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stopped {
    /// A verdict passed the work.
    Passed,
    /// Its bound was reached, and the run went on regardless.
    ForcedOn,
    /// The run ended before a verdict passed.
    CutShort,
    /// It has not.
    Going,
}

/// The loops of a story, in the order they began.
pub(super) fn loops(story: &Story) -> Vec<StoryLoop> {
    let mut order = Vec::new();
    let mut rounds: BTreeMap<LoopId, BTreeMap<u32, Round>> = BTreeMap::new();
    for step in &story.steps {
        let (Some(id), Some(iteration)) = (step.loop_id, step.loop_iteration) else { continue };
        if !order.contains(&id) {
            order.push(id);
        }
        let fresh = || Round { iteration, steps: vec![], pass: None, feedback: None, verdict_position: None };
        take(rounds.entry(id).or_default().entry(iteration).or_insert_with(fresh), step);
    }
    let of = |id: LoopId| stop(story, id, rounds.remove(&id).unwrap_or_default().into_values().collect());
    order.into_iter().map(of).collect()
}

fn take(round: &mut Round, step: &StoryStep) {
    round.steps.push(step.number);
    for event in &step.events {
        if let RunEvent::VerdictIssued(e) = &event.data {
            round.pass = Some(e.pass);
            round.feedback = Some(e.feedback.clone()).filter(|feedback| !feedback.trim().is_empty());
            round.verdict_position = Some(event.position);
        }
    }
}

fn stop(story: &Story, loop_id: LoopId, rounds: Vec<Round>) -> StoryLoop {
    let max_iterations = story.all_events().find_map(|event| match &event.data {
        RunEvent::RunRequested(e) => {
            let around = e.blueprint.as_ref()?.loops.iter().find(|around| around.loop_id == loop_id)?;
            Some(around.max_iterations)
        }
        _ => None,
    });
    let forced = story.all_events().find_map(|event| match &event.data {
        RunEvent::LoopForcedOn(e) if e.loop_id == loop_id => Some((event.position, e.iterations)),
        _ => None,
    });
    let last = rounds.last();
    let passed = last.filter(|round| round.pass == Some(true));
    let bound = max_iterations.map(|max| format!(" of at most {max}")).unwrap_or_default();
    let made = last.map_or(0, |round| round.iteration);
    let (stopped, position, because) = match (passed, forced) {
        (Some(round), _) => (
            Stopped::Passed,
            round.verdict_position,
            format!("a verdict passed the work in round {made}{bound}"),
        ),
        (None, Some((position, iterations))) => (
            Stopped::ForcedOn,
            Some(position),
            format!("no verdict had passed after {iterations} rounds{bound}, and the run went on regardless"),
        ),
        (None, None) if matches!(story.status, RunStatus::Pending | RunStatus::Running) => {
            (Stopped::Going, None, format!("it goes on: round {made}{bound}"))
        }
        (None, None) => (
            Stopped::CutShort,
            Some(story.last_position),
            format!("the run was {} in round {made}{bound}, before a verdict passed", story.status),
        ),
    };
    StoryLoop { loop_id, max_iterations, rounds, stopped, position, because }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::story::document;
    use crate::story::tests::{records, request, reviewed, start};
    use domain::run::{FailRun, IssueVerdict, RunCommand, StartRun};
    use domain::terms::Role;

    fn begun() -> Vec<RunCommand> {
        let verdict = IssueVerdict {
            step: domain::ids::StepId::from_bytes([1; 16]),
            pass: false,
            feedback: "no".into(),
        };
        vec![request(), StartRun {}.into(), start(1, Role::Checker, 1), verdict.into()]
    }

    fn only(commands: &[RunCommand]) -> StoryLoop {
        document(records(commands), None).unwrap().loops.remove(0)
    }

    #[test]
    fn a_loop_that_goes_on_says_so_and_one_cut_short_says_where() {
        let going = only(&begun());
        assert_eq!((going.stopped, going.position), (Stopped::Going, None));
        assert_eq!(going.because, "it goes on: round 1");
        let mut commands = begun();
        commands.push(FailRun { error: "no disk".into() }.into());
        let cut = only(&commands);
        assert_eq!((cut.stopped, cut.position), (Stopped::CutShort, Some(Position(5))));
        assert_eq!(cut.because, "the run was failed in round 1, before a verdict passed");
    }

    #[test]
    fn rounds_have_their_steps_and_verdicts() {
        let story = document(reviewed(), None).unwrap();
        let around = &story.loops[0];
        let rounds: Vec<_> =
            around.rounds.iter().map(|round| (round.iteration, round.steps.clone(), round.pass)).collect();
        assert_eq!(rounds, [(1, vec![1, 2], Some(false)), (2, vec![3], None)]);
        assert_eq!(around.rounds[0].feedback.as_deref(), Some("No tests"));
        assert_eq!(around.rounds[0].verdict_position, Some(Position(9)));
        assert_eq!(around.stopped, Stopped::CutShort);
    }

    #[test]
    fn a_verdict_that_passes_and_a_bound_that_is_reached_stop_a_loop() {
        let mut commands = begun();
        let RunCommand::IssueVerdict(verdict) = &mut commands[3] else { unreachable!() };
        (verdict.pass, verdict.feedback) = (true, String::new());
        let passed = only(&commands);
        assert_eq!((passed.stopped, passed.position), (Stopped::Passed, Some(Position(3))));
        assert_eq!(passed.because, "a verdict passed the work in round 1");
        let mut commands = begun();
        commands
            .push(domain::run::ForceLoopOn { loop_id: LoopId::from_bytes([9; 16]), iterations: 1 }.into());
        let forced = only(&commands);
        assert_eq!((forced.stopped, forced.position), (Stopped::ForcedOn, Some(Position(4))));
        assert_eq!(forced.because, "no verdict had passed after 1 rounds, and the run went on regardless");
    }
}
