//! Why a command is refused: what was expected, what came, and what to do.

use std::fmt;

use crate::Claim;

/// A refused command; nothing was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The aggregate has no history yet.
    #[error("{aggregate} does not exist")]
    NotFound {
        /// The aggregate's kind.
        aggregate: &'static str,
    },
    /// The aggregate, or a part of it, is there already.
    #[error("{what} exists already")]
    AlreadyExists {
        /// What is there.
        what: String,
    },
    /// A part that the command names is not in the aggregate.
    #[error("unknown {what} {id}")]
    Unknown {
        /// What kind of thing was named.
        what: &'static str,
        /// The name or id that came, in backticks, cut to 80 characters.
        id: String,
    },
    /// Another aggregate that the command names does not exist.
    #[error("`{reference}` does not exist")]
    UnknownReference {
        /// The stream that was named.
        reference: String,
    },
    /// Another aggregate holds a value that only one may hold.
    #[error("{scope} {key} is taken")]
    Taken {
        /// What kind of value it is.
        scope: &'static str,
        /// The value, in backticks, cut to 80 characters.
        key: String,
    },
    /// A field's value is not acceptable.
    #[error("`{field}`: expected {expected}, got {actual}")]
    Invalid {
        /// The field, by its name in JSON.
        field: &'static str,
        /// What is acceptable.
        expected: String,
        /// What came, cut to 80 characters.
        actual: String,
    },
    /// The command does not fit the aggregate's state.
    #[error("expected {aggregate} to be {expected}, but it is {actual}")]
    IllegalState {
        /// The aggregate or part.
        aggregate: &'static str,
        /// States in which the command is allowed.
        expected: &'static str,
        /// The state it is in.
        actual: String,
    },
    /// A rule of the aggregate forbids it.
    #[error("{rule}")]
    Rule {
        /// The rule that was broken, as a fragment.
        rule: String,
        /// What to do instead.
        hint: &'static str,
    },
}

impl Rejection {
    /// A field whose value is not acceptable.
    pub fn invalid(field: &'static str, expected: impl Into<String>, actual: impl fmt::Display) -> Self {
        Self::Invalid { field, expected: expected.into(), actual: clip(&actual.to_string()) }
    }
    /// A part that the aggregate does not hold.
    pub fn unknown(what: &'static str, id: impl fmt::Display) -> Self {
        Self::Unknown { what, id: clip(&id.to_string()) }
    }
    /// A value that another aggregate holds.
    #[must_use]
    pub fn taken(claim: &Claim) -> Self {
        Self::Taken { scope: claim.scope, key: clip(&claim.key) }
    }
    /// A command that does not fit the state.
    pub fn illegal(aggregate: &'static str, expected: &'static str, actual: impl fmt::Display) -> Self {
        Self::IllegalState { aggregate, expected, actual: actual.to_string() }
    }
    /// A rule that was broken, and what to do instead.
    pub fn rule(rule: impl Into<String>, hint: &'static str) -> Self {
        Self::Rule { rule: rule.into(), hint }
    }
    /// The field at fault, where one is.
    #[must_use]
    pub const fn field(&self) -> Option<&'static str> {
        match self {
            Self::Invalid { field, .. } => Some(field),
            _ => None,
        }
    }
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "check the id; the first command of an aggregate creates it",
            Self::AlreadyExists { .. } => {
                "use another id, or repeat the first request under its own idempotency key"
            }
            Self::Unknown { .. } => "read the aggregate's view for what it holds",
            Self::UnknownReference { .. } => "create it first, or check the id",
            Self::Taken { .. } => "choose another, or wait until whoever has it gives it up",
            Self::Invalid { .. } => "send a value within what is expected; /openapi.json lists every field",
            Self::IllegalState { .. } => {
                "read the aggregate's view for its state, then send the command that fits"
            }
            Self::Rule { hint, .. } => hint,
        }
    }
}

/// At most 80 characters, so that a hostile value does not fill a log or a reply.
fn clip(text: &str) -> String {
    const MAX: usize = 80;
    if text.chars().count() <= MAX {
        return format!("`{text}`");
    }
    format!("`{}…` ({} bytes)", text.chars().take(MAX).collect::<String>(), text.len())
}
