//! Keeps known secrets out of what is written: as they are, and as programs print them.

use std::collections::BTreeMap;
use std::sync::Arc;

use aho_corasick::{AhoCorasick, MatchKind};
use zeroize::Zeroizing;

use crate::Plain;
use crate::text::escape;

mod forms;

/// Shorter values are not looked for: they would be found in what has nothing to do with them.
pub const VALUE_MIN_BYTES: usize = 8;
/// Most bytes that all forms of all secrets of a project have together.
pub const PATTERN_MAX_BYTES: usize = 4 << 20;
/// The end of a part is held back where so much of it may be the beginning of a secret.
const HELD_MIN_BYTES: usize = 4;

/// Finds the secrets of one project, in every form that they are looked for in.
pub struct Redactor {
    /// Over texts as they are.
    texts: AhoCorasick,
    /// Over texts as JSON has them.
    json: AhoCorasick,
    /// In order, each with the name of its secret.
    forms: Vec<(Zeroizing<Vec<u8>>, Arc<str>)>,
    /// First bytes of forms.
    first: [bool; 256],
    longest: usize,
}

/// The end of a part that may be the beginning of a secret; what comes next tells.
#[derive(Clone, Default)]
pub struct Carry {
    tail: Zeroizing<String>,
    /// How many bytes of it were given out, or have a marker in their place.
    given: usize,
}

impl Redactor {
    /// One for the secrets of a project, each with its name; `None` where there is nothing to look for.
    ///
    /// # Errors
    /// How many bytes all forms have, where that is more than [`PATTERN_MAX_BYTES`].
    pub fn new<'a>(secrets: impl IntoIterator<Item = (&'a str, &'a Plain)>) -> Result<Option<Self>, usize> {
        let mut forms = BTreeMap::new();
        for (name, value) in secrets {
            let name: Arc<str> = name.into();
            for form in forms::of(value.expose()) {
                forms.entry(form.to_vec()).or_insert_with(|| name.clone());
            }
        }
        let bytes = forms.keys().map(Vec::len).sum();
        if bytes > PATTERN_MAX_BYTES {
            return Err(bytes);
        }
        if forms.is_empty() {
            return Ok(None);
        }
        let forms: Vec<_> = forms.into_iter().map(|(form, name)| (Zeroizing::new(form), name)).collect();
        let escaped = forms.iter().map(|(form, _)| {
            let mut out = Vec::with_capacity(form.len());
            escape(std::str::from_utf8(form).unwrap_or_default(), &mut out);
            out
        });
        let json = finder(escaped.collect::<Vec<_>>());
        let texts = finder(forms.iter().map(|(form, _)| form.as_slice()));
        let mut first = [false; 256];
        for (form, _) in &forms {
            first[usize::from(form[0])] = true;
        }
        let longest = forms.iter().map(|(form, _)| form.len()).max().unwrap_or(0);
        Ok(Some(Self { texts, json, forms, first, longest }))
    }

    /// Whether a JSON text may hold a secret. What it denies, no string of it holds.
    #[must_use]
    pub fn is_in(&self, json: &[u8]) -> bool {
        self.json.is_match(json)
    }

    /// The text with a marker in place of each secret; `None` where there is none in it.
    #[must_use]
    pub fn redact(&self, text: &str) -> Option<String> {
        let mut found = self.texts.find_iter(text).peekable();
        found.peek()?;
        let (mut out, mut end) = (String::with_capacity(text.len()), 0);
        for hit in found {
            out.push_str(&text[end..hit.start()]);
            out.push_str(&self.marker(hit.pattern().as_usize()));
            end = hit.end();
        }
        out.push_str(&text[end..]);
        Some(out)
    }
    fn marker(&self, form: usize) -> String {
        format!("⟦secret:{}⟧", self.forms[form].1)
    }

    /// As [`Redactor::redact`], for one part of a text that comes in several, with what is carried from the part before
    /// to the part after. Where `more` follows, an end that may be the beginning of a secret waits for it; where none
    /// does, it is taken for one if it is long. No part of the text is lost but secrets, and what looked like the
    /// beginning of one at the very end. `None` where the part stays as it is.
    #[must_use]
    pub fn redact_part(&self, text: &str, carry: &Carry, more: bool) -> (Option<String>, Carry) {
        let whole = Zeroizing::new(format!("{}{text}", *carry.tail));
        let at = self.tail(&whole);
        let tail = &whole[at..];
        let held = more && tail.len() >= HELD_MIN_BYTES;
        let marked = !more && tail.len() >= VALUE_MIN_BYTES;
        let stays = if held || marked { &whole[..at] } else { whole.as_str() };
        // What was given out is not given out again, unless it turned out to go on as a secret.
        let first = self.texts.find(stays).map_or(usize::MAX, |hit| hit.start());
        let begins = carry.given.min(first).min(stays.len());
        let mut out = self.redact(&stays[begins..]).unwrap_or_else(|| stays[begins..].to_owned());
        if marked && let Some(form) = self.beginning(tail.as_bytes()) {
            out.push_str(&self.marker(form));
        }
        let given = if held { carry.given.saturating_sub(at) } else { tail.len() };
        let carry = Carry { tail: Zeroizing::new(tail.to_owned()), given };
        (if out == text { None } else { Some(out) }, carry)
    }

    /// Where the end begins that may be the beginning of a secret; the length of `text` where there is none.
    fn tail(&self, text: &str) -> usize {
        let bytes = text.as_bytes();
        // A whole secret at the very end is found, and not the beginning of a longer one.
        let done = self.texts.find_iter(text).last().map_or(0, |hit| hit.end());
        let start = bytes.len().saturating_sub(self.longest).max(done);
        let begins = |at: &usize| {
            text.is_char_boundary(*at)
                && self.first[usize::from(bytes[*at])]
                && self.beginning(&bytes[*at..]).is_some()
        };
        (start..bytes.len()).find(begins).unwrap_or(bytes.len())
    }
    /// A form that begins with `bytes`.
    fn beginning(&self, bytes: &[u8]) -> Option<usize> {
        let at = self.forms.partition_point(|(form, _)| form.as_slice() < bytes);
        self.forms.get(at).is_some_and(|(form, _)| form.starts_with(bytes)).then_some(at)
    }

    /// As for a further part whose beginning nobody remembers: an end of a secret at its start is taken for one.
    #[must_use]
    pub fn redact_orphan(&self, text: &str) -> Option<String> {
        let bytes = text.as_bytes();
        let ends = |form: &[u8]| {
            let most = form.len().saturating_sub(1).min(bytes.len());
            (VALUE_MIN_BYTES..=most).rev().find(|len| bytes.starts_with(&form[form.len() - len..]))
        };
        let hits = self.forms.iter().enumerate().filter_map(|(at, (form, _))| Some((ends(form)?, at)));
        let (len, at) = hits.max()?;
        Some(format!("{}{}", self.marker(at), &text[len..]))
    }
}

impl Carry {
    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tail.is_empty()
    }
}

fn finder<P: AsRef<[u8]>>(patterns: impl IntoIterator<Item = P>) -> AhoCorasick {
    AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .build(patterns)
        .expect("patterns are bounded far below what the finder can number")
}

#[cfg(test)]
mod tests;
