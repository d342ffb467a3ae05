//! The records in the entries: checksums, places, each stream's chain, whole commits, changes of key.

use std::collections::HashMap;

use bytes::Bytes;
use domain::StreamId;
use domain::ids::{LogId, Position};
use proof::RawRecord;
use proof::entry::StandIn;
use proof::order::{OpenCommit, Tail};
use proof::rotation::Rotation;
use proof::trust::rotation_in;

use super::folder::Folder;
use super::report::Report;

/// What the records so far say about the next.
pub(crate) struct Records<'a> {
    folder: &'a Folder,
    log: LogId,
    streams: HashMap<StreamId, Tail>,
    commit: Option<OpenCommit>,
    /// Whether events were missing: then a stream may go on anywhere.
    gap: bool,
    rotations: Vec<Rotation>,
}

impl<'a> Records<'a> {
    pub(crate) fn new(folder: &'a Folder, log: LogId) -> Self {
        Self { folder, log, streams: HashMap::new(), commit: None, gap: false, rotations: Vec::new() }
    }
    /// Checks the entries of a bundle.
    pub(crate) fn bundle(
        &mut self,
        first: Position,
        entries: Vec<Bytes>,
        report: &mut Report,
    ) -> std::io::Result<()> {
        for (position, entry) in (first.0..).map(Position).zip(entries) {
            report.bytes += entry.len() as u64;
            match self.record(position, entry, report)? {
                Some(record) => self.check(position, &record, report),
                None => self.skip(),
            }
        }
        Ok(())
    }
    /// Goes on after events that cannot be read.
    pub(crate) fn skip(&mut self) {
        self.gap = true;
        self.commit = None;
        // What a stream's next record should be is not known any more.
        self.streams.clear();
    }

    /// The record of an entry, from its own file where it is a long one.
    fn record(
        &self,
        position: Position,
        entry: Bytes,
        report: &mut Report,
    ) -> std::io::Result<Option<RawRecord>> {
        let bytes = match StandIn::parse(&entry) {
            None => entry,
            Some(stand_in) => {
                let path = stand_in.path();
                let Some(bytes) = self.folder.read(&path)? else {
                    report.findings.missing(Some(position), format!("`{path}` is missing"));
                    return Ok(None);
                };
                if !stand_in.fits(&bytes) {
                    let what = format!("`{path}` is not the record that its entry stands for");
                    report.findings.altered(Some(position), what);
                    return Ok(None);
                }
                report.long_records += 1;
                report.bytes += bytes.len() as u64;
                bytes
            }
        };
        match RawRecord::parse(bytes) {
            Ok(record) => Ok(Some(record)),
            Err(error) => {
                report.findings.altered(Some(position), format!("the record is damaged: {error}"));
                Ok(None)
            }
        }
    }

    fn check(&mut self, position: Position, record: &RawRecord, report: &mut Report) {
        report.events += 1;
        if record.position() != position {
            let what = format!("the record says that it stands at {}", record.position());
            report.findings.altered(Some(position), what);
        }
        let stream = record.stream();
        let tail = self.streams.insert(stream, Tail::of(record));
        // After a gap the first record of a stream that is met has nothing to fit.
        let unknown = self.gap && tail.is_none();
        if !unknown && let Err(fault) = Tail::check(tail.as_ref(), record) {
            report.findings.out_of_order(Some(position), &fault);
        }
        let inside = self.gap && self.commit.is_none() && record.commit_index() > 0;
        if !inside {
            self.commit = OpenCommit::check(self.commit.take(), record).unwrap_or_else(|fault| {
                report.findings.out_of_order(Some(position), &fault);
                None
            });
        }
        match rotation_in(record, self.log) {
            Some(Ok(rotation)) => self.rotations.push(rotation),
            Some(Err(error)) => {
                let what = format!("a change of key is not what it says: {error}");
                report.findings.altered(Some(position), what);
            }
            None => {}
        }
    }

    /// Checks that nothing is left open; gives the log's changes of key.
    pub(crate) fn finish(self, report: &mut Report) -> Vec<Rotation> {
        if let Some(open) = self.commit {
            report.findings.missing(None, format!("the checkpoint cuts a commit: {}", open.cut()));
        }
        report.streams = self.streams.len() as u64;
        self.rotations
    }
}
