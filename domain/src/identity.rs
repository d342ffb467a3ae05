//! The identity of all agents: who they are, and the rules that every session in every project follows.

use std::collections::BTreeMap;

use crate::catalogue::{commands, events, plain};
use crate::ids::{Category, ProjectId};
use crate::{Claim, Decider, Rejection, check};

events! {
    /// Everything that can happen to the identity.
    pub enum IdentityEvent {
        4000 => IdentityWritten 1;
        4001 => RuleWritten 1;
        4002 => RuleRemoved 1;
    }
}

commands! {
    /// What can be asked of the identity.
    pub enum IdentityCommand {
        "write" => WriteIdentity;
        "write-rule" => WriteRule;
        "remove-rule" => RemoveRule;
    }
}

plain! {
    /// The text that every session's system prompt begins with was written anew.
    struct IdentityWritten {
        /// The version, one more than the last; the first is 1.
        version: u32,
        /// The text.
        text: String,
        /// Why it changed.
        note: Option<String>,
    }
    /// A rule was made, or written anew.
    struct RuleWritten {
        /// Its name, such as `git-protocol`.
        name: String,
        /// The version of this rule, one more than the last; the first is 1.
        version: u32,
        /// What it says.
        text: String,
    }
    /// A rule holds no longer.
    struct RuleRemoved {
        /// Its name.
        name: String,
    }
}

plain! {
    /// Writes the text that every session's system prompt begins with; the whole text is replaced.
    struct WriteIdentity {
        /// The text; 1 byte to 64 KiB.
        text: String,
        /// Why it changes; one line.
        note: Option<String>,
    }
    /// Makes a rule, or writes it anew.
    struct WriteRule {
        /// Its name: 1 to 63 of a-z, 0-9 and single hyphens; at most 200 rules.
        name: String,
        /// What it says; 1 byte to 64 KiB.
        text: String,
    }
    /// Takes a rule out of force.
    struct RemoveRule {
        /// Its name.
        name: String,
    }
}

/// Longest text of the identity or of a rule, in bytes.
pub const IDENTITY_TEXT_MAX_BYTES: usize = 64 * 1024;
/// Most rules in force.
pub const RULES_MAX: usize = 200;

/// The identity, as far as its decisions need it: versions, not texts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Identity {
    /// Whether anything has happened to it: there is one for all projects.
    exists: bool,
    version: u32,
    /// Last version of every rule there ever was, and whether it is in force.
    rules: BTreeMap<String, (u32, bool)>,
}

fn next(version: u32) -> Result<u32, Rejection> {
    version
        .checked_add(1)
        .ok_or_else(|| Rejection::rule("there is no version number left", "write another rule"))
}

impl Identity {
    fn write_rule(&self, command: &WriteRule) -> Result<IdentityEvent, Rejection> {
        check::slug("name", &command.name)?;
        check::filled_within("text", &command.text, IDENTITY_TEXT_MAX_BYTES)?;
        let (last, in_force) = self.rules.get(&command.name).copied().unwrap_or_default();
        if !in_force && self.rules.values().filter(|(_, in_force)| *in_force).count() >= RULES_MAX {
            let rule = format!("there are {RULES_MAX} rules, the most there may be");
            return Err(Rejection::rule(rule, "remove one that is no longer needed"));
        }
        let WriteRule { name, text } = command.clone();
        Ok(RuleWritten { name, version: next(last)?, text }.into())
    }
}

impl Decider for Identity {
    const CATEGORY: Category = Category(40);
    type Command = IdentityCommand;
    type Event = IdentityEvent;

    fn decide(&self, command: &IdentityCommand) -> Result<Vec<IdentityEvent>, Rejection> {
        let event = match command {
            IdentityCommand::WriteIdentity(c) => {
                check::filled_within("text", &c.text, IDENTITY_TEXT_MAX_BYTES)?;
                check::opt_name("note", c.note.as_deref())?;
                let WriteIdentity { text, note } = c.clone();
                IdentityWritten { version: next(self.version)?, text, note }.into()
            }
            IdentityCommand::WriteRule(c) => self.write_rule(c)?,
            IdentityCommand::RemoveRule(c) => {
                if !self.rules.get(&c.name).is_some_and(|(_, in_force)| *in_force) {
                    return Err(Rejection::unknown("rule", &c.name));
                }
                RuleRemoved { name: c.name.clone() }.into()
            }
        };
        Ok(vec![event])
    }

    fn evolve(&mut self, event: &IdentityEvent) {
        self.exists = true;
        match event {
            IdentityEvent::IdentityWritten(e) => self.version = e.version,
            IdentityEvent::RuleWritten(e) => drop(self.rules.insert(e.name.clone(), (e.version, true))),
            IdentityEvent::RuleRemoved(e) => {
                if let Some((_, in_force)) = self.rules.get_mut(&e.name) {
                    *in_force = false;
                }
            }
        }
    }

