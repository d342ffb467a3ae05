//! An asset: a skill, a command or a script, in versions that are published and put in force one by one.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::catalogue::{commands, events, plain};
use crate::ids::{AssetId, Category, ProjectId, StreamId};
use crate::terms::{AssetKind, ScriptLanguage, ScriptMoment};
use crate::{Decider, Rejection, check, shipped};

mod samples;
#[cfg(test)]
mod tests;

pub(crate) use samples::samples;

events! {
    /// Everything that can happen to an asset.
    pub enum AssetEvent {
        800 => AssetCreated 1;
        801 => AssetRenamed 1;
        802 => AssetVersionAdded 1;
        803 => AssetVersionPublished 1;
        804 => AssetVersionActivated 1;
        805 => AssetVersionWithdrawn 1;
        806 => AssetArchived 1;
        807 => AssetShared 1;
    }
}

commands! {
    /// What can be asked of an asset.
    pub enum AssetCommand {
        "create" => CreateAsset;
        "rename" => RenameAsset;
        "add-version" => AddAssetVersion;
        "publish" => PublishAssetVersion;
        "activate" => ActivateAssetVersion;
        "withdraw" => WithdrawAssetVersion;
        "archive" => ArchiveAsset;
        "ship" => ShipSkill;
        "share" => ShareAsset;
    }
}

/// What a version holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum AssetContent {
    /// A package of knowledge; every file is written into the sandbox.
    Skill {
        /// 1 to 200 files, together at most 512 KiB; each path once, and none both a file and a folder.
        files: Vec<SkillFile>,
    },
    /// A shell expression, which agents call by the asset's name.
    Command {
        /// Such as `npx vitest run --reporter=verbose`; 1 byte to 64 KiB.
        expression: String,
    },
    /// A program that runs beside an agent.
    Script {
        /// What it is written in.
        language: ScriptLanguage,
        /// When it runs.
        moment: ScriptMoment,
        /// The program; 1 byte to 512 KiB.
        source: String,
    },
}

plain! {
    /// A file of a skill.
    struct SkillFile {
        /// Where it lies, relative to the skill's folder.
        path: String,
        /// What it says.
        content: String,
    }

    /// An asset was made. Its first version follows in the same commit; none is in force yet.
    struct AssetCreated {
        /// The project it belongs to.
        project: ProjectId,
        /// What it is.
        kind: AssetKind,
        /// Its name; the alias, where it is a command.
        name: String,
        /// What it is good for.
        description: String,
    }
    /// It has another name or description.
    struct AssetRenamed {
        /// Its name; the alias, where it is a command.
        name: String,
        /// What it is good for.
        description: String,
    }
    /// A version was written. It never changes, and is in force for nobody until it is published.
    struct AssetVersionAdded {
        /// The version, one more than the last.
        version: u32,
        /// What it holds.
        content: AssetContent,
        /// Why it was written.
        note: Option<String>,
    }
    /// A version was published and is in force for sessions that begin from now on. Running ones keep theirs.
    struct AssetVersionPublished {
        /// The version in force.
        version: u32,
    }
    /// An older published version, or again a newer one, is in force for sessions that begin from now on.
    struct AssetVersionActivated {
        /// The version in force.
        version: u32,
    }
    /// A published version is no longer offered. It can be published again.
    struct AssetVersionWithdrawn {
        /// The version.
        version: u32,
        /// Why.
        reason: String,
    }
    /// The asset is no longer offered; its versions stay readable.
    struct AssetArchived {}
    /// The asset may be used in every project.
    struct AssetShared {}
}

