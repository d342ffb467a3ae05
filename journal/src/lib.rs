//! The immutable log: append, read, follow, verify.
//!
//! One writer thread assigns dense positions and answers only what is durable. The log never looks
//! into a payload: it knows headers, and every event is one self-contained record of bytes. The stored
//! layouts are written down in `docs/formats.md`.

mod ballast;
pub mod block;
mod cache;
mod commit;
mod error;
mod filesystem;
mod format;
mod group;
mod head;
mod index;
mod journal;
mod lock;
mod options;
mod queue;
mod read;
pub mod record;
mod shared;
mod space;
mod status;
mod store;
mod verify;
mod watchdog;
mod writer;

#[cfg(test)]
mod tests;

pub use block::{Block, BlockError};
pub use commit::{MAX_COMMIT_BYTES, NewCommit, NewEvent, Pending, Receipt, StreamHead};
pub use error::{AppendError, CloseError, OpenError, ReadError};
pub use journal::Journal;
pub use options::{Clock, Fence, LogIdentity, Options};
pub use record::{RawRecord, RecordError};
pub use status::{FsyncSummary, LogStatus, SpaceStatus};
pub use verify::{Fault, Progress, VerifyReport};
