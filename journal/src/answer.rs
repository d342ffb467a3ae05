//! Answers of the writer: to a task, or to a thread among many that wait for the same group.

use std::time::Duration;

use tokio::sync::oneshot;

use super::sync::{Arc, AtomicU8, Bell, OnceLock, Ordering};
use crate::error::AppendError;

/// Not taken into a group yet.
const NO_GROUP: u8 = u8::MAX;

/// How long a thread waits for its commit to be taken into a group before it looks again.
const LOOK_AGAIN: Duration = Duration::from_millis(1);

/// One for the group that is written, one for the group in the making.
pub(crate) type Bells = [Bell; 2];

/// Where the answer to a waiting thread is put.
struct Slot<T> {
    answer: OnceLock<Result<T, AppendError>>,
    group: AtomicU8,
    bells: Arc<Bells>,
}

/// The writer's side of an answer. Dropped without one, it answers that the log is closed.
pub(crate) struct Answer<T>(Option<To<T>>);

enum To<T> {
    Task(oneshot::Sender<Result<T, AppendError>>),
    Thread(Arc<Slot<T>>),
}

/// The waiting side of an answer to a thread.
pub(crate) struct Waiting<T>(Arc<Slot<T>>);

impl<T> Answer<T> {
    pub(crate) fn to_task(sender: oneshot::Sender<Result<T, AppendError>>) -> Self {
        Self(Some(To::Task(sender)))
    }
    pub(crate) fn to_thread(bells: &Arc<Bells>) -> (Self, Waiting<T>) {
        let group = AtomicU8::new(NO_GROUP);
        let slot = Arc::new(Slot { answer: OnceLock::new(), group, bells: Arc::clone(bells) });
        (Self(Some(To::Thread(Arc::clone(&slot)))), Waiting(slot))
    }

    /// It was taken into a group whose end that bell tells.
    pub(crate) fn taken(&self, bell: u8) {
        if let Some(To::Thread(slot)) = &self.0 {
            slot.group.store(bell, Ordering::Release);
        }
    }

    /// Answers; whether the group's bell must be rung for it. Who is gone does not want an answer.
    pub(crate) fn send(mut self, answer: Result<T, AppendError>) -> bool {
        match self.0.take() {
            Some(To::Task(sender)) => {
                let _ = sender.send(answer);
                false
            }
            Some(To::Thread(slot)) => slot.answer.set(answer).is_ok(),
            None => false,
        }
    }
}

impl<T> Drop for Answer<T> {
    fn drop(&mut self) {
        // A task finds its sender gone; a thread would wait for ever.
        if let Some(To::Thread(slot)) = self.0.take() {
            let _ = slot.answer.set(Err(AppendError::Closed));
            slot.bells.iter().for_each(Bell::ring);
        }
    }
}

impl<T: Copy> Waiting<T> {
    pub(crate) fn is_answered(&self) -> bool {
        self.0.answer.get().is_some()
    }

    pub(crate) fn wait(self) -> Result<T, AppendError> {
        loop {
            let group = self.0.group.load(Ordering::Acquire);
            let bell = &self.0.bells[usize::from(group) % 2];
            // Before it is in a group, nobody says which bell it will be.
            let most = (group == NO_GROUP).then_some(LOOK_AGAIN);
            if let Some(answer) = bell.wait_unless(|| self.0.answer.get(), most) {
                return answer.clone();
            }
        }
    }
}
