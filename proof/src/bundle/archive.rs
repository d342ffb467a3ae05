//! The tar file of a bundle: one form for given contents, so that nothing can hide between or behind them.

use bytes::Bytes;
use domain::values::Timestamp;

use super::names::{FILES, SUMS};
use crate::hash::sha256;

/// Largest bundle, in bytes: it is read into memory.
pub const MAX_BYTES: usize = 4 << 30;

/// Bytes of a header, and of what the length of a file is filled up to a multiple of.
const BLOCK: usize = 512;

/// Why bytes are not a bundle's archive.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArchiveError {
    /// It is larger than what is read.
    #[error("expected at most {limit} bytes, got {actual}")]
    TooLarge {
        /// Most bytes.
        limit: usize,
        /// Bytes there.
        actual: usize,
    },
    /// It is no tar file, or a damaged one.
    #[error("expected a tar file, got one where {reason}")]
    Tar {
        /// What is wrong with it.
        reason: String,
    },
    /// Another file stands where one of the bundle's belongs.
    #[error("expected file `{expected}`, got `{actual}`")]
    File {
        /// The file that belongs there.
        expected: &'static str,
        /// Its name instead.
        actual: String,
    },
    /// A file of a bundle is missing.
    #[error("file `{name}` is missing")]
    Missing {
        /// Its name.
        name: &'static str,
    },
    /// The archive has bytes or header fields that a bundle has not: times, owners, padding, more files.
    #[error("the archive is not in the form in which bundles are written, near byte {at}")]
    Form {
        /// About where it differs.
        at: usize,
    },
}

/// A file in an archive.
pub(super) struct Member {
    /// Where its content begins in the archive.
    start: usize,
    /// Its content.
    pub(super) bytes: Bytes,
}

/// The archive of files, in the order of [`FILES`], with their sums behind them.
pub(super) fn pack(files: &[Bytes], made_at: Timestamp) -> Vec<u8> {
    debug_assert_eq!(files.len(), FILES.len());
    let size: usize = files.iter().map(|file| file.len().next_multiple_of(BLOCK) + BLOCK).sum();
    let mut tar = tar::Builder::new(Vec::with_capacity(size + 8 * BLOCK));
    let sums = sums(files);
    for (name, bytes) in
        FILES.into_iter().zip(files.iter().map(|file| &file[..])).chain([(SUMS, sums.as_bytes())])
    {
        tar.append(&header(name, bytes.len(), made_at), bytes).expect("memory takes what is written");
    }
    tar.into_inner().expect("memory takes what is written")
}

/// What `sha256sum` prints of the files.
pub(super) fn sums(files: &[Bytes]) -> String {
    let line = |(name, bytes): (&str, &Bytes)| format!("{}  {name}\n", sha256(bytes).to_hex());
    FILES.into_iter().zip(files).map(line).collect()
}

/// The files of an archive in the order of [`FILES`], and the file of their sums behind them. Whether the archive
/// is in the one form is for [`check_form`], once it is known when it was made.
pub(super) fn unpack(bundle: &Bytes) -> Result<Vec<Member>, ArchiveError> {
    if bundle.len() > MAX_BYTES {
        return Err(ArchiveError::TooLarge { limit: MAX_BYTES, actual: bundle.len() });
    }
    let damaged = |error: &dyn std::fmt::Display| ArchiveError::Tar { reason: error.to_string() };
    let mut archive = tar::Archive::new(&bundle[..]);
    let mut entries = archive.entries().map_err(|error| damaged(&error))?.raw(true);
    let next = |name: &'static str| {
        let entry = entries.next().ok_or(ArchiveError::Missing { name })?.map_err(|error| damaged(&error))?;
        let actual = entry.path_bytes();
        if *actual != *name.as_bytes() {
            return Err(ArchiveError::File { expected: name, actual: shown(&actual) });
        }
        let start = usize::try_from(entry.raw_file_position()).ok();
        let end =
            start.zip(usize::try_from(entry.size()).ok()).and_then(|(start, size)| start.checked_add(size));
        match start.zip(end.filter(|end| *end <= bundle.len())) {
            Some((start, end)) => Ok(Member { start, bytes: bundle.slice(start..end) }),
            None => Err(damaged(&"it ends within a file")),
        }
    };
    FILES.into_iter().chain([SUMS]).map(next).collect()
}

/// Checks that an archive is, byte for byte, the one that its files make.
pub(super) fn check_form(bundle: &[u8], members: &[Member], made_at: Timestamp) -> Result<(), ArchiveError> {
    let mut at = 0;
    for (name, member) in FILES.into_iter().chain([SUMS]).zip(members) {
        let header = header(name, member.bytes.len(), made_at);
        let stored = bundle.get(at..at + BLOCK);
        if member.start != at + BLOCK || stored != Some(&header.as_bytes()[..]) {
            return Err(ArchiveError::Form { at });
        }
        let end = member.start + member.bytes.len();
        at = end.next_multiple_of(BLOCK);
        if bundle.get(end..at).is_none_or(|padding| padding.iter().any(|byte| *byte != 0)) {
            return Err(ArchiveError::Form { at: end });
        }
    }
    if bundle[at..] == [0; 2 * BLOCK] { Ok(()) } else { Err(ArchiveError::Form { at }) }
}

fn header(name: &str, size: usize, made_at: Timestamp) -> tar::Header {
    let mut header = tar::Header::new_ustar();
    header.set_path(name).expect("the names are short");
    header.set_size(size as u64);
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(u64::try_from(made_at.millis() / 1000).unwrap_or(0));
    header.set_cksum();
    header
}

fn shown(name: &[u8]) -> String {
    String::from_utf8_lossy(name).chars().take(80).flat_map(char::escape_debug).collect()
}
