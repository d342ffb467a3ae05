//! Backups: the tree's files copied while the log is written to, only what is new, checked against the signature.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use domain::ids::LogId;
use proof::tile::{self, BundleId};
use proof::{Checkpoint, Hash, Origin};
use rustix::fs::{FlockOperation, flock};

use crate::cosigned::{self, Seen};
use crate::error::CheckpointError;
use crate::journal::Journal;
use crate::keys::{self, Keys};
use crate::rebuild::{RebuildError, records};
use crate::tiles::builder::{Builder, Piece};
use crate::tiles::{
    CHECKPOINT, COSIGNED, FileTiles, ProveError, StoredNodes, TileStore, replace_file, stored_bundle,
    stored_tile,
};
use crate::verify::Progress;

/// Events after which a copy that is cut short goes on; a full tile of the second level.
const STEP_EVENTS: u64 = tile::WIDTH * tile::WIDTH;
/// Name of the file that says how far a copy is.
const PROGRESS: &str = "progress";

/// What a backup does with the secret half of the signing key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secrets {
    /// It is not copied: a log restored from the backup gets a new key, unless the old one is put there by hand.
    Leave,
    /// It is copied: the backup must be kept as safe as the data folder.
    Copy,
}

/// What was copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackupReport {
    /// The log.
    pub log: LogId,
    /// Its epoch.
    pub epoch: u64,
    /// Events that the backup covers.
    pub size: u64,
    /// Root of their tree, as the log signed it.
    pub root: Hash,
    /// Events copied this time.
    pub copied_events: u64,
    /// Bytes written this time.
    pub copied_bytes: u64,
}

/// Why a backup was not made. An earlier one in the same folder is as it was.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The folder is being written to by another backup.
    #[error("`{path}` is in use by another backup")]
    Busy {
        /// The folder.
        path: PathBuf,
    },
    /// The folder holds a backup of another log.
    #[error("the backup in `{path}` is of log `{expected}`, this is `{actual}`")]
    OtherLog {
        /// The folder.
        path: PathBuf,
        /// Log of the backup.
        expected: LogId,
        /// The log.
        actual: LogId,
    },
    /// The backup has events that the log lacks: an old copy of the log was put back.
    #[error("the backup covers {backup} events of epoch {backup_epoch}, the log {log} of epoch {log_epoch}")]
    Behind {
        /// Events of the backup.
        backup: u64,
        /// Its epoch.
        backup_epoch: u64,
        /// Events of the log.
        log: u64,
        /// Its epoch.
        log_epoch: u64,
    },
    /// The log does not extend what the folder holds a backup of: it was restored to an earlier position since.
    #[error("the log does not extend the {size} events of the backup in `{path}`")]
    OtherHistory {
        /// The folder.
        path: PathBuf,
        /// Events of the backup.
        size: u64,
    },
    /// What the server shows is signed by no key that counts.
    #[error("expected a checkpoint signed by {expected}, got one of {actual}")]
    UnknownKey {
        /// The keys that count.
        expected: String,
        /// Who has signed.
        actual: String,
    },
    /// No checkpoint could be signed over what is durable.
    #[error("the log could not be signed")]
    Sign(#[from] CheckpointError),
    /// The log or the backup cannot be read or written.
    #[error("the entries could not be copied")]
    Copy(#[from] RebuildError),
}

impl BackupError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Busy { .. } => "wait for it to end",
            Self::OtherLog { .. } | Self::OtherHistory { .. } => "make the backup in a new folder",
            Self::Behind { .. } => {
                "verify the log: events may be missing from its end; then restore the backup"
            }
            Self::UnknownKey { .. } => {
                "check the address, and where the key came from; `waybill keys show --server URL` tells what the \
                 server says itself"
            }
            Self::Sign(_) => "see the log's status for why tiles cannot be written",
            Self::Copy(RebuildError::Root { .. } | RebuildError::Entries { .. }) => {
                "verify the log; if it is whole, make the backup in a new folder"
            }
            Self::Copy(RebuildError::Checkpoint { .. }) => {
                "of the data folder: open the log once, and it is signed again; of the backup: make another one in a \
                 new folder"
            }
            Self::Copy(_) => "check that the folder is yours and has space",
        }
    }
}

