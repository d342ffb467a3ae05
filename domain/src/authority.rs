//! Who may do what: who asks, what is asked for, of what, and the one function that decides.
//!
//! Denies by default. Every credential, whatever its kind, becomes a [`Principal`] and meets the same
//! [`authorize`]; the class of every command stands in one table.

use std::collections::{BTreeMap, BTreeSet};

use crate::ids::{ApiKeyId, PassId, ProjectId, RunId, StepId, StreamId, UserId};
use crate::project::ProjectCommand;
use crate::terms::{MemberRole, words};
use crate::{Actor, Command};

mod policies;
#[cfg(test)]
mod tests;

pub use policies::{Class, POLICIES, class_of};

words! {
    /// What an API key is good for. Nothing else is: a leaked key makes no members and no further keys.
    Scope {
        /// Reads views.
        ViewsRead = "views:read",
        /// Takes data out.
        ExportsRead = "exports:read",
        /// Reads the project's events.
        LogRead = "log:read",
        /// Reads checkpoints, proofs and evidence.
        ProofsRead = "proofs:read",
        /// Starts and manages runs, sandboxes and whatever else is work, and reports on it.
        RunsWrite = "runs:write",
        /// Changes settings, personas, contexts and the like.
        SettingsWrite = "settings:write",
    }
}

impl Scope {
    /// The scope of that word. Words of another release grant nothing.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|scope| scope.as_str() == word)
    }
}

/// A person who has logged in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Who it is.
    pub user: UserId,
    /// Their address, in lower case.
    pub email: String,
    /// Whether they manage the installation: accounts, keys, its condition. No project is theirs by that.
    pub administrator: bool,
    /// What they are in the projects they belong to.
    pub roles: BTreeMap<ProjectId, MemberRole>,
    /// Projects that have invited that address.
    pub invited: BTreeSet<ProjectId>,
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// Nobody that is known.
    Anonymous,
    /// Whoever holds the data folder, and so everything in it.
    Operator,
    /// A person.
    Person(Person),
    /// A program with an API key of one project.
    ApiKey {
        /// The key.
        key: ApiKeyId,
        /// The project it is of.
        project: ProjectId,
        /// What it is good for.
        scopes: BTreeSet<Scope>,
    },
    /// An agent at work in one run.
    Agent {
        /// The pass it shows.
        pass: PassId,
        /// The project that the run is of.
        project: ProjectId,
        /// The run.
        run: RunId,
        /// The step, where the pass is for one.
        step: Option<StepId>,
    },
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// To know who one is, and whether the server is well.
    Status,
    /// To read views.
    Views,
    /// To take data out.
    Export,
    /// To read events.
    Events,
    /// To read checkpoints, proofs and evidence.
    Proofs,
    /// To read the stored records of every project.
    WholeLog,
    /// To manage the installation.
    Administer,
    /// To give a command of that class.
    Command(Class),
    /// To give a command that concerns this person alone.
    Personal(UserId),
    /// To make a project of which this person is the owner.
    Found(Option<UserId>),
    /// To take up an invitation.
    Join {
        /// The new member.
        user: UserId,
    },
}

/// Of what it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resource {
    /// The project it belongs to; none for what is of the installation.
    pub project: Option<ProjectId>,
    /// The aggregate, where it is one.
    pub stream: Option<StreamId>,
    /// Whether it is there.
    pub exists: bool,
    /// Who made it, where it is there.
    pub made_by: Option<Actor>,
}

impl Resource {
    /// The installation.
    pub const INSTALLATION: Self = Self { project: None, stream: None, exists: true, made_by: None };

    /// A project as a whole.
    #[must_use]
    pub const fn project(project: ProjectId) -> Self {
        Self { project: Some(project), stream: None, exists: true, made_by: None }
    }
}

/// Why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// Nobody knows who asks.
    #[error("no credential came")]
    Unauthenticated,
    /// For who asks, it does not exist.
    #[error("there is nothing under that id")]
    Hidden,
    /// It is there, and who asks may not do that to it.
    #[error("that is not among what you may do here")]
    Forbidden,
}

