//! Columns: what they are called and what they hold; and rows on their way into Arrow.

use std::fmt::{Display, Write as _};
use std::sync::Arc;

use arrow_array::builder::{
    BooleanBuilder, Decimal128Builder, StringBuilder, TimestampMillisecondBuilder, UInt64Builder,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use domain::values::{Score, Share, Timestamp, Usd};
use serde::Serialize;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Text, UTF-8.
    Text,
    /// A whole number that is not negative.
    Count,
    /// True or false.
    Flag,
    /// An instant in UTC, to the millisecond.
    Instant,
    /// US dollars with nine decimals.
    Usd,
    /// A score from 0 to 100 with two decimals.
    Score,
    /// A share from 0 to 1 with four decimals.
    Share,
    /// A number with nine decimals.
    Number,
}

impl Kind {
    /// Digits, and those behind the point, of what is a decimal number.
    const fn decimal(self) -> Option<(u8, i8)> {
        match self {
            Self::Usd => Some((18, 9)),
            Self::Score => Some((5, 2)),
            Self::Share => Some((5, 4)),
            Self::Number => Some((27, 9)),
            Self::Text | Self::Count | Self::Flag | Self::Instant => None,
        }
    }
    fn arrow(self) -> DataType {
        match (self, self.decimal()) {
            (_, Some((digits, scale))) => DataType::Decimal128(digits, scale),
            (Self::Count, None) => DataType::UInt64,
            (Self::Flag, None) => DataType::Boolean,
            (Self::Instant, None) => DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())),
            _ => DataType::Utf8,
        }
    }
    /// The type in words, as documents show it.
    #[must_use]
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Count => "uint64",
            Self::Flag => "boolean",
            Self::Instant => "timestamp (ms, UTC)",
            Self::Usd => "decimal(18, 9), US dollars",
            Self::Score => "decimal(5, 2), 0 to 100",
            Self::Share => "decimal(5, 4), 0 to 1",
            Self::Number => "decimal(27, 9)",
        }
    }
}

/// A column of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Column {
    /// Its name; permanent.
    pub name: &'static str,
    /// What it holds.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// Whether it may be null, which means unknown or not applicable, never zero.
    pub nullable: bool,
    /// What it says.
    pub what: &'static str,
    /// The event, and its field, that it comes from.
    pub source: &'static str,
}

impl Column {
    /// A column that always has a value.
    pub(crate) const fn of(name: &'static str, kind: Kind, what: &'static str, source: &'static str) -> Self {
        Self { name, kind, nullable: false, what, source }
    }
    /// A column that may be null.
    pub(crate) const fn opt(
        name: &'static str,
        kind: Kind,
        what: &'static str,
        source: &'static str,
    ) -> Self {
        Self { name, kind, nullable: true, what, source }
    }
}

/// The columns as Arrow knows them.
pub(crate) fn schema(columns: &[Column]) -> SchemaRef {
    let field = |column: &Column| Field::new(column.name, column.kind.arrow(), column.nullable);
    Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()))
}

/// The values of one column.
enum Cells {
    Text(StringBuilder),
    Count(UInt64Builder),
    Flag(BooleanBuilder),
    Instant(TimestampMillisecondBuilder),
    Decimal(Decimal128Builder),
}

/// Rows of one table. Values are given in the order of its columns, and [`Rows::end`] closes a row.
pub(crate) struct Rows {
    schema: SchemaRef,
    cells: Vec<Cells>,
    /// The column that comes next.
    next: usize,
    rows: usize,
    bytes: usize,
}

/// What a value that is no text takes, about.
const VALUE_BYTES: usize = 9;

/// Room that rows are going to need, since earlier ones of the same kind did: what grows instead is moved each time it
/// doubles.
#[derive(Debug, Default)]
pub(crate) struct Room {
    rows: usize,
    /// Bytes of text of each column.
    texts: Vec<usize>,
}

impl Room {
    /// What doubling would come to, so that memory that was given back fits again.
    fn of(used: usize) -> usize {
        if used == 0 { 0 } else { used.next_power_of_two() }
    }
}

