//! Scores of evaluators, with the weights and the threshold in force.

use domain::run::ScoresIssued;

use super::{AT, Happened, POSITION, PROJECT, RUN};
use crate::column::{Column, Kind, Rows};

pub(super) const COLUMNS: &[Column] = &[
    POSITION,
    AT,
    RUN,
    PROJECT,
    Column::of("step", Kind::Text, "the evaluator's step", "ScoresIssued `step`"),
    Column::of("correctness", Kind::Score, "does it meet the requirements?", "ScoresIssued `scores`"),
    Column::of("type_safety", Kind::Score, "are types right and complete?", "ScoresIssued `scores`"),
    Column::of(
        "code_style",
        Kind::Score,
        "does it follow the project's conventions?",
        "ScoresIssued `scores`",
    ),
    Column::of("test_coverage", Kind::Score, "are the changes covered by tests?", "ScoresIssued `scores`"),
    Column::of("completeness", Kind::Score, "is every part of the prompt done?", "ScoresIssued `scores`"),
    Column::of("composite", Kind::Score, "weighted mean of the five", "ScoresIssued `composite`"),
    Column::opt("threshold", Kind::Score, "the threshold in force", "ScoresIssued `threshold`"),
    Column::opt(
        "threshold_result",
        Kind::Flag,
        "whether the composite meets it",
        "ScoresIssued `threshold_result`",
    ),
    Column::of(
        "weights_version",
        Kind::Count,
        "version of the quality policy; 0 for equal weights",
        "ScoresIssued `weights`",
    ),
    Column::of("correctness_weight", Kind::Count, "what correctness counts", "ScoresIssued `weights`"),
    Column::of("type_safety_weight", Kind::Count, "what type safety counts", "ScoresIssued `weights`"),
    Column::of("code_style_weight", Kind::Count, "what code style counts", "ScoresIssued `weights`"),
    Column::of("test_coverage_weight", Kind::Count, "what test coverage counts", "ScoresIssued `weights`"),
    Column::of("completeness_weight", Kind::Count, "what completeness counts", "ScoresIssued `weights`"),
    Column::of("summary", Kind::Text, "in words", "ScoresIssued `summary`"),
];

pub(super) fn row(rows: &mut Rows, happened: &Happened<'_>, e: &ScoresIssued) {
    rows.count(Some(happened.meta.position.0))
        .instant(Some(happened.meta.when()))
        .shown(Some(happened.run))
        .shown(happened.meta.project)
        .shown(Some(e.step))
        .score(Some(e.scores.correctness))
        .score(Some(e.scores.type_safety))
        .score(Some(e.scores.code_style))
        .score(Some(e.scores.test_coverage))
        .score(Some(e.scores.completeness))
        .score(Some(e.composite))
        .score(e.threshold)
        .flag(e.threshold_result)
        .count(Some(e.weights.version.into()))
        .count(Some(e.weights.correctness.into()))
        .count(Some(e.weights.type_safety.into()))
        .count(Some(e.weights.code_style.into()))
        .count(Some(e.weights.test_coverage.into()))
        .count(Some(e.weights.completeness.into()))
        .text(Some(&e.summary))
        .end();
}
