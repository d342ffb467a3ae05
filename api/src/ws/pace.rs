//! How fast a socket's frames are taken: whoever sends faster is read later, and costs others nothing.

use std::time::Duration;

use tokio::time::Instant;

/// What a socket may spend at once; a frame costs one.
const MOST: u32 = 2_000;
/// What it gets back in a second.
const PER_SECOND: u32 = 200;
/// What a subscription costs beside its frame: it is looked up, and told what there is.
pub(super) const SUBSCRIPTION: u32 = 19;

/// What is left for a socket to spend, and as of when.
#[derive(Debug)]
pub(super) struct Pace {
    left: u32,
    since: Instant,
}

impl Pace {
    pub(super) fn new(now: Instant) -> Self {
        Self { left: MOST, since: now }
    }

    /// Spends, without a debt.
    pub(super) fn spend(&mut self, cost: u32, now: Instant) {
        let gained = now.duration_since(self.since).as_millis() * u128::from(PER_SECOND) / 1_000;
        if gained > 0 {
            self.left = self.left.saturating_add(u32::try_from(gained).unwrap_or(MOST)).min(MOST);
            self.since = now;
        }
        self.left = self.left.saturating_sub(cost);
    }

    /// When the next frame is read; none where it may be at once.
    pub(super) fn due(&self) -> Option<Instant> {
        (self.left == 0).then(|| self.since + Duration::from_secs(1) / PER_SECOND * (SUBSCRIPTION + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_taken_at_once_and_a_flood_at_a_rate() {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        let mut now = start;
        let mut taken = 0_u32;
        while now < start + Duration::from_secs(10) {
            pace.spend(1, now);
            taken += 1;
            now = pace.due().unwrap_or(now).max(now);
        }
        assert!((MOST + 9 * PER_SECOND..=MOST + 11 * PER_SECOND).contains(&taken), "{taken}");
    }

    #[test]
    fn whoever_sends_a_little_is_never_kept_waiting() {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        for n in 0..100_000_u32 {
            pace.spend(1, start + Duration::from_millis(6) * n);
            assert_eq!(pace.due(), None, "{n}");
        }
        for n in 0..99 {
            pace.spend(1 + SUBSCRIPTION, start + Duration::from_secs(1_000));
            assert_eq!(pace.due(), None, "{n} subscriptions at once");
        }
    }
}
