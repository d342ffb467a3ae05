//! OpenAPI 3.1, made from the registries of commands, events and views.

mod auth;
mod erase;
mod measure;
mod otlp;
mod parts;
mod proof;
mod search;
mod travel;

use domain::catalogue::CommandSpec;
use domain::{AggregateSpec, Meta, StreamId, aggregates};
use projections::{Scope, ViewSpec, views};
use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use crate::commands::Answer;
use crate::health::Health;
use crate::log::LogShown;
use crate::problem::Problem;
use crate::views::ROWS_MAX;
use parts::{answers, number, one_of, point, position, refuses, text, time, ulid, wait};

/// The whole document.
#[must_use]
pub fn openapi() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let settings = settings.with_transform(RecursiveTransform(bounded));
    let mut generator = settings.into_generator();
    let mut paths = Map::new();
    for aggregate in aggregates() {
        for command in &aggregate.commands {
            let path = format!("/v1/{}/{{id}}/{}", aggregate.name, command.name);
            paths.insert(path, json!({ "post": command_operation(&mut generator, &aggregate, command) }));
        }
        for event in &aggregate.events {
            // Named here so that clients find the payload of every event type in the components.
            (event.schema)(&mut generator);
        }
    }
    for view in views() {
        paths.insert(view_path(&view), json!({ "get": view_operation(&mut generator, &view) }));
    }
    paths.extend(fixed_paths(&mut generator));
    generator.subschema_for::<Meta>();
    generator.subschema_for::<Problem>();
    let schemas = generator.take_definitions(true);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Waybill",
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
            "description": "The system of record for AI coding agents: commands in, one immutable log, views out. \
                Every answer to a command is durable; every view names the position it reflects."
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } }
        },
        "security": [{ "token": [] }]
    })
}

/// Says how large an integer may be: `format` alone is no bound.
fn bounded(schema: &mut Schema) {
    let maximum: u64 = match schema.get("format").and_then(Value::as_str) {
        Some("uint8") => u8::MAX.into(),
        Some("uint16") => u16::MAX.into(),
        Some("uint32") => u32::MAX.into(),
        Some("uint64" | "uint") => u64::MAX,
        _ => return,
    };
    if schema.get("maximum").is_none() {
        schema.insert("maximum".into(), maximum.into());
    }
}

