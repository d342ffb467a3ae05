//! Runs merged into one, a slice at a time: a merge of millions of entries must not hold up the entries that come in.

use super::StoreError;
use super::filter::{Filter, hash};
use super::manifest::{Kind, RunInfo};
use super::reach::{Key, Reach, padded};
use super::runs::{CHUNK_LEN, Stored, checked};
use super::sled::guarded;

/// A run in the making: entries in order of their keys, in values of [`CHUNK_LEN`].
pub(super) struct Draft {
    pub(super) info: RunInfo,
    filter: Filter,
    /// The first key and the last so far.
    least: Key,
    greatest: Key,
    chunk: Vec<u8>,
}

impl Draft {
    /// A run of at most `entries` entries.
    pub(super) fn new(kind: Kind, id: u64, level: u8, entries: usize) -> Self {
        let info = RunInfo { kind, id, level, entries: 0 };
        let (filter, chunk) = (Filter::new(entries), Vec::with_capacity(CHUNK_LEN));
        Self { info, filter, least: Key::default(), greatest: Key::default(), chunk }
    }

    pub(super) fn push(&mut self, stored: &Stored, entry: &[u8]) -> Result<(), StoreError> {
        let key = &entry[..self.info.kind.key_len()];
        self.filter.add(hash(key));
        if self.info.entries == 0 {
            self.least = padded(key);
        }
        self.greatest = padded(key);
        if self.chunk.len() + entry.len() > CHUNK_LEN {
            stored.write_chunk(&self.info, &self.chunk)?;
            self.chunk.clear();
        }
        self.chunk.extend_from_slice(entry);
        self.info.entries += 1;
        Ok(())
    }

    /// Writes the rest; the run is there once a manifest names it.
    pub(super) fn finish(self, stored: &Stored) -> Result<(RunInfo, Reach), StoreError> {
        if !self.chunk.is_empty() {
            stored.write_chunk(&self.info, &self.chunk)?;
        }
        stored.write_filter(self.info.id, &self.filter)?;
        let Self { info, filter, least, greatest, .. } = self;
        Ok((info, Reach { filter, least, greatest }))
    }
}

/// A merge under way.
pub(super) struct Merging {
    /// The runs that become one, oldest first.
    pub(super) old: Vec<u64>,
    pub(super) draft: Draft,
    sources: Vec<Source>,
}

/// The entries of one run.
struct Source {
    chunks: ::sled::Iter,
    /// The chunk that is read, without its checksum.
    chunk: Vec<u8>,
    at: usize,
    entry_len: usize,
}

impl Merging {
    /// Merges `old` runs of one level into one of the next, which gets the id `id`.
    pub(super) fn begin(stored: &Stored, old: &[RunInfo], id: u64) -> Result<Self, StoreError> {
        let (kind, level) = (old[0].kind, old[0].level + 1);
        let entries = old.iter().map(|run| run.entries).sum::<u64>();
        let entries = usize::try_from(entries).map_err(|error| StoreError(error.to_string()))?;
        let source = |run: &RunInfo| {
            let (chunks, entry_len) = (stored.chunks_of(run.id), kind.entry_len());
            let mut source = Source { chunks, chunk: Vec::new(), at: 0, entry_len };
            source.load().map(|()| source)
        };
        Ok(Self {
            old: old.iter().map(|run| run.id).collect(),
            draft: Draft::new(kind, id, level, entries),
            sources: old.iter().map(source).collect::<Result<_, _>>()?,
        })
    }

    /// Takes over at most `budget` entries; tells whether that was all. Of equal keys only the newest is taken.
    pub(super) fn advance(&mut self, stored: &Stored, budget: usize) -> Result<bool, StoreError> {
        let key_len = self.draft.info.kind.key_len();
        for _ in 0..budget {
            let mut least: Option<usize> = None;
            for (number, source) in self.sources.iter().enumerate() {
                let Some(entry) = source.entry() else { continue };
                let before = least.and_then(|least| self.sources[least].entry());
                // Of equal ones the last, which is the newest.
                if before.is_none_or(|before| entry[..key_len] <= before[..key_len]) {
                    least = Some(number);
                }
            }
            let Some(least) = least else { return Ok(true) };
            let (older, rest) = self.sources.split_at_mut(least);
            let newest = &mut rest[0];
            let entry = newest.entry().expect("it was just compared");
            self.draft.push(stored, entry)?;
            for source in older {
                if source.entry().is_some_and(|other| other[..key_len] == entry[..key_len]) {
                    source.step()?;
                }
            }
            newest.step()?;
        }
        Ok(false)
    }
}

impl Source {
    fn entry(&self) -> Option<&[u8]> {
        self.chunk.get(self.at..self.at + self.entry_len)
    }
    fn step(&mut self) -> Result<(), StoreError> {
        self.at += self.entry_len;
        if self.at < self.chunk.len() { Ok(()) } else { self.load() }
    }
    /// The next chunk; none at the end.
    fn load(&mut self) -> Result<(), StoreError> {
        self.at = 0;
        self.chunk.clear();
        if let Some((_, value)) = guarded(|| self.chunks.next().transpose())? {
            self.chunk.extend_from_slice(checked(&value)?);
        }
        Ok(())
    }
}
