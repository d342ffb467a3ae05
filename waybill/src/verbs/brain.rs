//! `waybill brain`: a project's brain as files to edit, and their edits read back as events.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use domain::brain::read_back::{Change, Files, read_back};
use domain::brain::{BrainCommand, CreateBrain};
use domain::ids::{BrainId, CommitId, Position, ProjectId};
use domain::{Actor, Command, Fingerprint, StreamId, Ulid};
use engine::{Engine, Envelope};
use projections::Query;
use serde::{Deserialize, Serialize};

use crate::cli::Global;
use crate::client::{Arguments, Client, ClientError, Problem};
use crate::failure::{Exit, Failure};
use crate::files;
use crate::output;
use crate::readers::{self, ViewCall};
use crate::table::Row;
use crate::target::{self, Target, Want};

/// Says what the files were when they were exported.
const MARK: &str = ".waybill-brain.json";
/// Files and folders of a brain, and folders in folders, at most.
const FILES_MAX: usize = 10_000;
const DEPTH_MAX: usize = 8;
/// Longest file that is read; a command takes less.
const BYTES_MAX: u64 = 8 << 20;
const EVENTS_PER_READ: usize = 8_192;
const BYTES_PER_READ: usize = 4 << 20;

/// Write a project's brain into a folder, or read its edits back into the log
///
/// `waybill brain export .brain --project 01J…`, edit the files, `waybill brain import .brain`
#[derive(Debug, Args)]
pub(crate) struct Brain {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Write the files, and which position of the log they show
    Export(Export),
    /// Read the files back: what was edited since the export becomes events, and the files are written anew
    ///
    /// What others changed meanwhile stays; where they changed the same text, nothing is read back.
    Import(Import),
}

#[derive(Debug, Args)]
struct Export {
    /// Where to; files of the brain that are there are replaced
    dir: PathBuf,
    /// The project
    #[arg(long, value_name = "ID")]
    project: ProjectId,
}

#[derive(Debug, Args)]
struct Import {
    /// A folder that `waybill brain export` wrote
    dir: PathBuf,
    /// Say what would be read back, and change nothing
    #[arg(long)]
    dry_run: bool,
}

/// What the files in a folder were made of.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Mark {
    project: ProjectId,
    /// None where the log was empty.
    position: Option<u64>,
}

/// What was done. The keys are stable.
#[derive(Debug, Serialize)]
struct Report {
    project: ProjectId,
    /// Position that the files in the folder show now.
    position: Option<u64>,
    files: usize,
    /// Commands that were sent, or would be, in order.
    commands: Vec<String>,
}

impl Brain {
    pub(crate) async fn run(self, global: &Global) -> Result<Exit, Failure> {
        let target = target::open(global, Want::Log)?;
        let done = match &self.what {
            What::Export(export) => export.write(&target).await,
            What::Import(import) => import.read(&target).await,
        };
        let closed = target.close().await;
        let report = done?;
        output::document(global.output, &report, || report.text())?;
        closed.map(|()| Exit::Done)
    }
}

impl Report {
    fn text(&self) -> String {
        let mut text: String = self.commands.iter().map(|command| format!("{command}\n")).collect();
        let position = self.position.map_or_else(|| "an empty log".to_owned(), |at| format!("position {at}"));
        text.push_str(&format!("{} files as of {position}\n", self.files));
        text
    }
}

impl Export {
    async fn write(&self, target: &Target) -> Result<Report, Failure> {
        let key = Some(self.project.to_string());
        target.view(&ViewCall { key, ..ViewCall::of("projects") }).await?;
        let earlier = if self.dir.join(MARK).exists() {
            base(target, Mark::of(&self.dir)?).await?
        } else {
            Files::new()
        };
        write(target, self.project, None, &self.dir, &earlier).await
    }
}

