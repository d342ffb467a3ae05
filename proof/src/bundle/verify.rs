//! Checking a bundle with nothing but its bytes and the keys that the verifier holds.

use std::collections::BTreeMap;

use bytes::Bytes;
use domain::StreamId;
use serde::de::DeserializeOwned;

use super::archive::{self, Member};
use super::build::streams;
use super::names::{
    CHECKPOINT, EVENTS, FILES, KEYS, MANIFEST, PROOFS, README, RECORDS, REPORT, ROTATIONS, SCHEMAS,
};
use super::parts::{FORMAT, Format, Keys, Manifest, Proofs};
use super::report::{FileReport, Reliance, Report, StreamReport};
use super::signers::{self, Signed};
use super::{README_TEXT, derive};
use crate::entry::leaf;
use crate::hash::Hash;
use crate::order::{OpenCommit, Tail};
use crate::record::{self, RawRecord};
use crate::tree::verify_batch;
use crate::trust::{Held, Trust};
use crate::verdict::Answer;

/// Why a bundle was not verified at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// It is of a later release.
    #[error("expected bundle format {FORMAT}, got {actual}")]
    Format {
        /// Its format.
        actual: u16,
    },
}

/// Checks a bundle. Every fault is found that can be; none is repaired or guessed around.
///
/// # Errors
/// Where a later release made it in a layout that this one does not know.
pub fn verify(bundle: &Bytes, trust: &Trust) -> Result<Report, BundleError> {
    let mut report = Report::default();
    let checked = check(bundle, trust, &mut report);
    match checked {
        Ok(()) => {}
        Err(Stop::Format(actual)) => return Err(BundleError::Format { actual }),
        Err(Stop::Unreadable(what)) => {
            report.findings.altered(None, what);
            report.findings.nothing_missing = Answer::Unknown;
        }
    }
    report.findings.settle();
    let sound = report.findings.nothing_altered == Answer::Yes;
    for file in report.files.iter_mut().filter(|_| !sound) {
        file.reliance = Reliance::Unproven;
    }
    Ok(report)
}

/// Why the rest cannot be checked.
enum Stop {
    /// The bundle is of a later layout.
    Format(u16),
    /// Something that everything rests on cannot be read.
    Unreadable(String),
}

fn unreadable(name: &str, why: &dyn std::error::Error) -> Stop {
    Stop::Unreadable(format!("`{name}` cannot be read: {}", with_sources(why)))
}

fn with_sources(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", with_sources(source)),
        None => error.to_string(),
    }
}

/// The files of a bundle by name.
struct Files(Vec<Member>);

impl Files {
    fn get(&self, name: &str) -> &Bytes {
        let place = FILES.iter().position(|file| *file == name).expect("every name is in the list");
        &self.0[place].bytes
    }
    fn json<T: DeserializeOwned>(&self, name: &'static str) -> Result<T, Stop> {
        serde_json::from_slice(self.get(name)).map_err(|error| unreadable(name, &error))
    }
}

fn check(bundle: &Bytes, trust: &Trust, report: &mut Report) -> Result<(), Stop> {
    let members = archive::unpack(bundle).map_err(|error| Stop::Unreadable(error.to_string()))?;
    let files = Files(members);
    let Format { format } = files.json(MANIFEST)?;
    if format != FORMAT {
        return Err(Stop::Format(format));
    }
    check_sums(&files, report);
    let manifest: Manifest = files.json(MANIFEST)?;
    if let Err(error) = archive::check_form(bundle, &files.0, manifest.made_at) {
        report.findings.altered(None, error.to_string());
    }
    let rotations = records(&files, ROTATIONS, report);
    let keys: Keys = files.json(KEYS)?;
    let signed = signers::check(files.get(CHECKPOINT), &keys, &rotations, trust, report)
        .map_err(|error| unreadable(CHECKPOINT, &error))?;
    let records = records(&files, RECORDS, report);
    check_manifest(&manifest, &signed.held, &records, report);
    check_order(&records, report);
    check_tree(&files, &records, &rotations, &signed, report)?;
    check_derived(&files, &manifest, &signed, &records, report);
    Ok(())
}

