//! The thread that folds the log into the live views.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use domain::ids::Position;
use journal::{Journal, RawRecord, ReadError};
use projections::{Scope, ViewSpec};
use tokio::sync::watch;

use crate::EngineError;
use crate::aggregates::lock;
use crate::folding::{Batch, EVENTS_PER_BATCH, Fold, ViewState};
use crate::history::History;
use crate::live::Live;
use crate::shelf::Shelf;
use crate::snapshot::{self, Fits};

const BYTES_PER_BATCH: usize = 8 << 20;

struct Shared {
    journal: Journal,
    live: Vec<Live>,
    history: Arc<History>,
    progress: watch::Sender<Option<Position>>,
    stop: AtomicBool,
    unknown_events: std::sync::atomic::AtomicU64,
    fault: Mutex<Option<String>>,
    far_behind: u64,
}

/// Folds the log into the live views for as long as it lives.
pub(crate) struct Folder {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
    snapshots: Arc<Shelf>,
}

/// The name of a view's snapshot.
pub(crate) fn snapshot_name(spec: &ViewSpec) -> String {
    format!("{}.snap", spec.name)
}

impl Folder {
    pub(crate) fn start(
        journal: Journal,
        specs: &[ViewSpec],
        history: Arc<History>,
        snapshots: Arc<Shelf>,
        far_behind: u64,
    ) -> std::io::Result<Self> {
        let head = journal.watermark();
        let restore = |spec: &ViewSpec| {
            let skipped = history.skips().of(spec.name);
            let name = snapshot_name(spec);
            let fits =
                Fits { spec, log: journal.identity(), head, skipped: &skipped, attics: history.attics() };
            let fold = snapshot::get((&snapshots, &name), &fits);
            if fold.is_none() && snapshots.has(&name) {
                let path = snapshots.path(&name);
                tracing::warn!(path = %path.display(), "snapshot does not fit this log or build: folding anew");
            }
            if let Some(position) = fold.as_ref().and_then(|fold| fold.position) {
                history.begins_at(spec.name, position);
            }
            Live::new(fold.unwrap_or_else(|| Fold::new(*spec, history.attics())))
        };
        let live: Vec<Live> = specs.iter().filter(|spec| spec.scope == Scope::Live).map(restore).collect();
        let cursor = live.iter().map(|view| view.read().fold.position).min().flatten();
        let shared = Arc::new(Shared {
            journal,
            live,
            history,
            progress: watch::Sender::new(cursor),
            stop: AtomicBool::new(false),
            unknown_events: 0.into(),
            fault: Mutex::new(None),
            far_behind,
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
    /// The live view of that name.
    pub(crate) fn find(&self, name: &str) -> Option<&Live> {
        self.live().iter().find(|live| live.spec.name == name)
    }
    /// Follows the position up to which every view has been folded.
    pub(crate) fn progress(&self) -> watch::Receiver<Option<Position>> {
        self.shared.progress.subscribe()
    }
    /// The position up to which every view has been folded.
    pub(crate) fn position(&self) -> Option<Position> {
        *self.shared.progress.borrow()
    }
    /// Has subscribers look again, although no event came.
    pub(crate) fn wake(&self) {
        self.shared.progress.send_modify(|_| ());
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
        self.wake();
        if let Some(thread) = lock(&self.thread).take() {
            // A panic of the thread was caught per view; what is left is a bug worth hearing of.
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        }
        if matches!(*self.snapshots, Shelf::Memory(_)) {
            return Ok(());
        }
        self.live().iter().try_for_each(|live| self.snapshot(live))
    }

    /// Writes the snapshot that the next start begins with.
    pub(crate) fn snapshot(&self, live: &Live) -> Result<(), EngineError> {
        let (journal, history) = (&self.shared.journal, &self.shared.history);
        let skipped = history.skips().of(live.spec.name);
        let (fold, name) = (live.shown(), snapshot_name(&live.spec));
        if fold.state != ViewState::Live {
            return Ok(());
        }
        let path = self.snapshots.path(&name);
        let put = snapshot::put((&self.snapshots, &name), true, journal.identity(), &skipped, fold);
        put.map_err(|source| EngineError::Snapshot { path, source })
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
            if let Err(error) = self.advance(&mut cursor, target) {
                tracing::error!(%error, "the log cannot be read: views stand still");
                *lock(&self.fault) = Some(error.to_string());
                return;
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

    /// Folds up to `target`, and what has come since where that is at hand.
    fn advance(&self, cursor: &mut Option<Position>, target: Option<Position>) -> Result<(), ReadError> {
        while self.is_far(*cursor, target) {
            let (after, begun) = (*cursor, *cursor);
            let parts = self.journal.scan_into(after, move |block| {
                let is_new = |record: &RawRecord| Some(record.position()) > after;
                let records: Vec<RawRecord> = block.records().filter(is_new).collect();
                (Batch::of(&records), records)
            });
            let (mut batches, mut records) = (Vec::new(), Vec::new());
            for part in parts {
                let (batch, more) = part?;
                batches.push(batch);
                records.extend(more);
                if records.len() >= EVENTS_PER_BATCH {
                    self.fold(cursor, &batches, &records, target);
                    batches.clear();
                    records.clear();
                }
            }
            self.fold(cursor, &batches, &records, target);
            if *cursor == begun {
                break;
            }
        }
        while *cursor < target {
            let records = self.journal.read(*cursor, EVENTS_PER_BATCH, BYTES_PER_BATCH)?;
            if records.is_empty() {
                break;
            }
            self.fold(cursor, &[Batch::of(&records)], &records, target);
        }
        Ok(())
    }

    /// The records behind the cursor, and what was decoded of them.
    fn fold(
        &self,
        cursor: &mut Option<Position>,
        batches: &[Batch],
        records: &[RawRecord],
        target: Option<Position>,
    ) {
        let Some(last) = records.last().map(RawRecord::position) else { return };
        self.history.times().take(records);
        let unknown = batches.iter().map(|batch| batch.unknown).sum();
        if unknown > 0 && self.unknown_events.fetch_add(unknown, Ordering::Relaxed) == 0 {
            tracing::warn!(count = unknown, "events of a newer build change no view here");
        }
        let events = batches.iter().flat_map(|batch| &batch.events);
        events.for_each(|event| self.history.skips().take(event));
        for live in &self.live {
            live.take(batches, last, self.history.skips());
        }
        self.leave_checkpoints(*cursor, last, target);
        *cursor = Some(last);
        self.progress.send_replace(*cursor);
    }

    /// While nobody waits for single events, the past is made cheap to ask for.
    fn leave_checkpoints(&self, before: Option<Position>, now: Position, target: Option<Position>) {
        if !self.is_far(Some(now), target) {
            return;
        }
        for live in &self.live {
            self.history.leave(before, now, &live.read().fold);
        }
    }

    /// Whether nobody waits for single events.
    fn is_far(&self, now: Option<Position>, target: Option<Position>) -> bool {
        let done = now.map_or(0, |now| now.0 + 1);
        target.is_some_and(|target| target.0.saturating_sub(done) >= self.far_behind)
    }
}
