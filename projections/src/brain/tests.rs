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
    check(
        "brain",
        &history(),
        &expect![[r##"
            01040G2081040G2081040G2081/DECISIONS.md; archived 1; bytes 222; entries 1; tokens 56
              always_read: true
              content: "# Decisions\n\n<!-- waybill:decision #02 2026-11-21 -->\n## A decision\n\nWhat was decided, as an example\n\n**Rationale**\n\nWhy, as an example\n\n**Alternatives**\n\nWhat was not chosen, and why, as an example\n"
              path: "DECISIONS.md"
              project: "01040G2081040G2081040G2081"
              updated_at: "07:00:04.000Z"
            01040G2081040G2081040G2081/MISTAKES.md; bytes 125; entries 1; tokens 32
              always_read: true
              content: "# Mistakes\n\n<!-- waybill:mistake #01 2026-11-21 -->\n## Another title\n\n**Resolved**\n\na lint refuses it\n"
              path: "MISTAKES.md"
              project: "01040G2081040G2081040G2081"
              updated_at: "07:00:09.000Z"
            01040G2081040G2081040G2081/PROJECT.md; bytes 18; tokens 5
              always_read: true
              content: "# Waybill\n\nA log.\n"
              path: "PROJECT.md"
              project: "01040G2081040G2081040G2081"
              updated_at: "07:00:01.000Z"
            01040G2081040G2081040G2081/RESEARCH/2026-11-21-#01.md; bytes 168; entries 1; tokens 42
              always_read: false
              content: "<!-- waybill:research #01 2026-11-21 -->\n## A research note\n\nWhat was found, as an example\n\n**Sources**\n\nWhere, one source a line, as an example\n"
              path: "RESEARCH/2026-11-21-#01.md"
              project: "01040G2081040G2081040G2081"
              updated_at: "07:00:10.000Z"
            01040G2081040G2081040G2081/SESSIONS/2026-11-21-#01.md; bytes 202; entries 1; tokens 51
              always_read: false
              content: "<!-- waybill:session #01 2026-11-21 -->\n## A session summary\n\nWhat was done, as an example\n\n**Next**\n\nWhat comes next, as an example\n\n**Learned**\n\nWhat was learned, as an example\n"
              path: "SESSIONS/2026-11-21-#01.md"
              project: "01040G2081040G2081040G2081"
              updated_at: "07:00:11.000Z"
            01040G2081040G2081040G2081/SESSIONS/latest.md; bytes 202; entries 1; tokens 51
              always_read: false
              content: "<!-- waybill:session #01 2026-11-21 -->\n## A session summary\n\nWhat was done, as an example\n\n**Next**\n\nWhat comes next, as an example\n\n**Learned**\n\nWhat was learned, as an example\n"
              path: "SESSIONS/latest.md"
              project: "01040G2081040G2081040G2081"
              updated_at: "07:00:13.000Z"
            summary; always_read_budget 15000; always_read_tokens 93; backlog_budget 5000; bytes 937; files 6; on_demand_tokens 144; tokens 237
        "##]],
    );
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

#[test]
fn what_was_promoted_stands_in_every_brain_until_it_is_archived() {
    let two = id::<domain::ids::ProjectId>(2);
    let brain = |project| domain::Event::Brain(domain::brain::BrainCreated { project }.into());
    let history = history()
        .any(id::<PatternId>(3).into(), sample("PatternNoted"))
        .any(id::<PatternId>(3).into(), sample("PatternPromoted"))
        .any(id::<BrainId>(2).into(), brain(two))
        .any(id::<MistakeId>(1).into(), sample("MistakePromoted"));
    let shown = |history: &History| {
        let view = folded("brain", history);
        let globals =
            view.page(&Query { filters: vec![("path".into(), "GLOBAL.md".into())], ..Query::default() });
        let rows = globals.unwrap().rows;
        let of = |row: &crate::Row| -> serde_json::Value { serde_json::from_str(row.row.get()).unwrap() };
        rows.iter()
            .map(|row| (of(row)["entries"].as_u64(), of(row)["content"].to_string()))
            .collect::<Vec<_>>()
    };
    let both = shown(&history);
    assert_eq!(both.len(), 2, "one in each brain");
    assert_eq!(both[0], both[1]);
    assert_eq!(both[0].0, Some(2));
    assert!(
        both[0].1.contains("A pattern (pattern)") && both[0].1.contains("Another title (mistake)"),
        "{both:?}"
    );
    let edited = history.clone().any(id::<PatternId>(3).into(), sample("PatternEdited"));
    assert!(shown(&edited).iter().all(|(_, content)| content.contains("Another title (pattern)")));
    let archived = edited
        .any(id::<PatternId>(3).into(), sample("PatternArchived"))
        .any(id::<MistakeId>(1).into(), sample("MistakeArchived"));
    assert!(shown(&archived).is_empty(), "what is archived applies nowhere");
}
