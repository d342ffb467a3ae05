//! The log itself: which it is, where it stands, whether it is whole.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use domain::StreamId;
use domain::ids::{LogId, Position};
use proof::trust::Freshness;
use replay::Scope;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::problem::{Code, Problem};
use crate::prove::now;
use crate::query::object;
use crate::state::App;

/// The log's condition.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct LogShown {
    /// Which log it is.
    log: LogId,
    /// Bumped by every restore and repair; positions of another epoch are void.
    epoch: u64,
    /// Last durable position.
    head: Option<Position>,
    /// What an acknowledgement means: `fdatasync` or `memory`.
    durability: &'static str,
    /// Whether it takes no writes.
    read_only: bool,
    /// Why the writer stopped, if it did.
    poisoned: Option<String>,
}

impl LogShown {
    pub(crate) fn of(app: &App) -> Self {
        let status = app.engine.journal().status();
        Self {
            log: status.log_id,
            epoch: status.epoch,
            head: status.watermark,
            durability: status.durability,
            read_only: status.read_only,
            poisoned: status.poisoned,
        }
    }
}

/// `GET /v1/log`
pub(crate) async fn status(State(app): State<App>) -> Json<LogShown> {
    Json(LogShown::of(&app))
}

/// What to verify, and what is taken for granted; every field may be left out.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Asked {
    /// An earlier checkpoint, a signed note: the log must extend it, and only events after it are read.
    since: Option<String>,
    /// Only this stream, such as `run-01J…`.
    stream: Option<StreamId>,
    /// Keys that count, as `name+id+base64`; without any, the one in the server's data folder.
    keys: Vec<String>,
    /// Largest age of the checkpoint in milliseconds, by the server's clock.
    max_age_ms: Option<u64>,
}

impl Asked {
    pub(crate) fn read(body: &[u8]) -> Result<Scope, Problem> {
        if body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Scope::default());
        }
        let hint = "send an object with since, stream, keys and max_age_ms, or nothing";
        let asked: Self = object(body).map_err(|error| Problem::new(Code::InvalidBody, error, hint))?;
        let key = |text: &String| {
            text.parse().map_err(|error: proof::note::KeyError| {
                let hint = "send keys as `name+id+base64`";
                Problem::new(Code::InvalidField, error.to_string(), hint).field("keys", "no key")
            })
        };
        Ok(Scope {
            keys: asked.keys.iter().map(key).collect::<Result<_, _>>()?,
            since: asked.since.map(String::into_bytes),
            stream: asked.stream,
            freshness: asked.max_age_ms.map(|max_age_ms| Freshness { now: now(), max_age_ms }),
        })
    }
}

/// `POST /v1/log/verify`
pub(crate) async fn verify(State(app): State<App>, body: Bytes) -> Result<Json<replay::Report>, Problem> {
    let scope = Asked::read(&body)?;
    let journal = app.engine.journal().clone();
    let verify = move || replay::verify_scope(&journal, &scope, |_| ());
    let report = tokio::task::spawn_blocking(verify).await;
    report.map(Json).map_err(|error| Problem::internal(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_is_read_strictly() {
        assert!(Asked::read(b" \n").unwrap().stream.is_none());
        let scope = Asked::read(br#"{"stream":"run-01J00000000000000000000000","since":"x"}"#).unwrap();
        assert_eq!((scope.stream.is_some(), scope.since.as_deref()), (true, Some(&b"x"[..])));
        for (wrong, code) in [
            ("{\"strean\":1}", Code::InvalidBody),
            ("[", Code::InvalidBody),
            ("{\"keys\":[\"k\"]}", Code::InvalidField),
        ] {
            assert_eq!(Asked::read(wrong.as_bytes()).unwrap_err().code, code, "{wrong}");
        }
    }
}
