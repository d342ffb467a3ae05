//! What kind of file system the data folder lies on: those over a network are refused.

use std::path::Path;

use crate::error::OpenError;

/// `f_type` of file systems over a network, from statfs(2): their locks and their fsync are not to be trusted
/// with a log.
const NETWORK: [(u32, &str); 9] = [
    (0x6969, "NFS"),
    (0x517b, "SMB"),
    (0xfe53_4d42, "SMB"),
    (0xff53_4d42, "CIFS"),
    (0x5346_414f, "AFS"),
    (0x7375_7245, "Coda"),
    (0x564c, "NCP"),
    (0x0102_1997, "9P"),
    (0x00c3_6400, "Ceph"),
];
/// Programs that act as a file system: some are local, some are not.
const FUSE: u32 = 0x6573_5546;

/// Refuses a folder over a network unless that is allowed; gives a remark where it cannot be told.
pub(crate) fn check(dir: &Path, allowed: bool) -> Result<Option<String>, OpenError> {
    // The folder may not be there yet; the nearest one above it is on the same file system.
    let existing = dir.ancestors().find(|path| path.is_dir()).unwrap_or(Path::new("."));
    let stat = rustix::fs::statfs(existing).map_err(|error| OpenError::io(existing)(error.into()))?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the magic numbers have 32 bits"
    )]
    let magic = stat.f_type as u32;
    judge(dir, magic, allowed)
}

fn judge(dir: &Path, magic: u32, allowed: bool) -> Result<Option<String>, OpenError> {
    let remark = |kind: &str| format!("the folder lies on {kind}, whose locks and fsync were not checked");
    match NETWORK.iter().find(|(number, _)| *number == magic) {
        Some((_, kind)) if !allowed => Err(OpenError::Network { path: dir.to_owned(), kind }),
        Some((_, kind)) => Ok(Some(remark(kind))),
        None if magic == FUSE => Ok(Some(remark("FUSE"))),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_refused_unless_it_is_allowed() {
        for (magic, name) in NETWORK {
            let error = judge(Path::new("/d"), magic, false).unwrap_err();
            assert_eq!(error.to_string(), format!("`/d` lies on a network file system ({name})"));
            assert!(error.hint().contains("local disk"));
            assert!(judge(Path::new("/d"), magic, true).unwrap().unwrap().contains(name));
        }
    }

    #[test]
    fn local_file_systems_are_taken_and_fuse_is_remarked() {
        for magic in [0xef53, 0x5846_5342, 0x9123_683e, 0x0102_1994] {
            assert_eq!(judge(Path::new("/d"), magic, false).unwrap(), None);
        }
        assert!(judge(Path::new("/d"), FUSE, false).unwrap().is_some());
    }

    #[test]
    fn a_folder_that_is_not_there_is_judged_by_the_one_above() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(check(&dir.path().join("a/b"), false).unwrap(), None);
    }
}
