//! Snapshots of views along their history, so that a fold of the past begins near where it is to end.

use domain::ids::Position;
use journal::LogIdentity;
use projections::ViewSpec;

use crate::folding::Fold;
use crate::shelf::Shelf;
use crate::skips::Skipped;
use crate::snapshot::{self, Fits};

/// Checkpoints of one view. As the log grows every other one goes, so that this many cover all of it.
const KEPT_MAX: u64 = 16;
/// Bytes that the checkpoints of one view take; beyond, every other one goes as well.
const BYTES_MAX: u64 = 1 << 30;

/// The checkpoints of all views.
#[derive(Debug)]
pub(crate) struct Checkpoints {
    shelf: Shelf,
    log: LogIdentity,
    /// Events between two of a short log.
    every: u64,
}

fn name(spec: &ViewSpec, position: Position) -> String {
    format!("{}-{:020}.snap", spec.name, position.0)
}

impl Checkpoints {
    pub(crate) fn new(shelf: Shelf, log: LogIdentity, every: u64) -> Self {
        Self { shelf, log, every: every.max(1) }
    }
    /// Where the view has checkpoints, and their sizes, in order.
    fn of(&self, spec: &ViewSpec) -> Vec<(Position, u64)> {
        let position = |file: &str| {
            let digits = file.strip_prefix(spec.name)?.strip_prefix('-')?.strip_suffix(".snap")?;
            digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok().map(Position))?
        };
        let listed = self.shelf.list();
        listed.iter().filter_map(|(file, size)| Some((position(file)?, *size))).collect()
    }
    /// Positions of the view's checkpoints up to `until`, the last first.
    pub(crate) fn before(&self, spec: &ViewSpec, until: Position) -> Vec<Position> {
        let all = self.of(spec).into_iter().rev();
        all.map(|(position, _)| position).filter(|position| *position <= until).collect()
    }
    /// The fold at that checkpoint; one that does not fit is taken away.
    pub(crate) fn read(&self, position: Position, fits: &Fits<'_>) -> Option<Fold> {
        let name = name(fits.spec, position);
        let fold = snapshot::get((&self.shelf, &name), fits);
        if fold.is_none() {
            self.shelf.remove(&name);
        }
        fold.filter(|fold| fold.position == Some(position))
    }
    /// How far apart checkpoints of a log of so many events are.
    fn stride(&self, events: u64) -> u64 {
        let mut stride = self.every;
        while events / stride > KEPT_MAX {
            stride = stride.saturating_mul(2);
        }
        stride
    }
    /// Whether a fold that went from `before` to `now` passed a place where a checkpoint belongs.
    pub(crate) fn is_due(&self, before: Option<Position>, now: Position) -> bool {
        let stride = self.stride(now.0);
        before.map_or(0, |before| before.0 / stride) < now.0 / stride
    }
    /// Leaves a checkpoint where there is none yet. Where it cannot be written, the past just takes longer.
    pub(crate) fn leave(&self, fold: &Fold, skipped: &Skipped) {
        let Some(position) = fold.position.filter(|_| fold.poison().is_none()) else { return };
        let spec = &fold.spec;
        let stride = self.stride(position.0);
        let held = self.of(spec);
        if held.iter().any(|(at, _)| at.0 / stride == position.0 / stride) {
            return;
        }
        if let Err(error) =
            snapshot::put((&self.shelf, &name(spec, position)), false, &self.log, skipped, fold)
        {
            tracing::warn!(view = spec.name, %error, "a checkpoint of the view could not be written");
            return;
        }
        self.thin(spec);
    }
    /// Takes away what is more than enough: the first of each stride stays.
    fn thin(&self, spec: &ViewSpec) {
        let held = self.of(spec);
        let last = held.last().map_or(0, |(position, _)| position.0);
        let mut stride = self.stride(last);
        loop {
            let mut place = None;
            let (kept, gone): (Vec<_>, Vec<_>) = held.iter().partition(|(position, _)| {
                let own = Some(position.0 / stride);
                own != Some(0) && std::mem::replace(&mut place, own) != own
            });
            let bytes: u64 = kept.iter().map(|(_, size)| size).sum();
            if bytes <= BYTES_MAX || kept.len() <= 1 {
                gone.iter().for_each(|(position, _)| self.shelf.remove(&name(spec, *position)));
                return;
            }
            stride = stride.saturating_mul(2);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attic::Attics;

    fn checkpoints(every: u64) -> Checkpoints {
        let journal = journal::Journal::memory(journal::Options::default());
        Checkpoints::new(Shelf::new(None), journal.identity().clone(), every)
    }
    fn leave(checkpoints: &Checkpoints, spec: ViewSpec, position: u64) {
        let fold = Fold::from(spec, (spec.make)(), Some(Position(position)));
        checkpoints.leave(&fold, &Skipped::default());
    }

    #[test]
    fn they_stay_few_and_cover_the_whole_log() {
        let (checkpoints, spec) = (checkpoints(100), projections::view("runs").unwrap());
        let mut before = None;
        for position in (0..40_000).step_by(30) {
            let now = Position(position);
            if checkpoints.is_due(before.replace(now), now) {
                leave(&checkpoints, spec, position);
            }
        }
        let held = checkpoints.before(&spec, Position(40_000));
        assert!((8..=18).contains(&held.len()), "{held:?}");
        // None is further from the next than two strides.
        assert!(held.windows(2).all(|pair| pair[0].0 - pair[1].0 <= 2 * 3_200), "{held:?}");
        assert!(held.last().unwrap().0 <= 6_400 && held[0].0 >= 33_600, "{held:?}");
    }

    #[test]
    fn views_do_not_take_one_anothers() {
        let checkpoints = checkpoints(100);
        let view = |name| projections::view(name).unwrap();
        leave(&checkpoints, view("plans"), 150);
        leave(&checkpoints, view("issues"), 250);
        leave(&checkpoints, view("issues"), 260);
        assert_eq!(checkpoints.before(&view("issues"), Position(300)), [Position(250)]);
        assert_eq!(checkpoints.before(&view("issues"), Position(200)), []);
        let (spec, attics) = (view("plans"), Attics::new(None, 0));
        let (skipped, head) = (&Skipped::default(), Some(Position(149)));
        let fits = Fits { spec: &spec, log: &checkpoints.log, head, skipped, attics: &attics };
        assert!(checkpoints.read(Position(150), &fits).is_none(), "beyond the head");
        assert_eq!(checkpoints.before(&spec, Position(300)), [], "what does not fit is taken away");
    }
}
