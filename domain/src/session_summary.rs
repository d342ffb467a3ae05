//! What a session did and left, in a project's brain.

use crate::brain::shelf::{Shelf, entry};
use crate::catalogue::{commands, events, plain};
use crate::ids::{Category, ProjectId, RunId, SessionId, StreamId};
use crate::{Decider, Rejection, check};

events! {
    /// Everything that can happen to a session summary.
    pub enum SessionSummaryEvent {
        2500 => SessionSummarised 1;
        2501 => SessionSummaryEdited 1;
        2502 => SessionSummaryArchived 1;
        2503 => SessionSummaryRestored 1;
    }
}

commands! {
    /// What can be asked of a session summary.
    pub enum SessionSummaryCommand {
        "write" => WriteSessionSummary;
        "edit" => EditSessionSummary;
        "archive" => ArchiveSessionSummary;
        "restore" => RestoreSessionSummary;
    }
}

plain! {
    /// A session was summed up.
    struct SessionSummarised {
        /// The project it belongs to.
        project: ProjectId,
        /// A short name for lists.
        title: String,
        /// What was done.
        done: String,
        /// What comes next.
        next: String,
        /// What was learned.
        learned: String,
        /// The session it came from.
        session: Option<SessionId>,
        /// The run it came from.
        run: Option<RunId>,
    }
    /// Its words changed.
    struct SessionSummaryEdited {
        /// A short name for lists.
        title: String,
        /// What was done.
        done: String,
        /// What comes next.
        next: String,
        /// What was learned.
        learned: String,
    }
    /// It left its file; the log keeps it.
    struct SessionSummaryArchived {
        /// Why.
        reason: Option<String>,
    }
    /// It is back in its file.
    struct SessionSummaryRestored {}
}

plain! {
    /// Sums a session up.
    struct WriteSessionSummary {
        /// The project it belongs to.
        project: ProjectId,
        /// A short name for lists; one line.
        title: String,
        /// What was done; at most 512 KiB together.
        #[serde(default)]
        done: String,
        /// What comes next.
        #[serde(default)]
        next: String,
        /// What was learned.
        #[serde(default)]
        learned: String,
        /// The session it comes from.
        session: Option<SessionId>,
        /// The run it comes from.
        run: Option<RunId>,
    }
    /// Replaces its words.
    struct EditSessionSummary {
        /// A short name for lists; one line.
        title: String,
        /// What was done; at most 512 KiB together.
        #[serde(default)]
        done: String,
        /// What comes next.
        #[serde(default)]
        next: String,
        /// What was learned.
        #[serde(default)]
        learned: String,
    }
    /// Takes it out of its file.
    struct ArchiveSessionSummary {
        /// Why; one line.
        reason: Option<String>,
    }
    /// Puts it back into its file.
    struct RestoreSessionSummary {}
}

/// A session summary, as far as its decisions need it: how it stands, not what it says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SessionSummary {
    shelf: Shelf,
}

impl Decider for SessionSummary {
    const CATEGORY: Category = Category(25);
    type Command = SessionSummaryCommand;
    type Event = SessionSummaryEvent;

    fn decide(&self, command: &SessionSummaryCommand) -> Result<Vec<SessionSummaryEvent>, Rejection> {
        let event = match command {
            SessionSummaryCommand::WriteSessionSummary(c) => {
                self.shelf.expect_missing("session summary")?;
                entry(&c.title, &[("done", &c.done), ("next", &c.next), ("learned", &c.learned)])?;
                let WriteSessionSummary { project, title, done, next, learned, session, run } = c.clone();
                SessionSummarised { project, title, done, next, learned, session, run }.into()
            }
            SessionSummaryCommand::EditSessionSummary(c) => {
                self.shelf.expect_current("session summary")?;
                entry(&c.title, &[("done", &c.done), ("next", &c.next), ("learned", &c.learned)])?;
                let EditSessionSummary { title, done, next, learned } = c.clone();
                SessionSummaryEdited { title, done, next, learned }.into()
            }
            SessionSummaryCommand::ArchiveSessionSummary(c) => {
                self.shelf.expect_current("session summary")?;
                check::opt_name("reason", c.reason.as_deref())?;
                SessionSummaryArchived { reason: c.reason.clone() }.into()
            }
            SessionSummaryCommand::RestoreSessionSummary(RestoreSessionSummary {}) => {
                self.shelf.expect_archived("session summary")?;
                SessionSummaryRestored {}.into()
            }
        };
        Ok(vec![event])
    }
    fn evolve(&mut self, event: &SessionSummaryEvent) {
        match event {
            SessionSummaryEvent::SessionSummarised(e) => *self = Self { shelf: Shelf::current(e.project) },
            SessionSummaryEvent::SessionSummaryEdited(_) => {}
            SessionSummaryEvent::SessionSummaryArchived(_) => self.shelf.archive(),
            SessionSummaryEvent::SessionSummaryRestored(_) => self.shelf.restore(),
        }
    }
    fn project(&self) -> Option<ProjectId> {
        self.shelf.project()
    }
    fn references(command: &SessionSummaryCommand) -> Vec<StreamId> {
        match command {
            SessionSummaryCommand::WriteSessionSummary(c) => {
                [c.project.into()].into_iter().chain(c.run.map(StreamId::from)).collect()
            }
            _ => vec![],
        }
    }
}

