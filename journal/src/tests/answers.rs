//! Answers to threads and to tasks.

use std::sync::Arc;

use tokio::sync::oneshot;

use crate::answer::{Answer, Bells};
use crate::error::AppendError;

#[test]
fn a_thread_is_answered_by_its_bell_and_never_left_waiting() {
    let bells = Arc::new(Bells::default());
    let (answer, waiting) = Answer::to_thread(&bells);
    let (dropped, left) = Answer::<u32>::to_thread(&bells);
    let threads = [std::thread::spawn(move || waiting.wait()), std::thread::spawn(move || left.wait())];
    answer.taken(1);
    assert!(answer.send(Ok(7)));
    bells[1].ring();
    dropped.taken(0);
    drop(dropped);
    let answers = threads.map(|thread| thread.join().unwrap());
    assert!(matches!(answers, [Ok(7), Err(AppendError::Closed)]), "{answers:?}");
}

#[test]
fn a_task_is_answered_without_a_bell() {
    let (sender, receiver) = oneshot::channel();
    assert!(!Answer::to_task(sender).send(Ok(3)));
    assert_eq!(receiver.blocking_recv().unwrap().unwrap(), 3);
}
