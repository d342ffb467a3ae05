//! What was signed: every tile, every entry, the root, the signature and the keys.

use std::collections::BTreeSet;

use bytes::Bytes;
use proof::tile::{self, BundleId};
use proof::{Checkpoint, CheckpointError, Note, NoteError, Origin, VerifyingKey, entry};

use super::scan::with_sources;
use super::{SignedTree, VerifyOptions, VerifyReport};
use crate::block::Block;
use crate::cosigned::{self, Seen};
use crate::shared::Shared;
use crate::tiles::builder::{Builder, Piece};
use crate::tiles::{CHECKPOINT, COSIGNED, Tiles};

/// Files beside the tree that a note names; more are only counted.
const NAMED: usize = 3;

/// Builds the tree from the log once more and compares every file with the one stored.
pub(super) struct Tree<'a> {
    tiles: &'a Tiles,
    checkpoint: Option<Checkpoint>,
    since: Option<SignedTree>,
    /// Keys that may have signed.
    keys: Vec<VerifyingKey>,
    builder: Builder,
    /// Whether the tree can no longer be followed.
    lost: bool,
    records: BTreeSet<String>,
}

impl<'a> Tree<'a> {
    /// Reads the checkpoint anew, whatever was held in memory.
    pub(super) fn open(shared: &'a Shared, options: &VerifyOptions, report: &mut VerifyReport) -> Self {
        let tiles = &shared.tiles;
        let checkpoint = match tiles.store.read(CHECKPOINT) {
            Ok(Some(note)) => checked(tiles, options, &note, report),
            Ok(None) if tiles.signed().is_some() => {
                report.altered(0, "the checkpoint that was signed last is gone".into());
                None
            }
            Ok(None) => {
                report.notes.push("there is no signed checkpoint".into());
                report.altered_unknown();
                if tiles.anchor.is_none() {
                    report.missing_unknown();
                }
                None
            }
            Err(error) => {
                report.altered(0, format!("the checkpoint cannot be read: {error}"));
                None
            }
        };
        let since = options.since.as_ref().and_then(|note| earlier(tiles, options, note, report));
        let keys = if options.keys.is_empty() { tiles.known_keys() } else { options.keys.clone() };
        Self {
            tiles,
            checkpoint,
            since,
            keys,
            builder: Builder::default(),
            lost: false,
            records: BTreeSet::new(),
        }
    }

    /// Goes to the earlier checkpoint, if there is one that can be gone on from; gives the first position to look at.
    pub(super) fn begin(&mut self, report: &mut VerifyReport) -> u64 {
        let (Some(since), Some(checkpoint)) = (self.since.take(), &self.checkpoint) else { return 0 };
        if since.size > checkpoint.size {
            let (old, new) = (since.size, checkpoint.size);
            report.missing(new, format!("the log was signed over {old} events before, now over {new}"));
            return 0;
        }
        let tiles = self.tiles;
        let tile = |id| tiles.hashes(id).map(|hashes| hashes.to_vec());
        match Builder::resume(since.size, tile, |id| tiles.bundle(id)) {
            Ok(builder) if builder.root() == since.root => {
                self.builder = builder;
                report.since = Some(since);
                self.builder.size()
            }
            Ok(builder) => {
                let (expected, actual) = (since.root, builder.root());
                let what = format!("expected root {expected} over {} events, got {actual}", since.size);
                report.altered(0, format!("the tree does not extend the earlier checkpoint: {what}"));
                0
            }
            Err(error) => {
                report.altered(0, with_sources(&error));
                0
            }
        }
    }

    fn size(&self) -> u64 {
        self.checkpoint.as_ref().map_or(0, |checkpoint| checkpoint.size)
    }

    /// Takes the records of the next block.
    pub(super) fn block(&mut self, block: &Block, report: &mut VerifyReport) {
        let end = block.end().min(self.size());
        if self.lost || self.builder.size() >= end {
            return;
        }
        while self.builder.size() < block.first().0 && !self.lost {
            self.stand_in(report);
        }
        let skip = self.builder.size().saturating_sub(block.first().0);
        for record in block.records_from(usize::try_from(skip).unwrap_or(usize::MAX)) {
            if self.lost || self.builder.size() >= end {
                return;
            }
            self.push(record.bytes(), report);
        }
    }

