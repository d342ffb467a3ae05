//! The WebSocket: golden transcripts, and clients that come, go and resume while a session is imported.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use api::Patience;
use domain::ids::Position;
use engine::Engine;
use expect_test::expect_file;
use kit::follower::{Follower, keyed};
use kit::server::{PATIENCE, Server, TOKEN, send, still, within};
use kit::socket::{Closed, Socket};
use kit::story::{self, PROJECT, RUN, create_project, life, request, run};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

/// What client and server say, one line a frame, with what differs between runs masked.
struct Transcript {
    server: Server,
    socket: Socket,
    log: String,
    text: String,
}

impl Transcript {
    async fn begin() -> Self {
        let server = Server::memory().await;
        let socket = Socket::open(server.address, &[], None).await.expect("the handshake is in order");
        let log = server.engine.journal().identity().log_id.to_string();
        Self { server, socket, log, text: String::new() }
    }
    async fn welcomed() -> Self {
        let mut transcript = Self::begin().await;
        transcript.say(&json!({ "type": "hello", "token": TOKEN })).await;
        transcript.hear().await;
        transcript
    }
    fn write(&mut self, who: &str, what: &str) {
        let what = what
            .replace(TOKEN, "wb_…")
            .replace(&self.log, "01J00000000000000000000LOG")
            .replace(concat!("\"", env!("CARGO_PKG_VERSION"), "\""), "\"VERSION\"");
        self.text.push_str(&format!("{who} {what}\n"));
    }
    async fn say(&mut self, frame: &Value) {
        self.write("client:", &shown(frame));
        self.socket.send(frame).await;
    }
    async fn hear(&mut self) -> Value {
        let mut frame = self.socket.next().await;
        // The id of the commit that a process begins with is random.
        if frame["events"][0]["type"] == "WriterStarted" {
            frame["events"][0]["commit"] = json!("01J000000000000000000FENCE");
        }
        self.write("server:", &shown(&frame));
        frame
    }
    async fn hear_close(&mut self) {
        let Closed { code, reason } = self.socket.closed().await;
        self.write("server:", &format!("closes with {code}, {reason}"));
    }
    /// A command over HTTP, under a commit id that is the same at every run.
    async fn command(&mut self, n: u64, (path, body): &story::Told) {
        self.write("  http:", &format!("POST {path} {body}"));
        let key = story::id(90_000 + n);
        let answer = send(self.server.request("POST", path).header("idempotency-key", key).json(body)).await;
        let _ = answer.ok();
        self.server.engine.caught_up().await;
    }
    fn from(&self, position: Option<u64>) -> Value {
        json!({ "log": self.log, "epoch": 1, "position": position })
    }
    fn check(self, name: &str) {
        expect_file![golden(name)].assert_eq(&self.text);
    }
}

/// The type first, then the subscription, then the rest by name.
fn shown(frame: &Value) -> String {
    let fields = frame.as_object().expect("a frame is an object");
    let rank = |name: &str| ["type", "id"].iter().position(|first| *first == name).unwrap_or(2);
    let mut fields: Vec<_> = fields.iter().collect();
    fields.sort_by_key(|(name, _)| rank(name));
    let fields: Vec<_> = fields.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    format!("{{{}}}", fields.join(","))
}

