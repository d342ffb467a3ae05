//! Hashing passwords behind everything else: a flood of logins is not to be noticed, and whoever logs in while the
//! machine is busy is to come in all the same.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::password::Memory;
use crate::problem::{Code, Problem};

/// A hash is waited for so long on cores that nothing else wants, …
const SPARE_WAIT: Duration = Duration::from_millis(2_500);
/// … and then so much longer for one with a share of them.
const SHARE_WAIT: Duration = Duration::from_secs(7);
/// That share, as nice(1) counts: a tenth of what others get where all want the same core.
const SHARE: i32 = 10;
/// Hashes at once of either kind: each takes 19 MiB and a core.
const AT_ONCE_MAX: usize = 2;
/// Memory that nobody hashed in for so long is given back.
const MEMORY_KEPT: Duration = Duration::from_secs(60);

/// Where passwords are hashed.
pub(crate) struct Hashing {
    spare: Lane,
    share: Lane,
}

/// Threads that hash one password after the other.
struct Lane {
    jobs: Mutex<Option<Sender<Job>>>,
    threads: usize,
    stand_back: fn(),
}

type Job = Box<dyn FnOnce(&mut Memory) + Send>;

impl Hashing {
    /// Half of the cores: others are served meanwhile.
    pub(crate) fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let threads = (cores / 2).clamp(1, AT_ONCE_MAX);
        Self { spare: Lane::new(threads, on_spare_cores), share: Lane::new(threads, with_a_share) }
    }

    /// Runs it as soon as there is a core for it; what nobody waits for any more is not begun.
    ///
    /// # Errors
    /// Where too many wait, and where the hash panics or the system has no thread for it.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        hash: impl Fn(&mut Memory) -> T + Send + Sync + 'static,
    ) -> Result<T, Problem> {
        let hash = Arc::new(hash);
        if let Ok(Ok(answer)) = timeout(SPARE_WAIT, self.spare.ask(hash.clone())).await {
            return Ok(answer);
        }
        let busy = |_| Problem::new(Code::Overloaded, "too many log in at once", "try again in a second");
        let answer = timeout(SHARE_WAIT, self.share.ask(hash)).await.map_err(busy)?;
        answer.map_err(|error| Problem::internal(&error))
    }
}

impl Lane {
    fn new(threads: usize, stand_back: fn()) -> Self {
        Self { jobs: Mutex::default(), threads, stand_back }
    }

    /// Fails where the hash panics, or where the system has no thread for it.
    async fn ask<T: Send + 'static>(
        &self,
        hash: Arc<impl Fn(&mut Memory) -> T + Send + Sync + 'static>,
    ) -> Result<T, oneshot::error::RecvError> {
        let (answer, hashed) = oneshot::channel();
        let job: Job = Box::new(move |memory: &mut Memory| {
            if !answer.is_closed() {
                // Who asked may leave meanwhile.
                let _ = answer.send(hash(memory));
            }
        });
        // Without a thread the job is dropped, and the answer with it; whoever asks next tries again to start one.
        if self.jobs().send(job).is_err() {
            *self.jobs.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
        hashed.await
    }

    /// Where jobs go; the first one starts the threads.
    fn jobs(&self) -> Sender<Job> {
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.get_or_insert_with(|| {
            let (sender, receiver) = channel();
            let receiver = Arc::new(Mutex::new(receiver));
            for _ in 0..self.threads {
                let (receiver, stand_back) = (receiver.clone(), self.stand_back);
                let thread = std::thread::Builder::new().name("hashing".into());
                let work = move || {
                    stand_back();
                    work(&receiver);
                };
                if let Err(error) = thread.spawn(work) {
                    tracing::error!(%error, "the system has no thread left to hash passwords");
                }
            }
            sender
        })
        .clone()
    }
}

