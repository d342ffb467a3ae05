//! The binary as its users see it: exit codes, what stands on stdout and stderr, and what a kill leaves behind.

mod brain;
pub(crate) mod run;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use run::{Data, data_file};

/// The views that fold the whole log.
const LIVE: [&str; 4] = ["projects", "project-dashboard", "runs", "usage"];
const PATIENCE: Duration = Duration::from_secs(30);

fn pi() -> String {
    data_file("pi-large-session.jsonl")
}

/// Cents of a number of dollars.
fn cents(usd: &Value) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "a test's sum is small")]
    let cents = (usd.as_f64().expect("a cost is a number") * 100.0).round() as i64;
    cents
}

/// Every row of every view, as JSON text.
fn rows(data: &Data) -> Vec<String> {
    let mut all = Vec::new();
    for view in LIVE {
        all.extend(data.ok(&["view", view, "--output", "ndjson"]).lines().map(|row| format!("{view} {row}")));
    }
    for row in data.json(&["view", "runs"])["rows"].as_array().expect("rows are an array") {
        let run = row["key"].as_str().expect("a key is text");
        all.push(data.ok(&["view", "run-timeline", run, "--output", "ndjson"]));
    }
    all
}

#[test]
fn a_real_session_is_imported_to_the_cent_and_only_once() {
    let data = Data::new();
    let first = data.json(&["import", "pi", &pi(), "--project", "demo"]);
    assert_eq!(
        (&first["lines"], &first["bad_lines"], &first["duplicates"]),
        (&1_019.into(), &0.into(), &0.into())
    );
    assert_eq!(first["new"], first["commits"]);
    let usage = data.json(&["view", "usage"]);
    let totals = &usage["summary"];
    assert_eq!(cents(&totals["total_cost_usd"]), 3_033);
    assert_eq!((&totals["cache_read_tokens"], &totals["input_tokens"]), (&43_229_469.into(), &1_049.into()));
    let runs = data.json(&["view", "runs"]);
    let row = &runs["rows"][0]["row"];
    assert_eq!((&row["assistant_messages"], &row["tool_results"]), (&453.into(), &373.into()));
    assert_eq!((&row["tool_calls"], &row["user_messages"]), (&391.into(), &88.into()));
    let before = rows(&data);

    let second = data.json(&["import", "pi", &pi(), "--project", "demo"]);
    assert_eq!((&second["new"], &second["duplicates"]), (&0.into(), &first["commits"]));
    assert_eq!(
        data.json(&["verify"])["events"],
        data.json(&["view", "usage"])["position"].as_u64().unwrap() + 1
    );
    assert_eq!(data.json(&["view", "usage"])["position"], usage["position"], "no new event");
    assert_eq!(rows(&data), before);
}

#[test]
fn trajectories_are_imported_together() {
    let data = Data::new();
    let files = ["function_calling_simple.traj", "marshmallow-1867.traj", "pydicom-1458.traj"].map(data_file);
    let words: Vec<&str> =
        ["import", "swe-agent"].into_iter().chain(files.iter().map(String::as_str)).collect();
    let report = data.json(&words);
    assert_eq!((&report["files"], report["runs"].as_array().map(Vec::len)), (&3.into(), Some(3)));
    assert_eq!(data.json(&words)["new"], 0);
}

#[test]
fn bad_lines_are_told_and_counted_and_the_rest_goes_on() {
    let data = Data::new();
    let text = fs::read_to_string(pi()).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    lines.insert(10, "{\"type\":\"message\",");
    lines.insert(20, "not JSON");
    let path = data.path().join("bad.jsonl");
    fs::write(&path, lines.join("\n")).unwrap();
    let file = path.display().to_string();
    let end = data.run(&["import", "pi", &file, "--output", "json"]);
    assert_eq!(end.code, 3, "{end:?}");
    for line in [11, 21] {
        assert!(end.stderr.contains(&format!("{file}:{line}: ")), "{end:?}");
    }
    let report: Value = serde_json::from_str(&end.stdout).unwrap();
    assert_eq!((&report["bad_lines"], &report["rejected"]), (&2.into(), &0.into()));
    assert_eq!(cents(&data.json(&["view", "usage"])["summary"]["total_cost_usd"]), 3_033);
}

#[test]
fn what_cannot_be_imported_makes_no_log() {
    let (data, files) = (Data::new(), tempfile::tempdir().unwrap());
    let path = files.path().join("bad.jsonl");
    fs::write(&path, "once upon a time\n").unwrap();
    let (bad, missing) = (path.display().to_string(), files.path().join("none").display().to_string());
    for paths in [&[&*bad][..], &[&missing, &bad]] {
        let end = data.run(&[&["import", "pi"], paths].concat());
        assert_ne!(end.code, 0, "{end:?}");
        assert!(!data.path().join("log").exists(), "{end:?}");
    }
    data.run(&["import", "pi", &bad, &pi()]);
    assert!(data.path().join("log").exists(), "one of them can be");
}

