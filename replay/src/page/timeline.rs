//! The run to scale: a bar for each step, braces around the rounds of a loop, verdicts beside them.

use domain::ids::LoopId;
use domain::terms::StepStatus;
use domain::values::Timestamp;

use super::Page;
use super::html::Html;
use crate::import::unknown_time;
use crate::story::shown::{duration, one_line, usage};
use crate::story::{Stopped, Story, StoryLoop, StoryStep};

/// Most marks of the axis.
const TICKS: u64 = 6;
/// Distances between them, in milliseconds.
const DISTANCES: &[u64] = &[
    100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000,
    1_800_000, 3_600_000, 7_200_000, 10_800_000, 21_600_000, 43_200_000, 86_400_000,
];

/// A span of time, drawn over the whole width.
struct Scale {
    start: Timestamp,
    total_ms: u64,
    ticks: Vec<u64>,
}

impl Scale {
    /// None where times are unknown, or nothing took any time.
    fn of(story: &Story) -> Option<Self> {
        let start = story.started_at.unwrap_or(story.requested_at);
        let ends = story.steps.iter().filter_map(|step| step.ended_at).chain(story.ended_at);
        let begins = story.steps.iter().map(|step| step.started_at);
        let total_ms = ends.chain(begins).max()?.since_ms(start);
        if total_ms == 0 || start == unknown_time() {
            return None;
        }
        let fits = |distance: &&u64| total_ms / **distance < TICKS;
        let distance = DISTANCES.iter().find(fits).copied().unwrap_or(total_ms.div_ceil(TICKS));
        Some(Self { start, total_ms, ticks: (0..=total_ms / distance).map(|nth| nth * distance).collect() })
    }
    /// Per cent of the width, in text.
    fn share(&self, ms: u64) -> String {
        let hundredths = u128::from(ms.min(self.total_ms)) * 10_000 / u128::from(self.total_ms);
        format!("{}.{:02}%", hundredths / 100, hundredths % 100)
    }
}

pub(super) fn timeline(html: &mut Html, page: &Page<'_>) {
    let story = page.story;
    html.part("timeline", "Timeline");
    if story.steps.is_empty() {
        html.raw("<p class=\"quiet\">No step was started.</p></section>\n");
        return;
    }
    let scale = Scale::of(story);
    if scale.is_none() {
        html.raw("<p class=\"quiet\">Times are unknown: steps stand in order, without bars.</p>");
    }
    html.raw("<ol class=\"time\">\n");
    if let Some(scale) = &scale {
        axis(html, scale);
    }
    let mut within: Option<LoopId> = None;
    for (nth, step) in story.steps.iter().enumerate() {
        if step.loop_id != within {
            within = step.loop_id;
            let around = within.and_then(|id| story.loops.iter().find(|around| around.loop_id == id));
            if let Some(around) = around {
                caption(html, around);
            }
        }
        let next = story.steps.get(nth + 1);
        let before = nth.checked_sub(1).and_then(|nth| story.steps.get(nth));
        row(html, story, step, brace(before, step, next), scale.as_ref());
    }
    html.raw("</ol></section>\n");
}

fn axis(html: &mut Html, scale: &Scale) {
    html.raw("<li class=\"axis\"><span></span><span class=\"quiet\">since the start</span><svg aria-hidden=\"true\">");
    for tick in &scale.ticks {
        let near_end = tick * 100 / scale.total_ms > 90;
        html.raw("<text y=\"18\" x=\"").text(&scale.share(*tick));
        html.raw(if near_end { "\" text-anchor=\"end\">" } else { "\">" });
        html.text(&if *tick == 0 { "0".into() } else { mark(*tick) }).raw("</text>");
    }
    html.raw("</svg><span></span></li>\n");
}

/// A mark's name: one unit, or two where the second is not 0.
fn mark(ms: u64) -> String {
    let two = |large: u64, name: &str, small: u64, small_name: &str| {
        if small == 0 { format!("{large} {name}") } else { format!("{large} {name} {small} {small_name}") }
    };
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..60_000 => format!("{} s", ms / 1_000),
        60_000..3_600_000 => two(ms / 60_000, "min", ms / 1_000 % 60, "s"),
        _ => two(ms / 3_600_000, "h", ms / 60_000 % 60, "min"),
    }
}

