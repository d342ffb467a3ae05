//! A decision in a project's brain, with its rationale.

use crate::brain::shelf::{Shelf, entry};
use crate::catalogue::{commands, events, plain};
use crate::ids::{Category, DecisionId, ProjectId, RunId, SessionId, StreamId};
use crate::{Decider, Rejection, check};

events! {
    /// Everything that can happen to a decision.
    pub enum DecisionEvent {
        2100 => DecisionLogged 1;
        2101 => DecisionEdited 1;
        2102 => DecisionArchived 1;
        2103 => DecisionRestored 1;
        2104 => DecisionSuperseded 1;
    }
}

commands! {
    /// What can be asked of a decision.
    pub enum DecisionCommand {
        "log" => LogDecision;
        "edit" => EditDecision;
        "archive" => ArchiveDecision;
        "restore" => RestoreDecision;
        "supersede" => SupersedeDecision;
    }
}

plain! {
    /// A decision was made.
    struct DecisionLogged {
        /// The project it belongs to.
        project: ProjectId,
        /// A short name for lists.
        title: String,
        /// What was decided.
        decision: String,
        /// Why.
        rationale: String,
        /// What was not chosen, and why.
        alternatives: String,
        /// The session it came from.
        session: Option<SessionId>,
        /// The run it came from.
        run: Option<RunId>,
    }
    /// Its words changed.
    struct DecisionEdited {
        /// A short name for lists.
        title: String,
        /// What was decided.
        decision: String,
        /// Why.
        rationale: String,
        /// What was not chosen, and why.
        alternatives: String,
    }
    /// It left its file; the log keeps it.
    struct DecisionArchived {
        /// Why.
        reason: Option<String>,
    }
    /// It is back in its file.
    struct DecisionRestored {}
    /// Another decision stands in its place.
    struct DecisionSuperseded {
        /// That decision.
        by: DecisionId,
    }
}

plain! {
    /// Logs a decision.
    struct LogDecision {
        /// The project it belongs to.
        project: ProjectId,
        /// A short name for lists; one line.
        title: String,
        /// What was decided; at most 512 KiB together.
        #[serde(default)]
        decision: String,
        /// Why.
        #[serde(default)]
        rationale: String,
        /// What was not chosen, and why.
        #[serde(default)]
        alternatives: String,
        /// The session it comes from.
        session: Option<SessionId>,
        /// The run it comes from.
        run: Option<RunId>,
    }
    /// Replaces its words.
    struct EditDecision {
        /// A short name for lists; one line.
        title: String,
        /// What was decided; at most 512 KiB together.
        #[serde(default)]
        decision: String,
        /// Why.
        #[serde(default)]
        rationale: String,
        /// What was not chosen, and why.
        #[serde(default)]
        alternatives: String,
    }
    /// Takes it out of its file.
    struct ArchiveDecision {
        /// Why; one line.
        reason: Option<String>,
    }
    /// Puts it back into its file.
    struct RestoreDecision {}
    /// Puts another decision in its place, once.
    struct SupersedeDecision {
        /// That decision.
        by: DecisionId,
    }
}

/// A decision, as far as its decisions need it: how it stands, not what it says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Decision {
    shelf: Shelf,
    superseded: bool,
}

impl Decider for Decision {
    const CATEGORY: Category = Category(21);
    type Command = DecisionCommand;
    type Event = DecisionEvent;

    fn decide(&self, command: &DecisionCommand) -> Result<Vec<DecisionEvent>, Rejection> {
        let event = match command {
            DecisionCommand::LogDecision(c) => {
                self.shelf.expect_missing("decision")?;
                entry(
                    &c.title,
                    &[
                        ("decision", &c.decision),
                        ("rationale", &c.rationale),
                        ("alternatives", &c.alternatives),
                    ],
                )?;
                let LogDecision { project, title, decision, rationale, alternatives, session, run } =
                    c.clone();
                DecisionLogged { project, title, decision, rationale, alternatives, session, run }.into()
            }
            DecisionCommand::EditDecision(c) => {
                self.shelf.expect_current("decision")?;
                entry(
                    &c.title,
                    &[
                        ("decision", &c.decision),
                        ("rationale", &c.rationale),
                        ("alternatives", &c.alternatives),
                    ],
                )?;
                let EditDecision { title, decision, rationale, alternatives } = c.clone();
                DecisionEdited { title, decision, rationale, alternatives }.into()
            }
            DecisionCommand::ArchiveDecision(c) => {
                self.shelf.expect_current("decision")?;
                check::opt_name("reason", c.reason.as_deref())?;
                DecisionArchived { reason: c.reason.clone() }.into()
            }
            DecisionCommand::RestoreDecision(RestoreDecision {}) => {
                self.shelf.expect_archived("decision")?;
                DecisionRestored {}.into()
            }
            DecisionCommand::SupersedeDecision(c) => {
                self.shelf.expect_current("decision")?;
                if self.superseded {
                    return Err(Rejection::rule(
                        "the decision is superseded already",
                        "supersede the later one",
                    ));
                }
                DecisionSuperseded { by: c.by }.into()
            }
        };
        Ok(vec![event])
    }
    fn evolve(&mut self, event: &DecisionEvent) {
        match event {
            DecisionEvent::DecisionLogged(e) => {
                *self = Self { shelf: Shelf::current(e.project), superseded: false }
            }
            DecisionEvent::DecisionEdited(_) => {}
            DecisionEvent::DecisionArchived(_) => self.shelf.archive(),
            DecisionEvent::DecisionRestored(_) => self.shelf.restore(),
            DecisionEvent::DecisionSuperseded(_) => self.superseded = true,
        }
    }
    fn project(&self) -> Option<ProjectId> {
        self.shelf.project()
    }
    fn references(command: &DecisionCommand) -> Vec<StreamId> {
        match command {
            DecisionCommand::LogDecision(c) => {
                [c.project.into()].into_iter().chain(c.run.map(StreamId::from)).collect()
            }
            DecisionCommand::SupersedeDecision(c) => vec![c.by.into()],
            _ => vec![],
        }
    }
}