#[test]
fn what_is_not_there_is_said_with_a_hint() {
    let data = Data::new();
    data.ok(&["import", "pi", &pi()]);
    let missing = "01JD0000000000000000000000";
    for (words, what) in [
        (&["view", "rums"][..], "unknown view"),
        (&["view", "runs", "--filter", "colour=red"], "no filter"),
        (&["view", "runs", missing], "nothing under"),
        (&["view", "run-timeline"], "wants the id"),
        (&["view", "runs", "--at", "yesterday"], "expected a position"),
        (&["replay", "--run", missing], "no run"),
        (&["replay", "--run", "x"], "no id"),
        (&["import", "pi", &pi(), "--project", missing], "no project"),
        (&["import", "pi", &data.path().display().to_string()], "regular file"),
        (&["view", "runs", "--server", "https://localhost", "--token", "t"], "expected a server"),
    ] {
        let end = data.run(words);
        assert_eq!(end.code, 2, "{words:?}: {end:?}");
        assert!(end.stderr.contains(what), "{words:?}: {end:?}");
        assert!(end.stderr.contains("\nhint: "), "{words:?}: {end:?}");
        assert!(end.stdout.is_empty(), "{words:?}: {end:?}");
    }
    let unread = data.run(&["import", "pi", "/no/such/file"]);
    assert_eq!(unread.code, 1, "{unread:?}");
    let nobody = data.run(&["view", "runs", "--server", "http://127.0.0.1:1", "--token", "t"]);
    assert_eq!(nobody.code, 9, "{nobody:?}");
}

#[test]
fn reading_a_folder_without_a_log_makes_none() {
    let data = Data::new();
    for words in [&["view", "runs"][..], &["verify"], &["replay", "--run", "latest"]] {
        let end = data.run(words);
        assert_eq!(end.code, 2, "{end:?}");
        assert!(end.stderr.contains("there is no log"), "{end:?}");
    }
    assert!(!data.path().join("log").exists());
}

#[test]
fn a_story_is_told_in_every_form() {
    let data = Data::new();
    let run = data.json(&["import", "pi", &pi()])["runs"][0]["run"].as_str().unwrap().to_owned();
    let text = data.ok(&["replay", "--run", "latest"]);
    assert!(
        text.contains(&run) && text.contains("$30.33") && !text.contains('\u{1b}'),
        "no colours in a pipe"
    );
    let story = data.json(&["replay", "--run", &run]);
    assert_eq!(story["run"], run.as_str());
    let events = data.ok(&["replay", "--run", &run, "--output", "ndjson"]);
    let positions =
        events.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["position"].as_u64().unwrap());
    let positions: Vec<u64> = positions.collect();
    assert!(positions.is_sorted() && positions.len() > 1_800, "{}", positions.len());
    let middle = positions[positions.len() / 2].to_string();
    let half = data.ok(&["replay", "--run", &run, "--to", &middle, "--output", "ndjson"]);
    assert_eq!(half.lines().count(), positions.len() / 2 + 1);
}

#[test]
fn a_sound_log_is_verified_and_a_flipped_bit_is_found() {
    let data = Data::new();
    data.ok(&["import", "pi", &pi()]);
    assert_eq!(data.json(&["verify"])["verified"], true);
    let db = data.path().join("log").join("db");
    let sound = fs::read(&db).unwrap();
    // The file is made larger than what is in it.
    let written: Vec<usize> = (0..sound.len()).filter(|at| sound[*at] != 0).collect();
    for part in [3, 5, 7] {
        let mut bytes = sound.clone();
        bytes[written[written.len() * part / 10]] ^= 0x10;
        fs::write(&db, bytes).unwrap();
        let end = data.run(&["verify", "--output", "json"]);
        assert_eq!(end.code, 1, "part {part}: {end:?}");
        assert!(!end.stderr.contains("panicked at"), "part {part}: {end:?}");
    }
    fs::write(&db, sound).unwrap();
    data.ok(&["verify"]);
}

#[test]
fn a_folder_that_a_server_holds_is_read_and_written_through_it() {
    let data = Data::new();
    let server = data.serve();
    let report = data.json(&["import", "pi", &pi()]);
    assert_eq!((&report["rejected"], &report["bad_lines"]), (&0.into(), &0.into()));
    assert_eq!(report["new"], report["commits"]);
    assert_eq!(data.json(&["import", "pi", &pi()])["new"], 0);
    let position = report["position"].as_u64().unwrap();
    kit::wait_for("the views", PATIENCE, || {
        data.json(&["view", "usage"])["position"].as_u64().filter(|at| *at >= position)
    });
    let held = rows(&data);
    let story = data.ok(&["replay", "--run", "latest", "--output", "ndjson"]);
    assert_eq!(data.json(&["verify"])["verified"], true);
    let doctor = data.json(&["doctor"]);
    assert_eq!(doctor["ok"], true, "{doctor}");
    assert!(doctor["checks"].to_string().contains(&server.url), "{doctor}");
    let unknown = data.run(&["view", "rums"]);
    assert_eq!(unknown.code, 2, "{unknown:?}");
    assert!(unknown.stderr.contains("hint: "), "{unknown:?}");
    let wrong = data.run(&["view", "runs", "--token", "wb_wrong"]);
    assert_eq!(wrong.code, 9, "{wrong:?}");
    let named = Data::new().ok(&[
        "view",
        "runs",
        "--server",
        &server.url,
        "--token",
        &server.token,
        "--output",
        "ndjson",
    ]);
    assert!(held.iter().any(|row| row.strip_prefix("runs ") == Some(named.trim_end())), "{named}");

    let end = server.stop();
    assert_eq!(end.code, 0, "{end:?}");
    assert!(end.stdout.contains("Stopped"), "{end:?}");
    assert!(!data.path().join("server.json").exists());
    assert_eq!(rows(&data), held, "the folder itself says the same");
    assert_eq!(data.ok(&["replay", "--run", "latest", "--output", "ndjson"]), story);
}

