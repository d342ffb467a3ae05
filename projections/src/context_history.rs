//! One context in all its versions, and which of them was in force when.

use domain::context::{Context, ContextEvent};
use domain::ids::Category;
use domain::values::Timestamp;
use domain::{Decider, Event};

use crate::listed::{PartKey, PartRow, rows};
use crate::table::Table;

rows! {
    /// A version of a context; its key is `item/` and the version.
    struct ContextVersionRow {
        /// The version, from 1.
        version: u32,
        /// What the session's system prompt says.
        system_prompt: String,
        /// What the session's CLAUDE.md says.
        claude_md: String,
        /// Why it changed.
        note: Option<String>,
        /// Whether it is in force.
        active: bool,
        /// How often it was put in force, its making included.
        activations: u64,
        /// When it was written.
        created_at: Timestamp,
        /// When it was last put in force.
        activated_at: Timestamp,
    }
}

impl ContextVersionRow {
    fn add(rows: &mut Table<PartKey, Self>, row: Self) {
        let version = row.version;
        rows.insert(PartKey::Item(version), Self { activations: 0, ..row });
    }
    fn activate(rows: &mut Table<PartKey, Self>, version: u32, at: Timestamp) {
        let before = rows.iter().find(|(_, row)| row.active).map(|(key, _)| *key);
        if let Some(row) = before.and_then(|key| rows.get_mut(&key)) {
            row.active = false;
        }
        if let Some(row) = rows.get_mut(&PartKey::Item(version)) {
            (row.active, row.activated_at) = (true, at);
            row.activations += 1;
        }
    }
}

impl PartRow for ContextVersionRow {
    const NAME: &'static str = "context-history";
    const VERSION: u32 = 1;
    const CATEGORY: Category = Context::CATEGORY;
    const FILTERS: &'static [&'static str] = &["active"];

    fn apply(rows: &mut Table<PartKey, Self>, event: &Event, at: Timestamp) {
        let Event::Context(event) = event else { return };
        let new = |version, system_prompt: &str, claude_md: &str, note: Option<&str>| Self {
            version,
            system_prompt: system_prompt.to_owned(),
            claude_md: claude_md.to_owned(),
            note: note.map(str::to_owned),
            active: false,
            activations: 0,
            created_at: at,
            activated_at: at,
        };
        match event {
            ContextEvent::ContextCreated(e) => {
                Self::add(rows, new(1, &e.system_prompt, &e.claude_md, None));
                Self::activate(rows, 1, at);
            }
            ContextEvent::ContextVersioned(e) => {
                Self::add(rows, new(e.version, &e.system_prompt, &e.claude_md, e.note.as_deref()));
                Self::activate(rows, e.version, at);
            }
            ContextEvent::ContextActivated(e) => Self::activate(rows, e.version, at),
            ContextEvent::ContextArchived(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::Event;
    use domain::context::ContextActivated;
    use domain::ids::ContextId;
    use expect_test::expect;

    use crate::testing::{History, check, id, sample};

    #[test]
    fn a_revert_puts_an_older_version_in_force() {
        let of = |history: History, name| history.any(id::<ContextId>(1).into(), sample(name));
        let versions = ["ContextCreated", "ContextVersioned"].into_iter().fold(History::new(), of);
        let reverted = Event::Context(ContextActivated { version: 1 }.into());
        let history = versions.any(id::<ContextId>(1).into(), reverted);
        check(
            "context-history",
            &history,
            &expect![[r##"
            item/00001; activations 2; version 1
              activated_at: "07:00:02.000Z"
              active: true
              created_at: "07:00:00.000Z"
              system_prompt: "You merge."
            item/00002; activations 1; version 2
              activated_at: "07:00:01.000Z"
              active: false
              claude_md: "# Rules\n"
              created_at: "07:00:01.000Z"
              note: "clearer"
              system_prompt: "You merge branches."
        "##]],
        );
    }
}
