//! Field checks that several aggregates share; each returns what is allowed beside what came.

use std::fmt::Display;
use std::ops::RangeInclusive;

use crate::Rejection;

/// Longest name, title or label, in bytes.
pub const NAME_MAX_BYTES: usize = 200;
/// Longest single text of a payload, in bytes: a commit must fit into 1 MiB. Longer texts go in parts.
pub const TEXT_MAX_BYTES: usize = 512 * 1024;
/// Longest name of an environment variable, in bytes.
pub const ENV_NAME_MAX_BYTES: usize = 128;
/// Most items of a list in one command.
pub const LIST_MAX_ITEMS: usize = 1_000;

/// A value within a range; the refusal names the range and the unit.
pub fn range<T: PartialOrd + Display>(
    field: &'static str,
    value: T,
    allowed: &RangeInclusive<T>,
    unit: &str,
) -> Result<(), Rejection> {
    if allowed.contains(&value) {
        return Ok(());
    }
    Err(Rejection::invalid(field, format!("{} to {} {unit}", allowed.start(), allowed.end()), value))
}

/// A short single-line text that is not blank.
pub fn name(field: &'static str, value: &str) -> Result<(), Rejection> {
    let fits =
        !value.trim().is_empty() && value.len() <= NAME_MAX_BYTES && !value.chars().any(char::is_control);
    if fits {
        return Ok(());
    }
    Err(Rejection::invalid(field, format!("1 to {NAME_MAX_BYTES} bytes on one line, not blank"), value))
}

/// A text of any content, bounded in length.
pub fn text(field: &'static str, value: &str) -> Result<(), Rejection> {
    if value.len() <= TEXT_MAX_BYTES {
        return Ok(());
    }
    Err(Rejection::invalid(
        field,
        format!("at most {TEXT_MAX_BYTES} bytes"),
        format!("{} bytes", value.len()),
    ))
}

/// A text that is not blank, bounded in length.
pub fn filled(field: &'static str, value: &str) -> Result<(), Rejection> {
    if value.trim().is_empty() {
        return Err(Rejection::invalid(field, "a text that is not blank", value));
    }
    text(field, value)
}

/// A text of any content and at most `most` bytes.
pub fn within(field: &'static str, value: &str, most: usize) -> Result<(), Rejection> {
    if value.len() <= most {
        return Ok(());
    }
    Err(Rejection::invalid(field, format!("at most {most} bytes"), format!("{} bytes", value.len())))
}

/// A text that is not blank, and at most `most` bytes.
pub fn filled_within(field: &'static str, value: &str, most: usize) -> Result<(), Rejection> {
    if value.trim().is_empty() {
        return Err(Rejection::invalid(field, "a text that is not blank", value));
    }
    within(field, value, most)
}

/// An optional short text: absent, or like [`name`].
pub fn opt_name(field: &'static str, value: Option<&str>) -> Result<(), Rejection> {
    value.map_or(Ok(()), |value| name(field, value))
}

/// A list of bounded length.
pub fn list<T>(field: &'static str, items: &[T]) -> Result<(), Rejection> {
    if items.len() <= LIST_MAX_ITEMS {
        return Ok(());
    }
    Err(Rejection::invalid(
        field,
        format!("at most {LIST_MAX_ITEMS} items"),
        format!("{} items", items.len()),
    ))
}

/// A list of 1 to `most` items.
pub fn some_of<T>(field: &'static str, items: &[T], most: usize) -> Result<(), Rejection> {
    if (1..=most).contains(&items.len()) {
        return Ok(());
    }
    Err(Rejection::invalid(field, format!("1 to {most} items"), format!("{} items", items.len())))
}

/// No item twice.
pub fn each_once<T: Ord + Display>(field: &'static str, items: &[T]) -> Result<(), Rejection> {
    let mut seen = std::collections::BTreeSet::new();
    match items.iter().find(|item| !seen.insert(*item)) {
        Some(twice) => Err(Rejection::invalid(field, "each item once", twice)),
        None => Ok(()),
    }
}

