//! What a reader may ask of any view, asked of `runs`.

use domain::ids::{Position, RunId};
use domain::run::{RunRequested, RunStarted};
use domain::terms::RunSource;
use domain::values::Timestamp;

use super::{AnyView, Query, QueryError};
use crate::testing::{History, folded, id, requested};
use crate::view;

/// Runs 1 to 5, of which 2 and 4 were imported.
fn five() -> Box<dyn AnyView> {
    let history = (1..=5).fold(History::new(), |history, run| {
        let source = if run % 2 == 0 { RunSource::Import } else { RunSource::Workflow };
        history.run(run, RunRequested { source, ..requested("a") })
    });
    folded("runs", &history)
}
fn key(run: u64) -> String {
    id::<RunId>(run).to_string()
}
fn by(field: &str, text: &str) -> Query {
    Query { filters: vec![(field.into(), text.into())], ..Query::default() }
}
fn found(view: &dyn AnyView, query: &Query) -> (Vec<String>, Option<String>) {
    let page = view.page(query).unwrap();
    (page.rows.into_iter().map(|row| row.key).collect(), page.next)
}

#[test]
fn pages_follow_one_another_in_both_directions() {
    let view = five();
    let limited = Query { limit: Some(2), ..Query::default() };
    assert_eq!(found(&*view, &limited), (vec![key(1), key(2)], Some(key(2))));
    let next = Query { after: Some(key(2)), ..limited.clone() };
    assert_eq!(found(&*view, &next), (vec![key(3), key(4)], Some(key(4))));
    let last = Query { after: Some(key(4)), ..limited.clone() };
    assert_eq!(found(&*view, &last), (vec![key(5)], None));
    let down = Query { descending: true, after: Some(key(3)), ..limited };
    assert_eq!(found(&*view, &down), (vec![key(2), key(1)], None));
}

#[test]
fn one_row_or_those_that_match() {
    let view = five();
    assert_eq!(found(&*view, &Query { key: Some(key(3)), ..Query::default() }).0, [key(3)]);
    assert_eq!(found(&*view, &Query { key: Some(key(9)), ..Query::default() }).0, [""; 0]);
    assert_eq!(found(&*view, &by("source", "import")).0, [key(2), key(4)]);
    assert_eq!(found(&*view, &by("workflow", "")).0.len(), 5);
    let both = Query {
        filters: [by("source", "import").filters, by("status", "failed").filters].concat(),
        ..Query::default()
    };
    assert_eq!(found(&*view, &both).0, [""; 0]);
}

#[test]
fn what_cannot_be_asked_says_what_can() {
    let view = five();
    let error = view.page(&by("colour", "red")).unwrap_err().to_string();
    assert!(error.contains("no filter `colour`") && error.contains("status"), "{error}");
    let wrong = Query { key: Some("run 3".into()), ..Query::default() };
    let error = QueryError::BadKey { view: "runs", key: "run 3".into() };
    assert_eq!(view.page(&wrong), Err(error.clone()));
    assert_eq!(view.changes(Position(0), &wrong), Err(error));
    assert!(view.changes(Position(0), &by("colour", "red")).is_err());
}

#[test]
fn a_row_that_no_longer_matches_is_deleted_for_who_asked_so() {
    let history = History::new().run(1, requested("a")).run(2, requested("b"));
    let mut view = folded("runs", &history);
    let later = history.run(2, RunStarted {});
    let event = later.events.last().unwrap();
    view.apply(event);
    view.settle(event.meta.position);
    let since = Position(event.meta.position.0 - 1);
    let pending = view.changes(since, &by("status", "pending")).unwrap().unwrap();
    assert_eq!((pending.set.len(), pending.del), (0, vec![key(2)]));
    let running = view.changes(since, &by("status", "running")).unwrap().unwrap();
    assert_eq!((running.set[0].key.clone(), running.del), (key(2), vec![]));
    let other = Query { key: Some(key(1)), ..Query::default() };
    assert_eq!(view.changes(since, &other).unwrap().unwrap(), super::Delta::default());
}

#[test]
fn a_snapshot_that_does_not_fit_leaves_the_state_alone() {
    let mut view = five();
    let hash = view.state_hash();
    let cut = view.snapshot();
    assert!(matches!(view.restore(&cut[..cut.len() / 2]), Err(QueryError::BadSnapshot { view: "runs", .. })));
    assert_eq!(view.state_hash(), hash);
}

#[test]
fn another_history_has_another_hash() {
    let title = |title| folded("runs", &History::new().run(1, requested(title))).state_hash();
    assert_ne!(title("a"), title("b"));
    let mut later = History::new().run(1, requested("a"));
    later.events[0].meta.occurred_at = Some(Timestamp::from_millis(0));
    assert_ne!(folded("runs", &later).state_hash(), title("a"));
    assert!(view("run").is_none());
}
