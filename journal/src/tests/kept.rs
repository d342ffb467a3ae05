//! Logs in memory made of the records of others.

use domain::ids::Position;

use super::kit::{commit, event, history, noise, options};
use crate::{AppendError, Journal, Kept, KeptCheckpoint, KeptError, NewCommit, RebuildError};

/// A log of so many commits, and what is known of it: a checkpoint after every hundred.
fn filled(commits: u128) -> (Journal, Kept) {
    let journal = Journal::memory(options());
    let mut signed = Vec::new();
    for id in 0..commits {
        journal.append(commit(id % 7, id, usize::try_from(id % 5 + 1).unwrap())).wait().unwrap();
        if id % 100 == 99 {
            let key = journal.verifying_key().map(|key| key.to_string());
            signed.push(KeptCheckpoint { note: journal.checkpoint_now().unwrap(), key });
        }
    }
    // A record that is too long for a bundle.
    let long = NewCommit { events: vec![event(&noise(3, 70_000))], ..commit(1, 1_000_000, 0) };
    journal.append(long).wait().unwrap();
    let identity = journal.identity();
    let kept = Kept { log: identity.log_id, epoch: identity.epoch, signed };
    (journal, kept)
}

fn stored(journal: &Journal) -> Vec<Vec<u8>> {
    let records = journal.read(None, usize::MAX, usize::MAX).unwrap();
    records.iter().map(|record| record.bytes().to_vec()).collect()
}

fn made(kept: &Kept, records: Vec<Vec<u8>>) -> Result<Journal, KeptError> {
    Journal::of_records(kept, records.into_iter().map(Ok))
}

#[test]
fn a_log_is_made_of_its_records_and_proves_what_the_other_proves() {
    let (from, kept) = filled(1_000);
    let journal = made(&kept, stored(&from)).unwrap();
    assert_eq!(history(&journal), history(&from));
    assert_eq!((journal.identity(), journal.watermark()), (from.identity(), from.watermark()));
    assert_eq!(journal.checkpoint().as_ref(), kept.signed.last().map(|signed| &signed.note));
    assert_eq!(journal.verifying_key(), from.verifying_key());
    let (signed, all) = (journal.status().checkpoint.size, from.watermark().unwrap().0 + 1);
    assert_eq!((signed, all), (3_000, 3_001), "one event came after the last checkpoint");
    for position in [0, 255, 256, 1_499, 2_999].map(Position) {
        assert_eq!(journal.inclusion(position, signed).unwrap(), from.inclusion(position, signed).unwrap());
        assert_eq!(journal.get(position).unwrap(), from.get(position).unwrap());
    }
    for size in [1, 300, 600, 2_999] {
        assert_eq!(journal.root_at(size).unwrap(), from.root_at(size).unwrap());
        assert_eq!(journal.consistency(size, signed).unwrap(), from.consistency(size, signed).unwrap());
    }
    for id in [0, 500, 999, 1_000_000] {
        let commit = commit(id % 7, id, 1).commit;
        assert_eq!(journal.find_commit(commit).unwrap(), from.find_commit(commit).unwrap());
    }
    assert_eq!(journal.append(commit(1, 2_000, 1)).wait(), Err(AppendError::ReadOnly));
    journal.close().unwrap();
    assert_eq!(journal.watermark(), from.watermark(), "it is read after it was closed");
}

#[test]
fn records_that_are_not_those_that_were_signed_are_refused() {
    let (from, kept) = filled(100);
    let records = stored(&from);
    let refused = |kept: &Kept, records: Vec<Vec<u8>>| made(kept, records).unwrap_err();
    let error = refused(&kept, records[..299].to_vec());
    assert!(matches!(error, KeptError::Missing { signed: 300, actual: 299 }), "{error}");
    let mut moved = records.clone();
    moved.swap(1, 2);
    let error = refused(&kept, moved);
    assert!(matches!(error, KeptError::Records(RebuildError::Position { .. })), "{error}");
    let mut cut = records.clone();
    cut[5].pop();
    assert!(matches!(refused(&kept, cut), KeptError::Records(RebuildError::Record { .. })));
    let (other, theirs) = filled(100);
    assert_eq!(stored(&other).len(), records.len());
    let error = refused(&Kept { signed: kept.signed.clone(), ..theirs.clone() }, records.clone());
    assert!(matches!(error, KeptError::Checkpoint { .. }), "{error}");
    let keyless = |kept: &Kept| {
        let signed = kept.signed.iter().map(|it| KeptCheckpoint { key: None, ..it.clone() }).collect();
        Kept { signed, ..kept.clone() }
    };
    assert!(matches!(
        refused(&Kept { epoch: 7, ..keyless(&kept) }, records.clone()),
        KeptError::Checkpoint { .. }
    ));
    // One bit of a payload, and a checksum that fits.
    let mut forged = records.clone();
    forged[299] = {
        let mut bytes = forged[299].clone();
        let at = bytes.len() - 5;
        bytes[at] ^= 1;
        let end = bytes.len() - 4;
        let crc = crc32c::crc32c(&bytes[..end]);
        bytes[end..].copy_from_slice(&crc.to_le_bytes());
        bytes
    };
    let error = refused(&kept, forged);
    assert!(matches!(error, KeptError::Records(RebuildError::Root { size: 300, .. })), "{error}");
    assert_eq!(made(&keyless(&kept), records).unwrap().verifying_key(), None);
}
