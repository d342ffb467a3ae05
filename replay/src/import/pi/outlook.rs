//! What the first lines of a Pi session file tell, before anything is imported: who, when, and the task.

use std::io::BufReader;

use domain::values::Timestamp;

use super::is_message;
use super::shapes::{ECHOES, Entry, Head, Header, Speaker, Timed, User, texts};
use crate::import::conversation::parse;
use crate::import::lines::Lines;
use crate::import::{Source, Stop, text};

/// Lines in which header and first prompt are looked for.
const LOOKAHEAD_LINES: u64 = 1_000;

/// What the first lines tell of the session.
pub(super) struct Outlook {
    pub(super) header: Header,
    /// When the first line of all happened; the header may be written after the first messages.
    pub(super) started: Timestamp,
    pub(super) prompt: Option<String>,
}

/// Reads up to the first prompt that is more than a bare command such as `/model`.
pub(super) fn look_ahead(source: &Source<'_>) -> Result<Outlook, Stop> {
    let mut lines = Lines::new(BufReader::new((source.open)()?));
    let mut header = Err(None);
    let (mut started, mut prompt) = (None::<Timestamp>, None::<String>);
    let mut first_type = None::<String>;
    for _ in 0..LOOKAHEAD_LINES {
        let Some(line) = lines.next()? else { break };
        let Ok(line) = line.text else { continue };
        let Ok(Head { r#type }) = parse::<Head>(line) else { continue };
        if r#type == "session" && header.is_err() {
            header = parse::<Header>(line).map_err(Some);
        }
        let said = user_text(&r#type, line);
        first_type.get_or_insert(r#type);
        if let Ok(Timed { timestamp: Some(time) }) = parse(line) {
            started = Some(started.map_or(time, |started| started.min(time)));
        }
        let Some(said) = said.filter(|said| !said.trim().is_empty()) else { continue };
        let is_task = !is_bare_command(&said);
        if is_task || prompt.is_none() {
            prompt = Some(said);
        }
        if is_task && header.is_ok() {
            break;
        }
    }
    let header = header.map_err(|reason| not_a_session(reason, first_type))?;
    let started = started.unwrap_or(header.timestamp);
    Ok(Outlook { header, started, prompt })
}

fn not_a_session(header: Option<String>, first_type: Option<String>) -> Stop {
    let actual = match (header, first_type) {
        (Some(reason), _) => format!("its session line does not fit: {reason}"),
        (None, None) => "no line of it is an object with a `type`".into(),
        (None, Some(first)) if first == "response" || ECHOES.contains(&first.as_str()) => {
            format!("it is a Pi event stream without a session header; its first line is `{first}`")
        }
        (None, Some(first)) => format!("its first line is of type `{}`", text::clip(&first, 80)),
    };
    Stop::Format { expected: "a Pi session file, with a line of type `session` and an id", actual }
}

fn is_bare_command(said: &str) -> bool {
    let said = said.trim();
    said.starts_with('/') && !said.contains(char::is_whitespace)
}

fn user_text(kind: &str, line: &str) -> Option<String> {
    if !is_message(kind) {
        return None;
    }
    let entry: Entry = parse(line).ok()?;
    let speaker: Speaker = parse(entry.message.get()).ok()?;
    let user: User = (speaker.role == "user").then(|| parse(entry.message.get()).ok())??;
    Some(texts(&user.content))
}
