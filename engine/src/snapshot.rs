//! Snapshots of live views: an accelerator, never a source. One that does not fit is ignored and folded anew.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use domain::ids::Position;
use journal::LogIdentity;
use projections::{AnyView, ViewSpec};
use sha2::{Digest, Sha256};

use crate::EngineError;

/// Magic and format; the rest of the header is view version, log, epoch, position and SHA-256 of all that and the
/// state: with another position, events would be folded twice or not at all.
const MAGIC: &[u8; 8] = b"WBVIEW\x00\x03";
const HEADER_LEN: usize = 8 + 4 + 16 + 8 + 8 + 32;

fn header(spec: &ViewSpec, log: &LogIdentity, position: Position, state: &[u8]) -> Vec<u8> {
    let mut header = Vec::with_capacity(HEADER_LEN);
    header.extend_from_slice(MAGIC);
    header.extend_from_slice(&spec.version.to_le_bytes());
    header.extend_from_slice(&log.log_id.to_bytes());
    header.extend_from_slice(&log.epoch.to_le_bytes());
    header.extend_from_slice(&position.0.to_le_bytes());
    let digest = Sha256::new().chain_update(&header).chain_update(state).finalize();
    header.extend_from_slice(&digest);
    header
}

/// Writes a snapshot whole or not at all.
pub(crate) fn write(
    dir: &Path,
    spec: &ViewSpec,
    log: &LogIdentity,
    position: Position,
    view: &dyn AnyView,
) -> Result<(), EngineError> {
    let path = dir.join(format!("{}.snap", spec.name));
    let fresh = path.with_extension("tmp");
    let state = view.snapshot();
    let write = || {
        fs::create_dir_all(dir)?;
        let mut file = File::create(&fresh)?;
        file.write_all(&header(spec, log, position, &state))?;
        file.write_all(&state)?;
        file.sync_data()?;
        fs::rename(&fresh, &path)?;
        File::open(dir)?.sync_all()
    };
    write().map_err(|source| EngineError::Snapshot { path: path.clone(), source })
}

/// Reads a snapshot, if it fits this build, this log and its head.
pub(crate) fn read(
    dir: &Path,
    spec: &ViewSpec,
    log: &LogIdentity,
    head: Option<Position>,
) -> Option<(Box<dyn AnyView>, Position)> {
    let path = dir.join(format!("{}.snap", spec.name));
    let bytes = fs::read(&path).ok()?;
    let fits = || {
        let (found, state) = bytes.split_at_checked(HEADER_LEN)?;
        let position = Position(u64::from_le_bytes(found[36..44].try_into().ok()?));
        let fits = found == header(spec, log, position, state) && Some(position) <= head;
        let mut view = (spec.make)();
        (fits && view.restore(state).is_ok()).then_some((view, position))
    };
    let read = fits();
    if read.is_none() {
        tracing::warn!(path = %path.display(), "snapshot does not fit this log or build: folding anew");
    }
    read
}
