//! The thread that folds the log into the live views, and what readers see of them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};
use std::thread::JoinHandle;

use domain::Recorded;
use domain::ids::Position;
use journal::{Journal, RawRecord};
use projections::{AnyView, Scope, ViewSpec, views};
use serde::Serialize;
use tokio::sync::watch;

use crate::EngineError;
use crate::aggregates::lock;
use crate::decode::decode;
use crate::snapshot;

const EVENTS_PER_BATCH: usize = 8192;
const BYTES_PER_BATCH: usize = 8 << 20;

/// Whether a view follows the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ViewState {
    /// It follows.
    Live,
    /// An event broke it; its rows are those before that event.
    Quarantined {
        /// The event.
        position: Position,
        /// What went wrong.
        reason: String,
    },
}

/// A live view's condition.
#[derive(Debug, Clone, Serialize)]
pub struct ViewHealth {
    /// Permanent name.
    pub name: &'static str,
    /// Version of the fold and the row.
    pub version: u32,
    /// Last event folded.
    pub position: Option<Position>,
    /// Number of rows.
    pub rows: usize,
    /// Whether it follows.
    pub state: ViewState,
}

/// A view's rows and the position they reflect, which change together.
pub(crate) struct Folded {
    pub(crate) view: Box<dyn AnyView>,
    pub(crate) position: Option<Position>,
    pub(crate) state: ViewState,
}

pub(crate) struct Live {
    pub(crate) spec: ViewSpec,
    folded: RwLock<Folded>,
}

impl Live {
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, Folded> {
        // A fold that panics is caught inside the lock and quarantines the view.
        self.folded.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn fold(&self, events: &[Recorded], last: Position) {
        let mut folded = self.folded.write().unwrap_or_else(PoisonError::into_inner);
        if folded.state != ViewState::Live || folded.position >= Some(last) {
            return;
        }
        let done = folded.position;
        let mut at = last;
        let result = catch_unwind(AssertUnwindSafe(|| {
            for event in events.iter().filter(|event| done.is_none_or(|done| event.meta.position > done)) {
                at = event.meta.position;
                folded.view.apply(event);
            }
        }));
        let Err(panic) = result else {
            folded.view.settle(last);
            folded.position = Some(last);
            return;
        };
        let reason = panic.downcast_ref::<String>().cloned();
        let reason =
            reason.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string)).unwrap_or_default();
        tracing::error!(view = self.spec.name, position = at.0, reason, "event broke the view: quarantined");
        folded.view.settle(at);
        folded.state = ViewState::Quarantined { position: at, reason };
    }
}

struct Shared {
    journal: Journal,
    live: Vec<Live>,
    progress: watch::Sender<Option<Position>>,
    stop: AtomicBool,
    unknown_events: std::sync::atomic::AtomicU64,
    fault: Mutex<Option<String>>,
}

/// Folds the log into the live views for as long as it lives.
pub(crate) struct Folder {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
    snapshots: Option<PathBuf>,
}

impl Folder {
    pub(crate) fn start(journal: Journal, snapshots: Option<PathBuf>) -> std::io::Result<Self> {
        let head = journal.watermark();
        let restore = |spec: ViewSpec| {
            let mut folded = Folded { view: (spec.make)(), position: None, state: ViewState::Live };
            if let Some(dir) = &snapshots
                && let Some((view, position)) = snapshot::read(dir, &spec, journal.identity(), head)
            {
                (folded.view, folded.position) = (view, Some(position));
            }
            Live { spec, folded: RwLock::new(folded) }
        };
        let live: Vec<Live> =
            views().into_iter().filter(|spec| spec.scope == Scope::Live).map(restore).collect();
        let cursor = live.iter().map(|view| view.read().position).min().flatten();
        let shared = Arc::new(Shared {
            journal,
            live,
            progress: watch::Sender::new(cursor),
            stop: AtomicBool::new(false),
            unknown_events: 0.into(),
            fault: Mutex::new(None),
        });
        let thread = std::thread::Builder::new().name("views".into()).spawn({
            let shared = shared.clone();
            move || shared.run(cursor)
        })?;
        Ok(Self { shared, thread: Mutex::new(Some(thread)), snapshots })
    }

