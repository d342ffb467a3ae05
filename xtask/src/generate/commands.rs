//! `docs/commands.md`: every command, with its route and its fields.

use std::collections::BTreeSet;

use domain::aggregates;

use super::schema::Page;

const OPENING: &str = "\
What one may ask for, each as `POST /v1/{aggregate}/{id}/{command}` with a JSON body, or as a line of \
`POST /v1/commands`. A command is accepted, and answered with its commit, or refused with a reason; nothing is half \
done. An `Idempotency-Key` (a ULID) makes it safe to send again, `If-Match` names the version it expects.";

/// The page.
pub(crate) fn page() -> String {
    let mut page = Page::new("Commands", OPENING);
    let mut bodies = BTreeSet::new();
    for aggregate in aggregates().iter().filter(|aggregate| !aggregate.commands.is_empty()) {
        page.heading(2, aggregate.name);
        for command in &aggregate.commands {
            page.heading(3, &format!("{} {}", aggregate.name, command.name));
            page.payload(command.schema);
        }
        bodies.extend(aggregate.commands.iter().map(|command| pascal(command.name)));
    }
    page.finish(&bodies.iter().map(String::as_str).collect())
}

/// `record-tool-call` as `RecordToolCall`, the name of its body.
fn pascal(name: &str) -> String {
    name.split('-').map(|word| word[..1].to_uppercase() + &word[1..]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_stands_there_once() {
        let page = page();
        for aggregate in aggregates() {
            for command in &aggregate.commands {
                let heading = format!("\n### {} {}\n", aggregate.name, command.name);
                assert_eq!(page.matches(&heading).count(), 1, "{heading}");
            }
        }
    }

    #[test]
    fn a_route_names_its_body() {
        assert_eq!(pascal("record-tool-call"), "RecordToolCall");
    }
}
