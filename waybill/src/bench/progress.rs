//! A bar on the terminal for what takes a known time or count.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use tokio::task::JoinHandle;

const TICK: Duration = Duration::from_millis(100);

/// A bar that moves with the clock, and goes with this value.
pub(super) struct Clock {
    bar: ProgressBar,
    task: Option<JoinHandle<()>>,
}

/// A bar over `time`, where somebody looks.
pub(super) fn clock(what: String, time: Duration) -> Clock {
    let whole = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    let style = ProgressStyle::with_template("{msg} [{bar:32}] {eta}")
        .expect("the template is a constant that parses");
    let bar = ProgressBar::new(whole).with_style(style.progress_chars("=> ")).with_message(what);
    let task = (!bar.is_hidden()).then(|| tokio::spawn(run(bar.clone(), Instant::now())));
    Clock { bar, task }
}

async fn run(bar: ProgressBar, started: Instant) {
    loop {
        tokio::time::sleep(TICK).await;
        bar.set_position(u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX));
    }
}

impl Drop for Clock {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_bar_needs_no_terminal() {
        drop(super::clock("measuring".into(), super::TICK));
    }
}
