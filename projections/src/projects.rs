//! Every project that is not deleted: its names, owner, repository and size.

use std::collections::BTreeMap;

use domain::ids::{InvitationId, ProjectId, UserId};
use domain::project::{ProjectCreated, ProjectEvent};
use domain::run::RunEvent;
use domain::terms::MemberRole;
use domain::values::Timestamp;
use domain::{Event, Recorded};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::table::Table;
use crate::view::{Scope, View};

/// A project.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ProjectRow {
    /// Its name in URLs.
    slug: String,
    /// Its name on screen.
    name: String,
    /// Who owns it; the one that was owner before, where there are several.
    owner: Option<UserId>,
    /// Where its code is.
    repository_url: Option<String>,
    /// Where its logo is.
    logo_url: Option<String>,
    /// Members, owners included.
    members: u64,
    /// Runs that were asked for.
    runs: u64,
    /// When it was made.
    created_at: Timestamp,
    /// When it or its settings last changed.
    updated_at: Timestamp,
}

/// Who belongs to a project, and who may yet.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct People {
    members: BTreeMap<UserId, MemberRole>,
    invited: BTreeMap<InvitationId, MemberRole>,
}

/// The view `projects`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Projects {
    table: Table<ProjectId, ProjectRow>,
    people: BTreeMap<ProjectId, People>,
}

impl People {
    fn new(owner: Option<UserId>) -> Self {
        let members = owner.into_iter().map(|owner| (owner, MemberRole::Owner)).collect();
        Self { members, invited: BTreeMap::new() }
    }
    fn apply(&mut self, event: &ProjectEvent) {
        match event {
            ProjectEvent::MemberInvited(e) => {
                self.invited.insert(e.invitation, e.role);
            }
            ProjectEvent::InvitationAccepted(e) => {
                if let Some(role) = self.invited.remove(&e.invitation) {
                    self.members.insert(e.user, role);
                }
            }
            ProjectEvent::InvitationRevoked(e) => {
                self.invited.remove(&e.invitation);
            }
            ProjectEvent::MemberRoleChanged(e) => {
                self.members.insert(e.user, e.role);
            }
            ProjectEvent::MemberRemoved(e) => {
                self.members.remove(&e.user);
            }
            _ => {}
        }
    }
    fn owner(&self, before: Option<UserId>) -> Option<UserId> {
        let owns = |user: &UserId| self.members.get(user) == Some(&MemberRole::Owner);
        before.filter(owns).or_else(|| self.members.keys().copied().find(owns))
    }
}

impl ProjectRow {
    fn new(e: &ProjectCreated, at: Timestamp) -> Self {
        Self {
            slug: e.slug.clone(),
            name: e.name.clone(),
            owner: e.owner,
            repository_url: e.repository_url.clone(),
            logo_url: e.logo_url.clone(),
            members: u64::from(e.owner.is_some()),
            runs: 0,
            created_at: at,
            updated_at: at,
        }
    }
    fn apply(&mut self, event: &ProjectEvent, people: &People, at: Timestamp) {
        match event {
            ProjectEvent::ProjectRenamed(e) => {
                self.slug.clone_from(&e.slug);
                self.name.clone_from(&e.name);
            }
            ProjectEvent::RepositoryLinked(e) => self.repository_url = Some(e.repository_url.clone()),
            ProjectEvent::LogoSet(e) => self.logo_url.clone_from(&e.logo_url),
            _ => {}
        }
        self.owner = people.owner(self.owner);
        self.members = people.members.len() as u64;
        self.updated_at = self.updated_at.max(at);
    }
}

impl Projects {
    fn apply_project(&mut self, project: ProjectId, event: &ProjectEvent, at: Timestamp) {
        match event {
            ProjectEvent::ProjectCreated(e) => {
                self.table.insert(project, ProjectRow::new(e, at));
                self.people.insert(project, People::new(e.owner));
            }
            ProjectEvent::ProjectDeleted(_) => {
                self.table.remove(&project);
                self.people.remove(&project);
            }
            _ => {
                if let (Some(row), Some(people)) =
                    (self.table.get_mut(&project), self.people.get_mut(&project))
                {
                    people.apply(event);
                    row.apply(event, people, at);
                }
            }
        }
    }
}

