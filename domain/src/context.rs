//! A context: a versioned system prompt and CLAUDE.md, bound to one kind of session.

use crate::catalogue::{commands, events, plain};
use crate::ids::{Category, ProjectId, StreamId};
use crate::terms::SessionType;
use crate::{Decider, Rejection, check};

events! {
    /// Everything that can happen to a context.
    pub enum ContextEvent {
        500 => ContextCreated 1;
        501 => ContextVersioned 1;
        502 => ContextActivated 1;
        503 => ContextArchived 1;
    }
}

commands! {
    /// What can be asked of a context.
    pub enum ContextCommand {
        "create" => CreateContext;
        "update" => UpdateContext;
        "activate" => ActivateContext;
        "archive" => ArchiveContext;
    }
}

plain! {
    /// A context was made; this is its version 1, and it is active.
    struct ContextCreated {
        /// The project it belongs to.
        project: ProjectId,
        /// A short name for lists.
        name: String,
        /// The kind of session it is for.
        session: SessionType,
        /// What the session's system prompt says.
        system_prompt: String,
        /// What the session's CLAUDE.md says.
        claude_md: String,
    }
    /// A new version was written, and is active.
    struct ContextVersioned {
        /// The version, one more than the last.
        version: u32,
        /// What the session's system prompt says.
        system_prompt: String,
        /// What the session's CLAUDE.md says.
        claude_md: String,
        /// Why it changed.
        note: Option<String>,
    }
    /// An older version, or again a newer one, is in force.
    struct ContextActivated {
        /// The version in force.
        version: u32,
    }
    /// The context is no longer offered; its versions stay readable.
    struct ContextArchived {}
}

plain! {
    /// Makes a context, with its version 1.
    struct CreateContext {
        /// The project it belongs to.
        project: ProjectId,
        /// A short name for lists.
        name: String,
        /// The kind of session it is for.
        session: SessionType,
        /// What the session's system prompt says; at most 512 KiB together with `claude_md`.
        #[serde(default)]
        system_prompt: String,
        /// What the session's CLAUDE.md says.
        #[serde(default)]
        claude_md: String,
    }
    /// Writes the next version and puts it in force; both texts are replaced.
    struct UpdateContext {
        /// What the session's system prompt says; at most 512 KiB together with `claude_md`.
        #[serde(default)]
        system_prompt: String,
        /// What the session's CLAUDE.md says.
        #[serde(default)]
        claude_md: String,
        /// Why it changes; one line.
        note: Option<String>,
    }
    /// Puts another version in force, such as to revert.
    struct ActivateContext {
        /// A version there is, other than the active one.
        version: u32,
    }
    /// Takes the context out of use, for good.
    struct ArchiveContext {}
}

#[derive(Debug, Clone, Copy, PartialEq, Default)]
enum Phase {
    #[default]
    Missing,
    Current,
    Archived,
}

/// A context, as far as its decisions need it: which versions there are, not what they say.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Context {
    project: Option<ProjectId>,
    phase: Phase,
    session: Option<SessionType>,
    last: u32,
    active: u32,
}

impl Context {
    fn expect_current(&self) -> Result<(), Rejection> {
        match self.phase {
            Phase::Missing => Err(Rejection::NotFound { aggregate: "context" }),
            Phase::Current => Ok(()),
            Phase::Archived => Err(Rejection::illegal("context", "current", "archived")),
        }
    }
    /// The version that sessions get, of a context in use.
    ///
    /// # Errors
    /// A context that does not exist, or is out of use.
    pub fn in_force(&self) -> Result<u32, Rejection> {
        self.expect_current().map(|()| self.active)
    }
    /// Whether sessions of that kind may work under it.
    ///
    /// # Errors
    /// A context out of use, or for another kind of session.
    pub fn suits(&self, session: SessionType) -> Result<(), Rejection> {
        self.expect_current()?;
        match self.session {
            Some(own) if own != session => {
                Err(Rejection::invalid("context", format!("a context for {session} sessions"), own))
            }
            _ => Ok(()),
        }
    }
    fn create(&self, command: &CreateContext) -> Result<ContextEvent, Rejection> {
        if self.phase != Phase::Missing {
            return Err(Rejection::AlreadyExists { what: "context".into() });
        }
        check::name("name", &command.name)?;
        texts(&command.system_prompt, &command.claude_md)?;
        let CreateContext { project, name, session, system_prompt, claude_md } = command.clone();
        Ok(ContextCreated { project, name, session, system_prompt, claude_md }.into())
    }
    fn update(&self, command: &UpdateContext) -> Result<ContextEvent, Rejection> {
        self.expect_current()?;
        texts(&command.system_prompt, &command.claude_md)?;
        check::opt_name("note", command.note.as_deref())?;
        let version = self.last.checked_add(1).ok_or_else(|| {
            Rejection::rule("the context has no version number left", "create another context")
        })?;
        let UpdateContext { system_prompt, claude_md, note } = command.clone();
        Ok(ContextVersioned { version, system_prompt, claude_md, note }.into())
    }
    fn activate(&self, version: u32) -> Result<ContextEvent, Rejection> {
        self.expect_current()?;
        if !(1..=self.last).contains(&version) {
            return Err(Rejection::unknown("version", version));
        }
        if version == self.active {
            return Err(Rejection::rule(
                format!("version {version} is active already"),
                "name another version",
            ));
        }
        Ok(ContextActivated { version }.into())
    }
}

