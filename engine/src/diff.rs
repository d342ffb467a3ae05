//! What changed in a view between two points in history, by key and field, and the events that did it.

use std::collections::BTreeMap;

use domain::ids::Position;
use domain::{Recorded, StreamId};
use projections::{AnyView, Compared, Difference, FieldChange, Query};
use serde::Serialize;

use crate::Engine;
use crate::decode::decode;
use crate::folding::Fold;
use crate::guard::{self, Poison};
use crate::position::At;
use crate::view_read::{Reading, ViewError};

/// Events that are named for one key; more are counted.
pub const EVENTS_PER_KEY_MAX: usize = 20;
/// Keys that are named where nothing else is asked for.
pub const KEYS_DEFAULT: usize = 1_000;

/// Which view, which part of it, and from when to when.
#[derive(Debug, Clone)]
pub struct DiffRequest {
    /// Name of the view.
    pub view: String,
    /// Key: of the aggregate for a per-stream view, of the row for a live one.
    pub key: Option<String>,
    /// Filters; rows that do not match are not there. `limit` and `after` page through the keys that differ.
    pub query: Query,
    /// The earlier point.
    pub from: At,
    /// The later point.
    pub to: At,
}

/// How a row changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It was not there before.
    Added,
    /// It is not there any more.
    Removed,
    /// Fields of it differ.
    Changed,
}

/// An event that touched a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Touch {
    /// Where it stands.
    pub position: Position,
    /// Its type.
    #[serde(rename = "type")]
    pub name: &'static str,
    /// Its stream.
    pub stream: StreamId,
}

/// A row that is not the same at both points.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KeyChange {
    /// Its key.
    pub key: String,
    /// How it changed.
    pub change: Change,
    /// The fields that differ.
    pub fields: Vec<FieldChange>,
    /// The first 20 events in between that touched it.
    pub events: Vec<Touch>,
    /// How many events in between touched it.
    pub events_total: u64,
}

/// What changed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ViewDiff {
    /// Name of the view.
    pub view: &'static str,
    /// Version of the fold and the row.
    pub version: u32,
    /// The earlier point; `None` before the first event.
    pub from: Option<Position>,
    /// The later point.
    pub to: Option<Position>,
    /// How many rows are the same, and how many are not; of all, not of this page.
    pub rows: Compared,
    /// The rows that are not, in key order.
    pub changes: Vec<KeyChange>,
    /// Key to go on after, where the limit cut rows off.
    pub next: Option<String>,
}

/// What touched the keys that are asked about.
struct Touched(BTreeMap<String, (Vec<Touch>, u64)>);

impl Touched {
    fn take(&mut self, view: &dyn AnyView, event: &Recorded) {
        for key in view.touched() {
            let Some((touches, total)) = self.0.get_mut(&key) else { continue };
            *total += 1;
            if touches.len() < EVENTS_PER_KEY_MAX {
                let (position, stream) = (event.meta.position, event.meta.stream);
                touches.push(Touch { position, name: event.event.name(), stream });
            }
        }
    }
}

impl Engine {
    /// What changed in a view between two points in history. Blocks: folds history where it is not at hand.
    ///
    /// # Errors
    /// Where the request does not fit, an event breaks the view, or the log cannot be read.
    pub fn diff(&self, request: DiffRequest) -> Result<ViewDiff, ViewError> {
        let DiffRequest { view, key, query, from, to } = request;
        let (limit, after) = (query.limit.unwrap_or(KEYS_DEFAULT), query.after.clone());
        let reading = self.reading(&view, key.as_deref(), Query { limit: None, after: None, ..query })?;
        let (from, to) = (self.history().resolve(from)?, self.history().resolve(to)?);
        if from > to {
            return Err(ViewError::BackToFront { from, to });
        }
        match reading.stream {
            Some(stream) => reading.diff_stream(stream, from, to, limit, after.as_deref()),
            None => reading.diff_live(from, to, limit, after.as_deref()),
        }
    }
}

