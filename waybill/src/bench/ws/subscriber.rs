//! One WebSocket that follows every event.

use std::time::{Duration, Instant};

use futures_util::SinkExt;
use serde::Deserialize;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::sleep_until;
use tokio_stream::StreamExt;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{HeaderValue, header};
use tokio_tungstenite::{WebSocketStream, client_async};

use super::deliveries::Arrivals;
use crate::bench::http::Endpoint;
use crate::failure::{Exit, Failure};

/// What of a frame matters here. Flat, so that events are passed over and not taken apart.
#[derive(Debug, Deserialize)]
struct Frame {
    #[serde(rename = "type")]
    kind: Kind,
    log: Option<String>,
    epoch: Option<u64>,
    head: Option<u64>,
    from: Option<u64>,
    to: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Welcome,
    Live,
    Events,
    #[serde(other)]
    Other,
}

/// A socket whose subscription is live.
pub(super) struct Subscriber {
    socket: WebSocketStream<TcpStream>,
}

/// Opens a socket and subscribes to every event from the head on.
pub(super) async fn open(endpoint: &Endpoint) -> Result<Subscriber, Failure> {
    let Endpoint { address, token } = endpoint;
    let mut request = format!("ws://{address}/v1/ws").into_client_request()?;
    request.headers_mut().insert(header::AUTHORIZATION, HeaderValue::try_from(format!("Bearer {token}"))?);
    request.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static("waybill.v1"));
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (mut socket, _) = client_async(request, stream).await?;
    socket.send(Message::text(r#"{"type":"hello"}"#)).await?;
    let Frame { log, epoch, head, .. } = expect(&mut socket, Kind::Welcome).await?;
    let from = serde_json::json!({ "log": log, "epoch": epoch, "position": head });
    let sub = serde_json::json!({ "type": "sub", "id": "e", "topic": "events", "from": from });
    socket.send(Message::text(sub.to_string())).await?;
    expect(&mut socket, Kind::Live).await?;
    Ok(Subscriber { socket })
}

impl Subscriber {
    /// Takes frames until the position that `goal` comes to hold, or until it has not come for `last_max`.
    pub(super) async fn follow(
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
            let message = tokio::select! {
                message = self.socket.next() => message,
                // A sender that is gone means that the bench has ended.
                changed = goal.changed() => match changed {
                    Ok(()) => continue,
                    Err(_) => break,
                },
                () = until(deadline) => break,
            };
            let text = text_of(message)?;
            let at = started.elapsed();
            arrivals.bytes += u64::try_from(text.len()).unwrap_or(0);
            if let Frame { kind: Kind::Events, from, to: Some(to), .. } = serde_json::from_str(&text)? {
                arrivals.frames.push((from.unwrap_or(0), to, at));
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
        assert_eq!(of(r#"{"type":"live","id":"e","position":3}"#).kind, Kind::Live);
        assert_eq!(of(r#"{"type":"pong"}"#).kind, Kind::Other);
        let welcome = of(r#"{"type":"welcome","log":"L","epoch":1,"head":null,"limits":{}}"#);
        assert_eq!(
            (welcome.kind, welcome.log.as_deref(), welcome.epoch, welcome.head),
            (Kind::Welcome, Some("L"), Some(1), None)
        );
    }
}
