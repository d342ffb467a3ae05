//! What the document says about full-text search.

use ::search::Answer;
use schemars::SchemaGenerator;
use serde_json::{Value, json};

use super::{fixed, parameter, problems, schema_of};

/// The one route of it.
pub(super) fn path(generator: &mut SchemaGenerator) -> (&'static str, Value) {
    let what = "events whose text has every word asked for, best first, with the place where it stands";
    let answer = schema_of::<Answer>(generator);
    let mut search = fixed("get", "search", "search", what, &answer);
    let text = json!({ "type": "string" });
    let query = json!({ "type": "string", "maxLength": ::search::QUERY_MAX_BYTES });
    let time = json!({ "type": "string", "format": "date-time" });
    let limit = json!({ "type": "integer", "minimum": 1, "maximum": ::search::LIMIT_MAX });
    let number = json!({ "type": "integer", "minimum": 0 });
    let mut parameters = vec![
        parameter("query", "q", &query, "words, \"phrases\" and beginnings*; every one must be found"),
        parameter("query", "project", &text, "only of this project"),
        parameter(
            "query",
            "kind",
            &text,
            "only of this kind: prompt, message, tool, feedback, or an aggregate's name",
        ),
        parameter("query", "run", &text, "only of this run"),
        parameter("query", "role", &text, "only said by this role"),
        parameter("query", "since", &time, "not before this instant"),
        parameter("query", "until", &time, "before this instant"),
        parameter("query", "limit", &limit, "at most so many hits; 20 where absent"),
        parameter("query", "after", &text, "`next` of the page before"),
        parameter("query", "min_position", &number, "wait until the index reflects this position"),
        parameter("query", "wait", &number, "for at most so many milliseconds; 5000 where absent"),
    ];
    parameters[0]["required"] = true.into();
    search["get"]["parameters"] = parameters.into();
    let refused = problems(&[
        ("503", "there is no index to ask, it took too long, or too many searches are under way"),
        ("504", "the index was not that far in time"),
    ]);
    for (status, response) in refused {
        search["get"]["responses"][status] = response;
    }
    ("/v1/search", search)
}
