//! Keyed rows that know when they last changed, so that a reader at any position can be told what is new.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use domain::ids::Position;
use serde::{Deserialize, Serialize};

/// Removals that are remembered; a reader further behind gets a snapshot instead.
const REMOVALS_MAX: usize = 10_000;

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Entry<R> {
    changed: Position,
    row: R,
}

/// Rows by key. Changes are collected while a batch of events is folded and stamped by [`Table::settle`].
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(bound(
    serialize = "K: Ord + Serialize, R: Serialize",
    deserialize = "K: Ord + Deserialize<'de>, R: Deserialize<'de>"
))]
pub struct Table<K, R> {
    rows: BTreeMap<K, Entry<R>>,
    by_change: BTreeSet<(Position, K)>,
    removed: BTreeMap<K, Position>,
    by_removal: BTreeSet<(Position, K)>,
    /// Removals up to here are forgotten.
    forgotten: Option<Position>,
    dirty: Vec<K>,
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
        }
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

impl<K: Ord + Clone, R> Table<K, R> {
    /// The row, if there.
    pub fn get(&self, key: &K) -> Option<&R> {
        self.rows.get(key).map(|entry| &entry.row)
    }
    /// The row to change, if there.
    pub fn get_mut(&mut self, key: &K) -> Option<&mut R> {
        let entry = self.rows.get_mut(key)?;
        touch(&mut self.dirty, key);
        Some(&mut entry.row)
    }
    /// The row to change, made by `row` where it is not there.
    pub fn get_or_insert_with(&mut self, key: K, row: impl FnOnce() -> R) -> &mut R {
        touch(&mut self.dirty, &key);
        &mut self.rows.entry(key).or_insert_with(|| Entry { changed: Position(0), row: row() }).row
    }
    /// Sets a row.
    pub fn insert(&mut self, key: K, row: R) {
        touch(&mut self.dirty, &key);
        let changed = self.rows.get(&key).map_or(Position(0), |entry| entry.changed);
        self.rows.insert(key, Entry { changed, row });
    }
    /// Deletes a row.
    pub fn remove(&mut self, key: &K) -> Option<R> {
        let entry = self.rows.remove(key)?;
        self.by_change.remove(&(entry.changed, key.clone()));
        touch(&mut self.dirty, key);
        Some(entry.row)
    }
    /// Rows in key order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &R)> {
        self.rows.iter().map(|(key, entry)| (key, &entry.row))
    }
    /// Rows in key order, or against it, from right behind `after` on.
    pub fn range(
        &self,
        after: Option<&K>,
        descending: bool,
    ) -> impl Iterator<Item = (&K, &R)> + use<'_, K, R> {
        let beyond = after.map_or(Bound::Unbounded, Bound::Excluded);
        let (up, down) = if descending {
            (None, Some(self.rows.range((Bound::Unbounded, beyond)).rev()))
        } else {
            (Some(self.rows.range((beyond, Bound::Unbounded))), None)
        };
        up.into_iter().flatten().chain(down.into_iter().flatten()).map(|(key, entry)| (key, &entry.row))
    }
    /// Number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }
    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
    /// Stamps what has changed since the last call with `position`, the last event folded.
    pub fn settle(&mut self, position: Position) {
        let mut dirty = std::mem::take(&mut self.dirty);
        dirty.sort_unstable();
        dirty.dedup();
        for key in dirty {
            if let Some(entry) = self.rows.get_mut(&key) {
                self.by_change.remove(&(entry.changed, key.clone()));
                if let Some(at) = self.removed.remove(&key) {
                    self.by_removal.remove(&(at, key.clone()));
                }
                entry.changed = position;
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
            self.forgotten = Some(at);
        }
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
    /// What changed after `since`; `None` where that is further back than removals are remembered.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(table: &Table<u8, u8>, since: u64) -> (Vec<u8>, Vec<u8>) {
        let changed = table.changed_after(Position(since)).unwrap();
        let sorted = |keys: Vec<&u8>| {
            let mut keys: Vec<u8> = keys.into_iter().copied().collect();
            keys.sort_unstable();
            keys
        };
        (sorted(changed.set), sorted(changed.del))
    }

    #[test]
    fn a_reader_at_any_position_is_told_what_is_new() {
        let mut table = Table::default();
        table.insert(1, 10);
        table.insert(2, 20);
        table.settle(Position(5));
        *table.get_mut(&1).unwrap() += 1;
        table.insert(3, 30);
        table.settle(Position(9));
        table.remove(&2);
        table.settle(Position(12));
        assert_eq!(keys(&table, 4), (vec![1, 3], vec![2]));
        assert_eq!(keys(&table, 5), (vec![1, 3], vec![2]));
        assert_eq!(keys(&table, 9), (vec![], vec![2]));
        assert_eq!(keys(&table, 12), (vec![], vec![]));
    }

    #[test]
    fn a_row_that_comes_back_is_set_not_deleted() {
        let mut table = Table::default();
        table.insert(1, 10);
        table.settle(Position(1));
        table.remove(&1);
        table.settle(Position(2));
        table.insert(1, 11);
        table.settle(Position(3));
        assert_eq!(keys(&table, 1), (vec![1], vec![]));
        assert_eq!(table.get(&1), Some(&11));
    }

    #[test]
    fn a_range_begins_right_behind_a_key_whether_there_or_not() {
        let mut table = Table::default();
        for key in [2_u8, 4, 6] {
            table.insert(key, ());
        }
        let keys = |after: Option<u8>, descending| -> Vec<u8> {
            table.range(after.as_ref(), descending).map(|(key, ())| *key).collect()
        };
        for (after, up, down) in [
            (None, &[2, 4, 6][..], &[6, 4, 2][..]),
            (Some(4), &[6], &[2]),
            (Some(3), &[4, 6], &[2]),
            (Some(6), &[], &[4, 2]),
            (Some(0), &[2, 4, 6], &[]),
            (Some(9), &[], &[6, 4, 2]),
        ] {
            assert_eq!((keys(after, false), keys(after, true)), (up.to_vec(), down.to_vec()), "{after:?}");
        }
    }

    #[test]
    fn one_key_is_told_as_all_are() {
        let mut table = Table::default();
        table.insert(1, 10);
        table.insert(2, 20);
        table.settle(Position(5));
        table.remove(&2);
        table.settle(Position(9));
        for since in 0..12 {
            let (set, del) = keys(&table, since);
            for key in 1..4 {
                let changed = set.contains(&key) || del.contains(&key);
                assert_eq!(
                    table.is_changed_after(Position(since), &key),
                    Some(changed),
                    "{key} after {since}"
                );
            }
        }
    }

    #[test]
    fn who_is_where_changes_were_forgotten_gets_no_delta() {
        let mut table = Table::default();
        table.insert(1, 10);
        table.insert(2, 20);
        table.insert(1, 11);
        assert_eq!(table.touched(), [&1, &2]);
        table.settle(Position(5));
        assert!(table.touched().is_empty());
        table.forget_changes(Position(7));
        table.forget_changes(Position(6));
        assert!(
            table.changed_after(Position(7)).is_none() && table.is_changed_after(Position(7), &1).is_none()
        );
        table.insert(3, 30);
        table.settle(Position(9));
        assert_eq!(keys(&table, 8), (vec![3], vec![]));
    }

    #[test]
    fn insert_replaces_the_row() {
        let mut table = Table::default();
        table.insert(1, 10);
        table.insert(1, 11);
        assert_eq!(table.get(&1), Some(&11));
    }

    #[test]
    fn a_reader_behind_forgotten_removals_gets_no_delta() {
        let mut table: Table<usize, ()> = Table::default();
        for key in 0..=REMOVALS_MAX {
            table.insert(key, ());
        }
        table.settle(Position(1));
        for key in 0..=REMOVALS_MAX {
            table.remove(&key);
        }
        table.settle(Position(2));
        assert!(table.changed_after(Position(1)).is_none());
        assert!(table.is_changed_after(Position(1), &0).is_none());
        assert!(table.changed_after(Position(2)).is_some());
    }
}
