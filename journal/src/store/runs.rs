//! The stored index: sorted runs that are merged as they add up, each with a filter and its ends in memory.
//!
//! An entry per commit inside sled would cost more than the commit itself; a run costs a few values for
//! thousands of entries. It holds nothing that the log could not rebuild.

use std::cell::LazyCell;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use domain::StreamId;
use domain::ids::{CommitId, Position, StreamVersion};

use super::StoreError;
use super::filter::{Filter, hash};
use super::manifest::{Kind, Manifest, RunInfo};
use super::merge::{Draft, Merging};
use super::reach::{Key, Reach, padded};
use super::sled::guarded;
use crate::group::Tail;
use crate::index::Generation;

/// Runs of one level that are merged into one of the next.
const FAN_IN: usize = 8;
/// Bytes of entries in one value.
pub(super) const CHUNK_LEN: usize = 4 * 1024;
/// Bytes of a filter in one value.
const FILTER_PART_LEN: usize = 32 * 1024;

/// Entries that a merge takes over at least whenever entries are added, …
const MERGE_ENTRIES: usize = 4096;
/// … and for each entry that is added: more than 1, so that it ends before the next merge of its level is due.
const MERGE_PACE: usize = 2;
/// Values of runs that are no longer needed, removed whenever entries are added, …
const REAP_VALUES: usize = 64;
/// … and one more for so many entries that are added.
const REAP_PACE: usize = 16;

const MANIFEST: &[u8] = b"runs";

pub(super) struct Runs {
    meta: ::sled::Tree,
    stored: Stored,
    state: RwLock<State>,
    /// Held while runs are added, merged or removed.
    work: Mutex<Work>,
}

/// Where runs are stored.
pub(super) struct Stored {
    chunks: ::sled::Tree,
    filters: ::sled::Tree,
}

/// The first key of a run and its last.
type Ends = (Key, Key);

/// What is kept in memory of runs.
type Reaches = BTreeMap<u64, Arc<Reach>>;

#[derive(Default)]
struct State {
    manifest: Manifest,
    kinds: [OfKind; 2],
}

/// The runs of one kind, newest first: it has the last word about a stream.
#[derive(Default)]
struct OfKind {
    runs: Vec<(RunInfo, Arc<Reach>)>,
    /// The last key of all.
    greatest: Key,
}

impl State {
    fn new(manifest: Manifest, reaches: &Reaches) -> Self {
        let mut kinds = [OfKind::default(), OfKind::default()];
        for run in manifest.runs.iter().rev() {
            let (of_kind, reach) = (&mut kinds[run.kind as usize], &reaches[&run.id]);
            of_kind.greatest = of_kind.greatest.max(reach.greatest);
            of_kind.runs.push((run.clone(), Arc::clone(reach)));
        }
        Self { manifest, kinds }
    }
    fn reaches(&self) -> Reaches {
        let runs = self.kinds.iter().flat_map(|of_kind| &of_kind.runs);
        runs.map(|(run, reach)| (run.id, Arc::clone(reach))).collect()
    }
}

/// What is done a little at a time.
#[derive(Default)]
struct Work {
    merging: Vec<Merging>,
    /// Runs to be removed.
    gone: VecDeque<u64>,
    /// Whether what an earlier process left undone is among them.
    searched: bool,
}

