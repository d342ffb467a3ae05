//! The keys that sign the log: which they are, and a change to a new one.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::ids::LogId;
use http::{HeaderMap, header};
use schemars::JsonSchema;
use serde::Serialize;

use crate::problem::Problem;
use crate::state::App;

/// Public keys of the log, each as `name+id+base64`.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct KeysShown {
    /// Which log they are of.
    log: LogId,
    /// The key that signs; none where the data folder has none.
    key: Option<String>,
    /// Those before it, newest first: each has signed the change to the next.
    earlier: Vec<String>,
}

/// A change of key.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct KeyChanged {
    /// The key before.
    old_key: String,
    /// The key that signs from now on.
    new_key: String,
    /// A signed note that names both, with the signatures of both; the log has it as an event.
    statement: String,
}

/// `GET /v1/log/key`
pub(crate) async fn show(State(app): State<App>, headers: HeaderMap) -> Result<Response, Problem> {
    let journal = app.engine.journal().clone();
    let log = journal.identity().log_id;
    let read = tokio::task::spawn_blocking(move || replay::keys(&journal)).await;
    let keys = read.map_err(|error| Problem::internal(&error))??;
    let key = keys.current.map(|key| key.to_string());
    let earlier: Vec<_> = keys.earlier.iter().rev().map(ToString::to_string).collect();
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    if accept.starts_with("text/plain") {
        let lines: String = key.iter().chain(&earlier).map(|key| format!("{key}\n")).collect();
        return Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], lines).into_response());
    }
    Ok(Json(KeysShown { log, key, earlier }).into_response())
}

/// `POST /v1/log/keys/rotate`
pub(crate) async fn rotate(State(app): State<App>) -> Result<Json<KeyChanged>, Problem> {
    let engine = app.engine.clone();
    let changed = tokio::task::spawn_blocking(move || engine.rotate_key()).await;
    let change = changed.map_err(|error| Problem::internal(&error))??;
    let (old_key, new_key) = (change.old.to_string(), change.new.to_string());
    tracing::warn!(old_key, new_key, "the log's key was changed");
    Ok(Json(KeyChanged { old_key, new_key, statement: change.statement }))
}
