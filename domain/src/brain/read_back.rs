//! What an edit of the brain's files means: a pure function from files as rendered and as edited to changes.

use std::collections::{BTreeMap, BTreeSet};

use ulid::Ulid;

use super::file::{EntryKind, Parsed, Section, parse, tidy};
use super::global::{self, GLOBAL};
use super::{BrainCommand, WriteBrainText};
use crate::Command;
use crate::decision::{ArchiveDecision, EditDecision, LogDecision};
use crate::ids::{
    BrainId, DecisionId, MistakeId, PatternId, ProjectId, ResearchNoteId, SessionSummaryId, StreamId,
};
use crate::mistake::{ArchiveMistake, EditMistake, LogMistake, ReopenMistake, ResolveMistake};
use crate::pattern::{ArchivePattern, EditPattern, NotePattern};
use crate::research_note::{ArchiveResearchNote, EditResearchNote, WriteResearchNote};
use crate::session_summary::{ArchiveSessionSummary, EditSessionSummary, WriteSessionSummary};

/// Files by path, relative to `.brain/`.
pub type Files = BTreeMap<String, String>;

/// The file that repeats the last session's summary.
pub const LATEST: &str = "SESSIONS/latest.md";

/// One thing that an edit means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A new entry.
    Added {
        /// What it is.
        kind: EntryKind,
        /// What it says; its id is yet to be given.
        section: Section,
    },
    /// Other words in an entry.
    Edited {
        /// What it is.
        kind: EntryKind,
        /// Which it is.
        id: Ulid,
        /// What it says now.
        section: Section,
    },
    /// A mistake was marked as resolved, or no longer is, where `how` is empty.
    Resolved {
        /// Which it is.
        id: Ulid,
        /// How.
        how: String,
    },
    /// An entry was taken out of its file.
    Removed {
        /// What it is.
        kind: EntryKind,
        /// Which it is.
        id: Ulid,
    },
    /// A document, or the free section of a file of entries, was written anew.
    Written {
        /// The file.
        path: String,
        /// The whole text; empty where it was taken away.
        content: String,
    },
}

/// The changes that lead from `rendered` to `edited`, in the order of paths and of entries in them.
///
/// Nothing that stands in `edited` and not in `rendered` is left out: it is in an entry, in a free section, or in a
/// document. Line ends and empty lines around a text do not count.
#[must_use]
pub fn read_back(rendered: &Files, edited: &Files) -> Vec<Change> {
    let mut changes = Vec::new();
    let paths: BTreeSet<_> = rendered.keys().chain(edited.keys()).collect();
    for path in paths {
        let none = String::new();
        let before = rendered.get(path).unwrap_or(&none);
        let after = edited.get(path).unwrap_or(&none);
        let deleted_copy = path == LATEST && !edited.contains_key(path);
        if before == after || deleted_copy {
            continue;
        }
        match EntryKind::at(path) {
            None if path == GLOBAL => {
                let (had, has) = (global::free(before, before), global::free(before, after));
                if had != has {
                    changes.push(Change::Written { path: path.clone(), content: has });
                }
            }
            Some(kind) => entries(kind, path, before, after, &mut changes),
            None if tidy(before) == tidy(&after.replace("\r\n", "\n")) => {}
            None => changes.push(Change::Written { path: path.clone(), content: after.clone() }),
        }
    }
    changes
}

fn entries(kind: EntryKind, path: &str, before: &str, after: &str, changes: &mut Vec<Change>) {
    let (before, after) = (parse(kind, before), read(kind, path, after, before.is_empty()));
    let known: BTreeMap<_, _> = before.sections.iter().filter_map(|it| Some((it.id?, it))).collect();
    let mut seen = BTreeSet::new();
    for mut section in after.sections {
        // An id that is not in the file as rendered, or stands there twice, is a copy: what it says is new.
        match section.id.and_then(|id| known.get(&id).filter(|_| seen.insert(id)).map(|old| (id, *old))) {
            None => {
                section.id = None;
                changes.push(Change::Added { kind, section });
            }
            Some((id, old)) => edit(kind, id, old, section, changes),
        }
    }
    let removed = known.keys().filter(|id| !seen.contains(*id));
    changes.extend(removed.map(|id| Change::Removed { kind, id: *id }));
    if before.free != after.free {
        changes.push(Change::Written { path: path.into(), content: after.free });
    }
}

