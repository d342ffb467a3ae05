//! What a bench ends with: one table for people, or the same figures as JSON or Markdown.

use serde::Serialize;

use super::measure::{Quantiles, Row, float};
use super::warm;
use crate::cli::Form;
use crate::failure::Failure;
use crate::{figures, output, table};

/// Rows of one bench, and the disk they were measured on.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Report {
    pub(super) bench: &'static str,
    /// What is measured, in a sentence.
    pub(super) about: String,
    pub(super) fdatasync_p50_us: u64,
    pub(super) fdatasync_p99_us: u64,
    pub(super) fdatasync_max_us: u64,
    /// Load of the machine before it began.
    pub(super) load_before: f64,
    pub(super) cores: usize,
    pub(super) rows: Vec<Row>,
}

/// A row of NDJSON, which stands alone.
#[derive(Serialize)]
struct Alone<'a> {
    bench: &'static str,
    fdatasync_p50_us: u64,
    fdatasync_p99_us: u64,
    #[serde(flatten)]
    row: &'a Row,
}

impl Report {
    pub(super) fn new(bench: &'static str, about: impl Into<String>, disk: Quantiles) -> Self {
        Self {
            bench,
            about: about.into(),
            fdatasync_p50_us: disk.p50_us,
            fdatasync_p99_us: disk.p99_us,
            fdatasync_max_us: disk.max_us,
            load_before: load(),
            cores: std::thread::available_parallelism().map_or(1, Into::into),
            rows: Vec::new(),
        }
    }

    fn grid(&self) -> (Vec<(String, bool)>, Vec<Vec<String>>) {
        let mut grid: Vec<_> = columns()
            .into_iter()
            .filter(|column| self.rows.iter().any(|row| (column.cell)(row).is_some()))
            .collect();
        let mut further: Vec<&'static str> =
            self.rows.iter().flat_map(|row| row.further.keys().copied()).collect();
        further.sort_unstable();
        further.dedup();
        let heads = grid.iter().map(|column| (column.head.to_owned(), column.right));
        let heads = heads.chain(further.iter().map(|key| (heading(key), true))).collect();
        let cells = |row: &Row| {
            let known = grid.iter_mut().map(|column| (column.cell)(row).unwrap_or_default());
            let rest = further
                .iter()
                .map(|key| row.further.get(key).map(|figure| further_cell(key, *figure)).unwrap_or_default());
            known.chain(rest).collect()
        };
        let rows = self.rows.iter().map(cells).collect();
        (heads, rows)
    }

    fn disk(&self) -> String {
        format!(
            "fdatasync of this disk: p50 {} µs, p99 {} µs, max {} µs; {} cores, load before {:.2}; {}",
            figures::count(self.fdatasync_p50_us),
            figures::count(self.fdatasync_p99_us),
            figures::count(self.fdatasync_max_us),
            self.cores,
            self.load_before,
            warm::remark()
        )
    }

    fn table(&self, colours: bool) -> String {
        let (heads, rows) = self.grid();
        let title = output::bold(&format!("bench {}", self.bench), colours);
        format!(
            "{title}: {}\n{}{}\n",
            self.about,
            table::plain(&heads, rows.into_iter(), colours),
            self.disk()
        )
    }

    fn markdown(&self) -> String {
        let (heads, rows) = self.grid();
        let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
        let rule = heads.iter().map(|(_, right)| if *right { "---:" } else { "---" }.to_owned()).collect();
        let mut text =
            format!("### `waybill bench {}`\n\n{}; {}.\n\n", self.bench, capital(&self.about), self.disk());
        text.push_str(&line(heads.into_iter().map(|(head, _)| head).collect()));
        text.push_str(&line(rule));
        rows.into_iter().for_each(|row| text.push_str(&line(row)));
        text
    }
}

/// A sentence as it begins a paragraph.
fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// A column of the table: its heading, whether it holds figures, and what a row says in it.
struct Column {
    head: &'static str,
    right: bool,
    cell: fn(&Row) -> Option<String>,
}

fn columns() -> [Column; 9] {
    let column = |head, right, cell| Column { head, right, cell };
    [
        column("what", false, |row| Some(row.name.clone())),
        column("events/s", true, |row| row.rate_per_second.map(whole)),
        column("p50 µs", true, |row| row.latency.map(|it| figures::count(it.p50_us))),
        column("p90 µs", true, |row| row.latency.map(|it| figures::count(it.p90_us))),
        column("p99 µs", true, |row| row.latency.map(|it| figures::count(it.p99_us))),
        column("p99.9 µs", true, |row| row.latency.map(|it| figures::count(it.p999_us))),
        column("raw file/s", true, |row| row.raw_rate_per_second.map(whole)),
        column("of raw", true, |row| row.ratio_to_raw.map(|ratio| format!("{ratio:.2}"))),
        column("events", true, |row| Some(figures::count(row.events))),
    ]
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "rates and sizes are not negative"
)]
fn whole(figure: f64) -> String {
    figures::count(figure.round() as u64)
}

