//! A plan: ordered items with a rationale, approved by somebody, each of which may become an issue.

use std::collections::BTreeMap;

use crate::catalogue::{commands, events, plain};
use crate::ids::{Category, IssueId, ProjectId, RunId, StepId, StreamId};
use crate::issue::IssueText;
use crate::{Decider, Rejection, check};

#[cfg(test)]
mod tests;

events! {
    /// Everything that can happen to a plan.
    pub enum PlanEvent {
        900 => PlanProposed 1;
        901 => PlanReworded 1;
        902 => PlanItemAdded 1;
        903 => PlanItemEdited 1;
        904 => PlanItemRemoved 1;
        905 => PlanReordered 1;
        906 => PlanApproved 1;
        907 => PlanRejected 1;
        908 => PlanItemConverted 1;
        909 => PlanCompleted 1;
        910 => PlanArchived 1;
    }
}

commands! {
    /// What can be asked of a plan.
    pub enum PlanCommand {
        "propose" => ProposePlan;
        "reword" => RewordPlan;
        "add-item" => AddPlanItem;
        "edit-item" => EditPlanItem;
        "remove-item" => RemovePlanItem;
        "reorder" => ReorderPlan;
        "approve" => ApprovePlan;
        "reject" => RejectPlan;
        "convert-item" => ConvertPlanItem;
        "complete" => CompletePlan;
        "archive" => ArchivePlan;
    }
}

plain! {
    /// A plan was proposed; its items are numbered from 1, in order.
    struct PlanProposed {
        /// The project it belongs to.
        project: ProjectId,
        /// A short name.
        title: String,
        /// Why it is to be done, and why so.
        rationale: String,
        /// What is to be done, in order.
        items: Vec<IssueText>,
        /// The planner's run; none where a person wrote it.
        run: Option<RunId>,
        /// The step of that run.
        step: Option<StepId>,
    }
    /// It has another title or rationale.
    struct PlanReworded {
        /// A short name.
        title: String,
        /// Why it is to be done, and why so.
        rationale: String,
    }
    /// An item was added at the end.
    struct PlanItemAdded {
        /// Its number, one more than the last given.
        item: u32,
        /// What is to be done.
        text: IssueText,
    }
    /// An item was reworded.
    struct PlanItemEdited {
        /// Its number.
        item: u32,
        /// What is to be done.
        text: IssueText,
    }
    /// An item was taken out; its number is not given again.
    struct PlanItemRemoved {
        /// Its number.
        item: u32,
    }
    /// The items stand in another order.
    struct PlanReordered {
        /// Every item, in order.
        items: Vec<u32>,
    }
    /// The plan is to be carried out.
    struct PlanApproved {
        /// In words.
        note: Option<String>,
    }
    /// The plan will not be carried out.
    struct PlanRejected {
        /// Why.
        reason: String,
    }
    /// An item became an issue.
    struct PlanItemConverted {
        /// Its number.
        item: u32,
        /// The issue.
        issue: IssueId,
    }
    /// Every item has become an issue.
    struct PlanCompleted {}
    /// The plan is put away.
    struct PlanArchived {
        /// Why.
        reason: Option<String>,
    }
}

