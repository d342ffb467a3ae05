//! What changed in a view between two points, views folded anew, and views that an event broke.

use axum::body::Bytes;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use domain::authority::Action;
use domain::ids::Position;
use engine::{At, DiffRequest, RebuildStatus, Source, ViewDiff, ViewError, ViewsReport};
use http::{StatusCode, Uri};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::access::check_view;
use crate::commands::Answer;
use crate::credentials::Caller;
use crate::problem::{Code, Problem};
use crate::query::{Params, object, path};
use crate::state::App;
use crate::views::query;

/// `GET /v1/views/{name}/diff`
pub(crate) async fn diff(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    name: Result<Path<String>, PathRejection>,
    uri: Uri,
) -> Result<Json<ViewDiff>, Problem> {
    let mut params = Params::of(&uri)?;
    let mut point = |name: &'static str| {
        let missing = || {
            Problem::new(Code::InvalidParameter, format!("`{name}` is missing"), "name a position or a time")
                .field(name, "missing")
        };
        params.take::<At>(name)?.ok_or_else(missing)
    };
    let (from, to) = (point("from")?, point("to")?);
    let key = params.text("key");
    let (view, query) = (path(name)?, query(params, caller.sight(Action::Views)?)?);
    if !caller.is_operator() {
        check_view(&app, &caller, &app.engine.reading(&view, key.as_deref(), query.clone())?).await?;
    }
    let request = DiffRequest { view, key, query, from, to };
    let engine = app.engine.clone();
    let diff = tokio::task::spawn_blocking(move || engine.diff(request)).await;
    Ok(Json(diff.map_err(|error| Problem::internal(&error))??))
}

/// A job, and the address that tells how far it is.
type Begun = (StatusCode, Json<RebuildStatus>);

/// `GET /v1/rebuild`
pub(crate) async fn status(State(app): State<App>) -> Json<RebuildStatus> {
    Json(app.engine.rebuild_status())
}

/// `POST /v1/rebuild`: all live views.
pub(crate) async fn rebuild_all(State(app): State<App>) -> Result<Begun, Problem> {
    begin(&app, vec![], Source::Log).await
}

/// What is done to a view by its name.
pub(crate) const VERBS: [&str; 6] = ["rebuild", "back", "confirm", "retry", "skip", "restore"];

/// `POST /v1/views/{name}/{verb}`
pub(crate) async fn care(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    named: Result<Path<(String, String)>, PathRejection>,
    body: Bytes,
) -> Result<Response, Problem> {
    let (view, verb) = path(named)?;
    Ok(match verb.as_str() {
        "rebuild" => begin(&app, vec![view], Source::Log).await?.into_response(),
        "back" => begin(&app, vec![view], Source::Kept).await?.into_response(),
        "confirm" => {
            let engine = app.engine.clone();
            let confirmed = tokio::task::spawn_blocking(move || engine.confirm_rebuild(&[view])).await;
            Json(confirmed.map_err(|error| Problem::internal(&error))??).into_response()
        }
        "retry" => {
            app.engine.retry_view(&view)?;
            (StatusCode::ACCEPTED, status(State(app)).await).into_response()
        }
        "skip" | "restore" => pass_over(&app, &caller, &view, verb == "skip", &body).await?.into_response(),
        other => {
            let verb: String = other.chars().take(80).collect();
            return Err(Problem::unknown_route(format!("a view has no verb `{verb}`")));
        }
    })
}

async fn begin(app: &App, views: Vec<String>, source: Source) -> Result<Begun, Problem> {
    let engine = app.engine.clone();
    let begun = tokio::task::spawn_blocking(move || engine.rebuild(&views, source)).await;
    Ok((StatusCode::ACCEPTED, Json(begun.map_err(|error| Problem::internal(&error))??)))
}

/// An event that a view is to pass over, or to take into account again.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Skip {
    /// Where the event stands.
    position: Position,
    /// Why; 1 to 2,000 bytes. It is in the log for ever.
    reason: String,
}

async fn pass_over(
    app: &App,
    caller: &Caller,
    view: &str,
    skip: bool,
    body: &[u8],
) -> Result<Answer, Problem> {
    let Skip { position, reason } = object(body)
        .map_err(|error| Problem::new(Code::InvalidBody, error, "send an object with position and reason"))?;
    app.admit().await?;
    let actor = caller.actor;
    let receipt = if skip {
        app.engine.skip_view_event(view, position, reason, actor).await?
    } else {
        app.engine.restore_view_event(view, position, reason, actor).await?
    };
    Ok(receipt.into())
}

/// `POST /v1/views/verify`
pub(crate) async fn verify(State(app): State<App>) -> Result<Json<ViewsReport>, Problem> {
    let engine = app.engine.clone();
    let report = tokio::task::spawn_blocking(move || engine.check_views()).await;
    let report = report.map_err(|error| Problem::internal(&error))?;
    Ok(Json(report.map_err(|error| Problem::from(ViewError::from(error)))?))
}