    fn push(&mut self, record: &[u8], report: &mut VerifyReport) {
        let Self { tiles, builder, records, .. } = self;
        let done: Result<(), std::convert::Infallible> = builder.push(record, &mut |piece, bytes| {
            if matches!(piece, Piece::Record(_)) {
                records.insert(piece.path());
            }
            compare(tiles, piece, bytes, report);
            Ok(())
        });
        done.expect("comparing notes faults and goes on");
    }

    /// Takes the entry of the tiles for a record that the log lacks.
    fn stand_in(&mut self, report: &mut VerifyReport) {
        let position = self.builder.size();
        match entry_at(self.tiles, position, self.size()) {
            Some(record) => self.push(&record, report),
            None => {
                self.lost = true;
                report.notes.push(format!("the tree could not be followed from position {position} on"));
                report.altered_unknown();
            }
        }
    }

    /// What was signed, if a known key has signed it.
    pub(super) fn signed(&self) -> Option<&Checkpoint> {
        self.checkpoint.as_ref()
    }

    pub(super) fn finish(mut self, report: &mut VerifyReport) {
        let Some(checkpoint) = self.checkpoint.clone() else { return };
        while self.builder.size() < checkpoint.size && !self.lost {
            self.stand_in(report);
        }
        if self.lost {
            return;
        }
        let tiles = self.tiles;
        let since = report.since.as_ref().map_or(0, |since| since.size);
        let done: Result<(), std::convert::Infallible> = self.builder.partials(since, &mut |piece, bytes| {
            compare(tiles, piece, bytes, report);
            Ok(())
        });
        done.expect("comparing notes faults and goes on");
        let root = self.builder.root();
        if root != checkpoint.root {
            let size = checkpoint.size;
            report.altered(0, format!("expected root {} over {size} events, got {root}", checkpoint.root));
        }
        match cosigned::compare(tiles.store.as_ref(), &checkpoint, &self.keys) {
            Seen::Fits => {}
            Seen::Other(what) => report.notes.push(what),
            Seen::More(what) => report.missing(checkpoint.size, what),
            Seen::Contradicts(what) => report.altered(0, what),
        }
        if report.since.is_none() {
            self.beside(report);
        }
    }

    /// Names files that are no part of the signed tree: such as a crash leaves behind, or somebody put there.
    fn beside(self, report: &mut VerifyReport) {
        let size = self.size();
        let mut expected = self.records;
        expected.extend(tile::tiles(size).map(|id| id.path()));
        expected.extend(tile::bundles(size).map(|id| id.path()));
        expected.extend([CHECKPOINT, COSIGNED].map(str::to_owned));
        let files = match self.tiles.store.list() {
            Ok(files) => files,
            Err(error) => return report.altered(0, format!("the tiles cannot be listed: {error}")),
        };
        let beside: Vec<String> = files.into_iter().filter(|path| !expected.contains(path)).collect();
        if !beside.is_empty() {
            let named: Vec<&str> = beside.iter().take(NAMED).map(String::as_str).collect();
            let what = format!(
                "{} files beside the signed tree were not looked at, such as {}",
                beside.len(),
                named.join(", ")
            );
            report.notes.push(what);
        }
    }
}

/// The stored checkpoint, if its signature fits.
fn checked(
    tiles: &Tiles,
    options: &VerifyOptions,
    note: &Bytes,
    report: &mut VerifyReport,
) -> Option<Checkpoint> {
    let pinned = !options.keys.is_empty();
    let keys = if pinned { options.keys.clone() } else { tiles.known_keys() };
    match Checkpoint::open(note, &tiles.origin, &keys) {
        Ok((checkpoint, note)) => {
            let signers = note.signers(&keys).unwrap_or_default();
            let key = signers.first().map(ToString::to_string).unwrap_or_default();
            report.checkpoint = Some(SignedTree::of(&checkpoint, key));
            Some(checkpoint)
        }
        Err(error) => {
            let unknown = matches!(error, CheckpointError::Note(NoteError::Unknown { .. }));
            if unknown && (pinned || keys.is_empty()) {
                report.unknown_key = true;
                report.notes.push(format!("the checkpoint: {}", with_sources(&error)));
                report.altered_unknown();
                report.missing_unknown();
            } else {
                report.altered(0, format!("the checkpoint: {}", with_sources(&error)));
            }
            None
        }
    }
}

