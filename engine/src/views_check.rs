//! Whether views are what their events make of them: folded twice, in different ways, and compared with what is stored.

use std::path::Path;

use domain::StreamId;
use domain::ids::Position;
use journal::Journal;
use projections::{Query, Scope, ViewSpec};
use serde::Serialize;

use crate::Engine;
use crate::attic::{Attics, MEMORY, ROWS};
use crate::folder::snapshot_name;
use crate::folding::{EVENTS_PER_BATCH, Fold, Pace, ViewState, fold};
use crate::shelf::Shelf;
use crate::skips::{Skipped, Skips};
use crate::snapshot::{self, Fits};
use crate::stream_views::{FoldError, StreamFold};

/// The two ways: a batch size and threads each.
const WAYS: [Pace; 2] = [Pace { batch: EVENTS_PER_BATCH, threads: 1 }, Pace { batch: 977, threads: 2 }];
/// Aggregates of each kind whose views are folded: the last ones.
const STREAMS_MAX: usize = 20;

/// What was found of one view.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CheckedView {
    /// Its name.
    pub view: &'static str,
    /// Version of the fold and the row.
    pub version: u32,
    /// Rows at the end of the log; of a per-stream view, those of all that were folded.
    pub rows: u64,
    /// SHA-256 over the rows at the end of the log, in hexadecimal digits; none of a per-stream view.
    pub state_hash: Option<String>,
    /// Whether both folds gave the same rows.
    pub deterministic: bool,
    /// Where the stored state stands, if there is one.
    pub stored_position: Option<Position>,
    /// Whether the stored state has the rows that its events give; none where nothing is stored.
    pub stored_equal: Option<bool>,
    /// The event that breaks it, if one does.
    pub poisoned_at: Option<Position>,
    /// The first key whose row differs.
    pub first_difference: Option<String>,
}

/// What was found of all views. The keys are stable.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ViewsReport {
    /// Nothing differs, and no event breaks a view.
    pub verified: bool,
    /// Last event of the log.
    pub position: Option<Position>,
    /// Each view.
    pub views: Vec<CheckedView>,
}

impl CheckedView {
    fn is_well(&self) -> bool {
        self.deterministic && self.stored_equal != Some(false) && self.poisoned_at.is_none()
    }
}

type Folds = Vec<(Fold, Skipped)>;

/// Checks every view of the log against what lies in `dir`, the folder of snapshots.
///
/// # Errors
/// A log that cannot be read.
pub fn check_views(
    journal: &Journal,
    dir: Option<&Path>,
    progress: impl FnMut(Position),
) -> Result<ViewsReport, FoldError> {
    let specs = projections::views();
    let skips = Skips::load(journal, specs.iter().map(|spec| spec.name))?;
    let attics = Attics::new(dir.map(|dir| dir.join(ROWS)), MEMORY);
    check(journal, &specs, (&skips, &attics), stored_in(journal, dir, &skips, &attics), progress)
}

/// The states that lie in a folder of snapshots.
pub(crate) fn stored_in<'a>(
    journal: &'a Journal,
    dir: Option<&Path>,
    skips: &'a Skips,
    attics: &'a Attics,
) -> impl Fn(&ViewSpec) -> Option<Fold> + use<'a> {
    let shelf = dir.map(|dir| Shelf::new(Some(dir.to_owned())));
    move |spec| {
        let (log, head, skipped) = (journal.identity(), journal.watermark(), &skips.of(spec.name));
        snapshot::get((shelf.as_ref()?, &snapshot_name(spec)), &Fits { spec, log, head, skipped, attics })
    }
}

impl Engine {
    /// Checks every view against what its readers see now. Blocks: folds the whole log, twice.
    ///
    /// # Errors
    /// A log that cannot be read.
    pub fn check_views(&self) -> Result<ViewsReport, FoldError> {
        let shown = |spec: &ViewSpec| {
            let fold = self.folder().find(spec.name)?.read().fold.fork();
            (fold.state == ViewState::Live).then_some(fold)
        };
        let with = (self.history().skips(), self.history().attics());
        check(self.journal(), self.specs(), with, shown, |_| ())
    }
}