plain! {
    /// Proposes a plan.
    struct ProposePlan {
        /// The project it belongs to.
        project: ProjectId,
        /// A short name.
        title: String,
        /// Why it is to be done, and why so; 1 byte to 64 KiB.
        rationale: String,
        /// What is to be done, in order: 1 to 200 items, together at most 512 KiB.
        items: Vec<IssueText>,
        /// The planner's run; none where a person wrote it.
        run: Option<RunId>,
        /// The step of that run; only beside `run`.
        step: Option<StepId>,
    }
    /// Gives a proposed plan another title and rationale.
    struct RewordPlan {
        /// A short name.
        title: String,
        /// Why it is to be done, and why so; 1 byte to 64 KiB.
        rationale: String,
    }
    /// Adds an item at the end of a proposed plan.
    struct AddPlanItem {
        /// What is to be done.
        text: IssueText,
    }
    /// Rewords an item of a proposed plan; every field is replaced.
    struct EditPlanItem {
        /// Its number.
        item: u32,
        /// What is to be done.
        text: IssueText,
    }
    /// Takes out an item that is no issue yet; never the last one.
    struct RemovePlanItem {
        /// Its number.
        item: u32,
    }
    /// Puts the items of a proposed plan in another order.
    struct ReorderPlan {
        /// Every item's number, each once.
        items: Vec<u32>,
    }
    /// Lets a proposed plan be carried out.
    struct ApprovePlan {
        /// In words.
        note: Option<String>,
    }
    /// Turns a proposed plan down.
    struct RejectPlan {
        /// Why.
        reason: String,
    }
    /// Records that an item of an approved plan has become an issue.
    struct ConvertPlanItem {
        /// Its number.
        item: u32,
        /// The issue, opened before.
        issue: IssueId,
    }
    /// Ends an approved plan of which every item is an issue.
    struct CompletePlan {}
    /// Puts a plan away, whatever its state.
    struct ArchivePlan {
        /// Why.
        reason: Option<String>,
    }
}

/// Most items of a plan, removed ones included.
pub const ITEMS_MAX: usize = 200;
/// Longest rationale, in bytes.
pub const RATIONALE_MAX_BYTES: usize = 64 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Default)]
enum Phase {
    #[default]
    Missing,
    Proposed,
    Approved,
    Rejected,
    Completed,
    Archived,
}

impl Phase {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Proposed => "proposed",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Completed => "completed",
            Self::Archived => "archived",
        }
    }
}

/// A plan, as far as its decisions need it: its items by number and what became of them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    project: Option<ProjectId>,
    phase: Phase,
    last: u32,
    items: BTreeMap<u32, Option<IssueId>>,
}

fn texts(title: &str, rationale: &str) -> Result<(), Rejection> {
    check::name("title", title)?;
    check::filled_within("rationale", rationale, RATIONALE_MAX_BYTES)
}

