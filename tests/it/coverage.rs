//! The coverage table: what it names is there, what is there it names, and its links lead somewhere.

use std::collections::{BTreeMap, BTreeSet};

use domain::aggregates;
use kit::root;
use projections::views;

const PAGE: &str = "docs/coverage.md";

/// Columns of what is carried. The cells from the third on hold links, the word `all`, or a dash.
const CARRIED: [&str; 7] = ["term", "kind", "aggregate", "events", "commands", "views", "test"];
/// Columns of what is not.
const NOT_CARRIED: [&str; 5] = ["term", "kind", "source", "why", "what should carry it"];
const NOT_CARRIED_SECTION: &str = "Not carried yet";

const KINDS: [&str; 4] = ["noun", "field", "state", "rule"];

/// The aggregate whose events are the log's own: no source document speaks of them.
const OWN: &str = "log";

/// What a cell may hold where it names everything, or nothing.
const ALL: &str = "all";
const NOTHING: &str = "–";

/// A line of a table.
struct Row<'a> {
    line: usize,
    section: &'a str,
    header: Vec<&'a str>,
    cells: Vec<&'a str>,
}

impl<'a> Row<'a> {
    /// The cell of a column, empty where it has none.
    fn cell(&self, column: &str) -> &'a str {
        let place = self.header.iter().position(|name| *name == column);
        place.and_then(|place| self.cells.get(place)).copied().unwrap_or_default()
    }
    /// Text without its back-ticks, and target, of each link in a column.
    fn links(&self, column: &str) -> Vec<(&'a str, &'a str)> {
        links(self.cell(column)).into_iter().map(|(text, target)| (text.trim_matches('`'), target)).collect()
    }
    fn is_all(&self, column: &str) -> bool {
        self.cell(column) == ALL
    }
}

/// Text and target of each link, in order.
fn links(text: &str) -> Vec<(&str, &str)> {
    let parts = text.match_indices("](").filter_map(|(middle, _)| {
        let start = text[..middle].rfind('[')? + 1;
        let end = middle + 2 + text[middle + 2..].find(')')?;
        Some((&text[start..middle], &text[middle + 2..end]))
    });
    parts.collect()
}

fn cells(line: &str) -> Option<Vec<&str>> {
    Some(line.strip_prefix('|')?.strip_suffix('|')?.split('|').map(str::trim).collect())
}

/// Every line of every table, with the section of second order that it stands in.
fn rows(page: &str) -> Vec<Row<'_>> {
    let lines: Vec<_> = page.lines().collect();
    let (mut section, mut header, mut rows) = ("", Vec::new(), Vec::new());
    for (index, line) in lines.iter().enumerate() {
        section = line.strip_prefix("## ").unwrap_or(section);
        let Some(cells) = cells(line) else { continue };
        if lines.get(index + 1).is_some_and(|next| next.starts_with("|---")) {
            header = cells;
        } else if !line.starts_with("|---") {
            rows.push(Row { line: index + 1, section, header: header.clone(), cells });
        }
    }
    rows
}

/// The anchor that a page's reader gets for a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.to_lowercase();
    kept.chars()
        .filter_map(|c| match c {
            ' ' => Some('-'),
            c if c.is_alphanumeric() || c == '-' || c == '_' => Some(c),
            _ => None,
        })
        .collect()
}

fn headings(page: &str) -> impl Iterator<Item = &str> {
    page.lines().filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim())
}

/// Fields of each event and type, and words of each list of words, as docs/events.md has them.
fn members(page: &str) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut members: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut of = "";
    for line in page.lines() {
        if let Some(heading) = line.strip_prefix("### ") {
            of = heading;
            members.insert(of, BTreeSet::new());
        } else if let Some(name) = line.strip_prefix("| ").and_then(|row| row.split('`').nth(1)) {
            members.entry(of).or_default().insert(name.trim_matches('"'));
        }
    }
    members
}

/// What there is to be named.
struct Known {
    /// Number of each aggregate's kind.
    aggregates: BTreeMap<&'static str, u16>,
    /// Aggregate of each event.
    events: BTreeMap<&'static str, &'static str>,
    /// Commands as `aggregate command`.
    commands: BTreeSet<String>,
    views: BTreeSet<&'static str>,
}

