//! What comes next, case by case, in its exact words.

use super::*;
use crate::ids::PersonaId;

fn next(history: &[RunEvent]) -> Next {
    Flow::of(history).next()
}
#[track_caller]
fn order(history: &[RunEvent]) -> StepOrder {
    match next(history) {
        Next::StartStep(order) => *order,
        other => panic!("expected a step, got {other:?}"),
    }
}
/// The history, with the ordered step started.
#[track_caller]
fn begin(history: &mut Vec<RunEvent>, number: u64) {
    let order = order(history);
    history.push(start(number, &order));
}
#[track_caller]
fn pass_through(history: &mut Vec<RunEvent>, number: u64) {
    begin(history, number);
    history.push(completed(number));
}
#[track_caller]
fn judge(history: &mut Vec<RunEvent>, number: u64, pass: bool, feedback: &str) {
    begin(history, number);
    history.extend([verdict(number, pass, feedback), completed(number)]);
}
/// Goes round or forces on, whichever is next.
#[track_caller]
fn turn(history: &mut Vec<RunEvent>) {
    let event = follow(&next(history)).expect("a loop turns");
    history.push(event);
}
fn pair(bound: u32) -> Vec<RunEvent> {
    running(blueprint(&[(Role::Designer, Some(0)), (Role::Checker, Some(0))], &[bound]))
}

#[test]
fn a_run_without_a_workflow_is_undirected() {
    assert_eq!(Flow::default().next(), Next::Undirected);
    assert_eq!(next(&[requested(None, 0), RunStarted {}.into()]), Next::Undirected);
}

#[test]
fn a_run_is_started_worked_and_completed() {
    let single = blueprint(&[(Role::Designer, None)], &[]);
    assert_eq!(next(&[requested(Some(single.clone()), 0)]), Next::Start);
    let mut history = running(single);
    let expected = StepOrder {
        number: 1,
        role: Role::Designer,
        persona: None,
        cli_tool: "claude".into(),
        model: Some("opus".into()),
        thinking_effort: None,
        iteration: 1,
        loop_id: None,
        loop_iteration: None,
        attempt: 1,
        wait_ms: 0,
        prompt: PromptInputs { source: PromptSource::Run, feedback: None, context: vec![] },
    };
    assert_eq!(order(&history), expected);
    begin(&mut history, 1);
    assert_eq!(next(&history), Next::Await { step: step(1) });
    history.push(completed(1));
    assert_eq!(next(&history), Next::Complete);
    turn(&mut history);
    assert_eq!(next(&history), Next::Ended { status: RunStatus::Completed });
}

#[test]
fn a_failed_verdict_goes_back_and_its_feedback_goes_to_the_designer() {
    let mut history = pair(3);
    pass_through(&mut history, 1);
    assert_eq!(order(&history).prompt.context, [step(1)]);
    judge(&mut history, 2, false, "no tests");
    let again = Next::IterateLoop { loop_id: loop_id(1), iteration: 2, feedback: Some("no tests".into()) };
    assert_eq!(next(&history), again);
    turn(&mut history);
    let second = order(&history);
    assert_eq!((second.number, second.role, second.iteration), (1, Role::Designer, 2));
    assert_eq!((second.loop_id, second.loop_iteration), (Some(loop_id(1)), Some(2)));
    assert_eq!(second.prompt.feedback.as_deref(), Some("no tests"));
    pass_through(&mut history, 3);
    let check = order(&history);
    assert_eq!((check.prompt.feedback, check.prompt.context), (None, vec![step(3)]));
    judge(&mut history, 4, true, "fine");
    assert_eq!(next(&history), Next::Complete);
}

#[test]
fn a_loop_that_never_passes_is_forced_on_at_its_bound() {
    let steps = [(Role::Designer, Some(0)), (Role::Checker, Some(0)), (Role::Designer, None)];
    let mut history = running(blueprint(&steps, &[2]));
    for round in 0..2 {
        pass_through(&mut history, round * 2 + 1);
        judge(&mut history, round * 2 + 2, false, "still wrong");
        if round == 0 {
            turn(&mut history);
        }
    }
    assert_eq!(next(&history), Next::ForceLoopOn { loop_id: loop_id(1), iterations: 2 });
    turn(&mut history);
    let after = order(&history);
    assert_eq!((after.number, after.loop_id, after.prompt.feedback), (3, None, None));
    assert_eq!(after.prompt.context, [step(3), step(4)]);
}

