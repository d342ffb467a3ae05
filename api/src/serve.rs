//! The accept loop: bounded connections, bounded header time, and an orderly end.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use ::search::Search;
use axum::body::Body;
use engine::Engine;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use proof::VerifyingKey;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::direct;
use crate::metrics::Metrics;
use crate::router::router;
use crate::search::SEARCHES_MAX;
use crate::state::{App, Inner, WAITING_MAX, stopped};
use crate::token::Token;
use crate::witness::Witnessed;
use crate::ws::Pieces;

/// Connections at once; more wait in the kernel's queue.
const CONNECTIONS_MAX: usize = 16_384;
/// File handles that are kept for the log, however many connections want one.
const HANDLES_RESERVE: u64 = 40;
/// WebSockets at once.
const SOCKETS_MAX: usize = 16_384;
/// A request's head must arrive within this.
const HEAD_TIMEOUT: Duration = Duration::from_secs(15);
/// Requests under way get this long once the server stops.
pub(crate) const DRAIN: Duration = Duration::from_secs(7);
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
}

/// How long a WebSocket client is waited for. The default is what docs/protocol.md promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// The first frame must come within this.
    pub hello: Duration,
    /// A client that takes no bytes for so long is cut off.
    pub stall: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { hello: Duration::from_secs(10), stall: Duration::from_secs(10) }
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
    listener: TcpListener,
    config: Config,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    serve_with(engine, listener, config, Patience::default(), shutdown).await
}

/// As [`serve`], with another patience.
///
/// # Errors
/// As [`serve`].
pub async fn serve_with(
    engine: Engine,
    listener: TcpListener,
    config: Config,
    patience: Patience,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    let address = listener.local_addr().map_err(ServeError::Address)?;
    let (stop, stopping) = watch::channel(false);
    let metrics = Metrics::new(&engine);
    let hosts =
        names(address).into_iter().chain(config.hosts.into_iter().map(|host| host.to_ascii_lowercase()));
    let origins =
        config.origins.into_iter().map(|origin| origin.trim_end_matches('/').to_ascii_lowercase()).collect();
    let sockets = Arc::new(Semaphore::new(SOCKETS_MAX));
    let (token, hosts) = (config.token, hosts.collect());
    let sockets_left = sockets.clone();
    let (waiting, searching) = (Semaphore::new(WAITING_MAX), Semaphore::new(SEARCHES_MAX));
    let witnessed = Witnessed::by(config.witnesses, engine.journal());
    let app = App::new(Inner {
        engine,
        token,
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
    let mut shutdown = pin!(shutdown);
    loop {
        let (permit, stream) = tokio::select! {
            accepted = accept(&listener, &connections) => accepted,
            () = &mut shutdown => break,
        };
        let (app, router) = (app.clone(), router.clone());
        tokio::spawn(async move {
            connection(stream, app, router).await;
            drop(permit);
        });
    }
    drop(listener);
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
async fn accept(listener: &TcpListener, connections: &Arc<Semaphore>) -> (OwnedSemaphorePermit, TcpStream) {
    let permit = connections.clone().acquire_owned().await.expect("the semaphore is never closed");
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return (permit, stream),
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

async fn connection(stream: TcpStream, app: App, router: axum::Router) {
    // Small answers leave at once; failing to ask for it costs only time.
    let _ = stream.set_nodelay(true);
    let mut stopping = app.stopping.clone();
    let service = hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
        let (app, router) = (app.clone(), router.clone());
        async move { Ok::<_, Infallible>(direct::answer(&app, router, request.map(Body::new)).await) }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
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
