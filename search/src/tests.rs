//! The index over whole logs: what it finds, what it never loses, and how it comes back.

mod phrases;

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use domain::ids::{CommitId, MessageId, Position, ProjectId, RunId, StepId, UserId};
use domain::run::{Configuration, RunEvent, RunRequested, StepMessageAppended};
use domain::terms::{MessageRole, RunSource};
use domain::values::Timestamp;
use domain::{Actor, Event, Expected, Fingerprint, StreamId};
use journal::{Journal, NewCommit, NewEvent, Options};
use proptest::prelude::*;

use crate::{Answer, LIMIT_MAX, QueryError, Question, Search, SearchError, Whose};

const PATIENCE: Duration = Duration::from_secs(60);

fn project(n: u8) -> ProjectId {
    ProjectId::from_bytes([n; 16])
}

fn run(n: u8) -> RunId {
    RunId::from_bytes([n; 16])
}

/// A log whose writer's clock stands at `ms`.
fn log() -> Journal {
    Journal::memory(Options::default())
}

fn append(journal: &Journal, project: ProjectId, run: RunId, actor: Actor, event: RunEvent) -> Position {
    let event = Event::Run(event);
    let nth = journal.watermark().map_or(0, |last| last.0 + 1);
    let commit = NewCommit {
        stream: StreamId::from(run),
        expected: Expected::Any,
        commit: CommitId::from_bytes((u128::from(nth) + 1).to_be_bytes()),
        fingerprint: Fingerprint(nth),
        actor,
        causation: None,
        correlation: None,
        project: Some(project),
        occurred_at: Some(Timestamp::from_millis(1_000 * i64::try_from(nth).unwrap())),
        events: vec![NewEvent {
            type_id: event.type_id(),
            schema_version: event.schema_version(),
            payload: event.encode(),
        }],
    };
    journal.commit(commit).expect("a log in memory takes everything").position
}

fn message(role: MessageRole, content: &str) -> RunEvent {
    RunEvent::from(StepMessageAppended {
        step: StepId::from_bytes([9; 16]),
        sandbox: None,
        message: MessageId::from_bytes([9; 16]),
        role,
        content: content.to_owned(),
        thinking: None,
        stop_reason: None,
        more: false,
    })
}

fn say(journal: &Journal, content: &str) -> Position {
    append(journal, project(1), run(1), Actor::Operator, message(MessageRole::Assistant, content))
}

fn requested(prompt: &str) -> RunEvent {
    RunEvent::from(RunRequested {
        project: project(2),
        workflow: None,
        source: RunSource::Workflow,
        title: Some("A title of its own".into()),
        prompt: prompt.to_owned(),
        configuration: Configuration {
            workflow_version: None,
            personas: vec![],
            persona_versions: vec![],
            contexts: vec![],
            learning_version: None,
            learning_versions: vec![],
            assets: vec![],
        },
        blueprint: None,
        candidates: vec![],
        origin: None,
    })
}

fn question(text: &str) -> Question {
    Question { text: text.to_owned(), ..Question::default() }
}

/// Waits until the index reflects the whole log.
fn catch_up(search: &Search, journal: &Journal) {
    let waiting = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let head = journal.watermark().expect("there are events");
    waiting.block_on(search.reach(head, PATIENCE)).expect("it gets there");
}

fn ask(search: &Search, question: Question) -> Answer {
    search.ask(question).expect("it can be asked")
}

/// Every position that fits, over all pages.
fn all(search: &Search, mut question: Question) -> Vec<u64> {
    let (mut found, whole) = (Vec::new(), question.after.is_none());
    loop {
        let answer = ask(search, question.clone());
        found.extend(answer.hits.iter().map(|hit| hit.position.0));
        let Some(next) = answer.next else {
            assert!(!whole || answer.total == found.len() as u64, "{answer:?}");
            return found;
        };
        question.after = Some(next.parse().unwrap());
    }
}

fn found(search: &Search, text: &str) -> BTreeSet<u64> {
    let positions = all(search, Question { limit: Some(LIMIT_MAX), ..question(text) });
    let set: BTreeSet<_> = positions.iter().copied().collect();
    assert_eq!(set.len(), positions.len(), "nothing is found twice");
    set
}

fn following(journal: &Journal, dir: Option<&Path>) -> Search {
    let search = Search::start(journal.clone(), dir).expect("there is a thread left");
    catch_up(&search, journal);
    search
}

