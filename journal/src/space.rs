//! Room on the disk: appends stop while there is still enough of it for everything else.

use std::io;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::ballast::Ballast;
use crate::options::Options;
use crate::status::SpaceStatus;

const MIB: u64 = 1 << 20;
/// Bytes kept free on a disk large enough: the storage engine pads up to 8 MiB at a time and fills as much ahead,
/// and tiles, indexes and views are written behind the commits.
const RESERVE: u64 = 64 * MIB;
const RESERVE_MIN: u64 = 24 * MIB;
/// Below this, what is written behind the commits waits too.
const CRITICAL: u64 = 16 * MIB;
const BALLAST: u64 = 16 * MIB;
/// More than [`OPENING`], which it is there for.
const BALLAST_MIN: u64 = 11 * MIB;
/// What opening a log may write before anything can be read: the storage engine fills its last segment of 8 MiB
/// with zeroes.
const OPENING: u64 = 10 * MIB;
/// Others use the disk too: what was found holds for so long.
const FRESH: Duration = Duration::from_millis(50);
/// At most so many bytes are admitted on one look.
const BUDGET: u64 = 8 * MIB;

/// Bytes of a file system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Room {
    pub(crate) free: u64,
    pub(crate) total: u64,
}

/// Why nothing is appended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Full {
    pub(crate) free: u64,
    pub(crate) reserve: u64,
}

type Probe = Box<dyn Fn() -> io::Result<Room> + Send + Sync>;

/// The disk under a data folder.
pub(crate) struct Space {
    probe: Probe,
    reserve: u64,
    ballast: Ballast,
    state: Mutex<State>,
}

struct State {
    room: Room,
    seen: Instant,
    /// Bytes that may still be admitted on what was seen.
    budget: u64,
    full: bool,
}

impl Space {
    /// The disk under `dir`.
    pub(crate) fn open(dir: &Path, options: &Options) -> io::Result<Self> {
        let folder = std::fs::File::open(dir)?;
        let probe = move || {
            let stat = rustix::fs::fstatvfs(&folder)?;
            let bytes = |blocks: u64| blocks.saturating_mul(stat.f_frsize);
            Ok(Room { free: bytes(stat.f_bavail), total: bytes(stat.f_blocks) })
        };
        Self::over(Box::new(probe), dir, options)
    }

    pub(crate) fn over(probe: Probe, dir: &Path, options: &Options) -> io::Result<Self> {
        let room = probe()?;
        let reserve = options.reserve_bytes.unwrap_or_else(|| (room.total / 8).clamp(RESERVE_MIN, RESERVE));
        let len = options.ballast_bytes.unwrap_or_else(|| (room.total / 8).clamp(BALLAST_MIN, BALLAST));
        let state = State { room, seen: Instant::now(), budget: 0, full: false };
        Ok(Self { probe, reserve, ballast: Ballast::new(dir, len), state: Mutex::new(state) })
    }

    /// Whether `bytes` may be appended. Looks at the disk at most every 50 ms or every few MiB.
    pub(crate) fn admit(&self, bytes: u64) -> Result<(), Full> {
        let mut state = self.state();
        if bytes > state.budget || state.seen.elapsed() > FRESH {
            self.look(&mut state);
        }
        let limit = state.limit(self.reserve);
        let full = state.room.free < limit.saturating_add(bytes);
        if full != state.full {
            let free = state.room.free;
            if full {
                tracing::warn!(free, reserve = self.reserve, "the disk is full: appends are refused");
            } else {
                tracing::info!(free, reserve = self.reserve, "there is room again: appends are taken");
            }
            state.full = full;
        }
        if full {
            // Seen anew by the next one, so that room that comes back is noticed at once.
            state.budget = 0;
            return Err(Full { free: state.room.free, reserve: self.reserve });
        }
        state.budget = state.budget.saturating_sub(bytes);
        Ok(())
    }

    /// A file system that cannot be asked says so when it is written to.
    fn look(&self, state: &mut State) {
        state.seen = Instant::now();
        if let Ok(room) = (self.probe)() {
            state.room = room;
        }
        state.budget = (state.room.free.saturating_sub(self.reserve) / 2).min(BUDGET);
    }

    /// Free bytes, seen anew.
    pub(crate) fn free(&self) -> u64 {
        let mut state = self.state();
        self.look(&mut state);
        state.room.free
    }

    /// Whether so little is left that what is written behind the commits has to wait.
    pub(crate) fn is_critical(&self) -> bool {
        self.free() < self.reserve.min(CRITICAL.max(self.reserve / 4))
    }

