//! Evidence of one run in one file: records, what proves them, and what people read of them.
//!
//! A bundle is an uncompressed tar file of a fixed list of files, in one form for given contents. Its own
//! `README.md` says what each file is; `docs/formats.md` has the layouts.

mod archive;
mod build;
mod derive;
mod names;
mod parts;
mod report;
mod show;
mod signers;
#[cfg(test)]
mod tests;
mod verify;

pub use archive::{ArchiveError, MAX_BYTES};
pub use build::{BuildError, Evidence, build};
pub use parts::FORMAT;
pub use report::{FileReport, Reliance, Report, StreamReport};
pub use verify::{BundleError, verify};

/// `README.md` of every bundle.
const README_TEXT: &str = include_str!("README.md");
