//! A Bloom filter, so that the usual answer "never seen" costs no look into the store.

/// Bits per key: about 1 false answer in 1,000.
const BITS_PER_KEY: usize = 16;
/// 64-bit words of one cache line; a key touches one line only.
const LINE_WORDS: usize = 8;
const PROBES: u32 = 8;

/// Which keys a run may hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Filter {
    words: Vec<u64>,
}

impl Filter {
    pub(super) fn new(keys: usize) -> Self {
        let lines = (keys * BITS_PER_KEY).div_ceil(64 * LINE_WORDS).max(1);
        Self { words: vec![0; lines * LINE_WORDS] }
    }
    pub(super) fn add(&mut self, hash: u64) {
        let line = self.line(hash);
        for (word, bit) in probes(hash) {
            self.words[line + word] |= bit;
        }
    }
    pub(super) fn may_hold(&self, hash: u64) -> bool {
        let line = self.line(hash);
        probes(hash).all(|(word, bit)| self.words[line + word] & bit != 0)
    }
    fn line(&self, hash: u64) -> usize {
        let lines = (self.words.len() / LINE_WORDS) as u128;
        // The high half of the product spreads the hash evenly over the lines without a division.
        let line = (u128::from(hash) * lines) >> 64;
        usize::try_from(line).expect("a line is below their number") * LINE_WORDS
    }
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        self.words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let whole = !bytes.is_empty() && bytes.len().is_multiple_of(8 * LINE_WORDS);
        let word = |bytes: &[u8]| u64::from_le_bytes(bytes.try_into().expect("chunks of 8 bytes"));
        whole.then(|| Self { words: bytes.chunks_exact(8).map(word).collect() })
    }
}

/// Words of the line and bits in them: nine bits of a second hash each.
fn probes(hash: u64) -> impl Iterator<Item = (usize, u64)> {
    let low = hash.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let high = mix(low);
    (0..PROBES).map(move |probe| {
        let bits = if probe < 4 { low >> (16 * probe) } else { high >> (16 * (probe - 4)) } & 511;
        let word = usize::try_from(bits >> 6).expect("3 bits");
        (word, 1 << (bits & 63))
    })
}

/// A hash of a key; equal on every machine, since filters are stored.
pub(super) fn hash(key: &[u8]) -> u64 {
    key.chunks(8).fold(key.len() as u64, |hash, chunk| {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        mix(hash ^ u64::from_le_bytes(word))
    })
}

/// The finaliser of `MurmurHash3`, <https://github.com/aappleby/smhasher>.
fn mix(mut word: u64) -> u64 {
    word = (word ^ (word >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    word = (word ^ (word >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    word ^ (word >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forgets_no_key_and_is_rarely_wrong_about_others() {
        let keys = 20_000_u64;
        let mut filter = Filter::new(20_000);
        (0..keys).for_each(|key| filter.add(hash(&key.to_be_bytes())));
        assert!((0..keys).all(|key| filter.may_hold(hash(&key.to_be_bytes()))));
        let wrong = (keys..6 * keys).filter(|key| filter.may_hold(hash(&key.to_be_bytes()))).count();
        assert!(wrong < 400, "{wrong} of 100,000");
        assert_eq!(Filter::from_bytes(&filter.to_bytes()), Some(filter));
    }

    #[test]
    fn hashes_stay_what_stored_filters_were_built_with() {
        assert_eq!(hash(b"waybill-waybill-18"), 17_725_950_387_975_973_089);
    }
}
