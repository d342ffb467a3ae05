//! An export in place of a data folder: it is read like a log, and never written to.

use std::path::Path;

use export::Reading;
use journal::Journal;

use super::holds_log;
use crate::cli::Global;
use crate::failure::Failure;

/// The log of the export in the folder, in memory; `None` where a server is asked, or the folder holds no export. What
/// is proven of it is said on stderr.
pub(crate) fn open(global: &Global) -> Result<Option<Journal>, Failure> {
    let data = &global.data;
    if global.server.is_some() || !is_export(data) {
        return Ok(None);
    }
    let Reading { journal, proven } = export::read(data)?;
    let identity = journal.identity();
    let (log, epoch) = (identity.log_id, identity.epoch);
    eprintln!("note: `{}` is an export of log {log}, epoch {epoch}: {proven}", data.display());
    Ok(Some(journal))
}

/// Refuses a folder that holds an export, for whoever wants more than to read.
pub(crate) fn refuse(data: &Path) -> Result<(), Failure> {
    if !is_export(data) {
        return Ok(());
    }
    let message = format!("`{}` is an export of a log, and nothing is written to it", data.display());
    Err(Failure::usage(message).hint(
        "replay, view, views, metrics, report, diff and export read one; for anything else name the data folder with \
         --data",
    ))
}

/// A data folder that has a file of that name is a data folder.
fn is_export(data: &Path) -> bool {
    !holds_log(data) && export::is_export(data)
}
