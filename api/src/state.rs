//! What every handler shares.

use std::sync::Arc;
use std::time::Duration;

use ::search::Search;
use domain::ids::Position;
use engine::Engine;
use tokio::sync::{Semaphore, watch};

use crate::accesses::Accesses;
use crate::credentials::Credentials;
use crate::metrics::Metrics;
use crate::problem::Problem;
use crate::relay::Relay;
use crate::serve::Patience;
use crate::token::Token;
use crate::witness::Witnessed;
use crate::ws::Pieces;

/// Largest body of a single command, in bytes.
pub(crate) const BODY_MAX_BYTES: usize = 2 << 20;
/// How long a view is waited for where the request does not say, and at most.
pub(crate) const WAIT_DEFAULT: Duration = Duration::from_secs(5);
pub(crate) const WAIT_MAX: Duration = Duration::from_secs(30);

/// How long a command waits for room in the log's queue.
const ADMIT_MAX: Duration = Duration::from_secs(2);
/// Commands that wait for it at once.
pub(crate) const WAITING_MAX: usize = 256;

/// What every handler shares. A cheap handle.
#[derive(Clone)]
pub(crate) struct App(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) engine: Engine,
    pub(crate) token: Token,
    /// What other credentials are checked with.
    pub(crate) credentials: Credentials,
    /// What the log has been told of access.
    pub(crate) accesses: Accesses,
    pub(crate) hosts: Vec<String>,
    pub(crate) origins: Vec<String>,
    pub(crate) metrics: Metrics,
    /// Changed when the log has more: the last event that is durable.
    pub(crate) head: Relay<Option<Position>>,
    /// Changed when the live views reflect more of it.
    pub(crate) folded: Relay<Option<Position>>,
    /// Turns true when the server stops: long answers end then.
    pub(crate) stopping: watch::Receiver<bool>,
    /// One permit for each open WebSocket.
    pub(crate) sockets: Arc<Semaphore>,
    pub(crate) patience: Patience,
    /// One permit for each command that waits for room in the log's queue.
    pub(crate) waiting: Semaphore,
    /// Full-text search over the same log.
    pub(crate) search: Search,
    /// One permit for each search under way.
    pub(crate) searching: Semaphore,
    /// What WebSocket subscribers share.
    pub(crate) pieces: Pieces,
    /// What witnesses have seen of the log.
    pub(crate) witnessed: Witnessed,
}

impl App {
    pub(crate) fn new(inner: Inner) -> Self {
        Self(Arc::new(inner))
    }
}

impl App {
    /// Lets a command in once the log's queue has room; turns it away where the disk does not keep up.
    pub(crate) async fn admit(&self) -> Result<(), Problem> {
        let journal = self.engine.journal();
        if !journal.is_crowded() {
            return Ok(());
        }
        // Each that waits holds its body: so few may, and for so long.
        let Ok(_place) = self.waiting.try_acquire() else { return Err(journal.overloaded().into()) };
        Ok(journal.ready_within(ADMIT_MAX).await?)
    }
}

impl std::ops::Deref for App {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

/// Resolves when the server stops.
pub(crate) async fn stopped(stopping: &mut watch::Receiver<bool>) {
    // The guard that comes back must not live across an await; an error means that the server is gone.
    let _ = stopping.wait_for(|stopping| *stopping).await.map(|_| ());
}
