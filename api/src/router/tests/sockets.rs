//! The matrix's column of the WebSocket: every topic, by everybody, with whatever opens a socket.

use std::net::Ipv4Addr;

use domain::Category;
use futures_util::{SinkExt, StreamExt};
use projections::{Scope as Of, views};
use tokio::io::DuplexStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use super::*;
use crate::serve::speak;

/// Refusals that a socket is asked for here before another is opened: it would be closed after the sixteenth.
const REFUSALS: u32 = 12;

/// How a client says who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Header,
    Hello,
    /// A ticket that it got by its token.
    Ticket,
    /// A ticket that a page got by its cookie.
    CookieTicket,
}

/// What came of opening a socket.
type Opened = Result<Socket, u16>;

struct Socket {
    stream: WebSocketStream<DuplexStream>,
    refusals: u32,
}

/// What came of a subscription.
#[derive(Debug, PartialEq)]
enum Told {
    /// All that came before the next pong.
    Shown(String),
    Refused(Value),
}

impl House {
    /// The handshake, over a pipe; the status where it is refused.
    async fn shake(&self, headers: &[(&'static str, &str)]) -> Opened {
        let (near, far) = tokio::io::duplex(256 << 10);
        tokio::spawn(speak(far, Ipv4Addr::LOCALHOST.into(), self.app.clone(), self.router.clone()));
        let mut request = format!("ws://{HOST}/v1/ws").into_client_request().expect("an address");
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().expect("a header's value"));
        }
        match client_async(request, near).await {
            Ok((stream, _)) => Ok(Socket { stream, refusals: 0 }),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    async fn ticket(&self, shows: &Shows<'_>) -> String {
        let answer = self.ask(shows, "POST", "/v1/auth/ticket", "").await;
        let shown: Value = serde_json::from_str(&answer.text).expect("JSON");
        shown["ticket"].as_str().unwrap_or_else(|| panic!("{answer:?}")).to_owned()
    }

    /// A socket of whoever shows that: welcomed, or the code it was closed with.
    async fn socket(&self, by: By, token: &str) -> Opened {
        let bearer = format!("Bearer {token}");
        let headers = if by == By::Header { vec![("authorization", bearer.as_str())] } else { vec![] };
        let mut socket = self.shake(&headers).await?;
        let said = match by {
            By::Header => None,
            By::Hello => Some(token.to_owned()),
            By::Ticket => Some(self.ticket(&Shows::Bearer(token)).await),
            By::CookieTicket => Some(self.ticket(&Shows::Cookie(token)).await),
        };
        socket.hello(said.as_deref()).await.map(|()| socket)
    }
}

impl Socket {
    async fn send(&mut self, frame: &Value) {
        self.stream.send(Message::text(frame.to_string())).await.expect("it takes frames");
    }
    /// The next frame, or the code of the close.
    async fn next(&mut self) -> Result<String, u16> {
        loop {
            match self.stream.next().await {
                Some(Ok(Message::Text(text))) => return Ok(text.to_string()),
                Some(Ok(Message::Ping(_))) => {}
                Some(Ok(Message::Close(Some(close)))) => return Err(close.code.into()),
                other => panic!("{other:?}"),
            }
        }
    }
    async fn hello(&mut self, token: Option<&str>) -> Result<(), u16> {
        self.send(&json!({ "type": "hello", "token": token })).await;
        let welcome = self.next().await?;
        assert!(welcome.contains("\"type\":\"welcome\""), "{welcome}");
        Ok(())
    }
    async fn subscribe(&mut self, topic: &str) -> Told {
        self.send(&json!({ "type": "sub", "id": "x", "topic": topic })).await;
        let (mut shown, mut pinged) = (String::new(), false);
        loop {
            let frame = self.next().await.expect("it stays open");
            if frame.contains("\"type\":\"error\"") {
                self.refusals += 1;
                let frame: Value = serde_json::from_str(&frame).expect("JSON");
                assert_eq!(frame["id"], "x", "{frame}");
                return Told::Refused(frame["problem"].clone());
            }
            if frame.contains("\"type\":\"pong\"") {
                return Told::Shown(shown);
            }
            shown.push_str(&frame);
            // What it has to show comes first; then it is left again.
            if !pinged {
                self.send(&json!({ "type": "unsub", "id": "x" })).await;
                self.send(&json!({ "type": "ping" })).await;
                pinged = true;
            }
        }
    }
}

/// A topic, the same over HTTP, and who may; the operator always may.
struct Case {
    topic: String,
    path: String,
    allowed: &'static str,
}

fn live_cases() -> Vec<Case> {
    let readers = "owner admin member auditor analyst stranger views:read agent";
    let live = views().into_iter().filter(|view| view.scope == Of::Live);
    let view = |view: projections::ViewSpec| Case {
        topic: format!("view:{}", view.name),
        path: format!("/v1/views/{}", view.name),
        allowed: readers,
    };
    let events = Case {
        topic: "events".to_owned(),
        path: "/v1/events?limit=1".to_owned(),
        allowed: "owner admin auditor stranger log:read",
    };
    live.map(view).chain([events]).collect()
}

/// Views of one aggregate, of those kinds that the house has.
fn keyed_cases(project: u8) -> Vec<Case> {
    let key = |category: Category| match category.to_string().as_str() {
        "run" => Some(of(project, 1)),
        "project" => Some(ulid(project)),
        _ => None,
    };
    let view = |view: projections::ViewSpec| {
        let Of::Stream(category) = view.scope else { return None };
        let key = key(category)?;
        let (topic, path) = (format!("view:{}/{key}", view.name), format!("/v1/views/{}/{key}", view.name));
        Some(Case { topic, path, allowed: READERS })
    };
    views().into_iter().filter_map(view).collect()
}

/// Somebody with one way to say so, through every case.
struct Column<'a> {
    house: &'a House,
    who: &'a str,
    by: By,
    socket: Socket,
    asked: usize,
    refused: usize,
}

impl<'a> Column<'a> {
    async fn open(house: &'a House, who: &'a str, by: By) -> Self {
        let socket = house.socket(by, &house.tokens[who]).await;
        let socket = socket.unwrap_or_else(|code| panic!("{who} by {by:?}: {code}"));
        Self { house, who, by, socket, asked: 0, refused: 0 }
    }
    async fn ask(&mut self, topic: &str) -> Told {
        if self.socket.refusals >= REFUSALS {
            self.socket =
                self.house.socket(self.by, &self.house.tokens[self.who]).await.expect("it opens again");
        }
        self.asked += 1;
        let told = self.socket.subscribe(topic).await;
        self.refused += usize::from(matches!(told, Told::Refused(_)));
        told
    }
    /// What is told is what HTTP tells, and what the table says.
    async fn check(&mut self, case: &Case) {
        let told = self.ask(&case.topic).await;
        let what = format!("{} by {:?}: {}", self.who, self.by, case.topic);
        let may = self.who == "operator" || case.allowed.split(' ').any(|one| one == self.who);
        let shows = Shows::Bearer(&self.house.tokens[self.who]);
        let answer = self.house.ask(&shows, "GET", &case.path, "").await;
        assert_eq!(may, answer.status == StatusCode::OK, "{what}: {answer:?}");
        match told {
            Told::Shown(shown) => {
                assert!(may, "{what}: {shown}");
                assert!(self.who == "operator" || !shown.contains("secret of 2"), "{what}: {shown}");
            }
            Told::Refused(problem) => {
                assert!(!may, "{what}: {problem}");
                let over_http: Value = serde_json::from_str(&answer.text).expect("JSON");
                assert_eq!(problem, over_http, "{what}");
            }
        }
    }
    /// What is foreign is told as what is not there.
    async fn check_hidden(&mut self, foreign: &Case, absent: &Case) {
        let (there, gone) = (self.ask(&foreign.topic).await, self.ask(&absent.topic).await);
        let plain = |told: &Told, project| {
            let Told::Refused(problem) = told else { panic!("{} {}: {told:?}", self.who, foreign.topic) };
            let ids = [ulid(project), of(project, 1)];
            ids.iter().fold(problem.to_string(), |text, id| text.replace(id, "ID"))
        };
        assert_eq!(plain(&there, FOREIGN), plain(&gone, ABSENT), "{} {}", self.who, foreign.topic);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_topic_by_everybody_with_whatever_opens_a_socket() {
    let house = House::furnished().await;
    let (mut asked, mut refused, mut columns) = (0, 0, 0);
    let cases: Vec<_> = live_cases().into_iter().chain(keyed_cases(OWN)).collect();
    for who in KINDS {
        let person = house.tokens[who].starts_with("wbp_") && who != "agent";
        let mut ways = vec![By::Header, By::Hello, By::Ticket];
        ways.extend(person.then_some(By::CookieTicket));
        for by in ways {
            let mut column = Column::open(&house, who, by).await;
            for case in &cases {
                column.check(case).await;
            }
            if who != "operator" {
                for (foreign, absent) in keyed_cases(FOREIGN).iter().zip(&keyed_cases(ABSENT)) {
                    column.check_hidden(foreign, absent).await;
                }
            }
            (asked, refused, columns) = (asked + column.asked, refused + column.refused, columns + 1);
        }
    }
    println!("{asked} subscriptions, {refused} refused: {columns} columns, {} topics", cases.len());
    assert!(asked > 2_000 && refused > 500 && columns >= 48, "{asked} {refused} {columns}");
}

#[tokio::test]
async fn a_socket_opens_for_nobody_else() {
    let house = House::furnished().await;
    let owner = house.tokens["owner"].clone();
    let wrong = format!("wb_{}_{}", of(4, 0), "0".repeat(64));
    for token in [wrong.as_str(), "x", "wbt_x"] {
        assert_eq!(house.socket(By::Header, token).await.err(), Some(401), "{token}");
        assert_eq!(house.socket(By::Hello, token).await.err(), Some(4401), "{token}");
    }
    // A cookie goes along by itself, so it says nothing here.
    for name in ["waybill", "__Host-waybill"] {
        let cookie = format!("{name}={owner}");
        let mut socket = house.shake(&[("cookie", &cookie)]).await.expect("nothing has been asked yet");
        assert_eq!(socket.hello(None).await, Err(4401));
    }
    let mut silent = house.shake(&[]).await.expect("nothing has been asked yet");
    assert_eq!(silent.hello(Some("")).await, Err(4401));
    // A page elsewhere, and a name that was rebound.
    let bearer = format!("Bearer {owner}");
    let foreign = [("authorization", bearer.as_str()), ("origin", "http://evil.example")];
    assert_eq!(house.shake(&foreign).await.err(), Some(403));
    let rebound = [("authorization", bearer.as_str()), ("host", "rebound.example")];
    assert_eq!(house.shake(&rebound).await.err(), Some(421));
    // A ticket is good once, for a socket, for whoever still is who they were.
    let ticket = house.ticket(&Shows::Bearer(&owner)).await;
    assert_eq!(house.socket(By::Header, &ticket).await.err(), Some(401));
    assert!(house.socket(By::Hello, &ticket).await.is_ok());
    assert_eq!(house.socket(By::Hello, &ticket).await.err(), Some(4401));
    let ticket = house.ticket(&Shows::Bearer(&house.tokens["agent"])).await;
    house.give(&format!("pass-{}", of(OWN, 12)), "revoke", json!({})).await;
    assert_eq!(house.socket(By::Hello, &ticket).await.err(), Some(4401));
}

#[tokio::test]
async fn a_connection_that_asks_nothing_holds_little() {
    let house = House::new(None);
    let (_client, server) = tokio::io::duplex(64);
    let from = std::net::Ipv4Addr::LOCALHOST.into();
    let waiting = crate::serve::speak(server, from, house.app.clone(), house.router.clone());
    let bytes = std::mem::size_of_val(&waiting);
    assert!(bytes <= 4 << 10, "{bytes}");
}
