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
}

/// A view over some streams, as of a position.
pub(crate) struct StreamFold {
    spec: ViewSpec,
    own: StreamId,
    pub(crate) view: Box<dyn AnyView>,
    /// Last version folded of each stream.
    versions: BTreeMap<StreamId, Option<StreamVersion>>,
    pub(crate) position: Option<Position>,
}

impl StreamFold {
    pub(crate) fn new(spec: ViewSpec, own: StreamId) -> Self {
        Self { spec, own, view: (spec.make)(), versions: BTreeMap::from([(own, None)]), position: None }
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
            let mut events = Vec::new();
            for (stream, version) in &self.versions {
                read_new(journal, *stream, *version, until, &mut events)?;
            }
            events.sort_unstable_by_key(|event| event.meta.position);
            for event in &events {
                self.view.apply(event);
                self.versions.insert(event.meta.stream, Some(event.meta.version));
            }
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
    stream: StreamId,
    folded: Option<StreamVersion>,
    until: Position,
    events: &mut Vec<Recorded>,
) -> Result<(), FoldError> {
    let Some(head) = journal.stream_head(stream)? else { return Ok(()) };
    let mut next = folded.map_or(StreamVersion(0), |StreamVersion(last)| StreamVersion(last + 1));
    while next <= head.version {
        let records = journal.read_stream(stream, next, EVENTS_PER_READ)?;
        let Some(last) = records.last() else { break };
        next = StreamVersion(last.version().0 + 1);
        for record in records.iter().take_while(|record| record.position() <= until) {
            match decode(record) {
                Ok(event) => events.push(event),
                Err(fault) if fault.is_unknown() => {}
                Err(fault) => return Err(fault.into()),
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
    pub(crate) fn get(&self, spec: ViewSpec, stream: StreamId) -> Fold {
        let make = || Arc::new(Mutex::new(StreamFold::new(spec, stream)));
        lock(&self.0).get_or_insert((spec.name, stream), make).clone()
    }
}
