//! A folder on the filesystem that is measured, gone when the bench ends.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::failure::Failure;

/// A fresh folder in `dir`, else beside `data` on the same filesystem.
pub(super) fn make(dir: Option<&Path>, data: &Path) -> Result<TempDir, Failure> {
    let home = match dir {
        Some(dir) => dir.to_path_buf(),
        None => home(&std::path::absolute(data)?),
    };
    tempfile::Builder::new().prefix("waybill-bench-").tempdir_in(&home).map_err(|error| {
        let what = format!("no folder can be made in `{}`", home.display());
        Failure::from(error).while_doing(what).hint("name a folder on the disk to measure with --dir")
    })
}

/// The nearest folder above `data` that exists; `data` itself where that lies on another filesystem.
fn home(data: &Path) -> PathBuf {
    let device = |path: &Path| path.metadata().ok().filter(std::fs::Metadata::is_dir).map(|it| it.dev());
    let above = data.ancestors().skip(1).find(|path| device(path).is_some()).unwrap_or(Path::new("/"));
    match device(data) {
        Some(own) if device(above) != Some(own) => data.to_path_buf(),
        _ => above.to_path_buf(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_lies_beside_the_data_folder_and_goes() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        let scratch = make(None, &data.join("deeper")).unwrap();
        assert_eq!(scratch.path().parent(), Some(dir.path()));
        std::fs::create_dir(&data).unwrap();
        let path = make(None, &data).unwrap().path().to_path_buf();
        assert_eq!((path.parent(), path.exists()), (Some(dir.path()), false));
        let named = make(Some(&data), Path::new("/nowhere")).unwrap();
        assert_eq!(named.path().parent(), Some(data.as_path()));
    }

    #[test]
    fn a_folder_that_is_not_there_is_told_with_what_to_do() {
        let failure = make(Some(Path::new("/nowhere/at/all")), Path::new("data")).expect_err("there is none");
        assert!(failure.hint.unwrap().contains("--dir"));
    }
}
