//! Schemas that several routes share: what a parameter may be, to the letter, so that what fits is taken.

use projections::{Scope, views};
use serde_json::{Value, json};

use crate::state::WAIT_MAX;

/// An id.
pub(super) fn ulid() -> Value {
    json!({ "type": "string", "format": "ulid", "pattern": "^[0-7][0-9A-HJKMNP-TV-Z]{25}$" })
}

/// A place in the log.
pub(super) fn position() -> Value {
    json!({ "type": "integer", "minimum": 0, "maximum": u64::MAX })
}

/// A point in history: a position, or an instant.
pub(super) fn point() -> Value {
    json!({ "oneOf": [position(), time()] })
}

/// An instant, RFC 3339.
pub(super) fn time() -> Value {
    json!({ "type": "string", "format": "date-time" })
}

/// Any text.
pub(super) fn text() -> Value {
    json!({ "type": "string" })
}

/// A whole number.
pub(super) fn number(minimum: u64, maximum: u64) -> Value {
    json!({ "type": "integer", "minimum": minimum, "maximum": maximum })
}

/// How long is waited, in milliseconds.
pub(super) fn wait() -> Value {
    number(0, u64::try_from(WAIT_MAX.as_millis()).unwrap_or(u64::MAX))
}

/// One of these words.
pub(super) fn one_of(words: impl Iterator<Item = &'static str>) -> Value {
    json!({ "type": "string", "enum": words.collect::<Vec<_>>() })
}

/// A view that is folded live.
pub(super) fn live_view() -> Value {
    one_of(views().into_iter().filter(|view| view.scope == Scope::Live).map(|view| view.name))
}

/// An answer of those media types, in place of JSON.
pub(super) fn answers(operation: &mut Value, method: &str, kinds: &[&str]) {
    let content: serde_json::Map<_, _> = kinds.iter().map(|kind| ((*kind).to_owned(), json!({}))).collect();
    operation[method]["responses"]["200"]["content"] = content.into();
}

/// Refusals that only some routes have.
pub(super) fn refuses(mut operation: Value, codes: &[(&str, &str)]) -> Value {
    for (_, method) in operation.as_object_mut().into_iter().flatten() {
        for (status, response) in super::problems(codes) {
            method["responses"][status] = response;
        }
    }
    operation
}

/// A parameter that must be there.
pub(super) fn required(mut parameter: Value) -> Value {
    parameter["required"] = true.into();
    parameter
}
