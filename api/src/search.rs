//! Full-text search over HTTP.

use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::authority::{Action, Sight};
use domain::ids::Position;
use http::{HeaderValue, Uri, header};
use search::{Cursor, Question, SearchError};

use crate::credentials::Caller;
use crate::problem::{Code, Problem};
use crate::query::{Params, wait_for};
use crate::state::{App, WAIT_DEFAULT, WAIT_MAX};

/// Searches at once; each may use a core for a while.
pub(crate) const SEARCHES_MAX: usize = 4;
/// How long one waits for its turn.
const TURN_MAX: Duration = Duration::from_secs(2);

/// The parameters there are.
const KNOWN: &str = "q, project, kind, run, role, since, until, limit, after, min_position, wait";

/// `GET /v1/search`
pub(crate) async fn search(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    uri: Uri,
) -> Result<Response, Problem> {
    let mut params = Params::of(&uri)?;
    let min_position = params.take::<Position>("min_position")?;
    let wait_max = u64::try_from(WAIT_MAX.as_millis()).unwrap_or(u64::MAX);
    let wait = params.number("wait", wait_max)?.map_or(WAIT_DEFAULT, Duration::from_millis);
    let wait = wait_for(app.engine.journal().watermark(), min_position, wait);
    let question = question(params, caller.sight(Action::Views)?)?;
    app.tell_all_read(&caller, &question.sight, question.project, "search").await;
    // A server that has just started opens its index first.
    app.search.opened(wait).await;
    if let Some(wanted) = min_position {
        app.search.reach(wanted, wait).await?;
    }
    let overloaded = || Problem::new(Code::Overloaded, "too many searches are under way", "ask again");
    let turn = tokio::time::timeout(TURN_MAX, app.searching.acquire()).await.map_err(|_| overloaded())?;
    let _turn = turn.map_err(|_| overloaded())?;
    let asked = app.clone();
    let answer = tokio::task::spawn_blocking(move || asked.search.ask(question)).await;
    let answer = answer.map_err(|error| Problem::internal(&error))??;
    let body = serde_json::to_vec(&answer).map_err(|error| Problem::internal(&error))?;
    let mut response = ([(header::CONTENT_TYPE, "application/json")], body).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Ok(response)
}

fn question(mut params: Params, sight: Sight) -> Result<Question, Problem> {
    let question = Question {
        text: params.text("q").unwrap_or_default(),
        project: params.take("project")?,
        sight,
        kind: params.text("kind"),
        run: params.take("run")?,
        role: params.text("role"),
        since: params.take("since")?,
        until: params.take("until")?,
        limit: params
            .number("limit", search::LIMIT_MAX as u64)?
            .map(|limit| usize::try_from(limit).unwrap_or(usize::MAX)),
        after: params.take::<Cursor>("after")?,
    };
    params.end(KNOWN)?;
    Ok(question)
}

impl From<SearchError> for Problem {
    fn from(error: SearchError) -> Self {
        let detail = error.to_string();
        match error {
            SearchError::Query(_) => Self::new(
                Code::InvalidField,
                detail,
                "`q` has words, \"phrases\" and beginnings*; docs/search.md has examples",
            ),
            SearchError::NotYet { .. } => Self::new(Code::NotYet, detail, "ask again, or raise `wait`"),
            SearchError::Unavailable(_) => {
                Self::new(Code::SearchUnavailable, detail, "ask again: the index is built from the log")
            }
            SearchError::TooSlow => {
                Self::new(Code::Overloaded, detail, "add rarer words, or narrow it down to a project or kind")
            }
            SearchError::Read(error) => error.into(),
        }
    }
}
