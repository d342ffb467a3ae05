//! What a read model is, and the one generic wrapper that serves it: rows as JSON, changes, snapshots, hashes.

use std::any::Any;
use std::fmt::{Debug, Display};
use std::ops::ControlFlow;
use std::str::FromStr;

use domain::authority::Sight;
use domain::ids::{Category, Position, ProjectId, StreamId};
use domain::{Event, Recorded};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::attic::{Attic, Lost};
use crate::compare::{Compared, Difference};
use crate::table::Table;

mod served;
#[cfg(test)]
mod tests;

pub use served::Served;

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
    /// A row lies outside of memory and cannot be read back.
    #[error("a row of view {view} cannot be read back: {reason}")]
    Lost {
        /// The view.
        view: &'static str,
        /// What went wrong.
        reason: String,
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
    /// Why a row that an event concerns did not come back: what the fold made of it is not to be read.
    fn fault(&self) -> Option<&Lost>;
    /// Rows that match.
    ///
    /// # Errors
    /// An unknown filter, a text that is no key, or a row that cannot be read back.
    fn page(&self, query: &Query) -> Result<Page, QueryError>;
    /// What changed after `since`; `None` where that is too far back.
    ///
    /// # Errors
    /// As [`AnyView::page`].
    fn changes(&self, since: Position, query: &Query) -> Result<Option<Delta>, QueryError>;
    /// Further streams that a per-stream view folds.
    fn links(&self) -> Vec<StreamId>;
    /// Number of rows.
    fn len(&self) -> usize;
    /// Whether there is no row.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Of these, rows that lie outside of memory.
    fn cold(&self) -> usize;
    /// From now on, rows that nobody asked for lately lie there. For a view that has none yet.
    fn furnish(&mut self, attic: Box<dyn Attic>);
    /// SHA-256 over keys and rows, in order: equal for equal histories, however they were folded and wherever rows lie.
    ///
    /// # Errors
    /// A row that cannot be read back.
    fn state_hash(&self) -> Result<[u8; 32], QueryError>;
    /// The same state once more; what lies outside of memory is shared.
    fn fork(&self) -> Box<dyn AnyView>;
    /// Itself, for another of the same view to compare with.
    fn as_any(&self) -> &dyn Any;
    /// Keys of rows touched since the last [`AnyView::settle`], each once, in order.
    fn touched(&self) -> Vec<String>;
    /// Compares its rows with those of `later`, in key order, as far as `query` lets them be seen.
    ///
    /// # Errors
    /// An unknown filter, a text that is no key, a state of another view, or a row that cannot be read back.
    fn compare(
        &self,
        later: &dyn AnyView,
        query: &Query,
        differ: &mut dyn FnMut(Difference),
    ) -> Result<Compared, QueryError>;
    /// Whoever comes back with a position up to this one is told the whole.
    fn forget_changes(&mut self, position: Position);
    /// The state's bytes, part by part, until `take` has enough.
    ///
    /// # Errors
    /// A row that cannot be read back.
    fn snapshot(&self, take: &mut dyn FnMut(Vec<u8>) -> ControlFlow<()>) -> Result<(), QueryError>;
    /// Takes over a state from its parts, in order, in the place that rows of this one lie in.
    ///
    /// # Errors
    /// Parts that are no snapshot of this view: it stays as it was.
    fn restore(&mut self, parts: &mut dyn Iterator<Item = Vec<u8>>) -> Result<(), QueryError>;
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
