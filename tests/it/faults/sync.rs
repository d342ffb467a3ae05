//! Writes and syncs that fail: nothing is acknowledged, nothing is tried again, and the process leaves.

use std::fs;
use std::time::{Duration, Instant};

use super::asked::{Asked, can_trace};
use crate::cli::run::{Data, data_file};

/// A process whose log failed must be gone within this.
const LEAVE_MAX: Duration = Duration::from_secs(5);
/// Its exit code then.
const LOG_FAILED: i32 = 6;

/// Whether a line of strace is a sync that began.
fn is_sync(line: &str) -> bool {
    line.contains("fdatasync(") || line.contains("fsync(")
}

/// The file that sled writes.
fn log_file(data: &Data) -> String {
    data.path().join("log/db").display().to_string()
}

async fn check_leaves(inject: &str, reason: &str) {
    let data = Data::new();
    let trace = data.path().with_extension("trace");
    let inject_option = format!("inject={inject}");
    let trace_path = trace.display().to_string();
    let calls = "trace=fdatasync,fsync,pwrite64";
    let file = log_file(&data);
    // Only calls on the log's own file are seen and fail.
    let wrapper = ["strace", "-qq", "-f", "-P", &file, "-o", &trace_path, "-e", calls, "-e", &inject_option];
    let server = data.serve_under(&wrapper);
    let mut asked = Asked::of(&server);
    let refusal = asked.make_until_refused(500).await;
    let refused = Instant::now();
    // Where the fault struck between two commands, the server may be gone before the next one.
    if let Some(refusal) = refusal {
        let problem = refusal.problem();
        assert!(problem.starts_with("500 log_failed: the writer stopped: "), "{inject}: {problem}");
        assert!(problem.contains(reason) && problem.contains("start it again"), "{inject}: {problem}");
    }
    let end = server.ended();
    assert!(refused.elapsed() < LEAVE_MAX, "{inject}: it took {:?} to leave", refused.elapsed());
    assert_eq!(end.code, LOG_FAILED, "{inject}: {end:?}");
    assert!(end.stderr.contains("error: the log failed: "), "{inject}: {end:?}");
    assert!(end.stderr.contains("\nhint: nothing after the last acknowledged"), "{inject}: {end:?}");
    assert!(!end.stderr.contains("panic"), "{inject}: {end:?}");

    let trace = fs::read_to_string(trace).expect("strace wrote it");
    let lines: Vec<&str> = trace.lines().collect();
    let failed = lines.iter().position(|line| line.contains("(INJECTED)")).expect("the fault struck");
    if is_sync(lines[failed]) || lines[failed].contains("fdatasync resumed") {
        let again = lines[failed + 1..].iter().find(|line| is_sync(line));
        assert_eq!(again, None, "{inject}: a sync follows the one that failed");
    }

    let server = data.serve();
    let asked = asked.again(&server);
    asked.check().await;
    let notes = asked.ready().await;
    assert_eq!(notes["ready"], true, "{inject}: {notes}");
    assert_eq!(server.stop().code, 0);
    assert_eq!(data.json(&["verify"])["verified"], true, "{inject}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_write_or_sync_ends_the_server_and_the_next_one_recovers() {
    if !can_trace() {
        return;
    }
    for (inject, reason) in [
        ("fdatasync:error=EIO:when=5+", "fdatasync failed"),
        ("fdatasync:error=EIO:when=9", "fdatasync failed"),
        ("pwrite64:error=EIO:when=15", "Input/output error"),
        ("pwrite64:error=ENOSPC:when=6+", "No space left on device"),
    ] {
        check_leaves(inject, reason).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_hangs_does_not_keep_a_failed_server() {
    if !can_trace() {
        return;
    }
    let data = Data::new();
    // The writer hangs in its sync for far longer than the server may take to leave. A project is two commits: the
    // claim of its slug comes first.
    let (file, hang) = (log_file(&data), "inject=fdatasync:delay_enter=60s:when=7+");
    let wrapper =
        ["strace", "-qq", "-f", "-P", &file, "-o", "/dev/null", "-e", "trace=fdatasync", "-e", hang];
    let server = data.serve_under(&wrapper);
    let mut asked = Asked::of(&server);
    for _ in 0..3 {
        assert_eq!(asked.make_next().await.expect("the server answers").status, 200);
    }
    let waiting = async { asked.make_until_refused(60).await };
    let watching = Asked::of(&server);
    let removing = async {
        let hangs = |line: &str| line.starts_with("waybill_log_writing_us ") && !line.ends_with(" 0");
        while !watching.get("/metrics").await.text.lines().any(hangs) {
            tokio::task::yield_now().await;
        }
        // Noticed by the one who watches over the writer, whatever the writer waits for.
        fs::remove_file(data.path().join("log/db")).expect("it is there");
    };
    let (refusal, ()) = tokio::join!(waiting, removing);
    let problem = refusal.expect("it is answered before the server leaves").problem();
    assert!(problem.contains("not the file that the log is in any more"), "{problem}");
    // strace itself waits for the end of its delay; the server must not.
    let status = format!("/proc/{}/status", server.pid());
    kit::wait_for("the server to leave", LEAVE_MAX, || {
        let status = fs::read_to_string(&status).unwrap_or_default();
        (status.is_empty() || status.contains("State:\tZ")).then_some(())
    });
}

#[test]
fn an_import_leaves_a_failed_log_with_the_same_code() {
    if !can_trace() {
        return;
    }
    let data = Data::new();
    let file = data_file("pi-large-session.jsonl");
    let (log, eio) = (log_file(&data), "inject=fdatasync:error=EIO:when=2+");
    let wrapper = ["strace", "-qq", "-f", "-P", &log, "-o", "/dev/null", "-e", "trace=fdatasync", "-e", eio];
    let began = Instant::now();
    let output = data.command_under(&wrapper, &["import", "pi", &file]).output().expect("strace runs");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(LOG_FAILED), "{stderr}");
    assert!(stderr.contains("the writer stopped") && stderr.contains("\nhint: nothing after"), "{stderr}");
    assert!(began.elapsed() < Duration::from_secs(30));
    let report = data.json(&["import", "pi", &file]);
    assert_eq!((&report["bad_lines"], &report["rejected"]), (&0.into(), &0.into()));
    assert_eq!(data.json(&["verify"])["verified"], true);
}
