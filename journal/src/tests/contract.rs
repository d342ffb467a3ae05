//! The contract of appending and reading, on every store.

use std::sync::Arc;

use domain::ids::{Position, StreamVersion};
use domain::values::Timestamp;
use domain::{Actor, Expected, Fingerprint};

use super::kit::{
    commit, commit_id, event, expecting, history, noise, on_every_store, options, receipt, stream,
};
use crate::{AppendError, MAX_COMMIT_BYTES, NewCommit, Options, RawRecord, block, record};

#[test]
fn positions_and_versions_are_dense() {
    on_every_store(options, |journal| {
        assert_eq!(journal.watermark(), None);
        for (stream, id, count) in [(1, 10, 2), (2, 11, 1), (1, 12, 1), (2, 13, 3)] {
            journal.append(commit(stream, id, count)).wait().unwrap();
        }
        let expected = "0 s1 v0 c10 1/2\n1 s1 v1 c10 2/2\n2 s2 v0 c11 1/1\n3 s1 v2 c12 1/1\n\
                        4 s2 v1 c13 1/3\n5 s2 v2 c13 2/3\n6 s2 v3 c13 3/3";
        assert_eq!(history(journal), expected);
        assert_eq!(journal.watermark(), Some(Position(6)));
    });
}

#[test]
fn every_expectation_is_checked_and_a_conflict_leaves_nothing() {
    on_every_store(options, |journal| {
        let exact = |version| Expected::Exact(StreamVersion(version));
        let conflict = |expected, actual: Option<u64>| {
            Err(AppendError::Conflict { stream: stream(1), expected, actual: actual.map(StreamVersion) })
        };
        let try_append =
            |expected, id| journal.append(expecting(expected, commit(1, id, 2))).wait().map(|_| ());
        assert_eq!(try_append(Expected::Exists, 1), conflict(Expected::Exists, None));
        assert_eq!(try_append(exact(0), 2), conflict(exact(0), None));
        assert_eq!(try_append(Expected::None, 3), Ok(()));
        assert_eq!(try_append(Expected::None, 4), conflict(Expected::None, Some(1)));
        assert_eq!(try_append(exact(0), 5), conflict(exact(0), Some(1)));
        assert_eq!(try_append(exact(2), 6), conflict(exact(2), Some(1)));
        assert_eq!(try_append(exact(1), 7), Ok(()));
        assert_eq!(try_append(Expected::Exists, 8), Ok(()));
        assert_eq!(try_append(Expected::Any, 9), Ok(()));
        assert_eq!(journal.watermark(), Some(Position(7)));
        assert_eq!(journal.find_commit(commit_id(4)).unwrap(), None);
        // A refused id is free: nothing of it is in the log.
        assert_eq!(try_append(exact(7), 4), Ok(()));
    });
}

#[test]
fn a_repeated_commit_gets_the_first_answer_whatever_it_expects() {
    on_every_store(options, |journal| {
        let first = expecting(Expected::None, commit(1, 5, 3));
        assert_eq!(journal.append(first.clone()).wait(), Ok(receipt(&first, 2, 2)));
        journal.append(commit(1, 6, 1)).wait().unwrap();
        let again = journal.append(first.clone()).wait().unwrap();
        assert_eq!(again, crate::Receipt { duplicate: true, ..receipt(&first, 2, 2) });
        assert_eq!(journal.watermark(), Some(Position(3)));
        let (found, fingerprint) = journal.find_commit(first.commit).unwrap().unwrap();
        assert_eq!((found, fingerprint), (receipt(&first, 2, 2), first.fingerprint));
    });
}

#[test]
fn another_commit_under_a_used_id_is_refused() {
    on_every_store(options, |journal| {
        journal.append(commit(1, 5, 1)).wait().unwrap();
        let reused = Err(AppendError::Reused { commit: commit_id(5) });
        let other = NewCommit { fingerprint: Fingerprint(99), ..commit(1, 5, 1) };
        assert_eq!(journal.append(other).wait(), reused);
        assert_eq!(journal.append(commit(2, 5, 1)).wait(), reused);
        assert_eq!(journal.watermark(), Some(Position(0)));
    });
}

