//! The brain: its commands, its files written and read, and that nothing a person writes is lost.

use std::collections::BTreeMap;

use expect_test::expect;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::json;
use ulid::Ulid;

use super::file::{EntryKind, Section, parse, render, tidy};
use super::read_back::{Change, Files, read_back};
use super::*;
use crate::ids::BrainId;
use crate::testing::{Given, check_accepted, check_any_order, check_refused, given, id, pool};

fn created() -> Given<Brain> {
    given([]).and_json("create", &json!({ "project": id(1) }))
}

#[test]
fn every_command_is_accepted_where_it_fits() {
    let create = json!({ "project": id(1) });
    let write = json!({ "path": "RESEARCH/2026-11-21-a.md", "content": "x" });
    let empty = json!({ "path": "A.md", "content": "" });
    let pruned = json!({ "at": "2026-11-21T07:00:00.000Z", "decisions": 1, "patterns": 2, "mistakes": 3,
        "research": 4, "sessions": 5 });
    let written = created().and_json("write", &json!({ "path": "A.md", "content": "x" }));
    check_accepted::<Brain>(vec![
        (given([]), "create", create.clone(), vec![("BrainCreated", create)]),
        (created(), "write", write.clone(), vec![("BrainTextWritten", write)]),
        (written, "write", empty.clone(), vec![("BrainTextWritten", empty)]),
        (created(), "record-pruning", pruned.clone(), vec![("BrainPruned", pruned)]),
    ]);
}

#[test]
fn what_does_not_fit_is_refused() {
    let (none, created) = (given([]), created());
    let at = |path: &str| json!({ "path": path, "content": "x" });
    let pruned = json!({ "at": "2026-11-21T07:00:00Z", "decisions": 0, "patterns": 0, "mistakes": 0,
        "research": 0, "sessions": 0 });
    let long = json!({ "path": "A.md", "content": "x".repeat(check::TEXT_MAX_BYTES + 1) });
    let mut rows = vec![
        (&none, "write", at("A.md"), "brain does not exist"),
        (&none, "record-pruning", pruned, "brain does not exist"),
        (&created, "create", json!({ "project": id(1) }), "brain exists already"),
        (&created, "write", at(" "), "`path`: expected 1 to 200 bytes"),
        (&created, "write", long, "`content`: expected at most 524288 bytes"),
        (&created, "write", json!({ "path": "A.md", "content": "" }), "unknown text `A.md`"),
    ];
    for path in ["/etc/passwd", "../A.md", "a/../b.md", "a//b.md", "./a.md", "a\\b.md", "a/"] {
        rows.push((&created, "write", at(path), "`path`: expected a path inside `.brain/`"));
    }
    check_refused(rows);
}

#[test]
fn texts_are_bounded() {
    let mut full = created().state();
    full.texts = (0..TEXTS_MAX).map(|number| format!("{number}.md")).collect();
    let write = |path: &str| crate::testing::command("write", &json!({ "path": path, "content": "x" }));
    assert!(full.decide(&write("new.md")).unwrap_err().to_string().contains("has 500 texts already"));
    assert!(full.decide(&write("1.md")).is_ok());
}

#[test]
fn any_order_of_commands_folds_alike() {
    let commands = [
        ("create", json!({ "project": id(1) })),
        ("write", json!({ "path": "A.md", "content": "x" })),
        ("write", json!({ "path": "A.md", "content": "" })),
    ];
    check_any_order::<Brain>(&given([]), &pool(&commands), |_| {});
}

