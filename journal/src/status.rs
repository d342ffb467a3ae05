//! What the log says about itself, for health checks and metrics.

use std::time::{Duration, Instant};

use domain::ids::{LogId, Position};
use hdrhistogram::Histogram;

use crate::tiles::CheckpointStatus;

/// The state of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogStatus {
    /// Given at creation.
    pub log_id: LogId,
    /// From 1; bumped by every restore and repair.
    pub epoch: u64,
    /// Last durable position.
    pub watermark: Option<Position>,
    /// How commits are made durable: `fdatasync` or `memory`.
    pub durability: &'static str,
    /// Why the writer stopped, if it did.
    pub poisoned: Option<String>,
    /// How far the log is signed.
    pub checkpoint: CheckpointStatus,
    /// Whether appends are refused because it was opened for reading.
    pub read_only: bool,
    /// What making groups durable took.
    pub fsync: FsyncSummary,
    /// Groups made durable by this process.
    pub groups: u64,
    /// Bytes of records made durable by this process.
    pub bytes: u64,
    /// Bytes of commits waiting for the writer.
    pub queued_bytes: usize,
    /// Commits waiting for the writer.
    pub queued_commits: usize,
    /// How long the group under way has been written and synced, in microseconds; 0 where there is none.
    pub writing_us: u64,
    /// The disk under the log; `None` for a log in memory.
    pub space: Option<SpaceStatus>,
    /// What is slow or full, in words, while the log goes on; empty where nothing is.
    pub degraded: Vec<String>,
}

/// The disk under a log, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpaceStatus {
    /// Free for this process.
    pub free_bytes: u64,
    /// Size of the file system.
    pub total_bytes: u64,
    /// Below this, appends are refused.
    pub reserve_bytes: u64,
    /// Held by the file `ballast`.
    pub ballast_bytes: u64,
    /// Whether appends are refused.
    pub full: bool,
}

/// What [`LogStatus::degraded`] is told from.
pub(crate) struct Signs {
    /// Duration of the last sync, where it ended lately.
    pub(crate) last_sync: Option<Duration>,
    /// How long the group under way has taken.
    pub(crate) writing: Option<Duration>,
    pub(crate) slow_sync: Duration,
    /// Whether more than half of the queue is taken.
    pub(crate) crowded: bool,
    pub(crate) space: Option<SpaceStatus>,
}

impl Signs {
    /// In words.
    pub(crate) fn degraded(&self) -> Vec<String> {
        let ms = |time: Duration| format!("{} ms", time.as_millis());
        let slow = |time: &Duration| *time > self.slow_sync;
        let limit = ms(self.slow_sync);
        let writing = self.writing.filter(slow);
        let writing = writing.map(|time| {
            format!(
                "the disk is slow: a sync should take at most {limit}, one has been under way for {}",
                ms(time)
            )
        });
        let last = self.last_sync.filter(slow);
        let last = last.map(|time| {
            format!("the disk is slow: a sync should take at most {limit}, the last one took {}", ms(time))
        });
        let crowded = self.crowded.then(|| "the writer's queue is more than half full".to_owned());
        let full = self.space.filter(|space| space.full).map(|space| {
            let SpaceStatus { free_bytes, reserve_bytes, .. } = space;
            format!(
                "the disk is full: {reserve_bytes} bytes should be free, {free_bytes} are; appends are refused"
            )
        });
        writing.or(last).into_iter().chain(crowded).chain(full).collect()
    }
}

/// Durations of syncs in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FsyncSummary {
    /// Number of syncs.
    pub count: u64,
    /// Sum of all.
    pub sum_us: u64,
    /// The last one.
    pub last_us: u64,
    /// The median.
    pub p50_us: u64,
    /// 99 of 100 were at most this.
    pub p99_us: u64,
    /// The longest.
    pub max_us: u64,
}

/// Longer syncs are counted as this: ten minutes.
const MAX_SYNC_US: u64 = 600_000_000;

