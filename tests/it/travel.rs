//! Time travel: the past over HTTP and WebSocket, differences, views folded anew, views that an event broke.

use std::path::Path;

use domain::ids::{ProjectId, SchemaVersion, TypeId};
use domain::{Actor, Expected, Fingerprint, Ulid};
use journal::{Journal, NewCommit, NewEvent, Options};
use kit::server::{Server, within};
use kit::socket::Socket;
use kit::story::{PROJECT, RUN, create_project, id};
use serde_json::{Value, json};

use crate::cli::run::{Data, data_file};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_changed_is_told_by_key_field_and_event() {
    let server = Server::lived().await;
    let log = server.get("/v1/events?limit=100").await.ok();
    let events = log["events"].as_array().expect("events");
    let place = |name: &str| {
        let found = events.iter().find(|event| event["type"] == name).expect("the run has lived");
        found["position"].as_u64().expect("a position")
    };
    let (started, done) = (place("RunStarted"), place("RunCompleted"));
    let diff = server.get(&format!("/v1/views/runs/diff?from={}&to={done}", started - 1)).await.ok();
    assert_eq!((&diff["from"], &diff["to"]), (&json!(started - 1), &json!(done)));
    assert_eq!(diff["rows"], json!({ "equal": 0, "added": 0, "removed": 0, "changed": 1 }));
    let change = &diff["changes"][0];
    assert_eq!((&change["key"], &change["change"]), (&json!(RUN), &json!("changed")));
    let fields = change["fields"].as_array().expect("fields");
    let status = fields.iter().find(|field| field["field"] == "status").expect("it has ended");
    assert_eq!(status, &json!({ "field": "status", "old": "pending", "new": "completed" }));
    let named: Vec<_> =
        change["events"].as_array().expect("events").iter().map(|event| &event["type"]).collect();
    assert_eq!((named[0], *named.last().expect("some")), (&json!("RunStarted"), &json!("RunCompleted")));
    assert_eq!(change["events_total"].as_u64(), Some(done - started + 1));
    // By time as by position, and per stream as well.
    let time = events[usize::try_from(done).expect("small")]["time"].as_str().expect("a time").to_owned();
    let by_time = server.get(&format!("/v1/views/runs/diff?from=2000-01-01T00:00:00Z&to={time}")).await.ok();
    assert_eq!((&by_time["from"], &by_time["changes"][0]["change"]), (&Value::Null, &json!("added")));
    let timeline =
        server.get(&format!("/v1/views/run-timeline/diff?key={RUN}&from={started}&to={done}")).await.ok();
    assert!(timeline["rows"]["added"].as_u64() > Some(0), "{timeline}");
    let none = server.get("/v1/views/runs/diff?from=0&to=99&status=failed").await.ok();
    assert_eq!(none["changes"], json!([]));
    for (path, told) in [
        ("/v1/views/runs/diff?from=1", "400 invalid_parameter [to]: `to` is missing"),
        ("/v1/views/runs/diff?from=3&to=1", "422 invalid_field: expected `from` up to `to`, got 3 and 1"),
        ("/v1/views/rums/diff?from=1&to=2", "404 unknown_route: unknown view `rums`"),
        ("/v1/views/run-timeline/diff?from=1&to=2", "400 invalid_parameter: view run-timeline wants the id"),
        (
            "/v1/views/runs/diff?from=1&to=2&colour=red",
            "400 invalid_parameter [colour]: view runs has no filter",
        ),
    ] {
        let problem = server.get(path).await.problem();
        assert!(problem.starts_with(told), "{path}: {problem}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_socket_reads_the_past_and_it_ends_there() {
    let server = Server::lived().await;
    let (mut socket, _) = Socket::welcomed(&server).await;
    for at in [json!("3"), json!("2026-09-21T14:13:20Z")] {
        socket.send(&json!({ "type": "sub", "id": "past", "topic": "view:runs", "at": at })).await;
        let (snap, end) = (socket.next().await, socket.next().await);
        let then = server.get(&format!("/v1/views/runs?at={}", at.as_str().expect("text"))).await.ok();
        assert_eq!((&snap["data"], &snap["position"]), (&then["rows"], &then["position"]), "{at}");
        assert_eq!(end, json!({ "type": "end", "id": "past", "position": then["position"] }));
        // It is over: the name is free again.
    }
    let topic = format!("view:run-timeline/{RUN}");
    socket.send(&json!({ "type": "sub", "id": "past", "topic": topic, "at": "5" })).await;
    assert_eq!(socket.next().await["position"], 5);
    assert_eq!(socket.next().await["type"], "end");
    let from = json!({ "log": PROJECT, "epoch": 1, "position": 1 });
    for (sub, told) in [
        (json!({ "type": "sub", "id": "x", "topic": "events", "at": "5" }), "only a view is read"),
        (json!({ "type": "sub", "id": "x", "topic": "view:runs", "at": "5", "from": from }), "came together"),
        (json!({ "type": "sub", "id": "x", "topic": "view:runs", "at": "yesterday" }), "expected a position"),
    ] {
        socket.send(&sub).await;
        let refused = socket.next().await;
        let detail = refused["problem"]["detail"].as_str().unwrap_or_default();
        assert!(refused["type"] == "error" && detail.contains(told), "{refused}");
    }
}

async fn rebuilt(server: &Server, path: &str) -> Value {
    let begun = server.post(path, &Value::Null).await;
    assert_eq!(begun.status, 202, "{}", begun.text);
    let ended = async {
        loop {
            let status = server.get("/v1/rebuild").await.ok();
            if !matches!(status["phase"].as_str(), Some("folding" | "swapping")) {
                return status;
            }
            tokio::task::yield_now().await;
        }
    };
    within("the rebuild", ended).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn subscribers_see_a_rebuilt_view_without_a_gap() {
    let server = Server::lived().await;
    let (mut socket, _) = Socket::welcomed(&server).await;
    socket.send(&json!({ "type": "sub", "id": "p", "topic": "view:projects" })).await;
    let (snap, live) = (socket.next().await, socket.next().await);
    assert_eq!((&snap["type"], &live["type"]), (&json!("snap"), &json!("live")));
    let status = rebuilt(&server, "/v1/views/projects/rebuild").await;
    let view = &status["views"][0];
    assert_eq!((&status["phase"], &view["outcome"]), (&json!("done"), &json!("swapped")));
    assert_eq!(view["rows"], json!({ "equal": 1, "added": 0, "removed": 0, "changed": 0 }));
    let told = socket.next().await;
    assert_eq!(told, json!({ "type": "view", "id": "p", "view": "projects", "version": 1, "generation": 1 }));
    // Nothing else was lost or repeated: the next frame is the next change.
    let (path, body) = create_project(2);
    let _ = server.post(&path, &body).await.ok();
    let delta = socket.next().await;
    assert_eq!((&delta["type"], &delta["from"]), (&json!("delta"), &live["position"]));
    assert_eq!(delta["set"][0]["key"], id(2));
    let all = rebuilt(&server, "/v1/rebuild").await;
    assert!(all["views"].as_array().expect("views").iter().all(|view| view["outcome"] == "swapped"), "{all}");
    assert_eq!(socket.next().await["generation"], 2);
    let back = rebuilt(&server, "/v1/views/projects/back").await;
    assert_eq!((&back["source"], &back["views"][0]["outcome"]), (&json!("kept"), &json!("swapped")));
    let kept = server.post("/v1/views/projects/confirm", &Value::Null).await.ok();
    assert!(!kept["kept"].as_array().expect("names").contains(&json!("projects")), "{kept}");
    for (path, told) in [
        ("/v1/views/projects/back", "409 illegal_state: of view projects no older state is kept"),
        ("/v1/views/projects/retry", "409 illegal_state: view projects does not stand still"),
        (
            "/v1/views/run-timeline/rebuild",
            "400 invalid_parameter: view run-timeline is folded when it is read",
        ),
        ("/v1/views/x/rebuild", "404 unknown_route: unknown view `x`"),
        ("/v1/views/projects/paint", "404 unknown_route: a view has no verb `paint`"),
        ("/v1/views/projects/skip", "400 invalid_body"),
    ] {
        let problem = server.post(path, &Value::Null).await.problem();
        assert!(problem.starts_with(told), "{path}: {problem}");
    }
    let report = server.post("/v1/views/verify", &Value::Null).await.ok();
    assert_eq!(report["verified"], true, "{report}");
}

/// A project whose payload no release can read, and one behind it.
fn poison(folder: &Path) -> u64 {
    let journal = Journal::open(folder, Options::default()).expect("the log opens");
    let commit = |n: u128, payload: Vec<u8>| NewCommit {
        stream: ProjectId::from(Ulid(n)).into(),
        expected: Expected::None,
        commit: Ulid(n).into(),
        fingerprint: Fingerprint(1),
        actor: Actor::System,
        causation: None,
        correlation: None,
        project: None,
        occurred_at: None,
        events: vec![NewEvent { type_id: TypeId(100), schema_version: SchemaVersion(1), payload }],
    };
    let receipt = journal.commit(commit(7, vec![0xff; 3])).expect("it is taken as any");
    journal.close().expect("it closes");
    receipt.position.0
}

#[test]
fn the_binary_tells_what_changed_rebuilds_verifies_and_passes_over() {
    let data = Data::new();
    data.ok(&["import", "pi", &data_file("pi-large-session.jsonl"), "--project", "demo"]);
    let head = data.json(&["view", "usage"])["position"].as_u64().expect("a position");
    let (middle, last) = ((head / 2).to_string(), head.to_string());
    let diff = data.json(&["diff", "runs", "--from", &middle, "--to", &last]);
    assert_eq!(diff["rows"]["changed"], 1);
    assert_eq!(diff["changes"][0]["events"].as_array().map(Vec::len), Some(20));
    let text = data.ok(&["diff", "runs", "--from", &middle, "--to", &last]);
    assert!(text.contains("\n    assistant_messages: ") && text.contains(" more\n"), "{text}");
    let run = diff["changes"][0]["key"].as_str().expect("a key").to_owned();
    let lines =
        data.ok(&["diff", "run-timeline", &run, "--from", "0", "--to", &middle, "--output", "ndjson"]);
    assert!(lines.lines().all(|line| line.contains("\"change\":\"added\"")), "{lines}");
    assert_eq!(data.run(&["diff", "runs", "--from", &last, "--to", "0"]).code, 2);

    let status = data.json(&["rebuild", "--all"]);
    let views = status["views"].as_array().expect("views");
    assert!(
        views.iter().all(|view| view["outcome"] == "swapped" && view["differences"] == json!([])),
        "{status}"
    );
    assert!(data.ok(&["rebuild", "usage", "--back"]).contains("all as before"));
    assert!(data.ok(&["rebuild", "--all", "--confirm"]).contains("no older state is kept"));
    let verified = data.ok(&["verify", "--views"]);
    assert!(verified.starts_with("Verified: ") && verified.contains("as stored"), "{verified}");

    let position = poison(data.path()).to_string();
    let broken = data.run(&["view", "projects"]);
    assert!(broken.code == 1 && broken.stderr.contains("waybill views skip projects"), "{broken:?}");
    assert_eq!(data.run(&["view", "usage"]).code, 0, "others go on");
    let list = data.run(&["views"]);
    assert!(list.code == 1 && list.stdout.contains(&format!("at position {position}")), "{list:?}");
    let found = data.run(&["verify", "--views"]);
    assert!(found.code == 1 && found.stdout.contains("BREAKS it"), "{found:?}");
    assert_eq!(data.run(&["views", "retry", "projects"]).code, 1);
    let skip = ["views", "skip", "projects", "--position", &position, "--reason", "no release wrote it"];
    data.ok(&skip);
    assert_eq!(data.json(&["view", "projects"])["rows"].as_array().map(Vec::len), Some(1));
    // The decision is in the log: views that are folded from nothing pass over it too.
    std::fs::remove_dir_all(data.path().join("views")).expect("they are there");
    assert_eq!(data.json(&["view", "projects"])["rows"].as_array().map(Vec::len), Some(1));
    let server = data.serve();
    let members = ["views", "skip", "members", "--position", &position, "--reason", "as for projects"];
    data.ok(&members);
    assert_eq!(data.run(&["view", "members"]).code, 0);
    drop(server);
}
