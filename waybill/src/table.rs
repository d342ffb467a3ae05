//! Tables for people, from rows of any view: which columns, in which form, how wide.

use std::fmt;

use comfy_table::{CellAlignment, LineStyle, Table, TableStyle};
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::figures;
use crate::output::bold;

/// Characters of a text in a table.
const TEXT_CHARS: usize = 44;
/// Characters of a text in a record, where it has a line of its own.
const RECORD_CHARS: usize = 400;
/// Columns of space around a cell.
const PADDING: usize = 2;

/// An object's fields, in the order in which they came.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Fields(pub(crate) Vec<(String, Value)>);

impl Serialize for Fields {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

impl Fields {
    /// A field's value.
    pub(crate) fn get(&self, field: &str) -> Option<&Value> {
        self.0.iter().find(|(name, _)| name == field).map(|(_, value)| value)
    }
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Fields;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields: Vec<(String, Box<RawValue>)> = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    fields.push(entry);
                }
                // A row of one of several kinds is `{kind: {…}}`: its fields are those within.
                if let [(_, inner)] = fields.as_slice()
                    && inner.get().starts_with('{')
                {
                    return serde_json::from_str(inner.get()).map_err(A::Error::custom);
                }
                let parsed =
                    |(name, raw): (String, Box<RawValue>)| Ok((name, serde_json::from_str(raw.get())?));
                let fields: Result<_, serde_json::Error> = fields.into_iter().map(parsed).collect();
                fields.map(Fields).map_err(A::Error::custom)
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

/// A keyed row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Row {
    pub(crate) key: String,
    pub(crate) row: Fields,
}

/// A value as a cell: text, and whether it is a figure. None for what is no single value.
fn cell(field: &str, value: &Value, max: usize) -> Option<(String, bool)> {
    Some(match value {
        Value::Null => (String::new(), false),
        Value::Bool(yes) => ((if *yes { "yes" } else { "no" }).to_owned(), false),
        Value::Number(number) => (figure(field, number), true),
        Value::String(text) => (figures::instant(text).unwrap_or_else(|| figures::line(text, max)), false),
        Value::Array(_) | Value::Object(_) => return None,
    })
}

