//! A machine whose spare cores are all in use, by something that has nothing to do with the server.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

/// Threads that count, one for each core, and only where no other wants it, until this is dropped.
pub(super) struct Busy {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Busy {
    pub(super) fn begin() -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let count = |stop: Arc<AtomicBool>| {
            api::on_spare_cores();
            while !stop.load(Ordering::Relaxed) {
                std::hint::spin_loop();
            }
        };
        let begin = |stop: Arc<AtomicBool>| std::thread::spawn(move || count(stop));
        let threads = (0..cores).map(|_| begin(stop.clone())).collect();
        Self { stop, threads }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            // One that panicked is over as well.
            let _ = thread.join();
        }
    }
}
