//! A fold of the log into some views: by the folder that follows, and by whoever folds history anew.

use std::sync::Arc;

use domain::Recorded;
use domain::ids::{Position, TypeId};
use journal::{Journal, RawRecord, ReadError};
use projections::{AnyView, ViewSpec, Wanted};
use serde::Serialize;

use crate::attic::Attics;
use crate::decode::decode;
use crate::guard::{self, Poison};
use crate::skips::Skipped;

/// Events that are folded before changes are stamped.
pub(crate) const EVENTS_PER_BATCH: usize = 8192;

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

/// A view's state and the position it reflects.
pub(crate) struct Fold {
    pub(crate) spec: ViewSpec,
    pub(crate) wanted: Arc<Wanted>,
    pub(crate) view: Box<dyn AnyView>,
    pub(crate) position: Option<Position>,
    pub(crate) state: ViewState,
}

/// An event that this build should know and cannot read.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    position: Position,
    type_id: TypeId,
    reason: String,
}

/// Decoded events of records that follow each other.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) events: Vec<Recorded>,
    /// Of each event its type: views look for theirs here, since going through the events themselves costs every view
    /// a wait for memory at each.
    types: Vec<TypeId>,
    faults: Vec<Fault>,
    /// Events of newer builds.
    pub(crate) unknown: u64,
}

impl Batch {
    /// Of these records.
    pub(crate) fn of(records: &[RawRecord]) -> Self {
        let mut batch = Self::with_capacity(records.len());
        records.iter().for_each(|record| batch.push(record));
        batch
    }
    /// With room for so many events: they take hundreds of bytes each, and a list that grows moves them.
    fn with_capacity(events: usize) -> Self {
        let (events, types) = (Vec::with_capacity(events), Vec::with_capacity(events));
        Self { events, types, ..Self::default() }
    }
    /// Decodes a record into the batch.
    fn push(&mut self, record: &RawRecord) {
        match decode(record) {
            Ok(event) => {
                self.types.push(event.meta.type_id);
                self.events.push(event);
            }
            Err(fault) if fault.is_unknown() => self.unknown += 1,
            Err(fault) => {
                // The source says what does not fit, the fault only where.
                let source = std::error::Error::source(&fault).map(|source| format!(": {source}"));
                let reason = format!("{fault}{}", source.unwrap_or_default());
                self.faults.push(Fault { position: record.position(), type_id: record.type_id(), reason });
            }
        }
    }
    /// Takes away what stands behind `last`.
    fn split_behind(&mut self, last: Position) -> Self {
        let events = self.events.partition_point(|event| event.meta.position <= last);
        let faults = self.faults.partition_point(|fault| fault.position <= last);
        Self {
            events: self.events.split_off(events),
            types: self.types.split_off(events),
            faults: self.faults.split_off(faults),
            unknown: 0,
        }
    }
}

impl Fold {
    /// An empty one, which puts rows away there.
    pub(crate) fn new(spec: ViewSpec, attics: &Attics) -> Self {
        let mut view = (spec.make)();
        view.furnish(attics.attic());
        Self::from(spec, view, None)
    }
    /// One that goes on from a state.
    pub(crate) fn from(spec: ViewSpec, view: Box<dyn AnyView>, position: Option<Position>) -> Self {
        Self { spec, wanted: Arc::new(Wanted::of(&[spec])), view, position, state: ViewState::Live }
    }
    /// The same once more, to go another way.
    pub(crate) fn fork(&self) -> Self {
        Self {
            spec: self.spec,
            wanted: self.wanted.clone(),
            view: self.view.fork(),
            position: self.position,
            state: self.state.clone(),
        }
    }
    /// The event that broke it, if one did.
    pub(crate) fn poison(&self) -> Option<Poison> {
        match &self.state {
            ViewState::Live => None,
            ViewState::Quarantined { position, reason } => {
                Some(Poison { position: *position, reason: reason.clone() })
            }
        }
    }
    /// Takes the events behind its position into account, up to `last`, where the batches end; stops for good at one
    /// that breaks it.
    pub(crate) fn take(&mut self, batches: &[Batch], last: Position, skipped: &Skipped) {
        if self.state != ViewState::Live || self.position >= Some(last) {
            return;
        }
        let done = self.position;
        let is_new = |position: Position| done.is_none_or(|done| position > done);
        let breaks = |fault: &&Fault| {
            is_new(fault.position) && self.wanted.has(fault.type_id) && !skipped.contains(&fault.position)
        };
        let fault = batches.iter().flat_map(|batch| &batch.faults).find(breaks);
        let before_fault = |position: Position| fault.is_none_or(|fault| position < fault.position);
        let mut poison = fault.map(|fault| Poison { position: fault.position, reason: fault.reason.clone() });
        for batch in batches {
            let own = batch.types.iter().zip(&batch.events).filter(|(type_id, _)| self.wanted.has(**type_id));
            let events = own.map(|(_, event)| event).filter(|event| {
                let position = event.meta.position;
                is_new(position) && before_fault(position) && !skipped.contains(&position)
            });
            if let Err(broken) = guard::apply(&mut *self.view, events) {
                poison = Some(broken);
                break;
            }
        }
        let Some(Poison { position, reason }) = poison else {
            self.view.settle(last);
            self.position = Some(last);
            return;
        };
        let before = position.0.checked_sub(1).map(Position);
        self.view.settle(before.unwrap_or(Position(0)));
        self.position = before.max(done);
        self.state = ViewState::Quarantined { position, reason };
    }
}

