//! Where rows lie that nobody asked for lately: what a table wants of such a place, and what it knows of its blocks.

use std::collections::BTreeMap;
use std::fmt::Debug;

use crate::marks::Marks;

/// Bytes that a block holds before it is put away; a single row may be larger.
pub(crate) const BLOCK_BYTES: usize = 16 << 10;
/// Blocks that a reader who goes over all rows keeps open: rows that changed together lie together, in key order, and
/// a range of keys is spread over as many blocks as there were times of putting away.
const OPEN_MAX: usize = 128;

/// Bytes cannot be put away, or what was put away is not to be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Lost(pub String);

/// A place to put bytes away, as one table sees it. Tables share what there is of memory.
pub trait Attic: Debug + Send + Sync {
    /// Puts bytes away, for as long as somebody holds the answer.
    ///
    /// # Errors
    /// Where there is no room; nothing has changed then.
    fn keep(&self, bytes: &[u8]) -> Result<Box<dyn Kept>, Lost>;
    /// Tells how many bytes of rows the table has in memory; answers how many it may have.
    fn weigh(&self, bytes: usize) -> usize;
    /// The same place for another table.
    fn share(&self) -> Box<dyn Attic>;
}

/// Bytes that were put away.
pub trait Kept: Debug + Send + Sync {
    /// The very bytes.
    ///
    /// # Errors
    /// Where they cannot be read, or are not what was put there.
    fn fetch(&self) -> Result<Vec<u8>, Lost>;
    /// Holds them once more.
    fn share(&self) -> Box<dyn Kept>;
    /// Whether they keep room from being freed, since most of what lies around them is held by nobody.
    fn is_in_the_way(&self) -> bool;
}

/// Entries one behind the other: their number, where each ends, then their bytes. Numbers are `u32`, little-endian.
#[derive(Debug)]
pub(crate) struct Packed(Vec<u8>);

impl Packed {
    /// As much of `entries` as a block holds, at least one.
    pub(crate) fn of(entries: &[Vec<u8>]) -> Self {
        let mut bytes = Vec::with_capacity(4 + entries.iter().map(|entry| 4 + entry.len()).sum::<usize>());
        bytes.extend_from_slice(&number(entries.len()).to_le_bytes());
        let mut end = 0;
        for entry in entries {
            end += entry.len();
            bytes.extend_from_slice(&number(end).to_le_bytes());
        }
        entries.iter().for_each(|entry| bytes.extend_from_slice(entry));
        Self(bytes)
    }
    pub(crate) const fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
    fn number_at(&self, index: usize) -> Option<usize> {
        let bytes = self.0.get(index.checked_mul(4)?..)?.first_chunk()?;
        usize::try_from(u32::from_le_bytes(*bytes)).ok()
    }
    pub(crate) fn len(&self) -> usize {
        self.number_at(0).unwrap_or(0)
    }
    /// The entry with that number, from 0.
    pub(crate) fn get(&self, entry: u32) -> Option<&[u8]> {
        let (entry, count) = (usize::try_from(entry).ok()?, self.len());
        if entry >= count {
            return None;
        }
        let begin = if entry == 0 { 0 } else { self.number_at(entry)? };
        let (body, end) = (self.0.get(4 * (count + 1)..)?, self.number_at(entry + 1)?);
        body.get(begin..end)
    }
}

fn number(of: usize) -> u32 {
    u32::try_from(of).expect("a block is far smaller than 4 GiB")
}

/// Where a row lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    block: u32,
    entry: u32,
}

impl Place {
    /// No place at all.
    pub(crate) const NOWHERE: Self = Self { block: u32::MAX, entry: u32::MAX };

    pub(crate) const fn new(block: u32, entry: u32) -> Self {
        Self { block, entry }
    }
    pub(crate) const fn block(self) -> u32 {
        self.block
    }
}

#[derive(Debug)]
struct Block {
    kept: Box<dyn Kept>,
    entries: u32,
    /// Those that a row still lies in.
    live: u32,
    marks: Marks,
}

impl Clone for Block {
    fn clone(&self) -> Self {
        let Self { entries, live, ref marks, .. } = *self;
        Self { kept: self.kept.share(), entries, live, marks: marks.clone() }
    }
}

/// The blocks of one table.
#[derive(Debug)]
pub(crate) struct Cellar {
    attic: Box<dyn Attic>,
    blocks: Vec<Option<Block>>,
    free: Vec<u32>,
    /// Blocks since the last look for those that are worth moving.
    fresh: usize,
}

impl Clone for Cellar {
    fn clone(&self) -> Self {
        Self { blocks: self.blocks.clone(), free: self.free.clone(), ..Self::new(self.attic.share()) }
    }
}

