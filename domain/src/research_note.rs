//! Findings of research, dated, in a project's brain.

use crate::brain::shelf::{Shelf, entry};
use crate::catalogue::{commands, events, plain};
use crate::ids::{Category, ProjectId, RunId, SessionId, StreamId};
use crate::{Decider, Rejection, check};

events! {
    /// Everything that can happen to a research note.
    pub enum ResearchNoteEvent {
        2400 => ResearchNoteWritten 1;
        2401 => ResearchNoteEdited 1;
        2402 => ResearchNoteArchived 1;
        2403 => ResearchNoteRestored 1;
    }
}

commands! {
    /// What can be asked of a research note.
    pub enum ResearchNoteCommand {
        "write" => WriteResearchNote;
        "edit" => EditResearchNote;
        "archive" => ArchiveResearchNote;
        "restore" => RestoreResearchNote;
    }
}

plain! {
    /// Findings were written down.
    struct ResearchNoteWritten {
        /// The project it belongs to.
        project: ProjectId,
        /// A short name for lists.
        title: String,
        /// What was found.
        findings: String,
        /// Where, one source a line.
        sources: String,
        /// The session it came from.
        session: Option<SessionId>,
        /// The run it came from.
        run: Option<RunId>,
    }
    /// Its words changed.
    struct ResearchNoteEdited {
        /// A short name for lists.
        title: String,
        /// What was found.
        findings: String,
        /// Where, one source a line.
        sources: String,
    }
    /// It left its file; the log keeps it.
    struct ResearchNoteArchived {
        /// Why.
        reason: Option<String>,
    }
    /// It is back in its file.
    struct ResearchNoteRestored {}
}

plain! {
    /// Writes findings down.
    struct WriteResearchNote {
        /// The project it belongs to.
        project: ProjectId,
        /// A short name for lists; one line.
        title: String,
        /// What was found; at most 512 KiB together.
        #[serde(default)]
        findings: String,
        /// Where, one source a line.
        #[serde(default)]
        sources: String,
        /// The session it comes from.
        session: Option<SessionId>,
        /// The run it comes from.
        run: Option<RunId>,
    }
    /// Replaces its words.
    struct EditResearchNote {
        /// A short name for lists; one line.
        title: String,
        /// What was found; at most 512 KiB together.
        #[serde(default)]
        findings: String,
        /// Where, one source a line.
        #[serde(default)]
        sources: String,
    }
    /// Takes it out of its file.
    struct ArchiveResearchNote {
        /// Why; one line.
        reason: Option<String>,
    }
    /// Puts it back into its file.
    struct RestoreResearchNote {}
}

/// A research note, as far as its decisions need it: how it stands, not what it says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ResearchNote {
    shelf: Shelf,
}

impl Decider for ResearchNote {
    const CATEGORY: Category = Category(24);
    type Command = ResearchNoteCommand;
    type Event = ResearchNoteEvent;

    fn decide(&self, command: &ResearchNoteCommand) -> Result<Vec<ResearchNoteEvent>, Rejection> {
        let event = match command {
            ResearchNoteCommand::WriteResearchNote(c) => {
                self.shelf.expect_missing("research note")?;
                entry(&c.title, &[("findings", &c.findings), ("sources", &c.sources)])?;
                let WriteResearchNote { project, title, findings, sources, session, run } = c.clone();
                ResearchNoteWritten { project, title, findings, sources, session, run }.into()
            }
            ResearchNoteCommand::EditResearchNote(c) => {
                self.shelf.expect_current("research note")?;
                entry(&c.title, &[("findings", &c.findings), ("sources", &c.sources)])?;
                let EditResearchNote { title, findings, sources } = c.clone();
                ResearchNoteEdited { title, findings, sources }.into()
            }
            ResearchNoteCommand::ArchiveResearchNote(c) => {
                self.shelf.expect_current("research note")?;
                check::opt_name("reason", c.reason.as_deref())?;
                ResearchNoteArchived { reason: c.reason.clone() }.into()
            }
            ResearchNoteCommand::RestoreResearchNote(RestoreResearchNote {}) => {
                self.shelf.expect_archived("research note")?;
                ResearchNoteRestored {}.into()
            }
        };
        Ok(vec![event])
    }
    fn evolve(&mut self, event: &ResearchNoteEvent) {
        match event {
            ResearchNoteEvent::ResearchNoteWritten(e) => *self = Self { shelf: Shelf::current(e.project) },
            ResearchNoteEvent::ResearchNoteEdited(_) => {}
            ResearchNoteEvent::ResearchNoteArchived(_) => self.shelf.archive(),
            ResearchNoteEvent::ResearchNoteRestored(_) => self.shelf.restore(),
        }
    }
    fn project(&self) -> Option<ProjectId> {
        self.shelf.project()
    }
    fn references(command: &ResearchNoteCommand) -> Vec<StreamId> {
        match command {
            ResearchNoteCommand::WriteResearchNote(c) => {
                [c.project.into()].into_iter().chain(c.run.map(StreamId::from)).collect()
            }
            _ => vec![],
        }
    }
}