/// What a command asks for. `role_of` tells what a user is in the project that the command is for.
#[must_use]
pub fn action_of(command: &Command, role_of: &dyn Fn(UserId) -> Option<MemberRole>) -> Action {
    let members = |granted: MemberRole, user: Option<UserId>| {
        let owners = granted == MemberRole::Owner || user.and_then(role_of) == Some(MemberRole::Owner);
        Action::Command(if owners { Class::Govern } else { Class::Members })
    };
    match command {
        Command::Project(ProjectCommand::CreateProject(c)) => Action::Found(c.owner),
        Command::Project(ProjectCommand::AcceptInvitation(c)) => Action::Join { user: c.user },
        Command::Project(ProjectCommand::SealProviderKey(c)) => Action::Personal(c.user),
        Command::Project(ProjectCommand::SetMemberNotifications(c)) => Action::Personal(c.user),
        Command::Project(ProjectCommand::RemoveProviderKey(c)) => Action::Personal(c.user),
        // Whoever could make owners would be one.
        Command::Project(ProjectCommand::InviteMember(c)) => members(c.role, None),
        Command::Project(ProjectCommand::ChangeMemberRole(c)) => members(c.role, Some(c.user)),
        Command::Project(ProjectCommand::RemoveMember(c)) => members(MemberRole::Member, Some(c.user)),
        // A command without a class is for owners alone.
        _ => Action::Command(class_of(command.category(), command.name()).unwrap_or(Class::Govern)),
    }
}

/// The command as it counts when `principal` gives it: an invitation is taken up under the address that is known
/// of the person, not under one that they name.
pub fn attribute(principal: &Principal, command: &mut Command) {
    if let (Principal::Person(person), Command::Project(ProjectCommand::AcceptInvitation(accept))) =
        (principal, command)
    {
        accept.email = Some(person.email.clone());
    }
}

/// Whether `principal` may do `action` to `resource`: the one place that says so.
///
/// # Errors
/// Why not. What is of a project that the principal does not belong to is [`Denied::Hidden`], whether it is
/// there or not.
pub fn authorize(principal: &Principal, action: Action, resource: &Resource) -> Result<(), Denied> {
    match principal {
        Principal::Operator => Ok(()),
        Principal::Anonymous => Err(Denied::Unauthenticated),
        Principal::Person(person) => for_person(person, action, resource),
        Principal::ApiKey { project, scopes, .. } => {
            within(*project, resource, action, |action| scopes.iter().any(|scope| covers(*scope, action)))
        }
        Principal::Agent { project, run, .. } => {
            within(*project, resource, action, |action| for_agent(*run, action, resource))
        }
    }
}

/// Of one project, what `may` allows; of the installation, what tells nothing of any project.
fn within(
    own: ProjectId,
    resource: &Resource,
    action: Action,
    may: impl Fn(Action) -> bool,
) -> Result<(), Denied> {
    match resource.project {
        None if resource.stream.is_some() => Err(Denied::Hidden),
        None => allowed(action == Action::Status || (action == Action::Proofs && may(action))),
        Some(project) if project != own => Err(Denied::Hidden),
        Some(_) => allowed(may(action)),
    }
}

const fn allowed(allowed: bool) -> Result<(), Denied> {
    if allowed { Ok(()) } else { Err(Denied::Forbidden) }
}

fn for_person(person: &Person, action: Action, resource: &Resource) -> Result<(), Denied> {
    let Some(project) = resource.project else {
        // An aggregate of no project is an account, or is not there.
        if resource.stream.is_some() {
            let account = person.administrator && action == Action::Command(Class::Account);
            return if account { Ok(()) } else { Err(Denied::Hidden) };
        }
        // Proofs of the whole tree are hashes: whoever audits any project may hold that one against them.
        return match action {
            Action::Status => Ok(()),
            Action::Proofs => allowed(person.roles.values().any(|role| reads_proofs(*role))),
            Action::Administer | Action::Command(Class::Account) if person.administrator => Ok(()),
            _ => Err(Denied::Forbidden),
        };
    };
    match (action, person.roles.get(&project)) {
        // Alike for what is there and what is not: only who may make it learns whether it is.
        (Action::Found(owner), None) => allowed(!resource.exists && owner == Some(person.user)),
        (Action::Join { user }, None) if person.invited.contains(&project) => allowed(user == person.user),
        (_, None) => Err(Denied::Hidden),
        (Action::Personal(user), Some(role)) => {
            let works = matches!(role, MemberRole::Owner | MemberRole::Admin | MemberRole::Member);
            allowed(works && user == person.user)
        }
        (_, Some(role)) => {
            let own = !resource.exists || resource.made_by == Some(Actor::User(person.user));
            allowed(for_role(*role, action, own))
        }
    }
}

