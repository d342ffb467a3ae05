//! What an auditor asks first: who asked for it, why loops stopped, what was in force, who approved that, does it hold.

use std::collections::BTreeSet;

use domain::Actor;
use domain::ids::UserId;
use domain::run::RunEvent;

use super::html::Html;
use super::{Page, moment};
use crate::refold::Refold;
use crate::story::shown::{counted, one_line};
use crate::story::{Approval, Fact, InForce, Kind, Story, StoryLoop};

/// Most learnings of a version whose approval is shown one by one.
const APPROVALS: usize = 50;

/// The task, in its own words.
pub(super) fn task(html: &mut Html, page: &Page<'_>) {
    let story = page.story;
    html.raw("<section id=\"task\"><h2>Task</h2><pre class=\"task\">")
        .text(story.prompt.trim())
        .raw("</pre></section>\n");
}

pub(super) fn answers(html: &mut Html, page: &Page<'_>) {
    let story = page.story;
    html.part("answers", "Answers").raw("<ul class=\"answers\">\n");
    people(html, story);
    html.raw("<li><h3>Why did each loop stop?</h3>");
    if story.loops.is_empty() {
        html.raw("<p class=\"quiet\">The run has no loop.</p>");
    }
    for around in &story.loops {
        stopped(html, around);
    }
    html.raw("</li>\n<li><h3>Which versions were in force, and who approved them?</h3>");
    if page.in_force.is_empty() {
        html.raw("<p class=\"quiet\">The run was asked for without a workflow, personas, contexts, assets or learnings.</p>");
    } else {
        versions(html, page.in_force);
    }
    html.raw("</li>\n<li><h3>Does it follow from its events?</h3>");
    match page.check {
        Some(check) => checked(html, check),
        None => {
            html.raw("<p class=\"quiet\">It was not checked: the story was told up to a position only.</p>");
        }
    }
    html.raw("</li>\n</ul></section>\n");
}

/// Who asked for the run, ended it, and reached into it.
fn people(html: &mut Html, story: &Story) {
    html.raw("<li><h3>Who had a hand in it?</h3><ul>");
    let mut events: Vec<_> = story.all_events().collect();
    events.sort_by_key(|event| event.position);
    for event in events {
        let what = match &event.data {
            RunEvent::RunRequested(_) => "asked for the run",
            RunEvent::RunStarted(_) => "started it",
            RunEvent::OperatorSteered(_) => "reached into a running step",
            RunEvent::LoopForcedOn(_) => "forced a loop on",
            RunEvent::StepSkipped(_) => "passed a step over",
            RunEvent::RunCompleted(_) => "completed it",
            RunEvent::RunFailed(_) => "failed it",
            RunEvent::RunCancelled(_) => "cancelled it",
            _ => continue,
        };
        html.raw("<li>").text(&actor(event.actor)).raw(" ").raw(what).raw(", ").text(&moment(event.at));
        html.raw(" ").position(event.position).raw("</li>");
    }
    html.raw("</ul></li>\n");
}

/// An actor in words.
fn actor(actor: Actor) -> String {
    match actor {
        Actor::System => "Waybill itself".into(),
        Actor::Operator => "the operator, with the data folder in hand,".into(),
        Actor::Scheduler => "the scheduler".into(),
        Actor::Importer => "an importer of recorded history".into(),
        other => other.to_string(),
    }
}

fn stopped(html: &mut Html, around: &StoryLoop) {
    html.raw("<p><span class=\"loop\">Loop</span> <span class=\"id\">").show(around.loop_id).raw("</span>: ");
    html.text(&around.because);
    if let Some(position) = around.position {
        html.raw(" ").position(position);
    }
    html.raw("</p><ul class=\"rounds\">");
    for round in &around.rounds {
        let steps: Vec<String> = round.steps.iter().map(ToString::to_string).collect();
        html.raw("<li>round ").show(round.iteration).raw(", steps ").text(&steps.join(", ")).raw(": ");
        match round.pass {
            Some(true) => html.raw("<span class=\"chip good\">pass</span>"),
            Some(false) => html.raw("<span class=\"chip bad\">fail</span>"),
            None => html.raw("no verdict"),
        };
        if let Some(position) = round.verdict_position {
            html.raw(" ").position(position);
        }
        if let Some(feedback) = &round.feedback {
            html.raw(" ").text(&one_line(feedback, 300));
        }
        html.raw("</li>");
    }
    html.raw("</ul>");
}

const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Workflow => "workflow",
        Kind::Persona => "persona",
        Kind::Context => "context",
        Kind::Asset => "asset",
        Kind::Learning => "learnings of",
    }
}