/// The parts of a file; a new file of one entry may be without any marker, and is that entry.
fn read(kind: EntryKind, path: &str, text: &str, is_new: bool) -> Parsed {
    let plain = is_new && kind.heading().is_none() && !text.contains("<!-- waybill:");
    if !plain || text.trim().is_empty() {
        return parse(kind, text);
    }
    let text = text.replace("\r\n", "\n");
    let body = tidy(&text);
    let (first, rest) = body.split_once('\n').unwrap_or((body, ""));
    let stem = path.rsplit('/').next().unwrap_or(path).trim_end_matches(".md");
    let (title, body) = match first.strip_prefix("# ") {
        Some(title) => (title.trim(), tidy(rest)),
        None => (stem, body),
    };
    let mut texts = vec![String::new(); kind.labels().len() + 1];
    texts[0] = body.to_owned();
    Parsed { free: String::new(), sections: vec![Section { id: None, title: title.into(), texts }] }
}

fn edit(kind: EntryKind, id: Ulid, old: &Section, mut new: Section, changes: &mut Vec<Change>) {
    if new.title.is_empty() {
        new.title.clone_from(&old.title);
    }
    let mut old = old.clone();
    if kind == EntryKind::Mistake {
        let (was, how) = (old.texts.pop().unwrap_or_default(), new.texts.pop().unwrap_or_default());
        if was != how {
            changes.push(Change::Resolved { id, how });
        }
    }
    if old.title != new.title || old.texts != new.texts {
        changes.push(Change::Edited { kind, id, section: Section { id: Some(id), ..new } });
    }
}

impl Change {
    /// The stream that the change goes to: of the entry, of a new one under the id `fresh`, or of the brain.
    #[must_use]
    pub fn stream(&self, brain: BrainId, fresh: Ulid) -> StreamId {
        let (kind, id) = match self {
            Self::Added { kind, .. } => (*kind, fresh),
            Self::Edited { kind, id, .. } | Self::Removed { kind, id } => (*kind, *id),
            Self::Resolved { id, .. } => (EntryKind::Mistake, *id),
            Self::Written { .. } => return brain.into(),
        };
        match kind {
            EntryKind::Decision => DecisionId::from(id).into(),
            EntryKind::Pattern => PatternId::from(id).into(),
            EntryKind::Mistake => MistakeId::from(id).into(),
            EntryKind::Research => ResearchNoteId::from(id).into(),
            EntryKind::Session => SessionSummaryId::from(id).into(),
        }
    }
    /// The commands that the change means, in order, all for [`Change::stream`].
    #[must_use]
    pub fn commands(&self, project: ProjectId) -> Vec<Command> {
        match self {
            Self::Added { kind, section } => added(*kind, project, section),
            Self::Edited { kind, section, .. } => vec![edited(*kind, section)],
            Self::Removed { kind, .. } => vec![removed(*kind)],
            Self::Resolved { how, .. } if how.is_empty() => vec![Command::Mistake(ReopenMistake {}.into())],
            Self::Resolved { how, .. } => {
                vec![Command::Mistake(ResolveMistake { how: how.clone() }.into())]
            }
            Self::Written { path, content } => {
                let write = WriteBrainText { path: path.clone(), content: content.clone() };
                vec![Command::Brain(BrainCommand::from(write))]
            }
        }
    }
}

