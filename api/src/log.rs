//! The log itself: which it is, where it stands, whether it is whole.

use axum::Json;
use axum::extract::State;
use domain::ids::{LogId, Position};
use schemars::JsonSchema;
use serde::Serialize;

use crate::problem::Problem;
use crate::state::App;

/// The log's condition.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct LogShown {
    /// Which log it is.
    log: LogId,
    /// Bumped by every restore and repair; positions of another epoch are void.
    epoch: u64,
    /// Last durable position.
    head: Option<Position>,
    /// What an acknowledgement means: `fdatasync` or `memory`.
    durability: &'static str,
    /// Whether it takes no writes.
    read_only: bool,
    /// Why the writer stopped, if it did.
    poisoned: Option<String>,
}

impl LogShown {
    pub(crate) fn of(app: &App) -> Self {
        let status = app.engine.journal().status();
        Self {
            log: status.log_id,
            epoch: status.epoch,
            head: status.watermark,
            durability: status.durability,
            read_only: status.read_only,
            poisoned: status.poisoned,
        }
    }
}

/// `GET /v1/log`
pub(crate) async fn status(State(app): State<App>) -> Json<LogShown> {
    Json(LogShown::of(&app))
}

/// `POST /v1/log/verify`
pub(crate) async fn verify(State(app): State<App>) -> Result<Json<replay::Report>, Problem> {
    let journal = app.engine.journal().clone();
    let report = tokio::task::spawn_blocking(move || replay::verify(&journal, |_| ())).await;
    report.map(Json).map_err(|error| Problem::internal(&error))
}
