//! The only writer: a command is loaded, decided, appended and published; views follow the log.
//!
//! Knows no HTTP. Assumes to be the only writer through the journal's interface alone: expected versions
//! and commit ids, so that another journal behind it changes nothing here.

mod aggregates;
mod claims;
mod decode;
mod execute;
mod folder;
mod ids;
mod keys;
mod neighbours;
mod open;
mod position;
mod resource;
mod snapshot;
mod stream_views;
mod view_read;

#[cfg(test)]
mod tests;

pub use aggregates::LoadError;
pub use decode::{DecodeFault, decode};
pub use execute::{Envelope, ExecuteError, Submission};
pub use folder::{ViewHealth, ViewState};
pub use ids::new_ulid;
pub use journal::Receipt;
pub use open::{Engine, EngineError};
pub use position::At;
pub use view_read::{Reading, Resumed, ViewAnswer, ViewError, ViewRequest};