#[test]
fn a_loop_without_a_designer_gives_the_feedback_to_its_first_step() {
    let steps = [(Role::Custom, Some(0)), (Role::Custom, Some(0)), (Role::Reviewer, Some(0))];
    let mut history = running(blueprint(&steps, &[2]));
    pass_through(&mut history, 1);
    pass_through(&mut history, 2);
    judge(&mut history, 3, false, "shorter");
    turn(&mut history);
    assert_eq!(order(&history).prompt.feedback.as_deref(), Some("shorter"));
    pass_through(&mut history, 4);
    assert_eq!(order(&history).prompt.feedback, None);
}

#[test]
fn several_checkers_of_a_loop_must_all_pass() {
    let steps = [(Role::Designer, Some(0)), (Role::Checker, Some(0)), (Role::Reviewer, Some(0))];
    let mut history = running(blueprint(&steps, &[2]));
    pass_through(&mut history, 1);
    judge(&mut history, 2, true, "");
    assert_eq!(order(&history).role, Role::Reviewer);
    judge(&mut history, 3, false, "");
    assert_eq!(next(&history), Next::IterateLoop { loop_id: loop_id(1), iteration: 2, feedback: None });
    turn(&mut history);
    pass_through(&mut history, 4);
    judge(&mut history, 5, false, "no");
    // At the bound the run leaves the loop at once: what would follow in it reviews nothing new.
    assert_eq!(next(&history), Next::ForceLoopOn { loop_id: loop_id(1), iterations: 2 });
    turn(&mut history);
    assert_eq!(next(&history), Next::Complete);
}

#[test]
fn a_prompter_replaces_the_prompt_and_reports_become_context() {
    let steps = [(Role::Prompter, None), (Role::Investigator, None), (Role::Designer, None)];
    let mut history = running(blueprint(&steps, &[]));
    pass_through(&mut history, 1);
    let investigate = order(&history).prompt;
    assert_eq!((investigate.source, investigate.context), (PromptSource::Step(step(1)), vec![]));
    pass_through(&mut history, 2);
    let design = order(&history).prompt;
    assert_eq!((design.source, design.context), (PromptSource::Step(step(1)), vec![step(2)]));
}

#[test]
fn feedback_stands_in_front_of_the_prompt() {
    assert_eq!(prompt_text("Do it", None), "Do it");
    assert_eq!(
        prompt_text("Do it", Some("no tests")),
        "The review of the last iteration found:\n\nno tests\n\n---\n\nDo it"
    );
}

#[test]
fn a_verdict_outside_of_loops_sends_nothing_back() {
    let mut history = running(blueprint(&[(Role::Designer, None), (Role::Checker, None)], &[]));
    pass_through(&mut history, 1);
    judge(&mut history, 2, false, "no");
    assert_eq!(next(&history), Next::Complete);
}

#[test]
fn a_failure_of_the_machinery_is_tried_again_and_then_fails_the_run() {
    for (failure, waits, words) in [
        (StepFailure::Crashed, &[5_000, 10_000][..], "3 times, at last crashed"),
        (StepFailure::VerdictMissing, &[0, 0], "3 times, at last verdict_missing"),
        (StepFailure::VerdictUnparseable, &[0, 0], "3 times, at last verdict_unparseable"),
        (
            StepFailure::RateLimited,
            &[60_000, 120_000, 240_000, 480_000, 900_000],
            "6 times, at last rate_limited",
        ),
        (StepFailure::Provider, &[10_000, 20_000, 40_000], "4 times, at last provider"),
        (StepFailure::Aborted, &[], "once, at last aborted"),
        (StepFailure::Timeout, &[0], "2 times, at last timeout"),
        (StepFailure::Other, &[5_000], "2 times, at last other"),
    ] {
        let mut history = pair(3);
        pass_through(&mut history, 1);
        for (attempt, wait) in (2..).zip(waits) {
            begin(&mut history, attempt);
            history.push(failed(attempt, failure));
            let again = order(&history);
            assert_eq!((again.number, again.role), (2, Role::Checker), "{failure}: the same step");
            assert_eq!((u64::from(again.attempt), again.wait_ms), (attempt, *wait), "{failure}");
            assert_eq!((again.iteration, again.loop_iteration), (1, Some(1)), "{failure}: never a verdict");
        }
        let last = waits.len() as u64 + 2;
        begin(&mut history, last);
        history.push(failed(last, failure));
        let error = format!("step 2 (checker) failed {words}: signal 9");
        assert_eq!(next(&history), Next::Fail { error });
        turn(&mut history);
        assert_eq!(next(&history), Next::Ended { status: RunStatus::Failed });
    }
}

#[test]
fn mixed_failures_are_bounded_too() {
    let mut history = pair(1);
    let mut attempts = 0;
    let kinds = [StepFailure::RateLimited, StepFailure::RateLimited, StepFailure::Provider];
    while let Next::StartStep(ordered) = next(&history) {
        let number = u64::from(attempts);
        history.extend([start(number, &ordered), failed(number, kinds[attempts as usize % 3])]);
        attempts += 1;
    }
    assert_eq!(attempts, STEP_ATTEMPTS_MAX);
}

