//! A witness over folders of tiles: what it cosigns, what it refuses, and what it remembers.

use domain::Actor;
use journal::{Journal, Options};

use super::*;

/// A log in a folder that has so many changes of key, one event each, and a fence.
struct Log {
    dir: tempfile::TempDir,
    engine: engine::Engine,
}

impl Log {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let engine = engine::Engine::open(&dir.path().join("data"), Options::default()).unwrap();
        Self { dir, engine }
    }
    async fn grow(&self, events: usize) -> u64 {
        for _ in 0..events {
            let project = domain::StreamId::from(domain::ids::ProjectId::from(engine::new_ulid()));
            let body =
                format!(r#"{{"slug":"p{}","name":"P"}}"#, engine::new_ulid().to_string().to_lowercase());
            let command = domain::Command::parse(project.category, "create", body.as_bytes()).unwrap();
            self.engine.execute(engine::Envelope::new(project, command, Actor::Operator)).await.unwrap();
        }
        self.sign()
    }
    fn sign(&self) -> u64 {
        let note = self.engine.journal().checkpoint_now().unwrap();
        Held::read(note.as_bytes()).unwrap().2.size
    }
    fn watch(&self) -> Watch {
        self.watch_by(self.engine.journal())
    }
    fn watch_by(&self, journal: &Journal) -> Watch {
        Watch {
            source: Source::Folder(self.dir.path().join("data/tiles")),
            key: SigningKey::from_seed("witness.example/w1", &[7; 32]).unwrap(),
            pinned: journal.verifying_key().into_iter().collect(),
            followed: Mutex::default(),
            state: self.dir.path().join("seen"),
        }
    }
}

#[tokio::test]
async fn what_extends_what_was_seen_is_cosigned_for_others_to_check() {
    let log = Log::new();
    let (watch, first) = (log.watch(), log.grow(1).await);
    let cosigned = watch.look().await.unwrap();
    assert_eq!((cosigned.held.size, cosigned.since), (first, None));
    let mut before = first;
    for more in [0, 1, 300, 7] {
        let size = log.grow(more).await;
        let cosigned = watch.look().await.unwrap();
        assert_eq!((cosigned.held.size, cosigned.since), (size, Some(before)));
        before = size;
        let keys = [cosignature::verifying_key(&watch.key), watch.pinned[0].clone()];
        assert_eq!(Note::open(cosigned.checkpoint.as_bytes(), &keys).unwrap().1.len(), 2, "both have signed");
    }
}

#[tokio::test]
async fn a_log_that_went_back_or_forked_is_refused_and_the_evidence_kept() {
    let log = Log::new();
    let watch = log.watch();
    log.grow(5).await;
    let tiles = log.dir.path().join("data/tiles");
    let old = std::fs::read(tiles.join("checkpoint")).unwrap();
    log.grow(5).await;
    watch.look().await.unwrap();
    let seen = std::fs::read(&watch.state).unwrap();
    std::fs::write(tiles.join("checkpoint"), &old).unwrap();
    let failure = watch.look().await.unwrap_err();
    assert_eq!(failure.exit, Exit::Failed);
    assert!(
        failure.message.starts_with("REFUSED: ") && failure.message.contains("and now shows 11"),
        "{failure}"
    );
    assert_eq!(std::fs::read(&watch.state).unwrap(), seen, "what was seen stays");
    assert_eq!(std::fs::read(log.dir.path().join("seen.refused")).unwrap(), old);

    // The same key signs another history of a larger size.
    let data = log.dir.path().join("data");
    let key = std::fs::read_to_string(data.join("keys/log.key")).unwrap();
    let key = SigningKey::from_secret_text(key.trim()).unwrap();
    let (_, mut fork, _) = Held::read(&seen).unwrap();
    fork.root = proof::hash::leaf_hash(b"another history");
    let write =
        |fork: &Checkpoint| std::fs::write(tiles.join("checkpoint"), fork.sign(&[&key]).unwrap().encode());
    write(&fork).unwrap();
    let failure = watch.look().await.unwrap_err();
    assert!(failure.exit == Exit::Failed && failure.message.contains("expected root"), "{failure}");
    let size = log.grow(9).await;
    let (_, honest, _) = Held::read(&std::fs::read(tiles.join("checkpoint")).unwrap()).unwrap();
    assert_eq!(honest.size, size);
    write(&Checkpoint { root: fork.root, ..honest.clone() }).unwrap();
    let failure = watch.look().await.unwrap_err();
    assert!(failure.exit == Exit::Failed && failure.message.contains("REFUSED"), "{failure}");
    write(&Checkpoint { origin: honest.origin.replace("/1", "/2"), ..honest.clone() }).unwrap();
    assert_eq!(watch.look().await.unwrap_err().exit, Exit::Failed, "another epoch is another tree");
    write(&honest).unwrap();
    assert_eq!(watch.look().await.unwrap().since, Some(21));
}

#[tokio::test]
async fn only_the_logs_key_and_the_witness_s_own_memory_count() {
    let log = Log::new();
    log.grow(2).await;
    let stranger = Log::new();
    let failure = log.watch_by(stranger.engine.journal()).look().await.unwrap_err();
    assert_eq!(failure.exit, Exit::UnknownKey, "{failure}");
    let watch = log.watch();
    assert!(!watch.state.exists());
    let cosigned = watch.look().await.unwrap().checkpoint;
    // Somebody puts what another witness saw in the place of what this one did.
    let (mut note, _, _) =
        Held::read(&std::fs::read(log.dir.path().join("data/tiles/checkpoint")).unwrap()).unwrap();
    cosignature::cosign(&mut note, &SigningKey::from_seed("witness.example/w1", &[8; 32]).unwrap(), 1);
    std::fs::write(&watch.state, note.encode()).unwrap();
    assert_eq!(watch.look().await.unwrap_err().exit, Exit::Failed);
    std::fs::write(&watch.state, cosigned).unwrap();
    watch.look().await.unwrap();
    let (pinned, seen) = (watch.pinned.clone(), std::fs::read(&watch.state).unwrap());
    drop(watch);
    for _ in 0..2 {
        let engine = log.engine.clone();
        tokio::task::spawn_blocking(move || engine.rotate_key()).await.unwrap().unwrap();
        log.grow(300).await;
    }
    // The entries tell of the changes, each signed by both keys.
    let follows = Watch { pinned: pinned.clone(), ..log.watch() };
    assert_eq!(follows.look().await.unwrap().since, Some(5));
    assert_eq!(follows.followed().len(), 3, "the one given and the two since");
    log.grow(1).await;
    follows.look().await.unwrap();
    // Without the entry that tells of a change, or for a key that no change leads from, nothing is cosigned.
    let entries = log.dir.path().join("data/tiles/tile/entries");
    std::fs::rename(entries.join("002"), entries.join("away")).unwrap();
    std::fs::write(&follows.state, seen).unwrap();
    let cut = Watch { pinned, ..log.watch() };
    assert_eq!(cut.look().await.unwrap_err().exit, Exit::UnknownKey);
}

#[test]
fn a_key_that_others_may_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("key");
    let key = SigningKey::from_seed("w", &[7; 32]).unwrap();
    files::replace(&path, key.to_secret_text().as_bytes(), files::SECRET).unwrap();
    assert_eq!(secret(&path).unwrap().verifying_key(), key.verifying_key());
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    assert_eq!(secret(&path).unwrap_err().exit, Exit::Usage);
    files::replace(&path, b"no key", files::SECRET).unwrap();
    let failure = secret(&path).unwrap_err();
    assert!(failure.exit == Exit::Usage && failure.hint.unwrap().contains("keys new"));
}
