//! The bytes of an entry bundle: entries, each after its length.

use bytes::Bytes;

use super::TileError;

/// Appends an entry to a bundle's bytes.
///
/// # Errors
/// Where it is longer than 65,535 bytes; nothing is appended then.
pub fn push_entry(bundle: &mut Vec<u8>, entry: &[u8]) -> Result<(), TileError> {
    let length = u16::try_from(entry.len()).map_err(|_| TileError::Entry { actual: entry.len() })?;
    bundle.extend_from_slice(&length.to_be_bytes());
    bundle.extend_from_slice(entry);
    Ok(())
}

/// The bytes of a bundle.
///
/// # Errors
/// Where an entry is longer than 65,535 bytes.
pub fn encode_bundle<'a>(entries: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<u8>, TileError> {
    let mut bundle = Vec::new();
    for entry in entries {
        push_entry(&mut bundle, entry)?;
    }
    Ok(bundle)
}

/// The entries of a bundle of `width` entries, as parts of its bytes.
///
/// # Errors
/// Where it ends within an entry or holds another number of them.
pub fn decode_bundle(bundle: &Bytes, width: u16) -> Result<Vec<Bytes>, TileError> {
    let expected = usize::from(width);
    let mut entries = Vec::with_capacity(expected);
    let mut at = 0;
    while at < bundle.len() {
        let rest = &bundle[at..];
        let cut = |expected, actual| TileError::Cut { entry: entries.len(), expected, actual };
        let (length, rest) = rest.split_first_chunk::<2>().ok_or_else(|| cut(2, rest.len()))?;
        let length = usize::from(u16::from_be_bytes(*length));
        if rest.len() < length {
            return Err(cut(length, rest.len()));
        }
        entries.push(bundle.slice(at + 2..at + 2 + length));
        at += 2 + length;
    }
    let actual = entries.len();
    if actual == expected { Ok(entries) } else { Err(TileError::Count { expected, actual }) }
}
