//! Sealed text inside of payloads: what stands there in place of a prompt or message that can be erased.
//!
//! A piece is `⟦sealed:1:KEY:BYTES⟧`: the id of the key, and 24 bytes of nonce before what was sealed, as base64url
//! without padding. A text is sealed in two pieces, so that a preview keeps the first one whole.

/// What a piece of sealed text begins with; nobody but the sealer may write it.
pub const PREFIX: &str = "⟦sealed:1:";
/// What it ends with.
pub const END: char = '⟧';
/// What is shown in place of a piece whose key was destroyed.
pub const ERASED: &str = "⟦erased⟧";
/// What is shown in place of a piece whose key is not at hand.
pub const SEALED: &str = "⟦sealed⟧";
/// What stands in place of `PREFIX` in a text that came with it.
pub const QUOTED: &str = "⟦sealed-1:";
/// Characters of a text that are in its first piece: as many as the longest preview shows.
pub const HEAD_CHARS: usize = 200;

/// A text that passes for sealed text, or may do so with what comes after it, as something that does not; `None` where
/// it does neither.
#[must_use]
pub fn quoted(text: &str) -> Option<String> {
    let begins = |at: usize| PREFIX.starts_with(&text[at..]);
    let open = text.rfind('⟦').filter(|at| begins(*at));
    if open.is_none() && !text.contains(PREFIX) {
        return None;
    }
    let mut quoted = text.replace(PREFIX, QUOTED);
    if open.is_some()
        && let Some(at) = quoted.rfind('⟦')
    {
        quoted.replace_range(at..at + '⟦'.len_utf8(), "[");
    }
    Some(quoted)
}

/// The beginning of a text, at most `chars` characters of it; of sealed text the first piece.
#[must_use]
pub fn preview(text: &str, chars: usize) -> String {
    if text.starts_with(PREFIX) {
        let end = text.find(END).map_or(text.len(), |at| at + END.len_utf8());
        return text[..end].to_owned();
    }
    text.chars().take(chars).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_writes_sealed_text_not_even_in_two_parts() {
        for (text, expected) in [
            ("⟦sealed:1:K:A⟧", Some("⟦sealed-1:K:A⟧")),
            ("x ⟦", Some("x [")),
            ("x ⟦sealed:1", Some("x [sealed:1")),
            ("⟦sealed:1:⟦sealed:1:", Some("⟦sealed-1:[sealed-1:")),
            ("⟦secret:A⟧", None),
            ("⟦sealed", Some("[sealed")),
            ("⟦sealed⟧", None),
            ("", None),
        ] {
            assert_eq!(quoted(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_preview_keeps_the_first_piece_whole() {
        assert_eq!(preview("äbc", 2), "äb");
        let piece = format!("{PREFIX}KEY:{}{END}", "A".repeat(300));
        assert_eq!(preview(&format!("{piece}{piece}"), 2), piece);
    }
}
