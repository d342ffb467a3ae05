//! Verbs of auditors and analysts as a library: import recorded sessions, tell a run's story, verify the log, prove it.
//!
//! Knows no async runtime and no web server, and writes nothing: an importer hands its commands to a sink.

pub mod charts;
mod decode;
mod evidence;
pub mod import;
mod keys;
pub mod otlp;
pub mod page;
mod prove;
pub mod refold;
pub mod story;
#[cfg(test)]
mod testing;
mod verify;

pub use decode::{DecodeFault, decode};
pub use evidence::{EvidenceError, Maker, evidence};
pub use keys::{LogKeys, keys};
pub use prove::{Anchor, Consistency, Inclusion, Shown, consistency, inclusion};
pub use verify::{Finding, Report, Scope, Signed, Verdict, verify, verify_scope};
