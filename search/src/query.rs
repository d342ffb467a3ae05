//! What is asked: words, phrases and beginnings of words, each of which must be in a document.

use domain::authority::Sight;
use domain::ids::{IdError, Position, ProjectId, RunId};
use domain::values::Timestamp;
use tantivy::tokenizer::TextAnalyzer;

use crate::words::{stands_alone, words};

/// Longest query, in bytes.
pub const QUERY_MAX_BYTES: usize = 1_000;
/// Most words, phrases and beginnings together.
pub const CLAUSES_MAX: usize = 32;
/// Most words of one phrase.
pub const PHRASE_MAX_WORDS: usize = 32;
/// Fewest characters of a beginning.
pub const PREFIX_MIN_CHARS: usize = 2;
/// Most hits of a page.
pub const LIMIT_MAX: usize = 100;
/// Hits of a page where nothing is said.
pub const LIMIT_DEFAULT: usize = 20;
/// How deep paging goes: further behind, a query is better narrowed down.
pub const DEPTH_MAX: usize = 10_000;

/// A question to the index.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Question {
    /// Words, `"phrases"` and `beginnings*`; every one must be found.
    pub text: String,
    /// Only of this project.
    pub project: Option<ProjectId>,
    /// Only of projects that whoever asks may read.
    pub sight: Sight,
    /// Only of this kind; see [`projections::Documents::kinds`].
    pub kind: Option<String>,
    /// Only of this run.
    pub run: Option<RunId>,
    /// Only said by this role.
    pub role: Option<String>,
    /// Not before this instant.
    pub since: Option<Timestamp>,
    /// Before this instant.
    pub until: Option<Timestamp>,
    /// At most so many hits; [`LIMIT_DEFAULT`] where absent.
    pub limit: Option<usize>,
    /// The page behind the one whose answer gave this.
    pub after: Option<Cursor>,
}

/// Where a page ended. Later pages leave out what is newer than the first one, so that nothing shifts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The position that the first page reflected.
    pub position: Position,
    /// Hits on all pages so far.
    pub hits: usize,
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.position, self.hits)
    }
}

impl Cursor {
    /// The regular expression of its text, ECMA-262.
    #[must_use]
    pub fn pattern() -> String {
        const { assert!(DEPTH_MAX == 10_000, "the pattern counts its digits") };
        format!("^[0-9]{{1,19}}-([0-9]{{1,4}}|{DEPTH_MAX})$")
    }
}

impl std::str::FromStr for Cursor {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let wrong = || IdError {
            expected: format!("`next` of an earlier answer, at most {DEPTH_MAX} hits deep"),
            actual: text.chars().take(80).collect(),
        };
        let (position, hits) = text.split_once('-').ok_or_else(wrong)?;
        let hits = hits.parse().map_err(|_| wrong())?;
        if hits > DEPTH_MAX {
            return Err(wrong());
        }
        Ok(Self { position: position.parse().map_err(|_| wrong())?, hits })
    }
}

/// One thing that must be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Clause {
    Word(String),
    Phrase(Vec<String>),
    Prefix(String),
}

/// Why a question cannot be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// There is nothing to look for.
    #[error("expected at least one word, got none")]
    Empty,
    /// It is too long.
    #[error("expected at most {QUERY_MAX_BYTES} bytes, got {0}")]
    TooLong(usize),
    /// It has too many parts.
    #[error("expected at most {CLAUSES_MAX} words and phrases, got more")]
    TooManyClauses,
    /// A phrase is too long.
    #[error("expected phrases of at most {PHRASE_MAX_WORDS} words, got {0}")]
    LongPhrase(usize),
    /// A beginning is too short.
    #[error("expected at least {PREFIX_MIN_CHARS} characters before `*`, got `{0}*`")]
    ShortPrefix(String),
    /// A quotation mark is missing.
    #[error("expected a `\"` that closes the phrase, got the end")]
    OpenPhrase,
    /// There is no such kind of document.
    #[error("expected one of {known}, got kind `{actual}`")]
    UnknownKind {
        /// The kinds there are.
        known: String,
        /// What came.
        actual: String,
    },
    /// The page is out of bounds.
    #[error("expected 1 to {LIMIT_MAX} hits, got {0}")]
    Limit(usize),
}

