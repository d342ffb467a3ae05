//! A history that follows from a seed: who writes it and who checks it compute the same events.

use std::collections::HashMap;

use domain::ids::{CommitId, CorrelationId, SchemaVersion, StreamVersion, TypeId};
use domain::{Actor, Category, Expected, Fingerprint, StreamId, Ulid};
use journal::{NewCommit, NewEvent, RawRecord};

/// Category of the script's streams: one that no release knows, so that payloads may be anything.
const CATEGORY: Category = Category(60_000);
/// Category of the log's own stream, in which the journal writes.
const LOG_CATEGORY: Category = Category(0);
const TYPE: TypeId = TypeId(60_001);
const SCHEMA: SchemaVersion = SchemaVersion(1);

/// Numbers that follow from a seed, by `SplitMix64`.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// The numbers of a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }
    /// The numbers of two seeds together.
    #[must_use]
    pub fn of(seed: u64, other: u64) -> Self {
        let mut dice = Self::new(seed);
        Self(dice.roll() ^ other.wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }
    /// The next number.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
    /// The next number below `end`, which is not 0.
    pub fn below(&mut self, end: u64) -> u64 {
        self.roll() % end
    }
    /// The next number in `from..to`.
    pub fn between(&mut self, from: u64, to: u64) -> u64 {
        from + self.below(to - from)
    }
}

/// The history of a seed: commit `n` is the same in every process.
#[derive(Debug, Clone, Copy)]
pub struct Script {
    seed: u64,
    streams: u64,
}

impl Script {
    /// The history of `seed` over that many streams.
    #[must_use]
    pub const fn new(seed: u64, streams: u64) -> Self {
        Self { seed, streams }
    }

    /// Commit `n`, which expects nothing of its stream.
    #[must_use]
    pub fn commit(&self, n: u64) -> NewCommit {
        let mut dice = Dice::of(self.seed, n);
        let stream = StreamId::new(CATEGORY, Ulid(u128::from(dice.below(self.streams) + 1)));
        let fingerprint = Fingerprint(dice.roll());
        let correlation = dice.below(2) == 0;
        let events = if dice.below(4) == 0 { dice.between(2, 9) } else { 1 };
        NewCommit {
            stream,
            expected: Expected::Any,
            commit: self.id(n),
            fingerprint,
            actor: Actor::Operator,
            causation: n.checked_sub(1).map(|cause| self.id(cause)),
            correlation: correlation.then(|| CorrelationId::from(Ulid(u128::from(n) + 1))),
            project: None,
            occurred_at: None,
            events: (0..events).map(|_| event(&mut dice)).collect(),
        }
    }

    fn id(&self, n: u64) -> CommitId {
        CommitId::from(Ulid((u128::from(self.seed | 1) << 64) | u128::from(n)))
    }

    /// Which commit of this history has that id.
    #[must_use]
    pub fn number(&self, id: CommitId) -> Option<u64> {
        let id = id.ulid().0;
        let n = u64::try_from(id & u128::from(u64::MAX)).expect("64 bits are left");
        (id >> 64 == u128::from(self.seed | 1)).then_some(n)
    }

    /// The number of the commit that a record belongs to; `None` where the journal wrote it itself.
    ///
    /// # Errors
    /// It is of neither.
    pub fn owner(&self, record: &RawRecord) -> Result<Option<u64>, String> {
        if record.stream().category == LOG_CATEGORY {
            return Ok(None);
        }
        let foreign = || format!("position {}: commit `{}` is not ours", record.position(), record.commit());
        self.number(record.commit()).map(Some).ok_or_else(foreign)
    }
}

fn event(dice: &mut Dice) -> NewEvent {
    let length = match dice.below(2_000) {
        0 => dice.between(60_000, 200_000),
        1..=6 => dice.between(8_000, 60_000),
        7..=120 => dice.between(600, 4_000),
        _ => dice.between(0, 600),
    };
    let compressible = dice.below(2) == 0;
    let length = usize::try_from(length).expect("it is small");
    let mut payload = Vec::with_capacity(length + 8);
    while payload.len() < length {
        let number = dice.roll();
        let mask = if compressible { 0x0303_0303_0303_0303 } else { u64::MAX };
        payload.extend_from_slice(&(number & mask).to_le_bytes());
    }
    payload.truncate(length);
    NewEvent { type_id: TYPE, schema_version: SCHEMA, payload }
}

/// Compares records, one after the other, with what the script says.
#[derive(Debug)]
pub struct Comparison {
    script: Script,
    /// The commit that is being read, and the next event of it.
    open: Option<(u64, NewCommit, usize)>,
    /// Number of the next commit; none before the first of a comparison that begins in the middle.
    next: Option<u64>,
    versions: HashMap<StreamId, StreamVersion>,
    whole: bool,
}

impl Comparison {
    /// Of a whole log.
    #[must_use]
    pub fn whole(script: Script) -> Self {
        Self { script, open: None, next: Some(0), versions: HashMap::new(), whole: true }
    }
    /// Of a log from somewhere on: begins at the first commit that begins there.
    #[must_use]
    pub fn partial(script: Script) -> Self {
        Self { next: None, whole: false, ..Self::whole(script) }
    }

