//! Whether a text is a cron expression of five fields: minute, hour, day of month, month, day of week.

const MONTHS: [&str; 12] =
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// A field: its name, its least and its most, and words for its numbers from the least on.
type Field = (&'static str, u32, u32, &'static [&'static str]);

const FIELDS: [Field; 5] = [
    ("minute", 0, 59, &[]),
    ("hour", 0, 23, &[]),
    ("day of month", 1, 31, &[]),
    ("month", 1, 12, &MONTHS),
    ("day of week", 0, 7, &DAYS),
];

/// What is wrong with `expression`, as what was expected; none where it is fine.
pub(super) fn fault(expression: &str) -> Option<String> {
    let parts: Vec<_> = expression.split_ascii_whitespace().collect();
    if parts.len() != FIELDS.len() || expression.len() > 200 {
        return Some("five fields: minute, hour, day of month, month, day of week".into());
    }
    parts.iter().zip(FIELDS).find(|(part, field)| !part.split(',').all(|item| fits(item, field))).map(
        |(_, (name, least, most, _))| {
            format!("`{name}` as `*`, or numbers from {least} to {most} with `,`, `-` and `/`")
        },
    )
}

/// `*`, `n`, `n-m`, each perhaps with `/step`.
fn fits(item: &str, field: &Field) -> bool {
    let (base, step) = item.split_once('/').map_or((item, None), |(base, step)| (base, Some(step)));
    let step_fits = step.is_none_or(|step| number(step).is_some_and(|step| (1..=field.2).contains(&step)));
    let base_fits = base == "*"
        || match base.split_once('-') {
            Some((from, to)) => value(from, field).zip(value(to, field)).is_some_and(|(from, to)| from <= to),
            None => value(base, field).is_some(),
        };
    step_fits && base_fits
}

fn value(text: &str, (_, least, most, words): &Field) -> Option<u32> {
    let word = words.iter().position(|word| word.eq_ignore_ascii_case(text));
    let named = word.and_then(|at| u32::try_from(at).ok()).map(|at| at + least);
    named.or_else(|| number(text)).filter(|number| (least..=most).contains(&number))
}

fn number(text: &str) -> Option<u32> {
    if text.bytes().all(|b| b.is_ascii_digit()) { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_fields_within_their_ranges() {
        for fine in ["* * * * *", "0 9 * * 1-5", "*/15 0,12 1-31/2 jan-DEC sun", " 59  23 31 12 7 "] {
            assert_eq!(fault(fine), None, "{fine}");
        }
        for (wrong, part) in [
            ("", "five fields"),
            ("* * * *", "five fields"),
            ("* * * * * *", "five fields"),
            ("60 * * * *", "`minute`"),
            ("* 24 * * *", "`hour`"),
            ("* * 0 * *", "`day of month`"),
            ("* * * 13 *", "`month`"),
            ("* * * * mon-funday", "`day of week`"),
            ("5-1 * * * *", "`minute`"),
            ("*/0 * * * *", "`minute`"),
            ("*/ * * * *", "`minute`"),
            ("+1 * * * *", "`minute`"),
            ("1,,2 * * * *", "`minute`"),
            ("99999999999 * * * *", "`minute`"),
        ] {
            assert!(fault(wrong).is_some_and(|fault| fault.contains(part)), "{wrong}");
        }
    }
}
