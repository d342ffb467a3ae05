//! The other witness: what an agent's telemetry tells of tokens and cost. Running totals become differences here.

use super::*;
use crate::terms::TelemetrySignal;
use crate::values::Usd;

/// Most readings of one command.
pub const TELEMETRY_READINGS_MAX: usize = 200;
/// How a command is refused that tells nothing new.
pub const TELEMETRY_IS_OLD: &str = "the readings say nothing that is not recorded";
/// Most running totals that a run is counted by: sessions times models, with room.
const COUNTED_MAX: usize = 1_000;

/// What one running total is of.
type Key = (TelemetrySignal, Option<String>, Option<String>, String);

/// The running totals of a run, as they last stood.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Counted(BTreeMap<Key, RunningTotals>);

impl Counted {
    pub(super) fn take(&mut self, e: &TelemetryRecorded) {
        if let Some(running) = &e.running {
            let key = (e.signal, e.agent_session.clone(), e.provider.clone(), e.model.clone());
            self.0.insert(key, running.clone());
        }
    }
}

impl Run {
    /// The events of readings that say something new. Where none does it is refused, with nothing to be done:
    /// exporters repeat what stands still.
    pub(super) fn record_telemetry(&self, command: &RecordTelemetry) -> Result<Vec<RunEvent>, Rejection> {
        self.exists()?;
        check::some_of("readings", &command.readings, TELEMETRY_READINGS_MAX)?;
        let (mut counted, mut events) = (self.counted.clone(), Vec::new());
        for reading in &command.readings {
            check::name("readings.model", &reading.model)?;
            check::opt_name("readings.provider", reading.provider.as_deref())?;
            check::opt_name("readings.agent_session", reading.agent_session.as_deref())?;
            if let Some(step) = reading.step.filter(|step| !self.steps.contains_key(step)) {
                return Err(Rejection::unknown("step", step));
            }
            let event = counted.difference(reading);
            counted.take(&event);
            if !event.says_nothing() {
                events.push(event.into());
            }
        }
        check::range("readings", counted.0.len(), &(0..=COUNTED_MAX), "running totals of one run")?;
        if events.is_empty() {
            return Err(Rejection::rule(
                TELEMETRY_IS_OLD,
                "nothing is to be done: exporters repeat running totals that stand still",
            ));
        }
        Ok(events)
    }
}

impl Counted {
    fn difference(&self, reading: &TelemetryReading) -> TelemetryRecorded {
        let r = reading.clone();
        let whole = TelemetryRecorded {
            signal: r.signal,
            agent_session: r.agent_session,
            step: r.step,
            provider: r.provider,
            model: r.model,
            input_tokens: r.input_tokens,
            output_tokens: r.output_tokens,
            cache_read_tokens: r.cache_read_tokens,
            cache_write_tokens: r.cache_write_tokens,
            calls: r.calls,
            cost_usd: r.cost_usd,
            running: None,
        };
        let Some(since) = r.counted_since else { return whole };
        let running = RunningTotals {
            counted_since: since,
            input_tokens: r.input_tokens,
            output_tokens: r.output_tokens,
            cache_read_tokens: r.cache_read_tokens,
            cache_write_tokens: r.cache_write_tokens,
            calls: r.calls,
            cost_usd: r.cost_usd,
        };
        let key = (r.signal, whole.agent_session.clone(), whole.provider.clone(), whole.model.clone());
        // Counting that began anew, or went down, counts from zero.
        let before =
            self.0.get(&key).filter(|before| before.counted_since == since && before.is_within(&running));
        let Some(before) = before else { return TelemetryRecorded { running: Some(running), ..whole } };
        let cost =
            |now: Usd| before.cost_usd.map_or(Some(now), |then| Usd::from_units(now.units() - then.units()));
        TelemetryRecorded {
            input_tokens: whole.input_tokens - before.input_tokens,
            output_tokens: whole.output_tokens - before.output_tokens,
            cache_read_tokens: whole.cache_read_tokens - before.cache_read_tokens,
            cache_write_tokens: whole.cache_write_tokens - before.cache_write_tokens,
            calls: whole.calls - before.calls,
            cost_usd: whole.cost_usd.and_then(cost),
            running: Some(RunningTotals { cost_usd: running.cost_usd.or(before.cost_usd), ..running }),
            ..whole
        }
    }
}

impl RunningTotals {
    /// Whether none of these totals is above that of `later`.
    fn is_within(&self, later: &Self) -> bool {
        let costs = self.cost_usd.zip(later.cost_usd).is_none_or(|(then, now)| then <= now);
        self.input_tokens <= later.input_tokens
            && self.output_tokens <= later.output_tokens
            && self.cache_read_tokens <= later.cache_read_tokens
            && self.cache_write_tokens <= later.cache_write_tokens
            && self.calls <= later.calls
            && costs
    }
}

impl TelemetryRecorded {
    fn says_nothing(&self) -> bool {
        let tokens = [self.input_tokens, self.output_tokens, self.cache_read_tokens, self.cache_write_tokens];
        let free = self.cost_usd.is_none_or(|cost| cost.units() == 0);
        tokens == [0; 4] && self.calls == 0 && free
    }
}
