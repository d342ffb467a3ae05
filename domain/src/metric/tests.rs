//! What a metric accepts and refuses.

use serde_json::{Value, json};

use super::*;
use crate::testing::{Given, check_accepted, check_any_order, check_refused, command, given, id, pool, with};

fn rate() -> Value {
    json!({
        "source": "verdicts", "filters": [], "group_by": ["model"], "aggregation": "rate",
        "predicate": [{ "field": "pass", "op": "is", "value": "true" }], "weights": [],
    })
}
fn mean() -> Value {
    json!({
        "source": "runs", "filters": [], "group_by": [], "aggregation": "mean", "field": "duration_ms",
        "predicate": [], "weights": [],
    })
}
fn composite() -> Value {
    json!({
        "source": "scores", "filters": [], "group_by": [], "aggregation": "composite", "predicate": [],
        "weights": [{ "field": "correctness", "weight": 3 }, { "field": "code_style", "weight": 1 }],
    })
}
fn defining(definition: &Value) -> Value {
    json!({ "project": id(1), "name": "quality", "summary": "What reviewers say", "definition": definition })
}
fn revising(definition: &Value) -> Value {
    json!({ "definition": definition })
}
fn defined() -> Given<Metric> {
    given([]).and_json("define", &defining(&rate()))
}
fn archived() -> Given<Metric> {
    defined().and_json("archive", &json!({}))
}

#[test]
fn every_command_is_accepted_where_it_fits() {
    let mut whole = defining(&rate());
    whole["definition"]["field"] = Value::Null;
    let revised = json!({ "version": 2, "definition": mean(), "note": "n" });
    check_accepted::<Metric>(vec![
        (given([]), "define", defining(&rate()), vec![("MetricDefined", whole)]),
        (defined(), "revise", json!({ "definition": mean(), "note": "n" }), vec![("MetricRevised", revised)]),
        (defined(), "archive", json!({}), vec![("MetricArchived", json!({}))]),
    ]);
}

#[test]
fn what_does_not_fit_is_refused() {
    let (none, one, gone) = (given([]), defined(), archived());
    let changed = |changes: Value| with(&defining(&rate()), &changes);
    check_refused(vec![
        (&one, "define", defining(&rate()), "metric exists already"),
        (&none, "revise", revising(&rate()), "metric does not exist"),
        (&none, "archive", json!({}), "metric does not exist"),
        (&gone, "revise", revising(&mean()), "expected metric to be active"),
        (&gone, "archive", json!({}), "expected metric to be active"),
        (&one, "revise", revising(&rate()), "the metric has this definition already"),
        (&one, "revise", json!({ "definition": mean(), "note": "a\nb" }), "`note`: expected 1 to 200 bytes"),
        (&none, "define", changed(json!({ "name": "No Slug" })), "`name`: expected 1 to 63 of a-z"),
        (&none, "define", changed(json!({ "summary": " " })), "`summary`: expected 1 to 200 bytes"),
    ]);
}

