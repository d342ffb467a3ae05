//! `waybill verify`: whether the log is as it was written, and whole.

use clap::Args;
use engine::EngineError;
use journal::{Journal, Options};
use serde::Deserialize;

use crate::cli::{Form, Global};
use crate::client::ClientError;
use crate::failure::{Exit, Failure};
use crate::target::{self, Target, Want};
use crate::{figures, output, progress, table};

/// Faults that a table lists.
const LISTED: usize = 20;

/// Check the whole log: checksums, positions, streams, commits, payloads, tree, signature
///
/// Reads everything and changes nothing; a damaged log is read as far as it can be. Exit code 0 says that nothing
/// was altered and nothing is missing, 1 that something was altered or cannot be read, 3 that something is missing.
#[derive(Debug, Args)]
pub(crate) struct Verify {}

/// What a verification found, as far as the table shows it.
#[derive(Debug, Deserialize)]
struct Report {
    nothing_altered: Option<bool>,
    nothing_missing: Option<bool>,
    events: u64,
    streams: u64,
    commits: u64,
    blocks: u64,
    bytes: u64,
    stored_bytes: u64,
    first_time: Option<String>,
    last_time: Option<String>,
    checkpoint: Option<Signed>,
    unknown_key: bool,
    unknown_events: u64,
    malformed_events: u64,
    fault_count: u64,
    faults: Vec<Finding>,
    notes: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Signed {
    size: u64,
    root: String,
    time: Option<String>,
    key: String,
}

#[derive(Debug, Deserialize)]
struct Finding {
    position: u64,
    what: String,
}

impl Verify {
    pub(crate) async fn run(self, global: &Global) -> Result<Exit, Failure> {
        let open = |data: &std::path::Path| {
            let options = Options { read_only: true, ..global.journal() };
            Journal::open(data, options).map_err(EngineError::from)
        };
        let text = match target::open_with(global, Want::Log, open).map_err(unreadable)? {
            Target::Folder(journal) => tokio::task::spawn_blocking(move || verify(&journal)).await??,
            Target::Server(client) => {
                let response = client.post(&["v1", "log", "verify"], "", "application/json").await?;
                response.text().await.map_err(ClientError::from)?
            }
        };
        let report: Report = serde_json::from_str(&text)?;
        match global.output {
            Form::Table => output::print(&report.table(output::colours(&std::io::stdout())))?,
            Form::Json | Form::Ndjson => output::print(&text)?,
        }
        Ok(report.exit())
    }
}

/// A log that cannot be opened at all is not as it was written.
fn unreadable(failure: Failure) -> Failure {
    match failure.exit {
        Exit::Failed => failure.while_doing("not verified"),
        _ => failure,
    }
}

fn verify(journal: &Journal) -> Result<String, serde_json::Error> {
    let bar = progress::events(0).with_message("verifying");
    let report = replay::verify(journal, |now| {
        bar.set_length(now.of);
        bar.set_position(now.events);
    });
    bar.finish_and_clear();
    serde_json::to_string(&report)
}

impl Report {
    fn exit(&self) -> Exit {
        match (self.nothing_altered, self.nothing_missing) {
            (Some(false), _) => Exit::Failed,
            (Some(true), Some(true)) => Exit::Done,
            _ => Exit::Partly,
        }
    }
    fn table(&self, colours: bool) -> String {
        let sound = |sound: Option<bool>| sound.map_or("unknown", |sound| if sound { "yes" } else { "NO" });
        let times = match (&self.first_time, &self.last_time) {
            (Some(first), Some(last)) => format!("{first} to {last}"),
            _ => "none".to_owned(),
        };
        let signed = self.checkpoint.as_ref().map_or_else(
            || "no".to_owned(),
            |signed| {
                let time = signed.time.as_deref().unwrap_or("no time");
                format!("{} events, {time}", figures::count(signed.size))
            },
        );
        let ratio =
            format!("{}, stored in {}", figures::bytes(self.bytes), figures::bytes(self.stored_bytes));
        let mut lines = vec![
            ("nothing altered", sound(self.nothing_altered).to_owned()),
            ("nothing missing", sound(self.nothing_missing).to_owned()),
            ("events", figures::count(self.events)),
            ("streams", figures::count(self.streams)),
            ("commits", figures::count(self.commits)),
            ("blocks", figures::count(self.blocks)),
            ("records", ratio),
            ("recorded", times),
            ("signed", signed),
        ];
        if let Some(signed) = &self.checkpoint {
            lines.push(("root", signed.root.clone()));
            lines.push(("key", signed.key.clone()));
        }
        for (name, number) in
            [("unknown events", self.unknown_events), ("malformed events", self.malformed_events)]
        {
            if number > 0 {
                lines.push((name, figures::count(number)));
            }
        }
        let lines: Vec<_> = lines.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let verdict = match self.exit() {
            Exit::Done => "Verified: nothing was altered and nothing is missing.",
            Exit::Partly => "INCOMPLETE: what is there is as it was written, but something is missing.",
            _ => "ALTERED: the log is not as it was written.",
        };
        let mut text = format!("{}\n\n{}", output::bold(verdict, colours), table::pairs(&lines, colours));
        if !self.faults.is_empty() {
            text.push_str(&format!("\n{} faults:\n", figures::count(self.fault_count)));
            for fault in self.faults.iter().take(LISTED) {
                text.push_str(&format!(
                    "  position {}: {}\n",
                    fault.position,
                    figures::line(&fault.what, 200)
                ));
            }
            if self.fault_count > LISTED as u64 {
                text.push_str("  … --output json lists more\n");
            }
        }
        for note in &self.notes {
            text.push_str(&format!("note: {}\n", figures::line(note, 200)));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    fn report(altered: bool, missing: bool) -> Report {
        Report {
            nothing_altered: Some(!altered),
            nothing_missing: Some(!missing),
            events: 2_345,
            streams: 4,
            commits: 2_340,
            blocks: 6,
            bytes: 1_500_000,
            stored_bytes: 700_000,
            first_time: Some("2026-11-21T07:00:00.000Z".into()),
            last_time: Some("2026-11-21T08:00:00.000Z".into()),
            checkpoint: Some(Signed {
                size: 2_345,
                root: "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=".into(),
                time: Some("2026-11-21T08:00:01.000Z".into()),
                key: "waybill/01J+0a0b0c0d+AQ==".into(),
            }),
            unknown_key: false,
            unknown_events: 0,
            malformed_events: 0,
            fault_count: u64::from(altered || missing),
            faults: vec![],
            notes: vec!["a note".into()],
        }
    }

    #[test]
    fn a_whole_log_is_said_to_be_whole() {
        expect![[r#"
            Verified: nothing was altered and nothing is missing.

            nothing altered  yes
            nothing missing  yes
            events           2,345
            streams          4
            commits          2,340
            blocks           6
            records          1.4 MiB, stored in 683 KiB
            recorded         2026-11-21T07:00:00.000Z to 2026-11-21T08:00:00.000Z
            signed           2,345 events, 2026-11-21T08:00:01.000Z
            root             47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
            key              waybill/01J+0a0b0c0d+AQ==
            note: a note
        "#]]
        .assert_eq(&report(false, false).table(false));
    }

    #[test]
    fn tampering_counts_more_than_loss() {
        assert_eq!(report(false, false).exit(), Exit::Done);
        assert_eq!(report(false, true).exit(), Exit::Partly);
        assert_eq!(report(true, true).exit(), Exit::Failed);
        let mut altered = report(true, false);
        altered.faults = vec![Finding { position: 7, what: "a\nb".into() }];
        let text = altered.table(false);
        assert!(text.contains("ALTERED") && text.contains("  position 7: a b\n"), "{text}");
    }

    #[test]
    fn the_table_reads_what_a_verification_writes() {
        let journal = Journal::memory(Options::default());
        let report: Report = serde_json::from_str(&verify(&journal).unwrap()).unwrap();
        assert_eq!((report.events, report.exit()), (0, Exit::Done));
    }
}
