//! Snapshots of views: an accelerator, never a source. One that does not fit is ignored, and folded anew.

use domain::ids::Position;
use journal::LogIdentity;
use projections::{AnyView, ViewSpec};
use sha2::{Digest, Sha256};

use crate::folding::Fold;
use crate::skips::Skipped;

/// Magic and format; the rest of the header is view version, log, epoch, position and SHA-256 of all that, of the
/// positions that were passed over, and of the state: with another position, events would be folded twice or not at all.
const MAGIC: &[u8; 8] = b"WBVIEW\x00\x03";
const HEADER_LEN: usize = 8 + 4 + 16 + 8 + 8 + 32;

fn header(
    spec: &ViewSpec,
    log: &LogIdentity,
    position: Position,
    skipped: &Skipped,
    state: &[u8],
) -> [u8; HEADER_LEN] {
    let mut header = [0; HEADER_LEN];
    header[..8].copy_from_slice(MAGIC);
    header[8..12].copy_from_slice(&spec.version.to_le_bytes());
    header[12..28].copy_from_slice(&log.log_id.to_bytes());
    header[28..36].copy_from_slice(&log.epoch.to_le_bytes());
    header[36..44].copy_from_slice(&position.0.to_le_bytes());
    let mut digest = Sha256::new().chain_update(&header[..44]);
    for skipped in skipped.range(..=position) {
        digest.update(skipped.0.to_le_bytes());
    }
    header[44..].copy_from_slice(&digest.chain_update(state).finalize());
    header
}

/// A snapshot's bytes.
pub(crate) fn encode(
    spec: &ViewSpec,
    log: &LogIdentity,
    position: Position,
    skipped: &Skipped,
    view: &dyn AnyView,
) -> Vec<u8> {
    let state = view.snapshot();
    let mut bytes = Vec::with_capacity(HEADER_LEN + state.len());
    bytes.extend_from_slice(&header(spec, log, position, skipped, &state));
    bytes.extend_from_slice(&state);
    bytes
}

/// The fold that a snapshot holds, if it fits this build, this log, its head and what is passed over.
pub(crate) fn decode(
    bytes: &[u8],
    spec: &ViewSpec,
    log: &LogIdentity,
    head: Option<Position>,
    skipped: &Skipped,
) -> Option<Fold> {
    let (found, state) = bytes.split_at_checked(HEADER_LEN)?;
    let position = Position(u64::from_le_bytes(found[36..44].try_into().ok()?));
    let fits = found == header(spec, log, position, skipped, state) && Some(position) <= head;
    let mut view = (spec.make)();
    (fits && view.restore(state).is_ok()).then(|| Fold::from(*spec, view, Some(position)))
}
