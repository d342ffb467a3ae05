//! A learning document: the learning versions of one project and role, compiled from approved learnings.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::catalogue::{commands, events, plain};
use crate::decider::{Claim, Others};
use crate::ids::{Category, LearningId, ProjectId, StreamId};
use crate::learning::{Learning, Wording};
use crate::terms::{Role, Severity};
use crate::{Decider, Rejection, check};

#[cfg(test)]
mod tests;

events! {
    /// Everything that can happen to a learning document.
    pub enum LearningDocumentEvent {
        1600 => LearningDocumentOpened 1;
        1601 => LearningVersionCompiled 1;
        1602 => LearningVersionActivated 1;
        1603 => LearningsLeftOut 1;
    }
}

commands! {
    /// What can be asked of a learning document.
    pub enum LearningDocumentCommand {
        "open" => OpenLearningDocument;
        "compile" => CompileLearningVersion;
        "activate" => ActivateLearningVersion;
    }
}

plain! {
    /// An approved learning that a version does without.
    struct LeftOut {
        /// The learning.
        learning: LearningId,
        /// Why it is left out; one line.
        reason: String,
    }
    /// A document was opened; it has no version yet.
    struct LearningDocumentOpened {
        /// The project it belongs to.
        project: ProjectId,
        /// The role whose agents read it.
        role: Role,
    }
    /// A version was compiled. It never changes.
    struct LearningVersionCompiled {
        /// The version, one more than the last.
        version: u32,
        /// What agents read.
        markdown: String,
        /// The learnings it includes, in its order.
        learnings: Vec<LearningId>,
        /// Why it was compiled.
        note: Option<String>,
    }
    /// A version does without approved learnings, for reasons; in the commit that compiled it.
    struct LearningsLeftOut {
        /// The version.
        version: u32,
        /// What is left out.
        left_out: Vec<LeftOut>,
    }
    /// A version is in force for sandboxes made from now on.
    struct LearningVersionActivated {
        /// The version in force.
        version: u32,
    }
}

plain! {
    /// Opens the document of a role. A project has one for each role.
    struct OpenLearningDocument {
        /// The project it belongs to.
        project: ProjectId,
        /// The role whose agents read it.
        role: Role,
    }
    /// Compiles the next version and puts it in force. No approved learning of the version before is lost: it is
    /// included, or left out by name.
    struct CompileLearningVersion {
        /// Approved learnings that apply to the role, global ones of other projects among them: at most 200, each once, in any order.
        learnings: Vec<LearningId>,
        /// Approved learnings that it does without: at most 200, each once, none that it includes.
        leaves_out: Option<Vec<LeftOut>>,
        /// Why it is compiled; one line.
        note: Option<String>,
    }
    /// Puts another version in force, such as to revert.
    struct ActivateLearningVersion {
        /// A version there is, other than the active one.
        version: u32,
    }
}

/// Most learnings of a version.
pub const LEARNINGS_MAX: usize = 200;

/// What a document's claim is of.
const CLAIM: &str = "learning document";

/// A learning document, as far as its decisions need it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LearningDocument {
    of: Option<(ProjectId, Role)>,
    last: u32,
    active: u32,
    /// The learnings of the last version.
    latest: Vec<LearningId>,
}

fn claim(project: ProjectId, role: Role) -> Claim {
    Claim::new(CLAIM, format!("{project}/{role}"))
}

/// What agents of `role` read, and the learnings in its order: by severity, critical first, then by category
/// as the words are listed, then by id. Equal learnings give equal bytes.
fn compile(role: Role, mut learnings: Vec<(LearningId, &Wording)>) -> (String, Vec<LearningId>) {
    learnings.sort_by_key(|(id, wording)| (wording.severity, wording.category, *id));
    let mut page = format!("# Learnings for the role `{role}`\n");
    for severity in Severity::ALL {
        let mut heading = format!("\n## {severity}\n");
        for (id, wording) in learnings.iter().filter(|(_, wording)| wording.severity == *severity) {
            page.push_str(&std::mem::take(&mut heading));
            let Wording { description, trigger, correct_behaviour, category, .. } = wording;
            let _ = write!(page, "\n### {id} ({category})\n\n");
            for (name, text) in [("What", description), ("When", trigger), ("Do", correct_behaviour)] {
                // Further lines stand inside the item, so that no text can pass for a heading of the page.
                let _ = writeln!(page, "- {name}: {}", text.trim_end().replace('\n', "\n  "));
            }
        }
    }
    (page, learnings.into_iter().map(|(id, _)| id).collect())
}

