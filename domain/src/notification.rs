//! A notification: that work is done, stopped or needs a person, and how that reached people.

use std::collections::BTreeMap;

use crate::autonomy::{Channel, NotificationKind};
use crate::catalogue::{commands, events, plain};
use crate::ids::{Category, ProjectId, StreamId};
use crate::{Decider, Rejection, check};

events! {
    /// Everything that can happen to a notification.
    pub enum NotificationEvent {
        2800 => NotificationRaised 1;
        2801 => NotificationDelivered 1;
        2802 => NotificationDeliveryFailed 1;
        2803 => NotificationRead 1;
        2804 => NotificationAcknowledged 1;
    }
}

commands! {
    /// What can be asked of a notification.
    pub enum NotificationCommand {
        "raise" => RaiseNotification;
        "record-delivery" => RecordDelivery;
        "record-failure" => RecordDeliveryFailure;
        "read" => ReadNotification;
        "acknowledge" => AcknowledgeNotification;
    }
}

plain! {
    /// People are to be told.
    struct NotificationRaised {
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
        /// The ways it goes.
        channels: Vec<Channel>,
    }
    /// It went out on one of its ways.
    struct NotificationDelivered {
        /// Which way.
        channel: Channel,
        /// The attempt, from 1.
        attempt: u32,
    }
    /// It did not go out on one of its ways.
    struct NotificationDeliveryFailed {
        /// Which way.
        channel: Channel,
        /// The attempt, from 1.
        attempt: u32,
        /// Why.
        error: String,
        /// Whether no attempt follows.
        given_up: bool,
    }
    /// Somebody saw it; the commit's actor says who.
    struct NotificationRead {}
    /// Somebody took care of it; the commit's actor says who.
    struct NotificationAcknowledged {
        /// A word about it.
        note: Option<String>,
    }
}

plain! {
    /// Tells people.
    struct RaiseNotification {
        /// The project it belongs to.
        project: ProjectId,
        /// Why.
        kind: NotificationKind,
        /// In a line.
        title: String,
        /// In full; at most 512 KiB.
        #[serde(default)]
        body: String,
        /// What it is about.
        about: Option<StreamId>,
        /// The ways it goes; each once, one at least.
        channels: Vec<Channel>,
    }
    /// Records that it went out on one of its ways.
    struct RecordDelivery {
        /// Which way.
        channel: Channel,
    }
    /// Records that it did not go out on one of its ways.
    struct RecordDeliveryFailure {
        /// Which way.
        channel: Channel,
        /// Why.
        error: String,
        /// Whether no attempt follows; the tenth is the last in any case.
        #[serde(default)]
        given_up: bool,
    }
    /// Records that somebody saw it.
    struct ReadNotification {}
    /// Records that somebody took care of it.
    struct AcknowledgeNotification {
        /// A word about it; one line.
        note: Option<String>,
    }
}

/// Most attempts to deliver on one way.
pub const ATTEMPTS_MAX: u32 = 10;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Way {
    Open { attempts: u32 },
    Delivered,
    GivenUp,
}

/// A notification, as far as its decisions need it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Notification {
    project: Option<ProjectId>,
    ways: BTreeMap<Channel, Way>,
    read: bool,
    acknowledged: bool,
}

