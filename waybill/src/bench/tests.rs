//! The command line of the benches, and what a stage promises.

use api::{Config, Token};
use clap::Parser;
use engine::Engine;
use tokio::net::TcpListener;

use super::http::Endpoint;
use super::measure::{Amount, Durations};
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

/// A server over a log in memory, in this process; it ends with the test.
pub(super) async fn served() -> (Engine, Endpoint) {
    let engine = Engine::memory(journal::Options::default()).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let (token, _) = Token::load_or_create(&dir.path().join("token")).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = Endpoint { address: listener.local_addr().unwrap(), token: token.as_str().to_owned() };
    let search = ::search::Search::start(engine.journal().clone(), None).unwrap();
    let config =
        Config { token, hosts: Vec::new(), origins: Vec::new(), witnesses: Vec::new(), search, setup: None };
    tokio::spawn(api::serve(engine.clone(), listener, config, std::future::pending()));
    (engine, endpoint)
}

fn events(engine: &Engine) -> u64 {
    engine.journal().watermark().map_or(0, |head| head.0 + 1)
}

#[tokio::test]
async fn each_single_command_that_is_counted_is_in_the_log() {
    let (engine, endpoint) = served().await;
    let runs = load::prepare(&endpoint, 6).await.unwrap();
    let before = events(&engine);
    let driven: (Amount, Durations) =
        post::drive(endpoint, runs, 3, Duration::from_millis(100)).await.unwrap();
    assert!(driven.0.events > 0 && driven.1.count() == driven.0.events, "{:?}", driven.0);
    assert_eq!(events(&engine) - before, driven.0.events);
}

#[tokio::test]
async fn each_command_of_a_stream_that_is_counted_is_in_the_log() {
    let (engine, endpoint) = served().await;
    let runs = load::prepare(&endpoint, 8).await.unwrap();
    let before = events(&engine);
    let (amount, latency) = bulk::drive(endpoint, runs, 2, Duration::from_millis(100)).await.unwrap();
    assert!(amount.events > 0 && latency.count() > 0, "{amount:?}");
    assert_eq!(events(&engine) - before, amount.events);
}

#[tokio::test]
async fn a_server_that_refuses_ends_the_bench() {
    let (_engine, endpoint) = served().await;
    let runs = load::prepare(&endpoint, 1).await.unwrap();
    let wrong = Endpoint { token: "wb_wrong".into(), ..endpoint };
    assert!(load::prepare(&wrong, 1).await.expect_err("the token is wrong").message.contains("401"));
    assert!(post::drive(wrong.clone(), runs.clone(), 1, Duration::from_secs(5)).await.is_err());
    assert!(bulk::drive(wrong, runs, 1, Duration::from_secs(5)).await.is_err());
}
