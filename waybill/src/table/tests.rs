//! What tables look like.

use expect_test::expect;
use serde_json::json;

use super::*;

fn row(key: &str, fields: &str) -> Row {
    Row { key: key.into(), row: serde_json::from_str(fields).expect("the fields are JSON") }
}

fn usage() -> Vec<Row> {
    let fields = |model: &str, cost: f64, tokens: u64| {
        format!(
            r#"{{"project":"P1","provider":"anthropic","model":"{model}","day":"2025-11-20","calls":0,
                "input_tokens":{tokens},"total_cost_usd":{cost},"tags":["a"]}}"#
        )
    };
    vec![
        row("P1/sonnet/2025-11-20", &fields("sonnet", 30.33, 43_229_469)),
        row("P1/vendor/codex/2025-11-20", &fields("vendor/codex", 0.000_1, 12)),
    ]
}

#[test]
fn rows_become_a_table_of_what_differs() {
    let text = rows(&usage(), 100, false);
    expect![[r#"
        model         input tokens  total cost
        ───────────────────────────────────────
        sonnet          43,229,469      $30.33
        vendor/codex            12     $0.0001
        in every row: project P1 · provider anthropic · day 2025-11-20
    "#]]
    .assert_eq(&text);
}

#[test]
fn a_narrow_terminal_keeps_what_matters_most() {
    let text = rows(&usage(), 28, false);
    assert!(text.contains("total cost") && text.contains("no room for: input_tokens"), "{text}");
    assert!(text.lines().take(4).all(|line| line.chars().count() <= 28), "{text}");
}

#[test]
fn one_row_becomes_a_record_with_every_field() {
    let one = row(
        "R1",
        r#"{"title":"Fix\u001b[31m it","started_at":"2025-11-20T23:33:50.805Z","duration_ms":9660000,
            "error":null,"calls":0,"pull_request":{"number":7}}"#,
    );
    expect![[r#"
        key           R1
        title         Fix [31m it
        started       2025-11-20 23:33:50
        duration      2 h 41 min
        calls         0
        pull request  {"number":7}
    "#]]
    .assert_eq(&rows(&[one], 100, false));
}

#[test]
fn nothing_is_said_to_be_nothing() {
    assert_eq!(rows(&[], 80, false), "no rows\n");
    assert_eq!(totals(&Value::Null, &[]), None);
    assert_eq!(totals(&json!({"calls": 0}), &[]), None);
    let summary = json!({"calls": 453, "total_cost_usd": 30.33, "runs": 2});
    let totals = totals(&summary, &[row("A", r#"{"total_cost_usd":1,"calls":1}"#)]);
    assert_eq!(totals.as_deref(), Some("total: runs 2 · total cost $30.33 · calls 453"));
}

#[test]
fn fields_keep_their_order() {
    let fields: Fields = serde_json::from_str(r#"{"z":1,"a":2}"#).expect("it is an object");
    assert_eq!(fields.0.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["z", "a"]);
    assert!(serde_json::from_str::<Fields>("[1]").is_err());
}
