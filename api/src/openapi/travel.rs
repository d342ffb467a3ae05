//! What the document says about differences, rebuilding and the care of views.

use schemars::SchemaGenerator;
use serde_json::{Value, json};

use super::{fixed, parameter, schema_of};
use crate::travel::Skip;

/// Routes about the past of views, and about views that are folded anew.
pub(super) fn paths(generator: &mut SchemaGenerator) -> Vec<(&'static str, Value)> {
    let status = "the rebuild of views, how far it is, and which older states are kept";
    let mut rebuild = fixed("get", "views", "rebuild_status", status, &json!({}));
    let all = "folds every live view anew beside the old one, compares them and swaps them in";
    rebuild["post"] = accepted(fixed("post", "views", "rebuild_all", all, &json!({})))["post"].take();
    let verify =
        "folds every view twice, in different ways, and compares with each other and with what is shown";
    let verb = |id: &str, what: &str| accepted(named(fixed("post", "views", id, what, &json!({}))));
    let skip = schema_of::<Skip>(generator);
    let body = json!({ "required": true, "content": { "application/json": { "schema": skip } } });
    let care = |id: &str, what: &str| {
        let mut care = named(fixed("post", "views", id, what, &json!({})));
        care["post"]["requestBody"] = body.clone();
        care
    };
    let again =
        "folds the view anew beside the old one, compares them and swaps them in; the old one is kept";
    vec![
        ("/v1/rebuild", rebuild),
        ("/v1/views/verify", fixed("post", "views", "verify_views", verify, &json!({}))),
        ("/v1/views/{view}/diff", diff()),
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

fn named(mut operation: Value) -> Value {
    let text = json!({ "type": "string" });
    for (_, method) in operation.as_object_mut().into_iter().flatten() {
        method["parameters"] = json!([parameter("path", "view", &text, "name of the view")]);
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
    let (text, number) = (json!({ "type": "string" }), json!({ "type": "integer", "minimum": 0 }));
    let point = |name, what| {
        let mut point = parameter("query", name, &text, what);
        point["required"] = true.into();
        point
    };
    let parameters = [
        point("from", "the earlier position or RFC 3339 time"),
        point("to", "the later one"),
        parameter("query", "key", &text, "one row; the id that a view of one aggregate wants"),
        parameter("query", "limit", &number, "at most so many keys; 1000 where absent"),
        parameter("query", "after", &text, "keys behind this one"),
    ];
    if let Some(listed) = diff["get"]["parameters"].as_array_mut() {
        listed.extend(parameters);
    }
    diff
}