impl Known {
    fn of_the_registries() -> Self {
        let all = aggregates();
        let events = all.iter().flat_map(|it| it.events.iter().map(|event| (event.name, it.name)));
        let commands = all
            .iter()
            .flat_map(|it| it.commands.iter().map(|command| format!("{} {}", it.name, command.name)));
        Self {
            aggregates: all.iter().map(|it| (it.name, it.category.0)).collect(),
            events: events.collect(),
            commands: commands.collect(),
            views: views().into_iter().map(|view| view.name).collect(),
        }
    }
}

fn read(path: &str) -> Option<String> {
    std::fs::read_to_string(root().join(path)).ok()
}

/// What is wrong with the page, each with its line.
fn faults(page: &str) -> Vec<String> {
    let known = Known::of_the_registries();
    let events = read("docs/events.md").expect("docs/events.md is there");
    let members = members(&events);
    let rows = rows(page);
    let mut faults = Vec::new();
    for row in &rows {
        let found = [shape(row), aggregates_of(row, &known), events_of(row, &known, &members)];
        let more = [commands_of(row, &known), views_of(row, &known), tests_of(row)];
        let found = found.into_iter().chain(more).flatten();
        faults.extend(found.map(|fault| format!("line {}: {fault}", row.line)));
    }
    faults.extend(left_out(&rows, &known));
    faults.extend(dead_links(page));
    faults
}

/// A row has the columns of its section, one of the kinds, and something that carries it.
fn shape(row: &Row<'_>) -> Vec<String> {
    let carried = row.section != NOT_CARRIED_SECTION;
    let expected: &[&str] = if carried { &CARRIED } else { &NOT_CARRIED };
    if row.header != expected || row.cells.len() != expected.len() {
        return vec![format!("has the columns {:?}, expected {expected:?}", row.header)];
    }
    let mut faults = Vec::new();
    if !KINDS.contains(&row.cell("kind")) {
        faults.push(format!("is of kind `{}`, expected one of {KINDS:?}", row.cell("kind")));
    }
    if row.cells.iter().any(|cell| cell.is_empty()) {
        faults.push(format!("has an empty cell; a dash (`{NOTHING}`) stands for nothing"));
    }
    if !carried {
        return faults;
    }
    let names = |column| row.is_all(column) || !row.links(column).is_empty();
    if !names("aggregate") || !(names("events") || names("views")) {
        faults.push(format!("nothing carries it; move it to `{NOT_CARRIED_SECTION}`"));
    }
    if row.cell("kind") == "rule" && row.links("test").is_empty() {
        faults.push("a rule without a test".into());
    }
    for column in &CARRIED[2..] {
        let written: Vec<_> =
            links(row.cell(column)).iter().map(|(text, to)| format!("[{text}]({to})")).collect();
        let is_links = row.cell(column) == written.join(", ") && !written.is_empty();
        if !is_links && row.cell(column) != NOTHING && !row.is_all(column) {
            faults.push(format!("`{column}` is no list of links: {}", row.cell(column)));
        }
    }
    faults
}

fn aggregates_of(row: &Row<'_>, known: &Known) -> Vec<String> {
    let expected = |name: &str| Some(format!("events.md#{name}-category-{}", known.aggregates.get(name)?));
    mislinked(row, "aggregate", expected)
}

/// `Name` is an event of the row's aggregates, or a type; `Name.field` and `Name=word` are in its table, too.
fn events_of(row: &Row<'_>, known: &Known, members: &BTreeMap<&str, BTreeSet<&str>>) -> Vec<String> {
    let expected = |text: &str| {
        let (name, member) = text.split_once(['.', '=']).map_or((text, None), |(a, b)| (a, Some(b)));
        let of_name = members.get(name)?;
        member.is_none_or(|member| of_name.contains(member)).then(|| format!("events.md#{}", anchor(name)))
    };
    let mut faults = mislinked(row, "events", expected);
    let names: Vec<_> = row
        .links("events")
        .into_iter()
        .map(|(text, _)| text.split(['.', '=']).next().unwrap_or(text))
        .collect();
    let carriers: Vec<_> = names.iter().filter_map(|name| Some((name, known.events.get(name)?))).collect();
    if carriers.is_empty() && !names.is_empty() {
        faults.push("names types, but no event that carries them".into());
    }
    let named: BTreeSet<_> = row.links("aggregate").into_iter().map(|(name, _)| name).collect();
    let strangers = carriers.iter().filter(|(_, of)| !named.contains(*of) && !row.is_all("aggregate"));
    faults
        .extend(strangers.map(|(event, of)| format!("`{event}` is of `{of}`, which the row does not name")));
    faults
}

