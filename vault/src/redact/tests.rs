//! Finding secrets, however they are written and cut.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use data_encoding::HEXLOWER;
use proptest::prelude::*;

use super::*;

const SECRET: &str = "s3cr3t/Tök\"en+?=";

fn redactor(secrets: &[(&str, &str)]) -> Redactor {
    let secrets: Vec<_> = secrets.iter().map(|(name, value)| (*name, Plain::new(*value))).collect();
    Redactor::new(secrets.iter().map(|(name, value)| (*name, value))).unwrap().unwrap()
}

fn parts(redactor: &Redactor, parts: &[&str]) -> Vec<String> {
    let mut carry = Carry::default();
    let mut out = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        let (redacted, next) = redactor.redact_part(part, &carry, at + 1 < parts.len());
        out.push(redacted.unwrap_or_else(|| (*part).to_owned()));
        carry = next;
    }
    out
}

#[track_caller]
fn check_found(text: &str) {
    let redactor = redactor(&[("TOKEN", SECRET)]);
    let redacted = redactor.redact(text).unwrap_or_else(|| panic!("not found in {text}"));
    assert!(redacted.contains("⟦secret:TOKEN⟧"), "{redacted}");
    let json = serde_json::to_vec(text).unwrap();
    assert!(redactor.is_in(&json), "not found in {}", String::from_utf8_lossy(&json));
}