impl Import {
    async fn read(&self, target: &Target) -> Result<Report, Failure> {
        let mark = Mark::of(&self.dir)?;
        let edited = edited(&self.dir)?;
        let rendered = base(target, mark).await?;
        let (_, now) = rendered_now(target, mark.project, None).await?;
        let changes = read_back(&rendered, &edited);
        check_others(&changes, &read_back(&rendered, &now))?;
        let brain = brain_of(target, mark.project).await?;
        let sent = commands(mark, brain, &changes);
        let said: Vec<_> = sent.iter().map(|one| format!("{} {}", one.stream, one.command.name())).collect();
        if self.dry_run {
            let Mark { project, position } = mark;
            return Ok(Report { project, position, files: edited.len(), commands: said });
        }
        let mut reached = None;
        for one in sent {
            let what = format!("{} {}", one.stream, one.command.name());
            let told = send(target, one).await;
            // What went before is in the log, and importing again does not repeat it.
            reached = Some(told.map_err(|failure| failure.while_doing(format_args!("{what} was refused")))?);
        }
        let report = write(target, mark.project, reached, &self.dir, &edited).await?;
        Ok(Report { commands: said, ..report })
    }
}

impl Mark {
    fn of(dir: &Path) -> Result<Self, Failure> {
        let path = dir.join(MARK);
        let bytes = std::fs::read(&path).map_err(|error| {
            Failure::usage(format!("`{}` cannot be read: {error}", path.display())).hint(
                "import a folder that `waybill brain export` wrote: without it nobody knows what was edited",
            )
        })?;
        serde_json::from_slice(&bytes)
            .map_err(|error| Failure::usage(format!("`{}` is no mark of an export: {error}", path.display())))
    }
}

/// The files as an export wrote them.
async fn base(target: &Target, mark: Mark) -> Result<Files, Failure> {
    // Of an empty log nothing was written.
    if mark.position.is_none() {
        return Ok(Files::new());
    }
    Ok(rendered(target, mark.project, mark.position).await?.1)
}

/// The files of a project's brain at a position, and the position that they show.
async fn rendered(
    target: &Target,
    project: ProjectId,
    at: Option<u64>,
) -> Result<(Option<u64>, Files), Failure> {
    let query = Query { filters: vec![("project".into(), project.to_string())], ..Query::default() };
    let at = at.map(|position| position.to_string());
    let answer = target.view(&ViewCall { at, query, ..ViewCall::of("brain") }).await?;
    let file = |row: &Row| {
        let text = |name| row.row.get(name).and_then(|it| it.as_str().map(str::to_owned));
        // Hidden files are neither written nor read: they are not for a working tree.
        let (path, content) = (text("path")?, text("content")?);
        (!path.split('/').any(|part| part.starts_with('.'))).then_some((path, content))
    };
    Ok((answer.position, answer.rows.iter().filter_map(file).collect()))
}

/// As [`rendered`], now, and not before `reached`.
async fn rendered_now(
    target: &Target,
    project: ProjectId,
    reached: Option<u64>,
) -> Result<(Option<u64>, Files), Failure> {
    if let (Target::Server(client), Some(reached)) = (target, reached) {
        let wait = [("min_position", reached.to_string()), ("limit", "1".to_owned())];
        let wait: Arguments = wait.map(|(name, value)| (name.to_owned(), value)).into();
        client.json(&["v1", "views", "brain"], &wait).await?;
    }
    rendered(target, project, None).await
}

/// Writes the files as they are now, and says what they show. What is in the folder is replaced or taken away only
/// where the log has it: it is as `known`, or as it is now.
async fn write(
    target: &Target,
    project: ProjectId,
    reached: Option<u64>,
    dir: &Path,
    known: &Files,
) -> Result<Report, Failure> {
    let (position, rendered) = rendered_now(target, project, reached).await?;
    std::fs::create_dir_all(dir)?;
    for (path, text) in &edited(dir)? {
        let stays = !known.contains_key(path) && !rendered.contains_key(path);
        if !stays && known.get(path) != Some(text) && rendered.get(path) != Some(text) {
            let message = format!("`{}` was edited, and the log does not have it", dir.join(path).display());
            return Err(Failure::new(Exit::Failed, message)
                .hint("import the folder first, or export into an empty one"));
        }
        if known.contains_key(path) && !rendered.contains_key(path) {
            std::fs::remove_file(dir.join(path))?;
        }
    }
    for (path, content) in &rendered {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        make_folder(dir, folder)?;
        files::replace(&dir.join(path), content.as_bytes(), files::PUBLIC)?;
    }
    let mark = serde_json::to_vec(&Mark { project, position })?;
    files::replace(&dir.join(MARK), &mark, files::PUBLIC)?;
    Ok(Report { project, position, files: rendered.len(), commands: vec![] })
}

