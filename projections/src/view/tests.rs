//! What a reader may ask of any view, asked of `runs`.

use domain::ids::{Position, RunId};
use domain::run::{RunRequested, RunScored, RunStarted};
use domain::terms::RunSource;
use domain::values::{Score, Timestamp};

use super::{AnyView, Query, QueryError};
use crate::testing::{History, folded, id, parts, requested};
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
    let whole = parts(&*view);
    assert!(whole.len() > 1, "the rows are a part of their own");
    let mut torn = whole.clone();
    let last = torn.last_mut().unwrap();
    last.truncate(last.len() / 2);
    for wrong in [vec![], whole[..1].to_vec(), torn, [&whole[..], &[vec![]]].concat()] {
        let refused = view.restore(&mut wrong.into_iter());
        assert!(matches!(refused, Err(QueryError::BadSnapshot { view: "runs", .. })), "{refused:?}");
        assert_eq!(view.state_hash(), hash);
    }
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

/// Runs 1 to 5; 2 and 4 are scored alike, 1 better, and of 3 and 5 nobody knows.
fn scored() -> Box<dyn AnyView> {
    let history = (1..=5).fold(History::new(), |history, run| history.run(run, requested("a")));
    let history = [(1, 90.5), (2, 70.0), (4, 70.0)].into_iter().fold(history, |history, (run, score)| {
        let quality_score = Score::from_f64(score).unwrap();
        history.run(run, RunScored { quality_score, evaluators: 1 })
    });
    folded("runs", &history)
}

#[test]
fn the_best_come_first_and_unknown_ones_last() {
    let view = scored();
    let best = Query { order_by: Some("quality_score".into()), descending: true, ..Query::default() };
    assert_eq!(found(&*view, &best).0, [key(1), key(4), key(2), key(5), key(3)]);
    let worst = Query { descending: false, ..best.clone() };
    assert_eq!(found(&*view, &worst).0, [key(2), key(4), key(1), key(3), key(5)]);
    // Pages of every size follow one another in both directions.
    for (whole, limit) in [(&best, 1), (&best, 2), (&worst, 1), (&worst, 2), (&worst, 3)] {
        let mut page = Query { limit: Some(limit), ..whole.clone() };
        let mut seen = Vec::new();
        loop {
            let (keys, next) = found(&*view, &page);
            assert!(keys.len() <= limit);
            seen.extend(keys);
            if next.is_none() {
                break;
            }
            page.after = next;
        }
        assert_eq!(seen, found(&*view, whole).0, "by {limit}");
    }
}

#[test]
fn bounds_hold_for_what_is_known() {
    let view = scored();
    assert_eq!(found(&*view, &by("quality_score.min", "70")).0, [key(1), key(2), key(4)]);
    assert_eq!(found(&*view, &by("quality_score.max", "90")).0, [key(2), key(4)]);
    let between = [by("quality_score.min", "70.5").filters, by("quality_score.max", "90.5").filters].concat();
    assert_eq!(found(&*view, &Query { filters: between, ..Query::default() }).0, [key(1)]);
    for wrong in ["", "high", "NaN", "inf"] {
        let refused = view.page(&by("quality_score.min", wrong)).unwrap_err();
        assert!(matches!(refused, QueryError::BadNumber { .. }), "{wrong}: {refused:?}");
    }
    let refused = view.page(&by("quality_score.about", "70")).unwrap_err().to_string();
    assert!(refused.contains("quality_score.min"), "{refused}");
    let colour = Query { order_by: Some("colour".into()), ..Query::default() };
    let refused = view.page(&colour).unwrap_err().to_string();
    assert!(refused.contains("no figure `colour`") && refused.contains("total_cost_usd"), "{refused}");
    for after in [key(1), "70~".into(), "much~".to_owned() + &key(1)] {
        let order_by = Some("quality_score".to_owned());
        let refused = view.page(&Query { order_by, after: Some(after), ..Query::default() });
        assert!(matches!(refused, Err(QueryError::BadKey { .. })), "{refused:?}");
    }
}

#[test]
fn a_row_that_leaves_the_bounds_is_deleted_for_who_set_them() {
    let history = History::new().run(1, requested("a"));
    let mut view = folded("runs", &history);
    let quality_score = Score::from_f64(40.0).unwrap();
    let later = history.run(1, RunScored { quality_score, evaluators: 1 });
    let event = later.events.last().unwrap();
    view.apply(event);
    view.settle(event.meta.position);
    let since = Position(event.meta.position.0 - 1);
    let changed = |bound: &str, at: &str| view.changes(since, &by(bound, at)).unwrap().unwrap();
    assert_eq!(changed("quality_score.min", "50").del, [key(1)]);
    assert_eq!(changed("quality_score.max", "50").set.len(), 1);
}

#[test]
fn every_figure_of_a_view_is_one_of_its_rows() {
    for spec in crate::views() {
        let view = (spec.make)();
        for figure in spec.figures {
            let query = Query { order_by: Some((*figure).to_owned()), ..Query::default() };
            assert!(view.page(&query).is_ok(), "{} {figure}", spec.name);
        }
    }
    // Each has a value where its field has one.
    let page = scored().page(&Query { key: Some(key(1)), ..Query::default() }).unwrap();
    let row: serde_json::Value = serde_json::from_str(page.rows[0].row.get()).unwrap();
    for figure in view("runs").unwrap().figures {
        assert!(row.get(figure).is_some(), "{figure}");
    }
}
