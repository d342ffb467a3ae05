//! What is done to both, the log and the vector, and how their answers are compared.

use domain::ids::{CommitId, Position, StreamVersion};
use domain::{Expected, Fingerprint, StreamId};
use proof::tree::{verify_consistency, verify_inclusion};
use proof::{Checkpoint, Frontier, Hash, Note, entry};

use super::Place;
use super::plain::Plain;
use crate::tests::kit::{commit, commit_id, event, expecting, noise, stream};
use crate::{AppendError, Journal, NewCommit, Receipt, block};

/// Numbers that follow from a seed, by `SplitMix64`.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
    fn below(&mut self, end: u64) -> u64 {
        self.roll() % end
    }
    fn size(&mut self, end: u64) -> usize {
        usize::try_from(self.below(end)).unwrap()
    }
}

/// A log, the vector it should be, and where the log lives.
pub(crate) struct Run {
    place: Place,
    journal: Option<Journal>,
    plain: Plain,
    dice: Dice,
    /// Every commit that was ever tried, accepted or not.
    tried: Vec<NewCommit>,
    /// Size and root of every checkpoint that was signed.
    signed: Vec<(u64, Hash)>,
}

impl Run {
    pub(crate) fn new(place: Place, dice: Dice) -> Self {
        let journal = Some(place.open());
        Self { place, journal, plain: Plain::default(), dice, tried: Vec::new(), signed: Vec::new() }
    }

    pub(crate) fn live(mut self, operations: usize) {
        for _ in 0..operations {
            match self.dice.below(21) {
                0..=5 => self.append_together(1),
                6..=8 => {
                    let count = 2 + self.dice.size(30);
                    self.append_together(count);
                }
                9 | 10 => self.read(),
                11 | 12 => self.read_stream(),
                13 => self.read_blocks(),
                14 => self.look_up(),
                15 => self.barrier(),
                16 => self.reopen(true),
                17 => self.reopen(false),
                18 => self.crash_in_the_middle(),
                19 => self.prove(),
                _ => self.verify(),
            }
            assert_eq!(self.journal().watermark(), self.plain.watermark());
        }
        self.reopen(true);
        self.whole();
        self.verify();
    }

    fn journal(&self) -> &Journal {
        self.journal.as_ref().expect("it is open between operations")
    }

    fn stream(&mut self) -> StreamId {
        stream(self.dice.below(6).into())
    }

    fn new_commit(&mut self) -> NewCommit {
        let id = self.tried.len() as u128 + 1;
        let number = u128::from(self.dice.below(6));
        let count = self.dice.size(4);
        let mut commit = commit(number, id, count);
        if self.dice.below(3) == 0 {
            let length = match self.dice.below(12) {
                0 => 70_000 + self.dice.size(100_000),
                1..=3 => self.dice.size(6_000),
                _ => 0,
            };
            commit.events.push(event(&noise(self.dice.roll(), length)));
        }
        let head = self.plain.head(commit.stream).map_or(0, |head| head.version.0);
        let expected = match self.dice.below(8) {
            0 => Expected::None,
            1 => Expected::Exists,
            2 | 3 => Expected::Exact(StreamVersion(head)),
            4 => Expected::Exact(StreamVersion(self.dice.below(head + 3))),
            _ => Expected::Any,
        };
        self.tried.push(commit.clone());
        expecting(expected, commit)
    }

    /// A new commit, one again, or another one under an id that was tried before.
    fn any_commit(&mut self) -> NewCommit {
        if self.tried.is_empty() || self.dice.below(4) > 0 {
            return self.new_commit();
        }
        let index = self.dice.size(self.tried.len() as u64);
        let again = self.tried[index].clone();
        match self.dice.below(4) {
            0 => NewCommit { fingerprint: Fingerprint(self.dice.roll()), ..again },
            1 => NewCommit { stream: self.stream(), ..again },
            _ => again,
        }
    }

    fn append_together(&mut self, count: usize) {
        let commits: Vec<_> = (0..count).map(|_| self.any_commit()).collect();
        let pending: Vec<_> = commits.iter().map(|commit| self.journal().append(commit.clone())).collect();
        for (commit, pending) in commits.iter().zip(pending) {
            assert_eq!(pending.wait(), self.plain.append(commit), "{}", commit.commit);
        }
    }

