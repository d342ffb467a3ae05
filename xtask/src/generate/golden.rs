//! The golden file of event payloads: every layout that was ever written, never edited, only added to.

use std::collections::BTreeSet;
use std::fmt::Write;

use domain::{Event, aggregates};

use crate::shell::root;

/// Where it lies.
pub(crate) const FILE: &str = "tests/golden/events.txt";

const HEAD: &str = "\
# Payloads of events as they are stored, one sample a line: aggregate, type number, name, layout, bytes, JSON.
# Lines are added by `cargo xtask gen` and stay for ever: a layout that was written once is read by every release.
";

/// The lines that are there, and one for every sample whose bytes are not.
pub(crate) fn page() -> String {
    let mut page = std::fs::read_to_string(root().join(FILE)).unwrap_or_else(|_| HEAD.to_owned());
    let known: BTreeSet<String> = page.lines().map(stored).collect();
    for aggregate in aggregates() {
        for event in (aggregate.samples)() {
            let line = line(aggregate.name, &event);
            if !known.contains(&stored(&line)) {
                writeln!(page, "{line}").expect("writing to a string does not fail");
            }
        }
    }
    page
}

fn line(aggregate: &str, event: &Event) -> String {
    let bytes: String = event.encode().iter().map(|byte| format!("{byte:02x}")).collect();
    let json = serde_json::to_string(event).expect("events are plain data, which JSON always encodes");
    let bytes = if bytes.is_empty() { "-" } else { &bytes };
    format!("{aggregate} {} {} v{} {bytes} {json}", event.type_id(), event.name(), event.schema_version())
}

/// What of a line is stored in the log: all but the JSON.
fn stored(line: &str) -> String {
    line.splitn(6, ' ').take(5).collect::<Vec<_>>().join(" ")
}
