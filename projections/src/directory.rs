//! Who is who: accounts, roles, API keys and passes, folded so that a credential becomes a principal.
//!
//! Not a view: nobody reads it but whoever checks credentials, and it holds digests and hashes.

use std::collections::{BTreeMap, BTreeSet};

use domain::authority::{Person, Principal, Scope};
use domain::ids::{ApiKeyId, Category, InvitationId, PassId, ProjectId, UserId};
use domain::pass::{Bearer, Pass, PassEvent};
use domain::project::{Project, ProjectEvent};
use domain::terms::MemberRole;
use domain::user::{User, UserEvent};
use domain::values::Timestamp;
use domain::{Decider, Event, Recorded};

/// An account, as far as logging in needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Name on screen.
    pub name: String,
    /// Address, in lower case.
    pub email: String,
    /// The password's hash, where there is one.
    pub password_hash: Option<String>,
    administrator: bool,
    disabled: bool,
}

#[derive(Debug, Clone)]
struct ApiKey {
    project: ProjectId,
    scopes: BTreeSet<Scope>,
    secret_sha256: String,
    expires_at: Option<Timestamp>,
}

#[derive(Debug, Clone)]
struct Issued {
    bearer: Bearer,
    secret_sha256: String,
    expires_at: Timestamp,
}

/// Accounts, roles and credentials as of some position.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    accounts: BTreeMap<UserId, Account>,
    /// Roles of users without an account are kept too: logs of before there were accounts have them.
    roles: BTreeMap<UserId, BTreeMap<ProjectId, MemberRole>>,
    invitations: BTreeMap<(ProjectId, InvitationId), (String, MemberRole)>,
    keys: BTreeMap<ApiKeyId, ApiKey>,
    passes: BTreeMap<PassId, Issued>,
    changes: u64,
}

/// A credential that is known: the digest that its secret must have, when it ends, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// SHA-256 of the secret, lower-case hex.
    pub secret_sha256: String,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// Whose it is.
    pub principal: Principal,
}

impl Directory {
    /// Whether events of that kind of aggregate matter here.
    #[must_use]
    pub fn concerns(category: Category) -> bool {
        [Project::CATEGORY, User::CATEGORY, Pass::CATEGORY].contains(&category)
    }

    /// How often anything here changed: whoever holds a principal asks anew when this has moved.
    #[must_use]
    pub const fn changes(&self) -> u64 {
        self.changes
    }

    /// Takes an event into account.
    pub fn apply(&mut self, event: &Recorded) {
        let id = event.meta.stream.id;
        match &event.event {
            Event::Project(happened) => self.apply_project(id.into(), happened),
            Event::User(happened) => self.apply_user(id.into(), happened),
            Event::Pass(happened) => self.apply_pass(id.into(), happened, event.meta.time),
            _ => return,
        }
        self.changes += 1;
    }

    fn join(&mut self, project: ProjectId, user: UserId, role: MemberRole) {
        self.roles.entry(user).or_default().insert(project, role);
    }

    fn apply_project(&mut self, project: ProjectId, event: &ProjectEvent) {
        match event {
            ProjectEvent::ProjectCreated(e) => {
                if let Some(owner) = e.owner {
                    self.join(project, owner, MemberRole::Owner);
                }
            }
            ProjectEvent::MemberInvited(e) => {
                self.invitations.insert((project, e.invitation), (e.email.to_lowercase(), e.role));
            }
            ProjectEvent::InvitationAccepted(e) => {
                if let Some((_, role)) = self.invitations.remove(&(project, e.invitation)) {
                    self.join(project, e.user, role);
                }
            }
            ProjectEvent::InvitationRevoked(e) => {
                self.invitations.remove(&(project, e.invitation));
            }
            ProjectEvent::MemberRoleChanged(e) => self.join(project, e.user, e.role),
            ProjectEvent::MemberRemoved(e) => {
                if let Some(roles) = self.roles.get_mut(&e.user) {
                    roles.remove(&project);
                }
            }
            ProjectEvent::ApiKeyIssued(e) => {
                let scopes = e.scopes.iter().filter_map(|word| Scope::of(word)).collect();
                let (secret_sha256, expires_at) = (e.secret_sha256.clone(), e.expires_at);
                let key = ApiKey { project, scopes, secret_sha256, expires_at };
                // The first one has the id: another project must not take a key's place by naming it.
                self.keys.entry(e.key).or_insert(key);
            }
            ProjectEvent::ApiKeyRevoked(e) => {
                // A key is known by its id alone: that of another project must not go with it.
                self.keys.retain(|key, held| *key != e.key || held.project != project);
            }
            // Its history stays readable for people; programs and agents have nothing to do there.
            ProjectEvent::ProjectDeleted(_) => {
                self.keys.retain(|_, key| key.project != project);
                self.passes.retain(|_, pass| project_of(pass.bearer) != Some(project));
                self.invitations.retain(|(of, _), _| *of != project);
            }
            _ => {}
        }
    }

