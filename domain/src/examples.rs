//! Bodies of commands, made up from their schemas and from what sampled events hold: for tests of any aggregate.

use std::collections::{BTreeMap, BTreeSet};

use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};

use crate::ids::{ProjectId, StreamId};
use crate::{Category, aggregates};

/// Ids there are: few, so that commands meet each other's aggregates and parts.
pub const IDS: u64 = 4;

/// A sequence of choices that follows from its seed alone: SplitMix64
/// (<https://prng.di.unimi.it/splitmix64.c>).
#[derive(Debug, Clone)]
pub struct Choices(u64);

impl Choices {
    /// The choices of that seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }
    /// A number below `bound`, which is not 0.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let bound = u64::try_from(bound).unwrap_or(u64::MAX).max(1);
        usize::try_from((mixed ^ (mixed >> 31)) % bound).unwrap_or(0)
    }
    /// One of several.
    pub fn of<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        from.get(self.below(from.len()))
    }
    /// Whether something comes to pass that does so `percent` times in a hundred.
    pub fn comes(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
    /// An id: the first of all most of the time.
    pub fn id(&mut self) -> ulid::Ulid {
        let number = if self.comes(70) { 0 } else { self.below(usize::try_from(IDS).unwrap_or(1)) };
        id(u64::try_from(number).unwrap_or(0))
    }
}

/// The id of that number.
#[must_use]
pub fn id(number: u64) -> ulid::Ulid {
    ulid::Ulid::from_parts(1_795_240_000_000 + number, 1)
}

/// What can be asked of an aggregate.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The aggregate's kind.
    pub category: Category,
    /// The command's name.
    pub command: &'static str,
    schema: Value,
}

/// Every command of every aggregate, and values for their fields.
#[derive(Debug)]
pub struct Examples {
    asked: Vec<Asked>,
    definitions: Map<String, Value>,
    /// What fields of that name hold in sampled events.
    values: BTreeMap<String, Vec<Value>>,
}

impl Default for Examples {
    fn default() -> Self {
        Self::new()
    }
}

impl Examples {
    /// From the registry.
    #[must_use]
    pub fn new() -> Self {
        let mut generator = SchemaGenerator::default();
        let (mut asked, mut values) = (Vec::new(), BTreeMap::new());
        for aggregate in aggregates() {
            for spec in &aggregate.commands {
                let schema = (spec.schema)(&mut generator).to_value();
                asked.push(Asked { category: aggregate.category, command: spec.name, schema });
            }
            for sample in (aggregate.samples)() {
                let sample = serde_json::to_value(sample).unwrap_or_default();
                gather(&sample, &mut values);
            }
        }
        let definitions = generator.definitions().clone();
        let values = values.into_iter().map(|(field, texts)| {
            (field, texts.iter().filter_map(|text| serde_json::from_str(text).ok()).collect())
        });
        Self { asked, definitions, values: values.collect() }
    }
    /// Every command, in the order of the registry.
    #[must_use]
    pub fn asked(&self) -> &[Asked] {
        &self.asked
    }
    /// A body that the command may accept, refuse, or be unable to read.
    pub fn body(&self, asked: &Asked, choices: &mut Choices) -> Value {
        let optional = choices.of(&[3, 40]).copied().unwrap_or_default();
        let mut body = Maker { examples: self, optional }.value(&asked.schema, None, choices, 0);
        if choices.comes(10) {
            spoil(&mut body, choices);
        }
        body
    }
}

/// Makes one body.
struct Maker<'a> {
    examples: &'a Examples,
    /// How often in a hundred times a field is there that need not be.
    optional: usize,
}

