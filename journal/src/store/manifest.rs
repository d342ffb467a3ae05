//! Which runs make up the stored index, and how far it goes.

use super::runs::{checked, sealed};

/// What a run maps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Commit id to the position of its first event.
    Commits,
    /// Stream to version, position and chain of its last event.
    Streams,
}

impl Kind {
    pub(super) const fn key_len(self) -> usize {
        match self {
            Self::Commits => 16,
            Self::Streams => 18,
        }
    }
    pub(super) const fn entry_len(self) -> usize {
        match self {
            Self::Commits => 16 + 8,
            Self::Streams => 18 + 32,
        }
    }
}

/// One sorted run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RunInfo {
    pub(super) kind: Kind,
    pub(super) id: u64,
    pub(super) level: u8,
    pub(super) entries: u64,
}

/// The runs, oldest first, and the first position that is not indexed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Manifest {
    pub(super) indexed_to: u64,
    pub(super) next_id: u64,
    pub(super) runs: Vec<RunInfo>,
}

const RUN_LEN: usize = 18;

impl Manifest {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = [self.indexed_to.to_le_bytes(), self.next_id.to_le_bytes()].concat();
        for run in &self.runs {
            bytes.push(u8::from(run.kind == Kind::Streams));
            bytes.push(run.level);
            bytes.extend_from_slice(&run.id.to_le_bytes());
            bytes.extend_from_slice(&run.entries.to_le_bytes());
        }
        sealed(&bytes)
    }

    pub(super) fn decode(value: &[u8]) -> Option<Self> {
        let bytes = checked(value).ok()?;
        let (head, runs) = bytes.split_first_chunk::<16>()?;
        let u64_at =
            |bytes: &[u8], at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().expect("8 bytes"));
        let run = |bytes: &[u8]| {
            let kind = if bytes[0] == 0 { Kind::Commits } else { Kind::Streams };
            RunInfo { kind, level: bytes[1], id: u64_at(bytes, 2), entries: u64_at(bytes, 10) }
        };
        let whole = runs.len().is_multiple_of(RUN_LEN);
        whole.then(|| Self {
            indexed_to: u64_at(head, 0),
            next_id: u64_at(head, 8),
            runs: runs.chunks_exact(RUN_LEN).map(run).collect(),
        })
    }

    /// The id of a new run.
    pub(super) fn take_id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id - 1
    }

    /// All runs of that kind and level, oldest first, where they are at least `fan_in`.
    pub(super) fn mergeable(&self, kind: Kind, level: u8, fan_in: usize) -> Option<Vec<RunInfo>> {
        let runs = self.runs.iter().filter(|run| run.kind == kind && run.level == level);
        let runs: Vec<RunInfo> = runs.cloned().collect();
        (runs.len() >= fan_in).then_some(runs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(id: u64, level: u8, kind: Kind) -> RunInfo {
        RunInfo { kind, id, level, entries: 10 * id }
    }

    #[test]
    fn reads_back_and_refuses_altered_bytes() {
        let runs = vec![run(1, 2, Kind::Commits), run(5, 0, Kind::Streams)];
        let manifest = Manifest { indexed_to: 77, next_id: 6, runs };
        let mut bytes = manifest.encode();
        assert_eq!(Manifest::decode(&bytes), Some(manifest));
        bytes[9] ^= 1;
        assert_eq!(Manifest::decode(&bytes), None);
        assert_eq!(Manifest::decode(&[]), None);
    }

    #[test]
    fn merges_a_level_once_enough_runs_have_added_up() {
        let runs = vec![run(0, 1, Kind::Commits), run(1, 0, Kind::Commits), run(2, 0, Kind::Streams)];
        let mut manifest = Manifest { runs, ..Manifest::default() };
        assert_eq!(manifest.mergeable(Kind::Commits, 0, 2), None);
        manifest.runs.push(run(3, 0, Kind::Commits));
        let ids: Vec<u64> =
            manifest.mergeable(Kind::Commits, 0, 2).unwrap().iter().map(|run| run.id).collect();
        assert_eq!(ids, [1, 3]);
        assert_eq!(manifest.mergeable(Kind::Commits, 1, 2), None, "a level is merged by itself");
        assert_eq!((manifest.take_id(), manifest.take_id()), (0, 1));
    }
}
