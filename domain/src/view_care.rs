//! The care of a view: which events it passes over because they broke it, and why.
//!
//! A view that an event breaks stands still. To pass over the event is a decision about what everyone will read, so it
//! is in the log itself, and every later fold of the view passes over the same events.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use crate::catalogue::{commands, events, plain};
use crate::ids::{Category, Position, ProjectId, StreamId};
use crate::{Decider, Rejection, check};

/// Longest reason, in bytes.
const REASON_MAX_BYTES: usize = 2_000;
/// Events that a view may pass over; one that more events break wants mending.
const SKIPPED_MAX: usize = 1_000;

events! {
    /// Everything that can happen to the care of a view.
    pub enum ViewCareEvent {
        3300 => ViewEventSkipped 1;
        3301 => ViewEventRestored 1;
    }
}

commands! {
    /// What can be asked of the care of a view.
    pub enum ViewCareCommand {
        "skip-event" => SkipViewEvent;
        "restore-event" => RestoreViewEvent;
    }
}

plain! {
    /// The view passes over an event, in every fold from the beginning on.
    struct ViewEventSkipped {
        /// Name of the view.
        view: String,
        /// The event.
        position: Position,
        /// Why.
        reason: String,
    }
    /// The view takes an event into account again, in every fold from the beginning on.
    struct ViewEventRestored {
        /// Name of the view.
        view: String,
        /// The event.
        position: Position,
        /// Why.
        reason: String,
    }
}

plain! {
    /// Has the view pass over an event that breaks it.
    struct SkipViewEvent {
        /// Name of the view.
        view: String,
        /// The event.
        position: Position,
        /// Why; 1 to 2,000 bytes.
        reason: String,
    }
    /// Has the view take an event into account again, such as after the fold was mended.
    struct RestoreViewEvent {
        /// Name of the view.
        view: String,
        /// An event that it passes over.
        position: Position,
        /// Why; 1 to 2,000 bytes.
        reason: String,
    }
}

/// The care of a view: the events that it passes over.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ViewCare {
    view: Option<String>,
    skipped: BTreeSet<Position>,
}

impl ViewCare {
    /// The stream of that view: its id is the first 16 bytes of SHA-256 over `view`, a zero byte, and the name.
    #[must_use]
    pub fn stream(view: &str) -> StreamId {
        let digest = Sha256::new().chain_update("view").chain_update([0]).chain_update(view).finalize();
        let first: [u8; 16] = digest[..16].try_into().expect("SHA-256 gives 32 bytes");
        StreamId::new(Self::CATEGORY, ulid::Ulid(u128::from_be_bytes(first)))
    }
    /// The events that the view passes over.
    #[must_use]
    pub const fn skipped(&self) -> &BTreeSet<Position> {
        &self.skipped
    }
    fn check(&self, view: &str, reason: &str) -> Result<(), Rejection> {
        check::slug("view", view)?;
        check::filled_within("reason", reason, REASON_MAX_BYTES)?;
        match &self.view {
            Some(own) if own != view => Err(Rejection::invalid("view", own, view)),
            _ => Ok(()),
        }
    }
    fn skip(&self, command: &SkipViewEvent) -> Result<ViewCareEvent, Rejection> {
        let SkipViewEvent { view, position, reason } = command.clone();
        self.check(&view, &reason)?;
        if self.skipped.contains(&position) {
            let rule = format!("the view passes over position {position} already");
            return Err(Rejection::rule(rule, "name the event that it stands still at"));
        }
        if self.skipped.len() >= SKIPPED_MAX {
            let rule = format!("the view passes over {SKIPPED_MAX} events already");
            return Err(Rejection::rule(rule, "mend the view, or use a release that can fold these events"));
        }
        Ok(ViewEventSkipped { view, position, reason }.into())
    }
    fn restore(&self, command: &RestoreViewEvent) -> Result<ViewCareEvent, Rejection> {
        let RestoreViewEvent { view, position, reason } = command.clone();
        self.check(&view, &reason)?;
        if !self.skipped.contains(&position) {
            return Err(Rejection::unknown("skipped position", position));
        }
        Ok(ViewEventRestored { view, position, reason }.into())
    }
}

impl Decider for ViewCare {
    const CATEGORY: Category = Category(33);
    type Command = ViewCareCommand;
    type Event = ViewCareEvent;

