//! The program as it is run: a bundle of this version that is kept for ever, exit codes, output.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const KEY: &str = "waybill/00000000000000000000000007+5252587c+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c";

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../proof/testdata/golden/evidence-1.tar")
}

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_waybill-verify")).args(arguments).output().expect("it starts")
}

/// Exit code and the first line that was printed.
fn ends(arguments: &[&str]) -> (i32, String) {
    let output = run(arguments);
    let text = if output.stdout.is_empty() { output.stderr } else { output.stdout };
    let first = String::from_utf8(text).expect("it is text").lines().next().unwrap_or_default().to_owned();
    (output.status.code().expect("it ends by itself"), first)
}

#[test]
fn a_bundle_of_this_version_is_verified_for_ever() {
    let bundle = golden();
    let bundle = bundle.to_str().expect("a path of ours");
    let verified = "Verified: nothing was altered and nothing is missing.";
    assert_eq!(ends(&[bundle, "--key", KEY]), (0, verified.into()));
    assert_eq!(ends(&[bundle, "--trust-bundled-key"]), (0, verified.into()));
    let (code, first) = ends(&[bundle]);
    assert!(code == 4 && first.starts_with("UNKNOWN KEY"), "{code} {first}");
    let (code, first) = ends(&[bundle, "--key", KEY, "--max-age", "1h"]);
    assert!(code == 5 && first.starts_with("STALE"), "{code} {first}");
}

#[test]
fn keys_come_from_files_and_reports_as_json() {
    let dir = tempfile::tempdir().expect("a folder can be made");
    let file = dir.path().join("log.pub");
    std::fs::write(&file, format!("{KEY}\n\n{KEY}\n")).expect("it can be written");
    let key = format!("@{}", file.display());
    let output = run(&[golden().to_str().expect("a path of ours"), "--key", &key, "--key", KEY, "--json"]);
    assert_eq!(output.status.code(), Some(0));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    assert_eq!((&report["exit_code"], &report["outcome"]), (&0.into(), &"verified".into()));
    assert_eq!((&report["nothing_altered"], &report["nothing_missing"]), (&"yes".into(), &"yes".into()));
    assert_eq!(report["signers"][0]["standing"], "given");
}

#[test]
fn damage_and_wrong_usage_have_their_codes() {
    let dir = tempfile::tempdir().expect("a folder can be made");
    let altered = dir.path().join("altered.tar");
    let mut bytes = std::fs::read(golden()).expect("it is kept");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&altered, bytes).expect("it can be written");
    let (code, first) = ends(&[altered.to_str().expect("a path of ours"), "--key", KEY]);
    assert!(code == 1 && first.starts_with("ALTERED"), "{code} {first}");
    let here = dir.path().to_str().expect("a path of ours");
    for wrong in [
        &["missing.tar"][..],
        &["--tiles", here],
        &[here, "--key", "nonsense"],
        &[here, "--key", "@missing.pub"],
        &[here, "--tiles", here],
        &["--max-age", "soon", here],
    ] {
        let output = run(wrong);
        assert_eq!(output.status.code(), Some(2), "{wrong:?}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{wrong:?}");
    }
}

#[test]
fn a_secret_key_in_the_wrong_place_is_not_repeated() {
    let secret = "PRIVATE+KEY+waybill/x+00000000+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
    let output = run(&["a.tar", "--key", secret]);
    let text = String::from_utf8(output.stderr).expect("it is text");
    assert!(text.starts_with("error: key `PRIVATE+KEY") && !text.contains("fZx09iUvxdXHKDFz"), "{text}");
}
