//! A run step by step: each event with how the run stood after it.

use std::fmt;
use std::io::{self, Write};
use std::str::FromStr;

use domain::catalogue::EventFamily;
use domain::flow::{Flow, Next};
use domain::ids::{IdError, Position, StreamVersion};
use domain::run::RunEvent;
use domain::terms::{Role, RunStatus};
use domain::values::{Score, Timestamp};
use domain::{Actor, Meta, Recorded};
use serde::Serialize;

use super::Style;
use super::figures::RunFigures;
use super::phrase::phrases;
use super::run_events;
use super::shown::{clock, columns, one_line, usage, wrapped};
use crate::import::unknown_time;

/// One event, and how the run stood after it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Frame {
    /// Which of the run's events, from 1.
    pub number: usize,
    /// Of how many.
    pub of: usize,
    /// Place in the log.
    pub position: Position,
    /// Place in the run's own stream.
    pub version: StreamVersion,
    /// When it happened.
    pub at: Timestamp,
    /// Who caused it.
    pub actor: Actor,
    /// The event's type.
    pub r#type: &'static str,
    /// Its fields.
    pub data: RunEvent,
    /// How the run stands then.
    pub standing: Standing,
}

/// How a run stands after an event.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Standing {
    /// As a whole.
    pub status: RunStatus,
    /// Number and role of the running step.
    pub step: Option<(u64, Role)>,
    /// What its workflow has it do next.
    pub next: Next,
    /// Its quality score.
    pub quality_score: Option<Score>,
    /// Sums so far.
    pub totals: RunFigures,
}

/// A run's events, and a place among them.
#[derive(Debug, Clone)]
pub struct Frames {
    events: Vec<(Meta, RunEvent)>,
    at: usize,
}

/// Where to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// One event on.
    Next,
    /// One event back.
    Back,
    /// To where the next step begins, or the run ends.
    NextStep,
    /// To where this step began, or the one before.
    StepBack,
    /// To the event at this position, or the first one after it.
    Goto(Position),
    /// To the first event.
    First,
    /// To the last event.
    Last,
    /// Show what can be asked.
    Help,
    /// Leave.
    Quit,
}

impl Order {
    /// What can be asked, on one line.
    pub const HELP: &'static str = "Enter or n next · b back · s next step · p step before · g POSITION go to · f first · l last · q quit";
}

impl FromStr for Order {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let text = text.trim();
        let wrong = || IdError {
            expected: "n, b, s, p, g POSITION, f, l, ? or q".into(),
            actual: text.chars().take(40).collect(),
        };
        let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        Ok(match (word, rest.trim()) {
            ("" | "n" | "next", "") => Self::Next,
            ("b" | "back", "") => Self::Back,
            ("s" | "step", "") => Self::NextStep,
            ("p" | "previous", "") => Self::StepBack,
            ("f" | "first", "") => Self::First,
            ("l" | "last", "") => Self::Last,
            ("?" | "h" | "help", "") => Self::Help,
            ("q" | "quit" | "exit", "") => Self::Quit,
            ("g" | "goto", position) => Self::Goto(position.parse().map_err(|_| wrong())?),
            (position, "") => Self::Goto(position.parse().map_err(|_| wrong())?),
            _ => return Err(wrong()),
        })
    }
}

/// What a standing is folded from.
#[derive(Default)]
struct Fold {
    flow: Flow,
    status: Option<RunStatus>,
    step: Option<(u64, Role)>,
    quality_score: Option<Score>,
    totals: RunFigures,
}

