//! Waiting for the log's answer, by looking for it where it is the only one and comes soon.
//!
//! A thread that sleeps is woken some tens of microseconds late, mostly where its core sleeps too: for a client that
//! sends one command after the other that is a good part of each. Where many wait there is enough else to do.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::{Duration, Instant};

use journal::{AppendError, Pending, Receipt};

/// How long an answer is looked for, and how long the one before may have taken: a little more than a quick disk needs.
const LOOKS: Duration = Duration::from_micros(250);

/// The answers that are waited for.
pub(crate) struct Awaiting {
    under_way: AtomicUsize,
    /// How long the last one took that was the only one, in nanoseconds.
    last_ns: AtomicUsize,
    /// Whether there is but one core: looking would keep from working whom is waited for.
    alone: bool,
}

impl Awaiting {
    pub(crate) fn new() -> Self {
        let alone = std::thread::available_parallelism().map_or(1, usize::from) < 2;
        Self { under_way: AtomicUsize::new(0), last_ns: AtomicUsize::new(usize::MAX), alone }
    }
    pub(crate) fn begin(&self) {
        self.under_way.fetch_add(1, Ordering::Relaxed);
    }
    pub(crate) fn end(&self) {
        self.under_way.fetch_sub(1, Ordering::Relaxed);
    }

    /// The answer. The thread goes on with other tasks meanwhile.
    pub(crate) async fn answer(&self, pending: &mut Pending) -> Result<Receipt, AppendError> {
        if self.alone || !self.is_sole() {
            return pending.await;
        }
        let began = Instant::now();
        while self.is_worth_a_look(began.elapsed()) {
            let look = poll_fn(|context| Poll::Ready(Pin::new(&mut *pending).poll(context)));
            if let Poll::Ready(answer) = look.await {
                return self.took(began, answer);
            }
            // Whoever waits for this core first.
            std::thread::yield_now();
            tokio::task::yield_now().await;
        }
        let answer = pending.await;
        self.took(began, answer)
    }

    fn is_sole(&self) -> bool {
        self.under_way.load(Ordering::Relaxed) == 1
    }

    fn is_worth_a_look(&self, waited: Duration) -> bool {
        let last = Duration::from_nanos(self.last_ns.load(Ordering::Relaxed) as u64);
        waited < LOOKS && last < LOOKS && self.is_sole()
    }

    fn took<T>(&self, began: Instant, answer: T) -> T {
        let took = usize::try_from(began.elapsed().as_nanos()).unwrap_or(usize::MAX);
        self.last_ns.store(took, Ordering::Relaxed);
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_only_for_one_that_is_alone_and_likely_to_come_soon() {
        let awaiting = Awaiting::new();
        awaiting.begin();
        assert!(!awaiting.is_worth_a_look(Duration::ZERO), "nothing is known yet");
        awaiting.last_ns.store(0, Ordering::Relaxed);
        assert!(awaiting.is_worth_a_look(Duration::ZERO));
        assert!(!awaiting.is_worth_a_look(LOOKS), "it took too long");
        awaiting.begin();
        assert!(!awaiting.is_worth_a_look(Duration::ZERO), "there are two");
        awaiting.end();
        assert!(awaiting.is_worth_a_look(Duration::ZERO));
        awaiting.took(Instant::now() - LOOKS, ());
        assert!(!awaiting.is_worth_a_look(Duration::ZERO), "the last one took long");
    }
}
