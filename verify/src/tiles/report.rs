//! What was found in a folder of tiles.

use proof::trust::{Held, Signer};
use proof::verdict::{Findings, checkpoint_facts, plural, text};
use serde::Serialize;

/// What was found.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    #[serde(flatten)]
    pub(crate) findings: Findings,
    pub(crate) checkpoint: Option<Held>,
    pub(crate) signers: Vec<Signer>,
    /// Events that could be read.
    pub(crate) events: u64,
    /// Streams met; fewer than there are where events are missing.
    pub(crate) streams: u64,
    /// Bytes of entries and long records.
    pub(crate) bytes: u64,
    /// Bundles of entries that could be read.
    pub(crate) bundles: u64,
    /// Tiles of hashes that could be read.
    pub(crate) tiles: u64,
    /// Records that lie in files of their own.
    pub(crate) long_records: u64,
}

impl Report {
    /// As text: the verdict on the first line.
    pub(crate) fn text(&self) -> String {
        let mut facts = checkpoint_facts(self.checkpoint.as_ref(), &self.signers);
        let streams = plural(self.streams, "stream");
        facts.push((
            "read",
            format!("{} of {streams}, {}", plural(self.events, "event"), plural(self.bytes, "byte")),
        ));
        let files = [(self.bundles, "bundle"), (self.tiles, "tile"), (self.long_records, "long record")];
        let files: Vec<_> = files.iter().map(|(count, what)| plural(*count, what)).collect();
        facts.push(("files", files.join(", ")));
        text(&self.findings, &facts)
    }
}