impl Journal {
    /// Copies everything durable into the folder `to`, which holds an earlier backup of this log or nothing; only
    /// what is new is copied. Appends go on meanwhile. Blocks.
    ///
    /// # Errors
    /// Where the log cannot be signed or read, or the folder not be written.
    pub fn backup(
        &self,
        to: &Path,
        secrets: Secrets,
        progress: impl FnMut(Progress),
    ) -> Result<BackupReport, BackupError> {
        if !self.shared().options.read_only {
            self.checkpoint_now()?;
        }
        let tiles = &self.shared().tiles;
        // The key must stay the one that signed.
        let _no_change = tiles.rotating.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let unsigned = || missing(Path::new(CHECKPOINT), "there is none");
        let signed = tiles.signed().ok_or_else(unsigned)?;
        let keys = tiles.keys().ok_or_else(unsigned)?;
        let note = Bytes::copy_from_slice(signed.note.as_bytes());
        copy(
            &Source {
                tiles: tiles.store.as_ref(),
                note,
                checkpoint: signed.checkpoint.clone(),
                keys,
                secrets,
            },
            to,
            progress,
        )
    }
}

/// As [`Journal::backup`], of the data folder `dir`, which a server may be writing to: then the backup ends at the
/// last checkpoint, at most about a second before.
///
/// # Errors
/// As [`Journal::backup`].
pub fn backup(
    dir: &Path,
    to: &Path,
    secrets: Secrets,
    progress: impl FnMut(Progress),
) -> Result<BackupReport, BackupError> {
    let folder = dir.join("tiles");
    let tiles = FileTiles::open(&folder, true).map_err(RebuildError::io(&folder))?;
    let (note, checkpoint, keys) = signed_folder(dir, &tiles)?;
    copy(&Source { tiles: &tiles, note, checkpoint, keys, secrets }, to, progress)
}

/// The signed checkpoint of a data folder or a backup, and the keys that it was checked with.
pub(crate) fn signed_folder(
    dir: &Path,
    tiles: &FileTiles,
) -> Result<(Bytes, Checkpoint, Keys), RebuildError> {
    // A key that is being changed may be newer or older than the checkpoint for a moment.
    let mut tries = 0;
    loop {
        match read_signed(dir, tiles) {
            Err(RebuildError::Checkpoint { .. }) if tries < 20 => {
                tries += 1;
                std::thread::sleep(std::time::Duration::from_millis(10));
            }
            other => return other,
        }
    }
}

fn read_signed(dir: &Path, tiles: &FileTiles) -> Result<(Bytes, Checkpoint, Keys), RebuildError> {
    let path = dir.join("tiles").join(CHECKPOINT);
    let wrong = |reason: String| RebuildError::Checkpoint { path: path.clone(), reason };
    let note = tiles.read(CHECKPOINT).map_err(RebuildError::io(&path))?;
    let note = note.ok_or_else(|| wrong("it is missing".into()))?;
    let parsed = proof::Note::parse(&note).map_err(|error| wrong(error.to_string()))?;
    let checkpoint = Checkpoint::parse(parsed.text()).map_err(|error| wrong(error.to_string()))?;
    let origin: Origin =
        checkpoint.origin.parse().map_err(|error: proof::origin::OriginError| wrong(error.to_string()))?;
    let folder = dir.join("keys");
    let keys = match Keys::open(&folder, origin.log, false) {
        Ok(keys) => keys,
        // With one half it can still be told what was signed.
        Err(error) => {
            let halves = [Keys::public(&folder, origin.log), Keys::secret(&folder, origin.log)];
            let signed = |keys: &Keys| parsed.signers(&keys.candidates()).is_ok();
            Some(halves.into_iter().flatten().find(signed).ok_or(error)?)
        }
    };
    let keys = keys.ok_or_else(|| wrong("there is no key that could have signed it".into()))?;
    parsed.signers(&keys.candidates()).map_err(|error| wrong(error.to_string()))?;
    Ok((note, checkpoint, keys))
}

