//! A coding pattern of a project, in its brain.

use crate::brain::shelf::{Shelf, entry};
use crate::catalogue::{commands, events, plain};
use crate::ids::{Category, PatternId, ProjectId, RunId, SessionId, StreamId};
use crate::{Decider, Rejection, check};

events! {
    /// Everything that can happen to a pattern.
    pub enum PatternEvent {
        2200 => PatternNoted 1;
        2201 => PatternEdited 1;
        2202 => PatternArchived 1;
        2203 => PatternRestored 1;
        2204 => PatternConsolidated 1;
        2205 => PatternPromoted 1;
    }
}

commands! {
    /// What can be asked of a pattern.
    pub enum PatternCommand {
        "note" => NotePattern;
        "edit" => EditPattern;
        "archive" => ArchivePattern;
        "restore" => RestorePattern;
        "consolidate" => ConsolidatePattern;
        "promote" => PromotePattern;
    }
}

plain! {
    /// A pattern was noted.
    struct PatternNoted {
        /// The project it belongs to.
        project: ProjectId,
        /// A short name for lists.
        title: String,
        /// How things are done here.
        pattern: String,
        /// Where it is seen.
        example: String,
        /// The session it came from.
        session: Option<SessionId>,
        /// The run it came from.
        run: Option<RunId>,
    }
    /// Its words changed.
    struct PatternEdited {
        /// A short name for lists.
        title: String,
        /// How things are done here.
        pattern: String,
        /// Where it is seen.
        example: String,
    }
    /// It left its file; the log keeps it.
    struct PatternArchived {
        /// Why.
        reason: Option<String>,
    }
    /// It is back in its file.
    struct PatternRestored {}
    /// It says what another pattern says: that one stands for both, and this one is archived.
    struct PatternConsolidated {
        /// The pattern that stands for both.
        into: PatternId,
    }
    /// It was seen in several projects, and applies in all of them.
    struct PatternPromoted {
        /// Where else it was seen.
        projects: Vec<ProjectId>,
    }
}

plain! {
    /// Notes a pattern.
    struct NotePattern {
        /// The project it belongs to.
        project: ProjectId,
        /// A short name for lists; one line.
        title: String,
        /// How things are done here; at most 512 KiB together.
        #[serde(default)]
        pattern: String,
        /// Where it is seen.
        #[serde(default)]
        example: String,
        /// The session it comes from.
        session: Option<SessionId>,
        /// The run it comes from.
        run: Option<RunId>,
    }
    /// Replaces its words.
    struct EditPattern {
        /// A short name for lists; one line.
        title: String,
        /// How things are done here; at most 512 KiB together.
        #[serde(default)]
        pattern: String,
        /// Where it is seen.
        #[serde(default)]
        example: String,
    }
    /// Takes it out of its file.
    struct ArchivePattern {
        /// Why; one line.
        reason: Option<String>,
    }
    /// Puts it back into its file.
    struct RestorePattern {}
    /// Lets another pattern stand for both, and archives this one.
    struct ConsolidatePattern {
        /// The pattern that stands for both.
        into: PatternId,
    }
    /// Makes a pattern apply in every project, once.
    struct PromotePattern {
        /// Where else it was seen; 1 to 100.
        projects: Vec<ProjectId>,
    }
}

/// A pattern, as far as its decisions need it: how it stands, not what it says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pattern {
    shelf: Shelf,
    promoted: bool,
}

impl Decider for Pattern {
    const CATEGORY: Category = Category(22);
    type Command = PatternCommand;
    type Event = PatternEvent;

    fn decide(&self, command: &PatternCommand) -> Result<Vec<PatternEvent>, Rejection> {
        let event = match command {
            PatternCommand::NotePattern(c) => {
                self.shelf.expect_missing("pattern")?;
                entry(&c.title, &[("pattern", &c.pattern), ("example", &c.example)])?;
                let NotePattern { project, title, pattern, example, session, run } = c.clone();
                PatternNoted { project, title, pattern, example, session, run }.into()
            }
            PatternCommand::EditPattern(c) => {
                self.shelf.expect_current("pattern")?;
                entry(&c.title, &[("pattern", &c.pattern), ("example", &c.example)])?;
                let EditPattern { title, pattern, example } = c.clone();
                PatternEdited { title, pattern, example }.into()
            }
            PatternCommand::ArchivePattern(c) => {
                self.shelf.expect_current("pattern")?;
                check::opt_name("reason", c.reason.as_deref())?;
                PatternArchived { reason: c.reason.clone() }.into()
            }
            PatternCommand::RestorePattern(RestorePattern {}) => {
                self.shelf.expect_archived("pattern")?;
                PatternRestored {}.into()
            }
            PatternCommand::ConsolidatePattern(c) => {
                self.shelf.expect_current("pattern")?;
                PatternConsolidated { into: c.into }.into()
            }
            PatternCommand::PromotePattern(c) => {
                self.shelf.expect_current("pattern")?;
                if self.promoted {
                    return Err(Rejection::rule("the pattern is promoted already", "nothing is left to do"));
                }
                check::range("projects", c.projects.len(), &(1..=100), "projects")?;
                PatternPromoted { projects: c.projects.clone() }.into()
            }
        };
        Ok(vec![event])
    }
    fn evolve(&mut self, event: &PatternEvent) {
        match event {
            PatternEvent::PatternNoted(e) => {
                *self = Self { shelf: Shelf::current(e.project), promoted: false }
            }
            PatternEvent::PatternEdited(_) => {}
            PatternEvent::PatternArchived(_) => self.shelf.archive(),
            PatternEvent::PatternRestored(_) => self.shelf.restore(),
            PatternEvent::PatternConsolidated(_) => self.shelf.archive(),
            PatternEvent::PatternPromoted(_) => self.promoted = true,
        }
    }
    fn project(&self) -> Option<ProjectId> {
        self.shelf.project()
    }
    fn references(command: &PatternCommand) -> Vec<StreamId> {
        match command {
            PatternCommand::NotePattern(c) => {
                [c.project.into()].into_iter().chain(c.run.map(StreamId::from)).collect()
            }
            PatternCommand::ConsolidatePattern(c) => vec![c.into.into()],
            _ => vec![],
        }
    }
}

