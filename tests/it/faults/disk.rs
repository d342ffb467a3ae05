//! A disk that fills up, and one that cannot be written: on a small file system of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use kit::wait_for;

use super::asked::Asked;
use crate::cli::run::{Data, data_file};

const DISK_FULL: i32 = 8;

/// A file system of its own, unmounted in the end.
struct Disk {
    folder: tempfile::TempDir,
}

fn run(program: &str, words: &[&str]) -> bool {
    Command::new(program).args(words).output().is_ok_and(|output| output.status.success())
}

impl Disk {
    /// One of so many MiB; `None`, said aloud, where nothing can be mounted.
    fn new(mib: u64) -> Option<Self> {
        let folder = tempfile::tempdir().expect("there is a folder for temporary files");
        let image = folder.path().join("image");
        fs::File::create(&image).and_then(|file| file.set_len(mib << 20)).expect("there is room for it");
        fs::create_dir(folder.path().join("mount")).expect("the folder is new");
        let text = |path: &Path| path.display().to_string();
        let disk = Self { folder };
        let made = run("mkfs.ext4", &["-q", "-m", "0", &text(&image)])
            && run("mount", &["-o", "loop", &text(&image), &text(&disk.path())]);
        if !made {
            eprintln!("SKIPPED: nothing can be mounted here, so no disk was filled");
        }
        made.then_some(disk)
    }
    fn path(&self) -> PathBuf {
        self.folder.path().join("mount")
    }
    fn data(&self) -> Data {
        Data::at(self.path().join("data"))
    }
    fn filler(&self) -> PathBuf {
        self.path().join("filler")
    }
    /// Takes all the room that is left.
    fn fill(&self) {
        let of = format!("of={}", self.filler().display());
        let full =
            Command::new("dd").args(["if=/dev/zero", &of, "bs=64K", "oflag=append", "conv=notrunc"]).output();
        assert!(!full.expect("dd runs").status.success(), "it ends where there is no room");
    }
    fn free(&self) {
        fs::remove_file(self.filler()).expect("it was filled");
    }
    fn remount(&self, how: &str) {
        let path = self.path().display().to_string();
        assert!(run("mount", &["-o", &format!("remount,{how}"), &path]), "it can be remounted {how}");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let path = self.path().display().to_string();
        // Whatever still uses it keeps it for as long as it lives.
        let _ = run("umount", &["-l", &path]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_and_goes_on_once_there_is_room() {
    let Some(disk) = Disk::new(64) else { return };
    let data = disk.data();
    let server = data.serve();
    let mut asked = Asked::of(&server);
    for round in 0..3 {
        for _ in 0..=round * 7 {
            assert_eq!(asked.make_next().await.expect("the server answers").status, 200);
        }
        disk.fill();
        let problem = asked.make_until_refused(200).await.expect("it answers").problem();
        assert!(problem.starts_with("507 disk_full: the disk should have 25165824 bytes free"), "{problem}");
        assert!(problem.ends_with("nothing needs to be restarted"), "{problem}");
        let ready = asked.ready().await;
        assert_eq!((&ready["ready"], &ready["problems"]), (&true.into(), &serde_json::json!([])));
        assert!(
            ready["degraded"][0].as_str().is_some_and(|it| it.contains("appends are refused")),
            "{ready}"
        );
        assert!(asked.get("/metrics").await.text.contains("\nwaybill_disk_full 1\n"));
        assert_eq!(asked.get("/v1/events?limit=1").await.ok()["events"].as_array().map(Vec::len), Some(1));
        asked.check().await;
        let imported = data.run(&["import", "pi", &data_file("pi-large-session.jsonl")]);
        assert_eq!(imported.code, DISK_FULL, "{imported:?}");
        disk.free();
        assert_eq!(asked.make_next().await.expect("the server answers").status, 200);
        assert_eq!(asked.ready().await["degraded"], serde_json::json!([]));
    }
    assert_eq!(server.stop().code, 0);
    assert_eq!(data.json(&["verify"])["verified"], true);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_without_a_block_left_is_opened_with_the_ballast() {
    let Some(disk) = Disk::new(64) else { return };
    let data = disk.data();
    let server = data.serve();
    let mut asked = Asked::of(&server);
    for _ in 0..20 {
        assert_eq!(asked.make_next().await.expect("the server answers").status, 200);
    }
    let ballast = data.path().join("ballast");
    assert!(ballast.metadata().expect("it is there").len() >= 4 << 20);
    disk.fill();
    // A kill leaves the index behind the log, so that the next start would write it.
    server.kill();
    let server = data.serve();
    let mut asked = asked.again(&server);
    asked.check().await;
    assert!(asked.make_until_refused(1).await.expect("it answers").problem().starts_with("507 disk_full"));
    assert!(!ballast.exists(), "it was released");
    disk.free();
    assert_eq!(asked.make_next().await.expect("the server answers").status, 200);
    wait_for("the ballast", Duration::from_secs(60), || ballast.exists().then_some(()));
    assert_eq!(server.stop().code, 0);

    // Without a ballast it opens all the same, or says what to do; it never breaks.
    fs::remove_file(&ballast).expect("it is there");
    disk.fill();
    let end = data.run(&["view", "projects"]);
    assert!([0, DISK_FULL].contains(&end.code), "{end:?}");
    if end.code == DISK_FULL {
        assert!(
            end.stderr.contains("bytes of free disk space") && end.stderr.contains("\nhint: make room"),
            "{end:?}"
        );
    }
    disk.free();
    assert_eq!(data.json(&["verify"])["verified"], true);
    let server = data.serve();
    asked.again(&server).check().await;
    server.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_fills_up_at_any_moment_loses_nothing() {
    let Some(disk) = Disk::new(64) else { return };
    let data = disk.data();
    let mut server = data.serve();
    let mut asked = Asked::of(&server);
    for round in 0..4 {
        let filling = tokio::task::spawn_blocking({
            let of = format!("of={}", disk.filler().display());
            move || Command::new("dd").args(["if=/dev/zero", &of, "bs=64K"]).output()
        });
        let _ = asked.make_until_refused(100_000).await;
        filling.await.expect("it does not panic").expect("dd runs");
        if round % 2 == 1 {
            server.kill();
            server = data.serve();
            asked = asked.again(&server);
            asked.check().await;
        }
        disk.free();
        assert_eq!(asked.make_next().await.expect("the server answers").status, 200, "round {round}");
    }
    asked.check().await;
    assert_eq!(server.stop().code, 0);
    assert_eq!(data.json(&["verify"])["verified"], true);
}

#[test]
fn a_disk_that_is_read_only_is_told_as_such() {
    let Some(disk) = Disk::new(64) else { return };
    let data = disk.data();
    data.ok(&["import", "pi", &data_file("pi-large-session.jsonl")]);
    disk.remount("ro");
    for words in [&["serve", "--port", "0"][..], &["view", "runs"], &["verify"]] {
        let end = data.run(words);
        assert_eq!(end.code, 1, "{words:?}: {end:?}");
        assert!(end.stderr.contains("Read-only file system"), "{words:?}: {end:?}");
        assert!(end.stderr.contains("\nhint: mount the file system for writing"), "{words:?}: {end:?}");
    }
    disk.remount("rw");
    assert_eq!(data.json(&["verify"])["verified"], true);
}