fn check_sums(files: &Files, report: &mut Report) {
    let (sums, contents) = files.0.split_last().expect("the archive has its files");
    let contents: Vec<Bytes> = contents.iter().map(|member| member.bytes.clone()).collect();
    let expected = archive::sums(&contents);
    if expected.as_bytes() == &sums.bytes[..] {
        return;
    }
    let stored = String::from_utf8_lossy(&sums.bytes);
    let differ =
        FILES.iter().zip(expected.lines()).filter(|(_, sum)| !stored.lines().any(|line| line == *sum));
    let differ: Vec<_> = differ.map(|(name, _)| format!("`{name}`")).collect();
    report.findings.altered(
        None,
        match differ.as_slice() {
            [] => "the sums are not in the form in which bundles are written".to_owned(),
            _ => format!("not as it was when the bundle was made, by its sums: {}", differ.join(", ")),
        },
    );
}

/// The records of a file, as far as they can be read.
fn records(files: &Files, name: &'static str, report: &mut Report) -> Vec<RawRecord> {
    let mut rest = files.get(name).clone();
    let mut records: Vec<RawRecord> = Vec::new();
    while !rest.is_empty() {
        let after = records.last().map(RawRecord::position);
        match record::length(&rest).and_then(|length| RawRecord::parse(rest.split_to(length))) {
            Ok(record) if after.is_none_or(|after| after < record.position()) => records.push(record),
            Ok(record) => {
                let position = record.position();
                report.findings.altered(Some(position), format!("`{name}` is not in the order of the log"));
            }
            Err(error) => {
                report.findings.altered(after, format!("`{name}` cannot be read after this event: {error}"));
                break;
            }
        }
    }
    records
}

fn check_manifest(manifest: &Manifest, held: &Held, records: &[RawRecord], report: &mut Report) {
    if (manifest.log, manifest.epoch) != (held.log, held.epoch) {
        report.findings.altered(None, "the manifest names another log or epoch than the checkpoint");
    }
    if manifest.streams != streams(records) {
        report.findings.altered(None, "the manifest lists other streams than the records are of");
    }
    let software = plain(&manifest.software, 40);
    report
        .findings
        .note(format!("made at {} by waybill {software}, as the bundle says itself", manifest.made_at));
}

fn check_order(records: &[RawRecord], report: &mut Report) {
    let mut tails: BTreeMap<StreamId, Tail> = BTreeMap::new();
    let mut commit: Option<OpenCommit> = None;
    if records.is_empty() {
        report.findings.missing(None, "there is no event");
    }
    for record in records {
        let position = Some(record.position());
        if let Err(fault) = Tail::check(tails.get(&record.stream()), record) {
            report.findings.out_of_order(position, &fault);
        }
        tails.insert(record.stream(), Tail::of(record));
        commit = OpenCommit::check(commit, record).unwrap_or_else(|fault| {
            report.findings.out_of_order(position, &fault);
            None
        });
    }
    if let Some(open) = commit {
        report.findings.out_of_order(records.last().map(RawRecord::position), &open.cut());
    }
}

fn check_tree(
    files: &Files,
    records: &[RawRecord],
    rotations: &[RawRecord],
    signed: &Signed,
    report: &mut Report,
) -> Result<(), Stop> {
    let proofs: Proofs = files.json(PROOFS)?;
    let held = &signed.held;
    let nodes = proofs.nodes().filter(|_| proofs.size == held.size);
    let nodes = nodes.ok_or_else(|| Stop::Unreadable(format!("`{PROOFS}` is not of this checkpoint")))?;
    let mut leaves: Vec<(u64, Hash)> =
        records.iter().chain(rotations).map(|record| (record.position().0, leaf(record.bytes()))).collect();
    leaves.sort_unstable();
    leaves.dedup();
    if let Err(error) = verify_batch(&leaves, held.size, &nodes, &held.root) {
        report
            .findings
            .altered(None, format!("the events are not those of the tree that the log signed: {error}"));
    }
    Ok(())
}

