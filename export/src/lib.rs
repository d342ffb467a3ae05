//! Events and typed tables of a log as files that others read: Parquet, Arrow, CSV, NDJSON, SQLite.
//!
//! Records go in, in order, and files come out; what is held is a bounded number of rows, and how the runs and
//! learnings stand where their tables are asked for. [`read`] goes the other way. The only crate that knows Arrow, Parquet and SQLite.

mod buffers;
mod cells;
mod column;
mod error;
mod folder;
mod manifest;
mod read;
mod stream;
mod table;
#[cfg(test)]
mod tests;
mod workers;
mod write;

use domain::ids::Position;
use journal::{Journal, RawRecord, ReadError};

pub use column::{Column, Kind};
pub use error::ExportError;
pub use folder::{Report, Request, export};
pub use manifest::{FileEntry, Increment, Log, MANIFEST, Manifest};
pub use read::{Proven, Reading, ReadingError, is_export, read};
pub use stream::{Range, stream};
pub use table::{Table, UnknownTable};
pub use write::{Format, UnknownFormat};

/// The records of a log after a position, decoded on every core; the first ones may stand before it.
pub fn records(
    journal: &Journal,
    after: Option<Position>,
) -> impl Iterator<Item = Result<RawRecord, ReadError>> + use<> {
    journal.scan(after).flat_map(|block| match block {
        Ok(block) => block.records().map(Ok).collect::<Vec<_>>(),
        Err(error) => vec![Err(error)],
    })
}