plain! {
    /// Makes an asset with its version 1, not yet published.
    struct CreateAsset {
        /// The project it belongs to.
        project: ProjectId,
        /// Its name. Of a command: letters, digits, `.`, `_` and `-`, for agents call it so.
        name: String,
        /// What it is good for; at most 16 KiB.
        #[serde(default)]
        description: String,
        /// What it holds; this decides what kind of asset it is.
        content: AssetContent,
    }
    /// Gives it another name and description.
    struct RenameAsset {
        /// Its name.
        name: String,
        /// What it is good for; at most 16 KiB.
        #[serde(default)]
        description: String,
    }
    /// Writes the next version, of the same kind.
    struct AddAssetVersion {
        /// What it holds.
        content: AssetContent,
        /// Why it is written; one line.
        note: Option<String>,
    }
    /// Publishes a version and puts it in force for sessions that begin from then on.
    struct PublishAssetVersion {
        /// A version that is not published.
        version: u32,
    }
    /// Puts another published version in force, such as to revert.
    struct ActivateAssetVersion {
        /// A published version other than the active one.
        version: u32,
    }
    /// Takes back the publication of a version.
    struct WithdrawAssetVersion {
        /// A published version other than the active one.
        version: u32,
        /// Why.
        reason: String,
    }
    /// Takes the asset out of use, for good.
    struct ArchiveAsset {}
    /// Makes an asset of a skill that comes with the program, and publishes it as version 1.
    struct ShipSkill {
        /// The project it belongs to.
        project: ProjectId,
        /// The skill's name, such as `review-loop`.
        skill: String,
    }
    /// Lets every project use the asset; it stays with its own.
    struct ShareAsset {}
}

/// Longest description, in bytes.
pub const DESCRIPTION_MAX_BYTES: usize = 16 * 1024;
/// Longest expression of a command, in bytes.
pub const EXPRESSION_MAX_BYTES: usize = 64 * 1024;
/// Most files of a skill.
pub const FILES_MAX: usize = 200;
/// Assets that a command names at most, in three lists: more are refused in any case, and need not be looked up.
const NAMED_MAX: usize = 3 * check::LIST_MAX_ITEMS;

/// The assets that a command names, each once, as what must exist in its project.
pub(crate) fn named<'a>(assets: impl Iterator<Item = &'a AssetId>) -> Vec<StreamId> {
    let each: BTreeSet<_> = assets.take(NAMED_MAX).copied().collect();
    each.into_iter().map(StreamId::from).collect()
}

/// Most versions of an asset.
pub const VERSIONS_MAX: u32 = 10_000;

#[derive(Debug, Clone, Copy, PartialEq, Default)]
enum Phase {
    #[default]
    Missing,
    Current,
    Archived,
}

/// An asset, as far as its decisions need it: which versions there are, not what they hold.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Asset {
    project: Option<ProjectId>,
    phase: Phase,
    kind: Option<AssetKind>,
    last: u32,
    published: BTreeSet<u32>,
    active: Option<u32>,
    shared: bool,
}

impl AssetContent {
    /// What an asset with this content is.
    #[must_use]
    pub const fn kind(&self) -> AssetKind {
        match self {
            Self::Skill { .. } => AssetKind::Skill,
            Self::Command { .. } => AssetKind::Command,
            Self::Script { .. } => AssetKind::Script,
        }
    }
    fn check(&self) -> Result<(), Rejection> {
        match self {
            Self::Skill { files } => check_files(files),
            Self::Command { expression } => {
                check::filled_within("expression", expression, EXPRESSION_MAX_BYTES)
            }
            Self::Script { source, .. } => check::filled("source", source),
        }
    }
}

fn check_files(files: &[SkillFile]) -> Result<(), Rejection> {
    check::some_of("files", files, FILES_MAX)?;
    let mut paths = BTreeSet::new();
    for file in files {
        check::path("path", &file.path)?;
        if !paths.insert(file.path.as_str()) {
            return Err(Rejection::invalid("path", "each path once", &file.path));
        }
    }
    let folder_of = |path: &str| paths.iter().any(|other| other.starts_with(&format!("{path}/")));
    if let Some(file) = files.iter().find(|file| folder_of(&file.path)) {
        return Err(Rejection::invalid("path", "a file or a folder, not both", &file.path));
    }
    let bytes: usize = files.iter().map(|file| file.content.len()).sum();
    check::range("files", bytes, &(0..=check::TEXT_MAX_BYTES), "bytes together")
}

