//! What the document says about differences, rebuilding and the care of views.

use schemars::SchemaGenerator;
use serde_json::{Value, json};

use super::parts::{live_view, number, point, position, refuses, required, text, wait};
use super::{fixed, parameter, schema_of};
use crate::travel::Skip;
use crate::views::ROWS_MAX;

/// Routes about the past of views, and about views that are folded anew.
pub(super) fn paths(generator: &mut SchemaGenerator) -> Vec<(&'static str, Value)> {
    let status = "the rebuild of views, how far it is, and which older states are kept";
    let mut rebuild = fixed("get", "views", "rebuild_status", status, &json!({}));
    let all = "folds every live view anew beside the old one, compares them and swaps them in";
    let busy = [("409", "a rebuild is under way"), ("503", "the server is busy or stopping")];
    let rebuild_all = accepted(fixed("post", "views", "rebuild_all", all, &json!({})));
    rebuild["post"] = refuses(rebuild_all, &busy)["post"].take();
    let verify =
        "folds every view twice, in different ways, and compares with each other and with what is shown";
    let verb = |id: &str, what: &str| {
        let mut verb = refuses(accepted(named(fixed("post", "views", id, what, &json!({})))), &CARE);
        verb["get"] = row(&format!("{id}_row"), false)["get"].take();
        verb
    };
    let skip = schema_of::<Skip>(generator);
    let body = json!({ "required": true, "content": { "application/json": { "schema": skip } } });
    let care = |id: &str, what: &str| {
        let mut care = named(fixed("post", "views", id, what, &json!({})));
        care["post"]["requestBody"] = body.clone();
        let mut care = refuses(care, &CARE);
        care["get"] = row(&format!("{id}_row"), false)["get"].take();
        care
    };
    let again =
        "folds the view anew beside the old one, compares them and swaps them in; the old one is kept";
    vec![
        ("/v1/rebuild", rebuild),
        ("/v1/views/verify", fixed("post", "views", "verify_views", verify, &json!({}))),
        ("/v1/views/{view}/diff", diff()),
        ("/v1/views/{view}/{key}", row("view_row", true)),
        ("/v1/views/{view}/rebuild", verb("rebuild_view", again)),
        (
            "/v1/views/{view}/back",
            verb("rebuild_back", "returns to the state that the last rebuild replaced"),
        ),
        (
            "/v1/views/{view}/confirm",
            verb("rebuild_confirm", "lets go of the state that the last rebuild replaced"),
        ),
        ("/v1/views/{view}/retry", verb("view_retry", "folds a view anew that an event broke")),
        ("/v1/views/{view}/skip", care("view_skip", "has a view pass over an event; the log says so")),
        (
            "/v1/views/{view}/restore",
            care("view_restore", "has a view take a skipped event into account again"),
        ),
    ]
}

const CARE: [(&str, &str); 4] = [
    ("404", "there is no such view or event"),
    ("409", "the view is not in a state for that"),
    ("422", "the reason is none"),
    ("503", "the server is busy, stopping or takes no writes"),
];

/// The row of a key: of any, or of one that reads as a verb does.
fn row(id: &str, any: bool) -> Value {
    let what = if any { "the row of that key" } else { "the row whose key reads as this verb does" };
    let mut row = named(fixed("get", "views", id, what, &json!({})));
    let key = parameter("path", "key", &text(), "as the view shows it");
    let parameters = [
        parameter("query", "at", &point(), "as of this position or RFC 3339 time"),
        parameter("query", "min_position", &position(), "not before this position is reflected"),
        parameter("query", "wait", &wait(), "how long to wait for it, milliseconds"),
    ];
    if let Some(listed) = row["get"]["parameters"].as_array_mut() {
        listed.extend(any.then_some(key).into_iter().chain(parameters));
    }
    let codes = [
        ("404", "nothing is under that key"),
        ("422", "it is no key of this view"),
        ("503", "the view stands still"),
        ("504", "the position was not reached in time"),
    ];
    refuses(row, &codes)
}

fn named(mut operation: Value) -> Value {
    for (_, method) in operation.as_object_mut().into_iter().flatten() {
        method["parameters"] = json!([parameter("path", "view", &live_view(), "name of the view")]);
    }
    operation
}

/// The work goes on behind the answer.
fn accepted(mut operation: Value) -> Value {
    for (_, method) in operation.as_object_mut().into_iter().flatten() {
        let began = json!({ "description": "it has begun: ask GET /v1/rebuild how far it is" });
        method["responses"]["202"] = began;
    }
    operation
}

fn diff() -> Value {
    let what =
        "what changed in a view between two points in history, by key and field, and the events that did it";
    let mut diff = named(fixed("get", "views", "view_diff", what, &json!({})));
    let parameters = [
        required(parameter("query", "from", &point(), "the earlier position or RFC 3339 time")),
        required(parameter("query", "to", &point(), "the later one")),
        parameter("query", "key", &text(), "one row; the id that a view of one aggregate wants"),
        parameter("query", "limit", &number(0, ROWS_MAX), "at most so many keys; 1000 where absent"),
        parameter("query", "after", &text(), "keys behind this one"),
    ];
    if let Some(listed) = diff["get"]["parameters"].as_array_mut() {
        listed.extend(parameters);
    }
    let codes = [
        ("404", "there is no such view"),
        ("422", "the later point is named first"),
        ("503", "the view stands still"),
    ];
    refuses(diff, &codes)
}
