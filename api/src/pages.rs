//! The pages and documents that the binary carries: a live page, the API's description, no request elsewhere.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, header};

use crate::problem::Problem;
use crate::query::path;

const LIVE_HTML: &str = include_str!("../static/live.html");
const SETUP_HTML: &str = include_str!("../static/setup.html");
const DOCS_HTML: &str = include_str!("../static/docs.html");
const ASSETS: &[(&str, &str, &str)] = &[
    ("live.js", "text/javascript; charset=utf-8", include_str!("../static/live.js")),
    ("docs.js", "text/javascript; charset=utf-8", include_str!("../static/docs.js")),
    ("setup.js", "text/javascript; charset=utf-8", include_str!("../static/setup.js")),
    ("style.css", "text/css; charset=utf-8", include_str!("../static/style.css")),
    ("icon.svg", "image/svg+xml", include_str!("../static/icon.svg")),
];

fn typed(media_type: &'static str, body: impl IntoResponse) -> Response {
    let mut response = body.into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

/// `GET /`
pub(crate) async fn live() -> Response {
    typed("text/html; charset=utf-8", LIVE_HTML)
}

/// `GET /setup`
pub(crate) async fn setup() -> Response {
    typed("text/html; charset=utf-8", SETUP_HTML)
}

/// `GET /docs`
pub(crate) async fn docs() -> Response {
    typed("text/html; charset=utf-8", DOCS_HTML)
}

/// `GET /assets/{file}`
pub(crate) async fn asset(file: Result<Path<String>, PathRejection>) -> Result<Response, Problem> {
    let file = path(file)?;
    let found = ASSETS.iter().find(|(name, ..)| *name == file);
    found
        .map(|(_, media_type, body)| typed(media_type, *body))
        .ok_or_else(|| Problem::unknown_route("no such asset"))
}

/// `GET /openapi.json`
pub(crate) async fn openapi() -> Response {
    typed("application/json", crate::openapi::openapi().to_string())
}

/// `GET /asyncapi.json`
pub(crate) async fn asyncapi() -> Response {
    typed("application/json", crate::asyncapi::asyncapi().to_string())
}

/// Headers that keep a page from doing more than it should; agents' output is hostile.
pub(crate) async fn protect(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    guard(response.headers_mut());
    response
}

/// Adds those headers.
pub(crate) fn guard(headers: &mut HeaderMap) {
    let policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                  base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
}
