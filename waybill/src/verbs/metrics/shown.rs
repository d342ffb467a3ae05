//! Series of a metric for people and programs, one alone or two side by side.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::cli::Form;
use crate::failure::Failure;
use crate::figures;

fn rows(series: &Value) -> &[Value] {
    series["rows"].as_array().map_or(&[], Vec::as_slice)
}

/// What rows are told apart by.
fn dimensions(series: &Value) -> Vec<&str> {
    series["by"].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => "–".into(),
        Value::String(text) => figures::line(text, 60),
        Value::Number(number) => {
            let rounded = number.as_f64().filter(|it| it.fract() != 0.0).map(|it| format!("{it:.4}"));
            rounded.unwrap_or_else(|| number.to_string())
        }
        other => other.to_string(),
    }
}

/// Columns of equal width, two blanks between.
pub(super) fn columns(header: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut lines = vec![header.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()];
    lines.extend(rows);
    let width = |column: usize| {
        lines.iter().filter_map(|line| line.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<_> = (0..header.len()).map(width).collect();
    let padded = |line: &Vec<String>| {
        let cells: Vec<_> = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        cells.join("  ").trim_end().to_owned() + "\n"
    };
    lines.iter().map(padded).collect()
}

fn named(series: &Value) -> String {
    let version = series["version"].as_u64().map_or_else(|| "tried".into(), |it| format!("version {it}"));
    let at = series["position"].as_u64().map_or_else(|| "an empty log".into(), |at| format!("position {at}"));
    format!("{}, {version}, as of {at}\n", series["metric"].as_str().unwrap_or_default())
}

pub(super) fn show(series: &Value, form: Form) -> Result<String, Failure> {
    Ok(match form {
        Form::Json => serde_json::to_string_pretty(series)?,
        Form::Ndjson => rows(series).iter().map(|row| format!("{row}\n")).collect(),
        Form::Table | Form::Html => {
            let by = dimensions(series);
            let fixed = ["value", "numerator", "denominator"];
            let header: Vec<&str> = by.iter().copied().chain(fixed).chain(["events", "first at"]).collect();
            let line = |row: &Value| {
                let cells = by.iter().copied().chain(fixed).map(|field| cell(&row[field]));
                let from = &row["provenance"];
                cells.chain([cell(&from["events"]), cell(&from["positions"][0])]).collect()
            };
            columns(&header, rows(series).iter().map(line)) + &named(series)
        }
    })
}

/// The rows of a group, old and new.
type Pair<'a> = (Option<&'a Value>, Option<&'a Value>);

/// Two series row by row.
pub(super) fn beside(old: &Value, new: &Value, form: Form) -> Result<String, Failure> {
    let by = dimensions(if rows(new).is_empty() { old } else { new });
    let group =
        |row: &Value| by.iter().map(|field| row[*field].as_str().map(str::to_owned)).collect::<Vec<_>>();
    let mut groups: BTreeMap<Vec<Option<String>>, Pair<'_>> = BTreeMap::new();
    rows(old).iter().for_each(|row| groups.entry(group(row)).or_default().0 = Some(row));
    rows(new).iter().for_each(|row| groups.entry(group(row)).or_default().1 = Some(row));
    let compared: Vec<Value> = groups
        .into_iter()
        .map(|(key, (old, new))| {
            let value = |row: Option<&Value>| row.map_or(Value::Null, |row| row["value"].clone());
            let (before, after) = (value(old), value(new));
            let change = after.as_f64().zip(before.as_f64()).map(|(after, before)| after - before);
            let mut row: serde_json::Map<String, Value> =
                by.iter().map(|field| (*field).to_owned()).zip(key.into_iter().map(Value::from)).collect();
            row.insert("old".into(), before);
            row.insert("new".into(), after);
            row.insert("change".into(), change.into());
            let from = |row: Option<&Value>| row.map_or(Value::Null, |row| row["provenance"].clone());
            row.insert("provenance".into(), json!({ "old": from(old), "new": from(new) }));
            Value::Object(row)
        })
        .collect();
    Ok(match form {
        Form::Json => {
            let side = |series: &Value| json!({ "version": series["version"], "definition": series["definition"], "by": series["by"] });
            let whole = json!({
                "metric": new["metric"], "position": new["position"], "old": side(old), "new": side(new),
                "rows": compared,
            });
            serde_json::to_string_pretty(&whole)?
        }
        Form::Ndjson => compared.iter().map(|row| format!("{row}\n")).collect(),
        Form::Table | Form::Html => {
            let header: Vec<&str> = by.iter().copied().chain(["old", "new", "change"]).collect();
            let lines = compared.iter().map(|row| header.iter().map(|field| cell(&row[*field])).collect());
            columns(&header, lines) + &format!("old: {}new: {}", named(old), named(new))
        }
    })
}
