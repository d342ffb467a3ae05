//! Blocks in sled, which is never trusted alone: own fdatasync, own checksums, own checkpoints.

use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use bytes::Bytes;
use domain::StreamId;
use domain::ids::{CommitId, LogId, Position};
use rustix::fs::{AtFlags, FallocateFlags, StatxFlags, fallocate, statx};

use super::engine;
use super::parts::{self, PartKey};
use super::raw::{self, StoreScan};
use super::runs::Runs;
use super::{Store, StoreError, StoredBlock};
use crate::block;
use crate::error::{OpenError, ReadError};
use crate::filesystem;
use crate::format::{self, Marker};
use crate::group::Tail;
use crate::index::Generation;
use crate::lock::{self, Lock};
use crate::options::{LogIdentity, Options};
use crate::space::Space;
use crate::tiles::{Anchor, anchor, sync_folder};

/// Values and leaves above a quarter of this spill into files that sled never syncs.
pub(super) const SEGMENT_LEN: usize = 8 << 20;
/// Entries that sled puts into one leaf before it splits it, and the one that makes it split.
const LEAF_ENTRIES: usize = 17;
const _: () = assert!(LEAF_ENTRIES * (parts::MAX_LEN + 64) < SEGMENT_LEN / 4, "leaves must not spill");

/// Bytes after which the first segment is reserved: a log that stays small stays a small file.
const RESERVE_AFTER: usize = 256 << 10;

/// Bytes of sled's log that a start may have to read, about.
const SNAPSHOT_AFTER: u64 = 128 << 20;

const IDENTITY: &[u8] = b"identity";

pub(crate) struct SledStore {
    blocks: ::sled::Tree,
    runs: Runs,
    db: ::sled::Db,
    /// Our own handle of sled's data file: sled's flush does not wait for the disk.
    file: File,
    identity: LogIdentity,
    notes: Vec<String>,
    end: u64,
    indexed_to: u64,
    /// Bytes that may still be appended before the first segment is reserved; 0 once it is.
    unreserved: AtomicUsize,
    db_path: PathBuf,
    space: Space,
    scan: Option<StoreScan>,
    /// Set once writing has failed: closing sled would write and sync again.
    abandoned: AtomicBool,
    /// Held last, so that the folder is free only once sled is closed.
    lock: Lock,
}

impl SledStore {
    pub(crate) fn open(dir: &Path, options: &Options) -> Result<Self, OpenError> {
        // A log that is gone is not replaced by an empty one.
        let signed = anchor(dir).ok().flatten().filter(|anchor| anchor.count > 0);
        if let Some(anchor) = signed.filter(|_| !dir.join("log").exists()) {
            return Err(OpenError::Gone { expected: anchor.count });
        }
        let (lock, mut notes) = take(dir, options)?;
        let anchor = read_anchor(dir, options.read_only, &mut notes)?;
        Self::open_at(dir, options, anchor, lock, notes)
    }

    /// As [`Self::open`], for whoever has the folder's lock already; the checkpoint is not compared.
    pub(crate) fn open_held(dir: &Path, options: &Options, lock: Lock) -> Result<Self, OpenError> {
        Self::open_at(dir, options, None, lock, Vec::new())
    }

    /// Makes an empty log of a known identity in the folder `dir`, which has none.
    pub(crate) fn create(
        dir: &Path,
        options: &Options,
        log_id: LogId,
        epoch: u64,
    ) -> Result<Self, OpenError> {
        let (lock, notes) = take(dir, options)?;
        Self::open_at(dir, options, Some(Anchor { log_id, epoch, count: 0 }), lock, notes)
    }

