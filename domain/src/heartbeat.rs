//! A heartbeat: what the daemon's loop looked at in a span of time, summed up so that idling is proven, not logged.
//!
//! Ticks are not events: a day of them would be 1,440 lines that say nothing. A summary covers the time since the
//! one before it, without a gap, and counts ticks and outcomes. Where it counts nothing fired, and no firing and no
//! automated session stands in the log between its two instants, the log shows that idling started no agent: a
//! session of automated work names the firing that started it, or it is refused.

use crate::catalogue::{commands, events, plain};
use crate::ids::{Category, ProjectId, StreamId};
use crate::values::Timestamp;
use crate::{Decider, Rejection, check};

#[cfg(test)]
mod tests;

events! {
    /// Everything that can happen to a heartbeat.
    pub enum HeartbeatEvent {
        3200 => HeartbeatStarted 1;
        3201 => HeartbeatSummarised 1;
        3202 => HeartbeatStopped 1;
    }
}

commands! {
    /// What can be asked of a heartbeat.
    pub enum HeartbeatCommand {
        "start" => StartHeartbeat;
        "summarise" => SummariseHeartbeat;
        "stop" => StopHeartbeat;
    }
}

plain! {
    /// What the loop looked at and what came of it.
    struct Beats {
        /// Rounds of the loop.
        ticks: u64,
        /// Triggers looked at, over all rounds.
        checked: u64,
        /// Firings that started work, queued ones that were started included.
        fired: u64,
        /// Firings that were queued.
        queued: u64,
        /// Firings that were skipped.
        skipped: u64,
        /// Firings that repeated another.
        deduplicated: u64,
    }
    /// The loop began.
    struct HeartbeatStarted {
        /// The project it watches.
        project: ProjectId,
        /// When it began.
        at: Timestamp,
        /// Time between rounds.
        interval_ms: u64,
    }
    /// What the loop did since the summary before, or since it began.
    struct HeartbeatSummarised {
        /// From this instant, where the summary before ended.
        from: Timestamp,
        /// Up to this instant.
        to: Timestamp,
        /// What it did.
        beats: Beats,
    }
    /// The loop ended.
    struct HeartbeatStopped {
        /// From this instant, where the summary before ended.
        from: Timestamp,
        /// When it ended.
        to: Timestamp,
        /// What it did since the last summary.
        beats: Beats,
    }
}

plain! {
    /// Begins to record a loop, for the first time or after a stop.
    struct StartHeartbeat {
        /// The project it watches.
        project: ProjectId,
        /// When it began; not before it last ended.
        at: Timestamp,
        /// Time between rounds, 1,000 to 3,600,000 ms; 60,000 where absent.
        interval_ms: Option<u64>,
    }
    /// Sums up what the loop did since the last summary. Where nothing came up, an hour at least.
    struct SummariseHeartbeat {
        /// Up to this instant.
        to: Timestamp,
        /// What it did.
        beats: Beats,
    }
    /// Records that the loop ended, and what it did since the last summary.
    struct StopHeartbeat {
        /// When it ended.
        to: Timestamp,
        /// What it did.
        beats: Beats,
    }
}

/// Shortest span of a summary in which nothing came up: 24 such events a day at most.
pub const IDLE_SPAN_MIN_MS: u64 = 3_600_000;

#[derive(Debug, Clone, Copy, PartialEq, Default)]
enum Phase {
    #[default]
    Missing,
    Beating {
        since: Timestamp,
        interval_ms: u64,
    },
    Stopped {
        at: Timestamp,
    },
}

/// A heartbeat, as far as its decisions need it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Heartbeat {
    project: Option<ProjectId>,
    phase: Phase,
}

impl Beats {
    /// Firings of any outcome.
    #[must_use]
    pub const fn came_up(&self) -> u64 {
        self.fired.saturating_add(self.queued).saturating_add(self.skipped).saturating_add(self.deduplicated)
    }
    fn check(&self, span_ms: u64, interval_ms: u64) -> Result<(), Rejection> {
        // A round at each end of the span.
        let most = span_ms / interval_ms + 1;
        check::range("beats.ticks", self.ticks, &(0..=most), "ticks in that time")?;
        if self.ticks == 0 && (self.checked > 0 || self.came_up() > 0) {
            return Err(Rejection::invalid("beats", "nothing, where there was no tick", "something"));
        }
        Ok(())
    }
}

