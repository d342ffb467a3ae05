//! A failed approach and its lesson, in a project's brain.

use crate::brain::shelf::{Shelf, entry};
use crate::catalogue::{commands, events, plain};
use crate::ids::{Category, ProjectId, RunId, SessionId, StreamId};
use crate::{Decider, Rejection, check};

events! {
    /// Everything that can happen to a mistake.
    pub enum MistakeEvent {
        2300 => MistakeLogged 1;
        2301 => MistakeEdited 1;
        2302 => MistakeArchived 1;
        2303 => MistakeRestored 1;
        2304 => MistakeResolved 1;
        2305 => MistakeReopened 1;
        2306 => MistakePromoted 1;
    }
}

commands! {
    /// What can be asked of a mistake.
    pub enum MistakeCommand {
        "log" => LogMistake;
        "edit" => EditMistake;
        "archive" => ArchiveMistake;
        "restore" => RestoreMistake;
        "resolve" => ResolveMistake;
        "reopen" => ReopenMistake;
        "promote" => PromoteMistake;
    }
}

plain! {
    /// An approach failed.
    struct MistakeLogged {
        /// The project it belongs to.
        project: ProjectId,
        /// A short name for lists.
        title: String,
        /// What was tried.
        attempt: String,
        /// Why it failed.
        failure: String,
        /// What to do instead.
        instead: String,
        /// The session it came from.
        session: Option<SessionId>,
        /// The run it came from.
        run: Option<RunId>,
    }
    /// Its words changed.
    struct MistakeEdited {
        /// A short name for lists.
        title: String,
        /// What was tried.
        attempt: String,
        /// Why it failed.
        failure: String,
        /// What to do instead.
        instead: String,
    }
    /// It left its file; the log keeps it.
    struct MistakeArchived {
        /// Why.
        reason: Option<String>,
    }
    /// It is back in its file.
    struct MistakeRestored {}
    /// It cannot happen again.
    struct MistakeResolved {
        /// How that was reached.
        how: String,
    }
    /// It can happen again.
    struct MistakeReopened {}
    /// It was seen in several projects, and its lesson applies in all of them.
    struct MistakePromoted {
        /// Where else it was seen.
        projects: Vec<ProjectId>,
    }
}

plain! {
    /// Logs a failed approach.
    struct LogMistake {
        /// The project it belongs to.
        project: ProjectId,
        /// A short name for lists; one line.
        title: String,
        /// What was tried; at most 512 KiB together.
        #[serde(default)]
        attempt: String,
        /// Why it failed.
        #[serde(default)]
        failure: String,
        /// What to do instead.
        #[serde(default)]
        instead: String,
        /// The session it comes from.
        session: Option<SessionId>,
        /// The run it comes from.
        run: Option<RunId>,
    }
    /// Replaces its words.
    struct EditMistake {
        /// A short name for lists; one line.
        title: String,
        /// What was tried; at most 512 KiB together.
        #[serde(default)]
        attempt: String,
        /// Why it failed.
        #[serde(default)]
        failure: String,
        /// What to do instead.
        #[serde(default)]
        instead: String,
    }
    /// Takes it out of its file.
    struct ArchiveMistake {
        /// Why; one line.
        reason: Option<String>,
    }
    /// Puts it back into its file.
    struct RestoreMistake {}
    /// Records that it cannot happen again, or otherwise than was said.
    struct ResolveMistake {
        /// How that was reached; 1 byte to 512 KiB.
        how: String,
    }
    /// Records that it can happen again.
    struct ReopenMistake {}
    /// Makes a lesson apply in every project, once.
    struct PromoteMistake {
        /// Where else it was seen; 1 to 100.
        projects: Vec<ProjectId>,
    }
}

/// A mistake, as far as its decisions need it: how it stands, not what it says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Mistake {
    shelf: Shelf,
    resolved: bool,
    promoted: bool,
}

impl Decider for Mistake {
    const CATEGORY: Category = Category(23);
    type Command = MistakeCommand;
    type Event = MistakeEvent;