#[test]
fn a_definition_that_does_not_hold_together_is_refused() {
    let condition = |field: &str, op: &str, value: &str| json!({ "field": field, "op": op, "value": value });
    let filtered = |field, op, value| with(&rate(), &json!({ "filters": [condition(field, op, value)] }));
    let many = vec![condition("pass", "is", "true"); 21];
    let weights: Vec<_> = (0..21).map(|_| json!({ "field": "correctness", "weight": 1 })).collect();
    let weight = |weight: u32| json!({ "weights": [{ "field": "correctness", "weight": weight }] });
    let twice = json!({ "weights": [
        { "field": "correctness", "weight": 1 }, { "field": "correctness", "weight": 2 },
    ] });
    let none = given([]);
    let rows = [
        (with(&rate(), &json!({ "filters": many })), "`filters`: expected 0 to 20 conditions, got `21`"),
        (with(&rate(), &json!({ "predicate": many })), "`predicate`: expected 0 to 20 conditions, got `21`"),
        (with(&composite(), &json!({ "weights": weights })), "`weights`: expected 0 to 20 weights, got `21`"),
        (
            with(&rate(), &json!({ "group_by": ["model", "day", "project", "role"] })),
            "`group_by`: expected 0 to 3 dimensions, got `4`",
        ),
        (with(&rate(), &json!({ "group_by": ["model", "model"] })), "`group_by`: expected each item once"),
        (filtered("cost_usd", "is", "1"), "`filters`: expected a field of verdicts, got `cost_usd`"),
        (filtered("pass", "is", "yes"), "`filters`: expected true or false for `pass`"),
        (filtered("pass", "at_least", "true"), "`filters`: expected `is` or `is_not` for `pass`"),
        (filtered("verdict", "at_least", "1e3"), "`filters`: expected a decimal number for `verdict`"),
        (filtered("verdict", "at_least", "-1"), "`filters`: expected a decimal number"),
        (filtered("verdict", "at_least", "1."), "`filters`: expected a decimal number"),
        (filtered("verdict", "at_least", "0.1234567890"), "`filters`: expected a decimal number"),
        (filtered("model", "is", ""), "`filters`: expected 1 to 200 bytes"),
        (
            with(&rate(), &json!({ "predicate": [condition("approved", "is", "true")] })),
            "`predicate`: expected a field of verdicts, got `approved`",
        ),
        (with(&rate(), &json!({ "predicate": [] })), "`predicate`: expected one with the aggregation rate"),
        (with(&rate(), &json!({ "field": "verdict" })), "`field`: expected none with the aggregation rate"),
        (with(&mean(), &json!({ "field": null })), "`field`: expected one with the aggregation mean"),
        (with(&mean(), &json!({ "field": "status" })), "`field`: expected a field that is a number"),
        (with(&mean(), &json!({ "field": "composite" })), "`field`: expected a field of runs"),
        (
            with(&mean(), &json!({ "predicate": [condition("pass", "is", "true")] })),
            "`predicate`: expected none with the aggregation mean",
        ),
        (with(&composite(), &json!({ "weights": [] })), "`weights`: expected one with the aggregation"),
        (with(&mean(), &weight(1)), "`weights`: expected none with the aggregation mean"),
        (with(&composite(), &weight(0)), "`weights`: expected 1 to 1000 as a weight, got `0`"),
        (with(&composite(), &weight(1_001)), "`weights`: expected 1 to 1000 as a weight"),
        (with(&composite(), &twice), "`weights`: expected each item once"),
        (
            with(&composite(), &json!({ "weights": [{ "field": "threshold_met", "weight": 1 }] })),
            "`weights`: expected a field that is a number",
        ),
    ];
    for (definition, part) in rows {
        check_refused(vec![
            (&none, "define", defining(&definition), part),
            (&defined(), "revise", revising(&definition), part),
        ]);
    }
}

#[test]
fn every_aggregation_has_a_definition_that_is_taken() {
    for aggregation in ["count", "sum", "mean", "p50", "p90", "p99"] {
        let field = if aggregation == "count" { Value::Null } else { json!("cost_usd") };
        let definition = with(&mean(), &json!({ "aggregation": aggregation, "field": field }));
        given::<Metric>([]).when_json("define", &defining(&definition)).accepted();
    }
    let per = json!({ "aggregation": "per", "field": "cost_usd", "predicate": rate()["predicate"] });
    given::<Metric>([]).when_json("define", &defining(&with(&mean(), &per))).accepted();
    given::<Metric>([]).when_json("define", &defining(&composite())).accepted();
}

#[test]
fn numbers_are_billionths() {
    let number = |value: &str| {
        MetricCondition { field: MetricField::CostUsd, op: Comparison::Is, value: value.into() }.number()
    };
    assert_eq!(number("12.5"), Some(12_500_000_000));
    assert_eq!(number("0.000000001"), Some(1));
    assert_eq!(number("7"), Some(7_000_000_000));
    assert_eq!((number(".5"), number("1000000000000000"), number("+1")), (None, None, None));
}

#[test]
fn versions_are_bounded() {
    let full = (1..VERSIONS_MAX).fold(defined(), |metric, version| {
        metric.and_json("revise", &revising(&if version % 2 == 1 { mean() } else { rate() }))
    });
    full.when_json("revise", &revising(&composite())).refused("the metric has 100 versions");
}

#[test]
fn its_name_is_claimed_until_it_is_archived() {
    let define: MetricCommand = command("define", &defining(&rate()));
    let claims = Metric::claims(&define);
    assert_eq!(claims, [Claim::new("metric", format!("{}/quality", id(1)))]);
    assert!(defined().state().holds(&claims[0]));
    assert!(!archived().state().holds(&claims[0]) && !Metric::default().holds(&claims[0]));
    assert_eq!(Metric::references(&define), [ProjectId::from_bytes([1; 16]).into()]);
    assert_eq!(defined().state().project(), Some(ProjectId::from_bytes([1; 16])));
}

#[test]
fn any_order_of_commands_folds_alike() {
    let commands = [
        ("define", defining(&rate())),
        ("revise", revising(&mean())),
        ("revise", revising(&composite())),
        ("archive", json!({})),
    ];
    check_any_order::<Metric>(&given([]), &pool(&commands), |history| {
        let versions = history.iter().filter_map(|event| match event {
            MetricEvent::MetricRevised(e) => Some(e.version),
            _ => None,
        });
        assert!(versions.zip(2..).all(|(version, next)| version == next), "versions leave none out");
    });
}
