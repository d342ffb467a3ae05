//! Numbers that follow from a seed.

use std::time::Duration;

/// `SplitMix64`.
#[derive(Debug, Clone)]
pub(crate) struct Random(u64);

impl Random {
    /// The numbers of two seeds together.
    pub(crate) fn of(seed: u64, other: u64) -> Self {
        let mut random = Self(seed);
        Self(random.next() ^ other.wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
    /// Below `end`, which is not 0.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
    /// One of them; there is one.
    pub(crate) fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        let index = self.below(of.len() as u64);
        &of[usize::try_from(index).expect("it is below a length")]
    }
    /// Up to that many milliseconds, to the microsecond.
    pub(crate) fn up_to_ms(&mut self, ms: u64) -> Duration {
        Duration::from_micros(self.below(ms * 1_000 + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_follow_from_their_seeds() {
        let take = |seed, other| {
            let mut random = Random::of(seed, other);
            [random.next(), random.next()]
        };
        assert_eq!(take(1, 2), take(1, 2));
        assert_ne!(take(1, 2), take(2, 1));
        let mut random = Random::of(3, 4);
        assert!((0..1_000).all(|_| random.below(7) < 7));
        assert!((0..1_000).all(|_| random.up_to_ms(3) <= Duration::from_millis(3)));
        let picked: Vec<_> = (0..100).map(|_| *random.pick(&[1, 2, 3])).collect();
        assert!([1, 2, 3].iter().all(|number| picked.contains(number)));
    }
}
