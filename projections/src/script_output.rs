//! One execution of a script: what it wrote, in order and whole.

use domain::ids::Category;
use domain::script_execution::{ScriptExecution, ScriptExecutionEvent};
use domain::terms::OutputStream;
use domain::values::Timestamp;
use domain::{Decider, Event};

use crate::listed::{PartKey, PartRow, rows};
use crate::table::Table;

rows! {
    /// A part of the output; its key is `item/` and a number, from 1.
    struct OutputRow {
        /// Where it was written to.
        stream: OutputStream,
        /// What was written.
        content: String,
        /// When.
        at: Timestamp,
    }
}

impl PartRow for OutputRow {
    const NAME: &'static str = "script-output";
    const VERSION: u32 = 1;
    const CATEGORY: Category = ScriptExecution::CATEGORY;
    const FILTERS: &'static [&'static str] = &["stream"];

    fn apply(rows: &mut Table<PartKey, Self>, event: &Event, at: Timestamp) {
        let Event::ScriptExecution(ScriptExecutionEvent::ScriptOutputAppended(e)) = event else { return };
        let number = u32::try_from(rows.len()).unwrap_or(u32::MAX).saturating_add(1);
        rows.insert(PartKey::Item(number), Self { stream: e.stream, content: e.content.clone(), at });
    }
}

#[cfg(test)]
mod tests {
    use domain::ids::ScriptExecutionId;
    use expect_test::expect;

    use crate::testing::{History, check, id, sample};

    #[test]
    fn output_stands_in_order() {
        let of = |history: History, name| history.any(id::<ScriptExecutionId>(1).into(), sample(name));
        let names = ["ScriptStarted", "ScriptOutputAppended", "ScriptOutputAppended", "ScriptExited"];
        check(
            "script-output",
            &names.into_iter().fold(History::new(), of),
            &expect![[r#"
            item/00001
              at: "07:00:01.000Z"
              content: "seeded 12 rows\n"
              stream: "stdout"
            item/00002
              at: "07:00:02.000Z"
              content: "seeded 12 rows\n"
              stream: "stdout"
        "#]],
        );
    }
}
