//! Files of the brain that hold entries: how they are written, and how they are read after somebody edited them.
//!
//! An entry begins with a marker, `<!-- waybill:decision 01J… 2026-11-21 -->`, then its title as a heading of the
//! second level, then its texts, each but the first under its label in bold. A heading of the second level without a
//! marker begins an entry that somebody wrote by hand. Lines of a text that would read as any of these carry a
//! backslash. What stands before the first entry is the file's free section.

use std::fmt::Write;

use ulid::Ulid;

use crate::ids::parse_ulid;
use crate::terms::words;

words! {
    /// What an entry of the brain is.
    EntryKind {
        /// A decision.
        Decision = "decision",
        /// A pattern.
        Pattern = "pattern",
        /// A mistake.
        Mistake = "mistake",
        /// A research note.
        Research = "research",
        /// A session summary.
        Session = "session",
    }
}

impl EntryKind {
    /// Labels of the texts after the first.
    #[must_use]
    pub const fn labels(self) -> &'static [&'static str] {
        match self {
            Self::Decision => &["Rationale", "Alternatives"],
            Self::Pattern => &["Example"],
            Self::Mistake => &["Why it failed", "Instead", "Resolved"],
            Self::Research => &["Sources"],
            Self::Session => &["Next", "Learned"],
        }
    }
    /// The file's heading; none for files of one entry.
    #[must_use]
    pub const fn heading(self) -> Option<&'static str> {
        match self {
            Self::Decision => Some("# Decisions"),
            Self::Pattern => Some("# Patterns"),
            Self::Mistake => Some("# Mistakes"),
            Self::Research | Self::Session => None,
        }
    }
    /// The kind of entry that the file at `path` holds; none for a document.
    #[must_use]
    pub fn at(path: &str) -> Option<Self> {
        let markdown = path.to_ascii_lowercase().ends_with(".md");
        match path {
            "DECISIONS.md" => Some(Self::Decision),
            "PATTERNS.md" => Some(Self::Pattern),
            "MISTAKES.md" => Some(Self::Mistake),
            _ if markdown && path.starts_with("RESEARCH/") => Some(Self::Research),
            _ if markdown && path.starts_with("SESSIONS/") => Some(Self::Session),
            _ => None,
        }
    }
}

/// An entry as a file has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Its id; none for what somebody wrote by hand.
    pub id: Option<Ulid>,
    /// Its title; empty where somebody took it away.
    pub title: String,
    /// Its texts, in the order of the labels; absent ones are empty.
    pub texts: Vec<String>,
}

/// A file in its parts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parsed {
    /// What stands before the first entry.
    pub free: String,
    /// The entries.
    pub sections: Vec<Section>,
}

const MARKER: &str = "<!-- waybill:";

/// The file of these entries; `(entry, day)` each, and the free section.
#[must_use]
pub fn render(kind: EntryKind, free: &str, entries: &[(Section, String)], older: u64) -> String {
    let mut page = String::new();
    let mut block = |text: &str| {
        if !text.is_empty() {
            page.push_str(text);
            page.push_str("\n\n");
        }
    };
    block(kind.heading().unwrap_or_default());
    block(&escaped(kind, free));
    for (section, day) in entries {
        let id = section.id.map(|id| id.to_string()).unwrap_or_default();
        block(&format!("{MARKER}{kind} {id} {day} -->\n## {}", section.title.trim()));
        let labels = std::iter::once(&"").chain(kind.labels());
        for (text, label) in section.texts.iter().zip(labels).filter(|(text, _)| !tidy(text).is_empty()) {
            if !label.is_empty() {
                block(&format!("**{label}**"));
            }
            block(&escaped(kind, text));
        }
    }
    if older > 0 {
        let mut line = String::new();
        write!(line, "{MARKER}older {older} -->").expect("writing to a string cannot fail");
        block(&line);
    }
    page.truncate(page.trim_end().len());
    if !page.is_empty() {
        page.push('\n');
    }
    page
}

