//! A project's brain: its documents and free sections, and when it was pruned. Its entries are aggregates of their own.

use std::collections::BTreeSet;

use crate::catalogue::{commands, events, plain};
use crate::ids::{Category, ProjectId, StreamId};
use crate::values::Timestamp;
use crate::{Claim, Decider, Rejection, check, shipped};

pub mod file;
pub mod global;
pub mod prune;
pub mod read_back;
pub(crate) mod shelf;
#[cfg(test)]
mod tests;

events! {
    /// Everything that can happen to a brain.
    pub enum BrainEvent {
        2600 => BrainCreated 1;
        2601 => BrainTextWritten 1;
        2602 => BrainPruned 1;
    }
}

commands! {
    /// What can be asked of a brain.
    pub enum BrainCommand {
        "create" => CreateBrain;
        "write" => WriteBrainText;
        "record-pruning" => RecordBrainPruning;
    }
}

plain! {
    /// A project got a brain.
    struct BrainCreated {
        /// The project it belongs to.
        project: ProjectId,
    }
    /// A document, or the free section of a file of entries, was written anew.
    struct BrainTextWritten {
        /// The file, relative to `.brain/`.
        path: String,
        /// The whole text; empty where it was taken away.
        content: String,
    }
    /// The brain was pruned; each entry that left its file says so itself.
    struct BrainPruned {
        /// When.
        at: Timestamp,
        /// Decisions that left.
        decisions: u32,
        /// Patterns that left.
        patterns: u32,
        /// Mistakes that left.
        mistakes: u32,
        /// Research notes that left.
        research: u32,
        /// Session summaries that left.
        sessions: u32,
    }
}

plain! {
    /// Gives a project a brain.
    struct CreateBrain {
        /// The project it belongs to.
        project: ProjectId,
        /// Whether it begins with the files that come with the program.
        #[serde(default)]
        template: bool,
    }
    /// Writes a document, or the free section of a file of entries; the whole text is replaced.
    struct WriteBrainText {
        /// The file, relative to `.brain/`: 1 to 200 bytes, no `..`, at most 500 files.
        path: String,
        /// The whole text, at most 512 KiB; empty takes it away.
        content: String,
    }
    /// Records that the brain was pruned.
    struct RecordBrainPruning {
        /// When.
        at: Timestamp,
        /// Decisions that left.
        decisions: u32,
        /// Patterns that left.
        patterns: u32,
        /// Mistakes that left.
        mistakes: u32,
        /// Research notes that left.
        research: u32,
        /// Session summaries that left.
        sessions: u32,
    }
}

/// Most texts of a brain.
pub const TEXTS_MAX: usize = 500;
/// What the files that every session reads should take together, in tokens.
pub const ALWAYS_READ_TOKENS: u64 = 15_000;
/// What the backlog should take, in tokens; the other files that are read on demand vary.
pub const BACKLOG_TOKENS: u64 = 5_000;

/// The documents of every brain.
pub const DOCUMENTS: [&str; 3] = ["PROJECT.md", "ACTIVE.md", "BACKLOG.md"];

/// Whether every session reads the file, whatever it is about.
#[must_use]
pub fn is_always_read(path: &str) -> bool {
    matches!(
        path,
        "PROJECT.md" | "ACTIVE.md" | "DECISIONS.md" | "PATTERNS.md" | "MISTAKES.md" | global::GLOBAL
    )
}

/// About how many tokens a text takes: a quarter of its bytes, rounded up.
#[must_use]
pub const fn tokens(text: &str) -> u64 {
    (text.len() as u64).div_ceil(4)
}

/// A brain, as far as its decisions need it: which texts there are, not what they say.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Brain {
    project: Option<ProjectId>,
    texts: BTreeSet<String>,
}

