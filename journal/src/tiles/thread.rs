//! The thread that follows the watermark: builds tiles, makes them durable, and then signs.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use domain::ids::Position;
use proof::{Checkpoint, tree};
use tokio::sync::watch;

use super::builder::{Builder, Piece};
use super::read::TileNodes;
use super::signal::Order;
use super::{CHECKPOINT, Signed, Source, Tiles};
use crate::shared::Shared;
use crate::sync::make_way;

/// How long events may wait for a checkpoint; writing it comes on top.
const INTERVAL: Duration = Duration::from_millis(700);
/// Rest between two looks at a log that is being written to: long enough to build what comes together, and short
/// enough that a turn does not hold up the commits.
const PAUSE: Duration = Duration::from_millis(10);
const MAX_BACKOFF: Duration = Duration::from_secs(30);

/// Why tiles or a checkpoint could not be written.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("a tile could not be written")]
    Write(#[from] std::io::Error),
    #[error("the log could not be read")]
    Read(#[from] crate::ReadError),
    #[error("the tiles written could not be read back")]
    Back(#[from] super::ProveError),
    #[error("the tiles written do not extend the tree that was signed")]
    Differs(#[from] proof::ProofError),
    #[error("the checkpoint could not be signed")]
    Sign(#[from] proof::NoteError),
    #[error("there is no key to sign with")]
    NoKey,
}

/// Builds the tree behind the commits.
pub(crate) struct Tiler {
    shared: Arc<Shared>,
    source: Source,
    builder: Builder,
    /// As it was when the last checkpoint was signed.
    stored: Builder,
    /// Whether the last record taken is the last one of its commit.
    whole: bool,
    /// Partial tiles that the next checkpoint does not need: folder, and the one that stays.
    outdated: Vec<(String, Option<String>)>,
    /// Since when there is something to sign.
    dirty: Option<Instant>,
    backoff: Duration,
}

/// Starts the thread.
pub(crate) fn spawn(shared: &Arc<Shared>) -> JoinHandle<()> {
    let mut tiler = Tiler::new(shared);
    let name = "journal-tiles".to_owned();
    let run = move || {
        tiler.run();
        tiler.tiles().signal.end();
    };
    std::thread::Builder::new().name(name).spawn(run).expect("the system has a thread left")
}

impl Tiler {
    pub(super) fn new(shared: &Arc<Shared>) -> Self {
        let stored = shared.tiles.start.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Self {
            shared: Arc::clone(shared),
            source: Source::default(),
            builder: stored.clone(),
            stored,
            whole: true,
            outdated: Vec::new(),
            dirty: None,
            backoff: Duration::ZERO,
        }
    }

    fn tiles(&self) -> &Tiles {
        &self.shared.tiles
    }

    fn run(&mut self) {
        let mut watermark = self.shared.watermark.subscribe();
        let mut retry: Option<Instant> = None;
        loop {
            let order = self.tiles().signal.order();
            if order.abandon {
                return;
            }
            if order.finish || order.wanted || retry.is_none_or(|retry| retry <= Instant::now()) {
                let end = watermark.borrow_and_update().map_or(0, |last| last.0 + 1);
                retry = self.turn(order, end);
            }
            if order.finish {
                return;
            }
            self.rest(&mut watermark, retry);
        }
    }

    /// One turn; gives when to try again where it failed.
    fn turn(&mut self, order: Order, end: u64) -> Option<Instant> {
        let due = order.wanted || order.finish;
        if let Some((reason, pause)) = self.kept_from_writing() {
            self.tiles().set_failing(Some(reason.clone()));
            self.tiles().signal.answer(order.asked, Some(reason));
            return Some(Instant::now() + pause);
        }
        // A panic of the storage engine must leave no one waiting for an answer.
        let done = catch_unwind(AssertUnwindSafe(|| self.advance(end, due).map_err(|error| text(&error))));
        let failure = done.unwrap_or_else(|_| Err("the storage engine panicked".into())).err();
        if failure != self.tiles().failing() {
            match &failure {
                Some(reason) => tracing::error!(reason, "tiles and checkpoints stay behind the log"),
                None => tracing::info!("tiles and checkpoints are written again"),
            }
        }
        self.tiles().set_failing(failure.clone());
        if order.wanted {
            self.tiles().signal.answer(order.asked, failure.clone());
        }
        if failure.is_none() {
            self.backoff = Duration::ZERO;
            return None;
        }
        self.begin_again();
        self.backoff = (self.backoff * 2).clamp(Duration::from_secs(1), MAX_BACKOFF);
        Some(Instant::now() + self.backoff)
    }

    /// Why nothing may be written now, and when to look again.
    fn kept_from_writing(&self) -> Option<(String, Duration)> {
        // What failed is not written to again, not even to leave it tidy.
        let stopped =
            self.shared.poisoned().map(|reason| (format!("the writer stopped: {reason}"), MAX_BACKOFF));
        // Appends are refused meanwhile, so that what waits here does not grow.
        let full = || ("the disk is full".to_owned(), Duration::from_secs(1));
        stopped.or_else(|| self.shared.is_critical().then(full))
    }

    /// What was written since the last checkpoint may never have reached the disk: all of it is written again.
    fn begin_again(&mut self) {
        self.builder = self.stored.clone();
        self.source = Source::default();
        self.whole = true;
        self.outdated.clear();
        self.tiles().forget_cached();
    }

    fn rest(&mut self, watermark: &mut watch::Receiver<Option<Position>>, retry: Option<Instant>) {
        let signal = &self.shared.tiles.signal;
        if retry.is_some() {
            return signal.sleep(None, retry);
        }
        if self.dirty.is_some() {
            signal.sleep(None, Some(Instant::now() + PAUSE));
        }
        signal.sleep(Some(watermark), self.dirty.map(|since| since + INTERVAL));
    }

    /// Builds up to `end`; signs where it is `due` or has been waiting long enough.
    fn advance(&mut self, end: u64, due: bool) -> Result<(), Failure> {
        loop {
            self.build(end, Instant::now() + INTERVAL)?;
            let reached = self.builder.size() >= end;
            let late = self.dirty.is_some_and(|since| since.elapsed() >= INTERVAL);
            if due || late || !reached {
                self.sign()?;
            }
            if reached || self.tiles().signal.order().abandon {
                return Ok(());
            }
        }
    }

    /// Takes records up to `end`; past `until` only as many as the commit at hand still has.
    fn build(&mut self, end: u64, until: Instant) -> Result<(), Failure> {
        let Self { shared, source, builder, outdated, whole, .. } = self;
        let mut put = |piece: Piece, bytes: &[u8]| put(&shared.tiles, outdated, piece, bytes);
        while builder.size() < end && !(*whole && until <= Instant::now()) {
            self.dirty.get_or_insert_with(Instant::now);
            let block = source.block(shared.store.as_ref(), Some(&shared.cache), builder.size())?;
            let skip = usize::try_from(builder.size() - block.first().0).unwrap_or(usize::MAX);
            for record in block.records_from(skip) {
                if builder.size() == end {
                    break;
                }
                builder.push(record.bytes(), &mut put)?;
                *whole = record.commit_index() + 1 == record.commit_size();
            }
        }
        Ok(())
    }

    /// Makes everything built durable, signs it, and drops the partial tiles of before.
    fn sign(&mut self) -> Result<(), Failure> {
        let tiles = &self.shared.tiles;
        let before = tiles.signed();
        let keys = tiles.keys.as_ref().ok_or(Failure::NoKey)?;
        let key =
            keys.read().unwrap_or_else(PoisonError::into_inner).signing.clone().ok_or(Failure::NoKey)?;
        let same_size = before.as_ref().is_some_and(|it| it.checkpoint.size == self.builder.size());
        if same_size && before.as_ref().is_some_and(|it| it.is_of(key.verifying_key())) {
            self.dirty = None;
            return Ok(());
        }
        let outdated = &mut self.outdated;
        self.builder.partials(self.stored.size(), &mut |piece, bytes| put(tiles, outdated, piece, bytes))?;
        tiles.store.sync()?;
        let checkpoint = Checkpoint {
            origin: tiles.origin.clone(),
            size: self.builder.size(),
            root: self.builder.root(),
            extensions: vec![format!("time {}", (self.shared.options.clock)())],
        };
        if let Some(before) = &before {
            extends(tiles, &before.checkpoint, &checkpoint)?;
        }
        let note = checkpoint.sign(&[&key])?.encode();
        tiles.store.replace(CHECKPOINT, note.as_bytes())?;
        *tiles.signed.write().unwrap_or_else(PoisonError::into_inner) =
            Some(Arc::new(Signed { note, checkpoint }));
        self.stored = self.builder.clone();
        self.dirty = None;
        for (folder, keep) in self.outdated.drain(..) {
            tiles.store.prune(&folder, keep.as_deref())?;
        }
        Ok(())
    }

    /// Signs the empty tree of a new log, so that a stored log that disappears is missed from the first event on.
    pub(crate) fn begin(shared: &Arc<Shared>) -> Result<(), std::io::Error> {
        let mut tiler = Self::new(shared);
        if shared.store.end() > 0 || shared.tiles.signed().is_some() {
            return Ok(());
        }
        tiler.sign().map_err(|failure| match failure {
            Failure::Write(error) => error,
            other => std::io::Error::other(text(&other)),
        })
    }
}

fn put(
    tiles: &Tiles,
    outdated: &mut Vec<(String, Option<String>)>,
    piece: Piece,
    bytes: &[u8],
) -> Result<(), Failure> {
    tiles.store.write(&piece.path(), bytes)?;
    outdated.extend(piece.outdates());
    make_way();
    Ok(())
}

/// Reads back what was written: no two checkpoints may ever contradict each other.
fn extends(tiles: &Tiles, before: &Checkpoint, after: &Checkpoint) -> Result<(), Failure> {
    if before.size == 0 {
        return Ok(());
    }
    let nodes = TileNodes { tiles, size: after.size };
    let proof = tree::consistency_proof(&nodes, before.size, after.size)?;
    Ok(tree::verify_consistency(before.size, &before.root, after.size, &after.root, &proof)?)
}

fn text(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", text(source)),
        None => error.to_string(),
    }
}
