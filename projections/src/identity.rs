//! The identity of all agents and the rules that hold in every project, each as it is in force.

use std::fmt;
use std::str::FromStr;

use domain::identity::IdentityEvent;
use domain::ids::IdError;
use domain::values::Timestamp;
use domain::{Event, Recorded};
use serde::{Deserialize, Serialize};

use crate::listed::rows;
use crate::table::Table;
use crate::view::{Scope, View};

/// `identity`, or a rule such as `rule/git-protocol`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum IdentityKey {
    Identity,
    Rule(String),
}

impl fmt::Display for IdentityKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Identity => f.write_str("identity"),
            Self::Rule(name) => write!(f, "rule/{name}"),
        }
    }
}

impl FromStr for IdentityKey {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        match text.split_once('/') {
            None if text == "identity" => Ok(Self::Identity),
            Some(("rule", name)) => Ok(Self::Rule(name.to_owned())),
            _ => Err(IdError {
                expected: "`identity`, or a rule such as `rule/git-protocol`".into(),
                actual: text.chars().take(80).collect(),
            }),
        }
    }
}

rows! {
    /// The identity, or a rule.
    struct IdentityRow {
        /// The rule's name; none for the identity.
        rule: Option<String>,
        /// The version.
        version: u32,
        /// The text.
        text: String,
        /// Why it changed.
        note: Option<String>,
        /// Since when it is in force.
        updated_at: Timestamp,
    }
}

/// The view `identity`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Identity {
    table: Table<IdentityKey, IdentityRow>,
}

impl View for Identity {
    const NAME: &'static str = "identity";
    const VERSION: u32 = 1;
    const SCOPE: Scope = Scope::Live;
    const FILTERS: &'static [&'static str] = &["rule"];
    type Key = IdentityKey;
    type Row = IdentityRow;

    fn folds(event: &Event) -> bool {
        matches!(event, Event::Identity(_))
    }
    fn apply(&mut self, event: &Recorded) {
        let Event::Identity(happened) = &event.event else { return };
        let updated_at = event.meta.when();
        match happened {
            IdentityEvent::IdentityWritten(e) => {
                let (version, text, note) = (e.version, e.text.clone(), e.note.clone());
                let row = IdentityRow { rule: None, version, text, note, updated_at };
                self.table.insert(IdentityKey::Identity, row);
            }
            IdentityEvent::RuleWritten(e) => {
                let (rule, version, text) = (Some(e.name.clone()), e.version, e.text.clone());
                let row = IdentityRow { rule, version, text, note: None, updated_at };
                self.table.insert(IdentityKey::Rule(e.name.clone()), row);
            }
            IdentityEvent::RuleRemoved(e) => drop(self.table.remove(&IdentityKey::Rule(e.name.clone()))),
        }
    }
    fn table(&self) -> &Table<IdentityKey, IdentityRow> {
        &self.table
    }
    fn table_mut(&mut self) -> &mut Table<IdentityKey, IdentityRow> {
        &mut self.table
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::testing::{check, sampled};

    #[test]
    fn the_identity_and_the_rules_in_force() {
        check(
            "identity",
            &sampled("identity", 1),
            &expect![[r#"
            identity; version 2
              note: "plainer"
              text: "You work with care."
              updated_at: "07:00:01.000Z"
            rule/git-protocol; version 1
              rule: "git-protocol"
              text: "One branch per task."
              updated_at: "07:00:02.000Z"
        "#]],
        );
    }

    #[test]
    fn keys_have_one_text() {
        for key in [IdentityKey::Identity, IdentityKey::Rule("a".into())] {
            assert_eq!(key.to_string().parse(), Ok(key));
        }
        for wrong in ["", "Identity", "rules/a"] {
            assert!(wrong.parse::<IdentityKey>().is_err(), "{wrong}");
        }
    }
}
