//! Figures and texts as people read them.

use std::time::Instant;

use domain::values::Timestamp;

/// A whole number with thousands apart: `1,019`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// US dollars with two to four decimals: `$30.33`, `$0.0092`.
pub(crate) fn usd(amount: f64) -> String {
    let text = format!("{:.4}", amount.abs());
    let (whole, decimals) = text.split_once('.').unwrap_or((&text, "00"));
    let kept = decimals.trim_end_matches('0').len().max(2);
    let whole = whole.parse().map_or_else(|_| whole.to_owned(), count);
    let sign = if amount < 0.0 { "-" } else { "" };
    format!("{sign}${whole}.{}", &decimals[..kept])
}

/// A duration: `850 ms`, `12.3 s`, `4 min 05 s`, `2 h 41 min`.
pub(crate) fn duration_ms(ms: u64) -> String {
    let seconds = ms / 1000;
    match seconds {
        0 => format!("{ms} ms"),
        1..60 => format!("{seconds}.{} s", ms % 1000 / 100),
        60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", count(seconds / 3600), seconds / 60 % 60),
    }
}

/// Milliseconds since then.
pub(crate) fn elapsed_ms(began: Instant) -> u64 {
    u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// A size: `974 B`, `951 KiB`, `1.4 GiB`.
pub(crate) fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let power = (bytes.ilog2() / 10).min(4);
    let unit = UNITS[power as usize - 1];
    let tenths = (u128::from(bytes) * 10) >> (10 * power);
    if tenths < 100 {
        format!("{}.{} {unit}", tenths / 10, tenths % 10)
    } else {
        format!("{} {unit}", tenths / 10)
    }
}

/// An instant to the second, in UTC: `2025-11-20 23:33:50`.
pub(crate) fn instant(text: &str) -> Option<String> {
    let full = text.parse::<Timestamp>().ok()?.to_string();
    Some(full.get(..19)?.replacen('T', " ", 1))
}

/// Text on one line without characters that steer a terminal, cut to `max` characters.
pub(crate) fn line(text: &str, max: usize) -> String {
    // A little more than fits is looked at, so that a long text costs no more than a short one.
    let mut shown = String::new();
    let mut length = 0;
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        let room = if shown.is_empty() { 0 } else { 1 };
        if room == 1 {
            shown.push(' ');
        }
        shown.extend(word.chars().filter(|c| !steers(*c)).take(max + 1));
        length += room + word.chars().take(max + 1).count();
        if length > max {
            break;
        }
    }
    if shown.chars().count() <= max {
        return shown;
    }
    let mut cut: String = shown.chars().take(max.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

/// Controls, and marks that turn the direction of what follows.
fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_their_thousands_apart() {
        let shown: Vec<_> = [0, 12, 999, 1_000, 43_229_469, u64::MAX].into_iter().map(count).collect();
        assert_eq!(shown, ["0", "12", "999", "1,000", "43,229,469", "18,446,744,073,709,551,615"]);
    }

    #[test]
    fn money_has_two_to_four_decimals() {
        let shown: Vec<_> =
            [0.0, 30.33, 30.330_197_7, 0.009_189, 1234.5, -2.0].into_iter().map(usd).collect();
        assert_eq!(shown, ["$0.00", "$30.33", "$30.3302", "$0.0092", "$1,234.50", "-$2.00"]);
    }

    #[test]
    fn durations_keep_two_units() {
        let shown: Vec<_> = [0, 850, 12_345, 245_000, 9_660_000].into_iter().map(duration_ms).collect();
        assert_eq!(shown, ["0 ms", "850 ms", "12.3 s", "4 min 05 s", "2 h 41 min"]);
    }

    #[test]
    fn sizes_have_a_unit() {
        let shown: Vec<_> = [0, 1023, 1024, 1536, 974_031, 1_503_238_554].into_iter().map(bytes).collect();
        assert_eq!(shown, ["0 B", "1023 B", "1.0 KiB", "1.5 KiB", "951 KiB", "1.4 GiB"]);
        assert!(bytes(u64::MAX).ends_with(" TiB"));
    }

    #[test]
    fn texts_stay_on_one_line_and_steer_nothing() {
        assert_eq!(line("a\n\tb\u{1b}[31m c", 40), "a b [31m c");
        assert_eq!(line("abc\u{202e}def", 40), "abcdef");
        assert_eq!(line("one two three", 8), "one two…");
        assert_eq!(line(&"x".repeat(10_000), 5), "xxxx…");
        assert_eq!(line("exactly5", 8), "exactly5");
        assert_eq!(instant("2025-11-20T23:33:50.805Z").as_deref(), Some("2025-11-20 23:33:50"));
        assert_eq!(instant("yesterday"), None);
    }
}