impl Notification {
    fn expect_raised(&self) -> Result<(), Rejection> {
        self.project.map(drop).ok_or(Rejection::NotFound { aggregate: "notification" })
    }
    fn raise(&self, command: &RaiseNotification) -> Result<NotificationEvent, Rejection> {
        if self.project.is_some() {
            return Err(Rejection::AlreadyExists { what: "notification".into() });
        }
        let RaiseNotification { project, kind, title, body, about, channels } = command.clone();
        check::name("title", &title)?;
        check::text("body", &body)?;
        check::range("channels", channels.len(), &(1..=Channel::ALL.len()), "channels")?;
        if let Some(twice) = channels.iter().enumerate().find(|(at, it)| channels[..*at].contains(it)) {
            return Err(Rejection::invalid("channels", "each channel once", twice.1));
        }
        Ok(NotificationRaised { project, kind, title, body, about, channels }.into())
    }
    /// The number of the next attempt on a way that is still open.
    fn attempt(&self, channel: Channel) -> Result<u32, Rejection> {
        self.expect_raised()?;
        match self.ways.get(&channel) {
            None => Err(Rejection::unknown("channel", channel)),
            Some(Way::Open { attempts }) => Ok(attempts + 1),
            Some(Way::Delivered) => Err(Rejection::illegal("delivery", "open", "delivered")),
            Some(Way::GivenUp) => Err(Rejection::illegal("delivery", "open", "given up")),
        }
    }
}

impl Decider for Notification {
    const CATEGORY: Category = Category(28);
    type Command = NotificationCommand;
    type Event = NotificationEvent;

    fn decide(&self, command: &NotificationCommand) -> Result<Vec<NotificationEvent>, Rejection> {
        let event = match command {
            NotificationCommand::RaiseNotification(c) => self.raise(c)?,
            NotificationCommand::RecordDelivery(c) => {
                NotificationDelivered { channel: c.channel, attempt: self.attempt(c.channel)? }.into()
            }
            NotificationCommand::RecordDeliveryFailure(c) => {
                let attempt = self.attempt(c.channel)?;
                check::filled("error", &c.error)?;
                let given_up = c.given_up || attempt >= ATTEMPTS_MAX;
                let error = c.error.clone();
                NotificationDeliveryFailed { channel: c.channel, attempt, error, given_up }.into()
            }
            NotificationCommand::ReadNotification(ReadNotification {}) => {
                self.expect_raised()?;
                if self.read {
                    return Err(Rejection::rule("the notification is read already", "nothing is left to do"));
                }
                NotificationRead {}.into()
            }
            NotificationCommand::AcknowledgeNotification(c) => {
                self.expect_raised()?;
                if self.acknowledged {
                    return Err(Rejection::rule(
                        "the notification is acknowledged already",
                        "nothing is left to do",
                    ));
                }
                check::opt_name("note", c.note.as_deref())?;
                NotificationAcknowledged { note: c.note.clone() }.into()
            }
        };
        Ok(vec![event])
    }
    fn evolve(&mut self, event: &NotificationEvent) {
        match event {
            NotificationEvent::NotificationRaised(e) => {
                let ways = e.channels.iter().map(|channel| (*channel, Way::Open { attempts: 0 })).collect();
                *self = Self { project: Some(e.project), ways, read: false, acknowledged: false };
            }
            NotificationEvent::NotificationDelivered(e) => {
                self.ways.insert(e.channel, Way::Delivered);
            }
            NotificationEvent::NotificationDeliveryFailed(e) => {
                let way = if e.given_up { Way::GivenUp } else { Way::Open { attempts: e.attempt } };
                self.ways.insert(e.channel, way);
            }
            NotificationEvent::NotificationRead(_) => self.read = true,
            NotificationEvent::NotificationAcknowledged(_) => {
                self.read = true;
                self.acknowledged = true;
            }
        }
    }
    fn project(&self) -> Option<ProjectId> {
        self.project
    }
    fn references(command: &NotificationCommand) -> Vec<StreamId> {
        match command {
            NotificationCommand::RaiseNotification(c) => {
                [c.project.into()].into_iter().chain(c.about).collect()
            }
            _ => vec![],
        }
    }
}

