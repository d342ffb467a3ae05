//! Exports as analysts read them: with DuckDB and Polars, against what the views show.

use std::path::Path;
use std::process::Command;

use kit::server::{Server, send};
use kit::story;
use serde_json::{Value, json};

use crate::cli::run::{Data, data_file};

/// Outcomes of two models with known rates, one line without cost.
const OUTCOMES: &str = "model,task,resolved,cost,calls\n\
    opus,t-1,true,0.1,3\nopus,t-2,true,0.2,4\nopus,t-3,false,,\n\
    sonnet,t-1,false,0.05,2\n\"so,net\",t-1,true,1e-09,1\nopus,t-1,true,0.7,5\n";

/// A Pi session, trajectories and a table of outcomes.
fn filled() -> Data {
    let data = Data::new();
    data.ok(&["import", "pi", &data_file("pi-large-session.jsonl"), "--project", "demo"]);
    data.ok(&["import", "swe-agent", &data_file("pydicom-1458.traj"), "--project", "demo"]);
    data.ok(&["import", "claude-code", &data_file("claude-stream.jsonl"), "--project", "demo"]);
    let file = beside(&data, "outcomes.csv");
    std::fs::write(&file, OUTCOMES).expect("the file can be written");
    let report = data.json(&["import", "outcomes", &file, "--project", "bench"]);
    assert_eq!(report["runs"].as_array().map(Vec::len), Some(6));
    let again = data.json(&["import", "outcomes", &file, "--project", "bench"]);
    assert_eq!((&again["new"], &again["duplicates"]), (&0.into(), &report["new"]));
    data
}

/// A file beside the data folder.
fn beside(data: &Data, name: &str) -> String {
    data.path().parent().expect("it lies in a folder").join(name).display().to_string()
}

fn read(folder: &Path) -> Value {
    let mut command = Command::new(kit::python());
    let script = kit::root().join("tests").join("clients").join("read_export.py");
    let output = command.args(["-B"]).arg(script).arg(folder).output().expect("Python starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("it prints JSON")
}

/// Dollars in billionths.
fn units(usd: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "a test's sum is small")]
    let units = (usd * 1e9).round() as i64;
    units
}

#[test]
fn two_readers_and_the_views_agree_on_every_total() {
    let data = filled();
    let root = data.path().parent().expect("it lies in a folder").join("exports");
    for format in ["parquet", "arrow", "csv", "ndjson", "sqlite"] {
        let out = root.join(format).display().to_string();
        let report = data.json(&["export", "--format", format, "--out", &out]);
        assert_eq!(report["rows"]["events"], report["to"].as_u64().expect("a position") + 1);
    }
    let read = read(&root);
    let usage = &data.json(&["view", "usage"])["summary"];
    let total = read["cost_usd"].as_str().expect("a sum").parse::<f64>().expect("a number");
    assert_eq!(units(total), units(usage["total_cost_usd"].as_f64().expect("a number")));
    for field in ["input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "calls"] {
        assert_eq!(read["usage"][field], usage[field], "{field}");
    }
    assert_eq!(read["models"], json!({ "opus": [3, 4], "sonnet": [0, 1], "so,net": [1, 1] }));
    assert!(read["days"].as_array().is_some_and(|days| days.contains(&"1970-01-01".into())), "{read}");
    let runs = data.json(&["view", "runs"]);
    assert_eq!(read["types"]["RunRequested"], runs["rows"].as_array().map_or(0, Vec::len));
    let rows = &read["rows"];
    assert!(
        rows["csv"].as_u64() > Some(450)
            && rows.as_object().expect("an object").values().all(|it| *it == rows["csv"]),
        "{rows}"
    );
}

#[test]
fn a_server_exports_the_same_as_its_folder() {
    let data = filled();
    let out = |name: &str| beside(&data, name);
    let offline = data.json(&["export", "--out", &out("offline")]);
    let server = data.serve();
    let online = data.json(&["export", "--out", &out("online")]);
    for table in ["events", "runs", "steps", "messages", "usage", "verdicts"] {
        assert_eq!(offline["rows"][table], online["rows"][table], "{table}");
    }
    let manifest = |name: &str| -> Value {
        let text = std::fs::read(Path::new(&out(name)).join("manifest.json")).expect("there is a manifest");
        serde_json::from_slice(&text).expect("it is JSON")
    };
    assert_eq!(manifest("online")["log"], manifest("offline")["log"]);
    assert_eq!(manifest("online")["tables"], manifest("offline")["tables"]);
    assert!(manifest("online")["exports"][0]["checkpoint"].is_string());
    server.stop();
}

#[test]
fn wrong_use_is_refused_with_a_hint() {
    let data = filled();
    let out = beside(&data, "out");
    data.ok(&["export", "usage", "--out", &out]);
    for words in [
        &["export", "usage", "--out", &out][..],
        &["export", "usage", "--out", &out, "--after", "3"],
        &["export", "runs", "--out", &out, "--after", "999999"],
        &["export", "usage", "--format", "csv", "--out", &out],
    ] {
        let end = data.run(words);
        assert_eq!(end.code, 2, "{words:?}: {end:?}");
        assert!(end.stderr.contains("\nhint: "), "{words:?}: {end:?}");
    }
    assert_eq!(data.run(&["export", "rows", "--out", &out]).code, 2);
    let bad = beside(&data, "bad.csv");
    std::fs::write(&bad, "model,task,resolved,cost,calls\nopus,x,perhaps,,\nopus,y,true,,\n")
        .expect("it can be written");
    let end = data.run(&["import", "outcomes", &bad, "--project", "bench"]);
    assert_eq!(end.code, 3, "{end:?}");
    assert!(end.stderr.contains("bad.csv:2: `resolved`: expected true or false"), "{end:?}");
    std::fs::write(&bad, "model,task\n").expect("it can be written");
    assert_eq!(data.run(&["import", "outcomes", &bad]).code, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_is_sent_while_the_log_is_read() {
    let server = Server::memory().await;
    for (path, body) in story::life() {
        let _ = server.post(&path, &body).await.ok();
    }
    let usage = server.get("/v1/export/usage").await;
    assert_eq!(usage.headers["content-type"], "application/x-ndjson");
    let position = server.head().expect("a position").0;
    assert_eq!(usage.headers["waybill-position"], position.to_string().as_str());
    let row: Value = serde_json::from_str(usage.text.lines().next().expect("a row")).expect("it is JSON");
    assert!(row["model"].is_string() && row["position"].as_u64() < Some(position), "{row}");
    let csv = server.get("/v1/export/events?format=csv").await;
    assert_eq!(csv.text.lines().next().map(|header| header.starts_with("position,at,stream,")), Some(true));
    let none = server.get(&format!("/v1/export/events?after={position}")).await;
    assert_eq!((none.status, none.text.as_str()), (200, ""));
    let parquet = send(server.request("GET", "/v1/export/runs?format=parquet")).await;
    assert!(parquet.text.starts_with("PAR1"), "{:?}", parquet.headers);
    let refused = [
        server.get("/v1/export/rows").await.problem(),
        server.get("/v1/export/usage?format=sqlite").await.problem(),
        server.get("/v1/export/usage?limit=1").await.problem(),
    ];
    for (problem, word) in refused.iter().zip(["one of events, runs", "cannot be sent", "limit"]) {
        assert!(problem.contains(word), "{problem}");
    }
    let anonymous = send(server.anonymous("GET", "/v1/export/usage")).await;
    assert_eq!(anonymous.status, 401);
}