impl Rows {
    pub(crate) fn new(columns: &'static [Column], room: &Room) -> Self {
        let rows = Room::of(room.rows);
        let text = |nth: usize| Room::of(room.texts.get(nth).copied().unwrap_or_default());
        let cells = |(nth, column): (usize, &Column)| match (column.kind, column.kind.decimal()) {
            (_, Some((digits, scale))) => Cells::Decimal(
                Decimal128Builder::with_capacity(rows)
                    .with_precision_and_scale(digits, scale)
                    .expect("digits and scale are within what a decimal of 128 bits holds"),
            ),
            (Kind::Count, None) => Cells::Count(UInt64Builder::with_capacity(rows)),
            (Kind::Flag, None) => Cells::Flag(BooleanBuilder::with_capacity(rows)),
            (Kind::Instant, None) => {
                Cells::Instant(TimestampMillisecondBuilder::with_capacity(rows).with_timezone("UTC"))
            }
            _ => Cells::Text(StringBuilder::with_capacity(rows, text(nth))),
        };
        let cells = columns.iter().enumerate().map(cells).collect();
        Self { schema: schema(columns), cells, next: 0, rows: 0, bytes: 0 }
    }
    /// What these rows take.
    pub(crate) fn room(&self) -> Room {
        let text = |cells: &Cells| match cells {
            Cells::Text(cells) => cells.values_slice().len(),
            _ => 0,
        };
        Room { rows: self.rows, texts: self.cells.iter().map(text).collect() }
    }
    /// Number of whole rows.
    pub(crate) const fn len(&self) -> usize {
        self.rows
    }
    /// Bytes that the rows take in memory, about.
    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
    }

    fn cell(&mut self, bytes: usize) -> (&mut Cells, &str) {
        self.bytes += bytes;
        self.next += 1;
        (&mut self.cells[self.next - 1], self.schema.field(self.next - 1).name())
    }
    pub(crate) fn text(&mut self, value: Option<&str>) -> &mut Self {
        match self.cell(5 + value.map_or(0, str::len)) {
            (Cells::Text(cells), _) => cells.append_option(value),
            (_, name) => unreachable!("column `{name}` holds no text"),
        }
        self
    }
    /// A text as it is displayed.
    pub(crate) fn shown(&mut self, value: Option<impl Display>) -> &mut Self {
        let (Cells::Text(cells), _) = self.cell(31) else { unreachable!("what is displayed is text") };
        match value {
            None => cells.append_null(),
            Some(value) => {
                write!(cells, "{value}").expect("a text in memory takes everything");
                cells.append_value("");
            }
        }
        self
    }
    pub(crate) fn count(&mut self, value: Option<u64>) -> &mut Self {
        match self.cell(VALUE_BYTES) {
            (Cells::Count(cells), _) => cells.append_option(value),
            (_, name) => unreachable!("column `{name}` holds no number"),
        }
        self
    }
    pub(crate) fn flag(&mut self, value: Option<bool>) -> &mut Self {
        match self.cell(1) {
            (Cells::Flag(cells), _) => cells.append_option(value),
            (_, name) => unreachable!("column `{name}` holds no flag"),
        }
        self
    }
    pub(crate) fn instant(&mut self, value: Option<Timestamp>) -> &mut Self {
        match self.cell(VALUE_BYTES) {
            (Cells::Instant(cells), _) => cells.append_option(value.map(Timestamp::millis)),
            (_, name) => unreachable!("column `{name}` holds no instant"),
        }
        self
    }
    fn decimal(&mut self, value: Option<i128>) -> &mut Self {
        match self.cell(2 * VALUE_BYTES) {
            (Cells::Decimal(cells), _) => cells.append_option(value),
            (_, name) => unreachable!("column `{name}` holds no decimal"),
        }
        self
    }
    pub(crate) fn usd(&mut self, value: Option<Usd>) -> &mut Self {
        self.decimal(value.map(|value| value.units().into()))
    }
    pub(crate) fn score(&mut self, value: Option<Score>) -> &mut Self {
        self.decimal(value.map(|value| value.units().into()))
    }
    pub(crate) fn share(&mut self, value: Option<Share>) -> &mut Self {
        self.decimal(value.map(|value| value.units().into()))
    }
    /// A number that is not negative, rounded to billionths.
    pub(crate) fn number(&mut self, value: Option<f64>) -> &mut Self {
        // Beyond 10^17 no billionth is told apart any more.
        let billionths = |value: f64| (value.clamp(0.0, 1e17) * 1e9).round();
        #[expect(clippy::cast_possible_truncation, reason = "at most 10^26")]
        self.decimal(value.map(|value| billionths(value) as i128))
    }
    /// Closes the row.
    pub(crate) fn end(&mut self) {
        assert_eq!(self.next, self.cells.len(), "a row has a value for every column");
        self.next = 0;
        self.rows += 1;
    }

    /// All rows so far; none are left.
    pub(crate) fn take(&mut self) -> RecordBatch {
        (self.rows, self.bytes) = (0, 0);
        let columns = self.cells.iter_mut().map(|cells| -> ArrayRef {
            match cells {
                Cells::Text(cells) => Arc::new(cells.finish()),
                Cells::Count(cells) => Arc::new(cells.finish()),
                Cells::Flag(cells) => Arc::new(cells.finish()),
                Cells::Instant(cells) => Arc::new(cells.finish()),
                Cells::Decimal(cells) => Arc::new(cells.finish()),
            }
        });
        RecordBatch::try_new(Arc::clone(&self.schema), columns.collect())
            .expect("columns are of the schema's types and equally long")
    }
}
