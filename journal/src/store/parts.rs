//! Keys of stored blocks, and blocks cut into values that sled keeps inside its log.

use bytes::{Bytes, BytesMut};

use super::StoreError;
use crate::block::{self, BlockError, Header};

/// Largest stored value.
pub(crate) const MAX_LEN: usize = 60 * 1024;

const MAGIC: [u8; 4] = *b"WBC\x01";
const HEADER_LEN: usize = 8;

/// Key of one part of a block: sorts by position, then part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PartKey {
    /// Position of the block's first record.
    pub(crate) first: u64,
    pub(crate) part: u16,
}

impl PartKey {
    pub(crate) fn encode(self) -> [u8; 10] {
        let mut key = [0; 10];
        key[..8].copy_from_slice(&self.first.to_be_bytes());
        key[8..].copy_from_slice(&self.part.to_be_bytes());
        key
    }
    pub(crate) fn decode(key: &[u8]) -> Result<Self, StoreError> {
        let Ok(key) = <[u8; 10]>::try_from(key) else {
            return Err(StoreError(format!("expected a key of 10 bytes, got {}", key.len())));
        };
        let (first, part) = key.split_at(8);
        let first = u64::from_be_bytes(first.try_into().expect("8 bytes"));
        Ok(Self { first, part: u16::from_be_bytes(part.try_into().expect("2 bytes")) })
    }
}

/// The values to store for a whole block.
pub(crate) fn split(whole: &Bytes) -> Vec<Bytes> {
    let first = whole.slice(..whole.len().min(MAX_LEN));
    let rest = &whole[first.len()..];
    let following = rest.chunks(MAX_LEN - HEADER_LEN).map(|body| {
        let mut value = BytesMut::with_capacity(HEADER_LEN + body.len());
        value.extend_from_slice(&MAGIC);
        value.extend_from_slice(&crc32c::crc32c(body).to_le_bytes());
        value.extend_from_slice(body);
        value.freeze()
    });
    std::iter::once(first).chain(following).collect()
}

/// The whole block that `first` begins; `next` gives the parts from 1 on.
pub(crate) fn join<E>(
    header: &Header,
    first: Bytes,
    next: impl Fn(u16) -> Result<Option<Bytes>, E>,
) -> Result<Result<Bytes, BlockError>, E> {
    let expected = block::HEADER_LEN + header.stored_len;
    if first.len() >= expected {
        return Ok(Ok(first));
    }
    let mut whole = BytesMut::with_capacity(expected);
    whole.extend_from_slice(&first);
    let mut part = 0;
    while whole.len() < expected {
        part += 1;
        let Some(value) = next(part)? else { return Ok(Err(BlockError::Part { part, reason: "missing" })) };
        let Some(body) = body(&value) else { return Ok(Err(BlockError::Part { part, reason: "damaged" })) };
        whole.extend_from_slice(body);
    }
    Ok(Ok(whole.freeze()))
}

fn body(value: &[u8]) -> Option<&[u8]> {
    let rest = value.strip_prefix(&MAGIC)?;
    let (crc, body) = rest.split_first_chunk::<4>()?;
    (!body.is_empty() && u32::from_le_bytes(*crc) == crc32c::crc32c(body)).then_some(body)
}