fn section(number: u128, title: &str, texts: &[&str]) -> Section {
    let texts = texts.iter().map(|text| (*text).to_owned()).collect();
    Section { id: Some(Ulid(number)), title: title.into(), texts }
}
fn decisions(entries: &[Section]) -> String {
    let entries: Vec<_> = entries.iter().map(|it| (it.clone(), "2026-11-21".to_owned())).collect();
    render(EntryKind::Decision, "See also the wiki.", &entries, 0)
}
fn two_decisions() -> String {
    decisions(&[
        section(1, "Use sled", &["It is embedded.", "One binary.", ""]),
        section(2, "Use bincode", &["Small.\n\n## Not a title\n**Rationale**", "", ""]),
    ])
}
/// What an edit of one file means, a line each.
fn meaning(path: &str, before: &str, after: &str) -> String {
    let file = |text: &str| Files::from([(path.to_owned(), text.to_owned())]);
    let changes = read_back(&file(before), &file(after));
    let lines = changes.iter().map(|change| {
        let stream = change.stream(BrainId::from(Ulid(9)), Ulid(77));
        let commands = change.commands(ProjectId::from_bytes([1; 16]));
        let commands: Vec<_> = commands
            .iter()
            .map(|it| {
                let mut body = serde_json::to_value(it).unwrap();
                body.as_object_mut().unwrap().retain(|key, value| key != "project" && !value.is_null());
                format!("{} {body}", it.name())
            })
            .collect();
        format!("{stream}: {}\n", commands.join("; "))
    });
    lines.collect::<String>().replace(&"0".repeat(24), "#")
}

