//! `waybill export`: events and typed tables as files that other programs read.

mod source;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use domain::ids::Position;
use export::{ExportError, Format, Log, Report, Request, Table};
use indicatif::ProgressBar;
use journal::{Journal, RawRecord};
use serde::Serialize;
use vault::Vault;

use crate::cli::Global;
use crate::client::Client;
use crate::failure::{Exit, Failure};
use crate::target::{self, Target};
use crate::{figures, output, progress, table};
use source::Standing;

/// Events between two steps of the progress bar.
const STEP: u64 = 4096;

/// Export events and typed tables as files for DuckDB, Polars, pandas, Spark or a spreadsheet
///
/// `waybill export --out DIR` writes every table as Parquet, `waybill export usage --format csv --out DIR` one as
/// CSV. The folder holds a `manifest.json` with positions, rows, hashes, columns and the log's signed checkpoint;
/// with --after the position where it ends, what is new is added. An export with the table `events` is read by verbs
/// as a data folder is, with `--data DIR`. docs/export.md describes every column.
#[derive(Debug, Args)]
pub(crate) struct Export {
    /// The tables: events, runs, steps, messages, usage, verdicts, scores, ci_checks, learnings; metrics only where it is
    /// named
    #[arg(value_parser = named::<Table>)]
    tables: Vec<Table>,
    /// What files to write: parquet, arrow, csv, ndjson, sqlite
    #[arg(long, default_value = "parquet", value_parser = named::<Format>)]
    format: Format,
    /// The folder to write, new or empty, or with the export that is added to
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Only what came after this position
    #[arg(long, value_name = "POSITION")]
    after: Option<u64>,
}

fn named<T: std::str::FromStr<Err: std::fmt::Display>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error: T::Err| error.to_string())
}

/// What an export came to. The keys are stable.
#[derive(Debug, Serialize)]
struct Shown<'a> {
    out: String,
    format: Format,
    #[serde(flatten)]
    report: &'a Report,
    duration_ms: u64,
    /// Events read in a second.
    rate_per_second: u64,
}

impl Export {
    pub(crate) async fn run(self, global: &Global) -> Result<Exit, Failure> {
        let started = Instant::now();
        let (form, out, format) = (global.output, self.out.display().to_string(), self.format);
        // A folder that is read only, or held by a server, is read beside it.
        let vault = Vault::read(&global.data).unwrap_or_default();
        let (report, events) = match target::open_records(global)? {
            Target::Folder(journal) => self.of_folder(journal, vault).await?,
            Target::Server(client) => self.of_server(&client, vault).await?,
        };
        let took = started.elapsed();
        let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let rate_per_second = events.saturating_mul(1_000) / duration_ms.max(1);
        let shown = Shown { out, format, report: &report, duration_ms, rate_per_second };
        output::document(form, &shown, || told(&shown, output::colours(&std::io::stdout())))?;
        Ok(Exit::Done)
    }

    fn request(self, standing: Standing, vault: Vault) -> Request {
        let Standing { log, head, checkpoint, key } = standing;
        Request {
            tables: BTreeSet::from_iter(self.tables),
            format: self.format,
            out: self.out,
            after: self.after.map(Position),
            log,
            head,
            checkpoint,
            key,
            vault,
        }
    }

    async fn of_folder(self, journal: Journal, vault: Vault) -> Result<(Report, u64), Failure> {
        let status = journal.status();
        let log = Log { id: status.log_id, epoch: status.epoch };
        let key = journal.verifying_key().map(|key| key.to_string());
        let standing = Standing { log, head: journal.watermark(), checkpoint: journal.checkpoint(), key };
        let request = self.request(standing, vault);
        let bar = bar(&request);
        let exported = tokio::task::spawn_blocking(move || {
            let records = export::records(&journal, request.start());
            counted(&request, records, &bar)
        });
        Ok(exported.await??)
    }

    async fn of_server(self, client: &Client, vault: Vault) -> Result<(Report, u64), Failure> {
        let request = self.request(source::standing(client).await?, vault);
        let bar = bar(&request);
        let records = source::records(client, request.start()).await?;
        let exported = tokio::task::spawn_blocking(move || counted(&request, records, &bar));
        Ok(exported.await??)
    }
}

fn bar(request: &Request) -> ProgressBar {
    let events = |position: Option<Position>| position.map_or(0, |position| position.0 + 1);
    let total = events(request.head).saturating_sub(events(request.start()));
    progress::events(total).with_message("exporting")
}

/// Exports, and counts the events read.
fn counted<E>(
    request: &Request,
    records: impl Iterator<Item = Result<RawRecord, E>>,
    bar: &ProgressBar,
) -> Result<(Report, u64), ExportError>
where
    ExportError: From<E>,
{
    let mut events = 0_u64;
    let records = records.inspect(|_| {
        events += 1;
        if events.is_multiple_of(STEP) {
            bar.set_position(events);
        }
    });
    let report = export::export(request, records);
    bar.finish_and_clear();
    report.map(|report| (report, events))
}

fn told(shown: &Shown<'_>, colours: bool) -> String {
    let count = figures::count;
    let position =
        |position: Option<Position>| position.map_or("none".to_owned(), |position| count(position.0));
    let mut pairs = vec![("written to".to_owned(), shown.out.clone())];
    if shown.report.after.is_some() {
        pairs.push(("after position".to_owned(), position(shown.report.after)));
    }
    pairs.push(("up to position".to_owned(), position(shown.report.to)));
    pairs.extend(
        shown.report.rows.iter().map(|(table, rows)| (table.clone(), format!("{} rows", count(*rows)))),
    );
    let (files, bytes) = (count(shown.report.files), figures::bytes(shown.report.bytes));
    pairs.push(("files".to_owned(), format!("{files}, {bytes}, and manifest.json")));
    let took = figures::duration_ms(shown.duration_ms);
    pairs.push(("took".to_owned(), format!("{took}, {} events per second", count(shown.rate_per_second))));
    table::pairs(&pairs, colours)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_export_is_told_in_a_few_lines() {
        let rows = [("usage".to_owned(), 1_453), ("verdicts".to_owned(), 0)].into();
        let report =
            Report { after: Some(Position(9)), to: Some(Position(4_711)), rows, files: 3, bytes: 20_480 };
        let shown = Shown {
            out: "out".into(),
            format: Format::Parquet,
            report: &report,
            duration_ms: 1_500,
            rate_per_second: 3_134,
        };
        let text = told(&shown, false);
        let expected = [
            "written to",
            "after position",
            "4,711",
            "1,453 rows",
            "manifest.json",
            "3,134 events per second",
        ];
        for line in expected {
            assert!(text.contains(line), "{text}");
        }
        let json = serde_json::to_value(&shown).unwrap();
        assert_eq!(
            (&json["rows"]["usage"], &json["format"], &json["to"]),
            (&1_453.into(), &"parquet".into(), &4_711.into())
        );
    }

    #[test]
    fn what_is_no_table_and_no_format_is_named() {
        assert!(named::<Table>("rows").unwrap_err().contains("one of events, runs, steps"));
        assert!(named::<Format>("xls").unwrap_err().contains("one of parquet, arrow, csv, ndjson, sqlite"));
        assert!(Table::ALL.iter().all(|table| named(table.as_str()) == Ok(*table)));
        assert!(Format::ALL.iter().all(|format| named(format.as_str()) == Ok(*format)));
    }
}
