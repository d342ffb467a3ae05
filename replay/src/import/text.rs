//! Texts of foreign files, brought within the bounds that commands have.

use domain::check::NAME_MAX_BYTES;
use sha2::{Digest, Sha256};

/// The longest start of `text` that has at most `max` bytes.
pub(super) fn clip(text: &str, max: usize) -> &str {
    &text[..text.floor_char_boundary(max)]
}

/// A short single-line text, control characters taken out; `None` where nothing is left.
pub(super) fn label(text: &str) -> Option<String> {
    let plain: String = text.chars().filter(|c| !c.is_control()).collect();
    let label = clip(plain.trim(), NAME_MAX_BYTES).trim_end();
    (!label.is_empty()).then(|| label.to_owned())
}

/// A title: the first line of `text` that is not blank.
pub(super) fn title(text: &str) -> Option<String> {
    text.lines().find_map(label)
}

/// Another program's id as one of ours takes it: one that is too long keeps its start and gets a digest, so
/// that different ids stay different.
pub(super) fn call_id(id: &str) -> Option<String> {
    let plain = label(id)?;
    if plain == id {
        return Some(plain);
    }
    let digest = Sha256::digest(id);
    let hex: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    Some(format!("{}~{hex}", clip(&plain, NAME_MAX_BYTES - 17)))
}

/// `text` in parts of at most `max` bytes, the first of at most `first`; one empty part where it is empty.
pub(super) fn parts(text: &str, first: usize, max: usize) -> Vec<&str> {
    let mut parts = vec![clip(text, first)];
    let mut rest = &text[parts[0].len()..];
    while !rest.is_empty() {
        let part = clip(rest, max);
        rest = &rest[part.len()..];
        parts.push(part);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_short_and_on_one_line() {
        assert_eq!(label("  bash\u{1b}[31m \n"), Some("bash[31m".into()));
        assert_eq!(label("\n\t "), None);
        assert_eq!(label(&"é".repeat(150)).map(|label| label.len()), Some(200));
        assert_eq!(title("\n\n  fix it \nnow"), Some("fix it".into()));
    }

    #[test]
    fn long_call_ids_stay_different() {
        assert_eq!(call_id("call_1"), Some("call_1".into()));
        let (a, b) = (call_id(&format!("{}a", "x".repeat(300))), call_id(&format!("{}b", "x".repeat(300))));
        assert_ne!(a, b);
        assert_eq!(a.map(|id| id.len()), Some(NAME_MAX_BYTES));
        assert_eq!(call_id(" "), None);
    }

    #[test]
    fn parts_join_to_the_whole() {
        for (text, first, max) in [("", 3, 3), ("abcdefgh", 3, 2), ("ééé", 3, 3), ("éa", 0, 2), ("abc", 3, 1)]
        {
            let parts = parts(text, first, max);
            assert_eq!(parts.concat(), text);
            assert!(parts.iter().skip(1).all(|part| !part.is_empty() && part.len() <= max), "{parts:?}");
            assert!(parts[0].len() <= first);
        }
    }
}
