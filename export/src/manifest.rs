//! What an export says of itself: `manifest.json`, the last thing that is written.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use domain::ids::{LogId, Position};
use serde::{Deserialize, Serialize};

use crate::column::Column;
use crate::table::Table;
use crate::write::Format;

/// Name of the manifest in the folder of an export.
pub const MANIFEST: &str = "manifest.json";
/// Version of its layout.
pub(crate) const LAYOUT: u32 = 1;

/// The log that an export is of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Log {
    /// Its id.
    pub id: LogId,
    /// How often it was restored or repaired.
    pub epoch: u64,
}

/// A file of an export.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FileEntry {
    /// Its path in the folder.
    pub path: String,
    /// The table it holds rows of; none where it holds all.
    pub table: Option<String>,
    /// Rows in it.
    pub rows: u64,
    /// Its length in bytes.
    pub bytes: u64,
    /// Its SHA-256, hex.
    pub sha256: String,
}

/// One export: the first, or what an incremental one added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Increment {
    /// Events up to this position were exported before; none for the first export.
    pub after: Option<Position>,
    /// The last position it includes; none where the log was empty.
    pub to: Option<Position>,
    /// Rows of each table.
    pub rows: BTreeMap<String, u64>,
    /// The last signed checkpoint of the log, a C2SP note: its size and root.
    pub checkpoint: Option<String>,
    /// The public key that signs its checkpoints, as far as it was known.
    #[serde(default)]
    pub key: Option<String>,
    /// The files, by path.
    pub files: Vec<FileEntry>,
}

/// `manifest.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of this layout.
    pub manifest: u32,
    /// Format of the files.
    pub format: String,
    /// The log they are of.
    pub log: Log,
    /// The exports, in order.
    pub exports: Vec<Increment>,
    /// The tables and their columns.
    pub tables: BTreeMap<String, serde_json::Value>,
}

impl Manifest {
    pub(crate) fn new(format: Format, log: Log, tables: impl IntoIterator<Item = Table>) -> Self {
        let tables = tables.into_iter().map(|table| (table.as_str().to_owned(), described(table)));
        Self {
            manifest: LAYOUT,
            format: format.as_str().to_owned(),
            log,
            exports: vec![],
            tables: tables.collect(),
        }
    }
    /// Reads the one in a folder; none where there is none.
    pub(crate) fn read(folder: &Path) -> io::Result<Option<Self>> {
        match std::fs::read(folder.join(MANIFEST)) {
            Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
    /// Writes it into a folder, whole or not at all.
    pub(crate) fn write(&self, folder: &Path) -> io::Result<()> {
        let unfinished = folder.join(format!(".{MANIFEST}"));
        let mut file = File::create(&unfinished)?;
        serde_json::to_writer_pretty(&mut file, self)?;
        file.write_all(b"\n")?;
        file.sync_data()?;
        std::fs::rename(unfinished, folder.join(MANIFEST))
    }
    /// The last position that was exported.
    pub(crate) fn reached(&self) -> Option<Position> {
        self.exports.iter().filter_map(|export| export.to).max()
    }
}

fn described(table: Table) -> serde_json::Value {
    let columns: &[Column] = table.columns();
    serde_json::json!({ "state": table.is_state(), "columns": columns })
}
