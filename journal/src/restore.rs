//! A data folder made from a backup: the whole of it, or up to a position.

use std::fs;
use std::path::{Path, PathBuf};

use domain::ids::{CommitId, Position};
use proof::tile::BundleId;
use proof::trust::rotation_in;
use proof::{Checkpoint, Hash, Origin, VerifyingKey, rotation, tree};

use crate::backup::signed_folder;
use crate::cosigned::{self, Seen};
use crate::keys::{self, Keys};
use crate::rebuild::{Rebuild, RebuildError, options as rebuild_options, records};
use crate::record::RawRecord;
use crate::store::sled::SledStore;
use crate::tiles::builder::Piece;
use crate::tiles::{CHECKPOINT, FileTiles, StoredNodes, TileStore, sync_folder};
use crate::verify::Progress;

/// What was restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestoreReport {
    /// Events restored.
    pub size: u64,
    /// Root of their tree: the signed one, or the one that the signed tree extends.
    pub root: Hash,
    /// Events that the backup covers.
    pub signed: u64,
    /// The new epoch: positions and tokens of the old one are void.
    pub epoch: u64,
    /// Whether the backup had no signing key, so that a new one was made: whoever pinned the old one must be told.
    pub new_key: bool,
}

/// Why nothing was restored. The target is as it was.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The target is not an empty folder.
    #[error("`{path}` is there and not empty")]
    NotEmpty {
        /// The target.
        path: PathBuf,
    },
    /// No key that counts has signed the backup, nor one that it was changed for.
    #[error("expected a backup signed by one of the {given} keys given, got one of `{actual}`")]
    UnknownKey {
        /// Keys given.
        given: usize,
        /// The key that the backup brings along.
        actual: VerifyingKey,
    },
    /// The backup ends before the position.
    #[error("the backup covers {signed} events, there is no position {at}")]
    Beyond {
        /// Events of the backup.
        signed: u64,
        /// The position.
        at: Position,
    },
    /// The position is not the last one of its commit, which is restored whole or not at all.
    #[error("position {at} is inside commit `{commit}`, which takes positions {first} to {last}")]
    InsideCommit {
        /// The position.
        at: Position,
        /// The commit.
        commit: CommitId,
        /// Its first position.
        first: Position,
        /// Its last position.
        last: Position,
    },
    /// The backup cannot be read, or the target not be written.
    #[error("the log could not be written anew")]
    Rebuild(#[from] RebuildError),
}

impl RestoreError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NotEmpty { .. } => "restore into a folder that does not exist yet",
            Self::UnknownKey { .. } => {
                "check where the key and the backup came from: nothing was written; without --key the key in the \
                 backup counts"
            }
            Self::Beyond { .. } => "name a position that the backup has",
            Self::InsideCommit { .. } => "name the commit's last position, or the one before its first",
            Self::Rebuild(RebuildError::Io { .. } | RebuildError::Open(_)) => {
                "check that the folders are yours and have space"
            }
            Self::Rebuild(_) => "the backup is damaged: use another one",
        }
    }
}

/// Makes the data folder `into` from the backup `from`: the same log in its next epoch, with all events or those up to
/// position `at`. Before anything counts, the tree is built anew and compared with the signed root.
///
/// # Errors
/// Where the target is not empty, the position is none to restore to, or the backup is damaged.
pub fn restore(
    from: &Path,
    into: &Path,
    at: Option<Position>,
    progress: impl FnMut(Progress),
) -> Result<RestoreReport, RestoreError> {
    restore_signed_by(&[], from, into, at, progress)
}

/// As [`restore`], where one of `trusted` must have signed the backup, or a key that one of them was changed for. That
/// is looked at before anything is written. Where there are none, the key in the backup counts.
///
/// # Errors
/// As [`restore`], and where no such key has signed.
pub fn restore_signed_by(
    trusted: &[VerifyingKey],
    from: &Path,
    into: &Path,
    at: Option<Position>,
    progress: impl FnMut(Progress),
) -> Result<RestoreReport, RestoreError> {
    check_empty(into)?;
    let folder = from.join("tiles");
    let files = FileTiles::open(&folder, true).map_err(RebuildError::io(&folder))?;
    let (note, signed, keys) = signed_folder(from, &files)?;
    if !trusted.is_empty() {
        check_signers(trusted, &files, &note, &signed, &keys)?;
    }
    if let Seen::More(reason) | Seen::Contradicts(reason) =
        cosigned::compare(&files, &signed, &keys.candidates())
    {
        return Err(RebuildError::Checkpoint { path: folder.join(CHECKPOINT), reason }.into());
    }
    let (size, root) = match at {
        None => (signed.size, signed.root),
        Some(at) => check_cut(&files, &signed, at)?,
    };
    let fresh = scratch(into)?;
    let origin: Origin = signed.origin.parse().map_err(|error: proof::origin::OriginError| {
        RebuildError::Checkpoint { path: folder.clone(), reason: error.to_string() }
    })?;
    let origin = Origin { epoch: origin.epoch + 1, ..origin };
    let new_key = build(&Plan { files: &files, size, root, origin, keys: &keys }, &fresh, progress)?;
    put_in_place(&fresh, into)?;
    Ok(RestoreReport { size, root, signed: signed.size, epoch: origin.epoch, new_key })
}