/// Reads a query.
pub(crate) fn parse(analyzer: &mut TextAnalyzer, text: &str) -> Result<Vec<Clause>, QueryError> {
    if text.len() > QUERY_MAX_BYTES {
        return Err(QueryError::TooLong(text.len()));
    }
    let mut clauses = Vec::new();
    // Inside and outside of quotation marks take turns.
    let parts: Vec<&str> = text.split('"').collect();
    if parts.len().is_multiple_of(2) {
        return Err(QueryError::OpenPhrase);
    }
    for (at, part) in parts.into_iter().enumerate() {
        if at % 2 == 1 {
            clauses.extend(phrase(words(analyzer, part))?);
            continue;
        }
        for chunk in part.split_whitespace() {
            match chunk.strip_suffix('*') {
                Some(start) => clauses.extend(beginning(words(analyzer, start))?),
                None => clauses.extend(phrase(words(analyzer, chunk))?),
            }
        }
    }
    let mut once: Vec<Clause> = Vec::with_capacity(clauses.len());
    for clause in clauses {
        if !once.contains(&clause) {
            once.push(clause);
        }
    }
    match once.len() {
        0 => Err(QueryError::Empty),
        1..=CLAUSES_MAX => Ok(once),
        _ => Err(QueryError::TooManyClauses),
    }
}

/// What is written together stands together: `foo_bar` and `部署` are phrases.
fn phrase(mut words: Vec<String>) -> Result<Option<Clause>, QueryError> {
    match words.len() {
        0 => Ok(None),
        1 => Ok(words.pop().map(Clause::Word)),
        2..=PHRASE_MAX_WORDS => Ok(Some(Clause::Phrase(words))),
        many => Err(QueryError::LongPhrase(many)),
    }
}

/// The last word may go on; what stands before it must be there as it is.
fn beginning(mut words: Vec<String>) -> Result<Vec<Clause>, QueryError> {
    let Some(last) = words.pop() else { return Ok(Vec::new()) };
    let mut clauses: Vec<Clause> = phrase(words)?.into_iter().collect();
    if last.chars().all(stands_alone) {
        clauses.push(Clause::Word(last));
    } else if last.chars().count() < PREFIX_MIN_CHARS {
        return Err(QueryError::ShortPrefix(last));
    } else {
        clauses.push(Clause::Prefix(last));
    }
    Ok(clauses)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::analyzer;

    fn read(text: &str) -> Result<Vec<Clause>, QueryError> {
        parse(&mut analyzer(), text)
    }
    fn word(text: &str) -> Clause {
        Clause::Word(text.into())
    }
    fn words(texts: &[&str]) -> Clause {
        Clause::Phrase(texts.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn words_phrases_and_beginnings() {
        assert_eq!(read("Retry the RETRY"), Ok(vec![word("retry"), word("the")]));
        assert_eq!(read("\"rate limit\" hit"), Ok(vec![words(&["rate", "limit"]), word("hit")]));
        assert_eq!(read("\"one\""), Ok(vec![word("one")]));
        assert_eq!(read("foo_bar 部署"), Ok(vec![words(&["foo", "bar"]), words(&["部", "署"])]));
        assert_eq!(read("dead*"), Ok(vec![Clause::Prefix("dead".into())]));
        assert_eq!(read("src/main.rs*"), Ok(vec![words(&["src", "main"]), Clause::Prefix("rs".into())]));
        assert_eq!(read("部*"), Ok(vec![word("部")]));
        assert_eq!(
            read("a AND -b ~c^2 (d)"),
            Ok(["a", "and", "b"].map(word).into_iter().chain([words(&["c", "2"]), word("d")]).collect())
        );
    }

    #[test]
    fn what_cannot_be_asked_says_why() {
        for nothing in ["", "  ", "\"\"", "* ** …", "\"!\" -"] {
            assert_eq!(read(nothing), Err(QueryError::Empty), "{nothing}");
        }
        assert_eq!(read("say \"when"), Err(QueryError::OpenPhrase));
        assert_eq!(read("a*"), Err(QueryError::ShortPrefix("a".into())));
        assert_eq!(read(&"x".repeat(1_001)), Err(QueryError::TooLong(1_001)));
        let many: String = (0..33).map(|n| format!("w{n} ")).collect();
        assert_eq!(read(&many), Err(QueryError::TooManyClauses));
        assert_eq!(read(&format!("\"{many}\"")), Err(QueryError::LongPhrase(33)));
    }

    #[test]
    fn a_cursor_reads_back_within_its_bounds() {
        let cursor = Cursor { position: Position(4711), hits: 40 };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for wrong in ["", "-", "7", "7-10001", "-1-1", "7-x"] {
            assert!(wrong.parse::<Cursor>().is_err(), "{wrong}");
        }
    }
}