/// One or more of every event.
pub(crate) fn samples() -> Vec<NotificationEvent> {
    let project = ProjectId::from_bytes([1; 16]);
    vec![
        NotificationRaised {
            project,
            kind: NotificationKind::NeedsPerson,
            title: "The review dropped from 6 to 4".into(),
            body: "Have a look.".into(),
            about: Some(project.into()),
            channels: vec![Channel::Webhook, Channel::Desktop, Channel::Dashboard],
        }
        .into(),
        NotificationDelivered { channel: Channel::Dashboard, attempt: 1 }.into(),
        NotificationDeliveryFailed {
            channel: Channel::Webhook,
            attempt: 1,
            error: "connection refused".into(),
            given_up: false,
        }
        .into(),
        NotificationRead {}.into(),
        NotificationAcknowledged { note: Some("on it".into()) }.into(),
        NotificationAcknowledged { note: None }.into(),
    ]
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::{Given, check_accepted, check_any_order, check_refused, given, id, pool, with};

    fn raise() -> Value {
        json!({ "project": id(1), "kind": "stopped", "title": "T", "body": "b", "channels": ["webhook"] })
    }
    fn raised() -> Given<Notification> {
        given([]).and_json("raise", &raise())
    }
    fn failure() -> Value {
        json!({ "channel": "webhook", "error": "e" })
    }

    #[test]
    fn every_command_is_accepted_where_it_fits() {
        let about = with(&raise(), &json!({ "about": format!("project-{}", id(1)) }));
        let webhook = json!({ "channel": "webhook" });
        let note = json!({ "note": "n" });
        let failed = with(&failure(), &json!({ "attempt": 1, "given_up": false }));
        check_accepted::<Notification>(vec![
            (given([]), "raise", about.clone(), vec![("NotificationRaised", about)]),
            (
                raised().and_json("record-failure", &failure()),
                "record-delivery",
                webhook.clone(),
                vec![("NotificationDelivered", with(&webhook, &json!({ "attempt": 2 })))],
            ),
            (raised(), "record-failure", failure(), vec![("NotificationDeliveryFailed", failed)]),
            (raised(), "read", json!({}), vec![("NotificationRead", json!({}))]),
            (raised(), "acknowledge", note.clone(), vec![("NotificationAcknowledged", note)]),
        ]);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let (none, raised) = (given([]), raised());
        let sent = raised.clone().and_json("record-delivery", &json!({ "channel": "webhook" }));
        let tried = (0..ATTEMPTS_MAX).fold(raised.clone(), |it, _| it.and_json("record-failure", &failure()));
        let seen = raised.clone().and_json("acknowledge", &json!({}));
        let changed = |changes: Value| with(&raise(), &changes);
        check_refused(vec![
            (&none, "read", json!({}), "notification does not exist"),
            (&none, "acknowledge", json!({}), "notification does not exist"),
            (&none, "record-failure", failure(), "notification does not exist"),
            (&raised, "raise", raise(), "notification exists already"),
            (&none, "raise", changed(json!({ "title": "" })), "`title`"),
            (&none, "raise", changed(json!({ "channels": [] })), "`channels`: expected 1 to 3 channels"),
            (
                &none,
                "raise",
                changed(json!({ "channels": ["desktop", "desktop"] })),
                "`channels`: expected each channel once, got `desktop`",
            ),
            (&raised, "record-delivery", json!({ "channel": "desktop" }), "unknown channel `desktop`"),
            (&raised, "record-failure", with(&failure(), &json!({ "error": "" })), "`error`"),
            (&sent, "record-failure", failure(), "expected delivery to be open, but it is delivered"),
            (&tried, "record-failure", failure(), "expected delivery to be open, but it is given up"),
            (&seen, "read", json!({}), "read already"),
            (&seen, "acknowledge", json!({}), "acknowledged already"),
            (&raised, "acknowledge", json!({ "note": "" }), "`note`"),
        ]);
    }

    #[test]
    fn any_order_of_commands_folds_alike() {
        let commands = [
            ("raise", raise()),
            ("record-delivery", json!({ "channel": "webhook" })),
            ("record-failure", failure()),
            ("read", json!({})),
            ("acknowledge", json!({})),
        ];
        check_any_order::<Notification>(&given([]), &pool(&commands), |_| {});
    }
}
