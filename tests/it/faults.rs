//! Faults of the disk and the system under the real binary: typed answers, exit codes, and nothing lost.

pub(crate) mod asked;
mod disk;
mod folder;
mod slow;
mod sync;
