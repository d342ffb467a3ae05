//! Which events each view passes over: what the log itself says about the care of views.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError, RwLock};

use domain::ids::{Position, StreamVersion};
use domain::view_care::{ViewCare, ViewCareEvent};
use domain::{Event, Recorded};
use journal::Journal;

use crate::decode::decode;
use crate::stream_views::FoldError;

/// Positions that a view passes over.
pub(crate) type Skipped = Arc<BTreeSet<Position>>;

/// The events that views pass over.
#[derive(Debug, Default)]
pub(crate) struct Skips(RwLock<BTreeMap<String, Skipped>>);

impl Skips {
    /// What the log says of these views.
    pub(crate) fn load<'a>(
        journal: &Journal,
        views: impl Iterator<Item = &'a str>,
    ) -> Result<Self, FoldError> {
        let skips = Self::default();
        for view in views {
            let stream = ViewCare::stream(view);
            if journal.stream_head(stream)?.is_none() {
                continue;
            }
            for record in journal.read_stream(stream, StreamVersion(0), usize::MAX)? {
                skips.take(&decode(&record)?);
            }
        }
        Ok(skips)
    }
    /// Takes an event into account, where it is about the care of a view.
    pub(crate) fn take(&self, event: &Recorded) {
        let Event::ViewCare(happened) = &event.event else { return };
        let (view, position, skip) = match happened {
            ViewCareEvent::ViewEventSkipped(e) => (&e.view, e.position, true),
            ViewCareEvent::ViewEventRestored(e) => (&e.view, e.position, false),
        };
        // Only the view's own stream counts: that is what a start looks at.
        if event.meta.stream != ViewCare::stream(view) {
            return;
        }
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let skipped = Arc::make_mut(all.entry(view.clone()).or_default());
        if skip {
            skipped.insert(position)
        } else {
            skipped.remove(&position)
        };
    }
    /// What the view passes over.
    pub(crate) fn of(&self, view: &str) -> Skipped {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        all.get(view).cloned().unwrap_or_default()
    }
}
