//! The part of a text that shows best why it was found, and where in it.

use std::collections::{BTreeSet, VecDeque};

use crate::answer::Snippet;
use crate::query::Clause;
use crate::words::analyzer;

/// Most bytes of what was found together with what stands between.
const SPAN_BYTES: usize = 180;
/// Bytes around it.
const AROUND_BYTES: usize = 60;
/// Most words that are marked.
const MARKS_MAX: usize = 64;

/// A word that was found: its bytes, and which of the wanted ones it is.
#[derive(Debug, Clone, Copy)]
struct Mark {
    start: usize,
    end: usize,
    wanted: usize,
}

/// What makes a word worth marking.
enum Wanted<'a> {
    Word(&'a str),
    Prefix(&'a str),
}

impl Wanted<'_> {
    fn is(&self, word: &str) -> bool {
        match self {
            Self::Word(wanted) => *wanted == word,
            Self::Prefix(start) => word.starts_with(start),
        }
    }
}

/// The part of `texts` with the most different words of the query, the first of equals.
pub(crate) fn snippet(texts: &[String], clauses: &[Clause]) -> Snippet {
    let mut wanted = Vec::new();
    for clause in clauses {
        match clause {
            Clause::Word(word) => wanted.push(Wanted::Word(word)),
            Clause::Prefix(start) => wanted.push(Wanted::Prefix(start)),
            Clause::Phrase(words) => wanted.extend(words.iter().map(|word| Wanted::Word(word))),
        }
    }
    let best = texts.iter().map(|text| (text, densest(text, &wanted)));
    let best = best.reduce(|best, other| if variety(&other.1) > variety(&best.1) { other } else { best });
    best.map_or_else(|| Snippet { text: String::new(), ranges: vec![] }, |(text, marks)| cut(text, &marks))
}

fn variety(marks: &[Mark]) -> usize {
    marks.iter().map(|mark| mark.wanted).collect::<BTreeSet<_>>().len()
}

/// Marks that stand close together, with as many different words as can be had.
fn densest(text: &str, wanted: &[Wanted<'_>]) -> Vec<Mark> {
    let mut analyzer = analyzer();
    let mut stream = analyzer.token_stream(text);
    let (mut window, mut best): (VecDeque<Mark>, Vec<Mark>) = (VecDeque::new(), Vec::new());
    let mut most = 0;
    while let Some(token) = stream.next() {
        let Some(which) = wanted.iter().position(|wanted| wanted.is(&token.text)) else { continue };
        window.push_back(Mark { start: token.offset_from, end: token.offset_to, wanted: which });
        while window
            .front()
            .is_some_and(|first| window.len() > MARKS_MAX || token.offset_to - first.start > SPAN_BYTES)
            && window.len() > 1
        {
            window.pop_front();
        }
        let kinds = variety(window.make_contiguous());
        // The same window as it fills counts as one.
        let grows = best.first().is_some_and(|first| first.start == window[0].start) && kinds == most;
        if kinds > most || grows {
            most = kinds;
            best = window.iter().copied().collect();
        } else if most == wanted.len() && !best.is_empty() {
            break;
        }
    }
    best
}

fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The marked part of a text with what stands around it, on one line.
fn cut(text: &str, marks: &[Mark]) -> Snippet {
    let first = marks.first().map_or(0, |mark| mark.start);
    let last = marks.last().map_or(0, |mark| mark.end);
    let from = floor(text, first.saturating_sub(AROUND_BYTES));
    // A word may be as long as its text: then it is cut like everything else.
    let to = (last + AROUND_BYTES).min(first + SPAN_BYTES + AROUND_BYTES).max(from + AROUND_BYTES);
    let to = floor(text, to.min(text.len()));
    let mut snippet = Snippet { text: String::new(), ranges: vec![] };
    let mut chars: u32 = 0;
    if from > 0 {
        snippet.text.push('…');
        chars += 1;
    }
    let mut marks = marks.iter().filter(|mark| mark.start < to);
    let mut mark = marks.next();
    let mut open = None;
    for (at, c) in text[from..to].char_indices().map(|(at, c)| (from + at, c)) {
        if let (Some(current), Some(start)) = (mark, open)
            && at >= current.end
        {
            snippet.ranges.push((start, chars));
            (mark, open) = (marks.next(), None);
        }
        if open.is_none() && mark.is_some_and(|mark| at >= mark.start) {
            open = Some(chars);
        }
        snippet.text.push(if c.is_control() || c.is_whitespace() { ' ' } else { c });
        chars += 1;
    }
    snippet.ranges.extend(open.map(|start| (start, chars)));
    if to < text.len() {
        snippet.text.push('…');
    }
    snippet
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::parse;

    /// A snippet with what was found in brackets.
    #[track_caller]
    fn check(query: &str, texts: &[&str], expected: &str) {
        let clauses = parse(&mut analyzer(), query).expect("it can be asked");
        let texts: Vec<String> = texts.iter().map(ToString::to_string).collect();
        let Snippet { text, ranges } = snippet(&texts, &clauses);
        let mut shown = String::new();
        for (at, c) in text.chars().enumerate() {
            let at = u32::try_from(at).unwrap();
            ranges.iter().filter(|(_, end)| *end == at).for_each(|_| shown.push(']'));
            ranges.iter().filter(|(start, _)| *start == at).for_each(|_| shown.push('['));
            shown.push(c);
        }
        let end = u32::try_from(text.chars().count()).unwrap();
        ranges.iter().filter(|(_, to)| *to == end).for_each(|_| shown.push(']'));
        assert_eq!(shown, expected);
    }

    #[test]
    fn what_was_found_is_marked() {
        check("rate limit", &["The RATE, then\n\tthe limit."], "The [RATE], then  the [limit].");
        check("resume*", &["re\u{301}sume\u{301}d: Résumés"], "[re\u{301}sume\u{301}d]: [Résumés]");
        check("\"部署失败\"", &["昨天部署失败了"], "昨天[部][署][失][败]了");
        check("b", &["a", "b 🦀 b"], "[b] 🦀 [b]");
    }

    #[test]
    fn the_part_with_most_of_the_words_is_shown() {
        let far = format!("alpha {} alpha beta {} alpha", "x ".repeat(200), "y ".repeat(200));
        check("alpha beta", &[&far], &format!("…{}  [alpha] [beta]{}…", " x".repeat(29), " y".repeat(30)));
    }

    #[test]
    fn a_long_word_is_cut_and_nothing_found_shows_the_beginning() {
        let long = "z".repeat(5_000);
        let clauses = parse(&mut analyzer(), &"z".repeat(64)).expect("it can be asked");
        let shown = snippet(&[long], &clauses);
        assert!(shown.text.chars().count() <= SPAN_BYTES + AROUND_BYTES + 2, "{}", shown.text.len());
        assert_eq!(shown.ranges, [(0, 240)]);
        let none = snippet(&["nothing here".to_owned()], &clauses);
        assert_eq!((none.text.as_str(), none.ranges.len()), ("nothing here", 0));
    }

    proptest::proptest! {
        #[test]
        fn any_text_can_be_cut(text in "\\PC{0,400}", query in "[a-zа-я部 ]{1,20}") {
            let Ok(clauses) = parse(&mut analyzer(), &query) else { return Ok(()) };
            let shown = snippet(std::slice::from_ref(&text), &clauses);
            let length = u32::try_from(shown.text.chars().count()).unwrap();
            let mut end = 0;
            for (from, to) in shown.ranges {
                assert!(end <= from && from < to && to <= length);
                end = to;
            }
        }
    }
}
