//! `waybill bench lists`: pages of the live views over many rows of one project, by any key and any filter.

use std::time::{Duration, Instant};

use clap::Args;
use domain::ids::{CommitId, Position, StreamVersion};
use domain::values::Timestamp;
use domain::{Actor, AggregateSpec, Event, Meta, Recorded, State, StreamId, Ulid, aggregates};
use projections::{AnyView, Page, Query, Scope, ViewSpec, views};

use super::measure::{Amount, Durations, Row};
use super::report::Report;
use super::{Stage, progress};
use crate::failure::Failure;

const ROWS_PER_PAGE: usize = 100;
/// As a server that catches up; a subscriber's changes are told in as many.
const EVENTS_PER_BATCH: u64 = 8192;

/// Read pages of every live view with many rows
#[derive(Debug, Clone, Args)]
pub(super) struct Lists {
    /// Rows of each view
    #[arg(long, value_name = "NUMBER", default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(100..=1_000_000))]
    pub(super) rows: u64,
}

impl Lists {
    pub(super) async fn run(self, stage: &Stage) -> Result<Report, Failure> {
        let about = format!(
            "pages of {ROWS_PER_PAGE} in process, as JSON: first, middle and last, both ways, every filter with a \
             value that rows have and with one that none has"
        );
        let mut report = Report::new("lists", about, stage.disk()?);
        let _bar = progress::clock("reading lists".to_owned(), stage.time * 4);
        let time = stage.time / 5;
        report.rows = stage.blocking(move || Ok(measure(self.rows, time))).await?;
        Ok(report)
    }
}

/// A row for each live view that has a row for each aggregate of some kind.
fn measure(rows: u64, time: Duration) -> Vec<Row> {
    let live = views().into_iter().filter(|spec| spec.scope == Scope::Live);
    live.filter_map(|spec| {
        let listed = aggregates().into_iter().filter(|aggregate| lists(spec, aggregate));
        let listed: Vec<_> = listed.collect();
        let kinds = u64::try_from(listed.len()).unwrap_or(1).max(1);
        (!listed.is_empty()).then(|| pages(spec, &*filled(spec, &listed, rows.div_ceil(kinds)), time))
    })
    .collect()
}

/// Whether each aggregate of that kind is a row of the view.
fn lists(spec: ViewSpec, aggregate: &AggregateSpec) -> bool {
    let few = filled(spec, std::slice::from_ref(aggregate), 8);
    few.len() >= 8
}

/// A view of `count` aggregates of each kind, all in one project; each has two events.
fn filled(spec: ViewSpec, listed: &[AggregateSpec], count: u64) -> Box<dyn AnyView> {
    let mut view = (spec.make)();
    let mut position = 0;
    for aggregate in listed {
        let samples = (aggregate.samples)();
        let founds = |event: &&Event| {
            let mut state = State::initial(aggregate.category).expect("the list gives it");
            state.evolve(event);
            state.project().is_some()
        };
        let Some(first) = samples.iter().find(founds).or(samples.first()) else { continue };
        for (n, second) in (0..count).zip(samples.iter().cycle()) {
            let stream =
                StreamId::new(aggregate.category, Ulid::from_parts(1_795_240_000_000 + n, u128::from(n)));
            for event in [first, second] {
                view.apply(&recorded(stream, position, event.clone()));
                position += 1;
                if position.is_multiple_of(EVENTS_PER_BATCH) {
                    view.settle(Position(position - 1));
                }
            }
        }
    }
    view.settle(Position(position));
    view
}

fn recorded(stream: StreamId, position: u64, event: Event) -> Recorded {
    let meta = Meta {
        position: Position(position),
        stream,
        version: StreamVersion(position % 2),
        type_id: event.type_id(),
        schema_version: event.schema_version(),
        time: Timestamp::from_millis(1_795_240_000_000),
        occurred_at: None,
        commit: CommitId::from(Ulid(u128::from(position))),
        commit_index: 0,
        commit_size: 1,
        actor: Actor::Operator,
        causation: None,
        correlation: None,
        project: None,
    };
    Recorded { meta, event }
}

