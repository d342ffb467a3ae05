//! Keyed rows that know when they last changed, so that a reader at any position can be told what is new.
//!
//! A table that was given an [`Attic`](crate::Attic) keeps in memory what it may of its rows, those that changed last. The others
//! lie in the attic, and come back when a fold wants them. Keys stay in memory.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, btree_map};
use std::ops::Bound;

use domain::ids::Position;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::attic::{Cellar, Lost, Opened, Place};
use crate::marks::Marks;

mod away;
#[cfg(test)]
mod tests;

/// Removals that are remembered; a reader further behind gets a snapshot instead.
const REMOVALS_MAX: usize = 10_000;

/// A row in memory.
#[derive(Debug, Clone)]
struct Hot<R> {
    /// What it weighs in memory, as counted when it was last stamped.
    weight: usize,
    row: R,
}

#[derive(Debug, Clone)]
enum Slot<R> {
    Hot(Box<Hot<R>>),
    Cold(Place),
}

#[derive(Debug, Clone)]
struct Entry<R> {
    changed: Position,
    slot: Slot<R>,
}

impl<R> Slot<R> {
    fn hot(row: R) -> Self {
        Self::Hot(Box::new(Hot { weight: 0, row }))
    }
}

impl<R> Entry<R> {
    fn hot(&mut self) -> Option<&mut Hot<R>> {
        match &mut self.slot {
            Slot::Hot(hot) => Some(hot),
            Slot::Cold(_) => None,
        }
    }
}

/// Rows by key. Changes are collected while a batch of events is folded and stamped by [`Table::settle`].
///
/// Serialized it is what readers were told, without the rows: those are written apart, block by block.
#[derive(Debug)]
pub struct Table<K, R> {
    rows: BTreeMap<K, Entry<R>>,
    /// Rows in memory by their stamp.
    by_change: BTreeSet<(Position, K)>,
    removed: BTreeMap<K, Position>,
    by_removal: BTreeSet<(Position, K)>,
    /// Changes up to here are not known one by one any more: removals that were forgotten, rows that were put away.
    forgotten: Option<Position>,
    dirty: Vec<K>,
    /// Bytes of rows in memory, where there is an attic.
    weight: usize,
    /// Rows that were put away.
    cold: usize,
    cellar: Option<Cellar>,
    /// Marks what is to be known of a row that is put away.
    mark: Option<fn(&R, &mut Marks)>,
    /// Why a row that a fold wanted did not come back.
    fault: Option<Lost>,
}

impl<K, R> Default for Table<K, R> {
    fn default() -> Self {
        Self {
            rows: BTreeMap::new(),
            by_change: BTreeSet::new(),
            removed: BTreeMap::new(),
            by_removal: BTreeSet::new(),
            forgotten: None,
            dirty: Vec::new(),
            weight: 0,
            cold: 0,
            cellar: None,
            mark: None,
            fault: None,
        }
    }
}

impl<K: Clone, R: Clone> Clone for Table<K, R> {
    fn clone(&self) -> Self {
        let cellar = self.cellar.clone();
        if let Some(cellar) = &cellar {
            cellar.weigh(self.weight);
        }
        Self {
            rows: self.rows.clone(),
            by_change: self.by_change.clone(),
            removed: self.removed.clone(),
            by_removal: self.by_removal.clone(),
            forgotten: self.forgotten,
            dirty: self.dirty.clone(),
            weight: self.weight,
            cold: self.cold,
            cellar,
            mark: self.mark,
            fault: self.fault.clone(),
        }
    }
}

impl<K: Ord + Serialize, R> Serialize for Table<K, R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (&self.removed, self.forgotten).serialize(serializer)
    }
}

impl<'de, K: Ord + Clone + Deserialize<'de>, R> Deserialize<'de> for Table<K, R> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (removed, forgotten) = <(BTreeMap<K, Position>, Option<Position>)>::deserialize(deserializer)?;
        let by_removal = removed.iter().map(|(key, at)| (*at, key.clone())).collect();
        Ok(Self { removed, by_removal, forgotten, ..Self::default() })
    }
}

/// Keys that changed after a position: rows to set, and rows to delete.
#[derive(Debug, PartialEq, Eq)]
pub struct Changed<'a, K> {
    /// Present and changed, each once.
    pub set: Vec<&'a K>,
    /// Removed.
    pub del: Vec<&'a K>,
}

/// Rows as a reader goes over them: borrowed where they are in memory, read back where they were put away.
pub struct Rows<'a, 'm, K, R> {
    entries: Box<dyn Iterator<Item = (&'a K, &'a Entry<R>)> + 'a>,
    cellar: Option<&'a Cellar>,
    opened: Opened,
    /// Whether a block may have rows that the reader wants.
    may: Box<dyn Fn(&Marks) -> bool + 'm>,
    /// The last block that was asked about, and the answer.
    asked: Option<(u32, bool)>,
}

