//! docs/protocol.md says what the transcripts say, and names every code and limit there is.

use std::collections::BTreeMap;

/// The transcripts in the document, by name.
fn quoted(document: &str) -> BTreeMap<&str, &str> {
    let after = document.split("<!-- tests/golden/ws/").skip(1);
    let parts = after.filter_map(|part| {
        let (name, rest) = part.split_once(".txt -->\n```text\n")?;
        Some((name, rest.split_once("```")?.0))
    });
    parts.collect()
}

#[test]
fn the_examples_are_the_transcripts() {
    let document =
        std::fs::read_to_string(kit::root().join("docs").join("protocol.md")).expect("it is there");
    let quoted = quoted(&document);
    assert!(quoted.len() >= 4, "{:?}", quoted.keys());
    for (name, text) in quoted {
        let golden = kit::root().join("tests").join("golden").join("ws").join(format!("{name}.txt"));
        let golden = std::fs::read_to_string(golden).expect("the transcript is there");
        assert!(text == golden, "the example `{name}` is not tests/golden/ws/{name}.txt; copy it");
    }
}

#[test]
fn every_code_is_named() {
    let document =
        std::fs::read_to_string(kit::root().join("docs").join("protocol.md")).expect("it is there");
    for code in api::Code::ALL {
        let row = format!("| `{}` | {} |", code.as_str(), code.status().as_u16());
        assert!(document.contains(&row), "no `{row}`");
    }
}
