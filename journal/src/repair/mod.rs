//! A damaged data folder made whole: the log from the tiles, the tiles from the log, whichever has what was signed.

mod carry;
mod dry;
mod mend;
mod sound;
mod swap;

use std::path::{Path, PathBuf};

use domain::ids::Position;
use proof::rotation::{self, Rotation};
use proof::trust::rotation_in;
use proof::{Checkpoint, Hash, Origin, RawRecord};

use crate::backup::signed_folder;
use crate::error::OpenError;
use crate::format::{self, Marker};
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

/// How far a repair goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RepairOptions {
    /// Finds out what it would do, and changes nothing.
    pub dry_run: bool,
    /// Writes a new log where the one there is sound, too: where its index is suspected.
    pub force: bool,
}

/// What a repair did, or would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepairReport {
    /// Whether log, tiles and key were found whole: then they are as they were, in the same epoch.
    pub sound: bool,
    /// Events that the log holds now.
    pub size: u64,
    /// Events that were signed, all of which it holds.
    pub signed: u64,
    /// Root of the tree over the signed events: the one that was signed.
    pub root: Hash,
    /// The epoch, which is a new one unless the log was sound: positions and tokens of the old one are void.
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
    /// Whether the marker of the folder's layout was missing or damaged, and was written anew.
    pub marker: bool,
    /// Whether the file of the public key was missing or damaged, and was written anew from the secret one.
    pub public_key: bool,
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

/// Repairs the data folder `dir`, which no process may have open. Where log, tiles and key are whole they stay as they
/// are. Otherwise a new log is written from the tiles, from the damaged log what the tiles lack, and its root compared
/// with the signed one before it takes the old log's place; the log is in its next epoch then. A missing or damaged
/// marker of the layout is written anew once the root has shown that the folder is of this layout. Damaged files are
/// moved aside and never removed. After a repair that was cut short, the next one goes on.
///
/// # Errors
/// Where neither tiles nor log have all that was signed: then a backup must be restored. Where the marker names a later
/// layout.
pub fn repair(
    dir: &Path,
    options: RepairOptions,
    progress: impl FnMut(Progress),
) -> Result<RepairReport, RepairError> {
    let marker = format::look(dir)?;
    let log = dir.join("log");
    let lock = Lock::take(dir, if log.is_dir() { &log } else { dir })?;
    let mut report = repair_stored(dir, options, &lock, progress)?;
    report.marker = matches!(marker, Marker::Missing | Marker::Damaged);
    if !options.dry_run {
        report.aside.extend(format::mend(dir, marker)?);
    }
    Ok(report)
}

/// All but the marker.
fn repair_stored(
    dir: &Path,
    options: RepairOptions,
    lock: &Lock,
    progress: impl FnMut(Progress),
) -> Result<RepairReport, RepairError> {
    if let Some(report) = swap::go_on(dir, options.dry_run)? {
        return Ok(report);
    }
    let folder = dir.join("tiles");
    let files = FileTiles::open(&folder, options.dry_run).map_err(RebuildError::io(&folder))?;
    let (note, signed, mut keys) = signed_folder(dir, &files)?;
    let origin = signed
        .origin
        .parse::<Origin>()
        .map_err(|error| RebuildError::Checkpoint { path: folder.clone(), reason: error.to_string() })?;
    let own = Checkpoint::open(&note, &signed.origin, std::slice::from_ref(&keys.verifying)).is_ok();
    let unexplained = keys.signing.is_some() && !own;
    let public_key = own && keys.is_public_lost(origin.log);
    let copy = options.dry_run.then(|| dry::Copy::of(dir)).transpose()?;
    // The storage engine writes to what it opens: a dry run has a log of its own.
    let at = copy.as_ref().map_or(dir, dry::Copy::path);
    if !options.force
        && keys.signing.is_some()
        && let Some(report) = sound::look(dir, at, lock, &signed, &keys, unexplained)?
    {
        if public_key && !options.dry_run {
            keys.mend_public()?;
        }
        return Ok(RepairReport { public_key, ..report });
    }
    let opening = Options { read_only: true, ..Options::default() };
    let held = lock.share(dir)?;
    let there = at.join("log").is_dir().then(|| SledStore::open_held(at, &opening, held).ok()).flatten();
    let damaged = there.filter(|log| log.identity().log_id == origin.log);
    let epoch = damaged.as_ref().map_or(origin.epoch, |log| log.identity().epoch.max(origin.epoch)) + 1;
    let origin = Origin { epoch, ..origin };
    let mut mender = Mender::new(dir, &files, options.dry_run);
    let follows = unexplained.then(|| keys.clone());
    let repair = Repair { dir, files: &files, signed, origin, damaged, options, follows };
    let mut report = repair.run(&mut keys, &mut mender, progress)?;
    report.public_key = public_key;
    if options.dry_run {
        return Ok(report);
    }
    let report = swap::put_in_place(dir, report)?;
    mender.prune()?;
    if public_key {
        keys.mend_public()?;
    }
    Ok(report)
}