    fn decide(&self, command: &MistakeCommand) -> Result<Vec<MistakeEvent>, Rejection> {
        let event = match command {
            MistakeCommand::LogMistake(c) => {
                self.shelf.expect_missing("mistake")?;
                entry(
                    &c.title,
                    &[("attempt", &c.attempt), ("failure", &c.failure), ("instead", &c.instead)],
                )?;
                let LogMistake { project, title, attempt, failure, instead, session, run } = c.clone();
                MistakeLogged { project, title, attempt, failure, instead, session, run }.into()
            }
            MistakeCommand::EditMistake(c) => {
                self.shelf.expect_current("mistake")?;
                entry(
                    &c.title,
                    &[("attempt", &c.attempt), ("failure", &c.failure), ("instead", &c.instead)],
                )?;
                let EditMistake { title, attempt, failure, instead } = c.clone();
                MistakeEdited { title, attempt, failure, instead }.into()
            }
            MistakeCommand::ArchiveMistake(c) => {
                self.shelf.expect_current("mistake")?;
                check::opt_name("reason", c.reason.as_deref())?;
                MistakeArchived { reason: c.reason.clone() }.into()
            }
            MistakeCommand::RestoreMistake(RestoreMistake {}) => {
                self.shelf.expect_archived("mistake")?;
                MistakeRestored {}.into()
            }
            MistakeCommand::ResolveMistake(c) => {
                self.shelf.expect_current("mistake")?;
                check::filled("how", &c.how)?;
                MistakeResolved { how: c.how.clone() }.into()
            }
            MistakeCommand::ReopenMistake(ReopenMistake {}) => {
                self.shelf.expect_current("mistake")?;
                if !self.resolved {
                    return Err(Rejection::illegal("mistake", "resolved", "open"));
                }
                MistakeReopened {}.into()
            }
            MistakeCommand::PromoteMistake(c) => {
                self.shelf.expect_current("mistake")?;
                if self.promoted {
                    return Err(Rejection::rule("the mistake is promoted already", "nothing is left to do"));
                }
                check::range("projects", c.projects.len(), &(1..=100), "projects")?;
                MistakePromoted { projects: c.projects.clone() }.into()
            }
        };
        Ok(vec![event])
    }
    fn evolve(&mut self, event: &MistakeEvent) {
        match event {
            MistakeEvent::MistakeLogged(e) => {
                *self = Self { shelf: Shelf::current(e.project), resolved: false, promoted: false }
            }
            MistakeEvent::MistakeEdited(_) => {}
            MistakeEvent::MistakeArchived(_) => self.shelf.archive(),
            MistakeEvent::MistakeRestored(_) => self.shelf.restore(),
            MistakeEvent::MistakeResolved(_) => self.resolved = true,
            MistakeEvent::MistakeReopened(_) => self.resolved = false,
            MistakeEvent::MistakePromoted(_) => self.promoted = true,
        }
    }
    fn project(&self) -> Option<ProjectId> {
        self.shelf.project()
    }
    fn references(command: &MistakeCommand) -> Vec<StreamId> {
        match command {
            MistakeCommand::LogMistake(c) => {
                [c.project.into()].into_iter().chain(c.run.map(StreamId::from)).collect()
            }
            _ => vec![],
        }
    }
}

