//! Short ways to make commits, blocks, journals and broken stores.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use domain::ids::{CommitId, Position, SchemaVersion, StreamVersion, TypeId};
use domain::values::Timestamp;
use domain::{Actor, Category, Expected, Fingerprint, StreamId, Ulid};

use crate::block::Block;
use crate::error::ReadError;
use crate::group::Tail;
use crate::index::Generation;
use crate::options::LogIdentity;
use crate::record::{self, Parts};
use crate::space::Space;
use crate::store::memory::MemoryStore;
use crate::store::{Store, StoreError, StoredBlock};
use crate::tiles::{MemoryTiles, TileStore};
use crate::{Journal, NewCommit, NewEvent, Options, Receipt};

pub(crate) const NOW: i64 = 1_763_680_000_000;

pub(crate) fn stream(number: u128) -> StreamId {
    StreamId::new(Category(3), Ulid(number))
}

pub(crate) fn event(payload: &[u8]) -> NewEvent {
    NewEvent { type_id: TypeId(7), schema_version: SchemaVersion(1), payload: payload.to_vec() }
}

/// A commit of `count` small events.
pub(crate) fn commit(stream_number: u128, id: u128, count: usize) -> NewCommit {
    NewCommit {
        stream: stream(stream_number),
        expected: Expected::Any,
        commit: commit_id(id),
        fingerprint: Fingerprint(u64::try_from(id).unwrap_or(0)),
        actor: Actor::Operator,
        causation: None,
        correlation: None,
        project: None,
        occurred_at: None,
        events: (0..count).map(|index| event(format!("event {index} of {id}").as_bytes())).collect(),
    }
}

pub(crate) fn commit_id(id: u128) -> CommitId {
    CommitId::from(Ulid(id))
}

pub(crate) fn expecting(expected: Expected, commit: NewCommit) -> NewCommit {
    NewCommit { expected, ..commit }
}

pub(crate) fn options() -> Options {
    let clock = Arc::new(|| Timestamp::from_millis(NOW));
    // Whole folders are copied, many times.
    Options { clock, cache_bytes: 8 << 20, ballast_bytes: Some(0), ..Options::default() }
}

pub(crate) fn open(dir: &Path) -> Journal {
    Journal::open(dir, options()).unwrap()
}

/// Runs a test on a log in memory and on one in a folder.
#[track_caller]
pub(crate) fn on_every_store(options: impl Fn() -> Options, test: impl Fn(&Journal)) {
    let journal = Journal::memory(options());
    test(&journal);
    assert!(journal.verify(|_| {}).is_sound(), "memory: {:?}", journal.verify(|_| {}).faults);
    let dir = tempfile::tempdir().unwrap();
    let journal = Journal::open(dir.path(), options()).unwrap();
    test(&journal);
    assert!(journal.verify(|_| {}).is_sound(), "sled: {:?}", journal.verify(|_| {}).faults);
}

/// The whole log as `position stream version commit index/size`, one line per event.
pub(crate) fn history(journal: &Journal) -> String {
    let records = journal.read(None, usize::MAX, usize::MAX).unwrap();
    let line = |record: &crate::RawRecord| {
        format!(
            "{} s{} v{} c{} {}/{}",
            record.position(),
            record.stream().id.0,
            record.version(),
            record.commit().ulid().0,
            record.commit_index() + 1,
            record.commit_size()
        )
    };
    records.iter().map(line).collect::<Vec<_>>().join("\n")
}

pub(crate) fn receipt(of: &NewCommit, version: u64, position: u64) -> Receipt {
    Receipt {
        commit: of.commit,
        stream: of.stream,
        version: StreamVersion(version),
        position: Position(position),
        duplicate: false,
    }
}

pub(crate) fn parts(position: u64, payload: &[u8]) -> Parts<'_> {
    Parts {
        position: Position(position),
        version: StreamVersion(4),
        stream: stream(9),
        type_id: TypeId(0x0102),
        schema_version: SchemaVersion(3),
        commit_index: 1,
        commit_size: 2,
        actor: Actor::System,
        expectation: 3,
        project: None,
        commit: commit_id(77),
        causation: None,
        correlation: None,
        time: Timestamp::from_millis(NOW),
        occurred_at: None,
        fingerprint: Fingerprint(5),
        previous: Some(Position(1)),
        chain: [8; 16],
        payload,
    }
}