#[test]
fn every_form_of_a_secret_is_found() {
    check_found(SECRET);
    check_found(&format!("before {SECRET} after"));
    check_found(&HEXLOWER.encode(SECRET.as_bytes()));
    check_found(&HEXLOWER.encode(SECRET.as_bytes()).to_uppercase());
    check_found("s3cr3t%2FT%C3%B6k%22en%2B%3F%3D");
    check_found("s3cr3t%2fT%c3%b6k%22en%2b%3f%3d");
    check_found(&serde_json::to_string(SECRET).unwrap());
    check_found(&serde_json::to_string(&serde_json::to_string(SECRET).unwrap()).unwrap());
    check_found(r#"s3cr3t/T\u00f6k\"en+?="#);
    for before in ["", "a", "ab", "abc", "user:"] {
        for after in ["", "z", "zz"] {
            let text = format!("{before}{SECRET}{after}");
            check_found(&STANDARD.encode(&text));
            check_found(&URL_SAFE.encode(&text));
        }
    }
}

#[test]
fn what_is_redacted_holds_no_part_of_the_secret() {
    let redactor = redactor(&[("TOKEN", SECRET), ("OTHER", "another value")]);
    let text = format!("a {SECRET}{SECRET} b another value c");
    let expected = "a ⟦secret:TOKEN⟧⟦secret:TOKEN⟧ b ⟦secret:OTHER⟧ c";
    assert_eq!(redactor.redact(&text).as_deref(), Some(expected));
    assert_eq!(redactor.redact("nothing in here"), None);
}

#[test]
fn the_longer_of_two_secrets_wins() {
    let redactor = redactor(&[("SHORT", "abcdefgh"), ("LONG", "abcdefghijkl")]);
    assert_eq!(redactor.redact("abcdefghijklm").as_deref(), Some("⟦secret:LONG⟧m"));
    assert_eq!(redactor.redact("abcdefghijk").as_deref(), Some("⟦secret:SHORT⟧ijk"));
}

#[test]
fn short_values_are_not_looked_for_and_many_are_refused() {
    let short = Plain::new("1234567");
    assert!(Redactor::new([("PIN", &short)]).unwrap().is_none());
    let long = Plain::new("x".repeat(PATTERN_MAX_BYTES));
    assert!(Redactor::new([("LONG", &long)]).is_err());
}

#[test]
fn lines_of_a_long_secret_are_found_by_themselves() {
    let pem = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\nAQEFAASCBKcwggSjAgEAAoIB\n-----END PRIVATE KEY-----\n";
    let redactor = redactor(&[("KEY", pem)]);
    let printed = "> MIIEvQIBADANBgkqhkiG9w0B\n> AQEFAASCBKcwggSjAgEAAoIB";
    assert_eq!(redactor.redact(printed).as_deref(), Some("> ⟦secret:KEY⟧\n> ⟦secret:KEY⟧"));
    assert_eq!(redactor.redact("-----BEGIN PRIVATE KEY-----"), None);
}

#[test]
fn a_secret_is_found_wherever_a_text_is_cut() {
    let redactor = redactor(&[("TOKEN", "tokentokenX")]);
    let text = "it is tokentokenX, it is tokentokentoken.";
    for first in 0..text.len() {
        for second in first..text.len() {
            let cut = [&text[..first], &text[first..second], &text[second..]];
            let out = parts(&redactor, &cut);
            let joined = out.concat();
            assert!(!joined.contains("tokentokenX"), "{cut:?}: {joined}");
            // Up to 3 bytes of a beginning may stand before the marker.
            assert!(out.iter().all(|part| !part.contains("kentokenX")), "{cut:?}: {out:?}");
            assert!(
                joined.starts_with("it is ") && joined.ends_with(", it is tokentokentoken."),
                "{cut:?}: {joined}"
            );
        }
    }
}

#[test]
fn what_only_began_like_a_secret_is_given_back() {
    let redactor = redactor(&[("TOKEN", "tokentokenX")]);
    assert_eq!(parts(&redactor, &["my token", "izer"]), ["my ", "tokenizer"]);
    assert_eq!(parts(&redactor, &["my token", "token", "s"]), ["my ", "", "tokentokens"]);
    assert_eq!(parts(&redactor, &["my token", "tokenX!"]), ["my ", "⟦secret:TOKEN⟧!"]);
    // Single letters are given out until there are enough of them.
    let letters = ["m", "t", "o", "k", "e", "n", "t", "o", "k", "e", "n", "X", "!"];
    assert_eq!(parts(&redactor, &letters).concat(), "mtok⟦secret:TOKEN⟧!");
    // The end of a text holds nothing back, and masks what is long.
    assert_eq!(parts(&redactor, &["my token"]), ["my token"]);
    assert_eq!(parts(&redactor, &["my tokentok"]), ["my ⟦secret:TOKEN⟧"]);
}

#[test]
fn a_secret_that_goes_on_in_the_next_text_is_masked_in_both() {
    let redactor = redactor(&[("TOKEN", "tokentokenX")]);
    let (first, carry) = redactor.redact_part("my tokentok", &Carry::default(), false);
    assert_eq!(first.as_deref(), Some("my ⟦secret:TOKEN⟧"));
    let (goes_on, _) = redactor.redact_part("enX is it", &carry, false);
    assert_eq!(goes_on.as_deref(), Some("⟦secret:TOKEN⟧ is it"));
    let (another, carry) = redactor.redact_part("something else", &carry, false);
    assert_eq!((another, carry.is_empty()), (None, true));
}

#[test]
fn a_part_whose_beginning_is_forgotten_loses_the_end_of_a_secret() {
    let redactor = redactor(&[("TOKEN", "tokentokenX")]);
    assert_eq!(redactor.redact_orphan("entokenX and so on").as_deref(), Some("⟦secret:TOKEN⟧ and so on"));
    assert_eq!(redactor.redact_orphan("X and so on"), None);
}

proptest! {
    #[test]
    fn no_secret_survives_any_cut(
        secret in "[a-c]{8,20}",
        before in "[a-c ]{0,30}",
        after in "[a-c ]{0,30}",
        cuts in proptest::collection::vec(0_usize..80, 0..6),
    ) {
        let redactor = redactor(&[("S", &secret)]);
        let text = format!("{before}{secret}{after}");
        let mut cuts: Vec<_> = cuts.into_iter().map(|cut| cut.min(text.len())).collect();
        cuts.sort_unstable();
        let ends = cuts.iter().copied().chain([text.len()]);
        let mut start = 0;
        let pieces: Vec<&str> = ends.map(|end| { let piece = &text[start..end]; start = end; piece }).collect();
        let out = parts(&redactor, &pieces);
        prop_assert!(!out.concat().contains(&secret), "{:?}", out);
        // Nothing but a secret is lost.
        let kept = |text: &str| text.replace("⟦secret:S⟧", "").len();
        let whole = redactor.redact(&text).map_or(text.len(), |text| kept(&text));
        prop_assert!(kept(&out.concat()) + secret.len() >= whole, "{:?}", out);
    }
}
