//! What a read model is, and the one generic wrapper that serves it: rows as JSON, changes, snapshots, hashes.

use std::any::Any;
use std::fmt::{Debug, Display};
use std::str::FromStr;

use domain::authority::Sight;
use domain::ids::{Category, Position, ProjectId, StreamId};
use domain::{Event, Recorded};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::chosen::{Chosen, Order};
use crate::compare::{self, Compared, Difference};
use crate::table::Table;

#[cfg(test)]
mod tests;

/// Where a view's state lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Folded live over the whole log, in memory.
    Live,
    /// Folded on read over the streams of one aggregate of this kind.
    Stream(Category),
}

/// Key of a row: sorted, and one text for each value.
pub trait Key:
    Ord + Clone + Debug + Display + FromStr + Serialize + DeserializeOwned + Send + Sync + 'static
{
}
impl<T: Ord + Clone + Debug + Display + FromStr + Serialize + DeserializeOwned + Send + Sync + 'static> Key
    for T
{
}

/// A read model: a pure fold over events into keyed rows. It never fails; an event it does not know changes nothing.
pub trait View: Clone + Default + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Permanent name in URLs.
    const NAME: &'static str;
    /// Bumped whenever the fold or the row changes; older snapshots are then void.
    const VERSION: u32;
    /// Where its state lives.
    const SCOPE: Scope;
    /// Fields of a row that a reader may filter by.
    const FILTERS: &'static [&'static str] = &[];
    /// Of those, fields that never change while a row is there: who filters by one is not told of others' rows.
    const FIXED: &'static [&'static str] = &["project"];
    /// Figures of a row that a reader may order by, and set bounds to.
    const FIGURES: &'static [&'static str] = &[];
    /// Key of a row.
    type Key: Key;
    /// A row, as interfaces show it.
    type Row: Clone + Serialize + DeserializeOwned + JsonSchema + Send + Sync + 'static;

    /// Whether events of this type can change it, whatever they say: others are not even decoded for it.
    fn folds(event: &Event) -> bool {
        let _ = event;
        true
    }
    /// Takes an event into account.
    fn apply(&mut self, event: &Recorded);
    /// The rows.
    fn table(&self) -> &Table<Self::Key, Self::Row>;
    /// That figure of a row, one of [`View::FIGURES`]; `None` where it is unknown.
    fn figure(row: &Self::Row, name: &str) -> Option<f64> {
        let _ = (row, name);
        None
    }
    /// The rows, to stamp their changes.
    fn table_mut(&mut self) -> &mut Table<Self::Key, Self::Row>;
    /// Further streams that a per-stream view folds, as far as its events name them.
    fn links(&self) -> Vec<StreamId> {
        Vec::new()
    }
    /// The project that a row of a live view belongs to: who does not see that one does not see the row, and
    /// what belongs to none is seen by nobody who does not see everything. By default, the row's `project`.
    fn project(key: &Self::Key, row: &Self::Row) -> Option<ProjectId> {
        let _ = key;
        let row = serde_json::to_value(row).expect("rows hold plain data, which JSON always encodes");
        row["project"].as_str()?.parse().ok()
    }
    /// Totals over the rows that a reader asked for.
    fn summary<'a>(rows: impl Iterator<Item = &'a Self::Row>) -> Option<serde_json::Value> {
        let _ = rows;
        None
    }
}

/// What a reader asks of a view.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// One row.
    pub key: Option<String>,
    /// `(field, text)` pairs that a row must match; `(figure.min, number)` and `(figure.max, number)` are bounds.
    pub filters: Vec<(String, String)>,
    /// Rows after this key only; in an order by a figure, after what [`Page::next`] said.
    pub after: Option<String>,
    /// At most so many rows.
    pub limit: Option<usize>,
    /// Which figure rows are ordered by, those where it is unknown last; by their key where absent.
    pub order_by: Option<String>,
    /// In descending order.
    pub descending: bool,
    /// Rows of these projects only; all, where nobody says otherwise.
    pub sight: Sight,
}