/// An earlier checkpoint, if its signature fits and it is of this log, of whichever epoch.
fn earlier(
    tiles: &Tiles,
    options: &VerifyOptions,
    note: &[u8],
    report: &mut VerifyReport,
) -> Option<SignedTree> {
    let own = if options.keys.is_empty() { tiles.known_keys() } else { options.keys.clone() };
    let retired = options.retired.iter().filter(|key| !own.contains(key)).cloned();
    let keys: Vec<_> = own.iter().cloned().chain(retired).collect();
    let opened = Note::open(note, &keys).map_err(CheckpointError::from);
    match opened.and_then(|(note, signers)| Ok((Checkpoint::parse(note.text())?, signers))) {
        Ok((checkpoint, signers)) => {
            let log = |origin: &str| origin.parse().ok().map(|origin: Origin| origin.log);
            if log(&checkpoint.origin).is_none() || log(&checkpoint.origin) != log(&tiles.origin) {
                report.altered(0, format!("the earlier checkpoint is of `{}`", checkpoint.origin));
                return None;
            }
            if checkpoint.origin != tiles.origin {
                report.notes.push(format!("the earlier checkpoint is of `{}`", checkpoint.origin));
            }
            Some(SignedTree::of(&checkpoint, signers.first().map(ToString::to_string).unwrap_or_default()))
        }
        Err(error) => {
            report.unknown_key |= matches!(error, CheckpointError::Note(NoteError::Unknown { .. }));
            report.notes.push(format!("the earlier checkpoint: {}", with_sources(&error)));
            report.altered_unknown();
            None
        }
    }
}

fn entry_at(tiles: &Tiles, position: u64, size: u64) -> Option<Bytes> {
    let (id, at) = BundleId::of_entry(position, size)?;
    let entry = tile::decode_bundle(&tiles.bundle(id).ok()?, id.width).ok()?.swap_remove(at);
    match entry::StandIn::parse(&entry) {
        Some(stand_in) => tiles.long_record(&stand_in).ok(),
        None => Some(entry),
    }
}

/// Compares a file that follows from the log with the one stored.
fn compare(tiles: &Tiles, piece: Piece, expected: &[u8], report: &mut VerifyReport) {
    let path = piece.path();
    let stored = match tiles.store.read(&path) {
        Ok(None) => narrowed(tiles, piece),
        other => other,
    };
    match stored {
        Ok(Some(bytes)) if bytes == expected => {}
        Ok(Some(bytes)) => {
            let position = differs_at(piece, expected, &bytes);
            report.altered(position, format!("`{path}` does not fit the log"));
        }
        Ok(None) => report.missing(first_position(piece), format!("`{path}` is missing")),
        Err(error) => report.altered(first_position(piece), format!("`{path}` cannot be read: {error}")),
    }
}

/// A partial file goes once a wider one is signed, which may happen meanwhile.
fn narrowed(tiles: &Tiles, piece: Piece) -> std::io::Result<Option<Bytes>> {
    Ok(match piece {
        Piece::Tile(id) if !id.is_full() => tiles.hashes(id).ok().map(|it| tile::encode_tile(&it).into()),
        Piece::Bundle(id) if !id.is_full() => tiles.bundle(id).ok(),
        _ => None,
    })
}

/// Position of the first event that a file covers.
fn first_position(piece: Piece) -> u64 {
    match piece {
        Piece::Tile(id) => (id.index * tile::WIDTH) << (8 * id.level),
        Piece::Bundle(id) => id.index * tile::WIDTH,
        Piece::Record(_) => 0,
    }
}

/// Position of the first event in whose part of a file two versions differ.
fn differs_at(piece: Piece, expected: &[u8], actual: &[u8]) -> u64 {
    let same = expected.iter().zip(actual).take_while(|(expected, actual)| expected == actual).count();
    let first = first_position(piece);
    match piece {
        Piece::Tile(id) => first + ((same as u64 / 32) << (8 * id.level)),
        Piece::Bundle(_) => {
            let mut rest = expected;
            let mut place = 0;
            while let Some((length, after)) = rest.split_first_chunk::<2>() {
                let entry = usize::from(u16::from_be_bytes(*length)).min(after.len());
                if expected.len() - after.len() + entry > same {
                    break;
                }
                (rest, place) = (&after[entry..], place + 1);
            }
            first + place
        }
        Piece::Record(_) => first,
    }
}