impl Fold {
    fn take(&mut self, event: &RunEvent) {
        self.flow.evolve(event);
        self.totals.take(event);
        match event {
            RunEvent::RunRequested(_) => self.status = Some(RunStatus::Pending),
            RunEvent::RunStarted(_) => self.status = Some(RunStatus::Running),
            RunEvent::RunCompleted(_) => self.status = Some(RunStatus::Completed),
            RunEvent::RunFailed(_) => self.status = Some(RunStatus::Failed),
            RunEvent::RunCancelled(_) => self.status = Some(RunStatus::Cancelled),
            RunEvent::StepStarted(e) => self.step = Some((self.totals.steps, e.role)),
            RunEvent::StepCompleted(_) | RunEvent::StepFailed(_) => self.step = None,
            RunEvent::RunScored(e) => self.quality_score = Some(e.quality_score),
            _ => {}
        }
    }
    fn standing(&self) -> Standing {
        Standing {
            status: self.status.unwrap_or(RunStatus::Pending),
            step: self.step,
            next: self.flow.next(),
            quality_score: self.quality_score,
            totals: self.totals.clone(),
        }
    }
}

impl Frames {
    /// The run's events up to and with position `to`, at the first one; `None` where there is none.
    pub fn new(records: impl IntoIterator<Item = Recorded>, to: Option<Position>) -> Option<Self> {
        let events: Vec<_> = run_events(records, to).collect();
        (!events.is_empty()).then_some(Self { events, at: 0 })
    }
    /// Adds events that came later.
    pub fn extend(&mut self, records: impl IntoIterator<Item = Recorded>) {
        self.events.extend(run_events(records, None));
    }
    /// The last event's position.
    #[must_use]
    pub fn last(&self) -> Position {
        self.events.last().expect("there is at least one event").0.position
    }
    /// Goes where it is told; whether that is another place.
    pub fn go(&mut self, order: Order) -> bool {
        let last = self.events.len() - 1;
        let begins = |place: &usize| {
            let event = &self.events[*place].1;
            matches!(event, RunEvent::StepStarted(_) | RunEvent::StepSkipped(_))
        };
        let to = match order {
            Order::Next => (self.at + 1).min(last),
            Order::Back => self.at.saturating_sub(1),
            Order::NextStep => (self.at + 1..=last).find(begins).unwrap_or(last),
            Order::StepBack => (0..self.at).rev().find(begins).unwrap_or(0),
            Order::Goto(position) => {
                self.events.partition_point(|(meta, _)| meta.position < position).min(last)
            }
            Order::First => 0,
            Order::Last => last,
            Order::Help | Order::Quit => self.at,
        };
        std::mem::replace(&mut self.at, to) != to
    }
    /// The event at hand, and how the run stood after it.
    #[must_use]
    pub fn frame(&self) -> Frame {
        let mut fold = Fold::default();
        self.events[..=self.at].iter().for_each(|(_, event)| fold.take(event));
        self.made(self.at, &fold)
    }
    /// Every event in order, and how the run stood after it.
    pub fn all(&self) -> impl Iterator<Item = Frame> {
        let mut fold = Fold::default();
        self.events.iter().enumerate().map(move |(place, (_, event))| {
            fold.take(event);
            self.made(place, &fold)
        })
    }
    fn made(&self, place: usize, fold: &Fold) -> Frame {
        let (meta, event) = &self.events[place];
        Frame {
            number: place + 1,
            of: self.events.len(),
            position: meta.position,
            version: meta.version,
            at: meta.when(),
            actor: meta.actor,
            r#type: event.name(),
            data: event.clone(),
            standing: fold.standing(),
        }
    }
    /// Writes a frame: where it is, the event in words, and how the run stood then.
    ///
    /// # Errors
    /// Where `out` cannot be written.
    pub fn show(&self, frame: &Frame, style: Style, out: &mut dyn Write) -> io::Result<()> {
        let width = style.width.max(60);
        let dim =
            |text: &str| if style.colour { format!("\u{1b}[2m{text}\u{1b}[0m") } else { text.to_owned() };
        let start = self.events[0].0.when();
        let since = (start != unknown_time()).then(|| clock(frame.at.since_ms(start)));
        let facts = [
            Some(format!("event {} of {}", frame.number, frame.of)),
            Some(format!("position {}", frame.position)),
            since,
            Some(frame.r#type.to_owned()),
            Some(format!("by {}", frame.actor)),
        ];
        let head = facts.into_iter().flatten().collect::<Vec<_>>().join(" · ");
        writeln!(out, "{}", dim(&one_line(&head, width)))?;
        for phrase in phrases(&frame.data, style.full) {
            let room = width.saturating_sub(13);
            let rows = match style.full {
                true => wrapped(&phrase.text, room),
                false => vec![one_line(&phrase.text, room)],
            };
            let tag = one_line(&phrase.tag, 10);
            let pad = " ".repeat(11_usize.saturating_sub(columns(&tag)));
            writeln!(
                out,
                "{}",
                format!("  {tag}{pad}{}", rows.first().map_or("", String::as_str)).trim_end()
            )?;
            for row in rows.iter().skip(1) {
                writeln!(out, "{}", format!("{:13}{row}", "").trim_end())?;
            }
        }
        writeln!(out, "  {}", dim(&one_line(&format!("= {}", frame.standing), width - 2)))
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "run {}", self.status)?;
        if let Some((number, role)) = self.step {
            write!(f, " · step {number} {role} running")?;
        }
        if let Some(next) = next_words(&self.next) {
            write!(f, " · next: {next}")?;
        }
        if let Some(score) = self.quality_score {
            write!(f, " · quality {score}")?;
        }
        write!(f, " · {}", usage(&self.totals.all))
    }
}