/// A row as interfaces show it.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// Its key, as text.
    pub key: String,
    /// Its fields, as JSON text.
    pub row: Box<RawValue>,
}

impl PartialEq for Row {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key && self.row.get() == other.row.get()
    }
}

/// Rows that a reader asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The rows, in the order that was asked for.
    pub rows: Vec<Row>,
    /// Totals over them, where the view has any.
    pub summary: Option<serde_json::Value>,
    /// What to go on after, where the limit cut rows off: a key, or in an order by a figure that and a key.
    pub next: Option<String>,
}

/// Changes since a position: keyed upserts and removals, idempotent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Delta {
    /// Rows to set.
    pub set: Vec<Row>,
    /// Keys to delete.
    pub del: Vec<String>,
}

/// Why a query cannot be answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// The field is none to filter by.
    #[error("view {view} has no filter `{field}`, expected one of: {known}")]
    UnknownFilter {
        /// The view.
        view: &'static str,
        /// What came.
        field: String,
        /// What there is.
        known: String,
    },
    /// The view has no such figure.
    #[error("view {view} has no figure `{figure}` to order by, expected one of: {known}")]
    UnknownFigure {
        /// The view.
        view: &'static str,
        /// What came.
        figure: String,
        /// What there is.
        known: String,
    },
    /// A bound is no number.
    #[error("expected a number for `{field}`, got `{text}`")]
    BadNumber {
        /// The filter.
        field: String,
        /// What came.
        text: String,
    },
    /// The text is no key of this view.
    #[error("`{key}` is no key of view {view}")]
    BadKey {
        /// The view.
        view: &'static str,
        /// What came.
        key: String,
    },
    /// The bytes are no snapshot of this view.
    #[error("snapshot of view {view} does not fit: {reason}")]
    BadSnapshot {
        /// The view.
        view: &'static str,
        /// What the codec says.
        reason: String,
    },
}

/// Any view, behind one face.
pub trait AnyView: Send + Sync {
    /// Takes an event into account.
    fn apply(&mut self, event: &Recorded);
    /// Stamps the changes since the last call with the position of the last event folded.
    fn settle(&mut self, position: Position);
    /// Rows that match.
    ///
    /// # Errors
    /// An unknown filter, or a text that is no key.
    fn page(&self, query: &Query) -> Result<Page, QueryError>;
    /// What changed after `since`; `None` where that is too far back.
    ///
    /// # Errors
    /// An unknown filter, or a text that is no key.
    fn changes(&self, since: Position, query: &Query) -> Result<Option<Delta>, QueryError>;
    /// Further streams that a per-stream view folds.
    fn links(&self) -> Vec<StreamId>;
    /// Number of rows.
    fn len(&self) -> usize;
    /// Whether there is no row.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// SHA-256 over keys and rows, in order: equal for equal histories, however they were folded.
    fn state_hash(&self) -> [u8; 32];
    /// The same state once more.
    fn fork(&self) -> Box<dyn AnyView>;
    /// Itself, for another of the same view to compare with.
    fn as_any(&self) -> &dyn Any;
    /// Keys of rows touched since the last [`AnyView::settle`], each once, in order.
    fn touched(&self) -> Vec<String>;
    /// Compares its rows with those of `later`, in key order, as far as `query` lets them be seen.
    ///
    /// # Errors
    /// An unknown filter, a text that is no key, or a state of another view.
    fn compare(
        &self,
        later: &dyn AnyView,
        query: &Query,
        differ: &mut dyn FnMut(Difference),
    ) -> Result<Compared, QueryError>;
    /// Whoever comes back with a position up to this one is told the whole.
    fn forget_changes(&mut self, position: Position);
    /// The state's bytes.
    fn snapshot(&self) -> Vec<u8>;
    /// Takes over a state from its bytes.
    ///
    /// # Errors
    /// Bytes that are no snapshot of this view.
    fn restore(&mut self, snapshot: &[u8]) -> Result<(), QueryError>;
}

