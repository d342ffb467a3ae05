//! Words: how a text, a query and a snippet are cut alike.
//!
//! A word is a run of letters and digits, without case and without accents, of at most 64 characters; what a longer
//! run has behind them is left out. Scripts that write no spaces have a word for each character, so that any part
//! of a sentence is found as a phrase.
//!
//! The commonest words of a language are short ones (the law of abbreviation,
//! <https://en.wikipedia.org/wiki/Brevity_law>), and nearly every text has them: to find two of them side by side by
//! their places is to look at nearly every text. So two short words in a row are indexed as one term besides, as
//! search servers do with "common grams".

use tantivy::tokenizer::{
    AsciiFoldingFilter, LowerCaser, TextAnalyzer, Token, TokenFilter, TokenStream, Tokenizer,
};

/// Most characters of a word.
pub(crate) const WORD_MAX_CHARS: usize = 64;

/// The name under which an index knows these words. Another way to cut is another name, and another index.
pub(crate) const NAME: &str = "waybill";

/// The name under which an index knows pairs of short words.
pub(crate) const PAIRS: &str = "waybill-pairs";

/// Most bytes of a word that is short.
const SHORT_MAX_BYTES: usize = 4;

/// Cuts texts into pairs of short words.
pub(crate) fn pairs_analyzer() -> TextAnalyzer {
    let cutter = TextAnalyzer::builder(Cutter::default());
    cutter.filter(LowerCaser).filter(AsciiFoldingFilter).filter(Pairs).build()
}

/// The term that two words in a row are indexed by, if both are short.
pub(crate) fn pair(first: &str, second: &str) -> Option<String> {
    (is_short(first) && is_short(second)).then(|| format!("{first} {second}"))
}

const fn is_short(word: &str) -> bool {
    word.len() <= SHORT_MAX_BYTES
}

/// Cuts texts into words.
pub(crate) fn analyzer() -> TextAnalyzer {
    TextAnalyzer::builder(Cutter::default()).filter(LowerCaser).filter(AsciiFoldingFilter).build()
}

/// The words of a text.
pub(crate) fn words(analyzer: &mut TextAnalyzer, text: &str) -> Vec<String> {
    let mut words = Vec::new();
    analyzer.token_stream(text).process(&mut |token| words.push(token.text.clone()));
    words
}

/// Whether a character is a word of its own: Chinese, Japanese, Thai, Lao, Khmer and Burmese have no spaces.
pub(crate) fn stands_alone(c: char) -> bool {
    matches!(c,
        '\u{0e00}'..='\u{0eff}'
        | '\u{1000}'..='\u{109f}'
        | '\u{1780}'..='\u{17ff}'
        | '\u{3040}'..='\u{30ff}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3134f}')
}

/// Accents that follow their letter as a character of their own.
const fn is_accent(c: char) -> bool {
    matches!(c, '\u{0300}'..='\u{036f}')
}

/// A sigma at the end of a word is no other letter; in capitals it looks the same everywhere.
const fn folded(c: char) -> char {
    if c == 'ς' { 'σ' } else { c }
}

#[derive(Debug, Clone, Default)]
struct Cutter {
    token: Token,
}

struct Cut<'a> {
    text: &'a str,
    /// Where the rest of the text begins.
    at: usize,
    token: &'a mut Token,
}

impl Tokenizer for Cutter {
    type TokenStream<'a> = Cut<'a>;
    fn token_stream<'a>(&'a mut self, text: &'a str) -> Cut<'a> {
        self.token.reset();
        Cut { text, at: 0, token: &mut self.token }
    }
}

impl TokenStream for Cut<'_> {
    fn advance(&mut self) -> bool {
        self.token.text.clear();
        self.token.position = self.token.position.wrapping_add(1);
        let rest = &self.text[self.at..];
        let Some((skipped, first)) =
            rest.char_indices().find(|(_, c)| c.is_alphanumeric() || stands_alone(*c))
        else {
            self.at = self.text.len();
            return false;
        };
        let start = self.at + skipped;
        let mut end = start + first.len_utf8();
        self.token.text.push(folded(first));
        if !stands_alone(first) {
            let mut chars = 1;
            for c in self.text[end..].chars() {
                if is_accent(c) {
                    end += c.len_utf8();
                    continue;
                }
                if !c.is_alphanumeric() || stands_alone(c) {
                    break;
                }
                if chars < WORD_MAX_CHARS {
                    self.token.text.push(folded(c));
                }
                chars += 1;
                end += c.len_utf8();
            }
        }
        (self.token.offset_from, self.token.offset_to) = (start, end);
        self.at = end;
        true
    }
    fn token(&self) -> &Token {
        self.token
    }
    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}

