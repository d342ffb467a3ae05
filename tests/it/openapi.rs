//! The documents that describe the interface, and that nothing they name is open to strangers.

use std::collections::BTreeSet;

use domain::aggregates;
use kit::server::{Server, send};
use kit::story::id;
use projections::{Scope, views};
use serde_json::Value;

/// Paths that need no token; whatever else the document names does.
const OPEN: &[&str] = &["/livez"];

/// Paths without a token that are no part of the interface's document.
const PAGES: &[&str] =
    &["/", "/docs", "/openapi.json", "/asyncapi.json", "/assets/style.css", "/assets/live.js", "/setup"];

fn refs<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(target)) = fields.get("$ref") {
                found.insert(target);
            }
            fields.values().for_each(|value| refs(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| refs(value, found)),
        _ => {}
    }
}

#[track_caller]
fn check_refs(document: &Value, at_least: usize) {
    let mut found = BTreeSet::new();
    refs(document, &mut found);
    assert!(found.len() >= at_least, "{}", found.len());
    for target in found {
        let pointer = target.strip_prefix('#').unwrap_or_else(|| panic!("{target} leads elsewhere"));
        assert!(document.pointer(pointer).is_some(), "{target} leads nowhere");
    }
}

#[test]
fn every_reference_leads_somewhere() {
    check_refs(&api::openapi(), 60);
    check_refs(&api::asyncapi(), 5);
}

#[test]
fn every_command_view_and_event_is_described() {
    let document = api::openapi();
    let mut operations = BTreeSet::new();
    for aggregate in aggregates() {
        for command in &aggregate.commands {
            let operation =
                &document["paths"][format!("/v1/{}/{{id}}/{}", aggregate.name, command.name)]["post"];
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            assert!(schema.is_object(), "{} {}", aggregate.name, command.name);
            assert!(
                operations.insert(operation["operationId"].to_string()),
                "{} twice",
                operation["operationId"]
            );
        }
        for event in &aggregate.events {
            assert!(document["components"]["schemas"].get(event.name).is_some(), "{}", event.name);
        }
    }
    for view in views() {
        let key = if matches!(view.scope, Scope::Live) { "" } else { "/{id}" };
        let operation = &document["paths"][format!("/v1/views/{}{key}", view.name)]["get"];
        assert!(operation["responses"]["200"].is_object(), "{}", view.name);
        assert!(
            operations.insert(operation["operationId"].to_string()),
            "{} twice",
            operation["operationId"]
        );
    }
}

#[test]
fn every_integer_says_how_large_it_may_be() {
    fn look(value: &Value, seen: &mut usize) {
        let parts: Box<dyn Iterator<Item = &Value>> = match value {
            Value::Object(fields) => Box::new(fields.values()),
            Value::Array(items) => Box::new(items.iter()),
            _ => return,
        };
        parts.for_each(|part| look(part, seen));
        if value["format"].as_str().is_some_and(|format| format.starts_with("uint")) {
            assert!(value["maximum"].is_u64(), "{value}");
            *seen += 1;
        }
    }
    let (document, mut seen) = (api::openapi(), 0);
    look(&document, &mut seen);
    assert!(seen > 100, "{seen}");
    let score = &document["components"]["schemas"]["ReviewScore"];
    assert_eq!((&score["minimum"], &score["maximum"]), (&1.into(), &10.into()));
}

#[test]
fn every_frame_is_described() {
    let text = api::asyncapi().to_string();
    for frame in [
        "hello", "sub", "unsub", "ping", "welcome", "snap", "delta", "events", "live", "reset", "error",
        "pong", "bye", "view", "end",
    ] {
        assert!(text.contains(&format!("\"const\":\"{frame}\"")), "{frame}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_not_listed_as_open_wants_the_token() {
    let server = Server::memory().await;
    let document = server.get("/openapi.json").await.ok();
    assert_eq!(document, api::openapi());
    let mut closed = 0;
    for (path, operations) in document["paths"].as_object().expect("paths") {
        for method in operations.as_object().expect("operations").keys() {
            let place = path.replace("{id}", &id(1));
            let answer = send(server.anonymous(&method.to_uppercase(), &place)).await;
            if OPEN.contains(&path.as_str()) {
                assert_eq!(answer.status, 200, "{method} {path}");
                continue;
            }
            // Who logs in has no token yet; what it takes instead is JSON.
            if ["/v1/auth/login", "/v1/auth/setup"].contains(&path.as_str()) {
                assert_eq!(answer.status, 415, "{}", answer.text);
                continue;
            }
            assert!(answer.problem().starts_with("401 unauthorized"), "{method} {path}: {}", answer.status);
            let answered = send(server.request(&method.to_uppercase(), &place).query(&[("x", "1")])).await;
            assert_ne!(answered.status, 401, "{method} {path}");
            assert!(answered.status < 500, "{method} {path}: {}", answered.text);
            closed += 1;
        }
    }
    assert!(closed > 70, "{closed}");
    for page in PAGES {
        let answer = send(server.anonymous("GET", page)).await;
        assert_eq!(answer.status, 200, "{page}");
        let policy = answer.headers["content-security-policy"].to_str().expect("a text");
        assert!(policy.contains("default-src 'none'"), "{page}: {policy}");
        assert!(!answer.text.contains("https://") || page.ends_with("json"), "{page} asks elsewhere");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn health_and_metrics_say_what_is() {
    let server = Server::memory().await;
    let (path, body) = kit::story::create_project(1);
    let _ = server.post(&path, &body).await.ok();
    server.engine.caught_up().await;
    let ready = server.get("/readyz").await.ok();
    assert_eq!((&ready["ready"], &ready["log"]["durability"]), (&Value::Bool(true), &"memory".into()));
    assert_eq!(ready["log"]["head"], 2);
    let metrics = server.get("/metrics").await;
    assert!(metrics.headers["content-type"].as_bytes().starts_with(b"application/openmetrics-text"));
    for line in ["waybill_log_events 3", "waybill_commands_total{outcome=\"accepted\"} 1", "# EOF"] {
        assert!(metrics.text.lines().any(|one| one == line), "no `{line}` in {}", metrics.text);
    }
    server.engine.close().expect("it closes");
    let refused = server.post(&path, &body).await;
    assert_eq!(refused.status, 409, "{}", refused.text);
    let (path, body) = kit::story::create_project(2);
    let refused = server.post(&path, &body).await;
    assert!(refused.problem().starts_with("503 overloaded: the server is stopping"), "{}", refused.text);
}
