//! Checks everything stored: checksums, density, chains, commits, tree, signature, keys. Never panics, never stops
//! early.

mod records;
mod report;
mod scan;
mod stream;
mod tree;

use proof::VerifyingKey;

use crate::record::RawRecord;
use crate::shared::Shared;
use crate::tiles::{CHECKPOINT, is_rotated};
use records::Records;
use scan::Scan;
use tree::Tree;

pub use report::{Fault, SignedTree, VerifyReport};
pub(crate) use stream::verify_stream;

const PROGRESS_EVENTS: u64 = 10_000;

/// How far a verification is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Events checked.
    pub events: u64,
    /// Events to check, as far as is known.
    pub of: u64,
}

/// What a verification takes for granted. The default is nothing but the data folder itself.
#[derive(Debug, Clone, Default)]
pub struct VerifyOptions {
    /// Keys that the log may be signed with, for whoever has them from elsewhere. Without any, the one in the data
    /// folder counts, which says nothing about who put it there.
    pub keys: Vec<VerifyingKey>,
    /// An earlier checkpoint of this log, the bytes of a signed note: the present tree must extend it, and only
    /// events after it are read. It may be signed by any of `keys`, or of [`Self::retired`].
    pub since: Option<Vec<u8>>,
    /// Keys that the log was signed with before, which count for [`Self::since`] only.
    pub retired: Vec<VerifyingKey>,
}

pub(crate) fn verify(
    shared: &Shared,
    options: &VerifyOptions,
    visit: impl FnMut(&RawRecord),
    progress: impl FnMut(Progress),
) -> VerifyReport {
    let mut report = VerifyReport::new(shared.notes.clone());
    check_keys(shared, &mut report);
    check_missing_keys(shared, options, &mut report);
    verify_stored(shared, options, report, visit, progress)
}

/// The files of the key must fit each other.
pub(crate) fn check_keys(shared: &Shared, report: &mut VerifyReport) {
    if let Err(error) = shared.tiles.check_keys(|key| is_rotated(shared, key)) {
        report.altered(0, error);
    }
}

/// The files of the key must be there, where nobody gives keys of their own: a log without them is read and not
/// written to.
fn check_missing_keys(shared: &Shared, options: &VerifyOptions, report: &mut VerifyReport) {
    let tiles = &shared.tiles;
    let Some(keys) = tiles.keys() else {
        if tiles.key_fault.is_none() && tiles.store.read(CHECKPOINT).is_ok_and(|note| note.is_some()) {
            report.notes.push("`keys/log.key` and `keys/log.pub` are missing".into());
        }
        return;
    };
    for name in keys.missing() {
        let what = if name == "log.key" { "nothing more can be written" } else { "the next start makes it" };
        let what = format!("`keys/{name}` is missing: {what}");
        if options.keys.is_empty() { report.missing(0, what) } else { report.notes.push(what) }
    }
}

/// As [`verify`], all but the files of the key.
pub(crate) fn verify_stored(
    shared: &Shared,
    options: &VerifyOptions,
    mut report: VerifyReport,
    mut visit: impl FnMut(&RawRecord),
    mut progress: impl FnMut(Progress),
) -> VerifyReport {
    if let Some(scan) = shared.store.scan() {
        scan.faults.iter().for_each(|fault| report.altered(0, fault.clone()));
        report.notes.push(scan.note());
    }
    let mut tree = Tree::open(shared, options, &mut report);
    // Taken after the checkpoint, so that it is not behind it.
    let of = shared.watermark.borrow().map_or(0, |last| last.0 + 1);
    let from = tree.begin(&mut report);
    let (mut records, mut scan) = (Records::from(shared, from), Scan::from(from));
    let mut shown = 0;
    // The writer appends meanwhile: what is not durable yet is not looked at.
    let end = if shared.options.read_only { u64::MAX } else { of };
    while let Some(found) = scan.next(shared.store.as_ref(), end) {
        match found {
            Ok((block, stored_len)) => {
                report.blocks += 1;
                report.stored_bytes += stored_len;
                records.block(&block, &mut report, &mut visit);
                tree.block(&block, &mut report);
            }
            Err((position, what)) => report.altered(position, what),
        }
        if report.events >= shown + PROGRESS_EVENTS {
            shown = report.events;
            progress(Progress { events: shown, of: of.saturating_sub(from) });
        }
    }
    records.finish(of, &mut report);
    tree.finish(&mut report);
    progress(Progress { events: report.events, of: of.saturating_sub(from) });
    report
}
