//! The one place where the panic of a fold is caught.

use std::panic::{AssertUnwindSafe, catch_unwind};

use domain::Recorded;
use domain::ids::Position;
use projections::AnyView;

/// The event that broke a view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Poison {
    pub(crate) position: Position,
    pub(crate) reason: String,
}

/// Folds `events` into the view, in order. A panic is a defect of this one view, and must not take down the server or
/// the other views with it; the state it leaves behind may be half changed, so nobody reads it again.
pub(crate) fn apply<'a>(
    view: &mut dyn AnyView,
    events: impl Iterator<Item = &'a Recorded>,
) -> Result<(), Poison> {
    let mut position = Position(0);
    let folded = catch_unwind(AssertUnwindSafe(|| {
        for event in events {
            position = event.meta.position;
            view.apply(event);
        }
    }));
    folded.map_err(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
        Poison { position, reason: text.unwrap_or_else(|| "the fold panicked".to_owned()) }
    })
}
