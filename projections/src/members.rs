//! Who belongs to each project, and who was invited and has not accepted yet.

use std::fmt;
use std::str::FromStr;

use domain::ids::{IdError, InvitationId, ProjectId, UserId};
use domain::project::ProjectEvent;
use domain::terms::MemberRole;
use domain::values::Timestamp;
use domain::{Event, Recorded};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::table::Table;
use crate::view::{Scope, View};

/// `project/member/user`, or `project/invitation/invitation`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct MemberKey {
    project: ProjectId,
    who: Who,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Who {
    // In the order of their texts.
    Invitation(InvitationId),
    Member(UserId),
}

impl fmt::Display for MemberKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.who {
            Who::Invitation(invitation) => write!(f, "{}/invitation/{invitation}", self.project),
            Who::Member(user) => write!(f, "{}/member/{user}", self.project),
        }
    }
}

impl FromStr for MemberKey {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let parts: Vec<_> = text.splitn(3, '/').collect();
        let who = match parts[..] {
            [_, "invitation", invitation] => Who::Invitation(invitation.parse()?),
            [_, "member", user] => Who::Member(user.parse()?),
            _ => {
                let expected = "project/member/user or project/invitation/invitation".into();
                return Err(IdError { expected, actual: text.chars().take(80).collect() });
            }
        };
        Ok(Self { project: parts[0].parse()?, who })
    }
}

/// Whether somebody has access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Membership {
    /// Invited, without access until the invitation is accepted.
    Invited,
    /// A member.
    Member,
}

/// A member, or an open invitation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct MemberRow {
    /// The project.
    project: ProjectId,
    /// Whether there is access.
    status: Membership,
    /// The member.
    user: Option<UserId>,
    /// The open invitation, or the one that was accepted.
    invitation: Option<InvitationId>,
    /// Where the invitation was sent.
    email: Option<String>,
    /// What the member may do, or will be.
    role: MemberRole,
    /// Providers whose keys of the member are stored.
    providers: Vec<String>,
    /// When the invitation was sent.
    invited_at: Option<Timestamp>,
    /// When access began.
    joined_at: Option<Timestamp>,
}

/// The view `members`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Members {
    table: Table<MemberKey, MemberRow>,
}

impl Members {
    fn member(&mut self, project: ProjectId, user: UserId) -> Option<&mut MemberRow> {
        self.table.get_mut(&MemberKey { project, who: Who::Member(user) })
    }
    fn join(&mut self, row: MemberRow, user: UserId, at: Timestamp) {
        let key = MemberKey { project: row.project, who: Who::Member(user) };
        let row = MemberRow { status: Membership::Member, user: Some(user), joined_at: Some(at), ..row };
        self.table.insert(key, row);
    }
    fn apply_project(&mut self, project: ProjectId, event: &ProjectEvent, at: Timestamp) {
        let row = |role| MemberRow {
            project,
            status: Membership::Invited,
            user: None,
            invitation: None,
            email: None,
            role,
            providers: vec![],
            invited_at: None,
            joined_at: None,
        };
        match event {
            ProjectEvent::ProjectCreated(e) => {
                if let Some(owner) = e.owner {
                    self.join(row(MemberRole::Owner), owner, at);
                }
            }
            ProjectEvent::MemberInvited(e) => {
                let (invitation, email) = (Some(e.invitation), Some(e.email.clone()));
                let invited = MemberRow { invitation, email, invited_at: Some(at), ..row(e.role) };
                self.table.insert(MemberKey { project, who: Who::Invitation(e.invitation) }, invited);
            }
            ProjectEvent::InvitationAccepted(e) => {
                let key = MemberKey { project, who: Who::Invitation(e.invitation) };
                if let Some(invited) = self.table.remove(&key) {
                    self.join(invited, e.user, at);
                }
            }
            ProjectEvent::MemberRoleChanged(e) => {
                if let Some(member) = self.member(project, e.user) {
                    member.role = e.role;
                }
            }
            ProjectEvent::MemberRemoved(e) => {
                self.table.remove(&MemberKey { project, who: Who::Member(e.user) });
            }
            ProjectEvent::InvitationRevoked(e) => {
                self.table.remove(&MemberKey { project, who: Who::Invitation(e.invitation) });
            }
            ProjectEvent::ProviderKeyRemoved(e) => {
                if let Some(member) = self.member(project, e.user) {
                    member.providers.retain(|provider| *provider != e.provider);
                }
            }
            ProjectEvent::ProviderKeySealed(e) => {
                if let Some(member) = self.member(project, e.user)
                    && let Err(place) = member.providers.binary_search(&e.provider)
                {
                    member.providers.insert(place, e.provider.clone());
                }
            }
            ProjectEvent::ProjectDeleted(_) => {
                let of_project = self.table.keys().copied().filter(|key| key.project == project);
                for key in of_project.collect::<Vec<_>>() {
                    self.table.remove(&key);
                }
            }
            _ => {}
        }
    }
}