impl Plan {
    fn expect(&self, phase: Phase, expected: &'static str) -> Result<(), Rejection> {
        match self.phase {
            Phase::Missing => Err(Rejection::NotFound { aggregate: "plan" }),
            now if now == phase => Ok(()),
            now => Err(Rejection::illegal("plan", expected, now.as_str())),
        }
    }
    fn proposed(&self) -> Result<(), Rejection> {
        self.expect(Phase::Proposed, "proposed")
    }
    /// The issue that the item has become, if any.
    fn item(&self, item: u32) -> Result<Option<IssueId>, Rejection> {
        self.items.get(&item).copied().ok_or_else(|| Rejection::unknown("item", item))
    }
    fn propose(&self, command: &ProposePlan) -> Result<PlanEvent, Rejection> {
        if self.phase != Phase::Missing {
            return Err(Rejection::AlreadyExists { what: "plan".into() });
        }
        let ProposePlan { project, title, rationale, items, run, step } = command.clone();
        texts(&title, &rationale)?;
        check::some_of("items", &items, ITEMS_MAX)?;
        items.iter().try_for_each(IssueText::check)?;
        let bytes = items.iter().map(IssueText::bytes).sum();
        check::range("items", bytes, &(0..=check::TEXT_MAX_BYTES), "bytes together")?;
        if let (None, Some(step)) = (run, step) {
            return Err(Rejection::invalid("step", "absent where run is", step));
        }
        Ok(PlanProposed { project, title, rationale, items, run, step }.into())
    }
    fn reword(&self, command: &RewordPlan) -> Result<PlanEvent, Rejection> {
        self.proposed()?;
        let RewordPlan { title, rationale } = command.clone();
        texts(&title, &rationale)?;
        Ok(PlanReworded { title, rationale }.into())
    }
    fn add_item(&self, command: &AddPlanItem) -> Result<PlanEvent, Rejection> {
        self.proposed()?;
        command.text.check()?;
        if usize::try_from(self.last).is_ok_and(|last| last >= ITEMS_MAX) {
            let rule = format!("a plan has at most {ITEMS_MAX} items, removed ones included");
            return Err(Rejection::rule(rule, "propose another plan"));
        }
        Ok(PlanItemAdded { item: self.last + 1, text: command.text.clone() }.into())
    }
    fn edit_item(&self, command: &EditPlanItem) -> Result<PlanEvent, Rejection> {
        self.proposed()?;
        self.item(command.item)?;
        command.text.check()?;
        Ok(PlanItemEdited { item: command.item, text: command.text.clone() }.into())
    }
    fn remove_item(&self, item: u32) -> Result<PlanEvent, Rejection> {
        if self.phase != Phase::Approved {
            self.expect(Phase::Proposed, "proposed or approved")?;
        }
        if let Some(issue) = self.item(item)? {
            let rule = format!("item {item} has become issue `{issue}`");
            return Err(Rejection::rule(rule, "dismiss the issue instead"));
        }
        if self.items.len() == 1 {
            return Err(Rejection::rule("a plan has at least one item", "archive the plan instead"));
        }
        Ok(PlanItemRemoved { item }.into())
    }
    fn reorder(&self, command: &ReorderPlan) -> Result<PlanEvent, Rejection> {
        self.proposed()?;
        check::each_once("items", &command.items)?;
        for item in &command.items {
            self.item(*item)?;
        }
        if command.items.len() != self.items.len() {
            let expected = format!("all {} items", self.items.len());
            return Err(Rejection::invalid("items", expected, format!("{} items", command.items.len())));
        }
        Ok(PlanReordered { items: command.items.clone() }.into())
    }
    fn convert(&self, command: &ConvertPlanItem) -> Result<PlanEvent, Rejection> {
        self.expect(Phase::Approved, "approved")?;
        let ConvertPlanItem { item, issue } = *command;
        if let Some(issue) = self.item(item)? {
            let rule = format!("item {item} has become issue `{issue}` already");
            return Err(Rejection::rule(rule, "work on that issue"));
        }
        if let Some((other, _)) = self.items.iter().find(|(_, became)| **became == Some(issue)) {
            let rule = format!("issue `{issue}` stands for item {other} already");
            return Err(Rejection::rule(rule, "open an issue for each item"));
        }
        Ok(PlanItemConverted { item, issue }.into())
    }
    fn complete(&self) -> Result<PlanEvent, Rejection> {
        self.expect(Phase::Approved, "approved")?;
        match self.items.iter().find(|(_, issue)| issue.is_none()) {
            None => Ok(PlanCompleted {}.into()),
            Some((item, _)) => Err(Rejection::rule(
                format!("item {item} is no issue yet"),
                "convert every item, or remove those that are not wanted",
            )),
        }
    }
    fn archive(&self, command: &ArchivePlan) -> Result<PlanEvent, Rejection> {
        match self.phase {
            Phase::Missing => return Err(Rejection::NotFound { aggregate: "plan" }),
            Phase::Archived => return Err(Rejection::illegal("plan", "in use", "archived")),
            _ => {}
        }
        check::text("reason", command.reason.as_deref().unwrap_or_default())?;
        Ok(PlanArchived { reason: command.reason.clone() }.into())
    }
}

impl Decider for Plan {
    const CATEGORY: Category = Category(9);
    type Command = PlanCommand;
    type Event = PlanEvent;

