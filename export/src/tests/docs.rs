//! `docs/export.md` has every column as it is.

use std::fmt::Write;

use expect_test::expect_file;

use crate::Table;

const BEGINNING: &str = include_str!("docs/beginning.md");

#[test]
fn the_document_has_every_column() {
    let mut text = BEGINNING.to_owned();
    for table in Table::ALL {
        let state = if table.is_state() { ", a row each as it stands" } else { "" };
        writeln!(text, "\n### `{}`{state}\n", table.as_str()).unwrap();
        text.push_str("| column | type | null | what | from |\n|---|---|---|---|---|\n");
        for column in table.columns() {
            let null = if column.nullable { "yes" } else { "" };
            let (name, kind) = (column.name, column.kind.in_words());
            writeln!(text, "| `{name}` | {kind} | {null} | {} | {} |", column.what, column.source).unwrap();
        }
    }
    expect_file!["../../../docs/export.md"].assert_eq(&text);
}
