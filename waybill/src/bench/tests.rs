//! The command line of the benches, and what a stage promises.

use clap::Parser;

use super::*;
use crate::cli::Cli;
use crate::verbs::Verb;

fn parse(words: &[&str]) -> Result<Bench, clap::Error> {
    match Cli::try_parse_from([&["waybill", "bench"], words].concat())?.verb {
        Verb::Bench(bench) => Ok(bench),
        _ => panic!("it is bench"),
    }
}

#[test]
fn options_stand_before_or_behind_the_bench() {
    for words in [["--seconds", "3", "post"], ["post", "--seconds", "3"]] {
        assert_eq!(parse(&words).unwrap().seconds, Some(3));
    }
    let What::Post(post) = parse(&["post", "--connections", "2,8"]).unwrap().what else {
        panic!("it is post")
    };
    assert_eq!(format!("{post:?}"), "Post { connections: [2, 8] }");
}

#[test]
fn everything_is_bounded() {
    for words in [
        &["post", "--seconds", "0"][..],
        &["post", "--seconds", "601"],
        &["post", "--connections", "0"],
        &["append", "--writers", "2000"],
        &["read", "--events", "0"],
        &["ws", "--subscribers", "100000"],
        &["ws", "--rate", "0"],
    ] {
        assert!(parse(words).is_err(), "{words:?}");
    }
}

#[test]
fn defaults_are_those_of_the_command_line() {
    assert_eq!(format!("{:?}", post::Post::defaults()), "Post { connections: [1, 16, 64] }");
    assert_eq!(ws::Ws::defaults().subscribers, 100);
    let What::Append(append) = parse(&["append"]).unwrap().what else { panic!("it is append") };
    assert_eq!(format!("{append:?}"), format!("{:?}", append::Append::defaults()));
}

#[tokio::test]
async fn a_stage_is_a_folder_that_goes() {
    let dir = tempfile::tempdir().unwrap();
    let stage = Stage { dir: tempfile::tempdir_in(dir.path()).unwrap(), time: Duration::from_millis(1) };
    let path = stage.path("x");
    std::fs::create_dir(&path).unwrap();
    assert!(stage.disk().unwrap().max_us > 0);
    assert_eq!(stage.one_thread(|| async { 7 }).await.unwrap(), 7);
    drop(stage);
    assert!(!path.exists() && std::fs::read_dir(dir.path()).unwrap().next().is_none());
}
