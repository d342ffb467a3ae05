//! `clients/typescript/src/generated`: rows of views, payloads of events and bodies of commands as TypeScript types.

use std::collections::BTreeMap;
use std::fmt::Write;

use domain::aggregates;
use projections::{Scope, views};
use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value};

const OPENING: &str = "// Written by `cargo xtask gen`; edits are lost.\n";

/// `log.ts`: what comes from the server, rows of views and payloads of events.
pub(crate) fn log() -> String {
    let mut generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let mut text = format!("{OPENING}\n/** Rows of each view. */\nexport interface ViewRows {{\n");
    for view in views() {
        line(
            &mut text,
            &format!("  {}: {};", quoted(view.name), type_text(&shape(&mut generator, view.schema))),
        );
    }
    text.push_str("}\n\n/** Version, scope and filters of each view. */\nexport const VIEWS = {\n");
    for view in views() {
        let scope = match view.scope {
            Scope::Live => "live".into(),
            Scope::Stream(category) => category.to_string(),
        };
        let filters: Vec<_> = view.filters.iter().map(|filter| quoted(filter)).collect();
        line(
            &mut text,
            &format!(
                "  {}: {{ version: {}, scope: {}, filters: [{}] }},",
                quoted(view.name),
                view.version,
                quoted(&scope),
                filters.join(", ")
            ),
        );
    }
    text.push_str("} as const;\n\n/** Payload of each event type. */\nexport interface EventData {\n");
    for event in aggregates().iter().flat_map(|aggregate| &aggregate.events) {
        line(&mut text, &format!("  {}: {};", event.name, type_text(&shape(&mut generator, event.schema))));
    }
    text.push_str("}\n");
    text + &types(&mut generator)
}

/// `commands.ts`: what may be asked for.
pub(crate) fn commands() -> String {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let mut text = format!(
        "{OPENING}\n/** Body of each command, by aggregate and command. */\nexport interface CommandBodies {{\n"
    );
    for aggregate in aggregates() {
        for command in &aggregate.commands {
            let name = quoted(&format!("{}/{}", aggregate.name, command.name));
            line(&mut text, &format!("  {name}: {};", type_text(&shape(&mut generator, command.schema))));
        }
    }
    text.push_str("}\n");
    text + &types(&mut generator)
}

pub(super) fn shape(generator: &mut SchemaGenerator, schema: fn(&mut SchemaGenerator) -> Schema) -> Value {
    schema(generator).to_value()
}

/// Every type that has been named, in order of the alphabet.
fn types(generator: &mut SchemaGenerator) -> String {
    let mut text = String::new();
    let definitions: BTreeMap<_, _> = generator.take_definitions(true).into_iter().collect();
    for (name, schema) in definitions {
        text.push('\n');
        describe(&mut text, "", &schema);
        match schema.get("properties").and_then(Value::as_object) {
            Some(properties) if schema.get("oneOf").is_none() => {
                line(&mut text, &format!("export interface {name} {{"));
                text.push_str(&fields(properties, &schema));
                text.push_str("}\n");
            }
            _ => line(&mut text, &format!("export type {name} = {};", type_text(&schema))),
        }
    }
    text
}

fn fields(properties: &Map<String, Value>, schema: &Value) -> String {
    let required: Vec<_> = schema.get("required").and_then(Value::as_array).into_iter().flatten().collect();
    let mut text = String::new();
    for (name, field) in properties.iter().collect::<BTreeMap<_, _>>() {
        describe(&mut text, "  ", field);
        let mark = if required.iter().any(|it| *it == name) { "" } else { "?" };
        line(&mut text, &format!("  {name}{mark}: {};", type_text(field)));
    }
    text
}

fn describe(text: &mut String, indent: &str, schema: &Value) {
    let said = schema.get("description").and_then(Value::as_str).unwrap_or_default();
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ").replace("*/", "* /");
    if !said.is_empty() {
        line(text, &format!("{indent}/** {said} */"));
    }
}

pub(super) fn line(text: &mut String, line: &str) {
    writeln!(text, "{line}").expect("writing to a string cannot fail");
}