    fn decide(&self, command: &PlanCommand) -> Result<Vec<PlanEvent>, Rejection> {
        let event = match command {
            PlanCommand::ProposePlan(c) => self.propose(c)?,
            PlanCommand::RewordPlan(c) => self.reword(c)?,
            PlanCommand::AddPlanItem(c) => self.add_item(c)?,
            PlanCommand::EditPlanItem(c) => self.edit_item(c)?,
            PlanCommand::RemovePlanItem(c) => self.remove_item(c.item)?,
            PlanCommand::ReorderPlan(c) => self.reorder(c)?,
            PlanCommand::ApprovePlan(c) => {
                self.proposed()?;
                check::text("note", c.note.as_deref().unwrap_or_default())?;
                PlanApproved { note: c.note.clone() }.into()
            }
            PlanCommand::RejectPlan(c) => {
                self.proposed()?;
                check::filled("reason", &c.reason)?;
                PlanRejected { reason: c.reason.clone() }.into()
            }
            PlanCommand::ConvertPlanItem(c) => self.convert(c)?,
            PlanCommand::CompletePlan(CompletePlan {}) => self.complete()?,
            PlanCommand::ArchivePlan(c) => self.archive(c)?,
        };
        Ok(vec![event])
    }

    fn evolve(&mut self, event: &PlanEvent) {
        match event {
            PlanEvent::PlanProposed(e) => {
                let last = u32::try_from(e.items.len()).unwrap_or(u32::MAX);
                let items = (1..=last).map(|item| (item, None)).collect();
                *self = Self { project: Some(e.project), phase: Phase::Proposed, last, items };
            }
            PlanEvent::PlanReworded(_) | PlanEvent::PlanItemEdited(_) | PlanEvent::PlanReordered(_) => {}
            PlanEvent::PlanItemAdded(e) => {
                self.last = e.item;
                self.items.insert(e.item, None);
            }
            PlanEvent::PlanItemRemoved(e) => drop(self.items.remove(&e.item)),
            PlanEvent::PlanApproved(_) => self.phase = Phase::Approved,
            PlanEvent::PlanRejected(_) => self.phase = Phase::Rejected,
            PlanEvent::PlanItemConverted(e) => drop(self.items.insert(e.item, Some(e.issue))),
            PlanEvent::PlanCompleted(_) => self.phase = Phase::Completed,
            PlanEvent::PlanArchived(_) => self.phase = Phase::Archived,
        }
    }

    fn project(&self) -> Option<ProjectId> {
        self.project
    }

    fn references(command: &PlanCommand) -> Vec<StreamId> {
        match command {
            PlanCommand::ProposePlan(c) => {
                [Some(c.project.into()), c.run.map(StreamId::from)].into_iter().flatten().collect()
            }
            PlanCommand::ConvertPlanItem(c) => vec![c.issue.into()],
            _ => vec![],
        }
    }
}

/// One or more of every event.
pub(crate) fn samples() -> Vec<PlanEvent> {
    let text = crate::issue::samples_text;
    let proposed = PlanProposed {
        project: ProjectId::from_bytes([1; 16]),
        title: "A cache with a bound".into(),
        rationale: "It fills the memory within a day".into(),
        items: vec![text("Count entries"), text("Evict the oldest")],
        run: Some(RunId::from_bytes([2; 16])),
        step: Some(StepId::from_bytes([3; 16])),
    };
    let by_hand = PlanProposed { run: None, step: None, ..proposed.clone() };
    vec![
        proposed.into(),
        by_hand.into(),
        PlanReworded { title: "A bounded cache".into(), rationale: "Memory".into() }.into(),
        PlanItemAdded { item: 3, text: text("Show the size") }.into(),
        PlanItemEdited { item: 3, text: text("Show the size in the status") }.into(),
        PlanItemRemoved { item: 1 }.into(),
        PlanReordered { items: vec![3, 2] }.into(),
        PlanApproved { note: Some("go".into()) }.into(),
        PlanApproved { note: None }.into(),
        PlanRejected { reason: "too much".into() }.into(),
        PlanItemConverted { item: 2, issue: IssueId::from_bytes([4; 16]) }.into(),
        PlanCompleted {}.into(),
        PlanArchived { reason: Some("done".into()) }.into(),
        PlanArchived { reason: None }.into(),
    ]
}
