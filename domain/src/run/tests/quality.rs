//! Verdicts, scores and judgements: who may issue them, and what follows from them.

use super::*;
use crate::testing::check_refused;

fn score(units: u16) -> Score {
    Score::from_units(units).expect("within 0 to 100")
}

fn composite(units: [u16; 5], weights: [u16; 5]) -> Option<u16> {
    let [correctness, type_safety, code_style, test_coverage, completeness] = units.map(score);
    let scores = QualityScores { correctness, type_safety, code_style, test_coverage, completeness };
    let [correctness, type_safety, code_style, test_coverage, completeness] = weights;
    let weights =
        QualityWeights { version: 1, correctness, type_safety, code_style, test_coverage, completeness };
    weights.composite(&scores).map(Score::units)
}

#[test]
fn the_composite_is_the_weighted_mean_rounded_half_up() {
    const MAX: u16 = u16::MAX;
    for (units, weights, expected) in [
        ([9_000, 8_500, 7_000, 6_000, 10_000], [1, 1, 1, 1, 1], Some(8_100)),
        ([9_000, 8_500, 7_000, 6_000, 10_000], [4, 1, 1, 2, 2], Some(8_350)),
        ([9_000, 8_500, 7_000, 6_000, 10_000], [0, 0, 0, 0, 7], Some(10_000)),
        ([9_000, 8_500, 7_000, 6_000, 10_000], [9, 0, 0, 0, 0], Some(9_000)),
        ([0, 8_500, 0, 0, 0], [0, 3, 0, 0, 0], Some(8_500)),
        ([0, 0, 7_000, 0, 0], [0, 0, 1, 0, 0], Some(7_000)),
        ([0, 0, 0, 6_000, 0], [0, 0, 0, 1, 0], Some(6_000)),
        ([2, 0, 0, 0, 0], [1, 1, 1, 1, 1], Some(0)),
        ([3, 0, 0, 0, 0], [1, 1, 1, 1, 1], Some(1)),
        ([1, 0, 0, 0, 0], [1, 1, 0, 0, 0], Some(1)),
        ([10_000; 5], [MAX; 5], Some(10_000)),
        ([0; 5], [MAX; 5], Some(0)),
        ([10_000; 5], [0; 5], None),
    ] {
        assert_eq!(composite(units, weights), expected, "{units:?} weighed {weights:?}");
    }
}

#[test]
fn a_threshold_is_met_from_its_very_value_on() {
    let issue =
        |threshold: Value| json!({ "step": id(STEP), "scores": scores(80.0), "threshold": threshold });
    for (threshold, met) in [
        (json!(80.0), Some(true)),
        (json!(79.99), Some(true)),
        (json!(80.01), Some(false)),
        (json!(0.0), Some(true)),
        (json!(100.0), Some(false)),
        (Value::Null, None),
    ] {
        let events = in_step("evaluator").when_json("issue-scores", &issue(threshold.clone())).accepted();
        let RunEvent::ScoresIssued(issued) = &events[0] else { panic!("{events:?}") };
        assert_eq!((issued.composite, issued.threshold_result), (score(8_000), met), "{threshold}");
    }
}

#[test]
fn the_score_of_a_run_is_the_mean_of_its_evaluators() {
    let evaluate = |run: Given<Run>, step: u8, all: f64| {
        run.and_json("start-step", &start(step, "evaluator"))
            .and_json("issue-scores", &json!({ "step": id(step), "scores": scores(all) }))
            .and_json("complete-step", &json!({ "step": id(step) }))
    };
    let two = evaluate(evaluate(running(), 1, 80.0), 2, 90.01);
    let third = two.and_json("start-step", &start(3, "evaluator"));
    let events = third.when_json("issue-scores", &json!({ "step": id(3), "scores": scores(0.0) })).accepted();
    assert_eq!(events[1], RunScored { quality_score: score(5_667), evaluators: 3 }.into());
}

#[test]
fn an_evaluator_that_scores_again_replaces_its_own_score() {
    let first =
        in_step("evaluator").and_json("issue-scores", &json!({ "step": id(STEP), "scores": scores(10.0) }));
    let again = json!({ "step": id(STEP), "scores": scores(90.0) });
    let events = first.when_json("issue-scores", &again).accepted();
    assert_eq!(events[1], RunScored { quality_score: score(9_000), evaluators: 1 }.into());
}

