//! The learning documents of projects: one per role, with the version in force and what the last one lacks.

use std::collections::BTreeMap;

use domain::ids::{LearningDocumentId, LearningId, ProjectId};
use domain::learning::LearningEvent;
use domain::learning_document::LearningDocumentEvent;
use domain::terms::Role;
use domain::values::Timestamp;
use domain::{Event, Recorded};
use serde::{Deserialize, Serialize};

use crate::listed::rows;
use crate::table::Table;
use crate::view::{Scope, View};

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
        /// Approved learnings that the latest version leaves out by name.
        left_out: Vec<LearningId>,
        /// Approved learnings for the role, global ones among them, that the latest version says nothing of.
        missing: Vec<LearningId>,
        /// Whether there are none of those.
        complete: bool,
        /// When it was opened.
        created_at: Timestamp,
        /// When it last changed.
        updated_at: Timestamp,
    }
}

/// A learning, as far as documents need it.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Known {
    project: ProjectId,
    roles: Vec<Role>,
    approved: bool,
    global: bool,
}

impl Known {
    fn concerns(&self, row: &LearningDocumentRow) -> bool {
        let here = self.global || self.project == row.project;
        self.approved && here && (self.roles.is_empty() || self.roles.contains(&row.role))
    }
}

/// The view `learning-documents`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct LearningDocuments {
    table: Table<LearningDocumentId, LearningDocumentRow>,
    learnings: BTreeMap<LearningId, Known>,
    documents: BTreeMap<ProjectId, Vec<LearningDocumentId>>,
}

impl LearningDocumentRow {
    fn says_something_of(&self, learning: LearningId) -> bool {
        self.latest_learnings.contains(&learning) || self.left_out.contains(&learning)
    }
    fn set_missing(&mut self, missing: Vec<LearningId>) {
        self.complete = missing.is_empty();
        self.missing = missing;
    }
}

impl LearningDocuments {
    fn open(&mut self, id: LearningDocumentId, project: ProjectId, role: Role, at: Timestamp) {
        let row = LearningDocumentRow {
            project,
            role,
            versions: 0,
            active_version: None,
            latest_learnings: vec![],
            left_out: vec![],
            missing: vec![],
            complete: true,
            created_at: at,
            updated_at: at,
        };
        self.table.insert(id, row);
        let documents = self.documents.entry(project).or_default();
        if !documents.contains(&id) {
            documents.push(id);
        }
        self.recount(id);
    }
    fn apply_document(&mut self, id: LearningDocumentId, event: &LearningDocumentEvent, at: Timestamp) {
        if let LearningDocumentEvent::LearningDocumentOpened(e) = event {
            return self.open(id, e.project, e.role, at);
        }
        let Some(row) = self.table.get_mut(&id) else { return };
        row.updated_at = at;
        match event {
            LearningDocumentEvent::LearningDocumentOpened(_) => {}
            LearningDocumentEvent::LearningVersionCompiled(e) => {
                row.versions = e.version;
                row.latest_learnings.clone_from(&e.learnings);
                row.left_out.clear();
            }
            LearningDocumentEvent::LearningsLeftOut(e) => {
                row.left_out = e.left_out.iter().map(|it| it.learning).collect();
            }
            LearningDocumentEvent::LearningVersionActivated(e) => row.active_version = Some(e.version),
        }
        self.recount(id);
    }
    /// Looks at every learning for one document.
    fn recount(&mut self, id: LearningDocumentId) {
        let Some(row) = self.table.get_mut(&id) else { return };
        let lacks = |(id, known): (&LearningId, &Known)| {
            (known.concerns(row) && !row.says_something_of(*id)).then_some(*id)
        };
        let missing = self.learnings.iter().filter_map(lacks).collect();
        row.set_missing(missing);
    }
    fn apply_learning(&mut self, id: LearningId, event: &LearningEvent) {
        if let LearningEvent::LearningProposed(e) = event {
            let (project, roles) = (e.project, e.roles.clone());
            self.learnings.insert(id, Known { project, roles, approved: false, global: false });
        }
        let Some(known) = self.learnings.get_mut(&id) else { return };
        match event {
            LearningEvent::LearningProposed(_) => {}
            LearningEvent::LearningEdited(e) => known.roles.clone_from(&e.roles),
            LearningEvent::LearningApproved(_) => known.approved = true,
            LearningEvent::LearningRejected(_) | LearningEvent::LearningRetired(_) => known.approved = false,
            LearningEvent::LearningPromoted(_) => known.global = true,
        }
        // A global one, or one that was global, may concern every document.
        let concerned: Vec<_> = match known.global {
            true => self.documents.values().flatten().copied().collect(),
            false => self.documents.get(&known.project).cloned().unwrap_or_default(),
        };
        let known = known.clone();
        for document in concerned {
            let Some(row) = self.table.get(&document) else { continue };
            let lacks = known.concerns(row) && !row.says_something_of(id);
            let place = row.missing.binary_search(&id);
            let mut missing = row.missing.clone();
            match (lacks, place) {
                (true, Err(place)) => missing.insert(place, id),
                (false, Ok(place)) => drop(missing.remove(place)),
                _ => continue,
            }
            if let Some(row) = self.table.get_mut(&document) {
                row.set_missing(missing);
            }
        }
    }
}