    fn open_at(
        dir: &Path,
        options: &Options,
        anchor: Option<Anchor>,
        lock: Lock,
        mut notes: Vec<String>,
    ) -> Result<Self, OpenError> {
        let folder = dir.join("log");
        let space = Space::open(dir, options).map_err(OpenError::io(dir))?;
        if lock.is_after_failure() {
            engine::read_anew(&folder.join("db"))?;
            notes.push("the disk failed under the last process: the log was read anew from it".into());
        }
        let scan = scan(&folder, options)?;
        let opened = engine::open(dir, &folder, options, &space, &mut notes);
        // What sled wrote before it gave up may not be on the disk: the next one reads anew.
        let db = opened.inspect_err(|_| lock.fail())?;
        let blocks = db.open_tree("log").map_err(|error| not_open(&error))?;
        let meta = db.open_tree("meta").map_err(|error| not_open(&error))?;
        let identity = identity(&meta, &blocks, anchor, options)?;
        let end = find_end(&blocks, options.read_only, &mut notes)?;
        compare(anchor, &identity, end, options.read_only, &mut notes)?;
        let runs = Runs::open(&db).map_err(|error| OpenError::Store { reason: error.0 })?;
        let db_path = folder.join("db");
        let file = File::options().read(true).write(!options.read_only).open(&db_path);
        let file = file.map_err(OpenError::io(&db_path))?;
        let unreserved = AtomicUsize::new(if options.read_only { 0 } else { RESERVE_AFTER });
        let indexed_to = runs.indexed_to().min(end);
        let abandoned = AtomicBool::new(false);
        let store = Self {
            blocks,
            runs,
            db,
            file,
            identity,
            notes,
            end,
            indexed_to,
            unreserved,
            db_path,
            space,
            scan,
            abandoned,
            lock,
        };
        store.settle(dir, &folder, options.read_only).inspect_err(|_| store.give_up())?;
        if !options.read_only {
            store.space.settle();
        }
        Ok(store)
    }

    /// Makes files and names durable, the identity first of all, and an index that is ahead void.
    fn settle(&self, dir: &Path, folder: &Path, read_only: bool) -> Result<(), OpenError> {
        if self.runs.indexed_to() > self.end && !read_only {
            self.runs.clear().map_err(|error| OpenError::Store { reason: error.0 })?;
        }
        self.db.flush().map_err(|error| not_open(&error))?;
        for path in [folder.join("conf"), folder.join("db")] {
            File::open(&path).and_then(|file| file.sync_all()).map_err(OpenError::io(&path))?;
        }
        for path in [Some(folder), Some(dir), dir.parent().filter(|parent| !parent.as_os_str().is_empty())] {
            let Some(path) = path else { continue };
            sync_folder(path).map_err(OpenError::io(path))?;
        }
        Ok(())
    }

    /// Reserves the first segment of a log that grows: a file that need not grow is synced sooner. Where that
    /// is not possible it grows as it is written.
    fn reserve(&self, bytes: usize) {
        let before = self.unreserved.load(Ordering::Relaxed);
        let after = before.saturating_sub(bytes);
        if before > 0 {
            self.unreserved.store(after, Ordering::Relaxed);
        }
        if before > 0 && after == 0 {
            let length = self.file.metadata().map_or(u64::MAX, |meta| meta.len());
            if length < SEGMENT_LEN as u64 {
                let _ = fallocate(&self.file, FallocateFlags::empty(), 0, SEGMENT_LEN as u64);
            }
        }
    }

    fn read_parts(&self, key: PartKey, first_part: Bytes) -> Result<StoredBlock, ReadError> {
        let failed = |source| ReadError::Block { position: Position(key.first), source };
        let header = block::decode_header(&first_part).map_err(failed)?;
        let next = |part: u16| -> Result<Option<Bytes>, StoreError> {
            let key = PartKey { first: key.first, part };
            Ok(guarded(|| self.blocks.get(key.encode()))?.map(Bytes::from_owner))
        };
        let bytes = parts::join(&header, first_part, next)?.map_err(failed)?;
        Ok(StoredBlock { first: key.first, bytes })
    }
}

