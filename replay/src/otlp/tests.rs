//! Requests as agents send them, and what they say.

use serde_json::{Value, json};

use super::*;

fn text(key: &str, value: &str) -> Value {
    json!({ "key": key, "value": { "stringValue": value } })
}
fn number(key: &str, value: u64) -> Value {
    json!({ "key": key, "value": { "intValue": value.to_string() } })
}

/// What is said, one line for each reading.
#[track_caller]
fn said(signal: TelemetrySignal, body: &Value) -> Vec<String> {
    let told = read(signal, body.to_string().as_bytes()).unwrap();
    let line = |r: &TelemetryReading| {
        let cost = r.cost_usd.map_or("unknown".into(), |cost| cost.as_f64().to_string());
        let since = r.counted_since.map_or("".into(), |since| format!(" since {since}"));
        format!(
            "{} {} {}: {} in, {} out, {} read, {} written, {} calls, {cost}{since}",
            r.agent_session.as_deref().unwrap_or("-"),
            r.provider.as_deref().unwrap_or("-"),
            r.model,
            r.input_tokens,
            r.output_tokens,
            r.cache_read_tokens,
            r.cache_write_tokens,
            r.calls,
        )
    };
    told.iter().flat_map(|told| told.readings.iter().map(line)).collect()
}

fn metrics(temporality: &Value) -> Value {
    let point = |kind: &str, value: Value| {
        json!({
            "attributes": [text("session.id", "s1"), text("model", "claude-opus-4-6"), text("type", kind)],
            "startTimeUnixNano": "1795244400000000000", "timeUnixNano": "1795244460000000000", "asDouble": value,
        })
    };
    let tokens = [
        point("input", json!(12)),
        point("output", json!(345.0)),
        point("cacheRead", json!(67_890)),
        point("cacheCreation", json!(1_234)),
    ];
    let mut cost = point("", json!(0.051_234));
    cost["startTimeUnixNano"] = json!("1795244400007000000");
    json!({ "resourceMetrics": [{
        "resource": { "attributes": [
            text("service.name", "claude-code"), text("waybill.run", "01KAHSVYJNVZMXBA04CJFA13WN"),
        ] },
        "scopeMetrics": [{ "scope": { "name": "com.anthropic.claude_code" }, "metrics": [
            { "name": "claude_code.token.usage", "unit": "tokens",
              "sum": { "aggregationTemporality": temporality, "isMonotonic": true, "dataPoints": tokens } },
            { "name": "claude_code.cost.usage", "unit": "USD",
              "sum": { "aggregationTemporality": temporality, "isMonotonic": true, "dataPoints": [cost] } },
            { "name": "claude_code.session.count",
              "sum": { "aggregationTemporality": temporality, "dataPoints": [point("", json!(1))] } },
        ] }],
    }] })
}

#[test]
fn metrics_of_claude_code_are_one_reading_of_each_model() {
    let whole = "s1 anthropic claude-opus-4-6: 12 in, 345 out, 67890 read, 1234 written, 0 calls, 0.051234";
    for delta in [json!(1), json!("AGGREGATION_TEMPORALITY_DELTA")] {
        assert_eq!(said(TelemetrySignal::Metrics, &metrics(&delta)), [whole]);
    }
    for cumulative in [json!(2), json!("AGGREGATION_TEMPORALITY_CUMULATIVE")] {
        let since = format!("{whole} since 2026-11-21T07:00:00.000Z");
        assert_eq!(said(TelemetrySignal::Metrics, &metrics(&cumulative)), [since]);
    }
    let told = read(TelemetrySignal::Metrics, metrics(&json!(1)).to_string().as_bytes()).unwrap();
    assert_eq!(told[0].run, Some("01KAHSVYJNVZMXBA04CJFA13WN".parse().unwrap()));
    assert_eq!(said(TelemetrySignal::Logs, &metrics(&json!(1))), [""; 0], "another kind was asked for");
}

