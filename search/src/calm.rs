//! When the index stands back: while commits press, processor time is theirs.

use std::time::{Duration, Instant};

/// Rest after the log has moved: what comes together is added together, and whoever writes rarely has to wake anyone.
pub(crate) const GATHER: Duration = Duration::from_millis(100);
/// Events a second from which on commits press.
const PRESSING: u64 = 5_000;
/// How long the index stands back at most before it takes its share.
const POSTPONED_MAX: Duration = Duration::from_secs(30);

/// Whether the log is calm enough to index what is new.
#[derive(Debug, Default)]
pub(crate) struct Calm {
    /// The log's end when it was looked at last, and when that was.
    looked: Option<(u64, Instant)>,
    pressed: bool,
    /// Since when something waits.
    behind_since: Option<Instant>,
}

impl Calm {
    /// Whether what comes before `end` waits a little longer, where the index has come to `next`.
    pub(crate) fn postpones(&mut self, next: u64, end: u64, now: Instant) -> bool {
        let (before, at) = *self.looked.get_or_insert((end, now));
        let passed = now.saturating_duration_since(at);
        if passed >= GATHER {
            let come = u128::from(end.saturating_sub(before));
            self.pressed = come * 1_000 >= u128::from(PRESSING) * passed.as_millis();
            self.looked = Some((end, now));
        }
        if next >= end {
            self.behind_since = None;
            return false;
        }
        let since = *self.behind_since.get_or_insert(now);
        self.pressed && now.saturating_duration_since(since) < POSTPONED_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Looks every 100 ms at a log that grows by `rate` events a second and an index that keeps up where it may; gives for
    /// how many of them it stood back.
    fn looks(calm: &mut Calm, start: Instant, from: u64, rate: u64, count: u32) -> (u32, u64) {
        let mut next = from;
        let mut stood_back = 0;
        for look in 0..count {
            let end = from + rate * u64::from(look + 1) / 10;
            if calm.postpones(next, end, start + GATHER * (look + 1)) {
                stood_back += 1;
            } else {
                next = end;
            }
        }
        (stood_back, next)
    }

    #[test]
    fn a_log_that_moves_slowly_is_indexed_at_once() {
        assert_eq!(looks(&mut Calm::default(), Instant::now(), 0, 4_900, 100).0, 0);
    }

    #[test]
    fn a_burst_is_waited_out_and_then_indexed() {
        let (mut calm, start) = (Calm::default(), Instant::now());
        let (stood_back, next) = looks(&mut calm, start, 0, 40_000, 100);
        assert!(stood_back >= 98, "{stood_back}");
        let end = 400_000;
        // What came with the last look still shows; then it is calm.
        let later = |looks: u32| start + GATHER * (100 + looks);
        assert!(!calm.postpones(next, end, later(1)), "as soon as nothing more comes");
        assert!(!calm.postpones(end, end, later(2)));
    }

    #[test]
    fn a_load_that_does_not_end_is_indexed_all_the_same_until_nothing_waits() {
        let (mut calm, start) = (Calm::default(), Instant::now());
        let (first, second) = (calm.postpones(0, 1, start), start + GATHER);
        assert!(!first && calm.postpones(0, 40_000, second));
        let mut end = 40_000;
        for look in 1..600 {
            end += 4_000;
            let waits = calm.postpones(10, end, second + GATHER * look);
            assert_eq!(waits, look < 299, "look {look}: since it fell behind, not since the last look");
        }
        let now = second + GATHER * 601;
        assert!(!calm.postpones(end, end, now), "it has caught up");
        assert!(calm.postpones(end, end + 4_000, now + GATHER), "from then on it may wait again");
    }

    #[test]
    fn looks_in_quick_succession_judge_by_the_time_between() {
        let (mut calm, start) = (Calm::default(), Instant::now());
        let soon = |micros| start + Duration::from_micros(micros);
        assert!(!calm.postpones(0, 1, start));
        assert!(!calm.postpones(1, 400, soon(10)), "400 in 10 µs say nothing yet");
        assert!(!calm.postpones(400, 450, soon(100_000)), "450 in a tenth of a second");
        assert!(calm.postpones(450, 1_000, soon(200_000)));
    }
}
