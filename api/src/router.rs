//! The routes. Whatever needs no token stands in one short list.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::IntoResponse;
use axum::routing::{any, get, post};
use http::Uri;

use crate::problem::{Code, Problem};
use crate::state::{App, BODY_MAX_BYTES};
use crate::{
    access, bulk, commands, dashboard, events, health, keys, log, pages, prove, sse, tiles, views, witness,
    ws,
};

/// Every route of the server.
pub(crate) fn router(app: App) -> Router {
    let open = Router::new()
        .route("/", get(dashboard::page))
        .route("/plain", get(pages::live))
        .route("/app/{file}", get(dashboard::asset))
        .route("/icon.svg", get(pages::icon))
        .route("/docs", get(pages::docs))
        .route("/assets/{file}", get(pages::asset))
        .route("/openapi.json", get(pages::openapi))
        .route("/asyncapi.json", get(pages::asyncapi))
        .route("/livez", get(health::livez))
        // The first message, or a header, carries the token.
        .route("/v1/ws", any(ws::upgrade));
    let closed = Router::new()
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(health::metrics))
        .route("/v1/commands", post(bulk::execute).layer(DefaultBodyLimit::disable()))
        .route("/v1/events", get(events::page))
        .route("/v1/events/live", get(sse::live))
        .route("/v1/log", get(log::status))
        .route("/v1/log/verify", post(log::verify))
        .route("/v1/log/checkpoint", get(tiles::checkpoint))
        .route("/v1/log/tile/{*path}", get(tiles::tile))
        .route("/v1/log/records/{sha256}", get(tiles::record))
        .route("/v1/log/key", get(keys::show))
        .route("/v1/log/keys/rotate", post(keys::rotate))
        .route("/v1/log/cosignatures", post(witness::offer))
        .route("/v1/log/proof/inclusion", get(prove::inclusion))
        .route("/v1/log/proof/consistency", get(prove::consistency))
        .route("/v1/log/evidence/{run}", get(prove::evidence))
        .route("/v1/views", get(views::list))
        .route("/v1/views/{name}", get(views::whole))
        .route("/v1/views/{name}/{*key}", get(views::keyed))
        .route("/v1/{aggregate}/{id}/{command}", post(commands::execute))
        .layer(DefaultBodyLimit::max(BODY_MAX_BYTES))
        .layer(from_fn_with_state(app.clone(), access::token));
    open.merge(closed)
        .fallback(dashboard::unknown)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(app.clone(), access::same_site))
        .layer(from_fn(pages::protect))
        .with_state(app)
}

async fn wrong_method(uri: Uri) -> impl IntoResponse {
    let path: String = uri.path().chars().take(200).collect();
    Problem::new(
        Code::MethodNotAllowed,
        format!("`{path}` has no such method"),
        "/openapi.json lists every route",
    )
}
