//! Given events, then series.

use domain::metric::{
    Aggregation, Comparison, MetricCondition, MetricDefinition, MetricDimension, MetricField, MetricSource,
    built_ins,
};
use domain::run::{
    CiCheck, CiChecksPolled, LoopForcedOn, LoopIterated, QualityScores, QualityWeights, RunCompleted,
    RunStarted, ScoresIssued, StepCompleted, StepFailed, StepStarted, StepUsageRecorded, VerdictIssued,
};
use domain::terms::{CiStatus, Role, StepFailure};
use domain::values::{Score, Usd};
use serde_json::{Value, json};

use super::*;
use crate::testing::{History, id, requested, started};

fn built_in(name: &str) -> MetricDefinition {
    built_ins().into_iter().find(|it| it.name == name).unwrap().definition
}
fn made(definition: MetricDefinition, narrowed: Narrowed, history: &History) -> Value {
    let mut measure = Measure::new(definition, narrowed);
    history.events.iter().for_each(|event| measure.apply(event));
    serde_json::to_value(measure.series("m", Some(1), None)).unwrap()["rows"].clone()
}
fn by(dimension: MetricDimension) -> Narrowed {
    Narrowed { by: Some(vec![dimension]), ..Narrowed::default() }
}
/// The rows without what they come from.
#[expect(clippy::needless_pass_by_value, reason = "it is made where it is given")]
fn figures(rows: Value) -> Value {
    let rows = rows.as_array().unwrap().iter().cloned().map(|mut row| {
        row.as_object_mut().unwrap().remove("provenance");
        row
    });
    rows.collect()
}
fn verdict(step: u64, pass: bool) -> VerdictIssued {
    VerdictIssued { step: id(step), pass, feedback: String::new() }
}
fn used(step: u64, model: &str, cost: Option<f64>) -> StepUsageRecorded {
    StepUsageRecorded {
        step: id(step),
        provider: None,
        model: model.into(),
        input_tokens: 10,
        output_tokens: 1,
        cache_read_tokens: 0,
        cache_write_tokens: 0,
        calls: 1,
        cost_usd: cost.map(|cost| Usd::from_f64(cost).unwrap()),
    }
}
fn done(step: u64) -> StepCompleted {
    StepCompleted { step: id(step), output: None }
}
/// A run whose work is made by `model` and judged once or more by a checker of another model.
fn judged(history: History, run: u64, model: &str, cost: Option<f64>, verdicts: &[bool]) -> History {
    let mut history = history.run(run, requested("a")).run(run, RunStarted {});
    for (nth, pass) in (0_u64..).step_by(2).zip(verdicts) {
        let (make, check) = (run * 100 + nth, run * 100 + nth + 1);
        let maker =
            StepStarted { model: Some(model.into()), persona: Some(id(7)), ..started(make, Role::Designer) };
        history = history
            .run(run, maker)
            .run(run, used(make, model, cost))
            .run(run, done(make))
            .run(run, started(check, Role::Checker))
            .run(run, verdict(check, *pass))
            .run(run, done(check));
    }
    history.run(run, RunCompleted { summary: None })
}
fn three() -> History {
    let history = judged(History::new(), 1, "a", Some(0.1), &[false, true]);
    let history = judged(history, 2, "a", Some(0.2), &[false]);
    judged(history, 3, "b", None, &[true])
}

#[test]
fn a_verdict_counts_for_the_model_that_made_the_work() {
    let rows = made(built_in("pass-rate"), by(MetricDimension::Model), &three());
    let first = &rows[0];
    assert_eq!(
        (&first["model"], &first["passed"], &first["total"], &first["numerator"], &first["denominator"]),
        (&json!("a"), &json!(1), &json!(3), &json!(1), &json!(3))
    );
    assert!((first["rate"].as_f64().unwrap() - 1.0 / 3.0).abs() < 1e-12);
    // Of run 1 the verdicts are its 7th and 13th events, of run 2 its 7th: 15 events further on.
    assert_eq!(first["provenance"], json!({ "events": 3, "positions": [6, 12, 21] }));
    assert_eq!((&rows[1]["model"], &rows[1]["rate"]), (&json!("b"), &json!(1)));
    assert_eq!(rows.as_array().unwrap().len(), 2);
}

#[test]
fn runs_tell_loops_costs_and_loops_that_were_forced_on() {
    let history = three();
    let loops = figures(made(built_in("loops-to-pass"), Narrowed::default(), &history));
    assert_eq!(loops, json!([{ "value": 1.5, "numerator": 3, "denominator": 2 }]));
    // What run 3 cost is unknown: it counts neither as spent nor as passed.
    let cost = figures(made(built_in("cost-per-passed-run"), Narrowed::default(), &history));
    assert_eq!(cost, json!([{ "value": 0.4, "numerator": 0.4, "denominator": 1 }]));
    let forced = LoopForcedOn { loop_id: id(9), iterations: 1 };
    let iterated = LoopIterated { loop_id: id(9), iteration: 1, feedback: None };
    let history = history.run(4, requested("d")).run(4, iterated).run(4, forced).run(5, requested("e"));
    let forced = figures(made(built_in("force-continue-rate"), Narrowed::default(), &history));
    assert_eq!(forced[0]["passed"], 1);
    assert_eq!(forced[0]["total"], 4, "a run without verdict or loop is not asked");
}

