//! Every persona as lists and pickers show it: what it is for, whether it may work, what it runs on.

use domain::ids::{ContextId, PersonaId, ProjectId};
use domain::persona::{PersonaConfiguration, PersonaEvent};
use domain::terms::{Effort, PersonaType};
use domain::values::{Score, Timestamp};
use domain::{Event, Recorded};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::table::Table;
use crate::view::{Scope, View};

/// Whether a persona may work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PersonaStatus {
    /// It is offered and may work.
    Enabled,
    /// It is not offered, and starts no step.
    Disabled,
    /// It is gone for good.
    Archived,
}

/// A persona.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct PersonaRow {
    /// The project it belongs to.
    project: ProjectId,
    /// What people call it.
    name: String,
    /// What it is for.
    persona_type: PersonaType,
    /// Whether it may work.
    status: PersonaStatus,
    /// Version of its configuration.
    version: u32,
    /// The agent's program; that of the workflow where absent.
    cli_tool: Option<String>,
    /// The model; that of the workflow where absent.
    model: Option<String>,
    /// How hard it is asked to think.
    thinking_effort: Option<Effort>,
    /// Number of skills.
    skills: u64,
    /// Number of commands.
    commands: u64,
    /// Number of scripts.
    scripts: u64,
    /// Whether it is told the project's learnings.
    learnings: bool,
    /// The composite that its scores must reach.
    quality_threshold: Option<Score>,
    /// Whether it works in a sandbox.
    sandboxed: bool,
    /// Tools it may use; all where empty.
    allowed_tools: Vec<String>,
    /// Names of the tool servers it is given.
    mcp_servers: Vec<String>,
    /// The context it works under.
    context: Option<ContextId>,
    /// When it was made.
    created_at: Timestamp,
    /// When it last changed.
    updated_at: Timestamp,
}

impl PersonaRow {
    fn new(project: ProjectId, name: &str, of: &PersonaConfiguration, at: Timestamp) -> Self {
        Self {
            project,
            name: name.to_owned(),
            persona_type: of.persona_type,
            status: PersonaStatus::Enabled,
            version: 1,
            cli_tool: of.cli_tool.clone(),
            model: of.model.clone(),
            thinking_effort: of.thinking_effort,
            skills: of.skills.len() as u64,
            commands: of.commands.len() as u64,
            scripts: of.scripts.len() as u64,
            learnings: of.learnings,
            quality_threshold: of.quality_threshold,
            sandboxed: of.sandboxed,
            allowed_tools: of.allowed_tools.clone(),
            mcp_servers: of.mcp_servers.iter().map(|server| server.name.clone()).collect(),
            context: of.context,
            created_at: at,
            updated_at: at,
        }
    }
    fn apply(&mut self, event: &PersonaEvent, at: Timestamp) {
        match event {
            PersonaEvent::PersonaCreated(_) => {}
            PersonaEvent::PersonaRenamed(e) => self.name.clone_from(&e.name),
            PersonaEvent::PersonaConfigured(e) => {
                let before = Self::new(self.project, &self.name, &e.configuration, self.created_at);
                *self = Self { status: self.status, version: e.version, ..before };
            }
            PersonaEvent::PersonaEnabled(_) => self.status = PersonaStatus::Enabled,
            PersonaEvent::PersonaDisabled(_) => self.status = PersonaStatus::Disabled,
            PersonaEvent::PersonaArchived(_) => self.status = PersonaStatus::Archived,
        }
        self.updated_at = at;
    }
}

/// The view `personas`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Personas {
    table: Table<PersonaId, PersonaRow>,
}

impl View for Personas {
    const NAME: &'static str = "personas";
    const VERSION: u32 = 1;
    const SCOPE: Scope = Scope::Live;
    const FILTERS: &'static [&'static str] =
        &["project", "status", "persona_type", "name", "model", "cli_tool"];
    type Key = PersonaId;
    type Row = PersonaRow;

    fn folds(event: &Event) -> bool {
        matches!(event, Event::Persona(_))
    }
    fn apply(&mut self, event: &Recorded) {
        let Event::Persona(happened) = &event.event else { return };
        let (persona, at) = (PersonaId::from(event.meta.stream.id), event.meta.when());
        if let PersonaEvent::PersonaCreated(e) = happened {
            self.table.insert(persona, PersonaRow::new(e.project, &e.name, &e.configuration, at));
        } else if let Some(row) = self.table.get_mut(&persona) {
            row.apply(happened, at);
        }
    }
    fn table(&self) -> &Table<PersonaId, PersonaRow> {
        &self.table
    }
    fn table_mut(&mut self) -> &mut Table<PersonaId, PersonaRow> {
        &mut self.table
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::testing::{History, check, folded, id, sample};

    /// A persona's life, as its samples tell it: made, renamed, configured twice, disabled, enabled, archived.
    fn life(events: &[&str]) -> History {
        let stream = id::<PersonaId>(3).into();
        events.iter().fold(History::new(), |history, name| history.any(stream, sample(name)))
    }

    #[test]
    fn a_persona_shows_its_latest_configuration() {
        let names = ["PersonaCreated", "PersonaRenamed", "PersonaConfigured", "PersonaDisabled"];
        check(
            "personas",
            &life(&names),
            &expect![[r##"
            #03; commands 1; quality_threshold 80.0; scripts 1; skills 1; version 2
              allowed_tools: ["Read","Grep"]
              cli_tool: "claude"
              context: "050M2GA1850M2GA1850M2GA185"
              created_at: "07:00:00.000Z"
              learnings: false
              mcp_servers: ["perplexity","docs"]
              model: "claude-opus-4-6"
              name: "Evaluator"
              persona_type: "evaluator"
              project: "01040G2081040G2081040G2081"
              sandboxed: false
              status: "disabled"
              thinking_effort: "high"
              updated_at: "07:00:03.000Z"
        "##]],
        );
    }

    #[test]
    fn pickers_ask_for_the_enabled_ones() {
        let of = |events: &[&str]| {
            let filters = vec![("status".to_owned(), "enabled".to_owned())];
            let query = crate::Query { filters, ..crate::Query::default() };
            folded("personas", &life(events)).page(&query).unwrap().rows.len()
        };
        let made = ["PersonaCreated", "PersonaDisabled", "PersonaEnabled", "PersonaArchived"];
        let counts: Vec<_> = (1..=4).map(|length| of(&made[..length])).collect();
        assert_eq!(counts, [1, 0, 1, 0]);
    }
}
