//! Answers a question from the index: which documents, in which order, and what they say.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::num::NonZero;
use std::panic::resume_unwind;
use std::time::{Duration, Instant};

use domain::authority::Sight;
use domain::ids::Position;
use journal::Journal;
use projections::Documents;
use tantivy::query::{
    BooleanQuery, ConstScoreQuery, EnableScoring, FuzzyTermQuery, Occur, PhraseQuery, Query, TermQuery,
    TermSetQuery, Weight,
};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, Searcher, SegmentReader, Term};

use crate::answer::{Found, SearchError};
use crate::follow::{Open, decode};
use crate::index::{self, Fields, IndexError};
use crate::query::{Clause, Cursor, DEPTH_MAX, LIMIT_DEFAULT, LIMIT_MAX, QueryError, Question, parse};
use crate::snippet::snippet;
use crate::words;

/// Longest that one question may take; what costs more is refused, not left running.
pub(crate) const TIME_MAX: Duration = Duration::from_secs(2);
/// Documents between two looks at the clock.
const DOCUMENTS_PER_LOOK: u32 = 4096;
/// Fewer are gone through by one thread: they take less time than starting another.
const DOCUMENTS_PER_SHARE: u32 = 32_768;

/// A document that fits: better ones are greater. Of equal score the newer one is better.
#[derive(Debug, Clone, Copy)]
struct Ranked {
    score: f32,
    position: u64,
}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> Ordering {
        self.score.total_cmp(&other.score).then(self.position.cmp(&other.position))
    }
}
impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl PartialEq for Ranked {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Ranked {}

/// A question, checked, and what it looks for.
#[derive(Debug)]
pub(crate) struct Checked {
    question: Question,
    clauses: Vec<Clause>,
    limit: usize,
}

/// What a page holds beside the position it reflects.
#[derive(Debug)]
pub(crate) struct PageFound {
    pub(crate) hits: Vec<Found>,
    pub(crate) total: u64,
    pub(crate) next: Option<Cursor>,
}

/// Checks a question without asking it.
pub(crate) fn check(question: Question, documents: &Documents) -> Result<Checked, QueryError> {
    let clauses = parse(&mut words::analyzer(), &question.text)?;
    if let Some(kind) = &question.kind {
        let known = documents.kinds();
        if !known.contains(&kind.as_str()) {
            let actual = kind.chars().take(80).collect();
            return Err(QueryError::UnknownKind { known: known.join(", "), actual });
        }
    }
    let limit = question.limit.unwrap_or(LIMIT_DEFAULT);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(QueryError::Limit(limit));
    }
    Ok(Checked { question, clauses, limit })
}

/// A page of what fits, as of `reflected`.
pub(crate) fn ask(
    checked: &Checked,
    open: &Open,
    journal: &Journal,
    documents: &Documents,
    reflected: Option<Position>,
) -> Result<PageFound, SearchError> {
    let Checked { question, clauses, limit } = checked;
    let searcher = open.reader.searcher();
    let (ceiling, before) =
        question.after.map_or((reflected, 0), |cursor| (Some(cursor.position).min(reflected), cursor.hits));
    let Some(ceiling) = ceiling else { return Ok(PageFound { hits: vec![], total: 0, next: None }) };
    let query = query(open.fields, clauses, question);
    let bounds = Bounds {
        ceiling,
        since: question.since.map(domain::values::Timestamp::millis),
        until: question.until.map(domain::values::Timestamp::millis),
        best: before + limit,
        deadline: Instant::now() + TIME_MAX,
    };
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let shares = shares(searcher.segment_readers(), u32::try_from(cores).unwrap_or(1), DOCUMENTS_PER_SHARE);
    let (ranked, total) = collect(&searcher, shares, query.as_ref(), &bounds)?;
    let mut hits = Vec::with_capacity(*limit);
    for one in ranked.iter().skip(before).take(*limit) {
        hits.push(show(*one, clauses, journal, documents)?);
    }
    let seen = before + hits.len();
    let more = total > seen as u64 && !hits.is_empty() && seen < DEPTH_MAX;
    let next = more.then_some(Cursor { position: ceiling, hits: seen });
    Ok(PageFound { hits, total, next })
}

