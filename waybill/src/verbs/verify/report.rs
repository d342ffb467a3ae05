//! What a verification found, as people read it.

use serde::Deserialize;

use crate::failure::Exit;
use crate::{figures, output, table};

/// Faults that a table lists.
const LISTED: usize = 20;

/// What a verification found, as far as the table shows it.
#[derive(Debug, Deserialize)]
pub(super) struct Report {
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
    since: Option<Signed>,
    unknown_key: bool,
    stale: Option<bool>,
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

impl Report {
    /// Whether no event was there to look at.
    pub(super) fn is_of_nothing(&self) -> bool {
        self.events == 0 && self.fault_count == 0
    }
    pub(super) fn exit(&self) -> Exit {
        match (self.nothing_altered, self.nothing_missing) {
            (Some(false), _) => Exit::Failed,
            (Some(true), Some(true)) if self.stale == Some(true) => Exit::Stale,
            (Some(true), Some(true)) => Exit::Done,
            (_, Some(false)) => Exit::Partly,
            _ if self.unknown_key => Exit::UnknownKey,
            _ => Exit::Partly,
        }
    }
    fn verdict(&self) -> &'static str {
        match self.exit() {
            Exit::Done => "Verified: nothing was altered and nothing is missing.",
            Exit::Stale => {
                "STALE: nothing was altered and nothing is missing, but it was signed too long ago."
            }
            Exit::UnknownKey => "UNKNOWN KEY: no key that counts has signed this log.",
            Exit::Partly if self.nothing_missing.is_none() => {
                "UNKNOWN: what is there fits together, but no signature says what was written."
            }
            Exit::Partly => "INCOMPLETE: what is there is as it was written, but something is missing.",
            _ => "ALTERED: the log is not as it was written.",
        }
    }
    fn facts(&self) -> Vec<(&'static str, String)> {
        let sound = |sound: Option<bool>| sound.map_or("unknown", |sound| if sound { "yes" } else { "NO" });
        let times = match (&self.first_time, &self.last_time) {
            (Some(first), Some(last)) => format!("{first} to {last}"),
            _ => "none".to_owned(),
        };
        let unsigned = if self.unknown_key { "by no key that counts" } else { "no" };
        let signed = self.checkpoint.as_ref().map_or_else(|| unsigned.to_owned(), Signed::shown);
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
        if let Some(since) = &self.since {
            lines.push(("extends", since.shown()));
        }
        if self.stale == Some(true) {
            lines.push(("too old", "yes".to_owned()));
        }
        for (name, number) in
            [("unknown events", self.unknown_events), ("malformed events", self.malformed_events)]
        {
            if number > 0 {
                lines.push((name, figures::count(number)));
            }
        }
        lines
    }
    /// As people read it, verdict first.
    pub(super) fn table(&self, colours: bool) -> String {
        let facts: Vec<_> = self.facts().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let mut text =
            format!("{}\n\n{}", output::bold(self.verdict(), colours), table::pairs(&facts, colours));
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

impl Signed {
    fn shown(&self) -> String {
        let time = self.time.as_deref().unwrap_or("no time");
        format!("{} events, {time}", figures::count(self.size))
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
            since: None,
            unknown_key: false,
            stale: None,
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
    fn an_unknown_key_and_an_old_signature_are_said() {
        let mut report = report(false, false);
        (report.nothing_altered, report.nothing_missing) = (None, None);
        (report.unknown_key, report.checkpoint) = (true, None);
        let text = report.table(false);
        assert_eq!(report.exit(), Exit::UnknownKey);
        assert!(text.starts_with("UNKNOWN KEY") && text.contains("by no key that counts"), "{text}");
        report.unknown_key = false;
        assert_eq!(report.exit(), Exit::Partly);
        assert!(report.table(false).starts_with("UNKNOWN: "));
        let mut old = self::report(false, false);
        old.stale = Some(true);
        assert_eq!(old.exit(), Exit::Stale);
        assert!(old.table(false).starts_with("STALE"));
        old.nothing_missing = Some(false);
        assert_eq!(old.exit(), Exit::Partly);
    }
}
