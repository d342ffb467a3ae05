//! `clients/python/src/waybill`: rows of views, payloads of events, bodies of commands and their names as Python types.

use std::collections::BTreeMap;
use std::fmt::Write;

use domain::aggregates;
use projections::{Scope, ViewSpec, views};
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

use super::typescript::{line, quoted, shape, union};

/// What ruff and the house keep to.
const LINE_MAX: usize = 100;
const KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def",
    "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is",
    "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];
/// Names of types: a field that is called so would stand for itself in the lines below it.
const SHADOWED: [&str; 9] = ["Any", "Literal", "NotRequired", "bool", "dict", "float", "int", "list", "str"];

/// `types/log.py`: what comes from the server, rows of views and payloads of events.
pub(crate) fn log() -> String {
    let mut generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    for view in views() {
        shape(&mut generator, view.schema);
    }
    for event in aggregates().iter().flat_map(|aggregate| &aggregate.events) {
        shape(&mut generator, event.schema);
    }
    module("Rows of views and payloads of events, as they come from the server.", &mut generator)
}

/// `types/bodies.py`: what may be asked for.
pub(crate) fn bodies() -> String {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    for command in aggregates().iter().flat_map(|aggregate| &aggregate.commands) {
        shape(&mut generator, command.schema);
    }
    module("Bodies of commands.", &mut generator)
}

/// `names.py`: each view, event and command by its name, which knows what it holds.
pub(crate) fn names() -> String {
    let mut text = opening("Every view, event and command by its name: each knows what it holds.");
    text.push_str(
        "from __future__ import annotations\n\nfrom typing import TYPE_CHECKING, Literal, TypeAlias\n\n\
         from .named import Command, EventType, View\n\nif TYPE_CHECKING:\n    from .types import bodies, log\n\n",
    );
    let (aggregates, views) = (aggregates(), views());
    let events = || aggregates.iter().flat_map(|aggregate| &aggregate.events);
    let routes = aggregates.iter().flat_map(|aggregate| {
        aggregate.commands.iter().map(move |command| format!("{}/{}", aggregate.name, command.name))
    });
    for (name, words) in [
        ("ViewName", views.iter().map(|view| view.name.to_owned()).collect::<Vec<_>>()),
        ("EventName", events().map(|event| event.name.to_owned()).collect()),
        ("CommandName", routes.collect()),
    ] {
        line(&mut text, &literal(name, &words.iter().map(|word| quoted(word)).collect::<Vec<_>>()));
    }
    let mut generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    text.push_str("\n\nclass views:\n    \"\"\"Every view.\"\"\"\n\n");
    for view in &views {
        view_name(&mut text, &mut generator, view);
    }
    text.push_str("\n\nclass events:\n    \"\"\"Every type of event.\"\"\"\n\n");
    for event in events() {
        let data = type_name(&shape(&mut generator, event.schema), "log");
        called(&mut text, "    ", &format!("{}: EventType[{data}] = EventType", event.name), event.name);
    }
    command_names(&mut text);
    text
}

fn view_name(text: &mut String, generator: &mut SchemaGenerator, view: &ViewSpec) {
    let schema = shape(generator, view.schema);
    let scope = match view.scope {
        Scope::Live => "live".into(),
        Scope::Stream(category) => category.to_string(),
    };
    line(text, &format!("    {}: View[{}] = View(", identifier(view.name), type_name(&schema, "log")));
    line(text, &format!("        {}, {}, {},", quoted(view.name), view.version, quoted(&scope)));
    for words in [view.filters, view.figures] {
        let quoted: Vec<_> = words.iter().map(|word| quoted(word)).collect();
        let comma = if words.len() == 1 { "," } else { "" };
        block(text, "        ", &format!("({}{comma}),", quoted.join(", ")));
    }
    let columns = columns(&schema, generator.definitions());
    let columns: Vec<_> =
        columns.iter().map(|(name, kind)| format!("{}: \"{kind}\"", quoted(name))).collect();
    block(text, "        ", &format!("{{{}}},", columns.join(", ")));
    line(text, "    )");
}

fn command_names(text: &mut String) {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    text.push_str("\n\nclass commands:\n    \"\"\"Every command, by aggregate.\"\"\"\n");
    for aggregate in aggregates() {
        if aggregate.commands.is_empty() {
            continue;
        }
        line(text, &format!("\n    class {}:", identifier(aggregate.name)));
        line(text, &format!("        \"\"\"Commands of the aggregate {}.\"\"\"\n", aggregate.name));
        for command in &aggregate.commands {
            let body = type_name(&shape(&mut generator, command.schema), "bodies");
            let (name, route) = (identifier(command.name), format!("{}/{}", aggregate.name, command.name));
            called(text, "        ", &format!("{name}: Command[{body}] = Command"), &route);
        }
    }
}

