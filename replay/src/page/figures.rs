//! Costs, scores and continuous integration, each figure with the events it is made of.

use domain::ids::Position;
use domain::run::{RunEvent, ScoresIssued};
use domain::terms::CiStatus;

use super::html::Html;
use super::{moment, pull_request};
use crate::story::shown::{cost, grouped, one_line};
use crate::story::{StepFigures, Story, StoryStep};

/// Positions that stand beside a figure; the rest is counted.
const SHOWN: usize = 8;

pub(super) fn money(html: &mut Html, story: &Story) {
    html.part("costs", "Costs");
    if story.totals.all.calls == 0 {
        html.raw("<p class=\"quiet\">No model call is recorded.</p></section>\n");
        return;
    }
    html.table(&["Step", "Model", "#Calls", "#In", "#Out", "#From cache", "#To cache", "#Cost", "Made of"]);
    for step in story.steps.iter().filter(|step| step.totals.calls > 0) {
        let positions: Vec<Position> = usages(step);
        html.raw("<tr><td><a href=\"#step-").show(step.number).raw("\">").show(step.number).raw(" ");
        html.text(step.role.as_str()).raw("</a></td><td>").text(&models(step)).raw("</td>");
        sums(html, &step.totals);
        html.raw("<td>");
        for position in positions.iter().take(SHOWN) {
            html.position(*position).raw(" ");
        }
        if positions.len() > SHOWN {
            html.raw("<span class=\"quiet\">and ").show(positions.len() - SHOWN).raw(" more</span>");
        }
        html.raw("</td></tr>\n");
    }
    html.raw("<tr class=\"sum\"><td>All</td><td></td>");
    sums(html, &story.totals.all);
    html.raw("<td></td></tr>\n").end_table();
    html.raw("<p class=\"quiet\">As the agents' own streams report it; each figure is a difference, never a running total.</p></section>\n");
}

fn usages(step: &StoryStep) -> Vec<Position> {
    let used = |event: &&crate::story::StoryEvent| matches!(event.data, RunEvent::StepUsageRecorded(_));
    step.events.iter().filter(used).map(|event| event.position).collect()
}

fn models(step: &StoryStep) -> String {
    let mut names: Vec<&str> = Vec::new();
    for event in &step.events {
        if let RunEvent::StepUsageRecorded(e) = &event.data
            && !names.contains(&e.model.as_str())
        {
            names.push(&e.model);
        }
    }
    one_line(&names.join(", "), 80)
}

fn sums(html: &mut Html, figures: &StepFigures) {
    let numbers = [
        figures.calls,
        figures.input_tokens,
        figures.output_tokens,
        figures.cache_read_tokens,
        figures.cache_write_tokens,
    ];
    for number in numbers {
        html.element("td", "num", &grouped(number));
    }
    let paid = cost(figures.total_cost_usd, figures.calls, figures.calls_without_cost);
    html.element("td", "num", &paid);
}

pub(super) fn quality(html: &mut Html, story: &Story) {
    html.part("quality", "Quality");
    let mut any = false;
    for step in &story.steps {
        for event in &step.events {
            if let RunEvent::ScoresIssued(e) = &event.data {
                if !any {
                    html.table(&[
                        "Step",
                        "#Correctness",
                        "#Types",
                        "#Style",
                        "#Tests",
                        "#Completeness",
                        "#Composite",
                        "Threshold",
                        "Weights",
                        "",
                    ]);
                }
                any = true;
                scored(html, step, e, event.position);
            }
        }
    }
    if any {
        html.end_table();
    } else {
        html.raw("<p class=\"quiet\">No evaluator scored the work.</p>");
    }
    for step in &story.steps {
        for event in &step.events {
            if let RunEvent::JudgementIssued(e) = &event.data {
                html.raw("<p><b>").text(&e.winner).raw("</b> wins among ").text(&e.candidates.join(", "));
                html.raw(": ")
                    .text(&one_line(&e.rationale, 400))
                    .raw(" ")
                    .position(event.position)
                    .raw("</p>");
            }
        }
    }
    html.raw("</section>\n");
}

fn scored(html: &mut Html, step: &StoryStep, e: &ScoresIssued, position: Position) {
    html.raw("<tr><td><a href=\"#step-")
        .show(step.number)
        .raw("\">")
        .show(step.number)
        .raw(" evaluator</a></td>");
    let scores = &e.scores;
    for score in
        [scores.correctness, scores.type_safety, scores.code_style, scores.test_coverage, scores.completeness]
    {
        html.element("td", "num", &score.to_string());
    }
    html.raw("<td class=\"num\"><b>").show(e.composite).raw("</b></td><td>");
    match (e.threshold, e.threshold_result) {
        (Some(threshold), Some(true)) => {
            html.raw("<span class=\"chip good\">meets ").show(threshold).raw("</span>")
        }
        (Some(threshold), _) => html.raw("<span class=\"chip bad\">below ").show(threshold).raw("</span>"),
        (None, _) => html.raw("none"),
    };
    let weights = &e.weights;
    let of = [
        weights.correctness,
        weights.type_safety,
        weights.code_style,
        weights.test_coverage,
        weights.completeness,
    ];
    let of: Vec<String> = of.iter().map(ToString::to_string).collect();
    html.raw("</td><td>").text(&of.join(" : ")).raw(" <span class=\"quiet\">policy ").show(weights.version);
    html.raw("</span></td><td>").position(position).raw("</td></tr>\n");
    if !e.summary.trim().is_empty() {
        html.raw("<tr><td></td><td colspan=\"9\" class=\"quiet\">")
            .text(&one_line(&e.summary, 400))
            .raw("</td></tr>\n");
    }
}

const fn class(status: CiStatus) -> &'static str {
    match status {
        CiStatus::Passing => "chip good",
        CiStatus::Failing => "chip bad",
        CiStatus::Pending | CiStatus::Running => "chip info",
        CiStatus::Skipped => "chip",
    }
}

pub(super) fn ci(html: &mut Html, story: &Story) {
    html.part("ci", "Pull request and CI");
    match pull_request(story) {
        None => {
            html.raw("<p class=\"quiet\">No pull request was opened.</p>");
        }
        Some((url, number, status, positions)) => {
            html.raw("<p>Pull request <b>#").show(number).raw("</b> <span class=\"chip\">").text(&status);
            html.raw("</span> <span class=\"id\">").text(url).raw("</span>");
            for position in positions {
                html.raw(" ").position(position);
            }
            html.raw("</p>");
        }
    }
    let polls: Vec<_> = story
        .all_events()
        .filter_map(|event| match &event.data {
            RunEvent::CiChecksPolled(e) => Some((event, e)),
            _ => None,
        })
        .collect();
    if polls.is_empty() {
        html.raw("<p class=\"quiet\">Continuous integration was not asked.</p></section>\n");
        return;
    }
    html.table(&["Asked", "As a whole", "Checks", ""]);
    for (event, e) in polls {
        html.raw("<tr><td>").text(&moment(e.checked_at.unwrap_or(event.at))).raw("</td><td>");
        html.element("span", class(e.status), e.status.as_str()).raw("</td><td>");
        for check in &e.checks {
            html.element("span", class(check.status), check.status.as_str())
                .raw(" ")
                .text(&one_line(&check.name, 120));
            html.raw("<br>");
        }
        html.raw("</td><td>").position(event.position).raw("</td></tr>\n");
    }
    html.end_table().raw("</section>\n");
}