/// Every page that is asked for, each again and again until its share of the time is over.
fn pages(spec: ViewSpec, view: &dyn AnyView, time: Duration) -> Row {
    let queries = queries(spec, view);
    let (mut durations, mut amount) = (Durations::new(), Amount::default());
    let share = time / u32::try_from(queries.len()).unwrap_or(u32::MAX);
    let begun = Instant::now();
    for query in &queries {
        let started = Instant::now();
        loop {
            let asked = Instant::now();
            let page = view.page(query).expect("the view was asked for its own keys and filters");
            durations.record(asked.elapsed());
            amount.events += 1;
            amount.bytes += bytes(&page);
            if started.elapsed() >= share {
                break;
            }
        }
    }
    amount.elapsed = begun.elapsed();
    let rows = u32::try_from(view.len()).unwrap_or(u32::MAX);
    Row::new(spec.name, amount).latency(&durations).with("rows", rows.into())
}

fn bytes(page: &Page) -> u64 {
    page.rows.iter().map(|row| u64::try_from(row.row.get().len()).unwrap_or(0)).sum()
}

fn queries(spec: ViewSpec, view: &dyn AnyView) -> Vec<Query> {
    let all = view.page(&Query::default()).expect("every view has a first page").rows;
    let (Some(middle), Some(last)) = (all.get(all.len() / 2), all.last()) else { return vec![] };
    let row: serde_json::Value = serde_json::from_str(last.row.get()).expect("rows are JSON");
    let mut queries = Vec::new();
    for (after, descending) in
        [(None, false), (None, true), (Some(middle), false), (Some(middle), true), (Some(last), true)]
    {
        let after = after.map(|row| row.key.clone());
        let plain = Query { after, descending, limit: Some(ROWS_PER_PAGE), ..Query::default() };
        for field in spec.filters {
            let had = match &row[*field] {
                serde_json::Value::String(text) => text.clone(),
                serde_json::Value::Null => String::new(),
                value => value.to_string(),
            };
            for value in [had, "no such value".to_owned()] {
                queries.push(Query { filters: vec![((*field).to_owned(), value)], ..plain.clone() });
            }
        }
        queries.push(plain);
    }
    for figure in spec.figures {
        let order_by = Some((*figure).to_owned());
        let best = Query { order_by, descending: true, limit: Some(ROWS_PER_PAGE), ..Query::default() };
        let next = view.page(&best).expect("every figure orders").next;
        let filters = vec![(format!("{figure}.min"), "1".to_owned())];
        queries.extend([Query { filters, ..best.clone() }, Query { after: next, ..best.clone() }, best]);
    }
    queries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_is_filled_and_asked() {
        let rows = measure(200, Duration::ZERO);
        let names: Vec<_> = rows.iter().map(|row| row.name.as_str()).collect();
        assert!(names.contains(&"runs") && names.contains(&"projects"), "{names:?}");
        for row in &rows {
            assert!(row.events > 0 && row.bytes > 0, "{row:?}");
            // Of some the second event is their end.
            assert!(row.further["rows"] >= 100.0, "{row:?}");
        }
    }

    #[test]
    fn a_filter_is_asked_with_what_there_is_and_what_there_is_not() {
        let spec = projections::view("runs").unwrap();
        let runs = aggregates().into_iter().find(|aggregate| aggregate.name == "run").unwrap();
        let view = filled(spec, &[runs], 300);
        let found = |query: &Query| view.page(query).unwrap().rows.len();
        let queries = queries(spec, &*view);
        assert!(queries.iter().any(|query| !query.filters.is_empty() && found(query) == ROWS_PER_PAGE));
        assert!(queries.iter().any(|query| found(query) == 0));
    }
}
