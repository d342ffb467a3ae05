//! Views over HTTP: reading one's own writes, any point in history, filters, pages and entity tags.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::values::Timestamp;
use engine::Engine;
use journal::Options;
use kit::server::{Server, send};
use kit::story::{self, PROJECT, RUN, create_project, id, life, request, run};
use projections::{Scope, views};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everyone_reads_their_own_writes() {
    let server = Arc::new(Server::memory().await);
    let writers = (1..=100).map(|n| {
        let server = server.clone();
        tokio::spawn(async move {
            let (path, body) = create_project(n);
            let position = server.post(&path, &body).await.ok()["position"].as_u64().expect("a position");
            let seen =
                server.get(&format!("/v1/views/projects/{}?min_position={position}", id(n))).await.ok();
            assert!(seen["position"].as_u64() >= Some(position));
            assert_eq!(seen["rows"][0]["row"]["slug"], format!("project-{n}"));
            let (path, body) = request(&id(1_000 + n), &id(n));
            let position = server.post(&path, &body).await.ok()["position"].as_u64().expect("a position");
            let path = format!("/v1/views/run-timeline/{}?min_position={position}", id(1_000 + n));
            assert!(server.get(&path).await.ok()["position"].as_u64() >= Some(position));
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.expect("it sees what it wrote");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_may_wait_for_what_is_yet_to_come() {
    let server = Arc::new(Server::memory().await);
    let waiting = tokio::spawn({
        let server = server.clone();
        async move { server.get("/v1/views/projects?min_position=2&wait=30000").await.ok() }
    });
    let (path, body) = create_project(1);
    let _ = server.post(&path, &body).await.ok();
    assert_eq!(waiting.await.expect("it is answered")["rows"].as_array().map(Vec::len), Some(1));
    let late = server.get("/v1/views/projects?min_position=3&wait=1").await;
    assert_eq!(
        late.problem(),
        "504 not_yet: expected position 3, but the view is at 2 | ask again, or raise `wait`"
    );
}

/// The same commands as far as position `until`, folded by an engine that has seen no more.
async fn folded_up_to(told: &[story::Told], until: usize, clock: journal::Clock) -> Server {
    let engine = Engine::memory(Options { clock, ..Options::default() }).expect("a log in memory opens");
    for told in &told[..until] {
        engine.execute(story::envelope(told)).await.expect("it is in order");
    }
    engine.caught_up().await;
    Server::over(engine).await
}

/// A second passes with every event.
fn ticking() -> journal::Clock {
    let ticks = std::sync::atomic::AtomicI64::new(0);
    Arc::new(move || {
        let tick = ticks.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Timestamp::from_millis(1_790_000_000_000 + tick * 1_000)
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_point_in_history_equals_a_log_that_ends_there() {
    let told = life();
    let whole = folded_up_to(&told, told.len(), ticking()).await;
    let log = whole.get("/v1/events").await.ok();
    for commands in 1..=told.len() {
        let part = folded_up_to(&told, commands, ticking()).await;
        // Before them stand the writer's own event and the claim of the project's slug.
        let position = commands + 1;
        let time = log["events"][position]["time"].as_str().expect("a time");
        // Of two logs the audit trail names different commits.
        for view in views().into_iter().filter(|view| view.name != "audit-trail") {
            let path = match view.scope {
                Scope::Live => format!("/v1/views/{}", view.name),
                Scope::Stream(_) => format!("/v1/views/{}/{RUN}", view.name),
            };
            let mut expected = part.get(&path).await;
            for at in [position.to_string(), time.to_owned()] {
                let then = whole.get(&format!("{path}?at={at}")).await;
                assert_eq!(then.status, expected.status, "{path} at {at}: {}", then.text);
                assert_eq!(then.json(), expected.json(), "{path} at {at}");
            }
            // What lies ahead is not there yet: the answer is as of now, and says so.
            let ahead = part.get(&format!("{path}?at=9999")).await;
            expected.text = ahead.text.clone();
            assert_eq!(ahead.json(), expected.json(), "{path}");
        }
    }
    let before = whole.get("/v1/views/projects?at=2000-01-01T00:00:00Z").await.ok();
    assert_eq!((&before["position"], &before["rows"]), (&Value::Null, &json!([])));
}

async fn populated() -> Server {
    let server = Server::memory().await;
    for n in 1..=2 {
        let (path, body) = create_project(n);
        let _ = server.post(&path, &body).await.ok();
    }
    for n in 0..25 {
        let (path, body) = request(&id(100 + n), &id(1 + n % 2));
        let _ = server.post(&path, &body).await.ok();
        if n % 5 == 0 {
            let (path, body) = run(&id(100 + n), "start", json!({}));
            let _ = server.post(&path, &body).await.ok();
        }
    }
    server.engine.caught_up().await;
    server
}

fn keys(page: &Value) -> Vec<String> {
    kit::follower::keyed(&page["rows"]).into_iter().map(|(key, _)| key).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_cover_everything_once_in_either_order() {
    let server = populated().await;
    let all = keys(&server.get("/v1/views/runs").await.ok());
    assert_eq!(all.len(), 25);
    for order in ["asc", "desc"] {
        for limit in [1, 7, 24, 25, 26] {
            let (mut found, mut after) = (vec![], String::new());
            loop {
                let page =
                    server.get(&format!("/v1/views/runs?order={order}&limit={limit}{after}")).await.ok();
                found.extend(keys(&page));
                let Some(next) = page["next"].as_str() else { break };
                after = format!("&after={next}");
            }
            if order == "desc" {
                found.reverse();
            }
            assert_eq!(found, all, "{order} {limit}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn filters_equal_a_filter_of_the_whole() {
    let server = populated().await;
    let all = server.get("/v1/views/runs").await.ok();
    let rows = all["rows"].as_array().expect("rows");
    for (field, value) in
        [("project", PROJECT.to_owned()), ("status", "running".into()), ("status", "none".into())]
    {
        let expected: Vec<_> =
            rows.iter().filter(|row| row["row"][field] == value.as_str()).cloned().collect();
        let found = server.get(&format!("/v1/views/runs?{field}={value}")).await.ok();
        assert_eq!(found["rows"], json!(expected), "{field} {value}");
    }
    let both = server.get(&format!("/v1/views/runs?project={PROJECT}&status=running")).await.ok();
    let distinct: BTreeSet<_> = rows
        .iter()
        .filter(|row| row["row"]["project"] == PROJECT && row["row"]["status"] == "running")
        .map(|row| row["key"].to_string())
        .collect();
    assert_eq!(keys(&both).len(), distinct.len());
    assert!(!distinct.is_empty() && distinct.len() < 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_entity_tag_saves_the_rows_until_something_happens() {
    let server = populated().await;
    let first = server.get("/v1/views/runs").await;
    let tag = first.headers["etag"].to_str().expect("a text").to_owned();
    let asked = |server: &Server, path: &str, tag: &str| {
        send(server.request("GET", path).header("if-none-match", tag.to_owned()))
    };
    for tag in [tag.clone(), format!("\"other\", {tag}"), format!("W/{tag}")] {
        let answer = asked(&server, "/v1/views/runs", &tag).await;
        assert_eq!((answer.status, answer.text.as_str()), (304, ""), "{tag}");
    }
    assert_eq!(asked(&server, "/v1/views/runs?limit=1", &tag).await.status, 200);
    // Another log at the same position is another thing.
    let other = populated().await;
    assert_eq!(other.head(), server.head());
    assert_eq!(asked(&other, "/v1/views/runs", &tag).await.status, 200);
    let (path, body) = create_project(9);
    let _ = server.post(&path, &body).await.ok();
    server.engine.caught_up().await;
    assert_eq!(asked(&server, "/v1/views/runs", &tag).await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_recorded_session_adds_up() {
    let server = Server::memory().await;
    let items = story::session_items();
    let receipts = story::import(&server.engine, &items, 64).await;
    let head = server.head();
    let again = story::import(&server.engine, &items, 64).await;
    assert!(again.iter().all(|receipt| receipt.duplicate) && server.head() == head);
    let last = receipts.last().expect("there are commands").position;
    let usage = server.get(&format!("/v1/views/usage?min_position={last}")).await.ok();
    let sum = |field: &str| -> f64 {
        let rows = usage["rows"].as_array().expect("rows");
        rows.iter().map(|row| row["row"][field].as_f64().unwrap_or(0.0)).sum()
    };
    assert_eq!(format!("{:.2}", sum("total_cost_usd")), "30.33", "{usage}");
    assert_eq!(format!("{:.1}", sum("cache_read_tokens") / 1e6), "43.2");
    let listed = server.get("/v1/views").await.ok();
    assert_eq!(listed.as_array().map(Vec::len), Some(views().len()));
}
