//! What the model calls of a run or a step used, summed up as the views sum it up.

use domain::run::StepUsageRecorded;
use domain::values::Usd;
use serde::{Deserialize, Serialize};

use crate::column::{Column, Kind, Rows};

pub(super) const CALLS: Column =
    Column::of("calls", Kind::Count, "model calls, as far as known", "StepUsageRecorded `calls`");
pub(super) const CALLS_WITHOUT_COST: Column = Column::of(
    "calls_without_cost",
    Kind::Count,
    "model calls whose cost is not known; `cost_usd` stands for the others",
    "StepUsageRecorded `calls`",
);
pub(super) const INPUT: Column = Column::of(
    "input_tokens",
    Kind::Count,
    "tokens in, without the cached ones",
    "StepUsageRecorded `input_tokens`",
);
pub(super) const OUTPUT: Column =
    Column::of("output_tokens", Kind::Count, "tokens out", "StepUsageRecorded `output_tokens`");
pub(super) const CACHE_READ: Column = Column::of(
    "cache_read_tokens",
    Kind::Count,
    "tokens read from the cache",
    "StepUsageRecorded `cache_read_tokens`",
);
pub(super) const CACHE_WRITE: Column = Column::of(
    "cache_write_tokens",
    Kind::Count,
    "tokens written to the cache",
    "StepUsageRecorded `cache_write_tokens`",
);
pub(super) const COST: Column = Column::of(
    "cost_usd",
    Kind::Usd,
    "what the model calls cost, as far as known",
    "StepUsageRecorded `cost_usd`",
);

/// Sums over model calls.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Spent {
    calls: u64,
    calls_without_cost: u64,
    input_tokens: u64,
    output_tokens: u64,
    cache_read_tokens: u64,
    cache_write_tokens: u64,
    cost: Usd,
}

impl Spent {
    pub(super) fn add(&mut self, e: &StepUsageRecorded) {
        let calls = u64::from(e.calls);
        self.calls = self.calls.saturating_add(calls);
        if e.cost_usd.is_none() {
            self.calls_without_cost = self.calls_without_cost.saturating_add(calls);
        }
        self.input_tokens = self.input_tokens.saturating_add(e.input_tokens);
        self.output_tokens = self.output_tokens.saturating_add(e.output_tokens);
        self.cache_read_tokens = self.cache_read_tokens.saturating_add(e.cache_read_tokens);
        self.cache_write_tokens = self.cache_write_tokens.saturating_add(e.cache_write_tokens);
        self.cost += e.cost_usd.unwrap_or_default();
    }
    /// The seven values, in the order of the columns above.
    pub(super) fn write(&self, rows: &mut Rows) {
        rows.count(Some(self.calls))
            .count(Some(self.calls_without_cost))
            .count(Some(self.input_tokens))
            .count(Some(self.output_tokens))
            .count(Some(self.cache_read_tokens))
            .count(Some(self.cache_write_tokens))
            .usd(Some(self.cost));
    }
}