#[test]
fn weights_carry_their_policy_and_must_weigh_something() {
    let weights = |all: u16| {
        with(
            &json!({ "version": 4 }),
            &json!({
                "correctness": all, "type_safety": all, "code_style": all, "test_coverage": all, "completeness": all,
            }),
        )
    };
    let issue = |all: u16| json!({ "step": id(STEP), "scores": scores(50.0), "weights": weights(all) });
    let events = in_step("evaluator").when_json("issue-scores", &issue(9)).accepted();
    assert!(
        matches!(&events[0], RunEvent::ScoresIssued(e) if e.weights.version == 4 && e.weights.correctness == 9)
    );
    in_step("evaluator")
        .when_json("issue-scores", &issue(0))
        .refused("`weights`: expected at least one weight above 0");
}

#[test]
fn each_finding_comes_from_a_step_of_its_role() {
    let findings = [
        ("issue-verdict", json!({ "step": id(STEP), "pass": true }), &[Role::Checker, Role::Reviewer][..]),
        ("issue-scores", json!({ "step": id(STEP), "scores": scores(1.0) }), &[Role::Evaluator][..]),
        ("issue-judgement", judgement(), &[Role::Judge][..]),
    ];
    for role in Role::ALL {
        let run = in_step(role.as_str());
        for (name, body, allowed) in &findings {
            let refusal = format!("a {role} step issues no");
            run.when_json(name, body).accepted_if(allowed.contains(role), &refusal);
        }
    }
    for (name, body, allowed) in &findings {
        let ended = in_step(allowed[0].as_str()).and_json("complete-step", &json!({ "step": id(STEP) }));
        ended.when_json(name, body).refused("expected step to be running, but it is completed");
        running().when_json(name, body).refused("unknown step");
    }
}

#[test]
fn a_judge_names_one_of_several_candidates() {
    let judge = in_step("judge");
    let judged = |changes| with(&judgement(), &changes);
    let long = "x".repeat(check::TEXT_MAX_BYTES + 1);
    let many: Vec<_> = (0..=check::LIST_MAX_ITEMS).map(|number| number.to_string()).collect();
    check_refused(vec![
        (
            &judge,
            "issue-judgement",
            judged(json!({ "candidates": [], "winner": "a" })),
            "`candidates`: expected at least 2, each once",
        ),
        (
            &judge,
            "issue-judgement",
            judged(json!({ "candidates": ["b"] })),
            "`candidates`: expected at least 2",
        ),
        (&judge, "issue-judgement", judged(json!({ "candidates": ["b", "b"] })), "got `2 of which 1 differ`"),
        (
            &judge,
            "issue-judgement",
            judged(json!({ "candidates": ["a", "b", "a"] })),
            "got `3 of which 2 differ`",
        ),
        (
            &judge,
            "issue-judgement",
            judged(json!({ "candidates": ["", "b"] })),
            "`candidates`: expected 1 to 200 bytes",
        ),
        (
            &judge,
            "issue-judgement",
            judged(json!({ "candidates": many })),
            "`candidates`: expected at most 1000 items",
        ),
        (
            &judge,
            "issue-judgement",
            judged(json!({ "winner": "c" })),
            "`winner`: expected one of the candidates, got `c`",
        ),
        (&judge, "issue-judgement", judged(json!({ "rationale": long })), "`rationale`"),
        (
            &judge,
            "issue-judgement",
            judged(json!({ "notes": [{ "candidate": "c", "note": "" }] })),
            "`notes`: expected notes on",
        ),
        (
            &judge,
            "issue-judgement",
            judged(json!({ "notes": [{ "candidate": "a", "note": long }] })),
            "`notes`: expected at most",
        ),
        (
            &in_step("checker"),
            "issue-verdict",
            json!({ "step": id(STEP), "pass": true, "feedback": long }),
            "`feedback`",
        ),
        (
            &in_step("evaluator"),
            "issue-scores",
            json!({ "step": id(STEP), "scores": scores(1.0), "summary": long }),
            "`summary`",
        ),
    ]);
}

