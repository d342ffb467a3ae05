//! One plan in full: why it is to be done, and its items in order with the issues they have become.

use domain::ids::{Category, IssueId};
use domain::issue::IssueText;
use domain::plan::{Plan, PlanEvent};
use domain::values::Timestamp;
use domain::{Decider, Event};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::listed::{PartKey, PartRow, rows};
use crate::table::Table;

rows! {
    /// The plan itself.
    struct PlanHead {
        /// Its short name.
        title: String,
        /// Why it is to be done, and why so.
        rationale: String,
        /// The numbers of its items, in order.
        order: Vec<u32>,
    }
    /// An item; its key is `item/` and its number.
    struct PlanItem {
        /// Its number.
        item: u32,
        /// What is to be done.
        text: IssueText,
        /// The issue that it has become.
        issue: Option<IssueId>,
        /// When it last changed.
        updated_at: Timestamp,
    }
}

/// A part of a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PlanPart {
    /// The plan itself.
    Plan(PlanHead),
    /// An item.
    Item(PlanItem),
}

fn head(rows: &mut Table<PartKey, PlanPart>, change: impl FnOnce(&mut PlanHead)) {
    if let Some(PlanPart::Plan(head)) = rows.get_mut(&PartKey::Head) {
        change(head);
    }
}

fn item(rows: &mut Table<PartKey, PlanPart>, item: u32, change: impl FnOnce(&mut PlanItem)) {
    if let Some(PlanPart::Item(item)) = rows.get_mut(&PartKey::Item(item)) {
        change(item);
    }
}

fn add(rows: &mut Table<PartKey, PlanPart>, item: u32, text: &IssueText, at: Timestamp) {
    let part = PlanItem { item, text: text.clone(), issue: None, updated_at: at };
    rows.insert(PartKey::Item(item), PlanPart::Item(part));
}

impl PartRow for PlanPart {
    const NAME: &'static str = "plan-items";
    const VERSION: u32 = 1;
    const CATEGORY: Category = Plan::CATEGORY;

    fn apply(rows: &mut Table<PartKey, Self>, event: &Event, at: Timestamp) {
        let Event::Plan(event) = event else { return };
        match event {
            PlanEvent::PlanProposed(e) => {
                let order = (1..).zip(&e.items).map(|(number, _)| number).collect();
                let (title, rationale) = (e.title.clone(), e.rationale.clone());
                rows.insert(PartKey::Head, Self::Plan(PlanHead { title, rationale, order }));
                (1..).zip(&e.items).for_each(|(number, text)| add(rows, number, text, at));
            }
            PlanEvent::PlanReworded(e) => head(rows, |head| {
                head.title.clone_from(&e.title);
                head.rationale.clone_from(&e.rationale);
            }),
            PlanEvent::PlanItemAdded(e) => {
                add(rows, e.item, &e.text, at);
                head(rows, |head| head.order.push(e.item));
            }
            PlanEvent::PlanItemEdited(e) => item(rows, e.item, |item| {
                (item.text, item.updated_at) = (e.text.clone(), at);
            }),
            PlanEvent::PlanItemRemoved(e) => {
                rows.remove(&PartKey::Item(e.item));
                head(rows, |head| head.order.retain(|item| *item != e.item));
            }
            PlanEvent::PlanReordered(e) => head(rows, |head| head.order.clone_from(&e.items)),
            PlanEvent::PlanItemConverted(e) => item(rows, e.item, |item| {
                (item.issue, item.updated_at) = (Some(e.issue), at);
            }),
            PlanEvent::PlanApproved(_)
            | PlanEvent::PlanRejected(_)
            | PlanEvent::PlanCompleted(_)
            | PlanEvent::PlanArchived(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::ids::PlanId;
    use expect_test::expect;

    use crate::testing::{History, check, id, sample};

    #[test]
    fn items_stand_in_the_plan_s_order() {
        let of = |history: History, name| history.any(id::<PlanId>(1).into(), sample(name));
        let names =
            ["PlanProposed", "PlanItemAdded", "PlanItemRemoved", "PlanReordered", "PlanItemConverted"];
        check(
            "plan-items",
            &names.into_iter().fold(History::new(), of),
            &expect![[r#"
            head is a plan
              order: [3,2]
              rationale: "It fills the memory within a day"
              title: "A cache with a bound"
            item/00002 is a item; item 2
              issue: "040G2081040G2081040G208104"
              text: {"description":"The cache is never emptied","priority":"high","suggested_prompt":"Empty the cache when it is full","title":"Evict the oldest"}
              updated_at: "07:00:04.000Z"
            item/00003 is a item; item 3
              text: {"description":"The cache is never emptied","priority":"high","suggested_prompt":"Empty the cache when it is full","title":"Show the size"}
              updated_at: "07:00:01.000Z"
        "#]],
        );
    }
}
