//! Bodies that are too large, connections that hang, and the end of a server that is in use.

use std::time::Duration;

use kit::raw;
use kit::server::{Server, TOKEN, send, within};
use kit::socket::Socket;
use kit::story::{PROJECT, create_project, id, line};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const MIB: usize = 1 << 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_is_too_large_is_told_so() {
    let server = Server::memory().await;
    let host = server.address.to_string();
    let bearer = format!("Bearer {TOKEN}");
    let headers = [("Host", host.as_str()), ("Authorization", &bearer), ("Content-Type", "application/json")];
    let post = format!("POST /v1/project/{PROJECT}/set-claude-md");
    for size in [2 * MIB + 1, 3 * MIB, 24 * MIB] {
        // Written to the end before the answer is read, as simple clients do.
        let body = vec![b' '; size];
        let answer = raw::exchange(server.address, &raw::request(&post, &headers, &body)).await;
        assert_eq!(answer.status, 413, "{size}");
        assert!(answer.problem().starts_with("413 too_large: a command takes at most 2097152 bytes"));
    }
    let (path, body) = create_project(1);
    let _ = server.post(&path, &body).await.ok();
    let head = server.head();
    let text = "x".repeat(3 * MIB / 2);
    let answer =
        server.post(&format!("/v1/project/{PROJECT}/set-claude-md"), &json!({ "content": text })).await;
    assert!(answer.status == 413 || answer.status == 422, "{}", answer.problem());
    assert_eq!(server.head(), head);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_line_of_many_does_not_stop_the_rest() {
    let server = Server::memory().await;
    let long = "y".repeat(2 * MIB + 1);
    let lines = format!("{}\n{long}\n{}\n", line(&create_project(1)), line(&create_project(2)));
    let answer = send(server.request("POST", "/v1/commands").body(lines)).await;
    let answers: Vec<Value> =
        answer.text.lines().map(|line| serde_json::from_str(line).expect("answers are JSON")).collect();
    assert_eq!(answers.len(), 3);
    assert_eq!(answers[1]["error"]["code"], "too_large");
    assert_eq!((&answers[0]["position"], &answers[2]["position"]), (&json!(2), &json!(4)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_in_use_stops_in_time_and_keeps_what_it_acknowledged() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::open(folder.path()).await;
    let (path, body) = create_project(1);
    let _ = server.post(&path, &body).await.ok();
    let engine = server.engine.clone();
    let (mut socket, _) = Socket::welcomed(&server).await;
    let live = server.request("GET", "/v1/events/live").send().await.expect("events begin");
    let mut hanging = TcpStream::connect(server.address).await.expect("it listens");
    let half =
        format!("POST {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {TOKEN}\r\n", server.address);
    hanging.write_all(format!("{half}Content-Length: 100\r\n\r\n{{").as_bytes()).await.expect("it reads");
    let mut headless = TcpStream::connect(server.address).await.expect("it listens");
    headless.write_all(half.as_bytes()).await.expect("it reads");
    let address = server.address;
    let took = server.stop().await;
    assert!(took < Duration::from_secs(8), "{took:?}");
    assert_eq!(socket.next().await["type"], "bye");
    assert_eq!(socket.closed().await.code, 1001);
    within("the events to end", live.bytes()).await.expect("they end in order");
    assert!(TcpStream::connect(address).await.is_err());
    let head = engine.journal().watermark();
    tokio::task::spawn_blocking(move || engine.close().expect("it closes")).await.expect("it closes");
    let server = Server::open(folder.path()).await;
    assert_eq!(server.head(), head);
    let project = server.get(&format!("/v1/views/projects/{PROJECT}?min_position=1")).await.ok();
    assert_eq!(project["rows"][0]["row"]["slug"], "project-1");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_that_are_none_are_answered_and_harm_nobody() {
    let server = Server::memory().await;
    for bytes in
        [&b"\x16\x03\x01\x00\xa5\x01"[..], b"GET / HTTP/9.9\r\n\r\n", b"FROB\r\n\r\n", b"\0\0\0\0\r\n\r\n"]
    {
        let mut stream = TcpStream::connect(server.address).await.expect("it listens");
        stream.write_all(bytes).await.expect("it reads");
        stream.shutdown().await.expect("it reads");
        let mut answer = vec![];
        // Some are answered with 400, others cut off.
        let _ = within("the end", stream.read_to_end(&mut answer)).await;
        assert!(!answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
    }
    let no_host = raw::exchange(server.address, b"GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n").await;
    assert_eq!(no_host.status, 421);
    assert_eq!(server.get("/livez").await.text, "ok\n");
    let long = format!("/v1/views/{}", "x".repeat(4000));
    assert_eq!(server.get(&long).await.status, 404);
    assert_eq!(server.get(&format!("/v1/views/runs/{}", id(1))).await.status, 404);
}