#[test]
fn words_are_found_where_they_stand() {
    let journal = log();
    let first = say(&journal, "The rate limit of the provider was hit; retrying.");
    let second = append(&journal, project(2), run(2), Actor::Operator, requested("Mind the RATE limit"));
    say(&journal, "Nothing of the kind");
    let search = following(&journal, None);

    let answer = ask(&search, question("rate \"the provider\""));
    assert_eq!((answer.total, answer.complete, answer.next), (1, true, None));
    assert_eq!((answer.position, answer.head), (journal.watermark(), journal.watermark()));
    let hit = &answer.hits[0];
    assert_eq!((hit.position, hit.kind, hit.event), (first, "message", "StepMessageAppended"));
    assert_eq!(hit.role.as_deref(), Some("assistant"));
    assert_eq!((hit.project, hit.run.clone()), (Some(project(1)), Some(run(1).to_string())));
    assert_eq!(hit.snippet.text, "The rate limit of the provider was hit; retrying.");
    assert_eq!(hit.snippet.ranges, [(0, 3), (4, 8), (18, 21), (22, 30)]);

    assert_eq!(found(&search, "rate limit"), [first.0, second.0].into());
    assert_eq!(found(&search, "\"limit rate\""), [].into());
    assert_eq!(found(&search, "retry*"), [first.0].into());
    assert_eq!(found(&search, "title limit"), [second.0].into(), "fields of one event count together");
    assert_eq!(found(&search, "\"limit a title\""), [].into(), "but no phrase reaches over them");
    search.close();
}

#[test]
fn filters_narrow_down() {
    let journal = log();
    let one = append(&journal, project(1), run(1), Actor::Operator, message(MessageRole::User, "deploy it"));
    let two =
        append(&journal, project(1), run(2), Actor::Operator, message(MessageRole::Assistant, "deploy it"));
    let three = append(&journal, project(2), run(3), Actor::Operator, requested("deploy it"));
    let search = following(&journal, None);
    let with = |change: &dyn Fn(&mut Question)| {
        let mut question = question("deploy");
        change(&mut question);
        all(&search, question)
    };
    assert_eq!(with(&|_| {}).len(), 3);
    assert_eq!(with(&|q| q.project = Some(project(2))), [three.0]);
    assert_eq!(with(&|q| q.kind = Some("prompt".into())), [three.0]);
    assert_eq!(with(&|q| q.run = Some(run(2))), [two.0]);
    assert_eq!(with(&|q| q.role = Some("user".into())), [one.0]);
    assert_eq!(with(&|q| q.since = Some(Timestamp::from_millis(2_000))), [three.0]);
    assert_eq!(with(&|q| q.until = Some(Timestamp::from_millis(1_000))), [one.0]);
    let refused = search.ask(Question { kind: Some("gossip".into()), ..question("deploy") });
    assert!(refused.unwrap_err().to_string().contains("message"));
    search.close();
}

#[test]
fn the_better_comes_first_and_of_equals_the_newer() {
    let journal = log();
    let old = say(&journal, "flaky test");
    let new = say(&journal, "flaky test");
    let best = say(&journal, "flaky flaky");
    let worst = say(&journal, &format!("flaky {}", "and much else ".repeat(40)));
    let search = following(&journal, None);
    assert_eq!(all(&search, question("flaky")), [best.0, new.0, old.0, worst.0]);
    search.close();
}

#[test]
fn pages_stay_apart_while_the_log_grows() {
    let journal = log();
    (0..25).for_each(|n| {
        say(&journal, &format!("entry number {n}"));
    });
    let search = following(&journal, None);
    let mut page = Question { limit: Some(10), ..question("entry") };
    let first = ask(&search, page.clone());
    (0..30).for_each(|_| {
        say(&journal, "entry entry");
    });
    catch_up(&search, &journal);
    let mut positions: Vec<u64> = first.hits.iter().map(|hit| hit.position.0).collect();
    page.after = Some(first.next.expect("there is more").parse().unwrap());
    positions.extend(all(&search, page).iter());
    let set: BTreeSet<_> = positions.iter().copied().collect();
    assert_eq!((positions.len(), set), (25, (0..25).collect()));
    assert_eq!(found(&search, "entry").len(), 55);
    search.close();
}

#[test]
fn what_cannot_be_asked_is_refused_at_once() {
    let search = Search::start(log(), None).unwrap();
    for (asked, expected) in [
        (question(" "), QueryError::Empty),
        (question("\"open"), QueryError::OpenPhrase),
        (question("x*"), QueryError::ShortPrefix("x".into())),
        (Question { limit: Some(0), ..question("a") }, QueryError::Limit(0)),
        (Question { limit: Some(101), ..question("a") }, QueryError::Limit(101)),
    ] {
        let refused = search.ask(asked).expect_err("it is refused");
        assert!(matches!(&refused, SearchError::Query(error) if *error == expected), "{refused}");
    }
    search.close();
}

