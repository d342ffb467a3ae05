//! How an entry of the brain stands: in its file, or archived out of it. Archived is never gone from the log.

use crate::ids::ProjectId;
use crate::{Rejection, check};

#[derive(Debug, Clone, Copy, PartialEq, Default)]
enum Phase {
    #[default]
    Missing,
    Current,
    Archived,
}

/// Where an entry stands, and whose it is.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Shelf {
    project: Option<ProjectId>,
    phase: Phase,
}

impl Shelf {
    /// A new entry, in its file.
    pub(crate) const fn current(project: ProjectId) -> Self {
        Self { project: Some(project), phase: Phase::Current }
    }
    pub(crate) const fn project(&self) -> Option<ProjectId> {
        self.project
    }
    pub(crate) fn archive(&mut self) {
        self.phase = Phase::Archived;
    }
    pub(crate) fn restore(&mut self) {
        self.phase = Phase::Current;
    }
    /// The entry is new.
    pub(crate) fn expect_missing(&self, what: &'static str) -> Result<(), Rejection> {
        if self.phase == Phase::Missing {
            return Ok(());
        }
        Err(Rejection::AlreadyExists { what: what.into() })
    }
    /// The entry stands in its file.
    pub(crate) fn expect_current(&self, what: &'static str) -> Result<(), Rejection> {
        self.expect(what, Phase::Current, "current", "archived")
    }
    /// The entry is archived.
    pub(crate) fn expect_archived(&self, what: &'static str) -> Result<(), Rejection> {
        self.expect(what, Phase::Archived, "archived", "current")
    }
    fn expect(
        &self,
        what: &'static str,
        phase: Phase,
        expected: &'static str,
        other: &'static str,
    ) -> Result<(), Rejection> {
        match self.phase {
            Phase::Missing => Err(Rejection::NotFound { aggregate: what }),
            actual if actual == phase => Ok(()),
            _ => Err(Rejection::illegal(what, expected, other)),
        }
    }
}

/// A title of one line, and texts that travel in one commit.
pub(crate) fn entry(title: &str, texts: &[(&'static str, &str)]) -> Result<(), Rejection> {
    check::name("title", title)?;
    let mut sum = 0;
    for (field, text) in texts {
        sum += text.len();
        check::range(field, sum, &(0..=check::TEXT_MAX_BYTES), "bytes together with the texts before it")?;
    }
    Ok(())
}
