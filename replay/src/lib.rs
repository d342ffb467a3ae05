//! Verbs of auditors and analysts as a library: import recorded sessions, tell a run's story, verify the log.
//!
//! Knows no async runtime and no web server, and writes nothing: an importer hands its commands to a sink.

mod decode;
pub mod import;
pub mod story;
mod verify;

pub use decode::{DecodeFault, decode};
pub use verify::{Finding, Report, Scope, Signed, Verdict, verify, verify_scope};
