//! SHA-256 as RFC 6962 uses it: leaves and inner nodes are hashed under different prefixes.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// A SHA-256 hash: 32 bytes, in text base64 as in a checkpoint.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; 32]);

/// Root of the tree without leaves: SHA-256 of nothing.
pub const EMPTY_ROOT: Hash = Hash([
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27,
    0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
]);

/// Why a text is not a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a hash of 32 bytes in base64")]
pub struct HashError;

/// Hash of a leaf: SHA-256 over 0x00 and the entry (RFC 6962, section 2.1).
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> Hash {
    Hash(Sha256::new().chain_update([0]).chain_update(entry).finalize().into())
}

/// Hash of an inner node: SHA-256 over 0x01 and both children (RFC 6962, section 2.1).
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut input = [1; 65];
    input[1..33].copy_from_slice(&left.0);
    input[33..].copy_from_slice(&right.0);
    Hash(Sha256::digest(input).into())
}

/// Plain SHA-256.
#[must_use]
pub fn sha256(bytes: &[u8]) -> Hash {
    Hash(Sha256::digest(bytes).into())
}

impl Hash {
    /// The hash as 64 lower-case hexadecimal digits, as file names use it.
    #[must_use]
    pub fn to_hex(self) -> String {
        self.0.iter().fold(String::with_capacity(64), |mut text, byte| {
            for digit in [byte >> 4, byte & 15] {
                text.push(char::from_digit(digit.into(), 16).expect("four bits are a digit"));
            }
            text
        })
    }
    /// From 64 lower-case hexadecimal digits.
    ///
    /// # Errors
    /// Where the text is anything else.
    pub fn from_hex(text: &str) -> Result<Self, HashError> {
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Ok(byte - b'0'),
            b'a'..=b'f' => Ok(byte - b'a' + 10),
            _ => Err(HashError),
        };
        let digits: &[u8; 64] = text.as_bytes().try_into().map_err(|_| HashError)?;
        let mut hash = [0; 32];
        for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Ok(Self(hash))
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&STANDARD.encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}

impl FromStr for Hash {
    type Err = HashError;
    fn from_str(text: &str) -> Result<Self, HashError> {
        let bytes = STANDARD.decode(text).map_err(|_| HashError)?;
        bytes.try_into().map(Self).map_err(|_| HashError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_rfc_6962() {
        assert_eq!(sha256(b""), EMPTY_ROOT);
        // The first leaf and the first node of the test vectors of Certificate Transparency.
        let leaf = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d";
        assert_eq!(leaf_hash(b"").to_hex(), leaf);
        let node = "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125";
        assert_eq!(node_hash(&leaf_hash(b""), &leaf_hash(&[0])).to_hex(), node);
    }

    #[test]
    fn a_hash_has_one_spelling() {
        let hash = leaf_hash(b"entry");
        assert_eq!(hash.to_string().parse(), Ok(hash));
        assert_eq!(Hash::from_hex(&hash.to_hex()), Ok(hash));
        let text = hash.to_string();
        for wrong in [&text[..43], &format!("{text}="), &format!(" {text}"), "", "AAAA"] {
            assert_eq!(wrong.parse::<Hash>(), Err(HashError), "{wrong}");
        }
        // The last character carries two bits that no byte needs; they must be zero.
        let loose = text.replace(&text[42..43], if text.as_bytes()[42] == b'A' { "B" } else { "A" });
        assert!(loose.parse::<Hash>() != Ok(hash));
        for wrong in [hash.to_hex().to_uppercase(), "zz".repeat(32), "00".repeat(31)] {
            assert_eq!(Hash::from_hex(&wrong), Err(HashError), "{wrong}");
        }
    }
}
