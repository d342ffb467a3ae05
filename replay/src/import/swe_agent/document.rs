//! A trajectory file, one JSON document, read element by element: never more than one is held.

use std::cell::Cell;
use std::fmt;
use std::io::{self, BufReader, Read};

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::import::lines::MAX_UNIT_BYTES;
use crate::import::{Flow, Stop};

/// A piece of the document.
pub(super) enum Piece<'a> {
    /// An element of `trajectory`.
    Step(&'a RawValue),
    /// An element of `history`.
    Message(&'a RawValue),
    /// The whole of `info`.
    Info(&'a RawValue),
    /// The whole of `replay_config`.
    ReplayConfig(&'a RawValue),
}

/// Where reading has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Mark {
    /// The line, from 1.
    pub(super) line: u64,
    /// Bytes read.
    pub(super) read_bytes: u64,
}

/// How reading ended.
pub(super) struct End {
    /// SHA-256 of the whole file, hex.
    pub(super) digest: String,
    /// Where and why the document is no JSON, if it is not.
    pub(super) broken: Option<(Mark, String)>,
}

/// Takes a piece, and where it ends.
pub(super) type Take<'a> = dyn FnMut(Piece<'_>, Mark) -> Flow + 'a;

/// Reads the document and hands its pieces over, in the order of the file.
///
/// # Errors
/// What `take` returns, or a failure to read. Broken JSON is part of the result.
pub(super) fn read(reader: impl Read, take: &mut Take<'_>) -> Result<End, Stop> {
    read_bounded(reader, MAX_UNIT_BYTES, take)
}

fn read_bounded(reader: impl Read, max: u64, take: &mut Take<'_>) -> Result<End, Stop> {
    let gauge = Gauge { max, ..Gauge::default() };
    let mut reader =
        Counted { reader: BufReader::new(Hashed { reader, hasher: Sha256::new() }), gauge: &gauge };
    let mut document = Document { take, gauge: &gauge, stop: None };
    let mut parser = serde_json::Deserializer::from_reader(&mut reader);
    let parsed = (&mut document).deserialize(&mut parser).and_then(|()| {
        gauge.unlimited();
        parser.end()
    });
    if let Some(stop) = document.stop.take() {
        return Err(stop);
    }
    let broken = match parsed {
        Ok(()) => None,
        Err(error) if error.is_io() && !gauge.exceeded.get() => return Err(Stop::Io(error.into())),
        Err(error) => Some((gauge.mark(), error.to_string())),
    };
    let mut file = reader.reader;
    io::copy(&mut file, &mut io::sink())?;
    let digest = file.into_inner().hasher.finalize();
    Ok(End { digest: digest.iter().map(|byte| format!("{byte:02x}")).collect(), broken })
}

/// How far reading has come, shared by the reader below the parser and the visitors above it.
#[derive(Default)]
struct Gauge {
    /// Largest element, in bytes.
    max: u64,
    lines: Cell<u64>,
    bytes: Cell<u64>,
    /// Bytes that may still be read before the element in hand is too large; `None` while nothing is held.
    left: Cell<Option<u64>>,
    exceeded: Cell<bool>,
}

impl Gauge {
    fn mark(&self) -> Mark {
        Mark { line: self.lines.get() + 1, read_bytes: self.bytes.get() }
    }
    fn next_unit(&self) {
        self.left.set(Some(self.max));
    }
    fn unlimited(&self) {
        self.left.set(None);
    }
    fn count(&self, bytes: &[u8]) -> io::Result<()> {
        let lines = bytes.iter().filter(|byte| **byte == b'\n').count();
        self.lines.set(self.lines.get() + lines as u64);
        self.bytes.set(self.bytes.get() + bytes.len() as u64);
        let Some(left) = self.left.get() else { return Ok(()) };
        let Some(left) = left.checked_sub(bytes.len() as u64) else {
            self.exceeded.set(true);
            return Err(io::Error::other(format!(
                "expected elements of at most {} bytes, got a longer one",
                self.max
            )));
        };
        self.left.set(Some(left));
        Ok(())
    }
}

/// Counts what the parser takes; it reads byte by byte, so that the gauge is exact.
struct Counted<'a, R> {
    reader: R,
    gauge: &'a Gauge,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        self.gauge.count(&buffer[..count])?;
        Ok(count)
    }
}

struct Hashed<R> {
    reader: R,
    hasher: Sha256,
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        self.hasher.update(&buffer[..count]);
        Ok(count)
    }
}