#[test]
fn a_file_reads_well() {
    expect![[r#"
        # Decisions

        See also the wiki.

        <!-- waybill:decision 00000000000000000000000001 2026-11-21 -->
        ## Use sled

        It is embedded.

        **Rationale**

        One binary.

        <!-- waybill:decision 00000000000000000000000002 2026-11-21 -->
        ## Use bincode

        Small.

        \## Not a title
        \**Rationale**
    "#]]
    .assert_eq(&two_decisions());
    assert_eq!(render(EntryKind::Research, "", &[], 0), "");
}

#[test]
fn an_edit_means_what_it_says() {
    let before = two_decisions();
    let check = |after: &str, expected: expect_test::Expect| {
        expected.assert_eq(&meaning("DECISIONS.md", &before, after));
    };
    check(&before, expect![""]);
    check(&before.replace('\n', "\r\n"), expect![""]);
    check(&before.replace("# Decisions\n\n", ""), expect![""]);
    check(
        &before.replace("One binary.", "One binary, no server."),
        expect![[r##"
            decision-#01: edit {"alternatives":"","decision":"It is embedded.","rationale":"One binary, no server.","title":"Use sled"}
        "##]],
    );
    check(
        &(before.clone() + "\n## Use tokio\n\nIt is there.\n\n**Rationale**\n\nSo it is.\n"),
        expect![[r##"
            decision-#2D: log {"alternatives":"","decision":"It is there.","rationale":"So it is.","title":"Use tokio"}
        "##]],
    );
    check(
        &before.replace("See also the wiki.", "See also the wiki.\n\n**Rationale** is a word."),
        expect![[r##"
            brain-#09: write {"content":"See also the wiki.\n\n**Rationale** is a word.","path":"DECISIONS.md"}
        "##]],
    );
    let (first, _) = before.split_once("<!-- waybill:decision 00000000000000000000000002").unwrap();
    check(
        first,
        expect![[r##"
            decision-#02: archive {"reason":"taken out of its file"}
        "##]],
    );
    check(
        &(first.to_owned() + first.split_once("wiki.").unwrap().1),
        expect![[r##"
            decision-#2D: log {"alternatives":"","decision":"It is embedded.","rationale":"One binary.","title":"Use sled"}
            decision-#02: archive {"reason":"taken out of its file"}
        "##]],
    );
    check(&before.replace("## Use sled", ""), expect![""]);
    check(
        "",
        expect![[r##"
            decision-#01: archive {"reason":"taken out of its file"}
            decision-#02: archive {"reason":"taken out of its file"}
            brain-#09: write {"content":"","path":"DECISIONS.md"}
        "##]],
    );
}

#[test]
fn a_mistake_is_resolved_in_its_file() {
    let open = section(1, "Sleep in tests", &["We slept.", "It was slow.", "Wait.", ""]);
    let resolved = section(1, "Sleep in tests", &["We slept.", "It was slow.", "Wait.", "A lint."]);
    let file = |it: Section| render(EntryKind::Mistake, "", &[(it, "2026-11-21".into())], 0);
    let (open, resolved) = (file(open), file(resolved));
    expect![[r##"
        mistake-#01: resolve {"how":"A lint."}
    "##]]
    .assert_eq(&meaning("MISTAKES.md", &open, &resolved));
    expect![[r##"
        mistake-#01: reopen {}
    "##]]
    .assert_eq(&meaning("MISTAKES.md", &resolved, &open));
    expect![[r##"
        mistake-#2D: log {"attempt":"a","failure":"","instead":"","title":"New"}; resolve {"how":"h"}
    "##]]
    .assert_eq(&meaning("MISTAKES.md", "", "## New\na\n**Resolved**\nh\n"));
}

#[test]
fn new_files_become_what_their_place_says() {
    let check = |path: &str, after: &str, expected: expect_test::Expect| {
        expected.assert_eq(&meaning(path, "", after));
    };
    check(
        "RESEARCH/2026-11-21-sled.md",
        "# How sled syncs\n\n## Findings\nNot at all.\n",
        expect![[r###"
            research-note-#2D: write {"findings":"## Findings\nNot at all.","sources":"","title":"How sled syncs"}
        "###]],
    );
    check(
        "SESSIONS/tonight.md",
        "All done.\n",
        expect![[r##"
            session-summary-#2D: write {"done":"All done.","learned":"","next":"","title":"tonight"}
        "##]],
    );
    check(
        "NOTES.md",
        "- [ ] call\n",
        expect![[r##"
            brain-#09: write {"content":"- [ ] call\n","path":"NOTES.md"}
        "##]],
    );
    check("RESEARCH/empty.md", "\n", expect![""]);
    assert_eq!(read_back(&BTreeMap::from([("SESSIONS/latest.md".into(), "x".into())]), &Files::new()), []);
}

#[test]
fn a_title_that_no_command_takes_is_made_one_and_its_rest_kept() {
    let long = "é".repeat(150);
    let text = format!("## {long}\n\nbody\n");
    let changes = read_back(&Files::new(), &Files::from([("DECISIONS.md".into(), text)]));
    let shown = serde_json::to_value(&changes[0].commands(ProjectId::from_bytes([1; 16]))[0]).unwrap();
    assert_eq!(shown["title"], "é".repeat(100));
    assert_eq!(shown["decision"], format!("{long}\n\nbody"));
    assert!(meaning("PATTERNS.md", "", "<!-- waybill:pattern x -->\nbody\n").contains("\"Untitled\""));
}

/// Lines that mean something, nearly mean something, or nothing.
fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        Just("## Title".into()),
        Just("##".into()),
        Just("\\## Title".into()),
        Just("\\\\**Instead**".into()),
        Just("**Rationale**".into()),
        Just("**Resolved**".into()),
        Just("**Why it failed**".into()),
        Just("# Decisions".into()),
        Just("# Mistakes".into()),
        Just("<!-- waybill:decision 00000000000000000000000001 2026-11-21 -->".into()),
        Just("<!-- waybill:mistake 00000000000000000000000002 -->".into()),
        Just("<!-- waybill: -->".into()),
        Just("```".into()),
        Just("    indented".into()),
        "[a-z\\\\#* ]{0,12}",
    ]
}
fn text() -> impl Strategy<Value = String> {
    vec(line(), 0..6).prop_map(|lines| lines.join("\n"))
}
fn kind() -> impl Strategy<Value = EntryKind> {
    proptest::sample::select(EntryKind::ALL)
}
fn sections(kind: EntryKind) -> impl Strategy<Value = Vec<Section>> {
    let texts = vec(text(), kind.labels().len() + 1);
    vec((texts, "[a-z][a-z ]{0,8}[a-z]"), 0..4).prop_map(|entries| {
        let entries = entries.into_iter().enumerate();
        entries.map(|(at, (texts, title))| Section { id: Some(Ulid(at as u128 + 1)), title, texts }).collect()
    })
}
fn file() -> impl Strategy<Value = (EntryKind, String, Vec<Section>)> {
    kind().prop_flat_map(|kind| (Just(kind), text(), sections(kind)))
}
fn path(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Decision => "DECISIONS.md",
        EntryKind::Pattern => "PATTERNS.md",
        EntryKind::Mistake => "MISTAKES.md",
        EntryKind::Research => "RESEARCH/a.md",
        EntryKind::Session => "SESSIONS/a.md",
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever texts say, a file reads back as it was written.
    #[test]
    fn a_rendered_file_reads_back((kind, free, sections) in file()) {
        let entries: Vec<_> = sections.iter().map(|it| (it.clone(), "2026-11-21".to_owned())).collect();
        let page = render(kind, &free, &entries, 3);
        let parsed = parse(kind, &page);
        prop_assert_eq!(&parsed.free, tidy(&free));
        prop_assert_eq!(parsed.sections.len(), sections.len());
        for (back, section) in parsed.sections.iter().zip(&sections) {
            prop_assert_eq!((back.id, &back.title), (section.id, &section.title));
            for (text, said) in back.texts.iter().zip(&section.texts) {
                prop_assert_eq!(text, tidy(said));
            }
        }
        let files = Files::from([(path(kind).to_owned(), page)]);
        prop_assert_eq!(read_back(&files, &files), []);
    }

    /// Lines put anywhere into a file come back in some command, whatever stands around them; so do kept lines in
    /// files that are written for the first time.
    #[test]
    fn nothing_that_a_person_writes_is_lost(
        (kind, free, sections) in file(),
        inserted in vec((0_usize..60, line(), 0_usize..3), 1..6),
        is_new in any::<bool>(),
    ) {
        let entries: Vec<_> = sections.iter().map(|it| (it.clone(), "2026-11-21".to_owned())).collect();
        let before = render(kind, &free, &entries, 0);
        let mut lines: Vec<_> = before.lines().map(str::to_owned).collect();
        let mut words = vec![];
        for (number, (at, other, shape)) in inserted.into_iter().enumerate() {
            let word = format!("WORD{number}X");
            let line = match shape {
                0 => word.clone(),
                1 => format!("## {word}"),
                _ => format!("  - {word} **Rationale**"),
            };
            let at = at.min(lines.len());
            lines.insert(at, line);
            lines.insert(at, other);
            words.push(word);
        }
        let file = |text: String| Files::from([(path(kind).to_owned(), text)]);
        let rendered = if is_new { Files::new() } else { file(before) };
        let changes = read_back(&rendered, &file(lines.join("\n")));
        let said: String = changes
            .iter()
            .flat_map(|change| change.commands(ProjectId::from_bytes([1; 16])))
            .map(|command| serde_json::to_string(&command).unwrap())
            .collect();
        for word in words {
            prop_assert!(said.contains(&word), "{} is lost: {:?}", word, changes);
        }
        for change in &changes {
            if let Change::Written { content, .. } = change {
                prop_assert!(content.len() < 10_000);
            }
        }
    }
}

#[test]
fn a_project_has_one_brain() {
    let create: BrainCommand = crate::testing::command("create", &json!({ "project": id(1) }));
    let [held] = &Brain::claims(&create)[..] else { panic!("one claim") };
    assert!(created().state().holds(held) && !Brain::default().holds(held));
    assert_eq!(Brain::references(&create), [ProjectId::from_bytes([1; 16]).into()]);
}

#[test]
fn a_new_brain_may_begin_with_the_template() {
    let events =
        given::<Brain>([]).when_json("create", &json!({ "project": id(1), "template": true })).accepted();
    let written: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            BrainEvent::BrainTextWritten(e) => Some(e.path.as_str()),
            _ => None,
        })
        .collect();
    let expected = ["PROJECT.md", "ACTIVE.md", "BACKLOG.md", "DECISIONS.md", "PATTERNS.md", "MISTAKES.md"];
    assert_eq!(written, expected);
    let brain = given::<Brain>([]).and_json("create", &json!({ "project": id(1), "template": true }));
    brain.when_json("write", &json!({ "path": "ACTIVE.md", "content": "" })).accepted();
}

#[test]
fn an_edit_of_what_applies_in_every_project_is_of_its_free_section_alone() {
    let entry = (EntryKind::Pattern, section(1, "P", &["text"]));
    let before = global::render("Ours.", &[entry]);
    let file = |text: &str| Files::from([(global::GLOBAL.to_owned(), text.to_owned())]);
    assert_eq!(read_back(&file(&before), &file(&before.replace("text", "text  "))), []);
    let written = |content: &str| Change::Written { path: global::GLOBAL.into(), content: content.into() };
    assert_eq!(read_back(&file(&before), &file(&format!("Mine.\n\n{before}"))), [written("Mine.\n\nOurs.")]);
    assert_eq!(read_back(&file(&before), &Files::new()), [written("")]);
}
