//! One SQLite database with a table for each. Instants are text as RFC 3339 spells them, decimals are REAL.

use std::io;
use std::path::Path;

use arrow_array::RecordBatch;
use rusqlite::Connection;
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};

use crate::cells::{Cells, Value, columns};
use crate::column::{Column, Kind};
use crate::table::Table;

/// A database that is being written, in one transaction.
pub(crate) struct Database {
    connection: Connection,
}

impl Database {
    /// Makes the database with empty tables.
    pub(crate) fn create(path: &Path, tables: &[Table]) -> io::Result<Self> {
        let connection = Connection::open(path).map_err(io::Error::other)?;
        // Until it is whole it stands under a name that nobody reads; then it is synced as any other file.
        let setup =
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE; BEGIN";
        connection.execute_batch(setup).map_err(io::Error::other)?;
        for table in tables {
            let columns: Vec<String> = table.columns().iter().map(column).collect();
            let create = format!("CREATE TABLE \"{}\" ({})", table.as_str(), columns.join(", "));
            connection.execute_batch(&create).map_err(io::Error::other)?;
        }
        Ok(Self { connection })
    }
    pub(crate) fn write(&self, table: Table, batch: &RecordBatch) -> io::Result<()> {
        let places = vec!["?"; batch.num_columns()].join(", ");
        let insert = format!("INSERT INTO \"{}\" VALUES ({places})", table.as_str());
        let mut statement = self.connection.prepare(&insert).map_err(io::Error::other)?;
        let cells = columns(batch);
        for row in 0..batch.num_rows() {
            let values = cells.iter().map(|cells: &Cells<'_>| Bound(cells.get(row)));
            statement.execute(rusqlite::params_from_iter(values)).map_err(io::Error::other)?;
        }
        Ok(())
    }
    pub(crate) fn finish(self) -> io::Result<()> {
        self.connection.execute_batch("COMMIT").map_err(io::Error::other)?;
        self.connection.close().map_err(|(_, error)| io::Error::other(error))
    }
}

fn column(column: &Column) -> String {
    let kind = match column.kind {
        Kind::Text | Kind::Instant => "TEXT",
        Kind::Count | Kind::Flag => "INTEGER",
        Kind::Usd | Kind::Score | Kind::Share | Kind::Number => "REAL",
    };
    format!("\"{}\" {kind}{}", column.name, if column.nullable { "" } else { " NOT NULL" })
}

struct Bound<'a>(Value<'a>);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self.0 {
            Value::Null => ToSqlOutput::Borrowed(ValueRef::Null),
            Value::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            // Counts above what SQLite holds do not occur: positions, tokens and milliseconds end far below.
            Value::Count(count) => ToSqlOutput::from(i64::try_from(count).unwrap_or(i64::MAX)),
            Value::Flag(flag) => ToSqlOutput::from(flag),
            Value::Instant(instant) => ToSqlOutput::from(instant.to_string()),
            Value::Decimal(decimal) => ToSqlOutput::from(decimal.as_f64()),
        })
    }
}