/// A path inside a folder: parts with `/` between them, none of them empty, `.` or `..`.
pub fn path(field: &'static str, value: &str) -> Result<(), Rejection> {
    let part = |part: &str| !matches!(part, "" | "." | "..");
    let plain = !value.contains('\\') && !value.chars().any(char::is_control);
    if plain && value.len() <= NAME_MAX_BYTES && value.split('/').all(part) {
        return Ok(());
    }
    Err(Rejection::invalid(field, "a relative path of at most 200 bytes, without `.`, `..` or `\\`", value))
}

/// A branch name that git accepts, as `git check-ref-format --branch` has it.
pub fn branch(field: &'static str, value: &str) -> Result<(), Rejection> {
    let part = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.ends_with(".lock");
    let plain = value.chars().all(|c| !c.is_control() && !" ~^:?*[\\".contains(c));
    let whole = !value.contains("..") && !value.contains("@{") && !value.ends_with('.') && value != "@";
    let fits = plain && whole && !value.starts_with('-') && value.len() <= NAME_MAX_BYTES;
    if fits && value.split('/').all(part) {
        return Ok(());
    }
    Err(Rejection::invalid(field, "a branch name as git has it, 1 to 200 bytes", value))
}

/// The full name of a git commit, of SHA-1 or SHA-256.
pub fn commit(field: &'static str, value: &str) -> Result<(), Rejection> {
    let hex = value.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if hex && matches!(value.len(), 40 | 64) {
        return Ok(());
    }
    Err(Rejection::invalid(field, "40 or 64 lower-case hex digits", value))
}

/// A slug as it stands in URLs: lower-case letters, digits and single hyphens, 1 to 63 characters.
pub fn slug(field: &'static str, value: &str) -> Result<(), Rejection> {
    let plain = value.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'));
    let edges = !value.starts_with('-') && !value.ends_with('-') && !value.contains("--");
    if plain && edges && (1..=63).contains(&value.len()) {
        return Ok(());
    }
    Err(Rejection::invalid(field, "1 to 63 of a-z, 0-9 and single hyphens, no hyphen at either end", value))
}

/// An absolute http or https address without spaces or control characters.
pub fn url(field: &'static str, value: &str) -> Result<(), Rejection> {
    let rest = value.strip_prefix("https://").or_else(|| value.strip_prefix("http://"));
    let fits = rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'))
        && value.len() <= 2_000
        && value.bytes().all(|b| b.is_ascii_graphic());
    if fits {
        Ok(())
    } else {
        Err(Rejection::invalid(field, "an http or https URL of at most 2,000 bytes", value))
    }
}

/// A URL without user or password: those would be a secret in plain text.
pub fn public_url(field: &'static str, value: &str) -> Result<(), Rejection> {
    let authority = value.split_once("://").and_then(|(_, rest)| rest.split(['/', '?', '#']).next());
    if authority.is_some_and(|authority| authority.contains('@')) {
        return Err(Rejection::invalid(field, "a URL without credentials", "one with credentials"));
    }
    url(field, value)
}

/// Name of an environment variable, as a shell takes it.
pub fn env_name(field: &'static str, value: &str) -> Result<(), Rejection> {
    let word = value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let begins = value.bytes().next().is_some_and(|b| !b.is_ascii_digit());
    if word && begins && value.len() <= ENV_NAME_MAX_BYTES {
        return Ok(());
    }
    let expected = format!("1 to {ENV_NAME_MAX_BYTES} letters, digits or `_`, no digit first");
    Err(Rejection::invalid(field, expected, value))
}

/// A list of bounded length that names nothing twice.
pub fn distinct<T: Ord>(field: &'static str, items: &[T]) -> Result<(), Rejection> {
    list(field, items)?;
    let count = items.iter().collect::<std::collections::BTreeSet<_>>().len();
    if count == items.len() {
        return Ok(());
    }
    Err(Rejection::invalid(field, "each once", format!("{} of which {count} differ", items.len())))
}

/// A SHA-256 in hex. The refusal leaves the value out: it may be the secret itself by mistake.
pub fn sha256(field: &'static str, value: &str) -> Result<(), Rejection> {
    if value.len() == 64 && value.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        return Ok(());
    }
    Err(Rejection::invalid(field, "64 lower-case hex digits", format!("{} bytes", value.len())))
}

