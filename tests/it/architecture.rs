//! Boundaries written as absences, checked over `cargo metadata` and over the sources.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};
use domain::aggregates;
use kit::root;

/// Every folder of the workspace and the folders it may depend on; `domain ← … ← waybill`, never back.
const DIRECTION: [(&str, &str); 15] = [
    ("domain", ""),
    ("proof", "domain"),
    ("verify", "domain proof"),
    ("journal", "domain proof"),
    ("projections", "domain"),
    ("replay", "domain proof journal projections vault"),
    ("export", "domain journal projections vault"),
    ("vault", "domain"),
    ("engine", "domain journal projections vault"),
    ("search", "domain journal projections"),
    ("agents", "domain journal projections engine vault"),
    ("api", "domain proof journal projections engine export agents replay search vault"),
    ("waybill", "domain proof journal projections engine export agents api replay search vault"),
    ("xtask", "domain proof journal projections engine export agents api replay vault"),
    ("tests", "domain proof journal projections engine export agents api replay search vault waybill"),
];

/// Crates that bring async, IO, clocks or randomness; a pure crate has none of them, not even through others.
const IMPURE: [&str; 17] = [
    "tokio",
    "async-std",
    "smol",
    "futures-util",
    "axum",
    "hyper",
    "reqwest",
    "mio",
    "socket2",
    "sled",
    "rand",
    "rand_core",
    "fastrand",
    "getrandom",
    "rustix",
    "iana-time-zone",
    "tracing-subscriber",
];

/// Crates that talk to others over a network, or hold the log; what verifies has neither.
const CONNECTED: [&str; 13] = [
    "tokio",
    "mio",
    "socket2",
    "hyper",
    "reqwest",
    "axum",
    "h2",
    "rustls",
    "native-tls",
    "openssl-sys",
    "curl-sys",
    "ureq",
    "sled",
];

/// Words of async, IO, clocks, randomness and undefined order; a pure crate says none of them.
const IMPURE_WORDS: [&str; 16] = [
    "HashMap",
    "HashSet",
    "SystemTime",
    "Instant",
    "std::fs",
    "std::net",
    "std::env",
    "std::io",
    "std::process",
    "std::thread",
    "std::sync",
    "Utc::now",
    "Local::now",
    "async",
    "await",
    "rand",
];

const PURE: [&str; 3] = ["domain", "proof", "projections"];

fn metadata() -> Metadata {
    MetadataCommand::new()
        .current_dir(root())
        .other_options(vec!["--locked".into()])
        .exec()
        .expect("the workspace is in order")
}

fn folder(package: &Package) -> &str {
    package.manifest_path.parent().and_then(|folder| folder.file_name()).expect("a manifest lies in a folder")
}

/// The crates of the workspace by folder.
fn crates(metadata: &Metadata) -> BTreeMap<&str, &Package> {
    metadata.workspace_packages().into_iter().map(|package| (folder(package), package)).collect()
}

fn names<'a>(package: &'a Package, kinds: &'a [DependencyKind]) -> impl Iterator<Item = &'a str> {
    package.dependencies.iter().filter(|it| kinds.contains(&it.kind)).map(|it| it.name.as_str())
}

const ALL_KINDS: [DependencyKind; 3] =
    [DependencyKind::Normal, DependencyKind::Build, DependencyKind::Development];

#[test]
fn crates_depend_in_one_direction() {
    let metadata = metadata();
    let crates = crates(&metadata);
    let folders: BTreeMap<&str, &str> =
        crates.iter().map(|(folder, package)| (package.name.as_str(), *folder)).collect();
    for (folder, package) in &crates {
        let row = DIRECTION.iter().find(|(name, _)| name == folder);
        let (_, allowed) =
            row.unwrap_or_else(|| panic!("`{folder}` has no place in the direction of dependencies"));
        let allowed: BTreeSet<&str> = allowed.split_whitespace().collect();
        for used in names(package, &ALL_KINDS).filter_map(|name| folders.get(name)) {
            assert!(allowed.contains(used), "`{folder}` must not know `{used}`, expected only {allowed:?}");
        }
    }
}

#[test]
fn pure_crates_bring_no_async_io_clock_or_randomness() {
    let metadata = metadata();
    for pure in PURE {
        assert_eq!(linked(&metadata, pure, &IMPURE), [""; 0], "`{pure}` is not pure");
    }
    let journal = linked(&metadata, "journal", &IMPURE);
    assert!(
        journal.contains(&"sled") && journal.contains(&"getrandom"),
        "the check sees what is there: {journal:?}"
    );
}