/// Records one after the other, and where each ends.
pub(crate) fn body_of(first: u64, count: u64) -> (Vec<u8>, Vec<u32>) {
    let (mut body, mut ends) = (Vec::new(), Vec::new());
    for position in first..first + count {
        record::encode(&parts(position, b"payload"), &mut body);
        ends.push(u32::try_from(body.len()).unwrap());
    }
    (body, ends)
}

pub(crate) fn block_of(first: u64, count: u64) -> Block {
    let (body, ends) = body_of(first, count);
    Block::new(first, Bytes::from(body), ends)
}

/// Bytes that do not compress, by xorshift64*.
pub(crate) fn noise(seed: u64, len: usize) -> Vec<u8> {
    let mut state = seed | 1;
    let next = || {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        state.wrapping_mul(0x2545_F491_4F6C_DD1D).to_be_bytes()[0]
    };
    std::iter::repeat_with(next).take(len).collect()
}

/// What a [`FaultyStore`] does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Mode {
    #[default]
    Works,
    AppendFails,
    SyncFails,
    SyncPanics,
    /// Syncs wait until the mode changes.
    SyncWaits,
    /// As [`Self::SyncWaits`], and the store knows that it has failed.
    SyncHangs,
    IndexFails,
}

#[derive(Default)]
struct Switch {
    mode: Mode,
    appends: usize,
    syncs: usize,
    abandoned: usize,
}

/// Turns faults on and off, and tells what the store was asked for.
#[derive(Clone, Default)]
pub(crate) struct Control(Arc<(Mutex<Switch>, Condvar)>);

impl Control {
    pub(crate) fn set(&self, mode: Mode) {
        self.0.0.lock().unwrap().mode = mode;
        self.0.1.notify_all();
    }
    pub(crate) fn syncs(&self) -> usize {
        self.0.0.lock().unwrap().syncs
    }
    /// How often the store was told that writing has failed.
    pub(crate) fn abandoned(&self) -> usize {
        self.0.0.lock().unwrap().abandoned
    }
    pub(crate) fn appends(&self) -> usize {
        self.0.0.lock().unwrap().appends
    }
    pub(crate) fn wait_for_sync(&self, count: usize) {
        drop(self.0.1.wait_while(self.0.0.lock().unwrap(), |switch| switch.syncs < count).unwrap());
    }
}

/// A log in memory that fails on command.
pub(crate) struct FaultyStore {
    inner: MemoryStore,
    control: Control,
    space: Option<Space>,
}

/// A journal on a store that fails on command.
pub(crate) fn faulty(options: Options) -> (Journal, Control) {
    faulty_on(None, options)
}

/// As [`faulty`], on a disk whose space is told.
pub(crate) fn faulty_on(space: Option<Space>, options: Options) -> (Journal, Control) {
    let control = Control::default();
    let inner = MemoryStore::new(Timestamp::from_millis(NOW));
    let store = FaultyStore { inner, control: control.clone(), space };
    let tiles = crate::tiles::in_memory(&store.identity());
    (Journal::start(Box::new(store), tiles, options).unwrap(), control)
}

/// Waits until `condition` holds.
#[track_caller]
pub(crate) fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let started = Instant::now();
    while !condition() {
        assert!(started.elapsed() < Duration::from_secs(60), "waited in vain for {what}");
        std::thread::yield_now();
    }
}