/// One or more of every event.
pub(crate) fn samples() -> Vec<DecisionEvent> {
    vec![
        DecisionLogged {
            project: ProjectId::from_bytes([1; 16]),
            title: "A decision".into(),
            decision: "What was decided, as an example".into(),
            rationale: "Why, as an example".into(),
            alternatives: "What was not chosen, and why, as an example".into(),
            session: Some(SessionId::from_bytes([2; 16])),
            run: Some(RunId::from_bytes([3; 16])),
        }
        .into(),
        DecisionEdited {
            title: "Another title".into(),
            decision: String::new(),
            rationale: String::new(),
            alternatives: String::new(),
        }
        .into(),
        DecisionArchived { reason: Some("older than the last fifty".into()) }.into(),
        DecisionArchived { reason: None }.into(),
        DecisionRestored {}.into(),
        DecisionSuperseded { by: DecisionId::from_bytes([4; 16]) }.into(),
    ]
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::{
        Given, check_accepted, check_any_order, check_refused, command, given, id, pool, with,
    };

    fn words() -> Value {
        json!({ "title": "T", "decision": "d", "rationale": "r", "alternatives": "a" })
    }
    fn made() -> Value {
        with(&words(), &json!({ "project": id(1) }))
    }
    fn current() -> Given<Decision> {
        given([]).and_json("log", &made())
    }
    fn archived() -> Given<Decision> {
        current().and_json("archive", &json!({}))
    }

    #[test]
    fn every_command_is_accepted_where_it_fits() {
        let full = with(&made(), &json!({ "session": id(2), "run": id(3) }));
        let why = json!({ "reason": "r" });
        check_accepted::<Decision>(vec![
            (given([]), "log", full.clone(), vec![("DecisionLogged", full)]),
            (current(), "edit", words(), vec![("DecisionEdited", words())]),
            (current(), "archive", why.clone(), vec![("DecisionArchived", why)]),
            (archived(), "restore", json!({}), vec![("DecisionRestored", json!({}))]),
            (
                current(),
                "supersede",
                json!({ "by": id(4) }),
                vec![("DecisionSuperseded", json!({ "by": id(4) }))],
            ),
        ]);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let (none, current, archived) = (given([]), current(), archived());
        let half = "x".repeat(check::TEXT_MAX_BYTES / 2 + 1);
        let whole = "x".repeat(check::TEXT_MAX_BYTES + 1);
        check_refused(vec![
            (&none, "edit", words(), "decision does not exist"),
            (&none, "archive", json!({}), "decision does not exist"),
            (&none, "restore", json!({}), "decision does not exist"),
            (&current, "log", made(), "decision exists already"),
            (&archived, "log", made(), "decision exists already"),
            (&current, "restore", json!({}), "expected decision to be archived, but it is current"),
            (&archived, "edit", words(), "expected decision to be current, but it is archived"),
            (&archived, "archive", json!({}), "but it is archived"),
            (&none, "log", with(&made(), &json!({ "title": " " })), "`title`: expected 1 to 200 bytes"),
            (&current, "edit", with(&words(), &json!({ "title": "a\nb" })), "`title`: expected"),
            (&none, "log", with(&made(), &json!({ "decision": whole })), "`decision`: expected 0 to 524288"),
            (
                &current,
                "edit",
                with(&words(), &json!({ "decision": half, "alternatives": half })),
                "`alternatives`: expected 0 to 524288 bytes together",
            ),
            (&current, "archive", json!({ "reason": "" }), "`reason`: expected 1 to 200 bytes"),
            (&none, "supersede", json!({ "by": id(4) }), "decision does not exist"),
            (&archived, "supersede", json!({ "by": id(4) }), "but it is archived"),
            (
                &current.clone().and_json("supersede", &json!({ "by": id(4) })),
                "supersede",
                json!({ "by": id(4) }),
                "superseded already",
            ),
        ]);
    }

    #[test]
    fn it_names_its_project_and_its_run() {
        let made: DecisionCommand = command("log", &with(&made(), &json!({ "run": id(3) })));
        let project = ProjectId::from_bytes([1; 16]);
        assert_eq!(Decision::references(&made), [project.into(), RunId::from_bytes([3; 16]).into()]);
        assert_eq!(given::<Decision>([]).and(made).state().project(), Some(project));
        assert_eq!(Decision::references(&RestoreDecision {}.into()), []);
    }

    #[test]
    fn any_order_of_commands_folds_alike() {
        let commands = [
            ("log", made()),
            ("edit", words()),
            ("archive", json!({})),
            ("restore", json!({})),
            ("supersede", json!({ "by": id(4) })),
        ];
        check_any_order::<Decision>(&given([]), &pool(&commands), |_| {});
    }
}
