//! A view that follows the log, as its readers see it.

use std::ops::Deref;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use domain::ids::Position;
use projections::ViewSpec;
use serde::Serialize;

use crate::folding::{Batch, Fold, ViewState};
use crate::skips::Skips;

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
    /// Of these, rows that lie outside of memory.
    pub rows_put_away: usize,
    /// Whether it follows.
    pub state: ViewState,
}

/// Which of the states that a view has had since this process began: one more with every rebuild.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize)]
#[serde(transparent)]
pub struct Generation(pub u64);

/// A view's rows and the position they reflect, which change together.
pub(crate) struct Folded {
    pub(crate) fold: Fold,
    pub(crate) generation: Generation,
    /// Since this generation rows have changed by events only: who saw an older one is told the whole.
    pub(crate) unbroken: Generation,
    /// Up to where the folder has offered it events, taken or not: a new state goes on from here.
    pub(crate) offered: Option<Position>,
}

/// A view's fold, while its readers hold it.
pub(crate) struct Shown<'a>(RwLockReadGuard<'a, Folded>);

impl Deref for Shown<'_> {
    type Target = Fold;
    fn deref(&self) -> &Fold {
        &self.0.fold
    }
}

pub(crate) struct Live {
    pub(crate) spec: ViewSpec,
    folded: RwLock<Folded>,
}

impl Live {
    pub(crate) fn new(fold: Fold) -> Self {
        let spec = fold.spec;
        let generation = Generation::default();
        Self { spec, folded: RwLock::new(Folded { fold, generation, unbroken: generation, offered: None }) }
    }
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, Folded> {
        // A fold that panics is caught inside the lock and quarantines the view.
        self.folded.read().unwrap_or_else(PoisonError::into_inner)
    }
    pub(crate) fn shown(&self) -> Shown<'_> {
        Shown(self.read())
    }
    pub(crate) fn write(&self) -> RwLockWriteGuard<'_, Folded> {
        self.folded.write().unwrap_or_else(PoisonError::into_inner)
    }
    pub(crate) fn health(&self) -> ViewHealth {
        let folded = self.read();
        ViewHealth {
            name: self.spec.name,
            version: self.spec.version,
            position: folded.fold.position,
            rows: folded.fold.view.len(),
            rows_put_away: folded.fold.view.cold(),
            state: folded.fold.state.clone(),
        }
    }
    /// Takes batches into account; whether it quarantined the view is logged once.
    pub(crate) fn take(&self, batches: &[Batch], last: Position, skips: &Skips) {
        let mut folded = self.write();
        folded.offered = Some(last);
        if folded.fold.state != ViewState::Live {
            return;
        }
        folded.fold.take(batches, last, &skips.of(self.spec.name));
        if let Some(poison) = folded.fold.poison() {
            let (position, reason) = (poison.position.0, poison.reason);
            tracing::error!(view = self.spec.name, position, reason, "event broke the view: quarantined");
        }
    }
}