impl View for Members {
    const NAME: &'static str = "members";
    const VERSION: u32 = 1;
    const SCOPE: Scope = Scope::Live;
    const FILTERS: &'static [&'static str] = &["project", "status", "role", "user", "email"];
    type Key = MemberKey;
    type Row = MemberRow;

    fn folds(event: &Event) -> bool {
        matches!(event, Event::Project(_))
    }
    fn apply(&mut self, event: &Recorded) {
        if let Event::Project(happened) = &event.event {
            self.apply_project(event.meta.stream.id.into(), happened, event.meta.when());
        }
    }
    fn table(&self) -> &Table<MemberKey, MemberRow> {
        &self.table
    }
    fn table_mut(&mut self) -> &mut Table<MemberKey, MemberRow> {
        &mut self.table
    }
}

#[cfg(test)]
mod tests {
    use domain::project::{
        InvitationAccepted, InvitationRevoked, MemberInvited, MemberRemoved, MemberRoleChanged,
        ProjectCreated, ProjectDeleted, ProviderKeyRemoved, ProviderKeySealed, Sealed,
    };
    use expect_test::expect;

    use super::*;
    use crate::testing::{History, check, folded, id};

    fn created(owner: u64) -> ProjectCreated {
        let (slug, name) = ("p".to_owned(), "P".to_owned());
        ProjectCreated { slug, name, owner: Some(id(owner)), repository_url: None, logo_url: None }
    }
    fn invited(invitation: u64, email: &str) -> MemberInvited {
        MemberInvited { invitation: id(invitation), email: email.into(), role: MemberRole::Member }
    }
    fn sealed(user: u64, provider: &str) -> ProviderKeySealed {
        let sealed = Sealed { key_id: "k".into(), nonce: "0f".repeat(12), ciphertext: "a7".repeat(16) };
        ProviderKeySealed { user: id(user), provider: provider.into(), sealed }
    }

    #[test]
    fn an_invitation_becomes_a_member_when_it_is_accepted() {
        let history = History::new()
            .project(1, created(1))
            .project(1, invited(5, "ada@example.org"))
            .project(1, invited(6, "bob@example.org"))
            .project(1, InvitationAccepted { invitation: id(5), user: id(2) })
            .project(1, MemberRoleChanged { user: id(2), role: MemberRole::Auditor })
            .project(1, sealed(2, "openai"))
            .project(1, sealed(2, "anthropic"))
            .project(1, sealed(2, "openai"))
            .project(1, sealed(2, "other"))
            .project(1, ProviderKeyRemoved { user: id(2), provider: "other".into() })
            .project(1, invited(7, "eve@example.org"))
            .project(1, InvitationRevoked { invitation: id(7) });
        check(
            "members",
            &history,
            &expect![[r##"
            #01/invitation/#06
              email: "bob@example.org"
              invitation: "#06"
              invited_at: "07:00:02.000Z"
              project: "#01"
              role: "member"
              status: "invited"
            #01/member/#01
              joined_at: "07:00:00.000Z"
              project: "#01"
              role: "owner"
              status: "member"
              user: "#01"
            #01/member/#02
              email: "ada@example.org"
              invitation: "#05"
              invited_at: "07:00:01.000Z"
              joined_at: "07:00:03.000Z"
              project: "#01"
              providers: ["anthropic","openai"]
              role: "auditor"
              status: "member"
              user: "#02"
        "##]],
        );
    }

    #[test]
    fn whoever_left_or_whose_project_is_gone_is_not_there() {
        let history = History::new()
            .project(1, created(1))
            .project(2, created(1))
            .project(2, invited(5, "ada@example.org"))
            .project(2, InvitationAccepted { invitation: id(5), user: id(2) })
            .project(2, MemberRemoved { user: id(2) })
            .project(1, invited(6, "bob@example.org"))
            .project(1, ProjectDeleted {});
        assert_eq!(folded("members", &history).len(), 1);
        check(
            "members",
            &history,
            &expect![[r##"
            #02/member/#01
              joined_at: "07:00:01.000Z"
              project: "#02"
              role: "owner"
              status: "member"
              user: "#01"
        "##]],
        );
    }

    #[test]
    fn keys_have_one_text() {
        for who in [Who::Invitation(id(1)), Who::Member(id(2))] {
            let key = MemberKey { project: id(3), who };
            assert_eq!(key.to_string().parse::<MemberKey>().unwrap(), key);
        }
        let project = id::<ProjectId>(1);
        for wrong in ["", "x", &format!("{project}/owner/{project}"), &format!("{project}/member/x")] {
            assert!(wrong.parse::<MemberKey>().is_err(), "{wrong}");
        }
    }
}
