//! What proves the page: the signed checkpoint, the way from the run's last event to it, and how to check both.

use domain::StreamId;
use domain::ids::LogId;

use super::Page;
use super::html::Html;
use crate::prove::Inclusion;

/// What proves the events of a run.
#[derive(Debug, Clone)]
pub struct Proofs {
    /// The log.
    pub log: LogId,
    /// That the run's last event is in the signed tree; the events before it are chained to it.
    pub last: Inclusion,
    /// What the proof was found to show when the page was made, in words.
    pub outcome: String,
    /// Whether that is that it holds.
    pub holds: bool,
    /// Keys that signed the checkpoint.
    pub signers: Vec<String>,
}

pub(super) fn proofs(html: &mut Html, page: &Page<'_>) {
    html.part("proofs", "Proofs").raw("<div class=\"proof\">");
    let story = page.story;
    let Some(proofs) = page.proofs else {
        html.raw("<p class=\"quiet\">No checkpoint covers the run's last event yet, so this page proves nothing by itself.</p></div></section>\n");
        return;
    };
    let Proofs { log, last, outcome, holds, signers } = proofs;
    html.raw("<p>").element("span", if *holds { "chip good" } else { "chip bad" }, outcome).raw(" ");
    html.raw("Event ").position(story.last_position);
    html.raw(", the run's last, is in the signed log of ").show(last.size).raw(" events. The run's ");
    html.show(super::told(story))
        .raw(" events told stand in stream <span class=\"id\">")
        .show(StreamId::from(story.run));
    html.raw("</span>, positions ").show(story.first_position).raw(" to ").show(story.last_position);
    html.raw(", each chained to the one before it.</p>");
    html.table(&["What", "Value"]);
    let facts = [
        ("log", log.to_string()),
        ("events of the signed tree", last.size.to_string()),
        ("root (RFC 6962, SHA-256)", last.root.clone()),
        ("leaf of the run's last event", last.leaf.clone()),
    ];
    for (name, value) in facts {
        html.raw("<tr><td>").raw(name).raw("</td><td class=\"id\">").text(&value).raw("</td></tr>\n");
    }
    for signer in signers {
        html.raw("<tr><td>signed by</td><td class=\"id\">").text(signer).raw("</td></tr>\n");
    }
    html.end_table();
    html.raw("<details><summary>The signed checkpoint</summary><pre>")
        .text(&last.anchor.checkpoint)
        .raw("</pre></details>");
    html.raw("<details><summary>The proof of the last event, as JSON</summary><pre>");
    let json =
        serde_json::to_string_pretty(last).expect("a proof holds plain data, which JSON always encodes");
    html.text(&json).raw("</pre></details>");
    html.raw("<p>This page is an account, not the evidence. The evidence is one file that a stranger checks offline: <code>waybill evidence ");
    html.show(story.run).raw(" --out run.tar</code>, then <code>waybill-verify run.tar --key @log.pub</code>. A single event: <code>waybill prove inclusion ");
    html.show(story.last_position).raw("</code>.</p></div></section>\n");
}
