//! Numbers, durations and foreign texts as a terminal shows them.

use domain::values::Usd;
use unicode_width::UnicodeWidthChar;

use super::figures::StepFigures;

/// Digits in groups of three: `43,229,469`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.char_indices() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Three or four digits and a unit: `987`, `43.2 k`, `1.5 M`.
pub(crate) fn short(number: u64) -> String {
    let scaled = |unit: u64, name: &str| {
        let tenths = (u128::from(number) * 10 + u128::from(unit) / 2) / u128::from(unit);
        format!("{}.{} {name}", tenths / 10, tenths % 10)
    };
    match number {
        0..1_000 => number.to_string(),
        1_000..999_950 => scaled(1_000, "k"),
        999_950..999_950_000 => scaled(1_000_000, "M"),
        _ => scaled(1_000_000_000, "G"),
    }
}

/// Dollars to the cent, or to four places below ten cents, so that small amounts do not look like nothing.
pub(crate) fn money(cost: Usd) -> String {
    let units = cost.units();
    let cents = (units + 5_000_000) / 10_000_000;
    if units > 0 && cents < 10 {
        let parts = (units + 50_000) / 100_000;
        return format!("${}.{:04}", parts / 10_000, parts % 10_000);
    }
    format!("${}.{:02}", grouped(cents / 100), cents % 100)
}

/// Known costs, and how much is not known.
pub(crate) fn cost(total: Usd, calls: u64, calls_without_cost: u64) -> String {
    match calls_without_cost {
        0 => money(total),
        unknown if unknown == calls => "cost unknown".into(),
        unknown => format!("{} and {} of unknown cost", money(total), counted(unknown, "call")),
    }
}

/// A number with its noun: `1 call`, `2 calls`.
pub(crate) fn counted(number: u64, noun: &str) -> String {
    format!("{} {noun}{}", grouped(number), if number == 1 { "" } else { "s" })
}

/// A duration in the two units that matter: `850 ms`, `8.2 s`, `2 min 13 s`, `2 h 41 min`.
pub(crate) fn duration(ms: u64) -> String {
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..60_000 => format!("{}.{} s", ms / 1_000, ms % 1_000 / 100),
        60_000..3_600_000 => format!("{} min {:02} s", ms / 60_000, ms / 1_000 % 60),
        _ => format!("{} h {:02} min", ms / 3_600_000, ms / 60_000 % 60),
    }
}

/// Time since the start: `+0:00:05`.
pub(crate) fn clock(ms: u64) -> String {
    format!("+{}:{:02}:{:02}", ms / 3_600_000, ms / 60_000 % 60, ms / 1_000 % 60)
}

/// Cost, calls and tokens of a step, on one line.
pub(crate) fn usage(figures: &StepFigures) -> String {
    if figures.calls == 0 {
        return "no model call".into();
    }
    let mut parts = vec![
        cost(figures.total_cost_usd, figures.calls, figures.calls_without_cost),
        counted(figures.calls, "model call"),
    ];
    let tokens = [
        (figures.input_tokens, "in"),
        (figures.output_tokens, "out"),
        (figures.cache_read_tokens, "cached"),
        (figures.cache_write_tokens, "to cache"),
    ];
    let used = tokens.iter().filter(|(tokens, _)| *tokens > 0);
    parts.extend(used.map(|(tokens, what)| format!("{} {what}", short(*tokens))));
    if parts.len() == 2 {
        parts.push("no tokens".into());
    }
    parts.join(" · ")
}

/// A character as it may be sent to a terminal: nothing that moves the cursor, colours, or reverses text.
pub(crate) fn harmless(c: char) -> char {
    let reorders = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if c.is_control() || reorders { '\u{fffd}' } else { c }
}

