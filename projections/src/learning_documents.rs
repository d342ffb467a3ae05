//! The learning documents of projects: one per role, with the version in force.

use domain::Event;
use domain::ids::{LearningDocumentId, LearningId, ProjectId, StreamId};
use domain::learning_document::LearningDocumentEvent;
use domain::terms::Role;
use domain::values::Timestamp;

use crate::listed::{ListRow, rows};

rows! {
    /// A learning document.
    struct LearningDocumentRow {
        /// The project it belongs to.
        project: ProjectId,
        /// The role whose agents read it.
        role: Role,
        /// How many versions there are.
        versions: u32,
        /// The one in force for new sandboxes; absent before the first.
        active_version: Option<u32>,
        /// The learnings of the latest version, in its order.
        latest_learnings: Vec<LearningId>,
        /// When it was opened.
        created_at: Timestamp,
        /// When it last changed.
        updated_at: Timestamp,
    }
}

impl ListRow for LearningDocumentRow {
    const NAME: &'static str = "learning-documents";
    const VERSION: u32 = 1;
    const FILTERS: &'static [&'static str] = &["project", "role"];
    type Key = LearningDocumentId;

    fn key(stream: StreamId) -> LearningDocumentId {
        stream.id.into()
    }
    fn concerns(event: &Event) -> bool {
        matches!(event, Event::LearningDocument(_))
    }
    fn open(event: &Event, at: Timestamp) -> Option<Self> {
        let Event::LearningDocument(LearningDocumentEvent::LearningDocumentOpened(e)) = event else {
            return None;
        };
        let (project, role) = (e.project, e.role);
        let (active_version, latest_learnings) = (None, vec![]);
        Some(Self {
            project,
            role,
            versions: 0,
            active_version,
            latest_learnings,
            created_at: at,
            updated_at: at,
        })
    }
    fn apply(&mut self, event: &Event, at: Timestamp) {
        let Event::LearningDocument(event) = event else { return };
        self.updated_at = at;
        match event {
            LearningDocumentEvent::LearningDocumentOpened(_) => {}
            LearningDocumentEvent::LearningVersionCompiled(e) => {
                self.versions = e.version;
                self.latest_learnings.clone_from(&e.learnings);
            }
            LearningDocumentEvent::LearningVersionActivated(e) => self.active_version = Some(e.version),
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::testing::{History, check, id, sample};

    #[test]
    fn a_document_shows_the_version_in_force() {
        let of =
            |history: History, name| history.any(id::<super::LearningDocumentId>(1).into(), sample(name));
        let names = ["LearningDocumentOpened", "LearningVersionCompiled", "LearningVersionActivated"];
        check(
            "learning-documents",
            &names.into_iter().fold(History::new(), of),
            &expect![[r##"
            #01; active_version 1; versions 1
              created_at: "07:00:00.000Z"
              latest_learnings: ["02081040G2081040G2081040G2"]
              project: "01040G2081040G2081040G2081"
              role: "designer"
              updated_at: "07:00:02.000Z"
        "##]],
        );
    }
}
