//! Given events, then rows; and whatever must hold of every view over every history.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use domain::authority::Sight;
use domain::ids::{CommitId, Position, ProjectId, RunId, SandboxId, StreamId, StreamVersion};
use domain::project::{ProjectCreated, ProjectDeleted, ProjectEvent};
use domain::run::{
    Configuration, RunEvent, RunRequested, StepMessageAppended, StepStarted, StepUsageRecorded,
};
use domain::sandbox::SandboxEvent;
use domain::terms::{MessageRole, Role, RunSource};
use domain::values::{Timestamp, Usd};
use domain::{Actor, Event, Meta, Recorded, Ulid, aggregates};
use expect_test::Expect;

use crate::{AnyView, Page, Query, Row, Scope, Wanted, view, views};

mod away;

use away::check_away;
pub(crate) use away::{Narrow, parts};

/// The project of a history, unless it says otherwise.
pub(crate) const PROJECT: u64 = 1;

/// The `n`th id of its kind; shown as `#0n`.
pub(crate) fn id<T: From<Ulid>>(n: u64) -> T {
    Ulid(u128::from(n)).into()
}

/// An event of that name, as its aggregate's samples have it.
pub(crate) fn sample(name: &str) -> Event {
    let mut samples = aggregates().into_iter().flat_map(|aggregate| (aggregate.samples)());
    samples.find(|event| event.name() == name).expect("samples cover every event")
}

/// Every sample of that aggregate, in order, on its `n`th stream.
pub(crate) fn sampled(aggregate: &str, n: u64) -> History {
    let spec =
        aggregates().into_iter().find(|it| it.name == aggregate).expect("the aggregate is in the list");
    let stream = StreamId::new(spec.category, id(n));
    (spec.samples)().into_iter().fold(History::new(), |history, event| history.any(stream, event))
}

/// Events as a log would give them: positions and versions dense, a second apart.
#[derive(Clone)]
pub(crate) struct History {
    pub(crate) events: Vec<Recorded>,
    versions: BTreeMap<StreamId, u64>,
    now: i64,
    project: ProjectId,
}

impl History {
    /// Nothing yet, at 07:00 on 2026-11-21.
    pub(crate) fn new() -> Self {
        Self { events: vec![], versions: BTreeMap::new(), now: 0, project: id(PROJECT) }
            .at("2026-11-21T07:00:00Z")
    }
    /// What follows happens from then on.
    pub(crate) fn at(mut self, time: &str) -> Self {
        self.now = time.parse::<Timestamp>().unwrap().millis();
        self
    }
    /// What follows belongs to that project.
    pub(crate) fn within(mut self, project: u64) -> Self {
        self.project = id(project);
        self
    }
    pub(crate) fn project(self, n: u64, event: impl Into<ProjectEvent>) -> Self {
        self.within(n).any(id::<ProjectId>(n).into(), Event::Project(event.into()))
    }
    pub(crate) fn run(self, n: u64, event: impl Into<RunEvent>) -> Self {
        self.any(id::<RunId>(n).into(), Event::Run(event.into()))
    }
    pub(crate) fn sandbox(self, n: u64, event: impl Into<SandboxEvent>) -> Self {
        self.any(id::<SandboxId>(n).into(), Event::Sandbox(event.into()))
    }
    pub(crate) fn any(mut self, stream: StreamId, event: Event) -> Self {
        let position = self.events.len() as u64;
        let version = self.versions.entry(stream).or_default();
        let meta = Meta {
            position: Position(position),
            stream,
            version: StreamVersion(*version),
            type_id: event.type_id(),
            schema_version: event.schema_version(),
            time: Timestamp::from_millis(self.now),
            occurred_at: None,
            commit: id::<CommitId>(position),
            commit_index: 0,
            commit_size: 1,
            actor: Actor::Operator,
            causation: None,
            correlation: None,
            project: Some(self.project),
        };
        *version += 1;
        self.now += 1_000;
        self.events.push(Recorded { meta, event });
        self
    }
    /// The same, imported a year later behind a thousand other events.
    fn imported_later(&self) -> Self {
        let mut later = self.clone();
        for event in &mut later.events {
            event.meta.occurred_at = Some(event.meta.when());
            event.meta.time = Timestamp::from_millis(event.meta.time.millis() + 365 * 24 * 3_600_000);
            event.meta.position = Position(event.meta.position.0 + 1_000);
        }
        later
    }
}

