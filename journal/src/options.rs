//! How a log is opened.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use domain::ids::LogId;
use domain::values::Timestamp;

use crate::commit::NewEvent;

/// Tells the time that the writer stamps on records. Nothing is ordered by it.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Makes the event that a process writes before its first commit.
pub type Fence = Arc<dyn Fn(&LogIdentity) -> NewEvent + Send + Sync>;

/// Which log it is, and what an acknowledgement means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogIdentity {
    /// Given at creation.
    pub log_id: LogId,
    /// From 1; bumped by every restore and repair.
    pub epoch: u64,
    /// How commits are made durable: `fdatasync` or `memory`.
    pub durability: &'static str,
}

/// How a log is opened. The default is what a server wants.
#[derive(Clone)]
pub struct Options {
    /// Written as a commit of the stream of the log itself before the first commit of this process.
    pub fence: Option<Fence>,
    /// The clock of the writer.
    pub clock: Clock,
    /// Bytes of the storage engine's page cache.
    pub cache_bytes: u64,
    /// Bytes of decoded blocks held for readers.
    pub block_cache_bytes: usize,
    /// Bytes of commits that may wait for the writer; [`crate::Journal::ready`] holds back at half of it.
    pub queue_bytes: usize,
    /// Commits that may wait for the writer.
    pub queue_commits: usize,
    /// Bytes of commits that are made durable together.
    pub group_bytes: usize,
    /// Commits that are made durable together.
    pub group_commits: usize,
    /// Refuses appends and, where the log is damaged, opens it as far as it can be read.
    pub read_only: bool,
    /// Reads the store's files once before they are opened, so that a verification also finds what is altered in
    /// parts of them that the store no longer reads, or writes anew when it opens.
    pub scan_store: bool,
    /// Bytes of disk space below which appends are refused while reads go on. `None`: 64 MiB, less on a disk of
    /// under 512 MiB.
    pub reserve_bytes: Option<u64>,
    /// Bytes set aside in the file `ballast`, given back when a full disk would keep the log from opening.
    /// `None`: 16 MiB, less on a disk of under 128 MiB.
    pub ballast_bytes: Option<u64>,
    /// Opens a folder on a file system over a network as well.
    pub allow_network: bool,
    /// A sync that took longer makes the log degraded, as [`crate::LogStatus::degraded`] says.
    pub slow_sync: Duration,
    /// A write or sync that has not come back after so long is taken for failed.
    pub stall_max: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            fence: None,
            clock: Arc::new(system_time),
            cache_bytes: 64 << 20,
            block_cache_bytes: 64 << 20,
            queue_bytes: 64 << 20,
            queue_commits: 1 << 16,
            group_bytes: 4 << 20,
            group_commits: 4096,
            read_only: false,
            scan_store: false,
            reserve_bytes: None,
            ballast_bytes: None,
            allow_network: false,
            slow_sync: Duration::from_secs(1),
            stall_max: Duration::from_secs(60),
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("fence", &self.fence.is_some())
            .field("cache_bytes", &self.cache_bytes)
            .field("block_cache_bytes", &self.block_cache_bytes)
            .field("queue_bytes", &self.queue_bytes)
            .field("queue_commits", &self.queue_commits)
            .field("group_bytes", &self.group_bytes)
            .field("group_commits", &self.group_commits)
            .field("read_only", &self.read_only)
            .field("scan_store", &self.scan_store)
            .field("reserve_bytes", &self.reserve_bytes)
            .field("ballast_bytes", &self.ballast_bytes)
            .field("allow_network", &self.allow_network)
            .field("slow_sync", &self.slow_sync)
            .field("stall_max", &self.stall_max)
            .finish_non_exhaustive()
    }
}

fn system_time() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
