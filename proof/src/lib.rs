//! What proves a log: stored records, the tree over them, tiles, signed checkpoints.
//!
//! Pure: every function takes bytes and gives bytes or an answer. The tree is that of RFC 6962; notes,
//! checkpoints, cosignatures and tiles are those of C2SP (<https://c2sp.org>), so that tools of others read
//! them. The layouts are written down in `docs/formats.md`.

pub mod bundle;
pub mod checkpoint;
pub mod cosignature;
pub mod entry;
pub mod hash;
pub mod note;
pub mod order;
pub mod origin;
pub mod record;
pub mod rotation;
pub mod stored;
#[cfg(test)]
mod tests;
pub mod tile;
pub mod tree;
pub mod trust;
pub mod verdict;

pub use checkpoint::{Checkpoint, CheckpointError};
pub use hash::Hash;
pub use note::{Note, NoteError, SigningKey, VerifyingKey};
pub use origin::Origin;
pub use record::{RawRecord, RecordError};
pub use tree::{Frontier, Nodes, ProofError};
pub use trust::Trust;
pub use verdict::{Answer, Findings, Outcome};
