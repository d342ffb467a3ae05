//! `waybill report`: charts of quality, made of metrics and so of events.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use clap::Args;
use domain::metric::MetricDimension;
use domain::values::Timestamp;
use projections::Query;
use replay::charts::{Chart, Point, Report as Page, Shape, Theme, Unit, page};
use serde_json::{Value, json};

use crate::cli::{Form, Global};
use crate::failure::{Exit, Failure};
use crate::readers::ViewCall;
use crate::target::{self, Target, Want};
use crate::verbs::metrics::{Part, ask};
use crate::{files, output, trust};

/// Draw charts of quality: pass rate over time, loops to pass, composite by model, persona and workflow, cost per pass
///
/// `--out DIR` writes `report.html` and each chart as SVG and PNG; without it the figures are printed, and with
/// `--output html` the page. Everything is folded from the log by the metrics' own definitions.
#[derive(Debug, Args)]
pub(crate) struct Report {
    /// The folder to write to; made where it is not there
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Not before this instant
    #[arg(long, value_name = "TIME")]
    since: Option<Timestamp>,
    /// Before this instant
    #[arg(long, value_name = "TIME")]
    until: Option<Timestamp>,
    /// Only of this project, by slug or id; its own definitions where it has some
    #[arg(long, value_name = "PROJECT")]
    project: Option<String>,
}

/// Metric, dimension, title, unit, and how the values stand.
const CHARTS: &[(&str, MetricDimension, &str, Unit, Shape)] = &[
    ("pass-rate", MetricDimension::Day, "Pass rate over time", Unit::Share, Shape::Days),
    ("pass-rate", MetricDimension::Model, "Pass rate by model", Unit::Share, Shape::Bars),
    ("loops-to-pass", MetricDimension::Model, "Loops until a pass, by model", Unit::Number, Shape::Bars),
    ("composite", MetricDimension::Model, "Composite quality by model", Unit::Score, Shape::Bars),
    ("composite", MetricDimension::Persona, "Composite quality by persona", Unit::Score, Shape::Bars),
    ("composite", MetricDimension::Workflow, "Composite quality by workflow", Unit::Score, Shape::Bars),
    ("cost-per-passed-run", MetricDimension::Model, "Cost per passed run, by model", Unit::Usd, Shape::Bars),
];

impl Report {
    pub(crate) async fn run(self, global: &Global) -> Result<Exit, Failure> {
        let target = target::open(global, Want::Reading)?;
        let made = self.charts(&target).await;
        let closed = target.close().await;
        let charts = made?;
        match &self.out {
            Some(folder) => self.write(folder, &charts, global.output)?,
            None => output::print(&self.shown(&charts, global.output)?)?,
        }
        closed.map(|()| Exit::Done)
    }

    /// The charts, from the log.
    async fn charts(&self, target: &Target) -> Result<Vec<Chart>, Failure> {
        let mut charts = Vec::new();
        for (metric, by, title, unit, shape) in CHARTS {
            let part =
                Part { by: vec![*by], since: self.since, until: self.until, project: self.project.clone() };
            let series = ask(target, part.question(target, metric).await?).await?;
            let names = names(target, *by).await?;
            charts.push(Chart {
                name: format!("{metric}-by-{}", by.as_str().replace('_', "-")),
                title: (*title).to_owned(),
                note: note(&series),
                unit: *unit,
                shape: *shape,
                points: points(&series, *by, *shape, &names),
            });
        }
        Ok(charts)
    }

    fn page(&self, charts: &[Chart]) -> Result<String, Failure> {
        let subtitle = self.subtitle();
        let page = page(&Page {
            subtitle: &subtitle,
            charts,
            made_at: trust::now(),
            software: env!("CARGO_PKG_VERSION"),
        });
        page.map_err(|error| Failure::new(Exit::Failed, error.to_string()))
    }

    fn subtitle(&self) -> String {
        let project =
            self.project.as_ref().map_or("all projects".to_owned(), |name| format!("project {name}"));
        let since = self.since.map(|since| format!("since {since}"));
        let until = self.until.map(|until| format!("until {until}"));
        [Some(project), since, until].into_iter().flatten().collect::<Vec<_>>().join(" · ")
    }

    fn write(&self, folder: &Path, charts: &[Chart], form: Form) -> Result<(), Failure> {
        std::fs::create_dir_all(folder).map_err(|error| {
            Failure::new(Exit::Failed, format!("`{}` cannot be made: {error}", folder.display()))
        })?;
        let mut written = vec!["report.html".to_owned()];
        files::replace(&folder.join("report.html"), self.page(charts)?.as_bytes(), files::PUBLIC)?;
        let failed = |error: replay::charts::ChartError| Failure::new(Exit::Failed, error.to_string());
        for chart in charts {
            let svg = chart.svg(Theme::Light).map_err(failed)?.to_string();
            let png = chart.png(Theme::Light).map_err(failed)?;
            for (ending, bytes) in [("svg", svg.into_bytes()), ("png", png)] {
                let name = format!("{}.{ending}", chart.name);
                files::replace(&folder.join(&name), &bytes, files::PUBLIC)?;
                written.push(name);
            }
        }
        let told = json!({ "folder": folder.display().to_string(), "files": written });
        output::document(form, &told, || format!("{} files written to {}\n", written.len(), folder.display()))
    }

