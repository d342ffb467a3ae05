//! Bundles that a disk, a network or a stranger's tar has changed.

use bytes::Bytes;
use domain::values::Timestamp;
use proptest::prelude::*;

use super::kit::{NOW, check, public, shown, trusting};
use crate::bundle::{BundleError, verify};
use crate::verdict::Outcome;

fn small() -> Bytes {
    let log = super::kit::small();
    log.bundle(&log.evidence())
}

#[test]
fn a_flipped_bit_anywhere_is_found() {
    let bundle = small();
    let trust = trusting(&[public(1)]);
    assert_eq!(check(&bundle, &trust).findings.outcome(), Outcome::Verified);
    for at in (0..bundle.len()).step_by(2) {
        let mut bytes = bundle.to_vec();
        bytes[at] ^= 1 << (at % 8);
        match verify(&bytes.into(), &trust) {
            Ok(report) => {
                assert_eq!(report.findings.outcome(), Outcome::Altered, "byte {at}: {}", shown(&report));
            }
            Err(BundleError::Format { actual }) => assert_ne!(actual, 1, "byte {at}"),
        }
    }
}

#[test]
fn a_bundle_that_was_cut_or_continued_is_found() {
    let bundle = small();
    let trust = trusting(&[public(1)]);
    for length in (0..bundle.len()).step_by(97) {
        assert_eq!(
            check(&bundle.slice(..length), &trust).findings.outcome(),
            Outcome::Altered,
            "{length} bytes"
        );
    }
    for more in [&[0_u8; 1][..], &[0; 512], &[7; 512]] {
        let longer = [&bundle[..], more].concat();
        let report = check(&longer.into(), &trust);
        assert!(shown(&report).contains("form in which bundles are written"), "{}", shown(&report));
    }
}

#[test]
fn an_archive_of_somebody_elses_tar_is_refused() {
    let bundle = small();
    let repacked = |change: &dyn Fn(usize, &mut tar::Header)| {
        let mut archive = tar::Archive::new(&bundle[..]);
        let mut tar = tar::Builder::new(Vec::new());
        for (at, entry) in archive.entries().unwrap().enumerate() {
            let entry = entry.unwrap();
            let mut header = entry.header().clone();
            change(at, &mut header);
            header.set_cksum();
            tar.append(&header, entry).unwrap();
        }
        check(&tar.into_inner().unwrap().into(), &trusting(&[public(1)]))
    };
    assert_eq!(repacked(&|_, _| {}).findings.outcome(), Outcome::Verified);
    type Change = dyn Fn(usize, &mut tar::Header);
    let at_the_fourth = |change: fn(&mut tar::Header)| {
        move |at: usize, header: &mut tar::Header| {
            if at == 3 {
                change(header);
            }
        }
    };
    let changes: [&Change; 6] = [
        &at_the_fourth(|header| header.set_entry_type(tar::EntryType::Symlink)),
        &at_the_fourth(|header| header.set_entry_type(tar::EntryType::Directory)),
        &at_the_fourth(|header| header.set_path("README.md").unwrap()),
        &at_the_fourth(|header| header.set_path("x/keys.json").unwrap()),
        &|_, header| header.set_mode(0o777),
        &|_, header| header.set_mtime(0),
    ];
    for (at, change) in changes.iter().enumerate() {
        let report = repacked(change);
        assert_eq!(report.findings.outcome(), Outcome::Altered, "change {at}: {}", shown(&report));
    }
}

#[test]
fn a_later_format_is_told_from_damage() {
    let bundle = small();
    let mut members = crate::bundle::archive::unpack(&bundle).unwrap();
    members.pop();
    let mut files: Vec<Bytes> = members.into_iter().map(|member| member.bytes).collect();
    files[1] = Bytes::from_static(b"{\"format\":2,\"anything\":[]}");
    let later = crate::bundle::archive::pack(&files, Timestamp::from_millis(NOW));
    assert_eq!(verify(&later.into(), &trusting(&[])), Err(BundleError::Format { actual: 2 }));
}

proptest! {
    #[test]
    fn any_bytes_are_judged_without_a_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..3000),
        at in any::<prop::sample::Index>(),
    ) {
        let trust = trusting(&[public(1)]);
        prop_assert_eq!(check(&Bytes::from(bytes.clone()), &trust).findings.outcome(), Outcome::Altered);
        let mut bundle = small().to_vec();
        let at = at.index(bundle.len());
        let end = bundle.len().min(at + bytes.len());
        bundle[at..end].copy_from_slice(&bytes[..end - at]);
        let _ = verify(&bundle.into(), &trust);
    }
}
