//! Given events, when a command, then events or a refusal.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt::Debug;

use proptest::collection::vec;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;

use crate::catalogue::{CommandFamily, EventFamily};
use crate::{Decider, Others, Rejection, State, StreamId, fold};

/// A history to ask against, and the other aggregates that are asked.
#[derive(Clone)]
pub(crate) struct Given<D: Decider>(Vec<D::Event>, Others);

/// The history so far.
pub(crate) fn given<D: Decider>(history: impl IntoIterator<Item = D::Event>) -> Given<D> {
    Given(history.into_iter().collect(), Others::default())
}

impl<D: Decider> Given<D> {
    /// With another aggregate that commands may consult.
    pub(crate) fn among(mut self, id: impl Into<StreamId>, state: impl Into<State>) -> Self {
        self.1.insert(id, state);
        self
    }
    fn decide(&self, command: &D::Command) -> Result<Vec<D::Event>, Rejection> {
        self.state().decide_among(command, &self.1)
    }
    /// Decides `command`, and takes what it led to into the history.
    #[track_caller]
    pub(crate) fn and(mut self, command: impl Into<D::Command>) -> Self {
        let command = command.into();
        let events = self.decide(&command).unwrap_or_else(|error| panic!("{command:?} refused: {error}"));
        self.0.extend(events);
        self
    }
    /// Like [`Given::and`], with the command as an interface would send it.
    #[track_caller]
    pub(crate) fn and_json(self, name: &str, body: &Value) -> Self {
        self.and(command::<D::Command>(name, body))
    }
    /// Decides `command`.
    pub(crate) fn when(&self, command: impl Into<D::Command>) -> Outcome<D::Event> {
        Outcome(self.decide(&command.into()))
    }
    /// Like [`Given::when`], with the command as an interface would send it.
    #[track_caller]
    pub(crate) fn when_json(&self, name: &str, body: &Value) -> Outcome<D::Event> {
        self.when(command::<D::Command>(name, body))
    }
    /// The state after the history.
    pub(crate) fn state(&self) -> D {
        fold(&self.0)
    }
}

/// What a command led to.
pub(crate) struct Outcome<E>(Result<Vec<E>, Rejection>);

impl<E: EventFamily> Outcome<E> {
    /// Exactly these events.
    #[track_caller]
    pub(crate) fn then(self, expected: impl IntoIterator<Item = E>) {
        assert_eq!(self.0, Ok(expected.into_iter().collect()));
    }
    /// Accepted, whatever the events.
    #[track_caller]
    pub(crate) fn accepted(self) -> Vec<E> {
        self.0.expect("the command is accepted")
    }
    /// Accepted where `allowed`, else refused with a message that holds `part`.
    #[track_caller]
    pub(crate) fn accepted_if(self, allowed: bool, part: &str) {
        if allowed {
            self.accepted();
        } else {
            self.refused(part);
        }
    }
    /// Refused, with a message that holds `part`.
    #[track_caller]
    pub(crate) fn refused(self, part: &str) {
        let error = self.0.expect_err("the command is refused");
        assert!(
            error.to_string().contains(part),
            "expected a refusal with {part:?}, got {:?}",
            error.to_string()
        );
        assert!(!error.hint().is_empty());
    }
}

/// A command as an interface would send it.
#[track_caller]
pub(crate) fn command<C: CommandFamily>(name: &str, body: &Value) -> C {
    C::parse(name, body.to_string().as_bytes()).unwrap_or_else(|error| panic!("{name} {body}: {error}"))
}

/// The id of 16 bytes `number`, as text.
pub(crate) fn id(number: u8) -> String {
    ulid::Ulid(u128::from_be_bytes([number; 16])).to_string()
}

/// `body` with some fields replaced or added; null takes a field away.
pub(crate) fn with(body: &Value, changes: &Value) -> Value {
    let mut body = body.clone();
    for (field, value) in changes.as_object().expect("changes are an object") {
        body[field] = value.clone();
    }
    without_nulls(body)
}

fn without_nulls(mut value: Value) -> Value {
    if let Value::Object(fields) = &mut value {
        fields.retain(|_, field| !field.is_null());
    }
    value
}

/// A history, a command with its body, and the events that must follow; absent fields are left out.
pub(crate) type Accepted<D> = (Given<D>, &'static str, Value, Vec<(&'static str, Value)>);