fn commands_of(row: &Row<'_>, known: &Known) -> Vec<String> {
    let expected =
        |name: &str| known.commands.contains(name).then(|| format!("commands.md#{}", anchor(name)));
    mislinked(row, "commands", expected)
}

fn views_of(row: &Row<'_>, known: &Known) -> Vec<String> {
    let wrong = row.links("views").into_iter().filter(|(name, target)| {
        let file = target.strip_prefix("../").and_then(read).unwrap_or_default();
        !known.views.contains(name) || !file.contains(&format!("\"{name}\""))
    });
    wrong.map(|(name, target)| format!("no view `{name}` in {target}")).collect()
}

fn tests_of(row: &Row<'_>) -> Vec<String> {
    let wrong = row.links("test").into_iter().filter(|(name, target)| {
        let file = target.strip_prefix("../").and_then(read).unwrap_or_default();
        !file.contains(&format!("fn {name}("))
    });
    wrong.map(|(name, target)| format!("no test `{name}` in {target}")).collect()
}

/// Links of a column that name nothing, or lead elsewhere.
fn mislinked(row: &Row<'_>, column: &str, expected: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let wrong = row.links(column).into_iter().filter_map(|(name, target)| match expected(name) {
        None => Some(format!("nothing is named `{name}`")),
        Some(there) if there == target => None,
        Some(there) => Some(format!("`{name}` leads to {target}, expected {there}")),
    });
    wrong.collect()
}