/// A constant that is made of one text.
fn called(text: &mut String, indent: &str, what: &str, name: &str) {
    if indent.len() + what.len() + name.len() + 4 <= LINE_MAX {
        return line(text, &format!("{indent}{what}(\"{name}\")"));
    }
    line(text, &format!("{indent}{what}(\n{indent}    \"{name}\"\n{indent})"));
}

/// Columns of a view whose rows are plain, by name, each with its kind; none where rows differ in shape.
fn columns(schema: &Value, definitions: &Map<String, Value>) -> BTreeMap<String, &'static str> {
    let schema = resolved(schema, definitions);
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
        return BTreeMap::new();
    };
    properties.iter().map(|(name, field)| (name.clone(), kind(field, definitions))).collect()
}

/// What stands behind a reference.
fn resolved<'a>(schema: &'a Value, definitions: &'a Map<String, Value>) -> &'a Value {
    let mut schema = schema;
    while let Some(next) = reference(schema).and_then(|name| definitions.get(name)) {
        schema = next;
    }
    schema
}

fn reference(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()?.rsplit('/').next()
}

/// What a column holds, in the words of the exports where these have one.
fn kind(schema: &Value, definitions: &Map<String, Value>) -> &'static str {
    let choices = ["anyOf", "oneOf"].into_iter().find_map(|key| schema.get(key)?.as_array());
    let known: Vec<_> = choices.into_iter().flatten().filter(|choice| choice["type"] != "null").collect();
    if let [one] = known[..] {
        return kind(one, definitions);
    }
    match reference(schema) {
        Some("Timestamp") => return "instant",
        Some("Date") => return "date",
        Some("Usd") => return "usd",
        Some("Score") => return "score",
        Some("Share") => return "share",
        _ => {}
    }
    let schema = resolved(schema, definitions);
    let words =
        |choice: &&Value| choice.get("const").is_some_and(Value::is_string) || choice.get("enum").is_some();
    if schema.get("enum").is_some()
        || schema["oneOf"].as_array().is_some_and(|them| them.iter().all(|it| words(&it)))
    {
        return "text";
    }
    let types = match schema.get("type") {
        Some(Value::String(one)) => vec![one.as_str()],
        Some(Value::Array(some)) => {
            some.iter().filter_map(Value::as_str).filter(|it| *it != "null").collect()
        }
        _ => vec![],
    };
    match types[..] {
        ["string"] => "text",
        ["integer"] => "int",
        ["number"] => "float",
        ["boolean"] => "flag",
        _ => "json",
    }
}

/// A name of an interface as one of Python.
fn identifier(name: &str) -> String {
    let name = name.replace('-', "_");
    if KEYWORDS.contains(&name.as_str()) { name + "_" } else { name }
}

/// How a payload's or row's type is called in a module.
fn type_name(schema: &Value, module: &str) -> String {
    let name = reference(schema).expect("rows, payloads and bodies are named types");
    format!("{module}.{name}")
}

fn opening(about: &str) -> String {
    format!("\"\"\"{about}\n\nWritten by `cargo xtask gen`; edits are lost.\n\"\"\"\n\n")
}

/// A module of every type that has been named, in order of the alphabet.
fn module(about: &str, generator: &mut SchemaGenerator) -> String {
    let definitions: BTreeMap<_, _> = generator.take_definitions(true).into_iter().collect();
    let mut types = Types::default();
    for (name, schema) in &definitions {
        types.define(name, schema);
    }
    let mut text = opening(about);
    text.push_str("from __future__ import annotations\n\n");
    text.push_str("from typing import Any, Literal, NotRequired, TypeAlias, TypedDict\n");
    types.texts.into_values().for_each(|definition| text.push_str(&definition));
    text
}

/// Definitions under way, by name; objects without a name of their own get one.
#[derive(Default)]
struct Types {
    texts: BTreeMap<String, String>,
}