impl Cellar {
    pub(crate) const fn new(attic: Box<dyn Attic>) -> Self {
        Self { attic, blocks: Vec::new(), free: Vec::new(), fresh: 0 }
    }
    /// Another one in the same attic, empty.
    pub(crate) fn beside(&self) -> Self {
        Self::new(self.attic.share())
    }
    pub(crate) fn weigh(&self, bytes: usize) -> usize {
        self.attic.weigh(bytes)
    }
    /// Puts a block away in which `live` entries count; answers its number.
    pub(crate) fn put(&mut self, packed: &Packed, live: usize, marks: Marks) -> Result<u32, Lost> {
        let kept = self.attic.keep(packed.bytes())?;
        let block = Some(Block { kept, entries: number(packed.len()), live: number(live), marks });
        self.fresh += 1;
        if let Some(number) = self.free.pop() {
            if let Some(slot) = usize::try_from(number).ok().and_then(|at| self.blocks.get_mut(at)) {
                *slot = block;
            }
            return Ok(number);
        }
        self.blocks.push(block);
        Ok(number(self.blocks.len() - 1))
    }
    fn block(&self, number: u32) -> Option<&Block> {
        self.blocks.get(usize::try_from(number).ok()?)?.as_ref()
    }
    /// What is known of a block's rows.
    pub(crate) fn marks(&self, number: u32) -> Option<&Marks> {
        self.block(number).map(|block| &block.marks)
    }
    /// A block's entries.
    pub(crate) fn open(&self, number: u32) -> Result<Packed, Lost> {
        let block = self.block(number).ok_or_else(|| Lost("a row lies in no block".to_owned()))?;
        block.kept.fetch().map(Packed::from)
    }
    /// One row lies there no longer; with the last the block goes.
    pub(crate) fn let_go(&mut self, place: Place) {
        let slot = usize::try_from(place.block).ok().and_then(|at| self.blocks.get_mut(at));
        let Some(slot) = slot else { return };
        if let Some(block) = slot {
            block.live = block.live.saturating_sub(1);
            if block.live == 0 {
                *slot = None;
                self.free.push(place.block);
            }
        }
    }
    /// Numbers of all blocks.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = u32> + use<'_> {
        (0..).zip(&self.blocks).filter(|(_, block)| block.is_some()).map(|(number, _)| number)
    }
    /// Blocks that are worth moving, a few at a time: looked for once a quarter of all are new, so that looking costs
    /// little beside putting away.
    pub(crate) fn loose(&mut self, most: usize) -> Vec<u32> {
        if self.fresh < self.blocks.len() / 4 + 64 {
            return Vec::new();
        }
        let is_loose = |block: &Block| block.live < block.entries.div_ceil(2) || block.kept.is_in_the_way();
        let loose: Vec<u32> =
            self.numbers().filter(|n| self.block(*n).is_some_and(is_loose)).take(most).collect();
        if loose.len() < most {
            self.fresh = 0;
        }
        loose
    }
}

/// Blocks that a reader has open.
#[derive(Debug, Default)]
pub(crate) struct Opened {
    blocks: BTreeMap<u32, (u64, Packed)>,
    clock: u64,
}

impl Opened {
    /// The bytes of the row that lies there.
    pub(crate) fn entry(&mut self, cellar: Option<&Cellar>, place: Place) -> Result<&[u8], Lost> {
        self.clock += 1;
        if !self.blocks.contains_key(&place.block) {
            let cellar = cellar.ok_or_else(|| Lost("a row lies in no attic".to_owned()))?;
            let opened = cellar.open(place.block)?;
            if self.blocks.len() >= OPEN_MAX {
                let oldest = self.blocks.iter().min_by_key(|(_, (used, _))| *used).map(|(number, _)| *number);
                oldest.map(|number| self.blocks.remove(&number));
            }
            self.blocks.insert(place.block, (self.clock, opened));
        }
        let missing = || Lost("a row is missing in its block".to_owned());
        let (used, packed) = self.blocks.get_mut(&place.block).ok_or_else(missing)?;
        *used = self.clock;
        packed.get(place.entry).ok_or_else(missing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_come_back_as_they_were_and_a_torn_block_gives_none() {
        let entries = [vec![], vec![1, 2, 3], vec![4], vec![]];
        let packed = Packed::of(&entries);
        assert_eq!(packed.len(), 4);
        for (number, entry) in (0..).zip(&entries) {
            assert_eq!(packed.get(number), Some(&**entry));
        }
        assert_eq!(packed.get(4), None);
        for cut in 0..packed.bytes().len() {
            let torn = Packed::from(packed.bytes()[..cut].to_vec());
            assert_eq!(torn.get(2), None, "cut at {cut}");
        }
    }
}
