//! Inputs made of others by small changes, from a seed: what fuzzing does where no compiler counts branches.

/// Numbers that decoders stumble over.
const EDGES: [u64; 12] = [
    0,
    1,
    0x7f,
    0x80,
    0xff,
    0x7fff,
    0xffff,
    0x7fff_ffff,
    0xffff_ffff,
    0x7fff_ffff_ffff_ffff,
    0xffff_ffff_ffff_ffff,
    0xffff_ffff_ffff_fff0,
];
/// Words that texts are made of.
const WORDS: [&str; 16] = [
    "{",
    "}",
    "[[[[[[[[",
    "\"",
    "null",
    "\\ud800",
    "-1",
    "1e999",
    "\n",
    "\u{0}",
    "\u{202e}",
    "%00",
    "../",
    "&a=b",
    "99999999999999999999",
    "é",
];

/// SplitMix64 (<https://prng.di.unimi.it/splitmix64.c>).
#[derive(Debug, Clone)]
pub struct Dice(pub u64);

impl Dice {
    /// The next number.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    /// A number below `bound`; 0 where that is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound.max(1)).expect("a length fits");
        usize::try_from(self.roll() % bound).expect("it is below a length")
    }
}

/// An input that is near one of `corpus`, and never longer than `max`.
pub fn mutated(corpus: &[Vec<u8>], dice: &mut Dice, max: usize) -> Vec<u8> {
    let mut input = corpus.get(dice.below(corpus.len())).cloned().unwrap_or_default();
    for _ in 0..=dice.below(4) {
        change(&mut input, corpus, dice);
    }
    input.truncate(max);
    input
}

fn change(input: &mut Vec<u8>, corpus: &[Vec<u8>], dice: &mut Dice) {
    let at = dice.below(input.len());
    let length = dice.below(input.len() - at).min(64) + 1;
    let end = (at + length).min(input.len());
    match dice.below(9) {
        0 if !input.is_empty() => input[at] ^= 1 << dice.below(8),
        1 if !input.is_empty() => input[at] = EDGES[dice.below(6)].to_le_bytes()[0],
        2 => drop(input.drain(at.min(input.len())..end)),
        3 => {
            let copy = input[at.min(end)..end].to_vec();
            drop(input.splice(at..at, copy));
        }
        4 | 5 => {
            let width = [1, 2, 4, 8][dice.below(4)];
            let number = EDGES[dice.below(EDGES.len())];
            let bytes = if dice.below(2) == 0 { number.to_le_bytes() } else { number.to_be_bytes() };
            let bytes = if dice.below(2) == 0 { &bytes[..width] } else { &bytes[8 - width..] };
            for (place, byte) in input.iter_mut().skip(at).zip(bytes) {
                *place = *byte;
            }
        }
        6 => {
            let word = WORDS[dice.below(WORDS.len())];
            drop(input.splice(at..at, word.bytes()));
        }
        7 => {
            if let Some(other) = corpus.get(dice.below(corpus.len())) {
                let from = dice.below(other.len());
                input.truncate(at);
                input.extend_from_slice(&other[from..]);
            }
        }
        _ => input.truncate(at),
    }
}

/// The input with the checksums that its decoder looks at first made right: behind them is what is to be tried.
pub fn mended(target: &str, mut input: Vec<u8>) -> Vec<u8> {
    let put = |input: &mut [u8], at: usize, sum: u32| input[at..at + 4].copy_from_slice(&sum.to_le_bytes());
    match target {
        "record" if input.len() > 8 => {
            let at = input.len() - 4;
            let sum = crc32c::crc32c(&input[..at]);
            put(&mut input, at, sum);
        }
        "block" if input.len() > 36 => {
            let body = crc32c::crc32c(&input[36..]);
            put(&mut input, 28, body);
            let head = crc32c::crc32c(&input[..32]);
            put(&mut input, 32, head);
        }
        _ => {}
    }
    input
}
