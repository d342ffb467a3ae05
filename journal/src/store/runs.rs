//! The stored index: sorted runs that are merged as they add up, each with a filter in memory.
//!
//! An entry per commit inside sled would cost more than the commit itself; a run costs a few values for
//! thousands of entries. It holds nothing that the log could not rebuild.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError, RwLock};

use domain::StreamId;
use domain::ids::{CommitId, Position, StreamVersion};

use super::StoreError;
use super::filter::{Filter, hash};
use super::manifest::{Kind, Manifest, RunInfo};
use super::sled::guarded;
use crate::group::Tail;
use crate::index::Generation;

/// Runs of one level that are merged into one of the next.
const FAN_IN: usize = 8;
/// Bytes of entries in one value.
const CHUNK_LEN: usize = 4 * 1024;
/// Bytes of a filter in one value.
const FILTER_PART_LEN: usize = 32 * 1024;

const MANIFEST: &[u8] = b"runs";

pub(super) struct Runs {
    meta: ::sled::Tree,
    chunks: ::sled::Tree,
    filters: ::sled::Tree,
    state: RwLock<State>,
    /// Held while runs are added or merged.
    writing: Mutex<()>,
}

struct State {
    manifest: Manifest,
    filters: BTreeMap<u64, Filter>,
}

impl Runs {
    pub(super) fn open(db: &::sled::Db) -> Result<Self, StoreError> {
        let tree = |name: &str| guarded(|| db.open_tree(name));
        let (meta, chunks, filters) = (tree("meta")?, tree("runs")?, tree("filters")?);
        let stored = guarded(|| meta.get(MANIFEST))?;
        let manifest = stored.and_then(|bytes| Manifest::decode(&bytes));
        let state = RwLock::new(State { manifest: Manifest::default(), filters: BTreeMap::new() });
        let runs = Self { meta, chunks, filters, state, writing: Mutex::new(()) };
        // Without a manifest or a filter all is built anew from the log.
        if let Some(manifest) = manifest {
            let loaded: Result<BTreeMap<u64, Filter>, StoreError> =
                manifest.runs.iter().map(|run| Ok((run.id, runs.load_filter(run.id)?))).collect();
            if let Ok(filters) = loaded {
                *runs.state.write().unwrap_or_else(PoisonError::into_inner) = State { manifest, filters };
            }
        }
        Ok(runs)
    }

    /// The first position that is not indexed.
    pub(super) fn indexed_to(&self) -> u64 {
        self.state.read().unwrap_or_else(PoisonError::into_inner).manifest.indexed_to
    }

    /// Removes everything.
    pub(super) fn clear(&self) -> Result<(), StoreError> {
        guarded(|| self.meta.remove(MANIFEST))?;
        guarded(|| self.chunks.clear())?;
        guarded(|| self.filters.clear())?;
        let empty = State { manifest: Manifest::default(), filters: BTreeMap::new() };
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = empty;
        Ok(())
    }

    pub(super) fn commit(&self, commit: CommitId) -> Result<Option<Position>, StoreError> {
        let found = self.find(Kind::Commits, &commit.to_bytes())?;
        Ok(found.map(|value| Position(u64_at(&value, 0))))
    }

    pub(super) fn stream(&self, stream: StreamId) -> Result<Option<Tail>, StoreError> {
        let found = self.find(Kind::Streams, &stream.to_bytes())?;
        let tail = |value: Vec<u8>| Tail {
            version: StreamVersion(u64_at(&value, 0)),
            position: Position(u64_at(&value, 8)),
            chain: value[16..32].try_into().expect("the value of a stream has 32 bytes"),
        };
        Ok(found.map(tail))
    }

    fn find(&self, kind: Kind, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let hash = hash(key);
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        // Newest first: it has the last word about a stream.
        for run in state.manifest.runs.iter().rev().filter(|run| run.kind == kind) {
            if state.filters[&run.id].may_hold(hash) {
                let found = self.find_in(run, key)?;
                if found.is_some() {
                    return Ok(found);
                }
            }
        }
        Ok(None)
    }

