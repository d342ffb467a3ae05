//! Whether there is anything to repair: a log that is whole keeps its epoch.

use std::path::Path;

use proof::Checkpoint;

use super::{RepairError, RepairReport};
use crate::keys::Keys;
use crate::lock::Lock;
use crate::options::Options;
use crate::shared::Shared;
use crate::store::Store;
use crate::store::sled::SledStore;
use crate::tiles;
use crate::verify::{VerifyOptions, VerifyReport, verify_stored};

/// Verifies the stored log, which lies in `at`, its files included; the report of a log that needs no repair, or `None`.
/// `unexplained`: the key that is there has not signed, and only a change of key in the log explains that.
pub(super) fn look(
    dir: &Path,
    at: &Path,
    lock: &Lock,
    signed: &Checkpoint,
    keys: &Keys,
    unexplained: bool,
) -> Result<Option<RepairReport>, RepairError> {
    let options = Options { read_only: true, scan_store: true, ..Options::default() };
    if !at.join("log").is_dir() {
        return Ok(None);
    }
    let Ok(store) = SledStore::open_held(at, &options, lock.share(dir)?) else { return Ok(None) };
    let (end, epoch) = (store.end(), store.identity().epoch);
    let Ok(tiles) = tiles::open(dir, &store, true) else { return Ok(None) };
    let Ok(shared) = Shared::new(Box::new(store), tiles, options) else { return Ok(None) };
    let trusted = VerifyOptions { keys: keys.candidates(), ..VerifyOptions::default() };
    let report = VerifyReport::new(Vec::new());
    let found = verify_stored(&shared, &trusted, report, |_| {}, |_| {});
    // A change of key that was cut short is finished by the next start.
    let fits = !unexplained || tiles::is_rotated(&shared, &keys.verifying).unwrap_or(false);
    Ok((found.is_sound() && fits).then(|| RepairReport {
        sound: true,
        size: end,
        signed: signed.size,
        root: signed.root,
        epoch,
        carried: 0,
        lost: None,
        end_unknown: false,
        from_log: 0,
        mended: 0,
        aside: Vec::new(),
        new_key: false,
        marker: false,
        public_key: false,
    }))
}