/// Until there is nobody left who could ask.
fn work(jobs: &Mutex<Receiver<Job>>) {
    // Kept, since giving it back and taking it anew would hold up every thread that needs memory meanwhile, for as long
    // as this one waits for a core.
    let mut memory = Memory::new();
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv_timeout(MEMORY_KEPT);
        match job {
            Ok(job) => {
                if std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| job(&mut memory))).is_err() {
                    tracing::error!("hashing a password panicked");
                }
            }
            Err(RecvTimeoutError::Timeout) => memory = Memory::new(),
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// From now on the calling thread runs only where no other wants the core, and nearly always makes way at once for one
/// that does. A low priority alone does not: whoever has a core may then keep it for some milliseconds while others wait.
/// Linux still lets such a thread have the core for a few milliseconds once in a while, so that it is never starved.
pub fn on_spare_cores() {
    #[cfg(target_os = "linux")]
    {
        use thread_priority::unix::{NormalThreadSchedulePolicy, ThreadSchedulePolicy};
        use thread_priority::{ThreadPriority, set_thread_priority_and_policy, thread_native_id};
        let idle = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Idle);
        if let Err(error) = set_thread_priority_and_policy(thread_native_id(), ThreadPriority::Min, idle) {
            tracing::debug!(?error, "a thread that should stand back has the priority of everything else");
        }
    }
}

fn with_a_share() {
    if let Err(error) = rustix::process::setpriority_process(None, SHARE) {
        tracing::debug!(%error, "passwords are hashed at the priority of everything else");
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// A hash that counts how often it was begun and then waits for a word.
    fn slow() -> (impl Fn(&mut Memory) -> usize + Send + Sync + 'static, Arc<AtomicUsize>, Sender<()>) {
        let (end, ended) = channel::<()>();
        let (ended, begun) = (Mutex::new(ended), Arc::new(AtomicUsize::new(0)));
        let counted = begun.clone();
        let hash = move |_: &mut Memory| {
            let number = counted.fetch_add(1, Ordering::SeqCst);
            let _ = ended.lock().unwrap().recv();
            number
        };
        (hash, begun, end)
    }

    async fn until(what: impl Fn() -> bool) {
        while !what() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    #[tokio::test]
    async fn who_leaves_while_a_password_is_hashed_makes_no_room_for_another_and_is_not_hashed_for() {
        let lane = Arc::new(Lane::new(1, on_spare_cores));
        let (hash, begun, end) = slow();
        let hash = Arc::new(hash);
        let ask = || {
            tokio::spawn({
                let (lane, hash) = (lane.clone(), hash.clone());
                async move { lane.ask(hash).await }
            })
        };
        let first = ask();
        until(|| begun.load(Ordering::SeqCst) == 1).await;
        let (second, third) = (ask(), ask());
        tokio::time::sleep(Duration::from_millis(20)).await;
        first.abort();
        second.abort();
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert_eq!(begun.load(Ordering::SeqCst), 1);
        drop(end);
        assert_eq!(third.await.unwrap(), Ok(1), "the one that left meanwhile is passed over");
    }

    #[tokio::test]
    async fn what_finds_no_spare_core_in_time_gets_a_share() {
        let hashing = Hashing { spare: Lane::new(1, on_spare_cores), share: Lane::new(1, with_a_share) };
        let (hash, begun, end) = slow();
        let end = Mutex::new(Some(end));
        let answer = hashing.run(move |memory| match begun.load(Ordering::SeqCst) {
            // As on a machine that has no time for it.
            0 => hash(memory),
            _ => {
                drop(end.lock().unwrap().take());
                usize::MAX
            }
        });
        assert_eq!(answer.await.unwrap(), usize::MAX);
    }

    #[tokio::test]
    async fn a_hash_that_panics_ends_no_thread() {
        let hashing = Hashing { spare: Lane::new(1, on_spare_cores), share: Lane::new(1, with_a_share) };
        let failed = hashing.run(|_: &mut Memory| -> u8 { panic!("as asked for") }).await;
        assert_eq!(failed.unwrap_err().code, Code::Internal);
        assert_eq!(hashing.run(|memory| memory.len()).await.unwrap(), 0);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_thread_that_stands_back_is_idle_to_the_system() {
        use thread_priority::unix::{
            NormalThreadSchedulePolicy, ThreadSchedulePolicy, thread_schedule_policy,
        };
        let ask = || {
            on_spare_cores();
            thread_schedule_policy().unwrap()
        };
        let policy = std::thread::spawn(ask).join().unwrap();
        assert_eq!(policy, ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Idle));
    }
}
