//! The only writer: a command is loaded, decided, appended and published; views follow the log.
//!
//! Knows no HTTP. Assumes to be the only writer through the journal's interface alone: expected versions
//! and commit ids, so that another journal behind it changes nothing here.

mod aggregates;
mod attic;
mod awaiting;
mod care;
mod checkpoints;
mod claims;
mod decode;
mod diff;
mod erase;
mod execute;
mod folder;
mod folding;
mod guard;
mod history;
mod ids;
mod in_flight;
mod keys;
mod live;
mod metrics;
mod neighbours;
mod open;
mod position;
mod rebuild;
mod record;
mod resource;
mod seal;
mod secrets;
mod shelf;
mod skips;
mod snapshot;
mod stream_views;
mod times;
mod view_read;
mod views_check;

#[cfg(test)]
mod tests;

pub use aggregates::LoadError;
pub use attic::RowsHeld;
pub use care::CareError;
pub use decode::{DecodeFault, decode};
pub use diff::{Change, DiffRequest, EVENTS_PER_KEY_MAX, KEYS_DEFAULT, KeyChange, Touch, ViewDiff};
pub use erase::{EraseError, Erased};
pub use execute::{Envelope, ExecuteError, Submission};
pub use folding::ViewState;
pub use ids::new_ulid;
pub use journal::Receipt;
pub use live::{Generation, ViewHealth};
pub use metrics::{MetricError, MetricListed, MetricQuestion};
pub use open::{Engine, EngineError};
pub use position::At;
pub use rebuild::{Outcome, Phase, RebuildError, RebuildStatus, RowDifference, Source, ViewRebuild};
pub use secrets::SecretError;
pub use stream_views::FoldError;
pub use view_read::{Reading, Resumed, ViewAnswer, ViewError, ViewRequest};
pub use views_check::{CheckedView, ViewsReport, check_views};
