//! What holds of the engine, whatever is asked of whatever aggregate: a refusal leaves no trace, an answer is dense,
//! and what is in memory is what the log folds to.

use domain::examples::{Asked, Choices, Examples};

use super::*;
use crate::aggregates::{load, lock};

const COMMANDS: usize = 4_000;

fn envelope(asked: &Asked, choices: &mut Choices, examples: &Examples) -> Option<Envelope> {
    let body = examples.body(asked, choices).to_string();
    let command = Command::parse(asked.category, asked.command, body.as_bytes()).ok()?;
    let stream = StreamId::new(asked.category, choices.id());
    Some(Envelope::new(stream, command, Actor::Operator))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_leaves_no_trace_and_memory_is_what_the_log_says() {
    let examples = Examples::new();
    let mut streams = std::collections::BTreeSet::new();
    let (engine, mut choices) = (memory(), Choices::new(11));
    let (mut accepted, mut refused) = (0, 0);
    for _ in 0..COMMANDS {
        let asked = choices.of(examples.asked()).unwrap();
        let Some(envelope) = envelope(asked, &mut choices, &examples) else { continue };
        let stream = envelope.stream;
        let (head, before) = (engine.journal().watermark(), engine.journal().stream_head(stream).unwrap());
        match engine.execute(envelope).await {
            Ok(receipt) => {
                accepted += 1;
                streams.insert(stream);
                let first = before.map_or(0, |head| head.version.0 + 1);
                assert!(receipt.version.0 >= first && Some(receipt.position) == engine.journal().watermark());
            }
            Err(ExecuteError::Rejected(_)) => {
                refused += 1;
                assert_eq!(engine.journal().watermark(), head, "{stream}: a refusal wrote something");
                assert_eq!(engine.journal().stream_head(stream).unwrap(), before);
            }
            Err(other) => panic!("{} to {stream}: {other:?}", asked.command),
        }
    }
    assert!(accepted > COMMANDS / 50 && refused > COMMANDS / 50, "{accepted} accepted, {refused} refused");
    for stream in streams {
        let slot = engine.slot(stream).await.unwrap();
        let (kept, loaded) = (lock(&slot), load(engine.journal(), stream).unwrap());
        assert_eq!(kept.version, loaded.version, "{stream}");
        assert_eq!(format!("{:?}", kept.state), format!("{:?}", loaded.state), "{stream}");
    }
    engine.caught_up().await;
    assert!(engine.view_health().iter().all(|view| matches!(view.state, ViewState::Live)), "views go on");
}