impl Runs {
    pub(super) fn open(db: &::sled::Db) -> Result<Self, StoreError> {
        let tree = |name: &str| guarded(|| db.open_tree(name));
        let (meta, chunks, filters) = (tree("meta")?, tree("runs")?, tree("filters")?);
        let stored = Stored { chunks, filters };
        let manifest = guarded(|| meta.get(MANIFEST))?.and_then(|bytes| Manifest::decode(&bytes));
        let runs = Self { meta, stored, state: RwLock::default(), work: Mutex::default() };
        // Without a manifest or a filter all is built anew from the log.
        if let Some(manifest) = manifest {
            let loaded: Result<Reaches, StoreError> =
                manifest.runs.iter().map(|run| Ok((run.id, runs.stored.load_reach(run)?.into()))).collect();
            if let Ok(reaches) = loaded {
                *runs.state.write().unwrap_or_else(PoisonError::into_inner) = State::new(manifest, &reaches);
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
        *self.work.lock().unwrap_or_else(PoisonError::into_inner) = Work::default();
        guarded(|| self.meta.remove(MANIFEST))?;
        guarded(|| self.stored.chunks.clear())?;
        guarded(|| self.stored.filters.clear())?;
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = State::default();
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
        let (hash, at) = (LazyCell::new(|| hash(key)), padded(key));
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let of_kind = &state.kinds[kind as usize];
        if at > of_kind.greatest {
            return Ok(None);
        }
        for (run, reach) in &of_kind.runs {
            if reach.may_hold(&at, || *hash) {
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
        let chunk = guarded(|| self.stored.chunks.range(from..=to).next_back().transpose())?;
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

    /// Adds a generation as new runs, then goes on merging where enough runs of a level have added up.
    pub(super) fn add(&self, generation: &Generation) -> Result<(), StoreError> {
        let mut work = self.work.lock().unwrap_or_else(PoisonError::into_inner);
        let mut manifest = self.manifest();
        if !work.searched {
            let unknown = self.stored.unknown(&manifest)?;
            // Their values are going to be removed: a process that was killed before its manifest named them left its
            // ids to be given again, and those of a new run would go with them.
            let used = unknown.iter().filter_map(|id| id.checked_add(1)).max();
            manifest.next_id = manifest.next_id.max(used.unwrap_or(0));
            work.gone.extend(unknown);
            work.searched = true;
        }
        let commits = generation.commits().iter().map(|(id, at)| {
            let mut entry = [0; Kind::Commits.entry_len()];
            entry[..16].copy_from_slice(&id.to_bytes());
            entry[16..].copy_from_slice(&at.0.to_le_bytes());
            entry
        });
        let streams = generation.streams().iter().map(|(id, tail)| {
            let mut entry = [0; Kind::Streams.entry_len()];
            entry[..18].copy_from_slice(&id.to_bytes());
            entry[18..26].copy_from_slice(&tail.version.0.to_le_bytes());
            entry[26..34].copy_from_slice(&tail.position.0.to_le_bytes());
            entry[34..].copy_from_slice(&tail.chain);
            entry
        });
        let added = [
            self.add_run(&mut manifest, Kind::Commits, commits.collect())?,
            self.add_run(&mut manifest, Kind::Streams, streams.collect())?,
        ];
        manifest.indexed_to = generation.end();
        self.switch(manifest, added.into_iter().flatten(), &[])?;
        let entries = generation.len();
        self.merge(&mut work, MERGE_ENTRIES.max(MERGE_PACE * entries))?;
        self.reap(&mut work, REAP_VALUES + entries / REAP_PACE)
    }

    fn add_run<const LEN: usize>(
        &self,
        manifest: &mut Manifest,
        kind: Kind,
        mut entries: Vec<[u8; LEN]>,
    ) -> Result<Option<(u64, Reach)>, StoreError> {
        if entries.is_empty() {
            return Ok(None);
        }
        entries.sort_unstable();
        let mut draft = Draft::new(kind, manifest.take_id(), 0, entries.len());
        entries.iter().try_for_each(|entry| draft.push(&self.stored, entry))?;
        let (info, reach) = draft.finish(&self.stored)?;
        let id = info.id;
        manifest.runs.push(info);
        Ok(Some((id, reach)))
    }

    /// Begins what is due and goes on with what was begun: one merge of each kind and level at a time, `budget` entries
    /// of each.
    fn merge(&self, work: &mut Work, budget: usize) -> Result<(), StoreError> {
        for kind in [Kind::Commits, Kind::Streams] {
            for level in 0..u8::MAX - 1 {
                let under_way = |merging: &Merging| {
                    merging.draft.info.kind == kind && merging.draft.info.level == level + 1
                };
                let at = match work.merging.iter().position(under_way) {
                    Some(at) => at,
                    None => {
                        let mut manifest = self.manifest();
                        if !manifest.runs.iter().any(|run| run.kind == kind && run.level >= level) {
                            break;
                        }
                        let Some(old) = manifest.mergeable(kind, level, FAN_IN) else { continue };
                        let id = manifest.take_id();
                        self.switch(manifest, [], &[])?;
                        work.merging.push(Merging::begin(&self.stored, &old, id)?);
                        work.merging.len() - 1
                    }
                };
                if work.merging[at].advance(&self.stored, budget)? {
                    let merged = work.merging.swap_remove(at);
                    work.gone.extend(self.merged(merged)?);
                }
            }
        }
        Ok(())
    }

    /// Puts the merged run in the place of the old ones, so that the list stays in the order of age; gives those.
    fn merged(&self, merging: Merging) -> Result<Vec<u64>, StoreError> {
        let Merging { old, draft, .. } = merging;
        let (info, reach) = draft.finish(&self.stored)?;
        let (id, mut manifest) = (info.id, self.manifest());
        let at = manifest.runs.iter().position(|run| old.contains(&run.id)).unwrap_or(0);
        manifest.runs.retain(|run| !old.contains(&run.id));
        manifest.runs.insert(at, info);
        self.switch(manifest, [(id, reach)], &old)?;
        Ok(old)
    }

    /// Removes up to `values` values of runs that are gone.
    fn reap(&self, work: &mut Work, values: usize) -> Result<(), StoreError> {
        let mut left = values;
        while let Some(id) = work.gone.front() {
            left -= self.stored.remove(*id, left)?;
            if left == 0 {
                break;
            }
            work.gone.pop_front();
        }
        Ok(())
    }

    /// Makes the new list of runs the valid one, on disk and in memory.
    fn switch(
        &self,
        manifest: Manifest,
        added: impl IntoIterator<Item = (u64, Reach)>,
        gone: &[u64],
    ) -> Result<(), StoreError> {
        guarded(|| self.meta.insert(MANIFEST, manifest.encode()))?;
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let mut reaches = state.reaches();
        reaches.extend(added.into_iter().map(|(id, reach)| (id, Arc::new(reach))));
        reaches.retain(|id, _| !gone.contains(id));
        *state = State::new(manifest, &reaches);
        Ok(())
    }

    fn manifest(&self) -> Manifest {
        self.state.read().unwrap_or_else(PoisonError::into_inner).manifest.clone()
    }
}

impl Stored {
    pub(super) fn write_chunk(&self, run: &RunInfo, chunk: &[u8]) -> Result<(), StoreError> {
        let key = chunk_key(run.id, &chunk[..run.kind.key_len()]);
        guarded(|| self.chunks.insert(key, sealed(chunk)))?;
        crate::sync::make_way();
        Ok(())
    }

    pub(super) fn write_filter(&self, id: u64, filter: &Filter) -> Result<(), StoreError> {
        for (part, bytes) in filter.to_bytes().chunks(FILTER_PART_LEN).enumerate() {
            let part = u32::try_from(part).map_err(|error| StoreError(error.to_string()))?;
            guarded(|| self.filters.insert(filter_key(id, part), sealed(bytes)))?;
        }
        Ok(())
    }

    fn load_reach(&self, run: &RunInfo) -> Result<Reach, StoreError> {
        let id = run.id;
        let mut bytes = Vec::new();
        for value in self.filters.scan_prefix(id.to_be_bytes()).values() {
            bytes.extend_from_slice(checked(&guarded(|| value)?)?);
        }
        let filter = Filter::from_bytes(&bytes)
            .ok_or_else(|| StoreError(format!("the filter of run {id} is missing")))?;
        // Where they cannot be read, every key may be there: whoever looks for one finds the damage.
        let ends = self.ends(run).ok().flatten();
        let (least, greatest) = ends.unwrap_or((Key::default(), [u8::MAX; Kind::Streams.key_len()]));
        Ok(Reach { filter, least, greatest })
    }

    /// The first key of a run and its last.
    fn ends(&self, run: &RunInfo) -> Result<Option<Ends>, StoreError> {
        let (first, last) = (self.chunks_of(run.id).next(), self.chunks_of(run.id).next_back());
        let (first, last) = (guarded(|| first.transpose())?, guarded(|| last.transpose())?);
        let Some(((_, first), (_, last))) = first.zip(last) else { return Ok(None) };
        let (entry_len, key_len) = (run.kind.entry_len(), run.kind.key_len());
        let last = checked(&last)?.rchunks_exact(entry_len).next();
        let ends = checked(&first)?.get(..key_len).zip(last);
        Ok(ends.map(|(least, last)| (padded(least), padded(&last[..key_len]))))
    }

    /// The values of a run in order.
    pub(super) fn chunks_of(&self, id: u64) -> ::sled::Iter {
        self.chunks.scan_prefix(id.to_be_bytes())
    }

    /// Removes up to `values` values of a run; gives how many.
    fn remove(&self, id: u64, values: usize) -> Result<usize, StoreError> {
        let mut removed = 0;
        for tree in [&self.chunks, &self.filters] {
            for key in tree.scan_prefix(id.to_be_bytes()).keys().take(values - removed) {
                guarded(|| tree.remove(key?))?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    /// Runs that no manifest names: of a merge that was under way, or that were to be removed.
    fn unknown(&self, manifest: &Manifest) -> Result<Vec<u64>, StoreError> {
        let mut unknown = Vec::new();
        for tree in [&self.chunks, &self.filters] {
            let mut from = 0_u64;
            while let Some((key, _)) = guarded(|| tree.range(from.to_be_bytes()..).next().transpose())? {
                let id = key.first_chunk().map_or(u64::MAX, |id| u64::from_be_bytes(*id));
                if !manifest.runs.iter().any(|run| run.id == id) && !unknown.contains(&id) {
                    unknown.push(id);
                }
                let Some(next) = id.checked_add(1) else { break };
                from = next;
            }
        }
        Ok(unknown)
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
