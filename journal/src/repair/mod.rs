//! A damaged data folder made whole: the log from the tiles, the tiles from the log, whichever has what was signed.

mod carry;
mod mend;
mod swap;

use std::path::{Path, PathBuf};

use domain::ids::Position;
use proof::{Checkpoint, Hash, Origin};

use crate::backup::signed_folder;
use crate::error::OpenError;
use crate::format;
use crate::keys::Keys;
use crate::lock::Lock;
use crate::options::Options;
use crate::rebuild::{Rebuild, RebuildError, options as rebuild_options};
use crate::store::Store;
use crate::store::sled::SledStore;
use crate::tiles::FileTiles;
use crate::verify::Progress;
use carry::carry;
use mend::{Bundles, Mender};

/// What a repair did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepairReport {
    /// Events that the log holds now.
    pub size: u64,
    /// Events that were signed, all of which it holds.
    pub signed: u64,
    /// Root of the tree over the signed events: the one that was signed.
    pub root: Hash,
    /// The new epoch: positions and tokens of the old one are void.
    pub epoch: u64,
    /// Events beyond the signed ones that could be taken over from the damaged log.
    pub carried: u64,
    /// First and last position of events beyond the signed ones that the damaged log had and that are lost.
    pub lost: Option<(Position, Position)>,
    /// Whether the damaged log cannot be read or lacks signed events, so that later ones, of about its last second, may
    /// be lost of which nothing is known; or whether a repair was gone on with that had been cut short.
    pub end_unknown: bool,
    /// Events whose entries were damaged in the tiles and were taken from the log.
    pub from_log: u64,
    /// Files of tiles that were missing or damaged, and were written anew.
    pub mended: u64,
    /// Where the damaged files lie now. They are not needed any more, and never removed.
    pub aside: Vec<PathBuf>,
    /// Whether the signing key was missing, so that a new one was made: whoever pinned the old one must be told.
    pub new_key: bool,
}

/// Why a folder was not repaired. Its log is as it was.
#[derive(Debug, thiserror::Error)]
pub enum RepairError {
    /// Another process has the folder open, or it cannot be used.
    #[error("the data folder could not be opened")]
    Open(#[from] OpenError),
    /// Neither tiles nor log have all that was signed, or nothing says what was.
    #[error("the log could not be written anew")]
    Rebuild(#[from] RebuildError),
}

impl RepairError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Open(error) | Self::Rebuild(RebuildError::Open(error)) => error.hint(),
            Self::Rebuild(RebuildError::Io { .. } | RebuildError::Store { .. }) => {
                "check that the folder is yours and has space for a second log"
            }
            Self::Rebuild(RebuildError::Checkpoint { .. }) => {
                "put `tiles/checkpoint` and the folder `keys` back from a backup, and try again"
            }
            Self::Rebuild(_) => "restore a backup",
        }
    }
}

/// Repairs the data folder `dir`, which no process may have open: writes a new log from the tiles, from the damaged log
/// what the tiles lack, and compares its root with the signed one before it takes the old log's place. The log is in
/// its next epoch then. Damaged files are moved aside and never removed. After a repair that was cut short, the next
/// one goes on.
///
/// # Errors
/// Where neither tiles nor log have all that was signed: then a backup must be restored.
pub fn repair(dir: &Path, progress: impl FnMut(Progress)) -> Result<RepairReport, RepairError> {
    format::check(dir)?;
    let log = dir.join("log");
    let lock = Lock::take(dir, if log.is_dir() { &log } else { dir })?;
    if let Some(report) = swap::go_on(dir)? {
        return Ok(report);
    }
    let folder = dir.join("tiles");
    let files = FileTiles::open(&folder, false).map_err(RebuildError::io(&folder))?;
    let (_, signed, keys) = signed_folder(dir, &files)?;
    let origin = signed
        .origin
        .parse::<Origin>()
        .map_err(|error| RebuildError::Checkpoint { path: folder.clone(), reason: error.to_string() })?;
    let options = Options { read_only: true, ..Options::default() };
    let held = lock.share(dir)?;
    let there = log.is_dir().then(|| SledStore::open_held(dir, &options, held).ok()).flatten();
    let damaged = there.filter(|log| log.identity().log_id == origin.log);
    let epoch = damaged.as_ref().map_or(origin.epoch, |log| log.identity().epoch.max(origin.epoch)) + 1;
    let origin = Origin { epoch, ..origin };
    let mut mender = Mender::new(dir, &files);
    let report = Repair { dir, files: &files, signed, origin, damaged }.run(keys, &mut mender, progress)?;
    let report = swap::put_in_place(dir, report)?;
    mender.prune()?;
    Ok(report)
}

struct Repair<'a> {
    dir: &'a Path,
    files: &'a FileTiles,
    signed: Checkpoint,
    origin: Origin,
    damaged: Option<SledStore>,
}

impl Repair<'_> {
    /// Writes the new log, mends the tiles, and signs, all beside what is there.
    fn run(
        self,
        keys: Keys,
        mender: &mut Mender<'_>,
        mut progress: impl FnMut(Progress),
    ) -> Result<RepairReport, RebuildError> {
        let scratch = swap::scratch(self.dir)?;
        let store = SledStore::create(&scratch, &rebuild_options(), self.origin.log, self.origin.epoch)?;
        let mut bundles = Bundles::new(self.files, self.damaged.as_ref().map(|log| log as &dyn Store));
        let mut rebuild = Rebuild::new(&store);
        for id in proof::tile::bundles(self.signed.size) {
            for record in bundles.records(id)? {
                rebuild.take(record, &mut |piece, bytes| mender.put(piece, bytes))?;
            }
            progress(Progress { events: rebuild.builder.size(), of: self.signed.size });
        }
        rebuild.finish()?;
        rebuild.check_root(self.signed.root)?;
        let mut report = self.report(mender, bundles.from_log);
        if let Some(damaged) = &self.damaged {
            (report.carried, report.lost) = carry(damaged, &store, &mut rebuild, mender)?;
        }
        rebuild.finish()?;
        rebuild.builder.partials(0, &mut |piece, bytes| mender.put(piece, bytes))?;
        mender.sync()?;
        report.size = rebuild.builder.size();
        report.mended = mender.mended;
        report.aside = mender.aside.iter().filter(|path| path.exists()).cloned().collect();
        let key = match keys.signing {
            Some(key) => key,
            None => {
                report.new_key = true;
                let renewed = Keys::renew(&self.dir.join("keys"), self.origin.log)?;
                renewed.signing.expect("it was just made")
            }
        };
        let checkpoint = Checkpoint {
            origin: self.origin.to_string(),
            size: report.size,
            root: rebuild.builder.root(),
            extensions: vec![format!("time {}", (Options::default().clock)())],
        };
        let note = checkpoint.sign(&[&key]).expect("an origin and a time have no control characters");
        swap::decide(&scratch, &note.encode())?;
        Ok(report)
    }

    fn report(&self, mender: &Mender<'_>, from_log: u64) -> RepairReport {
        RepairReport {
            size: self.signed.size,
            signed: self.signed.size,
            root: self.signed.root,
            epoch: self.origin.epoch,
            carried: 0,
            lost: None,
            // A log that lost signed events may have lost later ones too.
            end_unknown: self.damaged.as_ref().is_none_or(|log| log.end() < self.signed.size),
            from_log,
            mended: mender.mended,
            aside: Vec::new(),
            new_key: false,
        }
    }
}