/// One or more of every event.
pub(crate) fn samples() -> Vec<MistakeEvent> {
    vec![
        MistakeLogged {
            project: ProjectId::from_bytes([1; 16]),
            title: "A mistake".into(),
            attempt: "What was tried, as an example".into(),
            failure: "Why it failed, as an example".into(),
            instead: "What to do instead, as an example".into(),
            session: Some(SessionId::from_bytes([2; 16])),
            run: Some(RunId::from_bytes([3; 16])),
        }
        .into(),
        MistakeEdited {
            title: "Another title".into(),
            attempt: String::new(),
            failure: String::new(),
            instead: String::new(),
        }
        .into(),
        MistakeArchived { reason: Some("older than the last fifty".into()) }.into(),
        MistakeArchived { reason: None }.into(),
        MistakeRestored {}.into(),
        MistakeResolved { how: "a lint refuses it".into() }.into(),
        MistakeReopened {}.into(),
        MistakePromoted { projects: vec![ProjectId::from_bytes([5; 16])] }.into(),
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
        json!({ "title": "T", "attempt": "a", "failure": "f", "instead": "i" })
    }
    fn made() -> Value {
        with(&words(), &json!({ "project": id(1) }))
    }
    fn current() -> Given<Mistake> {
        given([]).and_json("log", &made())
    }
    fn archived() -> Given<Mistake> {
        current().and_json("archive", &json!({}))
    }

    #[test]
    fn every_command_is_accepted_where_it_fits() {
        let full = with(&made(), &json!({ "session": id(2), "run": id(3) }));
        let why = json!({ "reason": "r" });
        check_accepted::<Mistake>(vec![
            (given([]), "log", full.clone(), vec![("MistakeLogged", full)]),
            (current(), "edit", words(), vec![("MistakeEdited", words())]),
            (current(), "archive", why.clone(), vec![("MistakeArchived", why)]),
            (archived(), "restore", json!({}), vec![("MistakeRestored", json!({}))]),
            (current(), "resolve", json!({ "how": "h" }), vec![("MistakeResolved", json!({ "how": "h" }))]),
            (
                current().and_json("resolve", &json!({ "how": "h" })),
                "reopen",
                json!({}),
                vec![("MistakeReopened", json!({}))],
            ),
            (
                current(),
                "promote",
                json!({ "projects": [id(5)] }),
                vec![("MistakePromoted", json!({ "projects": [id(5)] }))],
            ),
        ]);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let (none, current, archived) = (given([]), current(), archived());
        let half = "x".repeat(check::TEXT_MAX_BYTES / 2 + 1);
        let whole = "x".repeat(check::TEXT_MAX_BYTES + 1);
        check_refused(vec![
            (&none, "edit", words(), "mistake does not exist"),
            (&none, "archive", json!({}), "mistake does not exist"),
            (&none, "restore", json!({}), "mistake does not exist"),
            (&current, "log", made(), "mistake exists already"),
            (&archived, "log", made(), "mistake exists already"),
            (&current, "restore", json!({}), "expected mistake to be archived, but it is current"),
            (&archived, "edit", words(), "expected mistake to be current, but it is archived"),
            (&archived, "archive", json!({}), "but it is archived"),
            (&none, "log", with(&made(), &json!({ "title": " " })), "`title`: expected 1 to 200 bytes"),
            (&current, "edit", with(&words(), &json!({ "title": "a\nb" })), "`title`: expected"),
            (&none, "log", with(&made(), &json!({ "attempt": whole })), "`attempt`: expected 0 to 524288"),
            (
                &current,
                "edit",
                with(&words(), &json!({ "attempt": half, "instead": half })),
                "`instead`: expected 0 to 524288 bytes together",
            ),
            (&current, "archive", json!({ "reason": "" }), "`reason`: expected 1 to 200 bytes"),
            (&none, "resolve", json!({ "how": "h" }), "mistake does not exist"),
            (&archived, "resolve", json!({ "how": "h" }), "but it is archived"),
            (&current, "resolve", json!({ "how": "" }), "`how`: expected a text"),
            (&current, "reopen", json!({}), "expected mistake to be resolved, but it is open"),
            (&none, "promote", json!({ "projects": [id(5)] }), "mistake does not exist"),
            (&archived, "promote", json!({ "projects": [id(5)] }), "but it is archived"),
            (&current, "promote", json!({ "projects": [] }), "`projects`: expected 1 to 100 projects"),
            (
                &current.clone().and_json("promote", &json!({ "projects": [id(5)] })),
                "promote",
                json!({ "projects": [id(5)] }),
                "the mistake is promoted already",
            ),
        ]);
    }

    #[test]
    fn it_names_its_project_and_its_run() {
        let made: MistakeCommand = command("log", &with(&made(), &json!({ "run": id(3) })));
        let project = ProjectId::from_bytes([1; 16]);
        assert_eq!(Mistake::references(&made), [project.into(), RunId::from_bytes([3; 16]).into()]);
        assert_eq!(given::<Mistake>([]).and(made).state().project(), Some(project));
        assert_eq!(Mistake::references(&RestoreMistake {}.into()), []);
    }

    #[test]
    fn any_order_of_commands_folds_alike() {
        let commands = [
            ("log", made()),
            ("edit", words()),
            ("archive", json!({})),
            ("restore", json!({})),
            ("resolve", json!({ "how": "h" })),
            ("reopen", json!({})),
            ("promote", json!({ "projects": [id(5)] })),
        ];
        check_any_order::<Mistake>(&given([]), &pool(&commands), |_| {});
    }
}
