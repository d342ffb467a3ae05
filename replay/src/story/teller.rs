//! The story as text, written while the events are read.

use std::io::{self, Write};

use domain::ids::Position;
use domain::run::{RunEvent, RunRequested, StepStarted};
use domain::values::Timestamp;
use domain::{Event, Meta, Recorded};

use super::figures::{RunFigures, StepFigures};
use super::phrase::{Phrase, Tone, phrases};
use super::shown::{clock, columns, cost, counted, duration, grouped, one_line, usage, wrapped};
use super::{Told, run_events};
use crate::import::unknown_time;

/// How the text looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Columns of the screen; at least 60 are used.
    pub width: usize,
    /// Whether to colour, with ANSI sequences.
    pub colour: bool,
    /// Whole texts instead of their first words.
    pub full: bool,
}

/// Columns of the position, with the gap behind it.
const POSITION: usize = 7 + 2;
/// Columns of the clock, with the gap behind it.
const CLOCK: usize = 9 + 2;
/// Columns of a tag.
const TAG: usize = 10;
/// Columns by which what happens in a step is set in.
const INDENT: usize = 2;

/// Tells the story up to and with position `to`.
///
/// # Errors
/// Where `out` cannot be written.
pub fn tell(
    records: impl IntoIterator<Item = Recorded>,
    to: Option<Position>,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<Told> {
    let mut teller = Teller::new(style, out);
    for (meta, event) in run_events(records, to) {
        teller.event(&meta, &event)?;
    }
    if teller.told.events > 0 {
        teller.close(to)?;
    }
    Ok(teller.told)
}

/// A story that is told while it happens.
pub struct Telling<'a>(Teller<'a>);

impl<'a> Telling<'a> {
    /// Nothing is told yet.
    pub fn new(style: Style, out: &'a mut dyn Write) -> Self {
        Self(Teller::new(style, out))
    }
    /// Tells the run's next event; what is none of a run is passed over.
    ///
    /// # Errors
    /// Where the story cannot be written.
    pub fn take(&mut self, recorded: &Recorded) -> io::Result<()> {
        match &recorded.event {
            Event::Run(event) => self.0.event(&recorded.meta, event),
            _ => Ok(()),
        }
    }
    /// Tells the sums.
    ///
    /// # Errors
    /// Where the story cannot be written.
    pub fn close(mut self) -> io::Result<Told> {
        if self.0.told.events > 0 {
            self.0.close(None)?;
        }
        Ok(self.0.told)
    }
}

struct OpenStep {
    started: Timestamp,
    figures: StepFigures,
}

struct Teller<'a> {
    out: &'a mut dyn Write,
    style: Style,
    start: Option<Timestamp>,
    last: Option<Timestamp>,
    step: Option<OpenStep>,
    told: Told,
    ended: bool,
}

impl<'a> Teller<'a> {
    fn new(style: Style, out: &'a mut dyn Write) -> Self {
        let style = Style { width: style.width.max(60), ..style };
        Self { out, style, start: None, last: None, step: None, told: Told::default(), ended: false }
    }
    fn event(&mut self, meta: &Meta, event: &RunEvent) -> io::Result<()> {
        self.told.events += 1;
        self.told.figures.take(event);
        self.start.get_or_insert(meta.when());
        self.last = self.last.max(Some(meta.when()));
        if let Some(step) = &mut self.step {
            step.figures.take(event);
        }
        match event {
            RunEvent::RunRequested(e) => self.head(meta, e)?,
            RunEvent::StepStarted(e) => return self.step_started(meta, e),
            RunEvent::RunCompleted(_) | RunEvent::RunFailed(_) | RunEvent::RunCancelled(_) => {
                self.ended = true;
                writeln!(self.out)?;
            }
            _ => {}
        }
        let ends = matches!(event, RunEvent::StepCompleted(_) | RunEvent::StepFailed(_));
        let mut figures = ends.then(|| self.step_figures(meta.when())).flatten();
        for mut phrase in phrases(event, self.style.full) {
            // A step that ends without a word has its figures on the same line.
            if phrase.text.is_empty() {
                phrase.text = figures.take().unwrap_or_default();
            }
            self.line(meta, &phrase)?;
        }
        if ends {
            self.step = None;
        }
        figures.map_or(Ok(()), |figures| self.remark(&figures))
    }

