//! Whether it lives, whether it is ready, and its metrics.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::ids::Position;
use engine::{ViewHealth, ViewState};
use http::{StatusCode, header};
use schemars::JsonSchema;
use serde::Serialize;

use crate::log::LogShown;
use crate::state::App;

/// `GET /livez`
pub(crate) async fn livez() -> &'static str {
    "ok\n"
}

#[derive(Serialize)]
struct Ready {
    ready: bool,
    /// What is wrong, in words; empty where nothing is.
    problems: Vec<String>,
    /// What is slow or full while it goes on, in words; empty where nothing is.
    degraded: Vec<String>,
    log: LogShown,
    views: Vec<ViewHealth>,
    /// Events of newer builds, which changed no view here.
    unknown_events: u64,
    software: &'static str,
}

/// `GET /readyz`
pub(crate) async fn readyz(State(app): State<App>) -> Response {
    let log = LogShown::of(&app);
    let views = app.engine.view_health();
    let mut problems: Vec<String> = log_problems(&app);
    for view in &views {
        if let ViewState::Quarantined { position, reason } = &view.state {
            problems.push(format!(
                "view {} stands still at the event at position {position}: {reason}",
                view.name
            ));
        }
    }
    problems.extend(app.engine.view_fault().map(|fault| format!("views stand still: {fault}")));
    let ready = problems.is_empty();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let unknown_events = app.engine.unknown_events();
    let software = env!("CARGO_PKG_VERSION");
    let mut degraded = app.engine.journal().status().degraded;
    let away = |fault| format!("rows of views cannot be put away and stay in memory: {fault}");
    degraded.extend(app.engine.rows_held().fault.map(away));
    (status, Json(Ready { ready, problems, degraded, log, views, unknown_events, software })).into_response()
}

/// How the server is, for whoever works with it: no reasons, which may repeat what is in events.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Health {
    /// Whether it takes commands and every view follows.
    ready: bool,
    log: LogShown,
    views: Vec<ViewShown>,
}

/// A live view.
#[derive(Debug, Serialize, JsonSchema)]
struct ViewShown {
    /// Permanent name.
    name: &'static str,
    /// Version of the fold and the row.
    version: u32,
    /// Last event folded.
    position: Option<Position>,
    /// `live`, or `quarantined` where an event broke it.
    state: &'static str,
}

/// `GET /v1/health`
pub(crate) async fn health(State(app): State<App>) -> Json<Health> {
    let shown = |view: ViewHealth| {
        let state = if matches!(view.state, ViewState::Live) { "live" } else { "quarantined" };
        ViewShown { name: view.name, version: view.version, position: view.position, state }
    };
    let views: Vec<_> = app.engine.view_health().into_iter().map(shown).collect();
    let stands_still = app.engine.view_fault().is_some() || views.iter().any(|view| view.state != "live");
    let ready = !stands_still && log_problems(&app).is_empty();
    Json(Health { ready, log: LogShown::of(&app), views })
}

fn log_problems(app: &App) -> Vec<String> {
    let status = app.engine.journal().status();
    let stopped = status.poisoned.map(|reason| format!("the log's writer stopped: {reason}"));
    let read_only = status.read_only.then(|| "the log is open for reading only".to_owned());
    let stopping = app.stopping.borrow().then(|| "the server is stopping".to_owned());
    stopped.into_iter().chain(read_only).chain(stopping).collect()
}

/// `GET /metrics`
pub(crate) async fn metrics(State(app): State<App>) -> Response {
    let open_metrics = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, open_metrics)], app.metrics.text(&app.engine)).into_response()
}
