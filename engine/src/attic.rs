//! Where rows of views lie that nobody asked for lately: in files of their own, or in memory where the log is.
//!
//! What lies there is derived, and gone with the process. All tables share what there is of memory.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use projections::{Attic, Kept, Lost};

use crate::aggregates::lock;

/// The folder of rows, in that of views.
pub(crate) const ROWS: &str = "rows";
/// Bytes of rows that all tables together have in memory.
pub(crate) const MEMORY: usize = 256 << 20;
/// A file that has grown to this is written no more; it goes when nobody holds anything in it.
const FILE_BYTES: u64 = 64 << 20;
/// See [`Shared::pause`].
const PAUSE: Duration = Duration::from_secs(1);

/// The attics of all tables of one engine. A cheap handle.
#[derive(Debug, Clone)]
pub(crate) struct Attics(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// Files lie here; in memory without one.
    dir: Option<PathBuf>,
    memory: usize,
    /// After a write that failed, rows stay in memory for so long before the next.
    pause: Duration,
    /// Bytes of rows in memory, of all tables.
    held: AtomicUsize,
    /// The same of each table.
    tables: Mutex<Vec<Arc<AtomicUsize>>>,
    /// Bytes of files.
    disk: Arc<AtomicU64>,
    writing: Mutex<Writing>,
}

#[derive(Debug, Default)]
struct Writing {
    file: Option<Arc<Segment>>,
    failed: Option<(Instant, String)>,
}

/// What rows of live views take.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RowsHeld {
    /// Bytes in memory, about.
    pub memory_bytes: u64,
    /// Bytes of files that hold the others.
    pub disk_bytes: u64,
    /// Why they cannot be put away and stay in memory, where that is so.
    pub fault: Option<String>,
}

/// A file of blocks, one behind the other.
#[derive(Debug)]
struct Segment {
    file: File,
    path: PathBuf,
    length: AtomicU64,
    /// Bytes that somebody holds.
    live: AtomicU64,
    /// Bytes of all files.
    disk: Arc<AtomicU64>,
}

impl Drop for Segment {
    fn drop(&mut self) {
        self.disk.fetch_sub(self.length.load(Ordering::Relaxed), Ordering::Relaxed);
        // It is derived: what stays costs room until the next start.
        drop(fs::remove_file(&self.path));
    }
}

/// Where a block lies in a file, and what it must be.
#[derive(Debug)]
struct Filed {
    segment: Arc<Segment>,
    offset: u64,
    packed: u32,
    plain: u32,
    check: u32,
}

impl Drop for Filed {
    fn drop(&mut self) {
        self.segment.live.fetch_sub(self.packed.into(), Ordering::Relaxed);
    }
}

#[derive(Debug)]
struct InMemory {
    packed: Box<[u8]>,
    plain: u32,
}

fn small(length: usize) -> Result<u32, Lost> {
    u32::try_from(length).map_err(|_| Lost(format!("a block of {length} bytes is too long")))
}

fn unpack(packed: &[u8], plain: u32) -> Result<Vec<u8>, Lost> {
    let plain = usize::try_from(plain).unwrap_or(usize::MAX);
    lz4_flex::block::decompress(packed, plain).map_err(|error| Lost(error.to_string()))
}

impl Attics {
    /// With files in `dir`, which need not be there yet; tables together have so many bytes of rows in memory.
    pub(crate) fn new(dir: Option<PathBuf>, memory: usize) -> Self {
        Self::pausing(dir, memory, PAUSE)
    }
    fn pausing(dir: Option<PathBuf>, memory: usize, pause: Duration) -> Self {
        Self(Arc::new(Shared {
            dir,
            memory,
            pause,
            held: AtomicUsize::new(0),
            tables: Mutex::default(),
            disk: Arc::default(),
            writing: Mutex::default(),
        }))
    }
    /// Whether rows take more memory than there is for them.
    pub(crate) fn are_full(&self) -> bool {
        self.0.held.load(Ordering::Relaxed) > self.0.memory
    }
    pub(crate) fn held(&self) -> RowsHeld {
        let memory = self.0.held.load(Ordering::Relaxed);
        RowsHeld {
            memory_bytes: u64::try_from(memory).unwrap_or(u64::MAX),
            disk_bytes: self.0.disk.load(Ordering::Relaxed),
            fault: lock(&self.0.writing).failed.as_ref().map(|(_, fault)| fault.clone()),
        }
    }
    /// One for another table.
    pub(crate) fn attic(&self) -> Box<dyn Attic> {
        let weight = Arc::new(AtomicUsize::new(0));
        lock(&self.0.tables).push(weight.clone());
        Box::new(Seat { shared: self.0.clone(), weight })
    }
}

/// An attic as one table has it.
#[derive(Debug)]
struct Seat {
    shared: Arc<Shared>,
    weight: Arc<AtomicUsize>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        lock(&self.shared.tables).retain(|weight| !Arc::ptr_eq(weight, &self.weight));
        self.shared.held.fetch_sub(self.weight.load(Ordering::Relaxed), Ordering::Relaxed);
    }
}

