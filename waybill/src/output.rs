//! stdout and the terminal: whole texts at once, colours and width only where somebody looks.

use std::io::{IsTerminal, Write};

use serde::Serialize;

use crate::cli::Form;
use crate::failure::Failure;

/// Columns where the terminal does not say.
const COLUMNS: u16 = 120;

/// Writes text to stdout, and a line's end where it lacks one.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    if !text.ends_with('\n') {
        stdout.write_all(b"\n")?;
    }
    Ok(stdout.flush()?)
}

/// Writes one document: JSON indented, NDJSON on one line, or as `table` shows it.
pub(crate) fn document<T: Serialize>(
    form: Form,
    value: &T,
    table: impl FnOnce() -> String,
) -> Result<(), Failure> {
    match form {
        Form::Table | Form::Html => print(&table()),
        Form::Json => print(&serde_json::to_string_pretty(value)?),
        Form::Ndjson => print(&serde_json::to_string(value)?),
    }
}

/// Whether colours are wanted there.
pub(crate) fn colours(stream: &impl IsTerminal) -> bool {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    stream.is_terminal() && !refused
}

/// Columns of stdout.
pub(crate) fn width() -> u16 {
    let named = || std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
    let terminal = || rustix::termios::tcgetwinsize(std::io::stdout()).ok().map(|size| size.ws_col);
    terminal().or_else(named).filter(|columns| *columns >= 20).unwrap_or(COLUMNS)
}

/// Bold, where colours are wanted.
pub(crate) fn bold(text: &str, colours: bool) -> String {
    if colours { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() }
}
