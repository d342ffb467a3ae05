//! What auditors and analysts come for: a run told step by step, as a page, checked against itself; two witnesses.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use serde_json::{Value, json};

use crate::cli::run::{Data, Server, data_file};

const PROJECT: &str = "01JT3110000000000000000001";
const WORKFLOW: &str = "01JT3110000000000000000002";
const RUN: &str = "01JT3110000000000000000003";
const STEP: &str = "01JT3110000000000000000004";

/// Sends commands to a server, one after the other: all must be taken.
#[track_caller]
fn send(data: &Data, server: &Server, commands: &[(&str, &str, Value)]) -> u64 {
    let mut position = None;
    for (stream, command, body) in commands {
        let line = json!({ "stream": stream, "command": command, "body": body });
        let answer =
            post(data, server, "/v1/commands", "application/x-ndjson", &format!("{line}\n"), &server.token);
        let answer: Value = serde_json::from_str(&answer.1).expect("an answer of one line");
        position = answer["position"].as_u64();
        assert!(position.is_some(), "{stream} {command}: {answer}");
    }
    position.expect("at least one command")
}

/// Status and body of a request, sent by Python: the tests' own client is none of this program's.
fn post(data: &Data, server: &Server, path: &str, kind: &str, body: &str, token: &str) -> (u16, String) {
    const SCRIPT: &str = "import sys, urllib.request, urllib.error\n\
        url, kind, token, file = sys.argv[1:]\n\
        heads = {'Content-Type': kind, 'Authorization': 'Bearer ' + token}\n\
        asked = urllib.request.Request(url, open(file, 'rb').read(), heads)\n\
        try:\n    told = urllib.request.urlopen(asked)\n\
        except urllib.error.HTTPError as error:\n    told = error\n\
        print(told.status)\nprint(told.read().decode())";
    let file = data.path().parent().expect("it lies in a folder").join("body");
    std::fs::write(&file, body).expect("the file can be written");
    let mut python = std::process::Command::new(kit::python());
    python.args(["-c", SCRIPT, &format!("{}{path}", server.url), kind, token]).arg(file);
    let output = python.output().expect("Python starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("it prints text");
    let (status, body) = text.split_once('\n').expect("two lines");
    (status.trim().parse().expect("a status"), body.trim().to_owned())
}

fn of(kind: &str, id: &str) -> String {
    format!("{kind}-{id}")
}

/// A run of a workflow of designer and checker, started.
fn begun(data: &Data, server: &Server) {
    let step = |role: &str| json!({ "role": role });
    let define = json!({
        "project": PROJECT, "name": "reviewed", "definition": {
            "workflow_type": "custom_pipeline", "cli_tool": "claude", "model": "opus",
            "steps": [step("designer"), step("checker")],
        },
    });
    let request = json!({
        "project": PROJECT, "workflow": WORKFLOW, "source": "workflow", "title": "Mend the gate", "prompt": "do it",
    });
    send(
        data,
        server,
        &[
            (&of("project", PROJECT), "create", json!({ "slug": "tell", "name": "Tell" })),
            (&of("workflow", WORKFLOW), "create", define),
            (&of("run", RUN), "request", request),
            (&of("run", RUN), "start", json!({})),
        ],
    );
}

fn started(role: &str) -> Value {
    json!({ "step": STEP, "role": role, "cli_tool": "claude", "model": "opus" })
}

#[test]
fn a_run_that_was_driven_otherwise_than_decided_is_named_with_its_position() {
    let data = Data::new();
    let server = data.serve();
    begun(&data, &server);
    let sound = data.json(&["replay", RUN, "--check"]);
    assert_eq!(
        (&sound["holds"], &sound["decisions"], &sound["directed"]),
        (&true.into(), &1.into(), &true.into())
    );
    // The workflow calls for its designer; nothing hinders whoever drives the run from starting the checker.
    let at = send(&data, &server, &[(&of("run", RUN), "start-step", started("checker"))]);
    let check = |data: &Data| {
        let end = data.run(&["replay", RUN, "--check", "--output", "json"]);
        assert_eq!(end.code, 1, "{end:?}");
        serde_json::from_str::<Value>(&end.stdout).expect("one document")
    };
    let online = check(&data);
    let divergence = &online["divergences"][0];
    assert_eq!((&divergence["position"], &divergence["of"]), (&at.into(), &"StepStarted".into()), "{online}");
    assert_eq!(
        (&divergence["expected"], &divergence["actual"]),
        (&"role designer".into(), &"role checker".into())
    );
    server.stop();
    assert_eq!(check(&data)["divergences"], online["divergences"]);
    let text = data.run(&["replay", RUN, "--check"]).stdout;
    assert!(
        text.starts_with("DIVERGES: 1 thing is ") && text.contains(&format!("position {at}, StepStarted")),
        "{text}"
    );
    let page = data.ok(&["replay", RUN, "--output", "html"]);
    assert!(page.contains("1 divergence") && page.contains("role designer"), "{page}");
}

#[test]
fn every_made_up_history_holds_and_names_what_was_in_force() {
    let data = Data::new();
    data.ok(&["generate", "--runs", "10", "--seed", "5"]);
    let runs = data.json(&["view", "runs"]);
    let mut learned = 0;
    for row in runs["rows"].as_array().expect("rows").iter().take(16) {
        let run = row["key"].as_str().expect("a key");
        let check = data.run(&["replay", run, "--check"]);
        assert_eq!(check.code, 0, "{check:?}");
        let page = data.ok(&["replay", run, "--output", "html"]);
        assert!(page.contains("The signed checkpoint"), "{run}");
        learned += usize::from(page.contains("approved by"));
    }
    assert!(learned > 0, "no run has learnings whose approval is shown");
}

#[test]
fn a_run_is_followed_until_it_ends() {
    let data = Data::new();
    let server = data.serve();
    begun(&data, &server);
    let mut child = data
        .command(&["replay", RUN, "--follow"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary can be run");
    let mut lines = BufReader::new(child.stdout.take().expect("stdout is piped")).lines();
    let mut until = |what: &str| {
        let found =
            lines.by_ref().map(|line| line.expect("stdout is UTF-8")).find(|line| line.contains(what));
        assert!(found.is_some(), "it never told `{what}`");
    };
    until("started");
    send(&data, &server, &[(&of("run", RUN), "start-step", started("designer"))]);
    until("Step 1");
    let said = json!({ "step": STEP, "message": STEP, "role": "assistant", "content": "The hinge is loose" });
    send(&data, &server, &[(&of("run", RUN), "append-step-message", said)]);
    until("The hinge is loose");
    send(&data, &server, &[(&of("run", RUN), "cancel", json!({ "reason": "enough" }))]);
    until("cancelled");
    until("Cost");
    assert!(child.wait().expect("it ends").success());
    assert_eq!(data.run(&["replay", RUN, "--follow", "--output", "json"]).code, 2);
    server.stop();
    let ended = data.ok(&["replay", RUN, "--follow", "--output", "ndjson"]);
    assert_eq!(ended.lines().count(), 7, "{ended}");
}

#[test]
fn a_session_is_told_in_frames_until_a_time_and_as_a_page() {
    let data = Data::new();
    data.ok(&["import", "swe-agent", &data_file("pydicom-1458.traj"), "--project", "demo"]);
    let frames = data.json(&["replay", "latest", "--step"]);
    let frames = frames.as_array().expect("frames");
    assert_eq!(frames.last().expect("a frame")["standing"]["status"], "completed");
    let text = data.ok(&["replay", "latest", "--step"]);
    assert_eq!(text.matches(" · position ").count(), frames.len());
    let middle = frames[frames.len() / 2]["position"].to_string();
    let half = data.json(&["replay", "latest", "--step", "--until", &middle]);
    assert_eq!(half.as_array().map(Vec::len), Some(frames.len() / 2 + 1));
    assert_eq!(data.run(&["replay", "latest", "--until", "1969-01-01T00:00:00Z"]).code, 2);
    let file = data.path().parent().expect("it lies in a folder").join("run.html");
    let told = data.run(&["replay", "latest", "--output", "html", "--out", &file.display().to_string()]);
    assert_eq!((told.code, told.stdout.as_str()), (0, ""), "{told:?}");
    let page = std::fs::read_to_string(file).expect("the page is there");
    assert!(page.contains("Times are unknown") && page.contains("$1.27") && !page.contains("<script"));
    assert_eq!(data.run(&["view", "runs", "--output", "html"]).code, 2);
}

/// A call of Claude Code as its telemetry logs it.
fn logged(run: Option<&str>, input: u64, nanos: u64) -> String {
    let text = |key: &str, value: &str| json!({ "key": key, "value": { "stringValue": value } });
    let number = |key: &str, value: u64| json!({ "key": key, "value": { "intValue": value.to_string() } });
    let attributes = [
        text("event.name", "api_request"),
        text("session.id", "s1"),
        text("model", "opus"),
        number("input_tokens", input),
        number("output_tokens", 7),
        json!({ "key": "cost_usd", "value": { "doubleValue": 0.25 } }),
    ];
    let resource: Vec<Value> = run.into_iter().map(|run| text("waybill.run", run)).collect();
    json!({ "resourceLogs": [{
        "resource": { "attributes": resource },
        "scopeLogs": [{ "logRecords": [{ "timeUnixNano": nanos.to_string(), "attributes": attributes }] }],
    }] })
    .to_string()
}

#[test]
fn telemetry_is_a_second_witness_and_every_difference_is_named() {
    let data = Data::new();
    let server = data.serve();
    begun(&data, &server);
    let usage =
        json!({ "step": STEP, "model": "opus", "input_tokens": 5, "output_tokens": 7, "cost_usd": 0.25 });
    send(
        &data,
        &server,
        &[
            (&of("run", RUN), "start-step", started("designer")),
            (&of("run", RUN), "record-usage", usage.clone()),
            (&of("run", RUN), "record-usage", usage),
        ],
    );
    let pass = data.json(&["token", "agent", PROJECT, RUN, "--expires-at", "2999-01-01T00:00:00Z"]);
    let pass = pass["token"].as_str().expect("a pass").to_owned();
    let otlp = |signal: &str, body: &str, token: &str| {
        post(&data, &server, &format!("/v1/otlp/v1/{signal}"), "application/json", body, token)
    };
    // An agent need not say which run it is; whoever has no pass must.
    assert_eq!(otlp("logs", &logged(None, 5, 1), &pass), (200, "{}".to_owned()));
    assert_eq!(otlp("logs", &logged(None, 5, 1), &pass), (200, "{}".to_owned()), "sent again");
    assert_eq!(otlp("logs", &logged(None, 5, 2), &server.token).0, 400);
    assert_eq!(otlp("logs", "nonsense", &pass).0, 400);
    assert_eq!(otlp("profiles", "{}", &pass).0, 404);
    assert_eq!(otlp("logs", &logged(Some(PROJECT), 5, 1), &pass).0, 404, "the pass is of one run");
    assert_eq!(post(&data, &server, "/v1/otlp/v1/logs", "application/x-protobuf", "x", &pass).0, 415);
    let reconciled = |data: &Data| data.json(&["view", "usage-reconciliation", RUN])["rows"].clone();
    let rows = reconciled(&data);
    let row = &rows[1]["row"];
    assert_eq!((&row["model"], &row["agrees"]), (&"opus".into(), &false.into()), "{rows}");
    assert_eq!(row["telemetry"][0]["account"]["events"], 1, "what was sent twice counts once: {rows}");
    let named: Vec<_> = row["discrepancies"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|d| {
            format!("{} {} {}/{}", d["signal"], d["figure"], d["stream"], d["telemetry"]).replace('"', "")
        })
        .collect();
    assert_eq!(
        named,
        ["logs input_tokens 10/5", "logs output_tokens 14/7", "logs calls 2/1", "logs cost_usd 0.5/0.25"]
    );
    assert_eq!(otlp("logs", &logged(Some(RUN), 5, 3), &server.token).0, 200);
    assert_eq!(reconciled(&data)[0]["row"]["agrees"], true);
    server.stop();
    let page = data.ok(&["replay", RUN, "--output", "html"]);
    assert!(page.contains("Two witnesses"), "the page says what the witnesses say");
}

#[test]
fn quality_is_drawn_the_same_each_time_from_a_folder_and_through_a_server() {
    let data = Data::new();
    data.ok(&["generate", "--runs", "8", "--seed", "3"]);
    let folder = |name: &str| data.path().parent().expect("it lies in a folder").join(name);
    let written = data.json(&["report", "--out", &folder("one").display().to_string()]);
    let files: Vec<_> =
        written["files"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    assert_eq!((files.len(), files[0]), (15, "report.html"));
    let server = data.serve();
    data.ok(&["report", "--out", &folder("two").display().to_string()]);
    for file in &files[1..] {
        let read = |name: &str| std::fs::read(folder(name).join(file)).expect("the file is there");
        assert!(read("one") == read("two"), "{file} differs");
    }
    server.stop();
    let points = data.json(&["report"]);
    let rates = data.json(&["metrics", "show", "pass-rate", "--by", "model"]);
    let first = |points: &Value| {
        let of = points["points"].as_array().expect("a list");
        of.iter().filter(|point| point["chart"] == "pass-rate-by-model").count()
    };
    assert_eq!(first(&points), rates["rows"].as_array().map_or(0, Vec::len));
}
