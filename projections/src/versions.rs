//! The versions of one persona and of one workflow, each whole, from the first to the one in force.

use std::fmt;
use std::str::FromStr;

use domain::ids::IdError;
use domain::persona::{Persona, PersonaConfiguration, PersonaEvent};
use domain::values::Timestamp;
use domain::workflow::{Workflow, WorkflowDefinition, WorkflowEvent};
use domain::{Actor, Decider, Event, Recorded};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::table::Table;
use crate::view::{Scope, View};

/// A version as a key: ten digits, so that texts sort like numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct VersionKey(u32);

impl fmt::Display for VersionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:010}", self.0)
    }
}

impl FromStr for VersionKey {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let key = text.parse().ok().map(Self).filter(|key| key.to_string() == text);
        key.ok_or_else(|| IdError {
            expected: "a version of ten digits such as `0000000001`".into(),
            actual: text.chars().take(80).collect(),
        })
    }
}

/// A version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "{T}Version")]
pub(crate) struct VersionRow<T> {
    /// Its number.
    version: u32,
    /// Whether it is the one in force.
    current: bool,
    /// What it says.
    content: T,
    /// Why it changed.
    note: Option<String>,
    /// When it was written.
    at: Timestamp,
    /// Who wrote it.
    actor: Actor,
}

/// Versions in the order they were written; the last is in force.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(bound(serialize = "T: Serialize", deserialize = "T: Deserialize<'de>"))]
struct Versions<T> {
    table: Table<VersionKey, VersionRow<T>>,
    current: Option<VersionKey>,
}

impl<T> Default for Versions<T> {
    fn default() -> Self {
        Self { table: Table::default(), current: None }
    }
}

impl<T: Clone + Serialize + DeserializeOwned> Versions<T> {
    fn write(&mut self, version: u32, content: &T, note: Option<&String>, event: &Recorded) {
        if let Some(row) = self.current.and_then(|key| self.table.get_mut(&key)) {
            row.current = false;
        }
        let key = VersionKey(version);
        self.current = Some(key);
        let row = VersionRow {
            version,
            current: true,
            content: content.clone(),
            note: note.cloned(),
            at: event.meta.when(),
            actor: event.meta.actor,
        };
        self.table.insert(key, row);
    }
}

/// The view `persona-versions`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct PersonaVersions(Versions<PersonaConfiguration>);

impl View for PersonaVersions {
    const NAME: &'static str = "persona-versions";
    const VERSION: u32 = 1;
    const SCOPE: Scope = Scope::Stream(Persona::CATEGORY);
    type Key = VersionKey;
    type Row = VersionRow<PersonaConfiguration>;

    fn apply(&mut self, event: &Recorded) {
        match &event.event {
            Event::Persona(PersonaEvent::PersonaCreated(e)) => self.0.write(1, &e.configuration, None, event),
            Event::Persona(PersonaEvent::PersonaConfigured(e)) => {
                self.0.write(e.version, &e.configuration, e.note.as_ref(), event);
            }
            _ => {}
        }
    }
    fn table(&self) -> &Table<VersionKey, VersionRow<PersonaConfiguration>> {
        &self.0.table
    }
    fn table_mut(&mut self) -> &mut Table<VersionKey, VersionRow<PersonaConfiguration>> {
        &mut self.0.table
    }
}

/// The view `workflow-versions`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct WorkflowVersions(Versions<WorkflowDefinition>);

impl View for WorkflowVersions {
    const NAME: &'static str = "workflow-versions";
    const VERSION: u32 = 1;
    const SCOPE: Scope = Scope::Stream(Workflow::CATEGORY);
    type Key = VersionKey;
    type Row = VersionRow<WorkflowDefinition>;

    fn apply(&mut self, event: &Recorded) {
        match &event.event {
            Event::Workflow(WorkflowEvent::WorkflowCreated(e)) => self.0.write(1, &e.definition, None, event),
            Event::Workflow(WorkflowEvent::WorkflowDefined(e)) => {
                self.0.write(e.version, &e.definition, e.note.as_ref(), event);
            }
            _ => {}
        }
    }
    fn table(&self) -> &Table<VersionKey, VersionRow<WorkflowDefinition>> {
        &self.0.table
    }
    fn table_mut(&mut self) -> &mut Table<VersionKey, VersionRow<WorkflowDefinition>> {
        &mut self.0.table
    }
}

