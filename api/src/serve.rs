//! The accept loop: bounded connections, bounded header time, and an orderly end.

use std::convert::Infallible;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use ::search::Search;
use axum::body::Body;
use engine::Engine;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use proof::VerifyingKey;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;

use crate::accesses::{Accesses, Peer};
use crate::credentials::{Credentials, Secret};
use crate::direct;
use crate::late::Timed;
use crate::linger::Lingering;
use crate::metrics::Metrics;
use crate::relay::Relay;
use crate::router::router;
use crate::search::SEARCHES_MAX;
use crate::state::{App, Inner, WAITING_MAX, stopped};
use crate::tls::Tls;
use crate::token::Token;
use crate::witness::Witnessed;
use crate::ws::Pieces;

/// Connections at once; more wait in the kernel's queue.
const CONNECTIONS_MAX: usize = 16_384;
/// File handles that are kept for the log, however many connections want one.
const HANDLES_RESERVE: u64 = 40;
/// WebSockets at once.
const SOCKETS_MAX: usize = 16_384;
/// Requests under way get this long once the server stops.
pub(crate) const DRAIN: Duration = Duration::from_secs(7);
/// Bytes of a connection that the kernel holds and has not sent. What it takes beyond is lost on a client that does not
/// read, and it would take up to 4 MiB: thousands of such clients would be written to for minutes before they stall.
const UNSENT_MAX_BYTES: u32 = 64 << 10;
/// Bytes of a connection that wait to be read, about; the kernel counts its own bookkeeping as well. It would take up to
/// 32 MiB of one that sends faster than it is read, and goes through all of it again and again to make room for more,
/// ahead of everything else on that core.
const UNREAD_MAX_BYTES: usize = 128 << 10;
/// What is cut off then gets this long to let go.
const LET_GO: Duration = Duration::from_millis(500);

/// What a server needs to know beside its engine.
#[derive(Debug, Clone)]
pub struct Config {
    /// What every request must carry.
    pub token: Token,
    /// Names under which the server may be asked, with port, beside its own address and localhost.
    pub hosts: Vec<String>,
    /// Origins of pages that may ask, beside the server's own.
    pub origins: Vec<String>,
    /// Keys of witnesses whose cosignatures are taken and shown.
    pub witnesses: Vec<VerifyingKey>,
    /// Full-text search over the engine's log. Like the engine, it is left open.
    pub search: Search,
    /// What makes the first account, once, while there is none.
    pub setup: Option<Secret>,
}

/// Where a server listens.
#[derive(Debug)]
pub struct Listening {
    main: TcpListener,
    /// What the main one speaks; plain HTTP where absent.
    tls: Option<Tls>,
    /// A second one, for this machine alone: plain HTTP.
    local: Option<TcpListener>,
}

impl From<TcpListener> for Listening {
    fn from(main: TcpListener) -> Self {
        Self { main, tls: None, local: None }
    }
}

impl Listening {
    /// TLS on `main`, and plain HTTP on `local`, which should be on loopback.
    #[must_use]
    pub const fn secure(main: TcpListener, tls: Tls, local: TcpListener) -> Self {
        Self { main, tls: Some(tls), local: Some(local) }
    }
    /// Names by which clients may call it.
    fn names(&self) -> Result<Vec<String>, ServeError> {
        let mut known = names(self.main.local_addr().map_err(ServeError::Address)?);
        if let Some(local) = &self.local {
            known.extend(names(local.local_addr().map_err(ServeError::Address)?));
        }
        Ok(known)
    }
    /// The next connection, and what it is to speak.
    async fn next(&self) -> std::io::Result<Arrived> {
        let local = async {
            match &self.local {
                Some(local) => local.accept().await,
                None => std::future::pending().await,
            }
        };
        let ((stream, from), tls) = tokio::select! {
            accepted = self.main.accept() => (accepted?, self.tls.clone()),
            accepted = local => (accepted?, None),
        };
        Ok(Arrived { stream, from: from.ip(), tls })
    }
}

/// A connection that was accepted.
struct Arrived {
    stream: TcpStream,
    from: IpAddr,
    tls: Option<Tls>,
}

