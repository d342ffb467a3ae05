//! Small files, read whole or not at all.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

/// The content of a file. What [`std::fs::read`] takes for the end, a read that gives nothing, must be it: half of
/// a key, a tile or a checkpoint would else pass for the whole.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
    let read = file.read_to_end(&mut bytes)? as u64;
    if read < length {
        let cut = format!("a read of {length} bytes ended after {read}");
        return Err(io::Error::new(ErrorKind::UnexpectedEof, cut));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        for content in [vec![], vec![7; 100_000]] {
            std::fs::write(&path, &content).unwrap();
            assert_eq!(read(&path).unwrap(), content);
        }
        assert_eq!(read(&dir.path().join("g")).unwrap_err().kind(), ErrorKind::NotFound);
    }
}
