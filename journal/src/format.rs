//! The marker of the data folder's layout, read before anything is written.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::error::OpenError;
use crate::keys::free_name;
use crate::tiles::sync_folder;

/// The layout that this build writes. In layout 1 every leaf of sled's trees is split by writing both halves.
pub(crate) const FORMAT: u32 = 2;
/// The earliest layout that this build reads; a folder of it becomes one of [`FORMAT`] when it is opened for writing.
const EARLIEST: u32 = 1;

const NAME: &str = "format";
const WORDS: &str = "waybill data folder, format ";
/// A longer file is no marker; so much of it is shown.
const SHOWN: usize = 80;

/// What a folder has of the marker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Marker {
    /// It is of the layout that is written.
    Fits,
    /// It is of an earlier layout, which is read.
    Earlier,
    /// There is none.
    Missing,
    /// It is no marker any more.
    Damaged,
}

/// The marker of the folder, never a damaged one. Writes nothing.
///
/// # Errors
/// Where the folder is of a later layout, or the file is no marker.
pub(crate) fn check(dir: &Path) -> Result<Marker, OpenError> {
    let path = dir.join(NAME);
    let bytes = match crate::whole::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Marker::Missing),
        Err(error) => return Err(OpenError::io(&path)(error)),
    };
    match number(&bytes) {
        Some(FORMAT) => Ok(Marker::Fits),
        Some(EARLIEST..FORMAT) => Ok(Marker::Earlier),
        Some(actual) if actual > FORMAT => Err(OpenError::NewerFormat { path, expected: FORMAT, actual }),
        _ => Err(OpenError::Marker { path, expected: line(FORMAT), actual: shown(&bytes) }),
    }
}

/// As [`check`], for a repair: a marker that is no marker is told and not refused.
///
/// # Errors
/// Where the folder is of a later layout: one flipped digit looks the same, and is not guessed at.
pub(crate) fn look(dir: &Path) -> Result<Marker, OpenError> {
    match check(dir) {
        Err(OpenError::Marker { .. }) => Ok(Marker::Damaged),
        looked => looked,
    }
}

/// Writes a marker anew that is missing or damaged; gives where a damaged one lies now.
pub(crate) fn mend(dir: &Path, marker: Marker) -> Result<Option<PathBuf>, OpenError> {
    let path = dir.join(NAME);
    let aside = (marker == Marker::Damaged).then(|| free_name(&path, "damaged"));
    if let Some(aside) = &aside {
        std::fs::rename(&path, aside).map_err(OpenError::io(&path))?;
    }
    if marker != Marker::Fits {
        write(dir).map_err(OpenError::io(&path))?;
    }
    Ok(aside)
}

/// Writes the marker so that a power cut leaves it whole or not there.
pub(crate) fn write(dir: &Path) -> std::io::Result<()> {
    let temporary = dir.join("format.tmp");
    let mut file = File::create(&temporary)?;
    writeln!(file, "{}", line(FORMAT))?;
    file.sync_data()?;
    std::fs::rename(&temporary, dir.join(NAME))?;
    sync_folder(dir)
}

fn line(format: u32) -> String {
    format!("{WORDS}{format}")
}

/// The number in the one spelling that is written: a flipped bit is no other spelling.
fn number(bytes: &[u8]) -> Option<u32> {
    let text = std::str::from_utf8(bytes).ok()?;
    let number = text.strip_suffix('\n')?.strip_prefix(WORDS)?.parse().ok()?;
    (text == format!("{}\n", line(number))).then_some(number)
}

fn shown(bytes: &[u8]) -> String {
    bytes[..bytes.len().min(SHOWN)].escape_ascii().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(content: &[u8]) -> Result<Marker, OpenError> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(NAME), content).unwrap();
        check(dir.path())
    }

    #[test]
    fn what_is_written_is_taken() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(check(dir.path()).unwrap(), Marker::Missing);
        write(dir.path()).unwrap();
        assert_eq!(check(dir.path()).unwrap(), Marker::Fits);
        let content = std::fs::read(dir.path().join(NAME)).unwrap();
        assert_eq!(content, b"waybill data folder, format 2\n");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn an_earlier_layout_is_read_and_becomes_the_one_that_is_written() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(NAME), format!("{WORDS}1\n")).unwrap();
        assert_eq!(check(dir.path()).unwrap(), Marker::Earlier);
        assert_eq!(mend(dir.path(), Marker::Earlier).unwrap(), None);
        assert_eq!(check(dir.path()).unwrap(), Marker::Fits);
    }

    #[test]
    fn a_later_layout_is_refused_with_both_numbers() {
        for (content, number) in [("3", 3), ("17", 17)] {
            let error = of(format!("{WORDS}{content}\n").as_bytes()).unwrap_err();
            assert!(
                matches!(error, OpenError::NewerFormat { expected: 2, actual, .. } if actual == number),
                "{error}"
            );
            assert!(error.hint().contains("later release"), "{}", error.hint());
        }
    }

    #[test]
    fn a_marker_that_is_missing_or_damaged_is_mended_and_a_later_one_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(NAME);
        assert_eq!(look(dir.path()).unwrap(), Marker::Missing);
        assert_eq!(mend(dir.path(), Marker::Missing).unwrap(), None);
        assert_eq!(look(dir.path()).unwrap(), Marker::Fits);
        assert_eq!(mend(dir.path(), Marker::Fits).unwrap(), None);
        std::fs::write(&path, "waybill dat").unwrap();
        assert_eq!(look(dir.path()).unwrap(), Marker::Damaged);
        let aside = mend(dir.path(), Marker::Damaged).unwrap().unwrap();
        assert_eq!(std::fs::read(aside).unwrap(), b"waybill dat");
        assert_eq!(look(dir.path()).unwrap(), Marker::Fits);
        std::fs::write(&path, format!("{WORDS}3\n")).unwrap();
        assert!(matches!(look(dir.path()), Err(OpenError::NewerFormat { actual: 3, .. })));
    }

    #[test]
    fn every_flipped_bit_is_refused() {
        let content = format!("{}\n", line(FORMAT)).into_bytes();
        for bit in 0..content.len() * 8 {
            let mut altered = content.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            // A flipped bit of the digit may give another digit: a later layout is refused, and there is no earlier
            // one at that distance.
            assert!(of(&altered).is_err(), "bit {bit}");
        }
        for altered in ["", "waybill data folder, format 0\n", "waybill data folder, format 01\n"] {
            let error = of(altered.as_bytes()).unwrap_err();
            assert!(matches!(error, OpenError::Marker { .. }), "{error}");
        }
    }
}