impl Maker<'_> {
    fn value(&self, schema: &Value, field: Option<&str>, choices: &mut Choices, depth: usize) -> Value {
        if let Some(known) = field.and_then(|field| self.examples.values.get(field))
            && choices.comes(75)
        {
            return with_own_ids(choices.of(known).cloned().unwrap_or_default(), choices);
        }
        if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
            return self
                .examples
                .definitions
                .get(name)
                .map_or(Value::Null, |it| self.value(it, None, choices, depth + 1));
        }
        for variants in [&schema["anyOf"], &schema["oneOf"]] {
            if let Some(variant) = variants.as_array().and_then(|variants| choices.of(variants)) {
                return self.value(variant, None, choices, depth + 1);
            }
        }
        if let Some(words) = schema["enum"].as_array() {
            return choices.of(words).cloned().unwrap_or_default();
        }
        if !schema["const"].is_null() {
            return schema["const"].clone();
        }
        let kinds = match &schema["type"] {
            Value::Array(kinds) => choices.of(kinds).cloned().unwrap_or_default(),
            kind => kind.clone(),
        };
        match kinds.as_str() {
            Some("object") => self.object(schema, choices, depth),
            Some("array") => self.array(schema, choices, depth),
            Some("string") => text(schema, choices),
            Some("integer") => whole(schema, choices),
            Some("number") => choices
                .of(&[json!(0.0), json!(0.5), json!(1.0), json!(8.25), json!(-1.0)])
                .cloned()
                .unwrap_or_default(),
            Some("boolean") => choices.comes(50).into(),
            _ => Value::Null,
        }
    }
    fn object(&self, schema: &Value, choices: &mut Choices, depth: usize) -> Value {
        let required: BTreeSet<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let mut object = Map::new();
        for (field, schema) in schema["properties"].as_object().into_iter().flatten() {
            if choices.comes(if required.contains(field.as_str()) { 99 } else { self.optional }) {
                object.insert(field.clone(), self.value(schema, Some(field), choices, depth + 1));
            }
        }
        object.into()
    }
    fn array(&self, schema: &Value, choices: &mut Choices, depth: usize) -> Value {
        if let Some(parts) = schema["prefixItems"].as_array() {
            return parts.iter().map(|part| self.value(part, None, choices, depth + 1)).collect();
        }
        // Deep lists stay short, or a body of lists of lists would grow without end.
        let most = if depth > 6 { 1 } else { 4 };
        (0..choices.below(most)).map(|_| self.value(&schema["items"], None, choices, depth + 1)).collect()
    }
}

/// Collects the values of fields, each once, by name.
fn gather(value: &Value, into: &mut BTreeMap<String, BTreeSet<String>>) {
    match value {
        Value::Object(fields) => {
            for (field, value) in fields {
                if !value.is_null() {
                    into.entry(field.clone()).or_default().insert(value.to_string());
                }
                gather(value, into);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| gather(item, into)),
        _ => {}
    }
}

/// Ids of samples are each its own; here they become ids that others have as well.
fn with_own_ids(value: Value, choices: &mut Choices) -> Value {
    match value {
        Value::String(text) if text.parse::<ProjectId>().is_ok() => choices.id().to_string().into(),
        Value::String(text) => match text.parse::<StreamId>() {
            Ok(stream) => StreamId { id: choices.id(), ..stream }.to_string().into(),
            Err(_) => text.into(),
        },
        Value::Array(items) => items.into_iter().map(|item| with_own_ids(item, choices)).collect(),
        Value::Object(fields) => {
            fields.into_iter().map(|(field, value)| (field, with_own_ids(value, choices))).collect()
        }
        other => other,
    }
}

fn text(schema: &Value, choices: &mut Choices) -> Value {
    match schema["format"].as_str() {
        Some("ulid") => return choices.id().to_string().into(),
        Some("date-time") => return format!("2026-11-{:02}T07:06:00Z", 1 + choices.below(30)).into(),
        _ => {}
    }
    let texts = ["a", "b", "two words", "", " ", "two\nlines", "ä€😀", "https://example.org/x", "0"];
    match choices.below(400) {
        0..10 => "x".repeat(300).into(),
        10 => "x".repeat(70_000).into(),
        _ => choices.of(&texts).copied().unwrap_or_default().into(),
    }
}

fn whole(schema: &Value, choices: &mut Choices) -> Value {
    let bound = |name: &str| schema[name].as_u64();
    let mut numbers = vec![0, 1, 1, 2, 3, 5, 8, 60_000, u64::MAX];
    numbers.extend(bound("minimum").into_iter().chain(bound("maximum")));
    numbers.extend(bound("maximum").map(|most| most.saturating_add(1)));
    choices.of(&numbers).copied().unwrap_or_default().into()
}

/// Puts something else somewhere into the body.
fn spoil(value: &mut Value, choices: &mut Choices) {
    let other = [Value::Null, json!(-1), json!("?"), json!([]), json!({}), json!(true), json!(1e300)];
    let inner: Vec<&mut Value> = match value {
        Value::Object(fields) => fields.values_mut().collect(),
        Value::Array(items) => items.iter_mut().collect(),
        _ => vec![],
    };
    let at = choices.below(inner.len());
    match inner.into_iter().nth(at) {
        Some(inner) => spoil(inner, choices),
        None => *value = choices.of(&other).cloned().unwrap_or_default(),
    }
}