struct Document<'a, 't> {
    take: &'a mut Take<'t>,
    gauge: &'a Gauge,
    stop: Option<Stop>,
}

impl Document<'_, '_> {
    fn hand_over<E: Error>(&mut self, piece: Piece<'_>) -> Result<(), E> {
        (self.take)(piece, self.gauge.mark()).map_err(|stop| {
            self.stop = Some(stop);
            E::custom("stopped")
        })
    }
}

impl<'de> DeserializeSeed<'de> for &mut Document<'_, '_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for &mut Document<'_, '_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with `trajectory` or `history`")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        self.gauge.next_unit();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "trajectory" => {
                    map.next_value_seed(Elements { document: self, piece: |raw| Piece::Step(raw) })?;
                }
                "history" => {
                    map.next_value_seed(Elements { document: self, piece: |raw| Piece::Message(raw) })?;
                }
                "info" => {
                    let info = map.next_value::<Box<RawValue>>()?;
                    self.hand_over(Piece::Info(&info))?;
                }
                "replay_config" => {
                    let config = map.next_value::<Box<RawValue>>()?;
                    self.hand_over(Piece::ReplayConfig(&config))?;
                }
                _ => {
                    self.gauge.unlimited();
                    map.next_value::<IgnoredAny>()?;
                }
            }
            self.gauge.next_unit();
        }
        Ok(())
    }
}

/// The elements of a list, one by one.
struct Elements<'d, 'a, 't> {
    document: &'d mut Document<'a, 't>,
    piece: for<'r> fn(&'r RawValue) -> Piece<'r>,
}

impl<'de> DeserializeSeed<'de> for Elements<'_, '_, '_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Elements<'_, '_, '_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }
    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        self.document.gauge.next_unit();
        while let Some(element) = list.next_element::<Box<RawValue>>()? {
            self.document.hand_over((self.piece)(&element))?;
            self.document.gauge.next_unit();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str) -> (Vec<String>, End) {
        let mut found = Vec::new();
        let end = read(text.as_bytes(), &mut |piece, mark| {
            let (kind, raw) = match piece {
                Piece::Step(raw) => ("step", raw),
                Piece::Message(raw) => ("message", raw),
                Piece::Info(raw) => ("info", raw),
                Piece::ReplayConfig(raw) => ("replay", raw),
            };
            found.push(format!("{}:{} {kind} {}", mark.line, mark.read_bytes, raw.get()));
            Ok(())
        });
        (found, end.unwrap())
    }

    #[test]
    fn pieces_come_in_order_with_their_lines() {
        let (found, end) = pieces(
            "{\"environment\":{\"a\":[1]},\n\"trajectory\":[{\"a\":1},\n 2],\"history\":null,\n\"info\":{}}\n",
        );
        assert_eq!(found, ["2:47 step {\"a\":1}", "3:52 step 2", "4:78 info {}"]);
        assert!(end.broken.is_none());
        assert_eq!(end.digest.len(), 64);
    }

    #[test]
    fn what_stands_before_a_break_is_found_and_the_digest_covers_all() {
        let text = "{\"history\":[1,\n2,\n";
        let (found, end) = pieces(text);
        assert_eq!(found, ["1:14 message 1", "2:17 message 2"]);
        let (mark, reason) = end.broken.unwrap();
        assert_eq!((mark.line, mark.read_bytes), (3, 18));
        assert!(reason.contains("EOF"), "{reason}");
        assert_ne!(end.digest, pieces("{\"history\":[1,\n2,\n ").1.digest);
        assert!(pieces("{} x").1.broken.is_some());
        assert!(pieces("[1]").1.broken.unwrap().1.contains("expected an object with `trajectory`"));
    }

    #[test]
    fn an_element_that_is_too_large_breaks_off_while_ignored_values_may_be_of_any_size() {
        let long = "x".repeat(1_001);
        let too_large = format!("{{\"history\":[\"{long}\"]}}");
        let end = read_bounded(too_large.as_bytes(), 1_000, &mut |_, _| panic!("it is not handed over"));
        let (_, reason) = end.unwrap().broken.unwrap();
        assert!(reason.contains("at most 1000 bytes"), "{reason}");
        let ignored = format!("{{\"other\":\"{long}\",\"history\":[1]}}");
        let mut count = 0;
        let end = read_bounded(ignored.as_bytes(), 1_000, &mut |_, _| {
            count += 1;
            Ok(())
        });
        assert!(end.unwrap().broken.is_none());
        assert_eq!(count, 1);
    }
}