/// One or more of every event.
pub(crate) fn samples() -> Vec<ResearchNoteEvent> {
    vec![
        ResearchNoteWritten {
            project: ProjectId::from_bytes([1; 16]),
            title: "A research note".into(),
            findings: "What was found, as an example".into(),
            sources: "Where, one source a line, as an example".into(),
            session: Some(SessionId::from_bytes([2; 16])),
            run: Some(RunId::from_bytes([3; 16])),
        }
        .into(),
        ResearchNoteEdited { title: "Another title".into(), findings: String::new(), sources: String::new() }
            .into(),
        ResearchNoteArchived { reason: Some("older than the last fifty".into()) }.into(),
        ResearchNoteArchived { reason: None }.into(),
        ResearchNoteRestored {}.into(),
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
        json!({ "title": "T", "findings": "f", "sources": "s" })
    }
    fn made() -> Value {
        with(&words(), &json!({ "project": id(1) }))
    }
    fn current() -> Given<ResearchNote> {
        given([]).and_json("write", &made())
    }
    fn archived() -> Given<ResearchNote> {
        current().and_json("archive", &json!({}))
    }

    #[test]
    fn every_command_is_accepted_where_it_fits() {
        let full = with(&made(), &json!({ "session": id(2), "run": id(3) }));
        let why = json!({ "reason": "r" });
        check_accepted::<ResearchNote>(vec![
            (given([]), "write", full.clone(), vec![("ResearchNoteWritten", full)]),
            (current(), "edit", words(), vec![("ResearchNoteEdited", words())]),
            (current(), "archive", why.clone(), vec![("ResearchNoteArchived", why)]),
            (archived(), "restore", json!({}), vec![("ResearchNoteRestored", json!({}))]),
        ]);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let (none, current, archived) = (given([]), current(), archived());
        let half = "x".repeat(check::TEXT_MAX_BYTES / 2 + 1);
        let whole = "x".repeat(check::TEXT_MAX_BYTES + 1);
        check_refused(vec![
            (&none, "edit", words(), "research note does not exist"),
            (&none, "archive", json!({}), "research note does not exist"),
            (&none, "restore", json!({}), "research note does not exist"),
            (&current, "write", made(), "research note exists already"),
            (&archived, "write", made(), "research note exists already"),
            (&current, "restore", json!({}), "expected research note to be archived, but it is current"),
            (&archived, "edit", words(), "expected research note to be current, but it is archived"),
            (&archived, "archive", json!({}), "but it is archived"),
            (&none, "write", with(&made(), &json!({ "title": " " })), "`title`: expected 1 to 200 bytes"),
            (&current, "edit", with(&words(), &json!({ "title": "a\nb" })), "`title`: expected"),
            (
                &none,
                "write",
                with(&made(), &json!({ "findings": whole })),
                "`findings`: expected 0 to 524288",
            ),
            (
                &current,
                "edit",
                with(&words(), &json!({ "findings": half, "sources": half })),
                "`sources`: expected 0 to 524288 bytes together",
            ),
            (&current, "archive", json!({ "reason": "" }), "`reason`: expected 1 to 200 bytes"),
        ]);
    }

    #[test]
    fn it_names_its_project_and_its_run() {
        let made: ResearchNoteCommand = command("write", &with(&made(), &json!({ "run": id(3) })));
        let project = ProjectId::from_bytes([1; 16]);
        assert_eq!(ResearchNote::references(&made), [project.into(), RunId::from_bytes([3; 16]).into()]);
        assert_eq!(given::<ResearchNote>([]).and(made).state().project(), Some(project));
        assert_eq!(ResearchNote::references(&RestoreResearchNote {}.into()), []);
    }

    #[test]
    fn any_order_of_commands_folds_alike() {
        let commands = [("write", made()), ("edit", words()), ("archive", json!({})), ("restore", json!({}))];
        check_any_order::<ResearchNote>(&given([]), &pool(&commands), |_| {});
    }
}