#[test]
fn repetitions_and_conflicts_inside_one_group_are_seen() {
    on_every_store(options, |journal| {
        let once = expecting(Expected::None, commit(1, 5, 1));
        let rival = expecting(Expected::None, commit(1, 6, 1));
        let pending: Vec<_> =
            [once.clone(), once.clone(), rival, once].map(|commit| journal.append(commit)).into();
        let answers: Vec<_> = pending.into_iter().map(crate::Pending::wait).collect();
        let duplicates: Vec<_> = answers.iter().flatten().map(|receipt| receipt.duplicate).collect();
        assert_eq!(duplicates, [false, true, true]);
        assert!(matches!(answers[2], Err(AppendError::Conflict { actual: Some(StreamVersion(0)), .. })));
        assert_eq!(history(journal), "0 s1 v0 c5 1/1");
    });
}

#[test]
fn ids_are_known_again_whatever_their_order() {
    on_every_store(options, |journal| {
        // Ids that rise, that fall, and that lie between the others, in groups of many sizes.
        let ids: Vec<u128> =
            (0..3_000).map(|n| if n % 3 == 0 { n } else { n * 7_919 % 3_001 + 3_000 }).collect();
        for chunk in ids.chunks(83) {
            let append = || chunk.iter().map(|id| journal.append(commit(id % 5, *id, 1))).collect::<Vec<_>>();
            for (again, pending) in [append(), append()].into_iter().enumerate() {
                for pending in pending {
                    assert_eq!(pending.wait().unwrap().duplicate, again == 1);
                }
            }
        }
        for id in ids.iter().rev() {
            assert!(journal.find_commit(commit_id(*id)).unwrap().is_some(), "{id}");
            assert!(journal.append(commit(id % 5, *id, 1)).wait().unwrap().duplicate, "{id}");
        }
        assert_eq!(journal.find_commit(commit_id(3_000)).unwrap(), None);
        assert_eq!(journal.find_commit(commit_id(u128::MAX)).unwrap(), None);
    });
}

#[test]
fn pipelined_commits_keep_their_order() {
    on_every_store(options, |journal| {
        let pending: Vec<_> = (0..500_u32)
            .map(|id| {
                let expected = id
                    .checked_sub(1)
                    .map_or(Expected::None, |last| Expected::Exact(StreamVersion(last.into())));
                journal.append(expecting(expected, commit(1, id.into(), 1)))
            })
            .collect();
        for (position, pending) in (0..).zip(pending) {
            assert_eq!(pending.wait().unwrap().position, Position(position));
        }
    });
}

#[test]
fn the_largest_commit_comes_back_whole_and_a_larger_one_is_refused() {
    on_every_store(options, |journal| {
        let largest = MAX_COMMIT_BYTES - record::OVERHEAD;
        // Not compressible, so that it takes as many parts as can be.
        let noise = noise(1, largest);
        let of = |payload: &[u8], id| NewCommit { events: vec![event(payload)], ..commit(1, id, 0) };
        journal.append(commit(1, 1, 1)).wait().unwrap();
        journal.append(of(&noise, 2)).wait().unwrap();
        journal.append(commit(1, 3, 1)).wait().unwrap();
        let records = journal.read(Some(Position(0)), 10, usize::MAX).unwrap();
        assert_eq!(records.len(), 2);
        assert!(records[0].payload() == noise);
        let too_large = AppendError::TooLarge { limit: MAX_COMMIT_BYTES, actual: MAX_COMMIT_BYTES + 1 };
        assert_eq!(journal.append(of(&vec![0; largest + 1], 4)).wait(), Err(too_large));
        assert_eq!(journal.append(commit(1, 5, 0)).wait(), Err(AppendError::Empty));
        let too_many = NewCommit { events: vec![event(b""); 65_536], ..commit(1, 6, 0) };
        assert!(matches!(journal.append(too_many).wait(), Err(AppendError::TooMany { actual: 65_536, .. })));
    });
}

