//! What the tests tell the server: fixed ids, the life of a run, and a recorded session.

use std::ops::ControlFlow;
use std::path::PathBuf;

use domain::{Actor, Command};
use engine::{Engine, Envelope, Receipt};
use replay::import::{Format, Found, Item, Options};
use serde_json::{Value, json};

use crate::root;

/// The `n`th id that tests give out.
#[must_use]
pub fn id(n: u64) -> String {
    format!("01J000000000000000000{n:05}")
}

/// The project of the tests.
pub const PROJECT: &str = "01J00000000000000000000001";
/// The run of the tests.
pub const RUN: &str = "01J00000000000000000000002";
/// The step of the tests.
pub const STEP: &str = "01J00000000000000000000003";

/// A command over HTTP: path and body.
pub type Told = (String, Value);

/// Makes the `n`th project.
#[must_use]
pub fn create_project(n: u64) -> Told {
    let (project, slug) = (id(n), format!("project-{n}"));
    (format!("/v1/project/{project}/create"), json!({ "slug": slug, "name": format!("Project {n}") }))
}

/// A command to a run.
#[must_use]
pub fn run(run: &str, command: &str, body: Value) -> Told {
    (format!("/v1/run/{run}/{command}"), body)
}

/// Asks for a run of a project.
#[must_use]
pub fn request(of: &str, project: &str) -> Told {
    run(of, "request", json!({ "project": project, "source": "workflow", "prompt": "add a healthcheck" }))
}

/// The whole life of a run, from its project on.
#[must_use]
pub fn life() -> Vec<Told> {
    let usage = json!({ "step": STEP, "model": "claude-opus-4-5", "provider": "anthropic", "input_tokens": 12,
        "output_tokens": 340, "cache_read_tokens": 5600, "cost_usd": 0.0123 });
    let message = json!({ "step": STEP, "message": id(4), "role": "assistant", "content": "I look around." });
    let call =
        json!({ "step": STEP, "call_id": "call-1", "tool": "bash", "arguments": "{\"command\":\"ls\"}" });
    let result =
        json!({ "step": STEP, "call_id": "call-1", "tool": "bash", "output": "src", "duration_ms": 12 });
    vec![
        create_project(1),
        request(RUN, PROJECT),
        run(RUN, "start", json!({})),
        run(RUN, "start-step", json!({ "step": STEP, "role": "designer", "model": "claude-opus-4-5" })),
        run(RUN, "append-step-message", message),
        run(RUN, "record-tool-call", call),
        run(RUN, "record-tool-result", result),
        run(RUN, "record-usage", usage),
        run(RUN, "complete-step", json!({ "step": STEP })),
        run(RUN, "complete", json!({ "summary": "done" })),
    ]
}

/// The same as a line of `POST /v1/commands`.
///
/// # Panics
/// The path is not that of a command.
#[must_use]
pub fn line((path, body): &Told) -> Value {
    let parts: Vec<_> = path.trim_start_matches("/v1/").split('/').collect();
    let [aggregate, id, command] = parts[..] else { panic!("no command: {path}") };
    json!({ "stream": format!("{aggregate}-{id}"), "command": command, "body": body })
}

/// The same as an envelope.
///
/// # Panics
/// It is no command.
#[must_use]
pub fn envelope(told: &Told) -> Envelope {
    let line = line(told);
    let stream: domain::StreamId = line["stream"].as_str().expect("a stream").parse().expect("a stream");
    let name = line["command"].as_str().expect("a command");
    let body = told.1.to_string();
    let command = Command::parse(stream.category, name, body.as_bytes()).expect("the command is well formed");
    Envelope::new(stream, command, Actor::Operator)
}

/// The recorded session of the tests.
#[must_use]
pub fn session() -> PathBuf {
    root().join("tests").join("data").join("pi-large-session.jsonl")
}

/// The commands of the recorded session.
///
/// # Panics
/// The file cannot be read, or a line of it not used.
#[must_use]
pub fn session_items() -> Vec<Item> {
    let mut items = vec![];
    let mut sink = |found| {
        match found {
            Found::Item(item) => items.push(*item),
            Found::Bad(bad) => panic!("{bad:?}"),
        }
        ControlFlow::Continue(())
    };
    replay::import::import(Format::Pi, &session(), &Options::into_slug("demo"), &mut sink)
        .expect("the session can be read");
    items
}

/// Executes commands in order, `at_once` of them under way together.
///
/// # Panics
/// One is refused.
pub async fn import(engine: &Engine, items: &[Item], at_once: usize) -> Vec<Receipt> {
    let mut receipts = vec![];
    for chunk in items.chunks(at_once) {
        let mut submitted = vec![];
        for item in chunk {
            let envelope = Envelope {
                commit: Some(item.commit),
                occurred_at: item.occurred_at,
                correlation: item.correlation,
                ..Envelope::new(item.stream, item.command.clone(), Actor::Importer)
            };
            submitted.push(engine.submit(envelope).await);
        }
        for submission in submitted {
            receipts.push(submission.receipt().await.expect("the session is in order"));
        }
    }
    receipts
}
