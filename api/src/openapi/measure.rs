//! What the document says about metrics that are made of events.

use domain::metric::{MetricDefinition, MetricDimension};
use projections::Series;
use schemars::SchemaGenerator;
use serde_json::{Value, json};

use super::parts::{number, refuses, time, ulid};
use super::{fixed, parameter, schema_of};
use crate::measure::Listed;

/// What there is, and one of them.
pub(super) fn paths(generator: &mut SchemaGenerator) -> [(&'static str, Value); 2] {
    let what = "the metrics there are: those of the program, then those of projects, with their definitions";
    let answer = schema_of::<Listed>(generator);
    let mut list = fixed("get", "metrics", "metrics", what, &answer);
    let of = ulid();
    list["get"]["parameters"] = json!([parameter("query", "project", &of, "of projects, those of this one")]);
    [("/v1/metrics", list), path(generator)]
}

fn path(generator: &mut SchemaGenerator) -> (&'static str, Value) {
    let what = "a metric's values, folded from the whole log, each with the positions of its events";
    let answer = schema_of::<Series>(generator);
    let mut measure = fixed("get", "metric", "metrics", what, &answer);
    let version = number(1, u32::MAX.into());
    let name = json!({ "type": "string", "pattern": "^[a-z][a-z0-9-]{0,63}$" });
    let words: Vec<_> = MetricDimension::ALL.iter().map(|dimension| dimension.as_str()).collect();
    let word = format!("({})", words.join("|"));
    let by = json!({ "type": "string", "pattern": format!("^{word}(,{word}){{0,2}}$") });
    // Encoded as JSON in the parameter.
    let definition = schema_of::<MetricDefinition>(generator);
    measure["get"]["parameters"] = json!([
        parameter("path", "name", &name, "the metric, such as `pass-rate`"),
        parameter("query", "by", &by, "dimensions with commas between, such as `model,day`"),
        parameter("query", "since", &time(), "items not before this instant"),
        parameter("query", "until", &time(), "items before this instant"),
        parameter(
            "query",
            "project",
            &ulid(),
            "items of this project, by its own definition where it has one"
        ),
        parameter("query", "version", &version, "that version of the definition, instead of the latest"),
        json!({
            "in": "query", "name": "definition", "required": false,
            "description": "a definition as JSON, to try instead of those there are",
            "content": { "application/json": { "schema": definition } }
        }),
    ]);
    let codes = [
        ("404", "there is no such metric, or not that version of it"),
        ("422", "the definition says what no metric can be"),
        ("503", "too many metrics are being made"),
    ];
    ("/v1/metrics/{name}", refuses(measure, &codes))
}
