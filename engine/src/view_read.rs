//! What readers ask of views: a page at a position, and what changed since one.

use std::time::Duration;

use domain::ids::{Category, Position};
use domain::{StreamId, Ulid};
use journal::ReadError;
use projections::{Delta, Page, Query, QueryError, Scope, ViewSpec};

use crate::Engine;
use crate::aggregates::lock;
use crate::attic::RowsHeld;
use crate::decode::DecodeFault;
use crate::folding::{Fold, ViewState};
use crate::live::{Generation, Live, ViewHealth};
use crate::position::At;
use crate::stream_views::{FoldError, StreamFold};

/// A view, the part of it that is wanted, and when.
#[derive(Debug, Clone, Default)]
pub struct ViewRequest {
    /// Name of the view.
    pub view: String,
    /// Key: of the aggregate for a per-stream view, of the row for a live one.
    pub key: Option<String>,
    /// Filters, paging and order.
    pub query: Query,
    /// As of this point in history; now where absent.
    pub at: Option<At>,
    /// Not before this position is reflected: read your own writes.
    pub min_position: Option<Position>,
    /// How long to wait for `min_position`.
    pub wait: Duration,
}

/// Rows of a view, and the position they reflect.
#[derive(Debug, Clone, PartialEq)]
pub struct ViewAnswer {
    /// Name of the view.
    pub view: &'static str,
    /// Version of the fold and the row.
    pub version: u32,
    /// Last event that the rows reflect; `None` before the first.
    pub position: Option<Position>,
    /// The rows.
    pub page: Page,
}

