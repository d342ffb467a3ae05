//! Every parser on bytes that nobody made with care: an answer, never a panic, and what is read writes back.

use bytes::Bytes;
use proptest::prelude::*;

use crate::checkpoint::Checkpoint;
use crate::entry::StandIn;
use crate::hash::Hash;
use crate::note::{Note, SigningKey, VerifyingKey};
use crate::record::{self, RawRecord};
use crate::tile::{BundleId, TileId, decode_bundle, decode_tile, encode_bundle};

/// Texts near the forms, where arbitrary bytes hardly ever get.
fn nearly() -> impl Strategy<Value = Vec<u8>> {
    let form = prop_oneof![
        "(tile|entries|records)(/(tile|entries|x[0-9]{0,4}|[0-9]{0,4}|[0-9]{3}\\.p)){0,9}",
        "(PRIVATE\\+KEY\\+)?[a-z +]{0,4}\\+[0-9a-f]{7,9}\\+[A-Za-z0-9+/]{0,46}=?",
        "[a-z/]{0,5}\n[0-9]{0,21}\n[A-Za-z0-9+/]{43}=\n([a-z]*\n)?(\n(— [a-z ]{0,3} [A-Za-z0-9+/]{0,12}=?\n?)*)?",
        "(.|\n){0,80}",
    ];
    let cut = (form, any::<prop::sample::Index>(), any::<u8>()).prop_map(|(text, at, byte)| {
        let mut bytes = text.into_bytes();
        if !bytes.is_empty() && byte % 4 == 0 {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes
    });
    prop_oneof![cut, prop::collection::vec(any::<u8>(), 0..300)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn whatever_is_read_is_written_back_the_same(bytes in nearly(), width in 0..300_u16) {
        if let Ok(note) = Note::parse(&bytes) {
            prop_assert_eq!(note.encode().into_bytes(), bytes.clone());
        }
        if let Some(stand_in) = StandIn::parse(&bytes) {
            prop_assert_eq!(stand_in.encode().to_vec(), bytes.clone());
        }
        if let Ok(entries) = decode_bundle(&Bytes::from(bytes.clone()), width) {
            prop_assert_eq!(encode_bundle(entries.iter().map(|entry| &entry[..])).unwrap(), bytes.clone());
        }
        prop_assert_eq!(decode_tile(&bytes, width).is_ok(), bytes.len() == usize::from(width) * 32);
        let _ = record::length(&bytes);
        let _ = RawRecord::parse(Bytes::from(bytes.clone()));
        let Ok(text) = String::from_utf8(bytes) else { return Ok(()) };
        if let Ok(checkpoint) = Checkpoint::parse(&text) {
            prop_assert_eq!(checkpoint.encode(), text.clone());
        }
        if let Ok(key) = text.parse::<VerifyingKey>() {
            prop_assert_eq!(key.to_string(), text.clone());
        }
        if let Ok(key) = SigningKey::from_secret_text(&text) {
            prop_assert_eq!(key.to_secret_text(), text.clone());
        }
        if let Ok(id) = TileId::parse(&text) {
            prop_assert_eq!(id.path(), text.clone());
        }
        if let Ok(id) = BundleId::parse(&text) {
            prop_assert_eq!(id.path(), text.clone());
        }
        if let Ok(hash) = text.parse::<Hash>() {
            prop_assert_eq!(hash.to_string(), text.clone());
        }
        if let Ok(hash) = Hash::from_hex(&text) {
            prop_assert_eq!(hash.to_hex(), text);
        }
    }

    #[test]
    fn a_flipped_bit_of_a_signed_checkpoint_is_found(bit in any::<prop::sample::Index>()) {
        let key = SigningKey::from_seed("example.com/log", &[7; 32]).unwrap();
        let root = crate::hash::leaf_hash(b"");
        let extensions = vec!["time 2026-11-21T08:00:00.000Z".to_owned()];
        let checkpoint = Checkpoint { origin: "example.com/log".into(), size: 12, root, extensions };
        let mut bytes = checkpoint.sign(&[&key]).unwrap().encode().into_bytes();
        let keys = [key.verifying_key().clone()];
        prop_assert_eq!(Checkpoint::open(&bytes, "example.com/log", &keys).unwrap().0, checkpoint);
        let bit = bit.index(bytes.len() * 8);
        bytes[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(Checkpoint::open(&bytes, "example.com/log", &keys).is_err());
    }
}

#[test]
fn a_checkpoint_of_another_log_is_refused() {
    let key = SigningKey::from_seed("waybill/log", &[7; 32]).unwrap();
    let root = crate::hash::EMPTY_ROOT;
    let checkpoint =
        Checkpoint { origin: "waybill/log/1".into(), size: 0, root, extensions: vec!["time now".into()] };
    let note = checkpoint.sign(&[&key]).unwrap().encode();
    let keys = [key.verifying_key().clone()];
    let error = Checkpoint::open(note.as_bytes(), "waybill/log/2", &keys).unwrap_err();
    assert_eq!(error.to_string(), "expected a checkpoint of `waybill/log/2`, got one of `waybill/log/1`");
    assert_eq!((checkpoint.extension("time"), checkpoint.extension("place")), (Some("now"), None));
    let line = Checkpoint { extensions: vec!["\u{1}".into()], ..checkpoint };
    assert!(line.sign(&[&key]).is_err());
}

#[test]
fn a_secret_is_not_shown() {
    let key = SigningKey::from_seed("waybill/log", &[7; 32]).unwrap();
    let shown = format!("{key:?}");
    let secret = key.to_secret_text();
    let secret = secret.rsplit('+').next().unwrap();
    assert!(shown.contains("waybill/log") && !shown.contains(secret), "{shown}");
    let error = SigningKey::from_secret_text(&format!("PRIVATE+KEY+a+{secret}")).unwrap_err();
    assert!(!error.to_string().contains(secret), "{error}");
}
