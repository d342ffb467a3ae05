//! An export into a folder: written beside it under another name, then moved, the manifest last.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use domain::ids::Position;
use journal::RawRecord;
use serde::Serialize;
use tempfile::TempDir;
use vault::Vault;

use crate::buffers::Buffers;
use crate::error::ExportError;
use crate::manifest::{Increment, Log, Manifest};
use crate::table::{Feed, Table};
use crate::workers::{Place, Queue, Workers};
use crate::write::Format;

/// What to export, and where to.
#[derive(Debug, Clone)]
pub struct Request {
    /// The tables; every one where empty.
    pub tables: BTreeSet<Table>,
    /// Format of the files.
    pub format: Format,
    /// The folder. It is made, is empty, or holds what was exported up to `after`.
    pub out: PathBuf,
    /// Only what came after this position.
    pub after: Option<Position>,
    /// The log.
    pub log: Log,
    /// Its last position.
    pub head: Option<Position>,
    /// Its last signed checkpoint.
    pub checkpoint: Option<String>,
    /// The public key that signed it.
    pub key: Option<String>,
    /// What opens sealed text.
    pub vault: Vault,
}

/// What an export came to. The keys are stable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Events up to this position were left out.
    pub after: Option<Position>,
    /// The last position that is included.
    pub to: Option<Position>,
    /// Rows of each table.
    pub rows: BTreeMap<String, u64>,
    /// Number of files, the manifest not counted.
    pub files: u64,
    /// Bytes of them.
    pub bytes: u64,
}

impl Request {
    fn tables(&self) -> BTreeSet<Table> {
        let usual = Table::ALL.iter().copied().filter(|table| table.is_usual());
        if self.tables.is_empty() { usual.collect() } else { self.tables.clone() }
    }
    /// The position after which records are wanted: what says how something stands needs all of them.
    #[must_use]
    pub fn start(&self) -> Option<Position> {
        Feed::new(self.tables(), self.after, self.vault.clone()).start()
    }
    fn failed(&self) -> impl Fn(io::Error) -> ExportError + use<> {
        let path = self.out.clone();
        move |source| ExportError::Write { path: path.clone(), source }
    }

    /// What the folder holds; a new manifest where that is nothing.
    fn manifest(&self) -> Result<Manifest, ExportError> {
        let path = || self.out.clone();
        let new = Manifest::new(self.format, self.log.clone(), self.tables());
        let Some(found) = Manifest::read(&self.out).map_err(self.failed())? else {
            return match fs::read_dir(&self.out).map(|mut entries| entries.next().is_none()) {
                Ok(false) => Err(ExportError::NotEmpty { path: path() }),
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(self.failed()(error)),
                _ => Ok(new),
            };
        };
        let what = match () {
            () if found.manifest != new.manifest => "release",
            () if found.log != new.log => "log",
            () if found.format != new.format => "format",
            () if found.tables != new.tables => "choice of tables",
            () if found.reached() != self.after => {
                let (expected, actual) = (found.reached(), self.after);
                return Err(ExportError::Gap { path: path(), expected, actual });
            }
            () => return Ok(found),
        };
        Err(ExportError::Other { path: path(), what })
    }
}

/// Exports `records`, those after [`Request::start`] in order; what is beyond the log's last position is passed over.
///
/// # Errors
/// Where the folder holds something else, the records break off, or files cannot be written; then the folder is as
/// it was before. Files of an increment are moved one by one, and the manifest names them once all are there.
pub fn export<E>(
    request: &Request,
    records: impl IntoIterator<Item = Result<RawRecord, E>>,
) -> Result<Report, ExportError>
where
    ExportError: From<E>,
{
    if let Some(after) = request.after.filter(|after| Some(*after) > request.head) {
        return Err(ExportError::Beyond { after, head: request.head });
    }
    let mut manifest = request.manifest()?;
    let staged = stage(&request.out).map_err(request.failed())?;
    let is_first = manifest.exports.is_empty();
    let place = Place {
        folder: staged.path().to_owned(),
        format: request.format,
        tag: tag(request, is_first),
        tables: request.tables().into_iter().collect(),
    };
    let (files, rows) = write(request, &place, records)?;
    let report = Report {
        after: request.after,
        to: request.head,
        rows: rows.clone(),
        files: files.len() as u64,
        bytes: files.iter().map(|file| file.bytes).sum(),
    };
    let (after, to) = (request.after, request.head);
    let (checkpoint, key) = (request.checkpoint.clone(), request.key.clone());
    manifest.exports.push(Increment { after, to, rows, checkpoint, key, files });
    publish(request, staged, &manifest, is_first).map_err(request.failed())?;
    Ok(report)
}

