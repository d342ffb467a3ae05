//! A run's story, told from its events: readable text, one JSON document, or one event per line.

mod document;
mod figures;
mod frames;
mod loops;
pub(crate) mod phrase;
pub(crate) mod shown;
mod teller;
#[cfg(test)]
pub(crate) mod tests;
mod versions;

use std::io::{self, Write};

use domain::ids::Position;
use domain::run::RunEvent;
use domain::values::Timestamp;
use domain::{Event, Meta, Recorded};

pub use document::{Story, StoryEvent, StoryStep, document};
pub use figures::{ModelFigures, RunFigures, StepFigures};
pub use frames::{Frame, Frames, Order, Standing};
pub use loops::{Round, Stopped, StoryLoop};
pub use teller::{Style, Telling, tell};
pub use versions::{Approval, Fact, InForce, Kind, Named, approval, named, version};

/// What was told.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Told {
    /// Events of the run that were told; 0 where there is no such run.
    pub events: u64,
    /// Sums over them.
    pub figures: RunFigures,
}

/// The run's own events, up to and with position `to`.
fn run_events(
    records: impl IntoIterator<Item = Recorded>,
    to: Option<Position>,
) -> impl Iterator<Item = (Meta, RunEvent)> {
    let within = move |recorded: &Recorded| to.is_none_or(|to| recorded.meta.position <= to);
    records.into_iter().take_while(within).filter_map(|recorded| match recorded.event {
        Event::Run(event) => Some((recorded.meta, event)),
        _ => None,
    })
}

/// Writes one event per line, as the log's JSON interfaces show it, up to and with position `to`.
///
/// # Errors
/// Where `out` cannot be written.
pub fn ndjson(
    records: impl IntoIterator<Item = Recorded>,
    to: Option<Position>,
    out: &mut dyn Write,
) -> io::Result<Told> {
    let mut told = Told::default();
    for (meta, event) in run_events(records, to) {
        told.events += 1;
        told.figures.take(&event);
        serde_json::to_writer(&mut *out, &Recorded { meta, event: Event::Run(event) })?;
        out.write_all(b"\n")?;
    }
    Ok(told)
}

/// The last event of the run that happened at or before `instant`, as far as the story goes without a later one;
/// `None` where its first event is later.
pub fn until(records: &[Recorded], instant: Timestamp) -> Option<Position> {
    records
        .iter()
        .take_while(|recorded| recorded.meta.when() <= instant)
        .last()
        .map(|last| last.meta.position)
}
