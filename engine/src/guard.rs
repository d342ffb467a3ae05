//! The one place where the panic of a fold is caught, and where a fold ends that misses a row.

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

/// Folds `events` into the view, in order. A panic, or a row that does not come back from where it was put away, is a defect of this one view, and must not take down the server or
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
            if let Some(lost) = view.fault() {
                return Err(format!("a row that it changes cannot be read back: {lost}"));
            }
        }
        Ok(())
    }));
    let reason = match folded {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(lost)) => lost,
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
            text.unwrap_or_else(|| "the fold panicked".to_owned())
        }
    };
    Err(Poison { position, reason })
}