/// What the names of files carry: the first export of a folder has the plain ones.
fn tag(request: &Request, is_first: bool) -> String {
    match (request.format, request.after) {
        (Format::Parquet, after) => {
            format!("{:012}-", after.map_or(0, |after| after.0.saturating_add(1)))
        }
        (_, _) if is_first => String::new(),
        (_, Some(after)) => format!("-after-{after}"),
        // What came before was an empty log.
        (_, None) => "-after-none".to_owned(),
    }
}

/// A folder beside `out`, on the same disk.
fn stage(out: &Path) -> io::Result<TempDir> {
    let out = std::path::absolute(out)?;
    let beside = out.parent().unwrap_or(&out);
    fs::create_dir_all(beside)?;
    tempfile::Builder::new().prefix(".waybill-export-").tempdir_in(beside)
}

type Written = (Vec<crate::manifest::FileEntry>, BTreeMap<String, u64>);

fn write<E>(
    request: &Request,
    place: &Place,
    records: impl IntoIterator<Item = Result<RawRecord, E>>,
) -> Result<Written, ExportError>
where
    ExportError: From<E>,
{
    let queue = Queue::new();
    std::thread::scope(|scope| {
        let mut workers = Workers::start(scope, place, &queue);
        let mut feed = Feed::new(request.tables(), request.after, request.vault.clone());
        let mut buffers = Buffers::new(request.format == Format::Parquet);
        let read = fill(request, &mut feed, &mut buffers, &mut workers, records);
        let rows = workers.rows.clone();
        // What stopped a worker says more than that it stopped.
        let files = workers.finish(&request.out)?;
        read?;
        let named = |table: &Table| (table.as_str().to_owned(), rows.get(table).copied().unwrap_or(0));
        Ok((files, place.tables.iter().map(named).collect()))
    })
}

fn fill<E>(
    request: &Request,
    feed: &mut Feed,
    buffers: &mut Buffers,
    workers: &mut Workers<'_>,
    records: impl IntoIterator<Item = Result<RawRecord, E>>,
) -> Result<(), ExportError>
where
    ExportError: From<E>,
{
    let mut stopped = false;
    let mut full = |buffers: &mut Buffers| {
        let Some((key, batch)) = buffers.full() else { return Ok(()) };
        workers.send(key, batch)
    };
    let start = feed.start();
    for record in records {
        let record = record?;
        if Some(record.position()) <= start {
            continue;
        }
        if Some(record.position()) > request.head {
            break;
        }
        feed.record(&record, buffers);
        if full(buffers).is_err() {
            return Ok(());
        }
    }
    stopped |= feed.finish(buffers, full).is_err();
    while !stopped && let Some((key, batch)) = buffers.rest() {
        stopped = workers.send(key, batch).is_err();
    }
    Ok(())
}

/// Makes the staged files those of the export.
fn publish(request: &Request, staged: TempDir, manifest: &Manifest, is_first: bool) -> io::Result<()> {
    let out = std::path::absolute(&request.out)?;
    if is_first {
        manifest.write(staged.path())?;
        sync(staged.path())?;
        // Over an empty folder a folder can be moved, and then everything is there at once.
        let path = staged.keep();
        let moved = open_to_all(&path).and_then(|()| fs::rename(&path, &out));
        if moved.is_err() {
            let _ = fs::remove_dir_all(&path);
        }
        moved?;
        return sync(out.parent().unwrap_or(&out));
    }
    for file in manifest.exports.last().iter().flat_map(|export| &export.files) {
        let (from, to) = (staged.path().join(&file.path), out.join(&file.path));
        let folder = to.parent().unwrap_or(&out);
        fs::create_dir_all(folder)?;
        fs::rename(from, &to)?;
        sync(folder)?;
    }
    manifest.write(&out)?;
    sync(&out)
}

/// A temporary folder is for its owner alone; what is made of it is as any other folder.
fn open_to_all(folder: &Path) -> io::Result<()> {
    let probe = folder.join(".probe");
    fs::create_dir(&probe)?;
    let usual = fs::metadata(&probe)?.permissions();
    fs::remove_dir(&probe)?;
    fs::set_permissions(folder, usual)
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
