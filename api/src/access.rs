//! Who gets in: this server's names, pages that may ask, and the token.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, header};

use crate::problem::{Code, Problem};
use crate::state::App;

/// The request's host and origin must be ours: a page elsewhere, or a name that was rebound to this
/// address, gets nothing, token or not.
pub(crate) async fn same_site(State(app): State<App>, request: Request, next: Next) -> Response {
    match check_site(&app, request.headers(), request.uri().host()) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

pub(crate) fn check_site(app: &App, headers: &HeaderMap, uri_host: Option<&str>) -> Result<(), Problem> {
    let host = headers.get(header::HOST).map_or(uri_host, |host| host.to_str().ok());
    let host = host.unwrap_or_default();
    // The names that are known are in lower case.
    if !app.hosts.iter().any(|known| known.eq_ignore_ascii_case(host)) {
        let host = host.to_ascii_lowercase();
        let detail = format!("expected one of {}, got host `{}`", app.hosts.join(", "), clip(&host));
        return Err(Problem::new(
            Code::WrongHost,
            detail,
            "use the address that the server printed at its start",
        ));
    }
    let Some(origin) = headers.get(header::ORIGIN) else { return Ok(()) };
    let origin = origin.to_str().unwrap_or_default().to_ascii_lowercase();
    let own = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    if own.is_some_and(|own| app.hosts.iter().any(|host| host == own)) || app.origins.contains(&origin) {
        return Ok(());
    }
    let detail = format!("pages of `{}` may not ask this server", clip(&origin));
    Err(Problem::new(
        Code::ForbiddenOrigin,
        detail,
        "open the server's own page, or allow the origin at its start",
    ))
}

fn clip(text: &str) -> String {
    text.chars().take(80).collect()
}

/// The bearer token, checked before anything else of the request is read.
pub(crate) async fn token(State(app): State<App>, request: Request, next: Next) -> Response {
    match check_token(&app, request.headers()) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

pub(crate) fn check_token(app: &App, headers: &HeaderMap) -> Result<(), Problem> {
    match bearer(headers) {
        Some(offered) if app.token.accepts(offered) => Ok(()),
        Some(_) => Err(unauthorized("the token is not this server's")),
        None => Err(unauthorized("no bearer token came")),
    }
}

pub(crate) fn unauthorized(detail: &str) -> Problem {
    Problem::new(
        Code::Unauthorized,
        detail,
        "send `Authorization: Bearer TOKEN`; the token is in the file `token` of the data folder",
    )
}
