//! Rows of a table that are put away and come back, and a table's bytes part by part.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use domain::ids::Position;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Entry, Hot, Slot, Table};
use crate::attic::{Attic, BLOCK_BYTES, Cellar, Lost, Opened, Packed, Place};
use crate::marks::Marks;

/// What a row in memory costs beside itself: its keys, the nodes they lie in, what an allocator adds.
const ROW_OVERHEAD: usize = 160;
/// Blocks that are moved at once.
const MOVED_MAX: usize = 256;
/// Rows in a part of a table's bytes.
const ROWS_PER_PART: usize = 512;

/// Parts begin with what they are.
const ROWS: u8 = 0;
const BLOCK: u8 = 1;

/// Bytes that a row takes in memory, about: its own, and texts and lists as long as they are when stored.
pub(super) fn weight<K, R: Serialize>(row: &R) -> usize {
    let stored = bincode::serialized_size(row).ok().and_then(|size| usize::try_from(size).ok());
    size_of::<Hot<R>>() + 2 * size_of::<K>() + ROW_OVERHEAD + stored.unwrap_or_default()
}

fn bytes<T: Serialize>(value: &T) -> Vec<u8> {
    bincode::serialize(value).expect("views hold plain data, which bincode always encodes")
}

/// The row that `bytes` hold, which were put away under `key`.
pub(super) fn row<K: Eq + DeserializeOwned, R: DeserializeOwned>(key: &K, bytes: &[u8]) -> Result<R, Lost> {
    let (found, row): (K, R) = bincode::deserialize(bytes).map_err(|error| Lost(error.to_string()))?;
    if found == *key { Ok(row) } else { Err(Lost("another row lies in its place".to_owned())) }
}

/// The key of a row that was put away.
fn key<K: DeserializeOwned>(bytes: &[u8]) -> Result<K, Lost> {
    // The key comes first; what follows it is left alone.
    bincode::deserialize(bytes).map_err(|error| Lost(error.to_string()))
}

/// Rows on their way into a block.
#[derive(Debug)]
struct Going<T> {
    keys: Vec<T>,
    entries: Vec<Vec<u8>>,
    size: usize,
    marks: Marks,
}

impl<T> Default for Going<T> {
    fn default() -> Self {
        Self { keys: Vec::new(), entries: Vec::new(), size: 0, marks: Marks::default() }
    }
}

impl<T> Going<T> {
    fn push(&mut self, entry: Vec<u8>, key: T) {
        self.size += entry.len();
        self.entries.push(entry);
        self.keys.push(key);
    }
}

