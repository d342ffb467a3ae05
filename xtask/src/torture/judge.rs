//! What became of damage: refused at the start, found by `waybill verify`, without effect, or missed.

use std::path::Path;

use anyhow::Result;

use super::Bench;
use super::driver::Found;
use super::folder::copy;
use super::report::Finding;

/// What the undamaged folder holds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Whole {
    pub(crate) events: u64,
    pub(crate) commits: u64,
}

/// What became of one damaged copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fate {
    /// The log did not open.
    Start,
    /// The log did not open, although every event of it is there and proven: a key is missing, say.
    Whole,
    /// It opened, and said what is wrong.
    Note,
    /// It opened; `waybill verify` does not vouch for it.
    Verify,
    /// Nobody noticed, and every event is there, byte by byte.
    Harmless,
    /// A promise is broken.
    Missed(String),
}

impl Fate {
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Start => "refused at start",
            Self::Whole => "refused at start though verified",
            Self::Note => "noted at start",
            Self::Verify => "found by verify",
            Self::Harmless => "harmless",
            Self::Missed(_) => "MISSED",
        }
    }
}

impl Bench {
    /// What a folder holds that nothing has happened to.
    ///
    /// # Errors
    /// It is not sound.
    pub(crate) fn whole(&self, dir: &Path) -> Result<Whole> {
        let found = self.check(dir, &[])?;
        if let Some(broken) = found.broken_promise(1) {
            anyhow::bail!("the undamaged log is not sound: {broken}");
        }
        Ok(Whole { events: found.events, commits: found.commits })
    }

    /// Judges the damaged folder, which stays as it is: verification and start each get a copy.
    ///
    /// # Errors
    /// Nothing could be started.
    pub(crate) fn judge(&self, damaged: &Path, whole: Whole) -> Result<Fate> {
        let scratch = self.memory.join("judged");
        copy(damaged, &scratch)?;
        let code = self.verify(&scratch, &[])?;
        copy(damaged, &scratch)?;
        let found = self.check(&scratch, &[])?;
        Ok(fate(code, &found, whole))
    }

    /// Judges, counts under `kind`, and keeps a copy where a promise is broken.
    ///
    /// # Errors
    /// Nothing could be started.
    pub(crate) fn count(
        &self,
        finding: &mut Finding,
        kind: &str,
        what: &str,
        damaged: &Path,
        whole: Whole,
    ) -> Result<()> {
        let fate = self.judge(damaged, whole)?;
        finding.add(&format!("{kind} {}", fate.name()), 1);
        if let Fate::Missed(why) = fate {
            let kept = self.disk.join(format!("missed-{}", finding.failures.len()));
            copy(damaged, &kept)?;
            finding.fail(format!("{what}: {why}; kept as {}", kept.display()));
        }
        Ok(())
    }
}

fn fate(verify: Option<i32>, found: &Found, whole: Whole) -> Fate {
    // A panic or a signal is no answer.
    if verify.is_none_or(|code| code > 100) {
        return Fate::Missed(format!("`waybill verify` ended with {verify:?}"));
    }
    if found.broken {
        return Fate::Missed(found.refused.clone().unwrap_or_default());
    }
    let vouched = verify == Some(0);
    let intact = found.difference.is_none() && (found.events, found.commits) == (whole.events, whole.commits);
    if found.refused.is_some() {
        return if vouched { Fate::Whole } else { Fate::Start };
    }
    match (intact, vouched) {
        (false, true) => Fate::Missed(format!("it is verified, and differs: {:?}", shown(found))),
        (false, false) if found.verified == Some(true) => {
            Fate::Missed(format!("it opens as sound, and differs: {:?}", shown(found)))
        }
        (_, false) if found.notes.is_empty() => Fate::Verify,
        (true, true) if found.notes.is_empty() => Fate::Harmless,
        _ => Fate::Note,
    }
}

fn shown(found: &Found) -> String {
    found.difference.clone().unwrap_or_else(|| format!("{} events, {} commits", found.events, found.commits))
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: Whole = Whole { events: 10, commits: 8 };

    fn found() -> Found {
        Found { events: 10, commits: 8, verified: Some(true), ..Found::default() }
    }

    fn missed(fate: &Fate) -> bool {
        matches!(fate, Fate::Missed(_))
    }

    #[test]
    fn what_was_found_is_told_from_what_was_missed() {
        assert_eq!(fate(Some(0), &found(), WHOLE), Fate::Harmless);
        assert_eq!(fate(Some(1), &found(), WHOLE), Fate::Verify);
        let noted = Found { notes: vec!["odd".into()], ..found() };
        assert_eq!(fate(Some(0), &noted, WHOLE), Fate::Note);
        let refused = Found { refused: Some("no".into()), ..Found::default() };
        assert_eq!(fate(Some(1), &refused, WHOLE), Fate::Start);
        assert_eq!(fate(Some(0), &refused, WHOLE), Fate::Whole);
    }

    #[test]
    fn a_shorter_or_another_history_must_not_be_vouched_for() {
        let shorter = Found { events: 9, ..found() };
        let other = Found { difference: Some("another payload".into()), ..found() };
        assert!(missed(&fate(Some(0), &shorter, WHOLE)) && missed(&fate(Some(0), &other, WHOLE)));
        assert!(missed(&fate(Some(1), &shorter, WHOLE)), "the running server takes it for sound");
        let seen = Found { verified: Some(false), ..shorter };
        assert_eq!(fate(Some(3), &seen, WHOLE), Fate::Verify);
    }

    #[test]
    fn a_panic_is_no_answer() {
        assert!(missed(&fate(Some(101), &found(), WHOLE)) && missed(&fate(None, &found(), WHOLE)));
        let broken = Found { broken: true, refused: Some("it panicked".into()), ..Found::default() };
        assert!(missed(&fate(Some(1), &broken, WHOLE)));
    }
}
