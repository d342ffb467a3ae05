//! What subscribers to one topic at one place are told: read and encoded once for all of them.

use std::collections::VecDeque;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use domain::ids::Position;
use engine::Generation;
use tokio::sync::OnceCell;

use crate::problem::Problem;

/// Pieces that are kept for those who come for the same.
const PIECES_MAX: usize = 64;
/// Bytes of them, beside the newest.
const BYTES_MAX: usize = 4 << 20;

/// Which piece: whoever names the same gets the same. The log never changes behind a position, so a piece stays
/// true for whoever is at its beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    /// How far log or views were when it was asked for: once they are further, more can be told at once.
    pub(super) head: Option<Position>,
    /// Where the subscriber is.
    pub(super) from: Option<Position>,
    /// Topic and parameters.
    pub(super) topic: Arc<str>,
    /// Which state of the view it is from.
    pub(super) generation: Generation,
}

/// What a subscriber is told, without the name it has for the subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    /// Where it leads.
    pub(super) to: Option<Position>,
    /// The frame behind the id; none where nothing concerns the topic.
    pub(super) news: Option<String>,
    /// Whether changes since `from` are no longer known one by one.
    pub(super) too_far: bool,
}

type Cell = Arc<OnceCell<Arc<Piece>>>;

/// The pieces made last.
#[derive(Debug, Default)]
pub(crate) struct Pieces(Mutex<VecDeque<(Key, Cell)>>);

impl Pieces {
    /// The piece that `key` names; the first who asks makes it, others wait for that.
    ///
    /// # Errors
    /// Where it cannot be made; whoever asks next tries again.
    pub(super) async fn get<F>(&self, key: Key, make: impl FnOnce() -> F) -> Result<Arc<Piece>, Problem>
    where
        F: Future<Output = Result<Piece, Problem>>,
    {
        let cell = self.cell(key);
        let make = async || make().await.map(Arc::new);
        cell.get_or_try_init(make).await.cloned()
    }

    fn cell(&self, key: Key) -> Cell {
        // Nothing in here can panic half way.
        let mut pieces = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Most ask for what was made last.
        if let Some((_, cell)) = pieces.iter().rev().find(|(held, _)| *held == key) {
            return cell.clone();
        }
        let mut bytes: usize = pieces.iter().map(|(_, cell)| len(cell)).sum();
        while pieces.len() >= PIECES_MAX || bytes > BYTES_MAX {
            let Some((_, oldest)) = pieces.pop_front() else { break };
            bytes -= len(&oldest);
        }
        let cell = Cell::default();
        pieces.push_back((key, cell.clone()));
        cell
    }
}

fn len(cell: &Cell) -> usize {
    cell.get().and_then(|piece| piece.news.as_ref()).map_or(0, String::len)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::problem::Code;

    fn key(topic: &str, from: u64) -> Key {
        Key {
            head: Some(Position(9)),
            from: Some(Position(from)),
            topic: topic.into(),
            generation: Generation::default(),
        }
    }

    fn piece(news: &str) -> Piece {
        Piece { to: Some(Position(9)), news: Some(news.to_owned()), too_far: false }
    }

    #[tokio::test]
    async fn those_who_ask_for_the_same_share_one_piece() {
        let (pieces, made) = (Pieces::default(), AtomicUsize::new(0));
        let ask = |key| {
            pieces.get(key, || async {
                made.fetch_add(1, Ordering::Relaxed);
                tokio::task::yield_now().await;
                Ok(piece("x"))
            })
        };
        let (one, other) = tokio::join!(ask(key("events", 1)), ask(key("events", 1)));
        assert!(Arc::ptr_eq(&one.unwrap(), &other.unwrap()));
        assert_eq!(made.load(Ordering::Relaxed), 1);
        let further = Key { head: Some(Position(10)), ..key("events", 1) };
        let rebuilt = Key { generation: Generation(1), ..key("events", 1) };
        for other in [key("events", 2), key("view:runs", 1), further, rebuilt] {
            let before = made.load(Ordering::Relaxed);
            ask(other).await.unwrap();
            assert_eq!(made.load(Ordering::Relaxed), before + 1);
        }
    }

    #[tokio::test]
    async fn a_failure_is_told_to_whom_it_befell_and_tried_again() {
        let pieces = Pieces::default();
        let problem = || Problem::new(Code::LogFailed, "broken", "mend it");
        let failed = pieces.get(key("events", 1), || async { Err(problem()) }).await;
        assert_eq!(failed, Err(problem()));
        assert_eq!(*pieces.get(key("events", 1), || async { Ok(piece("x")) }).await.unwrap(), piece("x"));
    }

    #[tokio::test]
    async fn what_is_kept_is_bounded_in_number_and_bytes() {
        let pieces = Pieces::default();
        for from in 0..1000 {
            pieces.get(key("events", from), || async { Ok(piece("x")) }).await.unwrap();
        }
        assert_eq!(pieces.0.lock().unwrap().len(), PIECES_MAX);
        let large = "x".repeat(BYTES_MAX / 2);
        for from in 0..10 {
            pieces.get(key("large", from), || async { Ok(piece(&large)) }).await.unwrap();
        }
        let held = pieces.0.lock().unwrap();
        let bytes: usize = held.iter().map(|(_, cell)| len(cell)).sum();
        assert!(bytes <= BYTES_MAX + large.len(), "{bytes}");
        assert!(held.iter().any(|(held, _)| *held == key("large", 9)));
    }
}
