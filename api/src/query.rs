//! Query parameters, read strictly: an unknown one is an error, not a silent no.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::time::Duration;

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use domain::ids::{IdError, Position};
use http::Uri;
use serde::de::DeserializeOwned;

use crate::problem::{Code, Problem};

/// The parts of a path that a route names.
pub(crate) fn path<T>(parts: Result<Path<T>, PathRejection>) -> Result<T, Problem> {
    let wrong = |error: PathRejection| {
        Problem::new(Code::InvalidParameter, error.body_text(), "percent-encode the path as UTF-8")
    };
    parts.map(|Path(parts)| parts).map_err(wrong)
}

/// A body that is an object. The decoder would take a list for the fields in order; only an object names them.
///
/// # Errors
/// What is wrong, in words.
pub(crate) fn object<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    if body.trim_ascii_start().first().is_some_and(|first| *first != b'{') {
        return Err("expected an object".to_owned());
    }
    serde_json::from_slice(body).map_err(|error| error.to_string())
}

/// More events than any log takes in the longest time that is waited for.
const NEAR_EVENTS: u64 = 100_000_000;

/// How long to wait until `wanted` is reflected: not at all where it is too far from the log's end to come meanwhile.
pub(crate) fn wait_for(head: Option<Position>, wanted: Option<Position>, wait: Duration) -> Duration {
    let end = head.map_or(0, |Position(last)| last.saturating_add(1));
    let near = wanted.is_none_or(|Position(wanted)| wanted <= end.saturating_add(NEAR_EVENTS));
    if near { wait } else { Duration::ZERO }
}

/// The parameters of a request that have not been taken yet.
pub(crate) struct Params(BTreeMap<String, String>);

impl Params {
    /// Parameters that came some other way.
    pub(crate) const fn new(params: BTreeMap<String, String>) -> Self {
        Self(params)
    }
    /// Reads the query of a URI.
    pub(crate) fn of(uri: &Uri) -> Result<Self, Problem> {
        let pairs = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(uri).map_err(|error| {
            Problem::new(Code::InvalidParameter, error.body_text(), "percent-encode the query")
        })?;
        let mut params = BTreeMap::new();
        for (name, value) in pairs.0 {
            if params.insert(name.clone(), value).is_some() {
                let detail = format!("`{name}` came twice");
                return Err(Problem::new(Code::InvalidParameter, detail, "send each parameter once"));
            }
        }
        Ok(Self(params))
    }
    /// Takes a text.
    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        self.0.remove(name)
    }
    /// Takes a value with a text form of its own.
    pub(crate) fn take<T: FromStr<Err = IdError>>(&mut self, name: &str) -> Result<Option<T>, Problem> {
        let parse = |text: String| text.parse().map_err(|error| Problem::parameter(name, &error));
        self.text(name).map(parse).transpose()
    }
    /// Takes a whole number of at most `max`.
    pub(crate) fn number(&mut self, name: &str, max: u64) -> Result<Option<u64>, Problem> {
        let parse = |text: String| {
            let wrong =
                || IdError { expected: format!("a whole number of at most {max}"), actual: text.clone() };
            let number = text.parse().ok().filter(|number| *number <= max);
            number.ok_or_else(|| Problem::parameter(name, &wrong()))
        };
        self.text(name).map(parse).transpose()
    }
    /// What is left, for a reader that knows the names.
    pub(crate) fn rest(self) -> Vec<(String, String)> {
        self.0.into_iter().collect()
    }
    /// Refuses what is left.
    pub(crate) fn end(self, known: &str) -> Result<(), Problem> {
        match self.0.into_keys().next() {
            None => Ok(()),
            Some(name) => {
                let name: String = name.chars().take(80).collect();
                let detail = format!("unknown parameter `{name}`, expected one of {known}");
                Err(Problem::new(Code::InvalidParameter, detail, "leave it out")
                    .field(&name, "unknown parameter"))
            }
        }
    }
}
