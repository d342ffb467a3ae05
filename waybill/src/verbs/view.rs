//! `waybill view`: rows of a view, now or at a point in history.

use clap::Args;
use projections::{Query, Scope};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::cli::{Form, Global};
use crate::failure::{Exit, Failure};
use crate::output;
use crate::readers::{Answer, ViewCall};
use crate::table;
use crate::target::{self, Want};

/// Show a view; without a name, list the views
///
/// `waybill view usage --filter day=2025-11-20`, `waybill view run-timeline RUN --at 1200`
#[derive(Debug, Args)]
pub(crate) struct View {
    /// The view
    name: Option<String>,
    /// Key of one row, or the id that a view of one aggregate wants
    key: Option<String>,
    /// As of a position in the log, or an instant such as 2026-11-21T07:06:00Z
    #[arg(long, value_name = "POSITION|TIME", requires = "name")]
    at: Option<String>,
    /// Only rows whose field has that value, or whose figure is in bounds (quality_score.min=70); repeat it for more
    #[arg(long = "filter", short, value_name = "FIELD=VALUE", value_parser = filter, requires = "name")]
    filters: Vec<(String, String)>,
    /// At most so many rows
    #[arg(long, value_name = "ROWS", requires = "name")]
    limit: Option<usize>,
    /// Only rows behind that key
    #[arg(long, value_name = "KEY", requires = "name")]
    after: Option<String>,
    /// Ordered by that figure, such as quality_score; rows where it is unknown come last
    #[arg(long, value_name = "FIGURE", requires = "name")]
    order_by: Option<String>,
    /// Last keys first, or largest figures
    #[arg(long, requires = "name")]
    descending: bool,
}

pub(super) fn filter(text: &str) -> Result<(String, String), String> {
    let (field, value) = text.split_once('=').ok_or("expected FIELD=VALUE")?;
    Ok((field.to_owned(), value.to_owned()))
}

/// A view, as the list of views shows it.
#[derive(Debug, Serialize)]
struct Listed {
    name: &'static str,
    version: u32,
    scope: String,
    filters: &'static [&'static str],
    figures: &'static [&'static str],
}

impl View {
    pub(crate) async fn run(self, global: &Global) -> Result<Exit, Failure> {
        let Some(name) = self.name else {
            output::print(&list(global.output)?)?;
            return Ok(Exit::Done);
        };
        let Self { key, at, filters, limit, after, order_by, descending, .. } = self;
        let query = Query { filters, after, limit, order_by, descending, ..Query::default() };
        let call = ViewCall { view: name, key, at, query };
        let target = target::open(global, Want::Reading)?;
        let shown = target.view_json(&call).await;
        let closed = target.close().await;
        output::print(&show(&shown?, global.output)?)?;
        closed.map(|()| Exit::Done)
    }
}

/// An answer's JSON text, in another form.
fn show(json: &str, form: Form) -> Result<String, Failure> {
    #[derive(serde::Deserialize)]
    struct Rows<'a> {
        #[serde(borrow)]
        rows: Vec<&'a RawValue>,
    }
    Ok(match form {
        Form::Json => json.to_owned(),
        Form::Ndjson => {
            let rows: Rows<'_> = serde_json::from_str(json)?;
            rows.rows.iter().map(|row| format!("{row}\n")).collect()
        }
        Form::Table | Form::Html => {
            let answer = serde_json::from_str(json)?;
            rows(&answer, output::width(), output::colours(&std::io::stdout()))
        }
    })
}

fn rows(answer: &Answer, width: u16, colours: bool) -> String {
    let mut text = table::rows(&answer.rows, width, colours);
    let several = answer.rows.len() > 1;
    if let Some(totals) =
        answer.summary.as_ref().and_then(|totals| table::totals(totals, &answer.rows)).filter(|_| several)
    {
        text.push_str(&format!("{totals}\n"));
    }
    if let Some(next) = &answer.next {
        text.push_str(&format!("there are more rows: --after {next}\n"));
    }
    let position =
        answer.position.map_or_else(|| "an empty log".into(), |position| format!("position {position}"));
    text.push_str(&format!("as of {position}\n"));
    text
}

fn list(form: Form) -> Result<String, Failure> {
    let listed = |spec: projections::ViewSpec| Listed {
        name: spec.name,
        version: spec.version,
        scope: match spec.scope {
            Scope::Live => "live".to_owned(),
            Scope::Stream(category) => category.to_string(),
        },
        filters: spec.filters,
        figures: spec.figures,
    };
    let views: Vec<_> = projections::views().into_iter().map(listed).collect();
    let of = |view: &Listed| match view.scope.as_str() {
        "live" => "the whole log".to_owned(),
        kind => format!("one {kind}: give its id"),
    };
    Ok(match form {
        Form::Json => serde_json::to_string_pretty(&views)?,
        Form::Ndjson => {
            let lines = views.iter().map(|view| Ok(serde_json::to_string(view)? + "\n"));
            lines.collect::<Result<String, serde_json::Error>>()?
        }
        Form::Table | Form::Html => {
            let columns = ["view", "over", "filters", "figures"].map(|name| (name.to_owned(), false));
            let rows = views.iter().map(|view| {
                vec![view.name.to_owned(), of(view), view.filters.join(", "), view.figures.join(", ")]
            });
            table::plain(&columns, rows, output::colours(&std::io::stdout()))
        }
    })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    const ANSWER: &str = r#"{"view":"runs","version":1,"position":41,"rows":[{"key":"A","row":{"title":"one","calls":2}},{"key":"B","row":{"title":"two","calls":1453}}],"summary":{"calls":1455},"next":"B"}"#;

    #[test]
    fn json_is_what_came_and_ndjson_a_row_per_line() {
        assert_eq!(show(ANSWER, Form::Json).unwrap(), ANSWER);
        expect![[r#"
            {"key":"A","row":{"title":"one","calls":2}}
            {"key":"B","row":{"title":"two","calls":1453}}
        "#]]
        .assert_eq(&show(ANSWER, Form::Ndjson).unwrap());
    }

    #[test]
    fn a_table_ends_with_totals_and_where_to_go_on() {
        expect![[r#"
            key  title  calls
            ──────────────────
            A    one        2
            B    two    1,453
            total: calls 1,455
            there are more rows: --after B
            as of position 41
        "#]]
        .assert_eq(&rows(&serde_json::from_str(ANSWER).unwrap(), 80, false));
    }

    #[test]
    fn the_list_has_every_view() {
        let table = list(Form::Table).unwrap();
        let lines = list(Form::Ndjson).unwrap();
        for spec in projections::views() {
            assert!(table.contains(spec.name), "{table}");
            assert!(lines.contains(&format!("\"name\":\"{}\"", spec.name)), "{lines}");
        }
        assert!(table.contains("one run: give its id"), "{table}");
    }

    #[test]
    fn filters_are_field_and_value() {
        assert_eq!(filter("model=a=b"), Ok(("model".into(), "a=b".into())));
        assert!(filter("model").is_err());
    }
}
