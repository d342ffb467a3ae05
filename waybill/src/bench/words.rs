//! Content for benches: text that compresses as prose does, and ids as they come in time. Same seed, same text.

use std::time::{SystemTime, UNIX_EPOCH};

use domain::Ulid;

const WORDS: [&str; 48] = [
    "the", "function", "returns", "error", "when", "a", "file", "is", "missing", "and", "test", "fails",
    "on", "line", "because", "value", "of", "type", "string", "was", "expected", "but", "number", "found",
    "in", "module", "let", "me", "look", "at", "source", "first", "then", "change", "it", "run", "suite",
    "again", "now", "all", "pass", "we", "should", "also", "update", "docs", "import", "path",
];

/// An endless text.
#[derive(Debug, Clone)]
pub(super) struct Words(u64);

impl Words {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }
    /// The next number, by splitmix64 (<https://prng.di.unimi.it/splitmix64.c>).
    pub(super) fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
    /// Exactly `bytes` bytes of words, and a number now and then.
    pub(super) fn text(&mut self, bytes: usize) -> String {
        let mut text = String::with_capacity(bytes + 24);
        while text.len() < bytes {
            let number = self.number();
            if number.is_multiple_of(7) {
                text.push_str(&(number >> 40).to_string());
            } else {
                text.push_str(WORDS[usize::try_from(number >> 8 & 0xFFFF).unwrap_or(0) % WORDS.len()]);
            }
            text.push(' ');
        }
        text.truncate(bytes);
        text
    }
    /// A new id of this moment. Within a millisecond ids come in no order, as everywhere.
    pub(super) fn id(&mut self) -> Ulid {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let random = u128::from(self.number()) << 64 | u128::from(self.number());
        Ulid::from_parts(u64::try_from(since.as_millis()).unwrap_or(0), random)
    }
}

/// A source whose ids differ from those of every other run.
pub(super) fn fresh() -> Words {
    let low = engine::new_ulid().0 & u128::from(u64::MAX);
    Words::new(u64::try_from(low).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_text_has_the_length_asked_for_and_follows_from_its_seed() {
        for bytes in [0, 1, 300, 4_096] {
            assert_eq!(Words::new(1).text(bytes).len(), bytes);
        }
        assert_eq!(Words::new(5).text(200), Words::new(5).text(200));
        assert_ne!(Words::new(5).text(200), Words::new(6).text(200));
        assert!(Words::new(5).text(2_000).is_ascii(), "a cut is never inside a character");
    }

    #[test]
    fn ids_do_not_repeat() {
        let (mut one, mut other) = (fresh(), fresh());
        let ids: BTreeSet<_> = (0..1_000).flat_map(|_| [one.id(), other.id()]).collect();
        assert_eq!(ids.len(), 2_000);
    }
}
