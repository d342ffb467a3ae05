//! A whole folder of tiles: every event, every hash, the root, the signature, each stream's chain.

mod extras;
mod folder;
mod hashes;
mod records;
mod report;
#[cfg(test)]
mod tests;

use std::path::Path;

use domain::ids::Position;
use proof::hash::Hash;
use proof::tile::{self, BundleId, TileId};
use proof::trust::{Held, Trust, judge};

use folder::Folder;
use hashes::Hashes;
use records::Records;
pub(crate) use report::Report;

/// Events between two calls of the progress function.
const PROGRESS_EVENTS: u64 = 64 * tile::WIDTH;

/// Checks the folder. `progress` gets events done and events there are.
///
/// # Errors
/// Where a file cannot be read for another reason than that it is missing.
pub(crate) fn verify(
    folder: &Path,
    trust: &Trust,
    mut progress: impl FnMut(u64, u64),
) -> std::io::Result<Report> {
    let folder = Folder::new(folder);
    let mut report = Report::default();
    let Some(bytes) = folder.read("checkpoint")? else {
        report.findings.missing(None, "`checkpoint` is missing: nothing says what the events should be");
        report.findings.settle();
        return Ok(report);
    };
    let (note, held) = match Held::read(&bytes) {
        Ok((note, _, held)) => (note, held),
        Err(error) => {
            report.findings.altered(None, format!("`checkpoint` cannot be read: {}", with_sources(&error)));
            return Ok(report);
        }
    };
    report.checkpoint = Some(held.clone());
    let mut pass = Pass {
        folder: &folder,
        hashes: Hashes::default(),
        records: Records::new(&folder, held.log),
        size: held.size,
    };
    for bundle in tile::bundles(held.size) {
        if !pass.bundle(bundle, &mut report)? {
            break;
        }
        if pass.hashes.size().is_multiple_of(PROGRESS_EVENTS) || pass.hashes.size() == held.size {
            progress(pass.hashes.size(), held.size);
        }
    }
    pass.finish(&held, &mut report)?;
    let rotations = pass.records.finish(&mut report);
    report.signers = judge(&note, &held, &folder.bundled_keys(), &rotations, trust, &mut report.findings);
    extras::check(&folder, held.size, &mut report)?;
    report.findings.settle();
    Ok(report)
}

/// One walk over the entries, from the left.
struct Pass<'a> {
    folder: &'a Folder,
    hashes: Hashes,
    records: Records<'a>,
    size: u64,
}

impl Pass<'_> {
    /// Checks a bundle and the tile of its leaves. Says whether what follows can be checked too.
    fn bundle(&mut self, id: BundleId, report: &mut Report) -> std::io::Result<bool> {
        let first = Position(id.index * tile::WIDTH);
        let tile = TileId { level: 0, index: id.index, width: id.width };
        let stored = self.folder.tile(tile, report)?;
        let entries = self.folder.entries(id, report)?;
        let leaves: Option<Vec<Hash>> = match &entries {
            Some(entries) => {
                let leaves: Vec<Hash> = entries.iter().map(|entry| proof::hash::leaf_hash(entry)).collect();
                if let Some(stored) = &stored
                    && let Some(at) = (0..leaves.len()).find(|at| leaves[*at] != stored[*at])
                {
                    let position = Position(first.0 + at as u64);
                    report
                        .findings
                        .altered(Some(position), format!("the entry and its hash in `{tile}` do not agree"));
                }
                Some(leaves)
            }
            // The tile vouches for the events that are missing, so that those behind them can be checked.
            None => stored,
        };
        let Some(leaves) = leaves else {
            let what = format!("{} events from here on cannot be checked", self.size - first.0);
            report.findings.missing(Some(first), what);
            return Ok(false);
        };
        match entries {
            Some(entries) => self.records.bundle(first, entries, report)?,
            None => self.records.skip(),
        }
        self.hashes.push(&leaves, self.folder, report)?;
        Ok(true)
    }

    /// Checks the tiles at the right edge, and the root.
    fn finish(&mut self, held: &Held, report: &mut Report) -> std::io::Result<()> {
        if self.hashes.size() < held.size {
            return Ok(());
        }
        self.hashes.finish(self.folder, report)?;
        let root = self.hashes.root();
        if root != held.root {
            let what = format!("the events have root {root}, the log signed {}", held.root);
            report.findings.altered(None, what);
        }
        Ok(())
    }
}

fn with_sources(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", with_sources(source)),
        None => error.to_string(),
    }
}
