//! Views folded anew beside the old ones, compared row by row, and swapped in; the old ones are kept until confirmed.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

use domain::ids::Position;
use journal::ReadError;
use projections::{Compared, FieldChange, Query, QueryError, Scope, ViewSpec};
use serde::Serialize;

use crate::Engine;
use crate::aggregates::lock;
use crate::folder::snapshot_name;
use crate::folding::{Fold, Pace, ViewState, fold};
use crate::live::{Generation, Live};
use crate::shelf::Shelf;
use crate::skips::Skipped;
use crate::snapshot::{self, Fits};

/// Rows that a report shows; more are counted.
const DIFFERENCES_MAX: usize = 20;
/// Events that are folded while readers wait, at most.
const UNDER_LOCK_MAX: u64 = 10_000;

/// Where a new state comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The log, from its beginning.
    Log,
    /// The state that the last rebuild replaced.
    Kept,
}

/// How far a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// There was none yet.
    #[default]
    Idle,
    /// It reads the log.
    Folding,
    /// It compares and swaps.
    Swapping,
    /// It has ended; each view says how.
    Done,
    /// The process ended first; asked again, it goes on.
    Stopped,
}

impl Phase {
    /// Whether it has yet to end.
    #[must_use]
    pub const fn is_under_way(self) -> bool {
        matches!(self, Self::Folding | Self::Swapping)
    }
}

/// How it went with one view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Its turn has not come.
    Waiting,
    /// The new state is the one that readers see.
    Swapped,
    /// The old state is the one that readers see.
    Failed {
        /// Why.
        reason: String,
    },
}

/// A row that the rebuild changed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RowDifference {
    /// Its key.
    pub key: String,
    /// The fields that differ.
    pub fields: Vec<FieldChange>,
}

/// One view of a job.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ViewRebuild {
    /// Its name.
    pub view: &'static str,
    /// Version of the fold and the row.
    pub version: u32,
    /// The state that readers see, counted since the process began.
    pub generation: Generation,
    /// How it went.
    pub outcome: Outcome,
    /// Last event that both states reflected when they were compared.
    pub position: Option<Position>,
    /// Rows that were the same and rows that were not; none where the old state stood still.
    pub rows: Option<Compared>,
    /// The first 20 of those that were not.
    pub differences: Vec<RowDifference>,
}

/// A job, the last there was.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct RebuildStatus {
    /// Its number since the process began; 0 where there was none.
    pub job: u64,
    /// How far it is.
    pub phase: Phase,
    /// Where the new state comes from.
    pub source: Option<Source>,
    /// Events folded by this process.
    pub events: u64,
    /// Events to fold.
    pub of: u64,
    /// Position that an earlier process had folded up to, where it was cut short.
    pub resumed_at: Option<Position>,
    /// How long folding has taken, in seconds.
    pub seconds: f64,
    /// Each view of it.
    pub views: Vec<ViewRebuild>,
    /// Views whose old state is kept until confirmed, now.
    pub kept: Vec<String>,
}