/// Makes of each two short words in a row one token, and leaves out the rest.
#[derive(Clone)]
struct Pairs;

#[derive(Clone)]
struct Paired<T> {
    inner: T,
    before: String,
    pair: String,
}

struct PairStream<'a, T> {
    inner: T,
    /// The word before, if it was short; else empty.
    before: &'a mut String,
    /// What the token says.
    pair: &'a mut String,
}

impl TokenFilter for Pairs {
    type Tokenizer<T: Tokenizer> = Paired<T>;
    fn transform<T: Tokenizer>(self, inner: T) -> Paired<T> {
        Paired { inner, before: String::new(), pair: String::new() }
    }
}

impl<T: Tokenizer> Tokenizer for Paired<T> {
    type TokenStream<'a> = PairStream<'a, T::TokenStream<'a>>;
    fn token_stream<'a>(&'a mut self, text: &'a str) -> Self::TokenStream<'a> {
        self.before.clear();
        PairStream { inner: self.inner.token_stream(text), before: &mut self.before, pair: &mut self.pair }
    }
}

impl<T: TokenStream> TokenStream for PairStream<'_, T> {
    fn advance(&mut self) -> bool {
        while self.inner.advance() {
            let word = &mut self.inner.token_mut().text;
            let follows = !self.before.is_empty();
            if !is_short(word) {
                self.before.clear();
                continue;
            }
            self.pair.clear();
            self.pair.extend([self.before.as_str(), " ", word]);
            self.before.clear();
            self.before.push_str(word);
            if follows {
                // The word has been read: its room is the pair's.
                std::mem::swap(word, self.pair);
                return true;
            }
        }
        false
    }
    fn token(&self) -> &Token {
        self.inner.token()
    }
    fn token_mut(&mut self) -> &mut Token {
        self.inner.token_mut()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        assert_eq!(words(&mut analyzer(), text), expected, "{text}");
    }

    #[test]
    fn words_have_no_case_no_accents_and_no_marks() {
        check("", &[]);
        check(" \n\t…—!", &[]);
        check("Don't panic: `foo_bar.rs`!", &["don", "t", "panic", "foo", "bar", "rs"]);
        check("Résumé RE\u{301}SUME\u{301} naïve", &["resume", "resume", "naive"]);
        check("Straße ΣΊΣΥΦΟΣ Привет", &["strasse", "σίσυφοσ", "привет"]);
        check("a1b2 3.14", &["a1b2", "3", "14"]);
        check("🦀 rust🦀lang", &["rust", "lang"]);
    }

    #[test]
    fn scripts_without_spaces_have_a_word_for_each_character() {
        check("部署失败 deploy失敗", &["部", "署", "失", "败", "deploy", "失", "敗"]);
        check("テスト", &["テ", "ス", "ト"]);
        check("테스트 통과", &["테스트", "통과"]);
    }

    #[test]
    fn pairs_are_of_short_words_in_a_row() {
        let pairs = |text: &str| words(&mut pairs_analyzer(), text);
        assert_eq!(
            pairs("To be, or not: that question of the day"),
            ["to be", "be or", "or not", "not that", "of the", "the day"]
        );
        assert_eq!(pairs("部署 x"), ["部 署", "署 x"]);
        assert_eq!(pairs("one"), [""; 0]);
        assert_eq!(pairs(""), [""; 0]);
        let mut again = pairs_analyzer();
        assert_eq!(
            words(&mut again, "it is").len() + words(&mut again, "so").len(),
            1,
            "none over two texts"
        );
        assert_eq!(pair("of", "the").as_deref(), Some("of the"));
        assert_eq!(pair("of", "theme"), None);
    }

    #[test]
    fn long_words_are_cut_and_their_places_are_whole() {
        let long = "x".repeat(300);
        let text = format!("{long} end");
        let (mut analyzer, mut places) = (analyzer(), Vec::new());
        analyzer.token_stream(&text).process(&mut |token| {
            places.push((token.offset_from, token.offset_to, token.text.len(), token.position));
        });
        assert_eq!(places, [(0, 300, WORD_MAX_CHARS, 0), (301, 304, 3, 1)]);
    }
}
