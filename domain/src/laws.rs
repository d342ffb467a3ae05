//! What holds for every aggregate of the registry, whatever is asked of it in whatever order.

use std::collections::BTreeMap;

use crate::examples::{Asked, Choices, Examples, IDS, id};
use crate::{Category, Command, Event, Fingerprint, Others, Rejection, State, StreamId, aggregates};

const SEEDS: u64 = 48;
const COMMANDS_PER_KIND: usize = 8;

/// How often each command was accepted.
type Accepted = BTreeMap<(Category, &'static str), usize>;

/// All aggregates of a small world, each with its history.
#[derive(Default)]
struct World(BTreeMap<StreamId, (State, Vec<Event>)>);

impl World {
    /// What the engine would hand to the decider, or why it would not ask it.
    fn others(&self, state: &State, stream: StreamId, command: &Command) -> Result<Others, Rejection> {
        let known = |stream: &StreamId| self.0.contains_key(stream);
        let unknown = |stream: StreamId| Rejection::UnknownReference { reference: stream.to_string() };
        if let Some(missing) = command.references().into_iter().find(|stream| !known(stream)) {
            return Err(unknown(missing));
        }
        let mut others = Others::default();
        for asked in state.consults(command) {
            let found =
                if asked == stream { Some(state) } else { self.0.get(&asked).map(|(state, _)| state) };
            others.insert(asked, found.cloned().ok_or_else(|| unknown(asked))?);
        }
        Ok(others)
    }

    /// Sends a command, and checks whatever must hold of its outcome. Answers whether it was accepted.
    fn send(&mut self, stream: StreamId, command: &Command) -> bool {
        let initial = || State::initial(stream.category).expect("the registry knows it");
        let state = self.0.get(&stream).map_or_else(initial, |(state, _)| state.clone());
        let Ok(others) = self.others(&state, stream, command) else {
            // Nobody asks like this, and still nothing may break.
            let _ = state.decide(command, &Others::default());
            return false;
        };
        let decided = state.decide(command, &others);
        assert_eq!(state.decide(command, &others), decided, "deciding twice differs");
        let events = match decided {
            Ok(events) => events,
            Err(rejection) => {
                let words = rejection.to_string();
                assert!(!words.is_empty() && words.len() < 2_000, "{words:?}");
                assert!(!rejection.hint().is_empty(), "{words:?} has no hint");
                return false;
            }
        };
        assert!(!events.is_empty(), "accepted without an event: there would be no commit to answer for it");
        let mut next = state.clone();
        for event in &events {
            let back =
                Event::decode(stream.category, event.type_id(), event.schema_version(), &event.encode());
            assert_eq!(back.as_ref(), Ok(event), "it reads back as another");
            next.evolve(event);
        }
        check_outcome(stream, command, &state, &next);
        let (kept, history) = self.0.entry(stream).or_insert_with(|| (initial(), Vec::new()));
        *kept = next;
        history.extend(events);
        true
    }
}

fn check_outcome(stream: StreamId, command: &Command, before: &State, after: &State) {
    if let Some(project) = before.project() {
        assert_eq!(after.project(), Some(project), "it moved to another project");
    } else if let Some(project) = after.project() {
        let named = command.references().contains(&project.into());
        assert!(named, "it became part of a project that it does not refer to");
    }
    for claim in command.claims() {
        assert!(after.holds(&claim), "`{stream}` claimed {claim:?} and does not hold it");
    }
}

/// A command from its made-up body, where that can be read; written as JSON it reads back as itself.
fn read(asked: &Asked, body: &[u8]) -> Option<Command> {
    let command = Command::parse(asked.category, asked.command, body).ok()?;
    let written = serde_json::to_vec(&command).expect("commands are plain data");
    let again = Command::parse(asked.category, asked.command, &written);
    assert_eq!(again.as_ref(), Ok(&command), "it reads back as another");
    Some(command)
}

#[test]
fn whatever_is_asked_of_whatever_aggregate_its_laws_hold() {
    let examples = Examples::new();
    let mut accepted = Accepted::new();
    let mut events: BTreeMap<_, Vec<Event>> = BTreeMap::new();
    for seed in 0..SEEDS {
        let (mut world, mut choices) = (World::default(), Choices::new(seed));
        found(&examples, &mut world, &mut choices, &mut accepted);
        let asked = swarm(&examples, &mut choices);
        for nth in 0..examples.asked().len() * COMMANDS_PER_KIND {
            let asked = *choices.of(&asked).expect("some command is among them");
            let body = examples.body(asked, &mut choices).to_string();
            let stream = StreamId::new(asked.category, choices.id());
            let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                let command = read(asked, body.as_bytes());
                command.is_some_and(|command| {
                    assert_eq!(Fingerprint::of(stream, &command), Fingerprint::of(stream, &command.clone()));
                    world.send(stream, &command)
                })
            }));
            match outcome {
                Ok(true) => *accepted.entry((asked.category, asked.command)).or_default() += 1,
                Ok(false) => {}
                Err(_) => panic!("seed {seed}, command {nth}: {} to {stream}: {body:.2000}", asked.command),
            }
        }
        for (stream, (state, history)) in world.0 {
            let mut folded = State::initial(stream.category).expect("the registry knows it");
            history.iter().for_each(|event| folded.evolve(event));
            assert_eq!(format!("{folded:?}"), format!("{state:?}"), "seed {seed}: {stream} is not its fold");
            events.entry(stream.category).or_default().extend(history);
        }
    }
    check_any_order(events);
    check_reach(&examples, &accepted);
}

