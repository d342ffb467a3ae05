//! Clients that stall, do not read, and flood: on a thread of their own, until they are told to stop.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, watch};
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{HeaderValue, header};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use super::Hostile;
use crate::bench::http::Endpoint;
use crate::bench::ws::subscriber::light;

/// Connections that are being opened at once.
const OPENING: usize = 64;
/// One that was cut off comes again after so long.
const AGAIN: Duration = Duration::from_millis(250);
/// A socket that reads nothing is left after this, if it was not closed before.
const DEAF: Duration = Duration::from_secs(20);
/// They stand when as many as were asked for are open, or after this.
const STANDS_MAX: Duration = Duration::from_secs(60);

/// What was done, so far.
#[derive(Debug, Default)]
pub(super) struct Told {
    stalled: AtomicU64,
    deaf: AtomicU64,
    pings: AtomicU64,
    subscriptions: AtomicU64,
    logins: AtomicU64,
    refused: AtomicU64,
}

impl Told {
    pub(super) fn stalled(&self) -> u64 {
        self.stalled.load(Ordering::Relaxed)
    }
    pub(super) fn deaf(&self) -> u64 {
        self.deaf.load(Ordering::Relaxed)
    }
    pub(super) fn pings(&self) -> u64 {
        self.pings.load(Ordering::Relaxed)
    }
    pub(super) fn subscriptions(&self) -> u64 {
        self.subscriptions.load(Ordering::Relaxed)
    }
    pub(super) fn logins(&self) -> u64 {
        self.logins.load(Ordering::Relaxed)
    }
    pub(super) fn refused_logins(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }
}

