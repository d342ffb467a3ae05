//! Contexts as lists show them: what kind of session each is for, and which version is in force.

use domain::Event;
use domain::context::ContextEvent;
use domain::ids::{ContextId, ProjectId, StreamId};
use domain::terms::SessionType;
use domain::values::Timestamp;

use crate::listed::{ListRow, rows};

rows! {
    /// A context.
    struct ContextRow {
        /// The project it belongs to.
        project: ProjectId,
        /// Its short name.
        name: String,
        /// The kind of session it is for.
        session: SessionType,
        /// How many versions there are.
        versions: u32,
        /// The one in force for new sessions.
        active_version: u32,
        /// Whether it is out of use.
        archived: bool,
        /// When it was made.
        created_at: Timestamp,
        /// When it last changed.
        updated_at: Timestamp,
    }
}

impl ListRow for ContextRow {
    const NAME: &'static str = "contexts";
    const VERSION: u32 = 1;
    const FILTERS: &'static [&'static str] = &["project", "session", "archived"];
    type Key = ContextId;

    fn key(stream: StreamId) -> ContextId {
        stream.id.into()
    }
    fn concerns(event: &Event) -> bool {
        matches!(event, Event::Context(_))
    }
    fn open(event: &Event, at: Timestamp) -> Option<Self> {
        let Event::Context(ContextEvent::ContextCreated(e)) = event else { return None };
        Some(Self {
            project: e.project,
            name: e.name.clone(),
            session: e.session,
            versions: 1,
            active_version: 1,
            archived: false,
            created_at: at,
            updated_at: at,
        })
    }
    fn apply(&mut self, event: &Event, at: Timestamp) {
        let Event::Context(event) = event else { return };
        self.updated_at = at;
        match event {
            ContextEvent::ContextVersioned(e) => {
                (self.versions, self.active_version) = (e.version, e.version);
            }
            ContextEvent::ContextActivated(e) => self.active_version = e.version,
            ContextEvent::ContextArchived(_) => self.archived = true,
            ContextEvent::ContextCreated(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::testing::{History, check, id, sample};

    #[test]
    fn a_context_shows_which_version_is_in_force() {
        let of = |history: History, name| history.any(id::<super::ContextId>(1).into(), sample(name));
        let names = ["ContextCreated", "ContextVersioned", "ContextVersioned", "ContextActivated"];
        check(
            "contexts",
            &names.into_iter().fold(History::new(), of),
            &expect![[r##"
            #01; active_version 2; versions 2
              archived: false
              created_at: "07:00:00.000Z"
              name: "Merging"
              project: "01040G2081040G2081040G2081"
              session: "merging"
              updated_at: "07:00:03.000Z"
        "##]],
        );
    }
}
