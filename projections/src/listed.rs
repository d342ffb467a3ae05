//! Two shapes that many views share: a live list with one row per aggregate, and the parts of one aggregate.

use std::fmt;
use std::str::FromStr;

use domain::ids::{Category, IdError, StreamId};
use domain::values::Timestamp;
use domain::{Event, Recorded};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::table::Table;
use crate::view::{Key, Scope, View};

/// Characters of a long text that a list shows.
const PREVIEW_CHARS: usize = 200;

/// The first 200 characters.
pub(crate) fn preview(text: &str) -> String {
    domain::sealed_text::preview(text, PREVIEW_CHARS)
}

/// A number, where a list counts.
pub(crate) fn count(items: usize) -> u64 {
    items as u64
}

/// A row of a list: how it begins, and how an event of its aggregate changes it.
pub(crate) trait ListRow:
    Clone + Serialize + DeserializeOwned + JsonSchema + Send + Sync + 'static
{
    /// Permanent name of the view.
    const NAME: &'static str;
    /// Bumped whenever the fold or the row changes.
    const VERSION: u32;
    /// Fields that a reader may filter by.
    const FILTERS: &'static [&'static str];
    /// Key of a row.
    type Key: Key;

    /// Its key, from the aggregate's stream.
    fn key(stream: StreamId) -> Self::Key;
    /// Whether rows are of this kind of event, whatever it says.
    fn concerns(event: &Event) -> bool;
    /// A new row, where the event begins one.
    fn open(event: &Event, at: Timestamp) -> Option<Self>;
    /// Takes a later event into account.
    fn apply(&mut self, event: &Event, at: Timestamp);
    /// Whether it has left the list.
    fn is_gone(&self) -> bool {
        false
    }
}

/// A live list of such rows.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(bound = "")]
pub(crate) struct Listed<R: ListRow> {
    table: Table<R::Key, R>,
}

impl<R: ListRow> Default for Listed<R> {
    fn default() -> Self {
        Self { table: Table::default() }
    }
}

impl<R: ListRow> View for Listed<R> {
    const NAME: &'static str = R::NAME;
    const VERSION: u32 = R::VERSION;
    const SCOPE: Scope = Scope::Live;
    const FILTERS: &'static [&'static str] = R::FILTERS;
    type Key = R::Key;
    type Row = R;

    fn folds(event: &Event) -> bool {
        R::concerns(event)
    }
    fn apply(&mut self, event: &Recorded) {
        if !R::concerns(&event.event) {
            return;
        }
        let (key, at) = (R::key(event.meta.stream), event.meta.when());
        if let Some(row) = R::open(&event.event, at) {
            return self.table.insert(key, row);
        }
        let Some(row) = self.table.get_mut(&key) else { return };
        row.apply(&event.event, at);
        if row.is_gone() {
            self.table.remove(&key);
        }
    }
    fn table(&self) -> &Table<R::Key, R> {
        &self.table
    }
    fn table_mut(&mut self) -> &mut Table<R::Key, R> {
        &mut self.table
    }
}

/// `head` is the aggregate itself; `item/00001`, `point/00001` and `run/00001` are its parts, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum PartKey {
    Head,
    Item(u32),
    Point(u32),
    Run(u32),
}

impl fmt::Display for PartKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Head => f.write_str("head"),
            Self::Item(number) => write!(f, "item/{number:05}"),
            Self::Point(number) => write!(f, "point/{number:05}"),
            Self::Run(number) => write!(f, "run/{number:05}"),
        }
    }
}

impl FromStr for PartKey {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let key = match text.split_once('/') {
            None => Some(Self::Head),
            Some((part, number)) => number.parse().ok().and_then(|number| match part {
                "item" => Some(Self::Item(number)),
                "point" => Some(Self::Point(number)),
                "run" => Some(Self::Run(number)),
                _ => None,
            }),
        };
        let expected = || "`head`, or a part such as `item/00001`".to_owned();
        key.filter(|key| key.to_string() == text)
            .ok_or_else(|| IdError { expected: expected(), actual: text.chars().take(80).collect() })
    }
}

/// The parts of one aggregate, as rows.
pub(crate) trait PartRow:
    Clone + Serialize + DeserializeOwned + JsonSchema + Send + Sync + 'static
{
    /// Permanent name of the view.
    const NAME: &'static str;
    /// Bumped whenever the fold or the row changes.
    const VERSION: u32;
    /// The kind of aggregate.
    const CATEGORY: Category;
    /// Fields that a reader may filter by.
    const FILTERS: &'static [&'static str] = &[];

    /// Takes an event into account; another kind of event changes nothing.
    fn apply(rows: &mut Table<PartKey, Self>, event: &Event, at: Timestamp);
}

/// A view of such parts.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(bound = "")]
pub(crate) struct Parts<R: PartRow> {
    table: Table<PartKey, R>,
}

impl<R: PartRow> Default for Parts<R> {
    fn default() -> Self {
        Self { table: Table::default() }
    }
}

impl<R: PartRow> View for Parts<R> {
    const NAME: &'static str = R::NAME;
    const VERSION: u32 = R::VERSION;
    const SCOPE: Scope = Scope::Stream(R::CATEGORY);
    const FILTERS: &'static [&'static str] = R::FILTERS;
    type Key = PartKey;
    type Row = R;

    fn apply(&mut self, event: &Recorded) {
        R::apply(&mut self.table, &event.event, event.meta.when());
    }
    fn table(&self) -> &Table<PartKey, R> {
        &self.table
    }
    fn table_mut(&mut self) -> &mut Table<PartKey, R> {
        &mut self.table
    }
}

/// Declares rows: plain data, all with the same derives.
macro_rules! rows {
    ($($(#[$doc:meta])* struct $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        pub(crate) struct $name { $($(#[$field_doc])* pub(crate) $field: $type,)* }
    )+};
}

/// Declares words of a row, in snake case.
macro_rules! states {
    ($($(#[$doc:meta])* $name:ident { $($(#[$word_doc:meta])* $word:ident,)+ })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(rename_all = "snake_case")]
        pub(crate) enum $name { $($(#[$word_doc])* $word,)+ }
    )+};
}

pub(crate) use {rows, states};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_has_one_spelling() {
        for key in [PartKey::Head, PartKey::Item(1), PartKey::Point(20), PartKey::Run(123_456)] {
            assert_eq!(key.to_string().parse(), Ok(key));
        }
        for wrong in ["", "Head", "item/1", "item/", "item/x", "part/00001", "head/00001"] {
            assert!(wrong.parse::<PartKey>().is_err(), "{wrong}");
        }
        assert_eq!(preview(&"é".repeat(300)).chars().count(), 200);
    }
}
