//! What the weekly pruning takes out of the brain's files; out of a file is never out of the log.

use std::collections::BTreeMap;

use ulid::Ulid;

use super::file::EntryKind;
use crate::values::Timestamp;

/// Decisions that stay.
pub const DECISIONS_KEPT: usize = 50;
/// Session summaries that stay.
pub const SESSIONS_KEPT: usize = 10;
/// How long research stays, in milliseconds: 30 days.
pub const RESEARCH_KEPT_MS: u64 = 30 * 86_400_000;

/// An entry that stands in its file, as far as pruning needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// What it is.
    pub kind: EntryKind,
    /// Which it is.
    pub id: Ulid,
    /// When it was made.
    pub at: Timestamp,
    /// Whether it is a mistake that is resolved.
    pub resolved: bool,
    /// Its title and first text, by which duplicates are told.
    pub words: String,
}

/// An entry that leaves its file, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pruned {
    /// What it is.
    pub kind: EntryKind,
    /// Which it is.
    pub id: Ulid,
    /// The pattern that stands for it, where it says the same.
    pub into: Option<Ulid>,
    /// Why, on one line.
    pub reason: &'static str,
}

/// What leaves its file at `now`: decisions before the last 50, patterns that say what an earlier one says (letters
/// and spaces aside), resolved mistakes, research older than 30 days, session summaries before the last 10.
#[must_use]
pub fn prune(entries: &[Standing], now: Timestamp) -> Vec<Pruned> {
    let mut pruned = Vec::new();
    let mut sorted: Vec<_> = entries.iter().collect();
    sorted.sort_by_key(|it| (it.kind, it.at, it.id));
    let mut first = BTreeMap::new();
    for (place, entry) in sorted.iter().enumerate() {
        let later = sorted[place + 1..].iter().filter(|it| it.kind == entry.kind).count();
        let mut into = None;
        let reason = match entry.kind {
            EntryKind::Decision => (later >= DECISIONS_KEPT).then_some("before the last 50 decisions"),
            EntryKind::Pattern => {
                let original = *first.entry(plain(&entry.words)).or_insert(entry.id);
                into = (original != entry.id).then_some(original);
                into.map(|_| "says what another pattern says")
            }
            EntryKind::Mistake => entry.resolved.then_some("resolved"),
            EntryKind::Research => {
                (now.since_ms(entry.at) > RESEARCH_KEPT_MS).then_some("older than 30 days")
            }
            EntryKind::Session => (later >= SESSIONS_KEPT).then_some("before the last 10 sessions"),
        };
        pruned.extend(reason.map(|reason| Pruned { kind: entry.kind, id: entry.id, into, reason }));
    }
    pruned
}

/// Words alone: lower case, single spaces, no marks.
fn plain(text: &str) -> String {
    let words: Vec<_> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY_MS: i64 = 86_400_000;

    fn entry(kind: EntryKind, number: u64) -> Standing {
        let at = Timestamp::from_millis(i64::try_from(number).unwrap() * DAY_MS);
        Standing { kind, id: Ulid(u128::from(number)), at, resolved: false, words: format!("words {number}") }
    }
    fn ids(entries: &[Standing], now_days: i64) -> Vec<u128> {
        prune(entries, Timestamp::from_millis(now_days * DAY_MS)).iter().map(|it| it.id.0).collect()
    }

    #[test]
    fn the_last_fifty_decisions_and_ten_sessions_stay() {
        let decisions: Vec<_> = (1..=52).rev().map(|number| entry(EntryKind::Decision, number)).collect();
        assert_eq!(ids(&decisions, 0), [1, 2]);
        assert_eq!(ids(&decisions[..50], 0), [0_u128; 0]);
        let sessions: Vec<_> = (1..=11).map(|number| entry(EntryKind::Session, number)).collect();
        let mixed: Vec<_> = decisions.into_iter().take(40).chain(sessions).collect();
        assert_eq!(ids(&mixed, 0), [1]);
    }

    #[test]
    fn research_stays_thirty_days_and_resolved_mistakes_go() {
        let research = [entry(EntryKind::Research, 1), entry(EntryKind::Research, 2)];
        assert_eq!(ids(&research, 31), [0_u128; 0]);
        assert_eq!(ids(&research, 32), [1]);
        let resolved = Standing { resolved: true, ..entry(EntryKind::Mistake, 2) };
        assert_eq!(ids(&[entry(EntryKind::Mistake, 1), resolved], 99), [2]);
    }

    #[test]
    fn patterns_that_say_the_same_become_the_earliest() {
        let said =
            |number, words: &str| Standing { words: words.into(), ..entry(EntryKind::Pattern, number) };
        let patterns = [
            said(3, "Use  `Result`,\nnot panics"),
            said(1, "Use Result, not panics."),
            said(2, "Use Option"),
        ];
        let pruned = prune(&patterns, Timestamp::from_millis(0));
        let [one] = &pruned[..] else { panic!("{pruned:?}") };
        assert_eq!((one.id, one.into), (Ulid(3), Some(Ulid(1))));
    }
}
