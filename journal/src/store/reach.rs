//! Which keys a run may hold, known without a look into the store.

use super::filter::Filter;
use super::manifest::Kind;

/// A key as long as the longest, with zeros behind a shorter one: compared in the order of the keys of its kind.
pub(super) type Key = [u8; Kind::Streams.key_len()];

pub(super) fn padded(key: &[u8]) -> Key {
    let mut padded = Key::default();
    padded[..key.len()].copy_from_slice(key);
    padded
}

/// What of a run is kept in memory.
///
/// Ids begin with the time they were made at, so that the ids of new commits lie behind those of nearly every run; the
/// filter answers for the others.
pub(super) struct Reach {
    pub(super) filter: Filter,
    /// Its first key and its last.
    pub(super) least: Key,
    pub(super) greatest: Key,
}

impl Reach {
    /// Whether it may hold the key; its hash is asked for only where it lies between the ends.
    pub(super) fn may_hold(&self, key: &Key, hash: impl FnOnce() -> u64) -> bool {
        self.least <= *key && *key <= self.greatest && self.filter.may_hold(hash())
    }
}

#[cfg(test)]
mod tests {
    use super::super::filter::hash;
    use super::*;

    #[test]
    fn holds_both_ends_and_asks_the_filter_between_them() {
        let mut filter = Filter::new(3);
        for key in [b"bb", b"dd", b"ff"] {
            filter.add(hash(key));
        }
        let reach = Reach { filter, least: padded(b"bb"), greatest: padded(b"ff") };
        for key in [b"bb", b"dd", b"ff"] {
            assert!(reach.may_hold(&padded(key), || hash(key)));
        }
        assert!(!reach.may_hold(&padded(b"cc"), || hash(b"cc")));
        for key in [b"aa", b"fg"] {
            assert!(!reach.may_hold(&padded(key), || panic!("it lies outside")));
        }
    }
}
