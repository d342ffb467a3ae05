//! The tests of Go's `sumdb/note`, case by case; the names are those of the Go functions.

use crate::note::{KeyError, Note, NoteError, SigningKey, VerifyingKey};

/// The file the cases come from; every text used here stands in it.
const SOURCE: &str = include_str!("../../testdata/golang-mod/note_test.go");

const PETER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const PETER_SECRET: &str = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const ENOCH: &str = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop";
const TEXT: &str =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const PETER_LINE: &str = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=";
const ENOCH_LINE: &str = "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=";
const WRONG_LENGTH: &str = "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==";
const WRONG_ALGORITHM: &str = "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

fn peter() -> VerifyingKey {
    PETER.parse().unwrap()
}

fn enoch() -> VerifyingKey {
    ENOCH.parse().unwrap()
}

/// A note of `TEXT` with these signature lines.
fn note(lines: &[&str]) -> String {
    lines.iter().fold(format!("{TEXT}\n"), |note, line| format!("{note}{line}\n"))
}

/// Names of those that signed, or the error.
fn open(note: &str, keys: &[VerifyingKey]) -> Result<Vec<String>, NoteError> {
    let (opened, signers) = Note::open(note.as_bytes(), keys)?;
    assert_eq!(opened.text(), TEXT);
    Ok(signers.into_iter().map(|key| key.name().to_owned()).collect())
}

/// Every part of `key` but the whole, and the key with every byte one higher.
fn mangled(key: &str) -> impl Iterator<Item = String> {
    let (whole, length) = (key.to_owned(), key.len());
    let parts = (0..=length).flat_map(move |from| (from + 1..=length).map(move |to| (from, to)));
    let source = whole.clone();
    let parts =
        parts.filter(move |part| *part != (0, length)).map(move |(from, to)| source[from..to].to_owned());
    parts.chain((0..length).map(move |at| {
        let mut bytes = whole.clone().into_bytes();
        bytes[at] += 1;
        String::from_utf8(bytes).unwrap()
    }))
}

#[test]
fn the_cases_are_those_of_the_source() {
    for text in [PETER, PETER_SECRET, ENOCH, PETER_LINE, ENOCH_LINE, WRONG_LENGTH, WRONG_ALGORITHM] {
        assert!(SOURCE.contains(text), "{text}");
    }
    assert!(TEXT.lines().all(|line| SOURCE.contains(line)));
}

#[test]
fn new_verifier() {
    assert_eq!(peter().to_string(), PETER);
    for key in mangled(PETER) {
        assert!(key.parse::<VerifyingKey>().is_err(), "{key}");
    }
    let wrong_length = WRONG_LENGTH.parse::<VerifyingKey>();
    assert!(matches!(wrong_length, Err(KeyError::Malformed { .. })), "{wrong_length:?}");
    let wrong_algorithm = WRONG_ALGORITHM.parse::<VerifyingKey>();
    assert_eq!(wrong_algorithm, Err(KeyError::Algorithm { actual: 0x65 }));
}

#[test]
fn new_signer() {
    let key = SigningKey::from_secret_text(PETER_SECRET).unwrap();
    assert_eq!((key.to_secret_text().as_str(), key.verifying_key()), (PETER_SECRET, &peter()));
    for text in mangled(PETER_SECRET) {
        assert!(SigningKey::from_secret_text(&text).is_err(), "{text}");
    }
}

#[test]
fn generate_key_and_from_ed25519() {
    for seed in [[0; 32], [7; 32], [255; 32]] {
        let key = SigningKey::from_seed("EnochRoot", &seed).unwrap();
        let verifier: VerifyingKey = key.verifying_key().to_string().parse().unwrap();
        assert_eq!(
            (key.name(), verifier.name(), verifier.id()),
            ("EnochRoot", "EnochRoot", key.verifying_key().id())
        );
        let mut signature = key.sign(b"hi");
        assert!(verifier.verify("hi", &signature));
        assert!(!verifier.verify("ii", &signature));
        signature[0] ^= 1;
        assert!(!verifier.verify("hi", &signature));
    }
    assert_eq!(SigningKey::from_seed("a b", &[0; 32]).unwrap_err(), KeyError::Name { actual: "a b".into() });
}

