//! The values of a batch, cell by cell.

use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal128Type, TimestampMillisecondType, UInt64Type};
use arrow_array::{
    Array, BooleanArray, Decimal128Array, RecordBatch, StringArray, TimestampMillisecondArray, UInt64Array,
};
use arrow_schema::DataType;
use domain::values::Timestamp;

/// A column, as the type it has.
pub(super) enum Cells<'a> {
    Text(&'a StringArray),
    Count(&'a UInt64Array),
    Flag(&'a BooleanArray),
    Instant(&'a TimestampMillisecondArray),
    Decimal(&'a Decimal128Array, u32),
}

/// A value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Value<'a> {
    Null,
    Text(&'a str),
    Count(u64),
    Flag(bool),
    Instant(Timestamp),
    Decimal(Decimal),
}

impl std::fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Null => Ok(()),
            Self::Text(text) => f.write_str(text),
            Self::Count(count) => count.fmt(f),
            Self::Flag(flag) => flag.fmt(f),
            Self::Instant(instant) => instant.fmt(f),
            Self::Decimal(decimal) => decimal.fmt(f),
        }
    }
}

/// A decimal number that is not negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Decimal {
    units: u128,
    /// Digits behind the point.
    scale: u32,
}

impl Decimal {
    /// The nearest floating-point number.
    pub(super) fn as_f64(self) -> f64 {
        self.to_string().parse().expect("digits and a point are a number")
    }
}

impl std::fmt::Display for Decimal {
    /// Exactly, without zeros at the end.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let one = 10_u128.pow(self.scale);
        let (whole, rest) = (self.units / one, self.units % one);
        if rest == 0 {
            return write!(f, "{whole}");
        }
        let digits = format!("{rest:0width$}", width = self.scale as usize);
        write!(f, "{whole}.{}", digits.trim_end_matches('0'))
    }
}

/// The columns of a batch.
pub(super) fn columns(batch: &RecordBatch) -> Vec<Cells<'_>> {
    batch.columns().iter().map(|column| Cells::of(column.as_ref())).collect()
}

impl<'a> Cells<'a> {
    pub(super) fn of(column: &'a dyn Array) -> Self {
        match column.data_type() {
            DataType::UInt64 => Self::Count(column.as_primitive::<UInt64Type>()),
            DataType::Boolean => Self::Flag(column.as_boolean()),
            DataType::Timestamp(..) => Self::Instant(column.as_primitive::<TimestampMillisecondType>()),
            DataType::Decimal128(_, scale) => {
                Self::Decimal(column.as_primitive::<Decimal128Type>(), scale.unsigned_abs().into())
            }
            _ => Self::Text(column.as_string()),
        }
    }
    pub(super) fn get(&self, row: usize) -> Value<'a> {
        let is_null = match self {
            Self::Text(cells) => cells.is_null(row),
            Self::Count(cells) => cells.is_null(row),
            Self::Flag(cells) => cells.is_null(row),
            Self::Instant(cells) => cells.is_null(row),
            Self::Decimal(cells, _) => cells.is_null(row),
        };
        if is_null {
            return Value::Null;
        }
        match self {
            Self::Text(cells) => Value::Text(cells.value(row)),
            Self::Count(cells) => Value::Count(cells.value(row)),
            Self::Flag(cells) => Value::Flag(cells.value(row)),
            Self::Instant(cells) => Value::Instant(Timestamp::from_millis(cells.value(row))),
            Self::Decimal(cells, scale) => {
                Value::Decimal(Decimal { units: cells.value(row).unsigned_abs(), scale: *scale })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_spelt_exactly() {
        let text = |units, scale| Decimal { units, scale }.to_string();
        assert_eq!(text(9_189_000, 9), "0.009189");
        assert_eq!(text(1, 9), "0.000000001");
        assert_eq!(text(12_000_000_000, 9), "12");
        assert_eq!(text(8_750, 2), "87.5");
        assert_eq!(text(1_000_000_000_000_001, 9), "1000000.000000001");
        assert!((Decimal { units: 8_726, scale: 2 }.as_f64() - 87.26).abs() < f64::EPSILON);
    }
}