/// Checks each row; together the rows must cover every command and every event of the aggregate.
#[track_caller]
pub(crate) fn check_accepted<D: Decider>(rows: Vec<Accepted<D>>) {
    let (mut commands, mut events) = (BTreeSet::new(), BTreeSet::new());
    for (given, name, body, expected) in rows {
        let decided = given.when_json(name, &body).accepted();
        let shown: Vec<_> = decided
            .iter()
            .map(|event| {
                (event.name(), without_nulls(serde_json::to_value(event).expect("events are plain data")))
            })
            .collect();
        assert_eq!(shown, expected, "{name} {body}");
        commands.insert(name);
        events.extend(decided.iter().map(EventFamily::name));
    }
    assert_eq!(
        commands,
        D::Command::catalogue().iter().map(|spec| spec.name).collect(),
        "commands in the table"
    );
    assert_eq!(events, D::Event::catalogue().iter().map(|spec| spec.name).collect(), "events in the table");
}

/// A history, a command with its body, and a part of the refusal.
pub(crate) type Refused<'a, D> = (&'a Given<D>, &'static str, Value, &'static str);

/// Checks that each row is refused for the reason it names.
#[track_caller]
pub(crate) fn check_refused<D: Decider>(rows: Vec<Refused<'_, D>>) {
    for (given, name, body, part) in rows {
        match given.decide(&command::<D::Command>(name, &body)) {
            Ok(events) => panic!("{name} {body:.300}: expected a refusal with {part:?}, got {events:?}"),
            Err(error) => {
                let message = error.to_string();
                assert!(message.contains(part), "{name} {body:.300}: expected {part:?}, got {message:?}");
                assert!(message.len() < 1_000 && !error.hint().is_empty(), "{message:?}");
            }
        }
    }
}

/// Checks that `field` of `body` takes the ends of its range, and nothing beyond them.
#[track_caller]
pub(crate) fn check_range<D: Decider>(
    given: &Given<D>,
    name: &str,
    body: &Value,
    field: &str,
    range: (u64, u64),
) {
    for (number, fits) in [
        (range.0.checked_sub(1), false),
        (Some(range.0), true),
        (Some(range.1), true),
        (Some(range.1 + 1), false),
    ] {
        let Some(number) = number else { continue };
        let body = with(body, &serde_json::json!({ field: number }));
        match given.when_json(name, &body).0 {
            Ok(_) => assert!(fits, "{name} took {field} = {number}"),
            Err(error) => {
                assert!(!fits, "{name} refused {field} = {number}: {error}");
                assert_eq!(error.field(), Some(field), "{error}");
            }
        }
    }
}

/// Sends commands of `pool` in random order after `given`. Whatever is accepted must read back from its
/// bytes, and fold to the same state however it is folded; `lawful` judges the whole history of each try.
pub(crate) fn check_any_order<D: Decider>(
    given: &Given<D>,
    pool: &[D::Command],
    lawful: impl Fn(&[D::Event]),
) {
    let seen = RefCell::new(BTreeSet::new());
    let mut runner = TestRunner::new(Config { cases: 200, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&vec(0..pool.len(), 0..100), |order| {
        let mut history = given.0.clone();
        let mut state: D = fold(&history);
        for command in order.iter().map(|index| &pool[*index]) {
            let Ok(events) = state.decide_among(command, &given.1) else { continue };
            let again = fold::<D>(&history).decide_among(command, &given.1);
            assert_eq!(again.as_ref(), Ok(&events), "{command:?}");
            for event in events {
                let back = D::Event::decode(event.type_id(), event.schema_version(), &event.encode());
                assert_eq!(back.as_ref(), Ok(&event));
                state.evolve(&event);
                seen.borrow_mut().insert(event.name());
                history.push(event);
            }
        }
        assert_eq!(format!("{state:?}"), format!("{:?}", fold::<D>(&history)));
        lawful(&history);
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
    // Without this, a pool of commands that are always refused would pass.
    let (seen, all) = (seen.into_inner().len(), D::Event::catalogue().len());
    assert!(seen * 2 > all, "only {seen} of {all} events came up");
}

/// Commands from names and bodies, for [`check_any_order`].
pub(crate) fn pool<C: CommandFamily + Debug>(rows: &[(&str, Value)]) -> Vec<C> {
    rows.iter().map(|(name, body)| command(name, body)).collect()
}
