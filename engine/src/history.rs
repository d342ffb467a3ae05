//! Views as they were: folded anew up to a point, from the nearest state that is at hand.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};

use domain::ids::Position;
use journal::Journal;
use lru::LruCache;
use projections::ViewSpec;

use crate::aggregates::lock;
use crate::attic::Attics;
use crate::checkpoints::Checkpoints;
use crate::folder::snapshot_name;
use crate::folding::{Fold, Pace, fold};
use crate::position::At;
use crate::shelf::Shelf;
use crate::skips::Skips;
use crate::snapshot::{self, Fits};
use crate::times::Times;
use crate::view_read::ViewError;

/// Folds of the past that are kept for whoever asks next.
const KEPT_MAX: NonZeroUsize = NonZeroUsize::new(8).expect("not 0");
/// Rows of them together, beside the newest.
const ROWS_MAX: usize = 1_000_000;
/// Folds of the past at once: each holds a view, and takes a core and more.
const LANES: usize = 2;

type Kept = LruCache<(&'static str, Option<Position>), Arc<Fold>>;

/// What is known of how views were.
pub(crate) struct History {
    journal: Journal,
    checkpoints: Checkpoints,
    /// What the last stop left.
    snapshots: Arc<Shelf>,
    skips: Skips,
    attics: Attics,
    times: Times,
    /// Beside the checkpoints, for the times.
    shelf: Shelf,
    /// Where the snapshots of the last stop are.
    stopped: Mutex<BTreeMap<&'static str, Position>>,
    kept: Mutex<Kept>,
    lanes: [Mutex<()>; LANES],
}

impl History {
    pub(crate) fn new(
        journal: Journal,
        shelves: [Shelf; 2],
        snapshots: Arc<Shelf>,
        skips: Skips,
        attics: Attics,
        every: u64,
    ) -> Self {
        let [checkpoints, shelf] = shelves;
        let checkpoints = Checkpoints::new(checkpoints, journal.identity().clone(), every);
        let times = Times::load(&shelf, journal.identity(), journal.watermark());
        Self {
            journal,
            checkpoints,
            snapshots,
            skips,
            attics,
            times,
            shelf,
            stopped: Mutex::default(),
            kept: Mutex::new(LruCache::new(KEPT_MAX)),
            lanes: Default::default(),
        }
    }
    pub(crate) const fn skips(&self) -> &Skips {
        &self.skips
    }
    /// Where rows go that do not stay in memory.
    pub(crate) const fn attics(&self) -> &Attics {
        &self.attics
    }
    pub(crate) const fn times(&self) -> &Times {
        &self.times
    }
    /// A snapshot of the last stop is at hand.
    pub(crate) fn begins_at(&self, view: &'static str, position: Position) {
        lock(&self.stopped).insert(view, position);
    }
    /// Leaves for the next process what took a reading of the log.
    pub(crate) fn stop(&self) {
        if matches!(self.shelf, Shelf::Folder(_)) {
            self.times.store(&self.shelf, self.journal.identity());
        }
    }
    /// Leaves a checkpoint where a fold that went on from `before` passed a place for one.
    pub(crate) fn leave(&self, before: Option<Position>, now: Position, fold: &Fold) {
        if self.checkpoints.is_due(before, now) && fold.position == Some(now) {
            self.checkpoints.leave(fold, &self.skips.of(fold.spec.name));
        }
    }
    /// Lets go of what was folded with other events passed over.
    pub(crate) fn forget(&self, view: &str) {
        let mut kept = lock(&self.kept);
        let gone: Vec<_> = kept.iter().map(|(key, _)| *key).filter(|(name, _)| *name == view).collect();
        gone.iter().for_each(|key| drop(kept.pop(key)));
    }

    /// The position that `at` stands for; `None` where it lies before the first event.
    pub(crate) fn resolve(&self, at: At) -> Result<Option<Position>, ViewError> {
        let head = self.journal.watermark();
        match at {
            At::Position(position) => Ok(head.map(|head| position.min(head))),
            At::Time(instant) => Ok(self.times.last(&self.journal, instant, head)?),
        }
    }

    /// The view as of `until`.
    pub(crate) fn at(&self, spec: ViewSpec, until: Option<Position>) -> Result<Arc<Fold>, ViewError> {
        // One view at a time in a lane: who asks for the same next finds it kept.
        let lane = spec.name.bytes().map(usize::from).sum::<usize>() % LANES;
        let _lane = lock(&self.lanes[lane]);
        if let Some(kept) = lock(&self.kept).get(&(spec.name, until)) {
            return Ok(kept.clone());
        }
        let mut past = self.nearest(spec, until);
        self.advance(&mut past, until)?;
        let past = Arc::new(past);
        self.keep(past.clone());
        Ok(past)
    }

    fn keep(&self, past: Arc<Fold>) {
        let mut kept = lock(&self.kept);
        kept.put((past.spec.name, past.position), past);
        let rows = |kept: &Kept| kept.iter().map(|(_, past)| past.view.len()).sum::<usize>();
        while kept.len() > 1 && (rows(&kept) > ROWS_MAX || self.attics.are_full()) {
            kept.pop_lru();
        }
    }

    /// The state at hand that is nearest before `until`.
    fn nearest(&self, spec: ViewSpec, until: Option<Position>) -> Fold {
        let Some(until) = until else { return Fold::new(spec, &self.attics) };
        let held = {
            let kept = lock(&self.kept);
            let fits = |key: &(&'static str, Option<Position>)| key.0 == spec.name && key.1 <= Some(until);
            kept.iter().map(|(key, _)| *key).filter(fits).max_by_key(|(_, position)| *position)
        };
        let (skipped, head) = (self.skips.of(spec.name), self.journal.watermark());
        let stop = lock(&self.stopped).get(spec.name).copied().filter(|stop| *stop <= until);
        let beyond = |position: &Position| held.is_none_or(|(_, held)| Some(*position) > held);
        let log = self.journal.identity();
        let fits = Fits { spec: &spec, log, head, skipped: &skipped, attics: &self.attics };
        let read_stop = |stop: Position| {
            let fold = snapshot::get((&self.snapshots, &snapshot_name(&spec)), &fits)?;
            (fold.position == Some(stop)).then_some(fold)
        };
        let before = self.checkpoints.before(&spec, until);
        let last = before.first().copied();
        if let Some(found) = stop.filter(beyond).filter(|stop| Some(*stop) > last).and_then(read_stop) {
            return found;
        }
        let mut on_disk = before.into_iter().take_while(beyond);
        if let Some(found) = on_disk.find_map(|position| self.checkpoints.read(position, &fits)) {
            return found;
        }
        let kept = held.and_then(|key| {
            // Nobody else reads it: it goes on instead of a copy.
            let past = lock(&self.kept).pop(&key)?;
            Some(Arc::try_unwrap(past).unwrap_or_else(|shared| {
                let fork = shared.fork();
                self.keep(shared);
                fork
            }))
        });
        kept.unwrap_or_else(|| Fold::new(spec, &self.attics))
    }

    /// Folds on up to `until`, and leaves checkpoints on the way.
    pub(crate) fn advance(&self, past: &mut Fold, until: Option<Position>) -> Result<(), ViewError> {
        let Some(until) = until.filter(|until| past.position < Some(*until)) else { return Ok(()) };
        let (spec, skipped) = (past.spec, self.skips.of(past.spec.name));
        let empty = Fold::from(spec, (spec.make)(), None);
        let mut folds = [(std::mem::replace(past, empty), skipped)];
        let mut before = folds[0].0.position;
        let folded = fold(&self.journal, &mut folds, until, Pace::default(), |folds, now| {
            self.leave(before.replace(now), now, &folds[0].0);
            folds[0].0.poison().is_none()
        });
        let [(folded_on, _)] = folds;
        *past = folded_on;
        folded?;
        match past.poison() {
            None => Ok(()),
            Some(poison) => Err(ViewError::Quarantined {
                view: spec.name,
                position: poison.position,
                reason: poison.reason,
            }),
        }
    }
}
