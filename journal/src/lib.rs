//! The immutable log: append, read, follow, verify.
//!
//! One writer thread assigns dense positions and answers only what is durable. The log never looks
//! into a payload: it knows headers, and every event is one self-contained record of bytes. The stored
//! layouts are written down in `docs/formats.md`.

mod answer;
mod backup;
mod ballast;
pub mod block;
mod cache;
mod commit;
mod cosigned;
mod earlier;
mod error;
mod filesystem;
mod format;
mod group;
mod in_flight;
mod index;
mod journal;
mod kept;
mod keys;
mod lock;
mod options;
mod pull;
mod queue;
mod read;
mod rebuild;
mod repair;
mod restore;
mod rooms;
mod rotate;
mod scan;
mod shared;
mod space;
mod status;
mod store;
mod sync;
mod tiles;
mod verify;
mod watchdog;
mod whole;
mod writer;

#[cfg(test)]
mod tests;

pub use backup::{BackupError, BackupReport, Secrets, backup};
pub use block::{Block, BlockError};
pub use commit::{MAX_COMMIT_BYTES, NewCommit, NewEvent, Pending, Receipt, StreamHead};
pub use error::{AppendError, CheckpointError, CloseError, OpenError, ReadError};
pub use journal::Journal;
pub use kept::{Kept, KeptCheckpoint, KeptError};
pub use keys::random_seed;
pub use options::{Clock, Fence, LogIdentity, Options};
pub use proof::record;
pub use pull::{Fetch, PullReport, PulledTrust, Remote, pull};
pub use rebuild::RebuildError;
pub use record::{RawRecord, RecordError};
pub use repair::{RepairError, RepairOptions, RepairReport, repair};
pub use restore::{RestoreError, RestoreReport, restore, restore_signed_by};
pub use rotate::{KeyChange, RotateError};
pub use scan::Scan;
pub use status::{FsyncSummary, LogStatus, SpaceStatus};
pub use tiles::{CheckpointStatus, ProveError};
pub use verify::{Fault, Progress, SignedTree, VerifyOptions, VerifyReport};
