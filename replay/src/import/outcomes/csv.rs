//! Outcomes as CSV, RFC 4180: fields may be quoted, and a quoted one may span lines.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use csv::{ByteRecord, ReaderBuilder};

use super::row::{COLUMNS, Row};
use super::{EXPECTED, Entry, Take};
use crate::import::lines::MAX_UNIT_BYTES;
use crate::import::{Flow, Stop, text};

pub(super) fn read(reader: impl Read, take: &mut Take<'_>) -> Flow {
    let left = Rc::new(Cell::new(MAX_UNIT_BYTES));
    let bounded = Bounded { reader, left: Rc::clone(&left) };
    let mut table = ReaderBuilder::new().flexible(true).from_reader(bounded);
    let header = table.byte_headers().map_err(failed)?;
    if header != &ByteRecord::from(COLUMNS.to_vec()) {
        return Err(Stop::Format { expected: EXPECTED, actual: first_line(header) });
    }
    let mut record = ByteRecord::new();
    loop {
        left.set(MAX_UNIT_BYTES);
        if !table.read_byte_record(&mut record).map_err(failed)? {
            return Ok(());
        }
        let line = record.position().map_or(0, csv::Position::line);
        take(Entry { line, read_bytes: table.position().byte(), row: row(&record) })?;
    }
}

fn row(record: &ByteRecord) -> Result<Row, String> {
    let mut fields = [""; COLUMNS.len()];
    if record.len() != fields.len() {
        return Err(format!("expected {} fields, got {}", fields.len(), record.len()));
    }
    for ((field, bytes), name) in fields.iter_mut().zip(record).zip(COLUMNS) {
        *field = std::str::from_utf8(bytes).map_err(|_| format!("`{name}`: expected UTF-8"))?;
    }
    Row::from_fields(fields)
}

fn first_line(header: &ByteRecord) -> String {
    let fields: Vec<_> = header.iter().map(String::from_utf8_lossy).collect();
    let line = fields.join(",");
    match line.trim() {
        "" => "it is empty".into(),
        line => format!("its first line is `{}`", text::clip(line, 80)),
    }
}

fn failed(error: csv::Error) -> Stop {
    match error.into_kind() {
        csv::ErrorKind::Io(error)
            if error.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<TooLong>) =>
        {
            Stop::Format { expected: EXPECTED, actual: TooLong.to_string() }
        }
        csv::ErrorKind::Io(error) => Stop::Io(error),
        other => Stop::Io(io::Error::other(format!("{other:?}"))),
    }
}

/// A quote that is never closed would take the rest of the file into one field.
#[derive(Debug, thiserror::Error)]
#[error("one of its lines is longer than {MAX_UNIT_BYTES} bytes; look for a quote that is not closed")]
struct TooLong;

/// Gives no more than is left for the line in hand.
struct Bounded<R> {
    reader: R,
    left: Rc<Cell<u64>>,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        let left = self.left.get().checked_sub(count as u64).ok_or_else(|| io::Error::other(TooLong))?;
        self.left.set(left);
        Ok(count)
    }
}