/// Both texts travel in one commit, so their sum is bounded.
fn texts(system_prompt: &str, claude_md: &str) -> Result<(), Rejection> {
    check::text("system_prompt", system_prompt)?;
    check::text("claude_md", claude_md)?;
    let both = system_prompt.len() + claude_md.len();
    check::range("claude_md", both, &(0..=check::TEXT_MAX_BYTES), "bytes together with system_prompt")
}

impl Decider for Context {
    const CATEGORY: Category = Category(5);
    type Command = ContextCommand;
    type Event = ContextEvent;

    fn decide(&self, command: &ContextCommand) -> Result<Vec<ContextEvent>, Rejection> {
        let event = match command {
            ContextCommand::CreateContext(c) => self.create(c)?,
            ContextCommand::UpdateContext(c) => self.update(c)?,
            ContextCommand::ActivateContext(c) => self.activate(c.version)?,
            ContextCommand::ArchiveContext(ArchiveContext {}) => {
                self.expect_current()?;
                ContextArchived {}.into()
            }
        };
        Ok(vec![event])
    }

    fn evolve(&mut self, event: &ContextEvent) {
        match event {
            ContextEvent::ContextCreated(e) => {
                let (project, session) = (Some(e.project), Some(e.session));
                *self = Self { project, phase: Phase::Current, session, last: 1, active: 1 };
            }
            ContextEvent::ContextVersioned(e) => {
                self.last = e.version;
                self.active = e.version;
            }
            ContextEvent::ContextActivated(e) => self.active = e.version,
            ContextEvent::ContextArchived(_) => self.phase = Phase::Archived,
        }
    }

    fn project(&self) -> Option<ProjectId> {
        self.project
    }

    fn references(command: &ContextCommand) -> Vec<StreamId> {
        match command {
            ContextCommand::CreateContext(c) => vec![c.project.into()],
            _ => vec![],
        }
    }
}

