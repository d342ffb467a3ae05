//! Everything that was said and done, step by step; long texts are folded away, and nothing is left out in silence.

use domain::run::{RunEvent, StepUsageRecorded};

use super::html::Html;
use super::{Page, timeline};
use crate::import::unknown_time;
use crate::story::phrase::{Tone, phrases};
use crate::story::shown::{clock, cost, grouped, one_line, short, usage};
use crate::story::{Story, StoryEvent, StoryStep};

/// Events up to which a step is shown open.
const OPEN_MAX: usize = 14;
/// Bytes up to which a text is shown as it is.
const TEXT_MAX: usize = 600;
/// Bytes of a text that are shown at all, unless everything is wanted.
const CUT_AT: usize = 20_000;

pub(super) fn steps(html: &mut Html, page: &Page<'_>) {
    let story = page.story;
    html.part("steps", "What happened");
    let mut outside = story.events.iter().peekable();
    for step in &story.steps {
        let first = step.events.first().map(|event| event.position);
        let mut before = Vec::new();
        while let Some(event) = outside.next_if(|event| first.is_none_or(|first| event.position < first)) {
            before.push(event);
        }
        list(html, page, &before);
        one(html, page, step);
    }
    list(html, page, &outside.collect::<Vec<_>>());
    html.raw("</section>\n");
}

fn one(html: &mut Html, page: &Page<'_>, step: &StoryStep) {
    html.raw("<details class=\"step\" id=\"step-").show(step.number);
    html.raw(if step.events.len() <= OPEN_MAX { "\" open>" } else { "\">" });
    html.raw("<summary><b>Step ").show(step.number).raw(" · ").text(step.role.as_str()).raw("</b> ");
    timeline::chips(html, step);
    let facts: Vec<String> = [
        step.cli_tool.clone(),
        step.model.clone(),
        step.thinking_effort.map(|effort| format!("effort {effort}")),
        step.loop_iteration.map(|round| format!("round {round}")),
        Some(usage(&step.totals)),
        Some(format!("{} events", grouped(step.events.len() as u64))),
    ]
    .into_iter()
    .flatten()
    .collect();
    html.raw(" ").element("span", "quiet", &facts.join(" · ")).raw("</summary>\n");
    list(html, page, &step.events.iter().collect::<Vec<_>>());
    html.raw("</details>\n");
}

fn list(html: &mut Html, page: &Page<'_>, events: &[&StoryEvent]) {
    if events.is_empty() {
        return;
    }
    html.raw("<ol class=\"events\">\n");
    for event in events {
        entry(html, page, event);
    }
    html.raw("</ol>\n");
}

fn entry(html: &mut Html, page: &Page<'_>, event: &StoryEvent) {
    let mut lines: Vec<(String, Tone, String, String)> =
        phrases(&event.data, true).into_iter().map(|p| (p.tag, p.tone, p.text, p.note)).collect();
    if let RunEvent::StepUsageRecorded(e) = &event.data {
        lines.push(("usage".into(), Tone::Dim, used(e), String::new()));
    }
    if let RunEvent::StepStarted(e) = &event.data {
        let text = format!("step {}", e.step);
        lines = vec![("started".into(), Tone::Notice, text, String::new())];
    }
    for (nth, (tag, tone, text, note)) in lines.iter().enumerate() {
        html.raw("<li class=\"").raw(class(*tone)).raw("\"");
        if nth == 0 {
            html.raw(" id=\"p").show(event.position).raw("\"");
        }
        html.raw(">").position(event.position).raw("<time>").text(&since(page.story, event)).raw("</time>");
        html.element("span", "tag", tag).raw("<div class=\"body\">");
        body(html, text, note, page.full);
        html.raw("</div></li>\n");
    }
}

fn body(html: &mut Html, text: &str, note: &str, full: bool) {
    let text = text.trim_end();
    let brief = text.len() <= TEXT_MAX && text.lines().count() <= 12;
    if brief {
        html.raw("<pre>").text(text).raw("</pre>");
    } else {
        html.raw("<details><summary>").text(&one_line(text, 160)).raw(" <span class=\"quiet\">");
        html.text(&format!("{} characters", grouped(text.chars().count() as u64)))
            .raw("</span></summary><pre>");
        let end = if full { text.len() } else { text.floor_char_boundary(CUT_AT) };
        html.text(&text[..end]).raw("</pre>");
        if end < text.len() {
            let left = text[end..].chars().count() as u64;
            html.raw("<p class=\"chip warn\">").text(&grouped(left));
            html.raw(" more characters are in the log; a page made with --full has them</p>");
        }
        html.raw("</details>");
    }
    if !note.is_empty() {
        html.raw(" ").element("span", "quiet", note);
    }
}

fn used(e: &StepUsageRecorded) -> String {
    let tokens = [
        (e.input_tokens, "in"),
        (e.output_tokens, "out"),
        (e.cache_read_tokens, "from cache"),
        (e.cache_write_tokens, "to cache"),
    ];
    let mut parts = vec![e.model.clone()];
    let calls = u64::from(e.calls);
    parts.push(match e.cost_usd {
        Some(known) => cost(known, calls, 0),
        None => "cost unknown".into(),
    });
    parts.extend(
        tokens
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{} {what}", short(*count))),
    );
    parts.join(" · ")
}

const fn class(tone: Tone) -> &'static str {
    match tone {
        Tone::Plain | Tone::Notice => "notice",
        Tone::Dim => "dim",
        Tone::User => "user",
        Tone::Agent => "agent",
        Tone::Tool => "tool",
        Tone::Good => "good",
        Tone::Bad => "bad",
    }
}

fn since(story: &Story, event: &StoryEvent) -> String {
    if story.requested_at == unknown_time() {
        return String::new();
    }
    clock(event.at.since_ms(story.requested_at))
}
