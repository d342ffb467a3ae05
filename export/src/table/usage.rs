//! Tokens and cost of model calls: differences, never running totals.

use domain::run::StepUsageRecorded;

use super::{AT, Happened, POSITION, PROJECT, RUN};
use crate::column::{Column, Kind, Rows};

pub(super) const COLUMNS: &[Column] = &[
    POSITION,
    AT,
    RUN,
    PROJECT,
    Column::of("step", Kind::Text, "the step", "StepUsageRecorded `step`"),
    Column::opt("provider", Kind::Text, "who was paid", "StepUsageRecorded `provider`"),
    Column::of("model", Kind::Text, "the model that answered", "StepUsageRecorded `model`"),
    Column::opt(
        "calls",
        Kind::Count,
        "model calls that the figures stand for; null where not known",
        "StepUsageRecorded `calls`",
    ),
    Column::of(
        "input_tokens",
        Kind::Count,
        "tokens in, without the cached ones",
        "StepUsageRecorded `input_tokens`",
    ),
    Column::of("output_tokens", Kind::Count, "tokens out", "StepUsageRecorded `output_tokens`"),
    Column::of(
        "cache_read_tokens",
        Kind::Count,
        "tokens read from the cache",
        "StepUsageRecorded `cache_read_tokens`",
    ),
    Column::of(
        "cache_write_tokens",
        Kind::Count,
        "tokens written to the cache",
        "StepUsageRecorded `cache_write_tokens`",
    ),
    Column::opt("cost_usd", Kind::Usd, "what it cost; null where not known", "StepUsageRecorded `cost_usd`"),
];

pub(super) fn row(rows: &mut Rows, happened: &Happened<'_>, e: &StepUsageRecorded) {
    rows.count(Some(happened.meta.position.0))
        .instant(Some(happened.meta.when()))
        .shown(Some(happened.run))
        .shown(happened.meta.project)
        .shown(Some(e.step))
        .text(e.provider.as_deref())
        .text(Some(&e.model))
        .count(Some(u64::from(e.calls)).filter(|calls| *calls > 0))
        .count(Some(e.input_tokens))
        .count(Some(e.output_tokens))
        .count(Some(e.cache_read_tokens))
        .count(Some(e.cache_write_tokens))
        .usd(e.cost_usd)
        .end();
}