/// Makes a folder in `dir`, step by step; a link in its place would lead out of it.
fn make_folder(dir: &Path, folder: &str) -> Result<(), Failure> {
    let mut path = dir.to_owned();
    for part in folder.split('/').filter(|part| !part.is_empty()) {
        path.push(part);
        if !path.is_dir() {
            std::fs::create_dir(&path)?;
        } else if path.is_symlink() {
            return Err(Failure::usage(format!("`{}` is a link", path.display())).hint("take it away"));
        }
    }
    Ok(())
}

/// The files of a folder, by path in it; hidden ones and links are not of the brain.
fn edited(dir: &Path) -> Result<Files, Failure> {
    let (mut found, mut folders) = (Files::new(), vec![(dir.to_owned(), String::new(), 0)]);
    let mut seen = 0;
    while let Some((folder, prefix, depth)) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let entry = entry?;
            let (kind, name) = (entry.file_type()?, entry.file_name());
            let Some(name) = name.to_str().filter(|name| !name.starts_with('.')) else { continue };
            seen += 1;
            let path = format!("{prefix}{name}");
            if kind.is_dir() {
                folders.push((entry.path(), format!("{path}/"), depth + 1));
            } else if kind.is_file() {
                found.insert(path, read(&entry.path())?);
            }
            if seen > FILES_MAX || depth > DEPTH_MAX {
                let bounds = format!("{FILES_MAX} files and {DEPTH_MAX} folders in folders");
                return Err(Failure::usage(format!("`{}` has more than {bounds}", dir.display())));
            }
        }
    }
    Ok(found)
}

fn read(path: &Path) -> Result<String, Failure> {
    let wrong = |why: String| Failure::usage(format!("`{}` is no text of a brain: {why}", path.display()));
    let length = std::fs::metadata(path)?.len();
    if length > BYTES_MAX {
        return Err(wrong(format!("expected at most {BYTES_MAX} bytes, got {length}")));
    }
    String::from_utf8(std::fs::read(path)?).map_err(|error| wrong(error.to_string()))
}

/// That nobody else changed what is to be changed, unless to the same: an import that was cut off did that.
fn check_others(ours: &[Change], theirs: &[Change]) -> Result<(), Failure> {
    let what = |change: &Change| match change {
        Change::Added { .. } => None,
        Change::Written { path, .. } => Some(path.clone()),
        Change::Edited { id, .. } | Change::Resolved { id, .. } | Change::Removed { id, .. } => {
            Some(id.to_string())
        }
    };
    let same = |one: &Change, other: &Change| match (one, other) {
        (Change::Written { path, content }, Change::Written { path: other_path, content: other }) => {
            path == other_path && content.trim() == other.trim()
        }
        _ => one == other,
    };
    let changed: BTreeSet<_> = theirs.iter().filter_map(what).collect();
    let ours = ours.iter().filter(|one| !theirs.iter().any(|other| same(one, other)));
    let both: Vec<_> = ours.filter_map(what).filter(|one| changed.contains(one)).collect();
    if both.is_empty() {
        return Ok(());
    }
    let message = format!("changed here and in the log since the export: {}", both.join(", "));
    Err(Failure::new(Exit::Failed, message).hint("export into another folder, and bring your edits there"))
}