pub(super) fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// A schema as a type.
fn type_text(schema: &Value) -> String {
    if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
        return name.rsplit('/').next().unwrap_or(name).to_owned();
    }
    let choices = ["anyOf", "oneOf"].into_iter().find_map(|key| schema.get(key).and_then(Value::as_array));
    let own = schema.get("properties").and_then(Value::as_object).map(|it| object_text(it, schema));
    match (choices, own) {
        (Some(choices), Some(own)) => format!("{own} & ({})", union(choices.iter().map(type_text))),
        (Some(choices), None) => union(choices.iter().map(type_text)),
        (None, Some(own)) => own,
        (None, None) => plain_text(schema),
    }
}

fn plain_text(schema: &Value) -> String {
    if let Some(value) = schema.get("const") {
        return value.to_string();
    }
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        return union(values.iter().map(Value::to_string));
    }
    match schema.get("type") {
        Some(Value::String(kind)) => kind_text(kind, schema),
        Some(Value::Array(kinds)) => {
            union(kinds.iter().filter_map(Value::as_str).map(|kind| kind_text(kind, schema)))
        }
        _ => "unknown".into(),
    }
}

fn kind_text(kind: &str, schema: &Value) -> String {
    match kind {
        "integer" | "number" => "number".into(),
        "array" => match schema.get("prefixItems").and_then(Value::as_array) {
            Some(places) => format!("[{}]", places.iter().map(type_text).collect::<Vec<_>>().join(", ")),
            None => format!("Array<{}>", schema.get("items").map_or("unknown".into(), type_text)),
        },
        "object" => {
            let values = schema.get("additionalProperties").filter(|values| values.is_object());
            format!("Record<string, {}>", values.map_or("unknown".into(), type_text))
        }
        other => other.into(),
    }
}

fn object_text(properties: &Map<String, Value>, schema: &Value) -> String {
    let required: Vec<_> = schema.get("required").and_then(Value::as_array).into_iter().flatten().collect();
    let fields: Vec<_> = properties
        .iter()
        .collect::<BTreeMap<_, _>>()
        .into_iter()
        .map(|(name, field)| {
            let mark = if required.iter().any(|it| *it == name) { "" } else { "?" };
            format!("{name}{mark}: {}", type_text(field))
        })
        .collect();
    format!("{{ {} }}", fields.join("; "))
}

/// The choices, each once, in their order.
pub(super) fn union(choices: impl Iterator<Item = String>) -> String {
    let mut kept: Vec<String> = Vec::new();
    for choice in choices {
        if !kept.contains(&choice) {
            kept.push(choice);
        }
    }
    kept.join(" | ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn schemas_read_as_types() {
        let cases = [
            (json!({"type": "integer", "format": "uint64"}), "number"),
            (json!({"type": ["string", "null"]}), "string | null"),
            (json!({"type": "array", "items": {"$ref": "#/$defs/RunId"}}), "Array<RunId>"),
            (json!({"anyOf": [{"$ref": "#/$defs/Usd"}, {"type": "null"}]}), "Usd | null"),
            (json!({"type": "string", "enum": ["a", "b"]}), "\"a\" | \"b\""),
            (json!({"oneOf": [{"const": "x", "type": "string"}, {"const": "y"}]}), "\"x\" | \"y\""),
            (json!({"type": "object", "additionalProperties": {"type": "string"}}), "Record<string, string>"),
            (
                json!({"type": "array", "prefixItems": [{"type": "string"}, {"type": "boolean"}]}),
                "[string, boolean]",
            ),
            (
                json!({"type": "object", "required": ["a"],
                    "properties": {"a": {"type": "boolean"}, "b": {"type": "null"}}}),
                "{ a: boolean; b?: null }",
            ),
            (json!(true), "unknown"),
        ];
        for (schema, expected) in cases {
            assert_eq!(type_text(&schema), expected);
        }
    }

    #[test]
    fn every_view_event_and_command_has_a_type() {
        let (log, commands) = (log(), commands());
        for view in views() {
            assert_eq!(log.matches(&format!("\n  {}: ", quoted(view.name))).count(), 2, "{}", view.name);
        }
        for aggregate in aggregates() {
            for event in &aggregate.events {
                assert!(log.contains(&format!("\n  {}: ", event.name)), "{}", event.name);
            }
            for command in &aggregate.commands {
                let name = quoted(&format!("{}/{}", aggregate.name, command.name));
                assert_eq!(commands.matches(&format!("\n  {name}: ")).count(), 1, "{name}");
            }
        }
    }
}
