//! JSON schemas as markdown tables.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value};

/// A page under way: the text, and the types that it has named.
pub(crate) struct Page {
    text: String,
    generator: SchemaGenerator,
}

impl Page {
    /// A page with a title and an opening.
    pub(crate) fn new(title: &str, opening: &str) -> Self {
        let text =
            format!("<!-- Written by `cargo xtask gen`; edits are lost. -->\n# {title}\n\n{opening}\n");
        Self { text, generator: SchemaSettings::draft2020_12().into_generator() }
    }

    /// A heading.
    pub(crate) fn heading(&mut self, level: usize, text: &str) {
        self.line(&format!("\n{} {text}\n", "#".repeat(level)));
    }

    /// A line of text.
    pub(crate) fn line(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    /// Description and fields of a payload or body.
    pub(crate) fn payload(&mut self, schema: fn(&mut SchemaGenerator) -> Schema) {
        let schema = schema(&mut self.generator).to_value();
        let schema = definition(&schema)
            .and_then(|name| self.generator.definitions().get(name))
            .cloned()
            .unwrap_or(schema);
        self.line(&described(&schema));
        if let Some(table) = fields(&schema) {
            self.line(&format!("\n{table}"));
        }
    }

    /// The finished page, with every type that its tables name; `payloads` are described above already.
    pub(crate) fn finish(mut self, payloads: &BTreeSet<&str>) -> String {
        let types: Map<_, _> = self.generator.definitions().clone();
        self.heading(2, "Types");
        // A payload may be named like a type that others use.
        let linked = |name: &str| self.text.contains(&format!("](#{})", name.to_lowercase()));
        let shown: Vec<_> = sorted(&types)
            .into_iter()
            .filter(|(name, _)| !payloads.contains(name.as_str()) || linked(name))
            .collect();
        for (name, schema) in shown {
            self.heading(3, name);
            self.line(&described(schema));
            if let Some(table) = fields(schema).or_else(|| variants(schema)) {
                self.line(&format!("\n{table}"));
            } else {
                self.line(&format!("\nJSON: {}.", type_text(schema)));
            }
        }
        let mut page = String::new();
        for line in self.text.lines().map(str::trim_end) {
            if !(line.is_empty() && page.ends_with("\n\n")) {
                writeln!(page, "{line}").expect("writing to a string cannot fail");
            }
        }
        page.truncate(page.trim_end().len());
        page + "\n"
    }
}

/// Fields by name, whatever order the JSON library keeps.
fn sorted(fields: &Map<String, Value>) -> BTreeMap<&String, &Value> {
    fields.iter().collect()
}

/// The name behind a `$ref`.
fn definition(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()?.rsplit('/').next()
}

fn described(schema: &Value) -> String {
    one_line(schema.get("description").and_then(Value::as_str).unwrap_or_default())
}

/// Text that fits a table cell.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

/// The fields of an object, as a table; `None` for anything else.
fn fields(schema: &Value) -> Option<String> {
    let properties = schema.get("properties")?.as_object()?;
    let required: Vec<_> = schema.get("required").and_then(Value::as_array).into_iter().flatten().collect();
    let mut table = String::from("| field | type | | |\n|---|---|---|---|\n");
    for (name, field) in sorted(properties) {
        let needed = if required.iter().any(|it| *it == name) { "required" } else { "optional" };
        row(&mut table, &[&format!("`{name}`"), &type_text(field), needed, &described(field)]);
    }
    Some(table)
}

/// The variants of an enum, as a table; `None` for anything else.
fn variants(schema: &Value) -> Option<String> {
    let mut table = String::from("| value | |\n|---|---|\n");
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        values.iter().for_each(|value| row(&mut table, &[&format!("`{value}`"), ""]));
        return Some(table);
    }
    for variant in schema.get("oneOf")?.as_array()? {
        row(&mut table, &[&type_text(variant), &described(variant)]);
    }
    Some(table)
}

fn row(table: &mut String, cells: &[&str]) {
    writeln!(table, "| {} |", cells.join(" | ")).expect("writing to a string cannot fail");
}

