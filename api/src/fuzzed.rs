//! Decoders of the interface by themselves, for those who hand them whatever there is: none may panic.

use domain::authority::Sight;
use http::Uri;

use crate::auth::{Login, PasswordChange, Setup};
use crate::log::Asked;
use crate::query::{Params, object};
use crate::travel::Skip;
use crate::views::query as view_query;
use crate::ws::ClientFrame;

/// A text frame of a WebSocket's client.
pub fn frame(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = serde_json::from_str::<ClientFrame>(text);
    }
}

/// A request's path and query: as a view, as events, as a series.
pub fn query(bytes: &[u8]) {
    let Ok(uri) = Uri::try_from(bytes) else { return };
    let params = || Params::of(&uri);
    if let Ok(mut params) = params() {
        let _ = params.take::<engine::At>("at");
        let _ = params.take::<domain::ids::Position>("min_position");
        let _ = params.number("wait", 30_000);
        let _ = view_query(params, Sight::Everything);
    }
    if let Ok(mut params) = params() {
        let _ = crate::events::Filter::take_whole(&mut params, Sight::Everything);
        let _ = params.end("nothing");
    }
    if let Ok(mut params) = params() {
        let _ = params.text("by").map(|text| crate::measure::dimensions(&text));
        let _ = params.text("definition").map(|text| crate::measure::definition(&text));
    }
}

/// A body of a route that is no command's.
pub fn body(bytes: &[u8]) {
    let _ = object::<Login>(bytes);
    let _ = object::<Setup>(bytes);
    let _ = object::<PasswordChange>(bytes);
    let _ = object::<Skip>(bytes);
    let _ = Asked::read(bytes);
}
