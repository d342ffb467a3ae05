//! A file system in a file: what the file holds at a moment is what a power cut would leave on the disk.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::shell::{output, run};

/// Room for what a few rounds write; the file is sparse.
const SIZE: u64 = 512 << 20;
/// Room for what one recording writes, held in memory several times.
const SMALL: u64 = 128 << 20;
/// Nothing reaches the disk by itself: no commits by the clock, no data written because of a rename.
const MOUNT: &str = "loop,noatime,commit=600,noauto_da_alloc";

/// A mounted image; unmounted when dropped.
pub(crate) struct Image {
    file: PathBuf,
    mount: PathBuf,
}

impl Image {
    /// Makes `<folder>/<name>.img` with an empty file system and mounts it.
    ///
    /// # Errors
    /// The system does not let us.
    pub(crate) fn make(folder: &Path, name: &str) -> Result<Self> {
        Self::sized(folder, name, SIZE)
    }

    /// As [`Self::make`], of another size.
    ///
    /// # Errors
    /// The system does not let us.
    pub(crate) fn sized(folder: &Path, name: &str, bytes: u64) -> Result<Self> {
        let file = folder.join(format!("{name}.img"));
        std::fs::File::create(&file)?.set_len(bytes)?;
        make(&file)?;
        Self::mount(file, folder.join(name))
    }

    /// Mounts the file system in a file; the file is removed when this is dropped.
    ///
    /// # Errors
    /// The system does not let us, or there is none in it.
    pub(crate) fn mount(file: PathBuf, mount: PathBuf) -> Result<Self> {
        std::fs::create_dir_all(&mount)?;
        output(Command::new("mount").args(["-o", MOUNT]).arg(&file).arg(&mount).stderr(Stdio::null()))?;
        Ok(Self { file, mount })
    }

    /// The mounted folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.mount
    }

    /// Cuts the power: gives what the disk holds at this moment, mounted as `name`. `before` gets a copy from
    /// before that, for whoever wants to look at it. This one is as if it had never been.
    ///
    /// # Errors
    /// It cannot be copied or mounted.
    pub(crate) fn cut(&self, folder: &Path, name: &str, before: &Path) -> Result<Self> {
        let file = folder.join(format!("{name}.img"));
        sparse(&self.file, before)?;
        sparse(before, &file)?;
        Self::mount(file, folder.join(name)).context("what a power cut left cannot be mounted")
    }
}

/// The bytes of an empty file system.
///
/// # Errors
/// There is no `mkfs.ext4`.
pub(crate) fn blank(folder: &Path) -> Result<Vec<u8>> {
    let file = folder.join("blank.img");
    std::fs::File::create(&file)?.set_len(SMALL)?;
    make(&file)?;
    let bytes = std::fs::read(&file)?;
    std::fs::remove_file(file)?;
    Ok(bytes)
}

fn make(file: &Path) -> Result<()> {
    let lazy = "lazy_itable_init=1,lazy_journal_init=1";
    output(Command::new("mkfs.ext4").args(["-q", "-F", "-E", lazy]).arg(file).stderr(Stdio::null()))?;
    Ok(())
}

impl Drop for Image {
    fn drop(&mut self) {
        // A lazy unmount: the process that used it may not be quite gone.
        let unmounted = run(Command::new("umount").arg("-l").arg(&self.mount));
        if let Err(error) = unmounted {
            eprintln!("warning: {error}");
        }
        // It is only a copy; what a failure needs is kept beside.
        let _ = std::fs::remove_file(&self.file);
    }
}

fn sparse(from: &Path, to: &Path) -> Result<()> {
    run(Command::new("cp").arg("--sparse=always").arg(from).arg(to))
}