/// Whether a key that counts has signed. A change of key is an event of the log, signed by both keys: whichever entry
/// holds one, it is what it says.
fn check_signers(
    trusted: &[VerifyingKey],
    files: &FileTiles,
    note: &[u8],
    signed: &Checkpoint,
    keys: &Keys,
) -> Result<(), RestoreError> {
    let is_signed_by = |trusted: &[VerifyingKey]| {
        let own: Vec<_> = trusted.iter().filter(|key| key.name() == keys.verifying.name()).cloned().collect();
        Checkpoint::open(note, &signed.origin, &own).is_ok()
    };
    if is_signed_by(trusted) {
        return Ok(());
    }
    let log = signed.origin.parse::<Origin>().ok().map(|origin| origin.log);
    let mut rotations = Vec::new();
    for id in proof::tile::bundles(signed.size) {
        let parsed = records(files, id)?.into_iter().filter_map(|record| RawRecord::parse(record).ok());
        rotations.extend(parsed.filter_map(|record| rotation_in(&record, log?)?.ok()));
    }
    if is_signed_by(&rotation::follow(trusted, &rotations)) {
        return Ok(());
    }
    Err(RestoreError::UnknownKey { given: trusted.len(), actual: keys.verifying.clone() })
}

fn check_empty(path: &Path) -> Result<(), RestoreError> {
    let is_empty = match fs::read_dir(path) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) => error.kind() == std::io::ErrorKind::NotFound,
    };
    if is_empty { Ok(()) } else { Err(RestoreError::NotEmpty { path: path.to_owned() }) }
}

/// Size and root of the tree up to `at`, proven to be part of the one that was signed.
fn check_cut(files: &FileTiles, signed: &Checkpoint, at: Position) -> Result<(u64, Hash), RestoreError> {
    if at.0 >= signed.size {
        return Err(RestoreError::Beyond { signed: signed.size, at });
    }
    let (id, place) = BundleId::of_entry(at.0, signed.size).expect("it is below the size");
    let bytes = records(files, id)?.swap_remove(place);
    let record = RawRecord::parse(bytes).map_err(|source| RebuildError::Record { position: at, source })?;
    let (index, count) = (u64::from(record.commit_index()), u64::from(record.commit_size()));
    if index + 1 != count {
        let first = Position(at.0 - index);
        let last = Position(first.0 + count - 1);
        return Err(RestoreError::InsideCommit { at, commit: record.commit(), first, last });
    }
    let (size, nodes) = (at.0 + 1, StoredNodes { store: files, size: signed.size });
    let wrong = |reason: String| RebuildError::Entries { position: at, reason };
    let root = tree::root_at(&nodes, size).map_err(|error| wrong(error.to_string()))?;
    let proof =
        tree::consistency_proof(&nodes, size, signed.size).map_err(|error| wrong(error.to_string()))?;
    tree::verify_consistency(size, &root, signed.size, &signed.root, &proof)
        .map_err(|error| wrong(error.to_string()))?;
    Ok((size, root))
}

/// A folder beside the target: what an earlier attempt left in it is removed.
fn scratch(into: &Path) -> Result<PathBuf, RebuildError> {
    let mut name = into.file_name().unwrap_or_default().to_owned();
    name.push(".restoring");
    let path = into.with_file_name(name);
    match fs::remove_dir_all(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(RebuildError::io(&path)(error));
        }
        _ => {}
    }
    keys::make_folder(&path)?;
    Ok(path)
}

struct Plan<'a> {
    files: &'a FileTiles,
    size: u64,
    root: Hash,
    origin: Origin,
    keys: &'a Keys,
}

/// Writes log, tiles, keys and, last, the checkpoint; gives whether a new key was made.
fn build(plan: &Plan<'_>, fresh: &Path, mut progress: impl FnMut(Progress)) -> Result<bool, RebuildError> {
    let folder = fresh.join("tiles");
    let options = rebuild_options();
    let store = SledStore::create(fresh, &options, plan.origin.log, plan.origin.epoch)?;
    let tiles = FileTiles::open(&folder, false).map_err(RebuildError::io(&folder))?;
    let mut put = |piece: Piece, bytes: &[u8]| {
        let path = piece.path();
        tiles.write(&path, bytes).map_err(RebuildError::io(&folder.join(path)))
    };
    let mut rebuild = Rebuild::new(Some(&store));
    for id in proof::tile::bundles(plan.size) {
        for record in records(plan.files, id)? {
            rebuild.take(record, &mut put)?;
        }
        progress(Progress { events: rebuild.builder.size(), of: plan.size });
    }
    rebuild.finish()?;
    rebuild.check_root(plan.root)?;
    rebuild.builder.partials(0, &mut put)?;
    tiles.sync().map_err(RebuildError::io(&folder))?;
    let new_key = plan.keys.signing.is_none();
    let key =
        if new_key { keys::fresh(plan.origin.log) } else { plan.keys.signing.clone().expect("it is there") };
    Keys::of(key.clone(), None).copy_to(&fresh.join("keys"), true)?;
    let checkpoint = Checkpoint {
        origin: plan.origin.to_string(),
        size: plan.size,
        root: plan.root,
        extensions: vec![format!("time {}", (options.clock)())],
    };
    let note = checkpoint.sign(&[&key]).expect("an origin and a time have no control characters").encode();
    tiles.replace(CHECKPOINT, note.as_bytes()).map_err(RebuildError::io(&folder))?;
    Ok(new_key)
}

fn put_in_place(fresh: &Path, into: &Path) -> Result<(), RebuildError> {
    sync_folder(fresh).map_err(RebuildError::io(fresh))?;
    fs::rename(fresh, into).map_err(RebuildError::io(into))?;
    let parent = into.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    sync_folder(parent).map_err(RebuildError::io(parent))
}
