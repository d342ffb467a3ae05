//! What a verb ends with: an exit code, and where it failed a message and what to do.

use std::error::Error;
use std::fmt;
use std::process::ExitCode;

use engine::{ExecuteError, ViewError};
use journal::OpenError;
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
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::Partly => 3,
            Exit::Unreachable => 4,
        })
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
        let exit = if matches!(error, OpenError::Locked { .. }) { Exit::Unreachable } else { Exit::Failed };
        return Some((exit, Some(error.hint().to_owned())));
    }
    if let Some(error) = error.downcast_ref::<ImportError>() {
        let exit = if matches!(error, ImportError::Read { .. }) { Exit::Failed } else { Exit::Usage };
        return Some((exit, Some(error.hint().to_owned())));
    }
    if let Some(error) = error.downcast_ref::<ExecuteError>() {
        let rejection = |error: &ExecuteError| match error {
            ExecuteError::Rejected(rejection) => Some(rejection.hint().to_owned()),
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
    error.downcast_ref::<ViewError>().map(view_advice)
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
        ViewError::NotYet { .. } => (Exit::Failed, Some("ask for a position that the log has".into())),
        ViewError::Quarantined { .. } | ViewError::Read(_) | ViewError::Decode(_) => {
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
}
