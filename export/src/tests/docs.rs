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

#[test]
fn the_python_client_knows_every_column() {
    let mut text = concat!(
        "\"\"\"What each column of an export holds.\n\n",
        "Written by `UPDATE_EXPECT=1 cargo test -p waybill-export`; edits are lost.\n\"\"\"\n\n",
        "TABLES: dict[str, dict[str, str]] = {\n"
    )
    .to_owned();
    for table in Table::ALL {
        writeln!(text, "    \"{}\": {{", table.as_str()).unwrap();
        for column in table.columns() {
            let kind = serde_json::to_value(column.kind).unwrap();
            writeln!(text, "        \"{}\": {kind},", column.name).unwrap();
        }
        text.push_str("    },\n");
    }
    text.push_str("}\n");
    expect_file!["../../../clients/python/src/waybill/_tables.py"].assert_eq(&text);
}
