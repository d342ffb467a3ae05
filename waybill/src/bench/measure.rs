//! Durations in a histogram, and the rows that reports are made of.

use std::collections::BTreeMap;
use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;

/// Longest duration that is told apart, in microseconds; longer ones count as this.
const MAX_US: u64 = 600_000_000;

/// Durations in microseconds, to three digits.
#[derive(Debug, Clone)]
pub(super) struct Durations(Histogram<u64>);

impl Default for Durations {
    fn default() -> Self {
        Self::new()
    }
}

impl Durations {
    pub(super) fn new() -> Self {
        let histogram = Histogram::new_with_bounds(1, MAX_US, 3);
        Self(histogram.expect("the bounds are constants in order"))
    }
    pub(super) fn record(&mut self, duration: Duration) {
        self.0.saturating_record(u64::try_from(duration.as_micros()).unwrap_or(MAX_US));
    }
    pub(super) fn add(&mut self, others: &Self) {
        self.0.add(&others.0).expect("every histogram here has the same bounds");
    }
    pub(super) fn quantiles(&self) -> Quantiles {
        let at = |quantile| self.0.value_at_quantile(quantile);
        Quantiles {
            p50_us: at(0.5),
            p90_us: at(0.9),
            p99_us: at(0.99),
            p999_us: at(0.999),
            max_us: self.0.max(),
        }
    }
    pub(super) fn count(&self) -> u64 {
        self.0.len()
    }
}

/// Durations in microseconds that 50, 90, 99 and 99.9 of 100 did not exceed, and the longest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) struct Quantiles {
    pub(super) p50_us: u64,
    pub(super) p90_us: u64,
    pub(super) p99_us: u64,
    pub(super) p999_us: u64,
    pub(super) max_us: u64,
}

/// What was done, how much of it, and how long it took.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Amount {
    pub(super) events: u64,
    pub(super) bytes: u64,
    pub(super) elapsed: Duration,
}

impl Amount {
    /// Adds what was done at another time.
    pub(super) fn add(&mut self, more: &Self) {
        self.events += more.events;
        self.bytes += more.bytes;
        self.elapsed += more.elapsed;
    }
    /// Events per second of wall clock.
    pub(super) fn rate(&self) -> f64 {
        float(self.events) / self.elapsed.as_secs_f64().max(1e-9)
    }
}

/// A count as a figure to divide by.
#[expect(clippy::cast_precision_loss, reason = "counts here stay far below 2^52")]
pub(super) fn float(count: u64) -> f64 {
    count as f64
}

fn rounded(number: f64, digits: i32) -> f64 {
    let scale = 10_f64.powi(digits);
    (number * scale).round() / scale
}

/// One line of a report. Keys are stable.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) events: u64,
    pub(super) bytes: u64,
    pub(super) seconds: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rate_per_second: Option<f64>,
    #[serde(flatten)]
    pub(super) latency: Option<Quantiles>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) raw_rate_per_second: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ratio_to_raw: Option<f64>,
    /// Further figures of this bench.
    #[serde(flatten)]
    pub(super) further: BTreeMap<&'static str, f64>,
}

impl Row {
    /// A row with its rate.
    pub(super) fn new(name: impl Into<String>, amount: Amount) -> Self {
        Self { rate_per_second: Some(rounded(amount.rate(), 1)), ..Self::timed(name, amount) }
    }
    /// A row where a rate would say nothing.
    pub(super) fn timed(name: impl Into<String>, amount: Amount) -> Self {
        Self {
            name: name.into(),
            events: amount.events,
            bytes: amount.bytes,
            seconds: rounded(amount.elapsed.as_secs_f64(), 6),
            rate_per_second: None,
            latency: None,
            raw_rate_per_second: None,
            ratio_to_raw: None,
            further: BTreeMap::new(),
        }
    }
    pub(super) fn latency(self, durations: &Durations) -> Self {
        Self { latency: Some(durations.quantiles()), ..self }
    }
    /// Beside what a raw file did in the same run.
    pub(super) fn beside(self, raw: &Amount) -> Self {
        let ratio = self.rate_per_second.map(|rate| rounded(rate / raw.rate().max(1e-9), 3));
        Self { raw_rate_per_second: Some(rounded(raw.rate(), 1)), ratio_to_raw: ratio, ..self }
    }
    pub(super) fn with(mut self, key: &'static str, figure: f64) -> Self {
        self.further.insert(key, rounded(figure, 3));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(events: u64, ms: u64) -> Amount {
        Amount { events, bytes: events * 300, elapsed: Duration::from_millis(ms) }
    }

    #[test]
    fn quantiles_are_of_all_that_was_recorded() {
        let (mut durations, mut others) = (Durations::new(), Durations::new());
        (1..=500).for_each(|us| durations.record(Duration::from_micros(us)));
        (501..=1000).for_each(|us| others.record(Duration::from_micros(us)));
        durations.add(&others);
        let Quantiles { p50_us, p90_us, p99_us, max_us, .. } = durations.quantiles();
        assert_eq!((p50_us, p90_us, p99_us, max_us, durations.count()), (500, 900, 990, 1000, 1000));
    }

    #[test]
    fn a_duration_out_of_bounds_is_kept_at_the_bound() {
        let mut durations = Durations::new();
        durations.record(Duration::from_secs(1_000_000));
        durations.record(Duration::ZERO);
        assert_eq!(durations.count(), 2);
        assert!(durations.quantiles().max_us >= MAX_US);
    }

    #[test]
    fn rows_serialise_flat_with_stable_keys() {
        let mut durations = Durations::new();
        durations.record(Duration::from_micros(40));
        let row = Row::new("x", amount(500, 250))
            .latency(&durations)
            .beside(&amount(1000, 250))
            .with("frames", 3.0);
        let json = serde_json::to_value(&row).unwrap();
        for (key, figure) in [
            ("rate_per_second", 2000.0),
            ("raw_rate_per_second", 4000.0),
            ("ratio_to_raw", 0.5),
            ("p50_us", 40.0),
            ("p999_us", 40.0),
            ("events", 500.0),
            ("bytes", 150_000.0),
            ("seconds", 0.25),
            ("frames", 3.0),
        ] {
            assert_eq!(json[key].as_f64(), Some(figure), "{key} in {json}");
        }
        let bare = serde_json::to_value(Row::timed("y", amount(1, 1))).unwrap();
        assert_eq!(bare.as_object().unwrap().len(), 4, "{bare}");
    }
}
