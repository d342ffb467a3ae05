//! Commands over HTTP: the life of a run, repetitions, expectations, references.

use std::fmt::Write as _;

use domain::aggregates;
use expect_test::expect;
use kit::server::{Server, send};
use kit::story::{PROJECT, RUN, create_project, id, life, request, run};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_life_of_a_run_shows_in_the_views() {
    let server = Server::memory().await;
    let mut last = Value::Null;
    // Before the first command stand the writer's own event and the claim of the project's slug.
    for (n, (path, body)) in (2_u64..).zip(life()) {
        last = server.post(&path, &body).await.ok();
        assert_eq!((&last["position"], &last["duplicate"]), (&json!(n), &json!(false)), "{path}");
    }
    let position = last["position"].as_u64().expect("a position");
    let runs = server.get(&format!("/v1/views/runs?min_position={position}")).await.ok();
    assert_eq!(
        (&runs["rows"][0]["key"], &runs["rows"][0]["row"]["status"]),
        (&json!(RUN), &json!("completed"))
    );
    let timeline = server.get(&format!("/v1/views/run-timeline/{RUN}")).await.ok();
    assert_eq!(timeline["position"], position);
    let usage = server.get("/v1/views/usage").await.ok();
    assert_eq!(usage["rows"].as_array().map(Vec::len), Some(1), "{usage}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_command_of_the_registry_has_its_route() {
    let server = Server::memory().await;
    let mut count = 0;
    for aggregate in aggregates() {
        for command in &aggregate.commands {
            let path = format!("/v1/{}/{}/{}", aggregate.name, id(1), command.name);
            let answer = server.post(&path, &json!({ "no_such_field": 1 })).await;
            let code = answer.json()["code"].clone();
            assert!(code == "invalid_body", "{path}: {} {}", answer.status, answer.text);
            count += 1;
        }
    }
    assert!(count > 60, "{count}");
    assert_eq!(server.head(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repetition_under_its_key_gets_the_first_answer() {
    let server = Server::memory().await;
    let (path, body) = create_project(1);
    let keyed = |body: &Value| {
        let request =
            server.request("POST", &path).header("idempotency-key", id(50)).header("if-match", "none");
        send(request.json(body))
    };
    let first = keyed(&body).await.ok();
    assert_eq!(first["commit"], id(50));
    let mut again = keyed(&body).await.ok();
    assert_eq!(again["duplicate"], true);
    again["duplicate"] = json!(false);
    assert_eq!(again, first);
    let head = server.head();
    let reused = keyed(&json!({ "slug": "other", "name": "Other" })).await;
    expect!["409 idempotency_key_reused: idempotency key `01J00000000000000000000050` stands for another command | use a new ULID for a new command"].assert_eq(&reused.problem());
    assert_eq!(server.head(), head);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_repetitions_all_get_the_first_answer() {
    let server = std::sync::Arc::new(Server::memory().await);
    for n in 1..30 {
        let posts = (0..8).map(|_| {
            let server = server.clone();
            tokio::spawn(async move {
                let (path, body) = create_project(n);
                send(server.request("POST", &path).header("idempotency-key", id(100 + n)).json(&body))
                    .await
                    .ok()
            })
        });
        let mut first = 0;
        let mut positions = std::collections::BTreeSet::new();
        for post in posts.collect::<Vec<_>>() {
            let answer = post.await.expect("it is answered");
            first += usize::from(answer["duplicate"] == false);
            positions.insert(answer["position"].as_u64());
        }
        assert_eq!((first, positions.len()), (1, 1), "round {n}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn expectations_are_met_or_refused() {
    let server = Server::lived().await;
    let rename = format!("/v1/project/{PROJECT}/rename");
    let body = json!({ "slug": "project-1", "name": "New" });
    let expecting = |expected: &str| {
        let (rename, expected) = (rename.clone(), expected.to_owned());
        send(server.request("POST", &rename).header("if-match", expected).json(&body))
    };
    let head = server.head();
    let mut refused = String::new();
    for expected in ["none", "7", "\"7\"", "later"] {
        writeln!(refused, "{expected}: {}", expecting(expected).await.problem()).expect("strings take text");
    }
    expect![[r#"
        none: 412 version_conflict: expected stream `project-01J00000000000000000000001` at version none, but it is at 0 | read the stream again and decide anew, or leave the expectation out
        7: 412 version_conflict: expected stream `project-01J00000000000000000000001` at version 7, but it is at 0 | read the stream again and decide anew, or leave the expectation out
        "7": 412 version_conflict: expected stream `project-01J00000000000000000000001` at version 7, but it is at 0 | read the stream again and decide anew, or leave the expectation out
        later: 400 invalid_parameter [if-match]: `if-match`: expected a version, or any, none, exists, got `later` | send a version, or any, none, exists, or leave `if-match` out
    "#]].assert_eq(&refused);
    assert_eq!(server.head(), head);
    for (version, expected) in (1..).zip(["\"0\"", "*", "exists", "any", "4"]) {
        assert_eq!(expecting(expected).await.ok()["version"], version, "{expected}");
    }
    let missing = format!("/v1/project/{}/rename", id(999));
    let missing = send(server.request("POST", &missing).header("if-match", "3").json(&body)).await;
    expect!["412 version_conflict: expected stream `project-01J00000000000000000000999` at version 3, but it is at none | read the stream again and decide anew, or leave the expectation out"].assert_eq(&missing.problem());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reference_must_exist_before_it_is_used() {
    let server = Server::memory().await;
    let (path, body) = request(RUN, PROJECT);
    assert_eq!(server.post(&path, &body).await.status, 422);
    let (create, project) = create_project(1);
    let _ = server.post(&create, &project).await.ok();
    let _ = server.post(&path, &body).await.ok();
    let (start, body) = run(RUN, "start", json!({}));
    // An empty body stands for an object without fields.
    let _ = send(server.request("POST", &start)).await.ok();
    assert_eq!(server.post(&start, &body).await.status, 409);
}
