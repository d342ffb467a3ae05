//! Tells many what one was told: whoever writes to the log wakes one task, and that one wakes the others.

use tokio::sync::{Notify, watch};

/// Passes on what a [`watch::Sender`] says, on this runtime's own threads.
///
/// To wake a task from elsewhere takes a lock and often a call of the system; a thousand who follow the log would be
/// woken so by the thread that writes it, before it took in the next commit.
#[derive(Debug)]
pub(crate) struct Relay<T> {
    told: watch::Sender<T>,
    wanted: Notify,
}

impl<T: Clone> Relay<T> {
    /// Begins with what `source` says now.
    pub(crate) fn new(source: &watch::Receiver<T>) -> Self {
        Self { told: watch::Sender::new(source.borrow().clone()), wanted: Notify::new() }
    }
    /// Changed some time after the source has: what it holds may be older than what the source holds.
    pub(crate) fn subscribe(&self) -> watch::Receiver<T> {
        let receiver = self.told.subscribe();
        self.wanted.notify_one();
        receiver
    }
    /// Passes on until the source is gone; nobody is woken for nothing while nobody follows.
    pub(crate) async fn run(&self, mut source: watch::Receiver<T>) {
        loop {
            if self.told.receiver_count() == 0 {
                self.wanted.notified().await;
            }
            let now = source.borrow_and_update().clone();
            self.told.send_replace(now);
            if source.changed().await.is_err() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn relay(first: u32) -> (watch::Sender<u32>, Arc<Relay<u32>>, tokio::task::JoinHandle<()>) {
        let source = watch::Sender::new(first);
        let relay = Arc::new(Relay::new(&source.subscribe()));
        let (running, receiver) = (relay.clone(), source.subscribe());
        (source, relay, tokio::spawn(async move { running.run(receiver).await }))
    }

    #[tokio::test]
    async fn all_who_follow_are_told_and_so_is_who_comes_later() {
        let (source, relay, running) = relay(0);
        let mut followers: Vec<_> = (0..3).map(|_| relay.subscribe()).collect();
        source.send_replace(1);
        for follower in &mut followers {
            follower.wait_for(|value| *value == 1).await.unwrap();
        }
        drop(followers);
        // While nobody follows.
        source.send_replace(2);
        tokio::task::yield_now().await;
        source.send_replace(3);
        let mut late = relay.subscribe();
        late.wait_for(|value| *value == 3).await.unwrap();
        source.send_replace(4);
        late.wait_for(|value| *value == 4).await.unwrap();
        drop(source);
        running.await.unwrap();
    }

    #[tokio::test]
    async fn nobody_who_follows_misses_the_last_of_many() {
        let (source, relay, _running) = relay(0);
        for round in 0..200_u32 {
            let mut follower = relay.subscribe();
            let wanted = round * 10 + 9;
            let writing = tokio::task::spawn_blocking({
                let source = source.clone();
                move || (round * 10..=wanted).for_each(|value| _ = source.send_replace(value))
            });
            follower.wait_for(|value| *value >= wanted).await.unwrap();
            writing.await.unwrap();
        }
    }
}