#[test]
fn sign() {
    let key = SigningKey::from_secret_text(PETER_SECRET).unwrap();
    let mut signed = Note::signed(TEXT, &[&key]).unwrap();
    assert_eq!(signed.encode(), note(&[PETER_LINE]));
    let mut bad = signed.signatures()[0].clone();
    bad.bytes = vec![1, 2, 3];
    let mut replaced = Note::new(TEXT).unwrap();
    replaced.push(bad);
    replaced.sign(&key);
    assert_eq!(replaced.encode(), signed.encode());
    signed.sign(&key);
    assert_eq!(signed.signatures().len(), 1);
    assert!(matches!(Note::new("abc"), Err(NoteError::Malformed { .. })));
}

#[test]
fn open_with_known_and_unknown_keys() {
    let both = note(&[PETER_LINE, ENOCH_LINE]);
    assert_eq!(open(&both, &[peter()]).unwrap(), ["PeterNeumann"]);
    assert_eq!(open(&both, &[peter(), enoch()]).unwrap(), ["PeterNeumann", "EnochRoot"]);
    let unknown = NoteError::Unknown { actual: vec!["PeterNeumann".into(), "EnochRoot".into()] };
    assert_eq!(open(&both, &[]), Err(unknown));
    let twice = [enoch(), peter(), enoch()];
    let ambiguous = NoteError::Ambiguous { name: "EnochRoot".into() };
    assert_eq!(open(&note(&[ENOCH_LINE]), &twice), Err(ambiguous));
    assert_eq!(open(&note(&[PETER_LINE]), &twice).unwrap(), ["PeterNeumann"]);
    // A signature under the name or the id of a known key, but not both, is of an unknown one.
    for line in [PETER_LINE.replace("PeterNeumann", "CarmenSandiego"), PETER_LINE.replace("x08g", "xxxx")] {
        assert!(matches!(open(&note(&[&line]), &[peter()]), Err(NoteError::Unknown { .. })), "{line}");
    }
}

#[test]
fn open_with_wrong_or_repeated_signatures() {
    let broken = |line: &str| format!("{}ABCD{}", &line[..60], &line[60..]);
    let wrong = NoteError::Signature { name: "PeterNeumann".into() };
    assert_eq!(open(&note(&[&broken(PETER_LINE)]), &[peter()]), Err(wrong));
    let repeated = [PETER_LINE, PETER_LINE, ENOCH_LINE, ENOCH_LINE, &broken(ENOCH_LINE)];
    assert_eq!(open(&note(&repeated), &[peter()]).unwrap(), ["PeterNeumann"]);
    for keys in [&[peter()][..], &[]] {
        let many = open(&note(&[PETER_LINE; 101]), keys);
        assert!(matches!(many, Err(NoteError::Malformed { .. })));
    }
    assert_eq!(open(&note(&[PETER_LINE; 100]), &[peter()]).unwrap(), ["PeterNeumann"]);
}

#[test]
fn open_with_malformed_notes() {
    let whole = note(&[PETER_LINE]);
    let bad_name = PETER_LINE.replace("PeterNeumann", "Bad Name");
    let malformed: [&[u8]; 7] = [
        TEXT.as_bytes(),
        &[TEXT.as_bytes(), b"\n"].concat(),
        &whole.as_bytes()[..whole.len() - 1],
        &[b"\x01", whole.as_bytes()].concat(),
        &[b"\xff", whole.as_bytes()].concat(),
        &[TEXT.as_bytes(), b"\n", bad_name.as_bytes()].concat(),
        &[whole.as_bytes(), b"Unexpected line.\n"].concat(),
    ];
    for note in malformed {
        let parsed = Note::parse(note);
        assert!(matches!(parsed, Err(NoteError::Malformed { .. })), "{parsed:?}");
    }
    assert!(Note::parse(&vec![b'\n'; crate::note::MAX_BYTES + 1]).is_err());
}
