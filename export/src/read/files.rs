//! The rows of a file, whatever its format.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use arrow_array::RecordBatch;
use arrow_ipc::reader::FileReader;
use arrow_schema::Schema;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use serde_json::{Map, Value as Json};

use super::row::{COLUMNS, DATA, PAYLOAD};
use crate::cells::{Cells, Value};
use crate::column::{Column, schema};
use crate::table::Table;
use crate::write::Format;

/// The values of a row, as [`COLUMNS`] has them; what a file does not have is null.
pub(super) type Values<'a> = [Value<'a>; COLUMNS.len()];
/// Takes a row; an error ends the reading.
pub(super) type Take<'t> = dyn FnMut(&Values<'_>) -> io::Result<()> + 't;

/// Gives every row of the events in a file.
pub(super) fn rows(format: Format, path: &Path, take: &mut Take<'_>) -> io::Result<()> {
    match format {
        Format::Parquet => {
            let reader =
                ParquetRecordBatchReaderBuilder::try_new(File::open(path)?).map_err(io::Error::other)?;
            for batch in reader.build().map_err(io::Error::other)? {
                of_batch(&batch.map_err(io::Error::other)?, take)?;
            }
            Ok(())
        }
        Format::Arrow => {
            let file = BufReader::new(File::open(path)?);
            for batch in FileReader::try_new(file, None).map_err(io::Error::other)? {
                of_batch(&batch.map_err(io::Error::other)?, take)?;
            }
            Ok(())
        }
        Format::Csv => of_csv(path, take),
        Format::Ndjson => of_ndjson(path, take),
        Format::Sqlite => of_sqlite(path, take),
    }
}

fn of_batch(batch: &RecordBatch, take: &mut Take<'_>) -> io::Result<()> {
    check_types(&batch.schema())?;
    let columns = COLUMNS.map(|name| batch.column_by_name(name).map(|column| Cells::of(column.as_ref())));
    for row in 0..batch.num_rows() {
        take(&std::array::from_fn(|place| {
            columns[place].as_ref().map_or(Value::Null, |cells| cells.get(row))
        }))?;
    }
    Ok(())
}

/// Columns are looked at as the type they are written in.
fn check_types(actual: &Schema) -> io::Result<()> {
    let known: &[Column] = Table::Events.columns();
    for expected in schema(known).fields() {
        let Ok(actual) = actual.field_with_name(expected.name()) else { continue };
        if actual.data_type() != expected.data_type() {
            let (name, expected, actual) = (expected.name(), expected.data_type(), actual.data_type());
            return Err(io::Error::other(format!("column `{name}`: expected {expected}, got {actual}")));
        }
    }
    Ok(())
}

/// An empty field is a null one. Only a payload may be empty: it is where there is neither that nor what it says.
fn of_csv(path: &Path, take: &mut Take<'_>) -> io::Result<()> {
    let mut reader = csv::Reader::from_path(path)?;
    let header = reader.headers()?.clone();
    let places = COLUMNS.map(|name| header.iter().position(|column| column == name));
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record)? {
        let value = |place: usize| {
            let text = places[place].and_then(|place| record.get(place)).filter(|text| !text.is_empty());
            text.map_or(Value::Null, Value::Text)
        };
        let mut values: Values<'_> = std::array::from_fn(value);
        if places[PAYLOAD].is_some() && values[DATA] == Value::Null && values[PAYLOAD] == Value::Null {
            values[PAYLOAD] = Value::Text("");
        }
        take(&values)?;
    }
    Ok(())
}

fn of_ndjson(path: &Path, take: &mut Take<'_>) -> io::Result<()> {
    let mut reader = BufReader::new(File::open(path)?);
    let mut line = String::new();
    while reader.read_line(&mut line)? > 0 {
        let row: Map<String, Json> = serde_json::from_str(&line)?;
        let mut values: Values<'_> = [Value::Null; COLUMNS.len()];
        for (value, name) in values.iter_mut().zip(COLUMNS) {
            *value = match row.get(name) {
                None | Some(Json::Null) => Value::Null,
                Some(Json::String(text)) => Value::Text(text),
                Some(other) => Value::Count(other.as_u64().ok_or_else(|| odd(name, other))?),
            };
        }
        take(&values)?;
        line.clear();
    }
    Ok(())
}

fn of_sqlite(path: &Path, take: &mut Take<'_>) -> io::Result<()> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(io::Error::other)?;
    let mut statement = connection.prepare("SELECT * FROM \"events\"").map_err(io::Error::other)?;
    let places = COLUMNS.map(|name| statement.column_index(name).ok());
    let mut rows = statement.query([]).map_err(io::Error::other)?;
    while let Some(row) = rows.next().map_err(io::Error::other)? {
        let mut values: Values<'_> = [Value::Null; COLUMNS.len()];
        for ((value, place), name) in values.iter_mut().zip(places).zip(COLUMNS) {
            let Some(place) = place else { continue };
            *value = match row.get_ref(place).map_err(io::Error::other)? {
                ValueRef::Null => Value::Null,
                ValueRef::Text(text) => Value::Text(std::str::from_utf8(text).map_err(io::Error::other)?),
                ValueRef::Integer(number) => {
                    Value::Count(u64::try_from(number).map_err(|_| odd(name, &number))?)
                }
                other => return Err(odd(name, &format!("{:?}", other.data_type()))),
            };
        }
        take(&values)?;
    }
    Ok(())
}

fn odd(name: &str, actual: &dyn std::fmt::Display) -> io::Error {
    let actual: String = actual.to_string().chars().take(80).collect();
    io::Error::other(format!("column `{name}`: expected a text or a whole number, got {actual}"))
}
