//! Rows, their changes, and rows that were put away.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::attic::{Attic, Kept};
use crate::testing::Narrow;

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
        table.rows(after.as_ref(), descending).map(|row| *row.unwrap().0).collect()
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
            assert_eq!(table.is_changed_after(Position(since), &key), Some(changed), "{key} after {since}");
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
    assert!(table.changed_after(Position(7)).is_none() && table.is_changed_after(Position(7), &1).is_none());
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

/// Numbers that come out the same for a seed.
struct Choices(u64);

impl Choices {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// Says how many bytes are held, and allows so many in memory.
#[derive(Debug, Clone)]
struct Counted {
    held: Arc<AtomicUsize>,
    memory: usize,
}

#[derive(Debug)]
struct Held {
    bytes: Vec<u8>,
    held: Arc<AtomicUsize>,
}

impl Held {
    fn boxed(bytes: &[u8], held: &Arc<AtomicUsize>) -> Box<dyn Kept> {
        held.fetch_add(bytes.len(), Ordering::Relaxed);
        Box::new(Self { bytes: bytes.into(), held: held.clone() })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.held.fetch_sub(self.bytes.len(), Ordering::Relaxed);
    }
}

impl Attic for Counted {
    fn keep(&self, bytes: &[u8]) -> Result<Box<dyn Kept>, Lost> {
        Ok(Held::boxed(bytes, &self.held))
    }
    fn weigh(&self, _: usize) -> usize {
        self.memory
    }
    fn share(&self) -> Box<dyn Attic> {
        Box::new(self.clone())
    }
}

impl Kept for Held {
    fn fetch(&self) -> Result<Vec<u8>, Lost> {
        Ok(self.bytes.clone())
    }
    fn share(&self) -> Box<dyn Kept> {
        Self::boxed(&self.bytes, &self.held)
    }
    fn is_in_the_way(&self) -> bool {
        false
    }
}

type Texts = Table<u64, String>;

fn change(tables: &mut [Texts], choices: &mut Choices, keys: u64) {
    let (key, kind, text) = (choices.below(keys), choices.below(10), choices.below(1_000).to_string());
    for table in tables {
        match kind {
            0..4 => table.insert(key, text.repeat(9)),
            4..8 => {
                if let Some(row) = table.get_mut(&key) {
                    *row += &text;
                    row.truncate(200);
                }
            }
            8 => table.get_or_insert_with(key, String::new).push('x'),
            _ => drop(table.remove(&key)),
        }
    }
}

fn all(table: &Texts, descending: bool) -> Vec<(u64, String)> {
    table.rows(None, descending).map(|row| row.map(|(key, row)| (*key, row.into_owned())).unwrap()).collect()
}

fn stored(table: &Texts) -> Vec<u8> {
    let mut stored = Vec::new();
    table.each_stored(|bytes| stored.extend_from_slice(bytes)).unwrap();
    stored
}

/// The same, restored into a table that lies where `like` does.
fn loaded(table: &Texts, like: &Texts) -> Texts {
    let mut into: Texts = bincode::deserialize(&bincode::serialize(table).unwrap()).unwrap();
    into.furnish_as(like);
    let load = &mut |part: Vec<u8>| {
        into.load(&part).unwrap();
        std::ops::ControlFlow::Continue(())
    };
    table.parts(load).unwrap();
    into
}

#[test]
fn wherever_rows_lie_they_are_the_same() {
    for (seed, memory) in [(1, 0), (2, 0), (3, 3_000), (4, 3_000), (5, 20_000)] {
        let mut choices = Choices(seed);
        let away = || {
            let mut table = Texts::default();
            table.furnish(Box::new(Narrow(memory)));
            table
        };
        let mut tables = [Table::default(), away()];
        for step in 1..400 {
            (0..=choices.below(20)).for_each(|_| change(&mut tables, &mut choices, 300));
            tables.iter_mut().for_each(|table| table.settle(Position(step)));
            let [plain, cold] = &tables;
            assert_eq!((plain.len(), plain.touched().len()), (cold.len(), cold.touched().len()));
            let since = Position(step - 1 - choices.below(step.min(9)));
            if let Some(changed) = cold.changed_after(since) {
                assert_eq!(plain.changed_after(since), Some(changed), "since {since:?} at {step}");
            }
            assert!(cold.changed_after(Position(step - 1)).is_some(), "who was there is told what is new");
            if step % 40 == 0 {
                assert_eq!((all(plain, false), all(plain, true)), (all(cold, false), all(cold, true)));
                assert_eq!(stored(plain), stored(cold));
                assert!(cold.cold() > 0, "at {step}");
                assert!(cold.weight < memory + 20 * 600, "{} of {memory}", cold.weight);
                let [again, plainly] = [loaded(cold, &away()), loaded(cold, &Texts::default())];
                assert_eq!((stored(&again), stored(&plainly)), (stored(plain), stored(plain)));
                assert_eq!((again.len(), plainly.cold()), (plain.len(), 0));
                tables[1] = if step % 80 == 0 { again } else { cold.clone() };
            }
        }
        assert_eq!(tables[1].fault(), None);
    }
}

#[test]
fn what_is_held_stays_near_what_there_is() {
    let (held, memory) = (Arc::new(AtomicUsize::new(0)), 0);
    let mut tables = [Texts::default()];
    tables[0].furnish(Box::new(Counted { held: held.clone(), memory }));
    let mut choices = Choices(9);
    let mut most = 0;
    for step in 1..6_000 {
        (0..10).for_each(|_| change(&mut tables, &mut choices, 5_000));
        tables[0].settle(Position(step));
        if step > 3_000 {
            most = most.max(held.load(Ordering::Relaxed));
        }
    }
    let there: usize = stored(&tables[0]).len();
    assert!(most < 3 * there, "{most} bytes are held for {there}");
    let fork = tables[0].clone();
    tables[0] = Texts::default();
    assert_eq!(stored(&fork).len(), there, "a fork holds what it needs");
    drop(fork);
    assert_eq!(held.load(Ordering::Relaxed), 0, "all of it goes with the table");
}