    fn shown(&self, charts: &[Chart], form: Form) -> Result<String, Failure> {
        let row = |chart: &Chart, point: &Point| {
            json!({
                "chart": chart.name, "of": point.label, "value": point.value, "items": point.of,
                "events": point.events, "positions": point.positions,
            })
        };
        let all = || charts.iter().flat_map(|chart| chart.points.iter().map(move |point| row(chart, point)));
        Ok(match form {
            Form::Html => self.page(charts)?,
            Form::Json => serde_json::to_string_pretty(&json!({ "points": all().collect::<Vec<_>>() }))?,
            Form::Ndjson => all().map(|row| format!("{row}\n")).collect(),
            Form::Table => charts.iter().map(text).collect::<Vec<_>>().join("\n"),
        })
    }
}

fn text(chart: &Chart) -> String {
    let colours = output::colours(&std::io::stdout());
    let mut text = format!("{}  {}\n", output::bold(&chart.title, colours), chart.note);
    if chart.points.is_empty() {
        text.push_str("  nothing in the log to make it of\n");
    }
    for point in &chart.points {
        let label = crate::figures::line(&point.label, 40);
        text.push_str(&format!("  {label:<42}{:>12}   n {}\n", chart.unit.show(point.value), point.of));
    }
    text
}

fn note(series: &Value) -> String {
    let position =
        series["position"].as_u64().map_or("an empty log".to_owned(), |at| format!("position {at}"));
    let version = series["version"].as_u64().unwrap_or_default();
    let metric = series["metric"].as_str().unwrap_or_default();
    format!("metric {metric}, version {version}, as of {position}")
}

fn points(series: &Value, by: MetricDimension, shape: Shape, names: &BTreeMap<String, String>) -> Vec<Point> {
    let rows = series["rows"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut points: Vec<Point> = rows
        .iter()
        .filter_map(|row| {
            let group = row[by.as_str()].as_str();
            let label = match group {
                Some(id) => names.get(id).cloned().unwrap_or_else(|| id.to_owned()),
                None => "unknown".to_owned(),
            };
            let provenance = &row["provenance"];
            // A composite is divided by items times the sum of weights.
            let weights =
                row["parts"].as_array().into_iter().flatten().filter_map(|part| part["weight"].as_u64());
            let items = row["denominator"].as_u64().unwrap_or_default() / weights.sum::<u64>().max(1);
            Some(Point {
                label,
                value: row["value"].as_f64()?,
                of: row["total"].as_u64().unwrap_or(items),
                positions: provenance["positions"]
                    .as_array()
                    .map(|all| all.iter().filter_map(Value::as_u64).collect())
                    .unwrap_or_default(),
                events: provenance["events"].as_u64().unwrap_or_default(),
            })
        })
        .collect();
    if shape == Shape::Bars {
        // The one that most is known of first; alike ones by name, so that the same log gives the same picture.
        points.sort_by(|a, b| b.of.cmp(&a.of).then_with(|| a.label.cmp(&b.label)));
    }
    points
}

/// What ids are called, where the dimension is one of ids.
async fn names(target: &Target, by: MetricDimension) -> Result<BTreeMap<String, String>, Failure> {
    let view = match by {
        MetricDimension::Persona => "personas",
        MetricDimension::Workflow => "workflows",
        _ => return Ok(BTreeMap::new()),
    };
    let mut names = BTreeMap::new();
    let mut taken = BTreeSet::new();
    let mut query = Query::default();
    loop {
        let answer = target.view(&ViewCall { query: query.clone(), ..ViewCall::of(view) }).await?;
        for row in answer.rows {
            if let Some(name) = row.row.get("name").and_then(Value::as_str) {
                // Two projects may call theirs the same: the end of the id tells them apart.
                let fresh = taken.insert(name.to_owned());
                let end = row.key.get(row.key.len().saturating_sub(4)..).unwrap_or_default();
                let label = if fresh { name.to_owned() } else { format!("{name} ({end})") };
                names.insert(row.key, label);
            }
        }
        match answer.next {
            Some(next) => query.after = Some(next),
            None => return Ok(names),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verbs::replay::tests::with_run;

    fn report() -> Report {
        Report { out: None, since: None, until: None, project: None }
    }

    #[tokio::test]
    async fn a_log_without_verdicts_has_charts_that_say_so() {
        let (target, _) = with_run("Mend the gate").await;
        let charts = report().charts(&target).await.unwrap();
        assert_eq!(charts.len(), CHARTS.len());
        let text = report().shown(&charts, Form::Table).unwrap();
        assert_eq!(text.matches("nothing in the log").count(), CHARTS.len(), "{text}");
        assert!(report().shown(&charts, Form::Html).unwrap().starts_with("<!doctype html>"));
    }

    #[test]
    fn rows_become_points_with_names_and_positions() {
        let series = json!({
            "metric": "composite", "version": 1, "position": 9,
            "rows": [
                { "persona": "A", "value": 80.5, "denominator": 2, "provenance": { "events": 3, "positions": [1, 2] } },
                { "persona": null, "value": 70, "denominator": 5, "provenance": { "events": 1, "positions": [4] } },
                { "persona": "B", "value": null, "denominator": 0, "provenance": { "events": 0, "positions": [] } },
            ],
        });
        let names = BTreeMap::from([("A".to_owned(), "careful".to_owned())]);
        let points = points(&series, MetricDimension::Persona, Shape::Bars, &names);
        let told: Vec<_> =
            points.iter().map(|p| (p.label.as_str(), p.value, p.of, p.positions.clone())).collect();
        assert_eq!(told, [("unknown", 70.0, 5, vec![4]), ("careful", 80.5, 2, vec![1, 2])]);
        assert_eq!(note(&series), "metric composite, version 1, as of position 9");
    }
}