/// What a backup is made of.
pub(crate) struct Source<'a> {
    pub(crate) tiles: &'a dyn TileStore,
    pub(crate) note: Bytes,
    pub(crate) checkpoint: Checkpoint,
    pub(crate) keys: Keys,
    pub(crate) secrets: Secrets,
}

impl Source<'_> {
    /// What witnesses have cosigned, as far as the backup covers it.
    fn cosigned(&self) -> Result<Option<String>, RebuildError> {
        match cosigned::compare(self.tiles, &self.checkpoint, &self.keys.candidates()) {
            Seen::Fits | Seen::Other(_) => Ok(cosigned::read(self.tiles)),
            // It came after the checkpoint was read: the next backup has both.
            Seen::More(_) => Ok(None),
            Seen::Contradicts(reason) => Err(missing(Path::new(COSIGNED), &reason)),
        }
    }
}

/// A folder that a backup is made in.
struct Target {
    path: PathBuf,
    files: FileTiles,
    /// Partial tiles that the new checkpoint does not need.
    outdated: BTreeMap<String, Option<String>>,
    bytes: u64,
    _lock: File,
}

/// Copies what the target lacks, every event hashed, and makes it count once the root is the signed one.
pub(crate) fn copy(
    source: &Source<'_>,
    to: &Path,
    mut progress: impl FnMut(Progress),
) -> Result<BackupReport, BackupError> {
    let origin = source.checkpoint.origin.parse::<Origin>();
    let origin = origin.map_err(|error| missing(Path::new(CHECKPOINT), &error.to_string()))?;
    let cosigned = source.cosigned()?;
    let mut target = Target::open(to)?;
    let mut builder = target.begin(source)?;
    let (first, size) = (builder.size(), source.checkpoint.size);
    let mut shown = Progress { events: 0, of: size - first };
    while builder.size() < size {
        let (id, at) = BundleId::of_entry(builder.size(), size).expect("it is below the size");
        for record in records(source.tiles, id)?.into_iter().skip(at) {
            builder.push(&record, &mut |piece, bytes| target.put(piece, bytes))?;
        }
        if builder.size().is_multiple_of(STEP_EVENTS) {
            target.step(&builder, first)?;
        }
        shown.events = builder.size() - first;
        progress(shown);
    }
    if builder.root() != source.checkpoint.root {
        target.forget_progress()?;
        let (expected, actual) = (source.checkpoint.root, builder.root());
        return Err(RebuildError::Root { size, expected, actual }.into());
    }
    builder.partials(first, &mut |piece, bytes| target.put(piece, bytes))?;
    target.finish(source, cosigned)?;
    let (copied_events, copied_bytes) = (size - first, target.bytes);
    let root = source.checkpoint.root;
    Ok(BackupReport { log: origin.log, epoch: origin.epoch, size, root, copied_events, copied_bytes })
}