/// What the registries have and no row names.
fn left_out(rows: &[Row<'_>], known: &Known) -> Vec<String> {
    let named = |column: &str| -> BTreeSet<&str> {
        let links = rows.iter().flat_map(|row| row.links(column));
        links.map(|(name, _)| name.split(['.', '=']).next().unwrap_or(name)).collect()
    };
    let (aggregates, events) = (named("aggregate"), named("events"));
    let (commands, views) = (named("commands"), named("views"));
    let left_out = [
        ("aggregate", known.aggregates.keys().copied().filter(|it| !aggregates.contains(it)).collect()),
        ("event", known.events.keys().copied().filter(|it| !events.contains(it)).collect()),
        ("command", known.commands.iter().map(String::as_str).filter(|it| !commands.contains(it)).collect()),
        ("view", known.views.iter().copied().filter(|it| !views.contains(it)).collect::<Vec<_>>()),
    ];
    let is_own = |name: &str| name == OWN || known.events.get(name).is_some_and(|of| *of == OWN);
    left_out
        .into_iter()
        .flat_map(|(what, names)| names.into_iter().map(move |name| (what, name)))
        .filter(|(_, name)| !is_own(name))
        .map(|(what, name)| format!("no row names the {what} `{name}`"))
        .collect()
}

/// Links of the whole page to files or headings that are not there.
fn dead_links(page: &str) -> Vec<String> {
    let mut pages: BTreeMap<String, Option<BTreeSet<String>>> = BTreeMap::new();
    let targets: BTreeSet<_> = links(page).into_iter().map(|(_, target)| target).collect();
    let mut dead = Vec::new();
    for target in targets {
        let (path, heading) = target.split_once('#').unwrap_or((target, ""));
        let path = path.strip_prefix("../").map_or_else(|| format!("docs/{path}"), Into::into);
        let anchors = pages.entry(path).or_insert_with_key(|path| {
            let text = if path == "docs/" { page.to_owned() } else { read(path)? };
            Some(headings(&text).map(anchor).collect())
        });
        if anchors.as_ref().is_none_or(|anchors| !heading.is_empty() && !anchors.contains(heading)) {
            dead.push(format!("{target} leads nowhere"));
        }
    }
    dead
}

#[test]
fn the_table_names_what_is_there_and_all_of_it() {
    let page = read(PAGE).expect("docs/coverage.md is there");
    let carried = rows(&page).into_iter().filter(|row| row.section != NOT_CARRIED_SECTION).count();
    assert!(carried > 300, "{carried} rows are fewer than the source documents have terms");
    let faults = faults(&page);
    assert!(faults.is_empty(), "{PAGE} has {} faults:\n  {}", faults.len(), faults.join("\n  "));
}

/// The faults of a page of one carried row, without those of what it leaves out.
fn of_row(row: &str) -> Vec<String> {
    let page = format!("## A\n\n| {} |\n|---|---|---|---|---|---|---|\n| {row} |\n", CARRIED.join(" | "));
    faults(&page).into_iter().filter(|fault| !fault.starts_with("no row names")).collect()
}

const PROJECT: &str = "[`project`](events.md#project-category-1)";
const RENAMED: &str = "[`ProjectRenamed.slug`](events.md#projectrenamed)";

#[test]
fn what_is_wrong_in_a_row_is_found() {
    assert_eq!(of_row(&format!("slug | field | {PROJECT} | {RENAMED} | – | – | –")), [""; 0]);
    for (row, fault) in [
        (format!("slug | thing | {PROJECT} | {RENAMED} | – | – | –"), "is of kind `thing`"),
        ("slug | field | – | – | – | – | –".into(), "nothing carries it"),
        (format!("slug | field | {PROJECT} | – | – | – | –"), "nothing carries it"),
        (format!("slug | field | {PROJECT} |  | – | – | –"), "has an empty cell"),
        (format!("slug | field | {PROJECT} | – | –"), "has the columns"),
        (format!("slug | rule | {PROJECT} | {RENAMED} | – | – | –"), "a rule without a test"),
        (
            format!("slug | field | {PROJECT} | {RENAMED} and more | – | – | –"),
            "`events` is no list of links",
        ),
        (format!("slug | field | {PROJECT} | {RENAMED} | `project rename` | – | –"), "`commands` is no list"),
        (
            format!(
                "slug | field | {PROJECT} | [`ProjectRenamed.logo`](events.md#projectrenamed) | – | – | –"
            ),
            "nothing is named `ProjectRenamed.logo`",
        ),
        (
            format!("slug | field | {PROJECT} | [`KillReason=user`](events.md#killreason) | – | – | –"),
            "names types, but no event",
        ),
        (
            format!("slug | field | {PROJECT} | [`RunStarted`](events.md#runstarted) | – | – | –"),
            "`RunStarted` is of `run`, which the row does not name",
        ),
        (
            format!("slug | field | {PROJECT} | [`ProjectRenamed`](events.md#types) | – | – | –"),
            "leads to events.md#types, expected events.md#projectrenamed",
        ),
        (
            format!("slug | field | [`project`](events.md#project-category-7) | {RENAMED} | – | – | –"),
            "expected events.md#project-category-1",
        ),
        (
            format!(
                "slug | field | {PROJECT} | {RENAMED} | [`project sell`](commands.md#project-sell) | – | –"
            ),
            "nothing is named `project sell`",
        ),
        (
            format!(
                "slug | field | {PROJECT} | {RENAMED} | – | [`projects`](../projections/src/runs.rs) | –"
            ),
            "no view `projects` in",
        ),
        (
            format!("slug | rule | {PROJECT} | {RENAMED} | – | – | [`it_is_so`](../domain/src/project.rs)"),
            "no test `it_is_so` in",
        ),
    ] {
        let found = of_row(&row);
        assert!(found.iter().any(|it| it.contains(fault)), "{row} has {found:?}, expected {fault}");
    }
}

#[test]
fn what_is_left_out_or_leads_nowhere_is_found() {
    let found =
        faults("[a](nowhere.md), [b](events.md#nowhere), [c](events.md#runstarted), [d](#here)\n# Here\n");
    for fault in [
        "no row names the aggregate `run`",
        "no row names the event `RunStarted`",
        "no row names the command `run start`",
        "no row names the view `runs`",
        "nowhere.md leads nowhere",
        "events.md#nowhere leads nowhere",
    ] {
        assert!(found.iter().any(|it| it == fault), "{fault}");
    }
    let own = ["`log`", "`WriterStarted`", "events.md#runstarted", "#here"];
    assert!(!found.iter().any(|it| own.iter().any(|own| it.contains(own))), "{found:?}");
}