/// Why a job does not begin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RebuildError {
    /// There is no view of that name.
    #[error("unknown view `{0}`")]
    UnknownView(String),
    /// It is folded whenever it is read.
    #[error("view {0} is folded when it is read: there is nothing to rebuild")]
    NotLive(&'static str),
    /// One at a time.
    #[error("job {0} is under way")]
    Busy(u64),
    /// Nothing to go back to, or to confirm.
    #[error("of view {0} no older state is kept")]
    NothingKept(&'static str),
    /// The system has no thread left.
    #[error("the thread could not be started: {0}")]
    Thread(String),
}

/// The job, and what jobs leave behind.
pub(crate) struct Rebuilds {
    status: Mutex<RebuildStatus>,
    /// Told when a job has ended.
    ended: Condvar,
    thread: Mutex<Option<JoinHandle<()>>>,
    stop: AtomicBool,
    /// How far a job got that was cut short.
    partial: Shelf,
    /// States that were replaced.
    kept: Shelf,
    /// Events between two notes of how far it got.
    every: u64,
}

impl Rebuilds {
    pub(crate) fn new(partial: Shelf, kept: Shelf, every: u64) -> Self {
        let (status, thread, stop) = (Mutex::default(), Mutex::default(), AtomicBool::new(false));
        Self { status, ended: Condvar::new(), thread, stop, partial, kept, every }
    }
    /// Ends a job that is under way; it goes on when it is asked for again.
    pub(crate) fn stop(&self) {
        self.stop.store(true, Ordering::Release);
        let thread = lock(&self.thread).take();
        if let Some(thread) = thread {
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        }
    }
    /// Waits for the end of the job.
    pub(crate) fn wait(&self) {
        let mut status = lock(&self.status);
        while status.phase.is_under_way() {
            status = self.ended.wait(status).unwrap_or_else(PoisonError::into_inner);
        }
    }
    /// Says how the job ended, if nothing has said so yet.
    fn end(&self, job: u64, phase: Phase) {
        self.tell(|status| {
            // The next one may have begun before the thread of this one is gone.
            if status.job == job && status.phase.is_under_way() {
                status.phase = phase;
            }
        });
        self.ended.notify_all();
    }
    fn tell(&self, change: impl FnOnce(&mut RebuildStatus)) {
        change(&mut lock(&self.status));
    }
    fn tell_of(&self, view: &str, change: impl FnOnce(&mut ViewRebuild)) {
        self.tell(|status| {
            if let Some(view) = status.views.iter_mut().find(|it| it.view == view) {
                change(view);
            }
        });
    }
}

impl Engine {
    /// The job, the last there was.
    #[must_use]
    pub fn rebuild_status(&self) -> RebuildStatus {
        let rebuilds = self.rebuilds();
        let kept = rebuilds.kept.list().into_iter();
        let kept = kept.filter_map(|(name, _)| Some(name.strip_suffix(".snap")?.to_owned())).collect();
        RebuildStatus { kept, ..lock(&rebuilds.status).clone() }
    }

    /// Begins to fold views anew, all live ones where none is named: beside the old, which readers see until it is done.
    ///
    /// # Errors
    /// An unknown view, one that is not live, or a job that is under way.
    pub fn rebuild(&self, views: &[String], source: Source) -> Result<RebuildStatus, RebuildError> {
        let rebuilds = self.rebuilds();
        let specs = self.live_specs(views)?;
        if let Some(missing) =
            specs.iter().find(|spec| source == Source::Kept && !rebuilds.kept.has(&snapshot_name(spec)))
        {
            return Err(RebuildError::NothingKept(missing.name));
        }
        let job = {
            let mut status = lock(&rebuilds.status);
            if status.phase.is_under_way() {
                return Err(RebuildError::Busy(status.job));
            }
            let (job, views) = (status.job + 1, specs.iter().map(waiting).collect());
            let (phase, source) = (Phase::Folding, Some(source));
            *status = RebuildStatus { job, phase, source, views, ..RebuildStatus::default() };
            job
        };
        let engine = self.clone();
        let run = move || {
            // However it ends: nobody is to wait for a job that is gone.
            let _ending = Ending(engine.rebuilds(), job);
            Job { engine: &engine, specs, source }.run();
        };
        match std::thread::Builder::new().name("rebuild".into()).spawn(run) {
            Ok(thread) => *lock(&rebuilds.thread) = Some(thread),
            Err(error) => {
                rebuilds.end(job, Phase::Stopped);
                return Err(RebuildError::Thread(error.to_string()));
            }
        }
        Ok(self.rebuild_status())
    }

    /// Lets go of the old states of these views, of all where none is named.
    ///
    /// # Errors
    /// An unknown view, or one of which nothing is kept.
    pub fn confirm_rebuild(&self, views: &[String]) -> Result<RebuildStatus, RebuildError> {
        let kept = &self.rebuilds().kept;
        for spec in self.live_specs(views)? {
            let name = snapshot_name(&spec);
            if !views.is_empty() && !kept.has(&name) {
                return Err(RebuildError::NothingKept(spec.name));
            }
            kept.remove(&name);
        }
        Ok(self.rebuild_status())
    }

    /// Waits until no job is under way. Blocks.
    pub fn wait_for_rebuild(&self) {
        self.rebuilds().wait();
    }

    fn live_specs(&self, views: &[String]) -> Result<Vec<ViewSpec>, RebuildError> {
        if views.is_empty() {
            return Ok(self.folder().live().iter().map(|live| live.spec).collect());
        }
        let find = |name: &String| {
            let unknown = || RebuildError::UnknownView(name.chars().take(80).collect());
            let spec = self.spec(name).ok_or_else(unknown)?;
            if spec.scope == Scope::Live { Ok(spec) } else { Err(RebuildError::NotLive(spec.name)) }
        };
        views.iter().map(find).collect()
    }
}

struct Ending<'a>(&'a Rebuilds, u64);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.end(self.1, Phase::Stopped);
    }
}