/// The generic wrapper.
#[derive(Debug, Default)]
pub struct Served<V>(V);

impl<V: View> Served<V> {
    fn parse_key(text: &str) -> Result<V::Key, QueryError> {
        text.parse().map_err(|_| QueryError::BadKey { view: V::NAME, key: text.chars().take(80).collect() })
    }
    fn seen(key: &V::Key, row: &V::Row, query: &Query) -> bool {
        // Rows of one aggregate say nothing of its project: whoever reads them was asked for the aggregate itself.
        let of_stream = matches!(V::SCOPE, Scope::Stream(_));
        of_stream || query.sight == Sight::Everything || query.sight.sees(V::project(key, row))
    }
    fn render(key: &V::Key, row: &V::Row) -> Row {
        let row =
            serde_json::value::to_raw_value(row).expect("rows hold plain data, which JSON always encodes");
        Row { key: key.to_string(), row }
    }
}

impl<V: View> AnyView for Served<V> {
    fn apply(&mut self, event: &Recorded) {
        self.0.apply(event);
    }
    fn settle(&mut self, position: Position) {
        self.0.table_mut().settle(position);
    }
    fn page(&self, query: &Query) -> Result<Page, QueryError> {
        let chosen = Chosen::<V>::of(&query.filters)?;
        let order = query.order_by.as_deref().map(|figure| Order::<V>::by(figure, query.descending));
        let order = order.transpose()?;
        let (table, limit) = (self.0.table(), query.limit.unwrap_or(usize::MAX));
        let matching = |(key, row): &(&V::Key, &V::Row)| chosen.has(row) && Self::seen(key, row, query);
        let key = query.key.as_deref().map(Self::parse_key).transpose()?;
        let mut kept: Vec<_> = match (&key, &order) {
            (Some(key), order) => {
                let one = table.get(key).map(|row| (key, row)).into_iter().filter(matching);
                match order {
                    Some(order) => order.first(one, query.after.as_deref(), limit)?,
                    None => {
                        let after = query.after.as_deref().map(Self::parse_key).transpose()?;
                        let behind =
                            |after: &V::Key| if query.descending { key < after } else { key > after };
                        one.filter(|_| after.as_ref().is_none_or(behind)).collect()
                    }
                }
            }
            (None, Some(order)) => {
                let rows = table.iter().filter(matching);
                order.first(rows, query.after.as_deref(), limit)?
            }
            (None, None) => {
                let after = query.after.as_deref().map(Self::parse_key).transpose()?;
                let rows = table.range(after.as_ref(), query.descending);
                rows.filter(matching).take(limit.saturating_add(1)).collect()
            }
        };
        let cut = kept.len() > limit;
        kept.truncate(limit);
        let place = |(key, row): &(&V::Key, &V::Row)| {
            order.as_ref().map_or_else(|| key.to_string(), |order| order.place(key, row))
        };
        let next = kept.last().filter(|_| cut).map(place);
        let summary = V::summary(kept.iter().map(|(_, row)| *row));
        Ok(Page { rows: kept.iter().map(|(key, row)| Self::render(key, row)).collect(), summary, next })
    }
    fn changes(&self, since: Position, query: &Query) -> Result<Option<Delta>, QueryError> {
        let chosen = Chosen::<V>::of(&query.filters)?;
        let table = self.0.table();
        let changed = match query.key.as_deref().map(Self::parse_key).transpose()? {
            Some(key) => table.is_changed_after(since, &key).map(|is| if is { vec![key] } else { vec![] }),
            None => {
                table.changed_after(since).map(|keys| keys.set.into_iter().chain(keys.del).cloned().collect())
            }
        };
        let Some(changed) = changed else { return Ok(None) };
        // Whose row it was that is gone nobody knows any more, and its key may tell: read the whole.
        if query.sight != Sight::Everything && changed.iter().any(|key| table.get(key).is_none()) {
            return Ok(None);
        }
        let mut delta = Delta::default();
        for key in &changed {
            match table.get(key) {
                Some(row) if !Self::seen(key, row, query) => {}
                Some(row) if chosen.has(row) => delta.set.push(Self::render(key, row)),
                // It was never among what the reader has.
                Some(row) if !chosen.could_have(row) => {}
                _ => delta.del.push(key.to_string()),
            }
        }
        delta.set.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(Some(delta))
    }
    fn links(&self) -> Vec<StreamId> {
        self.0.links()
    }
    fn len(&self) -> usize {
        self.0.table().len()
    }
    fn state_hash(&self) -> [u8; 32] {
        let mut hasher = Sha256::new();
        for entry in self.0.table().iter() {
            hasher.update(
                bincode::serialize(&entry).expect("rows hold plain data, which bincode always encodes"),
            );
        }
        hasher.finalize().into()
    }
    fn fork(&self) -> Box<dyn AnyView> {
        Box::new(Self(self.0.clone()))
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn touched(&self) -> Vec<String> {
        self.0.table().touched().into_iter().map(ToString::to_string).collect()
    }
    fn compare(
        &self,
        later: &dyn AnyView,
        query: &Query,
        differ: &mut dyn FnMut(Difference),
    ) -> Result<Compared, QueryError> {
        let chosen = Chosen::<V>::of(&query.filters)?;
        let key = query.key.as_deref().map(Self::parse_key).transpose()?;
        let Some(Self(later)) = later.as_any().downcast_ref() else {
            let reason = "it is of another view".to_owned();
            return Err(QueryError::BadSnapshot { view: V::NAME, reason });
        };
        let seen =
            |(of, row): &(&V::Key, &V::Row)| key.as_ref().is_none_or(|key| key == *of) && chosen.has(row);
        let (old, new) = (self.0.table().iter().filter(seen), later.table().iter().filter(seen));
        Ok(compare::merged(old, new, |key, old, new| {
            let shown = |row: Option<&V::Row>| row.map(|row| Self::render(key, row).row);
            differ(Difference { key: key.to_string(), old: shown(old), new: shown(new) });
        }))
    }
    fn forget_changes(&mut self, position: Position) {
        self.0.table_mut().forget_changes(position);
    }
    fn snapshot(&self) -> Vec<u8> {
        bincode::serialize(&self.0).expect("views hold plain data, which bincode always encodes")
    }
    fn restore(&mut self, snapshot: &[u8]) -> Result<(), QueryError> {
        self.0 = bincode::deserialize(snapshot)
            .map_err(|error| QueryError::BadSnapshot { view: V::NAME, reason: error.to_string() })?;
        Ok(())
    }
}

/// What the registry knows of a view.
#[derive(Debug, Clone, Copy)]
pub struct ViewSpec {
    /// Permanent name in URLs.
    pub name: &'static str,
    /// Version of the fold and the row.
    pub version: u32,
    /// Where its state lives.
    pub scope: Scope,
    /// Fields of a row that a reader may filter by.
    pub filters: &'static [&'static str],
    /// Figures of a row that a reader may order by, and set bounds to.
    pub figures: &'static [&'static str],
    /// JSON schema of a row.
    pub schema: fn(&mut SchemaGenerator) -> Schema,
    /// Whether events of this type can change it, whatever they say.
    pub folds: fn(&Event) -> bool,
    /// An empty one.
    pub make: fn() -> Box<dyn AnyView>,
}

impl ViewSpec {
    /// The entry of view `V`.
    #[must_use]
    pub fn of<V: View>() -> Self {
        Self {
            name: V::NAME,
            version: V::VERSION,
            scope: V::SCOPE,
            filters: V::FILTERS,
            figures: V::FIGURES,
            schema: |generator| generator.subschema_for::<V::Row>(),
            folds: V::folds,
            make: || Box::new(Served::<V>(V::default())),
        }
    }
}

impl<V: View> Served<V> {
    /// The view itself, for tests of its fold.
    pub fn inner(&self) -> &V {
        &self.0
    }
}
