//! Erasure over HTTP, the master key, and what is sealed opened in what goes out.

use axum::body::{Body, Bytes};
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use axum::{Extension, Json};
use domain::authority::{Action, Class, Resource};
use domain::erasure::Subject;
use domain::ids::{CommitId, DataKeyId, Position};
use engine::{EraseError, Erased};
use futures_util::StreamExt;
use http::{HeaderMap, header};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vault::{Vault, VaultError};

use crate::commands::too_large;
use crate::credentials::Caller;
use crate::problem::{Code, Problem};
use crate::query::path;
use crate::state::App;

/// Why something is erased.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Why {
    /// Why; 1 to 2,000 bytes. It is in the log for ever.
    reason: String,
}

/// The receipt of an erasure.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Receipt {
    /// Whose words are erased: `project-ULID` or `user-ULID`.
    subject: String,
    /// The keys that were destroyed.
    keys: Vec<DataKeyId>,
    /// The commit that says so.
    commit: CommitId,
    /// Where it stands.
    position: Position,
}

/// The keys that seal.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct VaultShown {
    /// By what the master key is told from others.
    master: Option<String>,
    /// Keys that seal and open.
    live: usize,
    /// Keys that another master key wrapped.
    locked: usize,
    /// Keys that were destroyed.
    destroyed: usize,
}

impl VaultShown {
    fn of(vault: &Vault) -> Self {
        let status = vault.status();
        Self { master: status.master, live: status.live, locked: status.locked, destroyed: status.destroyed }
    }
}

impl From<Erased> for Receipt {
    fn from(Erased { subject, keys, receipt }: Erased) -> Self {
        let (commit, position) = (receipt.commit, receipt.position);
        Self { subject: subject.to_string(), keys, commit, position }
    }
}

impl From<VaultError> for Problem {
    fn from(error: VaultError) -> Self {
        tracing::error!(%error, "the vault failed");
        Self::new(Code::Internal, error.to_string(), error.hint())
    }
}

impl From<EraseError> for Problem {
    fn from(error: EraseError) -> Self {
        match error {
            EraseError::Execute(error) => error.into(),
            EraseError::Vault(error) => error.into(),
        }
    }
}

/// `POST /v1/erase/{subject}`
pub(crate) async fn erase(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    named: Result<Path<String>, PathRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Receipt>, Problem> {
    let subject: Subject = path(named)?.parse().map_err(|error| Problem::parameter("subject", &error))?;
    match subject {
        Subject::Project(project) => {
            caller.may(Action::Command(Class::Govern), &Resource::project(project))?;
        }
        // A person's words stand in projects that are not theirs.
        Subject::Person(_) => caller.may(Action::Administer, &Resource::INSTALLATION)?,
    }
    let body = body.map_err(|error| too_large(&error))?;
    let Why { reason } = serde_json::from_slice(&body).map_err(|error| {
        Problem::new(Code::InvalidBody, error.to_string(), "send an object with a reason")
    })?;
    app.admit().await?;
    // It goes on even if whoever asked goes away.
    let (engine, actor) = (app.engine.clone(), caller.actor);
    let erased = tokio::spawn(async move { engine.erase(subject, reason, actor).await }).await;
    let erased = erased.map_err(|error| Problem::internal(&error))??;
    tracing::warn!(%subject, keys = erased.keys.len(), "erased");
    Ok(Json(erased.into()))
}

/// `GET /v1/vault`
pub(crate) async fn show(State(app): State<App>) -> Json<VaultShown> {
    Json(VaultShown::of(app.engine.vault()))
}

/// `POST /v1/vault/rotate`
pub(crate) async fn rotate(State(app): State<App>) -> Result<Json<VaultShown>, Problem> {
    let vault = app.engine.vault().clone();
    let rotated = tokio::task::spawn_blocking(move || vault.rotate_master().map(|_| vault)).await;
    let vault = rotated.map_err(|error| Problem::internal(&error))??;
    tracing::warn!("the master key was changed");
    Ok(Json(VaultShown::of(&vault)))
}

/// Opens what is sealed in an answer that is JSON. What is streamed comes in whole lines.
pub(crate) async fn reveal(State(app): State<App>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    if !is_json(response.headers()) {
        return response;
    }
    let vault = app.engine.vault().clone();
    let (mut parts, body) = response.into_parts();
    // What has a length is there already.
    if hyper::body::Body::size_hint(&body).exact().is_some() {
        return match axum::body::to_bytes(body, usize::MAX).await {
            Ok(bytes) => {
                if let std::borrow::Cow::Owned(opened) = vault.reveal_json(&bytes) {
                    parts.headers.remove(header::CONTENT_LENGTH);
                    return Response::from_parts(parts, opened.into());
                }
                Response::from_parts(parts, bytes.into())
            }
            Err(error) => axum::response::IntoResponse::into_response(Problem::internal(&error)),
        };
    }
    let opened = body.into_data_stream().map(move |chunk| {
        chunk.map(|bytes| match vault.reveal_json(&bytes) {
            std::borrow::Cow::Owned(opened) => opened.into(),
            std::borrow::Cow::Borrowed(_) => bytes,
        })
    });
    Response::from_parts(parts, Body::from_stream(opened))
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    ["application/json", "application/problem+json", "application/x-ndjson", "text/event-stream"]
        .iter()
        .any(|json| kind.starts_with(json))
}
