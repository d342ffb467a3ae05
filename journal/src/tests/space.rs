//! A disk that fills up: appends are refused, everything else goes on, and room that comes back is noticed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use domain::ids::Position;
use tempfile::{TempDir, tempdir};

use super::kit::{Control, commit, faulty_on, history, options};
use crate::space::{Room, Space};
use crate::{AppendError, CloseError, Journal, Options};

const MIB: u64 = 1 << 20;

struct Disk {
    free: Arc<AtomicU64>,
    journal: Journal,
    control: Control,
    _dir: TempDir,
}

impl Disk {
    fn new() -> Self {
        let dir = tempdir().unwrap();
        let free = Arc::new(AtomicU64::new(1000 * MIB));
        let probe = {
            let free = free.clone();
            move || Ok(Room { free: free.load(Ordering::Relaxed), total: 2000 * MIB })
        };
        let space = Space::over(Box::new(probe), dir.path(), &options()).unwrap();
        let fenced = Arc::new(|_: &crate::LogIdentity| super::kit::event(b"fence"));
        let (journal, control) = faulty_on(Some(space), Options { fence: Some(fenced), ..options() });
        Self { free, journal, control, _dir: dir }
    }
    /// As somebody else fills or empties the disk.
    fn free(&self, mib: u64) {
        self.free.store(mib * MIB, Ordering::Relaxed);
        assert_eq!(self.journal.status().space.unwrap().free_bytes, mib * MIB);
    }
}

#[test]
fn a_full_disk_refuses_with_figures_and_takes_again_without_a_restart() {
    let disk = Disk::new();
    let journal = &disk.journal;
    disk.free(10);
    let full = AppendError::NoSpace { free: 10 * MIB, reserve: 64 * MIB };
    assert_eq!(journal.append(commit(1, 1, 1)).wait(), Err(full.clone()));
    assert_eq!(full.to_string(), "the disk should have 67108864 bytes free to append, has 10485760");
    assert_eq!((disk.control.appends(), disk.control.syncs()), (0, 0));
    disk.free(500);
    assert_eq!(journal.append(commit(1, 1, 1)).wait().unwrap().position, Position(1), "the fence is first");
    disk.free(63);
    assert!(matches!(journal.append(commit(1, 2, 1)).wait(), Err(AppendError::NoSpace { .. })));
    assert_eq!(journal.read(None, 10, usize::MAX).unwrap().len(), 2);
    let degraded = journal.status().degraded;
    assert!(degraded[0].contains("appends are refused"), "{degraded:?}");
    disk.free(100);
    journal.append(commit(1, 2, 1)).wait().unwrap();
    assert_eq!((journal.status().degraded, journal.poisoned()), (vec![], None));
    journal.close().unwrap();
}

#[test]
fn on_a_full_disk_repetitions_and_barriers_are_answered_as_ever() {
    let disk = Disk::new();
    let journal = &disk.journal;
    journal.append(commit(1, 1, 1)).wait().unwrap();
    let before = history(journal);
    disk.free(1);
    assert!(journal.append(commit(1, 1, 1)).wait().unwrap().duplicate);
    assert!(matches!(journal.append(commit(2, 1, 1)).wait(), Err(AppendError::Reused { .. })));
    assert!(matches!(journal.append(commit(2, 2, 1)).wait(), Err(AppendError::NoSpace { .. })));
    assert_eq!(journal.barrier().wait(), Ok(Some(Position(1))));
    assert_eq!(history(journal), before);
    // Tiles and checkpoint wait for room, and closing says so.
    let behind = journal.close().unwrap_err();
    assert!(matches!(&behind, CloseError::Behind { reason } if reason.contains("full")), "{behind}");
}
