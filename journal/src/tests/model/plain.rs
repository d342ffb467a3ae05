//! The log as a vector: what appending and reading mean, without anything that makes it quick or durable.

use std::collections::HashMap;

use domain::StreamId;
use domain::ids::{CommitId, Position, StreamVersion};

use crate::{AppendError, NewCommit, RawRecord, Receipt, StreamHead};

/// One event.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) commit: NewCommit,
    index: usize,
    version: u64,
    previous: Option<u64>,
}

impl Row {
    #[track_caller]
    pub(crate) fn assert_is(&self, position: u64, record: &RawRecord) {
        record.check().unwrap();
        let event = &self.commit.events[self.index];
        let place = (usize::from(record.commit_index()), usize::from(record.commit_size()));
        assert_eq!(
            (record.position().0, record.version().0, record.previous().map(|position| position.0), place),
            (position, self.version, self.previous, (self.index, self.commit.events.len()))
        );
        assert_eq!((record.stream(), record.commit()), (self.commit.stream, self.commit.commit));
        assert_eq!(record.fingerprint(), self.commit.fingerprint);
        assert!(record.payload() == event.payload, "position {position}: another payload");
    }
}

/// A log that cannot be wrong.
#[derive(Debug, Default)]
pub(crate) struct Plain {
    pub(crate) rows: Vec<Row>,
    commits: HashMap<CommitId, (Receipt, NewCommit)>,
    /// Positions of each stream's events.
    streams: HashMap<StreamId, Vec<u64>>,
}

impl Plain {
    pub(crate) fn append(&mut self, commit: &NewCommit) -> Result<Receipt, AppendError> {
        if commit.events.is_empty() {
            return Err(AppendError::Empty);
        }
        if let Some((receipt, first)) = self.commits.get(&commit.commit) {
            if (first.fingerprint, first.stream) != (commit.fingerprint, commit.stream) {
                return Err(AppendError::Reused { commit: commit.commit });
            }
            return Ok(Receipt { duplicate: true, ..*receipt });
        }
        let actual = self.head(commit.stream).map(|head| head.version);
        if !commit.expected.is_met_by(actual) {
            return Err(AppendError::Conflict { stream: commit.stream, expected: commit.expected, actual });
        }
        let positions = self.streams.entry(commit.stream).or_default();
        for index in 0..commit.events.len() {
            let (version, previous) = (positions.len() as u64, positions.last().copied());
            positions.push(self.rows.len() as u64);
            self.rows.push(Row { commit: commit.clone(), index, version, previous });
        }
        let receipt = Receipt {
            commit: commit.commit,
            stream: commit.stream,
            version: StreamVersion(positions.len() as u64 - 1),
            position: Position(self.rows.len() as u64 - 1),
            duplicate: false,
        };
        self.commits.insert(commit.commit, (receipt, commit.clone()));
        Ok(receipt)
    }

    pub(crate) fn end(&self) -> u64 {
        self.rows.len() as u64
    }
    pub(crate) fn watermark(&self) -> Option<Position> {
        self.end().checked_sub(1).map(Position)
    }
    pub(crate) fn head(&self, stream: StreamId) -> Option<StreamHead> {
        let positions = self.streams.get(&stream)?;
        let position = Position(*positions.last()?);
        Some(StreamHead { version: StreamVersion(positions.len() as u64 - 1), position })
    }
    pub(crate) fn find(&self, commit: CommitId) -> Option<&(Receipt, NewCommit)> {
        self.commits.get(&commit)
    }
    /// Positions of a stream's events from a version on.
    pub(crate) fn stream(&self, stream: StreamId, from: usize, limit: usize) -> Vec<u64> {
        self.streams.get(&stream).into_iter().flatten().skip(from).take(limit).copied().collect()
    }
    pub(crate) fn streams(&self) -> usize {
        self.streams.len()
    }
}
