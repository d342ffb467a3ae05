//! What chance decides in a generated history: the same seed, the same numbers, the same words.

use std::cell::Cell;

const SENTENCES: [&str; 24] = [
    "The test fails because the expected value is compared before the write is flushed.",
    "I will look at the module that reads the configuration first.",
    "There is no handling of an empty list; the index is out of bounds then.",
    "All checks pass now, and the types are complete.",
    "The retry must not repeat a request that was acknowledged.",
    "This function does two things: parsing and validation should be apart.",
    "Migrations run in order, and each is recorded with its checksum.",
    "The cache is filled by readers only, so a writer never waits for it.",
    "A rate limit of the provider was hit; waiting until the window rolls.",
    "Documentation of the public interface names units and errors.",
    "The deadlock comes from taking both locks in a different order.",
    "Please keep the wording of messages, since people search for it.",
    "Coverage of the new branch is missing; I add a test with a boundary value.",
    "The index is built again when its version does not fit.",
    "Timeouts are configured per request, and the default is ten seconds.",
    "The user sees a spinner for ever when the socket closes early.",
    "We agreed to store times in UTC and to show them in the zone of the reader.",
    "Pagination by offset shifts when rows are added; use the last key.",
    "Es fehlt eine Prüfung der Größe, bevor gelesen wird.",
    "Le déploiement échoue après la mise à jour du schéma.",
    "部署失败，需要回滚到上一个版本。",
    "Проверка подписи не проходит на пустом теле запроса.",
    "The pull request is ready: three commits, each with its tests.",
    "Nothing else calls it, so the parameter can go.",
];

/// An endless source of numbers; asking does not need the script for itself alone. By splitmix64 (<https://prng.di.unimi.it/splitmix64.c>).
#[derive(Debug, Clone)]
pub(super) struct Dice(Cell<u64>);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(Cell::new(seed))
    }
    /// Any number.
    pub(super) fn number(&self) -> u64 {
        let state = self.0.get().wrapping_add(0x9E37_79B9_7F4A_7C15);
        self.0.set(state);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
    /// From `from` to `to`, both included.
    pub(super) fn between(&self, from: u64, to: u64) -> u64 {
        from + self.number() % (to - from + 1)
    }
    /// True so many times of a hundred.
    pub(super) fn chance(&self, percent: u64) -> bool {
        self.number() % 100 < percent
    }
    /// One of them.
    pub(super) fn pick<'a, T>(&self, of: &'a [T]) -> &'a T {
        let at = self.number() % of.len() as u64;
        &of[usize::try_from(at).expect("it is less than a length")]
    }
    /// A sentence.
    pub(super) fn sentence(&self) -> &'static str {
        self.pick::<&str>(&SENTENCES)
    }
    /// A short name: a verb and a thing.
    pub(super) fn title(&self) -> String {
        const DO: [&str; 8] = ["Add", "Fix", "Speed up", "Document", "Remove", "Rewrite", "Test", "Harden"];
        const THING: [&str; 10] = [
            "the login page",
            "the retry logic",
            "pagination",
            "the importer",
            "webhook signatures",
            "the scheduler",
            "error messages",
            "the cost report",
            "dark mode",
            "the migration of users",
        ];
        format!("{} {}", self.pick(&DO), self.pick(&THING))
    }
    /// Sentences of about so many bytes, with a piece of code now and then.
    pub(super) fn prose(&self, bytes: u64) -> String {
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        let mut text = self.sentence().to_owned();
        while text.len() < bytes {
            match self.number() % 12 {
                0 => text
                    .push_str(&format!("\n\n```\nlet value_{0} = read({0})?;\n```\n", self.number() % 1_000)),
                1 => text.push_str("\n\n"),
                _ => text.push(' '),
            }
            text.push_str(self.sentence());
        }
        text
    }
    /// What a tool prints, of about so many bytes: lines of files and of test runs.
    pub(super) fn output(&self, bytes: u64) -> String {
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        let mut text = String::new();
        while text.is_empty() || text.len() < bytes {
            let line = self.number() % 900;
            match self.number() % 4 {
                0 => text.push_str(&format!("test module_{}::case_{line} ... ok\n", self.number() % 40)),
                1 => text.push_str(&format!(
                    "src/module_{}.rs:{line}: warning: unused variable\n",
                    self.number() % 40
                )),
                _ => text.push_str(&format!("{line:>5}  {}\n", self.sentence())),
            }
        }
        text
    }
    /// Sizes as recorded sessions have them: most of 200 bytes to 2 kB, some to 12 kB, few to 60 kB, rarely 260 kB.
    pub(super) fn size(&self) -> u64 {
        match self.number() % 1_000 {
            0..=2 => self.between(60_000, 260_000),
            3..=29 => self.between(12_000, 60_000),
            30..=249 => self.between(2_000, 12_000),
            _ => self.between(200, 2_000),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_says_the_same() {
        let said = |seed| {
            let dice = Dice::new(seed);
            (dice.title(), dice.prose(500), dice.output(500), dice.size())
        };
        assert_eq!(said(1), said(1));
        assert_ne!(said(1), said(2));
    }

    #[test]
    fn sizes_are_those_of_recorded_sessions() {
        let dice = Dice::new(3);
        let mut sizes: Vec<u64> = (0..10_000).map(|_| dice.size()).collect();
        sizes.sort_unstable();
        assert!((200..260_001).contains(&sizes[0]) && sizes[9_999] > 60_000);
        assert!((1_000..2_000).contains(&sizes[5_000]), "{}", sizes[5_000]);
    }
}