impl Types {
    fn define(&mut self, name: &str, schema: &Value) {
        let properties = schema.get("properties").and_then(Value::as_object);
        let text = match properties {
            Some(properties) if schema.get("oneOf").is_none() => self.object(name, name, properties, schema),
            _ => {
                let said = said(schema);
                let whole = alias(name, &self.type_text(schema, name));
                let comment: String =
                    wrapped(&said, LINE_MAX - 2).iter().fold(String::new(), |mut text, part| {
                        writeln!(text, "# {part}").expect("writing to a string cannot fail");
                        text
                    });
                format!("\n\n{comment}{whole}\n")
            }
        };
        let before = self.texts.insert(name.to_owned(), text);
        assert!(before.is_none(), "two types are called {name}");
    }

    /// `within` begins the names of objects that stand in its fields and have none.
    fn object(
        &mut self,
        name: &str,
        within: &str,
        properties: &Map<String, Value>,
        schema: &Value,
    ) -> String {
        let required: Vec<_> =
            schema.get("required").and_then(Value::as_array).into_iter().flatten().collect();
        let fields: Vec<_> = properties
            .iter()
            .collect::<BTreeMap<_, _>>()
            .into_iter()
            .map(|(field, of)| {
                let type_text = self.type_text(of, &(within.to_owned() + &pascal(field)));
                let is_required = required.iter().any(|it| *it == field);
                let whole = if is_required { type_text } else { format!("NotRequired[{type_text}]") };
                (field, whole, said(of))
            })
            .collect();
        let odd = |field: &str| KEYWORDS.contains(&field) || SHADOWED.contains(&field);
        let mut text = String::new();
        if fields.iter().any(|(field, ..)| odd(field)) {
            let comment = wrapped(&said(schema), LINE_MAX - 2);
            text.push_str("\n\n");
            comment.iter().for_each(|part| line(&mut text, &format!("# {part}")));
            line(&mut text, &format!("{name} = TypedDict(\n    \"{name}\",\n    {{"));
            for (field, whole, said) in fields {
                wrapped(&said, LINE_MAX - 10)
                    .iter()
                    .for_each(|part| line(&mut text, &format!("        # {part}")));
                line(&mut text, &format!("        \"{field}\": {},", quoted_type(&whole)));
            }
            text.push_str("    },\n)\n");
            return text;
        }
        line(&mut text, &format!("\n\nclass {name}(TypedDict):"));
        docstring(&mut text, "    ", &said(schema));
        for (field, whole, said) in fields {
            line(&mut text, &format!("    {field}: {whole}"));
            docstring(&mut text, "    ", &said);
        }
        text
    }

    /// A schema as a type; `name` is for objects that have none.
    fn type_text(&mut self, schema: &Value, name: &str) -> String {
        if let Some(reference) = reference(schema) {
            return reference.to_owned();
        }
        let choices =
            ["anyOf", "oneOf"].into_iter().find_map(|key| schema.get(key).and_then(Value::as_array));
        let own = schema.get("properties").and_then(Value::as_object);
        match (choices, own) {
            (Some(_), Some(_)) => "dict[str, Any]".into(),
            (Some(choices), None) => {
                let texts: Vec<_> = choices.iter().map(|choice| self.choice(choice, name)).collect();
                union(joined_literals(texts).into_iter())
            }
            (None, Some(_)) => self.lifted(schema, name.to_owned()),
            (None, None) => self.plain_text(schema, name),
        }
    }

    /// One of several: an object with one field, as tagged choices are, is called after it.
    fn choice(&mut self, schema: &Value, name: &str) -> String {
        let properties = schema.get("properties").and_then(Value::as_object);
        match properties.map(|properties| properties.keys().collect::<Vec<_>>()).as_deref() {
            Some([field]) => {
                let own = format!("{name}As{}", pascal(field));
                let text = self.object(&own, name, properties.expect("it has that field"), schema);
                let before = self.texts.insert(own.clone(), text);
                assert!(before.is_none(), "two types are called {own}");
                own
            }
            _ => self.type_text(schema, name),
        }
    }

    fn lifted(&mut self, schema: &Value, name: String) -> String {
        self.define(&name, schema);
        name
    }

    fn plain_text(&mut self, schema: &Value, name: &str) -> String {
        if let Some(value) = schema.get("const") {
            return format!("Literal[{}]", word(value));
        }
        if let Some(values) = schema.get("enum").and_then(Value::as_array) {
            return format!("Literal[{}]", values.iter().map(word).collect::<Vec<_>>().join(", "));
        }
        match schema.get("type") {
            Some(Value::String(kind)) => self.kind_text(kind, schema, name),
            Some(Value::Array(kinds)) => {
                let kinds: Vec<_> = kinds.iter().filter_map(Value::as_str).collect();
                union(kinds.into_iter().map(|kind| self.kind_text(kind, schema, name)))
            }
            _ => "Any".into(),
        }
    }

