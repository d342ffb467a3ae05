//! A brain as files: exported, edited, read back, and never at the cost of what somebody else wrote.

use std::path::Path;

use serde_json::json;

use super::run::Data;

/// A folder with a project that has a brain with some text; the project's id.
fn with_brain(data: &Data) -> String {
    data.ok(&["generate", "--projects", "1", "--runs", "1", "--seed", "5"]);
    let views = data.json(&["view", "brain"]);
    views["rows"][0]["row"]["project"].as_str().expect("a project").to_owned()
}

fn brain(data: &Data, words: &[&str], dir: &Path) -> super::run::End {
    data.run(&[&["brain", words[0], &dir.display().to_string()], &words[1..]].concat())
}

fn texts(data: &Data) -> Vec<(String, String)> {
    let rows = data.json(&["view", "brain"]);
    let text = |row: &serde_json::Value, name: &str| row["row"][name].as_str().expect("a text").to_owned();
    rows["rows"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| (text(row, "path"), text(row, "content")))
        .collect()
}

#[test]
fn edits_of_exported_files_become_events_and_the_files_are_those_of_the_log() {
    let data = Data::new();
    let project = with_brain(&data);
    let dir = data.path().join("../files");
    let exported = brain(&data, &["export", "--project", &project], &dir);
    assert_eq!(exported.code, 0, "{exported:?}");
    for (path, content) in texts(&data) {
        assert_eq!(std::fs::read_to_string(dir.join(&path)).expect(&path), content, "{path}");
    }
    let nothing = brain(&data, &["import", "--output", "json"], &dir);
    let report: serde_json::Value = serde_json::from_str(&nothing.stdout).expect("it is JSON");
    assert_eq!(report["commands"], json!([]), "{nothing:?}");

    std::fs::write(dir.join("PROJECT.md"), "# What it is\n\nWritten by hand.\n").expect("it can be written");
    let decisions = dir.join("DECISIONS.md");
    let mut text = std::fs::read_to_string(&decisions).expect("there are some");
    text.push_str("\n## Keep it small\n\nOne file is enough.\n");
    std::fs::write(&decisions, text).expect("it can be written");
    let planned = brain(&data, &["import", "--dry-run"], &dir);
    assert!(planned.code == 0 && planned.stdout.contains(" log\n"), "{planned:?}");
    assert!(!texts(&data).iter().any(|(_, content)| content.contains("Written by hand")));
    let imported = brain(&data, &["import"], &dir);
    assert_eq!((imported.code, imported.stdout.lines().count()), (0, 3), "{imported:?}");
    let after = texts(&data);
    assert!(after.iter().any(|(path, text)| path == "PROJECT.md" && text.contains("Written by hand")));
    assert!(after.iter().any(|(path, text)| path == "DECISIONS.md" && text.contains("## Keep it small")));
    for (path, content) in after {
        assert_eq!(std::fs::read_to_string(dir.join(&path)).expect(&path), content, "{path}");
    }
    let again = brain(&data, &["import"], &dir);
    assert_eq!((again.code, again.stdout.lines().count()), (0, 1), "nothing is read back twice: {again:?}");
}

#[test]
fn nothing_that_somebody_wrote_is_overwritten() {
    let data = Data::new();
    let project = with_brain(&data);
    let (one, two) = (data.path().join("../one"), data.path().join("../two"));
    for dir in [&one, &two] {
        assert_eq!(brain(&data, &["export", "--project", &project], dir).code, 0);
        std::fs::write(dir.join("ACTIVE.md"), format!("# By {}\n", dir.display()))
            .expect("it can be written");
    }
    let refused = brain(&data, &["export", "--project", &project], &one);
    assert!(refused.code == 1 && refused.stderr.contains("the log does not have it"), "{refused:?}");
    let server = data.serve();
    assert_eq!(brain(&data, &["import"], &one).code, 0);
    let late = brain(&data, &["import"], &two);
    assert!(late.code == 1 && late.stderr.contains("ACTIVE.md"), "{late:?}");
    assert!(texts(&data).iter().any(|(path, text)| path == "ACTIVE.md" && text.contains("/one")));
    server.stop();
    let no_mark = brain(&data, &["import"], data.path());
    assert_eq!(no_mark.code, 2, "{no_mark:?}");
}
