//! The file of what applies in every project: patterns and mistakes that were promoted, in every brain.
//!
//! It repeats entries of other brains, so an edit of them there is no edit here: whatever somebody writes into it
//! becomes its own free section, which stands above the marker.

use std::collections::BTreeSet;

use super::file::{EntryKind, Section, tidy};

/// The file, relative to `.brain/`.
pub const GLOBAL: &str = "GLOBAL.md";

const MARKER: &str = "<!-- waybill:global -->";

/// The file of these entries, behind the free section; empty without either.
#[must_use]
pub fn render(free: &str, entries: &[(EntryKind, Section)]) -> String {
    let mut page = String::new();
    let mut block = |text: &str| {
        let text = tidy(text);
        if !text.is_empty() {
            page.push_str(text);
            page.push_str("\n\n");
        }
    };
    block(free);
    if !entries.is_empty() {
        block(&format!("{MARKER}\n# What applies in every project"));
    }
    for (kind, section) in entries {
        block(&format!("## {} ({kind})", section.title.trim()));
        let labels = std::iter::once(&"").chain(kind.labels());
        for (text, label) in section.texts.iter().zip(labels).filter(|(text, _)| !tidy(text).is_empty()) {
            if !label.is_empty() {
                block(&format!("**{label}**"));
            }
            block(text);
        }
    }
    page.truncate(page.trim_end().len());
    if !page.is_empty() {
        page.push('\n');
    }
    page
}

/// The free section of the file as edited: what stands above the marker, then every line that is new below it.
#[must_use]
pub fn free(rendered: &str, edited: &str) -> String {
    let edited = edited.replace("\r\n", "\n");
    let (above, below) = edited.split_once(MARKER).unwrap_or((&edited, ""));
    let (before, repeated) = rendered.split_once(MARKER).unwrap_or((rendered, ""));
    let known: BTreeSet<_> = repeated.lines().map(str::trim_end).collect();
    // Without the marker, what was repeated may stand anywhere.
    let is_cut = !edited.contains(MARKER) && rendered.contains(MARKER);
    let own: BTreeSet<_> = before.lines().map(str::trim_end).collect();
    let kept = |line: &&str| !known.contains(line.trim_end());
    let above: Vec<_> =
        above.lines().filter(|line| !is_cut || kept(line) || own.contains(line.trim_end())).collect();
    let mut text = tidy(&above.join("\n")).to_owned();
    let added: Vec<_> = below.lines().filter(kept).collect();
    if !added.is_empty() {
        text.push_str("\n\n");
        text.push_str(&added.join("\n"));
    }
    tidy(&text).to_owned()
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    fn page() -> String {
        let section = |title: &str, texts: &[&str]| Section {
            id: None,
            title: title.into(),
            texts: texts.iter().map(|text| (*text).into()).collect(),
        };
        let entries = [
            (EntryKind::Pattern, section("Ids are ULIDs", &["They sort.", "ids.rs"])),
            (
                EntryKind::Mistake,
                section("Sleeping in tests", &["", "It was slow.", "Wait for a position.", ""]),
            ),
        ];
        render("Ours.", &entries)
    }

    #[test]
    fn a_file_has_what_was_promoted_and_nothing_else_is_empty() {
        expect![[r"
            Ours.

            <!-- waybill:global -->
            # What applies in every project

            ## Ids are ULIDs (pattern)

            They sort.

            **Example**

            ids.rs

            ## Sleeping in tests (mistake)

            **Why it failed**

            It was slow.

            **Instead**

            Wait for a position.
        "]]
        .assert_eq(&page());
        assert_eq!(render(" \n", &[]), "");
        assert_eq!(render("a", &[]), "a\n");
    }

    #[test]
    fn what_somebody_writes_into_it_is_its_free_section() {
        let page = page();
        assert_eq!(free(&page, &page), "Ours.");
        assert_eq!(free(&page, &page.replace('\n', "\r\n")), "Ours.");
        assert_eq!(free(&page, &page.replace("They sort.", "They sort well.")), "Ours.\n\nThey sort well.");
        assert_eq!(free(&page, &format!("Mine.\n{page}")), "Mine.\nOurs.");
        assert_eq!(free(&page, &page.replace(MARKER, "Other.")), "Ours.\n\nOther.");
        assert_eq!(free(&page, ""), "");
        assert_eq!(free("", "First."), "First.");
    }
}