impl Store for SledStore {
    fn identity(&self) -> LogIdentity {
        self.identity.clone()
    }
    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }
    fn end(&self) -> u64 {
        self.end
    }

    fn append(&self, blocks: &[StoredBlock]) -> Result<(), StoreError> {
        let mut batch = ::sled::Batch::default();
        for stored in blocks {
            for (part, value) in parts::split(&stored.bytes).into_iter().enumerate() {
                let part = u16::try_from(part).expect("a block is at most 2 MiB");
                assert!(value.len() <= parts::MAX_LEN, "a larger value would not be synced");
                batch.insert(&PartKey { first: stored.first, part }.encode(), value.as_ref());
            }
        }
        self.reserve(blocks.iter().map(|stored| stored.bytes.len()).sum());
        guarded(|| self.blocks.apply_batch(batch))
    }

    fn sync(&self) -> Result<(), StoreError> {
        guarded(|| self.db.flush())?;
        self.file.sync_data().map_err(|error| StoreError(format!("fdatasync failed: {error}")))?;
        // What goes into a file without a name is gone with the process.
        self.check_linked()
    }

    fn floor(&self, position: u64) -> Result<Option<StoredBlock>, ReadError> {
        // A reader that goes on after a block asks for the exact start of the next one.
        let exact = PartKey { first: position, part: 0 };
        if let Some(value) = guarded(|| self.blocks.get(exact.encode()))? {
            return self.read_parts(exact, Bytes::from_owner(value)).map(Some);
        }
        let last = PartKey { first: position, part: u16::MAX };
        let Some((key, _)) = guarded(|| self.blocks.range(..=last.encode()).next_back().transpose())? else {
            return Ok(None);
        };
        let start = PartKey { part: 0, ..PartKey::decode(&key)? };
        let missing = || ReadError::Missing { position: Position(start.first) };
        let value = guarded(|| self.blocks.get(start.encode()))?.ok_or_else(missing)?;
        self.read_parts(start, Bytes::from_owner(value)).map(Some)
    }

    fn ceiling(&self, position: u64) -> Result<Option<StoredBlock>, ReadError> {
        let mut from = PartKey { first: position, part: 0 }.encode();
        loop {
            let Some((key, value)) = guarded(|| self.blocks.range(from..).next().transpose())? else {
                return Ok(None);
            };
            let key = PartKey::decode(&key)?;
            if key.part == 0 {
                return self.read_parts(key, Bytes::from_owner(value)).map(Some);
            }
            if key.first > position {
                return Err(ReadError::Missing { position: Position(key.first) });
            }
            let Some(next) = key.first.checked_add(1) else { return Ok(None) };
            from = PartKey { first: next, part: 0 }.encode();
        }
    }

    fn following(&self, position: u64, max_bytes: usize) -> Result<Vec<StoredBlock>, ReadError> {
        // One iterator loads each leaf once; asking for every block loads it for each.
        let mut entries = self.blocks.range(PartKey { first: position, part: 0 }.encode()..);
        let (mut blocks, mut bytes) = (Vec::new(), 0);
        while bytes < max_bytes.max(1) {
            let Some((key, value)) = guarded(|| entries.next().transpose())? else { break };
            let key = PartKey::decode(&key)?;
            if blocks.is_empty() && (key != PartKey { first: position, part: 0 }) {
                break;
            }
            if key.part > 0 {
                continue;
            }
            match self.read_parts(key, Bytes::from_owner(value)) {
                Ok(block) => {
                    bytes += block.bytes.len();
                    blocks.push(block);
                }
                Err(error) if blocks.is_empty() => return Err(error),
                Err(_) => break,
            }
        }
        Ok(blocks)
    }

    fn find_commit(&self, commit: CommitId) -> Result<Option<Position>, StoreError> {
        self.runs.commit(commit)
    }
    fn find_stream(&self, stream: StreamId) -> Result<Option<Tail>, StoreError> {
        self.runs.stream(stream)
    }
    fn index(&self, generation: &Generation) -> Result<(), StoreError> {
        self.runs.add(generation)?;
        self.snapshot_after(SNAPSHOT_AFTER)
    }
    fn settle(&self) -> Result<(), StoreError> {
        self.snapshot_after(0)
    }
    fn indexed_to(&self) -> u64 {
        self.indexed_to
    }
    fn scan(&self) -> Option<&StoreScan> {
        self.scan.as_ref()
    }
    fn space(&self) -> Option<&Space> {
        Some(&self.space)
    }

    fn health(&self) -> Result<(), StoreError> {
        // Of an error on one of its own threads, sled may fail to tell the one that waits for it.
        self.db.context.global_error().map_err(|error| StoreError(error.to_string()))?;
        self.check_linked()?;
        let (own, named) = (self.file.metadata(), std::fs::metadata(&self.db_path));
        match (own, named) {
            (Ok(own), Ok(named)) if (own.dev(), own.ino()) == (named.dev(), named.ino()) => Ok(()),
            // Out of file handles or memory, say: whether it is there shows at the next look.
            (Err(_), _) => Ok(()),
            (_, Err(error)) if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                Ok(())
            }
            _ => Err(self.moved("another file or none has its name")),
        }
    }

    fn abandon(&self) {
        self.abandoned.store(true, Ordering::Release);
        self.give_up();
        self.space.relieve();
    }
}

