//! Following: no gap and no repeat while others write.

use std::thread;

use domain::ids::Position;

use super::kit::{commit, commit_id, on_every_store, options, stream};

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().build().unwrap()
}

#[test]
fn followers_see_every_position_once_under_concurrent_appends() {
    const WRITERS: u128 = 6;
    const COMMITS: u128 = 60;
    on_every_store(options, |journal| {
        let total = u64::try_from(WRITERS * COMMITS * 2).unwrap();
        thread::scope(|scope| {
            for writer in 0..WRITERS {
                scope.spawn(move || {
                    for id in 0..COMMITS {
                        journal.append(commit(writer, writer * COMMITS + id, 2)).wait().unwrap();
                    }
                });
            }
            for follower in 0..3 {
                scope.spawn(move || runtime().block_on(follow(journal, total, 5 + 40 * follower)));
            }
        });
    });
}

async fn follow(journal: &crate::Journal, total: u64, page: usize) {
    let mut watermark = journal.subscribe();
    let mut next = 0;
    while next < total {
        let records = journal.read(next.checked_sub(1).map(Position), page, usize::MAX).unwrap();
        if records.is_empty() {
            let reached = |last: &Option<Position>| last.is_some_and(|last| last.0 >= next);
            watermark.wait_for(reached).await.unwrap();
        }
        for record in records {
            assert_eq!(record.position().0, next);
            // Whoever sees an event also finds its commit and its stream.
            if record.commit_index() == 0 {
                assert!(journal.find_commit(record.commit()).unwrap().is_some());
            }
            assert!(journal.stream_head(record.stream()).unwrap().unwrap().position >= record.position());
            next += 1;
        }
    }
}

#[test]
fn a_barrier_comes_after_everything_submitted_before() {
    on_every_store(options, |journal| {
        assert_eq!(journal.barrier().wait(), Ok(None));
        let pending: Vec<_> = (0..50).map(|id| journal.append(commit(id, id, 1))).collect();
        assert_eq!(journal.barrier().wait(), Ok(Some(Position(49))));
        assert_eq!(journal.watermark(), Some(Position(49)));
        drop(pending);
        assert!(journal.find_commit(commit_id(49)).unwrap().is_some());
    });
}

#[test]
fn answers_can_be_awaited() {
    on_every_store(options, |journal| {
        let receipt = runtime().block_on(async {
            journal.ready().await;
            journal.append(commit(1, 1, 1)).await.unwrap()
        });
        assert_eq!(receipt.stream, stream(1));
    });
}

#[test]
fn an_answer_that_nobody_waits_for_does_not_take_the_commit_back() {
    on_every_store(options, |journal| {
        drop(journal.append(commit(1, 1, 1)));
        assert_eq!(journal.barrier().wait(), Ok(Some(Position(0))));
    });
}
