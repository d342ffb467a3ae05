//! The page of charts: each with the table it is drawn from, and what each value is made of.

use domain::values::Timestamp;

use super::{Chart, ChartError, Drawing, Theme};
use crate::page::html::Html;
use crate::page::{moment, open};

/// What the page is made of.
#[derive(Debug, Clone)]
pub struct Report<'a> {
    /// Whose it is, and of what time, on one line.
    pub subtitle: &'a str,
    /// The charts, in order.
    pub charts: &'a [Chart],
    /// When the page is made.
    pub made_at: Timestamp,
    /// Version of the software.
    pub software: &'a str,
}

/// Positions that stand beside a value; the rest is counted.
const POSITIONS: usize = 6;

/// The page. It holds no script, names no other file, and its policy allows nothing but its own style.
///
/// # Errors
/// Where a chart cannot be drawn.
pub fn page(report: &Report<'_>) -> Result<String, ChartError> {
    let mut html = Html::default();
    open(&mut html, "Quality report");
    html.raw("<header><p class=\"kicker\">Made of events</p><h1>Quality report</h1><p class=\"quiet\">");
    html.text(report.subtitle).raw("</p></header>\n<main>\n");
    for chart in report.charts {
        section(&mut html, chart)?;
    }
    html.raw("</main>\n<footer><p>Made by Waybill ").text(report.software).raw(" on ");
    html.text(&moment(report.made_at))
        .raw(". Each value is folded from the whole log by the definition named beside it; ");
    html.raw("positions are of the events it is made of. The page asks nothing of any network and runs no script.</p></footer>\n</body></html>\n");
    Ok(html.into_text())
}

fn section(html: &mut Html, chart: &Chart) -> Result<(), ChartError> {
    html.raw("<section><h2 class=\"unseen\">").text(&chart.title).raw("</h2>\n<div class=\"chart\">");
    let (light, dark): (Drawing, Drawing) = (chart.svg(Theme::Light)?, chart.svg(Theme::Dark)?);
    html.raw("<div class=\"light\">").drawing(&light).raw("</div><div class=\"dark\">").drawing(&dark);
    html.raw("</div></div>\n");
    if chart.points.is_empty() {
        html.raw("</section>\n");
        return Ok(());
    }
    html.raw("<details><summary>The figures, and what they are made of</summary>");
    html.table(&["Of", "#Value", "#Items", "Events"]);
    for point in &chart.points {
        html.raw("<tr><td>").text(&point.label).raw("</td>").element(
            "td",
            "num",
            &chart.unit.show(point.value),
        );
        html.element("td", "num", &point.of.to_string()).raw("<td>");
        for position in point.positions.iter().take(POSITIONS) {
            html.raw("<span class=\"pos\">").show(position).raw("</span> ");
        }
        let shown = point.positions.len().min(POSITIONS) as u64;
        if point.events > shown {
            html.raw("<span class=\"quiet\">and ").show(point.events - shown).raw(" more</span>");
        }
        html.raw("</td></tr>\n");
    }
    html.end_table().raw("</details></section>\n");
    Ok(())
}
