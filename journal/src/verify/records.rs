//! What the records say about each other: positions, versions, chains, commits.

use domain::StreamId;
use proof::order::{OpenCommit, OrderFault, Tail};

use super::VerifyReport;
use crate::block::Block;
use crate::index::ById;
use crate::record::RawRecord;
use crate::shared::Shared;

/// What was seen so far.
pub(super) struct Records<'a> {
    shared: &'a Shared,
    /// The first position that is looked at.
    from: u64,
    /// The position that must come next.
    next: u64,
    streams: ById<StreamId, Tail>,
    commit: Option<OpenCommit>,
}

impl<'a> Records<'a> {
    /// Records from a position at which a commit begins.
    pub(super) fn from(shared: &'a Shared, from: u64) -> Self {
        Self { shared, from, next: from, streams: ById::default(), commit: None }
    }

    pub(super) fn block(
        &mut self,
        block: &Block,
        report: &mut VerifyReport,
        visit: &mut impl FnMut(&RawRecord),
    ) {
        let first = block.first().0.max(self.from);
        if first != self.next {
            let what = if first > self.next {
                format!("{} events are missing before position {first}", first - self.next)
            } else {
                format!("expected a block from position {}, got one from {first}", self.next)
            };
            report.missing(self.next, what);
            self.commit = None;
        }
        let skip = usize::try_from(first - block.first().0).unwrap_or(usize::MAX);
        for record in block.records_from(skip) {
            self.record(&record, report);
            visit(&record);
        }
        self.next = block.end();
    }

    fn record(&mut self, record: &RawRecord, report: &mut VerifyReport) {
        let position = record.position().0;
        report.events += 1;
        report.bytes += record.bytes().len() as u64;
        if let Err(error) = record.check() {
            report.altered(position, error.to_string());
        }
        let before = self.streams.insert(record.stream(), Tail::of(record)).or_else(|| self.earlier(record));
        if let Err(fault) = Tail::check(before.as_ref(), record) {
            between(position, &fault, report);
        }
        match OpenCommit::check(self.commit.take(), record) {
            Ok(open) => self.commit = open,
            Err(fault) => between(position, &fault, report),
        }
    }

    /// The last record of the stream before those looked at.
    fn earlier(&self, record: &RawRecord) -> Option<Tail> {
        let previous = record.previous().filter(|previous| previous.0 < self.from)?;
        let before = self.shared.record_at(previous).ok()?;
        (before.stream() == record.stream()).then(|| Tail::of(&before))
    }

    /// Notes what the end lacks; `of` events should be there.
    pub(super) fn finish(mut self, of: u64, report: &mut VerifyReport) {
        if let Some(open) = self.commit.take() {
            between(self.next, &open.cut(), report);
        }
        let of = of.max(report.checkpoint.as_ref().map_or(0, |signed| signed.size));
        if self.next < of {
            report.missing(self.next, format!("{} events are missing at the end", of - self.next));
        }
        report.streams = self.streams.len() as u64;
    }
}

fn between(position: u64, fault: &OrderFault, report: &mut VerifyReport) {
    if fault.is_gap() {
        report.missing(position, fault.to_string());
    } else {
        report.altered(position, fault.to_string());
    }
}