impl View for LearningDocuments {
    const NAME: &'static str = "learning-documents";
    const VERSION: u32 = 2;
    const SCOPE: Scope = Scope::Live;
    const FILTERS: &'static [&'static str] = &["project", "role", "complete"];
    type Key = LearningDocumentId;
    type Row = LearningDocumentRow;

    fn folds(event: &Event) -> bool {
        matches!(event, Event::LearningDocument(_) | Event::Learning(_))
    }
    fn apply(&mut self, event: &Recorded) {
        let id = event.meta.stream.id;
        match &event.event {
            Event::LearningDocument(happened) => self.apply_document(id.into(), happened, event.meta.when()),
            Event::Learning(happened) => self.apply_learning(id.into(), happened),
            _ => {}
        }
    }
    fn table(&self) -> &Table<LearningDocumentId, LearningDocumentRow> {
        &self.table
    }
    fn table_mut(&mut self) -> &mut Table<LearningDocumentId, LearningDocumentRow> {
        &mut self.table
    }
}

#[cfg(test)]
mod tests {
    use domain::learning::{LearningApproved, LearningPromoted, LearningRetired};
    use domain::learning_document::{
        LearningDocumentOpened, LearningVersionCompiled, LearningsLeftOut, LeftOut,
    };
    use expect_test::expect;

    use super::*;
    use crate::testing::{History, check, folded, id, sample};

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
              complete: true
              created_at: "07:00:00.000Z"
              latest_learnings: ["02081040G2081040G2081040G2"]
              project: "01040G2081040G2081040G2081"
              role: "designer"
              updated_at: "07:00:02.000Z"
        "##]],
        );
    }

    fn learning(history: History, n: u64, event: impl Into<LearningEvent>) -> History {
        history.any(id::<LearningId>(n).into(), Event::Learning(event.into()))
    }
    fn document(history: History, n: u64, event: impl Into<LearningDocumentEvent>) -> History {
        history.any(id::<LearningDocumentId>(n).into(), Event::LearningDocument(event.into()))
    }
    fn missing(history: &History, n: usize) -> Vec<String> {
        let rows = folded("learning-documents", history).page(&crate::Query::default()).unwrap().rows;
        let row: serde_json::Value = serde_json::from_str(rows[n].row.get()).unwrap();
        assert_eq!(row["complete"], row["missing"] == serde_json::json!([]));
        row["missing"].as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn what_is_approved_and_not_spoken_of_is_missing() {
        let approved = || LearningApproved { reviewer: None, note: None };
        let compiled = |learnings: &[u64]| LearningVersionCompiled {
            version: 1,
            markdown: String::new(),
            learnings: learnings.iter().map(|n| id(*n)).collect(),
            note: None,
        };
        let Event::Learning(LearningEvent::LearningProposed(proposed)) = sample("LearningProposed") else {
            panic!("a proposal")
        };
        let project = proposed.project;
        let mut history = History::new();
        for n in 1..4 {
            history = learning(history, n, proposed.clone());
        }
        // For designers and checkers, as the sample has it; the other project has a document of designers, too.
        history = document(history, 1, LearningDocumentOpened { project, role: Role::Designer });
        history = document(history, 2, LearningDocumentOpened { project, role: Role::Judge });
        history = document(history, 3, LearningDocumentOpened { project: id(9), role: Role::Designer });
        history = learning(learning(history, 1, approved()), 2, approved());
        let names =
            |numbers: &[u64]| numbers.iter().map(|n| id::<LearningId>(*n).to_string()).collect::<Vec<_>>();
        assert_eq!((missing(&history, 0), missing(&history, 1)), (names(&[1, 2]), vec![]));
        history = document(history, 1, compiled(&[1]));
        assert_eq!(missing(&history, 0), names(&[2]));
        let left_out = vec![LeftOut { learning: id(2), reason: "r".into() }];
        let named = document(history.clone(), 1, LearningsLeftOut { version: 1, left_out });
        assert_eq!(missing(&named, 0), names(&[]));
        let global = learning(named.clone(), 1, LearningPromoted { seen_in: vec![] });
        assert_eq!((missing(&global, 0), missing(&global, 2)), (names(&[]), names(&[1])));
        let retired = learning(global, 1, LearningRetired { reason: "r".into() });
        assert_eq!(missing(&retired, 2), names(&[]));
        let retired = learning(history, 2, LearningRetired { reason: "r".into() });
        assert_eq!(missing(&retired, 0), names(&[]));
        let compiled = document(named, 1, LearningVersionCompiled { version: 2, ..compiled(&[1]) });
        assert_eq!(missing(&compiled, 0), names(&[2]), "what a version leaves out, the next one must again");
    }
}