/// One or more of every event.
pub(crate) fn samples() -> Vec<PatternEvent> {
    vec![
        PatternNoted {
            project: ProjectId::from_bytes([1; 16]),
            title: "A pattern".into(),
            pattern: "How things are done here, as an example".into(),
            example: "Where it is seen, as an example".into(),
            session: Some(SessionId::from_bytes([2; 16])),
            run: Some(RunId::from_bytes([3; 16])),
        }
        .into(),
        PatternEdited { title: "Another title".into(), pattern: String::new(), example: String::new() }
            .into(),
        PatternArchived { reason: Some("older than the last fifty".into()) }.into(),
        PatternArchived { reason: None }.into(),
        PatternRestored {}.into(),
        PatternConsolidated { into: PatternId::from_bytes([4; 16]) }.into(),
        PatternPromoted { projects: vec![ProjectId::from_bytes([5; 16])] }.into(),
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
        json!({ "title": "T", "pattern": "p", "example": "e" })
    }
    fn made() -> Value {
        with(&words(), &json!({ "project": id(1) }))
    }
    fn current() -> Given<Pattern> {
        given([]).and_json("note", &made())
    }
    fn archived() -> Given<Pattern> {
        current().and_json("archive", &json!({}))
    }

    #[test]
    fn every_command_is_accepted_where_it_fits() {
        let full = with(&made(), &json!({ "session": id(2), "run": id(3) }));
        let why = json!({ "reason": "r" });
        check_accepted::<Pattern>(vec![
            (given([]), "note", full.clone(), vec![("PatternNoted", full)]),
            (current(), "edit", words(), vec![("PatternEdited", words())]),
            (current(), "archive", why.clone(), vec![("PatternArchived", why)]),
            (archived(), "restore", json!({}), vec![("PatternRestored", json!({}))]),
            (
                current(),
                "consolidate",
                json!({ "into": id(4) }),
                vec![("PatternConsolidated", json!({ "into": id(4) }))],
            ),
            (
                current(),
                "promote",
                json!({ "projects": [id(5)] }),
                vec![("PatternPromoted", json!({ "projects": [id(5)] }))],
            ),
        ]);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let (none, current, archived) = (given([]), current(), archived());
        let half = "x".repeat(check::TEXT_MAX_BYTES / 2 + 1);
        let whole = "x".repeat(check::TEXT_MAX_BYTES + 1);
        check_refused(vec![
            (&none, "edit", words(), "pattern does not exist"),
            (&none, "archive", json!({}), "pattern does not exist"),
            (&none, "restore", json!({}), "pattern does not exist"),
            (&current, "note", made(), "pattern exists already"),
            (&archived, "note", made(), "pattern exists already"),
            (&current, "restore", json!({}), "expected pattern to be archived, but it is current"),
            (&archived, "edit", words(), "expected pattern to be current, but it is archived"),
            (&archived, "archive", json!({}), "but it is archived"),
            (&none, "note", with(&made(), &json!({ "title": " " })), "`title`: expected 1 to 200 bytes"),
            (&current, "edit", with(&words(), &json!({ "title": "a\nb" })), "`title`: expected"),
            (&none, "note", with(&made(), &json!({ "pattern": whole })), "`pattern`: expected 0 to 524288"),
            (
                &current,
                "edit",
                with(&words(), &json!({ "pattern": half, "example": half })),
                "`example`: expected 0 to 524288 bytes together",
            ),
            (&current, "archive", json!({ "reason": "" }), "`reason`: expected 1 to 200 bytes"),
            (&none, "consolidate", json!({ "into": id(4) }), "pattern does not exist"),
            (
                &current.clone().and_json("consolidate", &json!({ "into": id(4) })),
                "edit",
                words(),
                "but it is archived",
            ),
            (&none, "promote", json!({ "projects": [id(5)] }), "pattern does not exist"),
            (&archived, "promote", json!({ "projects": [id(5)] }), "but it is archived"),
            (&current, "promote", json!({ "projects": [] }), "`projects`: expected 1 to 100 projects"),
            (
                &current.clone().and_json("promote", &json!({ "projects": [id(5)] })),
                "promote",
                json!({ "projects": [id(5)] }),
                "the pattern is promoted already",
            ),
        ]);
    }

    #[test]
    fn it_names_its_project_and_its_run() {
        let made: PatternCommand = command("note", &with(&made(), &json!({ "run": id(3) })));
        let project = ProjectId::from_bytes([1; 16]);
        assert_eq!(Pattern::references(&made), [project.into(), RunId::from_bytes([3; 16]).into()]);
        assert_eq!(given::<Pattern>([]).and(made).state().project(), Some(project));
        assert_eq!(Pattern::references(&RestorePattern {}.into()), []);
    }

    #[test]
    fn any_order_of_commands_folds_alike() {
        let commands = [
            ("note", made()),
            ("edit", words()),
            ("archive", json!({})),
            ("restore", json!({})),
            ("consolidate", json!({ "into": id(4) })),
            ("promote", json!({ "projects": [id(5)] })),
        ];
        check_any_order::<Pattern>(&given([]), &pool(&commands), |_| {});
    }
}
