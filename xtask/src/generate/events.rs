//! `docs/events.md`: every event, with its permanent number and its fields.

use std::collections::BTreeSet;

use domain::aggregates;
use domain::catalogue::EventSpec;

use super::schema::Page;

const OPENING: &str = "\
What the log holds. A number and a layout, once written, are read for ever: a change of a layout adds one, and the \
layouts before it are brought up to date on reading. Payloads are stored in a binary form; the tables show the JSON \
that every interface gives. Commit, actor, time, cause and project stand in the record's header, not here.";

/// The page.
pub(crate) fn page() -> String {
    let mut page = Page::new("Events", OPENING);
    let aggregates = aggregates();
    for aggregate in &aggregates {
        page.heading(2, &format!("{} (category {})", aggregate.name, aggregate.category.0));
        for event in &aggregate.events {
            page.heading(3, event.name);
            page.line(&format!("{}\n", identity(event)));
            page.payload(event.schema);
        }
    }
    let payloads: BTreeSet<_> =
        aggregates.iter().flat_map(|it| it.events.iter().map(|event| event.name)).collect();
    page.finish(&payloads)
}

/// Number and layouts in a line.
fn identity(event: &EventSpec) -> String {
    let older: Vec<_> = event.older.iter().map(u16::to_string).collect();
    let read = if older.is_empty() {
        String::new()
    } else {
        format!(" · layouts still read: {}", older.join(", "))
    };
    format!("Number {} · layout {}{read}", event.type_id.0, event.schema_version.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_stands_there_once_with_its_number() {
        let page = page();
        for event in aggregates().iter().flat_map(|aggregate| &aggregate.events) {
            assert_eq!(page.matches(&format!("\n### {}\n", event.name)).count(), 1, "{}", event.name);
            let entry = format!(
                "\n### {}\n\nNumber {} · layout {}",
                event.name, event.type_id.0, event.schema_version.0
            );
            assert!(page.contains(&entry), "{entry}");
        }
    }

    #[test]
    fn every_link_leads_somewhere() {
        for page in [page(), super::super::commands::page()] {
            for link in page.split("](#").skip(1).filter_map(|rest| rest.split(')').next()) {
                let target = page.lines().any(|line| {
                    line.strip_prefix("### ")
                        .is_some_and(|heading| heading.to_lowercase().replace(' ', "-") == link)
                });
                assert!(target, "#{link} leads nowhere");
            }
        }
    }

    #[test]
    fn older_layouts_are_named() {
        let aggregates = aggregates();
        let plain = aggregates[0].events[0];
        let grown = EventSpec { schema_version: domain::ids::SchemaVersion(3), older: &[1, 2], ..plain };
        let expected = format!("Number {} · layout 3 · layouts still read: 1, 2", plain.type_id.0);
        assert_eq!(identity(&grown), expected);
    }
}
