//! A point in history, as readers name it.

use std::str::FromStr;

use domain::ids::{IdError, Position};
use domain::values::Timestamp;
use journal::{Journal, ReadError};

const EVENTS_PER_READ: usize = 8192;
const BYTES_PER_READ: usize = 8 << 20;

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

/// The position that `at` stands for; `None` where it lies before the first event.
pub(crate) fn resolve(journal: &Journal, at: At) -> Result<Option<Position>, ReadError> {
    let head = journal.watermark();
    let instant = match at {
        At::Position(position) => return Ok(head.map(|head| position.min(head))),
        At::Time(instant) => instant,
    };
    // Clocks run backwards at times, so the last event at or before the instant may stand behind later ones.
    let (mut cursor, mut found) = (None, None);
    while cursor < head {
        let records = journal.read(cursor, EVENTS_PER_READ, BYTES_PER_READ)?;
        let Some(last) = records.last() else { break };
        cursor = Some(last.position());
        let before = records.iter().rev().find(|record| record.time() <= instant);
        found = before.map(journal::RawRecord::position).or(found);
    }
    Ok(found)
}
