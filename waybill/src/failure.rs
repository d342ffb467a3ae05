//! What a verb ends with: an exit code, and where it failed a message and what to do.

mod copies;
mod views;

use std::error::Error;
use std::fmt;
use std::io::ErrorKind;
use std::process::ExitCode;

use engine::{ExecuteError, ViewError};
use export::{ExportError, ReadingError};
use journal::{AppendError, CloseError, OpenError};
use replay::import::ImportError;

use crate::client::{ClientError, Problem};

/// How a verb ended; the numbers stand in the help text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// All is well.
    Done,
    /// It failed, or what it looked at is not well.
    Failed,
    /// It was asked for what does not exist.
    Usage,
    /// It was done in part, or what it looked at is incomplete.
    Partly,
    /// Nobody answered who could do it.
    Unreachable,
    /// What it looked at is signed by no key that counts.
    UnknownKey,
    /// What it looked at was signed longer ago than was asked for.
    Stale,
    /// Writing to the log failed, and it was left at once.
    LogFailed,
    /// The folder is none that this build may open.
    Refused,
    /// The disk is full.
    DiskFull,
}

impl Exit {
    /// The number.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Partly => 3,
            Self::UnknownKey => 4,
            Self::Stale => 5,
            Self::LogFailed => 6,
            Self::Refused => 7,
            Self::DiskFull => 8,
            Self::Unreachable => 9,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Why a verb failed: a message, and what to do about it.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
    closed_pipe: bool,
}

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), hint: None, closed_pipe: false }
    }
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }
    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
    /// With another exit code.
    pub(crate) fn of(self, exit: Exit) -> Self {
        Self { exit, ..self }
    }
    /// Says first what was being done.
    pub(crate) fn while_doing(self, what: impl fmt::Display) -> Self {
        Self { message: format!("{what}: {}", self.message), ..self }
    }
    /// Whether the reader of stdout went away.
    pub(crate) fn is_closed_pipe(&self) -> bool {
        self.closed_pipe
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "error: {}", self.message)?;
        self.hint.as_ref().map_or(Ok(()), |hint| writeln!(f, "hint: {hint}"))
    }
}

impl<E: Error + Send + Sync + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        let (exit, hint) = chain(&error).find_map(advice).unwrap_or((Exit::Failed, None));
        let closed = |error: &std::io::Error| error.kind() == std::io::ErrorKind::BrokenPipe;
        let closed_pipe = (&error as &dyn Error).downcast_ref().is_some_and(closed);
        Self { exit, message: with_sources(&error), hint, closed_pipe }
    }
}

/// An error's message, and those of its sources that say more.
pub(crate) fn with_sources(error: &(dyn Error + 'static)) -> String {
    let mut text = String::new();
    for error in chain(error) {
        let message = error.to_string();
        if text.ends_with(&message) {
            continue;
        }
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&message);
    }
    text
}

fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn Error + 'static)| (*error).source())
}

