//! Counters and durations in OpenMetrics form.

use std::sync::OnceLock;
use std::sync::atomic::AtomicU64;
use std::time::Instant;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

use engine::Engine;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

/// What the server counts while it runs.
pub(crate) struct Metrics {
    registry: Registry,
    commands: Family<Outcome, Counter>,
    /// The counters of `commands`, each once it has counted something.
    outcomes: [OnceLock<Counter>; OUTCOMES.len()],
    command_seconds: Histogram,
    pub(crate) sockets: Gauge,
    pub(crate) subscriptions: Gauge,
    pub(crate) frames: Counter,
    head: Gauge<u64, AtomicU64>,
    synced: Gauge<u64, AtomicU64>,
    sync_p99_us: Gauge<u64, AtomicU64>,
    queued_commits: Gauge<u64, AtomicU64>,
    queued_bytes: Gauge<u64, AtomicU64>,
    last_sync_us: Gauge<u64, AtomicU64>,
    writing_us: Gauge<u64, AtomicU64>,
    degraded: Gauge<u64, AtomicU64>,
    disk_free: Gauge<u64, AtomicU64>,
    disk_full: Gauge<u64, AtomicU64>,
    view_lag: Gauge<u64, AtomicU64>,
    view_memory: Gauge<u64, AtomicU64>,
    view_disk: Gauge<u64, AtomicU64>,
}

/// Measures one command; counted as refused unless it is done.
pub(crate) struct CommandTimer<'a> {
    metrics: &'a Metrics,
    started: Instant,
    /// Index in [`OUTCOMES`].
    outcome: usize,
}

/// What can come of a command.
const OUTCOMES: [&str; 3] = ["refused", "accepted", "duplicate"];

impl Metrics {
    pub(crate) fn new(engine: &Engine) -> Self {
        let identity = engine.journal().identity();
        let mut registry = Registry::with_prefix("waybill");
        let info = [("log", identity.log_id.to_string()), ("durability", identity.durability.to_owned())];
        let info = prometheus_client::metrics::info::Info::new(info.to_vec());
        registry.register("log", "Which log this is and what an acknowledgement means", info);
        let metrics = Self {
            commands: Family::default(),
            outcomes: Default::default(),
            command_seconds: Histogram::new(exponential_buckets(0.000_1, 2.0, 16)),
            sockets: Gauge::default(),
            subscriptions: Gauge::default(),
            frames: Counter::default(),
            head: Gauge::default(),
            synced: Gauge::default(),
            sync_p99_us: Gauge::default(),
            queued_commits: Gauge::default(),
            queued_bytes: Gauge::default(),
            last_sync_us: Gauge::default(),
            writing_us: Gauge::default(),
            degraded: Gauge::default(),
            disk_free: Gauge::default(),
            disk_full: Gauge::default(),
            view_lag: Gauge::default(),
            view_memory: Gauge::default(),
            view_disk: Gauge::default(),
            registry: Registry::default(),
        };
        registry.register("commands", "Commands by outcome", metrics.commands.clone());
        let help = "From arrival to the durable answer";
        registry.register_with_unit("command", help, Unit::Seconds, metrics.command_seconds.clone());
        registry.register("sockets", "Open WebSockets", metrics.sockets.clone());
        registry.register("subscriptions", "Open subscriptions", metrics.subscriptions.clone());
        registry.register("frames_sent", "WebSocket frames sent", metrics.frames.clone());
        registry.register("log_events", "Durable events in the log", metrics.head.clone());
        registry.register("log_syncs", "Groups made durable by this process", metrics.synced.clone());
        registry.register(
            "log_sync_p99_us",
            "99 of 100 syncs took at most this, microseconds",
            metrics.sync_p99_us.clone(),
        );
        registry.register(
            "log_queued_commits",
            "Commits waiting for the writer",
            metrics.queued_commits.clone(),
        );
        registry.register(
            "view_lag_events",
            "Events that the slowest view has not folded",
            metrics.view_lag.clone(),
        );
        metrics.register_disk(&mut registry);
        Self { registry, ..metrics }
    }

    /// What tells a slow or full disk.
    fn register_disk(&self, registry: &mut Registry) {
        for (name, help, gauge) in [
            ("log_queued_bytes", "Bytes of commits waiting for the writer", &self.queued_bytes),
            ("log_last_sync_us", "What the last sync took, microseconds", &self.last_sync_us),
            ("log_writing_us", "Age of the group being written, microseconds; 0: none", &self.writing_us),
            ("log_degraded", "Reasons why the log is degraded, as /readyz names them", &self.degraded),
            ("disk_free_bytes", "Free on the disk of the log", &self.disk_free),
            ("view_rows_memory_bytes", "Rows of views in memory, about", &self.view_memory),
            ("view_rows_disk_bytes", "Files of rows that views put away", &self.view_disk),
            ("disk_full", "Whether appends are refused for want of space", &self.disk_full),
        ] {
            registry.register(name, help, gauge.clone());
        }
    }

    pub(crate) fn command(&self) -> CommandTimer<'_> {
        CommandTimer { metrics: self, started: Instant::now(), outcome: 0 }
    }

    /// The text form, gauges read now.
    pub(crate) fn text(&self, engine: &Engine) -> String {
        let status = engine.journal().status();
        let count = |position: Option<domain::ids::Position>| position.map_or(0, |position| position.0 + 1);
        let folded = engine.view_health().iter().map(|view| count(view.position)).min().unwrap_or(0);
        self.head.set(count(status.watermark));
        self.synced.set(status.fsync.count);
        self.sync_p99_us.set(status.fsync.p99_us);
        self.queued_commits.set(status.queued_commits as u64);
        self.queued_bytes.set(status.queued_bytes as u64);
        self.last_sync_us.set(status.fsync.last_us);
        self.writing_us.set(status.writing_us);
        self.degraded.set(status.degraded.len() as u64);
        self.disk_free.set(status.space.map_or(0, |space| space.free_bytes));
        self.disk_full.set(u64::from(status.space.is_some_and(|space| space.full)));
        self.view_lag.set(count(status.watermark).saturating_sub(folded));
        let rows = engine.rows_held();
        self.view_memory.set(rows.memory_bytes);
        self.view_disk.set(rows.disk_bytes);
        let mut text = String::new();
        encode(&mut text, &self.registry).expect("writing to a string does not fail");
        text
    }
}

impl CommandTimer<'_> {
    pub(crate) fn done(mut self, duplicate: bool) {
        self.outcome = if duplicate { 2 } else { 1 };
    }
}

impl Drop for CommandTimer<'_> {
    fn drop(&mut self) {
        let Metrics { commands, outcomes, .. } = self.metrics;
        let counter = || commands.get_or_create_owned(&Outcome { outcome: OUTCOMES[self.outcome] });
        outcomes[self.outcome].get_or_init(counter).inc();
        self.metrics.command_seconds.observe(self.started.elapsed().as_secs_f64());
    }
}
