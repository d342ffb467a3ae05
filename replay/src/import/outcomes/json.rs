//! Outcomes as JSON: one object per line, or one list of objects.

use std::io::BufRead;

use super::row::Row;
use super::{EXPECTED, Entry, Take};
use crate::import::lines::{Lines, MAX_UNIT_BYTES};
use crate::import::{Flow, Stop};

/// One object per line.
pub(super) fn lines(reader: impl BufRead, take: &mut Take<'_>) -> Flow {
    let mut lines = Lines::new(reader);
    while let Some(line) = lines.next()? {
        let row = match line.text {
            Ok(text) if text.trim().is_empty() => continue,
            Ok(text) => Row::from_json(text),
            Err(reason) => Err(reason),
        };
        take(Entry { line: line.number, read_bytes: line.read_bytes, row })?;
    }
    Ok(())
}

/// Where in the list reading has come to.
#[derive(Default)]
struct Elements {
    line: u64,
    read_bytes: u64,
    /// The element in hand, and the line it began on.
    element: Vec<u8>,
    began: u64,
    depth: u32,
    in_text: bool,
    escaped: bool,
    opened: bool,
    closed: bool,
    /// Whether a comma, or the list's start, allows for an element.
    due: bool,
}

/// One list of objects, read element by element. What is wrong within an element spoils only that one; what is wrong
/// between two ends the import.
pub(super) fn array(mut reader: impl BufRead, take: &mut Take<'_>) -> Flow {
    let mut elements = Elements { line: 1, ..Elements::default() };
    loop {
        let bytes = reader.fill_buf()?;
        let length = bytes.len();
        if length == 0 {
            break;
        }
        for byte in bytes {
            elements.byte(*byte, take)?;
        }
        reader.consume(length);
    }
    if elements.closed {
        return Ok(());
    }
    let row = Err("the list is broken off".to_owned());
    take(Entry { line: elements.line, read_bytes: elements.read_bytes, row })
}

impl Elements {
    fn byte(&mut self, byte: u8, take: &mut Take<'_>) -> Flow {
        self.read_bytes += 1;
        if self.depth > 0 {
            self.within(byte, take)?;
        } else if !byte.is_ascii_whitespace() {
            self.between(byte)?;
        }
        self.line += u64::from(byte == b'\n');
        Ok(())
    }

    fn within(&mut self, byte: u8, take: &mut Take<'_>) -> Flow {
        self.element.push(byte);
        if self.element.len() as u64 > MAX_UNIT_BYTES {
            return Err(self.wrong(&format!("an element is longer than {MAX_UNIT_BYTES} bytes")));
        }
        match byte {
            _ if self.escaped => self.escaped = false,
            b'\\' if self.in_text => self.escaped = true,
            b'"' => self.in_text = !self.in_text,
            b'{' | b'[' if !self.in_text => self.depth += 1,
            b'}' | b']' if !self.in_text => self.depth -= 1,
            _ => {}
        }
        if self.depth > 0 {
            return Ok(());
        }
        let text = std::str::from_utf8(&self.element).map_err(|_| "expected UTF-8".to_owned());
        let row = text.and_then(Row::from_json);
        self.element.clear();
        self.due = false;
        take(Entry { line: self.began, read_bytes: self.read_bytes, row })
    }

    fn between(&mut self, byte: u8) -> Flow {
        match byte {
            _ if self.closed => Err(self.wrong("something stands behind the list")),
            // The mark of byte order, and the bracket that was seen before.
            0xef | 0xbb | 0xbf if !self.opened => Ok(()),
            b'[' if !self.opened => {
                (self.opened, self.due) = (true, true);
                Ok(())
            }
            b'{' if self.due => {
                self.element.push(byte);
                (self.began, self.depth) = (self.line, 1);
                Ok(())
            }
            b',' if !self.due => {
                self.due = true;
                Ok(())
            }
            b']' => {
                self.closed = true;
                Ok(())
            }
            _ => Err(self.wrong(&format!(
                "expected an object, a comma or the end of the list, got `{}`",
                byte.escape_ascii()
            ))),
        }
    }

    fn wrong(&self, what: &str) -> Stop {
        Stop::Format { expected: EXPECTED, actual: format!("line {}: {what}", self.line) }
    }
}
