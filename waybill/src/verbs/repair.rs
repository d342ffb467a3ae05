//! `waybill repair`: a data folder whose log or tiles are damaged, made whole from what is left.

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use journal::{RepairOptions, RepairReport};
use serde::Serialize;

use crate::cli::Global;
use crate::failure::{Exit, Failure};
use crate::{figures, output, progress, table};

/// Make a damaged data folder whole: the log from the tiles, the tiles from the log
///
/// A folder that is whole stays as it is. Otherwise this writes a new log, compares its root with the signed one, and
/// only then puts it in the old one's place; the log's epoch is the next one. Nothing is deleted: damaged files are
/// moved aside. Exit code 0 says that nothing is lost, 3 that events beyond the signed ones are lost, or that this
/// cannot be told; in both cases the folder is whole again.
#[derive(Debug, Args)]
pub(crate) struct Repair {
    /// Say what a repair would do, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Write a new log where the one there is whole, too: builds its index anew, and begins the next epoch
    #[arg(long)]
    force: bool,
}

/// Positions of events.
#[derive(Debug, Serialize)]
struct Positions {
    first: u64,
    last: u64,
}

/// What a repair came to.
#[derive(Debug, Serialize)]
struct Report {
    sound: bool,
    dry_run: bool,
    events: u64,
    signed_events: u64,
    root: String,
    epoch: u64,
    carried_events: u64,
    lost: Option<Positions>,
    end_unknown: bool,
    events_from_log: u64,
    mended_files: u64,
    aside: Vec<PathBuf>,
    new_key: bool,
    marker_written: bool,
    public_key_written: bool,
    duration_ms: u64,
}

impl Repair {
    pub(crate) async fn run(self, global: &Global) -> Result<Exit, Failure> {
        if global.server.is_some() {
            return Err(Failure::usage("a folder is repaired where it lies, not through a server")
                .hint("stop the server, and run it on its machine with --data DIR"));
        }
        let data = global.data.clone();
        if !data.join("tiles").is_dir() {
            return Err(Failure::usage(format!("there are no tiles in `{}`", data.display()))
                .hint("name the data folder with --data; without its tiles, restore a backup"));
        }
        let began = Instant::now();
        let options = RepairOptions { dry_run: self.dry_run, force: self.force };
        let repaired = tokio::task::spawn_blocking(move || {
            let bar = progress::events(0).with_message("repairing");
            let repaired = journal::repair(&data, options, |now| {
                bar.set_length(now.of);
                bar.set_position(now.events);
            });
            bar.finish_and_clear();
            repaired
        });
        let report = Report::new(repaired.await??, self.dry_run, began);
        output::document(global.output, &report, || report.table(output::colours(&std::io::stdout())))?;
        Ok(report.exit())
    }
}

