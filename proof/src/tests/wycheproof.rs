//! Project Wycheproof's signatures of Ed25519: valid ones verify, and each of the others does not.

use serde_json::Value;

use crate::note::{Algorithm, VerifyingKey};

const VECTORS: &str = include_str!("../../testdata/wycheproof/ed25519_test.json");

fn bytes(hex: &Value) -> Vec<u8> {
    let hex = hex.as_str().unwrap();
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn every_signature_is_judged_as_it_should_be() {
    let vectors: Value = serde_json::from_str(VECTORS).unwrap();
    let (mut valid, mut invalid) = (0, 0);
    for group in vectors["testGroups"].as_array().unwrap() {
        let public: [u8; 32] = bytes(&group["publicKey"]["pk"]).try_into().unwrap();
        let key = VerifyingKey::new("wycheproof", Algorithm::Ed25519, &public).unwrap();
        for test in group["tests"].as_array().unwrap() {
            let wanted = test["result"] == "valid";
            let actual = key.verify_bytes(&bytes(&test["msg"]), &bytes(&test["sig"]));
            assert_eq!(actual, wanted, "{}: {}", test["tcId"], test["comment"]);
            if wanted { valid += 1 } else { invalid += 1 }
        }
    }
    assert_eq!((valid, invalid), (88, 63));
    assert_eq!(vectors["numberOfTests"], valid + invalid);
}
