//! Puts the parts together over one log, and takes them apart again.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::Event;
use domain::log::{LogEvent, WriterStarted};
use journal::{CloseError, Journal, LogIdentity, NewEvent, OpenError, Options};
use projections::ViewSpec;
use vault::{Vault, VaultError};

use crate::aggregates::{Aggregates, LoadError};
use crate::attic::{Attics, MEMORY, ROWS};
use crate::awaiting::Awaiting;
use crate::claims::ClaimLocks;
use crate::folder::Folder;
use crate::history::History;
use crate::rebuild::Rebuilds;
use crate::resource::Origins;
use crate::seal::Seals;
use crate::shelf::Shelf;
use crate::skips::Skips;
use crate::stream_views::{FoldError, StreamViews};

/// The engine over one log: executes commands and serves views. A cheap handle.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    journal: Journal,
    aggregates: Aggregates,
    awaiting: Awaiting,
    claims: ClaimLocks,
    specs: Vec<ViewSpec>,
    history: Arc<History>,
    folder: Folder,
    rebuilds: Rebuilds,
    streams: StreamViews,
    seals: Seals,
    origins: Origins,
}

/// Why the engine could not start or stop.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The log could not be opened.
    #[error("the log could not be opened")]
    Open(#[from] OpenError),
    /// The log could not be closed.
    #[error("the log could not be closed cleanly")]
    Close(#[from] CloseError),
    /// The keys that seal could not be opened.
    #[error("the vault could not be opened")]
    Vault(#[from] VaultError),
    /// What the log says about erasures could not be read.
    #[error("the erasures could not be read")]
    Erasures(#[source] LoadError),
    /// What the log says about the care of views could not be read.
    #[error("the events that views pass over could not be read")]
    Skips(#[from] FoldError),
    /// A snapshot of a view could not be written: the next start takes longer.
    #[error("the snapshot `{path}` could not be written")]
    Snapshot {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The system has no thread left.
    #[error("the view thread could not be started")]
    Thread(#[source] std::io::Error),
}

/// What an engine folds, and how it goes about the past.
pub(crate) struct Setup {
    pub(crate) specs: Vec<ViewSpec>,
    /// Events between two checkpoints of a view, as long as the log is short.
    pub(crate) checkpoint_every: u64,
    /// Bytes of rows that live views have in memory together.
    pub(crate) memory: usize,
    /// Live views that are further behind than this catch up: nobody waits for a single event, so the log is decoded
    /// on every core, and checkpoints may take their time.
    pub(crate) far_behind: u64,
}

impl Default for Setup {
    fn default() -> Self {
        let specs = projections::views();
        Self { specs, checkpoint_every: 1 << 20, memory: MEMORY, far_behind: 100_000 }
    }
}

/// The event that stands before a process's first commit.
fn fence(identity: &LogIdentity) -> NewEvent {
    let event = Event::Log(LogEvent::WriterStarted(WriterStarted {
        epoch: identity.epoch,
        software: env!("CARGO_PKG_VERSION").to_owned(),
        durability: identity.durability.to_owned(),
    }));
    NewEvent { type_id: event.type_id(), schema_version: event.schema_version(), payload: event.encode() }
}

impl Engine {
    /// Opens the log of the data folder `dir`, and folds its views up to date in the background.
    ///
    /// # Errors
    /// Where the log cannot be opened.
    pub fn open(dir: &Path, options: Options) -> Result<Self, EngineError> {
        let read_only = options.read_only;
        let journal = Journal::open(dir, Options { fence: Some(Arc::new(fence)), ..options })?;
        let vault = crate::erase::open(dir, read_only, &journal)?;
        let views = dir.join("views");
        if !read_only {
            // Nobody else writes here, and rows that another process left are of no use.
            drop(std::fs::remove_dir_all(views.join(ROWS)));
        }
        Self::over(journal, Some(views), vault, Setup::default())
    }

    /// An engine over a log in memory.
    ///
    /// # Errors
    /// Where the system has no thread left.
    pub fn memory(options: Options) -> Result<Self, EngineError> {
        Self::over(
            Journal::memory(Options { fence: Some(Arc::new(fence)), ..options }),
            None,
            Vault::memory(),
            Setup::default(),
        )
    }

    /// An engine over a log that is open for reading already; nothing is kept beside it, and what is sealed stays so.
    ///
    /// # Errors
    /// Where the log cannot be read, or the system has no thread left.
    pub fn over_log(journal: Journal) -> Result<Self, EngineError> {
        Self::over(journal, None, Vault::memory(), Setup::default())
    }

    pub(crate) fn over(
        journal: Journal,
        dir: Option<PathBuf>,
        vault: Vault,
        setup: Setup,
    ) -> Result<Self, EngineError> {
        let Setup { specs, checkpoint_every, memory, far_behind } = setup;
        let skips = Skips::load(&journal, specs.iter().map(|spec| spec.name))?;
        let shelf = |name: &str| Shelf::new(dir.as_ref().map(|dir| dir.join(name)));
        let (rebuilding, kept) = (shelf("rebuild"), shelf("kept"));
        let past = [shelf("history"), Shelf::new(dir.clone())];
        let attics = Attics::new(dir.as_ref().map(|dir| dir.join(ROWS)), memory);
        let snapshots = Arc::new(Shelf::new(dir));
        let history = History::new(journal.clone(), past, snapshots.clone(), skips, attics, checkpoint_every);
        let history = Arc::new(history);
        let folder = Folder::start(journal.clone(), &specs, history.clone(), snapshots, far_behind);
        let folder = folder.map_err(EngineError::Thread)?;
        let rebuilds = Rebuilds::new(rebuilding, kept, checkpoint_every);
        let (aggregates, claims, streams) = (Aggregates::new(), ClaimLocks::new(), StreamViews::new());
        let (seals, origins, awaiting) = (Seals::new(vault), Origins::new(), Awaiting::new());
        let inner = Inner {
            journal,
            aggregates,
            awaiting,
            claims,
            specs,
            history,
            folder,
            rebuilds,
            streams,
            seals,
            origins,
        };
        Ok(Self(Arc::new(inner)))
    }

    /// The log.
    #[must_use]
    pub fn journal(&self) -> &Journal {
        &self.0.journal
    }
    pub(crate) fn aggregates(&self) -> &Aggregates {
        &self.0.aggregates
    }
    pub(crate) fn origins(&self) -> &Origins {
        &self.0.origins
    }
    pub(crate) fn awaiting(&self) -> &Awaiting {
        &self.0.awaiting
    }
    pub(crate) fn claims(&self) -> &ClaimLocks {
        &self.0.claims
    }
    pub(crate) fn folder(&self) -> &Folder {
        &self.0.folder
    }
    pub(crate) fn history(&self) -> &Arc<History> {
        &self.0.history
    }
    pub(crate) fn rebuilds(&self) -> &Rebuilds {
        &self.0.rebuilds
    }
    pub(crate) fn specs(&self) -> &[ViewSpec] {
        &self.0.specs
    }
    /// The view of that name.
    pub(crate) fn spec(&self, name: &str) -> Option<ViewSpec> {
        self.0.specs.iter().find(|spec| spec.name == name).copied()
    }
    pub(crate) fn seals(&self) -> &Seals {
        &self.0.seals
    }
    pub(crate) fn streams(&self) -> &StreamViews {
        &self.0.streams
    }

    /// Drains the writer, stops the views and writes their snapshots. Blocks; reads go on.
    ///
    /// # Errors
    /// Where the log or a snapshot could not be written. Acknowledged commits are durable all the same.
    pub fn close(&self) -> Result<(), EngineError> {
        self.0.rebuilds.stop();
        let drained = self.0.journal.close();
        let snapshots = self.0.folder.stop();
        self.0.history.stop();
        drained?;
        snapshots
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("log", self.0.journal.identity()).finish_non_exhaustive()
    }
}