/// A slow sync says something about the disk for so long.
const LATELY: Duration = Duration::from_secs(60);

/// Counters of the writer.
pub(crate) struct Counters {
    syncs: Histogram<u64>,
    sum_us: u64,
    last_us: u64,
    last_at: Option<Instant>,
    pub(crate) groups: u64,
    pub(crate) bytes: u64,
}

impl Counters {
    pub(crate) fn new() -> Self {
        let syncs = Histogram::new_with_bounds(1, MAX_SYNC_US, 3)
            .expect("the bounds and 3 digits are within what it allows");
        Self { syncs, sum_us: 0, last_us: 0, last_at: None, groups: 0, bytes: 0 }
    }
    pub(crate) fn group(&mut self, bytes: usize, sync: Duration) {
        let us = u64::try_from(sync.as_micros()).unwrap_or(u64::MAX);
        self.syncs.saturating_record(us);
        self.sum_us = self.sum_us.saturating_add(us);
        self.last_us = us;
        self.last_at = Some(Instant::now());
        self.groups += 1;
        self.bytes += bytes as u64;
    }
    /// What the last sync took, unless it is too long ago to say anything.
    pub(crate) fn last_sync(&self) -> Option<Duration> {
        self.last_at.filter(|at| at.elapsed() < LATELY).map(|_| Duration::from_micros(self.last_us))
    }
    pub(crate) fn fsync(&self) -> FsyncSummary {
        FsyncSummary {
            count: self.syncs.len(),
            sum_us: self.sum_us,
            last_us: self.last_us,
            p50_us: self.syncs.value_at_quantile(0.5),
            p99_us: self.syncs.value_at_quantile(0.99),
            max_us: self.syncs.max(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn well() -> Signs {
        let ms = |ms| Some(Duration::from_millis(ms));
        let (last_sync, writing, slow_sync) = (ms(900), ms(3), Duration::from_secs(1));
        Signs { last_sync, writing, slow_sync, crowded: false, space: None }
    }

    #[test]
    fn what_is_slow_or_full_is_said_with_what_it_should_be() {
        assert_eq!(well().degraded(), [""; 0]);
        let signs = Signs { last_sync: Some(Duration::from_millis(1_234)), ..well() };
        assert_eq!(
            signs.degraded(),
            ["the disk is slow: a sync should take at most 1000 ms, the last one took 1234 ms"]
        );
        let signs = Signs { writing: Some(Duration::from_secs(5)), ..signs };
        assert_eq!(
            signs.degraded(),
            ["the disk is slow: a sync should take at most 1000 ms, one has been under way for 5000 ms"]
        );
        let space =
            |full| SpaceStatus { free_bytes: 1, total_bytes: 9, reserve_bytes: 2, ballast_bytes: 0, full };
        assert_eq!(Signs { space: Some(space(false)), ..well() }.degraded(), [""; 0]);
        let signs = Signs { space: Some(space(true)), crowded: true, ..well() };
        assert_eq!(
            signs.degraded(),
            [
                "the writer's queue is more than half full",
                "the disk is full: 2 bytes should be free, 1 are; appends are refused"
            ]
        );
    }

    #[test]
    fn slow_syncs_are_not_counted_as_fast_ones() {
        let mut counters = Counters::new();
        for ms in 1..=100 {
            counters.group(10, Duration::from_millis(ms));
        }
        counters.group(10, Duration::from_secs(3_600));
        let fsync = counters.fsync();
        assert!(fsync.p50_us.abs_diff(51_000) < 100, "{fsync:?}");
        assert!(fsync.p99_us.abs_diff(100_000) < 200, "{fsync:?}");
        assert!(fsync.max_us >= MAX_SYNC_US && fsync.last_us == 3_600_000_000, "{fsync:?}");
        assert_eq!((fsync.count, counters.groups, counters.bytes), (101, 101, 1_010));
    }
}
