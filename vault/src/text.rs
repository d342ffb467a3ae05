//! Sealed text inside of other text: what is stored in place of a prompt or message, and how it is shown.

use std::borrow::Cow;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::sealed_text::{END, ERASED, PREFIX, SEALED};
use memchr::memmem::Finder;
use ulid::Ulid;

use crate::OpenError;
use crate::cipher::{self, KeyBytes, NONCE_BYTES};

static FINDER: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(PREFIX));

/// The first character of what sealed text begins with.
static OPENING: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("⟦"));

/// Where sealed text begins, if there is any.
#[must_use]
pub(crate) fn find(bytes: &[u8]) -> Option<usize> {
    FINDER.find(bytes)
}

/// Whether sealed text may stand or begin somewhere in `json`: its first character does.
#[must_use]
pub fn may_be_sealed(json: &[u8]) -> bool {
    OPENING.find(json).is_some()
}

/// What sealed text is bound to.
fn about(key: &str) -> Vec<u8> {
    format!("waybill text 1\n{key}\n").into_bytes()
}

/// One piece of sealed text.
pub(crate) fn write(id: Ulid, key: &KeyBytes, text: &str) -> String {
    let (id, nonce) = (id.to_string(), cipher::random::<NONCE_BYTES>());
    let mut bytes = nonce.to_vec();
    bytes.extend(cipher::seal(key, &nonce, &about(&id), text.as_bytes()));
    format!("{PREFIX}{id}:{}{END}", URL_SAFE_NO_PAD.encode(bytes))
}

/// What is behind the first `PREFIX`: key, bytes, and where the piece ends. A piece that was cut has no bytes.
fn read(piece: &[u8]) -> (&str, Option<Vec<u8>>, usize) {
    let body = &piece[PREFIX.len()..];
    let of_piece = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b':');
    let len = body.iter().position(|byte| !of_piece(byte)).unwrap_or(body.len());
    let text = std::str::from_utf8(&body[..len]).unwrap_or_default();
    let (key, bytes) = text.split_once(':').unwrap_or((text, ""));
    // The end is of three bytes, of which a text that was cut may have one or two.
    let end = END.len_utf8();
    let mut buffer = [0; 4];
    let ends = body[len..].starts_with(END.encode_utf8(&mut buffer).as_bytes());
    let bytes = if ends { URL_SAFE_NO_PAD.decode(bytes).ok() } else { None };
    (key, bytes, PREFIX.len() + len + if ends { end } else { 0 })
}

/// `text` with every sealed piece replaced by what `key` opens, written by `write`.
pub(crate) fn reveal(
    text: &[u8],
    key: impl Fn(&str) -> Result<KeyBytes, OpenError>,
    write: impl Fn(&str, &mut Vec<u8>),
) -> Cow<'_, [u8]> {
    let Some(first) = find(text) else { return Cow::Borrowed(text) };
    let (mut out, mut rest) = (text[..first].to_vec(), &text[first..]);
    loop {
        let (id, bytes, len) = read(rest);
        match shown(id, bytes, &key) {
            Ok(opened) => write(&opened, &mut out),
            // A text is sealed in two pieces: once is enough to say so.
            Err(marker) if out.ends_with(marker.as_bytes()) => {}
            Err(marker) => out.extend_from_slice(marker.as_bytes()),
        }
        rest = &rest[len..];
        let Some(next) = find(rest) else {
            out.extend_from_slice(rest);
            return Cow::Owned(out);
        };
        out.extend_from_slice(&rest[..next]);
        rest = &rest[next..];
    }
}

fn shown(
    id: &str,
    bytes: Option<Vec<u8>>,
    key: impl Fn(&str) -> Result<KeyBytes, OpenError>,
) -> Result<String, &'static str> {
    let key = match key(id) {
        Ok(key) => key,
        Err(OpenError::DestroyedKey { .. }) => return Err(ERASED),
        Err(_) => return Err(SEALED),
    };
    let bytes = bytes.ok_or(SEALED)?;
    let (nonce, sealed) = bytes.split_first_chunk::<NONCE_BYTES>().ok_or(SEALED)?;
    let opened = cipher::open(&key, nonce, &about(id), sealed).ok_or(SEALED)?;
    String::from_utf8(opened.to_vec()).map_err(|_| SEALED)
}

/// Appends a text as it stands between the quotes of a JSON string.
pub(crate) fn escape(text: &str, out: &mut Vec<u8>) {
    for byte in text.bytes() {
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0..=0x1f => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => out.push(byte),
        }
    }
}