fn caption(html: &mut Html, around: &StoryLoop) {
    html.raw("<li class=\"cap\"><span class=\"loop\">Loop</span> ").text(&around.because);
    if let Some(position) = around.position {
        html.raw(" ").position(position);
    }
    if around.stopped == Stopped::ForcedOn {
        html.raw(" <span class=\"chip warn\">forced on</span>");
    }
    html.raw("</li>\n");
}

/// The brace beside a step: one for each round of its loop.
fn brace(before: Option<&StoryStep>, step: &StoryStep, next: Option<&StoryStep>) -> &'static str {
    if step.loop_id.is_none() {
        return "";
    }
    let same = |other: Option<&StoryStep>| {
        other
            .is_some_and(|other| other.loop_id == step.loop_id && other.loop_iteration == step.loop_iteration)
    };
    match (same(before), same(next)) {
        (true, true) => "brace",
        (false, true) => "brace top",
        (true, false) => "brace foot",
        (false, false) => "brace top foot",
    }
}

fn row(html: &mut Html, story: &Story, step: &StoryStep, brace: &'static str, scale: Option<&Scale>) {
    html.raw("<li>").element("span", brace, "").raw("<a class=\"who\" href=\"#step-").show(step.number);
    html.raw("\">").show(step.number).raw(" ").text(step.role.as_str()).raw(" <small>");
    html.text(&facts(step)).raw("</small></a>");
    match scale {
        Some(scale) => bar(html, story, step, scale),
        None => {
            html.raw("<span></span>");
        }
    }
    html.raw("<span class=\"end\">");
    chips(html, step);
    html.raw("</span></li>\n");
}

/// The model, else the program.
fn facts(step: &StoryStep) -> String {
    step.model.clone().or_else(|| step.cli_tool.clone()).unwrap_or_default()
}

fn bar(html: &mut Html, story: &Story, step: &StoryStep, scale: &Scale) {
    let from = step.started_at.since_ms(scale.start);
    let until = step.ended_at.or(story.ended_at);
    let took = until.map_or(scale.total_ms.saturating_sub(from), |until| until.since_ms(step.started_at));
    html.raw("<svg role=\"img\">");
    for tick in &scale.ticks {
        let x = scale.share(*tick);
        html.raw("<line class=\"tick\" y1=\"0\" y2=\"100%\" x1=\"")
            .text(&x)
            .raw("\" x2=\"")
            .text(&x)
            .raw("\"/>");
    }
    html.raw("<rect class=\"bar ").raw(match step.status {
        StepStatus::Completed => "completed",
        StepStatus::Failed => "failed",
        StepStatus::Skipped => "skipped",
        StepStatus::Pending | StepStatus::Running => "running",
    });
    // A step of no length at all is still seen.
    let width = took.max(scale.total_ms / 250);
    html.raw("\" y=\"22%\" height=\"56%\" rx=\"2\" x=\"").text(&scale.share(from)).raw("\" width=\"");
    html.text(&scale.share(width)).raw("\"><title>");
    let told = format!("step {} {}: {} · {}", step.number, step.role, duration(took), usage(&step.totals));
    html.text(&told).raw("</title></rect></svg>");
}

/// How a step ended: its verdict, its score, its failure.
pub(super) fn chips(html: &mut Html, step: &StoryStep) {
    match step.verdict {
        Some(true) => html.raw("<span class=\"chip good\">pass</span> "),
        Some(false) => html.raw("<span class=\"chip bad\">fail</span> "),
        None => html,
    };
    if let Some(composite) = step.composite {
        html.raw("<span class=\"chip info\">").show(composite).raw("</span> ");
    }
    match step.status {
        StepStatus::Failed => {
            let why =
                step.failure.map_or("failed".to_owned(), |failure| failure.to_string().replace('_', " "));
            html.element("span", "chip bad", &one_line(&why, 24));
        }
        StepStatus::Skipped => {
            html.raw("<span class=\"chip\">skipped</span>");
        }
        StepStatus::Pending | StepStatus::Running => {
            html.raw("<span class=\"chip info\">running</span>");
        }
        StepStatus::Completed => {
            let took = step.duration_ms.filter(|_| step.started_at != unknown_time());
            if let Some(took) = took {
                html.element("span", "quiet", &duration(took));
            }
        }
    }
}
