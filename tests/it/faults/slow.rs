//! A disk that is slow: commands are turned away in time, health says why, and memory stays bounded.

use std::sync::{Arc, Condvar, Mutex};

use domain::values::Timestamp;
use engine::Engine;
use futures_util::future::join_all;
use journal::Options;
use kit::server::{Server, send, within};
use kit::story::create_project;

use super::asked::{Asked, can_trace};
use crate::cli::run::Data;

/// Holds the writer up: its clock stands still until it is let go.
#[derive(Clone, Default)]
struct Brake(Arc<(Mutex<Held>, Condvar)>);

#[derive(Default)]
struct Held {
    held: bool,
    /// Whether somebody stands before it.
    reached: bool,
}

impl Brake {
    fn state(&self) -> std::sync::MutexGuard<'_, Held> {
        self.0.0.lock().expect("nobody panics with it")
    }
    fn hold(&self, held: bool) {
        *self.state() = Held { held, reached: false };
        self.0.1.notify_all();
    }
    fn now(&self) -> Timestamp {
        let mut state = self.state();
        state.reached = state.held;
        drop(self.0.1.wait_while(state, |state| state.held).expect("nobody panics with it"));
        Timestamp::from_millis(1_790_000_000_000)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_are_turned_away_while_the_writer_does_not_keep_up() {
    let brake = Brake::default();
    let clock = {
        let brake = brake.clone();
        Arc::new(move || brake.now())
    };
    let engine = Engine::memory(Options { clock, queue_commits: 4, ..Options::default() });
    let server = Server::over(engine.expect("a log in memory opens")).await;
    brake.hold(true);
    let post = |n| {
        let (path, body) = create_project(n);
        send(server.request("POST", &path).json(&body))
    };
    let first = tokio::spawn(post(1));
    let reached = async {
        while !brake.state().reached {
            tokio::task::yield_now().await;
        }
    };
    within("the writer to be held up", reached).await;
    let mut held = vec![first];
    let journal = server.engine.journal();
    for n in 2.. {
        if journal.is_crowded() {
            break;
        }
        let before = journal.status().queued_commits;
        held.push(tokio::spawn(post(n)));
        let queued = async {
            while journal.status().queued_commits == before {
                tokio::task::yield_now().await;
            }
        };
        within("the command to wait", queued).await;
    }
    let ready = server.get("/readyz").await.ok();
    assert_eq!(ready["degraded"], serde_json::json!(["the writer's queue is more than half full"]));
    let turned_away = post(99).await;
    assert!(turned_away.problem().starts_with("503 overloaded: the queue takes at most "), "{turned_away:?}");
    assert_eq!(turned_away.headers["retry-after"], "1");
    brake.hold(false);
    for answer in join_all(held).await {
        let _ = answer.expect("it does not panic").ok();
    }
    let _ = post(99).await.ok();
    assert_eq!(server.get("/readyz").await.ok()["degraded"], serde_json::json!([]));
}

/// Bytes of memory of a process.
fn resident(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kib.expect("its memory is told") * 1024
}

/// The same once it has not grown by a mebibyte over so many answers: views and the index open behind the first ones.
async fn settled(asked: &Asked, pid: u32) -> u64 {
    const CALM: u32 = 500;
    let (mut bytes, mut calm) = (resident(pid), 0);
    while calm < CALM {
        let _ = asked.ready().await;
        let now = resident(pid);
        calm += 1;
        if now > bytes + (1 << 20) {
            (bytes, calm) = (now, 0);
        }
    }
    bytes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_disk_is_said_and_memory_stays_bounded_under_a_flood() {
    const CLIENTS: usize = 100;
    const ROUNDS: u64 = 3;
    if !can_trace() {
        return;
    }
    let data = Data::new();
    let (file, slow) =
        (data.path().join("log/db").display().to_string(), "inject=fdatasync:delay_enter=1100ms");
    let wrapper =
        ["strace", "-qq", "-f", "-P", &file, "-o", "/dev/null", "-e", "trace=fdatasync", "-e", slow];
    let server = data.serve_under(&wrapper);
    let asked = Asked::of(&server);
    let before = settled(&asked, server.pid()).await;
    let mut degraded = false;
    let mut most = before;
    for round in 0..ROUNDS {
        let flood = (0..CLIENTS as u64).map(|n| asked.make(1 + round * CLIENTS as u64 + n));
        let watch = async {
            for _ in 0..100 {
                let ready = asked.ready().await;
                assert_eq!(ready["ready"], true, "slow is not broken: {ready}");
                let said = ready["degraded"].as_array().expect("it is a list");
                degraded |=
                    said.iter().any(|it| it.as_str().is_some_and(|it| it.contains("the disk is slow")));
                most = most.max(resident(server.pid()));
            }
        };
        let (answers, ()) = tokio::join!(join_all(flood), watch);
        for answer in answers {
            let _ = answer.expect("the server answers").ok();
        }
    }
    assert!(degraded, "/readyz never said that the disk is slow");
    let metrics = asked.get("/metrics").await.text;
    let last = metrics.lines().find_map(|line| line.strip_prefix("waybill_log_last_sync_us "));
    assert!(last.and_then(|us| us.parse().ok()).is_some_and(|us: u64| us >= 1_100_000), "{metrics}");
    assert!(most - before < 64 << 20, "{before} bytes before the flood, {most} in it");
    let end = server.stop();
    assert_eq!(end.code, 0, "{end:?}");
}