/// A run asked for in the history's usual project.
pub(crate) fn requested(title: &str) -> RunRequested {
    RunRequested {
        project: id(PROJECT),
        workflow: None,
        source: RunSource::Workflow,
        title: Some(title.into()),
        prompt: "Do it".into(),
        configuration: Configuration {
            workflow_version: None,
            personas: vec![],
            persona_versions: vec![],
            contexts: vec![],
            learning_version: None,
            learning_versions: vec![],
            assets: vec![],
        },
        blueprint: None,
        candidates: vec![],
        origin: None,
    }
}

/// A step without anything special.
pub(crate) fn started(step: u64, role: Role) -> StepStarted {
    StepStarted {
        step: id(step),
        role,
        sandbox: None,
        persona: None,
        cli_tool: Some("claude".into()),
        model: Some("opus".into()),
        thinking_effort: None,
        iteration: 1,
        loop_id: None,
        loop_iteration: None,
        prompt_digest: None,
        persona_version: None,
        quality_threshold: None,
    }
}

/// A message of that step, by `user` or `assistant`.
pub(crate) fn said(step: u64, message: u64, role: &str) -> StepMessageAppended {
    StepMessageAppended {
        step: id(step),
        sandbox: None,
        message: id(message),
        role: if role == "user" { MessageRole::User } else { MessageRole::Assistant },
        content: "Hello".into(),
        thinking: None,
        stop_reason: None,
        more: false,
    }
}

/// One model call of 10 tokens in, 20 out, 300 read and 40 written; its cost in dollars, where known.
pub(crate) fn used(step: u64, model: &str, cost: Option<f64>) -> StepUsageRecorded {
    StepUsageRecorded {
        step: id(step),
        provider: Some("anthropic".into()),
        model: model.into(),
        input_tokens: 10,
        output_tokens: 20,
        cache_read_tokens: 300,
        cache_write_tokens: 40,
        calls: 1,
        cost_usd: cost.map(|cost| Usd::from_f64(cost).unwrap()),
    }
}

/// Folds `events` into an empty or given view, settled after every `batch`.
fn fold(view: &mut dyn AnyView, events: &[Recorded], batch: usize) {
    for events in events.chunks(batch) {
        events.iter().for_each(|event| view.apply(event));
        view.settle(events.last().expect("chunks are not empty").meta.position);
    }
}

/// The view of that name after the history.
pub(crate) fn folded(name: &str, history: &History) -> Box<dyn AnyView> {
    let mut folded = (view(name).unwrap().make)();
    fold(&mut *folded, &history.events, usize::MAX);
    folded
}

/// All rows of the view after the history, and the view's laws over that history.
#[track_caller]
pub(crate) fn check(name: &str, history: &History, expected: &Expect) {
    check_laws(name, history);
    expected.assert_eq(&show(&folded(name, history).page(&Query::default()).unwrap()));
}

/// Equal histories give equal states: in any batches, over a snapshot at any point, imported later, by deltas.
#[track_caller]
pub(crate) fn check_laws(name: &str, history: &History) {
    let spec = view(name).unwrap();
    let straight = folded(name, history);
    let all = Query::default();
    let page = straight.page(&all).unwrap();
    for batch in 1..=history.events.len().min(5) {
        let mut batched = (spec.make)();
        fold(&mut *batched, &history.events, batch);
        assert_eq!(batched.state_hash(), straight.state_hash(), "{name} in batches of {batch}");
    }
    let wanted = Wanted::of(&[spec]);
    let mut only: Vec<_> = history.events.clone();
    only.retain(|event| wanted.folds(&event.event));
    let mut filtered = (spec.make)();
    if !only.is_empty() {
        fold(&mut *filtered, &only, usize::MAX);
    }
    assert_eq!(filtered.state_hash(), straight.state_hash(), "{name} from the events that it wants");
    // Every place in a short history; some 60 in a long one, or the work grows with the square of its length.
    for cut in (0..history.events.len()).step_by(1 + history.events.len() / 64) {
        let (before, after) = history.events.split_at(cut);
        let (mut first, mut second) = ((spec.make)(), (spec.make)());
        fold(&mut *first, before, 3);
        second.restore(&mut parts(&*first).into_iter()).unwrap();
        fold(&mut *second, after, 2);
        assert_eq!(second.state_hash(), straight.state_hash(), "{name} from a snapshot after {cut}");
        assert_eq!(second.page(&all).unwrap(), page, "{name} from a snapshot after {cut}");
        assert_eq!(second.links(), straight.links());
    }
    assert_eq!(
        folded(name, &history.imported_later()).state_hash(),
        straight.state_hash(),
        "{name} imported later"
    );
    for query in queries(name, &page) {
        let page = straight.page(&query).unwrap();
        for memory in [None, Some(0)] {
            let held = client(name, history, &query, memory);
            assert_eq!(held, rows(page.rows.clone()), "{name} by deltas, {:?}, {memory:?}", query.filters);
        }
    }
    check_away(name, history, &*straight);
}

