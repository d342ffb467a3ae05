//! Clients that are not ours, Python's `websockets` and a browser, end with the state that HTTP shows.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use domain::ids::Position;
use kit::follower::keyed;
use kit::server::{Server, TOKEN, within};
use kit::story;
use replay::import::Item;
use serde_json::{Value, json};

fn clients() -> PathBuf {
    kit::root().join("tests").join("clients")
}

fn topics(items: &[Item]) -> BTreeMap<&'static str, String> {
    let id = |category: &str| {
        let stream =
            items.iter().map(|item| item.stream).find(|stream| stream.category.to_string() == category);
        stream.expect("the session has one").id
    };
    BTreeMap::from([
        ("runs", "view:runs".to_owned()),
        ("dashboard", "view:project-dashboard".to_owned()),
        ("usage", "view:usage".to_owned()),
        ("projects", "view:projects".to_owned()),
        ("timeline", format!("view:run-timeline/{}", id("run"))),
        ("messages", format!("view:sandbox-messages/{}", id("sandbox"))),
        ("log", "events".to_owned()),
    ])
}

fn python(server: &Server, topics: &BTreeMap<&'static str, String>, until: u64) -> Command {
    let mut command = Command::new(kit::python());
    command.args(["-B", "ws_client.py", "--drops", "20", "--drop-after", "9", "--seed", "7"]);
    command.args(["--url", &format!("ws://{}/v1/ws", server.address), "--token", TOKEN]);
    command.args(["--until", &until.to_string()]);
    for (id, topic) in topics {
        command.args(["--sub", &format!("{id}={topic}")]);
    }
    command
}

fn browser(server: &Server, topics: &BTreeMap<&'static str, String>, until: u64) -> Command {
    let mut command = Command::new(kit::node());
    command.arg("browser.mjs").env("WAYBILL_URL", server.url("")).env("WAYBILL_TOKEN", TOKEN);
    command.env("WAYBILL_CHROMIUM", kit::chromium()).env("WAYBILL_SUBS", json!(topics).to_string());
    command.env("WAYBILL_UNTIL", until.to_string()).env("WAYBILL_DROPS", "10").env("WAYBILL_DROP_AFTER", "9");
    command
}

async fn run(mut command: Command, folder: &Path) -> Value {
    command.current_dir(folder);
    let ran = tokio::task::spawn_blocking(move || command.output());
    let Output { status, stdout, stderr } =
        within("the client", ran).await.expect("it is waited for").expect("it starts");
    assert!(status.success(), "{status}: {}", String::from_utf8_lossy(&stderr));
    serde_json::from_slice(&stdout).expect("the client prints JSON")
}

/// With every number as JavaScript has it, which knows no whole ones.
fn plain(value: &Value) -> Value {
    match value {
        Value::Number(number) => json!(number.as_f64()),
        Value::Array(items) => items.iter().map(plain).collect(),
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), plain(value))).collect(),
        other => other.clone(),
    }
}

/// The client subscribes before the first event, and is cut off at random while the session is imported.
async fn ends_with_the_state_of_http(
    client: impl Fn(&Server, &BTreeMap<&'static str, String>, u64) -> Command,
) {
    let folder = tempfile::tempdir().expect("a folder");
    let items = story::session_items();
    let topics = topics(&items);
    // The position of the last event is known from an import elsewhere.
    let elsewhere = Server::memory().await;
    story::import(&elsewhere.engine, &items, 64).await;
    let Position(last) = elsewhere.head().expect("events were written");
    let server = Arc::new(Server::open(folder.path()).await);
    let running = tokio::spawn(run_boxed(client(&server, &topics, last)));
    let connected = async {
        while !server.get("/metrics").await.text.lines().any(|line| line == "waybill_sockets 1") {
            assert!(!running.is_finished(), "the client ended before the import began");
            tokio::task::yield_now().await;
        }
    };
    within("the client to connect", connected).await;
    story::import(&server.engine, &items, 4).await;
    assert_eq!(server.head(), Some(Position(last)));
    let result = running.await.expect("the client is content");
    assert!(result["connections"].as_u64() > Some(5), "{}", result["connections"]);
    // Whoever was cut off while the log was empty may be given the whole in parts.
    assert!(result["resets"].as_u64() <= Some(topics.len() as u64), "{}", result["resets"]);
    let log = server.get("/v1/events?limit=10000").await.ok();
    for (id, topic) in &topics {
        let held = &result["subscriptions"][id];
        let Some(view) = topic.strip_prefix("view:") else {
            assert!(plain(&held["events"]) == plain(&log["events"]), "other events");
            continue;
        };
        let position = &held["position"];
        let page = server.get(&format!("/v1/views/{view}?at={position}")).await.ok();
        let expected: BTreeMap<_, _> = keyed(&page["rows"]).into_iter().collect();
        assert!(plain(&held["rows"]) == plain(&json!(expected)), "{id} at {position} differs from HTTP");
    }
}

async fn run_boxed(command: Command) -> Value {
    run(command, &clients()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn python_follows_an_import_through_cuts() {
    ends_with_the_state_of_http(python).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_follows_an_import_through_cuts() {
    ends_with_the_state_of_http(browser).await;
}

/// Runs tests of `clients/python`, every one of which must run.
#[track_caller]
fn passes_in_python(names: &[&str]) {
    let folder = kit::root().join("clients").join("python");
    let mut command = Command::new(kit::python());
    command.args(["-B", "-m", "unittest"]).args(names).current_dir(&folder);
    let paths = [folder.join("src"), folder.join("tests")];
    command.env("PYTHONPATH", std::env::join_paths(paths).expect("no path has a separator in it"));
    command.env("WAYBILL_BIN", kit::waybill());
    let Output { status, stdout, stderr } = command.output().expect("Python starts");
    let (said, counted) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(status.success(), "{status}\n{said}\n{counted}");
    assert!(counted.trim_end().ends_with("\nOK") && !counted.contains("Ran 0 tests"), "{counted}");
    println!("{said}\n{counted}");
}

#[test]
fn the_python_client_keeps_the_rules_of_the_protocol() {
    passes_in_python(&["test_session", "test_transcripts", "test_live", "test_client"]);
}

#[test]
fn the_python_client_does_with_a_server_what_it_promises() {
    passes_in_python(&["test_server.Commands", "test_server.Tables", "test_frames", "test_readme"]);
}

#[test]
fn the_python_client_loses_and_repeats_nothing_over_a_thousand_cuts_and_a_kill() {
    passes_in_python(&["test_server.Disconnects"]);
}

#[test]
fn the_python_client_is_typed() {
    passes_in_python(&["test_types"]);
}