#[test]
fn a_new_step_begins_with_a_clean_slate() {
    let mut history = pair(2);
    begin(&mut history, 1);
    history.push(failed(1, StepFailure::Crashed));
    pass_through(&mut history, 2);
    let check = order(&history);
    assert_eq!((check.attempt, check.wait_ms), (1, 0));
}

#[test]
fn a_checker_that_ends_without_a_verdict_has_failed() {
    let mut history = pair(2);
    for number in 1..5 {
        pass_through(&mut history, number);
    }
    let error = "step 2 (checker) failed 3 times, at last verdict_missing: it ended without a verdict";
    assert_eq!(next(&history), Next::Fail { error: error.into() });
}

#[test]
fn a_judge_needs_two_candidates() {
    let judged = blueprint(&[(Role::Judge, None)], &[]);
    for (candidates, words) in [
        (0, "step 1 (judge) needs at least 2 candidates, the run has 0"),
        (1, "step 1 (judge) needs at least 2 candidates, the run has 1"),
    ] {
        let history = [requested(Some(judged.clone()), candidates), RunStarted {}.into()];
        assert_eq!(next(&history), Next::Fail { error: words.into() });
    }
    assert_eq!(order(&[requested(Some(judged), 2), RunStarted {}.into()]).role, Role::Judge);
}

#[test]
fn a_skipped_step_counts_as_done() {
    let skip = |number, role| StepSkipped { step: step(number), role, reason: "r".into() }.into();
    let mut history = running(blueprint(&[(Role::Designer, None), (Role::Evaluator, None)], &[]));
    history.push(skip(1, Role::Evaluator));
    assert_eq!(order(&history).role, Role::Designer, "it is not the evaluator's turn");
    history.push(skip(2, Role::Designer));
    let evaluate = order(&history);
    assert_eq!((evaluate.role, evaluate.prompt.context), (Role::Evaluator, vec![]));
    history.push(skip(3, Role::Evaluator));
    assert_eq!(next(&history), Next::Complete);
}

#[test]
fn what_nobody_called_for_changes_nothing() {
    let mut history = pair(3);
    let expected = order(&history);
    let other = StepOrder { role: Role::Optimizer, ..expected.clone() };
    history.extend([start(1, &other), completed(1)]);
    assert_eq!(order(&history), expected, "another role");
    let elsewhere = StepOrder { loop_iteration: Some(2), ..expected.clone() };
    history.extend([start(2, &elsewhere), completed(2)]);
    assert_eq!(order(&history), expected, "another iteration");
    let followed = StepOrder { persona: Some((PersonaId::from_bytes([1; 16]), 1)), ..expected.clone() };
    history.extend([start(3, &followed), failed(3, StepFailure::Aborted)]);
    assert_eq!(order(&history), expected, "another persona");
    history.extend([completed(9), failed(9, StepFailure::Aborted), verdict(9, true, "")]);
    history.push(LoopIterated { loop_id: loop_id(9), iteration: 2, feedback: None }.into());
    history.push(LoopForcedOn { loop_id: loop_id(9), iterations: 2 }.into());
    assert_eq!(order(&history), expected, "unknown steps and loops");
    let weaker = StepOrder { model: Some("haiku".into()), ..expected };
    history.extend([start(4, &weaker), completed(4)]);
    assert_eq!(order(&history).role, Role::Checker, "the model is up to whoever starts the step");
}

#[test]
fn a_person_may_turn_or_leave_a_loop_at_any_time() {
    let mut history = pair(5);
    begin(&mut history, 1);
    let feedback = Some("start over".to_owned());
    history.push(LoopIterated { loop_id: loop_id(1), iteration: 4, feedback }.into());
    assert_eq!(next(&history), Next::Await { step: step(1) });
    history.push(completed(1));
    let again = order(&history);
    assert_eq!((again.number, again.loop_iteration, again.iteration), (1, Some(4), 2));
    assert_eq!(again.prompt.feedback.as_deref(), Some("start over"));
    history.push(LoopForcedOn { loop_id: loop_id(1), iterations: 4 }.into());
    assert_eq!(next(&history), Next::Complete);
}

#[test]
fn a_step_that_was_given_up_can_be_tried_once_more_by_hand() {
    let mut history = pair(1);
    let first = order(&history);
    history.extend([start(1, &first), failed(1, StepFailure::Aborted)]);
    assert!(matches!(next(&history), Next::Fail { .. }));
    history.extend([start(2, &first), completed(2)]);
    assert_eq!(order(&history).role, Role::Checker);
}