    fn find_in(&self, run: &RunInfo, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let (from, to) = (chunk_key(run.id, &[]), chunk_key(run.id, key));
        let chunk = guarded(|| self.chunks.range(from..=to).next_back().transpose())?;
        let Some((_, chunk)) = chunk else { return Ok(None) };
        let entries = checked(&chunk)?;
        let (entry_len, key_len) = (run.kind.entry_len(), run.kind.key_len());
        let entry = |index: usize| &entries[index * entry_len..(index + 1) * entry_len];
        let (mut low, mut high) = (0, entries.len() / entry_len);
        while low < high {
            let middle = usize::midpoint(low, high);
            match entry(middle)[..key_len].cmp(key) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return Ok(Some(entry(middle)[key_len..].to_vec())),
            }
        }
        Ok(None)
    }

    /// Adds a generation as new runs, then merges where enough of a level have added up.
    pub(super) fn add(&self, generation: &Generation) -> Result<(), StoreError> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let commits: BTreeMap<Vec<u8>, Vec<u8>> = generation
            .commits
            .iter()
            .map(|(id, position)| (id.to_bytes().to_vec(), position.0.to_le_bytes().to_vec()))
            .collect();
        let streams: BTreeMap<Vec<u8>, Vec<u8>> = generation
            .streams
            .iter()
            .map(|(id, tail)| {
                let (version, position) = (tail.version.0.to_le_bytes(), tail.position.0.to_le_bytes());
                (id.to_bytes().to_vec(), [version.as_slice(), &position, &tail.chain].concat())
            })
            .collect();
        let mut manifest = self.manifest();
        let mut added = Vec::new();
        for (kind, entries) in [(Kind::Commits, commits), (Kind::Streams, streams)] {
            let count = entries.len();
            let entries = entries.into_iter().map(|(key, value)| Ok([key, value].concat()));
            added.extend(self.write_run(&mut manifest, kind, 0, count, entries)?);
        }
        manifest.indexed_to = generation.end;
        self.switch(manifest, added, &[])?;
        self.merge(Kind::Commits)?;
        self.merge(Kind::Streams)
    }

    fn merge(&self, kind: Kind) -> Result<(), StoreError> {
        while let Some(old) = self.manifest().mergeable(kind, FAN_IN) {
            let mut manifest = self.manifest();
            let level = old[0].level + 1;
            let count = old.iter().map(|run| run.entries).sum::<u64>();
            let count = usize::try_from(count).map_err(|error| StoreError(error.to_string()))?;
            let sources = old.iter().map(|run| self.entries(run)).collect();
            let merged = Merge { sources, heads: Vec::new(), key_len: kind.key_len() };
            let ids: Vec<u64> = old.iter().map(|run| run.id).collect();
            // In place of the old ones, so that the list stays in the order of age.
            let at = manifest.runs.iter().position(|run| ids.contains(&run.id)).unwrap_or(0);
            manifest.runs.retain(|run| !ids.contains(&run.id));
            let added = self.write_run(&mut manifest, kind, level, count, merged)?;
            if added.is_some()
                && let Some(run) = manifest.runs.pop()
            {
                manifest.runs.insert(at, run);
            }
            self.switch(manifest, added.into_iter().collect(), &ids)?;
            for id in ids {
                self.remove_run(id)?;
            }
        }
        Ok(())
    }

    /// Makes the new list of runs the valid one, on disk and in memory.
    fn switch(&self, manifest: Manifest, added: Vec<(u64, Filter)>, gone: &[u64]) -> Result<(), StoreError> {
        guarded(|| self.meta.insert(MANIFEST, manifest.encode()))?;
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        state.filters.extend(added);
        state.filters.retain(|id, _| !gone.contains(id));
        state.manifest = manifest;
        Ok(())
    }

    fn manifest(&self) -> Manifest {
        self.state.read().unwrap_or_else(PoisonError::into_inner).manifest.clone()
    }

    /// Writes sorted entries under a new id, which is added to the manifest last.
    fn write_run(
        &self,
        manifest: &mut Manifest,
        kind: Kind,
        level: u8,
        count: usize,
        entries: impl Iterator<Item = Result<Vec<u8>, StoreError>>,
    ) -> Result<Option<(u64, Filter)>, StoreError> {
        if count == 0 {
            return Ok(None);
        }
        let id = manifest.next_id;
        manifest.next_id += 1;
        // Left over where a crash came before the manifest was written.
        self.remove_run(id)?;
        let mut filter = Filter::new(count);
        let (mut chunk, mut written) = (Vec::with_capacity(CHUNK_LEN), 0);
        for entry in entries {
            let entry = entry?;
            filter.add(hash(&entry[..kind.key_len()]));
            if chunk.len() + entry.len() > CHUNK_LEN {
                self.write_chunk(id, kind, &chunk)?;
                chunk.clear();
            }
            chunk.extend_from_slice(&entry);
            written += 1;
        }
        self.write_chunk(id, kind, &chunk)?;
        for (part, bytes) in filter.to_bytes().chunks(FILTER_PART_LEN).enumerate() {
            let part = u32::try_from(part).map_err(|error| StoreError(error.to_string()))?;
            guarded(|| self.filters.insert(filter_key(id, part), sealed(bytes)))?;
        }
        manifest.runs.push(RunInfo { kind, id, level, entries: written });
        Ok(Some((id, filter)))
    }

    fn write_chunk(&self, id: u64, kind: Kind, chunk: &[u8]) -> Result<(), StoreError> {
        let key = chunk_key(id, &chunk[..kind.key_len()]);
        guarded(|| self.chunks.insert(key, sealed(chunk))).map(drop)
    }

    fn remove_run(&self, id: u64) -> Result<(), StoreError> {
        for tree in [&self.chunks, &self.filters] {
            for key in tree.scan_prefix(id.to_be_bytes()).keys() {
                guarded(|| tree.remove(key?))?;
            }
        }
        Ok(())
    }

    fn load_filter(&self, id: u64) -> Result<Filter, StoreError> {
        let mut bytes = Vec::new();
        for value in self.filters.scan_prefix(id.to_be_bytes()).values() {
            bytes.extend_from_slice(checked(&guarded(|| value)?)?);
        }
        Filter::from_bytes(&bytes).ok_or_else(|| StoreError(format!("the filter of run {id} is missing")))
    }

    fn entries(&self, run: &RunInfo) -> Entries {
        let len = run.kind.entry_len();
        let chunks = self.chunks.scan_prefix(run.id.to_be_bytes()).values();
        Box::new(chunks.flat_map(move |chunk| {
            let entries = match guarded(|| chunk).and_then(|chunk| Ok(checked(&chunk)?.to_vec())) {
                Ok(entries) => entries.chunks_exact(len).map(|entry| Ok(entry.to_vec())).collect(),
                Err(error) => vec![Err(error)],
            };
            entries.into_iter()
        }))
    }
}

