//! One WebSocket that follows every event.

use std::time::{Duration, Instant};

use futures_util::SinkExt;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::sleep_until;
use tokio_stream::StreamExt;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{HeaderValue, header};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use super::deliveries::Arrivals;
use crate::bench::http::Endpoint;
use crate::failure::{Exit, Failure};

/// What of a frame matters here.
#[derive(Debug, Deserialize)]
struct Frame {
    #[serde(rename = "type")]
    kind: Kind,
    log: Option<String>,
    epoch: Option<u64>,
    head: Option<u64>,
    from: Option<u64>,
    to: Option<u64>,
    /// Counted, not taken apart.
    #[serde(default)]
    events: Vec<IgnoredAny>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Welcome,
    Live,
    Events,
    Reset,
    #[serde(other)]
    Other,
}

/// A socket whose subscription is live.
pub(in crate::bench) struct Subscriber {
    socket: WebSocketStream<TcpStream>,
    place: Place,
}

/// How far a subscriber has come in which log.
#[derive(Debug, Clone, Serialize)]
pub(in crate::bench) struct Place {
    log: Option<String>,
    epoch: Option<u64>,
    pub(in crate::bench) position: Option<u64>,
}

/// A frame that a socket gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::bench) struct Heard {
    pub(in crate::bench) bytes: u64,
    pub(in crate::bench) what: What,
}

/// What a frame says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::bench) enum What {
    /// So many events after the first position up to the second.
    Events {
        from: u64,
        to: u64,
        held: u64,
    },
    /// What was there is told; what comes now is new.
    Live,
    Other,
}

/// How a client reads that shares the machine with the server: a buffer is zeroed before each read, by default one of
/// 128 KiB, which took a tenth of both cores.
pub(in crate::bench) fn light() -> WebSocketConfig {
    WebSocketConfig::default().read_buffer_size(8 << 10)
}

/// Opens a socket and subscribes to every event from the head on.
pub(in crate::bench) async fn open(endpoint: &Endpoint) -> Result<Subscriber, Failure> {
    open_at(endpoint, None).await
}

/// Opens a socket and subscribes to every event behind that place, or behind the head.
pub(in crate::bench) async fn open_at(
    endpoint: &Endpoint,
    from: Option<Place>,
) -> Result<Subscriber, Failure> {
    let Endpoint { address, token } = endpoint;
    let mut request = format!("ws://{address}/v1/ws").into_client_request()?;
    request.headers_mut().insert(header::AUTHORIZATION, HeaderValue::try_from(format!("Bearer {token}"))?);
    request.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static("waybill.v1"));
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (mut socket, _) = client_async_with_config(request, stream, Some(light())).await?;
    socket.send(Message::text(r#"{"type":"hello"}"#)).await?;
    let Frame { log, epoch, head, .. } = expect(&mut socket, Kind::Welcome).await?;
    let at_head = from.is_none();
    let place = from.unwrap_or(Place { log, epoch, position: head });
    let sub = serde_json::json!({ "type": "sub", "id": "e", "topic": "events", "from": place });
    socket.send(Message::text(sub.to_string())).await?;
    let mut subscriber = Subscriber { socket, place };
    // What others committed since the welcome comes before; from behind, events are for who hears them.
    while at_head && subscriber.hear().await?.what != What::Live {}
    Ok(subscriber)
}

impl Subscriber {
    /// How far it has come.
    pub(in crate::bench) fn place(&self) -> &Place {
        &self.place
    }
    /// The next frame.
    pub(in crate::bench) async fn hear(&mut self) -> Result<Heard, Failure> {
        let text = text_of(self.socket.next().await)?;
        let bytes = u64::try_from(text.len()).unwrap_or(0);
        let Frame { kind, from, to, events, .. } = serde_json::from_str(&text)?;
        let what = match (kind, to) {
            (Kind::Events, Some(to)) => {
                self.place.position = Some(to);
                let held = u64::try_from(events.len()).unwrap_or(u64::MAX);
                What::Events { from: from.unwrap_or(0), to, held }
            }
            (Kind::Live, _) => What::Live,
            // What is before a place that is void is told anew, and would be counted twice.
            (Kind::Reset, _) => {
                return Err(Failure::new(Exit::Failed, "the server does not know where a socket was"));
            }
            _ => What::Other,
        };
        Ok(Heard { bytes, what })
    }
    /// Takes frames until the position that `goal` comes to hold, or until it has not come for `last_max`.
    pub(in crate::bench) async fn follow(
        mut self,
        mut goal: watch::Receiver<Option<u64>>,
        started: Instant,
        last_max: Duration,
    ) -> Result<Arrivals, Failure> {
        let mut arrivals = Arrivals::default();
        let mut reached = None;
        let mut deadline = None;
        loop {
            let wanted = *goal.borrow_and_update();
            if wanted.is_some() && reached >= wanted {
                break;
            }
            if wanted.is_some() && deadline.is_none() {
                deadline = Some(tokio::time::Instant::now() + last_max);
            }
            let heard = tokio::select! {
                heard = self.hear() => heard?,
                // A sender that is gone means that the bench has ended.
                changed = goal.changed() => match changed {
                    Ok(()) => continue,
                    Err(_) => break,
                },
                () = until(deadline) => break,
            };
            let at = started.elapsed();
            arrivals.bytes += heard.bytes;
            if let What::Events { from, to, .. } = heard.what {
                arrivals.frames.push((from, to, at));
                reached = Some(to);
            }
        }
        // The server ends either way.
        let _ = self.socket.close(None).await;
        Ok(arrivals)
    }
}

async fn until(deadline: Option<tokio::time::Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

async fn expect(socket: &mut WebSocketStream<TcpStream>, expected: Kind) -> Result<Frame, Failure> {
    let frame: Frame = serde_json::from_str(&text_of(socket.next().await)?)?;
    if frame.kind == expected {
        return Ok(frame);
    }
    Err(Failure::new(Exit::Failed, format!("expected a frame of type {expected:?}, got {:?}", frame.kind)))
}

type Received = Option<Result<Message, tokio_tungstenite::tungstenite::Error>>;

/// A frame's text; empty JSON for what the library answers itself.
fn text_of(message: Received) -> Result<String, Failure> {
    match message {
        Some(Ok(Message::Text(text))) => Ok(text.as_str().to_owned()),
        Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(r#"{"type":"pong"}"#.to_owned()),
        Some(Ok(_)) | None => Err(Failure::new(Exit::Failed, "the server closed a socket")),
        Some(Err(error)) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_told_apart_and_unknown_ones_passed_over() {
        let of = |text| serde_json::from_str::<Frame>(text).unwrap();
        let events = of(r#"{"type":"events","id":"e","from":3,"to":5,"events":[{"type":"x","to":9},{}]}"#);
        assert_eq!((events.kind, events.from, events.to), (Kind::Events, Some(3), Some(5)));
        assert_eq!(events.events.len(), 2);
        assert_eq!(of(r#"{"type":"live","id":"e","position":3}"#).kind, Kind::Live);
        assert_eq!(of(r#"{"type":"pong"}"#).kind, Kind::Other);
        let welcome = of(r#"{"type":"welcome","log":"L","epoch":1,"head":null,"limits":{}}"#);
        assert_eq!(
            (welcome.kind, welcome.log.as_deref(), welcome.epoch, welcome.head),
            (Kind::Welcome, Some("L"), Some(1), None)
        );
    }
}