impl SledStore {
    /// Lets sled write and sync nothing more, not even when it is dropped: a sync that follows a failed one may
    /// report success for bytes that were lost.
    fn give_up(&self) {
        self.db.context.set_global_error(::sled::Error::Unsupported("the log was abandoned".into()));
        self.lock.fail();
    }
    /// Has sled write down where its pages are, once its log has grown by `bytes`: what comes before is not read at
    /// the next start.
    fn snapshot_after(&self, bytes: u64) -> Result<(), StoreError> {
        guarded(|| self.db.context.pagecache.snapshot_after(bytes)).map(drop)
    }
    fn check_linked(&self) -> Result<(), StoreError> {
        // Not fstat, which asks for times too: of a file whose times somebody has seen, Linux keeps the time of the next
        // write exactly, and an fdatasync then has the inode to write as well, half as long again.
        let links = statx(&self.file, "", AtFlags::EMPTY_PATH, StatxFlags::NLINK).map(|stat| stat.stx_nlink);
        let links = links.or_else(|_| {
            rustix::fs::fstat(&self.file).map(|stat| u32::try_from(stat.st_nlink).unwrap_or(u32::MAX))
        });
        match links {
            Ok(0) => Err(self.moved("it was deleted")),
            _ => Ok(()),
        }
    }
    fn moved(&self, how: &str) -> StoreError {
        StoreError(format!("`{}` is not the file that the log is in any more: {how}", self.db_path.display()))
    }
}

impl Drop for SledStore {
    fn drop(&mut self) {
        if self.abandoned.load(Ordering::Acquire) {
            // Closing sled syncs, which after a failed sync may say that all is well; and it may hang.
            std::mem::forget(self.db.clone());
            self.lock.keep();
        }
    }
}

/// What the files say, if that is asked for and there are any.
fn scan(folder: &Path, options: &Options) -> Result<Option<StoreScan>, OpenError> {
    let wanted = options.scan_store && folder.join("db").exists();
    wanted.then(|| raw::scan(folder)).transpose().map_err(OpenError::io(folder))
}

/// Takes the lock of the data folder `dir`, made with its marker where it is missing; gives what is remarkable of it.
fn take(dir: &Path, options: &Options) -> Result<(Lock, Vec<String>), OpenError> {
    let folder = dir.join("log");
    // Before anything is written: what is refused stays as it is.
    let marked = format::check(dir)? == Marker::Fits;
    let remark = filesystem::check(dir, options.allow_network)?;
    // What agents said is nobody else's business.
    let mut private = std::fs::DirBuilder::new();
    private.recursive(true).mode(0o700).create(&folder).map_err(OpenError::io(&folder))?;
    let lock = Lock::take(dir, &folder)?;
    if !marked && !options.read_only {
        format::write(dir).map_err(OpenError::io(&dir.join("format")))?;
    }
    Ok((lock, remark.into_iter().collect()))
}

/// Runs a call of sled, which panics on some kinds of damage.
pub(super) fn guarded<T>(call: impl FnOnce() -> ::sled::Result<T>) -> Result<T, StoreError> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(result) => result.map_err(|error| StoreError(error.to_string())),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no reason given");
            Err(StoreError(format!("sled panicked: {text}")))
        }
    }
}