impl Attic for Seat {
    fn keep(&self, bytes: &[u8]) -> Result<Box<dyn Kept>, Lost> {
        let (packed, plain) = (lz4_flex::block::compress(bytes), small(bytes.len())?);
        match &self.shared.dir {
            None => Ok(Box::new(Held(Arc::new(InMemory { packed: packed.into(), plain })))),
            Some(_) => Ok(Box::new(Held(Arc::new(self.shared.file(&packed, plain)?)))),
        }
    }
    fn weigh(&self, bytes: usize) -> usize {
        let before = self.weight.swap(bytes, Ordering::Relaxed);
        let held = &self.shared.held;
        held.fetch_add(bytes, Ordering::Relaxed);
        let held = held.fetch_sub(before, Ordering::Relaxed) - before;
        if held <= self.shared.memory { usize::MAX } else { self.shared.share() }
    }
    fn share(&self) -> Box<dyn Attic> {
        Attics(self.shared.clone()).attic()
    }
}

impl Shared {
    /// What each table may have at most, so that together they have what there is: small ones have what they need.
    fn share(&self) -> usize {
        let mut weights: Vec<usize> =
            lock(&self.tables).iter().map(|weight| weight.load(Ordering::Relaxed)).collect();
        weights.sort_unstable();
        let mut left = self.memory;
        for (index, weight) in weights.iter().enumerate() {
            let share = left / (weights.len() - index);
            if *weight > share {
                return share;
            }
            left -= weight;
        }
        usize::MAX
    }
    fn file(&self, packed: &[u8], plain: u32) -> Result<Filed, Lost> {
        let (length, check) = (small(packed.len())?, crc32c::crc32c(packed));
        let mut writing = lock(&self.writing);
        if writing.failed.as_ref().is_some_and(|(failed, _)| failed.elapsed() < self.pause) {
            return Err(Lost("rows could not be put away a moment ago".to_owned()));
        }
        match self.write(&mut writing, packed) {
            Ok((segment, offset)) => {
                if writing.failed.take().is_some() {
                    tracing::info!("rows of views are put away again");
                }
                Ok(Filed { segment, offset, packed: length, plain, check })
            }
            Err(error) => {
                if writing.failed.replace((Instant::now(), error.to_string())).is_none() {
                    let dir = self.dir.as_deref().unwrap_or_else(|| "memory".as_ref());
                    tracing::error!(dir = %dir.display(), %error, "rows of views cannot be put away: they stay in memory");
                }
                writing.file = None;
                Err(Lost(error.to_string()))
            }
        }
    }
    fn write(&self, writing: &mut Writing, packed: &[u8]) -> io::Result<(Arc<Segment>, u64)> {
        let full = |segment: &Arc<Segment>| segment.length.load(Ordering::Relaxed) >= FILE_BYTES;
        let segment = match writing.file.take().filter(|segment| !full(segment)) {
            Some(segment) => segment,
            None => self.begin()?,
        };
        let (offset, length) = (segment.length.load(Ordering::Relaxed), packed.len() as u64);
        segment.file.write_all_at(packed, offset)?;
        segment.length.store(offset + length, Ordering::Relaxed);
        segment.disk.fetch_add(length, Ordering::Relaxed);
        segment.live.fetch_add(length, Ordering::Relaxed);
        writing.file = Some(segment.clone());
        Ok((segment, offset))
    }
    /// A file that nobody has begun before.
    fn begin(&self) -> io::Result<Arc<Segment>> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let dir = self.dir.as_deref().unwrap_or_else(|| ".".as_ref());
        fs::create_dir_all(dir)?;
        loop {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let path = dir.join(format!("{}-{number}.rows", std::process::id()));
            match OpenOptions::new().read(true).write(true).create_new(true).open(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                file => {
                    let (length, live) = (AtomicU64::new(0), AtomicU64::new(0));
                    return Ok(Arc::new(Segment {
                        file: file?,
                        path,
                        length,
                        live,
                        disk: self.disk.clone(),
                    }));
                }
            }
        }
    }
}

/// A block that several tables may hold.
#[derive(Debug)]
struct Held<T>(Arc<T>);

impl Kept for Held<Filed> {
    fn fetch(&self) -> Result<Vec<u8>, Lost> {
        let Filed { segment, offset, packed, plain, check } = &*self.0;
        let path = || segment.path.display();
        let mut bytes = vec![0; usize::try_from(*packed).unwrap_or(usize::MAX)];
        let read = segment.file.read_exact_at(&mut bytes, *offset);
        read.map_err(|error| Lost(format!("{}: {error}", path())))?;
        if crc32c::crc32c(&bytes) != *check {
            return Err(Lost(format!("{}: the bytes at {offset} are not those that were put there", path())));
        }
        unpack(&bytes, *plain)
    }
    fn share(&self) -> Box<dyn Kept> {
        Box::new(Self(self.0.clone()))
    }
    fn is_in_the_way(&self) -> bool {
        let Segment { length, live, .. } = &*self.0.segment;
        let length = length.load(Ordering::Relaxed);
        length >= FILE_BYTES && live.load(Ordering::Relaxed) < length / 2
    }
}

impl Kept for Held<InMemory> {
    fn fetch(&self) -> Result<Vec<u8>, Lost> {
        unpack(&self.0.packed, self.0.plain)
    }
    fn share(&self) -> Box<dyn Kept> {
        Box::new(Self(self.0.clone()))
    }
    fn is_in_the_way(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests;