    fn kind_text(&mut self, kind: &str, schema: &Value, name: &str) -> String {
        match kind {
            "integer" => "int".into(),
            "number" => "float".into(),
            "string" => "str".into(),
            "boolean" => "bool".into(),
            "null" => "None".into(),
            "array" => match schema.get("prefixItems").and_then(Value::as_array) {
                Some(places) => {
                    let places: Vec<_> = places.iter().map(|place| self.type_text(place, name)).collect();
                    format!("list[{}]", union(places.into_iter()))
                }
                None => {
                    let items = schema.get("items").map_or("Any".into(), |items| self.type_text(items, name));
                    format!("list[{items}]")
                }
            },
            "object" => {
                let values = schema.get("additionalProperties").filter(|values| values.is_object());
                let values = values.map_or("Any".into(), |values| self.type_text(values, name));
                format!("dict[str, {values}]")
            }
            _ => "Any".into(),
        }
    }
}

/// Literals that follow one another as one of them.
fn joined_literals(texts: Vec<String>) -> Vec<String> {
    let mut joined: Vec<String> = Vec::new();
    let inside = |text: &str| Some(text.strip_prefix("Literal[")?.strip_suffix(']')?.to_owned());
    for text in texts {
        if let (Some(last), Some(words)) = (joined.last_mut(), inside(&text))
            && let Some(before) = inside(last)
        {
            *last = format!("Literal[{before}, {words}]");
        } else {
            joined.push(text);
        }
    }
    joined
}

/// A constant of JSON as Python writes it.
fn word(value: &Value) -> String {
    match value {
        Value::Bool(true) => "True".into(),
        Value::Bool(false) => "False".into(),
        Value::Null => "None".into(),
        other => other.to_string(),
    }
}

/// An alias. The type is a text, for it may name what is defined further down.
fn alias(name: &str, type_text: &str) -> String {
    match type_text.strip_prefix("Literal[").and_then(|rest| rest.strip_suffix(']')) {
        Some(words) if !words.contains(']') => {
            literal(name, &words.split(", ").map(str::to_owned).collect::<Vec<_>>())
        }
        _ => format!("{name}: TypeAlias = {}", quoted_type(type_text)),
    }
}

/// A type as a text, within apostrophes where it holds quotation marks.
fn quoted_type(type_text: &str) -> String {
    if type_text.contains('"') { format!("'{type_text}'") } else { format!("\"{type_text}\"") }
}

/// An alias of a closed list of words.
fn literal(name: &str, words: &[String]) -> String {
    let whole = format!("{name}: TypeAlias = Literal[{}]", words.join(", "));
    if whole.len() <= LINE_MAX {
        return whole;
    }
    format!("{name}: TypeAlias = Literal[\n    {},\n]", words.join(",\n    "))
}

/// A list that is broken at its commas where a line is full.
fn block(text: &mut String, indent: &str, items: &str) {
    for part in wrapped(items, LINE_MAX - indent.len()) {
        line(text, &format!("{indent}{part}"));
    }
}

