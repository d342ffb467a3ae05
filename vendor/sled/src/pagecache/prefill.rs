//! Patched: writes zeros beyond the tip of the file, in the background.
//!
//! A commit that overwrites blocks of the file is durable in half the time of
//! one that makes the file grow: fdatasync has no metadata to write.

use super::*;

/// Zeros written at a time: the next commit syncs them too.
const CHUNK: usize = 128 * 1024;

/// Pause between them, so that a commit finds few.
const PAUSE: std::time::Duration = std::time::Duration::from_millis(1);

/// How far the file is filled.
#[derive(Debug, Default)]
pub(super) struct Prefill {
    thread: Option<std::thread::JoinHandle<()>>,
    stopped: bool,
    /// Where the next segment will begin: below, segments belong to the log.
    tip: LogOffset,
    /// Up to where zeros were written.
    to: LogOffset,
    running: bool,
}

impl Prefill {
    /// Takes the tip as it is, with nothing filled beyond it.
    pub(super) fn reset(&mut self, tip: LogOffset) {
        self.tip = tip;
        self.to = tip;
    }
}

/// Moves the tip, and has one segment filled beyond it. A log that fits its
/// first segment stays as small as it is.
pub(super) fn ahead_of(
    tip: LogOffset,
    prefill: &Arc<Mutex<Prefill>>,
    config: &RunningConfig,
) {
    let segment = config.segment_size as LogOffset;
    let mut state = prefill.lock();
    state.tip = tip;
    state.to = state.to.max(tip);
    if config.temporary || tip < 2 * segment || state.running {
        return;
    }
    state.running = true;
    drop(state);
    let (shared, config) = (prefill.clone(), config.clone());
    let spawned = std::thread::Builder::new()
        .name("sled-prefill".into())
        .spawn(move || {
            fill(&shared, &config);
            shared.lock().running = false;
        });
    let mut state = prefill.lock();
    match spawned {
        Ok(thread) => state.thread = Some(thread),
        Err(_) => state.running = false,
    }
}

/// Ends the thread, which holds the file open.
pub(super) fn stop(prefill: &Mutex<Prefill>) {
    let mut state = prefill.lock();
    state.stopped = true;
    let thread = state.thread.take();
    drop(state);
    if let Some(thread) = thread {
        let _panicked = thread.join();
    }
}

fn fill(prefill: &Mutex<Prefill>, config: &RunningConfig) {
    let segment = config.segment_size as LogOffset;
    let zeros = vec![0; CHUNK.min(config.segment_size)];
    loop {
        // Held while writing, so that no segment is begun under the zeros.
        let mut state = prefill.lock();
        state.to = state.to.max(state.tip);
        if state.stopped || config.global_error().is_err() {
            return;
        }
        if state.to >= state.tip + segment {
            break;
        }
        if let Err(error) = pwrite_all(&config.file, &zeros, state.to) {
            // The disk may be full: then the log itself will say so.
            warn!("cannot fill the file ahead: {}", error);
            return;
        }
        state.to += zeros.len() as LogOffset;
        drop(state);
        std::thread::sleep(PAUSE);
    }
    if config.global_error().is_err() {
        return;
    }
    if let Err(error) = config.file.sync_data() {
        config.set_global_error(error.into());
    }
}