struct Repair<'a> {
    dir: &'a Path,
    files: &'a FileTiles,
    signed: Checkpoint,
    origin: Origin,
    damaged: Option<SledStore>,
    options: RepairOptions,
    /// Keys of which the one in force has not signed: the log must say that it was changed for it.
    follows: Option<Keys>,
}

impl Repair<'_> {
    /// Writes the new log, mends the tiles, and signs, all beside what is there.
    fn run(
        self,
        keys: &mut Keys,
        mender: &mut Mender<'_>,
        progress: impl FnMut(Progress),
    ) -> Result<RepairReport, RebuildError> {
        if self.options.dry_run {
            let (mut report, _) = self.rebuild(None, mender, progress)?;
            report.new_key = keys.signing.is_none();
            return Ok(report);
        }
        let scratch = swap::scratch(self.dir)?;
        let store = SledStore::create(&scratch, &rebuild_options(), self.origin.log, self.origin.epoch)?;
        let (mut report, root) = self.rebuild(Some(&store), mender, progress)?;
        report.new_key = keys.signing.is_none();
        if report.new_key {
            *keys = Keys::renew(&self.dir.join("keys"), self.origin.log)?;
        }
        let key = keys.signing.as_ref().expect("it was there, or just made");
        let checkpoint = Checkpoint {
            origin: self.origin.to_string(),
            size: report.size,
            root,
            extensions: vec![format!("time {}", (Options::default().clock)())],
        };
        let note = checkpoint.sign(&[key]).expect("an origin and a time have no control characters");
        swap::decide(&scratch, &note.encode())?;
        Ok(report)
    }

    /// The tree, and the log where one is wanted; gives the root over all that is there now.
    fn rebuild(
        &self,
        store: Option<&dyn Store>,
        mender: &mut Mender<'_>,
        mut progress: impl FnMut(Progress),
    ) -> Result<(RepairReport, Hash), RebuildError> {
        let mut bundles = Bundles::new(self.files, self.damaged.as_ref().map(|log| log as &dyn Store));
        let mut rebuild = Rebuild::new(store);
        let mut rotations = Vec::new();
        let mut look =
            |record: &RawRecord| rotations.extend(rotation_in(record, self.origin.log).and_then(Result::ok));
        for id in proof::tile::bundles(self.signed.size) {
            for record in bundles.records(id)? {
                if self.follows.is_some() {
                    RawRecord::parse(record.clone()).iter().for_each(&mut look);
                }
                rebuild.take(record, &mut |piece, bytes| mender.put(piece, bytes))?;
            }
            progress(Progress { events: rebuild.builder.size(), of: self.signed.size });
        }
        rebuild.finish()?;
        rebuild.check_root(self.signed.root)?;
        let mut report = self.report(mender, bundles.from_log);
        if let Some(damaged) = &self.damaged {
            (report.carried, report.lost) = carry(damaged, &mut bundles, &mut rebuild, mender, look)?;
        }
        self.check_follows(&rotations)?;
        rebuild.finish()?;
        rebuild.builder.partials(0, &mut |piece, bytes| mender.put(piece, bytes))?;
        mender.sync()?;
        report.size = rebuild.builder.size();
        report.mended = mender.mended;
        report.aside = mender.aside.iter().filter(|path| path.exists()).cloned().collect();
        Ok((report, rebuild.builder.root()))
    }

    /// A checkpoint that another key has signed must not become one of this log's key, unless the log says why.
    fn check_follows(&self, rotations: &[Rotation]) -> Result<(), RebuildError> {
        let Some(keys) = &self.follows else { return Ok(()) };
        let others: Vec<_> =
            keys.candidates().into_iter().filter(|candidate| *candidate != keys.verifying).collect();
        if rotation::follow(&others, rotations).contains(&keys.verifying) {
            return Ok(());
        }
        let reason = format!("expected the signature of `{}`, or of a key that it replaced", keys.verifying);
        Err(RebuildError::Checkpoint { path: self.dir.join("tiles/checkpoint"), reason })
    }

    fn report(&self, mender: &Mender<'_>, from_log: u64) -> RepairReport {
        RepairReport {
            sound: false,
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
            marker: false,
            public_key: false,
        }
    }
}
