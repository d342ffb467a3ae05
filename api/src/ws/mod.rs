//! The WebSocket: one socket, many subscriptions, no queue per client.

mod frames;
mod pace;
mod session;
mod shared;
mod subscription;

use axum::Extension;
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::response::{IntoResponse, Response};
use http::HeaderMap;

pub(crate) use frames::{ClientFrame, ServerFrame};
pub(crate) use shared::Pieces;

use crate::access::bearer;
use crate::accesses::Peer;
use crate::credentials::Caller;
use crate::problem::{Code, Problem};
use crate::state::App;

/// `GET /v1/ws`
pub(crate) async fn upgrade(
    State(app): State<App>,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    let upgrade = upgrade.map_err(|error| {
        Problem::new(Code::Protocol, error.body_text(), "open it with a WebSocket client")
    })?;
    let peer = peer.map(|Extension(peer)| peer);
    // No cookie: a page shows a ticket in its first frame, which no other page can have.
    let caller = match bearer(&headers) {
        None => None,
        Some(offered) => match app.caller(offered).await {
            Ok(caller) => Some(Caller { peer, ..caller }),
            Err(problem) => {
                app.tell_refusal(None, Some(problem.code), "GET /v1/ws", peer).await;
                return Err(problem);
            }
        },
    };
    let busy = |_| Problem::new(Code::Overloaded, "no more sockets are taken", "come back in a second");
    let permit = app.sockets.clone().try_acquire_owned().map_err(busy)?;
    let upgrade = upgrade
        .protocols([frames::PROTOCOL])
        .max_message_size(session::FRAME_MAX_BYTES)
        .max_frame_size(session::FRAME_MAX_BYTES)
        // The library's own 128 KiB would be most of what an idle socket holds.
        .read_buffer_size(4 << 10)
        // What a socket holds on to that takes nothing any more.
        .write_buffer_size(16 << 10);
    let run = move |socket| async move {
        session::run(socket, app, caller, peer).await;
        drop(permit);
    };
    Ok(upgrade.on_upgrade(run).into_response())
}