impl View for Projects {
    const NAME: &'static str = "projects";
    const VERSION: u32 = 1;
    const SCOPE: Scope = Scope::Live;
    const FILTERS: &'static [&'static str] = &["slug", "owner"];
    type Key = ProjectId;
    type Row = ProjectRow;

    fn folds(event: &Event) -> bool {
        matches!(event, Event::Project(_) | Event::Run(RunEvent::RunRequested(_)))
    }
    fn apply(&mut self, event: &Recorded) {
        match &event.event {
            Event::Project(happened) => {
                self.apply_project(ProjectId::from(event.meta.stream.id), happened, event.meta.when());
            }
            Event::Run(RunEvent::RunRequested(e)) => {
                if let Some(row) = self.table.get_mut(&e.project) {
                    row.runs += 1;
                }
            }
            _ => {}
        }
    }
    fn project(key: &ProjectId, _: &ProjectRow) -> Option<ProjectId> {
        Some(*key)
    }
    fn table(&self) -> &Table<ProjectId, ProjectRow> {
        &self.table
    }
    fn table_mut(&mut self) -> &mut Table<ProjectId, ProjectRow> {
        &mut self.table
    }
}

#[cfg(test)]
mod tests {
    use domain::project::{
        InvitationAccepted, LogoSet, MemberInvited, MemberRemoved, MemberRoleChanged, ProjectDeleted,
        ProjectRenamed, RepositoryLinked,
    };
    use domain::run::{RunCancelled, RunStarted};
    use expect_test::expect;

    use super::*;
    use crate::testing::{History, check, id, requested, sample};

    fn created(slug: &str, owner: Option<u64>) -> ProjectCreated {
        let (slug, name) = (slug.to_owned(), slug.to_uppercase());
        ProjectCreated { slug, name, owner: owner.map(id), repository_url: None, logo_url: None }
    }
    fn invited(invitation: u64, role: MemberRole) -> MemberInvited {
        MemberInvited { invitation: id(invitation), email: "a@b.example".into(), role }
    }

    #[test]
    fn a_project_shows_its_latest_names_and_counts_its_runs() {
        let history = History::new()
            .project(1, created("one", None))
            .project(2, created("two", Some(7)))
            .project(1, ProjectRenamed { slug: "uno".into(), name: "Uno".into() })
            .project(1, RepositoryLinked { repository_url: "https://git.example/uno".into() })
            .project(1, LogoSet { logo_url: Some("https://logo.example".into()) })
            .run(1, requested("a"))
            .run(2, requested("b"))
            .run(1, RunStarted {})
            .run(1, RunCancelled { reason: None });
        check(
            "projects",
            &history,
            &expect![[r##"
                #01; runs 2
                  created_at: "07:00:00.000Z"
                  logo_url: "https://logo.example"
                  name: "Uno"
                  repository_url: "https://git.example/uno"
                  slug: "uno"
                  updated_at: "07:00:04.000Z"
                #02; members 1
                  created_at: "07:00:01.000Z"
                  name: "TWO"
                  owner: "#07"
                  slug: "two"
                  updated_at: "07:00:01.000Z"
            "##]],
        );
    }

    #[test]
    fn members_are_counted_once_and_the_project_never_shows_a_former_owner() {
        let history = History::new()
            .project(1, created("one", Some(1)))
            .project(1, invited(1, MemberRole::Member))
            .project(1, invited(2, MemberRole::Auditor))
            .project(1, invited(3, MemberRole::Analyst))
            .project(1, InvitationAccepted { invitation: id(1), user: id(2) })
            .project(1, InvitationAccepted { invitation: id(2), user: id(3) })
            .project(1, InvitationAccepted { invitation: id(3), user: id(3) })
            .project(1, MemberRoleChanged { user: id(2), role: MemberRole::Owner })
            .project(1, MemberRoleChanged { user: id(1), role: MemberRole::Member })
            .project(1, MemberRemoved { user: id(3) });
        check(
            "projects",
            &history,
            &expect![[r##"
                #01; members 2
                  created_at: "07:00:00.000Z"
                  name: "ONE"
                  owner: "#02"
                  slug: "one"
                  updated_at: "07:00:09.000Z"
            "##]],
        );
    }

    #[test]
    fn a_deleted_project_is_gone_and_late_events_do_not_bring_it_back() {
        let history = History::new()
            .project(1, created("one", Some(1)))
            .project(2, created("two", None))
            .project(1, ProjectDeleted {})
            .run(1, requested("late"))
            .project(1, MemberRemoved { user: id(1) })
            .any(id::<ProjectId>(2).into(), sample("ProjectDeleted"));
        check("projects", &history, &expect![[""]]);
        let mut view = Projects::default();
        history.events.iter().for_each(|event| view.apply(event));
        assert!(view.people.is_empty());
    }
}
