//! Signed notes: a text and the signatures under it (<https://c2sp.org/signed-note>).

mod key;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

pub use key::{Algorithm, KeyError, SigningKey, VerifyingKey};

/// Largest note, in bytes.
pub const MAX_BYTES: usize = 1_000_000;
/// Most signatures of a note.
pub const MAX_SIGNATURES: usize = 100;

/// Why bytes are not a note, or one that nobody known has signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// It does not have the form of a note.
    #[error("expected a signed note, got {reason}")]
    Malformed {
        /// What it is instead.
        reason: &'static str,
    },
    /// A key that is known did not make the signature that bears its name.
    #[error("the signature of `{name}` does not fit the note")]
    Signature {
        /// Name of the key.
        name: String,
    },
    /// No key that is known has signed it.
    #[error("expected a signature of a known key, got those of {}", names(actual))]
    Unknown {
        /// Names of those that have.
        actual: Vec<String>,
    },
    /// Two of the known keys have the signature's name and id; which of them is meant cannot be told.
    #[error("expected keys of distinct names and ids, got two of `{name}`")]
    Ambiguous {
        /// Their name.
        name: String,
    },
}

fn names(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// A signature line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// Name of the key.
    pub name: String,
    /// Id of the key: four bytes of a hash over its name, algorithm and public part.
    pub key_id: u32,
    /// The signature as its algorithm gives it.
    pub bytes: Vec<u8>,
}

/// A text and its signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<Signature>,
}

impl Note {
    /// A note that nobody has signed yet.
    ///
    /// # Errors
    /// Where the text does not end with a newline, or has control characters other than that.
    pub fn new(text: impl Into<String>) -> Result<Self, NoteError> {
        let text = text.into();
        if !text.ends_with('\n') {
            return Err(malformed("a text that does not end with a newline"));
        }
        check_characters(&text)?;
        Ok(Self { text, signatures: Vec::new() })
    }
    /// A note signed by every one of `keys`.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn signed(text: impl Into<String>, keys: &[&SigningKey]) -> Result<Self, NoteError> {
        let mut note = Self::new(text)?;
        for key in keys {
            note.sign(key);
        }
        Ok(note)
    }
    /// From the bytes of a note; says nothing about its signatures.
    ///
    /// # Errors
    /// Where they do not have the form of one.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        if bytes.len() > MAX_BYTES {
            return Err(malformed("more than a million bytes"));
        }
        let note = std::str::from_utf8(bytes).map_err(|_| malformed("bytes that are not UTF-8"))?;
        check_characters(note)?;
        let end = note.rfind("\n\n").ok_or_else(|| malformed("no empty line before signatures"))?;
        let (text, lines) = (&note[..=end], &note[end + 2..]);
        let lines = lines.strip_suffix('\n').ok_or_else(|| malformed("no newline at its end"))?;
        let signatures: Vec<_> = lines.split('\n').map(Signature::parse).collect::<Result<_, _>>()?;
        if signatures.len() > MAX_SIGNATURES {
            return Err(malformed("more than 100 signatures"));
        }
        Ok(Self { text: text.to_owned(), signatures })
    }
    /// From the bytes of a note that one of `keys` has signed; also gives those that have.
    ///
    /// # Errors
    /// Where they are not a note, a known key's signature does not fit, or no known key has signed.
    pub fn open<'k>(
        bytes: &[u8],
        keys: &'k [VerifyingKey],
    ) -> Result<(Self, Vec<&'k VerifyingKey>), NoteError> {
        let note = Self::parse(bytes)?;
        let signers = note.signers(keys)?;
        Ok((note, signers))
    }
    /// Those of `keys` that have signed it, at least one.
    ///
    /// # Errors
    /// Where a known key's signature does not fit, or no known key has signed.
    pub fn signers<'k>(&self, keys: &'k [VerifyingKey]) -> Result<Vec<&'k VerifyingKey>, NoteError> {
        let mut signers: Vec<&VerifyingKey> = Vec::new();
        for signature in &self.signatures {
            let mut known = keys.iter().filter(|key| signature.is_of(key));
            let Some(key) = known.next() else { continue };
            if known.next().is_some() {
                return Err(NoteError::Ambiguous { name: key.name().to_owned() });
            }
            // A second line of the same key adds nothing, as in Go's implementation.
            if signers.contains(&key) {
                continue;
            }
            if !key.verify(&self.text, &signature.bytes) {
                return Err(NoteError::Signature { name: key.name().to_owned() });
            }
            signers.push(key);
        }
        if signers.is_empty() {
            let actual = self.signatures.iter().map(|signature| signature.name.clone()).collect();
            return Err(NoteError::Unknown { actual });
        }
        Ok(signers)
    }
    /// Adds a key's signature, in place of one that it made before.
    pub fn sign(&mut self, key: &SigningKey) {
        let signature = Signature {
            name: key.name().to_owned(),
            key_id: key.verifying_key().id(),
            bytes: key.sign(self.text.as_bytes()).to_vec(),
        };
        self.push(signature);
    }
    /// Adds a signature that someone else made, in place of an earlier one of that key.
    pub fn push(&mut self, signature: Signature) {
        self.signatures.retain(|other| (&other.name, other.key_id) != (&signature.name, signature.key_id));
        self.signatures.push(signature);
    }
    /// What is signed; ends with a newline.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
    /// The signatures in their order, checked or not.
    #[must_use]
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }
    /// The note's bytes: the text, an empty line, a line for each signature.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut text = format!("{}\n", self.text);
        for signature in &self.signatures {
            text.push_str(&signature.line());
        }
        text
    }
}

impl Signature {
    /// From a line without its newline.
    fn parse(line: &str) -> Result<Self, NoteError> {
        let rest = line.strip_prefix("— ").ok_or_else(|| malformed("a signature that begins otherwise"))?;
        let (name, encoded) =
            rest.split_once(' ').ok_or_else(|| malformed("a signature without a name or value"))?;
        if !key::is_name(name) {
            return Err(malformed("a signature of an impossible name"));
        }
        let bytes = STANDARD.decode(encoded).map_err(|_| malformed("a signature that is not base64"))?;
        match bytes.split_first_chunk::<4>() {
            Some((id, bytes)) if !bytes.is_empty() => {
                Ok(Self { name: name.to_owned(), key_id: u32::from_be_bytes(*id), bytes: bytes.to_vec() })
            }
            _ => Err(malformed("a signature that is too short")),
        }
    }
    fn line(&self) -> String {
        let value = [&self.key_id.to_be_bytes()[..], &self.bytes].concat();
        format!("— {} {}\n", self.name, STANDARD.encode(value))
    }
    /// Whether it bears the name and id of a key.
    #[must_use]
    pub fn is_of(&self, key: &VerifyingKey) -> bool {
        self.name == key.name() && self.key_id == key.id()
    }
}

fn malformed(reason: &'static str) -> NoteError {
    NoteError::Malformed { reason }
}

fn check_characters(text: &str) -> Result<(), NoteError> {
    let control = text.bytes().any(|byte| byte < 0x20 && byte != b'\n');
    if control { Err(malformed("control characters")) } else { Ok(()) }
}