fn with_policy(run: Given<Run>, threshold: Option<f64>) -> Given<Run> {
    let weights = json!({
        "correctness": 4, "type_safety": 0, "code_style": 0, "test_coverage": 1, "completeness": 0,
    });
    let project: Given<Project> = given([])
        .and_json("create", &json!({ "slug": "p", "name": "P" }))
        .and_json("set-quality-policy", &json!({ "weights": weights }))
        .and_json("set-quality-policy", &json!({ "weights": weights, "threshold": threshold }));
    run.among(ProjectId::from_bytes([1; 16]), project.state())
}
fn mixed() -> Value {
    json!({ "step": id(STEP), "scores": with(&scores(50.0), &json!({ "correctness": 90.0 })) })
}
#[track_caller]
fn issued(run: &Given<Run>, body: &Value) -> ScoresIssued {
    let mut events = run.when_json("issue-scores", body).accepted();
    let RunEvent::ScoresIssued(issued) = events.remove(0) else { panic!("{events:?}") };
    issued
}

#[test]
fn weights_and_threshold_are_those_of_the_project() {
    let run = with_policy(in_step("evaluator"), Some(81.0));
    let of_policy = issued(&run, &mixed());
    assert_eq!((of_policy.weights.version, of_policy.composite), (2, score(8_200)));
    assert_eq!((of_policy.threshold, of_policy.threshold_result), (Some(score(8_100)), Some(true)));
    let without = issued(&in_step("evaluator"), &mixed());
    assert_eq!(
        (without.weights, without.composite, without.threshold),
        (QualityWeights::EQUAL, score(5_800), None)
    );
    let unbounded = issued(&with_policy(in_step("evaluator"), None), &mixed());
    assert_eq!((unbounded.threshold, unbounded.threshold_result), (None, None));
    assert_eq!(run.state().consults(&crate::testing::command("issue-scores", &mixed())).len(), 1);
}

#[test]
fn the_threshold_of_the_persona_goes_before_that_of_the_project() {
    let begin = with(&start(STEP, "evaluator"), &json!({ "persona": id(5) }));
    let run = with_policy(acquainted(running()).and_json("start-step", &begin), Some(90.0));
    let scored = issued(&run, &mixed());
    assert_eq!((scored.threshold, scored.threshold_result), (Some(score(7_500)), Some(true)));
    let given = |threshold: f64| with(&mixed(), &json!({ "threshold": threshold }));
    run.when_json("issue-scores", &given(75.0)).accepted();
    run.when_json("issue-scores", &given(70.0))
        .refused("`threshold`: expected 75, as its persona has it, got `70`");
}

#[test]
fn scores_are_recomputed_from_events_alone() {
    let mut commands = vec![("request", request()), ("start", json!({}))];
    for (step, all, threshold) in [(1, 80.0, json!(70.0)), (2, 90.01, json!(99.0)), (3, 0.0, Value::Null)] {
        let issue = json!({ "step": id(step), "scores": scores(all), "threshold": threshold });
        let completed = json!({ "step": id(step) });
        commands.extend([
            ("start-step", start(step, "evaluator")),
            ("issue-scores", issue),
            ("complete-step", completed),
        ]);
    }
    let (mut run, mut history) = (Run::default(), Vec::new());
    for command in crate::testing::pool::<RunCommand>(&commands) {
        let events = run.decide(&command).expect("it fits");
        events.iter().for_each(|event| run.evolve(event));
        history.extend(events);
    }
    let third = history.iter().rposition(|event| matches!(event, RunEvent::ScoresIssued(_))).expect("scored");
    let before = recompute(&history[..third]);
    assert_eq!(before.run, Some(RunScored { quality_score: score(8_501), evaluators: 2 }));
    let results: Vec<_> = before.steps.values().copied().collect();
    assert_eq!(results, [(score(8_000), Some(true)), (score(9_001), Some(false))]);
    let after = recompute(&history);
    assert_eq!(after.run, Some(RunScored { quality_score: score(5_667), evaluators: 3 }));
    assert_eq!(recompute([]), Recomputed::default());
    // An event that lies about its composite is not believed.
    let RunEvent::ScoresIssued(mut lie) = history[third].clone() else { panic!("{history:?}") };
    (lie.composite, lie.threshold_result) = (score(10_000), Some(true));
    assert_eq!(recompute(&[lie.into()]).steps[&StepId::from_bytes([3; 16])], (score(0), None));
}