fn heading(key: &str) -> String {
    match key.strip_suffix("_us") {
        Some(name) => format!("{} µs", name.replace('_', " ")),
        None => key.trim_end_matches("_bytes").replace('_', " "),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "rates and sizes are not negative"
)]
fn further_cell(key: &str, figure: f64) -> String {
    if key.ends_with("_bytes") {
        figures::bytes(figure as u64)
    } else if figure < 100.0 && figure.fract() != 0.0 {
        format!("{figure:.1}")
    } else {
        whole(figure)
    }
}

/// Load of the last minute, or 0 where the system does not tell.
fn load() -> f64 {
    let [minute, ..] = rustix::system::sysinfo().loads;
    float(minute) / 65_536.0
}

/// Writes the reports to stdout.
pub(super) fn print(reports: &[Report], form: Form, markdown: bool) -> Result<(), Failure> {
    if markdown {
        return output::print(&reports.iter().map(Report::markdown).collect::<Vec<_>>().join("\n"));
    }
    match form {
        Form::Table | Form::Html => {
            let colours = output::colours(&std::io::stdout());
            output::print(&reports.iter().map(|report| report.table(colours)).collect::<Vec<_>>().join("\n"))
        }
        Form::Json => match reports {
            [report] => output::print(&serde_json::to_string_pretty(report)?),
            several => {
                output::print(&serde_json::to_string_pretty(&serde_json::json!({ "benches": several }))?)
            }
        },
        Form::Ndjson => lines(reports).and_then(|text| output::print(&text)),
    }
}

fn lines(reports: &[Report]) -> Result<String, Failure> {
    let rows = reports.iter().flat_map(|report| {
        let Report { bench, fdatasync_p50_us, fdatasync_p99_us, .. } = *report;
        report.rows.iter().map(move |row| Alone { bench, fdatasync_p50_us, fdatasync_p99_us, row })
    });
    let mut text = String::new();
    for row in rows {
        text.push_str(&serde_json::to_string(&row)?);
        text.push('\n');
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use expect_test::expect;

    use super::*;
    use crate::bench::measure::Amount;

    fn report() -> Report {
        let disk = Quantiles { p50_us: 90, p90_us: 95, p99_us: 1_200, p999_us: 1_300, max_us: 1_300 };
        let amount = Amount { events: 90_000, bytes: 27_000_000, elapsed: Duration::from_secs(2) };
        let raw = Amount { elapsed: Duration::from_secs(1), ..amount };
        let rows = vec![
            Row::new("64 writers", amount).beside(&raw),
            Row::timed("open", amount).with("rss_bytes", 3e6),
        ];
        Report { load_before: 0.25, cores: 2, rows, ..Report::new("append", "commits of one event", disk) }
    }

    #[test]
    fn a_table_has_the_columns_that_some_row_fills_and_the_disk_below() {
        expect![[r#"
            bench append: commits of one event
            what        events/s  raw file/s  of raw  events      rss
            ──────────────────────────────────────────────────────────
            64 writers    45,000      90,000    0.50  90,000
            open                                      90,000  2.8 MiB
            fdatasync of this disk: p50 90 µs, p99 1,200 µs, max 1,300 µs; 2 cores, load before 0.25; up to 2.0 GiB of memory were touched before
        "#]]
        .assert_eq(&report().table(false));
    }

    #[test]
    fn markdown_has_as_many_cells_in_every_line() {
        let text = report().markdown();
        let cells: Vec<_> =
            text.lines().filter(|line| line.starts_with('|')).map(|line| line.matches('|').count()).collect();
        assert_eq!(cells, [7, 7, 7, 7], "{text}");
    }

    #[test]
    fn a_line_of_ndjson_stands_alone() {
        let text = lines(&[report()]).unwrap();
        let first: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
        assert_eq!(
            (first["bench"].as_str(), first["fdatasync_p99_us"].as_u64()),
            (Some("append"), Some(1_200))
        );
        assert_eq!((first["rate_per_second"].as_f64(), text.lines().count()), (Some(45_000.0), 2));
    }

    #[test]
    fn the_load_is_a_small_number() {
        assert!((0.0..10_000.0).contains(&load()));
    }
}