#[test]
fn the_verifier_has_no_code_that_opens_a_connection_or_the_log() {
    let metadata = metadata();
    assert_eq!(linked(&metadata, "verify", &CONNECTED), [""; 0]);
    let waybill = linked(&metadata, "waybill", &CONNECTED);
    assert!(
        ["tokio", "reqwest", "sled"].iter().all(|it| waybill.contains(it)),
        "the check sees: {waybill:?}"
    );
    for folder in ["verify", "proof", "domain"] {
        for (path, text) in sources(folder) {
            assert!(!has_word(&text, "std::net"), "{} opens connections", path.display());
        }
    }
}

/// Those of `unwanted` that a crate links on this host, directly or through others. What another crate of the workspace
/// asks of a shared dependency, such as a clock of `chrono`, does not count: that is what `cargo tree` tells apart and
/// `cargo metadata` does not.
fn linked(metadata: &Metadata, folder: &str, unwanted: &[&'static str]) -> Vec<&'static str> {
    let package = crates(metadata)[folder];
    let tree = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--locked",
            "--edges",
            "normal",
            "--prefix",
            "none",
            "--package",
            package.name.as_str(),
        ])
        .current_dir(root())
        .output()
        .expect("cargo starts");
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let text = String::from_utf8_lossy(&tree.stdout);
    let names: BTreeSet<_> = text.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(names.contains(package.name.as_str()), "{text}");
    unwanted.iter().copied().filter(|name| names.contains(name)).collect()
}

#[test]
fn pure_crates_say_no_impure_word() {
    for pure in PURE {
        for (path, text) in sources(pure) {
            for word in IMPURE_WORDS {
                assert!(!has_word(&text, word), "{} says `{word}`", path.display());
            }
        }
    }
}

#[test]
fn libraries_stay_where_they_are() {
    let metadata = metadata();
    let homes = [
        ("sled", "journal"),
        ("axum", "api"),
        ("parquet", "export"),
        ("arrow-array", "export"),
        ("arrow-ipc", "export"),
        ("rusqlite", "export"),
        ("tantivy", "search"),
        ("plotters", "replay"),
        ("png", "replay"),
    ];
    for (library, home) in homes {
        for (folder, package) in crates(&metadata) {
            let uses = names(package, &ALL_KINDS).any(|name| name == library);
            assert!(!uses || folder == home, "`{folder}` depends on {library}, which belongs to `{home}`");
        }
    }
}

#[test]
fn the_journal_shows_no_sled() {
    for (path, text) in sources("journal") {
        for signature in public_signatures(&text) {
            assert!(!has_word(&signature, "sled"), "{} shows sled: {signature}", path.display());
        }
        assert!(!text.contains("From<sled::"), "{} converts from a sled type in the open", path.display());
    }
}

#[test]
fn the_journal_knows_no_event_and_the_interfaces_name_none() {
    let aggregates = aggregates();
    let events: BTreeSet<_> =
        aggregates.iter().flat_map(|it| it.events.iter().map(|event| event.name)).collect();
    for generic in ["journal", "api"] {
        for (path, text) in sources(generic) {
            for event in &events {
                assert!(!has_word(&text, event), "{} names the event {event}", path.display());
            }
            let matches_events =
                generic == "journal" && (has_word(&text, "domain::Event") || text.contains("Event::"));
            assert!(!matches_events, "{} matches events", path.display());
        }
    }
}

/// The starts of processes outside `agents/`: what is measured runs in a process of its own, and that
/// process is this very binary.
const MEASURED: [&str; 2] = ["waybill/src/bench/server.rs", "waybill/src/bench/growth/part.rs"];

#[test]
fn only_agents_start_processes() {
    let metadata = metadata();
    for folder in
        crates(&metadata).into_keys().filter(|folder| !["agents", "xtask", "tests"].contains(folder))
    {
        for (path, text) in
            sources(folder).into_iter().filter(|(path, _)| !MEASURED.iter().any(|one| path.ends_with(one)))
        {
            for word in ["process::Command", "tokio::process", "process_wrap"] {
                assert!(!has_word(&text, word), "{} starts processes: `{word}`", path.display());
            }
        }
    }
}

/// Folders that are not Rust.
const OTHERS: [&str; 3] = ["clients/python", "clients/typescript", "dashboard"];

