//! Rows that lie outside of memory, in tests of laws.

use std::ops::ControlFlow;

use super::{History, fold, queries};
use crate::{AnyView, Attic, Kept, Lost, Query, view};

/// Wherever rows lie, they are the same: with next to nothing in memory, and with some rows there.
#[track_caller]
pub(super) fn check_away(name: &str, history: &History, straight: &dyn AnyView) {
    let spec = view(name).unwrap();
    let page = straight.page(&Query::default()).unwrap();
    for memory in [0, 4_000] {
        let made = || {
            let mut view = (spec.make)();
            view.furnish(Box::new(Narrow(memory)));
            view
        };
        let (cut, mut away) = (history.events.len() / 2, made());
        fold(&mut *away, &history.events[..cut], 2);
        let mut restored = made();
        restored.restore(&mut parts(&*away).into_iter()).unwrap();
        let fork = away.fork();
        fold(&mut *away, &history.events[cut..], 1);
        for mut other in [restored, fork] {
            fold(&mut *other, &history.events[cut..], 3);
            assert_eq!(
                other.state_hash(),
                straight.state_hash(),
                "{name} of {memory} bytes, from the middle"
            );
        }
        assert_eq!(away.fault(), None);
        assert_eq!(away.state_hash(), straight.state_hash(), "{name} of {memory} bytes");
        assert_eq!((away.len(), away.links()), (straight.len(), straight.links()));
        assert_eq!(away.page(&Query::default()).unwrap(), page, "{name} of {memory} bytes");
        for query in queries(name, &page).into_iter().chain(ordered(name, straight)) {
            assert_eq!(away.page(&query), straight.page(&query), "{name} of {memory} bytes, {query:?}");
        }
        let compared = away.compare(straight, &Query::default(), &mut |it| panic!("{name}: {it:?}")).unwrap();
        assert_eq!(compared.differing(), 0);
    }
}

/// The first two pages by every figure of the view, both ways, and bounds of it.
fn ordered(name: &str, view: &dyn AnyView) -> Vec<Query> {
    let mut queries = Vec::new();
    for figure in crate::view(name).unwrap().figures {
        for descending in [false, true] {
            let order_by = Some((*figure).to_owned());
            let first = Query { order_by, descending, limit: Some(1), ..Query::default() };
            let after = view.page(&first).unwrap().next;
            queries.extend([Query { after, limit: None, ..first.clone() }, first]);
        }
        for (bound, value) in [("min", "1"), ("max", "1"), ("min", "60"), ("max", "-1")] {
            let filters = vec![(format!("{figure}.{bound}"), value.to_owned())];
            queries.push(Query { filters, ..Query::default() });
        }
    }
    queries
}

/// A view's bytes.
pub(crate) fn parts(view: &dyn AnyView) -> Vec<Vec<u8>> {
    let mut parts = Vec::new();
    let take = &mut |part| {
        parts.push(part);
        ControlFlow::Continue(())
    };
    view.snapshot(take).unwrap();
    parts
}

/// An attic of a table that may have so many bytes in memory.
#[derive(Debug, Clone)]
pub(crate) struct Narrow(pub(crate) usize);

impl Attic for Narrow {
    fn keep(&self, bytes: &[u8]) -> Result<Box<dyn Kept>, Lost> {
        Ok(Box::new(Held(bytes.into())))
    }
    fn weigh(&self, _: usize) -> usize {
        self.0
    }
    fn share(&self) -> Box<dyn Attic> {
        Box::new(self.clone())
    }
}

#[derive(Debug, Clone)]
struct Held(Vec<u8>);

impl Kept for Held {
    fn fetch(&self) -> Result<Vec<u8>, Lost> {
        Ok(self.0.clone())
    }
    fn share(&self) -> Box<dyn Kept> {
        Box::new(self.clone())
    }
    fn is_in_the_way(&self) -> bool {
        false
    }
}