impl<K, R> Rows<'_, '_, K, R> {
    fn passes_over(&mut self, place: Place) -> bool {
        let block = place.block();
        let may = self.asked.filter(|(asked, _)| *asked == block).map_or_else(
            || self.cellar.and_then(|cellar| cellar.marks(block)).is_none_or(|marks| (self.may)(marks)),
            |(_, may)| may,
        );
        self.asked = Some((block, may));
        !may
    }
}

impl<'a, K: Eq + DeserializeOwned, R: Clone + DeserializeOwned> Iterator for Rows<'a, '_, K, R> {
    type Item = Result<(&'a K, Cow<'a, R>), Lost>;
    fn next(&mut self) -> Option<Self::Item> {
        let (key, entry) = loop {
            let (key, entry) = self.entries.next()?;
            match entry.slot {
                Slot::Cold(place) if self.passes_over(place) => {}
                _ => break (key, entry),
            }
        };
        let row = match &entry.slot {
            Slot::Hot(hot) => Ok(Cow::Borrowed(&hot.row)),
            Slot::Cold(place) => {
                let bytes = self.opened.entry(self.cellar, *place);
                bytes.and_then(|bytes| away::row(key, bytes)).map(Cow::Owned)
            }
        };
        Some(row.map(|row| (key, row)))
    }
}

/// For folds, which change rows: what was put away comes back first.
impl<K, R> Table<K, R>
where
    K: Ord + Clone + Serialize + DeserializeOwned,
    R: Clone + Serialize + DeserializeOwned,
{
    /// The row, if there.
    pub fn get(&mut self, key: &K) -> Option<&R> {
        self.warm(key);
        self.rows.get_mut(key)?.hot().map(|hot| &hot.row)
    }
    /// The row to change, if there.
    pub fn get_mut(&mut self, key: &K) -> Option<&mut R> {
        self.warm(key);
        let hot = self.rows.get_mut(key)?.hot()?;
        touch(&mut self.dirty, key);
        Some(&mut hot.row)
    }
    /// The row to change, made by `row` where it is not there.
    pub fn get_or_insert_with(&mut self, key: K, row: impl FnOnce() -> R) -> &mut R {
        touch(&mut self.dirty, &key);
        self.warm(&key);
        let nowhere = Entry { changed: Position(0), slot: Slot::Cold(Place::NOWHERE) };
        let entry = self.rows.entry(key).or_insert(nowhere);
        if let Slot::Cold(place) = entry.slot {
            // New; or lost, and then the fault is noted and nobody reads what comes of it.
            self.cold -= usize::from(place != Place::NOWHERE);
            entry.slot = Slot::hot(row());
        }
        &mut entry.hot().expect("a slot that was cold has just been filled").row
    }
    /// Sets a row.
    pub fn insert(&mut self, key: K, row: R) {
        touch(&mut self.dirty, &key);
        let slot = Slot::hot(row);
        let before = match self.rows.entry(key) {
            btree_map::Entry::Occupied(mut there) => std::mem::replace(&mut there.get_mut().slot, slot),
            btree_map::Entry::Vacant(free) => {
                free.insert(Entry { changed: Position(0), slot });
                return;
            }
        };
        self.discount(&before);
    }
    /// Deletes a row.
    pub fn remove(&mut self, key: &K) -> Option<R> {
        self.warm(key);
        let entry = self.rows.remove(key)?;
        self.discount(&entry.slot);
        self.by_change.remove(&(entry.changed, key.clone()));
        touch(&mut self.dirty, key);
        match entry.slot {
            Slot::Hot(hot) => Some(hot.row),
            Slot::Cold(_) => None,
        }
    }
    /// Rows in key order, all of them brought back: for tables of one aggregate.
    pub fn iter(&mut self) -> impl DoubleEndedIterator<Item = (&K, &R)> {
        self.warm_all();
        self.rows.iter_mut().filter_map(|(key, entry)| entry.hot().map(|hot| (key, &hot.row)))
    }
    /// Stamps what has changed since the last call with `position`, the last event folded; then puts away what is more
    /// than the table may have in memory.
    pub fn settle(&mut self, position: Position) {
        let mut dirty = std::mem::take(&mut self.dirty);
        dirty.sort_unstable();
        dirty.dedup();
        let weighs = self.cellar.is_some();
        for key in dirty {
            if let Some(entry) = self.rows.get_mut(&key) {
                self.by_change.remove(&(entry.changed, key.clone()));
                if let Some(at) = self.removed.remove(&key) {
                    self.by_removal.remove(&(at, key.clone()));
                }
                entry.changed = position;
                if let Some(hot) = entry.hot().filter(|_| weighs) {
                    let before = std::mem::replace(&mut hot.weight, away::weight::<K, R>(&hot.row));
                    self.weight = self.weight - before + hot.weight;
                }
                self.by_change.insert((position, key));
            } else {
                if let Some(before) = self.removed.insert(key.clone(), position) {
                    self.by_removal.remove(&(before, key.clone()));
                }
                self.by_removal.insert((position, key));
            }
        }
        while self.removed.len() > REMOVALS_MAX {
            let Some((at, key)) = self.by_removal.pop_first() else { break };
            self.removed.remove(&key);
            self.forgotten = self.forgotten.max(Some(at));
        }
        self.make_room(Some(position));
    }
}

