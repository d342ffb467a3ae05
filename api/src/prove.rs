//! Proofs of the log, and evidence of a run to take away.

use std::time::{SystemTime, UNIX_EPOCH};

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use domain::authority::Action;
use domain::ids::{Position, RunId};
use domain::values::Timestamp;
use http::{Uri, header};
use replay::{Consistency, Inclusion, Maker};

use crate::credentials::Caller;
use crate::problem::{Code, Problem};
use crate::query::{Params, path};
use crate::state::App;

/// Largest size of a tree that a request may name.
pub(crate) const SIZE_MAX: u64 = u64::MAX >> 1;

/// What time it is.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

fn wanted(name: &str, example: &str) -> Problem {
    let hint = format!("send it, such as {example}");
    Problem::new(Code::InvalidParameter, format!("`{name}` is missing"), hint).field(name, "missing")
}

/// `GET /v1/log/proof/inclusion`
pub(crate) async fn inclusion(State(app): State<App>, uri: Uri) -> Result<Json<Inclusion>, Problem> {
    let mut params = Params::of(&uri)?;
    let position = params.take::<Position>("position")?;
    let size = params.number("size", SIZE_MAX)?;
    params.end("position, size")?;
    let position = position.ok_or_else(|| wanted("position", "?position=0"))?;
    let journal = app.engine.journal().clone();
    let proof = tokio::task::spawn_blocking(move || replay::inclusion(&journal, position, size)).await;
    Ok(Json(proof.map_err(|error| Problem::internal(&error))??))
}

/// `GET /v1/log/proof/consistency`
pub(crate) async fn consistency(State(app): State<App>, uri: Uri) -> Result<Json<Consistency>, Problem> {
    let mut params = Params::of(&uri)?;
    let from = params.number("from", SIZE_MAX)?;
    let to = params.number("to", SIZE_MAX)?;
    params.end("from, to")?;
    let from = from.ok_or_else(|| wanted("from", "?from=1"))?;
    let journal = app.engine.journal().clone();
    let proof = tokio::task::spawn_blocking(move || replay::consistency(&journal, from, to)).await;
    Ok(Json(proof.map_err(|error| Problem::internal(&error))??))
}

/// `GET /v1/log/evidence/{run}`
pub(crate) async fn evidence(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    run: Result<Path<String>, PathRejection>,
) -> Result<Response, Problem> {
    let run: RunId = path(run)?.parse().map_err(|error| Problem::parameter("run", &error))?;
    let resource = app.engine.durable_resource(run.into())?;
    if !caller.is_operator() {
        caller.may(Action::Proofs, &resource)?;
    }
    let software = env!("CARGO_PKG_VERSION").to_owned();
    let (witnessed, witness_keys) = (app.witnessed.shown(), app.witnessed.keys.clone());
    let vault = app.engine.vault().clone();
    let maker = Maker { made_at: now(), software, witnessed, witness_keys, vault };
    let journal = app.engine.journal().clone();
    let made = tokio::task::spawn_blocking(move || replay::evidence(&journal, run, &maker)).await;
    let bundle = made.map_err(|error| Problem::internal(&error))??;
    if let Some(project) = resource.project {
        app.tell_export(&caller, project, "evidence", Some(run.into())).await;
    }
    let name = format!("attachment; filename=\"run-{run}.tar\"");
    let headers = [
        (header::CONTENT_TYPE, "application/x-tar".to_owned()),
        (header::CONTENT_DISPOSITION, name),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, bundle).into_response())
}