    /// It belongs to none: it is that of all projects.
    fn project(&self) -> Option<ProjectId> {
        None
    }

    fn is_global(&self) -> bool {
        true
    }

    fn claims(command: &IdentityCommand) -> Vec<Claim> {
        match command {
            IdentityCommand::WriteIdentity(_) | IdentityCommand::WriteRule(_) => vec![claim()],
            IdentityCommand::RemoveRule(_) => vec![],
        }
    }

    fn holds(&self, held: &Claim) -> bool {
        self.exists && *held == claim()
    }
}

/// There is one identity.
fn claim() -> Claim {
    Claim::new("identity", "of all projects")
}

/// One or more of every event.
pub(crate) fn samples() -> Vec<IdentityEvent> {
    vec![
        IdentityWritten { version: 1, text: "You work carefully.".into(), note: None }.into(),
        IdentityWritten { version: 2, text: "You work with care.".into(), note: Some("plainer".into()) }
            .into(),
        RuleWritten { name: "git-protocol".into(), version: 1, text: "One branch per task.".into() }.into(),
        RuleWritten { name: "tests".into(), version: 1, text: "Tests come first.".into() }.into(),
        RuleRemoved { name: "tests".into() }.into(),
    ]
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::{
        Given, check_accepted, check_any_order, check_refused, command, given, id, pool, with,
    };

    fn rule(name: &str) -> Value {
        json!({ "name": name, "text": "t" })
    }
    fn ruled() -> Given<Identity> {
        given([]).and_json("write-rule", &rule("a"))
    }

    #[test]
    fn every_command_is_accepted_where_it_fits() {
        let body = json!({ "text": "t", "note": "n" });
        let removed = ruled().and_json("remove-rule", &json!({ "name": "a" }));
        check_accepted::<Identity>(vec![
            (
                ruled().and_json("write", &body),
                "write",
                body.clone(),
                vec![("IdentityWritten", with(&body, &json!({ "version": 2 })))],
            ),
            (
                given([]),
                "write-rule",
                rule("a"),
                vec![("RuleWritten", with(&rule("a"), &json!({ "version": 1 })))],
            ),
            (
                removed,
                "write-rule",
                rule("a"),
                vec![("RuleWritten", with(&rule("a"), &json!({ "version": 2 })))],
            ),
            (ruled(), "remove-rule", json!({ "name": "a" }), vec![("RuleRemoved", json!({ "name": "a" }))]),
        ]);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let (none, ruled) = (given([]), ruled());
        let removed = ruled.clone().and_json("remove-rule", &json!({ "name": "a" }));
        let long = "x".repeat(IDENTITY_TEXT_MAX_BYTES + 1);
        let full = (0..RULES_MAX).fold(given([]), |it, n| it.and_json("write-rule", &rule(&format!("r{n}"))));
        full.clone().and_json("write-rule", &rule("r0"));
        check_refused::<Identity>(vec![
            (&none, "write", json!({ "text": " " }), "`text`: expected a text"),
            (&none, "write", json!({ "text": long }), "`text`: expected at most 65536 bytes"),
            (&none, "write", json!({ "text": "t", "note": "" }), "`note`: expected 1 to 200 bytes"),
            (&none, "write-rule", rule("A b"), "`name`: expected 1 to 63 of a-z"),
            (&none, "write-rule", with(&rule("a"), &json!({ "text": "" })), "`text`: expected a text"),
            (
                &none,
                "write-rule",
                with(&rule("a"), &json!({ "text": long })),
                "`text`: expected at most 65536",
            ),
            (&full, "write-rule", rule("more"), "there are 200 rules"),
            (&none, "remove-rule", json!({ "name": "a" }), "unknown rule `a`"),
            (&removed, "remove-rule", json!({ "name": "a" }), "unknown rule `a`"),
        ]);
    }

    #[test]
    fn there_is_one_for_all_projects() {
        let write: IdentityCommand = command("write", &json!({ "text": "t" }));
        let [held] = &Identity::claims(&write)[..] else { panic!("one claim") };
        let state = ruled().state();
        assert!(state.holds(held) && !Identity::default().holds(held));
        assert!(state.is_global() && state.project().is_none());
        assert!(!state.holds(&Claim::new("identity", id(1))));
    }

    #[test]
    fn any_order_of_commands_folds_alike() {
        let commands = [
            ("write", json!({ "text": "t" })),
            ("write-rule", rule("a")),
            ("write-rule", rule("b")),
            ("remove-rule", json!({ "name": "a" })),
        ];
        check_any_order::<Identity>(&given([]), &pool(&commands), |_| {});
    }
}
