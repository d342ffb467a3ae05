//! `waybill bench search`: how fast messages are indexed, how much the index takes, and how long questions take.

use std::path::Path;
use std::time::{Duration, Instant};

use clap::Args;
use domain::ids::{MessageId, Position, ProjectId, RunId, StepId};
use domain::run::{RunEvent, StepMessageAppended};
use domain::terms::MessageRole;
use domain::{Actor, Event, Expected, Fingerprint, StreamId};
use indicatif::ProgressBar;
use journal::{Journal, NewCommit, NewEvent, Options};
use search::{Question, Search as Index};

use super::Stage;
use super::measure::{Amount, Durations, Row, float};
use super::report::Report;
use super::words::{self, Words};
use crate::failure::Failure;

/// Messages of a commit.
const PER_COMMIT: u64 = 64;
/// Commits under way at once.
const WINDOW: usize = 64;
/// Projects that the messages are spread over.
const PROJECTS: u64 = 100;
/// Words there are; the n-th comes n times as rarely as the first.
const VOCABULARY: f64 = 200_000.0;
/// How long the index may take.
const PATIENCE: Duration = Duration::from_secs(3_600);
/// What questions are made of, so that they stay the same.
const SEED: u64 = 7;

/// Search in a log of its own
#[derive(Debug, Clone, Args)]
pub(super) struct Search {
    /// Messages of the log: 256 to 4,096 bytes each, 1,024 in the middle
    #[arg(long, value_name = "NUMBER", default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(1_000..=20_000_000))]
    pub(super) messages: u64,
}

/// What is asked, and how many words of which ranks it has.
struct Asked {
    name: &'static str,
    make: fn(&mut Words) -> Question,
}

fn text(text: String) -> Question {
    Question { text, ..Question::default() }
}

const ASKED: [Asked; 8] = [
    Asked { name: "one of the 20 commonest words", make: |words| text(name(words.number() % 20)) },
    Asked { name: "one word", make: |words| text(name(rank(words))) },
    Asked { name: "two words", make: |words| text(format!("{} {}", name(rank(words)), name(rank(words)))) },
    Asked {
        name: "three common words",
        make: |words| text((0..3).map(|_| name(words.number() % 200) + " ").collect()),
    },
    Asked {
        name: "phrase of two common words",
        make: |words| text(format!("\"{} {}\"", name(words.number() % 50), name(words.number() % 50))),
    },
    Asked {
        name: "beginning of three letters",
        make: |words| {
            text(format!("{}*", name(500 + words.number() % 5_000).chars().take(3).collect::<String>()))
        },
    },
    Asked {
        name: "a word in one project",
        make: |words| {
            let project =
                Some(ProjectId::from_bytes(u128::from(words.number() % PROJECTS + 1).to_be_bytes()));
            Question { project, ..text(name(words.number() % 1_000)) }
        },
    },
    Asked {
        name: "a hundred hits",
        make: |words| Question { limit: Some(100), ..text(name(words.number() % 1_000)) },
    },
];

/// A word's rank: Zipf's law with exponent 1, <https://en.wikipedia.org/wiki/Zipf%27s_law>.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the vocabulary")]
fn rank(words: &mut Words) -> u64 {
    let unit = float(words.number() >> 32) / float(1 << 32);
    VOCABULARY.powf(unit) as u64 - 1
}

/// The word of that rank: syllables, the same for ever.
fn name(rank: u64) -> String {
    const SYLLABLES: [&str; 32] = [
        "ra", "to", "mi", "ke", "lu", "sa", "no", "vi", "de", "po", "ga", "ri", "te", "lo", "ba", "ne", "fu",
        "ci", "mo", "pa", "ze", "hi", "du", "ka", "so", "re", "bi", "lan", "ter", "min", "cor", "vel",
    ];
    let (mut rest, mut word) = (rank, String::new());
    loop {
        word.push_str(SYLLABLES[usize::try_from(rest % 32).unwrap_or(0)]);
        rest /= 32;
        if rest == 0 {
            return word;
        }
    }
}

/// A message of 256 to 4,096 bytes, every length as often as its double.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most 4,096")]
fn message(words: &mut Words) -> String {
    let bytes = (256.0 * 16_f64.powf(float(words.number() >> 32) / float(1 << 32))) as usize;
    let mut text = String::with_capacity(bytes + 16);
    while text.len() < bytes {
        text.push_str(&name(rank(words)));
        text.push(' ');
    }
    text
}

impl Search {
    pub(super) async fn run(self, stage: &Stage) -> Result<Report, Failure> {
        let about = format!("full-text search over {} messages", crate::figures::count(self.messages));
        let mut report = Report::new("search", about, stage.disk()?);
        let dir = stage.path("search");
        let (time, messages) = (stage.time, self.messages);
        let bar = crate::progress::events(messages).with_message("writing a log");
        let shown = bar.clone();
        report.rows = stage.blocking(move || measure(&dir, messages, time, &shown)).await?;
        bar.finish_and_clear();
        Ok(report)
    }
}

