//! What the document says about telemetry of agents.

use schemars::SchemaGenerator;
use serde_json::{Value, json};

use super::{fixed, parameter, problems, schema_of};
use crate::otlp::Taken;

/// The one route of it.
pub(super) fn path(generator: &mut SchemaGenerator) -> (&'static str, Value) {
    let what = "telemetry of an agent, as OTLP in JSON; tokens and cost become events of its run";
    let answer = schema_of::<Taken>(generator);
    let mut otlp = fixed("post", "telemetry", "otlp", what, &answer);
    let signal = json!({ "enum": ["metrics", "logs", "traces"] });
    otlp["post"]["parameters"] = json!([parameter("path", "signal", &signal, "which kind of telemetry")]);
    otlp["post"]["requestBody"] =
        json!({ "required": true, "content": { "application/json": { "schema": {} } } });
    for (status, response) in problems(&[
        ("404", "no such kind of telemetry"),
        ("413", "the body is too long"),
        ("415", "it is not JSON, or compressed"),
    ]) {
        otlp["post"]["responses"][status] = response;
    }
    ("/v1/otlp/v1/{signal}", otlp)
}