fn problems(codes: &[(&str, &str)]) -> Map<String, Value> {
    let problem =
        json!({ "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } });
    let response = |(status, what): &(&str, &str)| {
        ((*status).to_owned(), json!({ "description": what, "content": problem }))
    };
    codes.iter().map(response).collect()
}

fn json_response(what: &str, schema: &Value) -> Value {
    json!({ "description": what, "content": { "application/json": { "schema": schema } } })
}

fn schema_of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Value {
    generator.subschema_for::<T>().to_value()
}

fn parameter(place: &str, name: &str, schema: &Value, what: &str) -> Value {
    json!({ "in": place, "name": name, "required": place == "path", "schema": schema, "description": what })
}

fn command_operation(
    generator: &mut SchemaGenerator,
    aggregate: &AggregateSpec,
    command: &CommandSpec,
) -> Value {
    let body = (command.schema)(generator).to_value();
    let answer = schema_of::<Answer>(generator);
    let mut responses = problems(&[
        ("400", "the body, a parameter or a header does not fit"),
        ("401", "no token, or a wrong one"),
        ("403", "whoever asks may not do that"),
        ("404", "the aggregate does not exist"),
        ("409", "the state or a rule forbids it, or the idempotency key was used for another command"),
        ("412", "the stream is not at the expected version"),
        ("413", "the body is too large"),
        ("415", "the body is not JSON"),
        ("408", "the body did not come in time"),
        ("422", "a field is out of what is allowed, or names something that does not exist"),
        ("503", "the server is busy, stopping or takes no writes"),
        ("507", "the disk is full"),
    ]);
    responses.insert("200".into(), json_response("it is durable", &answer));
    let version = json!({ "type": "string", "pattern": "^(any|none|exists|\\*|[0-9]{1,9}|\"[0-9]{1,9}\")$" });
    json!({
        "tags": [aggregate.name],
        "operationId": format!("{}_{}", aggregate.name, command.name.replace('-', "_")),
        "summary": format!("{} {}", aggregate.name, command.name.replace('-', " ")),
        "parameters": [
            parameter("path", "id", &ulid(), "id of the aggregate; the first command creates it"),
            parameter("header", "Idempotency-Key", &ulid(), "id of the commit: a repetition gets the first answer again"),
            parameter("header", "If-Match", &version, "last version of the stream, or any, none, exists"),
            parameter("header", "Waybill-Occurred-At", &time(), "when it happened, for history that is imported"),
        ],
        "requestBody": { "required": true, "content": { "application/json": { "schema": body } } },
        "responses": responses,
    })
}

fn view_path(view: &ViewSpec) -> String {
    match view.scope {
        Scope::Live => format!("/v1/views/{}", view.name),
        Scope::Stream(_) => format!("/v1/views/{}/{{id}}", view.name),
    }
}

fn view_operation(generator: &mut SchemaGenerator, view: &ViewSpec) -> Value {
    let row = (view.schema)(generator).to_value();
    let rows = json!({
        "type": "object",
        "required": ["view", "version", "position", "rows", "summary", "next"],
        "properties": {
            "view": { "const": view.name },
            "version": { "const": view.version },
            "position": { "type": ["integer", "null"], "description": "last event that the rows reflect" },
            "rows": { "type": "array", "items": {
                "type": "object", "required": ["key", "row"],
                "properties": { "key": { "type": "string" }, "row": row }
            } },
            "summary": { "description": "totals over the rows shown, where the view has any" },
            "next": { "type": ["string", "null"], "description": "go on with `after` this" }
        }
    });
    let mut parameters = vec![
        parameter("query", "at", &point(), "as of this position or RFC 3339 time"),
        parameter("query", "min_position", &position(), "not before this position is reflected"),
        parameter("query", "wait", &wait(), "how long to wait for it, milliseconds"),
        parameter("query", "limit", &number(0, ROWS_MAX), "at most so many rows"),
        parameter("query", "after", &text(), "rows behind this, which a page gave as `next`"),
        parameter("query", "order", &one_of(["asc", "desc"].into_iter()), "by key, or by `order_by`"),
    ];
    if !view.figures.is_empty() {
        let figures = json!({ "enum": view.figures });
        parameters.push(parameter("query", "order_by", &figures, "by this figure, unknown ones last"));
    }
    let bound = json!({ "type": "number" });
    for figure in view.figures {
        for (end, what) in
            [("min", "rows whose figure is not below"), ("max", "rows whose figure is not above")]
        {
            parameters.push(parameter("query", &format!("{figure}.{end}"), &bound, what));
        }
    }
    parameters.extend(
        view.filters.iter().map(|field| parameter("query", field, &text(), "rows whose field equals this")),
    );
    if let Scope::Stream(category) = view.scope {
        parameters.push(parameter("path", "id", &ulid(), &format!("id of the {category}")));
    }
    let mut responses = problems(&[
        ("400", "a parameter does not fit"),
        ("401", "no token, or a wrong one"),
        ("403", "whoever asks may not read that"),
        ("404", "nothing is under that key"),
        ("422", "`after` is no key of this view"),
        ("503", "the view stands still"),
        ("504", "the position was not reached in time"),
    ]);
    responses.insert("200".into(), json_response("rows, and the position they reflect", &rows));
    responses.insert("304".into(), json!({ "description": "the rows are those of the entity tag" }));
    json!({
        "tags": ["views"],
        "operationId": format!("view_{}", view.name.replace('-', "_")),
        "summary": format!("view {}", view.name.replace('-', " ")),
        "parameters": parameters,
        "responses": responses,
    })
}

/// A route that is none of the registries'.
fn fixed(method: &str, tag: &str, id: &str, what: &str, schema: &Value) -> Value {
    let mut responses = problems(&[
        ("400", "a parameter does not fit"),
        ("401", "no token, or a wrong one"),
        ("403", "whoever asks may not do that"),
    ]);
    responses.insert("200".into(), json_response(what, schema));
    json!({ method: { "tags": [tag], "operationId": id, "summary": what, "responses": responses } })
}

/// Which events: what a page of them and those that follow are narrowed down by.
fn event_filters() -> Vec<Value> {
    let types =
        aggregates().into_iter().flat_map(|aggregate| aggregate.events.into_iter().map(|event| event.name));
    let categories = aggregates().into_iter().map(|aggregate| aggregate.name);
    let stream = json!({ "type": "string", "pattern": StreamId::pattern() });
    let actor = json!({
        "type": "string",
        "pattern": "^(system|operator|scheduler|importer|(user|api-key|step)-[0-7][0-9A-HJKMNP-TV-Z]{25})$"
    });
    vec![
        parameter("query", "after", &position(), "events behind this position"),
        parameter("query", "stream", &stream, "of this stream"),
        parameter(
            "query",
            "type",
            &json!({ "anyOf": [one_of(types), number(0, u16::MAX.into())] }),
            "of this type",
        ),
        parameter("query", "category", &one_of(categories), "of this kind of aggregate"),
        parameter("query", "project", &ulid(), "of this project"),
        parameter("query", "actor", &actor, "caused by `operator`, `user-…`, `step-…` or another actor"),
        parameter("query", "since", &time(), "that happened at this instant or later"),
        parameter("query", "until", &time(), "that happened before this instant"),
    ]
}

fn events_page() -> Value {
    let what = "events after a position, as JSON, NDJSON, stored records or stored blocks";
    let mut events = fixed("get", "log", "events", what, &json!({}));
    let limit = "at most so many; 100 of a JSON page where absent, 10000 at most";
    let mut parameters = event_filters();
    parameters.push(parameter("query", "limit", &number(0, u64::MAX), limit));
    events["get"]["parameters"] = parameters.into();
    let kinds = [
        "application/json",
        "application/x-ndjson",
        "application/vnd.waybill.records",
        "application/vnd.waybill.blocks",
    ];
    answers(&mut events, "get", &kinds);
    refuses(events, &[("415", "the accepted media type is none of these")])
}

fn events_live() -> Value {
    let what = "events as they become durable (server-sent events)";
    let mut live = fixed("get", "log", "events_live", what, &json!({}));
    live["get"]["parameters"] = event_filters().into();
    answers(&mut live, "get", &["text/event-stream"]);
    live
}

fn export() -> Value {
    let what = "a table's rows from events after a position, as NDJSON, CSV, Arrow IPC stream or Parquet";
    let mut shown = fixed("get", "log", "export", what, &json!({}));
    let tables = one_of(export::Table::ALL.iter().map(|table| table.as_str()));
    let formats = || export::Format::ALL.iter().filter(|format| format.streams());
    shown["get"]["parameters"] = json!([
        parameter("path", "table", &tables, "the table"),
        parameter("query", "format", &one_of(formats().map(|format| format.as_str())), "ndjson where absent"),
        parameter("query", "after", &position(), "from events behind this position"),
    ]);
    let bare = |kind: &'static str| kind.split(';').next().unwrap_or(kind);
    let kinds: Vec<_> = formats().map(|format| bare(format.media_type())).collect();
    answers(&mut shown, "get", &kinds);
    refuses(shown, &[("404", "there is no such table")])
}

fn bulk() -> Value {
    let what = "many commands, one line each; one answer line each, in order";
    let mut bulk = fixed("post", "commands", "bulk", what, &json!({}));
    // A line that does not fit is answered in its line; no line at all is no mistake.
    let body = json!({ "required": false, "content": { "application/x-ndjson": { "schema": {} } } });
    bulk["post"]["requestBody"] = body;
    answers(&mut bulk, "post", &["application/x-ndjson"]);
    refuses(bulk, &[("415", "the body is not NDJSON"), ("503", "the server is busy or stopping")])
}

fn health_paths(generator: &mut SchemaGenerator) -> [(&'static str, Value); 4] {
    let any = &json!({});
    let health = schema_of::<Health>(generator);
    let ready = "whether it is ready, and what is wrong if not";
    let ready = fixed("get", "health", "readyz", ready, any);
    let mut metrics = fixed("get", "health", "metrics", "OpenMetrics", any);
    answers(&mut metrics, "get", &["application/openmetrics-text"]);
    let mut livez = fixed("get", "health", "livez", "whether it lives", any);
    answers(&mut livez, "get", &["text/plain"]);
    livez["get"]["security"] = json!([]);
    let shown = "how log and views are, for everybody who is known";
    [
        ("/v1/health", fixed("get", "health", "health", shown, &health)),
        ("/readyz", refuses(ready, &[("503", "it is not ready")])),
        ("/metrics", metrics),
        ("/livez", livez),
    ]
}

fn fixed_paths(generator: &mut SchemaGenerator) -> Vec<(String, Value)> {
    let log = schema_of::<LogShown>(generator);
    let paths = [
        ("/v1/commands", bulk()),
        ("/v1/events", events_page()),
        ("/v1/events/live", events_live()),
        ("/v1/export/{table}", export()),
        ("/v1/log", fixed("get", "log", "log", "which log this is and where it stands", &log)),
        ("/v1/views", fixed("get", "views", "views", "the views there are", &json!({}))),
    ];
    let paths = paths.into_iter().chain(health_paths(generator));
    let paths = paths.chain(proof::paths(generator)).chain(auth::paths(generator));
    let paths = paths
        .chain([search::path(generator), otlp::path(generator)])
        .chain(measure::paths(generator))
        .chain(travel::paths(generator))
        .chain(erase::paths(generator));
    paths.map(|(path, operation)| (path.to_owned(), operation)).collect()
}
