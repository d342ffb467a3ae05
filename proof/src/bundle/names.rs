//! The files of a bundle.

pub(super) const README: &str = "README.md";
pub(super) const MANIFEST: &str = "manifest.json";
pub(super) const CHECKPOINT: &str = "checkpoint";
pub(super) const KEYS: &str = "keys.json";
pub(super) const RECORDS: &str = "records.bin";
pub(super) const ROTATIONS: &str = "rotations.bin";
pub(super) const PROOFS: &str = "proofs.json";
pub(super) const SCHEMAS: &str = "schemas.json";
pub(super) const EVENTS: &str = "events.ndjson";
pub(super) const REPORT: &str = "report.md";
/// Sums of all the others, as `sha256sum -c` reads them.
pub(super) const SUMS: &str = "SHA256SUMS";

/// Every file but the sums, in the order in which they stand in the archive.
pub(super) const FILES: [&str; 10] =
    [README, MANIFEST, CHECKPOINT, KEYS, RECORDS, ROTATIONS, PROOFS, SCHEMAS, EVENTS, REPORT];