pub(crate) fn check(
    journal: &Journal,
    specs: &[ViewSpec],
    (skips, attics): (&Skips, &Attics),
    stored: impl Fn(&ViewSpec) -> Option<Fold>,
    mut progress: impl FnMut(Position),
) -> Result<ViewsReport, FoldError> {
    let (live, streamed): (Vec<ViewSpec>, Vec<ViewSpec>) =
        specs.iter().partition(|spec| spec.scope == Scope::Live);
    let stored: Vec<Option<Fold>> = live.iter().map(stored).collect();
    let head = journal.watermark();
    let mut places: Vec<Position> = stored.iter().flatten().filter_map(|fold| fold.position).collect();
    places.extend(head);
    places.sort_unstable();
    places.dedup();

    let begin = || live.iter().map(|spec| (Fold::new(*spec, attics), skips.of(spec.name))).collect::<Folds>();
    let [mut one, mut other] = [begin(), begin()];
    let mut differences = vec![None; live.len()];
    for place in places {
        for (folds, pace) in [&mut one, &mut other].into_iter().zip(WAYS) {
            fold(journal, folds, place, pace, |_, now| {
                progress(now);
                true
            })?;
        }
        let at_place = stored
            .iter()
            .enumerate()
            .filter(|(_, it)| it.as_ref().is_some_and(|it| it.position == Some(place)));
        for (index, stored) in at_place {
            let differs = stored.as_ref().and_then(|stored| difference(stored, &one[index].0));
            differences[index] = Some(differs);
        }
    }
    let mut views: Vec<CheckedView> = one
        .iter()
        .zip(&other)
        .zip(differences.into_iter().zip(&stored))
        .map(|(((one, _), (other, _)), (differs, stored))| checked(one, other, differs, stored.as_ref()))
        .collect();
    for spec in streamed {
        views.push(check_streams(journal, spec, skips)?);
    }
    let verified = views.iter().all(CheckedView::is_well);
    Ok(ViewsReport { verified, position: head, views })
}

/// The first key whose rows differ, or a word for what is not rows.
fn difference(one: &Fold, other: &Fold) -> Option<String> {
    let mut first = None;
    let compared = one.view.compare(&*other.view, &Query::default(), &mut |difference| {
        first.get_or_insert(difference.key);
    });
    match compared {
        Ok(_) => first,
        Err(error) => Some(error.to_string()),
    }
}

fn checked(one: &Fold, other: &Fold, stored: Option<Option<String>>, from: Option<&Fold>) -> CheckedView {
    let hash = one.view.state_hash();
    let same = hash.is_ok() && hash == other.view.state_hash() && one.state == other.state;
    let between = if same { None } else { difference(one, other) };
    let hex = |hash: [u8; 32]| hash.iter().map(|byte| format!("{byte:02x}")).collect();
    CheckedView {
        view: one.spec.name,
        version: one.spec.version,
        rows: u64::try_from(one.view.len()).unwrap_or(u64::MAX),
        state_hash: hash.ok().map(hex),
        deterministic: same,
        stored_position: from.and_then(|fold| fold.position),
        stored_equal: stored.as_ref().map(Option::is_none),
        poisoned_at: one.poison().map(|poison| poison.position),
        first_difference: between.or(stored.flatten()),
    }
}

/// The view over the last aggregates of its kind: in one go, and in steps.
fn check_streams(journal: &Journal, spec: ViewSpec, skips: &Skips) -> Result<CheckedView, FoldError> {
    let mut found = CheckedView {
        view: spec.name,
        version: spec.version,
        rows: 0,
        state_hash: None,
        deterministic: true,
        stored_position: None,
        stored_equal: None,
        poisoned_at: None,
        first_difference: None,
    };
    let Some(head) = journal.watermark() else { return Ok(found) };
    for stream in last_streams(journal, spec, head)? {
        let skipped = skips.of(spec.name);
        let (mut whole, mut steps) =
            (StreamFold::new(spec, stream, skipped.clone()), StreamFold::new(spec, stream, skipped));
        let last = journal.stream_head(stream)?.map_or(0, |last| last.position.0);
        let folded = whole.advance(journal, Some(head)).and_then(|()| {
            let middle = [last / 2, last.saturating_sub(1), head.0];
            middle.iter().try_for_each(|until| steps.advance(journal, Some(Position(*until))))
        });
        match folded {
            Err(FoldError::Poisoned { position, .. }) => found.poisoned_at = Some(position),
            folded => folded?,
        }
        found.rows += u64::try_from(whole.view.len()).unwrap_or(u64::MAX);
        if found.poisoned_at.is_none() && whole.view.state_hash() != steps.view.state_hash() {
            found.deterministic = false;
            found.first_difference.get_or_insert_with(|| stream.to_string());
        }
    }
    Ok(found)
}

/// The last aggregates of the view's kind that the end of the log tells of.
fn last_streams(journal: &Journal, spec: ViewSpec, head: Position) -> Result<Vec<StreamId>, FoldError> {
    const LOOK_BACK: u64 = 100_000;
    let Scope::Stream(category) = spec.scope else { return Ok(Vec::new()) };
    let mut streams = Vec::new();
    let from = head.0.checked_sub(LOOK_BACK).map(Position);
    for block in journal.scan(from) {
        for record in block?.records() {
            let stream = record.stream();
            if stream.category == category && !streams.contains(&stream) {
                streams.push(stream);
                if streams.len() > STREAMS_MAX {
                    streams.remove(0);
                }
            }
        }
    }
    Ok(streams)
}
