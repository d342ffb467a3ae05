//! One learning document in all its versions: what agents read, from which learnings, and which is in force.

use domain::ids::{Category, LearningId};
use domain::learning_document::{LearningDocument, LearningDocumentEvent, LeftOut};
use domain::values::Timestamp;
use domain::{Decider, Event};

use crate::listed::{PartKey, PartRow, rows};
use crate::table::Table;

rows! {
    /// A learning version; its key is `item/` and the version.
    struct LearningVersionRow {
        /// The version, from 1.
        version: u32,
        /// What agents read.
        markdown: String,
        /// The learnings it includes, in its order.
        learnings: Vec<LearningId>,
        /// Approved learnings that it does without, and why.
        left_out: Vec<LeftOut>,
        /// Why it was compiled.
        note: Option<String>,
        /// Whether it is in force.
        active: bool,
        /// When it was compiled.
        created_at: Timestamp,
        /// When it was last put in force.
        activated_at: Option<Timestamp>,
    }
}

impl PartRow for LearningVersionRow {
    const NAME: &'static str = "learning-versions";
    const VERSION: u32 = 2;
    const CATEGORY: Category = LearningDocument::CATEGORY;
    const FILTERS: &'static [&'static str] = &["active"];

    fn apply(rows: &mut Table<PartKey, Self>, event: &Event, at: Timestamp) {
        let Event::LearningDocument(event) = event else { return };
        match event {
            LearningDocumentEvent::LearningDocumentOpened(_) => {}
            LearningDocumentEvent::LearningVersionCompiled(e) => {
                let row = Self {
                    version: e.version,
                    markdown: e.markdown.clone(),
                    learnings: e.learnings.clone(),
                    left_out: vec![],
                    note: e.note.clone(),
                    active: false,
                    created_at: at,
                    activated_at: None,
                };
                rows.insert(PartKey::Item(e.version), row);
            }
            LearningDocumentEvent::LearningsLeftOut(e) => {
                if let Some(row) = rows.get_mut(&PartKey::Item(e.version)) {
                    row.left_out.clone_from(&e.left_out);
                }
            }
            LearningDocumentEvent::LearningVersionActivated(e) => {
                let before = rows.iter().find(|(_, row)| row.active).map(|(key, _)| *key);
                if let Some(row) = before.and_then(|key| rows.get_mut(&key)) {
                    row.active = false;
                }
                if let Some(row) = rows.get_mut(&PartKey::Item(e.version)) {
                    (row.active, row.activated_at) = (true, Some(at));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::Event;
    use domain::ids::LearningDocumentId;
    use domain::learning_document::{LearningsLeftOut, LeftOut};
    use expect_test::expect;

    use crate::testing::{History, check, folded, id, sample};

    #[test]
    fn a_version_shows_what_agents_read() {
        let of = |history: History, name| history.any(id::<LearningDocumentId>(1).into(), sample(name));
        let names = ["LearningDocumentOpened", "LearningVersionCompiled", "LearningVersionActivated"];
        check(
            "learning-versions",
            &names.into_iter().fold(History::new(), of),
            &expect![[r##"
            item/00001; version 1
              activated_at: "07:00:02.000Z"
              active: true
              created_at: "07:00:01.000Z"
              learnings: ["02081040G2081040G2081040G2"]
              markdown: "# Learnings for the role `designer`\n"
              note: "weekly"
        "##]],
        );
    }

    #[test]
    fn a_version_says_what_it_does_without() {
        let of = |history: History, event| history.any(id::<LearningDocumentId>(1).into(), event);
        let left_out = LearningsLeftOut {
            version: 1,
            left_out: vec![LeftOut { learning: id(7), reason: "said elsewhere".into() }],
        };
        let history =
            of(of(History::new(), sample("LearningDocumentOpened")), sample("LearningVersionCompiled"));
        let history = of(history, Event::LearningDocument(left_out.into()));
        let rows = folded("learning-versions", &history).page(&crate::Query::default()).unwrap().rows;
        let row: serde_json::Value = serde_json::from_str(rows[0].row.get()).unwrap();
        assert_eq!(row["left_out"][0]["reason"], "said elsewhere");
    }
}
