//! A copy of the log for a dry run: the storage engine writes to whatever it opens.

use std::fs;
use std::path::{Path, PathBuf};

use crate::keys::make_folder;
use crate::rebuild::RebuildError;

/// Where it lies; removed with the handle, and by the next dry run where that did not come to it.
const NAME: &str = "repair-dry-run";

pub(super) struct Copy(PathBuf);

impl Copy {
    /// Copies the folder `log` of the data folder, as far as it is there.
    pub(super) fn of(dir: &Path) -> Result<Self, RebuildError> {
        let copy = Self(dir.join(NAME));
        let (from, to) = (dir.join("log"), copy.0.join("log"));
        // What an earlier one left, if it did.
        let _ = fs::remove_dir_all(&copy.0);
        if from.is_dir() {
            make_folder(&to)?;
            files(&from, &to)?;
        }
        Ok(copy)
    }

    /// What stands for the data folder.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn files(from: &Path, to: &Path) -> Result<(), RebuildError> {
    for entry in fs::read_dir(from).map_err(RebuildError::io(from))? {
        let path = entry.map_err(RebuildError::io(from))?.path();
        let target = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() {
            make_folder(&target)?;
            files(&path, &target)?;
        } else {
            fs::copy(&path, &target).map_err(RebuildError::io(&path))?;
        }
    }
    Ok(())
}