    fn decide(&self, command: &ViewCareCommand) -> Result<Vec<ViewCareEvent>, Rejection> {
        let event = match command {
            ViewCareCommand::SkipViewEvent(c) => self.skip(c)?,
            ViewCareCommand::RestoreViewEvent(c) => self.restore(c)?,
        };
        Ok(vec![event])
    }

    fn evolve(&mut self, event: &ViewCareEvent) {
        match event {
            ViewCareEvent::ViewEventSkipped(e) => {
                self.view = Some(e.view.clone());
                self.skipped.insert(e.position);
            }
            ViewCareEvent::ViewEventRestored(e) => {
                self.skipped.remove(&e.position);
            }
        }
    }

    /// A view is of the whole log.
    fn project(&self) -> Option<ProjectId> {
        None
    }
}

/// One of every event.
pub(crate) fn samples() -> Vec<ViewCareEvent> {
    let (view, position) = ("runs".to_owned(), Position(4_711));
    vec![
        ViewEventSkipped { view: view.clone(), position, reason: "a defect of release 0.1.0".into() }.into(),
        ViewEventRestored { view, position, reason: "mended in release 0.1.1".into() }.into(),
    ]
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::{Given, check_accepted, check_any_order, check_refused, given, pool, with};

    fn body(position: u64) -> Value {
        json!({ "view": "runs", "position": position, "reason": "why" })
    }
    fn skipped(positions: impl IntoIterator<Item = u64>) -> Given<ViewCare> {
        positions.into_iter().fold(given([]), |given, position| given.and_json("skip-event", &body(position)))
    }

    #[test]
    fn every_command_is_accepted_where_it_fits() {
        check_accepted::<ViewCare>(vec![
            (given([]), "skip-event", body(7), vec![("ViewEventSkipped", body(7))]),
            (skipped([7]), "skip-event", body(8), vec![("ViewEventSkipped", body(8))]),
            (skipped([7, 8]), "restore-event", body(7), vec![("ViewEventRestored", body(7))]),
        ]);
        let again = skipped([7]).and_json("restore-event", &body(7)).and_json("skip-event", &body(7));
        assert_eq!(again.state().skipped().iter().copied().collect::<Vec<_>>(), [Position(7)]);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let (none, one) = (given([]), skipped([7]));
        let many = given::<ViewCare>((0..1_000).map(|position| {
            ViewEventSkipped { view: "runs".into(), position: Position(position), reason: "x".into() }.into()
        }));
        check_refused(vec![
            (&none, "skip-event", with(&body(7), &json!({ "view": "Runs!" })), "`view`: expected 1 to 63"),
            (&none, "skip-event", with(&body(7), &json!({ "reason": " " })), "`reason`: expected a text"),
            (
                &none,
                "skip-event",
                with(&body(7), &json!({ "reason": "x".repeat(2_001) })),
                "`reason`: expected at most 2000 bytes",
            ),
            (&one, "skip-event", body(7), "passes over position 7 already"),
            (&one, "skip-event", with(&body(8), &json!({ "view": "usage" })), "`view`: expected runs"),
            (&many, "skip-event", body(1_000), "passes over 1000 events already"),
            (&none, "restore-event", body(7), "unknown skipped position `7`"),
            (&one, "restore-event", body(8), "unknown skipped position `8`"),
            (&one, "restore-event", with(&body(7), &json!({ "reason": "" })), "`reason`: expected a text"),
        ]);
    }

    #[test]
    fn each_view_has_a_stream_of_its_own() {
        assert_eq!(ViewCare::stream("runs"), ViewCare::stream("runs"));
        assert_ne!(ViewCare::stream("runs"), ViewCare::stream("usage"));
        assert_eq!(ViewCare::stream("runs").to_string(), "view-care-367CG0V5Y3VP9J5MYAVWZBJE0K");
        assert_eq!(skipped([1]).state().project(), None);
    }

    #[test]
    fn any_order_of_commands_folds_alike() {
        let commands =
            [7_u64, 8].into_iter().flat_map(|at| [("skip-event", body(at)), ("restore-event", body(at))]);
        check_any_order::<ViewCare>(&given([]), &pool(&commands.collect::<Vec<_>>()), |history| {
            let skips = history.iter().filter(|event| matches!(event, ViewCareEvent::ViewEventSkipped(_)));
            assert!(skips.count() * 2 >= history.len(), "nothing is restored that was not skipped");
        });
    }
}
