//! Many commands in one request: answered in order, none lost, none half written.

use std::fmt::Write as _;
use std::sync::Arc;

use expect_test::expect;
use kit::server::{Server, TOKEN, send, within};
use kit::story::{PROJECT, RUN, create_project, id, life, line, request, run};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

async fn bulk(server: &Server, lines: &[String]) -> Vec<Value> {
    let answer = send(server.request("POST", "/v1/commands").body(lines.join("\n"))).await;
    assert_eq!(
        (answer.status, answer.headers["content-type"].as_bytes()),
        (200, &b"application/x-ndjson"[..])
    );
    answer.text.lines().map(|line| serde_json::from_str(line).expect("answers are JSON")).collect()
}

fn keyed(mut line: Value, key: u64) -> String {
    line["commit"] = json!(id(key));
    line.to_string()
}

/// A project, and commands that only fit in their order: each expects the version of the one before.
fn chain(project: u64, length: u64) -> Vec<String> {
    let key = |n| 10_000 * project + n;
    let mut lines = vec![keyed(line(&create_project(project)), key(0))];
    lines.extend((1..length).map(|n| {
        let body = json!({ "slug": format!("project-{project}"), "name": format!("name {n}") });
        let mut line = line(&(format!("/v1/project/{}/rename", id(project)), body));
        line["expected"] = json!((n - 1).to_string());
        keyed(line, key(n))
    }));
    lines
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_thousand_lines_on_one_stream_keep_their_order() {
    let server = Server::memory().await;
    let lines = chain(1, 5_000);
    let answers = bulk(&server, &lines).await;
    assert_eq!(answers.len(), lines.len());
    for (n, answer) in (0_u64..).zip(&answers) {
        // Before it stand the writer's own event and the claim of the slug.
        assert_eq!((&answer["version"], &answer["position"]), (&json!(n), &json!(n + 2)), "{answer}");
        assert_eq!((&answer["duplicate"], &answer["commit"]), (&json!(false), &json!(id(10_000 + n))));
    }
    let head = server.head();
    let again = bulk(&server, &lines).await;
    for (mut again, first) in again.into_iter().zip(answers) {
        assert_eq!(again["duplicate"], true, "{again}");
        again["duplicate"] = json!(false);
        assert_eq!(again, first);
    }
    assert_eq!(server.head(), head);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_may_be_interleaved() {
    let server = Server::memory().await;
    let chains: Vec<_> = (1..=8).map(|project| chain(project, 100)).collect();
    let lines: Vec<_> = (0..100).flat_map(|n| chains.iter().map(move |chain| chain[n].clone())).collect();
    let answers = bulk(&server, &lines).await;
    let mut positions = std::collections::BTreeSet::new();
    for (n, answer) in answers.iter().enumerate() {
        assert_eq!(answer["version"], json!(n / 8), "{answer}");
        positions.insert(answer["position"].as_u64().expect("a position"));
    }
    assert_eq!(positions.len(), 800);
    assert_eq!(server.head(), Some(domain::ids::Position(808)), "and each slug was claimed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn errors_are_answered_in_their_place_and_stop_nothing() {
    let server = Server::memory().await;
    let mut lines: Vec<String> = life().iter().map(|told| line(told).to_string()).collect();
    let bad = [
        "{".to_owned(),
        "[]".to_owned(),
        json!({ "stream": "run-1", "command": "start" }).to_string(),
        json!({ "stream": format!("unicorn-{RUN}"), "command": "start" }).to_string(),
        json!({ "stream": format!("run-{RUN}"), "command": "fly" }).to_string(),
        json!({ "stream": format!("run-{RUN}"), "command": "start", "body": [] }).to_string(),
        json!({ "stream": format!("run-{RUN}"), "command": "start", "colour": 1 }).to_string(),
        json!({ "stream": format!("run-{RUN}"), "command": "start", "commit": "x" }).to_string(),
        json!({ "stream": format!("run-{RUN}"), "command": "start", "expected": "x" }).to_string(),
        json!({ "stream": format!("run-{RUN}"), "command": "start", "expected": "77" }).to_string(),
        json!({ "stream": format!("run-{RUN}"), "command": "start", "actor": "operator" }).to_string(),
        line(&request(&id(9), &id(77))).to_string(),
        line(&create_project(1)).to_string(),
    ];
    for (n, line) in bad.iter().enumerate() {
        lines.insert(3 + n, line.clone());
    }
    let answers = bulk(&server, &lines).await;
    assert_eq!(answers.len(), lines.len());
    let mut shown = String::new();
    let mut positions = vec![];
    for answer in &answers {
        if answer.get("error").is_some() {
            writeln!(shown, "{}", kit::server::show_problem(&answer["error"])).expect("strings take text");
        } else {
            positions.push(answer["position"].as_u64().expect("a position"));
        }
    }
    expect![[r#"
        400 invalid_body: the line does not fit: EOF while parsing an object at line 1 column 1 | send {"stream":…,"command":…,"body":{…}} on one line
        400 invalid_body: the line does not fit: invalid length 0, expected struct Line with 9 elements at line 1 column 2 | send {"stream":…,"command":…,"body":{…}} on one line
        400 invalid_body: the line does not fit: expected a ULID of 26 characters (Crockford base32), got `1` at line 1 column 36 | send {"stream":…,"command":…,"body":{…}} on one line
        400 invalid_body: the line does not fit: expected one of log, project, sandbox, run, learning, context, asset, script-execution, plan, issue-session, answering-session, issue, work-chain, sprint-chain, recurring-task, learning-document, routing, review-cycle, trigger, firing, heartbeat, budget-pool, brain, decision, pattern, mistake, research-note, session-summary, agent-definition, session, notification, claim, workflow, persona, access-log, user, pass, view-care, metric, identity, webhook-delivery, team, experiment, erasure, got `unicorn` at line 1 column 65 | send {"stream":…,"command":…,"body":{…}} on one line
        404 unknown_route: unknown command `fly`, expected one of request, start, create-branch, start-step, append-step-message, continue-step-content, record-tool-call, record-tool-result, record-usage, issue-verdict, issue-scores, issue-judgement, complete-step, fail-step, skip-step, iterate-loop, force-loop-on, open-pull-request, update-pull-request, record-ci-checks, steer, fork, complete, fail, cancel, record-unrecognised-line, record-merge, await-approval, record-telemetry | /openapi.json lists every route, command and view
        400 invalid_body: body of `start` does not fit: expected an object | /openapi.json has the schema of every body
        400 invalid_body: the line does not fit: unknown field `colour`, expected one of `stream`, `command`, `body`, `commit`, `expected`, `occurred_at`, `causation`, `correlation`, `actor` at line 1 column 9 | send {"stream":…,"command":…,"body":{…}} on one line
        400 invalid_body: the line does not fit: expected a ULID of 26 characters (Crockford base32), got `x` at line 1 column 31 | send {"stream":…,"command":…,"body":{…}} on one line
        400 invalid_parameter [expected]: `expected`: expected a version, or any, none, exists, got `x` | send a version, or any, none, exists, or leave `expected` out
        412 version_conflict: expected stream `run-01J00000000000000000000002` at version 77, but it is at 1 | read the stream again and decide anew, or leave the expectation out
        400 invalid_parameter: expected importer or step-…, got actor `operator` | leave it out: the token's bearer is the actor
        422 unknown_reference: `project-01J00000000000000000000077` does not exist | create it first, or check the id
        409 already_exists: project exists already | use another id, or repeat the first request under its own idempotency key
    "#]].assert_eq(&shown);
    assert_eq!(positions, (2..=11).collect::<Vec<_>>());
    let runs = server.get("/v1/views/runs?min_position=11").await.ok();
    assert_eq!(runs["rows"][0]["row"]["status"], "completed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_goes_away_leaves_whole_commits_and_may_come_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Arc::new(Server::open(folder.path()).await);
    let lines = chain(1, 3_000);
    for round in 1..6 {
        let mut stream = TcpStream::connect(server.address).await.expect("it listens");
        let head = format!(
            "POST /v1/commands HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: 9999999\r\n\r\n",
            server.address
        );
        let mut body = lines[..round * 500].join("\n");
        // The last line is cut in its middle: it must not count.
        body.truncate(body.len() - 20);
        stream.write_all(format!("{head}{body}").as_bytes()).await.expect("it reads");
        let mut log = server.engine.journal().subscribe();
        let some = domain::ids::Position((round as u64 - 1) * 500 + 50);
        within("the first commits", log.wait_for(|at| *at >= Some(some))).await.expect("the log is open");
        drop(stream);
    }
    let answers = bulk(&server, &lines).await;
    for (n, answer) in answers.iter().enumerate() {
        assert_eq!((&answer["version"], &answer["position"]), (&json!(n), &json!(n + 2)), "{answer}");
    }
    assert!(answers.iter().any(|answer| answer["duplicate"] == true));
    let report = send(server.request("POST", "/v1/log/verify")).await.ok();
    assert_eq!(report["events"], 3_002, "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_answered_can_be_read_while_the_request_goes_on() {
    let server = Server::memory().await;
    let (lines, body) = tokio::sync::mpsc::channel::<Result<String, std::io::Error>>(1);
    let body =
        futures_util::stream::unfold(body, |mut body| async { body.recv().await.map(|line| (line, body)) });
    let request = server.request("POST", "/v1/commands").body(reqwest::Body::wrap_stream(body));
    let mut response = within("the head", request.send()).await.expect("it answers");
    for (n, told) in (2_u64..).zip([create_project(1), request_of_project(), run(RUN, "start", json!({}))]) {
        lines.send(Ok(format!("{}\n", line(&told)))).await.expect("the request is open");
        let chunk = within("an answer", response.chunk()).await.expect("it goes on").expect("a line");
        let answer: Value = serde_json::from_slice(&chunk).expect("answers are JSON");
        assert_eq!(answer["position"], n);
    }
    drop(lines);
    assert_eq!(within("the end", response.chunk()).await.expect("it ends well"), None);
}

fn request_of_project() -> kit::story::Told {
    request(RUN, PROJECT)
}