#[test]
fn a_commit_of_many_blocks_is_read_in_order() {
    on_every_store(options, |journal| {
        let events = (0..100_u32).map(|n| event(&vec![u8::try_from(n).unwrap(); 5_000])).collect();
        journal.append(NewCommit { events, ..commit(1, 1, 0) }).wait().unwrap();
        let records = journal.read(None, 1_000, usize::MAX).unwrap();
        let first_bytes: Vec<u32> = records.iter().map(|record| record.payload()[0].into()).collect();
        assert_eq!(first_bytes, (0..100).collect::<Vec<_>>());
        let head = journal.stream_head(stream(1)).unwrap().unwrap();
        assert_eq!((head.version, head.position), (StreamVersion(99), Position(99)));
    });
}

#[test]
fn reads_stop_at_their_bounds_and_go_on_from_any_position() {
    on_every_store(options, |journal| {
        for id in 0..40 {
            journal.append(commit(id % 3, id, 1 + id as usize % 4)).wait().unwrap();
        }
        let all = journal.read(None, usize::MAX, usize::MAX).unwrap();
        let last = journal.watermark().unwrap();
        assert_eq!(all.len() as u64, last.0 + 1);
        for (limit, max_bytes) in [(1, usize::MAX), (7, usize::MAX), (usize::MAX, 1), (usize::MAX, 1_000)] {
            let (mut after, mut pages) = (None, Vec::new());
            loop {
                let page = journal.read(after, limit, max_bytes).unwrap();
                let Some(last) = page.last() else { break };
                let bytes: usize = page.iter().map(|record| record.bytes().len()).sum();
                assert!(page.len() <= limit && (bytes <= max_bytes || page.len() == 1));
                after = Some(last.position());
                pages.extend(page);
            }
            assert!(pages == all, "{limit} events, {max_bytes} bytes");
        }
        assert_eq!(journal.read(Some(last), 10, usize::MAX).unwrap(), []);
        assert_eq!(journal.read(Some(Position(u64::MAX)), 10, usize::MAX).unwrap(), []);
        assert_eq!(journal.get(Position(5)).unwrap().as_ref(), Some(&all[5]));
        assert_eq!(journal.get(Position(last.0 + 1)).unwrap(), None);
    });
}

#[test]
fn stored_blocks_hold_the_same_records() {
    on_every_store(options, |journal| {
        for id in 0..30 {
            journal.append(commit(id, id, 3)).wait().unwrap();
        }
        let (mut after, mut records) = (None, Vec::<RawRecord>::new());
        loop {
            let blocks = journal.read_blocks(after, 1_000).unwrap();
            let Some(last) = blocks.last() else { break };
            after = Some(block::decode(last.clone()).unwrap().last());
            for bytes in blocks {
                records.extend(block::decode(bytes).unwrap().records());
            }
        }
        assert_eq!(records, journal.read(None, usize::MAX, usize::MAX).unwrap());
        assert!(records.iter().all(|record| RawRecord::parse(record.bytes().clone()).is_ok()));
    });
}

