//! Checks of continuous integration, a row per check and poll.

use domain::run::CiChecksPolled;

use super::{AT, Happened, POSITION, PROJECT, RUN};
use crate::column::{Column, Kind, Rows};

pub(super) const COLUMNS: &[Column] = &[
    POSITION,
    AT,
    RUN,
    PROJECT,
    Column::of("run_status", Kind::Text, "how the checks stand as a whole", "CiChecksPolled `status`"),
    Column::opt("checked_at", Kind::Instant, "when it was asked", "CiChecksPolled `checked_at`"),
    Column::opt("name", Kind::Text, "the check; null where a poll found none", "CiChecksPolled `checks`"),
    Column::opt("status", Kind::Text, "how the check stands", "CiChecksPolled `checks`"),
    Column::opt("details_url", Kind::Text, "where its details are", "CiChecksPolled `checks`"),
];

pub(super) fn rows(rows: &mut Rows, happened: &Happened<'_>, e: &CiChecksPolled) {
    let checks = e.checks.iter().map(Some).chain(e.checks.is_empty().then_some(None));
    for check in checks {
        rows.count(Some(happened.meta.position.0))
            .instant(Some(happened.meta.when()))
            .shown(Some(happened.run))
            .shown(happened.meta.project)
            .text(Some(e.status.as_str()))
            .instant(e.checked_at)
            .text(check.map(|check| check.name.as_str()))
            .text(check.map(|check| check.status.as_str()))
            .text(check.and_then(|check| check.details_url.as_deref()))
            .end();
    }
}
