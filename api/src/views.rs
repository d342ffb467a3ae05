//! Views over HTTP: rows at a position, with filters, paging and an entity tag.

use std::time::Duration;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use domain::authority::{Action, Sight};
use domain::ids::Position;
use engine::{At, ViewAnswer, ViewRequest};
use http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use journal::LogIdentity;
use projections::{Query, Row, Scope};
use schemars::JsonSchema;
use serde::Serialize;

use crate::access::check_view;
use crate::credentials::Caller;
use crate::problem::{Code, Problem};
use crate::query::{Params, path, wait_for};
use crate::state::{App, WAIT_DEFAULT, WAIT_MAX};

/// Rows that one answer has at most.
pub(crate) const ROWS_MAX: u64 = 1_000_000;

/// Rows of a view, and the position they reflect.
#[derive(Serialize)]
struct Shown<'a> {
    view: &'a str,
    version: u32,
    position: Option<Position>,
    rows: &'a [Row],
    summary: Option<&'a serde_json::Value>,
    next: Option<&'a str>,
}

/// A view's entry in the list of views.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Listed {
    /// Permanent name.
    name: &'static str,
    /// Version of the fold and the row.
    version: u32,
    /// `live`, or the kind of aggregate whose id it wants.
    scope: String,
    /// Fields to filter by.
    filters: &'static [&'static str],
    /// Figures to order by, and to set bounds to.
    figures: &'static [&'static str],
}

/// `GET /v1/views`
pub(crate) async fn list() -> Json<Vec<Listed>> {
    let listed = |spec: projections::ViewSpec| Listed {
        name: spec.name,
        version: spec.version,
        scope: match spec.scope {
            Scope::Live => "live".to_owned(),
            Scope::Stream(category) => category.to_string(),
        },
        filters: spec.filters,
        figures: spec.figures,
    };
    Json(projections::views().into_iter().map(listed).collect())
}

/// `GET /v1/views/{name}`
pub(crate) async fn whole(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    name: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    answer(&app, &caller, path(name)?, None, &headers, &uri).await
}

/// `GET /v1/views/{name}/{key}`
pub(crate) async fn keyed(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    named: Result<Path<(String, String)>, PathRejection>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let (name, key) = path(named)?;
    answer(&app, &caller, name, Some(key), &headers, &uri).await
}

async fn answer(
    app: &App,
    caller: &Caller,
    view: String,
    key: Option<String>,
    headers: &HeaderMap,
    uri: &Uri,
) -> Result<Response, Problem> {
    let mut params = Params::of(uri)?;
    let at = params.take::<At>("at")?;
    let min_position = params.take::<Position>("min_position")?;
    let wait_max = u64::try_from(WAIT_MAX.as_millis()).unwrap_or(u64::MAX);
    let wait = params.number("wait", wait_max)?.map_or(WAIT_DEFAULT, Duration::from_millis);
    let wait = wait_for(app.engine.journal().watermark(), min_position, wait);
    let query = query(params, caller.sight(Action::Views)?)?;
    if !caller.is_operator() {
        check_view(app, caller, &app.engine.reading(&view, key.as_deref(), query.clone())?).await?;
    }
    let answer = app.engine.view(ViewRequest { view, key, query, at, min_position, wait }).await?;
    respond(app, caller, &answer, headers, uri)
}

/// Filters, paging and order, from what is left of the parameters.
pub(crate) fn query(mut params: Params, sight: Sight) -> Result<Query, Problem> {
    let limit = params.number("limit", ROWS_MAX)?.map(|limit| usize::try_from(limit).unwrap_or(usize::MAX));
    let (after, order_by) = (params.text("after"), params.text("order_by"));
    let descending = match params.text("order").as_deref() {
        None | Some("asc") => false,
        Some("desc") => true,
        Some(other) => {
            let detail =
                format!("expected asc or desc, got order `{}`", other.chars().take(80).collect::<String>());
            return Err(Problem::new(Code::InvalidParameter, detail, "leave it out for ascending order"));
        }
    };
    Ok(Query { key: None, filters: params.rest(), after, limit, order_by, descending, sight })
}

fn respond(
    app: &App,
    caller: &Caller,
    answer: &ViewAnswer,
    headers: &HeaderMap,
    uri: &Uri,
) -> Result<Response, Problem> {
    let body = serde_json::to_vec(&Shown {
        view: answer.view,
        version: answer.version,
        position: answer.position,
        rows: &answer.page.rows,
        summary: answer.page.summary.as_ref(),
        next: answer.page.next.as_deref(),
    })
    .map_err(|error| Problem::internal(&error))?;
    let erased = app.engine.vault().status().destroyed;
    let tag = entity_tag(app.engine.journal().identity(), erased, caller, answer, uri);
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    // A proxy that compresses on its way makes the tag a weak one.
    let bare = |one: &str| one.trim().trim_start_matches("W/") == tag;
    let fresh = known.is_some_and(|known| known.split(',').any(bare));
    let mut response = if fresh {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, "application/json")], body).into_response()
    };
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Ok(response)
}

/// The same address at the same position of the same log and view version has the same rows, for whoever sees
/// the same projects, as long as nothing is erased.
fn entity_tag(log: &LogIdentity, erased: usize, caller: &Caller, answer: &ViewAnswer, uri: &Uri) -> String {
    let position = answer.position.map_or_else(|| "none".into(), |position| position.to_string());
    let sight = match caller.principal.sight(Action::Views) {
        Sight::Everything => String::new(),
        Sight::Projects(projects) => format!("{projects:?}"),
    };
    let address = address_hash(format!("{uri}{sight}{erased}").as_bytes());
    format!("\"{}-{}-{}-{}-{position}-{address:x}\"", answer.view, answer.version, log.log_id, log.epoch)
}

/// FNV-1a, 64 bits (<http://www.isthe.com/chongo/tech/comp/fnv/>): tells addresses apart, proves nothing.
fn address_hash(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
