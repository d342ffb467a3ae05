//! `waybill diff`: what changed in a view between two points in history, and which events did it.

use clap::Args;
use engine::{At, DiffRequest};
use projections::Query;
use serde::Deserialize;
use serde_json::Value;

use crate::cli::{Form, Global};
use crate::client::Arguments;
use crate::failure::{Exit, Failure};
use crate::target::{self, Target, Want};
use crate::{figures, output};

/// Show what changed in a view between two points in history, and which events did it
///
/// `waybill diff runs --from 1200 --to 2026-11-21T07:06:00Z`, `waybill diff run-timeline RUN --from 10 --to 90`
#[derive(Debug, Args)]
pub(crate) struct Diff {
    /// The view
    view: String,
    /// Key of one row, or the id that a view of one aggregate wants
    key: Option<String>,
    /// The earlier point: a position, or an instant such as 2026-11-21T07:06:00Z
    #[arg(long, value_name = "POSITION|TIME")]
    from: String,
    /// The later point; a position ahead of the log stands for now
    #[arg(long, value_name = "POSITION|TIME")]
    to: String,
    /// Only rows whose field has that value; repeat it for more fields
    #[arg(long = "filter", short, value_name = "FIELD=VALUE", value_parser = super::view::filter)]
    filters: Vec<(String, String)>,
    /// At most so many keys [default: 1000]
    #[arg(long, value_name = "KEYS")]
    limit: Option<usize>,
    /// Only keys behind that one
    #[arg(long, value_name = "KEY")]
    after: Option<String>,
}

impl Diff {
    pub(crate) async fn run(self, global: &Global) -> Result<Exit, Failure> {
        let target = target::open(global, Want::Reading)?;
        let text = match &target {
            Target::Folder(engine) => {
                let (request, engine) = (self.request()?, engine.clone());
                let diff = tokio::task::spawn_blocking(move || engine.diff(request)).await??;
                serde_json::to_string(&diff)?
            }
            Target::Server(client) => {
                client.json(&["v1", "views", &self.view, "diff"], &self.arguments()).await?
            }
        };
        let closed = target.close().await;
        output::print(&show(&text, global.output, output::colours(&std::io::stdout()))?)?;
        closed.map(|()| Exit::Done)
    }

    fn request(&self) -> Result<DiffRequest, Failure> {
        let point = |name: &str, text: &str| {
            text.parse::<At>().map_err(|error| {
                Failure::usage(format!("--{name}: {error}")).hint("`waybill view` says where a view is")
            })
        };
        let (from, to) = (point("from", &self.from)?, point("to", &self.to)?);
        let (filters, limit, after) = (self.filters.clone(), self.limit, self.after.clone());
        let query = Query { filters, limit, after, ..Query::default() };
        Ok(DiffRequest { view: self.view.clone(), key: self.key.clone(), query, from, to })
    }

    fn arguments(&self) -> Arguments {
        let named = [
            ("from", Some(self.from.clone())),
            ("to", Some(self.to.clone())),
            ("key", self.key.clone()),
            ("limit", self.limit.map(|limit| limit.to_string())),
            ("after", self.after.clone()),
        ];
        let named = named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        self.filters.iter().cloned().chain(named).collect()
    }
}

#[derive(Deserialize)]
struct Shown {
    view: String,
    from: Option<u64>,
    to: Option<u64>,
    rows: Rows,
    changes: Vec<Changed>,
    next: Option<String>,
}

#[derive(Deserialize)]
struct Rows {
    equal: u64,
    added: u64,
    removed: u64,
    changed: u64,
}

#[derive(Deserialize)]
struct Changed {
    key: String,
    change: String,
    fields: Vec<Field>,
    events: Vec<Event>,
    events_total: u64,
}

#[derive(Deserialize)]
struct Field {
    field: String,
    old: Option<Value>,
    new: Option<Value>,
}

#[derive(Deserialize)]
struct Event {
    position: u64,
    #[serde(rename = "type")]
    name: String,
}

fn show(json: &str, form: Form, colours: bool) -> Result<String, Failure> {
    if form == Form::Json {
        return Ok(json.to_owned());
    }
    if form == Form::Ndjson {
        let diff: Value = serde_json::from_str(json)?;
        let changes = diff["changes"].as_array().map_or(&[][..], Vec::as_slice);
        return Ok(changes.iter().map(|change| format!("{change}\n")).collect());
    }
    let shown: Shown = serde_json::from_str(json)?;
    let mut text = String::new();
    for change in &shown.changes {
        text.push_str(&changed(change, colours));
    }
    if let Some(next) = &shown.next {
        text.push_str(&format!("there are more keys: --after {next}\n"));
    }
    let Rows { equal, added, removed, changed } = shown.rows;
    let place =
        |at: Option<u64>| at.map_or_else(|| "the beginning".to_owned(), |at| format!("position {at}"));
    let (from, to) = (place(shown.from), place(shown.to));
    text.push_str(&format!(
        "{}, from {from} to {to}: {added} added, {removed} removed, {changed} changed, {equal} equal\n",
        shown.view
    ));
    Ok(text)
}

/// Characters of a value that a line shows.
const VALUE_CHARS: usize = 100;

fn changed(change: &Changed, colours: bool) -> String {
    let sign = match change.change.as_str() {
        "added" => "+",
        "removed" => "-",
        _ => "~",
    };
    let mut text = format!("{} {}\n", output::bold(sign, colours), output::bold(&change.key, colours));
    // A row that is gone was seen before; what it was is in the JSON.
    let fields = if sign == "-" { &[][..] } else { &change.fields };
    for Field { field, old, new } in fields {
        let value = |value: &Option<Value>| {
            value
                .as_ref()
                .map_or_else(|| "nothing".to_owned(), |value| figures::line(&value.to_string(), VALUE_CHARS))
        };
        match sign {
            "+" => text.push_str(&format!("    {field}: {}\n", value(new))),
            _ => text.push_str(&format!("    {field}: {} → {}\n", value(old), value(new))),
        }
    }
    let events: Vec<_> =
        change.events.iter().map(|event| format!("{} at {}", event.name, event.position)).collect();
    let more = change.events_total.saturating_sub(u64::try_from(events.len()).unwrap_or(0));
    let cut = if more > 0 { format!(", and {more} more") } else { String::new() };
    text.push_str(&format!("    by {}{cut}\n", events.join(", ")));
    text
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    const DIFF: &str = r#"{"view":"runs","version":1,"from":3,"to":null,"rows":{"equal":7,"added":1,"removed":1,"changed":1},"changes":[{"key":"A","change":"changed","fields":[{"field":"status","old":"pending","new":"running"}],"events":[{"position":4,"type":"RunStarted","stream":"run-1"}],"events_total":3},{"key":"B","change":"added","fields":[{"field":"title","new":"x"}],"events":[],"events_total":0},{"key":"C","change":"removed","fields":[{"field":"title","old":"x"}],"events":[],"events_total":0}],"next":"C"}"#;

    #[test]
    fn a_difference_reads_row_by_row() {
        expect![[r#"
            ~ A
                status: "pending" → "running"
                by RunStarted at 4, and 2 more
            + B
                title: "x"
                by 
            - C
                by 
            there are more keys: --after C
            runs, from position 3 to the beginning: 1 added, 1 removed, 1 changed, 7 equal
        "#]]
        .assert_eq(&show(DIFF, Form::Table, false).unwrap());
        assert_eq!(show(DIFF, Form::Json, false).unwrap(), DIFF);
        assert_eq!(show(DIFF, Form::Ndjson, false).unwrap().lines().count(), 3);
    }
}
