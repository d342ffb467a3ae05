//! Every project's brain as the files that agents and people read, rendered from its entries and texts.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use domain::brain::file::{EntryKind, Section, render};
use domain::brain::global::{self, GLOBAL};
use domain::brain::read_back::LATEST;
use domain::brain::{BrainEvent, is_always_read, tokens};
use domain::ids::{IdError, ProjectId};
use domain::values::Timestamp;
use domain::{Event, Recorded, StreamId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::table::Table;
use crate::view::{Scope, View};

mod entry;
#[cfg(test)]
mod tests;

use entry::{Act, act};

/// A file of a project's brain: `01J…/DECISIONS.md`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct FileKey {
    project: ProjectId,
    path: String,
}

impl fmt::Display for FileKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.project, self.path)
    }
}

impl FromStr for FileKey {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let wrong = || IdError {
            expected: "a project and a path such as `01J…/DECISIONS.md`".into(),
            actual: text.chars().take(80).collect(),
        };
        let (project, path) = text.split_once('/').ok_or_else(wrong)?;
        Ok(Self { project: project.parse()?, path: path.into() })
    }
}

/// A file of a project's brain, relative to `.brain/`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct FileRow {
    /// The project it belongs to.
    project: ProjectId,
    /// Its path.
    path: String,
    /// Its text.
    content: String,
    /// Its length.
    bytes: u64,
    /// About how many tokens it takes.
    tokens: u64,
    /// Whether every session reads it.
    always_read: bool,
    /// Entries in it.
    entries: u64,
    /// Entries that were archived out of it; the log keeps them.
    archived: u64,
    /// When it last changed.
    updated_at: Timestamp,
}

/// An entry, as far as its file needs it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Entry {
    kind: EntryKind,
    /// The file that it stands in.
    path: String,
    title: String,
    texts: Vec<String>,
    day: String,
    archived: bool,
    /// Whether it applies in every project.
    promoted: bool,
}

/// The entries of a file, in the order of streams, which is that of time within a kind.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Filed {
    standing: BTreeSet<StreamId>,
    archived: u64,
}

/// The view `brain`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Brain {
    table: Table<FileKey, FileRow>,
    brains: BTreeMap<StreamId, ProjectId>,
    texts: BTreeMap<FileKey, String>,
    projects: BTreeMap<StreamId, ProjectId>,
    entries: BTreeMap<(ProjectId, StreamId), Entry>,
    /// Which entries each file has, so that a file is drawn without a look at all the others.
    files: BTreeMap<FileKey, Filed>,
    /// Every project that has a file.
    all: BTreeSet<ProjectId>,
    /// Entries that apply in every project.
    promoted: BTreeSet<(ProjectId, StreamId)>,
}

/// Most entries that a file shows, so that an unpruned brain stays readable; the newest stay.
const ENTRIES_SHOWN: usize = 200;

/// Totals over the files that a reader asked for.
#[derive(Serialize)]
struct Totals {
    files: u64,
    bytes: u64,
    tokens: u64,
    always_read_tokens: u64,
    always_read_budget: u64,
    on_demand_tokens: u64,
    backlog_tokens: u64,
    backlog_budget: u64,
}

/// The files that an entry stands in: its own, and for a session the one of the latest.
fn files_of(kind: EntryKind, path: &str) -> Vec<String> {
    let latest = (kind == EntryKind::Session).then(|| LATEST.to_owned());
    std::iter::once(path.to_owned()).chain(latest).collect()
}