/// No filter, and every filter of the view with every value that its rows have, and with none.
fn queries(name: &str, page: &Page) -> Vec<Query> {
    let shown: Vec<serde_json::Value> =
        page.rows.iter().map(|row| serde_json::from_str(row.row.get()).unwrap()).collect();
    let mut queries = vec![Query::default()];
    for field in view(name).unwrap().filters {
        let values = shown.iter().map(|row| match &row[field] {
            serde_json::Value::String(text) => text.clone(),
            serde_json::Value::Null => String::new(),
            value => value.to_string(),
        });
        for value in values.chain([String::new()]).collect::<BTreeSet<_>>() {
            queries.push(Query { filters: vec![((*field).to_owned(), value)], ..Query::default() });
        }
    }
    queries
}

fn rows(rows: Vec<Row>) -> BTreeMap<String, String> {
    rows.into_iter().map(|row| (row.key, row.row.get().to_owned())).collect()
}

/// What a client holds that took a snapshot after the first event and every delta since.
fn client(name: &str, history: &History, query: &Query, memory: Option<usize>) -> BTreeMap<String, String> {
    let mut served = (view(name).unwrap().make)();
    if let Some(memory) = memory {
        served.furnish(Box::new(Narrow(memory)));
    }
    let mut held = BTreeMap::new();
    let mut since = None;
    for event in &history.events {
        fold(&mut *served, std::slice::from_ref(event), 1);
        match since.replace(event.meta.position) {
            None => held = rows(served.page(query).unwrap().rows),
            Some(since) => {
                let delta = served.changes(since, query).unwrap().unwrap();
                delta.del.iter().for_each(|key| drop(held.remove(key)));
                held.extend(rows(delta.set));
            }
        }
    }
    held
}

/// Rows as a person compares them: numbers on one line, then a field a line; nothing that is null, zero or empty.
pub(crate) fn show(page: &Page) -> String {
    let mut text = String::new();
    for row in &page.rows {
        text.push_str(&row.key);
        show_fields(&mut text, &serde_json::from_str(row.row.get()).unwrap());
    }
    if let Some(summary) = &page.summary {
        text.push_str("summary");
        show_fields(&mut text, summary);
    }
    text.replace(&"0".repeat(24), "#").replace("2026-11-21T", "")
}

fn show_fields(text: &mut String, row: &serde_json::Value) {
    let fields = row.as_object().expect("a row is an object");
    if let [(variant, inner)] = &fields.iter().collect::<Vec<_>>()[..] {
        let _ = write!(text, " is a {variant}");
        return show_fields(text, inner);
    }
    let dull = |value: &serde_json::Value| {
        matches!(value.to_string().as_str(), "null" | "0" | "0.0" | "[]" | "\"\"")
    };
    let (numbers, others): (Vec<_>, Vec<_>) =
        fields.iter().filter(|(_, value)| !dull(value)).partition(|(_, value)| value.is_number());
    for (field, value) in numbers {
        let _ = write!(text, "; {field} {value}");
    }
    text.push('\n');
    for (field, value) in others {
        let _ = writeln!(text, "  {field}: {value}");
    }
}

/// Every sample of every aggregate, on a few streams, in an order of its own for each seed.
fn shuffled(seed: u64) -> History {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut below = |bound: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % bound
    };
    let mut events: Vec<_> = aggregates()
        .iter()
        .flat_map(|aggregate| (aggregate.samples)().into_iter().map(|event| (aggregate.category, event)))
        .collect();
    for last in (1..events.len()).rev() {
        events.swap(last, below(last + 1));
    }
    events.into_iter().fold(History::new(), |history, (category, event)| {
        let stream = StreamId::new(category, Ulid(below(2) as u128 + 1));
        history.any(stream, event)
    })
}

