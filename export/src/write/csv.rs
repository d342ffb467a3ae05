//! CSV after RFC 4180, with a header. A null and an empty text are both an empty field.

use std::io::{self, Write};

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;

use crate::cells::{Value, columns};

/// A table as CSV.
pub(crate) struct CsvWriter<W: Write> {
    writer: csv::Writer<W>,
}

impl<W: Write> CsvWriter<W> {
    pub(super) fn new(schema: &SchemaRef, out: W) -> io::Result<Self> {
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(schema.fields().iter().map(|field| field.name()))?;
        Ok(Self { writer })
    }
    pub(super) fn write(&mut self, batch: &RecordBatch) -> io::Result<()> {
        let cells = columns(batch);
        for row in 0..batch.num_rows() {
            for cell in &cells {
                match cell.get(row) {
                    Value::Null => self.writer.write_field("")?,
                    Value::Text(text) => self.writer.write_field(text)?,
                    Value::Count(count) => self.writer.write_field(count.to_string())?,
                    Value::Flag(flag) => self.writer.write_field(if flag { "true" } else { "false" })?,
                    Value::Instant(instant) => self.writer.write_field(instant.to_string())?,
                    Value::Decimal(decimal) => self.writer.write_field(decimal.to_string())?,
                }
            }
            self.writer.write_record(None::<&[u8]>)?;
        }
        Ok(())
    }
    pub(super) fn finish(self) -> io::Result<W> {
        self.writer.into_inner().map_err(|error| io::Error::other(error.to_string()))
    }
}