impl Brain {
    fn expect_created(&self) -> Result<(), Rejection> {
        self.project.map(drop).ok_or(Rejection::NotFound { aggregate: "brain" })
    }
    fn write(&self, command: &WriteBrainText) -> Result<BrainEvent, Rejection> {
        self.expect_created()?;
        check::name("path", &command.path)?;
        if !is_inside(&command.path) {
            return Err(Rejection::invalid("path", "a path inside `.brain/`, without `..`", &command.path));
        }
        check::text("content", &command.content)?;
        let is_new = !self.texts.contains(&command.path);
        if is_new && command.content.is_empty() {
            return Err(Rejection::unknown("text", &command.path));
        }
        if is_new && self.texts.len() >= TEXTS_MAX {
            return Err(Rejection::rule(
                format!("the brain has {TEXTS_MAX} texts already"),
                "empty one that is no longer needed",
            ));
        }
        let WriteBrainText { path, content } = command.clone();
        Ok(BrainTextWritten { path, content }.into())
    }
}

fn is_inside(path: &str) -> bool {
    let plain = |part: &str| !part.is_empty() && part != "." && part != "..";
    !path.contains('\\') && path.split('/').all(plain)
}

impl Decider for Brain {
    const CATEGORY: Category = Category(26);
    type Command = BrainCommand;
    type Event = BrainEvent;

    fn decide(&self, command: &BrainCommand) -> Result<Vec<BrainEvent>, Rejection> {
        let event = match command {
            BrainCommand::CreateBrain(c) => {
                if self.project.is_some() {
                    return Err(Rejection::AlreadyExists { what: "brain".into() });
                }
                let written = |(path, content): &(&str, &str)| {
                    BrainTextWritten { path: (*path).into(), content: (*content).into() }.into()
                };
                let template = if c.template { &shipped::BRAIN[..] } else { &[] };
                let created = BrainCreated { project: c.project }.into();
                return Ok(std::iter::once(created).chain(template.iter().map(written)).collect());
            }
            BrainCommand::WriteBrainText(c) => self.write(c)?,
            BrainCommand::RecordBrainPruning(c) => {
                self.expect_created()?;
                let RecordBrainPruning { at, decisions, patterns, mistakes, research, sessions } = c.clone();
                BrainPruned { at, decisions, patterns, mistakes, research, sessions }.into()
            }
        };
        Ok(vec![event])
    }
    fn evolve(&mut self, event: &BrainEvent) {
        match event {
            BrainEvent::BrainCreated(e) => {
                *self = Self { project: Some(e.project), texts: BTreeSet::new() };
            }
            BrainEvent::BrainTextWritten(e) if e.content.is_empty() => {
                self.texts.remove(&e.path);
            }
            BrainEvent::BrainTextWritten(e) => {
                self.texts.insert(e.path.clone());
            }
            BrainEvent::BrainPruned(_) => {}
        }
    }
    fn project(&self) -> Option<ProjectId> {
        self.project
    }
    fn references(command: &BrainCommand) -> Vec<StreamId> {
        match command {
            BrainCommand::CreateBrain(c) => vec![c.project.into()],
            _ => vec![],
        }
    }
    fn claims(command: &BrainCommand) -> Vec<Claim> {
        match command {
            BrainCommand::CreateBrain(c) => vec![claim(c.project)],
            _ => vec![],
        }
    }
    fn holds(&self, held: &Claim) -> bool {
        self.project.is_some_and(|project| *held == claim(project))
    }
}

/// A project has one brain.
fn claim(project: ProjectId) -> Claim {
    Claim::new("brain of a project", project.to_string())
}

/// One or more of every event.
pub(crate) fn samples() -> Vec<BrainEvent> {
    vec![
        BrainCreated { project: ProjectId::from_bytes([1; 16]) }.into(),
        BrainTextWritten { path: "PROJECT.md".into(), content: "# Waybill\n\nA log.\n".into() }.into(),
        BrainTextWritten { path: "DECISIONS.md".into(), content: "See also the wiki.".into() }.into(),
        BrainTextWritten { path: "PROJECT.md".into(), content: String::new() }.into(),
        BrainPruned {
            at: Timestamp::from_millis(1_795_244_400_000),
            decisions: 2,
            patterns: 1,
            mistakes: 3,
            research: 4,
            sessions: 5,
        }
        .into(),
    ]
}
