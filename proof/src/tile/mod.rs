//! Tiles and entry bundles: a tree as files that hardly ever change (<https://c2sp.org/tlog-tiles>).

mod entries;

use std::fmt;
use std::str::FromStr;

use crate::hash::{Hash, node_hash};

pub use entries::{decode_bundle, encode_bundle, push_entry};

/// Hashes of a full tile, and entries of a full bundle.
pub const WIDTH: u64 = 256;
/// Levels of the tree that one level of tiles spans.
pub const HEIGHT: u8 = 8;

const HASH_LEN: usize = 32;

/// Why something is not a tile, a bundle or the path of one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TileError {
    /// The path is not the one spelling of a tile's or bundle's.
    #[error("expected the path of a {expected}, got `{actual}`")]
    Path {
        /// `tile` or `entry bundle`.
        expected: &'static str,
        /// The path, cut to 80 characters.
        actual: String,
    },
    /// A tile has another number of bytes than its width takes.
    #[error("expected a tile of {expected} bytes, got {actual}")]
    Length {
        /// Bytes of a tile of that width.
        expected: usize,
        /// Bytes there.
        actual: usize,
    },
    /// A bundle ends within an entry.
    #[error("expected {expected} bytes of entry {entry}, got {actual}")]
    Cut {
        /// The entry's place in the bundle.
        entry: usize,
        /// Bytes that its length calls for.
        expected: usize,
        /// Bytes left.
        actual: usize,
    },
    /// A bundle holds another number of entries than its name says.
    #[error("expected {expected} entries, got {actual}")]
    Count {
        /// Entries that its name says.
        expected: usize,
        /// Entries there.
        actual: usize,
    },
    /// An entry is too long for the 16 bits of its length.
    #[error("expected an entry of at most 65535 bytes, got {actual}")]
    Entry {
        /// Its bytes.
        actual: usize,
    },
}

/// A tile of hashes: level, place in the level, and how many hashes it holds, 1 to 256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TileId {
    /// Level of tiles, from 0 for leaf hashes; each spans eight levels of the tree.
    pub level: u8,
    /// Place in the level.
    pub index: u64,
    /// Hashes in it, 256 in a full one.
    pub width: u16,
}

/// A bundle of entries: place, and how many entries it holds, 1 to 256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BundleId {
    /// Place among the bundles.
    pub index: u64,
    /// Entries in it, 256 in a full one.
    pub width: u16,
}

impl TileId {
    /// Where it lies, as `tile/0/x001/x234/067.p/8`.
    #[must_use]
    pub fn path(&self) -> String {
        format!("tile/{}/{}", self.level, place(self.index, self.width))
    }
    /// From its path.
    ///
    /// # Errors
    /// Where the path is not the one spelling of a tile's.
    pub fn parse(path: &str) -> Result<Self, TileError> {
        let parse = || {
            let (level, place) = path.strip_prefix("tile/")?.split_once('/')?;
            let level = decimal(level).and_then(|level| u8::try_from(level).ok()).filter(|it| *it < 64)?;
            let (index, width) = parse_place(place)?;
            Some(Self { level, index, width })
        };
        parse().ok_or_else(|| wrong_path("tile", path))
    }
    /// The tile at a place, in a tree of `size` leaves. `None` where it has none there.
    #[must_use]
    pub fn at(level: u8, index: u64, size: u64) -> Option<Self> {
        let width = width(size, level, index);
        (width > 0).then_some(Self { level, index, width })
    }
    /// The full tile at its place.
    #[must_use]
    pub fn full(self) -> Self {
        Self { width: 256, ..self }
    }
    /// Whether it holds all the hashes it ever will.
    #[must_use]
    pub fn is_full(&self) -> bool {
        u64::from(self.width) == WIDTH
    }
    /// The tile that holds what root of a perfect subtree follows from, in a tree of `size` leaves: the tile and
    /// the range of its hashes under that root (see [`perfect_root`]). `None` where the tree has no such subtree.
    #[must_use]
    pub fn of_node(level: u8, index: u64, size: u64) -> Option<(Self, std::ops::Range<usize>)> {
        let first = index.checked_shl(u32::from(level)).filter(|first| first >> level == index)?;
        let end = first.checked_add(1_u64.checked_shl(u32::from(level))?).filter(|end| *end <= size)?;
        let (tiles, within) = (level / HEIGHT, level % HEIGHT);
        let (start, end) = (first >> (tiles * HEIGHT), end >> (tiles * HEIGHT));
        debug_assert_eq!(end - start, 1 << within);
        let tile = Self { level: tiles, index: start / WIDTH, width: width(size, tiles, start / WIDTH) };
        let at = usize::try_from(start % WIDTH).expect("below 256");
        Some((tile, at..at + (1 << within)))
    }
}

