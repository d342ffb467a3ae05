//! A disk that remembers every write and every flush, so that a power cut can lose what was not flushed.
//!
//! It is one file in a file system of our own (FUSE), under a loop device: the block layer sends it what it
//! would send a disk.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use anyhow::{Context, Result};
use fuser::{
    BackgroundSession, Config, Errno, FileAttr, FileHandle, FileType, Filesystem, FopenFlags, Generation,
    INodeNo, LockOwner, MountOption, OpenFlags, ReplyAttr, ReplyData, ReplyEmpty, ReplyEntry, ReplyOpen,
    ReplyWrite, Request, WriteFlags,
};

const NAME: &str = "disk";
const FILE: INodeNo = INodeNo(2);
const SECTOR: u64 = 512;
const FOREVER: Duration = Duration::from_secs(3_600);

/// What reached the disk, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Operation {
    Write {
        at: usize,
        bytes: Vec<u8>,
    },
    /// Everything before it is durable.
    Flush,
}

#[derive(Default)]
struct Recording {
    image: Vec<u8>,
    operations: Vec<Operation>,
}

/// The disk; gone when dropped.
pub(crate) struct Recorder {
    recording: Arc<Mutex<Recording>>,
    folder: PathBuf,
    session: Option<BackgroundSession>,
}

impl Recorder {
    /// A disk that holds `image`, as the file `disk` in `folder`.
    ///
    /// # Errors
    /// There is no FUSE here.
    pub(crate) fn start(folder: &Path, image: Vec<u8>) -> Result<Self> {
        std::fs::create_dir_all(folder)?;
        let recording = Arc::new(Mutex::new(Recording { image, operations: Vec::new() }));
        let mut config = Config::default();
        config.mount_options = vec![MountOption::FSName("waybill-recorder".into())];
        let session =
            fuser::spawn_mount(Disk(Arc::clone(&recording)), folder, &config).context("cannot mount FUSE")?;
        Ok(Self { recording, folder: folder.to_owned(), session: Some(session) })
    }

    /// The file that is the disk.
    pub(crate) fn file(&self) -> PathBuf {
        self.folder.join(NAME)
    }

    /// A function that tells how many operations there were.
    pub(crate) fn counter(&self) -> impl Fn() -> usize + Send + 'static {
        let recording = Arc::clone(&self.recording);
        move || locked(&recording).operations.len()
    }

    /// Everything that reached the disk.
    pub(crate) fn operations(&self) -> Vec<Operation> {
        locked(&self.recording).operations.clone()
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        // Nothing is lost with it but the recording.
        if let Some(session) = self.session.take() {
            let _ = session.umount_and_join();
        }
    }
}

fn locked(recording: &Mutex<Recording>) -> MutexGuard<'_, Recording> {
    recording.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Disk(Arc<Mutex<Recording>>);

impl Disk {
    fn attributes(&self, inode: INodeNo) -> FileAttr {
        let (kind, size) = match inode {
            FILE => (FileType::RegularFile, locked(&self.0).image.len() as u64),
            _ => (FileType::Directory, 0),
        };
        FileAttr {
            ino: inode,
            size,
            blocks: size / SECTOR,
            atime: UNIX_EPOCH,
            mtime: UNIX_EPOCH,
            ctime: UNIX_EPOCH,
            crtime: UNIX_EPOCH,
            kind,
            perm: 0o700,
            nlink: 1,
            uid: 0,
            gid: 0,
            rdev: 0,
            blksize: 4_096,
            flags: 0,
        }
    }
}

impl Filesystem for Disk {
    fn lookup(&self, _: &Request, _: INodeNo, name: &OsStr, reply: ReplyEntry) {
        match name.to_str() {
            Some(NAME) => reply.entry(&FOREVER, &self.attributes(FILE), Generation(0)),
            _ => reply.error(Errno::ENOENT),
        }
    }
    fn getattr(&self, _: &Request, inode: INodeNo, _: Option<FileHandle>, reply: ReplyAttr) {
        reply.attr(&FOREVER, &self.attributes(inode));
    }
    fn open(&self, _: &Request, _: INodeNo, _: OpenFlags, reply: ReplyOpen) {
        // No cache between the loop device and here: its writes are told apart and keep their order.
        reply.opened(FileHandle(0), FopenFlags::FOPEN_DIRECT_IO);
    }
    fn read(
        &self,
        _: &Request,
        _: INodeNo,
        _: FileHandle,
        offset: u64,
        size: u32,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyData,
    ) {
        let recording = locked(&self.0);
        let from = usize::try_from(offset).unwrap_or(usize::MAX).min(recording.image.len());
        let to = from.saturating_add(size as usize).min(recording.image.len());
        reply.data(&recording.image[from..to]);
    }
    fn write(
        &self,
        _: &Request,
        _: INodeNo,
        _: FileHandle,
        offset: u64,
        data: &[u8],
        _: WriteFlags,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyWrite,
    ) {
        let mut recording = locked(&self.0);
        let at = usize::try_from(offset).unwrap_or(usize::MAX);
        match recording.image.get_mut(at..at.saturating_add(data.len())) {
            Some(place) => place.copy_from_slice(data),
            None => return reply.error(Errno::ENOSPC),
        }
        recording.operations.push(Operation::Write { at, bytes: data.to_vec() });
        reply.written(u32::try_from(data.len()).expect("a request is smaller"));
    }
    fn fsync(&self, _: &Request, _: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        locked(&self.0).operations.push(Operation::Flush);
        reply.ok();
    }
    fn flush(&self, _: &Request, _: INodeNo, _: FileHandle, _: LockOwner, reply: ReplyEmpty) {
        reply.ok();
    }
}
