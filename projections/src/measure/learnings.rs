//! Learnings, as items of a metric.

use domain::Meta;
use domain::ids::ProjectId;
use domain::learning::LearningEvent;
use domain::metric::MetricField;
use domain::terms::Severity;
use domain::values::Timestamp;

use super::item::{Item, Of, Trail, Value};

/// A learning, as it stands.
#[derive(Debug, Clone, Default)]
pub(super) struct LearningState {
    project: Option<ProjectId>,
    proposed: Option<(Timestamp, Severity)>,
    status: &'static str,
    approved: Option<bool>,
    events: Trail,
}

impl LearningState {
    pub(super) fn apply(&mut self, happened: &LearningEvent, meta: &Meta) {
        self.events.push(meta.position);
        match happened {
            LearningEvent::LearningProposed(e) => {
                self.project = Some(e.project);
                self.proposed = Some((meta.when(), e.severity));
                self.status = "pending";
            }
            LearningEvent::LearningEdited(e) => {
                self.proposed = self.proposed.map(|(at, _)| (at, e.severity));
            }
            LearningEvent::LearningApproved(_) => {
                (self.status, self.approved) = ("approved", Some(true));
            }
            LearningEvent::LearningRejected(_) => {
                (self.status, self.approved) = ("rejected", Some(false));
            }
            LearningEvent::LearningRetired(_) => self.status = "retired",
            LearningEvent::LearningPromoted(_) => {}
        }
    }
    pub(super) fn item(&self) -> Option<Item> {
        let (at, severity) = self.proposed?;
        let mut fields = vec![
            (MetricField::Status, Value::Word(self.status.into())),
            (MetricField::Severity, Value::Word(severity.to_string())),
        ];
        fields.extend(self.approved.map(|approved| (MetricField::Approved, Value::Flag(approved))));
        let of = Of { project: self.project, ..Of::default() };
        Some(Item { at, of, fields, events: self.events.clone() })
    }
}