impl Store for FaultyStore {
    fn identity(&self) -> LogIdentity {
        self.inner.identity()
    }
    fn notes(&self) -> Vec<String> {
        self.inner.notes()
    }
    fn end(&self) -> u64 {
        self.inner.end()
    }
    fn append(&self, blocks: &[StoredBlock]) -> Result<(), StoreError> {
        let mut switch = self.control.0.0.lock().unwrap();
        switch.appends += 1;
        if switch.mode == Mode::AppendFails {
            return Err(StoreError("the disk is full".into()));
        }
        self.inner.append(blocks)
    }
    fn sync(&self) -> Result<(), StoreError> {
        let mut switch = self.control.0.0.lock().unwrap();
        switch.syncs += 1;
        self.control.0.1.notify_all();
        let waits = |switch: &mut Switch| matches!(switch.mode, Mode::SyncWaits | Mode::SyncHangs);
        switch = self.control.0.1.wait_while(switch, waits).unwrap();
        let mode = switch.mode;
        drop(switch);
        match mode {
            Mode::SyncFails => Err(StoreError("the disk is gone".into())),
            Mode::SyncPanics => panic!("asked for by the test"),
            _ => self.inner.sync(),
        }
    }
    fn floor(&self, position: u64) -> Result<Option<StoredBlock>, ReadError> {
        self.inner.floor(position)
    }
    fn ceiling(&self, position: u64) -> Result<Option<StoredBlock>, ReadError> {
        self.inner.ceiling(position)
    }
    fn following(&self, position: u64, max_bytes: usize) -> Result<Vec<StoredBlock>, ReadError> {
        self.inner.following(position, max_bytes)
    }
    fn find_commit(&self, commit: CommitId) -> Result<Option<Position>, StoreError> {
        self.inner.find_commit(commit)
    }
    fn find_stream(&self, stream: StreamId) -> Result<Option<Tail>, StoreError> {
        self.inner.find_stream(stream)
    }
    fn index(&self, generation: &Generation) -> Result<(), StoreError> {
        if self.control.0.0.lock().unwrap().mode == Mode::IndexFails {
            return Err(StoreError("the index is gone".into()));
        }
        self.inner.index(generation)
    }
    fn indexed_to(&self) -> u64 {
        self.inner.indexed_to()
    }
    fn space(&self) -> Option<&Space> {
        self.space.as_ref()
    }
    fn health(&self) -> Result<(), StoreError> {
        match self.control.0.0.lock().unwrap().mode {
            Mode::SyncHangs => Err(StoreError("the disk has failed".into())),
            _ => Ok(()),
        }
    }
    fn abandon(&self) {
        self.control.0.0.lock().unwrap().abandoned += 1;
    }
}

/// Tiles in memory that fail on command.
#[derive(Clone, Default)]
pub(crate) struct FaultyTiles(Arc<FaultyTilesInner>);

#[derive(Default)]
struct FaultyTilesInner {
    /// What is there for readers, and what of it a power cut leaves.
    seen: MemoryTiles,
    stored: Mutex<BTreeMap<String, Bytes>>,
    unsynced: Mutex<BTreeSet<String>>,
    fault: AtomicU8,
}

/// A journal in memory whose tiles fail on command.
pub(crate) fn with_tiles(options: Options) -> (Journal, FaultyTiles) {
    let faulty = FaultyTiles::default();
    let store = MemoryStore::new(Timestamp::from_millis(NOW));
    let mut tiles = crate::tiles::in_memory(&store.identity());
    tiles.store = Box::new(faulty.clone());
    (Journal::start(Box::new(store), tiles, options).unwrap(), faulty)
}

impl FaultyTiles {
    pub(crate) const NONE: u8 = 0;
    pub(crate) const WRITE: u8 = 1;
    pub(crate) const SYNC: u8 = 2;
    pub(crate) const REPLACE: u8 = 3;

    pub(crate) fn set(&self, fault: u8) {
        self.0.fault.store(fault, Ordering::SeqCst);
    }
    fn check(&self, fault: u8) -> io::Result<()> {
        let fails = self.0.fault.load(Ordering::SeqCst) == fault;
        if fails { Err(io::Error::other("asked for by the test")) } else { Ok(()) }
    }
    /// Leaves of the files not synced only what was there before.
    pub(crate) fn forget_unsynced(&self) {
        let stored = self.0.stored.lock().unwrap();
        for path in std::mem::take(&mut *self.0.unsynced.lock().unwrap()) {
            let before = stored.get(&path).cloned().unwrap_or_default();
            self.0.seen.write(&path, &before).unwrap();
        }
    }
}

impl TileStore for FaultyTiles {
    fn read(&self, path: &str) -> io::Result<Option<Bytes>> {
        self.0.seen.read(path)
    }
    fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        self.check(Self::WRITE)?;
        self.0.unsynced.lock().unwrap().insert(path.to_owned());
        self.0.seen.write(path, bytes)
    }
    fn sync(&self) -> io::Result<()> {
        self.check(Self::SYNC)?;
        let mut stored = self.0.stored.lock().unwrap();
        for path in std::mem::take(&mut *self.0.unsynced.lock().unwrap()) {
            stored.insert(path.clone(), self.0.seen.read(&path)?.expect("it was written"));
        }
        Ok(())
    }
    fn replace(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        self.check(Self::REPLACE)?;
        self.0.seen.write(path, bytes)
    }
    fn prune(&self, folder: &str, keep: Option<&str>) -> io::Result<()> {
        self.0.seen.prune(folder, keep)
    }
    fn list(&self) -> io::Result<Vec<String>> {
        self.0.seen.list()
    }
}

/// Mode 600.
pub(crate) fn only_for_owner(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

/// A folder and all that is in it.
pub(crate) fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}