    pub(crate) fn live(&self) -> &[Live] {
        &self.shared.live
    }
    /// Follows the position up to which every view has been folded.
    pub(crate) fn progress(&self) -> watch::Receiver<Option<Position>> {
        self.shared.progress.subscribe()
    }
    /// The position up to which every view has been folded.
    pub(crate) fn position(&self) -> Option<Position> {
        *self.shared.progress.borrow()
    }
    /// Events that this build does not know, and which therefore changed no view.
    pub(crate) fn unknown_events(&self) -> u64 {
        self.shared.unknown_events.load(Ordering::Relaxed)
    }
    /// Why folding stopped, if the log could not be read.
    pub(crate) fn fault(&self) -> Option<String> {
        lock(&self.shared.fault).clone()
    }

    /// Folds what is left, stops, and writes snapshots.
    pub(crate) fn stop(&self) -> Result<(), EngineError> {
        self.shared.stop.store(true, Ordering::Release);
        self.shared.progress.send_modify(|_| ());
        if let Some(thread) = lock(&self.thread).take() {
            // A panic of the thread was caught per view; what is left is a bug worth hearing of.
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        }
        let Some(dir) = &self.snapshots else { return Ok(()) };
        for view in self.live() {
            let folded = view.read();
            if let (ViewState::Live, Some(position)) = (&folded.state, folded.position) {
                snapshot::write(
                    dir,
                    &view.spec,
                    self.shared.journal.identity(),
                    position,
                    folded.view.as_ref(),
                )?;
            }
        }
        Ok(())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Release);
    }
}

impl Shared {
    /// One loop for catching up and for following: over `(cursor, watermark]`.
    fn run(&self, mut cursor: Option<Position>) {
        let waiting = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let Ok(waiting) = waiting else {
            *lock(&self.fault) = Some("the system has no timer left".into());
            return;
        };
        let mut watermark = self.journal.subscribe();
        loop {
            let target = *watermark.borrow_and_update();
            while cursor < target {
                match self.journal.read(cursor, EVENTS_PER_BATCH, BYTES_PER_BATCH) {
                    Ok(records) => {
                        let Some(last) = records.last().map(RawRecord::position) else { break };
                        self.fold(&records, last);
                        cursor = Some(last);
                        self.progress.send_replace(cursor);
                    }
                    Err(error) => {
                        tracing::error!(%error, "the log cannot be read: views stand still");
                        *lock(&self.fault) = Some(error.to_string());
                        return;
                    }
                }
            }
            if self.stop.load(Ordering::Acquire) && cursor >= self.journal.watermark() {
                return;
            }
            // The timeout is for stopping only: a change of the watermark wakes at once.
            let wake = async {
                tokio::time::timeout(std::time::Duration::from_millis(100), watermark.changed()).await
            };
            let _ = waiting.block_on(wake);
        }
    }

    fn fold(&self, records: &[RawRecord], last: Position) {
        let mut events = Vec::with_capacity(records.len());
        for record in records {
            match decode(record) {
                Ok(event) => events.push(event),
                Err(fault) if fault.is_unknown() => {
                    if self.unknown_events.fetch_add(1, Ordering::Relaxed) == 0 {
                        tracing::warn!(%fault, "an event of a newer build changes no view here");
                    }
                }
                Err(fault) => {
                    if let Some(before) = record.position().0.checked_sub(1) {
                        self.fold_all(&events, Position(before));
                    }
                    events.clear();
                    self.quarantine_all(record.position(), &fault.to_string());
                }
            }
        }
        self.fold_all(&events, last);
    }

    fn fold_all(&self, events: &[Recorded], last: Position) {
        for view in &self.live {
            view.fold(events, last);
        }
    }

    /// An event that cannot be decoded could have meant anything to any view.
    fn quarantine_all(&self, position: Position, reason: &str) {
        tracing::error!(position = position.0, reason, "event cannot be decoded: views quarantined");
        for view in &self.live {
            let mut folded = view.folded.write().unwrap_or_else(PoisonError::into_inner);
            if folded.state == ViewState::Live && folded.position < Some(position) {
                folded.state = ViewState::Quarantined { position, reason: reason.to_owned() };
            }
        }
    }
}
