//! Views over the streams of one aggregate: folded when read, kept while they are in use.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};

use domain::ids::{Position, StreamVersion};
use domain::{Recorded, StreamId};
use journal::{Journal, ReadError};
use lru::LruCache;
use projections::{AnyView, ViewSpec};

use crate::aggregates::lock;
use crate::decode::{DecodeFault, decode};
use crate::guard::{self, Poison};
use crate::skips::{Skipped, Skips};

const HELD_MAX: NonZeroUsize = NonZeroUsize::new(256).expect("not 0");
const EVENTS_PER_READ: usize = 4096;

/// Why a stream could not be folded into a view.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FoldError {
    /// The log could not be read.
    #[error("the log could not be read")]
    Read(#[from] ReadError),
    /// An event of the stream could not be read.
    #[error("an event could not be read")]
    Decode(#[from] DecodeFault),
    /// An event broke the view.
    #[error("view {view} stands still at the event at position {position}: {reason}")]
    Poisoned {
        /// The view.
        view: &'static str,
        /// The event.
        position: Position,
        /// What went wrong.
        reason: String,
    },
}

/// A view over some streams, as of a position.
pub(crate) struct StreamFold {
    spec: ViewSpec,
    own: StreamId,
    skipped: Skipped,
    pub(crate) view: Box<dyn AnyView>,
    /// Last version folded of each stream.
    versions: BTreeMap<StreamId, Option<StreamVersion>>,
    pub(crate) position: Option<Position>,
}

impl StreamFold {
    pub(crate) fn new(spec: ViewSpec, own: StreamId, skipped: Skipped) -> Self {
        let versions = BTreeMap::from([(own, None)]);
        Self { spec, own, skipped, view: (spec.make)(), versions, position: None }
    }
    /// The streams that it folds.
    pub(crate) fn streams(&self) -> impl Iterator<Item = StreamId> {
        self.versions.keys().copied()
    }
    /// An empty one over the streams that this one was found to fold.
    pub(crate) fn anew(&self) -> Self {
        let versions = self.streams().map(|stream| (stream, None)).collect();
        let (spec, own, skipped) = (self.spec, self.own, self.skipped.clone());
        Self { spec, own, skipped, view: (spec.make)(), versions, position: None }
    }
    /// Folds events one by one, so that `each` sees what every one of them touched.
    pub(crate) fn step(
        &mut self,
        journal: &Journal,
        until: Position,
        mut each: impl FnMut(&mut dyn AnyView, &Recorded),
    ) -> Result<(), FoldError> {
        for event in self.read(journal, until)? {
            self.apply(std::slice::from_ref(&event))?;
            each(&mut *self.view, &event);
            self.view.settle(event.meta.position);
        }
        self.position = Some(until);
        Ok(())
    }
    /// What is new in its streams, in the log's order.
    fn read(&self, journal: &Journal, until: Position) -> Result<Vec<Recorded>, FoldError> {
        let mut events = Vec::new();
        for (stream, version) in &self.versions {
            read_new(journal, self.spec.name, *stream, *version, until, &self.skipped, &mut events)?;
        }
        events.sort_unstable_by_key(|event| event.meta.position);
        Ok(events)
    }
    fn apply(&mut self, events: &[Recorded]) -> Result<(), FoldError> {
        let folded = guard::apply(&mut *self.view, events.iter());
        if let Err(Poison { position, reason }) = folded {
            // What it holds may be half changed: whoever asks next folds anew.
            self.view = (self.spec.make)();
            self.versions.values_mut().for_each(|version| *version = None);
            self.position = None;
            return Err(FoldError::Poisoned { view: self.spec.name, position, reason });
        }
        for event in events {
            self.versions.insert(event.meta.stream, Some(event.meta.version));
        }
        Ok(())
    }
    /// Whether the aggregate has any history in what was folded.
    pub(crate) fn exists(&self) -> bool {
        self.versions.get(&self.own).is_some_and(Option::is_some)
    }

    /// Folds what is new in its streams up to `until`.
    pub(crate) fn advance(&mut self, journal: &Journal, until: Option<Position>) -> Result<(), FoldError> {
        let Some(until) = until else { return Ok(()) };
        if self.position.is_some_and(|position| position >= until) {
            return Ok(());
        }
        loop {
            let events = self.read(journal, until)?;
            self.apply(&events)?;
            let links = self.view.links();
            if links.iter().all(|link| self.versions.contains_key(link)) {
                self.view.settle(until);
                self.position = Some(until);
                return Ok(());
            }
            // Its order is the log's: with a further stream the fold begins anew.
            self.view = (self.spec.make)();
            let streams: Vec<_> = self.versions.keys().copied().chain(links).collect();
            self.versions = streams.into_iter().map(|stream| (stream, None)).collect();
        }
    }
}

fn read_new(
    journal: &Journal,
    view: &'static str,
    stream: StreamId,
    folded: Option<StreamVersion>,
    until: Position,
    skipped: &Skipped,
    events: &mut Vec<Recorded>,
) -> Result<(), FoldError> {
    let Some(head) = journal.stream_head(stream)? else { return Ok(()) };
    let mut next = folded.map_or(StreamVersion(0), |StreamVersion(last)| StreamVersion(last + 1));
    while next <= head.version {
        let records = journal.read_stream(stream, next, EVENTS_PER_READ)?;
        let Some(last) = records.last() else { break };
        next = StreamVersion(last.version().0 + 1);
        for record in records.iter().take_while(|record| record.position() <= until) {
            let is_skipped = skipped.contains(&record.position());
            match decode(record) {
                Ok(_) | Err(_) if is_skipped => {}
                Ok(event) => events.push(event),
                Err(fault) if fault.is_unknown() => {}
                Err(fault) => {
                    let (position, reason) = (record.position(), fault.to_string());
                    return Err(FoldError::Poisoned { view, position, reason });
                }
            }
        }
        if last.position() > until {
            break;
        }
    }
    Ok(())
}

pub(crate) type Fold = Arc<Mutex<StreamFold>>;

/// The folds in use, least recently used ones dropped.
pub(crate) struct StreamViews(Mutex<LruCache<(&'static str, StreamId), Fold>>);

impl StreamViews {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(LruCache::new(HELD_MAX)))
    }
    pub(crate) fn get(&self, spec: ViewSpec, stream: StreamId, skips: &Skips) -> Fold {
        let make = || Arc::new(Mutex::new(StreamFold::new(spec, stream, skips.of(spec.name))));
        lock(&self.0).get_or_insert((spec.name, stream), make).clone()
    }
    /// Lets go of what was folded with other events passed over.
    pub(crate) fn forget(&self, view: &str) {
        let mut folds = lock(&self.0);
        let gone: Vec<_> = folds.iter().map(|(key, _)| *key).filter(|(name, _)| *name == view).collect();
        gone.iter().for_each(|key| drop(folds.pop(key)));
    }
}