#[test]
fn the_code_map_names_exactly_the_crates_there_are() {
    let page =
        std::fs::read_to_string(root().join("docs/architecture.md")).expect("docs/architecture.md is there");
    let map = page.split("\n## ").find(|section| section.starts_with("Code map")).expect("it has a code map");
    let mapped: BTreeSet<_> =
        map.lines().filter_map(|line| line.strip_prefix("### `")?.strip_suffix("/`")).collect();
    let metadata = metadata();
    assert_eq!(mapped, crates(&metadata).into_keys().chain(OTHERS).collect());
}

/// Sources of a crate without comments and without tests, by path.
fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut paths = Vec::new();
    list(&root().join(folder).join("src"), &mut paths);
    assert!(!paths.is_empty(), "`{folder}` has no sources");
    let texts: Vec<_> = paths
        .into_iter()
        .map(|path| (std::fs::read_to_string(&path).expect("it was listed"), path))
        .collect();
    let test_modules: BTreeSet<String> = texts.iter().flat_map(|(text, _)| test_modules(text)).collect();
    let is_test = |path: &Path| {
        path.with_extension("")
            .components()
            .any(|part| test_modules.contains(&*part.as_os_str().to_string_lossy()))
    };
    let src = root().join(folder).join("src");
    texts
        .into_iter()
        .filter(|(_, path)| !is_test(path.strip_prefix(&src).expect("it lies there")))
        .map(|(text, path)| (path, without_tests(&text)))
        .collect()
}

fn list(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a crate has sources") {
        let path = entry.expect("it can be listed").path();
        if path.is_dir() {
            list(&path, paths);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            paths.push(path);
        }
    }
}

/// Names of modules that are compiled for tests only and lie in files of their own.
fn test_modules(text: &str) -> Vec<String> {
    let lines: Vec<_> = text.lines().map(str::trim).collect();
    let declared = lines.windows(2).filter(|pair| pair[0] == "#[cfg(test)]");
    declared.filter_map(|pair| Some(pair[1].split("mod ").nth(1)?.strip_suffix(';')?.to_owned())).collect()
}

/// The code up to the test module that closes a file, without comments.
fn without_tests(text: &str) -> String {
    let end = text.find("\n#[cfg(test)]\nmod tests {").unwrap_or(text.len());
    let code = text[..end].lines().filter(|line| !line.trim_start().starts_with("//"));
    code.map(|line| format!("{line}\n")).collect()
}

/// What a reader of the crate's documents sees: public items up to their body, public fields, public enums whole.
fn public_signatures(text: &str) -> Vec<String> {
    let starts = text
        .match_indices("pub ")
        .map(|(at, _)| at)
        .filter(|at| text[..*at].ends_with([' ', '\n']) || *at == 0);
    starts
        .map(|at| {
            let rest = &text[at..];
            let ends: &[char] = if rest.starts_with("pub enum") { &['\u{0}'] } else { &['{', ';'] };
            let end = if ends == ['\u{0}'] { rest.find("\n}") } else { rest.find(ends) };
            rest[..end.unwrap_or(rest.len())].to_owned()
        })
        .collect()
}

/// Whether `word` stands in `text` and is not part of a longer name.
fn has_word(text: &str, word: &str) -> bool {
    // A hyphen makes it a part of a command's name.
    let in_name = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '-');
    text.match_indices(word).any(|(at, _)| {
        !in_name(text[..at].chars().next_back()) && !in_name(text[at + word.len()..].chars().next())
    })
}

#[test]
fn the_checks_see_what_they_look_for() {
    assert!(
        has_word("use std::fs;", "std::fs")
            && !has_word("std::fsx", "std::fs")
            && !has_word("operand", "rand")
    );
    let text = "//! rand\nfn a() {}\n#[cfg(test)]\nmod tests {\n use rand;\n}\n";
    assert_eq!(without_tests(text), "fn a() {}\n");
    assert_eq!(
        test_modules("#[cfg(test)]\nmod faulty;\n#[cfg(test)]\npub(crate) mod kit;\nmod real;"),
        ["faulty", "kit"]
    );
    let code = "pub(crate) fn db() -> sled::Db { x }\npub fn open(\n  at: &sled::Db) -> u8 { sled }\npub enum E {\n  A(sled::Error),\n}\n";
    let shown: Vec<_> = public_signatures(code).into_iter().filter(|it| has_word(it, "sled")).collect();
    assert_eq!(shown.len(), 2, "{shown:?}");
}
