//! Metrics as analysts ask for them: rebuilt from events, of a folder as through a server.

use serde_json::{Value, json};

use crate::cli::run::Data;

const OUTCOMES: &str = "model,task,resolved,cost,calls\n\
    opus,t-1,true,0.1,3\nopus,t-2,true,0.2,4\nopus,t-3,false,,\n\
    sonnet,t-1,false,0.05,2\n\"so,net\",t-1,true,1e-09,1\nopus,t-1,true,0.7,5\n";

/// A folder with a table of outcomes in the project `bench`.
fn filled() -> Data {
    let data = Data::new();
    let file = beside(&data, "outcomes.csv", OUTCOMES);
    data.ok(&["import", "outcomes", &file, "--project", "bench"]);
    data
}

/// A file beside the data folder.
fn beside(data: &Data, name: &str, text: &str) -> String {
    let file = data.path().parent().expect("it lies in a folder").join(name);
    std::fs::write(&file, text).expect("the file can be written");
    file.display().to_string()
}

const BY_MODEL: [&str; 5] = ["metrics", "show", "pass-rate", "--by", "model"];

/// Model, passed, total and rate of each row.
fn rates(series: &Value) -> Vec<Value> {
    let rows = series["rows"].as_array().expect("a list");
    rows.iter().map(|row| json!([row["model"], row["passed"], row["total"], row["rate"]])).collect()
}

#[test]
fn a_benchmark_table_is_rebuilt_from_events() {
    let data = filled();
    let offline = data.json(&BY_MODEL);
    let expected = [json!(["opus", 3, 4, 0.75]), json!(["so,net", 1, 1, 1]), json!(["sonnet", 0, 1, 0])];
    assert_eq!(rates(&offline), expected);
    assert_eq!((&offline["version"], &offline["metric"]), (&json!(1), &json!("pass-rate")));
    assert_eq!(offline["rows"][0]["provenance"]["events"], 4);
    let project = data.json(&["metrics", "show", "pass-rate", "--project", "bench", "--by", "day"]);
    assert_eq!(project["rows"][0]["day"], "1970-01-01");
    let later = data.json(&["metrics", "show", "pass-rate", "--since", "2000-01-01T00:00:00Z"]);
    assert_eq!(later["rows"], json!([]));
    let cost = data.json(&["metrics", "show", "cost-per-passed-run", "--by", "model"]);
    assert!((cost["rows"][0]["value"].as_f64().expect("a number") - 1.0 / 3.0).abs() < 1e-9, "{cost}");
    assert_eq!(cost["rows"][0]["numerator"], 1);
    let server = data.serve();
    let online = data.json(&BY_MODEL);
    assert_eq!(online["rows"], offline["rows"]);
    assert_eq!(data.run(&["metrics", "show", "no-such-metric"]).code, 2);
    server.stop();
    assert_eq!(data.run(&["metrics", "show", "no-such-metric"]).code, 2);
}

#[test]
fn a_projects_own_metric_has_versions_that_stay_answerable() {
    let data = filled();
    let failed = r#"{"source": "verdicts", "aggregation": "rate", "group_by": ["model"],
        "predicate": [{"field": "pass", "op": "is", "value": "false"}]}"#;
    let count = "source = \"verdicts\"\naggregation = \"count\"\ngroup_by = [\"model\"]\n";
    let (failed, count) = (beside(&data, "failed.json", failed), beside(&data, "count.toml", count));
    let define = |name, file| data.json(&["metrics", "define", name, file, "--project", "bench"]);
    assert_eq!(define("fail-rate", &failed)["version"], 1);
    let server = data.serve();
    assert_eq!(define("fail-rate", &count)["version"], 2);
    let show = |version: &str| data.json(&["metrics", "show", "fail-rate", "--version", version]);
    assert_eq!(show("1")["rows"][0]["rate"], 0.25);
    assert_eq!(show("2")["rows"][0]["value"], 4);
    server.stop();
    let beside = data.json(&["metrics", "compare", "fail-rate"]);
    assert_eq!((&beside["old"]["version"], &beside["new"]["version"]), (&json!(1), &json!(2)));
    let row = &beside["rows"][0];
    assert_eq!((&row["old"], &row["new"], &row["change"]), (&json!(0.25), &json!(4), &json!(3.75)));
    // A name of the program is shadowed in the project, and there only.
    assert_eq!(define("pass-rate", &failed)["version"], 1);
    assert_eq!(data.json(&BY_MODEL)["rows"][0]["rate"], 0.75);
    let own = data.json(&["metrics", "show", "pass-rate", "--project", "bench"]);
    assert_eq!(own["rows"][0]["rate"], 0.25);
    let names = data.json(&["metrics", "list"]);
    assert_eq!(names["metrics"].as_array().map(Vec::len), Some(11));
    assert_eq!(data.run(&["metrics", "define", "x", &failed, "--project", "none"]).code, 2);
    assert_eq!(data.run(&["metrics", "compare", "composite"]).code, 2);
    let tried = data.json(&["metrics", "rebuild", "pass-rate", "--definition", &count]);
    assert_eq!((&tried["version"], &tried["rows"][0]["value"]), (&Value::Null, &json!(4)));
}

#[test]
fn the_notebook_rebuilds_the_quality_table_from_an_export() {
    let data = filled();
    data.ok(&["generate", "--runs", "12", "--seed", "7"]);
    let out = data.path().parent().expect("it lies in a folder").join("export").display().to_string();
    data.ok(&["export", "events", "runs", "verdicts", "scores", "usage", "--out", &out]);
    let mut python = std::process::Command::new(kit::python());
    python.arg("-B").arg(kit::root().join("tests/clients/notebook.py"));
    python.arg(kit::root().join("examples/quality.py")).env("WAYBILL_EXPORT", &out);
    let ran = python.output().expect("Python starts");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let table: Value = serde_json::from_slice(&ran.stdout).expect("it prints JSON");
    let table = table.as_array().expect("rows");
    let mut compared = 0;
    for (metric, columns) in [
        ("pass-rate", ["pass_rate", "verdicts"]),
        ("composite", ["composite", "scored"]),
        ("cost-per-passed-run", ["cost_per_passed_run", "passed_runs"]),
    ] {
        let series = data.json(&["metrics", "show", metric, "--by", "model"]);
        for row in series["rows"].as_array().expect("rows") {
            let of = table.iter().find(|of| of["model"] == row["model"]);
            let of = of.unwrap_or_else(|| panic!("{metric}: no model {}", row["model"]));
            match (row["value"].as_f64(), of[columns[0]].as_f64()) {
                (Some(ours), Some(theirs)) => assert!((ours - theirs).abs() < 1e-6, "{metric}: {row} {of}"),
                (ours, theirs) => assert_eq!(ours, theirs, "{metric}: {row} {of}"),
            }
            compared += 1;
        }
    }
    assert!(compared >= 9, "{compared}");
}
