//! Leaves the process once its log has failed, whatever hangs: nothing is lost by it that was acknowledged.

use std::time::Duration;

use journal::Journal;

use crate::failure::{Exit, Failure, LOG_FAILED_HINT};

/// How long a verb gets to end by itself once its log has failed; it must be gone within 5 seconds.
const GRACE: Duration = Duration::from_millis(4_000);

/// Ends the process some seconds after `journal` has failed, should the verb not have ended by then.
pub(crate) fn watch(journal: &Journal) {
    let failed = journal.failed();
    let wait = move || {
        // Not on the runtime of the verb: what hangs may hold all its threads.
        let Ok(waiting) = tokio::runtime::Builder::new_current_thread().build() else { return };
        let reason = waiting.block_on(failed);
        std::thread::sleep(GRACE);
        leave(&failure(&reason));
    };
    if let Err(error) = std::thread::Builder::new().name("last-resort".into()).spawn(wait) {
        tracing::warn!(%error, "no thread is left to end the process with, should its log fail");
    }
}

/// What is said of a log that failed.
pub(crate) fn failure(reason: &str) -> Failure {
    Failure::new(Exit::LogFailed, format!("the log failed: {reason}")).hint(LOG_FAILED_HINT)
}

/// Ends the process at once, with nothing closed.
pub(crate) fn leave(failure: &Failure) -> ! {
    eprint!("{failure}");
    std::process::exit(failure.exit.code().into());
}