fn waiting(spec: &ViewSpec) -> ViewRebuild {
    ViewRebuild {
        view: spec.name,
        version: spec.version,
        generation: Generation::default(),
        outcome: Outcome::Waiting,
        position: None,
        rows: None,
        differences: vec![],
    }
}

/// One job, on a thread of its own.
struct Job<'a> {
    engine: &'a Engine,
    specs: Vec<ViewSpec>,
    source: Source,
}

impl Job<'_> {
    fn rebuilds(&self) -> &Rebuilds {
        self.engine.rebuilds()
    }

    fn run(&self) {
        let rebuilds = self.rebuilds();
        let job = lock(&rebuilds.status).job;
        let mut folds = self.begin();
        let folded = self.fold_all(&mut folds);
        if let Err(error) = &folded {
            let reason = error.to_string();
            let failed = |view: &mut ViewRebuild| view.outcome = Outcome::Failed { reason: reason.clone() };
            rebuilds.tell(|status| status.views.iter_mut().for_each(failed));
        } else if rebuilds.stop.load(Ordering::Acquire) {
            // Only a fold of the log is one to go on with.
            if self.source == Source::Log {
                self.note(&folds);
            }
            return;
        } else {
            rebuilds.tell(|status| status.phase = Phase::Swapping);
            folds.into_iter().for_each(|(fold, skipped)| self.finish(fold, &skipped));
        }
        rebuilds.end(job, Phase::Done);
    }

    /// Each view's new state, where it begins: empty, or where an earlier job was cut short.
    fn begin(&self) -> Vec<(Fold, Skipped)> {
        let (engine, rebuilds) = (self.engine, self.rebuilds());
        let journal = engine.journal();
        let begin = |spec: &ViewSpec| {
            let skipped = engine.history().skips().of(spec.name);
            let shelf = match self.source {
                Source::Log => &rebuilds.partial,
                Source::Kept => &rebuilds.kept,
            };
            let (log, head, attics) = (journal.identity(), journal.watermark(), engine.history().attics());
            let fits = Fits { spec, log, head, skipped: &skipped, attics };
            let found = snapshot::get((shelf, &snapshot_name(spec)), &fits);
            // What was kept and does not fit is no state to go back to: the log is.
            (found.unwrap_or_else(|| Fold::new(*spec, attics)), skipped)
        };
        let folds: Vec<_> = self.specs.iter().map(begin).collect();
        let resumed = folds.iter().map(|(fold, _)| fold.position).min().flatten();
        if self.source == Source::Log {
            rebuilds.tell(|status| status.resumed_at = resumed);
        }
        folds
    }

    /// Up to where the live views are, but for a little that is left for the swap.
    fn fold_all(&self, folds: &mut [(Fold, Skipped)]) -> Result<(), ReadError> {
        let (engine, rebuilds) = (self.engine, self.rebuilds());
        let started = Instant::now();
        let first = folds.iter().map(|(fold, _)| fold.position).min().flatten();
        let begin = first.map_or(0, |first| first.0 + 1);
        let mut noted = begin;
        loop {
            let Some(target) = engine.folder().position() else { return Ok(()) };
            let behind =
                |(fold, _): &(Fold, Skipped)| fold.poison().is_none() && fold.position < Some(target);
            if !folds.iter().any(behind) || rebuilds.stop.load(Ordering::Acquire) {
                return Ok(());
            }
            fold(engine.journal(), folds, target, Pace::default(), |folds, now| {
                let end = now.0 + 1;
                rebuilds.tell(|status| {
                    (status.events, status.of) = (end - begin, target.0 + 1 - begin);
                    status.seconds = started.elapsed().as_secs_f64();
                });
                if self.source == Source::Log && end - noted >= rebuilds.every {
                    self.note(folds);
                    noted = end;
                }
                !rebuilds.stop.load(Ordering::Acquire)
                    && folds.iter().any(|(fold, _)| fold.poison().is_none())
            })?;
        }
    }

    /// Notes how far it got, for the one that goes on after a kill. Where that cannot be written, it begins anew.
    fn note(&self, folds: &[(Fold, Skipped)]) {
        let identity = self.engine.journal().identity();
        for (fold, skipped) in folds.iter().filter(|(fold, _)| fold.state == ViewState::Live) {
            let name = snapshot_name(&fold.spec);
            let put = snapshot::put((&self.rebuilds().partial, &name), false, identity, skipped, fold);
            if let Err(error) = put {
                tracing::warn!(view = fold.spec.name, %error, "how far the rebuild got could not be written");
                return;
            }
        }
    }

    /// Compares one view's new state with the old, and swaps them.
    fn finish(&self, mut fold: Fold, skipped: &Skipped) {
        let (name, rebuilds) = (fold.spec.name, self.rebuilds());
        let live = self.engine.folder().find(name).expect("a job is of live views only");
        let swapped =
            self.compare(live, &mut fold, skipped).and_then(|broken| self.swap(live, fold, skipped, broken));
        let outcome = match swapped {
            Ok(()) => Outcome::Swapped,
            Err(reason) => Outcome::Failed { reason },
        };
        rebuilds.partial.remove(&snapshot_name(&live.spec));
        let generation = live.read().generation;
        tracing::info!(view = name, ?outcome, generation = generation.0, "view rebuilt");
        rebuilds.tell_of(name, |view| (view.outcome, view.generation) = (outcome, generation));
        self.engine.folder().wake();
    }

    /// Brings both to one position, tells what differs, and keeps the old. Says whether rows change by the swap.
    fn compare(&self, live: &Live, fold: &mut Fold, skipped: &Skipped) -> Result<bool, String> {
        let old = live.read().fold.fork();
        let (ViewState::Live, Some(position)) = (&old.state, old.position) else { return Ok(true) };
        self.bring(fold, position, skipped)?;
        let mut differences = Vec::new();
        let rows = old.view.compare(&*fold.view, &Query::default(), &mut |difference| {
            if differences.len() < DIFFERENCES_MAX {
                differences.push(RowDifference { key: difference.key.clone(), fields: difference.fields() });
            }
        });
        let rows = match rows {
            // Of an old state that cannot be read back nothing is compared, and nothing kept.
            Err(QueryError::Lost { .. }) => return Ok(true),
            rows => rows.map_err(|error| error.to_string())?,
        };
        self.rebuilds().tell_of(live.spec.name, |view| {
            (view.position, view.rows, view.differences) = (Some(position), Some(rows), differences);
        });
        let identity = self.engine.journal().identity();
        let name = snapshot_name(&live.spec);
        let kept = snapshot::put((&self.rebuilds().kept, &name), true, identity, skipped, &old);
        kept.map_err(|error| format!("the old state could not be kept: {error}"))?;
        Ok(rows.differing() > 0)
    }

    /// Folds on up to `until`.
    fn bring(&self, new: &mut Fold, until: Position, skipped: &Skipped) -> Result<(), String> {
        let empty = Fold::from(new.spec, (new.spec.make)(), None);
        let mut folds = [(std::mem::replace(new, empty), Arc::clone(skipped))];
        let folded = fold(self.engine.journal(), &mut folds, until, Pace::default(), |_, _| true);
        let [(brought, _)] = folds;
        *new = brought;
        folded.map_err(|error| error.to_string())?;
        match new.poison() {
            None => Ok(()),
            Some(poison) => {
                let position = poison.position;
                Err(format!("the event at position {position} breaks the view: {}", poison.reason))
            }
        }
    }

    /// Puts the new state in the old one's place, at the position that the folder goes on from.
    fn swap(&self, live: &Live, mut fold: Fold, skipped: &Skipped, broken: bool) -> Result<(), String> {
        let folder = self.engine.folder();
        loop {
            let reached = { live.read().offered }.max(folder.position());
            if let Some(reached) = reached {
                self.bring(&mut fold, reached, skipped)?;
            }
            let mut folded = live.write();
            let offered = folded.offered.max(fold.position);
            let left =
                offered.map_or(0, |offered| offered.0) - fold.position.map_or(0, |position| position.0);
            if left > UNDER_LOCK_MAX {
                continue;
            }
            if let Some(offered) = offered {
                self.bring(&mut fold, offered, skipped)?;
            }
            if broken && let Some(position) = fold.position {
                fold.view.forget_changes(position);
            }
            folded.generation.0 += 1;
            if broken {
                folded.unbroken = folded.generation;
            }
            folded.fold = fold;
            break;
        }
        // After a kill the next start would begin with the old state again.
        folder.snapshot(live).map_err(|error| error.to_string())
    }
}
