//! A brain's files after a history, and what an edit of them means.

use domain::Ulid;
use domain::brain::read_back::{Files, read_back};
use domain::ids::{BrainId, DecisionId, MistakeId, PatternId, ResearchNoteId, SessionSummaryId};
use expect_test::expect;

use crate::testing::{History, check, folded, id, sample};
use crate::{AnyView, Query};

fn history() -> History {
    History::new()
        .any(id::<BrainId>(1).into(), sample("BrainCreated"))
        .any(id::<BrainId>(1).into(), sample("BrainTextWritten"))
        .any(id::<DecisionId>(1).into(), sample("DecisionLogged"))
        .any(id::<DecisionId>(2).into(), sample("DecisionLogged"))
        .any(id::<DecisionId>(1).into(), sample("DecisionSuperseded"))
        .any(id::<PatternId>(1).into(), sample("PatternNoted"))
        .any(id::<PatternId>(1).into(), sample("PatternConsolidated"))
        .any(id::<MistakeId>(1).into(), sample("MistakeLogged"))
        .any(id::<MistakeId>(1).into(), sample("MistakeResolved"))
        .any(id::<MistakeId>(1).into(), sample("MistakeEdited"))
        .any(id::<ResearchNoteId>(1).into(), sample("ResearchNoteWritten"))
        .any(id::<SessionSummaryId>(1).into(), sample("SessionSummarised"))
        .any(id::<SessionSummaryId>(2).into(), sample("SessionSummarised"))
        .any(id::<SessionSummaryId>(2).into(), sample("SessionSummaryArchived"))
}

fn files(view: &dyn AnyView) -> Files {
    let rows = view.page(&Query::default()).unwrap().rows;
    let of = |row: &crate::Row, field: &str| {
        let row: serde_json::Value = serde_json::from_str(row.row.get()).unwrap();
        row[field].as_str().unwrap().to_owned()
    };
    rows.iter().map(|row| (of(row, "path"), of(row, "content"))).collect()
}

#[test]
fn entries_and_texts_become_files() {
    check("brain", &history(), &expect![""]);
}

#[test]
fn an_edit_of_rendered_files_goes_to_the_entries_it_was_made_in() {
    let rendered = files(&*folded("brain", &history()));
    assert_eq!(read_back(&rendered, &rendered), []);
    let mut edited = rendered.clone();
    for text in edited.values_mut() {
        *text = text.replace("as an example", "by hand");
    }
    let changes = read_back(&rendered, &edited);
    let streams: Vec<_> =
        changes.iter().map(|change| change.stream(id(7), Ulid(8)).category.to_string()).collect();
    // The mistake's texts are empty since its edit; the latest session stands in a file of its own and in a copy.
    assert_eq!(streams, ["decision", "research-note", "session-summary", "session-summary"]);
}

#[test]
fn an_unpruned_file_shows_the_newest_and_says_how_many_are_older() {
    let history = (1..=203)
        .fold(History::new(), |history, n| history.any(id::<DecisionId>(n).into(), sample("DecisionLogged")));
    let text = &files(&*folded("brain", &history))["DECISIONS.md"];
    assert_eq!(text.matches("<!-- waybill:decision ").count(), 200);
    assert!(text.ends_with("<!-- waybill:older 3 -->\n"));
}
