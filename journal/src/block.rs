//! Records stored together: a header, then the records, compressed where that helps. See `docs/formats.md`.

use std::sync::Arc;

use bytes::Bytes;
use domain::ids::Position;

use crate::record::{self, RawRecord, RecordError};
use crate::rooms::Rooms;

/// First bytes of every block.
pub const MAGIC: [u8; 3] = *b"WBK";
/// Version of the layout.
pub const FORMAT: u8 = 1;
/// Bytes before the body.
pub const HEADER_LEN: usize = 36;
/// Bytes of records that a block takes, unless one record alone is larger.
pub const TARGET_LEN: usize = 48 * 1024;
/// Largest body that is decoded: a commit is smaller.
pub const MAX_BODY_LEN: usize = 2 * 1024 * 1024;

const RAW: u8 = 0;
const LZ4: u8 = 1;

/// Why bytes are not a block.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BlockError {
    /// There are fewer or more bytes than the block has.
    #[error("expected {expected} bytes, got {actual}")]
    Length {
        /// Bytes it should have.
        expected: usize,
        /// Bytes there.
        actual: usize,
    },
    /// The first bytes are not those of a block.
    #[error("expected a block to begin with `WBK`, got {actual:?}")]
    Magic {
        /// The first bytes.
        actual: [u8; 3],
    },
    /// The layout is of a later release.
    #[error("expected block format {FORMAT}, got {actual}")]
    Format {
        /// The format.
        actual: u8,
    },
    /// The codec is of a later release.
    #[error("expected codec 0 or 1, got {actual}")]
    Codec {
        /// The codec.
        actual: u8,
    },
    /// The header was altered.
    #[error("expected header checksum {expected:08x}, got {actual:08x}")]
    HeaderChecksum {
        /// As stored.
        expected: u32,
        /// As computed.
        actual: u32,
    },
    /// The body was altered.
    #[error("expected body checksum {expected:08x}, got {actual:08x}")]
    Checksum {
        /// As stored.
        expected: u32,
        /// As computed.
        actual: u32,
    },
    /// The body claims to be larger than any that is written.
    #[error("expected a body of at most {limit} bytes, got {actual}")]
    TooLarge {
        /// Largest size.
        limit: usize,
        /// Size claimed.
        actual: usize,
    },
    /// The body does not decompress.
    #[error("the body does not decompress: {reason}")]
    Compression {
        /// What the codec said.
        reason: String,
    },
    /// A continuation of the block is missing or damaged.
    #[error("part {part} of the block is {reason}")]
    Part {
        /// Which one, from 0.
        part: u16,
        /// `missing` or `damaged`.
        reason: &'static str,
    },
    /// A record does not begin where one should.
    #[error("no record begins at byte {offset} of the body")]
    Record {
        /// Where.
        offset: usize,
        /// What is wrong there.
        source: RecordError,
    },
    /// A record carries another position than its place in the block gives it.
    #[error("expected position {expected}, got {actual}")]
    Position {
        /// From its place.
        expected: u64,
        /// As it says.
        actual: u64,
    },
    /// There are bytes after the last record.
    #[error("{extra} bytes follow the last record")]
    Trailing {
        /// How many.
        extra: usize,
    },
}

/// A decoded block: at least one record, with consecutive positions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    first: u64,
    body: Bytes,
    /// Where each record ends in the body.
    ends: Vec<u32>,
}

