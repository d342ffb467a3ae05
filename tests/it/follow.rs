//! WebSocket clients that come, go and resume while a session is imported end with the state that HTTP shows.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use api::Patience;
use domain::ids::Position;
use engine::Engine;
use kit::follower::{Follower, keyed};
use kit::server::{PATIENCE, Server, TOKEN, still, within};
use kit::socket::Socket;
use kit::story::{self, PROJECT, RUN, create_project, request, run};
use serde_json::{Value, json};

/// A small generator (<https://en.wikipedia.org/wiki/Xorshift>): the same cuts at every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

/// Follows, cut off `drops` times after a few frames, until everything up to `head` is in.
async fn follow(
    server: Arc<Server>,
    mut followers: Vec<Follower>,
    seed: u64,
    mut drops: u32,
    mut head: tokio::sync::watch::Receiver<Option<u64>>,
) -> Vec<Follower> {
    let mut dice = Dice(seed);
    loop {
        let (mut socket, welcome) = Socket::welcomed(&server).await;
        for follower in &mut followers {
            socket.send(&follower.request()).await;
        }
        let mut budget = (drops > 0).then(|| 1 + dice.roll(12));
        loop {
            let end = *head.borrow_and_update();
            if end.is_some_and(|end| followers.iter().all(|follower| follower.reached(end))) {
                socket.close().await;
                return followers;
            }
            if budget == Some(0) {
                break;
            }
            let frame = tokio::select! {
                frame = socket.next() => frame,
                _ = head.changed(), if end.is_none() => continue,
            };
            let follower = followers.iter_mut().find(|follower| frame["id"] == follower.id.as_str());
            follower.unwrap_or_else(|| panic!("for nobody: {frame}")).take(&frame, &welcome);
            budget = budget.map(|budget| budget - 1);
        }
        drops -= 1;
        if dice.roll(2) == 0 {
            socket.close().await;
        }
    }
}

fn topics(items: &[replay::import::Item]) -> Vec<Follower> {
    let id = |category: &str| {
        let stream =
            items.iter().map(|item| item.stream).find(|stream| stream.category.to_string() == category);
        stream.expect("the session has one").id
    };
    let mut all: Vec<_> = ["runs", "project-dashboard", "usage", "projects"]
        .into_iter()
        .map(|view| Follower::new(view, &format!("view:{view}")))
        .collect();
    all.push(Follower::new("timeline", &format!("view:run-timeline/{}", id("run"))));
    all.push(Follower::new("messages", &format!("view:sandbox-messages/{}", id("sandbox"))));
    all.push(Follower::new("events", "events"));
    all.push(Follower::new("calls", "events").only("category", "sandbox"));
    all.push(Follower::new("pending", "view:runs").only("status", "running"));
    all
}

/// What HTTP says at the position that the follower holds must be what it holds.
async fn check_against_http(server: &Server, follower: &Follower, log: &[Value]) {
    if follower.topic == "events" {
        let category = follower.params.get("category");
        let wants = |event: &&Value| {
            let stream = event["stream"].as_str().expect("a stream");
            category.is_none_or(|category| stream.starts_with(category.as_str()))
        };
        let expected: Vec<_> = log.iter().filter(wants).cloned().collect();
        assert_eq!(follower.events.len(), expected.len());
        assert!(follower.events == expected, "{}: other events", follower.id);
        return;
    }
    let page = server.get(&follower.path()).await.ok();
    assert_eq!(page["position"].as_u64(), follower.position());
    let expected: BTreeMap<_, _> = keyed(&page["rows"]).into_iter().collect();
    assert_eq!(
        follower.rows.keys().collect::<Vec<_>>(),
        expected.keys().collect::<Vec<_>>(),
        "{}",
        follower.id
    );
    for (key, row) in &expected {
        assert_eq!(&follower.rows[key], row, "{} {key}", follower.id);
    }
}

async fn whole_log(server: &Server) -> Vec<Value> {
    let page = server.get("/v1/events?limit=10000").await.ok();
    assert_eq!(page["more"], false);
    page["events"].as_array().expect("events").clone()
}

