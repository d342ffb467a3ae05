//! Full-text search as clients and the command line see it.

use kit::server::{Server, send};
use serde_json::{Value, json};

use crate::cli::run::Data;

const PROJECT: &str = "01JD0000000000000000000001";
const RUN: &str = "01JD0000000000000000000002";
const STEP: &str = "01JD0000000000000000000003";

/// A run in which these messages were said; the position of the last.
async fn said(server: &Server, messages: &[&str]) -> u64 {
    let mut position = 0;
    let run = |command: &str| format!("/v1/run/{RUN}/{command}");
    let mut post = vec![
        (format!("/v1/project/{PROJECT}/create"), json!({"slug": "search", "name": "Search"})),
        (run("request"), json!({"project": PROJECT, "source": "sandbox", "prompt": "Mind the rate limit"})),
        (run("start"), json!({})),
        (run("start-step"), json!({"step": STEP, "role": "designer"})),
    ];
    for (n, content) in messages.iter().enumerate() {
        let message = format!("01JD00000000000000000010{n:02}");
        let body = json!({"step": STEP, "message": message, "role": "assistant", "content": content});
        post.push((run("append-step-message"), body));
    }
    for (path, body) in post {
        let answer = server.post(&path, &body).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        position = answer.json()["position"].as_u64().expect("it has one");
    }
    position
}

fn texts(answer: &Value) -> Vec<&str> {
    let hits = answer["hits"].as_array().expect("it has hits");
    hits.iter().map(|hit| hit["snippet"]["text"].as_str().expect("it has a text")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_just_said_is_found() {
    let server = Server::memory().await;
    let position = said(&server, &["The rate limit was hit", "Waiting for the limit to pass"]).await;
    let found = server.get(&format!("/v1/search?q=limit&min_position={position}")).await;
    assert_eq!(found.status, 200, "{}", found.text);
    let found = found.json();
    assert_eq!((&found["total"], &found["complete"]), (&json!(3), &json!(true)));
    let phrase = server.get("/v1/search?q=%22rate+limit%22&kind=message").await.json();
    assert_eq!(texts(&phrase), ["The rate limit was hit"]);
    let hit = &phrase["hits"][0];
    assert_eq!(hit["snippet"]["ranges"], json!([[4, 8], [9, 14]]));
    assert_eq!(
        (&hit["run"], &hit["project"], &hit["role"]),
        (&json!(RUN), &json!(PROJECT), &json!("assistant"))
    );
    let prompts = server.get(&format!("/v1/search?q=li*&kind=prompt&project={PROJECT}&limit=1")).await.json();
    assert_eq!(texts(&prompts), ["Mind the rate limit"]);
    assert_eq!(server.get("/v1/search?q=limit&until=2020-01-01T00:00:00Z").await.json()["total"], json!(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_answered_says_why() {
    let server = Server::memory().await;
    let position = said(&server, &[]).await;
    for (query, status, code, word) in [
        ("", 422, "invalid_field", "one word"),
        ("?q=%22open", 422, "invalid_field", "closes the phrase"),
        ("?q=a*", 422, "invalid_field", "characters before"),
        ("?q=a&kind=gossip", 422, "invalid_field", "message"),
        ("?q=a&limit=0", 422, "invalid_field", "1 to 100"),
        ("?q=a&limit=101", 400, "invalid_parameter", "at most 100"),
        ("?q=a&after=x", 400, "invalid_parameter", "earlier answer"),
        ("?q=a&run=x", 400, "invalid_parameter", "ULID"),
        ("?q=a&sort=time", 400, "invalid_parameter", "min_position"),
    ] {
        let answer = server.get(&format!("/v1/search{query}")).await;
        assert_eq!(answer.status, status, "{query}: {}", answer.text);
        let problem = answer.json();
        assert_eq!(problem["code"], json!(code), "{query}");
        assert!(problem["detail"].as_str().expect("it has one").contains(word), "{query}: {problem}");
    }
    let never = server.get(&format!("/v1/search?q=a&min_position={}&wait=10", position + 1)).await;
    assert_eq!((never.status, &never.json()["code"]), (504, &json!("not_yet")));
    assert_eq!(send(server.anonymous("GET", "/v1/search?q=a")).await.status, 401);
}

#[test]
fn the_command_line_finds_the_same_in_a_folder_and_through_a_server() {
    let data = Data::new();
    data.ok(&["import", "pi", &crate::cli::run::data_file("pi-large-session.jsonl"), "--project", "big"]);
    let words = ["search", "test*", "--kind", "message", "--limit", "5"];
    let here = data.json(&words);
    assert!(here["total"].as_u64().expect("a number") > 0, "{here}");
    assert_eq!(here["complete"], json!(true));
    let lines = data.ok(&[&words[..], &["--output", "ndjson"]].concat());
    assert_eq!(lines.lines().count(), here["hits"].as_array().expect("a list").len());
    assert!(data.ok(&words).contains("as of position "));

    let server = data.serve();
    assert_eq!(data.json(&words)["hits"], here["hits"]);
    server.stop();
    let refused = data.run(&["search", "\"open"]);
    assert_eq!(refused.code, 2, "{refused:?}");
}

#[test]
fn an_index_outlives_a_kill_and_a_folder_that_is_damaged() {
    let data = Data::new();
    data.ok(&["import", "pi", &crate::cli::run::data_file("pi-large-session.jsonl"), "--project", "big"]);
    let words = ["search", "error"];
    // Killed while the index is built, most likely.
    data.serve().kill();
    let before = data.json(&words);
    assert_eq!(before["complete"], json!(true));
    let index = data.path().join("search");
    std::fs::write(index.join("meta.json"), "nonsense").expect("it can be written to");
    assert_eq!(data.json(&words)["hits"], before["hits"]);
    std::fs::remove_dir_all(&index).expect("it can be removed");
    assert_eq!(data.json(&words)["hits"], before["hits"]);
}
