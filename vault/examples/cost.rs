//! What sealing and redaction cost a command: `cargo run --release -p waybill-vault --example cost`.

use std::hint::black_box;
use std::time::Instant;

use domain::erasure::Subject;
use domain::ids::ProjectId;
use vault::{Plain, Purpose, Redactor, Vault, may_be_sealed};

const ROUNDS: u32 = 200_000;

/// Prints nanoseconds for each round.
fn measured<T>(what: &str, mut round: impl FnMut() -> T) {
    let started = Instant::now();
    for _ in 0..ROUNDS {
        black_box(round());
    }
    println!("{what:<60} {:>7} ns", started.elapsed().as_nanos() / u128::from(ROUNDS));
}

fn main() {
    let text = "the quick brown fox jumps over the lazy dog and says \\\"so\\\" to it, 0123456789 abcdef. "
        .repeat(3);
    let body = format!("{{\"content\":\"{text}\",\"message\":\"01J00000000000000000000004\"}}").into_bytes();
    let subject = Subject::Project(ProjectId::from_bytes([1; 16]));
    let vault = Vault::memory();
    vault.ensure(subject, Purpose::Content).expect("memory takes it");
    println!("a body of {} bytes", body.len());
    measured("does sealed text begin in it", || may_be_sealed(black_box(&body)));
    for count in [1, 20, 200] {
        let secrets: Vec<_> = (0..count)
            .map(|n| (format!("TOKEN_{n}"), Plain::new(format!("ghp_{n:08}aBcDeFgHiJkLmNoPqRsTuVwXyZ"))))
            .collect();
        let began = Instant::now();
        let redactor = Redactor::new(secrets.iter().map(|(name, value)| (name.as_str(), value)));
        let redactor = redactor.expect("they are short").expect("they are long enough");
        println!("{count} secrets: finder built in {} µs", began.elapsed().as_micros());
        measured("  is a secret in it", || redactor.is_in(black_box(&body)));
        measured("  one part of a text", || {
            redactor.redact_part(black_box(&text), &vault::Carry::default(), true)
        });
    }
    measured("keyed digest", || vault.digest(subject, Purpose::Content, "x", black_box(&body)));
    let sealed = vault.seal_text(subject, &text).expect("there is a key");
    measured("sealing a text of 260 bytes", || vault.seal_text(subject, black_box(&text)));
    measured("opening it", || vault.reveal(black_box(&sealed)));
}
