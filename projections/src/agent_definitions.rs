//! Every agent definition, with the version in force.

use std::collections::BTreeMap;

use domain::agent_definition::{AgentDefinitionEvent, AgentProfile, AgentSandbox};
use domain::autonomy::AgentRole;
use domain::ids::{AgentDefinitionId, PersonaId, ProjectId};
use domain::values::Timestamp;
use domain::{Event, Recorded};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::table::Table;
use crate::view::{Scope, View};

/// An agent definition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct AgentRow {
    /// The project it belongs to.
    project: ProjectId,
    /// Its name.
    name: String,
    /// The role of that name.
    role: Option<AgentRole>,
    /// What the active version says.
    profile: AgentProfile,
    /// How large the sandbox of the active version is, where its file says so.
    sandbox: Option<AgentSandbox>,
    /// The active version.
    version: u32,
    /// How many versions there are.
    versions: u32,
    /// The personas it was loaded into, with version.
    personas: Vec<(PersonaId, u32)>,
    /// Whether it is no longer offered.
    archived: bool,
    /// Whether every project may use it.
    shared: bool,
    /// When it last changed.
    updated_at: Timestamp,
}

/// The view `agent-definitions`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct AgentDefinitions {
    table: Table<AgentDefinitionId, AgentRow>,
    /// What every version says, from the first.
    versions: BTreeMap<AgentDefinitionId, Vec<Version>>,
}

/// What a version says.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Version {
    profile: AgentProfile,
    sandbox: Option<AgentSandbox>,
}

impl From<&AgentProfile> for Version {
    fn from(profile: &AgentProfile) -> Self {
        Self { profile: profile.clone(), sandbox: None }
    }
}

impl AgentRow {
    fn activate(&mut self, version: u32, versions: &[Version]) {
        let place = usize::try_from(version).ok().and_then(|version| version.checked_sub(1));
        if let Some(of) = place.and_then(|place| versions.get(place)) {
            self.version = version;
            self.profile = of.profile.clone();
            self.sandbox.clone_from(&of.sandbox);
        }
    }
}

impl View for AgentDefinitions {
    const NAME: &'static str = "agent-definitions";
    const VERSION: u32 = 2;
    const SCOPE: Scope = Scope::Live;
    const FILTERS: &'static [&'static str] = &["project", "name", "role", "archived", "shared"];
    type Key = AgentDefinitionId;
    type Row = AgentRow;

    fn folds(event: &Event) -> bool {
        matches!(event, Event::AgentDefinition(_))
    }
    fn apply(&mut self, event: &Recorded) {
        let Event::AgentDefinition(happened) = &event.event else { return };
        let (id, at) = (AgentDefinitionId::from(event.meta.stream.id), event.meta.when());
        if let AgentDefinitionEvent::AgentDefined(e) = happened {
            let row = AgentRow {
                project: e.project,
                name: e.profile.name.clone(),
                role: e.profile.role,
                profile: e.profile.clone(),
                sandbox: None,
                version: 1,
                versions: 1,
                personas: vec![],
                archived: false,
                shared: false,
                updated_at: at,
            };
            self.table.insert(id, row);
            self.versions.insert(id, vec![(&e.profile).into()]);
            return;
        }
        let (Some(row), Some(versions)) = (self.table.get_mut(&id), self.versions.get_mut(&id)) else {
            return;
        };
        row.updated_at = at;
        match happened {
            AgentDefinitionEvent::AgentDefined(_) => {}
            AgentDefinitionEvent::AgentRevised(e) => {
                versions.push((&e.profile).into());
                row.versions += 1;
                row.activate(e.version, versions);
            }
            AgentDefinitionEvent::AgentSandboxSized(e) => {
                let place = usize::try_from(e.version).ok().and_then(|version| version.checked_sub(1));
                if let Some(of) = place.and_then(|place| versions.get_mut(place)) {
                    of.sandbox = Some(e.sandbox.clone());
                }
                row.activate(row.version, versions);
            }
            AgentDefinitionEvent::AgentVersionActivated(e) => row.activate(e.version, versions),
            AgentDefinitionEvent::AgentLoaded(e) => {
                row.personas.retain(|(persona, _)| *persona != e.persona);
                row.personas.push((e.persona, e.version));
            }
            AgentDefinitionEvent::AgentArchived(_) => row.archived = true,
            AgentDefinitionEvent::AgentShared(_) => row.shared = true,
        }
    }
    fn table(&self) -> &Table<AgentDefinitionId, AgentRow> {
        &self.table
    }
    fn table_mut(&mut self) -> &mut Table<AgentDefinitionId, AgentRow> {
        &mut self.table
    }
}

#[cfg(test)]
mod tests {
    use domain::ids::AgentDefinitionId;
    use expect_test::expect;

    use crate::testing::{History, check, folded, id, sample, sampled};

    #[test]
    fn a_version_has_the_sandbox_that_its_own_file_asks_for() {
        let of = |history: History, name| history.any(id::<AgentDefinitionId>(1).into(), sample(name));
        let sandbox = |history: &History| {
            let rows = folded("agent-definitions", history).page(&crate::Query::default()).unwrap().rows;
            let row: serde_json::Value = serde_json::from_str(rows[0].row.get()).unwrap();
            row["sandbox"]["cpus"].as_u64()
        };
        let defined = of(History::new(), "AgentDefined");
        assert_eq!(sandbox(&defined), None);
        let sized = of(of(defined, "AgentRevised"), "AgentSandboxSized");
        assert_eq!(sandbox(&sized), Some(4));
        assert_eq!(sandbox(&of(sized, "AgentVersionActivated")), None, "back to the first version");
    }

    #[test]
    fn a_definition_goes_back_to_its_first_version() {
        let history = sampled("agent-definition", 1);
        check(
            "agent-definitions",
            &history,
            &expect![[r##"
                #01; version 1; versions 2
                  archived: true
                  name: "dependency-bot"
                  personas: [["02081040G2081040G2081040G2",1]]
                  profile: {"description":null,"mcp_servers":["perplexity"],"model":"sonnet","name":"dependency-bot","prompt":"You research.","role":null,"sandboxed":false,"skills":["research-scan"],"text":"---\nname: scout\n---\nYou research.\n","tools":["Read","Grep"]}
                  project: "01040G2081040G2081040G2081"
                  shared: true
                  updated_at: "07:00:07.000Z"
            "##]],
        );
    }
}
