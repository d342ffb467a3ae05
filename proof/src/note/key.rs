//! Keys of notes and their text forms, which are those of Go's `sumdb/note`.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::Signer as _;

use crate::cosignature;
use crate::hash::sha256;

/// Why a text is not a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// It does not have the form of one. The text itself is not repeated: it may be secret.
    #[error("expected a key as `{expected}`")]
    Malformed {
        /// The form.
        expected: &'static str,
    },
    /// The name is empty, or has a space or a plus.
    #[error("expected a key name without spaces and `+`, got `{actual}`")]
    Name {
        /// The name.
        actual: String,
    },
    /// The id does not follow from the name and the public part: one of them was altered.
    #[error("expected key id {expected:08x}, got {actual:08x}")]
    Id {
        /// The id that follows from the rest.
        expected: u32,
        /// The id given.
        actual: u32,
    },
    /// The algorithm is not one of [`Algorithm`].
    #[error("expected an Ed25519 key, got algorithm {actual:#04x}")]
    Algorithm {
        /// Its number.
        actual: u8,
    },
    /// The public part is no point of the curve.
    #[error("expected a public key of Ed25519")]
    Point,
}

/// What a key's signatures are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// Ed25519 over the text.
    Ed25519,
    /// A witness's Ed25519 over a time and the text (<https://c2sp.org/tlog-cosignature>, version 1).
    CosignatureV1,
}

impl Algorithm {
    fn number(self) -> u8 {
        match self {
            Self::Ed25519 => 1,
            Self::CosignatureV1 => 4,
        }
    }
}

/// The public half of a key: `name+id+base64`.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifyingKey {
    name: String,
    id: u32,
    algorithm: Algorithm,
    key: ed25519_dalek::VerifyingKey,
}

impl VerifyingKey {
    /// From its parts; the public key as 32 bytes.
    ///
    /// # Errors
    /// Where the name is impossible or the bytes are no public key.
    pub fn new(name: impl Into<String>, algorithm: Algorithm, public: &[u8; 32]) -> Result<Self, KeyError> {
        let name = checked_name(name.into())?;
        let key = ed25519_dalek::VerifyingKey::from_bytes(public).map_err(|_| KeyError::Point)?;
        let id = key_id(&name, algorithm, public);
        Ok(Self { name, id, algorithm, key })
    }
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
    /// Its id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.id
    }
    /// What its signatures are.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
    /// The 32 bytes of the public key.
    #[must_use]
    pub fn public(&self) -> [u8; 32] {
        self.key.to_bytes()
    }
    /// Whether `signature` is one of this key over a note's text. Strict: a signature has one form, and keys of
    /// small order sign nothing.
    #[must_use]
    pub fn verify(&self, text: &str, signature: &[u8]) -> bool {
        match self.algorithm {
            Algorithm::Ed25519 => self.verify_bytes(text.as_bytes(), signature),
            Algorithm::CosignatureV1 => cosignature::split(signature).is_some_and(|(seconds, signature)| {
                self.verify_bytes(cosignature::message(text, seconds).as_bytes(), signature)
            }),
        }
    }
    pub(crate) fn verify_bytes(&self, message: &[u8], signature: &[u8]) -> bool {
        ed25519_dalek::Signature::from_slice(signature)
            .is_ok_and(|signature| self.key.verify_strict(message, &signature).is_ok())
    }
}

impl fmt::Display for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = [&[self.algorithm.number()], &self.key.to_bytes()[..]].concat();
        f.pad(&format!("{}+{:08x}+{}", self.name, self.id, STANDARD.encode(value)))
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey({self})")
    }
}

impl FromStr for VerifyingKey {
    type Err = KeyError;
    fn from_str(text: &str) -> Result<Self, KeyError> {
        const FORM: &str = "name+id+base64";
        let (name, actual, algorithm, public) = parts(text, FORM)?;
        let algorithm = match algorithm {
            1 => Algorithm::Ed25519,
            4 => Algorithm::CosignatureV1,
            actual => return Err(KeyError::Algorithm { actual }),
        };
        let key = Self::new(name, algorithm, &public)?;
        if key.id == actual { Ok(key) } else { Err(KeyError::Id { expected: key.id, actual }) }
    }
}