/// What comes next, in words; nothing where a step runs, the run has ended, or nobody decides.
fn next_words(next: &Next) -> Option<String> {
    Some(match next {
        Next::Undirected | Next::Await { .. } | Next::Ended { .. } => return None,
        Next::Start => "start the run".into(),
        Next::StartStep(order) => match order.loop_iteration {
            Some(round) => format!("start {} (round {round})", order.role),
            None => format!("start {}", order.role),
        },
        Next::IterateLoop { iteration, .. } => format!("send the loop round again, iteration {iteration}"),
        Next::ForceLoopOn { iterations, .. } => format!("go on without a pass after {iterations}"),
        Next::Complete => "complete the run".into(),
        Next::Fail { .. } => "fail the run".into(),
    })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::story::tests::reviewed;

    fn frames() -> Frames {
        Frames::new(reviewed(), None).unwrap()
    }

    #[test]
    fn orders_lead_through_the_run_and_stop_at_its_ends() {
        let mut frames = frames();
        let mut at = |text: &str| {
            let moved = frames.go(text.parse().unwrap());
            (frames.frame().position.0, moved)
        };
        assert_eq!(at("b"), (0, false));
        assert_eq!(at(""), (1, true));
        assert_eq!(at("s"), (2, true));
        assert_eq!(at("s"), (8, true));
        assert_eq!(at("p"), (2, true));
        assert_eq!(at("g 10"), (10, true));
        assert_eq!(at("9"), (9, true));
        assert_eq!(at("g 4000"), (19, true));
        assert_eq!(at("n"), (19, false));
        assert_eq!(at("f"), (0, true));
        assert_eq!(at("?"), (0, false));
        for wrong in ["x", "g", "g x", "n 3", "-1"] {
            assert!(wrong.parse::<Order>().is_err(), "{wrong}");
        }
        assert_eq!("q".parse(), Ok(Order::Quit));
    }

    #[test]
    fn a_frame_says_what_happened_and_how_the_run_stood() {
        let mut frames = frames();
        frames.go(Order::Goto(Position(9)));
        let mut out = Vec::new();
        frames.show(&frames.frame(), Style { width: 100, colour: false, full: true }, &mut out).unwrap();
        expect![[r#"
            event 10 of 20 · position 9 · +0:00:09 · VerdictIssued · by importer
              verdict    fail: No tests
              = run running · step 2 checker running · $0.25 · 1 model call · 1.2 k in · 340 out
        "#]]
        .assert_eq(&String::from_utf8(out).unwrap());
    }

    #[test]
    fn every_frame_is_the_one_that_going_there_gives() {
        let mut frames = frames();
        let all: Vec<Frame> = frames.all().collect();
        assert_eq!(all.len(), 20);
        for frame in &all {
            frames.go(Order::Goto(frame.position));
            assert_eq!(&frames.frame(), frame);
        }
        assert_eq!(Frames::new(vec![], None).map(|frames| frames.last()), None);
    }
}
