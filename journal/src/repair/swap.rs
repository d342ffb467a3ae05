//! The new log takes the old one's place, so that a stop at any point can be gone on from.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use proof::{Checkpoint, Note, Origin};

use super::RepairReport;
use crate::keys::{free_name, make_folder};
use crate::rebuild::RebuildError;
use crate::tiles::{CHECKPOINT, FileTiles, TileStore, replace_file, sync_folder};

/// Where the new log is written. Once it holds a checkpoint, the repair is decided and only has to be finished.
const SCRATCH: &str = "repairing";

/// An empty folder for the new log; what an attempt left in it that never was decided is removed.
pub(super) fn scratch(dir: &Path) -> Result<PathBuf, RebuildError> {
    let path = dir.join(SCRATCH);
    remove(&path)?;
    make_folder(&path)?;
    Ok(path)
}

/// Makes the repair the one that counts, whatever happens from now on.
pub(super) fn decide(scratch: &Path, note: &str) -> Result<(), RebuildError> {
    let path = scratch.join(CHECKPOINT);
    replace_file(&path, note.as_bytes(), 0o600).map_err(RebuildError::io(&path))
}

/// Moves the new log to where the old one is, then the checkpoint.
pub(super) fn put_in_place(dir: &Path, mut report: RepairReport) -> Result<RepairReport, RebuildError> {
    report.aside.extend(finish(dir)?);
    Ok(report)
}

/// Finishes a repair that was decided and cut short; `None` where there is none. A dry one only looks.
pub(super) fn go_on(dir: &Path, dry: bool) -> Result<Option<RepairReport>, RebuildError> {
    let path = dir.join(SCRATCH).join(CHECKPOINT);
    let note = match crate::whole::read(&path) {
        Ok(note) => note,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(RebuildError::io(&path)(error)),
    };
    let wrong = |reason: String| RebuildError::Checkpoint { path: path.clone(), reason };
    let note = Note::parse(&note).map_err(|error| wrong(error.to_string()))?;
    let checkpoint = Checkpoint::parse(note.text()).map_err(|error| wrong(error.to_string()))?;
    let origin = checkpoint.origin.parse::<Origin>().map_err(|error| wrong(error.to_string()))?;
    let aside = if dry { None } else { finish(dir)? };
    Ok(Some(RepairReport {
        sound: false,
        size: checkpoint.size,
        signed: checkpoint.size,
        root: checkpoint.root,
        epoch: origin.epoch,
        carried: 0,
        lost: None,
        // What the repair that was cut short had found is not known any more.
        end_unknown: true,
        from_log: 0,
        mended: 0,
        aside: aside.into_iter().collect(),
        new_key: false,
        marker: false,
        public_key: false,
    }))
}

fn finish(dir: &Path) -> Result<Option<PathBuf>, RebuildError> {
    let (log, fresh) = (dir.join("log"), dir.join(SCRATCH).join("log"));
    let mut aside = None;
    if fresh.exists() {
        if log.exists() {
            let free = free_name(&log, "damaged");
            rename(&log, &free)?;
            aside = Some(free);
        }
        rename(&fresh, &log)?;
        sync_folder(dir).map_err(RebuildError::io(dir))?;
    }
    let note = dir.join(SCRATCH).join(CHECKPOINT);
    let bytes = crate::whole::read(&note).map_err(RebuildError::io(&note))?;
    let folder = dir.join("tiles");
    let files = FileTiles::open(&folder, false).map_err(RebuildError::io(&folder))?;
    files.replace(CHECKPOINT, &bytes).map_err(RebuildError::io(&folder))?;
    remove(&dir.join(SCRATCH))?;
    Ok(aside)
}

fn rename(from: &Path, to: &Path) -> Result<(), RebuildError> {
    fs::rename(from, to).map_err(RebuildError::io(from))
}

fn remove(path: &Path) -> Result<(), RebuildError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(RebuildError::io(path)(error)),
        _ => Ok(()),
    }
}
