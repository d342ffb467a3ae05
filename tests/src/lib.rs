//! Test kit: a server and its clients, where the programs and files of the tests are, and waiting.

pub mod corpus;
pub mod follower;
pub mod fuzzed;
pub mod mutate;
pub mod raw;
pub mod script;
pub mod server;
pub mod socket;
pub mod story;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The workspace's folder.
#[must_use]
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("this crate lies one folder below the workspace")
}

/// The `waybill` binary under test.
#[must_use]
#[track_caller]
pub fn waybill() -> PathBuf {
    program("WAYBILL_BIN")
}

/// Python with the packages that the clients in `tests/clients` need.
#[must_use]
#[track_caller]
pub fn python() -> PathBuf {
    program("WAYBILL_PYTHON")
}

/// Node, with the packages that the clients in `tests/clients` need installed beside them.
#[must_use]
#[track_caller]
pub fn node() -> PathBuf {
    program("WAYBILL_NODE")
}

/// A browser.
#[must_use]
#[track_caller]
pub fn chromium() -> PathBuf {
    program("WAYBILL_CHROMIUM")
}

/// The program that a variable names; a test without it fails, for a test that is passed over proves nothing.
#[track_caller]
fn program(variable: &str) -> PathBuf {
    match std::env::var_os(variable) {
        Some(path) => path.into(),
        None => panic!("{variable} is not set; `cargo xtask test` sets it and installs what it names"),
    }
}

/// Waits until `condition` gives a value.
///
/// # Panics
/// `patience` ends first; the message says what was waited for.
#[track_caller]
pub fn wait_for<T>(what: &str, patience: Duration, mut condition: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(value) = condition() {
            return value;
        }
        assert!(began.elapsed() < patience, "waited {patience:?} in vain for {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_gives_what_came() {
        let mut rounds = 0..3;
        assert_eq!(
            wait_for("the third round", Duration::from_secs(10), || rounds
                .next()
                .filter(|round| *round == 2)),
            2
        );
    }

    #[test]
    #[should_panic(expected = "in vain for a miracle")]
    fn waiting_ends() {
        wait_for("a miracle", Duration::ZERO, || None::<()>);
    }

    #[test]
    #[should_panic(expected = "WAYBILL_NO_SUCH is not set; `cargo xtask test` sets it")]
    fn a_missing_program_is_a_failure() {
        let _ = program("WAYBILL_NO_SUCH");
    }
}
