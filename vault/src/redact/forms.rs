//! The forms in which a secret turns up: as it is, and as encodings of text and bytes show it.

use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use data_encoding::HEXLOWER;
use zeroize::Zeroizing;

use super::VALUE_MIN_BYTES;
use crate::text::escape;

/// Lines of a longer secret are looked for by themselves: programs print it so, with something before each.
const LINE_MIN_BYTES: usize = 16;
/// Unreserved characters of RFC 3986, section 2.3.
const UNRESERVED: &[u8] = b"-._~";

/// Every form of `value`, without those that are too short to be told from chance.
pub(super) fn of(value: &str) -> Vec<Zeroizing<Vec<u8>>> {
    if value.len() < VALUE_MIN_BYTES {
        return Vec::new();
    }
    let bytes = value.as_bytes();
    let mut forms: Vec<Vec<u8>> = vec![bytes.to_vec()];
    let lower = HEXLOWER.encode(bytes);
    forms.push(lower.to_uppercase().into_bytes());
    forms.push(lower.into_bytes());
    for lead in 0..3 {
        forms.push(base64(bytes, lead, &STANDARD_NO_PAD));
        forms.push(base64(bytes, lead, &URL_SAFE_NO_PAD));
    }
    for upper in [true, false] {
        forms.push(percent(bytes, upper, UNRESERVED, false));
        forms.push(percent(bytes, upper, UNRESERVED, true));
        // As browsers write a component: encodeURIComponent leaves these.
        forms.push(percent(bytes, upper, b"-._~!*'()", false));
    }
    let escaped = json(value);
    forms.push(json(&String::from_utf8_lossy(&escaped)));
    forms.push(escaped);
    forms.push(ascii_json(value));
    forms.push(value.replace('\n', "\r\n").into_bytes());
    let lines = value.lines().map(str::trim);
    let lines = lines.filter(|line| line.len() >= LINE_MIN_BYTES && !line.starts_with("-----"));
    forms.extend(lines.map(|line| line.as_bytes().to_vec()));
    forms.sort_unstable();
    forms.dedup();
    forms.into_iter().filter(|form| form.len() >= VALUE_MIN_BYTES).map(Zeroizing::new).collect()
}

/// What base64 of `bytes` always holds, wherever they stand in what is encoded: behind `lead` bytes of a group of 3.
fn base64(bytes: &[u8], lead: usize, alphabet: &impl base64::Engine) -> Vec<u8> {
    let padded = [&[0; 3][..lead], bytes].concat();
    let text = alphabet.encode(&padded);
    // 6 bits a character: those that begin in the bytes before, or end in the bytes after, are not of `bytes` alone.
    let (first, last) = ((lead * 8).div_ceil(6), padded.len() * 8 / 6);
    text.as_bytes()[first..last].to_vec()
}

fn percent(bytes: &[u8], upper: bool, plain: &[u8], plus: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || plain.contains(byte) {
            out.push(*byte);
        } else if plus && *byte == b' ' {
            out.push(b'+');
        } else {
            let digits = format!("%{byte:02x}");
            out.extend(if upper { digits.to_uppercase() } else { digits }.bytes());
        }
    }
    out
}

fn json(value: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len());
    escape(value, &mut out);
    out
}

/// JSON as writers have it that write ASCII alone.
fn ascii_json(value: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len());
    for character in value.chars() {
        if character.is_ascii() {
            escape(character.encode_utf8(&mut [0; 4]), &mut out);
        } else {
            let units = character
                .encode_utf16(&mut [0; 2])
                .iter()
                .map(|unit| format!("\\u{unit:04x}"))
                .collect::<String>();
            out.extend(units.bytes());
        }
    }
    out
}
