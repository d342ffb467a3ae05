//! What the tree takes of a record: its exact bytes, or for a long one a stand-in.

use std::borrow::Cow;

use crate::hash::{Hash, leaf_hash, sha256};

/// Longest record that is its own entry: an entry bundle counts lengths with 16 bits.
pub const LONGEST: usize = u16::MAX as usize;
/// Length of the entry that stands for a longer record.
pub const STAND_IN_LEN: usize = 48;

const MAGIC: [u8; 8] = *b"WBX1\0\0\0\0";

/// The entry of a stored record.
#[must_use]
pub fn entry(record: &[u8]) -> Cow<'_, [u8]> {
    if record.len() <= LONGEST {
        Cow::Borrowed(record)
    } else {
        Cow::Owned(StandIn::of(record).encode().to_vec())
    }
}

/// The leaf of a stored record: [`leaf_hash`] of its [`entry`].
#[must_use]
pub fn leaf(record: &[u8]) -> Hash {
    leaf_hash(&entry(record))
}

/// What stands for a record longer than [`LONGEST`] bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StandIn {
    /// Length of the record in bytes.
    pub length: u64,
    /// SHA-256 of the record.
    pub sha256: Hash,
}

impl StandIn {
    /// Of a record.
    #[must_use]
    pub fn of(record: &[u8]) -> Self {
        Self { length: record.len() as u64, sha256: sha256(record) }
    }
    /// The entry's bytes.
    #[must_use]
    pub fn encode(&self) -> [u8; STAND_IN_LEN] {
        let mut bytes = [0; STAND_IN_LEN];
        bytes[..8].copy_from_slice(&MAGIC);
        bytes[8..16].copy_from_slice(&self.length.to_le_bytes());
        bytes[16..].copy_from_slice(&self.sha256.0);
        bytes
    }
    /// From an entry; `None` where the entry is not a stand-in. No record is mistaken for one: a record is
    /// longer, and its third byte is its format.
    #[must_use]
    pub fn parse(entry: &[u8]) -> Option<Self> {
        let bytes: &[u8; STAND_IN_LEN] = entry.try_into().ok()?;
        let length = u64::from_le_bytes(bytes[8..16].try_into().expect("eight bytes"));
        let sha256 = Hash(bytes[16..].try_into().expect("32 bytes"));
        (bytes[..8] == MAGIC && length > LONGEST as u64).then_some(Self { length, sha256 })
    }
    /// Whether it stands for these bytes.
    #[must_use]
    pub fn fits(&self, record: &[u8]) -> bool {
        *self == Self::of(record)
    }
    /// Where the record's bytes lie beside the tiles: `records/<SHA-256 in hexadecimal>`.
    #[must_use]
    pub fn path(&self) -> String {
        format!("records/{}", self.sha256.to_hex())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_its_own_entry_until_it_is_too_long_for_a_bundle() {
        let longest = vec![7; LONGEST];
        assert!(matches!(entry(&longest), Cow::Borrowed(bytes) if bytes == longest));
        assert_eq!(leaf(&longest), leaf_hash(&longest));
        let longer = vec![7; LONGEST + 1];
        let stand_in = entry(&longer).into_owned();
        assert_eq!(stand_in.len(), STAND_IN_LEN);
        assert_eq!(leaf(&longer), leaf_hash(&stand_in));
        let parsed = StandIn::parse(&stand_in).expect("it is one");
        assert!(parsed.fits(&longer) && !parsed.fits(&longest));
        assert_eq!(parsed.path(), format!("records/{}", sha256(&longer).to_hex()));
    }

    #[test]
    fn nothing_else_is_a_stand_in() {
        let good = StandIn::of(&vec![7; LONGEST + 1]).encode();
        for at in [0, 3, 4, 7] {
            let mut wrong = good;
            wrong[at] ^= 1;
            assert_eq!(StandIn::parse(&wrong), None, "byte {at}");
        }
        assert_eq!(StandIn::parse(&good[..47]), None);
        assert_eq!(StandIn::parse(&[&good[..], &[0]].concat()), None);
        let short = StandIn { length: LONGEST as u64, sha256: sha256(b"") };
        assert_eq!(StandIn::parse(&short.encode()), None);
    }
}
