//! Lines of a file, one at a time and bounded in length.

use std::io::{self, BufRead, Read};

/// Longest line, or element of a JSON document, that is read whole, in bytes.
pub const MAX_UNIT_BYTES: u64 = 64 * 1024 * 1024;

/// Buffer that is kept between lines, in bytes; a longer line's is given back.
const KEPT_BYTES: usize = 1024 * 1024;

/// A line without its end.
pub(super) struct Line<'a> {
    /// Its number, from 1.
    pub(super) number: u64,
    /// Bytes read up to its end.
    pub(super) read_bytes: u64,
    /// Its text, or why it cannot be used.
    pub(super) text: Result<&'a str, String>,
}

/// Reads lines; holds one at a time.
pub(super) struct Lines<R> {
    reader: R,
    buffer: Vec<u8>,
    max: u64,
    number: u64,
    read_bytes: u64,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { reader, buffer: Vec::new(), max: MAX_UNIT_BYTES, number: 0, read_bytes: 0 }
    }
    #[cfg(test)]
    fn bounded(reader: R, max: u64) -> Self {
        Self { max, ..Self::new(reader) }
    }
    /// Bytes held between lines.
    #[cfg(test)]
    pub(super) fn held_bytes(&self) -> usize {
        self.buffer.capacity()
    }

    /// The next line; `None` at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        self.buffer.clear();
        self.buffer.shrink_to(KEPT_BYTES);
        // One byte more than allowed, and the line's end, tell a line of the full length from a longer one.
        let read = self.reader.by_ref().take(self.max + 1).read_until(b'\n', &mut self.buffer)? as u64;
        if read == 0 {
            return Ok(None);
        }
        self.number += 1;
        self.read_bytes += read;
        if self.buffer.last() == Some(&b'\n') {
            self.buffer.pop();
        }
        if self.buffer.len() as u64 > self.max {
            let length = read + self.skip()?;
            return Ok(Some(self.line(Err(format!("expected at most {} bytes, got {length}", self.max)))));
        }
        if self.buffer.last() == Some(&b'\r') {
            self.buffer.pop();
        }
        let start = if self.number == 1 && self.buffer.starts_with("\u{feff}".as_bytes()) { 3 } else { 0 };
        let text = std::str::from_utf8(&self.buffer[start..])
            .map_err(|error| format!("expected UTF-8, got another byte at {}", start + error.valid_up_to()));
        Ok(Some(self.line(text)))
    }
    fn line<'a>(&self, text: Result<&'a str, String>) -> Line<'a> {
        Line { number: self.number, read_bytes: self.read_bytes, text }
    }
    /// Passes over the rest of the line without holding it; returns its length.
    fn skip(&mut self) -> io::Result<u64> {
        let mut skipped = 0;
        loop {
            let available = self.reader.fill_buf()?;
            let end = available.iter().position(|byte| *byte == b'\n');
            let count = end.map_or(available.len(), |end| end + 1);
            let over = available.is_empty() || end.is_some();
            self.reader.consume(count);
            self.read_bytes += count as u64;
            skipped += count as u64;
            if over {
                return Ok(skipped - u64::from(end.is_some()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8], max: u64) -> Vec<(u64, String)> {
        let mut lines = Lines::bounded(bytes, max);
        let mut found = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            let text = line.text.map_or_else(|reason| format!("bad: {reason}"), str::to_owned);
            found.push((line.number, text));
        }
        assert_eq!(lines.read_bytes, bytes.len() as u64);
        found
    }

    #[test]
    fn lines_end_in_either_style_or_at_the_end_of_the_file() {
        let expected = [(1, "a".into()), (2, String::new()), (3, "b".into()), (4, "c".into())];
        assert_eq!(all("\u{feff}a\r\n\nb\nc".as_bytes(), 10), expected);
    }

    #[test]
    fn a_line_that_is_too_long_or_no_text_does_not_stop_the_rest() {
        let found = all(b"12345\n123456\n\xff\nlong to the end", 5);
        let expected = [
            (1, "12345".into()),
            (2, "bad: expected at most 5 bytes, got 6".into()),
            (3, "bad: expected UTF-8, got another byte at 0".into()),
            (4, "bad: expected at most 5 bytes, got 15".into()),
        ];
        assert_eq!(found, expected);
    }
}