impl Heartbeat {
    fn start(&self, command: &StartHeartbeat) -> Result<HeartbeatEvent, Rejection> {
        match self.phase {
            Phase::Beating { .. } => return Err(Rejection::illegal("heartbeat", "stopped", "beating")),
            Phase::Stopped { at } if command.at < at => {
                return Err(Rejection::invalid("at", format!("{at} or later"), command.at));
            }
            Phase::Missing | Phase::Stopped { .. } => {}
        }
        if let Some(project) = self.project.filter(|project| *project != command.project) {
            return Err(Rejection::invalid("project", project.to_string(), command.project));
        }
        let interval_ms = command.interval_ms.unwrap_or(60_000);
        check::range("interval_ms", interval_ms, &(1_000..=3_600_000), "ms")?;
        Ok(HeartbeatStarted { project: command.project, at: command.at, interval_ms }.into())
    }
    /// From where a summary up to `to` counts, checked.
    fn span(&self, to: Timestamp, beats: &Beats) -> Result<Timestamp, Rejection> {
        match self.phase {
            Phase::Missing => Err(Rejection::NotFound { aggregate: "heartbeat" }),
            Phase::Stopped { .. } => Err(Rejection::illegal("heartbeat", "beating", "stopped")),
            Phase::Beating { since, interval_ms } => {
                if to < since {
                    return Err(Rejection::invalid("to", format!("{since} or later"), to));
                }
                beats.check(to.since_ms(since), interval_ms)?;
                Ok(since)
            }
        }
    }
}

impl Decider for Heartbeat {
    const CATEGORY: Category = Category(32);
    type Command = HeartbeatCommand;
    type Event = HeartbeatEvent;

    fn decide(&self, command: &HeartbeatCommand) -> Result<Vec<HeartbeatEvent>, Rejection> {
        let event = match command {
            HeartbeatCommand::StartHeartbeat(c) => self.start(c)?,
            HeartbeatCommand::SummariseHeartbeat(c) => {
                let from = self.span(c.to, &c.beats)?;
                if c.beats.came_up() == 0 && c.to.since_ms(from) < IDLE_SPAN_MIN_MS {
                    return Err(Rejection::rule(
                        format!("nothing came up since {from}, and that is less than an hour ago"),
                        "send one summary an hour, or when something has come up",
                    ));
                }
                HeartbeatSummarised { from, to: c.to, beats: c.beats.clone() }.into()
            }
            HeartbeatCommand::StopHeartbeat(c) => {
                let from = self.span(c.to, &c.beats)?;
                HeartbeatStopped { from, to: c.to, beats: c.beats.clone() }.into()
            }
        };
        Ok(vec![event])
    }
    fn evolve(&mut self, event: &HeartbeatEvent) {
        match event {
            HeartbeatEvent::HeartbeatStarted(e) => {
                let phase = Phase::Beating { since: e.at, interval_ms: e.interval_ms };
                *self = Self { project: Some(e.project), phase };
            }
            HeartbeatEvent::HeartbeatSummarised(e) => {
                if let Phase::Beating { since, .. } = &mut self.phase {
                    *since = e.to;
                }
            }
            HeartbeatEvent::HeartbeatStopped(e) => self.phase = Phase::Stopped { at: e.to },
        }
    }
    fn project(&self) -> Option<ProjectId> {
        self.project
    }
    fn references(command: &HeartbeatCommand) -> Vec<StreamId> {
        match command {
            HeartbeatCommand::StartHeartbeat(c) => vec![c.project.into()],
            _ => vec![],
        }
    }
}

/// One or more of every event.
pub(crate) fn samples() -> Vec<HeartbeatEvent> {
    let at = |hour: i64| Timestamp::from_millis(1_795_244_400_000 + hour * 3_600_000);
    let idle = Beats { ticks: 60, checked: 240, fired: 0, queued: 0, skipped: 0, deduplicated: 0 };
    let busy = Beats { ticks: 5, checked: 20, fired: 1, queued: 2, skipped: 3, deduplicated: 4 };
    vec![
        HeartbeatStarted { project: ProjectId::from_bytes([1; 16]), at: at(0), interval_ms: 60_000 }.into(),
        HeartbeatSummarised { from: at(0), to: at(1), beats: idle }.into(),
        HeartbeatStopped { from: at(1), to: at(2), beats: busy }.into(),
    ]
}