/// How long clients are waited for. The default is what docs/protocol.md and docs/security.md promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// The first frame must come within this.
    pub hello: Duration,
    /// A client that takes no bytes for so long is cut off.
    pub stall: Duration,
    /// A request's head, the first one's too, and the handshake of TLS must come within this.
    pub head: Duration,
    /// A body must come within this as a whole; in bulk, each piece of it within ten times as long.
    pub body: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { hello: seconds(10), stall: seconds(10), head: seconds(15), body: seconds(30) }
    }
}

/// Why the server stopped on its own.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The socket's address cannot be told.
    #[error("the listening socket has no address")]
    Address(#[source] std::io::Error),
}

/// Serves until `shutdown` resolves: then stops accepting, says `bye` on every socket, lets requests end, and
/// returns within 8 seconds. The engine is left open.
///
/// # Errors
/// Where the socket cannot be used.
pub async fn serve(
    engine: Engine,
    listening: impl Into<Listening>,
    config: Config,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    serve_with(engine, listening, config, Patience::default(), shutdown).await
}

/// As [`serve`], with another patience.
///
/// # Errors
/// As [`serve`].
pub async fn serve_with(
    engine: Engine,
    listening: impl Into<Listening>,
    config: Config,
    patience: Patience,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    let listening = listening.into();
    let names = listening.names()?;
    let (stop, stopping) = watch::channel(false);
    let metrics = Metrics::new(&engine);
    let hosts = names.into_iter().chain(config.hosts.into_iter().map(|host| host.to_ascii_lowercase()));
    let origins =
        config.origins.into_iter().map(|origin| origin.trim_end_matches('/').to_ascii_lowercase()).collect();
    let sockets = Arc::new(Semaphore::new(SOCKETS_MAX));
    let (token, hosts) = (config.token, hosts.collect());
    let sockets_left = sockets.clone();
    let (waiting, searching) = (Semaphore::new(WAITING_MAX), Semaphore::new(SEARCHES_MAX));
    let witnessed = Witnessed::by(config.witnesses, engine.journal());
    let (head, folded) = (engine.journal().subscribe(), engine.progress());
    let app = App::new(Inner {
        head: Relay::new(&head),
        folded: Relay::new(&folded),
        engine,
        token,
        credentials: Credentials::new(config.setup.as_ref()),
        accesses: Accesses::default(),
        hosts,
        origins,
        metrics,
        stopping,
        sockets: sockets_left,
        patience,
        waiting,
        search: config.search,
        searching,
        witnessed,
        pieces: Pieces::default(),
    });
    let router = router(app.clone());
    let connections_max = connections_max();
    let connections = Arc::new(Semaphore::new(connections_max));
    // Ended with this function.
    let mut relays = JoinSet::new();
    let relaying = app.clone();
    relays.spawn(async move { relaying.head.run(head).await });
    let relaying = app.clone();
    relays.spawn(async move { relaying.folded.run(folded).await });
    let mut shutdown = pin!(shutdown);
    loop {
        let (permit, arrived) = tokio::select! {
            accepted = accept(&listening, &connections) => accepted,
            () = &mut shutdown => break,
        };
        let (app, router) = (app.clone(), router.clone());
        tokio::spawn(connection(arrived, permit, app, router));
    }
    drop(listening);
    stop.send_replace(true);
    let drained = async {
        // Taking every permit means that every connection has given its own back.
        let _ = connections.acquire_many(all(connections_max)).await;
        let _ = sockets.acquire_many(all(SOCKETS_MAX)).await;
    };
    if tokio::time::timeout(DRAIN + LET_GO, drained).await.is_err() {
        tracing::warn!("some connections did not let go in time");
    }
    Ok(())
}

/// As many connections as there are file handles for; the log keeps its own.
fn connections_max() -> usize {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    // No limit is told as `None`.
    let handles = limit.current.unwrap_or(u64::MAX);
    let left = handles.saturating_sub(HANDLES_RESERVE).max(handles / 4).max(1);
    usize::try_from(left).map_or(CONNECTIONS_MAX, |left| left.min(CONNECTIONS_MAX))
}

