//! Threads that turn batches into files while the log is read on.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Scope, ScopedJoinHandle};

use arrow_array::RecordBatch;

use crate::buffers::Key;
use crate::column::schema;
use crate::error::ExportError;
use crate::manifest::FileEntry;
use crate::table::Table;
use crate::write::sqlite::Database;
use crate::write::{Format, Hashed, TableWriter, Way, digest};

/// Threads at most: each holds a batch and what it becomes.
const WORKERS_MAX: usize = 4;

/// A batch, and its number among all.
type Job = (u64, Key, RecordBatch);

/// Where files are written, and what they are called.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) folder: PathBuf,
    pub(crate) format: Format,
    /// Tells the files of this export from those of earlier ones in the same folder.
    pub(crate) tag: String,
    pub(crate) tables: Vec<Table>,
}

/// The threads, and the way to them.
pub(crate) struct Workers<'s> {
    jobs: SyncSender<Job>,
    threads: Vec<ScopedJoinHandle<'s, io::Result<Vec<FileEntry>>>>,
    count: u64,
    pub(crate) rows: BTreeMap<Table, u64>,
}

impl<'s> Workers<'s> {
    /// Starts them. Partitioned files are written by several; a file that grows has one writer.
    pub(crate) fn start<'e>(scope: &'s Scope<'s, 'e>, place: &'s Place, receiver: &'s Queue) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let count = if place.format == Format::Parquet { cores.min(WORKERS_MAX) } else { 1 };
        let threads = (0..count).map(|_| scope.spawn(|| work(place, receiver))).collect();
        let jobs = receiver.sender.lock().expect("nobody panics with it").take().expect("it is taken once");
        Self { jobs, threads, count: 0, rows: BTreeMap::new() }
    }
    /// Hands a batch on; waits while all are busy. An error here is told by [`Workers::finish`].
    pub(crate) fn send(&mut self, key: Key, batch: RecordBatch) -> Result<(), Stopped> {
        *self.rows.entry(key.table).or_default() += batch.num_rows() as u64;
        self.count += 1;
        self.jobs.send((self.count, key, batch)).map_err(|_| Stopped)
    }
    /// Waits for them; gives every file, by path.
    pub(crate) fn finish(self, folder: &Path) -> Result<Vec<FileEntry>, ExportError> {
        drop(self.jobs);
        let mut files = Vec::new();
        for thread in self.threads {
            let ended = thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            let failed = |source| ExportError::Write { path: folder.to_owned(), source };
            files.extend(ended.map_err(failed)?);
        }
        files.sort();
        Ok(files)
    }
}

/// No worker is left to take a batch: one of them failed.
pub(crate) struct Stopped;

/// Where batches wait.
pub(crate) struct Queue {
    jobs: Mutex<Option<Receiver<Job>>>,
    sender: Mutex<Option<SyncSender<Job>>>,
}

impl Queue {
    pub(crate) fn new() -> Self {
        // Nothing waits: each batch lies in memory once more while it becomes a file.
        let (sender, jobs) = sync_channel(0);
        Self { jobs: Mutex::new(Some(jobs)), sender: Mutex::new(Some(sender)) }
    }
    /// The next batch; none at the end, or once a worker has failed.
    fn next(&self) -> Option<Job> {
        self.jobs.lock().expect("nobody panics with it").as_ref()?.recv().ok()
    }
    /// Takes nothing any more, so that whoever sends hears of it.
    fn close(&self) {
        self.jobs.lock().expect("nobody panics with it").take();
    }
}

fn work(place: &Place, queue: &Queue) -> io::Result<Vec<FileEntry>> {
    let written = match place.format {
        Format::Parquet => parts(place, queue),
        Format::Sqlite => database(place, queue),
        Format::Arrow | Format::Csv | Format::Ndjson => tables(place, queue),
    };
    if written.is_err() {
        queue.close();
    }
    written
}

/// A file per batch, in the folder of its partition.
fn parts(place: &Place, queue: &Queue) -> io::Result<Vec<FileEntry>> {
    let mut files = Vec::new();
    while let Some((nth, key, batch)) = queue.next() {
        let mut path = key.table.as_str().to_owned();
        if let Some(part) = &key.part {
            if let Some(name) = part.type_name() {
                path.push_str(&format!("/type={name}"));
            }
            path.push_str(&format!("/date={}", part.date()));
        }
        let folder = place.folder.join(&path);
        std::fs::create_dir_all(&folder)?;
        path.push_str(&format!("/{}{nth:06}.parquet", place.tag));
        let file = Hashed::create(&place.folder.join(&path))?;
        let mut writer = TableWriter::new(place.format, Way::File, &batch.schema(), file)?;
        writer.write(&batch)?;
        files.push(entry(path, Some(key.table), batch.num_rows() as u64, writer.finish()?.finish()?));
    }
    Ok(files)
}

/// A file per table, also of one without rows.
fn tables(place: &Place, queue: &Queue) -> io::Result<Vec<FileEntry>> {
    let mut open = BTreeMap::new();
    for table in &place.tables {
        let path = format!("{}{}.{}", table.as_str(), place.tag, place.format.as_str());
        let file = Hashed::create(&place.folder.join(&path))?;
        let writer = TableWriter::new(place.format, Way::File, &schema(table.columns()), file)?;
        open.insert(*table, (path, writer, 0));
    }
    while let Some((_, key, batch)) = queue.next() {
        let (_, writer, rows) = open.get_mut(&key.table).expect("every table that was asked for is open");
        writer.write(&batch)?;
        *rows += batch.num_rows() as u64;
    }
    let close = |(table, (path, writer, rows)): (_, (_, TableWriter<Hashed>, _))| {
        Ok(entry(path, Some(table), rows, writer.finish()?.finish()?))
    };
    open.into_iter().map(close).collect()
}

/// One database for all.
fn database(place: &Place, queue: &Queue) -> io::Result<Vec<FileEntry>> {
    let name = format!("export{}.sqlite", place.tag);
    let path = place.folder.join(&name);
    let database = Database::create(&path, &place.tables)?;
    let mut rows = 0;
    while let Some((_, key, batch)) = queue.next() {
        database.write(key.table, &batch)?;
        rows += batch.num_rows() as u64;
    }
    database.finish()?;
    std::fs::File::open(&path)?.sync_data()?;
    Ok(vec![entry(name, None, rows, digest(&path)?)])
}

fn entry(path: String, table: Option<Table>, rows: u64, (bytes, sha256): (u64, String)) -> FileEntry {
    FileEntry { path, table: table.map(|table| table.as_str().to_owned()), rows, bytes, sha256 }
}
