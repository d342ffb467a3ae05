//! Which target a verb gets.

use clap::Parser;

use super::*;
use crate::cli::Cli;

fn global(words: &[&str]) -> Global {
    Cli::try_parse_from([&["waybill", "view"], words].concat()).expect("it parses").global
}

fn data(dir: &tempfile::TempDir) -> String {
    dir.path().display().to_string()
}

/// Lets go of the folder: dropping alone leaves it to a thread that ends a little later.
fn free(target: Target) {
    let Target::Folder(engine) = target else { panic!("it is a folder") };
    engine.close().expect("the log closes");
}

#[test]
fn a_server_that_is_named_is_asked_whatever_the_folder_holds() {
    let target =
        open(&global(&["--server", "http://127.0.0.1:9", "--token", "t", "--data", "/nowhere"]), Want::Log);
    assert!(matches!(target, Ok(Target::Server(client)) if client.url() == "http://127.0.0.1:9"));
}

#[test]
fn a_server_needs_a_token() {
    let dir = tempfile::tempdir().unwrap();
    let words = ["--server", "http://127.0.0.1:9", "--data", &data(&dir)];
    let failure = open(&global(&words), Want::Log).expect_err("there is no token");
    assert_eq!(failure.exit, Exit::Unreachable);
    std::fs::write(dir.path().join("token"), "wb_x_y\n").unwrap();
    assert!(open(&global(&words), Want::Log).is_ok());
}

#[test]
fn reading_makes_no_log_and_writing_does() {
    let dir = tempfile::tempdir().unwrap();
    let global = global(&["--data", &data(&dir)]);
    let failure = open(&global, Want::Log).expect_err("there is no log");
    assert_eq!(failure.exit, Exit::Usage);
    assert!(failure.message.contains(&data(&dir)), "{failure}");
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0, "nothing was left behind");
    free(open(&global, Want::LogOrNew).expect("it is made"));
    assert!(matches!(open(&global, Want::Log), Ok(Target::Folder(_))));
}

#[test]
fn a_folder_in_use_leads_to_its_server_and_to_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let global = global(&["--data", &data(&dir), "--token", "t"]);
    let held = open(&global, Want::LogOrNew).expect("it is free");
    let failure = open(&global, Want::Log).expect_err("no server says that it is there");
    assert_eq!(failure.exit, Exit::Unreachable);
    let url = "http://127.0.0.1:9".to_owned();
    let stale = ServerFile { pid: std::process::id() + 1, url: url.clone() };
    stale.write(dir.path()).unwrap();
    assert!(open(&global, Want::Log).is_err(), "the file is left from a process that is gone");
    ServerFile { pid: std::process::id(), url }.write(dir.path()).unwrap();
    assert!(matches!(open(&global, Want::Log), Ok(Target::Server(_))));
    free(held);
    assert!(matches!(open(&global, Want::Log), Ok(Target::Folder(_))), "a free folder is opened");
}
