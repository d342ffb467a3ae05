//! Checks one stream: its chain, and each of its events against the signed tree.

use domain::StreamId;
use domain::ids::StreamVersion;
use proof::order::Tail;
use proof::{Checkpoint, entry, tree};

use super::scan::with_sources;
use super::tree::Tree;
use super::{VerifyOptions, VerifyReport, check_keys};
use crate::record::RawRecord;
use crate::shared::Shared;

/// Events read at a time.
const PAGE: usize = 1024;

pub(crate) fn verify_stream(
    shared: &Shared,
    stream: StreamId,
    options: &VerifyOptions,
    mut visit: impl FnMut(&RawRecord),
) -> VerifyReport {
    let mut report = VerifyReport::new(shared.notes.clone());
    check_keys(shared, &mut report);
    let tree = Tree::open(shared, options, &mut report);
    let mut tail: Option<Tail> = None;
    loop {
        let from = tail.map_or(StreamVersion(0), |tail| StreamVersion(tail.version.0 + 1));
        let page = match shared.read_stream(stream, from, PAGE) {
            Ok(page) => page,
            Err(error) => {
                let position = tail.map_or(0, |tail| tail.position.0);
                report.altered(position, with_sources(&error));
                break;
            }
        };
        if page.is_empty() {
            break;
        }
        for record in &page {
            one(shared, tree.signed(), tail.as_ref(), record, &mut report);
            visit(record);
            tail = Some(Tail::of(record));
        }
    }
    report.streams = u64::from(tail.is_some());
    report.notes.push("whether later events of the stream were left out was not looked at".into());
    report
}

fn one(
    shared: &Shared,
    signed: Option<&Checkpoint>,
    tail: Option<&Tail>,
    record: &RawRecord,
    report: &mut VerifyReport,
) {
    let position = record.position();
    report.events += 1;
    report.bytes += record.bytes().len() as u64;
    if let Err(error) = record.check() {
        report.altered(position.0, error.to_string());
    }
    match Tail::check(tail, record) {
        Ok(()) => {}
        Err(fault) if fault.is_gap() => report.missing(position.0, fault.to_string()),
        Err(fault) => report.altered(position.0, fault.to_string()),
    }
    let Some(signed) = signed.filter(|signed| position.0 < signed.size) else { return };
    let (leaf, size) = (entry::leaf(record.bytes()), signed.size);
    match shared.tiles.inclusion(position, size) {
        Ok(proof) => {
            if let Err(error) = tree::verify_inclusion(position.0, size, &leaf, &proof, &signed.root) {
                report.altered(position.0, format!("it is not in the signed tree: {error}"));
            }
        }
        Err(error) => report.altered(position.0, with_sources(&error)),
    }
}