    fn head(&mut self, meta: &Meta, e: &RunRequested) -> io::Result<()> {
        let title = e.title.as_deref().unwrap_or(&e.prompt);
        let title = self.painted(BOLD, &one_line(title, self.style.width));
        writeln!(self.out, "{title}")?;
        let when = if self.times_are_known() {
            format!("{} UTC", meta.when().to_string().replace('T', " ").get(..19).unwrap_or_default())
        } else {
            "times unknown".into()
        };
        let (run, source) = (domain::ids::RunId::from(meta.stream.id), e.source.as_str().replace('_', " "));
        for facts in [format!("run {run} · {source} · {when}"), format!("project {}", e.project)] {
            let facts = self.painted(DIM, &one_line(&facts, self.style.width));
            writeln!(self.out, "{facts}")?;
        }
        writeln!(self.out)
    }

    fn step_started(&mut self, meta: &Meta, e: &StepStarted) -> io::Result<()> {
        self.step = Some(OpenStep { started: meta.when(), figures: StepFigures::default() });
        let mut facts = vec![e.role.as_str().to_owned()];
        facts.extend(e.cli_tool.clone());
        facts.extend(e.model.clone());
        facts.extend(e.thinking_effort.map(|effort| format!("effort {effort}")));
        if e.iteration > 1 {
            facts.push(format!("iteration {}", e.iteration));
        }
        facts.extend(e.loop_iteration.map(|round| format!("loop round {round}")));
        let name = format!("Step {}", self.told.figures.steps);
        let room = self.style.width.saturating_sub(self.gutter_width() + columns(&name) + 2);
        let (name, facts) = (self.painted(BOLD, &name), one_line(&facts.join(" · "), room));
        let gutter = self.gutter(meta);
        writeln!(self.out, "\n{gutter}{name}  {facts}")
    }

    /// What the running step took and cost until then.
    fn step_figures(&self, until: Timestamp) -> Option<String> {
        let step = self.step.as_ref()?;
        let elapsed = self.times_are_known().then(|| duration(until.since_ms(step.started)));
        let parts: Vec<String> = elapsed.into_iter().chain([usage(&step.figures)]).collect();
        Some(parts.join(" · "))
    }

    /// A line below the texts, without position and tag.
    fn remark(&mut self, text: &str) -> io::Result<()> {
        let text = self.painted(DIM, &one_line(text, self.style.width - self.text_column()));
        writeln!(self.out, "{:1$}{text}", "", self.text_column())
    }

    fn line(&mut self, meta: &Meta, phrase: &Phrase) -> io::Result<()> {
        let indent = if self.step.is_some() { INDENT } else { 0 };
        let tag = one_line(&phrase.tag, TAG);
        let pad = " ".repeat((INDENT + TAG + 1).saturating_sub(indent + columns(&tag)));
        let room = self.style.width - self.text_column();
        let lead =
            format!("{}{:indent$}{}{pad}", self.gutter(meta), "", self.painted(colour(phrase.tone), &tag));
        let note = if phrase.note.is_empty() { String::new() } else { format!("  ({})", phrase.note) };
        if self.style.full {
            return self.whole(&lead, phrase, &note, room);
        }
        let text = one_line(&phrase.text, room.saturating_sub(columns(&note)));
        let quiet = matches!(phrase.tone, Tone::Dim);
        let text = if quiet { self.painted(DIM, &text) } else { text };
        let line = format!("{lead}{text}{}", self.painted(DIM, &note));
        writeln!(self.out, "{}", line.trim_end())
    }

    fn whole(&mut self, lead: &str, phrase: &Phrase, note: &str, room: usize) -> io::Result<()> {
        let mut rows = wrapped(&phrase.text, room).into_iter();
        let first = rows.next().unwrap_or_default();
        writeln!(self.out, "{}", format!("{lead}{first}").trim_end())?;
        for row in rows {
            writeln!(self.out, "{}", format!("{:1$}{row}", "", self.text_column()).trim_end())?;
        }
        if note.is_empty() {
            return Ok(());
        }
        let note = self.painted(DIM, note.trim_start());
        writeln!(self.out, "{:1$}{note}", "", self.text_column())
    }