/// Hostile clients at work.
pub(super) struct Siege {
    told: Arc<Told>,
    wanted: (u64, u64),
    stop: watch::Sender<bool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Siege {
    /// Lets them loose.
    pub(super) fn lay(endpoint: &Endpoint, counts: &Hostile) -> Self {
        let (stop, mut stopped) = watch::channel(false);
        let told = Arc::new(Told::default());
        let (endpoint, counted, counts) = (endpoint.clone(), told.clone(), counts.clone());
        let wanted = (u64::from(counts.stalled), u64::from(counts.deaf));
        let thread = std::thread::spawn(move || {
            // They stand for other machines: what they ask for is to be noticed, not what they take of the cores here.
            api::on_spare_cores();
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let runtime = runtime.expect("the system has threads and timers");
            runtime.block_on(async {
                attack(&endpoint, &counted, &counts);
                // A siege that was forgotten is over as well.
                let _ = stopped.wait_for(|stopped| *stopped).await.map(|_| ());
            });
        });
        Self { told, wanted, stop, thread: Some(thread) }
    }

    /// Waits until those that hold something do so.
    pub(super) async fn stands(&self) {
        let standing = async {
            while self.told.stalled() < self.wanted.0 || self.told.deaf() < self.wanted.1 {
                sleep(Duration::from_millis(10)).await;
            }
        };
        // As far as it got: the report tells.
        let _ = timeout(STANDS_MAX, standing).await;
    }

    /// What they did so far.
    #[cfg(test)]
    pub(super) fn so_far(&self) -> &Told {
        &self.told
    }

    /// Stops them, and tells what they did.
    pub(super) fn lift(mut self) -> Arc<Told> {
        self.end();
        self.told.clone()
    }

    fn end(&mut self) {
        self.stop.send_replace(true);
        if let Some(thread) = self.thread.take() {
            // One that panicked is over as well.
            let _ = thread.join();
        }
    }
}

impl Drop for Siege {
    fn drop(&mut self) {
        self.end();
    }
}

fn attack(endpoint: &Endpoint, told: &Arc<Told>, counts: &Hostile) {
    let opening = Arc::new(Semaphore::new(OPENING));
    let each = |count: u32, kind: Kind| {
        for _ in 0..count {
            let (endpoint, told, opening) = (endpoint.clone(), told.clone(), opening.clone());
            tokio::spawn(async move {
                let mut first = true;
                loop {
                    // Whatever becomes of it, it comes again.
                    let _ = kind.once(&endpoint, &told, &opening, first).await;
                    first = false;
                    sleep(AGAIN).await;
                }
            });
        }
    };
    each(counts.stalled, Kind::Stalled);
    each(counts.deaf, Kind::Deaf);
    each(counts.pings, Kind::Pings);
    each(counts.subscriptions, Kind::Subscriptions);
    each(counts.logins, Kind::Logins);
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Stalled,
    Deaf,
    Pings,
    Subscriptions,
    Logins,
}

type Outcome = Result<(), Box<dyn std::error::Error + Send + Sync>>;

impl Kind {
    async fn once(self, endpoint: &Endpoint, told: &Told, opening: &Semaphore, first: bool) -> Outcome {
        let permit = opening.acquire().await?;
        match self {
            Self::Stalled => {
                let mut stream = TcpStream::connect(endpoint.address).await?;
                stream.write_all(b"GET /livez HTTP/1.1\r\nHost: ").await?;
                drop(permit);
                told.stalled.fetch_add(u64::from(first), Ordering::Relaxed);
                // Nothing comes but the end.
                stream.read_exact(&mut [0; 4096]).await?;
            }
            Self::Deaf => {
                let mut socket = socket(endpoint).await?;
                socket.send(subscription(0, "events")).await?;
                drop(permit);
                told.deaf.fetch_add(u64::from(first), Ordering::Relaxed);
                sleep(DEAF).await;
            }
            Self::Pings => {
                let socket = socket(endpoint).await?;
                drop(permit);
                flood(socket, &told.pings, |_| Message::Ping(vec![0; 100].into())).await?;
            }
            Self::Subscriptions => {
                let socket = socket(endpoint).await?;
                drop(permit);
                flood(socket, &told.subscriptions, alternating).await?;
            }
            Self::Logins => {
                drop(permit);
                logins(endpoint, told).await?;
            }
        }
        Ok(())
    }
}

fn subscription(id: u64, topic: &str) -> Message {
    Message::text(format!(r#"{{"type":"sub","id":"{id}","topic":"{topic}"}}"#))
}

/// A subscription, and its end: never too many at once, and so never refused.
fn alternating(turn: u64) -> Message {
    if turn.is_multiple_of(2) {
        subscription(0, "view:runs")
    } else {
        Message::text(r#"{"type":"unsub","id":"0"}"#)
    }
}

async fn socket(
    endpoint: &Endpoint,
) -> Result<WebSocketStream<TcpStream>, Box<dyn std::error::Error + Send + Sync>> {
    let Endpoint { address, token } = endpoint;
    let mut request = format!("ws://{address}/v1/ws").into_client_request()?;
    request.headers_mut().insert(header::AUTHORIZATION, HeaderValue::try_from(format!("Bearer {token}"))?);
    request.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static("waybill.v1"));
    let (mut socket, _) =
        client_async_with_config(request, TcpStream::connect(address).await?, Some(light())).await?;
    socket.send(Message::text(r#"{"type":"hello"}"#)).await?;
    Ok(socket)
}

/// Sends as fast as the server takes it, and reads what it says.
async fn flood(
    socket: WebSocketStream<TcpStream>,
    counted: &AtomicU64,
    message: impl Fn(u64) -> Message,
) -> Outcome {
    let (mut sink, mut stream) = socket.split();
    let send = async {
        for turn in 0.. {
            sink.send(message(turn)).await?;
            counted.fetch_add(1, Ordering::Relaxed);
            // Others of its kind share the thread.
            tokio::task::yield_now().await;
        }
        Ok::<_, tokio_tungstenite::tungstenite::Error>(())
    };
    let read = async {
        while let Some(message) = stream.next().await {
            message?;
        }
        Ok::<_, tokio_tungstenite::tungstenite::Error>(())
    };
    tokio::select! {
        sent = send => sent?,
        read = read => read?,
    }
    Ok(())
}

/// Tries one password after the other.
async fn logins(endpoint: &Endpoint, told: &Told) -> io::Result<()> {
    let mut connection = endpoint.connect().await?;
    for turn in 0.. {
        let body = format!(r#"{{"email":"somebody-{turn}@example.org","password":"correct horse {turn}"}}"#);
        let request = endpoint.request("POST", "/v1/auth/login", "application/json", &body);
        let (status, _) = connection.exchange(&request).await?;
        told.logins.fetch_add(1, Ordering::Relaxed);
        told.refused.fetch_add(u64::from(status != 200), Ordering::Relaxed);
    }
    Ok(())
}