    /// Whether there is too little to open a log with.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.free() < self.opening()
    }

    /// Bytes that opening a log may need.
    pub(crate) fn opening(&self) -> u64 {
        OPENING.min(self.reserve)
    }

    /// Gives the ballast back if less than the reserve is left. Gives the bytes that came free.
    pub(crate) fn relieve(&self) -> u64 {
        if self.free() >= self.reserve {
            return 0;
        }
        let released = self.ballast.release().unwrap_or_else(|error| {
            tracing::warn!(%error, "the ballast could not be released");
            0
        });
        if released > 0 {
            tracing::warn!(bytes = released, "the disk is full: the ballast was released");
        }
        released
    }

    /// Makes the ballast again once there is ample room for it.
    pub(crate) fn settle(&self) {
        let wanted = self.ballast.len().saturating_sub(self.ballast.held());
        // Made from room that appends can spare, or they would be refused for its sake.
        if wanted == 0 || self.free() < self.reserve.saturating_add(self.reserve / 8 + wanted) {
            return;
        }
        if let Err(error) = self.ballast.make() {
            tracing::warn!(%error, "the ballast could not be made");
        }
    }

    pub(crate) fn status(&self) -> SpaceStatus {
        let mut state = self.state();
        self.look(&mut state);
        SpaceStatus {
            free_bytes: state.room.free,
            total_bytes: state.room.total,
            reserve_bytes: self.reserve,
            ballast_bytes: self.ballast.held(),
            full: state.room.free < state.limit(self.reserve),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every change of the state is complete before anything in it can panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// A full disk takes appends again only with some room to spare, or it would flutter.
    fn limit(&self, reserve: u64) -> u64 {
        if self.full { reserve.saturating_add(reserve / 8) } else { reserve }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    struct Disk {
        dir: tempfile::TempDir,
        free: Arc<AtomicU64>,
        looks: Arc<AtomicU64>,
        space: Space,
    }

    fn disk(total: u64, free: u64) -> Disk {
        let dir = tempfile::tempdir().unwrap();
        let (free, looks) = (Arc::new(AtomicU64::new(free)), Arc::new(AtomicU64::new(0)));
        let probe = {
            let (free, looks) = (free.clone(), looks.clone());
            move || {
                looks.fetch_add(1, Ordering::Relaxed);
                Ok(Room { free: free.load(Ordering::Relaxed), total })
            }
        };
        let space = Space::over(Box::new(probe), dir.path(), &Options::default()).unwrap();
        Disk { dir, free, looks, space }
    }

    #[test]
    fn the_reserve_follows_the_size_of_the_disk() {
        for (total, reserve) in [(64, 24), (256, 32), (512, 64), (1 << 20, 64)] {
            assert_eq!(disk(total * MIB, MIB).space.status().reserve_bytes, reserve * MIB, "{total} MiB");
        }
    }

    #[test]
    fn appends_stop_at_the_reserve_and_go_on_with_room_to_spare() {
        let disk = disk(1024 * MIB, 65 * MIB);
        disk.space.admit(MIB).unwrap();
        assert_eq!(disk.space.admit(MIB + 1), Err(Full { free: 65 * MIB, reserve: 64 * MIB }));
        for (free, taken) in [(64, false), (70, false), (73, true), (65, true), (63, false)] {
            disk.free.store(free * MIB, Ordering::Relaxed);
            assert_eq!(disk.space.free(), free * MIB);
            assert_eq!(disk.space.admit(1).is_ok(), taken, "{free} MiB");
            assert_eq!(disk.space.status().full, !taken, "{free} MiB");
        }
    }

    #[test]
    fn the_disk_is_not_asked_for_every_group() {
        let disk = disk(1024 * MIB, 800 * MIB);
        let before = disk.looks.load(Ordering::Relaxed);
        for _ in 0..1000 {
            disk.space.admit(4096).unwrap();
        }
        assert!(disk.looks.load(Ordering::Relaxed) - before < 500);
        let before = disk.looks.load(Ordering::Relaxed);
        for _ in 0..10 {
            disk.space.admit(BUDGET).unwrap();
        }
        assert!(disk.looks.load(Ordering::Relaxed) - before >= 9, "large groups are seen one by one");
    }

    #[test]
    fn the_ballast_goes_when_room_does_and_comes_back_with_it() {
        let disk = disk(1024 * MIB, 800 * MIB);
        disk.space.settle();
        assert_eq!((disk.space.status().ballast_bytes, disk.space.relieve()), (BALLAST, 0));
        disk.free.store(MIB, Ordering::Relaxed);
        assert!(disk.space.is_critical() && disk.space.is_exhausted());
        assert_eq!((disk.space.relieve(), disk.space.status().ballast_bytes), (BALLAST, 0));
        disk.space.settle();
        assert_eq!(std::fs::read_dir(disk.dir.path()).unwrap().count(), 0);
        disk.free.store(100 * MIB, Ordering::Relaxed);
        disk.space.settle();
        assert_eq!(disk.space.status().ballast_bytes, BALLAST);
        assert!(!disk.space.is_critical());
    }
}
