//! What the document says about full-text search.

use ::search::{Answer, Cursor};
use schemars::SchemaGenerator;
use serde_json::{Value, json};

use super::parts::{number, position, refuses, required, text, time, ulid, wait};
use super::{fixed, parameter, schema_of};

/// The one route of it.
pub(super) fn path(generator: &mut SchemaGenerator) -> (&'static str, Value) {
    let what = "events whose text has every word asked for, best first, with the place where it stands";
    let answer = schema_of::<Answer>(generator);
    let mut search = fixed("get", "search", "search", what, &answer);
    let query = json!({ "type": "string", "maxLength": ::search::QUERY_MAX_BYTES });
    let limit = number(1, ::search::LIMIT_MAX as u64);
    let cursor = json!({ "type": "string", "pattern": Cursor::pattern() });
    let mut parameters = vec![
        parameter("query", "q", &query, "words, \"phrases\" and beginnings*; every one must be found"),
        parameter("query", "project", &ulid(), "only of this project"),
        parameter(
            "query",
            "kind",
            &text(),
            "only of this kind: prompt, message, tool, feedback, or an aggregate's name",
        ),
        parameter("query", "run", &ulid(), "only of this run"),
        parameter("query", "role", &text(), "only said by this role"),
        parameter("query", "since", &time(), "not before this instant"),
        parameter("query", "until", &time(), "before this instant"),
        parameter("query", "limit", &limit, "at most so many hits; 20 where absent"),
        parameter("query", "after", &cursor, "`next` of the page before"),
        parameter("query", "min_position", &position(), "wait until the index reflects this position"),
        parameter("query", "wait", &wait(), "for at most so many milliseconds; 5000 where absent"),
    ];
    parameters[0] = required(parameters[0].take());
    search["get"]["parameters"] = parameters.into();
    let codes = [
        ("422", "`q` has no word or is out of bounds, or there is no such kind"),
        ("503", "there is no index to ask, it took too long, or too many searches are under way"),
        ("504", "the index was not that far in time"),
    ];
    ("/v1/search", refuses(search, &codes))
}
