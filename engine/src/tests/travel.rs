//! The past of views, what changed between two points, rebuilding, and views that an event breaks.

use std::path::Path;
use std::sync::Arc;

use domain::ids::{ProjectId, SchemaVersion};
use domain::project::ProjectEvent;
use domain::view_care::ViewCare;
use domain::{Event, Recorded};
use journal::Journal;
use projections::table::Table;
use projections::{Query, QueryError, Scope, View, ViewSpec};
use serde::{Deserialize, Serialize};

use super::*;
use crate::attic::{Attics, MEMORY};
use crate::open::Setup;
use crate::shelf::Shelf;
use crate::{CareError, Change, DiffRequest, Outcome, Phase, RebuildError, Source, views_check};

/// Names of projects; a project called `poison` breaks it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Names(Table<ProjectId, String>);

impl View for Names {
    const NAME: &'static str = "names";
    const VERSION: u32 = 1;
    const SCOPE: Scope = Scope::Live;
    type Key = ProjectId;
    type Row = String;

    fn folds(event: &Event) -> bool {
        matches!(event, Event::Project(_))
    }
    fn apply(&mut self, event: &Recorded) {
        let name = match &event.event {
            Event::Project(ProjectEvent::ProjectCreated(e)) => &e.name,
            Event::Project(ProjectEvent::ProjectRenamed(e)) => &e.name,
            _ => return,
        };
        self.0.insert(event.meta.stream.id.into(), name.clone());
        assert_ne!(name, "poison", "this name is poison");
    }
    fn table(&self) -> &Table<ProjectId, String> {
        &self.0
    }
    fn table_mut(&mut self) -> &mut Table<ProjectId, String> {
        &mut self.0
    }
}

fn setup(checkpoint_every: u64, memory: usize) -> Setup {
    let mut specs = projections::views();
    specs.push(ViewSpec::of::<Names>());
    Setup { specs, checkpoint_every, memory, ..Setup::default() }
}

fn with_names(checkpoint_every: u64) -> Engine {
    Engine::over(
        Journal::memory(Options::default()),
        None,
        vault::Vault::memory(),
        setup(checkpoint_every, MEMORY),
    )
    .unwrap()
}

/// In files; of rows nothing stays in memory that need not.
fn in_folder(dir: &Path, checkpoint_every: u64) -> Engine {
    let journal = Journal::open(dir, Options::default()).unwrap();
    let setup = setup(checkpoint_every, 0);
    Engine::over(journal, Some(dir.join("views")), vault::Vault::memory(), setup).unwrap()
}

/// Rows that are put away go to memory.
fn nowhere() -> Attics {
    Attics::new(None, 0)
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}

/// Projects 1 to `count`, each created and renamed.
async fn filled(engine: &Engine, count: u64) {
    for n in 1..=count {
        engine.execute(create(n)).await.unwrap();
        engine.execute(rename(n, &format!("name {n}"))).await.unwrap();
    }
    engine.caught_up().await;
}

async fn rebuilt(engine: &Engine, views: &[&str], source: Source) -> crate::RebuildStatus {
    let names: Vec<String> = views.iter().map(ToString::to_string).collect();
    engine.rebuild(&names, source).unwrap();
    let waiting = engine.clone();
    blocking(move || waiting.wait_for_rebuild()).await;
    engine.rebuild_status()
}

fn health(engine: &Engine, name: &str) -> ViewState {
    engine.view_health().into_iter().find(|health| health.name == name).unwrap().state
}