const fn reads_proofs(role: MemberRole) -> bool {
    for_role(role, Action::Proofs, false)
}

/// The table of SPEC's roles. `own`: the resource is new, or was made by who asks.
const fn for_role(role: MemberRole, action: Action, own: bool) -> bool {
    match (role, action) {
        // Nobody has these by a role in a project.
        (
            _,
            Action::WholeLog
            | Action::Administer
            | Action::Command(Class::Account | Class::Nobody)
            | Action::Personal(_)
            | Action::Found(_)
            | Action::Join { .. },
        ) => false,
        (_, Action::Status | Action::Views) | (MemberRole::Owner, _) => true,
        (MemberRole::Admin, action) => !matches!(action, Action::Command(Class::Govern)),
        (MemberRole::Member, Action::Command(Class::Work | Class::Report)) => own,
        (MemberRole::Member, Action::Command(Class::Propose)) => true,
        (MemberRole::Auditor, Action::Export | Action::Events | Action::Proofs) => true,
        (MemberRole::Analyst, Action::Export) => true,
        (MemberRole::Member | MemberRole::Auditor | MemberRole::Analyst, _) => false,
    }
}

/// What a scope is good for. New words change this match, and no other place.
const fn covers(scope: Scope, action: Action) -> bool {
    match scope {
        Scope::ViewsRead => matches!(action, Action::Views),
        Scope::ExportsRead => matches!(action, Action::Export),
        Scope::LogRead => matches!(action, Action::Events),
        Scope::ProofsRead => matches!(action, Action::Proofs),
        Scope::RunsWrite => {
            matches!(action, Action::Command(Class::Work | Class::Report | Class::Propose))
        }
        Scope::SettingsWrite => matches!(action, Action::Command(Class::Settings)),
    }
}

/// An agent reports on its own run, proposes learnings, and reads its project's views.
fn for_agent(run: RunId, action: Action, resource: &Resource) -> bool {
    match action {
        Action::Status | Action::Views => true,
        Action::Command(Class::Report) => resource.stream == Some(run.into()),
        Action::Command(Class::Propose) => true,
        _ => false,
    }
}

/// Which projects' rows and events a principal sees.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Sight {
    /// All, and what belongs to none: that of whoever has the log itself in hand.
    #[default]
    Everything,
    /// Those of these projects.
    Projects(BTreeSet<ProjectId>),
}

impl Sight {
    /// Whether something of `project` is seen.
    #[must_use]
    pub fn sees(&self, project: Option<ProjectId>) -> bool {
        match self {
            Self::Everything => true,
            Self::Projects(projects) => project.is_some_and(|project| projects.contains(&project)),
        }
    }
}

impl Principal {
    /// Where `principal` may do `action`: what it reads is cut to that.
    #[must_use]
    pub fn sight(&self, action: Action) -> Sight {
        let may = |project: &ProjectId| authorize(self, action, &Resource::project(*project)).is_ok();
        match self {
            Self::Operator => Sight::Everything,
            Self::Anonymous => Sight::Projects(BTreeSet::new()),
            Self::Person(person) => Sight::Projects(person.roles.keys().copied().filter(may).collect()),
            Self::ApiKey { project, .. } | Self::Agent { project, .. } => {
                Sight::Projects(Some(*project).filter(may).into_iter().collect())
            }
        }
    }
    /// Whether the log is to tell what this one reads of the project's contents: whoever looks in from outside is
    /// watched, whoever works there is not.
    #[must_use]
    pub fn is_watched_in(&self, project: ProjectId) -> bool {
        matches!(self, Self::Person(person) if person.roles.get(&project) == Some(&MemberRole::Auditor))
    }
    /// How the log names whoever caused a commit; `None` where nobody is known.
    #[must_use]
    pub const fn actor(&self) -> Option<Actor> {
        match self {
            Self::Anonymous => None,
            Self::Operator => Some(Actor::Operator),
            Self::Person(person) => Some(Actor::User(person.user)),
            Self::ApiKey { key, .. } => Some(Actor::ApiKey(*key)),
            Self::Agent { step: Some(step), .. } => Some(Actor::Step(*step)),
            Self::Agent { pass, .. } => Some(Actor::ApiKey(ApiKeyId::from_bytes(pass.to_bytes()))),
        }
    }
}