/// A title that a command takes: one line of at most 200 bytes; what is cut off stands in front of the text.
fn titled(section: &Section) -> (String, Vec<String>) {
    let clean: String = section.title.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let mut texts = section.texts.clone();
    let mut title = clean.trim().to_owned();
    if title.len() > crate::check::NAME_MAX_BYTES {
        texts[0] = format!("{title}\n\n{}", texts[0]);
        let end = (0..=crate::check::NAME_MAX_BYTES).rev().find(|at| title.is_char_boundary(*at));
        title.truncate(end.unwrap_or(0));
    }
    if title.trim().is_empty() {
        title = "Untitled".into();
    }
    (title.trim_end().to_owned(), texts)
}

fn added(kind: EntryKind, project: ProjectId, section: &Section) -> Vec<Command> {
    let (title, texts) = titled(section);
    let text = |at: usize| texts.get(at).cloned().unwrap_or_default();
    let (session, run) = (None, None);
    match kind {
        EntryKind::Decision => {
            let (decision, rationale, alternatives) = (text(0), text(1), text(2));
            let log = LogDecision { project, title, decision, rationale, alternatives, session, run };
            vec![Command::Decision(log.into())]
        }
        EntryKind::Pattern => {
            let (pattern, example) = (text(0), text(1));
            vec![Command::Pattern(NotePattern { project, title, pattern, example, session, run }.into())]
        }
        EntryKind::Mistake => {
            let (attempt, failure, instead, how) = (text(0), text(1), text(2), text(3));
            let log = LogMistake { project, title, attempt, failure, instead, session, run };
            let resolve = Command::Mistake(ResolveMistake { how: how.clone() }.into());
            let resolved = Some(resolve).filter(|_| !how.is_empty());
            std::iter::once(Command::Mistake(log.into())).chain(resolved).collect()
        }
        EntryKind::Research => {
            let (findings, sources) = (text(0), text(1));
            let write = WriteResearchNote { project, title, findings, sources, session, run };
            vec![Command::ResearchNote(write.into())]
        }
        EntryKind::Session => {
            let (done, next, learned) = (text(0), text(1), text(2));
            let write = WriteSessionSummary { project, title, done, next, learned, session, run };
            vec![Command::SessionSummary(write.into())]
        }
    }
}

fn edited(kind: EntryKind, section: &Section) -> Command {
    let (title, texts) = titled(section);
    let text = |at: usize| texts.get(at).cloned().unwrap_or_default();
    match kind {
        EntryKind::Decision => {
            let (decision, rationale, alternatives) = (text(0), text(1), text(2));
            Command::Decision(EditDecision { title, decision, rationale, alternatives }.into())
        }
        EntryKind::Pattern => {
            Command::Pattern(EditPattern { title, pattern: text(0), example: text(1) }.into())
        }
        EntryKind::Mistake => {
            let (attempt, failure, instead) = (text(0), text(1), text(2));
            Command::Mistake(EditMistake { title, attempt, failure, instead }.into())
        }
        EntryKind::Research => {
            Command::ResearchNote(EditResearchNote { title, findings: text(0), sources: text(1) }.into())
        }
        EntryKind::Session => {
            let (done, next, learned) = (text(0), text(1), text(2));
            Command::SessionSummary(EditSessionSummary { title, done, next, learned }.into())
        }
    }
}

fn removed(kind: EntryKind) -> Command {
    let reason = Some("taken out of its file".to_owned());
    match kind {
        EntryKind::Decision => Command::Decision(ArchiveDecision { reason }.into()),
        EntryKind::Pattern => Command::Pattern(ArchivePattern { reason }.into()),
        EntryKind::Mistake => Command::Mistake(ArchiveMistake { reason }.into()),
        EntryKind::Research => Command::ResearchNote(ArchiveResearchNote { reason }.into()),
        EntryKind::Session => Command::SessionSummary(ArchiveSessionSummary { reason }.into()),
    }
}