/// Columns that a text takes.
pub(crate) fn columns(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// The text on one line of at most `width` columns, `…` where it goes on.
pub(crate) fn one_line(text: &str, width: usize) -> String {
    // No more than this can be shown; the rest of a long text need not be looked at.
    let head = &text[..text.floor_char_boundary(width.saturating_mul(16).saturating_add(4_096))];
    let (mut line, mut used) = (String::new(), 0);
    for word in head.split_whitespace() {
        let gap = usize::from(!line.is_empty());
        let word: String = word.chars().map(harmless).collect();
        if used + gap + columns(&word) <= width {
            used += gap + columns(&word);
            line.extend((gap == 1).then_some(' '));
            line.push_str(&word);
            continue;
        }
        return cut(&format!("{line}{}{word}", if gap == 1 { " " } else { "" }), width);
    }
    if head.len() < text.len() { cut(&format!("{line}…"), width) } else { line }
}

/// At most `width` columns, the last one `…` where something is cut off.
fn cut(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let (mut line, mut used) = (String::new(), 0);
    for c in text.chars() {
        let wide = c.width().unwrap_or(0);
        if used + wide > width.saturating_sub(1) {
            break;
        }
        used += wide;
        line.push(c);
    }
    format!("{}…", line.trim_end())
}

/// The whole text in lines of at most `width` columns, broken at a space where one stands in the second half.
pub(crate) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let width = width.max(10);
    let mut rows = Vec::new();
    for line in text.lines() {
        let (mut row, mut used) = (String::new(), 0);
        for c in line.replace('\t', "    ").chars().map(harmless) {
            let wide = c.width().unwrap_or(0);
            if used + wide > width {
                let at = row.rfind(' ').filter(|at| *at >= row.len() / 2).map_or(row.len(), |at| at + 1);
                let rest = row.split_off(at);
                rows.push(std::mem::replace(&mut row, rest));
                used = columns(&row);
            }
            used += wide;
            row.push(c);
        }
        rows.push(row);
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_as_people_read_them() {
        let grouped: Vec<_> = [0, 999, 1_000, 43_229_469].map(grouped).into();
        assert_eq!(grouped, ["0", "999", "1,000", "43,229,469"]);
        let short: Vec<_> = [999, 1_000, 83_156, 999_949, 999_950, 43_229_469, u64::MAX].map(short).into();
        assert_eq!(short, ["999", "1.0 k", "83.2 k", "999.9 k", "1.0 M", "43.2 M", "18446744073.7 G"]);
        let usd = |number| Usd::from_f64(number).unwrap();
        let money: Vec<_> =
            [0.0, 0.000_01, 0.009_189, 0.0999, 0.1, 30.330_197_7, 1234.565].map(|n| money(usd(n))).into();
        assert_eq!(money, ["$0.00", "$0.0000", "$0.0092", "$0.10", "$0.10", "$30.33", "$1,234.57"]);
        assert_eq!(cost(usd(1.0), 3, 1), "$1.00 and 1 call of unknown cost");
        assert_eq!(cost(usd(0.0), 3, 3), "cost unknown");
    }

    #[test]
    fn durations_name_two_units() {
        let shown: Vec<_> = [0, 999, 8_250, 133_000, 9_663_000].map(duration).into();
        assert_eq!(shown, ["0 ms", "999 ms", "8.2 s", "2 min 13 s", "2 h 41 min"]);
        assert_eq!(clock(9_663_999), "+2:41:03");
    }

    #[test]
    fn foreign_texts_fit_and_do_no_harm() {
        assert_eq!(one_line("  a\n\n b\tc ", 10), "a b c");
        assert_eq!(one_line("red \u{1b}[31m \u{202e}x", 20), "red \u{fffd}[31m \u{fffd}x");
        assert_eq!(one_line("abcdefghij", 10), "abcdefghij");
        assert_eq!(one_line("abcdefghijk", 10), "abcdefghi…");
        assert_eq!(one_line("hello wonderful world", 10), "hello won…");
        assert_eq!(one_line("漢字漢字漢字", 7), "漢字漢…");
        assert_eq!(columns(&one_line(&"é ".repeat(100_000), 40)), 40);
        assert_eq!(
            wrapped("one\n\ntwelve chars\tx\u{7}", 10),
            ["one", "", "twelve ", "chars    ", "x\u{fffd}"]
        );
    }
}
