//! Imports as text, and what comes of them in the aggregates.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::ops::ControlFlow;

use domain::ids::{CommitId, Position, StreamVersion};
use domain::values::Timestamp;
use domain::{Actor, Event, Fingerprint, Meta, Others, Recorded, State, StreamId};

use super::{BadLine, Format, Found, Item, Options, Source, Stop, read};

/// Everything that an import of `text` finds, and how it ends.
pub(crate) fn found(format: Format, text: &str, options: &Options) -> (Vec<Found>, Result<(), Stop>) {
    let mut found = Vec::new();
    let open = || Ok(Box::new(io::Cursor::new(text.to_owned())) as Box<dyn Read>);
    let source = Source { name: "file".into(), open: &open };
    let end = read(format, &source, options, &mut |one| {
        found.push(one);
        ControlFlow::Continue(())
    });
    (found, end)
}

/// Commands and bad lines of an import into project `demo`, one per line, ids by their order of appearance.
pub(crate) fn shown(format: Format, text: &str) -> String {
    let (found, end) = found(format, text, &Options::into_slug("demo"));
    end.unwrap();
    let mut names = Names::default();
    let lines: Vec<String> = found.iter().map(|one| names.line(one)).collect();
    lines.join("\n")
}

/// Names for ids, so that expectations stay readable.
#[derive(Default)]
struct Names(Vec<String>);

impl Names {
    fn line(&mut self, found: &Found) -> String {
        match found {
            Found::Bad(BadLine { origin, reason }) => format!("{} BAD {reason}", origin.line),
            Found::Item(item) => {
                let body = serde_json::to_value(&item.command).unwrap();
                let fields = body.as_object().unwrap().iter().filter(|(key, value)| {
                    !value.is_null() && **value != false && *key != "step" && *key != "sandbox"
                });
                let fields: Vec<String> =
                    fields.map(|(key, value)| format!("{key}={}", self.short(value))).collect();
                let time = item.occurred_at.unwrap().to_string();
                format!("{} {} {} {}", item.origin.line, &time[11..19], item.command.name(), fields.join(" "))
            }
        }
    }
    fn short(&mut self, value: &serde_json::Value) -> String {
        match value.as_str() {
            Some(id) if id.parse::<domain::ids::RunId>().is_ok() => {
                let known = self.0.iter().position(|known| known == id).unwrap_or_else(|| {
                    self.0.push(id.to_owned());
                    self.0.len() - 1
                });
                format!("#{known}")
            }
            _ => value.to_string(),
        }
    }
}

/// Decides every command in order, as the engine would, and panics at the first refusal.
#[derive(Default)]
pub(crate) struct Log {
    states: BTreeMap<StreamId, State>,
    /// What was recorded.
    pub(crate) records: Vec<Recorded>,
}

impl Log {
    /// The log after an import without a bad line.
    pub(crate) fn of(found: &[Found]) -> Self {
        let mut log = Self::default();
        for one in found {
            match one {
                Found::Item(item) => log.take(item),
                Found::Bad(bad) => panic!("{bad:?}"),
            }
        }
        log
    }
    pub(crate) fn take(&mut self, item: &Item) {
        for reference in item.command.references() {
            assert!(self.states.contains_key(&reference), "{reference} does not exist");
        }
        let initial = || State::initial(item.stream.category).unwrap();
        let mut state = self.states.get(&item.stream).cloned().unwrap_or_else(initial);
        let consulted = state.consults(&item.command).into_iter();
        let others: Others = consulted.map(|stream| (stream, self.states[&stream].clone())).collect();
        let events = match state.decide(&item.command, &others) {
            Ok(events) => events,
            Err(error) => panic!("{} of {:?} refused: {error}", item.command.name(), item.origin),
        };
        for event in events {
            state.evolve(&event);
            let nth = self.records.len() as u64;
            self.records.push(recorded(item.stream, nth, item.occurred_at.unwrap(), event));
        }
        self.states.insert(item.stream, state);
    }
    pub(crate) fn events(&self) -> impl Iterator<Item = &Event> {
        self.records.iter().map(|recorded| &recorded.event)
    }
}

/// An event as stored.
pub(crate) fn recorded(stream: StreamId, nth: u64, at: Timestamp, event: Event) -> Recorded {
    let meta = Meta {
        position: Position(nth),
        stream,
        version: StreamVersion(nth),
        type_id: event.type_id(),
        schema_version: event.schema_version(),
        time: Timestamp::from_millis(1_795_240_000_000),
        occurred_at: Some(at),
        commit: CommitId::from_bytes([0; 16]),
        commit_index: 0,
        commit_size: 1,
        actor: Actor::Importer,
        causation: None,
        correlation: None,
        project: None,
    };
    Recorded { meta, event }
}

/// Commit ids with the fingerprints that make a repetition a duplicate.
pub(crate) fn commits(found: &[Found]) -> Vec<(String, Fingerprint)> {
    let items = found.iter().filter_map(|one| match one {
        Found::Item(item) => Some(item),
        Found::Bad(_) => None,
    });
    items.map(|item| (item.commit.to_string(), Fingerprint::of(item.stream, &item.command))).collect()
}
