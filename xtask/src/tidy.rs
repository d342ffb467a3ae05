//! House rules that no lint knows: how files open, how long they are, which words stay out.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::shell::root;

/// Most lines of a source file, its inline tests not counted.
const LINES_MAX: usize = 500;
/// Most lines of a file of tests.
const TEST_LINES_MAX: usize = 1000;

/// Files that may be longer: the path, the most lines it may have, and why. Numbers here only go down.
const LONG_FILES: [(&str, usize, &str); 1] = [(
    "domain/src/project.rs",
    730,
    "one aggregate, one file: commands, events, state and rules of a project belong together",
)];

/// Folders that hold nothing of ours, or things as others wrote them.
const SKIPPED: [&str; 8] =
    [".git", "target", "data", "golden", "node_modules", "__pycache__", "vendor", "dist"];

/// Endings of the files whose words count.
const WORDED: [&str; 8] = ["rs", "toml", "md", "py", "mjs", "ts", "tsx", "yml"];

/// Walks the workspace.
///
/// # Errors
/// Names every file and line that breaks a rule.
pub(crate) fn check() -> Result<()> {
    let mut faults = Vec::new();
    let mut paths = Vec::new();
    walk(root(), &mut paths)?;
    for path in paths {
        let name =
            path.strip_prefix(root()).expect("the walk stays inside").to_string_lossy().replace('\\', "/");
        let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {name}"))?;
        faults.extend(faults_of(&name, &text).into_iter().map(|fault| format!("{name}{fault}")));
    }
    if !faults.is_empty() {
        bail!("{} faults\n  {}", faults.len(), faults.join("\n  "));
    }
    Ok(())
}

fn walk(folder: &Path, paths: &mut Vec<PathBuf>) -> Result<()> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    let mut entries = entries.collect::<Result<Vec<_>, _>>().context("cannot list a folder")?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        if entry.file_type().context("cannot tell files from folders")?.is_dir() {
            if !SKIPPED.contains(&entry.file_name().to_string_lossy().as_ref()) {
                walk(&path, paths)?;
            }
        } else if path.extension().is_some_and(|ending| WORDED.iter().any(|worded| ending == *worded)) {
            paths.push(path);
        }
    }
    Ok(())
}

/// What is wrong with a file, each as `:line: what` or `: what`.
fn faults_of(name: &str, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for (index, line) in text.lines().enumerate() {
        faults.extend(word_faults(name, line).into_iter().map(|fault| format!(":{}: {fault}", index + 1)));
    }
    if name.ends_with(".rs") {
        if !text.starts_with("//! ") {
            faults.push(": does not open with a `//!` sentence".into());
        }
        faults.extend(length_fault(name, source_lines(text)));
        faults.extend(
            unreasoned(text)
                .into_iter()
                .map(|line| format!(":{line}: an exception from a lint without a reason")),
        );
    }
    faults
}

/// Lines up to the test module that closes a file.
fn source_lines(text: &str) -> usize {
    text.find("\n#[cfg(test)]\nmod tests {").map_or(text, |end| &text[..end]).lines().count()
}

fn length_fault(name: &str, lines: usize) -> Option<String> {
    let is_tests = name.starts_with("tests/it/") || name.ends_with("/tests.rs") || name.contains("/tests/");
    let usual = if is_tests { TEST_LINES_MAX } else { LINES_MAX };
    let exception = LONG_FILES.iter().find(|(path, ..)| *path == name);
    let bound = exception.map_or(usual, |(_, bound, _)| *bound);
    if lines > bound {
        return Some(format!(": {lines} lines, expected at most {bound}"));
    }
    (exception.is_some() && lines <= usual)
        .then(|| ": is short now; take it off the list of long files".into())
}

fn word_faults(name: &str, line: &str) -> Vec<&'static str> {
    // Spelt in halves, because this file is checked too.
    let words = [
        (concat!("TO", "DO"), "unfinished work is an issue, not a comment"),
        (concat!("FIX", "ME"), "unfinished work is an issue, not a comment"),
        (concat!("to", "do!("), "unfinished work is an issue, not a macro"),
        (concat!("unimple", "mented!("), "unfinished work is an issue, not a macro"),
        (concat!("#[", "ignore"), "a test that does not run is none"),
        (concat!("/wo", "rk/"), "a path of one machine"),
        (concat!("/ro", "ot/"), "a path of one machine"),
        (concat!("/tmp/ta", "rget"), "a path of one machine"),
    ];
    let mut faults: Vec<_> =
        words.iter().filter(|(word, _)| has_word(line, word)).map(|(_, fault)| *fault).collect();
    if name.starts_with("tests/it/") && line.contains("sleep(") {
        faults.push("a test waits for a condition, not for time");
    }
    faults
}

