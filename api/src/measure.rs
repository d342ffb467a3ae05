//! Metrics that are made of events, over HTTP. What the server measures of itself is at `/metrics`.

use std::time::Duration;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use domain::authority::Action;
use domain::metric::{MetricDefinition, MetricDimension};
use engine::{MetricError, MetricQuestion};
use http::Uri;
use projections::{Narrowed, Series};

use crate::credentials::Caller;
use crate::problem::{Code, Problem};
use crate::query::{Params, path};
use crate::state::App;

/// How long one waits for its turn.
const TURN_MAX: Duration = Duration::from_secs(5);

/// `GET /v1/metrics/{name}`
pub(crate) async fn series(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    name: Result<Path<String>, PathRejection>,
    uri: Uri,
) -> Result<Json<Series>, Problem> {
    let mut params = Params::of(&uri)?;
    let by = params.text("by").map(|text| dimensions(&text)).transpose()?;
    let definition = params.text("definition").map(|text| definition(&text)).transpose()?;
    let version = params.number("version", u64::from(u32::MAX))?;
    let narrowed = Narrowed {
        by,
        since: params.take("since")?,
        until: params.take("until")?,
        project: params.take("project")?,
        sight: caller.sight(Action::Views)?,
    };
    params.end("by, since, until, project, version, definition")?;
    let version = version.map(|version| u32::try_from(version).unwrap_or(u32::MAX));
    app.tell_all_read(&caller, &narrowed.sight, narrowed.project, "metrics").await;
    let question = MetricQuestion { metric: path(name)?, version, definition, narrowed };
    // It reads as much as a search does, and more: they share their turns.
    let overloaded = || Problem::new(Code::Overloaded, "too many metrics are being made", "ask again");
    let turn = tokio::time::timeout(TURN_MAX, app.searching.acquire()).await.map_err(|_| overloaded())?;
    let _turn = turn.map_err(|_| overloaded())?;
    let engine = app.engine.clone();
    let made = tokio::task::spawn_blocking(move || engine.metric(question)).await;
    Ok(Json(made.map_err(|error| Problem::internal(&error))??))
}

pub(crate) fn dimensions(text: &str) -> Result<Vec<MetricDimension>, Problem> {
    let wrong = |error: domain::ids::IdError| Problem::parameter("by", &error);
    text.split(',').map(|word| word.trim().parse().map_err(wrong)).collect()
}

pub(crate) fn definition(text: &str) -> Result<MetricDefinition, Problem> {
    serde_json::from_str(text).map_err(|error| {
        let hint = "send the definition as JSON, all of its fields; docs/metrics.md has them";
        Problem::new(Code::InvalidParameter, error.to_string(), hint).field("definition", "not a definition")
    })
}

impl From<MetricError> for Problem {
    fn from(error: MetricError) -> Self {
        match error {
            MetricError::Unknown { .. } | MetricError::UnknownVersion { .. } => {
                Self::unknown_route(error.to_string())
            }
            MetricError::Ambiguous(_) => {
                Self::new(Code::InvalidParameter, error.to_string(), "name the project")
                    .field("project", "missing")
            }
            MetricError::View(error) => error.into(),
            MetricError::Definition(rejection) => rejection.into(),
            MetricError::Read(error) => error.into(),
            MetricError::Event(fault) => Self::internal(&fault),
        }
    }
}