/// An alias is typed in a shell, so it is one plain word.
fn check_name(kind: AssetKind, name: &str) -> Result<(), Rejection> {
    check::name("name", name)?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    let is_word = name.bytes().all(plain) && !name.starts_with('-');
    if kind == AssetKind::Command && !is_word {
        let expected = "letters, digits, `.`, `_` and `-`, no `-` at the front, for a command";
        return Err(Rejection::invalid("name", expected, name));
    }
    Ok(())
}

impl Asset {
    /// The version in force.
    #[must_use]
    pub const fn active(&self) -> Option<u32> {
        self.active
    }
    /// Whether a session may use that version: it is published, and the asset in use.
    #[must_use]
    pub fn offers(&self, version: u32) -> bool {
        self.phase == Phase::Current && self.published.contains(&version)
    }
    /// The version that whoever asks for `version` gets: that one, or the active one where none is asked for.
    ///
    /// # Errors
    /// An asset out of use, or a version that is not published.
    pub fn offered(&self, version: Option<u32>) -> Result<u32, Rejection> {
        self.expect_current()?;
        let chosen = version.or(self.active).ok_or_else(|| {
            Rejection::rule("no version of the asset is published", "publish one, or leave the asset out")
        })?;
        if !self.offers(chosen) {
            return Err(Rejection::invalid("assets", "a published version", chosen));
        }
        Ok(chosen)
    }
    fn expect_current(&self) -> Result<AssetKind, Rejection> {
        match (self.phase, self.kind) {
            (Phase::Current, Some(kind)) => Ok(kind),
            (Phase::Archived, _) => Err(Rejection::illegal("asset", "current", "archived")),
            _ => Err(Rejection::NotFound { aggregate: "asset" }),
        }
    }
    fn create(&self, command: &CreateAsset) -> Result<Vec<AssetEvent>, Rejection> {
        if self.phase != Phase::Missing {
            return Err(Rejection::AlreadyExists { what: "asset".into() });
        }
        let CreateAsset { project, name, description, content } = command.clone();
        let kind = content.kind();
        check_name(kind, &name)?;
        check::within("description", &description, DESCRIPTION_MAX_BYTES)?;
        content.check()?;
        let created = AssetCreated { project, kind, name, description };
        Ok(vec![created.into(), AssetVersionAdded { version: 1, content, note: None }.into()])
    }
    fn ship(&self, command: &ShipSkill) -> Result<Vec<AssetEvent>, Rejection> {
        let Some(skill) = shipped::skill(&command.skill) else {
            let expected = format!("one of {}", shipped::skill_names());
            return Err(Rejection::invalid("skill", expected, &command.skill));
        };
        let files = vec![SkillFile { path: "SKILL.md".into(), content: skill.text.into() }];
        let mut events = self.create(&CreateAsset {
            project: command.project,
            name: skill.name.into(),
            description: skill.purpose.into(),
            content: AssetContent::Skill { files },
        })?;
        events.push(AssetVersionPublished { version: 1 }.into());
        Ok(events)
    }
    fn rename(&self, command: &RenameAsset) -> Result<AssetEvent, Rejection> {
        check_name(self.expect_current()?, &command.name)?;
        check::within("description", &command.description, DESCRIPTION_MAX_BYTES)?;
        let RenameAsset { name, description } = command.clone();
        Ok(AssetRenamed { name, description }.into())
    }
    fn add_version(&self, command: &AddAssetVersion) -> Result<AssetEvent, Rejection> {
        let kind = self.expect_current()?;
        let AddAssetVersion { content, note } = command.clone();
        if content.kind() != kind {
            return Err(Rejection::invalid("content", format!("a {kind}"), content.kind()));
        }
        content.check()?;
        check::opt_name("note", note.as_deref())?;
        if self.last >= VERSIONS_MAX {
            let rule = format!("an asset has at most {VERSIONS_MAX} versions");
            return Err(Rejection::rule(rule, "create another asset"));
        }
        Ok(AssetVersionAdded { version: self.last + 1, content, note }.into())
    }
    fn publish(&self, version: u32) -> Result<AssetEvent, Rejection> {
        self.expect_current()?;
        if !(1..=self.last).contains(&version) {
            return Err(Rejection::unknown("version", version));
        }
        if self.published.contains(&version) {
            let rule = format!("version {version} is published already");
            return Err(Rejection::rule(rule, "activate it to put it in force again"));
        }
        Ok(AssetVersionPublished { version }.into())
    }
    /// A published version that is not the active one.
    fn expect_other(&self, version: u32) -> Result<(), Rejection> {
        self.expect_current()?;
        if !(1..=self.last).contains(&version) {
            return Err(Rejection::unknown("version", version));
        }
        if !self.published.contains(&version) {
            return Err(Rejection::rule(format!("version {version} is not published"), "publish it first"));
        }
        if self.active == Some(version) {
            let rule = format!("version {version} is active already");
            return Err(Rejection::rule(rule, "name another version"));
        }
        Ok(())
    }
    fn withdraw(&self, command: &WithdrawAssetVersion) -> Result<AssetEvent, Rejection> {
        if self.active == Some(command.version) {
            self.expect_current()?;
            let rule = format!("version {} is active", command.version);
            return Err(Rejection::rule(rule, "put another version in force first"));
        }
        self.expect_other(command.version)?;
        check::filled("reason", &command.reason)?;
        Ok(AssetVersionWithdrawn { version: command.version, reason: command.reason.clone() }.into())
    }
}

