//! The data folder: who may read it, who has it open, and its token.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use super::Check;
use crate::server_file::ServerFile;

pub(super) fn check(data: &Path) -> Vec<Check> {
    let Ok(meta) = data.metadata() else {
        return vec![Check::ok("folder", "not there yet: `waybill import` or `waybill serve` makes it")];
    };
    if !meta.is_dir() {
        let detail = format!("`{}` is no folder", data.display());
        return vec![Check::wrong("folder", detail, "name another one with --data")];
    }
    let (mode, own) = (meta.permissions().mode() & 0o777, rustix::process::geteuid().as_raw() == meta.uid());
    let folder = match (mode, own) {
        (mode, _) if mode & 0o002 != 0 => {
            Check::wrong("folder", format!("mode {mode:o}: anybody may write to it"), "chmod o-w it")
        }
        (mode, false) => {
            Check::warning("folder", format!("mode {mode:o}, of another user"), "run as its owner")
        }
        (mode, true) if mode & 0o077 != 0 => {
            Check::ok("folder", format!("mode {mode:o}: others may look into it; chmod 700 keeps them out"))
        }
        (mode, true) => Check::ok("folder", format!("mode {mode:o}")),
    };
    vec![folder, token(data), lock(data)]
}

fn token(data: &Path) -> Check {
    let path = data.join("token");
    if !path.exists() {
        return Check::ok("token", "none yet: `waybill serve` makes it");
    }
    match api::Token::load(&path) {
        Ok(_) => Check::ok("token", "mode 600"),
        Err(error) => {
            let hint = error.hint();
            Check::wrong("token", crate::failure::with_sources(&error), hint)
        }
    }
}

fn lock(data: &Path) -> Check {
    let Ok(file) = std::fs::File::open(data.join("lock")) else { return Check::ok("lock", "free") };
    match flock(&file, FlockOperation::NonBlockingLockShared) {
        Ok(()) => Check::ok("lock", "free"),
        Err(Errno::WOULDBLOCK) => {
            let pid = std::fs::read_to_string(data.join("lock")).unwrap_or_default();
            let pid = pid.split_whitespace().next().unwrap_or("unknown");
            match ServerFile::read(data).filter(|server| server.pid.to_string() == pid) {
                Some(server) => {
                    Check::ok("lock", format!("held by the server at {} (process {pid})", server.url))
                }
                None => Check::warning(
                    "lock",
                    format!("held by process {pid}, which is no server"),
                    "wait until it has ended: other verbs cannot work meanwhile",
                ),
            }
        }
        Err(error) => {
            Check::wrong("lock", error.to_string(), "check that the folder's file system has locks")
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};

    use super::super::State;
    use super::*;

    fn find<'a>(checks: &'a [Check], name: &str) -> &'a Check {
        checks.iter().find(|check| check.check == name).expect(name)
    }

    #[test]
    fn a_folder_that_is_not_there_is_no_fault() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(check(&dir.path().join("none"))[0].state, State::Ok);
        let file = dir.path().join("file");
        fs::write(&file, "").unwrap();
        assert_eq!(check(&file)[0].state, State::Wrong);
    }

    #[test]
    fn what_others_may_do_is_found() {
        let dir = tempfile::tempdir().unwrap();
        let token = dir.path().join("token");
        api::Token::load_or_create(&token).unwrap();
        let checks = check(dir.path());
        assert_eq!((find(&checks, "folder").state, find(&checks, "token").state), (State::Ok, State::Ok));
        fs::set_permissions(&token, Permissions::from_mode(0o644)).unwrap();
        fs::set_permissions(dir.path(), Permissions::from_mode(0o777)).unwrap();
        let checks = check(dir.path());
        assert_eq!(
            (find(&checks, "folder").state, find(&checks, "token").state),
            (State::Wrong, State::Wrong)
        );
        assert!(checks.iter().filter(|check| check.state != State::Ok).all(|check| check.hint.is_some()));
    }

    #[test]
    fn a_lock_names_who_holds_it() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(lock(dir.path()), Check::ok("lock", "free"));
        let held = journal::Journal::open(dir.path(), journal::Options::default()).unwrap();
        assert_eq!(lock(dir.path()).state, State::Warning);
        let server = ServerFile { pid: std::process::id(), url: "http://127.0.0.1:9".into() };
        server.write(dir.path()).unwrap();
        assert!(lock(dir.path()).detail.contains("http://127.0.0.1:9"));
        drop(held);
        assert_eq!(lock(dir.path()), Check::ok("lock", "free"));
    }
}
