//! How others reach the tiles thread: requests for a checkpoint, and the end.

use std::future::Future;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use domain::ids::Position;
use tokio::sync::watch;

/// Asks the thread, and tells what came of it.
#[derive(Default)]
pub(crate) struct Signal {
    state: Mutex<State>,
    answered: Condvar,
}

#[derive(Default)]
struct State {
    thread: Option<Thread>,
    finish: bool,
    abandon: bool,
    ended: bool,
    /// Requests so far, and the last one that was answered, with why it failed.
    asked: u64,
    answered: u64,
    failure: Option<String>,
}

/// What the thread is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Order {
    pub(super) finish: bool,
    pub(super) abandon: bool,
    pub(super) asked: u64,
    /// Whether a request is unanswered.
    pub(super) wanted: bool,
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

impl Signal {
    /// Asks for a checkpoint over everything durable now, without waiting for it.
    pub(crate) fn ask(&self) -> u64 {
        let mut state = self.lock();
        state.asked += 1;
        state.wake();
        state.asked
    }

    /// Waits until a request is answered.
    pub(crate) fn wait_answer(&self, asked: u64) -> Result<(), String> {
        let open = |state: &mut State| state.answered < asked && !state.ended;
        let state = self.answered.wait_while(self.lock(), open).unwrap_or_else(PoisonError::into_inner);
        match &state.failure {
            _ if state.answered < asked => Err("the log is closed".into()),
            Some(failure) => Err(failure.clone()),
            None => Ok(()),
        }
    }

    /// Lets the thread sign what is durable and end.
    pub(crate) fn finish(&self) {
        let mut state = self.lock();
        state.finish = true;
        state.wake();
    }

    /// Lets the thread end at once, as a crash would.
    #[cfg(test)]
    pub(crate) fn abandon(&self) {
        let mut state = self.lock();
        state.abandon = true;
        state.wake();
    }

    pub(super) fn answer(&self, asked: u64, failure: Option<String>) {
        let mut state = self.lock();
        state.answered = asked;
        state.failure = failure;
        self.answered.notify_all();
    }

    /// No more answers come.
    pub(super) fn end(&self) {
        self.lock().ended = true;
        self.answered.notify_all();
    }

    pub(super) fn order(&self) -> Order {
        let state = self.lock();
        let (finish, abandon, asked) = (state.finish, state.abandon, state.asked);
        Order { finish, abandon, asked, wanted: asked > state.answered }
    }

    /// Sleeps until something is asked or `until` has come; with a receiver, also until more is durable.
    pub(super) fn sleep(
        &self,
        watermark: Option<&mut watch::Receiver<Option<Position>>>,
        until: Option<Instant>,
    ) {
        {
            let mut state = self.lock();
            state.thread = Some(thread::current());
            if state.finish || state.abandon || state.asked > state.answered {
                return;
            }
        }
        let park = || match until.map(|until| until.saturating_duration_since(Instant::now())) {
            Some(Duration::ZERO) => {}
            Some(left) => thread::park_timeout(left),
            None => thread::park(),
        };
        match watermark {
            None => park(),
            Some(watermark) => {
                let waker = Waker::from(Arc::new(Unpark(thread::current())));
                let changed = std::pin::pin!(watermark.changed());
                // Registered before sleeping, so that a change in between wakes at once.
                if changed.poll(&mut Context::from_waker(&waker)).is_pending() {
                    park();
                }
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn wake(&self) {
        if let Some(thread) = &self.thread {
            thread.unpark();
        }
    }
}