impl<K, R> Table<K, R>
where
    K: Ord + Clone + Serialize + DeserializeOwned,
    R: Clone + Serialize + DeserializeOwned,
{
    /// From now on, rows that are more than it may have in memory are put away there. For tables that have none yet.
    pub fn furnish(&mut self, attic: Box<dyn Attic>) {
        self.warm_all();
        self.weight = 0;
        for entry in self.rows.values_mut() {
            if let Some(hot) = entry.hot() {
                hot.weight = weight::<K, R>(&hot.row);
                self.weight += hot.weight;
            }
        }
        self.cellar = Some(Cellar::new(attic));
    }
    /// Of rows that are put away it is known what `mark` marks.
    pub(crate) fn mark_with(&mut self, mark: fn(&R, &mut Marks)) {
        self.mark = Some(mark);
    }
    /// Puts rows away where `other` does.
    pub(crate) fn furnish_as(&mut self, other: &Self) {
        (self.cellar, self.mark) = (other.cellar.as_ref().map(Cellar::beside), other.mark);
    }
    /// Rows that were put away.
    pub const fn cold(&self) -> usize {
        self.cold
    }

    /// A slot is gone.
    pub(super) fn discount(&mut self, slot: &Slot<R>) {
        match slot {
            Slot::Hot(hot) => self.weight -= hot.weight,
            Slot::Cold(place) => self.leave(*place),
        }
    }
    fn leave(&mut self, place: Place) {
        self.cold -= 1;
        if let Some(cellar) = &mut self.cellar {
            cellar.let_go(place);
        }
    }
    /// Brings a row back that was put away. Where that fails it stays there, and the fault is noted.
    pub(super) fn warm(&mut self, key: &K) {
        if self.cold > 0 {
            self.bring(key, &mut Opened::default());
        }
    }
    pub(super) fn warm_all(&mut self) {
        if self.cold == 0 {
            return;
        }
        let is_cold =
            |(key, entry): (&K, &Entry<R>)| matches!(entry.slot, Slot::Cold(_)).then(|| key.clone());
        let keys: Vec<K> = self.rows.iter().filter_map(is_cold).collect();
        let mut opened = Opened::default();
        keys.iter().for_each(|key| self.bring(key, &mut opened));
    }
    fn bring(&mut self, key: &K, opened: &mut Opened) {
        let Some(entry) = self.rows.get_mut(key) else { return };
        let Slot::Cold(place) = entry.slot else { return };
        match opened.entry(self.cellar.as_ref(), place).and_then(|bytes| row(key, bytes)) {
            Ok(row) => {
                let weight = weight::<K, R>(&row);
                entry.slot = Slot::Hot(Box::new(Hot { weight, row }));
                self.by_change.insert((entry.changed, key.clone()));
                self.weight += weight;
                self.leave(place);
            }
            Err(lost) => drop(self.fault.get_or_insert(lost)),
        }
    }

    /// Puts rows away, those that changed longest ago first, until the table has in memory no more than it may, and a
    /// little less. Those that changed at `now` stay. Where they cannot be put away they stay too.
    pub(super) fn make_room(&mut self, now: Option<Position>) {
        let Some(cellar) = &self.cellar else { return };
        let most = cellar.weigh(self.weight);
        if self.weight <= most {
            return;
        }
        let (wanted, mut found) = (self.weight - (most - most / 16), 0);
        let mut chosen: Vec<K> = Vec::new();
        for (at, key) in &self.by_change {
            if found >= wanted || now.is_some_and(|now| *at >= now) {
                break;
            }
            let slot = self.rows.get(key).map(|entry| &entry.slot);
            let Some(Slot::Hot(hot)) = slot else { continue };
            found += hot.weight;
            chosen.push(key.clone());
        }
        // Who goes over all rows does so by key.
        chosen.sort_unstable();
        let mut going = Going::default();
        for key in chosen {
            let Some(Slot::Hot(hot)) = self.rows.get(&key).map(|entry| &entry.slot) else { continue };
            if let Some(mark) = self.mark {
                mark(&hot.row, &mut going.marks);
            }
            going.push(bytes(&(&key, &hot.row)), key);
            if going.size >= BLOCK_BYTES && !self.put_away(std::mem::take(&mut going)) {
                return;
            }
        }
        self.put_away(going);
        self.tidy();
        if let Some(cellar) = &self.cellar {
            cellar.weigh(self.weight);
        }
    }
    /// Puts rows into one block; whether there was room.
    fn put_away(&mut self, going: Going<K>) -> bool {
        let Going { keys, entries, marks, .. } = going;
        let Some(cellar) = self.cellar.as_mut().filter(|_| !entries.is_empty()) else { return true };
        let Ok(block) = cellar.put(&Packed::of(&entries), entries.len(), marks) else { return false };
        for (key, number) in keys.into_iter().zip(0..) {
            let Some(entry) = self.rows.get_mut(&key) else { continue };
            let before = std::mem::replace(&mut entry.slot, Slot::Cold(Place::new(block, number)));
            let changed = entry.changed;
            self.cold += 1;
            self.by_change.remove(&(changed, key));
            self.forgotten = self.forgotten.max(Some(changed));
            self.discount(&before);
        }
        true
    }
    /// Moves what is left of blocks that are mostly empty, or that keep others from being freed.
    fn tidy(&mut self) {
        let Some(cellar) = &mut self.cellar else { return };
        let mut going = Going::default();
        for block in cellar.loose(MOVED_MAX) {
            // Whoever asks for one of its rows is told.
            let Ok(packed) = cellar.open(block) else { continue };
            going.marks.join(cellar.marks(block).unwrap_or(&Marks::default()));
            for number in (0..).take(packed.len()) {
                let place = Place::new(block, number);
                let Some((key, entry)) = packed.get(number).and_then(|entry| Some((key(entry).ok()?, entry)))
                else {
                    continue;
                };
                let lies_here = |entry: &Entry<R>| matches!(entry.slot, Slot::Cold(it) if it == place);
                if self.rows.get(&key).is_some_and(lies_here) {
                    going.push(entry.to_vec(), (key, place));
                }
            }
            if going.size >= BLOCK_BYTES {
                Self::move_rows(&mut self.rows, cellar, std::mem::take(&mut going));
            }
        }
        Self::move_rows(&mut self.rows, cellar, going);
    }
    fn move_rows(rows: &mut BTreeMap<K, Entry<R>>, cellar: &mut Cellar, going: Going<(K, Place)>) {
        let Going { keys, entries, marks, .. } = going;
        if entries.is_empty() {
            return;
        }
        // Without room they stay where they are.
        let Ok(block) = cellar.put(&Packed::of(&entries), entries.len(), marks) else { return };
        for ((key, before), number) in keys.into_iter().zip(0..) {
            if let Some(entry) = rows.get_mut(&key) {
                entry.slot = Slot::Cold(Place::new(block, number));
                cellar.let_go(before);
            }
        }
    }

    /// The bytes of each key and row, in order of keys, as bincode has the pair: the same wherever rows lie.
    ///
    /// # Errors
    /// Where a row was put away and cannot be read back.
    pub fn each_stored(&self, mut each: impl FnMut(&[u8])) -> Result<(), Lost> {
        let mut opened = Opened::default();
        for (key, entry) in &self.rows {
            match &entry.slot {
                Slot::Hot(hot) => each(&bytes(&(key, &hot.row))),
                Slot::Cold(place) => each(opened.entry(self.cellar.as_ref(), *place)?),
            }
        }
        Ok(())
    }
    /// The rows with their stamps, part by part, for [`Table::load`]: those in memory, then the blocks of the others.
    ///
    /// # Errors
    /// Where a block cannot be read back.
    pub(crate) fn parts(&self, take: &mut dyn FnMut(Vec<u8>) -> ControlFlow<()>) -> Result<(), Lost> {
        let in_memory = |(key, entry): (&'_ K, &'_ Entry<R>)| match &entry.slot {
            Slot::Hot(hot) => Some(bytes(&(entry.changed, key, &hot.row))),
            Slot::Cold(_) => None,
        };
        let mut rows = self.rows.iter().filter_map(in_memory).peekable();
        while rows.peek().is_some() {
            let mut part = vec![ROWS];
            rows.by_ref().take(ROWS_PER_PART).for_each(|row| part.extend_from_slice(&row));
            if take(part).is_break() {
                return Ok(());
            }
        }
        let Some(cellar) = &self.cellar else { return Ok(()) };
        for block in cellar.numbers() {
            let packed = cellar.open(block)?;
            let mut stamps: Vec<(u32, Position)> = Vec::new();
            for number in (0..).take(packed.len()) {
                let missing = || Lost("a row is missing in its block".to_owned());
                let key: K = key(packed.get(number).ok_or_else(missing)?)?;
                let Some(entry) = self.rows.get(&key) else { continue };
                if matches!(entry.slot, Slot::Cold(it) if it == Place::new(block, number)) {
                    stamps.push((number, entry.changed));
                }
            }
            let mut part = vec![BLOCK];
            part.extend_from_slice(&bytes(&(stamps, cellar.marks(block))));
            part.extend_from_slice(packed.bytes());
            if take(part).is_break() {
                return Ok(());
            }
        }
        Ok(())
    }
    /// Takes a part over. What was put away is put away again, as it is.
    ///
    /// # Errors
    /// Bytes that are no part.
    pub(crate) fn load(&mut self, part: &[u8]) -> Result<(), Lost> {
        let wrong = |error: bincode::Error| Lost(error.to_string());
        let (kind, mut rest) = part.split_first().ok_or_else(|| Lost("an empty part".to_owned()))?;
        if *kind == ROWS {
            while !rest.is_empty() {
                let (changed, key, row): (Position, K, R) =
                    bincode::deserialize_from(&mut rest).map_err(wrong)?;
                self.load_row(changed, key, row);
            }
            self.make_room(None);
            return Ok(());
        }
        let (stamps, marks): (Vec<(u32, Position)>, Option<Marks>) =
            bincode::deserialize_from(&mut rest).map_err(wrong)?;
        let packed = Packed::from(rest.to_vec());
        if stamps.is_empty() {
            return Ok(());
        }
        let entry =
            |number| packed.get(number).ok_or_else(|| Lost("a row is missing in its block".to_owned()));
        let cellar = self.cellar.as_mut();
        let put = cellar.and_then(|cellar| cellar.put(&packed, stamps.len(), marks.unwrap_or_default()).ok());
        for (number, changed) in stamps {
            if let Some(block) = put {
                let slot = Slot::Cold(Place::new(block, number));
                self.rows.insert(key(entry(number)?)?, Entry { changed, slot });
                self.cold += 1;
                self.forgotten = self.forgotten.max(Some(changed));
            } else {
                let (key, row): (K, R) = bincode::deserialize(entry(number)?).map_err(wrong)?;
                self.load_row(changed, key, row);
            }
        }
        Ok(())
    }
    fn load_row(&mut self, changed: Position, key: K, row: R) {
        let weight = if self.cellar.is_some() { weight::<K, R>(&row) } else { 0 };
        self.weight += weight;
        self.by_change.insert((changed, key.clone()));
        self.rows.insert(key, Entry { changed, slot: Slot::Hot(Box::new(Hot { weight, row })) });
    }
}
