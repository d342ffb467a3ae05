//! Verdicts of checkers and reviewers.

use domain::run::VerdictIssued;

use super::{AT, Happened, POSITION, PROJECT, RUN};
use crate::column::{Column, Kind, Rows};

pub(super) const COLUMNS: &[Column] = &[
    POSITION,
    AT,
    RUN,
    PROJECT,
    Column::of("step", Kind::Text, "the checker's step", "VerdictIssued `step`"),
    Column::of("pass", Kind::Flag, "whether the work passes", "VerdictIssued `pass`"),
    Column::of("feedback", Kind::Text, "what to do better", "VerdictIssued `feedback`"),
];

pub(super) fn row(rows: &mut Rows, happened: &Happened<'_>, e: &VerdictIssued) {
    rows.count(Some(happened.meta.position.0))
        .instant(Some(happened.meta.when()))
        .shown(Some(happened.run))
        .shown(happened.meta.project)
        .shown(Some(e.step))
        .flag(Some(e.pass))
        .text(Some(&e.feedback))
        .end();
}