/// How a fold goes about it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// Events between two stamps.
    pub(crate) batch: usize,
    /// Threads that fold; reading has its own.
    pub(crate) threads: usize,
}

impl Default for Pace {
    fn default() -> Self {
        Self { batch: EVENTS_PER_BATCH, threads: 1 }
    }
}

/// Folds the log into all of `folds`, each from where it is, up to `until`; events are decoded on every core. After
/// each `pace.batch` events `go_on` sees the folds, and ends it by false.
pub(crate) fn fold(
    journal: &Journal,
    folds: &mut [(Fold, Skipped)],
    until: Position,
    pace: Pace,
    mut go_on: impl FnMut(&mut [(Fold, Skipped)], Position) -> bool,
) -> Result<(), ReadError> {
    let specs: Vec<ViewSpec> = folds.iter().map(|(fold, _)| fold.spec).collect();
    let wanted = Wanted::of(&specs);
    let Some(from) = folds.iter().map(|(fold, _)| fold.position).min() else { return Ok(()) };
    let parts = journal.scan_into(from, move |block| {
        let is_asked = |record: &RawRecord| {
            let position = record.position();
            Some(position) > from && position <= until && wanted.has(record.type_id())
        };
        let mut batch = Batch::with_capacity(block.records().filter(is_asked).count());
        block.records().filter(is_asked).for_each(|record| batch.push(&record));
        (batch, block.last())
    });
    let every = u64::try_from(pace.batch).unwrap_or(u64::MAX);
    let (mut batches, mut done, mut reached) = (Vec::new(), from, from);
    for part in parts {
        let (mut batch, last) = part?;
        reached = reached.max(Some(last.min(until)));
        while let Some(last) = nth_behind(done, every).filter(|last| Some(*last) <= reached) {
            let behind = batch.split_behind(last);
            batches.push(std::mem::replace(&mut batch, behind));
            flush(folds, &batches, last, pace.threads);
            batches.clear();
            done = Some(last);
            if !go_on(folds, last) {
                return Ok(());
            }
        }
        batches.push(batch);
        if last >= until {
            break;
        }
    }
    if let Some(last) = reached.filter(|_| reached > done) {
        flush(folds, &batches, last, pace.threads);
        go_on(folds, last);
    }
    Ok(())
}

/// The position of the last of `count` events behind `position`.
fn nth_behind(position: Option<Position>, count: u64) -> Option<Position> {
    match position {
        Some(position) => position.0.checked_add(count).map(Position),
        None => count.checked_sub(1).map(Position),
    }
}

fn flush(folds: &mut [(Fold, Skipped)], batches: &[Batch], last: Position, threads: usize) {
    let take = |folds: &mut [(Fold, Skipped)]| {
        folds.iter_mut().for_each(|(fold, skipped)| fold.take(batches, last, skipped));
    };
    let share = folds.len().div_ceil(threads.max(1)).max(1);
    if share >= folds.len() {
        take(folds);
    } else {
        std::thread::scope(|scope| {
            for part in folds.chunks_mut(share) {
                scope.spawn(|| take(part));
            }
        });
    }
}
