//! One JSON object per line, every column in each, nulls too.

use std::io::{self, Write};

use arrow_array::RecordBatch;

use crate::cells::{Value, columns};

pub(super) fn write(batch: &RecordBatch, out: &mut impl Write) -> io::Result<()> {
    let cells = columns(batch);
    let schema = batch.schema();
    let mut line = Vec::new();
    for row in 0..batch.num_rows() {
        line.clear();
        for (index, (cell, field)) in cells.iter().zip(schema.fields()).enumerate() {
            line.push(if index == 0 { b'{' } else { b',' });
            // Names are plain letters.
            write!(line, "\"{}\":", field.name())?;
            match cell.get(row) {
                Value::Null => line.extend_from_slice(b"null"),
                Value::Text(text) => serde_json::to_writer(&mut line, text)?,
                Value::Count(count) => write!(line, "{count}")?,
                Value::Flag(flag) => write!(line, "{flag}")?,
                Value::Instant(instant) => write!(line, "\"{instant}\"")?,
                Value::Decimal(decimal) => write!(line, "{decimal}")?,
            }
        }
        line.extend_from_slice(b"}\n");
        out.write_all(&line)?;
    }
    Ok(())
}
