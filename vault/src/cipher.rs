//! The one place that knows the cipher: XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03).

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// Bytes of a key.
pub(crate) const KEY_BYTES: usize = 32;
/// Bytes of a nonce: long enough to be taken by chance.
pub(crate) const NONCE_BYTES: usize = 24;
/// Bytes that sealing adds.
pub(crate) const TAG_BYTES: usize = 16;

/// A key in memory: wiped when it is let go of.
pub(crate) type KeyBytes = Zeroizing<[u8; KEY_BYTES]>;

/// Bytes of the system's randomness.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the system gives randomness");
    bytes
}

fn cipher(key: &[u8; KEY_BYTES]) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&Key::from(*key))
}

/// Seals `plain` under `key`; it opens with the same `about` only.
pub(crate) fn seal(key: &[u8; KEY_BYTES], nonce: &[u8; NONCE_BYTES], about: &[u8], plain: &[u8]) -> Vec<u8> {
    cipher(key)
        .encrypt(&XNonce::from(*nonce), Payload { msg: plain, aad: about })
        .expect("what is sealed is far below the cipher's 256 GiB")
}

/// What was sealed; `None` where key, nonce, `about` or bytes are not those of sealing.
pub(crate) fn open(
    key: &[u8; KEY_BYTES],
    nonce: &[u8; NONCE_BYTES],
    about: &[u8],
    sealed: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let opened = cipher(key).decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: about });
    opened.ok().map(Zeroizing::new)
}

/// A digest that only the holder of `key` can make or check: SHA-256, keyed outside and inside.
pub(crate) fn digest(key: &[u8; KEY_BYTES], label: &str, text: &[u8]) -> [u8; 32] {
    let inner = Sha256::new().chain_update(key).chain_update(label).chain_update([0]).chain_update(text);
    Sha256::new().chain_update(key).chain_update([1]).chain_update(inner.finalize()).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_with_everything_the_same_and_nothing_else() {
        let (key, nonce) = ([7; 32], [9; 24]);
        let sealed = seal(&key, &nonce, b"about", b"plain");
        assert_eq!(sealed.len(), 5 + TAG_BYTES);
        assert_eq!(open(&key, &nonce, b"about", &sealed).unwrap().as_slice(), b"plain");
        assert!(open(&[8; 32], &nonce, b"about", &sealed).is_none());
        assert!(open(&key, &[8; 24], b"about", &sealed).is_none());
        assert!(open(&key, &nonce, b"another", &sealed).is_none());
        for at in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[at] ^= 1;
            assert!(open(&key, &nonce, b"about", &altered).is_none());
        }
    }

    /// Key, nonce and message of appendix A.3.1 of draft-irtf-cfrg-xchacha-03.
    #[test]
    fn the_cipher_is_the_one_of_the_draft() {
        let key: [u8; 32] = std::array::from_fn(|at| 0x80 + u8::try_from(at).unwrap());
        let nonce: [u8; 24] = std::array::from_fn(|at| 0x40 + u8::try_from(at).unwrap());
        let about = [0x50, 0x51, 0x52, 0x53, 0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7];
        let plain =
            b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, \
            sunscreen would be it.";
        let sealed = seal(&key, &nonce, &about, plain);
        assert_eq!(sealed[..8], [0xbd, 0x6d, 0x17, 0x9d, 0x3e, 0x83, 0xd4, 0x3b]);
        let tag = &sealed[plain.len()..];
        let expected =
            [0xc0, 0x87, 0x59, 0x24, 0xc1, 0xc7, 0x98, 0x79, 0x47, 0xde, 0xaf, 0xd8, 0x78, 0x0a, 0xcf, 0x49];
        assert_eq!(tag, expected);
    }

    #[test]
    fn a_digest_depends_on_key_label_and_text() {
        let of = |key: u8, label: &str, text: &[u8]| digest(&[key; 32], label, text);
        let digests = [of(1, "a", b"x"), of(2, "a", b"x"), of(1, "b", b"x"), of(1, "a", b"y")];
        for (at, one) in digests.iter().enumerate() {
            assert!(digests[at + 1..].iter().all(|other| other != one));
        }
        assert_eq!(digests[0], of(1, "a", b"x"));
    }
}