/// The next connection, once there is room for one.
async fn accept(listening: &Listening, connections: &Arc<Semaphore>) -> (OwnedSemaphorePermit, Arrived) {
    let permit = connections.clone().acquire_owned().await.expect("the semaphore is never closed");
    loop {
        match listening.next().await {
            Ok(arrived) => return (permit, arrived),
            Err(error) => {
                // Out of file handles, mostly: others may close theirs.
                tracing::warn!(%error, "connection not accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

fn all(permits: usize) -> u32 {
    u32::try_from(permits).expect("the limits are small")
}

/// Names by which a browser or client may call this address.
fn names(address: SocketAddr) -> Vec<String> {
    let port = address.port();
    let mut names = vec![address.to_string()];
    if address.ip().is_loopback() || address.ip().is_unspecified() {
        names.extend([format!("localhost:{port}"), format!("127.0.0.1:{port}"), format!("[::1]:{port}")]);
    }
    names.sort_unstable();
    names.dedup();
    names
}

async fn connection(
    Arrived { stream, from, tls }: Arrived,
    place: OwnedSemaphorePermit,
    app: App,
    router: axum::Router,
) {
    // Small answers leave at once; failing to ask for it costs only time.
    let _ = stream.set_nodelay(true);
    bound_unsent(&stream);
    if let Err(error) = socket2::SockRef::from(&stream).set_recv_buffer_size(UNREAD_MAX_BYTES) {
        tracing::debug!(%error, "the kernel takes in as much as it likes");
    }
    let stream = Lingering::new(stream, place);
    let Some(tls) = tls else { return speak(stream, from, app, router).await };
    // Apart, so that a connection without it has no room for it.
    Box::pin(speak_tls(stream, tls, from, app, router)).await;
}

/// Has the kernel take little more than it can send.
fn bound_unsent(stream: &TcpStream) {
    #[cfg(target_os = "linux")]
    if let Err(error) = socket2::SockRef::from(stream).set_tcp_notsent_lowat(UNSENT_MAX_BYTES) {
        tracing::debug!(%error, "the kernel takes as much as it likes");
    }
    #[cfg(not(target_os = "linux"))]
    let _ = stream;
}

async fn speak_tls(stream: Lingering, tls: Tls, from: IpAddr, app: App, router: axum::Router) {
    let mut stopping = app.stopping.clone();
    let handshake = tokio::time::timeout(app.patience.head, tls.accept(stream));
    let shaken = tokio::select! {
        shaken = handshake => shaken,
        () = stopped(&mut stopping) => return,
    };
    match shaken {
        Ok(Ok(stream)) => speak(stream, from, app, router).await,
        Ok(Err(error)) => tracing::debug!(%error, "no handshake"),
        Err(_) => tracing::debug!("the handshake did not come in time"),
    }
}

/// The request as handlers get it: it says where it comes from, and its body must come in time.
fn received(request: Request<Incoming>, from: IpAddr, patience: Patience) -> Request<Body> {
    // Commands by the thousand may come for as long as there are any.
    let endless = request.uri().path() == "/v1/commands";
    let mut request = request.map(|body| match endless {
        _ if hyper::body::Body::is_end_stream(&body) => Body::empty(),
        true => Body::new(Timed::endless(body, patience.body * 10)),
        false => Body::new(Timed::whole(body, patience.body)),
    });
    request.extensions_mut().insert(Peer(from));
    request
}

pub(crate) async fn speak<S>(stream: S, from: IpAddr, app: App, router: axum::Router)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut stopping = app.stopping.clone();
    let patience = app.patience;
    let service = hyper::service::service_fn(move |request: Request<Incoming>| {
        let (app, router) = (app.clone(), router.clone());
        // A connection without a request has no room for one: thousands may wait.
        Box::pin(async move {
            Ok::<_, Infallible>(direct::answer(&app, router, received(request, from, patience)).await)
        })
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(patience.head);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service).with_upgrades());
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stopped(&mut stopping) => {
            connection.as_mut().graceful_shutdown();
            match tokio::time::timeout(DRAIN, connection).await {
                Ok(ended) => ended,
                Err(_) => return tracing::warn!("connection cut off: its request did not end in time"),
            }
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "connection ended");
    }
}
