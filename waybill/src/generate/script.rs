//! A history as it is made up: each command is decided on at once, by the rules it will meet in the log.

use std::collections::BTreeMap;

use domain::ids::{CommitId, CorrelationId, RunId};
use domain::values::Timestamp;
use domain::{Actor, Command, Event, Others, State, StreamId, Ulid};
use serde_json::Value;

use super::dice::Dice;
use crate::failure::{Exit, Failure};

/// A command of a generated history, and how it is to be committed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Told {
    pub(crate) stream: StreamId,
    pub(crate) command: Command,
    pub(crate) commit: CommitId,
    pub(crate) occurred_at: Timestamp,
    pub(crate) actor: Actor,
    pub(crate) correlation: Option<CorrelationId>,
}

/// A history under way: what was told so far, and what has become of it.
pub(super) struct Script {
    pub(super) dice: Dice,
    /// When the next command happens, in milliseconds since 1970.
    now_ms: u64,
    states: BTreeMap<StreamId, State>,
    told: Vec<Told>,
    /// Events so far.
    pub(super) events: u64,
    actor: Actor,
    correlation: Option<CorrelationId>,
}

impl Script {
    pub(super) fn new(seed: u64, start: Timestamp) -> Self {
        Self {
            dice: Dice::new(seed),
            now_ms: u64::try_from(start.millis()).unwrap_or(0),
            states: BTreeMap::new(),
            told: Vec::new(),
            events: 0,
            actor: Actor::Importer,
            correlation: None,
        }
    }
    /// A new id of this moment.
    pub(super) fn id<T: From<Ulid>>(&self) -> T {
        let random = u128::from(self.dice.number()) << 64 | u128::from(self.dice.number());
        Ulid::from_parts(self.now_ms, random).into()
    }
    /// The moment.
    pub(super) fn now(&self) -> Timestamp {
        Timestamp::from_millis(i64::try_from(self.now_ms).unwrap_or(i64::MAX))
    }
    /// Lets seconds pass.
    pub(super) fn wait(&mut self, from_s: u64, to_s: u64) {
        self.now_ms += self.dice.between(from_s * 1_000, to_s * 1_000);
    }
    /// Lets time pass up to that moment, where it has not come yet.
    pub(super) fn wait_until(&mut self, then: Timestamp) {
        self.now_ms = self.now_ms.max(u64::try_from(then.millis()).unwrap_or(0));
    }
    /// Who acts from now on, and for which run.
    pub(super) fn act(&mut self, actor: Actor, run: Option<RunId>) {
        self.actor = actor;
        self.correlation = run.map(|run| run.ulid().into());
    }
    /// What was told since the last time.
    pub(super) fn take(&mut self) -> Vec<Told> {
        std::mem::take(&mut self.told)
    }
    /// Nothing more is asked of it or on its behalf.
    pub(super) fn let_go(&mut self, stream: impl Into<StreamId>) {
        self.states.remove(&stream.into());
    }

    /// Tells a command; gives the events that it leads to.
    ///
    /// # Errors
    /// The rule that refuses it: the generator has to know better.
    pub(super) fn tell(
        &mut self,
        stream: impl Into<StreamId>,
        name: &str,
        body: &Value,
    ) -> Result<Vec<Event>, Failure> {
        let stream = stream.into();
        let refused = |why: String| {
            let message = format!("made up a command that is refused: {stream} {name}: {why}");
            Failure::new(Exit::Failed, message).hint(format!("it was {body}"))
        };
        let command = Command::parse(stream.category, name, body.to_string().as_bytes());
        let command = command.map_err(|error| refused(error.to_string()))?;
        let initial = || State::initial(stream.category).expect("ids here are of known aggregates");
        let state = self.states.get(&stream).cloned().unwrap_or_else(initial);
        let consulted = state.consults(&command).into_iter();
        let others: Others =
            consulted.filter_map(|other| Some((other, self.states.get(&other)?.clone()))).collect();
        let events = state.decide(&command, &others).map_err(|error| refused(error.to_string()))?;
        let state = self.states.entry(stream).or_insert_with(initial);
        events.iter().for_each(|event| state.evolve(event));
        self.events += events.len() as u64;
        let (commit, occurred_at) = (self.id(), self.now());
        let Self { actor, correlation, .. } = *self;
        self.told.push(Told { stream, command, commit, occurred_at, actor, correlation });
        self.now_ms += self.dice.between(20, 900);
        Ok(events)
    }
}

/// Whether one of the events is of that type.
pub(super) fn has(events: &[Event], name: &str) -> bool {
    events.iter().any(|event| event.name() == name)
}
