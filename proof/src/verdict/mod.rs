//! What a verification answers: whether anything was altered, whether anything is missing, and how it ends.

mod text;

use domain::ids::Position;
use serde::Serialize;

use crate::order::OrderFault;
pub use text::{checkpoint_facts, plural, text};

/// Faults that are listed; more are only counted.
const MAX_FAULTS: usize = 100;

/// An answer that may be unknown, and then says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Answer {
    /// It is so.
    Yes,
    /// It is not so.
    No,
    /// It cannot be told from what is there.
    Unknown,
}

/// How a verification ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Nothing was altered and nothing is missing.
    Verified,
    /// Something was altered.
    Altered,
    /// Something is missing.
    Incomplete,
    /// Everything fits together, but no key that signed it was vouched for.
    UnknownKey,
    /// Everything fits together, but is older than was asked for.
    Stale,
}

impl Outcome {
    /// As an exit code: 0 verified, 1 altered, 3 incomplete, 4 unknown key, 5 stale.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Verified => 0,
            Self::Altered => 1,
            Self::Incomplete => 3,
            Self::UnknownKey => 4,
            Self::Stale => 5,
        }
    }
    /// As a sentence.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Verified => "Verified: nothing was altered and nothing is missing.",
            Self::Altered => "ALTERED: this is not as the log signed it.",
            Self::Incomplete => {
                "INCOMPLETE: what is there is as the log signed it, but something is missing."
            }
            Self::UnknownKey => {
                "UNKNOWN KEY: everything fits together, but nobody vouches for the key that signed it."
            }
            Self::Stale => {
                "STALE: nothing was altered and nothing is missing, but it is older than was asked for."
            }
        }
    }
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Where in the log, where it is about one event.
    pub position: Option<Position>,
    /// What, as a fragment of a sentence.
    pub what: String,
}

/// What a verification found so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Findings {
    /// Every byte is as the log signed it, or as it was made. Unknown where no known key signed.
    pub nothing_altered: Answer,
    /// Nothing is missing up to the last event there is. Unknown where no known key signed.
    pub nothing_missing: Answer,
    /// Whether a key that was vouched for signed.
    pub key_known: bool,
    /// Whether the checkpoint is older than was asked for; none where nothing was asked.
    pub stale: Option<bool>,
    /// The first 100 faults.
    pub faults: Vec<Fault>,
    /// Number of all faults.
    pub fault_count: u64,
    /// Remarks that are no faults.
    pub notes: Vec<String>,
}

impl Default for Findings {
    fn default() -> Self {
        Self {
            nothing_altered: Answer::Yes,
            nothing_missing: Answer::Yes,
            key_known: false,
            stale: None,
            faults: Vec::new(),
            fault_count: 0,
            notes: Vec::new(),
        }
    }
}

impl Findings {
    /// How it ends. Tampering counts more than an unknown key, that more than a gap, and that more than age.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        if self.nothing_altered == Answer::No {
            Outcome::Altered
        } else if !self.key_known {
            Outcome::UnknownKey
        } else if self.nothing_missing != Answer::Yes {
            Outcome::Incomplete
        } else if self.stale == Some(true) {
            Outcome::Stale
        } else {
            Outcome::Verified
        }
    }
    /// Something was altered.
    pub fn altered(&mut self, position: Option<Position>, what: impl Into<String>) {
        self.nothing_altered = Answer::No;
        self.fault(position, what.into());
    }
    /// Something is missing.
    pub fn missing(&mut self, position: Option<Position>, what: impl Into<String>) {
        self.nothing_missing = Answer::No;
        self.fault(position, what.into());
    }
    /// A record does not follow the one before it: a gap is missing, anything else altered.
    pub fn out_of_order(&mut self, position: Option<Position>, fault: &OrderFault) {
        if fault.is_gap() {
            self.missing(position, fault.to_string());
        } else {
            self.altered(position, fault.to_string());
        }
    }
    /// Something is worth knowing.
    pub fn note(&mut self, what: impl Into<String>) {
        self.notes.push(what.into());
    }
    /// Takes back what nobody vouches for: whoever signed with an unknown key may have written every event.
    pub fn settle(&mut self) {
        if self.key_known {
            return;
        }
        for answer in [&mut self.nothing_altered, &mut self.nothing_missing] {
            if *answer == Answer::Yes {
                *answer = Answer::Unknown;
            }
        }
    }
    fn fault(&mut self, position: Option<Position>, what: String) {
        self.fault_count += 1;
        if self.faults.len() < MAX_FAULTS {
            self.faults.push(Fault { position, what });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(change: impl FnOnce(&mut Findings)) -> (u8, Answer, Answer) {
        let mut findings = Findings { key_known: true, ..Findings::default() };
        change(&mut findings);
        findings.settle();
        (findings.outcome().code(), findings.nothing_altered, findings.nothing_missing)
    }

    #[test]
    fn what_is_worse_decides_the_exit_code() {
        use Answer::{No, Unknown, Yes};
        assert_eq!(found(|_| {}), (0, Yes, Yes));
        assert_eq!(found(|it| it.stale = Some(false)), (0, Yes, Yes));
        assert_eq!(found(|it| it.stale = Some(true)), (5, Yes, Yes));
        assert_eq!(found(|it| it.missing(None, "a")), (3, Yes, No));
        assert_eq!(found(|it| it.key_known = false), (4, Unknown, Unknown));
        let lost = |it: &mut Findings| {
            it.missing(None, "a");
            it.stale = Some(true);
            it.key_known = false;
        };
        assert_eq!(found(lost), (4, Unknown, No));
        let all = |it: &mut Findings| {
            lost(it);
            it.altered(None, "b");
        };
        assert_eq!(found(all), (1, No, No));
    }

    #[test]
    fn many_faults_are_counted_and_the_first_listed() {
        let mut findings = Findings::default();
        (0..250).for_each(|at| findings.altered(Some(Position(at)), "a"));
        assert_eq!((findings.faults.len(), findings.fault_count), (MAX_FAULTS, 250));
    }
}