impl Decider for Asset {
    const CATEGORY: Category = Category(8);
    type Command = AssetCommand;
    type Event = AssetEvent;

    fn decide(&self, command: &AssetCommand) -> Result<Vec<AssetEvent>, Rejection> {
        let event = match command {
            AssetCommand::CreateAsset(c) => return self.create(c),
            AssetCommand::RenameAsset(c) => self.rename(c)?,
            AssetCommand::AddAssetVersion(c) => self.add_version(c)?,
            AssetCommand::PublishAssetVersion(c) => self.publish(c.version)?,
            AssetCommand::ActivateAssetVersion(c) => {
                self.expect_other(c.version)?;
                AssetVersionActivated { version: c.version }.into()
            }
            AssetCommand::WithdrawAssetVersion(c) => self.withdraw(c)?,
            AssetCommand::ShipSkill(c) => return self.ship(c),
            AssetCommand::ShareAsset(ShareAsset {}) => {
                self.expect_current()?;
                if self.shared {
                    return Err(Rejection::rule("the asset is shared already", "nothing is left to do"));
                }
                AssetShared {}.into()
            }
            AssetCommand::ArchiveAsset(ArchiveAsset {}) => {
                self.expect_current()?;
                AssetArchived {}.into()
            }
        };
        Ok(vec![event])
    }

    fn evolve(&mut self, event: &AssetEvent) {
        match event {
            AssetEvent::AssetCreated(e) => {
                *self = Self {
                    project: Some(e.project),
                    phase: Phase::Current,
                    kind: Some(e.kind),
                    ..Self::default()
                };
            }
            AssetEvent::AssetRenamed(_) => {}
            AssetEvent::AssetVersionAdded(e) => self.last = e.version,
            AssetEvent::AssetVersionPublished(e) => {
                self.published.insert(e.version);
                self.active = Some(e.version);
            }
            AssetEvent::AssetVersionActivated(e) => self.active = Some(e.version),
            AssetEvent::AssetVersionWithdrawn(e) => drop(self.published.remove(&e.version)),
            AssetEvent::AssetArchived(_) => self.phase = Phase::Archived,
            AssetEvent::AssetShared(_) => self.shared = true,
        }
    }

    fn project(&self) -> Option<ProjectId> {
        self.project
    }

    fn is_global(&self) -> bool {
        self.shared
    }

    fn references(command: &AssetCommand) -> Vec<StreamId> {
        match command {
            AssetCommand::CreateAsset(c) => vec![c.project.into()],
            AssetCommand::ShipSkill(c) => vec![c.project.into()],
            _ => vec![],
        }
    }
}
