//! Phrases, held against a plain search of the texts.

use super::*;

#[test]
fn phrases_of_short_and_long_words_are_found_where_they_stand() {
    const POOL: [&str; 6] = ["to", "be", "or", "question", "部", "whether"];
    let journal = log();
    // A linear congruential generator: the same texts each time.
    let mut state = 7_u64;
    let mut number = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap()
    };
    let mut some = |most: usize| -> Vec<&str> {
        let many = 1 + number() % most;
        (0..many).map(|_| POOL[number() % POOL.len()]).collect()
    };
    let texts: Vec<(u64, Vec<&str>)> = (0..150)
        .map(|_| {
            let words = some(9);
            (say(&journal, &words.join(" ")).0, words)
        })
        .collect();
    let search = following(&journal, None);
    let mut hits = 0;
    for _ in 0..200 {
        let asked = some(4);
        let expected: BTreeSet<u64> = texts
            .iter()
            .filter(|(_, words)| words.windows(asked.len()).any(|window| window == asked))
            .map(|(position, _)| *position)
            .collect();
        hits += expected.len();
        assert_eq!(found(&search, &format!("\"{}\"", asked.join(" "))), expected, "{asked:?}");
    }
    assert!(hits > 200, "{hits}");
    search.close();
}
