//! What proves the log, over HTTP: tiles, checkpoints, keys, proofs and evidence, read by us and by strangers.

use std::fmt::Write as _;
use std::process::Command;

use domain::ids::Position;
use expect_test::expect;
use kit::server::{Answer, Server, TOKEN, send, within};
use kit::story::{RUN, create_project, id};
use proof::{Checkpoint, Note, Outcome, Trust, VerifyingKey, bundle, entry};
use replay::{Consistency, Inclusion, LogKeys};
use serde_json::{Value, json};

/// With a run and enough more that tiles fill up.
async fn long() -> Server {
    let server = Server::lived().await;
    for n in 100..400 {
        let (path, body) = create_project(n);
        let _ = server.post(&path, &body).await.ok();
    }
    server.engine.journal().checkpoint_now().expect("it signs");
    server
}

async fn key(server: &Server) -> VerifyingKey {
    let shown = server.get("/v1/log/key").await.ok();
    shown["key"].as_str().expect("a key").parse().expect("it is one")
}

fn parsed<T: serde::de::DeserializeOwned>(answer: &Answer) -> T {
    serde_json::from_value(answer.ok()).expect("it has the documented form")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_recomputes_the_root_and_every_proof() {
    let server = long().await;
    let mut command = Command::new(kit::python());
    command.args(["-B", "tlog.py", "--url", &server.url(""), "--token", TOKEN, "--run", RUN]);
    command.current_dir(kit::root().join("tests").join("clients"));
    let ran = tokio::task::spawn_blocking(move || command.output());
    let ended = within("the client", ran).await.expect("it is waited for").expect("it starts");
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    let told: Value = serde_json::from_slice(&ended.stdout).expect("it prints JSON");
    // The evidence that it took is told of in the log, behind what it recomputed.
    let size = told["size"].as_u64().expect("a size");
    assert!(size + 1 >= server.head().expect("there are events").0, "{told}");
    let root = server.engine.journal().root_at(size).expect("it is signed").to_string();
    assert_eq!((&told["size"], &told["root"]), (&json!(size), &json!(root)));
    assert!(told["proofs"].as_u64() > Some(20) && told["records"].as_u64() > Some(5), "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_checkpoint_is_signed_tagged_and_changes_with_the_log() {
    let server = long().await;
    let first = server.get("/v1/log/checkpoint").await;
    let key = key(&server).await;
    let (note, _) =
        Note::open(first.text.as_bytes(), std::slice::from_ref(&key)).expect("the key has signed");
    let checkpoint = Checkpoint::parse(note.text()).expect("it is a checkpoint");
    let identity = server.engine.journal().identity().clone();
    assert_eq!(checkpoint.origin, format!("waybill/{}/{}", identity.log_id, identity.epoch));
    let tag = first.headers["etag"].to_str().expect("a text").to_owned();
    let again = |tag: String| send(server.request("GET", "/v1/log/checkpoint").header("if-none-match", tag));
    assert_eq!(again(tag.clone()).await.status, 304);
    let (path, body) = create_project(900);
    let _ = server.post(&path, &body).await.ok();
    server.engine.journal().checkpoint_now().expect("it signs");
    let later = again(tag).await;
    assert_eq!(later.status, 200);
    let later = Checkpoint::parse(Note::parse(later.text.as_bytes()).expect("a note").text()).expect("one");
    // A project and the claim of its slug.
    assert_eq!(later.size, checkpoint.size + 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_of_the_tree_are_kept_for_ever_and_others_are_not_there() {
    let server = long().await;
    for path in ["tile/0/000", "tile/entries/000", "tile/0/001.p/3", "tile/1/000.p/1"] {
        let file = server.get(&format!("/v1/log/{path}")).await;
        assert_eq!(file.status, 200, "{path}: {}", file.text);
        let kept = file.headers["cache-control"].to_str().expect("a text");
        assert!(kept.contains("immutable") && kept.contains("private"), "{path}: {kept}");
    }
    for path in
        ["tile/0/999", "tile/9/000", "tile/0/0", "tile/0/000.p/256", "tile/..%2f..%2ftoken", "records/x"]
    {
        let problem = server.get(&format!("/v1/log/{path}")).await.problem();
        assert!(problem.starts_with("404 not_found: the last signed tree has no `"), "{path}: {problem}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn proofs_hold_under_the_pinned_key_alone() {
    let server = long().await;
    let trust = Trust { keys: vec![key(&server).await], ..Trust::default() };
    let own = LogKeys::default();
    for (position, size) in [(0, 1), (7, 200), (255, 256), (256, 300)] {
        let path = format!("/v1/log/proof/inclusion?position={position}&size={size}");
        let proof: Inclusion = parsed(&server.get(&path).await);
        let record = server.engine.journal().get(Position(position)).expect("it reads").expect("it is there");
        let shown = proof.check(&entry::leaf(record.bytes()), &own, &trust);
        assert_eq!(shown.findings.outcome(), Outcome::Verified, "{path}: {shown:?}");
    }
    let proof: Consistency = parsed(&server.get("/v1/log/proof/consistency?from=77&to=300").await);
    assert_eq!(proof.check(&own, &trust).findings.outcome(), Outcome::Verified);
    let wrong = Consistency { from: 78, ..proof };
    assert_eq!(wrong.check(&own, &trust).findings.outcome(), Outcome::Altered);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_was_just_acknowledged_can_be_proven_at_once() {
    let server = Server::memory().await;
    for n in 1..20 {
        let (path, body) = create_project(n);
        let position = server.post(&path, &body).await.ok()["position"].clone();
        let proof: Inclusion =
            parsed(&server.get(&format!("/v1/log/proof/inclusion?position={position}")).await);
        assert_eq!(proof.position, position.as_u64().expect("a position"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_proven_is_refused_with_a_reason() {
    let server = Server::memory().await;
    let (path, body) = create_project(1);
    let _ = server.post(&path, &body).await.ok();
    server.engine.journal().checkpoint_now().expect("it signs");
    let mut told = String::new();
    for path in [
        "proof/inclusion",
        "proof/inclusion?position=x",
        "proof/inclusion?position=3",
        "proof/inclusion?position=1&size=1",
        "proof/inclusion?position=0&size=9",
        "proof/consistency?from=0",
        "proof/consistency?from=2&to=1",
        "proof/consistency?from=1&to=9",
        "proof/consistency?from=1&until=2",
        "evidence/x",
    ] {
        writeln!(told, "{path}: {}", server.get(&format!("/v1/log/{path}")).await.problem()).expect("text");
    }
    let missing = server.get(&format!("/v1/log/evidence/{}", id(999))).await.problem();
    expect![[r#"404 not_found: there is no run `01J00000000000000000000999` | the view `runs` lists runs"#]]
        .assert_eq(&missing);
    expect![[r#"
        proof/inclusion: 400 invalid_parameter [position]: `position` is missing | send it, such as ?position=0
        proof/inclusion?position=x: 400 invalid_parameter [position]: `position`: expected a position: a whole number from 0, got `x` | send a position: a whole number from 0, or leave `position` out
        proof/inclusion?position=3: 422 invalid_field: expected a leaf below 3, got 3 | positions count from 0, sizes from 1; `from` is not above `to`
        proof/inclusion?position=1&size=1: 422 invalid_field: expected a leaf below 1, got 1 | positions count from 0, sizes from 1; `from` is not above `to`
        proof/inclusion?position=0&size=9: 404 not_found: expected a tree of at most 3 events, the last one signed, got 9 | the last checkpoint covers 3 events; what is new is signed within a second
        proof/consistency?from=0: 422 invalid_field: expected an earlier tree with leaves, got an empty one | positions count from 0, sizes from 1; `from` is not above `to`
        proof/consistency?from=2&to=1: 422 invalid_field: expected a tree of at least 2 leaves, got 1 | positions count from 0, sizes from 1; `from` is not above `to`
        proof/consistency?from=1&to=9: 404 not_found: expected a tree of at most 3 events, the last one signed, got 9 | the last checkpoint covers 3 events; what is new is signed within a second
        proof/consistency?from=1&until=2: 400 invalid_parameter [until]: unknown parameter `until`, expected one of from, to | leave it out
        evidence/x: 400 invalid_parameter [run]: `run`: expected a ULID of 26 characters (Crockford base32), got `x` | send a ULID of 26 characters (Crockford base32), or leave `run` out
    "#]]
    .assert_eq(&told);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_is_changed_over_http_and_holders_of_the_old_one_go_on() {
    let server = Server::lived().await;
    let pinned = key(&server).await;
    let changed = send(server.request("POST", "/v1/log/keys/rotate")).await.ok();
    assert_eq!(changed["old_key"], pinned.to_string());
    let shown = server.get("/v1/log/key").await.ok();
    assert_eq!((&shown["key"], &shown["earlier"]), (&changed["new_key"], &json!([pinned.to_string()])));
    let lines = send(server.request("GET", "/v1/log/key").header("accept", "text/plain")).await.text;
    assert_eq!(lines.lines().count(), 2);
    let note = server.get("/v1/log/checkpoint").await.text;
    assert!(Note::open(note.as_bytes(), std::slice::from_ref(&pinned)).is_err(), "the new key has signed");
    let tar = within("evidence", server.request("GET", &format!("/v1/log/evidence/{RUN}")).send()).await;
    let tar = within("evidence", tar.expect("it answers").bytes()).await.expect("it ends");
    let trust = Trust { keys: vec![pinned.clone()], ..Trust::default() };
    let report = bundle::verify(&tar, &trust).expect("it is of this release");
    assert_eq!(report.findings.outcome(), Outcome::Verified, "{report:?}");
    let verified = server.post("/v1/log/verify", &json!({ "keys": [pinned.to_string()] })).await.ok();
    assert_eq!(verified["verified"], true, "{verified}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_verification_takes_a_checkpoint_a_stream_keys_and_an_age() {
    let server = long().await;
    let since = server.get("/v1/log/checkpoint").await.text;
    let size = server.head().expect("events").0 + 1;
    let (path, body) = create_project(900);
    let _ = server.post(&path, &body).await.ok();
    server.engine.journal().checkpoint_now().expect("it signs");
    let whole = send(server.request("POST", "/v1/log/verify")).await.ok();
    assert_eq!((&whole["verified"], &whole["events"]), (&json!(true), &json!(size + 2)));
    let later = server.post("/v1/log/verify", &json!({ "since": since })).await.ok();
    assert_eq!(
        (&later["verified"], &later["events"], &later["since"]["size"]),
        (&json!(true), &json!(2), &json!(size))
    );
    let run = server.post("/v1/log/verify", &json!({ "stream": format!("run-{RUN}") })).await.ok();
    assert_eq!((&run["verified"], &run["streams"]), (&json!(true), &json!(1)));
    let stranger = key(&Server::memory().await).await.to_string();
    let unknown = server.post("/v1/log/verify", &json!({ "keys": [stranger] })).await.ok();
    assert_eq!((&unknown["unknown_key"], &unknown["nothing_altered"]), (&json!(true), &Value::Null));
    // The clock of the tests stands still in the past.
    let old = server.post("/v1/log/verify", &json!({ "max_age_ms": 1000 })).await.ok();
    assert_eq!((&old["stale"], &old["verified"]), (&json!(true), &json!(false)), "{old}");
    let wrong = server.post("/v1/log/verify", &json!({ "sinc": "" })).await.problem();
    assert!(wrong.starts_with("400 invalid_body"), "{wrong}");
}