#[test]
fn steps_tell_time_and_verdicts_that_could_not_be_read() {
    let failed =
        StepFailed { step: id(901), failure: StepFailure::VerdictUnparseable, error: "no JSON".into() };
    let history = three().run(9, requested("x")).run(9, started(901, Role::Checker)).run(9, failed);
    let rate = figures(made(built_in("unparseable-verdict-rate"), Narrowed::default(), &history));
    assert_eq!(
        rate,
        json!([{ "value": 0.2, "numerator": 1, "denominator": 5, "passed": 1, "total": 5, "rate": 0.2 }])
    );
    let time = figures(made(built_in("step-time"), Narrowed::default(), &history));
    assert_eq!((&time[0]["role"], &time[0]["denominator"]), (&json!("checker"), &json!(5)));
    assert_eq!(time[1], json!({ "role": "designer", "value": 2000, "numerator": 8000, "denominator": 4 }));
    let median = MetricDefinition { aggregation: Aggregation::P50, ..built_in("step-time") };
    let median = figures(made(median, Narrowed::default(), &history));
    assert!(median[0]["value"].as_u64().unwrap() > 0, "{median}");
}

#[test]
fn percentiles_are_by_nearest_rank_and_sums_exact() {
    let cost = |aggregation| MetricDefinition {
        source: MetricSource::Usage,
        field: Some(MetricField::CostUsd),
        aggregation,
        group_by: vec![],
        predicate: vec![],
        ..built_in("pass-rate")
    };
    let history =
        (1..=100).fold(History::new(), |history, n| history.run(1, used(1, "a", Some(f64::from(n) / 10.0))));
    for (aggregation, value) in [
        (Aggregation::P50, json!(5)),
        (Aggregation::P90, json!(9)),
        (Aggregation::P99, json!(9.9)),
        (Aggregation::Sum, json!(505)),
        (Aggregation::Mean, json!(5.05)),
        (Aggregation::Count, json!(100)),
    ] {
        let field = (aggregation != Aggregation::Count).then_some(MetricField::CostUsd);
        let definition = MetricDefinition { field, ..cost(aggregation) };
        assert_eq!(definition.check(), Ok(()));
        let rows = made(definition, Narrowed::default(), &history);
        assert_eq!(rows[0]["value"], value, "{aggregation}");
        assert_eq!(rows[0]["provenance"]["events"], 100);
        assert_eq!(rows[0]["provenance"]["positions"].as_array().unwrap().len(), POSITIONS_MAX);
    }
    let dear = MetricCondition { field: MetricField::CostUsd, op: Comparison::AtLeast, value: "9.9".into() };
    let definition = MetricDefinition { filters: vec![dear], field: None, ..cost(Aggregation::Count) };
    assert_eq!(made(definition, Narrowed::default(), &history)[0]["value"], 2);
}

#[test]
fn a_composite_shows_its_parts_and_follows_its_weights() {
    let score = |number| Score::from_f64(number).unwrap();
    let scores = QualityScores {
        correctness: score(90.0),
        type_safety: score(50.0),
        code_style: score(50.0),
        test_coverage: score(50.0),
        completeness: score(50.0),
    };
    let issued = ScoresIssued {
        step: id(1),
        scores,
        weights: QualityWeights::EQUAL,
        composite: score(58.0),
        threshold: None,
        threshold_result: None,
        summary: String::new(),
    };
    let history = History::new().run(1, requested("a")).run(1, issued);
    let mut definition = built_in("composite");
    let rows = made(definition.clone(), Narrowed::default(), &history);
    assert_eq!((&rows[0]["value"], &rows[0]["parts"][0]["mean"]), (&json!(58), &json!(90)));
    definition.weights[0].weight = 4;
    assert_eq!(made(definition, Narrowed::default(), &history)[0]["value"], 70);
}

#[test]
fn checks_count_once_as_polled_last() {
    let polled = |status| {
        let check = CiCheck { name: "build".into(), status, details_url: None };
        let waits = CiCheck { name: "slow".into(), status: CiStatus::Running, details_url: None };
        CiChecksPolled { status, checks: vec![check, waits], checked_at: None }
    };
    let history = History::new().run(1, requested("a")).run(1, polled(CiStatus::Failing));
    let rate = |history: &History| figures(made(built_in("ci-pass-rate"), Narrowed::default(), history));
    assert_eq!(rate(&history)[0]["rate"], 0);
    let history = history.run(1, polled(CiStatus::Passing));
    assert_eq!(rate(&history)[0]["rate"], 1);
    assert_eq!(rate(&history)[0]["total"], 1, "one still runs");
}

#[test]
fn only_what_is_asked_for_and_seen_counts() {
    let history = judged(three().within(2), 4, "c", None, &[true]);
    let rows = |narrowed| made(built_in("pass-rate"), narrowed, &history);
    let total = |narrowed| rows(narrowed)[0]["total"].clone();
    assert_eq!(total(Narrowed::default()), 5);
    assert_eq!(total(Narrowed { project: Some(id(2)), ..Narrowed::default() }), 1);
    let sight = Sight::Projects([id(2)].into());
    assert_eq!(total(Narrowed { sight: sight.clone(), ..Narrowed::default() }), 1);
    let foreign = Narrowed { project: Some(id(1)), sight, ..Narrowed::default() };
    assert_eq!(rows(foreign), json!([]));
    let at = history.events[12].meta.when();
    assert_eq!(total(Narrowed { until: Some(at), ..Narrowed::default() }), 1);
    assert_eq!(total(Narrowed { since: Some(at), ..Narrowed::default() }), 4);
}

#[test]
fn learnings_tell_how_they_stand() {
    let definition = MetricDefinition {
        source: MetricSource::Learnings,
        predicate: vec![MetricCondition {
            field: MetricField::Approved,
            op: Comparison::Is,
            value: "true".into(),
        }],
        ..built_in("pass-rate")
    };
    assert_eq!(definition.check(), Ok(()));
    let history = crate::testing::sampled("learning", 1);
    let rows = made(definition, Narrowed::default(), &history);
    assert_eq!(rows[0]["total"], 1, "{rows}");
}
