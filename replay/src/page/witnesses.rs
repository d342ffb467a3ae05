//! What the agent's own stream and its telemetry say of the same, beside each other.

use serde_json::Value;

use super::html::Html;
use crate::story::shown::grouped;

/// Figures of an account, in the order of the columns.
const FIGURES: [&str; 5] =
    ["calls", "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens"];

pub(super) fn witnesses(html: &mut Html, rows: &[Value]) {
    if rows.is_empty() {
        return;
    }
    html.part("witnesses", "Two witnesses of what was used");
    html.table(&[
        "Model",
        "Witness",
        "#Calls",
        "#In",
        "#Out",
        "#From cache",
        "#To cache",
        "#Cost",
        "Positions",
    ]);
    for row in rows {
        let model = row["model"].as_str().unwrap_or("all models");
        account(html, model, "the agent's stream", &row["stream"]);
        for observed in row["telemetry"].as_array().into_iter().flatten() {
            let signal = observed["signal"].as_str().unwrap_or_default();
            account(html, model, &format!("telemetry, {signal}"), &observed["account"]);
        }
    }
    html.end_table().raw("<ul>");
    for row in rows {
        let model = row["model"].as_str().unwrap_or("all models");
        html.raw("<li><b>").text(model).raw("</b>: ");
        match row["agrees"].as_bool() {
            Some(true) => html.raw("<span class=\"chip good\">they agree</span>"),
            Some(false) => html.raw("<span class=\"chip bad\">they differ</span>"),
            None => html.raw("one witness only"),
        };
        for difference in row["discrepancies"].as_array().into_iter().flatten() {
            let text = |field: &str| difference[field].as_str().unwrap_or_default().to_owned();
            let told = format!(
                " {} {}: the stream says {}, telemetry {};",
                text("signal"),
                text("figure").replace('_', " "),
                text("stream"),
                text("telemetry")
            );
            html.text(told.as_str());
        }
        html.raw("</li>");
    }
    html.raw("</ul></section>\n");
}

fn account(html: &mut Html, model: &str, witness: &str, account: &Value) {
    html.raw("<tr><td>").text(model).raw("</td><td>").text(witness).raw("</td>");
    for field in FIGURES {
        html.element("td", "num", &account[field].as_u64().map_or("unknown".to_owned(), grouped));
    }
    let cost = account["cost_usd"].as_f64().map_or("unknown".to_owned(), |cost| format!("${cost}"));
    html.element("td", "num", &cost);
    html.element("td", "num", &account["events"].as_u64().map_or_else(String::new, grouped)).raw("</tr>\n");
}
