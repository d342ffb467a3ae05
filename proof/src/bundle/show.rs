//! A bundle's report as text for people.

use super::report::{Reliance, Report};
use crate::verdict::{checkpoint_facts, plural, text};

impl Report {
    /// The report as text: the verdict on the first line.
    #[must_use]
    pub fn text(&self) -> String {
        let mut facts = checkpoint_facts(self.checkpoint.as_ref(), &self.signers);
        for stream in &self.streams {
            let end =
                stream.ended_by.as_ref().map_or(", open".to_owned(), |event| format!(", ended by {event}"));
            let last = stream.last_version;
            let events = plural(stream.events, "event");
            facts.push(("stream", format!("{}: {events}, to version {last}{end}", stream.stream)));
        }
        if self.unknown_events > 0 {
            facts.push(("not readable here", plural(self.unknown_events, "event")));
        }
        let reliances = [
            (Reliance::Proven, "proven"),
            (Reliance::Derived, "derived anew, same"),
            (Reliance::Unproven, "unproven"),
        ];
        for (reliance, name) in reliances {
            let files = self.files.iter().filter(|file| file.reliance == reliance);
            let names: Vec<_> = files.map(|file| file.name).collect();
            if !names.is_empty() {
                facts.push((name, names.join(", ")));
            }
        }
        text(&self.findings, &facts)
    }
}