/// Some of all commands: now and then those that end an aggregate are not among them, and much else can happen
/// (swarm testing, <https://doi.org/10.1145/2338965.2336763>).
fn swarm<'a>(examples: &'a Examples, choices: &mut Choices) -> Vec<&'a Asked> {
    let share = 30 + choices.below(60);
    examples.asked().iter().filter(|_| choices.comes(share)).collect()
}

/// Tries until there is something under each id, in the order of the registry.
fn found(examples: &Examples, world: &mut World, choices: &mut Choices, accepted: &mut Accepted) {
    for aggregate in aggregates() {
        let own: Vec<_> = examples.asked().iter().filter(|it| it.category == aggregate.category).collect();
        for number in 0..IDS {
            let stream = StreamId::new(aggregate.category, id(number));
            for asked in own.iter().cycle().take(own.len() * 20) {
                let body = examples.body(asked, choices).to_string();
                let command = read(asked, body.as_bytes());
                if command.is_some_and(|command| world.send(stream, &command)) {
                    *accepted.entry((asked.category, asked.command)).or_default() += 1;
                    break;
                }
            }
        }
    }
}

/// Every event is taken into account wherever it comes.
fn check_any_order(events: BTreeMap<Category, Vec<Event>>) {
    let mut choices = Choices::new(7);
    for (category, mut events) in events {
        for last in (1..events.len()).rev() {
            events.swap(last, choices.below(last + 1));
        }
        let mut state = State::initial(category).expect("the registry knows it");
        events.iter().for_each(|event| state.evolve(event));
    }
}

/// Without this, aggregates that refuse everything that is made up would pass.
fn check_reach(examples: &Examples, accepted: &Accepted) {
    for aggregate in aggregates().iter().filter(|aggregate| !aggregate.commands.is_empty()) {
        let asked = examples.asked().iter().filter(|asked| asked.category == aggregate.category);
        let never: Vec<_> = asked
            .map(|asked| asked.command)
            .filter(|command| !accepted.contains_key(&(aggregate.category, command)))
            .collect();
        let all = aggregate.commands.len();
        assert!(
            never.len() * 2 < all,
            "{}: {} of {all} commands were never accepted: {never:?}",
            aggregate.name,
            never.len()
        );
    }
}