    fn apply_user(&mut self, user: UserId, event: &UserEvent) {
        if let UserEvent::UserRegistered(e) = event {
            let account = Account {
                name: e.name.clone(),
                email: e.email.to_lowercase(),
                password_hash: None,
                administrator: e.administrator,
                disabled: false,
            };
            self.accounts.insert(user, account);
        }
        let Some(account) = self.accounts.get_mut(&user) else { return };
        match event {
            UserEvent::UserRegistered(_) => {}
            UserEvent::UserRenamed(e) => account.name.clone_from(&e.name),
            UserEvent::PasswordSet(e) => account.password_hash = Some(e.password_hash.clone()),
            UserEvent::EmailChanged(e) => account.email = e.email.to_lowercase(),
            UserEvent::UserDisabled(_) => account.disabled = true,
            UserEvent::UserEnabled(_) => account.disabled = false,
            UserEvent::AdministratorAppointed(_) => account.administrator = true,
            UserEvent::AdministratorDismissed(_) => account.administrator = false,
        }
        // What somebody is logged in with does not outlive the password it came by, nor being kept out.
        if matches!(event, UserEvent::PasswordSet(_) | UserEvent::UserDisabled(_)) {
            self.passes.retain(|_, pass| !matches!(pass.bearer, Bearer::Person { user: of } if of == user));
        }
    }

    fn apply_pass(&mut self, pass: PassId, event: &PassEvent, now: Timestamp) {
        match event {
            PassEvent::PassIssued(e) => {
                // Those that have ended make room: there are never more than were issued in a pass's life.
                self.passes.retain(|_, other| other.expires_at > now);
                let (bearer, secret_sha256) = (e.bearer, e.secret_sha256.clone());
                self.passes.insert(pass, Issued { bearer, secret_sha256, expires_at: e.expires_at });
            }
            PassEvent::PassRevoked(_) => {
                self.passes.remove(&pass);
            }
        }
    }

    /// The account with that address that may log in.
    #[must_use]
    pub fn account(&self, email: &str) -> Option<(UserId, &Account)> {
        let email = email.to_lowercase();
        let found = self.accounts.iter().find(|(_, account)| account.email == email && !account.disabled);
        found.map(|(user, account)| (*user, account))
    }

    /// Whether anybody has an account.
    #[must_use]
    pub fn has_accounts(&self) -> bool {
        !self.accounts.is_empty()
    }

    /// The person, where they have an account and are not kept out.
    #[must_use]
    pub fn person(&self, user: UserId) -> Option<Person> {
        let account = self.accounts.get(&user).filter(|account| !account.disabled)?;
        let invited = self.invitations.iter().filter(|(_, (email, _))| *email == account.email);
        Some(Person {
            user,
            email: account.email.clone(),
            administrator: account.administrator,
            roles: self.roles.get(&user).cloned().unwrap_or_default(),
            invited: invited.map(|((project, _), _)| *project).collect(),
        })
    }

    /// What `user` is in `project`.
    #[must_use]
    pub fn role(&self, project: ProjectId, user: UserId) -> Option<MemberRole> {
        self.roles.get(&user)?.get(&project).copied()
    }

