//! An export read back: the log that its events are of, in memory.

mod error;
mod files;
mod row;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::path::{Component, Path};

use domain::ids::{Position, StreamVersion};
use journal::{Journal, Kept, KeptCheckpoint};

use crate::manifest::{FileEntry, Increment, LAYOUT, MANIFEST, Manifest};
use crate::table::Table;
use crate::write::{Format, digest};
pub use error::ReadingError;
use row::{Row, Tail, Wrong};

/// A log that was read from an export. Nothing can be written to it.
#[derive(Debug)]
pub struct Reading {
    /// The log: same id, epoch, positions and times.
    pub journal: Journal,
    /// How far it is proven to be what was signed.
    pub proven: Proven,
}

/// How far what an export holds is proven to be what was signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proven {
    /// The records of the first events were made again of their rows, and their tree has the root that was signed.
    Signed {
        /// Events of that tree.
        size: u64,
        /// Events in all: those beyond the tree came after the last checkpoint.
        events: u64,
        /// The public key that signed, which came with the export; none where none came, and nobody knows who signed.
        key: Option<String>,
    },
    /// The export has no checkpoint: its files are whole, and nothing else is known.
    NoCheckpoint,
    /// An earlier release wrote it, which left out two fields of the records: their hashes cannot be made again.
    Earlier,
}

impl fmt::Display for Proven {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Signed { size, events, key } => {
                write!(
                    f,
                    "the root over the first {size} of {events} events is the one in the signed checkpoint"
                )?;
                if size < events {
                    write!(f, "; UNPROVEN are the {} after it", events - size)?;
                }
                match key {
                    Some(key) => {
                        write!(f, "; signed by {key}, which came with the export: compare it with the log's")
                    }
                    None => f.write_str("; UNPROVEN is who signed it, for no key came with the export"),
                }
            }
            Self::NoCheckpoint => f.write_str("UNPROVEN: no signed checkpoint came with these events"),
            Self::Earlier => f.write_str(
                "UNPROVEN: an earlier release wrote this export, without all that the events are hashed with",
            ),
        }
    }
}

/// Whether a folder holds an export, whole or damaged: other programs call files of theirs by the manifest's name too.
#[must_use]
pub fn is_export(folder: &Path) -> bool {
    let Ok(bytes) = std::fs::read(folder.join(MANIFEST)) else { return false };
    serde_json::from_slice::<serde_json::Value>(&bytes).map_or(true, |json| json.get("exports").is_some())
}

/// Reads the export in a folder: the hashes and rows of the files of its events, and every event from the first one on.
/// Each becomes the record that it was, and the tree over them is held against every checkpoint in the manifest.
///
/// The log is held in memory, and while it is built its rows are as well.
///
/// # Errors
/// What [`ReadingError`] lists.
pub fn read(folder: &Path) -> Result<Reading, ReadingError> {
    let path = folder.join(MANIFEST);
    let unreadable = |source| ReadingError::Manifest { path: path.clone(), source };
    let manifest = Manifest::read(folder).map_err(unreadable)?;
    let manifest = manifest.ok_or_else(|| unreadable(io::ErrorKind::NotFound.into()))?;
    let newer =
        |expected: String, actual: String| ReadingError::Newer { path: path.clone(), expected, actual };
    if manifest.manifest != LAYOUT {
        return Err(newer(format!("layout {LAYOUT}"), manifest.manifest.to_string()));
    }
    let format = manifest.format.parse::<Format>();
    let format = format.map_err(|error| newer(format!("one of {}", Format::names()), error.actual))?;
    if !manifest.tables.contains_key(Table::Events.as_str()) {
        let tables = manifest.tables.into_keys().collect();
        return Err(ReadingError::NoEvents { path: folder.to_owned(), tables });
    }
    let mut rows = Vec::new();
    let mut reached = None;
    for export in &manifest.exports {
        if export.after != reached {
            return Err(ReadingError::After { expected: reached, actual: export.after });
        }
        of_export(folder, format, export, &mut rows)?;
        reached = export.to.max(reached);
    }
    rows.sort_unstable_by_key(|row| row.position);
    check_order(&rows, reached.map_or(0, |to| to.0.saturating_add(1)), &path)?;
    let is_whole = rows.iter().all(Row::is_whole);
    let kept = Kept {
        log: manifest.log.id,
        epoch: manifest.log.epoch,
        signed: if is_whole { signed(&manifest) } else { Vec::new() },
    };
    let events = rows.len() as u64;
    let journal = Journal::of_records(&kept, records(rows))?;
    let proven = match journal.checkpoint() {
        _ if !is_whole => Proven::Earlier,
        None => Proven::NoCheckpoint,
        Some(_) => Proven::Signed {
            size: journal.status().checkpoint.size,
            events,
            key: journal.verifying_key().map(|key| key.to_string()),
        },
    };
    Ok(Reading { journal, proven })
}

