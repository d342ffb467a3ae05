//! Every notification, how it went out and who took care of it.

use domain::autonomy::{Channel, NotificationKind};
use domain::ids::{NotificationId, ProjectId};
use domain::notification::NotificationEvent;
use domain::values::Timestamp;
use domain::{Actor, StreamId};
use domain::{Event, Recorded};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::table::Table;
use crate::view::{Scope, View};

/// A notification.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct NotificationRow {
    /// The project it belongs to.
    project: ProjectId,
    /// Why.
    kind: NotificationKind,
    /// In a line.
    title: String,
    /// In full.
    body: String,
    /// What it is about.
    about: Option<StreamId>,
    /// How each way stands: open, delivered, failed or given up.
    channels: Vec<(Channel, String)>,
    /// The last failure to deliver.
    error: Option<String>,
    /// Who saw it first.
    read_by: Option<Actor>,
    /// Who took care of it.
    acknowledged_by: Option<Actor>,
    /// Whether somebody took care of it.
    acknowledged: bool,
    /// A word about that.
    note: Option<String>,
    /// When it was raised.
    raised_at: Timestamp,
}

/// The view `notifications`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Notifications {
    table: Table<NotificationId, NotificationRow>,
}

impl NotificationRow {
    fn way(&mut self, channel: Channel, stands: &str) {
        if let Some(way) = self.channels.iter_mut().find(|(it, _)| *it == channel) {
            way.1 = stands.into();
        }
    }
    fn apply(&mut self, event: &NotificationEvent, actor: Actor) {
        match event {
            NotificationEvent::NotificationRaised(_) => {}
            NotificationEvent::NotificationDelivered(e) => self.way(e.channel, "delivered"),
            NotificationEvent::NotificationDeliveryFailed(e) => {
                self.way(e.channel, if e.given_up { "given up" } else { "failed" });
                self.error = Some(e.error.clone());
            }
            NotificationEvent::NotificationRead(_) => self.read_by = Some(actor),
            NotificationEvent::NotificationAcknowledged(e) => {
                self.read_by.get_or_insert(actor);
                self.acknowledged_by = Some(actor);
                self.acknowledged = true;
                self.note.clone_from(&e.note);
            }
        }
    }
}

impl View for Notifications {
    const NAME: &'static str = "notifications";
    const VERSION: u32 = 1;
    const SCOPE: Scope = Scope::Live;
    const FILTERS: &'static [&'static str] = &["project", "kind", "about", "acknowledged"];
    type Key = NotificationId;
    type Row = NotificationRow;

    fn folds(event: &Event) -> bool {
        matches!(event, Event::Notification(_))
    }
    fn apply(&mut self, event: &Recorded) {
        let Event::Notification(happened) = &event.event else { return };
        let id = NotificationId::from(event.meta.stream.id);
        if let NotificationEvent::NotificationRaised(e) = happened {
            let row = NotificationRow {
                project: e.project,
                kind: e.kind,
                title: e.title.clone(),
                body: e.body.clone(),
                about: e.about,
                channels: e.channels.iter().map(|channel| (*channel, "open".into())).collect(),
                error: None,
                read_by: None,
                acknowledged_by: None,
                acknowledged: false,
                note: None,
                raised_at: event.meta.when(),
            };
            self.table.insert(id, row);
        } else if let Some(row) = self.table.get_mut(&id) {
            row.apply(happened, event.meta.actor);
        }
    }
    fn table(&self) -> &Table<NotificationId, NotificationRow> {
        &self.table
    }
    fn table_mut(&mut self) -> &mut Table<NotificationId, NotificationRow> {
        &mut self.table
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::testing::{check, sampled};

    #[test]
    fn a_notification_and_how_it_reached_people() {
        let history = sampled("notification", 1);
        check(
            "notifications",
            &history,
            &expect![[r##"
            #01
              about: "project-01040G2081040G2081040G2081"
              acknowledged: true
              acknowledged_by: "operator"
              body: "Have a look."
              channels: [["webhook","failed"],["desktop","open"],["dashboard","delivered"]]
              error: "connection refused"
              kind: "needs_person"
              project: "01040G2081040G2081040G2081"
              raised_at: "07:00:00.000Z"
              read_by: "operator"
              title: "The review dropped from 6 to 4"
        "##]],
        );
    }
}