/// What must hold of a document beside the query.
struct Bounds {
    ceiling: Position,
    since: Option<i64>,
    until: Option<i64>,
    /// How many of the best are wanted.
    best: usize,
    deadline: Instant,
}

type Best = BinaryHeap<Reverse<Ranked>>;

/// Documents of a segment that one thread goes through.
struct Stretch<'a> {
    segment: &'a SegmentReader,
    from: DocId,
    until: DocId,
}

/// The documents of all segments, in as many even shares as there are cores; none but the last of less than `least`.
fn shares(segments: &[SegmentReader], cores: u32, least: u32) -> Vec<Vec<Stretch<'_>>> {
    let documents: u32 = segments.iter().map(SegmentReader::max_doc).sum();
    let most = documents.div_ceil(cores.max(1)).max(least).max(1);
    let (mut shares, mut share, mut room) = (Vec::new(), Vec::new(), most);
    for segment in segments {
        let mut from = 0;
        while from < segment.max_doc() {
            let until = segment.max_doc().min(from + room);
            share.push(Stretch { segment, from, until });
            room -= until - from;
            from = until;
            if room == 0 {
                shares.push(std::mem::take(&mut share));
                room = most;
            }
        }
    }
    shares.push(share);
    shares
}

/// The best documents in order, and how many there are altogether.
fn collect(
    searcher: &Searcher,
    shares: Vec<Vec<Stretch<'_>>>,
    query: &dyn Query,
    bounds: &Bounds,
) -> Result<(Vec<Ranked>, u64), SearchError> {
    let weight = query.weight(EnableScoring::enabled_from_searcher(searcher)).map_err(IndexError::from)?;
    let (mut best, mut total) = (Best::new(), 0);
    let weight = weight.as_ref();
    let collected = std::thread::scope(|scope| {
        let mut shares = shares.into_iter();
        let own = shares.next().unwrap_or_default();
        let others: Vec<_> =
            shares.map(|share| scope.spawn(move || collect_share(weight, &share, bounds))).collect();
        let own = collect_share(weight, &own, bounds);
        let joined =
            others.into_iter().map(|other| other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        std::iter::once(own).chain(joined).collect::<Vec<_>>()
    });
    for one in collected {
        let (its_best, its_total) = one?;
        total += its_total;
        its_best.into_iter().for_each(|ranked| keep(&mut best, ranked, bounds.best));
    }
    let best = best.into_sorted_vec().into_iter().map(|Reverse(ranked)| ranked).collect();
    Ok((best, total))
}

/// Keeps it where it is among the best so many.
fn keep(best: &mut Best, ranked: Reverse<Ranked>, most: usize) {
    if best.len() < most {
        best.push(ranked);
    } else if best.peek().is_some_and(|worst| ranked < *worst) {
        best.pop();
        best.push(ranked);
    }
}

fn collect_share(
    weight: &dyn Weight,
    share: &[Stretch<'_>],
    bounds: &Bounds,
) -> Result<(Best, u64), SearchError> {
    let (mut best, mut total) = (Best::new(), 0);
    for stretch in share {
        if Instant::now() >= bounds.deadline {
            return Err(SearchError::TooSlow);
        }
        let mut scorer = weight.scorer(stretch.segment, 1.0).map_err(IndexError::from)?;
        total += collect_stretch(stretch, scorer.as_mut(), bounds, &mut best)?;
    }
    Ok((best, total))
}

fn collect_stretch(
    stretch: &Stretch<'_>,
    scorer: &mut dyn tantivy::query::Scorer,
    bounds: &Bounds,
    best: &mut Best,
) -> Result<u64, SearchError> {
    let Stretch { segment, from, until } = *stretch;
    let columns = segment.fast_fields();
    let positions = columns.u64(index::POSITION).map_err(IndexError::from)?;
    let times = columns.i64(index::TIME).map_err(IndexError::from)?;
    let timed = bounds.since.is_some() || bounds.until.is_some();
    let alive = segment.alive_bitset();
    let (mut total, mut looked) = (0, 0_u32);
    let mut document = scorer.doc();
    if document < from {
        document = scorer.seek(from);
    }
    while document < until {
        looked += 1;
        if looked.is_multiple_of(DOCUMENTS_PER_LOOK) && Instant::now() >= bounds.deadline {
            return Err(SearchError::TooSlow);
        }
        let position = positions.first(document).unwrap_or(u64::MAX);
        let in_time = || {
            let time = times.first(document).unwrap_or(i64::MIN);
            bounds.since.is_none_or(|since| time >= since) && bounds.until.is_none_or(|until| time < until)
        };
        let fits = position <= bounds.ceiling.0
            && alive.is_none_or(|alive| alive.is_alive(document))
            && (!timed || in_time());
        if fits {
            total += 1;
            keep(best, Reverse(Ranked { score: scorer.score(), position }), bounds.best);
        }
        document = scorer.advance();
    }
    Ok(total)
}

fn query(fields: Fields, clauses: &[Clause], question: &Question) -> Box<dyn Query> {
    let word = |text: &str| Term::from_field_text(fields.text, text);
    let mut parts: Vec<(Occur, Box<dyn Query>)> = Vec::new();
    for clause in clauses {
        let part: Box<dyn Query> = match clause {
            Clause::Word(text) => Box::new(TermQuery::new(word(text), IndexRecordOption::WithFreqs)),
            Clause::Phrase(texts) => phrase(fields, texts),
            Clause::Prefix(start) => Box::new(FuzzyTermQuery::new_prefix(word(start), 0, false)),
        };
        parts.push((Occur::Must, part));
    }
    let project = question.project.map(|id| id.to_string());
    let run = question.run.map(|id| id.to_string());
    let filters: [(Field, Option<&str>); 4] = [
        (fields.project, project.as_deref()),
        (fields.kind, question.kind.as_deref()),
        (fields.run, run.as_deref()),
        (fields.role, question.role.as_deref()),
    ];
    if let Sight::Projects(projects) = &question.sight {
        let seen = projects.iter().map(|id| Term::from_field_text(fields.project, &id.to_string()));
        parts.push((Occur::Must, Box::new(ConstScoreQuery::new(Box::new(TermSetQuery::new(seen)), 0.0))));
    }
    for (field, value) in filters {
        let Some(value) = value else { continue };
        let exactly = TermQuery::new(Term::from_field_text(field, value), IndexRecordOption::Basic);
        // A filter says nothing of how well a document fits.
        parts.push((Occur::Must, Box::new(ConstScoreQuery::new(Box::new(exactly), 0.0))));
    }
    Box::new(BooleanQuery::new(parts))
}

/// A phrase. Where two of its words in a row are short, only documents with that pair are looked at.
fn phrase(fields: Fields, texts: &[String]) -> Box<dyn Query> {
    let pairs = texts.windows(2).filter_map(|two| words::pair(&two[0], &two[1]));
    let pairs: Vec<Term> = pairs.map(|pair| Term::from_field_text(fields.pairs, &pair)).collect();
    if let ([_, _], [pair]) = (texts, pairs.as_slice()) {
        return Box::new(TermQuery::new(pair.clone(), IndexRecordOption::WithFreqs));
    }
    let words = texts.iter().map(|text| Term::from_field_text(fields.text, text)).collect();
    let mut parts: Vec<(Occur, Box<dyn Query>)> = vec![(Occur::Must, Box::new(PhraseQuery::new(words)))];
    for pair in pairs {
        let pair = TermQuery::new(pair, IndexRecordOption::Basic);
        parts.push((Occur::Must, Box::new(ConstScoreQuery::new(Box::new(pair), 0.0))));
    }
    Box::new(BooleanQuery::new(parts))
}

/// What a document says, read from the log: the index holds no text.
fn show(
    ranked: Ranked,
    clauses: &[Clause],
    journal: &Journal,
    documents: &Documents,
) -> Result<Found, SearchError> {
    let position = Position(ranked.position);
    let record = journal.get(position)?;
    let recorded = record.as_ref().and_then(decode);
    let missing = || IndexError::Unfit(format!("it holds position {position}, which is no document"));
    let recorded = recorded.ok_or_else(missing)?;
    let document = documents.of(&recorded).ok_or_else(missing)?;
    Ok(Found {
        position,
        stream: recorded.meta.stream,
        event: recorded.event.name(),
        kind: document.kind,
        project: recorded.meta.project,
        run: document.run.clone(),
        role: document.role.clone(),
        time: recorded.meta.when(),
        score: ranked.score,
        snippet: snippet(&document.texts, clauses),
    })
}

#[cfg(test)]
mod tests {
    use tantivy::indexer::NoMergePolicy;
    use tantivy::schema::{FAST, Schema, TEXT};
    use tantivy::{Index, doc};

    use super::*;

    #[test]
    fn however_many_go_through_it_the_same_is_found() {
        let mut builder = Schema::builder();
        let text = builder.add_text_field("text", TEXT);
        let (position, time) =
            (builder.add_u64_field(index::POSITION, FAST), builder.add_i64_field(index::TIME, FAST));
        let index = Index::create_in_ram(builder.build());
        let mut writer = index.writer_with_num_threads(1, 15_000_000).unwrap();
        writer.set_merge_policy(Box::new(NoMergePolicy));
        for n in 0..50_u64 {
            let said = ["tide", "tide table", "berth", "tide table tide"][usize::try_from(n % 4).unwrap()];
            writer.add_document(doc!(text => said, position => n, time => 0_i64)).unwrap();
            // Segments of 1, 7 and 42 documents.
            if n == 0 || n == 7 {
                writer.commit().unwrap();
            }
        }
        writer.commit().unwrap();
        let searcher = index.reader().unwrap().searcher();
        let segments = searcher.segment_readers();
        assert_eq!(segments.len(), 3);
        let word = |word: &str| Term::from_field_text(text, word);
        let queries: [Box<dyn Query>; 3] = [
            Box::new(TermQuery::new(word("tide"), IndexRecordOption::WithFreqs)),
            Box::new(PhraseQuery::new(vec![word("tide"), word("table")])),
            Box::new(FuzzyTermQuery::new_prefix(word("ta"), 0, false)),
        ];
        let deadline = Instant::now() + TIME_MAX;
        for query in queries {
            let asked = |best, cores| {
                let bounds = Bounds { ceiling: Position(45), since: None, until: None, best, deadline };
                let shares = shares(segments, cores, 1);
                let documents: u32 =
                    shares.iter().flatten().map(|stretch| stretch.until - stretch.from).sum();
                assert_eq!(documents, 50);
                let (best, total) = collect(&searcher, shares, query.as_ref(), &bounds).unwrap();
                (best.iter().map(|one| one.position).collect::<Vec<_>>(), total)
            };
            for best in [1, 5, 100] {
                let alone = asked(best, 1);
                assert!(alone.1 > 10, "{alone:?}");
                for cores in [2, 3, 7, 50, 200] {
                    assert_eq!(asked(best, cores), alone, "{cores} cores, the best {best}");
                }
            }
        }
        assert_eq!(shares(segments, 8, u32::MAX).iter().filter(|share| !share.is_empty()).count(), 1);
    }
}
