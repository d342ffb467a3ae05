//! The vault as a whole: over folders, across openings, changes of the master key and destruction.

use std::fs;

use domain::ids::UserId;

use super::*;

const VALUE: &str = "hunter2-hunter2";

fn project(n: u8) -> ProjectId {
    ProjectId::from_bytes([n; 16])
}
fn subject() -> Subject {
    Subject::Project(project(1))
}
fn person() -> Subject {
    Subject::Person(UserId::from_bytes([2; 16]))
}
/// Every byte under a folder.
fn bytes_of(folder: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        all.extend(if path.is_dir() { bytes_of(&path) } else { fs::read(&path).unwrap() });
    }
    all
}
fn key_file(data: &Path, vault: &Vault) -> std::path::PathBuf {
    data.join(FOLDER).join(format!("{}.key", vault.keys_of(subject())[0]))
}

#[test]
fn a_secret_opens_under_its_name_in_its_project_across_openings() {
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::open(dir.path()).unwrap();
    let sealed = vault.seal_secret(subject(), project(1), "env/TOKEN", VALUE).unwrap();
    let again = vault.seal_secret(subject(), project(1), "env/TOKEN", VALUE).unwrap();
    assert_ne!((&sealed.nonce, &sealed.ciphertext), (&again.nonce, &again.ciphertext));
    for vault in [vault.clone(), Vault::open(dir.path()).unwrap(), Vault::read(dir.path()).unwrap()] {
        let opened = vault.open_secret(project(1), "env/TOKEN", &sealed).unwrap();
        assert_eq!(opened.expose(), VALUE);
        let altered = OpenError::Altered(sealed.key_id.clone());
        assert_eq!(vault.open_secret(project(2), "env/TOKEN", &sealed), Err(altered.clone()));
        assert_eq!(vault.open_secret(project(1), "env/OTHER", &sealed), Err(altered.clone()));
        let cut = Sealed { ciphertext: sealed.ciphertext[2..].to_owned(), ..sealed.clone() };
        assert_eq!(vault.open_secret(project(1), "env/TOKEN", &cut), Err(altered));
        let foreign = Sealed { key_id: "aes-0011".into(), ..sealed.clone() };
        let missing = OpenError::MissingKey("aes-0011".into());
        assert_eq!(vault.open_secret(project(1), "env/TOKEN", &foreign), Err(missing));
    }
    assert!(memchr::memmem::find(&bytes_of(dir.path()), VALUE.as_bytes()).is_none());
}

#[test]
fn text_is_sealed_shown_and_erased() {
    let vault = Vault::memory();
    let long = format!("\"quoted\"\n{}", "é".repeat(500));
    for text in ["short", &long] {
        let sealed = vault.seal_text(subject(), text).unwrap();
        assert!(!sealed.contains("quoted") && !sealed.contains("short"));
        assert_eq!(vault.seal_text(subject(), &sealed).unwrap(), sealed);
        assert_eq!(vault.reveal(&format!("a {sealed} b {sealed}")), format!("a {text} b {text}"));
        let json = serde_json::to_vec(&serde_json::json!({ "text": sealed })).unwrap();
        let revealed: serde_json::Value = serde_json::from_slice(&vault.reveal_json(&json)).unwrap();
        assert_eq!(revealed, serde_json::json!({ "text": text }));
        let preview = sealed_text::preview(&sealed, 20);
        assert_eq!(vault.reveal(&preview), text.chars().take(HEAD_CHARS).collect::<String>());
        // What was cut in the middle is told from what is whole.
        for cut in sealed.char_indices().map(|(at, _)| at).filter(|at| *at >= sealed_text::PREFIX.len()) {
            let shown = vault.reveal(&sealed[..cut]);
            assert!(text.starts_with(shown.split('⟦').next().unwrap()), "{shown}");
        }
    }
    let sealed = vault.seal_text(subject(), &long).unwrap();
    assert_eq!(Vault::memory().reveal(&sealed), sealed_text::SEALED);
    vault.destroy(&vault.keys_of(subject())).unwrap();
    assert_eq!(vault.reveal(&sealed), sealed_text::ERASED);
    assert_eq!(
        vault.reveal_json(format!("{{\"a\":\"{sealed}\"}}").as_bytes()).as_ref(),
        "{\"a\":\"⟦erased⟧\"}".as_bytes()
    );
    assert_eq!(vault.reveal("nothing in here"), "nothing in here");
    assert_eq!(vault.seal_text(subject(), "").unwrap(), "");
}