#[test]
fn any_script_is_found() {
    let journal = log();
    let chinese = say(&journal, "昨天部署失败了，需要回滚。");
    let arabic = say(&journal, "فشل النشر أمس");
    let french = say(&journal, "Déploiement échoué 🦀 hier");
    let search = following(&journal, None);
    assert_eq!(found(&search, "部署失败"), [chinese.0].into());
    assert_eq!(found(&search, "失败部署"), [].into());
    assert_eq!(found(&search, "النشر"), [arabic.0].into());
    assert_eq!(found(&search, "deploiement ECHOUE"), [french.0].into());
    search.close();
}

#[test]
fn what_was_written_can_be_waited_for_and_what_was_not_is_said() {
    let journal = log();
    let search = Search::start(journal.clone(), None).unwrap();
    let waiting = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    waiting.block_on(search.opened(PATIENCE));
    assert_eq!(ask(&search, question("step1")).total, 0, "it can be asked before anything was written");
    for n in 0..20 {
        let position = say(&journal, &format!("step{n} done"));
        waiting.block_on(search.reach(position, PATIENCE)).expect("it gets there");
        assert_eq!(found(&search, &format!("step{n}")), [position.0].into());
    }
    let never = Position(journal.watermark().unwrap().0 + 1);
    let refused =
        waiting.block_on(search.reach(never, Duration::from_millis(20))).expect_err("there is no such event");
    assert!(
        matches!(refused, SearchError::NotYet { wanted, reached: Some(Position(19)) } if wanted == never),
        "{refused}"
    );
    search.close();
    // What came after the index stopped is not known to be absent.
    say(&journal, "step20 done");
    if let Ok(answer) = search.ask(question("step20")) {
        assert!(!answer.complete && answer.position < answer.head);
    }
}

#[test]
fn projects_and_persons_can_be_forgotten() {
    let (journal, person) = (log(), UserId::from_bytes([5; 16]));
    append(&journal, project(1), run(1), Actor::Operator, message(MessageRole::User, "secret plan"));
    append(&journal, project(2), run(2), Actor::User(person), message(MessageRole::User, "secret plan"));
    let kept =
        append(&journal, project(2), run(2), Actor::Operator, message(MessageRole::User, "secret plan"));
    let search = following(&journal, None);
    let waiting = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    waiting.block_on(search.forget(Whose::Project(project(1)))).unwrap();
    assert_eq!(found(&search, "secret").len(), 2);
    waiting.block_on(search.forget(Whose::Person(person))).unwrap();
    assert_eq!(found(&search, "secret"), [kept.0].into());
    search.close();
    assert!(waiting.block_on(search.forget(Whose::Person(person))).is_err(), "nobody is left to do it");
}

/// What every one of these tests looks for, in a log of `events`.
fn history(events: usize) -> Journal {
    let journal = log();
    (0..events).for_each(|n| {
        say(&journal, &format!("event w{} of m{} in a history", n % 97, n % 7));
    });
    journal
}

fn check_whole(search: &Search, events: usize) {
    assert_eq!(ask(search, question("history")).total, events as u64);
    assert_eq!(found(search, "w13 m5"), (0..events as u64).filter(|n| n % 97 == 13 && n % 7 == 5).collect());
}

#[test]
fn an_index_goes_on_where_it_stopped() {
    let (journal, dir) = (history(200), tempfile::tempdir().unwrap());
    let folder = dir.path().join("search");
    let search = following(&journal, Some(&folder));
    check_whole(&search, 200);
    search.close();
    drop(search);
    let inode = |folder: &Path| std::os::unix::fs::MetadataExt::ino(&std::fs::metadata(folder).unwrap());
    let before = inode(&folder);
    (200..300).for_each(|n| {
        say(&journal, &format!("event w{} of m{} in a history", n % 97, n % 7));
    });
    let search = following(&journal, Some(&folder));
    assert_eq!(inode(&folder), before, "it was not made anew");
    check_whole(&search, 300);
    search.close();
}

#[test]
fn a_damaged_index_is_built_again() {
    let (journal, dir) = (history(300), tempfile::tempdir().unwrap());
    let folder = dir.path().join("search");
    following(&journal, Some(&folder)).close();
    let damages: [fn(&Path); 4] = [
        |folder| std::fs::write(folder.join("meta.json"), b"{}").unwrap(),
        |folder| std::fs::remove_file(folder.join("meta.json")).unwrap(),
        |folder| {
            let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
            for path in files.filter(|path| path.extension().is_some_and(|it| it == "idx" || it == "fast")) {
                let mut bytes = std::fs::read(&path).unwrap();
                let middle = bytes.len() / 3;
                bytes[middle] ^= 0x10;
                std::fs::write(&path, bytes).unwrap();
            }
        },
        |folder| {
            let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
            for path in files.filter(|path| path.extension().is_some_and(|it| it == "term")) {
                let bytes = std::fs::read(&path).unwrap();
                std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
            }
        },
    ];
    for damage in damages {
        damage(&folder);
        let search = following(&journal, Some(&folder));
        check_whole(&search, 300);
        search.close();
    }
}

