//! When commits were sent and answered, when frames came, and what lies between.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::bench::measure::Durations;

/// A commit, timed from the bench's start.
#[derive(Debug, Clone, Copy)]
pub(in crate::bench) struct Posted {
    pub(in crate::bench) position: u64,
    pub(in crate::bench) sent: Duration,
    pub(in crate::bench) answered: Duration,
}

/// The commits of a bench by position.
#[derive(Debug, Default)]
pub(in crate::bench) struct Commits(BTreeMap<u64, Posted>);

/// What came to one subscriber.
#[derive(Debug, Default)]
pub(in crate::bench) struct Arrivals {
    /// Positions after the first up to the second came at the time, from the bench's start.
    pub(in crate::bench) frames: Vec<(u64, u64, Duration)>,
    pub(in crate::bench) bytes: u64,
}

/// Times of every event at every subscriber.
pub(in crate::bench) struct Times {
    pub(in crate::bench) since_start: Durations,
    pub(in crate::bench) since_answer: Durations,
}

impl Commits {
    pub(in crate::bench) fn extend(&mut self, posted: Vec<Posted>) {
        self.0.extend(posted.into_iter().map(|one| (one.position, one)));
    }
    pub(in crate::bench) fn count(&self) -> u64 {
        u64::try_from(self.0.len()).unwrap_or(u64::MAX)
    }
    /// The last position.
    pub(in crate::bench) fn last(&self) -> Option<u64> {
        self.0.keys().next_back().copied()
    }
    pub(in crate::bench) fn latency(&self) -> Durations {
        let mut latency = Durations::new();
        self.0.values().for_each(|one| latency.record(one.answered.saturating_sub(one.sent)));
        latency
    }
    pub(in crate::bench) fn deliveries(&self, arrivals: &[Arrivals]) -> Times {
        let mut times = Times { since_start: Durations::new(), since_answer: Durations::new() };
        for (from, to, at) in arrivals.iter().flat_map(|arrivals| &arrivals.frames) {
            for (_, posted) in self.0.range(from + 1..=*to) {
                times.since_start.record(at.saturating_sub(posted.sent));
                times.since_answer.record(at.saturating_sub(posted.answered));
            }
        }
        times
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_of_a_frame_is_timed_from_its_own_commit() {
        let us = Duration::from_micros;
        let posted = |position, sent, answered| Posted { position, sent: us(sent), answered: us(answered) };
        let mut commits = Commits::default();
        commits.extend(vec![posted(11, 1_100, 1_150), posted(10, 1_000, 1_090)]);
        // The first subscriber gets both at once, the second gets one, before its commit's answer.
        let both = Arrivals { frames: vec![(9, 11, us(1_200))], bytes: 0 };
        let one = Arrivals { frames: vec![(8, 10, us(1_050))], bytes: 0 };
        let times = commits.deliveries(&[both, one]);
        assert_eq!((times.since_start.count(), times.since_answer.count()), (3, 3));
        let quantiles = times.since_start.quantiles();
        assert_eq!((quantiles.p50_us, quantiles.max_us), (100, 200));
        assert!(times.since_answer.quantiles().max_us == 110, "{:?}", times.since_answer.quantiles());
        assert_eq!(
            (commits.last(), commits.count(), commits.latency().quantiles().max_us),
            (Some(11), 2, 90)
        );
    }
}
