//! What was asked for on the command line.

use std::time::{SystemTime, UNIX_EPOCH};

use super::{DRILLS, Drill};

/// Which drills run, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Options {
    /// Names of drills; none: all.
    names: Vec<String>,
    pub(crate) seed: u64,
    long: bool,
    /// Whether the programs are those that the tests build, not optimised.
    pub(crate) debug: bool,
    rounds: Option<u32>,
    pub(crate) json: bool,
}

impl Options {
    /// From the words behind the verb; `None` where they make no sense.
    pub(crate) fn parse(words: &[&str]) -> Option<Self> {
        let mut options = Self::short();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match *word {
                "--seed" => options.seed = words.next()?.parse().ok()?,
                "--rounds" => options.rounds = Some(words.next()?.parse().ok()?),
                "--short" => options.long = false,
                "--long" => options.long = true,
                "--debug" => options.debug = true,
                "--output" => options.json = *words.next()? == "json",
                name if DRILLS.iter().any(|drill| drill.name == name) => options.names.push(name.to_owned()),
                _ => return None,
            }
        }
        Some(options)
    }

    /// Every drill in its short form, with a seed of the clock.
    pub(crate) fn short() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        // Short enough to be typed again.
        let seed = u64::try_from(since.as_micros()).unwrap_or(0) % 1_000_000;
        Self { names: Vec::new(), seed, long: false, debug: false, rounds: None, json: false }
    }

    /// The same with the programs that the tests build.
    pub(crate) fn debug(self) -> Self {
        Self { debug: true, ..self }
    }

    /// How often a drill makes its fault. What has no short form runs only where it is named.
    pub(crate) fn rounds(&self, drill: &Drill) -> u32 {
        let long = self.long || (drill.short == 0 && !self.names.is_empty());
        self.rounds.unwrap_or(if long { drill.long } else { drill.short })
    }

    pub(crate) fn drills(&self) -> impl Iterator<Item = &'static Drill> + '_ {
        DRILLS
            .iter()
            .filter(|drill| self.names.is_empty() || self.names.iter().any(|name| name == drill.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_options() {
        let options =
            Options::parse(&["kill", "--seed", "7", "flip", "--rounds", "3", "--output", "json"]).unwrap();
        assert_eq!((options.seed, options.rounds, options.long, options.json), (7, Some(3), false, true));
        assert_eq!(options.drills().map(|drill| drill.name).collect::<Vec<_>>(), ["kill", "flip"]);
        assert!(!options.debug && Options::parse(&["--debug"]).unwrap().debug);
        let model = Options::parse(&["model"]).unwrap();
        assert!(model.drills().all(|drill| model.rounds(drill) == drill.long));
        assert_eq!(Options::parse(&["--long"]).unwrap().drills().count(), DRILLS.len());
        for words in [&["no-such-drill"][..], &["--seed"], &["--seed", "x"], &["--rounds", "-1"]] {
            assert_eq!(Options::parse(words), None, "{words:?}");
        }
    }
}
