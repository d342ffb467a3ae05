//! The role of writing under thousands of schedules: `queue.rs`, `answer.rs`, `in_flight.rs` and `writer.rs` as they are,
//! over primitives that a scheduler decides about, with a log and a store that are nothing but lists.

mod group;
mod shared;
mod sync;

#[expect(clippy::duplicate_mod, reason = "the same source over other primitives is the point")]
#[path = "../../answer.rs"]
mod answer;
#[expect(clippy::duplicate_mod, reason = "the same source over other primitives is the point")]
#[path = "../../in_flight.rs"]
#[expect(dead_code, reason = "the watchdog's clock is no part of the protocol")]
mod in_flight;
#[expect(clippy::duplicate_mod, reason = "the same source over other primitives is the point")]
#[path = "../../queue.rs"]
#[expect(dead_code, reason = "admission before the queue is no part of the protocol")]
mod queue;
#[expect(clippy::duplicate_mod, reason = "the same source over other primitives is the point")]
#[path = "../../writer.rs"]
mod writer;

use std::sync::Arc;

use answer::Answer;
use shared::{Fails, Shared};
use shuttle::scheduler::{PctScheduler, RandomScheduler};
use shuttle::{Config, Runner, thread};

use super::kit::commit;
use crate::error::AppendError;
use crate::{NewCommit, Receipt};

/// Schedules of each kind for each test.
const SCHEDULES: usize = 2_000;
/// Changes of the running thread that a schedule of the second kind is given.
const DEPTH: usize = 3;

/// What was submitted, by its number, and what it was answered.
type Answers = Vec<(u128, Result<Receipt, AppendError>)>;

/// Runs the test under schedules at random, and under those that keep a thread back for long.
fn under_every_schedule(test: impl Fn() + Send + Sync + 'static) {
    let test = Arc::new(test);
    let config = || {
        let mut config = Config::new();
        // A schedule of one that never ends is a failure.
        config.max_steps = shuttle::MaxSteps::FailAfter(20_000);
        config
    };
    let again = Arc::clone(&test);
    Runner::new(RandomScheduler::new(SCHEDULES), config()).run(move || again());
    Runner::new(PctScheduler::new(DEPTH, SCHEDULES), config()).run(move || test());
}

/// As `Journal::commit`: on the calling thread.
fn commit_here(shared: &Shared, commit: NewCommit) -> Result<Receipt, AppendError> {
    let (answer, waiting) = Answer::to_thread(&shared.stage.bells);
    shared.queue.push_commit(commit, answer, false)?;
    shared.work(|| waiting.is_answered());
    waiting.wait()
}

/// As `Journal::append` and then `Pending::wait`, or awaiting it without help.
fn append(shared: &Shared, commit: NewCommit, help: bool) -> Result<Receipt, AppendError> {
    let (sender, answer) = tokio::sync::oneshot::channel();
    shared.queue.push_commit(commit, Answer::to_task(sender), true)?;
    if help {
        shared.help();
    }
    shuttle::future::block_on(answer).unwrap_or(Err(AppendError::Closed))
}

fn barrier(shared: &Shared) -> Result<Option<domain::ids::Position>, AppendError> {
    let (sender, answer) = tokio::sync::oneshot::channel();
    shared.queue.push_barrier(Answer::to_task(sender))?;
    shared.help();
    shuttle::future::block_on(answer).unwrap_or(Err(AppendError::Closed))
}

/// Three ways to commit, each on a thread of its own and twice over; then the log is closed.
fn all_ways(fails: Fails) -> (sync::Arc<Shared>, Answers) {
    let shared = sync::Arc::new(Shared::new(fails));
    let writer = writer::spawn(&shared);
    let ways: Vec<_> = (0..3_u128)
        .map(|way| {
            let shared = sync::Arc::clone(&shared);
            thread::spawn(move || {
                let submit = |id| match way {
                    0 => commit_here(&shared, commit(way, id, 1)),
                    _ => append(&shared, commit(way, id, 1), way == 1),
                };
                [way * 2, way * 2 + 1].map(|id| {
                    let answer = submit(id);
                    // Durable before acknowledged, and shown no later.
                    if let Ok(receipt) = &answer {
                        assert!(shared.is_synced(receipt.position), "{receipt:?}");
                        assert!(*shared.watermark.borrow() >= Some(receipt.position), "{receipt:?}");
                    }
                    (id, answer)
                })
            })
        })
        .collect();
    let answers: Vec<_> = ways.into_iter().flat_map(|way| way.join().unwrap()).collect();
    shared.queue.close();
    writer.join().unwrap();
    (shared, answers)
}