async fn rows(engine: &Engine, view: &str, at: Option<u64>) -> Result<Vec<(String, String)>, ViewError> {
    let at = at.map(|at| At::Position(Position(at)));
    let answer = engine.view(ViewRequest { view: view.into(), at, ..ViewRequest::default() }).await?;
    Ok(answer.page.rows.into_iter().map(|row| (row.key, row.row.get().to_owned())).collect())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_past_is_the_same_from_any_state_at_hand() {
    let dir = tempfile::tempdir().unwrap();
    let engine = in_folder(dir.path(), 16);
    filled(&engine, 40).await;
    let head = engine.journal().watermark().unwrap().0;
    // Forward, backward and to and fro: from nothing, from checkpoints, from what was asked before.
    let places = (0..=head).step_by(7).chain((0..=head).rev().step_by(11)).chain([50, 51, 50, 3, 90, head]);
    for at in places {
        assert_eq!(rows(&engine, "projects", Some(at)).await.unwrap(), fresh_rows(&engine, at), "at {at}");
    }
    let left = fs::read_dir(dir.path().join("views/history")).unwrap().count();
    assert!(left > 0, "folds of the past leave checkpoints");
    blocking(move || engine.close()).await.unwrap();
    let engine = in_folder(dir.path(), 16);
    for at in [head, 33, 70] {
        assert_eq!(
            rows(&engine, "projects", Some(at)).await.unwrap(),
            fresh_rows(&engine, at),
            "at {at} again"
        );
    }
    assert!(dir.path().join("views/times").is_file());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn views_far_behind_catch_up_with_those_that_followed() {
    let dir = tempfile::tempdir().unwrap();
    let engine = in_folder(dir.path(), 1 << 20);
    filled(&engine, 40).await;
    engine.execute(rename(7, "poison")).await.unwrap();
    engine.execute(create(41)).await.unwrap();
    engine.caught_up().await;
    let (head, expected) = (engine.journal().watermark(), hashes(&engine));
    blocking(move || engine.close()).await.unwrap();
    for far_behind in [0, 1, 60, u64::MAX] {
        fs::remove_dir_all(dir.path().join("views")).unwrap();
        let journal = Journal::open(dir.path(), Options { read_only: true, ..Options::default() }).unwrap();
        let setup = Setup { far_behind, ..setup(16, 0) };
        let views = Some(dir.path().join("views"));
        let engine = Engine::over(journal, views, vault::Vault::memory(), setup).unwrap();
        engine.caught_up().await;
        assert_eq!((engine.journal().watermark(), hashes(&engine)), (head, expected.clone()), "{far_behind}");
        assert!(matches!(health(&engine, "names"), ViewState::Quarantined { .. }));
        let left = fs::read_dir(dir.path().join("views/history")).map_or(0, Iterator::count);
        assert_eq!(left > 0, far_behind == 0, "checkpoints are left where nobody waits for what is to come");
        blocking(move || engine.close()).await.unwrap();
    }
}

/// Of every live view that follows, its state.
fn hashes(engine: &Engine) -> Vec<(&'static str, Option<Position>, [u8; 32])> {
    let following = engine.folder().live().iter().filter(|live| live.read().fold.state == ViewState::Live);
    following
        .map(|live| {
            let fold = &live.read().fold;
            (live.spec.name, fold.position, fold.view.state_hash().unwrap())
        })
        .collect()
}

fn fresh_rows(engine: &Engine, at: u64) -> Vec<(String, String)> {
    let spec = projections::view("projects").unwrap();
    let mut folds = [(crate::folding::Fold::new(spec, &nowhere()), Arc::default())];
    crate::folding::fold(engine.journal(), &mut folds, Position(at), Default::default(), |_, _| true)
        .unwrap();
    let rows = folds[0].0.view.page(&Query::default()).unwrap().rows;
    rows.into_iter().map(|row| (row.key, row.row.get().to_owned())).collect()
}

fn between(view: &str, key: Option<String>, from: u64, to: u64) -> DiffRequest {
    let [from, to] = [from, to].map(|at| At::Position(Position(at)));
    DiffRequest { view: view.into(), key, query: Query::default(), from, to }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_difference_names_keys_fields_and_events() {
    let engine = with_names(1 << 20);
    filled(&engine, 3).await;
    // Position 0 is the first claim: a project is claim, creation, rename.
    let ask = |request: DiffRequest| {
        let engine = engine.clone();
        blocking(move || engine.diff(request))
    };
    let diff = ask(between("projects", None, 1, 7)).await.unwrap();
    let shown: Vec<_> = diff.changes.iter().map(|change| (change.change, change.events_total)).collect();
    assert_eq!(shown, [(Change::Changed, 1), (Change::Added, 2), (Change::Added, 1)]);
    let changed = &diff.changes[0];
    let name = changed.fields.iter().find(|field| field.field == "name").unwrap();
    assert_eq!((name.old.clone().unwrap(), name.new.clone().unwrap()), (json!("P"), json!("name 1")));
    assert_eq!((changed.events[0].position, changed.events[0].name), (Position(2), "ProjectRenamed"));
    assert_eq!((diff.rows.equal, diff.rows.added, diff.rows.changed, diff.rows.removed), (0, 2, 1, 0));

    let mut page = between("projects", None, 1, 7);
    page.query.limit = Some(2);
    let first = ask(page.clone()).await.unwrap();
    assert_eq!((first.changes.len(), first.next.clone()), (2, Some(diff.changes[1].key.clone())));
    page.query.after = first.next;
    let rest = ask(page).await.unwrap();
    assert_eq!((rest.changes, rest.next), (diff.changes[2..].to_vec(), None));

    let none = ask(between("projects", None, 7, 7)).await.unwrap();
    assert!(none.changes.is_empty() && none.rows.equal == 3);
    let wrong = ask(between("projects", None, 7, 1)).await.unwrap_err();
    assert_eq!(wrong.to_string(), "expected `from` up to `to`, got 7 and 1");

    let key = Some(ProjectId::from(id(1)).to_string());
    let settings = ask(between("project-settings", key.clone(), 0, 2)).await.unwrap();
    assert!(settings.changes.iter().all(|change| change.change == Change::Added), "{settings:?}");
    assert!(
        settings
            .changes
            .iter()
            .any(|change| change.events.iter().any(|event| event.name == "ProjectRenamed"))
    );
    let missing = Some(ProjectId::from(id(99)).to_string());
    assert!(matches!(ask(between("project-settings", missing, 0, 2)).await, Err(ViewError::NotFound { .. })));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_names_few_events_and_counts_all() {
    let engine = with_names(1 << 20);
    engine.execute(create(1)).await.unwrap();
    for n in 0..30 {
        engine.execute(rename(1, &format!("name {n}"))).await.unwrap();
    }
    let asked = engine.clone();
    let diff = blocking(move || asked.diff(between("names", None, 1, 99))).await.unwrap();
    assert_eq!((diff.changes[0].events.len(), diff.changes[0].events_total), (20, 30));
    assert_eq!(diff.changes[0].fields[0].new, Some(json!("name 29")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rebuild_swaps_without_a_gap_and_can_be_taken_back() {
    let engine = with_names(1 << 20);
    filled(&engine, 20).await;
    let truth = rows(&engine, "names", None).await.unwrap();
    let same = rebuilt(&engine, &["names"], Source::Log).await;
    let view = &same.views[0];
    assert_eq!((same.phase, &view.outcome), (Phase::Done, &Outcome::Swapped));
    assert_eq!(view.rows.map(|rows| (rows.equal, rows.differing())), Some((20, 0)));
    assert_eq!((same.kept.clone(), view.generation.0), (vec!["names".to_owned()], 1));
    let reading = engine.reading("names", None, Query::default()).unwrap();
    assert_eq!(reading.generation().1.0, 0, "rows went on as before");
    let since = Some(Position(3));
    assert!(matches!(reading.changes(since), Ok(crate::Resumed::Delta(..))));

    // A state that no events give, as a defect of an earlier release would leave it.
    let spoilt = |name: &str| {
        let live = engine.folder().find("names").unwrap();
        let mut folded = live.write();
        let mut parts = Vec::new();
        let mut take = |part| {
            parts.push(part);
            std::ops::ControlFlow::Continue(())
        };
        snapshot_of(1, |_| name.to_owned()).snapshot(&mut take).unwrap();
        folded.fold.view.restore(&mut parts.into_iter()).unwrap();
    };
    spoilt("wrong");
    assert_ne!(rows(&engine, "names", None).await.unwrap(), truth);
    let mended = rebuilt(&engine, &["names"], Source::Log).await;
    let view = &mended.views[0];
    let found = view.rows.unwrap();
    assert_eq!((found.changed, found.added, found.removed, view.differences.len()), (1, 19, 0, 20));
    assert_eq!(view.differences[0].fields[0].old, Some(json!("wrong")));
    assert_eq!(rows(&engine, "names", None).await.unwrap(), truth);
    assert_eq!(reading.generation().1.0, 2, "who saw the old rows is told the whole");
    let head = engine.journal().watermark();
    assert!(matches!(reading.changes(head), Ok(crate::Resumed::TooFarBehind)));
    engine.execute(rename(1, "later")).await.unwrap();
    engine.caught_up().await;
    assert!(matches!(reading.changes(engine.journal().watermark()), Ok(crate::Resumed::Delta(..))));

    // Back to what was replaced, which takes the events since into account.
    let back = rebuilt(&engine, &["names"], Source::Kept).await;
    assert_eq!(back.views[0].outcome, Outcome::Swapped);
    let found = rows(&engine, "names", None).await.unwrap();
    assert_eq!((found.len(), found[0].1.as_str()), (1, "\"later\""));
    let forth = rebuilt(&engine, &["names"], Source::Kept).await;
    assert_eq!(forth.views[0].rows.map(|rows| rows.added), Some(19));
    assert_eq!(engine.confirm_rebuild(&["names".into()]).unwrap().kept, [""; 0]);
    let gone = engine.rebuild(&["names".into()], Source::Kept).unwrap_err();
    assert_eq!(gone, RebuildError::NothingKept("names"));
    assert_eq!(engine.confirm_rebuild(&["names".into()]).unwrap_err(), gone);
}

/// The state of [`Names`] over so many projects that were called so.
fn snapshot_of(count: u64, name: impl Fn(u64) -> String) -> Box<dyn projections::AnyView> {
    let mut view = (ViewSpec::of::<Names>().make)();
    for n in 1..=count {
        let meta = domain::Meta { stream: project(n), ..meta(n) };
        view.apply(&Recorded { meta, event: Event::Project(renamed(&name(n)).into()) });
    }
    view.settle(Position(count));
    view
}

fn renamed(name: &str) -> domain::project::ProjectRenamed {
    domain::project::ProjectRenamed { slug: "p-1".into(), name: name.into() }
}

fn meta(position: u64) -> domain::Meta {
    domain::Meta {
        position: Position(position),
        stream: project(1),
        version: StreamVersion(0),
        type_id: TypeId(101),
        schema_version: SchemaVersion(1),
        time: domain::values::Timestamp::from_millis(0),
        occurred_at: None,
        commit: id(9).into(),
        commit_index: 0,
        commit_size: 1,
        actor: Actor::System,
        causation: None,
        correlation: None,
        project: None,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rebuild_under_writes_loses_nothing() {
    let engine = with_names(64);
    filled(&engine, 50).await;
    let writer = engine.clone();
    let writing = tokio::spawn(async move {
        for n in 51..=400 {
            writer.execute(create(n)).await.unwrap();
        }
    });
    for _ in 0..5 {
        let status = rebuilt(&engine, &[], Source::Log).await;
        for view in &status.views {
            assert_eq!(view.outcome, Outcome::Swapped, "{view:?}");
            assert_eq!(view.rows.map(|rows| rows.differing()), Some(0), "{view:?}");
        }
    }
    writing.await.unwrap();
    engine.caught_up().await;
    let (engine_rows, head) =
        (rows(&engine, "projects", None).await.unwrap(), engine.journal().watermark().unwrap());
    assert_eq!((engine_rows.len(), engine_rows), (400, fresh_rows(&engine, head.0)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rebuild_that_was_cut_short_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let engine = in_folder(dir.path(), 1 << 20);
    filled(&engine, 30).await;
    let head = engine.journal().watermark().unwrap();
    // As a kill leaves it: a state of the middle, noted on the way.
    let middle = Position(head.0 / 2);
    let mut folds = [(crate::folding::Fold::new(ViewSpec::of::<Names>(), &nowhere()), Arc::default())];
    crate::folding::fold(engine.journal(), &mut folds, middle, Default::default(), |_, _| true).unwrap();
    let (shelf, log) = (Shelf::new(Some(dir.path().join("views/rebuild"))), engine.journal().identity());
    crate::snapshot::put((&shelf, "names.snap"), false, log, &folds[0].1, &folds[0].0).unwrap();
    let partial = dir.path().join("views/rebuild/names.snap");
    let status = rebuilt(&engine, &["names"], Source::Log).await;
    assert_eq!((status.resumed_at, status.of), (Some(middle), head.0 - middle.0));
    assert_eq!(status.views[0].rows.map(|rows| (rows.equal, rows.differing())), Some((30, 0)));
    assert!(!partial.exists(), "it is done");
    blocking(move || engine.close()).await.unwrap();
    // What was kept outlives the process.
    let engine = in_folder(dir.path(), 1 << 20);
    assert_eq!(engine.rebuild_status().kept, ["names"]);
    let busy = engine.rebuild(&["run-timeline".into()], Source::Log).unwrap_err();
    assert_eq!(busy, RebuildError::NotLive("run-timeline"));
    assert_eq!(
        engine.rebuild(&["x".into()], Source::Log).unwrap_err(),
        RebuildError::UnknownView("x".into())
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_breaks_one_view_stops_that_one_only_until_it_is_passed_over() {
    let dir = tempfile::tempdir().unwrap();
    let engine = in_folder(dir.path(), 8);
    filled(&engine, 3).await;
    let poison = engine.execute(rename(2, "poison")).await.unwrap().position;
    filled_later(&engine).await;
    assert!(matches!(health(&engine, "names"), ViewState::Quarantined { position, reason }
        if position == poison && reason.contains("this name is poison")));
    assert!(
        engine.view_health().iter().all(|health| health.name == "names" || health.state == ViewState::Live)
    );
    for at in [None, Some(poison.0), Some(poison.0 + 1)] {
        let error = rows(&engine, "names", at).await.unwrap_err();
        assert!(
            matches!(error, ViewError::Quarantined { view: "names", position, .. } if position == poison),
            "{at:?}"
        );
    }
    assert_eq!(rows(&engine, "names", Some(poison.0 - 1)).await.unwrap().len(), 3);
    assert_eq!(rows(&engine, "projects", None).await.unwrap().len(), 4);

    // Tried again it breaks again, and stays where it is.
    engine.retry_view("names").unwrap();
    let waiting = engine.clone();
    blocking(move || waiting.wait_for_rebuild()).await;
    let outcome = engine.rebuild_status().views[0].outcome.clone();
    assert!(
        matches!(&outcome, Outcome::Failed { reason } if reason.contains("breaks the view")),
        "{outcome:?}"
    );
    assert!(matches!(health(&engine, "names"), ViewState::Quarantined { .. }));

    let skip =
        |position| engine.skip_view_event("names", position, "a name as no other".into(), Actor::Operator);
    let elsewhere = skip(Position(1)).await.unwrap_err();
    assert!(matches!(elsewhere, CareError::Elsewhere { actual, .. } if actual == poison), "{elsewhere}");
    let receipt = skip(poison).await.unwrap();
    assert_eq!(receipt.stream, ViewCare::stream("names"));
    let waiting = engine.clone();
    blocking(move || waiting.wait_for_rebuild()).await;
    assert_eq!(health(&engine, "names"), ViewState::Live);
    let found = rows(&engine, "names", None).await.unwrap();
    assert_eq!((found.len(), found[1].1.as_str()), (4, "\"name 2\""));
    assert_eq!(rows(&engine, "names", Some(poison.0)).await.unwrap().len(), 3, "the past passes over it too");
    assert_eq!(skip(poison).await.unwrap_err(), CareError::NotQuarantined("names"));

    // So does every later fold: a rebuild, and the next process from its snapshot or without one.
    let status = rebuilt(&engine, &["names"], Source::Log).await;
    assert_eq!(status.views[0].rows.map(|rows| (rows.equal, rows.differing())), Some((4, 0)));
    blocking(move || engine.close()).await.unwrap();
    let engine = in_folder(dir.path(), 8);
    engine.caught_up().await;
    assert_eq!(rows(&engine, "names", None).await.unwrap(), found);
    blocking(move || engine.close()).await.unwrap();
    fs::remove_dir_all(dir.path().join("views")).unwrap();
    let engine = in_folder(dir.path(), 8);
    engine.caught_up().await;
    assert_eq!(rows(&engine, "names", None).await.unwrap(), found);

    // And what is taken back breaks it again.
    engine.restore_view_event("names", poison, "mended".into(), Actor::Operator).await.unwrap();
    let waiting = engine.clone();
    blocking(move || waiting.wait_for_rebuild()).await;
    assert!(matches!(engine.rebuild_status().views[0].outcome, Outcome::Failed { .. }));
}

async fn filled_later(engine: &Engine) {
    engine.execute(create(9)).await.unwrap();
    engine.caught_up().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn verification_finds_a_stored_state_that_no_events_give() {
    let dir = tempfile::tempdir().unwrap();
    let engine = in_folder(dir.path(), 1 << 20);
    filled(&engine, 30).await;
    let checked = engine.clone();
    let report = blocking(move || checked.check_views()).await.unwrap();
    assert!(report.verified && report.views.iter().any(|view| view.stored_equal == Some(true)), "{report:?}");
    blocking(move || engine.close()).await.unwrap();
    let views = dir.path().join("views");
    let check = |dir: &Path| {
        let options = Options { read_only: true, ..Options::default() };
        let journal = Journal::open(dir, options).unwrap();
        let specs = setup(1, 0).specs;
        let skips = crate::skips::Skips::default();
        let attics = nowhere();
        let stored = views_check::stored_in(&journal, Some(&dir.join("views")), &skips, &attics);
        views_check::check(&journal, &specs, (&skips, &attics), stored, |_| ()).unwrap()
    };
    let report = check(dir.path());
    assert!(report.verified, "{report:?}");
    let names = report.views.iter().find(|view| view.view == "names").unwrap();
    assert_eq!((names.rows, names.stored_equal, names.stored_position), (30, Some(true), report.position));

    // A snapshot whose checksum is right, and whose rows are not.
    let journal = Journal::open(dir.path(), Options { read_only: true, ..Options::default() }).unwrap();
    let view = snapshot_of(30, |n| if n == 7 { "wrong".to_owned() } else { format!("name {n}") });
    let head = journal.watermark().unwrap();
    let spec = ViewSpec::of::<Names>();
    let (shelf, fold) = (Shelf::new(Some(views)), crate::folding::Fold::from(spec, view, Some(head)));
    crate::snapshot::put((&shelf, "names.snap"), false, journal.identity(), &Arc::default(), &fold).unwrap();
    drop(journal);
    let report = check(dir.path());
    let names = report.views.iter().find(|view| view.view == "names").unwrap();
    assert_eq!((report.verified, names.deterministic, names.stored_equal), (false, true, Some(false)));
    assert_eq!(names.first_difference, Some(ProjectId::from(id(7)).to_string()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_that_are_lost_are_an_error_and_not_missing_until_the_view_is_folded_again() {
    let dir = tempfile::tempdir().unwrap();
    let engine = in_folder(dir.path(), 1 << 20);
    filled(&engine, 30).await;
    let (found, hashes) = (rows(&engine, "names", None).await.unwrap(), engine.state_hashes().unwrap());
    assert_eq!(found.len(), 30);
    let files = fs::read_dir(dir.path().join("views/rows")).unwrap();
    files.for_each(|file| fs::write(file.unwrap().path(), b"").unwrap());

    let error = rows(&engine, "names", None).await.unwrap_err();
    assert!(matches!(error, ViewError::Query(QueryError::Lost { view: "names", .. })), "{error}");
    assert!(engine.state_hashes().is_err());
    assert_eq!(health(&engine, "names"), ViewState::Live, "no event was folded without its row");

    // The event that changes such a row stops the view, and is none to pass over.
    let position = engine.execute(rename(2, "another")).await.unwrap().position;
    engine.caught_up().await;
    let projects = health(&engine, "projects");
    assert!(
        matches!(&projects, ViewState::Quarantined { position: at, reason }
            if *at == position && reason.contains("cannot be read back")),
        "{projects:?}"
    );
    // Folded again, every view is what it would have been, also those that nobody noticed.
    let status = rebuilt(&engine, &[], Source::Log).await;
    assert!(status.views.iter().all(|view| view.outcome == Outcome::Swapped), "{status:?}");
    let again = rows(&engine, "names", None).await.unwrap();
    assert_eq!(again.iter().filter(|row| !found.contains(row)).count(), 1);
    assert_eq!(engine.state_hashes().unwrap().len(), hashes.len());
    blocking(move || engine.close()).await.unwrap();
    let engine = in_folder(dir.path(), 1 << 20);
    assert_eq!(rows(&engine, "names", None).await.unwrap(), again, "and so does the next process");
}