/// Words in lines of at most so many bytes.
fn wrapped(text: &str, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(last) if last.len() + 1 + word.len() <= most => {
                last.push(' ');
                last.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn docstring(text: &mut String, indent: &str, said: &str) {
    let said = said.replace('\\', "\\\\").replace("\"\"\"", "'''");
    let end = if said.ends_with('"') { " " } else { "" };
    let most = LINE_MAX - indent.len();
    if said.is_empty() {
        return;
    }
    if said.len() + end.len() + 6 <= most {
        return line(text, &format!("{indent}\"\"\"{said}{end}\"\"\""));
    }
    let parts = wrapped(&said, most - 3);
    line(text, &format!("{indent}\"\"\"{}", parts[0]));
    parts[1..].iter().for_each(|part| line(text, &format!("{indent}{part}")));
    line(text, &format!("{indent}\"\"\""));
}

fn said(schema: &Value) -> String {
    let said = schema.get("description").and_then(Value::as_str).unwrap_or_default();
    said.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `pull_request` as `PullRequest`.
fn pascal(name: &str) -> String {
    let mut text = String::new();
    for part in name.split(['_', '-', '.']) {
        let mut letters = part.chars();
        text.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        text.push_str(letters.as_str());
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn schemas_read_as_types() {
        let cases = [
            (json!({"type": "integer", "format": "uint64"}), "int"),
            (json!({"type": ["string", "null"]}), "str | None"),
            (json!({"type": "array", "items": {"$ref": "#/$defs/RunId"}}), "list[RunId]"),
            (json!({"anyOf": [{"$ref": "#/$defs/Usd"}, {"type": "null"}]}), "Usd | None"),
            (json!({"type": "string", "enum": ["a", "b"]}), "Literal[\"a\", \"b\"]"),
            (
                json!({"oneOf": [{"const": "x", "type": "string"}, {"const": true}, {"$ref": "#/$defs/Y"}]}),
                "Literal[\"x\", True] | Y",
            ),
            (json!({"type": "object", "additionalProperties": {"type": "number"}}), "dict[str, float]"),
            (
                json!({"type": "array", "prefixItems": [{"type": "string"}, {"type": "boolean"}]}),
                "list[str | bool]",
            ),
            (json!(true), "Any"),
        ];
        for (schema, expected) in cases {
            assert_eq!(Types::default().type_text(&schema, "Name"), expected);
        }
    }

    #[test]
    fn choices_with_a_tag_get_names_and_odd_fields_another_form() {
        let mut types = Types::default();
        let daily =
            json!({"type": "object", "required": ["hour"], "properties": {"hour": {"type": "integer"}}});
        let schema =
            json!({"oneOf": [{"const": "never"}, {"required": ["daily"], "properties": {"daily": daily}}]});
        types.define("Frequency", &schema);
        assert_eq!(
            types.texts["Frequency"],
            "\n\nFrequency: TypeAlias = 'Literal[\"never\"] | FrequencyAsDaily'\n"
        );
        assert_eq!(
            types.texts["FrequencyAsDaily"],
            "\n\nclass FrequencyAsDaily(TypedDict):\n    daily: FrequencyDaily\n"
        );
        assert_eq!(types.texts["FrequencyDaily"], "\n\nclass FrequencyDaily(TypedDict):\n    hour: int\n");
        let verdict = json!({"description": "A verdict.", "required": ["pass"],
            "properties": {"pass": {"type": "boolean"}, "why": {"type": "string"}}});
        types.define("Verdict", &verdict);
        assert_eq!(
            types.texts["Verdict"],
            "\n\n# A verdict.\nVerdict = TypedDict(\n    \"Verdict\",\n    {\n        \"pass\": \"bool\",\n        \
             \"why\": \"NotRequired[str]\",\n    },\n)\n"
        );
    }

    #[test]
    fn columns_know_money_and_time() {
        let (names, definitions) = (names(), Map::new());
        assert!(
            names.contains("\"total_cost_usd\": \"usd\"") && names.contains("\"created_at\": \"instant\"")
        );
        let cases = [
            (json!({"anyOf": [{"$ref": "#/$defs/Timestamp"}, {"type": "null"}]}), "instant"),
            (json!({"type": ["integer", "null"]}), "int"),
            (json!({"oneOf": [{"const": "a"}, {"const": "b"}]}), "text"),
            (json!({"type": "array", "items": {"type": "string"}}), "json"),
        ];
        for (schema, expected) in cases {
            assert_eq!(kind(&schema, &definitions), expected, "{schema}");
        }
    }

    #[test]
    fn every_view_event_and_command_has_a_name_and_a_type() {
        let (names, log, bodies) = (names(), log(), bodies());
        for view in views() {
            assert_eq!(
                names.matches(&format!("\n        {}, ", quoted(view.name))).count(),
                1,
                "{}",
                view.name
            );
        }
        for aggregate in aggregates() {
            for event in &aggregate.events {
                assert!(names.contains(&format!("    {}: EventType[", event.name)), "{}", event.name);
            }
            for command in &aggregate.commands {
                let name = quoted(&format!("{}/{}", aggregate.name, command.name));
                assert_eq!(names.matches(&name).count(), 2, "{name}");
            }
        }
        assert!(
            log.contains("\nclass UsageRow(TypedDict):\n")
                && bodies.contains("\nclass CreateProject(TypedDict):\n")
        );
        for text in [names, log, bodies] {
            let long = text.lines().filter(|line| line.len() > LINE_MAX && !line.contains("TypeAlias"));
            assert_eq!(long.collect::<Vec<_>>(), Vec::<&str>::new());
        }
    }
}