/// What an error of a lower part means here.
fn advice(error: &(dyn Error + 'static)) -> Option<(Exit, Option<String>)> {
    if let Some(error) = error.downcast_ref::<OpenError>() {
        return Some((open_exit(error), Some(error.hint().to_owned())));
    }
    if let Some(error) = error.downcast_ref::<ImportError>() {
        let exit = if matches!(error, ImportError::Read { .. }) { Exit::Failed } else { Exit::Usage };
        return Some((exit, Some(error.hint().to_owned())));
    }
    if let Some(error) = error.downcast_ref::<ExportError>() {
        return Some((export_exit(error), error.hint().map(str::to_owned)));
    }
    if let Some(error) = error.downcast_ref::<ReadingError>() {
        let exit = match error {
            ReadingError::Newer { .. } => Exit::Refused,
            error if error.is_usage() => Exit::Usage,
            _ => Exit::Failed,
        };
        return Some((exit, Some(error.hint().to_owned())));
    }
    if let Some(error) = error.downcast_ref::<AppendError>() {
        return Some(append_advice(error));
    }
    if let Some(CloseError::Poisoned { .. }) = error.downcast_ref::<CloseError>() {
        return Some((Exit::LogFailed, Some(LOG_FAILED_HINT.to_owned())));
    }
    if let Some(ExecuteError::Append(error)) = error.downcast_ref::<ExecuteError>() {
        return Some(append_advice(error));
    }
    if let Some(error) = error.downcast_ref::<ExecuteError>() {
        let rejection = |error: &ExecuteError| match error {
            ExecuteError::Rejected(rejection) => Some(rejection.hint().to_owned()),
            ExecuteError::Sealing { hint, .. } => Some((*hint).to_owned()),
            _ => None,
        };
        return Some((Exit::Failed, rejection(error)));
    }
    if let Some(error) = error.downcast_ref::<Problem>() {
        return Some((error.exit(), error.hint.clone()));
    }
    if let Some(error) = error.downcast_ref::<ClientError>() {
        return Some((error.exit(), Some(error.hint())));
    }
    if let Some(error) = error.downcast_ref::<search::SearchError>() {
        return Some(search_advice(error));
    }
    if let Some(error) = error.downcast_ref::<vault::VaultError>() {
        return Some((Exit::Failed, Some(error.hint().to_owned())));
    }
    if let Some(advice) = copies::advice(error) {
        return Some(advice);
    }
    if let Some(advice) = views::advice(error) {
        return Some(advice);
    }
    error.downcast_ref::<ViewError>().map(view_advice)
}

fn export_exit(error: &ExportError) -> Exit {
    match error {
        ExportError::NotEmpty { .. }
        | ExportError::Other { .. }
        | ExportError::Gap { .. }
        | ExportError::Beyond { .. } => Exit::Usage,
        ExportError::Write { source, .. } if source.kind() == ErrorKind::StorageFull => Exit::DiskFull,
        ExportError::Source(_) => Exit::Unreachable,
        _ => Exit::Failed,
    }
}

/// What to do once writing has failed.
pub(crate) const LOG_FAILED_HINT: &str = "nothing after the last acknowledged command was acknowledged; look at the disk and at the system's log, \
     then start again: the log recovers, and what got no answer can be sent again under its idempotency key";

fn open_exit(error: &OpenError) -> Exit {
    match error {
        OpenError::Locked { .. } => Exit::Unreachable,
        OpenError::NewerFormat { .. } | OpenError::Network { .. } => Exit::Refused,
        OpenError::Read(error) if error.is_newer() => Exit::Refused,
        OpenError::NoSpace { .. } => Exit::DiskFull,
        OpenError::Io { source, .. } if source.kind() == ErrorKind::StorageFull => Exit::DiskFull,
        _ => Exit::Failed,
    }
}

fn append_advice(error: &AppendError) -> (Exit, Option<String>) {
    match error {
        AppendError::Poisoned { .. } => (Exit::LogFailed, Some(LOG_FAILED_HINT.to_owned())),
        AppendError::NoSpace { .. } => {
            let hint = "make room on the disk of the data folder, then run it again: what was done is not \
                        done twice";
            (Exit::DiskFull, Some(hint.to_owned()))
        }
        _ => (Exit::Failed, None),
    }
}

fn search_advice(error: &search::SearchError) -> (Exit, Option<String>) {
    match error {
        search::SearchError::Query(_) => {
            let hint = "`waybill search` takes words, \"phrases\" and beginnings*; quote them for the shell";
            (Exit::Usage, Some(hint.to_owned()))
        }
        search::SearchError::TooSlow => {
            (Exit::Failed, Some("add rarer words, or narrow it down to a project or kind".into()))
        }
        search::SearchError::NotYet { .. } => (Exit::Failed, Some("try again".into())),
        search::SearchError::Unavailable(_) => {
            (Exit::Failed, Some("the index is built from the log: delete DIR/search and try again".into()))
        }
        search::SearchError::Read(_) => {
            (Exit::Failed, Some("run `waybill verify` to see whether the log is whole".into()))
        }
    }
}

fn view_advice(error: &ViewError) -> (Exit, Option<String>) {
    match error {
        ViewError::UnknownView(_) => {
            let known: Vec<_> = projections::views().iter().map(|spec| spec.name).collect();
            (Exit::Usage, Some(format!("there are {}", known.join(", "))))
        }
        ViewError::KeyMissing(view) => {
            let hint = format!(
                "give the id behind the name: `waybill view {view} ID`; `waybill view runs` lists runs"
            );
            (Exit::Usage, Some(hint))
        }
        ViewError::Query(_) => (Exit::Usage, Some("`waybill view` lists every view with its filters".into())),
        ViewError::NotFound { .. } => (
            Exit::Usage,
            Some("check the key; the view without a key, or `waybill view runs`, lists them".into()),
        ),
        ViewError::BackToFront { .. } => (Exit::Usage, Some("name the earlier point first".into())),
        ViewError::NotYet { .. } => (Exit::Failed, Some("ask for a position that the log has".into())),
        ViewError::Quarantined { view, position, .. } => {
            let hint = format!(
                "`waybill views retry {view}` folds it anew, such as after an upgrade; `waybill views skip {view} \
                 --position {position} --reason TEXT` passes over the event"
            );
            (Exit::Failed, Some(hint))
        }
        ViewError::Read(_) | ViewError::Decode(_) => {
            (Exit::Failed, Some("run `waybill verify` to see whether the log is whole".into()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_says_what_and_what_to_do() {
        let failure = Failure::from(ViewError::UnknownView("rums".into()));
        assert_eq!(failure.exit, Exit::Usage);
        let text = failure.to_string();
        assert!(text.starts_with("error: unknown view `rums`\nhint: there are projects, "), "{text}");
    }

    #[test]
    fn sources_are_told_once() {
        let path = std::path::PathBuf::from("x");
        let source = std::io::Error::other("disk on fire");
        let failure = Failure::from(engine::EngineError::from(OpenError::Io { path, source }));
        assert_eq!(failure.message, "the log could not be opened: `x` cannot be used: disk on fire");
        assert_eq!(failure.exit, Exit::Failed);
        assert!(failure.hint.is_some());
    }

    #[test]
    fn a_reader_that_went_away_is_told_from_a_failure() {
        assert!(Failure::from(std::io::Error::from(std::io::ErrorKind::BrokenPipe)).is_closed_pipe());
        assert!(!Failure::from(std::io::Error::other("full")).is_closed_pipe());
    }

    #[test]
    fn a_held_folder_is_told_from_a_broken_one() {
        let locked = OpenError::Locked { path: "lock".into(), pid: Some(7) };
        assert_eq!(Failure::from(locked).exit, Exit::Unreachable);
        assert_eq!(Failure::from(OpenError::NoIdentity).exit, Exit::Failed);
    }

    #[test]
    fn every_way_to_end_has_a_code_of_its_own() {
        use Exit::{
            DiskFull, Done, Failed, LogFailed, Partly, Refused, Stale, UnknownKey, Unreachable, Usage,
        };
        let ways =
            [Done, Failed, Usage, Partly, UnknownKey, Stale, LogFailed, Refused, DiskFull, Unreachable];
        for (code, exit) in (0..).zip(ways) {
            assert_eq!(exit.code(), code, "{exit:?}");
        }
    }
}
