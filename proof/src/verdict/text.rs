//! Findings as text for people.

use std::fmt::Write as _;

use domain::values::Timestamp;

use super::{Answer, Findings};
use crate::trust::{Held, Signer, Standing};

/// Faults that the text lists.
const LISTED: usize = 20;
/// Characters of a line that comes from what is verified.
const LINE: usize = 400;

/// The verdict on the first line, then `facts` as names and values, then faults and notes.
#[must_use]
pub fn text(findings: &Findings, facts: &[(&str, String)]) -> String {
    let answers = [
        ("nothing altered", answer(findings.nothing_altered)),
        ("nothing missing", answer(findings.nothing_missing)),
    ];
    let answers = answers.iter().map(|(name, value)| (*name, (*value).to_owned()));
    let pairs: Vec<(&str, String)> = answers.chain(facts.iter().cloned()).collect();
    let widest = pairs.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let mut text = format!("{}\n\n", findings.outcome().sentence());
    for (name, value) in pairs {
        let _ = writeln!(text, "{name:widest$}  {}", line(&value));
    }
    if findings.fault_count > 0 {
        let _ = writeln!(text, "\n{}:", plural(findings.fault_count, "fault"));
    }
    for fault in findings.faults.iter().take(LISTED) {
        let place = fault.position.map_or(String::new(), |position| format!("position {position}: "));
        let _ = writeln!(text, "  {place}{}", line(&fault.what));
    }
    if findings.fault_count > LISTED as u64 {
        text.push_str("  … --json lists more\n");
    }
    for note in &findings.notes {
        let _ = writeln!(text, "note: {}", line(note));
    }
    text
}

fn answer(answer: Answer) -> &'static str {
    match answer {
        Answer::Yes => "yes",
        Answer::No => "NO",
        Answer::Unknown => "unknown",
    }
}

/// What a checkpoint says, as facts for [`text`].
#[must_use]
pub fn checkpoint_facts(held: Option<&Held>, signers: &[Signer]) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    if let Some(held) = held {
        facts.push(("log", format!("{}, epoch {}", held.log, held.epoch)));
        let time = held.time.map_or("at an unknown time".to_owned(), |time| format!("at {time}"));
        facts.push(("checkpoint", format!("of {}, {time}", plural(held.size, "event"))));
        facts.push(("root", held.root.to_string()));
    }
    for signer in signers {
        facts.push((
            "signed by",
            format!("{}{} ({})", signer.key, witnessed(signer.witnessed_at), why(signer.standing)),
        ));
    }
    if signers.is_empty() {
        facts.push(("signed by", "nobody known".to_owned()));
    }
    facts
}

fn witnessed(at: Option<Timestamp>) -> String {
    at.map_or(String::new(), |at| format!(", a witness that saw it at {at}"))
}

fn why(standing: Standing) -> &'static str {
    match standing {
        Standing::Given => "a key that you gave",
        Standing::Followed => "the log changed a key that you gave for this one",
        Standing::Bundled => "came along, and counts because you said so",
        Standing::Unknown => "came along, and nobody vouches for it",
    }
}

/// `1 event`, `2,345 events`.
#[must_use]
pub fn plural(count: u64, what: &str) -> String {
    let digits = count.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{grouped} {what}{}", if count == 1 { "" } else { "s" })
}

/// One line without characters that a terminal would obey: much of it was written by strangers.
fn line(text: &str) -> String {
    // Marks of direction reorder what stands around them, on the screen only.
    let obeyed = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let plain = text.chars().map(|c| if obeyed(c) { ' ' } else { c });
    let mut line: String = plain.take(LINE).collect();
    if text.chars().nth(LINE).is_some() {
        line.push('…');
    }
    line
}