fn not_open(error: &::sled::Error) -> OpenError {
    OpenError::Store { reason: error.to_string() }
}

fn read_anchor(dir: &Path, read_only: bool, notes: &mut Vec<String>) -> Result<Option<Anchor>, OpenError> {
    match anchor(dir) {
        Err(error @ (OpenError::Head { .. } | OpenError::Checkpoint { .. })) if read_only => {
            notes.push(error.to_string());
            Ok(None)
        }
        other => other,
    }
}

/// The stored identity, made at creation: an empty log without a checkpoint is new.
fn identity(
    meta: &::sled::Tree,
    blocks: &::sled::Tree,
    anchor: Option<Anchor>,
    options: &Options,
) -> Result<LogIdentity, OpenError> {
    let get = || guarded(|| meta.get(IDENTITY)).map_err(|error| OpenError::Store { reason: error.0 });
    let (log_id, epoch) = match get()? {
        Some(value) => {
            let fields =
                value.first_chunk::<24>().filter(|_| value.len() == 24).ok_or(OpenError::NoIdentity)?;
            let (id, epoch) = fields.split_at(16);
            let id = LogId::from_bytes(id.try_into().expect("16 bytes"));
            (id, u64::from_le_bytes(epoch.try_into().expect("8 bytes")))
        }
        None if !blocks.is_empty() => return Err(OpenError::NoIdentity),
        None => match anchor {
            Some(anchor) if anchor.count > 0 => return Err(OpenError::Gone { expected: anchor.count }),
            // Of 0 events nothing can be missing.
            Some(anchor) => (anchor.log_id, anchor.epoch),
            None => (lock::new_log_id((options.clock)()), 1),
        },
    };
    let value = [log_id.to_bytes().as_slice(), &epoch.to_le_bytes()].concat();
    if get()?.is_none() {
        guarded(|| meta.insert(IDENTITY, value)).map_err(|error| OpenError::Store { reason: error.0 })?;
    }
    Ok(LogIdentity { log_id, epoch, durability: "fdatasync" })
}

/// Number of events in the log, from its last block.
fn find_end(blocks: &::sled::Tree, read_only: bool, notes: &mut Vec<String>) -> Result<u64, OpenError> {
    let mut upper = PartKey { first: u64::MAX, part: u16::MAX }.encode();
    loop {
        let last = guarded(|| blocks.range(..upper).next_back().transpose()).map_err(ReadError::from)?;
        let Some((key, value)) = last else { return Ok(0) };
        let key = PartKey::decode(&key).map_err(ReadError::from)?;
        if key.part > 0 {
            upper = PartKey { part: key.part, ..key }.encode();
            continue;
        }
        match block::decode_header(&value) {
            Ok(header) if header.first.0 == key.first => return Ok(key.first + u64::from(header.count)),
            Ok(_) if !read_only => return Err(ReadError::Missing { position: Position(key.first) }.into()),
            Err(source) if !read_only => {
                return Err(ReadError::Block { position: Position(key.first), source }.into());
            }
            _ => notes.push(format!("the block at position {} is damaged and not shown", key.first)),
        }
        upper = key.encode();
    }
}

fn compare(
    anchor: Option<Anchor>,
    identity: &LogIdentity,
    end: u64,
    read_only: bool,
    notes: &mut Vec<String>,
) -> Result<(), OpenError> {
    let Some(anchor) = anchor else { return Ok(()) };
    let problem = if anchor.log_id != identity.log_id {
        OpenError::OtherLog { expected: anchor.log_id, actual: identity.log_id }
    } else if anchor.epoch != identity.epoch {
        OpenError::OtherEpoch { expected: anchor.epoch, actual: identity.epoch }
    } else if anchor.count > end {
        OpenError::Shortened { expected: anchor.count, actual: end }
    } else {
        return Ok(());
    };
    if !read_only {
        return Err(problem);
    }
    tracing::warn!(%problem, "the log is opened for reading only");
    notes.push(problem.to_string());
    Ok(())
}
