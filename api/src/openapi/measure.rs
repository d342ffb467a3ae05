//! What the document says about metrics that are made of events.

use projections::Series;
use schemars::SchemaGenerator;
use serde_json::{Value, json};

use crate::measure::Listed;

use super::{fixed, parameter, problems, schema_of};

/// What there is, and one of them.
pub(super) fn paths(generator: &mut SchemaGenerator) -> [(&'static str, Value); 2] {
    let what = "the metrics there are: those of the program, then those of projects, with their definitions";
    let answer = schema_of::<Listed>(generator);
    let mut list = fixed("get", "metrics", "metrics", what, &answer);
    let text = json!({ "type": "string" });
    list["get"]["parameters"] =
        json!([parameter("query", "project", &text, "of projects, those of this one")]);
    [("/v1/metrics", list), path(generator)]
}

fn path(generator: &mut SchemaGenerator) -> (&'static str, Value) {
    let what = "a metric's values, folded from the whole log, each with the positions of its events";
    let answer = schema_of::<Series>(generator);
    let mut measure = fixed("get", "metric", "metrics", what, &answer);
    let text = json!({ "type": "string" });
    let time = json!({ "type": "string", "format": "date-time" });
    let version = json!({ "type": "integer", "minimum": 1, "maximum": u32::MAX });
    measure["get"]["parameters"] = json!([
        parameter("path", "name", &text, "the metric, such as `pass-rate`"),
        parameter("query", "by", &text, "dimensions with commas between, such as `model,day`"),
        parameter("query", "since", &time, "items not before this instant"),
        parameter("query", "until", &time, "items before this instant"),
        parameter("query", "project", &text, "items of this project, by its own definition where it has one"),
        parameter("query", "version", &version, "that version of the definition, instead of the latest"),
        parameter("query", "definition", &text, "a definition as JSON, to try instead of those there are"),
    ]);
    for (status, response) in problems(&[("503", "too many metrics are being made")]) {
        measure["get"]["responses"][status] = response;
    }
    ("/v1/metrics/{name}", measure)
}