#[test]
fn events_in_any_order_never_panic_and_every_law_holds() {
    for seed in 0..20 {
        let history = shuffled(seed);
        for spec in views() {
            check_laws(spec.name, &history);
        }
    }
}

/// Live views whose rows are of no project: who does not see everything sees none of them.
const OF_NO_PROJECT: [&str; 2] = ["identity", "users"];

#[test]
fn every_row_of_a_live_view_tells_its_project() {
    let projects = (0..=u8::MAX).map(|n| ProjectId::from_bytes([n; 16])).chain([id(1), id(2)]).collect();
    let sighted = Query { sight: Sight::Projects(projects), ..Query::default() };
    let blind = Query { sight: Sight::Projects(BTreeSet::new()), ..Query::default() };
    let (mut silent, mut seen) = (BTreeSet::new(), BTreeSet::new());
    for seed in 0..20 {
        let history = shuffled(seed);
        for spec in views().into_iter().filter(|spec| spec.scope == Scope::Live) {
            let view = folded(spec.name, &history);
            assert!(view.page(&blind).unwrap().rows.is_empty(), "{} shows rows to nobody", spec.name);
            let rows = view.page(&sighted).unwrap().rows.len();
            if rows > 0 {
                seen.insert(spec.name);
            } else if !view.is_empty() {
                silent.insert(spec.name);
            }
        }
    }
    let silent: Vec<_> = silent.difference(&seen).copied().collect();
    assert_eq!(silent, OF_NO_PROJECT, "give their rows a `project`, or say here that they are of none");
}

#[test]
fn a_reader_of_some_projects_is_told_of_no_others() {
    let created = |history: History, n: u64| {
        let (slug, name) = (format!("p{n}"), "P".to_owned());
        let created = ProjectCreated { slug, name, owner: None, repository_url: None, logo_url: None };
        history.project(n, created)
    };
    let mut history = created(created(created(History::new(), 1), 2), 3);
    // One event after the other: each row is then stamped with its own position.
    let mut view = (view("projects").expect("it is there").make)();
    fold(&mut *view, &history.events, 1);
    let query = Query { sight: Sight::Projects([id(1), id(3)].into()), ..Query::default() };
    let keys = |rows: &[Row]| rows.iter().map(|row| row.key.clone()).collect::<Vec<_>>();
    let own = [id::<ProjectId>(1).to_string(), id::<ProjectId>(3).to_string()];
    assert_eq!(keys(&view.page(&query).unwrap().rows), own);
    let first = Query { limit: Some(1), ..query.clone() };
    assert_eq!(view.page(&first).unwrap().next.as_deref(), Some(own[0].as_str()));
    let foreign = Query { key: Some(id::<ProjectId>(2).to_string()), ..query.clone() };
    assert!(view.page(&foreign).unwrap().rows.is_empty());
    let delta = view.changes(Position(0), &query).unwrap().unwrap();
    assert_eq!(
        (keys(&delta.set), delta.del),
        (vec![own[1].clone()], vec![]),
        "not even the key of project 2"
    );
    // Whose row it was that is gone nobody can tell.
    history = history.project(2, ProjectDeleted {});
    fold(&mut *view, &history.events[3..], 1);
    assert_eq!(view.changes(Position(2), &query).unwrap(), None);
    assert!(view.changes(Position(2), &Query::default()).unwrap().is_some());
    assert_eq!(view.changes(Position(3), &query).unwrap(), Some(crate::Delta::default()));
}

#[test]
fn names_are_unique_and_filters_are_fields() {
    let mut names = BTreeSet::new();
    for spec in views() {
        assert!(names.insert(spec.name), "{} is named twice", spec.name);
        let mut generator = schemars::SchemaGenerator::default();
        let _ = (spec.schema)(&mut generator);
        let definitions = serde_json::to_string(generator.definitions()).unwrap();
        for filter in spec.filters {
            assert!(definitions.contains(&format!("\"{filter}\":")), "{} has no field {filter}", spec.name);
        }
    }
}