fn check_derived(
    files: &Files,
    manifest: &Manifest,
    signed: &Signed,
    records: &[RawRecord],
    report: &mut Report,
) {
    let lines: Vec<_> = records.iter().map(derive::line).collect();
    report.events = records.len() as u64;
    report.unknown_events = lines.iter().filter(|line| line.event.is_none()).count() as u64;
    let events_agree = check_events(files.get(EVENTS), &lines, records, report);
    let reading = derive::report(manifest, &signed.checkpoint, &lines, None);
    let same = |name: &str, text: &str| files.get(name) == text.as_bytes();
    let derived = |same: bool| if same { Reliance::Derived } else { Reliance::Unproven };
    let reliance = |name: &'static str| match name {
        RECORDS | ROTATIONS | CHECKPOINT | PROOFS => Reliance::Proven,
        MANIFEST => Reliance::Derived,
        EVENTS => derived(events_agree),
        SCHEMAS => derived(same(SCHEMAS, &derive::schemas(records))),
        README => derived(same(README, README_TEXT)),
        REPORT => derived(same(REPORT, &reading)),
        _ => Reliance::Unproven,
    };
    report.files = FILES
        .into_iter()
        .map(|name| FileReport { name, bytes: files.get(name).len() as u64, reliance: reliance(name) })
        .collect();
    report.streams = manifest_streams(records, &lines, report);
}

/// Whether the events as JSON are what the records say; a fault for each of which that can be told.
fn check_events(bytes: &Bytes, lines: &[derive::Line], records: &[RawRecord], report: &mut Report) -> bool {
    let stored: Vec<&[u8]> =
        bytes.strip_suffix(b"\n").map_or_else(Vec::new, |text| text.split(|byte| *byte == b'\n').collect());
    if stored.len() != lines.len() {
        let what = format!("`{EVENTS}` has {} events, the records are {}", stored.len(), lines.len());
        report.findings.altered(None, what);
        return false;
    }
    let mut agree = true;
    for ((stored, line), record) in stored.into_iter().zip(lines).zip(records) {
        if stored == line.text.as_bytes() {
            continue;
        }
        agree = false;
        if line.certain {
            report
                .findings
                .altered(Some(record.position()), format!("`{EVENTS}` says something else than the record"));
        }
    }
    if !agree && report.findings.nothing_altered == Answer::Yes {
        report.findings.note(format!("`{EVENTS}` shows events in another layout than this release; read `{RECORDS}` with the one that made it"));
    }
    agree
}

fn manifest_streams(records: &[RawRecord], lines: &[derive::Line], report: &mut Report) -> Vec<StreamReport> {
    let mut ends: BTreeMap<StreamId, &str> = BTreeMap::new();
    for event in lines.iter().filter_map(|line| line.event.as_ref()) {
        if let Some(name) = derive::ends_run(&event.event) {
            ends.insert(event.meta.stream, name);
        }
    }
    let mut reports = Vec::new();
    for part in streams(records) {
        let (stream, last) = (part.stream, part.last_version);
        let ended_by = ends.get(&stream).map(|name| (*name).to_owned());
        report.findings.notes.push(match &ended_by {
            Some(name) => format!(
                "`{stream}` ended with {name}; no gap up to version {last}, what was added later is not known"
            ),
            None => format!("`{stream}` has no gap up to version {last}; later events are not known"),
        });
        reports.push(StreamReport { stream, events: part.events, last_version: last, ended_by });
    }
    reports
}

/// A text of the bundle for a terminal: cut, and without control characters.
fn plain(text: &str, characters: usize) -> String {
    text.chars().filter(|c| !c.is_control()).take(characters).collect()
}
