//! The routes, each with what it demands: none can be mounted without saying so.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, any, get, post};
use domain::authority::Action;
use http::{HeaderValue, Uri, header};

use crate::access::Need;
use crate::problem::{Code, Problem};
use crate::state::{App, BODY_MAX_BYTES};
use crate::{
    access, auth, bulk, commands, dashboard, erase, events, export, health, keys, log, measure, otlp, pages,
    prove, search, sse, tiles, travel, views, witness, ws,
};

const OPEN: Need = Need::Open;
const KNOWN: Need = Need::Known;
const STATUS: Need = Need::Installation(Action::Status);
const PROOFS: Need = Need::Installation(Action::Proofs);
const WHOLE_LOG: Need = Need::Installation(Action::WholeLog);
const ADMINISTER: Need = Need::Installation(Action::Administer);

type Route = (&'static str, &'static str, Need, MethodRouter<App>);

/// Method, path, what it demands, and who answers.
///
/// A new route is a line here, and a case in this module's tests, which fail without. Where its answer is of
/// projects, its handler takes the `Extension<Caller>` and either asks [`Caller::may`](crate::credentials::Caller)
/// of the one it is about, or cuts what it gives out to `caller.sight(Action::Views)`, as the lists, the events and
/// a search do. One that gives out whole parts of the log tells of it by `App::tell_export`.
fn routes() -> Vec<Route> {
    vec![
        ("GET", "/", OPEN, get(dashboard::page)),
        ("GET", "/plain", OPEN, get(pages::live)),
        ("GET", "/app/{file}", OPEN, get(dashboard::asset)),
        ("GET", "/icon.svg", OPEN, get(pages::icon)),
        ("GET", "/docs", OPEN, get(pages::docs)),
        ("GET", "/setup", OPEN, get(pages::setup)),
        ("GET", "/assets/{file}", OPEN, get(pages::asset)),
        ("GET", "/openapi.json", OPEN, get(pages::openapi)),
        ("GET", "/asyncapi.json", OPEN, get(pages::asyncapi)),
        ("GET", "/livez", OPEN, get(health::livez)),
        // The first message, or a header, says who it is.
        ("GET", "/v1/ws", OPEN, any(ws::upgrade)),
        ("POST", "/v1/auth/login", OPEN, post(auth::login)),
        // The link's code says who it is.
        ("POST", "/v1/auth/setup", OPEN, post(auth::setup)),
        ("POST", "/v1/auth/logout", KNOWN, post(auth::logout)),
        ("POST", "/v1/auth/password", KNOWN, post(auth::change_password)),
        ("POST", "/v1/auth/ticket", STATUS, post(auth::ticket)),
        ("GET", "/v1/auth/me", Need::Myself, get(auth::me)),
        ("GET", "/v1/health", STATUS, get(health::health)),
        ("GET", "/readyz", ADMINISTER, get(health::readyz)),
        ("GET", "/metrics", ADMINISTER, get(health::metrics)),
        ("POST", "/v1/commands", KNOWN, post(bulk::execute).layer(DefaultBodyLimit::disable())),
        ("GET", "/v1/events", KNOWN, get(events::page)),
        ("GET", "/v1/events/live", KNOWN, get(sse::live)),
        ("GET", "/v1/export/{table}", KNOWN, get(export::table)),
        ("GET", "/v1/log", STATUS, get(log::status)),
        ("POST", "/v1/log/verify", WHOLE_LOG, post(log::verify)),
        ("GET", "/v1/log/checkpoint", PROOFS, get(tiles::checkpoint)),
        ("GET", "/v1/log/tile/{*path}", KNOWN, get(tiles::tile)),
        ("GET", "/v1/log/records/{sha256}", WHOLE_LOG, get(tiles::record)),
        ("POST", "/v1/erase/{subject}", KNOWN, post(erase::erase)),
        ("GET", "/v1/vault", ADMINISTER, get(erase::show)),
        ("POST", "/v1/vault/rotate", ADMINISTER, post(erase::rotate)),
        ("GET", "/v1/log/key", PROOFS, get(keys::show)),
        ("POST", "/v1/log/keys/rotate", ADMINISTER, post(keys::rotate)),
        ("POST", "/v1/log/cosignatures", ADMINISTER, post(witness::offer)),
        ("GET", "/v1/log/proof/inclusion", PROOFS, get(prove::inclusion)),
        ("GET", "/v1/log/proof/consistency", PROOFS, get(prove::consistency)),
        ("GET", "/v1/log/evidence/{run}", KNOWN, get(prove::evidence)),
        ("GET", "/v1/metrics", KNOWN, get(measure::list)),
        ("GET", "/v1/metrics/{name}", KNOWN, get(measure::series)),
        ("POST", "/v1/otlp/v1/{signal}", KNOWN, post(otlp::receive)),
        ("GET", "/v1/search", KNOWN, get(search::search)),
        ("GET", "/v1/views", STATUS, get(views::list)),
        ("POST", "/v1/views/verify", ADMINISTER, post(travel::verify)),
        ("GET", "/v1/views/{name}/diff", KNOWN, get(travel::diff)),
        ("POST", "/v1/views/{name}/{*key}", ADMINISTER, post(travel::care)),
        ("GET", "/v1/rebuild", ADMINISTER, get(travel::status)),
        ("POST", "/v1/rebuild", ADMINISTER, post(travel::rebuild_all)),
        ("GET", "/v1/views/{name}", KNOWN, get(views::whole)),
        ("GET", "/v1/views/{name}/{*key}", KNOWN, get(views::keyed)),
        ("POST", "/v1/{aggregate}/{id}/{command}", KNOWN, post(commands::execute)),
    ]
}

/// Every route of the server.
pub(crate) fn router(app: App) -> Router {
    let mut router = Router::new();
    for (_, path, need, handler) in routes() {
        // The guard stands outside of whatever else a route has.
        let guarded = handler
            .layer(DefaultBodyLimit::max(BODY_MAX_BYTES))
            .layer(from_fn_with_state((app.clone(), need), access::guard));
        router = router.route(path, guarded);
    }
    router
        .fallback(dashboard::unknown)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(app.clone(), access::same_site))
        .layer(from_fn_with_state(app.clone(), erase::reveal))
        .layer(from_fn(pages::protect))
        .with_state(app)
}

async fn wrong_method(uri: Uri) -> Response {
    let path: String = uri.path().chars().take(200).collect();
    let detail = format!("`{path}` has no such method");
    let problem = Problem::new(Code::MethodNotAllowed, detail, "/openapi.json lists every route");
    let mut response = problem.into_response();
    // Rows and verbs of views share a route; which of them a place is, its last word says.
    if let Some((_, last)) = uri.path().strip_prefix("/v1/views/").and_then(|rest| rest.split_once('/')) {
        let methods = if travel::VERBS.contains(&last) { "GET,HEAD,POST" } else { "GET,HEAD" };
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(methods));
    }
    response
}

#[cfg(test)]
mod tests;
