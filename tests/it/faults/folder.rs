//! Folders that must not be opened, and systems that give nothing: refused with what to do, and untouched.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::asked::{Asked, Line, can_trace};
use crate::cli::run::{Data, data_file};

const REFUSED: i32 = 7;
const UNREACHABLE: i32 = 9;
const VERBS: [&[&str]; 3] = [&["serve", "--port", "0"], &["view", "runs"], &["verify"]];

fn session() -> String {
    data_file("pi-large-session.jsonl")
}

/// Every file under `dir` with its content.
fn content(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("it can be read") {
            let path = entry.expect("it can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.insert(path.clone(), fs::read(&path).expect("it can be read"));
            }
        }
    }
    files
}

#[test]
fn a_folder_of_a_later_release_is_refused_and_left_byte_for_byte() {
    let data = Data::new();
    data.ok(&["import", "pi", &session()]);
    fs::write(data.path().join("format"), "waybill data folder, format 3\n").expect("it can be written");
    let before = content(data.path());
    let import = ["import", "pi", &session()];
    for words in VERBS.into_iter().chain([&import[..]]) {
        let end = data.run(words);
        assert_eq!(end.code, REFUSED, "{words:?}: {end:?}");
        assert!(end.stderr.contains("should name format 2 or an earlier one, names 3"), "{words:?}: {end:?}");
        assert!(end.stderr.contains("\nhint: open it with the later release"), "{words:?}: {end:?}");
    }
    assert!(content(data.path()) == before, "a refused folder was written to");
}

#[test]
fn two_folders_that_were_mixed_are_refused() {
    let (one, two) = (Data::new(), Data::new());
    for data in [&one, &two] {
        data.ok(&["import", "pi", &session()]);
    }
    fs::remove_dir_all(one.path().join("log")).expect("it is there");
    fs::rename(two.path().join("log"), one.path().join("log")).expect("it can be moved");
    let end = one.run(&["serve", "--port", "0"]);
    assert_eq!(end.code, 1, "{end:?}");
    assert!(end.stderr.contains("log `") && end.stderr.contains("\nhint: put the folders `log`"), "{end:?}");
}

#[test]
fn a_folder_on_a_network_is_refused_unless_it_is_allowed() {
    if !can_trace() {
        return;
    }
    let data = Data::new();
    // What statfs(2) says of the file system is changed into NFS.
    let nfs = "inject=statfs:poke_exit=@arg2=6969000000000000";
    let wrapper = ["strace", "-qq", "-f", "-o", "/dev/null", "-e", "trace=statfs", "-e", nfs];
    let under = |words: &[&str]| data.command_under(&wrapper, words).output().expect("strace runs");
    let import = ["import", "pi", &session()];
    let output = under(&import);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(REFUSED), "{stderr}");
    assert!(stderr.contains("lies on a network file system (NFS)"), "{stderr}");
    assert!(stderr.contains("\nhint: put the data folder on a local disk"), "{stderr}");
    assert_eq!(content(data.path()).len(), 0, "a refused folder was written to");
    let allowed = under(&[&import[..], &["--allow-network-folder"]].concat());
    assert!(allowed.status.success(), "{}", String::from_utf8_lossy(&allowed.stderr));
}

#[test]
fn a_second_process_is_told_who_holds_the_folder_and_a_killed_one_holds_nothing() {
    let data = Data::new();
    data.ok(&["import", "pi", &session()]);
    let held = journal::Journal::open(data.path(), journal::Options::default()).expect("nobody holds it");
    let pid = std::process::id().to_string();
    for lost in [false, true] {
        if lost {
            fs::remove_file(data.path().join("lock")).expect("it is there");
        }
        let end = data.run(&["view", "runs"]);
        assert_eq!(end.code, UNREACHABLE, "{end:?}");
        assert!(end.stderr.contains(&format!("process {pid}")) && end.stderr.contains("\nhint: "), "{end:?}");
    }
    drop(held);
    let server = data.serve();
    let end = data.run(&["serve", "--port", "0"]);
    assert_eq!(end.code, UNREACHABLE, "{end:?}");
    assert!(end.stderr.contains(&format!("process {}", server.pid())), "{end:?}");
    server.kill();
    assert_eq!(data.serve().stop().code, 0);
    assert_eq!(data.json(&["verify"])["verified"], true);
}

#[test]
fn a_folder_of_another_user_is_told_as_such() {
    let data = Data::new();
    data.ok(&["import", "pi", &session()]);
    let other = ["setpriv", "--reuid", "65534", "--clear-groups"];
    if !Command::new(other[0]).args(&other[1..]).arg("true").status().is_ok_and(|it| it.success()) {
        eprintln!("SKIPPED: this user cannot become another one");
        return;
    }
    let open = |path: &Path| fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o755));
    let home = data.path().parent().expect("it lies in a folder");
    open(home).expect("it is ours");
    for words in VERBS {
        let output = data.command_under(&other, words).output().expect("setpriv runs");
        let stderr = String::from_utf8_lossy(&output.stderr);
        if stderr.contains("failed to execute") {
            eprintln!("SKIPPED: the other user cannot reach the binary: {stderr}");
            return;
        }
        assert!(matches!(output.status.code(), Some(1 | 2)), "{words:?}: {stderr}");
        assert!(!stderr.contains("panic"), "{words:?}: {stderr}");
        assert!(stderr.contains("\nhint: "), "{words:?}: {stderr}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_file_handles_a_start_is_refused_and_a_server_goes_on() {
    let data = Data::new();
    data.ok(&["import", "pi", &session()]);
    for limit in [8, 12, 16, 20] {
        let nofile = format!("--nofile={limit}:{limit}");
        let output =
            data.command_under(&["prlimit", &nofile], &["view", "runs"]).output().expect("prlimit runs");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(!stderr.contains("panic"), "{limit}: {stderr}");
        assert!(output.status.success() || stderr.contains("error: "), "{limit}: {stderr}");
    }
    let server = data.serve_under(&["prlimit", "--nofile=64:64"]);
    let (mut asked, mut line) = (Asked::of(&server), Line::to(&server).await);
    line.make_next(&mut asked).await;
    let address = server.url.trim_start_matches("http://").to_owned();
    let held: Vec<_> = (0..100).filter_map(|_| std::net::TcpStream::connect(&address).ok()).collect();
    assert!(held.len() > 64, "more connections than handles");
    // The connection that it has goes on, and so does the log.
    for _ in 0..20 {
        line.make_next(&mut asked).await;
    }
    drop(held);
    asked.check().await;
    assert_eq!(server.stop().code, 0);
    assert_eq!(data.json(&["verify"])["verified"], true);
}
