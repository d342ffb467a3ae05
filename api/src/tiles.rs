//! The log as anybody's tools read it: signed checkpoint and tiles, as C2SP tlog-tiles lays them out.

use axum::Extension;
use axum::body::Bytes;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use domain::authority::{Action, Resource};
use http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use proof::hash::sha256;

use crate::credentials::Caller;
use crate::problem::{Code, Problem};
use crate::query::{Params, path};
use crate::state::App;

/// A file of the tree never changes; whoever keeps it keeps it from others, for it holds what the token guards.
const FOR_EVER: &str = "private, max-age=31536000, immutable";

/// `GET /v1/log/checkpoint`
pub(crate) async fn checkpoint(
    State(app): State<App>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let mut params = Params::of(&uri)?;
    let witnessed = params.number("witnessed", 1)? == Some(1);
    params.end("witnessed")?;
    if witnessed {
        let hint = "name witnesses with `serve --witness`; they offer what they cosigned";
        let none = || Problem::new(Code::NotFound, "no witness has cosigned a checkpoint yet", hint);
        return Ok(tagged(app.witnessed.shown().ok_or_else(none)?, &headers));
    }
    let Some(note) = app.engine.journal().checkpoint() else {
        let hint = "the first one comes within a second of the first event";
        return Err(Problem::new(Code::NotFound, "the log has signed no checkpoint yet", hint));
    };
    Ok(tagged(app.witnessed.beside(note), &headers))
}

/// A text that changes, with what tells whether it has.
fn tagged(text: String, headers: &HeaderMap) -> Response {
    let tag = format!("\"{}\"", &sha256(text.as_bytes()).to_hex()[..32]);
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let fresh = known.is_some_and(|known| known.split(',').any(|one| one.trim() == tag));
    let kind = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    let mut response =
        if fresh { StatusCode::NOT_MODIFIED.into_response() } else { (kind, text).into_response() };
    let tag = HeaderValue::from_str(&tag).expect("hexadecimal digits fit a header");
    response.headers_mut().insert(header::ETAG, tag);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// `GET /v1/log/tile/{path}`
pub(crate) async fn tile(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    place: Result<Path<String>, PathRejection>,
) -> Result<Response, Problem> {
    let place = path(place)?;
    // Tiles of levels are hashes; all others hold records, of every project.
    let level = place.split('/').next().is_some_and(|level| level.bytes().all(|b| b.is_ascii_digit()));
    caller.may(if level { Action::Proofs } else { Action::WholeLog }, &Resource::INSTALLATION)?;
    file(&app, format!("tile/{place}")).await
}

/// `GET /v1/log/records/{sha256}`
pub(crate) async fn record(
    State(app): State<App>,
    name: Result<Path<String>, PathRejection>,
) -> Result<Response, Problem> {
    file(&app, format!("records/{}", path(name)?)).await
}

async fn file(app: &App, path: String) -> Result<Response, Problem> {
    let journal = app.engine.journal().clone();
    let asked = path.clone();
    let read = tokio::task::spawn_blocking(move || journal.tile(&asked)).await;
    match read.map_err(|error| Problem::internal(&error))?? {
        Some(bytes) => Ok(forever(bytes)),
        None => {
            let shown: String = path.chars().take(120).collect();
            let detail = format!("the last signed tree has no `{shown}`");
            let hint = "paths are those of c2sp.org/tlog-tiles; /v1/log/checkpoint names the tree's size";
            Err(Problem::new(Code::NotFound, detail, hint))
        }
    }
}

fn forever(bytes: Bytes) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/octet-stream"), (header::CACHE_CONTROL, FOR_EVER)];
    (headers, bytes).into_response()
}