    /// The sync fails under some commits; after reopening each of them is there whole or not at all.
    fn crash_in_the_middle(&mut self) {
        let before = self.dice.size(4);
        let commits: Vec<_> = (0..before + 1 + self.dice.size(10)).map(|_| self.any_commit()).collect();
        let mut pending: Vec<_> =
            commits[..before].iter().map(|commit| self.journal().append(commit.clone())).collect();
        let fails = self.place.fail_next_sync();
        pending.extend(commits[before..].iter().map(|commit| self.journal().append(commit.clone())));
        let answers: Vec<_> = pending.into_iter().map(crate::Pending::wait).collect();
        let keeps = self.dice.below(2) == 0;
        let journal = self.journal.take().expect("it is open");
        self.place.crash(journal, keeps);
        self.journal = Some(self.place.open());
        self.settle(&commits, answers, fails);
        self.whole();
    }

    fn settle(&mut self, commits: &[NewCommit], answers: Vec<Result<Receipt, AppendError>>, fails: bool) {
        let mut gone = false;
        for (commit, answer) in commits.iter().zip(answers) {
            if !matches!(answer, Err(AppendError::Poisoned { .. })) {
                assert_eq!(answer, self.plain.append(commit), "{}", commit.commit);
                continue;
            }
            assert!(fails, "nothing failed, and the writer stopped: {answer:?}");
            let found = self.journal().find_commit(commit.commit).unwrap();
            let known = self.plain.find(commit.commit).is_some();
            if known || found.is_none() {
                gone |= !known && commit_would_be_accepted(&self.plain, commit);
                continue;
            }
            assert!(!gone, "commit `{}` is there, and one before it is not", commit.commit);
            // An id may have been tried several times in one group: the first one that was not refused counts.
            let same = |(receipt, fingerprint): (Receipt, Fingerprint)| {
                (receipt.stream, fingerprint) == (commit.stream, commit.fingerprint)
            };
            if found.is_some_and(same) {
                let _ = self.plain.append(commit);
            }
        }
    }

    fn reopen(&mut self, closes: bool) {
        let journal = self.journal.take().expect("it is open");
        if closes {
            journal.close().unwrap();
            drop(journal);
        } else {
            let keeps = self.dice.below(2) == 0;
            self.place.crash(journal, keeps);
        }
        self.journal = Some(self.place.open());
        assert!(self.journal().notes().is_empty(), "{:?}", self.journal().notes());
    }

    fn whole(&self) {
        let records = self.journal().read(None, usize::MAX, usize::MAX).unwrap();
        assert_eq!(records.len(), self.plain.rows.len());
        for ((position, row), record) in (0..).zip(&self.plain.rows).zip(&records) {
            row.assert_is(position, record);
        }
        for tried in &self.tried {
            self.assert_found(tried.commit);
        }
    }

    fn assert_found(&self, id: CommitId) {
        let found = self.journal().find_commit(id).unwrap();
        let expected = self.plain.find(id).map(|(receipt, commit)| (*receipt, commit.fingerprint));
        assert_eq!(found, expected, "commit `{id}`");
    }

    fn read(&mut self) {
        let after = self.dice.below(self.plain.end() + 3).checked_sub(1);
        let (limit, max_bytes) = (1 + self.dice.size(40), self.dice.size(40_000));
        let records = self.journal().read(after.map(Position), limit, max_bytes).unwrap();
        let first = after.map_or(0, |after| after + 1);
        assert_eq!(records.is_empty(), first >= self.plain.end());
        assert!(records.len() <= limit);
        let bytes: usize = records.iter().map(|record| record.bytes().len()).sum();
        assert!(bytes <= max_bytes || records.len() == 1, "{bytes} bytes, at most {max_bytes}");
        for (position, record) in (first..).zip(&records) {
            self.plain.rows[usize::try_from(position).unwrap()].assert_is(position, record);
        }
        let one = self.dice.below(self.plain.end() + 2);
        match self.journal().get(Position(one)).unwrap() {
            Some(record) => self.plain.rows[usize::try_from(one).unwrap()].assert_is(one, &record),
            None => assert!(one >= self.plain.end()),
        }
    }

