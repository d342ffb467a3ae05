//! What errors of backup, restore and repair come to.

use std::error::Error;
use std::io::ErrorKind;

use journal::{BackupError, RebuildError, RepairError, RestoreError};

use super::{Exit, open_exit};

/// Exit code and hint of such an error; `None` for any other.
pub(super) fn advice(error: &(dyn Error + 'static)) -> Option<(Exit, Option<String>)> {
    if let Some(error) = error.downcast_ref::<BackupError>() {
        let exit = match error {
            BackupError::Busy { .. } => Exit::Unreachable,
            BackupError::UnknownKey { .. } => Exit::UnknownKey,
            BackupError::Copy(error) => rebuild_exit(error),
            _ => Exit::Failed,
        };
        return Some((exit, Some(error.hint().to_owned())));
    }
    if let Some(error) = error.downcast_ref::<RestoreError>() {
        let exit = match error {
            RestoreError::Rebuild(error) => rebuild_exit(error),
            RestoreError::UnknownKey { .. } => Exit::UnknownKey,
            _ => Exit::Usage,
        };
        return Some((exit, Some(error.hint().to_owned())));
    }
    let error = error.downcast_ref::<RepairError>()?;
    let exit = match error {
        RepairError::Open(error) => open_exit(error),
        RepairError::Rebuild(error) => rebuild_exit(error),
    };
    Some((exit, Some(error.hint().to_owned())))
}

fn rebuild_exit(error: &RebuildError) -> Exit {
    match error {
        RebuildError::Open(error) => open_exit(error),
        RebuildError::Io { source, .. } if source.kind() == ErrorKind::StorageFull => Exit::DiskFull,
        _ => Exit::Failed,
    }
}