impl Reading {
    fn diff_live(
        &self,
        from: Option<Position>,
        to: Option<Position>,
        limit: usize,
        after: Option<&str>,
    ) -> Result<ViewDiff, ViewError> {
        let history = self.engine.history();
        // The earlier one first: the later one then goes on from a copy of it.
        let old = history.at(self.spec, from)?;
        let new = history.at(self.spec, to)?;
        let mut diff = self.compared((from, to), &*old.view, &*new.view, limit, after)?;
        let mut touched = asked(&diff);
        if !touched.0.is_empty() {
            self.step_live(old.fork(), to, &mut touched)?;
        }
        named(&mut diff, touched);
        Ok(diff)
    }

    fn diff_stream(
        &self,
        stream: StreamId,
        from: Option<Position>,
        to: Option<Position>,
        limit: usize,
        after: Option<&str>,
    ) -> Result<ViewDiff, ViewError> {
        let new = self.stream_at(stream, to)?;
        let old = match self.stream_at(stream, from) {
            Err(ViewError::NotFound { .. }) => (self.spec.make)(),
            old => old?.view,
        };
        let mut diff = self.compared((from, to), &*old, &*new.view, limit, after)?;
        let mut touched = asked(&diff);
        let mut again = new.anew();
        if let Some(to) = to {
            again.step(self.engine.journal(), to, |view, event| {
                if Some(event.meta.position) > from {
                    touched.take(view, event);
                }
            })?;
        }
        named(&mut diff, touched);
        Ok(diff)
    }

    /// The rows that differ, a page of them, without the events yet.
    fn compared(
        &self,
        (from, to): (Option<Position>, Option<Position>),
        old: &dyn AnyView,
        new: &dyn AnyView,
        limit: usize,
        after: Option<&str>,
    ) -> Result<ViewDiff, ViewError> {
        let (mut changes, mut behind, mut cut) = (Vec::new(), after.is_none(), false);
        let rows = old.compare(new, &self.query, &mut |difference| {
            if !behind {
                behind = after == Some(difference.key.as_str());
            } else if changes.len() < limit {
                changes.push(shown(&difference));
            } else {
                cut = true;
            }
        })?;
        let next = changes.last().filter(|_| cut).map(|change| change.key.clone());
        Ok(ViewDiff { view: self.spec.name, version: self.spec.version, from, to, rows, changes, next })
    }

    /// Folds on event by event, to see what each touches.
    fn step_live(
        &self,
        mut fold: Fold,
        to: Option<Position>,
        touched: &mut Touched,
    ) -> Result<(), ViewError> {
        let skipped = self.engine.history().skips().of(self.spec.name);
        let from = fold.position;
        for block in self.engine.journal().scan(from) {
            let block = block?;
            for record in block.records() {
                let position = record.position();
                let is_between = Some(position) > from && Some(position) <= to;
                if !is_between || !fold.wanted.has(record.type_id()) || skipped.contains(&position) {
                    continue;
                }
                // What cannot be decoded was told of when the later state was folded.
                let Ok(event) = decode(&record) else { continue };
                let applied = guard::apply(&mut *fold.view, std::iter::once(&event));
                applied.map_err(|Poison { position, reason }| ViewError::Quarantined {
                    view: self.spec.name,
                    position,
                    reason,
                })?;
                touched.take(&*fold.view, &event);
                fold.view.settle(position);
            }
            if Some(block.last()) >= to {
                break;
            }
        }
        Ok(())
    }
}

fn shown(difference: &Difference) -> KeyChange {
    let change = match (&difference.old, &difference.new) {
        (None, _) => Change::Added,
        (_, None) => Change::Removed,
        _ => Change::Changed,
    };
    let (key, fields) = (difference.key.clone(), difference.fields());
    KeyChange { key, change, fields, events: vec![], events_total: 0 }
}

fn asked(diff: &ViewDiff) -> Touched {
    Touched(diff.changes.iter().map(|change| (change.key.clone(), Default::default())).collect())
}

fn named(diff: &mut ViewDiff, mut touched: Touched) {
    for change in &mut diff.changes {
        (change.events, change.events_total) = touched.0.remove(&change.key).unwrap_or_default();
    }
}