#[test]
fn an_index_of_another_log_is_not_believed() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("search");
    following(&history(300), Some(&folder)).close();
    let other = log();
    let position = say(&other, "another history");
    let search = following(&other, Some(&folder));
    assert_eq!(found(&search, "history"), [position.0].into());
    search.close();
}

/// Copies a folder as a crash might leave it: whatever is there at the moment, file by file.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        // A file that goes away meanwhile is one that was no longer needed.
        let _ = std::fs::copy(&path, to.join(path.file_name().unwrap()));
    }
}

#[test]
fn an_index_that_was_cut_off_loses_nothing_and_finds_nothing_twice() {
    const EVENTS: usize = 20_000;
    let (journal, dir) = (history(EVENTS), tempfile::tempdir().unwrap());
    let folder = dir.path().join("search");
    let search = Search::start(journal.clone(), Some(&folder)).unwrap();
    let waiting = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let mut copies = Vec::new();
    for part in 1..=4_u64 {
        // Asked for in the middle: the index commits there, and is copied while it goes on.
        let position = Position(part * EVENTS as u64 / 5);
        waiting.block_on(search.reach(position, PATIENCE)).unwrap();
        let to = dir.path().join(format!("cut-{part}"));
        copy(&folder, &to);
        copies.push(to);
    }
    search.close();
    for cut in copies {
        let search = following(&journal, Some(&cut));
        check_whole(&search, EVENTS);
        search.close();
    }
}

#[test]
fn large_documents_are_indexed_whole() {
    let journal = log();
    let long: String = (0..60_000).map(|n| format!("word{n} ")).collect();
    let positions: Vec<_> = (0..20).map(|n| say(&journal, &format!("{long} last{n}")).0).collect();
    let search = following(&journal, None);
    assert_eq!(found(&search, "word59999 last7"), [positions[7]].into());
    assert_eq!(found(&search, "word0"), positions.into_iter().collect());
    search.close();
}

/// Words that share beginnings, with and without accents and case.
const VOCABULARY: [&str; 12] =
    ["a", "ab", "abc", "abd", "b", "ba", "Привет", "прив", "été", "ETE", "x1", "x12"];

fn texts() -> impl Strategy<Value = Vec<String>> {
    let word = prop::sample::select(VOCABULARY.to_vec());
    let mark = prop::sample::select(vec![" ", ", ", "\n", "-", "_", "…"]);
    let text = prop::collection::vec((word, mark), 1..12);
    let text = text.prop_map(|parts| parts.into_iter().map(|(word, mark)| format!("{word}{mark}")).collect());
    prop::collection::vec(text, 1..40)
}

/// What the index is held against: every text, cut and compared in the plainest way.
fn scan(texts: &[String], clauses: &[(u8, Vec<&str>)]) -> BTreeSet<u64> {
    let plain = |word: &str| word.to_lowercase().replace('é', "e");
    let fits = |text: &String| {
        let words: Vec<String> =
            text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(plain).collect();
        clauses.iter().all(|(kind, wanted)| {
            let wanted: Vec<String> = wanted.iter().map(|word| plain(word)).collect();
            match kind {
                0 => wanted.iter().all(|wanted| words.contains(wanted)),
                1 => words.windows(wanted.len()).any(|window| window == wanted),
                _ => words.iter().any(|word| word.starts_with(&wanted[0])),
            }
        })
    };
    texts.iter().enumerate().filter(|(_, text)| fits(text)).map(|(at, _)| at as u64).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn the_index_finds_what_a_scan_finds(
        texts in texts(),
        queries in prop::collection::vec(
            prop::collection::vec(
                (0..3_u8, prop::collection::vec(prop::sample::select(VOCABULARY.to_vec()), 1..4)), 1..4),
            1..12),
    ) {
        let journal = log();
        texts.iter().for_each(|text| { say(&journal, text); });
        let search = following(&journal, None);
        for mut clauses in queries {
            // The beginning of a word has two characters and is one word.
            clauses.retain(|(kind, words)| *kind < 2 || words[0].chars().count() > 1);
            let text: String = clauses.iter().map(|(kind, words)| match kind {
                0 => format!("{} ", words.join(" ")),
                1 => format!("\"{}\" ", words.join(" ")),
                _ => format!("{}* ", words[0]),
            }).collect();
            if clauses.is_empty() {
                continue;
            }
            prop_assert_eq!(found(&search, &text), scan(&texts, &clauses), "{}", text);
        }
        search.close();
    }
}