fn versions(html: &mut Html, all: &[InForce]) {
    html.table(&["What", "#Version", "Made by", "In force since", "Then active"]);
    for known in all {
        html.raw("<tr><td>").raw(kind(known.named.kind)).raw(" <b>");
        html.text(known.name.as_deref().unwrap_or("without a name")).raw("</b><br><span class=\"id quiet\">");
        html.show(known.named.stream)
            .raw("</span></td><td class=\"num\">")
            .show(known.named.version)
            .raw("</td><td>");
        fact(html, known.made.as_ref());
        if let Some(note) = &known.note {
            html.raw("<br><span class=\"quiet\">").text(&one_line(note, 200)).raw("</span>");
        }
        html.raw("</td><td>");
        fact(html, known.in_force_since.as_ref());
        html.raw("</td><td>");
        match known.active_then {
            Some(active) if active == known.named.version => {
                html.raw("<span class=\"chip good\">this one</span>")
            }
            Some(active) => html.raw("<span class=\"chip warn\">version ").show(active).raw("</span>"),
            None => html.raw("<span class=\"chip\">unknown</span>"),
        };
        html.raw("</td></tr>\n");
    }
    html.end_table();
    for known in all.iter().filter(|known| !known.approvals.is_empty()) {
        approvals(html, known);
    }
}

fn fact(html: &mut Html, fact: Option<&Fact>) {
    match fact {
        Some(fact) => {
            html.text(&actor(fact.actor)).raw(" ").elsewhere(fact).raw("<br><span class=\"quiet\">");
            html.text(&moment(fact.at)).raw("</span>");
        }
        None => {
            html.raw("<span class=\"quiet\">the log does not show it</span>");
        }
    }
}

fn approvals(html: &mut Html, known: &InForce) {
    html.raw("<p>Learnings of <b>").text(known.name.as_deref().unwrap_or_default()).raw("</b>, version ");
    html.show(known.named.version).raw(":</p><ul>");
    for approval in known.approvals.iter().take(APPROVALS) {
        learning(html, approval);
    }
    let more = known.learnings.len().saturating_sub(known.approvals.len().min(APPROVALS));
    if more > 0 {
        html.raw("<li class=\"quiet\">and ").show(more).raw(" more</li>");
    }
    html.raw("</ul>");
}

fn learning(html: &mut Html, approval: &Approval) {
    html.raw("<li>").text(&one_line(&approval.description, 200)).raw(" — ");
    match &approval.approved {
        Some(fact) => {
            let by = approval.reviewer.map_or_else(|| actor(fact.actor), |id: UserId| format!("user-{id}"));
            html.raw("approved by ").text(&by).raw(", ").text(&moment(fact.at)).raw(" ").elsewhere(fact);
            if let Some(note) = &approval.note {
                html.raw(" <span class=\"quiet\">").text(&one_line(note, 200)).raw("</span>");
            }
        }
        None => {
            html.raw("<span class=\"chip warn\">the log shows no approval</span>");
        }
    }
    html.raw("</li>");
}

fn checked(html: &mut Html, check: &Refold) {
    html.raw("<p>");
    if check.holds() {
        html.raw("<span class=\"chip good\">holds</span> ");
    } else {
        let count = counted(check.divergences.len() as u64, "divergence");
        html.element("span", "chip bad", &count).raw(" ");
    }
    let decided = if check.directed {
        format!("{} of the workflow decided anew", counted(check.decisions, "decision"))
    } else {
        "the run follows no workflow, so there is no decision to decide anew".to_owned()
    };
    let told = format!(
        "{} folded anew up to position {}; {decided}; {} made anew; {} compared with the live views.",
        counted(check.events, "event"),
        check.position,
        counted(check.scores, "score"),
        counted(check.fields, "field"),
    );
    html.text(&told).raw("</p>");
    if !check.by_hand.is_empty() {
        let hands: BTreeSet<&str> = check.by_hand.iter().map(|by| by.r#type).collect();
        html.raw("<p class=\"quiet\">Taken by hand, not by the workflow: ");
        html.text(&hands.into_iter().collect::<Vec<_>>().join(", "));
        for by in check.by_hand.iter().take(12) {
            html.raw(" ").position(by.position);
        }
        html.raw("</p>");
    }
    if check.divergences.is_empty() {
        return;
    }
    html.table(&["Position", "Of", "Expected", "Actual"]);
    for divergence in check.divergences.iter().take(200) {
        html.raw("<tr><td>").position(divergence.position).raw("</td><td>").text(&divergence.of);
        html.raw("</td><td>")
            .text(&divergence.expected)
            .raw("</td><td>")
            .text(&divergence.actual)
            .raw("</td></tr>");
    }
    html.end_table();
}