/// A type in a few words: `uint64`, `list of string`, [`StepRole`](#steprole) `or null`.
fn type_text(schema: &Value) -> String {
    if let Some(name) = definition(schema) {
        return format!("[`{name}`](#{})", name.to_lowercase());
    }
    for key in ["anyOf", "oneOf"] {
        if let Some(choices) = schema.get(key).and_then(Value::as_array) {
            return choices.iter().map(type_text).collect::<Vec<_>>().join(" or ");
        }
    }
    if let Some(value) = schema.get("const") {
        return format!("`{value}`");
    }
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        return values.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(" or ");
    }
    match schema.get("type") {
        Some(Value::String(kind)) => kind_text(kind, schema),
        Some(Value::Array(kinds)) => kinds
            .iter()
            .filter_map(Value::as_str)
            .map(|kind| kind_text(kind, schema))
            .collect::<Vec<_>>()
            .join(" or "),
        _ => "any".into(),
    }
}

fn kind_text(kind: &str, schema: &Value) -> String {
    let format = schema.get("format").and_then(Value::as_str);
    match kind {
        "array" => array_text(schema),
        "object" => object_text(schema),
        "null" => kind.into(),
        "integer" | "number" => format.unwrap_or(kind).into(),
        _ => format.map_or(kind.into(), |format| format!("{kind} ({format})")),
    }
}

fn array_text(schema: &Value) -> String {
    if let Some(places) = schema.get("prefixItems").and_then(Value::as_array) {
        return format!("({})", places.iter().map(type_text).collect::<Vec<_>>().join(", "));
    }
    format!("list of {}", schema.get("items").map_or("any".into(), type_text))
}

fn object_text(schema: &Value) -> String {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
        let values = schema.get("additionalProperties").filter(|values| values.is_object());
        return values.map_or("object".into(), |values| format!("map to {}", type_text(values)));
    };
    let fields: Vec<_> =
        properties.iter().map(|(name, field)| format!("`{name}`: {}", type_text(field))).collect();
    format!("{{ {} }}", fields.join(", "))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn types_read_as_words() {
        let cases = [
            (json!({"type": "integer", "format": "uint64"}), "uint64"),
            (json!({"type": ["string", "null"]}), "string or null"),
            (json!({"type": "array", "items": {"$ref": "#/$defs/RunId"}}), "list of [`RunId`](#runid)"),
            (json!({"anyOf": [{"$ref": "#/$defs/Usd"}, {"type": "null"}]}), "[`Usd`](#usd) or null"),
            (json!({"type": "string", "format": "ulid"}), "string (ulid)"),
            (json!({"type": "string", "enum": ["a", "b"]}), "`\"a\"` or `\"b\"`"),
            (json!({"type": "object", "properties": {"pass": {"type": "boolean"}}}), "{ `pass`: boolean }"),
            (json!({"type": "object", "additionalProperties": {"type": "string"}}), "map to string"),
            (
                json!({"type": "array", "prefixItems": [{"type": "string"}, {"type": "boolean"}]}),
                "(string, boolean)",
            ),
            (json!(true), "any"),
        ];
        for (schema, expected) in cases {
            assert_eq!(type_text(&schema), expected);
        }
    }

    #[test]
    fn fields_and_variants_become_rows() {
        let object = json!({"type": "object", "required": ["a"], "properties": {
            "a": {"type": "string", "description": "One |\n line."}, "b": {"type": "boolean"}}});
        let table = fields(&object).unwrap();
        assert!(
            table.ends_with("| `a` | string | required | One \\| line. |\n| `b` | boolean | optional |  |\n"),
            "{table}"
        );
        let choice = json!({"oneOf": [{"const": "x", "description": "First."}, {"type": "null"}]});
        assert!(variants(&choice).unwrap().ends_with("| `\"x\"` | First. |\n| null |  |\n"));
        assert_eq!(fields(&choice).or_else(|| variants(&json!({"type": "string"}))), None);
    }
}