fn figure(field: &str, number: &serde_json::Number) -> String {
    match (number.as_u64(), number.as_f64()) {
        (_, Some(amount)) if field.ends_with("_usd") => figures::usd(amount),
        (Some(ms), _) if field.ends_with("_ms") => figures::duration_ms(ms),
        (Some(bytes), _) if field.ends_with("_bytes") => figures::bytes(bytes),
        (Some(whole), _) => figures::count(whole),
        (None, Some(part)) => {
            let text = format!("{part:.4}");
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        (None, None) => number.to_string(),
    }
}

/// A field's name over a column; units that the cells show are left out.
fn heading(field: &str) -> String {
    let name = ["_usd", "_ms", "_at"].iter().find_map(|unit| field.strip_suffix(unit)).unwrap_or(field);
    name.replace('_', " ")
}

/// A column of a table under construction.
struct Column {
    field: String,
    cells: Vec<String>,
    right: bool,
}

impl Column {
    fn width(&self) -> usize {
        let cells = self.cells.iter().map(|cell| cell.chars().count());
        cells.chain([heading(&self.field).chars().count()]).max().unwrap_or(0) + PADDING
    }
    /// How readily it is left out where there is no room.
    fn weight(&self) -> u8 {
        match self.field.as_str() {
            "key" => 0,
            "title" | "name" | "slug" | "status" | "role" | "preview" | "model" | "day" | "duration_ms" => 1,
            field if field.ends_with("_usd") => 1,
            field if field.ends_with("_preview") => 4,
            "project" | "workflow" | "id" => 3,
            _ => 2,
        }
    }
}

/// What a table shows, and what it had to leave out.
struct Layout {
    columns: Vec<Column>,
    /// Fields that are the same in every row.
    constant: Vec<(String, String)>,
    /// Fields for which there was no room.
    left_out: Vec<String>,
}

fn layout(rows: &[Row], width: usize) -> Layout {
    let mut fields: Vec<&str> = Vec::new();
    for (field, _) in rows.iter().flat_map(|row| &row.row.0) {
        if !fields.contains(&field.as_str()) {
            fields.push(field);
        }
    }
    let mut layout = Layout { columns: Vec::new(), constant: Vec::new(), left_out: Vec::new() };
    if !rows.iter().all(spells_its_key) {
        let cells = rows.iter().map(|row| figures::line(&row.key, TEXT_CHARS)).collect();
        layout.columns.push(Column { field: "key".into(), cells, right: false });
    }
    for field in fields {
        let values = rows.iter().map(|row| row.row.get(field).unwrap_or(&Value::Null));
        let cells: Option<Vec<_>> = values.map(|value| cell(field, value, TEXT_CHARS)).collect();
        let Some(cells) = cells else { continue };
        let right = cells.iter().any(|(_, right)| *right);
        let cells: Vec<_> = cells.into_iter().map(|(text, _)| text).collect();
        let first = &cells[0];
        if cells.iter().all(|cell| cell == first) {
            if !first.is_empty() && first != "0" {
                layout.constant.push((field.to_owned(), first.clone()));
            }
            continue;
        }
        layout.columns.push(Column { field: field.to_owned(), cells, right });
    }
    while layout.columns.len() > 1 && layout.columns.iter().map(Column::width).sum::<usize>() > width {
        let last = (0..layout.columns.len()).max_by_key(|at| (layout.columns[*at].weight(), *at));
        let column = layout.columns.remove(last.expect("there is more than one column"));
        layout.left_out.push(column.field);
    }
    layout
}

/// Whether a row's fields hold all that its key says.
fn spells_its_key(row: &Row) -> bool {
    let mut rest = row.key.clone();
    for (_, value) in &row.row.0 {
        if let Value::String(text) = value
            && !text.is_empty()
        {
            rest = rest.replacen(text.as_str(), "", 1);
        }
    }
    row.key.contains('/') && rest.chars().all(|c| c == '/')
}

/// Rows as a table of at most `width` columns; one row as a record.
pub(crate) fn rows(rows: &[Row], width: u16, colours: bool) -> String {
    match rows {
        [] => "no rows\n".to_owned(),
        [row] => record(row, width, colours),
        _ => {
            let layout = layout(rows, width.into());
            let mut text = plain(
                &layout
                    .columns
                    .iter()
                    .map(|column| (heading(&column.field), column.right))
                    .collect::<Vec<_>>(),
                (0..rows.len())
                    .map(|at| layout.columns.iter().map(|column| column.cells[at].clone()).collect()),
                colours,
            );
            let pair = |(field, value): &(String, String)| format!("{} {value}", heading(field));
            if !layout.constant.is_empty() {
                let pairs: Vec<_> = layout.constant.iter().map(pair).collect();
                text.push_str(&format!("in every row: {}\n", pairs.join(" · ")));
            }
            if !layout.left_out.is_empty() {
                text.push_str(&format!(
                    "no room for: {} (--output json has them)\n",
                    layout.left_out.join(", ")
                ));
            }
            text
        }
    }
}

/// One row, a field per line.
fn record(row: &Row, width: u16, colours: bool) -> String {
    let max = usize::from(width).saturating_sub(26).clamp(20, RECORD_CHARS);
    let mut pairs = vec![("key".to_owned(), figures::line(&row.key, RECORD_CHARS))];
    for (field, value) in &row.row.0 {
        match cell(field, value, max) {
            Some((text, _)) if text.is_empty() => {}
            Some((text, _)) => pairs.push((field.clone(), text)),
            None => pairs.push((field.clone(), figures::line(&value.to_string(), max))),
        }
    }
    self::pairs(&pairs, colours)
}

/// Names and what they stand for, a line each.
pub(crate) fn pairs(pairs: &[(String, String)], colours: bool) -> String {
    let widest = pairs.iter().map(|(name, _)| heading(name).chars().count()).max().unwrap_or(0);
    let line = |(name, value): &(String, String)| {
        let padded = format!("{:widest$}", heading(name));
        format!("{}  {value}\n", bold(&padded, colours))
    };
    pairs.iter().map(line).collect()
}

/// A table of `(heading, figures)` columns.
pub(crate) fn plain(
    columns: &[(String, bool)],
    rows: impl Iterator<Item = Vec<String>>,
    colours: bool,
) -> String {
    let style = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));
    let mut table = Table::new();
    table.load_style(style).set_header(columns.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>());
    for row in rows {
        table.add_row(row);
    }
    for (at, (_, right)) in columns.iter().enumerate() {
        if let Some(column) = table.column_mut(at) {
            // The separator's own junction takes one more column.
            column.set_padding((0, 1));
            if *right {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
    }
    let lines = table.lines().enumerate();
    lines.map(|(at, line)| format!("{}\n", bold(line.trim_end(), colours && at == 0))).collect()
}

/// Totals on one line, in the order of the rows' fields.
pub(crate) fn totals(summary: &Value, rows: &[Row]) -> Option<String> {
    let Value::Object(fields) = summary else { return None };
    let place =
        |field: &str| rows.first().and_then(|row| row.row.0.iter().position(|(name, _)| name == field));
    let mut fields: Vec<_> = fields.iter().collect();
    // What no row has, such as their number, comes first.
    fields.sort_by_key(|(field, _)| place(field));
    let shown = |(field, value): (&String, &Value)| {
        let (text, _) = cell(field, value, TEXT_CHARS)?;
        (!text.is_empty() && text != "0").then(|| format!("{} {text}", heading(field)))
    };
    let parts: Vec<_> = fields.into_iter().filter_map(shown).collect();
    (!parts.is_empty()).then(|| format!("total: {}", parts.join(" · ")))
}

#[cfg(test)]
mod tests;
