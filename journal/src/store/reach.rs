//! Which keys a run may hold, known without a look into the store.

use super::filter::Filter;

/// What of a run is kept in memory.
///
/// Ids begin with the time they were made at, so that the ids of new commits lie behind those of nearly every run; the
/// filter answers for the others.
pub(super) struct Reach {
    pub(super) filter: Filter,
    /// Its first key and its last.
    pub(super) least: Vec<u8>,
    pub(super) greatest: Vec<u8>,
}

impl Reach {
    /// Whether it may hold the key; its hash is asked for only where it lies between the ends.
    pub(super) fn may_hold(&self, key: &[u8], hash: impl FnOnce() -> u64) -> bool {
        *self.least <= *key && *key <= *self.greatest && self.filter.may_hold(hash())
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
        let reach = Reach { filter, least: b"bb".to_vec(), greatest: b"ff".to_vec() };
        for key in [b"bb", b"dd", b"ff"] {
            assert!(reach.may_hold(key, || hash(key)));
        }
        assert!(!reach.may_hold(b"cc", || hash(b"cc")));
        for key in [b"aa", b"fg"] {
            assert!(!reach.may_hold(key, || panic!("it lies outside")));
        }
    }
}