impl Brain {
    fn apply_text(&mut self, stream: StreamId, event: &BrainEvent, at: Timestamp) {
        match event {
            BrainEvent::BrainCreated(e) => {
                self.brains.insert(stream, e.project);
                self.know(e.project, at);
            }
            BrainEvent::BrainTextWritten(e) => {
                let Some(project) = self.brains.get(&stream).copied() else { return };
                let key = FileKey { project, path: e.path.clone() };
                if e.content.is_empty() {
                    self.texts.remove(&key);
                } else {
                    self.texts.insert(key.clone(), e.content.clone());
                }
                self.draw(&key, at);
            }
            BrainEvent::BrainPruned(_) => {}
        }
    }
    fn apply_entry(&mut self, stream: StreamId, kind: EntryKind, act: Act, at: Timestamp) {
        let project = if let Act::Made { project, title, texts } = act {
            let day = at.day();
            let path = entry::path(kind, &day, stream);
            self.projects.insert(stream, project);
            for path in files_of(kind, &path) {
                let key = FileKey { project, path };
                self.files.entry(key).or_default().standing.insert(stream);
            }
            let entry = Entry { kind, path, title, texts, day, archived: false, promoted: false };
            self.entries.insert((project, stream), entry);
            self.know(project, at);
            project
        } else {
            let Some(project) = self.projects.get(&stream).copied() else { return };
            let Some(entry) = self.entries.get_mut(&(project, stream)) else { return };
            let before = entry.archived;
            entry.change(act);
            let (archived, promoted, path) = (entry.archived, entry.promoted, entry.path.clone());
            if archived != before {
                self.file(project, stream, archived, &files_of(kind, &path));
            }
            if promoted {
                self.promoted.insert((project, stream));
                let all: Vec<_> = self.all.iter().copied().collect();
                all.into_iter().for_each(|project| self.draw_global(project, at));
            }
            project
        };
        let Some(path) = self.entries.get(&(project, stream)).map(|entry| entry.path.clone()) else { return };
        for path in files_of(kind, &path) {
            self.draw(&FileKey { project, path }, at);
        }
    }
    /// Takes an entry out of its files, or puts it back.
    fn file(&mut self, project: ProjectId, stream: StreamId, archived: bool, paths: &[String]) {
        for path in paths {
            let filed = self.files.entry(FileKey { project, path: path.clone() }).or_default();
            if archived {
                filed.standing.remove(&stream);
                filed.archived += 1;
            } else {
                filed.standing.insert(stream);
                filed.archived = filed.archived.saturating_sub(1);
            }
        }
    }
    /// Gives a project that has had no file so far what applies in all of them.
    fn know(&mut self, project: ProjectId, at: Timestamp) {
        if self.all.insert(project) && !self.promoted.is_empty() {
            self.draw_global(project, at);
        }
    }
    fn draw_global(&mut self, project: ProjectId, at: Timestamp) {
        self.draw(&FileKey { project, path: GLOBAL.into() }, at);
    }
    /// What applies in every project, in the order of streams; the last of them where they are too many.
    fn globals(&self) -> Vec<(EntryKind, Section)> {
        let standing = self.promoted.iter().filter_map(|key| {
            let entry = self.entries.get(key).filter(|entry| !entry.archived)?;
            let (title, texts) = (entry.title.clone(), entry.texts.clone());
            Some((entry.kind, Section { id: Some(key.1.id), title, texts }))
        });
        let mut standing: Vec<_> = standing.collect();
        let older = standing.len().saturating_sub(ENTRIES_SHOWN);
        standing.drain(..older);
        standing
    }
    /// The newest entries that stand in the file, from the oldest; the file of the latest session shows one.
    fn shown(&self, key: &FileKey, filed: &Filed) -> Vec<(Section, String)> {
        let most = if key.path == LATEST { 1 } else { ENTRIES_SHOWN };
        let newest = filed.standing.iter().rev().take(most);
        let mut shown: Vec<_> = newest
            .filter_map(|stream| {
                let entry = self.entries.get(&(key.project, *stream))?;
                let (title, texts) = (entry.title.clone(), entry.texts.clone());
                Some((Section { id: Some(stream.id), title, texts }, entry.day.clone()))
            })
            .collect();
        shown.reverse();
        shown
    }
    /// Writes the file anew, or takes it away where nothing stands in it.
    fn draw(&mut self, key: &FileKey, at: Timestamp) {
        let text = self.texts.get(key).cloned().unwrap_or_default();
        let (content, entries, archived) = match EntryKind::at(&key.path) {
            None if key.path == GLOBAL => {
                let globals = self.globals();
                (global::render(&text, &globals), globals.len() as u64, 0)
            }
            None => (text, 0, 0),
            Some(kind) => {
                let none = Filed::default();
                let filed = self.files.get(key).unwrap_or(&none);
                let shown = self.shown(key, filed);
                if shown.is_empty() && text.is_empty() {
                    self.table.remove(key);
                    return;
                }
                let latest = key.path == LATEST;
                let (count, archived) =
                    if latest { (shown.len(), 0) } else { (filed.standing.len(), filed.archived) };
                let older = (count - shown.len()) as u64;
                (render(kind, &text, &shown, older), count as u64, archived)
            }
        };
        if content.is_empty() {
            self.table.remove(key);
            return;
        }
        let row = FileRow {
            project: key.project,
            path: key.path.clone(),
            bytes: content.len() as u64,
            tokens: tokens(&content),
            always_read: is_always_read(&key.path),
            content,
            entries,
            archived,
            updated_at: at,
        };
        self.table.insert(key.clone(), row);
    }
}

impl View for Brain {
    const NAME: &'static str = "brain";
    const VERSION: u32 = 3;
    const SCOPE: Scope = Scope::Live;
    const FILTERS: &'static [&'static str] = &["project", "path", "always_read"];
    type Key = FileKey;
    type Row = FileRow;

    fn folds(event: &Event) -> bool {
        matches!(event, Event::Brain(_)) || act(event).is_some()
    }
    fn apply(&mut self, event: &Recorded) {
        let (stream, at) = (event.meta.stream, event.meta.when());
        if let Event::Brain(happened) = &event.event {
            self.apply_text(stream, happened, at);
        } else if let Some((kind, act)) = act(&event.event) {
            self.apply_entry(stream, kind, act, at);
        }
    }
    fn table(&self) -> &Table<FileKey, FileRow> {
        &self.table
    }
    fn table_mut(&mut self) -> &mut Table<FileKey, FileRow> {
        &mut self.table
    }
    fn summary<'a>(rows: impl Iterator<Item = &'a FileRow>) -> Option<serde_json::Value> {
        let mut totals = Totals {
            files: 0,
            bytes: 0,
            tokens: 0,
            always_read_tokens: 0,
            always_read_budget: domain::brain::ALWAYS_READ_TOKENS,
            on_demand_tokens: 0,
            backlog_tokens: 0,
            backlog_budget: domain::brain::BACKLOG_TOKENS,
        };
        for row in rows {
            totals.files += 1;
            totals.bytes += row.bytes;
            totals.tokens += row.tokens;
            totals.always_read_tokens += if row.always_read { row.tokens } else { 0 };
            totals.on_demand_tokens += if row.always_read { 0 } else { row.tokens };
            totals.backlog_tokens += if row.path == "BACKLOG.md" { row.tokens } else { 0 };
        }
        serde_json::to_value(totals).ok()
    }
}