impl Target {
    fn open(path: &Path) -> Result<Self, BackupError> {
        keys::make_folder(path).map_err(RebuildError::from)?;
        let lock = path.join("lock");
        let file = File::options().create(true).truncate(false).write(true).open(&lock);
        let file = file.map_err(RebuildError::io(&lock))?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => return Err(BackupError::Busy { path: path.to_owned() }),
            Err(error) => return Err(RebuildError::io(&lock)(error.into()).into()),
        }
        let folder = path.join("tiles");
        let files = FileTiles::open(&folder, false).map_err(RebuildError::io(&folder))?;
        Ok(Self { path: path.to_owned(), files, outdated: BTreeMap::new(), bytes: 0, _lock: file })
    }

    /// The tree to go on from: that of the backup there is, or of a copy that was cut short.
    fn begin(&self, source: &Source<'_>) -> Result<Builder, BackupError> {
        let log = &source.checkpoint;
        let there = self.files.read(CHECKPOINT).map_err(RebuildError::io(&self.path))?;
        let (mut size, mut root) = (0, None);
        if there.is_some() {
            let (_, backup, _) = signed_folder(&self.path, &self.files)?;
            self.compare(&backup, source)?;
            (size, root) = (backup.size, Some(backup.root));
        }
        if let Some(progress) = self.progress()?.filter(|progress| (size..=log.size).contains(progress)) {
            // What it says is checked at the end, with everything else.
            (size, root) = (progress, root.filter(|_| progress == size));
        }
        let tile = |id| stored_tile(&self.files, id).map(|(hashes, _)| hashes);
        let damaged = |reason: String| RebuildError::Checkpoint { path: self.path.clone(), reason };
        let builder = Builder::resume(size, tile, |id| stored_bundle(&self.files, id))
            .map_err(|error| damaged(error.to_string()))?;
        match root {
            Some(root) if builder.root() != root => {
                Err(damaged("the tiles of the backup are not those that were signed".into()).into())
            }
            _ => Ok(builder),
        }
    }

    /// Whether the log is the one that the backup was made of, and extends it.
    fn compare(&self, backup: &Checkpoint, source: &Source<'_>) -> Result<(), BackupError> {
        let log = &source.checkpoint;
        let origin = |checkpoint: &Checkpoint| checkpoint.origin.parse::<Origin>();
        let (Ok(there), Ok(here)) = (origin(backup), origin(log)) else { return Ok(()) };
        if there.log != here.log {
            return Err(BackupError::OtherLog {
                path: self.path.clone(),
                expected: there.log,
                actual: here.log,
            });
        }
        if backup.size > log.size && there.epoch == here.epoch || there.epoch > here.epoch {
            return Err(BackupError::Behind {
                backup: backup.size,
                backup_epoch: there.epoch,
                log: log.size,
                log_epoch: here.epoch,
            });
        }
        let nodes = StoredNodes { store: source.tiles, size: log.size };
        let extends = backup.size <= log.size && {
            let root = proof::tree::root_at(&nodes, backup.size);
            let wrong = |error: ProveError| missing(Path::new("tiles"), &error.to_string());
            root.map_err(wrong)? == backup.root
        };
        if extends {
            Ok(())
        } else {
            Err(BackupError::OtherHistory { path: self.path.clone(), size: backup.size })
        }
    }

    fn progress(&self) -> Result<Option<u64>, RebuildError> {
        let path = self.path.join(PROGRESS);
        match std::fs::read_to_string(&path) {
            Ok(text) => Ok(text.trim().parse().ok()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(RebuildError::io(&path)(error)),
        }
    }

    fn forget_progress(&self) -> Result<(), RebuildError> {
        let path = self.path.join(PROGRESS);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(RebuildError::io(&path)(error)),
            _ => Ok(()),
        }
    }

    fn put(&mut self, piece: Piece, bytes: &[u8]) -> Result<(), RebuildError> {
        self.bytes += bytes.len() as u64;
        self.outdated.extend(piece.outdates());
        let path = piece.path();
        self.files.write(&path, bytes).map_err(RebuildError::io(&self.path.join("tiles").join(path)))
    }

    /// Makes what was copied so far something to go on from.
    fn step(&mut self, builder: &Builder, first: u64) -> Result<(), RebuildError> {
        builder.partials(first, &mut |piece, bytes| self.put(piece, bytes))?;
        self.files.sync().map_err(RebuildError::io(&self.path))?;
        let path = self.path.join(PROGRESS);
        replace_file(&path, format!("{}\n", builder.size()).as_bytes(), 0o600)
            .map_err(RebuildError::io(&path))
    }

    fn finish(&mut self, source: &Source<'_>, cosigned: Option<String>) -> Result<(), RebuildError> {
        self.files.sync().map_err(RebuildError::io(&self.path))?;
        source.keys.copy_to(&self.path.join("keys"), source.secrets == Secrets::Copy)?;
        self.files.replace(CHECKPOINT, &source.note).map_err(RebuildError::io(&self.path))?;
        // Never ahead of the checkpoint, whenever this is cut short.
        if let Some(note) = cosigned {
            self.files.replace(COSIGNED, note.as_bytes()).map_err(RebuildError::io(&self.path))?;
        }
        for (folder, keep) in std::mem::take(&mut self.outdated) {
            self.files.prune(&folder, keep.as_deref()).map_err(RebuildError::io(&self.path))?;
        }
        self.forget_progress()
    }
}

fn missing(path: &Path, reason: &str) -> RebuildError {
    RebuildError::Checkpoint { path: path.to_owned(), reason: reason.to_owned() }
}