async fn import_with_followers(folder: &Path) {
    let items = Arc::new(story::session_items());
    let server = Arc::new(Server::open(folder).await);
    let (end, head) = tokio::sync::watch::channel(None);
    let mut clients = vec![];
    for (seed, begins) in [(3, 0), (5, 0), (7, 200), (11, 900), (13, 1500)] {
        let (server, topics, head) = (server.clone(), topics(&items), head.clone());
        clients.push(tokio::spawn(async move {
            let mut log = server.engine.journal().subscribe();
            let begun = begins == 0 || log.wait_for(|at| *at >= Some(Position(begins))).await.is_ok();
            assert!(begun);
            let drops = if seed == 3 { 0 } else { 15 };
            follow(server, topics, seed, drops, head).await
        }));
    }
    story::import(&server.engine, &items, 8).await;
    let last = server.head().map(|Position(last)| last);
    end.send_replace(last);
    clients.push(tokio::spawn(follow(server.clone(), topics(&items), 17, 15, head)));
    let log = whole_log(&server).await;
    for client in clients {
        for follower in within("a client to get there", client).await.expect("the protocol is kept") {
            assert_eq!(follower.position(), last, "{}", follower.id);
            check_against_http(&server, &follower, &log).await;
        }
    }
    server.metric("waybill_sockets 0").await;
    server.metric("waybill_subscriptions 0").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_before_during_and_after_an_import_end_with_the_same_state() {
    let folder = tempfile::tempdir().expect("a folder");
    import_with_followers(folder.path()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_is_not_thrown_back_by_a_server_that_starts_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let items = story::session_items();
    let mut followers = topics(&items);
    let mut expected = vec![];
    for (round, part) in items.chunks(items.len() / 3 + 1).enumerate() {
        let server = Arc::new(Server::open(folder.path()).await);
        let (_end, head) = tokio::sync::watch::channel(server.head().map(|Position(head)| head));
        if server.head().is_some() {
            // The views may still be catching up while the clients resume.
            followers = within("the resume", follow(server.clone(), followers, 19, 3, head)).await;
        }
        story::import(&server.engine, part, 64).await;
        let (_end, head) = tokio::sync::watch::channel(server.head().map(|Position(head)| head));
        followers = within("the round", follow(server.clone(), followers, 23, 3, head)).await;
        expected = whole_log(&server).await;
        for follower in &followers {
            check_against_http(&server, follower, &expected).await;
        }
        let engine = server.engine.clone();
        Arc::into_inner(server).expect("every client is gone").stop().await;
        // The first round ends without snapshots, as after a crash: the second folds anew.
        tokio::task::spawn_blocking(move || engine.close().expect("it closes")).await.expect("it closes");
        if round == 0 {
            std::fs::remove_dir_all(folder.path().join("views")).expect("snapshots were written");
        }
    }
    assert!(expected.len() > 1000 && followers.iter().all(|follower| follower.resets == 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_view_that_catches_up_waits_for_its_client() {
    let folder = tempfile::tempdir().expect("a folder");
    let engine = Engine::open(folder.path(), still()).expect("the log opens");
    let mut under_way = vec![engine.submit(story::envelope(&create_project(1))).await];
    for n in 0..12_000 {
        let body = json!({ "slug": "project-1", "name": format!("name {n}") });
        let rename = (format!("/v1/project/{PROJECT}/rename"), body);
        under_way.push(engine.submit(story::envelope(&rename)).await);
    }
    for submission in under_way {
        submission.receipt().await.expect("it is in order");
    }
    let head = engine.journal().watermark().map(|Position(head)| head);
    drop(engine);
    // Without snapshots: the views begin anew while the client comes back with all there was.
    let server = Server::open(folder.path()).await;
    let (mut socket, welcome) = Socket::welcomed(&server).await;
    let from = json!({ "log": welcome["log"], "epoch": welcome["epoch"], "position": head });
    socket.send(&json!({ "type": "sub", "id": "p", "topic": "view:projects", "from": from })).await;
    let first = socket.next().await;
    assert_eq!((&first["type"], first["position"].as_u64()), (&json!("live"), head), "{first}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_does_not_read_is_cut_and_slows_nobody() {
    let patience = Patience { stall: Duration::from_millis(300), ..Patience::default() };
    let engine = Engine::memory(still()).expect("a log in memory opens");
    let server = Server::patient(engine, patience, Some(4096)).await;
    let mut stuck = Socket::open(server.address, &[], Some(4096)).await.expect("the handshake is in order");
    stuck.send(&json!({ "type": "hello", "token": TOKEN })).await;
    for id in ["a", "b", "c"] {
        stuck.send(&json!({ "type": "sub", "id": id, "topic": "events" })).await;
    }
    let (mut reader, welcome) = Socket::welcomed(&server).await;
    let mut follower = Follower::new("e", "events");
    reader.send(&follower.request()).await;
    let items = story::session_items();
    story::import(&server.engine, &items, 64).await;
    let head = server.head().expect("events were written").0;
    while !follower.reached(head) {
        follower.take(&reader.next().await, &welcome);
    }
    server.metric("waybill_sockets 1").await;
    server.metric("waybill_subscriptions 1").await;
    let mut last = None;
    while let Ok(frame) = stuck.read().await {
        last = frame["to"].as_u64().or(last);
    }
    assert!(last < Some(head), "the stuck client got everything: {last:?} of {head}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn filtered_clients_learn_where_they_are() {
    let server = Arc::new(Server::lived().await);
    let head = server.head().map(|Position(head)| head);
    let (_end, until) = tokio::sync::watch::channel(head);
    let nothing = Follower::new("n", "events").only("project", &story::id(77));
    let view = Follower::new("v", &format!("view:run-timeline/{RUN}"));
    let followers = follow(server.clone(), vec![nothing, view], 1, 0, until).await;
    assert_eq!(followers[0].events.len(), 0);
    // What comes next concerns neither; both are told all the same.
    let other = create_project(2);
    let _ = server.post(&other.0, &other.1).await.ok();
    let asked = request(&story::id(8), &story::id(2));
    let _ = server.post(&asked.0, &asked.1).await.ok();
    let started = run(&story::id(8), "start", json!({}));
    let _ = server.post(&started.0, &started.1).await.ok();
    let (_end, until) = tokio::sync::watch::channel(server.head().map(|Position(head)| head));
    let resumed = tokio::time::timeout(PATIENCE, follow(server.clone(), followers, 1, 0, until)).await;
    assert!(resumed.is_ok_and(|followers| followers[1].resets == 0));
}
