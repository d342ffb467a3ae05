//! Where a verb works: in the data folder, on an export, or through a server.

pub(crate) mod exported;

use std::path::Path;

use engine::{Engine, EngineError};
use journal::{Journal, OpenError, Options};
use search::Search;

use crate::cli::Global;
use crate::client::Client;
use crate::failure::{Exit, Failure};
use crate::last_resort;
use crate::server_file::ServerFile;

/// Of the storage engine's pages, for verbs that mostly go through a log from end to end, where none comes up twice.
const SCAN_CACHE_BYTES: u64 = 16 << 20;

/// An open folder, or the server to ask.
#[derive(Debug)]
pub(crate) enum Target<T = Engine> {
    Folder(T),
    Server(Client),
}

/// What a verb wants of a folder without a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Want {
    /// That there is one, or an export of one: nothing will be written.
    Reading,
    /// That there is one.
    Log,
    /// That one is made.
    LogOrNew,
}

/// The engine over the data folder, or the server.
pub(crate) fn open(global: &Global, want: Want) -> Result<Target, Failure> {
    if want == Want::Reading
        && let Some(journal) = exported::open(global)?
    {
        return Ok(Target::Folder(Engine::over_log(journal)?));
    }
    open_with(global, want, |data| open_engine(data, global.journal()))
}

/// As [`open_log`], or the log of an export.
pub(crate) fn open_records(global: &Global) -> Result<Target<Journal>, Failure> {
    match exported::open(global)? {
        Some(journal) => Ok(Target::Folder(journal)),
        None => open_log(global, false),
    }
}

/// The log in the data folder, for reading only, or the server. With `scan_store` the files of the store are checked
/// as they lie, before it opens and leaves out what it cannot read.
pub(crate) fn open_log(global: &Global, scan_store: bool) -> Result<Target<Journal>, Failure> {
    let open = |data: &Path| {
        let options =
            Options { read_only: true, scan_store, cache_bytes: SCAN_CACHE_BYTES, ..global.journal() };
        Journal::open(data, options).map_err(EngineError::from)
    };
    open_with(global, Want::Log, open)
}

/// An engine over the folder, left in time where its log fails.
pub(crate) fn open_engine(data: &Path, options: Options) -> Result<Engine, EngineError> {
    let engine = Engine::open(data, options)?;
    last_resort::watch(engine.journal());
    Ok(engine)
}

/// Full-text search over the engine's log, with its index in the data folder.
pub(crate) fn search(engine: &Engine, data: &Path) -> Result<Search, Failure> {
    let failed = |error| Failure::from(error).while_doing("the search thread could not be started");
    Search::start(engine.journal().clone(), Some(&data.join("search"))).map_err(failed)
}

/// As [`open()`], with what is wanted of the folder opened by `open`.
pub(crate) fn open_with<T>(
    global: &Global,
    want: Want,
    open: impl FnOnce(&Path) -> Result<T, EngineError>,
) -> Result<Target<T>, Failure> {
    if let Some(url) = &global.server {
        return Ok(Target::Server(Client::new(url, &token(global)?)?.beside(&global.data)));
    }
    match want {
        Want::Log | Want::Reading => check_log(&global.data)?,
        Want::LogOrNew => exported::refuse(&global.data)?,
    }
    match open(&global.data) {
        Ok(opened) => Ok(Target::Folder(opened)),
        Err(EngineError::Open(OpenError::Locked { pid, .. })) => Ok(Target::Server(holder(global, pid)?)),
        Err(error) => Err(error.into()),
    }
}

/// That there is a log in the folder.
pub(crate) fn check_log(data: &Path) -> Result<(), Failure> {
    if holds_log(data) {
        return Ok(());
    }
    exported::refuse(data)?;
    let message = format!("there is no log in `{}`", data.display());
    Err(Failure::usage(message)
        .hint("name another folder with --data, or make one with `waybill import` or `serve`"))
}

fn holds_log(data: &Path) -> bool {
    ["log", "tiles"].iter().any(|name| data.join(name).is_dir()) || data.join("head").is_file()
}

/// The server that has the folder open, where the process that has it open is one.
fn holder(global: &Global, pid: Option<u32>) -> Result<Client, Failure> {
    let data = &global.data;
    match ServerFile::read(data).filter(|server| pid.is_none_or(|pid| pid == server.pid)) {
        Some(server) => {
            tracing::info!(url = server.url, "the folder is open in a server: asking it");
            Ok(Client::new(&server.url, &token(global)?)?.beside(data))
        }
        None => {
            let process = pid.map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}"));
            let message = format!("`{}` is open in {process}, and that is no server yet", data.display());
            Err(Failure::new(Exit::Unreachable, message)
                .hint("wait until it has ended or is ready, then try again"))
        }
    }
}

/// The token for a server.
pub(crate) fn token(global: &Global) -> Result<String, Failure> {
    if let Some(token) = &global.token {
        return Ok(token.trim().to_owned());
    }
    let path = global.data.join("token");
    let text = std::fs::read_to_string(&path).map_err(|error| {
        let failure = Failure::new(Exit::Unreachable, format!("no token: `{}`: {error}", path.display()));
        failure.hint("give --token or WAYBILL_TOKEN, or --data with the server's own folder")
    })?;
    Ok(text.trim().to_owned())
}

#[cfg(test)]
mod tests;
