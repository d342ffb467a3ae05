//! Backups pulled from a running server on another machine, and restores that a key must vouch for.

use std::fs;

use super::folders::{PATIENCE, beside, imported, number, text};
use crate::cli::run::{Data, Server};
use crate::faults::asked::Asked;

/// Another machine: it has nothing of the server's folder.
struct Elsewhere {
    data: Data,
    url: String,
    token: String,
}

impl Elsewhere {
    fn of(server: &Server) -> Self {
        Self { data: Data::new(), url: server.url.clone(), token: server.token.clone() }
    }
    fn words<'a>(&'a self, words: &[&'a str]) -> Vec<&'a str> {
        [words, &["--server", &self.url, "--token", &self.token]].concat()
    }
}

fn signed(data: &Data) -> u64 {
    let note = fs::read_to_string(data.path().join("tiles/checkpoint")).expect("it is there");
    note.lines().nth(1).and_then(|size| size.parse().ok()).expect("a checkpoint says its size")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_running_server_is_backed_up_from_elsewhere_bit_by_bit_and_restored() {
    let data = imported();
    let server = data.serve();
    let elsewhere = Elsewhere::of(&server);
    let (to, into) = (beside(&elsewhere.data, "pulled"), beside(&elsewhere.data, "restored"));
    let to_text = text(&to);
    let words = elsewhere.words(&["backup", "--to", &to_text]);
    let first = elsewhere.data.json(&words);
    assert_eq!(
        (&first["trust"], &first["copied_events"]),
        (&"first_use".into(), &first["events"]),
        "{first}"
    );
    assert!(!to.join("keys/log.key").exists(), "the secret key stays where it is");
    let mut asked = Asked::of(&server);
    for _ in 0..20 {
        assert_eq!(asked.make_next().await.expect("the server answers").status, 200);
    }
    let head = number(&asked.get("/v1/log").await.ok(), "head");
    kit::wait_for("the checkpoint", PATIENCE, || (signed(&data) > head).then_some(()));
    let second = elsewhere.data.json(&words);
    assert_eq!((&second["trust"], number(&second, "events")), (&"kept".into(), head + 1), "{second}");
    assert_eq!(number(&second, "copied_events"), head + 1 - number(&first, "events"));
    assert_eq!(elsewhere.data.json(&words)["copied_events"], 0);
    // After a change of key the backup goes on: the log shows that both keys signed it.
    let pinned = fs::read_to_string(data.path().join("keys/log.pub")).expect("it is there");
    data.ok(&["keys", "rotate"]);
    let third = elsewhere.data.json(&words);
    assert_ne!(third["key"], pinned.trim(), "{third}");
    assert_eq!(third["trust"], "kept");
    // The old key is good for the restore too, and a stranger's is not.
    let stranger = fs::read_to_string(imported().path().join("keys/log.pub")).expect("it is there");
    let restore = |key: &str| {
        elsewhere.data.run(&["restore", "--from", &to_text, "--to", &text(&into), "--key", key.trim()])
    };
    let refused = restore(&stranger);
    assert_eq!(refused.code, 4, "{refused:?}");
    assert!(refused.stderr.contains("\nhint: ") && !into.exists(), "{refused:?}");
    assert_eq!(restore(&pinned).code, 0);
    assert_eq!(server.stop().code, 0);
    let restored = Data::at(into);
    assert_eq!(restored.json(&["verify"])["verified"], true);
    let again = restored.serve();
    asked.again(&again).check().await;
    assert_eq!(again.stop().code, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pull_that_cannot_be_trusted_or_does_not_end_leaves_the_backup_as_it_was() {
    let data = imported();
    let server = data.serve();
    let elsewhere = Elsewhere::of(&server);
    let to = text(&beside(&elsewhere.data, "pulled"));
    let words = elsewhere.words(&["backup", "--to", &to]);
    let stranger = imported();
    let key = format!("@{}", stranger.path().join("keys/log.pub").display());
    let end = elsewhere.data.run(&[&words[..], &["--key", &key]].concat());
    assert_eq!(end.code, 4, "{end:?}");
    assert!(end.stderr.contains("\nhint: "), "{end:?}");
    elsewhere.data.ok(&words);
    for (more, code) in [(&["--with-keys"][..], 2), (&["--tiles-only"], 2), (&["--key", "no key"], 2)] {
        let end = elsewhere.data.run(&[&words[..], more].concat());
        assert_eq!((end.code, end.stderr.contains("\nhint: ")), (code, true), "{end:?}");
    }
    let local = data.run(&["backup", "--to", &to, "--key", &key]);
    assert_eq!(local.code, 2, "{local:?}");
    let wrong = ["backup", "--to", &to, "--server", &elsewhere.url, "--token", "wrong"];
    assert_eq!(elsewhere.data.run(&wrong).code, 9, "its token is refused");
    // Another log in the place of this one.
    let other = stranger.serve();
    let (url, token) = (other.url.clone(), other.token.clone());
    let words = ["backup", "--to", &to, "--server", &url, "--token", &token];
    let end = elsewhere.data.run(&words);
    assert_eq!(end.code, 1, "{end:?}");
    assert!(end.stderr.contains("is of log"), "{end:?}");
    assert_eq!((server.stop().code, other.stop().code), (0, 0));
    let end = elsewhere.data.run(&words);
    assert_eq!(end.code, 9, "nobody is there: {end:?}");
    let into = text(&beside(&elsewhere.data, "restored"));
    elsewhere.data.ok(&["restore", "--from", &to, "--to", &into]);
}