    /// Takes the next record.
    ///
    /// # Errors
    /// Says what differs.
    pub fn take(&mut self, record: &RawRecord) -> Result<(), String> {
        let at = |what: String| format!("position {}: {what}", record.position());
        record.check().map_err(|error| at(error.to_string()))?;
        let Some(n) = self.script.owner(record)? else { return self.between(record) };
        if self.open.is_none() {
            if self.next.is_none() && record.commit_index() > 0 {
                return Ok(());
            }
            let expected = self.next.unwrap_or(n);
            if n != expected {
                return Err(at(format!("expected commit {expected}, found {n}")));
            }
            self.open = Some((n, self.script.commit(n), 0));
        }
        let (open, commit, index) = self.open.as_mut().expect("it was opened above");
        if *open != n {
            return Err(at(format!("expected event {index} of commit {open}, found commit {n}")));
        }
        compare(record, commit, *index).map_err(at)?;
        *index += 1;
        if *index == commit.events.len() {
            self.open = None;
            self.next = Some(n + 1);
        }
        self.version(record)
    }

    fn between(&self, record: &RawRecord) -> Result<(), String> {
        let Some((n, ..)) = &self.open else { return Ok(()) };
        Err(format!("position {}: an event of the log inside commit {n}", record.position()))
    }

    fn version(&mut self, record: &RawRecord) -> Result<(), String> {
        let (stream, version) = (record.stream(), record.version());
        let last = self.versions.insert(stream, version);
        let expected = match last {
            Some(last) => last.0 + 1,
            None if self.whole => 0,
            None => version.0,
        };
        if version.0 == expected {
            return Ok(());
        }
        Err(format!(
            "position {}: expected version {expected} of `{stream}`, found {version}",
            record.position()
        ))
    }

    /// The number of whole commits, and the last version of every stream that was seen.
    ///
    /// # Errors
    /// The last commit is only there in part.
    pub fn finish(self) -> Result<(u64, HashMap<StreamId, StreamVersion>), String> {
        match self.open {
            Some((n, commit, index)) => {
                Err(format!("commit {n} ends after {index} of {} events", commit.events.len()))
            }
            None => Ok((self.next.unwrap_or(0), self.versions)),
        }
    }
}

fn compare(record: &RawRecord, commit: &NewCommit, index: usize) -> Result<(), String> {
    let event = commit.events.get(index).ok_or_else(|| format!("the commit has no event {index}"))?;
    let places = (usize::from(record.commit_index()), usize::from(record.commit_size()));
    let same = [
        ("place in the commit", places == (index, commit.events.len())),
        ("stream", record.stream() == commit.stream),
        ("type", (record.type_id(), record.schema_version()) == (event.type_id, event.schema_version)),
        ("fingerprint", record.fingerprint() == commit.fingerprint),
        ("actor", record.actor() == Ok(commit.actor)),
        ("cause", record.causation() == commit.causation && record.correlation() == commit.correlation),
        ("project", record.project() == commit.project && record.occurred_at() == commit.occurred_at),
        ("payload", record.payload() == event.payload),
    ];
    match same.iter().find(|(_, same)| !same) {
        Some((what, _)) => Err(format!("another {what} than the script's")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use journal::{Journal, Options};

    use super::*;

    const SCRIPT: Script = Script::new(7, 5);

    fn written(commits: impl IntoIterator<Item = NewCommit>) -> Vec<RawRecord> {
        let journal = Journal::memory(Options::default());
        for commit in commits {
            journal.append(commit).wait().unwrap();
        }
        journal.read(None, usize::MAX, usize::MAX).unwrap()
    }

    fn compared(mut comparison: Comparison, records: &[RawRecord]) -> Result<u64, String> {
        records.iter().try_for_each(|record| comparison.take(record))?;
        comparison.finish().map(|(commits, _)| commits)
    }

    #[test]
    fn a_history_is_the_same_twice_and_differs_by_seed() {
        assert_eq!(SCRIPT.commit(40), Script::new(7, 5).commit(40));
        assert_ne!(SCRIPT.commit(40).events, Script::new(8, 5).commit(40).events);
        assert_eq!(SCRIPT.number(SCRIPT.commit(40).commit), Some(40));
        assert_eq!(SCRIPT.number(Script::new(8, 5).commit(40).commit), None);
    }

    #[test]
    fn what_was_written_compares_equal_from_the_start_and_from_the_middle() {
        let records = written((0..50).map(|n| SCRIPT.commit(n)));
        assert!(records.len() > 60, "some commits have several events");
        assert_eq!(compared(Comparison::whole(SCRIPT), &records), Ok(50));
        // From inside the last commit on, no whole one follows.
        let last = records.iter().rposition(|record| record.commit_index() == 0).unwrap();
        for from in 0..=last {
            assert_eq!(compared(Comparison::partial(SCRIPT), &records[from..]), Ok(50), "from {from}");
        }
    }

    #[test]
    fn every_difference_is_named() {
        let records = written((0..50).map(|n| SCRIPT.commit(n)));
        let last_multiple = records.iter().rposition(|record| record.commit_index() > 0).unwrap();
        let cut = compared(Comparison::whole(SCRIPT), &records[..last_multiple]).unwrap_err();
        assert!(cut.contains("ends after"), "{cut}");
        let gap = written((0..50).filter(|n| *n != 20).map(|n| SCRIPT.commit(n)));
        let gap = compared(Comparison::whole(SCRIPT), &gap).unwrap_err();
        assert!(gap.contains("expected commit 20, found 21"), "{gap}");
        let mut other = SCRIPT.commit(0);
        other.events[0].payload.push(1);
        let other = compared(Comparison::whole(SCRIPT), &written([other])).unwrap_err();
        assert!(other.contains("another payload"), "{other}");
        let foreign = compared(Comparison::whole(SCRIPT), &written([Script::new(8, 5).commit(0)]));
        assert!(foreign.unwrap_err().contains("is not ours"));
    }
}