#[test]
fn a_destroyed_key_is_gone_from_disk_and_stays_so() {
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::open(dir.path()).unwrap();
    let sealed = vault.seal_secret(subject(), project(1), "env/TOKEN", VALUE).unwrap();
    let kept = vault.seal_secret(person(), project(1), "provider/x", VALUE).unwrap();
    let file = key_file(dir.path(), &vault);
    let wrapped = fs::read_to_string(&file).unwrap();
    let wrapped = wrapped.lines().last().unwrap().strip_prefix("wrapped ").unwrap().to_owned();
    vault.destroy(&vault.keys_of(subject())).unwrap();
    assert!(memchr::memmem::find(&bytes_of(dir.path()), wrapped.as_bytes()).is_none());
    let reopened = Vault::open(dir.path()).unwrap();
    for vault in [&vault, &reopened] {
        let destroyed = OpenError::DestroyedKey { key: sealed.key_id.clone(), subject: subject() };
        assert_eq!(vault.open_secret(project(1), "env/TOKEN", &sealed), Err(destroyed));
        assert_eq!(vault.open_secret(project(1), "provider/x", &kept).unwrap().expose(), VALUE);
        assert_eq!(vault.keys_of(subject()), []);
        assert_eq!((vault.status().live, vault.status().destroyed), (1, 1));
    }
    // What comes after is sealed under another key.
    let after = reopened.seal_secret(subject(), project(1), "env/TOKEN", VALUE).unwrap();
    assert_ne!(after.key_id, sealed.key_id);
    assert_eq!(reopened.subjects(), [subject(), person()]);
}

#[test]
fn without_its_master_key_a_vault_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::open(dir.path()).unwrap();
    let sealed = vault.seal_secret(subject(), project(1), "env/TOKEN", VALUE).unwrap();
    let master = dir.path().join("keys/master.key");
    let good = fs::read(&master).unwrap();
    fs::remove_file(&master).unwrap();
    assert!(matches!(Vault::open(dir.path()), Err(VaultError::NoMaster { keys: 1, .. })));
    let locked = Err(OpenError::WrongMaster(sealed.key_id.clone()));
    assert_eq!(Vault::read(dir.path()).unwrap().open_secret(project(1), "env/TOKEN", &sealed), locked);
    let other = tempfile::tempdir().unwrap();
    Vault::open(other.path()).unwrap().rotate_master().unwrap();
    fs::copy(other.path().join("keys/master.key"), &master).unwrap();
    assert!(matches!(Vault::open(dir.path()), Err(VaultError::WrongMaster { .. })));
    fs::write(&master, good).unwrap();
    assert!(Vault::open(dir.path()).is_ok());
    let file = key_file(dir.path(), &vault);
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("for secrets", "for content")).unwrap();
    assert!(matches!(Vault::open(dir.path()), Err(VaultError::Malformed { .. })));
}

#[test]
fn a_new_master_key_wraps_everything_and_the_old_one_is_gone() {
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::open(dir.path()).unwrap();
    let sealed = vault.seal_secret(subject(), project(1), "env/TOKEN", VALUE).unwrap();
    let master = dir.path().join("keys/master.key");
    let (old, before) = (fs::read_to_string(&master).unwrap(), vault.status());
    let after = vault.rotate_master().unwrap();
    assert!(before.master != after.master && after.live == 1);
    assert!(memchr::memmem::find(&bytes_of(dir.path()), old.as_bytes()).is_none());
    for vault in [vault, Vault::open(dir.path()).unwrap()] {
        assert_eq!(vault.open_secret(project(1), "env/TOKEN", &sealed).unwrap().expose(), VALUE);
    }
}

