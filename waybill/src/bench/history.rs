//! A log to read back: runs with messages, tool calls and usage, decided by the aggregates themselves.

use std::collections::VecDeque;
use std::path::Path;
use std::time::{Duration, Instant};

use domain::ids::StreamVersion;
use domain::{Actor, Category, Command, Event, Expected, Fingerprint, Others, State, StreamId, Ulid};
use indicatif::ProgressBar;
use journal::{Journal, NewCommit, NewEvent, Options, Pending};
use serde_json::{Value, json};

use super::words::{self, Words};
use crate::failure::{Exit, Failure};

/// Turns of a run, usually: a message, a call, its result, and usage each.
pub(super) const TURNS: usize = 10;
/// Commits under way at once.
const WINDOW: usize = 2048;

/// What was written.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Filled {
    pub(super) events: u64,
    /// Bytes of the stored records.
    pub(super) bytes: u64,
    /// How long closing took.
    pub(super) closing: Duration,
}

/// Writes a log of at least `events` events into the data folder `dir`, of runs of so many turns, and closes it.
pub(super) fn fill(dir: &Path, events: u64, turns: usize, bar: &ProgressBar) -> Result<Filled, Failure> {
    let mut writer = Writer {
        journal: Journal::open(dir, Options::default())?,
        words: words::fresh(),
        window: VecDeque::new(),
        filled: Filled::default(),
    };
    let project = writer.words.id();
    let slug = format!("bench-{}", project.to_string().to_ascii_lowercase());
    writer.stream("project", project, vec![("create", json!({"slug": slug, "name": "Bench"}))])?;
    while writer.filled.events < events {
        let id = writer.words.id();
        let commands = run(project, turns, &mut writer.words);
        writer.stream("run", id, commands)?;
        bar.set_position(writer.filled.events.min(events));
    }
    writer.finish()
}

/// A run's commands from its request to its end.
fn run(project: Ulid, turns: usize, words: &mut Words) -> Vec<(&'static str, Value)> {
    let (project, step) = (project.to_string(), words.id().to_string());
    let (title, prompt) = (words.text(30), words.text(400));
    let mut commands = vec![
        ("request", json!({"project": project, "source": "sandbox", "title": title, "prompt": prompt})),
        ("start", json!({})),
        ("start-step", json!({"step": step, "role": "designer", "cli_tool": "pi", "model": "bench-1"})),
    ];
    (0..turns).for_each(|turn| commands.extend(self::turn(turn, &step, words)));
    commands.extend([("complete-step", json!({"step": step})), ("complete", json!({}))]);
    commands
}

fn turn(turn: usize, step: &str, words: &mut Words) -> [(&'static str, Value); 4] {
    let (call, message) = (format!("call_{turn}"), words.id().to_string());
    let (content, output) = (words.text(240), words.text(300));
    let arguments = json!({"command": words.text(60)}).to_string();
    let [input, out, cached] = [2_000, 500, 90_000].map(|most| words.number() % most);
    let message = json!({"step": step, "message": message, "role": "assistant", "content": content});
    let usage = json!({
        "step": step, "provider": "bench", "model": "bench-1", "input_tokens": input, "output_tokens": out,
        "cache_read_tokens": cached, "cost_usd": 0.0123,
    });
    [
        ("append-step-message", message),
        ("record-tool-call", json!({"step": step, "call_id": call, "tool": "bash", "arguments": arguments})),
        ("record-tool-result", json!({"step": step, "call_id": call, "tool": "bash", "output": output})),
        ("record-usage", usage),
    ]
}

struct Writer {
    journal: Journal,
    words: Words,
    window: VecDeque<Pending>,
    filled: Filled,
}

impl Writer {
    /// A whole stream, one commit for each command.
    fn stream(&mut self, kind: &str, id: Ulid, commands: Vec<(&'static str, Value)>) -> Result<(), Failure> {
        let category: Category = kind.parse()?;
        let stream = StreamId::new(category, id);
        let mut state = State::initial(category).expect("the category was just found by name");
        let mut version: Option<StreamVersion> = None;
        for (name, body) in commands {
            let command = Command::parse(category, name, body.to_string().as_bytes())?;
            let events = state.decide(&command, &Others::default())?;
            events.iter().for_each(|event| state.evolve(event));
            let commit = self.commit(stream, version, &state, &events);
            let count = u64::try_from(events.len()).unwrap_or(0);
            version = Some(StreamVersion(version.map_or(count, |last| last.0 + 1 + count) - 1));
            self.filled.events += count;
            self.filled.bytes += u64::try_from(commit.stored_len()).unwrap_or(0);
            self.send(commit)?;
        }
        Ok(())
    }

    fn commit(
        &mut self,
        stream: StreamId,
        last: Option<StreamVersion>,
        state: &State,
        events: &[Event],
    ) -> NewCommit {
        let stored = |event: &Event| NewEvent {
            type_id: event.type_id(),
            schema_version: event.schema_version(),
            payload: event.encode(),
        };
        NewCommit {
            stream,
            expected: last.map_or(Expected::None, Expected::Exact),
            commit: self.words.id().into(),
            fingerprint: Fingerprint(self.words.number()),
            actor: Actor::Importer,
            causation: None,
            correlation: None,
            project: state.project(),
            occurred_at: None,
            events: events.iter().map(stored).collect(),
        }
    }

    fn send(&mut self, commit: NewCommit) -> Result<(), Failure> {
        self.journal.wait_ready();
        self.window.push_back(self.journal.append(commit));
        if self.window.len() >= WINDOW {
            self.window.pop_front().expect("the window is full").wait()?;
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Filled, Failure> {
        for pending in std::mem::take(&mut self.window) {
            pending.wait()?;
        }
        let head = self.journal.watermark().map_or(0, |head| head.0 + 1);
        if head != self.filled.events {
            let Filled { events, .. } = self.filled;
            return Err(Failure::new(Exit::Failed, format!("expected a log of {events} events, got {head}")));
        }
        let started = Instant::now();
        self.journal.close()?;
        Ok(Filled { closing: started.elapsed(), ..self.filled })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_holds_what_was_asked_for_and_every_event_is_read_back() {
        let dir = tempfile::tempdir().unwrap();
        let filled = fill(dir.path(), 100, TURNS, &ProgressBar::hidden()).unwrap();
        assert!((100..160).contains(&filled.events), "{filled:?}");
        let journal = Journal::open(dir.path(), Options::default()).unwrap();
        let records = journal.read(None, usize::MAX, usize::MAX).unwrap();
        assert_eq!(u64::try_from(records.len()).unwrap(), filled.events);
        let bytes: usize = records.iter().map(|record| record.bytes().len()).sum();
        assert_eq!(u64::try_from(bytes).unwrap(), filled.bytes);
        records.iter().for_each(|record| drop(engine::decode(record).expect("it is of this build")));
        assert!(journal.verify(|_| {}).is_sound());
    }
}
