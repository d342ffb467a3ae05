//! A run as one page of HTML that asks nothing of any network: for whoever has to judge the run and has only a mail.

mod answers;
mod figures;
pub(crate) mod html;
mod proofs;
mod steps;
#[cfg(test)]
mod tests;
mod timeline;
mod witnesses;

use domain::run::RunEvent;
use domain::terms::RunStatus;
use domain::values::Timestamp;

use self::html::Html;
use crate::import::unknown_time;
use crate::refold::Refold;
use crate::story::shown::{counted, duration, grouped, money, short};
use crate::story::{InForce, Story};

pub use proofs::Proofs;

/// The one style sheet, which the page's own policy names by its hash.
pub(crate) const STYLE: &str = include_str!("style.css");

/// What the page is made of.
#[derive(Debug, Clone)]
pub struct Page<'a> {
    /// The run.
    pub story: &'a Story,
    /// The versions that were in force.
    pub in_force: &'a [InForce],
    /// What the check of the run came to.
    pub check: Option<&'a Refold>,
    /// What the agent's stream and its telemetry say of what was used: rows of `usage-reconciliation`, as JSON.
    pub witnesses: &'a [serde_json::Value],
    /// What proves the events.
    pub proofs: Option<&'a Proofs>,
    /// When the page is made.
    pub made_at: Timestamp,
    /// Version of the software.
    pub software: &'a str,
    /// Whole texts, however long.
    pub full: bool,
}

/// The page. It holds no script, names no other file, and its policy allows nothing but its own style.
#[must_use]
pub fn page(page: &Page<'_>) -> String {
    let mut html = Html::default();
    head(&mut html, page);
    html.raw("<main>\n");
    answers::task(&mut html, page);
    timeline::timeline(&mut html, page);
    answers::answers(&mut html, page);
    figures::money(&mut html, page.story);
    witnesses::witnesses(&mut html, page.witnesses);
    figures::quality(&mut html, page.story);
    figures::ci(&mut html, page.story);
    steps::steps(&mut html, page);
    proofs::proofs(&mut html, page);
    html.raw("</main>\n<footer><p>Made by Waybill ").text(page.software).raw(" on ");
    html.text(&moment(page.made_at)).raw(
        ". Every fact stands with the position of its event in the log; dashed ones are of other streams. ",
    );
    html.raw("The page asks nothing of any network and runs no script.</p></footer>\n</body></html>\n");
    html.into_text()
}

/// Everything before what the page shows: its policy, its style, its name.
pub(crate) fn open(html: &mut Html, title: &str) {
    html.raw("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n");
    html.raw("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-");
    html.show(proof::hash::sha256(STYLE.as_bytes()));
    html.raw("'; base-uri 'none'; form-action 'none'\">\n");
    html.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    html.raw(
        "<meta name=\"referrer\" content=\"no-referrer\"><meta name=\"robots\" content=\"noindex\">\n<title>",
    );
    html.text(title).raw("</title>\n<style>").raw(STYLE).raw("</style></head><body>\n");
}

fn head(html: &mut Html, page: &Page<'_>) {
    let story = page.story;
    open(html, &format!("{} · run {}", title(story), story.run));
    html.raw("<header><p class=\"kicker\">Account of a run</p>\n<h1>");
    html.text(&title(story)).raw("</h1>\n<p>");
    html.element("span", status_class(story.status), story.status.as_str()).raw(" <span class=\"id\">run ");
    html.show(story.run).raw("</span>");
    if let Some(project) = story.project {
        html.raw(" <span class=\"id quiet\">project ").show(project).raw("</span>");
    }
    html.raw("</p>\n");
    if let Some(outcome) = story.outcome.as_deref().filter(|outcome| !outcome.trim().is_empty()) {
        html.raw("<p>").text(&crate::story::shown::one_line(outcome, 400)).raw("</p>\n");
    }
    html.raw("<dl class=\"facts\">");
    facts(html, story);
    html.raw("</dl></header>\n<nav aria-label=\"Parts\"><ul>");
    for (id, name) in [
        ("#timeline", "Timeline"),
        ("#answers", "Answers"),
        ("#costs", "Costs"),
        ("#quality", "Quality"),
        ("#ci", "CI"),
        ("#steps", "Messages"),
        ("#proofs", "Proofs"),
    ] {
        html.raw("<li><a href=\"").raw(id).raw("\">").raw(name).raw("</a></li>");
    }
    html.raw("</ul></nav>\n");
}