/// The project's brain, where it has one.
async fn brain_of(target: &Target, project: ProjectId) -> Result<Option<BrainId>, Failure> {
    Ok(match target {
        Target::Folder(engine) => founded(engine, project)?,
        Target::Server(client) => {
            let named = [("project", project.to_string()), ("type", "BrainCreated".to_owned())];
            let named = named.map(|(name, value)| (name.to_owned(), value)).into();
            let records = readers::records(client, named).await?;
            records.first().map(|record| record.stream().id.into())
        }
    })
}

fn founded(engine: &Engine, project: ProjectId) -> Result<Option<BrainId>, Failure> {
    let kind = StreamId::from(BrainId::from(Ulid(0))).category;
    let mut cursor: Option<Position> = None;
    loop {
        let records = engine.journal().read(cursor, EVENTS_PER_READ, BYTES_PER_READ)?;
        let Some(last) = records.last() else { return Ok(None) };
        cursor = Some(last.position());
        let of = |record: &&journal::RawRecord| {
            record.stream().category == kind && record.project() == Some(project)
        };
        if let Some(record) = records.iter().find(of) {
            return Ok(Some(record.stream().id.into()));
        }
    }
}

/// A command, and the commit that it is to be.
#[derive(Debug)]
struct Sent {
    stream: StreamId,
    command: Command,
    commit: CommitId,
}

/// The commands that the changes mean. Their ids follow from the export and the edits, so that importing again
/// after a failure repeats nothing.
fn commands(mark: Mark, brain: Option<BrainId>, changes: &[Change]) -> Vec<Sent> {
    let (mut sent, mut ids) = (Vec::new(), Ids { mark, given: BTreeMap::new() });
    let mut push = |ids: &mut Ids, stream: StreamId, command: Command| {
        let commit = ids.next(stream, &command).into();
        sent.push(Sent { stream, command, commit });
    };
    let own = brain.unwrap_or_else(|| BrainId::from(mark.project.ulid()));
    let written = changes.iter().any(|change| matches!(change, Change::Written { .. }));
    if brain.is_none() && written {
        let create = BrainCommand::from(CreateBrain { project: mark.project, template: false });
        push(&mut ids, own.into(), Command::Brain(create));
    }
    for change in changes {
        let commands = change.commands(mark.project);
        let Some(first) = commands.first() else { continue };
        let stream = change.stream(own, ids.next(mark.project.into(), first));
        commands.into_iter().for_each(|command| push(&mut ids, stream, command));
    }
    sent
}

/// Ids that are the same for the same edits of the same export.
struct Ids {
    mark: Mark,
    /// How often the same was asked for.
    given: BTreeMap<u64, u16>,
}

impl Ids {
    fn next(&mut self, stream: StreamId, command: &Command) -> Ulid {
        let Fingerprint(of) = Fingerprint::of(stream, command);
        let nth = self.given.entry(of).or_default();
        let random = u128::from(of) << 16 | u128::from(*nth);
        *nth = nth.wrapping_add(1);
        Ulid::from_parts(self.mark.position.unwrap_or(0), random)
    }
}

#[derive(Deserialize)]
struct Taken {
    position: u64,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Told {
    Taken(Taken),
    Refused { error: Problem },
}

/// Sends a command; gives the position of its event.
async fn send(target: &Target, sent: Sent) -> Result<u64, Failure> {
    let Sent { stream, command, commit } = sent;
    match target {
        Target::Folder(engine) => {
            let envelope =
                Envelope { commit: Some(commit), ..Envelope::new(stream, command, Actor::Operator) };
            Ok(engine.execute(envelope).await?.position.0)
        }
        Target::Server(client) => post(client, stream, &command, commit).await,
    }
}

async fn post(
    client: &Client,
    stream: StreamId,
    command: &Command,
    commit: CommitId,
) -> Result<u64, Failure> {
    let line = serde_json::json!({
        "stream": stream, "command": command.name(), "body": command, "commit": commit,
    });
    let response = client.post(&["v1", "commands"], format!("{line}\n"), "application/x-ndjson").await?;
    let text = response.text().await.map_err(ClientError::from)?;
    match serde_json::from_str(text.trim())? {
        Told::Taken(taken) => Ok(taken.position),
        Told::Refused { error } => Err(error.into()),
    }
}