fn measure(dir: &Path, messages: u64, time: Duration, bar: &ProgressBar) -> Result<Vec<Row>, Failure> {
    std::fs::create_dir_all(dir)?;
    let journal = Journal::open(dir, Options::default())?;
    let bytes = fill(&journal, messages, bar)?;
    let (index, row) = build(&journal, &dir.join("search"), messages, bytes)?;
    let mut rows = vec![row];
    for asked in &ASKED {
        rows.push(ask(&index, asked, time)?);
    }
    index.close();
    journal.close()?;
    Ok(rows)
}

/// Writes the messages; gives the bytes of their text.
fn fill(journal: &Journal, messages: u64, bar: &ProgressBar) -> Result<u64, Failure> {
    let (mut words, mut bytes, mut window) = (words::fresh(), 0, std::collections::VecDeque::new());
    for first in (0..messages).step_by(usize::try_from(PER_COMMIT).unwrap_or(1)) {
        let project = ProjectId::from_bytes(u128::from(words.number() % PROJECTS + 1).to_be_bytes());
        let run = RunId::from(words.id());
        let events = (first..messages.min(first + PER_COMMIT)).map(|_| {
            let content = message(&mut words);
            bytes += content.len() as u64;
            said(&mut words, content)
        });
        let events = events.collect();
        journal.wait_ready();
        window.push_back(journal.append(NewCommit {
            stream: StreamId::from(run),
            expected: Expected::None,
            commit: words.id().into(),
            fingerprint: Fingerprint(first),
            actor: Actor::Importer,
            causation: None,
            correlation: None,
            project: Some(project),
            occurred_at: None,
            events,
        }));
        if window.len() >= WINDOW {
            window.pop_front().expect("the window is full").wait()?;
        }
        bar.set_position(first);
    }
    for pending in window {
        pending.wait()?;
    }
    Ok(bytes)
}

fn said(words: &mut Words, content: String) -> NewEvent {
    let event = Event::Run(RunEvent::from(StepMessageAppended {
        step: StepId::from(words.id()),
        sandbox: None,
        message: MessageId::from(words.id()),
        role: if words.number().is_multiple_of(5) { MessageRole::User } else { MessageRole::Assistant },
        content,
        thinking: None,
        stop_reason: None,
        more: false,
    }));
    NewEvent { type_id: event.type_id(), schema_version: event.schema_version(), payload: event.encode() }
}

/// Builds the index, and says how fast and how large it became.
fn build(journal: &Journal, folder: &Path, messages: u64, bytes: u64) -> Result<(Index, Row), Failure> {
    let started = Instant::now();
    let index = Index::start(journal.clone(), Some(folder))?;
    let waiting = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let head = journal.watermark().unwrap_or(Position(0));
    waiting.block_on(index.reach(head, PATIENCE))?;
    let amount = Amount { events: messages, bytes, elapsed: started.elapsed() };
    let status = index.status();
    let row = Row::new("indexing", amount)
        .with("text_bytes", float(bytes))
        .with("index_bytes", float(status.bytes))
        .with("index_per_text", float(status.bytes) / float(bytes.max(1)))
        .with("resident_bytes", float(resident()));
    Ok((index, row))
}

/// Memory of this process, in bytes; 0 where the system does not say.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    let kib = line.and_then(|rest| rest.trim().trim_end_matches("kB").trim().parse::<u64>().ok());
    kib.unwrap_or(0) * 1024
}

/// Asks one after another until `time` is over, a hundred times at least.
fn ask(index: &Index, asked: &Asked, time: Duration) -> Result<Row, Failure> {
    let (mut words, mut durations, mut found) = (Words::new(SEED), Durations::new(), 0);
    let begun = Instant::now();
    while durations.count() < 100 || begun.elapsed() < time {
        let question = (asked.make)(&mut words);
        let started = Instant::now();
        let answer = index.ask(question)?;
        durations.record(started.elapsed());
        found += answer.total;
    }
    let amount = Amount { events: durations.count(), bytes: 0, elapsed: begun.elapsed() };
    let mean = float(found) / float(durations.count());
    Ok(Row::new(asked.name, amount).latency(&durations).with("found", mean.round()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_common_and_rare_and_messages_as_long_as_said() {
        let mut words = Words::new(1);
        let ranks: Vec<u64> = (0..10_000).map(|_| rank(&mut words)).collect();
        assert!(ranks.iter().all(|rank| *rank < 200_000));
        assert!(ranks.iter().filter(|rank| **rank < 10).count() > 1_000);
        assert!(ranks.iter().any(|rank| *rank > 100_000));
        let lengths: Vec<usize> = (0..1_000).map(|_| message(&mut words).len()).collect();
        assert!(lengths.iter().all(|length| (256..4_128).contains(length)));
    }

    #[test]
    fn every_question_is_asked_and_something_is_found() {
        let dir = tempfile::tempdir().unwrap();
        let rows = measure(dir.path(), 1_000, Duration::ZERO, &ProgressBar::hidden()).unwrap();
        assert_eq!(rows.len(), ASKED.len() + 1);
        assert_eq!(rows[0].events, 1_000);
        assert!(rows[1..].iter().all(|row| row.events >= 100 && row.latency.is_some()));
        assert!(rows[1].further["found"] > 100.0, "{:?}", rows[1]);
    }
}
