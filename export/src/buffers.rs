//! Rows on their way out, apart by table and, where files are to be partitioned, by type and day.

use std::collections::BTreeMap;

use arrow_array::RecordBatch;
use domain::StreamId;
use domain::catalogue::EventSpec;
use domain::ids::Category;
use domain::values::Timestamp;
use journal::RawRecord;

use crate::column::{Room, Rows};
use crate::table::Table;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// Rows at which a batch is handed on, and bytes of them. What they lie in grows by doubling, and has up to twice as
/// much.
const BATCH_ROWS: usize = 64 * 1024;
const BATCH_BYTES: usize = 6 << 20;
/// Bytes of all rows together at which the largest batch is handed on.
const ALL_BYTES: usize = 24 << 20;

/// What belongs into one file, or into one run of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) table: Table,
    /// Where it is partitioned.
    pub(crate) part: Option<Part>,
}

impl Key {
    fn kind(&self) -> (Table, Option<Kind>) {
        (self.table, self.part.and_then(|part| part.kind))
    }
}

/// Of events: category and type.
type Kind = (Category, u16);

/// A partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Part {
    kind: Option<Kind>,
    /// Days since 1970-01-01.
    day: i64,
}

impl Part {
    /// The name of the event's type.
    pub(crate) fn type_name(&self) -> Option<String> {
        let (category, type_id) = self.kind?;
        let known = |event: &EventSpec| event.type_id.0 == type_id;
        let aggregates = domain::aggregates();
        let aggregate = aggregates.iter().find(|aggregate| aggregate.category == category);
        let name = aggregate.and_then(|aggregate| aggregate.events.iter().find(|event| known(event)));
        Some(name.map_or_else(|| format!("unknown-{type_id}"), |event| event.name.to_owned()))
    }
    /// The day in UTC, as `2026-11-21`.
    pub(crate) fn date(&self) -> String {
        Timestamp::from_millis(self.day.saturating_mul(DAY_MS)).day()
    }
}

/// Batches that fill up.
pub(crate) struct Buffers {
    partitioned: bool,
    open: BTreeMap<Key, Rows>,
    /// What the last batch of each kind took.
    rooms: BTreeMap<(Table, Option<Kind>), Room>,
    /// Bytes of all rows when they were last added up, and rows written since.
    bytes: usize,
    unchecked: usize,
    /// The batch that was written to last.
    last: Option<Key>,
}

/// Rows between two looks at how full everything is.
const CHECK_EVERY: usize = 256;

impl Buffers {
    pub(crate) const fn new(partitioned: bool) -> Self {
        Self {
            partitioned,
            open: BTreeMap::new(),
            rooms: BTreeMap::new(),
            bytes: 0,
            unchecked: 0,
            last: None,
        }
    }
    /// Where a row of the events goes.
    pub(crate) fn event(&mut self, record: &RawRecord) -> &mut Rows {
        let StreamId { category, .. } = record.stream();
        let kind = Some((category, record.type_id().0));
        self.to(Table::Events, kind, record.occurred_at().unwrap_or(record.time()))
    }
    /// Where a row of another table goes; `day` is when it happened.
    pub(crate) fn rows(&mut self, table: Table, day: Timestamp) -> &mut Rows {
        self.to(table, None, day)
    }
    fn to(&mut self, table: Table, kind: Option<Kind>, at: Timestamp) -> &mut Rows {
        let part = self.partitioned.then(|| Part { kind, day: at.millis().div_euclid(DAY_MS) });
        let key = Key { table, part };
        self.last = Some(key);
        self.unchecked += 1;
        let rooms = &mut self.rooms;
        let rows = || Rows::new(table.columns(), rooms.entry(key.kind()).or_default());
        self.open.entry(key).or_insert_with(rows)
    }

    /// A batch that is to be handed on, for it is full, or everything together is.
    pub(crate) fn full(&mut self) -> Option<(Key, RecordBatch)> {
        let last = self.last?;
        let is_full = |rows: &Rows| rows.len() >= BATCH_ROWS || rows.bytes() >= BATCH_BYTES;
        if self.open.get(&last).is_some_and(is_full) {
            return self.take(last);
        }
        if self.unchecked < CHECK_EVERY && self.bytes < ALL_BYTES {
            return None;
        }
        self.unchecked = 0;
        self.bytes = self.open.values().map(Rows::bytes).sum();
        if self.bytes < ALL_BYTES {
            return None;
        }
        let largest = self.open.iter().max_by_key(|(_, rows)| rows.bytes()).map(|(key, _)| *key)?;
        self.take(largest)
    }
    /// What is left, batch by batch.
    pub(crate) fn rest(&mut self) -> Option<(Key, RecordBatch)> {
        let key = *self.open.keys().next()?;
        self.take(key)
    }
    fn take(&mut self, key: Key) -> Option<(Key, RecordBatch)> {
        let mut rows = self.open.remove(&key)?;
        self.bytes = self.bytes.saturating_sub(rows.bytes());
        self.rooms.insert(key.kind(), rows.room());
        Some((key, rows.take()))
    }
}