impl Block {
    /// From records that stand one after the other in `body` and end at `ends`.
    pub(crate) fn new(first: u64, body: Bytes, ends: Vec<u32>) -> Self {
        debug_assert_eq!(ends.last().map(|end| *end as usize), Some(body.len()));
        Self { first, body, ends }
    }
    /// Position of its first record.
    #[must_use]
    pub fn first(&self) -> Position {
        Position(self.first)
    }
    /// Position of its last record.
    #[must_use]
    pub fn last(&self) -> Position {
        Position(self.end() - 1)
    }
    pub(crate) fn end(&self) -> u64 {
        self.first + self.ends.len() as u64
    }
    /// Bytes of all its records.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }
    /// Number of records.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a block is never empty")]
    pub fn len(&self) -> usize {
        self.ends.len()
    }
    /// The record at `position`, if it is in this block.
    #[must_use]
    pub fn get(&self, position: Position) -> Option<RawRecord> {
        let index = usize::try_from(position.0.checked_sub(self.first)?).ok()?;
        let end = *self.ends.get(index)? as usize;
        let start = if index == 0 { 0 } else { self.ends[index - 1] as usize };
        Some(RawRecord::trusted(self.body.slice(start..end)))
    }
    /// All records in order.
    pub fn records(&self) -> impl Iterator<Item = RawRecord> + '_ {
        self.records_from(0)
    }
    /// Its records in order, without the first `skip`.
    pub fn records_from(&self, skip: usize) -> impl Iterator<Item = RawRecord> + '_ {
        let skip = skip.min(self.ends.len());
        let mut start = if skip == 0 { 0 } else { self.ends[skip - 1] as usize };
        self.ends[skip..].iter().map(move |end| {
            let range = start..*end as usize;
            start = range.end;
            RawRecord::trusted(self.body.slice(range))
        })
    }
    pub(crate) fn memory_len(&self) -> usize {
        self.body.len() + self.ends.len() * 4 + 128
    }
}

/// The stored form of `count` records from position `first`, which stand one after the other in `body`.
///
/// # Panics
/// Where the body is longer than [`MAX_BODY_LEN`].
#[must_use]
pub fn encode(first: Position, count: u32, body: &[u8]) -> Bytes {
    encode_in(&mut Vec::new(), first, count, body)
}

/// As [`encode`], in a room that is used again.
pub(crate) fn encode_in(bytes: &mut Vec<u8>, first: Position, count: u32, body: &[u8]) -> Bytes {
    assert!(body.len() <= MAX_BODY_LEN, "a commit is at most 1 MiB");
    let room = lz4_flex::block::get_maximum_output_size(body.len());
    if bytes.len() < HEADER_LEN + room {
        bytes.resize(HEADER_LEN + room, 0);
    }
    let packed = lz4_flex::block::compress_into(body, &mut bytes[HEADER_LEN..]).unwrap_or(usize::MAX);
    // Less than a sixteenth saved is not worth decompressing on every read.
    let (codec, stored) =
        if packed < body.len() - body.len() / 16 { (LZ4, packed) } else { (RAW, body.len()) };
    let end = HEADER_LEN + stored;
    if codec == RAW {
        bytes[HEADER_LEN..end].copy_from_slice(body);
    }
    let header = header(codec, first, count, body.len(), &bytes[HEADER_LEN..end]);
    bytes[..HEADER_LEN].copy_from_slice(&header);
    Bytes::copy_from_slice(&bytes[..end])
}

fn header(codec: u8, first: Position, count: u32, raw_len: usize, stored: &[u8]) -> [u8; HEADER_LEN] {
    let length = |bytes: usize| u32::try_from(bytes).expect("a body is at most 2 MiB").to_le_bytes();
    let mut header = [0; HEADER_LEN];
    header[..3].copy_from_slice(&MAGIC);
    header[3] = FORMAT;
    header[4] = codec;
    header[8..16].copy_from_slice(&first.0.to_le_bytes());
    header[16..20].copy_from_slice(&count.to_le_bytes());
    header[20..24].copy_from_slice(&length(raw_len));
    header[24..28].copy_from_slice(&length(stored.len()));
    header[28..32].copy_from_slice(&crc32c::crc32c(stored).to_le_bytes());
    let crc = crc32c::crc32c(&header[..32]);
    header[32..].copy_from_slice(&crc.to_le_bytes());
    header
}

/// The checked header of a stored block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Position of the first record.
    pub first: Position,
    /// Number of records.
    pub count: u32,
    /// Bytes of the records.
    pub body_len: usize,
    /// Bytes of the body as stored.
    pub stored_len: usize,
    codec: u8,
    crc: u32,
}