impl Report {
    fn new(repaired: RepairReport, dry_run: bool, began: Instant) -> Self {
        Self {
            sound: repaired.sound,
            dry_run,
            events: repaired.size,
            signed_events: repaired.signed,
            root: repaired.root.to_string(),
            epoch: repaired.epoch,
            carried_events: repaired.carried,
            lost: repaired.lost.map(|(first, last)| Positions { first: first.0, last: last.0 }),
            end_unknown: repaired.end_unknown,
            events_from_log: repaired.from_log,
            mended_files: repaired.mended,
            aside: repaired.aside,
            new_key: repaired.new_key,
            marker_written: repaired.marker,
            public_key_written: repaired.public_key,
            duration_ms: figures::elapsed_ms(began),
        }
    }
    fn exit(&self) -> Exit {
        if self.lost.is_some() || self.end_unknown { Exit::Partly } else { Exit::Done }
    }
    fn verdict(&self) -> &'static str {
        if self.sound {
            let beside = self.marker_written || self.public_key_written;
            return match (beside, self.dry_run) {
                (false, _) => {
                    "Nothing to repair: log, tiles and keys are whole, and the epoch stays as it is."
                }
                (true, false) => {
                    "Repaired: a file beside the log was written anew; the log was whole and stays as it is."
                }
                (true, true) => "To repair: a file beside the log; the log is whole and would stay as it is.",
            };
        }
        match (&self.lost, self.end_unknown) {
            (None, false) if self.dry_run => {
                "To repair: nothing would be lost, and the root would be the signed one."
            }
            (Some(_), _) if self.dry_run => {
                "To repair: every signed event is there; some would be LOST that were not signed yet."
            }
            (None, true) if self.dry_run => {
                "To repair: every signed event is there; whether later ones are LOST cannot be told, for the damaged \
                 log cannot be read to its end."
            }
            (None, false) => "Repaired: nothing is lost, and the root is the signed one.",
            (Some(_), _) => "Repaired: every signed event is there; LOST are some that were not signed yet.",
            (None, true) => {
                "Repaired: every signed event is there; whether later ones are LOST cannot be told, for the damaged \
                 log could not be read to its end."
            }
        }
    }
    fn table(&self, colours: bool) -> String {
        let lost = match (&self.lost, self.end_unknown) {
            (Some(lost), _) => format!("positions {} to {}", lost.first, lost.last),
            (None, false) => "none".into(),
            (None, true) => {
                format!("unknown from position {} on: at most about the last second", self.events)
            }
        };
        let mut lines = vec![
            ("events", figures::count(self.events)),
            ("signed", figures::count(self.signed_events)),
            ("carried over", figures::count(self.carried_events)),
            ("lost", lost),
            ("root", self.root.clone()),
            ("epoch", self.epoch.to_string()),
            ("tiles written", format!("{} files", figures::count(self.mended_files))),
            ("took", figures::duration_ms(self.duration_ms)),
        ];
        for (written, name) in [(self.marker_written, "format"), (self.public_key_written, "keys/log.pub")] {
            if written {
                lines.push(("written anew", name.to_owned()));
            }
        }
        lines.extend(self.aside.iter().map(|path| ("set aside", path.display().to_string())));
        let lines: Vec<_> = lines.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let mut text =
            format!("{}\n\n{}", output::bold(self.verdict(), colours), table::pairs(&lines, colours));
        if self.new_key {
            text.push_str(
                "note: the signing key was missing, so a new one was made: give keys/log.pub to whoever pinned the \
                 old one\n",
            );
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    fn report() -> Report {
        Report {
            sound: false,
            dry_run: false,
            events: 2_345,
            signed_events: 2_340,
            root: "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=".into(),
            epoch: 2,
            carried_events: 5,
            lost: None,
            end_unknown: false,
            events_from_log: 0,
            mended_files: 3,
            aside: vec!["data/log.damaged-1".into()],
            new_key: false,
            marker_written: false,
            public_key_written: false,
            duration_ms: 1_250,
        }
    }

    #[test]
    fn a_repair_that_lost_nothing_says_so() {
        expect![[r"
            Repaired: nothing is lost, and the root is the signed one.

            events         2,345
            signed         2,340
            carried over   5
            lost           none
            root           47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
            epoch          2
            tiles written  3 files
            took           1.2 s
            set aside      data/log.damaged-1
        "]]
        .assert_eq(&report().table(false));
        assert_eq!(report().exit(), Exit::Done);
    }

    #[test]
    fn what_is_lost_and_what_is_unknown_is_said_and_told_by_the_exit_code() {
        let lost = Report { lost: Some(Positions { first: 2_345, last: 2_350 }), ..report() };
        assert_eq!(lost.exit(), Exit::Partly);
        assert!(lost.table(false).contains("lost           positions 2345 to 2350\n"));
        let unknown = Report { end_unknown: true, carried_events: 0, new_key: true, ..report() };
        assert_eq!(unknown.exit(), Exit::Partly);
        let text = unknown.table(false);
        assert!(text.contains("unknown from position 2345 on") && text.contains("note: "), "{text}");
    }

    #[test]
    fn what_is_whole_and_what_a_dry_run_found_is_said() {
        let sound = Report { sound: true, ..report() };
        assert!(sound.table(false).starts_with("Nothing to repair: "));
        let beside = Report { marker_written: true, ..sound }.table(false);
        assert!(beside.starts_with("Repaired: a file beside") && beside.contains("format\n"), "{beside}");
        let lost = Report { lost: Some(Positions { first: 2_345, last: 2_350 }), ..report() };
        for (found, code) in [
            (report(), Exit::Done),
            (lost, Exit::Partly),
            (Report { end_unknown: true, ..report() }, Exit::Partly),
            (Report { sound: true, public_key_written: true, ..report() }, Exit::Done),
        ] {
            let planned = Report { dry_run: true, ..found };
            assert!(planned.table(false).starts_with("To repair: "), "{planned:?}");
            assert_eq!(planned.exit(), code);
        }
    }
}