fn golden(name: &str) -> PathBuf {
    kit::root().join("tests").join("golden").join("ws").join(format!("{name}.txt"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_view_is_followed() {
    let mut t = Transcript::welcomed().await;
    t.command(1, &create_project(1)).await;
    t.say(&json!({ "type": "sub", "id": "p", "topic": "view:projects" })).await;
    t.hear().await;
    t.hear().await;
    let rename = json!({ "slug": "project-1", "name": "Renamed" });
    t.command(2, &(format!("/v1/project/{PROJECT}/rename"), rename)).await;
    t.hear().await;
    t.say(&json!({ "type": "unsub", "id": "p" })).await;
    t.say(&json!({ "type": "ping" })).await;
    t.hear().await;
    t.check("view");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_is_followed() {
    let mut t = Transcript::welcomed().await;
    t.say(&json!({ "type": "sub", "id": "e", "topic": "events" })).await;
    t.hear().await;
    t.command(1, &create_project(1)).await;
    t.hear().await;
    t.say(&json!({ "type": "sub", "id": "p", "topic": "events", "params": { "category": "project" } })).await;
    t.hear().await;
    t.hear().await;
    t.check("events");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_resumes_where_it_was() {
    let mut t = Transcript::welcomed().await;
    t.command(1, &create_project(1)).await;
    t.command(2, &create_project(2)).await;
    let from = t.from(Some(1));
    t.say(&json!({ "type": "sub", "id": "p", "topic": "view:projects", "from": from })).await;
    t.hear().await;
    t.hear().await;
    t.say(&json!({ "type": "sub", "id": "e", "topic": "events", "from": from })).await;
    t.hear().await;
    t.hear().await;
    t.check("resume");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_place_that_is_void_is_reset() {
    let mut t = Transcript::welcomed().await;
    t.command(1, &create_project(1)).await;
    let (mut other, mut epoch) = (t.from(Some(1)), t.from(Some(1)));
    other["log"] = json!(story::id(7));
    epoch["epoch"] = json!(2);
    let ahead = t.from(Some(99));
    for (id, from) in [("log", other), ("epoch", epoch), ("ahead", ahead)] {
        t.say(&json!({ "type": "sub", "id": id, "topic": "view:projects", "from": from })).await;
        for _ in 0..3 {
            t.hear().await;
        }
    }
    t.check("reset");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_fit_is_refused() {
    let mut t = Transcript::begin().await;
    let from = json!({ "log": "x", "epoch": 1, "position": 1 });
    let frames = [
        json!({ "type": "ping" }),
        json!({ "type": "hello", "token": TOKEN }),
        json!({ "type": "hello", "token": TOKEN }),
        json!({ "type": "gossip" }),
        json!({ "type": "sub", "id": "a", "topic": "rumours" }),
        json!({ "type": "sub", "id": "a", "topic": "view:rumours" }),
        json!({ "type": "sub", "id": "a", "topic": "view:run-timeline" }),
        json!({ "type": "sub", "id": "a", "topic": "view:runs", "params": { "colour": "red" } }),
        json!({ "type": "sub", "id": "a", "topic": "view:runs", "params": { "limit": "1" } }),
        json!({ "type": "sub", "id": "a", "topic": "events", "params": { "limit": "1" } }),
        json!({ "type": "sub", "id": "a", "topic": "events", "from": from }),
        json!({ "type": "sub", "id": "", "topic": "events" }),
        json!({ "type": "unsub", "id": "a" }),
    ];
    for frame in &frames {
        t.say(frame).await;
        t.hear().await;
    }
    t.check("errors");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_log_is_followed_from_its_first_event() {
    let mut t = Transcript::welcomed().await;
    t.say(&json!({ "type": "sub", "id": "p", "topic": "view:projects" })).await;
    t.hear().await;
    t.hear().await;
    let from = t.from(None);
    t.say(&json!({ "type": "sub", "id": "q", "topic": "view:projects", "from": from })).await;
    t.hear().await;
    t.command(1, &create_project(1)).await;
    let mut followers = ["p", "q"].map(|id| Follower::new(id, "view:projects"));
    let welcome = json!({ "log": 1, "epoch": 1 });
    let empty = json!({ "type": "snap", "position": null, "part": 0, "last": true, "data": [] });
    for follower in &mut followers {
        follower.take(&empty, &welcome);
        follower.request();
    }
    while followers.iter().any(|follower| follower.rows.is_empty()) {
        let frame = t.socket.next().await;
        let follower = followers.iter_mut().find(|follower| frame["id"] == follower.id);
        follower.expect("one of both").take(&frame, &welcome);
    }
    t.check("empty");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_says_bye() {
    let mut t = Transcript::welcomed().await;
    let server = std::mem::replace(&mut t.server, Server::memory().await);
    let stopping = tokio::spawn(server.stop());
    t.hear().await;
    t.hear_close().await;
    let took = stopping.await.expect("the server stops");
    assert!(took < Duration::from_secs(8), "{took:?}");
    t.check("bye");
}

async fn closed_after(frame: &Value) -> Closed {
    let server = Server::memory().await;
    let mut socket = Socket::open(server.address, &[], None).await.expect("the handshake is in order");
    socket.send(frame).await;
    socket.closed().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_message_proves_who_it_is() {
    let wrong = TOKEN.replace("0123", "3210");
    for hello in [json!({ "type": "hello" }), json!({ "type": "hello", "token": wrong })] {
        assert_eq!(closed_after(&hello).await.code, 4401, "{hello}");
    }
    let server = Server::memory().await;
    let bearer = format!("Bearer {TOKEN}");
    let mut socket = Socket::open(server.address, &[("authorization", &bearer)], None).await.expect("welcome");
    socket.send(&json!({ "type": "hello" })).await;
    assert_eq!(socket.next().await["type"], "welcome");
    for headers in [
        [("authorization", "Bearer wb_wrong")],
        [("origin", "http://evil.example")],
        [("host", "rebound.example")],
    ] {
        assert!(Socket::open(server.address, &headers, None).await.is_err(), "{headers:?}");
    }
    let allowed = Socket::open(server.address, &[("origin", "http://allowed.example")], None).await;
    assert!(allowed.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_socket_without_hello_is_closed() {
    let patience = Patience { hello: Duration::from_millis(50), ..Patience::default() };
    let engine = Engine::memory(still()).expect("a log in memory opens");
    let server = Server::patient(engine, patience, None).await;
    let mut socket = Socket::open(server.address, &[], None).await.expect("the handshake is in order");
    assert_eq!(socket.closed().await.code, 4408);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_never_learns_is_closed() {
    let server = Server::memory().await;
    let (mut socket, _) = Socket::welcomed(&server).await;
    socket.send_message(Message::binary(b"{}".to_vec())).await;
    assert_eq!(socket.next().await["problem"]["detail"], "expected a text frame, got a binary one");
    for _ in 0..16 {
        socket.send_message(Message::text("{")).await;
    }
    assert_eq!(socket.closed().await.code, 4400);
    let (mut socket, welcome) = Socket::welcomed(&server).await;
    let size = usize::try_from(welcome["limits"]["frame_bytes"].as_u64().expect("a limit")).expect("small");
    socket.send_message(Message::text(" ".repeat(size + 1))).await;
    assert_eq!(socket.closed().await.code, 4400);
    let (mut socket, _) = Socket::welcomed(&server).await;
    let topic = format!("view:{}é", "x".repeat(294));
    socket.send(&json!({ "type": "sub", "id": "a", "topic": format!("{topic}é") })).await;
    assert_eq!(socket.next().await["type"], "error");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_socket_takes_so_many_subscriptions() {
    let server = Server::memory().await;
    let (mut socket, welcome) = Socket::welcomed(&server).await;
    assert_eq!(welcome["limits"]["subscriptions"], 256);
    for n in 0..257 {
        socket.send(&json!({ "type": "sub", "id": format!("{n}"), "topic": "events" })).await;
    }
    let mut live = 0;
    socket
        .until(|frame| {
            if frame["type"] == "error" {
                assert_eq!((&frame["id"], &frame["problem"]["code"]), (&json!("256"), &json!("limit_reached")));
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        })
        .await;
    socket.send(&json!({ "type": "unsub", "id": "0" })).await;
    socket.send(&json!({ "type": "sub", "id": "256", "topic": "events" })).await;
    socket
        .until(|frame| {
            assert_ne!(frame["type"], "error", "{frame}");
            live += usize::from(frame["id"] == "256" && frame["type"] == "live");
            if live == 1 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
        .await;
    socket.close().await;
    settled_gauge(&server, "waybill_subscriptions 0").await;
}

/// Waits until the metrics say so.
async fn settled_gauge(server: &Server, line: &str) {
    let told = async {
        while !server.get("/metrics").await.text.lines().any(|one| one == line) {
            tokio::task::yield_now().await;
        }
    };
    within(line, told).await;
}

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
        let stream = items.iter().map(|item| item.stream).find(|stream| stream.category.to_string() == category);
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
    assert_eq!(follower.rows.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>(), "{}", follower.id);
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
    settled_gauge(&server, "waybill_sockets 0").await;
    settled_gauge(&server, "waybill_subscriptions 0").await;
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
async fn a_client_that_does_not_read_is_cut_and_slows_nobody() {
    let patience = Patience { stall: Duration::from_millis(300), ..Patience::default() };
    let engine = Engine::memory(still()).expect("a log in memory opens");
    let server = Server::patient(engine, patience, Some(4096)).await;
    let mut stuck = Socket::open(server.address, &[], Some(4096)).await.expect("the handshake is in order");
    stuck.send(&json!({ "type": "hello", "token": TOKEN })).await;
    stuck.send(&json!({ "type": "sub", "id": "e", "topic": "events" })).await;
    let (mut reader, welcome) = Socket::welcomed(&server).await;
    let mut follower = Follower::new("e", "events");
    reader.send(&follower.request()).await;
    let items = story::session_items();
    story::import(&server.engine, &items, 64).await;
    let head = server.head().expect("events were written").0;
    while !follower.reached(head) {
        follower.take(&reader.next().await, &welcome);
    }
    settled_gauge(&server, "waybill_sockets 1").await;
    settled_gauge(&server, "waybill_subscriptions 1").await;
    let mut last = None;
    while let Ok(frame) = stuck.read().await {
        last = frame["to"].as_u64().or(last);
    }
    assert!(last < Some(head), "the stuck client got everything: {last:?} of {head}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn filtered_clients_learn_where_they_are() {
    let server = Arc::new(Server::memory().await);
    for (path, body) in life() {
        let _ = server.post(&path, &body).await.ok();
    }
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