#[test]
fn a_server_starts_only_where_it_is_safe_and_free() {
    let data = Data::new();
    let remote = data.run(&["serve", "--bind", "0.0.0.0:0"]);
    assert_eq!(remote.code, 2, "{remote:?}");
    assert!(remote.stderr.contains("--insecure-bind"), "{remote:?}");
    let server = data.serve();
    let second = data.run(&["serve", "--port", "0"]);
    assert_eq!(second.code, 9, "{second:?}");
    let port = server.url.rsplit_once(':').unwrap().1;
    let taken = Data::new().run(&["serve", "--port", port]);
    assert_eq!(taken.code, 1, "{taken:?}");
    assert!(taken.stderr.contains("--port"), "{taken:?}");
    server.stop();
}

#[test]
fn an_import_that_was_killed_is_completed_by_another() {
    let whole = Data::new();
    whole.ok(&["import", "pi", &pi()]);
    let (expected, hashes) = (rows(&whole), state_hashes(&whole));
    let mut cut_off = 0;
    // A kill may come too early or too late to leave anything to complete: then another place is tried.
    for attempt in 0..40 {
        let data = Data::new();
        killed_after(&data, attempt % 4 * 200_000);
        let report = data.json(&["import", "pi", &pi()]);
        let count = |name: &str| report[name].as_u64().expect("it is a number");
        assert_eq!(count("commits"), count("new") + count("duplicates"));
        assert_eq!(rows(&data), expected, "attempt {attempt}: {report}");
        assert_eq!(state_hashes(&data), hashes, "attempt {attempt}: {report}");
        assert_eq!(data.json(&["verify"])["verified"], true);
        cut_off += u32::from(count("new") > 0 && count("duplicates") > 0);
        if cut_off == 3 {
            return;
        }
    }
    panic!("{cut_off} of 40 kills cut an import off");
}

/// The hash of every live view's state, as the engine tells it.
fn state_hashes(data: &Data) -> Vec<(&'static str, [u8; 32])> {
    let engine =
        engine::Engine::open(data.path(), journal::Options::default()).expect("nobody holds the folder");
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().build().expect("there is a timer");
    runtime.block_on(engine.caught_up());
    let mut hashes = engine.state_hashes().expect("rows can be read");
    // It tells where in the log things stand, and that depends on how often a process began to write.
    hashes.retain(|(view, _)| *view != "audit-trail");
    engine.close().expect("the folder can be written");
    hashes
}

/// Imports the session and kills the program once its log holds so many bytes.
fn killed_after(data: &Data, bytes: u64) {
    let mut command = data.command(&["import", "pi", &pi()]);
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let mut child = child.expect("the binary can be run");
    let mut has_ended = || child.try_wait().expect("it is this process's child").is_some();
    let used = || stored(&data.path().join("log").join("db"));
    kit::wait_for("some of the log, or the import's end", PATIENCE, || {
        (used() > bytes || has_ended()).then_some(())
    });
    // SIGKILL; one that has ended already is the same test with nothing to complete.
    let _ = child.kill();
    child.wait().expect("it is this process's child");
}

/// Bytes on the disk, holes left out.
fn stored(path: &Path) -> u64 {
    use std::os::unix::fs::MetadataExt;
    path.metadata().map_or(0, |meta| meta.blocks() * 512)
}

#[test]
fn completions_are_a_script_that_the_shell_takes() {
    let script = Data::new().ok(&["completions", "bash"]);
    // On stdin: it is longer than an argument may be.
    let mut shell = Command::new("bash").args(["-n", "-s"]).stdin(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut shell.stdin.take().unwrap(), script.as_bytes()).unwrap();
    assert!(shell.wait().unwrap().success());
}

#[test]
fn a_part_of_the_growth_bench_writes_and_reads_in_a_process_of_its_own() {
    let data = Data::new();
    let folder = data.path().join("growth").display().to_string();
    let part = |task: &str| {
        data.json(&["bench", "part", "--folder", &folder, "--task", task, "--to", "2000"])["events"].clone()
    };
    // Of what is appended the last fifth is measured; all of it is read and verified.
    assert_eq!([part("close"), part("open"), part("read"), part("verify")], [400, 2_000, 2_000, 2_000]);
}
