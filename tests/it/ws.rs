//! The WebSocket, frame by frame: golden transcripts, refusals and limits.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Duration;

use api::Patience;
use engine::Engine;
use expect_test::expect_file;
use kit::follower::Follower;
use kit::server::{Server, TOKEN, send, still};
use kit::socket::{Closed, Socket};
use kit::story::{self, PROJECT, create_project};
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
    t.command(1, &create_project(1)).await;
    // After the project and the claim of its slug, whose commit is random.
    let from = t.from(Some(2));
    t.say(&json!({ "type": "sub", "id": "e", "topic": "events", "from": from })).await;
    t.hear().await;
    let rename = json!({ "slug": "project-1", "name": "Renamed" });
    t.command(2, &(format!("/v1/project/{PROJECT}/rename"), rename)).await;
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
    // Before it lie the first project and the claims of both slugs.
    let from = t.from(Some(3));
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
    let mut socket =
        Socket::open(server.address, &[("authorization", &bearer)], None).await.expect("welcome");
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
                assert_eq!(
                    (&frame["id"], &frame["problem"]["code"]),
                    (&json!("256"), &json!("limit_reached"))
                );
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
    server.metric("waybill_subscriptions 0").await;
}