/// The secret half of an Ed25519 key. Its secret shows in [`SigningKey::to_secret_text`] only.
#[derive(Clone)]
pub struct SigningKey {
    verifying: VerifyingKey,
    key: ed25519_dalek::SigningKey,
}

impl SigningKey {
    /// From 32 bytes of good randomness.
    ///
    /// # Errors
    /// Where the name is empty, or has a space or a plus.
    pub fn from_seed(name: impl Into<String>, seed: &[u8; 32]) -> Result<Self, KeyError> {
        let key = ed25519_dalek::SigningKey::from_bytes(seed);
        let verifying = VerifyingKey::new(name, Algorithm::Ed25519, &key.verifying_key().to_bytes())?;
        Ok(Self { verifying, key })
    }
    /// From `PRIVATE+KEY+name+id+base64`.
    ///
    /// # Errors
    /// Where the text is anything else.
    pub fn from_secret_text(text: &str) -> Result<Self, KeyError> {
        const FORM: &str = "PRIVATE+KEY+name+id+base64";
        let rest = text.strip_prefix("PRIVATE+KEY+").ok_or(KeyError::Malformed { expected: FORM })?;
        let (name, actual, algorithm, seed) = parts(rest, FORM)?;
        if algorithm != Algorithm::Ed25519.number() {
            return Err(KeyError::Algorithm { actual: algorithm });
        }
        let key = Self::from_seed(name, &seed)?;
        let expected = key.verifying.id;
        if expected == actual { Ok(key) } else { Err(KeyError::Id { expected, actual }) }
    }
    /// The secret, as `PRIVATE+KEY+name+id+base64`. Belongs into a file that only its owner reads.
    #[must_use]
    pub fn to_secret_text(&self) -> String {
        let value = [&[Algorithm::Ed25519.number()], &self.key.to_bytes()[..]].concat();
        format!("PRIVATE+KEY+{}+{:08x}+{}", self.verifying.name, self.verifying.id, STANDARD.encode(value))
    }
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.verifying.name
    }
    /// The public half.
    #[must_use]
    pub fn verifying_key(&self) -> &VerifyingKey {
        &self.verifying
    }
    /// The 64 bytes of its signature.
    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.key.sign(message).to_bytes()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey(of {})", self.verifying)
    }
}

/// Whether a key may have this name.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|c| c.is_whitespace() || c == '+')
}

fn checked_name(name: String) -> Result<String, KeyError> {
    if is_name(&name) { Ok(name) } else { Err(KeyError::Name { actual: name }) }
}

/// `name+id+base64` as name, id, algorithm and key material.
fn parts<'a>(text: &'a str, expected: &'static str) -> Result<(&'a str, u32, u8, [u8; 32]), KeyError> {
    let malformed = || KeyError::Malformed { expected };
    // Only base64 has further pluses.
    let mut fields = text.splitn(3, '+');
    let (Some(name), Some(id), Some(value)) = (fields.next(), fields.next(), fields.next()) else {
        return Err(malformed());
    };
    let is_id = id.len() == 8 && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let id = u32::from_str_radix(id, 16).ok().filter(|_| is_id).ok_or_else(malformed)?;
    let value = STANDARD.decode(value).map_err(|_| malformed())?;
    let (algorithm, material) = value.split_first().ok_or_else(malformed)?;
    // Other algorithms have keys of other lengths; which one it is says more than a wrong length.
    let material = material.try_into().map_err(|_| match algorithm {
        1 | 4 => malformed(),
        actual => KeyError::Algorithm { actual: *actual },
    })?;
    Ok((name, id, *algorithm, material))
}

fn key_id(name: &str, algorithm: Algorithm, public: &[u8; 32]) -> u32 {
    let hash = sha256(&[name.as_bytes(), &[b'\n', algorithm.number()], public].concat());
    u32::from_be_bytes([hash.0[0], hash.0[1], hash.0[2], hash.0[3]])
}