/// Reads and checks the header that begins `bytes`.
///
/// # Errors
/// Where no header begins there, or it was altered.
pub fn decode_header(bytes: &[u8]) -> Result<Header, BlockError> {
    let Some(header) = bytes.first_chunk::<HEADER_LEN>() else {
        return Err(BlockError::Length { expected: HEADER_LEN, actual: bytes.len() });
    };
    let u32_at = |at: usize| u32::from_le_bytes(header[at..at + 4].try_into().expect("4 bytes"));
    if header[..3] != MAGIC {
        return Err(BlockError::Magic { actual: [header[0], header[1], header[2]] });
    }
    if header[3] != FORMAT {
        return Err(BlockError::Format { actual: header[3] });
    }
    let (expected, actual) = (u32_at(32), crc32c::crc32c(&header[..32]));
    if expected != actual {
        return Err(BlockError::HeaderChecksum { expected, actual });
    }
    if header[4] > LZ4 {
        return Err(BlockError::Codec { actual: header[4] });
    }
    let (body_len, stored_len) = (u32_at(20) as usize, u32_at(24) as usize);
    if body_len.max(stored_len) > MAX_BODY_LEN {
        return Err(BlockError::TooLarge { limit: MAX_BODY_LEN, actual: body_len.max(stored_len) });
    }
    let first = Position(u64::from_le_bytes(header[8..16].try_into().expect("8 bytes")));
    Ok(Header { first, count: u32_at(16), body_len, stored_len, codec: header[4], crc: u32_at(28) })
}

/// Decodes a whole stored block: the block's checksum is checked, those of its records are not.
///
/// # Errors
/// Where the bytes are not a block, or were altered.
pub fn decode(bytes: Bytes) -> Result<Block, BlockError> {
    decode_with(bytes, |len, fill| {
        let mut body = vec![0; len];
        fill(&mut body)?;
        Ok(Bytes::from(body))
    })
}

/// As [`decode`], with the body in a room of these.
pub(crate) fn decode_in(bytes: Bytes, rooms: &Arc<Rooms>) -> Result<Block, BlockError> {
    decode_with(bytes, |len, fill| rooms.filled(len, fill))
}

/// What writes a body where there is room for it.
type Fill<'a> = &'a dyn Fn(&mut [u8]) -> Result<(), BlockError>;

#[expect(clippy::needless_pass_by_value, reason = "an uncompressed body is kept without a copy")]
fn decode_with(
    bytes: Bytes,
    filled: impl FnOnce(usize, Fill<'_>) -> Result<Bytes, BlockError>,
) -> Result<Block, BlockError> {
    let header = decode_header(&bytes)?;
    let expected = HEADER_LEN + header.stored_len;
    if bytes.len() != expected {
        return Err(BlockError::Length { expected, actual: bytes.len() });
    }
    let stored = bytes.slice(HEADER_LEN..);
    let actual = crc32c::crc32c(&stored);
    if actual != header.crc {
        return Err(BlockError::Checksum { expected: header.crc, actual });
    }
    let body =
        if header.codec == LZ4 { filled(header.body_len, &|body| unpack(&stored, body))? } else { stored };
    if body.len() != header.body_len {
        return Err(BlockError::Length { expected: header.body_len, actual: body.len() });
    }
    let ends = record_ends(header.first.0, header.count, &body)?;
    Ok(Block::new(header.first.0, body, ends))
}

fn unpack(stored: &[u8], body: &mut [u8]) -> Result<(), BlockError> {
    let actual = lz4_flex::block::decompress_into(stored, body)
        .map_err(|error| BlockError::Compression { reason: error.to_string() })?;
    if actual != body.len() {
        return Err(BlockError::Length { expected: body.len(), actual });
    }
    Ok(())
}

fn record_ends(first: u64, count: u32, body: &[u8]) -> Result<Vec<u32>, BlockError> {
    let mut offset = 0;
    // The count is untrusted until the records are there, so it does not size the allocation alone.
    let mut ends = Vec::with_capacity((count as usize).min(body.len() / record::OVERHEAD));
    for index in 0..u64::from(count) {
        let record = &body[offset..];
        let length = record::length(record).map_err(|source| BlockError::Record { offset, source })?;
        let actual = u64::from_le_bytes(record[8..16].try_into().expect("8 bytes"));
        let expected = first.saturating_add(index);
        if actual != expected {
            return Err(BlockError::Position { expected, actual });
        }
        offset += length;
        ends.push(u32::try_from(offset).expect("a body is at most 2 MiB"));
    }
    if offset != body.len() || ends.is_empty() || first.checked_add(u64::from(count)).is_none() {
        return Err(BlockError::Trailing { extra: body.len() - offset });
    }
    Ok(ends)
}