/// One or more of every event.
pub(crate) fn samples() -> Vec<ContextEvent> {
    let versioned = |version, note: Option<&str>| ContextVersioned {
        version,
        system_prompt: "You merge branches.".into(),
        claude_md: "# Rules\n".into(),
        note: note.map(Into::into),
    };
    vec![
        ContextCreated {
            project: ProjectId::from_bytes([1; 16]),
            name: "Merging".into(),
            session: SessionType::Merging,
            system_prompt: "You merge.".into(),
            claude_md: String::new(),
        }
        .into(),
        versioned(2, Some("clearer")).into(),
        versioned(3, None).into(),
        ContextActivated { version: 2 }.into(),
        ContextArchived {}.into(),
    ]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{Given, check_accepted, check_any_order, check_refused, given, id, pool, with};

    fn created() -> Given<Context> {
        given([]).and_json("create", &json!({ "project": id(1), "name": "C", "session": "merging" }))
    }
    fn with_versions(count: u32) -> Given<Context> {
        (1..count).fold(created(), |given, _| given.and_json("update", &json!({ "system_prompt": "x" })))
    }

    #[test]
    fn every_command_is_accepted_where_it_fits() {
        let full = json!({ "project": id(1), "name": "C", "session": "judging", "system_prompt": "p", "claude_md": "m" });
        check_accepted::<Context>(vec![
            (given([]), "create", full.clone(), vec![("ContextCreated", full)]),
            (
                created(),
                "update",
                json!({ "system_prompt": "p", "note": "why" }),
                vec![(
                    "ContextVersioned",
                    json!({ "version": 2, "system_prompt": "p", "claude_md": "", "note": "why" }),
                )],
            ),
            (
                with_versions(2),
                "activate",
                json!({ "version": 1 }),
                vec![("ContextActivated", json!({ "version": 1 }))],
            ),
            (created(), "archive", json!({}), vec![("ContextArchived", json!({}))]),
        ]);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let (none, one, two) = (given([]), created(), with_versions(2));
        let archived = created().and_json("archive", &json!({}));
        let create = json!({ "project": id(1), "name": "C", "session": "merging" });
        let half = "x".repeat(check::TEXT_MAX_BYTES / 2 + 1);
        let whole = "x".repeat(check::TEXT_MAX_BYTES + 1);
        check_refused(vec![
            (&none, "update", json!({}), "context does not exist"),
            (&none, "activate", json!({ "version": 1 }), "context does not exist"),
            (&none, "archive", json!({}), "context does not exist"),
            (&one, "create", create.clone(), "context exists already"),
            (&archived, "create", create.clone(), "context exists already"),
            (&none, "create", with(&create, &json!({ "name": " " })), "`name`: expected 1 to 200 bytes"),
            (
                &none,
                "create",
                with(&create, &json!({ "system_prompt": half, "claude_md": half })),
                "together with",
            ),
            (
                &one,
                "update",
                json!({ "system_prompt": half, "claude_md": half }),
                "together with system_prompt",
            ),
            (
                &one,
                "update",
                json!({ "system_prompt": whole }),
                "`system_prompt`: expected at most 524288 bytes",
            ),
            (&one, "update", json!({ "claude_md": whole }), "`claude_md`: expected at most 524288 bytes"),
            (&one, "update", json!({ "note": "two\nlines" }), "`note`: expected"),
            (&one, "activate", json!({ "version": 1 }), "version 1 is active already"),
            (&two, "activate", json!({ "version": 0 }), "unknown version `0`"),
            (&two, "activate", json!({ "version": 3 }), "unknown version `3`"),
            (&two, "activate", json!({ "version": 2 }), "version 2 is active already"),
            (&archived, "update", json!({}), "expected context to be current, but it is archived"),
            (&archived, "activate", json!({ "version": 1 }), "but it is archived"),
            (&archived, "archive", json!({}), "but it is archived"),
        ]);
    }

    #[test]
    fn texts_of_exactly_the_bound_are_taken() {
        let half = "x".repeat(check::TEXT_MAX_BYTES / 2);
        let events =
            created().when_json("update", &json!({ "system_prompt": half, "claude_md": half })).accepted();
        assert!(crate::catalogue::encode(&events).len() > check::TEXT_MAX_BYTES);
    }

    #[test]
    fn a_version_after_a_revert_counts_on_from_the_last() {
        let reverted = with_versions(3).and(ActivateContext { version: 1 });
        assert_eq!((reverted.state().active, reverted.state().last), (1, 3));
        let next = reverted.and_json("update", &json!({}));
        assert_eq!((next.state().active, next.state().last), (4, 4));
        next.when(ActivateContext { version: 2 }).then([ContextActivated { version: 2 }.into()]);
    }

    #[test]
    fn no_version_number_is_given_twice() {
        let last = ContextVersioned {
            version: u32::MAX,
            system_prompt: String::new(),
            claude_md: String::new(),
            note: None,
        };
        given::<Context>([samples().remove(0), last.into()])
            .when_json("update", &json!({}))
            .refused("no version number left");
    }

    #[test]
    fn it_names_its_project() {
        assert_eq!(created().state().project(), Some(ProjectId::from_bytes([1; 16])));
        let create: ContextCommand =
            crate::testing::command("create", &json!({ "project": id(1), "name": "C", "session": "issue" }));
        assert_eq!(Context::references(&create), [ProjectId::from_bytes([1; 16]).into()]);
        assert_eq!(Context::references(&ArchiveContext {}.into()), []);
    }

    #[test]
    fn any_order_of_commands_folds_alike() {
        let commands = [
            ("create", json!({ "project": id(1), "name": "C", "session": "issue" })),
            ("update", json!({ "system_prompt": "a" })),
            ("update", json!({ "claude_md": "b", "note": "n" })),
            ("activate", json!({ "version": 1 })),
            ("activate", json!({ "version": 2 })),
            ("activate", json!({ "version": 9 })),
            ("archive", json!({})),
        ];
        check_any_order::<Context>(&given([]), &pool(&commands), |history| {
            let archived = history.iter().position(|event| matches!(event, ContextEvent::ContextArchived(_)));
            assert!(archived.is_none_or(|place| place + 1 == history.len()), "nothing follows the end");
        });
    }
}
