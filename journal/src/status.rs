//! What the log says about itself, for health checks and metrics.

use std::time::Duration;

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

/// Counters of the writer.
pub(crate) struct Counters {
    syncs: Histogram<u64>,
    sum_us: u64,
    last_us: u64,
    pub(crate) groups: u64,
    pub(crate) bytes: u64,
}

impl Counters {
    pub(crate) fn new() -> Self {
        let syncs = Histogram::new_with_bounds(1, MAX_SYNC_US, 3)
            .expect("the bounds and 3 digits are within what it allows");
        Self { syncs, sum_us: 0, last_us: 0, groups: 0, bytes: 0 }
    }
    pub(crate) fn group(&mut self, bytes: usize, sync: Duration) {
        let us = u64::try_from(sync.as_micros()).unwrap_or(u64::MAX);
        self.syncs.saturating_record(us);
        self.sum_us = self.sum_us.saturating_add(us);
        self.last_us = us;
        self.groups += 1;
        self.bytes += bytes as u64;
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
