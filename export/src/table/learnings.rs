//! A row per learning, as it stands.

use std::collections::BTreeMap;

use domain::Meta;
use domain::ids::{LearningId, Position, UserId};
use domain::learning::{LearningEvent, LearningProposed};
use domain::values::Timestamp;

use super::{CHANGED, Table};
use crate::buffers::Buffers;
use crate::column::{Column, Kind};

pub(super) const COLUMNS: &[Column] = &[
    Column::of("learning", Kind::Text, "the learning", "the stream of the event"),
    CHANGED,
    Column::of("project", Kind::Text, "the project it belongs to", "LearningProposed `project`"),
    Column::of(
        "status",
        Kind::Text,
        "pending, approved, rejected or retired",
        "LearningProposed, LearningApproved, LearningRejected, LearningRetired",
    ),
    Column::of("global", Kind::Flag, "whether it applies to every project", "LearningPromoted"),
    Column::of(
        "description",
        Kind::Text,
        "what was learned",
        "LearningProposed, LearningEdited `description`",
    ),
    Column::of("trigger", Kind::Text, "when it applies", "LearningProposed, LearningEdited `trigger`"),
    Column::of(
        "correct_behaviour",
        Kind::Text,
        "what to do then",
        "LearningProposed, LearningEdited `correct_behaviour`",
    ),
    Column::of(
        "severity",
        Kind::Text,
        "critical, important or minor",
        "LearningProposed, LearningEdited `severity`",
    ),
    Column::of(
        "category",
        Kind::Text,
        "preference, pattern, gotcha, tool or architecture",
        "LearningProposed, LearningEdited `category`",
    ),
    Column::of("confidence", Kind::Share, "how sure it is", "LearningProposed, LearningEdited `confidence`"),
    Column::of(
        "source",
        Kind::Text,
        "who proposed it: agent, extracted or human",
        "LearningProposed `source`",
    ),
    Column::opt("run", Kind::Text, "the run it comes from", "LearningProposed `run`"),
    Column::opt("step", Kind::Text, "the step it comes from", "LearningProposed `step`"),
    Column::of(
        "roles",
        Kind::Text,
        "the roles it applies to, with commas between; every role where empty",
        "LearningProposed, LearningEdited `roles`",
    ),
    Column::of("proposed_at", Kind::Instant, "when it was proposed", "LearningProposed"),
    Column::opt(
        "decided_at",
        Kind::Instant,
        "when it was approved or rejected",
        "LearningApproved, LearningRejected",
    ),
    Column::opt("reviewer", Kind::Text, "who decided", "LearningApproved, LearningRejected `reviewer`"),
    Column::opt(
        "reason",
        Kind::Text,
        "the reviewer's note or reason, or why it was retired",
        "LearningApproved `note`, LearningRejected, LearningRetired `reason`",
    ),
];

/// A learning, as it stands.
struct Row {
    position: Position,
    said: LearningProposed,
    status: &'static str,
    global: bool,
    proposed_at: Timestamp,
    decided_at: Option<Timestamp>,
    reviewer: Option<UserId>,
    reason: Option<String>,
}

/// Every learning so far.
#[derive(Default)]
pub(super) struct Learnings {
    rows: BTreeMap<LearningId, Row>,
}

impl Learnings {
    pub(super) fn apply(&mut self, meta: &Meta, event: &LearningEvent) {
        let learning = LearningId::from(meta.stream.id);
        if let LearningEvent::LearningProposed(e) = event {
            let row = Row {
                position: meta.position,
                said: e.clone(),
                status: "pending",
                global: false,
                proposed_at: meta.when(),
                decided_at: None,
                reviewer: None,
                reason: None,
            };
            self.rows.insert(learning, row);
        } else if let Some(row) = self.rows.get_mut(&learning) {
            row.apply(meta, event);
        }
    }
    /// Writes the next learning, if it has changed after that position; whether there was one.
    pub(super) fn next(&mut self, after: Option<Position>, out: &mut Buffers) -> bool {
        let Some((learning, row)) = self.rows.pop_first() else { return false };
        if Some(row.position) > after {
            row.write(learning, out);
        }
        true
    }
}

impl Row {
    fn apply(&mut self, meta: &Meta, event: &LearningEvent) {
        self.position = meta.position;
        match event {
            LearningEvent::LearningProposed(_) => {}
            LearningEvent::LearningEdited(e) => {
                let said = &mut self.said;
                said.description.clone_from(&e.description);
                said.trigger.clone_from(&e.trigger);
                said.correct_behaviour.clone_from(&e.correct_behaviour);
                said.roles.clone_from(&e.roles);
                (said.severity, said.category, said.confidence) = (e.severity, e.category, e.confidence);
            }
            LearningEvent::LearningApproved(e) => {
                self.decide("approved", meta, e.reviewer, e.note.as_deref());
            }
            LearningEvent::LearningRejected(e) => {
                self.decide("rejected", meta, e.reviewer, Some(&e.reason));
            }
            LearningEvent::LearningRetired(e) => {
                (self.status, self.reason) = ("retired", Some(e.reason.clone()));
            }
            LearningEvent::LearningPromoted(_) => self.global = true,
        }
    }
    fn decide(&mut self, status: &'static str, meta: &Meta, reviewer: Option<UserId>, reason: Option<&str>) {
        self.status = status;
        self.decided_at = Some(meta.when());
        self.reviewer = reviewer;
        self.reason = reason.map(str::to_owned);
    }

    fn write(&self, learning: LearningId, out: &mut Buffers) {
        let said = &self.said;
        let roles: Vec<&str> = said.roles.iter().map(|role| role.as_str()).collect();
        out.rows(Table::Learnings, self.proposed_at)
            .shown(Some(learning))
            .count(Some(self.position.0))
            .shown(Some(said.project))
            .text(Some(self.status))
            .flag(Some(self.global))
            .text(Some(&said.description))
            .text(Some(&said.trigger))
            .text(Some(&said.correct_behaviour))
            .text(Some(said.severity.as_str()))
            .text(Some(said.category.as_str()))
            .share(Some(said.confidence))
            .text(Some(said.source.as_str()))
            .shown(said.run)
            .shown(said.step)
            .text(Some(&roles.join(",")))
            .instant(Some(self.proposed_at))
            .instant(self.decided_at)
            .shown(self.reviewer)
            .text(self.reason.as_deref())
            .end();
    }
}
