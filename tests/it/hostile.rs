//! Clients that hang, trickle, smuggle and flood: SECURITY T44, T47, T48 and S10. Others are served meanwhile.

use std::time::Duration;

use api::Patience;
use engine::Engine;
use kit::raw;
use kit::server::{Server, TOKEN, still, within};
use kit::socket::Socket;
use kit::story;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

/// What a client is waited for here, so that tests need not wait long.
const SHORT: Duration = Duration::from_millis(300);

async fn impatient() -> Server {
    let patience = Patience { head: SHORT, body: SHORT, ..Patience::default() };
    Server::patient(Engine::memory(still()).expect("a log in memory opens"), patience, None).await
}

/// Writes `first` at once and then `x` after `x` for as long as the server reads; gives what it says until it closes.
async fn trickle(server: &Server, first: &str, drop: &str) -> String {
    let stream = TcpStream::connect(server.address).await.expect("it listens");
    let (mut reading, mut writing) = stream.into_split();
    writing.write_all(first.as_bytes()).await.expect("it reads");
    let drops = async {
        let mut ticks = tokio::time::interval(Duration::from_millis(20));
        while !drop.is_empty() && writing.write_all(drop.as_bytes()).await.is_ok() {
            ticks.tick().await;
        }
        // Kept open: closing is the server's part.
        std::future::pending::<()>().await;
    };
    let mut answer = Vec::new();
    let read = within("the server to close", async {
        tokio::select! {
            read = reading.read_to_end(&mut answer) => read.map(|_| ()),
            () = drops => Ok(()),
        }
    })
    .await;
    // One that writes on gets a reset now and then, and what was said before it.
    let _ = read;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t44_whoever_says_little_or_nothing_is_cut_off() {
    let server = impatient().await;
    let host = format!("Host: {}\r\n", server.address);
    let bearer = format!("{host}Authorization: Bearer {TOKEN}\r\n");
    let json = "Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n{\"";
    let command = format!("POST /v1/project/01J00000000000000000000001/create HTTP/1.1\r\n{bearer}{json}");
    let verify = format!("POST /v1/log/verify HTTP/1.1\r\n{bearer}{json}");
    let login = format!("POST /v1/auth/login HTTP/1.1\r\n{host}{json}");
    let get = format!("GET /livez HTTP/1.1\r\n{host}\r\n");
    let upgrade = format!("GET /v1/ws HTTP/1.1\r\n{host}Upgrade: websocket\r\n");
    let (silent, head, kept, socket, command, verify, login) = tokio::join!(
        trickle(&server, "", ""),
        trickle(&server, "GET /livez HTTP/1.1\r\n", "x"),
        trickle(&server, &get, ""),
        trickle(&server, &upgrade, "x"),
        trickle(&server, &command, "x"),
        trickle(&server, &verify, "x"),
        trickle(&server, &login, "x"),
    );
    assert_eq!(silent, "");
    assert!(!head.contains("200 OK") && !socket.contains(" 101 "), "{head} {socket}");
    assert!(kept.starts_with("HTTP/1.1 200 OK"), "{kept}");
    for late in [command, login] {
        assert!(late.starts_with("HTTP/1.1 408") && late.contains("\"body_timeout\""), "{late}");
    }
    assert!(verify.starts_with("HTTP/1.1 4"), "{verify}");
    assert_eq!(server.get("/livez").await.text, "ok\n");
    // None is left that holds a place.
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t47_requests_within_requests_are_not_read_as_such() {
    let server = impatient().await;
    let inner = format!(
        "GET /v1/views/runs HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {TOKEN}\r\n\r\n",
        server.address
    );
    for lines in [
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: +5\r\n",
        "Content-Length: 5, 6\r\n",
        "Content-Length: 0x5\r\n",
        "Content-Length: 99999999999999999999999\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding : chunked\r\n",
        "Content-Length : 5\r\n",
        "Content-Length: 5\r\n folded: 1\r\n",
        "X: a\0b\r\n",
    ] {
        let request = format!(
            "POST /v1/commands HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {TOKEN}\r\n{lines}\r\n{inner}",
            server.address
        );
        let answer = trickle(&server, &request, "").await;
        assert!(
            !answer.contains("200 OK") && answer.matches("HTTP/1.1 ").count() <= 1,
            "{lines:?}: {answer}"
        );
    }
    for body in ["FFFFFFFFFFFFFFFFF\r\nx", "-1\r\nx", "5;\nx", "2\r\nabc\r\n", "zz\r\n"] {
        let request = format!(
            "POST /v1/project/01J00000000000000000000001/create HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {TOKEN}\r\n\
             Transfer-Encoding: chunked\r\n\r\n{body}{inner}",
            server.address
        );
        let answer = trickle(&server, &request, "").await;
        assert!(!answer.contains("200 OK") && answer.matches("HTTP/1.1 ").count() <= 1, "{body:?}: {answer}");
    }
    // HTTP/2 is not spoken: its floods find nothing to flood.
    let preface = trickle(&server, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "").await;
    assert!(!preface.contains("200 OK"), "{preface}");
    assert_eq!(server.get("/livez").await.text, "ok\n");
}

/// A WebSocket whose frames are written byte by byte.
async fn socket(server: &Server) -> TcpStream {
    let mut stream = TcpStream::connect(server.address).await.expect("it listens");
    let request = format!(
        "GET /v1/ws HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {TOKEN}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Sec-WebSocket-Protocol: waybill.v1\r\n\r\n",
        server.address
    );
    stream.write_all(request.as_bytes()).await.expect("it reads");
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(within("the handshake", stream.read_u8()).await.expect("it answers"));
    }
    assert!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
    stream
}

/// Writes all of it, and reads until the server closes: the last that it says is why.
async fn until_closed(mut stream: TcpStream, pieces: impl Iterator<Item = Vec<u8>>) {
    for piece in pieces {
        within("it to read", stream.write_all(&piece)).await.expect("it reads what is sent to the end");
    }
    let mut rest = Vec::new();
    within("the server to close", stream.read_to_end(&mut rest)).await.expect("it closes in order");
    let reason = b"a frame is too large, or not one of a WebSocket";
    let length = u8::try_from(2 + reason.len()).expect("a short reason");
    let close = [&[0x88, length][..], &4400_u16.to_be_bytes(), reason];
    assert!(rest.ends_with(&close.concat()), "{}", String::from_utf8_lossy(&rest));
}

/// A masked frame of that first byte, with so many bytes of payload, fewer than 64 KiB.
fn frame(first: u8, payload: u16) -> Vec<u8> {
    let mut frame = vec![first, 0x80 | 126];
    frame.extend(payload.to_be_bytes());
    frame.extend([0; 4]);
    frame.resize(frame.len() + usize::from(payload), b' ');
    frame
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t48_frames_that_break_the_rules_close_the_socket() {
    let server = Server::memory().await;
    let hello = br#"{"type":"hello"}"#;
    let unmasked = [&[0x81, u8::try_from(hello.len()).expect("short")][..], hello].concat();
    until_closed(socket(&server).await, std::iter::once(unmasked)).await;
    // A message that never ends: it is cut off where it is too large, and not kept.
    let parts = std::iter::once(frame(0x01, 4096)).chain(std::iter::repeat_n(frame(0x00, 4096), 64));
    until_closed(socket(&server).await, parts).await;
    // A frame that says it is longer than any may be.
    let long = [&[0x81, 0xff][..], &u64::MAX.to_be_bytes(), &[0; 4]].concat();
    until_closed(socket(&server).await, std::iter::once(long)).await;
    // Reserved bits and opcodes; a control frame in parts.
    for first in [0xc1, 0x83, 0x09] {
        until_closed(socket(&server).await, std::iter::once(frame(first, 200))).await;
    }
    assert_eq!(server.get("/livez").await.text, "ok\n");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t48_a_flood_of_pings_and_subscriptions_ends_and_harms_nobody() {
    let server = Server::memory().await;
    let (mut flooding, _) = Socket::welcomed(&server).await;
    let (mut other, _) = Socket::welcomed(&server).await;
    for _ in 0..5_000 {
        flooding.send_message(Message::Ping(vec![0; 100].into())).await;
    }
    flooding.send(&json!({ "type": "ping" })).await;
    assert_eq!(flooding.next().await["type"], "pong");
    for n in 0..=2_000_u32 {
        flooding.send(&json!({ "type": "sub", "id": n.to_string(), "topic": "events" })).await;
        if n % 1_000 == 0 {
            other.send(&json!({ "type": "ping" })).await;
            assert_eq!(other.next().await["type"], "pong", "{n}");
        }
    }
    assert_eq!(flooding.closed().await.code, 4400, "refused again and again, it is closed, and told why");
    server.metric("waybill_subscriptions 0").await;
}

/// Subscribes to every event, answers the server's ping or not, and gives what it was sent while 40 commits were made,
/// one every 20 ms, and until the last of them.
async fn told(server: &Server, answers: bool, first: u64) -> String {
    let mut stream = socket(server).await;
    for text in [r#"{"type":"hello"}"#, r#"{"type":"sub","id":"e","topic":"events"}"#] {
        let mut frame = frame(0x81, u16::try_from(text.len()).expect("short"));
        let start = frame.len() - text.len();
        frame[start..].copy_from_slice(text.as_bytes());
        stream.write_all(&frame).await.expect("it reads");
    }
    if answers {
        stream.write_all(&[0x8a, 0x80, 0, 0, 0, 0]).await.expect("it reads");
    }
    let (mut reading, _writing) = stream.split();
    let last = story::id(first + 39);
    let read = async {
        let (mut said, mut buffer) = (Vec::new(), [0; 4096]);
        while !String::from_utf8_lossy(&said).contains(&last) {
            let count = reading.read(&mut buffer).await.expect("it is open");
            assert!(count > 0, "it closed");
            said.extend_from_slice(&buffer[..count]);
        }
        String::from_utf8_lossy(&said).into_owned()
    };
    let commits = async {
        let mut ticks = tokio::time::interval(Duration::from_millis(20));
        for n in first..first + 40 {
            ticks.tick().await;
            let (path, body) = story::create_project(n);
            let _ = server.post(&path, &body).await.ok();
        }
    };
    let (said, ()) = within("the last event", async { tokio::join!(read, commits) }).await;
    said
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_does_not_show_that_he_reads_is_told_everything_but_seldom() {
    let server = Server::memory().await;
    let frames = |said: &str| said.matches(r#""type":"events""#).count();
    let read = told(&server, true, 100).await;
    let unread = told(&server, false, 200).await;
    assert!(frames(&read) >= 20, "{}", frames(&read));
    // 0.8 s at four a second, what was there before, and some room for a slow machine.
    assert!(frames(&unread) <= 12, "{}", frames(&unread));
    for n in 200..240 {
        assert!(unread.contains(&story::id(n)), "{n} is missing");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s10_no_path_leads_out_of_what_is_served() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    std::fs::create_dir(&data).expect("the folder is new");
    let server = Server::open(&data).await;
    for place in [&data, folder.path()] {
        std::fs::write(place.join("secret.txt"), "CANARY").expect("it can be written");
    }
    let host = server.address.to_string();
    let bearer = format!("Bearer {TOKEN}");
    let headers = [("Host", host.as_str()), ("Authorization", &bearer)];
    for root in [
        "/assets/",
        "/v1/log/tile/",
        "/v1/log/tile/0/",
        "/v1/log/tile/entries/",
        "/v1/log/records/",
        "/v1/views/",
        "/",
    ] {
        for step in ["../", "..%2f", "%2e%2e/", "%2e%2e%2f", "..%5c", "..%252f", "....//", "%00../"] {
            for depth in 1..=5 {
                let line = format!("GET {root}{}secret.txt", step.repeat(depth));
                let answer = raw::exchange(server.address, &raw::request(&line, &headers, b"")).await;
                assert!(answer.status >= 400 && !answer.text.contains("CANARY"), "{line}: {}", answer.text);
            }
        }
        for absolute in
            ["/etc/passwd", "%2fetc%2fpasswd", "file:///etc/passwd", "C:%5csecret.txt", "secret.txt%00.css"]
        {
            let line = format!("GET {root}{absolute}");
            let answer = raw::exchange(server.address, &raw::request(&line, &headers, b"")).await;
            assert!(answer.status >= 400 && !answer.text.contains("root:"), "{line}: {}", answer.text);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_turned_away_is_told_of_with_their_address() {
    let server = Server::memory().await;
    let refused = kit::server::send(server.anonymous("GET", "/v1/views/runs")).await;
    assert_eq!(refused.status, 401);
    server.engine.caught_up().await;
    let rows = server.get("/v1/views/access?kind=denied").await.ok();
    assert_eq!(rows["rows"][0]["row"]["address"], "127.0.0.1", "{rows}");
    assert_eq!(rows["rows"][0]["row"]["what"], "GET /v1/views/runs");
}
