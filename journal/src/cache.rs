//! Decoded blocks that readers share, the newest put there by the writer so that followers touch no disk.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use domain::ids::Position;

use crate::block::Block;

/// Least recently used blocks go first; bounded by bytes.
pub(crate) struct BlockCache {
    state: Mutex<State>,
    max_bytes: usize,
}

#[derive(Default)]
struct State {
    /// By first position: the block and when it was used last.
    blocks: BTreeMap<u64, (Arc<Block>, u64)>,
    /// First positions by last use.
    uses: BTreeMap<u64, u64>,
    clock: u64,
    bytes: usize,
}

impl BlockCache {
    pub(crate) fn new(max_bytes: usize) -> Self {
        Self { state: Mutex::default(), max_bytes }
    }

    /// The block that holds `position`, if it is here.
    pub(crate) fn get(&self, position: Position) -> Option<Arc<Block>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let state = &mut *state;
        let (first, (block, used)) = state.blocks.range_mut(..=position.0).next_back()?;
        if position.0 >= block.end() {
            return None;
        }
        let block = Arc::clone(block);
        if *used != state.clock {
            state.clock += 1;
            state.uses.remove(used);
            state.uses.insert(state.clock, *first);
            *used = state.clock;
        }
        Some(block)
    }

    pub(crate) fn put(&self, block: Arc<Block>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let first = block.first().0;
        state.clock += 1;
        let clock = state.clock;
        state.bytes += block.memory_len();
        if let Some((old, used)) = state.blocks.insert(first, (block, clock)) {
            state.bytes -= old.memory_len();
            state.uses.remove(&used);
        }
        state.uses.insert(clock, first);
        while state.bytes > self.max_bytes && state.blocks.len() > 1 {
            let (_, oldest) = state.uses.pop_first().expect("every block has a use");
            let (block, _) = state.blocks.remove(&oldest).expect("every use has a block");
            state.bytes -= block.memory_len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::kit::block_of;

    #[test]
    fn keeps_what_was_used_last_within_its_bytes() {
        let one = block_of(0, 1).memory_len();
        let cache = BlockCache::new(3 * one);
        for first in 0..3 {
            cache.put(Arc::new(block_of(first, 1)));
        }
        assert!(cache.get(Position(0)).is_some());
        cache.put(Arc::new(block_of(3, 1)));
        let held: Vec<bool> = (0..5).map(|position| cache.get(Position(position)).is_some()).collect();
        assert_eq!(held, [true, false, true, true, false]);
    }

    #[test]
    fn finds_a_block_by_any_of_its_positions() {
        let cache = BlockCache::new(1 << 20);
        cache.put(Arc::new(block_of(10, 5)));
        assert!(cache.get(Position(9)).is_none());
        assert_eq!(cache.get(Position(10)).unwrap().first(), Position(10));
        assert_eq!(cache.get(Position(14)).unwrap().first(), Position(10));
        assert!(cache.get(Position(15)).is_none());
    }
}