/// A run's name; the first words of its task where it has none.
fn title(story: &Story) -> String {
    crate::story::shown::one_line(story.title.as_deref().unwrap_or(&story.prompt), 120)
}

const fn status_class(status: RunStatus) -> &'static str {
    match status {
        RunStatus::Completed => "chip good",
        RunStatus::Failed | RunStatus::Cancelled => "chip bad",
        RunStatus::Pending | RunStatus::Running => "chip info",
    }
}

/// An instant as people read it; nothing known is said as such.
pub(crate) fn moment(at: Timestamp) -> String {
    if at == unknown_time() {
        return "time unknown".into();
    }
    let text = at.to_string().replace('T', " ");
    format!("{} UTC", text.get(..19).unwrap_or(&text))
}

fn facts(html: &mut Html, story: &Story) {
    let all = &story.totals.all;
    let mut fact = |name: &'static str, value: &str, small: &str| {
        html.raw("<div>").element("dt", "", name).raw("<dd>").text(value);
        if !small.is_empty() {
            html.element("small", "", small);
        }
        html.raw("</dd></div>\n");
    };
    let requested = moment(story.requested_at);
    fact("Asked for", requested.get(..10).unwrap_or(&requested), requested.get(11..).unwrap_or_default());
    fact(
        "Took",
        &story.duration_ms.map_or("unknown".into(), duration),
        "from start to end, or to the last event told",
    );
    let steps = [
        (story.totals.steps_completed, "completed"),
        (story.totals.steps_failed, "failed"),
        (story.totals.steps_skipped, "skipped"),
    ];
    let ended: Vec<String> =
        steps.iter().filter(|(count, _)| *count > 0).map(|(count, how)| format!("{count} {how}")).collect();
    fact("Steps", &grouped(story.totals.steps), &ended.join(" · "));
    let known = all.calls > all.calls_without_cost;
    let paid = if known { money(all.total_cost_usd) } else { "unknown".into() };
    let unknown = match all.calls_without_cost {
        0 => String::new(),
        calls => format!(", {} of unknown cost", grouped(calls)),
    };
    fact("Cost", &paid, &format!("{}{unknown}", counted(all.calls, "model call")));
    let tokens = format!("{} in · {} out", short(all.input_tokens), short(all.output_tokens));
    fact("Tokens", &tokens, &format!("{} read from cache", short(all.cache_read_tokens)));
    if let Some(score) = story.quality_score {
        fact("Quality", &score.to_string(), "mean composite of its evaluators");
    }
    let positions = format!("{}–{}", story.first_position, story.last_position);
    fact("Positions", &positions, &counted(told(story), "event"));
}

/// Events that are told.
fn told(story: &Story) -> u64 {
    story.all_events().count() as u64
}

/// The pull request as it stands, with the events that say so.
fn pull_request(story: &Story) -> Option<(&str, u64, String, Vec<domain::ids::Position>)> {
    let mut found: Option<(&str, u64, String, Vec<_>)> = None;
    let mut events: Vec<_> = story.all_events().collect();
    events.sort_by_key(|event| event.position);
    for event in events {
        match (&event.data, &mut found) {
            (RunEvent::PullRequestOpened(e), _) => {
                found = Some((&e.url, e.number, "open".into(), vec![event.position]));
            }
            (RunEvent::PullRequestUpdated(e), Some((_, _, status, positions))) => {
                *status = e.status.to_string();
                positions.push(event.position);
            }
            _ => {}
        }
    }
    found
}
