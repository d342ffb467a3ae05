//! What is known of a block of rows without reading it: which texts its fields may have, and between which bounds its
//! figures lie. It may say of a block that it has what a reader wants, and be wrong; never the other way.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What is known of some rows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Marks {
    /// For each field that a view filters by, a bit for each text that a row has there.
    fields: Vec<u64>,
    /// For each of its figures, what rows have there.
    figures: Vec<Span>,
}

/// Bounds of a figure over some rows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Span {
    /// The least, beyond all numbers where it is known of none.
    pub(crate) least: f64,
    /// The greatest, below all numbers where it is known of none.
    pub(crate) most: f64,
    /// Whether there are rows of which it is unknown.
    pub(crate) unknown: bool,
}

impl Default for Span {
    fn default() -> Self {
        Self { least: f64::INFINITY, most: f64::NEG_INFINITY, unknown: false }
    }
}

impl Marks {
    /// None yet, for so many fields and figures.
    pub(crate) fn new(fields: usize, figures: usize) -> Self {
        Self { fields: vec![0; fields], figures: vec![Span::default(); figures] }
    }
    /// A row has this text in that field.
    pub(crate) fn text(&mut self, field: usize, bit: Bit) {
        if let Some(bits) = self.fields.get_mut(field) {
            *bits |= bit.0;
        }
    }
    /// A row has this figure.
    pub(crate) fn figure(&mut self, figure: usize, value: Option<f64>) {
        let Some(span) = self.figures.get_mut(figure) else { return };
        match value {
            Some(value) => (span.least, span.most) = (span.least.min(value), span.most.max(value)),
            None => span.unknown = true,
        }
    }
    /// These rows and those.
    pub(crate) fn join(&mut self, other: &Self) {
        if self.fields.is_empty() && self.figures.is_empty() {
            self.clone_from(other);
            return;
        }
        self.fields.iter_mut().zip(&other.fields).for_each(|(bits, more)| *bits |= more);
        for (span, more) in self.figures.iter_mut().zip(&other.figures) {
            (span.least, span.most) = (span.least.min(more.least), span.most.max(more.most));
            span.unknown |= more.unknown;
        }
    }
    /// Whether a row may have this text in that field.
    pub(crate) fn may_have(&self, field: usize, bit: Bit) -> bool {
        self.fields.get(field).is_none_or(|bits| bits & bit.0 != 0)
    }
    /// The bounds of that figure, where anything is known.
    pub(crate) fn span(&self, figure: usize) -> Option<Span> {
        self.figures.get(figure).copied()
    }
}

/// The one of 64 bits that a text has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bit(u64);

/// FNV-1a, 64 bits, over a text as it is written.
pub(crate) struct Hashed(u64);

impl Hashed {
    pub(crate) const fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
    pub(crate) fn of(text: &str) -> Self {
        let mut hashed = Self::new();
        hashed.take(text);
        hashed
    }
    fn take(&mut self, text: &str) {
        for byte in text.bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    pub(crate) const fn bit(&self) -> Bit {
        Bit(1 << ((self.0 ^ (self.0 >> 32)) & 63))
    }
}

impl fmt::Write for Hashed {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        self.take(part);
        Ok(())
    }
}
