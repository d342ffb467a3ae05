//! Snapshots of views: an accelerator, never a source. One that does not fit is ignored, and folded anew.
//!
//! They are written and read part by part, so that one never lies in memory as a whole.

use std::io::{self, Read};
use std::ops::{ControlFlow, Deref};

use domain::ids::Position;
use journal::LogIdentity;
use projections::ViewSpec;
use sha2::{Digest, Sha256};

use crate::attic::Attics;
use crate::folding::Fold;
use crate::shelf::Shelf;
use crate::skips::Skipped;

/// Magic and format; the rest of the header is view version, log, epoch and position. Then come the parts: length,
/// SHA-256 of what the part before has there and of the part, and the part; an empty one is the last. The first goes
/// on from the header and the positions that were passed over: with another position, events would be folded twice or
/// not at all.
const MAGIC: &[u8; 8] = b"WBVIEW\x00\x04";
const HEADER_LEN: usize = 8 + 4 + 16 + 8 + 8;

type Chain = [u8; 32];

fn header(spec: &ViewSpec, log: &LogIdentity, position: Position) -> [u8; HEADER_LEN] {
    let mut header = [0; HEADER_LEN];
    header[..8].copy_from_slice(MAGIC);
    header[8..12].copy_from_slice(&spec.version.to_le_bytes());
    header[12..28].copy_from_slice(&log.log_id.to_bytes());
    header[28..36].copy_from_slice(&log.epoch.to_le_bytes());
    header[36..].copy_from_slice(&position.0.to_le_bytes());
    header
}

fn chain(header: &[u8; HEADER_LEN], skipped: &Skipped, position: Position) -> Chain {
    let mut digest = Sha256::new().chain_update(header);
    for skipped in skipped.range(..=position) {
        digest.update(skipped.0.to_le_bytes());
    }
    digest.finalize().into()
}

fn link(before: &Chain, part: &[u8]) -> Chain {
    Sha256::new().chain_update(before).chain_update(part).finalize().into()
}

/// Puts a snapshot of a fold onto the shelf, whole or not at all; of one that has folded nothing there is none.
pub(crate) fn put(
    (shelf, name): (&Shelf, &str),
    durable: bool,
    log: &LogIdentity,
    skipped: &Skipped,
    fold: impl Deref<Target = Fold>,
) -> io::Result<()> {
    let Some(position) = fold.position else { return Ok(()) };
    shelf.put_with(name, durable, |out| {
        // Moved in: whoever waits for the fold need not wait for the disk.
        let fold = fold;
        let header = header(&fold.spec, log, position);
        let mut chain = chain(&header, skipped, position);
        out.write_all(&header)?;
        let mut write = |part: &[u8]| {
            chain = link(&chain, part);
            out.write_all(&u32::try_from(part.len()).map_err(io::Error::other)?.to_le_bytes())?;
            out.write_all(&chain)?;
            out.write_all(part)
        };
        let mut written = Ok(());
        let told = fold.view.snapshot(&mut |part| {
            written = write(&part);
            if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        written?;
        told.map_err(io::Error::other)?;
        write(&[])
    })
}

/// What a snapshot has to fit: this build, this log, its head and what is passed over.
pub(crate) struct Fits<'a> {
    pub(crate) spec: &'a ViewSpec,
    pub(crate) log: &'a LogIdentity,
    pub(crate) head: Option<Position>,
    pub(crate) skipped: &'a Skipped,
    /// Where its rows go that do not stay in memory.
    pub(crate) attics: &'a Attics,
}

/// The fold that a snapshot on the shelf holds, if it fits.
pub(crate) fn get((shelf, name): (&Shelf, &str), fits: &Fits<'_>) -> Option<Fold> {
    let mut input = shelf.open(name)?;
    let mut found = [0; HEADER_LEN];
    input.read_exact(&mut found).ok()?;
    let position = Position(u64::from_le_bytes(*found.last_chunk()?));
    if found != header(fits.spec, fits.log, position) || Some(position) > fits.head {
        return None;
    }
    let mut parts = Parts { input, chain: chain(&found, fits.skipped, position), is_whole: false };
    let mut fold = Fold::new(*fits.spec, fits.attics);
    fold.view.restore(&mut parts).ok()?;
    fold.position = Some(position);
    parts.is_whole.then_some(fold)
}

/// Parts as they are read, up to the first that is not what was written.
struct Parts {
    input: Box<dyn Read>,
    chain: Chain,
    is_whole: bool,
}

impl Iterator for Parts {
    type Item = Vec<u8>;
    fn next(&mut self) -> Option<Vec<u8>> {
        if self.is_whole {
            return None;
        }
        let (mut length, mut said) = ([0; 4], Chain::default());
        self.input.read_exact(&mut length).ok()?;
        self.input.read_exact(&mut said).ok()?;
        let (length, mut part) = (u32::from_le_bytes(length), Vec::new());
        self.input.by_ref().take(length.into()).read_to_end(&mut part).ok()?;
        self.chain = link(&self.chain, &part);
        if part.len() != usize::try_from(length).ok()? || self.chain != said {
            return None;
        }
        self.is_whole = part.is_empty();
        (!self.is_whole).then_some(part)
    }
}