#[cfg(test)]
mod tests {
    use domain::ids::{PersonaId, WorkflowId};
    use expect_test::expect;

    use super::*;
    use crate::testing::{History, check, id, sample};

    #[test]
    fn every_version_of_a_persona_stays_readable() {
        let stream = id::<PersonaId>(3).into();
        let history = History::new()
            .any(stream, sample("PersonaCreated"))
            .any(stream, sample("PersonaDisabled"))
            .any(stream, sample("PersonaConfigured"));
        check(
            "persona-versions",
            &history,
            &expect![[r#"
            0000000001; version 1
              actor: "operator"
              at: "07:00:00.000Z"
              content: {"allowed_tools":[],"cli_tool":null,"commands":[],"context":null,"instructions":"","learnings":true,"mcp_servers":[],"model":null,"persona_type":"designer","quality_threshold":null,"sandboxed":true,"scripts":[],"skills":[],"thinking_effort":null}
              current: false
            0000000002; version 2
              actor: "operator"
              at: "07:00:02.000Z"
              content: {"allowed_tools":["Read","Grep"],"cli_tool":"claude","commands":["030C1G60R30C1G60R30C1G60R3"],"context":"050M2GA1850M2GA1850M2GA185","instructions":"Score what is there.","learnings":false,"mcp_servers":[{"env_vars":["PERPLEXITY_KEY"],"name":"perplexity","transport":{"stdio":{"args":["perplexity-mcp"],"command":"npx"}}},{"env_vars":[],"name":"docs","transport":{"http":{"url":"https://mcp.example.org/v1"}}}],"model":"claude-opus-4-6","persona_type":"evaluator","quality_threshold":80.0,"sandboxed":false,"scripts":["040G2081040G2081040G208104"],"skills":["02081040G2081040G2081040G2"],"thinking_effort":"high"}
              current: true
              note: "stricter"
        "#]],
        );
    }

    #[test]
    fn every_version_of_a_workflow_stays_readable() {
        let stream = id::<WorkflowId>(3).into();
        let history = History::new()
            .any(stream, sample("WorkflowCreated"))
            .any(stream, sample("WorkflowRenamed"))
            .any(stream, sample("WorkflowDefined"))
            .any(stream, sample("WorkflowArchived"));
        check(
            "workflow-versions",
            &history,
            &expect![[r#"
            0000000001; version 1
              actor: "operator"
              at: "07:00:00.000Z"
              content: {"cli_tool":null,"loops":[],"model":null,"sandbox":{"checker_model":null,"cpus":null,"designer_model":null,"efforts":[],"memory_mb":null,"provider":null,"template_id":null,"timeout_ms":null},"steps":[{"cli_tool":null,"in_loop":null,"instructions":"","model":null,"persona":null,"role":"designer","thinking_effort":null}],"thinking_effort":null,"workflow_type":"single_designer"}
              current: false
            0000000002; version 2
              actor: "operator"
              at: "07:00:02.000Z"
              content: {"cli_tool":"claude","loops":[{"max_iterations":3,"name":"review"}],"model":"opus","sandbox":{"checker_model":"sonnet","cpus":1,"designer_model":"opus","efforts":[["opus","high"]],"memory_mb":512,"provider":"e2b","template_id":"rust","timeout_ms":600000},"steps":[{"cli_tool":null,"in_loop":null,"instructions":"","model":null,"persona":null,"role":"prompter","thinking_effort":null},{"cli_tool":null,"in_loop":"review","instructions":"","model":null,"persona":null,"role":"designer","thinking_effort":null},{"cli_tool":"codex","in_loop":"review","instructions":"Run the tests.","model":"gpt-5","persona":null,"role":"checker","thinking_effort":"max"}],"thinking_effort":"low","workflow_type":"custom_pipeline"}
              current: true
              note: "with review"
        "#]],
        );
    }

    #[test]
    fn keys_have_one_text() {
        assert_eq!("0000000007".parse::<VersionKey>().unwrap(), VersionKey(7));
        for wrong in ["7", "+000000007", "00000000007", "4294967296", ""] {
            assert!(wrong.parse::<VersionKey>().is_err(), "{wrong}");
        }
    }
}