/// An address with one `@` and something on both sides; the mail server is the judge of the rest.
pub fn email(field: &'static str, value: &str) -> Result<(), Rejection> {
    let fits = value.len() <= 254
        && value
            .split_once('@')
            .is_some_and(|(local, host)| !local.is_empty() && !host.is_empty() && !host.contains('@'))
        && value.chars().all(|c| !c.is_whitespace() && !c.is_control());
    if fits {
        Ok(())
    } else {
        Err(Rejection::invalid(field, "an e-mail address of at most 254 bytes", value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_check_names_what_is_allowed() {
        assert_eq!(
            range("memory_mb", 9_000, &(256..=8_192), "MB").unwrap_err().to_string(),
            "`memory_mb`: expected 256 to 8192 MB, got `9000`"
        );
        assert!(name("name", "Waybill").is_ok());
        for wrong in ["", "  ", "two\nlines", &"x".repeat(201)] {
            assert!(name("name", wrong).is_err(), "{wrong:?}");
        }
        for (value, fits) in
            [("my-app", true), ("a", true), ("My", false), ("-a", false), ("a--b", false), ("", false)]
        {
            assert_eq!(slug("slug", value).is_ok(), fits, "{value:?}");
        }
        for (value, fits) in
            [("https://x.org/a", true), ("ftp://x", false), ("http:///x", false), ("https://a b", false)]
        {
            assert_eq!(url("url", value).is_ok(), fits, "{value:?}");
        }
        for (value, fits) in [("a@b", true), ("@b", false), ("a@", false), ("a@b@c", false), ("a @b", false)]
        {
            assert_eq!(email("email", value).is_ok(), fits, "{value:?}");
        }
        for (value, fits) in
            [("5e".repeat(20), true), ("5e".repeat(32), true), ("5E".repeat(20), false), ("5e".into(), false)]
        {
            assert_eq!(commit("commit", &value).is_ok(), fits, "{value:?}");
            assert_eq!(sha256("digest", &value).is_ok(), fits && value.len() == 64, "{value:?}");
        }
        assert!(text("text", &"x".repeat(TEXT_MAX_BYTES + 1)).is_err());
        assert!(filled("text", " \n").is_err());
        assert!(list("items", &[0; LIST_MAX_ITEMS + 1]).is_err());
        assert!(within("text", "ab", 2).is_ok() && within("text", "abc", 2).is_err());
        assert!(filled_within("text", "a", 1).is_ok() && filled_within("text", " ", 1).is_err());
        assert!(some_of("items", &[1], 1).is_ok());
        assert!(some_of::<u8>("items", &[], 1).is_err() && some_of("items", &[1, 2], 1).is_err());
        assert!(each_once("items", &[1, 2]).is_ok());
        assert_eq!(
            each_once("items", &[1, 2, 1]).unwrap_err().to_string(),
            "`items`: expected each item once, got `1`"
        );
    }

    #[test]
    fn paths_stay_inside_and_branches_are_git_s() {
        for fits in ["SKILL.md", "docs/a b.md", ".hidden/x", "a..b", "...", "ü"] {
            assert!(path("path", fits).is_ok(), "{fits:?}");
        }
        for wrong in ["", "/a", "a/", "a//b", "./a", "a/..", "../a", "a\\b", "a\nb", &"x".repeat(201)] {
            assert!(path("path", wrong).is_err(), "{wrong:?}");
        }
        for fits in ["main", "feature/a-1", "a.b", "ü", "a@b", "x-"] {
            assert!(branch("branch", fits).is_ok(), "{fits:?}");
        }
        for wrong in [
            "",
            "-a",
            "a b",
            "a..b",
            "a/",
            "/a",
            "a//b",
            ".a",
            "a/.b",
            "a.lock",
            "a.lock/b",
            "a~",
            "a^",
            "a:",
            "a?",
            "a*",
            "a[",
            "a\\b",
            "@",
            "a@{b",
            "a.",
            "a\tb",
            &"x".repeat(201),
        ] {
            assert!(branch("branch", wrong).is_err(), "{wrong:?}");
        }
    }
}