impl BundleId {
    /// Where it lies, as `tile/entries/x001/x234/067.p/8`.
    #[must_use]
    pub fn path(&self) -> String {
        format!("tile/entries/{}", place(self.index, self.width))
    }
    /// From its path.
    ///
    /// # Errors
    /// Where the path is not the one spelling of a bundle's.
    pub fn parse(path: &str) -> Result<Self, TileError> {
        let (index, width) = path
            .strip_prefix("tile/entries/")
            .and_then(parse_place)
            .ok_or_else(|| wrong_path("entry bundle", path))?;
        Ok(Self { index, width })
    }
    /// The bundle at a place, in a tree of `size` leaves. `None` where it has none there.
    #[must_use]
    pub fn at(index: u64, size: u64) -> Option<Self> {
        let width = width(size, 0, index);
        (width > 0).then_some(Self { index, width })
    }
    /// The full bundle at its place.
    #[must_use]
    pub fn full(self) -> Self {
        Self { width: 256, ..self }
    }
    /// Whether it holds all the entries it ever will.
    #[must_use]
    pub fn is_full(&self) -> bool {
        u64::from(self.width) == WIDTH
    }
    /// The bundle that holds an entry of a tree of `size` leaves, and the entry's place in it. `None` where the
    /// tree has no such entry.
    #[must_use]
    pub fn of_entry(index: u64, size: u64) -> Option<(Self, usize)> {
        let bundle = index / WIDTH;
        let at = usize::try_from(index % WIDTH).expect("below 256");
        (index < size).then(|| (Self { index: bundle, width: width(size, 0, bundle) }, at))
    }
}

impl fmt::Display for TileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.path())
    }
}

impl fmt::Display for BundleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.path())
    }
}

impl FromStr for TileId {
    type Err = TileError;
    fn from_str(path: &str) -> Result<Self, TileError> {
        Self::parse(path)
    }
}

impl FromStr for BundleId {
    type Err = TileError;
    fn from_str(path: &str) -> Result<Self, TileError> {
        Self::parse(path)
    }
}

/// Hashes of a tile in a tree of `size` leaves; 0 where it has no such tile.
fn width(size: u64, level: u8, index: u64) -> u16 {
    let hashes = size.checked_shr(u32::from(level) * u32::from(HEIGHT)).unwrap_or(0);
    let width = index.checked_mul(WIDTH).map_or(0, |first| hashes.saturating_sub(first)).min(WIDTH);
    u16::try_from(width).expect("at most 256")
}

/// Tiles of a tree of `size` leaves, level by level, each from the left.
pub fn tiles(size: u64) -> impl Iterator<Item = TileId> {
    tiles_since(0, size)
}

/// Tiles that a tree of `to` leaves has and the one of `from` leaves had not, or had with fewer hashes.
pub fn tiles_since(from: u64, to: u64) -> impl Iterator<Item = TileId> {
    (0..8_u8).flat_map(move |level| {
        let (before, hashes) = (from >> (level * HEIGHT), to >> (level * HEIGHT));
        let new = if hashes > before { before / WIDTH..hashes.div_ceil(WIDTH) } else { 0..0 };
        new.map(move |index| TileId { level, index, width: width(to, level, index) })
    })
}

/// Bundles of a tree of `size` leaves, from the left.
pub fn bundles(size: u64) -> impl Iterator<Item = BundleId> {
    bundles_since(0, size)
}

/// Bundles that a tree of `to` leaves has and the one of `from` leaves had not, or had with fewer entries.
pub fn bundles_since(from: u64, to: u64) -> impl Iterator<Item = BundleId> {
    let new = if to > from { from / WIDTH..to.div_ceil(WIDTH) } else { 0..0 };
    new.map(move |index| BundleId { index, width: width(to, 0, index) })
}

/// The bytes of a tile.
#[must_use]
pub fn encode_tile(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

/// The hashes of a tile of `width` hashes.
///
/// # Errors
/// Where it has another length.
pub fn decode_tile(bytes: &[u8], width: u16) -> Result<Vec<Hash>, TileError> {
    let expected = usize::from(width) * HASH_LEN;
    if bytes.len() != expected {
        return Err(TileError::Length { expected, actual: bytes.len() });
    }
    let hash = |hash: &[u8]| Hash(hash.try_into().expect("chunks of 32 bytes"));
    Ok(bytes.chunks_exact(HASH_LEN).map(hash).collect())
}

/// Root over the hashes of a perfect subtree, whose number is a power of two.
///
/// # Panics
/// Where it is not.
#[must_use]
pub fn perfect_root(hashes: &[Hash]) -> Hash {
    assert!(hashes.len().is_power_of_two(), "a perfect subtree has a power of two of hashes");
    match hashes {
        [hash] => *hash,
        _ => {
            let (left, right) = hashes.split_at(hashes.len() / 2);
            node_hash(&perfect_root(left), &perfect_root(right))
        }
    }
}

/// `x001/x234/067`, with `.p/W` where it is partial.
fn place(index: u64, width: u16) -> String {
    let mut text = format!("{:03}", index % 1000);
    let mut rest = index / 1000;
    while rest > 0 {
        text = format!("x{:03}/{text}", rest % 1000);
        rest /= 1000;
    }
    if u64::from(width) < WIDTH { format!("{text}.p/{width}") } else { text }
}

fn parse_place(text: &str) -> Option<(u64, u16)> {
    let (index, width) = match text.split_once(".p/") {
        Some((index, width)) => (index, decimal(width).filter(|width| (1..WIDTH).contains(width))?),
        None => (text, WIDTH),
    };
    let width = u16::try_from(width).ok()?;
    let mut number = 0_u64;
    for group in index.split('/') {
        let digits = group.strip_prefix('x').unwrap_or(group);
        if digits.len() != 3 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        number = number.checked_mul(1000)?.checked_add(digits.parse().ok()?)?;
    }
    // Zeros in front, and an `x` that is missing or too much, are spellings that the one way back does not give.
    (place(number, width) == text).then_some((number, width))
}

/// A decimal number without zeros in front.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let canonical = text == "0" || !text.starts_with('0');
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (canonical && digits).then(|| text.parse().ok())?
}

fn wrong_path(expected: &'static str, path: &str) -> TileError {
    TileError::Path { expected, actual: path.chars().take(80).collect() }
}
