//! One table as a stream of bytes, for whoever reads it as it comes.

use std::collections::BTreeSet;
use std::io::Write;

use domain::authority::Sight;
use domain::ids::Position;
use journal::Journal;
use vault::Vault;

use crate::buffers::Buffers;
use crate::column::schema;
use crate::error::ExportError;
use crate::table::{Feed, Table};
use crate::write::{Format, TableWriter, Way};

/// A part of the log.
#[derive(Debug, Clone, Default)]
pub struct Range {
    /// Events up to this position are left out.
    pub after: Option<Position>,
    /// The last position.
    pub to: Option<Position>,
    /// Events of these projects only.
    pub sight: Sight,
    /// What opens sealed text.
    pub vault: Vault,
}

/// Writes a table's rows from a part of the log to `out`.
///
/// # Errors
/// Where the log cannot be read, or `out` takes no more; what was written before stands.
pub fn stream(
    journal: &Journal,
    table: Table,
    format: Format,
    range: &Range,
    out: impl Write + Send,
) -> Result<(), ExportError> {
    let schema = schema(table.columns());
    let mut writer = TableWriter::new(format, Way::Stream, &schema, out).map_err(ExportError::Stream)?;
    let mut feed = Feed::new(BTreeSet::from([table]), range.after, range.vault.clone());
    let mut buffers = Buffers::new(false);
    let mut full = |buffers: &mut Buffers| match buffers.full() {
        Some((_, batch)) => writer.write(&batch).map_err(ExportError::Stream),
        None => Ok(()),
    };
    let start = feed.start();
    'log: for block in journal.scan(start) {
        for record in block?.records() {
            if Some(record.position()) <= start {
                continue;
            }
            if Some(record.position()) > range.to {
                break 'log;
            }
            if !range.sight.sees(record.project().or_else(|| record.stream().as_project())) {
                continue;
            }
            feed.record(&record, &mut buffers);
            full(&mut buffers)?;
        }
    }
    feed.finish(&mut buffers, full)?;
    while let Some((_, batch)) = buffers.rest() {
        writer.write(&batch).map_err(ExportError::Stream)?;
    }
    writer.finish().and_then(|mut out| out.flush()).map_err(ExportError::Stream)
}