    /// The API key of that id.
    #[must_use]
    pub fn api_key(&self, key: ApiKeyId) -> Option<Known> {
        let ApiKey { project, scopes, secret_sha256, expires_at } = self.keys.get(&key)?.clone();
        Some(Known { secret_sha256, expires_at, principal: Principal::ApiKey { key, project, scopes } })
    }

    /// The pass of that id, where whoever shows it still gets in.
    #[must_use]
    pub fn pass(&self, pass: PassId) -> Option<Known> {
        let Issued { bearer, secret_sha256, expires_at } = self.passes.get(&pass)?.clone();
        let principal = match bearer {
            Bearer::Person { user } => Principal::Person(self.person(user)?),
            Bearer::Agent { project, run, step } => Principal::Agent { pass, project, run, step },
        };
        Some(Known { secret_sha256, expires_at: Some(expires_at), principal })
    }
}

const fn project_of(bearer: Bearer) -> Option<ProjectId> {
    match bearer {
        Bearer::Agent { project, .. } => Some(project),
        Bearer::Person { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use domain::ids::RunId;
    use domain::pass::{PassIssued, PassRevoked};
    use domain::project::{
        ApiKeyIssued, ApiKeyRevoked, InvitationAccepted, InvitationRevoked, MemberInvited, MemberRemoved,
        MemberRoleChanged, ProjectCreated, ProjectDeleted,
    };
    use domain::user::{EmailChanged, PasswordSet, UserDisabled, UserEnabled, UserRegistered};

    use super::*;
    use crate::testing::{History, id};

    fn directory(history: &History) -> Directory {
        let mut directory = Directory::default();
        history.events.iter().for_each(|event| directory.apply(event));
        directory
    }
    fn user(history: History, n: u64, event: impl Into<UserEvent>) -> History {
        history.any(id::<UserId>(n).into(), Event::User(event.into()))
    }
    fn pass(history: History, n: u64, event: impl Into<PassEvent>) -> History {
        history.any(id::<PassId>(n).into(), Event::Pass(event.into()))
    }
    fn registered(email: &str) -> UserRegistered {
        UserRegistered { name: "Ada".into(), email: email.into(), administrator: false }
    }
    fn created(owner: u64) -> ProjectCreated {
        let (slug, name) = ("p".to_owned(), "P".to_owned());
        ProjectCreated { slug, name, owner: Some(id(owner)), repository_url: None, logo_url: None }
    }
    fn invited(invitation: u64, email: &str) -> MemberInvited {
        MemberInvited { invitation: id(invitation), email: email.into(), role: MemberRole::Member }
    }
    fn key(n: u64, scopes: &[&str]) -> ApiKeyIssued {
        let scopes = scopes.iter().map(ToString::to_string).collect();
        ApiKeyIssued {
            key: id(n),
            name: "k".into(),
            scopes,
            secret_sha256: "0f".repeat(32),
            expires_at: None,
        }
    }
    fn issued(bearer: Bearer, until: &str) -> PassIssued {
        PassIssued { bearer, secret_sha256: "0f".repeat(32), expires_at: until.parse().unwrap() }
    }
    fn person_pass(user: u64) -> PassIssued {
        issued(Bearer::Person { user: id(user) }, "2026-11-22T00:00:00Z")
    }
    fn agent_pass(project: u64) -> PassIssued {
        let (project, run, step) = (id(project), id::<RunId>(3), None);
        issued(Bearer::Agent { project, run, step }, "2026-11-22T00:00:00Z")
    }

    #[test]
    fn roles_follow_the_project() {
        let mut history = user(History::new(), 1, registered("Ada@b"));
        history = user(history, 2, registered("bob@b"));
        history = history.project(1, created(1)).project(1, invited(5, "BOB@b")).project(2, created(9));
        let before = directory(&history);
        assert_eq!(before.person(id(1)).unwrap().roles, [(id(1), MemberRole::Owner)].into());
        let bob = before.person(id(2)).unwrap();
        assert_eq!((bob.roles.len(), bob.invited), (0, [id(1)].into()));
        history = history.project(1, InvitationAccepted { invitation: id(5), user: id(2) });
        let joined = directory(&history);
        assert_eq!(joined.role(id(1), id(2)), Some(MemberRole::Member));
        assert!(joined.person(id(2)).unwrap().invited.is_empty());
        history = history.project(1, MemberRoleChanged { user: id(2), role: MemberRole::Auditor });
        assert_eq!(directory(&history).role(id(1), id(2)), Some(MemberRole::Auditor));
        history = history.project(1, MemberRemoved { user: id(2) }).project(1, invited(6, "bob@b"));
        history = history.project(1, InvitationRevoked { invitation: id(6) });
        let after = directory(&history);
        assert!(
            after.person(id(2)).unwrap().roles.is_empty() && after.person(id(2)).unwrap().invited.is_empty()
        );
        assert!(after.changes() > joined.changes());
        assert_eq!(after.person(id(9)), None, "an owner without an account cannot log in");
    }

    #[test]
    fn an_account_is_found_by_its_address_until_it_is_kept_out() {
        let mut history = user(History::new(), 1, registered("Ada@b"));
        assert!(!directory(&History::new()).has_accounts() && directory(&history).has_accounts());
        history = user(history, 1, PasswordSet { password_hash: "h".into() });
        let found = directory(&history);
        assert_eq!(found.account("aDA@B").unwrap().1.password_hash.as_deref(), Some("h"));
        history = user(history, 1, EmailChanged { email: "C@d".into() });
        let moved = directory(&history);
        assert!(moved.account("ada@b").is_none() && moved.account("c@d").is_some());
        history = user(history, 1, UserDisabled { reason: None });
        let out = directory(&history);
        assert!(out.account("c@d").is_none() && out.person(id(1)).is_none());
        history = user(history, 1, UserEnabled {});
        assert!(directory(&history).account("c@d").is_some());
    }

    #[test]
    fn keys_are_good_for_the_scopes_that_are_known_until_they_are_revoked() {
        let mut history =
            History::new().project(1, created(1)).project(1, key(7, &["runs:write", "fly:high"]));
        history = history.project(2, key(7, &["log:read"]));
        let known = directory(&history).api_key(id(7)).unwrap();
        let scopes = [Scope::RunsWrite].into();
        assert_eq!(known.principal, Principal::ApiKey { key: id(7), project: id(1), scopes });
        history = history.project(2, ApiKeyRevoked { key: id(7) });
        assert!(directory(&history).api_key(id(7)).is_some(), "another project cannot revoke it");
        history = history.project(1, ApiKeyRevoked { key: id(7) });
        assert_eq!(directory(&history).api_key(id(7)), None);
    }

    #[test]
    fn a_pass_ends_with_its_revocation_its_person_or_its_project() {
        let mut start = user(History::new(), 1, registered("a@b")).project(1, created(1));
        start = pass(pass(start, 1, person_pass(1)), 2, agent_pass(1));
        let there = |history: &History, n| directory(history).pass(id(n)).is_some();
        assert!(there(&start, 1) && there(&start, 2));
        let agent = Principal::Agent { pass: id(2), project: id(1), run: id(3), step: None };
        assert_eq!(directory(&start).pass(id(2)).unwrap().principal, agent);
        let revoked = pass(start.clone(), 1, PassRevoked {});
        assert!(!there(&revoked, 1) && there(&revoked, 2));
        for event in
            [UserEvent::from(PasswordSet { password_hash: "h".into() }), UserDisabled { reason: None }.into()]
        {
            let out = user(user(start.clone(), 1, event), 1, UserEnabled {});
            assert!(!there(&out, 1) && there(&out, 2));
        }
        let deleted = start.clone().project(1, ProjectDeleted {});
        assert!(there(&deleted, 1) && !there(&deleted, 2));
        let later = pass(start.at("2026-11-23T00:00:00Z"), 3, person_pass(1));
        assert!(!there(&later, 1), "what has ended is dropped");
    }

    #[test]
    fn it_looks_only_at_what_concerns_it() {
        for aggregate in domain::aggregates() {
            for event in (aggregate.samples)() {
                let history =
                    History::new().any(domain::StreamId::new(aggregate.category, domain::Ulid(1)), event);
                let changed = directory(&history).changes() > 0;
                assert_eq!(changed, Directory::concerns(aggregate.category), "{}", aggregate.name);
            }
        }
    }
}