type Entries = Box<dyn Iterator<Item = Result<Vec<u8>, StoreError>>>;

/// Merges sorted sources, oldest first; of equal keys only the newest is given.
struct Merge {
    sources: Vec<Entries>,
    /// The next entry of each source, once started.
    heads: Vec<Option<Vec<u8>>>,
    key_len: usize,
}

impl Merge {
    fn pull(&mut self) -> Result<Option<Vec<u8>>, StoreError> {
        if self.heads.is_empty() {
            for source in &mut self.sources {
                self.heads.push(source.next().transpose()?);
            }
        }
        let heads = self.heads.iter().flatten();
        let Some(key) = heads.map(|entry| &entry[..self.key_len]).min().map(<[u8]>::to_vec) else {
            return Ok(None);
        };
        let mut newest = None;
        for (head, source) in self.heads.iter_mut().zip(&mut self.sources) {
            if head.as_ref().is_some_and(|entry| entry[..self.key_len] == key) {
                newest = std::mem::replace(head, source.next().transpose()?);
            }
        }
        Ok(newest)
    }
}

impl Iterator for Merge {
    type Item = Result<Vec<u8>, StoreError>;
    fn next(&mut self) -> Option<Self::Item> {
        self.pull().transpose()
    }
}

fn chunk_key(run: u64, first: &[u8]) -> Vec<u8> {
    [&run.to_be_bytes(), first].concat()
}

fn filter_key(run: u64, part: u32) -> Vec<u8> {
    [run.to_be_bytes().as_slice(), &part.to_be_bytes()].concat()
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().expect("8 bytes"))
}

/// A value with its checksum before it.
pub(super) fn sealed(bytes: &[u8]) -> Vec<u8> {
    [crc32c::crc32c(bytes).to_le_bytes().as_slice(), bytes].concat()
}

/// The bytes of a sealed value.
pub(super) fn checked(value: &[u8]) -> Result<&[u8], StoreError> {
    match value.split_first_chunk::<4>() {
        Some((crc, bytes)) if u32::from_le_bytes(*crc) == crc32c::crc32c(bytes) => Ok(bytes),
        _ => Err(StoreError("a value of the index is damaged".into())),
    }
}