    fn read_stream(&mut self) {
        let stream = self.stream();
        assert_eq!(self.journal().stream_head(stream).unwrap(), self.plain.head(stream));
        let (from, limit) = (self.dice.size(12), self.dice.size(20));
        let records = self.journal().read_stream(stream, StreamVersion(from as u64), limit).unwrap();
        let expected = self.plain.stream(stream, from, limit);
        assert_eq!(records.iter().map(|record| record.position().0).collect::<Vec<_>>(), expected);
        for record in &records {
            let position = record.position().0;
            self.plain.rows[usize::try_from(position).unwrap()].assert_is(position, record);
        }
    }

    fn read_blocks(&mut self) {
        let after = self.dice.below(self.plain.end() + 1).checked_sub(1);
        let max_bytes = self.dice.size(60_000);
        let blocks = self.journal().read_blocks(after.map(Position), max_bytes).unwrap();
        let first = after.map_or(0, |after| after + 1);
        assert_eq!(blocks.is_empty(), first >= self.plain.end());
        let mut next = first;
        for bytes in blocks {
            let block = block::decode(bytes).unwrap();
            assert!(block.first().0 <= next && next < block.end());
            for record in block.records() {
                let position = record.position().0;
                self.plain.rows[usize::try_from(position).unwrap()].assert_is(position, &record);
            }
            next = block.end();
        }
    }

    fn look_up(&mut self) {
        self.assert_found(commit_id(self.tried.len() as u128 + 7));
        for _ in 0..self.tried.len().min(10) {
            let index = self.dice.size(self.tried.len() as u64);
            self.assert_found(self.tried[index].commit);
        }
    }

    fn barrier(&mut self) {
        let commit = self.any_commit();
        let (pending, barrier) = (self.journal().append(commit.clone()), self.journal().barrier());
        let expected = self.plain.append(&commit);
        assert_eq!(barrier.wait(), Ok(self.plain.watermark()));
        assert_eq!(pending.wait(), expected);
    }

    /// A signed checkpoint is over exactly these records, extends every earlier one, and proves any of them.
    fn prove(&mut self) {
        let note = self.journal().checkpoint_now().unwrap();
        let now = Checkpoint::parse(Note::parse(note.as_bytes()).unwrap().text()).unwrap();
        let records = self.journal().read(None, usize::MAX, usize::MAX).unwrap();
        let leaves: Vec<_> = records.iter().map(|record| entry::leaf(record.bytes())).collect();
        let mut tree = Frontier::new();
        leaves.iter().for_each(|leaf| tree.push(*leaf));
        assert_eq!((now.size, now.root), (self.plain.end(), tree.root()));
        for (size, root) in &self.signed {
            let proof = self.journal().consistency(*size, now.size).unwrap();
            verify_consistency(*size, root, now.size, &now.root, &proof).unwrap();
        }
        if now.size > 0 {
            let one = self.dice.below(now.size);
            let proof = self.journal().inclusion(Position(one), now.size).unwrap();
            verify_inclusion(one, now.size, &leaves[usize::try_from(one).unwrap()], &proof, &now.root)
                .unwrap();
            self.signed.push((now.size, now.root));
        }
    }

    fn verify(&mut self) {
        // Before the first checkpoint nobody can vouch for the end of the log; faults there are none all the same.
        let signed = self.dice.below(2) == 0;
        if signed {
            self.journal().checkpoint_now().unwrap();
        }
        let report = self.journal().verify(|_| {});
        assert_eq!(report.faults, []);
        assert!(report.is_sound() || !signed, "{report:?}");
        assert_eq!((report.events, report.streams), (self.plain.end(), self.plain.streams() as u64));
    }
}

fn commit_would_be_accepted(plain: &Plain, commit: &NewCommit) -> bool {
    let actual = plain.head(commit.stream).map(|head| head.version);
    !commit.events.is_empty() && plain.find(commit.commit).is_none() && commit.expected.is_met_by(actual)
}