impl LearningDocument {
    /// Role and version in force.
    ///
    /// # Errors
    /// A document that does not exist, or has no version yet.
    pub fn in_force(&self) -> Result<(Role, u32), Rejection> {
        let (_, role) = self.opened()?;
        match self.active {
            0 => Err(Rejection::rule(
                format!("the learning document of the role {role} has no version"),
                "compile one, or leave the document out",
            )),
            version => Ok((role, version)),
        }
    }
    fn opened(&self) -> Result<(ProjectId, Role), Rejection> {
        self.of.ok_or(Rejection::NotFound { aggregate: "learning document" })
    }
    fn compile(
        &self,
        command: &CompileLearningVersion,
        others: &Others,
    ) -> Result<Vec<LearningDocumentEvent>, Rejection> {
        let (_, role) = self.opened()?;
        check::range("learnings", command.learnings.len(), &(0..=LEARNINGS_MAX), "learnings")?;
        check::each_once("learnings", &command.learnings)?;
        check::opt_name("note", command.note.as_deref())?;
        let mut named = Vec::with_capacity(command.learnings.len());
        for id in &command.learnings {
            let wording = others.of::<Learning>(*id)?.approved()?;
            if !wording.roles.is_empty() && !wording.roles.contains(&role) {
                let rule = format!("learning `{id}` does not apply to the role {role}");
                return Err(Rejection::rule(rule, "leave it out, or widen its roles while it is pending"));
            }
            named.push((*id, wording));
        }
        let left_out = self.left_out(command, others)?;
        let (markdown, learnings) = compile(role, named);
        check::range("learnings", markdown.len(), &(0..=check::TEXT_MAX_BYTES), "bytes of markdown")?;
        let version = self.last.checked_add(1).ok_or_else(|| {
            Rejection::rule("the document has no version number left", "activate an older version")
        })?;
        let compiled = LearningVersionCompiled { version, markdown, learnings, note: command.note.clone() };
        let left_out = (!left_out.is_empty()).then(|| LearningsLeftOut { version, left_out }.into());
        let in_force = LearningVersionActivated { version }.into();
        Ok(std::iter::once(compiled.into()).chain(left_out).chain([in_force]).collect())
    }
    /// What the command leaves out, where nothing else of the version before is lost.
    fn left_out(&self, command: &CompileLearningVersion, others: &Others) -> Result<Vec<LeftOut>, Rejection> {
        let left_out = command.leaves_out.clone().unwrap_or_default();
        check::range("leaves_out", left_out.len(), &(0..=LEARNINGS_MAX), "learnings")?;
        let ids: Vec<_> = left_out.iter().map(|it| it.learning).collect();
        check::each_once("leaves_out", &ids)?;
        for LeftOut { learning, reason } in &left_out {
            check::name("leaves_out", reason)?;
            others.of::<Learning>(*learning)?.approved()?;
            if command.learnings.contains(learning) {
                return Err(Rejection::invalid("leaves_out", "what is not among `learnings`", learning));
            }
        }
        let lost = self.latest.iter().find(|id| {
            let named = command.learnings.contains(id) || ids.contains(id);
            !named && others.of::<Learning>(**id).is_ok_and(|learning| learning.approved().is_ok())
        });
        match lost {
            None => Ok(left_out),
            Some(lost) => Err(Rejection::rule(
                format!("learning `{lost}` of version {} is approved and would be lost", self.last),
                "include it, or name it in `leaves_out` with a reason",
            )),
        }
    }
    fn activate(&self, version: u32) -> Result<LearningDocumentEvent, Rejection> {
        self.opened()?;
        if !(1..=self.last).contains(&version) {
            return Err(Rejection::unknown("version", version));
        }
        if version == self.active {
            let rule = format!("version {version} is active already");
            return Err(Rejection::rule(rule, "name another version"));
        }
        Ok(LearningVersionActivated { version }.into())
    }
}