/// Whether `word` stands in `line` and is not the middle of a longer one.
fn has_word(line: &str, word: &str) -> bool {
    let part_of_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let opens = word.starts_with(|c: char| c.is_alphanumeric());
    let closes = word.ends_with(|c: char| c.is_alphanumeric());
    line.match_indices(word).any(|(at, _)| {
        let (before, after) = (line[..at].chars().next_back(), line[at + word.len()..].chars().next());
        // A path counts from its root: `/a/` is none inside `b/a/`.
        let inside_path =
            word.starts_with('/') && before.is_some_and(|c| c.is_alphanumeric() || "._-}$".contains(c));
        let inside_word = (opens && part_of_word(before)) || (closes && part_of_word(after));
        !inside_path && !inside_word
    })
}

/// Lines of `allow` and `expect` attributes that give no reason.
fn unreasoned(text: &str) -> Vec<usize> {
    let mut lines = Vec::new();
    for (at, _) in text
        .match_indices("[")
        .filter(|(at, _)| text[*at..].starts_with("[allow(") || text[*at..].starts_with("[expect("))
    {
        let is_attribute = text[..at].ends_with('#') || text[..at].ends_with("#!");
        let attribute = text[at..].split("]").next().unwrap_or_default();
        if is_attribute && !attribute.contains("reason") {
            lines.push(text[..at].lines().count());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, text: &str, expected: &[&str]) {
        assert_eq!(faults_of(name, text), expected, "{name}: {text}");
    }

    #[test]
    fn a_rust_file_opens_with_a_sentence() {
        check("a/src/lib.rs", "//! Says what.\nfn f() {}\n", &[]);
        check("a/src/lib.rs", "fn f() {}\n", &[": does not open with a `//!` sentence"]);
        check("a/README.md", "# Title\n", &[]);
    }

    #[test]
    fn length_is_bounded_and_exceptions_ratchet() {
        let (long, bound, _) = LONG_FILES[0];
        assert_eq!(length_fault("a/b.rs", LINES_MAX), None);
        assert_eq!(length_fault("a/src/tests.rs", TEST_LINES_MAX), None);
        assert!(length_fault("tests/it/b.rs", TEST_LINES_MAX + 1).is_some());
        assert_eq!(source_lines("//! A.\nfn a() {}\n\n#[cfg(test)]\nmod tests {\n}\n"), 2);
        assert_eq!(length_fault("a/b.rs", LINES_MAX + 1).unwrap(), ": 501 lines, expected at most 500");
        assert_eq!(length_fault(long, bound), None);
        assert!(length_fault(long, bound + 1).is_some());
        assert!(length_fault(long, LINES_MAX).unwrap().contains("take it off"));
    }

    #[test]
    fn words_that_stay_out_are_found_whole() {
        let fault = ":1: unfinished work is an issue, not a comment";
        check("a.md", concat!("later (TO", "DO)"), &[fault]);
        check("a.md", concat!("MASTO", "DON and TO", "DOS"), &[]);
        check("a.py", concat!("# FIX", "ME"), &[fault]);
        check("a.toml", concat!("path = \"/wo", "rk/x\""), &[":1: a path of one machine"]);
        check("a.toml", concat!("path = \"b/wo", "rk/x\""), &[]);
        check(
            "tests/it/a.rs",
            "//! Sentence.\nstd::thread::sleep(x);",
            &[":2: a test waits for a condition, not for time"],
        );
    }

    #[test]
    fn an_exception_gives_its_reason() {
        let text = concat!(
            "//! Sentence.\n#",
            "[allow(a)]\n#",
            "[expect(b, reason = \"why\")]\nv[allow(1)];\n#!",
            "[allow(c)]\n"
        );
        assert_eq!(unreasoned(text), [2, 5]);
    }
}