/// One or more of every event.
pub(crate) fn samples() -> Vec<SessionSummaryEvent> {
    vec![
        SessionSummarised {
            project: ProjectId::from_bytes([1; 16]),
            title: "A session summary".into(),
            done: "What was done, as an example".into(),
            next: "What comes next, as an example".into(),
            learned: "What was learned, as an example".into(),
            session: Some(SessionId::from_bytes([2; 16])),
            run: Some(RunId::from_bytes([3; 16])),
        }
        .into(),
        SessionSummaryEdited {
            title: "Another title".into(),
            done: String::new(),
            next: String::new(),
            learned: String::new(),
        }
        .into(),
        SessionSummaryArchived { reason: Some("older than the last fifty".into()) }.into(),
        SessionSummaryArchived { reason: None }.into(),
        SessionSummaryRestored {}.into(),
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
        json!({ "title": "T", "done": "d", "next": "n", "learned": "l" })
    }
    fn made() -> Value {
        with(&words(), &json!({ "project": id(1) }))
    }
    fn current() -> Given<SessionSummary> {
        given([]).and_json("write", &made())
    }
    fn archived() -> Given<SessionSummary> {
        current().and_json("archive", &json!({}))
    }

    #[test]
    fn every_command_is_accepted_where_it_fits() {
        let full = with(&made(), &json!({ "session": id(2), "run": id(3) }));
        let why = json!({ "reason": "r" });
        check_accepted::<SessionSummary>(vec![
            (given([]), "write", full.clone(), vec![("SessionSummarised", full)]),
            (current(), "edit", words(), vec![("SessionSummaryEdited", words())]),
            (current(), "archive", why.clone(), vec![("SessionSummaryArchived", why)]),
            (archived(), "restore", json!({}), vec![("SessionSummaryRestored", json!({}))]),
        ]);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let (none, current, archived) = (given([]), current(), archived());
        let half = "x".repeat(check::TEXT_MAX_BYTES / 2 + 1);
        let whole = "x".repeat(check::TEXT_MAX_BYTES + 1);
        check_refused(vec![
            (&none, "edit", words(), "session summary does not exist"),
            (&none, "archive", json!({}), "session summary does not exist"),
            (&none, "restore", json!({}), "session summary does not exist"),
            (&current, "write", made(), "session summary exists already"),
            (&archived, "write", made(), "session summary exists already"),
            (&current, "restore", json!({}), "expected session summary to be archived, but it is current"),
            (&archived, "edit", words(), "expected session summary to be current, but it is archived"),
            (&archived, "archive", json!({}), "but it is archived"),
            (&none, "write", with(&made(), &json!({ "title": " " })), "`title`: expected 1 to 200 bytes"),
            (&current, "edit", with(&words(), &json!({ "title": "a\nb" })), "`title`: expected"),
            (&none, "write", with(&made(), &json!({ "done": whole })), "`done`: expected 0 to 524288"),
            (
                &current,
                "edit",
                with(&words(), &json!({ "done": half, "learned": half })),
                "`learned`: expected 0 to 524288 bytes together",
            ),
            (&current, "archive", json!({ "reason": "" }), "`reason`: expected 1 to 200 bytes"),
        ]);
    }

    #[test]
    fn it_names_its_project_and_its_run() {
        let made: SessionSummaryCommand = command("write", &with(&made(), &json!({ "run": id(3) })));
        let project = ProjectId::from_bytes([1; 16]);
        assert_eq!(SessionSummary::references(&made), [project.into(), RunId::from_bytes([3; 16]).into()]);
        assert_eq!(given::<SessionSummary>([]).and(made).state().project(), Some(project));
        assert_eq!(SessionSummary::references(&RestoreSessionSummary {}.into()), []);
    }

    #[test]
    fn any_order_of_commands_folds_alike() {
        let commands = [("write", made()), ("edit", words()), ("archive", json!({})), ("restore", json!({}))];
        check_any_order::<SessionSummary>(&given([]), &pool(&commands), |_| {});
    }
}