impl Decider for LearningDocument {
    const CATEGORY: Category = Category(16);
    type Command = LearningDocumentCommand;
    type Event = LearningDocumentEvent;

    fn decide(&self, command: &LearningDocumentCommand) -> Result<Vec<LearningDocumentEvent>, Rejection> {
        self.decide_among(command, &Others::default())
    }

    fn decide_among(
        &self,
        command: &LearningDocumentCommand,
        others: &Others,
    ) -> Result<Vec<LearningDocumentEvent>, Rejection> {
        match command {
            LearningDocumentCommand::OpenLearningDocument(c) => {
                if self.of.is_some() {
                    return Err(Rejection::AlreadyExists { what: "learning document".into() });
                }
                Ok(vec![LearningDocumentOpened { project: c.project, role: c.role }.into()])
            }
            LearningDocumentCommand::CompileLearningVersion(c) => self.compile(c, others),
            LearningDocumentCommand::ActivateLearningVersion(c) => Ok(vec![self.activate(c.version)?]),
        }
    }

    fn evolve(&mut self, event: &LearningDocumentEvent) {
        match event {
            LearningDocumentEvent::LearningDocumentOpened(e) => {
                *self = Self { of: Some((e.project, e.role)), ..Self::default() };
            }
            LearningDocumentEvent::LearningVersionCompiled(e) => {
                self.last = e.version;
                self.latest.clone_from(&e.learnings);
            }
            LearningDocumentEvent::LearningsLeftOut(_) => {}
            LearningDocumentEvent::LearningVersionActivated(e) => self.active = e.version,
        }
    }

    fn project(&self) -> Option<ProjectId> {
        self.of.map(|(project, _)| project)
    }

    fn references(command: &LearningDocumentCommand) -> Vec<StreamId> {
        match command {
            LearningDocumentCommand::OpenLearningDocument(c) => vec![c.project.into()],
            _ => vec![],
        }
    }

    fn consults(&self, command: &LearningDocumentCommand) -> Vec<StreamId> {
        match command {
            // More than a version may hold are refused without a look at any of them.
            LearningDocumentCommand::CompileLearningVersion(c) if c.learnings.len() <= LEARNINGS_MAX => {
                let left_out = c.leaves_out.iter().flatten().map(|it| &it.learning).take(LEARNINGS_MAX);
                let named: BTreeSet<_> = c.learnings.iter().chain(left_out).chain(&self.latest).collect();
                named.into_iter().map(|learning| (*learning).into()).collect()
            }
            _ => vec![],
        }
    }

    fn claims(command: &LearningDocumentCommand) -> Vec<Claim> {
        match command {
            LearningDocumentCommand::OpenLearningDocument(c) => vec![claim(c.project, c.role)],
            _ => vec![],
        }
    }

    fn holds(&self, held: &Claim) -> bool {
        self.of.is_some_and(|(project, role)| claim(project, role) == *held)
    }
}

/// One or more of every event.
pub(crate) fn samples() -> Vec<LearningDocumentEvent> {
    let learning = LearningId::from_bytes([2; 16]);
    let compiled = |version, note: Option<&str>, learnings| LearningVersionCompiled {
        version,
        markdown: "# Learnings for the role `designer`\n".into(),
        learnings,
        note: note.map(Into::into),
    };
    vec![
        LearningDocumentOpened { project: ProjectId::from_bytes([1; 16]), role: Role::Designer }.into(),
        compiled(1, Some("weekly"), vec![learning]).into(),
        compiled(2, None, vec![]).into(),
        LearningsLeftOut {
            version: 2,
            left_out: vec![LeftOut { learning, reason: "said by the linter now".into() }],
        }
        .into(),
        LearningVersionActivated { version: 1 }.into(),
    ]
}