#[test]
fn every_commit_is_answered_once_it_is_durable_whoever_writes() {
    under_every_schedule(|| {
        let (shared, answers) = all_ways(Fails::Never);
        let mut positions: Vec<_> =
            answers.iter().map(|(_, answer)| answer.as_ref().unwrap().position.0).collect();
        positions.sort_unstable();
        assert_eq!(positions, [0, 1, 2, 3, 4, 5], "dense, and none twice");
        // In the order of submission, which for each thread is that of its own.
        for pair in answers.chunks(2) {
            assert!(pair[0].1.as_ref().unwrap().position < pair[1].1.as_ref().unwrap().position);
        }
        assert_eq!(shared.stored(), 6);
    });
}

#[test]
fn whoever_gives_the_role_back_leaves_nothing_behind() {
    // Few steps, so that every order of them comes up: nobody else comes by who would write what was left.
    for helps in [[false, false], [false, true], [true, true]] {
        under_every_schedule(move || {
            let shared = sync::Arc::new(Shared::new(Fails::Never));
            let writer = writer::spawn(&shared);
            let ways = [0_u128, 1].map(|way| {
                let (shared, helps) = (sync::Arc::clone(&shared), helps[usize::try_from(way).unwrap()]);
                thread::spawn(move || {
                    let commit = commit(way, way, 1);
                    if helps { append(&shared, commit, true) } else { commit_here(&shared, commit) }
                })
            });
            for way in ways {
                assert!(shared.is_synced(way.join().unwrap().unwrap().position));
            }
            shared.queue.close();
            writer.join().unwrap();
        });
    }
}

#[test]
fn after_a_failed_sync_everyone_is_answered_nothing_is_acknowledged_and_nothing_is_synced_again() {
    for fails in [Fails::SyncAt(1), Fails::SyncAt(2), Fails::AppendAt(2)] {
        under_every_schedule(move || {
            let (shared, answers) = all_ways(fails);
            let acknowledged = answers.iter().filter(|(_, answer)| answer.is_ok()).count();
            let failed = shared.poisoned().is_some();
            assert!(failed || acknowledged == 6, "{answers:?}");
            assert_eq!(shared.calls_after_failure(), 0);
            for (_, answer) in &answers {
                assert!(matches!(answer, Ok(_) | Err(AppendError::Poisoned { .. })), "{answer:?}");
            }
        });
    }
}

#[test]
fn a_writer_that_never_comes_back_leaves_nobody_waiting() {
    under_every_schedule(|| {
        let shared = sync::Arc::new(Shared::new(Fails::HangsAt(1)));
        let writer = writer::spawn(&shared);
        let waits: Vec<_> = (0..2_u128)
            .map(|way| {
                let shared = sync::Arc::clone(&shared);
                thread::spawn(move || append(&shared, commit(way, way, 1), way == 0))
            })
            .collect();
        // The watchdog: it looks, and answers where the log has failed, as long as anybody waits.
        let watchdog = {
            let shared = sync::Arc::clone(&shared);
            thread::spawn(move || {
                shared.wait_for_hang();
                shared.poison("writing has not come back");
                while !shared.is_let_go() {
                    shared.answer_for_the_writer("writing has not come back");
                    thread::yield_now();
                }
            })
        };
        for wait in waits {
            assert!(matches!(wait.join().unwrap(), Err(AppendError::Poisoned { .. })));
        }
        shared.let_go();
        watchdog.join().unwrap();
        shared.queue.close();
        writer.join().unwrap();
        assert_eq!(*shared.watermark.borrow(), None, "what came back late is shown to nobody");
    });
}

#[test]
fn a_barrier_comes_after_what_was_submitted_before_it() {
    under_every_schedule(|| {
        let shared = sync::Arc::new(Shared::new(Fails::Never));
        let writer = writer::spawn(&shared);
        let other = {
            let shared = sync::Arc::clone(&shared);
            thread::spawn(move || commit_here(&shared, commit(7, 7, 1)).unwrap())
        };
        let (sender, _unread) = tokio::sync::oneshot::channel();
        shared.queue.push_commit(commit(1, 1, 1), Answer::to_task(sender), true).unwrap();
        let seen = barrier(&shared).unwrap();
        assert!(seen.is_some() && shared.is_synced(seen.unwrap()), "{seen:?}");
        other.join().unwrap();
        shared.queue.close();
        writer.join().unwrap();
        assert_eq!(shared.stored(), 2);
    });
}

#[test]
fn what_is_in_the_queue_when_the_log_closes_is_written() {
    under_every_schedule(|| {
        let shared = sync::Arc::new(Shared::new(Fails::Never));
        let writer = writer::spawn(&shared);
        let late = {
            let shared = sync::Arc::clone(&shared);
            thread::spawn(move || append(&shared, commit(1, 1, 1), false))
        };
        shared.queue.close();
        writer.join().unwrap();
        // Taken in and written, or refused: never without an answer.
        match late.join().unwrap() {
            Ok(receipt) => assert!(shared.is_synced(receipt.position)),
            Err(error) => assert!(matches!(error, AppendError::Closed) && shared.stored() == 0),
        }
    });
}
