//! Cosignatures: the specification's example of the key id, and what a witness's signature covers.

use crate::checkpoint::Checkpoint;
use crate::cosignature::{cosign, message, seconds, verifying_key};
use crate::hash::leaf_hash;
use crate::note::{Algorithm, Note, NoteError, SigningKey, VerifyingKey};

fn log() -> SigningKey {
    SigningKey::from_seed("example.com/log", &[1; 32]).unwrap()
}

fn witness() -> SigningKey {
    SigningKey::from_seed("witness.example.com/w1", &[2; 32]).unwrap()
}

fn checkpoint() -> Note {
    let root = leaf_hash(b"a");
    let checkpoint = Checkpoint { origin: "example.com/log".into(), size: 1, root, extensions: vec![] };
    checkpoint.sign(&[&log()]).unwrap()
}

#[test]
fn the_message_is_that_of_the_specification() {
    let body = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    let expected = format!("cosignature/v1\ntime 1679315147\n{body}");
    assert_eq!(message(body, 1_679_315_147), expected);
    // The specification's cosigned note: its time is the one in the message.
    let note = format!(
        "{body}\n— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
    );
    let note = Note::parse(note.as_bytes()).unwrap();
    let times: Vec<_> = note.signatures().iter().map(seconds).collect();
    assert_eq!(times, [None, Some(1_679_315_147)]);
}

#[test]
fn a_cosignature_stands_beside_the_logs_and_says_when() {
    let mut note = checkpoint();
    cosign(&mut note, &witness(), 1_700_000_000);
    let note = Note::parse(note.encode().as_bytes()).unwrap();
    let keys = [log().verifying_key().clone(), verifying_key(&witness())];
    let signers = note.signers(&keys).unwrap();
    assert_eq!(signers, [&keys[0], &keys[1]]);
    assert_eq!(seconds(&note.signatures()[1]), Some(1_700_000_000));
    assert_eq!(keys[1].algorithm(), Algorithm::CosignatureV1);
    assert_ne!(keys[1].id(), witness().verifying_key().id());
    assert_eq!(keys[1].to_string().parse::<VerifyingKey>().unwrap(), keys[1]);
    // The same key for plain notes is another key.
    let plain = [witness().verifying_key().clone()];
    assert!(matches!(note.signers(&plain), Err(NoteError::Unknown { .. })));
}

#[test]
fn time_text_and_length_are_covered() {
    let mut note = checkpoint();
    cosign(&mut note, &witness(), 1_700_000_000);
    let key = verifying_key(&witness());
    let bytes = note.signatures()[1].bytes.clone();
    assert!(key.verify(note.text(), &bytes));
    assert!(!key.verify("example.com/log\n", &bytes));
    for at in 0..bytes.len() {
        let mut wrong = bytes.clone();
        wrong[at] ^= 1;
        assert!(!key.verify(note.text(), &wrong), "byte {at}");
    }
    assert!(!key.verify(note.text(), &bytes[..71]) && !key.verify(note.text(), &[]));
    assert!(!key.verify(note.text(), &[&bytes[..], &[0]].concat()));
    // Times end below 2^63.
    cosign(&mut note, &witness(), 1 << 63);
    assert!(!key.verify(note.text(), &note.signatures()[1].bytes));
    assert_eq!(note.signatures().len(), 2, "a newer cosignature replaces the older one");
}