    fn close(&mut self, to: Option<Position>) -> io::Result<()> {
        if let Some(figures) = self.last.and_then(|last| self.step_figures(last)) {
            self.remark(&format!("so far {figures}"))?;
        }
        writeln!(self.out)?;
        let elapsed = self.last.zip(self.start).map_or(0, |(last, start)| last.since_ms(start));
        let elapsed = self.times_are_known().then(|| duration(elapsed));
        for (name, text) in totals(&self.told.figures, elapsed) {
            let pad = " ".repeat(10_usize.saturating_sub(columns(&name)));
            let (name, text) =
                (self.painted(BOLD, &name), one_line(&text, self.style.width.saturating_sub(10)));
            writeln!(self.out, "{name}{pad}{text}")?;
        }
        let remark = match (self.ended, to) {
            (true, _) => return Ok(()),
            (false, Some(to)) => {
                format!("Told up to position {to}, as asked.")
            }
            (false, None) => "The run has not ended.".into(),
        };
        writeln!(self.out, "\n{}", self.painted(DIM, &remark))
    }

    /// Position and clock.
    fn gutter(&self, meta: &Meta) -> String {
        let since = meta.when().since_ms(self.start.unwrap_or(meta.when()));
        let clock = if self.times_are_known() { format!("{:>9}  ", clock(since)) } else { String::new() };
        self.painted(DIM, &format!("{:>7}  {clock}", meta.position.0))
    }
    fn gutter_width(&self) -> usize {
        POSITION + if self.times_are_known() { CLOCK } else { 0 }
    }
    /// Where texts begin.
    fn text_column(&self) -> usize {
        self.gutter_width() + INDENT + TAG + 1
    }
    fn times_are_known(&self) -> bool {
        self.start != Some(unknown_time())
    }
    fn painted(&self, sequence: &str, text: &str) -> String {
        if self.style.colour && !sequence.is_empty() && !text.is_empty() {
            format!("\u{1b}[{sequence}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}

const BOLD: &str = "1";
const DIM: &str = "2";

fn colour(tone: Tone) -> &'static str {
    match tone {
        Tone::Plain => "",
        Tone::Dim => DIM,
        Tone::User => "36",
        Tone::Agent => "35",
        Tone::Tool => "33",
        Tone::Good => "32",
        Tone::Bad => "31",
        Tone::Notice => "34",
    }
}

/// Names and texts of the sums at the end.
fn totals(figures: &RunFigures, elapsed: Option<String>) -> Vec<(String, String)> {
    let all = &figures.all;
    let mut steps = vec![grouped(figures.steps)];
    let ends = [
        (figures.steps_completed, "completed"),
        (figures.steps_failed, "failed"),
        (figures.steps_skipped, "skipped"),
    ];
    steps.extend(
        ends.iter().filter(|(count, _)| *count > 0).map(|(count, how)| format!("{} {how}", grouped(*count))),
    );
    steps.extend(elapsed);
    let said =
        format!("{} of the agent · {} to it", grouped(all.assistant_messages), grouped(all.user_messages));
    let done = [
        counted(all.tool_calls, "call"),
        counted(all.tool_results, "result"),
        counted(all.tool_errors, "error"),
    ];
    let tokens = [
        (all.input_tokens, "in"),
        (all.output_tokens, "out"),
        (all.cache_read_tokens, "read from cache"),
        (all.cache_write_tokens, "written to cache"),
    ];
    let tokens: Vec<String> =
        tokens.iter().map(|(count, what)| format!("{} {what}", grouped(*count))).collect();
    let mut rows = vec![
        ("Steps".to_owned(), steps.join(" · ")),
        ("Messages".to_owned(), said),
        ("Tools".to_owned(), done.join(" · ")),
        ("Tokens".to_owned(), tokens.join(" · ")),
    ];
    for (index, (model, sums)) in figures.models.iter().enumerate() {
        let name = if index == 0 { "Models" } else { "" };
        let paid = cost(sums.total_cost_usd, sums.calls, sums.calls_without_cost);
        rows.push((name.to_owned(), format!("{model} · {} · {paid}", counted(sums.calls, "call"))));
    }
    let total = if all.calls == 0 {
        "nothing recorded".into()
    } else {
        cost(all.total_cost_usd, all.calls, all.calls_without_cost)
    };
    rows.push(("Cost".to_owned(), total));
    rows
}