#[test]
fn events_of_claude_code_and_codex_are_calls() {
    let request = |cost: Option<Value>| {
        let mut attributes = vec![
            text("event.name", "api_request"),
            text("session.id", "s1"),
            text("model", "sonnet"),
            number("input_tokens", 3),
            text("output_tokens", "4"),
            number("cache_read_tokens", 5),
            number("cache_creation_tokens", 6),
        ];
        attributes.extend(cost.map(|cost| json!({ "key": "cost_usd", "value": cost })));
        json!({ "body": { "stringValue": "claude_code.api_request" }, "attributes": attributes })
    };
    let codex = |kind: &str| {
        json!({ "attributes": [
            text("event.name", "codex.sse_event"), text("event.kind", kind), text("model", "gpt-5"),
            text("conversation.id", "c1"), number("input_token_count", 100), number("cached_token_count", 60),
            number("output_token_count", 20), number("reasoning_token_count", 15),
        ] })
    };
    let body = json!({ "resourceLogs": [{ "scopeLogs": [{ "logRecords": [
        request(Some(json!({ "doubleValue": 0.5 }))), request(Some(json!({ "stringValue": "0.25" }))),
        request(None), codex("response.created"), codex("response.completed"),
        { "body": { "stringValue": "claude_code.user_prompt" } },
    ] }] }] });
    assert_eq!(
        said(TelemetrySignal::Logs, &body),
        [
            "c1 openai gpt-5: 40 in, 20 out, 60 read, 0 written, 1 calls, unknown",
            "s1 anthropic sonnet: 3 in, 4 out, 5 read, 6 written, 1 calls, unknown",
            "s1 anthropic sonnet: 6 in, 8 out, 10 read, 12 written, 2 calls, 0.75",
        ]
    );
}

#[test]
fn spans_and_metrics_of_the_conventions_are_understood() {
    let span = |operation: &str| {
        json!({ "name": "chat opus", "attributes": [
            text("gen_ai.operation.name", operation), text("gen_ai.provider.name", "anthropic"),
            text("gen_ai.request.model", "opus"), text("gen_ai.response.model", "opus-4-6"),
            number("gen_ai.usage.input_tokens", 100), number("gen_ai.usage.cache_read.input_tokens", 60),
            number("gen_ai.usage.cache_creation.input_tokens", 30), number("gen_ai.usage.output_tokens", 7),
        ] })
    };
    let body =
        json!({ "resourceSpans": [{ "scopeSpans": [{ "spans": [span("chat"), span("execute_tool")] }] }] });
    assert_eq!(
        said(TelemetrySignal::Traces, &body),
        ["- anthropic opus-4-6: 10 in, 7 out, 60 read, 30 written, 1 calls, unknown"]
    );
    let point = |kind: &str, sum: u64| {
        json!({ "attributes": [text("gen_ai.token.type", kind), text("gen_ai.request.model", "opus")],
                "count": "2", "sum": sum })
    };
    let body = json!({ "resourceMetrics": [{ "scopeMetrics": [{ "metrics": [{
        "name": "gen_ai.client.token.usage",
        "histogram": { "aggregationTemporality": 1, "dataPoints": [point("input", 9), point("output", 8)] },
    }] }] }] });
    assert_eq!(
        said(TelemetrySignal::Metrics, &body),
        ["- - opus: 9 in, 8 out, 0 read, 0 written, 0 calls, unknown"]
    );
}

#[test]
fn what_is_no_otlp_is_refused_and_what_is_strange_counts_nothing() {
    for wrong in ["", "[]", "{\"resourceLogs\":7}"] {
        assert!(
            matches!(read(TelemetrySignal::Logs, wrong.as_bytes()), Err(OtlpError::Malformed { .. })),
            "{wrong}"
        );
    }
    let named = |name: &str| {
        let resource = json!({ "attributes": [text(name, "x")] });
        json!({ "resourceLogs": [{ "resource": resource }] }).to_string()
    };
    for name in ["waybill.run", "waybill.step"] {
        let refused = read(TelemetrySignal::Logs, named(name).as_bytes()).unwrap_err();
        assert!(refused.to_string().contains(name), "{refused}");
    }
    for strange in [json!(-5), json!("NaN"), json!(1e300), Value::Null] {
        let mut body = metrics(&json!(1));
        body["resourceMetrics"][0]["scopeMetrics"][0]["metrics"][0]["sum"]["dataPoints"][0]["asDouble"] =
            strange;
        assert!(said(TelemetrySignal::Metrics, &body)[0].contains(": 0 in, 345 out"));
    }
    assert_eq!(read(TelemetrySignal::Traces, b"{}").unwrap(), []);
}