/// The parts of a file.
#[must_use]
pub fn parse(kind: EntryKind, text: &str) -> Parsed {
    let text = text.replace("\r\n", "\n");
    let mut parsed = Parsed::default();
    let mut reader = Reader { kind, lines: vec![], open: None, text: 0, titled: true };
    let mut heading = kind.heading();
    for line in text.lines() {
        if heading.is_some_and(|heading| heading == line.trim_end()) {
            heading = None;
            continue;
        }
        if !line.trim().is_empty() {
            heading = None;
        }
        reader.line(line, &mut parsed);
    }
    reader.close(&mut parsed);
    parsed
}

/// A file that is read line by line.
struct Reader {
    kind: EntryKind,
    /// Lines of the text under way.
    lines: Vec<String>,
    /// The entry under way; none in the free section.
    open: Option<Section>,
    /// Which of its texts is under way.
    text: usize,
    /// Whether the entry has had its chance of a title.
    titled: bool,
}

impl Reader {
    fn line(&mut self, line: &str, parsed: &mut Parsed) {
        match special(self.kind, line) {
            Some(Special::Marker(marker)) => {
                if marker.starts_with("older ") {
                    return;
                }
                self.close(parsed);
                let id = marker.split(' ').nth(1).and_then(|id| parse_ulid(id).ok());
                self.begin(id, String::new());
            }
            Some(Special::Heading(title)) => {
                if self.titled {
                    self.close(parsed);
                    self.begin(None, title.into());
                } else if let Some(section) = &mut self.open {
                    section.title = title.into();
                }
                self.titled = true;
            }
            Some(Special::Label(label)) if self.open.is_some() && label > self.text => {
                self.keep();
                self.text = label;
            }
            Some(Special::Label(_)) => self.lines.push(line.into()),
            None => {
                self.titled |= !line.trim().is_empty();
                self.lines.push(unescaped(self.kind, line).into());
            }
        }
    }
    fn begin(&mut self, id: Option<Ulid>, title: String) {
        let texts = vec![String::new(); self.kind.labels().len() + 1];
        self.titled = false;
        self.open = Some(Section { id, title, texts });
        self.text = 0;
    }
    /// Puts the lines read so far where they belong.
    fn keep(&mut self) {
        let text = tidy(&std::mem::take(&mut self.lines).join("\n")).to_owned();
        if let Some(section) = &mut self.open {
            section.texts[self.text] = text;
        }
    }
    fn close(&mut self, parsed: &mut Parsed) {
        if self.open.is_none() {
            parsed.free = tidy(&std::mem::take(&mut self.lines).join("\n")).to_owned();
        } else {
            self.keep();
        }
        parsed.sections.extend(self.open.take());
    }
}

/// A line with a meaning of its own.
enum Special<'a> {
    Marker(&'a str),
    Heading(&'a str),
    Label(usize),
}

fn special(kind: EntryKind, line: &str) -> Option<Special<'_>> {
    let line = line.trim_end();
    if let Some(marker) = line.strip_prefix(MARKER) {
        return Some(Special::Marker(marker.trim_end_matches("-->").trim_end()));
    }
    if line == "##" {
        return Some(Special::Heading(""));
    }
    if let Some(title) = line.strip_prefix("## ") {
        return Some(Special::Heading(title.trim()));
    }
    let label = line.strip_prefix("**")?.strip_suffix("**")?;
    kind.labels().iter().position(|it| *it == label).map(|at| Special::Label(at + 1))
}

/// Whether a line, its backslashes aside, has a meaning of its own.
fn means(kind: EntryKind, line: &str) -> bool {
    let bare = line.trim_start_matches('\\');
    let heads = kind.heading().is_some_and(|heading| heading == bare.trim_end());
    heads || special(kind, bare).is_some()
}

fn escaped(kind: EntryKind, text: &str) -> String {
    let lines: Vec<_> = tidy(text)
        .lines()
        .map(|line| if means(kind, line) { format!("\\{line}") } else { line.to_owned() })
        .collect();
    lines.join("\n")
}

fn unescaped(kind: EntryKind, line: &str) -> &str {
    match line.strip_prefix('\\') {
        Some(rest) if means(kind, rest) => rest,
        _ => line,
    }
}

/// A text without empty lines around it.
pub(super) fn tidy(text: &str) -> &str {
    text.trim_start_matches(['\n', '\r']).trim_end()
}