fn signed(manifest: &Manifest) -> Vec<KeptCheckpoint> {
    let of = |export: &Increment| {
        export.checkpoint.clone().map(|note| KeptCheckpoint { note, key: export.key.clone() })
    };
    manifest.exports.iter().filter_map(of).collect()
}

/// Takes in what one export added.
fn of_export(
    folder: &Path,
    format: Format,
    export: &Increment,
    rows: &mut Vec<Row>,
) -> Result<(), ReadingError> {
    let name = Table::Events.as_str();
    let expected = export.rows.get(name).copied().unwrap_or(0);
    let mut count = 0;
    for file in export.files.iter().filter(|file| file.table.as_deref().is_none_or(|table| table == name)) {
        let path = Path::new(&file.path);
        if !path.components().all(|part| matches!(part, Component::Normal(_))) {
            return Err(ReadingError::Outside { path: file.path.clone() });
        }
        let path = folder.join(path);
        check(file, &path)?;
        let read = of_file(format, &path, rows)?;
        count += read;
        // A file of all tables has rows of others too.
        if file.table.is_some() && read != file.rows {
            return Err(altered(&path, "rows", file.rows, read));
        }
    }
    if count == expected { Ok(()) } else { Err(altered(&folder.join(MANIFEST), "events", expected, count)) }
}

fn altered(path: &Path, what: &str, expected: u64, actual: u64) -> ReadingError {
    let path = path.to_owned();
    ReadingError::Altered { path, expected: format!("{expected} {what}"), actual: actual.to_string() }
}

/// That a file is the one that was written.
fn check(file: &FileEntry, path: &Path) -> Result<(), ReadingError> {
    let (bytes, sha256) =
        digest(path).map_err(|source| ReadingError::File { path: path.to_owned(), source })?;
    if bytes != file.bytes {
        return Err(altered(path, "bytes", file.bytes, bytes));
    }
    if sha256 == file.sha256 {
        return Ok(());
    }
    let expected = format!("SHA-256 {}", file.sha256);
    Err(ReadingError::Altered { path: path.to_owned(), expected, actual: sha256 })
}

/// Takes in the rows of a file; gives how many.
fn of_file(format: Format, path: &Path, rows: &mut Vec<Row>) -> Result<u64, ReadingError> {
    let (mut count, mut wrong) = (0, None);
    let read = files::rows(format, path, &mut |values| {
        count += 1;
        let row = Row::of(values).map_err(|it| {
            wrong = Some(it);
            io::Error::other("a row holds no event")
        })?;
        rows.push(row);
        Ok(())
    });
    let path = path.to_owned();
    if let Some(Wrong { column, expected, actual }) = wrong {
        return Err(ReadingError::Row { path, row: count, column, expected, actual });
    }
    read.map_err(|source| ReadingError::File { path, source }).map(|()| count)
}

/// That every position is there, once. `end` is the first one that should not be.
fn check_order(rows: &[Row], end: u64, manifest: &Path) -> Result<(), ReadingError> {
    for (expected, row) in (0..).map(Position).zip(rows) {
        if row.position != expected {
            return Err(ReadingError::Position { expected, actual: Some(row.position) });
        }
    }
    let count = rows.len() as u64;
    match count.cmp(&end) {
        std::cmp::Ordering::Less => Err(ReadingError::Position { expected: Position(count), actual: None }),
        std::cmp::Ordering::Equal => Ok(()),
        std::cmp::Ordering::Greater => Err(altered(manifest, "events", end, count)),
    }
}

/// The stored records, each with the link to the one before it in its stream.
fn records(rows: Vec<Row>) -> impl Iterator<Item = Result<Vec<u8>, ReadingError>> {
    let mut tails: HashMap<_, Tail> = HashMap::new();
    rows.into_iter().map(move |row| {
        let before = tails.get(&row.stream).copied();
        let expected = before.map_or(StreamVersion(0), |tail| tail.next());
        if row.version != expected {
            let (position, stream, actual) = (row.position, row.stream, row.version);
            return Err(ReadingError::Version { position, stream, expected, actual });
        }
        let (bytes, tail) = row.record(before);
        tails.insert(row.stream, tail);
        Ok(bytes)
    })
}