#[test]
fn a_change_of_the_master_key_that_was_cut_short_is_finished() {
    // As files stand after each step: the new key written; the first of two keys wrapped; both; the old key removed; the old key overwritten.
    for step in 0..5 {
        let dir = tempfile::tempdir().unwrap();
        let vault = Vault::open(dir.path()).unwrap();
        let one = vault.seal_secret(subject(), project(1), "env/TOKEN", VALUE).unwrap();
        let two = vault.seal_secret(person(), project(1), "env/TOKEN", VALUE).unwrap();
        let names: Vec<_> = [subject(), person()].map(|of| vault.keys_of(of)[0]).into();
        let path = |n: usize| dir.path().join(FOLDER).join(format!("{}.key", names[n]));
        let master = dir.path().join("keys/master.key");
        let (old, files) = (fs::read(&master).unwrap(), [0, 1].map(|n| fs::read(path(n)).unwrap()));
        vault.rotate_master().unwrap();
        fs::rename(&master, dir.path().join("keys/master.key.new")).unwrap();
        if step != 3 {
            // At last overwritten, and not yet removed.
            fs::write(&master, if step == 4 { vec![b'0'; old.len()] } else { old }).unwrap();
            let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
            fs::set_permissions(&master, mode).unwrap();
        }
        for (n, file) in files.iter().enumerate().take(2).skip(step.min(2)) {
            fs::write(path(n), file).unwrap();
        }
        let vault = Vault::open(dir.path()).unwrap();
        for sealed in [one, two] {
            assert_eq!(
                vault.open_secret(project(1), "env/TOKEN", &sealed).unwrap().expose(),
                VALUE,
                "{step}"
            );
        }
        assert!(!dir.path().join("keys/master.key.new").exists());
        assert!(Vault::open(dir.path()).is_ok());
    }
}

#[test]
fn copies_follow_what_is_destroyed_and_hold_no_master_key() {
    let (data, backup) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let vault = Vault::open(data.path()).unwrap();
    let sealed = vault.seal_text(subject(), "said").unwrap();
    assert_eq!(copy(data.path(), backup.path()).unwrap(), 1);
    let master = fs::read_to_string(data.path().join("keys/master.key")).unwrap();
    let digits = master.lines().nth(1).unwrap();
    assert!(memchr::memmem::find(&bytes_of(backup.path()), digits.as_bytes()).is_none());
    vault.destroy(&vault.keys_of(subject())).unwrap();
    assert_eq!(copy(data.path(), backup.path()).unwrap(), 1);
    let restored = tempfile::tempdir().unwrap();
    copy(backup.path(), restored.path()).unwrap();
    assert_eq!(Vault::read(restored.path()).unwrap().reveal(&sealed), sealed_text::ERASED);
    // An older copy does not bring it back.
    copy(restored.path(), data.path()).unwrap();
    assert_eq!(Vault::open(data.path()).unwrap().reveal(&sealed), sealed_text::ERASED);
}

#[test]
fn a_digest_needs_the_key() {
    let vault = Vault::memory();
    assert_eq!(vault.digest(subject(), Purpose::Content, "x", b"text"), None);
    vault.ensure(subject(), Purpose::Content).unwrap();
    let digest = vault.digest(subject(), Purpose::Content, "x", b"text");
    assert!(digest.is_some() && digest == vault.digest(subject(), Purpose::Content, "x", b"text"));
    assert_ne!(digest, vault.digest(subject(), Purpose::Content, "y", b"text"));
    vault.destroy(&vault.keys_of(subject())).unwrap();
    assert_eq!(vault.digest(subject(), Purpose::Content, "x", b"text"), None);
}
