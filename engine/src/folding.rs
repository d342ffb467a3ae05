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

/// Decoded events, in order, up to the last.
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
    /// Decodes a record into the batch.
    pub(crate) fn push(&mut self, record: &RawRecord) {
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
    fn clear(&mut self) {
        self.events.clear();
        self.types.clear();
        self.faults.clear();
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
    /// Takes the events behind its position into account, up to `last`; stops for good at one that breaks it.
    pub(crate) fn take(&mut self, batch: &Batch, last: Position, skipped: &Skipped) {
        if self.state != ViewState::Live || self.position >= Some(last) {
            return;
        }
        let done = self.position;
        let is_new = |position: Position| done.is_none_or(|done| position > done);
        let breaks = |fault: &&Fault| {
            is_new(fault.position) && self.wanted.has(fault.type_id) && !skipped.contains(&fault.position)
        };
        let fault = batch.faults.iter().find(breaks);
        let before_fault = |position: Position| fault.is_none_or(|fault| position < fault.position);
        let own = batch.types.iter().zip(&batch.events).filter(|(type_id, _)| self.wanted.has(**type_id));
        let events = own.map(|(_, event)| event).filter(|event| {
            let position = event.meta.position;
            is_new(position) && before_fault(position) && !skipped.contains(&position)
        });
        let folded = guard::apply(&mut *self.view, events);
        let poison = folded
            .err()
            .or_else(|| fault.map(|fault| Poison { position: fault.position, reason: fault.reason.clone() }));
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

/// Folds the log into all of `folds`, each from where it is, up to `until`. After each batch `go_on` sees them, and ends
/// it by false.
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
    let (mut batch, mut count, mut last) = (Batch::default(), 0, None);
    for block in journal.scan(from) {
        let block = block?;
        for record in block.records() {
            let position = record.position();
            if Some(position) <= from || position > until {
                continue;
            }
            if wanted.has(record.type_id()) {
                batch.push(&record);
            }
            (count, last) = (count + 1, Some(position));
            if count >= pace.batch {
                flush(folds, &mut batch, position, pace.threads);
                (count, last) = (0, None);
                if !go_on(folds, position) {
                    return Ok(());
                }
            }
        }
        if block.last() >= until {
            break;
        }
    }
    if let Some(last) = last {
        flush(folds, &mut batch, last, pace.threads);
        go_on(folds, last);
    }
    Ok(())
}

fn flush(folds: &mut [(Fold, Skipped)], batch: &mut Batch, last: Position, threads: usize) {
    let take = |folds: &mut [(Fold, Skipped)], batch: &Batch| {
        folds.iter_mut().for_each(|(fold, skipped)| fold.take(batch, last, skipped));
    };
    let share = folds.len().div_ceil(threads.max(1)).max(1);
    if share >= folds.len() {
        take(folds, batch);
    } else {
        let batch = &*batch;
        std::thread::scope(|scope| {
            for part in folds.chunks_mut(share) {
                scope.spawn(move || take(part, batch));
            }
        });
    }
    batch.clear();
}
