//! Cosignatures of witnesses, version 1: when a tree was seen to be consistent (<https://c2sp.org/tlog-cosignature>).

use crate::note::{Algorithm, Note, Signature, SigningKey, VerifyingKey};

/// Bytes of a cosignature: the time and an Ed25519 signature.
const LEN: usize = 8 + 64;

/// The key under which `witness` cosigns. Its id differs from that of the same key for plain notes.
#[must_use]
pub fn verifying_key(witness: &SigningKey) -> VerifyingKey {
    VerifyingKey::new(witness.name(), Algorithm::CosignatureV1, &witness.verifying_key().public())
        .expect("name and point are those of a key")
}

/// Adds a witness's cosignature to a checkpoint, in place of an earlier one. It states that the checkpoint is the
/// largest consistent one that the witness has seen at `seconds` since 1970; to know that is up to the caller.
pub fn cosign(checkpoint: &mut Note, witness: &SigningKey, seconds: u64) {
    let signature = witness.sign(message(checkpoint.text(), seconds).as_bytes());
    let key = verifying_key(witness);
    let bytes = [&seconds.to_be_bytes()[..], &signature].concat();
    checkpoint.push(Signature { name: key.name().to_owned(), key_id: key.id(), bytes });
}

/// When a cosignature was made, in seconds since 1970. `None` where it is no cosignature. Means something only
/// once the key has verified it.
#[must_use]
pub fn seconds(signature: &Signature) -> Option<u64> {
    split(&signature.bytes).map(|(seconds, _)| seconds)
}

/// What the witness signs.
pub(crate) fn message(text: &str, seconds: u64) -> String {
    format!("cosignature/v1\ntime {seconds}\n{text}")
}

/// Time and signature.
pub(crate) fn split(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (seconds, signature) = bytes.split_first_chunk::<8>()?;
    let seconds = u64::from_be_bytes(*seconds);
    (bytes.len() == LEN && i64::try_from(seconds).is_ok()).then_some((seconds, signature))
}