/// For readers.
impl<K, R> Table<K, R>
where
    K: Ord + Clone + Serialize + DeserializeOwned,
    R: Clone + Serialize + DeserializeOwned,
{
    /// The row, if there.
    ///
    /// # Errors
    /// Where it was put away and cannot be read back.
    pub fn row(&self, key: &K) -> Result<Option<Cow<'_, R>>, Lost> {
        Ok(self.entry(key)?.map(|(_, row)| row))
    }
    /// The row, if there, and the key as the table has it.
    ///
    /// # Errors
    /// Where it was put away and cannot be read back.
    pub fn entry(&self, key: &K) -> Result<Option<(&K, Cow<'_, R>)>, Lost> {
        let Some((key, entry)) = self.rows.get_key_value(key) else { return Ok(None) };
        let row = match &entry.slot {
            Slot::Hot(hot) => Cow::Borrowed(&hot.row),
            Slot::Cold(place) => {
                let mut opened = Opened::default();
                Cow::Owned(away::row(key, opened.entry(self.cellar.as_ref(), *place)?)?)
            }
        };
        Ok(Some((key, row)))
    }
    /// Rows in key order, or against it, from right behind `after` on.
    pub fn rows(&self, after: Option<&K>, descending: bool) -> Rows<'_, 'static, K, R> {
        self.rows_where(after, descending, |_| true)
    }
    /// The same without those of blocks that cannot have what the reader wants.
    pub(crate) fn rows_where<'m>(
        &self,
        after: Option<&K>,
        descending: bool,
        may: impl Fn(&Marks) -> bool + 'm,
    ) -> Rows<'_, 'm, K, R> {
        let beyond = after.map_or(Bound::Unbounded, Bound::Excluded);
        let entries: Box<dyn Iterator<Item = _>> = if descending {
            Box::new(self.rows.range((Bound::Unbounded, beyond)).rev())
        } else {
            Box::new(self.rows.range((beyond, Bound::Unbounded)))
        };
        let (cellar, opened) = (self.cellar.as_ref(), Opened::default());
        Rows { entries, cellar, opened, may: Box::new(may), asked: None }
    }
    /// Keys in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &K> {
        self.rows.keys()
    }
    /// Whether there is such a row.
    pub fn contains(&self, key: &K) -> bool {
        self.rows.contains_key(key)
    }
    /// Number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }
    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
    /// Why a row that a fold wanted did not come back: what the fold made of that is not to be read.
    pub const fn fault(&self) -> Option<&Lost> {
        self.fault.as_ref()
    }
    /// Keys touched since they were last stamped, each once, in order.
    pub fn touched(&self) -> Vec<&K> {
        let mut touched: Vec<&K> = self.dirty.iter().collect();
        touched.sort_unstable();
        touched.dedup();
        touched
    }
    /// Readers up to `position` are not told of changes one by one any more.
    pub fn forget_changes(&mut self, position: Position) {
        self.forgotten = self.forgotten.max(Some(position.next()));
    }
    /// Whether that one key was set or deleted after `since`; `None` where removals are not remembered as far back.
    pub fn is_changed_after(&self, since: Position, key: &K) -> Option<bool> {
        if self.forgotten.is_some_and(|forgotten| since < forgotten) {
            return None;
        }
        let changed =
            self.rows.get(key).map(|entry| entry.changed).or_else(|| self.removed.get(key).copied());
        Some(changed.is_some_and(|changed| changed > since))
    }
    /// What changed after `since`; `None` where that is further back than changes are remembered.
    pub fn changed_after(&self, since: Position) -> Option<Changed<'_, K>> {
        if self.forgotten.is_some_and(|forgotten| since < forgotten) {
            return None;
        }
        let set = after(&self.by_change, since);
        let del = after(&self.by_removal, since);
        Some(Changed { set, del })
    }
}

/// Keys stamped after `since`, the latest first.
fn after<K: Ord>(stamped: &BTreeSet<(Position, K)>, since: Position) -> Vec<&K> {
    stamped.iter().rev().take_while(|(at, _)| *at > since).map(|(_, key)| key).collect()
}

/// Most events touch the row that the event before them touched; the rest is sorted out when settling.
fn touch<K: PartialEq + Clone>(dirty: &mut Vec<K>, key: &K) {
    if dirty.last() != Some(key) {
        dirty.push(key.clone());
    }
}
