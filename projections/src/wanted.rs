//! Which event types some views fold: what none of them does is not decoded for them.

use domain::ids::TypeId;
use domain::{Event, aggregates};

use crate::ViewSpec;

/// A set of event types.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted(Vec<bool>);

impl Wanted {
    /// What any of these views folds.
    #[must_use]
    pub fn of(views: &[ViewSpec]) -> Self {
        Self::those(|event| views.iter().any(|view| (view.folds)(event)))
    }
    /// The types that `folds` says yes to.
    #[must_use]
    pub fn those(folds: impl Fn(&Event) -> bool) -> Self {
        let mut wanted = Vec::new();
        // Samples cover every event, and what a view folds depends on the type alone.
        for event in aggregates().into_iter().flat_map(|aggregate| (aggregate.samples)()) {
            let place = usize::from(event.type_id().0);
            if folds(&event) {
                wanted.resize(wanted.len().max(place + 1), false);
                wanted[place] = true;
            }
        }
        Self(wanted)
    }
    /// Whether any of them folds events of that type.
    #[must_use]
    pub fn has(&self, type_id: TypeId) -> bool {
        self.0.get(usize::from(type_id.0)).copied().unwrap_or(false)
    }
    /// Whether any of them folds that event.
    #[must_use]
    pub fn folds(&self, event: &Event) -> bool {
        self.has(event.type_id())
    }
    /// How many types there are in it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.iter().filter(|wanted| **wanted).count()
    }
    /// Whether no type is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{view, views};

    #[test]
    fn a_view_that_says_nothing_wants_everything_and_others_what_they_fold() {
        let all: usize = aggregates().iter().map(|aggregate| aggregate.events.len()).sum();
        let of = |name: &str| Wanted::of(&[view(name).unwrap()]).len();
        assert_eq!(of("project-dashboard"), all);
        assert_eq!(of("usage"), 4);
        assert!(of("runs") > 20 && of("runs") < all);
        assert_eq!(Wanted::of(&views()).len(), all);
        assert!(Wanted::of(&[]).is_empty() && !Wanted::default().has(TypeId(1)));
        assert!(!Wanted::of(&views()).has(TypeId(65_000)), "an unknown type is wanted by nobody");
    }

    #[test]
    fn samples_of_one_type_are_wanted_alike() {
        for spec in views() {
            let wanted = Wanted::of(&[spec]);
            for event in aggregates().into_iter().flat_map(|aggregate| (aggregate.samples)()) {
                assert_eq!((spec.folds)(&event), wanted.folds(&event), "{} {}", spec.name, event.name());
            }
        }
    }
}