#[test]
fn streams_are_read_page_by_page_from_any_version() {
    on_every_store(options, |journal| {
        for id in 0..90 {
            journal.append(commit(id % 3, id, 1)).wait().unwrap();
        }
        let versions = |from, limit| -> Vec<u64> {
            let records = journal.read_stream(stream(1), StreamVersion(from), limit).unwrap();
            assert!(records.iter().all(|record| record.stream() == stream(1)));
            records.iter().map(|record| record.version().0).collect()
        };
        assert_eq!(versions(25, 100), [25, 26, 27, 28, 29]);
        assert_eq!(versions(0, 3), [0, 1, 2]);
        assert_eq!(versions(3, 2), [3, 4]);
        assert!(versions(30, 5).is_empty());
        assert!(versions(0, 0).is_empty());
        // The stream has grown since it was walked.
        journal.append(commit(1, 1_000, 2)).wait().unwrap();
        assert_eq!(versions(28, 10), [28, 29, 30, 31]);
        assert_eq!(journal.read_stream(stream(4), StreamVersion(0), 10).unwrap(), []);
        assert_eq!(journal.stream_head(stream(4)).unwrap(), None);
    });
}

#[test]
fn a_record_carries_everything_it_was_given() {
    on_every_store(options, |journal| {
        let given = NewCommit {
            actor: Actor::User("01JD0000000000000000000000".parse().unwrap()),
            causation: Some(commit_id(70)),
            correlation: Some("01JD0000000000000000000001".parse().unwrap()),
            project: Some("01JD0000000000000000000002".parse().unwrap()),
            occurred_at: Some(Timestamp::from_millis(-5)),
            ..commit(1, 1, 2)
        };
        journal.append(given.clone()).wait().unwrap();
        let record = journal.get(Position(1)).unwrap().unwrap();
        let meta = record.meta().unwrap();
        assert_eq!(
            (meta.actor, meta.causation, meta.correlation),
            (given.actor, given.causation, given.correlation)
        );
        assert_eq!((meta.project, meta.occurred_at), (given.project, given.occurred_at));
        assert_eq!(
            (meta.type_id, meta.schema_version),
            (given.events[1].type_id, given.events[1].schema_version)
        );
        assert_eq!(meta.time.millis(), super::kit::NOW);
        assert_eq!(record.payload(), given.events[1].payload);
        assert_eq!(record.fingerprint(), given.fingerprint);
        let first = journal.get(Position(0)).unwrap().unwrap();
        assert_eq!((first.previous(), first.chain()), (None, [0; 16]));
        assert_eq!(record.previous(), Some(Position(0)));
        assert_eq!(record.chain(), record::chain(first.bytes()));
    });
}

fn fenced() -> Options {
    let fence = |identity: &crate::LogIdentity| event(format!("epoch {}", identity.epoch).as_bytes());
    Options { fence: Some(Arc::new(fence)), ..options() }
}

#[test]
fn the_fence_stands_before_the_first_commit_and_only_there() {
    on_every_store(fenced, |journal| {
        let refused = expecting(Expected::Exists, commit(1, 1, 1));
        assert!(journal.append(refused).wait().is_err());
        assert_eq!(journal.barrier().wait(), Ok(None));
        journal.append(commit(1, 2, 1)).wait().unwrap();
        journal.append(commit(1, 3, 1)).wait().unwrap();
        let records = journal.read(None, 10, usize::MAX).unwrap();
        assert_eq!(records.len(), 3);
        assert_eq!(records[0].payload(), b"epoch 1");
        assert_eq!(records[0].stream().category.0, 0);
        assert_eq!(records[0].stream().id, journal.identity().log_id.ulid());
        assert_eq!(records[0].actor(), Ok(Actor::System));
    });
}

#[test]
fn after_closing_nothing_is_taken_and_everything_is_read() {
    on_every_store(options, |journal| {
        let pending = journal.append(commit(1, 1, 1));
        journal.close().unwrap();
        assert_eq!(pending.wait().map(|receipt| receipt.position), Ok(Position(0)));
        assert_eq!(journal.append(commit(1, 2, 1)).wait(), Err(AppendError::Closed));
        assert_eq!(journal.barrier().wait(), Err(AppendError::Closed));
        assert_eq!(journal.close(), Ok(()));
        assert_eq!(history(journal), "0 s1 v0 c1 1/1");
    });
}
