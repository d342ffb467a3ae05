//! A point in history, as readers name it.

use std::str::FromStr;

use domain::ids::{IdError, Position};
use domain::values::Timestamp;

/// A point in history: a position, or an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// After the event at this position.
    Position(Position),
    /// After the last event recorded at or before this instant.
    Time(Timestamp),
}

impl FromStr for At {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        if let Ok(position) = text.parse() {
            return Ok(Self::Position(position));
        }
        let wrong = |_| IdError {
            expected: "a position, or an RFC 3339 time such as 2026-11-21T07:06:00Z".into(),
            actual: text.chars().take(80).collect(),
        };
        text.parse().map(Self::Time).map_err(wrong)
    }
}