/// Why a view cannot answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ViewError {
    /// There is no view of that name.
    #[error("unknown view `{0}`")]
    UnknownView(String),
    /// The view is per aggregate and wants its id.
    #[error("view {0} wants the id of an aggregate")]
    KeyMissing(&'static str),
    /// The query does not fit the view.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// There is nothing under that key.
    #[error("view {view} has nothing under `{key}`")]
    NotFound {
        /// The view.
        view: &'static str,
        /// The key.
        key: String,
    },
    /// The position was not reached in time.
    #[error("expected position {wanted}, but the view is at {}", show(*reached))]
    NotYet {
        /// What was asked for.
        wanted: Position,
        /// Where it is.
        reached: Option<Position>,
    },
    /// An event broke the view.
    #[error("view {view} stands still at the event at position {position}: {reason}")]
    Quarantined {
        /// The view.
        view: &'static str,
        /// The event.
        position: Position,
        /// What went wrong.
        reason: String,
    },
    /// The later point lies before the earlier one.
    #[error("expected `from` up to `to`, got {} and {}", show(*.from), show(*.to))]
    BackToFront {
        /// The earlier point.
        from: Option<Position>,
        /// The later point.
        to: Option<Position>,
    },
    /// The log could not be read.
    #[error("the log could not be read")]
    Read(#[from] ReadError),
    /// An event could not be read.
    #[error("an event could not be read")]
    Decode(#[from] DecodeFault),
}

fn show(position: Option<Position>) -> String {
    position.map_or_else(|| "none".into(), |position| position.to_string())
}

impl From<FoldError> for ViewError {
    fn from(error: FoldError) -> Self {
        match error {
            FoldError::Read(error) => Self::Read(error),
            FoldError::Decode(fault) => Self::Decode(fault),
            FoldError::Poisoned { view, position, reason } => Self::Quarantined { view, position, reason },
        }
    }
}

/// A view and the part of it that a subscriber reads again and again. Blocks where the log must be read.
#[derive(Debug, Clone)]
pub struct Reading {
    pub(crate) engine: Engine,
    pub(crate) spec: ViewSpec,
    pub(crate) stream: Option<StreamId>,
    pub(crate) query: Query,
}

/// What a subscriber at some position is told.
#[derive(Debug, Clone, PartialEq)]
pub enum Resumed {
    /// Changes up to the position.
    Delta(Delta, Option<Position>),
    /// The changes are no longer known one by one: read the whole.
    TooFarBehind,
}

impl Reading {
    /// The view's entry in the registry.
    #[must_use]
    pub const fn spec(&self) -> &ViewSpec {
        &self.spec
    }
    /// The aggregate that it folds, where it is a view of one.
    #[must_use]
    pub const fn stream(&self) -> Option<StreamId> {
        self.stream
    }
    /// Which rows of it are asked for.
    #[must_use]
    pub const fn query(&self) -> &Query {
        &self.query
    }
    fn live(&self) -> &Live {
        self.engine.folder().find(self.spec.name).expect("every live view of the registry is folded")
    }
    /// Which of its states a live view is in, and since which its rows have changed by events only.
    #[must_use]
    pub fn generation(&self) -> (Generation, Generation) {
        if self.stream.is_some() {
            return Default::default();
        }
        let folded = self.live().read();
        (folded.generation, folded.unbroken)
    }
    /// Rows as of now.
    ///
    /// # Errors
    /// Where the query does not fit, the view stands still, or the log cannot be read.
    pub fn page(&self) -> Result<(Page, Option<Position>), ViewError> {
        if let Some(stream) = self.stream {
            let fold = self.engine.streams().get(self.spec, stream, self.engine.history().skips());
            let mut fold = lock(&fold);
            fold.advance(self.engine.journal(), self.engine.journal().watermark())?;
            return Ok((fold.view.page(&self.query)?, fold.position));
        }
        let fold = &self.live().read().fold;
        self.check_health(fold)?;
        Ok((fold.view.page(&self.query)?, fold.position))
    }
    fn check_health(&self, fold: &Fold) -> Result<(), ViewError> {
        let ViewState::Quarantined { position, reason } = &fold.state else { return Ok(()) };
        let (view, position) = (self.spec.name, *position);
        Err(ViewError::Quarantined { view, position, reason: reason.clone() })
    }
    /// What changed after `since`.
    ///
    /// # Errors
    /// As [`Reading::page`].
    pub fn changes(&self, since: Option<Position>) -> Result<Resumed, ViewError> {
        let Some(since) = since else {
            // To a reader of an empty log every row is news.
            let (page, position) = self.page()?;
            return Ok(Resumed::Delta(Delta { set: page.rows, del: vec![] }, position));
        };
        let resumed = |delta: Option<Delta>, position| match delta {
            Some(delta) => Resumed::Delta(delta, position),
            None => Resumed::TooFarBehind,
        };
        if let Some(stream) = self.stream {
            let fold = self.engine.streams().get(self.spec, stream, self.engine.history().skips());
            let mut fold = lock(&fold);
            // A fold begun after `since` has one stamp for all it found: then every row is told again, which
            // upserts bear.
            fold.advance(self.engine.journal(), self.engine.journal().watermark())?;
            return Ok(resumed(fold.view.changes(since, &self.query)?, fold.position));
        }
        let fold = &self.live().read().fold;
        self.check_health(fold)?;
        Ok(resumed(fold.view.changes(since, &self.query)?, fold.position))
    }
}

impl Engine {
    /// A view and the part of it that is wanted, checked.
    ///
    /// # Errors
    /// An unknown view, a missing or wrong key, an unknown filter.
    pub fn reading(&self, view: &str, key: Option<&str>, mut query: Query) -> Result<Reading, ViewError> {
        let unknown = || ViewError::UnknownView(view.chars().take(80).collect());
        let spec = self.spec(view).ok_or_else(unknown)?;
        let stream = match (spec.scope, key) {
            (Scope::Live, key) => {
                query.key = key.map(ToOwned::to_owned);
                None
            }
            (Scope::Stream(_), None) => return Err(ViewError::KeyMissing(spec.name)),
            (Scope::Stream(category), Some(key)) => {
                let wrong = || QueryError::BadKey { view: spec.name, key: key.chars().take(80).collect() };
                Some(StreamId::new(category, parse_id(category, key).ok_or_else(wrong)?))
            }
        };
        (spec.make)().page(&query)?;
        Ok(Reading { engine: self.clone(), spec, stream, query })
    }

    /// Reads a view.
    ///
    /// # Errors
    /// Where the request does not fit, the position is not reached in time, or the log cannot be read.
    pub async fn view(&self, request: ViewRequest) -> Result<ViewAnswer, ViewError> {
        let reading = self.reading(&request.view, request.key.as_deref(), request.query)?;
        if let Some(wanted) = request.min_position {
            self.reach(reading.spec.scope, wanted, request.wait).await?;
        }
        let at = request.at;
        let read = move || reading.answer(at, request.key.as_deref());
        tokio::task::spawn_blocking(read)
            .await
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
    }

    /// Waits until views reflect `wanted`.
    async fn reach(&self, scope: Scope, wanted: Position, wait: Duration) -> Result<(), ViewError> {
        let mut progress = match scope {
            Scope::Live => self.folder().progress(),
            Scope::Stream(_) => self.journal().subscribe(),
        };
        let reached = matches!(
            tokio::time::timeout(wait, progress.wait_for(|at| *at >= Some(wanted))).await,
            Ok(Ok(_))
        );
        if reached {
            return Ok(());
        }
        let reached = *progress.borrow();
        Err(ViewError::NotYet { wanted, reached })
    }

    /// The position up to which every live view has been folded.
    #[must_use]
    pub fn folded(&self) -> Option<Position> {
        self.folder().position()
    }

    /// Follows the position up to which every live view has been folded.
    #[must_use]
    pub fn progress(&self) -> tokio::sync::watch::Receiver<Option<Position>> {
        self.folder().progress()
    }

    /// Waits until the live views have caught up with the log as it is now.
    pub async fn caught_up(&self) {
        let head = self.journal().watermark();
        // The sender lives as long as the engine, which this borrows.
        let _ = self.progress().wait_for(|at| *at >= head).await;
    }

    /// The condition of every live view.
    #[must_use]
    pub fn view_health(&self) -> Vec<ViewHealth> {
        self.folder().live().iter().map(Live::health).collect()
    }

    /// What rows of live views take, and whether they can be put away.
    #[must_use]
    pub fn rows_held(&self) -> RowsHeld {
        self.history().attics().held()
    }

    /// Events of newer builds, which changed no view here.
    #[must_use]
    pub fn unknown_events(&self) -> u64 {
        self.folder().unknown_events()
    }

    /// Why views stand still, if the log could not be read.
    #[must_use]
    pub fn view_fault(&self) -> Option<String> {
        self.folder().fault()
    }

    /// SHA-256 over the state of every live view, by name: equal for equal histories.
    ///
    /// # Errors
    /// Where a row cannot be read back.
    pub fn state_hashes(&self) -> Result<Vec<(&'static str, [u8; 32])>, QueryError> {
        let hash = |live: &Live| Ok((live.spec.name, live.read().fold.view.state_hash()?));
        self.folder().live().iter().map(hash).collect()
    }
}

/// An id, alone or as the stream's whole name.
fn parse_id(category: Category, key: &str) -> Option<Ulid> {
    let id = match key.rsplit_once('-') {
        Some((kind, id)) if kind == category.to_string() => id,
        Some(_) => return None,
        None => key,
    };
    id.parse::<domain::ids::RunId>().ok().map(domain::ids::RunId::ulid)
}

impl Reading {
    fn answer(&self, at: Option<At>, key: Option<&str>) -> Result<ViewAnswer, ViewError> {
        let (page, position) = match at {
            None => self.page_now()?,
            Some(at) => self.page_at(at)?,
        };
        if let Some(key) = key.filter(|_| page.rows.is_empty() && self.stream.is_none()) {
            return Err(ViewError::NotFound { view: self.spec.name, key: key.to_owned() });
        }
        Ok(ViewAnswer { view: self.spec.name, version: self.spec.version, position, page })
    }
    fn page_now(&self) -> Result<(Page, Option<Position>), ViewError> {
        if let Some(stream) = self.stream
            && self.engine.journal().stream_head(stream)?.is_none()
        {
            return Err(ViewError::NotFound { view: self.spec.name, key: stream.to_string() });
        }
        self.page()
    }
    /// Rows as of a point in history, and the position that this is.
    ///
    /// # Errors
    /// As [`Reading::page`], and where there is nothing yet under the key.
    pub fn page_at(&self, at: At) -> Result<(Page, Option<Position>), ViewError> {
        let history = self.engine.history();
        let until = history.resolve(at)?;
        if let Some(stream) = self.stream {
            let fold = self.stream_at(stream, until)?;
            return Ok((fold.view.page(&self.query)?, until));
        }
        {
            // The present is a point in history too.
            let fold = &self.live().read().fold;
            if fold.position == until && fold.state == ViewState::Live {
                return Ok((fold.view.page(&self.query)?, until));
            }
        }
        Ok((history.at(self.spec, until)?.view.page(&self.query)?, until))
    }
    /// A per-stream view as of a position.
    pub(crate) fn stream_at(
        &self,
        stream: StreamId,
        until: Option<Position>,
    ) -> Result<StreamFold, ViewError> {
        let skipped = self.engine.history().skips().of(self.spec.name);
        let mut fold = StreamFold::new(self.spec, stream, skipped);
        fold.advance(self.engine.journal(), until)?;
        if fold.exists() {
            return Ok(fold);
        }
        Err(ViewError::NotFound { view: self.spec.name, key: stream.to_string() })
    }
}
